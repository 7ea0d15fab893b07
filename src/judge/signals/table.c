/* src/judge/signals/table.c
 *
 * The one list of signals. */

#include "judge/signal.h"

extern const struct mf_signal mf_signal_prompt_burst;
extern const struct mf_signal mf_signal_unanswered_burst;
extern const struct mf_signal mf_signal_refused_burst;
extern const struct mf_signal mf_signal_slow_drip;
extern const struct mf_signal mf_signal_code_bruteforce;
extern const struct mf_signal mf_signal_approved_after_refusals;
extern const struct mf_signal mf_signal_approved_after_silence;
extern const struct mf_signal mf_signal_fraud_reported;
extern const struct mf_signal mf_signal_new_source;

const struct mf_signal *const mf_signals[] = {
    &mf_signal_prompt_burst,
    &mf_signal_unanswered_burst,
    &mf_signal_refused_burst,
    &mf_signal_slow_drip,
    &mf_signal_code_bruteforce,
    &mf_signal_approved_after_refusals,
    &mf_signal_approved_after_silence,
    &mf_signal_fraud_reported,
    &mf_signal_new_source,
};

const unsigned mf_n_signals = sizeof mf_signals / sizeof mf_signals[0];

_Static_assert(sizeof mf_signals / sizeof mf_signals[0] <= MF_SIGNALS_MAX, "more signals than a verdict holds");

bool mf_steps_reach(const struct mf_steps *steps, unsigned count, struct mf_finding *finding)
{
    const struct mf_step *reached = NULL;

    for (unsigned i = 0; i < steps->n && count >= steps->step[i].count; i++)
        reached = &steps->step[i];
    if (reached == NULL)
        return false;
    finding->observed = count;
    finding->threshold = reached->count;
    finding->points = reached->points;
    return true;
}
