#!/usr/bin/python3
"""Takes webhooks by HTTP and writes their records to rsyslog by TCP, one a line.

    WEBHOOK_SECRET=... webhook-receiver.py --listen 127.0.0.1:8514 --to 127.0.0.1:5514 --header X-Hook-Key

A body is a JSON document, a JSON array, or JSON Lines; pretty-printed or not. The sender gets 204 when rsyslog has the records,
403 without the secret, 400 for what is no JSON, 503 while rsyslog is away (senders try again). Put a web server with TLS before
it: it speaks plain HTTP, and listens on this host only unless you say otherwise. It answers the
verification of Okta's event hooks.
"""

import argparse
import hmac
import json
import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_MAX = 4 << 20


def address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


class Line:
    """One connection to rsyslog, opened again when it was lost."""

    def __init__(self, to):
        self.to, self.connection, self.lock = to, None, threading.Lock()

    def write(self, records):
        data = b"".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for r in records)
        with self.lock:
            for attempt in (1, 2):
                try:
                    if self.connection is None:
                        self.connection = socket.create_connection(self.to, timeout=10)
                    self.connection.sendall(data)
                    return
                except OSError:
                    self.connection = None
                    if attempt == 2:
                        raise


def records_of(body):
    """The records of a body: those of an array, of lines, or the one document."""
    text = body.decode("utf-8")
    try:
        document = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return document if isinstance(document, list) else [document]


def handler(line, secret, header):
    class Receiver(BaseHTTPRequestHandler):
        def answer(self, code, body=b""):
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def allowed(self):
            return secret == "" or hmac.compare_digest(self.headers.get(header, "").encode(), secret.encode())

        def do_GET(self):
            challenge = self.headers.get("X-Okta-Verification-Challenge")
            if challenge is None or not self.allowed():
                return self.answer(404)
            self.answer(200, json.dumps({"verification": challenge}).encode())

        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            if not self.allowed():
                return self.answer(403)
            if not 0 < length <= BODY_MAX:
                return self.answer(413 if length else 400)
            try:
                records = records_of(self.rfile.read(length))
            except ValueError:
                return self.answer(400)
            try:
                line.write(records)
            except OSError as error:
                print(f"rsyslog: {error}", file=sys.stderr, flush=True)
                return self.answer(503)
            self.answer(204)

        def log_message(self, *_):
            pass

    return Receiver


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:8514", type=address)
    parser.add_argument("--to", default="127.0.0.1:5514", type=address, help="rsyslog's imptcp or imtcp")
    parser.add_argument("--header", default="Authorization", help="the header that holds the secret in WEBHOOK_SECRET")
    arguments = parser.parse_args()
    secret = os.environ.get("WEBHOOK_SECRET", "")
    if not secret and arguments.listen[0] not in ("127.0.0.1", "::1", "localhost"):
        parser.error("WEBHOOK_SECRET is empty: anybody who reaches the port could invent records")
    server = ThreadingHTTPServer(arguments.listen, handler(Line(arguments.to), secret, arguments.header))
    print(f"listens on {server.server_address[0]}:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
