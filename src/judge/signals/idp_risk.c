/* src/judge/signals/idp_risk.c
 *
 * The identity provider itself rates the attempt, or the user within the last hour, as risky. */

#include "judge/signals/counting.h"

static bool is_letter(char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

/* Of the letters, in either case. */
#define BIT(letter) (1u << ((letter)&31))

/* Most words differ from all of these in the first letter, or in length. */
static bool is_risky(struct mf_slice word)
{
    static const struct mf_slice words[] = {{"high", 4},      {"medium", 6},      {"risky", 5}, {"suspicious", 10},
                                            {"anomalous", 9}, {"harassment", 10}, {"fraud", 5}};

    if (((BIT('h') | BIT('m') | BIT('r') | BIT('s') | BIT('a') | BIT('f')) & BIT(word.data[0])) == 0)
        return false;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (word.length == words[i].length && (word.data[0] | 0x20) == words[i].data[0] &&
            mf_slice_equal_nocase(word, words[i]))
            return true;
    return false;
}

/* Levels and detectors come as "high", as "level=HIGH" in a sentence, as PUSH_HARASSMENT: compare word by word. */
static bool says_risky(struct mf_slice text)
{
    for (size_t i = 0; i < text.length;) {
        size_t begin = i;
        while (i < text.length && is_letter(text.data[i]))
            i++;
        struct mf_slice word = {text.data + begin, i - begin};
        if (word.length >= 4 && is_risky(word))
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
