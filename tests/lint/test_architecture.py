#!/usr/bin/python3
"""Arrows go one way: each file includes only from what stands before it in the list of docs/ARCHITECTURE.md."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def listed_units():
    """The fenced block "rooms": a folder and its files without suffix, in order."""
    text = (TOP / "docs/ARCHITECTURE.md").read_text()
    block = re.search(r"^```rooms\n(.*?)^```", text, re.M | re.S)
    units, room = [], None
    for line in block.group(1).splitlines() if block else []:
        words = line.split("#")[0].split()
        if words and words[0].endswith("/"):
            room = words.pop(0)
        units += [room + word for word in words]
    return units


def files_of_tree():
    return sorted(p for room in ("src", "plugin", "tool") for p in (TOP / room).rglob("*.[ch]"))


def unit_of(path):
    return str(path.relative_to(TOP).with_suffix(""))


def includes(path):
    return INCLUDE.findall(path.read_text())


def resolve(path, name):
    """The file of ours that an include names, or None."""
    for base in (path.parent, TOP / "src"):
        found = base / name
        if found.exists():
            return found.resolve()
    return None


def engine_face():
    """engine.h and all that it includes: what the module and the command line may see."""
    seen, todo = set(), [TOP / "src/engine.h"]
    while todo:
        path = todo.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        todo += [found for _, name in includes(path) if (found := resolve(path, name))]
    return seen


def wrong_arrows(room, order, face):
    for path in files_of_tree():
        unit = unit_of(path)
        if not unit.startswith(room) or unit not in order:
            continue
        if room == "src/" and unit.count("/") > 1:
            continue
        for _, name in includes(path):
            target = resolve(path, name)
            if target is None:
                continue
            other = unit_of(target)
            if other != unit and order.get(other, 10**6) > order[unit]:
                yield f"{unit} includes {other}, which stands after it"
            if room in ("plugin/", "tool/") and not other.startswith(room) and target not in face:
                yield f"{unit} includes {name}, which engine.h does not hand out"


def main():
    units = listed_units()
    order = {unit: at for at, unit in enumerate(units)}
    present = {unit_of(p) for p in files_of_tree()}
    ok("docs/ARCHITECTURE.md lists each file once", len(units) == len(order) and units,
       [u for u in units if units.count(u) > 1])
    ok("every file is in the list of docs/ARCHITECTURE.md", present <= set(units), "\n".join(sorted(present - set(units))))
    ok("the list names no file that is not there", set(units) <= present, "\n".join(sorted(set(units) - present)))
    rooms = ["src/base/", "src/read/", "src/context/", "src/memory/", "src/judge/", "src/", "plugin/", "tool/"]
    face = engine_face()
    for room in rooms:
        wrong = sorted(set(wrong_arrows(room, order, face)))
        ok(f"arrows of {room} go one way", not wrong, "\n".join(wrong))
    foreign = [f"{unit_of(p)}: {name}" for p in files_of_tree() for _, name in includes(p)
               if "rsyslog" in name and not (unit_of(p).startswith("plugin/") and name in ("rsyslog-abi.h", "rsyslog.h"))]
    ok("rsyslog is known in plugin/ only", not foreign, "\n".join(foreign))
    macros = [unit_of(p) for p in (TOP / "plugin").glob("*.[ch]") if p.name != "rsyslog-abi.h"
              if re.search(r"#\s*define\s+(NDEBUG|HAVE_ATOMIC_BUILTINS|FEATURE_REGEXP)|include [\"<](rsyslog|msg|obj)\.h", p.read_text())]
    ok("rsyslog's headers and macros enter by plugin/rsyslog-abi.h only", not macros, macros)
    done()


main()
