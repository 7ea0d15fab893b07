#!/usr/bin/python3
"""Whatever stands in a record, what comes out of every command is one line a line, acts on no terminal, and, where it is
JSON, is parsed back to what came in."""

import re
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / "tool")]
from nasty import NASTY, acting
from program import *

PUSH, DENY = "system.push.send_factor_verify_push", "user.mfa.okta_verify.deny_push"


def dress(record, text, name):
    """The text in every field that is only told, never judged by."""
    record["uuid"] = f"{text}-{name}-{record['uuid']}"
    record["transaction"] = {"id": text + record["transaction"]["id"]}
    record["actor"] |= {"id": text, "displayName": text}
    record["displayMessage"] = text
    record["client"] |= {"device": text, "userAgent": {"rawUserAgent": text, "os": text, "browser": text},
                         "geographicalContext": {"city": text, "country": text, "state": text}}
    record["securityContext"] = {"asOrg": text, "isp": text, "asNumber": 64500}
    record["outcome"]["reason"] = text
    record["authenticationContext"] = {"externalSessionId": text}
    return record


def attack(user, text, at):
    """Refused prompts, a fraud report and a login: alerts, and something to say in each command."""
    kinds = [PUSH, DENY] * 4
    records = [okta(kind, user, at + 20 * i) for i, kind in enumerate(kinds)]
    records += [fraud(user, at + 200), okta("user.session.start", user, at + 210), okta("user." + text, user, at + 220)]
    return [dress(record, text, user.split("@")[0]) for record in records]


def feed_of():
    records = []
    for i, text in enumerate(NASTY.values()):
        records += attack(f"plain{i}@example.com", text, 600 * i)
        records += attack(f"{text}{i}@example.com", text, 600 * i + 300)
    return lines(records)


feed, files = feed_of(), Files()
texts = set(NASTY.values())


def strings(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def is_clean(name, out):
    """Strictly UTF-8 and nothing in it acts."""
    try:
        found = acting(out.decode())
    except UnicodeDecodeError as error:
        found = [str(error)]
    ok(f"{name}: nothing acts on a terminal", found == [], found)


def is_json(name, result):
    """One document a line, and none that the feed made up."""
    try:
        documents = result.lines
    except ValueError as error:
        ok(f"{name}: each line is JSON", False, error)
        return []
    ok(f"{name}: each line is JSON, and none is forged", documents and not any("forged" in d for d in documents), result)
    return documents


def texts_come_back():
    """Cut texts are beginnings."""
    told = is_json("normalize", mfatigue("normalize", feed=feed))
    for name, text in NASTY.items():
        mine = [d for d in told if str(d.get("user", "")).startswith(f"plain{list(NASTY).index(name)}@")]
        seen = {v for d in mine for v in strings(d) if v}
        ok(f"normalize gives back {name}", any(v == text or (len(v) > 20 and text.startswith(v)) for v in seen), sorted(seen)[:40])

    alerts = is_json("replay", mfatigue("replay", feed=feed))
    uuids = {json.loads(line)["uuid"].replace("\0", "\x1a") for line in feed.splitlines()}
    evidence = {e for a in alerts for e in a["mfa"]["evidence"]}
    wrong = [e for e in evidence if e not in uuids and not (len(e) > 20 and any(u.startswith(e) for u in uuids))]
    ok("the ids in alerts are those of the records, or beginnings of long ones", evidence and not wrong, wrong[:5])
    for i, (name, text) in enumerate(NASTY.items()):
        mine = [a for a in alerts if a["user"]["name"] == f"plain{i}@example.com"]
        ok(f"an attack whose records hold {name} is told", len(mine) >= 1, mine)
    names = {a["user"]["name"] for a in alerts}
    expected = {f"{t}{i}@example.com".lower() for i, t in enumerate(NASTY.values())} | {f"plain{i}@example.com" for i in range(len(NASTY))}
    ok("no user is alerted about who is in no record", {n.lower() for n in names} <= expected, names - expected)
    ok("no control character is in a user's name", not any(ord(c) < 32 or ord(c) == 127 for n in names for c in n), names)


def every_command():
    alerts = mfatigue("replay", feed=feed)
    is_clean("replay", alerts.out)
    is_clean("replay, what it says", alerts.err)
    commands = {
        "normalize": (["normalize"], feed), "replay --verdicts": (["replay", "--verdicts"], feed),
        "normalize -o human": (["normalize", "-o", "human"], feed), "replay -o human": (["replay", "-o", "human", "--verdicts"], feed),
        "explain --all": (["explain", "--all", "--user", "plain3@example.com"], feed),
        "explain -o ndjson": (["explain", "-o", "ndjson", "--user", "plain3@example.com"], feed),
        "coverage": (["coverage"], feed), "coverage -o ndjson": (["coverage", "-o", "ndjson"], feed),
        "tune": (["tune"], feed), "tune -o ndjson": (["tune", "-o", "ndjson"], feed),
        "alerts": (["alerts"], alerts.out), "alerts -o ndjson": (["alerts", "-o", "ndjson"], alerts.out),
        "alerts show": (["alerts", "show", alerts.lines[0]["mfa"]["incident"]], alerts.out),
    }
    for name, (arguments, given) in commands.items():
        result = mfatigue(*arguments, feed=given)
        ok(f"{name} has something to say", len(result.out) > 50, result)
        is_clean(name, result.out)
        is_clean(f"{name}, what it says beside", result.err)
        if "json" in name:
            is_json(name, result)
    for number in (1, 5, 9):
        result = mfatigue("explain", "--all", "--record", str(number), feed=feed)
        is_clean(f"explain --record {number}", result.out)


def on_a_terminal():
    """With colours: the only escapes are ours."""
    feed = lines(attack(f"{NASTY['what has no width']}@example.com", "".join(t[:12] for t in NASTY.values()), 0)[-4:])  # less than a pipe holds
    user = json.loads(feed.splitlines()[0])["actor"]["alternateId"]
    for arguments in (["replay"], ["normalize"], ["explain", "--user", user], ["coverage"], ["alerts"]):
        given = mfatigue("replay", feed=feed).out if arguments == ["alerts"] else feed
        got = on_terminal(*arguments, streams=("stdout", "stderr"), feed=given).decode(errors="replace")
        own = re.sub(r"\x1b\[[0-9;]*[mK]", "", got).replace("\r\n", "\n").replace("\r", "")
        ok(f"{arguments[0]} on a terminal: no escapes but colours", acting(own) == [], acting(own))


def in_names_of_files():
    for name in ("a line of its own", "an escape sequence", "a text turned around"):
        path = files.path / NASTY[name].replace("/", "_").replace("\0", "")
        path.write_bytes(b"{\"eventType\":1}\n")
        for arguments in (["normalize", str(path)], ["check", "--policy", str(path)], ["alerts", str(path)], ["explain", str(path)]):
            result = mfatigue(*arguments)
            is_clean(f"{arguments[0]} of a file called {name}", result.out + result.err)




texts_come_back()
every_command()
on_a_terminal()
in_names_of_files()
done()
