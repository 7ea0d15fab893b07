#!/usr/bin/python3
"""mfatigue replay: alerts and verdicts on standard output, the summary on standard error, files merged by time."""

import fcntl
import gzip
import termios
import threading
import time

from program import *

files = Files()
ADA, BOB = "ada@example.com", "bob@example.com"
ATTACK = bombing(prompts=6)


def alerts(result):
    return [r for r in result.lines if "@timestamp" in r]


def verdicts(result):
    return [r for r in result.lines if "@timestamp" not in r]


def replay(*arguments, **more):
    return mfatigue("replay", *arguments, **more)


def stats_of(result):
    return json.loads(result.err)


# ---- what comes out ----


def output():
    quiet = replay(feed=[push()])
    ok("nothing happened: no output, exit code 0", quiet.code == OK and quiet.out == b"", quiet)
    one = replay(feed=[fraud()])
    ok("standard output holds the alerts and nothing else", len(one.lines) == len(alerts(one)) == 1, one)
    ok("an alert is one line of ASCII", one.out.count(b"\n") == 1 and one.out.endswith(b"}\n") and one.out.isascii(), one)
    attack = replay("--verdicts", feed=bombing(prompts=6))
    ok("--verdicts adds a line for each judged event", [v["record"] for v in verdicts(attack)] == list(range(1, 13)), attack)
    ok("a verdict line has its members, in order", list(verdicts(attack)[-1]) == [
        "record", "time", "user", "kind", "level", "score", "signals", "severity", "incident"], verdicts(attack)[-1])
    ok("without an incident that member is left out", "incident" not in verdicts(attack)[0], verdicts(attack)[0])
    order = [r.get("incident") or r.get("mfa", {}).get("incident") for r in attack.lines]
    first = next(i for i, r in enumerate(attack.lines) if "@timestamp" in r)
    ok("the alert follows the verdict that raised it", order[first - 1] == order[first] is not None, order)
    ok("scores of an attack rise", [v["score"] for v in verdicts(attack)] == sorted(v["score"] for v in verdicts(attack)))
    skipped = replay("--verdicts", feed=[b"hello", okta("nothing.of.ours"), push()])
    ok("what is not judged has no verdict line", [v["record"] for v in skipped.lines] == [3], skipped)
    twice = push()
    again = replay("--verdicts", "--stats", feed=[twice, twice])
    ok("a record delivered twice is judged once", len(verdicts(again)) == 1 and stats_of(again)["counters"]["skipped_duplicate"] == 1, again)


def same_bytes():
    feed = ATTACK + [fraud(BOB, 400)]
    plain, full = replay(feed=feed), replay("--verdicts", feed=feed)
    ok("--verdicts changes no byte of the alerts", plain.out and plain.out == b"".join(
        l for l in full.out.splitlines(True) if l.startswith(b'{"@timestamp"')), full)
    ok("twice gives the same bytes", replay("--verdicts", feed=feed).out == full.out)
    path = files("feed", feed)
    packed = files("feed.gz", gzip.compress(lines(feed)))
    ok("from a file the same", replay("--verdicts", path).out == full.out)
    ok("compressed the same", replay("--verdicts", packed).out == full.out)
    ok("with carriage returns the same", replay("--verdicts", feed=lines(feed).replace(b"\n", b"\r\n")).out == full.out)
    ok("without the last newline the same", replay("--verdicts", feed=lines(feed)[:-1]).out == full.out)


def summary():
    feed = ATTACK + [fraud(BOB, 400), b"", b"hello", okta("nothing.of.ours", BOB, 401)]
    result = replay(feed=feed)
    words = {" ".join(text.split()) for text in result.said.splitlines()}
    for text in ("15 records", "13 events", "2 users", "2 incidents", "2 alerts"):
        ok(f"the summary says: {text}", text in words, result)
    count = stats_of(replay("--stats", feed=feed))["verdicts"]["anomalous"]
    ok("the summary says how many verdicts, and of how many users", f"{count} verdicts: anomalous, the worst of 2 users" in words, result)
    ok("and what was not judged, by its reason", "1 not judged: no_json" in words and "1 not judged: unmapped" in words, result)
    ok("big numbers have commas", "1,200 records" in " ".join(replay(feed=[b"hello"] * 1200).said.split()))

    result = replay("--stats", feed=feed)
    stats = stats_of(result)
    ok("--stats is one JSON object on one line, and nothing else", result.err.count(b"\n") == 1 and isinstance(stats, dict), result)
    ok("--stats counts records, events, users, incidents, alerts", [stats[k] for k in ("records", "events", "users", "incidents", "alerts")]
       == [15, 13, 2, 2, 2], stats)
    ok("--stats says the memory of the state", stats["state_bytes"] > 1 << 20, stats)
    ok("--stats counts verdicts by level", sum(stats["verdicts"].values()) == stats["counters"]["judged"] and stats["verdicts"]["anomalous"] > 0, stats)
    ok("--stats counts users by their worst", stats["users_by_worst"] == {"normal": 0, "notice": 0, "suspicious": 0, "anomalous": 2}, stats)
    ok("--stats has the counters of the module", stats["counters"]["skipped_no_json"] == 1 and stats["counters"]["skipped_unmapped"] == 1
       and stats["counters"]["alerts"] == 2, stats)
    ok("--stats leaves standard output alone", result.out == replay(feed=feed).out)
    none = replay("--stats", feed=b"")
    ok("no input is no error", none.code == OK and stats_of(none)["records"] == 0, none)
    small = files("small.json", '{"state": {"users": 1024}}')
    many = [push(f"u{i}@example.com", i) for i in range(2000)]
    stats = stats_of(replay("--stats", "--policy", small, feed=many))
    ok("users are counted though the state forgets some", stats["users"] == 2000 and stats["counters"]["users_tracked"] < 2000, stats)
    ok("the state is as big as the policy says", stats["state_bytes"] < stats_of(none)["state_bytes"], stats)


# ---- options ----


def fail_on():
    notice, anomalous = ATTACK[:6], [fraud()]
    suspicious = files("levels.json", '{"verdict": {"notice": 20, "suspicious": 40, "anomalous": 99}}')
    cases = [("normal", [push()], [], (OK, OK, OK)), ("notice", notice, [], (FOUND, OK, OK)),
             ("suspicious", notice, ["--policy", suspicious], (FOUND, FOUND, OK)), ("anomalous", anomalous, [], (FOUND, FOUND, FOUND))]
    for reached, feed, more, codes in cases:
        ok(f"the sample of {reached} reaches {reached}", max(stats_of(replay("--stats", *more, feed=feed))["verdicts"].items(),
                                                             key=lambda v: (v[1] > 0, ["normal", "notice", "suspicious", "anomalous"].index(v[0])))[0] == reached)
        for level, code in zip(("notice", "suspicious", "anomalous"), codes):
            result = replay("--fail-on", level, *more, feed=feed)
            ok(f"--fail-on {level}: exit code {code} when {reached} was reached", result.code == code, result)
        ok(f"without --fail-on: exit code 0 when {reached} was reached", replay(*more, feed=feed).code == OK)
    ok("--fail-on writes the alerts all the same", replay("--fail-on", "notice", feed=anomalous).out == replay(feed=anomalous).out != b"")
    broken = files("broken.gz", gzip.compress(lines(anomalous))[:-4])
    ok("bad input counts more than --fail-on", replay("--fail-on", "notice", broken).code == BAD)


def options():
    feed = [fraud(at=60)]
    plain = replay(feed=feed).lines[0]
    ok("without --host no observer.name", "name" not in plain["observer"], plain)
    ok("--host is observer.name", replay("--host", "log1.example.com", feed=feed).lines[0]["observer"]["name"] == "log1.example.com")
    longest = "h" * 255
    ok("a host name of 255 bytes is whole", replay("--host", longest, feed=feed).lines[0]["observer"]["name"] == longest)
    ok("event.created is the event's own time", plain["event"]["created"] == stamp(60), plain)
    ok("--ingest-time event is the same", replay("--ingest-time", "event", feed=feed).lines[0] == plain)
    for text, expected in (("2026-03-05T00:00:00Z", "2026-03-05T00:00:00.000Z"), ("2026-03-05T02:00:00.5+02:00", "2026-03-05T00:00:00.500Z")):
        result = replay("--ingest-time", text, feed=feed)
        ok(f"--ingest-time {text} is event.created", result.lines[0]["event"]["created"] == expected, result)
        ok(f"--ingest-time {text} changes nothing else", json.loads(result.text.replace(expected, stamp(60))) == plain)
    observe = files("observe.json", '{"observe": true}')
    result = replay("--policy", observe, "--verdicts", feed=feed)
    ok("a policy that observes: verdicts and no alert", not alerts(result) and verdicts(result)[0]["level"] == "anomalous", result)
    ok("and the summary says why", "observe only" in result.said, result)
    off = files("off.json", '// a comment\n{"signals": {"fraud_reported": {"enabled": false}}}')
    ok("the policy decides", not replay("--policy", off, feed=feed).lines)
    sha = alerts(replay("--policy", files("same.json", "{}"), feed=feed))[0]["mfa"]["policy_sha256"]
    ok("an alert names the policy by its SHA-256", len(sha) == 64 and plain["mfa"]["policy_sha256"] == "defaults", sha)


# ---- merging ----


def merge():
    feed = ATTACK + [fraud(BOB, 90), push(BOB, 100), fraud("eve@example.com", 390)]
    feed.sort(key=lambda r: r["published"])
    whole = replay("--verdicts", feed=feed)

    def told(result):
        return [{k: v for k, v in r.items() if k not in ("record", "file")} for r in result.lines]

    odd, even = files("odd", feed[::2]), files("even", feed[1::2])
    result = replay("--verdicts", odd, even)
    ok("two files merge by event time: the same verdicts and alerts as from one", told(result) == told(whole), result)
    ok("in either order of the command line", told(replay("--verdicts", even, odd)) == told(whole))
    ok("each verdict names its line and file", [(v["file"], v["record"]) for v in verdicts(result)] ==
       [((odd, even)[i % 2], i // 2 + 1) for i in range(len(feed))], result)
    ok("three do", told(replay("--verdicts", *(files(f"third{i}", feed[i::3]) for i in range(3)))) == told(whole))
    packed = files("even.gz", gzip.compress(lines(feed[1::2])))
    ok("plain, compressed and standard input do", told(replay("--verdicts", files("third0", feed[0::3]), "-", files("third2.gz", gzip.compress(
        lines(feed[2::3]))), feed=feed[1::3])) == told(whole) and told(replay("--verdicts", odd, packed)) == told(whole))
    by_user = [files(user, [r for r in feed if r["actor"]["alternateId"] == user]) for user in (ADA, BOB, "eve@example.com")]
    ok("a file for each user does", told(replay("--verdicts", *by_user)) == told(whole))
    ok("files one after the other do", told(replay("--verdicts", files("late", feed[9:]), files("early", feed[:9]))) == told(whole))
    ok("an empty file changes nothing", told(replay("--verdicts", odd, files("empty", b""), even)) == told(whole))
    ok("sixty files do", told(replay("--verdicts", *(files(f"one{i}", [r]) for i, r in enumerate(feed)))) == told(whole))
    alone = replay("--verdicts", odd)
    ok("with one file none is named", all("file" not in v for v in verdicts(alone)), alone)

    noise = [b"hello", b"", b'{"a":1}']
    noisy = [x for i, r in enumerate(feed[::2]) for x in (noise[i % 3], r)]
    result = replay("--verdicts", "--stats", files("noisy", noisy), even)
    ok("lines without a time stay with the line before them", told(result) == told(whole), result)
    ok("and are counted, but for blank ones", stats_of(result)["records"] == len(feed) + sum(x in (noise[0], noise[2]) for x in noisy if isinstance(x, bytes)), result)

    same = [[push(u, 7)] for u in ("x@example.com", "y@example.com", "z@example.com")]
    result = replay("--verdicts", *(files(f"same{i}", r) for i, r in enumerate(same)))
    ok("at the same time the order of the command line decides", [v["user"][0] for v in result.lines] == ["x", "y", "z"], result)
    backwards = files("backwards", [push(at=50), push(at=10)])
    result = replay("--verdicts", backwards, files("between", [push(BOB, 30)]))
    ok("the order within a file stays", [v["time"] for v in verdicts(result) if v["file"] == backwards] == [stamp(50), stamp(10)], result)
    arrays = files("arrays", [{"data": {"events": [push("x@example.com", 40), push("y@example.com", 20)]}}])
    result = replay("--verdicts", arrays, files("between", [push(BOB, 30)]))
    ok("a record of several events stands where its oldest does", [v["user"] for v in result.lines] == ["x@example.com", "y@example.com", BOB], result)
    cut = files("cut.gz", gzip.compress(lines(feed[::2]))[:-20])
    result = replay(cut, even)
    ok("a damaged file ends the merge: exit code 3 and its name", result.code == BAD and cut in result.said and "ends too early" in result.said, result)


# ---- bad input, and people who watch ----


def bad_input():
    huge = {**push(), "displayMessage": "x" * (2 << 20)}
    feed = [b"\0\0\0", b"{" * 5000, b"\xff\xfe", line(fraud())[:-30], huge, fraud(), b"[" * 100000, {"a": 1}]
    result = replay("--stats", feed=feed)
    ok("lines that are no records harm nothing", result.code == OK and len(result.lines) == 1, result)
    stats = stats_of(result)
    skips = {k: v for k, v in stats["counters"].items() if k.startswith("skipped_")}
    ok("each is counted, with a reason", stats["records"] == 8 and sum(skips.values()) == 7, stats)
    ok("a record over 1 MiB is too_large, a cut one truncated, one of others not_idp",
       skips["skipped_too_large"] == 1 and skips["skipped_truncated"] >= 1 and skips["skipped_not_idp"] >= 1, skips)
    for name in ("nothing.json", "nothing\nelse.json"):
        result = replay("--policy", str(files.path / name), feed=[fraud()])
        ok(f"a policy that is not there is named: exit code 3 ({ascii(name)})", result.code == BAD and "nothing" in result.said
           and "No such file" in result.said and result.out == b"" and result.err.count(b"\n") == 1, result)
    result = replay("--policy", files("wrong.json", '{\n  "observ": true\n}'), feed=[fraud()])
    ok("a wrong policy: file, line, column, exit code 3, and nothing is judged", result.code == BAD and f"{files.path}/wrong.json:2:3: " in result.said
       and result.out == b"", result)


def lively():
    """Alerts come as soon as their records: replay works at the end of a pipe."""
    process = subprocess.Popen([PROGRAM, "replay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    guard = threading.Timer(60, process.kill)
    guard.start()
    answers = []
    for i in range(3):
        process.stdin.write(lines([fraud(f"u{i}@example.com", i)]))
        process.stdin.flush()
        answers.append(json.loads(process.stdout.readline() or b"{}").get("user", {}).get("name"))
    process.stdin.close()
    process.stdout.close()
    process.wait()
    guard.cancel()
    ok("each alert from a pipe comes at once", answers == [f"u{i}@example.com" for i in range(3)], answers)


def progress():
    def slowly(stdin):
        """A run of more than a second; the clock is looked at each 1024 records."""
        stdin.write(b"hello\n" * 1024)
        stdin.flush()
        while any(fcntl.ioctl(stdin.fileno(), termios.FIONREAD, bytes(4))):  # until it has begun to read
            time.sleep(0.01)
        time.sleep(1.1)
        stdin.write(b"hello\n" * 1024)

    seen = on_terminal("replay", feed=slowly)
    ok("a long run shows its progress on a terminal", b"\r" in seen and b"records, " in seen and b"/s" in seen, seen)
    ok("and takes it away before the summary", seen.split(b"records, ")[-1].lstrip().find(b"\r" + b" " * 78 + b"\r") >= 0, seen)
    seen = on_terminal("replay", streams=("stderr", "stdout"), feed=slowly)
    ok("it does not when the results are on that terminal", b"records, " not in seen, seen)
    seen = on_terminal("replay", feed=lines([fraud()]))
    ok("a short run shows none", b"/s" not in seen and b"1  records" in seen, seen)
    process = subprocess.Popen([PROGRAM, "replay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    slowly(process.stdin)
    ok("nor does a pipe", b"\r" not in process.communicate()[1])


def for_people():
    """The columns of the list of incidents, and the summary beside it."""
    feed = bombing(prompts=6) + bombing("bob@example.com", at=3600, prompts=6)
    alerts, human = mfatigue("replay", feed=feed), mfatigue("replay", "-o", "human", feed=feed)
    head, *rows = human.text.splitlines()
    ok("a row for each alert, below a head", human.code == OK and len(rows) == len(alerts.lines) > 2 and human.said == alerts.said, human)
    wrong = [row for row, a in zip(rows, alerts.lines) if row.split()[2:5] != [f"{a['mfa']['level']}/{a['mfa']['severity']}", a["mfa"]["phase"], a["user"]["name"]]
             or row.split()[-5:] != [*(str(a["mfa"][n]) for n in ("prompts", "denied", "timeouts", "approved")), a["mfa"]["incident"]]
             or row[:19] != a["@timestamp"][:19].replace("T", " ")]
    ok("it says what the alert says", not wrong, wrong)
    ok("in columns", all(row.index(a["mfa"]["incident"]) == head.index("incident") and row[head.index("phase"):].startswith(a["mfa"]["phase"])
                         for row, a in zip(rows, alerts.lines)), human)
    listed = mfatigue("alerts", feed=alerts.out).text.splitlines()
    ok("which are those of \"alerts\"", head.replace("phase", "state").split()[1:] == listed[0].split()[2:], (head, listed[0]))
    both = mfatigue("replay", "-o", "human", "--verdicts", feed=feed)
    verdicts = [v for v in mfatigue("replay", "--verdicts", feed=feed).lines if "@timestamp" not in v]
    told = [row for row in both.text.splitlines() if " verdict " in row]
    ok("--verdicts has a row for each", len(told) == len(verdicts) == 24 and all(f" {v['level']}/" in row and row.endswith(f"(record {v['record']})")
       and v["kind"] in row and all(s in row for s in v["signals"]) for row, v in zip(told, verdicts)), both)
    ok("and the alerts between them", [row for row in both.text.splitlines()[1:] if row not in told] == rows, both)
    a, b = files("a.jsonl", feed[:12]), files("b.jsonl", feed[12:])
    ok("with several files the row names its file", f"({b}:3)" in mfatigue("replay", "-o", "human", "--verdicts", a, b).text)


output()
for_people()
same_bytes()
summary()
fail_on()
options()
merge()
bad_input()
lively()
progress()
done()
