/* tool/report_chart.h
 *
 * Pictures as inline SVG, each with a text for those who do not see it. */

#ifndef MF_TOOL_REPORT_CHART_H
#define MF_TOOL_REPORT_CHART_H

#include "tuning.h"

#include <stdio.h>

/* Incidents over the thresholds of one signal. */
void mf_chart_curve(FILE *out, const struct mf_tuning *tuning, unsigned signal);

/* Days of users by their number of prompts: 1 to 24, and more. */
void mf_chart_dist(FILE *out, const struct mf_dist *dist);

/* Prompts by weekday and hour. */
void mf_chart_hours(FILE *out, const struct mf_history *history);

/* One run along its time. */
void mf_chart_run(FILE *out, const struct mf_kept_run *run);
void mf_chart_run_legend(FILE *out);

#endif
