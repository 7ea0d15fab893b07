#!/usr/bin/python3
"""mfatigue coverage: per feed what comes, and which signals it supports; why not, and what to turn on; what went wrong on the way."""

import re

from program import *

files = Files()
# each with people of its own: a login at one provider explains a prompt at another
MADE = {name: files(name, mfatigue("simulate", "--profile", name, "--domain", f"{name}.exercise.example", "all").out) for name in ("okta", "entra", "duo")}


def cover(*arguments, feed=b""):
    """({feed: object}, {profile: object}, the rest, result)"""
    result = mfatigue("coverage", "-o", "ndjson", *arguments, feed=feed)
    feeds = {item["feed"]: item for item in result.lines if "feed" in item}
    readers = {item["profile"]: item for item in result.lines if "profile" in item and "feed" not in item}
    return feeds, readers, next((item for item in result.lines if "skipped" in item), {}), result


def logs(keep):
    """The records of Okta's made-up feed that are kept, changed in place if need be."""
    return [r for r in map(json.loads, Path(MADE["okta"]).read_text().splitlines()) if keep(r)]


def support():
    feeds, _, _, result = cover(MADE["okta"], MADE["duo"], MADE["entra"])
    ok("each feed has an object", set(feeds) == {"okta", "duo", "entra"} and result.code == OK, result)
    every = {s for s in feeds["okta"]["works"] + feeds["okta"]["blind"] + feeds["okta"]["degraded"] + feeds["okta"]["unproven"] + feeds["okta"]["off"]}
    source = {m for p in (TOP / "src/judge/signals").glob("*.c") for m in re.findall(r"^const struct mf_signal mf_signal_(\w+) = ", p.read_text(), re.M)}
    ok("each signal has one verdict", every == source, every ^ source)
    listed = set(re.findall(r'\{"(\w+)",', (TOP / "tool/coverage_verdict.c").read_text().split("signals[] = {")[1].split("};")[0]))
    ok("the needs of each signal are written down", listed == source, listed ^ source)
    ok("Okta supports what counts prompts, outcomes, sources and sessions",
       {"prompt_burst", "refused_burst", "new_source", "impossible_travel", "no_login", "no_session", "spray_then_prompt"} <= set(feeds["okta"]["works"]), feeds["okta"])
    ok("Duo, which sees no password and tells no coordinates, is blind for what needs them",
       {"no_login", "spray_then_prompt", "impossible_travel"} <= set(feeds["duo"]["blind"]), feeds["duo"]["blind"])
    ok("and says what to do", "provider in front of it" in feeds["duo"]["missing"]["passwords"]["do"] and "geo.city" in feeds["duo"]["missing"]["coordinates"]["do"], feeds["duo"]["missing"])
    ok("a field that is never there degrades what it would help", "new_source" in feeds["duo"]["degraded"] and feeds["duo"]["fields"]["asn"] == 0, feeds["duo"]["degraded"])
    text = mfatigue("coverage", MADE["duo"]).text
    ok("people read the same", re.search(r"^  blind    .*impossible_travel", text, re.M) and "do:  Duo names city and country only" in text, text)
    ok("a row of blocks shows when events came", re.search(r"^  events +[\d,]+  [ ▁▂▃▄▅▆▇█]{20,}$", text, re.M), text)
    said = feeds["okta"]
    read = [r for r in mfatigue("normalize", MADE["okta"]).lines if "kind" in r]
    ok("kinds are counted as they are read", all(said["kinds"][k] == sum(r["kind"] == k for r in read) for k in said["kinds"]) and said["events"] == len(read), said["kinds"])
    ok("so are outcomes by factor", said["outcomes"]["push"]["mfa_denied"] == sum(r["kind"] == "mfa_denied" and r.get("factor") == "push" for r in read), said["outcomes"])


def what_is_missing():
    """Take something away, and the signals that need it go blind."""
    for name, keep, blind in (
            ("refusals", lambda r: not (r["outcome"]["result"] == "FAILURE" and "VERIFY_PUSH" in json.dumps(r["debugContext"])), {"refused_burst", "approved_after_refusals"}),
            ("sessions", lambda r: r["eventType"] != "user.session.start", {"no_session"}),
            ("logins", lambda r: "PASSWORD" not in json.dumps(r["debugContext"]) and r["eventType"] != "user.session.start", {"no_login", "spray_then_prompt"}),
            ("prompts", lambda r: not r["eventType"].startswith("system."), {"prompt_burst", "unanswered_burst"})):
        feeds, _, _, result = cover(feed=logs(keep))
        ok(f"without {name}: {' '.join(sorted(blind))} blind", blind <= set(feeds["okta"]["blind"]), result)
        ok(f"without {name}: it says what to forward", all(m.get("do") for m in feeds["okta"]["missing"].values() if m["meaning"] and "phone" not in m["meaning"]), feeds["okta"]["missing"])

    def without_address(record):
        record["client"] = {"device": "Computer"}
        return True

    feeds, _, _, _ = cover(feed=logs(without_address))
    ok("without addresses: fan_in and new_source are blind, counting works on", {"fan_in", "new_source"} <= set(feeds["okta"]["blind"]) and "refused_burst" in feeds["okta"]["works"], feeds["okta"])
    some = iter(range(10**6))
    feeds, _, _, _ = cover(feed=logs(lambda r: next(some) % 3 > 0 or without_address(r)))
    ok("an address in two of three: degraded", {"fan_in", "new_source"} <= set(feeds["okta"]["degraded"]), feeds["okta"])
    feeds, _, _, _ = cover(feed=bombing())
    ok("of a handful of records nothing is called blind that could come", "no_session" in feeds["okta"]["unproven"], feeds["okta"])
    policy = files("policy", '{"signals": {"no_login": {"enabled": false}}}')
    feeds, _, _, _ = cover("--policy", policy, MADE["duo"])
    ok("what the policy switches off is off", feeds["duo"]["off"] == ["no_login"] and "no_login" not in feeds["duo"]["blind"], feeds["duo"]["off"])


def every_profile():
    """Whatever is missing from whichever feed: why, or what to turn on."""
    for path in sorted((TOP / "profiles").glob("*.json")):
        made = mfatigue("simulate", "--profile", path.stem, "--domain", f"{path.stem}.exercise.example", "all").out
        feeds, _, _, result = cover(feed=made)
        impaired = [signal for feed in feeds.values() for signal in feed["blind"] + feed["degraded"]]
        silent = {name for feed in feeds.values() for name, m in feed["missing"].items() if not m.get("why") and not m.get("do")}
        ok(f"{path.stem}: of what makes signals blind or degraded it says why, or what to do", impaired and not silent, silent or result)


def on_the_way():
    odd = [okta("user.session.impersonation.grant"), okta("user.session.impersonation.grant"), okta("user.mfa.strange")]
    same = push(at=100)
    cut = line(push(at=101))[:-30]
    old, late = push(at=-4000), push(at=0)
    feeds, readers, rest, result = cover(feed=[push(at=50), *odd, same, same, cut, b"hello", b"{}", late, old])
    values = readers["okta"]["values"]
    ok("values that no rule knows are named, the most frequent first", readers["okta"]["unmapped"] == 3 and values[0].startswith("user.session.impersonation.grant"), readers)
    counts = {v["value"]: v["count"] for v in result.lines if "value" in v}
    ok("each with how often it came", counts[values[0]] == 2 and sum(counts.values()) == 3, counts)
    ok("a record that comes again is counted", feeds["okta"]["duplicates"] == 1, feeds["okta"])
    ok("one that comes late is counted, and one that comes too late", feeds["okta"]["late"] == 1 and feeds["okta"]["too_late"] == 1, feeds["okta"])
    ok("one that was cut, one that is no JSON, one that is nobody's", rest["skipped"]["truncated"] == 1 and rest["skipped"]["no_json"] == 1 and rest["skipped"]["not_idp"] == 1, rest)
    ok("records are counted", rest["records"] == 11, rest)
    text = mfatigue("coverage", feed=[push(), cut, *odd]).text
    ok("people are told of maxMessageSize and of the value", "maxMessageSize" in text and "user.session.impersonation.grant" in text, text)
    evil = mfatigue("coverage", feed=[push(), okta("user.mfa.\x1b[31m\u202e")])
    ok("a value does not act on a terminal", b"\x1b" not in evil.out and "\u202e" not in evil.text, evil)


def codes():
    ok("--fail-on blind", mfatigue("coverage", "--fail-on", "blind", MADE["duo"]).code == FOUND)
    off = {"signals": {s: {"enabled": False} for s in cover(MADE["duo"])[0]["duo"]["blind"]}}
    policy = files("quiet", json.dumps(off))
    ok("not when the policy does without", mfatigue("coverage", "--fail-on", "blind", "--policy", policy, MADE["duo"]).code == OK)
    ok("degraded is stricter", mfatigue("coverage", "--fail-on", "degraded", "--policy", policy, MADE["duo"]).code == FOUND)
    moved = cover("--as-of", "2026-03-20T00:00:00Z", MADE["duo"])[0]["duo"]
    ok("a feed is silent after a day", moved["silent"] and moved["age_s"] > 3 * 86400, moved["age_s"])
    ok("and that fails, too", mfatigue("coverage", "--fail-on", "blind", "--policy", policy, "--as-of", "2026-03-20T00:00:00Z", MADE["duo"]).code == FOUND)
    ok("--silence says after how long", not cover("--as-of", "2026-03-20T00:00:00Z", "--silence", "200", MADE["duo"])[0]["duo"]["silent"])
    ok("now is a time", cover("--as-of", "now", MADE["duo"])[0]["duo"]["silent"])
    two = cover(MADE["okta"], feed=b"")[0]
    ok("without --as-of it is the newest record of all", not two["okta"]["silent"] and two["okta"]["age_s"] == 0)
    empty = mfatigue("coverage", feed=b"{}\n")
    ok("no feed at all is a mistake", empty.code == BAD and "no record of any feed" in empty.said, empty)
    ok("a time that is none", mfatigue("coverage", "--as-of", "soon").code == USAGE)
    ok("hours that are none", mfatigue("coverage", "--silence", "x").code == USAGE)


def remembered():
    """What a daemon would remember of the same feeds."""
    states = {}
    for name in MADE:
        states[name] = str(files.path / f"state-{name}")
        mfatigue("replay", "--state", states[name], MADE[name])
    from_logs = cover(MADE["duo"])[0]["duo"]
    from_state, _, _, result = cover("--state", states["duo"])
    kept = from_state.get("duo", {})
    unkept = {"code_bruteforce", "fraud_reported", "token_flood", "factor_downgrade", "new_source", "anonymizer"}  # country and operator are one there
    ok("a state names its feed and says the same but for what it does not keep", result.code == OK and kept and
       all(set(kept[v]) - unkept == set(from_logs[v]) - unkept for v in ("works", "blind")) and kept["last"] == from_logs["last"], (kept, from_logs["works"], from_logs["blind"]))
    ok("it says what the feed was seen to carry", {"refusals", "timeouts", "addresses"} <= set(kept["carries"]) and "passwords" not in kept["carries"], kept)
    ok("and is silent by the clock", kept["silent"] and not cover("--state", states["duo"], "--as-of", kept["last"])[0]["duo"]["silent"], kept)
    named = cover("--state", states["entra"])[0]
    ok("a tenant has its name, and what its provider says", set(named) == {"entra"} and named["entra"]["tenant"] == "5a5a5a5a-0000-4000-8000-00000000e7e7"
       and named["entra"]["missing"]["responders"].get("why"), named)
    ok("people see it", "entra  tenant 5a5a5a5a-0000-4000-8000-00000000e7e7\n" in mfatigue("coverage", "--state", states["entra"]).text)
    text = mfatigue("coverage", "--state", states["okta"]).text
    ok("people read it, too", "carries refusals" in text and "last event 2026-03-16" in text and "  works " in text, text)
    before = {p.name: p.read_bytes() for p in Path(states["okta"]).iterdir()}
    mfatigue("coverage", "--state", states["okta"])
    ok("nothing in it is changed", before == {p.name: p.read_bytes() for p in Path(states["okta"]).iterdir()})
    ok("--fail-on works on it", mfatigue("coverage", "--state", states["duo"], "--fail-on", "blind").code == FOUND)
    ok("files beside it are refused", mfatigue("coverage", "--state", states["duo"], MADE["duo"]).code == USAGE)
    ok("one that is not there", mfatigue("coverage", "--state", "/nowhere/x").code in (IO, BAD), mfatigue("coverage", "--state", "/nowhere/x"))


support()
remembered()
what_is_missing()
every_profile()
on_the_way()
codes()
done()
