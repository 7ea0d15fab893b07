/* src/judge/signals/high_risk_user.c
 *
 * Prompts of a user whom the directory marks: an administrator, somebody with access to money. It takes less to look. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    if (!mf_is_high_risk(context))
        return false;
    return mf_steps_reach(&context->conf->steps, mf_count_prompts(context, context->conf->window), finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[2, 10]]", "prompts in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"20m\""),
    {0},
};

const struct mf_signal mf_signal_high_risk_user = {
    .name = "high_risk_user",
    .title = "prompts of a user at high risk",
    .question = "How many prompts did a user get whom the directory marks as high risk?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .options = options,
    .evaluate = evaluate,
};
