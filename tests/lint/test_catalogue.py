#!/usr/bin/python3
"""A signal is one file, one line in the table, one page and a scenario; a profile is one file, a page and samples."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
SIGNALS = TOP / "src/judge/signals"
table = (SIGNALS / "table.c").read_text() if (SIGNALS / "table.c").exists() else ""
signals = sorted(m for p in SIGNALS.glob("*.c") for m in
                 re.findall(r"^const struct mf_signal mf_signal_(\w+) = ", p.read_text(), re.M))
profiles = sorted(p.stem for p in (TOP / "profiles").glob("*.json"))


def without(names, has):
    return [name for name in names if not has(name)]


def promise(what, names, has):
    missing = without(names, has)
    ok(what, names and not missing, "\n".join(missing) or "there is none at all")


promise("each signal is defined in the file of its name", signals,
        lambda n: f"mf_signal_{n} = " in ((SIGNALS / f"{n}.c").read_text() if (SIGNALS / f"{n}.c").exists() else ""))
promise("each signal is in signals/table.c", signals, lambda n: f"&mf_signal_{n}," in table)
promise("each signal has its page", signals, lambda n: (TOP / f"docs/signals/{n}.md").exists())
promise("each signal has a scenario", signals, lambda n: any((TOP / "tests/scenarios").glob(f"*{n}*.jsonl")))
# one page for all feeds of a provider: pingfederate-cef is on that of pingfederate
promise("each profile has its page", profiles,
        lambda n: any((TOP / f"docs/idp/{page}.md").exists() for page in (n, n.split("-")[0])))
promise("each profile has samples", profiles, lambda n: any((TOP / f"tests/samples/{n}").glob("*")))
done()
