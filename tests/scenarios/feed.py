"""A feed, and what all providers have in common."""

import json
from dataclasses import dataclass, field

from world import at, sec, spread


@dataclass
class Feed:
    name: str
    rows: list = field(default_factory=list)

    def add(self, when, record):
        self.rows.append((when, len(self.rows), record))

    def serial(self, prefix=""):
        return f"{prefix}{spread(self.name, 0xffff):04x}-{len(self.rows) + 1:05d}"

    def timed(self):
        """(time, line) in order of time."""
        return [(when, json.dumps(record, separators=(",", ":"), ensure_ascii=False)) for when, _, record in sorted(self.rows, key=lambda r: r[:2])]

    def lines(self):
        return [line for _, line in self.timed()]


def stamp(when, digits=3):
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond:06d}"[:digits]


class Provider:
    """prompt(): one prompt and how it ended: approved refused fraud timeout failed cancelled, or None (no record of it ever)."""

    def __init__(self, feed):
        self.feed = feed

    def login(self, who, place, when, answer=12):
        """All as it should be: password, one prompt, approved."""
        self.password(who, place, when)
        self.prompt(who, place, when + sec(2), "approved", answer)
        self.session(who, place, when + sec(3 + answer))

    def history(self, who, days=10, step=1, place=None, clock="08:10"):
        """A login on each of the days before the Monday."""
        for day in range(days, 0, -step):
            when = at(clock, -day) + sec(spread(f"{who.name}{day}", 2400))
            self.login(who, place or who.home, when, 6 + spread(f"{day}{who.name}", 14))

    def evening(self, who, when="23:30"):
        """Somebody's login late in the day moves the feed's clock, so that what went quiet is closed."""
        self.history(who, 10, 4)
        self.login(who, who.home, at(when))

    def password(self, who, place, when):
        pass

    def session(self, who, place, when):
        pass
