/* src/context/grow.h
 *
 * An array that grows while a list is loaded. */

#ifndef MF_CONTEXT_GROW_H
#define MF_CONTEXT_GROW_H

#include <stdint.h>
#include <stdlib.h>

/* The array with room for one more behind `used`, moved if need be; NULL when there is no memory, and then the old
 * array is as it was. `*room` counts elements and starts with 0. */
static inline void *mf_grow(void *array, size_t *room, size_t used, size_t size)
{
    size_t wanted = *room < 16 ? 16 : *room + *room / 2;
    void *moved;

    if (used < *room)
        return array;
    if (wanted > SIZE_MAX / size || (moved = realloc(array, wanted * size)) == NULL)
        return NULL;
    *room = wanted;
    return moved;
}

#endif
