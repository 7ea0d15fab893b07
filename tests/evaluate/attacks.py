"""Attacks of many kinds, and the truth about each. docs/evaluation.md gives the source of each figure."""

import random
from dataclasses import dataclass, field

from wire import LIFE, PUSHES
from world import BEGIN, DAY, HOUR, MINUTE, ORIGINS, hosting, mobile, residential


@dataclass
class Attack:
    kind: str
    start: float
    users: list = field(default_factory=list)  # logins
    prompts: list = field(default_factory=list)  # times at which somebody was asked
    tries: list = field(default_factory=list)  # times of codes typed by the attacker
    approval: float = 0.0
    sources: list = field(default_factory=list)
    provider: str = ""
    end: float = 0.0
    each: int = 0  # where several users are attacked: the most prompts on one of them

    def most(self):
        """Prompts on one user."""
        return len(self.prompts) if len(self.users) == 1 else self.each

    def steps(self):
        """What is counted to say how far the attack was: prompts, or codes where nobody is asked."""
        return self.prompts or self.tries


class Attacker:
    """KINDS says what share each has; each method below plays one out."""

    KINDS = {
        "fast_refused": 12, "fast_silent": 9, "drip": 7, "night": 8, "small_then_approved": 8, "residential": 8, "egress": 5, "spray_then_prompt": 7,
        "code_bruteforce": 6, "no_login": 5, "fan_in": 4, "factor_change": 5, "approved_nth": 7, "two_providers": 4, "responder": 4, "sms_flood": 5,
    }

    def __init__(self, company, wire, number):
        self.company, self.wire = company, wire
        self.rng = random.Random(f"attacks {company.seed}")
        self.free = [p for p in company.people if p.joined == 0 or self.rng.random() < 0.05]
        self.rng.shuffle(self.free)
        self.free.sort(key=lambda p: not (p.risk and self.rng.random() < 0.5))  # half of those who matter are tried first
        front = [p for p in self.free[:max(1, number // 5)]]
        self.free = front + self.rng.sample(self.free[len(front):], len(self.free) - len(front))
        self.plan = sorted(self._when(kind) for kind in self._kinds(number))
        self.done = []

    def _kinds(self, number):
        """Each kind by its share, largest remainders first, at least one of each while there are enough."""
        total = sum(self.KINDS.values())
        exact = {k: number * v / total for k, v in self.KINDS.items()}
        count = {k: int(v) for k, v in exact.items()}
        if number >= len(count):
            count = {k: max(1, n) for k, n in count.items()}
        for kind in sorted(exact, key=lambda k: count[k] - exact[k]):
            if sum(count.values()) < number:
                count[kind] += 1
        while sum(count.values()) > number:
            count[max(count, key=lambda k: count[k] - exact[k] if count[k] > 1 else -9)] -= 1
        return [k for k in self.KINDS for _ in range(count[k])]

    def _when(self, kind):
        """In the night, in the evening or when people work, of the victim's day; nobody is attacked before the fifth day."""
        rng = self.rng
        first = 5 if self.company.days > 8 else 1
        return rng.randrange(first, max(first + 1, self.company.days - 1)), kind, rng.random()

    def day(self, day):
        for when, kind, chance in self.plan:
            if when == day:
                self.done.append(getattr(self, kind)(kind, day, chance))

    # ---- what all of them need ----

    def victim(self, wants=lambda p: True):
        for i, person in enumerate(self.free):
            if wants(person):
                return self.free.pop(i)
        raise SystemExit("evaluate: not enough users for that many attacks")

    def pushed(self, more=lambda p: True):
        return self.victim(lambda p: p.factor in PUSHES and more(p))

    def at(self, who, day, chance):
        rng = self.rng
        hour = rng.uniform(9, 17) if chance < 0.45 else rng.uniform(18, 23) if chance < 0.75 else rng.uniform(0.5, 5.5)
        return BEGIN + day * DAY + (hour - who.offset()) * HOUR

    def abroad(self, who):
        """One host, or three that take turns."""
        country = self.rng.choice([c for c in ORIGINS if c != who.country])
        return [hosting(country, self.rng) for _ in range(3 if self.rng.random() < 0.3 else 1)]

    def opens(self):
        """Whether somebody gives in at the last prompt."""
        return self.rng.random() < 0.4

    def neighbour(self, who):
        return [residential(who.country, self.rng) for _ in range(2 if self.rng.random() < 0.3 else 1)]

    def begin(self, kind, who, start, idp=None):
        return Attack(kind, start, [who.login], provider=idp or who.idp)

    def finish(self, attack, places):
        attack.sources = sorted({p.ip for p in places})
        times = attack.prompts + attack.tries + ([attack.approval] if attack.approval else [])
        attack.end = max(times + [attack.end])
        return attack

    def phone(self, who):
        return who.home if self.rng.random() < 0.5 else mobile(who.country, who.carrier, self.rng)

    def ask(self, attack, who, at, when, outcome, idp=None, login=True, factor=None, after=None):
        """One prompt with the login before it. Returns when it ended."""
        idp = idp or who.idp
        if login:
            self.wire.password(who, idp, at, when - self.rng.uniform(1.5, 4))
        if after is None:
            after = LIFE[idp] if outcome == "timeout" else min(LIFE[idp] - 5, max(4, self.rng.lognormvariate(2.5, 0.6)))
        factor = factor or (who.factor if who.factor in PUSHES else "push")
        self.wire.prompt(who, idp, at, when, outcome, after, factor, self.phone(who), who.devices)
        attack.prompts.append(when)
        if outcome == "approved":
            attack.approval = when + after
            self.wire.session(who, idp, at, when + after + 1.5)
        return when + after

    def bomb(self, attack, who, places, number, gap, refused, approve, idps=None, login=True, report=0.05, factor=None):
        """`number` prompts, one each `gap` (least, most) seconds; then an approval, when there is one."""
        rng, when = self.rng, attack.start
        for i in range(number):
            at = places[i % len(places)]
            idp = (idps or [who.idp])[i % len(idps or [1])]
            if approve and i == number - 1:
                self.ask(attack, who, at, when, "approved", idp, login, factor)
                break
            outcome = "refused" if rng.random() < refused else "timeout"
            if outcome == "refused" and rng.random() < report / 4:
                self.ask(attack, who, at, when, "fraud", idp, login, factor)
                break
            over = self.ask(attack, who, at, when, outcome, idp, login, factor)
            when += rng.uniform(*gap)
            if outcome == "refused":
                when = max(when, over + 3)
        return self.finish(attack, places)

    # ---- the kinds ----

    def fast_refused(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 41), (20, 75), 0.6, self.opens())

    def fast_silent(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 31), (20, 75), 0.0, self.opens())

    def drip(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance * 0.7))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 25), (900, 1500), 0.5, self.opens())

    def night(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, 0.9))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 31), (30, 120), 0.2, self.opens())

    def small_then_approved(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(3, 8), (20, 90), 0.6, True)

    def residential(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.neighbour(who), self.rng.randrange(8, 26), (25, 90), 0.4, self.opens())

    def egress(self, kind, day, chance):
        """From a stolen computer or a session inside: the company's own listed address."""
        who = self.pushed()
        near = self.company.offices[who.country] if self.rng.random() < 0.5 else [(p, True) for rows in self.company.vpn.values() for p in rows]
        places = [self.rng.choice([p for p, listed in near if listed] or [self.company.vpn["DE"][0]])]
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, places, self.rng.randrange(8, 26), (25, 90), 0.5, self.opens())

    def spray_then_prompt(self, kind, day, chance):
        """One address tries a password on many, and pushes the one whose it is."""
        who = self.pushed(lambda p: p.idp != "duo")
        attack = self.begin(kind, who, self.at(who, day, chance))
        places = self.abroad(who)[:1]
        others = self.rng.sample([p for p in self.company.people if p.idp == who.idp and p is not who], min(30, self.company.size // 20))
        when = attack.start - self.rng.uniform(0.3, 4) * HOUR
        for other in others + [who]:
            self.wire.password(other, other.idp, places[0], when, right=False)
            when += self.rng.uniform(5, 25)
        attack.start = max(attack.start, when + 60)
        return self.bomb(attack, who, places, self.rng.randrange(2, 7), (30, 200), 0.5, self.opens())

    def code_bruteforce(self, kind, day, chance):
        who = self.victim(lambda p: p.factor == "totp")
        attack, places = self.begin(kind, who, self.at(who, day, chance)), self.abroad(who)
        when = attack.start
        number, opens = self.rng.randrange(12, 61), self.rng.random() < 0.3
        for i in range(number):
            if i % 10 == 0:  # so many a session, then a new one
                self.wire.password(who, who.idp, places[0], when - 2)
            right = opens and i == number - 1
            self.wire.code(who, who.idp, places[0], when, right)
            attack.tries.append(when)
            if right:
                attack.approval = when
                self.wire.session(who, who.idp, places[0], when + 1)
            when += self.rng.uniform(4, 20)
        return self.finish(attack, places)

    def no_login(self, kind, day, chance):
        """Pushes through an interface that asks for no password and logs none."""
        who = self.pushed(lambda p: p.idp != "duo")
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 21), (20, 90), 0.5, self.opens(), login=False)

    def fan_in(self, kind, day, chance):
        """One address, a prompt or two each for many."""
        first = self.pushed()
        attack, places = self.begin(kind, first, self.at(first, day, chance)), self.abroad(first)[:1]
        victims = [first] + [self.pushed(lambda p: p.idp == first.idp) for _ in range(self.rng.randrange(7, 13) if self.company.size >= 1000 else 6)]
        attack.users = [v.login for v in victims]
        when = attack.start
        attack.each = 2
        for who in victims:
            for _ in range(self.rng.randrange(1, 3)):
                self.ask(attack, who, places[0], when, "refused" if self.rng.random() < 0.5 else "timeout")
                when += self.rng.uniform(40, 240)
        return self.finish(attack, places)

    def factor_change(self, kind, day, chance):
        """Bombing gets nowhere; hours later the help desk is talked into a new factor, which then opens."""
        who = self.pushed()
        places = self.abroad(who)
        attack = self.bomb(self.begin(kind, who, self.at(who, day, 0.2)), who, places, self.rng.randrange(8, 16), (20, 90), 0.6, False, report=0)
        when = attack.end + self.rng.uniform(1, 6) * HOUR
        self.wire.enrol(who, who.idp, places[0], when, reset=True)
        self.wire.password(who, who.idp, places[0], when + 300)
        self.ask(attack, who, places[0], when + 303, "approved", login=False)
        return self.finish(attack, places)

    def approved_nth(self, kind, day, chance):
        who = self.pushed()
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(1, 21), (20, 120), 0.5, True)

    def two_providers(self, kind, day, chance):
        who = self.pushed(lambda p: p.second)
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(8, 25), (25, 90), 0.5, self.opens(), idps=[who.idp, who.second])

    def responder(self, kind, day, chance):
        """The feed tells where the phone answered: not where the login is."""
        who = self.pushed(lambda p: p.idp in ("duo", "okta_classic"))
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(2, 7), (30, 120), 0.4, True)

    def sms_flood(self, kind, day, chance):
        who = self.victim(lambda p: p.factor == "sms")
        attack = self.begin(kind, who, self.at(who, day, chance))
        return self.bomb(attack, who, self.abroad(who), self.rng.randrange(6, 21), (40, 180), 0.0, False, factor="sms")
