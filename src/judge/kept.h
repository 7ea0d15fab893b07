/* src/judge/kept.h
 *
 * Incidents of users and of addresses, and alerts, as they are kept in the state: a signal by its name, as its number
 * may change from version to version. */

#ifndef MF_JUDGE_KEPT_H
#define MF_JUDGE_KEPT_H

#include "judge/campaign.h"
#include "judge/incident.h"
#include "memory/frame.h"

enum { MF_SIGNAL_NAME = 32 };

struct mf_kept_finding {
    char signal[MF_SIGNAL_NAME];
    struct mf_finding finding; /* its signal is found by the name */
};

struct mf_kept_alert {
    struct mf_alert alert; /* without findings and related names */
    struct mf_kept_finding finding[MF_SIGNALS_MAX];
};

extern const struct mf_field mf_kept_alert_fields[];

/* Signals that this version does not have are left out when an alert is taken back. */
void mf_alert_keep(const struct mf_alert *alert, struct mf_kept_alert *kept);
void mf_alert_take_back(const struct mf_kept_alert *kept, struct mf_alert *alert);

/* The names of signals in order; and what the numbers in such a file are now: MF_SIGNALS_MAX, there is none any more.
 * Reading: false, not sound. */
void mf_signals_save(struct mf_frame_writer *writer);
bool mf_signals_read(const struct mf_frame_record *record, uint8_t number[MF_SIGNALS_MAX]);

void mf_incident_save(const struct mf_incident *incident, struct mf_frame_writer *writer);
bool mf_incident_read(const struct mf_frame_record *record, struct mf_incident *incident);

void mf_cap_save(const struct mf_cap *cap, struct mf_frame_writer *writer);
bool mf_cap_read(const struct mf_frame_record *record, struct mf_cap *cap);

void mf_campaign_save(const struct mf_campaign *campaign, struct mf_frame_writer *writer);
bool mf_campaign_read(const struct mf_frame_record *record, const uint8_t number[MF_SIGNALS_MAX],
                      struct mf_campaign *campaign);

#endif
