/* src/judge/signals/spray_then_prompt.c
 *
 * Passwords of several users failed from an address, and now it prompts one: a guess was right. An address from which as
 * many users were let in is an office: there it is silent. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    mf_time window = context->conf->window;
    unsigned failed, accepted;

    if (!mf_has_source(context) || context->place->familiarity == MF_FAMILIAR)
        return false;
    failed = mf_address_users(context->address, MF_MARK_PASSWORD, context->user_mark, context->now, window);
    failed += mf_address_has(context->address, MF_MARK_PASSWORD, context->user_mark, context->now, window);
    accepted = mf_address_users(context->address, MF_MARK_ACCEPTED, context->user_mark, context->now, 7 * MF_DAY);
    return mf_steps_reach(&context->conf->users, failed, finding) && accepted < failed;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_USERS("[[5, 55]]", "users whose password failed from the address in the window, and the points"),
    MF_SIGNAL_WINDOW("\"6h\""),
    {0},
};

const struct mf_signal mf_signal_spray_then_prompt = {
    .name = "spray_then_prompt",
    .title = "prompt from an address that sprayed passwords",
    .question = "Did passwords of several users fail from the address that now prompts?",
    .group = MF_GROUP_SESSION,
    .needs = MF_CARRIES_PASSWORDS | MF_CARRIES_ADDRESSES,
    .of_address = true,
    .stranger = true,
    .options = options,
    .evaluate = evaluate,
};
