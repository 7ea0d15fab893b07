/* tool/proposal.h
 *
 * Which thresholds to change, and why: as few as it takes to keep incidents within what a team can look at, never at the
 * price of a known attack. */

#ifndef MF_TOOL_PROPOSAL_H
#define MF_TOOL_PROPOSAL_H

#include "whatif.h"

enum { MF_CHANGES_MAX = 12, MF_REASON_MAX = 320 };

struct mf_change {
    unsigned signal;
    double factor;
    char reason[MF_REASON_MAX];
};

struct mf_proposal {
    unsigned n;
    struct mf_change change[MF_CHANGES_MAX];
    struct mf_whatif whatif; /* all of them */
    struct mf_whatif_result before, after;
    bool within; /* `after` keeps the budget */
};

/* Incidents a day of 1,000 users. */
double mf_incident_rate(const struct mf_history *history, const struct mf_whatif_result *result);

/* `budget`: that rate, at most. `labels` may be NULL. */
void mf_propose(const struct mf_history *history, const struct mf_labels *labels, double budget,
                struct mf_proposal *proposal);

/* The policy with the changes in it. */
void mf_proposal_apply(const struct mf_proposal *proposal, struct mf_policy *policy);

/* "steps": [[4, 45], [6, 70]], ... of one signal under a factor: as in a policy file. */
void mf_change_text(const struct mf_policy *policy, unsigned signal, double factor, char *text, size_t size);

#endif
