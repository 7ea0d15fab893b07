/* src/memory/journal.h
 *
 * What happened since a snapshot, appended to a file: records go into a bounded buffer and from there, a buffer at a
 * time, into the file. When the buffer is full, or the file cannot be written, records are lost and counted, and nobody
 * waits: a new snapshot makes good for it.
 *
 * Locks: one of the buffer, one of the file, in the order file, buffer. Appending takes the buffer's only, so that it
 * waits for no disk; it is the last lock that a worker takes. The rest is called by anybody for flushing, and by one
 * thread for everything else. */

#ifndef MF_MEMORY_JOURNAL_H
#define MF_MEMORY_JOURNAL_H

#include "memory/frame.h"

#include <pthread.h>

enum { MF_JOURNAL_ROOM = 2 * 1024 * 1024, MF_ENTRY_MAX = 2048 };

struct mf_journal_buffer {
    unsigned char *bytes;
    size_t used;  /* blocks and the space for their heads */
    size_t block; /* where the block that is being filled begins */
};

struct mf_journal_file {
    int fd;                           /* -1: there is none */
    int failed;                       /* errno of the first write that failed: nothing is appended any more */
    uint64_t generation, salt, index; /* of the next block */
    uint64_t written;                 /* bytes in it */
    bool unsynced;                    /* written, and not yet known to be on disk */
};

struct mf_journal {
    pthread_mutex_t file_lock, buffer_lock;
    struct mf_journal_buffer active, spare;
    struct mf_journal_file file, old; /* `old` while the files are changed */
    uint64_t entries, lost;           /* appended to this file; records lost since the start */
};

/* Takes the memory. -1: there is none. */
int mf_journal_init(struct mf_journal *journal);
void mf_journal_fini(struct mf_journal *journal); /* closes the file; what was not flushed is lost */

/* Appends a record; false: lost. Any thread. */
bool mf_journal_append(struct mf_journal *journal, enum mf_record_kind kind, const unsigned char *bytes, size_t length);

/* Writes what was appended; with `sync` it is on disk when this returns. 0 or errno. Any thread. */
int mf_journal_flush(struct mf_journal *journal, bool sync);

struct mf_journal_counts {
    uint64_t entries, written; /* in this file: appended; bytes */
    uint64_t lost;             /* since the start */
    int failed;                /* errno; 0: it does not */
};

/* Any thread. */
void mf_journal_count(struct mf_journal *journal, struct mf_journal_counts *counts);

/* Another file, `fd`, takes what is appended from now on; between these two calls nobody flushes. begin() is called while
 * nobody appends. end() writes what the old file still lacks, closes it, and writes the head of the new one. */
void mf_journal_switch_begin(struct mf_journal *journal, int fd, const struct mf_frame_head *head);
void mf_journal_switch_end(struct mf_journal *journal, const struct mf_frame_head *head);

#endif
