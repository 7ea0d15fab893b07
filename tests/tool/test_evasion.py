#!/usr/bin/env python3
"""What docs/evasion.md says an attacker can do is what the default policy lets them do: each number of the page is found
again by replaying an attack of its own.

    tests/tool/test_evasion.py --write     puts the present numbers into the page
    tests/tool/test_evasion.py --show      how each case ended
"""

import json
import re
import sys

import jsonschema

from program import TOP, Files, done, mfatigue, ok, okta

MINUTE, HOUR, DAY = 60, 3600, 86400
LEVELS = ["normal", "notice", "suspicious", "anomalous"]
SHOW, WRITE = "--show" in sys.argv[1:], "--write" in sys.argv[1:]
PAGE = TOP / "docs/evasion.md"
PART = re.compile(r"(<!-- generated: begin[^\n]*-->\n)(.*)(<!-- generated: end -->)", re.S)
VICTIM = "ada@example.com"
STAFF = [VICTIM] + [f"staff{i}@example.com" for i in range(11)]
HISTORY, NEW = 21, 5  # days
ATTACK = HISTORY * DAY + HOUR  # of a Monday, an hour after the victim came to work
OFFICE, HOME_PROXY, ABROAD = ("192.0.2.10", "DE", 64500), ("198.51.100.7", "DE", 64501), ("203.0.113.66", "RO", 64510)
files = Files()
schema = jsonschema.Draft202012Validator(json.loads((TOP / "docs/alert.schema.json").read_text()))
breaches = []
PUSH, CODE = "OKTA_VERIFY_PUSH", "GOOGLE_OTP"


def record(event, user, at, source, result="SUCCESS", transaction=None, debug=None, reason=None):
    ip, country, asn = source
    made = okta(event, user, at, ip=ip, debug=debug)
    made["client"]["geographicalContext"] = {"country": country}
    made["securityContext"] = {"asNumber": asn, "isProxy": False}
    made["outcome"] = {"result": result, **({"reason": reason} if reason else {})}
    if transaction:
        made["transaction"]["id"] = transaction
    return made


def history_of(days):
    """Each day of everybody: one login that went well, at hours between nine and five."""
    feed = Feed()
    for day in range(days):
        for number, user in enumerate(STAFF):
            feed.prompt(day * DAY + 40 * number + 2 * HOUR * ((day + number) % 4), "approved", user, after=10)
    return feed


class Feed:
    """Records in order of time. `history` are those before it, as (time, record)."""

    def __init__(self, history=()):
        self.records = list(history)
        self.count = len(self.records)

    def put(self, at, event, *arguments, **more):
        user, source = arguments[:2]
        self.records.append((at, record(event, user, at, source, *arguments[2:], **more)))

    def password(self, at, user=VICTIM, source=OFFICE, right=True):
        if right:
            self.put(at, "policy.evaluate_sign_on", user, source, "CHALLENGE")
        else:
            self.put(at, "user.session.start", user, source, "FAILURE", reason="INVALID_CREDENTIALS")

    def prompt(self, at, end=None, user=VICTIM, source=OFFICE, after=20):
        """A login with the right password, and its push; `end` is "refused", "approved" or, for silence, nothing."""
        self.count += 1
        transaction = f"p{self.count}"
        self.password(at - 2, user, source)
        self.put(at, "system.push.send_factor_verify_push", user, source, transaction=transaction)
        if end is not None:
            good = end == "approved"
            self.put(at + after, "user.authentication.auth_via_mfa", user, source, "SUCCESS" if good else "FAILURE", transaction,
                     {"factor": PUSH}, None if good else "INVALID_CREDENTIALS")
        if end == "approved":
            self.put(at + after + 1, "user.session.start", user, source)

    def code(self, at, good=False, user=VICTIM, source=OFFICE):
        self.password(at - 2, user, source)
        self.put(at, "user.authentication.auth_via_mfa", user, source, "SUCCESS" if good else "FAILURE", None, {"factor": CODE},
                 None if good else "INVALID_CREDENTIALS")


class Outcome:
    """What came of the records since the attack began."""

    def __init__(self, feed, policy=None, since=ATTACK - MINUTE):
        rows = sorted(feed.records, key=lambda r: r[0])
        before = sum(at < since for at, _ in rows)
        options = ["--policy", files("policy.json", json.dumps(policy))] if policy else []
        result = mfatigue("replay", "--profile-dir", str(TOP / "profiles"), "--verdicts", *options, feed=[row for _, row in rows])
        self.verdicts = [v for v in result.lines if "record" in v and v["record"] > before]
        self.alerts = [v for v in result.lines if "mfa" in v]
        breaches.extend(e.message for a in self.alerts for e in schema.iter_errors(a))
        self.error = result.said if result.code not in (0, 1) else ""

    def level(self):
        return max((v["level"] for v in self.verdicts), key=LEVELS.index, default="normal")

    def worst(self, users=None):
        """The record with the highest score."""
        return max((v for v in self.verdicts if users is None or v["user"] in users), key=lambda v: v["score"], default=None)


# ---- attacks: n is what the attacker wants much of ----


def prompts(n, every, end=None, source=HOME_PROXY, final=None, pause=None, history=HISTORY):
    feed = Feed(LIVES[history].records)
    begin = ATTACK - (HISTORY - history) * DAY
    for i in range(n):
        feed.prompt(begin + i * every, end, source=source)
    if final:
        feed.prompt(begin + (n - 1) * every + (pause or every), final, source=source)
    return feed


def drip(n, source):
    """n prompts a day for three days, and a last one that shows what became of the one before."""
    return prompts(3 * n + 1, DAY // n, source=source)


def codes(n, every, source, good=False):
    feed = Feed(LIVES[HISTORY].records)
    for i in range(n):
        feed.code(ATTACK + i * every, source=source)
    if good:
        feed.code(ATTACK + n * every, good=True, source=source)
    return feed


def spray(n, source):
    """Wrong passwords of n users, then the right one of the victim and a prompt."""
    feed = Feed(LIVES[HISTORY].records)
    for i in range(n):
        feed.password(ATTACK + 60 * i, STAFF[1 + i], source, right=False)
    feed.prompt(ATTACK + 60 * n, source=source)
    return feed


def fan(n, source):
    feed = Feed(LIVES[HISTORY].records)
    for i in range(n):
        feed.prompt(ATTACK + 60 * i, user=STAFF[i], source=source)
    return feed


LIVES = {days: history_of(days) for days in (HISTORY, NEW)}
CASES = [  # what the attacker does; the attack; the highest n that is tried
    ("prompts a minute apart, nobody answers", "a proxy in the user's country", lambda n: prompts(n, MINUTE), 12),
    ("prompts 5 minutes apart, nobody answers", "a proxy in the user's country", lambda n: prompts(n, 5 * MINUTE), 24),
    ("the same while nothing is known of rates (first week)", "a proxy in the user's country",
     lambda n: prompts(n, 5 * MINUTE, history=NEW), 24),
    ("prompts a minute apart, all refused", "a proxy in the user's country", lambda n: prompts(n, MINUTE, "refused"), 12),
    ("prompts 6 minutes apart, all refused", "a proxy in the user's country", lambda n: prompts(n, 6 * MINUTE, "refused"), 20),
    ("refused prompts a minute apart, then one is approved", "a proxy in the user's country",
     lambda n: prompts(n, MINUTE, "refused", final="approved"), 12),
    ("refused prompts 6 minutes apart, one is approved 11 minutes later", "a proxy in the user's country",
     lambda n: prompts(n, 6 * MINUTE, "refused", final="approved", pause=11 * MINUTE), 20),
    ("unanswered prompts a minute apart, then one is approved", "a proxy in the user's country",
     lambda n: prompts(n, MINUTE, final="approved"), 12),
    ("unanswered prompts 15 minutes apart, then one is approved", "a proxy in the user's country",
     lambda n: prompts(n, 15 * MINUTE, final="approved"), 12),
    ("prompts a day, evenly, nobody answers", "a proxy in the user's country", lambda n: drip(n, HOME_PROXY), 12),
    ("prompts a day, evenly, nobody answers", "abroad", lambda n: drip(n, ABROAD), 12),
    ("unanswered prompts a minute apart, then one is approved", "abroad", lambda n: prompts(n, MINUTE, source=ABROAD, final="approved"), 12),
    ("refused prompts a minute apart, then one is approved", "abroad",
     lambda n: prompts(n, MINUTE, "refused", source=ABROAD, final="approved"), 12),
    ("prompts a minute apart, nobody answers", "the user's own network", lambda n: prompts(n, MINUTE, source=OFFICE), 14),
    ("prompts a minute apart, all refused", "the user's own network", lambda n: prompts(n, MINUTE, "refused", source=OFFICE), 12),
    ("unanswered prompts a minute apart, then one is approved", "the user's own network",
     lambda n: prompts(n, MINUTE, source=OFFICE, final="approved"), 14),
    ("refused prompts a minute apart, then one is approved", "the user's own network",
     lambda n: prompts(n, MINUTE, "refused", source=OFFICE, final="approved"), 12),
    ("wrong codes, 20 s apart", "a proxy in the user's country", lambda n: codes(n, 20, HOME_PROXY), 12),
    ("wrong codes, 20 s apart, then a right one", "a proxy in the user's country", lambda n: codes(n, 20, HOME_PROXY, good=True), 12),
    ("wrong codes, 20 s apart, then a right one", "the user's own network", lambda n: codes(n, 20, OFFICE, good=True), 14),
    ("users whose password fails, then a prompt of another", "one proxy in the users' country", lambda n: spray(n, HOME_PROXY), 10),
    ("users prompted once each, a minute apart", "one proxy in the users' country", lambda n: fan(n, HOME_PROXY), 11),
]


def most(attack, limit, policy):
    """The most of n that raise no alert, and the first that do."""
    for n in range(1, limit + 1):
        outcome = Outcome(attack(n), policy)
        if outcome.error or outcome.alerts:
            return n - 1, outcome
    return limit, None


def told(outcome):
    if outcome is None:
        return "nothing"
    alert = outcome.alerts[-1]["mfa"]
    return f"{alert['level']}, {alert['severity']}: {', '.join(alert['signals'])}"


def table(strict):
    rows = ["| the attacker makes | from | without an alert | one more is | with the policy below |", "|---|---|---|---|---|"]
    for name, where, attack, limit in CASES:
        number, first = most(attack, limit, None)
        stricter, _ = most(attack, limit, strict)
        rows.append(f"| {name} | {where} | {number if first else f'{limit} and more'} | {told(first)} | "
                    f"{stricter if stricter < limit else f'{limit} and more'} |")
        if SHOW:
            print(rows[-1], "" if first is None else first.error, flush=True)
    return "\n".join(rows)


page = PAGE.read_text()
part = PART.search(page)
policy = re.search(r"((?:^    .*\n)+)", page[part.end():], re.M)
strict = json.loads(policy.group(1))
measured = table(strict)
if WRITE:
    PAGE.write_text(PART.sub(lambda m: f"{m.group(1)}\n{measured}\n\n{m.group(3)}", page))
    sys.exit(0)
written = part.group(2).strip("\n")
shown, found = written.splitlines(), measured.splitlines()
ok("docs/evasion.md has a row for each attack", len(shown) == len(found), f"{len(shown) - 2} rows, {len(found) - 2} attacks")
for was, (name, where, _, _), now in zip(shown[2:], CASES, found[2:]):
    ok(f"the page is right about {name}, from {where}", was == now, f"page:     {was}\nmeasured: {now}")
ok("the stricter policy gives the attacker less in each row, or as much",
   all(int(r.split("|")[5].split()[0]) <= int(r.split("|")[3].split()[0]) for r in found[2:]), measured)


# ---- what does not fit into the table ----


def flooded(names, gap_names, recent):
    """Refusals from a proxy a minute apart, made-up logins before them and between each two."""
    feed = Feed(LIVES[HISTORY].records)
    for i in range(names):
        feed.password(ATTACK - 30 + i * 20 / max(names, 1), f"made-up-{i}@example.com", ABROAD, right=False)
    for i in range(3):
        feed.prompt(ATTACK + i * MINUTE, "refused", source=HOME_PROXY)
        for j in range(gap_names):
            feed.password(ATTACK + i * MINUTE + 25 + j * 20 / gap_names, f"{i}-{j}@example.com", ABROAD, right=False)
    return Outcome(feed, {"state": {"users": 1024, "recent": recent}})


calm, flood = flooded(0, 0, 256), flooded(5000, 0, 256)
ok("a flood of 5,000 made-up logins does not make 1,024 places forget a user with history",
   flood.alerts and flood.alerts[0]["mfa"]["baseline"] == calm.alerts[0]["mfa"]["baseline"]
   and flood.alerts[0]["mfa"]["baseline"]["compared_with"] == "user", flood.alerts or flood.error)
ok("names between the prompts change nothing, twelve times state.recent of them between each two",
   [a["mfa"]["prompts"] for a in flooded(0, 3072, 256).alerts] == [a["mfa"]["prompts"] for a in calm.alerts])

worn = [1 - 0.99 ** n for n in (5, 150)]
ok("one in a hundred says yes: the chances that the page names are right",
   f"{worn[0]:.1%}" == "4.9%" and f"{worn[1]:.0%}" == "78%" and "4.9 % a day, 78 % in 30 days" in page, worn)
fresh = Feed()
for i in range(5):
    fresh.prompt(ATTACK + i * MINUTE, "refused", source=ABROAD)
caveats = Outcome(fresh).alerts[0]["mfa"]["caveats"]
ok("a feed that has shown no logins and sessions yet says so", {"logins_not_seen", "sessions_not_seen"} <= set(caveats), caveats)
for place, level in ((ABROAD, "notice"), (HOME_PROXY, "normal")):
    outcome = Outcome(prompts(1, 30, "approved", source=place))
    ok(f"a first prompt that is approved, from {place[1]}: {level}", outcome.level() == level and not outcome.alerts, outcome.worst())
ok("all alerts on the way keep to docs/alert.schema.json", not breaches, "\n".join(sorted(set(breaches))))
done()
