/* tool/sources.h
 *
 * The records of all inputs as one stream: one input after the other, or merged by the time of their events. */

#ifndef MF_TOOL_SOURCES_H
#define MF_TOOL_SOURCES_H

#include "engine.h"
#include "flags.h"
#include "input.h"

/* The time of the record in `line`, MF_TIME_NONE when it tells none. */
typedef mf_time (*mf_sources_time_fn)(void *context, const struct mf_line *line);

/* A line and where it stands. */
struct mf_placed_line {
    const char *file; /* NULL when there is only one input */
    struct mf_line line;
};

struct mf_sources;

/* Opens all inputs. NULL, an exit code and the reason when one of them cannot be opened. With `time_of`, records come
 * by time: the next one is always that of the input whose next record is the oldest; the order within an input stays,
 * and a record without a time follows the one before it. Without, they come input by input. */
struct mf_sources *mf_sources_open(const struct mf_arguments *arguments, mf_sources_time_fn time_of, void *context,
                                   struct mf_output *output, int *code, struct mf_error *error);
void mf_sources_close(struct mf_sources *sources);

/* The next line that is not blank; it lives until the next call. False at the end and, with an exit code and the
 * reason, after an error. */
bool mf_sources_next(struct mf_sources *sources, struct mf_placed_line *place, int *code, struct mf_error *error);

/* Bytes read so far, and to read in all: 0 when that is not known. */
void mf_sources_progress(const struct mf_sources *sources, uint64_t *done, uint64_t *total);

/* The members that say where a record stands: "record", the number of its line, and "file" when there are several. */
void mf_json_place(struct mf_output *output, const struct mf_placed_line *place);

#endif
