#!/usr/bin/python3
"""The configuration: what rsyslogd -N1 refuses, what it warns of, and that it touches nothing."""

from daemon import *

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
static void note(const char *what, const char *path)
{
    dprintf(2, "TOUCHED %s %s\n", what, path);
}
#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list list; va_start(list, flags); int mode = va_arg(list, int); va_end(list); \
        if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) note(#name, path); \
        return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
#define FOPEN(name) \
    FILE *name(const char *path, const char *mode) \
    { \
        if (strpbrk(mode, "wa+")) note(#name, path); \
        return ((FILE *(*)(const char *, const char *))dlsym(RTLD_NEXT, #name))(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)
int mkdir(const char *path, mode_t mode)
{
    note("mkdir", path);
    return ((int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir"))(path, mode);
}
int rename(const char *from, const char *to)
{
    note("rename", from);
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x)
{
    note("pthread_create", "");
    return ((int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create"))(t, a, f, x);
}
"""


def checked(make_config, **kw):
    daemon = Daemon(make_config, **kw)
    try:
        return daemon.check()
    finally:
        daemon.kill()
        shutil.rmtree(daemon.dir, ignore_errors=True)


def action(parameters, alerts=ALERTS):
    """A configuration whose action has these parameters and no others."""
    watch = ("ruleset(name=\"watched\") {{ action(type=\"mmfatigue\" " + parameters + ") }}\n"
             'input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")\n')
    return config(watch=watch, alerts=alerts)


POLICY = 'policy="{dir}/policy.json" '


def what_is_fine():
    fine = {
        "the recommended layout": "alertRuleset=\"alerts\"",
        "every parameter": 'alertRuleset="alerts" input="msg" container="$!mfa" forward="both" observe="off"',
        "names in any case": 'ALERTRULESET="alerts" Forward="record"',
        "observe without an alert ruleset": 'observe="on"',
    }
    for name, parameters in fine.items():
        code, said = checked(action(POLICY + parameters))
        ok(f"-N1 accepts {name}, without a word", code == 0 and "mmfatigue" not in said, said)
    code, said = checked(action(POLICY, alerts="\n"), policy='{"observe": true}')
    ok("-N1 accepts a policy that only observes, without an alert ruleset", code == 0, said)


def what_is_refused():
    wrong = {
        "an unknown parameter": (POLICY + 'alertRuleset="alerts" polizy="x"', "polizy"),
        "an unknown forward": (POLICY + 'alertRuleset="alerts" forward="maybe"', 'forward="maybe": it is "alert", "record" or "both"'),
        "an input that is no tree": (POLICY + 'alertRuleset="alerts" input="rawmsg"', 'input="rawmsg": it is "msg"'),
        "an input with an empty part": (POLICY + 'alertRuleset="alerts" input="$!okta!"', 'input="$!okta!"'),
        "a container outside the tree": (POLICY + 'alertRuleset="alerts" container="mfa"', 'container="mfa"'),
        "the root as container": (POLICY + 'alertRuleset="alerts" container="$!"', 'container="$!"'),
        "an observe that is not on or off": (POLICY + 'alertRuleset="alerts" observe="maybe"', "observe"),
        "an empty policy": ('policy="" alertRuleset="alerts"', "policy"),
        "a policy that is not there": ('policy="{dir}/nothing.json" alertRuleset="alerts"', "nothing.json"),
        "no alert ruleset": (POLICY, 'alertRuleset is missing: name the ruleset that takes alerts, or write observe="on"'),
        "an alert ruleset that is not defined": (POLICY + 'alertRuleset="elsewhere"', 'alertRuleset="elsewhere"'),
    }
    for name, (parameters, text) in wrong.items():
        code, said = checked(action(parameters))
        ok(f"-N1 refuses {name} and says why", code == 1 and text in said, f"exit {code}\n{said}")


def bad_policies():
    bad = {
        "an unknown key": ('{\n  "time": { "latness": "20m" }\n}', "policy.json:2:"),
        "a value out of bounds": ('{\n\n  "verdict": { "notice": 4000 } }', "policy.json:3:"),
        "no JSON": ('{ "observe" true }', "policy.json:1:"),
        "an unknown profile": ('{ "profiles": ["nobody"] }', "nobody"),
        "a profile directory that is not there": ('{ "profile_dir": "/nonexistent/profiles" }', "/nonexistent/profiles"),
    }
    for name, (policy, place) in bad.items():
        code, said = checked(config(), policy=policy)
        ok(f"-N1 refuses a policy with {name}, naming the place", code == 1 and place in said, f"exit {code}\n{said}")
        ok(f"-N1 says that the action is not in force with {name}", "NOT IN FORCE" in said, said)


def warnings():
    def remarks(alerts, queue="", above=False):
        watch = WATCH if not above else alerts + WATCH
        return checked(config(watch=watch, alerts="\n" if above else alerts, queue=queue))

    simple = 'ruleset(name="alerts" {q}) {{{{ action(type="omfile" file="{{dir}}/alerts" template="alert") }}}}\n'
    code, said = remarks(simple.format(q=""))
    ok("warns of an alert ruleset without a queue, and says what to write",
       code == 0 and 'write ruleset(name="alerts" queue.type="LinkedList" queue.timeoutEnqueue="0")' in said, said)
    code, said = remarks(simple.format(q='queue.type="Direct"'))
    ok("a direct queue is none", code == 0 and "no queue of its own" in said, said)
    code, said = remarks(simple.format(q='queue.type="LinkedList"'))
    ok("warns of a queue that makes the logs wait", code == 0 and "wait 2000 ms" in said, said)
    code, said = remarks(ALERTS, queue='queue.type="LinkedList"', above=True)
    ok("remarks on an alert ruleset that is defined above", code == 0 and "defined above" in said, said)
    code, said = remarks(ALERTS.replace('queue.type="LinkedList"', 'queue.type="LinkedList" queue.filename="q" queue.saveOnShutdown="on"'),
                         above=True)
    ok("does not when its queue is saved at shutdown", code == 0 and "mmfatigue" not in said, said)
    code, said = checked(config(size="65535"))
    ok("warns of a maxMessageSize below 64k", code == 0 and "65535 bytes" in said and 'maxMessageSize="64k"' in said, said)
    code, said = checked(config(size="65536"))
    ok("does not at 64k", code == 0 and "mmfatigue" not in said, said)


def touches_nothing():
    shim = Path(tempfile.mkdtemp(prefix="mfatigue-shim-"))
    (shim / "shim.c").write_text(SHIM)
    subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-o", shim / "shim.so", shim / "shim.c", "-ldl"], check=True)
    daemon = Daemon(config(), env={"LD_PRELOAD": str(shim / "shim.so")})
    try:
        before = sorted((p.name, p.stat().st_mtime_ns) for p in daemon.dir.iterdir())
        code, said = daemon.check()
        after = sorted((p.name, p.stat().st_mtime_ns) for p in daemon.dir.iterdir())
        touched = [line for line in said.splitlines() if line.startswith("TOUCHED")]
        ok("-N1 leaves the working directory as it was", code == 0 and before == after, f"{before}\n{after}")
        ok("-N1 starts no thread and opens nothing for writing", not touched, "\n".join(touched))
        daemon.start()
        until(lambda: "TOUCHED pthread_create" in daemon.text("stderr"), "the shim sees a thread of a running daemon")
        ok("(the shim would see it)", True)
        daemon.stop()
    finally:
        daemon.kill()
        shutil.rmtree(daemon.dir, ignore_errors=True)
        shutil.rmtree(shim, ignore_errors=True)


def start_with_an_error():
    with Daemon(config(alerts=ALERTS + OWN_LOG, globals=KEEP_OWN), policy='{ "nonsense": 1 }') as daemon:
        daemon.send(["still logged"])
        daemon.wait_for("out", 1)
        ok("logs go on when the policy is bad", daemon.lines("out")[0].startswith("still logged"), daemon.lines("out"))
        until(lambda: "NOT IN FORCE" in daemon.text("own"), "the critical message")
        ok("the daemon's own log says that an action is not in force", True)
        ok("and stderr says why", "policy.json:1:" in daemon.text("stderr"), daemon.text("stderr"))
    daemon = Daemon(config(globals='abortOnUncleanConfig="on"'), policy='{ "nonsense": 1 }')
    try:
        daemon.start(port=False)
        code = daemon.process.wait(PATIENCE)
        ok("with abortOnUncleanConfig it does not start at all", code != 0, code)
    finally:
        daemon.kill()
        shutil.rmtree(daemon.dir, ignore_errors=True)
    with Daemon(config(watch=WATCH.replace('alertRuleset="alerts"', 'alertRuleset="gone"'))) as daemon:
        daemon.send([fraud("x@example.com")])
        daemon.wait_for("out", 1)
        ok("without its alert ruleset an action still tags", daemon.tags()[0]["level"] == "anomalous", daemon.lines("out"))
        ok("and stderr says that no alert will be sent", "NO ALERT WILL BE SENT" in daemon.text("stderr"), daemon.text("stderr"))


def sample():
    """contrib/rsyslog/mfatigue.conf, with its paths moved into the test's directory."""
    text = (TOP / "contrib/rsyslog/mfatigue.conf").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    ok("the sample configuration is short", len(lines) <= 24, len(lines))
    moved = (text.replace("/etc/mfatigue/policy.json", "{dir}/policy.json").replace("/var/log/", "{dir}/")
             .replace('port="5514"', 'port="0" listenPortFileName="{dir}/port"'))
    with Daemon(lambda directory: moved.replace("{dir}", str(directory))) as daemon:
        code, said = daemon.check()
        ok("-N1 accepts the sample configuration, without a word", code == 0 and "mmfatigue:" not in said, said)
        daemon.send([prompt("sample@example.com"), fraud("victim@example.com")])
        until(lambda: daemon.text("mfatigue-alerts.json").count("\n") >= 1, "an alert in mfatigue-alerts.json")
        alert = json.loads(daemon.lines("mfatigue-alerts.json")[0])
        ok("the sample configuration writes the alert as a line of JSON", alert["event"]["kind"] == "alert", alert)


run(what_is_fine, what_is_refused, bad_policies, warnings, touches_nothing, start_with_an_error, sample)
