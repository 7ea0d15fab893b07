/* src/memory/waits.c
 *
 * A pool of users, and a heap of times for each feed. */

#include "memory/waits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "memory/due.h"

struct mf_waits {
    pthread_mutex_t lock;
    unsigned n, n_free;
    uint32_t *free;
    struct mf_wait *wait; /* all zero user: free */
    struct mf_due due;
    mf_time next[MF_FEEDS_MAX]; /* nobody of the feed is due before */
    uint64_t lost;
};

struct mf_waits *mf_waits_new(unsigned n, struct mf_error *error)
{
    struct mf_waits *waits = calloc(1, sizeof *waits);

    if (waits == NULL) {
        mf_error_set(error, "not enough memory for prompts of %u users (state.recent)", n);
        return NULL;
    }
    waits->free = calloc(n, sizeof *waits->free);
    waits->wait = calloc(n, sizeof *waits->wait);
    int failed = mf_due_init(&waits->due, n, MF_FEEDS_MAX);
    pthread_mutex_init(&waits->lock, NULL);
    if (waits->free == NULL || waits->wait == NULL || failed) {
        mf_error_set(error, "not enough memory for prompts of %u users (state.recent)", n);
        mf_waits_free(waits);
        return NULL;
    }
    waits->n = n;
    for (unsigned i = n; i > 0; i--)
        waits->free[waits->n_free++] = i - 1;
    for (unsigned i = 0; i < MF_FEEDS_MAX; i++)
        waits->next[i] = INT64_MAX;
    return waits;
}

void mf_waits_free(struct mf_waits *waits)
{
    if (waits == NULL)
        return;
    pthread_mutex_destroy(&waits->lock);
    mf_due_fini(&waits->due);
    free(waits->free);
    free(waits->wait);
    free(waits);
}

size_t mf_waits_memory(const struct mf_waits *waits)
{
    return sizeof *waits + waits->n * (sizeof *waits->free + sizeof *waits->wait) +
           mf_due_bytes(waits->n, MF_FEEDS_MAX);
}

static void note_next(struct mf_waits *waits, unsigned feed)
{
    __atomic_store_n(&waits->next[feed], mf_due_time(&waits->due, feed), __ATOMIC_RELAXED);
}

/* Where the user stands; a number that is another's by now is none. */
static bool stands(const struct mf_waits *waits, uint32_t number, struct mf_hash user)
{
    return number != 0 && number <= waits->n && mf_hash_equal(waits->wait[number - 1].user, user);
}

void mf_waits_put(struct mf_waits *waits, uint32_t *number, const struct mf_wait *wait)
{
    pthread_mutex_lock(&waits->lock);
    if (!stands(waits, *number, wait->user))
        *number = waits->n_free > 0 ? waits->free[--waits->n_free] + 1 : 0;
    if (*number == 0)
        waits->lost++;
    else {
        unsigned before = waits->wait[*number - 1].feed;
        waits->wait[*number - 1] = *wait;
        mf_due_put(&waits->due, *number - 1, wait->feed, wait->due, mf_mix_text(0, mf_slice_of(wait->name)));
        note_next(waits, before);
        note_next(waits, wait->feed);
    }
    pthread_mutex_unlock(&waits->lock);
}

static void take_out(struct mf_waits *waits, uint32_t slot, struct mf_wait *wait)
{
    *wait = waits->wait[slot];
    memset(&waits->wait[slot], 0, sizeof waits->wait[slot]);
    mf_due_remove(&waits->due, slot);
    waits->free[waits->n_free++] = slot;
}

mf_time mf_waits_next(const struct mf_waits *waits, unsigned feed)
{
    return __atomic_load_n(&waits->next[feed], __ATOMIC_RELAXED);
}

bool mf_waits_take_at(struct mf_waits *waits, uint32_t number, struct mf_hash user, struct mf_wait *wait)
{
    pthread_mutex_lock(&waits->lock);
    bool found = stands(waits, number, user);
    if (found) {
        take_out(waits, number - 1, wait);
        note_next(waits, wait->feed);
    }
    pthread_mutex_unlock(&waits->lock);
    return found;
}

bool mf_waits_take(struct mf_waits *waits, unsigned feed, mf_time now, struct mf_wait *wait)
{
    if (now < __atomic_load_n(&waits->next[feed], __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&waits->lock);
    uint32_t first = mf_due_first(&waits->due, feed);
    bool any = first != MF_NOT_DUE && waits->wait[first].due <= now;
    if (any)
        take_out(waits, first, wait);
    note_next(waits, feed);
    pthread_mutex_unlock(&waits->lock);
    return any;
}

uint64_t mf_waits_lost(struct mf_waits *waits)
{
    pthread_mutex_lock(&waits->lock);
    uint64_t lost = waits->lost;
    pthread_mutex_unlock(&waits->lock);
    return lost;
}

/* ---- for the snapshot ---- */

static const struct mf_field wait_fields[] = {
    MF_PART(struct mf_wait, user, mf_hash_fields),
    MF_WHEN(struct mf_wait, due),
    MF_NUMBER_MAX(struct mf_wait, feed, MF_FEEDS_MAX - 1),
    MF_NUMBER(struct mf_wait, carries),
    MF_TEXT(struct mf_wait, idp),
    MF_TEXT(struct mf_wait, name),
    MF_TEXT(struct mf_wait, user_id),
    {0},
};

unsigned mf_waits_max(const struct mf_waits *waits)
{
    return waits->n;
}

unsigned mf_waits_copy(struct mf_waits *waits, struct mf_wait *to)
{
    unsigned n = 0;

    pthread_mutex_lock(&waits->lock);
    for (unsigned i = 0; i < waits->n && n < waits->n - waits->n_free; i++)
        if (waits->wait[i].due != 0)
            to[n++] = waits->wait[i];
    pthread_mutex_unlock(&waits->lock);
    return n;
}

void mf_wait_save(const struct mf_wait *wait, struct mf_frame_writer *writer)
{
    mf_frame_put(writer, MF_RECORD_WAIT, wait_fields, wait);
}

bool mf_wait_read(const struct mf_frame_record *record, struct mf_wait *wait)
{
    memset(wait, 0, sizeof *wait);
    return mf_unpack(wait_fields, record->format, record->bytes, record->length, wait);
}
