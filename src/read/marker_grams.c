/* src/read/marker_grams.c
 *
 * Four bytes, a gram, are looked up in a table of those that markers hold. Not at every place: of as many grams of a marker
 * that follow each other as the stride has bytes, one begins at a multiple of the stride, however the marker stands (Wu and
 * Manber, 1994, without the shifts). Which of its grams is free: those that no other marker has, so that no text is full of
 * places where many are compared. Case is folded by one bit, for all markers: where a gram may stand the marker is compared
 * as it is written. */

#include "read/marker_model.h"

static unsigned count_alike(const struct mf_markers *markers, const char *text)
{
    unsigned n = 0;

    for (unsigned next = markers->head[mf_marker_hash(mf_marker_fold(text))]; next != 0; n++)
        next = markers->gram[next - 1].next;
    return n;
}

/* The first of those grams that are shared with the fewest others; near to the window, which is rare. */
static unsigned choose_grams(const struct mf_markers *markers, const struct marker *marker)
{
    unsigned best = 0, least = UINT32_MAX;

    for (unsigned from = 0; from + markers->stride + GRAM - 1 <= marker->length; from++) {
        unsigned shared = 0;

        for (unsigned i = 0; i < markers->stride; i++)
            shared += count_alike(markers, marker->text + from + i);
        shared = shared * MF_MARKER_MAX + (from < GRAM ? GRAM - from : from - GRAM);
        if (shared < least) {
            least = shared;
            best = from;
        }
    }
    return best;
}

void mf_marker_grams(struct mf_markers *markers)
{
    markers->stride = STRIDE_MAX;
    for (unsigned i = 0; i < markers->n_markers; i++)
        if (markers->marker[i].length - GRAM + 1U < markers->stride)
            markers->stride = markers->marker[i].length - GRAM + 1U;
    for (unsigned i = 0; i < markers->n_markers; i++) {
        unsigned from = choose_grams(markers, &markers->marker[i]), behind = from + markers->stride;

        for (unsigned offset = from; offset < behind; offset++)
            mf_marker_add_gram(markers, i, offset, markers->head, markers->gram, markers->n_grams++);
        markers->gram_offset_max = behind > markers->gram_offset_max ? behind : markers->gram_offset_max;
    }
}

static __attribute__((noinline)) void look_at(struct mf_marker_search *search, const char *p)
{
    const struct mf_markers *markers = search->markers;
    uint32_t word = mf_marker_fold(p);

    mf_marker_look(search, (size_t)(p - search->bytes), word, markers->gram, markers->head[mf_marker_hash(word)]);
}

static inline void look_for(struct mf_marker_search *search, const struct mf_markers *markers, const char *p)
{
    if (__builtin_expect(markers->head[mf_marker_hash(mf_marker_fold(p))] != 0, 0))
        look_at(search, p);
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
        if (__builtin_expect(search->found != 0, 0)) {
            ptrdiff_t next = p + 4 * stride - search->bytes - markers->gram_offset_max;
            if (mf_marker_search_is_over(search, next < 0 ? 0 : (size_t)next))
                return;
        }
    }
    for (; p <= end; p += stride)
        look_for(search, markers, p);
}
