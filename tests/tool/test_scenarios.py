#!/usr/bin/env python3
"""Each scenario comes out as its .expect says (`mfatigue test`, docs/cases.md); twice the same; its alerts keep to the schema.

    tests/tool/test_scenarios.py NAME...     only these, told in full
"""

import json
import os
import re
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
SCHEMA = TOP / "docs/alert.schema.json"


def mfatigue(command, *arguments):
    return subprocess.run([PROGRAM, command, "--profile-dir", TOP / "profiles", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def replay(name):
    lists = ["--policy", FOLDER / "lists/policy.json"] if name.endswith("_listed") else []
    return mfatigue("replay", "--verdicts", *lists, FOLDER / f"{name}.jsonl").stdout


def files():
    wanted = generate.texts()
    there = {p.name: p.read_text() for p in FOLDER.iterdir() if p.suffix in (".jsonl", ".expect")}
    ok("the scenarios are what tests/scenarios/generate.py writes", there == wanted,
       "\n".join(sorted(n for n in there.keys() | wanted.keys() if there.get(n) != wanted.get(n))))
    people = [json.loads(line).get("user", "*") for name in wanted if name.endswith(".expect") for line in wanted[name].splitlines()]
    named = [p for p in people if p != "*"]
    ok("nobody plays in two scenarios", len(named) == len(set(named)), sorted(p for p in named if named.count(p) > 1))


def expectations():
    result = mfatigue("test", "-o", "tap", FOLDER)
    promises = re.findall(r"^(ok|not ok) \d+ - (.*)\n((?:#.*\n)*)", result.stdout.decode(), re.M)
    for held, name, detail in promises:
        ok(name, held == "ok", detail)
    ok("each scenario is among them", {p[1].split(":")[0] for p in promises} == set(generate.SCENARIOS), result.stderr.decode())


def schema_errors(alerts):
    import jsonschema
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for alert in alerts:
        for error in validator.iter_errors(alert):
            yield f"{alert['user']['name']} {alert['mfa']['phase']}: {'/'.join(map(str, error.path))}: {error.message}"


def outputs():
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        first, second = (list(pool.map(replay, generate.SCENARIOS)) for _ in range(2))
    ok("a second replay of each gives the same bytes", first == second and all(first))
    alerts = [item for output in first for line in output.splitlines() if "mfa" in (item := json.loads(line))]
    errors = list(schema_errors(alerts))
    ok(f"the {len(alerts)} alerts keep to {SCHEMA.relative_to(TOP)}", alerts and not errors, "\n".join(errors))


def show(names):
    for name in names:
        lists = ["--policy", FOLDER / "lists/policy.json"] if name.endswith("_listed") else []
        print(mfatigue("explain", *lists, FOLDER / f"{name}.jsonl").stdout.decode())
        print(mfatigue("test", "--only", name, FOLDER).stdout.decode())


if names := [a for a in sys.argv[1:] if not a.startswith("-")]:
    show(names)
else:
    files()
    expectations()
    outputs()
    done()
