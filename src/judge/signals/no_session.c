/* src/judge/signals/no_session.c
 *
 * An approval that no session follows: whoever asked did not go on, or goes on where it is not logged. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_view *view = context->view;
    unsigned n = 0;

    for (mf_attempts lone = view->outcome[MF_APPROVED] & ~view->sessions; lone != 0; lone &= lone - 1) {
        mf_time settled = view->attempt[__builtin_ctzll(lone)].settled;
        n += settled + MF_SESSION_AFTER <= context->now && settled > context->now - context->conf->window;
    }
    return mf_steps_reach(&context->conf->steps, n, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[1, 20]]", "approvals in the window without a session, and the points for them"),
    MF_SIGNAL_WINDOW("\"30m\""),
    {0},
};

const struct mf_signal mf_signal_no_session = {
    .name = "no_session",
    .title = "approval that no session follows",
    .question = "Did a session follow each approval within 5 minutes?",
    .group = MF_GROUP_SESSION,
    .needs = MF_CARRIES_SESSIONS,
    .options = options,
    .evaluate = evaluate,
};
