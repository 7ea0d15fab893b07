#!/usr/bin/python3
"""Messages through the module: they pass unchanged, and carry the tag that they should."""

from daemon import *

FRAMES = {
    "bare JSON without a header": lambda r: r,
    "JSON behind a priority": lambda r: "<14>" + r,
    "RFC 3164": lambda r: "<14>Nov 24 09:00:00 collector idp: " + r,
    "RFC 3164, no blank behind the tag": lambda r: "<14>Nov 24 09:00:00 collector idp:" + r,
    "RFC 5424": lambda r: "<14>1 2026-11-24T09:00:00Z collector idp - - - " + r,
    "RFC 5424 with structured data": lambda r: '<14>1 2026-11-24T09:00:00Z collector idp 1 ID [x@1 a="b"] ' + r,
    "the @cee cookie": lambda r: "<14>Nov 24 09:00:00 collector idp: @cee: " + r,
}


def frames_and_case():
    for case in ("off", "on"):
        with Daemon(config(globals=f'variables.caseSensitive="{case}"')) as daemon:
            daemon.send([frame(prompt(f"u{i}@example.com")) for i, frame in enumerate(FRAMES.values())])
            daemon.wait_for("out", len(FRAMES))
            for i, (name, tag) in enumerate(zip(FRAMES, daemon.tags())):
                ok(f"judges {name}, variables.caseSensitive={case}",
                   tag and tag.get("status") == "judged" and tag.get("user") == f"u{i}@example.com" and tag.get("kind") == "mfa_challenge", tag)


def passes_unchanged():
    lines = hostile()
    with Daemon(config(globals='parser.escapeControlCharactersOnReceive="off"')) as daemon:
        daemon.send([*lines, prompt("after@example.com")])
        daemon.wait_for("out", len(lines) + 1)
        seen = [line.rsplit(b"\t", 1)[0] for line in daemon.bytes("out").split(b"\n")[:-1]]
        for i, line in enumerate(lines):
            ok(f"hostile message {i + 1} passes byte for byte", seen[i] == line, f"{line[:80]!r} became {seen[i][:80]!r}")
        tags = daemon.tags()
        ok("goes on judging after hostile messages", tags[-1] and tags[-1]["status"] == "judged", tags[-1])
        ok("names why a half record is not judged", tags[3] and tags[3]["status"] == "truncated", tags[3])
        ok("judges no user with a NUL in the name", tags[5] and tags[5]["status"] == "bad_user", tags[5])
        ok("judges a record behind a priority, blanks or a byte order mark",
           all(tags[i] and tags[i]["status"] in ("judged", "duplicate") for i in (12, 13, 14)), tags[12:15])
        ok("leaves foreign messages without a tag", tags[0] is None, tags[0])
        ok("ends cleanly", daemon.stop() == 0, daemon.text("stderr"))


def tag_fields():
    with Daemon(config()) as daemon:
        daemon.send([prompt("calm@example.com"), fraud("victim@example.com"), "an ordinary message"])
        daemon.wait_for("out", 3)
        calm, loud, foreign = daemon.tags()
        ok("a normal record gets status, level, user and kind", calm == {
            "status": "judged", "level": "normal", "user": "calm@example.com", "kind": "mfa_challenge"}, calm)
        ok("from notice up score, severity, source, signals and alert are there",
           loud["level"] == "anomalous" and loud["severity"] in ("high", "critical") and "fraud_reported" in loud["signals"].split()
           and loud["source"] == address_of("victim@example.com") and loud["alert"] == "open" and loud["incident"].startswith("i-"), loud)
        ok("numbers are numbers", isinstance(loud["score"], int) and loud["score"] >= 75, loud)
        ok("the tag is flat", all(isinstance(v, (str, int)) for v in loud.values()), loud)
        ok("an ordinary message has none", foreign is None, foreign)


def routing():
    watch = """
ruleset(name="watched") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    if $!mfa!score >= 75 then {{
        action(type="omfile" file="{dir}/high" template="all")
    }} else if $!mfa!level == "normal" then {{
        action(type="omfile" file="{dir}/calm" template="all")
    }} else {{
        action(type="omfile" file="{dir}/rest" template="all")
    }}
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
    with Daemon(config(watch=watch)) as daemon:
        daemon.send([prompt("a@example.com"), fraud("b@example.com"), "nothing"])
        daemon.wait_for("rest", 1)
        ok("RainerScript routes by score", [t["user"] for t in daemon.tags("high")] == ["b@example.com"], daemon.lines("high"))
        ok("RainerScript routes by level", [t["user"] for t in daemon.tags("calm")] == ["a@example.com"], daemon.lines("calm"))


def trees():
    watch = """
module(load="mmjsonparse")
ruleset(name="watched") {{
    action(type="mmjsonparse" cookie="" {parse})
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts" {more})
    action(type="omfile" file="{dir}/out" template="all")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
    header = "<14>1 2026-11-24T09:00:00Z collector idp - - - "
    for parameter, parse in (("$!", ""), ("!", ""), ("!okta", 'container="!okta"'), ("$!okta!in", 'container="!okta!in"')):
        with Daemon(config(watch=watch.replace("{parse}", parse), more=f'input="{parameter}"')) as daemon:
            daemon.send([header + prompt("tree@example.com"), header + "no json"])
            daemon.wait_for("out", 2)
            tag = daemon.tags()[0]
            ok(f'judges the tree of input="{parameter}"', tag and tag["status"] == "judged" and tag["user"] == "tree@example.com", tag)
            seen = daemon.wait_stats(lambda s: s["tree_input"] >= 1, "tree_input")
            ok(f'counts the records of input="{parameter}"', seen["tree_input"] in (1, 2), seen)


def containers():
    watch = WATCH.replace('template="all"', 'template="there"')
    load = LOAD + 'template(name="there" type="string" string="%rawmsg%\\t%$!risk!mfa%\\n")\n'
    for parameter in ("!risk!mfa", "$!risk!mfa"):
        with Daemon(config(watch=watch, load=load, more=f'container="{parameter}"')) as daemon:
            daemon.send([prompt("c@example.com")])
            daemon.wait_for("out", 1)
            ok(f'tags in container="{parameter}"', daemon.tags()[0]["status"] == "judged", daemon.lines("out"))


def forged_tags():
    watch = """
module(load="mmjsonparse")
ruleset(name="watched") {{
    action(type="mmjsonparse" cookie="")
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/out" template="all")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
    header = "<14>1 2026-11-24T09:00:00Z collector app - - - "
    forged = '{"mfa":{"status":"judged","level":"anomalous","score":100}}'
    with Daemon(config(watch=watch)) as daemon:
        daemon.send([header + forged, header + prompt("f@example.com", mfa={"level": "anomalous", "extra": 1})])
        daemon.wait_for("out", 2)
        tags = daemon.tags()
        ok("a tag that a foreign message brings along is taken away", tags[0] is None, tags[0])
        ok("a tag that a record brings along is replaced whole", tags[1] == {
            "status": "judged", "level": "normal", "user": "f@example.com", "kind": "mfa_challenge"}, tags[1])


def tags_of_their_own():
    """Tags share what they are made of; what a ruleset does to one is not seen in another, whoever writes them out meanwhile."""
    watch = """
ruleset(name="watched" queue.type="LinkedList" queue.workerThreads="4" queue.workerThreadMinimumMessages="50" queue.dequeueBatchSize="16") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/beside" template="parts" queue.type="LinkedList")
    if $!mfa!user startswith "changed" then {{
        set $!mfa!status = "changed";
        set $!mfa!note!from = $!mfa!kind;
        unset $!mfa!level;
    }}
    action(type="omfile" file="{dir}/out" template="all")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
    load = LOAD + 'template(name="parts" type="string" string="%$!mfa!kind%\\t%$!mfa%\\n")\n'
    n = 2000
    with Daemon(config(watch=watch, load=load)) as daemon:
        daemon.send([prompt(f"{('changed', 'kept')[i % 2]}{i}@example.com") for i in range(n)])
        daemon.wait_for("out", n)
        daemon.wait_for("beside", n)
        wrong = [tag for tag in daemon.tags() if tag != (
            {"status": "judged", "level": "normal", "user": tag["user"], "kind": "mfa_challenge"} if tag["user"].startswith("kept") else
            {"status": "changed", "user": tag["user"], "kind": "mfa_challenge", "note": {"from": "mfa_challenge"}})]
        ok("what a ruleset sets and unsets in one tag is in no other", wrong == [], wrong[:3])
        kinds = {line.split("\t")[0] for line in daemon.lines("beside")} | {tag["kind"] for tag in daemon.tags("beside")}
        ok("another thread reads them meanwhile, in parts and whole", kinds == {"mfa_challenge"}, kinds)
        ok("and ends cleanly with them", daemon.stop() == 0, daemon.text("stderr"))


def no_place_for_a_tag():
    watch = WATCH.replace("    action(type=\"mmfatigue\"", "    set $! = \"a text\";\n    action(type=\"mmfatigue\"", 1)
    with Daemon(config(watch=watch)) as daemon:
        record = prompt("nowhere@example.com")
        daemon.send([record])
        daemon.wait_for("out", 1)
        ok("a message whose tree is a text passes without a tag", daemon.lines("out") == [record + "\t"], daemon.lines("out"))
        ok("and is counted", daemon.wait_stats(lambda s: s["tag_failed"] == 1, "tag_failed"), daemon.stats())


def truncation():
    # not imptcp: the one of 8.2302 delivers an oversize message again for each byte over the limit
    watch = 'module(load="imtcp")\n' + WATCH.replace("imptcp", "imtcp")
    with Daemon(config(size="8k", watch=watch, alerts=ALERTS + OWN_LOG, globals=KEEP_OWN)) as daemon:
        daemon.send([prompt("long@example.com", padding="x" * 9000), prompt("short@example.com")])
        until(lambda: "short@example.com" in daemon.text("out"), "the short record")
        code, said = daemon.check()
        ok("-N1 warns of an 8K maxMessageSize, and is content", code == 0 and "maxMessageSize is 8192 bytes" in said, said)
        tags = daemon.tags()
        long = next((t for t in tags if t and t["status"] == "truncated"), None)
        ok("a record cut at 8K is tagged as truncated", long == {"status": "truncated"}, tags)
        ok("the next one is judged", any(t and t.get("user") == "short@example.com" for t in tags), tags)
        seen = daemon.wait_stats(lambda s: s["cut_messages"] >= 1, "cut_messages")
        ok("cut records are counted", seen["cut_messages"] == 1, seen)
        daemon.send([prompt("again@example.com", padding="x" * 9000), prompt("last@example.com")])
        until(lambda: "last@example.com" in daemon.text("out"), "the last record")
        until(lambda: "ends inside its JSON" in daemon.text("own"), "the warning")
        daemon.stop()
        ok("and said once in the daemon's own log", daemon.text("own").count("ends inside its JSON") == 1, daemon.text("own"))
    with Daemon(config(size="64k")) as daemon:
        code, said = daemon.check()
        ok("-N1 has nothing to say about 64k", code == 0 and "mmfatigue:" not in said, said)


run(frames_and_case, passes_unchanged, tag_fields, routing, trees, containers, forged_tags, tags_of_their_own, no_place_for_a_tag, truncation)
