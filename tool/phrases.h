/* tool/phrases.h
 *
 * The engine's names in words that an analyst follows without knowing the engine. */

#ifndef MF_TOOL_PHRASES_H
#define MF_TOOL_PHRASES_H

#include <stddef.h>

#include "engine.h"

/* What happened: "the user refused the prompt". */
const char *mf_phrase_kind(enum mf_kind kind);

/* Why a record was not judged, and what would help; both whole sentences. */
const char *mf_phrase_skip(enum mf_skip skip);
const char *mf_phrase_skip_help(enum mf_skip skip);

/* What a signal counts: "prompts", "km/h"; "" for one that answers yes or no. */
const char *mf_phrase_unit(const struct mf_signal *signal);

/* Does it count what lies in its window? For the others the window is something else. */
bool mf_phrase_is_windowed(const struct mf_signal *signal);

/* "volume" "outcome" "source" "session" */
const char *mf_phrase_group(enum mf_group group);

/* What a feed carries, by its bit: "refusals", ..., and how it would come to carry it: "Log ...". */
const char *mf_phrase_carried(unsigned bit);
const char *mf_phrase_carried_help(unsigned bit);

enum { MF_SPAN_TEXT = 48 };

/* A length of time: "15 min", "1 h 20 min", "9 min 35 s", "34 days". Returns `text`. */
const char *mf_phrase_span(mf_time span, char text[MF_SPAN_TEXT]);

/* Appends to a NUL-terminated text, as far as there is room. */
void mf_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same of a piece of text; NULs are left out. */
void mf_append_slice(char *text, size_t size, struct mf_slice slice);

/* Appends names that stand for the bits, with commas between; "nothing" for none. */
void mf_append_carried(char *text, size_t size, unsigned bits);

#endif
