/* src/memory/ids.c
 *
 * Sets of WAYS entries. An entry is written with its set locked; what mf_ids_know() looks at without, it reads and everybody
 * writes as atomics. The quick marks of a set stand side by side in a table of their own. */

#include "memory/ids.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory/user.h"

enum { WAYS = 4, LOCKS = 16 /* no more than sets */, AGAIN = 86400 /* seconds until an entry's time is noted anew */ };

struct entry {
    uint64_t mark; /* of the id; 0: free */
    struct mf_hash user;
    uint32_t seen;
    bool named;
    char login[MF_IDS_LOGIN + 1];
};

/* What is kept of an entry in a file. */
struct id_record {
    struct mf_id id;
    struct mf_hash user;
    uint32_t seen; /* seconds since 1970 */
};

struct mf_ids {
    uint32_t mask; /* of sets */
    uint32_t n;    /* in use; an atomic */
    struct entry *entry;
    uint64_t *quick; /* of the id of each entry; atomics */
    pthread_mutex_t lock[LOCKS];
};

struct mf_ids *mf_ids_new(unsigned n, struct mf_error *error)
{
    struct mf_ids *ids = calloc(1, sizeof *ids);
    const uint32_t sets = mf_hash_places(n / WAYS);

    if (ids != NULL) {
        ids->entry = calloc((size_t)sets * WAYS, sizeof *ids->entry);
        ids->quick = calloc((size_t)sets * WAYS, sizeof *ids->quick);
    }
    if (ids == NULL || ids->entry == NULL || ids->quick == NULL) {
        if (ids != NULL) {
            free(ids->entry);
            free(ids->quick);
        }
        free(ids);
        mf_error_set(error, "not enough memory for %u ids (state.ids)", n);
        return NULL;
    }
    ids->mask = sets - 1;
    for (unsigned i = 0; i < LOCKS; i++)
        pthread_mutex_init(&ids->lock[i], NULL);
    return ids;
}

void mf_ids_free(struct mf_ids *ids)
{
    if (ids == NULL)
        return;
    for (unsigned i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&ids->lock[i]);
    free(ids->entry);
    free(ids->quick);
    free(ids);
}

size_t mf_ids_memory(const struct mf_ids *ids)
{
    return sizeof *ids + (size_t)(ids->mask + 1) * WAYS * (sizeof *ids->entry + sizeof *ids->quick);
}

unsigned mf_ids_count(const struct mf_ids *ids)
{
    return __atomic_load_n(&ids->n, __ATOMIC_RELAXED);
}

static uint32_t set_of(const struct mf_ids *ids, uint64_t quick)
{
    return (uint32_t)(quick >> 32) & ids->mask;
}

static struct entry *lock_set(struct mf_ids *ids, uint32_t set)
{
    pthread_mutex_lock(&ids->lock[set % LOCKS]);
    return &ids->entry[(size_t)set * WAYS];
}

static void unlock_set(struct mf_ids *ids, uint32_t set)
{
    pthread_mutex_unlock(&ids->lock[set % LOCKS]);
}

void mf_ids_expect(const struct mf_ids *ids, uint64_t quick)
{
    size_t at = (size_t)set_of(ids, quick) * WAYS;

    __builtin_prefetch(&ids->quick[at]);
    __builtin_prefetch(&ids->entry[at].user); /* mostly the only one of its set */
}

bool mf_ids_know(const struct mf_ids *ids, uint64_t quick, struct mf_hash user, mf_time now)
{
    size_t at = (size_t)set_of(ids, quick) * WAYS;
    const struct entry *entry = &ids->entry[at];

    for (unsigned i = 0; i < WAYS; i++, entry++)
        if (__atomic_load_n(&ids->quick[at + i], __ATOMIC_RELAXED) == quick)
            return __atomic_load_n(&entry->user.lo, __ATOMIC_RELAXED) == user.lo &&
                   __atomic_load_n(&entry->named, __ATOMIC_RELAXED) &&
                   mf_time_seconds(now) < __atomic_load_n(&entry->seen, __ATOMIC_RELAXED) + AGAIN;
    return false;
}

static void put(struct mf_ids *ids, struct entry *entry, const struct id_record *record, struct mf_slice login)
{
    bool same = entry->mark == record->id.mark && mf_hash_equal(entry->user, record->user);
    bool named = login.length > 0 && login.length <= MF_IDS_LOGIN;

    if (entry->mark == 0)
        __atomic_fetch_add(&ids->n, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ids->quick[entry - ids->entry], record->id.quick, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->user.lo, record->user.lo, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->named, named || (same && entry->named), __ATOMIC_RELAXED);
    if (!same || entry->seen < record->seen)
        __atomic_store_n(&entry->seen, record->seen, __ATOMIC_RELAXED);
    entry->user.hi = record->user.hi;
    entry->mark = record->id.mark;
    if (named)
        mf_slice_copy(entry->login, sizeof entry->login, login);
}

/* The entry of this id, else the one that makes room. */
static struct entry *choose(struct entry *set, uint64_t mark)
{
    struct entry *oldest = set;

    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].mark == mark)
            return &set[i];
        if (oldest->mark != 0 && (set[i].mark == 0 || set[i].seen < oldest->seen))
            oldest = &set[i];
    }
    return oldest;
}

static void learn(struct mf_ids *ids, const struct id_record *record, struct mf_slice login)
{
    uint32_t set = set_of(ids, record->id.quick);

    put(ids, choose(lock_set(ids, set), record->id.mark), record, login);
    unlock_set(ids, set);
}

void mf_ids_learn(struct mf_ids *ids, const struct mf_id *id, struct mf_hash user, struct mf_slice login, mf_time now)
{
    learn(ids, &(struct id_record){*id, user, mf_time_seconds(now)}, login);
}

bool mf_ids_find(struct mf_ids *ids, const struct mf_id *id, struct mf_hash *user, char login[MF_IDS_LOGIN + 1])
{
    uint32_t set = set_of(ids, id->quick);
    const struct entry *entry = choose(lock_set(ids, set), id->mark);
    bool found = entry->mark == id->mark;

    if (found) {
        *user = entry->user;
        memcpy(login, entry->login, sizeof entry->login);
        if (!entry->named)
            login[0] = '\0';
    }
    unlock_set(ids, set);
    return found;
}

static void clear(struct mf_ids *ids, struct entry *entry)
{
    __atomic_fetch_sub(&ids->n, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ids->quick[entry - ids->entry], 0, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->named, false, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->user.lo, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->seen, 0, __ATOMIC_RELAXED);
    entry->mark = entry->user.hi = 0;
    memset(entry->login, 0, sizeof entry->login);
}

/* What of the entries is to go: those of a user, or those that are old. */
struct choice {
    const struct mf_hash *user;
    uint32_t before;
};

static void clear_chosen(struct mf_ids *ids, const struct choice *choice)
{
    for (uint32_t set = 0; set <= ids->mask; set++) {
        struct entry *entry = lock_set(ids, set);
        for (unsigned i = 0; i < WAYS; i++)
            if (entry[i].mark != 0 &&
                (choice->user != NULL ? mf_hash_equal(entry[i].user, *choice->user) : entry[i].seen < choice->before))
                clear(ids, &entry[i]);
        unlock_set(ids, set);
    }
}

void mf_ids_forget(struct mf_ids *ids, struct mf_hash user)
{
    clear_chosen(ids, &(struct choice){.user = &user});
}

void mf_ids_expire(struct mf_ids *ids, mf_time since)
{
    clear_chosen(ids, &(struct choice){.before = mf_time_seconds(since)});
}

/* ---- for the snapshot ---- */

static const struct mf_field fields[] = {
    MF_NUMBER(struct id_record, id.quick),
    MF_NUMBER(struct id_record, id.mark),
    MF_PART(struct id_record, user, mf_hash_fields),
    MF_NUMBER(struct id_record, seen),
    {0},
};

void mf_ids_save(struct mf_ids *ids, struct mf_frame_writer *writer)
{
    struct id_record record[WAYS];

    for (uint32_t set = 0; set <= ids->mask; set++) {
        unsigned n = 0;
        const uint64_t *quick = &ids->quick[(size_t)set * WAYS]; /* written by nobody while the set is locked */
        const struct entry *entry = lock_set(ids, set);
        for (unsigned i = 0; i < WAYS; i++)
            if (entry[i].mark != 0)
                record[n++] = (struct id_record){{quick[i], entry[i].mark}, entry[i].user, entry[i].seen};
        unlock_set(ids, set);
        for (unsigned i = 0; i < n; i++) /* nobody waits for the disk */
            mf_frame_put(writer, MF_RECORD_ID, fields, &record[i]);
    }
}

bool mf_ids_restore(struct mf_ids *ids, const struct mf_frame_record *record)
{
    struct id_record read = {{0, 0}, {0, 0}, 0};

    if (!mf_unpack(fields, record->format, record->bytes, record->length, &read) || read.id.mark == 0 ||
        (read.user.lo == 0 && read.user.hi == 0))
        return false;
    learn(ids, &read, (struct mf_slice){NULL, 0});
    return true;
}
