/* src/judge/alert.h
 *
 * Verdict and incident -> one line of JSON: ECS-shaped, ASCII only, at most MF_ALERT_MAX - 1 bytes, fixed order of
 * keys, no array of objects. docs/alert.schema.json describes it. */

#ifndef MF_JUDGE_ALERT_H
#define MF_JUDGE_ALERT_H

#include "judge/incident.h"
#include "judge/verdict.h"

enum { MF_ALERT_MAX = 4096 };

struct mf_alert_text {
    const char *json; /* NUL-terminated, no newline */
    size_t length;
    enum mf_phase phase;
    enum mf_level level;
    enum mf_severity severity;
    const char *incident;
    const char *user;
    bool of_address; /* the incident is that of an address, not of a user */
};

struct mf_alert_names {
    const char *observer;      /* NULL: left out */
    const char *policy_sha256; /* hex, or "defaults" */
    const char *runbook;       /* where it says what to do; NULL, "", or where names are long: the analytic's page */
};

/* Renders into `json` and returns the length. Never fails: evidence is cut first, and said so. */
size_t mf_alert_render(const struct mf_alert *alert, const struct mf_alert_names *names, char json[MF_ALERT_MAX]);

#endif
