/* src/base/slice.c
 *
 * Comparing pieces of text without a locale. */

#include "base/slice.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Whether two texts are the same to the letter, as most that are compared are: by words, the last of which may overlap. */
static inline bool is_same(const char *a, const char *b, size_t length)
{
    uint64_t words[2], last[2];
    uint32_t halves[4];

    if (length >= 8) {
        for (size_t i = 0; i + 8 < length; i += 8) {
            memcpy(&words[0], a + i, 8);
            memcpy(&words[1], b + i, 8);
            if (words[0] != words[1])
                return false;
        }
        memcpy(&last[0], a + length - 8, 8);
        memcpy(&last[1], b + length - 8, 8);
        return last[0] == last[1];
    }
    if (length < 4)
        return false; /* not said */
    memcpy(&halves[0], a, 4);
    memcpy(&halves[1], b, 4);
    memcpy(&halves[2], a + length - 4, 4);
    memcpy(&halves[3], b + length - 4, 4);
    return halves[0] == halves[1] && halves[2] == halves[3];
}

static bool same_nocase(const char *a, const char *b, size_t length)
{
    if (is_same(a, b, length))
        return true;
    for (size_t i = 0; i < length; i++)
        if (mf_ascii_lower(a[i]) != mf_ascii_lower(b[i]))
            return false;
    return true;
}

bool mf_slice_equal_nocase(struct mf_slice a, struct mf_slice b)
{
    return a.length == b.length && same_nocase(a.data, b.data, a.length);
}

bool mf_slice_starts_nocase(struct mf_slice text, struct mf_slice prefix)
{
    return text.length >= prefix.length && same_nocase(text.data, prefix.data, prefix.length);
}

#if defined(__SSE2__)

enum { STEP = 16 };

/* The bit that tells small letters from capitals, when it is a letter. */
static inline char case_bit(char c)
{
    c = mf_ascii_lower(c);
    return (char)(c >= 'a' && c <= 'z' ? 0x20 : 0);
}

/* At which of sixteen places a byte stands, in whatever case. */
static inline __m128i places_of(const char *p, char bit, char c)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);

    return _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(bit)), _mm_set1_epi8((char)(c | bit)));
}

/* Is the part at one of the first `n` places, 16 or more? It is compared where its first and its last byte stand. The
 * last step reaches to the end, over some of the places of the one before. */
static bool is_at_one_of(const char *text, size_t n, struct mf_slice part)
{
    char first = part.data[0], last = part.data[part.length - 1], first_bit = case_bit(first),
         last_bit = case_bit(last);

    for (size_t i = 0;; i = i + STEP < n - STEP ? i + STEP : n - STEP) {
        unsigned places = (unsigned)_mm_movemask_epi8(_mm_and_si128(
            places_of(text + i, first_bit, first), places_of(text + i + part.length - 1, last_bit, last)));

        for (; places != 0; places &= places - 1)
            if (same_nocase(text + i + (unsigned)__builtin_ctz(places), part.data, part.length))
                return true;
        if (i == n - STEP)
            return false;
    }
}

#endif

bool mf_slice_has_nocase(struct mf_slice text, struct mf_slice part)
{
    if (part.length == 0)
        return true;
#if defined(__SSE2__)
    if (text.length >= part.length + STEP - 1)
        return is_at_one_of(text.data, text.length - part.length + 1, part);
#endif
    for (size_t i = 0; i + part.length <= text.length; i++)
        if (mf_ascii_lower(text.data[i]) == mf_ascii_lower(part.data[0]) &&
            same_nocase(text.data + i, part.data, part.length))
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct mf_slice mf_slice_trim(struct mf_slice text)
{
    while (text.length > 0 && is_blank(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

void mf_slice_copy(char *to, size_t size, struct mf_slice text)
{
    size_t length = text.length < size - 1 ? text.length : size - 1;

    if (length < text.length)
        while (length > 0 && ((unsigned char)text.data[length] & 0xc0) == 0x80)
            length--;
    if (length > 0)
        memcpy(to, text.data, length);
    for (char *nul = to; (nul = memchr(nul, '\0', length - (size_t)(nul - to))) != NULL;)
        *nul = MF_SUBSTITUTE;
    to[length] = '\0';
}
