/* src/judge/signals/factor_downgrade.c
 *
 * Somebody who signs in with a security key, FastPass or number matching is asked by push, SMS or voice: the weaker factor is
 * the one that can be worn down. */

#include "judge/signals/counting.h"

/* Whoever uses both shows both within a week. */
#define KNOWN_AFTER (7 * MF_DAY)

/* A prompt on its way does not say whether the app will ask for a number; its outcome does. */
static bool is_weak_prompt(const struct mf_event *event)
{
    if (event->factor == MF_FACTOR_PUSH)
        return event->kind == MF_MFA_SUCCESS || (event->prompts > 0 && event->kind != MF_MFA_CHALLENGE);
    return event->prompts > 0 && mf_factor_is_weak(event->factor);
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_habits *habits = &context->user->habits;
    const struct mf_event *event = context->event;

    if (!context->current || !is_weak_prompt(event))
        return false;
    if (!mf_hours_hold(&habits->strong, context->now, KNOWN_AFTER, context->conf->window) ||
        mf_hours_hold(&habits->weak, context->now, 0, context->conf->window))
        return false;
    finding->observed = finding->threshold = 1;
    finding->points = context->conf->points;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_POINTS("20"),
    {"window", MF_OPTION_DURATION, offsetof(struct mf_signal_conf, window), MF_DAY, 365 * MF_DAY, "\"30d\"", NULL,
     "how long ago the strong factor was used at the latest, and the weak one last"},
    {0},
};

const struct mf_signal mf_signal_factor_downgrade = {
    .name = "factor_downgrade",
    .title = "prompted by a weaker factor than the user is known for",
    .question = "Is a user of strong factors prompted by push, SMS or voice?",
    .group = MF_GROUP_OUTCOME,
    .options = options,
    .evaluate = evaluate,
};
