/* tool/report_style.h
 *
 * How the report looks. The page allows this style by its hash and nothing else: whoever changes a byte changes
 * MF_REPORT_STYLE_HASH too; tests/tool/test_report.py says what it must be. */

#ifndef MF_TOOL_REPORT_STYLE_H
#define MF_TOOL_REPORT_STYLE_H

#define MF_REPORT_STYLE_HASH "sha256-MFPtnQnvhIkufnrNTt8jf2a3cnDjLVHPvKK2/YfmW0U="

/* clang-format off */
static const char mf_report_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;"
    "--blue:#0a58ca;--red:#b3261e;--amber:#8a5300;--green:#17692f;--grey:#59636e;--on-red:#fde7e5;"
    "--on-amber:#fdf0d5;--on-green:#e3f4e6;--on-grey:#eaeef2}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6e9ed;--dim:#a3adb8;--line:#39424d;"
    "--card:#181e26;--blue:#7db3ff;--red:#ff9a92;--amber:#f2bd62;--green:#7fd493;--grey:#a8b2bd;--on-red:#43201e;"
    "--on-amber:#3d2f14;--on-green:#16351f;--on-grey:#2a323c}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:1180px;padding:24px 20px 60px;background:var(--bg);color:var(--fg);"
    "font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
    "h1{font-size:26px;line-height:1.2;margin:0 0 4px}\n"
    "h2{font-size:19px;margin:44px 0 6px;padding-top:14px;border-top:1px solid var(--line)}\n"
    "h3{font-size:15px;margin:18px 0 4px}\n"
    "p{margin:6px 0 12px;max-width:78ch}\n"
    ".dim{color:var(--dim)}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(126px,1fr));gap:10px;margin:18px 0}\n"
    ".tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 12px}\n"
    ".tile b{display:block;font-size:25px;line-height:1.25;font-variant-numeric:tabular-nums}\n"
    ".tile span{color:var(--dim);font-size:13px}\n"
    ".tile.bad b{color:var(--red)}.tile.warn b{color:var(--amber)}.tile.good b{color:var(--green)}\n"
    ".verdict{border-left:4px solid var(--grey);background:var(--card);padding:10px 14px;"
    "border-radius:0 8px 8px 0;margin:14px 0}\n"
    ".verdict.bad{border-color:var(--red)}.verdict.warn{border-color:var(--amber)}"
    ".verdict.good{border-color:var(--green)}\n"
    ".scroll{overflow-x:auto;margin:8px 0}\n"
    "table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:4px 10px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}\n"
    "th{color:var(--dim);font-weight:600;white-space:nowrap}\n"
    "td.n,th.n{text-align:right}\n"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(260px,1fr));gap:14px}\n"
    "figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 10px}\n"
    "figcaption{font-size:13px;font-weight:600;overflow-wrap:anywhere}\n"
    "svg{display:block;width:100%;height:auto;overflow:visible}\n"
    "svg text{fill:var(--dim);font:11px system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
    ".axis{stroke:var(--line);stroke-width:1}\n"
    ".curve{fill:none;stroke:var(--blue);stroke-width:2}\n"
    ".dot{fill:var(--blue)}.dot.now{fill:var(--bg);stroke:var(--red);stroke-width:2.5}\n"
    ".bar,.cell{fill:var(--blue)}\n"
    ".m-ask{stroke:var(--grey);stroke-width:1.5}.m-no{stroke:var(--red);stroke-width:2.2;fill:none}"
    ".m-none{stroke:var(--amber);stroke-width:2;fill:var(--bg)}.m-yes{fill:var(--red)}.m-other{fill:var(--amber)}\n"
    ".tag{display:inline-block;border-radius:4px;padding:0 7px;font-size:13px;white-space:nowrap}\n"
    ".works{background:var(--on-green);color:var(--green)}"
    ".degraded,.suspicious,.medium{background:var(--on-amber);color:var(--amber)}"
    ".blind,.anomalous,.high,.critical{background:var(--on-red);color:var(--red)}"
    ".unproven,.off,.notice,.low{background:var(--on-grey);color:var(--grey)}\n"
    ".legend span{margin-right:16px;white-space:nowrap}\n"
    ".legend svg{display:inline-block;width:16px;height:14px;vertical-align:-2px}\n"
    "details{margin:8px 0}summary{cursor:pointer;color:var(--blue)}\n"
    ".wrap{overflow-wrap:anywhere}\n"
    ".strip{margin:10px 0 16px}\n"
    ".strip>svg{margin:0 8px;width:calc(100% - 16px);height:42px}\n"
    ".hours{margin-left:34px;width:calc(100% - 34px);height:186px}.cell{stroke:var(--card);stroke-width:2}\n"
    "figure .scroll svg{min-width:600px}\n"
    "td:first-child{white-space:nowrap}\n"
    "footer{margin-top:50px;color:var(--dim);font-size:13px;border-top:1px solid var(--line);padding-top:10px}\n"
    "@media(max-width:520px){body{padding:16px 12px 40px}h1{font-size:22px}"
    ".tiles{grid-template-columns:repeat(2,1fr)}.grid{grid-template-columns:1fr}}\n"
    "@media print{body{max-width:none;padding:0;font-size:12px}.scroll{overflow:visible}h2{break-after:avoid}"
    "figure,.strip,tr{break-inside:avoid}details>*{display:block}}";
/* clang-format on */

#endif
