/* src/judge/signals/no_login.c
 *
 * A prompt that no login explains: nobody typed a password, and the phone rings. Records of one login overtake each
 * other on their way, so a prompt is given a minute. */

#include "judge/signals/counting.h"

#define PATIENCE MF_MINUTE

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    mf_attempts prompts = context->view->unexplained;

    if (prompts != 0)
        prompts &= mf_begun_within(context, context->conf->window) &
                   ~mf_view_since(context->view, context->now - PATIENCE + 1);
    return mf_steps_reach(&context->conf->steps, mf_attempts_count(prompts), finding);
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
