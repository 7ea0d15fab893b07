/* tool/set.c
 *
 * Open addressing, at most three quarters full. Two texts with one 128-bit SipHash would count as one; at a billion
 * texts the chance of that is below 1e-20. */

#include "set.h"

#include <stdlib.h>

enum { FIRST_SIZE = 1024 };

/* The slot that holds `key`, or the free one where it belongs. */
static size_t find_slot(const struct mf_set *set, struct mf_hash key)
{
    static const struct mf_hash none = {0, 0};
    size_t at = (size_t)key.lo & (set->size - 1);

    while (!mf_hash_equal(set->key[at], none) && !mf_hash_equal(set->key[at], key))
        at = (at + 1) & (set->size - 1);
    return at;
}

static bool grow(struct mf_set *set)
{
    struct mf_set bigger = {.size = set->size == 0 ? FIRST_SIZE : 2 * set->size, .n = set->n};

    bigger.key = calloc(bigger.size, sizeof(*bigger.key));
    bigger.value = calloc(bigger.size, sizeof(*bigger.value));
    if (bigger.key == NULL || bigger.value == NULL) {
        mf_set_fini(&bigger);
        return false;
    }
    for (size_t i = 0; i < set->size; i++)
        if (set->key[i].lo != 0 || set->key[i].hi != 0) {
            size_t at = find_slot(&bigger, set->key[i]);

            bigger.key[at] = set->key[i];
            bigger.value[at] = set->value[i];
        }
    mf_set_fini(set);
    *set = bigger;
    return true;
}

unsigned char *mf_set_enter(struct mf_set *set, struct mf_slice text)
{
    static const struct mf_hash_key zero = {0, 0};
    struct mf_hash key = mf_hash_bytes(&zero, text.data, text.length);
    size_t at;

    if (key.lo == 0 && key.hi == 0)
        key.hi = 1;
    if (set->n >= set->size / 4 * 3 && !grow(set))
        return NULL;
    at = find_slot(set, key);
    if (set->key[at].lo == 0 && set->key[at].hi == 0) {
        set->key[at] = key;
        set->n++;
    }
    return &set->value[at];
}

void mf_set_fini(struct mf_set *set)
{
    free(set->key);
    free(set->value);
    *set = (struct mf_set){0};
}
