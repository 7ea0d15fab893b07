#!/usr/bin/python3
"""What an event costs, in instructions of the project's own code: it stays within 3 % of what tests/bench/instructions.json says.

Counted by callgrind, and without what only some CPUs can (`judge -s`), so that every machine counts the same; another compiler
does not, and there nothing is compared. After a change that is meant: tests/tool/test_instructions.py --write."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests/bench")]
from measure import BUILD, Work, instructions_each  # noqa: E402
from tap import done, ok  # noqa: E402

KEPT = TOP / "tests/bench/instructions.json"
PERCENT = 3
# feed, how many records of it, how many before counting begins
FEEDS = {"okta": (1500, 1000), "own": (1500, 1000), "entra": (700, 600), "noise": (300, 100)}
NAMES = {"okta": "a judged event", "own": "one that is written unlike any other", "entra": "a sign-in of 8 KB", "noise": "a record of no interest"}


def compiler():
    """What libmfatigue was compiled with, as far as it decides how many instructions there are."""
    makefile = (BUILD / "Makefile").read_text()
    cc, flags, whole = (next(line.split("=", 1)[1].strip() for line in makefile.splitlines() if line.startswith(f"{name} =")) for name in ("CC", "CFLAGS", "LTO_CFLAGS"))
    version = subprocess.run([*cc.split(), "-dumpfullversion"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    target = subprocess.run([*cc.split(), "-dumpmachine"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"{cc} {version} {target} {flags} {whole}"


def counts():
    work = Work()
    return {kind: round(instructions_each(work.feed(kind, n), n, warm, "-s")[1]) for kind, (n, warm) in FEEDS.items()}


def main():
    made = subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/judge"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode != 0 or shutil.which("valgrind") is None:
        ok("there is something to count", False, made.stdout)
        done()
        return
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    same = kept.get("compiler") == compiler()
    found = counts()
    if sys.argv[1:] == ["--write"]:
        KEPT.write_text(json.dumps({"compiler": compiler(), **found}, indent=4) + "\n")
        return
    for kind, n in found.items():
        if not same:
            print(f"# compiled by {compiler()}, and what is kept is of {kept.get('compiler')}: {n:,} instead of {kept.get(kind, 0):,}")
        within = not same or abs(n - kept[kind]) * 100 <= PERCENT * kept[kind]
        ok(f"{NAMES[kind]} takes as many instructions as it did", within,
           f"{n:,} instead of {kept.get(kind, 0):,}; if that is meant: tests/tool/test_instructions.py --write")
    done()


if __name__ == "__main__":
    main()
