#!/usr/bin/python3
"""mfatigue tune: what it counts is what a replay tells; what it says other thresholds would do is what they do; what it proposes
keeps what must be found; labels give recall."""

import re
from collections import Counter, defaultdict

from program import *

files = Files()
truth = str(files.path / "truth")
feed = files("feed", mfatigue("simulate", "--truth", truth, "--users", "80", "all").out)
labels = [t for t in map(json.loads, Path(truth).read_text().splitlines()) if t["attack"]]


def tune(*arguments, **more):
    result = mfatigue("tune", "-o", "ndjson", *arguments, **more)
    by = defaultdict(list)
    for item in result.lines:
        by[item["type"]].append(item)
    return by, result


def incidents(policy=None):
    """By the level of each, as alerts of users tell it."""
    options = ["--policy", policy] if policy else []
    worst = {}
    for alert in mfatigue("replay", *options, feed).lines:
        if "users" not in alert["mfa"]:
            worst[alert["mfa"]["incident"]] = alert["mfa"]["level"]
    return Counter(worst.values())


def counts():
    by, result = tune(feed)
    seen = incidents()
    now = by["now"][0]
    ok("incidents are those that a replay alerts", result.code == OK and (now["suspicious"], now["anomalous"]) == (seen["suspicious"], seen["anomalous"]), (now, seen))
    stats = json.loads(mfatigue("replay", "--stats", feed).err)
    history = by["history"][0]
    ok("so are records, events and users", (history["records"], history["events"], history["users"]) == (stats["records"], stats["events"], stats["users"]), history)
    ok("rates are per day, and per day of 1,000 users",
       abs(now["incidents_per_day"] - now["incidents"] / history["days"]) < 1e-5 and
       abs(now["incidents_per_day_of_1000_users"] - now["incidents"] / history["days"] / history["users"] * 1000) < 1e-5, now)
    everyone = next(p for p in by["population"] if p["of"] == "everyone")
    prompts = sum(r.get("prompts", 0) for r in mfatigue("normalize", feed).lines)
    ok("prompts of all days are those of the records, but for several devices that ring at once", abs(everyone["prompts"]["sum"] - prompts) <= 0.02 * prompts, (everyone, prompts))
    ok("quantiles rise", everyone["prompts"]["p50"] <= everyone["prompts"]["p95"] <= everyone["prompts"]["p99"] <= everyone["prompts"]["p999"] <= everyone["prompts"]["max"], everyone)
    ok("countries have populations of their own", {"DE", "GB", "PL"} <= {p["name"] for p in by["population"] if p["of"] == "country"}, by["population"])
    ok("hours add up to all prompts", sum(h["prompts"] for h in by["hour"]) == prompts, sum(h["prompts"] for h in by["hour"]))
    hours = Counter(h["hour"] for h in by["hour"] for _ in range(h["prompts"]))
    ok("and people are asked by day", sum(hours[h] for h in range(6, 18)) > 0.8 * prompts, hours)


def thresholds():
    by, _ = tune(feed)
    curve = defaultdict(dict)
    for item in by["threshold"]:
        curve[item["signal"]][item["factor"]] = item["incidents"]
    now = by["now"][0]["incidents"]
    ok("each signal is there, and at factor 1 all is as it is", len(curve) == 24 and all(c[1] == now for c in curve.values()), {s: c[1] for s, c in curve.items()})
    ok("no signal off tells more than on", all(c[0] <= c[1] for c in curve.values()), {s: c for s, c in curve.items() if c[0] > c[1]})
    falls = {s: [c[f] for f in sorted(c) if f > 0] for s, c in curve.items()}
    ok("higher thresholds never tell more", all(f == sorted(f, reverse=True) for f in falls.values()), falls)
    for signal, steps, factor in (("fan_in", {"users": [[8, 45]]}, 2), ("refused_burst", {"steps": [[9, 45], [15, 70], [30, 90]]}, 3)):
        policy = files("other", json.dumps({"signals": {signal: steps}}))
        real = sum(incidents(policy).values())
        ok(f"{signal} at {factor} times its thresholds: a replay under that policy tells what was said, or one more or less", abs(curve[signal][factor] - real) <= 1, (curve[signal], real))
    for signal in ("fan_in", "new_source", "refused_burst"):
        policy = files("other", json.dumps({"signals": {signal: {"enabled": False}}}))
        real = sum(incidents(policy).values())
        ok(f"{signal} off: so it does", abs(curve[signal][0] - real) <= 1, (curve[signal], real))


def what_would_be_otherwise():
    """People read, of each threshold that changes anything, what JSON says of it."""
    by, _ = tune("--labels", truth, feed)
    text = mfatigue("tune", "--labels", truth, feed).text
    names = ("notices", "incidents", "suspicious", "anomalous", "critical")
    now = [by["now"][0][n] for n in names]
    counts = {(t["signal"], "off" if t["factor"] == 0 else f"x{t['factor']:g}"): [t[n] for n in names] + [t["found"]] for t in by["threshold"]}
    wanted = {key: c for key, c in counts.items() if c[:5] != now and (key[1] == "off" or any(t["signal"] == key[0] and "first" in t for t in by["threshold"]))}
    shown, signal = {}, None
    for row in text[text.index("What of it would be otherwise"):text.index("Incidents, were a level")].splitlines()[2:]:
        words = row.split()
        signal = words.pop(0) if row[:1].strip() else signal
        if words:
            shown[signal, words[0]] = [int(w) for w in words[1:6]] + [int(words[8])]
    ok("each threshold that changes something has a row with its counts and what is found", len(shown) > 5 and shown == wanted, (shown, wanted))
    ok("one that loses a known attack shows it", any(c[5] < len(labels) for c in shown.values()), shown)
    scan = mfatigue("tune", files("scan", [r for i in range(3) for r in bombing("scan@example.com", 90000 * i, 12)])).text
    ok("who would have several is named, with how many", re.search(r"^refused_burst +x3 .* 3 are of scan@example.com$", scan, re.M)
       or re.search(r" [23] are of scan@example.com$", scan, re.M), scan)


def hours():
    """Prompts, and beside them what was refused, by weekday and hour: BEGIN is a Monday at nine."""
    text = mfatigue("tune", files("hours", bombing("ada@example.com", prompts=6))).text
    monday = re.search(r"^Mon  (.{24})  (.{24})$", text, re.M)
    ok("a Monday has two rows of hours", monday and [row.index("█") for row in monday.groups()] == [9, 9], text)


def levels():
    """Where scores lie close together: an incident is suspicious from another score on, and is not anomalous from another one."""
    base = {"verdict": {"suspicious": 70, "anomalous": 90}}
    by, _ = tune("--policy", files("base", json.dumps(base)), feed)
    told = {(t["setting"], t["value"]): t for t in by["level"]}
    now = by["now"][0]
    ok("levels are tried from other scores on, as far as they rise in their order",
       [v for s, v in told if s == "verdict.notice"] == [10, 20, 25, 30, 35, 40, 50] and [v for s, v in told if s == "verdict.suspicious"] == [50, 60, 65, 70, 75, 80] and
       [v for s, v in told if s == "verdict.anomalous"] == [80, 85, 90, 95, 100] and [v for s, v in told if s == "alert_level"] == ["notice", "suspicious", "anomalous"], list(told))
    ok("those in force tell what is told now", {k for k, t in told.items() if t["in_force"]} == {("verdict.notice", 30), ("verdict.suspicious", 70), ("verdict.anomalous", 90), ("alert_level", "suspicious")} and
       all(t[n] == now[n] for t in told.values() if t["in_force"] for n in now if n != "type"), told)
    for setting, values in (("verdict.suspicious", (60, 75)), ("verdict.anomalous", (80, 95)), ("alert_level", ("anomalous",))):
        for value in values:
            other = {**base, setting: value} if setting == "alert_level" else {"verdict": {**base["verdict"], setting[8:]: value}}
            real, said = incidents(files("other", json.dumps(other))), told[setting, value]
            ok(f"{setting} from {value} on: a replay under that policy tells what was said", (said["suspicious"], said["anomalous"]) == (real["suspicious"], real["anomalous"]), (said, real))
    count = lambda name, setting: [t[name] for (s, _), t in told.items() if s == setting]
    ok("some of these make a difference", all(len(set(count(name, setting))) > 1 for name, setting in
       (("notices", "verdict.notice"), ("incidents", "verdict.suspicious"), ("anomalous", "verdict.anomalous"), ("incidents", "alert_level"))), told)
    ok("what is reached later is reached by fewer", all(c == sorted(c, reverse=True) for c in (count("notices", "verdict.notice"), count("incidents", "verdict.suspicious"), count("anomalous", "verdict.anomalous"),
       count("incidents", "alert_level"))), told)
    low = {"verdict": {"notice": 10, "suspicious": 30}}
    lowered, _ = tune("--policy", files("low", json.dumps({"verdict": {"notice": 10, "suspicious": 40}})), feed)
    said = next(t for t in lowered["level"] if (t["setting"], t["value"]) == ("verdict.suspicious", 30))
    real = sum(incidents(files("other", json.dumps(low))).values())
    ok("what would not be learned any more makes it more than was said, which says so", said["at_least"] and lowered["now"][0]["incidents"] < said["incidents"] < real, (said, real))
    ok("others do not", {k for k, t in told.items() if t["at_least"]} == {("verdict.suspicious", v) for v in (50, 60, 65)} | {("alert_level", "notice")}, told)
    text = mfatigue("tune", "--policy", files("base", json.dumps(base)), feed).text
    table = [re.sub(r"  \d+ are of .*", "", line).split() for line in text[text.index("\nverdict.notice"):text.index("* as the policy is")].splitlines()]
    shown = [[int(n.rstrip("+")) for n in row[-7:-2]] for row in table if row]
    ok("people read the same figures", shown == [[t[n] for n in ("notices", "incidents", "suspicious", "anomalous", "critical")] for t in by["level"]], shown)


def proposals():
    by, _ = tune("--budget", "3", feed)
    ok("over the budget something is proposed, with a reason and both texts",
       by["change"] and all(c["reason"] and c["now"] != c["then"] for c in by["change"]) and by["proposal"][0]["changes"] == len(by["change"]), by["change"])
    ok("nothing anomalous is given away", by["proposal"][0]["anomalous"] >= by["now"][0]["anomalous"], (by["proposal"], by["now"]))
    ok("there are fewer incidents then", by["proposal"][0]["incidents"] < by["now"][0]["incidents"], by["proposal"])
    text = mfatigue("tune", "--budget", "3", feed).text
    start = text.index('{"signals"')
    policy = files("proposed", text[start:text.index("\n}}\n", start) + 3])
    ok("what is printed is a policy", mfatigue("check", "--policy", policy).code == OK, mfatigue("check", "--policy", policy))
    real = incidents(policy)
    said = by["proposal"][0]
    ok("and a replay under it tells what tune said", said["replayed"] and (real["suspicious"], real["anomalous"]) == (said["suspicious"], said["anomalous"]), (real, said))
    none, _ = tune("--budget", "100000", feed)
    ok("within the budget nothing is", not none["change"] and none["proposal"][0]["within"], none["proposal"])
    piped, _ = tune("--budget", "3", feed=Path(feed).read_bytes())
    ok("from a pipe it is the same, without the second replay", piped["change"] == by["change"] and not piped["proposal"][0]["replayed"], piped["proposal"])


def labelled():
    by, _ = tune("--labels", truth, "--budget", "3", feed)
    now, then = by["now"][0], by["proposal"][0]
    ok("labels give recall", now["known"] == len(labels) and now["found"] == len(labels) and now["recall"] == 1, now)
    ok("incidents that are none are counted", now["false_incidents"] <= 3 and now["false_incidents"] < now["incidents"], now)
    ok("what is proposed finds them all", then["found"] == now["found"], then)
    weak = files("weak", json.dumps({"signals": {name: {"steps": [[40, 45], [50, 70], [60, 90]]} for name in ("refused_burst", "prompt_burst", "unanswered_burst")}}))
    blunt, _ = tune("--labels", truth, "--budget", "100", "--policy", weak, feed)
    ok("a policy that misses some gets sharper", blunt["now"][0]["found"] < len(labels) and blunt["proposal"][0]["found"] >= blunt["now"][0]["found"] and
       all(c["factor"] < 1 for c in blunt["change"]), (blunt["now"], blunt["change"]))
    for name, text, word in (("no JSON", "x\n", ":1:"), ("no times", '{"user":"a@example.com"}\n', "begin"),
                             ("no users", '\n{"begin":"2026-03-02T00:00:00Z","end":"2026-03-02T00:00:00Z"}\n', ":2:")):
        result = mfatigue("tune", "--labels", files("wrong", text), feed)
        ok(f"labels with {name} are a mistake with its line", result.code == BAD and word in result.said, result)
    ok("labels that are not there", mfatigue("tune", "--labels", "/nowhere", feed).code == BAD)


def people():
    one = files("one", bombing("scan@example.com", prompts=12) + bombing("scan@example.com", 90000, 12) + bombing("scan@example.com", 200000, 12) +
                bombing("scan@example.com", 300000, 12) + bombing("scan@example.com", 400000, 12))
    text = mfatigue("tune", one).text
    ok("somebody who has most of the incidents is named, with what to do", "scan@example.com" in text and "people.ignore" in text, text)
    ok("there are pictures", re.search(r"[▁▂▃▄▅▆▇█]{3}", text), text)
    ok("no record is a mistake", mfatigue("tune", feed=b"{}\n").code == BAD)
    ok("a budget that is none", mfatigue("tune", "--budget", "few").code == USAGE)
    evil = mfatigue("tune", feed=bombing("\u202eevil\u200b@example.com", prompts=12) + bombing("x@example.com", prompts=12))
    ok("names do not act on a terminal", "\u202e" not in evil.text and "\u200b" not in evil.text, evil)


counts()
thresholds()
what_would_be_otherwise()
hours()
levels()
proposals()
labelled()
people()
done()
