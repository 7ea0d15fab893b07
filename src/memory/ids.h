/* src/memory/ids.h
 *
 * Whose id an IdP's id is. Many feeds name users by login where they log in, and only by the IdP's own id where they are
 * prompted ("auth0|5f7c..."). An accepted login that names both is remembered, so that what is told of the id belongs to the
 * same user as what is told of the login.
 *
 * Bounded: sets of a few, in which the one that was seen last the longest ago makes room. An entry is the keyed hash of feed
 * and id, the user's key, and the login itself, for alerts; the login is in memory only, and the rest in the snapshot, so
 * that after a restart the user is known at once, and by name from the next login on. A login longer than MF_IDS_LOGIN is
 * not remembered.
 *
 * Safe for threads: a lock for some sets each, held by nobody who returns; mf_ids_know() takes none. */

#ifndef MF_MEMORY_IDS_H
#define MF_MEMORY_IDS_H

#include "base/error.h"
#include "base/hash.h"
#include "base/slice.h"
#include "base/time.h"
#include "memory/frame.h"

enum { MF_IDS_LOGIN = 63 };

struct mf_ids;

/* An id of a feed. `quick` is enough to see that nothing is new; whom an id belongs to is told by `mark` alone. */
struct mf_id {
    uint64_t quick; /* a mix, seeded with the feed's key */
    uint64_t mark;  /* 64 bits of a keyed hash of feed and id, not 0; 0: none */
};

/* Room for `n` at least; NULL: no memory for it. */
struct mf_ids *mf_ids_new(unsigned n, struct mf_error *error);
void mf_ids_free(struct mf_ids *ids);
size_t mf_ids_memory(const struct mf_ids *ids);

/* What mf_ids_know() will look at comes into the cache meanwhile. */
void mf_ids_expect(const struct mf_ids *ids, uint64_t quick);

/* True when this id is known to be this user's, by name, and was seen within a day: there is nothing to learn. */
bool mf_ids_know(const struct mf_ids *ids, uint64_t quick, struct mf_hash user, mf_time now);

/* Remembers; an id that was another's is this user's now. A login that is absent or too long leaves the name that is known. */
void mf_ids_learn(struct mf_ids *ids, const struct mf_id *id, struct mf_hash user, struct mf_slice login, mf_time now);

/* Whose it is: false when that is not known. `login` becomes empty when the name is not. */
bool mf_ids_find(struct mf_ids *ids, const struct mf_id *id, struct mf_hash *user, char login[MF_IDS_LOGIN + 1]);

/* Forgets all ids of a user, or all that were last seen before `since`. */
void mf_ids_forget(struct mf_ids *ids, struct mf_hash user);
void mf_ids_expire(struct mf_ids *ids, mf_time since);

unsigned mf_ids_count(const struct mf_ids *ids);

/* ---- for the snapshot ---- */

/* Writes all of them, without the names, while others learn: what is learned meanwhile stands in the journal as well, and
 * learning it twice is learning it once. */
void mf_ids_save(struct mf_ids *ids, struct mf_frame_writer *writer);
bool mf_ids_restore(struct mf_ids *ids, const struct mf_frame_record *record); /* false: not sound */

#endif
