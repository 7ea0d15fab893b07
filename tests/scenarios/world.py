"""When and where the stories happen, and to whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

MONDAY = datetime(2025, 3, 3, tzinfo=timezone.utc)


def at(clock, days=0):
    """That time of the Monday on which all stories happen, or of another day: at("09:14:37"), at("22:00", -1)."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def sec(n):
    return timedelta(seconds=n)


@dataclass(frozen=True)
class Place:
    ip: str
    asn: int
    network: str
    city: str
    country: str
    code: str
    latitude: float
    longitude: float


def hamburg(number):
    """A home: each its own network, all with one provider."""
    return Place(f"2001:db8:{number:x}::17", 64496, "Example Home Net", "Hamburg", "Germany", "DE", 53.55, 9.99)


OFFICE = Place("198.51.100.20", 64497, "Example Office", "Hamburg", "Germany", "DE", 53.55, 9.99)
KIOSK = Place("198.51.100.77", 64497, "Example Office", "Hamburg", "Germany", "DE", 53.55, 9.99)
HOTEL = Place("192.0.2.140", 64505, "Example Hotel Net", "Porto", "Portugal", "PT", 41.15, -8.61)
BUCHAREST = Place("203.0.113.66", 64510, "Example Hosting", "Bucharest", "Romania", "RO", 44.43, 26.10)
CHISINAU = Place("203.0.113.151", 65550, "Example Transit", "Chisinau", "Moldova", "MD", 47.01, 28.86)
PROXY = Place("2001:db8:fade::9", 64509, "Example Mobile Net", "Berlin", "Germany", "DE", 52.52, 13.40)
TOR = Place("203.0.113.200", 65551, "Example Anonymiser", "Hamburg", "Germany", "DE", 53.55, 9.99)
EGRESS = Place("198.51.100.130", 64498, "Example Company", "Hamburg", "Germany", "DE", 53.55, 9.99)
RADIUS = Place("", 0, "", "", "", "", 0, 0)  # integrations that tell no address


@dataclass(frozen=True)
class Person:
    name: str
    home: Place

    @property
    def login(self):
        return self.name.lower().replace(" ", ".") + "@example.com"


_number = 0


def number_homes_from(number):
    """Each scenario has its own range, so that homes do not move when a scenario is added before."""
    global _number
    _number = number


def person(name, home=None):
    """Names are used once in all scenarios, so that several can be played as one feed."""
    global _number
    _number += 1
    return Person(name, home or hamburg(_number))


def spread(text, n):
    """A number below n that depends on the text: jitter without chance."""
    value = 7
    for letter in text.encode():
        value = (value * 31 + letter) % 1000003
    return value % n
