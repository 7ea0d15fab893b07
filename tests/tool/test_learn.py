#!/usr/bin/python3
"""mfatigue learn: what history teaches is what a replay of it would have taught, whatever the order of files; who begins with it
sees what a newcomer cannot; nothing is half written."""

import gzip
import random
import re
import time

from program import *

files = Files()
serial = 0
whole = mfatigue("simulate", "--days", "21", "--users", "60", "--seed", "5").out.splitlines()
more = mfatigue("simulate", "--profile", "duo", "--days", "21", "--users", "30", "--seed", "6", "--domain", "other.example").out.splitlines()
after = mfatigue("simulate", "--days", "0", "--users", "0", "--seed", "5", "--start", "2026-03-23T12:00:00Z", "impossible_travel", "slow_drip").out


def place():
    global serial
    serial += 1
    return str(files.path / f"state{serial}")


def learn(*arguments, **more_):
    state = place()
    result = mfatigue("learn", "--state", state, "-o", "json", *arguments, **more_)
    return state, (result.lines or [{}])[0], result


def verdicts(state, feed):
    """What comes of a feed for who begins with the state; a second time for who does not."""
    copy = place()
    subprocess.run(["cp", "-r", state, copy], check=True)
    return mfatigue("replay", "--verdicts", "--state", copy, feed=feed).out


def text(lines_):
    return b"".join(line_ + b"\n" for line_ in lines_)


# a day of people whom the history knows, one of them abroad
known = json.loads(whole[0])["actor"]["alternateId"]
attack = text(line_.replace(json.loads(after.splitlines()[0])["actor"]["alternateId"].encode(), known.encode()) for line_ in after.splitlines())


def learned():
    path = files("whole", text(whole))
    state, said, result = learn(path)
    ok("it says what it learned", result.code == OK and said["records"] == len(whole) and said["users"] == 60 == said["users_remembered"] and 20 < said["days"] < 22, said)
    fresh, old = mfatigue("replay", "--verdicts", feed=attack).out, verdicts(state, attack)
    worst = [max((v.get("score", 0) for v in map(json.loads, out.splitlines())), default=0) for out in (fresh, old)]
    ok("who begins with it sees more", worst[1] > worst[0], worst)
    ok("a known user abroad is a new source then", b"new_source" in old and b"new_source" not in fresh, old)
    replayed = place()
    mfatigue("replay", "--state", replayed, path)
    ok("it is what a replay would have learned", verdicts(replayed, attack) == old)
    ok("it raises no alert", result.out.count(b"\n") == 1)


def order():
    both = sorted(whole + more, key=lambda r: re.search(rb'"(?:published|isotimestamp)":"([^"+Z]*)', r).group(1))
    state, said, _ = learn(files("both", text(both)))
    wanted = verdicts(state, attack)
    chunks = [both[i::7] for i in range(7)]
    names = [files(f"chunk{i}.gz", gzip.compress(text(chunk))) for i, chunk in enumerate(chunks)]
    random.Random(1).shuffle(names)
    state, other, _ = learn(*names)
    same = ("records", "events", "judged", "users", "first", "last", "too_late")
    ok("two feeds in seven packed files, in any order, teach the same", [said[k] for k in same] == [other[k] for k in same] and verdicts(state, attack) == wanted, (said, other))
    by_feed = [files("okta", text(whole)), files("duo", text(more))]
    ok("so do two files, one of each feed", verdicts(learn(*by_feed)[0], attack) == wanted)
    jumbled = list(both)
    for i in range(0, len(jumbled), 40):
        part = jumbled[i:i + 40]
        random.Random(i).shuffle(part)
        jumbled[i:i + 40] = part
    _, mixed, _ = learn(files("jumbled", text(jumbled)))
    ok("hours of disorder within a file lose nothing", mixed["too_late"] == 0 and mixed["judged"] == said["judged"], mixed)
    _, turned, result = learn(files("turned", text(reversed(both))))
    ok("a file that stands on its head is told", turned["too_late"] > 1000, turned)
    human = mfatigue("learn", "--state", place(), files("turned", text(reversed(both)))).text
    ok("and people are told, too", "more than a day older" in human, human)
    half = len(both) // 2
    state = place()
    for part in (both[:half], both[half:]):
        mfatigue("learn", "--state", state, feed=text(part))
    ok("half by half it is the whole", verdicts(state, attack) == wanted)


def summary():
    state, said, _ = learn(feed=text([*whole[:2000], *whole[1950:2000], b"{}", b"hello"]))
    ok("what came again and what could not be used is counted", said["duplicates"] > 0 and said["unused"] == 2, said)
    short = mfatigue("learn", "--state", place(), feed=text(whole[:300]))
    ok("of a few days it says that they teach little", "two weeks" in short.said, short)
    few = files("few", '{"state": {"users": 1024}}')
    many = [push(f"u{i}@example.com", i) for i in range(1500)]
    ok("users without room are told", "raise state.users" in mfatigue("learn", "--state", place(), "--policy", few, feed=many).said)
    big = lines(push(f"u{i}@example.com", i) for i in range(300000))
    began = time.monotonic()
    seen = on_terminal("learn", "--state", place(), "--color", "never", files("big", big), streams=("stderr", "stdout"))
    shown = re.search(rb"\r[\d,]+ records, [\d,]+/s, \d+%, \d+ (s|min) left", seen)
    ok("on a terminal it says how far it is, how fast, and how long it will take", shown or time.monotonic() - began < 1.5, seen[-300:])


def mistakes():
    ok("without a directory", (r := mfatigue("learn", feed=[push()])).code == USAGE and "--state" in r.said, r)
    state = place()
    none = mfatigue("learn", "--state", state, feed=b"{}\n")
    ok("without an event nothing is changed", none.code == BAD and "nothing was changed" in none.said and not (Path(state) / "snapshot").exists(), none)
    missing = mfatigue("learn", "--state", str(files.path / "no/such"), feed=[push()])
    ok("a directory that cannot be made", missing.code == IO, missing)
    ok("a file that is not there", mfatigue("learn", "--state", place(), "/nowhere").code == IO)
    ok("a wrong policy", mfatigue("learn", "--state", place(), "--policy", files("bad", "{"), feed=[push()]).code == BAD)


learned()
order()
summary()
mistakes()
done()
