/* src/read/form_kv.c
 *
 * name="value", name=value: pairs with something between them. A value without quotes goes on to where the next pair
 * begins, so that blanks and commas within it do no harm. */

#include "read/form_tape.h"

static inline bool stands_at(const struct mf_reading_text *text, uint32_t at, struct mf_slice word)
{
    const char *p = text->base + at;

    return text->end - at >= word.length && p[0] == word.data[0] && p[word.length - 1] == word.data[word.length - 1] &&
           (word.length <= 2 || memcmp(p, word.data, word.length) == 0);
}

static bool is_by_blanks(const struct mf_form *form)
{
    return form->between.length == 1 && form->between.data[0] == ' ';
}

static inline uint32_t pass_blanks(const struct mf_reading_text *text, uint32_t at)
{
    while (at < text->end && mf_text_is_blank(text->base[at]))
        at++;
    return at;
}

/* Behind what is between two pairs, when it stands at `at`; else `at`. */
static inline __attribute__((always_inline)) uint32_t pass_between(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    at = pass_blanks(text, at);
    if (is_by_blanks(text->form))
        return at;
    if (!stands_at(text, at, text->form->between)) {
        at = from; /* it may begin with a blank itself */
        if (!stands_at(text, at, text->form->between))
            return from;
    }
    return pass_blanks(text, at + (uint32_t)text->form->between.length);
}

/* Behind the name that begins at `at` and its '='; 0 when there is none. */
static uint32_t pass_name(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (at < text->end && mf_text_is_name(text->base[at]))
        at++;
    return at > from && at < text->end && text->base[at] == '=' ? at + 1 : 0;
}

/* Whether what stands between two pairs may begin in what was passed as such, or in a name. */
static bool may_overlap(const struct mf_form *form)
{
    char first = form->between.data[0];

    return mf_text_is_name(first) || (mf_text_is_blank(first) && !is_by_blanks(form));
}

/* 0 when at `at`, behind a value, there is nothing more, or another pair; else where the next place is at which the value may
 * end: not in the same run of blanks, and mostly not in what could have been a name. */
static uint32_t pass_no_pair(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t next = pass_between(text, at), behind = next;

    while (behind < text->end && mf_text_is_name(text->base[behind]))
        behind++;
    if (next == text->end || (next > at && behind > next && behind < text->end && text->base[behind] == '='))
        return 0;
    if (next > at && !may_overlap(text->form))
        return behind;
    for (at++; at < text->end && mf_text_is_blank(text->base[at]) && mf_text_is_blank(text->base[at - 1]);)
        at++;
    return at;
}

/* Whether at `at` the value before it may have ended: there is nothing more, or another pair. */
static bool may_end(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t next = pass_between(text, at);

    return next == text->end || (next > at && pass_name(text, next) != 0);
}

static bool is_quote(const struct mf_form *form, char c)
{
    return form->quotes.length > 0 && memchr(form->quotes.data, c, form->quotes.length) != NULL;
}

/* ---- where the pairs begin ---- */

/* Where a name begins, at `at` or behind it; the text's end when there is none. It has something else before it. */
static uint32_t find_name(const struct mf_reading_text *text, uint32_t at)
{
    while (at < text->end && mf_text_is_name(text->base[at]) && at > text->at && mf_text_is_name(text->base[at - 1]))
        at++;
    while (at < text->end && !mf_text_is_name(text->base[at]))
        at++;
    return at;
}

/* Where a word begins that the first pair begins with; the text's end when it is not there. */
static uint32_t find_word(const struct mf_reading_text *text, struct mf_slice word)
{
    const char *from = text->base + text->at, *end = text->base + text->end, *at;

    for (; (at = memmem(from, (size_t)(end - from), word.data, word.length)) != NULL; from = at + 1)
        if (at == text->base + text->at || !mf_text_is_name(at[-1]))
            return (uint32_t)(at - text->base);
    return text->end;
}

static bool find_start(const struct mf_reading_text *text, uint32_t *start)
{
    const struct mf_form *form = text->form;

    *start = form->n_start == 0 ? find_name(text, text->at) : text->end;
    while (form->n_start == 0 && *start < text->end && pass_name(text, *start) == 0)
        *start = find_name(text, *start + 1);
    for (unsigned i = 0; i < form->n_start; i++) {
        uint32_t at = find_word(text, form->start[i]);

        *start = at < *start ? at : *start;
    }
    return *start < text->end;
}

/* ---- pairs ---- */

/* The next blank, or byte that what stands between two pairs begins with; the text's end when there is none. */
static uint32_t find_between(const struct mf_reading_text *text, uint32_t at, char first)
{
    /* no byte is less than a blank but a tab, as all were checked */
    while (at < text->end && text->base[at] != first && (unsigned char)text->base[at] > ' ')
        at++;
    return at;
}

/* Where a value ends at blanks: those before another pair, or the last ones. What was no name is not looked at again. */
static uint32_t find_end_by_blanks(const struct mf_reading_text *text)
{
    const char *base = text->base;
    uint32_t at = text->at, end = text->end, next, behind;

    for (;; at = behind) {
        while (at < end && (unsigned char)base[at] > ' ')
            at++;
        next = pass_blanks(text, at);
        for (behind = next; behind < end && mf_text_is_name(base[behind]);)
            behind++;
        if (next == end || (behind > next && behind < end && base[behind] == '='))
            return at;
    }
}

/* A value may end where something between pairs begins: there, or after blanks, which may be it. */
static uint32_t find_end(const struct mf_reading_text *text)
{
    char first = text->form->between.data[0];
    uint32_t at = text->at;

    while ((at = find_between(text, at, first)) < text->end) {
        char next = (char)(at + 1 < text->end ? text->base[at + 1] : first);
        uint32_t behind = at + 1;

        if (text->base[at] == first || next == first || mf_text_is_blank(next))
            behind = pass_no_pair(text, at);
        if (behind == 0)
            break;
        at = behind;
    }
    return at;
}

static struct mf_piece_of_text take_bare(struct mf_reading_text *text)
{
    struct mf_piece_of_text value = {text->at, 0};

    text->at = is_by_blanks(text->form) ? find_end_by_blanks(text) : find_end(text);
    value.length = text->at - value.start;
    return mf_text_trim(text, value);
}

static enum mf_skip take_value(struct mf_reading_text *text, struct mf_piece_of_text *value)
{
    if (text->at < text->end && is_quote(text->form, text->base[text->at])) {
        char quote = text->base[text->at++];
        enum mf_skip skip = mf_text_quoted(text, quote, may_end, value);

        if (skip == MF_SKIP_NONE && !may_end(text, text->at))
            skip = MF_SKIP_BAD_TEXT;
        return skip;
    }
    *value = take_bare(text);
    return MF_SKIP_NONE;
}

static enum mf_skip take_pair(struct mf_reading_text *text)
{
    struct mf_piece_of_text name = {text->at, 0}, value;
    uint32_t behind = pass_name(text, text->at);
    enum mf_skip skip;

    if (behind == 0)
        return MF_SKIP_BAD_TEXT;
    name.length = behind - 1 - name.start;
    text->at = behind;
    skip = take_value(text, &value);
    if (skip == MF_SKIP_NONE && !mf_text_put(text, name, value))
        skip = MF_SKIP_TOO_MANY_NODES;
    text->at = pass_between(text, text->at);
    return skip;
}

enum mf_skip mf_form_take_kv(struct mf_reading_text *text)
{
    struct mf_piece_of_text head = {text->at, 0};
    enum mf_skip skip = MF_SKIP_NONE;
    uint32_t start;

    if (!find_start(text, &start))
        return MF_SKIP_NOT_IDP;
    head.length = start - head.start;
    if (text->form->has_head && !mf_text_put_column(text, 0, mf_text_trim(text, head)))
        return MF_SKIP_TOO_MANY_NODES;
    text->at = start;
    while (skip == MF_SKIP_NONE && text->at < text->end)
        skip = take_pair(text);
    return skip;
}
