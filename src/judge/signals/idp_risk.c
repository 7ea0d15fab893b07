/* src/judge/signals/idp_risk.c
 *
 * The identity provider itself rates the attempt, or the user within the last hour, as risky. */

#include "judge/signals/counting.h"

static const char *const risky_words[] = {"high", "medium", "risky", "suspicious", "anomalous", "harassment", "fraud"};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Levels and detectors come as "high", as "level=HIGH" in a sentence, as PUSH_HARASSMENT: compare word by word. */
static bool says_risky(struct mf_slice text)
{
    for (size_t i = 0; i < text.length;) {
        size_t begin = i;
        while (i < text.length && is_letter(text.data[i]))
            i++;
        struct mf_slice word = {text.data + begin, i - begin};
        for (unsigned j = 0; j < sizeof risky_words / sizeof risky_words[0] && word.length > 0; j++)
            if (mf_slice_equal_nocase(word, mf_slice_of(risky_words[j])))
                return true;
        i += word.length == 0;
    }
    return false;
}

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    mf_time told = context->user->recent->risk;
    bool recently = told != 0 && told <= context->now && context->now - told < context->conf->window;

    if (!context->current || !(recently || says_risky(context->event->risk)))
        return false;
    finding->observed = finding->threshold = 1;
    finding->points = context->conf->points;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    MF_SIGNAL_POINTS("15"),
    MF_SIGNAL_WINDOW("\"60m\""),
    {0},
};

const struct mf_signal mf_signal_idp_risk = {
    .name = "idp_risk",
    .title = "rated risky by the identity provider",
    .question = "Does the identity provider rate the attempt or the user as risky?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .options = options,
    .evaluate = evaluate,
};
