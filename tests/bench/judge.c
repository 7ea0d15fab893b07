/* tests/bench/judge.c
 *
 * Judges the lines of a file, read into memory first, and says how often the engine asked for memory meanwhile: never, is the
 * promise. Under callgrind the difference between two lengths of feed gives instructions per event (script/bench). */

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

int main(int argc, char **argv)
{
    struct mf_error error;
    struct mf_engine_options options = {.profile_dir = argc > 2 ? argv[2] : NULL};
    struct mf_tag tag;
    size_t length = 0, lines = 0;
    char *text = argc > 1 ? read_file(argv[1], &length) : NULL;
    struct mf_engine *engine = mf_engine_new(&options, &error);
    struct mf_worker *worker = engine == NULL ? NULL : mf_worker_new(engine, &error);

    if (text == NULL || worker == NULL) {
        fprintf(stderr, "usage: judge FEED [PROFILE_DIR]%s%s\n", text == NULL ? "" : ": ",
                text == NULL ? "" : error.text);
        return 2;
    }
    unsigned long before = allocations;
    double start = cpu_seconds();
    for (char *line = text, *end = text + length; line < end; lines++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((newline == NULL ? end : newline) - line);
        mf_engine_judge(engine, worker, line, size, MF_TIME_NONE, NULL, &tag);
        line += size + 1;
    }
    double seconds = cpu_seconds() - start;
    printf("{\"lines\": %zu, \"bytes\": %zu, \"cpu_us_per_line\": %.3f, \"allocations\": %lu}\n", lines, length,
           lines > 0 ? seconds * 1e6 / (double)lines : 0, allocations - before);
    mf_worker_free(worker);
    mf_engine_free(engine);
    free(text);
    return allocations == before ? 0 : 1;
}
