/* src/read/form.h
 *
 * Text that is no JSON -> the tape that JSON gives: one object whose members are strings. What forms there are and how
 * each writes its members is said by the profile; from the tape on nothing knows of it.
 *
 *   kv    type="LOGIN", userId="null"   pairs, quoted or not
 *   csv   a,b,"c, d"                    cells, named by their place
 *   cef   CEF:0|vendor|product|...|k=v  ArcSight Common Event Format
 *   leef  LEEF:2.0|vendor|...|k=v       IBM Log Event Extended Format
 *
 * As strict as the reader of JSON: UTF-8 is validated, control bytes (but tabs) are wrong, members that stand twice are
 * two members. Linear in the length, and no memory is taken: the text is copied into the record's scratch buffer, and
 * escapes are undone there. */

#ifndef MF_READ_FORM_H
#define MF_READ_FORM_H

#include "read/record.h"

enum mf_form_type { MF_FORM_KV, MF_FORM_CSV, MF_FORM_CEF, MF_FORM_LEEF };

/* How a quote is written between quotes. */
enum mf_form_escape {
    MF_ESCAPE_NONE,   /* not at all: a quote ends the value where the next pair, or nothing, stands behind it */
    MF_ESCAPE_QUOTE,  /* \" and nothing else */
    MF_ESCAPE_JSON,   /* as in JSON */
    MF_ESCAPE_DOUBLE, /* "" */
};

enum { MF_FORM_COLUMNS_MAX = 128, MF_FORM_NAMES_MAX = 4096 };

/* Compiled by loader_form.c; whole and right when it gets here. */
struct mf_form {
    enum mf_form_type type;
    struct mf_slice quotes; /* characters that may stand around a value; empty: none */
    enum mf_form_escape escape;

    /* kv: what stands between two pairs, a blank for any number of them; words one of which begins the first pair (n_start
     * 0: any name does); and whether what stands before that is a member, whose name is column 0 */
    struct mf_slice between;
    unsigned n_start;
    const struct mf_slice *start;
    bool has_head;

    /* csv: the character between cells, and the name of each cell (empty: it is no member). With anchors the first cell
     * that is one of those words is column `anchor`, and the others count from it, but for the first n_heads, which are
     * the first cells in any case. */
    char separator;
    unsigned n_heads, n_columns, anchor, n_anchors;
    const struct mf_slice *anchors;

    /* The names that are not in the text, one behind the other: column n from name_at[n] up to name_at[n + 1]. */
    const char *names;
    uint16_t name_at[MF_FORM_COLUMNS_MAX + 1];
};

/* The names of the members that CEF and LEEF have before their pairs, in their order; for loader_form.c. */
enum { MF_FORM_HEADERS = 6 };
extern const char *const mf_form_headers[MF_FORM_HEADERS];

/* No provider's line of text is longer: MF_SKIP_TOO_LARGE. */
enum { MF_FORM_TEXT_MAX = 16384 };

/* Whether a message can be of any form: why not, as far as its length and its bytes tell. */
enum mf_skip mf_form_check(const char *bytes, size_t length);

/* Reads a message that was checked. MF_SKIP_NOT_IDP: it is not of this form at all; MF_SKIP_BAD_TEXT and the reasons of
 * JSON. The message need not outlive the call, unlike that of JSON. */
enum mf_skip mf_form_parse(struct mf_record *record, const struct mf_form *form, const char *bytes, size_t length);

/* Whether what one of two forms makes of a message is what the other does. */
bool mf_form_is_same(const struct mf_form *one, const struct mf_form *other);

/* Reads the text of a string on the tape, behind the tape's end; otherwise as mf_record_embed(). */
enum mf_skip mf_form_embed(struct mf_record *record, const struct mf_form *form, uint32_t node, uint32_t *root);

#endif
