#!/usr/bin/python3
"""What the worst messages that we could think of cost to judge, when they come for the first time and when they come again:
a bounded number of instructions, and about twice as many for twice the length. Each construction of tests/bench/hostile.c is
one promise, with what only some CPUs can and without. And names that collide under the usual hashes cost what others do."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "bench")]
from feed import event
from measure import instructions_each
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))
LONG, SHORT = 64 * 1024, 32 * 1024
MOST = 2_200_000  # instructions for 64 KiB: less than 200 microseconds on a core of 3 GHz
SEARCH = 400_000  # more where markers are looked for without AVX2


def count(length, *options):
    """Instructions of each construction, by name: the more of two goes."""
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=mf_engine_judge", "--dump-after=mf_engine_judge",
             f"--callgrind-out-file={directory}/out", BUILD / "tests/bench/hostile", *options, TOP / "profiles", str(length), "2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        names = [json.loads(line)["name"] for line in run.stdout.splitlines()]
        dumps = sorted(Path(directory).glob("out.*"), key=lambda p: int(p.suffix[1:]))
        costs = [int(m.group(1)) for p in dumps if (m := re.search(r"^(?:summary|totals): (\d+)", p.read_text(), re.M))]
    costs = [c for c in costs if c > 0]
    return dict(zip(names, map(max, costs[::2], costs[1::2]))) if len(costs) == 2 * len(names) else {"?": [run.returncode, len(names), len(costs)]}


# ---- names ----

NAMES, WARM, LETTERS = 1024, 100, "abcdefghijklmnopqrstuvwxyz0123456789"
FNV_PRIME, WORD = 0x100000001b3, (1 << 64) - 1


def djb2(text):
    result = 5381
    for byte in text.encode():
        result = result * 33 + byte & WORD
    return result


def fnv1a(text, result=0xcbf29ce484222325):
    for byte in text.encode():
        result = (result ^ byte) * FNV_PRIME & WORD
    return result


def names_at_random(chance):
    return ["".join(chance.choices(LETTERS, k=20)) for _ in range(NAMES)]


def names_of_one_djb2():
    """33 * 'a' + 'r' is 33 * 'c' + '0'."""
    return ["".join("ar" if i >> bit & 1 else "c0" for bit in range(10)) for i in range(NAMES)]


def names_of_one_fnv1a(chance):
    """The same ten lower bits, which is what a table takes."""
    names = []
    while len(names) < NAMES:
        begin = "".join(chance.choices(LETTERS, k=19))
        known = fnv1a(begin)
        names += [begin + last for last in LETTERS if fnv1a(last, known) & 0x3ff == 0]
    return names[:NAMES]


def cost_of_names(names):
    """Instructions for the failed login of one of them."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as feed:
        for number, name in enumerate(names):
            record = event(number, datetime(2026, 3, 1, 0, number // 60, number % 60))
            record["actor"]["alternateId"] = f"{name}@example.com"
            record["eventType"], record["outcome"] = "user.session.start", {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}
            print(json.dumps(record, separators=(",", ":")), file=feed)
        feed.flush()
        return instructions_each(feed.name, NAMES, WARM)[0]


subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/hostile", "tests/bench/judge"], stdout=subprocess.DEVNULL, check=True)
chance = random.Random(1)
usual, colliding = cost_of_names(names_at_random(chance)), {"djb2": names_of_one_djb2(), "FNV-1a": names_of_one_fnv1a(chance)}
ok("the names collide", len(set(map(djb2, colliding["djb2"]))) == 1 and {fnv1a(n) & 0x3ff for n in colliding["FNV-1a"]} == {0} and
   all(len(set(names)) == NAMES for names in colliding.values()))
for name, names in colliding.items():
    cost = cost_of_names(names)
    ok(f"names that collide under {name} cost at most a tenth more", cost <= 1.1 * usual, f"{cost:,.0f} instructions instead of {usual:,.0f}")
for way, options, most in ("with AVX2", [], MOST), ("without", ["-s"], MOST + SEARCH):
    long, short = count(LONG, *options), count(SHORT, *options)
    ok(f"{way}, callgrind counts each construction", len(long) > 90 and long.keys() == short.keys(), (long, short))
    for name, cost in long.items():
        twice = 2 * short.get(name, 0)
        ok(f"{way}, {name}: 64 KiB cost at most {most:,} instructions, and grow with the length",
           cost <= most and cost <= 1.1 * twice + 50_000, f"{cost:,} instructions; 32 KiB: {twice // 2:,}")
done()
