"""A login and a prompt as the sign-in and audit logs of Entra ID tell them."""

from feed import Provider, stamp
from world import sec, spread



class Entra(Provider):
    NAME = "entra"
    risk = None  # what Entra thinks of the sign-ins, in stories that tell it
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
                **({"riskLevelDuringSignIn": self.risk} if self.risk else {}), "isInteractive": True, "authenticationDetails": list(steps), "autonomousSystemNumber": place.asn,
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
