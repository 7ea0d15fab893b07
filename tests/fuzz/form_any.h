/* tests/fuzz/form_any.h
 *
 * What the fuzz targets of text share: a form's names, and what must be true of any tape that comes of it. */

#ifndef MF_TESTS_FUZZ_FORM_ANY_H
#define MF_TESTS_FUZZ_FORM_ANY_H

#include "read/form.h"

#include <stdlib.h>

static struct mf_record record, outer;

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* "abc...", one letter a column */
static void name_columns(struct mf_form *form, unsigned n)
{
    form->names = "abcdefgh";
    form->n_columns = n;
    for (unsigned i = 0; i <= n; i++)
        form->name_at[i] = (uint16_t)i;
}

static void check_tape(struct mf_record *tape, uint32_t root)
{
    require(tape->nodes[root].type == MF_NODE_OBJECT && tape->nodes[root].next == tape->n_nodes);
    require((tape->n_nodes - root) % 2 == 1);
    for (uint32_t i = root + 1; i < tape->n_nodes; i++) {
        struct mf_slice text = mf_record_text(tape, i);

        require(tape->nodes[i].type == MF_NODE_STRING && tape->nodes[i].next == i + 1 && tape->nodes[i].depth == 1);
        require(text.data >= tape->scratch && text.data + text.length <= tape->scratch + tape->scratch_used);
        require((i - root) % 2 == 0 || text.length > 0);
    }
}

/* The same text as a message, and as a string of a JSON document: the same members. */
static void try_embedded(const struct mf_form *form, const uint8_t *data, size_t size, enum mf_skip wanted)
{
    static const char digits[] = "0123456789abcdef";
    static char json[16384];
    uint32_t root;
    size_t n = 0;
    enum mf_skip skip;

    if (size > 2048 || memchr(data, '\0', size) != NULL)
        return;
    json[n++] = '"';
    for (size_t i = 0; i < size; i++) {
        if (data[i] >= 0x20 && data[i] != '"' && data[i] != '\\') {
            json[n++] = (char)data[i];
            continue;
        }
        memcpy(json + n, "\\u00", 4);
        json[n + 4] = digits[data[i] >> 4];
        json[n + 5] = digits[data[i] & 15];
        n += 6;
    }
    json[n++] = '"';
    if (mf_record_parse_document(&outer, json, n) != MF_SKIP_NONE)
        return;
    skip = mf_form_embed(&outer, form, 0, &root);
    require(skip == wanted);
    if (skip == MF_SKIP_NONE) {
        check_tape(&outer, root);
        require(outer.n_nodes - root == record.n_nodes);
    } else {
        require(outer.n_nodes == 1);
    }
}

static void try_form(const struct mf_form *form, const uint8_t *data, size_t size)
{
    const struct mf_record_limits limits = {.size = 1 << 16, .nodes = 4096, .depth = 8};
    struct mf_error error;
    enum mf_skip skip;

    if (record.nodes == NULL)
        require(mf_record_init(&record, &limits, &error) == 0 && mf_record_init(&outer, &limits, &error) == 0);
    record.n_nodes = 0;
    skip = mf_form_check((const char *)data, size);
    if (skip == MF_SKIP_NONE)
        skip = mf_form_parse(&record, form, (const char *)data, size);
    require(skip == MF_SKIP_NONE || record.n_nodes == 0);
    if (skip == MF_SKIP_NONE)
        check_tape(&record, 0);
    try_embedded(form, data, size, skip);
}

#endif
