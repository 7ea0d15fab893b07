#!/usr/bin/python3
"""Every command of docs/tutorial.md works, in its order and in an empty directory, against a real rsyslogd; every command of
docs/control-validation.md gives JSON; those of docs/runbook.md find the incident."""

import re
import socket
import stat
import time

from program import *

BUILD = Path(PROGRAM).parent
PATIENCE = 60
files = Files()


def commands(page):
    """Indented lines behind a dollar sign, each with the lines that belong to it (a here-document)."""
    found, here = [], None
    for line in (TOP / "docs" / page).read_text().splitlines():
        if line.startswith("    $ "):
            found.append(line[6:])
            here = re.search(r"<<(\w+)", line)
        elif here and line.startswith("    "):
            found[-1] += "\n" + line[4:]
            here = None if line.strip() == here.group(1) else here
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shims():
    """mfatigue of this build, and an rsyslogd that finds its module: as after an installation."""
    folder = files.path / "bin"
    folder.mkdir()
    modules = subprocess.run("for d in /usr/lib/*/rsyslog /usr/lib64/rsyslog /usr/lib/rsyslog; do [ -f $d/lmnet.so ] && echo $d && break; done",
                             shell=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    for name, line in (("mfatigue", f'exec {PROGRAM} "$@"'), ("rsyslogd", f'exec /usr/sbin/rsyslogd -M {BUILD}/modules:{modules} "$@"')):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


def wait(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Shell:
    def __init__(self, port):
        self.port, self.here = port, files.path / "work"
        self.here.mkdir()
        self.env = {**os.environ, "PATH": f"{shims()}:{os.environ['PATH']}:/usr/sbin", "LC_ALL": "C.UTF-8"}

    def run(self, command):
        command = command.replace("5514", str(self.port))
        result = subprocess.run(["bash", "-euc", command], cwd=self.here, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=120)
        if re.match(r"rsyslogd (?!-N)", command):
            wait(self.listens)
        return result

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def text(self, name):
        path = self.here / name
        return path.read_text() if path.exists() else ""


def tutorial(shell):
    said = {}
    for command in commands("tutorial.md"):
        result = shell.run(command)
        first = command.splitlines()[0]
        ok(f"tutorial: {first}", result.returncode == 0, f"exit code {result.returncode}\n{result.stdout[-800:].decode()}\n{result.stderr[-800:].decode()}")
        said[first] = result.stdout.decode()
    everything = "\n".join(said.values())
    ok("the tutorial shows incidents, a blind signal's remedy, a proposal and a passed exercise",
       all(word in everything for word in ("anomalous/critical", "  works ", "Proposed", "passed: an alert", "passed: no alert", "2 cases: ")), everything[-1500:])
    ok("its report is a page", shell.text("month.html").startswith("<!DOCTYPE html>"))
    ok("its exercise is on file", json.loads(shell.text("exercises.jsonl").splitlines()[-1])["passed"])
    pid = shell.text("pid").strip()
    ok("its rsyslogd ends", wait(lambda: not pid or not Path(f"/proc/{pid}").exists()))


def control(shell):
    page = (TOP / "docs/control-validation.md").read_text()
    rows = [re.search(r"`(.*)`", row.replace("\\|", "\0").split("|")[2]).group(1).replace("\0", "|")
            for row in page.splitlines() if row.startswith("| ") and "`" in row and "mfatigue" in row or row.startswith("| when was")]
    victim = shell.text("victim").strip()
    for row in rows:
        command = row
        for word, value in (("LOG", "month.jsonl"), ("POLICY", "policy.json"), ("ALERTS", "alerts.json"), ("EXERCISES", "exercises.jsonl"), ("CASES", "cases"),
                            ("LABELS", "truth.jsonl"), ("LOGIN", "nobody@example.com" if not victim else victim)):
            command = re.sub(rf"(?<![\w-]){word}\b", value, command)
        result = shell.run("set -o pipefail; " + command)
        lines_ = result.stdout.decode().splitlines()
        good = result.returncode == 0 and all(json.loads(line) is not None for line in lines_)
        empty = any(word in row for word in ("(.held | not)", "--open", "LOGIN", "(.feed | not)"))  # here nothing is good news
        ok(f"control validation: {row[:100]}", good and (lines_ or empty), f"exit code {result.returncode}\n{result.stdout[-500:]}\n{result.stderr[-500:]}")
    ok("each question has its command", len(rows) >= 16, len(rows))


def runbook(shell):
    page = (TOP / "docs/runbook.md").read_text()
    found = [line[4:] for line in page.splitlines() if line.startswith("    mfatigue ")]
    incident = shell.text("id").strip()
    shell.run(f"mfatigue replay --policy policy.json month.jsonl > alerts.json; mfatigue alerts -o ndjson --severity critical alerts.json | jq -r .incident | head -n 1 > id")
    incident = shell.text("id").strip()
    for command in found:
        command = command.replace("INCIDENT", incident).replace("POLICY", "policy.json").replace("/var/log/mfatigue-alerts.json", "alerts.json").replace("/var/log/mfatigue-records.log", "month.jsonl")
        result = shell.run(command)
        ok(f"runbook: {command[:80]}", result.returncode == 0, result.stderr.decode())
    ok("evidence is kept", incident in shell.text("incident.alerts") and shell.text("incident.explained"))


shell = Shell(free_port())
try:
    tutorial(shell)
    control(shell)
    runbook(shell)
finally:
    pid = shell.text("pid").strip()
    if pid and Path(f"/proc/{pid}").exists() and str(shell.here) in Path(f"/proc/{pid}/cmdline").read_text():
        os.kill(int(pid), 15)
done()
