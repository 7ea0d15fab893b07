/* src/memory/user.h
 *
 * What is remembered of one user, in fixed size. How an event enters it is in observe.h.
 *
 * The part at rest (struct mf_user) is who the user is: known places, habits, rate, first and last sight. The hot part
 * (struct mf_recent) is borrowed from a bounded pool while something happens: recent MFA attempts in order of time, the
 * logins and sessions around them, the run in progress. An attempt is a prompt and its outcome, or an outcome whose prompt
 * was never logged.
 *
 * Nothing here locks: the caller holds the user's shard (table.h). Time is handed in. */

#ifndef MF_MEMORY_USER_H
#define MF_MEMORY_USER_H

#include "base/hash.h"
#include "base/pack.h"
#include "memory/activity.h"
#include "memory/baseline.h"
#include "memory/habits.h"
#include "memory/place.h"
#include "read/conf.h"
#include "read/event.h"

enum {
    MF_ATTEMPTS_MAX = 64, /* per user; the highest count that a signal's step may ask for */
    MF_EVIDENCE_MAX = 10, /* ids of recent records, for the alert that opens an incident */
    MF_EVIDENCE_TEXT = 64,
    MF_RUN_SIGNALS = 32,
};

#define MF_RUN_GAP      (30 * MF_MINUTE)
#define MF_SAME_PROMPT  (2 * MF_SECOND)  /* several devices rung within this time are one prompt */
#define MF_SAME_REFUSAL (10 * MF_SECOND) /* two records of different type within this time tell one refusal */
#define MF_EXPIRY_SLACK (60 * MF_SECOND)

struct mf_time_conf {
    mf_time lateness;   /* how far behind its feed's watermark a record is still judged */
    mf_time skew;       /* how far ahead of its arrival an event time is believed */
    mf_time prompt_ttl; /* an unanswered prompt expires after this and MF_EXPIRY_SLACK */
};

extern const struct mf_option mf_time_options[];

/* ---- attempts ---- */

enum mf_outcome {
    MF_OPEN,
    MF_APPROVED,
    MF_REFUSED,
    MF_FRAUD,
    MF_TIMEOUT, /* by a record; an open prompt that grew old reads as this too, see mf_user_view() */
    MF_FAILED,
    MF_CANCELLED,
    MF_SUPERSEDED, /* still open when another prompt was approved: unanswered, not timed out */
    MF_N_OUTCOMES
};

/* Sets of outcomes: a bit each. */
#define MF_OUTCOME_BIT(outcome) (1u << (outcome))
#define MF_REFUSALS             (MF_OUTCOME_BIT(MF_REFUSED) | MF_OUTCOME_BIT(MF_FRAUD))
#define MF_UNANSWERED           (MF_OUTCOME_BIT(MF_TIMEOUT) | MF_OUTCOME_BIT(MF_SUPERSEDED))

enum mf_attempt_flag {
    MF_ATTEMPT_PROMPT = 1,           /* the user saw something */
    MF_ATTEMPT_UNFAMILIAR = 2,       /* from a source that is not this user's */
    MF_ATTEMPT_FAMILIAR = 4,         /* from one that is; neither: not known */
    MF_ATTEMPT_EXPLAINED = 8,        /* a login attempt of the user came before it */
    MF_ATTEMPT_SESSION = 16,         /* approved, and a session followed */
    MF_ATTEMPT_LOGIN_DUE = 32,       /* its feed tells of logins, so one should have come before it */
    MF_ATTEMPT_ABROAD = 64,          /* unfamiliar, and its country is new */
    MF_ATTEMPT_OTHER_OPERATOR = 128, /* unfamiliar, and its ASN is new */
};

struct mf_attempt {
    uint32_t time;    /* ms behind recent->base: of the prompt, or of the outcome when no prompt is known */
    uint32_t settled; /* ms behind recent->base: of the outcome */
    uint32_t ticket;  /* fingerprint of correlation or transaction; 0 = none */
    uint8_t outcome;
    uint8_t factor;
    uint8_t flags;
    uint8_t type; /* fingerprint of the vendor's type of the record that settled it */
};

/* The highest answer of one signal in this run. */
struct mf_run_finding {
    uint16_t observed, threshold;
    uint8_t points;
    uint8_t decisive;
};

/* Totals of a run or an incident. */
struct mf_totals {
    uint32_t prompts, denied, timeouts, failed, approved;
};

/* Where the run comes from: the last source that is not the user's, else the last one; never an answering phone's. */
struct mf_run_source {
    struct mf_ip ip; /* family 0: no record of the run named one */
    char country[2];
    char city[46];
    uint32_t asn;
    struct mf_place place;
};

/* For so long after a user was first seen sources are compared with the tenant's. */
enum { MF_HISTORY_DAYS = 7 };

/* A run: MFA activity without a gap of MF_RUN_GAP. */
struct mf_run {
    mf_time start, last;      /* MF_TIME_NONE: no run yet */
    struct mf_totals spilled; /* of attempts that the ring no longer holds */
    bool approved;            /* an approval that the attack may own, see asking.c */
    bool factor_change;       /* a factor changed when the run was suspicious already */
    bool refused;             /* there was no room for its incident, which was counted */
    struct mf_run_source source;
    struct mf_run_finding finding[MF_RUN_SIGNALS];
};

struct mf_evidence {
    mf_time time;
    char id[MF_EVIDENCE_TEXT]; /* NUL-terminated; the vendor's record id, cut at a character */
};

struct mf_recent {
    mf_time base; /* what the attempts' times count from */
    uint32_t owner;
    uint32_t wait; /* where it stands among those who wait (waits.h); 0 = nowhere */
    uint16_t n_attempts;
    uint8_t next_evidence;
    struct mf_attempt attempt[MF_ATTEMPTS_MAX]; /* by time */
    struct mf_evidence evidence[MF_EVIDENCE_MAX];
    struct mf_activities activities;
    mf_time risk; /* of the last record of kind `risk`; 0 = none */
    struct mf_run run;
};

/* ---- a user ---- */

enum { MF_KNOWN_COUNTRIES = 4, MF_KNOWN_ASNS = 6, MF_KNOWN_NETWORKS = 6 };

/* The last suspicious run, told or not. */
enum mf_suspect_flag {
    MF_SUSPECT_HOSTILE = 1, /* it had a refusal, or a source of a country or operator that is new */
    MF_SUSPECT_OWN = 2,     /* it ended in an approval and a session from the user's own place */
};

struct mf_user {
    struct mf_hash key; /* all zero: free */
    mf_time first_seen, last_seen;
    struct mf_recent *recent; /* NULL at rest */
    uint32_t incident;        /* index + 1 in the pool of incidents; 0 = none */
    uint32_t suspect;         /* the last suspicious run: its last event, seconds since 1970; 0 = none */
    uint8_t suspect_flags;    /* enum mf_suspect_flag */
    bool touched;             /* seen since table.c last looked for one to forget */
    struct mf_rate rate;
    struct mf_habits habits;
    struct mf_known country[MF_KNOWN_COUNTRIES];
    struct mf_known asn[MF_KNOWN_ASNS];
    struct mf_known network[MF_KNOWN_NETWORKS];
};

/* Was this user ever let in? Nobody can make that up for a name that does not exist. */
bool mf_user_is_established(const struct mf_user *user);

/* Neither approved nor given up: what a burst is made of. */
bool mf_attempt_presses(const struct mf_attempt *attempt);

/* How many such attempts since then. */
unsigned mf_recent_pressing(const struct mf_recent *recent, mf_time since);

/* ---- places ---- */

/* Compares with the user's own places (a user of 7 days and more, with at least one accepted place). `tenant` answers
 * for newer users. */
struct mf_place mf_user_place(const struct mf_user *user, const struct mf_source_values *source, mf_time now,
                              const struct mf_place *tenant);

/* Remembers the source of an accepted authentication. */
void mf_user_learn(struct mf_user *user, const struct mf_source_values *source, mf_time now);

/* Forgets places first accepted since `since`: the run they came from turned out suspicious. */
void mf_user_unlearn(struct mf_user *user, mf_time since);

/* Is the user, at this event, somebody whom its source has no business to ask: the source is unfamiliar, or not known to
 * be the user's and the answer was negative? */
bool mf_place_is_target(const struct mf_place *place, enum mf_kind kind);

/* ---- one event ---- */

/* What an event did to the user. */
struct mf_sighting {
    bool repeat; /* tells an outcome that is known already: seen, not counted again */
    bool judged; /* a kind that signals judge */
    bool approval;
    bool explained; /* the approval's prompt had a login attempt before it */
    bool session;   /* the record is the session that an approval led to */
    mf_time time;
};

/* Kinds that signals judge: prompts, outcomes, fraud reports, factor changes. */
bool mf_kind_is_judged(enum mf_kind kind);
bool mf_kind_is_factor_change(enum mf_kind kind);

/* ---- for the snapshot ---- */

extern const struct mf_field mf_hash_fields[];
extern const struct mf_field mf_totals_fields[];
extern const struct mf_field mf_user_fields[];   /* struct mf_user, but for where its recent part is */
extern const struct mf_field mf_recent_fields[]; /* struct mf_recent, but for its owner */

/* ---- outcomes ---- */

bool mf_outcome_is_refusal(enum mf_outcome outcome);    /* refused, fraud */
bool mf_outcome_is_unanswered(enum mf_outcome outcome); /* timed out, superseded */

#endif
