/* src/judge/signals/factor_changed.c
 *
 * A factor enrolled, reset or removed soon after a suspicious run: whoever was refused now has a phone of their own. After
 * a run with a refusal, or with a source of a new country or operator, it is decisive. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_user *user = context->user;
    mf_time passed = context->now - (mf_time)user->suspect * MF_SECOND;

    if (!context->current || !mf_kind_is_factor_change(context->event->kind) || user->suspect == 0)
        return false;
    if (passed < -MF_MINUTE || passed > context->conf->window)
        return false;
    finding->observed = finding->threshold = 1;
    finding->decisive = (user->suspect_flags & MF_SUSPECT_HOSTILE) != 0;
    finding->points = finding->decisive ? context->conf->points : context->conf->other_points;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    {"points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, points), 0, 100, "90", NULL,
     "points after a run with a refusal or a source of a new country or operator; then decisive"},
    {"other_points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, other_points), 0, 100, "25", NULL,
     "points after another suspicious run"},
    MF_SIGNAL_WINDOW("\"24h\""),
    {0},
};

const struct mf_signal mf_signal_factor_changed = {
    .name = "factor_changed",
    .title = "factor changed after a suspicious run",
    .question = "Was a factor enrolled, reset or removed soon after a suspicious run?",
    .group = MF_GROUP_OUTCOME,
    .options = options,
    .evaluate = evaluate,
};
