/* src/in_force.h
 *
 * The settings that are in force (policy, profiles, lists, directory, databases), and how they are exchanged while
 * threads judge by them. Private to the engine.
 *
 * Settings are one immutable whole. A worker holds one and looks between two messages whether there is a newer one; it
 * goes when the last one lets go of it. So no message is judged half by the old and half by the new. The lock guards the
 * pointer and the counts alone, and is never held together with another. */

#ifndef MF_IN_FORCE_H
#define MF_IN_FORCE_H

#include "context/scene.h"
#include "policy.h"
#include "read/profile.h"

#include <pthread.h>

struct mf_settings {
    struct mf_policy *policy;
    struct mf_profiles *profiles;
    struct mf_scenery *scenery;
    char profile_dir[MF_PATH_TEXT]; /* where the profiles were found */
    unsigned holders;
};

/* Frees settings that were never put in force, whole or half built. NULL is fine. */
void mf_settings_free(struct mf_settings *settings);
size_t mf_settings_memory(const struct mf_settings *settings);

struct mf_in_force {
    pthread_mutex_t lock;
    struct mf_settings *current; /* NULL until the first are put in force */
};

void mf_in_force_init(struct mf_in_force *in_force);
void mf_in_force_fini(struct mf_in_force *in_force); /* all holders have let go */

/* Puts the settings in force and takes them over. */
void mf_in_force_exchange(struct mf_in_force *in_force, struct mf_settings *settings);

/* What is in force, held; `held` (may be NULL) is let go of if it is another. Cheap when it is the same. */
struct mf_settings *mf_in_force_adopt(struct mf_in_force *in_force, struct mf_settings *held);
void mf_in_force_release(struct mf_in_force *in_force, struct mf_settings *held); /* NULL is fine */

#endif
