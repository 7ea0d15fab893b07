/* plugin/reload.c
 *
 * The thread that loads a policy's files anew. */

#include "reload.h"

#include <signal.h>
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

/* ---- one load ---- */

static const char *name_of(const struct mf_reloader *reloader)
{
    return reloader->policy == NULL ? "(defaults)" : reloader->policy;
}

static void say_what_waits(const struct mf_reloader *reloader, const struct mf_reload *reload)
{
    if (reload->at_restart[0] != '\0')
        mf_remark(LOG_WARNING, "policy %s: a new value of %s holds once rsyslogd is started again; all else holds now",
                  name_of(reloader), reload->at_restart);
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

static void load(struct mf_reloader *reloader)
{
    struct mf_reload reload;
    struct mf_error error;
    struct mf_settings *settings = mf_engine_prepare(reloader->engine, &reload, &error);

    if (reloader->stopping()) { /* nobody would read it, and nobody judges any more */
        mf_settings_free(settings);
        return;
    }
    if (settings == NULL || refuse_lost_alerts(reloader, settings, &error) != 0) {
        mf_settings_free(settings);
        __atomic_fetch_add(&reloader->failures, 1, __ATOMIC_RELAXED);
        LogError(0, RS_RET_CONF_PARSE_ERROR, "mmfatigue: policy, profiles, lists and databases stay as they were: %s",
                 error.text);
        return;
    }
    mf_engine_adopt(reloader->engine, settings);
    __atomic_fetch_add(&reloader->reloads, 1, __ATOMIC_RELAXED);
    LogMsg(0, RS_RET_OK, LOG_INFO, "mmfatigue: policy %s (%s), its profiles, lists and databases loaded anew",
           name_of(reloader), reload.policy_changed ? "changed" : "as before");
    say_what_waits(reloader, &reload);
}

/* ---- the thread ---- */

static struct timespec in_seconds(time_t seconds)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += seconds;
    return at;
}

/* True: somebody asked, and `rest` is over. False: the thread is to end. */
static bool wait_for_work(struct mf_reloader *reloader, const struct timespec *rest)
{
    int waited = 0;

    pthread_mutex_lock(&reloader->mutex);
    while (!reloader->stop && waited == 0)
        waited = pthread_cond_timedwait(&reloader->wake, &reloader->mutex, rest);
    while (!reloader->stop && !reloader->asked)
        pthread_cond_wait(&reloader->wake, &reloader->mutex);
    reloader->asked = false;
    bool goes_on = !reloader->stop;
    pthread_mutex_unlock(&reloader->mutex);
    return goes_on;
}

static void *reload(void *argument)
{
    struct mf_reloader *reloader = argument;
    struct timespec rest = in_seconds(0);

    while (wait_for_work(reloader, &rest)) {
        if (!reloader->stopping())
            load(reloader);
        rest = in_seconds(PAUSE_SECONDS);
    }
    return NULL;
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
