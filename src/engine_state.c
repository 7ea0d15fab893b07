/* src/engine_state.c
 *
 * Opens the directory of the state and puts back what is in it; takes snapshots. */

#include "keeping.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- gates ---- */

void mf_keeping_enter(struct mf_engine *engine, struct mf_worker *worker)
{
    pthread_mutex_init(&worker->gate, NULL);
    pthread_mutex_lock(&engine->workers_lock);
    worker->next = engine->workers;
    engine->workers = worker;
    pthread_mutex_unlock(&engine->workers_lock);
}

void mf_keeping_leave(struct mf_engine *engine, struct mf_worker *worker)
{
    pthread_mutex_lock(&engine->workers_lock);
    for (struct mf_worker **at = &engine->workers; *at != NULL; at = &(*at)->next)
        if (*at == worker) {
            *at = worker->next;
            break;
        }
    pthread_mutex_unlock(&engine->workers_lock);
    pthread_mutex_destroy(&worker->gate);
}

/* No worker comes or goes meanwhile. */
static void hold_all(struct mf_engine *engine)
{
    pthread_mutex_lock(&engine->workers_lock);
    for (struct mf_worker *worker = engine->workers; worker != NULL; worker = worker->next)
        pthread_mutex_lock(&worker->gate);
}

static void release_all(struct mf_engine *engine)
{
    for (struct mf_worker *worker = engine->workers; worker != NULL; worker = worker->next)
        pthread_mutex_unlock(&worker->gate);
    pthread_mutex_unlock(&engine->workers_lock);
}

void mf_gate_lock(struct mf_worker *worker)
{
    pthread_mutex_lock(&worker->gate);
}

void mf_gate_unlock(struct mf_worker *worker)
{
    pthread_mutex_unlock(&worker->gate);
}

void mf_keep_user(struct mf_worker *worker, struct mf_hash user)
{
    struct mf_keeping *keeping = worker->engine->keeping;

    if (keeping != NULL && keeping->copy != NULL)
        mf_copy_users(keeping->copy, mf_table_shard(user));
}

void mf_keep_address(struct mf_worker *worker, struct mf_hash address)
{
    struct mf_keeping *keeping = worker->engine->keeping;

    if (keeping != NULL && keeping->copy != NULL)
        mf_copy_addresses(keeping->copy, mf_addresses_shard(address));
}

/* ---- heads ---- */

static uint64_t key_check(const struct mf_hash_key *key)
{
    static const char text[] = "mfatigue state";

    return mf_hash_bytes(key, text, sizeof text).lo;
}

static struct mf_frame_head new_head(struct mf_engine *engine, enum mf_file_sort sort, uint64_t generation, mf_time now)
{
    struct mf_frame_head head = {
        .sort = (uint32_t)sort,
        .generation = generation,
        .created = now,
        .key_check = key_check(&engine->key),
    };
    const uint64_t what[] = {(uint64_t)now, generation, (uint64_t)sort};

    head.salt = mf_hash_bytes(&engine->key, what, sizeof what).lo;
    snprintf(head.engine, sizeof head.engine, "%s", MF_VERSION);
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    snprintf(head.policy, sizeof head.policy, "%s", settings->policy->sha256);
    mf_in_force_release(&engine->in_force, settings);
    return head;
}

/* ---- opening ---- */

struct opening {
    struct mf_engine *engine;
    struct mf_store *store;
    mf_time now;
    struct mf_state_report *report;
    struct mf_error *error;
};

/* The first damage is what is told; there is one message for all of it. */
static void note_damage(struct opening *opening, const char *name, const char *what)
{
    struct mf_state_report *report = opening->report;

    if (report->damaged++ == 0)
        snprintf(report->damage, sizeof report->damage, "%s/%s %s", mf_store_directory(opening->store), name, what);
    mf_engine_count(opening->engine, MF_COUNT_STATE_DAMAGED, 1);
}

static bool is_ours(struct opening *opening, const char *name, const struct mf_frame_head *head, enum mf_file_sort sort)
{
    if (head->sort != (uint32_t)sort)
        note_damage(opening, name, "is another kind of file");
    else if (head->key_check != key_check(&opening->engine->key))
        note_damage(opening, name, "was made with another key");
    else
        return true;
    return false;
}

/* 1: go on reading it; 0: damaged, noted; -1 and `error`: it must not be touched. */
static int open_frames(struct opening *opening, const char *name, int fd, enum mf_file_sort sort,
                       struct mf_frame_reader *reader, struct mf_frame_head *head)
{
    enum mf_frame_start start = mf_frame_open(reader, fd, head);

    switch (start) {
    case MF_FRAME_STARTED:
        if (is_ours(opening, name, head, sort))
            return 1;
        mf_frame_close(reader);
        return 0;
    case MF_FRAME_NEWER:
        return mf_error_set(opening->error,
                            "%s/%s was written by a newer version: start that one, or move the directory away",
                            mf_store_directory(opening->store), name);
    case MF_FRAME_UNREADABLE:
        return mf_error_set(opening->error, "%s/%s cannot be read: %s", mf_store_directory(opening->store), name,
                            strerror(errno));
    default:
        note_damage(opening, name, start == MF_FRAME_EMPTY ? "is cut off at its head" : "has a damaged head");
        return 0;
    }
}

static void read_snapshot(struct opening *opening, struct mf_frame_reader *reader)
{
    struct mf_found found;
    char what[160];

    mf_copy_read(opening->engine, reader, &found);
    opening->report->records = found.records - found.unsound;
    if (found.whole && found.unsound == 0)
        return;
    snprintf(what, sizeof what, "is damaged: %" PRIu64 " blocks, %" PRIu64 " records left out%s%s",
             found.blocks_damaged, found.unsound, found.whole ? "" : ", its end is missing",
             found.io != 0 ? ", reading failed" : "");
    note_damage(opening, "snapshot", what);
}

/* 0: read, or not there; -1 and `error`. */
static int open_snapshot(struct opening *opening, uint64_t *generation)
{
    struct mf_frame_reader reader;
    struct mf_frame_head head;
    int fd = mf_store_read(opening->store, "snapshot", opening->error);

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return -1;
    int sound = open_frames(opening, "snapshot", fd, MF_FILE_SNAPSHOT, &reader, &head);
    if (sound > 0) {
        *generation = head.generation;
        opening->report->created = head.created;
        snprintf(opening->report->policy, sizeof opening->report->policy, "%s", head.policy);
        read_snapshot(opening, &reader);
        mf_frame_close(&reader);
    }
    close(fd);
    if (sound >= 0 && opening->report->damaged > 0 && opening->report->owned)
        mf_store_set_aside(opening->store, "snapshot", opening->now);
    return sound < 0 ? -1 : 0;
}

static int put_back(struct opening *opening, struct mf_keeping *keeping)
{
    if (mf_store_key_is_lost(opening->store))
        note_damage(opening, "key", "is damaged: another took its place");
    return open_snapshot(opening, &keeping->generation);
}

int mf_engine_open_state(struct mf_engine *engine, const struct mf_state_options *options,
                         struct mf_state_report *report, struct mf_error *error)
{
    struct mf_keeping *keeping = calloc(1, sizeof *keeping);
    struct opening opening = {engine, NULL, options->now, report, error};

    *report = (struct mf_state_report){.owned = options->use == MF_STORE_OWN, .created = MF_TIME_NONE};
    if (keeping == NULL)
        return mf_error_set(error, "not enough memory for the state");
    opening.store = keeping->store = mf_store_open(options->directory, options->use, &options->fresh, error);
    if (keeping->store == NULL) {
        free(keeping);
        return -1;
    }
    engine->key = mf_store_key(keeping->store);
    engine->keeping = keeping;
    if (put_back(&opening, keeping) != 0) {
        mf_keeping_free(engine);
        return -1;
    }
    mf_engine_refresh_gauges(engine);
    return 0;
}

void mf_keeping_free(struct mf_engine *engine)
{
    if (engine->keeping == NULL)
        return;
    mf_store_close(engine->keeping->store);
    free(engine->keeping);
    engine->keeping = NULL;
}

/* ---- snapshots ---- */

static mf_time oldest_to_keep(struct mf_engine *engine)
{
    mf_time latest = mf_feeds_latest(engine->feeds);
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    mf_time ttl = settings->policy->state.ttl;

    mf_in_force_release(&engine->in_force, settings);
    return latest == MF_TIME_NONE ? MF_TIME_NONE : latest - ttl;
}

/* From here on workers copy before they change. */
static void begin(struct mf_engine *engine, struct mf_copy *copy)
{
    hold_all(engine);
    mf_copy_begin(copy, oldest_to_keep(engine));
    engine->keeping->copy = copy;
    engine->keeping->generation++;
    release_all(engine);
}

static void end(struct mf_engine *engine)
{
    hold_all(engine);
    engine->keeping->copy = NULL;
    release_all(engine);
}

static int write_snapshot(struct mf_engine *engine, struct mf_copy *copy, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_SNAPSHOT, keeping->generation, now);
    int fd = mf_store_begin(keeping->store, "snapshot"), why;

    if (fd < 0)
        return errno;
    why = mf_copy_write(copy, fd, &head);
    if (why == 0)
        return mf_store_commit(keeping->store, "snapshot", fd);
    mf_store_abandon(keeping->store, "snapshot", fd);
    return why;
}

int mf_engine_save_state(struct mf_engine *engine, mf_time now, struct mf_error *error)
{
    struct mf_copy *copy = mf_copy_new(engine);
    int why = ENOMEM;

    if (copy != NULL) {
        begin(engine, copy);
        why = write_snapshot(engine, copy, now);
        end(engine);
        mf_copy_free(copy);
    }
    mf_engine_count(engine, why == 0 ? MF_COUNT_STATE_SAVES : MF_COUNT_STATE_SAVE_FAILED, 1);
    if (why == 0)
        return 0;
    return mf_error_set(error, "%s/snapshot cannot be written: %s", mf_store_directory(engine->keeping->store),
                        strerror(why));
}
