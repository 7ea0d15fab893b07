/* tool/report_chart.h
 *
 * Pictures as inline SVG, each with a text for those who do not see it. */

#ifndef MF_TOOL_REPORT_CHART_H
#define MF_TOOL_REPORT_CHART_H

#include "tuning.h"

#include <stdio.h>

/* How many there would be from a threshold on. */
struct mf_curve_point {
    unsigned threshold;
    uint64_t value;
    bool now; /* the policy's */
};

/* Two and more points; `what` of them is counted. */
void mf_chart_curve(FILE *out, const char *name, const char *what, const struct mf_curve_point *point, unsigned n);

/* Days of users by their number of prompts: 1 to 24, and more. */
void mf_chart_dist(FILE *out, const struct mf_dist *dist);

/* Prompts by weekday and hour. */
void mf_chart_hours(FILE *out, const struct mf_history *history);

/* One run along its time. */
void mf_chart_run(FILE *out, const struct mf_kept_run *run);
void mf_chart_run_legend(FILE *out);

#endif
