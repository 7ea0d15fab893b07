/* plugin/keep.c
 *
 * Where the directory is, what time it is, and what is said. */

#include "keep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { PATH = 4096 };

static mf_time read_clock(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (mf_time)now.tv_sec * MF_SECOND + (mf_time)now.tv_nsec / 1000000;
}

mf_time mf_wall_clock(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* 1: the policy names a directory; 0: none; -1 and `error`. */
static int find_directory(struct mf_engine *engine, const char *work_directory, char path[PATH], struct mf_error *error)
{
    const char *named = mf_engine_policy(engine)->state.dir;

    if (named[0] == '\0')
        return 0;
    if (named[0] != '/' && (work_directory == NULL || work_directory[0] == '\0'))
        return mf_error_set(error,
                            "state.dir \"%s\" is relative, and rsyslogd has no workDirectory: write "
                            "global(workDirectory=\"/var/spool/rsyslog\"), or a path that begins with a slash",
                            named);
    int n = named[0] == '/' ? snprintf(path, PATH, "%s", named) : snprintf(path, PATH, "%s/%s", work_directory, named);
    return n < PATH ? 1 : mf_error_set(error, "state.dir \"%s\": the path is too long", named);
}

static int open_as(struct mf_engine *engine, const char *work_directory, enum mf_store_use use,
                   struct mf_state_report *report, struct mf_error *error)
{
    char path[PATH];
    int found = find_directory(engine, work_directory, path, error);
    struct mf_state_options options = {.directory = path, .use = use, .now = mf_wall_clock(), .journal = true};

    if (found <= 0)
        return found;
    if (getrandom(&options.fresh, sizeof options.fresh, 0) != sizeof options.fresh)
        return mf_error_set(error, "the system gives no random bytes (getrandom)");
    return mf_engine_open_state(engine, &options, report, error) == 0 ? 1 : -1;
}

int mf_keep_check(struct mf_engine *engine, const char *work_directory, struct mf_error *error)
{
    struct mf_state_report report;

    return open_as(engine, work_directory, MF_STORE_CHECK, &report, error) < 0 ? -1 : 0;
}

/* It cannot be written; what it holds is used all the same, unless it is somebody else's. Nothing of it is changed. */
static void read_only(struct mf_engine *engine, const char *work_directory, bool in_use, const struct mf_error *why)
{
    struct mf_state_report report = {0};
    struct mf_error error;

    if (!in_use && open_as(engine, work_directory, MF_STORE_READ, &report, &error) > 0)
        LogError(0, RS_RET_ERR,
                 "mmfatigue: %s: %llu records and %llu events were read from it, and what is new will be forgotten at "
                 "a restart",
                 why->text, (unsigned long long)report.records, (unsigned long long)report.events);
    else
        LogError(0, RS_RET_ERR, "mmfatigue: %s: what is remembered will be forgotten at a restart", why->text);
}

bool mf_keep_open(struct mf_engine *engine, const char *work_directory)
{
    struct mf_state_report report = {0};
    struct mf_error error = {""};
    int opened = open_as(engine, work_directory, MF_STORE_OWN, &report, &error);

    if (opened < 0)
        read_only(engine, work_directory, report.in_use, &error);
    if (opened <= 0)
        return false;
    if (report.damaged > 0)
        LogError(0, RS_RET_ERR,
                 "mmfatigue: %s (%u damaged files in all): what is sound in them was put back, and they were set aside "
                 "as *.corrupt-*",
                 report.damage, report.damaged);
    LogMsg(0, RS_RET_OK, LOG_INFO, "mmfatigue: state put back: %llu records, and %llu events of the journal",
           (unsigned long long)report.records, (unsigned long long)report.events);
    return true;
}

void mf_keep_on(struct mf_engine *engine, struct mf_worker *worker, const struct mf_sink *sink)
{
    const struct mf_state_clock clock = {mf_wall_clock(), read_clock(CLOCK_MONOTONIC)};
    struct mf_error news;

    switch (mf_engine_keep_state(engine, worker, &clock, sink, &news)) {
    case MF_STATE_FAILS:
        LogError(0, RS_RET_ERR, "mmfatigue: %s", news.text);
        break;
    case MF_STATE_RECOVERED:
        LogMsg(0, RS_RET_OK, LOG_NOTICE, "mmfatigue: %s", news.text);
        break;
    case MF_STATE_QUIET:
        break;
    }
}

void mf_keep_close(struct mf_engine *engine)
{
    struct mf_error error;

    mf_engine_flush_state(engine);
    if (mf_engine_save_state(engine, mf_wall_clock(), &error) != 0)
        LogError(0, RS_RET_ERR, "mmfatigue: %s", error.text);
}
