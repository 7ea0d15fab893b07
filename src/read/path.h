/* src/read/path.h
 *
 * Compiled paths and their one walk over a tape.
 *
 *   path := step ("." step)*
 *   step := key | "quoted.key" | key selector*  | selector
 *   selector := "[n]" | "[*]" | "[key=v1|v2]"
 *
 *   actor.alternateId
 *   target[type=User].alternateId   first element of the array whose member `type` is "User"; also on a plain object
 *   records[*]                      at the end: the array itself (a plain object stands for an array of one)
 *   events[*].name                  inside: the first element that the rest of the path finds
 *   "log.logger"                    a member whose name holds a dot
 *   .                               the node itself; [*] alone: the node itself as an array
 *
 * A set of paths is merged into a tree of wanted members and resolved in one walk that touches each member of a wanted
 * container once: linear in the record, whatever the number of paths. A set is immutable once built and may be shared
 * by threads. Selector values compare as text without ASCII case; [n] counts from 0. */

#ifndef MF_READ_PATH_H
#define MF_READ_PATH_H

#include "base/error.h"
#include "read/form.h"
#include "read/record.h"

struct mf_paths;

enum { MF_PATHS_MAX = 256 };

struct mf_paths_options {
    bool nocase; /* member names compare without ASCII case */
    /* a.b.c is looked up as one member called "a.b.c" of the top too: the names up to the first selector. Of both
     * spellings the one that stands first counts. */
    bool dotted;
    /* A top-level object whose members are looked up first, as if they stood at the top; absent for none. */
    struct mf_slice lift;
    /* First keys of paths for which the real top level is looked up first instead, and lift second. */
    const struct mf_slice *keep;
    size_t n_keep;
    /* Names of members, at any depth, whose text, when it starts with '{' or '[', is a JSON document to walk into. */
    const struct mf_slice *embedded;
    size_t n_embedded;
    /* The same for members whose text is of a form (form.h), unless it is a JSON document. The form must outlive the
     * paths. */
    const struct mf_slice *embedded_text;
    size_t n_embedded_text;
    const struct mf_form *form;
};

/* NULL and `error` only when memory is short. Strings of `options` are copied. */
struct mf_paths *mf_paths_new(const struct mf_paths_options *options, struct mf_error *error);
void mf_paths_free(struct mf_paths *paths);

/* Adds a path, or finds it again: the same text gives the same id. Ids count from 0. -1 and an error that quotes
 * the text and says what is accepted, for bad syntax or more than MF_PATHS_MAX paths. Not after the first resolve. */
int mf_paths_add(struct mf_paths *paths, struct mf_slice text, unsigned *id, struct mf_error *error);
unsigned mf_paths_count(const struct mf_paths *paths);

/* The text of path `id` as it was added. */
struct mf_slice mf_paths_text(const struct mf_paths *paths, unsigned id);

/* Resolves all paths from `node` in one walk. found[id] = node or MF_NO_NODE; a member with value null counts as not
 * found. twice[id] = true when a member on the way to that path stands twice in its object (with `nocase`, in any
 * case): its value is in doubt, and found[id] is the first. Both arrays have mf_paths_count() entries. False: the record
 * has more members, or more escapes in names, than any provider writes, and all is in doubt. */
bool mf_paths_resolve(const struct mf_paths *paths, struct mf_record *record, uint32_t node, uint32_t *found,
                      bool *twice);

/* ---- for those who remember what a set found ---- */

enum {
    MF_PATHS_COMPARES = 1, /* a selector may compare the value of a member of this name */
    MF_PATHS_UNPACKS = 2,  /* a string in it may be walked into as a document */
    MF_PATHS_READS = 4,    /* a string in it may be read as text of some form */
};

/* What may be done with the value of a member called `name`, wherever it stands. */
unsigned mf_paths_uses(const struct mf_paths *paths, struct mf_slice name);

/* The names whose strings may be walked into, as documents or as text: each `i` from 0 on; absent at the end. No paths at
 * all walk into none. */
struct mf_slice mf_paths_unpacked(const struct mf_paths *paths, size_t i);

/* A number that sets with other paths or options do not share: a mix of all of them. */
uint64_t mf_paths_mark(const struct mf_paths *paths);

#endif
