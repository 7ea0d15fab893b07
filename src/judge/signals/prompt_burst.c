/* src/judge/signals/prompt_burst.c
 *
 * Many prompts in a short time. Those that were approved count as one: login after login that goes well is work. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    return mf_steps_reach(&context->conf->steps, mf_count_pressing(context, context->conf->window, NULL), finding);
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[5, 35], [10, 50], [20, 60]]", "prompts in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"15m\""),
    {0},
};

const struct mf_signal mf_signal_prompt_burst = {
    .name = "prompt_burst",
    .title = "many prompts in a short time",
    .question = "How many prompts did the user get in the window?",
    .group = MF_GROUP_VOLUME,
    .options = options,
    .evaluate = evaluate,
};
