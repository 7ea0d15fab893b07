"""A promise a line: ok("sentence", truth, "what was seen instead"). The test ends with done()."""

import sys

_count = _broken = 0


def ok(name, truth, seen=""):
    global _count, _broken
    _count += 1
    if truth:
        print(f"ok {_count} - {name}", flush=True)
        return
    _broken += 1
    print(f"not ok {_count} - {name}", flush=True)
    for line in str(seen).splitlines()[:60]:
        print(f"#   {line}", flush=True)


def done():
    print(f"1..{_count}")
    sys.exit(1 if _broken or not _count else 0)
