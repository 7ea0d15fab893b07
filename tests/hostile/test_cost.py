#!/usr/bin/python3
"""What the worst messages that we could think of cost to judge: a bounded number of instructions, and about twice as many for
twice the length. Each construction of tests/bench/hostile.c is one promise."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))
LONG, SHORT = 64 * 1024, 32 * 1024
MOST = 8_000_000  # instructions for 64 KiB: 300 to 500 microseconds, as fast as machines of 2022 are


def count(length):
    """Instructions of each construction when it comes for the second time, by name."""
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=mf_engine_judge", "--dump-after=mf_engine_judge",
             f"--callgrind-out-file={directory}/out", BUILD / "tests/bench/hostile", TOP / "profiles", str(length), "2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        names = [json.loads(line)["name"] for line in run.stdout.splitlines()]
        dumps = sorted(Path(directory).glob("out.*"), key=lambda p: int(p.suffix[1:]))
        costs = [int(m.group(1)) for p in dumps if (m := re.search(r"^(?:summary|totals): (\d+)", p.read_text(), re.M))]
    costs = [c for c in costs if c > 0]
    return dict(zip(names, costs[1::2])) if len(costs) == 2 * len(names) else {"?": [run.returncode, len(names), len(costs)]}


subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/hostile"], stdout=subprocess.DEVNULL, check=True)
long, short = count(LONG), count(SHORT)
ok("callgrind counts each construction", len(long) > 50 and long.keys() == short.keys(), (long, short))
for name, cost in long.items():
    twice = 2 * short.get(name, 0)
    ok(f"{name}: 64 KiB cost at most {MOST:,} instructions, and grow with the length", cost <= MOST and cost <= 1.1 * twice + 50_000,
       f"{cost:,} instructions; 32 KiB: {twice // 2:,}")
done()
