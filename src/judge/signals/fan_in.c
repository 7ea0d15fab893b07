/* src/judge/signals/fan_in.c
 *
 * One address that asks for many users to whom it does not belong. An address from which as many users were let in is an
 * office, a VPN or a carrier: there it is silent. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    mf_time window = context->conf->window;
    unsigned others, accepted;

    if (!mf_has_source(context) || !mf_is_target(context))
        return false;
    others = mf_address_users(context->address, MF_MARK_TARGET, context->user_mark, context->now, window);
    accepted = mf_address_users(context->address, MF_MARK_ACCEPTED, context->user_mark, context->now, 7 * MF_DAY);
    return mf_steps_reach(&context->conf->users, others + 1, finding) && accepted < others;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_USERS("[[6, 45]]", "users in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"1h\""),
    {0},
};

const struct mf_signal mf_signal_fan_in = {
    .name = "fan_in",
    .title = "one address asks for many users",
    .question = "For how many users, to whom it does not belong, did this address ask?",
    .group = MF_GROUP_SOURCE,
    .needs = MF_CARRIES_ADDRESSES,
    .of_address = true,
    .stranger = true,
    .options = options,
    .evaluate = evaluate,
};
