/* src/engine.c
 *
 * One message, from bytes to verdicts and alerts: read, enter the feed, open the user, observe, ask, sum up, step the
 * incident, learn, close the user; then, without any lock, hand out what came of it. */

#include "engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/feeds.h"
#include "memory/table.h"

enum counter {
    MESSAGES,
    EVENTS,
    JUDGED,
    PROMPTS,
    REFUSALS,
    APPROVALS,
    NOTICES,
    SUSPICIOUS,
    ANOMALOUS,
    ALERTS,
    ALERTS_HELD_BACK,
    INCIDENTS_REFUSED,
    LATE_JUDGED,
    FUTURE_TIMES,
    REPEATED_OUTCOMES,
    TABLE_FULL,
    USERS_EVICTED,
    RECENT_EVICTED,
    INCIDENTS_OPENED,
    USERS_TRACKED,
    INCIDENTS_OPEN,
    FEEDS,
    STATE_BYTES,
    N_COUNTERS
};

static const struct {
    const char *name, *help;
    bool gauge;
} counter_text[N_COUNTERS] = {
    [MESSAGES] = {"messages", "messages looked at", false},
    [EVENTS] = {"events", "events read from them", false},
    [JUDGED] = {"judged", "events judged", false},
    [PROMPTS] = {"prompts", "prompts that users saw", false},
    [REFUSALS] = {"refusals", "prompts that users refused or reported", false},
    [APPROVALS] = {"approvals", "prompts approved and codes accepted", false},
    [NOTICES] = {"notices", "records tagged notice", false},
    [SUSPICIOUS] = {"suspicious", "records tagged suspicious", false},
    [ANOMALOUS] = {"anomalous", "records tagged anomalous", false},
    [ALERTS] = {"alerts", "alerts raised", false},
    [ALERTS_HELD_BACK] = {"alerts_held_back", "alerts over the cap per minute", false},
    [INCIDENTS_REFUSED] = {"incidents_refused", "incidents not opened because incident.max_open are remembered", false},
    [LATE_JUDGED] = {"late_judged", "records behind their feed, judged in their place", false},
    [FUTURE_TIMES] = {"future_times", "event times more than time.skew ahead of their arrival", false},
    [REPEATED_OUTCOMES] = {"repeated_outcomes", "records that tell a prompt or answer known already", false},
    [TABLE_FULL] = {"table_full", "events of users for whom there was no room", false},
    [USERS_EVICTED] = {"users_evicted", "users forgotten to make room", false},
    [RECENT_EVICTED] = {"recent_evicted", "users whose last hour was forgotten to make room", false},
    [INCIDENTS_OPENED] = {"incidents_opened", "incidents opened", false},
    [USERS_TRACKED] = {"users_tracked", "users remembered", true},
    [INCIDENTS_OPEN] = {"incidents_open", "incidents open", true},
    [FEEDS] = {"feeds", "feeds (idp and tenant) seen", true},
    [STATE_BYTES] = {"state_bytes", "memory taken for state", true},
};

struct mf_engine {
    struct mf_policy *policy;
    struct mf_profiles *profiles;
    struct mf_table *table;
    struct mf_feeds *feeds;
    struct mf_incidents *incidents;
    struct mf_hash_key key;
    mf_time created;
    char observer[256];
    uint64_t counter[N_COUNTERS];
    uint64_t skip[MF_N_SKIPS];
    char skip_name[MF_N_SKIPS][40];
};

struct mf_worker {
    struct mf_engine *engine;
    struct mf_reader *reader;
    const struct mf_sink *sink;
    struct mf_tag *tag;
    enum mf_level tag_level;
    unsigned gauge_age;
    struct mf_verdict verdict;
    struct mf_view view;
    struct mf_alert alert;
    char json[MF_ALERT_MAX];
    char incident[MF_INCIDENT_ID + 1];
    struct mf_ip source; /* of the user's run: what a tag names */
};

/* names of incidents are the same in every run and on every host: this key is no secret */
static const struct mf_hash_key name_key = {0x6d66617469677565u, 0x696e636964656e74u};

/* ---- counters ---- */

static void count(struct mf_engine *engine, enum counter which, uint64_t n)
{
    __atomic_fetch_add(&engine->counter[which], n, __ATOMIC_RELAXED);
}

static void set_gauge(struct mf_engine *engine, enum counter which, uint64_t value)
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
    set_gauge(engine, USERS_TRACKED, table.users);
    set_gauge(engine, USERS_EVICTED, table.users_evicted);
    set_gauge(engine, RECENT_EVICTED, table.recent_evicted);
    set_gauge(engine, TABLE_FULL, table.refused);
    set_gauge(engine, INCIDENTS_OPEN, incidents.open);
    set_gauge(engine, INCIDENTS_OPENED, incidents.opened);
    set_gauge(engine, ALERTS_HELD_BACK, incidents.suppressed);
    set_gauge(engine, INCIDENTS_REFUSED, incidents.refused);
    set_gauge(engine, FEEDS, mf_feeds_count(engine->feeds));
    set_gauge(engine, STATE_BYTES, mf_engine_memory(engine));
}

bool mf_engine_counter(struct mf_engine *engine, unsigned index, struct mf_counter *counter)
{
    if (index == 0)
        refresh_gauges(engine);
    if (index < N_COUNTERS) {
        *counter = (struct mf_counter){counter_text[index].name, counter_text[index].help, counter_text[index].gauge,
                                       &engine->counter[index]};
        return true;
    }
    index = index - N_COUNTERS + 1; /* MF_SKIP_NONE is not counted */
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
    engine->table = mf_table_new(&engine->policy->state, error);
    if (engine->table == NULL)
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
    mf_table_free(engine->table);
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
           mf_incidents_memory(engine->incidents);
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
    if (worker->reader == NULL) {
        free(worker);
        return NULL;
    }
    mf_reader_hurry(worker->reader, true);
    return worker;
}

void mf_worker_free(struct mf_worker *worker)
{
    if (worker == NULL)
        return;
    mf_reader_free(worker->reader);
    free(worker);
}

/* ---- keys ---- */

enum { KEY_TEXT = 2048 };

struct key_text {
    size_t length;
    char text[KEY_TEXT];
};

/* Parts are joined by a byte that no part can hold. An over-long part counts by its hash. */
static void add_part(struct key_text *key, const struct mf_hash_key *with, struct mf_slice part)
{
    struct mf_hash hash;

    if (key->length + part.length + 1 > KEY_TEXT - sizeof hash) {
        hash = mf_hash_bytes(with, part.data, part.length);
        part = (struct mf_slice){(const char *)&hash, sizeof hash};
    }
    if (key->length + part.length + 1 > KEY_TEXT)
        return;
    if (part.length > 0)
        memcpy(key->text + key->length, part.data, part.length);
    key->length += part.length;
    key->text[key->length++] = '\0';
}

static struct mf_hash hash_parts(const struct mf_hash_key *key, const struct mf_slice *part, size_t n)
{
    struct key_text text;

    text.length = 0;
    for (size_t i = 0; i < n; i++)
        add_part(&text, key, part[i]);
    return mf_hash_bytes(key, text.text, text.length);
}

/* one realm: a person seen through two providers is one state */
static struct mf_hash user_key(const struct mf_engine *engine, const struct mf_event *event)
{
    struct mf_hash hash = hash_parts(&engine->key, (struct mf_slice[]){mf_slice_of("user"), event->user}, 2);

    if (hash.lo == 0 && hash.hi == 0)
        hash.lo = 1; /* all zero means a free record */
    return hash;
}

static struct mf_hash feed_key(const struct mf_engine *engine, const struct mf_event *event)
{
    return hash_parts(&engine->key, (struct mf_slice[]){mf_slice_of("feed"), event->idp, event->tenant}, 3);
}

/* Of what makes a repeated delivery the same: the profile's dedup fields (the kind is one), provider, tenant and user.
 * Compared within one user only, and seeded with the keyed hash of that user, so that nobody outside can aim at
 * another record's mark. */
static uint32_t delivery_mark(const struct mf_user *user, const struct mf_event *event)
{
    uint64_t seed = user->key.lo;

    if (event->dedup.length == 0)
        return 0;
    seed = mf_mix_text(seed, event->idp);
    seed = mf_mix_text(seed, event->tenant);
    seed = mf_mix_text(seed, event->dedup);
    return mf_mix_fold(seed);
}

static struct mf_hash incident_key(const struct mf_event *event)
{
    struct mf_slice time = {(const char *)&event->time, sizeof event->time};

    return hash_parts(&name_key, (struct mf_slice[]){event->idp, event->tenant, event->user, event->id, time}, 5);
}

/* ---- judging one event, the user's shard locked ---- */

/* An accepted authentication: the IdP let the user in, as far as the record tells. A right password is not one, MFA
 * may follow. */
static bool is_accepted(const struct mf_event *event)
{
    return (event->kind == MF_MFA_SUCCESS || event->kind == MF_SESSION_START) && !event->answer_source;
}

static unsigned history_days(const struct mf_user *user, mf_time now)
{
    return user->first_seen == MF_TIME_NONE || now < user->first_seen ? 0
                                                                      : (unsigned)((now - user->first_seen) / MF_DAY);
}

/* How the run stands as a whole. */
static void stand(const struct mf_recent *recent, const struct mf_view *view, const struct mf_totals *totals,
                  struct mf_standing *standing)
{
    bool familiar = false, unfamiliar = false;

    for (unsigned i = 0; i < view->n; i++) {
        if (view->attempt[i].time < recent->run.start)
            continue;
        familiar |= (view->attempt[i].flags & MF_ATTEMPT_FAMILIAR) != 0;
        unfamiliar |= (view->attempt[i].flags & MF_ATTEMPT_UNFAMILIAR) != 0;
    }
    standing->familiar = familiar && !unfamiliar;
    standing->refused = totals->denied > 0;
    standing->prompts = totals->prompts;
    standing->owned = recent->run.approved || recent->run.factor_change;
}

static bool any_timeout_inferred(const struct mf_recent *recent, const struct mf_view *view)
{
    for (unsigned i = 0; i < view->n; i++)
        if (view->attempt[i].outcome == MF_TIMEOUT && recent->attempt[i].outcome == MF_OPEN)
            return true;
    return false;
}

/* Asks as of the record's time and, when others lie behind it (it came late), as of each of theirs too. */
static void ask_all(struct mf_worker *worker, struct mf_context *context, struct mf_recent *recent, mf_time now)
{
    const struct mf_policy *policy = worker->engine->policy;
    struct mf_run *run = &recent->run;

    context->current = true;
    mf_user_view(recent, now, &policy->time, &worker->view);
    mf_verdict_ask(policy->signal, context, &worker->view, now, run);
    context->current = false;
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        mf_time moments[2] = {recent->base + recent->attempt[i].time, recent->base + recent->attempt[i].settled};
        for (unsigned j = 0; j < 2; j++) {
            if (moments[j] <= now || (j == 1 && moments[1] == moments[0]))
                continue;
            mf_user_view(recent, moments[j], &policy->time, &worker->view);
            mf_verdict_ask(policy->signal, context, &worker->view, moments[j], run);
        }
    }
}

/* The verdict of the run as it stands, with and after this event. */
static void sum_up(struct mf_worker *worker, struct mf_recent *recent, const struct mf_sighting *sighting,
                   bool is_factor_change, struct mf_totals *totals)
{
    const struct mf_policy *policy = worker->engine->policy;
    mf_time last = recent->run.last > sighting->time ? recent->run.last : sighting->time;
    struct mf_standing standing;

    mf_user_view(recent, last, &policy->time, &worker->view);
    *totals = mf_run_totals(&recent->run, &worker->view);
    stand(recent, &worker->view, totals, &standing);
    mf_verdict_sum(&policy->verdict, &recent->run, &standing, &worker->verdict);

    /* the attack owns an approval, or a factor change, that comes when the run is suspicious already, or makes it so */
    if (worker->verdict.level < MF_SUSPICIOUS)
        return;
    bool approval = mf_run_approved_since(&recent->run, &worker->view, sighting->time);
    if (approval || is_factor_change) {
        recent->run.approved |= approval;
        recent->run.factor_change |= is_factor_change;
        standing.owned = true;
        mf_verdict_sum(&policy->verdict, &recent->run, &standing, &worker->verdict);
    }
}

static void learn(struct mf_engine *engine, struct mf_user *user, const struct mf_event *event,
                  const struct mf_source_values *source, const struct mf_verdict *verdict, unsigned feed)
{
    const struct mf_run *run = &user->recent->run;
    bool running = run->start != MF_TIME_NONE && event->time <= run->last + MF_RUN_GAP;

    if (verdict->level >= MF_SUSPICIOUS) {
        mf_user_unlearn(user, run->start);
        return;
    }
    if (!is_accepted(event) || (running && user->incident != 0))
        return;
    mf_user_learn(user, source, event->time);
    mf_feeds_learn(engine->feeds, feed, source, event->time);
}

/* A run that ends is added to the incident that it belonged to before its totals are forgotten. */
static void fold_ended_run(struct mf_engine *engine, const struct mf_user *user, const struct mf_event *event,
                           uint32_t mark)
{
    const struct mf_run *run = &user->recent->run;
    struct mf_view view;

    if (user->incident == 0 || run->start == MF_TIME_NONE || !mf_kind_is_judged(event->kind) ||
        event->time - run->last < MF_RUN_GAP || mf_user_has_seen(user, mark))
        return;
    mf_user_view(user->recent, run->last + MF_RUN_GAP, &engine->policy->time, &view);
    struct mf_totals totals = mf_run_totals(run, &view);
    mf_incident_fold(engine->incidents, user, &totals);
}

static void count_event(struct mf_engine *engine, const struct mf_event *event, const struct mf_sighting *sighting)
{
    if (sighting->repeat) {
        count(engine, REPEATED_OUTCOMES, 1);
        return;
    }
    count(engine, PROMPTS, event->prompts);
    if (event->kind == MF_MFA_DENIED || event->kind == MF_MFA_FRAUD)
        count(engine, REFUSALS, 1);
    if (sighting->approval)
        count(engine, APPROVALS, 1);
}

/* The user's part of it: true when an alert is to be sent. */
static bool judge_user(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                       const struct mf_entry *entry, const struct mf_source_values *source,
                       struct mf_sighting *sighting)
{
    struct mf_engine *engine = worker->engine;
    struct mf_place place = mf_user_place(user, source, event->time, &entry->tenant);
    struct mf_incident_step step = {0};
    uint32_t mark = delivery_mark(user, event);

    fold_ended_run(engine, user, event, mark);
    mf_user_observe(user, event, mark, &place, &engine->policy->time, sighting);
    memset(&worker->verdict, 0, offsetof(struct mf_verdict, finding));
    if (sighting->duplicate)
        return false;
    count_event(engine, event, sighting);
    if (!sighting->judged) {
        learn(engine, user, event, source, &worker->verdict, entry->feed);
        return false;
    }

    struct mf_context context = {.event = event, .user = user, .place = &place};
    ask_all(worker, &context, user->recent, sighting->time);
    sum_up(worker, user->recent, sighting, mf_kind_is_factor_change(event->kind), &step.totals);
    worker->source = user->recent->run.source.ip;
    learn(engine, user, event, source, &worker->verdict, entry->feed);

    step.event = event;
    step.sighting = sighting;
    step.verdict = &worker->verdict;
    if (user->incident == 0 && worker->verdict.level >= (enum mf_level)engine->policy->alert_level)
        step.id = incident_key(event);
    step.alert_level = (enum mf_level)engine->policy->alert_level;
    step.feed = entry->feed;
    step.history_days = history_days(user, event->time);
    step.timeouts_inferred = any_timeout_inferred(user->recent, &worker->view);
    return mf_incident_step(engine->incidents, user, &step, &worker->alert);
}

/* ---- handing out ---- */

static void send_alert(struct mf_worker *worker)
{
    struct mf_engine *engine = worker->engine;
    const struct mf_alert_names names = {engine->observer[0] == '\0' ? NULL : engine->observer, engine->policy->sha256};

    count(engine, ALERTS, 1);
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

static void close_due(struct mf_worker *worker, unsigned feed, mf_time now)
{
    struct mf_engine *engine = worker->engine;
    struct mf_totals totals = {0};
    struct mf_shard *shard;
    struct mf_hash key;

    while (mf_incidents_due(engine->incidents, feed, now, &key)) {
        struct mf_user *user = mf_table_find(engine->table, key, &shard);
        if (user == NULL)
            return; /* cannot be: a user with an incident is never evicted */
        memset(&totals, 0, sizeof totals);
        if (user->recent != NULL && user->recent->run.start != MF_TIME_NONE) {
            mf_user_view(user->recent, now, &engine->policy->time, &worker->view);
            totals = mf_run_totals(&user->recent->run, &worker->view);
        }
        bool sent = mf_incident_close(engine->incidents, user, now, &totals, &worker->alert);
        mf_table_close(shard);
        if (sent && !engine->policy->observe)
            send_alert(worker);
    }
}

void mf_engine_tick(struct mf_engine *engine, struct mf_worker *worker, mf_time now, const struct mf_sink *sink)
{
    uint64_t feeds = mf_feeds_count(engine->feeds);

    worker->sink = sink;
    worker->tag = NULL;
    for (unsigned i = 0; i < feeds; i++) {
        mf_time clock = mf_feeds_clock(engine->feeds, i, now);
        if (clock != MF_TIME_NONE)
            close_due(worker, i, clock);
    }
    refresh_gauges(engine);
}

/* ---- one message ---- */

static void judge_event(struct mf_worker *worker, const struct mf_reading *reading)
{
    struct mf_engine *engine = worker->engine;
    struct mf_event event = *reading->event;
    struct mf_source_values source = mf_source_values(&event);
    struct mf_entry entry;
    struct mf_sighting sighting;
    struct mf_shard *shard;

    mf_feeds_enter(engine->feeds, feed_key(engine, &event), &event, &engine->policy->time, &source, &entry);
    count(engine, FUTURE_TIMES, entry.clamped);
    if (entry.arrival == MF_TOO_LATE) {
        hand_out_skip(worker, reading, MF_SKIP_LATE);
        return;
    }
    count(engine, LATE_JUDGED, entry.arrival == MF_LATE_JUDGED);
    close_due(worker, entry.feed, entry.watermark);

    struct mf_user *user = mf_table_open(engine->table, user_key(engine, &event), event.time, &shard);
    if (user == NULL) {
        hand_out_skip(worker, reading, MF_SKIP_TABLE_FULL);
        return;
    }
    bool sent = judge_user(worker, user, &event, &entry, &source, &sighting);
    bool has_incident = mf_incident_name(engine->incidents, user, worker->incident);
    mf_table_close(shard);

    if (sighting.duplicate) {
        hand_out_skip(worker, reading, MF_SKIP_DUPLICATE);
        return;
    }
    count(engine, JUDGED, 1);
    if (worker->verdict.level > MF_NORMAL)
        count(engine, (enum counter)(NOTICES + (worker->verdict.level - MF_NOTICE)), 1);
    struct mf_judged judged = {
        .reading = reading,
        .event = &event,
        .verdict = &worker->verdict,
        .incident = has_incident ? worker->incident : NULL,
    };
    hand_out(worker, &judged, sent ? worker->alert.phase : MF_PHASE_NONE);
}

static void take_reading(void *context, const struct mf_reading *reading)
{
    struct mf_worker *worker = context;

    if (reading->skip != MF_SKIP_NONE) {
        hand_out_skip(worker, reading, reading->skip);
        return;
    }
    count(worker->engine, EVENTS, 1);
    judge_event(worker, reading);
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
    worker->tag = tag;
    worker->tag_level = MF_NORMAL;
    if (tag != NULL)
        clear_tag(tag);
    count(engine, MESSAGES, 1);
    mf_reader_read(worker->reader, engine->profiles, NULL, bytes, length, arrival, take_reading, worker);
    if (++worker->gauge_age % 4096 == 0)
        refresh_gauges(engine);
}

void mf_engine_read(struct mf_engine *engine, struct mf_worker *worker, const char *profile, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context)
{
    mf_reader_hurry(worker->reader, false);
    mf_reader_read(worker->reader, engine->profiles, profile, bytes, length, arrival, fn, context);
    mf_reader_hurry(worker->reader, true);
}
