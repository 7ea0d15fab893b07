/* src/memory/deliveries.h
 *
 * Which records were delivered already: the marks of the last so many, whoever they are of. Feeds deliver at least once, and
 * a record that is behind its feed by more than `lateness` is not judged anyway: so it is enough to know those of that
 * time. A mark is 64 bits of a keyed hash, compared whole: of a million remembered, one new record in 2^44 is taken
 * for one of them.
 *
 * Bounded: a ring that is taken at the start and touched as it fills; the oldest makes room. One that makes room while its
 * record might still come again is counted. Nothing locks: the owner (table.c) does. */

#ifndef MF_MEMORY_DELIVERIES_H
#define MF_MEMORY_DELIVERIES_H

#include "memory/frame.h"

struct mf_delivery {
    uint64_t mark;   /* 0: none */
    uint32_t when;   /* seconds since 1970 */
    uint32_t before; /* number of the one before it at its place */
};

struct mf_deliveries {
    struct mf_delivery *ring;
    uint32_t *latest; /* for each place, the number of the latest mark there */
    uint32_t mask;    /* of slots and of places */
    uint32_t next;    /* number of the next one; numbers go round, a slot is the low part of one */
    uint64_t lost;
};

/* Room for `n` at least. -1 when memory is short; mf_deliveries_fini() may be called all the same. */
int mf_deliveries_init(struct mf_deliveries *deliveries, uint32_t n);
void mf_deliveries_fini(struct mf_deliveries *deliveries);
size_t mf_deliveries_bytes(uint32_t n);

/* Fetches what mf_deliveries_has() will look at. */
void mf_deliveries_expect(const struct mf_deliveries *deliveries, uint64_t mark);

bool mf_deliveries_has(const struct mf_deliveries *deliveries, uint64_t mark);

/* Remembers a mark that is not there. `when` its record came; one that came `lateness` before it may come again. */
void mf_deliveries_add(struct mf_deliveries *deliveries, uint64_t mark, mf_time when, mf_time lateness);

/* ---- for the snapshot ---- */

/* Copies into an empty one of the same size, which is then good for mf_deliveries_save() only. */
void mf_deliveries_copy(struct mf_deliveries *to, const struct mf_deliveries *from);

/* Writes them, the oldest first, as those of shard `number`. */
void mf_deliveries_save(const struct mf_deliveries *deliveries, unsigned number, struct mf_frame_writer *writer);

/* Some of them as they are read back: whose, and which. False: not sound. */
struct mf_deliveries_read {
    uint32_t shard, n;
    uint64_t mark[256];
    uint32_t when[256];
};
bool mf_deliveries_read(const struct mf_frame_record *record, struct mf_deliveries_read *read);

/* Puts back what was read, behind what is there. A smaller ring forgets the oldest; that is not counted. */
void mf_deliveries_restore(struct mf_deliveries *deliveries, const struct mf_deliveries_read *read);

#endif
