/* src/judging.c
 *
 * One event and its user. Locks are taken one after the other (feed, shard, incidents, baseline; addresses by
 * themselves), as docs/ARCHITECTURE.md has it. */

#include "judging.h"

#include "keeping.h"

#include <string.h>

/* ---- marks ---- */

static uint32_t user_mark(const struct mf_user *user)
{
    return (uint32_t)user->key.hi;
}

/* Of what makes a repeated delivery the same: the profile's dedup fields (the kind is one), hashed with a key made of those
 * of feed and user, so that a record of another user or tenant never has the same, and nobody outside can aim at one. */
static uint64_t delivery_mark(const struct mf_inputs *inputs, const struct mf_event *event)
{
    const struct mf_hash_key key = {inputs->feed.lo ^ inputs->user.lo, inputs->feed.hi ^ inputs->user.hi};

    if (event->dedup.length == 0)
        return 0;
    uint64_t mark = mf_hash_bytes(&key, event->dedup.data, event->dedup.length).lo;
    return mark == 0 ? 1 : mark;
}

/* The shard is locked. */
static bool is_delivered_again(struct mf_worker *worker, const struct mf_event *event, struct mf_shard *shard)
{
    struct mf_inputs *inputs = &worker->inputs;
    mf_time when = event->arrival != MF_TIME_NONE ? event->arrival : event->time;

    if (!worker->again)
        inputs->marks.delivery = delivery_mark(inputs, event);
    return !mf_table_deliver(shard, inputs->marks.delivery, when, worker->settings->policy->time.lateness);
}

/* ---- the user's part, the shard locked ---- */

/* The IdP let the user in, as far as the record tells. A right password is not that: MFA may follow. */
static bool is_accepted(const struct mf_event *event)
{
    return event->kind == MF_MFA_SUCCESS || event->kind == MF_SESSION_START;
}

static unsigned history_days(const struct mf_user *user, mf_time now)
{
    return user->first_seen == MF_TIME_NONE || now < user->first_seen ? 0
                                                                      : (unsigned)((now - user->first_seen) / MF_DAY);
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

/* How the run stands as a whole. */
static void stand(const struct mf_recent *recent, const struct mf_view *view, const struct mf_totals *totals,
                  struct mf_standing *standing)
{
    unsigned flags = 0, approved = totals->approved < totals->prompts ? totals->approved : totals->prompts;

    for (unsigned i = view->n; i-- > 0 && view->attempt[i].time >= recent->run.start;)
        flags |= view->attempt[i].flags;
    standing->unfamiliar = (flags & MF_ATTEMPT_UNFAMILIAR) != 0;
    standing->familiar = (flags & MF_ATTEMPT_FAMILIAR) != 0 && !standing->unfamiliar;
    standing->strange = (flags & (MF_ATTEMPT_ABROAD | MF_ATTEMPT_OTHER_OPERATOR)) != 0;
    standing->refused = totals->denied > 0;
    standing->prompts = totals->prompts - approved + (approved > 0);
    standing->owned = recent->run.approved || recent->run.factor_change;
}

static bool any_timeout_inferred(const struct mf_recent *recent, const struct mf_view *view)
{
    for (mf_attempts old = view->outcome[MF_TIMEOUT]; old != 0; old &= old - 1)
        if (recent->attempt[__builtin_ctzll(old)].outcome == MF_OPEN)
            return true;
    return false;
}

/* ---- rates ---- */

static uint32_t number_of(struct mf_slice name)
{
    return name.length == 0 ? 0 : mf_mix_fold(mf_mix_text(0, name));
}

static struct mf_slice first_group(const struct mf_worker *worker, const struct mf_event *event)
{
    struct mf_slice group = mf_scenery_group(worker->settings->scenery, &worker->scene);
    const char *end;

    if (group.length > 0 || event->groups.length == 0)
        return group;
    end = memchr(event->groups.data, 0x1f, event->groups.length);
    return (struct mf_slice){event->groups.data,
                             end == NULL ? event->groups.length : (size_t)(end - event->groups.data)};
}

/* Numbers are made from names, so that they mean the same after a restart. A country is that of the directory, else the
 * first that the user was accepted from: an attacker's is no population of the user's. */
static struct mf_member member_of(struct mf_worker *worker, const struct mf_user *user, const struct mf_event *event)
{
    const struct mf_person *person = worker->scene.person;
    struct mf_inputs *inputs = &worker->inputs;

    if (!worker->again) {
        inputs->group = number_of(first_group(worker, event));
        inputs->role = number_of(mf_scenery_role(worker->settings->scenery, &worker->scene));
    }
    struct mf_member member = {.group = inputs->group, .role = inputs->role, .country = user->country[0].value};

    if (person != NULL && person->home[0][0] != '\0')
        member.country = (uint32_t)(unsigned char)person->home[0][0] << 8 | (unsigned char)person->home[0][1];
    return member;
}

/* A day with a suspicious run teaches nothing, unless that ended as the user's own. */
static bool day_was_suspicious(const struct mf_user *user)
{
    mf_time suspect = (mf_time)user->suspect * MF_SECOND;

    return user->suspect != 0 && suspect / MF_DAY == user->rate.day && (user->suspect_flags & MF_SUSPECT_OWN) == 0;
}

/* Counts the prompt's login attempt, and compares with what is usual. */
static void answer_rate(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                        const struct mf_sighting *sighting)
{
    struct mf_rate_answer *answer = &worker->rate;
    mf_time prompt[MF_ATTEMPTS_MAX];
    unsigned attempts[MF_RATE_WINDOWS];
    size_t n = 0;

    answer->asked = false;
    if (event->prompts == 0 || sighting->repeat)
        return;
    struct mf_member member = member_of(worker, user, event);
    if (mf_rate_day_over(&user->rate, event->time))
        mf_rate_learn(&user->rate, worker->engine->baseline, &member, event->time, day_was_suspicious(user));
    for (mf_attempts prompts = worker->view.prompts; prompts != 0; prompts &= prompts - 1)
        prompt[n++] = worker->view.attempt[__builtin_ctzll(prompts)].time;
    if (!mf_login_attempts(prompt, n, attempts))
        return;
    mf_rate_note(&user->rate, event->time, attempts);
    if (attempts[MF_RATE_24_HOURS] < 2)
        return;
    mf_baseline_expect(worker->engine->baseline, &user->rate, &member, event->time, &answer->expectation);
    answer->asked = answer->expectation.known;
    answer->log10_p = 1;
    for (unsigned i = 0; i < MF_RATE_WINDOWS && answer->asked; i++) {
        double log10_p = mf_baseline_tail_log10(&answer->expectation, (enum mf_rate_window)i, attempts[i]);
        if (log10_p >= answer->log10_p)
            continue;
        answer->log10_p = log10_p;
        answer->window = (enum mf_rate_window)i;
        answer->attempts = attempts[i];
    }
}

/* ---- asking and adding up ---- */

/* Asks as of the record's time and, when others lie behind it (it came late), as of each of theirs too. Returns what
 * fired at the record. */
static uint32_t ask_all(struct mf_worker *worker, struct mf_context *context, struct mf_user *user,
                        const struct mf_sighting *sighting)
{
    const struct mf_policy *policy = worker->settings->policy;
    struct mf_recent *recent = user->recent;
    mf_time now = sighting->time;

    mf_user_view(recent, now, &policy->time, &worker->view);
    answer_rate(worker, user, context->event, sighting);
    context->current = true;
    uint32_t fired = mf_verdict_ask(policy->signal, context, &worker->view, now, &recent->run,
                                    worker->explains ? worker->explained.answer : NULL);
    if (!worker->view.later)
        return fired;
    context->current = false;
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        mf_time moments[2] = {recent->base + recent->attempt[i].time, recent->base + recent->attempt[i].settled};
        for (unsigned j = 0; j < 2; j++) {
            if (moments[j] <= now || (j == 1 && moments[1] == moments[0]))
                continue;
            mf_user_view(recent, moments[j], &policy->time, &worker->view);
            mf_verdict_ask(policy->signal, context, &worker->view, moments[j], &recent->run, NULL);
        }
    }
    return fired;
}

static void mark_suspect(struct mf_user *user, const struct mf_standing *standing)
{
    const struct mf_run *run = &user->recent->run;
    mf_time last = run->last / MF_SECOND;

    if ((mf_time)user->suspect * MF_SECOND < run->start - MF_SECOND)
        user->suspect_flags = 0; /* another run's */
    if (last > (mf_time)user->suspect && last <= UINT32_MAX)
        user->suspect = (uint32_t)last;
    if (standing->refused || standing->strange)
        user->suspect_flags |= MF_SUSPECT_HOSTILE;
}

/* The verdict of the run as it stands, with and after this event. */
static void sum_up(struct mf_worker *worker, struct mf_user *user, const struct mf_sighting *sighting,
                   bool is_factor_change, struct mf_standing *standing, struct mf_totals *totals)
{
    const struct mf_policy *policy = worker->settings->policy;
    struct mf_recent *recent = user->recent;
    mf_time last = recent->run.last > sighting->time ? recent->run.last : sighting->time;

    if (worker->view.now != last) /* as it was asked last */
        mf_user_view(recent, last, &policy->time, &worker->view);
    *totals = mf_run_totals(&recent->run, &worker->view);
    stand(recent, &worker->view, totals, standing);
    mf_verdict_sum(&policy->verdict, &recent->run, standing, &worker->verdict);

    /* the attack owns an approval, or a factor change, that comes when the run is suspicious already, or makes it so */
    if (worker->verdict.level < MF_SUSPICIOUS)
        return;
    mark_suspect(user, standing);
    bool approval = mf_run_approved_since(&recent->run, &worker->view, sighting->time);
    if (approval || is_factor_change) {
        recent->run.approved |= approval;
        recent->run.factor_change |= is_factor_change;
        standing->owned = true;
        mf_verdict_sum(&policy->verdict, &recent->run, standing, &worker->verdict);
    }
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

/* ---- explaining ---- */

static unsigned count_known(const struct mf_known *known, unsigned n, mf_time now)
{
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++)
        count += mf_known_any(&known[i], 1, now, MF_DAY);
    return count;
}

static void explain(struct mf_worker *worker, const struct mf_user *user, const struct mf_context *context,
                    const struct mf_entry *entry, const struct mf_sighting *sighting,
                    const struct mf_standing *standing, const struct mf_totals *totals)
{
    const struct mf_scene *scene = &worker->scene;
    struct mf_explained *explained = &worker->explained;
    mf_time now = context->event->time;

    explained->place = *context->place;
    explained->listed = mf_scene_is_listed(scene);
    explained->egress = scene->egress;
    explained->vpn = scene->vpn;
    explained->travel = scene->travel;
    explained->home = scene->home;
    explained->anonymizer = scene->anonymizer;
    explained->in_directory = scene->person != NULL;
    explained->high_risk = scene->person != NULL && scene->person->risk_high;
    explained->group = first_group(worker, context->event);
    explained->role = mf_scenery_role(worker->settings->scenery, scene);
    explained->history_days = history_days(user, now);
    explained->countries = count_known(user->country, MF_KNOWN_COUNTRIES, now);
    explained->asns = count_known(user->asn, MF_KNOWN_ASNS, now);
    explained->networks = count_known(user->network, MF_KNOWN_NETWORKS, now);
    explained->hour_share = mf_habits_hour_share(&user->habits, now);
    explained->carries = entry->carries;
    explained->missing = mf_verdict_missing(worker->settings->policy->signal, entry->carries);
    explained->late = entry->arrival == MF_LATE_JUDGED;
    explained->clamped = entry->clamped;
    explained->watermark = entry->watermark;
    explained->repeat = sighting->repeat;
    explained->approval = sighting->approval;
    explained->run_start = user->recent->run.start;
    explained->totals = *totals;
    explained->source = user->recent->run.source;
    explained->standing = *standing;
    explained->rate = worker->rate;
}

/* A code that was sent to a phone which the record tells apart. */
static bool is_code_sent(const struct mf_event *event)
{
    return event->phone.length > 0 && event->prompts > 0 &&
           (event->factor == MF_FACTOR_SMS || event->factor == MF_FACTOR_VOICE);
}

/* ---- one user ---- */

/* What judge_user() found out beside the verdict. */
struct result {
    struct mf_sighting sighting;
    struct mf_place place;
    bool duplicate, sent, taught;
    uint32_t mark, fired;
};

static void step_incident(struct mf_worker *worker, struct mf_user *user, const struct mf_incident_step *step,
                          struct result *result)
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

/* Whose incident made room for another's has none any more. */
static void clear_displaced(struct mf_worker *worker)
{
    struct mf_engine *engine = worker->engine;
    struct mf_shard *shard;
    struct mf_hash key;

    while (mf_incidents_displaced(engine->incidents, &key)) {
        mf_keep_user(worker, key);
        struct mf_user *user = mf_table_find(engine->table, key, &shard);
        if (user == NULL)
            continue;
        mf_incident_let_go(engine->incidents, user);
        mf_table_close(shard);
    }
}

/* ---- prompts that nobody answers ---- */

/* From the second attempt that presses on, the expiry of each prompt is a moment to judge, whether more is heard of the
 * user or not. The shard is locked. */
static void wait_for_answers(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                             const struct mf_entry *entry)
{
    const struct mf_time_conf *conf = &worker->settings->policy->time;
    mf_time expiry = mf_recent_expiry(user->recent, event->time, conf);
    struct mf_wait wait;

    if (event->kind != MF_MFA_CHALLENGE || expiry == MF_TIME_NONE ||
        mf_recent_pressing(user->recent, event->time - MF_DAY) < MF_WAITS_PRESSING)
        return;
    wait = (struct mf_wait){.user = user->key, .due = expiry, .feed = entry->feed, .carries = entry->carries};
    mf_slice_copy(wait.idp, sizeof wait.idp, event->idp);
    mf_slice_copy(wait.name, sizeof wait.name, event->user);
    mf_slice_copy(wait.user_id, sizeof wait.user_id, event->user_id);
    mf_waits_put(worker->engine->waits, &user->recent->wait, &wait);
    worker->waits = true;
}

/* Asks as of the expiry, as of a moment of which no record tells: signals about the record in hand stay silent. The run
 * itself is left as it is: when an expiry is reached goes by the records of others, and no verdict of a user's own record
 * may hang on these. */
static bool judge_expiry(struct mf_worker *worker, struct mf_user *user, const struct mf_wait *wait)
{
    const struct mf_policy *policy = worker->settings->policy;
    const struct mf_rate_answer rate = {.asked = false};
    const struct mf_sighting sighting = {.time = wait->due, .judged = true};
    const struct mf_source_values nowhere = {0};
    const struct mf_address nobody = {0};
    struct mf_event event = {
        .kind = MF_MFA_TIMEOUT,
        .time = wait->due,
        .arrival = MF_TIME_NONE,
        .idp = mf_slice_of(wait->idp),
        .user = mf_slice_of(wait->name),
        .user_id = mf_slice_of(wait->user_id),
    };
    struct mf_scene scene;
    struct mf_standing standing;
    struct mf_totals totals;

    mf_scenery_look(worker->settings->scenery, worker->geo, &event, &scene);
    struct mf_context context = {
        .event = &event,
        .user = user,
        .place = &user->recent->run.source.place,
        .source = &nowhere,
        .scene = &scene,
        .address = &nobody,
        .user_mark = user_mark(user),
        .rate = &rate,
        .carries = wait->carries,
    };
    struct mf_run run = user->recent->run;
    mf_user_view(user->recent, wait->due, &policy->time, &worker->view);
    mf_verdict_ask(policy->signal, &context, &worker->view, wait->due, &run, NULL);
    totals = mf_run_totals(&run, &worker->view);
    stand(user->recent, &worker->view, &totals, &standing);
    mf_verdict_sum(&policy->verdict, &run, &standing, &worker->verdict);
    struct mf_incident_step step = {
        .event = &event,
        .sighting = &sighting,
        .verdict = &worker->verdict,
        .totals = totals,
        .alert_level = (enum mf_level)policy->alert_level,
        .feed = wait->feed,
        .history_days = history_days(user, wait->due),
        .missing = mf_verdict_missing(policy->signal, wait->carries),
        .timeouts_inferred = any_timeout_inferred(user->recent, &worker->view),
        .expiry = true,
        .rate = &rate,
    };
    if (user->incident == 0)
        step.id = mf_key_of_incident(&event);
    return mf_incident_step(worker->engine->incidents, user, &step, &worker->alert);
}

/* What came of one wait that is over; then the next prompt of the user is waited for. True: worker->alert is to be
 * sent. */
static bool expire(struct mf_worker *worker, struct mf_user *user, struct mf_wait *wait)
{
    const struct mf_time_conf *conf = &worker->settings->policy->time;
    bool sent = false;

    if (user->recent == NULL)
        return false;
    if (mf_recent_expiry(user->recent, wait->due - 1, conf) == wait->due)
        sent = judge_expiry(worker, user, wait);
    mf_time next = mf_recent_expiry(user->recent, wait->due, conf);
    if (next != MF_TIME_NONE) {
        wait->due = next;
        user->recent->wait = 0;
        mf_waits_put(worker->engine->waits, &user->recent->wait, wait);
    }
    return sent && !worker->settings->policy->observe;
}

static bool expire_gated(struct mf_worker *worker, struct mf_wait *wait)
{
    const mf_time due = wait->due;
    struct mf_shard *shard;

    mf_keep_user(worker, wait->user);
    struct mf_user *user = mf_table_find(worker->engine->table, wait->user, &shard);
    if (user == NULL)
        return false;
    bool sent = expire(worker, user, wait);
    worker->pending[MF_OF_USER] = mf_keep_note(worker, MF_NOTE_EXPIRED, wait->user, due, sent);
    mf_table_close(shard);
    clear_displaced(worker);
    return sent;
}

static void expire_due(struct mf_worker *worker, unsigned feed, mf_time now, mf_send_fn send)
{
    struct mf_engine *engine = worker->engine;
    struct mf_wait wait;
    bool more = true;

    while (more && mf_waits_next(engine->waits, feed) <= now) {
        bool sent = false;
        mf_gate_lock(worker);
        more = mf_waits_take(engine->waits, feed, now, &wait);
        if (more)
            sent = expire_gated(worker, &wait);
        mf_gate_unlock(worker);
        if (sent)
            send(worker, &worker->alert);
    }
}

/* The wait is the user's own, wherever it stands. */
static bool expire_again(struct mf_worker *worker, struct mf_hash key)
{
    struct mf_shard *shard;
    struct mf_wait wait;
    bool sent = false;

    struct mf_user *user = mf_table_find(worker->engine->table, key, &shard);
    if (user == NULL)
        return false;
    if (user->recent != NULL && mf_waits_take_at(worker->engine->waits, user->recent->wait, key, &wait))
        sent = expire(worker, user, &wait);
    mf_table_close(shard);
    clear_displaced(worker);
    return sent;
}

/* ---- one user: the whole of it ---- */

static void judge_user(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                       const struct mf_entry *entry, const struct mf_source_values *source, struct result *result)
{
    struct mf_engine *engine = worker->engine;
    struct mf_incident_step step = {0};
    struct mf_standing standing;

    if (user->incident != 0)
        mf_incident_let_go(engine->incidents, user);
    result->mark = user_mark(user);
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
        .phone = is_code_sent(event) ? &worker->phone : NULL,
        .user_mark = result->mark,
        .rate = &worker->rate,
        .carries = entry->carries,
    };
    result->fired = ask_all(worker, &context, user, &result->sighting);
    sum_up(worker, user, &result->sighting, mf_kind_is_factor_change(event->kind), &standing, &step.totals);
    worker->source = user->recent->run.source.ip;
    if (worker->explains) /* what was known when the record was judged: before it teaches anything */
        explain(worker, user, &context, entry, &result->sighting, &standing, &step.totals);
    result->taught = learn(worker, user, event, source, &result->sighting, entry->feed);

    step.event = event;
    step.sighting = &result->sighting;
    step.verdict = &worker->verdict;
    step.rate = &worker->rate;
    /* what has no name, out of the journal, opened nothing */
    bool nameless = event->user.length == 0;
    enum mf_level alert_level = nameless ? MF_ANOMALOUS + 1 : (enum mf_level)worker->settings->policy->alert_level;
    bool reached = worker->verdict.level >= alert_level;
    if (reached || user->incident != 0)
        step.missing = mf_verdict_missing(worker->settings->policy->signal, entry->carries);
    if (user->incident == 0 && reached && !worker->again)
        worker->inputs.incident = mf_key_of_incident(event).lo;
    step.id.lo = worker->inputs.incident;
    step.alert_level = alert_level;
    step.feed = entry->feed;
    step.history_days = history_days(user, event->time);
    step.timeouts_inferred = any_timeout_inferred(user->recent, &worker->view);
    step_incident(worker, user, &step, result);
    wait_for_answers(worker, user, event, entry);
}

/* ---- addresses: before and after, no other lock held ---- */

static bool has_address(const struct mf_event *event)
{
    return event->source.family != 0 && !event->answer_source;
}

static void look_at_address(struct mf_worker *worker, const struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;

    worker->in_campaign = false;
    if (has_address(event)) {
        worker->address_key = mf_key_of_address(&engine->key, &worker->kept, &event->source);
        worker->in_campaign =
            mf_campaigns_any(engine->campaigns) && mf_campaigns_has(engine->campaigns, worker->address_key);
    }
    if (has_address(event) && mf_kind_is_judged(event->kind))
        mf_addresses_look(engine->addresses, worker->address_key, &worker->address);
    else
        memset(&worker->address, 0, sizeof worker->address);
    if (!is_code_sent(event))
        return;
    if (!worker->again)
        worker->inputs.phone = mf_key_of_phone(&engine->key, event);
    mf_addresses_look(engine->addresses, worker->inputs.phone, &worker->phone);
}

static void note_at(struct mf_worker *worker, struct mf_hash key, enum mf_mark_sort sort, const struct result *result,
                    mf_time now)
{
    mf_keep_address(worker, key);
    mf_addresses_note(worker->engine->addresses, key, sort, result->mark, now);
}

static void note_address(struct mf_worker *worker, const struct mf_event *event, const struct result *result)
{
    bool target = result->sighting.judged && mf_place_is_target(&result->place, event->kind);

    if (is_code_sent(event))
        note_at(worker, worker->inputs.phone, MF_MARK_PHONE, result, event->time);
    if (!has_address(event) || mf_scene_is_listed(&worker->scene) ||
        !(target || result->taught || event->kind == MF_LOGIN_FAILURE))
        return;
    if (target)
        note_at(worker, worker->address_key, MF_MARK_TARGET, result, event->time);
    if (event->kind == MF_LOGIN_FAILURE)
        note_at(worker, worker->address_key, MF_MARK_PASSWORD, result, event->time);
    if (result->taught)
        note_at(worker, worker->address_key, MF_MARK_ACCEPTED, result, event->time);
}

static uint32_t fired_of_address(const struct result *result)
{
    uint32_t fired = 0;

    for (unsigned i = 0; i < mf_n_signals; i++)
        if (mf_signals[i]->of_address)
            fired |= result->fired & UINT32_C(1) << i;
    return fired;
}

/* The incident of the address, when there is one or it begins. */
static bool step_campaign(struct mf_worker *worker, const struct mf_event *event, const struct mf_entry *entry,
                          const struct result *result)
{
    struct mf_engine *engine = worker->engine;

    if (!result->sighting.judged || !has_address(event) || mf_scene_is_listed(&worker->scene) ||
        result->place.familiarity == MF_FAMILIAR)
        return false;
    struct mf_campaign_step step = {
        .address = worker->address_key,
        .user = result->mark,
        .fired = fired_of_address(result),
        .event = event,
        .verdict = &worker->verdict,
        .place = &result->place,
        .alert_level = (enum mf_level)worker->settings->policy->alert_level,
        .feed = entry->feed,
    };
    if (step.fired != 0 && !worker->again)
        worker->inputs.campaign = mf_key_of_campaign(event).lo;
    step.id.lo = worker->inputs.campaign;
    return mf_campaign_step(engine->campaigns, &step, &worker->campaign) &&
           mf_incidents_admit(engine->incidents, &worker->campaign.alert);
}

/* ---- one event ---- */

/* The shard is locked, so that the events of one user stand in the journal in the order in which they were judged. The
 * name goes with what belongs to an incident, or may begin one. */
static void write_down(struct mf_worker *worker, const struct mf_judging *judging, const struct result *result)
{
    struct mf_inputs *inputs = &worker->inputs;
    bool told = judging->has_incident || result->sent || worker->in_campaign || worker->waits ||
                (result->fired != 0 && fired_of_address(result) != 0);

    inputs->entered_only = result->duplicate;
    if (told && result->fired != 0 && fired_of_address(result) != 0)
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
    struct result result = {0};
    struct mf_shard *shard;

    worker->waits = false;
    mf_keep_user(worker, worker->inputs.user);
    look_at_address(worker, event);
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
    clear_displaced(worker);
    if (result.duplicate) {
        judging->skip = MF_SKIP_DUPLICATE;
        return;
    }
    note_address(worker, event, &result);
    judging->campaign = step_campaign(worker, event, entry, &result);
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

static void begin_inputs(struct mf_worker *worker, struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;
    struct mf_inputs *inputs = &worker->inputs;

    worker->again = false;
    inputs->event = event;
    inputs->scene = &worker->scene;
    inputs->feed = mf_key_of_feed(&engine->key, &worker->kept, event);
    inputs->user = mf_key_of_user(&engine->key, event->user);
    inputs->group = inputs->role = 0;
    inputs->incident = inputs->campaign = inputs->number = 0;
    inputs->entered_only = false;
    worker->keeps = mf_keeps(worker);
    if (!worker->keeps)
        return;
    inputs->marks.delivery = 0;
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
    mf_scenery_look(worker->settings->scenery, worker->geo, event, &worker->scene);
    source = mf_source_values(event);
    begin_inputs(worker, event);
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
    if (!read->inputs.entered_only)
        judge_gated(worker, &entry, &source, judging);
}

/* ---- closing ---- */

/* `sent`: worker->alert is to be sent. False: there is no such user, which cannot be, as one with an incident is never
 * evicted, and one that is forgotten takes it along. */
static bool close_user(struct mf_worker *worker, struct mf_hash key, mf_time now, bool *sent)
{
    struct mf_engine *engine = worker->engine;
    struct mf_totals totals = {0};
    struct mf_shard *shard;

    mf_keep_user(worker, key);
    struct mf_user *user = mf_table_find(engine->table, key, &shard);
    *sent = false;
    if (user == NULL)
        return false;
    if (user->recent != NULL && user->recent->run.start != MF_TIME_NONE) {
        mf_user_view(user->recent, now, &worker->settings->policy->time, &worker->view);
        totals = mf_run_totals(&user->recent->run, &worker->view);
    }
    *sent =
        mf_incident_close(engine->incidents, user, now, &totals, &worker->alert) && !worker->settings->policy->observe;
    worker->pending[MF_OF_USER] = mf_keep_note(worker, MF_NOTE_CLOSED, key, now, *sent);
    mf_table_close(shard);
    return true;
}

static bool close_campaign(struct mf_worker *worker, unsigned feed, mf_time now, bool *more)
{
    struct mf_engine *engine = worker->engine;

    if (!mf_campaign_close(engine->campaigns, feed, now, &worker->campaign, more))
        return false;
    bool sent = mf_incidents_admit(engine->incidents, &worker->campaign.alert) && !worker->settings->policy->observe;
    worker->pending[MF_OF_ADDRESS] = mf_keep_note(worker, MF_NOTE_CAMPAIGN_CLOSED, worker->campaign.address, now, sent);
    return sent;
}

static bool sum_up_minute(struct mf_worker *worker, mf_time now)
{
    struct mf_campaign_alert *summary = &worker->campaign;

    if (!mf_incidents_summary(worker->engine->incidents, now, &summary->alert, summary->name))
        return false;
    bool sent = !worker->settings->policy->observe;
    worker->pending[MF_OF_ADDRESS] = mf_keep_note(worker, MF_NOTE_SUMMARY, (struct mf_hash){0, 0}, now, sent);
    return sent;
}

bool mf_is_due(struct mf_worker *worker, unsigned feed, mf_time now)
{
    struct mf_engine *engine = worker->engine;

    return mf_incidents_any_held(engine->incidents) || mf_campaigns_any(engine->campaigns) ||
           mf_incidents_next(engine->incidents, feed) <= now || mf_waits_next(engine->waits, feed) <= now;
}

void mf_close_due(struct mf_worker *worker, unsigned feed, mf_time now, mf_send_fn send)
{
    struct mf_engine *engine = worker->engine;
    struct mf_hash key;
    bool sent, more = true;

    worker->keeps = mf_keeps(worker);
    mf_gate_lock(worker);
    sent = sum_up_minute(worker, now);
    mf_gate_unlock(worker);
    if (sent)
        send(worker, &worker->campaign.alert);
    expire_due(worker, feed, now, send);
    while (mf_incidents_due(engine->incidents, feed, now, &key)) {
        mf_gate_lock(worker);
        bool found = close_user(worker, key, now, &sent);
        mf_gate_unlock(worker);
        if (!found)
            return;
        if (sent)
            send(worker, &worker->alert);
    }
    while (more) {
        mf_gate_lock(worker);
        sent = close_campaign(worker, feed, now, &more);
        mf_gate_unlock(worker);
        if (sent)
            send(worker, &worker->campaign.alert);
    }
}

bool mf_close_again(struct mf_worker *worker, enum mf_note_sort sort, struct mf_hash key, mf_time now)
{
    struct mf_engine *engine = worker->engine;
    bool sent;

    worker->again = true;
    worker->keeps = false;
    switch (sort) {
    case MF_NOTE_CLOSED:
        return close_user(worker, key, now, &sent) && sent;
    case MF_NOTE_EXPIRED:
        return expire_again(worker, key);
    case MF_NOTE_CAMPAIGN_CLOSED:
        return mf_campaign_close_at(engine->campaigns, key, &worker->campaign) &&
               mf_incidents_admit(engine->incidents, &worker->campaign.alert) && !worker->settings->policy->observe;
    default:
        return sum_up_minute(worker, now);
    }
}
