/* src/base/pool.c
 *
 * A list of pieces. */

#include "base/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

struct mf_pool_piece {
    struct mf_pool_piece *before;
    alignas(max_align_t) unsigned char bytes[];
};

void *mf_pool_take(struct mf_pool *pool, size_t count, size_t size)
{
    struct mf_pool_piece *piece;

    if (size != 0 && count > (SIZE_MAX - sizeof *piece) / size)
        return NULL;
    piece = calloc(1, sizeof *piece + count * size);
    if (piece == NULL)
        return NULL;
    piece->before = pool->last;
    pool->last = piece;
    return piece->bytes;
}

struct mf_slice mf_pool_text(struct mf_pool *pool, struct mf_slice text)
{
    char *copy = text.data == NULL ? NULL : mf_pool_take(pool, text.length + 1, 1);

    if (copy == NULL)
        return (struct mf_slice){NULL, 0};
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    return (struct mf_slice){copy, text.length};
}

void mf_pool_free(struct mf_pool *pool)
{
    while (pool->last != NULL) {
        struct mf_pool_piece *piece = pool->last;

        pool->last = piece->before;
        free(piece);
    }
}
