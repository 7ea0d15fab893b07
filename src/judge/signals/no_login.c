/* src/judge/signals/no_login.c
 *
 * A prompt that no login explains: nobody typed a password, and the phone rings. */

#include "judge/signals/counting.h"

static bool is_unexplained(const struct mf_view_attempt *attempt)
{
    return (attempt->flags & MF_ATTEMPT_EXPLAINED) == 0;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    return mf_steps_reach(&context->conf->steps, mf_count_prompts_that(context, context->conf->window, is_unexplained),
                          finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[1, 30]]",
                    "prompts in the window without a login attempt in the 10 minutes before, and the points"),
    MF_SIGNAL_WINDOW("\"30m\""),
    {0},
};

const struct mf_signal mf_signal_no_login = {
    .name = "no_login",
    .title = "prompts that no login explains",
    .question = "Did a login attempt of the user come before each prompt?",
    .group = MF_GROUP_SESSION,
    .needs = MF_CARRIES_LOGINS,
    .options = options,
    .evaluate = evaluate,
};
