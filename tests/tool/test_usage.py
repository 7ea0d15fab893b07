#!/usr/bin/python3
"""What every command promises: help, messages, exit codes, colours, and that nothing from outside acts on a terminal."""

import os
import re
import subprocess

from program import *

COMMANDS = ("normalize", "replay", "explain", "check", "simulate", "exercise", "alerts", "test", "coverage", "profile", "tune", "report", "learn", "state")
NO_PROFILES = ("alerts",)  # these read none
NEEDY = ("exercise", "test", "report", "learn", "state")  # these ask for more before they look for any
ESCAPE = b"\x1b"
files = Files()


def said(result, code, *words):
    """The exit code, and one line on standard error with the program's name and the words."""
    return (result.code == code and result.out == b"" and result.said.startswith("mfatigue: ")
            and result.err.count(b"\n") == 1 and all(word in result.said for word in words))


def help_and_version():
    plain = mfatigue("--help")
    ok("--help goes to standard output", plain.code == OK and plain.err == b"" and "Usage: mfatigue" in plain.text, plain)
    ok("--help names each command", all(f"\n  {name} " in plain.text for name in COMMANDS), plain)
    ok("--help says the exit codes and shows examples", "Exit codes:" in plain.text and "Examples:" in plain.text, plain)
    for spelling in (("-h",), ("help",), ("help", "help")):
        ok(f"{' '.join(spelling)} is the same", mfatigue(*spelling).text == plain.text)
    for name in COMMANDS:
        own = mfatigue(name, "--help")
        ok(f"{name} --help has usage, options and examples", own.code == OK and own.err == b"" and f"Usage: mfatigue {name} " in own.text
           and "\nOptions:\n" in own.text and "\nExamples:\n" in own.text, own)
        ok(f"help {name}, --help {name} and {name} -h are the same",
           own.text == mfatigue("help", name).text == mfatigue("--help", name).text == mfatigue(name, "-h").text)
        ok(f"the lines of {name} --help fit a window", max(map(len, own.text.splitlines())) <= 96, own)
        examples = own.text.split("Examples:\n")[1].splitlines()
        ok(f"the examples of {name} --help are of {name}", any(f"mfatigue {name} " in e for e in examples), own)
    version = mfatigue("--version")
    ok("--version is one line", version.code == OK and version.text.startswith("mfatigue ") and version.text.count("\n") == 1, version)


def mistakes():
    def promise(name, arguments, *words, code=USAGE):
        result = mfatigue(*arguments)
        ok(name, said(result, code, *words), result)

    promise("without a command: which one?", [], "--help")
    promise("an unknown command is named, with the nearest", ["replya"], '"replya"', 'did you mean "replay"')
    promise("an unknown command that is like nothing is named", ["xyzzy"], '"xyzzy"', "--help")
    promise("so it is behind help", ["help", "chekc"], '"chekc"', 'did you mean "check"')
    promise("an unknown option before the command is named", ["--versoin"], '"--versoin"', 'did you mean "--version"')
    promise("options of a command stand behind it", ["--stats", "replay"], '"--stats"', "behind")
    promise("an empty command is unknown", [""], '""')
    for name in COMMANDS:
        promise(f"{name}: an unknown option that is like nothing is named", [name, "--frobnicate"], '"--frobnicate"', f"mfatigue {name} --help")
        promise(f"{name}: an unknown letter is named", [name, "-Z"], '"-Z"')
        promise(f"{name}: a letter that is no text is named safely", [name, b"-\xff"], "\\xff")
        promise(f"{name}: a switch with a value", [name, "--help=yes"], "--help takes no value")
        promise(f"{name}: a wrong --color names the right ones", [name, "--color", "pink"], '"pink"', "auto, always, never")
    for name in COMMANDS:
        if name in NO_PROFILES:
            continue
        promise(f"{name}: an unknown option is named, with the nearest", [name, "--profil-dir", "x"], name, '"--profil-dir"', '"--profile-dir"')
        promise(f"{name}: so it is with a value", [name, "--profil-dir=x"], '"--profile-dir"')
        promise(f"{name}: an option without its value", [name, "--profile-dir"], "--profile-dir", "needs a value: DIR")
        promise(f"{name}: an option with an empty value", [name, "--profile-dir="], "--profile-dir", "empty")
    promise("one dash too few is understood well enough to help", ["replay", "-stats"], '"--stats"')
    promise("replay: a wrong level names the right ones", ["replay", "--fail-on", "normal"], '"normal"', "notice, suspicious, anomalous")
    promise("check: a wrong format names the right ones", ["check", "-o", "yaml"], '"yaml"', "human, json")
    promise("check: takes no file", ["check", "policy.json"], '"policy.json"')
    promise("check: not both kinds of printing", ["check", "--print-defaults", "--print-markdown"], "not both")
    promise("normalize: an unknown profile is named, with the nearest", ["normalize", "--profile", "otka"], '"otka"', 'did you mean "okta"')
    promise("normalize: an unknown profile that is like nothing", ["normalize", "--profile", "xyzzy"], '"xyzzy"', "mfatigue check")
    promise("normalize: a path is no profile", ["normalize", "--profile", "../okta"], "no profile")
    promise("replay: a time that is none", ["replay", "--ingest-time", "yesterday"], '"yesterday"', "2026-03-02T09:14:37Z")
    promise("replay: a host name that is too long", ["replay", "--host", "x" * 256], "255")
    promise("an empty file name", ["replay", ""], "file name is empty")
    promise("standard input twice", ["normalize", "-", "-"], "twice")

    folder = str(files.path)
    for name in ("normalize", "replay", "explain"):
        promise(f"{name}: a file that is not there is named", [name, folder + "/none"], folder + "/none", "No such file", code=IO)
        promise(f"{name}: a directory is named", [name, folder], folder, "directory", code=IO)
        promise(f"{name}: the second of two files", [name, files("empty", b""), folder + "/none"], "none", code=IO)
    secret = files("secret", b"{}\n")
    os.chmod(secret, 0)
    try:
        if os.geteuid() == 0:  # root reads everything: as somebody else, who reaches the file but may not read it
            os.chmod(folder, 0o755)
            result = mfatigue("normalize", "--profile-dir", str(TOP / "profiles"), secret, user=65534)
        else:
            result = mfatigue("normalize", secret)
        ok("normalize: a file that may not be read is named", said(result, IO, secret, "Permission denied"), result)
    except PermissionError:
        print("# somebody else than root cannot run the program where it is: not tried with a file that may not be read")
    for name in COMMANDS:
        if name in NO_PROFILES + NEEDY:
            continue
        promise(f"{name}: a directory of profiles that is not there", [name, "--profile-dir", folder + "/none"], folder + "/none", code=BAD)
    ok("options may follow files", mfatigue("normalize", files("one", [push()]), "--profile", "okta").code == OK)
    ok("-- ends the options", said(mfatigue("normalize", "--", "--profile"), IO, "--profile: No such file"))


def streams():
    calls = {"--help": ["--help"], "normalize --help": ["normalize", "--help"], "--version": ["--version"], "check": ["check"],
             "check -o json": ["check", "-o", "json"], "check --print-defaults": ["check", "--print-defaults"],
             "check --print-markdown": ["check", "--print-markdown"], "normalize": ["normalize"],
             "normalize -o human": ["normalize", "-o", "human"], "replay -o human": ["replay", "-o", "human"], "replay -o json": ["replay", "-o", "json"],
             "profile": ["profile"], "profile -o json": ["profile", "-o", "json"], "replay": ["replay"], "replay --verdicts": ["replay", "--verdicts"],
             "explain": ["explain"], "explain -o json": ["explain", "-o", "json"]}
    for name, arguments in calls.items():
        with open("/dev/full", "wb") as full:
            result = mfatigue(*arguments, feed=[fraud()], stdout=full)
        ok(f"{name}: a full disk is told, exit code 4", result.code == IO and "mfatigue: standard output: No space left" in result.said, result)
        result = Result(subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", PROGRAM, *arguments], input=lines([fraud()]), stderr=subprocess.PIPE))
        ok(f"{name}: so is a closed standard output", result.code == IO and "mfatigue: standard output: " in result.said, result)
    for name in ("normalize", "replay", "explain"):
        result = Result(subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", PROGRAM, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        ok(f"{name}: a closed standard input is told", said(result, IO, "standard input: "), result)
        result = Result(subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", PROGRAM, name, files("one", [fraud()]), "-"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        ok(f"{name}: a file does not pass for a closed standard input", result.code == IO and "standard input: " in result.said, result)
        result = Result(subprocess.run(["sh", "-c", 'exec "$@" <&- 2>&-', "sh", PROGRAM, name, files("one", [fraud()])], stdout=subprocess.PIPE))
        ok(f"{name}: with files, closed streams do no harm", result.code == OK and result.out.startswith(b"record 1:" if name == "explain" else b"{"), result)


def broken_pipe():
    many = files("many", [fraud(f"u{i}@example.com", i) for i in range(5000)])
    for arguments in (["normalize", many], ["replay", "--verdicts", many], ["replay", many], ["explain", many]):
        for signals in ("", "trap '' PIPE; "):
            result = Result(subprocess.run(["bash", "-c", signals + '"$@" | head -n 1; echo ${PIPESTATUS[0]}', "bash", PROGRAM, *arguments],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            ok(f"{arguments[0]} ends quietly when its reader goes{', whatever the shell ignores' if signals else ''}",
               result.err == b"" and result.out.splitlines()[-1:] == [b"141"], result)


def colours():
    wrong = ["replay", "--fail-on", "x"]
    ok("an error is coloured on a terminal", ESCAPE in on_terminal(*wrong))
    ok("it is not with NO_COLOR", ESCAPE not in on_terminal(*wrong, env={"NO_COLOR": "1"}))
    ok("an empty NO_COLOR says nothing", ESCAPE in on_terminal(*wrong, env={"NO_COLOR": ""}))
    ok("it is not on a dumb terminal", ESCAPE not in on_terminal(*wrong, env={"TERM": "dumb"}))
    ok("it is not in a pipe", ESCAPE not in mfatigue(*wrong).err)
    summary = ["replay", "--color", "always"]
    ok("--color always colours a pipe, and only what is for people",
       ESCAPE in (r := mfatigue(*summary, feed=[fraud()])).err and ESCAPE not in r.out, r)
    ok("--color always beats NO_COLOR", ESCAPE in mfatigue(*summary, feed=[fraud()], env={"NO_COLOR": "1"}).err)
    ok("--color never beats a terminal", ESCAPE not in on_terminal("replay", "--color", "never", feed=lines([fraud()])))
    ok("--color auto is the default", ESCAPE in on_terminal("replay", "--color", "auto", feed=lines([fraud()])))
    ok("--help is coloured on a terminal", ESCAPE in on_terminal("check", "--help", streams=("stdout",)))
    ok("--help is not in a pipe", ESCAPE not in mfatigue("check", "--help").out)
    for command in ("normalize", "replay"):
        seen = on_terminal(command, streams=("stdout",), feed=lines([fraud()]))
        ok(f"{command} is for people on a terminal", ESCAPE in seen and b"ada@example.com" in seen and b"{" not in seen, seen)
        ok(f"{command} has no colours there with NO_COLOR", ESCAPE not in on_terminal(command, streams=("stdout",), feed=lines([fraud()]), env={"NO_COLOR": "1"}))
        seen = on_terminal(command, "-o", "ndjson", streams=("stdout",), feed=lines([fraud()]))
        ok(f"{command} -o ndjson is JSON lines there, too", ESCAPE not in seen and json.loads(seen.splitlines()[0]), seen)


def formats():
    """-o of every command: for people, one document, or an object a line."""
    for name in COMMANDS:
        result = mfatigue(name, "-o", "yaml")
        ok(f"{name} -o: human, json and ndjson", result.code == USAGE and all(w in result.said for w in ("human", "json", "ndjson")), result)
    month = files("month.jsonl", mfatigue("simulate", "--days", "8", "--users", "20", "push_bombing_approved", "dead_phone").out)
    raised = files("raised.json", mfatigue("replay", month).out)
    state = str(files.path / "state")
    learned = mfatigue("learn", "--state", state, month)
    ok("there is something to tell", learned.code == OK and Path(raised).stat().st_size > 1000, learned)
    incident = mfatigue("alerts", "-o", "ndjson", raised).lines[0]["incident"]
    calls = {"normalize": ["normalize", month], "replay": ["replay", month], "replay --verdicts": ["replay", "--verdicts", month],
             "explain": ["explain", month], "simulate --list": ["simulate", "--list"], "alerts": ["alerts", raised],
             "alerts show": ["alerts", "show", incident, raised], "coverage": ["coverage", month], "coverage --state": ["coverage", "--state", state, "--as-of", "2026-04-01T00:00:00Z"],
             "profile": ["profile"], "tune": ["tune", month], "report": ["report", month], "state list": ["state", "list", "--dir", state],
             "state export": ["state", "export", "--dir", state], "test": ["test", "--only", "okta_identity", str(TOP / "tests/scenarios")]}
    for name, arguments in calls.items():
        each, array = mfatigue(*arguments, "-o", "ndjson"), mfatigue(*arguments, "-o", "json")
        ok(f"{name} -o json is an array of what ndjson has a line each", each.code == array.code == OK and len(each.lines) > 0
           and json.loads(array.out) == each.lines and array.text.count("\n") == len(each.lines) + 2, array)
        ok(f"{name} -o json is never coloured", ESCAPE not in mfatigue(*arguments, "-o", "json", "--color", "always").out)
    for name in ("replay", "normalize", "alerts", "explain"):
        ok(f"{name} -o json of nothing is an empty array", mfatigue(name, "-o", "json").out == b"[]\n")
    for name, arguments in {"check": ["check"], "learn": ["learn", "--state", state, month], "state verify": ["state", "verify", "--dir", state]}.items():
        result = mfatigue(*arguments, "-o", "json")
        ok(f"{name} -o json is one object", result.code == OK and isinstance(json.loads(result.out), dict), result)
    for name in ("normalize", "replay", "alerts", "tune"):
        shown = mfatigue(*calls[name], "-o", "human", "--color", "always")
        plain = mfatigue(*calls[name], "-o", "human")
        ok(f"{name}: colours change nothing else, and are there", ESCAPE in shown.out and ESCAPE not in plain.out
           and re.sub(rb"\x1b\[\d*m", b"", shown.out) == plain.out, shown)


def safety():
    """Whatever is in a record, a file name or an argument: no control byte reaches the terminal."""
    bad = b"\x1b]0;title\x07\x1b[31m\x9b2J\x7f\r\x08\xff"
    control = set(range(32)) - {10} | {127}

    def clean(result):
        text = (result.out + result.err).decode("utf-8")  # it is text, too
        return not control & set(result.out + result.err) and not any(0x80 <= ord(c) < 0xa0 or c in "\u202e\u200b\u2028" for c in text)

    def promise(name, result):
        ok(name, clean(result), ascii(result.out + result.err))

    name = bytes(files.path) + b"/" + bad + b"\nmfatigue: all is well"
    for command in ("normalize", "replay"):
        result = mfatigue(command, name)
        promise(f"{command}: a file name in a message is harmless", result)
        ok(f"{command}: a newline in a file name makes no second message", result.err.count(b"\n") == 1 and result.code == IO, result)
        Path(os.fsdecode(name)).write_bytes(lines([fraud()]))
        for form in ("human", "ndjson"):
            promise(f"{command} -o {form}: a file name in the output is harmless",
                    mfatigue(command, "-o", form, *(["--verdicts"] if command == "replay" else []), name, files("other", [push()])))
        os.unlink(name)
    promise("an option is harmless", mfatigue("check", b"--" + bad))
    promise("a value is harmless", mfatigue("check", b"--color=" + bad))
    promise("a command is harmless", mfatigue(bad))
    promise("a policy's name is harmless", mfatigue("check", "--policy", bad))
    odd = bytes(files.path) + b"/" + bad
    Path(os.fsdecode(odd)).write_text("{}")
    promise("so it is when the policy is good", mfatigue("check", "--policy", odd))
    promise("and as JSON", mfatigue("check", "--policy", odd, "-o", "json"))
    promise("a key in a policy is harmless", mfatigue("check", "--policy", files("keys", '{"\\u001b[31m\\u202e": 1}')))
    promise("a key that is no text is harmless", mfatigue("check", "--policy", files("keys", b'{"\x1b[31m": 1}')))
    texts = ["\x1b[31mred", "\u202eabc\u200b\u2028", "\x9b2J\x7f", "\x00\x08\r\n", "\U000e0041"]
    records = []
    for text in texts:
        records += [push(text + "@example.com"), okta(text), fraud("bob@example.com", 9), push(ip=text), push(published=text)]
        records[-3]["client"]["userAgent"] = {"rawUserAgent": text}
        records[-3]["outcome"]["reason"] = text
    records += [b"{" + bad, bad, b'"' + bad + b'"']
    for form in ("human", "json", "ndjson"):
        promise(f"normalize -o {form}: texts of records are harmless", mfatigue("normalize", "-o", form, feed=records))
        promise(f"replay -o {form}: texts of records are harmless", mfatigue("replay", "--verdicts", "-o", form, feed=records))
    for form in ("human", "json"):
        for number in range(1, len(records) + 1):
            promise(f"explain -o {form}: the texts of record {number} are harmless",
                    mfatigue("explain", "-o", form, "--all", "--record", str(number), feed=records))
    promise("explain: a user in a message is harmless", mfatigue("explain", "--user", bad, feed=[push()]))
    promise("explain: an incident in a message is harmless", mfatigue("explain", "--incident", bad, feed=[push()]))
    promise("replay: the name of the host is harmless", mfatigue("replay", "--host", bad, feed=[fraud()]))
    seen = [r.get("unmapped", "") for r in mfatigue("normalize", feed=[okta("\x1b[31m\u00e9")]).lines]
    ok("and they are not lost: JSON escapes give them back", any("\x1b[31m\u00e9" in s for s in seen), seen)


help_and_version()
mistakes()
streams()
broken_pipe()
colours()
formats()
safety()
done()
