/* src/copy.h
 *
 * Everything that an engine remembers, as of one moment, while its workers go on: and how that becomes a file, and a
 * file becomes what an engine remembers. Private to what implements engine.h.
 *
 * The moment is when mf_copy_begin() is called, with no event under way. What is small is copied then. Users and
 * addresses are copied shard by shard, each before the first event that touches it after that moment: by the thread that
 * makes the copy, or by the worker that comes first. A worker so waits for the copy of one shard at most. */

#ifndef MF_COPY_H
#define MF_COPY_H

#include "engine_model.h"
#include "memory/frame.h"

/* An alert that was raised and of which it is not known that it was handed over. */
struct mf_unsent {
    uint64_t number;
    uint8_t which; /* enum mf_which_alert */
    unsigned n_related;
    struct mf_campaign_alert told; /* names: of an address's */
};

struct mf_unsents {
    struct mf_unsent *alert;
    size_t n, max;
};

/* Appends a copy; false: no memory for it. */
bool mf_unsents_add(struct mf_unsents *unsents, uint64_t number, enum mf_which_alert which,
                    const struct mf_campaign_alert *told);
void mf_unsents_remove(struct mf_unsents *unsents, uint64_t number, enum mf_which_alert which);
void mf_unsents_free(struct mf_unsents *unsents);

struct mf_copy;

/* Takes the memory: as much as the engine has in use. NULL: there is none. */
struct mf_copy *mf_copy_new(struct mf_engine *engine, const struct mf_unsents *unsent);
void mf_copy_free(struct mf_copy *copy);

/* The moment. No event is under way. Users last seen before `since`, and without an incident, are forgotten: in the copy
 * and in the engine. */
void mf_copy_begin(struct mf_copy *copy, mf_time since, const struct mf_unsents *unsent);

/* Sees that this shard of users, or of addresses, was copied. Any thread, no lock held. Cheap when it was. */
void mf_copy_users(struct mf_copy *copy, unsigned shard);
void mf_copy_addresses(struct mf_copy *copy, unsigned shard);

/* Copies what is left, and writes all of it. 0 or errno. */
int mf_copy_write(struct mf_copy *copy, int fd, const struct mf_frame_head *head);

/* ---- and back ---- */

/* What was found in a file. */
struct mf_found {
    uint64_t records, unsound, blocks_damaged;
    bool whole; /* its last record is there, and all before it */
    int io;     /* errno */
};

/* Reads a snapshot, after its head, into an engine that nobody uses yet. What is not sound is left out. */
void mf_copy_read(struct mf_engine *engine, struct mf_frame_reader *reader, struct mf_unsents *unsent,
                  struct mf_found *found);

#endif
