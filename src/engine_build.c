/* src/engine_build.c
 *
 * Builds an engine whole, exchanges its lists, shows its counters; makes workers. */

#include "engine_model.h"

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
    [MF_COUNT_LATE_JUDGED] = {"late_judged", "records behind their feed, judged in their place", false},
    [MF_COUNT_FUTURE_TIMES] = {"future_times", "event times more than time.skew ahead of their arrival", false},
    [MF_COUNT_REPEATED_OUTCOMES] = {"repeated_outcomes", "records that tell a prompt or answer known already", false},
    [MF_COUNT_TABLE_FULL] = {"table_full", "events of users for whom there was no room", false},
    [MF_COUNT_USERS_EVICTED] = {"users_evicted", "users forgotten to make room", false},
    [MF_COUNT_RECENT_EVICTED] = {"recent_evicted", "users whose last hour was forgotten to make room", false},
    [MF_COUNT_INCIDENTS_OPENED] = {"incidents_opened", "incidents opened", false},
    [MF_COUNT_CAMPAIGNS_OPENED] = {"campaigns_opened", "incidents of an address opened", false},
    [MF_COUNT_CAMPAIGNS_REFUSED] = {"campaigns_refused", "incidents of an address not opened because 128 are", false},
    [MF_COUNT_POPULATIONS_REFUSED] = {"populations_refused",
                                      "groups, roles and countries beyond state.populations, judged by everyone's rate",
                                      false},
    [MF_COUNT_GEO_FAILURES] = {"geo_failures", "lookups that met damage in a database of places", true},
    [MF_COUNT_USERS_TRACKED] = {"users_tracked", "users remembered", true},
    [MF_COUNT_INCIDENTS_OPEN] = {"incidents_open", "incidents open", true},
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
    struct mf_list_set *set = mf_lists_adopt(&engine->lists, NULL);
    uint64_t failures = mf_scenery_geo_failures(set->scenery);

    mf_lists_release(&engine->lists, set);
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
    set_gauge(engine, MF_COUNT_TABLE_FULL, table.refused);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPEN, incidents.open);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPENED, incidents.opened);
    set_gauge(engine, MF_COUNT_ALERTS_HELD_BACK, incidents.suppressed);
    set_gauge(engine, MF_COUNT_INCIDENTS_REFUSED, incidents.refused);
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

/* ---- building ---- */

/* The policy's directory, else the caller's (or the other way round), else the installed one. */
static const char *profile_dir(const struct mf_engine *engine, const struct mf_engine_options *options)
{
    if (engine->policy->profile_dir[0] != '\0' && !(options->profile_dir_first && options->profile_dir != NULL))
        return engine->policy->profile_dir;
    return options->profile_dir != NULL ? options->profile_dir : MF_PROFILE_DIR;
}

static int load_profiles(struct mf_engine *engine, const struct mf_engine_options *options, struct mf_error *error)
{
    const struct mf_name_list *wanted = &engine->policy->profiles;
    const char *names[MF_LIST_MAX];

    for (unsigned i = 0; i < wanted->n; i++)
        names[i] = wanted->name[i];
    engine->profiles = mf_profiles_load(profile_dir(engine, options), names, wanted->n, error);
    return engine->profiles == NULL ? -1 : 0;
}

int mf_engine_reload_lists(struct mf_engine *engine, struct mf_error *error)
{
    const struct mf_policy *policy = engine->policy;
    struct mf_scenery *scenery = mf_scenery_load(&policy->scenery, policy->directory, &engine->key, error);

    return scenery == NULL ? -1 : mf_lists_set(&engine->lists, scenery, error);
}

static int build(struct mf_engine *engine, const struct mf_engine_options *options, struct mf_error *error)
{
    engine->policy = mf_policy_load(options->policy_file, error);
    if (engine->policy == NULL || load_profiles(engine, options, error) != 0)
        return -1;
    if (mf_engine_reload_lists(engine, error) != 0)
        return -1;
    engine->table = mf_table_new(&engine->policy->state.table, error);
    if (engine->table == NULL)
        return -1;
    engine->addresses = mf_addresses_new(engine->policy->state.addresses, error);
    if (engine->addresses == NULL)
        return -1;
    engine->baseline = mf_baseline_new(engine->policy->state.populations, error);
    if (engine->baseline == NULL)
        return -1;
    engine->feeds = mf_feeds_new(error);
    if (engine->feeds == NULL)
        return -1;
    engine->campaigns = mf_campaigns_new(&engine->policy->incident, error);
    if (engine->campaigns == NULL)
        return -1;
    engine->incidents = mf_incidents_new(&engine->policy->incident, error);
    return engine->incidents == NULL ? -1 : 0;
}

struct mf_engine *mf_engine_new(const struct mf_engine_options *options, struct mf_error *error)
{
    struct mf_engine *engine = calloc(1, sizeof *engine);

    if (engine == NULL) {
        mf_error_set(error, "not enough memory for an engine");
        return NULL;
    }
    mf_lists_init(&engine->lists);
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
    mf_incidents_free(engine->incidents);
    mf_campaigns_free(engine->campaigns);
    mf_feeds_free(engine->feeds);
    mf_baseline_free(engine->baseline);
    mf_addresses_free(engine->addresses);
    mf_table_free(engine->table);
    mf_lists_fini(&engine->lists);
    mf_profiles_free(engine->profiles);
    mf_policy_free(engine->policy);
    free(engine);
}

const struct mf_policy *mf_engine_policy(const struct mf_engine *engine)
{
    return engine->policy;
}

const struct mf_profiles *mf_engine_profiles(const struct mf_engine *engine)
{
    return engine->profiles;
}

/* The engine's own state but for a lock and a count is not touched, so it may be const to the caller. */
static size_t lists_memory(const struct mf_engine *engine)
{
    struct mf_lists *lists = (struct mf_lists *)&engine->lists;
    struct mf_list_set *set = mf_lists_adopt(lists, NULL);
    size_t bytes = mf_scenery_memory(set->scenery);

    mf_lists_release(lists, set);
    return bytes;
}

size_t mf_engine_memory(const struct mf_engine *engine)
{
    return sizeof *engine + mf_table_memory(engine->table) + mf_feeds_memory(engine->feeds) +
           mf_addresses_memory(engine->addresses) + mf_baseline_bytes(engine->policy->state.populations) +
           mf_incidents_memory(engine->incidents) + mf_campaigns_memory(engine->campaigns) + lists_memory(engine);
}

void mf_engine_describe(const struct mf_engine *engine, mf_time now, void (*line)(void *context, const char *text),
                        void *context)
{
    struct mf_lists *lists = (struct mf_lists *)&engine->lists;
    struct mf_list_set *set = mf_lists_adopt(lists, NULL);

    mf_scenery_describe(set->scenery, now, line, context);
    mf_lists_release(lists, set);
}

size_t mf_engine_user(const struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1])
{
    struct mf_lists *lists = (struct mf_lists *)&engine->lists;
    size_t length;

    if (mf_user_fold(mf_slice_of(name), user, &length) != MF_SKIP_NONE)
        return 0;
    user[length] = '\0';
    struct mf_list_set *set = mf_lists_adopt(lists, NULL);
    struct mf_slice canonical = mf_scenery_user(set->scenery, (struct mf_slice){user, length});
    if (canonical.data != user)
        mf_slice_copy(user, MF_USER_MAX + 1, canonical);
    mf_lists_release(lists, set);
    return strlen(user);
}

struct mf_worker *mf_worker_new(struct mf_engine *engine, struct mf_error *error)
{
    struct mf_worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL) {
        mf_error_set(error, "not enough memory for a worker");
        return NULL;
    }
    worker->engine = engine;
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
    if (worker->lists != NULL)
        mf_lists_release(&worker->engine->lists, worker->lists);
    mf_geo_cache_free(worker->geo);
    mf_reader_free(worker->reader);
    free(worker);
}
