#!/usr/bin/python3
"""script/demo does what it says, notices when it does not, and leaves nothing behind."""

from daemon import *

DEMO = TOP / "contrib/demo/demo.py"


def children_of(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def run_demo(*arguments, script=DEMO, **environment):
    with tempfile.TemporaryDirectory(prefix="mfatigue-test-") as folder:
        result = subprocess.run([sys.executable, script, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, timeout=60, env={**os.environ, "TMPDIR": folder, **environment})
        return result.returncode, result.stdout, sorted(p.name for p in Path(folder).iterdir())


def as_it_is():
    begin = time.monotonic()
    code, said, left = run_demo()
    took = time.monotonic() - begin
    ok("the demo ends well: exactly the expected alerts came", code == 0 and "As expected" in said, said)
    ok("within 20 seconds", took < 20, f"{took:.1f} s")
    ok("it leaves no file", left == [], left)
    ok("without a terminal it has no colours", "\033" not in said, said)
    ok("it fits 100 columns", all(len(line) <= 100 for line in said.splitlines()), "\n".join(l for l in said.splitlines() if len(l) > 100))
    ok("it shows each alert", said.count("ALERT open") == 3 and said.count("ALERT close") == 3 and said.count("no alert") == 2, said)
    code, said, left = run_demo("--keep")
    ok("--keep leaves records and alerts behind, and says where", code == 0 and len(left) == 1 and left[0] in said, said)


def expecting_more():
    """A copy of the demo that expects one alert more."""
    with tempfile.TemporaryDirectory(prefix="mfatigue-test-") as folder:
        copy = Path(folder) / "contrib/demo/demo.py"
        copy.parent.mkdir(parents=True)
        text = DEMO.read_text()
        copy.write_text(text.replace('("update", "anomalous", "high"), ', "", 1))
        for name in ("tests", "contrib/rsyslog", "build"):
            (Path(folder) / name).symlink_to(TOP / name if name != "build" else BUILD)
        code, said, _ = run_demo(script=copy)
        ok("when other alerts come than expected it says so and exits 1",
           code == 1 and "NOT AS EXPECTED" in said and "jonas.berg@example.com" in said, said[-2000:])


def ended_early():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with tempfile.TemporaryDirectory(prefix="mfatigue-test-") as folder:
            process = subprocess.Popen([sys.executable, DEMO], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env={**os.environ, "TMPDIR": folder},
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell's background job ignores it
            try:
                daemon = until(lambda: [c for c in children_of(process.pid) if Path(f"/proc/{c}/comm").read_text().strip() == "rsyslogd"],
                               "the demo's rsyslogd")[0]
                process.send_signal(number)
                code = process.wait(PATIENCE)
            finally:
                process.kill()
                process.wait()
            until(lambda: not Path(f"/proc/{daemon}").exists(), "the end of its rsyslogd")  # it may outlive the demo by a moment
            ok(f"{signal.Signals(number).name} ends the demo and its rsyslogd, and nothing is left",
               code != 0 and not list(Path(folder).iterdir()), (code, list(Path(folder).iterdir())))


run(as_it_is, expecting_more, ended_early)
