"""Runs mfatigue, and makes the records that it is fed with."""

import json
import os
import pty
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok  # for those who import everything from here

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = str(Path(os.environ.get("MF_BUILDDIR", TOP / "build")) / "mfatigue")
OK, FOUND, USAGE, BAD, IO = range(5)
BEGIN = datetime(2026, 3, 2, 9, 0)


class Result:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout or b"", process.stderr or b""

    @property
    def text(self):
        return self.out.decode()

    @property
    def said(self):
        return self.err.decode()

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return f"exit code {self.code}\n{self.out[:2000].decode(errors='replace')}\n{self.err[:2000].decode(errors='replace')}"


def mfatigue(*arguments, feed=b"", env=None, **more):
    """Runs it to the end. `feed` is its standard input: bytes, or a list of records."""
    if not isinstance(feed, bytes):
        feed = lines(feed)
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    if "stdin" not in more:
        more["input"] = feed
    return Result(subprocess.run([PROGRAM, *arguments], env={**os.environ, **(env or {})}, timeout=120, **more))


def on_terminal(*arguments, streams=("stderr",), feed=b"", env=None):
    """Runs it with these streams on a terminal, and the others going nowhere. Returns what the terminal got."""
    ours, theirs = pty.openpty()
    places = {name: theirs if name in streams else subprocess.DEVNULL for name in ("stdout", "stderr")}
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.PIPE, env={**environment, "TERM": "xterm", **(env or {})}, **places)
    os.close(theirs)
    if callable(feed):
        feed(process.stdin)
    else:
        process.stdin.write(feed)
    process.stdin.close()
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    process.wait(60)
    return seen


# ---- records ----


def stamp(seconds):
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_number = 0


def okta(event, user="ada@example.com", at=0, result="SUCCESS", ip="203.0.113.9", debug=None, **more):
    global _number
    _number += 1
    return {"actor": {"id": "00u1", "type": "User", "alternateId": user}, "client": {"ipAddress": ip, "device": "Computer"},
            "eventType": event, "outcome": {"result": result}, "published": stamp(at), "uuid": f"tool-{_number:08}",
            "debugContext": {"debugData": debug or {}}, "transaction": {"id": f"txn-{_number}"}, **more}


def push(user="ada@example.com", at=0, **more):
    return okta("system.push.send_factor_verify_push", user, at, **more)


def refusal(user="ada@example.com", at=0, **more):
    return okta("user.mfa.okta_verify.deny_push", user, at, **more)


def fraud(user="ada@example.com", at=0):
    """One record that is anomalous by itself."""
    return okta("user.account.report_suspicious_activity_by_enduser", user, at, debug={
        "suspiciousActivityEventIp": "203.0.113.9", "suspiciousActivityEventType": "system.push.send_factor_verify_push"})


def bombing(user="ada@example.com", at=0, prompts=6):
    """Prompts a minute apart, each refused."""
    records = []
    for i in range(prompts):
        records += [push(user, at + 60 * i), refusal(user, at + 60 * i + 20)]
    return records


def line(record):
    return record if isinstance(record, bytes) else json.dumps(record, separators=(",", ":")).encode()


def lines(records):
    return b"".join(line(record) + b"\n" for record in records)


class Files:
    """A directory of files that goes when the program ends."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        self.path = Path(self._directory.name)

    def __call__(self, name, content):
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else lines(content))
        return str(path)
