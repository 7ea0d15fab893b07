#!/usr/bin/python3
"""The short form of script/soak: a million events through four workers, with the clock and reloads beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import done, ok

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("MF_BUILDDIR", TOP / "build"))

subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/soak"], stdout=subprocess.DEVNULL, check=True)
run = subprocess.run([BUILD / "tests/bench/soak", TOP / "profiles", "1000000", "4"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                     text=True, timeout=300)
*looks, end = [json.loads(line) for line in run.stdout.splitlines()]
ok("a million events come through", looks and looks[-1]["events"] > 950_000 and looks[-1]["alerts"] > 0, looks[-1:])
ok("memory does not grow once the tables are full, nor do descriptors", run.returncode == 0 and end["grew"] is False, run.stdout)
done()
