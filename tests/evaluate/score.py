"""Compares what was found with the truth: recall, how early, false incidents. The same for mfatigue's alerts and for a plain rule.

Either is told as a list of Incident: who, where from, and the moments (time, level, severity) at which it spoke. An incident belongs to an attack on
that user, or from that address, when one of its moments lies between the attack's first prompt and a day after its last; else it is false.
"""

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from rules import seconds
from world import DAY, HOUR, MINUTE

LEVELS = {"suspicious": 1, "anomalous": 2}
MANY = 8  # prompts on one user; the aims are about attacks of so many


@dataclass
class Incident:
    user: str
    source: str = ""
    moments: list = field(default_factory=list)  # (time, level, severity)

    def level(self):
        return max((m[1] for m in self.moments), key=lambda name: LEVELS.get(name, 0))

    def calls(self):
        """How often somebody looks up: moments within 30 minutes of each other are one."""
        last, calls = -1e12, 0
        for when, _, _ in sorted(self.moments):
            calls += when - last > 30 * MINUTE
            last = when
        return calls


def from_alerts(lines):
    """The incidents of replay's output. A close says nothing new and nobody is called by it; a summary is of no incident."""
    incidents = {}
    for line in lines:
        alert = json.loads(line)
        mfa = alert["mfa"]
        if mfa["phase"] in ("close", "summary"):
            continue
        incident = incidents.setdefault(mfa["incident"], Incident(alert.get("user", {}).get("name", ""), alert.get("source", {}).get("ip", "")))
        incident.moments.append((seconds(alert["@timestamp"]), mfa["level"], mfa["severity"]))
    return list(incidents.values())


def from_firings(fired):
    """The incidents of a plain rule: as with mfatigue, what it says within a day of the last is the same one again."""
    incidents = []
    for user, times in fired.items():
        last = -1e12
        for when in times:
            if when - last > DAY:
                incidents.append(Incident(user))
            incidents[-1].moments.append((when, "suspicious", "medium"))
            last = when
    return incidents


class Truth:
    def __init__(self, company, attacks, episodes):
        self.company, self.attacks = company, attacks
        self.by_user, self.by_source, self.episodes = defaultdict(list), defaultdict(list), defaultdict(list)
        for attack in attacks:
            for user in attack.users:
                self.by_user[self.person(user)].append(attack)
            for source in attack.sources if attack.kind != "egress" else ():  # there the address is everybody's
                self.by_source[source].append(attack)
        for index, begin, end, cause in episodes:
            self.episodes[index].append((end - begin, begin, end, cause))
        for rows in self.episodes.values():
            rows.sort()

    def person(self, name):
        """One number for all names of a person; the name itself for somebody who is not in the books."""
        return self.company.names.get(name.lower(), name)

    def owner(self, incident):
        """The attack that an incident is about."""
        for attack in self.by_user.get(self.person(incident.user), []) + self.by_source.get(incident.source, []):
            if any(attack.start - 1 <= when <= attack.end + DAY for when, _, _ in incident.moments):
                return attack
        return None

    def cause(self, incident):
        """The shortest episode of that person in which it happened."""
        person = self.person(incident.user)
        if isinstance(person, str) and person in self.company.services:
            return "service account"
        when = min(m[0] for m in incident.moments)
        for _, begin, end, cause in self.episodes.get(person, ()):
            if begin - 30 * MINUTE <= when <= end + 30 * MINUTE:
                return cause
        return "nothing special"


def quantile(values, share):
    """The smallest value that is no less than that share of them."""
    if not values:
        return None
    return sorted(values)[math.ceil(share * len(values) - 1e-9) - 1]


def judge(truth, incidents):
    """What there is to say of a detector."""
    moments, false = defaultdict(list), []
    for incident in incidents:
        attack = truth.owner(incident)
        if attack is None:
            false.append(incident)
        else:
            moments[id(attack)] += [m for m in incident.moments if m[0] >= attack.start - 1]
    attacks = []
    for attack in truth.attacks:
        heard = sorted(moments[id(attack)])
        heard = [m for m in heard if m[0] <= attack.end + HOUR]
        row = {"kind": attack.kind, "provider": attack.provider, "prompts": len(attack.prompts), "most": attack.most(),
               "tries": len(attack.tries), "found": bool(heard), "approved": bool(attack.approval)}
        if heard:
            first = heard[0][0]
            row["seconds"] = max(0.0, first - attack.start)
            # a prompt that is sent at that very moment has been counted
            row["step"] = sum(1 for t in attack.steps() if t <= first + 0.01)
            row["level"] = max((m[1] for m in heard), key=lambda name: LEVELS[name])
        if attack.approval:
            row["before"] = bool(heard) and heard[0][0] < attack.approval
            row["critical"] = any(m[2] == "critical" and m[0] <= attack.approval + 10 * MINUTE for m in heard)
        attacks.append(row)
    return {"attacks": attacks, "false": false}


def summary(truth, result):
    rows = result["attacks"]
    many = [r for r in rows if r["most"] >= MANY]
    weeks = truth.company.days / 7
    per = 1000 / (truth.company.size * weeks)
    kinds = {}
    for kind in dict.fromkeys(r["kind"] for r in rows):
        mine = [r for r in rows if r["kind"] == kind]
        kinds[kind] = {"attacks": len(mine), "found": sum(r["found"] for r in mine), **early(mine)}
    false = Counter(i.level() for i in result["false"])
    causes = defaultdict(Counter)
    for incident in result["false"]:
        causes[truth.cause(incident)][incident.level()] += 1
    return {
        "all": {"attacks": len(rows), "found": sum(r["found"] for r in rows), **early(rows)},
        "many": {"attacks": len(many), "found": sum(r["found"] for r in many), **early(many)},
        "kinds": kinds,
        "missed": Counter(f"{r['kind']} {r['provider']}" for r in rows if not r["found"]),
        "false": {level: {"incidents": false[level], "per_1000_users_week": false[level] * per} for level in LEVELS},
        "false_calls": sum(i.calls() for i in result["false"]),
        "causes": {c: dict(n) for c, n in sorted(causes.items(), key=lambda item: -sum(item[1].values()))},
    }


def early(rows):
    found = [r for r in rows if r["found"]]
    approved = [r for r in rows if r["approved"]]
    return {
        "step": [quantile([r["step"] for r in found], q) for q in (0.5, 0.9)],
        "seconds": [quantile([r["seconds"] for r in found], q) for q in (0.5, 0.9)],
        "approved": len(approved), "before": sum(r["before"] for r in approved), "critical": sum(r["critical"] for r in approved),
    }


def aims(ours, rules):
    """(what is wanted, what was seen, whether it is met)."""
    many, false = ours["many"], ours["false"]
    rows = [
        (f"every attack of {MANY} prompts or more is found", f"{many['found']} of {many['attacks']}", many["found"] == many["attacks"]),
        ("at the 5th prompt or earlier, in the median", str(many["step"][0]), many["step"][0] is not None and many["step"][0] <= 5),
        ("95 % of them before the approval", f"{many['before']} of {many['approved']}", many["before"] >= 0.95 * many["approved"]),
        ("at most 0.05 anomalous on honest users, per 1,000 and week", f"{false['anomalous']['per_1000_users_week']:.3f}",
         false["anomalous"]["per_1000_users_week"] <= 0.05),
        ("at most 1 suspicious", f"{false['suspicious']['per_1000_users_week']:.2f}", false["suspicious"]["per_1000_users_week"] <= 1),
    ]
    total = sum(f["incidents"] for f in false.values())
    for name, rule in rules.items():
        theirs = sum(f["incidents"] for f in rule["false"].values())
        rows.append((f"finds more than the rule of 5 {name} in 10 min", f"{ours['all']['found']} against {rule['all']['found']}",
                     ours["all"]["found"] > rule["all"]["found"]))
        rows.append((f"with fewer false incidents than 5 {name}", f"{total} against {theirs}", total < theirs))
    return rows
