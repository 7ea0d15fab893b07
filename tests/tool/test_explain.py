#!/usr/bin/python3
"""mfatigue explain: the same numbers as verdict and alert, each with its reason; and why other records were not judged.

    tests/tool/test_explain.py --write-page     puts what the program says today into docs/explain.md
"""

import re
from concurrent.futures import ThreadPoolExecutor

from program import *

files = Files()
ADA, BOB = "ada@example.com", "bob@example.com"
SCENARIOS = sorted(str(p) for p in (TOP / "tests/scenarios").glob("*.jsonl"))
CAPS = {"volume": 60, "outcome": 100, "source": 70, "session": 60}
PROFILES = ("--profile-dir", str(TOP / "profiles"))


def explain(*arguments, **more):
    return mfatigue("explain", *arguments, **more)


def accounts(*arguments, **more):
    return explain("-o", "ndjson", *arguments, **more).lines


def flat(text):
    """Without the line breaks, so that a sentence is found wherever it was wrapped."""
    return " ".join(text.split())


def sentences(value):
    """All that an account says in words."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in ("sentence", "sentences", "why", "help", "taken_from_lists"):
                yield from [each] if isinstance(each, str) else each
            elif isinstance(each, dict):
                yield from sentences(each)


# ---- the same numbers ----


def key(account):
    return account["record"], account["event"]["user"], account["event"]["kind"]


def unlike(account, verdict):
    """What a verdict line of replay says otherwise."""
    mine = account["verdict"]
    signals = [finding.split()[0] for finding in mine.get("findings", [])]
    for what, here, there in (("level", mine["level"], verdict["level"]), ("score", mine["score"], verdict["score"]),
                              ("severity", mine["severity"], verdict["severity"]), ("signals", signals, verdict["signals"]),
                              ("incident", account["incident"].get("id"), verdict.get("incident"))):
        if here != there:
            yield f"{key(account)}: {what} is {here}, and {there} in the verdict"


def unlike_alert(account, alert):
    """What the alert that the record raised says otherwise. An alert has the worst so far, an account the present."""
    mine, told, baseline = account["verdict"], alert["mfa"], alert["mfa"]["baseline"]
    pairs = [("incident", account["incident"].get("id"), told["incident"]), ("alert", account["incident"].get("alert"), int(alert["event"]["id"].split("-")[-1])),
             ("missing", {f"{name}_not_seen" for name in account["feed"]["missing"]}, {c for c in told["caveats"] if c.endswith("_not_seen")})]
    if told["phase"] == "open" and account["incident"]["step"] == "opened":
        pairs += [(name, account["run"][name], told[name]) for name in ("prompts", "denied", "timeouts", "failed", "approved")]
        pairs += [("severity", mine["severity"], told["severity"]), ("history", account["known"]["history_days"], baseline["history_days"]),
                  ("source", account["run"].get("source"), alert.get("source", {}).get("ip")),
                  ("rate", {k: account["rate"].get(k) for k in ("logins_per_day", "population", "population_per_day", "logins", "logins_window_s", "log10_p")},
                   {k: baseline.get(k) for k in ("logins_per_day", "population", "population_per_day", "logins", "logins_window_s", "log10_p")})]
    if told["phase"] == "open" or mine["score"] >= told["score"]:
        pairs += [("level", mine["level"], told["level"]), ("score", mine["score"], told["score"]), ("findings", mine["findings"], told["findings"]),
                  ("groups", mine["groups"], told["groups"]), ("signals", [f.split()[0] for f in mine["findings"]], told["signals"])]
    elif mine["level"] > told["level"]:
        yield f"{key(account)}: level {mine['level']} is above the alert's"
    for what, here, there in pairs:
        if here != there:
            yield f"{key(account)}: {what} is {here}, and {there} in the alert"


def wrong_sum(account):
    """What cannot be checked by hand: the points of the signals, by group, capped, halved, added."""
    verdict, sums, hints = account["verdict"], dict.fromkeys(CAPS, 0), verdict_hints(account)
    for signal in account["signals"].values():
        sums[signal["group"]] += signal.get("kept", {}).get("points", 0)
    if sums != verdict["uncapped"]:
        yield f"{key(account)}: signals add up to {sums}, not {verdict['uncapped']}"
    for group, cap in CAPS.items():
        points = sums[group] - (hints - account["verdict"]["hints"] if group == "source" else 0)
        points = min(points, cap) // (2 if group == "volume" and verdict["halved"] else 1)
        if points != verdict["groups"][group]:
            yield f"{key(account)}: {group} is {points}, not {verdict['groups'][group]}"
    if verdict["hints"] not in (hints, min(hints, 45)):
        yield f"{key(account)}: {hints} points of hints count {verdict['hints']}"
    if verdict["score"] != min(100, sum(verdict["groups"].values())):
        yield f"{key(account)}: the groups add up to {sum(verdict['groups'].values())}, not {verdict['score']}"
    level = ("anomalous" if verdict["decisive"] or (verdict["score"] >= 75 and verdict["groups_of_30"] >= 2)
             else "suspicious" if verdict["score"] >= 50 else "notice" if verdict["score"] >= 30 else "normal")
    if level != verdict["level"]:
        yield f"{key(account)}: that is {level}, not {verdict['level']}"


def verdict_hints(account):
    return account["verdict"]["uncapped_hints"]


def wrong_answer(account):
    """Signals whose answer does not follow from their numbers, or from what else is told."""
    for name, signal in account["signals"].items():
        answer, lacks = signal["answer"], set(account["feed"]["missing"])
        if answer == "fired" and (signal["points"] == 0 or "kept" not in signal or signal["kept"]["points"] < signal["points"]):
            yield f"{key(account)}: {name} fired, but the run keeps {signal.get('kept')}"
        if answer == "fired" and name != "unusual_hour" and signal["observed"] < signal["threshold"]:
            yield f"{key(account)}: {name} fired below its threshold"
        if answer == "fired" and signal["threshold"] > 1 and signal["sentence"].startswith("yes"):
            yield f"{key(account)}: {name} counts something that has no name in tool/phrases.c"
        if answer == "not_reached" and signal["points"] > 0 and signal["observed"] < signal["threshold"]:
            yield f"{key(account)}: {name} has points without firing"
        if answer == "not_carried" and not lacks:
            yield f"{key(account)}: {name} was not asked though the feed lacks nothing"
        if answer == "listed" and (signal["group"] != "source" or not account["known"]["listed"]):
            yield f"{key(account)}: {name} is silent because of a list, and there is none"
        if str(signal.get("observed", "")) not in signal["sentence"] and answer == "fired" and not signal["sentence"].startswith("yes"):
            yield f"{key(account)}: {name}: the sentence does not tell what was observed"


def of_file(path):
    """(number of accounts, what is wrong) of one file; every record of every user."""
    replay, result, wrong, raised = mfatigue("replay", "--verdicts", *PROFILES, path), explain("-o", "ndjson", *PROFILES, path), [], {}
    if (replay.code, result.code) != (OK, OK):
        return 0, 0, [str(replay), str(result)]
    replayed, told = replay.lines, result.lines
    verdicts = [v for v in replayed if "@timestamp" not in v]
    noticed = [v for v in verdicts if v["level"] != "normal"]
    if [key(a) for a in told] != [(v["record"], v["user"], v["kind"]) for v in noticed]:
        wrong.append("other records are explained than those of notice and above")
    for account, verdict in zip(told, noticed):
        wrong += unlike(account, verdict)
    last = None
    for line in replayed:
        if "@timestamp" not in line:
            last = line
        elif "users" not in line["mfa"] and line["mfa"]["phase"] in ("open", "update") and "prompt_expired" not in line["mfa"]["caveats"]:
            raised[last["record"], last["user"], last["kind"]] = line
    for account in told:
        alert = raised.get(key(account))
        steps = {"open": ("opened", "reopened"), "update": ("updated",)}.get(alert and alert["mfa"]["phase"], ("none", "nothing_new"))
        if account["incident"]["step"] not in steps:
            wrong.append(f"{key(account)}: the incident is {account['incident']['step']}, and {alert and alert['mfa']['phase']} in the alert")
        if alert:
            wrong += unlike_alert(account, alert)
        if "signals" in account:
            wrong += [*wrong_sum(account), *wrong_answer(account)]
    return len(told), len([a for a in told if key(a) in raised]), wrong


def same_numbers():
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(SCENARIOS, pool.map(of_file, SCENARIOS)))
    for path, (_, _, wrong) in results.items():
        ok(f"{Path(path).stem}: accounts, verdicts and alerts have the same numbers, and they add up", not wrong, "\n".join(wrong[:20]))
    told, alerts = (sum(r[i] for r in results.values()) for i in range(2))
    ok(f"that were many: {told} records, {alerts} of them raised an alert", told > 200 and alerts > 30)


def text_is_json():
    """The text says what the JSON says, and what every number in it is."""
    for path in [p for p in SCENARIOS if "refused_burst_then" in p or "code_bruteforce" in p]:
        text, told = flat(explain("--all", *PROFILES, path).text), accounts("--all", *PROFILES, path)
        lost = [s for account in told for s in sentences(account) if flat(s) not in text]
        ok(f"{Path(path).stem}: each sentence of the JSON is in the text", told and not lost, lost[:5])
        titles = [f"{a['verdict']['level']}, {a['verdict']['score']} points, severity {a['verdict']['severity']}" for a in told]
        ok(f"{Path(path).stem}: so are level, score and severity", all(text.count(t) >= titles.count(t) for t in titles), titles)
        short = flat(explain(*PROFILES, path).text)
        kept = [(name, s) for a in told for name, s in a["signals"].items() if "kept" in s]
        ok(f"{Path(path).stem}: without --all, signals that count are told in full", all(flat(s["sentence"]) in short for _, s in kept), short)
        names = {name for a in told for name in a["signals"]}
        ok(f"{Path(path).stem}: and the silent ones by name", all(re.search(rf"\b{name}\b", short) for name in names) and len(short) < len(text), short)


# ---- which records ----


def selectors():
    other = bombing(BOB, at=7200, prompts=3)
    feed = files("feed", bombing(ADA) + [b"", b"hello"] + other)
    told = accounts(feed)
    ok("without a choice: what reached notice, and nothing else", 0 < len(told) < 18 and "normal" not in {a["verdict"]["level"] for a in told}, told)
    users = accounts("--user", ADA, feed)
    ok("--user: each judged record of the user", [a["record"] for a in users] == list(range(1, 13)), users)
    ok("the login is folded", [a["record"] for a in accounts("--user", " Ada@Example.COM ", feed)] == list(range(1, 13)))
    incident = next(a["incident"]["id"] for a in told if "id" in a["incident"])
    mine = accounts("--incident", incident, feed)
    ok("--incident: what belongs to it, from the record that opened it", mine and mine[0]["incident"]["step"] == "opened"
       and {a["incident"]["id"] for a in mine} == {incident} and {a["event"]["user"] for a in mine} == {ADA}, mine)
    one = accounts("--record", "6", feed)
    ok("--record: one line", [a["record"] for a in one] == [6] and one[0] == next(a for a in users if a["record"] == 6), one)
    ok("what stands behind it is not read", explain("--record", "1", feed=lines([push()]) + b"{" * 100).code == OK)
    ok("blank lines count", accounts("--record", "14", feed)[0]["skip"] == "no_json")
    for choice, number in ((["--record", "13"], "13"), (["--record", "99"], "99"), (["--user", "eve@example.com"], "eve@example.com"),
                           (["--incident", "i-0"], "i-0")):
        result = explain(*choice, feed)
        ok(f"{' '.join(choice)}: nothing to explain is said, exit code 3", result.code == BAD and number in result.said and not result.out, result)
    calm = explain(feed=[push()])
    ok("no record of notice is no error", calm.code == OK and not calm.out and "--record" in calm.said, calm)
    for number in ("0", "-1", "x", "1x", "1" * 30):
        result = explain(f"--record={number}", feed)
        ok(f"--record {number[:3]}: is none", result.code == USAGE and "--record" in result.said, result)
    ok("one choice, not two", explain("--record", "1", "--user", ADA, feed).code == USAGE)
    for name in ("", " ", "a\tb", b"\xff"):
        ok(f"{name!r} is no login", explain("--user", name, feed).code == USAGE)

    first, second = files("a", bombing(ADA, prompts=3)), files("b", bombing(BOB, at=30, prompts=3))
    both = accounts("--record", "6", first, second)
    ok("with several files: that line of each, with its name", [(a["record"], a["file"]) for a in both] == [(6, first), (6, second)], both)
    ok("they merge as in replay", [a["verdict"]["score"] for a in accounts(first, second)] == [
        v["score"] for v in mfatigue("replay", "--verdicts", first, second).lines if v.get("level") not in (None, "normal")])


# ---- what is said ----


def not_judged():
    twice = push(at=5)
    cases = {"no_json": b"hello", "bad_json": line(push())[:-1] + b",}", "truncated": line(push())[:-9], "unmapped": okta("user.session.impersonation.grant"),
             "not_idp": b'{"eventType":1}', "bad_utf8": line(push())[:40] + b"\xff" + line(push())[40:], "no_user": push(None, actor={"type": "User"}), "bad_user": push("x" * 300),
             "bad_time": push(published="yesterday"), "too_large": line(push(displayMessage="x" * (1 << 20)))}
    feed = [push(at=0), *cases.values(), twice, twice, push(at=-7200)]
    path = files("skips", feed)
    for number, wanted in enumerate([*cases, "", "duplicate", "late"], 2):
        if wanted:
            told, text = accounts("--record", str(number), path), flat(explain("--record", str(number), path).text)
            ok(f"{wanted}: why, and what would help", told[0].get("skip") == wanted and len(told[0]["why"]) > 20 and len(told[0]["help"]) > 20
               and told[0]["why"] in text and told[0]["help"] in text and "verdict" not in told[0], told)
    ok("what no rule knows is named", accounts("--record", "5", path)[0]["unmapped"] == "user.session.impersonation.grant:SUCCESS")
    names = {n.removeprefix("skipped_") for n in json.loads(mfatigue("replay", "--stats").err)["counters"] if n.startswith("skipped_")}
    source = (TOP / "tool/phrases.c").read_text()
    ok("no reason is without words", all(f"[MF_SKIP_{n.upper()}]" in source for n in names), names)
    user = explain("--user", ADA, path)
    ok("records of a user that were not judged are counted", "2 records" in user.said and "not judged" in user.said, user)

    login = accounts("--record", "1", feed=[okta("user.session.start")])
    ok("a login is told as what it is", all("verdict" in a and "signals" not in a and "compared" in a["why"] for a in login) and login, login)


def people_and_lists():
    (files.path / "lists").mkdir()
    files("lists/people", f"{ADA} alias=a.lovelace@example.com group=sales role=manager home=DE risk=high\n")
    files("lists/egress.txt", "203.0.113.0/24 # office\n")
    files("lists/ignore.txt", "robot@example.com\n")
    policy = files("lists/policy.json", '{"people": {"directory": "people", "ignore": "ignore.txt"}, "nets": {"egress": "egress.txt"}, '
                   '"signals": {"no_login": {"enabled": false}}}')
    feed = files("aliased", bombing("A.Lovelace@example.com", prompts=4) + [push("robot@example.com", 300)])
    told = accounts("--policy", policy, "--user", "a.lovelace@EXAMPLE.com", feed)
    last = told[-1]
    ok("an alias is the user's", [a["record"] for a in told] == list(range(1, 9)) and {a["event"]["user"] for a in told} == {ADA}, told)
    ok("so is the login itself", accounts("--policy", policy, "--user", ADA, feed) == told)
    ok("what was taken from lists is said", [any(word in s for s in last["taken_from_lists"]) for word in ("alias", "nets.egress", "high risk")] == [True] * 3
       and "a.lovelace@example.com" in last["taken_from_lists"][0], last["taken_from_lists"])
    guardian = files("guardian", [
        {"log_id": f"9002026{i}", "data": {"date": f"2026-03-02T09:0{i}:00Z", "type": kind, "ip": "203.0.113.66", "user_id": "auth0|5f7c",
                                                      "tenant_name": "example", "log_id": f"9002026{i}", **name}}
        for i, (kind, name) in enumerate([("mfar", {"user_name": ADA}), ("gd_send_pn", {}), ("gd_auth_rejected", {})])])
    by_id = accounts("--user", ADA, guardian)
    ok("so is the provider's id, once it came with the login", [a["record"] for a in by_id] == [1, 2, 3] and by_id[2]["known"]["by_id"]
       and "auth0|5f7c" in by_id[2]["taken_from_lists"][0] and "came with this login" in by_id[2]["taken_from_lists"][0], by_id)
    ok("who the user is", last["known"]["in_directory"] and last["known"]["high_risk"] and last["known"]["group"] == "sales"
       and last["known"]["role"] == "manager" and any("sales" in s for s in last["known"]["sentences"]), last["known"])
    ok("source signals are not asked at a listed address", last["signals"]["new_source"]["answer"] == "listed"
       and "nets.egress" in last["signals"]["new_source"]["sentence"], last["signals"]["new_source"])
    ok("a signal that is switched off says so", last["signals"]["no_login"]["answer"] == "disabled"
       and "signals.no_login.enabled" in last["signals"]["no_login"]["sentence"], last["signals"]["no_login"])
    ok("what the feed lacks is named", last["signals"]["no_session"]["answer"] == "not_carried" and "sessions" in last["signals"]["no_session"]["sentence"]
       and "sessions" in last["feed"]["missing"], last["signals"]["no_session"])
    listed = accounts("--policy", policy, "--record", "9", feed)
    ok("who is on an ignore list is not judged", listed[0]["skip"] == "listed" and "ignore list" in listed[0]["why"], listed)
    quiet = explain("--policy", policy, "--user", "robot@example.com", feed)
    ok("and a choice of that user says it", quiet.code == BAD and "1 record" in quiet.said, quiet)
    nothing = accounts("--record", "1", feed)[0]["taken_from_lists"]
    ok("without lists, nothing is taken", nothing == [] and "nothing: all of it stands in the record" in explain("--record", "1", feed).text)


def incidents():
    feed = files("twice", bombing(ADA) + bombing(ADA, at=3 * 3600) + [push(ADA, 86400 * 3)])
    told = accounts(feed)
    steps = [a["incident"]["step"] for a in told]
    ok("an incident is opened once, and opened again under its name", steps.count("opened") == steps.count("reopened") == 1
       and len({a["incident"].get("id") for a in told} - {None}) == 1, steps)
    again = next((a for a in accounts("--user", ADA, feed) if a["incident"].get("closed_before")), {})
    ok("that it was closed before is said at the next record of the user", again.get("record") == 13 and "closed after 30 min of quiet" in again["incident"]["sentence"], again)
    watch = files("observe.json", '{"observe": true}')
    opened = next(a for a in accounts("--policy", watch, feed) if a["incident"]["step"] == "opened")
    ok("a policy that only observes raises no alert, and says so", "observe" in opened["incident"]["sentence"], opened["incident"])
    ok("nor does it change the numbers", [a["verdict"] for a in accounts("--policy", watch, feed)] == [a["verdict"] for a in told])
    none = files("capped.json", '{"incident": {"max_alerts_per_minute": 2}}')
    crowd = [r for i in range(12) for r in bombing(f"u{i:02}@example.com", at=i)]
    crowd.sort(key=lambda r: r["published"])
    held = [a["incident"]["step"] for a in accounts("--policy", none, feed=crowd)]
    ok("an alert that the cap held back is told as held back", "held_back" in held and "opened" in held, held)
    reasons = {a["verdict"]["level"]: a["verdict"]["sentence"] for a in told}
    ok("each level has its reason", "below the 50 of suspicious" in reasons["notice"] and "but only 1 group of signals has 30" in reasons["suspicious"]
       and "and 2 groups of signals have 30" in reasons["anomalous"], reasons)


def baseline():
    """A user with a month of one login a day, in a company like that, then many in one hour."""
    def login(user, at):
        return [push(user, at), okta("user.authentication.auth_via_mfa", user, at + 5, debug={"factor": "OKTA_VERIFY_PUSH"})]

    calm = [r for day in range(30) for n in range(5) for r in login(f"u{n}@example.com", day * 86400 + n * 600)]
    busy = [push("u0@example.com", 30 * 86400 + i * 150) for i in range(10)]
    told = accounts("--user", "u0@example.com", feed=calm + busy)[-1]
    rate, said = told["rate"], told["rate"]["sentence"]
    ok("the usual rate is told", rate["asked"] and re.fullmatch(
        r"10 logins in (1 h|15 min|24 h); this user has \d+\.\d a day over 30 days \((everyone|country) \d+\.\d\), p = \de-\d+\.", said), rate)
    ok("the sentence has the numbers of the members", f"{rate['logins_per_day']:.1f} a day" in said and f" {rate['population_per_day']:.1f})" in said
       and abs(float(said.split("p = ")[1][:-1]) / 10 ** rate["log10_p"] - 1) < 0.6, rate)
    ok("the signal that rests on it fires", told["signals"]["unusual_rate"]["answer"] == "fired" and
       told["signals"]["unusual_rate"]["observed"] == int(-rate["log10_p"] + 0.05), told["signals"]["unusual_rate"])
    known = told["known"]
    ok("what is known of the user", known["history_days"] == 30 and "30 days ago" in known["sentences"][0], known)
    answer = accounts("--record", "2", feed=login(ADA, 0))[0]["rate"]
    ok("without a question the reason stands there", not answer["asked"] and "no prompt" in answer["sentence"], answer)


# ---- how it comes out ----


def output():
    feed = lines(bombing(ADA))
    first = explain(feed=feed)
    ok("twice gives the same bytes", first.out and first.out == explain(feed=feed).out)
    ok("our own words are ASCII, in lines that fit a window", first.out.isascii() and max(map(len, first.text.splitlines())) <= 100, first)
    ok("standard error is silent", first.err == b"", first)
    ok("nothing is coloured in a pipe", b"\x1b" not in first.out)
    ok("it is on a terminal", b"\x1b[31manomalous" in on_terminal("explain", streams=("stdout",), feed=feed))
    ok("--color always colours the text, and no JSON", b"\x1b[31m" in explain("--color=always", feed=feed).out
       and b"\x1b" not in explain("--color=always", "-o", "json", feed=feed).out)
    plain = re.sub(rb"\x1b\[\d*m", b"", explain("--color=always", feed=feed).out)
    ok("colours change nothing else", plain == first.out)
    ok("-o json is an array of them", json.loads(explain("-o", "json", feed=feed).out) == accounts(feed=feed))
    ok("one JSON object a line", len(accounts(feed=feed)) == first.text.count("\nrecord ") + 1)

    long = push(ADA, 1)
    long["client"]["userAgent"] = {"rawUserAgent": "x" * 3000 + " \x1b[31m\u202e\r\n"}
    odd = explain("--record", "1", feed=[long])
    ok("a long text is cut, a hidden one is written out", odd.code == OK and b"\x1b" not in odd.out and len(odd.out) < 8000, odd)
    whole = accounts("--record", "1", feed=[long])[0]["event"]["user_agent"]
    ok("JSON has the whole of it", whole == long["client"]["userAgent"]["rawUserAgent"], whole)
    reads = mfatigue("normalize", feed=[long]).lines[0]
    ok("the event is as normalize shows it", {k: v for k, v in reads.items() if k != "record"} == accounts("--record", "1", feed=[long])[0]["event"], reads)


def page():
    """The outputs in docs/explain.md are what the program says."""
    path, shown = TOP / "docs/explain.md", re.compile(r"(?<=```\n)\$ (mfatigue explain [^\n]*)\n(.*?)(?=```)", re.S)

    def said(match):
        words = match[1].split()
        feed = [push()] * 6 + [line(push())[:-9]] if words[-1] == "okta.jsonl" else b""
        result = mfatigue(*words[1:-1], *([] if feed else [words[-1]]), feed=feed, cwd=TOP)
        return f"$ {match[1]}\n{result.text.rstrip()}\n"

    text = path.read_text()
    today = shown.sub(said, text)
    if "--write-page" in sys.argv[1:]:
        path.write_text(today)
    ok("the page shows commands and what they say", len(shown.findall(text)) == 2, shown.findall(text))
    ok("it is what the program says (--write-page renews it)", text == today or "--write-page" in sys.argv[1:], today)


same_numbers()
text_is_json()
selectors()
not_judged()
people_and_lists()
incidents()
baseline()
output()
page()
done()
