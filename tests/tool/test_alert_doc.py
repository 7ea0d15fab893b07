#!/usr/bin/env python3
"""The alert that README.md and docs/alert.md show is one that mfatigue really gives, and keeps to the schema."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("MF_BUILDDIR", TOP / "build")) / "mfatigue"
SCENARIO = "tests/scenarios/okta_identity_refused_burst_then_approved_after_refusals.jsonl"
schema = json.loads((TOP / "docs/alert.schema.json").read_text())


def shown(page):
    match = re.search(r"```json\n(.*?)```", (TOP / page).read_text(), re.S)
    return json.loads(match.group(1)) if match else None


def members(value, path=""):
    """The dotted names of all members that hold no object."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from members(inner, f"{path}{name}.")
        else:
            yield path + name


def explained(page):
    """The members that the table of a page names: `a.b`, `.c` for a neighbour, `a.*` for all below."""
    parent = ""
    for cell in re.findall(r"^\| (`[^|]*) \|", page, re.M):
        for name in re.findall(r"`([^`]+)`", cell):
            if name.startswith("."):
                name = parent + name
            parent = name.rsplit(".", 1)[0]
            yield name


output = subprocess.run([PROGRAM, "replay", TOP / SCENARIO], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
alerts = [json.loads(line) for line in output.stdout.splitlines()]
ok("the scenario opens, updates and closes an incident", [a["mfa"]["phase"] for a in alerts] == ["open", "update", "update", "close"],
   output.stdout + output.stderr)
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
errors = [e.message for alert in alerts for e in check.iter_errors(alert)]
ok("each of its alerts keeps to docs/alert.schema.json", not errors, "\n".join(errors))
for page in ("README.md", "docs/alert.md"):
    ok(f"{page} shows the third of them", len(alerts) > 2 and shown(page) == alerts[2], json.dumps(shown(page), indent=1))
names = list(explained((TOP / "docs/alert.md").read_text()))
missing = [m for alert in alerts for m in members(alert)
           if m not in names and not any(n.endswith(".*") and m.startswith(n[:-1]) for n in names)]
ok("docs/alert.md explains each member", not missing, "\n".join(sorted(set(missing))))
done()
