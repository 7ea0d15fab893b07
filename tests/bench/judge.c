/* tests/bench/judge.c
 *
 *     judge [-d PROFILE_DIR] [-p POLICY] [-s] [-w WARM] FEED        -s: without what only some CPUs can
 *
 * Judges the lines of a file, read into memory first, and says how often the engine asked for memory meanwhile: never, is the
 * promise. The first WARM lines are judged before the clock starts: what the system does when memory is first touched is no
 * part of an event. Nor is fetching the line from memory: rsyslogd hands a message over that it has just written, so lines
 * are copied, some at a time, to a place that stays in the cache, and the clock stands still meanwhile. Under callgrind
 * judge_measured() is what counts (tests/bench/measure.py). */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"

/* ---- counting allocations: the linker sends every call here (--wrap) ---- */

static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

static char *read_file(const char *name, size_t *length)
{
    struct stat info;
    int fd = open(name, O_RDONLY);

    if (fd < 0 || fstat(fd, &info) != 0)
        return NULL;
    char *text = malloc((size_t)info.st_size + 1);
    *length = 0;
    for (ssize_t n = 1; text != NULL && n > 0 && *length < (size_t)info.st_size; *length += (size_t)n)
        n = read(fd, text + *length, (size_t)info.st_size - *length);
    close(fd);
    return text;
}

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct line {
    const char *text;
    size_t length;
};

/* Where the lines of a text are; NULL when there is no memory. */
static struct line *cut_lines(const char *text, size_t length, size_t *n)
{
    const char *end = text + length;
    struct line *lines = NULL;
    size_t room = 0;

    *n = 0;
    for (const char *at = text; at < end; (*n)++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline == NULL ? end : newline) - at);
        if (*n == room) {
            room = room * 2 + 1024;
            struct line *more = realloc(lines, room * sizeof *lines);
            if (more == NULL)
                return NULL;
            lines = more;
        }
        lines[*n] = (struct line){at, size};
        at += size + 1;
    }
    return lines;
}

struct judging {
    struct mf_engine *engine;
    struct mf_worker *worker;
};

static void judge(const struct judging *judging, const struct line *line, size_t n)
{
    struct mf_tag tag;

    for (size_t i = 0; i < n; i++)
        mf_engine_judge(judging->engine, judging->worker, line[i].text, line[i].length, MF_TIME_NONE, NULL, &tag);
}

/* A name of its own, so that callgrind can be told to count here. */
static __attribute__((noinline)) void judge_measured(const struct judging *judging, const struct line *line, size_t n)
{
    judge(judging, line, n);
}

/* Lines that have just come: so many as fit, at least one. */
enum { STAGE = 128 * 1024, STAGED_MAX = 64 };

static size_t stage(const struct line *line, size_t n, struct line *staged)
{
    static char room[STAGE];
    size_t used = 0, i = 0;

    for (; i < n && i < STAGED_MAX && line[i].length <= STAGE - used; i++) {
        memcpy(room + used, line[i].text, line[i].length);
        staged[i] = (struct line){room + used, line[i].length};
        used += line[i].length;
    }
    return i;
}

/* How long it takes to judge them, of this process's time. 0 when a line is too long. */
static double measure(const struct judging *judging, const struct line *line, size_t n)
{
    struct line staged[STAGED_MAX];
    double seconds = 0;

    for (size_t done = 0, now; done < n; done += now) {
        now = stage(line + done, n - done, staged);
        if (now == 0)
            return 0;
        double start = cpu_seconds();
        judge_measured(judging, staged, now);
        seconds += cpu_seconds() - start;
    }
    return seconds;
}

struct arguments {
    const char *feed, *profiles, *policy;
    size_t warm;
    bool portable;
};

static bool take_arguments(int argc, char **argv, struct arguments *arguments)
{
    int c;

    while ((c = getopt(argc, argv, "d:p:sw:")) != -1) {
        if (c == 'd')
            arguments->profiles = optarg;
        else if (c == 'p')
            arguments->policy = optarg;
        else if (c == 's')
            arguments->portable = true;
        else if (c == 'w')
            arguments->warm = strtoul(optarg, NULL, 10);
        else
            return false;
    }
    arguments->feed = argv[optind];
    return optind + 1 == argc;
}

static int fail(const char *why)
{
    fprintf(stderr, "judge: %s\nusage: judge [-d PROFILE_DIR] [-p POLICY] [-s] [-w WARM] FEED\n", why);
    return 2;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {NULL};
    struct mf_error error = {""};
    size_t length = 0, n = 0;

    if (!take_arguments(argc, argv, &arguments))
        return fail("what?");
    char *text = read_file(arguments.feed, &length);
    struct line *lines = text == NULL ? NULL : cut_lines(text, length, &n);
    struct mf_engine_options options = {
        .policy_file = arguments.policy, .profile_dir = arguments.profiles, .portable = arguments.portable};
    struct judging judging = {.engine = mf_engine_new(&options, &error)};

    judging.worker = judging.engine == NULL ? NULL : mf_worker_new(judging.engine, &error);
    if (lines == NULL || judging.worker == NULL)
        return fail(lines == NULL ? "no feed" : error.text);
    size_t warm = arguments.warm < n ? arguments.warm : n;
    unsigned long before = allocations;
    judge(&judging, lines, warm);
    double seconds = measure(&judging, lines + warm, n - warm);
    printf("{\"lines\": %zu, \"bytes\": %zu, \"cpu_us_per_line\": %.4f, \"allocations\": %lu}\n", n - warm, length,
           n > warm ? seconds * 1e6 / (double)(n - warm) : 0, allocations - before);
    mf_worker_free(judging.worker);
    mf_engine_free(judging.engine);
    free(lines);
    free(text);
    return allocations == before ? 0 : 1;
}
