/* src/judge/signals/approved_after_silence.c
 *
 * A prompt approved after prompts that nobody answered. At home that is a phone out of reach, so it weighs little; from
 * an unfamiliar source, or after very many, it is someone who gave in. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;

    if (!mf_is_approved_now(context))
        return false;

    unsigned unanswered = mf_count_unanswered(context, conf->window);
    if (mf_any_flag(context, conf->window, MF_ATTEMPT_ABROAD) && mf_steps_reach(&conf->abroad, unanswered, finding))
        return true;
    if (mf_any_unfamiliar(context, conf->window) && mf_steps_reach(&conf->unfamiliar, unanswered, finding))
        return true;
    return mf_steps_reach(&conf->steps, unanswered, finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[5, 15], [10, 60]]", "unanswered prompts before the approval, and the points for them"),
    MF_SIGNAL_STEPS(unfamiliar, "[[5, 60]]", "the same where the source is unfamiliar"),
    MF_SIGNAL_STEPS(abroad, "[[3, 60]]", "the same where its country is new"),
    MF_SIGNAL_WINDOW("\"60m\""),
    {0},
};

const struct mf_signal mf_signal_approved_after_silence = {
    .name = "approved_after_silence",
    .title = "prompt approved after many unanswered ones",
    .question = "Was a prompt approved after several went unanswered?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = MF_UNANSWERED | MF_OUTCOME_BIT(MF_FAILED),
    .needs = MF_CARRIES_TIMEOUTS,
    .options = options,
    .evaluate = evaluate,
};
