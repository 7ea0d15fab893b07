/* src/judge/kept.c
 *
 * Which members of an alert are kept, and what they may be. */

#include "judge/kept.h"

#include <stdio.h>
#include <string.h>

static const struct mf_field finding_fields[] = {
    MF_TEXT(struct mf_kept_finding, signal),
    MF_NUMBER(struct mf_kept_finding, finding.observed),
    MF_NUMBER(struct mf_kept_finding, finding.threshold),
    MF_NUMBER_MAX(struct mf_kept_finding, finding.points, 1000),
    MF_FLAG(struct mf_kept_finding, finding.decisive),
    {0},
};

static const struct mf_field expectation_fields[] = {
    MF_FLAG(struct mf_expectation, known),      MF_NUMBER_MAX(struct mf_expectation, population, MF_GROUP),
    MF_NUMBER(struct mf_expectation, number),   MF_REAL(struct mf_expectation, user_days),
    MF_REAL(struct mf_expectation, rate),       MF_REAL(struct mf_expectation, days),
    MF_REAL(struct mf_expectation, prior_rate), {0},
};

static const struct mf_field rate_fields[] = {
    MF_FLAG(struct mf_rate_answer, asked),
    MF_NUMBER_MAX(struct mf_rate_answer, window, MF_RATE_WINDOWS - 1),
    MF_NUMBER(struct mf_rate_answer, attempts),
    MF_REAL(struct mf_rate_answer, log10_p),
    MF_PART(struct mf_rate_answer, expectation, expectation_fields),
    {0},
};

static const struct mf_field alert_fields[] = {
    MF_NUMBER_MAX(struct mf_alert, phase, MF_PHASE_SUMMARY),
    MF_NUMBER(struct mf_alert, sequence),
    MF_TEXT(struct mf_alert, incident),
    MF_WHEN(struct mf_alert, time),
    MF_WHEN(struct mf_alert, created),
    MF_WHEN(struct mf_alert, start),
    MF_WHEN(struct mf_alert, end),
    MF_TEXT(struct mf_alert, user),
    MF_TEXT(struct mf_alert, user_id),
    MF_TEXT(struct mf_alert, idp),
    MF_TEXT(struct mf_alert, source),
    MF_TEXT(struct mf_alert, country),
    MF_NUMBER(struct mf_alert, asn),
    MF_TEXT(struct mf_alert, city),
    MF_NUMBER_MAX(struct mf_alert, level, MF_ANOMALOUS),
    MF_NUMBER_MAX(struct mf_alert, severity, MF_SEVERITY_CRITICAL),
    MF_NUMBER_MAX(struct mf_alert, score, 100),
    MF_PART(struct mf_alert, totals, mf_totals_fields),
    MF_NUMBER_MAX(struct mf_alert, kind, MF_N_KINDS - 1),
    MF_NUMBERS(struct mf_alert, group),
    MF_NUMBER(struct mf_alert, history_days),
    MF_NUMBER_MAX(struct mf_alert, familiarity, MF_UNFAMILIAR),
    MF_FLAG(struct mf_alert, by_tenant),
    MF_FLAG(struct mf_alert, approved),
    MF_FLAG(struct mf_alert, fraud),
    MF_FLAG(struct mf_alert, factor_change),
    MF_FLAG(struct mf_alert, timeouts_inferred),
    MF_FLAG(struct mf_alert, expired),
    MF_NUMBER_MAX(struct mf_alert, missing, (1 << MF_N_CARRIED) - 1),
    MF_PART(struct mf_alert, rate, rate_fields),
    MF_NUMBER(struct mf_alert, users),
    MF_NUMBER(struct mf_alert, suppressed),
    MF_NUMBER(struct mf_alert, suppressed_anomalous),
    MF_NUMBER(struct mf_alert, refused),
    MF_NUMBER_MAX(struct mf_alert, n_evidence, MF_ALERT_EVIDENCE),
    MF_FLAG(struct mf_alert, evidence_cut),
    MF_TEXTS(struct mf_alert, evidence),
    {0},
};

const struct mf_field mf_kept_alert_fields[] = {
    MF_PART(struct mf_kept_alert, alert, alert_fields),
    MF_PARTS(struct mf_kept_alert, finding, finding_fields),
    {0},
};

static unsigned signal_number(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return i;
    return MF_SIGNALS_MAX;
}

void mf_alert_keep(const struct mf_alert *alert, struct mf_kept_alert *kept)
{
    kept->alert = *alert;
    memset(kept->finding, 0, sizeof kept->finding);
    for (unsigned i = 0; i < alert->n_findings; i++) {
        struct mf_kept_finding *finding = &kept->finding[i];
        snprintf(finding->signal, sizeof finding->signal, "%s", alert->finding[i].signal->name);
        finding->finding = alert->finding[i];
    }
}

/* A word of ours has no character that an alert would have to write as an escape. */
static void make_plain(char *word)
{
    for (char *c = word; *c != '\0'; c++)
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
            *c = '?';
}

/* In a file that was tampered with, names are any bytes; an alert has room for those that the reader lets through. */
static void make_sound(struct mf_alert *alert)
{
    char folded[MF_USER_MAX];
    size_t length;

    make_plain(alert->incident);
    make_plain(alert->idp);
    make_plain(alert->source);
    make_plain(alert->country);
    if (mf_user_fold(mf_slice_of(alert->user), folded, &length) != MF_SKIP_NONE)
        memset(alert->user, 0, sizeof alert->user);
}

void mf_alert_take_back(const struct mf_kept_alert *kept, struct mf_alert *alert)
{
    *alert = kept->alert;
    alert->n_findings = 0;
    alert->related = NULL;
    alert->n_related = 0;
    for (unsigned i = 0; i < MF_SIGNALS_MAX; i++) {
        unsigned number = signal_number(kept->finding[i].signal);
        if (number == MF_SIGNALS_MAX)
            continue;
        struct mf_finding *finding = &alert->finding[alert->n_findings++];
        *finding = kept->finding[i].finding;
        finding->signal = mf_signals[number];
    }
    make_sound(alert);
}

/* ---- incidents of users and of addresses ---- */

struct kept_incident {
    struct mf_incident incident;
    struct mf_kept_alert alert;
};

static const struct mf_field incident_fields[] = {
    MF_FLAG(struct kept_incident, incident.closed),
    MF_FLAG(struct kept_incident, incident.told),
    MF_FLAG(struct kept_incident, incident.owed),
    MF_PART(struct kept_incident, incident.user, mf_hash_fields),
    MF_NUMBER_MAX(struct kept_incident, incident.feed, MF_FEEDS_MAX - 1),
    MF_WHEN(struct kept_incident, incident.due),
    MF_PART(struct kept_incident, incident.past, mf_totals_fields),
    MF_PART(struct kept_incident, incident.closed_past, mf_totals_fields),
    MF_WHEN_OR_NONE(struct kept_incident, incident.closed_run),
    MF_PART(struct kept_incident, alert, mf_kept_alert_fields),
    {0},
};

void mf_incident_save(const struct mf_incident *incident, struct mf_frame_writer *writer)
{
    struct kept_incident kept = {.incident = *incident};

    mf_alert_keep(&incident->alert, &kept.alert);
    mf_frame_put(writer, MF_RECORD_INCIDENT, incident_fields, &kept);
}

bool mf_incident_read(const struct mf_frame_record *record, struct mf_incident *incident)
{
    struct kept_incident kept = {0};

    if (!mf_unpack(incident_fields, record->format, record->bytes, record->length, &kept))
        return false;
    *incident = kept.incident;
    incident->used = true;
    mf_alert_take_back(&kept.alert, &incident->alert);
    return true;
}

struct kept_campaign {
    struct mf_campaign campaign;
    struct mf_kept_alert alert;
};

static const struct mf_field campaign_fields[] = {
    MF_PART(struct kept_campaign, campaign.address, mf_hash_fields),
    MF_NUMBER_MAX(struct kept_campaign, campaign.feed, MF_FEEDS_MAX - 1),
    MF_WHEN(struct kept_campaign, campaign.due),
    MF_NUMBER(struct kept_campaign, campaign.fired),
    MF_NUMBER_MAX(struct kept_campaign, campaign.n_users, MF_CAMPAIGN_USERS),
    MF_NUMBERS(struct kept_campaign, campaign.user),
    MF_TEXTS(struct kept_campaign, campaign.told.name),
    MF_PART(struct kept_campaign, alert, mf_kept_alert_fields),
    {0},
};

void mf_campaign_save(const struct mf_campaign *campaign, struct mf_frame_writer *writer)
{
    struct kept_campaign kept = {.campaign = *campaign};

    mf_alert_keep(&campaign->told.alert, &kept.alert);
    mf_frame_put(writer, MF_RECORD_CAMPAIGN, campaign_fields, &kept);
}

static uint32_t renumber(uint32_t bits, const uint8_t number[MF_SIGNALS_MAX])
{
    uint32_t now = 0;

    for (unsigned i = 0; i < MF_SIGNALS_MAX; i++)
        if ((bits & UINT32_C(1) << i) != 0 && number[i] < MF_SIGNALS_MAX)
            now |= UINT32_C(1) << number[i];
    return now;
}

bool mf_campaign_read(const struct mf_frame_record *record, const uint8_t number[MF_SIGNALS_MAX],
                      struct mf_campaign *campaign)
{
    struct kept_campaign kept = {0};

    if (!mf_unpack(campaign_fields, record->format, record->bytes, record->length, &kept))
        return false;
    *campaign = kept.campaign;
    campaign->used = true;
    campaign->told.address = campaign->address;
    campaign->fired = renumber(campaign->fired, number);
    mf_alert_take_back(&kept.alert, &campaign->told.alert);
    return true;
}

/* ---- the cap ---- */

static const struct mf_field cap_fields[] = {
    MF_WHEN_OR_NONE(struct mf_cap, minute),
    MF_NUMBER(struct mf_cap, this_minute),
    MF_NUMBER(struct mf_cap, suppressed),
    MF_NUMBER(struct mf_cap, held.alerts),
    MF_NUMBER(struct mf_cap, held.anomalous),
    MF_NUMBER(struct mf_cap, held.refused),
    MF_PART(struct mf_cap, held.worst, alert_fields),
    MF_NUMBER_MAX(struct mf_cap, held.n_names, MF_SUMMARY_NAMES),
    MF_TEXTS(struct mf_cap, held.name),
    {0},
};

void mf_cap_save(const struct mf_cap *cap, struct mf_frame_writer *writer)
{
    mf_frame_put(writer, MF_RECORD_CAP, cap_fields, cap);
}

bool mf_cap_read(const struct mf_frame_record *record, struct mf_cap *cap)
{
    memset(cap, 0, sizeof *cap);
    if (!mf_unpack(cap_fields, record->format, record->bytes, record->length, cap))
        return false;
    make_sound(&cap->held.worst);
    return true;
}

/* ---- numbers of signals ---- */

struct names {
    char name[MF_SIGNALS_MAX][MF_SIGNAL_NAME];
};

static const struct mf_field names_fields[] = {
    MF_TEXTS(struct names, name),
    {0},
};

void mf_signals_save(struct mf_frame_writer *writer)
{
    struct names names = {0};

    for (unsigned i = 0; i < mf_n_signals; i++)
        snprintf(names.name[i], MF_SIGNAL_NAME, "%s", mf_signals[i]->name);
    mf_frame_put(writer, MF_RECORD_SIGNALS, names_fields, &names);
}

bool mf_signals_read(const struct mf_frame_record *record, uint8_t number[MF_SIGNALS_MAX])
{
    struct names names = {0};

    if (!mf_unpack(names_fields, record->format, record->bytes, record->length, &names))
        return false;
    for (unsigned i = 0; i < MF_SIGNALS_MAX; i++)
        number[i] = (uint8_t)signal_number(names.name[i]);
    return true;
}
