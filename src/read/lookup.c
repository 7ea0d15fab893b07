/* src/read/lookup.c
 *
 * Paths resolved at one node, and their texts. */

#include "read/lookup.h"

static inline uint32_t four(const char *p)
{
    uint32_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

/* The last 8 bytes, or what there is in some order, with bit 0x20 set in each: the same for texts that differ in ASCII
 * case only. */
static inline uint64_t tail_of(struct mf_slice text)
{
    uint64_t tail = 0;

    if (text.length >= sizeof tail)
        memcpy(&tail, text.data + text.length - sizeof tail, sizeof tail);
    else if (text.length >= 4)
        tail = (uint64_t)four(text.data) << 32 | four(text.data + text.length - 4);
    else
        for (size_t i = 0; i < text.length; i++)
            tail = tail << 8 | (unsigned char)text.data[i];
    return tail | UINT64_C(0x2020202020202020);
}

void mf_words_prepare(struct mf_words *words)
{
    words->lengths = 0;
    for (unsigned i = 0; i < words->n; i++) {
        struct mf_word *word = &words->word[i];

        word->tail = tail_of(word->text);
        words->lengths |= UINT64_C(1) << (word->text.length < 63 ? word->text.length : 63);
    }
}

bool mf_words_find(const struct mf_words *words, struct mf_slice text)
{
    uint64_t tail = tail_of(text);

    for (unsigned i = 0; i < words->n; i++) {
        const struct mf_word *word = &words->word[i];

        if (word->tail == tail && mf_slice_equal_nocase(word->text, text))
            return true;
    }
    return false;
}

void mf_lookup_open(struct mf_lookup *lookup, struct mf_record *record, const struct mf_paths *paths,
                    const struct mf_words *nulls)
{
    lookup->record = record;
    lookup->paths = paths;
    lookup->nulls = nulls;
    memset(lookup->decoded, 0, mf_paths_count(paths) * sizeof lookup->decoded[0]);
}

void mf_lookup_at(struct mf_lookup *lookup, struct mf_record *record, const struct mf_paths *paths,
                  const struct mf_words *nulls, uint32_t node)
{
    mf_lookup_open(lookup, record, paths, nulls);
    mf_paths_resolve(paths, record, node, lookup->found, lookup->twice);
}

/* Text with escapes goes through the scratch buffer; any other lies in the message as it is. */
static struct mf_slice node_text(struct mf_lookup *lookup, uint32_t index)
{
    struct mf_record *record = lookup->record;
    const struct mf_node *node = &record->nodes[index];
    struct mf_slice text;

    if (node->type == MF_NODE_STRING && (node->flags & (MF_NODE_ESCAPED | MF_NODE_SCRATCH)) == 0)
        return (struct mf_slice){record->text + node->start, node->length};
    text = mf_record_text(record, index);
    if (text.data == NULL && node->type == MF_NODE_STRING)
        lookup->overflow = true;
    return text;
}

struct mf_slice mf_lookup_node_text(struct mf_lookup *lookup, uint32_t node)
{
    struct mf_slice text = node_text(lookup, node);

    if (text.length == 0 || mf_words_hold(lookup->nulls, text))
        return (struct mf_slice){NULL, 0};
    return text;
}

struct mf_slice mf_lookup_decode(struct mf_lookup *lookup, unsigned path)
{
    lookup->text[path] = mf_lookup_node_text(lookup, lookup->found[path]);
    lookup->decoded[path] = true;
    return lookup->text[path];
}

bool mf_lookup_exists(struct mf_lookup *lookup, unsigned path)
{
    uint32_t node = lookup->found[path];

    if (node == MF_NO_NODE)
        return false;
    if (lookup->record->nodes[node].type >= MF_NODE_ARRAY)
        return mf_record_child(lookup->record, node) != MF_NO_NODE;
    return mf_lookup_text(lookup, path).length > 0;
}
