/* tool/compare.h
 *
 * Whether a record was read as a line of an .expect file says. */

#ifndef MF_TOOL_COMPARE_H
#define MF_TOOL_COMPARE_H

#include "engine.h"
#include "output.h"
#include "wanted.h"

/* The reading as one line of JSON in the output's buffer, which is not written anywhere. */
void mf_reading_write(struct mf_output *output, const struct mf_reading *reading);

/* Says a sentence for each member that is not as wanted. `tape` is for the expectation. */
void mf_reading_compare(struct mf_record *tape, const struct mf_wanted_reading *wanted,
                        const struct mf_reading *reading, unsigned record,
                        void (*say)(void *context, const char *sentence), void *context);

#endif
