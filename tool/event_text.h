/* tool/event_text.h
 *
 * What came of a record as a line for people: in columns below a head. */

#ifndef MF_TOOL_EVENT_TEXT_H
#define MF_TOOL_EVENT_TEXT_H

#include "engine.h"
#include "output.h"
#include "sources.h"

struct mf_reading_lines {
    uint64_t n;       /* how many there are */
    const char *file; /* that of the last one */
};

/* Writes one, in columns, and what belongs above it: the head before the first, the name of each file. False when there
 * is no memory for it. */
bool mf_reading_line(struct mf_output *output, struct mf_reading_lines *lines, const struct mf_placed_line *place,
                     const struct mf_reading *reading);

#endif
