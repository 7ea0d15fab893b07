/* src/judge/incident.h
 *
 * One attack on one user: opened when a verdict reaches `alert_level`, updated when the level rises or an approval,
 * fraud report or factor change happens, closed with totals after a quiet time, and reopened under the same id within
 * a day.
 *
 * Incidents live in a bounded pool; the pool's lock is taken here and nowhere else, inside a shard's lock and never
 * the other way round. */

#ifndef MF_JUDGE_INCIDENT_H
#define MF_JUDGE_INCIDENT_H

#include "judge/verdict.h"

/* MF_PHASE_SUMMARY is of no incident: what a minute held back. */
enum mf_phase { MF_PHASE_NONE, MF_PHASE_OPEN, MF_PHASE_UPDATE, MF_PHASE_CLOSE, MF_PHASE_SUMMARY };
const char *mf_phase_name(enum mf_phase phase); /* "" "open" "update" "close" "summary" */

enum { MF_INCIDENT_ID = 20 }; /* "i-" and 16 hex digits, with room */

struct mf_incident_conf {
    mf_time quiet;
    mf_time reopen;
    unsigned max_open;
    unsigned max_alerts_per_minute;
};

extern const struct mf_option mf_incident_options[];

struct mf_incidents;

struct mf_incidents *mf_incidents_new(const struct mf_incident_conf *conf, struct mf_error *error);
void mf_incidents_free(struct mf_incidents *incidents);
size_t mf_incidents_memory(const struct mf_incidents *incidents);

/* Other settings from now on; `max_open` stays as it was. An open incident keeps its time of closing until its next
 * event. */
void mf_incidents_configure(struct mf_incidents *incidents, const struct mf_incident_conf *conf);

enum { MF_ALERT_EVIDENCE = 24 };

/* Everything an alert says, copied out while the locks were held; rendered after. */
struct mf_alert {
    enum mf_phase phase;
    unsigned sequence; /* 1, 2, ... within the incident */
    char incident[MF_INCIDENT_ID + 1];
    mf_time time;       /* of the event that caused it; for a close: the last event + quiet */
    mf_time created;    /* when the record reached us, or `time` */
    mf_time start, end; /* of the incident's events */
    char user[MF_USER_MAX + 1], user_id[MF_EVIDENCE_TEXT];
    char idp[32];
    char source[MF_IP_TEXT];
    char country[3];
    uint32_t asn;
    char city[64];
    enum mf_level level;
    enum mf_severity severity;
    unsigned score;
    struct mf_totals totals;
    enum mf_kind kind; /* of the event in hand */
    unsigned n_findings;
    struct mf_finding finding[MF_SIGNALS_MAX];
    unsigned group[MF_N_GROUPS];
    unsigned history_days; /* since the user was first seen */
    enum mf_familiarity familiarity;
    bool by_tenant;
    bool approved, fraud, factor_change;
    bool timeouts_inferred;
    bool expired;               /* no record raised it: a prompt that nobody answered expired */
    unsigned missing;           /* what signals need and the feed does not carry: enum mf_carried */
    struct mf_rate_answer rate; /* the least likely one; not asked: none */
    unsigned users;             /* of an address's incident (campaign.h); 0: of one user */
    unsigned n_related;
    const char (*related)[MF_USER_MAX + 1]; /* some of their names; lives as long as the alert is rendered */
    unsigned suppressed; /* alerts held back by the cap since the last one; of a summary: in its minute */
    unsigned suppressed_anomalous, refused; /* of a summary: the anomalous of them; incidents that had no room */
    unsigned n_evidence;
    bool evidence_cut;
    char evidence[MF_ALERT_EVIDENCE][MF_EVIDENCE_TEXT];
};

/* One of the pool. */
struct mf_incident {
    bool used, closed, told; /* told: its open alert went out */
    bool owed;               /* news was held back, and is told with the next event */
    struct mf_hash user;
    unsigned feed;
    mf_time due;                  /* close, or (closed) let go */
    struct mf_totals past;        /* of its runs before the present one */
    struct mf_totals closed_past; /* as `past` was at the close, and the run of that time */
    mf_time closed_run;
    struct mf_alert alert; /* what it would say now */
};

struct mf_incident_step {
    const struct mf_event *event;
    const struct mf_sighting *sighting;
    const struct mf_verdict *verdict;
    struct mf_totals totals; /* of the run */
    struct mf_hash id;       /* of realm, user and event: names an incident that this event opens */
    enum mf_level alert_level;
    unsigned feed;
    unsigned history_days;
    unsigned missing; /* enum mf_carried */
    bool timeouts_inferred;
    bool expiry; /* no record: a prompt that nobody answered expired, which makes the incident no longer */
    const struct mf_rate_answer *rate;
};

/* After a verdict, with the user's shard locked: opens, updates or leaves alone. True when `alert` is to be sent. */
bool mf_incident_step(struct mf_incidents *incidents, struct mf_user *user, const struct mf_incident_step *step,
                      struct mf_alert *alert);

/* A new run begins for a user with an incident: the totals of the last one are added to it. Shard locked. */
void mf_incident_fold(struct mf_incidents *incidents, const struct mf_user *user, const struct mf_totals *totals);

/* A user whose incident made room for another's: its key. Call when no shard is locked, until false, and clear what the
 * user still points to with mf_incident_let_go(). Cheap when there is none. */
bool mf_incidents_displaced(struct mf_incidents *incidents, struct mf_hash *user);
void mf_incident_let_go(struct mf_incidents *incidents, struct mf_user *user); /* shard locked */

enum { MF_SUMMARY_NAMES = 8 };

/* What the cap held back in its minute. */
struct mf_held {
    unsigned alerts, anomalous, refused;
    struct mf_alert worst;
    unsigned n_names;
    char name[MF_SUMMARY_NAMES][MF_USER_MAX + 1];
};

/* Was anything? Cheap. */
bool mf_incidents_any_held(struct mf_incidents *incidents);

/* Event time has come to `now`. When the minute of the cap is over and held alerts back, `summary` is to be sent: how many,
 * and `name` the first of the users, which it points to. No lock is held. Cheap when nothing was held back. */
bool mf_incidents_summary(struct mf_incidents *incidents, mf_time now, struct mf_alert *summary,
                          char name[MF_SUMMARY_NAMES][MF_USER_MAX + 1]);

/* A clock that the cap followed was wrong: it is not after `now`. */
void mf_incidents_turn_back(struct mf_incidents *incidents, mf_time now);

/* Asks the cap for an alert that is not of a user's incident (campaign.h), and tells it how many were held back. */
bool mf_incidents_admit(struct mf_incidents *incidents, struct mf_alert *alert);

/* What the user's incident would say now, and whether it is open; false: there is none. Shard locked. */
bool mf_incident_look(struct mf_incidents *incidents, const struct mf_user *user, struct mf_alert *alert, bool *open);

/* The id of the user's incident, or false. Shard locked. */
bool mf_incident_name(struct mf_incidents *incidents, const struct mf_user *user, char id[MF_INCIDENT_ID + 1]);

/* Nothing of the feed is due before. Cheap. */
mf_time mf_incidents_next(struct mf_incidents *incidents, unsigned feed);

/* A user of `feed` whose incident has been quiet at `now` for long enough to close, or was closed so long ago that it
 * can go: its key, the one that is due first. False: none. No shard locked. Cheap when nothing is due. */
bool mf_incidents_due(struct mf_incidents *incidents, unsigned feed, mf_time now, struct mf_hash *user);

/* Closes, or lets go of, that user's incident if it is due at `now`. Shard locked. True when `alert` (close) is to be
 * sent. */
bool mf_incident_close(struct mf_incidents *incidents, struct mf_user *user, mf_time now,
                       const struct mf_totals *totals, struct mf_alert *alert);

struct mf_incident_counts {
    uint64_t open, opened, updated, closed, suppressed, refused, displaced;
    uint64_t held_again; /* alerts that were held back already and still are */
};
void mf_incidents_count(struct mf_incidents *incidents, struct mf_incident_counts *counts);

/* ---- for the snapshot ---- */

/* Where the cap on alerts stands. */
struct mf_cap {
    mf_time minute;
    unsigned this_minute, suppressed;
    struct mf_held held;
};

/* How many there may be. */
unsigned mf_incidents_max(const struct mf_incidents *incidents);

/* Copies all incidents out, and the cap; how many they are. */
unsigned mf_incidents_copy(struct mf_incidents *incidents, struct mf_incident *to, struct mf_cap *cap);

/* Puts one back into a pool that nobody uses yet: what its user's `incident` is to be; 0, and counted, when there is no
 * room. */
uint32_t mf_incidents_restore(struct mf_incidents *incidents, const struct mf_incident *incident);
void mf_incidents_restore_cap(struct mf_incidents *incidents, const struct mf_cap *cap);

/* Lets go of the user's incident without a word, as its user is to be forgotten, and of the name. Shard locked. */
void mf_incident_forget(struct mf_incidents *incidents, struct mf_user *user, struct mf_slice name);

#endif
