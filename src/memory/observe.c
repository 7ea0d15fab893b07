/* src/memory/observe.c
 *
 * One event enters what is remembered of its user: among the attempts, or around them; in the run, and as evidence. */

#include "memory/observe.h"

#include <string.h>

#include "memory/attempts.h"

void mf_event_mark(const struct mf_event *event, struct mf_event_marks *marks)
{
    marks->ticket = mf_ticket_of(event);
    marks->session = mf_session_of(event);
    marks->type = mf_type_mark_of(event);
}

/* ---- logins and sessions ---- */

static bool is_login_attempt(enum mf_kind kind)
{
    return kind == MF_LOGIN_SUCCESS || kind == MF_LOGIN_FAILURE || kind == MF_MFA_REQUIRED;
}

/* An answer's address may be the phone's, which says nothing of where the login came from. */
static struct mf_activity activity_of(const struct mf_event *event, const struct mf_source_values *source,
                                      const struct mf_place *place)
{
    struct mf_activity activity = {
        .time = event->time,
        .ticket = mf_ticket_of(event),
        .session = mf_session_of(event),
    };

    if (!event->answer_source) {
        activity.source = *source;
        activity.familiar = place->familiarity == MF_FAMILIAR;
    }
    return activity;
}

/* What comes around the MFA: logins that explain prompts, sessions that follow approvals, the IdP's own suspicion. */
static void observe_surroundings(struct mf_recent *recent, const struct mf_event *event,
                                 const struct mf_activity *activity, struct mf_sighting *sighting)
{
    if (is_login_attempt(event->kind)) {
        mf_activity_add_login(&recent->activities, activity);
        mf_attempts_explain(recent, event->time);
    }
    if (event->kind == MF_SESSION_START)
        mf_activity_add_active(&recent->activities, activity);
    if (event->kind == MF_SESSION_START || event->kind == MF_LOGIN_SUCCESS)
        sighting->session = mf_attempts_session(recent, event->time);
    if (event->kind == MF_RISK && event->time > recent->risk)
        recent->risk = event->time;
}

/* ---- evidence, runs ---- */

static void keep_evidence(struct mf_recent *recent, const struct mf_event *event)
{
    struct mf_evidence *evidence = &recent->evidence[recent->next_evidence];

    if (event->id.length == 0)
        return;
    evidence->time = event->time;
    mf_slice_copy(evidence->id, sizeof evidence->id, event->id);
    recent->next_evidence = (uint8_t)((recent->next_evidence + 1) % MF_EVIDENCE_MAX);
}

static void note_source(struct mf_run *run, const struct mf_event *event, const struct mf_place *place)
{
    struct mf_run_source *source = &run->source;
    size_t city = event->city.length < sizeof source->city ? event->city.length : 0;

    if (event->source.family == 0 || event->answer_source)
        return;
    if (source->ip.family != 0 && source->place.familiarity == MF_UNFAMILIAR && place->familiarity != MF_UNFAMILIAR)
        return;
    memset(source, 0, sizeof *source);
    source->ip = event->source;
    memcpy(source->country, event->country, sizeof source->country);
    if (city > 0)
        memcpy(source->city, event->city.data, city);
    source->asn = event->asn;
    source->place = *place;
}

static void enter_run(struct mf_run *run, mf_time time)
{
    bool first = run->start == MF_TIME_NONE;

    if (first || time - run->last >= MF_RUN_GAP) {
        memset(run, 0, sizeof *run);
        run->start = run->last = time;
        return;
    }
    if (time > run->last)
        run->last = time;
    if (time < run->start && run->start - time <= MF_RUN_GAP)
        run->start = time;
}

void mf_user_observe(struct mf_user *user, const struct mf_event *event, const struct mf_source_values *source,
                     const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting)
{
    struct mf_recent *recent = user->recent;
    struct mf_activity activity = activity_of(event, source, place);

    *sighting = (struct mf_sighting){.time = event->time, .judged = mf_kind_is_judged(event->kind)};
    if (user->first_seen == MF_TIME_NONE || event->time < user->first_seen)
        user->first_seen = event->time;
    if (user->last_seen == MF_TIME_NONE || event->time > user->last_seen)
        user->last_seen = event->time;
    if (!sighting->judged) {
        observe_surroundings(recent, event, &activity, sighting);
        return;
    }

    mf_attempts_rebase(recent, event->time);
    enter_run(&recent->run, event->time);
    note_source(&recent->run, event, place);
    keep_evidence(recent, event);
    if (event->kind == MF_MFA_CHALLENGE)
        mf_attempts_prompt(recent, event, &activity, place, sighting);
    else if (mf_outcome_of_kind(event->kind) != MF_OPEN)
        mf_attempts_outcome(recent, event, &activity, place, conf, sighting);
}

void mf_user_expect_login(struct mf_user *user, const struct mf_event *event)
{
    struct mf_recent *recent = user->recent;

    for (unsigned i = recent->n_attempts; i-- > 0 && mf_attempt_time(recent, &recent->attempt[i]) >= event->time;)
        if (mf_attempt_time(recent, &recent->attempt[i]) == event->time)
            recent->attempt[i].flags |= MF_ATTEMPT_LOGIN_DUE;
}
