#!/usr/bin/python3
"""Policy, profiles, lists and databases read again by a running rsyslogd: on HUP, or when they change. All or nothing; a
mistake is one line that says what, where and why; nobody loses a message or an incident by it."""

import re

from daemon import *

POLICY = '{"people": {"ignore": "ignored", "directory": "people", "travel": "travel"}, "nets": {"egress": "egress"}, ' \
         '"geo": {"city": "places.mmdb"}}'
FILES = {"ignored": "svc-*\n", "people": "anna@example.com group=sales\n", "travel": "anna@example.com RO from=2026-01-01 until=2026-12-31\n",
         "egress": "192.0.2.0/24\n"}
GOOD, BAD = "loaded anew", "stay as they were"
DATABASES = TOP / "tests/geo"


def make(policy=POLICY, files=FILES, **more):
    daemon = Daemon(config(alerts=OWN_LOG + ALERTS, globals=KEEP_OWN, **more), policy=policy, files=files)
    (daemon.dir / "places.mmdb").write_bytes((DATABASES / "nested.mmdb").read_bytes())
    shutil.copytree(TOP / "profiles", daemon.dir / "profiles")
    return daemon


def write_policy(daemon, policy):
    (daemon.dir / "policy.json").write_text(with_profiles(policy))


def told(daemon, text, times=1):
    try:
        until(lambda: daemon.text("own").count(text) >= times, "it")
    except Late:
        raise Late(f"rsyslogd did not say {text!r} {times} times: {daemon.text('own')}") from None
    return [line for line in daemon.lines("own") if text in line][-1]


def hup(daemon, answer):
    """HUP, and the line that says what came of it. Before it has started, rsyslogd may sleep over a HUP."""
    until(lambda: "] start" in daemon.text("own"), "rsyslogd to say that it started")
    before = daemon.text("own").count(answer)
    daemon.hup()
    return told(daemon, answer, before + 1)


def tags_of(daemon, messages):
    before = len(daemon.lines("out"))
    daemon.send(messages)
    daemon.wait_for("out", before + len(messages))
    return daemon.tags()[before:before + len(messages)]


def status(daemon, user):
    return tags_of(daemon, [prompt(user)])[0]["status"]


def each_kind():
    with make() as daemon:
        ok("a service account is ignored, a person is not",
           (status(daemon, "svc-scan@example.com"), status(daemon, "anna@example.com")) == ("listed", "judged"))
        (daemon.dir / "ignored").write_text("anna@example.com\n")
        hup(daemon, GOOD)
        ok("HUP takes a changed list", (status(daemon, "svc-scan@example.com"), status(daemon, "anna@example.com")) == ("judged", "listed"))
        (daemon.dir / "people").write_text("anna@example.com alias=ANNA group=sales\n")
        hup(daemon, GOOD)
        ok("a changed directory", status(daemon, "anna") == "listed")

        write_policy(daemon, POLICY[:-1] + ', "alert_level": "anomalous", "state": {"users": 2048}}')
        line = hup(daemon, GOOD)
        ok("a changed policy, and says that it changed", "(changed)" in line, line)
        line = told(daemon, "started again")
        ok("what waits for the next start is named in one line", "state.users" in line and "alert_level" not in line, line)
        write_policy(daemon, POLICY[:-1] + f', "profile_dir": "{daemon.dir}/profiles"}}')
        hup(daemon, GOOD)
        profile = daemon.dir / "profiles/okta.json"
        profile.write_text(profile.read_text().replace("system.push.send_factor_verify_push", "made.up.push"))
        hup(daemon, GOOD)
        ok("and a changed profile", status(daemon, "carl@example.com") != "judged")
        (daemon.dir / "profiles/duo.json").unlink()
        hup(daemon, GOOD)
        ok("a profile that vanished is told", "duo" in told(daemon, "no profile any more"))
        daemon.wait_stats(lambda s: s.get("reloads") == 6, "the counter of reloads")
        ok("rsyslogd ends well", daemon.stop() == 0)


def each_mistake():
    with make() as daemon:
        write_policy(daemon, POLICY[:-1] + f', "profile_dir": "{daemon.dir}/profiles"}}')
        hup(daemon, GOOD)
        binary = bytes(range(256)) * 40
        mistakes = {  # what: file, bytes, what the line must say
            "a list with a bad network in line 3": ("egress", b"192.0.2.0/24\n# one\n192.0.2.0/33\n", "/egress:3: "),
            "a list with host bits": ("egress", b"192.0.2.1/24\n", "/egress:1: "),
            "a list of names with a misspelt key": ("ignored", b"svc-*\nanna@example.com util=2030\n", "/ignored:2: "),
            "a list that is binary": ("egress", binary, "/egress:"),
            "a list of NULs": ("egress", b"\0" * 4096, "/egress:1: "),
            "a list in UTF-16": ("egress", "192.0.2.0/24\n".encode("utf-16"), "/egress:1: "),
            "a list that was emptied": ("egress", b"", "/egress: "),
            "a list with comments only, that had entries": ("ignored", b"# nobody\n", "/ignored: "),
            "a list with a line without end": ("egress", b"1" * 100000, "/egress:1: "),
            "a directory with one login twice": ("people", b"anna@example.com\nanna@example.com\n", "/people:2: "),
            "a travel note that ends before it begins": ("travel", b"anna@example.com RO from=2026-11-20 until=2026-11-01\n", "/travel:1: "),
            "a policy with an unknown option": ("policy.json", b'{\n  "latness": 1}', "/policy.json:2:3: "),
            "a policy that is cut": ("policy.json", POLICY.encode()[:60], "/policy.json:1:"),
            "a policy that is empty": ("policy.json", b"", "/policy.json:1:"),
            "a profile with an unknown kind": ("profiles/okta.json", None, "/profiles/okta.json:"),
            "a database cut in half": ("places.mmdb", (DATABASES / "nested.mmdb").read_bytes()[:300], "/places.mmdb"),
            "a database that is empty": ("places.mmdb", b"", "/places.mmdb"),
            "a database of noise": ("places.mmdb", os.urandom(5000), "/places.mmdb"),
            "a database of another kind": ("places.mmdb", (DATABASES / "asn.mmdb").read_bytes(), "places.mmdb"),
        }
        for what, (name, new, place) in mistakes.items():
            path = daemon.dir / name
            old = path.read_bytes()
            path.write_bytes(new if new is not None else old.replace(b'"kind": "mfa_', b'"kind": "mfx_'))
            before = daemon.text("own").count("\n")
            line = hup(daemon, BAD)
            said = daemon.lines("own")[before:]
            ok(f"{what}: one line names the place", place in line and sum(BAD in s for s in said) == 1, line)
            ok(f"{what}: the old stays in force",
               (status(daemon, "svc-scan@example.com"), status(daemon, "anna@example.com")) == ("listed", "judged"), daemon.tags()[-2:])
            path.write_bytes(old)
        for name in ("egress", "places.mmdb", "policy.json"):
            path = daemon.dir / name
            path.rename(path.with_suffix(".away"))
            line = hup(daemon, BAD)
            ok(f"{name} removed: said, and the old stays", f"/{Path(name).stem}" in line and status(daemon, "svc-1@example.com") == "listed", line)
            path.with_suffix(".away").rename(path)
        hup(daemon, GOOD)
        ok("mended, all is taken again", status(daemon, "svc-1@example.com") == "listed")
        daemon.wait_stats(lambda s: s.get("reload_failed") == len(mistakes) + 3, "the counter of failures")
        ok("failures are counted", True)
        ok("rsyslogd ends well after all of it", daemon.stop() == 0)


def good_spellings():
    """What editors and other systems make of a text file."""
    with make() as daemon:
        spellings = {"CRLF": b"svc-*\r\nanna@example.com\r\n", "a byte order mark": b"\xef\xbb\xbfanna@example.com\n",
                     "no newline at the end": b"anna@example.com", "both, and blank lines": b"\xef\xbb\xbf\r\n\r\n  anna@example.com \t\r\n\r\n"}
        for what, text in spellings.items():
            (daemon.dir / "ignored").write_bytes(b"svc-*\n")
            hup(daemon, GOOD)
            (daemon.dir / "ignored").write_bytes(text)
            hup(daemon, GOOD)
            ok(f"a list with {what} is read", status(daemon, "anna@example.com") == "listed")


def what_looks_like_a_mistake():
    files = {**FILES, "egress": "192.0.2.0/24\n0.0.0.0/0\n", "ignored": "# none yet\n"}
    with make(files=files) as daemon:
        line = told(daemon, "/egress:2: ")
        ok("a list that covers the internet is warned of at start, with its line", "0.0.0.0/0" in line and "nets.egress" in line, line)
        ok("a list without an entry too", "people.ignore holds no entry" in told(daemon, "/ignored: "))
        code, said = daemon.check()
        ok("-N1 warns of both and accepts them", code == 0 and "/egress:2:" in said and "holds no entry" in said, said)
        (daemon.dir / "egress").write_text("192.0.2.0/24\n::/0\n8.0.0.0/6\n")
        hup(daemon, GOOD)
        ok("and on HUP", "::/0" in told(daemon, "/egress:2: ", 2))
        write_policy(daemon, POLICY[:-1] + ', "reload": {"allow_empty": true}}')
        (daemon.dir / "egress").write_text("")
        hup(daemon, GOOD)
        ok("an emptied list is taken where the policy says so", "nets.egress holds no entry" in told(daemon, "/egress: "))


def incidents_survive():
    user = "anna@example.com"
    with make() as daemon:
        daemon.send([fraud(user)])
        opened = json.loads(daemon.wait_for("alerts", 1)[0].split("\t")[5])
        write_policy(daemon, POLICY[:-1] + ', "incident": {"quiet": "40m"}}')
        hup(daemon, GOOD)
        tag = tags_of(daemon, [okta("user.mfa.okta_verify.deny_push", user)])[0]
        ok("an open incident goes on under its name", tag.get("incident") == opened["mfa"]["incident"], (tag, opened))
        ok("what is known of users stays", daemon.wait_stats(lambda s: s.get("users_tracked") == 1, "a user") is not None)


def no_place_for_alerts():
    watch = WATCH.replace('alertRuleset="alerts"', "")
    with make(policy='{"observe": true}', watch=watch) as daemon:
        write_policy(daemon, "{}")
        line = hup(daemon, BAD)
        ok("a policy that would send alerts nowhere is refused", "alertRuleset" in line and "observe" in line, line)


def changes_are_noticed():
    policy = POLICY[:-1] + ', "reload": {"watch": "1s"}}'
    with make(policy=policy) as daemon:
        until(lambda: "mmfatigue-hup" in daemon.threads(), "the thread")
        new = daemon.dir / "new"
        new.write_text("anna@example.com\n")
        new.rename(daemon.dir / "ignored")
        told(daemon, GOOD)
        ok("a file that was replaced is taken without a HUP", status(daemon, "anna@example.com") == "listed")

        with open(daemon.dir / "ignored", "w") as file:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                file.write("carl@example.com\n")
                file.flush()
                time.sleep(0.05)
            taken = status(daemon, "anna@example.com"), daemon.text("own").count(GOOD)
            file.write("dora@example.com\n")
        told(daemon, GOOD, 2)
        ok("a file that is being written is not taken before it is whole", taken == ("listed", 1), taken)
        ok("and then is", (status(daemon, "anna@example.com"), status(daemon, "dora@example.com")) == ("judged", "listed"))

        (daemon.dir / "ignored").write_text("dora@example.com util=2030\n")
        line = told(daemon, BAD)
        seen = daemon.text("own").count(BAD)
        shown = daemon.text("stats").count('"mmfatigue"')
        until(lambda: daemon.text("stats").count('"mmfatigue"') >= shown + 4, "three more looks, by impstats' seconds")
        ok("a mistake is said once, not at every look", "/ignored:1:" in line and daemon.text("own").count(BAD) == seen == 1)
        ok("and the old stays", status(daemon, "dora@example.com") == "listed")
        (daemon.dir / "ignored").write_text("frank@example.com\n")
        told(daemon, GOOD, 3)
        ok("until it is mended", status(daemon, "frank@example.com") == "listed")
        (daemon.dir / "places.mmdb").write_bytes((DATABASES / "flat.mmdb").read_bytes())
        told(daemon, GOOD, 4)
        ok("databases are looked at too", True)
        ok("rsyslogd ends well", daemon.stop() == 0)


def resident(daemon):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{daemon.process.pid}/status").read_text()).group(1))


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def storm():
    """1,000 HUPs in 10 seconds while four workers judge."""
    with make(queue='queue.type="LinkedList" queue.workerThreads="4" queue.workerThreadMinimumMessages="10" queue.timeoutShutdown="20000"') as daemon:
        hup(daemon, GOOD)
        tags_of(daemon, [prompt(f"warm{i}@example.com") for i in range(2000)])
        memory, files = resident(daemon), descriptors(daemon)
        sent, begin = 2000, time.monotonic()
        for n in range(1000):
            (daemon.dir / "ignored").write_text(f"svc-*\nlast{n}@example.com\n")
            daemon.hup()
            if n % 4 == 0:
                daemon.send([prompt(f"user{i}@example.com") for i in range(40)])
                sent += 40
            time.sleep(max(0.0, begin + (n + 1) * 0.01 - time.monotonic()))
        daemon.wait_for("out", sent)
        until(lambda: status(daemon, "last999@example.com") == "listed", "the last request to be heard")
        ok("the last request of 1,000 is heard", True)
        loads = daemon.text("own").count(GOOD)
        ok("and they are at most one load a second", 8 <= loads <= time.monotonic() - begin + 3, loads)
        lines = daemon.lines("out")
        ok("no message is lost", sum('"user' in line or '"warm' in line for line in lines) >= sent, len(lines))
        ok("none passes untagged", None not in daemon.tags())
        ok("no file stays open", descriptors(daemon) <= files + 2, (files, descriptors(daemon)))
        ok("no memory stays taken", resident(daemon) - memory < 8 * 1024, (memory, resident(daemon)))
        ok("rsyslogd ends well", daemon.stop() == 0)


def databases_under_workers():
    """What can happen to a database on disk, each with a HUP, while eight workers look things up."""
    whole = (DATABASES / "nested.mmdb").read_bytes()
    with make(queue='queue.type="LinkedList" queue.workerThreads="8" queue.workerThreadMinimumMessages="10"') as daemon:
        path = daemon.dir / "places.mmdb"

        def replaced(data):
            (daemon.dir / "new").write_bytes(data)
            (daemon.dir / "new").rename(path)

        deeds = {
            "truncated": lambda: os.truncate(path, 0), "cut in half": lambda: os.truncate(path, len(whole) // 2),
            "overwritten with noise": lambda: path.write_bytes(os.urandom(len(whole))),
            "replaced by noise": lambda: replaced(os.urandom(100)), "replaced by another kind": lambda: replaced((DATABASES / "asn.mmdb").read_bytes()),
            "removed": path.unlink, "a directory": lambda: (path.unlink(), path.mkdir()),
        }
        serial = 0
        for what, deed in deeds.items():
            before = len(daemon.lines("out"))
            messages = [prompt(f"user{serial + i}@example.com", ip=f"192.0.{i % 2}.{i % 250}") for i in range(400)]
            serial += 400
            daemon.send(messages[:200])
            deed()
            daemon.send(messages[200:])
            hup(daemon, BAD)
            daemon.wait_for("out", before + 400)
            ok(f"a database {what} in use: the old one answers on", all(t["status"] == "judged" for t in daemon.tags()[before:]))
            if path.is_dir():
                path.rmdir()
            replaced(whole)
            hup(daemon, GOOD)
        replaced((DATABASES / "v4.mmdb").read_bytes())
        hup(daemon, GOOD)
        ok("one for IPv4 only is taken, and IPv6 is an unknown place", tags_of(daemon, [prompt("six@example.com", ip="2001:db8::1")])[0]["status"] == "judged")
        ok("rsyslogd ends well after it", daemon.stop() == 0)


# they mostly wait for the second between two loads
run(each_kind, each_mistake, good_spellings, what_looks_like_a_mistake, incidents_survive, no_place_for_alerts, changes_are_noticed,
    databases_under_workers, storm, at_once=9)
