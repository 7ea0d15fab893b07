/* src/judge/signals/refused_burst.c
 *
 * Prompts that the user refused. One is a mistake, a run of them says that somebody else asks. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    unsigned refused = mf_count_outcomes(context, context->conf->window, MF_REFUSALS);

    return mf_steps_reach(&context->conf->steps, refused, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[3, 45], [5, 70], [10, 90]]", "refused prompts in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"10m\""),
    {0},
};

const struct mf_signal mf_signal_refused_burst = {
    .name = "refused_burst",
    .title = "prompts that the user refused",
    .question = "How many prompts did the user refuse in the window?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = MF_REFUSALS,
    .needs = MF_CARRIES_REFUSALS,
    .options = options,
    .evaluate = evaluate,
};
