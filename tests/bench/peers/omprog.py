#!/usr/bin/env python3
"""Five push challenges of one user within ten minutes, by the time of the events: what a script behind omprog does.

usage: omprog.py ALERTS"""

import collections
import datetime
import json
import sys

WINDOW, COUNT = 600, 5


def main():
    pushes, told = collections.defaultdict(collections.deque), {}
    with open(sys.argv[1], "w", buffering=1) as alerts:
        for line in sys.stdin:
            at = line.find("{")
            if at < 0 or "system.push.send_factor_verify_push" not in line:
                continue
            record = json.loads(line[at:])
            if record["eventType"] != "system.push.send_factor_verify_push":
                continue
            user = record["actor"]["alternateId"]
            now = datetime.datetime.fromisoformat(record["published"].replace("Z", "+00:00")).timestamp()
            recent = pushes[user]
            recent.append(now)
            while recent[0] < now - WINDOW:
                recent.popleft()
            if len(recent) >= COUNT and now - told.get(user, 0) > 1800:
                told[user] = now
                alerts.write(user + "\n")


if __name__ == "__main__":
    main()
