/* src/context/names.h
 *
 * An index of names: text to a number of the caller's. Two names are the same when their bytes are; a hash only says
 * where to look. Filled by one thread, then read by any number. */

#ifndef MF_CONTEXT_NAMES_H
#define MF_CONTEXT_NAMES_H

#include "base/hash.h"

struct mf_name {
    uint32_t text;  /* where it begins in the text of the index */
    uint32_t value; /* the caller's number */
    uint32_t line;  /* where the name was first seen */
    uint32_t length;
};

struct mf_names {
    struct mf_hash_key key;
    char *text;
    size_t text_used, text_room;
    struct mf_name *name; /* in the order of mf_names_add() */
    size_t n, room;
    struct mf_name_slot *slot;
    size_t n_slots; /* a power of two, or 0 */
};

void mf_names_init(struct mf_names *names, const struct mf_hash_key *key);
void mf_names_fini(struct mf_names *names);

/* The name, or NULL. Valid until the next mf_names_add(). */
struct mf_name *mf_names_find(const struct mf_names *names, struct mf_slice text);

/* Adds a name that is not there yet; NULL when there is no memory (or more than 4 GiB of text). The text is copied. */
struct mf_name *mf_names_add(struct mf_names *names, struct mf_slice text, uint32_t value, uint32_t line);

/* The text of a name, valid until the next mf_names_add(). */
struct mf_slice mf_names_text(const struct mf_names *names, const struct mf_name *name);

/* Gives back what was reserved for growth. */
void mf_names_fit(struct mf_names *names);

size_t mf_names_memory(const struct mf_names *names);

#endif
