/* src/memory/table.c
 *
 * Users in shards: an open-addressing index of 32-bit slots over preallocated records, a pool of recent parts, a set of
 * traces and a ring of deliveries in each shard, and queues that say who makes room. */

#include "memory/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "memory/deliveries.h"
#include "memory/order.h"
#include "memory/trace.h"

enum { SHARDS = MF_TABLE_SHARDS, LOOK = 64 /* candidates for eviction */ };

/* Queues of users, and of recent parts by their owners. A free user is one that was forgotten. */
enum { STRANGERS, ESTABLISHED, PINNED, FREE };

/* Strangers' share when all is taken: one in so many. docs/state-under-attack.md has the experiment. */
enum { STRANGE_USERS = 16, STRANGE_RECENTS = 4 };

struct mf_shard {
    pthread_mutex_t lock;
    uint32_t n_users, max_users;
    uint32_t max_recents;
    uint32_t user_hand; /* SIEVE; MF_NOBODY: before the first */
    uint32_t index_mask;
    uint32_t *index; /* user number + 1; 0 = free */
    struct mf_user *users;
    struct mf_recent *recents;
    struct mf_order user_order, recent_order;
    struct mf_traces traces; /* of users whose recent part, or all of whom, made room */
    struct mf_deliveries deliveries;
    uint64_t users_evicted, recent_evicted, refused;
} __attribute__((aligned(64)));

struct mf_table {
    struct mf_shard shard[SHARDS];
    struct mf_table_conf conf;
    size_t memory;
};

static int shard_init(struct mf_shard *shard, const struct mf_table_conf *conf, size_t *memory)
{
    /* hashing spreads unevenly: a sixth more than the share, so that the table as a whole holds what was asked for */
    shard->max_users = conf->users / SHARDS + conf->users / SHARDS / 6 + 8;
    shard->max_recents = conf->recent / SHARDS + conf->recent / SHARDS / 6 + 4;
    shard->index_mask = mf_hash_places(shard->max_users * 2) - 1;
    shard->index = calloc(shard->index_mask + 1, sizeof *shard->index);
    shard->users = calloc(shard->max_users, sizeof *shard->users);
    shard->recents = calloc(shard->max_recents, sizeof *shard->recents);
    int failed = shard->index == NULL || shard->users == NULL || shard->recents == NULL;
    failed |= mf_order_init(&shard->user_order, shard->max_users);
    failed |= mf_order_init(&shard->recent_order, shard->max_recents);
    failed |= mf_traces_init(&shard->traces, conf->traces / SHARDS);
    failed |= mf_deliveries_init(&shard->deliveries, conf->deliveries / SHARDS);
    shard->user_hand = MF_NOBODY;
    for (uint32_t i = 0; i < shard->max_recents && !failed; i++)
        mf_order_append(&shard->recent_order, i, FREE);
    *memory += (shard->index_mask + 1) * sizeof *shard->index + shard->max_users * sizeof *shard->users +
               shard->max_recents * sizeof *shard->recents + mf_order_bytes(shard->max_users) +
               mf_order_bytes(shard->max_recents) + mf_traces_bytes(conf->traces / SHARDS) +
               mf_deliveries_bytes(conf->deliveries / SHARDS);
    return failed ? -1 : 0;
}

struct mf_table *mf_table_new(const struct mf_table_conf *conf, struct mf_error *error)
{
    struct mf_table *table = aligned_alloc(64, sizeof *table);
    int failed = 0;

    if (table == NULL) {
        mf_error_set(error, "not enough memory for %u users (state.users)", conf->users);
        return NULL;
    }
    memset(table, 0, sizeof *table);
    table->conf = *conf;
    table->memory = sizeof *table;
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&table->shard[i].lock, NULL);
        failed |= shard_init(&table->shard[i], conf, &table->memory);
    }
    if (failed) {
        mf_error_set(error, "not enough memory for %u users (state.users), %zu bytes", conf->users, table->memory);
        mf_table_free(table);
        return NULL;
    }
    return table;
}

void mf_table_free(struct mf_table *table)
{
    if (table == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct mf_shard *shard = &table->shard[i];
        pthread_mutex_destroy(&shard->lock);
        free(shard->index);
        free(shard->users);
        free(shard->recents);
        mf_order_fini(&shard->user_order);
        mf_order_fini(&shard->recent_order);
        mf_traces_fini(&shard->traces);
        mf_deliveries_fini(&shard->deliveries);
    }
    free(table);
}

size_t mf_table_memory(const struct mf_table *table)
{
    return table->memory;
}

/* ---- the index ---- */

static uint32_t home_of(const struct mf_shard *shard, struct mf_hash key)
{
    return (uint32_t)key.lo & shard->index_mask;
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t find_slot(const struct mf_shard *shard, struct mf_hash key)
{
    uint32_t slot = home_of(shard, key);

    while (shard->index[slot] != 0 && !mf_hash_equal(shard->users[shard->index[slot] - 1].key, key))
        slot = (slot + 1) & shard->index_mask;
    return slot;
}

/* Frees a slot and moves back what would no longer be found behind it. */
static void remove_slot(struct mf_shard *shard, uint32_t slot)
{
    uint32_t next = slot;

    for (;;) {
        next = (next + 1) & shard->index_mask;
        if (shard->index[next] == 0)
            break;
        uint32_t home = home_of(shard, shard->users[shard->index[next] - 1].key);
        if (((next - home) & shard->index_mask) >= ((next - slot) & shard->index_mask)) {
            shard->index[slot] = shard->index[next];
            slot = next;
        }
    }
    shard->index[slot] = 0;
}

/* ---- who is where ---- */

/* An incident keeps its user; who was ever let in is no stranger any more. */
static unsigned queue_of(const struct mf_user *user)
{
    return user->incident != 0 ? PINNED : mf_user_is_established(user) ? ESTABLISHED : STRANGERS;
}

static uint32_t number_of(const struct mf_shard *shard, const struct mf_user *user)
{
    return (uint32_t)(user - shard->users);
}

/* Users keep their place in their queue, and are noted as seen again; recent parts go to the end of theirs. */
static void place_user(struct mf_shard *shard, struct mf_user *user)
{
    uint32_t number = number_of(shard, user);

    user->touched = mf_order_queue_of(&shard->user_order, number) == queue_of(user);
    if (user->touched)
        return;
    if (shard->user_hand == number)
        shard->user_hand = mf_order_next(&shard->user_order, number);
    mf_order_append(&shard->user_order, number, queue_of(user));
}

static void place_recent(struct mf_shard *shard, const struct mf_user *user)
{
    mf_order_append(&shard->recent_order, (uint32_t)(user->recent - shard->recents), queue_of(user));
}

/* More prompts than a trace holds, within a day of the last one: this one cannot be kept small. */
static bool is_pressed(const struct mf_user *user)
{
    return user->recent != NULL && user->last_seen != MF_TIME_NONE &&
           mf_recent_pressing(user->recent, user->last_seen - MF_DAY) > MF_TRACE_ATTEMPTS;
}

/* ---- giving back the recent part ---- */

static void give_back_recent(struct mf_shard *shard, struct mf_user *user)
{
    struct mf_recent *recent = user->recent;

    mf_traces_keep(&shard->traces, user->key, recent, user->last_seen == MF_TIME_NONE ? 0 : user->last_seen,
                   mf_user_is_established(user));
    recent->owner = 0;
    user->recent = NULL;
    mf_order_append(&shard->recent_order, (uint32_t)(recent - shard->recents), FREE);
}

/* The first of the queue that may give back its recent part. Those that must keep it go to the end; when all that were
 * looked at are pressed, the first of them. */
static struct mf_user *find_lender(struct mf_shard *shard, unsigned queue)
{
    struct mf_order *order = &shard->recent_order;
    struct mf_user *least = NULL;
    unsigned n = mf_order_length(order, queue);

    for (unsigned i = 0; i < LOOK && i < n; i++) {
        struct mf_user *user = &shard->users[shard->recents[mf_order_first(order, queue)].owner - 1];
        bool pressed = is_pressed(user);
        if (queue_of(user) == queue && queue != PINNED && !pressed)
            return user;
        if (queue_of(user) == queue && queue != PINNED && least == NULL)
            least = user;
        place_recent(shard, user);
    }
    return least;
}

/* An incident that was let go does not tell: one of those pinned is looked at now and then. */
static void unpin_one(struct mf_shard *shard)
{
    uint32_t recent = mf_order_first(&shard->recent_order, PINNED), user = mf_order_first(&shard->user_order, PINNED);

    if (recent != MF_NOBODY)
        place_recent(shard, &shard->users[shard->recents[recent].owner - 1]);
    if (user != MF_NOBODY)
        mf_order_append(&shard->user_order, user, queue_of(&shard->users[user]));
}

/* A free recent part, or that of the stranger who has it longest when strangers have their share, else of whoever was
 * let in once and is silent for longest. */
static struct mf_recent *take_recent(struct mf_shard *shard, mf_time now)
{
    struct mf_order *order = &shard->recent_order;
    struct mf_user *user = NULL;

    if (mf_order_length(order, FREE) == 0) {
        unpin_one(shard);
        if (mf_order_length(order, STRANGERS) > shard->max_recents / STRANGE_RECENTS)
            user = find_lender(shard, STRANGERS);
        if (user == NULL)
            user = find_lender(shard, ESTABLISHED);
        if (user == NULL)
            user = find_lender(shard, STRANGERS);
        if (user == NULL) /* all have an incident: the one that is quiet for longest keeps it, and its last prompts */
            user = &shard->users[shard->recents[mf_order_first(order, PINNED)].owner - 1];
        shard->recent_evicted += user->last_seen != MF_TIME_NONE && now < user->last_seen + MF_HOUR;
        give_back_recent(shard, user);
    }
    return &shard->recents[mf_order_first(order, FREE)];
}

static void borrow_recent(struct mf_shard *shard, struct mf_user *user, mf_time now)
{
    struct mf_recent *recent = take_recent(shard, now);

    memset(recent, 0, sizeof *recent);
    recent->base = now - MF_DAY;
    recent->owner = number_of(shard, user) + 1;
    recent->run.start = recent->run.last = MF_TIME_NONE;
    mf_traces_give_back(&shard->traces, user->key, now, recent);
    user->recent = recent;
}

/* ---- eviction of users ---- */

/* First come, first go; but not who became established or is pressed meanwhile. */
static struct mf_user *find_stranger(struct mf_shard *shard)
{
    struct mf_order *order = &shard->user_order;
    struct mf_user *least = NULL;
    unsigned n = mf_order_length(order, STRANGERS);

    for (unsigned i = 0; i < LOOK && i < n; i++) {
        struct mf_user *user = &shard->users[mf_order_first(order, STRANGERS)];
        unsigned queue = queue_of(user);
        bool pressed = is_pressed(user);
        if (queue == STRANGERS && !pressed)
            return user;
        if (queue == STRANGERS && least == NULL)
            least = user;
        mf_order_append(order, number_of(shard, user), queue);
    }
    return least;
}

/* SIEVE (Zhang et al., NSDI 2024): a hand goes from the oldest to the newest and spares, once, who was seen since. */
static struct mf_user *find_established(struct mf_shard *shard)
{
    struct mf_order *order = &shard->user_order;
    struct mf_user *least = NULL;

    for (unsigned i = 0; i < LOOK && mf_order_length(order, ESTABLISHED) > 0; i++) {
        if (shard->user_hand == MF_NOBODY || mf_order_queue_of(order, shard->user_hand) != ESTABLISHED)
            shard->user_hand = mf_order_first(order, ESTABLISHED);
        struct mf_user *user = &shard->users[shard->user_hand];
        shard->user_hand = mf_order_next(order, shard->user_hand);
        if (queue_of(user) == PINNED) {
            mf_order_append(order, number_of(shard, user), PINNED);
            continue;
        }
        if (!user->touched)
            return user;
        least = least == NULL ? user : least;
        user->touched = false;
    }
    return least;
}

/* A user number to reuse, taken out of the index; MF_NOBODY when all that were looked at must stay. */
static uint32_t evict_user(struct mf_shard *shard)
{
    struct mf_user *user = NULL;

    unpin_one(shard);
    if (mf_order_length(&shard->user_order, STRANGERS) > shard->max_users / STRANGE_USERS)
        user = find_stranger(shard);
    if (user == NULL)
        user = find_established(shard);
    if (user == NULL)
        user = find_stranger(shard);
    if (user == NULL)
        return MF_NOBODY;
    if (user->recent != NULL)
        give_back_recent(shard, user);
    remove_slot(shard, find_slot(shard, user->key));
    mf_order_remove(&shard->user_order, number_of(shard, user));
    shard->users_evicted++;
    return number_of(shard, user);
}

/* ---- open and close ---- */

/* One that was forgotten, one that never was used, or one that must go. */
static uint32_t free_user(struct mf_shard *shard)
{
    uint32_t number = mf_order_first(&shard->user_order, FREE);

    if (number != MF_NOBODY) {
        mf_order_remove(&shard->user_order, number);
        return number;
    }
    return shard->n_users < shard->max_users ? shard->n_users++ : evict_user(shard);
}

static struct mf_user *make_user(struct mf_shard *shard, struct mf_hash key)
{
    uint32_t number = free_user(shard);

    if (number == MF_NOBODY)
        return NULL;
    struct mf_user *user = &shard->users[number];
    memset(user, 0, sizeof *user);
    user->key = key;
    user->first_seen = user->last_seen = MF_TIME_NONE;
    shard->index[find_slot(shard, key)] = number + 1;
    return user;
}

static struct mf_shard *shard_of(struct mf_table *table, struct mf_hash key)
{
    return &table->shard[key.hi % SHARDS];
}

struct mf_user *mf_table_find(struct mf_table *table, struct mf_hash key, struct mf_shard **shard)
{
    struct mf_shard *mine = shard_of(table, key);

    pthread_mutex_lock(&mine->lock);
    uint32_t slot = find_slot(mine, key);
    if (mine->index[slot] == 0) {
        pthread_mutex_unlock(&mine->lock);
        return NULL;
    }
    *shard = mine;
    return &mine->users[mine->index[slot] - 1];
}

enum { CACHE_LINE = 64, RECENT_BEGIN = 6 * CACHE_LINE };

static inline void fetch(const void *base, size_t from, size_t to)
{
    for (; from < to; from += CACHE_LINE)
        __builtin_prefetch((const char *)base + from, 1);
}

/* All of a user is looked at, and the beginning and end of the recent part, so they are fetched at once and not one when
 * the other has come. */
static void expect_user(const struct mf_user *user)
{
    fetch(user, CACHE_LINE, sizeof *user);
    fetch(user->recent, 0, RECENT_BEGIN);
    fetch(user->recent, offsetof(struct mf_recent, activities), sizeof *user->recent);
}

struct mf_user *mf_table_open(struct mf_table *table, struct mf_hash key, mf_time now, struct mf_shard **shard)
{
    struct mf_shard *mine = shard_of(table, key);

    pthread_mutex_lock(&mine->lock);
    uint32_t slot = find_slot(mine, key);
    struct mf_user *user = mine->index[slot] != 0 ? &mine->users[mine->index[slot] - 1] : make_user(mine, key);
    if (user == NULL) {
        mine->refused++;
        pthread_mutex_unlock(&mine->lock);
        return NULL;
    }
    if (user->recent == NULL)
        borrow_recent(mine, user, now);
    expect_user(user);
    place_user(mine, user);
    place_recent(mine, user);
    *shard = mine;
    return user;
}

void mf_table_expect(struct mf_table *table, struct mf_hash key, uint64_t mark)
{
    const struct mf_shard *shard = shard_of(table, key);

    __builtin_prefetch(&shard->lock, 1);
    __builtin_prefetch(&shard->index[home_of(shard, key)]);
    mf_deliveries_expect(&shard->deliveries, mark);
}

void mf_table_close(struct mf_shard *shard)
{
    pthread_mutex_unlock(&shard->lock);
}

bool mf_table_deliver(struct mf_shard *shard, uint64_t mark, mf_time when, mf_time lateness)
{
    if (mark == 0)
        return true;
    if (mf_deliveries_has(&shard->deliveries, mark))
        return false;
    mf_deliveries_add(&shard->deliveries, mark, when, lateness);
    return true;
}

void mf_table_count(struct mf_table *table, struct mf_table_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (unsigned i = 0; i < SHARDS; i++) {
        struct mf_shard *shard = &table->shard[i];
        pthread_mutex_lock(&shard->lock);
        counts->users += shard->n_users - mf_order_length(&shard->user_order, FREE);
        counts->recent += shard->max_recents - mf_order_length(&shard->recent_order, FREE);
        counts->users_evicted += shard->users_evicted;
        counts->recent_evicted += shard->recent_evicted;
        counts->refused += shard->refused;
        counts->traces_lost += shard->traces.lost;
        counts->deliveries_lost += shard->deliveries.lost;
        pthread_mutex_unlock(&shard->lock);
    }
}

void mf_table_each(struct mf_table *table, bool (*each)(void *context, const struct mf_user *user), void *context)
{
    for (unsigned i = 0; i < SHARDS; i++)
        for (uint32_t j = 0; j < table->shard[i].n_users; j++) {
            const struct mf_user *user = &table->shard[i].users[j];
            if ((user->key.lo != 0 || user->key.hi != 0) && !each(context, user))
                return;
        }
}

/* ---- for the snapshot ---- */

struct recent_record {
    struct mf_hash owner;
    struct mf_recent recent;
};

static const struct mf_field recent_fields[] = {
    MF_PART(struct recent_record, owner, mf_hash_fields),
    MF_PART(struct recent_record, recent, mf_recent_fields),
    {0},
};

/* Who in the shard is looked at next, should one have to go. */
struct shard_record {
    struct mf_hash hand;
};

static const struct mf_field shard_fields[] = {
    MF_PART(struct shard_record, hand, mf_hash_fields),
    {0},
};

/* A trace is found by its place, which another size does not have; it is written as the words it is made of. */
struct trace_record {
    uint32_t n_buckets, shard, place;
    union {
        struct mf_trace trace;
        uint64_t word[sizeof(struct mf_trace) / sizeof(uint64_t)];
    };
};

static const struct mf_field trace_fields[] = {
    MF_NUMBER(struct trace_record, n_buckets),
    MF_NUMBER_MAX(struct trace_record, shard, SHARDS - 1),
    MF_NUMBER(struct trace_record, place),
    MF_NUMBERS(struct trace_record, word),
    {0},
};

unsigned mf_table_shard(struct mf_hash key)
{
    return (unsigned)(key.hi % SHARDS);
}

struct mf_table *mf_table_like(const struct mf_table *table)
{
    return mf_table_new(&table->conf, NULL);
}

/* The index is left behind: a copy is walked, never searched. */
void mf_table_copy(struct mf_table *to, struct mf_table *from, unsigned number)
{
    struct mf_shard *shard = &from->shard[number], *copy = &to->shard[number];

    pthread_mutex_lock(&shard->lock);
    copy->n_users = shard->n_users;
    copy->user_hand = shard->user_hand;
    memcpy(copy->users, shard->users, shard->n_users * sizeof *shard->users);
    memcpy(copy->recents, shard->recents, shard->max_recents * sizeof *shard->recents);
    mf_order_copy(&copy->user_order, &shard->user_order, shard->n_users);
    mf_order_copy(&copy->recent_order, &shard->recent_order, shard->max_recents);
    mf_traces_copy(&copy->traces, &shard->traces);
    mf_deliveries_copy(&copy->deliveries, &shard->deliveries);
    pthread_mutex_unlock(&shard->lock);
}

static void save_users(const struct mf_shard *shard, struct mf_frame_writer *writer)
{
    const struct mf_order *order = &shard->user_order;
    struct shard_record record = {.hand = {0, 0}};

    for (unsigned queue = STRANGERS; queue < FREE; queue++)
        for (uint32_t i = mf_order_first(order, queue); i != MF_NOBODY; i = mf_order_next(order, i))
            mf_frame_put(writer, MF_RECORD_USER, mf_user_fields, &shard->users[i]);
    if (shard->user_hand == MF_NOBODY)
        return;
    record.hand = shard->users[shard->user_hand].key;
    mf_frame_put(writer, MF_RECORD_SHARD, shard_fields, &record);
}

static void save_recents(const struct mf_shard *shard, struct mf_frame_writer *writer)
{
    const struct mf_order *order = &shard->recent_order;
    struct recent_record record;

    for (unsigned queue = STRANGERS; queue < FREE; queue++)
        for (uint32_t i = mf_order_first(order, queue); i != MF_NOBODY; i = mf_order_next(order, i)) {
            record.owner = shard->users[shard->recents[i].owner - 1].key;
            record.recent = shard->recents[i];
            mf_frame_put(writer, MF_RECORD_RECENT, recent_fields, &record);
        }
}

static void save_traces(const struct mf_shard *shard, unsigned number, struct mf_frame_writer *writer)
{
    struct trace_record record = {.n_buckets = shard->traces.n_buckets, .shard = number};

    for (record.place = 0; record.place < record.n_buckets * MF_TRACE_WAYS; record.place++) {
        record.trace = shard->traces.trace[record.place];
        if (record.trace.key != 0)
            mf_frame_put(writer, MF_RECORD_TRACE, trace_fields, &record);
    }
}

/* Each queue in its order, so that who would be the next to go still is. */
void mf_table_save(struct mf_table *table, unsigned number, struct mf_frame_writer *writer)
{
    const struct mf_shard *shard = &table->shard[number];

    save_users(shard, writer);
    save_recents(shard, writer);
    save_traces(shard, number, writer);
    mf_deliveries_save(&shard->deliveries, number, writer);
}

static bool restore_user(struct mf_table *table, const struct mf_frame_record *record)
{
    struct mf_user read = {0};

    if (!mf_unpack(mf_user_fields, record->format, record->bytes, record->length, &read) ||
        (read.key.lo == 0 && read.key.hi == 0) || !mf_rate_is_sound(&read.rate))
        return false;
    struct mf_shard *shard = shard_of(table, read.key);
    uint32_t slot = find_slot(shard, read.key);
    if (shard->index[slot] != 0)
        return false; /* told twice */
    struct mf_user *user = make_user(shard, read.key);
    if (user == NULL)
        return true;
    *user = read;
    mf_order_append(&shard->user_order, number_of(shard, user), queue_of(user));
    return true;
}

/* What a signal found is kept by its number. */
static void renumber(struct mf_run *run, const uint8_t *signal)
{
    struct mf_run_finding finding[MF_RUN_SIGNALS];

    memcpy(finding, run->finding, sizeof finding);
    memset(run->finding, 0, sizeof run->finding);
    for (unsigned i = 0; i < MF_RUN_SIGNALS; i++)
        if (signal[i] < MF_RUN_SIGNALS)
            run->finding[signal[i]] = finding[i];
}

static bool restore_recent(struct mf_table *table, const struct mf_frame_record *record, const uint8_t *signal)
{
    struct recent_record read = {0};

    if (!mf_unpack(recent_fields, record->format, record->bytes, record->length, &read))
        return false;
    struct mf_shard *shard = shard_of(table, read.owner);
    uint32_t slot = find_slot(shard, read.owner);
    if (shard->index[slot] == 0)
        return true; /* its user made room meanwhile */
    struct mf_user *user = &shard->users[shard->index[slot] - 1];
    if (user->recent != NULL)
        return false;
    borrow_recent(shard, user, read.recent.base + MF_DAY);
    read.recent.owner = user->recent->owner;
    renumber(&read.recent.run, signal);
    *user->recent = read.recent;
    place_recent(shard, user);
    return true;
}

static bool restore_hand(struct mf_table *table, const struct mf_frame_record *record)
{
    struct shard_record read = {.hand = {0, 0}};

    if (!mf_unpack(shard_fields, record->format, record->bytes, record->length, &read))
        return false;
    struct mf_shard *shard = shard_of(table, read.hand);
    uint32_t slot = find_slot(shard, read.hand);
    if (shard->index[slot] != 0)
        shard->user_hand = shard->index[slot] - 1;
    return true;
}

static bool restore_trace(struct mf_table *table, const struct mf_frame_record *record)
{
    struct trace_record read = {.n_buckets = 0};

    if (!mf_unpack(trace_fields, record->format, record->bytes, record->length, &read) ||
        read.place >= (uint64_t)read.n_buckets * MF_TRACE_WAYS || !mf_trace_is_sound(&read.trace))
        return false;
    if (read.n_buckets == table->shard[read.shard].traces.n_buckets)
        table->shard[read.shard].traces.trace[read.place] = read.trace;
    return true;
}

static bool restore_deliveries(struct mf_table *table, const struct mf_frame_record *record)
{
    struct mf_deliveries_read read;

    if (!mf_deliveries_read(record, &read) || read.shard >= SHARDS)
        return false;
    mf_deliveries_restore(&table->shard[read.shard].deliveries, &read);
    return true;
}

bool mf_table_restore(struct mf_table *table, const struct mf_frame_record *record, const uint8_t *signal)
{
    switch (record->kind) {
    case MF_RECORD_SHARD:
        return restore_hand(table, record);
    case MF_RECORD_USER:
        return restore_user(table, record);
    case MF_RECORD_RECENT:
        return restore_recent(table, record, signal);
    case MF_RECORD_DELIVERIES:
        return restore_deliveries(table, record);
    default:
        return restore_trace(table, record);
    }
}

void mf_table_clear_incidents(struct mf_table *table)
{
    for (unsigned i = 0; i < SHARDS; i++)
        for (uint32_t j = 0; j < table->shard[i].n_users; j++)
            table->shard[i].users[j].incident = 0;
}

static void remove_user(struct mf_shard *shard, uint32_t number)
{
    struct mf_user *user = &shard->users[number];

    mf_traces_forget(&shard->traces, user->key);
    if (user->recent != NULL) {
        memset(user->recent, 0, sizeof *user->recent);
        mf_order_append(&shard->recent_order, (uint32_t)(user->recent - shard->recents), FREE);
    }
    if (shard->user_hand == number)
        shard->user_hand = mf_order_next(&shard->user_order, number);
    remove_slot(shard, find_slot(shard, user->key));
    memset(user, 0, sizeof *user);
    mf_order_append(&shard->user_order, number, FREE);
}

bool mf_table_forget(struct mf_table *table, struct mf_hash key)
{
    struct mf_shard *shard = shard_of(table, key);

    pthread_mutex_lock(&shard->lock);
    uint32_t slot = find_slot(shard, key);
    bool found = shard->index[slot] != 0;
    if (found)
        remove_user(shard, shard->index[slot] - 1);
    else
        mf_traces_forget(&shard->traces, key);
    pthread_mutex_unlock(&shard->lock);
    return found;
}

uint64_t mf_table_expire(struct mf_table *table, unsigned number, mf_time since)
{
    struct mf_shard *shard = &table->shard[number];
    uint64_t n = 0;

    pthread_mutex_lock(&shard->lock);
    for (uint32_t i = shard->n_users; i-- > 0;) {
        const struct mf_user *user = &shard->users[i];
        bool is_free = user->key.lo == 0 && user->key.hi == 0;
        if (is_free || user->incident != 0 || user->last_seen == MF_TIME_NONE || user->last_seen >= since)
            continue;
        remove_user(shard, i);
        n++;
    }
    pthread_mutex_unlock(&shard->lock);
    return n;
}
