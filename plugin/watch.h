/* plugin/watch.h
 *
 * One watch = one engine in this rsyslogd: state belongs to the policy, so actions that name the same policy, and send
 * what comes of it the same way, share one. A watch also owns the thread that lets time pass for the engine, and the
 * counters that impstats shows.
 *
 * Life: made while the configuration loads (maybe to be checked only: no thread, no file written), started in
 * activateCnf, stopped when the last action of it goes, freed with the configuration, which outlives actions and
 * workers even after a hard cancellation.
 *
 * Locks: `ticker.mutex` guards `ticker.stop` alone and is never held while the engine or rsyslog is called. */

#ifndef MF_PLUGIN_WATCH_H
#define MF_PLUGIN_WATCH_H

#include "rsyslog-abi.h"

#include "alerts.h"
#include "engine.h"
#include "keep.h"
#include "reload.h"

#include <pthread.h>

enum mf_forward { MF_FORWARD_ALERT = 1, MF_FORWARD_RECORD = 2, MF_FORWARD_BOTH = 3 };

/* What tells one watch from another. */
struct mf_watch_settings {
    const char *policy;  /* file; NULL: the defaults */
    const char *ruleset; /* for alerts; NULL: none */
    enum mf_forward forward;
    bool observe; /* tag only */
};

struct mf_watch_counts {
    uint64_t own_alerts_skipped; /* our own messages, seen again */
    uint64_t alerts_sent;
    uint64_t records_sent;
    uint64_t send_failed;
    uint64_t tree_input;   /* records read from a tree that another module parsed */
    uint64_t cut_messages; /* messages that end inside their JSON */
    uint64_t tag_failed;
};

struct mf_ticker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool running, stop;
    bool keeps; /* the engine has its state in a directory */
};

struct mf_watch {
    struct mf_watch *next;
    char *policy, *ruleset, *observer;
    enum mf_forward forward;
    bool observe;
    struct mf_hash_key key;
    struct mf_engine *engine;
    struct mf_route route;
    unsigned actions; /* the configuration's own thread counts them */
    bool cut_warned;
    struct mf_watch_counts counts;
    struct mf_ticker ticker;
    struct mf_reloader reloader;
    statsobj_t *stats;
};

/* The watch in `list` with these settings, or NULL. `shares` is set when another one there has the same policy. */
struct mf_watch *mf_watch_find(struct mf_watch *list, const struct mf_watch_settings *settings, bool *shares);

/* Builds the engine and with it validates policy and profiles. NULL and the engine's own error. */
struct mf_watch *mf_watch_new(const struct mf_watch_settings *settings, const char *observer, struct mf_error *error);
void mf_watch_free(struct mf_watch *watch);

/* The machine's name may be set further down in the configuration than the action. Before any worker. */
int mf_watch_rename(struct mf_watch *watch, const char *observer, struct mf_error *error);

/* Nothing is to be submitted: observe here or in the policy. While the configuration loads. */
bool mf_watch_is_silent(const struct mf_watch *watch);

/* Shows the engine's counters and ours to impstats, under `name`. */
rsRetVal mf_watch_show(struct mf_watch *watch, const statsobj_if_t *stats, const char *name);

/* `stopping` is true once rsyslogd ends its inputs: then the main queue may go at any time, and nothing is submitted
 * any more. */
int mf_watch_start(struct mf_watch *watch, const char *work_directory, int (*stopping)(void));
void mf_watch_stop(struct mf_watch *watch);

/* Asks for the policy's files to be loaded anew (reload.h). The outcome is told as a message of rsyslogd's own. */
void mf_watch_reload(struct mf_watch *watch);

/* Judges, sends what is to be sent, and fills `tag`. Callable from any worker's thread. `level` is the worst of the
 * message. */
void mf_watch_judge(struct mf_watch *watch, struct mf_worker *worker, const char *bytes, size_t length, mf_time arrival,
                    struct mf_tag *tag, enum mf_level *level);

/* After the tag was set: the message itself goes to the ruleset when that was asked for and the level calls for it. */
void mf_watch_forward(struct mf_watch *watch, struct mf_worker *worker, smsg_t *message, enum mf_level level);

static inline void mf_count(uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

#endif
