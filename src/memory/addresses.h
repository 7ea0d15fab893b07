/* src/memory/addresses.h
 *
 * What is remembered of an address (IPv4, or an IPv6 /64) or of a phone that several users share: who had prompts from
 * it that were refused or came from a strange place, whose password failed there, who was let in. For the questions
 * that one user's own memory cannot answer: fan-in, spraying, one phone for several.
 *
 * Bounded: buckets of eight entries; the one with the fewest users makes room, of those the one least used lately. Of each
 * sort eight users are kept, which is more than any question counts to. Users are fingerprints; no name is kept.
 *
 * An address that has one mark, the home of one user or one of a flood, takes 16 bytes in a room of its own, sixteen times
 * as many; with its second mark it gets an entry, and brings the first along. There the oldest makes room.
 *
 * Each shard has a lock, taken here and nowhere else; no other lock is taken inside, and it is never held together with
 * a user's. */

#ifndef MF_MEMORY_ADDRESSES_H
#define MF_MEMORY_ADDRESSES_H

#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"
#include "memory/frame.h"

#include <stdbool.h>
#include <stddef.h>

enum { MF_MARKS_MAX = 8 };

/* Why a user is noted at an address. */
enum mf_mark_sort {
    MF_MARK_TARGET,   /* a prompt that was refused or unanswered, or from a place that is not the user's */
    MF_MARK_PASSWORD, /* a failed password */
    MF_MARK_ACCEPTED, /* let in, outside any suspicious run */
    MF_MARK_PHONE,    /* was sent a code to it */
    MF_N_MARKS
};

struct mf_addresses;

/* Room for `n` addresses, taken here. NULL and `error` when memory is short. */
struct mf_addresses *mf_addresses_new(unsigned n, struct mf_error *error);
void mf_addresses_free(struct mf_addresses *addresses);
size_t mf_addresses_memory(const struct mf_addresses *addresses);

/* Notes the user at the address. A sort's oldest mark makes room. */
void mf_addresses_note(struct mf_addresses *addresses, struct mf_hash key, enum mf_mark_sort sort, uint32_t user,
                       mf_time now);

/* One who was noted. */
struct mf_mark {
    uint32_t time; /* seconds since 1970; 0 = free */
    uint32_t user;
};

/* All that is remembered of an address, copied out. */
struct mf_address {
    struct mf_mark mark[MF_N_MARKS][MF_MARKS_MAX];
};

/* What mf_addresses_look() will look at comes into the cache meanwhile. Locks and reads nothing. */
void mf_addresses_expect(const struct mf_addresses *addresses, struct mf_hash key);

/* Copies out; all free when the address is not remembered. */
void mf_addresses_look(struct mf_addresses *addresses, struct mf_hash key, struct mf_address *address);

/* Distinct users noted after now - window, `but` left out. What others did after `now` counts too: only the latest of
 * them are kept, so a record that comes late would else find an empty address. Pure. */
unsigned mf_address_users(const struct mf_address *address, enum mf_mark_sort sort, uint32_t but, mf_time now,
                          mf_time window);

/* Was this user noted in the window? Pure. */
bool mf_address_has(const struct mf_address *address, enum mf_mark_sort sort, uint32_t user, mf_time now,
                    mf_time window);

/* ---- for the snapshot ---- */

#ifndef MF_ADDRESS_SHARDS
#define MF_ADDRESS_SHARDS 16
#endif

/* Which shard an address is in. */
unsigned mf_addresses_shard(struct mf_hash key);

/* Empty, of the same size; NULL: no memory. */
struct mf_addresses *mf_addresses_like(const struct mf_addresses *addresses);

/* Copies a shard into another of the same size, which nobody else uses; writes one of such a copy. */
void mf_addresses_copy(struct mf_addresses *to, struct mf_addresses *from, unsigned shard);
void mf_addresses_save(const struct mf_addresses *addresses, unsigned shard, struct mf_frame_writer *writer);

/* Puts a record of it back, into any size. False: not sound, left out. */
bool mf_addresses_restore(struct mf_addresses *addresses, const struct mf_frame_record *record);

#endif
