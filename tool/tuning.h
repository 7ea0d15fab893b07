/* tool/tuning.h
 *
 * A history, what other thresholds make of it, and what is proposed: what tune and report tell. */

#ifndef MF_TOOL_TUNING_H
#define MF_TOOL_TUNING_H

#include "proposal.h"

/* Thresholds are tried at these factors; 0 is off. */
enum { MF_TUNE_FACTORS = 8 };
extern const double mf_tune_factors[MF_TUNE_FACTORS];

/* A level of the verdict from another score on, or alerts from another level on; the policy's own are among them. */
struct mf_level_trial {
    const char *setting; /* as in a policy file */
    unsigned value;      /* a score; of alert_level, enum mf_level */
    bool now;            /* what the policy says */
    bool at_least;       /* an engine under it would learn less, and tell more */
    struct mf_whatif_result result;
};

/* notice, suspicious and anomalous from so many points less or more; alerts from each level */
enum { MF_TUNE_POINTS = 7, MF_LEVEL_TRIALS = 3 * MF_TUNE_POINTS + 3 };

struct mf_tuning {
    struct mf_history history;
    struct mf_policy policy; /* the one in force */
    struct mf_labels labels;
    const char *labels_file; /* NULL: none */
    struct mf_proposal proposal;
    double budget;
    struct mf_whatif_result curve[MF_RUN_SIGNALS][MF_TUNE_FACTORS];
    struct mf_level_trial level[MF_LEVEL_TRIALS];
    unsigned n_levels;
    bool replayed; /* the proposal was held against the whole history again: `exact` */
    struct mf_whatif_result exact;
    uint64_t records;
};

/* The first count of the signal's first list of steps under a factor; 0 when it counts nothing. */
unsigned mf_tune_threshold(const struct mf_policy *policy, unsigned signal, double factor);

/* Is the trial's value a level, and no score? */
bool mf_level_trial_is_named(const struct mf_level_trial *trial);

/* What the setting moves most of all: notices, incidents, or the anomalous ones of them. `what` says which. */
uint64_t mf_level_trial_moved(const struct mf_level_trial *trial, const char **what);

/* Fills the curves and the levels. */
void mf_tune_count_curves(struct mf_tuning *tuning);

#endif
