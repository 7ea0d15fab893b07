/* src/naming.h
 *
 * Who is meant by an id: a record that names its user by the IdP's id alone is that of the user whose login came with this
 * id before (memory/ids.h). Private to the engine. */

#ifndef MF_NAMING_H
#define MF_NAMING_H

#include "engine_model.h"

/* Has the profile found no login, and taken the id for one? */
static inline bool mf_is_named_by_id(const struct mf_event *event)
{
    return event->user_id.length == event->user.length && mf_slice_equal_nocase(event->user_id, event->user);
}

/* Of an event that is named so, before lists are asked: its user becomes the login that the id is known to be, in
 * worker->login. worker->by_id when the user is known, by name or not: then under worker->id_user. No lock is held. */
void mf_name_by_id(struct mf_worker *worker, struct mf_event *event);

/* What mf_learn_id() will look at comes into the cache meanwhile. For worker->inputs, before it. */
void mf_expect_id(struct mf_worker *worker);

/* Learns whose id the event tells, when the IdP let that user in; what was new goes to worker->inputs.id. Behind the gate,
 * no lock held. */
void mf_learn_id(struct mf_worker *worker);

#endif
