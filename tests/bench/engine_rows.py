"""Figures of the engine alone: no rsyslog, no files."""

import shutil

from measure import *

WARM, COUNTED = 2000, 3000  # of 500 users: what is counted are their fifth and sixth records


def judged(work):
    """One judged Okta event of 2.3 KB, all signals on."""
    feed = work.feed("okta", 6000)
    size = feed.stat().st_size // 6000
    counted, strange = work.feed("okta", COUNTED), work.feed("own", COUNTED)
    each, own = instructions_each(counted, COUNTED, WARM)
    portable, _ = instructions_each(counted, COUNTED, WARM, "-s")
    unlike, _ = instructions_each(strange, COUNTED, WARM)
    fast, slow = interleaved(
        work.repeats + 2, lambda: judge(feed, "-w", WARM)["cpu_us_per_line"], lambda: judge(feed, "-s", "-w", WARM)["cpu_us_per_line"])
    yield told("bytes of a judged event", f"{size:,}")
    yield at_most("instructions per judged event, any x86-64", portable, 18000, form="{:,.0f}")
    yield at_most("instructions per judged event, with AVX2", each, 18000, form="{:,.0f}", guarded=True)
    yield told("of these in the project's own code", f"{own:,.0f}")
    yield told("instructions when each is written unlike any other", f"{unlike:,.0f}")
    yield at_most("CPU per judged event, any x86-64", slow, 2.0, " us")
    yield at_most("CPU per judged event, with AVX2", fast, 1.2, " us")
    yield at_most("allocations of the engine after start", judge(feed)["allocations"], 0, form="{:.0f}", guarded=True)


def noise(work):
    """One record in which no profile knows anything."""
    feed = work.feed("noise", 6000)
    few = work.feed("noise", 500)
    each, _ = instructions_each(few, 500, 100)
    portable, _ = instructions_each(few, 500, 100, "-s")
    fast, slow = interleaved(
        work.repeats, lambda: judge(feed, "-w", WARM)["cpu_us_per_line"], lambda: judge(feed, "-s", "-w", WARM)["cpu_us_per_line"])
    yield told("bytes of a record of no interest", f"{feed.stat().st_size // 6000:,}")
    yield at_most("CPU per record of no interest, with AVX2", fast, 0.25, " us")
    yield at_most("CPU per record of no interest, any x86-64", slow, 0.25, " us")
    yield told("instructions, with AVX2 and without", f"{each:,.0f} and {portable:,.0f}")


def entra(work):
    """An Entra sign-in of 8 KB against an Okta event of 2.3 KB."""
    long, short = work.feed("entra", 4000), work.feed("okta", 4000)
    a, b = interleaved(work.repeats, lambda: judge(long, "-w", WARM)["cpu_us_per_line"], lambda: judge(short, "-w", WARM)["cpu_us_per_line"])
    yield at_most(f"an Entra sign-in of {long.stat().st_size // 4000:,} bytes, against an Okta event", a / b, 4, "x")


def growth(work):
    """The same work for a thousand users and for a million."""
    template, policy = work.feed("template"), work.policy("million", state={"users": 1400000, "recent": 65536, "traces": 65536})
    few, many = interleaved(
        work.repeats if work.long else 1, lambda: crowd("-p", policy, template, 1000, 200000, under=ON_ONE_CPU)["cpu_us"],
        lambda: crowd("-p", policy, template, 1000000, 200000, under=ON_ONE_CPU)["cpu_us"])
    yield at_most("a million users against a thousand, CPU per event", many / few, 1.4, "x")


def memory(work):
    """What one more user takes: of the engine's plan, and of memory that was touched."""
    template, sizes, took = work.feed("template"), (100000, 400000), []
    for users in sizes:
        policy = work.policy(f"users{users}", state={"users": users * 5 // 4, "recent": 1024, "traces": 1024, "deliveries": 1024})
        took.append(crowd("-p", policy, template, users, 1000))
    more = sizes[1] - sizes[0]
    planned = (took[1]["engine_bytes"] - took[0]["engine_bytes"]) / more * 4 / 5
    touched = (took[1]["touched_bytes"] - took[0]["touched_bytes"]) / more
    yield at_most("memory per user at rest, touched", touched, 256, " bytes", form="{:,.0f}")
    yield told("memory per user of state.users, planned with its index", f"{planned:,.0f} bytes")


def workers(work):
    """Two workers on one engine against one, each with users of its own."""
    template, events = work.feed("template"), 400000
    one, two = [], []
    for _ in range(work.repeats):
        one.append(crowd(template, 20000, events))
        two.append(crowd("-t", 2, template, 20000, events))
    clock = statistics.median(b["events_per_s"] for b in two) / statistics.median(a["events_per_s"] for a in one)
    cpu = 2 * statistics.median(a["cpu_us"] for a in one) / statistics.median(b["cpu_us"] for b in two)
    yield at_least("two workers against one, events a second", clock, 1.8, "x") if not busy() else \
        told("two workers against one, events a second (the machine is busy: not judged)", f"{clock:,.2f}x")
    yield at_least("two workers against one, by the CPU that an event takes", cpu, 1.8, "x")


def journal(work):
    """What it costs to write down each event (state.dir), with the CPU of the thread that does."""
    template, state = work.feed("template"), work.dir / "journal"

    def kept():
        shutil.rmtree(state, ignore_errors=True)
        return crowd("-j", state, template, 20000, 300000)["cpu_us"]

    without, with_it = interleaved(work.repeats, lambda: crowd(template, 20000, 300000)["cpu_us"], kept)
    shutil.rmtree(state, ignore_errors=True)
    yield at_most("with the journal, CPU per event against without", with_it / without, 1.10, "x")


def snapshot(work):
    """The longest that one message takes while a million users are saved again and again, and while nothing is; and what a
    start takes that finds them."""
    template, state = work.feed("template"), work.dir / "snapshot"
    policy = work.policy("million", state={"users": 1400000, "recent": 65536, "traces": 65536})
    alone = crowd("-e", "-p", policy, template, 1000000, 300000)
    saved = crowd("-e", "-s", "-j", state, "-p", policy, template, 1000000, 300000)
    [again] = interleaved(work.repeats, lambda: cpu_of([TOOL, "state", "verify", "--policy", policy, "--dir", state])[0])
    megabytes = (state / "snapshot").stat().st_size / 1e6
    shutil.rmtree(state, ignore_errors=True)
    yield told(f"the longest message while {saved['snapshots']} snapshots of a million users are taken", f"{saved['slowest_us'] / 1000:,.1f} ms")
    yield told("the longest message while none is (what else runs on the machine)", f"{alone['slowest_us'] / 1000:,.1f} ms")
    yield told("a snapshot of a million users", f"{megabytes:,.0f} MB")
    yield at_most("CPU to put them back at a start", again, 2.0, " s")


def message(work):
    """What each of many messages takes by itself, in CPU time of its thread, while users are written down by another one."""
    template, state = work.feed("template"), work.dir / "message"
    shutil.rmtree(state, ignore_errors=True)
    took = crowd("-e", "-j", state, template, 20000, 1000000)
    shutil.rmtree(state, ignore_errors=True)
    yield told("CPU per message by itself, with the journal: half, and 99 % of a million, take at most", f"{took['p50_us']:.1f} and {took['p99_us']:.1f} us")
    yield at_most("99.9 % take at most", took["p999_us"], 100, " us", form="{:.1f}")
    yield told("the slowest of the million", f"{took['most_cpu_us']:,.0f} us")


def hostile(work):
    """Messages of 64 KB that are made to be slow (tests/bench/hostile.c)."""
    subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/hostile"], stdout=sys.stderr, check=True)
    built, worst = 0, []
    for options in [], ["-s"]:
        lines = subprocess.run([BUILD / "tests/bench/hostile", *options, TOP / "profiles", "65536", "51"], stdout=subprocess.PIPE, text=True, check=True)
        costs = list(map(json.loads, lines.stdout.splitlines()))
        built = len(costs)
        worst.append(max(costs, key=lambda one: one["us"]))
    yield at_most(f"a message of 64 KB, the slowest of {built} built to be, with AVX2", worst[0]["us"], 200, " us", form="{:,.0f}")
    yield at_most("the slowest without", worst[1]["us"], 200, " us", form="{:,.0f}")
    yield told("which of them it is", " and ".join(dict.fromkeys(one["name"] for one in worst)))


def choice(work):
    """Which of all profiles a record is of: for records of no provider, and for Okta's as the first and as the last profile."""
    subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/choose"], stdout=sys.stderr, check=True)
    none, few = work.dir / "none.jsonl", work.dir / "okta-50.jsonl"
    none.write_text(NOBODYS)
    few.write_bytes(b"".join(work.feed("okta", 6000).read_bytes().splitlines(True)[:50]))
    choose = BUILD / "tests/bench/choose"
    cost = min(answer_of([choose, TOP / "profiles", 100000, none])["cpu_us_per_line"] for _ in range(work.repeats + 2))
    yield at_most("CPU to see that a short record is of no provider", cost, 0.3, " us")
    costs = [chosen(work, place, few) for place in ("00-first", "zz-last")]
    yield told("instructions to read an Okta record, by the first profile", f"{costs[0]:,.0f}")
    yield at_most(f"the same by the last of {len(list((TOP / 'profiles').glob('*.json')))} profiles", costs[1] / costs[0], 1.1, "x")


def chosen(work, place, feed):
    """Instructions for one of Okta's records, with its profile at this place among all."""
    directory = work.dir / place
    directory.mkdir(exist_ok=True)
    for profile in (TOP / "profiles").glob("*.json"):
        name = place if profile.stem == "okta" else profile.stem
        (directory / f"{name}.json").write_text(profile.read_text().replace('"profile": "okta"', f'"profile": "{place}"'))
    few, many = (collected("mf_reader_read", [BUILD / "tests/bench/choose", directory, times, feed]) for times in (10, 30))
    return (many - few) / 1000


NOBODYS = """\
{"time":"2026-03-02T09:14:37Z","host":"db-7","severity":"info","program":"postgres","pid":4711,"message":"checkpoint complete: wrote 8123 buffers (49.6%); 0 WAL file(s) added; write=539.2 s, sync=0.003 s, total=539.4 s; distance=540444 kB, estimate=541002 kB","tags":["db","prod"],"region":"eu-1","client":"198.51.100.9"}
Mar  2 09:14:37 web-3 nginx: 198.51.100.9 - - [02/Mar/2026:09:14:37 +0000] "GET /static/js/app.7f3c.js HTTP/2.0" 200 48211 "https://www.example.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
"""


def flood(work):
    """Names that nobody ever saw, among those of users: what they cost, and whom (docs/state-under-attack.md)."""
    kinds = ("okta", "half", "most")
    runs = [[judge(work.feed(kind, 100000), "-w", WARM)["cpu_us_per_line"] for kind in kinds] for _ in range(work.repeats)]
    idle, half, most = (min(column) for column in zip(*runs))  # what else runs on the machine only adds
    yield at_most("half of the users invented, against none", half / idle, 1.2, "x")
    yield at_most("nine of ten invented, against none", most / idle, 1.2, "x")
    made = subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/evict", "tests/test_attack"], stdout=sys.stderr)
    kept = subprocess.run([BUILD / "tests/bench/evict", "1000000", "50000", "the table"], stdout=sys.stderr)
    yield promise("users with history outlive the flood, victims are detected in it", made.returncode == kept.returncode == 0)
    if work.long:  # a million prompts of one user, a million addresses, a hundred thousand users at once, and so on
        attack = subprocess.run([BUILD / "tests/test_attack"], stdout=sys.stderr, env={
            **os.environ, "MF_SRCDIR": str(TOP), "MF_ATTACK": "20", "CMOCKA_MESSAGE_OUTPUT": "TAP"})
        yield promise("the floods of tests/test_attack.c at twenty times the size", attack.returncode == 0)


def replay(work):
    """`mfatigue replay` of a file of a million records (a tenth of it in the short form), none of them twice."""
    records = 1000000 if work.long else 100000
    at_work, pressed = work.feed("mixed", records), work.feed("okta", 100000)

    def rate(path, n):
        return statistics.median(n / cpu_of([TOOL, "replay", "--profile-dir", TOP / "profiles", path])[0] for _ in range(work.repeats))

    yield at_least(f"replay of {records:,} records of 5,000 users at work, half of them judged, a second of CPU", rate(at_work, records), 300000, form="{:,.0f}")
    yield told("replay where 500 users are prompted without end, each record judged, a second of CPU", f"{rate(pressed, 100000):,.0f}")
    reading = min(cpu_of(["cat", at_work])[0] for _ in range(work.repeats))
    yield told("to read the first file and do nothing (cat), records a second of CPU", f"{records / max(reading, 0.001):,.0f}")


def start(work):
    """From nothing to ready: policy, profiles, memory."""
    policy = work.policy("start")
    [ready] = interleaved(work.repeats, lambda: cpu_of([TOOL, "check", "--policy", policy])[0])
    yield told("start-up with all profiles, CPU", f"{ready * 1000:,.0f} ms")


ROWS = [judged, noise, choice, entra, growth, memory, workers, journal, snapshot, message, hostile, flood, replay, start]
