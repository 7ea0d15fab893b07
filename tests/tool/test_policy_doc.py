#!/usr/bin/env python3
"""docs/policy.md is what the code says: its tables are those of `mfatigue check --print-markdown`.

    tests/tool/test_policy_doc.py --write     puts the present tables into the page
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("MF_BUILDDIR", TOP / "build")) / "mfatigue"
PAGE = TOP / "docs/policy.md"
PART = re.compile(r"(<!-- generated: begin[^\n]*-->\n)(.*)(<!-- generated: end -->)", re.S)


def mfatigue(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


tables = mfatigue("check", "--print-markdown").stdout.strip("\n")
page = PAGE.read_text()
part = PART.search(page)

if "--write" in sys.argv[1:]:
    PAGE.write_text(PART.sub(lambda m: f"{m.group(1)}\n{tables}\n\n{m.group(3)}", page))
    sys.exit(0)

ok("docs/policy.md has a place for the generated tables", part is not None, page[-300:])
written = part.group(2).strip("\n") if part else ""
ok("mfatigue prints a table for each section", tables.count("\n### ") + tables.startswith("### ") >= 6, tables[:300])
ok("the tables of docs/policy.md are those of the code", written == tables, "\n".join(
    difflib.unified_diff(written.splitlines(), tables.splitlines(), "docs/policy.md", "mfatigue check --print-markdown", lineterm="", n=0)))

catalogue = re.findall(r"^\| \[(\w+)\]\(\1\.md\)", (TOP / "docs/signals/README.md").read_text(), re.M)
ok("docs/signals/README.md lists the signals of the code in its order", catalogue == re.findall(r"^### signals\.(\w+)", tables, re.M),
   catalogue)
ok("each signal has a page", not [n for n in catalogue if not (TOP / f"docs/signals/{n}.md").exists()], catalogue)


def accepted(text):
    """What the program has against a policy of this text, or nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        result = mfatigue("check", "--policy", file.name)
    return "" if result.returncode == 0 else result.stdout or "no reason"


def examples(path):
    """Each indented block of a page that is a policy or a member of one."""
    for block in re.findall(r"((?:^    .*\n)+)", path.read_text(), re.M):
        text = re.sub(r"^    ", "", block, flags=re.M).strip()
        if text.startswith('"'):
            yield "{" + text + "}"
        elif re.match(r"(//[^\n]*\n)?\{", text):
            yield text


pages = [PAGE, *sorted((TOP / "docs/signals").glob("*.md"))]
refused = [f"{page.relative_to(TOP)}: {reason}\n{text}" for page in pages for text in examples(page) if (reason := accepted(text))]
ok("docs/policy.md and the pages of signals show examples", sum(1 for page in pages for _ in examples(page)) >= 5)
ok("each example is a policy that mfatigue accepts", not refused, "\n".join(refused))
done()
