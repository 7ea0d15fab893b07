/* plugin/reload.c
 *
 * The thread that loads a policy's files anew. */

#include "reload.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "alerts.h"

enum { PAUSE_SECONDS = 1 };

int mf_reloader_init(struct mf_reloader *reloader)
{
    pthread_condattr_t attributes;
    int failed;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed = pthread_cond_init(&reloader->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&reloader->mutex, NULL);
    return failed ? -1 : 0;
}

void mf_reloader_fini(struct mf_reloader *reloader)
{
    pthread_cond_destroy(&reloader->wake);
    pthread_mutex_destroy(&reloader->mutex);
}

void mf_reloader_ask(struct mf_reloader *reloader)
{
    pthread_mutex_lock(&reloader->mutex);
    reloader->asked = true;
    pthread_cond_signal(&reloader->wake);
    pthread_mutex_unlock(&reloader->mutex);
}

/* ---- did files change? ---- */

/* Not a secret, and not kept: only compared with what it was a moment ago. */
static const struct mf_hash_key print_key = {0x66696c6573, 0x7072696e74};

static void add_file(void *context, const char *path)
{
    struct mf_print *print = context;
    struct {
        struct mf_hash before, name;
        uint64_t device, inode, size;
        struct timespec written, changed;
        int64_t failed;
    } seen;
    struct stat status;

    memset(&seen, 0, sizeof seen);
    seen.before = print->hash;
    seen.name = mf_hash_bytes(&print_key, path, strlen(path));
    if (stat(path, &status) == 0) {
        seen.device = status.st_dev;
        seen.inode = status.st_ino;
        seen.size = (uint64_t)status.st_size;
        seen.written = status.st_mtim;
        seen.changed = status.st_ctim;
    } else {
        seen.failed = errno;
    }
    print->hash = mf_hash_bytes(&print_key, &seen, sizeof seen);
}

/* Of all files by which the engine works, as they are on disk. */
static struct mf_print look(const struct mf_engine *engine)
{
    struct mf_print print = {{0, 0}};

    mf_engine_files(engine, add_file, &print);
    return print;
}

static bool same(const struct mf_print *a, const struct mf_print *b)
{
    return mf_hash_equal(a->hash, b->hash);
}

void mf_reloader_note(struct mf_reloader *reloader, struct mf_engine *engine)
{
    reloader->engine = engine;
    reloader->loaded = look(engine);
}

/* ---- one load ---- */

/* What the thread knows between two loads. */
struct watching {
    struct mf_print last; /* as the files were when looked at last */
    bool failed; /* a file that is not among them may mend it: try again, and say so when it is another mistake */
    struct mf_error error;
};

static const char *name_of(const struct mf_reloader *reloader)
{
    return reloader->policy == NULL ? "(defaults)" : reloader->policy;
}

static void remark(void *context, const char *text)
{
    (void)context;
    mf_remark(LOG_WARNING, "%s", text);
}

void mf_reloader_remark(const struct mf_engine *engine)
{
    mf_engine_remark(engine, remark, NULL);
}

/* What only the daemon's configuration knows to be wrong with a policy. */
static int refuse_lost_alerts(const struct mf_reloader *reloader, const struct mf_settings *settings,
                              struct mf_error *error)
{
    if (reloader->sends || mf_settings_policy(settings)->observe)
        return 0;
    return mf_error_set(
        error, "%s: \"observe\" is no longer true, and the action names no alertRuleset that alerts could go to",
        name_of(reloader));
}

static void put_in_force(struct mf_reloader *reloader, struct mf_settings *settings, const struct mf_reload *reload)
{
    mf_engine_adopt(reloader->engine, settings);
    __atomic_fetch_add(&reloader->reloads, 1, __ATOMIC_RELAXED);
    LogMsg(0, RS_RET_OK, LOG_INFO, "mmfatigue: policy %s (%s), its profiles, lists and databases loaded anew",
           name_of(reloader), reload->policy_changed ? "changed" : "as before");
    if (reload->at_restart[0] != '\0')
        mf_remark(LOG_WARNING, "policy %s: a new value of %s holds once rsyslogd is started again; all else holds now",
                  name_of(reloader), reload->at_restart);
    if (reload->gone[0] != '\0')
        mf_remark(LOG_WARNING, "policy %s: no profile any more of: %s; records of these are not judged from now on",
                  name_of(reloader), reload->gone);
    mf_reloader_remark(reloader->engine);
}

static void stay(struct mf_reloader *reloader, struct watching *watching, const struct mf_error *error, bool asked)
{
    if (asked || !watching->failed || strcmp(error->text, watching->error.text) != 0) {
        __atomic_fetch_add(&reloader->failures, 1, __ATOMIC_RELAXED);
        LogError(0, RS_RET_CONF_PARSE_ERROR, "mmfatigue: policy, profiles, lists and databases stay as they were: %s",
                 error->text);
    }
    watching->failed = true;
    watching->error = *error;
}

/* `asked`: somebody said that the files are as they should be. Else they must not change while they are read. */
static void load(struct mf_reloader *reloader, struct watching *watching, bool asked)
{
    struct mf_print before = look(reloader->engine);
    struct mf_reload reload;
    struct mf_error error;
    struct mf_settings *settings = mf_engine_prepare(reloader->engine, &reload, &error);
    struct mf_print after = look(reloader->engine);

    if (reloader->stopping() || (!asked && !same(&before, &after))) {
        mf_settings_free(settings);
        return;
    }
    reloader->loaded = before;
    if (settings == NULL || refuse_lost_alerts(reloader, settings, &error) != 0) {
        mf_settings_free(settings);
        stay(reloader, watching, &error, asked);
        return;
    }
    watching->failed = false;
    put_in_force(reloader, settings, &reload);
    if (same(&before, &after))
        reloader->loaded = look(reloader->engine); /* it may name other files now */
}

/* ---- the thread ---- */

static struct timespec now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at;
}

/* In whole seconds, at least one; 0: never. */
static time_t interval_of(const struct mf_reloader *reloader)
{
    mf_time watch = mf_engine_policy(reloader->engine)->reload.watch;

    return watch == 0 ? 0 : watch < MF_SECOND ? 1 : (time_t)(watch / MF_SECOND);
}

enum work { WORK_NONE, WORK_ASKED, WORK_END };

/* Until `until` has come (NULL: for ever), or somebody asks. Not before `rest` has passed. */
static enum work wait_for_work(struct mf_reloader *reloader, const struct timespec *rest, const struct timespec *until)
{
    enum work work = WORK_NONE;
    int waited = 0;

    pthread_mutex_lock(&reloader->mutex);
    while (!reloader->stop && waited == 0)
        waited = pthread_cond_timedwait(&reloader->wake, &reloader->mutex, rest);
    for (waited = 0; !reloader->stop && !reloader->asked && waited == 0;)
        waited = until == NULL ? pthread_cond_wait(&reloader->wake, &reloader->mutex)
                               : pthread_cond_timedwait(&reloader->wake, &reloader->mutex, until);
    work = reloader->stop ? WORK_END : reloader->asked ? WORK_ASKED : WORK_NONE;
    reloader->asked = false;
    pthread_mutex_unlock(&reloader->mutex);
    return work;
}

/* Files that changed are loaded once they are as they were a second ago. Gives how long to wait for the next look. */
static time_t look_around(struct mf_reloader *reloader, struct watching *watching, time_t interval)
{
    struct mf_print print = look(reloader->engine);
    bool changed = !same(&print, &reloader->loaded), settled = same(&print, &watching->last);

    watching->last = print;
    if (changed && !settled)
        return PAUSE_SECONDS;
    if (changed || watching->failed)
        load(reloader, watching, false);
    return same(&watching->last, &reloader->loaded) ? interval : PAUSE_SECONDS;
}

static void *reload(void *argument)
{
    struct mf_reloader *reloader = argument;
    struct watching watching = {.failed = false};
    struct timespec rest = now();
    time_t wait = interval_of(reloader);

    watching.last = reloader->loaded;
    for (;;) {
        struct timespec until = now();

        until.tv_sec += wait;
        enum work work = wait_for_work(reloader, &rest, wait == 0 ? NULL : &until);
        if (work == WORK_END)
            return NULL;
        if (reloader->stopping())
            continue;
        if (work == WORK_ASKED) {
            load(reloader, &watching, true);
            wait = interval_of(reloader);
        } else {
            wait = look_around(reloader, &watching, interval_of(reloader));
        }
        rest = now();
        rest.tv_sec += PAUSE_SECONDS;
    }
}

int mf_reloader_start(struct mf_reloader *reloader, int (*stopping)(void))
{
    sigset_t all, before;
    int failed;

    reloader->stopping = stopping;
    sigfillset(&all); /* rsyslogd wakes threads by signals: ours takes none */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&reloader->thread, NULL, reload, reloader);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return -1;
    pthread_setname_np(reloader->thread, "mmfatigue-hup");
    reloader->running = true;
    return 0;
}

void mf_reloader_stop(struct mf_reloader *reloader)
{
    if (!reloader->running)
        return;
    pthread_mutex_lock(&reloader->mutex);
    reloader->stop = true;
    pthread_cond_signal(&reloader->wake);
    pthread_mutex_unlock(&reloader->mutex);
    pthread_join(reloader->thread, NULL);
    reloader->running = false;
}
