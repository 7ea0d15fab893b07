/* tool/console.h
 *
 * What people see on standard error, and the exit codes that scripts see. Nothing that comes from a file or an
 * argument reaches a terminal as it is: control characters and broken UTF-8 are written out as escapes. */

#ifndef MF_TOOL_CONSOLE_H
#define MF_TOOL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum mf_exit {
    MF_EXIT_OK = 0,
    MF_EXIT_FOUND = 1, /* --fail-on was reached; what was expected did not come */
    MF_EXIT_USAGE = 2,
    MF_EXIT_BAD = 3, /* bad input or configuration */
    MF_EXIT_IO = 4,
};

enum mf_style { MF_PLAIN, MF_BOLD, MF_RED, MF_YELLOW };

/* "auto" (NULL means the same), "always" or "never"; auto obeys NO_COLOR and TERM=dumb. */
void mf_console_color(const char *when);

/* The escape sequence that starts a style on `stream`, "" when it is not to be coloured; MF_PLAIN ends the style. */
const char *mf_console_style(FILE *stream, enum mf_style style);

/* "mfatigue: " and the sentence on standard error; returns `code`, so that a caller can write `return
 * mf_complain(...)`. */
int mf_complain(enum mf_exit code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text from outside, made safe to look at: one line, whatever is in it. */
void mf_console_text(FILE *stream, const char *bytes, size_t length);

/* The same in a column: padded to `width` characters and two blanks. What is longer is not cut: it may be looked for. */
void mf_console_column(FILE *stream, const char *bytes, size_t length, size_t width);

enum { MF_COUNT_TEXT = 28 };

/* 1234567 -> "1,234,567" */
const char *mf_console_count(uint64_t value, char text[MF_COUNT_TEXT]);

/* One figure of a summary, on a line: what there is so much of. */
void mf_console_figure(FILE *stream, const char *what, uint64_t value);

/* How far a long run is, and how long it will take: one line that is written over, on a terminal at standard error and
 * only when the results go elsewhere, or there are none. It appears after a second. */
struct mf_progress {
    bool on, shown;
    int64_t begin, next; /* milliseconds of the monotonic clock */
};

void mf_progress_begin(struct mf_progress *progress, bool results);

/* Cheap, so call it for every record: the clock is read at every 1024th. `total` is 0 when it is not known. */
void mf_progress_show(struct mf_progress *progress, uint64_t records, uint64_t done, uint64_t total);

/* Takes the line away; before anything else is said. */
void mf_progress_end(struct mf_progress *progress);

#endif
