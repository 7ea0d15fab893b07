/* tool/clock.h
 *
 * The only file of the tool that asks what time it is. Sub-commands that judge history never do. */

#ifndef MF_TOOL_CLOCK_H
#define MF_TOOL_CLOCK_H

#include "engine.h"

/* By the clock on the wall, in milliseconds. */
mf_time mf_clock_now(void);

/* Milliseconds of a clock that is never set. */
int64_t mf_clock_running(void);

void mf_clock_rest(int64_t milliseconds);

/* A moment as people give it: RFC 3339, or how long ago: "90s", "15m", "24h", "7d". */
bool mf_clock_moment(const char *text, mf_time *moment);

#endif
