/* src/base/pool.h
 *
 * Memory that is taken piece by piece while something is built, and given back at once. A pool has one owner; it is not
 * for the path of a record. */

#ifndef MF_BASE_POOL_H
#define MF_BASE_POOL_H

#include "base/slice.h"

struct mf_pool {
    struct mf_pool_piece *last;
};

/* Zeroed memory for `count` things of `size` bytes, NULL when there is none. A count of 0 gives a valid pointer. */
void *mf_pool_take(struct mf_pool *pool, size_t count, size_t size);

/* A copy of the text with a NUL behind it; absent when memory is short (or the text is absent). */
struct mf_slice mf_pool_text(struct mf_pool *pool, struct mf_slice text);

void mf_pool_free(struct mf_pool *pool);

#endif
