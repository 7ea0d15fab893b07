#!/usr/bin/python3
"""Feeds as docs/feeding.md connects them: text and CEF through syslog, files, large records, a webhook's receiver, a poller."""

import http.server
import json
import re
import ssl  # noqa: F401 (the poller needs it; a Python without it is named here)
import threading
import urllib.request

from daemon import *

SAMPLES = TOP / "tests/samples"


def sample(path, number=1):
    return (SAMPLES / path).read_text().splitlines()[number - 1]


# A line of text as a sender may frame it, with and without a syslog header.
TEXT = {
    "PingFederate, bare": (sample("pingfederate/audit.jsonl"), "ada", "login_success"),
    "PingFederate with bars, bare": (sample("pingfederate-text/audit.jsonl"), "ada", "login_success"),
    "PingFederate CEF, without a header": (sample("pingfederate-cef/audit.jsonl"), "ada", "login_success"),
    "PingFederate CEF, behind a priority": ("<14>" + sample("pingfederate-cef/audit.jsonl", 4), "ada", "session_end"),
    "Keycloak, RFC 3164": ("<14>Mar  2 09:14:40 sso keycloak[7]: " + sample("keycloak/text.jsonl", 2), "ada", "login_failure"),
    "Keycloak, RFC 5424": ("<14>1 2026-03-02T09:14:40Z sso keycloak 7 - - " + sample("keycloak/text.jsonl", 5), "nobody", "login_failure"),
    "Keycloak's JSON": (sample("keycloak/json.jsonl"), "ada", "login_failure"),
    "RSA, bare": (sample("rsa/audit.jsonl", 2), "ada", "mfa_failed"),
    "RSA, RFC 3164 without a tag": (sample("rsa/audit.jsonl", 3), "ada", "login_success"),
    "Authelia, bare": (sample("authelia/text.jsonl"), "ada", "login_failure"),
    "DuoLogSync's CEF": (sample("duo-cef/authentication.jsonl", 2), "ada", "mfa_failed"),
    "DuoLogSync's JSON": (sample("duo/authentication.jsonl"), "ada", "login_success"),
    "DuoLogSync's JSON, a line ended in CR LF": (sample("duo/authentication.jsonl", 2) + "\r", "ada", "login_success"),
    "RSA, a line ended in CR LF": (sample("rsa/audit.jsonl", 4) + "\r", "ada", "login_failure"),
    "Keycloak, in Docker's JSON": (json.dumps({"log": sample("keycloak/text.jsonl", 3) + "\n", "stream": "stdout"}), "ada", "mfa_failed"),
    "Authelia, in journald's JSON, RFC 3164": (
        "<14>Mar  2 09:14:40 sso journal: " + json.dumps({"MESSAGE": sample("authelia/json.jsonl", 2), "_HOSTNAME": "sso"}), "ada", "mfa_failed"),
    "Keycloak, in Docker's JSON, RFC 5424": (
        "<14>1 2026-03-02T09:14:40Z sso docker 7 - - " + json.dumps({"log": sample("keycloak/text.jsonl", 7)}), "ada", "account_locked"),
}


def text_through_syslog():
    for module in ("imptcp", "imtcp"):
        load = LOAD if module == "imptcp" else LOAD.replace('"imptcp"', '"imtcp"')
        # a line that begins with a digit would be taken for a frame that begins with its length
        watch = WATCH.replace('"imptcp"', f'"{module}" supportOctetCountedFraming="off"')
        with Daemon(config(load=load, watch=watch)) as daemon:
            daemon.send([line for line, _, _ in TEXT.values()])
            daemon.wait_for("out", len(TEXT))
            for (name, (_, user, kind)), tag in zip(TEXT.items(), daemon.tags()):
                ok(f"{module}: {name}", tag and (tag["status"], tag.get("user"), tag.get("kind")) == ("judged", user, kind), tag)


def large_records():
    big = {**json.loads(prompt("ada@example.com")), "padding": ["x" * 100] * 300}
    for size, wanted in (("8k", "truncated"), ("64k", "judged")):
        # imptcp delivers what is too long again and again
        with Daemon(config(size=size, load=LOAD.replace('"imptcp"', '"imtcp"'), watch=WATCH.replace("imptcp", "imtcp"))) as daemon:
            daemon.send([json.dumps(big)])
            daemon.wait_for("out", 1)
            tag = daemon.tags()[0]
            ok(f"a record of 30 kB with maxMessageSize {size} is {wanted}", tag and tag["status"] == wanted, tag)


FILE = """
module(load="imfile" mode="inotify")
ruleset(name="watched") {{
    action(type="mmfatigue" policy="{dir}/policy.json" alertRuleset="alerts")
    action(type="omfile" file="{dir}/out" template="all")
}}
input(type="imfile" file="{dir}/idp.log" tag="idp:" ruleset="watched")
input(type="imptcp" port="0" address="127.0.0.1" listenPortFileName="{dir}/port" ruleset="watched")
"""


def files():
    lines = [sample("keycloak/text.jsonl", 2), sample("keycloak/json.jsonl"), sample("authelia/json.jsonl"), sample("authelia/text.jsonl", 3),
             sample("pingfederate-text/audit.jsonl"), sample("rsa/audit.jsonl", 2), sample("privacyidea/logins.jsonl")]
    with Daemon(config(watch=FILE), files={"idp.log": "\n".join(lines) + "\n"}) as daemon:
        daemon.wait_for("out", len(lines))
        tags = daemon.tags()
        ok("imfile: lines of all shapes are read", all(t and t["status"] == "judged" for t in tags), tags)


def script(path, *arguments, **more):
    return subprocess.Popen([sys.executable, str(TOP / path), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def webhook():
    with Daemon(config()) as daemon:
        port = int((daemon.dir / "port").read_text())
        receiver = script("contrib/feeds/webhook-receiver.py", "--listen", "127.0.0.1:0", "--to", f"127.0.0.1:{port}", "--header", "X-Hook-Key",
                          env={**os.environ, "WEBHOOK_SECRET": "s3cret"})
        try:
            address = re.search(r"listens on (\S+)", receiver.stderr.readline()).group(1)

            def post(body, key="s3cret"):
                request = urllib.request.Request(f"http://{address}/", data=body, headers={"X-Hook-Key": key, "Content-Type": "application/json"})
                try:
                    return urllib.request.urlopen(request, timeout=PATIENCE).status
                except urllib.error.HTTPError as error:
                    return error.code

            record = json.loads(sample("pingid/events.jsonl", 6))
            pretty = json.dumps([record, {**record, "id": "another"}], indent=2).encode()
            ok("a webhook: a body of several lines with two records is taken", post(pretty) == 204)
            ok("a webhook: without the secret nothing is", post(pretty, "x") == 403)
            ok("a webhook: what is no JSON is refused", post(b"{") == 400)
            ok("a webhook: JSON Lines are taken", post(json.dumps(record).encode() + b"\n" + json.dumps({**record, "id": "third"}).encode()) == 204)
            daemon.wait_for("out", 4)
            tags = daemon.tags()
            ok("a webhook: each record is a message, and judged or known", [t["status"] for t in tags if t] in (
                ["judged", "judged", "duplicate", "judged"], ["judged"] * 4), tags)
        finally:
            receiver.terminate()
            receiver.communicate(timeout=PATIENCE)


class Okta(http.server.BaseHTTPRequestHandler):
    """The System Log API: two pages, a limit of the rate once, and then nothing new."""
    asked = []

    def do_GET(self):
        Okta.asked.append((self.path, self.headers.get("Authorization")))
        if len(Okta.asked) == 2:
            self.send_response(429)
            self.send_header("X-Rate-Limit-Reset", "0")
            self.end_headers()
            return
        page = {1: 1, 3: 2}.get(len(Okta.asked))
        body = json.dumps([json.loads(prompt(f"u{page}@example.com"))] if page else []).encode()
        self.send_response(200)
        self.send_header("Link", f'<http://127.0.0.1:{self.server.server_port}/api/v1/logs?after={len(Okta.asked)}>; rel="next"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def poller():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Okta)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Daemon(config()) as daemon:
        port = int((daemon.dir / "port").read_text())
        poll = script("contrib/feeds/okta-poller.py", "--org", f"http://127.0.0.1:{server.server_port}", "--to", f"127.0.0.1:{port}", "--state",
                      str(daemon.dir / "cursor"), "--every", "0.1", env={**os.environ, "OKTA_TOKEN": "t0ken"})
        try:
            daemon.wait_for("out", 2)
            until(lambda: len(Okta.asked) > 4, "the poller goes on")
        finally:
            poll.terminate()
            poll.communicate(timeout=PATIENCE)
        ok("a poller: both pages arrive, once each", [t["user"] for t in daemon.tags()] == ["u1@example.com", "u2@example.com"], daemon.tags())
        ok("a poller: it says who it is", all(a == "SSWS t0ken" for _, a in Okta.asked))
        ok("a poller: it waits when it is told to, and asks again", Okta.asked[1][0] == Okta.asked[2][0], Okta.asked)
        ok("a poller: it remembers where it was", "after=" in (daemon.dir / "cursor").read_text())
    server.shutdown()


run(text_through_syslog, large_records, files, webhook, poller, at_once=3)
