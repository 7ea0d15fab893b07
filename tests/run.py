"""Runs the tests and counts their promises. Called by script/test.

Every test is a program that prints TAP ("ok 1 - forgets outside the window"); each such line is one promise. Parts:

    unit     the cmocka programs of tests/ and the replays of the fuzz corpora, as built in build/
    asan     the same under AddressSanitizer and UndefinedBehaviorSanitizer, built in build/asan
    tsan     the tests with threads (THREADED) under ThreadSanitizer, built in build/tsan
    clang    everything compiles with clang, warnings being errors, in build/clang
    NAME     the executables tests/NAME/test_*.sh and test_*.py

A program that crashes, takes too long, exits unclean or makes no promise counts as one failure of its own.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "build"
LOGS = BUILD / "test-logs"
TIMEOUT = 400
CORES = os.cpu_count() or 1
TAP = re.compile(r"^(ok|not ok)\b\s*\d*\s*(?:- )?(.*)$")
ENVIRONMENT = {
    **os.environ,
    "MF_SRCDIR": str(TOP),
    "MF_BUILDDIR": str(BUILD),
    "CMOCKA_MESSAGE_OUTPUT": "TAP",
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
}


def run(command, log, cwd=TOP):
    """Runs the command with its output in the log. Returns the exit code, None for a timeout."""
    with open(log, "wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   env=ENVIRONMENT, start_new_session=True)
        try:
            return process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)  # the session that this test started, and nothing else
            process.wait()
            return None


def promises(log):
    """(held, name) of each TAP line."""
    for line in log.read_text(errors="replace").splitlines():
        match = TAP.match(line.strip())
        if match and "# SKIP" not in line.upper():
            yield match.group(1) == "ok", match.group(2)


def run_test(label, command):
    log = LOGS / (label.replace("/", "-") + ".log")
    begin = time.monotonic()
    code = run(command, log)
    results = list(promises(log))
    broken = [name for held, name in results if not held]
    if code is None:
        results.append((False, f"takes longer than {TIMEOUT} s"))
    elif not results:
        results.append((False, f"makes no promise, exit code {code}"))
    elif code != 0 and not broken:
        results.append((False, f"exit code {code}"))
    return label, results, log, time.monotonic() - begin


def build(name, *configure, targets="all && make -j{cores} check TESTS="):
    """Configures and builds build/NAME; its own result is one promise."""
    directory = BUILD / name
    directory.mkdir(exist_ok=True)
    source = next(BUILD.glob("rsyslog-*/runtime/module-template.h"), None)
    if source:
        configure += (f"--with-rsyslog-src={source.parent.parent}",)
    script = (f"[ -f Makefile ] || {TOP}/configure --enable-in-place --enable-werror {' '.join(configure)}\n"
              f"make -j{CORES} {targets.format(cores=CORES)} && echo 'ok 1 - builds without a warning'")
    log = LOGS / f"build-{name}.log"
    code = run(["sh", "-ec", script], log, directory)
    return f"build/{name}", [(code == 0, "builds without a warning")], log, 0


def unit_programs(directory):
    listing = subprocess.run(["make", "-s", "--no-print-directory", "-C", directory, "print-tests"], stdout=subprocess.PIPE,
                             env=ENVIRONMENT, check=True, text=True)
    return [directory / name for name in listing.stdout.split()]


def scripts(part):
    return sorted(p for p in (TOP / "tests" / part).glob("test_*") if p.suffix in (".sh", ".py") and os.access(p, os.X_OK))


def parts():
    fixed = {"unit", "asan", "tsan", "clang"}
    found = {p.parent.name for p in TOP.glob("tests/*/test_*") if p.suffix in (".sh", ".py")}
    return ["unit", "lint", "clang", "asan", "tsan"] + sorted(found - fixed - {"lint"})


# tests whose threads meet
THREADED = ("test_engine", "test_geo", "test_in_force", "test_baseline", "test_together", "test_state")


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.failures = []

    def add(self, result):
        label, results, log, seconds = result
        for held, name in results:
            if held:
                self.passed += 1
            else:
                self.failed += 1
                self.failures.append(f"{label}: {name}   [{log.relative_to(TOP)}]")
            print(f"{'ok  ' if held else 'FAIL'} {label}: {name}", flush=True)
        if seconds >= 10:
            print(f"     {label} took {seconds:.0f} s", flush=True)

    def all(self, tests, workers=CORES):
        with ThreadPoolExecutor(workers) as pool:
            for result in pool.map(lambda test: run_test(*test), tests):
                self.add(result)


def run_units(report, label, directory):
    report.all([(f"{label}/{p.name}", [str(p)]) for p in unit_programs(directory)])


def run_part(report, part):
    if part == "unit":
        result = build(".")
        report.add(result)
        run_units(report, "unit", BUILD)
    elif part == "asan":
        result = build("asan", "--enable-sanitizers=address,undefined", "CFLAGS='-O1 -g'")
        report.add(result)
        if result[1][0][0]:
            run_units(report, "asan", BUILD / "asan")
    elif part == "tsan":
        result = build("tsan", "--enable-sanitizers=thread", "CFLAGS='-O1 -g'", targets=" ".join(f"tests/{t}" for t in THREADED))
        report.add(result)
        for test in THREADED if result[1][0][0] else ():
            # its shadow memory needs the addresses where they are without randomisation
            report.add(run_test(f"tsan/{test}", ["setarch", "-R", str(BUILD / "tsan/tests" / test)]))
    elif part == "clang":
        report.add(build("clang", "CC=clang-14", "CFLAGS='-O2 -g'"))
    else:
        # one at a time: these measure time or look at all of a daemon's behaviour
        report.all([(f"{part}/{p.stem}", [str(p)]) for p in scripts(part)], workers=1 if part == "rsyslog" else CORES)


def main():
    LOGS.mkdir(parents=True, exist_ok=True)
    known = parts()
    wanted = sys.argv[1:] or known
    unknown = [p for p in wanted if p not in known]
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are: {', '.join(known)}")
    begin = time.monotonic()
    report = Report()
    for part in wanted:
        run_part(report, part)
    if report.failures:
        print("\nfailed:")
        for failure in report.failures:
            print("  " + failure)
    print(f"\n{time.monotonic() - begin:.0f} seconds")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
