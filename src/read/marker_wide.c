/* src/read/marker_wide.c
 *
 * For each marker four neighbouring bytes of it, its window, are looked for, 32 places at a time; only where a window may
 * stand is the whole marker compared. Markers are spread over eight buckets. A table per position of the window says by
 * the lower half of a byte which buckets go on there, and one by its upper half; one shuffle looks up
 * 32 places (Teddy, from Hyperscan, reduced to what ASCII needs: bytes above 127 match nothing). Its twin, for machines
 * without AVX2, is marker_grams.c. */

#include "read/marker_model.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
    "\"identity\":\"policy\":\"session\":\"system\":\"example\":\"safari\":\"chrome\":\"webkit\":\"public\":";

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

/* How often a byte that the bucket allows stands at each position, all four together: what the bucket lets through by
 * chance. With the window of `marker` added, when there is one. */
static double chance(const struct mf_markers *markers, unsigned bucket, const struct marker *marker)
{
    double all = 1;

    for (unsigned position = 0; position < WINDOW; position++) {
        char own = (char)(marker == NULL ? '\0' : marker->text[marker->offset + position]);
        unsigned often = 0;

        for (unsigned byte = 0x20; byte < 0x7F; byte++)
            if ((markers->byte[position][byte] >> bucket & 1) != 0 || (own != '\0' && (char)byte == own) ||
                (own != '\0' && marker->nocase && mf_ascii_lower((char)byte) == own))
                often += frequency((char)byte);
        all *= often;
    }
    return all;
}

/* Markers with the same window share a bucket; any other goes where it adds least to what gets through by chance, which is
 * where bytes of its window are allowed already. */
static unsigned choose_bucket(const struct mf_markers *markers, unsigned index)
{
    const struct marker *marker = &markers->marker[index];
    unsigned best = 0;
    double least = 0;

    for (unsigned b = 0; b < BUCKETS; b++)
        for (unsigned i = 0; i < markers->bucket[b].n; i++)
            if (same_window(&markers->marker[markers->bucket[b].marker[i]], marker))
                return b;
    for (unsigned b = 0; b < BUCKETS; b++) {
        double added = chance(markers, b, marker) - chance(markers, b, NULL);

        if (b == 0 || added < least) {
            least = added;
            best = b;
        }
    }
    return best;
}

static void allow(struct mf_markers *markers, unsigned position, char c, unsigned bucket)
{
    uint8_t byte = (uint8_t)c, bit = (uint8_t)(1U << bucket);

    markers->byte[position][byte] |= bit;
    markers->low[position][byte & 15] |= bit;
    markers->high[position][byte >> 4] |= bit;
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
}

void mf_marker_windows(struct mf_markers *markers)
{
    for (unsigned i = 0; i < markers->n_markers; i++) {
        struct marker *marker = &markers->marker[i];

        marker->offset = rarest_window(marker);
        markers->offset_max = marker->offset > markers->offset_max ? marker->offset : markers->offset_max;
        mf_marker_add_gram(markers, i, marker->offset, markers->window_head, markers->window, i);
        unsigned b = choose_bucket(markers, i);
        markers->bucket[b].marker[markers->bucket[b].n++] = (uint16_t)i;
        for (unsigned position = 0; position < WINDOW; position++) {
            char c = marker->text[marker->offset + position];

            allow(markers, position, c, b);
            if (marker->nocase)
                allow(markers, position, upper(c), b);
        }
    }
}

/* ---- searching ---- */

#if defined(__x86_64__)
#define WITH_AVX2 __attribute__((target("avx2")))

enum { BLOCK = 32 };

_Static_assert((int)WINDOW_BYTES == BLOCK + WINDOW - 1, "a block and what windows at its end need");

/* Windows may stand at these places of a block. */
static __attribute__((noinline)) void look_at_places(struct mf_marker_search *search, size_t at, unsigned places)
{
    const struct mf_markers *markers = search->markers;

    for (; places != 0; places &= places - 1) {
        size_t place = at + (unsigned)__builtin_ctz(places);
        uint32_t word = mf_marker_fold(search->bytes + place);

        mf_marker_look(search, place, word, markers->window, markers->window_head[mf_marker_hash(word)]);
    }
}

WITH_AVX2 static inline __m256i load_table(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

WITH_AVX2 static inline __m256i load(const char *bytes)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

/* The buckets that go on with each of 32 bytes at one position of the window. */
WITH_AVX2 static inline __m256i by_low(__m256i bytes, __m256i table)
{
    return _mm256_shuffle_epi8(table, bytes);
}

WITH_AVX2 static inline __m256i by_high(__m256i bytes, __m256i table)
{
    return _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15)));
}

/* What is left of the hits in a block when the upper halves of the other three bytes are looked at, too. */
WITH_AVX2 static __attribute__((noinline)) void look_at_hits(struct mf_marker_search *search, const char *p,
                                                             __m256i hit)
{
    const struct mf_markers *markers = search->markers;

    for (int i = 1; i < WINDOW; i++)
        hit = _mm256_and_si256(hit, by_high(load(p + i), load_table(markers->high[i])));
    if (!_mm256_testz_si256(hit, hit)) {
        unsigned none = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256()));

        look_at_places(search, (size_t)(p - search->bytes), ~none);
    }
}

WITH_AVX2 void mf_marker_search_windows(struct mf_marker_search *search)
{
    const struct mf_markers *markers = search->markers;
    const __m256i low0 = load_table(markers->low[0]), low1 = load_table(markers->low[1]);
    const __m256i low2 = load_table(markers->low[2]), low3 = load_table(markers->low[3]);
    const __m256i high0 = load_table(markers->high[0]);
    const char *p = search->bytes, *last = p + search->length - WINDOW_BYTES;

    /* the last block reaches to the end, over some of the places of the one before */
    for (;; p = p + BLOCK < last ? p + BLOCK : last) {
        __m256i first = load(p);
        __m256i hit =
            _mm256_and_si256(_mm256_and_si256(by_low(first, low0), by_high(first, high0)),
                             _mm256_and_si256(_mm256_and_si256(by_low(load(p + 1), low1), by_low(load(p + 2), low2)),
                                              by_low(load(p + 3), low3)));

        if (__builtin_expect(!_mm256_testz_si256(hit, hit), 0))
            look_at_hits(search, p, hit);
        if (p == last)
            return;
        if (__builtin_expect(search->found != 0, 0)) {
            ptrdiff_t next = p + BLOCK - search->bytes - markers->offset_max;
            if (mf_marker_search_is_over(search, next < 0 ? 0 : (size_t)next))
                return;
        }
    }
}

#else

void mf_marker_search_windows(struct mf_marker_search *search)
{
    mf_marker_search_grams(search);
}

#endif
