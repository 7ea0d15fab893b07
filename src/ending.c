/* src/ending.c
 *
 * What ends as time goes by: prompts that nobody answered, incidents that were quiet for long enough, minutes. */

#include "ending.h"

#include "asking.h"

void mf_clear_displaced(struct mf_worker *worker)
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

void mf_wait_for_answers(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
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
        .user_mark = mf_user_mark(user),
        .rate = &rate,
        .carries = wait->carries,
    };
    struct mf_run run = user->recent->run;
    mf_user_view(user->recent, wait->due, &policy->time, &worker->view);
    mf_verdict_ask(policy->signal, &policy->awake, &context, &worker->view, wait->due, &run, NULL);
    totals = mf_run_totals(&run, &worker->view);
    mf_stand(user, &worker->view, &totals, &standing);
    mf_verdict_sum(&policy->verdict, &run, &standing, &worker->verdict);
    struct mf_incident_step step = {
        .event = &event,
        .sighting = &sighting,
        .verdict = &worker->verdict,
        .totals = totals,
        .alert_level = mf_opening_level(worker),
        .feed = wait->feed,
        .history_days = mf_history_days(user, wait->due),
        .missing = mf_verdict_missing(policy->signal, wait->carries),
        .timeouts_inferred = mf_any_timeout_inferred(user->recent, &worker->view),
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
    worker->reached = false;
    bool sent = expire(worker, user, wait);
    worker->pending[MF_OF_USER] = mf_keep_note(worker, MF_NOTE_EXPIRED, wait->user, due, sent);
    mf_table_close(shard);
    mf_clear_displaced(worker);
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
    mf_clear_displaced(worker);
    return sent;
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

bool mf_close_again(struct mf_worker *worker, const struct mf_note *note)
{
    struct mf_engine *engine = worker->engine;
    bool sent;

    worker->again = true;
    worker->keeps = false;
    worker->reached = note->reached;
    switch (note->sort) {
    case MF_NOTE_CLOSED:
        return close_user(worker, note->key, note->now, &sent) && sent;
    case MF_NOTE_EXPIRED:
        return expire_again(worker, note->key);
    case MF_NOTE_CAMPAIGN_CLOSED:
        return mf_campaign_close_at(engine->campaigns, note->key, &worker->campaign) &&
               mf_incidents_admit(engine->incidents, &worker->campaign.alert) && !worker->settings->policy->observe;
    default:
        return sum_up_minute(worker, note->now);
    }
}
