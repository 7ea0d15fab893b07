/* tests/test_killed.c
 *
 * A process that is killed while four workers judge, at moments that nobody chose: what the next one says of each user is
 * what would have been said without, and no alert is lost. With flush "0s" each event is in the file before its message
 * goes on; what was under way is delivered again, as feeds do. */

#include "engine.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_in.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { WORKERS = 4, USERS = 4, ROUNDS = 24, RECORDS = USERS * ROUNDS, VERDICT = 160, ALERTS = 64 };

/* Sanitizers take their time. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { KILLS = 4 };
#else
enum { KILLS = 16 };
#endif

/* What one worker said, of users that are its own. */
struct story {
    unsigned judged; /* so many of its records are behind it */
    unsigned alerts;
    char verdict[RECORDS][VERDICT];
    char alert[ALERTS][VERDICT];
};

static char base[64], directory[96];
static struct story *before, *after, *whole; /* `before` is shared with the child */

/* ---- records ---- */

/* Each worker's users are bombed, one after the other and each in its own way; some log in between, some approve in the end. There
 * are too few logins for the tenant to say what is usual: that would hang on the order in which workers learn. */
static size_t write_record(char line[1024], unsigned worker, unsigned i)
{
    static const char *const types[] = {"system.push.send_factor_verify_push", "user.mfa.okta_verify.deny_push"};
    unsigned user = worker * USERS + i % USERS, round = i / USERS;
    bool approves = round == ROUNDS - 1 && user % 2 == 0, calm = user % 4 == 3 && round % 6 == 2;
    const char *type = calm ? "user.session.start" : approves ? "user.authentication.auth_via_mfa" : types[round % 2];
    char when[MF_TIME_TEXT];

    mf_time_format(NOW + round * (20 + user) * MF_SECOND, when);
    return (size_t)snprintf(
        line, 1024,
        "{\"actor\":{\"id\":\"00u%u\",\"type\":\"User\",\"alternateId\":\"user-%u@example.com\"},\"client\":{"
        "\"device\":"
        "\"Computer\",\"ipAddress\":\"203.0.113.%u\",\"geographicalContext\":{\"country\":\"RO\"}},\"debugContext\":{"
        "\"debugData\":{\"factor\":\"OKTA_VERIFY_PUSH\"}},\"eventType\":\"%s\",\"outcome\":{\"result\":\"SUCCESS\"},"
        "\"published\":\"%s\",\"securityContext\":{\"asNumber\":64510},\"transaction\":{\"id\":\"t-%u-%u\"},\"uuid\":"
        "\"u-%u-%u\",\"target\":null}",
        user, user, user + 1, type, when, user, round, user, round);
}

/* ---- an engine, and what it says ---- */

static const char policy[] =
    "{\"profiles\": [\"okta\"], \"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, \"traces\": 1024, "
    "\"deliveries\": 16384, \"flush\": \"0s\", \"snapshot_every\": \"10s\"}, \"time\": {\"lateness\": \"1h\"}}";

static struct mf_state_report open_state(struct mf_engine *engine)
{
    const struct mf_state_options options = {
        .directory = directory, .use = MF_STORE_OWN, .fresh = {11, 22}, .now = NOW, .journal = true};
    struct mf_state_report report;
    struct mf_error error = {""};

    if (mf_engine_open_state(engine, &options, &report, &error) != 0)
        fail_msg("%s", error.text);
    return report;
}

/* By its id: incident, phase, sequence. */
static void on_alert(void *context, const struct mf_alert_text *alert)
{
    struct story *story = context;
    const char *id = strstr(alert->json, "\"id\":\"i-");

    assert_non_null(id);
    assert_true(story->alerts < ALERTS);
    snprintf(story->alert[story->alerts++], VERDICT, "%s %d %.*s", alert->user, (int)alert->level,
             (int)strcspn(id, ","), id);
}

struct job {
    pthread_t thread;
    struct mf_engine *engine;
    unsigned number, from;
    struct story *story;
};

static void *work(void *argument)
{
    struct job *job = argument;
    const struct mf_sink sink = {NULL, on_alert, job->story, false};
    struct mf_worker *worker = mf_worker_new(job->engine, NULL);
    char line[1024];
    struct mf_tag tag;

    for (unsigned i = job->from; i < RECORDS; i++) {
        size_t n = write_record(line, job->number, i);
        mf_engine_judge(job->engine, worker, line, n, MF_TIME_NONE, &sink, &tag);
        snprintf(job->story->verdict[i], VERDICT, "%s %s %u %s %.60s %s", tag.status, tag.level, tag.score,
                 tag.incident, tag.signals, tag.alert);
        __atomic_store_n(&job->story->judged, i + 1, __ATOMIC_RELEASE);
    }
    mf_worker_free(worker);
    return NULL;
}

static void work_all(struct mf_engine *engine, struct story *story, const struct story *done)
{
    struct job job[WORKERS];

    for (unsigned i = 0; i < WORKERS; i++) {
        job[i] =
            (struct job){.engine = engine, .number = i, .from = done == NULL ? 0 : done[i].judged, .story = &story[i]};
        assert_int_equal(pthread_create(&job[i].thread, NULL, work, &job[i]), 0);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(job[i].thread, NULL);
}

/* ---- a life that is cut ---- */

static void live(void)
{
    struct mf_engine *engine = engine_in(base, policy);

    open_state(engine);
    work_all(engine, before, NULL);
    for (;;) /* it is killed here at the latest */
        pause();
}

static unsigned all_judged(const struct story *story)
{
    unsigned n = 0;

    for (unsigned i = 0; i < WORKERS; i++)
        n += __atomic_load_n(&story[i].judged, __ATOMIC_ACQUIRE);
    return n;
}

/* Killed when so many records are judged, or a few more. */
static void kill_at(unsigned n)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        live();
        _exit(0);
    }
    while (all_judged(before) < n && waitpid(child, &status, WNOHANG) == 0)
        sched_yield();
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* What was raised and not known to be handed over comes first. */
static void live_on(void)
{
    struct mf_engine *engine = engine_in(base, policy);
    const struct mf_state_report report = open_state(engine);
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    const struct mf_sink sink = {NULL, on_alert, &after[0], false};
    struct mf_error news;

    assert_int_equal(report.damaged, 0);
    for (mf_time uptime = 0; uptime <= MF_SECOND; uptime += MF_SECOND)
        mf_engine_keep_state(engine, worker, &(struct mf_state_clock){NOW, uptime}, &sink, &news);
    work_all(engine, after, before);
    mf_worker_free(worker);
    mf_engine_free(engine);
}

/* ---- comparing ---- */

/* The record that was under way may have been judged: then it is known as a repeat. */
static void compare_verdicts(unsigned n)
{
    for (unsigned w = 0; w < WORKERS; w++) {
        unsigned cut = before[w].judged;
        for (unsigned i = 0; i < RECORDS; i++) {
            const char *said = i < cut ? before[w].verdict[i] : after[w].verdict[i];
            bool repeat = i == cut && strncmp(said, "duplicate ", 10) == 0;
            if (!repeat && strcmp(said, whole[w].verdict[i]) != 0)
                fail_msg("killed at %u: worker %u, record %u of %u\n%s\nwithout a kill\n%s", n, w, i, cut, said,
                         whole[w].verdict[i]);
        }
    }
}

static bool has_alert(const struct story *story, const char *alert)
{
    for (unsigned w = 0; w < WORKERS; w++)
        for (unsigned i = 0; i < story[w].alerts; i++)
            if (strcmp(story[w].alert[i], alert) == 0)
                return true;
    return false;
}

/* None is lost, and none is another one. */
static void compare_alerts(unsigned n)
{
    const struct story *lives[] = {before, after};

    for (unsigned w = 0; w < WORKERS; w++)
        for (unsigned i = 0; i < whole[w].alerts; i++)
            if (!has_alert(before, whole[w].alert[i]) && !has_alert(after, whole[w].alert[i]))
                fail_msg("killed at %u: lost: %s", n, whole[w].alert[i]);
    for (unsigned l = 0; l < 2; l++)
        for (unsigned w = 0; w < WORKERS; w++)
            for (unsigned i = 0; i < lives[l][w].alerts; i++)
                if (!has_alert(whole, lives[l][w].alert[i]))
                    fail_msg("killed at %u: only with a kill: %s", n, lives[l][w].alert[i]);
}

static void clear_directory(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

static void a_kill_under_four_workers_is_not_seen(void **state)
{
    unsigned alerts = 0;

    (void)state;
    struct mf_engine *engine = engine_in(base, policy);
    work_all(engine, whole, NULL);
    mf_engine_free(engine);
    for (unsigned w = 0; w < WORKERS; w++)
        alerts += whole[w].alerts;
    assert_true(alerts >= WORKERS * USERS);
    for (unsigned k = 0; k < KILLS; k++) {
        unsigned n = 1 + k * WORKERS * RECORDS / KILLS;
        clear_directory();
        memset(before, 0, WORKERS * sizeof *before);
        memset(after, 0, WORKERS * sizeof *after);
        kill_at(n);
        live_on();
        compare_verdicts(n);
        compare_alerts(n);
    }
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "%s/mf-killed-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof directory, "%s/state", base);
    before = mmap(NULL, WORKERS * sizeof *before, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    after = calloc(WORKERS, sizeof *after);
    whole = calloc(WORKERS, sizeof *whole);
    return before == MAP_FAILED || after == NULL || whole == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    munmap(before, WORKERS * sizeof *before);
    free(after);
    free(whole);
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_kill_under_four_workers_is_not_seen)};

    return cmocka_run_group_tests_name("killed", tests, set_up, tear_down);
}
