#!/usr/bin/env python3
"""Writes a feed for the benchmarks: Okta System Log events of about 2.3 KB, each judged (pushes and their answers), N of them for 500 users.

usage: feed.py EVENTS [own | invented PERCENT] > feed.jsonl

The same for the same arguments. "own" gives each event a member that no other has; "invented" gives so many of a hundred a
user whom no other has."""

import datetime
import json
import sys

AGENT = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/120.0.0.0 Safari/537.36")
PLACE = {"city": "Lyon", "state": "Rhone", "country": "France", "postalCode": "69000",
         "geolocation": {"lat": 45.75, "lon": 4.85}}
BEHAVIORS = ("{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE, New State=NEGATIVE, "
             "New Country=NEGATIVE, Velocity=NEGATIVE, New City=NEGATIVE}")


def event(number, when, invented=0):
    user = "user%d@example.com" % (number % 500)
    if number * 37 % 100 < invented:
        user = "invented%d@example.com" % number
    address = "198.51.100.%d" % (number % 250)
    sent = number // 500 % 2 == 0
    person = {"id": "00u%08d" % (number % 500), "type": "User", "alternateId": user, "displayName": "Some Name",
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


def main():
    when = datetime.datetime(2026, 3, 1)
    invented = int(sys.argv[3]) if sys.argv[2:3] == ["invented"] else 0
    for number in range(int(sys.argv[1])):
        when += datetime.timedelta(seconds=3)
        record = event(number, when, invented)
        if sys.argv[2:] == ["own"]:
            record["debugContext"]["debugData"]["own%d" % number] = "value"
        print(json.dumps(record, separators=(",", ":")))


if __name__ == "__main__":
    main()
