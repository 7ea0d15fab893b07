/* src/context/ignored.h
 *
 * Logins that are counted and not judged: service accounts, scanners. Exact, or with one '*' at the end or beginning.
 *
 *     backup@example.com
 *     svc-*                     until=2026-12-31   # migration
 *     *@scanner.example.com
 *
 * Immutable once loaded, shared by threads without a lock. */

#ifndef MF_CONTEXT_IGNORED_H
#define MF_CONTEXT_IGNORED_H

#include "base/time.h"
#include "context/directory.h"

struct mf_ignored;

/* Reads the file. An exact name may be an alias that the directory (may be NULL, is not kept) knows; a pattern is held
 * against what mf_ignored_has() is asked. NULL with an error that names file and line. */
struct mf_ignored *mf_ignored_load(const char *file, const struct mf_directory *directory,
                                   const struct mf_hash_key *key, struct mf_error *error);
void mf_ignored_free(struct mf_ignored *ignored);

/* Is the (folded) login on the list at that time? One hash, and one for each different length of pattern that the list
 * holds. `ignored` may be NULL (no list). */
bool mf_ignored_has(const struct mf_ignored *ignored, struct mf_slice user, mf_time now);

/* Entries; those that repeat an earlier one, of which the later end counts; those that have ended at `now`, and the
 * line of the first (0 = none, `line` may be NULL). */
size_t mf_ignored_count(const struct mf_ignored *ignored);
size_t mf_ignored_repeated(const struct mf_ignored *ignored);
size_t mf_ignored_expired(const struct mf_ignored *ignored, mf_time now, uint32_t *line);

/* Bytes held. */
size_t mf_ignored_memory(const struct mf_ignored *ignored);

#endif
