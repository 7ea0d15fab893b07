/* tool/proposal.c
 *
 * One change at a time, each the one that helps most. */

#include "proposal.h"

#include <stdio.h>

static const double higher[] = {1.25, 1.5, 2, 3};
static const double lower[] = {0.75, 0.5};

double mf_incident_rate(const struct mf_history *history, const struct mf_whatif_result *result)
{
    double users = history->n_users == 0 ? 1 : (double)history->n_users;

    return (double)mf_whatif_incidents(result) / mf_history_days(history) / users * 1000;
}

/* What nobody needs to be called for: with labels what belongs to none, else all. */
static uint64_t noise(const struct mf_labels *labels, const struct mf_whatif_result *result)
{
    return labels != NULL && labels->n > 0 ? result->false_incidents : mf_whatif_incidents(result);
}

/* A known attack is never given away; without labels, nothing that is anomalous. */
static bool loses(const struct mf_labels *labels, const struct mf_whatif_result *before,
                  const struct mf_whatif_result *after)
{
    if (labels != NULL && labels->n > 0)
        return after->found < before->found;
    return after->incidents[MF_ANOMALOUS] < before->incidents[MF_ANOMALOUS] || after->critical < before->critical;
}

struct trial {
    unsigned signal;
    double factor;
    struct mf_whatif_result result;
};

/* Tries the signal at a factor on top of what is proposed already. */
static void try(const struct mf_history *history, const struct mf_labels *labels, const struct mf_whatif *whatif,
                unsigned signal, double factor, struct trial *trial)
{
    struct mf_whatif changed = *whatif;

    changed.factor[signal] = factor;
    trial->signal = signal;
    trial->factor = factor;
    mf_whatif_count(history, &changed, labels, &trial->result);
}

static bool may_change(const struct mf_history *history, unsigned signal)
{
    return history->policy->signal[signal].enabled && mf_trace_has_steps(history->policy, signal);
}

/* The one that takes away most noise; of equals the smaller change. */
static bool quieter(const struct mf_history *history, const struct mf_labels *labels, const struct mf_whatif *whatif,
                    const struct mf_whatif_result *now, struct trial *best)
{
    struct trial trial;
    bool any = false;

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < sizeof higher / sizeof higher[0] && may_change(history, s); f++) {
            if (higher[f] <= whatif->factor[s])
                continue;
            try(history, labels, whatif, s, higher[f], &trial);
            if (loses(labels, now, &trial.result) || noise(labels, &trial.result) >= noise(labels, now))
                continue;
            if (!any || noise(labels, &trial.result) < noise(labels, &best->result))
                *best = trial;
            any = true;
        }
    return any;
}

/* The one that finds most attacks that were missed; of equals the quieter. */
static bool sharper(const struct mf_history *history, const struct mf_labels *labels, const struct mf_whatif *whatif,
                    const struct mf_whatif_result *now, double budget, struct trial *best)
{
    struct trial trial;
    bool any = false;

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < sizeof lower / sizeof lower[0] && may_change(history, s); f++) {
            if (whatif->factor[s] < 1 || whatif->factor[s] > 1)
                continue;
            try(history, labels, whatif, s, lower[f], &trial);
            if (trial.result.found <= now->found || mf_incident_rate(history, &trial.result) > budget)
                continue;
            if (!any || trial.result.found > best->result.found ||
                (trial.result.found == best->result.found &&
                 noise(labels, &trial.result) < noise(labels, &best->result)))
                *best = trial;
            any = true;
        }
    return any;
}

static void write_reason(const struct mf_history *history, const struct mf_labels *labels,
                         const struct mf_whatif_result *now, const struct trial *trial, struct mf_change *change)
{
    bool known = labels != NULL && labels->n > 0;
    uint64_t before = mf_whatif_incidents(now), after = mf_whatif_incidents(&trial->result);
    (void)history;

    if (trial->factor < 1)
        snprintf(change->reason, sizeof change->reason,
                 "finds %llu known attack%s more (%llu of %zu), and %llu incidents instead of %llu",
                 (unsigned long long)(trial->result.found - now->found),
                 trial->result.found - now->found == 1 ? "" : "s", (unsigned long long)trial->result.found, labels->n,
                 (unsigned long long)after, (unsigned long long)before);
    else
        snprintf(change->reason, sizeof change->reason, "%llu incidents instead of %llu; %s", (unsigned long long)after,
                 (unsigned long long)before, known ? "no known attack is lost" : "none of them was anomalous");
}

static void take(struct mf_proposal *proposal, const struct mf_history *history, const struct mf_labels *labels,
                 const struct trial *trial)
{
    struct mf_change *change = NULL;

    for (unsigned i = 0; i < proposal->n; i++)
        if (proposal->change[i].signal == trial->signal)
            change = &proposal->change[i];
    if (change == NULL)
        change = &proposal->change[proposal->n++];
    change->signal = trial->signal;
    change->factor = trial->factor;
    write_reason(history, labels, &proposal->after, trial, change);
    proposal->whatif.factor[trial->signal] = trial->factor;
    proposal->after = trial->result;
}

void mf_propose(const struct mf_history *history, const struct mf_labels *labels, double budget,
                struct mf_proposal *proposal)
{
    struct trial best;

    proposal->n = 0;
    mf_whatif_init(&proposal->whatif, history->policy);
    mf_whatif_count(history, &proposal->whatif, labels, &proposal->before);
    proposal->after = proposal->before;
    while (proposal->n < MF_CHANGES_MAX && mf_incident_rate(history, &proposal->after) > budget &&
           quieter(history, labels, &proposal->whatif, &proposal->after, &best))
        take(proposal, history, labels, &best);
    while (proposal->n < MF_CHANGES_MAX && labels != NULL && proposal->after.found < labels->n &&
           sharper(history, labels, &proposal->whatif, &proposal->after, budget, &best))
        take(proposal, history, labels, &best);
    proposal->within = mf_incident_rate(history, &proposal->after) <= budget;
}

/* ---- as a policy ---- */

void mf_proposal_apply(const struct mf_proposal *proposal, struct mf_policy *policy)
{
    for (unsigned i = 0; i < proposal->n; i++)
        mf_whatif_scale(proposal->change[i].signal, proposal->change[i].factor,
                        &policy->signal[proposal->change[i].signal]);
}

void mf_change_text(const struct mf_policy *policy, unsigned signal, double factor, char *text, size_t size)
{
    static struct mf_signal_conf conf;
    FILE *out = fmemopen(text, size, "w");
    bool first = true;

    text[0] = '\0';
    if (out == NULL)
        return;
    conf = policy->signal[signal];
    mf_whatif_scale(signal, factor, &conf);
    for (const struct mf_option *option = mf_signals[signal]->options; option->name != NULL; option++) {
        bool steps = option->type == MF_OPTION_STEPS, decisive = strcmp(option->name, "decisive") == 0;

        if (!steps && !(decisive && conf.decisive > 0))
            continue;
        fprintf(out, "%s\"%s\": ", first ? "" : ", ", option->name);
        mf_option_print(out, option, &conf);
        first = false;
    }
    fclose(out);
}
