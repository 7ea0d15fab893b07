#!/usr/bin/python3
"""The lock contract of docs/ARCHITECTURE.md, with all threads at once: helgrind sees no lock taken in another order than
before, none unlocked by another thread, none destroyed or left while it is held."""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))


def under_helgrind(program, rounds):
    """Exit code, what helgrind said, and how many errors it counted. Without fair scheduling one thread may run alone for minutes."""
    result = subprocess.run(
        ["valgrind", "--fair-sched=yes", "--tool=helgrind", "--history-level=none", f"--suppressions={TOP}/tests/threads/helgrind.supp",
         "--error-exitcode=9", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        env={**os.environ, "MF_ROUNDS": str(rounds), "MF_SRCDIR": str(TOP), "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    counted = re.search(r"ERROR SUMMARY: (\d+) errors", result.stdout)
    return result.returncode, result.stdout, int(counted.group(1)) if counted else None


code, said, errors = under_helgrind(BUILD / "tests/test_together", 120)
ok("eight workers, the clock, reloads and statistics keep the order of locks", code == 0 and errors == 0, said[-6000:])
ok("all of it came to its end under helgrind", "ok 1 - workers_clock_reload_and_statistics_go_together" in said, said[-2000:])
done()
