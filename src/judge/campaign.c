/* src/judge/campaign.c
 *
 * The life of an address's incident. */

#include "judge/campaign.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mf_campaigns {
    pthread_mutex_t lock;
    struct mf_incident_conf conf;
    unsigned n_used; /* written with the lock, looked at without: so with atomics */
    struct mf_campaign_counts counts;
    struct mf_campaign campaign[MF_CAMPAIGNS_MAX];
};

struct mf_campaigns *mf_campaigns_new(const struct mf_incident_conf *conf, struct mf_error *error)
{
    struct mf_campaigns *campaigns = calloc(1, sizeof *campaigns);

    if (campaigns == NULL) {
        mf_error_set(error, "not enough memory for %d incidents of addresses", MF_CAMPAIGNS_MAX);
        return NULL;
    }
    pthread_mutex_init(&campaigns->lock, NULL);
    campaigns->conf = *conf;
    return campaigns;
}

void mf_campaigns_free(struct mf_campaigns *campaigns)
{
    if (campaigns == NULL)
        return;
    pthread_mutex_destroy(&campaigns->lock);
    free(campaigns);
}

void mf_campaigns_configure(struct mf_campaigns *campaigns, const struct mf_incident_conf *conf)
{
    pthread_mutex_lock(&campaigns->lock);
    campaigns->conf = *conf;
    pthread_mutex_unlock(&campaigns->lock);
}

size_t mf_campaigns_memory(const struct mf_campaigns *campaigns)
{
    return sizeof *campaigns;
}

static struct mf_campaign *find(struct mf_campaigns *campaigns, struct mf_hash address)
{
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX; i++)
        if (campaigns->campaign[i].used && mf_hash_equal(campaigns->campaign[i].address, address))
            return &campaigns->campaign[i];
    return NULL;
}

/* All are open: an anomalous newcomer takes the place of one that is less, and would be over first. */
static struct mf_campaign *make_room(struct mf_campaigns *campaigns, const struct mf_campaign_step *step)
{
    struct mf_campaign *least = NULL;

    campaigns->counts.refused++;
    if (step->verdict->level < MF_ANOMALOUS)
        return NULL;
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX; i++) {
        struct mf_campaign *campaign = &campaigns->campaign[i];
        if (campaign->told.alert.level < MF_ANOMALOUS && (least == NULL || campaign->due < least->due))
            least = campaign;
    }
    campaigns->n_used -= least != NULL;
    return least;
}

static struct mf_campaign *open_campaign(struct mf_campaigns *campaigns, const struct mf_campaign_step *step)
{
    struct mf_campaign *campaign = campaigns->campaign;

    while (campaign < campaigns->campaign + MF_CAMPAIGNS_MAX && campaign->used)
        campaign++;
    if (campaign == campaigns->campaign + MF_CAMPAIGNS_MAX)
        campaign = make_room(campaigns, step);
    if (campaign == NULL)
        return NULL;
    memset(campaign, 0, sizeof *campaign);
    campaign->used = true;
    campaign->address = campaign->told.address = step->address;
    campaign->feed = step->feed;
    campaign->told.alert.start = campaign->told.alert.end = step->event->time;
    snprintf(campaign->told.alert.incident, sizeof campaign->told.alert.incident, "i-%016llx",
             (unsigned long long)step->id.lo);
    __atomic_fetch_add(&campaigns->n_used, 1, __ATOMIC_RELAXED);
    campaigns->counts.opened++;
    return campaign;
}

static void note_user(struct mf_campaign *campaign, uint32_t user, struct mf_slice name)
{
    for (unsigned i = 0; i < campaign->n_users; i++)
        if (campaign->user[i] == user)
            return;
    if (campaign->n_users == MF_CAMPAIGN_USERS)
        return;
    if (campaign->n_users < MF_CAMPAIGN_NAMES)
        mf_slice_copy(campaign->told.name[campaign->n_users], sizeof campaign->told.name[0], name);
    campaign->user[campaign->n_users++] = user;
}

static void note_evidence(struct mf_alert *alert, struct mf_slice id)
{
    if (id.length == 0)
        return;
    if (alert->n_evidence == MF_ALERT_EVIDENCE)
        alert->evidence_cut = true;
    else
        mf_slice_copy(alert->evidence[alert->n_evidence++], MF_EVIDENCE_TEXT, id);
}

static void note_kind(struct mf_totals *totals, const struct mf_event *event)
{
    totals->prompts += event->prompts;
    totals->denied += event->kind == MF_MFA_DENIED || event->kind == MF_MFA_FRAUD;
    totals->timeouts += event->kind == MF_MFA_TIMEOUT;
    totals->failed += event->kind == MF_MFA_FAILED;
    totals->approved += event->kind == MF_MFA_SUCCESS;
}

static void note_source(struct mf_alert *alert, const struct mf_event *event, const struct mf_place *place)
{
    mf_ip_format(&event->source, alert->source);
    memcpy(alert->country, event->country, 2);
    alert->country[2] = '\0';
    alert->asn = event->asn;
    mf_slice_copy(alert->city, sizeof alert->city, event->city);
    alert->familiarity = place->familiarity;
    alert->by_tenant = place->by_tenant;
}

/* The findings about the address, and the highest level that any of its users reached. */
static void note_findings(struct mf_campaign *campaign, const struct mf_campaign_step *step)
{
    struct mf_alert *alert = &campaign->told.alert;
    const struct mf_verdict *verdict = step->verdict;

    campaign->fired |= step->fired;
    if (verdict->level > alert->level)
        alert->level = verdict->level;
    if (verdict->severity > alert->severity)
        alert->severity = verdict->severity;
    if (verdict->score > alert->score)
        alert->score = verdict->score;
    alert->n_findings = 0;
    memset(alert->group, 0, sizeof alert->group);
    for (unsigned i = 0; i < verdict->n_findings; i++) {
        const struct mf_finding *finding = &verdict->finding[i];
        if (!finding->signal->of_address)
            continue;
        alert->finding[alert->n_findings++] = *finding;
        alert->group[finding->signal->group] += finding->points;
        /* users whom the address went for before this began */
        alert->users = finding->observed > alert->users ? finding->observed : alert->users;
    }
}

static void bring_up_to_date(struct mf_campaign *campaign, const struct mf_campaign_step *step)
{
    struct mf_alert *alert = &campaign->told.alert;
    const struct mf_event *event = step->event;

    note_user(campaign, step->user, event->user);
    note_kind(&alert->totals, event);
    note_evidence(alert, event->id);
    note_source(alert, event, step->place);
    if (step->fired != 0)
        note_findings(campaign, step);
    /* many users are an attack by themselves */
    if (alert->level < MF_SUSPICIOUS)
        alert->level = MF_SUSPICIOUS;
    if (alert->severity < MF_SEVERITY_MEDIUM)
        alert->severity = MF_SEVERITY_MEDIUM;
    if (alert->score < alert->group[MF_GROUP_SOURCE] + alert->group[MF_GROUP_SESSION])
        alert->score = alert->group[MF_GROUP_SOURCE] + alert->group[MF_GROUP_SESSION];
    alert->time = event->time;
    alert->created = event->arrival != MF_TIME_NONE ? event->arrival : event->time;
    alert->end = event->time > alert->end ? event->time : alert->end;
    alert->start = event->time < alert->start ? event->time : alert->start;
    alert->kind = event->kind;
    alert->users = campaign->n_users > alert->users ? campaign->n_users : alert->users;
    mf_slice_copy(alert->user, sizeof alert->user, event->user);
    mf_slice_copy(alert->idp, sizeof alert->idp, event->idp);
}

static void hand_over(struct mf_campaign *campaign, enum mf_phase phase, struct mf_campaign_alert *out)
{
    campaign->told.alert.phase = phase;
    campaign->told.alert.sequence++;
    *out = campaign->told;
    out->alert.related = out->name;
    out->alert.n_related = campaign->n_users < MF_CAMPAIGN_NAMES ? campaign->n_users : MF_CAMPAIGN_NAMES;
}

static bool step_locked(struct mf_campaigns *campaigns, const struct mf_campaign_step *step,
                        struct mf_campaign_alert *out)
{
    struct mf_campaign *campaign = find(campaigns, step->address);
    bool opens = campaign == NULL;

    if (opens && (step->fired == 0 || !step->may_open))
        return false;
    if (opens)
        campaign = open_campaign(campaigns, step);
    if (campaign == NULL)
        return false;

    const struct mf_alert before = campaign->told.alert;
    bring_up_to_date(campaign, step);
    campaign->due = campaign->told.alert.end + campaigns->conf.quiet;
    const struct mf_alert *now = &campaign->told.alert;
    bool approved = now->totals.approved > 0 && before.totals.approved == 0;
    if (!opens && now->level <= before.level && now->severity <= before.severity && !approved)
        return false;
    campaign->told.alert.approved = now->totals.approved > 0;
    hand_over(campaign, opens ? MF_PHASE_OPEN : MF_PHASE_UPDATE, out);
    return true;
}

bool mf_campaign_step(struct mf_campaigns *campaigns, const struct mf_campaign_step *step,
                      struct mf_campaign_alert *out)
{
    if (step->fired == 0 && __atomic_load_n(&campaigns->n_used, __ATOMIC_RELAXED) == 0)
        return false;
    pthread_mutex_lock(&campaigns->lock);
    bool sent = step_locked(campaigns, step, out);
    pthread_mutex_unlock(&campaigns->lock);
    return sent;
}

bool mf_campaigns_any(struct mf_campaigns *campaigns)
{
    return __atomic_load_n(&campaigns->n_used, __ATOMIC_RELAXED) != 0;
}

static void close_locked(struct mf_campaigns *campaigns, struct mf_campaign *campaign, struct mf_campaign_alert *out)
{
    campaign->told.alert.time = campaign->told.alert.created = campaign->due;
    hand_over(campaign, MF_PHASE_CLOSE, out);
    campaign->used = false;
    __atomic_fetch_sub(&campaigns->n_used, 1, __ATOMIC_RELAXED);
}

bool mf_campaign_close(struct mf_campaigns *campaigns, unsigned feed, mf_time now, struct mf_campaign_alert *out,
                       bool *more)
{
    struct mf_campaign *first = NULL;

    *more = false;
    if (__atomic_load_n(&campaigns->n_used, __ATOMIC_RELAXED) == 0)
        return false;
    pthread_mutex_lock(&campaigns->lock);
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX; i++) {
        struct mf_campaign *campaign = &campaigns->campaign[i];
        if (campaign->used && campaign->feed == feed && campaign->due <= now &&
            (first == NULL || campaign->due < first->due))
            first = campaign;
    }
    if (first != NULL)
        close_locked(campaigns, first, out);
    *more = first != NULL;
    pthread_mutex_unlock(&campaigns->lock);
    return first != NULL;
}

bool mf_campaign_close_at(struct mf_campaigns *campaigns, struct mf_hash address, struct mf_campaign_alert *out)
{
    pthread_mutex_lock(&campaigns->lock);
    struct mf_campaign *campaign = find(campaigns, address);
    if (campaign != NULL)
        close_locked(campaigns, campaign, out);
    pthread_mutex_unlock(&campaigns->lock);
    return campaign != NULL;
}

bool mf_campaigns_has(struct mf_campaigns *campaigns, struct mf_hash address)
{
    pthread_mutex_lock(&campaigns->lock);
    bool found = find(campaigns, address) != NULL;
    pthread_mutex_unlock(&campaigns->lock);
    return found;
}

void mf_campaigns_count(struct mf_campaigns *campaigns, struct mf_campaign_counts *counts)
{
    pthread_mutex_lock(&campaigns->lock);
    *counts = campaigns->counts;
    counts->open = campaigns->n_used;
    pthread_mutex_unlock(&campaigns->lock);
}

/* ---- for the snapshot ---- */

unsigned mf_campaigns_copy(struct mf_campaigns *campaigns, struct mf_campaign to[MF_CAMPAIGNS_MAX])
{
    unsigned n = 0;

    pthread_mutex_lock(&campaigns->lock);
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX && n < campaigns->n_used; i++)
        if (campaigns->campaign[i].used)
            to[n++] = campaigns->campaign[i];
    pthread_mutex_unlock(&campaigns->lock);
    return n;
}

void mf_campaigns_restore(struct mf_campaigns *campaigns, const struct mf_campaign *campaign)
{
    if (campaigns->n_used == MF_CAMPAIGNS_MAX || find(campaigns, campaign->address) != NULL)
        return;
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX; i++)
        if (!campaigns->campaign[i].used) {
            campaigns->campaign[i] = *campaign;
            campaigns->n_used++;
            return;
        }
}

void mf_campaigns_forget(struct mf_campaigns *campaigns, struct mf_slice user)
{
    pthread_mutex_lock(&campaigns->lock);
    for (unsigned i = 0; i < MF_CAMPAIGNS_MAX; i++) {
        struct mf_campaign_alert *told = &campaigns->campaign[i].told;
        for (unsigned j = 0; j < MF_CAMPAIGN_NAMES; j++)
            if (mf_slice_equal(mf_slice_of(told->name[j]), user))
                memset(told->name[j], 0, sizeof told->name[j]);
        if (mf_slice_equal(mf_slice_of(told->alert.user), user))
            memset(told->alert.user, 0, sizeof told->alert.user);
    }
    pthread_mutex_unlock(&campaigns->lock);
}
