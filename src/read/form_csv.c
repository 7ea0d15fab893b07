/* src/read/form_csv.c
 *
 * Cells, as RFC 4180 has them, with blanks around them that do not count. A cell is a member by its place; its place counts
 * from the first cell, or from one that is known by its text, because loggers put more or fewer cells before it. */

#include "read/form_tape.h"

/* No provider's line has more. */
enum { CELLS_MAX = 2 * MF_FORM_COLUMNS_MAX };

static bool may_end(const struct mf_reading_text *text, uint32_t at)
{
    while (at < text->end && mf_text_is_blank(text->base[at]) && text->form->separator != text->base[at])
        at++;
    return at == text->end || text->base[at] == text->form->separator;
}

static enum mf_skip take_quoted(struct mf_reading_text *text, struct mf_piece_of_text *cell)
{
    char quote = text->base[text->at++];
    enum mf_skip skip = mf_text_quoted(text, quote, may_end, cell);

    if (skip != MF_SKIP_NONE)
        return skip;
    if (!may_end(text, text->at))
        return MF_SKIP_BAD_TEXT;
    while (text->at < text->end && text->base[text->at] != text->form->separator)
        text->at++;
    return MF_SKIP_NONE;
}

/* Up to the separator behind it, or the end. */
static enum mf_skip take_cell(struct mf_reading_text *text, struct mf_piece_of_text *cell)
{
    const struct mf_form *form = text->form;
    const char *stop;

    while (text->at < text->end && mf_text_is_blank(text->base[text->at]) && text->base[text->at] != form->separator)
        text->at++;
    if (text->at < text->end && form->quotes.length > 0 && text->base[text->at] == form->quotes.data[0])
        return take_quoted(text, cell);
    stop = memchr(text->base + text->at, form->separator, text->end - text->at);
    *cell = (struct mf_piece_of_text){text->at,
                                      stop == NULL ? text->end - text->at : (uint32_t)(stop - text->base) - text->at};
    text->at += cell->length;
    *cell = mf_text_trim(text, *cell);
    return MF_SKIP_NONE;
}

static enum mf_skip take_cells(struct mf_reading_text *text, struct mf_piece_of_text *cell, unsigned *n)
{
    enum mf_skip skip = MF_SKIP_NONE;

    for (*n = 0; skip == MF_SKIP_NONE; text->at++) {
        if (*n == CELLS_MAX)
            return MF_SKIP_TOO_MANY_NODES;
        skip = take_cell(text, &cell[(*n)++]);
        if (text->at >= text->end)
            break;
    }
    return skip;
}

static bool is_anchor(const struct mf_reading_text *text, struct mf_piece_of_text cell)
{
    const struct mf_form *form = text->form;

    for (unsigned i = 0; i < form->n_anchors; i++)
        if (mf_slice_equal(form->anchors[i], (struct mf_slice){text->base + cell.start, cell.length}))
            return true;
    return false;
}

/* Where column `*column`, the first that counts from the anchor and is there, stands; false when there is no anchor. */
static bool find_first(const struct mf_reading_text *text, const struct mf_piece_of_text *cell, unsigned n,
                       unsigned *column, unsigned *first)
{
    const struct mf_form *form = text->form;
    unsigned anchor = form->anchor - form->n_heads, at = 0;

    *column = form->n_heads;
    *first = form->n_heads;
    if (form->n_anchors == 0)
        return true;
    while (at < n && !is_anchor(text, cell[at]))
        at++;
    *column += anchor > at ? anchor - at : 0;
    *first = anchor > at ? 0 : at - anchor;
    return at < n;
}

static bool put_columns(struct mf_reading_text *text, const struct mf_piece_of_text *cell, unsigned n, unsigned column,
                        unsigned end)
{
    for (unsigned i = 0; column < end && i < n; column++, i++)
        if (!mf_text_put_column(text, column, cell[i]))
            return false;
    return true;
}

enum mf_skip mf_form_take_csv(struct mf_reading_text *text)
{
    const struct mf_form *form = text->form;
    struct mf_piece_of_text cell[CELLS_MAX];
    unsigned n, column, first;
    enum mf_skip skip = take_cells(text, cell, &n);

    if (skip != MF_SKIP_NONE)
        return skip;
    if (n < 2 || !find_first(text, cell, n, &column, &first))
        return MF_SKIP_NOT_IDP;
    if (!put_columns(text, cell, n, 0, form->n_heads) ||
        (first < n && !put_columns(text, cell + first, n - first, column, form->n_columns)))
        return MF_SKIP_TOO_MANY_NODES;
    return MF_SKIP_NONE;
}
