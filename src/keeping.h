/* src/keeping.h
 *
 * How an engine keeps its state in a directory: what implements that part of engine.h, and where judging meets it.
 * Private to the engine. docs/state.md has the whole of it.
 *
 * A snapshot is everything as of one moment between two events. To find such a moment, all workers are held at their
 * gates: each worker's gate is locked while it changes what is remembered, and is the first lock that it takes. What is
 * copied then is small; the rest is copied while they go on (copy.h). */

#ifndef MF_KEEPING_H
#define MF_KEEPING_H

#include "copy.h"
#include "engine_model.h"
#include "memory/store.h"

struct mf_keeping {
    struct mf_store *store;
    uint64_t generation;  /* of the last snapshot or journal that was begun */
    struct mf_copy *copy; /* being made; read by workers behind their gates, changed with all gates held */
};

/* The engine's workers, so that their gates can be found. */
void mf_keeping_enter(struct mf_engine *engine, struct mf_worker *worker);
void mf_keeping_leave(struct mf_engine *engine, struct mf_worker *worker);

/* Around whatever changes what is remembered. The keys are those of the user and of the address that may change. */
void mf_gate_lock(struct mf_worker *worker);
void mf_gate_unlock(struct mf_worker *worker);

/* Behind the gate, before a user's or an address's shard is opened: it is copied first if it has to be. */
void mf_keep_user(struct mf_worker *worker, struct mf_hash user);
void mf_keep_address(struct mf_worker *worker, struct mf_hash address);

void mf_keeping_free(struct mf_engine *engine);

#endif
