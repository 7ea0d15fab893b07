/* src/memory/table.h
 *
 * All users, and which of their records were delivered already, bounded: everything is taken at creation, keyed by a 128-bit hash, in shards with a lock each.
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

#include "memory/frame.h"
#include "memory/user.h"

struct mf_table_conf {
    unsigned users;      /* remembered at most */
    unsigned recent;     /* with recent activity at most */
    unsigned traces;     /* last prompts of others kept at most */
    unsigned deliveries; /* records known again, at least */
};

struct mf_table;
struct mf_shard;

struct mf_table *mf_table_new(const struct mf_table_conf *conf, struct mf_error *error);
void mf_table_free(struct mf_table *table);
size_t mf_table_memory(const struct mf_table *table);

/* What mf_table_open() and mf_table_deliver() will look at comes into the cache meanwhile. Locks and reads nothing. */
void mf_table_expect(struct mf_table *table, struct mf_hash key, uint64_t mark);

/* Finds or makes the user, with the recent part borrowed, and locks the shard. NULL (and no lock) when the shard is
 * full of users that must stay. */
struct mf_user *mf_table_open(struct mf_table *table, struct mf_hash key, mf_time now, struct mf_shard **shard);

/* Finds only; NULL and no lock when there is none. The recent part may be NULL. */
struct mf_user *mf_table_find(struct mf_table *table, struct mf_hash key, struct mf_shard **shard);

void mf_table_close(struct mf_shard *shard);

/* Is this the first delivery of the record with this mark (0: always), which came at `when`? Then it is remembered: for
 * `lateness` at least, if there is room. Of an open shard, that of the record's user. */
bool mf_table_deliver(struct mf_shard *shard, uint64_t mark, mf_time when, mf_time lateness);

struct mf_table_counts {
    uint64_t users, users_evicted, recent, recent_evicted, refused, traces_lost, deliveries_lost;
};
void mf_table_count(struct mf_table *table, struct mf_table_counts *counts);

/* Each user, in no order, until `each` returns false. Nobody else uses the table. */
void mf_table_each(struct mf_table *table, bool (*each)(void *context, const struct mf_user *user), void *context);

/* ---- for the snapshot ---- */

#ifndef MF_TABLE_SHARDS
#define MF_TABLE_SHARDS 64
#endif

/* Which shard a user is in. */
unsigned mf_table_shard(struct mf_hash key);

/* An empty table of the same size; NULL: no memory. */
struct mf_table *mf_table_like(const struct mf_table *table);

/* Copies one shard into a table of the same size, which is then good for mf_table_save() only. */
void mf_table_copy(struct mf_table *to, struct mf_table *from, unsigned shard);

/* Writes the users of one shard of a copy, or of a table that nobody else uses. */
void mf_table_save(struct mf_table *table, unsigned shard, struct mf_frame_writer *writer);

/* Puts a record of mf_table_save() back into a table of any size, before it is used: a full one forgets the least
 * interesting, and counts that. What the file calls a signal's number is `signal[number]` here, MF_RUN_SIGNALS: none.
 * False: not sound, left out. */
bool mf_table_restore(struct mf_table *table, const struct mf_frame_record *record, const uint8_t *signal);

/* Users that were put back hold on to an incident of the old pool, so that they are not forgotten before it is put back
 * too. This takes it from all of them. */
void mf_table_clear_incidents(struct mf_table *table);

/* Takes a user out, whatever there is to it. False: not there. No shard locked. */
bool mf_table_forget(struct mf_table *table, struct mf_hash key);

/* Takes users out that were last seen before `since` and have no incident. How many. */
uint64_t mf_table_expire(struct mf_table *table, unsigned shard, mf_time since);

#endif
