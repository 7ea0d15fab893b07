/* src/memory/frame.h
 *
 * The files of the state as a row of blocks, each with a checksum that also knows which file it belongs to and which
 * place it has there: a block that is damaged, torn, or from elsewhere is told from a sound one. Integers are
 * little-endian.
 *
 *     "mfstate\n"  u32 format  u32 length  u64 checksum   the head: `length` bytes, a record of struct mf_frame_head
 *     u32 length   u64 checksum   a block: `length` bytes of records, each a u8 kind, a u16 length and so many bytes
 *     ...
 *
 * The head's layout up to its checksum is the same in every format, so that a newer file is known to be one.
 *
 * Reading allocates one buffer of fixed size, whatever the file says. One thread per reader or writer. */

#ifndef MF_MEMORY_FRAME_H
#define MF_MEMORY_FRAME_H

#include "base/error.h"
#include "base/pack.h"
#include "base/time.h"

enum {
    MF_STATE_FORMAT = 1,
    MF_BLOCK_MAX = 64 * 1024, /* of its records */
    MF_BLOCK_HEAD = 12,
    MF_RECORD_HEAD = 3,
    MF_FILE_HEAD = 24,
};

/* Numbers stand in files: a new kind is appended, none is ever used for something else. */
enum mf_record_kind {
    MF_RECORD_END = 1, /* the last one of a whole snapshot: says how many records came before it */
    MF_RECORD_SIGNALS,
    MF_RECORD_FEED,
    MF_RECORD_POPULATION,
    MF_RECORD_CAP,
    MF_RECORD_INCIDENT,
    MF_RECORD_CAMPAIGN,
    MF_RECORD_SHARD,
    MF_RECORD_USER,
    MF_RECORD_RECENT,
    MF_RECORD_TRACE,
    MF_RECORD_ADDRESS,
    MF_RECORD_SINGLE,
    MF_RECORD_ALERT,
    MF_RECORD_EVENT,
    MF_RECORD_NOTE,
    MF_RECORD_WAIT,
    MF_RECORD_DELIVERIES,
    MF_RECORD_ID,
};

enum mf_file_sort { MF_FILE_SNAPSHOT = 1, MF_FILE_JOURNAL = 2 };

struct mf_frame_head {
    uint32_t sort;       /* enum mf_file_sort */
    uint64_t generation; /* a snapshot and the journal that continues it have the same */
    uint64_t salt;       /* of the file: blocks of another with the same generation do not fit */
    mf_time created;
    uint64_t key_check; /* tells whether the hashes in it are of our key */
    char engine[32];    /* version */
    char policy[72];    /* digest of the policy in force */
};

/* ---- writing ---- */

enum { MF_HEAD_MAX = 536 };

/* Writes the head; its length. */
size_t mf_frame_head(const struct mf_frame_head *head, unsigned char bytes[MF_HEAD_MAX]);

/* Puts the checksum on a block whose length and records are there. */
void mf_frame_seal(unsigned char *block, uint64_t generation, uint64_t salt, uint64_t index);

struct mf_frame_writer {
    int fd;
    int failed; /* errno of the first write that failed; nothing is written after it */
    uint64_t generation, salt, index;
    size_t length;         /* of the records in the block so far */
    uint64_t records;      /* put since the head */
    uint64_t bytes;        /* written to the file */
    unsigned char *buffer; /* the caller's, MF_BLOCK_HEAD + MF_BLOCK_MAX bytes */
};

/* Writes the head. Whether it worked is said at the end. */
void mf_frame_begin(struct mf_frame_writer *writer, int fd, unsigned char *buffer, const struct mf_frame_head *head);

/* Appends a record; a full block is written. */
void mf_frame_put(struct mf_frame_writer *writer, enum mf_record_kind kind, const struct mf_field *fields,
                  const void *record);

/* Writes what is left. 0, or the errno of the first failure. */
int mf_frame_flush(struct mf_frame_writer *writer);

/* All bytes, whatever it takes; 0 or errno. */
int mf_write_all(int fd, const unsigned char *bytes, size_t length);

/* ---- reading ---- */

enum mf_frame_end {
    MF_FRAME_MORE,    /* a sound block */
    MF_FRAME_END,     /* the file ends behind a sound block */
    MF_FRAME_TORN,    /* the file ends within a block, or in zeros: what comes of a crash */
    MF_FRAME_DAMAGED, /* a block whose checksum is wrong */
    MF_FRAME_IO,      /* cannot be read: errno */
};

struct mf_frame_reader {
    int fd;
    unsigned format;
    uint64_t generation, salt, index;
    uint64_t offset; /* of the end of the last sound block */
    size_t at, have; /* in the buffer */
    bool over;       /* nothing more in the file */
    unsigned char *buffer;
};

enum mf_frame_start {
    MF_FRAME_STARTED,
    MF_FRAME_EMPTY, /* nothing in it, or not all of a head */
    MF_FRAME_NOT_OURS /* its head is damaged, or it is another kind of file */,
    MF_FRAME_NEWER, /* sound, and written by a newer version */
    MF_FRAME_UNREADABLE,
};

/* Reads the head. The buffer is taken here and given back by mf_frame_close(), which does not close the file. */
enum mf_frame_start mf_frame_open(struct mf_frame_reader *reader, int fd, struct mf_frame_head *head);
void mf_frame_close(struct mf_frame_reader *reader);

/* The records of one block, and one of them. */
struct mf_frame_block {
    const unsigned char *at, *end;
};
struct mf_frame_record {
    unsigned kind, format;
    size_t length;
    const unsigned char *bytes;
};

/* After MF_FRAME_DAMAGED one may go on: with the block behind, if the length was right. */
enum mf_frame_end mf_frame_next(struct mf_frame_reader *reader, struct mf_frame_block *block);

/* The next record of a block; false: no more (or the rest is no record, which a sound checksum rules out). */
bool mf_frame_record(const struct mf_frame_reader *reader, struct mf_frame_block *block,
                     struct mf_frame_record *record);

#endif
