/* tool/whatif.h
 *
 * What the runs of a history would have come to under other thresholds. Exact for the points and levels of the runs as they
 * were; what other verdicts would have taught the engine (known places, baselines) is not followed: a whole replay
 * under the changed policy says that. */

#ifndef MF_TOOL_WHATIF_H
#define MF_TOOL_WHATIF_H

#include "history.h"

/* Other settings than the policy's: thresholds of a signal times a factor, or the signal off; other levels, or
 * another one from which there is an alert. */
struct mf_whatif {
    double factor[MF_RUN_SIGNALS]; /* 1 = as it is, 0 = off */
    struct mf_verdict_conf verdict;
    enum mf_level alert_level;
};

void mf_whatif_init(struct mf_whatif *whatif, const struct mf_policy *policy);

/* Threshold `count` under a factor; `most` is the highest that a policy may have. */
unsigned mf_whatif_scaled(unsigned count, double factor, unsigned most);

/* The signal's settings with all its thresholds under a factor. */
void mf_whatif_scale(unsigned signal, double factor, struct mf_signal_conf *conf);

/* A known attack: runs of these users in this time belong to it. */
enum { MF_LABEL_USERS = 64 };
struct mf_label {
    char name[64];
    mf_time begin, end;
    unsigned n_users;
    char (*user)[MF_USER_MAX + 1];
};

struct mf_labels {
    struct mf_label *label;
    size_t n;
};

/* A file of --labels: one JSON object a line with `users` (or `user`), `begin`, `end`; those with "attack": false are
 * passed over. docs/tune.md. */
int mf_labels_load(struct mf_labels *labels, const char *file, struct mf_error *error);
void mf_labels_fini(struct mf_labels *labels);

enum { MF_WHATIF_TOP = 5 };

/* An incident: runs of one user of the alert level or above, no more than incident.reopen apart. */
struct mf_whatif_result {
    uint64_t notices;                     /* runs of level notice in no incident */
    uint64_t incidents[MF_ANOMALOUS + 1]; /* by the highest level of each */
    uint64_t critical;
    uint64_t found;           /* labels with an incident */
    uint64_t false_incidents; /* incidents that belong to no label */
    struct {
        uint32_t user;
        uint64_t incidents;
    } top[MF_WHATIF_TOP];
    unsigned n_top;
};

/* `labels` may be NULL. */
void mf_whatif_count(const struct mf_history *history, const struct mf_whatif *whatif, const struct mf_labels *labels,
                     struct mf_whatif_result *result);

/* suspicious and anomalous ones, and what of notice is told when the policy alerts from there */
uint64_t mf_whatif_incidents(const struct mf_whatif_result *result);

#endif
