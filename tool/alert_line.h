/* tool/alert_line.h
 *
 * One alert as it stands in a file: docs/alert.md, bare or behind a syslog header. */

#ifndef MF_TOOL_ALERT_LINE_H
#define MF_TOOL_ALERT_LINE_H

#include "engine.h"

enum { MF_REASON_TEXT = 512 };

struct mf_alert_line {
    mf_time time, start, end;
    char id[96];
    char incident[MF_INCIDENT_ID + 1];
    char user[MF_USER_MAX + 1];
    char provider[32];
    char source[MF_IP_TEXT];
    char country[3];
    char reason[MF_REASON_TEXT];
    char rule[64], reference[256];
    char signals[MF_TAG_SIGNALS]; /* names, a blank between */
    enum mf_phase phase;
    enum mf_level level;
    enum mf_severity severity;
    unsigned score, prompts, denied, timeouts, failed, approved, users, suppressed;
    unsigned n_evidence;
    struct mf_slice json; /* the alert alone */
};

/* False when the line is no alert of ours. `record` is the caller's; `json` points into the line. */
bool mf_alert_line_parse(struct mf_record *record, const char *bytes, size_t length, struct mf_alert_line *alert);

/* Is the name one of those in the text, with a blank between? */
bool mf_alert_line_has(const char *signals, const char *name);

#endif
