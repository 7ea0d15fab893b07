/* src/inputs.h
 *
 * All that judging takes of one event, in a form that can be written down and judged again: what was read, what lists and
 * directory said of it, and what its texts come to. It holds no name unless that is asked for: users, phones and feeds
 * are keyed hashes, tickets and deliveries are marks, groups are numbers. */

#ifndef MF_INPUTS_H
#define MF_INPUTS_H

#include "context/scene.h"
#include "memory/ids.h"
#include "memory/journal.h"
#include "memory/user.h"
#include "read/event.h"

struct mf_inputs {
    const struct mf_event *event;
    const struct mf_scene *scene;
    struct mf_event_marks marks;
    struct mf_hash user, feed, phone;
    uint32_t group, role;        /* numbers of the names, when the rate was asked */
    struct mf_id id;             /* what was learned of the user's id; mark 0 = nothing */
    uint64_t incident, campaign; /* names of what the event opens, if it is not open; 0 = nothing */
    uint64_t number;             /* of its alerts; 0 = none */
    bool entered_only;           /* it came late, twice, or from somebody who is ignored: its feed alone knows it */
};

/* Read back; points to itself and into the bytes. */
struct mf_inputs_read {
    struct mf_inputs inputs;
    struct mf_event event;
    struct mf_scene scene;
    struct mf_person person;
};

/* Writes it down, with the user's name and id or without. The length. */
size_t mf_inputs_write(const struct mf_inputs *inputs, bool named, unsigned char bytes[MF_ENTRY_MAX]);

/* False: not sound. */
bool mf_inputs_read(const unsigned char *bytes, size_t length, struct mf_inputs_read *read);

#endif
