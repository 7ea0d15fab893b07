/* tool/alert_text.h
 *
 * An alert as a line for people: in columns below a head. */

#ifndef MF_TOOL_ALERT_TEXT_H
#define MF_TOOL_ALERT_TEXT_H

#include <stdio.h>

#include "alert_line.h"
#include "console.h"

enum { MF_USER_COLUMN = 20, MF_USER_COLUMN_MOST = 48 };

/* How a level is shown on standard output; mf_console_style(stdout, MF_PLAIN) ends it. */
const char *mf_level_style(enum mf_level level);

/* The names of the columns; `user` is the width of that of users. */
void mf_alert_head(FILE *out, const char *time, const char *state, size_t user);

/* The columns up to where it came from: what an alert and a verdict have both. */
struct mf_alert_columns {
    mf_time time;
    enum mf_level level;
    enum mf_severity severity;
    const char *state;
    struct mf_slice user, provider;
    const char *country, *source;
};
void mf_alert_columns(FILE *out, const struct mf_alert_columns *columns, size_t user);

/* The whole line of an alert. */
void mf_alert_row(FILE *out, const struct mf_alert_line *alert, const char *state, size_t user);

#endif
