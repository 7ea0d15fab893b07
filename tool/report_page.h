/* tool/report_page.h
 *
 * The report: one HTML file that needs nothing else, asks nobody, and runs nothing. */

#ifndef MF_TOOL_REPORT_PAGE_H
#define MF_TOOL_REPORT_PAGE_H

#include "coverage_verdict.h"
#include "tuning.h"

#include <stdio.h>

struct mf_report {
    struct mf_tuning tuning;
    struct mf_coverage coverage;
    struct mf_signal_support support[MF_COVER_FEEDS][MF_SIGNALS_MAX];
    uint64_t alerts, address_incidents;
    const char *title;
    bool names; /* logins, addresses and tenants as they are */
};

/* The user as the report calls it: the login, or "user 17". `text` has room for MF_USER_MAX + 1. */
void mf_report_name(const struct mf_report *report, uint32_t user, char *text);

/* The kept runs of the policy's alert level and above, the worst first, at most `most` of them; how many there are. */
enum { MF_REPORT_RUNS = 40 };
unsigned mf_report_runs(const struct mf_report *report, const struct mf_kept_run *runs[MF_REPORT_RUNS]);

void mf_report_page(FILE *out, const struct mf_report *report);

#endif
