/* src/keeping.h
 *
 * How an engine keeps its state in a directory, and where judging meets it. Private to the engine. docs/state.md has the
 * whole of it.
 *
 * A snapshot is everything as of one moment between two events. To find such a moment, all workers are held at their
 * gates: each worker's gate is locked while it changes what is remembered, and is the first lock that it takes. What is
 * copied then is small; the rest is copied while they go on (copy.h). The journal holds what came after: each event as
 * judging took it, appended behind the gate, with the user's shard locked.
 *
 * An alert is handed over when the event that raised it stands in the journal's file; that it was handed over is noted
 * behind it. What is not noted is handed over again after a crash. */

#ifndef MF_KEEPING_H
#define MF_KEEPING_H

#include "copy.h"
#include "engine_model.h"
#include "memory/journal.h"
#include "memory/store.h"

/* Numbers stand in files. */
enum mf_note_sort {
    MF_NOTE_CLOSED,          /* a user's incident, at that time */
    MF_NOTE_CAMPAIGN_CLOSED, /* an address's */
    MF_NOTE_SUMMARY,         /* what the cap held back was summed up */
    MF_NOTE_HANDED_OVER,     /* the alert with this number */
    MF_NOTE_FORGOTTEN,       /* a user */
    MF_NOTE_EXPIRED,         /* the prompt that a user was waited for */
    MF_N_NOTES
};

struct mf_note {
    uint8_t sort;  /* enum mf_note_sort */
    uint8_t which; /* enum mf_which_alert */
    struct mf_hash key;
    mf_time now;
    uint64_t number;
    bool reached; /* of an expiry: the verdict reached the alert level */
};

extern const struct mf_field mf_note_fields[];

struct mf_keeping {
    struct mf_store *store;
    bool journals;        /* what comes in is written down, not only saved */
    uint64_t generation;  /* of the last snapshot or journal that was begun */
    uint64_t number;      /* of the last alert; starts anew above all others with each journal */
    struct mf_copy *copy; /* being made; read by workers behind their gates, changed with all gates held */
    struct mf_journal journal;
    char policy[72];              /* digest of the one in force when the journal began */
    struct mf_unsents unsent;     /* alerts of before a crash; the keeping thread's own */
    bool failing;                 /* and that was said */
    unsigned failures;            /* snapshots in a row that could not be written */
    mf_time begun, saved, looked; /* on the clock that mf_engine_keep_state() is given; MF_TIME_NONE: not yet */
};

/* The engine's workers, so that their gates can be found. */
void mf_keeping_enter(struct mf_engine *engine, struct mf_worker *worker);
void mf_keeping_leave(struct mf_engine *engine, struct mf_worker *worker);
void mf_keeping_free(struct mf_engine *engine);

/* No worker changes anything, comes or goes, between these two. */
void mf_gates_lock(struct mf_engine *engine);
void mf_gates_unlock(struct mf_engine *engine);

/* Nothing of the user is left in memory but marks of deliveries, which say nothing without the record; `name` may be
 * empty. All gates are locked, or nobody else uses the engine. */
bool mf_forget(struct mf_engine *engine, struct mf_hash key, struct mf_slice name);

/* ---- for a worker ---- */

/* Around whatever changes what is remembered. */
void mf_gate_lock(struct mf_worker *worker);
void mf_gate_unlock(struct mf_worker *worker);

/* Behind the gate, before a user's or an address's shard is opened: it is copied first if it has to be. */
void mf_keep_user(struct mf_worker *worker, struct mf_hash user);
void mf_keep_address(struct mf_worker *worker, struct mf_hash address);

/* Is there a journal? */
bool mf_keeps(const struct mf_worker *worker);

/* A new number for an alert. */
uint64_t mf_keep_number(struct mf_worker *worker);

/* Behind the gate: writes down worker->inputs; or something else that happened, with a number for the alert it raised
 * (returned; 0 when `sent` is false, or there is no journal). */
void mf_keep_event(struct mf_worker *worker, bool named);
uint64_t mf_keep_note(struct mf_worker *worker, enum mf_note_sort sort, struct mf_hash key, mf_time now, bool sent);

/* For the thread that keeps: an alert of before a crash was handed over; a user was forgotten. */
void mf_keep_sent_again(struct mf_engine *engine, const struct mf_unsent *unsent);
void mf_keep_forgotten(struct mf_engine *engine, const char *user);

/* What was written down goes into the file, not necessarily onto the disk. */
void mf_keep_flush(struct mf_worker *worker);

/* Hands over an alert of before a crash (engine_judge.c). */
void mf_send_again(struct mf_worker *worker, const struct mf_sink *sink, struct mf_alert *alert);

/* The worker's alert was handed over. Not behind the gate. */
void mf_keep_handed_over(struct mf_worker *worker, enum mf_which_alert which);

#endif
