#!/usr/bin/python3
"""rsyslogd with four workers for MINUTES of real time: everyday records and attacks all the while, a HUP each second, the
counters shown each second. Prints what it takes a dozen times, and the slopes. Exit code 1 when memory or descriptors grew
after the first fifth, or a message was lost. `soak.py MINUTES`; run by script/soak."""

import re

from daemon import *

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
RATE = 400  # records a second
WARM = 0.6  # minutes until every user has been seen
GROWTH_KIB = 4096  # what the allocators of rsyslogd and ours may still gather after the first fifth
POLICY = '{"people": {"ignore": "ignored"}, "nets": {"egress": "egress"}, "geo": {"city": "places.mmdb"}, ' \
         '"state": {"users": 2048, "recent": 512, "addresses": 1024}, "incident": {"max_open": 256}}'
# a line for each message, and half an hour of them no gigabyte
SHORT = 'template(name="short" type="string" string="%$!mfa!level%\\n")\n'
QUEUE = 'queue.type="LinkedList" queue.workerThreads="4" queue.workerThreadMinimumMessages="10" queue.timeoutShutdown="20000"'


def resident(daemon):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{daemon.process.pid}/status").read_text()).group(1))


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def records(second):
    """A second's worth: pushes of everybody, the refusals of some, and one who reports a fraud."""
    for i in range(RATE):
        user = f"user{(second * 7919 + i * 104729) % 3000}@example.com"
        kind = "user.mfa.okta_verify.deny_push" if i % 40 == 7 else "user.session.start" if i % 3 == 0 else "system.push.send_factor_verify_push"
        yield okta(kind, user)
    yield fraud(f"victim{second % 50}@example.com")


def slope(looks):
    """KiB a minute, by least squares."""
    n = len(looks)
    x, y = [l["minutes"] for l in looks], [l["resident_kib"] for l in looks]
    spread = n * sum(v * v for v in x) - sum(x) ** 2
    return (n * sum(a * b for a, b in zip(x, y)) - sum(x) * sum(y)) / spread if spread else 0.0


def soak():
    daemon = Daemon(config(queue=QUEUE, load=LOAD + SHORT, watch=WATCH.replace('template="all"', 'template="short"')), policy=POLICY, files={"ignored": "svc-*\n", "egress": "192.0.2.0/24\n"})
    (daemon.dir / "places.mmdb").write_bytes((TOP / "tests/geo/nested.mmdb").read_bytes())
    looks, sent, begin, second = [], 0, time.monotonic(), 0
    with daemon:
        while time.monotonic() - begin < MINUTES * 60:
            batch = list(records(second))
            daemon.send(batch)
            sent += len(batch)
            second += 1
            (daemon.dir / "new").write_text(f"svc-*\nold{second}@example.com\n")
            (daemon.dir / "new").rename(daemon.dir / "ignored")
            daemon.hup()
            time.sleep(max(0.0, begin + second - time.monotonic()))
            if second % max(1, int(MINUTES * 60 / 50)) == 0:
                looks.append({"minutes": round((time.monotonic() - begin) / 60, 2), "sent": sent, "resident_kib": resident(daemon),
                              "descriptors": descriptors(daemon)})
                if len(looks) % 4 == 0:
                    print(json.dumps(looks[-1]), flush=True)
        until(lambda: daemon.bytes("out").count(b"\n") >= sent, f"all {sent} messages", 60)
        seen = daemon.bytes("out").count(b"\n")
        counters = daemon.wait_stats(lambda s: s.get("messages") == sent, "the counters")
        code = daemon.stop()
    calm = [l for l in looks if l["minutes"] >= max(MINUTES / 5, WARM)]
    grown = slope(calm) * (calm[-1]["minutes"] - calm[0]["minutes"])
    result = {"kib_per_minute": round(slope(calm), 1), "grown_kib": round(grown), "sent": sent, "arrived": seen,
              "descriptors": calm[-1]["descriptors"] - calm[0]["descriptors"], "reloads": counters["reloads"], "alerts": counters["alerts"],
              "reload_failed": counters["reload_failed"], "exit": code}
    print(json.dumps(result), flush=True)
    return grown <= GROWTH_KIB and result["descriptors"] <= 4 and seen == sent and code == 0 and counters["reload_failed"] == 0


if MINUTES < 1:
    sys.exit("soak.py: a minute is the least")
sys.exit(0 if soak() else 1)
