/* src/asking.h
 *
 * From what is known of a user to a verdict: the signals are asked as of a moment, and what they found in the run is added
 * up. Private to the engine; the user's shard is locked, and the recent part borrowed. */

#ifndef MF_ASKING_H
#define MF_ASKING_H

#include "engine_model.h"

/* A user among others, where 32 bits are enough to tell them apart. */
static inline uint32_t mf_user_mark(const struct mf_user *user)
{
    return (uint32_t)user->key.hi;
}

static inline unsigned mf_history_days(const struct mf_user *user, mf_time now)
{
    return user->first_seen == MF_TIME_NONE || now < user->first_seen ? 0
                                                                      : (unsigned)((now - user->first_seen) / MF_DAY);
}

/* What came of one event for its user, beside the verdict. */
struct mf_judged_user {
    struct mf_sighting sighting;
    struct mf_place place;
    bool duplicate, sent, taught;
    uint32_t mark, fired;
};

/* How the run stands as a whole. */
void mf_stand(const struct mf_user *user, const struct mf_view *view, const struct mf_totals *totals,
              struct mf_standing *standing);

/* Is there a prompt of which no record says that it timed out? */
bool mf_any_timeout_inferred(const struct mf_recent *recent, const struct mf_view *view);

/* Asks as of the record's time and, when others lie behind it (it came late), as of each of theirs too. Returns what
 * fired at the record. */
uint32_t mf_ask(struct mf_worker *worker, struct mf_context *context, struct mf_user *user,
                const struct mf_sighting *sighting);

/* The verdict of the run as it stands, with and after this event: worker->verdict. */
void mf_sum_up(struct mf_worker *worker, struct mf_user *user, const struct mf_sighting *sighting,
               bool is_factor_change, struct mf_standing *standing, struct mf_totals *totals);

/* The level from which an incident is opened; notes in worker->reached whether the verdict reaches it. Out of the journal it
 * is the other way round: what opened one when it was judged does so again, whatever policy is in force now, and
 * nothing else does. */
enum mf_level mf_opening_level(struct mf_worker *worker);

#endif
