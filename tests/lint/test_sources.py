#!/usr/bin/python3
"""Every file of the tree is named in Makefile.am, by itself or, for data and documents, with its folder: so it is built and shipped."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
MAKEFILE = re.sub(r"\\\n", " ", (TOP / "Makefile.am").read_text())
# What make, automake and the distribution bring along by themselves, and what is no part of a distribution.
LEFT_OUT = re.compile(r"^(\.git/|build/|build-aux/|autom4te\.cache/|configure|aclocal\.m4|Makefile|mf-config\.h\.in|m4/|"
                      r".*__pycache__/|\.gitignore$|\.ci/|.*~$|\.git$)")


def words(pattern):
    """All words of the variables whose name matches."""
    found = []
    for name, value in re.findall(r"^\s*(\w+)\s*\+?=\s*(.*)$", MAKEFILE, re.M):
        if re.fullmatch(pattern, name):
            found += value.split()
    return found


def files():
    for path in sorted(TOP.rglob("*")):
        name = str(path.relative_to(TOP))
        if path.is_file() and not LEFT_OUT.match(name):
            yield name


def promise(name, missing):
    missing = sorted(missing)
    ok(name, not missing, "\n".join(f"{m} is not named" for m in missing))


everything = list(files())
compiled = set(words(r"\w+_SOURCES|plugin_sources|unit_tests|fuzz_replays"))
shipped = set(words(r"EXTRA_DIST|dist_\w+")) | compiled
tests = {w + ".c" for w in words("unit_tests")}

for room in ("src", "plugin", "tool"):
    promise(f"each file of {room}/ is compiled", {f for f in everything if f.startswith(room + "/")} - compiled)
promise("each tests/test_*.c is run", {f for f in everything if re.fullmatch(r"tests/test_\w+\.c", f)} - tests)
promise("each tests/fuzz/fuzz_*.c is replayed", {f for f in everything if re.fullmatch(r"tests/fuzz/fuzz_\w+\.c", f)} - compiled)
corpora = {p.name for p in (TOP / "tests/fuzz/corpus").iterdir() if any(p.iterdir())}
promise("each tests/fuzz/fuzz_*.c has a corpus, its own or that of what its name begins with", {
    f for f in everything if (m := re.fullmatch(r"tests/fuzz/fuzz_(\w+)\.c", f)) and not any(m.group(1) == c or m.group(1).startswith(c + "_") for c in corpora)})
promise("each profile is installed", {f for f in everything if f.startswith("profiles/")} - set(words("dist_profiles_DATA")))
promise("each other file is shipped", {
    f for f in everything if f not in shipped and f not in tests
    and not any(str(parent) in shipped for parent in Path(f).parents)})
promise("nothing is named that is not there",
        {w for w in shipped if "/" in w and "$" not in w and w not in words("unit_tests|fuzz_replays") and not (TOP / w).exists()})
done()
