#!/usr/bin/python3
"""A daemon that begins with what `mfatigue learn` made of history knows people on its first record; and coverage looks into what a
running daemon remembers."""

from daemon import *

PROGRAM = str(BUILD / "mfatigue")


def mfatigue(*arguments, feed=None):
    return subprocess.run([PROGRAM, *arguments], input=feed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)


def history(days_ago):
    """Three weeks of forty people that end so many days ago, and then one of them abroad, now."""
    start = (datetime.now(timezone.utc) - timedelta(days=21 + days_ago)).strftime("%Y-%m-%dT00:00:00Z")
    past = mfatigue("simulate", "--days", "21", "--users", "40", "--start", start).stdout
    user = json.loads(past.splitlines()[0])["actor"]["alternateId"]
    story = mfatigue("simulate", "--days", "0", "--users", "0", "--prompts", "4", "--start", datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "push_bombing").stdout
    victim = json.loads(story.splitlines()[0])["actor"]["alternateId"]
    return past, story.replace(victim.encode(), user.encode()), user


def learned():
    past, attack, user = history(1)
    seen = {}
    for knows in (False, True):
        with Daemon(config(), policy='{"state": {"dir": "learned"}}') as daemon:
            daemon.stop()
            (daemon.dir / "port").unlink()
            shutil.rmtree(daemon.dir / "learned", ignore_errors=True)
            if knows:
                result = mfatigue("learn", "--profile-dir", f"{TOP}/profiles", "--state", str(daemon.dir / "learned"), feed=past)
                ok("history is learned", result.returncode == 0, result)
            daemon.start()
            daemon.send(attack.splitlines())
            daemon.wait_for("out", len(attack.splitlines()))
            tags = [t for t in daemon.tags() if t and t.get("user") == user]
            seen[knows] = {s for t in tags for s in t.get("signals", "").split()}
            if knows:
                until(lambda: daemon.lines("alerts"), "an alert")
                alert = json.loads(daemon.alerts()[0]["msg"])
                ok("the first alert of a daemon that learned knows the user's history", alert["mfa"]["baseline"]["history_days"] >= 15, alert["mfa"]["baseline"])
                said = mfatigue("coverage", "--profile-dir", f"{TOP}/profiles", "--state", str(daemon.dir / "learned"), "-o", "ndjson")
                feed = json.loads(said.stdout.splitlines()[0])
                ok("coverage looks into the state of the running daemon", feed["feed"] == "okta" and "refusals" in feed["carries"] and "no_login" in feed["works"], said)
    ok("a country that is new for the user is one only for who learned", "new_source" in seen[True] - seen[False], seen)


run(learned)
