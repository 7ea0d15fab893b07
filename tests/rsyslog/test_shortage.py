#!/usr/bin/python3
"""Memory that runs out in the module's own code, at each of its allocations in turn: while it reads its parameters, starts,
judges, tags, alerts and reloads. What comes of it is said or counted, messages pass, and nothing crashes. (The engine's own
allocations: tests/test_shortage.c.)"""

import mmap
import re
import struct

from daemon import *

FILES = ("alerts.c", "keep.c", "message.c", "mmfatigue.c", "reload.c", "watch.c")
HERE = Path(tempfile.mkdtemp(prefix="mfatigue-shortage-"))
SHIM = HERE / "shortage.so"
POLICY = json.dumps({"profiles": ["okta"], "state": {"dir": "state", "users": 1024, "recent": 256, "addresses": 1024,
                                                     "traces": 1024, "deliveries": 1024}})
SAYS = LOAD.replace('template(name="all"', OWN_LOG + 'template(name="all"').replace('{globals}', KEEP_OWN + ' {globals}')
MORE = 'input="msg" container="!mfa" forward="both"'


def own_code():
    """Where the functions of plugin/ are in the module: the linker puts them side by side."""
    objects = list((BUILD / "plugin/.libs").glob("*.o"))
    shared = set(re.findall(r" T (\w+)", subprocess.run(["nm", *objects], stdout=subprocess.PIPE, text=True, check=True).stdout))
    listing = subprocess.run(["readelf", "-sW", BUILD / "modules/mmfatigue.so"], stdout=subprocess.PIPE, text=True, check=True).stdout
    file, places = None, []
    for words in map(str.split, listing.splitlines()):
        if len(words) >= 7 and words[3] == "FILE":
            file = words[7] if len(words) == 8 else None  # what is optimised as a whole has no name
        elif len(words) == 8 and words[3] == "FUNC" and (file in FILES or words[7] in shared):
            places.append((int(words[1], 16), int(words[1], 16) + int(words[2])))
    return f"{min(a for a, _ in places):x}-{max(b for _, b in places):x}"


class Short(Daemon):
    """A daemon whose module's n-th allocation fails, once that is asked for."""

    def __init__(self):
        super().__init__(config(MORE, load=SAYS), POLICY, env={"LD_PRELOAD": str(SHIM), "MF_SHORT_OF": OWN})
        self.env["MF_SHORTAGE"] = str(self.dir / "shortage")
        (self.dir / "shortage").write_bytes(bytes(16))
        with open(self.dir / "shortage", "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 16)

    def fail(self, n):
        self.shared[0:8] = struct.pack("<q", n)

    def failed(self):
        """How often one did, since the start."""
        return struct.unpack("<q", self.shared[8:16])[0]


def at_each(most, attempt):
    """attempt(n) for n = 1, 2, ... until it says that there were not so many. How many there were."""
    for n in range(1, most):
        if not attempt(n):
            return n - 1
    return most


def checking():
    wrong = []
    daemon = Short()

    def attempt(n):
        if n == 1:
            return True  # rsyslog's own macro, as any module is loaded: no configuration comes of it
        before = daemon.failed()
        daemon.fail(n)
        code, text = daemon.check()
        happened = daemon.failed() > before
        complained = happened and "out of memory" in text
        if code != (1 if complained else 0):
            wrong.append((n, code, text))
        return happened

    try:
        n = at_each(100, attempt)
        ok("-N1 with a shortage at each allocation: an error that says so, or nothing that is missing", n >= 8 and not wrong, (n, wrong[:2]))
    finally:
        daemon.kill()
        shutil.rmtree(daemon.dir, ignore_errors=True)


def starting():
    wrong = []

    def attempt(n):
        daemon = Short()
        try:
            daemon.fail(n + 1)
            daemon.start()
            until(lambda: daemon.lines("stats") or daemon.process.poll() is not None, "all is started")
            happened = daemon.failed() > 0
            daemon.fail(0)
            daemon.send([fraud("victim@example.com"), "a line of no interest"])
            daemon.wait_for("out", 2)
            judged = (daemon.tags()[0] or {}).get("level") == "anomalous" and "state put back" in daemon.text("own")  # by its policy
            alone = "NOT IN FORCE" in daemon.text("own") and "out of memory" in daemon.text("own")
            if judged == alone or daemon.stop() != 0:
                wrong.append((n, judged, alone, daemon.text("own"), daemon.text("stderr")))
            return happened
        finally:
            daemon.__exit__()

    n = at_each(100, attempt)
    ok("started with a shortage at each allocation: it judges, or says that it does not, and messages pass", n >= 8 and not wrong,
       (n, wrong[:2]))


def first_message():
    with Short() as daemon:
        until(lambda: daemon.lines("stats"), "all is started")
        daemon.fail(1)
        daemon.send([fraud("victim@example.com")])
        daemon.wait_for("out", 1)
        daemon.fail(0)
        daemon.send([fraud("victim@example.com")])
        daemon.wait_for("out", 2)
        ok("without memory for a worker the message passes", daemon.failed() == 1 and daemon.process.poll() is None)
        ok("and the next one is judged", (daemon.tags()[1] or {}).get("level") == "anomalous" and daemon.stop() == 0, daemon.lines("out"))


def running():
    with Short() as daemon:
        sent, wrong, untagged = 1, [], 0
        daemon.send([prompt("first@example.com")])
        daemon.wait_stats(lambda s: s["messages"] == 1, "the worker and the threads are there")

        def attempt(n):
            nonlocal sent, untagged
            before = daemon.failed()
            daemon.fail(n)
            daemon.send([fraud(f"victim-{n}@example.com")])
            sent += 1
            daemon.wait_for("out", sent)
            tag = daemon.tags()[-1]
            untagged += tag is None
            if tag is not None and not {"status", "level", "user", "kind", "score", "severity", "signals", "incident"} <= tag.keys():
                wrong.append((n, tag))
            happened = daemon.failed() > before
            daemon.fail(0)
            return happened

        n = at_each(200, attempt)
        ok("a shortage at each allocation for a message: it passes, with its tag or without one", n >= 8 and not wrong, (n, wrong))
        stats = daemon.wait_stats(lambda s: s["messages"] == sent, "the counters")
        ok("what could not be tagged is counted", stats["tag_failed"] == untagged > 0, (stats["tag_failed"], untagged))
        until(lambda: len(daemon.lines("alerts")) == stats["alerts_sent"] + stats["records_sent"], f"what was sent: {stats}")
        ok("each alert was sent, or its loss is counted", stats["alerts_sent"] + stats["records_sent"] + stats["send_failed"] == 2 * (sent - 1) == 2 * stats["alerts"], stats)

        def reload(n):
            before, done = daemon.failed(), daemon.stats()["reloads"] + daemon.stats()["reload_failed"]
            daemon.fail(n)
            daemon.hup()
            daemon.wait_stats(lambda s: s["reloads"] + s["reload_failed"] > done, "the reload")
            happened = daemon.failed() > before
            daemon.fail(0)
            return happened

        at_each(5, reload)
        daemon.send([prompt("after@example.com")])
        daemon.wait_for("out", sent + 1)
        ok("and all goes on", daemon.tags()[-1]["status"] == "judged" and daemon.stop() == 0, daemon.text("stderr"))


subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-fno-builtin", "-Wall", "-o", SHIM, Path(__file__).with_name("shortage.c"), "-ldl"], check=True)
OWN = own_code()
try:
    run(checking, starting, first_message, running, at_once=4)
finally:
    shutil.rmtree(HERE, ignore_errors=True)
