/* tool/set.h
 *
 * A set of 128-bit hashes that grows, with one byte of the caller's for each: who was seen, and how bad it got. */

#ifndef MF_TOOL_SET_H
#define MF_TOOL_SET_H

#include "engine.h"

struct mf_set {
    struct mf_hash *key; /* {0, 0} = free */
    unsigned char *value;
    size_t size; /* slots, a power of two, or 0 before the first entry */
    size_t n;
};

/* Enters the hash of `text` if it is new. The byte that belongs to it, 0 at first, until the next call; NULL without
 * memory. */
unsigned char *mf_set_enter(struct mf_set *set, struct mf_slice text);

void mf_set_fini(struct mf_set *set);

#endif
