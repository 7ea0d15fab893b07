#!/usr/bin/env python3
"""Measures what mfatigue costs. Called by script/bench, which says how."""

import argparse
import sys
import time

import daemon_rows
import engine_rows
import page
import peers
from measure import *

ROWS = {row.__name__: row for row in engine_rows.ROWS + daemon_rows.ROWS}
assert len(ROWS) == len(engine_rows.ROWS) + len(daemon_rows.ROWS), "of two rows of one name only one would be measured"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which figures; without, all")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def show(figure):
    met = {None: "", True: "met", False: "NOT MET"}[figure.met]
    print(f"{figure.name:<78} {figure.measured:>16}  {figure.target:>16}  {met}", flush=True)


def measure(names, work):
    figures = []
    for name in names:
        begin = time.monotonic()
        for figure in ROWS[name](work):
            show(figure)
            figures.append((name, figure))
        print(f"bench: {name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return figures


def main():
    options = arguments()
    if options.list:
        for name, row in ROWS.items():
            print(f"{name:<12} {row.__doc__}")
        return 0
    if unknown := [name for name in options.rows if name not in ROWS]:
        sys.exit(f"bench: there is no {unknown[0]}; there are {' '.join(ROWS)}")
    figures, work = [], Work(options.long)
    if options.fetch:
        daemon_rows.fetch_city()
    if options.rows or not (options.fetch or options.peers):
        figures = measure(options.rows or ROWS, work)
    compared = peers.compare(work) if options.peers else None
    if options.write and options.rows:
        sys.exit("bench: the page takes all figures, or the comparison alone (--peers)")
    if options.write:
        page.write(figures, compared)
    return 1 if any(f.guarded and f.met is False for _, f in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
