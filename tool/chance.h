/* tool/chance.h
 *
 * Numbers that look random and follow from a seed: the same seed tells the same story on every machine. */

#ifndef MF_TOOL_CHANCE_H
#define MF_TOOL_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct mf_chance {
    uint64_t state;
};

/* A stream of its own for each pair of numbers below one seed. */
static inline struct mf_chance mf_chance_of(uint64_t seed, uint64_t a, uint64_t b)
{
    return (struct mf_chance){seed * 0x9e3779b97f4a7c15u ^ (a + 1) * 0xbf58476d1ce4e5b9u ^
                              (b + 1) * 0x94d049bb133111ebu};
}

/* splitmix64 */
static inline uint64_t mf_chance_next(struct mf_chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* From 0 up to, but not including, 1. */
static inline double mf_chance_share(struct mf_chance *chance)
{
    return (double)(mf_chance_next(chance) >> 11) * 0x1p-53;
}

static inline bool mf_chance_is(struct mf_chance *chance, double share)
{
    return mf_chance_share(chance) < share;
}

/* Below `n`, which is above 0. */
static inline unsigned mf_chance_below(struct mf_chance *chance, unsigned n)
{
    return (unsigned)(mf_chance_next(chance) % n);
}

static inline double mf_chance_between(struct mf_chance *chance, double least, double most)
{
    return least + (most - least) * mf_chance_share(chance);
}

/* How often something with this mean happens, at most 64 times. */
static inline unsigned mf_chance_poisson(struct mf_chance *chance, double mean)
{
    unsigned n = 0;

    /* arrivals at a rate of one: by von Neumann's way, which needs no logarithm */
    for (double left = mean; n < 64; n++) {
        double whole = 0, first, before, next;

        for (;; whole += 1) {
            unsigned falls = 0;

            first = before = mf_chance_share(chance);
            while ((next = mf_chance_share(chance)) < before) {
                before = next;
                falls++;
            }
            if (falls % 2 == 0)
                break;
        }
        left -= whole + first;
        if (left < 0)
            break;
    }
    return n;
}

#endif
