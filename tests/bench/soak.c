/* tests/bench/soak.c
 *
 * Judges EVENTS made-up events in accelerated time, 20 of them a second, with several workers, the clock and reloads beside them, and
 * looks at memory and descriptors of its own process meanwhile: after the first fifth nothing may grow, and of a thousand
 * messages 999 may take at most a hundred microseconds of CPU time each. Prints a line of JSON for each look and one with the
 * slopes and what messages took; exit code 1 when something grew or was slow. Run by script/soak.
 *
 *   soak PROFILE_DIR EVENTS WORKERS */

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "took.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { WORKERS_MAX = 16, LOOKS = 50, EVENT_MS = 50, USERS = 200000 };

/* What may be more at the end than after the first fifth: two sets of what a reload exchanges, which a worker that is
 * slow to follow keeps alive beside the third. One that leaked with each reload, or a byte with each event, is more. */
enum { GROWTH_KIB = 8192 };

/* What 99.9 % of messages may take at most. */
static const double most_us = 100;

static struct mf_engine *engine;
static uint64_t n_events, taken, alerts;
static bool done;
static char policy_file[] = "/tmp/mf-soak-XXXXXX";

/* ---- events: everyday logins, some refusals, an attack now and then, names that nobody has, noise ---- */

static uint64_t mix(uint64_t n)
{
    n = (n ^ n >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    n = (n ^ n >> 27) * UINT64_C(0x94D049BB133111EB);
    return n ^ n >> 31;
}

static size_t write_event(char line[1024], uint64_t n)
{
    static const char *const results[] = {"success", "success", "success", "success",
                                          "success", "denied",  "denied",  "fraud"};
    static const char *const reasons[] = {"user_approved", "user_approved", "valid_passcode", "user_approved",
                                          "user_approved", "user_mistake",  "no_response",    "user_marked_fraud"};
    uint64_t random = mix(n);
    unsigned what = n % 997 < 12 ? 5 + random % 2 : n % 5000 == 9 ? 7 : (unsigned)(random % 5);
    uint64_t user = n % 997 < 12 ? n / 997 % USERS : n % 10 == 3 ? USERS + n : (random >> 8) % USERS;
    char time[MF_TIME_TEXT];

    if (n % 100 == 77)
        return (size_t)snprintf(line, 1024, "{\"txid\": %llu, not JSON", (unsigned long long)random);
    mf_time_format(NOW + (mf_time)(n * EVENT_MS), time);
    return (size_t)snprintf(line, 1024,
                            "{\"access_device\":{\"ip\":\"%u.%u.%u.%u\",\"location\":{\"country\":\"%s\"}},"
                            "\"application\":{\"name\":\"VPN\"},"
                            "\"event_type\":\"authentication\",\"factor\":\"duo_push\",\"isotimestamp\":\"%s\","
                            "\"reason\":\"%s\",\"result\":\"%s\","
                            "\"txid\":\"t-%llu\",\"user\":{\"key\":\"k%llu\",\"name\":\"user%llu@example.com\"}}",
                            198, 18 + (unsigned)(user >> 16) % 2, (unsigned)(user >> 8) % 256, (unsigned)user % 256,
                            what >= 5 ? "Romania" : "Germany", time, reasons[what], results[what],
                            (unsigned long long)n, (unsigned long long)user, (unsigned long long)user);
}

/* ---- threads ---- */

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    (void)context, (void)alert;
    __atomic_fetch_add(&alerts, 1, __ATOMIC_RELAXED);
}

static const struct mf_sink sink = {NULL, on_alert, NULL, false};

/* `argument`: what each of its messages took. */
static void *work(void *argument)
{
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    struct mf_tag tag;
    char line[1024];

    for (uint64_t n; worker != NULL && (n = __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED)) < n_events;) {
        size_t length = write_event(line, n);
        double begin = took_clock();

        mf_engine_judge(engine, worker, line, length, NOW + (mf_time)(n * EVENT_MS), &sink, &tag);
        took_add(argument, took_clock() - begin);
    }
    mf_worker_free(worker);
    return argument;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* The clock, each tenth of a second, and a reload each second. */
static void *accompany(void *argument)
{
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    struct mf_error error;

    for (unsigned n = 1; worker != NULL && !__atomic_load_n(&done, __ATOMIC_ACQUIRE); n++) {
        uint64_t at = __atomic_load_n(&taken, __ATOMIC_RELAXED);

        mf_engine_tick(engine, worker, NOW + (mf_time)(at * EVENT_MS), &sink);
        if (n % 10 == 0 && mf_engine_reload(engine, NULL, &error) != 0) {
            fprintf(stderr, "soak: %s\n", error.text);
            abort();
        }
        pause_ms(100);
    }
    mf_worker_free(worker);
    return argument;
}

/* ---- looking ---- */

struct look {
    uint64_t events;
    long kib;
    unsigned descriptors;
};

static long resident_kib(void)
{
    FILE *in = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    if (in != NULL && fscanf(in, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (in != NULL)
        fclose(in);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static unsigned count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

static struct look look(void)
{
    uint64_t events = __atomic_load_n(&taken, __ATOMIC_RELAXED);
    struct look seen = {events < n_events ? events : n_events, resident_kib(), count_descriptors()};

    printf("{\"events\": %llu, \"resident_kib\": %ld, \"descriptors\": %u, \"alerts\": %llu}\n",
           (unsigned long long)seen.events, seen.kib, seen.descriptors,
           (unsigned long long)__atomic_load_n(&alerts, __ATOMIC_RELAXED));
    fflush(stdout);
    return seen;
}

/* KiB per million events, by least squares. */
static double slope(const struct look *seen, unsigned from, unsigned n)
{
    double x = 0, y = 0, xx = 0, xy = 0, count = n - from;

    for (unsigned i = from; i < n; i++) {
        double millions = (double)seen[i].events / 1e6, kib = (double)seen[i].kib;
        x += millions, y += kib, xx += millions * millions, xy += millions * kib;
    }
    double spread = count * xx - x * x;
    return spread > 0 ? (count * xy - x * y) / spread : 0;
}

static int conclude(const struct look *seen, unsigned n, const struct took *took)
{
    unsigned from = n / 5;
    double grows = slope(seen, from, n), million = (double)(seen[n - 1].events - seen[from].events) / 1e6;
    bool memory = grows * million > GROWTH_KIB, files = seen[n - 1].descriptors > seen[from].descriptors + 2;

    printf("{\"kib_per_million_events\": %.1f, \"grown_kib\": %.0f, \"descriptors\": %d, \"grew\": %s, ", grows,
           grows * million, (int)seen[n - 1].descriptors - (int)seen[from].descriptors,
           memory || files ? "true" : "false");
    took_print(took);
    printf("}\n");
    return memory || files || took_most(took, 0.999) > most_us ? 1 : 0;
}

/* ---- all of it ---- */

static int write_policy(const char *profile_dir)
{
    int fd = mkstemp(policy_file);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

    if (out == NULL)
        return -1;
    /* small tables, so that all of them are full after the first fifth */
    fprintf(out,
            "{\"profile_dir\": \"%s\", \"state\": {\"users\": 8192, \"recent\": 1024, \"addresses\": 2048, "
            "\"populations\": 64}, \"incident\": {\"max_open\": 256}}",
            profile_dir);
    return fclose(out);
}

int main(int argc, char **argv)
{
    unsigned workers = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0, n = 0;
    const struct mf_engine_options options = {.policy_file = policy_file, .key = {1, 2}};
    pthread_t thread[WORKERS_MAX], other;
    static struct look seen[LOOKS + 1];
    static struct took took[WORKERS_MAX];
    struct mf_error error;

    mallopt(M_ARENA_MAX, 1); /* which thread's heap holds what was reloaded is luck, and looks like growth */
    n_events = argc > 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (n_events < LOOKS || workers < 1 || workers > WORKERS_MAX || write_policy(argv[1]) != 0) {
        fprintf(stderr, "usage: soak PROFILE_DIR EVENTS WORKERS\n");
        return 2;
    }
    engine = mf_engine_new(&options, &error);
    if (engine == NULL || pthread_create(&other, NULL, accompany, NULL) != 0) {
        fprintf(stderr, "soak: %s\n", engine == NULL ? error.text : "no thread");
        return 2;
    }
    for (unsigned i = 0; i < workers; i++)
        if (pthread_create(&thread[i], NULL, work, &took[i]) != 0)
            return 2;
    for (; n < LOOKS; n++) {
        while (__atomic_load_n(&taken, __ATOMIC_RELAXED) < n_events / LOOKS * (n + 1))
            pause_ms(5);
        seen[n] = look();
    }
    for (unsigned i = 0; i < workers; i++)
        pthread_join(thread[i], NULL);
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
    pthread_join(other, NULL);
    for (unsigned i = 1; i < workers; i++)
        took_join(&took[0], &took[i]);
    int code = conclude(seen, n, &took[0]);
    mf_engine_free(engine);
    unlink(policy_file);
    return code;
}
