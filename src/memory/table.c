/* src/memory/table.c
 *
 * Users in shards: an open-addressing index of 32-bit slots over preallocated records, and a pool of recent parts in
 * each shard. */

#include "memory/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { SHARDS = 64, LOOK = 32 /* candidates for eviction */ };

struct mf_shard {
    pthread_mutex_t lock;
    uint32_t n_users, max_users;
    uint32_t n_recents, max_recents;
    uint32_t user_hand, recent_hand; /* CLOCK */
    uint32_t index_mask;
    uint32_t *index; /* user number + 1; 0 = free */
    struct mf_user *users;
    struct mf_recent *recents;
    uint64_t users_evicted, recent_evicted, refused;
} __attribute__((aligned(64)));

struct mf_table {
    struct mf_shard shard[SHARDS];
    size_t memory;
};

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t n = 16;

    while (n < at_least)
        n *= 2;
    return n;
}

static int shard_init(struct mf_shard *shard, const struct mf_table_conf *conf, size_t *memory)
{
    /* hashing spreads unevenly: a sixth more than the share, so that the table as a whole holds what was asked for */
    shard->max_users = conf->users / SHARDS + conf->users / SHARDS / 6 + 8;
    shard->max_recents = conf->recent / SHARDS + conf->recent / SHARDS / 6 + 4;
    shard->index_mask = power_of_two(shard->max_users * 2) - 1;
    shard->index = calloc(shard->index_mask + 1, sizeof *shard->index);
    shard->users = calloc(shard->max_users, sizeof *shard->users);
    shard->recents = calloc(shard->max_recents, sizeof *shard->recents);
    *memory += (shard->index_mask + 1) * sizeof *shard->index + shard->max_users * sizeof *shard->users +
               shard->max_recents * sizeof *shard->recents;
    return shard->index == NULL || shard->users == NULL || shard->recents == NULL ? -1 : 0;
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

/* ---- eviction ---- */

static void give_back_recent(struct mf_user *user)
{
    user->recent->owner = 0;
    user->recent = NULL;
}

static bool has_place(const struct mf_user *user)
{
    bool any = false;

    for (unsigned i = 0; i < MF_KNOWN_NETWORKS; i++)
        any |= user->network[i].value != 0;
    for (unsigned i = 0; i < MF_KNOWN_COUNTRIES; i++)
        any |= user->country[i].value != 0;
    return any;
}

/* What is lost when this user is forgotten: history weighs more than recent activity, which a flood of new names has
 * too, and that more than having been seen since the hand last passed. An incident is never lost. */
static unsigned worth(const struct mf_user *user)
{
    bool active = user->recent != NULL && user->recent->n_attempts > 0;

    return (unsigned)has_place(user) * 4 + (unsigned)active * 2 + (unsigned)user->touched;
}

/* A user number to reuse, taken out of the index; UINT32_MAX when all that were looked at must stay. */
static uint32_t evict_user(struct mf_shard *shard)
{
    uint32_t victim = UINT32_MAX;
    unsigned least = 8;

    for (unsigned i = 0; i < LOOK && i < shard->max_users && least > 0; i++) {
        uint32_t number = shard->user_hand;
        struct mf_user *user = &shard->users[number];
        shard->user_hand = (number + 1) % shard->max_users;
        if (user->incident == 0 && worth(user) < least) {
            least = worth(user);
            victim = number;
        }
        user->touched = false;
    }
    if (victim == UINT32_MAX)
        return victim;
    if (shard->users[victim].recent != NULL)
        give_back_recent(&shard->users[victim]);
    remove_slot(shard, find_slot(shard, shard->users[victim].key));
    shard->users_evicted++;
    return victim;
}

static struct mf_recent *take_recent(struct mf_shard *shard, mf_time now)
{
    struct mf_recent *victim = NULL;
    mf_time oldest = INT64_MAX;

    if (shard->n_recents < shard->max_recents)
        return &shard->recents[shard->n_recents++];
    for (unsigned i = 0; i < LOOK && i < shard->max_recents; i++) {
        struct mf_recent *recent = &shard->recents[shard->recent_hand];
        shard->recent_hand = (shard->recent_hand + 1) % shard->max_recents;
        if (recent->owner == 0)
            return recent;
        const struct mf_user *owner = &shard->users[recent->owner - 1];
        if (owner->incident == 0 && owner->last_seen < oldest) {
            oldest = owner->last_seen;
            victim = recent;
        }
    }
    if (victim == NULL)
        return NULL;
    if (oldest != MF_TIME_NONE && now < oldest + MF_HOUR)
        shard->recent_evicted++;
    give_back_recent(&shard->users[victim->owner - 1]);
    return victim;
}

static bool borrow_recent(struct mf_shard *shard, struct mf_user *user, mf_time now)
{
    struct mf_recent *recent = take_recent(shard, now);

    if (recent == NULL)
        return false;
    memset(recent, 0, sizeof *recent);
    recent->base = now - MF_DAY;
    recent->owner = (uint32_t)(user - shard->users) + 1;
    recent->run.start = recent->run.last = MF_TIME_NONE;
    user->recent = recent;
    return true;
}

/* ---- open and close ---- */

static struct mf_user *make_user(struct mf_shard *shard, struct mf_hash key)
{
    uint32_t number = shard->n_users < shard->max_users ? shard->n_users++ : evict_user(shard);

    if (number == UINT32_MAX)
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

struct mf_user *mf_table_open(struct mf_table *table, struct mf_hash key, mf_time now, struct mf_shard **shard)
{
    struct mf_shard *mine = shard_of(table, key);

    pthread_mutex_lock(&mine->lock);
    uint32_t slot = find_slot(mine, key);
    struct mf_user *user = mine->index[slot] != 0 ? &mine->users[mine->index[slot] - 1] : make_user(mine, key);
    if (user == NULL || (user->recent == NULL && !borrow_recent(mine, user, now))) {
        mine->refused++;
        pthread_mutex_unlock(&mine->lock);
        return NULL;
    }
    user->touched = true;
    *shard = mine;
    return user;
}

void mf_table_close(struct mf_shard *shard)
{
    pthread_mutex_unlock(&shard->lock);
}

void mf_table_count(struct mf_table *table, struct mf_table_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (unsigned i = 0; i < SHARDS; i++) {
        struct mf_shard *shard = &table->shard[i];
        pthread_mutex_lock(&shard->lock);
        counts->users += shard->n_users;
        counts->recent += shard->n_recents;
        counts->users_evicted += shard->users_evicted;
        counts->recent_evicted += shard->recent_evicted;
        counts->refused += shard->refused;
        pthread_mutex_unlock(&shard->lock);
    }
}
