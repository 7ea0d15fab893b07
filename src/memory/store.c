/* src/memory/store.c
 *
 * System calls on the directory of the state. */

#include "memory/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/frame.h"

enum { KEY_TEXT = 33 }; /* 32 hex digits and a newline */

struct mf_store {
    char directory[4096];
    enum mf_store_use use;
    int fd, lock;
    uid_t owner;
    struct mf_hash_key key;
    bool is_new, key_lost;
};

/* ---- what is ours ---- */

static bool has_dots(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/'))
            return true;
    return false;
}

static bool is_trusted(const struct mf_store *store, uid_t owner)
{
    return owner == geteuid() || (store->use != MF_STORE_OWN && geteuid() == 0);
}

static int check_directory(struct mf_store *store, struct mf_error *error)
{
    struct stat what;

    if (fstat(store->fd, &what) != 0)
        return mf_error_set(error, "state.dir %s: %s", store->directory, strerror(errno));
    if (!is_trusted(store, what.st_uid))
        return mf_error_set(error, "state.dir %s belongs to user id %u and this is user id %u: it must be our own",
                            store->directory, (unsigned)what.st_uid, (unsigned)geteuid());
    if (what.st_mode & (S_IWGRP | S_IWOTH))
        return mf_error_set(error,
                            "state.dir %s can be written by others (mode %04o): look what is in it, then chmod 700",
                            store->directory, (unsigned)(what.st_mode & 07777));
    store->owner = what.st_uid;
    if (store->use == MF_STORE_OWN && (what.st_mode & 0777) != 0700 && fchmod(store->fd, 0700) != 0)
        return mf_error_set(error, "state.dir %s: chmod 700: %s", store->directory, strerror(errno));
    return 0;
}

/* The parent must be there: a whole path that is not is a slip of the pen. */
static int open_directory(struct mf_store *store, struct mf_error *error)
{
    enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

    store->fd = open(store->directory, FLAGS);
    if (store->fd < 0 && errno == ENOENT && store->use == MF_STORE_OWN) {
        if (mkdir(store->directory, 0700) != 0 && errno != EEXIST)
            return mf_error_set(error, "state.dir %s cannot be made: %s", store->directory, strerror(errno));
        store->fd = open(store->directory, FLAGS);
    }
    if (store->fd >= 0)
        return check_directory(store, error);
    if (errno == ENOENT && store->use == MF_STORE_CHECK)
        return 0;
    if (errno == ELOOP || errno == ENOTDIR)
        return mf_error_set(error,
                            "state.dir %s is not a directory, or a symbolic link to one: name the directory itself",
                            store->directory);
    return mf_error_set(error, "state.dir %s: %s", store->directory, strerror(errno));
}

/* A regular file of the directory's owner, which nobody else can write and that has no second name. */
static int check_file(const struct mf_store *store, const char *name, int fd, struct mf_error *error)
{
    struct stat what;

    if (fstat(fd, &what) != 0)
        return -1;
    if (!S_ISREG(what.st_mode))
        mf_error_set(error, "%s/%s is not a regular file: take it away", store->directory, name);
    else if (what.st_nlink > 1)
        mf_error_set(error, "%s/%s has a second name (hard link): take it away", store->directory, name);
    else if (what.st_uid != store->owner && what.st_uid != 0)
        mf_error_set(error, "%s/%s belongs to user id %u: take it away", store->directory, name, (unsigned)what.st_uid);
    else if (what.st_mode & (S_IWGRP | S_IWOTH))
        mf_error_set(error, "%s/%s can be written by others (mode %04o): take it away", store->directory, name,
                     (unsigned)(what.st_mode & 07777));
    else
        return 0;
    errno = EPERM;
    return -1;
}

int mf_store_read(const struct mf_store *store, const char *name, struct mf_error *error)
{
    int fd = openat(store->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        int why = errno;
        mf_error_set(error, why == ELOOP ? "%s/%s is a symbolic link: take it away" : "%s/%s cannot be opened",
                     store->directory, name);
        errno = why == ELOOP ? EPERM : why;
        return -1;
    }
    if (check_file(store, name, fd, error) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* ---- new files ---- */

static void temporary_name(const char *name, char text[MF_STORE_NAME])
{
    snprintf(text, MF_STORE_NAME, ".new-%s", name);
}

/* What a crash left of an earlier one goes first: it was never told to anybody. */
static int create(const struct mf_store *store, const char *name)
{
    unlinkat(store->fd, name, 0);
    int fd = openat(store->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool of_another = fd >= 0 && geteuid() == 0 && store->owner != 0; /* root leaves it to the owner of the directory */
    if (fd >= 0 && (fchmod(fd, 0600) != 0 || (of_another && fchown(fd, store->owner, (gid_t)-1) != 0))) {
        int why = errno;
        close(fd);
        unlinkat(store->fd, name, 0);
        errno = why;
        return -1;
    }
    return fd;
}

int mf_store_begin(struct mf_store *store, const char *name)
{
    char temporary[MF_STORE_NAME];

    temporary_name(name, temporary);
    return create(store, temporary);
}

void mf_store_abandon(struct mf_store *store, const char *name, int fd)
{
    char temporary[MF_STORE_NAME];

    temporary_name(name, temporary);
    close(fd);
    unlinkat(store->fd, temporary, 0);
}

int mf_store_commit(struct mf_store *store, const char *name, int fd)
{
    char temporary[MF_STORE_NAME];
    int why = 0;

    temporary_name(name, temporary);
    if (fsync(fd) != 0)
        why = errno;
    if (close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0 && renameat(store->fd, temporary, store->fd, name) != 0)
        why = errno;
    if (why != 0)
        unlinkat(store->fd, temporary, 0);
    else if (fsync(store->fd) != 0)
        why = errno;
    return why;
}

int mf_store_append(struct mf_store *store, const char *name)
{
    int fd = create(store, name);

    if (fd >= 0)
        fsync(store->fd);
    return fd;
}

int mf_store_leave(struct mf_store *store, const char *name, const void *bytes, size_t length)
{
    int fd = mf_store_begin(store, name);

    if (fd < 0)
        return errno;
    int why = mf_write_all(fd, bytes, length);
    if (why == 0)
        return mf_store_commit(store, name, fd);
    mf_store_abandon(store, name, fd);
    return why;
}

int mf_store_remove(struct mf_store *store, const char *name)
{
    return unlinkat(store->fd, name, 0) != 0 ? errno : 0;
}

int mf_store_set_aside(struct mf_store *store, const char *name, mf_time now)
{
    char aside[MF_STORE_NAME];

    snprintf(aside, sizeof aside, "%s.corrupt-%lld", name, (long long)(now / MF_SECOND));
    if (renameat(store->fd, name, store->fd, aside) != 0)
        return errno;
    return fsync(store->fd) != 0 ? errno : 0;
}

void mf_store_each(const struct mf_store *store, const char *prefix, bool (*each)(void *context, const char *name),
                   void *context)
{
    int fd = openat(store->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (list == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(list)) != NULL)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && strlen(entry->d_name) < MF_STORE_NAME / 2 &&
            !each(context, entry->d_name))
            break;
    closedir(list);
}

/* ---- the key ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_key(const char text[KEY_TEXT], struct mf_hash_key *key)
{
    uint64_t half[2] = {0, 0};

    for (unsigned i = 0; i < 32; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return false;
        half[i / 16] = half[i / 16] << 4 | (unsigned)digit;
    }
    *key = (struct mf_hash_key){half[0], half[1]};
    return text[32] == '\n';
}

static int write_key(struct mf_store *store)
{
    char text[KEY_TEXT + 1];

    snprintf(text, sizeof text, "%016llx%016llx\n", (unsigned long long)store->key.k0,
             (unsigned long long)store->key.k1);
    return mf_store_leave(store, "key", text, KEY_TEXT);
}

/* 1: there is none; -1 and `error`: cannot be read. */
static int read_key(struct mf_store *store, struct mf_error *error)
{
    char text[KEY_TEXT + 1] = "";
    int fd = mf_store_read(store, "key", error);

    if (fd < 0)
        return errno == ENOENT  ? 1
               : errno == EPERM ? -1
                                : mf_error_set(error, "%s/key: %s", store->directory, strerror(errno));
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    store->key_lost = n != KEY_TEXT || !parse_key(text, &store->key);
    return 0;
}

static int find_key(struct mf_store *store, const struct mf_hash_key *fresh, struct mf_error *error)
{
    int found = read_key(store, error);

    if (found < 0)
        return -1;
    store->is_new = found == 1;
    if (found == 0 && !store->key_lost)
        return 0;
    if (store->use != MF_STORE_OWN)
        return store->use == MF_STORE_CHECK ? 0
                                            : mf_error_set(error, "%s holds no state: its key is %s", store->directory,
                                                           found == 1 ? "not there" : "damaged");
    store->key = *fresh;
    int why = write_key(store);
    return why == 0 ? 0 : mf_error_set(error, "%s/key cannot be written: %s", store->directory, strerror(why));
}

/* ---- opening ---- */

static int take_lock(struct mf_store *store, struct mf_error *error)
{
    store->lock = openat(store->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (store->lock < 0)
        return mf_error_set(error, "%s/lock cannot be made: %s", store->directory, strerror(errno));
    if (check_file(store, "lock", store->lock, error) != 0)
        return -1;
    if (flock(store->lock, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;
        mf_error_set(error, "state.dir %s is in use by another process, or by another action of this one",
                     store->directory);
        errno = why;
        return -1;
    }
    return 0;
}

static int open_all(struct mf_store *store, const struct mf_hash_key *fresh, struct mf_error *error)
{
    if (has_dots(store->directory))
        return mf_error_set(error, "state.dir %s: a path with \"..\" is not taken", store->directory);
    if (open_directory(store, error) != 0)
        return -1;
    if (store->fd < 0)
        return 0;
    if (store->use == MF_STORE_OWN && take_lock(store, error) != 0)
        return -1;
    return find_key(store, fresh, error);
}

struct mf_store *mf_store_open(const char *directory, enum mf_store_use use, const struct mf_hash_key *fresh,
                               struct mf_error *error)
{
    struct mf_store *store = calloc(1, sizeof *store);

    if (store == NULL) {
        mf_error_set(error, "not enough memory for a state directory");
        return NULL;
    }
    store->fd = store->lock = -1;
    store->use = use;
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--; /* a slash at the end would follow a symbolic link */
    bool fits = length < sizeof store->directory;
    if (fits)
        memcpy(store->directory, directory, length);
    else
        mf_error_set(error, "state.dir: a path of %zu bytes is too long", length);
    if (!fits || open_all(store, fresh, error) != 0) {
        int why = errno;
        mf_store_close(store);
        errno = why;
        return NULL;
    }
    return store;
}

void mf_store_close(struct mf_store *store)
{
    if (store == NULL)
        return;
    if (store->lock >= 0)
        close(store->lock);
    if (store->fd >= 0)
        close(store->fd);
    free(store);
}

bool mf_store_is_new(const struct mf_store *store)
{
    return store->is_new;
}

bool mf_store_key_is_lost(const struct mf_store *store)
{
    return store->key_lost;
}

struct mf_hash_key mf_store_key(const struct mf_store *store)
{
    return store->key;
}

const char *mf_store_directory(const struct mf_store *store)
{
    return store->directory;
}
