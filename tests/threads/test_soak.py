#!/usr/bin/python3
"""The short form of script/soak: a million events through four workers, with the clock and reloads beside them. What a message
takes is CPU time of its thread, so that a busy machine makes no difference."""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

MOST_US = 100
TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))

subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/soak"], stdout=subprocess.DEVNULL, check=True)


def soak(events):
    """Exit code, the looks, and what is said at the end."""
    run = subprocess.run([BUILD / "tests/bench/soak", TOP / "profiles", str(events), "4"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=300)
    *looks, end = [json.loads(line) for line in run.stdout.splitlines()]
    return run.returncode, looks, end


code, looks, end = soak(1000000)
ok("a million events come through", looks and looks[-1]["events"] > 950_000 and looks[-1]["alerts"] > 0, looks[-1:])
ok("memory does not grow once the tables are full, nor do descriptors", end["grew"] is False, (looks, end))
# What others do to the caches and what the kernel does in a thread's time is in it: of three tries one is enough.
tries = [(code, end["p999_us"])]
while tries[-1][1] > MOST_US and len(tries) < 3:
    code, _, end = soak(1000000)
    tries.append((code, end["p999_us"]))
ok(f"of 1,000 messages 999 take at most {MOST_US} microseconds of CPU time each, beside reloads", tries[-1][1] <= MOST_US, tries)
ok("the exit code says so", all((code != 0) == (most > MOST_US) for code, most in tries), tries)
done()
