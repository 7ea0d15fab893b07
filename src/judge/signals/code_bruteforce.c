/* src/judge/signals/code_bruteforce.c
 *
 * Wrong one-time codes, one after another: somebody guesses; and a right one behind many wrong ones. */

#include "judge/signals/counting.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;
    unsigned wrong = mf_count_wrong_codes(context, conf->window);
    bool own = mf_all_familiar(context, conf->window);
    bool found = mf_steps_reach(own ? &conf->familiar : &conf->steps, wrong, finding);
    struct mf_finding ended = *finding;

    if (!mf_is_approved_now(context) || !mf_steps_reach(own ? &conf->familiar : &conf->success, wrong, &ended))
        return found;
    if (!found || ended.points >= finding->points)
        *finding = ended;
    finding->decisive = conf->decisive > 0 && wrong >= conf->decisive;
    return true;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_STEPS(steps, "[[5, 50], [20, 90]]", "wrong codes in the window, and the points for them"),
    MF_SIGNAL_STEPS(success, "[[4, 70], [10, 90]]",
                    "wrong codes in the window before a right one, and the points for them"),
    MF_SIGNAL_STEPS(familiar, "[[10, 70], [20, 90]]",
                    "both where every source is the user's own: people mistype, and type again"),
    {"decisive", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, decisive), 0, MF_ATTEMPTS_MAX, "10", NULL,
     "wrong codes before a right one that are decisive by themselves; 0 = never"},
    MF_SIGNAL_WINDOW("\"15m\""),
    {0},
};

const struct mf_signal mf_signal_code_bruteforce = {
    .name = "code_bruteforce",
    .title = "wrong codes one after another",
    .question = "How many wrong codes were entered in the window, and did a right one follow?",
    .group = MF_GROUP_OUTCOME,
    .outcomes = MF_OUTCOME_BIT(MF_FAILED),
    .options = options,
    .evaluate = evaluate,
};
