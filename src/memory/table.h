/* src/memory/table.h
 *
 * All users, bounded: everything is taken at creation, keyed by a 128-bit hash, in shards with a lock each.
 *
 * Lock contract: a shard's lock is taken in mf_table_open() and given back in mf_table_close(), on the same thread,
 * never two at once, and nothing that blocks is called between. Inside a shard's lock a feed's or the
 * incident pool's may be taken, never both and never the other way round.
 *
 * Full means evict and count. Users who were never let in (strangers) have a share of the room, a sixteenth of the users
 * and a quarter of the recent parts, when all is taken, and make room among themselves, first come first go. Users who
 * were let in make room for each other, by SIEVE. A user with an incident stays. Whose recent part is taken leaves a
 * trace (trace.h) with the last prompts, and gets it back; who has more prompts than a trace holds is passed over.
 * docs/state-under-attack.md has the experiment that this was chosen by. */

#ifndef MF_MEMORY_TABLE_H
#define MF_MEMORY_TABLE_H

#include "memory/user.h"

struct mf_table_conf {
    unsigned users;  /* remembered at most */
    unsigned recent; /* with recent activity at most */
    unsigned traces; /* last prompts of others kept at most */
};

struct mf_table;
struct mf_shard;

struct mf_table *mf_table_new(const struct mf_table_conf *conf, struct mf_error *error);
void mf_table_free(struct mf_table *table);
size_t mf_table_memory(const struct mf_table *table);

/* Finds or makes the user, with the recent part borrowed, and locks the shard. NULL (and no lock) when the shard is
 * full of users that must stay. */
struct mf_user *mf_table_open(struct mf_table *table, struct mf_hash key, mf_time now, struct mf_shard **shard);

/* Finds only; NULL and no lock when there is none. The recent part may be NULL. */
struct mf_user *mf_table_find(struct mf_table *table, struct mf_hash key, struct mf_shard **shard);

void mf_table_close(struct mf_shard *shard);

struct mf_table_counts {
    uint64_t users, users_evicted, recent, recent_evicted, refused, traces_lost;
};
void mf_table_count(struct mf_table *table, struct mf_table_counts *counts);

#endif
