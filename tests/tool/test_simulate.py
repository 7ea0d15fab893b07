#!/usr/bin/python3
"""Made-up traffic: every profile that has a template tells every story it can, and what the truth file says comes out of replay;
the same seed gives the same bytes; every record is marked; framing, sockets, pace and mistakes."""

import re
import socket
import threading
import time

from program import *

LEVELS = ["normal", "notice", "suspicious", "anomalous"]
PROFILES = sorted(p.stem for p in (TOP / "profiles").glob("*.traffic"))
files = Files()


def feed(*arguments):
    """(result, truth) of a run."""
    truth = files.path / "truth"
    result = mfatigue("simulate", "--truth", str(truth), *arguments)
    return result, [json.loads(line) for line in truth.read_text().splitlines()]


def outcome(records, stories):
    """({user: worst level since the story began}, {address: level of its alerts}) of a replay."""
    users, sources = {}, {}
    begin = {user: story["begin"] for story in stories for user in story["users"]}
    for item in mfatigue("replay", "--verdicts", feed=records).lines:
        if "mfa" in item:
            for ip in item["related"].get("ip", []):
                sources[ip] = max(sources.get(ip, 0), LEVELS.index(item["mfa"]["level"]))
        elif item["time"] >= begin.get(item["user"], ""):
            users[item["user"]] = max(users.get(item["user"], 0), LEVELS.index(item["level"]))
    return users, sources


def as_told(profile, *more):
    """Stories of a run that came out otherwise than their truth says."""
    result, truth = feed("--profile", profile, *more)
    users, sources = outcome(result.out, truth)
    wrong = []
    for story in truth:
        level = max(users.get(u, 0) for u in story["users"])
        if story["attack"]:
            level = max([level] + [sources.get(s, 0) for s in story["sources"]])
            good = level >= LEVELS.index(story["level_at_least"])
        else:
            good = level <= LEVELS.index(story["level_at_most"])
        if not good:
            wrong.append(f"{story['story']}: {LEVELS[level]}, {story}")
    named = {u for story in truth for u in story["users"]}
    wrong += [f"{user} has no story and is {LEVELS[level]}" for user, level in users.items() if user not in named and level >= 2]
    return result, truth, wrong


# What a step of a template must be read as: one of these, and once for each time that it was told.
KINDS = {
    "password": ["login_success", "mfa_required"], "wrong_password": ["login_failure"], "ask": ["mfa_challenge", "mfa_required"],
    "approved": ["mfa_success"], "refused": ["mfa_denied"], "timeout": ["mfa_timeout"], "failed": ["mfa_failed"],
    "cancelled": [], "fraud": ["mfa_fraud"], "right_code": ["mfa_success", "login_success"], "wrong_code": ["mfa_failed"],
    "session": ["session_start"], "enrol": ["factor_enrolled"], "reset": ["factor_reset", "factor_removed"], "remove": ["factor_removed"],
}
# Of these nothing may be read that was not told.
EXACT = {"mfa_denied": ["refused"], "mfa_timeout": ["timeout"], "mfa_failed": ["failed", "wrong_code"],
         "login_failure": ["wrong_password"], "factor_enrolled": ["enrol"]}


def misread(read, story):
    """What of one story is read otherwise than it was meant: `read` are the events since it began of the users in it."""
    kinds = [r["kind"] for r in read]
    wrong = [f"{step}: told {n} times, read as {kinds}" for step, n in story["steps"].items()
             if KINDS[step] and sum(kinds.count(k) for k in KINDS[step]) < n]
    for kind, steps in EXACT.items():
        if kinds.count(kind) > sum(story["steps"].get(s, 0) for s in [*steps, "fraud"]):
            wrong.append(f"{kind}: {kinds.count(kind)} times")
    if {r["user"] for r in read} != set(story["users"]):
        wrong.append("users: " + " ".join(sorted({r["user"] for r in read})))
    prompts = sum(r.get("prompts", 0) for r in read)
    if story["steps"].get("refused") and not story["refused"] <= prompts <= 3 * story["prompts"]:
        wrong.append(f"prompts: {prompts}")
    return [f"{w}, and the truth is {story}" for w in wrong]


def told_by(profile):
    return mfatigue("simulate", "--profile", profile, "--list", "-o", "ndjson").lines


def stories():
    ok("every profile has a template", PROFILES == sorted(p.stem for p in (TOP / "profiles").glob("*.json")), PROFILES)
    for profile in PROFILES:
        listed = told_by(profile)
        names = [s["story"] for s in listed if s["told"]]
        result, truth, wrong = as_told(profile, "all")
        ok(f"{profile}: {len(truth)} stories are judged as their truth says", len(truth) >= 6 and not wrong, "\n".join(wrong))
        ok(f"{profile}: they are those that --list says it can tell", [s["story"] for s in truth] == names, (truth, names))
        fresh, truth, wrong = as_told(profile, "--days", "0", "--users", "0", "all")
        ok(f"{profile}: so they are without a history", not wrong, "\n".join(wrong))
        events = [r for r in mfatigue("normalize", "--profile", profile, feed=fresh.out).lines if "kind" in r]
        wrong = [w for story in truth for w in misread([r for r in events if r["user"] in story["users"]], story)]
        ok(f"{profile}: the kinds and users of each are read as they were meant", not wrong, "\n".join(wrong))
        everybody = {user for story in truth for user in story["users"]}
        ok(f"{profile}: there is nobody else", {r["user"] for r in events} == everybody, everybody)
        records = result.out.splitlines()
        ok(f"{profile}: every record carries the mark and a user of the exercise",
           records and all(b"mfatigue-exercise" in r and b"exercise.example" in r for r in records), result)
        read = mfatigue("normalize", "--profile", profile, feed=result.out).lines
        odd = [r for r in read if r.get("skip", "ignore") != "ignore"]
        ok(f"{profile}: every record is read", not odd, odd[:3])
        whole = mfatigue("normalize", feed=result.out).lines
        ok(f"{profile}: and by no other profile, when all are there", whole == read, [pair for pair in zip(whole, read) if pair[0] != pair[1]][:3])
        again = mfatigue("simulate", "--profile", profile, "all")
        ok(f"{profile}: the same seed gives the same bytes", again.out == result.out)
        ok(f"{profile}: another seed gives others", mfatigue("simulate", "--profile", profile, "--seed", "2", "all").out != result.out)
        times = [r["time"] for r in read if "time" in r]
        ok(f"{profile}: records come in order of time", times == sorted(times))
    result, truth, wrong = as_told("duo", "--days", "0", "--users", "0", "push_bombing")
    ok("without a history the truth expects less, and that is what comes", not wrong and truth[0]["level_at_least"] == "suspicious", wrong or truth)


def all_of(told, attack):
    """A cell of the table: "all", or those that it tells, or those that it does not, whichever are fewer."""
    good = [f"`{s['story']}`" for s in told if s["attack"] == attack and s["told"]]
    bad = [f"`{s['story']}`" for s in told if s["attack"] == attack and not s["told"]]
    return "none" if not good else "all" if not bad else ", ".join(good) if len(good) <= len(bad) else "all but " + ", ".join(bad)


def table():
    page = (TOP / "docs/simulate.md").read_text().splitlines()
    for profile in PROFILES:
        told = told_by(profile)
        row = f"| `{profile}` | {all_of(told, True)} | {all_of(told, False)} |"
        ok(f"docs/simulate.md says what {profile} can tell", row in page, row)
        name = {"duo-cef": "duo"}.get(profile, profile.split("-")[0])
        guide = (TOP / f"docs/idp/{name}.md").read_text()
        ok(f"docs/idp/{name}.md says how to rehearse it", f"mfatigue simulate --profile {profile} " in guide)


def lacks():
    """What a provider cannot tell is said, with the reason, and refused."""
    for profile in PROFILES:
        mute = [s for s in told_by(profile) if not s["told"]]
        for story in mute[:1]:
            result = mfatigue("simulate", "--profile", profile, story["story"])
            ok(f"{profile}: {story['story']}, which it cannot tell, is refused, with the reason",
               result.code == USAGE and not result.out and f"{story['story']} cannot be told by {profile}: {story['why']}" in result.said, result)
        text = mfatigue("simulate", "--profile", profile, "--list").text
        ok(f"{profile}: --list says so, too", all(f"cannot be told: {s['why']}" in text for s in mute) and
           text.count("cannot be told: ") == len(mute), text)
        overrides = re.findall(r"^(?:level|fresh|cannot)\.(\w+)", (TOP / f"profiles/{profile}.traffic").read_text(), re.M)
        known = {s["story"] for s in told_by(profile)}
        ok(f"{profile}: its lines about stories are about stories that there are", set(overrides) <= known, overrides)
    ok("no push", not any(s["told"] for s in told_by("aws") if "push" in s["story"] or "prompt" in s["summary"] and s["attack"]))
    refused = mfatigue("simulate", "--profile", "google_workspace", "push_bombing")
    ok("no refusal, in the profile's own words", "looks the same as a wrong code" in refused.said, refused)
    exercise = mfatigue("exercise", "--profile", "aws", "--to", "tcp:127.0.0.1:1", "--alerts", "/tmp/none", "push_bombing")
    ok("exercise refuses it, too", exercise.code == USAGE and "sends no pushes" in exercise.said, exercise)


def size():
    result, truth = feed("--days", "0", "--users", "0", "--prompts", "7", "--gap", "30", "push_bombing")
    ok("--prompts says how many", truth[0]["prompts"] == 7 and truth[0]["refused"] + truth[0]["unanswered"] == 7, truth)
    sent = [r["time"] for r in mfatigue("normalize", feed=result.out).lines if r.get("kind") == "mfa_challenge"]
    ok("--gap says how far apart", sent[:3] == ["2026-03-02T00:00:02.000Z", "2026-03-02T00:00:32.000Z", "2026-03-02T00:01:02.000Z"], sent[:3])
    ok("--start says when", b'"2027-01-01T00:00:00' in mfatigue("simulate", "--start", "2027-01-01T00:00:00Z", "--days", "0", "fraud_report").out)
    few, many = (len(mfatigue("simulate", "--users", n, "--days", "5").out.splitlines()) for n in ("5", "40"))
    ok("more users have more records", few * 4 < many, (few, many))
    users = {r["user"] for r in mfatigue("normalize", feed=mfatigue("simulate", "--users", "30", "--days", "7").out).lines if "user" in r}
    ok("--users says how many people there are", 25 <= len(users) <= 30, users)
    own = mfatigue("simulate", "--mark", "drill-7", "--domain", "drill.example", "--days", "0", "push_bombing")
    ok("mark and domain may be others", own.out and all(b"drill-7" in r and b"@drill.example" in r for r in own.out.splitlines()), own)
    ok("standard error says how to tell it apart", "drill-7" in own.said and "drill.example" in own.said, own)
    many = [story["story"] for story in mfatigue("simulate", "--list", "-o", "ndjson").lines]
    ok("--list names each once", len(many) == len(set(many)) > 20, many)
    text = mfatigue("simulate", "--list").text
    ok("--list is for people, too", all(f"  {name} " in text for name in many) and text.startswith("attacks\n"), text)
    page = (TOP / "docs/simulate.md").read_text()
    ok("docs/simulate.md tells of each", all(f"`{name}`" in page for name in many), [n for n in many if f"`{n}`" not in page])


def framing():
    plain = mfatigue("simulate", "--days", "0", "push_bombing").out.splitlines()
    old = mfatigue("simulate", "--days", "0", "--framing", "rfc3164", "push_bombing").out.splitlines()
    ok("rfc3164", old[0] == b"<134>Mar  2 00:00:00 exercise.example mfatigue: " + plain[0] and len(old) == len(plain), old[0])
    new = mfatigue("simulate", "--days", "0", "--framing", "rfc5424", "push_bombing").out.splitlines()
    ok("rfc5424", new[0] == b"<134>1 2026-03-02T00:00:00.000Z exercise.example mfatigue - - - " + plain[0], new[0])
    rest, frames = mfatigue("simulate", "--days", "0", "--framing", "octet-counted", "push_bombing").out, []
    while rest:
        length, _, rest = rest.partition(b" ")
        frames.append(rest[:int(length)])
        rest = rest[int(length):]
    ok("octet-counted", frames == new, frames[:1])
    ok("framed lines are judged like bare ones", mfatigue("replay", feed=b"\n".join(new)).out == mfatigue("replay", feed=b"\n".join(plain)).out)


class Listener(threading.Thread):
    """Takes what one sender sends."""

    def __init__(self, kind):
        super().__init__()
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(20)
        self.port = self.socket.getsockname()[1]
        self.got, self.kind = [], kind
        if kind == socket.SOCK_STREAM:
            self.socket.listen(1)
            self.start()

    def run(self):
        connection, _ = self.socket.accept()
        with connection:
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
        self.got = data.splitlines()

    def datagrams(self, n):
        return [self.socket.recv(65536) for _ in range(n)]


def sockets():
    tcp = Listener(socket.SOCK_STREAM)
    result = mfatigue("simulate", "--to", f"tcp:127.0.0.1:{tcp.port}", "--framing", "rfc5424", "push_bombing", "-o", "json")
    tcp.join()
    said = json.loads(result.err)
    ok("over TCP all of it arrives, and the summary counts it", result.code == OK and said["records"] == len(tcp.got) > 20, result)
    udp = Listener(socket.SOCK_DGRAM)
    result = mfatigue("simulate", "--to", f"udp:127.0.0.1:{udp.port}", "fraud_report", "-o", "json")
    got = udp.datagrams(json.loads(result.err)["records"])
    ok("over UDP a record is a datagram", len(got) > 2 and all(json.loads(d) for d in got), got)
    now = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 60)), time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 60))
    first = json.loads(got[0])["published"][:16]
    ok("what is sent happens now", now[0] <= first <= now[1], (first, now))
    tcp = Listener(socket.SOCK_STREAM)
    begin = time.monotonic()
    mfatigue("simulate", "--to", f"tcp:127.0.0.1:{tcp.port}", "--pace", "100", "--prompts", "3", "--gap", "60", "silent_bombing")
    took = time.monotonic() - begin
    tcp.join()
    ok("--pace 100 plays two minutes in a bit more than a second", 1.0 <= took < 15, took)

    def refused(name, *arguments, code=USAGE, words=()):
        result = mfatigue("simulate", *arguments)
        ok(name, result.code == code and result.out == b"" and all(w in result.said for w in words), result)

    refused("another host must be meant", "--to", "udp:192.0.2.1:514", "fraud_report", words=["192.0.2.1", "--elsewhere"])
    refused("so must an IPv6 one", "--to", "udp:[2001:db8::1]:514", "fraud_report", words=["--elsewhere"])
    for wrong in ("127.0.0.1:514", "tcp:localhost:514", "tcp:127.0.0.1", "tcp:127.0.0.1:0", "tcp:127.0.0.1:70000", "tcp:::1:514", "http:127.0.0.1:80"):
        refused(f"--to {wrong} is no address", "--to", wrong, "fraud_report", words=[wrong, "tcp:127.0.0.1:5514"])
    refused("--pace without --to", "--pace", "3", "fraud_report", words=["--to"])
    free = Listener(socket.SOCK_DGRAM)
    refused("nobody listens", "--to", f"tcp:127.0.0.1:{free.port}", "fraud_report", code=IO, words=["refused"])


def mistakes():
    def refused(name, arguments, words, code=USAGE):
        result = mfatigue("simulate", *arguments)
        ok(name, result.code == code and result.out == b"" and all(w in result.said for w in words), result)

    refused("an unknown story is named, with the nearest", ["push_bombin"], ['"push_bombin"', 'did you mean "push_bombing"'])
    refused("one that is like nothing", ["xyzzy"], ["--list"])
    refused("a story that a provider cannot tell", ["--profile", "duo", "no_login"], ["duo", '"password"', "no_login", "does not tell of a login"])
    refused("a profile without a template", ["--profile", "nobody"], ["nobody.traffic", "No such file"], BAD)
    for flag, value in (("users", "-1"), ("users", "1e3"), ("days", "401"), ("gap", "0"), ("seed", "x"), ("pace", "0")):
        refused(f"--{flag} {value}", [f"--{flag}", value, "--to", "tcp:127.0.0.1:1", "fraud_report"], [f"--{flag}", f'"{value}"'])
    refused("a mark that would need an escape", ["--mark", 'a"b', "fraud_report"], ["--mark"])
    refused("a time that is none", ["--start", "monday"], ['"monday"'])
    refused("a truth file that cannot be written", ["--truth", "/nowhere/truth", "fraud_report"], ["/nowhere/truth"], IO)

    def broken(name, text, *words):
        files("bad.traffic", text)
        result = mfatigue("simulate", "--profile-dir", str(files.path), "--profile", "bad", "fraud_report")
        ok(name, result.code == BAD and "bad.traffic" in result.said and all(w in result.said for w in words), result)

    head = "life = 60\nrecord = {\"a\":\"${x}\"}\n"
    broken("a template's unknown word has its line", head + "[refused]\n", ":3:", '"x"')
    broken("a template's unknown step, with the nearest", head + "x = 1\n[refusd]\n", ":4:", '"refused"')
    broken("a line that is nothing", head + "hello\n", ":3:", "hello")
    broken("a word of the story cannot be set", "user = me\n", ":1:", '"user"')
    broken("no life", "record = {}\n[refused]\n", "life")
    broken("a record that needs itself", "life = 60\nrecord = ${record}\n[refused]\n", ":3:")
    broken("a factor that is none", head + "factors = push pull\n", "factors", '"pull"')
    broken("a factor that a record does not know", "life = 60\nrecord = {${of.${factor}}}\nof.push = 1\n[refused]\n", ":4:", '"of.verified_push"')
    broken("a header that is not needed", head + "x = 1\nheader = yes\n", ":4:", '"yes"')
    broken("a level that is none", head + "x = 1\nlevel.slow_drip = high\n", ":4:", '"high"')
    broken("a delay that is none", head + "x = 1\n[refused +soon]\n", ":4:", "+soon")


stories()
table()
lacks()
size()
framing()
sockets()
mistakes()
done()
