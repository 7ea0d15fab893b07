#!/usr/bin/python3
"""Under pressure: stuck destinations, backlogs at shutdown, TERM under load, several workers, hard cancellation, HUP storms."""

import fcntl
import itertools
import selectors
import threading

from daemon import *

# Takes messages and never confirms one: a destination that hangs. It ends with the daemon's end of the pipe.
STUCK = "#!/bin/sh\necho OK\nwhile read line; do :; done\n"
STUCK_ACTION = 'action(type="omprog" binary="{dir}/stuck" confirmMessages="on" confirmTimeout="600000")'


# Confirms each message two milliseconds late.
SLOW = """#!/usr/bin/env python3
import sys, time
print("OK", flush=True)
while sys.stdin.readline():
    time.sleep(0.002)
    print("OK", flush=True)
"""

def stuck_alerts():
    alerts = """
module(load="omprog")
ruleset(name="alerts" queue.type="LinkedList" queue.size="100" queue.timeoutEnqueue="0" queue.timeoutShutdown="1"
        queue.timeoutActionCompletion="1") {{
    %s
}}
""" % STUCK_ACTION
    with Daemon(config(alerts=alerts), files={"stuck": STUCK}, policy=NO_CAP) as daemon:
        n = 2000
        records = [fraud(f"u{i}@example.com") for i in range(n)]
        begin = time.monotonic()
        daemon.send(records)
        daemon.wait_for("out", n)
        took = time.monotonic() - begin
        ok(f"a stuck alert destination does not delay the logs ({n} alerts, {took:.1f} s)", took < 10, took)
        seen = daemon.wait_stats(lambda s: s["alerts_sent"] == n, "alerts_sent")
        ok("each alert was handed over", seen["send_failed"] == 0, seen)
        queue = daemon.wait_stats(lambda s: s.get("discarded.full", 0) > 0, "drops", name="alerts")
        ok("what did not fit is counted by the queue of the ruleset", n - 250 <= queue["discarded.full"] <= n, queue)


def take_all(place, wanted):
    """Listens, and takes that many alerts on as many connections as there are."""
    got, end = {}, time.monotonic() + PATIENCE
    place.listen()
    with place, selectors.DefaultSelector() as ready:
        ready.register(place, selectors.EVENT_READ)
        while sum(text.count(b"\n") for text in got.values()) < wanted and time.monotonic() < end:
            for key, _ in ready.select(1):
                if key.fileobj is place:
                    connection = place.accept()[0]
                    got[connection] = b""
                    ready.register(connection, selectors.EVENT_READ)
                elif more := key.fileobj.recv(1 << 16):
                    got[key.fileobj] += more
                else:
                    ready.unregister(key.fileobj)
    for connection in got:
        connection.close()
    return [json.loads(line.split("\t")[4]) for text in got.values() for line in text.decode().splitlines()]


def destination_that_comes_back(layout, queue):
    """Alerts wait in the ruleset's queue while nobody listens, and arrive when somebody does."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))  # bound, but nobody listens: connections are refused
    alerts = """
ruleset(name="alerts" queue.type="LinkedList" queue.timeoutEnqueue="0" queue.timeoutShutdown="10000" %s) {{
    action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" template="alert" action.resumeRetryCount="-1" action.resumeInterval="1")
}}
""" % (queue, place.getsockname()[1])
    n = 200
    with Daemon(config(alerts=alerts), policy=NO_CAP) as daemon:
        daemon.send(record for i in range(n) for record in (fraud(f"u{i}@example.com"), okta("user.account.lock", f"u{i}@example.com")))
        daemon.wait_for("out", 2 * n)
        ok(f"{layout}, logs pass while the destination of alerts is down", daemon.wait_stats(lambda s: s["alerts_sent"] >= n, "alerts_sent") is not None)
        sent = daemon.stats()["alerts_sent"]
        if "filename" in queue:
            ok(f"({layout}: most of them wait in files)", until(lambda: list(daemon.dir.glob("waiting.0*")), "a file of the queue"))
        told = take_all(place, sent)
        ok(f"{layout}, all of them arrive when it is back", len(told) == sent and len({a["user"]["name"] for a in told}) == n, len(told))
        if "filename" in queue:
            return  # files and memory are sent from by two workers of rsyslogd, each on its own connection
        steps = {}
        for alert in told:
            steps.setdefault(alert["mfa"]["incident"], []).append(alert["mfa"]["phase"])
        ok(f"{layout}, those of one incident in their order", all(s[0] == "open" and "open" not in s[1:] for s in steps.values()), list(steps.values())[:3])


def destination_back_in_memory():
    destination_that_comes_back("in memory", 'queue.size="10000"')


def destination_back_with_files():
    destination_that_comes_back(
        "with files", 'queue.size="1000" queue.filename="waiting" queue.highWatermark="20" queue.lowWatermark="10" queue.saveOnShutdown="on"')


def backlog():
    n = 1200
    watch = 'module(load="omprog")\n' + WATCH.replace("}}\ninput", '''
    action(type="omprog" binary="{dir}/slow" confirmMessages="on")
}}
input''')
    layouts = {
        "on the main queue": ("", 'main_queue(queue.size="10000" queue.dequeueBatchSize="16" queue.timeoutShutdown="30000")\n'),
        "with a queue of its own": ('queue.type="LinkedList" queue.size="10000" queue.dequeueBatchSize="16" queue.timeoutShutdown="30000"', ""),
    }
    for name, (queue, main_queue) in layouts.items():
        with Daemon(config(queue=queue, load=main_queue + LOAD, watch=watch), files={"slow": SLOW}, policy=NO_CAP) as daemon:
            daemon.send(fraud(f"u{i}@example.com") for i in range(n))
            # the input must have read everything: what sits in a socket at TERM is lost to rsyslogd, not to us
            until(lambda: received(daemon) >= n, "the input to have read all")
            left = n - len(daemon.lines("out"))
            code = daemon.stop()
            ok(f"TERM with a backlog ends cleanly, ruleset {name}", code == 0, daemon.text("stderr"))
            ok(f"(there was a backlog of {left}, ruleset {name})", left > 50, left)
            ok(f"and loses no alert in the recommended layout, ruleset {name}",
               len(daemon.lines("alerts")) == n and len(daemon.lines("out")) == n,
               f"{len(daemon.lines('alerts'))} alerts, {len(daemon.lines('out'))} messages")


def received(daemon):
    """Messages that the TCP input has taken in."""
    for line in reversed(daemon.lines("stats")):
        if '"origin": "imptcp"' in line and '"submitted"' in line:
            return json.loads(line[line.index("{"):])["submitted"]
    return 0


def several_workers():
    n, workers = 4000, 4
    queue = f'queue.type="LinkedList" queue.size="20000" queue.workerThreads="{workers}" queue.workerThreadMinimumMessages="50"'
    with Daemon(config(queue=queue), policy=NO_CAP) as daemon:
        lines = [fraud(f"u{i}@example.com") if i % 4 == 0 else prompt(f"u{i % 97}@example.com") for i in range(n)]
        senders = []
        for part in range(4):
            def run(part=part):
                with daemon.connect() as connection:
                    connection.sendall("".join(line + "\n" for line in lines[part::4]).encode())
                    until(lambda: received(daemon) >= n, "the input to have read all")
            senders.append(threading.Thread(target=run))
        for sender in senders:
            sender.start()
        daemon.wait_for("out", n)
        for sender in senders:
            sender.join()
        tags = daemon.tags()
        ok(f"{workers} workers judge every record", all(t and t["status"] == "judged" for t in tags),
           [t for t in tags if not t or t["status"] != "judged"][:5])
        daemon.wait_for("alerts", n // 4)
        users = [json.loads(a["msg"])["user"]["name"] for a in daemon.alerts() if json.loads(a["msg"])["mfa"]["phase"] == "open"]
        ok(f"{workers} workers raise each alert once", len(users) == len(set(users)) and len(users) >= n // 4, len(users))
        ok(f"{workers} workers end cleanly", daemon.stop() == 0, daemon.text("stderr"))


def hard_cancel():
    """A worker that hangs behind our action is cancelled by rsyslogd: our action is freed before our worker."""
    watch = """
module(load="omprog")
ruleset(name="watched" queue.type="LinkedList" queue.timeoutShutdown="100" queue.timeoutActionCompletion="100") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/out" template="all")
    if $msg contains "hang" then %s
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
""" % STUCK_ACTION
    with Daemon(config(watch=watch), files={"stuck": STUCK}) as daemon:
        daemon.send([fraud("before@example.com"), "<14>Nov 24 09:00:00 h app: hang", fraud("after@example.com")])
        daemon.wait_for("out", 1)
        daemon.wait_stats(lambda s: s["alerts_sent"] >= 1, "the first alert")
        code = daemon.stop()
        ok("a hard cancellation at shutdown does no harm", code == 0, f"exit {code}\n{daemon.text('stderr')}")
        ok("the alert before it is there", any("before@example.com" in a["msg"] for a in daemon.alerts()), daemon.lines("alerts"))


def cancelled_while_submitting():
    """The worst layout: no queue of its own for alerts, a full main queue, and a shutdown while our worker waits for a place."""
    alerts = """
ruleset(name="alerts") {{
    action(type="omfile" file="{dir}/alerts" template="alert")
}}
"""
    load = 'main_queue(queue.size="100" queue.timeoutEnqueue="200" queue.timeoutShutdown="100" queue.timeoutActionCompletion="100")\n' + LOAD
    seen = {}
    # A batch of 60 keeps its places until it is done, so that the first alerts fill the queue and the others wait. Now and
    # then they come as several batches, and none waits: then it is tried again.
    for _ in range(5):
        with Daemon(config(load=load, alerts=alerts), policy=NO_CAP) as daemon:
            daemon.send(fraud(f"u{i}@example.com") for i in range(60))
            seen = daemon.wait_stats(lambda s: s["alerts_sent"] > 40, "alerts_sent")
            code = daemon.stop()
            if code != 0 or seen["alerts_sent"] < 60:
                break
    ok("a shutdown while a worker waits in a full queue ends", code == 0, f"exit {code}")
    ok("(it did wait: not all alerts had been handed over)", seen["alerts_sent"] < 60, seen)


ENDS_IN = 5  # seconds from TERM to the end, whatever comes in meanwhile


def pour(port, blocks, stop):
    """Sends without a pause until told to stop, or until nobody listens any more."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            for block in itertools.cycle(blocks):
                if stop.is_set():
                    return
                connection.sendall(block)
    except OSError:
        pass  # the daemon has ended


def poured(serial):
    """Prompts of 2,000 users, fifty a block, each a record of its own, with an alert now and then."""
    users = [f"u{serial}-{i}@example.com" for i in range(2000)]
    lines = [(fraud if i % 100 == 7 else prompt)(user) for i, user in enumerate(users)]
    return ["".join(line + "\n" for line in lines[i:i + 50]).encode() for i in range(0, len(lines), 50)]


def judged_users(daemon):
    """Of whom `out` says that they were judged."""
    found = set()
    for line in daemon.lines("out"):
        message, _, tag = line.rpartition("\t")
        if tag.endswith("}") and json.loads(tag)["status"] == "judged":
            found.add(json.loads(message)["actor"]["alternateId"])
    return found


def is_free(lock):
    with open(lock, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def state_of(daemon, *arguments):
    return subprocess.run([BUILD / "mfatigue", "state", *arguments, "--dir", daemon.dir / "state", "--policy", daemon.dir / "policy.json"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)


def term_under_load():
    """TERM while records pour in on four connections, four workers judge them, and what is remembered is kept."""
    queue = ('queue.type="LinkedList" queue.size="20000" queue.dequeueBatchSize="64" queue.workerThreads="4" '
             'queue.workerThreadMinimumMessages="100" queue.timeoutEnqueue="50"')
    policy = json.dumps({**json.loads(NO_CAP), "state": {"dir": "state", "users": 16384, "recent": 16384}})
    with Daemon(config(queue=queue), policy=policy) as daemon:
        port, stop = int(daemon.text("port")), threading.Event()
        pouring = [threading.Thread(target=pour, args=(port, poured(i), stop)) for i in range(4)]
        for thread in pouring:
            thread.start()
        try:
            daemon.wait_for("out", 1000)
            begin, before = time.monotonic(), len(daemon.lines("out"))
            code = daemon.stop()
            took = time.monotonic() - begin
        finally:
            stop.set()
            for thread in pouring:
                thread.join()
        ok(f"TERM under load ends within {ENDS_IN} seconds", took <= ENDS_IN, f"{took:.1f} s")
        ok("and cleanly", code == 0 and "mmfatigue" not in daemon.text("stderr"), f"exit {code}\n{daemon.text('stderr')}")
        ok("(it was under load: more was judged after it)", len(daemon.lines("out")) > before, before)
        users, verified = judged_users(daemon), state_of(daemon, "verify")
        kept = state_of(daemon, "list", "-o", "ndjson").stdout.splitlines()
        ok("no lock stays held", is_free(daemon.dir / "state/lock"))
        ok("the state is sound", verified.returncode == 0, verified.stdout)
        ok("and holds each user of whom a message that was written says that it was judged",
           len(users) > 500 and len(users) <= len(kept), f"{len(users)} judged, {len(kept)} kept")
        (daemon.dir / "port").unlink()
        daemon.start()
        again = prompt("afterwards@example.com")
        daemon.send([again])
        until(lambda: again in daemon.text("out"), "the message after a restart")
        ok("and the next start finds it", daemon.stop() == 0 and "mmfatigue" not in daemon.text("stderr") and
           not list((daemon.dir / "state").glob("*corrupt*")), daemon.text("stderr"))


def hup_storm():
    n = 3000
    with Daemon(config(queue='queue.type="LinkedList" queue.workerThreads="2" queue.workerThreadMinimumMessages="10"'), policy=NO_CAP) as daemon:
        stop = threading.Event()
        hups = [0]

        def storm():
            while not stop.is_set():
                daemon.hup()
                hups[0] += 1
                stop.wait(0.002)
        thread = threading.Thread(target=storm)
        thread.start()
        try:
            daemon.send([fraud(f"u{i}@example.com") for i in range(n)])
            daemon.wait_for("out", n)
        finally:
            stop.set()
            thread.join()
        daemon.wait_for("alerts", n)
        ok(f"a storm of {hups[0]} HUPs loses no record and no alert", hups[0] > 10 and len(daemon.lines("out")) == n,
           len(daemon.lines("out")))
        ok("and says nothing about us", "mmfatigue" not in daemon.text("stderr"), daemon.text("stderr"))
        ok("and ends cleanly", daemon.stop() == 0, daemon.text("stderr"))


def lifecycle():
    with Daemon(config()) as daemon:
        daemon.send([prompt("a@example.com")])
        daemon.wait_for("out", 1)
        ok("one thread of ours runs, and is named", daemon.threads().count("mmfatigue") == 1, daemon.threads())
        ok("TERM ends it", daemon.stop() == 0, daemon.text("stderr"))
    for _ in range(20):
        with Daemon(config()) as daemon:
            code = daemon.stop()
            if code != 0:
                break
    ok("starts and stops without a message, twenty times", code == 0, daemon.text("stderr"))


def sanitized():
    """The module of build/asan in the stock daemon, with its runtime loaded first."""
    module = BUILD / "asan/modules/mmfatigue.so"
    if not module.exists():
        return
    runtime = [subprocess.run(["gcc", f"-print-file-name={name}"], stdout=subprocess.PIPE, text=True).stdout.strip()
               for name in ("libasan.so", "libubsan.so")]
    modules = MODULES.replace(f"{BUILD}/modules", str(module.parent))
    env = {"LD_PRELOAD": " ".join(runtime), "ASAN_OPTIONS": "detect_leaks=0:exitcode=99",
           "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
    with Daemon(config(queue='queue.type="LinkedList" queue.workerThreads="3" queue.workerThreadMinimumMessages="10"', more='forward="both"'),
                modules=modules, env=env) as daemon:
        lines = [*hostile(), *(fraud(f"u{i}@example.com") for i in range(300)), *hostile()]
        daemon.send(lines)
        daemon.wait_for("out", len(lines))
        daemon.wait_for("alerts", 600)
        code = daemon.stop()
        ok("under AddressSanitizer nothing is found in the daemon", code == 0 and "ERROR: AddressSanitizer" not in daemon.text("stderr")
           and "runtime error" not in daemon.text("stderr"), f"exit {code}\n{daemon.text('stderr')[:4000]}")


def leaks():
    valgrind = ("valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                "--show-leak-kinds=definite,indirect", "--error-exitcode=99")
    with Daemon(config(more='forward="both"'), under=valgrind) as daemon:
        lines = [*hostile(), *(fraud(f"u{i}@example.com") for i in range(50))]
        daemon.send(lines)
        daemon.wait_for("out", len(lines))
        daemon.wait_for("alerts", 100)
        code = daemon.stop()
        ok("valgrind finds no error and no leak in the daemon", code == 0, f"exit {code}\n{daemon.text('stderr')[:4000]}")


run(stuck_alerts, destination_back_in_memory, destination_back_with_files, backlog, several_workers, hard_cancel, cancelled_while_submitting, term_under_load, hup_storm, lifecycle, sanitized, leaks)
