/* src/in_force.c
 *
 * Counted references to immutable settings. */

#include "in_force.h"

#include <stdlib.h>

void mf_settings_free(struct mf_settings *settings)
{
    if (settings == NULL)
        return;
    mf_scenery_free(settings->scenery);
    mf_profiles_free(settings->profiles);
    mf_policy_free(settings->policy);
    free(settings);
}

size_t mf_settings_memory(const struct mf_settings *settings)
{
    return sizeof *settings + sizeof *settings->policy + mf_scenery_memory(settings->scenery);
}

void mf_in_force_init(struct mf_in_force *in_force)
{
    pthread_mutex_init(&in_force->lock, NULL);
    in_force->current = NULL;
}

/* The lock is held; what is to be freed is handed back, so that freeing a million entries holds nobody up. */
static struct mf_settings *let_go(struct mf_settings *settings)
{
    return settings != NULL && --settings->holders == 0 ? settings : NULL;
}

void mf_in_force_fini(struct mf_in_force *in_force)
{
    mf_settings_free(let_go(in_force->current));
    in_force->current = NULL;
    pthread_mutex_destroy(&in_force->lock);
}

void mf_in_force_exchange(struct mf_in_force *in_force, struct mf_settings *settings)
{
    settings->holders = 1;
    pthread_mutex_lock(&in_force->lock);
    struct mf_settings *old = let_go(in_force->current);
    __atomic_store_n(&in_force->current, settings, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&in_force->lock);
    mf_settings_free(old);
}

struct mf_settings *mf_in_force_adopt(struct mf_in_force *in_force, struct mf_settings *held)
{
    struct mf_settings *old;

    /* what is held cannot be freed, so nothing else can stand at its address */
    if (held != NULL && __atomic_load_n(&in_force->current, __ATOMIC_ACQUIRE) == held)
        return held;
    pthread_mutex_lock(&in_force->lock);
    old = let_go(held);
    held = in_force->current;
    held->holders++;
    pthread_mutex_unlock(&in_force->lock);
    mf_settings_free(old);
    return held;
}

void mf_in_force_release(struct mf_in_force *in_force, struct mf_settings *held)
{
    pthread_mutex_lock(&in_force->lock);
    struct mf_settings *old = let_go(held);
    pthread_mutex_unlock(&in_force->lock);
    mf_settings_free(old);
}
