/* src/read/lookup.h
 *
 * The paths of a profile, resolved below one node of a tape, with the text of each decoded at most once. A text
 * that the profile lists in `null_values` counts as absent, and so does an empty one.
 *
 * Belongs to one thread; holds no memory of its own. */

#ifndef MF_READ_LOOKUP_H
#define MF_READ_LOOKUP_H

#include "read/path.h"

/* Some texts, compared without ASCII case. */
struct mf_word {
    struct mf_slice text;
    uint64_t tail; /* its last bytes, by which most others are told apart at once */
};

struct mf_words {
    struct mf_word *word;
    unsigned n;
    uint64_t lengths; /* bit n: there is a word of n bytes; bit 63: of 63 or more */
};

/* Computes `lengths` and the tails, once the words are complete. */
void mf_words_prepare(struct mf_words *words);

bool mf_words_find(const struct mf_words *words, struct mf_slice text);

/* Whether there is a word of this length. */
static inline bool mf_words_may_hold(const struct mf_words *words, size_t length)
{
    return (words->lengths >> (length < 63 ? length : 63) & 1) != 0;
}

static inline bool mf_words_hold(const struct mf_words *words, struct mf_slice text)
{
    return mf_words_may_hold(words, text.length) && mf_words_find(words, text);
}

struct mf_lookup {
    struct mf_record *record;
    const struct mf_paths *paths;
    const struct mf_words *nulls;
    bool overflow; /* a text did not fit into the scratch buffer: what was read is not what the record says */
    uint32_t found[MF_PATHS_MAX];
    bool twice[MF_PATHS_MAX];
    bool decoded[MF_PATHS_MAX];
    struct mf_slice text[MF_PATHS_MAX];
};

/* Resolves nothing: found[] and twice[] are for the caller to fill; `overflow` stays as it is. */
void mf_lookup_open(struct mf_lookup *lookup, struct mf_record *record, const struct mf_paths *paths,
                    const struct mf_words *nulls);

/* Resolves all paths from `node`; `overflow` stays as it is. */
void mf_lookup_at(struct mf_lookup *lookup, struct mf_record *record, const struct mf_paths *paths,
                  const struct mf_words *nulls, uint32_t node);

/* Decodes the text of a path that was found. */
struct mf_slice mf_lookup_decode(struct mf_lookup *lookup, unsigned path);

/* The text of a string, number or literal; absent for anything else, for null, "" and the profile's null values. */
static inline struct mf_slice mf_lookup_text(struct mf_lookup *lookup, unsigned path)
{
    uint32_t index = lookup->found[path];
    const struct mf_node *node;

    if (index == MF_NO_NODE)
        return (struct mf_slice){NULL, 0};
    /* most stand in the message as they are, and cannot be a null value */
    node = &lookup->record->nodes[index];
    if ((unsigned)node->type - MF_NODE_FALSE <= MF_NODE_STRING - MF_NODE_FALSE && node->flags == 0 &&
        node->length > 0 && !mf_words_may_hold(lookup->nulls, node->length))
        return (struct mf_slice){lookup->record->text + node->start, node->length};
    return lookup->decoded[path] ? lookup->text[path] : mf_lookup_decode(lookup, path);
}

/* The same for a node that belongs to no path: an element of an array that a path found. */
struct mf_slice mf_lookup_node_text(struct mf_lookup *lookup, uint32_t node);

/* Whether there is a value: a text as above, or a container with something in it. */
bool mf_lookup_exists(struct mf_lookup *lookup, unsigned path);

#endif
