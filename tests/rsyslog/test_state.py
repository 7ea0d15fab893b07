#!/usr/bin/python3
"""What is remembered survives: a restart, a kill at any moment, a disk that fails; and the state is private."""

import stat
import struct

from daemon import *

VICTIM = "victim@example.com"


def policy(**state):
    return json.dumps({"state": {"dir": "state", "users": 1024, "recent": 256, "addresses": 1024, "traces": 1024, **state}})


def refusal(user, **more):
    return okta("user.mfa.okta_verify.deny_push", user, **more)


def attack(refusals, first=0):
    """Prompts that are refused, ten seconds apart in the last minutes: an incident at the latest with the fifth."""
    records = []
    for i in range(first, first + refusals):
        records += [prompt(VICTIM, age=600 - 20 * i, ip="203.0.113.66"), refusal(VICTIM, age=590 - 20 * i, ip="203.0.113.66")]
    return records


def told(daemon):
    return [json.loads(a["msg"]) for a in daemon.alerts() if a["tag"] == "mfatigue:"]


def of_victim(daemon):
    return [a for a in told(daemon) if a.get("user", {}).get("name") == VICTIM]


def kill_and_start(daemon):
    daemon.kill()
    (daemon.dir / "port").unlink()
    daemon.start()


EVENT = 15  # the kind of a record in a journal, as src/memory/frame.h has it


def events_in(journal):
    """How many events the file holds, by its blocks: u32 length, u64 checksum, records of u8 kind and u16 length."""
    data = journal.read_bytes()
    if len(data) < 24:
        return 0
    at, events = 24 + struct.unpack_from("<I", data, 12)[0], 0
    while at + 12 <= len(data):
        end = at + 12 + struct.unpack_from("<I", data, at)[0]
        at += 12
        while at < end:
            kind, length = struct.unpack_from("<BH", data, at)
            events += kind == EVENT
            at += 3 + length
    return events


def flushed(daemon, events):
    """Until all of them are in the files."""
    until(lambda: sum(map(events_in, (daemon.dir / "state").glob("journal-*"))) >= events, f"{events} events in the journals")


def cut_in_two(when, first, second, settings):
    """Killed after `first` refusals, started again, `second` more: one incident that knows of all."""
    with Daemon(config(), policy(**settings)) as daemon:
        daemon.send(attack(first))
        daemon.wait_for("out", 2 * first)
        if settings.get("flush") != "0s":
            flushed(daemon, 2 * first)
        ok(f"killed {when}: {2 * first} events are in the journal", sum(
            map(events_in, (daemon.dir / "state").glob("journal-*"))) == 2 * first)
        before = {a["mfa"]["incident"] for a in of_victim(daemon)}
        kill_and_start(daemon)
        daemon.send(attack(second, first) + [fraud(VICTIM, ip="203.0.113.66")])
        daemon.wait_for("out", 2 * (first + second) + 1)
        until(lambda: any(a["mfa"]["denied"] >= first + second for a in of_victim(daemon)), f"an alert with all: {told(daemon)}")
        after = of_victim(daemon)
        ok(f"killed {when}: one incident", len({a["mfa"]["incident"] for a in after}) == 1 and
           before <= {a["mfa"]["incident"] for a in after}, after)
        ok(f"killed {when}: it counts what came before and after", after[-1]["mfa"]["denied"] == first + second + 1
           and after[-1]["mfa"]["prompts"] == first + second, after[-1])
        ok(f"killed {when}: it is opened once", sum(a["mfa"]["phase"] == "open" for a in after) == 1, after)


def killed_before_it_opened():
    cut_in_two("before it opened", 1, 5, {})


def killed_after_it_opened():
    cut_in_two("after it opened", 6, 2, {})


def killed_at_once():
    cut_in_two("at once, with flush 0s", 6, 2, {"flush": "0s"})


def restarted():
    with Daemon(config(), policy()) as daemon:
        daemon.send(attack(6))
        daemon.wait_for("out", 12)
        opened = until(lambda: of_victim(daemon), "the alert")
        ok("it is stopped", daemon.stop() == 0)
        names = sorted(p.name for p in (daemon.dir / "state").iterdir())
        ok("a clean stop leaves a snapshot that needs no journal", "snapshot" in names, names)
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [daemon.dir / "state", *(daemon.dir / "state").iterdir()]}
        ok("the directory is 0700 and its files are 0600", modes.pop("state") == 0o700 and set(modes.values()) == {0o600}, modes)
        (daemon.dir / "port").unlink()
        daemon.start()
        daemon.send([fraud(VICTIM, ip="203.0.113.66")])
        daemon.wait_for("out", 13)
        until(lambda: of_victim(daemon)[-1]["mfa"]["denied"] == 7, f"the update: {told(daemon)}")
        ok("the incident goes on under its id", of_victim(daemon)[-1]["mfa"]["incident"] == opened[0]["mfa"]["incident"],
           told(daemon))


def several_workers():
    """Killed while four workers judge: what was flushed is there, and nothing is damaged."""
    queue = 'queue.type="FixedArray" queue.size="20000" queue.workerThreads="4" queue.workerThreadMinimumMessages="10"'
    with Daemon(config(queue=queue), policy(users=65536)) as daemon:
        users = [f"user-{i}@example.com" for i in range(4000)]
        daemon.send([okta("user.session.start", u) for u in users] + attack(6))
        flushed(daemon, 2 * len(users) + 12)  # a login and a session each
        kill_and_start(daemon)
        stats = daemon.wait_stats(lambda s: s.get("users_tracked", 0) >= len(users) + 1, "all users")
        ok("all users are there after a kill under four workers", stats["users_tracked"] == len(users) + 1
           and stats["state_damaged"] == 0 and stats["incidents_open"] == 1, stats)


# Takes messages and confirms none.
STUCK = "#!/bin/sh\necho OK\nwhile read line; do :; done\n"


def hard_cancel():
    """A worker that hangs behind our action is cancelled hard at the stop: the state is saved all the same."""
    watch = """
module(load="omprog")
ruleset(name="watched" queue.type="LinkedList" queue.timeoutShutdown="100" queue.timeoutActionCompletion="100") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/out" template="all")
    if $msg contains "hang" then action(type="omprog" binary="{dir}/stuck" confirmMessages="on" confirmTimeout="600000")
}}
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""
    with Daemon(config(watch=watch), policy(), files={"stuck": STUCK}) as daemon:
        daemon.send(attack(6) + ["<14>Nov 24 09:00:00 h app: hang", prompt("later@example.com")])
        daemon.wait_for("out", 1)
        opened = until(lambda: of_victim(daemon), "the alert")[0]["mfa"]["incident"]
        ok("a stop that cancels a worker ends", daemon.stop() == 0)
        ok("and leaves a snapshot", (daemon.dir / "state" / "snapshot").exists())
        (daemon.dir / "port").unlink()
        daemon.start()
        daemon.send([fraud(VICTIM, ip="203.0.113.66")])
        until(lambda: of_victim(daemon)[-1]["mfa"]["denied"] == 7, f"the update: {told(daemon)[-1:]}")
        ok("with which the incident goes on", of_victim(daemon)[-1]["mfa"]["incident"] == opened)


def one_owner():
    with Daemon(config(), policy()) as daemon:
        daemon.send([prompt(VICTIM)])
        daemon.wait_for("out", 1)
        with Daemon(config(), json.dumps({"state": {"dir": str(daemon.dir / "state")}}) ) as second:
            second.send([fraud(VICTIM)])
            second.wait_for("alerts", 1)
            ok("a second daemon judges without the state", len(told(second)) == 1)
        own = daemon.stop()
        ok("and has not hurt the first one's", own == 0 and (daemon.dir / "state" / "snapshot").exists())


def tool(daemon, *arguments):
    result = subprocess.run([str(BUILD / "mfatigue"), "state", *arguments, "--policy", str(daemon.dir / "policy.json"),
                             "--dir", str(daemon.dir / "state")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    return result.returncode, result.stdout, result.stderr


def beside():
    """mfatigue state looks beside a running daemon, and has it forget a user."""
    with Daemon(config(), policy(flush="0s")) as daemon:
        daemon.send(attack(6) + [prompt("bob@example.com")])
        daemon.wait_for("out", 13)
        code, out, err = tool(daemon, "show", VICTIM)
        ok("state show beside the daemon knows the latest", code == 0 and "6 refused" in out and VICTIM in out, out + err)
        code, out, err = tool(daemon, "verify")
        ok("state verify beside the daemon: sound", code == 0 and "sound" in out, out + err)
        code, out, err = tool(daemon, "forget", VICTIM)
        ok("state forget beside the daemon: done when it returns", code == 0 and "forgotten by" in err, out + err)
        code, out, err = tool(daemon, "show", VICTIM)
        ok("it is forgotten on the disk", code == 3, out + err)
        ok("in no file", not any(b"victim" in p.read_bytes() for p in (daemon.dir / "state").iterdir()))
        stats = daemon.wait_stats(lambda s: s.get("users_tracked") == 1, "the counter")
        ok("and in memory, the others are not", stats["incidents_open"] == 0 and tool(daemon, "show", "bob@example.com")[0] == 0)
        kill_and_start(daemon)
        ok("and stays forgotten after a crash", tool(daemon, "show", VICTIM)[0] == 3)


def mounted(small, options):
    """A disk in memory; False: that takes root."""
    small.mkdir()
    return os.geteuid() == 0 and not subprocess.run(["mount", "-t", "tmpfs", "-o", options, "mmfatigue", str(small)]).returncode


def read_only():
    """A disk that cannot be written when rsyslogd starts: what it holds is used, it is said once, and nothing of it changes."""
    with Daemon(config(load=SAYS), "{}") as daemon:
        daemon.kill()
        disk = daemon.dir / "disk"
        if not mounted(disk, "size=64m,mode=700"):
            ok("a disk that is read-only # SKIP mounting takes root", True)
            return
        try:
            (daemon.dir / "policy.json").write_text(with_profiles(policy(dir=str(disk / "state"))))
            (daemon.dir / "port").unlink()
            daemon.start()
            daemon.send(attack(6))
            daemon.wait_for("out", 12)
            opened = until(lambda: of_victim(daemon), "the alert")[0]["mfa"]["incident"]
            daemon.stop()
            before = {p.name: p.read_bytes() for p in (disk / "state").iterdir()}
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            (daemon.dir / "port").unlink()
            daemon.start()
            daemon.send([fraud(VICTIM, ip="203.0.113.66")])
            daemon.wait_for("out", 13)
            until(lambda: of_victim(daemon)[-1]["mfa"]["denied"] == 7, f"the update: {told(daemon)[-1:]}")
            ok("a disk that is read-only at the start: the incident goes on", of_victim(daemon)[-1]["mfa"]["incident"] == opened)
            ok("it is said, and what comes of it", daemon.text("own").count("Read-only file system: ") == 1 and
               "were read from it, and what is new will be forgotten" in daemon.text("own"), daemon.text("own"))
            ok("it ends well", daemon.stop() == 0)
            ok("nothing of it was changed", before == {p.name: p.read_bytes() for p in (disk / "state").iterdir()})
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            (daemon.dir / "port").unlink()
            daemon.start()
            daemon.send([fraud(VICTIM, ip="203.0.113.66")])
            daemon.wait_for("out", 14)
            until(lambda: len(of_victim(daemon)) >= 3, f"the update: {told(daemon)[-1:]}")
            ok("started when it can be written again: it goes on from there, and is kept", of_victim(daemon)[-1]["mfa"]["incident"] == opened
               and daemon.stop() == 0 and before["snapshot"] != (disk / "state" / "snapshot").read_bytes(), told(daemon)[-1:])
        finally:
            daemon.kill()
            subprocess.run(["umount", str(disk)])


def disk_full():
    """A tmpfs too small for a snapshot: logs go on, one message; and one when there is room again."""
    with Daemon(config(load=SAYS), "{}") as daemon:
        daemon.kill()
        small = daemon.dir / "small"
        if not mounted(small, "size=64k,mode=700"):
            ok("a full disk # SKIP mounting takes root", True)
            return
        try:
            (daemon.dir / "policy.json").write_text(with_profiles(json.dumps(
                {"state": {"dir": str(small / "state"), "snapshot_every": "10s"}})))
            (daemon.dir / "port").unlink()
            daemon.start()
            users = [f"user-{i}@example.com" for i in range(500)]
            daemon.send([prompt(u) for u in users])
            daemon.wait_for("out", len(users))
            daemon.send([fraud(VICTIM)])
            daemon.wait_for("alerts", 1)
            until(lambda: "cannot be written" in daemon.text("own"), daemon.text("own"))
            ok("a full disk: messages and alerts go on", len(daemon.lines("out")) == 501 and len(told(daemon)) == 1)
            daemon.send([prompt(u) for u in users])
            daemon.wait_for("out", 1001)
            ok("it is said once", daemon.text("own").count("cannot be written") == 1, daemon.text("own"))
            lost = daemon.wait_stats(lambda s: s.get("state_lost", 0) > 0, "state_lost")
            ok("what the journal cannot take is counted", lost["state_lost"] > 0, lost)
            subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
            until(lambda: "can be written again" in daemon.text("own"), daemon.text("own"))
            kill_and_start(daemon)
            stats = daemon.wait_stats(lambda s: s.get("users_tracked", 0) > 500, "all users")
            ok("when there is room again all is kept", stats["users_tracked"] == 501 and stats["state_damaged"] == 0, stats)
        finally:
            daemon.kill()
            subprocess.run(["umount", str(small)])


SAYS = LOAD.replace('template(name="all"', OWN_LOG + 'template(name="all"').replace('{globals}', KEEP_OWN + ' {globals}')


def refused():
    makers = {
        "can be written by others": lambda d: (d.mkdir(), d.chmod(0o777)),
        "symbolic link": lambda d: (d.with_name("there").mkdir(mode=0o700), d.symlink_to(d.with_name("there"))),
        "not a directory": lambda d: d.write_text("a file"),
    }
    for because, make in makers.items():
        with Daemon(config(load=SAYS), policy()) as daemon:
            daemon.kill()
            shutil.rmtree(daemon.dir / "state", ignore_errors=True)
            make(daemon.dir / "state")
            code, said = daemon.check()
            ok(f"-N1 refuses a state.dir that is {because}", code == 1 and because in said, said)
            (daemon.dir / "port").unlink()
            daemon.start()
            daemon.send([fraud(VICTIM)])
            daemon.wait_for("alerts", 1)
            ok(f"and the daemon says so and goes on: {because}", because in daemon.text("own") and len(told(daemon)) == 1,
               daemon.text("own"))


def checked_only():
    with Daemon(config(), policy()) as daemon:
        until(lambda: (daemon.dir / "state" / "journal-1").exists(), "the state")
        daemon.kill()
        shutil.rmtree(daemon.dir / "state")
        code, said = daemon.check()
        ok("-N1 makes no directory", code == 0 and not (daemon.dir / "state").exists(), said)
        (daemon.dir / "port").unlink()
        daemon.start()
        daemon.send(attack(6))
        daemon.wait_for("out", 12)
        daemon.kill()
        before = {p.name: p.read_bytes() for p in (daemon.dir / "state").iterdir()}
        code, said = daemon.check()
        ok("-N1 changes nothing in it", code == 0 and before == {p.name: p.read_bytes() for p in (daemon.dir / "state").iterdir()}, said)


def damaged():
    with Daemon(config(load=SAYS), policy()) as daemon:
        daemon.send(attack(6))
        daemon.wait_for("out", 12)
        daemon.stop()
        snapshot = daemon.dir / "state" / "snapshot"
        snapshot.write_bytes(snapshot.read_bytes()[:-100] + b"x" * 100)
        (daemon.dir / "port").unlink()
        daemon.start()
        daemon.send([fraud(VICTIM)])
        daemon.wait_for("out", 13)
        until(lambda: daemon.stats().get("state_damaged") == 1, f"the counter: {daemon.stats()}")
        ok("damage is said once", daemon.text("own").count("snapshot is damaged") == 1, daemon.text("own"))
        ok("the file is set aside", len(list((daemon.dir / "state").glob("snapshot.corrupt-*"))) == 1)
        ok("alerts go on", len(of_victim(daemon)) >= 2, told(daemon))


run(killed_before_it_opened, killed_after_it_opened, killed_at_once, restarted, several_workers, hard_cancel, one_owner, refused, checked_only,
    damaged, beside, disk_full, read_only, at_once=3)
