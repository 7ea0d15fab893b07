"""A real rsyslogd for tests: own directory, loopback, ports that the system chooses, bounded waits.

    with Daemon(config) as daemon:
        daemon.send(lines)
        daemon.wait_for("out", len(lines))

In the configuration {dir} is the daemon's directory and {load} loads inputs, module and statistics; see CONFIG below.
Only processes that were started here are ever signalled.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok  # noqa: F401 (for the tests)

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))
MODULES = f"{BUILD}/modules:" + subprocess.run(
    "for d in /usr/lib/*/rsyslog /usr/lib64/rsyslog /usr/lib/rsyslog; do [ -f $d/lmnet.so ] && echo $d && break; done",
    shell=True, stdout=subprocess.PIPE, text=True).stdout.strip()
RSYSLOGD = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin:/sbin") or "rsyslogd"
PATIENCE = 30  # seconds, for anything that is bound to happen

LOAD = """
global(workDirectory="{dir}" maxMessageSize="{size}" {globals})
module(load="imptcp")
module(load="impstats" interval="1" format="json" log.syslog="off" log.file="{dir}/stats")
module(load="mmfatigue")
template(name="all" type="list" option.jsonf="off") {{
    property(name="rawmsg") constant(value="\\t") property(name="$!mfa") constant(value="\\n")
}}
"""

# The layout that the documentation recommends: the alert ruleset last, with its own queue.
ALERTS = """
ruleset(name="alerts" queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="0"
        queue.timeoutShutdown="20000") {{
    action(type="omfile" file="{dir}/alerts" template="alert")
}}
"""
ALERT_TEMPLATE = r"""
template(name="alert" type="string" string="%pri%\t%syslogtag%\t%inputname%\t%hostname%\t%msg%\t%$!%\n")
"""
WATCH = """
ruleset(name="watched" {queue}) {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts" {more})
    action(type="omfile" file="{dir}/out" template="all")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""


# What rsyslogd says itself, in a file: by default it goes to the system's log instead.
OWN_LOG = 'action(type="omfile" file="{dir}/own")\n'
KEEP_OWN = 'processInternalMessages="on"'
# Room for an alert on each record: by default floods of alerts are held back.
NO_CAP = '{"incident": {"max_alerts_per_minute": 1000000, "max_open": 100000}}'


class Late(Exception):
    pass


def until(condition, what, patience=PATIENCE):
    """Polls until the condition gives something true, and returns that."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.005)
    raise Late(what)


def _play(scene):
    try:
        scene()
    except Exception:
        ok(f"{scene.__name__} comes to its end", False, traceback.format_exc())


def run(*scenes, at_once=1):
    """Each scene, whatever happens in the others. `at_once`: so many at a time, for scenes that mostly wait, each with a
    daemon of its own."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(_play, scenes))
    done()


def config(more="", queue="", alerts=ALERTS, globals="", size="64k", load=LOAD, watch=WATCH):
    """The usual configuration. `more`: further parameters of the action, `queue`: of its ruleset."""
    return lambda directory: (load + ALERT_TEMPLATE + watch + alerts).format(
        dir=directory, more=more, queue=queue, globals=globals, size=size)


class Daemon:
    def __init__(self, make_config, policy="{}", modules=MODULES, env=None, options=(), files=None, under=()):
        self.dir = Path(tempfile.mkdtemp(prefix="mfatigue-test-"))
        (self.dir / "policy.json").write_text(with_profiles(policy))
        for name, text in (files or {}).items():
            (self.dir / name).write_text(text)
            (self.dir / name).chmod(0o755)
        self.conf = self.dir / "rsyslog.conf"
        self.conf.write_text(make_config(self.dir))
        self.env = {**os.environ, **(env or {})}
        self.command = [*under, RSYSLOGD, "-C", "-f", str(self.conf), "-M", modules, *options]
        self.process = None
        self.connection = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- life ----

    def check(self, level=1):
        """rsyslogd -N1: exit code and what it says."""
        result = subprocess.run([*self.command, f"-N{level}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env=self.env, timeout=PATIENCE)
        return result.returncode, result.stdout

    def start(self, port=True):
        self.stderr = open(self.dir / "stderr", "w")
        self.process = subprocess.Popen([*self.command, "-n", "-i", str(self.dir / "pid")], stdin=subprocess.DEVNULL,
                                        stdout=self.stderr, stderr=self.stderr, env=self.env)
        if port:
            until(lambda: self.text("port").strip() or self.process.poll() is not None, "the port file")
        if "could not load module" in self.text("stderr"):
            raise Late(self.text("stderr"))

    def stop(self, patience=60):
        """TERM; returns the exit code. The queues drain as the configuration lets them."""
        self.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def hup(self):
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        self.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def threads(self):
        return [Path(f"/proc/{self.process.pid}/task/{t}/comm").read_text().strip()
                for t in os.listdir(f"/proc/{self.process.pid}/task")]

    # ---- messages in ----

    def _connect(self, port):
        try:
            return socket.create_connection(("127.0.0.1", int(self.text(port))), timeout=PATIENCE)
        except ConnectionRefusedError:
            return None  # the file is there a moment before the port listens

    def connect(self, port="port"):
        return until(lambda: self._connect(port), "the port to listen")

    def send(self, messages):
        """Each message (str or bytes) as a line, on one connection that stays open: TERM throws away what is unread."""
        if self.connection is None:
            self.connection = self.connect()
        self.connection.sendall(b"".join((m if isinstance(m, bytes) else m.encode()) + b"\n" for m in messages))

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    # ---- what came out ----

    def bytes(self, name):
        path = self.dir / name
        return path.read_bytes() if path.exists() else b""

    def text(self, name):
        return self.bytes(name).decode(errors="replace")

    def lines(self, name):
        return self.text(name).splitlines()

    def wait_for(self, name, count, patience=PATIENCE):
        until(lambda: self.bytes(name).count(b"\n") >= count, f"{count} lines in {name}: {self.text('stderr')[-2000:]}", patience)
        return self.lines(name)

    def tags(self, name="out"):
        """The tag of each message in `out`, None where there is none."""
        return [json.loads(t) if (t := line.rsplit("\t", 1)[1]) else None for line in self.lines(name)]

    def alerts(self, name="alerts"):
        return [dict(zip(("pri", "tag", "input", "host", "msg", "tree"), line.split("\t"))) for line in self.lines(name)]

    def stats(self, name="mmfatigue"):
        """The newest counters of the object, or {}."""
        for line in reversed(self.lines("stats")):
            if f'"name": "{name}"' in line and line.endswith("}"):
                return json.loads(line[line.index("{"):])
        return {}

    def wait_stats(self, condition, what, name="mmfatigue"):
        return until(lambda: (s := self.stats(name)) and condition(s) and s, f"{what}: {self.stats(name)}")


def with_profiles(policy):
    """The policy, reading the profiles of this tree unless it says otherwise."""
    if '"profile_dir"' in policy or not policy.strip().startswith("{"):
        return policy
    rest = policy.strip()[1:]
    comma = "" if rest.strip() == "}" else ","
    return f'{{"profile_dir": "{TOP}/profiles"{comma}{rest}'


# ---- records of an identity provider, made up ----

_serial = 0


def address_of(user):
    """One address for all would be an incident of that address."""
    place = zlib.crc32(user.encode())
    return f"198.{18 + (place >> 16) % 2}.{(place >> 8) % 256}.{place % 256}"


def okta(event_type, user, result="SUCCESS", reason=None, ip=None, age=0.0, debug=None, **more):
    """One System Log record, `age` seconds old, as a line of JSON."""
    global _serial
    _serial += 1
    ip = ip or address_of(user)
    when = datetime.now(timezone.utc) - timedelta(seconds=age)
    person = {"id": "00u" + user, "type": "User", "alternateId": user, "displayName": user}
    record = {
        "uuid": f"00000000-0000-4000-8000-{os.getpid():06x}{_serial:06x}",
        "published": when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z",
        "eventType": event_type, "version": "0", "severity": "INFO", "displayMessage": "made up",
        "actor": person, "target": [person],
        "outcome": {"result": result, "reason": reason},
        "client": {"ipAddress": ip, "device": "Computer", "userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Linux", "browser": "FIREFOX"},
                   "geographicalContext": {"city": "Utrecht", "country": "Netherlands", "geolocation": {"lat": 52.09, "lon": 5.12}}},
        "authenticationContext": {"externalSessionId": f"s{_serial}", "authenticationStep": 0},
        "securityContext": {"asNumber": 64500, "asOrg": "Example Net", "isp": "Example Net", "isProxy": False},
        "transaction": {"id": f"t{_serial}", "type": "WEB", "detail": {}},
        "debugContext": {"debugData": debug or {}},
        **more,
    }
    return json.dumps(record, separators=(",", ":"))


def prompt(user, **more):
    """A push was sent: judged, and nothing to worry about by itself."""
    return okta("system.push.send_factor_verify_push", user, **more)


def fraud(user, **more):
    """The user reports an attempt: one record that raises an alert by itself."""
    return okta("user.account.report_suspicious_activity_by_enduser", user,
                debug={"suspiciousActivityEventIp": address_of(user), "suspiciousActivityEventType": "system.push.send_factor_verify_push"}, **more)


def hostile():
    """Messages that somebody could send to do harm: bytes that are no text, half JSON, JSON that is too much."""
    whole = fraud("hostile@example.com").encode()
    return [
        b"\xff\xfe\x80 not text at all \xc3\x28",
        b"{" * 5000,
        b"[" * 5000,
        whole[:-40],
        whole[:200] + b"\xff\xff" + whole[200:],
        whole.replace(b"hostile@example.com", b"hostile\\u0000@example.com"),
        whole + b"{}",
        b'{"eventType":"system.push.send_factor_verify_push","eventType":"user.session.end"}',
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'"' + b"\\" * 4001,
        b'{"eventType":"%s%n%n%p","published":"2026-13-45T99:99:99Z","$!":"${!mfa}"}',
        b"<999>1 - - - - - - " + whole,
        b"<14>" + whole,
        b"  " + whole,
        b"\xef\xbb\xbf" + whole,
    ]
