#!/usr/bin/python3
"""mfatigue normalize: each sample is read as its .expect says, and lines come out as lines whatever is in them."""

import gzip
import re
import threading

from program import *

LIMIT = 1 << 20  # bytes of a line
files = Files()
USER = "ada@example.com"


# ---- samples ----


def samples():
    paths = sorted((TOP / "tests/samples").glob("*/*.jsonl"))
    ok("there are samples of three providers", len({p.parent for p in paths}) >= 3, paths)
    folders = sorted({str(p.parent) for p in paths})
    for case in mfatigue("test", "-o", "ndjson", *folders).lines:
        ok(f"{Path(case['directory']).name}/{case['promise']}", case["held"], case.get("detail"))
    # several profiles may read feeds of one provider
    idps = {p.stem: re.search(r'"idp": "([^"]+)"', p.read_text())[1] for p in (TOP / "profiles").glob("*.json")}
    for path in paths:
        own = {path.parent.name, idps[path.parent.name], None}
        others = {r["idp"] if "idp" in r else r.get("profile") for r in mfatigue("normalize", str(path)).lines} - own
        ok(f"{path.parent.name}/{path.stem} is read by its own profile", not others, others)
    for name in sorted(p.stem for p in (TOP / "profiles").glob("*.json")):
        foreign = [str(p) for p in paths if p.parent.name != name]
        taken = [r for r in mfatigue("normalize", "--profile", name, *foreign).lines if "kind" in r or "profile" in r]
        ok(f"the profile {name} takes no record of another's samples", not taken, taken[:3])
    names = [str(p) for p in paths]
    together = mfatigue("normalize", *names).lines
    alone = [{**record, "file": name} for name in names for record in mfatigue("normalize", name).lines]
    ok("all in one run give the same, with their file", together == alone)
    packed = files("all.gz", gzip.compress(b"".join(p.read_bytes() for p in paths)))
    plain = files("all", b"".join(p.read_bytes() for p in paths))
    ok("compressed they give the same", mfatigue("normalize", packed).out == mfatigue("normalize", plain).out)
    outputs = [mfatigue("normalize", *names).out for _ in range(2)]
    ok("twice gives the same bytes", outputs[0] == outputs[1])


# ---- lines ----


def numbers(result):
    return [(r["record"], r.get("kind") or r.get("skip")) for r in result.lines]


def promise(name, feed, expected, *arguments):
    result = mfatigue("normalize", *arguments, feed=feed)
    ok(name, result.code == OK and not result.err and numbers(result) == expected, f"{numbers(result)}\n{result}")


def padded(record, size):
    """The record as a line of that many bytes."""
    text = line({**record, "displayMessage": ""})
    return text.replace(b'"displayMessage":""', b'"displayMessage":"%s"' % (b"x" * (size - len(text))))


def number_and_skip():
    PUSH, NOT = "mfa_challenge", "no_json"
    event = line(push())
    promise("no input, no output", b"", [])
    promise("only newlines, no output", b"\n\n\n", [])
    promise("a record is one event", event + b"\n", [(1, PUSH)])
    promise("the last line needs no newline", event, [(1, PUSH)])
    promise("two lines are records 1 and 2", event + b"\n" + event, [(1, PUSH), (2, PUSH)])
    promise("carriage returns are no part of a line", event + b"\r\n" + event + b"\r\n\r\n", [(1, PUSH), (2, PUSH)])
    promise("blank lines count and say nothing", b"\n" + event + b"\n \t\r\n" + event + b"\n", [(2, PUSH), (4, PUSH)])
    promise("what is no JSON is said so", b"hello\n" + event, [(1, NOT), (2, PUSH)])
    promise("a record cut short is truncated", event[:-9] + b"\n" + event, [(1, "truncated"), (2, PUSH)])
    promise("the last one too", event[:-9], [(1, "truncated")])
    promise("JSON of others is not_idp", b'{"a":1}\n', [(1, "not_idp")])
    result = mfatigue("normalize", feed=b"hello\n")
    ok("a record without an event is record and skip", result.text == '{"record":1,"skip":"no_json"}\n', result)
    result = mfatigue("normalize", feed=[okta("user.session.impersonation.grant")])
    ok("what no rule knows is named, with its profile", result.lines == [
        {"record": 1, "skip": "unmapped", "profile": "okta", "unmapped": "user.session.impersonation.grant:SUCCESS"}], result)
    promise("several events of a record have its number", json.dumps({"data": {"events": [push(), push()]}}).encode() + b"\n" + event,
            [(1, PUSH), (1, PUSH), (2, PUSH)])


def odd_bytes():
    event = line(push())
    promise("a NUL before the record does not end the line", b"\0 <14> " + event + b"\n" + event, [(1, "mfa_challenge"), (2, "mfa_challenge")])
    promise("a NUL inside the record is part of it", event[:20] + b"\0" + event[20:] + b"\n" + event, [(1, "bad_json"), (2, "mfa_challenge")])
    promise("a NUL behind the record is", event + b"\0\n" + event, [(1, "bad_json"), (2, "mfa_challenge")])
    promise("bytes that are no text are said so", event[:20] + b"\xff" + event[20:] + b"\n" + event, [(1, "bad_utf8"), (2, "mfa_challenge")])
    odd = push()
    odd["device"] = {"name": "a\x00b\"\\\u00e9\U0001f600"}
    result = mfatigue("normalize", feed=[odd])
    ok("texts keep all their characters", result.lines[0].get("device") == odd["device"]["name"], result)
    ok("output is one line of ASCII or UTF-8 an event", result.out.count(b"\n") == 1 and result.out.endswith(b"}\n"), result)


def long_lines():
    fits, over = padded(push(), LIMIT), padded(push(), LIMIT + 1)
    huge = padded(push(), 5 * LIMIT)
    event = line(push())
    PUSH, LARGE = "mfa_challenge", "too_large"
    ok("the samples of this test have their size", (len(fits), len(over), len(huge)) == (LIMIT, LIMIT + 1, 5 * LIMIT))
    promise("a line of 1 MiB is read", fits + b"\n" + event, [(1, PUSH), (2, PUSH)])
    promise("one byte more is too_large", over + b"\n" + event, [(1, LARGE), (2, PUSH)])
    promise("so is a line of 5 MiB, and it stays one record", huge + b"\n" + event, [(1, LARGE), (2, PUSH)])
    promise("and without a newline", huge, [(1, LARGE)])
    promise("one of 1 MiB and no newline is read", event + b"\n" + fits, [(1, PUSH), (2, PUSH)])
    promise("one byte more and no newline", event + b"\n" + over, [(1, PUSH), (2, LARGE)])
    promise("two of them", (over + b"\n") * 2 + event, [(1, LARGE), (2, LARGE), (3, PUSH)])
    promise("of no JSON at all", b"x" * (3 * LIMIT) + b"\n" + event, [(1, LARGE), (2, PUSH)])
    packed = files("long.gz", gzip.compress(huge + b"\n" + fits + b"\n" + event))
    promise("and compressed", b"", [(1, LARGE), (2, PUSH), (3, PUSH)], packed)
    # lines of every length around the size of a buffer, so that newlines fall on each side of its end
    for size in (1 << 16, 1 << 18):
        feed, expected = b"", []
        for i, n in enumerate(range(size - 40, size + 40, 8)):
            feed += padded(push(), n) + b"\n"
            expected.append((i + 1, PUSH))
        promise(f"lines of about {size} bytes", feed, expected)


# ---- times of day ----


def times_without_a_date():
    clock = b"21:01:45,403 WARN  [org.keycloak.events] (default task-1) type=LOGIN_ERROR, realmId=r, clientId=c, userId=u1, " \
            b"ipAddress=198.51.100.7, error=invalid_user_credentials, username=ada\n"

    def time(*arguments):
        result = mfatigue("normalize", *arguments, feed=clock)
        return result.lines[0].get("time") if result.code == OK else result

    found = time("--arrival", "2026-03-02T22:00:00Z")
    ok("a time without a date is of the day of arrival", found == "2026-03-02T21:01:45.403Z", found)
    found = time("--arrival", "2026-03-03T02:00:00Z")
    ok("or of the one before, where that is closer", found == "2026-03-02T21:01:45.403Z", found)
    found = time()
    ok("lines arrive now, unless it is said", re.fullmatch(r"20\d\d-\d\d-\d\dT21:01:45.403Z", str(found)), found)
    result = mfatigue("normalize", "--arrival", "noon", feed=clock)
    ok("what is no time is refused", result.code == USAGE and b'"noon"' in result.err, result)


# ---- files ----


def several_files():
    a, b = files("a.jsonl", [push(), push()]), files("b.jsonl", b"\n" + line(push()))
    result = mfatigue("normalize", a, b)
    ok("numbers begin anew in each file, and the file is named", [(r["record"], r["file"]) for r in result.lines] == [(1, a), (2, a), (2, b)], result)
    result = mfatigue("normalize", a)
    ok("a single file is not named", all("file" not in r for r in result.lines) and len(result.lines) == 2, result)
    result = mfatigue("normalize", a, "-", feed=[push()])
    ok("- is standard input, and called so", [(r["record"], r["file"]) for r in result.lines] == [(1, a), (2, a), (1, "-")], result)
    ok("- alone is the same as nothing", mfatigue("normalize", "-", feed=[push(at=1)]).lines[0]["time"] == stamp(1))
    result = mfatigue("normalize", "-", a, feed=b"")
    ok("an empty input is passed over", [(r["record"], r["file"]) for r in result.lines] == [(1, a), (2, a)], result)
    many = [files(f"many{i}", [push(at=i)]) for i in range(300)]
    result = mfatigue("normalize", *many)
    ok("three hundred files, in the order of the command line", [r["time"] for r in result.lines] == [stamp(i) for i in range(300)], result)


def profiles():
    duo = next((TOP / "tests/samples/duo").glob("authentication.jsonl")).read_bytes().splitlines()[0]
    both = lines([push()]) + duo + b"\n"
    result = mfatigue("normalize", feed=both)
    ok("without --profile each record finds its own", [r.get("idp") for r in result.lines] == ["okta", "duo", "duo"], result)
    groups = [r["groups"] for r in result.lines if "groups" in r]
    ok("groups are a list", groups and all(isinstance(g, list) and len(g) == 2 and not any("\x1f" in name for name in g) for g in groups), result)
    result = mfatigue("normalize", "--profile", "okta", feed=both)
    ok("--profile reads with one only", [r.get("idp") or r["skip"] for r in result.lines] == ["okta", "not_idp"], result)
    result = mfatigue("normalize", "--profile=duo", feed=both)
    ok("--profile=NAME is the same", [r.get("idp") or r["skip"] for r in result.lines] == ["not_idp", "duo", "duo"], result)
    folder = files.path / "profiles"
    folder.mkdir()
    (folder / "okta.json").write_bytes((TOP / "profiles/okta.json").read_bytes())
    result = mfatigue("normalize", "--profile-dir", str(folder), feed=both)
    ok("--profile-dir says where they are", [r.get("idp") or r["skip"] for r in result.lines] == ["okta", "not_idp"], result)
    (folder / "okta.json").write_text('{\n  "profile": "okta",\n  "versoin": 1\n}\n')
    result = mfatigue("normalize", "--profile-dir", str(folder), feed=both)
    ok("a wrong profile: file, line, column, exit code 3", result.code == BAD and f"{folder}/okta.json:3:3: " in result.said, result)


def compressed():
    data = lines([push(at=i) for i in range(50)])
    expected = mfatigue("normalize", feed=data).out
    half = len(data) // 2 + 7  # in the middle of a line
    good = {
        "a .gz file": gzip.compress(data),
        "members one behind the other": gzip.compress(data[:half]) + gzip.compress(data[half:]),
        "fifty members": b"".join(gzip.compress(part + b"\n") for part in data.splitlines()),
        "an empty member between": gzip.compress(data[:half]) + gzip.compress(b"") + gzip.compress(data[half:]),
        "zeros behind the last member": gzip.compress(data) + bytes(1000),
        "a stored member": gzip.compress(data, 0),
    }
    for name, content in good.items():
        result = mfatigue("normalize", files("good.gz", content))
        ok(f"{name} is read", result.code == OK and result.out == expected and not result.err, result)
        ok(f"{name} is told by its bytes, on standard input too", mfatigue("normalize", feed=content).out == expected)
    ok("a plain file may be called .gz", mfatigue("normalize", files("plain.gz", data)).out == expected)
    result = mfatigue("normalize", files("empty.gz", gzip.compress(b"")))
    ok("an empty one is empty", result.code == OK and result.out == b"", result)

    packed = gzip.compress(data)
    tail = bytearray(packed)
    tail[-8] ^= 1
    bad = {
        "cut short": (packed[:-20], "ends too early"),
        "cut in its header": (packed[:5], "ends too early"),
        "with a wrong checksum": (bytes(tail), "damaged"),
        "with something behind": (packed + b"{}\n", "behind the compressed data"),
        "that says another method": (packed[:2] + b"\x07" + packed[3:], "damaged"),
    }
    for name, (content, reason) in bad.items():
        path = files("bad.gz", content)
        result = mfatigue("normalize", path)
        ok(f"one {name}: exit code 3 and the reason", result.code == BAD and f"mfatigue: {path}: " in result.said and reason in result.said
           and result.err.count(b"\n") == 1, result)
        ok(f"one {name}: what is whole before is read", expected.startswith(result.out) and result.out.endswith((b"\n", b"")), result)
    for name in ("with a wrong checksum", "with something behind"):
        result = mfatigue("normalize", files("bad.gz", bad[name][0]))
        ok(f"one {name}: all lines before that come out", result.out == expected, result)
    two = mfatigue("normalize", files("bad.gz", packed[:-20]), files("next", data))
    ok("a damaged file ends the run: what comes behind is not passed off as all", two.code == BAD and b"next" not in two.out, two)


def lively():
    """Each line is answered before the next is asked for: it works at the end of tail -f."""
    process = subprocess.Popen([PROGRAM, "normalize"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    guard = threading.Timer(60, process.kill)
    guard.start()
    answers = []
    for i in range(3):
        process.stdin.write(lines([push(at=i)]))
        process.stdin.flush()
        answers.append(json.loads(process.stdout.readline() or b"{}").get("time"))
    process.stdin.close()
    process.stdout.close()
    code = process.wait()
    guard.cancel()
    ok("each line from a pipe is answered at once", answers == [stamp(i) for i in range(3)] and code == OK, answers)


def for_people():
    """Columns: what starts at one place in the head starts there in each row."""
    records = [push(), refusal("bob@example.com", 60), fraud("x" * 60 + "@example.com", 70), b"hello", okta("user.session.impersonation.grant")]
    one, two = files("people.jsonl", records), files("more.jsonl", [push()])
    head, *rows = mfatigue("normalize", "-o", "human", one).text.splitlines()
    ok("a head, and a row for each record", head.split() == "record time user kind factor source provider outcome app".split() and len(rows) == 5, rows)
    at = {word: head.index(word) for word in head.split()}
    ok("what an event says stands below its name", rows[0][at["time"]:].startswith("2026-03-02 09:00:00 ") and rows[0][at["user"]:].startswith("ada@example.com ")
       and rows[0][at["kind"]:].startswith("mfa_challenge ") and rows[0][at["factor"]:].startswith("push ") and rows[0][at["source"]:].startswith("203.0.113.9 ")
       and rows[0][at["provider"]:].startswith("okta ") and rows[0][at["outcome"]:].startswith("SUCCESS") and rows[1][at["kind"]:].startswith("mfa_denied "), rows)
    ok("numbers of records end in one column", [row[:6] for row in rows] == [f"{n:6}" for n in range(1, 6)], rows)
    ok("a long login is not cut", "x" * 60 + "@example.com  mfa_fraud" in rows[2], rows)
    ok("a record without an event says why, in words", rows[3][8:] == "no event: no_json. There is no JSON in the line.", rows[3])
    ok("what no rule knows is named, with its profile", 'no event: unmapped "user.session.impersonation.grant:SUCCESS" (okta). ' in rows[4], rows[4])
    several = mfatigue("normalize", "-o", "human", one, two).text.splitlines()
    ok("of several files each has its name above", several == [head, one, *rows, two, several[-1]] and several[-1].startswith("     1  2026-"), several)
    ok("nothing read, nothing shown", mfatigue("normalize", "-o", "human").out == b"")


samples()
for_people()
number_and_skip()
odd_bytes()
long_lines()
times_without_a_date()
several_files()
profiles()
compressed()
lively()
done()
