#!/usr/bin/python3
"""What the module submits inside rsyslogd is what `mfatigue replay` writes: the same alerts, byte for byte, for all scenarios.

Two members differ by nature: event.created is when the record reached rsyslogd, observer.name is its host."""

import re

from daemon import *

sys.path.insert(0, str(TOP / "tests/scenarios"))
sys.dont_write_bytecode = True
import generate

GROUPS = ["okta_classic", "okta_identity", "entra", "duo", "several_providers", "", "_listed"]
LISTS = TOP / "tests/scenarios/lists"


def feed_of(names):
    """The scenarios' records as one feed in order of time."""
    rows = [(when, i, line) for i, name in enumerate(names) for when, line in generate.build(name)[0].timed()]
    return [line for _, _, line in sorted(rows, key=lambda row: row[:2])]


def comparable(alert):
    """The alert without the two members, and nothing else changed."""
    alert, created = re.subn(r'"created":"[^"]*"', '"created":""', alert)
    alert, observer = re.subn(r'("observer":\{[^}]*),"name":"[^"]*"', r"\1", alert)
    return alert if created == 1 and observer == 1 else f"not one event.created and one observer.name: {alert}"


def inline(daemon, lines):
    daemon.send(lines)
    daemon.wait_for("out", len(lines))
    code = daemon.stop()
    return code, [alert["msg"] for alert in daemon.alerts()]


def replayed(daemon, lines):
    result = subprocess.run([BUILD / "mfatigue", "replay", "--policy", daemon.dir / "policy.json", "--host", "somewhere"],
                            input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return result.returncode, result.stdout.splitlines()


def first_difference(a, b):
    for left, right in zip(a, b):
        if left != right:
            return f"inline: {left}\nreplay: {right}"
    return f"{len(a)} alerts inline, {len(b)} in the replay"


def inline_and_replay():
    for group in GROUPS:
        listed = group == "_listed"
        names = [name for name in generate.SCENARIOS if (name.endswith(group) if listed else name.startswith(group))]
        lines = feed_of(names)
        what = f"{len(names)} scenarios {'with lists' if listed else 'of ' + group if group else 'of all providers in one feed'}"
        files = {path.name: path.read_text() for path in LISTS.iterdir()} if listed else {}
        policy = "\n".join(line for line in files.pop("policy.json").splitlines() if not line.startswith("//")) if listed else NO_CAP
        with Daemon(config(queue='queue.type="LinkedList" queue.size="20000" queue.workerThreads="1"'), policy=policy, files=files) as daemon:
            inline_code, ours = inline(daemon, lines)
            replay_code, theirs = replayed(daemon, lines)
            ours, theirs = [comparable(a) for a in ours], [comparable(a) for a in theirs]
            ok(f"{what}: rsyslogd and replay end well", (inline_code, replay_code) == (0, 0), (inline_code, replay_code, daemon.text("stderr")))
            ok(f"{what}: {len(theirs)} alerts, the same bytes inline and in a replay", theirs and ours == theirs, first_difference(ours, theirs))


run(inline_and_replay)
