#!/usr/bin/python3
"""mfatigue alerts: an incident a line from files of alerts, chosen by what people ask for; one incident step by step."""

import gzip
import re

from program import *

files = Files()
feed = mfatigue("simulate", "--days", "10", "push_bombing_approved", "own_network", "silent_bombing", "fan_in", "dead_phone").out
raw = mfatigue("replay", feed=feed).out
alerts = [json.loads(line) for line in raw.splitlines()]
whole = files("alerts.json", raw)
framed = files("framed", b"".join(b"<82>1 2026-03-16T08:00:00Z host mfatigue: - - - " + line + b"\n" for line in raw.splitlines()))
packed = files("alerts.json.gz", gzip.compress(raw))


def listed(*arguments, feed=b""):
    return mfatigue("alerts", "-o", "ndjson", *arguments, feed=feed)


def latest():
    """{incident: its last alert}"""
    return {a["mfa"]["incident"]: a for a in alerts}


def the_list():
    result = listed(whole)
    items = {i["incident"]: i for i in result.lines}
    ok("each incident is one line", len(items) == len(result.lines) == len(latest()) >= 4, result)
    wrong = [i for i, item in items.items() if (a := latest()[i]["mfa"]) and
             (item["level"], item["severity"], item["prompts"], item["denied"], item["approved"], item["open"]) !=
             (a["level"], a["severity"], a["prompts"], a["denied"], a["approved"], a["phase"] != "close")]
    ok("it says what its last alert says", not wrong, wrong)
    times = [i["time"] for i in result.lines]
    ok("they come oldest first", times == sorted(times))
    ok("behind a header, packed, from standard input, or twice, it is the same",
       result.out == listed(framed).out == listed(packed).out == listed(feed=raw).out == listed(whole, packed).out == listed("list", whole).out)
    ok("json is an array of the same", json.loads(mfatigue("alerts", "-o", "json", whole).out) == result.lines)
    shuffled = b"\n".join(reversed(raw.splitlines()))
    ok("so it is when lines stand the other way round",
       [(i["incident"], i["level"], i["severity"], i["open"]) for i in listed(feed=shuffled).lines] == [(i["incident"], i["level"], i["severity"], i["open"]) for i in result.lines])
    text = mfatigue("alerts", whole).text.splitlines()
    ok("people see a line for each below a head, in columns", len(text) == len(items) + 1 and
       len({line.index(i["incident"]) for line, i in zip(text[1:], result.lines)}) == 1, "\n".join(text))
    empty = mfatigue("alerts", feed=b"")
    ok("no alert is no mistake", empty.code == OK and "there is no alert" in empty.said, empty)
    odd = mfatigue("alerts", feed=b"hello\n{}\n" + raw)
    ok("lines that are no alerts are counted, and passed over", odd.code == OK and "2 lines are no alert" in odd.said, odd)


def choices():
    items = listed(whole).lines

    def chosen(name, wants, *arguments):
        got = [i["incident"] for i in listed(*arguments, whole).lines]
        wanted = [i["incident"] for i in items if wants(i)]
        ok(name, got == wanted and 0 < len(wanted) < len(items), (got, wanted))

    chosen("--level", lambda i: i["level"] == "anomalous", "--level", "anomalous")
    chosen("--severity", lambda i: i["severity"] == "critical", "--severity", "critical")
    chosen("--user, in any case", lambda i: i["user"] == items[0]["user"], "--user", items[0]["user"].upper())
    chosen("--signal", lambda i: "fan_in" in i["signals"].split(), "--signal", "fan_in")
    cut = raw.splitlines()[:-1]
    running = [i["incident"] for i in listed(feed=b"\n".join(cut)).lines if i["open"]]
    ok("--open", running and [i["incident"] for i in listed("--open", feed=b"\n".join(cut)).lines] == running and listed("--open", whole).out == b"", running)
    chosen("--since", lambda i: i["time"] >= items[-1]["time"], "--since", items[-1]["time"])
    ok("--provider", listed("--provider", "okta", whole).lines == items and listed("--provider", "duo", whole).out == b"")
    ok("--since as an age is counted from now", listed("--since", "1d", whole).out == b"" and listed("--since", "999999d", whole).lines == items)
    ok("--fail-on exits 1 when one that is shown reached it", mfatigue("alerts", "--fail-on", "anomalous", whole).code == FOUND and
       mfatigue("alerts", "--fail-on", "anomalous", "--signal", "fan_in", whole).code == OK)
    for arguments, words in ((["--signal", "fan_on"], 'did you mean "fan_in"'), (["--since", "yesterday"], '"yesterday"'), (["show"], "which incident"),
                             (["--level", "high"], "notice, suspicious, anomalous")):
        result = mfatigue("alerts", *arguments)
        ok(f"{' '.join(arguments)} is refused", result.code == USAGE and words in result.said, result)


def one():
    top = next(i for i in listed(whole).lines if i["severity"] == "critical")
    result = mfatigue("alerts", "show", top["incident"], whole)
    own = [a for a in alerts if a["mfa"]["incident"] == top["incident"]]
    steps = [line for line in result.text.splitlines() if re.match(r"\d\d:\d\d:\d\d  (open|update|close) ", line)]
    ok("show has a line for each alert of it", result.code == OK and len(steps) == len(own) >= 3, result)
    ok("and names user, source, reason and reference", all(w in result.text for w in (own[0]["user"]["name"], own[0]["source"]["ip"], own[-1]["event"]["reason"],
                                                                                      own[0]["rule"]["reference"])), result)
    named = [w[1:] for w in re.findall(r"\+\w+", result.text)]
    ok("each signal is told once, when it first fired", sorted(named) == sorted(own[-1]["mfa"]["signals"]), named)
    ok("as ndjson it is the alerts themselves", mfatigue("alerts", "show", top["incident"], "-o", "ndjson", framed).lines == own)
    ok("as json an array of them", json.loads(mfatigue("alerts", "show", top["incident"], "-o", "json", framed).out) == own)
    none = mfatigue("alerts", "show", "i-none", whole)
    ok("an incident that is not there: exit code 3", none.code == BAD and '"i-none"' in none.said, none)
    bare = dict(own[0], event={"id": "bare"})
    short = mfatigue("alerts", "show", top["incident"], feed=[bare])
    ok("an alert that lacks members is shown as far as it goes", short.code == OK and "after 0 s" in short.text, short)
    bad = "\x1b[31m\u202e\x9bevil"
    evil = {**own[0], "event": {**own[0]["event"], "reason": bad, "id": bad}, "user": {"name": bad}, "rule": {"name": bad, "reference": bad},
            "source": {"ip": bad, "geo": {"country_iso_code": "\x1b\x9b"}},
            "mfa": {**own[0]["mfa"], "incident": bad, "provider": bad, "signals": [bad, "\x07"], "level": bad, "severity": bad, "evidence": [bad]}}
    for arguments in ([], ["list"], ["show", bad], ["-o", "json"]):
        result = mfatigue("alerts", *arguments, feed=[evil])
        ok(f"whatever an alert says does not act on a terminal {arguments[:1]}", "evil" in result.text and not
           any(c in result.text for c in "\x1b\x07\x9b\u202e"), result)
    address = next(i for i in listed(whole).lines if "users" in i)
    row = next(line for line in mfatigue("alerts", whole).text.splitlines() if address["incident"] in line)
    ok("the incident of an address says so", row.endswith(f"{address['incident']}  of an address, {address['users']} users"), row)


the_list()
choices()
one()
done()
