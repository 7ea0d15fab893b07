"""A login and a prompt as Okta's System Log tells them."""

from datetime import timedelta

from feed import Provider, stamp
from world import sec, spread



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
            "securityContext": {"asNumber": place.asn, "asOrg": place.network, "isProxy": place.network == "Example Anonymiser"},
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

    def text(self, who, place, when):
        """A code is sent by SMS, and nobody enters it."""
        self.record(who, place, when, "system.sms.send_factor_verify_message")

    def reset(self, who, when):
        """The help desk takes all factors away."""
        self.record(who, who.home, when, "user.mfa.factor.reset_all")

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
