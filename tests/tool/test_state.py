#!/usr/bin/python3
"""mfatigue replay --state: a log in pieces is the whole log; the directory is private, and stays whole. mfatigue state:
looking at it, and forgetting."""

import stat

from program import *

files = Files()


def replay(*arguments, **more):
    return mfatigue("replay", *arguments, **more)


def place(name):
    return files.path / name


# ---- pieces ----


def pieces():
    attack = bombing(prompts=8)
    whole = replay(feed=attack)
    state = place("pieces")
    parts = [replay("--state", str(state), feed=attack[i:i + 3]) for i in range(0, len(attack), 3)]
    ok("a log in pieces gives the alerts of the whole", whole.out != b"" and b"".join(p.out for p in parts) == whole.out,
       parts[-1])
    ok("what was replayed already is not counted again", replay("--state", str(state), feed=attack).out == b"")
    ok("without --state nothing is remembered", replay(feed=attack).out == whole.out)
    ok("a replay without a record leaves the state as it is", replay("--state", str(state), feed=b"").code == OK
       and replay("--state", str(state), feed=attack).out == b"")


# ---- the directory ----


def private():
    state = place("private")
    replay("--state", str(state), feed=bombing(prompts=1))
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [state, *state.iterdir()]}
    ok("the directory is 0700, its files 0600", set(modes.values()) == {0o700, 0o600} and modes["private"] == 0o700, modes)
    ok("no name, no address and no id of the user is in it",
       not any(word in p.read_bytes() for p in state.iterdir() for word in (b"ada@", b"example.com", b"00u1")))
    open_state = place("open")
    replay("--state", str(open_state), feed=bombing(prompts=6))
    ok("the name of an open incident is", b"ada@example.com" in (open_state / "snapshot").read_bytes())


def refused():
    feed = bombing(prompts=1)
    missing = replay("--state", str(place("no") / "such"), feed=feed)
    ok("a directory whose parent is not there is refused", missing.code == IO and "cannot be made" in missing.said, missing)
    world = place("world")
    world.mkdir()
    world.chmod(0o777)
    result = replay("--state", str(world), feed=feed)
    ok("a directory that others may write is refused, and nothing is put in", result.code == IO and "chmod 700" in result.said
       and not any(world.iterdir()), result)
    target, link = place("target"), place("link")
    target.mkdir(mode=0o700)
    link.symlink_to(target)
    result = replay("--state", str(link), feed=feed)
    ok("a symbolic link is refused", result.code == IO and "symbolic link" in result.said and not any(target.iterdir()), result)


def failing():
    state = place("failing")
    replay("--state", str(state), feed=bombing(prompts=2))
    before = (state / "snapshot").read_bytes()
    bad = replay("--state", str(state), "/no/such/file")
    ok("a replay that fails leaves the state as it was", bad.code == IO and (state / "snapshot").read_bytes() == before, bad)
    snapshot = state / "snapshot"
    snapshot.write_bytes(before[:-1])
    cut = replay("--state", str(state), feed=bombing(prompts=2))
    aside = [p for p in state.iterdir() if ".corrupt-" in p.name]
    ok("a damaged snapshot is told of in one line and set aside", cut.code == OK and cut.said.count("snapshot is damaged") == 1
       and len(aside) == 1 and aside[0].read_bytes() == before[:-1], cut)
    ok("and a sound one takes its place", replay("--state", str(state), feed=b"").said.count("damaged") == 0)


# ---- looking at it, and forgetting ----

ADA = "ada@example.com"


def state(*arguments):
    return mfatigue("state", *arguments)


def looked_at():
    where = str(place("looked-at"))
    replay("--state", where, feed=bombing(prompts=6) + bombing("bob@example.com", prompts=1))
    listed = state("list", "--dir", where)
    ok("list has a line a user, with the name where an incident is open", listed.code == OK and listed.out.count(b"\n") == 2
       and listed.out.count(ADA.encode()) == 1 and b"bob" not in listed.out, listed)
    ok("and says on standard error how many", "2  users" in listed.said and "1  open incidents" in listed.said, listed)
    shown = state("show", ADA, "--dir", where)
    ok("show finds a user by the name", shown.code == OK and "open, anomalous, ada@example.com" in shown.text
       and "6 refused" in shown.text, shown)
    ok("also as people write it", state("show", "  ADA@Example.com", "--dir", where).out == shown.out)
    stranger = state("show", "eve@example.com", "--dir", where)
    ok("of somebody else nothing is remembered", stranger.code == BAD and stranger.out == b"" and "eve@example.com" in stranger.said,
       stranger)
    exported = state("export", "--dir", where)
    head, *users = exported.lines
    ok("export is JSON: a head, and an object a user", exported.code == OK and head["users"] == len(users) == 2 and head["sound"]
       and [u["incident"]["name"] for u in users if "incident" in u] == [ADA], exported)
    ok("list -o ndjson is the same objects", state("list", "--dir", where, "-o", "ndjson").lines == users)
    ok("-o json is an array of them", json.loads(state("list", "--dir", where, "-o", "json").out) == users
       and json.loads(state("export", "--dir", where, "-o", "json").out) == [head, *users])
    ok("and one user is an object", json.loads(state("show", ADA, "--dir", where, "-o", "json").out) in users)
    ok("verify says that it is sound", state("verify", "--dir", where).code == OK)
    policy = files("state.json", json.dumps({"state": {"dir": where}}))
    ok("the policy says where it is", state("list", "--policy", policy).out == listed.out)
    ok("looking changes nothing", state("export", "--dir", where).out == exported.out)
    (place("looked-at") / "snapshot").write_bytes((place("looked-at") / "snapshot").read_bytes()[:-9])
    damaged = state("verify", "--dir", where, "-o", "json")
    ok("verify says what is damaged, with exit code 3", damaged.code == BAD and not damaged.lines[0]["sound"]
       and "snapshot is damaged" in damaged.lines[0]["damage"], damaged)
    ok("and leaves it as it is", sorted(p.name for p in place("looked-at").iterdir()) == ["key", "lock", "snapshot"])


def forgotten():
    where = str(place("forgotten"))
    replay("--state", where, feed=bombing(prompts=6) + bombing("bob@example.com", prompts=1))
    result = state("forget", ADA, "--dir", where)
    ok("forget forgets", result.code == OK and state("show", ADA, "--dir", where).code == BAD, result)
    ok("the others stay", len(state("list", "--dir", where, "-o", "ndjson").lines) == 1)
    ok("and the name is in no file", not any(b"ada@" in p.read_bytes() for p in place("forgotten").iterdir()))
    ok("who is not known cannot be forgotten", state("forget", ADA, "--dir", where).code == BAD)
    none = state("forget", ADA, "--dir", str(place("nowhere")))
    ok("where there is no state none is made", none.code == IO and not place("nowhere").exists(), none)
    ok("the directory must be said", state("list").code == USAGE)
    ok("a relative one of a policy is below the usual workDirectory", "/var/spool/rsyslog/no-such" in state(
        "list", "--policy", files("relative.json", '{"state": {"dir": "no-such"}}')).said)


pieces()
private()
refused()
failing()
looked_at()
forgotten()
done()
