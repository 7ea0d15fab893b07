#!/usr/bin/python3
"""script/evaluate measures rightly: its truth is what it made, its feed reads as meant, its rules and scores are what a plain recount says."""

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evaluate"))
sys.dont_write_bytecode = True
from program import *

import score
from attacks import Attacker
from evaluate import Month
from rules import firings
from score import Incident, from_firings, judge, quantile, summary
from world import DAY, HOUR

SHORT = ["--users", "300", "--days", "10", "--attacks", "20", "--without-lists"]
files = Files()
KEPT = files.path / "kept"


def script(*arguments):
    return Result(subprocess.run([str(TOP / "script/evaluate"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                                 env={**os.environ, "MF_BUILDDIR": str(Path(PROGRAM).parent), "PYTHONDONTWRITEBYTECODE": "1"}))


def short_form():
    path = str(files.path / "result.json")
    result = script(*SHORT, "--json", path, "--keep", str(KEPT))
    ok("the short form runs", result.code == 0 and not result.err, result)
    figures = json.loads(Path(path).read_text())
    truth = json.loads((KEPT / "truth.json").read_text())
    ok("as many attacks as asked for", len(truth) == len(figures["attacks"]) == figures["mfatigue"]["all"]["attacks"] == 20, figures["mfatigue"]["all"])
    ok("of every kind at least one", set(a["kind"] for a in truth) == set(Attacker.KINDS), Counter(a["kind"] for a in truth))
    ok("the kinds add up to all", sum(k["attacks"] for k in figures["mfatigue"]["kinds"].values()) == 20, figures["mfatigue"]["kinds"])
    ok("each event kind is read as it was meant", figures["feed"]["meant"] == figures["feed"]["read"], figures["feed"])
    ok("nothing is unmapped", "unmapped" not in figures["feed"]["read"] and len(figures["feed"]["read"]) > 12, figures["feed"])
    ok("the alerts are kept", figures["mfatigue"]["all"]["found"] > 0 and (KEPT / "alerts.jsonl").stat().st_size > 0)
    ok("the feed has as many lines as it says", (KEPT / "feed.jsonl").read_bytes().count(b"\n") == figures["feed"]["records"])
    met = all(a["met"] for a in figures["aims"])
    ok("--check fails as long as an aim is not met", script(*SHORT, "--check").code == (0 if met else 1))
    ok("too small a company is refused", script("--users", "10").code == 2)
    ok("it prints each aim", sum(line.startswith(("met ", "NOT met")) for line in result.text.splitlines()) == len(figures["aims"]) == 9, result)
    return figures, truth


def same_seed():
    def month(seed):
        made = Month(120, 6, seed, 16)
        return b"".join(made.days()), made.truth()
    (one, truth), (two, again), (other, _) = month(7), month(7), month(8)
    ok("the same seed gives the same bytes", one == two and len(one) > 100000, len(one))
    ok("and the same truth", truth.attacks == again.attacks and len(truth.attacks) == 16, truth.attacks)
    ok("another seed gives others", one != other)


def arrivals():
    seen = []

    class Watched(Month):
        def lines(self, rows):
            seen.extend(rows)
            return super().lines(rows)

    for _ in Watched(120, 6, 3, 16).days():
        pass
    times = [row[0] for row in seen]
    ok("records go out in the order of their arrival, across days too", times == sorted(times) and len(times) > 1000, len(times))
    late = [arrival - score.seconds(re.search(r'"(?:published|createdDateTime|activityDateTime|isotimestamp)":"([^"+]*?)Z?(?:\+00:00)?"', line)[1] + "Z")
            for arrival, _, line in seen]
    ok("none arrives before it happens, none later than 20 minutes", 0 <= min(late) and max(late) <= 20 * 60, (min(late), max(late)))
    ok("some arrive out of the order of their events", any(b < a for a, b in zip(late, late[1:])))
    ids = Counter(row[1] for row in seen)
    ok("a few come twice", 0 < sum(n > 1 for n in ids.values()) < len(ids) / 100, len(ids))


def naive_rules(figures):
    """The two rules once more, straight from the definition, on the kept feed."""
    prompts, negatives, refused = defaultdict(dict), defaultdict(dict), defaultdict(list)
    for event in mfatigue("normalize", "--profile-dir", str(TOP / "profiles"), str(KEPT / "feed.jsonl")).lines:
        kind = event.get("kind", "")
        if not kind.startswith("mfa_"):
            continue
        when = score.seconds(event["time"])
        if event["prompts"]:
            prompts[event["user"]][event["id"], kind] = when
        if kind == "mfa_denied":
            refused[event["user"], event.get("transaction") or event["id"]].append((when, event["id"]))
        elif kind in ("mfa_fraud", "mfa_timeout", "mfa_failed"):
            negatives[event["user"]][event["id"], kind] = when
    for (user, _), rows in refused.items():
        last = -1e9
        for when, serial in sorted(set(rows)):
            if when - last >= 5:
                negatives[user][serial, "mfa_denied"] = when
            last = when
    for name, table in (("prompts", prompts), ("negatives", negatives)):
        users = {u for u, rows in table.items() if any(sum(t - 600 <= other <= t for other in rows.values()) >= 5 for t in rows.values())}
        theirs = {u for a in figures["attacks_found"][name] for u in a}
        ok(f"the rule of 5 {name} fires for whom a recount says, and it is some", users == theirs and len(users) > 3, sorted(users ^ theirs)[:9])


def edges():
    ok("five within ten minutes fire", firings([0, 150, 300, 450, 600]) == [600])
    ok("five within a second more do not", firings([0, 150, 300, 450, 601]) == [])
    ok("order does not matter", firings([600, 0, 450, 150, 300]) == [600])
    ok("a rule that fires again within a day is one incident", len(from_firings({"a": [0, DAY]})) == 1)
    ok("and later it is two", len(from_firings({"a": [0, DAY + 1]})) == 2)
    ok("but each time is a call", [i.calls() for i in from_firings({"a": [0, 1800, 3601, DAY]})] == [3])
    ok("a median of four is the second", quantile([4, 1, 3, 2], 0.5) == 2)
    ok("nine of ten are no more than the p90", quantile(list(range(1, 11)), 0.9) == 9)
    ok("nothing has no median", quantile([], 0.5) is None)


def oracle():
    """Detectors that need no detector: one that knows the truth, one that is silent, one that cries at honest people."""
    month = Month(300, 10, 1, 20)
    for _ in month.days():
        pass
    truth = month.truth()
    knows = [Incident(u, a.sources[0], [(a.steps()[0], "anomalous", "critical")]) for a in truth.attacks for u in a.users]
    perfect = summary(truth, judge(truth, knows))
    ok("who knows the truth finds every attack at the first prompt, before each approval",
       perfect["all"]["found"] == 20 and perfect["all"]["step"] == [1, 1] and perfect["all"]["before"] == perfect["all"]["critical"] ==
       perfect["all"]["approved"] > 3, perfect["all"])
    ok("and is never wrong", not perfect["causes"] and all(f["incidents"] == 0 for f in perfect["false"].values()), perfect["false"])
    silent = summary(truth, judge(truth, []))
    ok("who is silent finds none", silent["all"]["found"] == 0 and silent["all"]["before"] == 0, silent["all"])
    worse = {"prompts": silent, "negatives": silent}
    ok("the first meets the aims about attacks, the second does not",
       [a[2] for a in score.aims(perfect, worse)][:5] == [True] * 5 and not score.aims(silent, worse)[0][2], score.aims(perfect, worse))
    attacked = {u for a in truth.attacks for u in a.users}
    index, begin, end, cause = next(e for e in month.benign.episodes if e[0] >= 0 and month.company.people[e[0]].login not in attacked and e[3] == "dead phone")
    honest = month.company.people[index].login
    cried = summary(truth, judge(truth, [Incident(honest, "", [(begin + 60, "suspicious", "medium")])]))
    ok("a cry at somebody with a dead phone is false, with that cause", cried["causes"] == {"dead phone": {"suspicious": 1}}, cried["causes"])
    ok("and counted per 1,000 users and week", abs(cried["false"]["suspicious"]["per_1000_users_week"] - 1000 / 300 / (10 / 7)) < 1e-9, cried["false"])
    attack = next(a for a in truth.attacks if a.approval and len(a.users) == 1)

    def said(when, severity="high"):
        row = judge(truth, [Incident(attack.users[0], "", [(when, "anomalous", severity)])])
        return next(r for r in row["attacks"] if r["found"]) if any(r["found"] for r in row["attacks"]) else None
    ok("an alert a moment before the approval is before it", said(attack.approval - 0.1)["before"])
    ok("one with the approval is not", not said(attack.approval)["before"])
    ok("critical within ten minutes counts", said(attack.approval + 599, "critical")["critical"])
    ok("critical after that does not", not said(attack.approval + 601, "critical")["critical"])
    ok("an alert before the attack does not find it", said(attack.start - 10) is None)
    ok("nor one more than an hour after it", said(attack.end + HOUR + 1) is None)
    source = next(a for a in truth.attacks if a.kind == "fan_in")
    address = Incident("", source.sources[0], [(source.end, "suspicious", "medium")])
    ok("an alert about an address is about who attacked from there", truth.owner(address) is source)
    short = next((p for p in month.company.people if p.second_name and p.second_name != p.login), None)
    ok("a person has one number under all names", short and truth.person(short.second_name.upper()) == truth.person(short.login) == short.index)


def lists():
    month = Month(3000, 10, 2, 16)
    folder = files.path / "lists"
    folder.mkdir()
    policy = json.loads(Path(month.company.write_lists(folder)).read_text())
    ok("the policy names lists that are there", all(Path(name).exists() for part in policy.values() for name in part.values()), policy)
    read = {p.name: p.read_text().splitlines() for p in folder.iterdir()}
    offices = [o for rows in month.company.offices.values() for o in rows]
    ok("all offices are listed but the new one", len(read["egress"]) == len(offices) - 1 > 5, read["egress"])
    ok("the directory has a line for each person", len(read["directory"]) == 3000 and all(
        re.fullmatch(r"\S+@example\.com( alias=\S+)? group=\w+ role=\w+ home=[A-Z]{2}( risk=high)?", line) for line in read["directory"]), read["directory"][:3])
    trips = [t for p in month.company.people for t in p.trips]
    ok("most travel without a note, some with one", 0 < len(read["travel"]) < len(trips) / 2 and all(
        re.fullmatch(r"\S+ [A-Z]{2} from=2026-03-\d\d until=2026-03-\d\d", line) for line in read["travel"]), (len(trips), read["travel"]))
    ok("the service accounts are ignored", read["ignore"] == month.company.services, read["ignore"])


figures, truth = short_form()
fired = json.loads(subprocess.run([sys.executable, str(TOP / "tests/evaluate/rules.py")], stdout=subprocess.PIPE, check=True, input=mfatigue(
    "normalize", "--profile-dir", str(TOP / "profiles"), str(KEPT / "feed.jsonl")).out).stdout)["rules"]
naive_rules({"attacks_found": {name: [list(table)] for name, table in fired.items()}})
same_seed()
arrivals()
edges()
oracle()
lists()
done()
