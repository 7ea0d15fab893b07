/* src/read/marker.h
 *
 * Which profiles' markers (short byte strings) are in a message: one pass over the bytes for all of them, without
 * parsing. It is the first and mostly the only thing that happens to a message that is not ours, so it has to be
 * cheap.
 *
 * A set is immutable once prepared and may be shared by threads. */

#ifndef MF_READ_MARKER_H
#define MF_READ_MARKER_H

#include "base/slice.h"

#include <stdint.h>

enum { MF_MARKERS_MAX = 256, MF_MARKER_MIN = 4, MF_MARKER_MAX = 64 };

struct mf_markers;

/* NULL when memory is short. */
struct mf_markers *mf_markers_new(void);
void mf_markers_free(struct mf_markers *markers);

/* Whether a text can be a marker: MF_MARKER_MIN to MF_MARKER_MAX printable ASCII characters. */
bool mf_marker_is_fine(struct mf_slice text);

/* Adds a marker on behalf of owner 0..63. False when the set is full or the text is not fine. */
bool mf_markers_add(struct mf_markers *markers, struct mf_slice text, bool nocase, unsigned owner);

/* Once, after the last add. */
void mf_markers_prepare(struct mf_markers *markers);

/* Forgets what this machine can do and others cannot: the answers are the same, and take longer. For tests and for
 * counting instructions. */
void mf_markers_narrow(struct mf_markers *markers);
void mf_markers_widen(struct mf_markers *markers); /* remembers it again */

/* Bit n is set when a marker of owner n is in the bytes. With `any`, only the one that begins first counts (or those that
 * begin at that place), and the search ends there. */
uint64_t mf_markers_find(const struct mf_markers *markers, const char *bytes, size_t length, bool any);

#endif
