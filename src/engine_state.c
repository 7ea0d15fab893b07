/* src/engine_state.c
 *
 * The state in its directory, as engine.h has it: opened, kept while the engine runs, and users forgotten. */

#include "recovery.h"
#include "saving.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY = 10 /* seconds */ };

/* A longer journal takes too long to judge again: a snapshot is taken early. */
static const uint64_t journal_enough = 64u << 20;

static const char forget_prefix[] = "forget-";

/* ---- forgetting ---- */

bool mf_engine_forget_user(struct mf_engine *engine, const char *name)
{
    char user[MF_USER_MAX + 1];
    size_t length = mf_engine_user(engine, name, user);
    const struct mf_slice folded = {user, length};

    if (length == 0)
        return false;
    mf_gates_lock(engine);
    bool found = mf_forget(engine, mf_key_of_user(&engine->key, folded), folded);
    mf_gates_unlock(engine);
    return found;
}

static bool request_name(struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1],
                         char file[MF_STORE_NAME])
{
    size_t length = mf_engine_user(engine, name, user);
    struct mf_hash key = mf_key_of_user(&engine->key, (struct mf_slice){user, length});

    snprintf(file, MF_STORE_NAME, "%s%016" PRIx64 "%016" PRIx64, forget_prefix, key.hi, key.lo);
    return length > 0;
}

int mf_engine_ask_to_forget(struct mf_engine *engine, const char *name, struct mf_error *error)
{
    char user[MF_USER_MAX + 1], file[MF_STORE_NAME];

    if (!request_name(engine, name, user, file))
        return mf_error_set(error, "no login looks like that");
    int why = mf_store_leave(engine->keeping->store, file, user, strlen(user));
    return why == 0 ? 0
                    : mf_error_set(error, "%s/%s cannot be written: %s", mf_store_directory(engine->keeping->store),
                                   file, strerror(why));
}

bool mf_engine_is_asked_to_forget(struct mf_engine *engine, const char *name)
{
    char user[MF_USER_MAX + 1], file[MF_STORE_NAME];
    int fd = request_name(engine, name, user, file) ? mf_store_read(engine->keeping->store, file, NULL) : -1;

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* ---- opening ---- */

/* What was found damaged is replaced at once, and a long row of journals made an end of: else a snapshot comes in its
 * time. What fails is said, and tried again, as any other. */
static void begin_keeping(struct mf_engine *engine, const struct mf_state_report *report, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    enum { JOURNALS_ENOUGH = 64 };

    if (report->damaged > 0 || report->journals > JOURNALS_ENOUGH)
        keeping->failures = mf_engine_save_state(engine, now, NULL) != 0;
    else if (keeping->journals)
        keeping->failures = mf_begin_journal(engine, now) != 0;
}

static int open_all(struct mf_engine *engine, const struct mf_state_options *options, struct mf_state_report *report,
                    struct mf_error *error)
{
    struct mf_keeping *keeping = engine->keeping;

    keeping->store = mf_store_open(options->directory, options->use, &options->fresh, error);
    report->in_use = keeping->store == NULL && errno == EWOULDBLOCK;
    if (keeping->store == NULL)
        return -1;
    if (options->use == MF_STORE_CHECK)
        return 0;
    engine->key = mf_store_key(keeping->store);
    if (mf_recover(engine, options->now, report, error) != 0)
        return -1;
    keeping->journals = report->owned && options->journal;
    if (report->owned)
        begin_keeping(engine, report, options->now);
    return 0;
}

int mf_engine_open_state(struct mf_engine *engine, const struct mf_state_options *options,
                         struct mf_state_report *report, struct mf_error *error)
{
    struct mf_keeping *keeping = calloc(1, sizeof *keeping);

    *report = (struct mf_state_report){.owned = options->use == MF_STORE_OWN, .created = MF_TIME_NONE};
    if (keeping == NULL || mf_journal_init(&keeping->journal) != 0) {
        free(keeping);
        return mf_error_set(error, "not enough memory for the state");
    }
    engine->keeping = keeping;
    keeping->begun = keeping->saved = keeping->looked = MF_TIME_NONE;
    int failed = open_all(engine, options, report, error);
    if (failed != 0 || options->use == MF_STORE_CHECK)
        mf_keeping_free(engine);
    mf_engine_refresh_gauges(engine);
    return failed;
}

void mf_keeping_free(struct mf_engine *engine)
{
    struct mf_keeping *keeping = engine->keeping;

    if (keeping == NULL)
        return;
    engine->keeping = NULL;
    mf_journal_fini(&keeping->journal);
    mf_unsents_free(&keeping->unsent);
    mf_store_close(keeping->store);
    free(keeping);
}

/* ---- while the engine runs ---- */

/* After a crash: the same alerts again, with the same ids. */
static void send_unsent(struct mf_engine *engine, struct mf_worker *worker, const struct mf_sink *sink)
{
    struct mf_keeping *keeping = engine->keeping;

    for (size_t i = 0; i < keeping->unsent.n; i++) {
        struct mf_unsent *unsent = &keeping->unsent.alert[i];
        unsent->told.alert.related = unsent->told.name;
        unsent->told.alert.n_related = unsent->n_related;
        mf_send_again(worker, sink, &unsent->told.alert);
        mf_keep_sent_again(engine, unsent);
    }
    keeping->unsent.n = 0;
}

struct requests {
    struct mf_engine *engine;
    char name[MF_STORE_NAME];
    unsigned found;
};

/* Who is to be forgotten stands in the file, and its hash in the name. */
static bool follow_request(void *context, const char *name)
{
    struct requests *requests = context;
    struct mf_engine *engine = requests->engine;
    char user[MF_USER_MAX + 1];
    int fd = mf_store_read(engine->keeping->store, name, NULL);
    ssize_t n = fd < 0 ? -1 : read(fd, user, MF_USER_MAX);

    if (fd >= 0)
        close(fd);
    if (n > 0) {
        user[n] = '\0';
        mf_engine_forget_user(engine, user);
        mf_keep_forgotten(engine, user);
    }
    requests->found++;
    return true;
}

static bool remove_request(void *context, const char *name)
{
    mf_store_remove(context, name);
    return true;
}

/* A snapshot without the user takes the place of all files that still know of it; then the request goes. */
static int follow_requests(struct mf_engine *engine, mf_time now)
{
    struct requests requests = {.engine = engine};

    mf_store_each(engine->keeping->store, forget_prefix, follow_request, &requests);
    if (requests.found == 0)
        return 0;
    int failed = mf_engine_save_state(engine, now, NULL);
    if (failed == 0)
        mf_store_each(engine->keeping->store, forget_prefix, remove_request, engine->keeping->store);
    return failed;
}

static bool has_passed(mf_time since, mf_time now, mf_time interval)
{
    return since == MF_TIME_NONE || now - since >= interval;
}

/* Ten seconds, and twice as long after each failure: an attempt may leave a journal behind. */
static mf_time retry_after(unsigned failures, mf_time every)
{
    mf_time wait = (mf_time)RETRY * MF_SECOND << (failures > 10 ? 10 : failures == 0 ? 0 : failures - 1);

    return wait < every ? wait : every;
}

/* `changed`: what the journal holds was judged by another policy. */
static bool is_snapshot_due(const struct mf_keeping *keeping, const struct mf_journal_counts *counts, mf_time uptime,
                            mf_time every, bool changed)
{
    if (counts->failed != 0 || keeping->failures > 0)
        return has_passed(keeping->saved, uptime, retry_after(keeping->failures, every));
    return ((counts->written > journal_enough || changed) && has_passed(keeping->saved, uptime, RETRY * MF_SECOND)) ||
           (counts->entries > 0 && has_passed(keeping->saved, uptime, every));
}

/* What the administrator is to hear of: once when it begins, once when it is over. */
static enum mf_state_news tell(struct mf_engine *engine, int why, struct mf_error *news)
{
    struct mf_keeping *keeping = engine->keeping;
    const char *directory = mf_store_directory(keeping->store);

    if ((why != 0) == keeping->failing)
        return MF_STATE_QUIET;
    keeping->failing = why != 0;
    if (why != 0) {
        mf_error_set(news, "state.dir %s cannot be written: %s: alerts go on, but a restart would forget what is new",
                     directory, strerror(why));
        return MF_STATE_FAILS;
    }
    mf_error_set(news, "state.dir %s can be written again, and holds all of it", directory);
    return MF_STATE_RECOVERED;
}

void mf_engine_flush_state(struct mf_engine *engine)
{
    if (engine->keeping != NULL)
        mf_journal_flush(&engine->keeping->journal, true);
}

enum mf_state_news mf_engine_keep_state(struct mf_engine *engine, struct mf_worker *worker,
                                        const struct mf_state_clock *clock, const struct mf_sink *sink,
                                        struct mf_error *news)
{
    struct mf_keeping *keeping = engine->keeping;
    const mf_time every = mf_worker_policy(worker)->state.snapshot_every;
    struct mf_journal_counts counts;
    int why;

    if (keeping == NULL)
        return MF_STATE_QUIET;
    if (keeping->begun == MF_TIME_NONE) {
        keeping->begun = keeping->looked = clock->uptime;
        keeping->saved = keeping->failures > 0 ? MF_TIME_NONE : clock->uptime;
    }
    why = mf_journal_flush(&keeping->journal, true);
    mf_journal_count(&keeping->journal, &counts);
    __atomic_store_n(&engine->counter[MF_COUNT_STATE_LOST], counts.lost, __ATOMIC_RELAXED);
    if (keeping->unsent.n > 0 && has_passed(keeping->begun, clock->uptime, MF_SECOND))
        send_unsent(engine, worker, sink);
    if (has_passed(keeping->looked, clock->uptime, MF_SECOND)) {
        keeping->looked = clock->uptime;
        follow_requests(engine, clock->now);
    }
    bool changed = strcmp(keeping->policy, mf_worker_policy(worker)->sha256) != 0;
    if (is_snapshot_due(keeping, &counts, clock->uptime, every, changed)) {
        keeping->saved = clock->uptime;
        why = mf_save(engine, clock->now);
        keeping->failures = why == 0 ? 0 : keeping->failures + 1;
        mf_engine_count(engine, why == 0 ? MF_COUNT_STATE_SAVES : MF_COUNT_STATE_SAVE_FAILED, 1);
        if (why == 0) { /* the new journal's head may have failed all the same */
            mf_journal_count(&keeping->journal, &counts);
            why = counts.failed;
        }
    } else if (keeping->failing && why == 0) {
        return MF_STATE_QUIET; /* not over before a snapshot has all of it */
    }
    return tell(engine, why, news);
}
