/* src/memory/due.h
 *
 * Numbers below a bound, each with a time at which it is due, in several heaps: whose turn is next in each. Adding, moving
 * and taking out cost a logarithm of how many there are (amortised: skew heaps, Sleator and Tarjan 1986), however they
 * come. Memory is taken at the start; nothing here locks. */

#ifndef MF_MEMORY_DUE_H
#define MF_MEMORY_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

#define MF_NOT_DUE UINT32_MAX

struct mf_due_node {
    mf_time time;
    uint64_t tie; /* of equal times the lower one goes first */
    uint32_t left, right, parent;
    uint32_t heap; /* MF_NOT_DUE: in none */
};

struct mf_due {
    struct mf_due_node *node;
    uint32_t *root; /* of each heap; MF_NOT_DUE: empty */
};

/* -1 when memory is short; mf_due_fini() may be called all the same. */
int mf_due_init(struct mf_due *due, uint32_t numbers, uint32_t heaps);
void mf_due_fini(struct mf_due *due);
size_t mf_due_bytes(uint32_t numbers, uint32_t heaps);

/* Puts the number into the heap, out of where it was. */
void mf_due_put(struct mf_due *due, uint32_t number, uint32_t heap, mf_time time, uint64_t tie);

void mf_due_remove(struct mf_due *due, uint32_t number);

/* Whose turn is next; MF_NOT_DUE: the heap is empty. */
static inline uint32_t mf_due_first(const struct mf_due *due, uint32_t heap)
{
    return due->root[heap];
}

/* When that is; INT64_MAX for an empty heap. */
static inline mf_time mf_due_time(const struct mf_due *due, uint32_t heap)
{
    return due->root[heap] == MF_NOT_DUE ? INT64_MAX : due->node[due->root[heap]].time;
}

/* Does a go before b? */
static inline bool mf_due_before(const struct mf_due *due, uint32_t a, uint32_t b)
{
    const struct mf_due_node *x = &due->node[a], *y = &due->node[b];

    return x->time != y->time ? x->time < y->time : x->tie < y->tie;
}

#endif
