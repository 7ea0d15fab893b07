/* src/read/form_read.c
 *
 * A text is copied behind the form's names, checked byte by byte, and handed to the reader of its form. */

#include "read/form_tape.h"

#include "read/scan.h"
#include "read/token.h"

const char *const mf_form_headers[MF_FORM_HEADERS] = {"DeviceVendor", "DeviceProduct", "DeviceVersion",
                                                      "EventClass",   "Name",          "Severity"};

/* ---- pieces ---- */

struct mf_piece_of_text mf_text_trim(const struct mf_reading_text *text, struct mf_piece_of_text piece)
{
    while (piece.length > 0 && mf_text_is_blank(text->base[piece.start])) {
        piece.start++;
        piece.length--;
    }
    while (piece.length > 0 && mf_text_is_blank(text->base[piece.start + piece.length - 1]))
        piece.length--;
    return piece;
}

static void put_string(struct mf_reading_text *text, struct mf_piece_of_text piece)
{
    struct mf_record *record = text->record;
    struct mf_node *node = &record->nodes[record->n_nodes++];

    *node = (struct mf_node){.start = piece.start,
                             .length = piece.length,
                             .next = record->n_nodes,
                             .type = MF_NODE_STRING,
                             .flags = text->flags,
                             .depth = 1};
}

/* No provider's line of text has more: what has was made to cost time. */
enum { MEMBERS_MAX = 512 };

bool mf_text_put(struct mf_reading_text *text, struct mf_piece_of_text name, struct mf_piece_of_text value)
{
    if (text->record->limits.nodes - text->record->n_nodes < 2 || text->record->n_nodes - text->root > 2 * MEMBERS_MAX)
        return false;
    put_string(text, name);
    put_string(text, value);
    return true;
}

bool mf_text_put_column(struct mf_reading_text *text, unsigned column, struct mf_piece_of_text value)
{
    const uint16_t *at = text->form->name_at + column;
    struct mf_piece_of_text name = {text->names + at[0], (uint32_t)(at[1] - at[0])};

    return name.length == 0 || mf_text_put(text, name, value);
}

/* ---- quotes ---- */

/* Where the closing quote is, or the text's end. */
static uint32_t find_close(const struct mf_reading_text *text, char quote,
                           bool (*may_close)(const struct mf_reading_text *text, uint32_t at))
{
    enum mf_form_escape escape = text->form->escape;
    uint32_t at = text->at, end = text->end;
    const char *base = text->base;

    for (; at < end; at++) {
        if (escape == MF_ESCAPE_QUOTE && base[at] == '\\' && at + 1 < end && base[at + 1] == quote)
            at++;
        else if (escape == MF_ESCAPE_DOUBLE && base[at] == quote && at + 1 < end && base[at + 1] == quote)
            at++;
        else if (base[at] == quote && (escape != MF_ESCAPE_NONE || may_close(text, at + 1)))
            break;
    }
    return at;
}

/* Both of these escapes put one byte before a quote, which goes. */
static uint32_t drop_escapes(char *p, uint32_t length, char before, char quote)
{
    uint32_t to = 0;

    for (uint32_t from = 0; from < length; from++) {
        if (p[from] == before && from + 1 < length && p[from + 1] == quote)
            from++;
        p[to++] = p[from];
    }
    return to;
}

static enum mf_skip take_json(struct mf_reading_text *text, struct mf_piece_of_text *value)
{
    unsigned flags = 0;
    ptrdiff_t close = mf_scan_plain(text->base, text->at, text->end);

    if (close < text->end)
        close = mf_token_string_end(text->base, close, text->end, &flags);
    else
        close = -1;

    if (close < 0)
        return memchr(text->base + text->at, '"', text->end - text->at) == NULL ? MF_SKIP_TRUNCATED : MF_SKIP_BAD_TEXT;
    *value = (struct mf_piece_of_text){text->at, (uint32_t)close - text->at};
    if ((flags & MF_NODE_ESCAPED) != 0)
        value->length = (uint32_t)mf_token_decode(text->base + text->at, text->base + close, text->base + text->at);
    text->at = (uint32_t)close + 1;
    return MF_SKIP_NONE;
}

enum mf_skip mf_text_quoted(struct mf_reading_text *text, char quote,
                            bool (*may_close)(const struct mf_reading_text *text, uint32_t at),
                            struct mf_piece_of_text *value)
{
    enum mf_form_escape escape = text->form->escape;
    uint32_t close;

    if (escape == MF_ESCAPE_JSON && quote == '"')
        return take_json(text, value);
    close = find_close(text, quote, may_close);
    if (close == text->end)
        return MF_SKIP_TRUNCATED;
    *value = (struct mf_piece_of_text){text->at, close - text->at};
    if (escape == MF_ESCAPE_QUOTE || escape == MF_ESCAPE_DOUBLE)
        value->length = drop_escapes(text->base + value->start, value->length,
                                     (char)(escape == MF_ESCAPE_QUOTE ? '\\' : quote), quote);
    text->at = close + 1;
    return MF_SKIP_NONE;
}

/* ---- a whole text ---- */

static enum mf_skip take(struct mf_reading_text *text)
{
    switch (text->form->type) {
    case MF_FORM_KV:
        return mf_form_take_kv(text);
    case MF_FORM_CSV:
        return mf_form_take_csv(text);
    default:
        return mf_form_take_cef(text);
    }
}

/* Names and text go to the end of the scratch buffer, behind which there is room enough for those who look at whole words
 * (path_walk.c). */
static enum mf_skip copy_in(struct mf_reading_text *text, struct mf_slice from)
{
    struct mf_record *record = text->record;
    uint32_t names_length = text->form->name_at[text->form->n_columns];

    if (from.length + names_length > record->limits.size - record->scratch_used)
        return MF_SKIP_TOO_LARGE;
    text->names = record->scratch_used;
    if (names_length > 0)
        memcpy(text->base + text->names, text->form->names, names_length);
    text->at = text->names + names_length;
    memcpy(text->base + text->at, from.data, from.length);
    text->end = text->at + (uint32_t)from.length;
    record->scratch_used = text->end;
    return MF_SKIP_NONE;
}

enum mf_skip mf_form_check(const char *bytes, size_t length)
{
    struct mf_slice text = mf_slice_trim((struct mf_slice){bytes, length});

    if (text.length > MF_FORM_TEXT_MAX)
        return MF_SKIP_TOO_LARGE;
    switch (mf_token_check(text.data, 0, (ptrdiff_t)text.length)) {
    case MF_TOKEN_BAD_UTF8:
        return MF_SKIP_BAD_UTF8;
    case MF_TOKEN_CONTROL:
        return MF_SKIP_BAD_TEXT;
    default:
        return MF_SKIP_NONE;
    }
}

static enum mf_skip read_text(struct mf_reading_text *text, struct mf_slice from)
{
    struct mf_record *record = text->record;
    struct mf_node *root = &record->nodes[record->n_nodes];
    uint32_t scratch_used = record->scratch_used, first;
    enum mf_skip skip;

    if (record->n_nodes == record->limits.nodes)
        return MF_SKIP_TOO_MANY_NODES;
    text->base = record->scratch;
    skip = copy_in(text, from);
    if (skip == MF_SKIP_NONE) {
        first = text->at;
        text->root = record->n_nodes++;
        skip = take(text);
        *root = (struct mf_node){.start = first,
                                 .length = text->end - first,
                                 .next = record->n_nodes,
                                 .type = MF_NODE_OBJECT,
                                 .flags = text->flags};
    }
    if (skip != MF_SKIP_NONE) {
        record->n_nodes = (uint32_t)(root - record->nodes);
        record->scratch_used = scratch_used;
    }
    return skip;
}

/* CEF and LEEF have nothing to choose. */
bool mf_form_is_same(const struct mf_form *one, const struct mf_form *other)
{
    return one == other || (one->type == other->type && one->type >= MF_FORM_CEF);
}

enum mf_skip mf_form_parse(struct mf_record *record, const struct mf_form *form, const char *bytes, size_t length)
{
    struct mf_reading_text text = {.record = record, .form = form};
    struct mf_slice from = mf_slice_trim((struct mf_slice){bytes == NULL ? "" : bytes, length});

    record->text = record->scratch;
    record->n_nodes = 0;
    record->scratch_used = 0;
    record->failed_at = 0;
    record->n_unpacked = 0;
    record->length = 0;
    if (length > record->limits.size)
        return MF_SKIP_TOO_LARGE;
    enum mf_skip skip = read_text(&text, from);
    record->length = record->scratch_used;
    return skip;
}

enum mf_skip mf_form_embed(struct mf_record *record, const struct mf_form *form, uint32_t node, uint32_t *root)
{
    struct mf_reading_text text = {.record = record, .form = form, .flags = MF_NODE_SCRATCH};
    uint32_t scratch_used = record->scratch_used;
    struct mf_slice from;
    enum mf_skip skip;

    if (record->nodes[node].type != MF_NODE_STRING)
        return MF_SKIP_NOT_IDP;
    from = mf_record_text(record, node);
    if (from.data == NULL)
        return MF_SKIP_TOO_LARGE;
    skip = mf_form_check(from.data, from.length);
    if (skip == MF_SKIP_NONE)
        skip = read_text(&text, mf_slice_trim(from));
    if (skip == MF_SKIP_NONE)
        *root = text.root;
    else
        record->scratch_used = scratch_used;
    return skip;
}
