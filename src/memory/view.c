/* src/memory/view.c
 *
 * A user's attempts as they stood at a moment. */

#include "memory/view.h"

#include <string.h>

#include "memory/attempts.h"

static enum mf_outcome outcome_at(const struct mf_recent *recent, const struct mf_attempt *attempt, mf_time now,
                                  mf_time ttl, mf_time *settled)
{
    if (attempt->outcome != MF_OPEN && mf_attempt_settled(recent, attempt) <= now) {
        *settled = mf_attempt_settled(recent, attempt);
        return (enum mf_outcome)attempt->outcome;
    }
    mf_time expiry = mf_attempt_time(recent, attempt) + ttl + MF_EXPIRY_SLACK;
    if (expiry <= now) {
        *settled = expiry;
        return MF_TIMEOUT;
    }
    *settled = MF_TIME_NONE;
    return MF_OPEN;
}

/* A view while it is made: what the loop below keeps in registers. */
struct sorting {
    mf_attempts prompts, unexplained, sessions;
    unsigned outcomes;
    bool later, approved_now;
};

static inline void sort_in(struct mf_view *view, struct sorting *sorting, const struct mf_view_attempt *attempt,
                           unsigned i)
{
    unsigned flags = attempt->flags, unexplained = flags / MF_ATTEMPT_LOGIN_DUE & ~(flags / MF_ATTEMPT_EXPLAINED) & 1;

    view->outcome[attempt->outcome] |= UINT64_C(1) << i;
    sorting->outcomes |= MF_OUTCOME_BIT(attempt->outcome);
    sorting->prompts |= (mf_attempts)(flags / MF_ATTEMPT_PROMPT & 1) << i;
    sorting->sessions |= (mf_attempts)(flags / MF_ATTEMPT_SESSION & 1) << i;
    sorting->unexplained |= (mf_attempts)unexplained << i;
    sorting->approved_now |= (attempt->outcome == MF_APPROVED) & (attempt->settled == view->now);
}

static void begin_view(struct mf_view *view, mf_time now)
{
    memset(view->outcome, 0, sizeof view->outcome);
    view->now = now;
}

static void end_view(struct mf_view *view, const struct sorting *sorting, unsigned n)
{
    view->n = n;
    view->later = sorting->later;
    view->approved_now = sorting->approved_now;
    view->prompts = sorting->prompts;
    view->unexplained = sorting->unexplained;
    view->sessions = sorting->sessions;
    view->outcomes = sorting->outcomes;
}

void mf_view_sort(struct mf_view *view, mf_time now, unsigned n)
{
    struct sorting sorting = {0};

    begin_view(view, now);
    for (unsigned i = 0; i < n; i++)
        sort_in(view, &sorting, &view->attempt[i], i);
    end_view(view, &sorting, n);
}

void mf_user_view(const struct mf_recent *recent, mf_time now, const struct mf_time_conf *conf, struct mf_view *view)
{
    struct sorting sorting = {0};
    unsigned n = 0;

    begin_view(view, now);
    for (; n < recent->n_attempts; n++) {
        const struct mf_attempt *attempt = &recent->attempt[n];
        struct mf_view_attempt *seen = &view->attempt[n];
        if (mf_attempt_time(recent, attempt) > now)
            break;
        seen->time = mf_attempt_time(recent, attempt);
        seen->outcome = outcome_at(recent, attempt, now, conf->prompt_ttl, &seen->settled);
        seen->factor = (enum mf_factor)attempt->factor;
        seen->flags = attempt->flags;
        sorting.later |= mf_attempt_settled(recent, attempt) > now;
        sort_in(view, &sorting, seen, n);
    }
    sorting.later |= n < recent->n_attempts;
    end_view(view, &sorting, n);
}

mf_attempts mf_view_since(const struct mf_view *view, mf_time time)
{
    unsigned first = 0, behind = view->n;

    while (first < behind) {
        unsigned middle = (first + behind) / 2;
        if (view->attempt[middle].time >= time)
            behind = middle;
        else
            first = middle + 1;
    }
    return first == MF_ATTEMPTS_MAX ? 0 : ~UINT64_C(0) << first;
}

mf_time mf_recent_expiry(const struct mf_recent *recent, mf_time after, const struct mf_time_conf *conf)
{
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        const struct mf_attempt *attempt = &recent->attempt[i];
        mf_time expiry = mf_attempt_time(recent, attempt) + conf->prompt_ttl + MF_EXPIRY_SLACK;
        if (attempt->outcome == MF_OPEN && expiry > after)
            return expiry;
    }
    return MF_TIME_NONE;
}

struct mf_totals mf_run_totals(const struct mf_run *run, const struct mf_view *view)
{
    struct mf_totals totals = run->spilled;
    mf_attempts of_run = mf_view_since(view, run->start);

    totals.prompts += mf_attempts_count(view->prompts & of_run);
    totals.denied += mf_attempts_count((view->outcome[MF_REFUSED] | view->outcome[MF_FRAUD]) & of_run);
    totals.timeouts += mf_attempts_count(view->outcome[MF_TIMEOUT] & of_run);
    totals.failed += mf_attempts_count(view->outcome[MF_FAILED] & of_run);
    totals.approved += mf_attempts_count(view->outcome[MF_APPROVED] & of_run);
    return totals;
}

bool mf_run_approved_since(const struct mf_run *run, const struct mf_view *view, mf_time since)
{
    bool unfamiliar = false;

    for (unsigned i = 0; i < view->n; i++)
        unfamiliar |= view->attempt[i].time >= run->start && (view->attempt[i].flags & MF_ATTEMPT_UNFAMILIAR) != 0;
    for (unsigned i = 0; i < view->n; i++) {
        const struct mf_view_attempt *attempt = &view->attempt[i];
        bool own_login = unfamiliar && (attempt->flags & MF_ATTEMPT_FAMILIAR) != 0;
        if (attempt->outcome == MF_APPROVED && attempt->settled >= since && !own_login)
            return true;
    }
    return false;
}
