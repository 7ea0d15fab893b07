/* tests/rsyslog/shortage.c
 *
 * Preloaded into rsyslogd: the n-th allocation that the module itself asks for fails, also when it asks through the
 * libraries for JSON and strings. Which code is the module's own says MF_SHORT_OF ("FROM-TO", offsets in mmfatigue.so, in
 * hex); when it is to fail says the file MF_SHORTAGE, two 64-bit numbers that are shared with the test: what is left until
 * then (0: never), and how often one failed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

enum { FRAMES = 24 };

static int64_t *control; /* NULL: never */
static uintptr_t from, to;
static _Thread_local bool looking;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("MF_SHORTAGE"), *range = getenv("MF_SHORT_OF");
    void *frame[FRAMES];
    int fd = name == NULL || range == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);

    if (fd < 0 || sscanf(range, "%lx-%lx", &from, &to) != 2)
        return;
    backtrace(frame, FRAMES); /* loads what it needs, which takes memory */
    void *shared = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED)
        control = shared;
}

static bool is_file(const Dl_info *info, const char *name)
{
    return info->dli_fname != NULL && strstr(info->dli_fname, name) != NULL;
}

/* The first caller that is no library of strings or JSON, nor this file. */
static bool is_own(void)
{
    void *frame[FRAMES];
    int n = backtrace(frame, FRAMES);
    Dl_info info;

    for (int i = 1; i < n && dladdr(frame[i], &info) != 0; i++) {
        uintptr_t at = (uintptr_t)frame[i] - (uintptr_t)info.dli_fbase;
        if (info.dli_sname != NULL && strstr(info.dli_sname, "json_tokener") != NULL)
            return false; /* libfastjson's parser crashes by itself */
        if (is_file(&info, "mmfatigue.so"))
            return at >= from && at < to;
        if (!is_file(&info, "shortage.so") && !is_file(&info, "libc.so") && !is_file(&info, "libfastjson") &&
            !is_file(&info, "libestr"))
            return false;
    }
    return false;
}

static bool is_short(void)
{
    if (control == NULL || looking || __atomic_load_n(&control[0], __ATOMIC_ACQUIRE) == 0)
        return false;
    looking = true;
    bool fails = is_own() && __atomic_load_n(&control[0], __ATOMIC_ACQUIRE) > 0 &&
                 __atomic_sub_fetch(&control[0], 1, __ATOMIC_ACQ_REL) == 0;
    looking = false;
    if (fails)
        __atomic_add_fetch(&control[1], 1, __ATOMIC_ACQ_REL);
    return fails;
}

void *malloc(size_t size)
{
    return is_short() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return is_short() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return is_short() ? NULL : __libc_realloc(old, size);
}

/* glibc's own would take its memory behind our back. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = is_short() ? NULL : __libc_malloc(size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}
