/* plugin/alerts.c
 *
 * New messages for the alert ruleset. submitMsg2() takes the message over whatever happens, and tells nobody when a
 * full queue drops it: the queue's own `discarded.full` counts that. */

#include "alerts.h"

#include <json.h>

enum { FACILITY_AUTHPRIV = 10 };

/* ---- the check at configuration time ---- */

void mf_remark(int severity, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    LogMsg(0, RS_RET_CONFIG_ERROR, severity, "mmfatigue: %s", text);
    if (iConfigVerify)
        fprintf(stderr, "rsyslogd: mmfatigue: %s: %s\n", severity == LOG_CRIT ? "error" : "warning", text);
}

/* Two reads of rsyslog's structs, for which there are no accessors: only warnings hang on them. */
static const qqueue_t *own_queue(const ruleset_t *ruleset)
{
    return rulesetHasQueue(ruleset) ? ruleset->pQueue : NULL;
}

void mf_route_check(const struct mf_route *route, const char *name)
{
    const qqueue_t *queue = own_queue(route->ruleset);

    if (queue == NULL) {
        mf_remark(LOG_WARNING,
                  "ruleset \"%s\" takes alerts but has no queue of its own: a destination that is slow to take them "
                  "would stop all logs; write ruleset(name=\"%s\" queue.type=\"LinkedList\" "
                  "queue.timeoutEnqueue=\"0\")",
                  name, name);
        return;
    }
    if (queue->toEnq != 0)
        mf_remark(LOG_WARNING,
                  "the queue of ruleset \"%s\" makes us wait %d ms for a free place when it is full, and all logs "
                  "with us; write ruleset(name=\"%s\" ... queue.timeoutEnqueue=\"0\")",
                  name, queue->toEnq, name);
    if (route->above && !(queue->pszFilePrefix != NULL && queue->bSaveOnShutdown))
        mf_remark(LOG_NOTICE,
                  "ruleset \"%s\" takes alerts and is defined above the action that sends them: if that action's "
                  "ruleset has a queue too, rsyslogd stops ours first at shutdown and its last alerts are lost; "
                  "define \"%s\" below, or give it queue.filename and queue.saveOnShutdown=\"on\"",
                  name, name);
}

/* ---- submitting ---- */

static syslog_pri_t priority_of(enum mf_severity severity)
{
    int level = LOG_INFO;

    switch (severity) {
    case MF_SEVERITY_CRITICAL:
        level = LOG_CRIT;
        break;
    case MF_SEVERITY_HIGH:
        level = LOG_ERR;
        break;
    case MF_SEVERITY_MEDIUM:
        level = LOG_WARNING;
        break;
    case MF_SEVERITY_LOW:
        level = LOG_NOTICE;
        break;
    case MF_SEVERITY_NONE:
        break;
    }
    return (syslog_pri_t)(FACILITY_AUTHPRIV << 3 | level);
}

/* NO_DELAY: we sit inside a queue's worker, so slowing the producer down is not ours to do. */
static void submit(const struct mf_route *route, smsg_t *message)
{
    MsgSetInputName(message, route->input_name);
    MsgSetFlowControlType(message, eFLOWCTL_NO_DELAY);
    MsgSetRuleset(message, route->ruleset);
    submitMsg2(message);
}

bool mf_alert_submit(const struct mf_route *route, const struct mf_alert_text *alert)
{
    static const uchar tag[] = "mfatigue:";
    const uchar *host = glblGetLocalHostName();
    struct json_object *tree;
    smsg_t *message;

    if (msgConstruct(&message) != RS_RET_OK)
        return false;
    MsgSetRawMsg(message, alert->json, alert->length);
    MsgSetMSGoffs(message, 0);
    MsgSetHOSTNAME(message, host, (int)strlen((const char *)host));
    MsgSetRcvFrom(message, route->host);
    MsgSetRcvFromIP(message, route->address);
    MsgSetTAG(message, tag, sizeof tag - 1);
    msgSetPRI(message, priority_of(alert->severity));
    tree = json_tokener_parse(alert->json);
    if (tree != NULL) {
        uchar root[] = "!";

        msgAddJSON(message, root, tree, 1, 0);
    }
    submit(route, message);
    return true;
}

/* The copy names us as its input, so that a ruleset that passes it through the module again does not judge it twice. */
bool mf_record_submit(const struct mf_route *route, smsg_t *message)
{
    smsg_t *copy = MsgDup(message);

    if (copy == NULL)
        return false;
    submit(route, copy);
    return true;
}
