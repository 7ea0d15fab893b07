/* src/judge/signals/approved_after_refusals.c
 *
 * A prompt approved after prompts that the user refused, close together. A run of refusals that ends in a yes is
 * someone worn down; from an unfamiliar source, or of a user at high risk, two refusals are enough, and the yes is
 * decisive. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;

    if (!mf_is_approved_now(context))
        return false;

    unsigned refused = mf_count_outcomes(context, conf->window, MF_REFUSALS);
    bool weighs_more = mf_any_unfamiliar(context, conf->window) || mf_is_high_risk(context);
    if (weighs_more && mf_steps_reach(&conf->unfamiliar, refused, finding)) {
        finding->decisive = true;
        return true;
    }
    return mf_steps_reach(&conf->steps, refused, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[3, 90]]", "refused prompts before the approval, and the points for them"),
    MF_SIGNAL_STEPS(unfamiliar, "[[2, 90]]",
                    "the same where the source is unfamiliar or the user at high risk; then the signal is decisive"),
    MF_SIGNAL_WINDOW("\"10m\""),
    {0},
};

const struct mf_signal mf_signal_approved_after_refusals = {
    .name = "approved_after_refusals",
    .title = "prompt approved after a run of refusals",
    .question = "Was a prompt approved after the user had refused several?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = MF_REFUSALS,
    .needs = MF_CARRIES_REFUSALS,
    .options = options,
    .evaluate = evaluate,
};
