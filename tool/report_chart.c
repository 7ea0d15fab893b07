/* tool/report_chart.c
 *
 * Plain shapes; colours and lines are the style's. */

#include "report_chart.h"

#include <math.h>

#include "html.h"

/* ---- what-if ---- */

enum { CURVE_W = 260, CURVE_H = 118, CURVE_LEFT = 30, CURVE_RIGHT = 12, CURVE_TOP = 12, CURVE_BOTTOM = 92 };

static double curve_x(unsigned point, unsigned n)
{
    return CURVE_LEFT + (double)(CURVE_W - CURVE_LEFT - CURVE_RIGHT) * point / (n - 1);
}

static double curve_y(uint64_t value, uint64_t most)
{
    return CURVE_BOTTOM - (double)(CURVE_BOTTOM - CURVE_TOP) * (double)value / (double)(most == 0 ? 1 : most);
}

static void curve_axes(FILE *out, uint64_t most)
{
    mf_html(out, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", CURVE_LEFT, CURVE_BOTTOM,
            CURVE_W - CURVE_RIGHT, CURVE_BOTTOM);
    mf_html(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>", CURVE_LEFT - 6, CURVE_BOTTOM + 4);
    mf_html(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%llu</text>", CURVE_LEFT - 6, CURVE_TOP + 4,
            (unsigned long long)most);
}

void mf_chart_curve(FILE *out, const char *name, const char *what, const struct mf_curve_point *point, unsigned n)
{
    uint64_t most = 0;

    for (unsigned i = 0; i < n; i++)
        most = point[i].value > most ? point[i].value : most;
    mf_html(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s: %s by threshold\">", CURVE_W, CURVE_H, name,
            what);
    curve_axes(out, most);
    mf_html(out, "<polyline class=\"curve\" points=\"");
    for (unsigned i = 0; i < n; i++)
        mf_html(out, "%.1f,%.1f ", curve_x(i, n), curve_y(point[i].value, most));
    mf_html(out, "\"/>");
    for (unsigned i = 0; i < n; i++) {
        mf_html(out, "<circle class=\"dot%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"><title>from %u: %llu</title></circle>",
                point[i].now ? " now" : "", curve_x(i, n), curve_y(point[i].value, most), point[i].now ? 5 : 3,
                point[i].threshold, (unsigned long long)point[i].value);
        mf_html(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u</text>", curve_x(i, n), CURVE_BOTTOM + 17,
                point[i].threshold);
    }
    mf_html(out, "</svg>");
}

/* ---- distribution ---- */

enum { DIST_W = 1000, DIST_H = 205, DIST_BARS = 25, DIST_BASE = 180, DIST_TOP = 22 };

void mf_chart_dist(FILE *out, const struct mf_dist *dist)
{
    uint64_t value[DIST_BARS] = {0}, most = 1;
    const double width = (double)DIST_W / DIST_BARS;

    for (unsigned i = 1; i < MF_DIST_BUCKETS; i++)
        value[i < DIST_BARS ? i - 1 : DIST_BARS - 1] += dist->bucket[i];
    for (unsigned i = 0; i < DIST_BARS; i++)
        most = value[i] > most ? value[i] : most;
    mf_html(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"days of users by number of prompts\">", DIST_W,
            DIST_H);
    for (unsigned i = 0; i < DIST_BARS; i++) {
        /* by its logarithm, or the few who matter could not be seen */
        double height = (DIST_BASE - DIST_TOP) * log1p((double)value[i]) / log1p((double)most);

        mf_html(
            out,
            "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%u%s: %llu</title></rect>",
            i * width + 3, DIST_BASE - height, width - 6, height, i + 1, i + 1 < DIST_BARS ? "" : " and more",
            (unsigned long long)value[i]);
        if (value[i] > 0)
            mf_html(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%llu</text>", (i + 0.5) * width,
                    DIST_BASE - height - 4, (unsigned long long)value[i]);
        mf_html(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u%s</text>", (i + 0.5) * width, DIST_BASE + 16,
                i + 1, i + 1 < DIST_BARS ? "" : "+");
    }
    mf_html(out, "<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/></svg>", DIST_BASE, DIST_W, DIST_BASE);
}

/* ---- hours ---- */

/* Cells share the width of the page; the names of days stand in the margin that the style leaves. */
void mf_chart_hours(FILE *out, const struct mf_history *history)
{
    enum { MARGIN = 34, CELL_H = 24, TOP = 18 };
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const double width = 100.0 / 24;
    uint32_t most = 1;

    for (unsigned i = 0; i < 7 * 24; i++)
        most = history->prompts[i / 24][i % 24] > most ? history->prompts[i / 24][i % 24] : most;
    mf_html(out, "<svg class=\"hours\" height=\"%d\" role=\"img\" aria-label=\"prompts by weekday and hour\">",
            TOP + 7 * CELL_H);
    for (unsigned hour = 0; hour < 24; hour += 3)
        mf_html(out, "<text x=\"%.3f%%\" y=\"12\">%02u</text>", hour * width, hour);
    for (unsigned day = 0; day < 7; day++) {
        mf_html(out, "<text x=\"-%d\" y=\"%u\">%s</text>", MARGIN, TOP + day * CELL_H + 16, days[day]);
        for (unsigned hour = 0; hour < 24; hour++)
            mf_html(out,
                    "<rect class=\"cell\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"%d\" rx=\"4\" "
                    "fill-opacity=\"%.3f\"><title>%s %02u: %u prompts, %u not completed</title></rect>",
                    hour * width, TOP + day * CELL_H, width, CELL_H,
                    0.05 + 0.95 * sqrt((double)history->prompts[day][hour] / most), days[day], hour,
                    history->prompts[day][hour], history->negative[day][hour]);
    }
    mf_html(out, "</svg>");
}

/* ---- one run ---- */

/* Around the point 0, 0. */
static void mark(FILE *out, enum mf_kind kind)
{
    switch (kind) {
    case MF_MFA_CHALLENGE:
        mf_html(out, "<path class=\"m-ask\" d=\"M0 -7v14\"/>");
        break;
    case MF_MFA_DENIED:
    case MF_MFA_FRAUD:
        mf_html(out, "<path class=\"m-no\" d=\"M-4 -4l8 8m0 -8l-8 8\"/>");
        break;
    case MF_MFA_TIMEOUT:
    case MF_MFA_CANCELLED:
        mf_html(out, "<circle class=\"m-none\" r=\"4\"/>");
        break;
    case MF_MFA_SUCCESS:
        mf_html(out, "<circle class=\"m-yes\" r=\"5.5\"/>");
        break;
    default:
        mf_html(out, "<path class=\"m-other\" d=\"M-4 -4h8v8h-8z\"/>");
        break;
    }
}

/* As wide as the page, with marks of one size whatever the width: each stands in a picture of its own at its share of
 * the time. */
void mf_chart_run(FILE *out, const struct mf_kept_run *run)
{
    enum { Y = 16 };
    double span = (double)(run->end - run->start > 0 ? run->end - run->start : 1);

    mf_html(out, "<svg height=\"42\" role=\"img\" aria-label=\"%u prompts, %u refused, %u unanswered, %u approved\">",
            run->totals.prompts, run->totals.denied, run->totals.timeouts, run->totals.approved);
    mf_html(out, "<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"100%%\" y2=\"%d\"/>", Y, Y);
    for (unsigned i = 0; i < run->n_marks; i++) {
        mf_html(out, "<svg x=\"%.2f%%\" y=\"%d\">", 100 * (double)(run->mark[i].time - run->start) / span, Y);
        mark(out, (enum mf_kind)run->mark[i].kind);
        mf_html(out, "</svg>");
    }
    mf_html(out, "<text x=\"0\" y=\"38\">0</text><text x=\"100%%\" y=\"38\" text-anchor=\"end\">");
    if (span >= (double)(2 * MF_HOUR))
        mf_html(out, "%.1f h", span / (double)MF_HOUR);
    else if (span >= (double)(2 * MF_MINUTE))
        mf_html(out, "%.0f min", span / (double)MF_MINUTE);
    else
        mf_html(out, "%.0f s", span / 1000);
    mf_html(out, "</text></svg>");
}

void mf_chart_run_legend(FILE *out)
{
    static const struct {
        enum mf_kind kind;
        const char *name;
    } entries[] = {{MF_MFA_CHALLENGE, "asked"},
                   {MF_MFA_DENIED, "refused or reported"},
                   {MF_MFA_TIMEOUT, "no answer"},
                   {MF_MFA_SUCCESS, "approved"},
                   {MF_FACTOR_RESET, "wrong code, factor changed, other"}};

    mf_html(out, "<p class=\"legend dim\">");
    for (unsigned i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        mf_html(out, "<span><svg viewBox=\"-8 -7 16 14\" aria-hidden=\"true\">");
        mark(out, entries[i].kind);
        mf_html(out, "</svg> %s</span> ", entries[i].name);
    }
    mf_html(out, "</p>\n");
}
