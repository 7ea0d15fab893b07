/* src/judge/signals/impossible_travel.c
 *
 * The login is so far from the user's last accepted place that nobody travels there in the time between. */

#include "judge/signals/counting.h"

static unsigned speed(double km, double hours)
{
    double fast = hours > 0 ? km / hours : 65535;

    return fast > 65535 ? 65535 : (unsigned)fast;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;
    double km, hours;

    if (!mf_has_source(context) || context->place->familiarity == MF_FAMILIAR ||
        !mf_habits_travelled(&context->user->habits, context->event, &km, &hours))
        return false;
    unsigned least = context->place->new_country ? conf->km : conf->km_within;
    if (hours * (double)MF_HOUR > (double)conf->window || km < (double)least)
        return false;
    finding->observed = speed(km, hours);
    finding->threshold = conf->km_per_hour;
    finding->points = finding->observed >= conf->km_per_hour ? conf->points : 0;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_POINTS("40"),
    {"km", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, km), 1, 20000, "500", NULL,
     "a shorter distance is never impossible"},
    {"km_within", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, km_within), 1, 20000, "2500", NULL,
     "the same within a country that is known: operators hand out addresses far from those who use them"},
    {"km_per_hour", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, km_per_hour), 1, 60000, "800", NULL,
     "from this speed on it is impossible"},
    MF_SIGNAL_WINDOW("\"24h\""),
    {0},
};

const struct mf_signal mf_signal_impossible_travel = {
    .name = "impossible_travel",
    .title = "login from where the user cannot have travelled",
    .question = "How fast would the user have travelled from the last accepted place?",
    .group = MF_GROUP_SOURCE,
    .needs = MF_CARRIES_COORDINATES,
    .options = options,
    .evaluate = evaluate,
};
