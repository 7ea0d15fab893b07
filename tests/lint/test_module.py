#!/usr/bin/python3
"""What rsyslogd sees of the module, and how it is hardened."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))
MODULE, PROGRAM = BUILD / "modules/mmfatigue.so", BUILD / "mfatigue"


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


exported = [line.split()[-1] for line in output("nm", "-D", "--defined-only", str(MODULE)).splitlines()]
ok("the module exports modInit and nothing else", exported == ["modInit"], exported)
daemon = {line.split()[-1].split("@")[0] for line in output("nm", "-D", "--defined-only", "/usr/sbin/rsyslogd").splitlines()}
wanted = {line.split()[-1] for line in output("nm", "-D", "--undefined-only", str(MODULE)).splitlines()
          if "@" not in line and " w " not in line}
libraries = {line.split()[-1].split("@")[0] for name in ("libfastjson.so.4", "libestr.so.0", "libmaxminddb.so.0")
             for path in output("sh", "-c", f"/sbin/ldconfig -p | sed -n 's/.*{name}.*=> //p' | head -n 1").split()
             for line in output("nm", "-D", "--defined-only", path).splitlines()}
ok("each symbol that it needs is the daemon's or a library's", wanted and wanted <= daemon | libraries, wanted - daemon - libraries)
for path in (MODULE, PROGRAM):
    dynamic, headers = output("readelf", "-d", str(path)), output("readelf", "-lW", str(path))
    ok(f"{path.name} is bound at load and read-only after", "BIND_NOW" in dynamic and "GNU_RELRO" in headers, dynamic)
    stack = [line for line in headers.splitlines() if "GNU_STACK" in line]
    ok(f"{path.name} has no executable stack", stack and "RWE" not in stack[0], stack)
    checked = output("nm", "-D", "--undefined-only", str(path))
    ok(f"{path.name} guards its stack and checks the room of copies", "__stack_chk_fail" in checked and "__memcpy_chk" in checked, checked)
ok("mfatigue is a program in place, and position independent", "DYN" in output("readelf", "-h", str(PROGRAM)), PROGRAM)
done()
