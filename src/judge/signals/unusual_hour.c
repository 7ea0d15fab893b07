/* src/judge/signals/unusual_hour.c
 *
 * The user is almost never at work at this hour on this sort of day. Silent when the country is new: there the clock is
 * another. From a source that is the user's own it tips no scale: people do work late now and then. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_user *user = context->user;
    int share;

    if (!context->current || context->place->new_country || user->first_seen == MF_TIME_NONE ||
        context->now - user->first_seen < context->conf->window)
        return false;
    share = mf_habits_hour_share(&user->habits, context->now);
    if (share < 0)
        return false;
    finding->observed = (unsigned)share;
    finding->threshold = context->conf->percent;
    if (finding->observed >= context->conf->percent)
        return false;
    bool own = context->place->familiarity == MF_FAMILIAR;
    finding->points = own ? context->conf->other_points : context->conf->points;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_POINTS("15"),
    {"familiar_points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, other_points), 0, 100, "4", NULL,
     "points where the source is the user's own"},
    {"percent", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, percent), 1, 50, "2", NULL,
     "unusual below this share of the accepted logins"},
    {"window", MF_OPTION_DURATION, offsetof(struct mf_signal_conf, window), MF_DAY, 365 * MF_DAY, "\"14d\"", NULL,
     "history that is needed before an hour can be unusual"},
    {0},
};

const struct mf_signal mf_signal_unusual_hour = {
    .name = "unusual_hour",
    .title = "an hour at which the user is almost never active",
    .question = "What share of the user's activity falls into this hour and its neighbours?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .below = true,
    .options = options,
    .evaluate = evaluate,
};
