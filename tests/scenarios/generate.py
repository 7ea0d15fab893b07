#!/usr/bin/env python3
"""Writes the scenarios: NAME.jsonl, a feed as an identity provider would log it, and NAME.expect, what must come of it.

    tests/scenarios/generate.py            writes all of them beside itself
    tests/scenarios/generate.py --list     says what there is

Nothing is random, and nothing but this file decides what is in them: tests/tool/test_scenarios.py checks that. Each scenario
is one function in stories/, which tells the story and what is expected of it. People, places and networks are invented: example.com,
addresses of RFC 5737 and RFC 3849, ASNs of RFC 5398.

A scenario whose name ends in `_listed` is told to somebody who has lists: lists/policy.json.

What an expectation says stands in docs/cases.md: `mfatigue test tests/scenarios` holds them to it.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from book import SCENARIOS, build, quiet  # noqa: E402, F401 (quiet: for the tests)
import stories.attacks  # noqa: E402, F401 (their import registers them; the order gives each its homes: new files go last)
import stories.lookalikes  # noqa: E402, F401
import stories.places  # noqa: E402, F401
import stories.sessions  # noqa: E402, F401


def texts():
    """{file name: text} of all scenarios."""
    found = {}
    for name in SCENARIOS:
        feed, expectations = build(name)
        found[f"{name}.jsonl"] = "".join(line + "\n" for line in feed.lines())
        lists = [{"policy": "lists/policy.json"}] if name.endswith("_listed") else []
        found[f"{name}.expect"] = "".join(json.dumps(line) + "\n" for line in lists + expectations)
    return found


def main():
    if sys.argv[1:] == ["--list"]:
        for name, (_, tell) in SCENARIOS.items():
            print(f"{name:56} {' '.join(tell.__doc__.split())}")
        return
    wanted = texts()
    for path in HERE.iterdir():
        if path.suffix in (".jsonl", ".expect") and path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
