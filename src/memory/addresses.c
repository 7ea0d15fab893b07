/* src/memory/addresses.c
 *
 * Shards of buckets of eight entries; an entry is found by its whole 128-bit key, after 32 bits of it that stand in a table
 * of their own, eight of them side by side; a single mark by such 32 bits alone within its bucket. */

#include "memory/addresses.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = MF_ADDRESS_SHARDS, WAYS = 8, WEEK = 7 * 24 * 3600, SINGLES = 16 /* for each entry */ };

struct entry {
    struct mf_hash key; /* all zero: free */
    uint32_t used;      /* seconds since 1970 */
    struct mf_address address;
};

/* An address with one mark. */
struct single {
    uint32_t key; /* 0: free */
    uint32_t sort;
    struct mf_mark mark;
};

struct shard {
    pthread_mutex_t lock;
    uint32_t *tag; /* of each entry; 0: free */
    struct entry *entry;
    struct single *single;
} __attribute__((aligned(64)));

struct mf_addresses {
    struct shard shard[SHARDS];
    uint32_t buckets; /* of a shard */
};

struct mf_addresses *mf_addresses_new(unsigned n, struct mf_error *error)
{
    struct mf_addresses *addresses = aligned_alloc(64, sizeof *addresses);
    bool failed = false;

    if (addresses == NULL) {
        mf_error_set(error, "not enough memory for %u addresses (state.addresses)", n);
        return NULL;
    }
    memset(addresses, 0, sizeof *addresses);
    addresses->buckets = n / (SHARDS * WAYS) + 1;
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&addresses->shard[i].lock, NULL);
        addresses->shard[i].tag = calloc((size_t)addresses->buckets * WAYS, sizeof(uint32_t));
        addresses->shard[i].entry = calloc((size_t)addresses->buckets * WAYS, sizeof(struct entry));
        addresses->shard[i].single = calloc((size_t)addresses->buckets * WAYS * SINGLES, sizeof(struct single));
        failed |=
            addresses->shard[i].tag == NULL || addresses->shard[i].entry == NULL || addresses->shard[i].single == NULL;
    }
    if (failed) {
        mf_error_set(error, "not enough memory for %u addresses (state.addresses)", n);
        mf_addresses_free(addresses);
        return NULL;
    }
    return addresses;
}

void mf_addresses_free(struct mf_addresses *addresses)
{
    if (addresses == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_destroy(&addresses->shard[i].lock);
        free(addresses->shard[i].tag);
        free(addresses->shard[i].entry);
        free(addresses->shard[i].single);
    }
    free(addresses);
}

size_t mf_addresses_memory(const struct mf_addresses *addresses)
{
    return sizeof *addresses + (size_t)addresses->buckets * WAYS * SHARDS *
                                   (sizeof(uint32_t) + sizeof(struct entry) + SINGLES * sizeof(struct single));
}

static uint32_t seconds(mf_time time)
{
    uint32_t whole = mf_time_seconds(time);

    return whole == 0 ? 1 : whole;
}

unsigned mf_addresses_shard(struct mf_hash key)
{
    return (unsigned)(key.hi % SHARDS);
}

static struct shard *shard_of(struct mf_addresses *addresses, struct mf_hash key)
{
    return &addresses->shard[mf_addresses_shard(key)];
}

/* 32 bits of a key, never 0. */
static uint32_t tag_of(struct mf_hash key)
{
    return mf_mix_fold(key.hi ^ key.lo);
}

/* The number of its first entry. */
static size_t bucket_of(const struct mf_addresses *addresses, struct mf_hash key)
{
    return key.lo % addresses->buckets * WAYS;
}

static struct entry *find(const struct shard *shard, size_t bucket, struct mf_hash key)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (shard->tag[bucket + i] == tag_of(key) && mf_hash_equal(shard->entry[bucket + i].key, key))
            return &shard->entry[bucket + i];
    return NULL;
}

/* How many users are noted; none when the last note is a week old. */
static unsigned worth(const struct entry *entry, uint32_t now)
{
    unsigned marks = 0;

    if (now - entry->used > WEEK && now > entry->used)
        return 0;
    for (unsigned sort = 0; sort < MF_N_MARKS; sort++)
        for (unsigned i = 0; i < MF_MARKS_MAX; i++)
            marks += entry->address.mark[sort][i].time != 0;
    return marks;
}

/* The homes of single users come and go; offices, and addresses that go for many, stay. */
static struct entry *take(struct shard *shard, size_t bucket, struct mf_hash key, uint32_t now)
{
    struct entry *victim = &shard->entry[bucket];
    unsigned least = worth(victim, now);

    for (struct entry *entry = victim + 1; entry < &shard->entry[bucket + WAYS]; entry++) {
        unsigned this = worth(entry, now);
        if (this < least || (this == least && entry->used < victim->used)) {
            victim = entry;
            least = this;
        }
    }
    memset(victim, 0, sizeof *victim);
    victim->key = key;
    shard->tag[victim - shard->entry] = tag_of(key);
    return victim;
}

/* The user's own mark, a free one, or the oldest. */
static struct mf_mark *mark_for(struct mf_mark marks[MF_MARKS_MAX], uint32_t user)
{
    struct mf_mark *oldest = &marks[0];

    for (unsigned i = 0; i < MF_MARKS_MAX; i++) {
        if (marks[i].time != 0 && marks[i].user == user)
            return &marks[i];
        if (marks[i].time < oldest->time)
            oldest = &marks[i];
    }
    return oldest;
}

/* A late note does not push out a newer one. */
static void note(struct mf_mark *mark, uint32_t user, uint32_t now)
{
    if (now > mark->time)
        *mark = (struct mf_mark){.time = now, .user = user};
}

/* ---- single marks ---- */

static struct single *single_bucket(const struct mf_addresses *addresses, const struct shard *shard, struct mf_hash key)
{
    return &shard->single[key.lo % (addresses->buckets * SINGLES) * WAYS];
}

static struct single *find_single(struct single *bucket, struct mf_hash key)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (bucket[i].key == tag_of(key))
            return &bucket[i];
    return NULL;
}

/* A free one is the oldest of all. */
static struct single *take_single(struct single *bucket, struct mf_hash key)
{
    struct single *oldest = bucket;

    for (unsigned i = 1; i < WAYS; i++)
        if (bucket[i].mark.time < oldest->mark.time)
            oldest = &bucket[i];
    *oldest = (struct single){.key = tag_of(key)};
    return oldest;
}

/* The address has no entry. True when it gets none now: its mark is its first. */
static bool note_single(struct single *bucket, struct mf_hash key, enum mf_mark_sort sort, uint32_t user, uint32_t now)
{
    struct single *single = find_single(bucket, key);

    if (single != NULL && (single->sort != (uint32_t)sort || single->mark.user != user))
        return false;
    if (single == NULL) {
        single = take_single(bucket, key);
        single->sort = (uint32_t)sort;
    }
    note(&single->mark, user, now);
    return true;
}

/* ---- noting and looking ---- */

static struct entry *promote(struct shard *shard, size_t bucket, struct single *single, struct mf_hash key,
                             uint32_t now)
{
    struct entry *entry = take(shard, bucket, key, now);

    entry->address.mark[single->sort][0] = single->mark;
    entry->used = single->mark.time;
    *single = (struct single){0};
    return entry;
}

void mf_addresses_note(struct mf_addresses *addresses, struct mf_hash key, enum mf_mark_sort sort, uint32_t user,
                       mf_time time)
{
    struct shard *shard = shard_of(addresses, key);
    uint32_t now = seconds(time);

    pthread_mutex_lock(&shard->lock);
    size_t bucket = bucket_of(addresses, key);
    struct entry *entry = find(shard, bucket, key);
    struct single *singles = single_bucket(addresses, shard, key);
    if (entry == NULL && !note_single(singles, key, sort, user, now))
        entry = promote(shard, bucket, find_single(singles, key), key, now);
    if (entry != NULL) {
        note(mark_for(entry->address.mark[sort], user), user, now);
        entry->used = now > entry->used ? now : entry->used;
    }
    pthread_mutex_unlock(&shard->lock);
}

void mf_addresses_expect(const struct mf_addresses *addresses, struct mf_hash key)
{
    const struct shard *shard = &addresses->shard[mf_addresses_shard(key)];
    const struct single *singles = single_bucket(addresses, shard, key);

    __builtin_prefetch(&shard->lock, 1);
    __builtin_prefetch(&shard->tag[bucket_of(addresses, key)]);
    __builtin_prefetch(&singles[0], 1);
    __builtin_prefetch(&singles[WAYS - 1], 1);
}

void mf_addresses_look(struct mf_addresses *addresses, struct mf_hash key, struct mf_address *address)
{
    struct shard *shard = shard_of(addresses, key);

    memset(address, 0, sizeof *address);
    pthread_mutex_lock(&shard->lock);
    const struct entry *entry = find(shard, bucket_of(addresses, key), key);
    const struct single *single = find_single(single_bucket(addresses, shard, key), key);
    if (entry != NULL)
        *address = entry->address;
    else if (single != NULL)
        address->mark[single->sort][0] = single->mark;
    pthread_mutex_unlock(&shard->lock);
}

static bool in_window(const struct mf_mark *mark, mf_time now, mf_time window)
{
    return mark->time != 0 && (mf_time)mark->time * MF_SECOND > now - window;
}

unsigned mf_address_users(const struct mf_address *address, enum mf_mark_sort sort, uint32_t but, mf_time now,
                          mf_time window)
{
    unsigned users = 0;

    for (unsigned i = 0; i < MF_MARKS_MAX; i++) {
        const struct mf_mark *mark = &address->mark[sort][i];
        users += in_window(mark, now, window) && mark->user != but;
    }
    return users;
}

bool mf_address_has(const struct mf_address *address, enum mf_mark_sort sort, uint32_t user, mf_time now,
                    mf_time window)
{
    for (unsigned i = 0; i < MF_MARKS_MAX; i++)
        if (in_window(&address->mark[sort][i], now, window) && address->mark[sort][i].user == user)
            return true;
    return false;
}

/* ---- for the snapshot ---- */

static const struct mf_field key_fields[] = {
    MF_NUMBER(struct mf_hash, lo),
    MF_NUMBER(struct mf_hash, hi),
    {0},
};

static const struct mf_field mark_fields[] = {
    MF_NUMBER(struct mf_mark, time),
    MF_NUMBER(struct mf_mark, user),
    {0},
};

static const struct mf_field address_fields[] = {
    MF_PARTS(struct mf_address, mark[MF_MARK_TARGET], mark_fields),
    MF_PARTS(struct mf_address, mark[MF_MARK_PASSWORD], mark_fields),
    MF_PARTS(struct mf_address, mark[MF_MARK_ACCEPTED], mark_fields),
    MF_PARTS(struct mf_address, mark[MF_MARK_PHONE], mark_fields),
    {0},
};
_Static_assert(MF_N_MARKS == 4, "the table above names four sorts");

static const struct mf_field entry_fields[] = {
    MF_PART(struct entry, key, key_fields),
    MF_NUMBER(struct entry, used),
    MF_PART(struct entry, address, address_fields),
    {0},
};

/* A single mark is found by its place, which another size does not have. */
struct kept_single {
    uint32_t buckets, shard, place;
    struct single single;
};

static const struct mf_field single_fields[] = {
    MF_NUMBER(struct kept_single, buckets),
    MF_NUMBER_MAX(struct kept_single, shard, SHARDS - 1),
    MF_NUMBER(struct kept_single, place),
    MF_NUMBER(struct kept_single, single.key),
    MF_NUMBER_MAX(struct kept_single, single.sort, MF_N_MARKS - 1),
    MF_PART(struct kept_single, single.mark, mark_fields),
    {0},
};

struct mf_addresses *mf_addresses_like(const struct mf_addresses *addresses)
{
    return mf_addresses_new((addresses->buckets - 1) * SHARDS * WAYS, NULL);
}

void mf_addresses_copy(struct mf_addresses *to, struct mf_addresses *from, unsigned number)
{
    struct shard *shard = &from->shard[number];

    pthread_mutex_lock(&shard->lock);
    memcpy(to->shard[number].entry, shard->entry, (size_t)from->buckets * WAYS * sizeof *shard->entry);
    for (size_t i = 0; i < (size_t)from->buckets * WAYS * SINGLES; i++) /* touches no more memory than is used */
        if (shard->single[i].key != 0)
            to->shard[number].single[i] = shard->single[i];
    pthread_mutex_unlock(&shard->lock);
}

static bool is_free(const struct entry *entry)
{
    return entry->key.lo == 0 && entry->key.hi == 0;
}

void mf_addresses_save(const struct mf_addresses *addresses, unsigned number, struct mf_frame_writer *writer)
{
    const struct entry *entry = addresses->shard[number].entry;
    struct kept_single kept = {.buckets = addresses->buckets, .shard = number};

    for (uint32_t i = 0; i < addresses->buckets * WAYS; i++)
        if (!is_free(&entry[i]))
            mf_frame_put(writer, MF_RECORD_ADDRESS, entry_fields, &entry[i]);
    for (kept.place = 0; kept.place < addresses->buckets * WAYS * SINGLES; kept.place++) {
        kept.single = addresses->shard[number].single[kept.place];
        if (kept.single.key != 0)
            mf_frame_put(writer, MF_RECORD_SINGLE, single_fields, &kept);
    }
}

static bool restore_single(struct mf_addresses *addresses, const struct mf_frame_record *record)
{
    struct kept_single read = {0};

    if (!mf_unpack(single_fields, record->format, record->bytes, record->length, &read) ||
        read.place >= (uint64_t)read.buckets * WAYS * SINGLES)
        return false;
    if (read.buckets == addresses->buckets)
        addresses->shard[read.shard].single[read.place] = read.single;
    return true;
}

static bool restore_entry(struct mf_addresses *addresses, const struct mf_frame_record *record)
{
    struct entry read = {0};

    if (!mf_unpack(entry_fields, record->format, record->bytes, record->length, &read) || is_free(&read))
        return false;
    struct shard *shard = shard_of(addresses, read.key);
    size_t bucket = bucket_of(addresses, read.key);
    if (find(shard, bucket, read.key) != NULL)
        return false;
    *take(shard, bucket, read.key, read.used) = read;
    return true;
}

bool mf_addresses_restore(struct mf_addresses *addresses, const struct mf_frame_record *record)
{
    return record->kind == MF_RECORD_SINGLE ? restore_single(addresses, record) : restore_entry(addresses, record);
}
