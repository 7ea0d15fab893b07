/* src/memory/trace.c
 *
 * A recent part to 64 bytes and back. */

#include "memory/trace.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct mf_trace) == 64, "a trace is one line of cache");
_Static_assert(MF_N_FACTORS <= 16, "a factor fits its bits");

enum { DELAY_MAX = 4095 };

int mf_traces_init(struct mf_traces *traces, uint32_t n)
{
    traces->n_buckets = n / MF_TRACE_WAYS + 1;
    traces->trace = calloc((size_t)traces->n_buckets * MF_TRACE_WAYS, sizeof *traces->trace);
    return traces->trace == NULL ? -1 : 0;
}

void mf_traces_fini(struct mf_traces *traces)
{
    free(traces->trace);
    traces->trace = NULL;
}

size_t mf_traces_bytes(uint32_t n)
{
    return ((size_t)n / MF_TRACE_WAYS + 1) * MF_TRACE_WAYS * sizeof(struct mf_trace);
}

/* The upper half of the key's lower word; the lower half, and the upper one of the other word, find the buckets. */
static uint32_t key_of(struct mf_hash key)
{
    return mf_mix_fold(key.lo & UINT64_C(0xffffffff00000000));
}

/* Where a user can be: two buckets, or one when both are the same. */
struct places {
    struct mf_trace *bucket[2];
    unsigned n;
};

static struct places places_of(const struct mf_traces *traces, struct mf_hash key)
{
    const uint32_t first = (uint32_t)key.lo % traces->n_buckets, second = (uint32_t)(key.hi >> 32) % traces->n_buckets;

    return (struct places){
        .bucket = {&traces->trace[first * MF_TRACE_WAYS], &traces->trace[second * MF_TRACE_WAYS]},
        .n = first == second ? 1 : 2,
    };
}

static struct mf_trace *find(const struct mf_traces *traces, struct mf_hash key)
{
    const struct places places = places_of(traces, key);
    const uint32_t mark = key_of(key);

    for (unsigned b = 0; b < places.n; b++)
        for (unsigned i = 0; i < MF_TRACE_WAYS; i++)
            if (places.bucket[b][i].key == mark)
                return &places.bucket[b][i];
    return NULL;
}

/* ---- keeping ---- */

/* Which five attempts: those that were not approved first, the latest of them. A bit for each of the 64. */
static uint64_t choose(const struct mf_recent *recent, mf_time since)
{
    uint64_t chosen = 0;
    unsigned n = 0;

    for (int approved = 0; approved < 2; approved++)
        for (unsigned i = recent->n_attempts; i-- > 0 && n < MF_TRACE_ATTEMPTS;) {
            const struct mf_attempt *attempt = &recent->attempt[i];
            if (mf_attempt_presses(attempt) == (approved == 0) && recent->base + attempt->time >= since) {
                chosen |= UINT64_C(1) << i;
                n++;
            }
        }
    return chosen;
}

static struct mf_trace_attempt squeeze(const struct mf_attempt *attempt, uint32_t first)
{
    uint32_t delay = attempt->settled > attempt->time ? (attempt->settled - attempt->time) / (uint32_t)MF_SECOND : 0;

    return (struct mf_trace_attempt){
        .time = (attempt->time - first) & ((1u << 27) - 1),
        .delay = (delay > DELAY_MAX ? DELAY_MAX : delay) & DELAY_MAX,
        .outcome = attempt->outcome & 7u,
        .factor = attempt->factor & 15u,
        .flags = attempt->flags,
        .type = attempt->type,
    };
}

static void keep_attempts(struct mf_trace *trace, const struct mf_recent *recent, mf_time last)
{
    uint64_t chosen = choose(recent, last - MF_DAY);
    uint32_t first = 0;

    for (unsigned i = 0; i < recent->n_attempts; i++) {
        const struct mf_attempt *attempt = &recent->attempt[i];
        if ((chosen >> i & 1) == 0)
            continue;
        if (trace->n == 0) {
            first = attempt->time;
            trace->base = (uint64_t)(recent->base + first) & ((UINT64_C(1) << 48) - 1);
        }
        if (attempt->time - first > (uint32_t)MF_DAY)
            break;
        trace->attempt[trace->n] = squeeze(attempt, first);
        trace->n++;
        if (mf_attempt_presses(attempt))
            trace->pressing++;
    }
}

static void keep_login(struct mf_trace *trace, const struct mf_activities *activities)
{
    for (unsigned i = 0; i < MF_LOGINS_MAX; i++)
        if (mf_time_seconds(activities->login[i].time) > trace->login)
            trace->login = mf_time_seconds(activities->login[i].time);
}

/* Who makes room, in this order. */
enum worth { FREE, A_DAY_OLD, NO_PROMPT, STRANGERS, KNOWN };

static enum worth worth(const struct mf_trace *trace, uint32_t last)
{
    if (trace->key == 0)
        return FREE;
    if ((mf_time)last - trace->last > MF_DAY / MF_SECOND)
        return A_DAY_OLD;
    if (trace->pressing == 0)
        return NO_PROMPT;
    return trace->known ? KNOWN : STRANGERS;
}

/* Of those who are worth least the oldest. */
static struct mf_trace *make_room(struct mf_traces *traces, struct mf_hash key, uint32_t last)
{
    const struct places places = places_of(traces, key);
    struct mf_trace *victim = places.bucket[0];
    enum worth least = worth(victim, last);

    for (unsigned i = 1; i < places.n * MF_TRACE_WAYS; i++) {
        struct mf_trace *trace = &places.bucket[i / MF_TRACE_WAYS][i % MF_TRACE_WAYS];
        const enum worth this = worth(trace, last);
        if (this > least || (this == least && trace->last >= victim->last))
            continue;
        victim = trace;
        least = this;
    }
    return victim;
}

void mf_traces_keep(struct mf_traces *traces, struct mf_hash key, const struct mf_recent *recent, mf_time last,
                    bool known)
{
    struct mf_trace trace = {.key = key_of(key), .last = mf_time_seconds(last), .known = known}, *room;

    keep_attempts(&trace, recent, last);
    keep_login(&trace, &recent->activities);
    room = find(traces, key);
    if (room == NULL) {
        room = make_room(traces, key, trace.last);
        bool stays = worth(room, trace.last) > worth(&trace, trace.last);
        traces->lost += worth(stays ? &trace : room, trace.last) >= STRANGERS;
        if (stays)
            return;
    }
    *room = trace;
}

/* ---- giving back ---- */

static struct mf_attempt unfold(const struct mf_trace_attempt *kept)
{
    uint32_t time = (uint32_t)MF_DAY + (uint32_t)kept->time;

    return (struct mf_attempt){
        .time = time,
        .settled = time + (uint32_t)kept->delay * (uint32_t)MF_SECOND,
        .outcome = (uint8_t)kept->outcome,
        .factor = (uint8_t)kept->factor,
        .flags = (uint8_t)kept->flags,
        .type = (uint8_t)kept->type,
    };
}

/* The run that the last attempts were part of. */
static void resume_run(struct mf_recent *recent)
{
    struct mf_run *run = &recent->run;
    unsigned i = recent->n_attempts;

    if (i == 0)
        return;
    run->last = recent->base + recent->attempt[i - 1].settled;
    run->start = recent->base + recent->attempt[i - 1].time;
    while (--i > 0 && run->start - (recent->base + recent->attempt[i - 1].settled) < MF_RUN_GAP)
        run->start = recent->base + recent->attempt[i - 1].time;
}

void mf_traces_give_back(struct mf_traces *traces, struct mf_hash key, mf_time now, struct mf_recent *recent)
{
    struct mf_trace *trace = find(traces, key);

    if (trace == NULL)
        return;
    if (now - (mf_time)trace->last * MF_SECOND <= MF_DAY) {
        if (trace->n > 0)
            recent->base = (mf_time)trace->base - MF_DAY;
        for (unsigned i = 0; i < trace->n; i++)
            recent->attempt[recent->n_attempts++] = unfold(&trace->attempt[i]);
        resume_run(recent);
        if (trace->login != 0)
            mf_activity_add_login(&recent->activities,
                                  &(struct mf_activity){.time = (mf_time)trace->login * MF_SECOND});
    }
    *trace = (struct mf_trace){0};
}

void mf_traces_forget(struct mf_traces *traces, struct mf_hash key)
{
    struct mf_trace *trace = find(traces, key);

    if (trace != NULL)
        memset(trace, 0, sizeof *trace);
}

void mf_traces_copy(struct mf_traces *to, const struct mf_traces *from)
{
    for (size_t i = 0; i < (size_t)from->n_buckets * MF_TRACE_WAYS; i++)
        if (from->trace[i].key != 0)
            to->trace[i] = from->trace[i];
}

bool mf_trace_is_sound(const struct mf_trace *trace)
{
    if (trace->n > MF_TRACE_ATTEMPTS)
        return false;
    for (unsigned i = 0; i < trace->n; i++)
        if (trace->attempt[i].factor >= MF_N_FACTORS || trace->attempt[i].time > (uint64_t)MF_DAY)
            return false;
    return true;
}
