#!/usr/bin/python3
"""mfatigue check: what is wrong in a policy or profile is said with its place; what is right is said as it would be loaded."""

import hashlib
import json
import re

from program import *

files = Files()


def check(text, *arguments):
    return mfatigue("check", "--policy", files("policy.json", text), *arguments)


def wrong():
    cases = [
        ("a misspelt member", '{\n  "observ": true\n}', "2:3", '"observ"', '"observe"'),
        ("a misspelt member of a section", '{\n\n  "state": {"user": 5}}', "3:13", '"user"', '"users"'),
        ("a misspelt signal", '{"signals": {"promt_burst": {}}}', "1:14", '"promt_burst"', '"prompt_burst"'),
        ("a wrong type", '{"observe": 1}', "1:13", "observe"),
        ("a duration without its unit", '{"time": {"lateness": 20}}', "1:23", "lateness"),
        ("a value out of bounds", '{"state": {"users": 0}}', "1:21", "users"),
        ("a wrong choice", '{"alert_level": "loud"}', "1:17", '"loud"', "suspicious"),
        ("a member that stands twice", '{"observe": true,\n "observe": false}', "2:2", "observe"),
        ("levels that do not rise", '{"verdict": {"notice": 60}}', "1:13", "notice", "rise"),
        ("what is no JSON", '{"observe": tru}', "1:"),
        ("a file that ends too early", '{"observe": true', "1:"),
        ("something behind the policy", '{}\n{}', "2:1"),
        ("a list", "[]", "1:1"),
        ("an empty file", "", "1:1"),
    ]
    for name, text, place, *words in cases:
        result = check(text)
        ok(f"{name}: file, line, column and what is wrong", result.code == BAD and result.out == b"" and result.err.count(b"\n") == 1
           and result.said.startswith(f"mfatigue: {files.path}/policy.json:{place}") and all(w in result.said for w in words), result)
        ok(f"{name}: as JSON the same", check(text, "-o", "json").said == result.said)

    for name, path, words in (("that is not there", files.path / "none.json", "No such file"), ("that is a directory", files.path, "")):
        result = mfatigue("check", "--policy", str(path))
        ok(f"a policy {name} is named, exit code 3", result.code == BAD and f"mfatigue: {path}: " in result.said and words in result.said, result)
    result = check('{"profiles": ["otka"]}')
    ok("a profile that is not there is named, and those that are", result.code == BAD and '"otka"' in result.said.replace("otka.json", '"otka"')
       and "okta" in result.said, result)
    empty = files.path / "empty"
    empty.mkdir()
    result = mfatigue("check", "--profile-dir", str(empty))
    ok("a directory without a profile is named", result.code == BAD and str(empty) in result.said, result)
    (empty / "acme.json").write_text('{"profile": "acme", "version": 1,\n "felds": {}}')
    result = mfatigue("check", "--profile-dir", str(empty))
    ok("a wrong profile: file, line, column", result.code == BAD and f"{empty}/acme.json:2:" in result.said, result)


def right():
    text = '// ours\n{"state": {"users": 2048}, "alert_level": "anomalous", "profiles": ["duo", "okta"] /* two */}\n'
    result = check(text)
    words = [" ".join(l.split()) for l in result.text.splitlines()]
    ok("a good policy: exit code 0 and nothing on standard error", result.code == OK and result.err == b"", result)
    ok("it says what was loaded", words[0] == f"policy {files.path}/policy.json" and words[1:3] == ["profiles duo", "okta"]
       and words[3] == "alerts from anomalous on" and re.fullmatch(r"memory [\d,]+ bytes for 2,\d{3} users", words[4]) is not None, result)
    seen = check(text, "-o", "json")
    ok("-o json is one object on one line", seen.out.count(b"\n") == 1 and len(seen.lines) == 1, seen)
    said = seen.lines[0]
    ok("-o json says the same", said["policy"] == f"{files.path}/policy.json" and said["profiles"] == ["duo", "okta"]
       and said["alert_level"] == "anomalous" and said["observe"] is False and said["state_bytes"] > 100000, said)
    ok("-o json names the policy as alerts do", said["policy_sha256"] == hashlib.sha256(text.encode()).hexdigest(), said)
    for spelling in (["-ojson"], ["--output", "json"], ["--output=json"]):
        ok(f"{' '.join(spelling)} is the same", check(text, *spelling).out == seen.out)
    ok("-o human is the default", check(text, "-o", "human").out == result.out)
    ok("it says that a policy only observes", "observe only" in check('{"observe": true}').text)
    plain = mfatigue("check")
    ok("without a policy the defaults and all profiles", plain.code == OK and "compiled-in defaults" in plain.text
       and all(p.stem in plain.text for p in (TOP / "profiles").glob("*.json")), plain)
    said = mfatigue("check", "-o", "json").lines[0]
    ok("which as JSON have no file", "policy" not in said and said["policy_sha256"] == "defaults", said)
    stats = json.loads(mfatigue("replay", "--stats").err)
    ok("the memory is what a replay takes", said["state_bytes"] == stats["state_bytes"], stats)
    elsewhere = files.path / "profiles"
    elsewhere.mkdir()
    (elsewhere / "duo.json").write_bytes((TOP / "profiles/duo.json").read_bytes())
    ok("--profile-dir says where they are", mfatigue("check", "--profile-dir", str(elsewhere), "-o", "json").lines[0]["profiles"] == ["duo"])
    ok("so does the policy", check(json.dumps({"profile_dir": str(elsewhere)}), "-o", "json").lines[0]["profiles"] == ["duo"])
    ok("--profile-dir goes before the policy",
       check(json.dumps({"profile_dir": "/nowhere"}), "-o", "json", "--profile-dir", str(elsewhere)).lines[0]["profiles"] == ["duo"])
    before = sorted(files.path.rglob("*"))
    check(text)
    ok("nothing is written", sorted(files.path.rglob("*")) == before)


def prints():
    defaults = mfatigue("check", "--print-defaults")
    ok("--print-defaults is a policy", defaults.code == OK and check(defaults.text).code == OK, defaults)
    ok("and the same one as none at all", {k: v for k, v in check(defaults.text, "-o", "json").lines[0].items() if not k.startswith("policy")}
       == {k: v for k, v in mfatigue("check", "-o", "json").lines[0].items() if not k.startswith("policy")})
    feed = bombing() + [fraud("bob@example.com", 500)]
    path = files("defaults.json", defaults.text)
    strip = re.compile(rb'"policy_sha256":"[^"]*"')
    ok("it judges as none at all does", strip.sub(b"", mfatigue("replay", "--verdicts", "--policy", path, feed=feed).out)
       == strip.sub(b"", mfatigue("replay", "--verdicts", feed=feed).out) != b"")
    comments = sum(l.lstrip().startswith("//") for l in defaults.text.splitlines())
    ok("each option in it has a comment", comments >= defaults.text.count('": ') - defaults.text.count('": {'), defaults)
    markdown = mfatigue("check", "--print-markdown")
    names = set(re.findall(r"^\| `(\w+)` \|", markdown.text, re.M))
    options = set(re.findall(r'^ *"(\w+)": (?!\{)', defaults.text, re.M))
    ok("--print-markdown has each option of it", markdown.code == OK and options and names == options, names ^ options)


def lists():
    sections = {
        "nets": ("egress", "vpn", "ignore", "anonymizer"),
        "people": ("directory", "travel", "ignore"),
    }
    shipped = TOP / "contrib/lists"
    names = {"people.directory": "people", "people.travel": "travel", "people.ignore": "ignore-people", "nets.ignore": "ignore-nets",
             "nets.egress": "egress", "nets.vpn": "vpn", "nets.anonymizer": "anonymizer"}
    policy = {s: {o: str(shipped / names[f"{s}.{o}"]) for o in options} for s, options in sections.items()}
    result = check(json.dumps(policy))
    told = dict(re.findall(r"((?:nets|people)\.\w+): (\d+ entries)", result.text))
    ok("the lists that are shipped are read, and said one by one", result.code == OK and set(told) == set(names), result)
    ok("as JSON too", len(check(json.dumps(policy), "-o", "json").lines[0]["lists"]) == len(names))

    files("egress", "192.0.2.0/24\n\n198.51.100.7 until=2020-01-01  # gone\n")
    result = check('{"nets": {"egress": "egress"}}')
    ok("a relative name is taken beside the policy, and what has expired is said with its line",
       result.code == OK and "nets.egress: 2 entries, 1 expired, the first in line 3" in result.text, result)
    files("egress", "192.0.2.0/24\n198.51.100.7/33\n")
    result = check('{"nets": {"egress": "egress"}}')
    ok("a wrong line: file, line, what is wrong", result.code == BAD and f"{files.path}/egress:2: " in result.said, result)
    result = check('{"people": {"directory": "nobody"}}')
    ok("a list that is not there is named", result.code == BAD and f"{files.path}/nobody: " in result.said and "No such file" in result.said, result)
    files("egress", "192.0.2.0/24\n0.0.0.0/0\n")
    files("nobody", "# none yet\n")
    policy = '{"nets": {"egress": "egress"}, "people": {"ignore": "nobody"}}'
    result = check(policy)
    words = [l for l in result.text.splitlines() if l.startswith("warning")]
    ok("what is accepted and looks like a mistake is a warning with its place", result.code == OK and len(words) == 2
       and f"{files.path}/egress:2: " in words[0] and "0.0.0.0/0" in words[0] and f"{files.path}/nobody: " in words[1], result)
    ok("as JSON too", [w in l for w, l in zip(("egress:2:", "nobody:"), check(policy, "-o", "json").lines[0]["warnings"])] == [True, True])
    files("places.mmdb", "not one")
    result = check('{"geo": {"city": "places.mmdb"}}')
    ok("a database that is none is named", result.code == BAD and f"{files.path}/places.mmdb" in result.said, result)
    result = check(json.dumps({"geo": {"city": str(TOP / "tests/geo/asn.mmdb")}}))
    ok("a database of another sort is named", result.code == BAD and "asn.mmdb" in result.said and "geo.city" in result.said, result)


wrong()
right()
lists()
prints()
done()
