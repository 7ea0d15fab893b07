/* tests/bench/took.h
 *
 * How long each of many messages took, in CPU time of the thread that judged it: to wait for a processor is no part of it,
 * so that a busy machine says the same. Counted by tenths of a microsecond. What it takes to ask the clock is in it. */

#ifndef TOOK_H
#define TOOK_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { TOOK_PER_US = 10, TOOK_MAX = 100000 }; /* ten milliseconds, or more */

struct took {
    uint64_t n;
    double slowest; /* microseconds, as all times here */
    uint32_t count[TOOK_MAX + 1];
};

static inline double took_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline void took_add(struct took *took, double us)
{
    double at = us * TOOK_PER_US;

    took->n++;
    took->count[at < TOOK_MAX ? (unsigned)at : TOOK_MAX]++;
    took->slowest = us > took->slowest ? us : took->slowest;
}

static inline void took_join(struct took *all, const struct took *one)
{
    all->n += one->n;
    all->slowest = one->slowest > all->slowest ? one->slowest : all->slowest;
    for (unsigned i = 0; i <= TOOK_MAX; i++)
        all->count[i] += one->count[i];
}

/* What this share of them took at most. */
static inline double took_most(const struct took *took, double share)
{
    uint64_t seen = 0;
    unsigned at = 0;

    while (at < TOOK_MAX && (double)(seen += took->count[at]) < share * (double)took->n)
        at++;
    return at == TOOK_MAX ? took->slowest : (double)(at + 1) / TOOK_PER_US;
}

/* As members of a JSON object. */
static inline void took_print(const struct took *took)
{
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"most_cpu_us\": %.1f", took_most(took, 0.5),
           took_most(took, 0.99), took_most(took, 0.999), took->slowest);
}

#endif
