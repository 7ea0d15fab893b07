/* src/engine.h
 *
 * The public face of libmfatigue: new, judge, tick, free. The module and the command line see this header and the
 * types it hands out, and nothing below it.
 *
 * An engine is shared by threads; each thread that judges has a worker of its own. No function here blocks on anything
 * but short locks (but for what loads files), none calls back while it holds one, none reads a clock or writes a file.
 * Memory is taken in mf_engine_new(), mf_worker_new() and mf_engine_prepare() only. */

#ifndef MF_ENGINE_H
#define MF_ENGINE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"
#include "judge/alert.h"
#include "judge/verdict.h"
#include "memory/store.h"
#include "policy.h"
#include "read/event.h"
#include "read/profile.h"

#include <stdint.h>

struct mf_engine;
struct mf_worker;

struct mf_engine_options {
    const char *policy_file;        /* NULL: the compiled-in defaults */
    const struct mf_policy *policy; /* instead of the file's, copied: what somebody tries out; a reload keeps to it */
    const char *profile_dir;        /* where profiles are when the policy does not say; NULL: the installed place */
    bool profile_dir_first;         /* profile_dir goes before the policy's */
    const char *observer;           /* host name in alerts; NULL: left out */
    mf_time created; /* event.created of every alert, for a replay; 0: when the record arrived, or its own time */
    struct mf_hash_key key; /* of the state's hashes; nothing printed depends on it */
    bool portable;          /* use nothing that some CPUs cannot: slower, and the same; for measuring */
};

/* Builds everything and validates it all: policy, profiles. NULL and `error` (file:line:column, what is wrong, what is
 * accepted). Writes nothing anywhere. */
struct mf_engine *mf_engine_new(const struct mf_engine_options *options, struct mf_error *error);
void mf_engine_free(struct mf_engine *engine);

/* What is in force; valid until the next reload, so a thread beside one that reloads asks mf_worker_policy(). */
const struct mf_policy *mf_engine_policy(const struct mf_engine *engine);
const struct mf_profiles *mf_engine_profiles(const struct mf_engine *engine);

/* ---- reloading ---- */

struct mf_settings;

/* How what was prepared differs from what is in force. */
struct mf_reload {
    bool policy_changed;  /* the policy file's bytes */
    char gone[256];       /* profiles in force that are not there any more; "" = none */
    char at_restart[512]; /* options that the file changes and that hold from the next start on; "" = none */
};

/* Builds policy, profiles, lists, directory and databases anew from their files, beside those in force, and validates
 * all of it. Nothing changes yet. NULL and `error` (file:line:column, what is wrong, what is accepted): drop it. Any
 * thread, but one at a time until it was adopted or freed. Takes memory, reads files. */
struct mf_settings *mf_engine_prepare(struct mf_engine *engine, struct mf_reload *reload, struct mf_error *error);
void mf_settings_free(struct mf_settings *settings); /* of what is not to be adopted after all */
const struct mf_policy *mf_settings_policy(const struct mf_settings *settings);

/* Puts it in force at once and whole; workers follow between two messages, and what is remembered stays. */
void mf_engine_adopt(struct mf_engine *engine, struct mf_settings *settings);

/* Both: 0, or -1 and `error`, and what was in force stays so. `reload` may be NULL. */
int mf_engine_reload(struct mf_engine *engine, struct mf_reload *reload, struct mf_error *error);

/* Bytes that the engine and its state take, as allocated. */
size_t mf_engine_memory(const struct mf_engine *engine);

struct mf_worker *mf_worker_new(struct mf_engine *engine, struct mf_error *error);
void mf_worker_free(struct mf_worker *worker);

/* The policy by which the worker judged its last message (before the first: what is in force). Valid until its next. */
const struct mf_policy *mf_worker_policy(struct mf_worker *worker);

/* Lists, directory and databases as they were loaded, a line each; `now` decides what has expired. */
void mf_engine_describe(const struct mf_engine *engine, mf_time now, void (*line)(void *context, const char *text),
                        void *context);

/* What is in force, was accepted and looks like a mistake, a line each: a list without an entry, a network as wide as the
 * internet. */
void mf_engine_remark(const struct mf_engine *engine, void (*line)(void *context, const char *text), void *context);

/* Each file and directory that what is in force was read from. */
void mf_engine_files(const struct mf_engine *engine, void (*file)(void *context, const char *path), void *context);

/* ---- state that survives ---- */

/* What was found in the directory. */
struct mf_state_report {
    bool owned;
    bool in_use;                /* it could not be opened because another process owns it */
    bool changed;               /* its owner wrote a snapshot while it was read: read it again */
    mf_time created;            /* when the snapshot was written; MF_TIME_NONE: there is none */
    char policy[72];            /* the policy in force then, as alerts name it */
    uint64_t records;           /* put back from the snapshot */
    uint64_t events;            /* judged again, from the journals */
    unsigned journals;          /* files of them */
    unsigned damaged;           /* files; what is sound in them was put back, and they were set aside */
    char damage[MF_ERROR_SIZE]; /* what is wrong with the first of them */
};

struct mf_state_options {
    const char *directory;
    enum mf_store_use use;
    struct mf_hash_key fresh; /* random; the key of a directory that has none */
    mf_time now;              /* names files that are set aside */
    bool journal;             /* what comes in is written down too, for mf_engine_keep_state() to flush */
};

/* Opens the directory and puts back what is in it, before any worker is made; hashes are made with its key from now on.
 * -1 and `error`: it cannot be used, and what the engine remembers ends with it. Takes memory, reads and writes
 * files. */
int mf_engine_open_state(struct mf_engine *engine, const struct mf_state_options *options,
                         struct mf_state_report *report, struct mf_error *error);

/* Writes all of it as of now: it takes the place of the last one whole, or not at all. Workers go on meanwhile. One thread
 * at a time. -1 and `error`. Takes memory, writes files. */
int mf_engine_save_state(struct mf_engine *engine, mf_time now, struct mf_error *error);

struct mf_sink; /* below */

/* `now` is the time of day, `uptime` a clock that nobody sets. */
struct mf_state_clock {
    mf_time now, uptime;
};

enum mf_state_news { MF_STATE_QUIET, MF_STATE_FAILS, MF_STATE_RECOVERED };

/* Does what is due: writes out what came in (call it every `state.flush`), takes a snapshot, sends alerts that a crash
 * left unsent, forgets who is to be forgotten. News is told once when it changes, in `news`. By the one thread that also
 * ticks, with its worker. */
enum mf_state_news mf_engine_keep_state(struct mf_engine *engine, struct mf_worker *worker,
                                        const struct mf_state_clock *clock, const struct mf_sink *sink,
                                        struct mf_error *news);

/* Writes out what came in, and no more than that. */
void mf_engine_flush_state(struct mf_engine *engine);

/* Forgets all of a user, open incident included. False: not known. The state is to be saved after. */
bool mf_engine_forget_user(struct mf_engine *engine, const char *name);

/* From beside the owner of the directory, opened for reading: leaves a request to forget the user, which the owner follows
 * within a second or two. -1 and `error`. And is it still there? */
int mf_engine_ask_to_forget(struct mf_engine *engine, const char *name, struct mf_error *error);
bool mf_engine_is_asked_to_forget(struct mf_engine *engine, const char *name);

/* ---- looking at what is remembered ---- */

enum { MF_VIEW_PLACES = 6, MF_VIEW_HASH = 33 };

struct mf_user_view {
    char hash[MF_VIEW_HASH]; /* the keyed hash, in hex */
    mf_time first_seen, last_seen;
    unsigned n_countries, n_asns, networks;
    char country[MF_VIEW_PLACES][3];
    uint32_t asn[MF_VIEW_PLACES];
    double logins_per_day, days; /* that login attempts were counted over; 0: none */
    unsigned attempts;           /* of the last day or so, that are remembered one by one */
    mf_time run_start, run_last; /* MF_TIME_NONE: no run is remembered */
    struct mf_totals run;
    bool has_incident, open;
    struct mf_alert incident; /* its name is there while it is open */
};

/* Each user, in no order, until `each` returns false. Nobody else uses the engine. */
void mf_engine_each_user(struct mf_engine *engine, bool (*each)(void *context, const struct mf_user_view *view),
                         void *context);

/* False: not known. */
bool mf_engine_view_user(struct mf_engine *engine, const char *name, struct mf_user_view *view);

/* Feed `number` as it is remembered; false past the last. Any thread. */
bool mf_engine_feed(struct mf_engine *engine, unsigned number, struct mf_feed_facts *facts);

/* ---- what comes out ---- */

/* How a verdict came about. Filled only for a sink that asks for it. */
struct mf_explained {
    struct mf_place place; /* how the source compares with what is known, after lists and travel notes */
    bool listed, egress, vpn, travel, home, anonymizer;
    bool by_id; /* the record names the user by id, and the login was known from an earlier one */
    bool in_directory, high_risk;
    struct mf_slice group, role;                      /* by which the user's rate is judged; empty: none */
    unsigned history_days, countries, asns, networks; /* known of the user */
    int hour_share;            /* per cent of the user's activity at this hour; -1: too little is known */
    unsigned carries, missing; /* enum mf_carried: of the feed, and what enabled signals lack */
    bool late, clamped, repeat, approval;
    mf_time watermark, run_start;
    struct mf_totals totals;     /* of the run */
    struct mf_run_source source; /* where the run comes from: what tag and alert name */
    struct mf_standing standing; /* of the run, when it was added up */
    struct mf_rate_answer rate;
    struct mf_answer answer[MF_SIGNALS_MAX]; /* to this record, in the order of mf_signals[] */
    enum mf_phase phase;                     /* what the incident did */
    unsigned sequence; /* of the alert that it raised, within the incident: an `open` above 1 reopens it; 0 = none */
    bool held_back;    /* there was news, but the minute had no alert left */
};

/* One event of a record with its verdict, or the reason for none. Everything lives until the callback returns. */
struct mf_judged {
    const struct mf_reading *reading;     /* profile, unmapped value; its event may be NULL */
    enum mf_skip skip;                    /* MF_SKIP_NONE: judged; the reader's reasons, and late, duplicate, ... */
    const struct mf_event *event;         /* NULL when there is none */
    const struct mf_verdict *verdict;     /* NULL unless judged */
    const char *incident;                 /* id of the user's incident, NULL when there is none */
    const struct mf_explained *explained; /* NULL unless the sink asks for it, and for kinds that are not judged */
};

struct mf_sink {
    void (*judged)(void *context, const struct mf_judged *judged);   /* may be NULL */
    void (*alert)(void *context, const struct mf_alert_text *alert); /* may be NULL; never called when policy.observe */
    void *context;
    bool explain; /* fill mf_judged.explained */
};

/* What a message is tagged with: the worst of its events. Flat; empty text = leave the member out. What is a pointer points to a
 * constant, the same for the same text. */
enum { MF_TAG_SIGNALS = 512 };
struct mf_tag {
    const char *status; /* "judged", or a skip reason */
    const char *level;  /* "" unless judged */
    char user[MF_USER_MAX + 1];
    const char *kind;
    unsigned score; /* this and below: from `notice` up */
    const char *severity;
    char source[MF_IP_TEXT];
    char signals[MF_TAG_SIGNALS]; /* names joined by a blank */
    char incident[MF_INCIDENT_ID + 1];
    const char *alert; /* phase of the alert that this message raised: "open" "update" "close", or "" */
    bool notice;       /* level is notice or above */
    bool truncated;    /* the message ends inside its JSON */
};

/* Judges one message: any bytes, any length. `arrival` is when it reached us (it bounds event times that lie in the
 * future), MF_TIME_NONE in a replay of history. `tag` may be NULL. Callbacks run on this thread, without locks, in the
 * order of the events; alerts of an event follow it. */
void mf_engine_judge(struct mf_engine *engine, struct mf_worker *worker, const char *bytes, size_t length,
                     mf_time arrival, const struct mf_sink *sink, struct mf_tag *tag);

/* The login that the engine keeps `name` under: trimmed, in lower case, an alias as the directory has it. The length;
 * 0 when no login looks like that. `name` is valid UTF-8; `user` is NUL-terminated. */
size_t mf_engine_user(const struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1]);

/* Reads one message without judging: what `normalize` shows. `profile` restricts to one, NULL = all. */
void mf_engine_read(struct mf_engine *engine, struct mf_worker *worker, const char *profile, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context);

/* Closes incidents of feeds that fell silent: `now` is the time on the clock that stamps arrivals. A feed's time is
 * taken to be its watermark and what has passed since its last record arrived; no watermark moves. While a feed speaks
 * its own records close its incidents, which is all that a replay needs. */
void mf_engine_tick(struct mf_engine *engine, struct mf_worker *worker, mf_time now, const struct mf_sink *sink);

/* ---- counters ---- */

/* Name, help and address of counter `index`, for impstats and --stats; false past the end. Addresses are stable for
 * the engine's life; values are written with relaxed atomics. Gauges may fall. */
struct mf_counter {
    const char *name; /* [a-z0-9_]+ */
    const char *help;
    bool gauge;
    uint64_t *value;
};
bool mf_engine_counter(struct mf_engine *engine, unsigned index, struct mf_counter *counter);

#endif
