/* src/memory/trace.h
 *
 * What is kept of a user's recent activity, in 64 bytes, when its room is needed: the last five attempts and the last login
 * attempt. It is given back whole when the user comes again, so that a flood of names between two prompts delays nothing.
 * A name that is seen once costs this much, and a moment's room.
 *
 * Bounded: buckets of eight, taken at the start and touched only when used. A user has two of them, so that none is full
 * long before others. Of the sixteen there, the oldest without a prompt that was not approved makes room: failed logins
 * of invented names push out no prompt. When all have one, the oldest of a stranger, however many it has: names with many
 * prompts keep no newcomer out. No stranger pushes out the prompts of who was let in once.
 *
 * A user is 32 bits of a keyed hash here, and the place. Nothing locks: the owner (table.c) does. */

#ifndef MF_MEMORY_TRACE_H
#define MF_MEMORY_TRACE_H

#include "memory/user.h"

enum { MF_TRACE_ATTEMPTS = 5, MF_TRACE_WAYS = 8 };

struct mf_trace_attempt {
    uint64_t time : 27;  /* ms behind the first one, at most a day */
    uint64_t delay : 12; /* seconds to the outcome */
    uint64_t outcome : 3, factor : 4, flags : 8, type : 8;
};

struct mf_trace {
    uint32_t key;                                       /* 0: free */
    uint32_t last;                                      /* seconds since 1970 of the user's last event */
    uint64_t base : 48, n : 4, known : 1, pressing : 8; /* known: the user was let in once */
    uint32_t login;                                     /* seconds since 1970; 0 = none */
    struct mf_trace_attempt attempt[MF_TRACE_ATTEMPTS];
};

struct mf_traces {
    struct mf_trace *trace;
    uint32_t n_buckets;
    uint64_t lost; /* traces with a prompt of the last day that made room */
};

/* Room for `n`. -1 when memory is short; mf_traces_fini() may be called all the same. */
int mf_traces_init(struct mf_traces *traces, uint32_t n);
void mf_traces_fini(struct mf_traces *traces);
size_t mf_traces_bytes(uint32_t n);

/* Keeps what there is to keep of the recent part, whose owner was last seen at `last`; `known`: and was let in once. */
void mf_traces_keep(struct mf_traces *traces, struct mf_hash key, const struct mf_recent *recent, mf_time last,
                    bool known);

/* Fills a blank recent part with what was kept of this user within the day before `now`, and forgets it here. */
void mf_traces_give_back(struct mf_traces *traces, struct mf_hash key, mf_time now, struct mf_recent *recent);

/* Forgets what was kept of this user. */
void mf_traces_forget(struct mf_traces *traces, struct mf_hash key);

/* Copies into an empty one of the same size; touches no more memory of it than is used. */
void mf_traces_copy(struct mf_traces *to, const struct mf_traces *from);

/* Could it have been kept? What comes from a file is asked. */
bool mf_trace_is_sound(const struct mf_trace *trace);

#endif
