/* src/memory/attempts.h
 *
 * A user's attempts, in order of time, while an event enters them. Private to observe.c and view.c; the caller holds the user's
 * shard. */

#ifndef MF_MEMORY_ATTEMPTS_H
#define MF_MEMORY_ATTEMPTS_H

#include "memory/user.h"

static inline mf_time mf_attempt_time(const struct mf_recent *recent, const struct mf_attempt *attempt)
{
    return recent->base + attempt->time;
}

static inline mf_time mf_attempt_settled(const struct mf_recent *recent, const struct mf_attempt *attempt)
{
    return recent->base + attempt->settled;
}

/* The outcome that a kind tells; MF_OPEN for kinds that tell none. */
enum mf_outcome mf_outcome_of_kind(enum mf_kind kind);

/* Small fingerprints of the login that an event belongs to, and of its session; 0 = none. */
uint32_t mf_ticket_of(const struct mf_event *event);
uint32_t mf_session_of(const struct mf_event *event);

/* Of the vendor's type: three bits of the IdP and five of the type. */
uint8_t mf_type_mark_of(const struct mf_event *event);

/* Attempts count 32-bit milliseconds from `base`, which is 49 days: moves the base when an account never rests, lets go what
 * is too old for any window, and what lies in a future that a wrong clock made. Before an event of this time enters. */
void mf_attempts_rebase(struct mf_recent *recent, mf_time time);

/* A prompt, and an outcome: `sighting` says what became of it. */
void mf_attempts_prompt(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
                        const struct mf_place *place, struct mf_sighting *sighting);
void mf_attempts_outcome(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
                         const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting);

/* Gives a session to the approval that it follows; they may have been stamped in the same second. False: there is none. */
bool mf_attempts_session(struct mf_recent *recent, mf_time time);

/* A login that comes late explains the prompts that came before it on the wire. */
void mf_attempts_explain(struct mf_recent *recent, mf_time login);

#endif
