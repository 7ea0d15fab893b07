#!/usr/bin/python3
"""Polls Okta's System Log API and writes its events to rsyslog by TCP, one a line.

    OKTA_TOKEN=... okta-poller.py --org https://example.okta.com --to 127.0.0.1:5514 --state /var/lib/okta-poller/cursor

It follows the `next` link that Okta gives, as Okta asks pollers to do, and writes it down after each page that rsyslog took: after
a crash a page comes twice, which mfatigue tells apart by uuid, and none is lost. Without a state it begins now. The token needs
the right to read logs and nothing else.
"""

import argparse
import json
import os
import re
import socket
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone


def address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def remembered(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def remember(path, link):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(link + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def ask(link, token):
    """A page and the link to the next; waits as long as Okta says when there were too many questions."""
    request = urllib.request.Request(link, headers={"Authorization": f"SSWS {token}", "Accept": "application/json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                links = answer.headers.get_all("Link") or []
                following = [m.group(1) for text in links if (m := re.search(r'<([^>]+)>;\s*rel="next"', text))]
                return json.load(answer), following[0] if following else link
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(max(1.0, float(error.headers.get("X-Rate-Limit-Reset") or 0) - time.time()))


def write(to, events):
    data = b"".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for e in events)
    with socket.create_connection(to, timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):  # until rsyslog has closed its side, and so has read all
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--org", required=True, help="https://example.okta.com")
    parser.add_argument("--to", default="127.0.0.1:5514", type=address, help="rsyslog's imptcp or imtcp")
    parser.add_argument("--state", required=True, help="the file that says where it was")
    parser.add_argument("--every", default=10.0, type=float, help="seconds between two questions when there is nothing new")
    arguments = parser.parse_args()
    token = os.environ.get("OKTA_TOKEN", "")
    if not token:
        parser.error("OKTA_TOKEN is empty")
    since = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    link = remembered(arguments.state) or f"{arguments.org.rstrip('/')}/api/v1/logs?since={since}&limit=1000"
    while True:
        try:
            events, following = ask(link, token)
            if events:
                write(arguments.to, events)
            remember(arguments.state, following)
            link = following
        except (OSError, ValueError) as error:
            print(f"{error}; tries again", file=sys.stderr, flush=True)
            events = []
        if not events:
            time.sleep(arguments.every)


if __name__ == "__main__":
    main()
