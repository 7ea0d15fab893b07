#!/usr/bin/python3
"""mfatigue profile: what profiles can say; a new one on samples; and the in-house provider of docs/write-a-profile.md, as it stands there."""

import re

from program import *

files = Files()
GUIDE = (TOP / "docs/write-a-profile.md").read_text()


def lists():
    there = sorted(p.stem for p in (TOP / "profiles").glob("*.json"))
    listed = mfatigue("profile", "list", "-o", "ndjson", "--profile-dir", str(TOP / "profiles")).lines
    ok("list names every profile", sorted(p["profile"] for p in listed) == there, listed)
    ok("each has kinds, factors, and a provider", all(p["kinds"] and p["idp"] and p["version"] == 1 for p in listed), listed)
    silent = [p["profile"] for p in listed if "mfa_denied" not in p["kinds"] + p["cannot"] + p["partly"]]
    ok("each can tell a refusal, or says that it cannot", not silent, silent)
    both = [p["profile"] for p in listed if set(p["kinds"]) & set(p["cannot"])]
    ok("none can tell what it cannot", not both, both)
    text = mfatigue("profile", "list", "--profile-dir", str(TOP / "profiles")).text
    ok("for people: with the reason", all(f"{name}  idp " in text for name in there) and "Keycloak has no push" in " ".join(text.split()), text)
    policy = files("policy.json", b'{"profiles": ["duo"]}')
    ok("a policy restricts the list", [p["profile"] for p in mfatigue(
        "profile", "list", "-o", "ndjson", "--policy", policy, "--profile-dir", str(TOP / "profiles")).lines] == ["duo"])


def block(words):
    """The code block of the guide that begins with these words."""
    return re.search(r"```\n(" + re.escape(words) + r".*?)```", GUIDE, re.S).group(1)


def guide():
    log = files("gatehouse.log", block("2026-03-02T09:14:37Z gate").encode())
    profile = files("gatehouse.json", block('{\n  "profile": "gatehouse"').encode())
    first = mfatigue("profile", "test", profile, log)
    ok("the guide: its profile reads its log", first.code == OK and [e.get("kind", e.get("skip")) for e in first.lines] == [
        "mfa_challenge", "mfa_denied", "mfa_timeout", "mfa_success", "mfa_failed", "ignore", "unmapped"], first)
    ok("the guide: the summary names what no rule knows", "coffee-empty" in first.said and "7 records" in first.said, first)
    ok("the guide: a domain is taken off, a port too", {(e["user"], e["source"]) for e in first.lines if "kind" in e} == {
        ("ada", "198.51.100.7"), ("guest", "192.0.2.9")}, first)
    table = mfatigue("profile", "test", "-o", "human", profile, log)
    rows = table.text.splitlines()
    ok("for people events are rows below a head", len(rows) == 8 and rows[0].split()[:3] == ["record", "time", "user"]
       and rows[7].startswith('     7  no event: unmapped "') and table.said == first.said, table)
    ok("as json they are one array", json.loads(mfatigue("profile", "test", "-o", "json", profile, log).out) == first.lines)
    files("gatehouse.expect", block('{"record": 1, "kind": "mfa_challenge", "user": "ada"').encode())
    second = mfatigue("profile", "test", profile, log)
    ok("the guide: it comes out as expected", second.code == OK and second.text.count("\nok ") + second.text.startswith("ok ") == 7 and "1..7" in second.text, second)
    small = files("acme.json", block('{\n  "profile": "acme"').encode())
    record = b'{"source": "acme.login.v2", "when": "2026-03-02T09:14:37Z", "account": {"mail": "Ada@example.com"}, "event": "answered", "answer": "no"}'
    told = mfatigue("profile", "test", small, files("one.jsonl", record)).lines
    ok("the guide: the small profile reads", [(e.get("kind"), e.get("user")) for e in told] == [("mfa_denied", "ada@example.com")], told)


def tries():
    profile, log = str(files.path / "gatehouse.json"), str(files.path / "gatehouse.log")
    files("gatehouse.expect", b'{"record": 1, "kind": "mfa_denied"}\n{"record": 9, "kind": "risk"}\n')
    wrong = mfatigue("profile", "test", profile, log)
    ok("what came out otherwise fails", wrong.code == FOUND and "not ok 1 " in wrong.text and "kind is mfa_challenge, not mfa_denied (line 1)" in wrong.text, wrong)
    ok("so does an event too many", "record 2: one more event than expected: mfa_denied" in wrong.text, wrong)
    ok("and an expectation of nothing", "records that are not there" in wrong.text, wrong)
    files("gatehouse.expect", b'{"record": 1, "kindd": "mfa_denied"}\n')
    ok("a mistake in the expectation is told with its line", "gatehouse.expect:1" in mfatigue("profile", "test", profile, log).said or
       mfatigue("profile", "test", profile, log).code != OK)
    broken = files("broken.json", b'{"profile": "broken", "version": 1, "idp": "x",\n "markers": ["aaaa"], "matc": {}}')
    told = mfatigue("profile", "test", broken, log)
    ok("a mistake in the profile, with file, line and column", told.code == BAD and "broken.json:2:" in told.said and 'did you mean "match"' in told.said, told)
    ok("a profile is NAME.json", mfatigue("profile", "test", log, log).code == USAGE)
    ok("samples are needed", mfatigue("profile", "test", profile).code == USAGE)
    ok("a word that is none", mfatigue("profile", "lits").code == USAGE)
    ok("a file that is not there", mfatigue("profile", "test", profile, "/nowhere.log").code == IO)
    files("gatehouse.expect", b'')
    evil = files("evil.log", b'2026-03-02T09:14:37Z gate[1]: \xe2\x80\xaex\x7f login="a" ref=1\n')
    told = mfatigue("profile", "test", profile, evil)
    ok("nothing reaches the terminal as it is", "\u202e" not in told.text + told.said and "\x7f" not in told.text + told.said, told)


def zones():
    log = str(files.path / "local.log")
    files("local.log", (TOP / "tests/samples/keycloak/text.jsonl").read_bytes().splitlines()[1] + b"\n")

    def time_in(zone):
        policy = files("zones.json", json.dumps({"profiles": ["keycloak"], "zones": [zone]} if zone else {}).encode())
        told = mfatigue("replay", "--verdicts", "--policy", policy, "--profile-dir", str(TOP / "profiles"), log)
        return told.lines[0].get("time") if told.code == OK and told.lines else told.said

    ok("local time is read as UTC", time_in(None) == "2026-03-02T09:14:37.412Z", time_in(None))
    ok("or in the zone that the policy says", time_in("keycloak=+02:00") == "2026-03-02T07:14:37.412Z", time_in("keycloak=+02:00"))
    if Path("/usr/share/zoneinfo/America/New_York").exists():
        ok("or that it names", time_in("keycloak=America/New_York") == "2026-03-02T14:14:37.412Z", time_in("keycloak=America/New_York"))
    ok("a zone that is none", "is no time zone" in time_in("keycloak=Moon/Tycho"))
    ok("a profile that is none", 'no profile "keyclock"' in time_in("keyclock=Z"))
    ok("no zone at all", "accepted: " in time_in("keycloak"))


lists()
guide()
zones()
tries()
done()
