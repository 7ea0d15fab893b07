/* src/read/marker.c
 *
 * For each marker four neighbouring bytes of it, its window, are looked for, many places at a time; only where a
 * window may stand is the whole marker compared. Markers are spread over eight buckets. A table per position of
 * the window says by the lower half of a byte which buckets go on there; with AVX2 one shuffle looks up 32 places
 * (Teddy, from Hyperscan, reduced to what ASCII needs: case is not in the lower half, and bytes above 127 match
 * nothing). The cost does not depend on how many markers there are. */

#include "read/marker.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { WINDOW = 4, BUCKETS = 8 };

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

struct mf_markers {
    struct marker marker[MF_MARKERS_MAX];
    unsigned n_markers;
    struct bucket bucket[BUCKETS];
    uint8_t byte[WINDOW][256]; /* buckets that go on with this byte here */
    uint8_t low[WINDOW][16];   /* the same by the byte's lower half: may say yes too often */
    bool wide;                 /* the machine has AVX2 */
    uint64_t owners;
};

struct mf_markers *mf_markers_new(void)
{
    return calloc(1, sizeof(struct mf_markers));
}

void mf_markers_free(struct mf_markers *markers)
{
    free(markers);
}

bool mf_marker_is_fine(struct mf_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < 0x20 || text.data[i] > 0x7E)
            return false;
    return text.length >= MF_MARKER_MIN && text.length <= MF_MARKER_MAX;
}

bool mf_markers_add(struct mf_markers *markers, struct mf_slice text, bool nocase, unsigned owner)
{
    struct marker *marker = &markers->marker[markers->n_markers];

    if (markers->n_markers == MF_MARKERS_MAX || owner > 63 || !mf_marker_is_fine(text))
        return false;
    *marker = (struct marker){.length = (uint8_t)text.length, .nocase = nocase, .owner = (uint8_t)owner};
    for (size_t i = 0; i < text.length; i++)
        marker->text[i] = nocase ? mf_ascii_lower(text.data[i]) : text.data[i];
    markers->n_markers++;
    markers->owners |= UINT64_C(1) << owner;
    return true;
}

/* ---- preparing ---- */

/* Roughly how often a byte stands in JSON logs, in thousandths. */
static unsigned frequency(char c)
{
    static const uint8_t letters[26] = {50, 14, 30, 28, 80, 14, 14, 14, 52, 3, 6, 30, 22,
                                        48, 46, 22, 2,  44, 44, 56, 22, 9,  8, 6, 11, 4};

    c = mf_ascii_lower(c);
    if (c >= 'a' && c <= 'z')
        return letters[c - 'a'];
    if (c >= '0' && c <= '9')
        return 18;
    return c == '"' ? 120 : c == ':' || c == ',' ? 40 : c == '-' || c == '.' ? 15 : 8;
}

/* Words of which logs are full, in whatever case: a window that stands in one of them is never rare. */
static const char common[] =
    "\"type\":\"name\":\"time\":\"timestamp\":\"key\":\"id\":\"user\":\"message\":"
    "\"alternateid\":\"displayname\":\"ipaddress\":\"geographicalcontext\":\"geolocation\":\"country\":"
    "\"outcome\":\"result\":\"reason\":\"severity\":\"application\":\"authentication\":\"version\":"
    "\"properties\":\"operationname\":\"administrator\":\"requesturi\":\"transaction\":"
    "\"identity\":\"policy\":\"session\":\"system\":\"example\":\"safari\":\"chrome\":\"webkit\":";

static unsigned is_common(const char *window)
{
    for (const char *p = common; p + WINDOW < common + sizeof common; p++)
        if (memcmp(p, window, WINDOW) == 0)
            return 1;
    return 0;
}

static uint8_t rarest_window(const struct marker *marker)
{
    unsigned best = 0, least = 0;

    for (unsigned at = 0; at + WINDOW <= marker->length; at++) {
        char window[WINDOW];
        unsigned often = 1;

        for (unsigned i = 0; i < WINDOW; i++) {
            window[i] = mf_ascii_lower(marker->text[at + i]);
            often *= frequency(window[i]);
        }
        often += is_common(window) * 1000 * 1000 * 1000;
        if (at == 0 || often < least) {
            least = often;
            best = at;
        }
    }
    return (uint8_t)best;
}

static bool same_window(const struct marker *a, const struct marker *b)
{
    return memcmp(a->text + a->offset, b->text + b->offset, WINDOW) == 0;
}

/* Markers with the same window share a bucket; the others go round. */
static unsigned choose_bucket(const struct mf_markers *markers, unsigned index)
{
    for (unsigned b = 0; b < BUCKETS; b++)
        for (unsigned i = 0; i < markers->bucket[b].n; i++)
            if (same_window(&markers->marker[markers->bucket[b].marker[i]], &markers->marker[index]))
                return b;
    return index % BUCKETS;
}

static void allow(struct mf_markers *markers, unsigned position, char c, unsigned bucket)
{
    uint8_t byte = (uint8_t)c, bit = (uint8_t)(1U << bucket);

    markers->byte[position][byte] |= bit;
    markers->low[position][byte & 15] |= bit;
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
}

void mf_markers_prepare(struct mf_markers *markers)
{
    for (unsigned i = 0; i < markers->n_markers; i++) {
        struct marker *marker = &markers->marker[i];

        marker->offset = rarest_window(marker);
        unsigned b = choose_bucket(markers, i);
        markers->bucket[b].marker[markers->bucket[b].n++] = (uint16_t)i;
        for (unsigned position = 0; position < WINDOW; position++) {
            char c = marker->text[marker->offset + position];

            allow(markers, position, c, b);
            if (marker->nocase)
                allow(markers, position, upper(c), b);
        }
    }
#if defined(__x86_64__)
    markers->wide = __builtin_cpu_supports("avx2");
#endif
}

/* ---- searching ---- */

struct search {
    const struct mf_markers *markers;
    const char *bytes;
    size_t length;
    uint64_t found;
    bool any;
};

/* Whether nothing is left to look for. */
static bool is_done(const struct search *search)
{
    return search->any ? search->found != 0 : search->found == search->markers->owners;
}

static bool stands_at(const struct marker *marker, const char *text)
{
    if (!marker->nocase)
        return memcmp(text, marker->text, marker->length) == 0;
    for (unsigned i = 0; i < marker->length; i++)
        if (mf_ascii_lower(text[i]) != marker->text[i])
            return false;
    return true;
}

static __attribute__((noinline)) void look_in_bucket(struct search *search, size_t at, const struct bucket *bucket)
{
    for (unsigned i = 0; i < bucket->n; i++) {
        const struct marker *marker = &search->markers->marker[bucket->marker[i]];

        if ((search->found >> marker->owner & 1) != 0 || at < marker->offset ||
            search->length - (at - marker->offset) < marker->length)
            continue;
        if (stands_at(marker, search->bytes + at - marker->offset))
            search->found |= UINT64_C(1) << marker->owner;
    }
}

/* The window of some marker may stand at `at`, which is WINDOW bytes or more from the end. */
static inline void look_at(struct search *search, size_t at)
{
    const struct mf_markers *markers = search->markers;
    const unsigned char *p = (const unsigned char *)search->bytes + at;
    unsigned buckets =
        markers->byte[0][p[0]] & markers->byte[1][p[1]] & markers->byte[2][p[2]] & markers->byte[3][p[3]];

    for (; buckets != 0; buckets &= buckets - 1)
        look_in_bucket(search, at, &markers->bucket[__builtin_ctz(buckets)]);
}

static void look_one_by_one(struct search *search)
{
    const struct mf_markers *markers = search->markers;
    const unsigned char *p = (const unsigned char *)search->bytes, *end = p + search->length - (WINDOW - 1);

    for (; p < end; p++) {
        if (__builtin_expect((markers->byte[0][p[0]] & markers->byte[1][p[1]] & markers->byte[2][p[2]]) == 0, 1))
            continue;
        look_at(search, (size_t)(p - (const unsigned char *)search->bytes));
        if (is_done(search))
            return;
    }
}

#if defined(__x86_64__)
#define WITH_AVX2 __attribute__((target("avx2")))

enum { BLOCK = 32 };

WITH_AVX2 static inline __m256i load_table(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* The buckets that go on with each of 32 bytes at one position of the window. */
WITH_AVX2 static inline __m256i look_up(const char *bytes, __m256i table)
{
    return _mm256_shuffle_epi8(table, _mm256_loadu_si256((const __m256i *)(const void *)bytes));
}

static __attribute__((noinline)) bool look_at_places(struct search *search, size_t at, unsigned places)
{
    for (; places != 0; places &= places - 1)
        look_at(search, at + (unsigned)__builtin_ctz(places));
    return is_done(search);
}

/* For BLOCK + WINDOW - 1 bytes and more. */
WITH_AVX2 static void look_in_blocks(struct search *search)
{
    const struct mf_markers *markers = search->markers;
    const __m256i table0 = load_table(markers->low[0]), table1 = load_table(markers->low[1]);
    const __m256i table2 = load_table(markers->low[2]), table3 = load_table(markers->low[3]);
    const char *p = search->bytes, *last = p + search->length - (BLOCK + WINDOW - 1);

    /* the last block reaches to the end, over some of the places of the one before */
    for (;; p = p + BLOCK < last ? p + BLOCK : last) {
        __m256i hit = _mm256_and_si256(_mm256_and_si256(look_up(p, table0), look_up(p + 1, table1)),
                                       _mm256_and_si256(look_up(p + 2, table2), look_up(p + 3, table3)));

        if (__builtin_expect(!_mm256_testz_si256(hit, hit), 0)) {
            unsigned none = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256()));

            if (look_at_places(search, (size_t)(p - search->bytes), ~none))
                return;
        }
        if (p == last)
            return;
    }
}
#endif

uint64_t mf_markers_find(const struct mf_markers *markers, const char *bytes, size_t length, bool any)
{
    struct search search = {.markers = markers, .bytes = bytes, .length = length, .any = any};

    if (markers->n_markers == 0 || length < MF_MARKER_MIN)
        return 0;
#if defined(__x86_64__)
    if (markers->wide && length >= BLOCK + WINDOW - 1) {
        look_in_blocks(&search);
        return search.found;
    }
#endif
    look_one_by_one(&search);
    return search.found;
}
