/* src/read/form_cef.c
 *
 * CEF:0|vendor|product|version|class|name|severity|name=value name=value
 *
 * and LEEF, which has no name and no severity, and a tab (or, in version 2, a character that it says) between pairs.
 * rsyslog takes "CEF:" for the tag of a message that has no other, so a text may also begin with its version. */

#include "read/form_tape.h"

/* Of a reader of either. */
struct layout {
    const char *mark;
    unsigned n_headers;
};

static const struct layout layouts[] = {[MF_FORM_CEF] = {"CEF:", 6}, [MF_FORM_LEEF] = {"LEEF:", 4}};

/* ---- the head ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "0|", "2.0|": behind the bar, 0 when there is no version here. */
static uint32_t pass_version(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (at < text->end && (is_digit(text->base[at]) || (at > from && text->base[at] == '.')))
        at++;
    return at > from && at < text->end && text->base[at] == '|' ? at + 1 : 0;
}

/* Of the version before the bar at `at`. */
static char first_digit(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (from > text->at && (is_digit(text->base[from - 1]) || text->base[from - 1] == '.'))
        from--;
    return text->base[from];
}

/* Behind the version; 0 when there is none. The mark stands at the beginning or behind a blank. */
static uint32_t find_head(const struct mf_reading_text *text, const struct layout *layout)
{
    uint32_t length = (uint32_t)strlen(layout->mark), found = pass_version(text, text->at);

    for (uint32_t at = text->at; found == 0 && text->end - at >= length; at++)
        if (text->base[at] == layout->mark[0] && memcmp(text->base + at, layout->mark, length) == 0 &&
            (at == text->at || mf_text_is_blank(text->base[at - 1])))
            found = pass_version(text, at + length);
    return found;
}

/* What stands behind a backslash, and what it stands for; 0: nothing. */
static const char escaped[256] = {['\\'] = '\\', ['|'] = '|', ['='] = '=', ['n'] = '\n', ['r'] = '\n'};

/* Undoes the escapes of a piece in its place. */
static uint32_t unescape(char *p, uint32_t length)
{
    char *backslash = memchr(p, '\\', length);
    uint32_t to, from;

    if (backslash == NULL)
        return length;
    for (to = from = (uint32_t)(backslash - p); from < length; from++) {
        char c = p[from];

        if (c == '\\' && from + 1 < length && escaped[(unsigned char)p[from + 1]] != 0)
            c = escaped[(unsigned char)p[++from]];
        p[to++] = c;
    }
    return to;
}

/* Up to the next bar without a backslash before it. */
static bool take_header(struct mf_reading_text *text, struct mf_piece_of_text *header)
{
    uint32_t at = text->at;

    *header = (struct mf_piece_of_text){at, 0};
    for (; at < text->end && text->base[at] != '|'; at++)
        if (text->base[at] == '\\')
            at++;
    if (at >= text->end)
        return false;
    header->length = at - header->start;
    text->at = at + 1;
    *header = mf_text_trim(text, *header);
    header->length = unescape(text->base + header->start, header->length);
    return true;
}

static enum mf_skip take_headers(struct mf_reading_text *text, unsigned n)
{
    struct mf_piece_of_text header;

    for (unsigned i = 0; i < n; i++) {
        if (!take_header(text, &header))
            return MF_SKIP_TRUNCATED;
        if (!mf_text_put_column(text, i, header))
            return MF_SKIP_TOO_MANY_NODES;
    }
    return MF_SKIP_NONE;
}

/* ---- pairs ---- */

/* Behind "name=" at `at`, 0 when there is none. Names may have an index: "ad[0]". */
static uint32_t pass_name(const struct mf_reading_text *text, uint32_t at)
{
    uint32_t from = at;

    while (at < text->end && (mf_text_is_name(text->base[at]) || text->base[at] == '[' || text->base[at] == ']'))
        at++;
    return at > from && at < text->end && text->base[at] == '=' ? at + 1 : 0;
}

/* Where the value that begins at `at` ends: at the last separator before the next name, or the text's end. A separator
 * before which a backslash stands is one all the same: only what is listed can be escaped. */
static uint32_t value_end(const struct mf_reading_text *text, uint32_t at, char separator)
{
    for (; at < text->end; at++)
        if (text->base[at] == separator && at + 1 < text->end && pass_name(text, at + 1) != 0)
            break;
    return at;
}

/* ---- labels ---- */

enum { LABELS_MAX = 24 };

/* The name of a member without "Label" at its end; of length 0 when that is not there. */
static struct mf_slice labelled(struct mf_slice name)
{
    static const char label[] = "Label";
    const size_t length = sizeof label - 1;

    if (name.length <= length || memcmp(name.data + name.length - length, label, length) != 0)
        return (struct mf_slice){name.data, 0};
    return (struct mf_slice){name.data, name.length - length};
}

static struct mf_piece_of_text piece_at(const struct mf_record *record, uint32_t node)
{
    return (struct mf_piece_of_text){record->nodes[node].start, record->nodes[node].length};
}

static struct mf_slice text_at(const struct mf_reading_text *text, uint32_t node)
{
    struct mf_piece_of_text piece = piece_at(text->record, node);

    return (struct mf_slice){text->base + piece.start, piece.length};
}

/* The value of the first pair called `name`, among nodes from `first` up to `end`. */
static bool find_pair(const struct mf_reading_text *text, uint32_t first, uint32_t end, struct mf_slice name,
                      uint32_t *value)
{
    for (uint32_t at = first; at < end; at += 2)
        if (mf_slice_equal(text_at(text, at), name)) {
            *value = at + 1;
            return true;
        }
    return false;
}

/* "cs1Label=Factor cs1=push" is also "Factor=push": which of the custom members holds what differs from vendor to vendor. */
static enum mf_skip put_labels(struct mf_reading_text *text, uint32_t first)
{
    uint32_t end = text->record->n_nodes, value = 0;
    unsigned n = 0;

    for (uint32_t at = first; at < end && n < LABELS_MAX; at += 2) {
        struct mf_slice name = labelled(text_at(text, at));

        if (name.length == 0 || text_at(text, at + 1).length == 0)
            continue;
        n++;
        if (find_pair(text, first, end, name, &value) &&
            !mf_text_put(text, piece_at(text->record, at + 1), piece_at(text->record, value)))
            return MF_SKIP_TOO_MANY_NODES;
    }
    return MF_SKIP_NONE;
}

static enum mf_skip take_pairs(struct mf_reading_text *text, char separator)
{
    uint32_t first = text->record->n_nodes;

    while (text->at < text->end) {
        struct mf_piece_of_text name = {text->at, 0}, value;
        uint32_t behind;

        if (text->base[text->at] == separator || mf_text_is_blank(text->base[text->at])) {
            text->at++;
            continue;
        }
        behind = pass_name(text, text->at);
        if (behind == 0)
            return MF_SKIP_BAD_TEXT;
        name.length = behind - 1 - name.start;
        text->at = value_end(text, behind, separator);
        value = mf_text_trim(text, (struct mf_piece_of_text){behind, text->at - behind});
        value.length = unescape(text->base + value.start, value.length);
        if (!mf_text_put(text, name, value))
            return MF_SKIP_TOO_MANY_NODES;
    }
    return put_labels(text, first);
}

/* ---- LEEF's separator ---- */

/* "^", "0x5E", "x5E", or nothing for a tab; '\0' when it is none of these. */
static char separator_of(struct mf_slice text)
{
    unsigned code = 0;

    if (text.length == 0)
        return '\t';
    if (text.length == 1)
        return text.data[0];
    if (text.data[0] == '0') {
        text.data++;
        text.length--;
    }
    if (text.length < 2 || text.length > 3 || mf_ascii_lower(text.data[0]) != 'x')
        return '\0';
    for (size_t i = 1; i < text.length; i++) {
        char c = mf_ascii_lower(text.data[i]);

        if (!is_digit(c) && (c < 'a' || c > 'f'))
            return '\0';
        code = code * 16 + (unsigned)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return (char)(code < 0x80 ? code : 0);
}

/* rsyslog writes a tab as #011 unless it is told not to. */
static void restore_tabs(struct mf_reading_text *text)
{
    char *p = text->base + text->at, *end = text->base + text->end, *to = p;

    if (memchr(p, '\t', (size_t)(end - p)) != NULL)
        return;
    while (p < end) {
        if (end - p >= 4 && memcmp(p, "#011", 4) == 0) {
            *to++ = '\t';
            p += 4;
        } else {
            *to++ = *p++;
        }
    }
    text->end = (uint32_t)(to - text->base);
}

static enum mf_skip take_leef_pairs(struct mf_reading_text *text, bool second_version)
{
    struct mf_piece_of_text header = {0, 0};
    char separator;

    if (second_version && !take_header(text, &header))
        return MF_SKIP_TRUNCATED;
    separator = separator_of((struct mf_slice){text->base + header.start, header.length});
    if (separator == '\0')
        return MF_SKIP_BAD_TEXT;
    if (separator == '\t')
        restore_tabs(text);
    return take_pairs(text, separator);
}

enum mf_skip mf_form_take_cef(struct mf_reading_text *text)
{
    const struct layout *layout = &layouts[text->form->type];
    uint32_t head = find_head(text, layout);
    bool second_version;
    enum mf_skip skip;

    if (head == 0)
        return MF_SKIP_NOT_IDP;
    second_version = first_digit(text, head - 1) == '2';
    text->at = head;
    skip = take_headers(text, layout->n_headers);
    if (skip != MF_SKIP_NONE)
        return skip;
    return text->form->type == MF_FORM_CEF ? take_pairs(text, ' ') : take_leef_pairs(text, second_version);
}
