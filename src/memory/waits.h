/* src/memory/waits.h
 *
 * Users with prompts that wait for an answer, and when the next of these expires: so that prompts which nobody answers
 * are judged although nothing more is heard of the user. By feed, as each has a time of its own. Bounded; names are kept
 * while a prompt waits, minutes, as an alert has to tell them.
 *
 * One lock, taken here and nowhere else, inside a user's shard or with none held. */

#ifndef MF_MEMORY_WAITS_H
#define MF_MEMORY_WAITS_H

#include "memory/feeds.h"
#include "memory/frame.h"

enum { MF_WAITS_PRESSING = 5 }; /* attempts that press, from which on a user's prompts are waited for */

/* One user who waits. */
struct mf_wait {
    struct mf_hash user;
    mf_time due; /* when the next prompt expires */
    unsigned feed, carries;
    char idp[32];
    char name[MF_USER_MAX + 1], user_id[MF_EVIDENCE_TEXT];
};

struct mf_waits;

struct mf_waits *mf_waits_new(unsigned n, struct mf_error *error);
void mf_waits_free(struct mf_waits *waits);
size_t mf_waits_memory(const struct mf_waits *waits);

/* Waits for the user, from now on so; `number` is where it stands, 0 = nowhere yet, and is kept by the caller. */
void mf_waits_put(struct mf_waits *waits, uint32_t *number, const struct mf_wait *wait);

/* Takes out who of the feed is due at `now`, the first one first; of equal times by name. False: nobody. Cheap then. */
bool mf_waits_take(struct mf_waits *waits, unsigned feed, mf_time now, struct mf_wait *wait);

/* Nobody of the feed is due before. Cheap. */
mf_time mf_waits_next(const struct mf_waits *waits, unsigned feed);

/* Takes the user out of where it stands, due or not. False: it is not there. */
bool mf_waits_take_at(struct mf_waits *waits, uint32_t number, struct mf_hash user, struct mf_wait *wait);

/* ---- for the snapshot ---- */

unsigned mf_waits_max(const struct mf_waits *waits);

/* Copies all who wait out, `to` has room for mf_waits_max(); how many there are. */
unsigned mf_waits_copy(struct mf_waits *waits, struct mf_wait *to);
void mf_wait_save(const struct mf_wait *wait, struct mf_frame_writer *writer);
bool mf_wait_read(const struct mf_frame_record *record, struct mf_wait *wait);

/* How many there was no room for. */
uint64_t mf_waits_lost(struct mf_waits *waits);

#endif
