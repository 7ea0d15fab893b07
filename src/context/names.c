/* src/context/names.c
 *
 * Open addressing with linear steps, at most three quarters full. A slot keeps 32 bits of the hash, so that a text is
 * compared only when it is very likely the one, and the table grows without hashing again. */

#include "context/names.h"

#include <stdlib.h>

#include "context/grow.h"

struct mf_name_slot {
    uint32_t hash;
    uint32_t name; /* index + 1; 0 = free */
};

void mf_names_init(struct mf_names *names, const struct mf_hash_key *key)
{
    *names = (struct mf_names){.key = *key};
}

void mf_names_fini(struct mf_names *names)
{
    free(names->text);
    free(names->name);
    free(names->slot);
    *names = (struct mf_names){0};
}

static uint32_t hash_of(const struct mf_names *names, struct mf_slice text)
{
    return (uint32_t)mf_hash_bytes(&names->key, text.data, text.length).lo;
}

struct mf_slice mf_names_text(const struct mf_names *names, const struct mf_name *name)
{
    return (struct mf_slice){names->text + name->text, name->length};
}

struct mf_name *mf_names_find(const struct mf_names *names, struct mf_slice text)
{
    if (names->n == 0 || text.length == 0)
        return NULL;

    uint32_t hash = hash_of(names, text);
    for (size_t i = hash & (names->n_slots - 1); names->slot[i].name != 0; i = (i + 1) & (names->n_slots - 1)) {
        struct mf_name *name = &names->name[names->slot[i].name - 1];

        if (names->slot[i].hash == hash && mf_slice_equal(mf_names_text(names, name), text))
            return name;
    }
    return NULL;
}

static void put_slot(struct mf_name_slot *slots, size_t n_slots, struct mf_name_slot slot)
{
    size_t i = slot.hash & (n_slots - 1);

    while (slots[i].name != 0)
        i = (i + 1) & (n_slots - 1);
    slots[i] = slot;
}

static bool make_slots(struct mf_names *names)
{
    size_t wanted = names->n_slots == 0 ? 16 : 2 * names->n_slots;
    struct mf_name_slot *slots;

    if (names->n + 1 <= names->n_slots / 4 * 3)
        return true;
    slots = calloc(wanted, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < names->n_slots; i++)
        if (names->slot[i].name != 0)
            put_slot(slots, wanted, names->slot[i]);
    free(names->slot);
    names->slot = slots;
    names->n_slots = wanted;
    return true;
}

static bool make_text(struct mf_names *names, size_t length)
{
    size_t wanted = names->text_room < 4096 ? 4096 : names->text_room;
    char *moved;

    if (length > UINT32_MAX - names->text_used)
        return false;
    while (wanted - names->text_used < length)
        wanted += wanted / 2;
    if (wanted == names->text_room)
        return true;
    moved = realloc(names->text, wanted);
    if (moved == NULL)
        return false;
    names->text = moved;
    names->text_room = wanted;
    return true;
}

struct mf_name *mf_names_add(struct mf_names *names, struct mf_slice text, uint32_t value, uint32_t line)
{
    struct mf_name *grown;

    if (names->n >= UINT32_MAX - 1 || !make_slots(names) || !make_text(names, text.length))
        return NULL;
    grown = mf_grow(names->name, &names->room, names->n, sizeof *grown);
    if (grown == NULL)
        return NULL;
    names->name = grown;

    struct mf_name *name = &names->name[names->n++];
    *name = (struct mf_name){(uint32_t)names->text_used, value, line, (uint32_t)text.length};
    memcpy(names->text + names->text_used, text.data, text.length);
    names->text_used += text.length;
    put_slot(names->slot, names->n_slots, (struct mf_name_slot){hash_of(names, text), (uint32_t)names->n});
    return name;
}

void mf_names_fit(struct mf_names *names)
{
    void *fitted;

    if (names->n == 0)
        return;
    if ((fitted = realloc(names->name, names->n * sizeof *names->name)) != NULL) {
        names->name = fitted;
        names->room = names->n;
    }
    if (names->text_used > 0 && (fitted = realloc(names->text, names->text_used)) != NULL) {
        names->text = fitted;
        names->text_room = names->text_used;
    }
}

size_t mf_names_memory(const struct mf_names *names)
{
    return names->text_room + names->room * sizeof *names->name + names->n_slots * sizeof *names->slot;
}
