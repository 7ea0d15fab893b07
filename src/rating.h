/* src/rating.h
 *
 * How usual a user's login attempts are: counted by the user, compared with the user's own past and with that of the group,
 * role and country. Private to the engine; the user's shard is locked. */

#ifndef MF_RATING_H
#define MF_RATING_H

#include "engine_model.h"

/* The directory's group of the event's user, else the first that the record names. */
struct mf_slice mf_first_group(const struct mf_worker *worker, const struct mf_event *event);

/* Counts the login attempt that the event's prompt belongs to, and compares with what is usual: worker->rate. */
void mf_answer_rate(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                    const struct mf_sighting *sighting);

#endif
