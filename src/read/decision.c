/* src/read/decision.c
 *
 * Decisions by the texts that they depend on. The key of a decision is its texts in a row, each behind a byte that says
 * how long it is, and then a byte for each presence. */

#include "read/decision.h"

enum { TEXT_LIMIT = 254, NO_TEXT = 0 }; /* else the byte is the length and one more */

/* ---- what is asked for ---- */

static void add_path(struct mf_inquiry *inquiry, uint16_t *list, unsigned *n, struct mf_ref ref)
{
    for (unsigned i = 0; i < *n; i++)
        if (list[i] == ref.path)
            return;
    if (ref.element || *n == MF_INQUIRY_MAX)
        inquiry->is_plain = false;
    else
        list[(*n)++] = ref.path;
}

static void add_spec(struct mf_inquiry *inquiry, const struct mf_spec *spec)
{
    for (unsigned i = 0; i < spec->n_sources; i++)
        for (unsigned part = 0; part < spec->source[i].n_parts; part++)
            add_path(inquiry, inquiry->text, &inquiry->n_texts, spec->source[i].part[part]);
}

static void add_test(struct mf_inquiry *inquiry, const struct mf_test *test, const struct mf_spec *const *named)
{
    if (test->is_named)
        add_spec(inquiry, named[test->named]);
    else if (test->type == MF_TEST_PRESENT || test->type == MF_TEST_ABSENT)
        add_path(inquiry, inquiry->presence, &inquiry->n_presences, test->ref);
    else
        add_path(inquiry, inquiry->text, &inquiry->n_texts, test->ref);
}

/* Conditions nest a few levels deep, as the loader sees to. */
void mf_inquiry_add(struct mf_inquiry *inquiry, const struct mf_condition *condition,
                    const struct mf_spec *const *named)
{
    for (unsigned i = 0; i < condition->n_tests; i++)
        add_test(inquiry, &condition->test[i], named);
    for (unsigned i = 0; i < condition->n_any; i++)
        mf_inquiry_add(inquiry, &condition->any[i], named);
    for (unsigned i = 0; i < condition->n_none; i++)
        mf_inquiry_add(inquiry, &condition->none[i], named);
}

/* ---- the texts of a record ---- */

/* The text of a path as it is written, absent when the path has found nothing; false when it is no plain text. */
static inline bool plain_text(const struct mf_lookup *lookup, unsigned path, struct mf_slice *text)
{
    uint32_t index = lookup->found[path];
    const struct mf_node *node;

    if (lookup->twice[path])
        return false;
    *text = (struct mf_slice){NULL, 0};
    if (index == MF_NO_NODE)
        return true;
    node = &lookup->record->nodes[index];
    *text = (struct mf_slice){lookup->record->text + node->start, node->length};
    return node->type < MF_NODE_ARRAY && node->flags == 0 && node->length <= TEXT_LIMIT;
}

/* Spreads decisions by the first two texts. */
static bool find_slot(const struct mf_inquiry *inquiry, const struct mf_lookup *lookup, unsigned *slot)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < 2 && i < inquiry->n_texts; i++) {
        struct mf_slice text;

        if (!plain_text(lookup, inquiry->text[i], &text))
            return false;
        sum = sum * 31 + (unsigned)text.length;
        if (text.length > 0)
            sum =
                (sum * 31 + (unsigned char)text.data[text.length - 1]) * 31 + (unsigned char)text.data[text.length / 2];
    }
    *slot = sum % MF_DECISIONS;
    return true;
}

/* Whether eight, or four, bytes are the same. */
static inline bool is_same_word(const char *a, const char *b)
{
    uint64_t words[2];

    memcpy(&words[0], a, 8);
    memcpy(&words[1], b, 8);
    return words[0] == words[1];
}

static inline bool is_same_half(const char *a, const char *b)
{
    uint32_t halves[2];

    memcpy(&halves[0], a, 4);
    memcpy(&halves[1], b, 4);
    return halves[0] == halves[1];
}

/* The same to the letter. The last word may overlap the one before. */
static inline bool is_same(const char *a, const char *b, size_t length)
{
    if (length < 4)
        return memcmp(a, b, length) == 0;
    if (length < 8)
        return is_same_half(a, b) && is_same_half(a + length - 4, b + length - 4);
    for (size_t at = 0; at + 8 < length; at += 8)
        if (!is_same_word(a + at, b + at))
            return false;
    return is_same_word(a + length - 8, b + length - 8);
}

static bool has_key(const struct mf_decision *decision, const struct mf_inquiry *inquiry, struct mf_lookup *lookup)
{
    const char *key = decision->key;

    for (unsigned i = 0; i < inquiry->n_texts; i++) {
        struct mf_slice text;
        unsigned length = (unsigned char)*key++;

        if (!plain_text(lookup, inquiry->text[i], &text))
            return false;
        if (text.data == NULL) {
            if (length != NO_TEXT)
                return false;
            continue;
        }
        if (length != text.length + 1 || !is_same(key, text.data, text.length))
            return false;
        key += text.length;
    }
    for (unsigned i = 0; i < inquiry->n_presences; i++)
        if (lookup->twice[inquiry->presence[i]] || *key++ != mf_lookup_exists(lookup, inquiry->presence[i]))
            return false;
    return true;
}

/* False when there is no key, or no room for it. */
static bool make_key(struct mf_decision *decision, const struct mf_inquiry *inquiry, struct mf_lookup *lookup)
{
    char *key = decision->key, *end = key + sizeof decision->key - inquiry->n_presences;

    for (unsigned i = 0; i < inquiry->n_texts; i++) {
        struct mf_slice text;

        if (!plain_text(lookup, inquiry->text[i], &text) || end - key < (ptrdiff_t)text.length + 1)
            return false;
        *key++ = (char)(text.data == NULL ? NO_TEXT : text.length + 1);
        if (text.data != NULL)
            memcpy(key, text.data, text.length);
        key += text.length;
    }
    for (unsigned i = 0; i < inquiry->n_presences; i++) {
        if (lookup->twice[inquiry->presence[i]])
            return false;
        *key++ = mf_lookup_exists(lookup, inquiry->presence[i]);
    }
    return true;
}

/* ---- decisions ---- */

const struct mf_decision *mf_decisions_find(const struct mf_decisions *decisions, uint64_t mark,
                                            const struct mf_inquiry *inquiry, struct mf_scene *scene)
{
    const struct mf_decision *decision;
    unsigned slot;

    if (!inquiry->is_plain || !find_slot(inquiry, &scene->record, &slot))
        return NULL;
    decision = &decisions->decision[slot];
    return decision->mark == mark && has_key(decision, inquiry, &scene->record) ? decision : NULL;
}

void mf_decisions_keep(struct mf_decisions *decisions, const struct mf_decision *decision,
                       const struct mf_inquiry *inquiry, struct mf_scene *scene)
{
    struct mf_decision *kept;
    unsigned slot;

    if (!inquiry->is_plain || !find_slot(inquiry, &scene->record, &slot))
        return;
    kept = &decisions->decision[slot];
    *kept = *decision;
    if (!make_key(kept, inquiry, &scene->record))
        kept->mark = 0;
}
