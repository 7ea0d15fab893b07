/* src/read/marker_model.h
 *
 * What a set of markers is made of, and what a search of it notes. Private to marker*.c. */

#ifndef MF_READ_MARKER_MODEL_H
#define MF_READ_MARKER_MODEL_H

#include "read/marker.h"

enum { WINDOW = 4, BUCKETS = 8, GRAM = 4, GRAM_BITS = 12, STRIDE_MAX = 8 };

struct marker {
    char text[MF_MARKER_MAX]; /* in lower case when `nocase` */
    uint8_t length;
    uint8_t offset; /* of the window in the text */
    bool nocase;
    uint8_t owner;
};

struct bucket {
    uint16_t n;
    uint16_t marker[MF_MARKERS_MAX];
};

/* Four bytes of a marker: its window, or those at one of the first places in it. */
struct gram {
    uint32_t word;  /* folded */
    uint32_t begin; /* the first four bytes of the marker, folded */
    uint16_t next;  /* number + 1 of another with the same hash; 0: none */
    uint16_t other; /* the same for the next that differs in word, begin or offset: those that do not stand together */
    uint16_t marker;
    uint8_t offset;
    uint8_t owner;
};

struct mf_markers {
    struct marker marker[MF_MARKERS_MAX];
    unsigned n_markers;
    uint64_t owners;

    /* by windows: marker_wide.c */
    uint16_t window_head[1 << GRAM_BITS]; /* number + 1 of the first window with this hash; 0: none */
    struct gram window[MF_MARKERS_MAX];
    struct bucket bucket[BUCKETS];
    uint8_t byte[WINDOW][256]; /* buckets that go on with this byte here */
    uint8_t low[WINDOW][16];   /* the same by the byte's lower half: may say yes too often */
    uint8_t high[WINDOW][16];  /* and by its upper half */
    unsigned offset_max;
    bool wide; /* the machine has AVX2 */

    /* by grams: marker_grams.c */
    unsigned stride;
    unsigned n_grams;
    unsigned gram_offset_max;
    uint16_t head[1 << GRAM_BITS]; /* number + 1 of the first gram with this hash; 0: none */
    struct gram gram[MF_MARKERS_MAX * STRIDE_MAX];
};

struct mf_marker_search {
    const struct mf_markers *markers;
    const char *bytes;
    size_t length;
    bool any;
    uint64_t found;
    size_t first; /* with `any`: where what was found begins */
};

/* Whether nothing can be found any more that counts, when what is left begins at `start` or later. */
static inline bool mf_marker_search_is_over(const struct mf_marker_search *search, size_t start)
{
    return search->any ? search->found != 0 && start > search->first : search->found == search->markers->owners;
}

/* Four bytes without case; a few other pairs of bytes are made the same too. */
static inline uint32_t mf_marker_fold(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
    return word | UINT32_C(0x20202020);
}

static inline unsigned mf_marker_hash(uint32_t word)
{
    return word * UINT32_C(0x9E3779B1) >> (32 - GRAM_BITS);
}

/* Whether this gram, which is `word`, stands at place `at`, and so does the beginning of its marker before it. */
static inline bool mf_marker_may_stand(const struct mf_marker_search *search, const struct gram *gram, uint32_t word,
                                       size_t at)
{
    return gram->word == word && at >= gram->offset && mf_marker_fold(search->bytes + at - gram->offset) == gram->begin;
}

/* Compares the markers of a list from number `next` on that may stand at place `at`. */
void mf_marker_compare_from(struct mf_marker_search *search, size_t at, const struct gram *grams, unsigned next);

/* Whether it makes no difference any more if a marker with this gram, and none that is alike, stands there. */
static inline bool mf_marker_is_known(const struct mf_marker_search *search, const struct gram *gram)
{
    return !search->any && gram->next == gram->other && (search->found >> gram->owner & 1) != 0;
}

/* The same, where most of the list is another gram than `word`, which stands at `at`, or has another beginning before it. */
static inline void mf_marker_look(struct mf_marker_search *search, size_t at, uint32_t word, const struct gram *grams,
                                  unsigned next)
{
    for (; next != 0; next = grams[next - 1].other) {
        const struct gram *gram = &grams[next - 1];

        if (mf_marker_may_stand(search, gram, word, at) && !mf_marker_is_known(search, gram)) {
            mf_marker_compare_from(search, at, grams, next);
            return;
        }
    }
}

/* Adds the gram at `offset` of a marker as number `number`. */
void mf_marker_add_gram(const struct mf_markers *markers, unsigned marker, unsigned offset, uint16_t *head,
                        struct gram *grams, unsigned number);

void mf_marker_windows(struct mf_markers *markers);
void mf_marker_grams(struct mf_markers *markers);

/* Both say the same; the first one only where the machine can, and of WINDOW_BYTES and more. */
enum { WINDOW_BYTES = 35 };
void mf_marker_search_windows(struct mf_marker_search *search);
void mf_marker_search_grams(struct mf_marker_search *search);

#endif
