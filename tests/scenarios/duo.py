"""A prompt as Duo's authentication log tells it: its outcome."""

from feed import Provider, stamp
from world import sec, spread



class Duo(Provider):
    NAME = "duo"
    tells_phones = False
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
            "auth_device": {"name": "+49 40 5550 " + str(spread(who.name, 900) + 100), "ip": who.home.ip, **self.phone(who)}})

    def phone(self, who):
        """Where the phone is, in stories that tell it."""
        return {"location": {"city": who.home.city, "country": who.home.country}} if self.tells_phones else {}

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
