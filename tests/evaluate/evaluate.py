"""Measures mfatigue on a month of an invented company under attack. Called by script/evaluate; docs/evaluation.md says how to read it.

The month is made day by day and goes through pipes, in the order in which records arrive: to `mfatigue replay`, whose alerts are judged, and to
`mfatigue normalize`, on whose events the two plain rules are computed. Nothing here knows how the detector decides.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from attacks import Attacker
from benign import Benign
from score import LEVELS, MANY, Truth, aims, from_alerts, from_firings, judge, summary
from wire import Wire
from world import BEGIN, DAY, HOUR, Company

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent


class Month:
    """Everything that happens. days() yields the bytes of each day, in the order of arrival."""

    def __init__(self, users, days, seed, attacks):
        self.company = Company(users, days, seed)
        self.wire = Wire(seed)
        self.benign = Benign(self.company, self.wire)
        self.attacker = Attacker(self.company, self.wire, attacks)
        self.records, self.bytes, self.hash = 0, 0, hashlib.sha256()

    def days(self):
        waiting = []
        for day in range(self.company.days):
            self.benign.night(day)
            for person in self.company.people:
                self.benign.day(person, day)
            self.attacker.day(day)
            # nothing that is told of the next day is older than this: clocks differ by hours, and a spray comes hours before
            cut = BEGIN + (day + 1) * DAY - 12 * HOUR
            rows = sorted(waiting + self.wire.take())
            ready = sum(1 for row in rows if row[0] < cut)
            yield self.lines(rows[:ready])
            waiting = rows[ready:]
        yield self.lines(waiting)

    def lines(self, rows):
        text = "".join(line + "\n" for _, _, line in rows).encode()
        self.records += len(rows)
        self.bytes += len(text)
        self.hash.update(text)
        return text

    def truth(self):
        return Truth(self.company, self.attacker.done, self.benign.episodes)


def program():
    path = Path(os.environ.get("MF_BUILDDIR", TOP / "build")) / "mfatigue"
    if not path.exists():
        sys.exit(f"evaluate: no {path}: build it first, or set MF_BUILDDIR")
    return str(path)


def run(month, policy, keep):
    """Plays the month. Returns (incidents of mfatigue, result of rules.py)."""
    tool, profiles = program(), ["--profile-dir", str(TOP / "profiles")]
    with tempfile.TemporaryFile() as alerts, tempfile.TemporaryFile() as ruled, tempfile.TemporaryFile() as said:
        replay = subprocess.Popen([tool, "replay", "--color=never", *profiles, *(["--policy", policy] if policy else [])], stdin=subprocess.PIPE,
                                  stdout=alerts, stderr=said)
        normalize = subprocess.Popen([tool, "normalize", "--color=never", *profiles], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        rules = subprocess.Popen([sys.executable, str(HERE / "rules.py")], stdin=normalize.stdout, stdout=ruled)
        normalize.stdout.close()
        feed = open(keep / "feed.jsonl", "wb") if keep else None
        try:
            for text in month.days():
                replay.stdin.write(text)
                normalize.stdin.write(text)
                if feed:
                    feed.write(text)
        except BrokenPipeError:
            pass  # the exit code and what was said tell why
        for process in (replay, normalize):
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
        if feed:
            feed.close()
        codes = replay.wait(), normalize.wait(), rules.wait()
        said.seek(0)
        if any(codes):
            sys.exit(f"evaluate: replay, normalize, rules ended with {codes}\n{said.read().decode(errors='replace')}")
        alerts.seek(0)
        ruled.seek(0)
        lines = alerts.read().splitlines()
        if keep:
            (keep / "alerts.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        return from_alerts(lines), json.load(ruled)


def evaluate(options):
    """Everything that is known afterwards, as one object for --json."""
    began = time.monotonic()
    month = Month(options.users, options.days, options.seed, options.attacks)
    keep = Path(options.keep) if options.keep else None
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        lists = keep or Path(scratch)
        policy = None if options.without_lists else month.company.write_lists(lists)
        incidents, ruled = run(month, policy, keep)
    truth = month.truth()
    if keep:
        (keep / "truth.json").write_text(json.dumps([asdict(a) for a in truth.attacks], indent=1) + "\n")
    results = {"mfatigue": judge(truth, incidents)}
    for name, fired in ruled["rules"].items():
        results[name] = judge(truth, from_firings(fired))
    tables = {name: summary(truth, result) for name, result in results.items()}
    ours = tables.pop("mfatigue")
    return {
        "users": options.users, "days": options.days, "seed": options.seed, "lists": not options.without_lists,
        "feed": {"records": month.records, "bytes": month.bytes, "sha256": month.hash.hexdigest(), "meant": dict(sorted(month.wire.meant.items())),
                 "read": ruled["kinds"]},
        "mfatigue": ours, "rules": tables, "attacks": results["mfatigue"]["attacks"],
        "aims": [{"aim": a, "seen": s, "met": m} for a, s, m in aims(ours, tables)], "seconds": round(time.monotonic() - began, 1),
    }


# ---- for people ----

def number(value):
    return "-" if value is None else f"{value:.0f}"


def line_of(name, row):
    share = f"{100 * row['found'] / row['attacks']:.0f} %" if row["attacks"] else "-"
    approval = f"{row['before']}/{row['approved']}" if row["approved"] else "-"
    critical = f"{row['critical']}/{row['approved']}" if row["approved"] else "-"
    return (f"{name:<24}{row['found']:>5}/{row['attacks']:<5}{share:>6}  {number(row['step'][0]):>5}{number(row['step'][1]):>6}  "
            f"{number(row['seconds'][0]):>7}{number(row['seconds'][1]):>8}  {approval:>8}{critical:>10}")


def show(result):
    feed, ours = result["feed"], result["mfatigue"]
    yield (f"{result['users']:,} users, {result['days']} days, seed {result['seed']}, {'with' if result['lists'] else 'without'} lists: "
           f"{feed['records']:,} records, {feed['bytes'] / 1e6:,.0f} MB, {result['seconds']:.0f} s")
    yield f"feed {feed['sha256'][:16]}, read as meant: {'yes' if feed['meant'] == feed['read'] else 'NO'}"
    yield ""
    yield f"{'attacks':<24}{'found':>11}{'':>6}  {'at prompt':>11}  {'after seconds':>15}  {'before':>8}{'critical':>10}"
    yield f"{'':<24}{'':>11}{'':>6}  {'half':>5}{'p90':>6}  {'half':>7}{'p90':>8}  {'approval':>8}{'then':>10}"
    for kind, row in ours["kinds"].items():
        yield line_of(kind, row)
    yield line_of("all", ours["all"])
    yield line_of(f"{MANY} prompts or more", ours["many"])
    for name, rule in result["rules"].items():
        yield line_of(f"rule 5 {name}, all", rule["all"])
        yield line_of(f"rule 5 {name}, {MANY}+", rule["many"])
    yield ""
    yield f"{'false incidents':<34}{'suspicious':>20}{'anomalous':>20}{'calls':>10}   how many, and per 1,000 users a week"
    for name, table in [("mfatigue", ours)] + [(f"rule 5 {n}", t) for n, t in result["rules"].items()]:
        cells = "".join(f"{table['false'][l]['incidents']:>12}{table['false'][l]['per_1000_users_week']:>8.3f}" for l in LEVELS)
        yield f"{name:<34}{cells}{table['false_calls']:>10}"
    for name, table in [("mfatigue", ours)] + [(f"rule 5 {n}", t) for n, t in result["rules"].items()]:
        yield ""
        yield f"why {name} was wrong"
        for cause, levels in list(table["causes"].items())[:8]:
            yield f"    {cause:<30}{levels.get('suspicious', 0):>20}{levels.get('anomalous', 0):>20}"
    yield ""
    for row in result["aims"]:
        yield f"{'met    ' if row['met'] else 'NOT met'} {row['aim']}: {row['seen']}"


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="script/evaluate", description="Measures mfatigue on a month of an invented company under attack.")
    parser.add_argument("--users", type=int, default=10000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attacks", type=int, default=200)
    parser.add_argument("--without-lists", action="store_true", help="no policy: what it finds before anybody tells it anything")
    parser.add_argument("--json", metavar="FILE", help="write all figures")
    parser.add_argument("--keep", metavar="DIR", help="keep feed, truth, lists, policy and alerts there")
    parser.add_argument("--check", action="store_true", help="exit 1 when an aim is not met")
    options = parser.parse_args(arguments)
    if options.users < 50 or options.days < 3 or options.attacks < 0:
        parser.error("at least 50 users, 3 days, 0 attacks")
    return options


def main(arguments=None):
    options = options_of(arguments)
    result = evaluate(options)
    for line in show(result):
        print(line.rstrip())
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
    return 1 if options.check and not all(row["met"] for row in result["aims"]) else 0


if __name__ == "__main__":
    sys.exit(main())
