#!/usr/bin/python3
"""The lines that docs/geo.md gives to administrators of a confined rsyslogd are lines of an AppArmor profile. Whether they are
enough is not tried: that takes a kernel that enforces one."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests"))
from tap import done, ok  # noqa: E402

# What Debian's tunables say of the two variables, so that its files need not be there.
PROFILE = """@{PROC}=/proc/
@{pid}={[1-9],[1-9][0-9],[1-9][0-9][0-9],[1-9][0-9][0-9][0-9]}
profile rsyslogd /usr/sbin/rsyslogd {
%s}
"""

section = (TOP / "docs/geo.md").read_text().split("### AppArmor", 1)[-1]
block = re.search(r"^```\n(.*?)^```", section, re.M | re.S)
lines = block[1] if block else ""
ok("docs/geo.md has lines for AppArmor", ".mmdb r," in lines and "/fd/*" in lines, lines)
parser = shutil.which("apparmor_parser", path="/sbin:/usr/sbin")
if parser is None:
    ok("and they are read as such # SKIP there is no apparmor_parser", True)
else:
    with tempfile.NamedTemporaryFile("w", suffix=".profile") as profile:
        profile.write(PROFILE % lines)
        profile.flush()
        read = subprocess.run([parser, "--skip-kernel-load", "--skip-cache", profile.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ok("and they are read as such", read.returncode == 0, read.stdout)
done()
