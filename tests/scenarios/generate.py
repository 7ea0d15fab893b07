#!/usr/bin/env python3
"""Writes the scenarios: NAME.jsonl, a feed as an identity provider would log it, and NAME.expect, what must come of it.

    tests/scenarios/generate.py            writes all of them beside itself
    tests/scenarios/generate.py --list     says what there is

Nothing is random, and nothing but this file decides what is in them: tests/tool/test_scenarios.py checks that. Each scenario
is one function below, which tells the story and what is expected of it. People, places and networks are invented: example.com,
addresses of RFC 5737 and RFC 3849, ASNs of RFC 5398.

An expectation is a line for a user. Users without one must stay `normal` and without an alert.

    user      "*" means everyone who has no line
    level     the highest level of the user's records, exactly; severity likewise
    signals   must be among those that fired
    open, update, close      how many alerts of that phase: a number or [least, most]
    by        {"anomalous": {"denied": 3}}: the first alert of that level or above counts no more than 3 refusals so far
    before    the highest level before the first anomalous approval
    approval  the highest severity of the user's approvals
    totals    what the close counts, exactly
"""

import json
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
MONDAY = datetime(2025, 3, 3, tzinfo=timezone.utc)
SCENARIOS = {}


def at(clock, days=0):
    """That time of the Monday on which all stories happen, or of another day: at("09:14:37"), at("22:00", -1)."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def sec(n):
    return timedelta(seconds=n)


# ---- people and places ----

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
RADIUS = Place("", 0, "", "", "", "", 0, 0)  # integrations that tell no address


@dataclass(frozen=True)
class Person:
    name: str
    home: Place

    @property
    def login(self):
        return self.name.lower().replace(" ", ".") + "@example.com"


_number = 0


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


# ---- providers: each tells a login and a prompt as its logs would ----

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


class Okta(Provider):
    NAME = "okta"

    def record(self, who, place, when, event_type, result="SUCCESS", reason=None, debug=None, transaction=None, device="Computer", session=None):
        user = {"id": f"00u{spread(who.login, 10 ** 6):06d}", "type": "User", "alternateId": who.login, "displayName": who.name}
        uuid = self.feed.serial("0a1b2c3d-4e5f-4a6b-")
        self.feed.add(when, {
            "uuid": uuid, "published": stamp(when) + "Z", "eventType": event_type, "version": "0",
            "severity": "INFO" if result in ("SUCCESS", "CHALLENGE") else "WARN", "actor": user,
            "client": {"ipAddress": place.ip, "device": device, "userAgent": {"os": "Android" if device == "Mobile" else "Windows 11"},
                       "geographicalContext": {"city": place.city, "country": place.country,
                                               "geolocation": {"lat": place.latitude, "lon": place.longitude}}},
            "outcome": {"result": result, "reason": reason},
            "securityContext": {"asNumber": place.asn, "asOrg": place.network, "isProxy": False},
            "authenticationContext": {"externalSessionId": session or "unknown"},
            "debugContext": {"debugData": debug or {}},
            "transaction": {"type": "WEB", "id": transaction or "t" + uuid[19:]},
            "target": [user],
        })

    def session(self, who, place, when):
        self.record(who, place, when, "user.session.start", session="102" + self.feed.serial())

    def ask(self, who, place, when, transaction):
        self.record(who, place, when, "system.push.send_factor_verify_push", transaction=transaction)

    def answer(self, who, place, when, result, reason, factor, transaction, device="Computer"):
        self.record(who, place, when, "user.authentication.auth_via_mfa", result, reason, {"factor": factor}, transaction, device)

    def prompt(self, who, place, when, outcome, after=10, number=False, devices=1, login=None):
        transaction = login or self.feed.serial("trans")
        for device in range(devices):
            self.ask(who, place, when + timedelta(milliseconds=400 * device), transaction)
        factor = "OKTA_VERIFY_PUSH"
        then = when + sec(after)
        if outcome == "approved":
            self.approve(who, place, then, transaction)
        elif outcome == "refused":
            self.refuse(who, place, then, transaction)
        elif outcome == "failed":  # approved, with the wrong number
            self.record(who, place, then, "user.authentication.auth_via_mfa", "FAILURE", "INVALID_CREDENTIALS",
                        {"factor": factor, "pushWithNumberChallengeResponseType": "OV_WITH_CHALLENGE_RESPONSE_INCORRECT"}, transaction)
        elif outcome == "cancelled":
            self.answer(who, place, then, "ABANDONED", None, factor, transaction)
        elif outcome == "fraud":
            self.refuse(who, place, then, transaction)
            self.record(who, who.home, then + sec(40), "user.account.report_suspicious_activity_by_enduser", debug={
                "suspiciousActivityEventIp": place.ip, "suspiciousActivityEventType": "system.push.send_factor_verify_push",
                "suspiciousActivityEventTransactionId": transaction})
        # a push that nobody answers leaves no record

    def code(self, who, place, when, right, login=None):
        self.answer(who, place, when, "SUCCESS" if right else "FAILURE", None if right else "INVALID_CREDENTIALS", "GOOGLE_OTP", login)

    def wrong_password(self, who, place, when):
        self.record(who, place, when, "user.session.start", "FAILURE", "INVALID_CREDENTIALS")

    def enrol(self, who, place, when):
        self.record(who, place, when, "user.mfa.factor.activate", debug={"factor": "OKTA_VERIFY_PUSH"})


class OktaClassic(Okta):
    """Classic Engine: a refusal is told twice; and here the answers carry the address of the phone, which is at home."""

    def password(self, who, place, when):
        self.record(who, place, when, "policy.evaluate_sign_on", "CHALLENGE", "Sign-on policy evaluation resulted in CHALLENGE")

    def approve(self, who, place, when, transaction):
        self.answer(who, who.home, when, "SUCCESS", None, "OKTA_VERIFY_PUSH", transaction, "Mobile")

    def refuse(self, who, place, when, transaction):
        self.record(who, who.home, when, "user.mfa.okta_verify.deny_push", "FAILURE", "INVALID_CREDENTIALS", None, transaction, "Mobile")
        self.answer(who, who.home, when + timedelta(milliseconds=700), "FAILURE", "INVALID_CREDENTIALS", "OKTA_VERIFY_PUSH", transaction, "Mobile")


class OktaIdentity(Okta):
    """Identity Engine: the password is a factor, a refusal is a failed factor, and answers carry the browser that waits."""

    def password(self, who, place, when):
        self.answer(who, place, when, "SUCCESS", None, "PASSWORD_AS_FACTOR", None)

    def approve(self, who, place, when, transaction):
        self.answer(who, place, when, "SUCCESS", None, "OKTA_VERIFY_PUSH", transaction)

    def refuse(self, who, place, when, transaction):
        self.answer(who, place, when, "FAILURE", "INVALID_CREDENTIALS", "OKTA_VERIFY_PUSH", transaction)

    def wrong_password(self, who, place, when):
        self.answer(who, place, when, "FAILURE", "INVALID_CREDENTIALS", "PASSWORD_AS_FACTOR", None)


class Entra(Provider):
    NAME = "entra"
    TENANT = "5a5a5a5a-0000-4000-8000-000000000001"
    PUSH = "Mobile app notification"
    ENDS = {
        "approved": (0, "MFA completed in Azure AD"),
        "refused": (500121, "MFA denied; user declined the authentication"),
        "fraud": (500121, "MFA denied; user declined the authentication"),
        "timeout": (500121, "MFA denied; user did not respond to mobile app notification"),
        "failed": (500121, "MFA denied; invalid mobile app verification code"),
        "cancelled": (50140, "MFA required in Azure AD"),
    }

    def row(self, who, place, when, code, text, method=None, correlation=None, steps=()):
        correlation = correlation or self.feed.serial("c0ffee00-")
        self.feed.add(when, {
            "time": stamp(when, 6) + "0Z", "operationName": "Sign-in activity", "category": "SignInLogs", "tenantId": self.TENANT,
            "resultType": str(code), "callerIpAddress": place.ip, "correlationId": correlation,
            "properties": {
                "id": self.feed.serial("e1e2e3e4-"), "createdDateTime": stamp(when, 6) + "0+00:00", "userPrincipalName": who.login,
                "userId": f"00000000-0000-4000-8000-{spread(who.login, 10 ** 6):012d}", "appDisplayName": "Example Portal",
                "ipAddress": place.ip, "status": {"errorCode": code, "additionalDetails": text},
                "deviceDetail": {"operatingSystem": "Windows 11", "browser": "Firefox 140.0"},
                "location": {"city": place.city, "countryOrRegion": place.code,
                             "geoCoordinates": {"latitude": place.latitude, "longitude": place.longitude}},
                "mfaDetail": {"authMethod": method, "authDetail": ""} if method else {}, "correlationId": correlation,
                "isInteractive": True, "authenticationDetails": list(steps), "autonomousSystemNumber": place.asn,
            }})

    def prompt(self, who, place, when, outcome, after=10, number=False, devices=1, login=None):
        correlation = login or self.feed.serial("c0ffee00-")
        sent = int(when.timestamp() * 1000)
        step = {"authenticationStepDateTime": stamp(when, 0)[:-1] + "Z", "authenticationMethod": self.PUSH, "succeeded": False,
                "authenticationStepResultDetail": "Authentication in progress",
                "authenticationStepRequirement": "Multi-factor authentication", "StatusSequence": sent + 1000, "RequestSequence": sent}
        # the row of the challenge; while the sign-in page waits it shows the step in progress
        self.row(who, place, when, 50074, "MFA required in Azure AD", self.PUSH, correlation, [step] if outcome is None or number else [])
        if outcome is None:
            return
        code, text = self.ENDS[outcome]
        then = when + sec(60 if outcome == "timeout" else after)
        self.row(who, place, then, code, text, None if outcome == "cancelled" else self.PUSH, correlation)
        if outcome == "fraud":
            self.report(who, then + sec(30))

    def report(self, who, when):
        user = {"id": f"00000000-0000-4000-8000-{spread(who.login, 10 ** 6):012d}", "userPrincipalName": who.login}
        name = "Suspicious activity reported"
        self.feed.add(when, {
            "time": stamp(when, 6) + "0Z", "operationName": name, "category": "AuditLogs", "tenantId": self.TENANT, "resultType": "",
            "properties": {
                "id": self.feed.serial("Audit_"), "category": "UserManagement", "result": "success", "activityDisplayName": name,
                "activityDateTime": stamp(when, 6) + "0+00:00", "loggedByService": "Authentication Methods",
                "initiatedBy": {"user": {**user, "ipAddress": who.home.ip}}, "targetResources": [{"type": "User", **user}]}})

    def code(self, who, place, when, right, login=None):
        method = "OATH verification code"
        if right:
            self.row(who, place, when, 0, "MFA completed in Azure AD", method, login)
        else:
            self.row(who, place, when, 500121, "MFA denied; user entered incorrect code. Invalid mobile app verification code.", method, login)

    def wrong_password(self, who, place, when):
        self.row(who, place, when, 50126, "Error validating credentials due to invalid username or password.")


class Duo(Provider):
    NAME = "duo"
    ENDS = {
        "approved": ("success", "user_approved"), "refused": ("denied", "user_mistake"), "fraud": ("fraud", "user_marked_fraud"),
        "timeout": ("denied", "no_response"), "failed": ("denied", "verification_code_incorrect"), "cancelled": ("denied", "user_cancelled"),
        "locked": ("denied", "locked_out"),
    }

    def record(self, who, place, when, result, reason, factor):
        device = {"ip": place.ip or None, "browser": "Firefox", "os": "Windows"}
        if place.country:
            device["location"] = {"city": place.city, "country": place.country, "state": place.city}
        self.feed.add(when, {
            "event_type": "authentication", "txid": self.feed.serial("d0d0d0d0-"), "isotimestamp": stamp(when, 6) + "+00:00",
            "timestamp": int(when.timestamp()), "result": result, "reason": reason, "factor": factor, "email": who.login,
            "user": {"key": f"DU{spread(who.login, 10 ** 6):06d}", "name": who.login, "groups": ["staff"]},
            "access_device": device, "application": {"key": "DIEXAMPLE", "name": "Example VPN"},
            "auth_device": {"name": "+49 40 5550 " + str(spread(who.name, 900) + 100), "ip": who.home.ip}})

    def prompt(self, who, place, when, outcome, after=10, number=False, devices=1, login=None):
        if outcome is None:
            outcome = "timeout"
        result, reason = self.ENDS[outcome]
        self.record(who, place, when + sec(60 if outcome == "timeout" else after), result, reason, "verified_duo_push" if number else "duo_push")

    def code(self, who, place, when, right, login=None):
        self.record(who, place, when, *(("success", "valid_passcode") if right else ("denied", "invalid_passcode")), "duo_mobile_passcode")

    def lock(self, who, place, when):
        self.record(who, place, when, *self.ENDS["locked"], "duo_push")

    def enrol(self, who, place, when):
        self.feed.add(when, {
            "event_type": "enrollment", "txid": self.feed.serial("d0d0d0d0-"), "isotimestamp": stamp(when, 6) + "+00:00",
            "timestamp": int(when.timestamp()), "result": "success", "reason": None, "factor": None, "email": who.login,
            "user": {"key": f"DU{spread(who.login, 10 ** 6):06d}", "name": who.login, "groups": ["staff"]},
            "access_device": {"ip": place.ip, "location": {"city": place.city, "country": place.country, "state": place.city}}})


PROVIDERS = {"okta_classic": OktaClassic, "okta_identity": OktaIdentity, "entra": Entra, "duo": Duo}


# ---- the book of scenarios ----

def scenario(*names):
    """Registers a story; told by several providers when it has several names."""
    def register(tell):
        for name in names:
            provider = next((p for p in PROVIDERS if name.startswith(p)), "okta_identity")
            SCENARIOS[name] = (provider, tell)
        return tell
    return register


def build(name):
    """(feed, expectations) of a scenario."""
    global _number
    provider, tell = SCENARIOS[name]
    _number = 1000 + 40 * list(SCENARIOS).index(name)
    feed = Feed(name)
    expect = tell(PROVIDERS[provider](feed))
    return feed, expect


def by_provider(idp, **names):
    """Another name for the same part in each feed."""
    return names[type(idp).__name__]


def expect(who, level, severity, signals=(), **more):
    return {"user": who if isinstance(who, str) else who.login, "level": level, "severity": severity, "signals": list(signals), **more}


def quiet(who, level="normal", severity=None, signals=()):
    return expect(who, level, severity or {"normal": "none", "notice": "low"}[level], signals, open=0, update=0, close=0)


# ---- attacks ----

def each(prefix, providers="okta_classic okta_identity entra duo"):
    return [f"{p}_{prefix}" for p in providers.split()]


@scenario(*each("refused_burst_then_approved_after_refusals"))
def bombing_from_abroad(idp):
    """Somebody in another country has the password. Five pushes are refused, the sixth is approved."""
    victim = person(by_provider(idp, OktaClassic="Ines Carvalho", OktaIdentity="Jonas Berg", Entra="Kaya Demir", Duo="Lena Vogt"))
    colleague = person(by_provider(idp, OktaClassic="Max Ohm", OktaIdentity="Nora Falk", Entra="Otto Lind", Duo="Paula Roth"))
    idp.history(victim)
    idp.login(victim, victim.home, at("08:20"))
    for i in range(5):
        start = at("10:02:10") + sec(48 * i)
        idp.password(victim, BUCHAREST, start - sec(4))
        idp.prompt(victim, BUCHAREST, start, "refused", 7 + i)
    idp.prompt(victim, BUCHAREST, at("10:06:25"), "approved", 9)
    idp.session(victim, BUCHAREST, at("10:06:36"))
    idp.evening(colleague, "11:30")
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3, "prompts": 5}}, approval="critical",
                   totals={"prompts": 6, "denied": 5, "timeouts": 0, "approved": 1})]


@scenario(*each("prompt_burst_from_abroad"))
def bombing_without_an_answer(idp):
    """A dozen prompts from abroad in six minutes. None is refused, and the last is approved."""
    victim = person(by_provider(idp, OktaClassic="Rolf Anders", OktaIdentity="Sara Lunde", Entra="Timo Keller", Duo="Uta Brandt"))
    colleague = person(by_provider(idp, OktaClassic="Vera Holm", OktaIdentity="Willi Kern", Entra="Xenia Paul", Duo="Yara Simon"))
    idp.history(victim)
    idp.password(victim, CHISINAU, at("14:29:50"))
    for i in range(11):
        idp.prompt(victim, CHISINAU, at("14:30:00") + sec(28 * i), None)
    idp.prompt(victim, CHISINAU, at("14:36:20"), "approved", 11)
    idp.session(victim, CHISINAU, at("14:36:33"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence", "new_source"],
                   open=1, update=[1, 2], close=1, by={"suspicious": {"prompts": 5}, "anomalous": {"prompts": 10}}, approval="critical")]


@scenario(*each("unanswered_burst_without_history", "okta_classic entra duo"))
def bombing_of_a_stranger(idp):
    """Time-outs only, and nothing is known of the user or of the tenant. The twelfth prompt is approved."""
    victim = person(by_provider(idp, OktaClassic="Aino Salo", Entra="Bruno Maas", Duo="Carla Neri"))
    colleague = person(by_provider(idp, OktaClassic="Dana Wirth", Entra="Edda Thun", Duo="Falk Sommer"))
    for i in range(11):
        idp.prompt(victim, BUCHAREST, at("16:00") + sec(58 * i), "timeout")
    idp.prompt(victim, BUCHAREST, at("16:11"), "approved", 8)
    idp.session(victim, BUCHAREST, at("16:11:10"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence"],
                   open=1, update=[1, 2], close=1, by={"suspicious": {"prompts": 10}}, before="suspicious", approval="critical",
                   totals={"prompts": 12, "denied": 0, "approved": 1})]


@scenario("entra_drip_approved_after_silence", "okta_identity_drip_approved_after_silence")
def drip(idp):
    """One prompt in fifteen minutes for four hours, all ignored until one is approved."""
    victim = person(by_provider(idp, Entra="Gerd Pohl", OktaIdentity="Hanna Wulf"))
    colleague = person(by_provider(idp, Entra="Ida Krog", OktaIdentity="Jan Prinz"))
    idp.history(victim)
    for i in range(16):
        idp.prompt(victim, CHISINAU, at("12:00") + sec(900 * i), "timeout")
    idp.prompt(victim, CHISINAU, at("16:00"), "approved", 14)
    idp.session(victim, CHISINAU, at("16:00:16"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["slow_drip", "approved_after_silence", "new_source"], open=1, update=[0, 1],
                   close=1, before="anomalous", approval="critical")]


@scenario("duo_slow_drip_of_refusals")
def drip_of_refusals(idp):
    """One prompt in twenty minutes, each refused, for three hours: anomalous as soon as two hours have passed."""
    victim = person("Klara Engel")
    idp.history(victim)
    for i in range(10):
        idp.prompt(victim, BUCHAREST, at("13:00") + sec(1200 * i), "refused", 15)
    idp.evening(person("Lars Busch"))
    return [expect(victim, "anomalous", "high", ["slow_drip", "new_source"], open=1, update=0, close=1,
                   by={"anomalous": {"denied": 7}})]


@scenario("entra_refused_burst_at_night", "okta_classic_refused_burst_at_night")
def at_night(idp):
    """At a quarter past three: four prompts are slept through, three refused, one approved."""
    victim = person(by_provider(idp, Entra="Mila Jost", OktaClassic="Nils Adler"))
    colleague = person(by_provider(idp, Entra="Olga Frey", OktaClassic="Peer Stein"))
    idp.history(victim)
    for i in range(4):
        idp.prompt(victim, CHISINAU, at("03:15") + sec(75 * i), "timeout")
    for i in range(3):
        idp.prompt(victim, CHISINAU, at("03:21") + sec(50 * i), "refused", 12)
    idp.prompt(victim, CHISINAU, at("03:24"), "approved", 20)
    idp.session(victim, CHISINAU, at("03:24:22"))
    idp.evening(colleague, "06:30")
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3}}, approval="critical")]


@scenario("entra_code_bruteforce", "okta_identity_code_bruteforce", "duo_code_bruteforce")
def guessed_code(idp):
    """Eleven wrong codes, one every eight seconds, from a proxy in the user's own country; then the right one."""
    victim = person(by_provider(idp, Entra="Rita Blum", OktaIdentity="Sven Torp", Duo="Tilda Graf"))
    colleague = person(by_provider(idp, Entra="Ugo Renner", OktaIdentity="Vito Lanz", Duo="Wanda Kuhn"))
    idp.history(victim)
    idp.password(victim, PROXY, at("15:40"))
    login = idp.feed.serial("c0ffee00-")
    for i in range(11):
        idp.code(victim, PROXY, at("15:40:10") + sec(8 * i), False, login)
    idp.code(victim, PROXY, at("15:41:40"), True, login)
    idp.session(victim, PROXY, at("15:41:41"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["code_bruteforce", "new_source"], open=1, update=[1, 2], close=1,
                   by={"suspicious": {"failed": 5}}, approval="critical",
                   totals={"prompts": 0, "denied": 0, "failed": 11, "approved": 1})]


@scenario(*each("fraud_reported", "okta_identity entra duo"))
def reported(idp):
    """Two prompts; the user refuses both and reports the second."""
    victim = person(by_provider(idp, OktaIdentity="Arne Hoyer", Entra="Berit Uhl", Duo="Cord Janz"))
    colleague = person(by_provider(idp, OktaIdentity="Doris Kamp", Entra="Emil Ruge", Duo="Frida Loos"))
    idp.history(victim)
    idp.prompt(victim, BUCHAREST, at("17:10"), "refused", 9)
    idp.prompt(victim, BUCHAREST, at("17:11"), "fraud", 9)
    idp.evening(colleague)
    return [expect(victim, "anomalous", "high", ["fraud_reported", "new_source"], open=1, update=0, close=1,
                   totals={"prompts": 2, "denied": 2, "approved": 0})]


@scenario("okta_identity_new_source_residential_proxy", "duo_new_source_residential_proxy")
def residential_proxy(idp):
    """The attack comes through a home in the user's own country. Five are ignored, one approved."""
    victim = person(by_provider(idp, OktaIdentity="Greta Moll", Duo="Hauke Ries"))
    colleague = person(by_provider(idp, OktaIdentity="Ilse Boden", Duo="Jette Quast"))
    idp.history(victim)
    idp.login(victim, victim.home, at("08:15"))
    for i in range(5):
        idp.prompt(victim, PROXY, at("18:05") + sec(70 * i), "timeout")
    idp.prompt(victim, PROXY, at("18:11:10"), "approved", 10)
    idp.session(victim, PROXY, at("18:11:22"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence", "new_source"],
                   open=1, update=[1, 2], close=1, before="suspicious", approval="critical")]


@scenario("several_providers_refused_burst")
def two_providers(okta):
    """The same user is bombed through Okta and through Duo. No provider by itself sees three refusals before the approval."""
    duo = Duo(okta.feed)
    victim, colleague = person("Knut Ehlers"), person("Lotte Sand")
    okta.history(victim)
    duo.history(victim, 9, 3, clock="17:00")
    okta.prompt(victim, BUCHAREST, at("11:00"), "refused", 8)
    duo.prompt(victim, BUCHAREST, at("11:00:40"), "refused", 8)
    okta.prompt(victim, BUCHAREST, at("11:01:30"), "refused", 8)
    duo.prompt(victim, BUCHAREST, at("11:02:20"), "refused", 8)
    okta.prompt(victim, BUCHAREST, at("11:03:10"), "approved", 8)
    okta.session(victim, BUCHAREST, at("11:03:20"))
    okta.evening(colleague)
    duo.login(colleague, colleague.home, at("23:40"))
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3}}, approval="critical",
                   totals={"prompts": 5, "denied": 4, "approved": 1})]


@scenario("entra_approved_after_refusals_two_from_abroad")
def two_refusals(idp):
    """Two refusals from abroad and a yes: few, but decisive."""
    victim = person("Mona Freitag")
    idp.history(victim)
    idp.prompt(victim, CHISINAU, at("09:20"), "refused", 8)
    idp.prompt(victim, CHISINAU, at("09:21"), "refused", 8)
    idp.prompt(victim, CHISINAU, at("09:22"), "approved", 8)
    idp.evening(person("Nele Ross"))
    return [expect(victim, "anomalous", "critical", ["approved_after_refusals", "new_source"], open=1, update=0, close=1,
                   before="notice", approval="critical")]


@scenario("okta_identity_refused_burst_from_the_users_own_operator", "duo_refused_burst_from_the_users_own_network")
def own_operator(idp):
    """The attacker sits with the user's own operator, or in the user's own network: the place says nothing. Six refusals are worth a
    look, and the yes behind them is an alarm."""
    victim = person(by_provider(idp, OktaIdentity="Hedda Quist", Duo="Iwan Pries"))
    colleague = person(by_provider(idp, OktaIdentity="Jella Rohde", Duo="Karsten Sorg"))
    place = by_provider(idp, OktaIdentity=hamburg(0xbad), Duo=victim.home)
    idp.history(victim)
    for i in range(6):
        idp.prompt(victim, place, at("19:10") + sec(40 * i), "refused", 11)
    idp.prompt(victim, place, at("19:14:30"), "approved", 11)
    idp.session(victim, place, at("19:14:42"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals"], open=1, update=1, close=1,
                   before="suspicious", approval="critical", totals={"prompts": 7, "denied": 6, "approved": 1})]


# ---- look-alikes ----

@scenario(*each("benign_dead_phone"))
def dead_phone(idp):
    """The phone is empty: six prompts at home are not answered. It is charged, and the seventh is."""
    user = person(by_provider(idp, OktaClassic="Ole Wendt", OktaIdentity="Pia Lenz", Entra="Ralf Brink", Duo="Silke Tamm"))
    idp.history(user)
    idp.password(user, user.home, at("08:29:50"))
    for i in range(6):
        idp.prompt(user, user.home, at("08:30") + sec(80 * i), "timeout")
    idp.prompt(user, user.home, at("08:39:30"), "approved", 9)
    idp.session(user, user.home, at("08:39:41"))
    return [quiet(user, "notice", signals=["unanswered_burst"])]


@scenario("duo_benign_vpn_client_retries")
def vpn_retries(idp):
    """A VPN client that repeats its RADIUS request: each login rings four times; one is answered, three run out."""
    user = person("Thea Witt")
    idp.history(user)
    for clock in ("08:00", "12:45", "16:30"):
        start = at(clock)
        idp.prompt(user, user.home, start + sec(30), "approved", 5)
        for i in range(3):
            idp.prompt(user, user.home, start + sec(10 * i), "timeout")
    return [quiet(user)]


@scenario("duo_benign_radius_without_address")
def radius_retries(idp):
    """The same through an integration that tells no address at all."""
    user = person("Udo Kramp")
    idp.history(user, place=RADIUS)
    for i in range(3):
        idp.prompt(user, RADIUS, at("08:00") + sec(10 * i), "timeout")
    idp.prompt(user, RADIUS, at("08:00:30"), "approved", 5)
    return [quiet(user, "notice", signals=["unanswered_burst"])]


@scenario("duo_benign_refused_push_sent_again")
def sent_again(idp):
    """At home the user refuses a push by mistake; the integration sends it again at once, and again, until Duo locks the user out."""
    user = person("Volker Sass")
    idp.history(user)
    for i in range(10):
        idp.prompt(user, user.home, at("09:05") + sec(9 * i), "refused", 6)
    idp.lock(user, user.home, at("09:06:40"))
    idp.evening(person("Wiebke Dorn"))
    return [expect(user, "suspicious", "medium", ["refused_burst"], open=1, update=0, close=1)]


@scenario("okta_identity_benign_one_push_per_device")
def three_devices(idp):
    """Three devices are enrolled, so that each login rings three times. Four logins in a quarter of an hour are four prompts."""
    user = person("Alma Reuter")
    idp.history(user)
    for i in range(4):
        start = at("09:00") + sec(210 * i)
        idp.password(user, user.home, start - sec(3))
        idp.prompt(user, user.home, start, "approved", 8, devices=3)
        idp.session(user, user.home, start + sec(10))
    return [quiet(user)]


@scenario("okta_classic_benign_new_phone", "duo_benign_new_phone")
def new_phone(idp):
    """A new phone is enrolled, tried, and used."""
    user = person(by_provider(idp, OktaClassic="Bodo Hesse", Duo="Cosima Blau"))
    idp.history(user)
    idp.login(user, user.home, at("09:40"))
    idp.enrol(user, user.home, at("09:42"))
    idp.prompt(user, user.home, at("09:43"), "timeout")
    idp.prompt(user, user.home, at("09:44:30"), "approved", 9)
    idp.session(user, user.home, at("09:44:41"))
    idp.login(user, user.home, at("09:47"))
    idp.login(user, user.home, at("09:50"))
    return [quiet(user)]


@scenario("okta_identity_benign_traveller", "entra_benign_traveller", "duo_benign_traveller")
def traveller(idp):
    """A hotel abroad; each prompt is answered and sessions follow. The next evening it is known."""
    user = person(by_provider(idp, OktaIdentity="Derk Amann", Entra="Eva Losch", Duo="Finn Corda"))
    idp.history(user)
    for clock in ("18:30", "18:52", "19:25", "21:10"):
        idp.login(user, HOTEL, at(clock))
    idp.login(user, HOTEL, at("19:40", 1))
    return [quiet(user, "notice", signals=["new_source"])]


@scenario("duo_benign_office_at_nine", "entra_benign_office_at_nine")
def office(idp):
    """Everyone logs in at nine, behind one address; most work at home otherwise, two are new."""
    names = {"Entra": "Gitta Haug,Henk Isern,Irma Jahn,Jens Kolb,Kira Lohse,Lutz Mertz,Meike Noll,Nico Orth,Oda Pracht,Piet Quandt",
             "Duo": "Rosa Stahl,Sina Thies,Tom Ullrich,Ulf Vahl,Vivi Wolter,Wim Zander,Anke Bartz,Bert Conrad,Celine Dietz,Dirk Evers,"
                    "Elke Fuhr,Fritz Gans,Gesa Hof,Hilke Ihde"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        if i >= 2:
            idp.history(user, 10, 3)
        idp.login(user, OFFICE, at("08:58") + sec(17 * i))
    # nobody was in this office before, so it is a new network, of a new operator
    return [quiet("*", "normal")]


@scenario("okta_identity_benign_session_expiry_wave", "duo_benign_session_expiry_wave")
def expiry_wave(idp):
    """All sessions end at once: everyone is asked again within two minutes, some twice, and some do not see it the first time."""
    names = {"OktaIdentity": "Arno Jurgens,Britt Kaiser,Curt Lindner,Dora Mai,Egon Nickel,Femke Ott,Gero Pape,Heike Ranke",
             "Duo": "Ingo Seidel,Jule Trapp,Kai Unger,Lilli Voss,Merle Wagner,Norbert Zeh,Olaf Arp,Petra Boll"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        idp.history(user, 10, 3)
        start = at("13:00") + sec(13 * i)
        if i % 3 == 0:
            idp.prompt(user, user.home, start, "timeout")
            start += sec(95)
        idp.login(user, user.home, start)
        if i % 2:
            idp.login(user, user.home, start + sec(70))
    return [quiet("*")]


@scenario("okta_identity_benign_number_matching_rollout", "duo_benign_number_matching_rollout")
def number_matching(idp):
    """From today a number must be entered: many get it wrong once or twice, some call it off, all get in."""
    names = {"OktaIdentity": "Ragna Deest,Sigrid Eilers,Theo Fink,Ursel Gehrke,Vroni Hahn,Wolf Ilgen",
             "Duo": "Xaver Jung,Yvonne Kranz,Zita Lauer,Adele Menke,Birte Nagel,Clas Oster"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        idp.history(user, 10, 3)
        start = at("08:15") + sec(140 * i)
        for j in range(i % 4):
            idp.prompt(user, user.home, start + sec(35 * j), "cancelled" if j == 2 else "failed", 14, number=True)
        idp.prompt(user, user.home, start + sec(150), "approved", 14, number=True)
        idp.session(user, user.home, start + sec(166))
    return [quiet("*")]


@scenario("okta_classic_benign_night_shift")
def night_shift(idp):
    """Works at night, as always; one prompt is missed."""
    user = person("Detlef Raabe")
    idp.history(user, 12, clock="22:05")
    idp.prompt(user, user.home, at("02:10"), "timeout")
    idp.login(user, user.home, at("02:12"))
    idp.login(user, user.home, at("04:55"))
    return [quiet(user)]


@scenario("entra_benign_old_password", "okta_identity_benign_old_password")
def old_password(idp):
    """A mail client tries the old password every half minute for an hour; the user logs in as ever."""
    user = person(by_provider(idp, Entra="Elfi Sommer", OktaIdentity="Frank Timm"))
    idp.history(user, 10, 2)
    for i in range(60):
        idp.wrong_password(user, user.home, at("10:00") + sec(30 * i + spread(str(i), 9)))
    idp.login(user, user.home, at("10:12:05"))
    return [quiet(user)]


@scenario("okta_classic_benign_push_from_new_country", "entra_benign_push_from_new_country")
def new_country(idp):
    """One push from a country where the user never was, approved at once: worth a look, not an alarm."""
    user = person(by_provider(idp, OktaClassic="Gabi Ude", Entra="Horst Vieth"))
    idp.history(user)
    idp.login(user, BUCHAREST, at("20:15"))
    return [quiet(user, "notice", signals=["new_source"])]


@scenario("duo_benign_shared_kiosk")
def kiosk(idp):
    """One machine in the hall of the office, where everybody logs in for a moment."""
    for i, name in enumerate("Imke Zorn,Jobst Abel,Katja Beier,Leif Cramer,Mara Denk,Nanno Eggers".split(",")):
        user = person(name)
        idp.history(user, 10, 3, place=OFFICE)
        idp.login(user, KIOSK, at("12:00") + sec(41 * i))
    return [quiet("*")]


@scenario("duo_benign_mistyped_codes")
def mistyped(idp):
    """Three wrong codes, then the right one."""
    user = person("Onno Falke")
    idp.history(user)
    for i in range(3):
        idp.code(user, user.home, at("11:10") + sec(20 * i), False)
    idp.code(user, user.home, at("11:11:15"), True)
    return [quiet(user)]


# ---- files ----

def texts():
    """{file name: text} of all scenarios."""
    found = {}
    for name in SCENARIOS:
        feed, expectations = build(name)
        found[f"{name}.jsonl"] = "".join(line + "\n" for line in feed.lines())
        found[f"{name}.expect"] = "".join(json.dumps(line) + "\n" for line in expectations)
    return found


def main():
    if sys.argv[1:] == ["--list"]:
        for name, (_, tell) in SCENARIOS.items():
            print(f"{name:56} {' '.join(tell.__doc__.split())}")
        return
    wanted = texts()
    for path in HERE.iterdir():
        if path.suffix in (".jsonl", ".expect") and path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
