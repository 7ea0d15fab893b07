/* src/engine_judge.c
 *
 * Takes one message from bytes to what is handed out: each of its events is read, judged (judging.h), and told to the
 * caller; and lets time pass. */

#include "judging.h"
#include "keeping.h"

#include <string.h>

/* ---- handing out ---- */

static void render_and_send(struct mf_worker *worker, struct mf_alert *alert)
{
    struct mf_engine *engine = worker->engine;
    const struct mf_alert_names names = {engine->observer[0] == '\0' ? NULL : engine->observer,
                                         worker->settings->policy->sha256, worker->settings->policy->runbook};

    if (engine->created != 0)
        alert->created = engine->created;
    struct mf_alert_text text = {
        .json = worker->json,
        .length = mf_alert_render(alert, &names, worker->json),
        .phase = alert->phase,
        .level = alert->level,
        .severity = alert->severity,
        .incident = alert->incident,
        .user = alert->user,
        .of_address = alert->users > 0,
    };
    worker->sink->alert(worker->sink->context, &text);
}

/* What raised it is in the journal's file before, and that it was sent is noted after. */
static void send_alert(struct mf_worker *worker, struct mf_alert *alert)
{
    enum mf_which_alert which = alert == &worker->campaign.alert ? MF_OF_ADDRESS : MF_OF_USER;

    mf_engine_count(worker->engine, MF_COUNT_ALERTS, 1);
    if (worker->keeps)
        mf_keep_flush(worker);
    if (worker->sink != NULL && worker->sink->alert != NULL)
        render_and_send(worker, alert);
    if (worker->keeps)
        mf_keep_handed_over(worker, which);
}

void mf_send_again(struct mf_worker *worker, const struct mf_sink *sink, struct mf_alert *alert)
{
    worker->settings = mf_in_force_adopt(&worker->engine->in_force, worker->settings);
    worker->sink = sink;
    mf_engine_count(worker->engine, MF_COUNT_ALERTS_AGAIN, 1);
    if (sink != NULL && sink->alert != NULL && !worker->settings->policy->observe)
        render_and_send(worker, alert);
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
    if (worker->settings->policy->observe)
        phase = MF_PHASE_NONE; /* nothing is raised */
    if (worker->tag != NULL)
        put_on_tag(worker, judged, phase);
    if (worker->sink != NULL && worker->sink->judged != NULL)
        worker->sink->judged(worker->sink->context, judged);
    if (phase != MF_PHASE_NONE)
        send_alert(worker, &worker->alert);
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

    worker->settings = mf_in_force_adopt(&engine->in_force, worker->settings); /* a silent worker keeps no old ones */
    worker->sink = sink;
    worker->tag = NULL;
    for (unsigned i = 0; i < feeds; i++) {
        mf_time clock = mf_feeds_clock(engine->feeds, i, now);
        if (clock != MF_TIME_NONE)
            mf_close_due(worker, i, clock, send_alert);
    }
    mf_engine_refresh_gauges(engine);
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
    if (judging.campaign && !worker->settings->policy->observe)
        send_alert(worker, &worker->campaign.alert);
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
    worker->settings = mf_in_force_adopt(&engine->in_force, worker->settings);
    mf_reader_read(worker->reader, worker->settings->profiles, NULL, bytes, length, arrival, take_reading, worker);
    if (worker->keeps && worker->settings->policy->state.flush == 0)
        mf_keep_flush(worker);
    if (++worker->gauge_age % 4096 == 0)
        mf_engine_refresh_gauges(engine);
}

void mf_engine_read(struct mf_engine *engine, struct mf_worker *worker, const char *profile, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context)
{
    worker->settings = mf_in_force_adopt(&engine->in_force, worker->settings);
    mf_reader_hurry(worker->reader, false);
    mf_reader_read(worker->reader, worker->settings->profiles, profile, bytes, length, arrival, fn, context);
    mf_reader_hurry(worker->reader, true);
}
