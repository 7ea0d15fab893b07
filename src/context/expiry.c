/* src/context/expiry.c
 *
 * In the order of the file; counted by looking at all, as that is asked once a load. */

#include "context/expiry.h"

#include "context/grow.h"

struct mf_expiry_entry {
    mf_time end;
    uint32_t line;
};

bool mf_expiry_note(struct mf_expiry *expiry, mf_time end, uint32_t line)
{
    if (end == MF_FOREVER)
        return true;

    struct mf_expiry_entry *grown = mf_grow(expiry->entry, &expiry->room, expiry->n, sizeof *grown);
    if (grown == NULL)
        return false;
    expiry->entry = grown;
    expiry->entry[expiry->n++] = (struct mf_expiry_entry){.end = end, .line = line};
    return true;
}

size_t mf_expiry_count(const struct mf_expiry *expiry, mf_time now, uint32_t *line)
{
    uint32_t first = 0;
    size_t n = 0;

    for (size_t i = 0; i < expiry->n; i++)
        if (expiry->entry[i].end <= now && n++ == 0)
            first = expiry->entry[i].line;
    if (line != NULL)
        *line = first;
    return n;
}

size_t mf_expiry_memory(const struct mf_expiry *expiry)
{
    return expiry->room * sizeof *expiry->entry;
}

void mf_expiry_fini(struct mf_expiry *expiry)
{
    free(expiry->entry);
    *expiry = (struct mf_expiry){0};
}
