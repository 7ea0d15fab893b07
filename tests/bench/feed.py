#!/usr/bin/env python3
"""Writes feeds for the benchmarks, one record a line; the same for the same words.

usage: feed.py KIND [N] > feed.jsonl

    okta N      Okta System Log events of about 2.3 KB, each judged (pushes and their answers), for 500 users
    own N       the same, and each has a member that no other has: none is written as another
    half N      the same as okta, and half of the users are invented: nobody has seen them before
    most N      the same, nine of ten
    mixed N     logins of 5,000 users who are at work: a prompt, its answer, and between them records that no signal asks
                about (a login to an application), as many
    noise N     JSON of about 2 KB in which no profile knows anything
    entra N     Entra sign-ins of about 8 KB, each judged
    template    a prompt and its answer with places left open (crowd.c)
"""

import datetime
import json
import sys

AGENT = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/120.0.0.0 Safari/537.36")
PLACE = {"city": "Lyon", "state": "Rhone", "country": "France", "postalCode": "69000",
         "geolocation": {"lat": 45.75, "lon": 4.85}}
BEHAVIORS = ("{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE, New State=NEGATIVE, "
             "New Country=NEGATIVE, Velocity=NEGATIVE, New City=NEGATIVE}")


def event(number, when, invented=0, users=500, sent=None):
    user = "user%d@example.com" % (number % users)
    if number * 37 % 100 < invented:
        user = "invented%d@example.com" % number
    address = "198.51.%d.%d" % (100 + number % users // 250, number % 250)
    sent = number // 500 % 2 == 0 if sent is None else sent
    person = {"id": "00u%08d" % (number % users), "type": "User", "alternateId": user, "displayName": "Some Name",
              "detailEntry": None}
    return {
        "actor": person,
        "client": {"userAgent": {"rawUserAgent": AGENT, "os": "Windows 10", "browser": "CHROME"}, "zone": "null",
                   "device": "Computer", "id": None, "ipAddress": address, "geographicalContext": PLACE},
        "device": None,
        "authenticationContext": {"authenticationProvider": None, "credentialProvider": None, "credentialType": None,
                                  "issuer": None, "interface": None, "authenticationStep": 0,
                                  "rootSessionId": "102session%013d" % number,
                                  "externalSessionId": "102session%013d" % number},
        "displayMessage": "A push was sent to a user for verification" if sent else "Authentication of user via MFA",
        "eventType": "system.push.send_factor_verify_push" if sent else "user.authentication.auth_via_mfa",
        "outcome": {"result": "SUCCESS", "reason": None},
        "published": when.strftime("%Y-%m-%dT%H:%M:%S.123Z"),
        "securityContext": {"asNumber": 64500, "asOrg": "example telecom", "isp": "example", "domain": "example.net",
                            "isProxy": False},
        "severity": "INFO",
        "debugContext": {"debugData": {"requestId": "Zrequest%012d" % number, "dtHash": "0123456789abcdef" * 4,
                                       "factor": "OKTA_VERIFY_PUSH",
                                       "requestUri": "/api/v1/authn/factors/opf0000000000/verify",
                                       "threatSuspected": "false",
                                       "url": "/api/v1/authn/factors/opf0000000000/verify?rememberDevice=false",
                                       "behaviors": BEHAVIORS, "risk": "{level=LOW}"}},
        "legacyEventType": None,
        "transaction": {"type": "WEB", "id": "Ztxn%016d" % number, "detail": {}},
        "uuid": "%08x-0000-4000-8000-%012x" % (number, number), "version": "0",
        "request": {"ipChain": [{"ip": address, "geographicalContext": PLACE, "version": "V4", "source": None}]},
        "target": [person, {"id": "opf0", "type": "AuthenticatorEnrollment", "alternateId": "unknown",
                            "displayName": "Okta Verify",
                            "detailEntry": {"methodTypeUsed": "Get a push notification"}}],
    }


def application(number, when):
    """A sign-on to an application: half of what a tenant logs, and nothing that is judged."""
    record = event(number, when, users=5000)
    record["displayMessage"], record["eventType"] = "User single sign on to app", "user.authentication.sso"
    return record


def noise(number, when):
    return {"timestamp": when.isoformat() + "Z", "level": "info", "host": "web%d" % (number % 7), "logger": "access",
            "request": {"id": "r%016d" % number, "method": "GET", "path": "/catalogue/%d" % (number % 90), "agent": AGENT,
                        "headers": {"x-%d" % i: "0123456789abcdef" * 3 for i in range(24)}},
            "response": {"status": 200, "bytes": 5120, "took_ms": 12.5}, "client": {"address": "198.51.100.7"},
            "tags": ["edge", "public", "cacheable"] * 6}


def sign_in(number, when):
    """As diagnostic settings write it: most of its length are policies that were applied."""
    policies = [{"id": "%08x-0000-4000-8000-%012x" % (i, i), "displayName": "Policy %d" % i, "result": "success",
                 "enforcedGrantControls": ["Mfa"], "enforcedSessionControls": [], "conditionsSatisfied": 3,
                 "conditionsNotSatisfied": 0, "includeRulesSatisfied": [{"conditionalAccessCondition": "application",
                                                                        "ruleSatisfied": "allApps"}]} for i in range(19)]
    denied = number // 500 % 2 == 1
    return {"time": when.strftime("%Y-%m-%dT%H:%M:%S.1234567Z"), "category": "SignInLogs", "tenantId": "11111111-0000-4000-8000-000000000000",
            "operationName": "Sign-in activity", "resultType": "500121" if denied else "0", "correlationId": "%032x" % number,
            "properties": {
                "id": "%08x-0000-4000-8000-%012x" % (number, number),
                "createdDateTime": when.strftime("%Y-%m-%dT%H:%M:%S.1234567Z"),
                "userPrincipalName": "user%d@example.com" % (number % 500), "userId": "%08x-0000-4000-8000-000000000000" % (number % 500),
                "appDisplayName": "Portal", "ipAddress": "198.51.100.%d" % (number % 250), "clientAppUsed": "Browser",
                "correlationId": "%032x" % number, "conditionalAccessStatus": "success", "isInteractive": True,
                "status": {"errorCode": 500121 if denied else 0,
                           "additionalDetails": "MFA denied; user declined the authentication" if denied
                           else "MFA requirement satisfied by claim in the token"},
                "deviceDetail": {"deviceId": "", "operatingSystem": "Windows 10", "browser": AGENT},
                "location": {"city": "Lyon", "state": "Rhone", "countryOrRegion": "FR",
                             "geoCoordinates": {"latitude": 45.75, "longitude": 4.85}},
                "appliedConditionalAccessPolicies": policies,
                "authenticationDetails": [
                    {"authenticationStepDateTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "authenticationMethod": "Password",
                     "succeeded": True, "authenticationStepResultDetail": "Correct password"},
                    {"authenticationStepDateTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "authenticationMethod": "Mobile app notification", "succeeded": not denied,
                     "authenticationStepResultDetail": "MFA denied; user declined the authentication" if denied
                     else "MFA successfully completed"}],
                "authenticationRequirement": "multiFactorAuthentication", "riskState": "none", "autonomousSystemNumber": 64500}}


INVENTED = {"half": 50, "most": 90}  # of a hundred users


def records(kind, n):
    when = datetime.datetime(2026, 3, 1)
    for number in range(n):
        when += datetime.timedelta(seconds=3)
        if kind == "mixed":
            login, step = divmod(number, 4)
            record = event(login, when, users=5000, sent=step == 0) if step % 2 == 0 else application(login, when)
        elif kind in ("noise", "entra"):
            record = (noise if kind == "noise" else sign_in)(number, when)
        else:
            record = event(number, when, INVENTED.get(kind, 0))
        if kind == "own":
            record["debugContext"]["debugData"]["own%d" % number] = "value"
        yield record


def template():
    for record in (event(0, datetime.datetime(2026, 3, 1)), event(500, datetime.datetime(2026, 3, 1))):
        for person in (record["actor"], record["target"][0]):
            person["id"], person["alternateId"] = "00u@U@@@@@@", "user@U@@@@@@@example.com"
        address = "@A@@@@@@@@@@@@@"
        record["client"]["ipAddress"] = record["request"]["ipChain"][0]["ip"] = address
        record["published"] = "@T@@@@@@@@@@@@@@@@@@@@@@"
        for where, name in ((record, "uuid"), (record["transaction"], "id"), (record["debugContext"]["debugData"], "requestId")):
            where[name] = "n@N@@@@@@@@@@"
        yield record


def main():
    kind, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for record in template() if kind == "template" else records(kind, n):
        print(json.dumps(record, separators=(",", ":")))


if __name__ == "__main__":
    main()
