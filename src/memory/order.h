/* src/memory/order.h
 *
 * The numbers below a bound in a few queues, each number in at most one at a time: who came first, who may go next.
 * Everything costs the same however many there are. Memory is taken at the start; nothing here locks. */

#ifndef MF_MEMORY_ORDER_H
#define MF_MEMORY_ORDER_H

#include <stddef.h>
#include <stdint.h>

enum { MF_QUEUES = 4, MF_NO_QUEUE = MF_QUEUES };
#define MF_NOBODY UINT32_MAX

struct mf_order_link {
    uint32_t before, after;
    uint32_t queue; /* MF_NO_QUEUE: in none */
};

struct mf_queue {
    uint32_t first, last; /* MF_NOBODY: empty */
    uint32_t n;
};

struct mf_order {
    struct mf_order_link *link;
    struct mf_queue queue[MF_QUEUES];
};

/* All numbers below `n` are in no queue. -1 when memory is short; mf_order_fini() may be called all the same. */
int mf_order_init(struct mf_order *order, uint32_t n);
void mf_order_fini(struct mf_order *order);
size_t mf_order_bytes(uint32_t n);

/* Puts the number at the end of the queue, out of where it was. */
void mf_order_append(struct mf_order *order, uint32_t number, unsigned queue);

void mf_order_remove(struct mf_order *order, uint32_t number);

/* Makes `to`, which has room for as many, the same for the first `n` numbers, others being in no queue. */
void mf_order_copy(struct mf_order *to, const struct mf_order *from, uint32_t n);

static inline uint32_t mf_order_first(const struct mf_order *order, unsigned queue)
{
    return order->queue[queue].first;
}

static inline uint32_t mf_order_length(const struct mf_order *order, unsigned queue)
{
    return order->queue[queue].n;
}

/* The one that came next into the same queue; MF_NOBODY behind the last. */
static inline uint32_t mf_order_next(const struct mf_order *order, uint32_t number)
{
    return order->link[number].after;
}

static inline unsigned mf_order_queue_of(const struct mf_order *order, uint32_t number)
{
    return order->link[number].queue;
}

#endif
