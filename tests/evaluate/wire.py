"""How each provider's log tells what happens: cheap templates, one line a record, with the time at which it arrives.

A Wire keeps what it wrote as (arrival, line) until somebody takes it, and counts the event kinds that it meant, so that a test can
compare them with what `mfatigue normalize` reads.
"""

import random
from collections import Counter
from functools import lru_cache

from world import BEGIN, DAY, date


@lru_cache(maxsize=None)
def _midnight(day):
    return date(day)


def clock(when):
    """2026-03-02T09:00:00.000 of a time in seconds."""
    ms = int(round((when - BEGIN) * 1000))
    day, ms = divmod(ms, 86400000)
    s, ms = divmod(ms, 1000)
    return "%sT%02d:%02d:%02d.%03d" % (_midnight(day), s // 3600, s // 60 % 60, s % 60, ms)


@lru_cache(maxsize=200000)
def _okta_client(at):
    return '"geographicalContext":{"city":"%s","country":"%s","geolocation":{"lat":%s,"lon":%s}}' % (at.city, at.name, at.latitude, at.longitude)


OKTA = ('{"uuid":"%s","published":"%sZ","eventType":"%s","actor":{"id":"00u%s","type":"User","alternateId":"%s"},'
        '"client":{"ipAddress":"%s","device":"%s",%s},"outcome":{"result":"%s"%s},'
        '"securityContext":{"asNumber":%d,"asOrg":"%s","isProxy":%s},"authenticationContext":{"externalSessionId":"%s"},'
        '"debugContext":{"debugData":{%s}},"transaction":{"type":"WEB","id":"%s"},"target":[%s]}')
ENTRA = ('{"time":"%sZ","category":"SignInLogs","operationName":"Sign-in activity","tenantId":"5a5a5a5a-0000-4000-8000-000000000007",'
         '"resultType":"%d","properties":{"id":"%s","createdDateTime":"%sZ","userPrincipalName":"%s","userId":"%s","ipAddress":"%s",'
         '"status":{"errorCode":%d,"additionalDetails":"%s"},"location":{"city":"%s","countryOrRegion":"%s",'
         '"geoCoordinates":{"latitude":%s,"longitude":%s}},%s"correlationId":"%s","isInteractive":true,"autonomousSystemNumber":%d,'
         '"appDisplayName":"Example Portal"}}')
AUDIT = ('{"time":"%sZ","category":"AuditLogs","operationName":"%s","tenantId":"5a5a5a5a-0000-4000-8000-000000000007","properties":{"id":"%s",'
         '"category":"UserManagement","result":"success","activityDisplayName":"%s","activityDateTime":"%sZ",'
         '"initiatedBy":{"user":{"userPrincipalName":"%s","ipAddress":"%s"}},'
         '"targetResources":[{"type":"User","id":"%s","userPrincipalName":"%s"}]}}')
DUO = ('{"event_type":"%s","txid":"%s","isotimestamp":"%s+00:00","timestamp":%d,"result":"%s","reason":%s,"factor":%s,'
       '"user":{"key":"DU%s","name":"%s","groups":["%s"]},"access_device":{"ip":"%s","location":{"city":"%s","country":"%s"}},'
       '"auth_device":{"name":"phone of %s","ip":%s%s},"application":{"name":"%s"}}')

PUSHES = ("push", "verified_push")
OKTA_FACTOR = {"push": "OKTA_VERIFY_PUSH", "verified_push": "OKTA_VERIFY_PUSH", "sms": "SMS_FACTOR", "totp": "GOOGLE_OTP"}
ENTRA_FACTOR = {"push": "Mobile app notification", "verified_push": "Mobile app notification", "sms": "Text message",
                "totp": "OATH verification code"}
DUO_FACTOR = {"push": "duo_push", "verified_push": "verified_duo_push", "sms": "sms_passcode", "totp": "duo_mobile_passcode"}
ENTRA_ENDS = {
    "approved": (0, "MFA completed in Azure AD"),
    "refused": (500121, "MFA denied; user declined the authentication"),
    "fraud": (500121, "MFA denied; user declined the authentication"),
    "timeout": (500121, "MFA denied; user did not respond to mobile app notification"),
    "failed": (500121, "MFA denied; user entered incorrect code. Invalid mobile app verification code."),
    "cancelled": (50140, "Keep me signed in interrupt"),
}
DUO_ENDS = {
    "approved": ("success", "user_approved"), "refused": ("denied", "user_mistake"), "fraud": ("fraud", "user_marked_fraud"),
    "timeout": ("denied", "no_response"), "failed": ("denied", "verification_code_incorrect"), "cancelled": ("denied", "user_cancelled"),
}
# how long nobody has to answer before it is over: Okta 5 min, Entra and Duo 1 min
LIFE = {"okta_classic": 300, "okta_identity": 300, "entra": 60, "duo": 60}


class Wire:
    """prompt() and the rest are told of by the provider's means; `who` has login, key and group."""

    def __init__(self, seed):
        self.out, self.meant, self.count = [], Counter(), 0
        self.rng = random.Random(f"wire {seed}")

    def take(self):
        rows, self.out = self.out, []
        return rows

    def serial(self, letters):
        self.count += 1
        return "%s-%08x" % (letters, self.count)

    def put(self, feed, when, line, *kinds):
        for kind in kinds:
            self.meant[kind] += 1
        arrival = self.arrival(feed, when)
        self.out.append((arrival, self.count, line))
        if self.rng.random() < 0.002:  # a collector that starts again reads some once more
            self.out.append((arrival + self.rng.uniform(1, 300), self.count, line))
            self.meant.update(kinds)

    def arrival(self, feed, when):
        """Okta is polled each minute, Duo every two; Entra's come in batches of about five."""
        chance = self.rng.random()
        if feed == "duo":
            return (when // 120 + 1) * 120 + 4
        if feed == "entra":
            return (when // 300 + 1) * 300 + (40 if chance > 0.005 else self.rng.uniform(60, 600))
        return (when // 60 + 1) * 60 + 3 + (0 if chance > 0.01 else self.rng.uniform(5, 240))

    # ---- Okta ----

    def okta(self, who, at, when, event, kinds, result="SUCCESS", reason=None, debug="", transaction=None,
             device="Computer", session="unknown", target=""):
        uuid = self.serial("0e5a")
        self.put("okta", when, OKTA % (
            uuid, clock(when), event, who.key, who.login, at.ip, device, _okta_client(at), result,
            ',"reason":"%s"' % reason if reason else "", at.asn, at.network, "true" if at.proxy else "false", session, debug,
            transaction or "t" + uuid, target), *kinds)

    # ---- what happens ----

    def password(self, who, idp, at, when, right=True):
        if idp == "okta_identity":
            self.okta(who, at, when, "user.authentication.auth_via_mfa", ["login_success" if right else "login_failure"],
                      "SUCCESS" if right else "FAILURE", None if right else "INVALID_CREDENTIALS", '"factor":"PASSWORD_AS_FACTOR"')
        elif idp == "okta_classic":
            if right:
                self.okta(who, at, when, "policy.evaluate_sign_on", ["mfa_required"], "CHALLENGE", "Sign-on policy evaluation resulted in CHALLENGE")
            else:
                self.okta(who, at, when, "user.session.start", ["login_failure"], "FAILURE", "INVALID_CREDENTIALS")
        elif idp == "entra":
            if right:
                self.entra(who, at, when, 50074, "MFA required in Azure AD", ["mfa_required"])
            else:
                self.entra(who, at, when, 50126, "Error validating credentials due to invalid username or password.", ["login_failure"])
        # Duo does not see the password

    def session(self, who, idp, at, when):
        if idp.startswith("okta"):
            self.okta(who, at, when, "user.session.start", ["login_success", "session_start"], session=self.serial("102"))
        # Entra's and Duo's approval says it

    def entra(self, who, at, when, code, text, kinds, method=None, correlation=None):
        serial = self.serial("e7e7")
        stamp = clock(when)
        detail = '"mfaDetail":{"authMethod":"%s"},' % method if method else ""
        self.put("entra", when, ENTRA % (stamp, code, serial, stamp, who.login, "u-" + who.key, at.ip, code, text, at.city, at.country,
                                         at.latitude, at.longitude, detail, correlation or "c" + serial, at.asn), *kinds)

    def duo(self, who, at, phone, when, result, reason, factor, kinds, event="authentication"):
        name = getattr(who, "second_name", "") or who.login
        ip = '"%s"' % phone.ip if phone else "null"
        location = ',"location":{"country":"%s"}' % phone.name if phone else ""
        self.put("duo", when, DUO % (event, self.serial("d0d0"), clock(when), int(when), result, '"%s"' % reason if reason else "null",
                                     '"%s"' % factor if factor else "null", who.key, name, who.group, at.ip, at.city, at.name, who.key, ip, location,
                                     "Example VPN"), *kinds)

    KINDS = {"approved": "mfa_success", "refused": "mfa_denied", "fraud": "mfa_fraud", "timeout": "mfa_timeout", "failed": "mfa_failed",
             "cancelled": "mfa_cancelled"}

    def prompt(self, who, idp, at, when, outcome, after, factor="push", phone=None, devices=1, transaction=None):
        """One prompt sent at `when` that ends `after` seconds later. The phone is where it is answered; None for nobody knows."""
        then = when + after
        if idp.startswith("okta"):
            self._okta_prompt(who, idp, at, when, then, outcome, factor, phone, devices, transaction)
        elif idp == "entra":
            code, text = ENTRA_ENDS[outcome]
            correlation = transaction or self.serial("c0ff")
            kinds = {"approved": ["mfa_success", "login_success", "session_start"], "cancelled": ["ignore"], "fraud": ["mfa_denied"]}
            self.entra(who, at, then, code, text, kinds.get(outcome) or [self.KINDS[outcome]],
                       None if outcome == "cancelled" else ENTRA_FACTOR[factor],
                       correlation)
            if outcome == "fraud":
                self.audit(who, phone or at, then + 40, "Suspicious activity reported", "mfa_fraud")
        else:
            result, reason = DUO_ENDS[outcome]
            kinds = ["mfa_success", "login_success"] if outcome == "approved" else [self.KINDS[outcome]]
            self.duo(who, at, phone, then, result, reason, DUO_FACTOR[factor], kinds)

    def _okta_prompt(self, who, idp, at, when, then, outcome, factor, phone, devices, transaction):
        transaction = transaction or self.serial("trx")
        sent = {"push": "system.push.send_factor_verify_push", "verified_push": "system.push.send_factor_verify_push",
                "sms": "system.sms.send_factor_verify_message"}[factor]
        for device in range(devices):
            self.okta(who, at, when + 0.4 * device, sent, ["mfa_challenge"], transaction=transaction)
        if outcome == "timeout":
            return  # nobody answers: no record
        answered, device = (phone, "Mobile") if phone and idp == "okta_classic" else (at, "Computer")
        debug = '"factor":"%s"' % OKTA_FACTOR[factor]
        answer = "user.authentication.auth_via_mfa"
        if outcome == "approved":
            if factor == "verified_push":
                debug += ',"pushWithNumberChallengeResponseType":"OV_WITH_CHALLENGE_RESPONSE_CORRECT"'
            self.okta(who, answered, then, answer, ["mfa_success"], "SUCCESS", None, debug, transaction, device)
        elif outcome == "cancelled":
            self.okta(who, at, then, answer, ["mfa_cancelled"], "ABANDONED", None, debug, transaction)
        elif outcome == "failed":
            if factor == "verified_push":
                debug += ',"pushWithNumberChallengeResponseType":"OV_WITH_CHALLENGE_RESPONSE_INCORRECT"'
            elif factor == "push":
                debug += ',"pushOnlyResponseType":"OV_RESPONSE_ERROR"'
            self.okta(who, answered, then, answer, ["mfa_failed"], "FAILURE", "INVALID_CREDENTIALS", debug, transaction, device)
        else:
            if idp == "okta_classic":  # told twice
                self.okta(who, answered, then, "user.mfa.okta_verify.deny_push", ["mfa_denied"], "FAILURE", "INVALID_CREDENTIALS", "",
                          transaction, device)
                then += 0.6
            self.okta(who, answered, then, answer, ["mfa_denied"], "FAILURE", "INVALID_CREDENTIALS", debug, transaction, device)
            if outcome == "fraud":
                self.okta(who, phone or at, then + 45, "user.account.report_suspicious_activity_by_enduser", ["mfa_fraud"],
                          debug='"suspiciousActivityEventIp":"%s","suspiciousActivityEventType":"system.push.send_factor_verify_push"' % at.ip)

    def code(self, who, idp, at, when, right, transaction=None):
        """A typed code: no prompt."""
        if idp.startswith("okta"):
            self.okta(who, at, when, "user.authentication.auth_via_mfa", ["mfa_success" if right else "mfa_failed"],
                      "SUCCESS" if right else "FAILURE",
                      None if right else "INVALID_CREDENTIALS", '"factor":"GOOGLE_OTP"', transaction)
        elif idp == "entra":
            code, text = ENTRA_ENDS["approved" if right else "failed"]
            self.entra(who, at, when, code, text, ["mfa_success", "login_success", "session_start"] if right else ["mfa_failed"],
                       ENTRA_FACTOR["totp"], transaction)
        else:
            self.duo(who, at, None, when, "success" if right else "denied", "valid_passcode" if right else "invalid_passcode", "duo_mobile_passcode",
                     ["mfa_success", "login_success"] if right else ["mfa_failed"])

    def enrol(self, who, idp, at, when, reset=False):
        """A new phone; `reset`: the help desk took the old one away before."""
        if idp.startswith("okta"):
            target = '{"id":"00u%s","type":"User","alternateId":"%s"}' % (who.key, who.login)
            if reset:
                self.okta(HELPDESK, at, when - 200, "user.mfa.factor.reset_all", ["factor_reset"], target=target)
            self.okta(who, at, when, "user.mfa.factor.activate", ["factor_enrolled"], debug='"factor":"OKTA_VERIFY_PUSH"', target=target)
        elif idp == "entra":
            if reset:
                self.audit(who, at, when - 200, "Admin deleted security info", "factor_removed", HELPDESK.login)
            self.audit(who, at, when, "User registered security info", "factor_enrolled")
        else:
            self.duo(who, at, None, when, "success", None, None, ["factor_enrolled"], "enrollment")

    def audit(self, who, at, when, operation, kind, actor=None):
        stamp = clock(when)
        self.put("entra", when, AUDIT % (stamp, operation, self.serial("a0d1"), operation, stamp,
                                         actor or who.login, at.ip, "u-" + who.key, who.login), kind)


class _Helpdesk:
    login, key, group = "helpdesk@example.com", "000000000001", "it"


HELPDESK = _Helpdesk()
