/* src/judge/signals/responder_mismatch.c
 *
 * The phone that answers is in another country than the login, and that is new for the user: somebody else logs in, and
 * the user is asked. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_habits *habits = &context->user->habits;

    if (!context->current || !mf_event_is_apart(context->event, context->user->recent->run.source.country) ||
        mf_hours_hold(&habits->apart, context->now, MF_DAY, context->conf->window))
        return false;
    finding->observed = finding->threshold = 1;
    finding->points = context->conf->points;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_POINTS("25"),
    {"window", MF_OPTION_DURATION, offsetof(struct mf_signal_conf, window), MF_DAY, 365 * MF_DAY, "\"60d\"", NULL,
     "how long an accepted login of the same sort is remembered"},
    {0},
};

const struct mf_signal mf_signal_responder_mismatch = {
    .name = "responder_mismatch",
    .title = "the answering phone is in another country than the login",
    .question = "Is the phone that answers in another country than the login?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .options = options,
    .evaluate = evaluate,
};
