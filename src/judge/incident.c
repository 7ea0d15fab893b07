/* src/judge/incident.c
 *
 * The life of an incident: opened, updated, closed, reopened, let go. */

#include "judge/incident.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/feeds.h"

const struct mf_option mf_incident_options[] = {
    {"quiet", MF_OPTION_DURATION, offsetof(struct mf_incident_conf, quiet), 5 * MF_MINUTE, MF_DAY, "\"30m\"", NULL,
     "an incident is closed when its user had no MFA activity for this long"},
    {"reopen", MF_OPTION_DURATION, offsetof(struct mf_incident_conf, reopen), 0, 7 * MF_DAY, "\"24h\"", NULL,
     "a new attack on the same user within this time of the close reopens the incident under its id"},
    {"max_open", MF_OPTION_COUNT, offsetof(struct mf_incident_conf, max_open), 16, 1048576, "4096", NULL,
     "incidents remembered at most, about 3 KiB each"},
    {"max_alerts_per_minute", MF_OPTION_COUNT, offsetof(struct mf_incident_conf, max_alerts_per_minute), 2, 1000000,
     "600", NULL,
     "alerts of one minute at most, half of them kept for anomalous; what is held back is counted and comes with the "
     "next event"},
    {0},
};

struct incident {
    bool used, closed, told; /* told: its open alert went out */
    struct mf_hash user;
    unsigned feed;
    mf_time due;                  /* close, or (closed) let go */
    struct mf_totals past;        /* of its runs before the present one */
    struct mf_totals closed_past; /* as `past` was at the close, and the run of that time */
    mf_time closed_run;
    struct mf_alert alert; /* what it would say now */
};

struct mf_incidents {
    pthread_mutex_t lock;
    struct mf_incident_conf conf;
    struct incident *incident;
    unsigned max_open;
    unsigned n; /* slots ever used */
    unsigned free_hint;
    mf_time next_due[MF_FEEDS_MAX]; /* no incident of the feed is due before; may be too early */
    mf_time minute;
    unsigned this_minute, suppressed;
    struct mf_incident_counts counts;
};

const char *mf_phase_name(enum mf_phase phase)
{
    static const char *const names[] = {"", "open", "update", "close"};

    return names[phase];
}

struct mf_incidents *mf_incidents_new(const struct mf_incident_conf *conf, struct mf_error *error)
{
    struct mf_incidents *incidents = calloc(1, sizeof *incidents);

    if (incidents != NULL)
        incidents->incident = calloc(conf->max_open, sizeof *incidents->incident);
    if (incidents == NULL || incidents->incident == NULL) {
        free(incidents);
        mf_error_set(error, "not enough memory for %u incidents (incident.max_open)", conf->max_open);
        return NULL;
    }
    pthread_mutex_init(&incidents->lock, NULL);
    incidents->conf = *conf;
    incidents->max_open = conf->max_open;
    incidents->minute = MF_TIME_NONE;
    for (unsigned i = 0; i < MF_FEEDS_MAX; i++)
        incidents->next_due[i] = INT64_MAX;
    return incidents;
}

void mf_incidents_free(struct mf_incidents *incidents)
{
    if (incidents == NULL)
        return;
    pthread_mutex_destroy(&incidents->lock);
    free(incidents->incident);
    free(incidents);
}

void mf_incidents_configure(struct mf_incidents *incidents, const struct mf_incident_conf *conf)
{
    pthread_mutex_lock(&incidents->lock);
    incidents->conf = *conf;
    pthread_mutex_unlock(&incidents->lock);
}

size_t mf_incidents_memory(const struct mf_incidents *incidents)
{
    return sizeof *incidents + incidents->max_open * sizeof *incidents->incident;
}

/* ---- the pool ---- */

static struct incident *take_slot(struct mf_incidents *incidents)
{
    for (unsigned i = 0; i < incidents->n; i++) {
        unsigned slot = (incidents->free_hint + i) % incidents->n;
        if (!incidents->incident[slot].used) {
            incidents->free_hint = slot + 1;
            return &incidents->incident[slot];
        }
    }
    return incidents->n < incidents->max_open ? &incidents->incident[incidents->n++] : NULL;
}

static struct incident *incident_of(const struct mf_incidents *incidents, const struct mf_user *user)
{
    return user->incident == 0 ? NULL : &incidents->incident[user->incident - 1];
}

static void expect_due(struct mf_incidents *incidents, struct incident *incident, mf_time due)
{
    incident->due = due;
    if (due < incidents->next_due[incident->feed])
        __atomic_store_n(&incidents->next_due[incident->feed], due, __ATOMIC_RELAXED);
}

/* ---- what an incident says ---- */

static void add_evidence(struct mf_alert *alert, const char *id)
{
    if (id[0] == '\0')
        return;
    for (unsigned i = 0; i < alert->n_evidence; i++)
        if (strcmp(alert->evidence[i], id) == 0)
            return;
    if (alert->n_evidence == MF_ALERT_EVIDENCE) {
        alert->evidence_cut = true;
        return;
    }
    snprintf(alert->evidence[alert->n_evidence++], MF_EVIDENCE_TEXT, "%s", id);
}

/* The records of the run that led here, oldest first. */
static void add_recent_evidence(struct mf_alert *alert, const struct mf_recent *recent)
{
    for (unsigned i = 0; i < MF_EVIDENCE_MAX; i++) {
        const struct mf_evidence *evidence = &recent->evidence[(recent->next_evidence + i) % MF_EVIDENCE_MAX];
        if (evidence->id[0] != '\0' && evidence->time >= recent->run.start)
            add_evidence(alert, evidence->id);
    }
}

/* The unfamiliar source is the one to name; a later run's familiar one does not take its place. */
static void add_source(struct mf_alert *alert, const struct mf_run_source *source)
{
    if (source->ip.family == 0 || (alert->familiarity == MF_UNFAMILIAR && source->place.familiarity != MF_UNFAMILIAR))
        return;
    mf_ip_format(&source->ip, alert->source);
    memcpy(alert->country, source->country, 2);
    alert->country[2] = '\0';
    alert->asn = source->asn;
    mf_slice_copy(alert->city, sizeof alert->city, mf_slice_of(source->city));
    alert->familiarity = source->place.familiarity;
    alert->by_tenant = source->place.by_tenant;
}

static void describe(struct mf_alert *alert, const struct mf_user *user, const struct mf_incident_step *step)
{
    const struct mf_event *event = step->event;

    memset(alert, 0, sizeof *alert);
    snprintf(alert->incident, sizeof alert->incident, "i-%016llx", (unsigned long long)step->id.lo);
    alert->start = user->recent->run.start;
    mf_slice_copy(alert->user, sizeof alert->user, event->user);
    alert->history_days = step->history_days;
    add_recent_evidence(alert, user->recent);
}

static struct mf_totals sum_totals(const struct mf_totals *a, const struct mf_totals *b)
{
    return (struct mf_totals){a->prompts + b->prompts, a->denied + b->denied, a->timeouts + b->timeouts,
                              a->failed + b->failed, a->approved + b->approved};
}

static mf_time earlier(mf_time a, mf_time b)
{
    return a < b ? a : b;
}

static mf_time later(mf_time a, mf_time b)
{
    return a > b ? a : b;
}

/* What this event adds. The highest level, severity and score so far stay. */
static void bring_up_to_date(struct incident *incident, const struct mf_user *user, const struct mf_incident_step *step)
{
    struct mf_alert *alert = &incident->alert;
    const struct mf_event *event = step->event;
    const struct mf_verdict *verdict = step->verdict;
    const struct mf_run *run = &user->recent->run;

    alert->time = step->sighting->time;
    alert->created = event->arrival != MF_TIME_NONE ? event->arrival : alert->time;
    /* a late record may be the first of its run, and later ones may be known already */
    alert->start = earlier(alert->start, run->start);
    alert->end = later(alert->end, later(alert->time, run->last));
    alert->kind = event->kind;
    alert->totals = sum_totals(&incident->past, &step->totals);
    alert->timeouts_inferred |= step->timeouts_inferred;
    alert->missing = step->missing;
    if (step->rate->asked && (!alert->rate.asked || step->rate->log10_p < alert->rate.log10_p))
        alert->rate = *step->rate;
    mf_slice_copy(alert->idp, sizeof alert->idp, event->idp);
    if (event->user_id.length > 0)
        mf_slice_copy(alert->user_id, sizeof alert->user_id, event->user_id);
    add_source(alert, &run->source);
    if (event->id.length > 0) {
        char id[MF_EVIDENCE_TEXT];
        mf_slice_copy(id, sizeof id, event->id);
        add_evidence(alert, id);
    }
    if (verdict->level < alert->level || (verdict->level == alert->level && verdict->score < alert->score))
        return;
    alert->level = verdict->level;
    alert->score = verdict->score;
    alert->n_findings = verdict->n_findings;
    memcpy(alert->finding, verdict->finding, verdict->n_findings * sizeof verdict->finding[0]);
    memcpy(alert->group, verdict->group, sizeof alert->group);
    if (verdict->severity > alert->severity)
        alert->severity = verdict->severity;
}

/* ---- the cap ---- */

/* One minute of event time may see so many alerts; the second half is for anomalous ones. */
static bool may_send(struct mf_incidents *incidents, const struct mf_alert *alert)
{
    mf_time minute = alert->time / MF_MINUTE;
    unsigned cap = incidents->conf.max_alerts_per_minute;

    /* feeds are minutes apart: the cap's clock does not go back */
    if (minute > incidents->minute) {
        incidents->minute = minute;
        incidents->this_minute = 0;
    }
    if (incidents->this_minute >= (alert->level == MF_ANOMALOUS ? cap : cap / 2)) {
        incidents->counts.suppressed++;
        incidents->suppressed++;
        return false;
    }
    incidents->this_minute++;
    return true;
}

static bool send(struct mf_incidents *incidents, struct incident *incident, enum mf_phase phase, struct mf_alert *alert)
{
    if (!may_send(incidents, &incident->alert))
        return false;
    incident->told = true;
    incident->alert.sequence++;
    incident->alert.phase = phase;
    incident->alert.suppressed = incidents->suppressed;
    incidents->suppressed = 0;
    *alert = incident->alert;
    return true;
}

bool mf_incidents_admit(struct mf_incidents *incidents, struct mf_alert *alert)
{
    pthread_mutex_lock(&incidents->lock);
    bool admitted = may_send(incidents, alert);
    if (admitted) {
        alert->suppressed = incidents->suppressed;
        incidents->suppressed = 0;
    }
    pthread_mutex_unlock(&incidents->lock);
    return admitted;
}

/* ---- steps ---- */

static struct incident *open_incident(struct mf_incidents *incidents, struct mf_user *user,
                                      const struct mf_incident_step *step)
{
    struct incident *incident = take_slot(incidents);

    if (incident == NULL) {
        incidents->counts.refused++;
        return NULL;
    }
    memset(incident, 0, sizeof *incident);
    incident->used = true;
    incident->user = user->key;
    incident->feed = step->feed;
    user->incident = (uint32_t)(incident - incidents->incident) + 1;
    describe(&incident->alert, user, step);
    incidents->counts.opened++;
    incidents->counts.open++;
    return incident;
}

/* Runs between the close and now were not the attack's; the one of the close may still go on. */
static void reopen(struct mf_incidents *incidents, struct incident *incident, const struct mf_run *run)
{
    if (run->start == incident->closed_run)
        incident->past = incident->closed_past;
    incident->closed = incident->told = false;
    incident->alert.level = MF_NORMAL;
    incident->alert.severity = MF_SEVERITY_NONE;
    incident->alert.approved = incident->alert.fraud = incident->alert.factor_change = false;
    incidents->counts.open++;
}

static bool note_once(bool *flag, bool happened)
{
    bool first = happened && !*flag;

    *flag |= happened;
    return first;
}

/* Does something happen that an analyst must hear of now: the level rises, an approval, a fraud report, a factor
 * change? */
static bool has_news(struct incident *incident, const struct mf_run *run, const struct mf_incident_step *step,
                     enum mf_level level, enum mf_severity severity)
{
    struct mf_alert *alert = &incident->alert;
    enum mf_kind kind = step->event->kind;
    bool news = alert->level > level || alert->severity > severity;

    news |= note_once(&alert->approved, run->approved);
    news |= note_once(&alert->fraud, kind == MF_MFA_FRAUD);
    news |= note_once(&alert->factor_change, mf_kind_is_factor_change(kind));
    return news;
}

static bool step_locked(struct mf_incidents *incidents, struct mf_user *user, const struct mf_incident_step *step,
                        struct mf_alert *alert)
{
    struct incident *incident = incident_of(incidents, user);
    bool reached = step->verdict->level >= step->alert_level;

    if ((incident == NULL || incident->closed) && !reached)
        return false;
    if (incident == NULL)
        incident = open_incident(incidents, user, step);
    else if (incident->closed)
        reopen(incidents, incident, &user->recent->run);
    if (incident == NULL)
        return false;

    enum mf_level level = incident->alert.level;
    enum mf_severity severity = incident->alert.severity;
    bring_up_to_date(incident, user, step);
    bool news = has_news(incident, &user->recent->run, step, level, severity);
    expect_due(incidents, incident, incident->alert.end + incidents->conf.quiet);
    if (!incident->told)
        return send(incidents, incident, MF_PHASE_OPEN, alert);
    if (!news || !send(incidents, incident, MF_PHASE_UPDATE, alert))
        return false;
    incidents->counts.updated++;
    return true;
}

bool mf_incident_step(struct mf_incidents *incidents, struct mf_user *user, const struct mf_incident_step *step,
                      struct mf_alert *alert)
{
    if (user->incident == 0 && step->verdict->level < step->alert_level)
        return false;
    pthread_mutex_lock(&incidents->lock);
    bool sent = step_locked(incidents, user, step, alert);
    pthread_mutex_unlock(&incidents->lock);
    return sent;
}

void mf_incident_fold(struct mf_incidents *incidents, const struct mf_user *user, const struct mf_totals *totals)
{
    pthread_mutex_lock(&incidents->lock);
    struct incident *incident = incident_of(incidents, user);
    if (incident != NULL && !incident->closed)
        incident->past = sum_totals(&incident->past, totals);
    pthread_mutex_unlock(&incidents->lock);
}

bool mf_incident_name(struct mf_incidents *incidents, const struct mf_user *user, char id[MF_INCIDENT_ID + 1])
{
    if (user->incident == 0)
        return false;
    pthread_mutex_lock(&incidents->lock);
    const struct incident *incident = incident_of(incidents, user);
    bool open = !incident->closed;
    if (open)
        memcpy(id, incident->alert.incident, MF_INCIDENT_ID + 1);
    pthread_mutex_unlock(&incidents->lock);
    return open;
}

/* ---- closing ---- */

/* The order of closing does not depend on slots: first due, then by id. */
static bool is_before(const struct incident *a, const struct incident *b)
{
    return a->due != b->due ? a->due < b->due : strcmp(a->alert.incident, b->alert.incident) < 0;
}

bool mf_incidents_due(struct mf_incidents *incidents, unsigned feed, mf_time now, struct mf_hash *user)
{
    const struct incident *first = NULL;
    mf_time next = INT64_MAX;

    if (now < __atomic_load_n(&incidents->next_due[feed], __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&incidents->lock);
    for (unsigned i = 0; i < incidents->n; i++) {
        const struct incident *incident = &incidents->incident[i];
        if (!incident->used || incident->feed != feed)
            continue;
        next = incident->due < next ? incident->due : next;
        if (incident->due <= now && (first == NULL || is_before(incident, first)))
            first = incident;
    }
    __atomic_store_n(&incidents->next_due[feed], next, __ATOMIC_RELAXED);
    if (first != NULL)
        *user = first->user;
    pthread_mutex_unlock(&incidents->lock);
    return first != NULL;
}

static void let_go(struct incident *incident, struct mf_user *user)
{
    incident->used = false;
    user->incident = 0;
}

static bool close_locked(struct mf_incidents *incidents, struct mf_user *user, mf_time now,
                         const struct mf_totals *totals, struct mf_alert *alert)
{
    struct incident *incident = incident_of(incidents, user);

    if (incident == NULL || incident->due > now)
        return false;
    if (incident->closed) {
        let_go(incident, user);
        return false;
    }
    incident->closed = true;
    incidents->counts.open--;
    incidents->counts.closed++;
    incident->closed_past = incident->past;
    incident->closed_run = user->recent == NULL ? MF_TIME_NONE : user->recent->run.start;
    incident->past = sum_totals(&incident->past, totals);
    incident->alert.totals = incident->past;
    incident->alert.time = incident->alert.created = incident->due;
    bool sent = incident->told && send(incidents, incident, MF_PHASE_CLOSE, alert);
    expect_due(incidents, incident, incident->due + incidents->conf.reopen);
    return sent;
}

bool mf_incident_close(struct mf_incidents *incidents, struct mf_user *user, mf_time now,
                       const struct mf_totals *totals, struct mf_alert *alert)
{
    pthread_mutex_lock(&incidents->lock);
    bool sent = close_locked(incidents, user, now, totals, alert);
    pthread_mutex_unlock(&incidents->lock);
    return sent;
}

void mf_incidents_count(struct mf_incidents *incidents, struct mf_incident_counts *counts)
{
    pthread_mutex_lock(&incidents->lock);
    *counts = incidents->counts;
    pthread_mutex_unlock(&incidents->lock);
}
