/* src/memory/order.c
 *
 * Doubly linked lists over an array of links. */

#include "memory/order.h"

#include <stdlib.h>
#include <string.h>

int mf_order_init(struct mf_order *order, uint32_t n)
{
    for (unsigned i = 0; i < MF_QUEUES; i++)
        order->queue[i] = (struct mf_queue){MF_NOBODY, MF_NOBODY, 0};
    order->link = calloc(n, sizeof *order->link);
    if (order->link == NULL)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        order->link[i].queue = MF_NO_QUEUE;
    return 0;
}

void mf_order_fini(struct mf_order *order)
{
    free(order->link);
    order->link = NULL;
}

size_t mf_order_bytes(uint32_t n)
{
    return n * sizeof(struct mf_order_link);
}

void mf_order_remove(struct mf_order *order, uint32_t number)
{
    struct mf_order_link *link = &order->link[number];

    if (link->queue == MF_NO_QUEUE)
        return;
    struct mf_queue *queue = &order->queue[link->queue];
    if (link->before == MF_NOBODY)
        queue->first = link->after;
    else
        order->link[link->before].after = link->after;
    if (link->after == MF_NOBODY)
        queue->last = link->before;
    else
        order->link[link->after].before = link->before;
    link->queue = MF_NO_QUEUE;
    queue->n--;
}

void mf_order_append(struct mf_order *order, uint32_t number, unsigned to)
{
    struct mf_queue *queue = &order->queue[to];

    mf_order_remove(order, number);
    order->link[number] = (struct mf_order_link){queue->last, MF_NOBODY, to};
    if (queue->last == MF_NOBODY)
        queue->first = number;
    else
        order->link[queue->last].after = number;
    queue->last = number;
    queue->n++;
}

void mf_order_copy(struct mf_order *to, const struct mf_order *from, uint32_t n)
{
    memcpy(to->queue, from->queue, sizeof to->queue);
    memcpy(to->link, from->link, n * sizeof *to->link);
}
