#!/usr/bin/python3
"""Alerts: what they look like as messages, where they go, and that they never come back."""

import re

from daemon import *

RETURNING = """
ruleset(name="alerts" queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="0") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/alerts" template="alert")
}}
"""


def schema_errors(alert):
    """What docs/alert.schema.json has against the alert."""
    path = TOP / "docs/alert.schema.json"
    if not path.exists():
        return ["docs/alert.schema.json is not there"]
    import jsonschema
    return [e.message for e in jsonschema.Draft202012Validator(json.loads(path.read_text())).iter_errors(json.loads(alert["msg"]))]


def fields():
    with Daemon(config()) as daemon:
        daemon.send([prompt("calm@example.com"), fraud("victim@example.com")])
        daemon.wait_for("alerts", 1)
        alert = daemon.alerts()[0]
        body = json.loads(alert["msg"])
        severity = {"critical": "82", "high": "83", "medium": "84"}[body["mfa"]["severity"]]
        ok("an alert has the tag mfatigue:", alert["tag"] == "mfatigue:", alert)
        ok("its facility is authpriv and its severity follows the alert's", alert["pri"] == severity, alert)
        ok("its input is named", alert["input"] == "mmfatigue", alert)
        ok("its host is this machine, in the message and in the observer", alert["host"] and body["observer"]["name"] == alert["host"], alert)
        ok("it is the message of the user who reported", body["user"]["name"] == "victim@example.com", body)
        ok("it says when the record reached rsyslogd",
           abs(datetime.fromisoformat(body["event"]["created"].replace("Z", "+00:00")).timestamp() - time.time()) < 60, body["event"])
        ok("its JSON is its tree as well", json.loads(alert["tree"]) == body, alert["tree"])
        ok("it keeps to the schema", schema_errors(alert) == [], schema_errors(alert))
        ok("it is one of two messages: a normal record raises none", len(daemon.alerts()) == 1, daemon.lines("alerts"))
    with Daemon(config(globals='localHostname="collector-7"')) as daemon:
        daemon.send([fraud("victim@example.com")])
        daemon.wait_for("alerts", 1)
        ok("the observer is the configured host name", json.loads(daemon.alerts()[0]["msg"])["observer"]["name"] == "collector-7",
           daemon.alerts())


def arrival():
    """Written by rsyslog itself beside the record, in zones with minutes, of either side."""
    load = LOAD + 'template(name="when" type="string" string="%timegenerated:::date-rfc3339%\\n")\n'
    for zone in ("UTC0", "XXX-05:45", "XXX+03:30"):
        with Daemon(config(load=load, watch=WATCH.replace('template="all"', 'template="when"')), env={"TZ": zone}) as daemon:
            daemon.send([fraud("victim@example.com")])
            daemon.wait_for("alerts", 1)
            body, said = json.loads(daemon.alerts()[0]["msg"]), daemon.wait_for("out", 1)[0]
            when = datetime.fromisoformat(said).astimezone(timezone.utc)
            ok(f"event.created is when rsyslogd says that it took the record, TZ={zone}",
               body["event"]["created"] == f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z", (body["event"]["created"], said))


def forwarding():
    for forward, alerts, records in (("alert", 1, 0), ("record", 0, 1), ("both", 1, 1)):
        with Daemon(config(more=f'forward="{forward}"')) as daemon:
            record = fraud("victim@example.com")
            daemon.send([prompt("calm@example.com"), record])
            daemon.wait_for("alerts", alerts + records)
            until(lambda: daemon.stats().get("records_sent") == records and daemon.stats().get("alerts_sent") == alerts,
                  f"the counters: {daemon.stats()}")
            seen = daemon.alerts()
            ours = [a for a in seen if a["tag"] == "mfatigue:"]
            copies = [a for a in seen if a["msg"] == record or record.endswith(a["msg"])]
            ok(f'forward="{forward}" sends {alerts} alerts and {records} records',
               (len(ours), len(copies), len(seen)) == (alerts, records, alerts + records), seen)
            if records:
                tag = json.loads(copies[0]["tree"])["mfa"]
                ok(f'forward="{forward}": the record carries its tag', tag["user"] == "victim@example.com" and tag["level"] == "anomalous", tag)
            ok(f'forward="{forward}": the message itself goes on', len(daemon.wait_for("out", 2)) == 2, daemon.lines("out"))


def observing():
    for name, more, policy in (("the action", 'observe="on"', "{}"), ("the policy", "", '{"observe": true}')):
        with Daemon(config(more=more + ' forward="both"'), policy=policy) as daemon:
            daemon.send([fraud(f"u{i}@example.com") for i in range(5)])
            daemon.wait_for("out", 5)
            daemon.wait_stats(lambda s: True, "counters")
            code = daemon.stop()
            ok(f"observe in {name} tags", [t["level"] for t in daemon.tags()] == ["anomalous"] * 5, daemon.lines("out"))
            ok(f"observe in {name} sends nothing", code == 0 and daemon.bytes("alerts") == b"", daemon.lines("alerts"))


def feedback():
    for forward in ("alert", "both"):
        with Daemon(config(alerts=RETURNING.replace('alertRuleset="alerts"', f'alertRuleset="alerts" forward="{forward}"'),
                           more=f'forward="{forward}"')) as daemon:
            each = 2 if forward == "both" else 1
            daemon.send([fraud(f"u{i}@example.com") for i in range(20)])
            daemon.wait_for("alerts", 20 * each)
            seen = daemon.wait_stats(lambda s: s["own_alerts_skipped"] >= 20 * each, "own_alerts_skipped")
            ok(f'alerts that pass the module again are left alone, forward="{forward}"',
               seen["own_alerts_skipped"] == 20 * each and seen["alerts_sent"] == 20, seen)
            ok(f'and nothing multiplies, forward="{forward}"', daemon.stop() == 0 and len(daemon.lines("alerts")) == 20 * each,
               len(daemon.lines("alerts")))


def sharing():
    """One user through two actions: a run of refusals that only together reach the threshold."""
    two = """
template(name="second" type="string" string="%rawmsg%\\t%$!second%\\n")
ruleset(name="watched") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/out" template="all")
}}
ruleset(name="watched2") {{
    action(type="mmfatigue" policy="{dir}/./policy.json" alertRuleset="alerts" container="!second" {more})
    action(type="omfile" file="{dir}/out2" template="second")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port2" ruleset="watched2")
"""

    def through_both(daemon, record):
        for port in ("port", "port2"):
            until(lambda: daemon.text(port).strip(), port)
            with daemon.connect(port) as connection:
                connection.sendall(record.encode() + b"\n")
            daemon.wait_for("out" if port == "port" else "out2", 1)

    with Daemon(config(watch=two)) as daemon:
        through_both(daemon, fraud("shared@example.com"))
        ok("two actions with one policy share what they remember: the second sees a duplicate",
           daemon.tags("out")[0]["status"] == "judged" and daemon.tags("out2")[0]["status"] == "duplicate",
           daemon.lines("out") + daemon.lines("out2"))
        daemon.wait_stats(lambda s: s["alerts_sent"] >= 1, "counters")
        ok("and show one set of counters", daemon.stats("mmfatigue_2") == {} and daemon.stats()["alerts_sent"] == 1, daemon.stats())
    with Daemon(config(watch=two, more='observe="on"')) as daemon:
        code, said = daemon.check()
        ok("-N1 warns of two actions with one policy that send differently", code == 0 and "do not share" in said, said)
        through_both(daemon, fraud("apart@example.com"))
        ok("two actions that send differently do not share",
           daemon.tags("out")[0]["status"] == daemon.tags("out2")[0]["status"] == "judged", daemon.lines("out2"))
        daemon.wait_stats(lambda s: s["messages"] >= 1, "counters", name="mmfatigue_2")
        ok("and show counters of their own, named from the top", daemon.stats("mmfatigue")["alerts_sent"] == 1
           and daemon.stats("mmfatigue_2")["alerts_sent"] == 0, daemon.stats("mmfatigue_2"))


def closing():
    """The incident is 297 seconds old when the feed's newest record comes, and is to be closed after 300 quiet ones."""
    with Daemon(config(), policy='{"incident": {"quiet": "5m"}}') as daemon:
        daemon.send([fraud("quiet@example.com", age=297), prompt("other@example.com")])
        daemon.wait_for("alerts", 2)
        bodies = [json.loads(a["msg"]) for a in daemon.alerts()]
        ok("an incident that stays quiet is closed by time alone, without another record",
           [b["mfa"]["phase"] for b in bodies] == ["open", "close"] and len(daemon.lines("out")) == 2, bodies)
        ok("opening and closing name one incident", len({b["mfa"]["incident"] for b in bodies}) == 1, bodies)
        ok("it is not closed early", closing_delay(bodies) >= 300, bodies)


def closing_delay(bodies):
    """Seconds from the incident's last event to now, at least: when its end was decided."""
    opened = datetime.fromisoformat(bodies[0]["@timestamp"].replace("Z", "+00:00"))
    return (datetime.now(timezone.utc) - opened).total_seconds()


def counters():
    with Daemon(config()) as daemon:
        daemon.send([prompt("a@example.com"), fraud("b@example.com"), "foreign", fraud("c@example.com")])
        daemon.wait_for("out", 4)
        seen = daemon.wait_stats(lambda s: s["alerts_sent"] == 2, "two alerts")
        names = [n for n in seen if n not in ("name", "origin")]
        ok("impstats shows our counters under the origin mmfatigue", seen["origin"] == "mmfatigue", seen)
        ok("names are lower case, digits and underscores", all(re.fullmatch("[a-z][a-z0-9_]*", n) for n in names), names)
        ok("no name is one by which exporters take a line for another kind",
           not [n for n in names if any(w in n for w in ("processed", "submitted", "enqueued", "utime", "called"))], names)
        ok("no name stands twice", len(names) == len(set(names)) and daemon.lines("stats")[-1].count('"alerts_sent"') <= 1, names)
        ok("foreign messages are counted", [n for n, v in seen.items() if n.startswith("skipped_") and v] == ["skipped_no_json"], seen)


run(fields, arrival, forwarding, observing, feedback, sharing, closing, counters)
