/* src/judge/signals/unusual_rate.c
 *
 * More logins in a quarter of an hour, an hour or a day than this user and the people like them make. docs/baseline.md
 * has the model; a step counts the zeros of the probability: 4 is one in ten thousand. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_rate_answer *rate = context->rate;

    if (!context->current || !rate->asked || rate->attempts < context->conf->attempts)
        return false;
    return mf_steps_reach(&context->conf->steps, (unsigned)-rate->log10_p, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[4, 35], [6, 45], [9, 60]]",
                    "-log10 of the probability of so many attempts, and the points for it"),
    {"attempts", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, attempts), 2, MF_ATTEMPTS_MAX, "4", NULL,
     "fewer login attempts in the window are never unusual"},
    {0},
};

const struct mf_signal mf_signal_unusual_rate = {
    .name = "unusual_rate",
    .title = "more logins than this user makes",
    .question = "Is the number of login attempts unusual for this user and the people like them?",
    .group = MF_GROUP_VOLUME,
    .options = options,
    .evaluate = evaluate,
};
