/* src/read/marker_grams.c
 *
 * Four bytes, a gram, are looked up in a table of those that markers hold. Not at every place: however a marker stands, one
 * of its first grams begins at a multiple of the stride, if the stride is so short that each of them lies within the
 * shortest marker (Wu and Manber, 1994, without the shifts). Case is folded by one bit, for all markers: where a gram
 * may stand the marker is compared as it is written. */

#include "read/marker_model.h"

void mf_marker_grams(struct mf_markers *markers)
{
    markers->stride = STRIDE_MAX;
    for (unsigned i = 0; i < markers->n_markers; i++)
        if (markers->marker[i].length - GRAM + 1U < markers->stride)
            markers->stride = markers->marker[i].length - GRAM + 1U;
    for (unsigned i = 0; i < markers->n_markers; i++)
        for (unsigned offset = 0; offset < markers->stride; offset++)
            mf_marker_add_gram(markers, i, offset, markers->head, markers->gram, markers->n_grams++);
}

static __attribute__((noinline)) void look_at(struct mf_marker_search *search, size_t at)
{
    mf_marker_look(search, at, search->markers->head, search->markers->gram);
}

static inline void look_for(struct mf_marker_search *search, const struct mf_markers *markers, const char *p)
{
    if (__builtin_expect(markers->head[mf_marker_hash(mf_marker_fold(p))] != 0, 0))
        look_at(search, (size_t)(p - search->bytes));
}

void mf_marker_search_grams(struct mf_marker_search *search)
{
    const struct mf_markers *markers = search->markers;
    const char *p = search->bytes, *end = p + search->length - GRAM;
    ptrdiff_t stride = markers->stride;

    for (; end - p >= 3 * stride; p += 4 * stride) {
        look_for(search, markers, p);
        look_for(search, markers, p + stride);
        look_for(search, markers, p + 2 * stride);
        look_for(search, markers, p + 3 * stride);
        if (__builtin_expect(search->found != 0, 0) &&
            mf_marker_search_is_over(search, (size_t)(p + 3 * stride + 1 - search->bytes)))
            return;
    }
    for (; p <= end; p += stride)
        look_for(search, markers, p);
}
