"""The same seeded stream, with the truth about it, through mfatigue and through what else an administrator would take: what it
costs, which attacks it finds, and whom it accuses for nothing.

SEC and syslog-ng are unpacked from Debian's packages below build/bench/peers/: syslog-ng conflicts with rsyslog."""

import glob
import resource
import signal
import time
from collections import namedtuple
from datetime import datetime, timedelta

from daemon_rows import HEAD, OWN_LOG, Daemon, cpu_seconds
from measure import *

PEERS = HERE / "peers"
ROOT = KEPT / "peers/root"
PACKAGES = ["sec", "syslog-ng-core", "libivykis0", "libnet1"]
SEEDS = range(1, 9)
BEGIN, APART = datetime(2026, 1, 5), timedelta(days=14)  # each is over when the next begins

Row = namedtuple("Row", "name cpu memory found attacks accused note")


# ---- the stream ----

class Stream:
    """Some companies, one after the other, each with its everyday, fourteen attacks, and twelve things that look like one."""

    def __init__(self, work):
        self.path, self.truth, size = work.dir / "peers.jsonl", [], 0
        with open(self.path, "wb") as out:
            for seed in SEEDS:
                told = work.dir / f"truth-{seed}"
                subprocess.run(
                    [TOOL, "simulate", "--profile-dir", TOP / "profiles", "--seed", str(seed), "--domain", f"company{seed}.example", "--users", "250",
                     "--days", "7", "--start", (BEGIN + seed * APART).strftime("%Y-%m-%dT%H:%M:%SZ"), "--truth", told, "all"],
                    stdout=out, stderr=subprocess.DEVNULL, check=True)
                self.truth += [json.loads(line) for line in told.read_text().splitlines()]
        lines = self.path.read_bytes().splitlines(True)
        self.n, self.bytes = len(lines), sum(map(len, lines))
        self.users = len({json.loads(line)["actor"]["alternateId"] for line in lines if b'"actor"' in line})
        self.framed = b"".join(HEAD + line for line in lines)

    def judge(self, users):
        """How many attacks have one of their users named, of how many, and how many users are named for nothing."""
        attacks = [story for story in self.truth if story["attack"]]
        guilty = {user for story in attacks for user in story["users"]}
        return sum(1 for story in attacks if users & set(story["users"])), len(attacks), len(users - guilty)


# ---- running ----

def peak(process):
    """The largest size of a process so far, 0 when it has ended. (What wait4 tells counts the parent before exec, too.)"""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
    except FileNotFoundError:
        return 0
    return int(found[1]) * 1024 if found else 0


def has_ended(process):
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def run(command, is_done=has_ended, **more):
    """CPU seconds and the largest size in bytes of a program, which is ended when it is done."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    memory = 0
    while not is_done(process):
        memory = max(memory, peak(process))
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, memory


class Idle:
    """Is a process done, because it ended, or because it has used no CPU for a second?"""

    def __init__(self):
        self.used, self.since = -1.0, time.monotonic()

    def __call__(self, process):
        if has_ended(process):
            return True
        used = cpu_seconds(process)
        if used != self.used:
            self.used, self.since = used, time.monotonic()
        return time.monotonic() - self.since > 1


def names(path):
    return {line.strip() for line in path.read_text().splitlines()} if path.exists() else set()


def filled(work, name, alerts):
    """A configuration with the place for its alerts filled in."""
    conf = work.dir / name
    conf.write_text((PEERS / name).read_text().replace("@ALERTS@", str(alerts)))
    return conf


def unpack():
    """apt gets the packages with what this machine has configured; nothing is installed."""
    if (ROOT / "usr/bin/sec").exists():
        return
    (KEPT / "peers/deb").mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=KEPT / "peers/deb", check=True, stdout=sys.stderr)
    for package in (KEPT / "peers/deb").glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, ROOT], check=True)


PIPE = """
global(workDirectory="{dir}" maxMessageSize="64k")
module(load="imptcp")
{load}
template(name="line" type="string" string="%msg%\\n")
""" + OWN_LOG + """
ruleset(name="alerts" queue.type="LinkedList" queue.size="100000") {{
    action(type="omfile" file="{dir}/alerts" template="line")
}}
# one worker: two of them would mix hours of a stream that comes a million times as fast as it happened
ruleset(name="watched" queue.type="FixedArray" queue.size="50000" queue.dequeueBatchSize="256" queue.workerThreads="1") {{
    {action}
    if $msg contains "the-last-one" then action(type="omfile" file="{dir}/end" template="line")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""


def through_rsyslog(stream, load, action, read):
    """CPU seconds of rsyslogd and its children, memory, and what `read` makes of the directory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Daemon(lambda directory: PIPE.format(dir=directory, load=load, action=action.format(dir=directory))) as daemon:
        daemon.send([])
        start = cpu_seconds(daemon.process)
        daemon.connection.sendall(stream.framed)
        daemon.send([HEAD + b'{"note":"the-last-one"}'])
        daemon.wait_for("end", 1, patience=300)
        memory = peak(daemon.process)
        daemon.stop()
        users = read(daemon)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - start, memory, users


def alerted(text):
    return {json.loads(line)["user"]["name"] for line in text.splitlines() if line.strip().startswith("{") and '"user"' in line}


def row(stream, name, cpu, memory, users, note):
    found, attacks, accused = (None, None, None) if users is None else stream.judge(users)
    return Row(name, cpu / stream.n * 1e6, memory, found, attacks, accused, note)


def null(work, stream):
    cpu, memory, _ = through_rsyslog(stream, "", "", lambda daemon: None)
    return row(stream, "rsyslogd alone (imptcp, one filter)", cpu, memory, None, "what the others in rsyslogd come on top of")


def mmfatigue(work, stream):
    cpu, memory, users = through_rsyslog(
        stream, 'module(load="mmfatigue")', 'action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")',
        lambda daemon: alerted(daemon.text("alerts")))
    return row(stream, "rsyslogd with mmfatigue", cpu, memory, users, "all profiles, all signals, incidents")


def replay(work, stream):
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([TOOL, "replay", "--profile-dir", TOP / "profiles", stream.path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=True).stdout
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return row(stream, "mfatigue replay", end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime, None, alerted(text), "without rsyslogd")


def omprog(work, stream):
    cpu, memory, users = through_rsyslog(
        stream, 'module(load="omprog")', 'action(type="omprog" binary="/usr/bin/python3 ' + str(PEERS / "omprog.py") + ' {dir}/found" template="line")',
        lambda daemon: names(daemon.dir / "found"))
    return row(stream, "rsyslogd, Python by omprog", cpu, memory, users, "event time; 5 pushes in 10 minutes")


def mmjsonparse(work, stream):
    cpu, memory, _ = through_rsyslog(
        stream, 'module(load="mmjsonparse")\ndyn_stats(name="pushes" resettable="on" maxCardinality="100000")',
        'action(type="mmjsonparse" cookie="")\n'
        '    if $!eventType == "system.push.send_factor_verify_push" then {{ set $.n = dyn_inc("pushes", $!actor!alternateId); }}',
        lambda daemon: None)
    return row(stream, "rsyslogd, mmjsonparse and dyn_inc", cpu, memory, None, "counts, and cannot be asked for a count")


def sec(work, stream):
    alerts = work.dir / "sec.alerts"
    cpu, memory = run([ROOT / "usr/bin/sec", f"--conf={filled(work, 'sec.conf', alerts)}", f"--input={stream.path}", "--notail", "--bufsize=1"])
    return row(stream, "SEC", cpu, memory, names(alerts), "arrival time only: a replay is one moment")


def syslog_ng(work, stream):
    alerts, lib = work.dir / "syslog-ng.alerts", ROOT / "usr/lib"
    conf = filled(work, "syslog-ng.conf", alerts)
    env = {**os.environ, "LD_LIBRARY_PATH": f"{lib}/syslog-ng:" + ":".join(glob.glob(f"{lib}/*-linux-gnu"))}
    command = [ROOT / "usr/sbin/syslog-ng", "-F", "--no-caps", f"--module-path={glob.glob(str(lib) + '/syslog-ng/*.*')[0]}", "-f", conf,
               f"--persist-file={work.dir}/persist", f"--control={work.dir}/control", f"--pidfile={work.dir}/pid"]
    with subprocess.Popen(["cat", stream.path], stdout=subprocess.PIPE) as feed:
        cpu, memory = run(command, Idle(), stdin=feed.stdout, env=env)
    return row(stream, "syslog-ng, json-parser and grouping-by", cpu, memory, names(alerts), "a group ends after ten quiet minutes")


ALL = [null, mmfatigue, replay, omprog, mmjsonparse, sec, syslog_ng]


def show(one):
    memory = "" if one.memory is None else f"{one.memory / 1e6:,.0f} MB"
    found = "-" if one.found is None else f"{one.found} of {one.attacks}"
    print(f"{one.name:<40} {one.cpu:>8.1f} us {memory:>10} {found:>12} {'-' if one.accused is None else one.accused:>10}  {one.note}", flush=True)


def compare(work):
    unpack()
    stream = Stream(work)
    print(f"\n{stream.n:,} records of {stream.bytes / stream.n:,.0f} bytes, {stream.users:,} users, {len(stream.truth)} stories, of which "
          f"{sum(s['attack'] for s in stream.truth)} are attacks\n")
    print(f"{'':<40} {'CPU/record':>11} {'memory':>10} {'found':>12} {'for nothing':>10}")
    rows = []
    for peer in ALL:
        rows.append(peer(work, stream))
        show(rows[-1])
    return stream, rows
