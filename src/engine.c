/* src/engine.c
 *
 * Builds an engine whole, counts, and takes one message from bytes to what is handed out: each of its events is read,
 * judged (judging.h), and told to the caller. */

#include "engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judging.h"

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
    [MF_COUNT_POPULATIONS_REFUSED] = {"populations_refused",
                                      "groups, roles and countries beyond state.populations, judged by everyone's rate",
                                      false},
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

/* Sums over shards and pools, so not for every record. */
static void refresh_gauges(struct mf_engine *engine)
{
    struct mf_table_counts table;
    struct mf_incident_counts incidents;

    mf_table_count(engine->table, &table);
    mf_incidents_count(engine->incidents, &incidents);
    set_gauge(engine, MF_COUNT_USERS_TRACKED, table.users);
    set_gauge(engine, MF_COUNT_USERS_EVICTED, table.users_evicted);
    set_gauge(engine, MF_COUNT_RECENT_EVICTED, table.recent_evicted);
    set_gauge(engine, MF_COUNT_TABLE_FULL, table.refused);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPEN, incidents.open);
    set_gauge(engine, MF_COUNT_INCIDENTS_OPENED, incidents.opened);
    set_gauge(engine, MF_COUNT_ALERTS_HELD_BACK, incidents.suppressed);
    set_gauge(engine, MF_COUNT_INCIDENTS_REFUSED, incidents.refused);
    set_gauge(engine, MF_COUNT_POPULATIONS_REFUSED, mf_baseline_turned_away(engine->baseline));
    set_gauge(engine, MF_COUNT_FEEDS, mf_feeds_count(engine->feeds));
    set_gauge(engine, MF_COUNT_STATE_BYTES, mf_engine_memory(engine));
}

bool mf_engine_counter(struct mf_engine *engine, unsigned index, struct mf_counter *counter)
{
    if (index == 0)
        refresh_gauges(engine);
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

static int build(struct mf_engine *engine, const struct mf_engine_options *options, struct mf_error *error)
{
    engine->policy = mf_policy_load(options->policy_file, error);
    if (engine->policy == NULL || load_profiles(engine, options, error) != 0)
        return -1;
    engine->scenery = mf_scenery_load(&engine->policy->scenery, engine->policy->directory, &engine->key, error);
    if (engine->scenery == NULL)
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
    refresh_gauges(engine);
    return engine;
}

void mf_engine_free(struct mf_engine *engine)
{
    if (engine == NULL)
        return;
    mf_incidents_free(engine->incidents);
    mf_feeds_free(engine->feeds);
    mf_baseline_free(engine->baseline);
    mf_addresses_free(engine->addresses);
    mf_table_free(engine->table);
    mf_scenery_free(engine->scenery);
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

size_t mf_engine_memory(const struct mf_engine *engine)
{
    return sizeof *engine + mf_table_memory(engine->table) + mf_feeds_memory(engine->feeds) +
           mf_addresses_memory(engine->addresses) + mf_baseline_bytes(engine->policy->state.populations) +
           mf_incidents_memory(engine->incidents) + mf_scenery_memory(engine->scenery);
}

void mf_engine_describe(const struct mf_engine *engine, mf_time now, void (*line)(void *context, const char *text),
                        void *context)
{
    mf_scenery_describe(engine->scenery, now, line, context);
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
    mf_geo_cache_free(worker->geo);
    mf_reader_free(worker->reader);
    free(worker);
}

/* ---- handing out ---- */

static void send_alert(struct mf_worker *worker)
{
    struct mf_engine *engine = worker->engine;
    const struct mf_alert_names names = {engine->observer[0] == '\0' ? NULL : engine->observer, engine->policy->sha256};

    mf_engine_count(engine, MF_COUNT_ALERTS, 1);
    if (worker->sink == NULL || worker->sink->alert == NULL)
        return;
    if (engine->created != 0)
        worker->alert.created = engine->created;
    struct mf_alert_text text = {
        .json = worker->json,
        .length = mf_alert_render(&worker->alert, &names, worker->json),
        .phase = worker->alert.phase,
        .level = worker->alert.level,
        .severity = worker->alert.severity,
        .incident = worker->alert.incident,
        .user = worker->alert.user,
    };
    worker->sink->alert(worker->sink->context, &text);
}

static void list_signals(const struct mf_verdict *verdict, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < verdict->n_findings; i++) {
        size_t name = strlen(verdict->finding[i].signal->name);
        if (length + name + 2 > size)
            return;
        if (length > 0)
            text[length++] = ' ';
        memcpy(text + length, verdict->finding[i].signal->name, name + 1);
        length += name;
    }
}

/* The message wears the worst of its events; a skip counts less than any judged one. */
static void put_on_tag(struct mf_worker *worker, const struct mf_judged *judged, enum mf_phase phase)
{
    struct mf_tag *tag = worker->tag;
    bool judged_before = tag->level[0] != '\0';

    tag->truncated |= judged->skip == MF_SKIP_TRUNCATED;
    if (judged->verdict == NULL) {
        if (!judged_before && (tag->status[0] == '\0' || judged->event != NULL))
            tag->status = mf_skip_name(judged->skip);
        return;
    }
    if (phase != MF_PHASE_NONE)
        tag->alert = mf_phase_name(phase);
    if (judged_before && judged->verdict->level < worker->tag_level)
        return;
    worker->tag_level = judged->verdict->level;
    tag->status = "judged";
    tag->level = mf_level_name(judged->verdict->level);
    tag->kind = mf_kind_name(judged->event->kind);
    mf_slice_copy(tag->user, sizeof tag->user, judged->event->user);
    tag->notice = judged->verdict->level >= MF_NOTICE;
    if (!tag->notice)
        return;
    tag->score = judged->verdict->score;
    tag->severity = mf_severity_name(judged->verdict->severity);
    mf_ip_format(&worker->source, tag->source);
    list_signals(judged->verdict, tag->signals, sizeof tag->signals);
    mf_slice_copy(tag->incident, sizeof tag->incident, mf_slice_of(judged->incident));
}

static void hand_out(struct mf_worker *worker, const struct mf_judged *judged, enum mf_phase phase)
{
    if (worker->engine->policy->observe)
        phase = MF_PHASE_NONE; /* nothing is raised */
    if (worker->tag != NULL)
        put_on_tag(worker, judged, phase);
    if (worker->sink != NULL && worker->sink->judged != NULL)
        worker->sink->judged(worker->sink->context, judged);
    if (phase != MF_PHASE_NONE)
        send_alert(worker);
}

static void hand_out_skip(struct mf_worker *worker, const struct mf_reading *reading, enum mf_skip skip)
{
    struct mf_judged judged = {.reading = reading, .skip = skip, .event = reading->event};

    __atomic_fetch_add(&worker->engine->skip[skip], 1, __ATOMIC_RELAXED);
    hand_out(worker, &judged, MF_PHASE_NONE);
}

/* ---- closing ---- */

void mf_engine_tick(struct mf_engine *engine, struct mf_worker *worker, mf_time now, const struct mf_sink *sink)
{
    uint64_t feeds = mf_feeds_count(engine->feeds);

    worker->sink = sink;
    worker->tag = NULL;
    for (unsigned i = 0; i < feeds; i++) {
        mf_time clock = mf_feeds_clock(engine->feeds, i, now);
        if (clock != MF_TIME_NONE)
            mf_close_due(worker, i, clock, send_alert);
    }
    refresh_gauges(engine);
}

/* ---- one message ---- */

static void judge(struct mf_worker *worker, const struct mf_reading *reading)
{
    struct mf_engine *engine = worker->engine;
    struct mf_judging judging;

    mf_judge_event(worker, reading->event, send_alert, &judging);
    if (judging.skip != MF_SKIP_NONE) {
        hand_out_skip(worker, reading, judging.skip);
        return;
    }
    mf_engine_count(engine, MF_COUNT_JUDGED, 1);
    if (worker->verdict.level > MF_NORMAL)
        mf_engine_count(engine, (enum mf_engine_count)(MF_COUNT_NOTICES + (worker->verdict.level - MF_NOTICE)), 1);
    struct mf_judged judged = {
        .reading = reading,
        .event = &judging.event,
        .verdict = &worker->verdict,
        .incident = judging.has_incident ? worker->incident : NULL,
        .explained = judging.explained ? &worker->explained : NULL,
    };
    hand_out(worker, &judged, judging.phase);
}

static void take_reading(void *context, const struct mf_reading *reading)
{
    struct mf_worker *worker = context;

    if (reading->skip != MF_SKIP_NONE) {
        hand_out_skip(worker, reading, reading->skip);
        return;
    }
    mf_engine_count(worker->engine, MF_COUNT_EVENTS, 1);
    judge(worker, reading);
}

static void clear_tag(struct mf_tag *tag)
{
    tag->status = tag->level = tag->kind = tag->severity = tag->alert = "";
    tag->user[0] = tag->source[0] = tag->signals[0] = tag->incident[0] = '\0';
    tag->score = 0;
    tag->notice = tag->truncated = false;
}

void mf_engine_judge(struct mf_engine *engine, struct mf_worker *worker, const char *bytes, size_t length,
                     mf_time arrival, const struct mf_sink *sink, struct mf_tag *tag)
{
    worker->sink = sink;
    worker->explains = sink != NULL && sink->explain;
    worker->tag = tag;
    worker->tag_level = MF_NORMAL;
    if (tag != NULL)
        clear_tag(tag);
    mf_engine_count(engine, MF_COUNT_MESSAGES, 1);
    mf_reader_read(worker->reader, engine->profiles, NULL, bytes, length, arrival, take_reading, worker);
    if (++worker->gauge_age % 4096 == 0)
        refresh_gauges(engine);
}

size_t mf_engine_user(const struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1])
{
    size_t length;

    if (mf_user_fold(mf_slice_of(name), user, &length) != MF_SKIP_NONE)
        return 0;
    user[length] = '\0';
    struct mf_slice canonical = mf_scenery_user(engine->scenery, (struct mf_slice){user, length});
    if (canonical.data != user)
        mf_slice_copy(user, MF_USER_MAX + 1, canonical);
    return strlen(user);
}

void mf_engine_read(struct mf_engine *engine, struct mf_worker *worker, const char *profile, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context)
{
    mf_reader_hurry(worker->reader, false);
    mf_reader_read(worker->reader, engine->profiles, profile, bytes, length, arrival, fn, context);
    mf_reader_hurry(worker->reader, true);
}
