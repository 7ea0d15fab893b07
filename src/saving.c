/* src/saving.c
 *
 * Journals and snapshots, from memory to the directory. */

#include "saving.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- heads ---- */

uint64_t mf_key_check(const struct mf_hash_key *key)
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
        .key_check = mf_key_check(&engine->key),
    };
    const uint64_t what[] = {(uint64_t)now, generation, (uint64_t)sort};

    head.salt = mf_hash_bytes(&engine->key, what, sizeof what).lo;
    snprintf(head.engine, sizeof head.engine, "%s", MF_VERSION);
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    snprintf(head.policy, sizeof head.policy, "%s", settings->policy->sha256);
    mf_in_force_release(&engine->in_force, settings);
    return head;
}

void mf_journal_name(uint64_t generation, char name[MF_STORE_NAME])
{
    snprintf(name, MF_STORE_NAME, "%s%" PRIu64, MF_JOURNAL_PREFIX, generation);
}

/* ---- journals ---- */

int mf_begin_journal(struct mf_engine *engine, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_JOURNAL, ++keeping->generation, now);
    char name[MF_STORE_NAME];

    mf_journal_name(head.generation, name);
    int fd = mf_store_append(keeping->store, name);
    if (fd < 0)
        return errno;
    keeping->number = keeping->generation << 32;
    memcpy(keeping->policy, head.policy, sizeof keeping->policy);
    mf_journal_switch_begin(&keeping->journal, fd, &head);
    mf_journal_switch_end(&keeping->journal, &head);
    return 0;
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

/* From here on workers copy before they change, and write into the new journal. */
static void begin(struct mf_engine *engine, struct mf_copy *copy, int journal, const struct mf_frame_head *head)
{
    struct mf_keeping *keeping = engine->keeping;

    mf_gates_lock(engine);
    mf_copy_begin(copy, oldest_to_keep(engine), &keeping->unsent);
    if (journal >= 0)
        mf_journal_switch_begin(&keeping->journal, journal, head);
    keeping->copy = copy;
    keeping->generation++;
    __atomic_store_n(&keeping->number, keeping->generation << 32, __ATOMIC_RELAXED);
    mf_gates_unlock(engine);
    if (journal >= 0)
        mf_journal_switch_end(&keeping->journal, head);
}

static void end(struct mf_engine *engine)
{
    mf_gates_lock(engine);
    engine->keeping->copy = NULL;
    mf_gates_unlock(engine);
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

struct sweep {
    struct mf_store *store;
    uint64_t generation;
};

static bool sweep_journal(void *context, const char *name)
{
    const struct sweep *sweep = context;
    char *end;
    uint64_t generation = strtoull(name + sizeof MF_JOURNAL_PREFIX - 1, &end, 10);

    if (*end == '\0' && generation < sweep->generation)
        mf_store_remove(sweep->store, name);
    return true;
}

/* A snapshot holds all that older journals say. */
static void sweep(struct mf_keeping *keeping)
{
    struct sweep sweep = {keeping->store, keeping->generation};

    mf_store_each(keeping->store, MF_JOURNAL_PREFIX, sweep_journal, &sweep);
}

int mf_save(struct mf_engine *engine, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_JOURNAL, keeping->generation + 1, now);
    char name[MF_STORE_NAME];
    int journal = -1, why = ENOMEM;

    struct mf_copy *copy = mf_copy_new(engine, &keeping->unsent);
    if (copy == NULL)
        return ENOMEM;
    mf_journal_name(head.generation, name);
    if (keeping->journals && (journal = mf_store_append(keeping->store, name)) < 0) {
        why = errno;
        mf_copy_free(copy);
        return why;
    }
    begin(engine, copy, journal, &head);
    memcpy(keeping->policy, head.policy, sizeof keeping->policy);
    why = write_snapshot(engine, copy, now);
    end(engine);
    mf_copy_free(copy);
    if (why == 0)
        sweep(keeping);
    return why;
}

int mf_engine_save_state(struct mf_engine *engine, mf_time now, struct mf_error *error)
{
    int why = mf_save(engine, now);

    mf_engine_count(engine, why == 0 ? MF_COUNT_STATE_SAVES : MF_COUNT_STATE_SAVE_FAILED, 1);
    if (why == 0)
        return 0;
    return mf_error_set(error, "%s/snapshot cannot be written: %s", mf_store_directory(engine->keeping->store),
                        strerror(why));
}
