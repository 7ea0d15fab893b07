/* src/judge/signal.h
 *
 * What a signal is: one question about a user's recent MFA activity, asked again at every judged record. A signal
 * reads and never writes; it answers as of `now`, so that a record that comes late has every window that contains it
 * judged again. */

#ifndef MF_JUDGE_SIGNAL_H
#define MF_JUDGE_SIGNAL_H

#include "context/scene.h"
#include "memory/addresses.h"
#include "memory/feeds.h"
#include "memory/view.h"
#include "read/conf.h"
#include "read/event.h"

enum mf_group {
    MF_GROUP_VOLUME,  /* A: how many prompts */
    MF_GROUP_OUTCOME, /* B: how they ended */
    MF_GROUP_SOURCE,  /* C: where they came from */
    MF_GROUP_SESSION, /* D: what login and session they belong to */
    MF_N_GROUPS
};

/* Settings of one signal; each signal's option table says which of them it has. */
struct mf_signal_conf {
    bool enabled;
    mf_time window;
    mf_time spread; /* how far apart what is counted must lie */
    struct mf_steps steps;
    struct mf_steps unfamiliar; /* steps that hold where the source is unfamiliar */
    struct mf_steps abroad;     /* steps that hold where its country is new */
    struct mf_steps familiar;   /* steps that hold where every source is the user's own */
    struct mf_steps success;    /* steps for a success that follows */
    struct mf_steps users;      /* steps over users, not prompts */
    unsigned decisive;          /* from this count on the signal alone makes the run anomalous; 0 = never */
    unsigned country_points, asn_points, network_points;
    unsigned points, other_points; /* of signals that count nothing; of the weaker of two answers */
    unsigned km, km_per_hour;      /* impossible_travel */
    unsigned percent;              /* unusual_hour: an hour with less of the user's activity is unusual */
    unsigned attempts;             /* unusual_rate: fewer are never unusual */
};

struct mf_finding {
    const struct mf_signal *signal;
    unsigned observed;  /* what was counted */
    unsigned threshold; /* the step that it reached */
    unsigned points;
    bool decisive;
};

/* How the number of login attempts compares with what is usual; asked when a new attempt begins. */
struct mf_rate_answer {
    bool asked;
    enum mf_rate_window window; /* the least likely one */
    unsigned attempts;          /* in it, the present one included */
    double log10_p;             /* of so many or more */
    struct mf_expectation expectation;
};

struct mf_context {
    const struct mf_signal_conf *conf; /* this signal's */
    const struct mf_event *event;      /* the record in hand */
    const struct mf_user *user;
    const struct mf_place *place; /* how the record's source compares with what is known */
    const struct mf_source_values *source;
    const struct mf_scene *scene;     /* lists and people: what they say of address and user */
    const struct mf_address *address; /* what is remembered of the source address ... */
    const struct mf_address *phone;   /* ... and of the phone that a code was sent to; NULL: not told */
    uint32_t user_mark;               /* the user's in them */
    const struct mf_rate_answer *rate;
    unsigned carries;           /* of the feed, enum mf_carried */
    const struct mf_view *view; /* the user's attempts as of `now` */
    mf_time now;
    bool current; /* now is the time of the record in hand, not of a later one judged again */
};

struct mf_signal {
    const char *name;  /* "prompt_burst", as in policy, alerts and docs */
    const char *title; /* what an analyst reads */
    const char *question;
    enum mf_group group;
    bool hint;       /* a source signal that says where, and not that it cannot be the user */
    bool of_address; /* about an address and its many users */
    bool below;      /* fires when what it observed lies below its threshold */
    unsigned needs;  /* enum mf_carried: what its feed must carry for it to be asked */
    bool
        stranger; /* it cannot fire where the record's source is the user's own, or is not told, or now is another time */
    unsigned outcomes;               /* it cannot fire without an attempt of one of these (MF_OUTCOME_BIT); 0: it can */
    const struct mf_option *options; /* into struct mf_signal_conf */
    bool (*evaluate)(const struct mf_context *context, struct mf_finding *finding);
};

enum { MF_SIGNALS_MAX = 32 };

/* All signals, in the order of docs/signals/README.md; table.c is the one list. */
extern const struct mf_signal *const mf_signals[];
extern const unsigned mf_n_signals;

/* The highest step that `count` reaches; false when none. Fills observed, threshold (of the first step when none is
 * reached) and points. */
bool mf_steps_reach(const struct mf_steps *steps, unsigned count, struct mf_finding *finding);

/* The options that most signals share; a table starts with these. */
#define MF_SIGNAL_ENABLED                                                                                              \
    {                                                                                                                  \
        "enabled", MF_OPTION_BOOL, offsetof(struct mf_signal_conf, enabled), 0, 0, "true", NULL,                       \
            "ask this question at all"                                                                                 \
    }
#define MF_SIGNAL_WINDOW(fallback)                                                                                     \
    {                                                                                                                  \
        "window", MF_OPTION_DURATION, offsetof(struct mf_signal_conf, window), MF_MINUTE, MF_DAY, fallback, NULL,      \
            "how far back it counts"                                                                                   \
    }
#define MF_SIGNAL_USERS(fallback, help)                                                                                \
    {                                                                                                                  \
        "users", MF_OPTION_STEPS, offsetof(struct mf_signal_conf, users), 1, MF_MARKS_MAX, fallback, NULL, help        \
    }
#define MF_SIGNAL_POINTS(fallback)                                                                                     \
    {                                                                                                                  \
        "points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, points), 0, 100, fallback, NULL, "points for it"    \
    }
#define MF_SIGNAL_STEPS(member, fallback, help)                                                                        \
    {                                                                                                                  \
#member, MF_OPTION_STEPS, offsetof(struct mf_signal_conf, member), 1, MF_ATTEMPTS_MAX, fallback, NULL, help    \
    }

#endif
