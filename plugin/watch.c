/* plugin/watch.c
 *
 * An engine with what it needs around it inside rsyslogd. */

#include "watch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define TICK          MF_SECOND
#define FLUSH_AT_MOST ((mf_time)20) /* ms: more often is no use */

/* ---- which watch ---- */

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The file's real path, or the text as given when there is no such file: the engine says so then. */
static char *real_path(const char *policy)
{
    char *path;

    if (policy == NULL)
        return NULL;
    path = realpath(policy, NULL);
    return path != NULL ? path : strdup(policy);
}

struct mf_watch *mf_watch_find(struct mf_watch *list, const struct mf_watch_settings *settings, bool *shares)
{
    char *policy = real_path(settings->policy);
    struct mf_watch *watch, *found = NULL;

    *shares = false;
    if (settings->policy != NULL && policy == NULL)
        list = NULL; /* out of memory; who makes a new one will say so */
    for (watch = list; watch != NULL; watch = watch->next) {
        if (!same_text(watch->policy, policy))
            continue;
        if (same_text(watch->ruleset, settings->ruleset) && watch->forward == settings->forward &&
            watch->observe == settings->observe)
            found = watch;
        else
            *shares = true;
    }
    free(policy);
    return found;
}

/* ---- life ---- */

static struct mf_engine *new_engine(const struct mf_watch *watch, struct mf_error *error)
{
    struct mf_engine_options options = {
        .policy_file = watch->policy,
        .observer = watch->observer,
        .key = watch->key,
    };

    return mf_engine_new(&options, error);
}

static int copy_settings(struct mf_watch *watch, const struct mf_watch_settings *settings, const char *observer)
{
    watch->policy = real_path(settings->policy);
    watch->ruleset = settings->ruleset == NULL ? NULL : strdup(settings->ruleset);
    watch->observer = strdup(observer);
    watch->forward = settings->forward;
    watch->observe = settings->observe;
    return (settings->policy != NULL && watch->policy == NULL) ||
                   (settings->ruleset != NULL && watch->ruleset == NULL) || watch->observer == NULL
               ? -1
               : 0;
}

static int init_ticker(struct mf_ticker *ticker)
{
    pthread_condattr_t attributes;
    int failed;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed = pthread_cond_init(&ticker->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&ticker->mutex, NULL);
    return failed ? -1 : 0;
}

struct mf_watch *mf_watch_new(const struct mf_watch_settings *settings, const char *observer, struct mf_error *error)
{
    struct mf_watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL) {
        mf_error_set(error, "out of memory");
        return NULL;
    }
    if (init_ticker(&watch->ticker) < 0 || mf_reloader_init(&watch->reloader) < 0 ||
        copy_settings(watch, settings, observer) < 0) {
        mf_error_set(error, "out of memory");
        goto failed;
    }
    if (getrandom(&watch->key, sizeof watch->key, 0) != sizeof watch->key) {
        mf_error_set(error, "the system gives no random bytes (getrandom)");
        goto failed;
    }
    watch->engine = new_engine(watch, error);
    if (watch->engine == NULL)
        goto failed;
    mf_reloader_note(&watch->reloader, watch->engine);
    return watch;

failed:
    mf_watch_free(watch);
    return NULL;
}

void mf_watch_free(struct mf_watch *watch)
{
    if (watch == NULL)
        return;
    mf_watch_stop(watch);
    mf_engine_free(watch->engine);
    mf_reloader_fini(&watch->reloader);
    pthread_cond_destroy(&watch->ticker.wake);
    pthread_mutex_destroy(&watch->ticker.mutex);
    free(watch->policy);
    free(watch->ruleset);
    free(watch->observer);
    free(watch);
}

int mf_watch_rename(struct mf_watch *watch, const char *observer, struct mf_error *error)
{
    struct mf_engine *engine;
    char *name;

    if (strcmp(watch->observer, observer) == 0)
        return 0;
    name = strdup(observer);
    if (name == NULL)
        return mf_error_set(error, "out of memory");
    free(watch->observer);
    watch->observer = name;
    engine = new_engine(watch, error);
    if (engine == NULL)
        return -1;
    mf_engine_free(watch->engine);
    watch->engine = engine;
    mf_reloader_note(&watch->reloader, engine);
    return 0;
}

bool mf_watch_is_silent(const struct mf_watch *watch)
{
    return watch->observe || mf_engine_policy(watch->engine)->observe;
}

/* ---- counters ---- */

/* Never reset by impstats: the engine adds up for itself, and a total of which a part starts anew is none. */
static rsRetVal show(struct mf_watch *watch, const statsobj_if_t *stats, const char *name, uint64_t *value)
{
    return stats->AddCounter(watch->stats, (const uchar *)name, ctrType_IntCtr, CTR_FLAG_NONE, value);
}

static rsRetVal show_engine(struct mf_watch *watch, const statsobj_if_t *stats)
{
    struct mf_counter counter;
    rsRetVal result = RS_RET_OK;

    for (unsigned i = 0; result == RS_RET_OK && mf_engine_counter(watch->engine, i, &counter); i++)
        result = show(watch, stats, counter.name, counter.value);
    return result;
}

static rsRetVal show_own(struct mf_watch *watch, const statsobj_if_t *stats)
{
    const struct {
        const char *name;
        uint64_t *value;
    } own[] = {
        {"own_alerts_skipped", &watch->counts.own_alerts_skipped},
        {"alerts_sent", &watch->counts.alerts_sent},
        {"records_sent", &watch->counts.records_sent},
        {"send_failed", &watch->counts.send_failed},
        {"tree_input", &watch->counts.tree_input},
        {"cut_messages", &watch->counts.cut_messages},
        {"tag_failed", &watch->counts.tag_failed},
        {"reloads", &watch->reloader.reloads},
        {"reload_failed", &watch->reloader.failures},
    };
    rsRetVal result = RS_RET_OK;

    for (size_t i = 0; result == RS_RET_OK && i < sizeof own / sizeof *own; i++)
        result = show(watch, stats, own[i].name, own[i].value);
    return result;
}

rsRetVal mf_watch_show(struct mf_watch *watch, const statsobj_if_t *stats, const char *name)
{
    uchar origin[] = "mmfatigue";
    rsRetVal result = stats->Construct(&watch->stats);

    if (result == RS_RET_OK)
        result = stats->SetName(watch->stats, (uchar *)name);
    if (result == RS_RET_OK)
        result = stats->SetOrigin(watch->stats, origin);
    if (result == RS_RET_OK)
        result = show_engine(watch, stats);
    if (result == RS_RET_OK)
        result = show_own(watch, stats);
    if (result == RS_RET_OK)
        result = stats->ConstructFinalize(watch->stats);
    return result;
}

/* ---- judging ---- */

struct pass {
    struct mf_watch *watch;
    enum mf_level level;
};

static void take_verdict(void *context, const struct mf_judged *judged)
{
    struct pass *pass = context;

    if (judged->verdict != NULL && judged->verdict->level > pass->level)
        pass->level = judged->verdict->level;
}

static void send_alert(void *context, const struct mf_alert_text *alert)
{
    struct mf_watch *watch = ((struct pass *)context)->watch;

    mf_count(mf_alert_submit(&watch->route, alert) ? &watch->counts.alerts_sent : &watch->counts.send_failed);
}

static struct mf_sink sink_of(struct pass *pass)
{
    const struct mf_watch *watch = pass->watch;
    bool sends = watch->route.ruleset != NULL && (watch->forward & MF_FORWARD_ALERT) != 0 && !watch->observe;

    return (struct mf_sink){.judged = take_verdict, .alert = sends ? send_alert : NULL, .context = pass};
}

void mf_watch_judge(struct mf_watch *watch, struct mf_worker *worker, const char *bytes, size_t length, mf_time arrival,
                    struct mf_tag *tag, enum mf_level *level)
{
    struct pass pass = {.watch = watch, .level = MF_NORMAL};
    struct mf_sink sink = sink_of(&pass);

    mf_engine_judge(watch->engine, worker, bytes, length, arrival, &sink, tag);
    *level = pass.level;
}

void mf_watch_forward(struct mf_watch *watch, struct mf_worker *worker, smsg_t *message, enum mf_level level)
{
    const struct mf_policy *policy = mf_worker_policy(worker);

    if ((watch->forward & MF_FORWARD_RECORD) == 0 || watch->route.ruleset == NULL || watch->observe ||
        policy->observe || (unsigned)level < policy->alert_level)
        return;
    mf_count(mf_record_submit(&watch->route, message) ? &watch->counts.records_sent : &watch->counts.send_failed);
}

/* ---- letting time pass ---- */

struct ticking {
    struct mf_watch *watch;
    struct mf_worker *worker;
    int (*stopping)(void);
};

/* A second; less, where what came in is to be written out more often. */
static mf_time until_next(const struct mf_ticker *ticker, struct mf_worker *worker)
{
    mf_time flush = mf_worker_policy(worker)->state.flush;

    if (!ticker->keeps || flush >= TICK)
        return TICK;
    return flush < FLUSH_AT_MOST ? FLUSH_AT_MOST : flush;
}

/* True when the time has passed, false when the thread is to end. */
static bool wait(struct mf_ticker *ticker, mf_time time)
{
    struct timespec until;
    bool stop;
    int result = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += time / MF_SECOND;
    until.tv_nsec += time % MF_SECOND * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&ticker->mutex);
    while (!ticker->stop && result == 0)
        result = pthread_cond_timedwait(&ticker->wake, &ticker->mutex, &until);
    stop = ticker->stop;
    pthread_mutex_unlock(&ticker->mutex);
    return !stop;
}

void mf_watch_reload(struct mf_watch *watch)
{
    mf_reloader_ask(&watch->reloader);
}

/* Before the first record there is no incident to close, so that no alert is submitted before rsyslogd's queues run. */
static void *tick(void *argument)
{
    struct ticking *ticking = argument;
    struct mf_watch *watch = ticking->watch;
    struct pass pass = {.watch = watch};
    struct mf_sink sink = sink_of(&pass);
    mf_time step = until_next(&watch->ticker, ticking->worker);

    sink.judged = NULL;
    for (mf_time passed = 0; wait(&watch->ticker, step); step = until_next(&watch->ticker, ticking->worker)) {
        passed += step;
        if (ticking->stopping()) {
            mf_engine_flush_state(watch->engine);
            continue;
        }
        if (watch->ticker.keeps)
            mf_keep_on(watch->engine, ticking->worker, &sink);
        if (passed < TICK)
            continue;
        mf_engine_tick(watch->engine, ticking->worker, mf_wall_clock(), &sink);
        passed = 0;
    }
    mf_worker_free(ticking->worker);
    free(ticking);
    return NULL;
}

/* rsyslogd wakes threads by signals: ours takes none. */
static int start_thread(struct mf_watch *watch, struct ticking *ticking)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&watch->ticker.thread, NULL, tick, ticking);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? -1 : 0;
}

static int start_ticker(struct mf_watch *watch, int (*stopping)(void))
{
    struct ticking *ticking = calloc(1, sizeof *ticking);

    if (ticking == NULL)
        return -1;
    ticking->watch = watch;
    ticking->stopping = stopping;
    ticking->worker = mf_worker_new(watch->engine, NULL);
    if (ticking->worker == NULL || start_thread(watch, ticking) < 0) {
        mf_worker_free(ticking->worker);
        free(ticking);
        return -1;
    }
    pthread_setname_np(watch->ticker.thread, "mmfatigue");
    watch->ticker.running = true;
    return 0;
}

int mf_watch_start(struct mf_watch *watch, const char *work_directory, int (*stopping)(void))
{
    watch->ticker.keeps = mf_keep_open(watch->engine, work_directory);
    if (start_ticker(watch, stopping) < 0)
        return -1;
    watch->reloader.policy = watch->policy;
    watch->reloader.sends = watch->route.ruleset != NULL || watch->observe;
    return mf_reloader_start(&watch->reloader, stopping);
}

static void stop_ticker(struct mf_watch *watch)
{
    if (!watch->ticker.running)
        return;
    pthread_mutex_lock(&watch->ticker.mutex);
    watch->ticker.stop = true;
    pthread_cond_signal(&watch->ticker.wake);
    pthread_mutex_unlock(&watch->ticker.mutex);
    pthread_join(watch->ticker.thread, NULL);
    watch->ticker.running = false;
}

void mf_watch_stop(struct mf_watch *watch)
{
    mf_reloader_stop(&watch->reloader);
    stop_ticker(watch);
    if (watch->ticker.keeps)
        mf_keep_close(watch->engine);
    watch->ticker.keeps = false;
}
