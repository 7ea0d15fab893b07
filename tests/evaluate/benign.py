"""What honest people do in a day, and what goes wrong for them. docs/evaluation.md gives the source of each figure."""

from types import SimpleNamespace

from wire import LIFE, PUSHES
from world import BEGIN, DAY, HOUR, MINUTE, hotel, mobile, poisson

NEGATIVE = 0.0435  # of prompts: not completed
AGAIN = 0.20  # of the next try after a bad one
WRONG_PASSWORD = 0.03
WRONG_CODE = 0.06
PER_DAY = {  # how often it happens to a person
    "dead phone": 0.005, "new phone": 0.0013, "password manager": 0.003, "old password in a mail client": 0.001, "refusal loop": 0.00007,
    "mistaken report": 0.0000033,
}


class Benign:
    def __init__(self, company, wire):
        self.company, self.wire = company, wire
        self.episodes = []  # (person, begin, end, cause)
        rng = company.rng
        self.waves = {}
        for _ in range(max(1, round(2 * company.days / 30))):
            self.waves[rng.randrange(1, company.days)] = rng.uniform(8, 15)  # hour, UTC
        self.services = [SimpleNamespace(login=name, key=f"{i:012x}", group="it", index=-1 - i, second_name="")
                         for i, name in enumerate(company.services)]
        self.numbers_from = int(company.days * 0.6)

    def note(self, who, begin, end, cause):
        self.episodes.append((who.index, begin, end, cause))

    # ---- a login ----

    def factor(self, who, day):
        """Engineering gets number matching in the course of the month."""
        return "verified_push" if who.factor == "push" and who.group == "engineering" and day >= self.numbers_from else who.factor

    def answer_time(self, rng, idp):
        return min(LIFE[idp] - 5, max(3.0, rng.lognormvariate(2.2, 0.6)))

    def bad_end(self, rng, factor):
        if factor == "verified_push":
            return rng.choices(["timeout", "cancelled", "refused", "failed"], [35, 15, 10, 40])[0]
        if factor == "sms":
            return rng.choices(["timeout", "failed"], [40, 60])[0]
        return rng.choices(["timeout", "cancelled", "refused", "failed"], [50, 25, 15, 10])[0]

    def pause(self, rng, idp, outcome):
        """From a prompt that came to nothing to the next."""
        if outcome == "timeout":
            return rng.uniform(25, 120) if idp.startswith("okta") else LIFE[idp] + rng.uniform(3, 60)
        return rng.uniform(12, 60)

    def login(self, who, day, when, at, idp=None, worse=1.0):
        """A login as it mostly goes. Returns when it is over."""
        rng, wire = who.rng, self.wire
        idp = idp or who.idp
        factor = self.factor(who, day) if idp == who.idp else "push"
        phone = self.phone(who, day, at)
        begin = when
        while rng.random() < WRONG_PASSWORD * min(who.clumsy, 4):
            wire.password(who, idp, at, when, right=False)
            when += rng.uniform(8, 30)
        wire.password(who, idp, at, when)
        when += rng.uniform(1.5, 4)
        if factor == "totp":
            return self._codes(who, idp, at, when + rng.uniform(5, 20), begin)
        chance = min(0.4, NEGATIVE * who.clumsy * worse * (2.0 if factor == "verified_push" and day < self.numbers_from + 3 else 1.0))
        bad = 0
        while rng.random() < chance:
            outcome = self.bad_end(rng, factor)
            after = LIFE[idp] if outcome == "timeout" else self.answer_time(rng, idp)
            wire.prompt(who, idp, at, when, outcome, after, factor, phone, who.devices)
            bad += 1
            when += self.pause(rng, idp, outcome) + (0 if outcome == "timeout" else after)
            if rng.random() < 0.15:
                break  # gives up
            chance = AGAIN * worse if AGAIN * worse < 0.6 else 0.6
        else:
            after = self.answer_time(rng, idp)
            wire.prompt(who, idp, at, when, "approved", after, factor, phone, who.devices)
            when += after + 1
            wire.session(who, idp, at, when)
        if bad > 1:
            self.note(who, begin, when, "several failed prompts")
        return when

    def _codes(self, who, idp, at, when, begin):
        rng, wrong = who.rng, 0
        chance = min(0.4, WRONG_CODE * who.clumsy)
        while rng.random() < chance:
            self.wire.code(who, idp, at, when, False)
            wrong += 1
            when += rng.uniform(8, 40)
            chance = 0.3
        self.wire.code(who, idp, at, when, True)
        self.wire.session(who, idp, at, when + 1)
        if wrong > 2:
            self.note(who, begin, when, "mistyped codes")
        return when + 1

    def phone(self, who, day, at):
        """Where the phone answers from: on Wi-Fi beside the computer, else through the carrier, at home or where the trip goes."""
        trip = who.trip(day)
        if who.rng.random() < 0.5 and at.country == (trip[2] if trip else who.country) and "VPN" not in at.network:
            return at
        return mobile(trip[2] if trip else who.country, who.carrier, who.rng)

    # ---- where ----

    def place(self, who, day, base):
        rng = who.rng
        trip = who.trip(day)
        chance = rng.random()
        if trip:
            if who.on_vpn and chance < 0.4:
                return self.vpn(who)
            return mobile(trip[2], rng.randrange(3), rng) if chance > 0.8 else rng.choice(trip[4])
        if chance < 0.12:
            return mobile(who.country, who.carrier, rng)
        if base is who.home:
            if who.consumer and rng.random() < 0.6:
                return rng.choice(who.consumer)
            if rng.random() < who.on_vpn:
                return self.vpn(who)
        return base

    def vpn(self, who):
        near = {"DE": "DE", "PL": "DE", "US": "US", "BR": "US", "GB": "GB", "IN": "GB"}[who.country]
        return who.rng.choice(self.company.vpn[near])

    # ---- a day ----

    def day(self, who, day):
        if day < who.joined:
            return
        rng = who.rng
        weekend = day % 7 > 4
        start = BEGIN + day * DAY - who.offset() * HOUR  # of the local day
        first = start + max(0.3, who.start + rng.gauss(0, 0.4)) * HOUR
        base = who.office if not weekend and not who.night and rng.random() > who.remote else who.home
        trip = who.trip(day)
        if trip and day == trip[0]:
            self.note(who, start, start + (trip[1] - trip[0] + 1) * DAY, "travel with a note" if trip[3] else "travel")
        if who.joined and day == who.joined:
            self.joins(who, day, first, base)
        number = poisson(rng, who.rate * (0.12 if weekend else 1.0))
        times = []
        for i in range(number):
            if i == 0:
                times.append(first + rng.uniform(0, 20 * MINUTE))
            elif rng.random() < 0.08:
                times.append(first + rng.uniform(9.5, 13.5) * HOUR)
            else:
                times.append(first + rng.uniform(0.2, 9.0) * HOUR)
        free = 0.0
        for when in sorted(times):
            free = self.login(who, day, max(when, free + 30), self.place(who, day, base)) + 1
        if who.second and number and rng.random() < 0.6:
            self.radius(who, day, first + rng.uniform(2, 30) * MINUTE, self.place(who, day, who.home))
        elif who.idp == "duo" and number and rng.random() < 0.3:
            self.radius(who, day, first + rng.uniform(40, 400) * MINUTE, self.place(who, day, who.home))
        if not number:
            return
        if day in self.waves and rng.random() < 0.3:
            self.wave(who, day, BEGIN + day * DAY + self.waves[day] * HOUR + rng.uniform(0, 30 * MINUTE), base)
        for cause, tell in self.MISHAPS.items():
            if rng.random() < PER_DAY[cause]:
                begin = first + rng.uniform(0.5, 8) * HOUR
                end = tell(self, who, day, begin, self.place(who, day, base))
                if end:
                    self.note(who, begin, end, cause)

    def joins(self, who, day, when, at):
        self.wire.enrol(who, who.idp, at, when)
        end = when + 120
        for _ in range(who.rng.randrange(2, 5)):
            end = self.login(who, day, end + who.rng.uniform(30, 400), at, worse=4.0)
        self.note(who, when, end, "new joiner")

    def radius(self, who, day, when, at):
        """VPN by RADIUS: a client that waits less than the phone needs asks again, and each time is a real push."""
        rng, wire = who.rng, self.wire
        chance = rng.random()
        again = rng.randrange(4, 9) if chance < 0.003 else rng.randrange(1, 3) if chance < 0.03 else 0
        begin, gap = when, rng.choice([10, 15, 30, 60])
        phone = self.phone(who, day, at)
        for _ in range(again):
            wire.prompt(who, "duo", at, when, "timeout", LIFE["duo"], "push", phone)
            when += gap
        wire.prompt(who, "duo", at, when, "approved", self.answer_time(rng, "duo"), "push", phone)
        if again:
            self.note(who, begin, when + LIFE["duo"], "RADIUS client asks again")

    def wave(self, who, day, when, base):
        """All sessions were ended, and each program asks."""
        begin = when
        for _ in range(who.rng.randrange(2, 5)):
            when = self.login(who, day, when + who.rng.uniform(5, 240), base)
        self.note(who, begin, when, "session expiry wave")

    # ---- mishaps: each returns when it is over ----

    def dead_phone(self, who, day, when, at):
        """The phone lies elsewhere, has no network or no charge."""
        rng, wire, idp = who.rng, self.wire, who.idp
        if who.factor == "totp":
            return None
        for _ in range(min(12, 2 + poisson(rng, 1.8))):
            wire.password(who, idp, at, when)
            wire.prompt(who, idp, at, when + 2, "timeout", LIFE[idp], self.factor(who, day), None, who.devices)
            when += self.pause(rng, idp, "timeout")
        chance = rng.random()
        if chance < 0.6:
            return self.login(who, day, when + rng.uniform(20, 400), at)
        if chance < 0.95:
            return self.login(who, day, when + rng.uniform(40, 90) * MINUTE, at)
        when += rng.uniform(20, 180) * MINUTE  # the help desk gives a new one
        wire.enrol(who, idp, at, when, reset=True)
        return self.login(who, day, when + rng.uniform(60, 400), at)

    def new_phone(self, who, day, when, at):
        rng = who.rng
        self.wire.enrol(who, who.idp, at, when, reset=rng.random() < 0.3)
        for _ in range(rng.randrange(2, 5)):
            when = self.login(who, day, when + rng.uniform(30, 300), at, worse=5.0)
        return when

    def password_manager(self, who, day, when, at):
        for _ in range(who.rng.randrange(3, 6)):
            when = self.login(who, day, when + who.rng.uniform(20, 150), at)
        return when

    def mail_client(self, who, day, when, at):
        if who.idp == "duo":
            return None
        for _ in range(who.rng.randrange(10, 40)):
            self.wire.password(who, who.idp, at, when, right=False)
            when += 300
        return when

    def refusal_loop(self, who, day, when, at):
        """An integration that asks again at once when it is refused, until Duo locks."""
        if "duo" not in (who.idp, who.second):
            return None
        phone = self.phone(who, day, at)
        for _ in range(10):
            self.wire.prompt(who, "duo", at, when, "refused", who.rng.uniform(4, 12), "push", phone)
            when += who.rng.uniform(12, 20)
        return when

    def mistaken_report(self, who, day, when, at):
        if who.factor not in PUSHES:
            return None
        self.wire.password(who, who.idp, at, when)
        self.wire.prompt(who, who.idp, at, when + 2, "fraud", 12, who.factor, self.phone(who, day, at))
        return self.login(who, day, when + 300, at)

    MISHAPS = {"dead phone": dead_phone, "new phone": new_phone, "password manager": password_manager,
               "old password in a mail client": mail_client, "refusal loop": refusal_loop, "mistaken report": mistaken_report}

    # ---- machines ----

    def night(self, day):
        """Service accounts: most hammer with an old password, some have a push that nobody answers."""
        rng = self.company.rng
        at = self.company.offices["DE"][0][0]
        for i, service in enumerate(self.services):
            when = BEGIN + day * DAY + (1 + (i % 24) / 24) * HOUR
            pushes = i % 4 == 1
            self.note(service, when - HOUR, when + 3 * HOUR, "service account")
            for _ in range(8 if pushes else 20):
                self.wire.password(service, "entra", at, when, right=pushes)
                if pushes:
                    self.wire.prompt(service, "entra", at, when + 1, "timeout", 60)
                when += rng.uniform(60, 90)
