/* src/memory/observe.h
 *
 * How one event enters what is remembered of its user. The caller holds the user's shard. */

#ifndef MF_MEMORY_OBSERVE_H
#define MF_MEMORY_OBSERVE_H

#include "memory/user.h"

/* What the event's texts come to, but for `delivery`. */
void mf_event_mark(const struct mf_event *event, struct mf_event_marks *marks);

/* Puts the event in its place among the user's attempts (which must be borrowed), matches outcome to prompt, prompt to
 * login and session to approval, folds repeats, starts a new run after a gap. */
void mf_user_observe(struct mf_user *user, const struct mf_event *event, const struct mf_source_values *source,
                     const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting);

/* The prompt of this event is of a feed that tells of logins. */
void mf_user_expect_login(struct mf_user *user, const struct mf_event *event);

#endif
