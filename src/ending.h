/* src/ending.h
 *
 * What ends as time goes by: prompts that nobody answers, incidents that are quiet for long enough, a minute whose alerts
 * were held back. Private to the engine. */

#ifndef MF_ENDING_H
#define MF_ENDING_H

#include "keeping.h"

/* Hands out an alert; no lock is held meanwhile. */
typedef void (*mf_send_fn)(struct mf_worker *worker, struct mf_alert *alert);

/* From the second attempt that presses on, the expiry of each prompt is a moment to judge, whether more is heard of the
 * user or not. The user's shard is locked. */
void mf_wait_for_answers(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                         const struct mf_entry *entry);

/* Whose incident made room for another's has none any more. No shard is locked. */
void mf_clear_displaced(struct mf_worker *worker);

/* Is there anything to close in the feed, or to sum up? It may say so once too often. Cheap. */
bool mf_is_due(struct mf_worker *worker, unsigned feed, mf_time now);

/* Closes what is due in a feed at its time `now`, each told to `send`. No lock is held. */
void mf_close_due(struct mf_worker *worker, unsigned feed, mf_time now, mf_send_fn send);

/* Closes again, out of the journal, before the engine is used: nothing is sent or written down. True: worker->alert (of a
 * user), or worker->campaign, was to be sent. */
bool mf_close_again(struct mf_worker *worker, const struct mf_note *note);

#endif
