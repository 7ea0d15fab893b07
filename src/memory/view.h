/* src/memory/view.h
 *
 * A user's attempts as they stood at a moment, sorted by what they are, a bit each: what signals look at. Pure: nothing here
 * changes the user. */

#ifndef MF_MEMORY_VIEW_H
#define MF_MEMORY_VIEW_H

#include "memory/user.h"

struct mf_view_attempt {
    mf_time time, settled; /* settled: MF_TIME_NONE while open */
    enum mf_outcome outcome;
    enum mf_factor factor;
    uint8_t flags;
};

/* Some attempts of a view: bit i is attempt[i]. */
typedef uint64_t mf_attempts;

_Static_assert(MF_ATTEMPTS_MAX == 64, "a bit for each attempt");

/* How many: pairs of bits, then nibbles, then bytes. (The baseline of x86-64 has no instruction for it.) */
static inline unsigned mf_attempts_count(mf_attempts attempts)
{
    if (attempts == 0)
        return 0;
    attempts -= attempts >> 1 & UINT64_C(0x5555555555555555);
    attempts = (attempts & UINT64_C(0x3333333333333333)) + (attempts >> 2 & UINT64_C(0x3333333333333333));
    attempts = (attempts + (attempts >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (unsigned)(attempts * UINT64_C(0x0101010101010101) >> 56);
}

struct mf_view {
    mf_time now;
    unsigned n;
    bool later;        /* something is known that happened after `now` */
    bool approved_now; /* an approval was settled at this very moment */
    unsigned outcomes; /* those that there are: MF_OUTCOME_BIT */
    mf_attempts outcome[MF_N_OUTCOMES];
    mf_attempts prompts;                             /* MF_ATTEMPT_PROMPT */
    mf_attempts unexplained;                         /* MF_ATTEMPT_LOGIN_DUE without MF_ATTEMPT_EXPLAINED */
    mf_attempts sessions;                            /* MF_ATTEMPT_SESSION */
    struct mf_view_attempt attempt[MF_ATTEMPTS_MAX]; /* by time */
};

/* The attempts as they stood at `now`: later ones left out, later outcomes not yet known, old open prompts timed out. */
void mf_user_view(const struct mf_recent *recent, mf_time now, const struct mf_time_conf *conf, struct mf_view *view);

/* Sorts the first `n` of attempt[], which are filled and known at `now`. */
void mf_view_sort(struct mf_view *view, mf_time now, unsigned n);

/* The attempts at `time` and later. */
mf_attempts mf_view_since(const struct mf_view *view, mf_time time);

/* When the first prompt that waits for an answer expires, later than `after`; MF_TIME_NONE: none waits. */
mf_time mf_recent_expiry(const struct mf_recent *recent, mf_time after, const struct mf_time_conf *conf);

/* Totals of the run as of the view. */
struct mf_totals mf_run_totals(const struct mf_run *run, const struct mf_view *view);

/* Does the run hold an approval at `since` or later that an attack may own: not one whose own source is the user's while
 * others of the run are not? */
bool mf_run_approved_since(const struct mf_run *run, const struct mf_view *view, mf_time since);

#endif
