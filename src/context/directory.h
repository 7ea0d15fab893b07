/* src/context/directory.h
 *
 * People: what the company knows of a login that the logs do not say.
 *
 *     alice@example.com   alias=EXAMPLE\alice,alice   group=sales role=admin home=DE,AT risk=high   # head of sales
 *
 * Logins and aliases are folded as events are (read/draft.h). An entry has no expiry: an alias that ended at a moment
 * would split one person's memory in two. Immutable once loaded, shared by threads without a lock. */

#ifndef MF_CONTEXT_DIRECTORY_H
#define MF_CONTEXT_DIRECTORY_H

#include "base/error.h"
#include "base/hash.h"

enum {
    MF_DIRECTORY_NUMBERS = 4095, /* distinct groups, and distinct roles */
    MF_PERSON_GROUPS = 4,
    MF_PERSON_HOMES = 4,
};

struct mf_person {
    struct mf_slice name;             /* the canonical login, folded; owned by the directory */
    uint16_t group[MF_PERSON_GROUPS]; /* 1 and up in order of first sight, 0 = none; the first counts */
    uint16_t role;                    /* the same */
    char home[MF_PERSON_HOMES][2];    /* ISO 3166-1 alpha-2; two NULs = none */
    bool risk_high;
};

struct mf_directory;

/* Reads the file; the key is for the hash of the names, nothing that is handed out depends on it. NULL with an error
 * that names file and line. A login or alias that is claimed twice is an error that names both lines. */
struct mf_directory *mf_directory_load(const char *file, const struct mf_hash_key *key, struct mf_error *error);
void mf_directory_free(struct mf_directory *directory);

/* The person with this (folded) login or alias, NULL for somebody unknown or without a directory (NULL). One hash. */
const struct mf_person *mf_directory_find(const struct mf_directory *directory, struct mf_slice user);

/* The canonical login: the person's, or `user` itself when nobody has it. */
struct mf_slice mf_directory_canonical(const struct mf_directory *directory, struct mf_slice user);

/* Names as first written; absent for 0 and for a number that was not given out. */
struct mf_slice mf_directory_group(const struct mf_directory *directory, unsigned number);
struct mf_slice mf_directory_role(const struct mf_directory *directory, unsigned number);

size_t mf_directory_count(const struct mf_directory *directory);
size_t mf_directory_groups(const struct mf_directory *directory);
size_t mf_directory_roles(const struct mf_directory *directory);

/* Bytes held. */
size_t mf_directory_memory(const struct mf_directory *directory);

#endif
