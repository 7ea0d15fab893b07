/* src/judging.c
 *
 * One event and its user. Locks are taken one after the other (feed, shard, incidents, baseline; addresses by
 * themselves), as docs/ARCHITECTURE.md has it. */

#include "judging.h"

#include <string.h>

#include "addressing.h"
#include "asking.h"
#include "explaining.h"
#include "memory/observe.h"
#include "naming.h"

/* ---- the user's part, the shard locked ---- */

/* Of what makes a repeated delivery the same: the profile's dedup fields (the kind is one), hashed with a key made of those
 * of feed and user, so that a record of another user or tenant never has the same, and nobody outside can aim at one. */
static uint64_t delivery_mark(const struct mf_inputs *inputs, const struct mf_event *event)
{
    const struct mf_hash_key key = {inputs->feed.lo ^ inputs->user.lo, inputs->feed.hi ^ inputs->user.hi};

    if (event->dedup.length == 0)
        return 0;
    uint64_t mark = mf_hash_mark(&key, event->dedup.data, event->dedup.length);
    return mark == 0 ? 1 : mark;
}

/* The shard is locked. */
static bool is_delivered_again(struct mf_worker *worker, const struct mf_event *event, struct mf_shard *shard)
{
    const struct mf_inputs *inputs = &worker->inputs;
    mf_time when = event->arrival != MF_TIME_NONE ? event->arrival : event->time;

    return !mf_table_deliver(shard, inputs->marks.delivery, when, worker->settings->policy->time.lateness);
}

/* The IdP let the user in, as far as the record tells. A right password is not that: MFA may follow. */
static bool is_accepted(const struct mf_event *event)
{
    return event->kind == MF_MFA_SUCCESS || event->kind == MF_SESSION_START;
}

/* What lists and directory say goes before what was remembered. The company's own addresses are everybody's; a country
 * that the user is announced to be in is neither strange nor their own. */
static void adjust_place(struct mf_place *place, const struct mf_scene *scene, const struct mf_source_values *source)
{
    if (scene->egress || scene->vpn)
        *place = (struct mf_place){.familiarity = MF_FAMILIAR};
    else if (scene->travel)
        *place = (struct mf_place){.familiarity = MF_FAMILIARITY_UNKNOWN, .by_tenant = place->by_tenant};
    else if (scene->home && place->new_country) {
        bool known_network = (source->asn != 0 && !place->new_asn) || (source->network != 0 && !place->new_network);
        place->new_country = false;
        if (known_network && !place->by_tenant)
            place->familiarity = MF_FAMILIAR;
    }
}

/* A run that ends is added to the incident that it belonged to before its totals are forgotten. */
static void fold_ended_run(struct mf_worker *worker, const struct mf_user *user, const struct mf_event *event)
{
    const struct mf_run *run = &user->recent->run;
    struct mf_view view;

    if (user->incident == 0 || run->start == MF_TIME_NONE || !mf_kind_is_judged(event->kind) ||
        event->time - run->last < MF_RUN_GAP)
        return;
    mf_user_view(user->recent, run->last + MF_RUN_GAP, &worker->settings->policy->time, &view);
    struct mf_totals totals = mf_run_totals(run, &view);
    mf_incident_fold(worker->engine->incidents, user, &totals);
}

static void count_event(struct mf_engine *engine, const struct mf_event *event, const struct mf_sighting *sighting)
{
    if (sighting->repeat) {
        mf_engine_count(engine, MF_COUNT_REPEATED_OUTCOMES, 1);
        return;
    }
    mf_engine_count(engine, MF_COUNT_PROMPTS, event->prompts);
    if (event->kind == MF_MFA_DENIED || event->kind == MF_MFA_FRAUD)
        mf_engine_count(engine, MF_COUNT_REFUSALS, 1);
    if (sighting->approval)
        mf_engine_count(engine, MF_COUNT_APPROVALS, 1);
}

/* ---- learning ---- */

/* A suspicious run that ends in a session from the user's own place, and in which nothing was strange, was the user's. */
static void note_own_session(struct mf_user *user, const struct mf_event *event, const struct mf_place *place)
{
    mf_time passed = event->time - (mf_time)user->suspect * MF_SECOND;

    if (event->kind == MF_SESSION_START && user->suspect != 0 && user->suspect_flags == 0 &&
        place->familiarity == MF_FAMILIAR && passed < MF_RUN_GAP)
        user->suspect_flags |= MF_SUSPECT_OWN;
}

/* True when something was learned of where the user is let in from. */
static bool learn(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                  const struct mf_source_values *source, const struct mf_sighting *sighting, unsigned feed)
{
    struct mf_engine *engine = worker->engine;
    const struct mf_run *run = &user->recent->run;
    bool running = run->start != MF_TIME_NONE && event->time <= run->last + MF_RUN_GAP;

    if (worker->verdict.level >= MF_SUSPICIOUS) {
        mf_user_unlearn(user, run->start);
        return false;
    }
    if (running && user->incident != 0)
        return false;
    if (sighting->approval || sighting->session)
        mf_feeds_correlate(engine->feeds, feed, sighting->approval, sighting->approval && sighting->explained,
                           sighting->session);
    if (!is_accepted(event))
        return false;
    bool apart = running && mf_event_is_apart(event, run->source.country);
    mf_habits_learn(&user->habits, event, worker->scene.anonymizer, apart);
    if (event->answer_source || worker->scene.egress || worker->scene.vpn)
        return false;
    mf_user_learn(user, source, event->time);
    mf_feeds_learn(engine->feeds, feed, source, event->time);
    return true;
}

/* ---- one user ---- */

static void step_incident(struct mf_worker *worker, struct mf_user *user, const struct mf_incident_step *step,
                          struct mf_judged_user *result)
{
    struct mf_incidents *incidents = worker->engine->incidents;
    struct mf_incident_counts before, after;

    if (!worker->explains) {
        result->sent = mf_incident_step(incidents, user, step, &worker->alert);
        return;
    }
    mf_incidents_count(incidents, &before);
    result->sent = mf_incident_step(incidents, user, step, &worker->alert);
    mf_incidents_count(incidents, &after);
    worker->explained.held_back = after.suppressed > before.suppressed || after.held_again > before.held_again;
    worker->explained.sequence = result->sent ? worker->alert.sequence : 0;
}

static void judge_user(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                       const struct mf_entry *entry, const struct mf_source_values *source,
                       struct mf_judged_user *result)
{
    struct mf_engine *engine = worker->engine;
    struct mf_incident_step step = {0};
    struct mf_standing standing;

    if (user->incident != 0)
        mf_incident_let_go(engine->incidents, user);
    result->mark = mf_user_mark(user);
    result->place = mf_user_place(user, source, event->time, &entry->tenant);
    adjust_place(&result->place, &worker->scene, source);
    fold_ended_run(worker, user, event);
    mf_user_observe(user, event, source, &result->place, &worker->settings->policy->time, &result->sighting);
    memset(&worker->verdict, 0, offsetof(struct mf_verdict, finding));
    count_event(engine, event, &result->sighting);
    if (event->prompts > 0 && (entry->carries & MF_CARRIES_LOGINS) != 0)
        mf_user_expect_login(user, event);
    if (!result->sighting.judged) {
        note_own_session(user, event, &result->place);
        result->taught = learn(worker, user, event, source, &result->sighting, entry->feed);
        return;
    }

    struct mf_context context = {
        .event = event,
        .user = user,
        .place = &result->place,
        .source = source,
        .scene = &worker->scene,
        .address = &worker->address,
        .phone = mf_is_code_sent(event) ? &worker->phone : NULL,
        .user_mark = result->mark,
        .rate = &worker->rate,
        .carries = entry->carries,
    };
    result->fired = mf_ask(worker, &context, user, &result->sighting);
    mf_sum_up(worker, user, &result->sighting, mf_kind_is_factor_change(event->kind), &standing, &step.totals);
    worker->source = user->recent->run.source.ip;
    if (worker->explains) /* what was known when the record was judged: before it teaches anything */
        mf_explain(worker, user, &context, entry, &result->sighting, &standing, &step.totals);
    result->taught = learn(worker, user, event, source, &result->sighting, entry->feed);

    step.event = event;
    step.sighting = &result->sighting;
    step.verdict = &worker->verdict;
    step.rate = &worker->rate;
    if (worker->again)
        worker->reached = worker->inputs.incident != 0;
    step.alert_level = mf_opening_level(worker);
    if (worker->reached && !worker->again)
        worker->inputs.incident = mf_key_of_incident(event).lo;
    if (worker->reached || user->incident != 0)
        step.missing = mf_verdict_missing(worker->settings->policy->signal, entry->carries);
    step.id.lo = worker->inputs.incident;
    step.feed = entry->feed;
    step.history_days = mf_history_days(user, event->time);
    step.timeouts_inferred = mf_any_timeout_inferred(user->recent, &worker->view);
    step_incident(worker, user, &step, result);
    mf_wait_for_answers(worker, user, event, entry);
}

/* ---- one event ---- */

/* The shard is locked, so that the events of one user stand in the journal in the order in which they were judged. The
 * name goes with what belongs to an incident, or may begin one. */
static void write_down(struct mf_worker *worker, const struct mf_judging *judging, const struct mf_judged_user *result)
{
    struct mf_inputs *inputs = &worker->inputs;
    bool told = judging->has_incident || result->sent || worker->in_campaign || worker->waits ||
                (result->fired != 0 && mf_fired_of_address(result) != 0);

    inputs->entered_only = result->duplicate;
    if (told && result->fired != 0 && mf_fired_of_address(result) != 0 && mf_may_open_campaign(worker))
        inputs->campaign = mf_key_of_campaign(inputs->event).lo;
    inputs->number = told ? mf_keep_number(worker) : 0;
    mf_keep_event(worker, told);
}

/* What is raised is pending until it was handed over. */
static void note_pending(struct mf_worker *worker, bool alert, bool campaign)
{
    bool silent = worker->settings->policy->observe;

    worker->pending[MF_OF_USER] = alert && !silent ? worker->inputs.number : 0;
    worker->pending[MF_OF_ADDRESS] = campaign && !silent ? worker->inputs.number : 0;
}

/* What changes what is remembered, behind the gate. */
static void judge_gated(struct mf_worker *worker, const struct mf_entry *entry, const struct mf_source_values *source,
                        struct mf_judging *judging)
{
    struct mf_engine *engine = worker->engine;
    struct mf_event *event = &judging->event;
    struct mf_judged_user result = {0};
    struct mf_shard *shard;

    worker->waits = false;
    mf_learn_id(worker);
    mf_keep_user(worker, worker->inputs.user);
    mf_look_at_address(worker, event);
    struct mf_user *user = mf_table_open(engine->table, worker->inputs.user, event->time, &shard);
    if (user == NULL) {
        judging->skip = MF_SKIP_TABLE_FULL;
        return;
    }
    result.duplicate = is_delivered_again(worker, event, shard);
    if (!result.duplicate)
        judge_user(worker, user, event, entry, source, &result);
    judging->has_incident = mf_incident_name(engine->incidents, user, worker->incident);
    if (worker->keeps && !worker->again)
        write_down(worker, judging, &result);
    mf_table_close(shard);
    mf_clear_displaced(worker);
    if (result.duplicate) {
        judging->skip = MF_SKIP_DUPLICATE;
        return;
    }
    mf_note_address(worker, event, &result);
    judging->campaign = mf_step_campaign(worker, event, entry, &result);
    judging->phase = result.sent ? worker->alert.phase : MF_PHASE_NONE;
    judging->explained = worker->explains && result.sighting.judged;
    worker->explained.phase = judging->phase;
    note_pending(worker, result.sent, judging->campaign);
}

static void begin_judging(struct mf_judging *judging, const struct mf_event *read)
{
    judging->skip = MF_SKIP_NONE;
    judging->phase = MF_PHASE_NONE;
    judging->campaign = judging->explained = judging->has_incident = false;
    judging->event = *read;
}

/* Where user and address are remembered is mostly in no cache, and is looked at in a moment. */
static void expect(struct mf_worker *worker, const struct mf_event *event)
{
    const struct mf_inputs *inputs = &worker->inputs;

    mf_table_expect(worker->engine->table, inputs->user, inputs->marks.delivery);
    mf_expect_id(worker);
    mf_expect_address(worker, event);
}

static void begin_inputs(struct mf_worker *worker, struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;
    struct mf_inputs *inputs = &worker->inputs;

    worker->again = false;
    inputs->event = event;
    inputs->scene = &worker->scene;
    inputs->feed = mf_key_of_feed(&engine->key, &worker->kept, event);
    /* a login by today's directory; who is known by id alone has no name to ask it for */
    inputs->user =
        worker->by_id && worker->login[0] == '\0' ? worker->id_user : mf_key_of_user(&engine->key, event->user);
    inputs->group = inputs->role = 0;
    inputs->incident = inputs->campaign = inputs->number = 0;
    inputs->entered_only = false;
    inputs->marks.delivery = delivery_mark(inputs, event);
    worker->keeps = mf_keeps(worker);
    if (!worker->keeps)
        return;
    mf_event_mark(event, &inputs->marks);
    event->marks = &inputs->marks;
}

/* It reached its feed, and no further. */
static void skip(struct mf_worker *worker, struct mf_judging *judging, enum mf_skip why)
{
    judging->skip = why;
    worker->inputs.entered_only = true;
    if (worker->keeps)
        mf_keep_event(worker, false);
}

static void enter_feed(struct mf_worker *worker, struct mf_event *event, const struct mf_source_values *source,
                       struct mf_entry *entry)
{
    struct mf_engine *engine = worker->engine;

    mf_feeds_enter(engine->feeds, worker->inputs.feed, event, &worker->settings->policy->time, source, entry);
    if (entry->turned_back)
        mf_incidents_turn_back(engine->incidents, entry->watermark);
}

void mf_judge_event(struct mf_worker *worker, const struct mf_event *read, mf_send_fn send, struct mf_judging *judging)
{
    struct mf_engine *engine = worker->engine;
    struct mf_event *event = &judging->event;
    struct mf_source_values source;
    struct mf_entry entry;

    begin_judging(judging, read);
    worker->by_id = false;
    if (mf_is_named_by_id(event))
        mf_name_by_id(worker, event);
    mf_scenery_look(worker->settings->scenery, worker->geo, event, &worker->scene);
    source = mf_source_values(event);
    begin_inputs(worker, event);
    expect(worker, event);
    mf_gate_lock(worker);
    enter_feed(worker, event, &source, &entry);
    mf_engine_count(engine, MF_COUNT_FUTURE_TIMES, entry.clamped || entry.turned_back);
    mf_engine_count(engine, MF_COUNT_FEEDS_SHARED, entry.shared);
    bool late = entry.arrival == MF_TOO_LATE;
    if (late || worker->scene.ignored) {
        skip(worker, judging, late ? MF_SKIP_LATE : MF_SKIP_LISTED);
        mf_gate_unlock(worker);
        return;
    }
    mf_engine_count(engine, MF_COUNT_LATE_JUDGED, entry.arrival == MF_LATE_JUDGED);
    /* feeds that share an entry have no watermark that would hold for all of them */
    mf_time now = entry.shared ? event->time : entry.watermark;
    if (mf_is_due(worker, entry.feed, now)) {
        /* entering it twice, should a snapshot come between, is entering it once */
        mf_gate_unlock(worker);
        mf_close_due(worker, entry.feed, now, send);
        mf_gate_lock(worker);
    }
    judge_gated(worker, &entry, &source, judging);
    mf_gate_unlock(worker);
}

void mf_judge_again(struct mf_worker *worker, const struct mf_inputs_read *read, struct mf_judging *judging)
{
    struct mf_event *event = &judging->event;
    struct mf_source_values source;
    struct mf_entry entry;

    begin_judging(judging, &read->event);
    worker->again = true;
    worker->inputs = read->inputs;
    worker->scene = read->scene;
    source = mf_source_values(event);
    enter_feed(worker, event, &source, &entry);
    if (read->inputs.entered_only)
        return;
    mf_expect_address(worker, event);
    judge_gated(worker, &entry, &source, judging);
}
