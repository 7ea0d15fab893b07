/* src/lists.c
 *
 * Counted references to immutable sets. */

#include "lists.h"

#include <stdlib.h>

void mf_lists_init(struct mf_lists *lists)
{
    pthread_mutex_init(&lists->lock, NULL);
    lists->current = NULL;
}

/* The lock is held; what is to be freed is handed back, so that freeing a million entries holds nobody up. */
static struct mf_list_set *let_go(struct mf_list_set *set)
{
    return set != NULL && --set->holders == 0 ? set : NULL;
}

static void free_set(struct mf_list_set *set)
{
    if (set == NULL)
        return;
    mf_scenery_free(set->scenery);
    free(set);
}

void mf_lists_fini(struct mf_lists *lists)
{
    free_set(let_go(lists->current));
    lists->current = NULL;
    pthread_mutex_destroy(&lists->lock);
}

int mf_lists_set(struct mf_lists *lists, struct mf_scenery *scenery, struct mf_error *error)
{
    struct mf_list_set *set = calloc(1, sizeof *set), *old;

    if (set == NULL) {
        mf_scenery_free(scenery);
        return mf_error_set(error, "not enough memory for lists");
    }
    set->scenery = scenery;
    set->holders = 1;
    pthread_mutex_lock(&lists->lock);
    old = let_go(lists->current);
    __atomic_store_n(&lists->current, set, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lists->lock);
    free_set(old);
    return 0;
}

struct mf_list_set *mf_lists_adopt(struct mf_lists *lists, struct mf_list_set *held)
{
    struct mf_list_set *old;

    /* a held set cannot be freed, so no other can stand at its address */
    if (held != NULL && __atomic_load_n(&lists->current, __ATOMIC_ACQUIRE) == held)
        return held;
    pthread_mutex_lock(&lists->lock);
    old = let_go(held);
    held = lists->current;
    held->holders++;
    pthread_mutex_unlock(&lists->lock);
    free_set(old);
    return held;
}

void mf_lists_release(struct mf_lists *lists, struct mf_list_set *held)
{
    pthread_mutex_lock(&lists->lock);
    struct mf_list_set *old = let_go(held);
    pthread_mutex_unlock(&lists->lock);
    free_set(old);
}
