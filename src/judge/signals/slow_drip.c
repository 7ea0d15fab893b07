/* src/judge/signals/slow_drip.c
 *
 * Refused, unanswered and failed prompts that come one at a time over hours: too slow for any burst, too many for a bad day. */

#include "judge/signals/counting.h"

/* prompts of one login, its retries included */
#define SAME_LOGIN (2 * MF_MINUTE)

#define NEGATIVE (MF_REFUSALS | MF_OUTCOME_BIT(MF_TIMEOUT) | MF_OUTCOME_BIT(MF_FAILED))

/* A login that rang several times and then went well (a RADIUS client that repeats itself, a phone in another room). */
static bool went_well(const struct mf_view *view, mf_time time)
{
    mf_attempts approved = view->outcome[MF_APPROVED] & mf_view_since(view, time - SAME_LOGIN);

    return approved != 0 && view->attempt[__builtin_ctzll(approved)].time <= time + SAME_LOGIN;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    mf_time begin = context->now - context->conf->window, first = context->now, last = begin;
    unsigned negative = 0;

    if (mf_count_outcomes(context, context->conf->window, NEGATIVE) < context->conf->steps.step[0].count)
        return false;
    for (unsigned i = 0; i < context->view->n; i++) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        if ((NEGATIVE & MF_OUTCOME_BIT(attempt->outcome)) == 0 || attempt->settled <= begin ||
            went_well(context->view, attempt->time))
            continue;
        negative++;
        first = attempt->settled < first ? attempt->settled : first;
        last = attempt->settled > last ? attempt->settled : last;
    }
    return mf_steps_reach(&context->conf->steps, negative, finding) && last - first >= context->conf->spread;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[6, 45], [10, 60]]",
                    "refused, unanswered and failed prompts in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"24h\""),
    {"spread", MF_OPTION_DURATION, offsetof(struct mf_signal_conf, spread), 0, MF_DAY, "\"2h\"", NULL,
     "how far apart the first and the last of them must be"},
    {0},
};

const struct mf_signal mf_signal_slow_drip = {
    .name = "slow_drip",
    .title = "prompts refused or unanswered, one at a time for hours",
    .question = "Were there many negative prompts in a day, hours apart?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = NEGATIVE,
    .options = options,
    .evaluate = evaluate,
};
