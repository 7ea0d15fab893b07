/* plugin/mmfatigue.c
 *
 * The rsyslog module: configuration in, messages through, nothing else. What it says with its macros is the life of an
 * action in rsyslogd; watch.c judges, message.c reads and tags, alerts.c submits.
 *
 *   module(load="mmfatigue")
 *   action(type="mmfatigue" policy="/etc/mmfatigue/policy.json" alertRuleset="alerts")
 *
 * Concurrency: an action is shared by its workers and read-only after activateCnf; each worker has a struct mf_worker
 * of its own; engines lock for themselves. doAction disables thread cancellation, because rsyslogd cancels workers hard
 * at a shutdown that takes too long and an engine's lock must not stay locked; after such a cancellation freeInstance
 * comes before freeWrkrInstance, so the latter touches no action. Engines live as long as the configuration, past both.
 *
 * doAction always returns RS_RET_OK: a detector never stops, suspends or delays the logs. */

#include "rsyslog-abi.h"

#include "alerts.h"
#include "message.h"
#include "watch.h"

#include <pthread.h>
#include <stdlib.h>

enum { MESSAGE_SIZE_WANTED = 64 * 1024 };

MODULE_TYPE_OUTPUT;
MODULE_TYPE_NOKEEP;
MODULE_CNFNAME("mmfatigue")

DEF_OMOD_STATIC_DATA;
/* glbl and statsobj change their version with about every release: a daemon of another kind refuses the module here */
DEFobjCurrIf(glbl);
DEFobjCurrIf(prop);
DEFobjCurrIf(ruleset);
DEFobjCurrIf(statsobj);

typedef struct _instanceData {
    struct mf_watch *watch;
    struct mf_source source;
    char *container;
} instanceData;

typedef struct wrkrInstanceData {
    instanceData *pData;
    struct mf_worker *worker; /* NULL: no memory for one, messages pass unjudged */
    struct mf_tag_words words;
} wrkrInstanceData_t;

struct modConfData_s {
    rsconf_t *pConf;
    struct mf_watch *watches;
};

static modConfData_t *loading;
static prop_t *input_name;

static struct cnfparamdescr action_parameters[] = {
    {"policy", eCmdHdlrString, 0},       {"input", eCmdHdlrString, 0},   {"container", eCmdHdlrString, 0},
    {"alertruleset", eCmdHdlrString, 0}, {"forward", eCmdHdlrString, 0}, {"observe", eCmdHdlrBinary, 0},
};
static struct cnfparamblk action_block = {CNFPARAMBLK_VERSION, sizeof action_parameters / sizeof *action_parameters,
                                          action_parameters};

/* ---- an action's parameters ---- */

struct parameters {
    char *policy, *input, *container, *ruleset, *forward;
    bool observe;
};

static void free_parameters(struct parameters *p)
{
    free(p->policy);
    free(p->input);
    free(p->container);
    free(p->ruleset);
    free(p->forward);
}

/* NULL when it is not given. -1: no memory for it, which must not look the same. */
static int read_text(struct cnfparamvals *values, const char *name, char **text)
{
    int at = cnfparamGetIdx(&action_block, name);

    if (at < 0 || !values[at].bUsed)
        return 0;
    *text = es_str2cstr(values[at].val.d.estr, NULL);
    return *text == NULL ? -1 : 0;
}

static int read_parameters(struct cnfparamvals *values, struct parameters *p, struct mf_error *error)
{
    int observe = cnfparamGetIdx(&action_block, "observe");

    p->observe = observe >= 0 && values[observe].bUsed && values[observe].val.d.n != 0;
    if (read_text(values, "policy", &p->policy) < 0 || read_text(values, "input", &p->input) < 0 ||
        read_text(values, "container", &p->container) < 0 || read_text(values, "alertruleset", &p->ruleset) < 0 ||
        read_text(values, "forward", &p->forward) < 0)
        return mf_error_set(error, "out of memory");
    return 0;
}

static int forward_of(const char *text, enum mf_forward *forward, struct mf_error *error)
{
    static const char *const names[] = {NULL, "alert", "record", "both"};

    *forward = MF_FORWARD_ALERT;
    if (text == NULL)
        return 0;
    for (int i = 1; i < 4; i++)
        if (strcmp(text, names[i]) == 0) {
            *forward = (enum mf_forward)i;
            return 0;
        }
    return mf_error_set(error, "forward=\"%s\": it is \"alert\", \"record\" or \"both\"", text);
}

static int refuse_empty(const char *name, const char *text, struct mf_error *error)
{
    if (text != NULL && *text == '\0')
        return mf_error_set(error, "%s=\"\" is empty: name one, or leave the parameter out", name);
    return 0;
}

/* The watch of these settings: an existing one, or a new one. */
static struct mf_watch *join_watch(modConfData_t *conf, const struct mf_watch_settings *settings,
                                   struct mf_error *error)
{
    bool shares;
    struct mf_watch *watch = mf_watch_find(conf->watches, settings, &shares);

    if (shares)
        mf_remark(LOG_WARNING,
                  "two actions have the policy \"%s\" but differ in alertRuleset, forward or observe: they do not "
                  "share what they remember of users",
                  settings->policy == NULL ? "" : settings->policy);
    if (watch != NULL)
        return watch;
    watch = mf_watch_new(settings, (const char *)glblGetLocalHostName(), error);
    if (watch == NULL)
        return NULL;
    watch->next = conf->watches;
    conf->watches = watch;
    return watch;
}

static int has_destination(const struct mf_watch *watch, struct mf_error *error)
{
    if (watch->ruleset != NULL || mf_watch_is_silent(watch))
        return 0;
    return mf_error_set(
        error,
        "alertRuleset is missing: name the ruleset that takes alerts, or write observe=\"on\" to tag messages only");
}

static int set_up(instanceData *action, const struct parameters *p, struct mf_error *error)
{
    struct mf_watch_settings settings = {.policy = p->policy, .ruleset = p->ruleset, .observe = p->observe};

    if (refuse_empty("policy", p->policy, error) < 0 || refuse_empty("alertRuleset", p->ruleset, error) < 0 ||
        forward_of(p->forward, &settings.forward, error) < 0)
        return -1;
    if (mf_source_init(&action->source, p->input == NULL ? "msg" : p->input, error) < 0)
        return -1;
    action->container = mf_container_parse(p->container == NULL ? MF_USUAL_CONTAINER : p->container, error);
    if (action->container == NULL)
        return -1;
    struct mf_watch *watch = join_watch(loading, &settings, error);
    if (watch == NULL || has_destination(watch, error) < 0)
        return -1;
    watch->route.above = false;
    if (p->ruleset != NULL) {
        ruleset_t *found;

        watch->route.above = ruleset.GetRuleset(loading->pConf, &found, (uchar *)p->ruleset) == RS_RET_OK;
    }
    watch->actions++;
    action->watch = watch;
    return 0;
}

/* rsyslogd goes on without an action that it could not create, and an administrator must not learn that from an
 * attack. */
static void say_that_nothing_is_watched(void)
{
    mf_remark(LOG_CRIT,
              "AN ACTION IS NOT IN FORCE because of the error above: its messages are neither judged nor tagged, and "
              "no alert will come of them, until the configuration is mended and rsyslogd started again; rsyslogd "
              "-N1 checks it, and global(abortOnUncleanConfig=\"on\") keeps rsyslogd from starting like this");
}

BEGINcreateInstance
    CODESTARTcreateInstance;
ENDcreateInstance

BEGINfreeInstance
    CODESTARTfreeInstance;
    mf_source_fini(&pData->source);
    free(pData->container);
    if (pData->watch != NULL && --pData->watch->actions == 0)
        mf_watch_stop(pData->watch);
ENDfreeInstance

BEGINnewActInst
    struct cnfparamvals *values = NULL;
    struct parameters parameters = {0};
    struct mf_error error = {0};
    CODESTARTnewActInst;
    values = nvlstGetParams(lst, &action_block, NULL);
    if (values == NULL)
        ABORT_FINALIZE(RS_RET_MISSING_CNFPARAMS);
    CODE_STD_STRING_REQUESTnewActInst(1);
    CHKiRet(OMSRsetEntry(*ppOMSR, 0, NULL, OMSR_TPL_AS_MSG));
    CHKiRet(createInstance(&pData));
    if (read_parameters(values, &parameters, &error) < 0 || set_up(pData, &parameters, &error) < 0) {
        LogError(0, RS_RET_CONF_PARAM_INVLD, "mmfatigue: %s", error.text);
        ABORT_FINALIZE(RS_RET_CONF_PARAM_INVLD);
    }
    CODE_STD_FINALIZERnewActInst;
    if (iRet == RS_RET_OUT_OF_MEMORY)
        LogError(0, iRet, "mmfatigue: out of memory");
    if (iRet != RS_RET_OK)
        say_that_nothing_is_watched();
    free_parameters(&parameters);
    cnfparamvalsDestruct(values, &action_block);
ENDnewActInst

/* ---- the configuration's life ---- */

static void check_message_size(rsconf_t *conf)
{
    int size = glbl.GetMaxLine(conf);

    if (size < MESSAGE_SIZE_WANTED)
        mf_remark(LOG_WARNING,
                  "maxMessageSize is %d bytes: records of identity providers are often longer, would arrive cut off, "
                  "and cannot be judged then; write global(maxMessageSize=\"64k\") at the top of the configuration",
                  size);
}

/* Rulesets may stand anywhere in the file, so they are looked up when all of it has been read. */
static void resolve(struct mf_watch *watch, rsconf_t *conf)
{
    struct mf_error error;

    if (mf_watch_rename(watch, (const char *)glblGetLocalHostName(), &error) < 0)
        LogError(0, RS_RET_CONF_PARAM_INVLD, "mmfatigue: %s", error.text);
    mf_reloader_remark(watch->engine);
    if (watch->ruleset == NULL)
        return;
    if (ruleset.GetRuleset(conf, &watch->route.ruleset, (uchar *)watch->ruleset) != RS_RET_OK) {
        watch->route.ruleset = NULL;
        LogError(0, RS_RET_RULESET_NOT_FOUND,
                 "mmfatigue: alertRuleset=\"%s\": no ruleset of that name is defined anywhere in the configuration: "
                 "messages are tagged, but NO ALERT WILL BE SENT",
                 watch->ruleset);
        return;
    }
    mf_route_check(&watch->route, watch->ruleset);
}

static void check_state(struct mf_watch *watch, rsconf_t *conf)
{
    struct mf_error error;

    if (mf_keep_check(watch->engine, (const char *)glbl.GetWorkDir(conf), &error) < 0)
        LogError(0, RS_RET_CONF_PARAM_INVLD, "mmfatigue: %s", error.text);
}

static void activate(struct mf_watch *watch, unsigned number, rsconf_t *conf)
{
    char name[32] = "mmfatigue";

    if (number > 1)
        snprintf(name, sizeof name, "mmfatigue_%u", number);
    watch->route.input_name = input_name;
    watch->route.host = glbl.GetLocalHostNameProp();
    watch->route.address = glbl.GetLocalHostIP();
    if (mf_watch_show(watch, &statsobj, name) != RS_RET_OK)
        LogError(0, RS_RET_ERR, "mmfatigue: impstats will not show our counters");
    if (mf_watch_start(watch, (const char *)glbl.GetWorkDir(conf), glbl.GetGlobalInputTermState) < 0)
        LogError(0, RS_RET_ERR,
                 "mmfatigue: no thread could be started: incidents will not be closed by time alone, and HUP reloads "
                 "nothing");
}

static unsigned count_in_use(const struct mf_watch *watch)
{
    unsigned n = 0;

    for (; watch != NULL; watch = watch->next)
        n += watch->actions > 0;
    return n;
}

BEGINbeginCnfLoad
    CODESTARTbeginCnfLoad;
    pModConf->pConf = pConf;
    loading = pModConf;
ENDbeginCnfLoad

BEGINendCnfLoad
    CODESTARTendCnfLoad;
ENDendCnfLoad

/* Always RS_RET_OK: the errors have been logged, and activation must come even so, or tags would stop with the
 * alerts. */
BEGINcheckCnf
    CODESTARTcheckCnf;
    if (count_in_use(pModConf->watches) > 0)
        check_message_size(pModConf->pConf);
    for (struct mf_watch *watch = pModConf->watches; watch != NULL; watch = watch->next)
        if (watch->actions > 0) {
            resolve(watch, pModConf->pConf);
            check_state(watch, pModConf->pConf);
        }
ENDcheckCnf

/* The list has the newest first; names count from the top of the file. */
BEGINactivateCnf
    CODESTARTactivateCnf;
    unsigned number = count_in_use(pModConf->watches);
    for (struct mf_watch *watch = pModConf->watches; watch != NULL; watch = watch->next)
        if (watch->actions > 0)
            activate(watch, number--, pModConf->pConf);
ENDactivateCnf

BEGINfreeCnf
    CODESTARTfreeCnf;
    while (pModConf != NULL && pModConf->watches != NULL) {
        struct mf_watch *watch = pModConf->watches;

        pModConf->watches = watch->next;
        if (watch->stats != NULL)
            statsobj.Destruct(&watch->stats);
        mf_watch_free(watch);
    }
ENDfreeCnf

/* ---- workers and messages ---- */

BEGINcreateWrkrInstance
    struct mf_error error;
    CODESTARTcreateWrkrInstance;
    pWrkrData->worker = mf_worker_new(pData->watch->engine, &error);
    if (pWrkrData->worker == NULL)
        LogError(0, RS_RET_OUT_OF_MEMORY, "mmfatigue: messages pass unjudged: %s", error.text);
ENDcreateWrkrInstance

BEGINfreeWrkrInstance
    CODESTARTfreeWrkrInstance;
    mf_worker_free(pWrkrData->worker);
    mf_tag_words_fini(&pWrkrData->words);
ENDfreeWrkrInstance

static void warn_of_cut(struct mf_watch *watch)
{
    mf_count(&watch->counts.cut_messages);
    if (!__atomic_exchange_n(&watch->cut_warned, true, __ATOMIC_RELAXED))
        LogMsg(0, RS_RET_OVERSIZE_MSG, LOG_WARNING,
               "mmfatigue: a message ends inside its JSON and was not judged (maxMessageSize is %d bytes); such "
               "messages are counted as cut_messages, and this is said once",
               glbl.GetMaxLine(runConf));
}

static void look_at(wrkrInstanceData_t *own, smsg_t *message)
{
    instanceData *action = own->pData;
    struct mf_watch *watch = action->watch;
    struct mf_input input;
    struct mf_tag tag;
    enum mf_level level;

    if (mf_message_is_from(message, MF_INPUT_NAME)) {
        mf_count(&watch->counts.own_alerts_skipped);
        return;
    }
    mf_input_open(&input, &action->source, message);
    if (input.tree != NULL)
        mf_count(&watch->counts.tree_input);
    mf_watch_judge(watch, own->worker, input.bytes, input.length, mf_arrival_of(message), &tag, &level);
    mf_input_close(&input);
    if (tag.truncated)
        warn_of_cut(watch);
    if (!mf_message_tag(message, action->container, &tag, &own->words))
        mf_count(&watch->counts.tag_failed);
    mf_watch_forward(watch, own->worker, message, level);
}

BEGINdoAction_NoStrings
    smsg_t **messages = (smsg_t **)pMsgData;
    int state;
    CODESTARTdoAction;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    if (pWrkrData->worker != NULL)
        look_at(pWrkrData, messages[0]);
    pthread_setcancelstate(state, NULL);
ENDdoAction

/* ---- what rsyslog asks of every module ---- */

BEGINisCompatibleWithFeature
    CODESTARTisCompatibleWithFeature;
ENDisCompatibleWithFeature

BEGINdbgPrintInstInfo
    CODESTARTdbgPrintInstInfo;
ENDdbgPrintInstInfo

BEGINtryResume
    CODESTARTtryResume;
ENDtryResume

NO_LEGACY_CONF_parseSelectorAct

    BEGINmodExit CODESTARTmodExit;
mf_message_fini();
if (input_name != NULL)
    prop.Destruct(&input_name);
objRelease(glbl, CORE_COMPONENT);
objRelease(prop, CORE_COMPONENT);
objRelease(ruleset, CORE_COMPONENT);
objRelease(statsobj, CORE_COMPONENT);
ENDmodExit

/* HUP: files that an administrator edits are read again. */
BEGINdoHUP
    CODESTARTdoHUP;
    if (pData->watch != NULL)
        mf_watch_reload(pData->watch);
ENDdoHUP

BEGINqueryEtryPt
    CODESTARTqueryEtryPt;
    CODEqueryEtryPt_STD_OMOD_QUERIES CODEqueryEtryPt_STD_OMOD8_QUERIES CODEqueryEtryPt_STD_CONF2_OMOD_QUERIES
        CODEqueryEtryPt_STD_CONF2_QUERIES CODEqueryEtryPt_doHUP
ENDqueryEtryPt

BEGINmodInit()
    struct mf_error error;
    CODESTARTmodInit;
    *ipIFVersProvided = CURR_MOD_IF_VERSION;
    CODEmodInit_QueryRegCFSLineHdlr;
    CHKiRet(objUse(glbl, CORE_COMPONENT));
    CHKiRet(objUse(prop, CORE_COMPONENT));
    CHKiRet(objUse(ruleset, CORE_COMPONENT));
    CHKiRet(objUse(statsobj, CORE_COMPONENT));
    CHKiRet(prop.Construct(&input_name));
    CHKiRet(prop.SetString(input_name, (uchar *)MF_INPUT_NAME, sizeof MF_INPUT_NAME - 1));
    CHKiRet(prop.ConstructFinalize(input_name));
    if (mf_message_init(&error) < 0) {
        LogError(0, RS_RET_ERR, "mmfatigue: %s", error.text);
        ABORT_FINALIZE(RS_RET_ERR);
    }
ENDmodInit
