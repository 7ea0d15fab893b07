/* src/judge/signals/anonymizer.c
 *
 * The login comes through a proxy, Tor or a hosting company, by the IdP's word or the list of the administrator, and that is
 * new for the user. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    if (!mf_has_source(context) || !context->scene->anonymizer ||
        mf_hours_hold(&context->user->habits.proxy, context->now, MF_DAY, context->conf->window))
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

const struct mf_signal mf_signal_anonymizer = {
    .name = "anonymizer",
    .title = "login through a proxy, Tor or a hosting company",
    .question = "Does the login come through an anonymiser, and is that new for the user?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .needs = MF_CARRIES_ADDRESSES,
    .options = options,
    .evaluate = evaluate,
};
