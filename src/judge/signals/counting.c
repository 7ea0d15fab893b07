/* src/judge/signals/counting.c
 *
 * Counting attempts in a window that ends now: (now - window, now]. */

#include "judge/signals/counting.h"

bool mf_has_source(const struct mf_context *context)
{
    return context->current && !context->event->answer_source && context->event->source.family != 0;
}

bool mf_is_target(const struct mf_context *context)
{
    return mf_place_is_target(context->place, context->event->kind);
}

static bool in_window(const struct mf_context *context, mf_time time, mf_time window)
{
    return time != MF_TIME_NONE && time > context->now - window && time <= context->now;
}

unsigned mf_count_prompts_that(const struct mf_context *context, mf_time window,
                               bool (*is)(const struct mf_view_attempt *attempt))
{
    unsigned n = 0;

    for (unsigned i = 0; i < context->view->n; i++) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        n += (attempt->flags & MF_ATTEMPT_PROMPT) && in_window(context, attempt->time, window) && is(attempt);
    }
    return n;
}

static bool any(const struct mf_view_attempt *attempt)
{
    (void)attempt;
    return true;
}

unsigned mf_count_prompts(const struct mf_context *context, mf_time window)
{
    return mf_count_prompts_that(context, window, any);
}

/* Login after login that went well is work: of the prompts that were approved one counts, the last one yes. */
unsigned mf_count_pressing(const struct mf_context *context, mf_time window,
                           bool (*is)(const struct mf_view_attempt *attempt))
{
    unsigned n = 0, approved = 0;

    for (unsigned i = 0; i < context->view->n; i++) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        if (!(attempt->flags & MF_ATTEMPT_PROMPT) || !in_window(context, attempt->time, window) ||
            (is != NULL && !is(attempt)))
            continue;
        if (attempt->outcome == MF_APPROVED)
            approved = 1;
        else
            n++;
    }
    return n + approved;
}

unsigned mf_count_outcomes(const struct mf_context *context, mf_time window, bool (*is)(enum mf_outcome outcome))
{
    unsigned n = 0;

    for (unsigned i = 0; i < context->view->n; i++) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        n += is(attempt->outcome) && in_window(context, attempt->settled, window);
    }
    return n;
}

static bool is_code(enum mf_factor factor)
{
    return factor != MF_FACTOR_PUSH && factor != MF_FACTOR_VERIFIED_PUSH && factor != MF_FACTOR_FASTPASS &&
           factor != MF_FACTOR_WEBAUTHN && factor != MF_FACTOR_PASSWORD;
}

unsigned mf_count_wrong_codes(const struct mf_context *context, mf_time window)
{
    unsigned n = 0;

    for (unsigned i = 0; i < context->view->n; i++) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        n += attempt->outcome == MF_FAILED && is_code(attempt->factor) && in_window(context, attempt->settled, window);
    }
    return n;
}

bool mf_is_approved_now(const struct mf_context *context)
{
    for (unsigned i = context->view->n; i-- > 0;)
        if (context->view->attempt[i].outcome == MF_APPROVED && context->view->attempt[i].settled == context->now)
            return true;
    return false;
}

bool mf_is_high_risk(const struct mf_context *context)
{
    return context->scene->person != NULL && context->scene->person->risk_high;
}

bool mf_all_familiar(const struct mf_context *context, mf_time window)
{
    bool familiar = false;

    for (unsigned i = context->view->n; i-- > 0;) {
        const struct mf_view_attempt *attempt = &context->view->attempt[i];
        if (!in_window(context, attempt->time, window))
            continue;
        if (attempt->flags & MF_ATTEMPT_UNFAMILIAR)
            return false;
        familiar |= (attempt->flags & MF_ATTEMPT_FAMILIAR) != 0;
    }
    return familiar;
}

bool mf_any_flag(const struct mf_context *context, mf_time window, unsigned flag)
{
    for (unsigned i = context->view->n; i-- > 0;)
        if ((context->view->attempt[i].flags & flag) != 0 && in_window(context, context->view->attempt[i].time, window))
            return true;
    return false;
}

bool mf_any_unfamiliar(const struct mf_context *context, mf_time window)
{
    return mf_any_flag(context, window, MF_ATTEMPT_UNFAMILIAR);
}
