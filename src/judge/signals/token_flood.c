/* src/judge/signals/token_flood.c
 *
 * Codes sent by SMS, voice or mail, one after another; and one phone that is sent codes for several users. The first is
 * a flood that hides something or costs money, the second a phone that somebody enrolled in accounts that are not theirs. */

#include "judge/signals/counting.h"

static bool is_sent_code(const struct mf_view_attempt *attempt)
{
    return attempt->factor == MF_FACTOR_SMS || attempt->factor == MF_FACTOR_VOICE || attempt->factor == MF_FACTOR_EMAIL;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;

    if (mf_steps_reach(&conf->steps, mf_count_pressing(context, conf->window, is_sent_code), finding))
        return true;
    if (!context->current || context->phone == NULL)
        return false;

    struct mf_finding shared = *finding;
    unsigned users =
        1 + mf_address_users(context->phone, MF_MARK_PHONE, context->user_mark, context->now, conf->window);
    if (!mf_steps_reach(&conf->users, users, &shared))
        return false;
    *finding = shared;
    return true;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[5, 40]]", "codes sent in the window, and the points for them"),
    MF_SIGNAL_USERS("[[2, 40]]", "users whose codes one phone was sent in the window, and the points for them"),
    MF_SIGNAL_WINDOW("\"60m\""),
    {0},
};

const struct mf_signal mf_signal_token_flood = {
    .name = "token_flood",
    .title = "codes sent one after another, or to one phone for several users",
    .question = "How many codes were sent by SMS, voice or mail, and to whose phone?",
    .group = MF_GROUP_VOLUME,
    .options = options,
    .evaluate = evaluate,
};
