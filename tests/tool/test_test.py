#!/usr/bin/python3
"""mfatigue test: what is as expected passes, what is not is told, and a wrong expectation is a mistake with its line; TAP, JUnit, JSON."""

import xml.etree.ElementTree as xml

from program import *

files = Files()
USER = "ada@example.com"
RIGHT = [{"user": USER, "level": "anomalous", "severity": "high", "signals": ["refused_burst", "prompt_burst"], "open": 1, "update": [0, 2],
          "close": 0, "by": {"suspicious": {"denied": 4}}}]


def case(expectations, records=None, name="case", folder="cases"):
    (files.path / folder).mkdir(exist_ok=True)
    for path in (files.path / folder).iterdir():
        path.unlink()
    files(f"{folder}/{name}.jsonl", records or bombing(USER, prompts=11))
    files(f"{folder}/{name}.expect", expectations)
    return str(files.path / folder)


def judge(expectations, *arguments, **more):
    return mfatigue("test", *arguments, case(expectations, **more))


def users():
    good = judge(RIGHT)
    ok("what is as expected passes", good.code == OK and "1 case: 2 promises held, 0 failed" in good.text, good)
    for name, change, words in (
            ("level", {"level": "notice"}, "level is anomalous, not notice"), ("severity", {"severity": "critical"}, "severity is high, not critical"),
            ("signal", {"signals": ["fan_in"]}, "fan_in did not fire"), ("alerts", {"open": 2}, "1 alerts of phase open, not 2"),
            ("range", {"update": [7, 9]}, "not 7 at least"), ("by", {"by": {"suspicious": {"denied": 1}}}, "denied, not by 1"),
            ("before", {"before": "normal"}, "level before the approval is anomalous"), ("approval", {"approval": "critical"}, "severity at the approval is none"),
            ("never", {"by": {"anomalous": {"prompts": 0}}}, "prompts, not by 0")):
        bad = judge([{**RIGHT[0], **change}])
        ok(f"a wrong {name} fails, and says what it is", bad.code == FOUND and words in bad.text, bad)
    ok("only what is written is asked", judge([{"user": USER, "open": 1}]).code == OK)
    ok("nobody else may be loud", "level is anomalous, not normal" in judge([{"user": "bob@example.com", "level": "normal"}]).text)
    ok("unless * allows it", judge([{"user": "*", "level": "anomalous"}]).code == OK)
    closed = bombing(USER, prompts=11) + [push("eve@example.com", 9000)]
    ok("totals are those of the close", judge([{"user": USER, "totals": {"denied": 11}}], records=closed).code == OK)
    wrong = judge([{"user": USER, "totals": {"denied": 10}}], records=closed)
    ok("wrong totals are told", "denied in the close is 11, not 10" in wrong.text, wrong)
    unread = judge([{"user": USER, "level": "normal"}], records=[push(USER), okta("no.such.event", USER)])
    ok("a record that is not judged is told", unread.code == FOUND and "record 2 is not judged: unmapped" in unread.text, unread)
    files("cases/case.expect", [{"record": 1, "kind": "mfa_challenge"}, {"record": 2, "skip": "unmapped"}, {"user": USER, "level": "normal"}])
    ok("unless that is expected of it", mfatigue("test", str(files.path / "cases")).code == OK)


def readings():
    records = [push(USER), okta("no.such.event", USER)]
    ok("records that are read as expected", judge([{"record": 1, "kind": "mfa_challenge", "user": USER, "prompts": 1, "session": None},
                                                   {"record": 2, "skip": "unmapped", "unmapped": "no.such.event:SUCCESS"}], records=records).code == OK,
       judge([{"record": 1, "kind": "mfa_challenge"}, {"record": 2, "skip": "unmapped", "unmapped": "no.such.event:SUCCESS"}], records=records))
    for name, wanted, words in (
            ("another value", [{"record": 1, "kind": "mfa_denied"}, {"record": 2, "skip": "unmapped"}], "record 1: kind is mfa_challenge, not mfa_denied (line 1)"),
            ("a value that should not be there", [{"record": 1, "user": None}, {"record": 2, "skip": "unmapped"}], f"user is {USER}, not absent"),
            ("an event too few", [{"record": 1}, {"record": 1}, {"record": 2, "skip": "unmapped"}], "the event of line 2 did not come"),
            ("an event too many", [{"record": 1}], "record 2: one more event than expected: unmapped"),
            ("a record that is not there", [{"record": 1}, {"record": 2}, {"record": 3}], "there is no record 3")):
        bad = judge(wanted, records=records)
        ok(f"{name} is told", bad.code == FOUND and words in bad.text, bad)


def policies():
    quiet = {"signals": {"refused_burst": {"enabled": False}, "prompt_burst": {"enabled": False}, "slow_drip": {"enabled": False}}}
    path = case([{"policy": "own.json"}, {"user": USER, "level": "normal"}])
    files("cases/own.json", json.dumps(quiet))
    ok("a case names its policy, beside it", mfatigue("test", path).code == OK, mfatigue("test", path))
    path = case([{"user": USER, "level": "normal"}])
    ok("one that names none takes that of the command line", mfatigue("test", "--policy", files("quiet.json", json.dumps(quiet)), path).code == OK)
    case(RIGHT, name="other")
    files("cases/first.jsonl", [push(USER)])
    files("cases/first.expect", [{"user": USER, "level": "notice"}])
    ok("--only chooses by name", mfatigue("test", "--only", "oth", path).code == OK and mfatigue("test", path).code == FOUND)


def formats():
    wanted = [RIGHT[0], {"user": "eve@example.com", "signals": ["fan_in"]}]
    tap = judge(wanted, "-o", "tap")
    ok("TAP counts and tells", tap.code == FOUND and tap.text.splitlines()[:2] == ["TAP version 13", "1..3"] and "\nok 2 - case: ada@example.com is anomalous, high\n" in tap.text
       and "\nnot ok 3 - case: eve@example.com is as expected\n#   fan_in did not fire\n" in tap.text, tap)
    suites = xml.fromstring(judge(wanted, "-o", "junit").out)
    cases = suites.findall("./testsuite/testcase")
    ok("JUnit is XML with the same", suites.get("tests") == "3" and suites.get("failures") == "1" and len(cases) == 3 and
       [c.find("failure").get("message") for c in cases if c.find("failure") is not None] == ["fan_in did not fire"], judge(wanted, "-o", "junit"))
    items = judge(wanted, "-o", "ndjson").lines
    ok("so has JSON", [i["held"] for i in items] == [True, True, False] and items[2]["detail"] == "fan_in did not fire", items)
    evil = "<&\"'>\x1b\u202e@example.com"
    odd = judge([{"user": evil, "level": "notice"}], "-o", "junit")
    ok("whatever a name holds, JUnit is XML", xml.fromstring(odd.out) is not None and b"\x1b" not in odd.out, odd)
    ok("and a terminal sees no escape", b"\x1b" not in judge([{"user": evil, "level": "notice"}]).out)
    ok("nor does it in TAP", b"\x1b" not in judge([{"user": evil, "level": "notice"}], "-o", "tap").out)


def mistakes():
    for name, text, words in (
            ("no JSON", "hello\n", ":1: "), ("an unknown member", '{"user":"a","levle":"normal"}\n', '"levle"'), ("an unknown level", '{"user":"a","level":"high"}\n', '"high"'),
            ("an unknown signal", '\n{"user":"a","signals":["x"]}\n', ':2: there is no signal "x"'), ("an unknown count", '{"user":"a","totals":{"x":1}}\n', '"x"'),
            ("neither record nor user", "{}\n", "policy"), ("records out of order", '{"record":2}\n{"record":1}\n', ":2: "),
            ("a record that is no number", '{"record":"one"}\n', ":1: "), ("a wrong range", '{"user":"a","open":[1]}\n', "[least, most]")):
        result = judge(text)
        ok(f"{name} is a mistake with its line", result.code == BAD and "case.expect" in result.said and words in result.said, result)
    empty = files.path / "empty"
    empty.mkdir()
    ok("a directory without a case", mfatigue("test", str(empty)).code == BAD)
    ok("no directory", (r := mfatigue("test")).code == USAGE and "which directory" in r.said, r)
    ok("one that is not there", mfatigue("test", "/nowhere").code == IO)
    files("cases/alone.jsonl", [push()])
    ok("records without expectations", (r := mfatigue("test", str(files.path / "cases"))).code == BAD and "alone.expect" in r.said, r)


users()
readings()
policies()
formats()
mistakes()
done()
