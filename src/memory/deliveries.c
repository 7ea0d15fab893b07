/* src/memory/deliveries.c
 *
 * A ring of marks, and chains through it: each place leads to its latest mark, and each mark to the one before it at the
 * same place. A chain ends where a number is no longer in the ring, so nothing is ever taken out of one. */

#include "memory/deliveries.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

int mf_deliveries_init(struct mf_deliveries *deliveries, uint32_t n)
{
    const uint32_t size = mf_hash_places(n);

    deliveries->ring = calloc(size, sizeof *deliveries->ring);
    deliveries->latest = calloc(size, sizeof *deliveries->latest);
    deliveries->mask = size - 1;
    deliveries->next = size + 1; /* so that number 0 is out of the ring */
    deliveries->lost = 0;
    return deliveries->ring == NULL || deliveries->latest == NULL ? -1 : 0;
}

void mf_deliveries_fini(struct mf_deliveries *deliveries)
{
    free(deliveries->ring);
    free(deliveries->latest);
    deliveries->ring = NULL;
    deliveries->latest = NULL;
}

size_t mf_deliveries_bytes(uint32_t n)
{
    return mf_hash_places(n) * (sizeof(struct mf_delivery) + sizeof(uint32_t));
}

static uint32_t *place_of(const struct mf_deliveries *deliveries, uint64_t mark)
{
    return &deliveries->latest[mark & deliveries->mask];
}

void mf_deliveries_expect(const struct mf_deliveries *deliveries, uint64_t mark)
{
    __builtin_prefetch(place_of(deliveries, mark), 1);
}

/* How many deliveries ago: from 1 to the size of the ring, or it is not there any more. */
static uint32_t age_of(const struct mf_deliveries *deliveries, uint32_t number)
{
    return deliveries->next - number;
}

bool mf_deliveries_has(const struct mf_deliveries *deliveries, uint64_t mark)
{
    uint32_t number = *place_of(deliveries, mark), younger = 0;

    /* numbers that have gone round may lead into another chain, but never back */
    while (age_of(deliveries, number) > younger && age_of(deliveries, number) - 1 <= deliveries->mask) {
        const struct mf_delivery *delivery = &deliveries->ring[number & deliveries->mask];
        if (delivery->mark == mark)
            return true;
        younger = age_of(deliveries, number);
        number = delivery->before;
    }
    return false;
}

static struct mf_delivery put(struct mf_deliveries *deliveries, uint64_t mark, uint32_t when)
{
    uint32_t *place = place_of(deliveries, mark);
    struct mf_delivery *slot = &deliveries->ring[deliveries->next & deliveries->mask], oldest = *slot;

    *slot = (struct mf_delivery){mark, when, *place};
    *place = deliveries->next++;
    return oldest;
}

void mf_deliveries_add(struct mf_deliveries *deliveries, uint64_t mark, mf_time when, mf_time lateness)
{
    const struct mf_delivery oldest = put(deliveries, mark, mf_time_seconds(when));

    deliveries->lost += oldest.mark != 0 && when - (mf_time)oldest.when * MF_SECOND <= lateness;
}

/* ---- for the snapshot ---- */

enum { AT_ONCE = sizeof((struct mf_deliveries_read *)0)->mark / sizeof(uint64_t) };

static const struct mf_field fields[] = {
    MF_NUMBER(struct mf_deliveries_read, shard),
    MF_NUMBER_MAX(struct mf_deliveries_read, n, AT_ONCE),
    MF_NUMBERS(struct mf_deliveries_read, mark),
    MF_NUMBERS(struct mf_deliveries_read, when),
    {0},
};

void mf_deliveries_copy(struct mf_deliveries *to, const struct mf_deliveries *from)
{
    memcpy(to->ring, from->ring, (from->mask + 1) * sizeof *to->ring);
    to->next = from->next;
}

void mf_deliveries_save(const struct mf_deliveries *deliveries, unsigned number, struct mf_frame_writer *writer)
{
    struct mf_deliveries_read record = {.shard = number};

    for (uint32_t i = 0; i <= deliveries->mask; i++) {
        const struct mf_delivery *delivery = &deliveries->ring[(deliveries->next + i) & deliveries->mask];
        if (delivery->mark != 0) {
            record.mark[record.n] = delivery->mark;
            record.when[record.n++] = delivery->when;
        }
        if (record.n == AT_ONCE || (i == deliveries->mask && record.n > 0)) {
            mf_frame_put(writer, MF_RECORD_DELIVERIES, fields, &record);
            record = (struct mf_deliveries_read){.shard = number};
        }
    }
}

bool mf_deliveries_read(const struct mf_frame_record *record, struct mf_deliveries_read *read)
{
    *read = (struct mf_deliveries_read){.shard = 0};
    return mf_unpack(fields, record->format, record->bytes, record->length, read);
}

void mf_deliveries_restore(struct mf_deliveries *deliveries, const struct mf_deliveries_read *read)
{
    for (uint32_t i = 0; i < read->n; i++)
        if (read->mark[i] != 0)
            put(deliveries, read->mark[i], read->when[i]);
}
