/* src/saving.h
 *
 * Writing the state: a journal of this life, and snapshots, each of which makes an end of the journals before it. By the
 * thread that keeps (keeping.h). Private to the engine. */

#ifndef MF_SAVING_H
#define MF_SAVING_H

#include "keeping.h"

#define MF_JOURNAL_PREFIX "journal-"

/* Tells whether the hashes of a file are of this key. */
uint64_t mf_key_check(const struct mf_hash_key *key);

void mf_journal_name(uint64_t generation, char name[MF_STORE_NAME]);

/* A journal of this life, behind those that there are. 0 or errno. */
int mf_begin_journal(struct mf_engine *engine, mf_time now);

/* A snapshot, and the journal that continues it. 0 or errno. */
int mf_save(struct mf_engine *engine, mf_time now);

#endif
