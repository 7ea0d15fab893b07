/* src/judge/incident.c
 *
 * The life of an incident: opened, updated, closed, reopened, let go. */

#include "judge/incident.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/due.h"
#include "memory/feeds.h"

const struct mf_option mf_incident_options[] = {
    {"quiet", MF_OPTION_DURATION, offsetof(struct mf_incident_conf, quiet), 5 * MF_MINUTE, MF_DAY, "\"30m\"", NULL,
     "an incident is closed when its user had no MFA activity for this long"},
    {"reopen", MF_OPTION_DURATION, offsetof(struct mf_incident_conf, reopen), 0, 7 * MF_DAY, "\"24h\"", NULL,
     "a new attack on the same user within this time of the close reopens the incident under its id"},
    {"max_open", MF_OPTION_COUNT, offsetof(struct mf_incident_conf, max_open), 16, 1048576, "4096", NULL,
     "incidents remembered at most, about 3 KiB each, and no more than for half of state.users"},
    {"max_alerts_per_minute", MF_OPTION_COUNT, offsetof(struct mf_incident_conf, max_alerts_per_minute), 2, 1000000,
     "600", NULL,
     "alerts of one minute at most, half of them kept for anomalous; what is held back comes with the incident's next "
     "event, is counted, and is summed up in one alert when the minute is over"},
    {0},
};

/* How much an incident is to lose: closed ones make room first, then those that are not anomalous. */
enum standing { CLOSED, LESSER, ANOMALOUS, STANDINGS };

enum { DISPLACED_MAX = 64 };

struct mf_incidents {
    pthread_mutex_t lock;
    struct mf_incident_conf conf;
    struct mf_incident *incident;
    unsigned max_open;
    uint32_t *free; /* slots, the last one first */
    unsigned n_free;
    struct mf_due due;              /* of each feed and standing */
    mf_time next_due[MF_FEEDS_MAX]; /* no incident of the feed is due before */
    mf_time minute;
    unsigned this_minute, suppressed;
    struct mf_held held;
    struct mf_hash displaced[DISPLACED_MAX];
    unsigned n_displaced;
    struct mf_incident_counts counts;
};

const char *mf_phase_name(enum mf_phase phase)
{
    static const char *const names[] = {"", "open", "update", "close", "summary"};

    return names[phase];
}

static int take_room(struct mf_incidents *incidents, unsigned max_open)
{
    incidents->incident = calloc(max_open, sizeof *incidents->incident);
    incidents->free = calloc(max_open, sizeof *incidents->free);
    int failed = mf_due_init(&incidents->due, max_open, STANDINGS * MF_FEEDS_MAX);
    if (incidents->incident == NULL || incidents->free == NULL || failed)
        return -1;
    for (unsigned i = max_open; i > 0; i--)
        incidents->free[incidents->n_free++] = i - 1;
    return 0;
}

static void give_room(struct mf_incidents *incidents)
{
    free(incidents->incident);
    free(incidents->free);
    mf_due_fini(&incidents->due);
}

struct mf_incidents *mf_incidents_new(const struct mf_incident_conf *conf, struct mf_error *error)
{
    struct mf_incidents *incidents = calloc(1, sizeof *incidents);

    if (incidents == NULL || take_room(incidents, conf->max_open) != 0) {
        if (incidents != NULL)
            give_room(incidents);
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
    give_room(incidents);
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
    return sizeof *incidents + incidents->max_open * (sizeof *incidents->incident + sizeof *incidents->free) +
           mf_due_bytes(incidents->max_open, STANDINGS * MF_FEEDS_MAX);
}

/* ---- the pool ---- */

static uint32_t slot_of(const struct mf_incidents *incidents, const struct mf_incident *incident)
{
    return (uint32_t)(incident - incidents->incident);
}

static struct mf_incident *take_slot(struct mf_incidents *incidents)
{
    return incidents->n_free == 0 ? NULL : &incidents->incident[incidents->free[--incidents->n_free]];
}

/* A user whose incident made room for another's may still point to where it was. */
static struct mf_incident *incident_of(const struct mf_incidents *incidents, const struct mf_user *user)
{
    struct mf_incident *incident = user->incident == 0 ? NULL : &incidents->incident[user->incident - 1];

    return incident != NULL && incident->used && mf_hash_equal(incident->user, user->key) ? incident : NULL;
}

static uint32_t heap_of(unsigned feed, enum standing standing)
{
    return feed * STANDINGS + standing;
}

static void note_next_due(struct mf_incidents *incidents, unsigned feed)
{
    mf_time next = INT64_MAX;

    for (unsigned standing = 0; standing < STANDINGS; standing++) {
        mf_time time = mf_due_time(&incidents->due, heap_of(feed, (enum standing)standing));
        next = time < next ? time : next;
    }
    __atomic_store_n(&incidents->next_due[feed], next, __ATOMIC_RELAXED);
}

/* Of equal times the lower id is due first, so that the order does not depend on slots. */
static void expect_due(struct mf_incidents *incidents, struct mf_incident *incident, mf_time due)
{
    enum standing standing = incident->closed ? CLOSED : incident->alert.level >= MF_ANOMALOUS ? ANOMALOUS : LESSER;

    incident->due = due;
    mf_due_put(&incidents->due, slot_of(incidents, incident), heap_of(incident->feed, standing), due,
               strtoull(incident->alert.incident + 2, NULL, 16));
    note_next_due(incidents, incident->feed);
}

static void give_slot(struct mf_incidents *incidents, struct mf_incident *incident)
{
    incident->used = false;
    mf_due_remove(&incidents->due, slot_of(incidents, incident));
    note_next_due(incidents, incident->feed);
    incidents->free[incidents->n_free++] = slot_of(incidents, incident);
}

/* The one of that standing, of any feed, that is due first. */
static struct mf_incident *first_of(struct mf_incidents *incidents, enum standing standing)
{
    uint32_t first = MF_NOT_DUE;

    for (unsigned feed = 0; feed < MF_FEEDS_MAX; feed++) {
        uint32_t this = mf_due_first(&incidents->due, heap_of(feed, standing));
        if (this != MF_NOT_DUE && (first == MF_NOT_DUE || mf_due_before(&incidents->due, this, first)))
            first = this;
    }
    return first == MF_NOT_DUE ? NULL : &incidents->incident[first];
}

/* All are remembered: a closed one goes, for an anomalous newcomer also one that is less; each the one that would be over
 * first. Its user is cleared later, when nothing is locked. */
static struct mf_incident *displace(struct mf_incidents *incidents, enum mf_level level)
{
    struct mf_incident *least = incidents->n_displaced < DISPLACED_MAX ? first_of(incidents, CLOSED) : NULL;

    if (least == NULL && level >= MF_ANOMALOUS && incidents->n_displaced < DISPLACED_MAX)
        least = first_of(incidents, LESSER);
    if (least == NULL)
        return NULL;
    incidents->counts.displaced += !least->closed;
    incidents->counts.open -= !least->closed;
    incidents->displaced[incidents->n_displaced] = least->user;
    __atomic_store_n(&incidents->n_displaced, incidents->n_displaced + 1, __ATOMIC_RELAXED);
    give_slot(incidents, least);
    return take_slot(incidents);
}

bool mf_incidents_displaced(struct mf_incidents *incidents, struct mf_hash *user)
{
    if (__atomic_load_n(&incidents->n_displaced, __ATOMIC_RELAXED) == 0)
        return false;
    pthread_mutex_lock(&incidents->lock);
    bool any = incidents->n_displaced > 0;
    if (any) {
        __atomic_store_n(&incidents->n_displaced, incidents->n_displaced - 1, __ATOMIC_RELAXED);
        *user = incidents->displaced[incidents->n_displaced];
    }
    pthread_mutex_unlock(&incidents->lock);
    return any;
}

void mf_incident_let_go(struct mf_incidents *incidents, struct mf_user *user)
{
    pthread_mutex_lock(&incidents->lock);
    if (incident_of(incidents, user) == NULL)
        user->incident = 0;
    pthread_mutex_unlock(&incidents->lock);
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
static void bring_up_to_date(struct mf_incident *incident, const struct mf_user *user,
                             const struct mf_incident_step *step)
{
    struct mf_alert *alert = &incident->alert;
    const struct mf_event *event = step->event;
    const struct mf_verdict *verdict = step->verdict;
    const struct mf_run *run = &user->recent->run;

    alert->time = step->sighting->time;
    alert->created = event->arrival != MF_TIME_NONE ? event->arrival : alert->time;
    /* a late record may be the first of its run, and later ones may be known already */
    alert->start = earlier(alert->start, run->start);
    alert->end = later(alert->end, later(step->expiry ? run->last : alert->time, run->last));
    alert->kind = event->kind;
    alert->totals = sum_totals(&incident->past, &step->totals);
    alert->timeouts_inferred |= step->timeouts_inferred;
    alert->expired = step->expiry;
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

/* For the summary: the names of the first, and the worst of all. */
static void note_held(struct mf_held *held, const struct mf_alert *alert)
{
    held->anomalous += alert->level >= MF_ANOMALOUS;
    if (held->n_names < MF_SUMMARY_NAMES)
        mf_slice_copy(held->name[held->n_names++], sizeof held->name[0], mf_slice_of(alert->user));
    __atomic_store_n(&held->alerts, held->alerts + 1, __ATOMIC_RELAXED); /* looked at without the lock */
    if (held->alerts == 1 || alert->severity > held->worst.severity ||
        (alert->severity == held->worst.severity && alert->score > held->worst.score))
        held->worst = *alert;
}

/* One minute of event time may see so many alerts; the second half is for anomalous ones. */
static bool has_room(struct mf_incidents *incidents, const struct mf_alert *alert)
{
    mf_time minute = alert->time / MF_MINUTE;
    unsigned cap = incidents->conf.max_alerts_per_minute;

    /* feeds are minutes apart: the cap's clock does not go back */
    if (minute > incidents->minute) {
        incidents->minute = minute;
        incidents->this_minute = 0;
    }
    if (incidents->this_minute >= (alert->level == MF_ANOMALOUS ? cap : cap / 2))
        return false;
    incidents->this_minute++;
    return true;
}

static void hold_back(struct mf_incidents *incidents, const struct mf_alert *alert)
{
    incidents->counts.suppressed++;
    incidents->suppressed++;
    note_held(&incidents->held, alert);
}

/* What is held back is counted once, however often it is tried again. */
static bool send(struct mf_incidents *incidents, struct mf_incident *incident, enum mf_phase phase,
                 struct mf_alert *alert)
{
    if (!has_room(incidents, &incident->alert)) {
        if (incident->owed)
            incidents->counts.held_again++;
        else
            hold_back(incidents, &incident->alert);
        incident->owed = true;
        return false;
    }
    incident->owed = false;
    incident->told = true;
    incident->alert.sequence++;
    incident->alert.phase = phase;
    incident->alert.suppressed = incidents->suppressed;
    incidents->suppressed = 0;
    *alert = incident->alert;
    return true;
}

void mf_incidents_turn_back(struct mf_incidents *incidents, mf_time now)
{
    pthread_mutex_lock(&incidents->lock);
    if (incidents->minute > now / MF_MINUTE) {
        incidents->minute = now / MF_MINUTE;
        incidents->this_minute = 0;
    }
    pthread_mutex_unlock(&incidents->lock);
}

bool mf_incidents_admit(struct mf_incidents *incidents, struct mf_alert *alert)
{
    pthread_mutex_lock(&incidents->lock);
    bool admitted = has_room(incidents, alert);
    if (admitted) {
        alert->suppressed = incidents->suppressed;
        incidents->suppressed = 0;
    } else
        hold_back(incidents, alert);
    pthread_mutex_unlock(&incidents->lock);
    return admitted;
}

/* Of no user's incident: it is named after its minute, and says of the worst alert how bad it was. */
static void sum_up(const struct mf_held *held, mf_time minute, struct mf_alert *summary,
                   char name[MF_SUMMARY_NAMES][MF_USER_MAX + 1])
{
    memset(summary, 0, sizeof *summary);
    summary->phase = MF_PHASE_SUMMARY;
    summary->sequence = 1;
    snprintf(summary->incident, sizeof summary->incident, "i-%016llx", (unsigned long long)minute);
    summary->start = minute * MF_MINUTE;
    summary->time = summary->created = summary->end = summary->start + MF_MINUTE;
    memcpy(summary->user, held->worst.user, sizeof summary->user);
    memcpy(summary->idp, held->worst.idp, sizeof summary->idp);
    summary->level = held->worst.level;
    summary->severity = held->worst.severity;
    summary->score = held->worst.score;
    summary->suppressed = held->alerts;
    summary->suppressed_anomalous = held->anomalous;
    summary->refused = held->refused;
    memcpy(name, held->name, sizeof held->name);
    summary->related = (const char(*)[MF_USER_MAX + 1]) name;
    summary->n_related = held->n_names;
}

bool mf_incidents_any_held(struct mf_incidents *incidents)
{
    return __atomic_load_n(&incidents->held.alerts, __ATOMIC_RELAXED) != 0;
}

bool mf_incidents_summary(struct mf_incidents *incidents, mf_time now, struct mf_alert *summary,
                          char name[MF_SUMMARY_NAMES][MF_USER_MAX + 1])
{
    bool any = false;

    if (__atomic_load_n(&incidents->held.alerts, __ATOMIC_RELAXED) == 0)
        return false;
    pthread_mutex_lock(&incidents->lock);
    if (incidents->held.alerts > 0 && now / MF_MINUTE > incidents->minute) {
        sum_up(&incidents->held, incidents->minute, summary, name);
        __atomic_store_n(&incidents->held.alerts, 0, __ATOMIC_RELAXED);
        memset(&incidents->held.anomalous, 0, sizeof incidents->held - offsetof(struct mf_held, anomalous));
        incidents->minute = now / MF_MINUTE;
        incidents->this_minute = 0;
        any = true;
    }
    pthread_mutex_unlock(&incidents->lock);
    return any;
}

/* ---- steps ---- */

/* Once for each run of a user. */
static void refuse(struct mf_incidents *incidents, struct mf_user *user, const struct mf_incident_step *step)
{
    struct mf_alert alert = {
        .level = step->verdict->level,
        .severity = step->verdict->severity,
        .score = step->verdict->score,
    };

    if (user->recent->run.refused)
        return;
    user->recent->run.refused = true;
    incidents->counts.refused++;
    incidents->held.refused++;
    mf_slice_copy(alert.user, sizeof alert.user, step->event->user);
    mf_slice_copy(alert.idp, sizeof alert.idp, step->event->idp);
    hold_back(incidents, &alert);
}

static struct mf_incident *open_incident(struct mf_incidents *incidents, struct mf_user *user,
                                         const struct mf_incident_step *step)
{
    struct mf_incident *incident = take_slot(incidents);

    if (incident == NULL)
        incident = displace(incidents, step->verdict->level);
    if (incident == NULL) {
        refuse(incidents, user, step);
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

/* Whose it is does not stay with an incident that is not open: names are kept no longer than they are needed. */
static void take_name(struct mf_alert *alert)
{
    memset(alert->user, 0, sizeof alert->user);
    memset(alert->user_id, 0, sizeof alert->user_id);
}

/* Runs between the close and now were not the attack's; the one of the close may still go on. */
static void reopen(struct mf_incidents *incidents, struct mf_incident *incident, const struct mf_run *run,
                   struct mf_slice user)
{
    if (run->start == incident->closed_run)
        incident->past = incident->closed_past;
    mf_slice_copy(incident->alert.user, sizeof incident->alert.user, user);
    incident->closed = incident->told = incident->owed = false;
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
static bool has_news(struct mf_incident *incident, const struct mf_run *run, const struct mf_incident_step *step,
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
    struct mf_incident *incident = incident_of(incidents, user);
    bool reached = step->verdict->level >= step->alert_level;

    if ((incident == NULL || incident->closed) && !reached)
        return false;
    if (incident == NULL)
        incident = open_incident(incidents, user, step);
    else if (incident->closed)
        reopen(incidents, incident, &user->recent->run, step->event->user);
    if (incident == NULL)
        return false;

    enum mf_level level = incident->alert.level;
    enum mf_severity severity = incident->alert.severity;
    bring_up_to_date(incident, user, step);
    bool news = has_news(incident, &user->recent->run, step, level, severity);
    expect_due(incidents, incident, incident->alert.end + incidents->conf.quiet);
    if (!incident->told)
        return send(incidents, incident, MF_PHASE_OPEN, alert);
    if ((!news && !incident->owed) || !send(incidents, incident, MF_PHASE_UPDATE, alert))
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
    struct mf_incident *incident = incident_of(incidents, user);
    if (incident != NULL && !incident->closed)
        incident->past = sum_totals(&incident->past, totals);
    pthread_mutex_unlock(&incidents->lock);
}

bool mf_incident_look(struct mf_incidents *incidents, const struct mf_user *user, struct mf_alert *alert, bool *open)
{
    pthread_mutex_lock(&incidents->lock);
    const struct mf_incident *incident = incident_of(incidents, user);
    bool found = incident != NULL;
    if (found) {
        *alert = incident->alert;
        *open = !incident->closed;
    }
    pthread_mutex_unlock(&incidents->lock);
    return found;
}

bool mf_incident_name(struct mf_incidents *incidents, const struct mf_user *user, char id[MF_INCIDENT_ID + 1])
{
    if (user->incident == 0)
        return false;
    pthread_mutex_lock(&incidents->lock);
    const struct mf_incident *incident = incident_of(incidents, user);
    bool open = incident != NULL && !incident->closed;
    if (open)
        memcpy(id, incident->alert.incident, MF_INCIDENT_ID + 1);
    pthread_mutex_unlock(&incidents->lock);
    return open;
}

/* ---- closing ---- */

mf_time mf_incidents_next(struct mf_incidents *incidents, unsigned feed)
{
    return __atomic_load_n(&incidents->next_due[feed], __ATOMIC_RELAXED);
}

bool mf_incidents_due(struct mf_incidents *incidents, unsigned feed, mf_time now, struct mf_hash *user)
{
    uint32_t first = MF_NOT_DUE;

    if (now < __atomic_load_n(&incidents->next_due[feed], __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&incidents->lock);
    for (unsigned standing = 0; standing < STANDINGS; standing++) {
        uint32_t this = mf_due_first(&incidents->due, heap_of(feed, (enum standing)standing));
        if (this != MF_NOT_DUE && incidents->incident[this].due <= now &&
            (first == MF_NOT_DUE || mf_due_before(&incidents->due, this, first)))
            first = this;
    }
    if (first != MF_NOT_DUE)
        *user = incidents->incident[first].user;
    pthread_mutex_unlock(&incidents->lock);
    return first != MF_NOT_DUE;
}

static void let_go(struct mf_incidents *incidents, struct mf_incident *incident, struct mf_user *user)
{
    give_slot(incidents, incident);
    user->incident = 0;
}

static bool close_locked(struct mf_incidents *incidents, struct mf_user *user, mf_time now,
                         const struct mf_totals *totals, struct mf_alert *alert)
{
    struct mf_incident *incident = incident_of(incidents, user);

    if (incident == NULL || incident->due > now)
        return false;
    if (incident->closed) {
        let_go(incidents, incident, user);
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
    incident->alert.expired = false;
    bool sent = incident->told && send(incidents, incident, MF_PHASE_CLOSE, alert);
    take_name(&incident->alert);
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

/* ---- for the snapshot ---- */

unsigned mf_incidents_max(const struct mf_incidents *incidents)
{
    return incidents->max_open;
}

unsigned mf_incidents_copy(struct mf_incidents *incidents, struct mf_incident *to, struct mf_cap *cap)
{
    unsigned n = 0;

    pthread_mutex_lock(&incidents->lock);
    for (unsigned i = 0; n < incidents->max_open - incidents->n_free; i++)
        if (incidents->incident[i].used)
            to[n++] = incidents->incident[i];
    *cap = (struct mf_cap){incidents->minute, incidents->this_minute, incidents->suppressed, incidents->held};
    pthread_mutex_unlock(&incidents->lock);
    return n;
}

void mf_incidents_restore_cap(struct mf_incidents *incidents, const struct mf_cap *cap)
{
    incidents->minute = cap->minute;
    incidents->this_minute = cap->this_minute;
    incidents->suppressed = cap->suppressed;
    incidents->held = cap->held;
}

uint32_t mf_incidents_restore(struct mf_incidents *incidents, const struct mf_incident *incident)
{
    struct mf_incident *slot = take_slot(incidents);

    if (slot == NULL) {
        incidents->counts.refused += !incident->closed;
        return 0;
    }
    *slot = *incident;
    incidents->counts.open += !incident->closed;
    expect_due(incidents, slot, slot->due);
    return slot_of(incidents, slot) + 1;
}

static void take_held_name(struct mf_held *held, struct mf_slice user)
{
    for (unsigned i = 0; i < held->n_names; i++)
        if (mf_slice_equal(mf_slice_of(held->name[i]), user))
            memset(held->name[i], 0, sizeof held->name[i]);
    if (mf_slice_equal(mf_slice_of(held->worst.user), user))
        memset(held->worst.user, 0, sizeof held->worst.user);
}

void mf_incident_forget(struct mf_incidents *incidents, struct mf_user *user, struct mf_slice name)
{
    pthread_mutex_lock(&incidents->lock);
    struct mf_incident *incident = incident_of(incidents, user);
    if (incident != NULL) {
        incidents->counts.open -= !incident->closed;
        let_go(incidents, incident, user);
        memset(&incident->alert, 0, sizeof incident->alert);
    }
    take_held_name(&incidents->held, name);
    pthread_mutex_unlock(&incidents->lock);
}
