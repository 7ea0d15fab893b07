#!/usr/bin/python3
"""What is remembered is kept: each member of a struct that has a table of fields stands in it, or here with the reason."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
SRC = TOP / "src"

# struct -> members that a file does not hold, and why
NOT_KEPT = {
    "mf_user": {"recent": "a record of its own"},
    "mf_recent": {"owner": "where it is", "wait": "found again when the wait is put back"},
    "mf_incident": {"used": "only those are kept", "alert": "kept.h"},
    "mf_campaign": {"used": "only those are kept"},
    "mf_alert": {"n_findings": "counted again", "finding": "by name, kept.h", "related": "a pointer", "n_related": "beside it"},
    "mf_expectation": {name: "an alert does not tell it" for name in ("window", "size", "level")},
    "mf_trace": {name: "as words" for name in ("key", "last", "base", "n", "pressing", "login", "attempt")},
    "mf_finding": {"signal": "by its name"},
}

STRUCT = re.compile(r"struct (\w+) \{\n(.*?)\n\}[^;]*;", re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
TABLE = re.compile(r"MF_(?:NUMBER|NUMBER_MAX|NUMBERS|FLAG|REAL|REALS|WHEN|WHEN_OR_NONE|TEXT|TEXTS|PART|PARTS)\(struct (\w+),\s*([\w.\[\]]+)")


def members(body):
    """Names of a struct's members, those of structs within it left out."""
    names = []
    for statement in COMMENT.sub("", body).split(";"):
        statement = re.sub(r"\{.*\}", "", statement, flags=re.S).strip()
        if not statement or "{" in statement:
            continue
        for part in statement.split(","):
            match = re.search(r"(\w+)\s*(?::\s*\d+)?\s*(?:\[[^\]]*\]\s*)*$", part.strip())
            if match:
                names.append(match.group(1))
    return names


structs, kept = {}, {}
for path in sorted(SRC.rglob("*.[ch]")):
    text = path.read_text()
    for name, body in STRUCT.findall(text):
        structs.setdefault(name, members(body))
    for struct, member in TABLE.findall(text):
        kept.setdefault(struct, set()).add(member.split(".")[0].split("[")[0])
        if "." in member:  # a member of a struct within: feed_record, feed.watermark
            kept.setdefault(f"{struct}.{member.split('.')[0]}", set()).add(member.split(".")[1].split("[")[0])

# structs that are kept as a part of a record
WITHIN = {"feed": "feed_record.feed", "mf_incident": "kept_incident.incident", "mf_campaign": "kept_campaign.campaign",
          "mf_held": "mf_cap.held", "mf_finding": "mf_kept_finding.finding", "single": "kept_single.single"}
WITHIN_NOT_KEPT = {"feed": {"lock": "of this process"}, "mf_campaign": {"used": "", "told": "its names and alert are"},
                   "mf_cap": {}, "single": {}}
RECORDS = ("feed_record", "recent_record", "shard_record", "trace_record", "kept_single", "kept_unsent", "kept_incident",
           "kept_campaign", "mf_kept_alert", "mf_kept_finding", "names", "end", "mf_frame_head", "mf_note")

checked = 0
for struct in sorted(set(kept) | set(WITHIN)):
    if "." in struct or struct in RECORDS or struct not in structs:
        continue
    there = kept.get(struct, set()) | kept.get(WITHIN.get(struct, ""), set())
    excused = {**NOT_KEPT.get(struct, {}), **WITHIN_NOT_KEPT.get(struct, {})}
    missing = [m for m in structs[struct] if m not in there and m not in excused]
    ok(f"all of struct {struct} is kept", not missing,
       f"not in its table of fields, so a restart forgets it: {', '.join(missing)}")
    checked += 1
ok("the structs are found", checked > 15, sorted(kept))
done()
