/* src/read/path_tree.h
 *
 * Paths that begin alike share their beginning, so a set of paths is a tree: what is wanted at a place in a record,
 * and below it. A wanted object is walked once, member by member; a small hash table of the names wanted there says
 * which members matter. A wanted array is walked once, element by element, for all selectors together. Most
 * members that do not matter are passed over after a look at the length of their name and its first byte.
 *
 * The tree is complete after every mf_paths_add(), so that resolving never writes to it. Built by path_build.c, walked
 * by path_walk.c, seen by nobody else. */

#ifndef MF_READ_PATH_TREE_H
#define MF_READ_PATH_TREE_H

#include "read/path.h"

#include <string.h>

enum {
    STEPS_MAX = 32, /* of one path; bounds the recursion below */
    NAME_LIMIT = 256,
    NO_ID = MF_PATHS_MAX,
    N_SLOTS = 128, /* of one place */
    MASK_WORDS = MF_PATHS_MAX / 64,
    SELECTORS_MAX = 32,
};

/* One bit for each branch or choice of a place; there are never more of them than paths. */
struct mask {
    uint64_t word[MASK_WORDS];
};

struct place;

/* The name of a member, prepared for comparison by words. */
struct name {
    struct mf_slice text;
    char head[8], mask[8]; /* its first eight bytes, or as many as it has, and which those are */
    char tail[8];          /* its last eight bytes, when it has as many */
    uint32_t length;
};

/* A wanted member of an object. */
struct branch {
    struct name name;
    struct place *to;
    uint16_t next; /* the next in the same slot, counted from 1; 0 for none */
    uint16_t leaf; /* the id of the one path that ends at `to`, when nothing lies below; else NO_ID */
    uint8_t ordinal;
    bool embedded;      /* a string may hold a document to walk into */
    bool embedded_text; /* or text of the form that the profile names */
};

/* [name=v1|v2]: an element of an array, chosen by a member's value. */
struct choice {
    struct mf_slice values; /* with the bars between them */
    bool single;            /* there is no bar */
    struct place *to;
};

/* The choices that look at the same member. */
struct group {
    struct name name;
    struct choice *choices;
    size_t n_choices;
    unsigned first; /* ordinal of choices[0]'s bit: choices of all groups of a place are counted together */
};

/* [n] */
struct position {
    uint32_t index;
    struct place *to;
};

/* What is wanted of one node. */
struct place {
    uint16_t id; /* of the first path that ends here, NO_ID for none */
    bool nocase;
    bool only_members; /* no path ends here and no selector begins here */
    bool borrowed;     /* branches lead to places that belong to somebody else */

    struct branch *branches;
    size_t n_branches;
    uint16_t slots[N_SLOTS]; /* the first branch of each, counted from 1; 0 for none */

    struct group *groups;
    size_t n_groups, n_choices;
    struct position *positions;
    size_t n_positions;
    struct place *each; /* [*] */
};

struct mf_paths {
    struct place *root;
    /* The same branches as root's, in two parts: those that are looked up in the lifted object first, and those that
     * are looked up at the real top level first. NULL without lifting. */
    struct place *lifted, *kept;
    struct mf_slice text[MF_PATHS_MAX];
    uint16_t alias[MF_PATHS_MAX]; /* the next id that stands for the same place, or NO_ID */
    unsigned count;
    uint64_t mark;

    struct mf_slice selector[SELECTORS_MAX]; /* names of the members that selectors compare, held by their groups */
    unsigned n_selectors;
    bool many_selectors; /* more than that: any name may be one */

    bool nocase, dotted;
    struct name lift;
    struct mf_slice *keep, *embedded, *embedded_text;
    size_t n_keep, n_embedded, n_embedded_text;
    const struct mf_form *form;
};

/* ---- names ---- */

/* Length and first byte tell most names of one object apart. The bit that tells small letters from capitals falls out,
 * so one table serves both ways of comparing. An empty name may be asked for too, because a quote stands behind it. */
_Static_assert(4 * ('a' ^ 'A') % N_SLOTS == 0, "letter case must not count");
static inline unsigned slot_of(const char *name, uint32_t length)
{
    return (length + 4U * (unsigned char)*name) % N_SLOTS;
}

static inline uint64_t word_at(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t half_word_at(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static inline bool same_name(struct mf_slice a, struct mf_slice b, bool nocase)
{
    return mf_slice_equal(a, b) || (nocase && mf_slice_equal_nocase(a, b));
}

static inline bool is_listed(struct mf_slice name, const struct mf_slice *list, size_t n, bool nocase)
{
    for (size_t i = 0; i < n; i++)
        if (same_name(name, list[i], nocase))
            return true;
    return false;
}

static inline bool goes_on(const struct place *place)
{
    return place->n_branches + place->n_groups + place->n_positions > 0 || place->each != NULL;
}

#endif
