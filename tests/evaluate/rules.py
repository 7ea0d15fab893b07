"""The two plain rules, on the events as mfatigue reads them: `mfatigue normalize | python3 rules.py` writes one JSON object.

    prompts     5 prompts in 10 minutes
    negatives   5 refused, reported, timed-out or failed prompts in 10 minutes

Records that came twice count once, and so does a refusal that Okta Classic tells in two records. Times are those of the events, in their order,
so the rules do not suffer from late delivery: they get every chance.
"""

import json
import sys
from collections import Counter, defaultdict, deque
from datetime import datetime, timezone

LIMIT, WINDOW = 5, 600.0
NEGATIVE = {"mfa_denied", "mfa_fraud", "mfa_timeout", "mfa_failed"}
_days = {}


def seconds(text):
    """2026-03-02T09:00:00.000Z as a number."""
    day = text[:10]
    if day not in _days:
        _days[day] = datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp()
    return _days[day] + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + float(text[17:-1])


def firings(times):
    """The times at which LIMIT of them lay within WINDOW."""
    recent, fired = deque(), []
    for when in sorted(times):
        recent.append(when)
        while when - recent[0] > WINDOW:
            recent.popleft()
        if len(recent) >= LIMIT:
            fired.append(when)
    return fired


class Events:
    def __init__(self):
        self.kinds = Counter()  # what is skipped counts under its reason
        self.prompts, self.negatives = defaultdict(dict), defaultdict(dict)
        self.refused = {}

    def add(self, line):
        if '"skip":' in line:
            self.kinds[json.loads(line)["skip"]] += 1
            return
        start = line.index('"kind":"') + 8
        kind = line[start:line.index('"', start)]
        if kind.startswith("mfa_"):
            event = json.loads(line)
            when, user = seconds(event["time"]), event["user"]
            if event.get("prompts"):
                self.prompts[user][event.get("id"), kind] = when
            if kind in NEGATIVE:
                self.negative(user, event, kind, when)
        self.kinds[kind] += 1

    def negative(self, user, event, kind, when):
        key = event.get("transaction") or event.get("id")
        if kind == "mfa_denied":
            if abs(self.refused.get((user, key), -1e9) - when) < 5:
                return
            self.refused[user, key] = when
        self.negatives[user][event.get("id"), kind] = when

    def result(self):
        rules = {}
        for name, table in (("prompts", self.prompts), ("negatives", self.negatives)):
            fired = {user: firings(times.values()) for user, times in table.items() if len(times) >= LIMIT}
            rules[name] = {user: times for user, times in sorted(fired.items()) if times}
        return {"kinds": dict(sorted(self.kinds.items())), "rules": rules}


def main():
    events = Events()
    for line in sys.stdin:
        events.add(line)
    json.dump(events.result(), sys.stdout)


if __name__ == "__main__":
    main()
