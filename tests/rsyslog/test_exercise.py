#!/usr/bin/python3
"""mfatigue exercise against a real rsyslogd: an attack is sent, its alert is seen in a file or on a socket, and timed; a look-alike
passes when nothing comes; and an exercise fails when the chain is broken."""

from daemon import *

PROGRAM = str(BUILD / "mfatigue")
TO_FILE = """
template(name="line" type="string" string="%msg%\\n")
template(name="framed" type="string" string="<%pri%>1 %timestamp:::date-rfc3339% %hostname% mfatigue - - - %msg%\\n")
ruleset(name="alerts" queue.type="LinkedList" queue.timeoutEnqueue="0") {{
    action(type="omfile" file="{dir}/alerts" template="line")
    SEND
}}
"""


def exercise(daemon, *arguments, alerts="alerts"):
    where = ["--alerts", str(daemon.dir / alerts)] if alerts else []
    result = subprocess.run([PROGRAM, "exercise", "--profile-dir", str(TOP / "profiles"), "--to", f"tcp:127.0.0.1:{daemon.text('port').strip()}",
                             *where, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    return result.returncode, result.stdout, result.stderr


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ready(daemon):
    daemon.connect().close()
    return daemon


def by_file():
    with Daemon(config(alerts=TO_FILE.replace("SEND", ""))) as daemon:
        ready(daemon)
        for profile in ("okta", "entra", "duo"):
            code, out, err = exercise(daemon, "--profile", profile, "-o", "json")
            said = json.loads(out)
            ok(f"{profile}: the alert of a bombing that is approved comes, critical",
               code == 0 and said["passed"] and said["reached"]["severity"] == "critical", out + err)
            ok(f"{profile}: it comes within seconds, and says after how many prompts the first one was raised",
               0 <= said["reached"]["delivery_seconds"] < 20 and 1 <= said["first"]["prompts"] <= 10 and said["first"]["attack_seconds"] > 0, out)
        for profile, framing in (("authelia", "none"), ("duo-cef", "rfc3164"), ("keycloak", None), ("rsa", None), ("privacyidea", "none")):
            story = {"duo-cef": "fraud_report", "keycloak": "code_bruteforce", "rsa": "code_bruteforce"}.get(profile, "push_bombing_approved")
            code, out, err = exercise(daemon, "--profile", profile, *(["--framing", framing] if framing else []), "-o", "json", story)
            ok(f"{profile}: text is read on its way, and {story} reaches its level", code == 0 and json.loads(out)["passed"], out + err)
        code, out, err = exercise(daemon, "push_bombing")
        ok("people read it, too", code == 0 and "passed" in out and "push_bombing of " in out and "prompts of the attack" in out, out + err)
        code, out, err = exercise(daemon, "--timeout", "1", "-o", "json", "dead_phone")
        ok("a look-alike passes when no alert comes", code == 0 and json.loads(out)["passed"] and json.loads(out)["alerts"] == 0, out + err)
        code, out, err = exercise(daemon, "--framing", "rfc5424", "--pace", "600", "-o", "json", "--seed", "77")
        ok("at a pace and framed it is the same", code == 0 and json.loads(out)["reached"]["level"] == "anomalous", out + err)
        again = [json.loads(line)["user"]["name"] for line in daemon.lines("alerts")]
        ok("each exercise has users of its own, all of exercise.example", len(set(again)) >= 5 and all(u.endswith("@exercise.example") for u in again), again)
        code, out, err = exercise(daemon, "--timeout", "1", alerts="elsewhere")
        ok("it fails when alerts go elsewhere than it was told", code == 1 and "FAILED" in out and "did not come" in out, out + err)


def by_socket():
    for kind, name in ((socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")):
        port = free_port(kind)
        forward = f'action(type="omfwd" target="127.0.0.1" port="{port}" protocol="{name}" template="framed" action.resumeInterval="1")'
        with Daemon(config(alerts=TO_FILE.replace("SEND", forward))) as daemon:
            ready(daemon)
            code, out, err = exercise(daemon, "--listen", f"{name}:127.0.0.1:{port}", "-o", "json", alerts=None)
            ok(f"alerts that come over {name}, behind a header, are seen", code == 0 and json.loads(out)["reached"]["severity"] == "critical", out + err)


def broken():
    with Daemon(config(alerts=TO_FILE.replace("SEND", ""), more='observe="on"')) as daemon:
        ready(daemon)
        code, out, err = exercise(daemon, "--timeout", "1", "-o", "json")
        ok("a module that only observes fails the exercise", code == 1 and not json.loads(out)["passed"] and json.loads(out)["alerts"] == 0, out + err)
    nobody = subprocess.run([PROGRAM, "exercise", "--to", f"tcp:127.0.0.1:{free_port(socket.SOCK_STREAM)}", "--alerts", "/tmp/none"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ok("nobody listens: exit code 4", nobody.returncode == 4 and "refused" in nobody.stderr, nobody)


run(by_file, by_socket, broken)
