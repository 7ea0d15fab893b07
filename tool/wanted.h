/* tool/wanted.h
 *
 * What a case expects, as its .expect file says it: docs/cases.md. */

#ifndef MF_TOOL_WANTED_H
#define MF_TOOL_WANTED_H

#include "alert_line.h"
#include "engine.h"

enum mf_wanted_count {
    MF_WANTED_PROMPTS,
    MF_WANTED_DENIED,
    MF_WANTED_TIMEOUTS,
    MF_WANTED_FAILED,
    MF_WANTED_APPROVED,
    MF_N_WANTED
};
extern const char *const mf_wanted_counts[MF_N_WANTED + 1]; /* names; ends with NULL */

/* The number that an alert says. */
unsigned mf_wanted_count_of(const struct mf_alert_line *alert, enum mf_wanted_count count);

#define MF_ANY UINT32_MAX

/* Of one user; "*" is everyone without a line. What is MF_ANY is not asked. */
struct mf_wanted {
    char user[MF_USER_MAX + 1];
    unsigned line;
    unsigned level, severity, before, approval;
    uint32_t signals;                           /* bits in the order of mf_signals[] */
    unsigned least[4], most[4];                 /* alerts by enum mf_phase */
    unsigned by[MF_ANOMALOUS + 1][MF_N_WANTED]; /* the first alert of that level or above counts no more than this */
    unsigned totals[MF_N_WANTED];
    bool met; /* this user was there */
};

/* One event of a record, or the reason for none: members as they must be. */
struct mf_wanted_reading {
    unsigned record, line;
    char *json; /* the whole line */
};

struct mf_case {
    char policy[4096]; /* "" = none named */
    struct mf_wanted *wanted;
    size_t n_wanted;
    struct mf_wanted_reading *reading; /* in the order of the file */
    size_t n_readings;
};

/* Reads NAME.expect. -1 and `error` with file and line. The caller calls mf_case_fini() in any case. */
int mf_case_load(struct mf_case *wanted, const char *file, struct mf_record *record, struct mf_error *error);
void mf_case_fini(struct mf_case *wanted);

#endif
