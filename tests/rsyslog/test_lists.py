#!/usr/bin/python3
"""Lists and databases in a running rsyslogd: read at the start, read again on HUP, and never able to hurt it."""

from daemon import *

LISTS = '{"people": {"ignore": "ignored"}, "nets": {"egress": "egress"}}'
GEO = '{"geo": {"city": "places.mmdb"}}'


def told(daemon, text, times=1):
    until(lambda: daemon.text("own").count(text) >= times, f"rsyslogd to say {text!r}: {daemon.text('own')}")


def status(daemon, messages):
    """The tags of these messages, sent now."""
    before = len(daemon.lines("out"))
    daemon.send(messages)
    daemon.wait_for("out", before + len(messages))
    return daemon.tags()[before:]


def refused():
    bad = {
        "a network with host bits": ("egress", "192.0.2.0/24\n192.0.2.1/24\n", "egress:2:"),
        "a word that is no login": ("ignored", "svc@example.com unitl=2030-01-01\n", "ignored:1:"),
    }
    for name, (file, text, place) in bad.items():
        files = {"ignored": "", "egress": "", file: text}
        daemon = Daemon(config(), policy=LISTS, files=files)
        code, said = daemon.check()
        ok(f"-N1 refuses {name}, naming file and line", code == 1 and place in said, said)
        daemon.__exit__()
    daemon = Daemon(config(), policy=LISTS, files={"egress": ""})
    code, said = daemon.check()
    ok("-N1 refuses a list that is not there", code == 1 and "ignored" in said and "No such file" in said, said)
    daemon.__exit__()


def reloads():
    with Daemon(config(alerts=OWN_LOG + ALERTS, globals=KEEP_OWN), policy=LISTS, files={"ignored": "", "egress": ""}) as daemon:
        ok("nobody is on the list", [t["status"] for t in status(daemon, [prompt("svc-scan@example.com")])] == ["judged"], daemon.tags())
        (daemon.dir / "ignored").write_text("svc-*   # scanners\n")
        daemon.hup()
        told(daemon, "loaded anew")
        tags = status(daemon, [prompt("svc-scan@example.com"), prompt("anna@example.com")])
        ok("HUP reads the list again: who is on it is counted, not judged", [t["status"] for t in tags] == ["listed", "judged"], tags)
        daemon.wait_stats(lambda s: s.get("skipped_listed") == 1, "the counter")

        (daemon.dir / "ignored").write_text("svc-*\nanna@example.com util=2030\n")
        daemon.hup()
        told(daemon, "stay as they were")
        ok("a bad list is told with file and line", "ignored:2:" in daemon.text("own"), daemon.text("own"))
        tags = status(daemon, [prompt("svc-scan@example.com"), prompt("anna@example.com")])
        ok("and the old one stays in force", [t["status"] for t in tags] == ["listed", "judged"], tags)

        (daemon.dir / "ignored").write_text("anna@example.com\n")
        for _ in range(50):
            daemon.hup()
        told(daemon, "loaded anew", 2)
        tags = status(daemon, [prompt("svc-scan@example.com"), prompt("anna@example.com")])
        ok("a storm of HUPs ends with the newest list", [t["status"] for t in tags] == ["judged", "listed"], tags)
        loads = daemon.text("own").count("loaded anew") + daemon.text("own").count("stay as they were")
        ok("and is a few loads, not fifty", loads < 10, loads)
        ok("rsyslogd ends well", daemon.stop() == 0)


def hurt_databases():
    whole = (TOP / "tests/geo/nested.mmdb").read_bytes()
    daemon = Daemon(config(alerts=OWN_LOG + ALERTS, globals=KEEP_OWN), policy=GEO)
    database = daemon.dir / "places.mmdb"
    database.write_bytes(whole)
    with daemon:
        status(daemon, [prompt("anna@example.com", ip="192.0.2.1")])
        os.truncate(database, 0)
        tags = status(daemon, [prompt(f"user{i}@example.com", ip=f"192.0.2.{i % 250}") for i in range(500)])
        ok("a database truncated in use hurts nobody", all(t["status"] == "judged" for t in tags), tags[:3])
        daemon.hup()
        told(daemon, "stay as they were")
        ok("what is left of it is refused by name", "places.mmdb" in daemon.text("own"), daemon.text("own"))
        database.write_bytes(whole)
        daemon.hup()
        told(daemon, "loaded anew")
        ok("rsyslogd ends well after it", daemon.stop() == 0)


run(refused, reloads, hurt_databases)
