#!/usr/bin/env python3
"""Each scenario comes out of `mfatigue replay` as its .expect says. What the members of an expectation mean stands in
tests/scenarios/generate.py, which writes them.

    tests/tool/test_scenarios.py NAME...     only these, and what came of each user
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scenarios"))
sys.dont_write_bytecode = True
import generate
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("MF_BUILDDIR", TOP / "build")) / "mfatigue"
FOLDER = TOP / "tests/scenarios"
SCHEMA = next((p for p in (TOP / "docs/alert.schema.json", TOP / "schema/alert.schema.json") if p.exists()), None)
LEVELS = ["normal", "notice", "suspicious", "anomalous"]
SEVERITIES = ["none", "low", "medium", "high", "critical"]


def replay(name, *options):
    lists = ["--policy", FOLDER / "lists/policy.json"] if name.endswith("_listed") else []
    result = subprocess.run([PROGRAM, "replay", "--profile-dir", TOP / "profiles", "--verdicts", *lists, *options, FOLDER / f"{name}.jsonl"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return result.returncode, result.stdout, result.stderr.decode()


def highest(names, values):
    return max(values, key=names.index, default=names[0])


class Outcome:
    """What came of one user."""

    def __init__(self, verdicts, alerts):
        self.verdicts, self.alerts = verdicts, alerts

    def level(self):
        return highest(LEVELS, [v["level"] for v in self.verdicts])

    def severity(self):
        return highest(SEVERITIES, [v["severity"] for v in self.verdicts])

    def signals(self):
        return sorted({s for v in self.verdicts for s in v["signals"]})

    def approvals(self):
        return [v for v in self.verdicts if v["kind"] == "mfa_success"]

    def before(self):
        """The highest level before the first anomalous approval."""
        first = next((i for i, v in enumerate(self.verdicts) if v["kind"] == "mfa_success" and v["level"] == "anomalous"), None)
        return highest(LEVELS, [v["level"] for v in self.verdicts[:first]])

    def phases(self, phase):
        return [a for a in self.alerts if a["mfa"]["phase"] == phase]

    def first_at(self, level):
        """The first alert of this level or above."""
        return next((a for a in self.alerts if LEVELS.index(a["mfa"]["level"]) >= LEVELS.index(level)), None)

    def story(self):
        """The records that are more than normal, and the alerts, for whoever reads a broken promise."""
        lines = [f"record {v['record']} {v['kind']}: {v['level']} {v['score']} {v['severity']} {' '.join(v['signals'])}"
                 for v in self.verdicts if v["level"] != "normal"]
        lines += [f"{a['mfa']['phase']}: {a['mfa']['level']} {a['mfa']['severity']} {a['mfa']['score']}: {a['event']['reason']}"
                  for a in self.alerts]
        return "\n".join(lines) or "only normal records, no alert"


def read(output):
    """{user: Outcome}, and all alerts."""
    verdicts, alerts = {}, {}
    for line in output.decode().splitlines():
        item = json.loads(line)
        if "mfa" in item:
            alerts.setdefault(item["user"]["name"], []).append(item)
        else:
            verdicts.setdefault(item["user"], []).append(item)
    return {user: Outcome(verdicts.get(user, []), alerts.get(user, [])) for user in [*verdicts, *(a for a in alerts if a not in verdicts)]}


def fits(count, wanted):
    return wanted[0] <= count <= wanted[1] if isinstance(wanted, list) else count == wanted


def deviations(outcome, wanted):
    """What is not as expected, a sentence each."""
    def unlike(what, seen, wish):
        if seen != wish:
            yield f"{what} is {seen}, not {wish}"

    yield from unlike("level", outcome.level(), wanted["level"])
    yield from unlike("severity", outcome.severity(), wanted["severity"])
    for signal in sorted(set(wanted["signals"]) - set(outcome.signals())):
        yield f"{signal} did not fire, only {' '.join(outcome.signals())}"
    for phase in ("open", "update", "close"):
        if not fits(len(outcome.phases(phase)), wanted[phase]):
            yield f"{len(outcome.phases(phase))} alerts of phase {phase}, not {wanted[phase]}"
    for level, limits in wanted.get("by", {}).items():
        alert = outcome.first_at(level)
        for count, limit in limits.items():
            if alert is None or alert["mfa"][count] > limit:
                yield f"{level} at {alert and alert['mfa'][count]} {count}, not by {limit}"
    if "before" in wanted:
        yield from unlike("level before the approval", outcome.before(), wanted["before"])
    if "approval" in wanted:
        yield from unlike("severity at the approval", highest(SEVERITIES, [v["severity"] for v in outcome.approvals()]), wanted["approval"])
    for count, number in wanted.get("totals", {}).items():
        for alert in outcome.phases("close"):
            yield from unlike(f"{count} in the close", alert["mfa"][count], number)


def check(name):
    """(promise, truth, seen) of one scenario."""
    expectations = {e["user"]: e for e in map(json.loads, (FOLDER / f"{name}.expect").read_text().splitlines())}
    others = expectations.pop("*", generate.quiet("*"))
    code, output, said = replay(name)
    outcomes = read(output)
    results = []
    for user, wanted in expectations.items():
        outcome = outcomes.get(user, Outcome([], []))
        found = list(deviations(outcome, wanted))
        results.append((f"{name}: {user.split('@')[0]} is {wanted['level']}, {wanted['severity']}", not found,
                        "\n".join(found) + "\n" + outcome.story()))
    rest = {user: outcome for user, outcome in outcomes.items() if user not in expectations}
    found = [f"{user}: {d}\n{outcome.story()}" for user, outcome in rest.items() for d in deviations(outcome, others)]
    if rest:
        results.append((f"{name}: {len(rest)} other{'s' * (len(rest) > 1)} {'are' if len(rest) > 1 else 'is'} {others['level']}", not found,
                        "\n".join(found)))
    results.append((f"{name}: every record is read", code == 0 and "not judged" not in said.replace("not judged: " + ("listed" if name.endswith("_listed") else "ignored"), ""), said))
    results.append((f"{name}: a second replay gives the same bytes", replay(name)[1] == output, "another output"))
    alerts = [a for outcome in outcomes.values() for a in outcome.alerts]
    return results, alerts


def schema_errors(alerts):
    import jsonschema
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for alert in alerts:
        for error in validator.iter_errors(alert):
            yield f"{alert['user']['name']} {alert['mfa']['phase']}: {'/'.join(map(str, error.path))}: {error.message}"


def files():
    wanted = generate.texts()
    there = {p.name: p.read_text() for p in FOLDER.iterdir() if p.suffix in (".jsonl", ".expect")}
    ok("the scenarios are what tests/scenarios/generate.py writes", there == wanted,
       "\n".join(sorted(n for n in there.keys() | wanted.keys() if there.get(n) != wanted.get(n))))
    people = [json.loads(line)["user"] for name in wanted if name.endswith(".expect") for line in wanted[name].splitlines()]
    named = [p for p in people if p != "*"]
    ok("nobody plays in two scenarios", len(named) == len(set(named)), sorted(p for p in named if named.count(p) > 1))


def show(names):
    for name in names:
        for user, outcome in read(replay(name)[1]).items():
            print(f"{name} {user}: {outcome.level()} {outcome.severity()}\n  " + outcome.story().replace("\n", "\n  "))


def main():
    if names := [a for a in sys.argv[1:] if not a.startswith("-")]:
        return show(names)
    files()
    every = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for results, alerts in pool.map(check, generate.SCENARIOS):
            every += alerts
            for result in results:
                ok(*result)
    if SCHEMA:
        errors = list(schema_errors(every))
        ok(f"the {len(every)} alerts keep to {SCHEMA.relative_to(TOP)}", every and not errors, "\n".join(errors))
    done()


main()
