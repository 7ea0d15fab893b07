/* tool/tuning.h
 *
 * A history, what other thresholds make of it, and what is proposed: what tune and report tell. */

#ifndef MF_TOOL_TUNING_H
#define MF_TOOL_TUNING_H

#include "proposal.h"

/* Thresholds are tried at these factors; 0 is off. */
enum { MF_TUNE_FACTORS = 8 };
extern const double mf_tune_factors[MF_TUNE_FACTORS];

struct mf_tuning {
    struct mf_history history;
    struct mf_policy policy; /* the one in force */
    struct mf_labels labels;
    const char *labels_file; /* NULL: none */
    struct mf_proposal proposal;
    double budget;
    struct mf_whatif_result curve[MF_RUN_SIGNALS][MF_TUNE_FACTORS];
    bool replayed; /* the proposal was held against the whole history again: `exact` */
    struct mf_whatif_result exact;
    uint64_t records;
};

/* The first count of the signal's first list of steps under a factor; 0 when it counts nothing. */
unsigned mf_tune_threshold(const struct mf_policy *policy, unsigned signal, double factor);

/* Fills the curves. */
void mf_tune_count_curves(struct mf_tuning *tuning);

#endif
