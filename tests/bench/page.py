"""Writes what was measured into docs/performance.md, between its marks, and the plot beside it."""

import platform
from html import escape

from measure import *

PAGE = TOP / "docs/performance.md"
PLOT = TOP / "docs/performance.svg"


def machine():
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    gcc = subprocess.run(["gcc", "-dumpversion"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"{os.cpu_count()} virtual CPUs ({platform.machine()}{', AVX2' if ' avx2 ' in cpu else ''}), Debian 12, gcc {gcc} -O2"


def put(name, text):
    page = PAGE.read_text()
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = page.split(begin, 1)
    PAGE.write_text(before + begin + text + end + rest.split(end, 1)[1])


def cells(row):
    return "| " + " | ".join(row) + " |\n"


def table_of_figures(figures):
    text = f"On {machine()}.\n\n" + cells(["figure", "measured", "target", "", "`script/bench`"]) + cells(["---", "--:", "--:", "---", "---"])
    for name, figure in figures:
        text += cells([figure.name, figure.measured, figure.target, {None: "", True: "met", False: "**not met**"}[figure.met], f"`{name}`"])
    return text


def table_of_peers(stream, rows):
    text = (f"{stream.n:,} records of {stream.bytes / stream.n:,.0f} bytes of {stream.users:,} users; {len(stream.truth)} stories, of which "
            f"{rows[1].attacks} are attacks. On {machine()}.\n\n")
    text += cells(["", "CPU per record", "memory", "attacks found", "users accused for nothing", ""]) + cells(["---", "--:", "--:", "--:", "--:", "---"])
    for row in rows:
        text += cells([row.name, f"{row.cpu:.1f} us", "" if row.memory is None else f"{row.memory / 1e6:,.0f} MB",
                       "-" if row.found is None else f"{row.found} of {row.attacks}", "-" if row.accused is None else f"{row.accused:,}", row.note])
    return text


# ---- the plot ----

WIDTH, LEFT, STEP, SCALE_WIDTH = 860, 300, 34, 300


def bar(y, row, longest):
    length = row.cpu / longest * SCALE_WIDTH
    said = "" if row.found is None else f"{row.found} of {row.attacks} attacks, {row.accused:,} users for nothing"
    ours = "mfatigue" in row.name
    return (f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(row.name)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="20" fill="{"#1f6f8b" if ours else "#b0b7bf"}"/>'
            f'<text x="{LEFT + length + 8:.1f}" y="{y + 15}">{row.cpu:.1f} us{" - " if said else ""}{said}</text>\n')


def plot(rows):
    height = 60 + STEP * len(rows)
    longest = max(row.cpu for row in rows)
    body = "".join(bar(50 + STEP * i, row, longest) for i, row in enumerate(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
            f'<text x="10" y="24" font-size="15">CPU for a record of the same stream, and what is found in it</text>\n{body}</svg>\n')


def write(figures, compared):
    if figures:
        put("figures", table_of_figures(figures))
    if compared:
        put("peers", table_of_peers(*compared))
        PLOT.write_text(plot(compared[1]))
