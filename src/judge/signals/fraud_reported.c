/* src/judge/signals/fraud_reported.c
 *
 * The user says that the prompt was not theirs. No statistics can know better. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    unsigned reports = mf_count_outcomes(context, context->conf->window, MF_OUTCOME_BIT(MF_FRAUD));

    if (!mf_steps_reach(&context->conf->steps, reports, finding))
        return false;
    finding->decisive = true;
    return true;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[1, 100]]", "reports in the window, and the points for them; always decisive"),
    MF_SIGNAL_WINDOW("\"30m\""),
    {0},
};

const struct mf_signal mf_signal_fraud_reported = {
    .name = "fraud_reported",
    .title = "the user reported a prompt as fraud",
    .question = "Did the user report a prompt as fraudulent or suspicious?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = MF_OUTCOME_BIT(MF_FRAUD),
    .options = options,
    .evaluate = evaluate,
};
