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

    /* within a country operators hand out addresses far from those who use them */
    bool other_country = context->place->new_country || context->event->country[0] == '\0';
    if (!mf_has_source(context) || context->place->familiarity == MF_FAMILIAR || !other_country ||
        !mf_habits_travelled(&context->user->habits, context->event, &km, &hours))
        return false;
    if (hours * (double)MF_HOUR > (double)conf->window || km < (double)conf->km)
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
    .stranger = true,
    .options = options,
    .evaluate = evaluate,
};
