/* src/engine_build.c
 *
 * Builds an engine whole, exchanges its settings, shows its counters; makes workers. */

#include "engine_model.h"
#include "keys.h"
#include "keeping.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *help;
    bool gauge;
} counter_text[MF_N_COUNTS] = {
    [MF_COUNT_MESSAGES] = {"messages", "messages looked at", false},
    [MF_COUNT_EVENTS] = {"events", "events read from them", false},
    [MF_COUNT_JUDGED] = {"judged", "events judged", false},
    [MF_COUNT_NAMED_BY_ID] = {"named_by_id", "records that name a user by id, whose login was known", false},
    [MF_COUNT_PROMPTS] = {"prompts", "prompts that users saw", false},
    [MF_COUNT_REFUSALS] = {"refusals", "prompts that users refused or reported", false},
    [MF_COUNT_APPROVALS] = {"approvals", "prompts approved and codes accepted", false},
    [MF_COUNT_NOTICES] = {"notices", "records tagged notice", false},
    [MF_COUNT_SUSPICIOUS] = {"suspicious", "records tagged suspicious", false},
    [MF_COUNT_ANOMALOUS] = {"anomalous", "records tagged anomalous", false},
    [MF_COUNT_ALERTS] = {"alerts", "alerts raised", false},
    [MF_COUNT_ALERTS_HELD_BACK] = {"alerts_held_back", "alerts over the cap per minute", false},
    [MF_COUNT_INCIDENTS_REFUSED] = {"incidents_refused",
                                    "incidents not opened because incident.max_open are remembered", false},
    [MF_COUNT_INCIDENTS_DISPLACED] = {"incidents_displaced",
                                      "open incidents forgotten early to make room for anomalous ones", false},
    [MF_COUNT_LATE_JUDGED] = {"late_judged", "records behind their feed, judged in their place", false},
    [MF_COUNT_FUTURE_TIMES] = {"future_times",
                               "event times more than time.skew ahead of their arrival, or far ahead of their feed",
                               false},
    [MF_COUNT_FEEDS_SHARED] = {"feeds_shared", "events of feeds beyond the 256th, which share its entry", false},
    [MF_COUNT_REPEATED_OUTCOMES] = {"repeated_outcomes", "records that tell a prompt or answer known already", false},
    [MF_COUNT_TABLE_FULL] = {"table_full", "events of users for whom there was no room", false},
    [MF_COUNT_USERS_EVICTED] = {"users_evicted", "users forgotten to make room", false},
    [MF_COUNT_RECENT_EVICTED] = {"recent_evicted",
                                 "users of whose last hour only the last prompts were kept, to make room", false},
    [MF_COUNT_TRACES_LOST] = {"traces_lost", "kept last prompts of users that were forgotten to make room", false},
    [MF_COUNT_DELIVERIES_LOST] = {"deliveries_lost",
                                  "events no longer known to have come, though they might come again in time", false},
    [MF_COUNT_WAITS_LOST] = {"waits_lost", "users whose prompts were not waited for, for want of room", false},
    [MF_COUNT_INCIDENTS_OPENED] = {"incidents_opened", "incidents opened", false},
    [MF_COUNT_CAMPAIGNS_OPENED] = {"campaigns_opened", "incidents of an address opened", false},
    [MF_COUNT_CAMPAIGNS_REFUSED] = {"campaigns_refused", "incidents of an address not opened because 128 are", false},
    [MF_COUNT_POPULATIONS_REFUSED] = {"populations_refused",
                                      "groups, roles and countries beyond state.populations, judged by everyone's rate",
                                      false},
    [MF_COUNT_GEO_FAILURES] = {"geo_failures", "lookups that met damage in a database of places", true},
    [MF_COUNT_USERS_EXPIRED] = {"users_expired", "users forgotten because they were not seen for state.ttl", false},
    [MF_COUNT_STATE_SAVES] = {"state_saves", "snapshots written to state.dir", false},
    [MF_COUNT_STATE_SAVE_FAILED] = {"state_save_failed", "snapshots that could not be written", false},
    [MF_COUNT_STATE_DAMAGED] = {"state_damaged", "files of state.dir that were found damaged, and set aside", false},
    [MF_COUNT_STATE_LOST] = {"state_lost", "events that the journal could not take; the next snapshot has them", true},
    [MF_COUNT_ALERTS_AGAIN] = {"alerts_again", "alerts sent after a crash because it is not known that they were",
                               false},
    [MF_COUNT_USERS_TRACKED] = {"users_tracked", "users remembered", true},
    [MF_COUNT_INCIDENTS_OPEN] = {"incidents_open", "incidents open", true},
    [MF_COUNT_IDS_KNOWN] = {"ids_known", "ids of IdPs whose login is known", true},
    [MF_COUNT_FEEDS] = {"feeds", "feeds (idp and tenant) seen", true},
    [MF_COUNT_STATE_BYTES] = {"state_bytes", "memory taken for state", true},
};

/* ---- counters ---- */

static void set_gauge(struct mf_engine *engine, enum mf_engine_count which, uint64_t value)
{
    __atomic_store_n(&engine->counter[which], value, __ATOMIC_RELAXED);
}

static uint64_t geo_failures(struct mf_engine *engine)
{
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    uint64_t failures = mf_scenery_geo_failures(settings->scenery);

    mf_in_force_release(&engine->in_force, settings);
    return failures;
}

/* Sums over shards and pools, so not for every record. */
void mf_engine_refresh_gauges(struct mf_engine *engine)
{
    struct mf_table_counts table;
    struct mf_incident_counts incidents;
    struct mf_campaign_counts campaigns;

    mf_table_count(engine->table, &table);
    mf_incidents_count(engine->incidents, &incidents);
    mf_campaigns_count(engine->campaigns, &campaigns);
    set_gauge(engine, MF_COUNT_CAMPAIGNS_OPENED, campaigns.opened);
    set_gauge(engine, MF_COUNT_CAMPAIGNS_REFUSED, campaigns.refused);
    set_gauge(engine, MF_COUNT_USERS_TRACKED, table.users);
    set_gauge(engine, MF_COUNT_USERS_EVICTED, table.users_evicted);
    set_gauge(engine, MF_COUNT_RECENT_EVICTED, table.recent_evicted);
    set_gauge(engine, MF_COUNT_TRACES_LOST, table.traces_lost);
    set_gauge(engine, MF_COUNT_DELIVERIES_LOST, table.deliveries_lost);
    set_gauge(engine, MF_COUNT_IDS_KNOWN, mf_ids_count(engine->ids));
    set_gauge(engine, MF_COUNT_WAITS_LOST, mf_waits_lost(engine->waits));
    set_gauge(engine, MF_COUNT_TABLE_FULL, table.refused);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPEN, incidents.open);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPENED, incidents.opened);
    set_gauge(engine, MF_COUNT_ALERTS_HELD_BACK, incidents.suppressed);
    set_gauge(engine, MF_COUNT_INCIDENTS_REFUSED, incidents.refused);
    set_gauge(engine, MF_COUNT_INCIDENTS_DISPLACED, incidents.displaced);
    set_gauge(engine, MF_COUNT_POPULATIONS_REFUSED, mf_baseline_turned_away(engine->baseline));
    set_gauge(engine, MF_COUNT_GEO_FAILURES, geo_failures(engine));
    set_gauge(engine, MF_COUNT_FEEDS, mf_feeds_count(engine->feeds));
    set_gauge(engine, MF_COUNT_STATE_BYTES, mf_engine_memory(engine));
}

bool mf_engine_counter(struct mf_engine *engine, unsigned index, struct mf_counter *counter)
{
    if (index == 0)
        mf_engine_refresh_gauges(engine);
    if (index < MF_N_COUNTS) {
        *counter = (struct mf_counter){counter_text[index].name, counter_text[index].help, counter_text[index].gauge,
                                       &engine->counter[index]};
        return true;
    }
    index = index - MF_N_COUNTS + 1; /* MF_SKIP_NONE is not counted */
    if (index >= MF_N_SKIPS)
        return false;
    *counter = (struct mf_counter){engine->skip_name[index], "records without an event, or not judged, for this reason",
                                   false, &engine->skip[index]};
    return true;
}

/* ---- feeds ---- */

bool mf_engine_feed(struct mf_engine *engine, unsigned number, struct mf_feed_facts *facts)
{
    if (number >= mf_feeds_count(engine->feeds))
        return false;
    mf_feeds_facts(engine->feeds, number, facts);
    return true;
}

/* ---- settings ---- */

/* The policy's directory, else the caller's (or the other way round), else the installed one. */
static const char *profile_dir(const struct mf_engine *engine, const struct mf_policy *policy)
{
    if (policy->profile_dir[0] != '\0' && !(engine->profile_dir_first && engine->profile_dir != NULL))
        return policy->profile_dir;
    return engine->profile_dir != NULL ? engine->profile_dir : MF_PROFILE_DIR;
}

/* "keycloak=Europe/Berlin" */
static int place_profiles(struct mf_profiles *profiles, const struct mf_name_list *zones, struct mf_error *error)
{
    for (unsigned i = 0; i < zones->n; i++) {
        const char *text = zones->name[i], *sign = strchr(text, '=');
        struct mf_slice name = {text, sign == NULL ? 0 : (size_t)(sign - text)};
        struct mf_error why;

        if (sign == NULL)
            return mf_error_set(error, "zones: \"%s\": accepted: \"profile=zone\"", text);
        if (mf_profiles_zone(profiles, name, mf_slice_of(sign + 1), &why) != 0)
            return mf_error_set(error, "zones: \"%s\": %s", text, why.text);
    }
    return 0;
}

static int load_profiles(const struct mf_engine *engine, struct mf_settings *settings, struct mf_error *error)
{
    const struct mf_name_list *wanted = &settings->policy->profiles;
    const char *names[MF_LIST_MAX];

    for (unsigned i = 0; i < wanted->n; i++)
        names[i] = wanted->name[i];
    snprintf(settings->profile_dir, sizeof settings->profile_dir, "%s", profile_dir(engine, settings->policy));
    settings->profiles = mf_profiles_load(settings->profile_dir, names, wanted->n, error);
    if (settings->profiles == NULL)
        return -1;
    if (engine->portable)
        mf_profiles_narrow(settings->profiles);
    return place_profiles(settings->profiles, &settings->policy->zones, error);
}

/* Who takes all installed profiles should know when one of them vanishes. */
static void name_gone(const struct mf_profiles *running, const struct mf_profiles *profiles, char *names, size_t size)
{
    size_t used = 0;

    names[0] = '\0';
    for (size_t i = 0; i < mf_profiles_count(running); i++) {
        const char *name = mf_profiles_name(running, i);
        bool there = false;

        for (size_t j = 0; j < mf_profiles_count(profiles); j++)
            there |= strcmp(name, mf_profiles_name(profiles, j)) == 0;
        if (!there && used + strlen(name) + sizeof ", " <= size)
            used += (size_t)snprintf(names + used, size - used, "%s%s", used == 0 ? "" : ", ", name);
    }
}

static struct mf_policy *load_policy(const struct mf_engine *engine, struct mf_error *error)
{
    struct mf_policy *policy;

    if (engine->trial == NULL)
        return mf_policy_load(engine->policy_file, error);
    policy = mf_policy_copy(engine->trial);
    if (policy == NULL)
        mf_error_set(error, "not enough memory for a policy");
    return policy;
}

/* `running` is what is in force, NULL at the start. */
static int load_settings(const struct mf_engine *engine, const struct mf_settings *running,
                         struct mf_settings *settings, struct mf_reload *reload, struct mf_error *error)
{
    struct mf_policy *policy = settings->policy = load_policy(engine, error);

    if (policy == NULL || load_profiles(engine, settings, error) != 0)
        return -1;
    if (running != NULL && reload != NULL) {
        reload->policy_changed = strcmp(policy->sha256, running->policy->sha256) != 0;
        name_gone(running->profiles, settings->profiles, reload->gone, sizeof reload->gone);
        mf_policy_keep(policy, running->policy, reload->at_restart, sizeof reload->at_restart);
    }
    settings->scenery = mf_scenery_load(&policy->scenery, policy->directory, &engine->key, error);
    if (settings->scenery == NULL)
        return -1;
    if (running == NULL || policy->reload.allow_empty)
        return 0;
    return mf_scenery_check_emptied(running->scenery, settings->scenery, &policy->scenery, policy->directory, error);
}

static struct mf_settings *new_settings(const struct mf_engine *engine, const struct mf_settings *running,
                                        struct mf_reload *reload, struct mf_error *error)
{
    struct mf_settings *settings = calloc(1, sizeof *settings);

    if (settings == NULL) {
        mf_error_set(error, "not enough memory for settings");
        return NULL;
    }
    if (load_settings(engine, running, settings, reload, error) != 0) {
        mf_settings_free(settings);
        return NULL;
    }
    return settings;
}

struct mf_settings *mf_engine_prepare(struct mf_engine *engine, struct mf_reload *reload, struct mf_error *error)
{
    struct mf_settings *running = mf_in_force_adopt(&engine->in_force, NULL);
    struct mf_settings *settings = new_settings(engine, running, reload, error);

    mf_in_force_release(&engine->in_force, running);
    return settings;
}

const struct mf_policy *mf_settings_policy(const struct mf_settings *settings)
{
    return settings->policy;
}

void mf_engine_adopt(struct mf_engine *engine, struct mf_settings *settings)
{
    const struct mf_incident_conf incident = settings->policy->incident;

    mf_in_force_exchange(&engine->in_force, settings);
    mf_incidents_configure(engine->incidents, &incident);
    mf_campaigns_configure(engine->campaigns, &incident);
}

int mf_engine_reload(struct mf_engine *engine, struct mf_reload *reload, struct mf_error *error)
{
    struct mf_reload unseen;
    struct mf_settings *settings = mf_engine_prepare(engine, reload == NULL ? &unseen : reload, error);

    if (settings == NULL)
        return -1;
    mf_engine_adopt(engine, settings);
    return 0;
}

/* ---- building ---- */

/* A user with an incident is never forgotten: half of the users may have one. */
static struct mf_incident_conf incident_conf(const struct mf_policy *policy)
{
    struct mf_incident_conf conf = policy->incident;

    if (conf.max_open > policy->state.table.users / 2)
        conf.max_open = policy->state.table.users / 2;
    return conf;
}

static int build_memory(struct mf_engine *engine, const struct mf_policy *policy, struct mf_error *error)
{
    const struct mf_incident_conf incident = incident_conf(policy);

    engine->table = mf_table_new(&policy->state.table, error);
    if (engine->table == NULL)
        return -1;
    engine->addresses = mf_addresses_new(policy->state.addresses, error);
    if (engine->addresses == NULL)
        return -1;
    engine->baseline = mf_baseline_new(policy->state.populations, error);
    if (engine->baseline == NULL)
        return -1;
    engine->feeds = mf_feeds_new(error);
    if (engine->feeds == NULL)
        return -1;
    engine->waits = mf_waits_new(policy->state.table.recent, error);
    if (engine->waits == NULL)
        return -1;
    engine->ids = mf_ids_new(policy->state.ids, error);
    if (engine->ids == NULL)
        return -1;
    engine->campaigns = mf_campaigns_new(&policy->incident, error);
    if (engine->campaigns == NULL)
        return -1;
    engine->incidents = mf_incidents_new(&incident, error);
    return engine->incidents == NULL ? -1 : 0;
}

static int copy_text(const char *text, char **copy, struct mf_error *error)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text != NULL && *copy == NULL ? mf_error_set(error, "not enough memory for an engine") : 0;
}

static int build(struct mf_engine *engine, const struct mf_engine_options *options, struct mf_error *error)
{
    if (copy_text(options->policy_file, &engine->policy_file, error) != 0 ||
        copy_text(options->profile_dir, &engine->profile_dir, error) != 0)
        return -1;
    engine->profile_dir_first = options->profile_dir_first;
    engine->portable = options->portable;
    if (options->policy != NULL && (engine->trial = mf_policy_copy(options->policy)) == NULL)
        return mf_error_set(error, "not enough memory for a policy");
    struct mf_settings *settings = new_settings(engine, NULL, NULL, error);
    if (settings == NULL)
        return -1;
    mf_in_force_exchange(&engine->in_force, settings);
    return build_memory(engine, settings->policy, error);
}

struct mf_engine *mf_engine_new(const struct mf_engine_options *options, struct mf_error *error)
{
    struct mf_engine *engine = calloc(1, sizeof *engine);

    if (engine == NULL) {
        mf_error_set(error, "not enough memory for an engine");
        return NULL;
    }
    mf_in_force_init(&engine->in_force);
    pthread_mutex_init(&engine->workers_lock, NULL);
    engine->key = options->key;
    engine->created = options->created;
    if (options->observer != NULL)
        snprintf(engine->observer, sizeof engine->observer, "%s", options->observer);
    for (unsigned i = 1; i < MF_N_SKIPS; i++)
        snprintf(engine->skip_name[i], sizeof engine->skip_name[i], "skipped_%s", mf_skip_name((enum mf_skip)i));
    if (build(engine, options, error) != 0) {
        mf_engine_free(engine);
        return NULL;
    }
    mf_engine_refresh_gauges(engine);
    return engine;
}

void mf_engine_free(struct mf_engine *engine)
{
    if (engine == NULL)
        return;
    mf_keeping_free(engine);
    pthread_mutex_destroy(&engine->workers_lock);
    mf_incidents_free(engine->incidents);
    mf_campaigns_free(engine->campaigns);
    mf_waits_free(engine->waits);
    mf_ids_free(engine->ids);
    mf_feeds_free(engine->feeds);
    mf_baseline_free(engine->baseline);
    mf_addresses_free(engine->addresses);
    mf_table_free(engine->table);
    mf_in_force_fini(&engine->in_force);
    free(engine->policy_file);
    mf_policy_free(engine->trial);
    free(engine->profile_dir);
    free(engine);
}

/* ---- looking at it ---- */

/* The engine's own state but for a lock and a count is not touched, so it may be const to the caller. */
static struct mf_settings *hold(const struct mf_engine *engine)
{
    return mf_in_force_adopt(&((struct mf_engine *)engine)->in_force, NULL);
}

static void let_go(const struct mf_engine *engine, struct mf_settings *settings)
{
    mf_in_force_release(&((struct mf_engine *)engine)->in_force, settings);
}

const struct mf_policy *mf_engine_policy(const struct mf_engine *engine)
{
    struct mf_settings *settings = hold(engine);
    const struct mf_policy *policy = settings->policy;

    let_go(engine, settings);
    return policy;
}

const struct mf_profiles *mf_engine_profiles(const struct mf_engine *engine)
{
    struct mf_settings *settings = hold(engine);
    const struct mf_profiles *profiles = settings->profiles;

    let_go(engine, settings);
    return profiles;
}

size_t mf_engine_memory(const struct mf_engine *engine)
{
    struct mf_settings *settings = hold(engine);
    size_t bytes = sizeof *engine + mf_table_memory(engine->table) + mf_feeds_memory(engine->feeds) +
                   mf_waits_memory(engine->waits) + mf_ids_memory(engine->ids) +
                   mf_addresses_memory(engine->addresses) + mf_baseline_bytes(settings->policy->state.populations) +
                   mf_incidents_memory(engine->incidents) + mf_campaigns_memory(engine->campaigns) +
                   mf_settings_memory(settings);

    let_go(engine, settings);
    return bytes;
}

void mf_engine_describe(const struct mf_engine *engine, mf_time now, void (*line)(void *context, const char *text),
                        void *context)
{
    struct mf_settings *settings = hold(engine);

    mf_scenery_describe(settings->scenery, now, line, context);
    let_go(engine, settings);
}

void mf_engine_remark(const struct mf_engine *engine, void (*line)(void *context, const char *text), void *context)
{
    struct mf_settings *settings = hold(engine);

    mf_scenery_remark(settings->scenery, &settings->policy->scenery, settings->policy->directory, line, context);
    let_go(engine, settings);
}

void mf_engine_files(const struct mf_engine *engine, void (*file)(void *context, const char *path), void *context)
{
    struct mf_settings *settings = hold(engine);
    char path[MF_PATH_TEXT + 256];

    if (engine->policy_file != NULL)
        file(context, engine->policy_file);
    file(context, settings->profile_dir);
    for (size_t i = 0; i < mf_profiles_count(settings->profiles); i++) {
        snprintf(path, sizeof path, "%s/%s.json", settings->profile_dir, mf_profiles_name(settings->profiles, i));
        file(context, path);
    }
    mf_scenery_files(&settings->policy->scenery, settings->policy->directory, file, context);
    let_go(engine, settings);
}

size_t mf_engine_user(const struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1])
{
    size_t length;

    if (mf_user_fold(mf_slice_of(name), user, &length) != MF_SKIP_NONE)
        return 0;
    user[length] = '\0';
    struct mf_settings *settings = hold(engine);
    struct mf_slice canonical = mf_scenery_user(settings->scenery, (struct mf_slice){user, length});
    if (canonical.data != user)
        mf_slice_copy(user, MF_USER_MAX + 1, canonical);
    let_go(engine, settings);
    return strlen(user);
}

/* ---- workers ---- */

struct mf_worker *mf_worker_new(struct mf_engine *engine, struct mf_error *error)
{
    struct mf_worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL) {
        mf_error_set(error, "not enough memory for a worker");
        return NULL;
    }
    worker->engine = engine;
    mf_keeping_enter(engine, worker);
    worker->reader = mf_reader_new(&mf_record_default_limits, error);
    worker->geo = worker->reader == NULL ? NULL : mf_geo_cache_new(error);
    if (worker->geo == NULL) {
        mf_worker_free(worker);
        return NULL;
    }
    mf_reader_hurry(worker->reader, true);
    return worker;
}

void mf_worker_free(struct mf_worker *worker)
{
    if (worker == NULL)
        return;
    mf_keeping_leave(worker->engine, worker);
    if (worker->settings != NULL)
        mf_in_force_release(&worker->engine->in_force, worker->settings);
    mf_geo_cache_free(worker->geo);
    mf_reader_free(worker->reader);
    free(worker);
}

const struct mf_policy *mf_worker_policy(struct mf_worker *worker)
{
    if (worker->settings == NULL)
        worker->settings = mf_in_force_adopt(&worker->engine->in_force, NULL);
    return worker->settings->policy;
}
