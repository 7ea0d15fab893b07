/* src/judge/signals/active_elsewhere.c
 *
 * Prompts from a place that is not the user's, while the user is at work in one that is. One prompt that is answered is
 * somebody who switches a VPN on; two, or one that is refused or left alone, are somebody else. */

#include "judge/signals/counting.h"

static bool is_foreign_and_bad(const struct mf_view_attempt *attempt)
{
    return (attempt->flags & MF_ATTEMPT_UNFAMILIAR) != 0 && attempt->outcome != MF_OPEN &&
           attempt->outcome != MF_APPROVED && attempt->outcome != MF_CANCELLED;
}

static bool is_foreign(const struct mf_view_attempt *attempt)
{
    return (attempt->flags & MF_ATTEMPT_UNFAMILIAR) != 0;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;

    if (!mf_has_source(context) || context->place->familiarity != MF_UNFAMILIAR ||
        mf_activity_elsewhere(&context->user->recent->activities, context->source, context->now, conf->window) == NULL)
        return false;

    bool bad = mf_count_prompts_that(context, conf->window, is_foreign_and_bad) > 0;
    bool enough = mf_steps_reach(&conf->steps, mf_count_prompts_that(context, conf->window, is_foreign), finding);
    if (bad && !enough) {
        finding->points = conf->steps.step[0].points;
        finding->threshold = finding->observed;
    }
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[2, 40]]",
                    "prompts from an unfamiliar place (one is enough if it was refused or unanswered), and the points"),
    MF_SIGNAL_WINDOW("\"60m\""),
    {0},
};

const struct mf_signal mf_signal_active_elsewhere = {
    .name = "active_elsewhere",
    .title = "prompts from elsewhere while the user is at work",
    .question = "Was the user active in a known, other place when the prompts came?",
    .group = MF_GROUP_SESSION,
    .needs = MF_CARRIES_ADDRESSES,
    .stranger = true,
    .options = options,
    .evaluate = evaluate,
};
