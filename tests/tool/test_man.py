#!/usr/bin/python3
"""The manual page says what the program does: the same options, levels, reasons and exit codes, and it renders clean."""

import re
import shutil

from program import *

PAGE = TOP / "docs/man/mfatigue.1"
COMMANDS = ("normalize", "replay", "explain", "check", "simulate", "exercise", "alerts", "test", "coverage", "profile", "tune", "report", "learn", "state")
page = PAGE.read_text()


def part(name):
    """A section or subsection of the page."""
    match = re.search(rf"^\.S[hs] {re.escape(name)}$(.*?)(?=^\.S[hs] |\Z)", page, re.M | re.S)
    return match.group(1) if match else ""


def documented(text):
    """{"--output": "FORMAT", "-o": "FORMAT", ...} of the .It lines."""
    found = {}
    for item in re.findall(r"^\.It (Fl .*)$", text, re.M):
        words, _, argument = item.partition(" Ar ")
        for word in words.removeprefix("Fl ").split(" , "):
            found["-" + word] = argument
    return found


def offered(command):
    """The same of --help."""
    found = {}
    for short, long, argument in re.findall(r"^  (?:(-\w), |    )(--[\w-]+)(?: ([A-Z]+))?  ", mfatigue(command, "--help").text, re.M):
        found.update({name: argument for name in (short, long) if name})
    return found


def renders():
    if shutil.which("mandoc"):
        result = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ok("mandoc has nothing against it", not result.stdout, result.stdout)
    if not shutil.which("groff"):
        print("# no groff here: not rendered")
        return
    result = subprocess.run(["groff", "-mandoc", "-Tutf8", "-ww", "-rLL=78n", PAGE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ok("groff has nothing against it", result.returncode == 0 and not result.stderr, result.stderr)
    text = re.sub(r"\x1b\[[\d;]*m|.\x08", "", result.stdout)
    ok("it is a page", text.startswith("MFATIGUE(1)") and len(text.splitlines()) > 100, text[:300])
    ok("dashes of options are dashes", "--fail-on LEVEL" in text and "--print-defaults" in text, text)


def same_options():
    common = documented(part("Common options"))
    for command in COMMANDS:
        told, has = {**documented(part(command)), **common}, offered(command)
        ok(f"{command}: --help lists options", len(has) >= 4 and "--help" in has, has)
        ok(f"{command}: each option of --help is in the page", not has.keys() - told.keys(), has.keys() - told.keys())
        ok(f"{command}: each option of the page is in --help", not told.keys() - has.keys(), told.keys() - has.keys())
        ok(f"{command}: with the same argument", all(has[name] == told.get(name) for name in has), (has, told))
        taken = [name for name, argument in has.items() if argument == "" and "unknown" in mfatigue(command, name, "--help").said]
        taken += [name for name, argument in has.items() if argument and "needs a value: " + argument not in mfatigue(command, name).said]
        ok(f"{command}: the program takes each of them", not taken, taken)
        synopsis = re.search(rf"^\.Cm {command}\n(.*?)(?=^\.Nm)", part("SYNOPSIS"), re.M | re.S).group(1)
        named = set(re.findall(r"Fl (-?[\w-]+)", synopsis))
        own = {name[1:] for name in documented(part(command))} - {"-output"}
        ok(f"{command}: the synopsis names its own options", named == own, named ^ own)


def same_words():
    levels = re.search(r"is not one of: (.*)", mfatigue("replay", "--fail-on", "x").said).group(1).split(", ")
    ok("the levels of --fail-on are in the page", all(f".Li {level}" in part("replay") for level in levels), levels)
    names = {name.removeprefix("skipped_") for name in json.loads(mfatigue("replay", "--stats").err)["counters"] if name.startswith("skipped_")}
    names -= {"late", "duplicate", "listed", "table_full"}  # reasons not to judge an event that was read
    told = {word for line in re.findall(r"^\.It Li (.*)$", part("normalize"), re.M) for word in line.split(" , ")}
    ok("the reasons to skip a record are those of the program", told == names, told ^ names)
    codes = re.findall(r"(\d) ", re.search(r"Exit codes:\n(.*)", mfatigue("--help").text).group(1))
    ok("the exit codes are those of --help", re.findall(r"^\.It (\d)$", part("EXIT STATUS"), re.M) == codes == list("01234"), codes)
    commands = re.findall(r"^  (\w+)  +\w", mfatigue("--help").text.split("Commands:")[1].split("Options:")[0], re.M)
    ok("each command of --help is in the synopsis", commands and all(f".Cm {name}\n" in part("SYNOPSIS") for name in commands), commands)
    for example in re.findall(r"^\.Dl \$ (mfatigue .*)$", part("EXAMPLES"), re.M):
        words = re.split(r" [|>]", example)[0].split()
        unknown = [w for w in words[2:] if w.startswith("-") and w not in offered(words[1])]
        ok(f"an example has only options that there are: {' '.join(words)}", words[1] in COMMANDS and not unknown, unknown)


renders()
same_options()
same_words()
done()
