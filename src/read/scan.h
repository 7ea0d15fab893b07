/* src/read/scan.h
 *
 * The inner loops of the readers: how far does a string go on without anything that needs a look? What in the rest of it does,
 * where it has escapes? How far does a text go on, and where may a document begin in it?
 * 16 bytes at a time with SSE2, which every x86-64 has, 8 at a time elsewhere. Both twins give the same answer
 * and never read behind what they are given. */

#ifndef MF_READ_SCAN_H
#define MF_READ_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* A byte that a JSON string may hold and that stands for itself: printable ASCII but no quote and no backslash. */
static inline bool mf_scan_is_plain(char c)
{
    return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* Nonzero when one of the eight bytes is not plain. Exact as a whole; which byte it is must be looked up, because a
 * borrow may mark the byte above a real hit. (The classic zero-byte test of Mycroft, 1987, applied four times.) */
static inline uint64_t mf_scan_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t quote = word ^ (ones * '"');
    uint64_t backslash = word ^ (ones * '\\');

    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word) | word) &
           tops;
}

/* Looks at the eight bytes at `p`. True, and the distance to the first that is not plain, when there is one. */
static inline bool mf_scan_step_portable(const char *p, unsigned *distance)
{
    uint64_t word;
    unsigned n = 0;

    memcpy(&word, p, sizeof word);
    if (mf_scan_word(word) == 0)
        return false;
    while (mf_scan_is_plain(p[n]))
        n++;
    *distance = n;
    return true;
}

/* Whether the first `length` bytes, one or more, are the same. There must be a whole step behind them on both sides. */
static inline bool mf_scan_same_portable(const char *a, const char *b, size_t length)
{
    return memcmp(a, b, length) == 0;
}

/* A byte that may stand in a text as it is: ASCII, but no control byte. */
static inline bool mf_scan_is_text(char c)
{
    return (signed char)c >= 0x20;
}

/* A bracket that opens something in JSON. */
static inline bool mf_scan_is_opening(char c)
{
    return c == '{' || c == '[';
}

/* Whether one of the eight bytes is no text; and whether one is an opening bracket. The two of them differ in one bit. */
static inline bool mf_scan_has_no_text(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return ((((word - ones * 0x20) & ~word) | word) & (ones * 0x80)) != 0;
}

static inline bool mf_scan_has_opening(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, p, sizeof word);
    word = (word | (ones * 0x20)) ^ (ones * '{');
    return ((word - ones) & ~word & (ones * 0x80)) != 0;
}

/* The first byte of text[at..end) that is no text, or `end`; and the first opening bracket. */
static inline ptrdiff_t mf_scan_text_portable(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    while (at <= end - 8 && !mf_scan_has_no_text(text + at))
        at += 8;
    while (at < end && mf_scan_is_text(text[at]))
        at++;
    return at;
}

static inline ptrdiff_t mf_scan_opening_portable(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    while (at <= end - 8 && !mf_scan_has_opening(text + at))
        at += 8;
    while (at < end && !mf_scan_is_opening(text[at]))
        at++;
    return at;
}

/* Sixteen bytes of a string that has escapes, a bit for each byte. */
struct mf_scan_block {
    uint32_t escaped; /* behind a backslash that is not itself behind one */
    uint32_t stops; /* needs a look: the closing quote; what is escaped, but not by one letter; what is no ASCII text */
};

enum { MF_SCAN_BLOCK = 16 };

/* What may stand behind a backslash alone. */
static inline bool mf_scan_is_escape(char c)
{
    return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
}

/* How many bytes at `p`, of which so many are left, are one letter of more than one byte in UTF-8 (RFC 3629, section 4: the
 * range of the second shuts out overlong forms, surrogates and what lies above U+10FFFF). 0: it is none, or cut. */
static inline unsigned mf_scan_letter(const char *p, unsigned left)
{
    const unsigned char *text = (const unsigned char *)p;
    unsigned length = text[0] < 0xC2 || text[0] > 0xF4 ? 0 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;

    if (length == 0 || length > left)
        return 0;
    for (unsigned i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] >= 0xA0) ||
        (text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] >= 0x90))
        return 0;
    return length;
}

/* `behind` says whether the first byte is escaped, 0 or 1, and becomes what it is for the byte behind the last. */
static inline struct mf_scan_block mf_scan_block_portable(const char *p, uint32_t *behind)
{
    struct mf_scan_block block = {0, 0};
    uint32_t letters = 0;

    for (unsigned i = 0; i < MF_SCAN_BLOCK; i++)
        letters |= ((1U << mf_scan_letter(p + i, MF_SCAN_BLOCK - i)) - 1) << i;
    for (unsigned i = 0; i < MF_SCAN_BLOCK; i++) {
        bool escaped = *behind != 0, text = mf_scan_is_text(p[i]) || (letters >> i & 1) != 0;

        block.escaped |= (uint32_t)escaped << i;
        block.stops |= (uint32_t)(escaped ? !mf_scan_is_escape(p[i]) : p[i] == '"' || !text) << i;
        *behind = !escaped && p[i] == '\\';
    }
    return block;
}

static inline uint32_t mf_scan_backslashes_portable(const char *p)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < MF_SCAN_BLOCK; i++)
        bits |= (uint32_t)(p[i] == '\\') << i;
    return bits;
}

#if defined(__SSE2__)

/* The same by sixteen bytes. Bytes from 0x80 on are less than any text. */
static inline ptrdiff_t mf_scan_text_sse2(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    for (; at <= end - 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)));

        if (hits != 0)
            return at + __builtin_ctz(hits);
    }
    return mf_scan_text_portable(text, at, end);
}

static inline ptrdiff_t mf_scan_opening_sse2(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    for (; at <= end - 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i opening = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('{'));
        unsigned hits = (unsigned)_mm_movemask_epi8(opening);

        if (hits != 0)
            return at + __builtin_ctz(hits);
    }
    return mf_scan_opening_portable(text, at, end);
}

static inline ptrdiff_t mf_scan_text(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    return mf_scan_text_sse2(text, at, end);
}

static inline ptrdiff_t mf_scan_opening(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    return mf_scan_opening_sse2(text, at, end);
}

/* The same as mf_scan_step_portable() for sixteen bytes. Two times the bytes in question are brought to the lower end of the range and pushed
 * below zero by a subtraction that does not wrap: with bit 1 flipped the quote (0x22) stands where the blank was, next
 * to the control bytes; then the backslash is made zero, alone. Bytes from 0x80 on are negative all the time. */
static inline bool mf_scan_step_sse2(const char *p, unsigned *distance)
{
    const char past_quote = ('"' ^ 2) + 1, backslash = ('\\' ^ 2) - past_quote;
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    unsigned hits;

    bytes = _mm_subs_epi8(_mm_xor_si128(bytes, _mm_set1_epi8(2)), _mm_set1_epi8(past_quote));
    bytes = _mm_subs_epi8(_mm_xor_si128(bytes, _mm_set1_epi8(backslash)), _mm_set1_epi8(1));
    hits = (unsigned)_mm_movemask_epi8(bytes);
    if (hits == 0)
        return false;
    *distance = (unsigned)__builtin_ctz(hits);
    return true;
}

enum { MF_SCAN_STEP = 16 };

/* A step that differs somewhere has a nonzero bit for each such byte; of the last only `length` bits count. */
static inline bool mf_scan_same_sse2(const char *a, const char *b, size_t length)
{
    for (;; a += 16, b += 16, length -= 16) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
                                      _mm_loadu_si128((const __m128i *)(const void *)b));
        uint32_t differ = (uint32_t)_mm_movemask_epi8(same) ^ 0xFFFF;

        if (length <= 16)
            return differ << (32 - length) == 0;
        if (differ != 0)
            return false;
    }
}

static inline bool mf_scan_same(const char *a, const char *b, size_t length)
{
    return mf_scan_same_sse2(a, b, length);
}

static inline uint32_t mf_scan_bits_of(__m128i bytes, char c)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

/* The letters among what may stand behind a backslash alone. */
static inline uint32_t mf_scan_escape_letters(__m128i bytes)
{
    return mf_scan_bits_of(bytes, 'n') | mf_scan_bits_of(bytes, '/') | mf_scan_bits_of(bytes, 't') |
           mf_scan_bits_of(bytes, 'r') | mf_scan_bits_of(bytes, 'b') | mf_scan_bits_of(bytes, 'f');
}

/* A bit for each byte that is greater; bytes from 0x80 on are negative. */
static inline uint32_t mf_scan_bits_above(__m128i bytes, unsigned char byte)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)byte)));
}

/* The bytes of letters as mf_scan_letter() has them. `more`: those that are never a first byte. */
static inline uint32_t mf_scan_letters_sse2(__m128i bytes)
{
    uint32_t high = (uint32_t)_mm_movemask_epi8(bytes), more = high & ~mf_scan_bits_above(bytes, 0xBF);
    uint32_t from_e0 = high & mf_scan_bits_above(bytes, 0xDF), from_f0 = high & mf_scan_bits_above(bytes, 0xEF);
    uint32_t two = high & mf_scan_bits_above(bytes, 0xC1) & ~from_e0 & more >> 1;
    uint32_t from_a0 = mf_scan_bits_above(bytes, 0x9F) >> 1, three = from_e0 & ~from_f0 & more >> 1 & more >> 2;
    uint32_t letters;

    three &= ~(mf_scan_bits_of(bytes, (char)0xE0) & ~from_a0) & ~(mf_scan_bits_of(bytes, (char)0xED) & from_a0);
    letters = two | two << 1 | three | three << 1 | three << 2;
    if (from_f0 != 0) {
        uint32_t from_90 = mf_scan_bits_above(bytes, 0x8F) >> 1;
        uint32_t four = from_f0 & ~mf_scan_bits_above(bytes, 0xF4) & more >> 1 & more >> 2 & more >> 3;

        four &= ~(mf_scan_bits_of(bytes, (char)0xF0) & ~from_90) & ~(mf_scan_bits_of(bytes, (char)0xF4) & from_90);
        letters |= four | four << 1 | four << 2 | four << 3;
    }
    return letters;
}

/* Of a run of backslashes every other one escapes: a subtraction whose borrow runs through each of them tells even from odd
 * (Langdale and Lemire, 2019). */
static inline struct mf_scan_block mf_scan_block_sse2(const char *p, uint32_t *behind)
{
    const uint32_t odd = 0xAAAAAAAA;
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    uint32_t backslashes = mf_scan_bits_of(bytes, '\\'), quotes = mf_scan_bits_of(bytes, '"');
    uint32_t no_text = (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)));
    uint32_t may_escape = backslashes & ~*behind;
    uint32_t runs = ((may_escape << 1 | odd) - may_escape) ^ odd;
    uint32_t escaped = (runs ^ (backslashes | *behind)) & 0xFFFF;
    uint32_t strange = escaped & ~(quotes | backslashes);

    if (strange != 0)
        strange &= ~mf_scan_escape_letters(bytes);
    if (no_text != 0)
        no_text &= ~mf_scan_letters_sse2(bytes);
    *behind = (runs & backslashes) >> 15;
    return (struct mf_scan_block){escaped, strange | ((quotes | no_text) & ~escaped)};
}

static inline struct mf_scan_block mf_scan_block(const char *p, uint32_t *behind)
{
    return mf_scan_block_sse2(p, behind);
}

static inline uint32_t mf_scan_backslashes(const char *p)
{
    return mf_scan_bits_of(_mm_loadu_si128((const __m128i *)(const void *)p), '\\');
}

static inline bool mf_scan_step(const char *p, unsigned *distance)
{
    return mf_scan_step_sse2(p, distance);
}

#else

enum { MF_SCAN_STEP = 8 };

static inline ptrdiff_t mf_scan_text(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    return mf_scan_text_portable(text, at, end);
}

static inline ptrdiff_t mf_scan_opening(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    return mf_scan_opening_portable(text, at, end);
}

static inline bool mf_scan_same(const char *a, const char *b, size_t length)
{
    return mf_scan_same_portable(a, b, length);
}

static inline struct mf_scan_block mf_scan_block(const char *p, uint32_t *behind)
{
    return mf_scan_block_portable(p, behind);
}

static inline uint32_t mf_scan_backslashes(const char *p)
{
    return mf_scan_backslashes_portable(p);
}

static inline bool mf_scan_step(const char *p, unsigned *distance)
{
    return mf_scan_step_portable(p, distance);
}

#endif

/* The first byte of text[at..end) that is not plain, or `end`. */
static inline ptrdiff_t mf_scan_plain(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    unsigned distance;

    for (; at <= end - MF_SCAN_STEP; at += MF_SCAN_STEP)
        if (mf_scan_step(text + at, &distance))
            return at + (ptrdiff_t)distance;
    while (at < end && mf_scan_is_plain(text[at]))
        at++;
    return at;
}

#endif
