/* src/memory/due.c
 *
 * Skew heaps in one array of nodes. */

#include "memory/due.h"

#include <stdlib.h>

int mf_due_init(struct mf_due *due, uint32_t numbers, uint32_t heaps)
{
    due->node = calloc(numbers, sizeof *due->node);
    due->root = calloc(heaps, sizeof *due->root);
    if (due->node == NULL || due->root == NULL)
        return -1;
    for (uint32_t i = 0; i < numbers; i++)
        due->node[i].heap = MF_NOT_DUE;
    for (uint32_t i = 0; i < heaps; i++)
        due->root[i] = MF_NOT_DUE;
    return 0;
}

void mf_due_fini(struct mf_due *due)
{
    free(due->node);
    free(due->root);
    due->node = NULL;
    due->root = NULL;
}

size_t mf_due_bytes(uint32_t numbers, uint32_t heaps)
{
    return numbers * sizeof(struct mf_due_node) + heaps * sizeof(uint32_t);
}

/* Two heaps become one, whose root hangs below `parent`: the earlier root stays, its right heap is merged with the other
 * one, and its two sides change places. */
static uint32_t merge(struct mf_due *due, uint32_t a, uint32_t b, uint32_t parent)
{
    uint32_t root = MF_NOT_DUE, *place = &root;

    while (a != MF_NOT_DUE && b != MF_NOT_DUE) {
        if (mf_due_before(due, b, a)) {
            uint32_t later = a;
            a = b;
            b = later;
        }
        struct mf_due_node *node = &due->node[a];
        uint32_t rest = node->right;
        *place = a;
        node->parent = parent;
        node->right = node->left;
        place = &node->left;
        parent = a;
        a = rest;
    }
    *place = a != MF_NOT_DUE ? a : b;
    if (*place != MF_NOT_DUE)
        due->node[*place].parent = parent;
    return root;
}

void mf_due_remove(struct mf_due *due, uint32_t number)
{
    struct mf_due_node *node = &due->node[number];

    if (node->heap == MF_NOT_DUE)
        return;
    uint32_t below = merge(due, node->left, node->right, node->parent);
    if (node->parent == MF_NOT_DUE)
        due->root[node->heap] = below;
    else if (due->node[node->parent].left == number)
        due->node[node->parent].left = below;
    else
        due->node[node->parent].right = below;
    node->heap = MF_NOT_DUE;
}

void mf_due_put(struct mf_due *due, uint32_t number, uint32_t heap, mf_time time, uint64_t tie)
{
    mf_due_remove(due, number);
    due->node[number] = (struct mf_due_node){time, tie, MF_NOT_DUE, MF_NOT_DUE, MF_NOT_DUE, heap};
    due->root[heap] = merge(due, due->root[heap], number, MF_NOT_DUE);
}
