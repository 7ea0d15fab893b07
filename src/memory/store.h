/* src/memory/store.h
 *
 * The directory that holds the state, and what is safe to do in it. Nothing in it is trusted before it was looked at: the
 * directory is ours alone (0700), its files are ours alone (0600), regular, and under no second name. One process at a
 * time writes there; others may read beside it.
 *
 *     key           16 random bytes that the hashes of the state are made with, in hex
 *     lock          locked by the process that owns the directory
 *     snapshot      everything, as of one moment
 *     journal-N     what came after snapshot N; snapshot N + 1 holds all of it
 *     forget-HASH   a user to forget, left here for the process that owns the directory
 *     *.corrupt-T   a file that was found damaged at T
 *
 * A new file is written beside the old one and takes its name when all of it is on disk. Threads: one at a time. */

#ifndef MF_MEMORY_STORE_H
#define MF_MEMORY_STORE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"

enum { MF_STORE_NAME = 96 };

enum mf_store_use {
    MF_STORE_CHECK, /* could it be used? nothing is made, changed or locked; a directory that is not there is fine */
    MF_STORE_READ,  /* beside the owner */
    MF_STORE_OWN,   /* made when it is not there, locked */
};

struct mf_store;

/* NULL and `error` (errno is EWOULDBLOCK when another process owns it): who may write where, and what to do about it. `fresh` is the key of a directory that has none yet. */
struct mf_store *mf_store_open(const char *directory, enum mf_store_use use, const struct mf_hash_key *fresh,
                               struct mf_error *error);
void mf_store_close(struct mf_store *store);

/* Nothing was found in it: no key, so no state either. */
bool mf_store_is_new(const struct mf_store *store);

/* The key could not be read and another took its place: nothing that is there can be used. */
bool mf_store_key_is_lost(const struct mf_store *store);

struct mf_hash_key mf_store_key(const struct mf_store *store);
const char *mf_store_directory(const struct mf_store *store);

/* Opens a file for reading. -1 and errno, ENOENT when it is not there; EPERM and `error` when it is not a file of ours. */
int mf_store_read(const struct mf_store *store, const char *name, struct mf_error *error);

/* Begins a new file beside the one of this name: its descriptor, or -1 and errno. */
int mf_store_begin(struct mf_store *store, const char *name);

/* The new file is on disk and has the name; or is gone. 0 or errno. The descriptor is closed either way. */
int mf_store_commit(struct mf_store *store, const char *name, int fd);
void mf_store_abandon(struct mf_store *store, const char *name, int fd);

/* Leaves a small file for the owner, from beside it. 0 or errno. */
int mf_store_leave(struct mf_store *store, const char *name, const void *bytes, size_t length);

/* A new file that is appended to from now on, under its name at once. -1 and errno. */
int mf_store_append(struct mf_store *store, const char *name);

/* Takes a file away, or aside. 0 or errno. */
int mf_store_remove(struct mf_store *store, const char *name);
int mf_store_set_aside(struct mf_store *store, const char *name, mf_time now);

/* Each file whose name is `prefix` and more, in no order, until `each` returns false. */
void mf_store_each(const struct mf_store *store, const char *prefix, bool (*each)(void *context, const char *name),
                   void *context);

#endif
