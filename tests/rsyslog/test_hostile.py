#!/usr/bin/python3
"""Texts and records made to do harm, through a running rsyslogd, with both settings of variables.caseSensitive: messages
pass byte for byte, tags and alerts are one line each and parse back to what came in, and no second reading of a record
names another user."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hostile"))
from daemon import *
from nasty import NASTY, acting


def dressed(user, text, number):
    """A fraud report with the text wherever it is only told."""
    record = json.loads(fraud(user))
    record["uuid"] = f"{number}-{text}"
    record["actor"] |= {"id": text, "displayName": text}
    record["outcome"]["reason"] = text
    record["client"] |= {"device": text, "userAgent": {"rawUserAgent": text}}
    record["client"]["geographicalContext"] |= {"city": text}
    record["debugContext"]["debugData"] |= {"factor": text}
    return json.dumps(record, separators=(",", ":"))


def user_of(record, *old_and_new):
    """The record with pieces of its text replaced."""
    for old, new in old_and_new:
        assert old in record
        record = record.replace(old, new, 1)
    return record


def second_readings():
    """name: (message, who may be judged: a name, or None for nobody)."""
    whole = fraud("good@example.com")
    actor = '"actor":{"id":"00uevil","type":"User","alternateId":"evil@example.com","displayName":"evil"}'
    return {
        "a second actor": (whole[:-1] + "," + actor + "}", None),
        "an Actor before the actor": ("{" + actor.replace('"actor"', '"Actor"') + "," + whole[1:], None),
        "an ACTOR behind the actor": (whole[:-1] + "," + actor.replace('"actor"', '"ACTOR"') + "}", None),
        "an AlternateID beside": (user_of(whole, ('"alternateId":', '"AlternateID":"evil@example.com","alternateId":')), None),
        "a second alternateId": (user_of(whole, ('"alternateId":', '"alternateId":"evil@example.com","alternateId":')), None),
        "an alternateId in escapes": (user_of(whole, ('"alternateId":', '"alternateI\\u0064":"evil@example.com","alternateId":')), None),
        "a key with a NUL": (user_of(whole, ('"alternateId":', '"alternateId\\u0000x":"evil@example.com","alternateId":')), "good@example.com"),
        "a user with a NUL": (whole.replace("good@example.com", "good@example.com\\u0000.evil"), None),
        "an overlong slash": (whole.encode().replace(b"good@example.com", b"good\xc0\xaf@example.com"), None),
        "an overlong NUL": (whole.encode().replace(b"good@example.com", b"good@example.com\xc0\x80"), None),
        "a surrogate in UTF-8": (whole.encode().replace(b"good@example.com", b"good\xed\xa0\x80@example.com"), None),
        "two documents": (whole + whole, None),
        "a comment": (whole[:-1] + "/* */}", None),
        "a trailing comma": (whole[:-1] + ",}", None),
        "an eventType twice": (whole[:-1] + ',"eventType":"user.session.end"}', None),
        "an EVENTTYPE beside": (whole[:-1] + ',"EVENTTYPE":"user.session.end"}', None),
    }


def with_case(case):
    setting = f'variables.caseSensitive="{case}" parser.escapeControlCharactersOnReceive="off"'
    with Daemon(config(globals=setting), policy=NO_CAP) as daemon:
        texts = list(NASTY.items())
        messages = [dressed(f"user{i}@example.com", text, i) for i, (_, text) in enumerate(texts)]
        daemon.send(messages)
        lines = daemon.wait_for("out", len(messages))
        alerts = daemon.wait_for("alerts", len(messages))
        ok(f"{case}: messages pass byte for byte", [l.rsplit("\t", 1)[0] for l in lines] == messages)
        ok(f"{case}: a tag is one line of JSON", all(t and t["status"] == "judged" for t in daemon.tags()), daemon.tags()[:3])
        # not splitlines(): rsyslogd writes the tree itself, with separators such as U+2028 as they are
        documents = [(json.loads(msg), json.loads(tree)) for msg, tree in (a.split("\t")[4:6] for a in daemon.text("alerts").split("\n")[:-1])]
        ok(f"{case}: in the message of an alert nothing acts, on a terminal or on who splits lines", acting("".join(
            a.split("\t")[4] for a in daemon.text("alerts").split("\n")[:-1])) == [])
        told = {a["user"]["name"]: a for a, _ in documents if a["mfa"]["phase"] == "open"}
        trees = {t["user"]["name"]: t for a, t in documents if a["mfa"]["phase"] == "open"}
        ok(f"{case}: each is an incident of its own, told on one line", len(told) == len(messages), (len(told), len(documents)))
        for i, (name, text) in enumerate(texts):
            alert = told.get(f"user{i}@example.com")
            want = f"{i}-{text}".replace("\0", "\x1a")
            seen = alert["mfa"]["evidence"][0] if alert else None
            ok(f"{case}: {name} comes back from the alert", seen is not None and (seen == want or (len(seen) > 20 and want.startswith(seen))), alert)
            ok(f"{case}: {name} comes back from the alert's tree", trees.get(f"user{i}@example.com") == alert, trees.get(f"user{i}@example.com"))

        for name, (message, judged) in second_readings().items():
            before = len(daemon.lines("out"))
            daemon.send([message])
            daemon.wait_for("out", before + 1)
            tag = daemon.tags()[before]
            ok(f"{case}: {name}: {'only whom JSON names is judged' if judged else 'nobody is judged'}",
               tag.get("user") == judged and (tag["status"] == "judged") == (judged is not None), tag)
        daemon.wait_stats(lambda s: s["skipped_duplicate_key"] >= 4 and s["skipped_bad_utf8"] >= 3, "the counters")
        ok(f"{case}: nobody invented has an alert", "evil@" not in daemon.text("alerts") and '"good' in daemon.text("alerts"))
        ok(f"{case}: counters are one line of JSON", all(json.loads(l[l.index("{"):]) for l in daemon.lines("stats") if "mmfatigue" in l and l.endswith("}")))
        ok(f"{case}: rsyslogd ends well", daemon.stop() == 0, daemon.text("stderr"))


def sizes():
    """Around the limits that rsyslog and we have, and an object of 20,000 members: judged or refused, never changed."""
    with Daemon(config(size="1m")) as daemon:
        lengths = [8191, 8192, 8193, 65535, 65536, 65537, 1000000]
        messages = [prompt(f"long{n}@example.com", padding="") for n in lengths]
        messages = [m.replace('"padding":""', '"padding":"' + "x" * (n - len(m)) + '"') for m, n in zip(messages, lengths)]
        many = "{" + ",".join(f'"member{i}":"value"' for i in range(20000)) + "," + prompt("many@example.com")[1:]
        daemon.send([*messages, many])
        daemon.wait_for("out", len(messages) + 1)
        tags = daemon.tags()
        for n, tag, line, message in zip(lengths, tags, daemon.lines("out"), messages):
            ok(f"a record of {n} bytes is judged and passes unchanged", tag and tag["status"] == "judged" and tag["user"] == f"long{n}@example.com"
               and len(message) == n and line.rsplit("\t", 1)[0] == message, tag)
        ok("an object of 20,000 members is counted by name, and judges nobody", tags[-1] == {"status": "too_many_nodes"}, tags[-1])
        ok("rsyslogd ends well after them", daemon.stop() == 0)


run(sizes, lambda: with_case("off"), lambda: with_case("on"))
