/* src/judge/signals/unanswered_burst.c
 *
 * Prompts that nobody answered: timed out, or left waiting when another one was approved. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    unsigned unanswered = mf_count_unanswered(context, context->conf->window);

    return mf_steps_reach(&context->conf->steps, unanswered, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[3, 30], [5, 45], [10, 60]]", "unanswered prompts in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"10m\""),
    {0},
};

const struct mf_signal mf_signal_unanswered_burst = {
    .name = "unanswered_burst",
    .title = "prompts that nobody answered",
    .question = "How many prompts went unanswered in the window?",
    .group = MF_GROUP_VOLUME,
    .outcomes = MF_UNANSWERED | MF_OUTCOME_BIT(MF_FAILED),
    .needs = MF_CARRIES_TIMEOUTS,
    .options = options,
    .evaluate = evaluate,
};
