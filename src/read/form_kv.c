/* src/read/form_kv.c
 *
 * name="value", name=value: pairs with something between them. A value without quotes goes on to where the next pair
 * begins, so that blanks and commas within it do no harm. */

#include "read/form_tape.h"

static bool stands_at(const struct mf_reading_text *text, uint32_t at, struct mf_slice word)
{
    return text->end - at >= word.length && memcmp(text->base + at, word.data, word.length) == 0;
}

static bool is_by_blanks(const struct mf_form *form)
{
    return form->between.length == 1 && form->between.data[0] == ' ';
}

/* Behind what is between two pairs, when it stands at `at`; else `at`. */
static uint32_t pass_between(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (at < text->end && mf_text_is_blank(text->base[at]))
        at++;
    if (is_by_blanks(text->form))
        return at;
    if (!stands_at(text, at, text->form->between)) {
        at = from; /* it may begin with a blank itself */
        if (!stands_at(text, at, text->form->between))
            return from;
    }
    at += (uint32_t)text->form->between.length;
    while (at < text->end && mf_text_is_blank(text->base[at]))
        at++;
    return at;
}

/* Behind the name that begins at `at` and its '='; 0 when there is none. */
static uint32_t pass_name(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (at < text->end && mf_text_is_name(text->base[at]))
        at++;
    return at > from && at < text->end && text->base[at] == '=' ? at + 1 : 0;
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

static bool is_start(const struct mf_reading_text *text, uint32_t at)
{
    for (unsigned i = 0; i < text->form->n_start; i++)
        if (stands_at(text, at, text->form->start[i]))
            return true;
    return text->form->n_start == 0 && pass_name(text, at) != 0;
}

/* A name has something else before it, and begins there only: each byte is looked at twice at most. */
static bool find_start(const struct mf_reading_text *text, uint32_t *start)
{
    bool behind_name = false;

    for (uint32_t at = text->at; at < text->end; at++) {
        if (!behind_name && mf_text_is_name(text->base[at]) && is_start(text, at)) {
            *start = at;
            return true;
        }
        behind_name = mf_text_is_name(text->base[at]);
    }
    return false;
}

/* ---- pairs ---- */

/* Places where a value may end are those where something between pairs begins, and those of one run of blanks are one. */
static struct mf_piece_of_text take_bare(struct mf_reading_text *text)
{
    struct mf_piece_of_text value = {text->at, 0};
    char first = text->form->between.data[0];
    uint32_t at = text->at;

    while (at < text->end) {
        if (text->base[at] != first && !mf_text_is_blank(text->base[at])) {
            at++;
            continue;
        }
        if (may_end(text, at))
            break;
        for (at++; at < text->end && mf_text_is_blank(text->base[at]) && mf_text_is_blank(text->base[at - 1]);)
            at++;
    }
    text->at = at;
    value.length = at - value.start;
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
