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

mf_attempts mf_begun_within(const struct mf_context *context, mf_time window)
{
    return mf_view_since(context->view, context->now - window + 1);
}

/* The prompts of a window for which `is` holds; NULL: all. */
static mf_attempts prompts_that(const struct mf_context *context, mf_time window,
                                bool (*is)(const struct mf_view_attempt *attempt))
{
    mf_attempts prompts = context->view->prompts, some = 0;

    if (prompts != 0)
        prompts &= mf_begun_within(context, window);
    if (is == NULL)
        return prompts;
    for (; prompts != 0; prompts &= prompts - 1) {
        unsigned i = (unsigned)__builtin_ctzll(prompts);
        some |= is(&context->view->attempt[i]) ? UINT64_C(1) << i : 0;
    }
    return some;
}

unsigned mf_count_prompts_that(const struct mf_context *context, mf_time window,
                               bool (*is)(const struct mf_view_attempt *attempt))
{
    return mf_attempts_count(prompts_that(context, window, is));
}

unsigned mf_count_prompts(const struct mf_context *context, mf_time window)
{
    return mf_attempts_count(prompts_that(context, window, NULL));
}

/* Login after login that went well is work: of the prompts that were approved one counts, the last one yes. */
unsigned mf_count_pressing(const struct mf_context *context, mf_time window,
                           bool (*is)(const struct mf_view_attempt *attempt))
{
    mf_attempts prompts = prompts_that(context, window, is), approved = context->view->outcome[MF_APPROVED];

    return mf_attempts_count(prompts & ~approved) + ((prompts & approved) != 0);
}

/* Outcomes are not sorted by time, but those of one sort are few. */
unsigned mf_count_outcomes(const struct mf_context *context, mf_time window, unsigned outcomes)
{
    const struct mf_view *view = context->view;
    mf_attempts attempts = 0;
    unsigned n = 0;

    for (outcomes &= view->outcomes; outcomes != 0; outcomes &= outcomes - 1)
        attempts |= view->outcome[__builtin_ctz(outcomes)];
    for (; attempts != 0; attempts &= attempts - 1)
        n += in_window(context, view->attempt[__builtin_ctzll(attempts)].settled, window);
    return n;
}

static bool is_failed_push(const struct mf_view_attempt *attempt)
{
    return (attempt->flags & MF_ATTEMPT_PROMPT) != 0 &&
           (attempt->factor == MF_FACTOR_PUSH || attempt->factor == MF_FACTOR_VERIFIED_PUSH);
}

unsigned mf_count_unanswered(const struct mf_context *context, mf_time window)
{
    unsigned n = mf_count_outcomes(context, window, MF_UNANSWERED);

    if ((context->carries & MF_CARRIES_REFUSALS) != 0)
        return n;
    for (mf_attempts failed = context->view->outcome[MF_FAILED]; failed != 0; failed &= failed - 1) {
        const struct mf_view_attempt *attempt = &context->view->attempt[__builtin_ctzll(failed)];
        n += is_failed_push(attempt) && in_window(context, attempt->settled, window);
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

    for (mf_attempts failed = context->view->outcome[MF_FAILED]; failed != 0; failed &= failed - 1) {
        const struct mf_view_attempt *attempt = &context->view->attempt[__builtin_ctzll(failed)];
        n += is_code(attempt->factor) && in_window(context, attempt->settled, window);
    }
    return n;
}

bool mf_is_approved_now(const struct mf_context *context)
{
    return context->view->approved_now;
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
