/* tool/outcomes.h
 *
 * What came of each user of a replay: the worst verdict, the signals, the alerts. */

#ifndef MF_TOOL_OUTCOMES_H
#define MF_TOOL_OUTCOMES_H

#include "wanted.h"

enum { MF_CLOSES_KEPT = 8 };

struct mf_user_outcome {
    char user[MF_USER_MAX + 1];
    enum mf_level level, before; /* before: until the first anomalous approval */
    enum mf_severity severity, approval;
    uint32_t signals;
    bool given_in;
    unsigned alerts[4];                         /* by enum mf_phase */
    bool reached[MF_ANOMALOUS + 1];             /* an alert of that level or above came, and ... */
    unsigned at[MF_ANOMALOUS + 1][MF_N_WANTED]; /* ... what the first one counted */
    unsigned closes;
    unsigned total[MF_CLOSES_KEPT][MF_N_WANTED];
};

struct mf_outcomes {
    struct mf_user_outcome *user;
    size_t n, room;
    size_t *slot;
    size_t n_slots;
};

/* That of a user, new or known, until the next call; NULL without memory. */
struct mf_user_outcome *mf_outcomes_of(struct mf_outcomes *outcomes, struct mf_slice user);
void mf_outcomes_fini(struct mf_outcomes *outcomes);

void mf_outcome_verdict(struct mf_user_outcome *outcome, const struct mf_judged *judged);
void mf_outcome_alert(struct mf_user_outcome *outcome, const struct mf_alert_line *alert);

/* What is not as wanted, a sentence each; nothing when all is. */
void mf_outcome_compare(const struct mf_user_outcome *outcome, const struct mf_wanted *wanted,
                        void (*say)(void *context, const char *sentence), void *context);

#endif
