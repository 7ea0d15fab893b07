/* tests/bench/judge.c
 *
 * Judges the lines of a file, read into memory first, and says how often the engine asked for memory meanwhile: never, is the
 * promise. The first WARM lines are judged before the clock starts: what the system does when memory is first touched is no
 * part of an event. Under callgrind the difference between two lengths of feed gives instructions per event (script/bench). */

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

static int usage(const char *why)
{
    fprintf(stderr, "usage: judge FEED [PROFILE_DIR [WARM]]: %s\n", why);
    return 2;
}

int main(int argc, char **argv)
{
    struct mf_error error = {""};
    struct mf_engine_options options = {.profile_dir = argc > 2 ? argv[2] : NULL};
    size_t length = 0, n = 0, warm = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    char *text = argc > 1 ? read_file(argv[1], &length) : NULL;
    struct line *lines = text == NULL ? NULL : cut_lines(text, length, &n);
    struct judging judging = {.engine = mf_engine_new(&options, &error)};

    judging.worker = judging.engine == NULL ? NULL : mf_worker_new(judging.engine, &error);
    if (lines == NULL || judging.worker == NULL)
        return usage(lines == NULL ? "no feed" : error.text);
    warm = warm < n ? warm : n;
    unsigned long before = allocations;
    judge(&judging, lines, warm);
    double start = cpu_seconds();
    judge(&judging, lines + warm, n - warm);
    double seconds = cpu_seconds() - start;
    printf("{\"lines\": %zu, \"bytes\": %zu, \"cpu_us_per_line\": %.3f, \"allocations\": %lu}\n", n - warm, length,
           n > warm ? seconds * 1e6 / (double)(n - warm) : 0, allocations - before);
    mf_worker_free(judging.worker);
    mf_engine_free(judging.engine);
    free(lines);
    free(text);
    return allocations == before ? 0 : 1;
}
