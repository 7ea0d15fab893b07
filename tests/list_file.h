/* tests/list_file.h
 *
 * A list for one test: its text in a file that has no name, opened by its path in /proc. */

#ifndef MF_TESTS_LIST_FILE_H
#define MF_TESTS_LIST_FILE_H

#include "base/hash.h"
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const struct mf_hash_key some_key = {.k0 = 0x0706050403020100, .k1 = 0x0f0e0d0c0b0a0908};

struct list_file {
    int fd;
    char path[32];
};

static inline struct list_file list_file_of(const void *bytes, size_t length)
{
    struct list_file file = {.fd = memfd_create("list", 0)};

    assert_true(file.fd >= 0);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(file.fd, (const char *)bytes + done, length - done);

        assert_true(n > 0);
        done += (size_t)n;
    }
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static inline struct list_file list_file(const char *text)
{
    return list_file_of(text, strlen(text));
}

static inline mf_time time_of(const char *text)
{
    mf_time time = MF_TIME_NONE;

    assert_true(mf_time_parse_iso(mf_slice_of(text), 0, &time));
    return time;
}

/* A text and the sentence that it must be refused with, without the file's name in front. */
struct refusal {
    const char *text, *sentence;
};

static inline void check_refusal(const struct list_file *file, const struct refusal *refusal, const char *said)
{
    size_t prefix = strlen(file->path);

    if (strncmp(said, file->path, prefix) != 0 || said[prefix] != ':' ||
        strcmp(said + prefix + 1, refusal->sentence) != 0)
        fail_msg("<%s> gave\n  %s\nnot\n  FILE:%s", refusal->text, said, refusal->sentence);
}

/* xorshift64* (Vigna, 2016): the same numbers on every machine */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Du;
}

#endif
