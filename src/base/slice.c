/* src/base/slice.c
 *
 * Comparing pieces of text without a locale. */

#include "base/slice.h"

#include <stdint.h>

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

bool mf_slice_has_nocase(struct mf_slice text, struct mf_slice part)
{
    if (part.length == 0)
        return true;
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
