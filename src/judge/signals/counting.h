/* src/judge/signals/counting.h
 *
 * Counting attempts in a window: the words that the signals share. */

#ifndef MF_JUDGE_SIGNALS_COUNTING_H
#define MF_JUDGE_SIGNALS_COUNTING_H

#include "judge/signal.h"

/* Does the record say where its login came from, and is it the moment of that record? What a source signal needs. */
bool mf_has_source(const struct mf_context *context);

/* Is the user somebody whom the source address should not ask: a stranger to it, or one who does not know it and gave
 * a negative answer? */
bool mf_is_target(const struct mf_context *context);

/* The attempts that began in the window: (now - window, now]. */
mf_attempts mf_begun_within(const struct mf_context *context, mf_time window);

/* Prompts shown in the window that ends now, this moment included. */
unsigned mf_count_prompts(const struct mf_context *context, mf_time window);

/* The same without logins that went well: all prompts that were approved count as one. `is` may be NULL. */
unsigned mf_count_pressing(const struct mf_context *context, mf_time window,
                           bool (*is)(const struct mf_view_attempt *attempt));

/* Attempts with one of these outcomes (MF_OUTCOME_BIT), settled in the window. */
unsigned mf_count_outcomes(const struct mf_context *context, mf_time window, unsigned outcomes);

/* Prompts that nobody answered, settled in the window. On a feed that has told no refusal so far pushes that failed are
 * among them: there are providers that know success and failure only, and call refusals and silence a failure. */
unsigned mf_count_unanswered(const struct mf_context *context, mf_time window);

/* Wrong codes (not pushes that failed) in the window. */
unsigned mf_count_wrong_codes(const struct mf_context *context, mf_time window);

/* Is an approval settled at this very moment? */
bool mf_is_approved_now(const struct mf_context *context);

/* Prompts of a window that are, or ended, as `is` says. */
unsigned mf_count_prompts_that(const struct mf_context *context, mf_time window,
                               bool (*is)(const struct mf_view_attempt *attempt));

/* Does the directory mark the user? */
bool mf_is_high_risk(const struct mf_context *context);

/* Did all attempts of the window come from sources that are the user's own, as far as they are told, and one was? */
bool mf_all_familiar(const struct mf_context *context, mf_time window);

/* Does any attempt of the window have the flag (enum mf_attempt_flag)? */
bool mf_any_flag(const struct mf_context *context, mf_time window, unsigned flag);

/* Did any attempt of the window come from a source that is not the user's? */
bool mf_any_unfamiliar(const struct mf_context *context, mf_time window);

#endif
