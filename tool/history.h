/* tool/history.h
 *
 * What a pass over history leaves behind for tune and report: how often people are asked, refuse and do not answer, by
 * population and by hour; and each run in which a signal came near its threshold, small enough to be judged again under
 * other thresholds without reading the logs again. */

#ifndef MF_TOOL_HISTORY_H
#define MF_TOOL_HISTORY_H

#include "engine.h"
#include "trace.h"

enum mf_metric { MF_METRIC_PROMPTS, MF_METRIC_REFUSED, MF_METRIC_UNANSWERED, MF_METRICS };
extern const char *const mf_metric_names[MF_METRICS];

enum { MF_DIST_BUCKETS = 65 }; /* 0, 1, ... 63, and more */

/* How many user-days had so many. */
struct mf_dist {
    uint64_t n, sum, bucket[MF_DIST_BUCKETS];
    unsigned most;
};

/* The smallest number that `share` of all do not exceed. */
unsigned mf_dist_quantile(const struct mf_dist *dist, double share);

enum { MF_POPULATIONS_KEPT = 256, MF_POPULATION_TEXT = 64 };

struct mf_crowd {
    const char *kind; /* "everyone" "group" "role" "country" */
    char name[MF_POPULATION_TEXT];
    struct mf_dist dist[MF_METRICS];
};

struct mf_history_user {
    char *login;
    uint32_t run;            /* index + 1 of the run in hand that is kept; 0 = none */
    uint32_t last_run;       /* of the last one that was */
    mf_time run_start;       /* of the run in hand; MF_TIME_NONE: none */
    struct mf_totals totals; /* of the run in hand */
    int32_t day;             /* of `today`; since 1970 */
    uint32_t today[MF_METRICS], all[MF_METRICS];
    uint16_t population[3]; /* of the day in hand: group, role, country; index, 0 = none */
};

/* What happened in a run, for pictures of it. */
enum { MF_MARKS_KEPT = 96 };
struct mf_run_mark {
    mf_time time;
    uint8_t kind; /* enum mf_kind */
};

struct mf_kept_run {
    uint32_t user; /* index */
    mf_time start, end;
    struct mf_standing standing;
    struct mf_totals totals;
    uint8_t level, severity, score; /* as the engine judged it, at its highest */
    bool given_in;                  /* an approval belongs to it */
    char source[MF_IP_TEXT], country[3];
    struct mf_trace trace[MF_RUN_SIGNALS];
    struct mf_run_mark *mark; /* MF_MARKS_KEPT of them; NULL: none are kept */
    unsigned n_marks;
};

enum { MF_HISTORY_USERS = 1 << 20, MF_HISTORY_RUNS = 1 << 19 };

struct mf_history {
    const struct mf_policy *policy;
    mf_time first, last;
    uint64_t events, judged, users_left_out, runs_left_out;
    struct mf_history_user *user;
    size_t n_users, user_room;
    uint32_t *slot;
    size_t n_slots;
    struct mf_kept_run *run;
    size_t n_runs, run_room;
    struct mf_crowd population[MF_POPULATIONS_KEPT];
    unsigned n_populations;                   /* the first is everyone */
    uint32_t prompts[7][24], negative[7][24]; /* by weekday (0 = Monday) and hour, UTC */
    bool keeps_marks;                         /* set by whoever wants them, before the first record */
    bool no_memory;
};

void mf_history_begin(struct mf_history *history, const struct mf_policy *policy);

/* What a sink with `explain` is handed. */
void mf_history_take(struct mf_history *history, const struct mf_judged *judged);

/* What a sink is handed of alerts: time alone may raise a run, when prompts stay unanswered. */
void mf_history_alert(struct mf_history *history, const struct mf_alert_text *alert);

/* Ends the days and runs in hand, and orders runs by user and time. */
void mf_history_finish(struct mf_history *history);
void mf_history_fini(struct mf_history *history);

/* From the first event to the last, at least one. */
double mf_history_days(const struct mf_history *history);

#endif
