"""What the benchmarks share: running things, counting instructions, medians, and a table of figures."""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))
TOOL = BUILD / "mfatigue"
KEPT = BUILD / "bench"  # what was fetched


@dataclass
class Figure:
    name: str
    measured: str
    target: str = ""
    met: bool | None = None  # None: there is no target, or nothing was measured
    guarded: bool = False    # missing it makes script/bench fail


def at_most(name, value, target, unit="", form="{:,.2f}", guarded=False):
    return Figure(name, f"{form.format(value)}{unit}", f"<= {form.format(target)}{unit}", value <= target, guarded)


def at_least(name, value, target, unit="", form="{:,.2f}"):
    return Figure(name, f"{form.format(value)}{unit}", f">= {form.format(target)}{unit}", value >= target)


def promise(name, kept):
    return Figure(name, "yes" if kept else "no", "yes", kept, guarded=True)


def told(name, value):
    return Figure(name, value)


class Work:
    """A directory for one run, and the feeds in it, each made once."""

    def __init__(self, long=False):
        self.long = long
        self.repeats = 7 if long else 3
        self.temporary = tempfile.TemporaryDirectory(prefix="mfatigue-bench-")
        self.dir = Path(self.temporary.name)

    def feed(self, kind, n=0):
        path = self.dir / f"{kind}-{n}.jsonl"
        if not path.exists():
            with open(path, "wb") as out:
                subprocess.run([sys.executable, HERE / "feed.py", kind, str(n)], stdout=out, check=True)
        return path

    def policy(self, name, **members):
        path = self.dir / f"{name}.json"
        path.write_text(json.dumps({"profile_dir": str(TOP / "profiles"), **members}))
        return path


def answer_of(command, **more):
    """The JSON object that a program prints."""
    return json.loads(subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, check=True, **more).stdout)


# What is compared runs on the same processor: of two virtual ones each has neighbours of its own.
ON_ONE_CPU = ("taskset", "-c", str(max(os.sched_getaffinity(0))))


def judge(feed, *options):
    return answer_of([*ON_ONE_CPU, BUILD / "tests/bench/judge", "-d", TOP / "profiles", *options, feed])


def crowd(*arguments, under=()):
    return answer_of([*under, BUILD / "tests/bench/crowd", "-d", TOP / "profiles", *arguments])


def rounds(repeats, *measures):
    """All of them in turn, so that a noisy minute hits all alike: a row a round."""
    return [[measure() for measure in measures] for _ in range(repeats)]


def interleaved(repeats, *measures):
    """The median of each."""
    return [statistics.median(column) for column in zip(*rounds(repeats, *measures))]


def cpu_of(command, **more):
    """User and system seconds of a program, and how long it took by the clock."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), os.times().elapsed
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, os.times().elapsed - begin


def busy():
    """Is somebody else at work on this machine?"""
    return os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1)


# ---- instructions ----

def own_instructions(profile):
    """Of a callgrind profile, what was executed in the program itself: the C library's part depends on the CPU."""
    names, own, mine, skip = {}, 0, False, False
    for line in profile.read_text().splitlines():
        if match := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            names.setdefault(match[1], match[2])
            mine = "tests/bench/judge" in (names[match[1]] or "")
        elif match := re.match(r"cob=\((\d+)\)(?: (.*))?$", line):
            names.setdefault(match[1], match[2])
        elif line.startswith("calls="):
            skip = True  # the next line is the cost of what was called, which counts where it was spent
        elif match := re.match(r"[+\-*\d]\S* (\d+)$", line):
            own += int(match[1]) if mine and not skip else 0
            skip = False
    return own


def collected(function, command, profile="/dev/null"):
    """Instructions that a program executes in a function and what it calls."""
    result = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--toggle-collect={function}", f"--callgrind-out-file={profile}", *map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", result.stdout)[1])


def instructions_each(feed, n, warm, *options):
    """Instructions of the engine for a record of a feed of n, the first `warm` left out: all, and the project's own."""
    with tempfile.TemporaryDirectory(prefix="mfatigue-bench-") as directory:
        profile = Path(directory) / "profile"
        command = [BUILD / "tests/bench/judge", "-d", TOP / "profiles", "-w", warm, *options, feed]
        total = collected("judge_measured", command, profile)
        return total / (n - warm), own_instructions(profile) / (n - warm)
