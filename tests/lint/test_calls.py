#!/usr/bin/python3
"""What the engine must not do: read a clock, depend on a locale, write past a buffer, print, keep global state."""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))

UNSAFE = "strcpy stpcpy strcat strncat sprintf vsprintf gets strtok strtok_r atoi atol atoll atof alloca scanf sscanf fscanf"
LOCALE = ("setlocale localtime localtime_r mktime strftime strtod strtof strtold isalpha isdigit isalnum isspace isupper islower "
          "isprint toupper tolower strcasecmp strncasecmp strcoll")
CLOCK = "gettimeofday clock_gettime clock time times timespec_get ftime sleep usleep nanosleep rand random srand"
NETWORK = "getaddrinfo gethostbyname gethostbyaddr getnameinfo getservbyname res_query socket connect"
PRINT = "printf vprintf puts putchar perror dprintf syslog"

# A comment, a string or a character: not code.
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code(path):
    return NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), path.read_text())


def calls(rooms, names):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names.split()) + r")\s*\(")
    for room in rooms:
        for path in sorted((TOP / room).rglob("*.[ch]")):
            for number, line in enumerate(code(path).splitlines(), 1):
                if (match := pattern.search(line)) and not re.match(r"\s*#", line):
                    yield f"{path.relative_to(TOP)}:{number}: {match.group(1)}()"


def global_state():
    """Objects of the engine that have anything in .data or .bss. (Constant tables with pointers are in .data.rel.ro.)"""
    for obj in sorted((BUILD / "src").rglob("*.o")):
        sections = subprocess.run(["objdump", "-h", obj], stdout=subprocess.PIPE, text=True, check=True).stdout
        for name, size in re.findall(r"^\s*\d+\s+(\.data|\.bss|\.tdata|\.tbss)\s+([0-9a-f]{8})", sections, re.M):
            if int(size, 16):
                yield f"{obj.relative_to(BUILD)}: {int(size, 16)} bytes in {name}"


def promise(name, findings):
    findings = list(findings)
    ok(name, not findings, "\n".join(findings))


promise("no call that can write past a buffer or read untrusted text loosely", calls(["src", "plugin", "tool"], UNSAFE))
promise("the engine calls nothing that depends on the locale", calls(["src"], LOCALE))
promise("the engine reads no clock and draws no random number", calls(["src"], CLOCK))
promise("engine and module ask nobody over the network: an address in a record is never looked up", calls(["src", "plugin"], NETWORK))
promise("the engine prints only to a FILE that it is handed", list(calls(["src"], PRINT)) +
        [f"{p.relative_to(TOP)}: std{w}" for p in sorted((TOP / "src").rglob("*.[ch]"))
         for w in re.findall(r"\bstd(out|err)\b", code(p))])
ok("the engine's objects are there to be looked at", any((BUILD / "src").rglob("*.o")), BUILD)
promise("the engine keeps no global state", global_state())
done()
