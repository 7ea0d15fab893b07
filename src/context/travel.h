/* src/context/travel.h
 *
 * Travel notes: who is where, and when. First and last day are part of the trip, in UTC.
 *
 *     alice@example.com   RO,BG   from=2026-11-01 until=2026-11-20   # customer visit
 *
 * Immutable once loaded, shared by threads without a lock. */

#ifndef MF_CONTEXT_TRAVEL_H
#define MF_CONTEXT_TRAVEL_H

#include "base/time.h"
#include "context/directory.h"

enum { MF_TRAVEL_USER_MAX = 256 }; /* countries in all notes of one user */

struct mf_travel;

/* Reads the file. A user may be written by an alias that the directory (may be NULL) knows; it is not kept. The key is
 * for the hash of the names. NULL with an error that names file and line. */
struct mf_travel *mf_travel_load(const char *file, const struct mf_directory *directory, const struct mf_hash_key *key,
                                 struct mf_error *error);
void mf_travel_free(struct mf_travel *travel);

/* Does a note of the user (canonical login, folded) cover the country (two letters) at that time? `travel` may be NULL
 * (no list). One hash and a walk over the notes of this user. */
bool mf_travel_covers(const struct mf_travel *travel, struct mf_slice user, const char country[2], mf_time time);

/* Notes (lines); those that are over at `now`, and the line of the first (0 = none, `line` may be NULL). */
size_t mf_travel_count(const struct mf_travel *travel);
size_t mf_travel_expired(const struct mf_travel *travel, mf_time now, uint32_t *line);

/* Bytes held. */
size_t mf_travel_memory(const struct mf_travel *travel);

#endif
