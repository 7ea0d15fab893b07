/* src/context/expiry.h
 *
 * Which entries of a list end, and when: so that a check can say how many have expired, and where the first stands.
 * Filled by one thread, then read by any number. */

#ifndef MF_CONTEXT_EXPIRY_H
#define MF_CONTEXT_EXPIRY_H

#include "base/time.h"

#include <stdint.h>

/* what never ends */
#define MF_FOREVER INT64_MAX

struct mf_expiry {
    struct mf_expiry_entry *entry;
    size_t n, room;
};

/* Notes an entry that holds before `end`; MF_FOREVER is not kept. False when there is no memory. */
bool mf_expiry_note(struct mf_expiry *expiry, mf_time end, uint32_t line);

/* How many have ended at `now`; `*line` (may be NULL) is the line of the first, 0 when there is none. */
size_t mf_expiry_count(const struct mf_expiry *expiry, mf_time now, uint32_t *line);

size_t mf_expiry_memory(const struct mf_expiry *expiry);
void mf_expiry_fini(struct mf_expiry *expiry);

#endif
