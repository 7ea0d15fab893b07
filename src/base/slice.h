/* src/base/slice.h
 *
 * A piece of text that somebody else owns: pointer and length, not terminated, may hold any byte.
 * `data` is NULL exactly when the value is absent; an empty text has a pointer and length 0. */

#ifndef MF_BASE_SLICE_H
#define MF_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct mf_slice {
    const char *data;
    size_t length;
};

/* The slice of a NUL-terminated text; NULL gives the absent slice. */
static inline struct mf_slice mf_slice_of(const char *text)
{
    return (struct mf_slice){text, text == NULL ? 0 : strlen(text)};
}

static inline bool mf_slice_equal(struct mf_slice a, struct mf_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* ASCII letters compare without case, every other byte as it is: no locale, no Unicode folding. */
bool mf_slice_equal_nocase(struct mf_slice a, struct mf_slice b);
bool mf_slice_starts_nocase(struct mf_slice text, struct mf_slice prefix);
bool mf_slice_has_nocase(struct mf_slice text, struct mf_slice part);

/* Without leading and trailing ASCII blanks (space, tab, CR, LF). */
struct mf_slice mf_slice_trim(struct mf_slice text);

/* What stands for a NUL where a text ends with one: the control character made for that, SUB. */
#define MF_SUBSTITUTE '\x1a'

/* Copies into `to` and ends it with a NUL; what does not fit into `size` bytes is cut, between UTF-8 characters. A NUL in
 * the text becomes MF_SUBSTITUTE, so that nothing behind it is lost: "id\0more" must not pass for "id". */
void mf_slice_copy(char *to, size_t size, struct mf_slice text);

static inline char mf_ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

#endif
