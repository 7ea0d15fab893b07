/* src/read/form_tape.h
 *
 * The inside of reading text: what all forms do alike. Used by form*.c, seen by nobody else. */

#ifndef MF_READ_FORM_TAPE_H
#define MF_READ_FORM_TAPE_H

#include "read/form.h"

/* A text while it is read. Places count from `base`, because that is what goes on the tape. */
struct mf_reading_text {
    struct mf_record *record;
    const struct mf_form *form;
    char *base;
    uint32_t names;   /* where the form's names are */
    uint32_t at, end; /* of the text; what is at or behind `at` has not been read */
    uint32_t root;
    uint8_t flags; /* of nodes */
};

/* A piece of the text. */
struct mf_piece_of_text {
    uint32_t start, length;
};

static inline bool mf_text_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What the name of a member that is not quoted is made of. */
static inline bool mf_text_is_name(char c)
{
    /* bit n: the byte n; digits, '-' and '.'; letters and '_' */
    static const uint64_t names[4] = {UINT64_C(0x03FF600000000000), UINT64_C(0x07FFFFFE87FFFFFE)};

    return (names[(unsigned char)c / 64] >> ((unsigned char)c % 64) & 1) != 0;
}

static inline struct mf_slice mf_text_rest(const struct mf_reading_text *text)
{
    return (struct mf_slice){text->base + text->at, text->end - text->at};
}

/* Without blanks at both ends. */
struct mf_piece_of_text mf_text_trim(const struct mf_reading_text *text, struct mf_piece_of_text piece);

/* Puts a member on the tape; false when there is no room for it. */
bool mf_text_put(struct mf_reading_text *text, struct mf_piece_of_text name, struct mf_piece_of_text value);

/* The same, named as a column. */
bool mf_text_put_column(struct mf_reading_text *text, unsigned column, struct mf_piece_of_text value);

/* The value between quotes whose first byte is at `at`, unescaped in its place; `at` goes behind the closing quote.
 * `may_close` says whether what stands at a place may stand behind a value: only asked without escapes. */
enum mf_skip mf_text_quoted(struct mf_reading_text *text, char quote,
                            bool (*may_close)(const struct mf_reading_text *text, uint32_t at),
                            struct mf_piece_of_text *value);

/* The forms: each reads `text` to its end. */
enum mf_skip mf_form_take_kv(struct mf_reading_text *text);
enum mf_skip mf_form_take_csv(struct mf_reading_text *text);
enum mf_skip mf_form_take_cef(struct mf_reading_text *text);

#endif
