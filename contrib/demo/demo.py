#!/usr/bin/env python3
"""Plays ten days of Okta, Entra and Duo into a real rsyslogd, and shows what mfatigue made of it. Called by script/demo.

The people, their logins and what happens to them are scenarios of tests/scenarios. rsyslogd is the one of this machine; it runs in
the foreground of this program, listens on the loopback address on a port that the system chooses, and ends with it.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
CONF = TOP / "contrib/rsyslog/demo.conf"
PATIENCE = 15  # seconds, for anything that is bound to happen
END = "end of the demo"

sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/scenarios"))
import generate  # noqa: E402


@dataclass
class Story:
    scenario: str
    user: str
    title: str
    alerts: list = field(default_factory=list)  # (phase, level, severity), exactly these
    why: str = ""  # there is no alert


ATTACKS = [
    Story("okta_identity_refused_burst_then_approved_after_refusals", "jonas.berg@example.com", "Worn down",
          [("open", "suspicious", "medium"), ("update", "anomalous", "high"), ("update", "anomalous", "critical"),
           ("close", "anomalous", "critical")]),
    Story("entra_prompt_burst_from_abroad", "timo.keller@example.com", "Never refused",
          [("open", "suspicious", "medium"), ("update", "anomalous", "high"), ("update", "anomalous", "critical"),
           ("close", "anomalous", "critical")]),
    Story("duo_new_source_residential_proxy", "hauke.ries@example.com", "From next door",
          [("open", "suspicious", "medium"), ("update", "anomalous", "critical"), ("close", "anomalous", "critical")]),
]
LOOK_ALIKES = [
    Story("duo_benign_dead_phone", "silke.tamm@example.com", "A dead phone",
          why="Her own network, and nothing was refused: the prompts count half."),
    Story("okta_identity_benign_traveller", "derk.amann@example.com", "A traveller",
          why="A new country alone has 30 points; each prompt was answered at once."),
]
TRAFFIC = ["duo_benign_office_at_nine", "okta_identity_benign_one_push_per_device"]


# ---- rsyslogd ----

def fail(text):
    sys.exit(f"demo: {text}")


def until(condition, what):
    """Polls until the condition gives something true, and returns that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.01)
    fail(f"{what} did not come within {PATIENCE} s")


def find_rsyslogd():
    program = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin:/sbin") or fail("there is no rsyslogd")
    for path in (*Path("/usr/lib").glob("*/rsyslog"), Path("/usr/lib64/rsyslog"), Path("/usr/lib/rsyslog")):
        if (path / "imptcp.so").exists():
            return program, path
    fail("rsyslogd's own modules (imptcp.so) are nowhere below /usr/lib")


def text_of(path):
    return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def running_rsyslogd(folder):
    """rsyslogd with demo.conf, until the block is left, however it is left."""
    program, modules = find_rsyslogd()
    command = [program, "-n", "-C", "-f", CONF, "-i", folder / "pid", "-M", f"{TOP}/build/modules:{modules}"]
    with open(folder / "said", "w") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                   env={**os.environ, "MFATIGUE_DEMO": str(folder)})
    try:
        until(lambda: text_of(folder / "port").strip() or process.poll() is not None, "rsyslogd's port")
        if process.poll() is not None or "could not load module" in text_of(folder / "said"):
            fail("rsyslogd does not start:\n" + text_of(folder / "said"))
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def connect(folder):
    try:
        return socket.create_connection(("127.0.0.1", int(text_of(folder / "port"))), timeout=PATIENCE)
    except ConnectionRefusedError:  # the file is there a moment before the port listens
        return None


def play(lines, folder):
    """Everything into rsyslogd. It is shut down when the last line has come out, and that empties its queues."""
    with running_rsyslogd(folder):
        with until(lambda: connect(folder), "the connection to rsyslogd") as connection:
            connection.sendall("".join(line + "\n" for line in [*lines, END]).encode())
            until(lambda: END in text_of(folder / "records")[-200:], "the last record")
    records = [line.split("\t", 1) for line in text_of(folder / "records").splitlines()]
    alerts = [json.loads(line) for line in text_of(folder / "alerts.json").splitlines()]
    return [Record(json.loads(tag) if tag else {}, line) for tag, line in records if END not in line], alerts


class Record:
    """A line of the log, and the tag that it got."""

    def __init__(self, tag, line):
        self.tag = tag
        self.clock = re.search(r'"(?:published|createdDateTime|activityDateTime|isotimestamp)":"[^T]*T([\d:]{8})', line).group(1)

    @property
    def level(self):
        return self.tag.get("level")


# ---- what a person reads ----

class Page:
    """Lines for a terminal: coloured on one only, and as wide as it is within reason."""

    STYLES = {"bold": "1", "dim": "2", "normal": "2", "notice": "36", "suspicious": "33", "anomalous": "31", "good": "32",
              "low": "36", "medium": "33", "high": "31", "critical": "1;97;41"}

    def __init__(self):
        self.width = min(max(shutil.get_terminal_size((100, 40)).columns, 80), 130)
        self.colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def style(self, name, text):
        return f"\033[{self.STYLES[name]}m{text}\033[0m" if self.colours else text

    def line(self, *parts):
        print("".join(parts), flush=True)

    def rule(self, title):
        self.line()
        self.line(self.style("dim", f" -- {title} " + "-" * (self.width - len(title) - 7)))

    def wrapped(self, text, indent, style=None, first=None):
        """Text behind `first` (whose visible width is the indent), or indented, in lines of the page's width."""
        for i, line in enumerate(textwrap.wrap(text, self.width - indent - 1)):
            self.line(first if first and i == 0 else " " * indent, self.style(style, line) if style else line)


WORDS = {"mfa_challenge": "prompt", "mfa_denied": "refused", "mfa_timeout": "no answer", "mfa_success": "approved",
         "mfa_failed": "failed", "mfa_cancelled": "called off", "mfa_fraud": "fraud reported"}


def steps(records):
    """Runs of records with the same verdict; one that raised an alert ends a run."""
    run = []
    for record in records:
        if run and (run[-1].tag.get("alert") or any(run[-1].tag.get(k) != record.tag.get(k) for k in ("score", "severity", "signals"))):
            yield run
            run = []
        run.append(record)
    if run:
        yield run


def show_step(page, run, known):
    counts = Counter(WORDS.get(r.tag["kind"], r.tag["kind"]) for r in run)
    what = ", ".join(f"{n} x {word}" if n > 1 else word for word, n in counts.items())
    tag = run[0].tag
    new = [s for s in tag["signals"].split() if s not in known]
    page.line(f"   {run[0].clock}  ", f"{what:26} ", page.style(tag["level"], f"{tag['level']:10} {tag['score']:3}"),
              "   " + " ".join(f"+{s}" for s in new) if new else "")
    known.update(new)


def show_alert(page, alert, told):
    """A line with what was counted; one more for the rest of the reason, unless it was told before."""
    mfa = alert["mfa"]
    counts, *rest = alert["event"]["reason"].split("; ")
    judged = f"{mfa['level']}/{mfa['severity']}"
    page.line(f"   {alert['@timestamp'][11:19]}  ", page.style("bold", f"ALERT {mfa['phase']:7}"), page.style(mfa["severity"], judged),
              " " * (20 - len(judged)), page.style("bold", counts))
    if rest and rest != told:
        page.wrapped("; ".join(rest), 26)
    return rest or told


def show_story(page, story, number, records, alerts):
    provider = story.scenario.split("_")[0].title()
    page.line()
    page.line(page.style("bold", f" {number}  {story.title}: "), f"{story.user}, {provider}")
    page.wrapped(" ".join(generate.SCENARIOS[story.scenario][1].__doc__.split()), 4, "dim")
    pending, known, told = list(alerts), set(), None
    for run in steps([r for r in records if r.tag.get("user") == story.user and r.level not in (None, "normal")]):
        show_step(page, run, known)
        if run[-1].tag.get("alert") and pending:
            told = show_alert(page, pending.pop(0), told)
    for alert in pending:
        told = show_alert(page, alert, told)
    if not alerts:
        page.wrapped(story.why, 23, first=f"   {'':10}" + page.style("good", "no alert  "))


def show_head(page, records, port, version):
    people = {r.tag["user"] for r in records if "user" in r.tag}
    levels = Counter(r.level for r in records if r.level)
    page.line(page.style("bold", f" mfatigue in rsyslogd {version}: ten days of Okta, Entra ID and Duo"))
    page.line(f" {len(records)} records of {len(people)} people went to 127.0.0.1:{port} over TCP. Each comes out with a tag in $!mfa:")
    page.line(" ", ", ".join(page.style(level, f"{levels[level]} {level}") for level in ("normal", "notice", "suspicious", "anomalous")),
              ". Those that are not normal, and the alerts:")


# ---- is it what must come? ----

def differences(alerts):
    """What is not as expected, a sentence each."""
    stories = {story.user: story for story in ATTACKS + LOOK_ALIKES}
    for user in sorted({a["user"]["name"] for a in alerts} - set(stories)):
        yield f"{user} got an alert and should not have"
    for story in stories.values():
        seen = [(a["mfa"]["phase"], a["mfa"]["level"], a["mfa"]["severity"]) for a in alerts if a["user"]["name"] == story.user]
        if seen != story.alerts:
            yield f"{story.user}: alerts {seen}, expected {story.alerts}"


def show_end(page, alerts, wrong):
    page.line()
    for text in wrong:
        page.line(page.style("anomalous", " NOT AS EXPECTED  "), text)
    if not wrong:
        page.line(page.style("good", " As expected: "), f"{len(ATTACKS)} attacks, {len(alerts)} alerts; {len(LOOK_ALIKES)} look-alikes, none; "
                  "and nobody else was bothered.")


def show(records, alerts, port, wrong):
    page = Page()
    said = subprocess.run([find_rsyslogd()[0], "-v"], stdout=subprocess.PIPE, text=True).stdout
    show_head(page, records, port, re.search(r"rsyslogd\s+([\d.]*)", said).group(1))
    for number, story in enumerate(ATTACKS + LOOK_ALIKES, 1):
        if story in (ATTACKS[0], LOOK_ALIKES[0]):
            page.rule("attacks" if story in ATTACKS else "look-alikes")
        show_story(page, story, number, records, [a for a in alerts if a["user"]["name"] == story.user])
    show_end(page, alerts, wrong)


def main():
    parser = argparse.ArgumentParser(prog="script/demo", description="Plays attacks and everyday logins into rsyslogd and shows the alerts.")
    parser.add_argument("--keep", action="store_true", help="leave the directory with records and alerts behind, and name it")
    keep = parser.parse_args().keep
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("demo: ended"))

    names = [story.scenario for story in ATTACKS + LOOK_ALIKES] + TRAFFIC
    feed = sorted(((when, i, line) for i, name in enumerate(names) for when, line in generate.build(name)[0].timed()), key=lambda r: r[:2])
    folder = Path(tempfile.mkdtemp(prefix="mfatigue-demo-"))
    try:
        records, alerts = play([line for _, _, line in feed], folder)
        port = text_of(folder / "port").strip()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nothing is left to tidy up: a reader may close early
    wrong = list(differences(alerts))
    if len(records) != len(feed):
        wrong.append(f"{len(records)} of {len(feed)} records came out of rsyslogd")
    show(records, alerts, port, wrong)
    if keep:
        print(f" Tagged records and alerts: {folder}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
