/* src/judge/signals/table.c
 *
 * The one list of signals. */

#include "judge/signal.h"

extern const struct mf_signal mf_signal_prompt_burst;
extern const struct mf_signal mf_signal_unanswered_burst;
extern const struct mf_signal mf_signal_token_flood;
extern const struct mf_signal mf_signal_unusual_rate;
extern const struct mf_signal mf_signal_refused_burst;
extern const struct mf_signal mf_signal_slow_drip;
extern const struct mf_signal mf_signal_code_bruteforce;
extern const struct mf_signal mf_signal_approved_after_refusals;
extern const struct mf_signal mf_signal_approved_after_silence;
extern const struct mf_signal mf_signal_fraud_reported;
extern const struct mf_signal mf_signal_factor_changed;
extern const struct mf_signal mf_signal_factor_downgrade;
extern const struct mf_signal mf_signal_new_source;
extern const struct mf_signal mf_signal_impossible_travel;
extern const struct mf_signal mf_signal_responder_mismatch;
extern const struct mf_signal mf_signal_anonymizer;
extern const struct mf_signal mf_signal_fan_in;
extern const struct mf_signal mf_signal_unusual_hour;
extern const struct mf_signal mf_signal_idp_risk;
extern const struct mf_signal mf_signal_high_risk_user;
extern const struct mf_signal mf_signal_no_login;
extern const struct mf_signal mf_signal_no_session;
extern const struct mf_signal mf_signal_active_elsewhere;
extern const struct mf_signal mf_signal_spray_then_prompt;

const struct mf_signal *const mf_signals[] = {
    &mf_signal_prompt_burst,
    &mf_signal_unanswered_burst,
    &mf_signal_token_flood,
    &mf_signal_unusual_rate,
    &mf_signal_refused_burst,
    &mf_signal_slow_drip,
    &mf_signal_code_bruteforce,
    &mf_signal_approved_after_refusals,
    &mf_signal_approved_after_silence,
    &mf_signal_fraud_reported,
    &mf_signal_factor_changed,
    &mf_signal_factor_downgrade,
    &mf_signal_new_source,
    &mf_signal_impossible_travel,
    &mf_signal_responder_mismatch,
    &mf_signal_anonymizer,
    &mf_signal_fan_in,
    &mf_signal_unusual_hour,
    &mf_signal_idp_risk,
    &mf_signal_high_risk_user,
    &mf_signal_no_login,
    &mf_signal_no_session,
    &mf_signal_active_elsewhere,
    &mf_signal_spray_then_prompt,
};

const unsigned mf_n_signals = sizeof mf_signals / sizeof mf_signals[0];

_Static_assert(sizeof mf_signals / sizeof mf_signals[0] <= MF_SIGNALS_MAX, "more signals than a verdict holds");

bool mf_steps_reach(const struct mf_steps *steps, unsigned count, struct mf_finding *finding)
{
    const struct mf_step *reached = NULL;

    finding->observed = count;
    finding->threshold = steps->n > 0 ? steps->step[0].count : 0;
    for (unsigned i = 0; i < steps->n && count >= steps->step[i].count; i++)
        reached = &steps->step[i];
    if (reached == NULL)
        return false;
    finding->threshold = reached->count;
    finding->points = reached->points;
    return true;
}
