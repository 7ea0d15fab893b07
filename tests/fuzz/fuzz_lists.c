/* tests/fuzz/fuzz_lists.c
 *
 * Any bytes as a list of each kind. A refusal names the file and, for what stands in it, a line that it has; what is
 * accepted can be asked. The first byte says which kind, the rest is the file. */

#include "context/ignored.h"
#include "context/nets.h"
#include "context/travel.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mf_hash_key key = {1, 2};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* "FILE:LINE: " and something behind it */
static void check_error(const struct mf_error *error, const char *file, const uint8_t *data, size_t size)
{
    size_t n_lines = 1, line = 0;
    const char *p = error->text;

    for (size_t i = 0; i < size; i++)
        n_lines += data[i] == '\n';
    require(memchr(p, '\0', sizeof error->text) != NULL);
    require(strncmp(p, file, strlen(file)) == 0 && p[strlen(file)] == ':');
    for (p += strlen(file) + 1; *p >= '0' && *p <= '9'; p++)
        line = line * 10 + (size_t)(*p - '0');
    require(line >= 1 && line <= n_lines);
    require(p[0] == ':' && p[1] == ' ' && p[2] != '\0');
}

/* Four or sixteen bytes of the file as an address; the edges of both families. */
static void ask_nets(const struct mf_nets *nets, const uint8_t *data, size_t size)
{
    struct mf_ip ip = {.family = 6};

    mf_nets_has(nets, &ip, 64500, 0);
    memset(ip.bytes, 0xff, sizeof ip.bytes);
    mf_nets_has(nets, &ip, UINT32_MAX, INT64_MAX);
    for (size_t i = 0; i + 16 <= size; i += 16) {
        ip = (struct mf_ip){.family = 6};
        memcpy(ip.bytes, data + i, 16);
        mf_nets_has(nets, &ip, 0, 1767225600000);
        ip = (struct mf_ip){.family = 4};
        memcpy(ip.bytes, data + i, 4);
        mf_nets_has(nets, &ip, 0, 1767225600000);
    }
    require(mf_nets_repeated(nets) <= mf_nets_count(nets));
    require(mf_nets_expired(nets, 1767225600000, NULL) <= mf_nets_count(nets));
    require(mf_nets_memory(nets) > 0);
}

static void check_people(const struct mf_directory *directory, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        const struct mf_slice user = {(const char *)data + i, 8};
        const struct mf_person *person = mf_directory_find(directory, user);

        if (person == NULL)
            continue;
        require(mf_directory_find(directory, person->name) == person);
        require(person->group[0] <= mf_directory_groups(directory));
        require(person->group[0] == 0 || mf_directory_group(directory, person->group[0]).data != NULL);
        require(person->role <= mf_directory_roles(directory));
    }
    require(mf_directory_memory(directory) > 0);
}

static bool try_kind(unsigned kind, const char *file, const uint8_t *data, size_t size, struct mf_error *error)
{
    const struct mf_slice user = {(const char *)data, size < 16 ? size : 16};

    if (kind < 2) {
        struct mf_nets *nets = mf_nets_load(file, kind == 1, error);
        if (nets != NULL)
            ask_nets(nets, data, size);
        mf_nets_free(nets);
        return nets != NULL;
    }
    if (kind == 2) {
        struct mf_directory *directory = mf_directory_load(file, &key, error);
        if (directory != NULL)
            check_people(directory, data, size);
        mf_directory_free(directory);
        return directory != NULL;
    }
    if (kind == 3) {
        struct mf_travel *travel = mf_travel_load(file, NULL, &key, error);
        if (travel != NULL)
            mf_travel_covers(travel, user, "RO", 1767225600000);
        mf_travel_free(travel);
        return travel != NULL;
    }
    struct mf_ignored *ignored = mf_ignored_load(file, NULL, &key, error);
    if (ignored != NULL)
        mf_ignored_has(ignored, user, 1767225600000);
    mf_ignored_free(ignored);
    return ignored != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_error error = {""};
    char file[32];
    int fd;

    if (size == 0)
        return 0;
    fd = memfd_create("list", 0);
    require(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    if (!try_kind(data[0] % 5u, file, data + 1, size - 1, &error))
        check_error(&error, file, data + 1, size - 1);
    close(fd);
    return 0;
}
