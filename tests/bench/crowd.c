/* tests/bench/crowd.c
 *
 *     crowd [-d PROFILE_DIR] [-p POLICY] [-t THREADS] [-e] [-j STATE_DIR] [-s] TEMPLATE USERS EVENTS
 *
 * Judges events of very many users, which no file could hold. TEMPLATE (feed.py) is a prompt and its answer with places left
 * open for user, address, number and time; they are filled in a block at a time, and only the judging is timed. Every user
 * logs in once, in turn, before the clock starts, and then in no order, every 30 hours by the clock of the events, so that
 * users of a small crowd are no busier than those of a large one. Threads share the engine, and each has users of its own.
 *
 * With -j what comes in is written into a journal, by a thread of its own ten times a second as in the module; with -s that
 * thread takes one snapshot after the other instead, as long as events are measured.
 *
 * Prints one JSON object: CPU time of an event, events a second by the clock, what memory the engine takes and what was
 * touched of it; with -e, where each message is timed, the longest that one took by the clock, and what half, 99 % and 99.9 %
 * of them took at most, and the longest, in CPU time. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "took.h"

enum { RECORDS = 2, TEXT_MAX = 16384, BLOCK = 256, THREADS_MAX = 64, PLACES_MAX = 16 };
enum { USER_WIDTH = 8, NUMBER_WIDTH = 12, ADDRESS_WIDTH = 15, TIME_WIDTH = 24 };

#define BEGIN   ((mf_time)1772323200000) /* 2026-03-01T00:00:00Z */
#define BETWEEN ((mf_time)30 * 3600 * 1000)
#define ANSWER  ((mf_time)8 * 1000)

/* ---- the template ---- */

struct place {
    size_t at;
    char what; /* 'U' user, 'N' number, 'A' address, 'T' time: a text of "@", this letter, and more "@" is left open */
};

struct record {
    size_t length;
    unsigned n_places;
    struct place place[PLACES_MAX];
    char text[TEXT_MAX];
};

static struct record records[RECORDS];
static unsigned n_records;

static bool read_template(const char *name)
{
    FILE *file = fopen(name, "r");

    while (file != NULL && n_records < RECORDS && fgets(records[n_records].text, TEXT_MAX, file) != NULL) {
        struct record *record = &records[n_records++];
        record->length = strcspn(record->text, "\n");
        for (char *at = record->text; (at = strchr(at, '@')) != NULL && record->n_places < PLACES_MAX;) {
            if (at[1] != '\0' && strchr("UNAT", at[1]) != NULL && at[2] == '@')
                record->place[record->n_places++] = (struct place){(size_t)(at - record->text), at[1]};
            at += at[1] == '\0' ? 1 : 2 + strspn(at + 2, "@");
        }
    }
    if (file != NULL)
        fclose(file);
    return n_records == RECORDS;
}

static void put_digits(char *to, unsigned width, uint64_t number)
{
    for (unsigned i = width; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
}

/* All octets have three digits. */
static void put_address(char *to, uint64_t number)
{
    for (unsigned i = 0; i < 4; i++, number /= 100) {
        to[4 * i] = '1';
        put_digits(to + 4 * i + 1, 2, number % 100);
        if (i < 3)
            to[4 * i + 3] = '.';
    }
}

static void put_time(char *to, mf_time time)
{
    char text[MF_TIME_TEXT];

    mf_time_format(time, text);
    memcpy(to, text, TIME_WIDTH);
}

static size_t fill(char *to, const struct record *record, uint64_t user, uint64_t number, mf_time time)
{
    memcpy(to, record->text, record->length);
    for (unsigned i = 0; i < record->n_places; i++) {
        char *at = to + record->place[i].at;
        if (record->place[i].what == 'U')
            put_digits(at, USER_WIDTH, user);
        else if (record->place[i].what == 'N')
            put_digits(at, NUMBER_WIDTH, number);
        else if (record->place[i].what == 'A')
            put_address(at, user);
        else
            put_time(at, time);
    }
    return record->length;
}

/* ---- a thread ---- */

struct thread {
    pthread_t id;
    struct mf_engine *engine;
    struct mf_worker *worker;
    uint64_t users, first, step, events; /* its users: first, first + step, ... */
    double cpu, wall, slowest;
    struct took *took; /* NULL: each block is timed, not each message */
    char (*text)[TEXT_MAX];
    size_t length[BLOCK];
};

/* What the module's own thread does beside the workers. */
struct keeper {
    pthread_t id;
    struct mf_engine *engine;
    bool on, snapshots, stop;
    double cpu;
    unsigned n_snapshots;
};

static unsigned warming; /* threads that are not measured yet */

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One login: who, when it is, and whether it is the prompt or the answer that comes. Prompts of some users come before their
 * answers, as many as begin within the time that an answer takes. */
struct login {
    uint64_t user;
    unsigned record;
    mf_time time;
};

static struct login login_of(const struct thread *thread, uint64_t event)
{
    uint64_t own = thread->users / thread->step, together = (uint64_t)ANSWER * own / (uint64_t)BETWEEN;

    together = together < 1 ? 1 : together > BLOCK / 2 ? BLOCK / 2 : together;
    uint64_t within = event % (2 * together), nth = event / (2 * together) * together + within % together;
    uint64_t turn = nth < own ? nth : nth * 2654435761u % own;
    bool answer = within >= together;
    return (struct login){
        .user = thread->first + turn * thread->step,
        .record = answer ? 1 : 0,
        .time = BEGIN + (mf_time)((double)nth * (double)BETWEEN / (double)own) + (answer ? ANSWER : 0),
    };
}

static void judge_each(struct thread *thread, unsigned n)
{
    struct mf_tag tag;

    for (unsigned i = 0; i < n; i++) {
        double begin = seconds(CLOCK_MONOTONIC), cpu = took_clock();
        mf_engine_judge(thread->engine, thread->worker, thread->text[i], thread->length[i], MF_TIME_NONE, NULL, &tag);
        took_add(thread->took, took_clock() - cpu);
        double took = seconds(CLOCK_MONOTONIC) - begin;
        thread->slowest = took > thread->slowest ? took : thread->slowest;
    }
}

static void judge_block(struct thread *thread, unsigned n, bool counts)
{
    double cpu = seconds(CLOCK_THREAD_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    struct mf_tag tag;

    if (thread->took != NULL && counts)
        judge_each(thread, n);
    else
        for (unsigned i = 0; i < n; i++)
            mf_engine_judge(thread->engine, thread->worker, thread->text[i], thread->length[i], MF_TIME_NONE, NULL,
                            &tag);
    if (!counts)
        return;
    thread->cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    thread->wall += seconds(CLOCK_MONOTONIC) - wall;
}

static void *live(void *argument)
{
    struct thread *thread = argument;
    uint64_t warm = 2 * (thread->users / thread->step) + 8 * BLOCK, all = warm + thread->events;

    for (uint64_t event = 0; event < all;) {
        unsigned n = 0;
        bool counts = event >= warm;
        if (event == warm)
            __atomic_fetch_sub(&warming, 1, __ATOMIC_RELAXED);
        for (; n < BLOCK && event < all && (event >= warm) == counts; n++, event++) {
            struct login login = login_of(thread, event);
            thread->length[n] = fill(thread->text[n], &records[login.record], login.user,
                                     event * thread->step + thread->first, login.time);
        }
        judge_block(thread, n, counts);
    }
    return NULL;
}

/* ---- the thread beside them ---- */

static void take_snapshot(struct keeper *keeper)
{
    struct mf_error error;

    if (mf_engine_save_state(keeper->engine, BEGIN, &error) != 0)
        fprintf(stderr, "crowd: %s\n", error.text);
    keeper->n_snapshots++;
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;
    double begin = 0;

    while (!__atomic_load_n(&keeper->stop, __ATOMIC_RELAXED)) {
        bool measured = __atomic_load_n(&warming, __ATOMIC_RELAXED) == 0;
        if (measured && begin <= 0)
            begin = seconds(CLOCK_THREAD_CPUTIME_ID);
        if (measured && keeper->snapshots)
            take_snapshot(keeper);
        else
            mf_engine_flush_state(keeper->engine);
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    mf_engine_flush_state(keeper->engine);
    keeper->cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
    return NULL;
}

static bool open_state(struct keeper *keeper, const char *directory, struct mf_error *error)
{
    struct mf_state_options options = {
        .directory = directory, .use = MF_STORE_OWN, .fresh = {1, 2}, .now = BEGIN, .journal = !keeper->snapshots};
    struct mf_state_report report;

    keeper->on = mf_engine_open_state(keeper->engine, &options, &report, error) == 0;
    return keeper->on;
}

/* ---- all of it ---- */

static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void report_each(const struct thread *thread, unsigned n)
{
    static struct took all;

    for (unsigned i = 0; i < n; i++)
        took_join(&all, thread[i].took);
    printf(", ");
    took_print(&all);
}

static void report(const struct keeper *keeper, const struct thread *thread, unsigned n, size_t before)
{
    double cpu = keeper->cpu, wall = 0, slowest = 0, events = 0;

    for (unsigned i = 0; i < n; i++) {
        cpu += thread[i].cpu;
        events += (double)thread[i].events;
        wall = thread[i].wall > wall ? thread[i].wall : wall;
        slowest = thread[i].slowest > slowest ? thread[i].slowest : slowest;
    }
    printf(
        "{\"events\": %.0f, \"cpu_us\": %.4f, \"events_per_s\": %.0f, \"engine_bytes\": %zu, \"touched_bytes\": %zu, "
        "\"slowest_us\": %.1f, \"snapshots\": %u",
        events, cpu * 1e6 / events, events / wall, mf_engine_memory(keeper->engine), resident() - before, slowest * 1e6,
        keeper->n_snapshots);
    if (thread[0].took != NULL)
        report_each(thread, n);
    printf("}\n");
}

static int fail(const char *why)
{
    fprintf(stderr,
            "crowd: %s\nusage: crowd [-d PROFILE_DIR] [-p POLICY] [-t THREADS] [-e] [-j STATE_DIR] [-s] TEMPLATE USERS "
            "EVENTS\n",
            why);
    return 2;
}

static bool begin(struct thread *thread, struct mf_engine *engine, bool timed, struct mf_error *error)
{
    thread->engine = engine;
    thread->worker = mf_worker_new(engine, error);
    thread->text = malloc(BLOCK * sizeof *thread->text);
    thread->took = timed ? calloc(1, sizeof *thread->took) : NULL;
    return thread->worker != NULL && thread->text != NULL && (thread->took != NULL || !timed);
}

int main(int argc, char **argv)
{
    static struct thread thread[THREADS_MAX];
    struct mf_engine_options options = {NULL};
    struct keeper keeper = {.on = false};
    const char *state = NULL;
    struct mf_error error = {"what?"};
    unsigned threads = 1;
    bool timed = false;

    for (int c; (c = getopt(argc, argv, "d:p:t:ej:s")) != -1;) {
        if (c == 'd')
            options.profile_dir = optarg;
        else if (c == 'p')
            options.policy_file = optarg;
        else if (c == 't')
            threads = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'e')
            timed = true;
        else if (c == 'j')
            state = optarg;
        else if (c == 's')
            keeper.snapshots = true;
        else
            return fail("what?");
    }
    if (optind + 3 != argc || threads == 0 || threads > THREADS_MAX || !read_template(argv[optind]))
        return fail("what?");
    struct mf_engine *engine = keeper.engine = mf_engine_new(&options, &error);
    if (engine == NULL || (state != NULL && !open_state(&keeper, state, &error)))
        return fail(error.text);
    size_t before = resident();
    for (unsigned i = 0; i < threads; i++) {
        thread[i].users = strtoull(argv[optind + 1], NULL, 10);
        thread[i].first = i;
        thread[i].step = threads;
        thread[i].events = strtoull(argv[optind + 2], NULL, 10) / threads;
        if (!begin(&thread[i], engine, timed, &error))
            return fail(error.text);
    }
    warming = threads;
    if (keeper.on)
        pthread_create(&keeper.id, NULL, keep, &keeper);
    for (unsigned i = 0; i < threads; i++)
        pthread_create(&thread[i].id, NULL, live, &thread[i]);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(thread[i].id, NULL);
    __atomic_store_n(&keeper.stop, true, __ATOMIC_RELAXED);
    if (keeper.on)
        pthread_join(keeper.id, NULL);
    report(&keeper, thread, threads, before);
    for (unsigned i = 0; i < threads; i++) {
        mf_worker_free(thread[i].worker);
        free(thread[i].text);
        free(thread[i].took);
    }
    mf_engine_free(engine);
    return 0;
}
