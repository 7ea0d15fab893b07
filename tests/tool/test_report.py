#!/usr/bin/python3
"""mfatigue report: one page whose figures are those of its JSON, without names unless they are asked for, in which nothing from a
log can act. Where Chromium is installed, the page is looked at in it: no request, no complaint, no script, width, contrast, print."""

import base64
import hashlib
import re
from collections import defaultdict
from html.parser import HTMLParser

import browser
from program import *

files = Files()
feeds = [files(name, mfatigue("simulate", "--profile", name, "--users", "40", "--domain", f"{name}.exercise.example", "all").out)
         for name in ("okta", "entra", "duo")]
EVIL = ['<img src=x onerror="window.pwned=1">', "</style><script>window.pwned=1</script>", '"><svg onload="window.pwned=1">', "javascript:window.pwned=1",
        "\u202egnp.exe", "{{7*7}}", "'-alert(1)-'", "&lt;b&gt;", "<!--", "a\u0000b"]


class Page(HTMLParser):
    """Tags, texts by id, tables by id."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.tables, self.ids = [], defaultdict(str), defaultdict(list), []
        self.open_ids, self.table, self.cell = [], None, None
        self.all = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag == "table":
            self.table = attributes.get("id")
        elif tag == "tr" and self.table:
            self.tables[self.table].append([])
        elif tag in ("td", "th"):
            self.cell = ""
        if "id" in attributes and tag == "b":
            self.open_ids.append(attributes["id"])

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.table:
            self.tables[self.table][-1].append(self.cell.strip())
            self.cell = None
        elif tag == "table":
            self.table = None
        elif tag == "b" and self.open_ids:
            self.open_ids.pop()

    def handle_data(self, data):
        self.all += data
        if self.cell is not None:
            self.cell += data
        for name in self.open_ids:
            self.texts[name] += data

    def number(self, name):
        return int(self.texts[name].replace(",", ""))


def make(*arguments):
    path = files.path / "page.html"
    result = mfatigue("report", "--html", str(path), "-o", "ndjson", *arguments)
    by = defaultdict(list)
    for item in result.lines:
        by[item.get("type", "feed" if "feed" in item else "rest")].append(item)
    return path, path.read_text(), by, result


def figures():
    path, text, by, result = make(*feeds)
    page = Page(text)
    now, history = by["now"][0], by["history"][0]
    ok("it is made", result.code == OK and text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>"), result.said)
    wanted = {"n-records": history["records"], "n-events": history["events"], "n-users": history["users"], "n-notices": now["notices"],
              "n-suspicious": now["suspicious"], "n-anomalous": now["anomalous"], "n-critical": now["critical"]}
    seen = {name: page.number(name) for name in wanted}
    ok("its figures are those of the JSON", seen == wanted, (seen, wanted))
    tuned = [json.loads(line) for line in mfatigue("tune", "-o", "ndjson", *feeds).out.splitlines()]
    ok("and those of tune", {k: v for k, v in next(t for t in tuned if t["type"] == "now").items() if k != "most_of"} == {k: v for k, v in now.items() if k != "most_of"})
    table = {row[0]: row[1:] for row in page.tables["thresholds"][1:]}
    curve = defaultdict(dict)
    for item in by["threshold"]:
        curve[item["signal"]][item["factor"]] = str(item["incidents"])
    told = {s: [c.get(f, "") for f in (0.5, 0.75, 1, 1.25, 1.5, 2, 3, 0)] for s, c in curve.items()}
    ok("so are the thresholds", table and {s: row[1:] for s, row in table.items()} == told, (table, told))
    rows = [[cell.rstrip("+") for cell in row] for row in page.tables["levels"][1:]]
    ok("so are the levels", rows and rows == [[t["setting"], *(str(t[n]) for n in ("value", "notices", "incidents", "suspicious", "anomalous", "critical")), "%.2f" % t["incidents_per_day"], "%.3f" % t["incidents_per_day_of_1000_users"]]
       for t in by["level"]], (rows, by["level"]))
    points = {s: [(str(t["value"]), str(t[n])) for t in by["level"] if t["setting"] == s] for s, n in (("verdict.notice", "notices"), ("verdict.suspicious", "incidents"), ("verdict.anomalous", "anomalous"))}
    drawn = {s: re.findall(r"<title>from (\d+): (\d+)</title>", svg) for s, svg in re.findall(r'aria-label="(verdict\.\w+): [\w ]+ by threshold"(.*?)</svg>', text)}
    ok("and their pictures", drawn == points, (drawn, points))
    matrix = {row[0]: row[1:] for row in page.tables["matrix"][1:]}
    support = {s: [next(v for v in ("works", "unproven", "degraded", "blind", "off") if s in f[v]) for f in by["feed"]] for s in matrix}
    ok("so is what feeds support", len(matrix) == 24 and matrix == support, (matrix, support))
    rows = {row[0]: row[2:6] for row in page.tables["populations"][1:]}
    everyone = next(p for p in by["population"] if p["of"] == "everyone")["prompts"]
    ok("so is how often people are asked", rows["everyone"] == [str(everyone[k]) for k in ("p50", "p95", "p99", "max")], rows)
    strips = re.findall(r'aria-label="(\d+) prompts, (\d+) refused, (\d+) unanswered, (\d+) approved"', text)
    ok("each incident has its picture, the worst first", [tuple(map(int, s)) for s in strips] == [(i["prompts"], i["refused"], i["unanswered"], i["approved"]) for i in by["incident"]]
       and by["incident"][0]["severity"] == "critical", strips)
    ok("the figures of tiles stand in the head once", len(re.findall(r'id="n-', text)) == len({m for m in re.findall(r'id="(n-[a-z]+)"', text)}))
    again = make(*feeds)[1]
    ok("the same input gives the same bytes", again == text)


def harmless():
    _, text, by, _ = make(*feeds)
    page = Page(text)
    ok("no script, no link, nothing to load", not {t for t, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "input", "video", "audio", "base", "use", "image"}
       and not any(k in ("src", "href", "style", "srcset") or k.startswith("on") for _, a in page.tags for k in a), {t for t, _ in page.tags})
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    ok("the policy of the page allows nothing but its style, by hash", policy.startswith("default-src 'none'") and f"'sha256-{digest}'" in policy, f"MF_REPORT_STYLE_HASH must be sha256-{digest}")
    names = set(re.findall(r"[\w.-]+@[\w.-]+exercise\.example", text)) | set(re.findall(r"\b(?:203\.0\.113|198\.51\.100|192\.0\.2)\.\d+\b|2001:db8:[\da-f:]+", text))
    ok("no login, no address", not names and "5a5a5a5a" not in text, names)
    said = json.dumps(by)
    ok("in the JSON neither", "@" not in said and "5a5a5a5a" not in said, re.findall(r".{30}@.{30}", said)[:3])
    _, shown, _, _ = make("--show-names", *feeds)
    ok("with --show-names they are there", re.search(r"x1-\d+@okta\.exercise\.example", shown) and "203.0.113." in shown)
    records = []
    for i, name in enumerate(EVIL):
        user = f"{name}{i}@example.com"
        for record in bombing(user, at=i * 4000, prompts=12):
            record["client"].update(geographicalContext={"city": name, "country": name}, ipAddress="203.0.113.%d" % i)
            records.append(record)
        records.append(okta("user.mfa." + name, user, at=i * 4000))
    path, evil, _, result = make("--show-names", "--title", EVIL[1], files("evil", records))
    page = Page(evil)
    ok("whatever names hold, there is no tag and no attribute of theirs", result.code == OK and
       not {t for t, _ in page.tags} & {"script", "img"} and not any(k.startswith("on") for _, a in page.tags for k in a), result.said)
    ok("they are shown as they are, less what acts", "<img src=x" in page.all and "<svg onload" in page.all and "\u202e" not in evil and "\0" not in evil, page.all[:300])
    return path


def mistakes():
    ok("without --html", (r := mfatigue("report", feeds[0])).code == USAGE and "--html" in r.said, r)
    ok("a file that cannot be written", (r := mfatigue("report", "--html", "/nowhere/x.html", feeds[0])).code == IO and "/nowhere/x.html" in r.said, r)
    ok("a full disk", (r := mfatigue("report", "--html", "/dev/full", feeds[0])).code == IO and "No space" in r.said, r)
    ok("no record", mfatigue("report", "--html", str(files.path / "none"), feed=b"{}\n").code == BAD)
    ok("to standard output", mfatigue("report", "--html", "-", feeds[0]).text.startswith("<!DOCTYPE html>"))
    ok("not both there", mfatigue("report", "--html", "-", "-o", "json", feeds[0]).code == USAGE)
    quiet = files("quiet", mfatigue("simulate", "--days", "3", "--users", "3").out)
    ok("a quiet feed has a page, too", "There was none." in make(quiet)[1])


CONTRAST = """(() => {
    const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
                         return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
    const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
    const poor = [];
    for (const e of document.querySelectorAll('body *:not(title)')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
        const style = getComputedStyle(e), a = light(e instanceof SVGElement ? style.fill : style.color), b = light(ground(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
    }
    return poor;
})()"""
MARKS = """(() => {
    const marks = [...document.querySelectorAll('.strip > svg > svg > *, .cell')].map(m => m.getBoundingClientRect()).filter(m => m.width + m.height > 0);
    return [marks.filter(m => m.left < 0 || m.right > innerWidth).length, marks.length];
})()"""
OVERLAPS = """[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    return boxes.flatMap(([a, x], i) => boxes.slice(i + 1).filter(([, y]) => x.left < y.right - 1 && y.left < x.right - 1 && x.top < y.bottom - 1 && y.top < x.bottom - 1)
        .map(([b]) => svg.getAttribute('aria-label') + ': ' + a + ' over ' + b));
})"""


def looked_at(evil):
    if not browser.find():
        print("# Chromium is not installed (apt-get install chromium): the page was not looked at in a browser")
        return
    path, text, by, _ = make(*feeds)
    with browser.Browser() as chromium:
        for width in (360, 768, 1280):
            chromium.open(path, width)
            size = chromium.run("[document.documentElement.scrollWidth, innerWidth]")
            ok(f"at {width} pixels nothing is wider than the window", size[0] <= size[1], size)
            outside, marks = chromium.run(MARKS)
            ok(f"at {width} pixels each mark of an incident and each hour is seen without scrolling", not outside and marks > 300, (outside, marks))
        ok("it asks for nothing", chromium.requests() == [path.as_uri()], chromium.requests())
        ok("the browser has no complaint", not chromium.complaints(), chromium.complaints())
        ok("its style is in force", chromium.run("getComputedStyle(document.querySelector('.tile')).borderRadius") == "8px")
        shown = {k: int(v.replace(",", "")) for k, v in chromium.run("Object.fromEntries([...document.querySelectorAll('[id^=n-]')].map(e => [e.id, e.innerText]))").items()}
        ok("it shows the figures of the JSON", shown["n-users"] == by["history"][0]["users"] and shown["n-critical"] == by["now"][0]["critical"], shown)
        ok("labels of pictures do not lie over each other", not (found := chromium.run(OVERLAPS)), found)
        for dark in (False, True):
            chromium.open(path, dark=dark)
            poor = chromium.run(CONTRAST)
            ok(f"each text has a contrast of 4.5 and more, {'dark' if dark else 'light'}", not poor, poor[:5])
        with_scripts = chromium.run("document.body.innerText")
        chromium.open(path, scripts=False)
        ok("without scripts it is the same", chromium.run("document.body.innerText") == with_scripts)
        ok("it prints", chromium.printed().startswith(b"%PDF"))
        chromium.open(evil)
        ok("names that are markup do nothing", chromium.run("window.pwned === undefined && document.scripts.length === 0 && document.images.length === 0"))
        ok("and load nothing", chromium.requests() == [evil.as_uri()] and not chromium.complaints(), (chromium.requests(), chromium.complaints()))


figures()
kept = harmless()
kept = kept.rename(files.path / "evil.html")
mistakes()
looked_at(kept)
done()
