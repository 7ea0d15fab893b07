/* tests/test_together.c
 *
 * All that happens at once in a busy rsyslogd, for as long as eight workers judge: time is let pass, the journal flushed and
 * snapshots taken, the settings are loaded anew, and the counters are read. Under ThreadSanitizer and helgrind this is where a lock that is missing, or taken in
 * another order, would show; by itself it shows that nothing is lost. MF_ROUNDS: records a worker judges at least;
 * MF_SECONDS: how long it goes on. */

#include "engine.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { WORKERS = 8, USERS = 400, ROUNDS = 3000 };

static char policy_file[] = "/tmp/mf-together-XXXXXX", state_dir[] = "/tmp/mf-together-XXXXXX";
static struct mf_engine *engine;
static unsigned rounds = ROUNDS;
static time_t until;
static bool done;
static uint64_t alerts;

static bool is_done(void)
{
    return __atomic_load_n(&done, __ATOMIC_ACQUIRE);
}

static void on_judged(void *context, const struct mf_judged *judged)
{
    uint64_t *n = context;

    *n += judged->reading != NULL;
}

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    (void)context;
    __atomic_fetch_add(&alerts, alert->length > 0, __ATOMIC_RELAXED);
}

/* ---- workers: users that are theirs, users that all have, an address that goes for everybody, and noise ---- */

static size_t write_record(char line[1024], unsigned number, unsigned round)
{
    static const char *const results[] = {"success", "denied", "denied", "fraud"};
    static const char *const reasons[] = {"user_approved", "user_mistake", "no_response", "user_marked_fraud"};
    unsigned user = round % 3 == 0 ? round % 16 : (number * USERS + round) % (USERS * WORKERS), what = round % 4;
    char time[MF_TIME_TEXT];

    mf_time_format(NOW + (mf_time)round * 2000, time);
    if (round % 50 == 7)
        return (size_t)snprintf(line, 1024, "{\"eventType\":\"x\",%u", round);
    return (size_t)snprintf(
        line, 1024,
        "{\"access_device\":{\"ip\":\"%s\",\"location\":{\"country\":\"%s\"}},\"event_type\":"
        "\"authentication\",\"factor\":\"duo_push\",\"isotimestamp\":\"%s\",\"reason\":\"%s\",\"result\":"
        "\"%s\",\"txid\":\"t-%u-%u\",\"user\":{\"key\":\"k%u\",\"name\":\"user%u@example.com\"}}",
        round % 5 == 0 ? "203.0.113.66" : "198.51.100.7", round % 5 == 0 ? "Romania" : "Germany", time, reasons[what],
        results[what], number, round, user, user);
}

struct job {
    pthread_t thread;
    unsigned number;
    uint64_t judged, messages;
};

static bool goes_on(uint64_t round)
{
    return round < rounds || (round % 64 == 0 ? time(NULL) < until : until != 0);
}

static void *work(void *argument)
{
    struct job *job = argument;
    const struct mf_sink sink = {on_judged, on_alert, &job->judged, false};
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    struct mf_tag tag;
    char line[1024];

    for (unsigned round = 0; worker != NULL && goes_on(round); round++, job->messages++) {
        size_t length = write_record(line, job->number, round);

        mf_engine_judge(engine, worker, line, length, NOW + (mf_time)round * 2000, &sink, &tag);
        if (mf_worker_policy(worker)->alert_level > MF_ANOMALOUS)
            abort();
    }
    mf_worker_free(worker);
    return NULL;
}

/* ---- what happens beside them ---- */

static void *let_time_pass(void *argument)
{
    const struct mf_sink sink = {NULL, on_alert, NULL, false};
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    uint64_t *times = argument;

    for (; !is_done(); ++*times) {
        const mf_time passed = (mf_time)*times * 10 * MF_SECOND;
        struct mf_error news;

        if (mf_engine_keep_state(engine, worker, &(struct mf_state_clock){NOW + passed, passed}, &sink, &news) ==
            MF_STATE_FAILS) {
            fprintf(stderr, "%s\n", news.text);
            abort();
        }
        mf_engine_tick(engine, worker, NOW + passed, &sink);
    }
    mf_worker_free(worker);
    return NULL;
}

static void write_policy(unsigned version)
{
    const char *top = getenv("MF_SRCDIR");
    FILE *out = fopen(policy_file, "wb");

    if (out == NULL)
        abort();
    fprintf(out,
            "{\"profiles\": [\"duo\"], \"profile_dir\": \"%s/profiles\", \"state\": {\"users\": 4096, \"recent\": "
            "1024, \"snapshot_every\": \"30s\"}, ",
            top == NULL ? "." : top);
    fprintf(out,
            "\"geo\": {\"city\": \"%s/tests/geo/nested.mmdb\"}, \"alert_level\": \"%s\", \"incident\": {\"quiet\": "
            "\"%um\"}}",
            top == NULL ? "." : top, version % 2 ? "suspicious" : "anomalous", 30 + version % 7);
    if (fclose(out) != 0)
        abort();
}

static void *load_anew(void *argument)
{
    uint64_t *times = argument;
    struct mf_error error;

    for (; !is_done(); ++*times) {
        write_policy((unsigned)*times);
        if (mf_engine_reload(engine, NULL, &error) != 0)
            abort();
    }
    return NULL;
}

static void take_line(void *context, const char *text)
{
    *(uint64_t *)context += text[0] != '\0';
}

static void *look(void *argument)
{
    uint64_t *times = argument, lines = 0;
    struct mf_counter counter;
    char user[MF_USER_MAX + 1];

    for (; !is_done(); ++*times) {
        for (unsigned i = 0; mf_engine_counter(engine, i, &counter); i++)
            lines += __atomic_load_n(counter.value, __ATOMIC_RELAXED);
        lines += mf_engine_memory(engine) + mf_engine_user(engine, "Ada@Example.com", user);
        mf_engine_describe(engine, NOW, take_line, &lines);
        mf_engine_remark(engine, take_line, &lines);
        mf_engine_files(engine, take_line, &lines);
    }
    return lines > 0 ? argument : NULL;
}

/* ---- all of it ---- */

static uint64_t counted(const char *name)
{
    struct mf_counter counter;
    uint64_t sum = 0;

    for (unsigned i = 0; mf_engine_counter(engine, i, &counter); i++)
        if (strncmp(counter.name, name, strlen(name)) == 0)
            sum += *counter.value;
    return sum;
}

static void workers_clock_reload_and_statistics_go_together(void **state)
{
    static void *(*const beside[])(void *) = {let_time_pass, load_anew, look};
    enum { BESIDE = sizeof beside / sizeof beside[0] };
    uint64_t times[BESIDE] = {0}, judged = 0, messages = 0;
    struct job job[WORKERS] = {0};
    pthread_t thread[BESIDE];

    (void)state;
    for (unsigned i = 0; i < BESIDE; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, beside[i], &times[i]), 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        job[i].number = i;
        assert_int_equal(pthread_create(&job[i].thread, NULL, work, &job[i]), 0);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(job[i].thread, NULL);
        judged += job[i].judged;
        messages += job[i].messages;
    }
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < BESIDE; i++) {
        pthread_join(thread[i], NULL);
        assert_true(times[i] > 1);
    }
    assert_true(messages >= (uint64_t)rounds * WORKERS);
    assert_true(judged >= messages); /* a fraud report is two events */
    assert_int_equal(counted("messages"), messages);
    assert_int_equal(counted("judged") + counted("skipped_"), judged);
    assert_int_equal(counted("alerts") - counted("alerts_held_back"), alerts);
    assert_true(alerts > 0);
}

static int set_up(void **state)
{
    const struct mf_engine_options options = {.policy_file = policy_file, .key = {1, 2}};
    int fd = mkstemp(policy_file);
    struct mf_error error;

    (void)state;
    if (fd < 0 || close(fd) != 0)
        return -1;
    if (getenv("MF_ROUNDS") != NULL)
        rounds = (unsigned)strtoul(getenv("MF_ROUNDS"), NULL, 10);
    if (getenv("MF_SECONDS") != NULL)
        until = time(NULL) + (time_t)strtoul(getenv("MF_SECONDS"), NULL, 10);
    write_policy(0);
    engine = mf_engine_new(&options, &error);
    if (engine == NULL)
        fail_msg("%s", error.text);
    if (mkdtemp(state_dir) == NULL)
        return -1;
    const struct mf_state_options kept = {
        .directory = state_dir, .use = MF_STORE_OWN, .fresh = {3, 4}, .now = NOW, .journal = true};
    struct mf_state_report report = {0};
    if (mf_engine_open_state(engine, &kept, &report, &error) != 0)
        fail_msg("%s", error.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mf_engine_free(engine);
    DIR *dir = opendir(state_dir);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    return unlink(policy_file) | rmdir(state_dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(workers_clock_reload_and_statistics_go_together)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
