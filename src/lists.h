/* src/lists.h
 *
 * The lists, directory and databases that are in force, and how they are exchanged while threads judge by them. Private
 * to the engine.
 *
 * A set is never changed. A worker holds one and looks between two messages whether there is a newer one; a set goes
 * when the last one lets go of it. The lock guards the pointer and the counts alone, and is never held together with
 * another. */

#ifndef MF_LISTS_H
#define MF_LISTS_H

#include "context/scene.h"

#include <pthread.h>

struct mf_list_set {
    struct mf_scenery *scenery;
    unsigned holders;
};

struct mf_lists {
    pthread_mutex_t lock;
    struct mf_list_set *current;
};

void mf_lists_init(struct mf_lists *lists);
void mf_lists_fini(struct mf_lists *lists); /* all holders have let go */

/* Puts `scenery` in force and takes it over. -1 and `error` (scenery is then freed) when memory is short. */
int mf_lists_set(struct mf_lists *lists, struct mf_scenery *scenery, struct mf_error *error);

/* What is in force, held; `held` (may be NULL) is let go of if it is another. Cheap when it is the same. */
struct mf_list_set *mf_lists_adopt(struct mf_lists *lists, struct mf_list_set *held);
void mf_lists_release(struct mf_lists *lists, struct mf_list_set *held); /* NULL is fine */

#endif
