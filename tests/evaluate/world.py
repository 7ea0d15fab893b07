"""A company: its people, places, networks and providers, and the lists that it keeps of them.

Everything is drawn from one seed. Names, networks and places are invented: example.com, addresses of RFC 2544, RFC 3849 and
RFC 5737, autonomous systems of the private range of RFC 6996. docs/evaluation.md says where each share comes from.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

DAY = 86400.0
HOUR = 3600.0
MINUTE = 60.0
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc).timestamp()  # a Monday

# country: name, hours from UTC, share of the staff, cities
COUNTRIES = {
    "DE": ("Germany", 1, 40, [("Hamburg", 53.55, 9.99), ("Munich", 48.14, 11.58), ("Berlin", 52.52, 13.40)]),
    "US": ("United States", -6, 25, [("Chicago", 41.88, -87.63), ("Austin", 30.27, -97.74), ("Boston", 42.36, -71.06)]),
    "GB": ("United Kingdom", 0, 12, [("London", 51.51, -0.13), ("Leeds", 53.80, -1.55)]),
    "PL": ("Poland", 1, 10, [("Krakow", 50.06, 19.94)]),
    "IN": ("India", 5.5, 8, [("Pune", 18.52, 73.86)]),
    "BR": ("Brazil", -3, 5, [("Curitiba", -25.43, -49.27)]),
}
ABROAD = {
    "RO": ("Romania", 2, 0, [("Bucharest", 44.43, 26.10)]),
    "ES": ("Spain", 1, 0, [("Valencia", 39.47, -0.38)]),
    "FR": ("France", 1, 0, [("Lyon", 45.76, 4.84)]),
    "NL": ("Netherlands", 1, 0, [("Amsterdam", 52.37, 4.90)]),
    "SE": ("Sweden", 1, 0, [("Malmo", 55.60, 13.00)]),
    "IT": ("Italy", 1, 0, [("Bologna", 44.49, 11.34)]),
    "JP": ("Japan", 9, 0, [("Osaka", 34.69, 135.50)]),
    "MX": ("Mexico", -6, 0, [("Puebla", 19.04, -98.21)]),
    "SG": ("Singapore", 8, 0, [("Singapore", 1.35, 103.82)]),
    "MD": ("Moldova", 2, 0, [("Chisinau", 47.01, 28.86)]),
    "NG": ("Nigeria", 1, 0, [("Lagos", 6.52, 3.38)]),
    "VN": ("Vietnam", 7, 0, [("Hanoi", 21.03, 105.85)]),
    "RU": ("Russia", 3, 0, [("Samara", 53.20, 50.15)]),
}
EVERYWHERE = {**COUNTRIES, **ABROAD}
TRAVEL = ["ES", "FR", "NL", "SE", "IT", "JP", "MX", "SG", "RO", "DE", "US", "GB", "PL", "IN"]
ORIGINS = ["RO", "MD", "NG", "VN", "RU", "NL", "US", "FR"]  # where attackers rent hosts
GROUPS = [("sales", 22, 1.3), ("engineering", 30, 1.0), ("support", 18, 1.2), ("finance", 10, 0.9), ("operations", 16, 0.9), ("it", 4, 1.8)]
FIRST = "ada ben cleo dan eva finn gina hugo ines jan kira leo mia noa otto pia rosa sam tara uwe vera wim yara zoe".split()
LAST = "abel brandt cole duarte eber falk greve holm iyer jansen kowal lind moreno nagel olsen pohl reis silva thoma vogt weber".split()


@dataclass(frozen=True)
class Place:
    ip: str
    asn: int
    network: str
    city: str
    country: str  # as ISO writes it
    name: str
    latitude: float
    longitude: float
    proxy: bool = False


def place(ip, asn, network, country, rng, proxy=False, city=None):
    name, _, _, cities = EVERYWHERE[country]
    town, latitude, longitude = city or rng.choice(cities)
    return Place(ip, asn, network, town, country, name, latitude, longitude, proxy)


_NUMBERS = {code: i for i, code in enumerate(EVERYWHERE)}


def asn_of(country, kind, n=0):
    """home, mobile, hotel, hosting and office networks of a country have their own numbers."""
    return 64512 + _NUMBERS[country] * 40 + {"home": 0, "mobile": 10, "hotel": 15, "hosting": 20, "office": 30, "vpn": 35}[kind] + n


def home_address(index):
    """Half of the homes have an old-style address, all have a network of their own."""
    if index % 2:
        return f"2001:db8:{index >> 12:x}:{index & 0xfff:x}00::17"
    return f"198.18.{(index >> 8) & 0xff}.{index & 0xff}" if index < 65536 else f"2001:db8:{index >> 12:x}:{index & 0xfff:x}00::19"


def mobile(country, carrier, rng, city=None):
    """A carrier's exits: another network for each session."""
    number = _NUMBERS[country] * 8 + carrier
    if rng.random() < 0.5:
        address = f"198.19.{number & 0xff}.{rng.randrange(1, 255)}"
    else:
        address = f"2001:db8:f{number:03x}:{rng.randrange(4096):x}::{rng.randrange(1, 9)}"
    return place(address, asn_of(country, "mobile", carrier), f"Example Mobile {country}", country, rng, city=city)


def hotel(country, rng):
    return place(f"2001:db8:e{_NUMBERS[country]:03x}:{rng.randrange(65536):x}::{rng.randrange(1, 99)}",
                 asn_of(country, "hotel", rng.randrange(3)), f"Example Hotel Net {country}", country, rng)


def hosting(country, rng):
    return place(f"2001:db8:d{_NUMBERS[country]:03x}:{rng.randrange(65536):x}::{rng.randrange(1, 99)}",
                 asn_of(country, "hosting", rng.randrange(4)), f"Example Hosting {country}", country, rng, proxy=rng.random() < 0.3)


def residential(country, rng):
    """Somebody's home that an attacker rents, in the same country and often with the same provider."""
    return place(f"2001:db8:c{_NUMBERS[country]:03x}:{rng.randrange(65536):x}::{rng.randrange(1, 99)}",
                 asn_of(country, "home", rng.randrange(4)), f"Example Home {country}", country, rng)


@dataclass
class Person:
    index: int
    login: str
    short: str
    idp: str
    second: str  # another provider, or ""
    second_name: str
    country: str
    group: str
    role: str
    risk: bool
    rate: float  # logins with a prompt on a working day
    start: float  # of the local working day, in hours
    night: bool
    remote: float  # share of days not in the office
    factor: str
    devices: int
    home: Place
    office: Place
    carrier: int
    on_vpn: float  # share of logins from home through the company's VPN
    consumer: list  # exits of a private VPN
    joined: int  # day
    clumsy: float  # how much more often than others something goes wrong
    trips: list = field(default_factory=list)  # (first day, last day, country, noted, where)
    rng: random.Random = None
    key: str = ""

    def offset(self):
        return EVERYWHERE[self.country][1]

    def trip(self, day):
        return next((t for t in self.trips if t[0] <= day <= t[1]), None)


class Company:
    def __init__(self, users, days, seed):
        self.seed, self.days, self.size = seed, days, users
        rng = random.Random(f"company {seed}")
        self.rng = rng
        self.offices = self._offices(rng)
        self.vpn = {c: [place(f"203.0.113.{10 + 10 * i + n}", asn_of(c, "vpn"), "Example Company VPN", c, rng) for n in range(4)]
                    for i, c in enumerate(("DE", "US", "GB"))}
        self.people = [self._person(i, rng) for i in range(users)]
        self._activity(rng)
        self._second_names()
        services = max(1, users // 200)
        self.services = [f"svc-{('backup', 'mail', 'scan', 'report')[i % 4]}-{i:03d}@example.com" for i in range(services)]
        self.names = {}
        for p in self.people:
            self.names[p.login] = p.index
            if p.second_name:
                self.names[p.second_name] = p.index

    def _offices(self, rng):
        offices = {}
        number = 0
        for country in COUNTRIES:
            for city in COUNTRIES[country][3]:
                number += 1
                listed = number != 4  # one office was opened lately and nobody has told the list
                offices.setdefault(country, []).append(
                    (place(f"198.51.100.{number * 10}", asn_of(country, "office"), "Example Company", country, rng, city=city), listed))
        return offices

    def _person(self, index, rng):
        country = rng.choices(list(COUNTRIES), [c[2] for c in COUNTRIES.values()])[0]
        group = rng.choices([g[0] for g in GROUPS], [g[1] for g in GROUPS])[0]
        role = "admin" if group == "it" and rng.random() < 0.5 else "executive" if rng.random() < 0.01 else "staff"
        first, last = rng.choice(FIRST), rng.choice(LAST)
        short = f"{first[0]}{last}{index}"
        office, _ = rng.choice(self.offices[country])
        idp = rng.choices(["okta_classic", "okta_identity", "entra", "duo"], [15, 35, 35, 15])[0]
        second = "duo" if idp != "duo" and rng.random() < 0.12 else ""
        city = (office.city, office.latitude, office.longitude)
        night = rng.random() < 0.04
        person = Person(
            index, f"{first}.{last}{index}@example.com", short, idp, second, "", country, group, role, role != "staff" or rng.random() < 0.005,
            1.0, rng.gauss(22.0 if night else 8.8, 0.9), night, rng.choice([0.1, 0.4, 0.5, 0.6, 1.0]),
            rng.choices(["push", "verified_push", "totp", "sms"], [68, 12, 12, 8])[0],
            2 if rng.random() < 0.05 else 1,
            place(home_address(index), asn_of(country, "home", rng.randrange(4)), f"Example Home {country}", country, rng, city=city),
            office, rng.randrange(3), 0.5 if rng.random() < 0.35 else 0.0, [], 0, rng.lognormvariate(-0.25, 0.7))
        if rng.random() < 0.02:
            exit_country = rng.choice(["NL", "SE", "FR", country])
            person.consumer = [place(f"2001:db8:b{_NUMBERS[exit_country]:03x}:{rng.randrange(256):x}::{n + 1}",
                                     asn_of(exit_country, "hosting", 5), "Example Private VPN", exit_country, rng, proxy=True) for n in range(5)]
        if rng.random() < 0.03 and self.days > 4:
            person.joined = rng.randrange(3, self.days)
        person.rng = random.Random(f"person {self.seed} {index}")
        person.key = f"{rng.getrandbits(48):012x}"
        self._travel(person, rng)
        return person

    def _travel(self, person, rng):
        day = 0
        while rng.random() < 0.08 * self.days / 30 and day < self.days:
            day = rng.randrange(self.days)
            if person.trips and day <= person.trips[-1][1] + 1:
                break
            country = rng.choice([c for c in TRAVEL if c != person.country])
            rooms = [hotel(country, rng) for _ in range(2)]
            person.trips.append((day, day + rng.randrange(1, 6), country, rng.random() < 0.25, rooms))
            day += 8

    def _activity(self, rng):
        """Zipf: the r-th busiest has a share of r**-0.6; on average 2 logins with a prompt a working day."""
        ranks = list(range(1, len(self.people) + 1))
        rng.shuffle(ranks)
        weights = [r ** -0.6 * dict((g, f) for g, _, f in GROUPS)[p.group] for r, p in zip(ranks, self.people)]
        mean = sum(weights) / len(weights)
        for person, weight in zip(self.people, weights):
            person.rate = min(14.0, max(0.3, 2.0 * weight / mean))

    def _second_names(self):
        """A VPN often tells Duo the short name of a person."""
        for p in self.people:
            if p.second:
                p.second_name = p.short if p.index % 2 else p.login

    # ---- the lists ----

    def write_lists(self, directory):
        """The files that a company would keep, and the policy that names them. Returns the policy's name."""
        def write(name, lines):
            (directory / name).write_text("".join(line + "\n" for line in lines))
            return str(directory / name)

        egress = [f"{office.ip}/32  # {office.city}" for rows in self.offices.values() for office, listed in rows if listed]
        vpn = [f"203.0.113.{10 + 10 * i + n}/32" for i in range(3) for n in range(4)]
        people = []
        for p in self.people:
            alias = f" alias={p.second_name}" if p.second_name and p.second_name != p.login else ""
            people.append(f"{p.login}{alias} group={p.group} role={p.role} home={p.country}{' risk=high' if p.risk else ''}")
        travel = []
        for p in self.people:
            for first, last, country, noted, _ in p.trips:
                if noted:
                    travel.append(f"{p.login} {country} from={date(first)} until={date(last)}")
        policy = '{\n  "nets": {"egress": "%s", "vpn": "%s"},\n  "people": {"directory": "%s", "travel": "%s", "ignore": "%s"}\n}\n' % (
            write("egress", egress), write("vpn", vpn), write("directory", people), write("travel", travel), write("ignore", self.services))
        (directory / "policy.json").write_text(policy)
        return str(directory / "policy.json")


def date(day):
    return (datetime(2026, 3, 2) + timedelta(days=day)).strftime("%Y-%m-%d")


def poisson(rng, mean):
    if mean <= 0:
        return 0
    limit, n, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        n += 1
        product *= rng.random()
    return n
