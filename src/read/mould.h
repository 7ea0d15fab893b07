/* src/read/mould.h
 *
 * Records of one feed are written alike: the same members in the same order, and only the values differ. What was found
 * out about one such record, byte by byte and path by path, is remembered as a mould: the bytes between the values, and
 * which value answers which path. A record that fits a mould is read by comparing those bytes and checking the values;
 * one that does not is parsed and resolved in full, and then remembered too. The answers are the same either way, to the
 * last reason: a mould only ever says "as before" or nothing.
 *
 * Why they are the same. What a path finds depends on the names of members, on the kinds of values (null, scalar,
 * array, object), and on the texts that a selector compares; all of these belong to the bytes that must be the same.
 * The rest, the text of strings, numbers and truth values, is checked by the reader's own code. Records of which this
 * does not hold are never remembered: with escapes in names, with a member that stands twice, or with a document in a
 * string.
 *
 * Moulds share what they begin with: they are a tree, and a message looks at each piece of it at most once, so that time
 * stays linear whatever was learned. Values that are the same in record after record are found out and compared with the
 * bytes around them (a shortcut, mould_book.h); a message tries at most eight that do not fit. All is bounded in number
 * and size (less than 2 MiB, touched as it fills); when there is no room for another mould, and many records could have
 * used it, all are forgotten. Belongs to one thread. */

#ifndef MF_READ_MOULD_H
#define MF_READ_MOULD_H

#include "read/path.h"
#include "read/record.h"

struct mf_moulds;

enum { MF_MOULD_OWNERS = 64 };

/* A note that is kept with a mould: can what is written so be known by the paths of its owner alone? */
enum mf_mould_note { MF_MOULD_UNASKED, MF_MOULD_SHARED, MF_MOULD_ALONE };

/* All the memory that will ever be used; NULL when there is not enough. */
struct mf_moulds *mf_moulds_new(void);
void mf_moulds_free(struct mf_moulds *moulds);

/* Whether a record is one that mf_moulds_learn() would remember, as far as its size tells. */
bool mf_moulds_may_learn(const struct mf_moulds *moulds, const struct mf_record *record);

/* Remembers the record just parsed (node 0 is its root) and resolved with `paths`, none of which is in doubt. `owner`,
 * below MF_MOULD_OWNERS, keeps the moulds of several sets of paths apart; other paths of the same owner make all be
 * forgotten. Learned again, a mould takes the new note. */
void mf_moulds_learn(struct mf_moulds *moulds, unsigned owner, const struct mf_paths *paths,
                     const struct mf_record *record, const uint32_t *found, enum mf_mould_note note);

/* Takes the note off all moulds. */
void mf_moulds_note_none(struct mf_moulds *moulds);

/* Reads a message that has nothing but one document in it. True when it fits a mould: `record` is as after parsing, but
 * with no other nodes than those in found[] and what lies below them, and found[] is as after resolving, in numbers of
 * such nodes; no path is in doubt; `note` is the one that is kept with it. False: nothing is said, and the record must be parsed. */
bool mf_moulds_fit(struct mf_moulds *moulds, unsigned owner, const struct mf_paths *paths, struct mf_record *record,
                   const char *bytes, size_t length, uint32_t *found, enum mf_mould_note *note);

#endif
