/* plugin/alerts.h
 *
 * Alerts leave as new messages for a ruleset of the administrator's. Submitting never waits for what that ruleset does
 * when the ruleset has a queue of its own with queue.timeoutEnqueue="0", which mf_route_check() asks for. No lock is
 * held by a caller. */

#ifndef MF_PLUGIN_ALERTS_H
#define MF_PLUGIN_ALERTS_H

#include "rsyslog-abi.h"

#include "engine.h"

/* The input that our messages name; by it they are known and left alone when they pass the module again. */
#define MF_INPUT_NAME "mmfatigue"

/* Says something about the configuration: to the log, and on stderr when rsyslogd only checks it, where it prints none
 * but errors. */
void mf_remark(int severity, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct mf_route {
    ruleset_t *ruleset; /* NULL: nothing is submitted */
    bool above;         /* it was defined before the action that names it */
    prop_t *input_name;
    prop_t *host, *address; /* of this machine */
};

/* Warns about a ruleset that would stall the logs or lose alerts, and says what to write. Reads the configuration
 * only. */
void mf_route_check(const struct mf_route *route, const char *name);

/* The alert's JSON as a message and as its `$!`. False when there is no memory for it. */
bool mf_alert_submit(const struct mf_route *route, const struct mf_alert_text *alert);

/* A copy of the message with its tag. False when there is no memory for it. */
bool mf_record_submit(const struct mf_route *route, smsg_t *message);

#endif
