/* src/memory/frame.c
 *
 * Blocks and their checksums. */

#include "memory/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

static const char magic[8] = {'m', 'f', 's', 't', 'a', 't', 'e', '\n'};

/* No secret: it finds damage, not forgery. The directory's mode keeps others out. */
static const struct mf_hash_key head_key = {0x6d66737461746521u, 0x68656164u};

static const struct mf_field head_fields[] = {
    MF_NUMBER_MAX(struct mf_frame_head, sort, MF_FILE_JOURNAL),
    MF_NUMBER(struct mf_frame_head, generation),
    MF_NUMBER(struct mf_frame_head, salt),
    MF_WHEN(struct mf_frame_head, created),
    MF_NUMBER(struct mf_frame_head, key_check),
    MF_TEXT(struct mf_frame_head, engine),
    MF_TEXT(struct mf_frame_head, policy),
    {0},
};

enum { HEAD_MAX = MF_HEAD_MAX - MF_FILE_HEAD, BUFFER = 4 * (MF_BLOCK_HEAD + MF_BLOCK_MAX) };

int mf_write_all(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Of the length, and of the records behind the checksum's place. Each step of the mix can be undone, so that no change
 * of one word goes unseen. */
static uint64_t block_sum(uint64_t generation, uint64_t salt, uint64_t index, const unsigned char *block, size_t length)
{
    uint64_t seed = mf_mix_text(generation ^ salt, (struct mf_slice){(const char *)&index, sizeof index}) ^ length;

    return mf_mix_text(seed, (struct mf_slice){(const char *)block + MF_BLOCK_HEAD, length});
}

static uint64_t head_sum(const unsigned char *head, size_t length)
{
    return mf_hash_bytes(&head_key, head, 16).lo ^ mf_hash_bytes(&head_key, head + MF_FILE_HEAD, length).hi;
}

/* ---- writing ---- */

static void write_bytes(struct mf_frame_writer *writer, const unsigned char *bytes, size_t length)
{
    if (writer->failed == 0)
        writer->failed = mf_write_all(writer->fd, bytes, length);
    if (writer->failed == 0)
        writer->bytes += length;
}

size_t mf_frame_head(const struct mf_frame_head *head, unsigned char bytes[MF_HEAD_MAX])
{
    size_t length = mf_pack(head_fields, head, bytes + MF_FILE_HEAD, HEAD_MAX);

    memcpy(bytes, magic, sizeof magic);
    mf_put_u32(bytes + 8, MF_STATE_FORMAT);
    mf_put_u32(bytes + 12, (uint32_t)length);
    mf_put_u64(bytes + 16, head_sum(bytes, length));
    return MF_FILE_HEAD + length;
}

void mf_frame_seal(unsigned char *block, uint64_t generation, uint64_t salt, uint64_t index)
{
    mf_put_u64(block + 4, block_sum(generation, salt, index, block, mf_get_u32(block)));
}

void mf_frame_begin(struct mf_frame_writer *writer, int fd, unsigned char *buffer, const struct mf_frame_head *head)
{
    *writer = (struct mf_frame_writer){.fd = fd, .generation = head->generation, .salt = head->salt, .buffer = buffer};
    write_bytes(writer, buffer, mf_frame_head(head, buffer));
}

static void write_block(struct mf_frame_writer *writer)
{
    if (writer->length == 0)
        return;
    mf_put_u32(writer->buffer, (uint32_t)writer->length);
    mf_frame_seal(writer->buffer, writer->generation, writer->salt, writer->index);
    write_bytes(writer, writer->buffer, MF_BLOCK_HEAD + writer->length);
    writer->index++;
    writer->length = 0;
}

void mf_frame_put(struct mf_frame_writer *writer, enum mf_record_kind kind, const struct mf_field *fields,
                  const void *record)
{
    if (writer->length + MF_RECORD_HEAD + MF_PACKED_MAX > MF_BLOCK_MAX)
        write_block(writer);
    unsigned char *at = writer->buffer + MF_BLOCK_HEAD + writer->length;
    size_t length = mf_pack(fields, record, at + MF_RECORD_HEAD, MF_PACKED_MAX);
    at[0] = (unsigned char)kind;
    at[1] = (unsigned char)length;
    at[2] = (unsigned char)(length >> 8);
    writer->length += MF_RECORD_HEAD + length;
    writer->records++;
}

int mf_frame_flush(struct mf_frame_writer *writer)
{
    write_block(writer);
    return writer->failed;
}

/* ---- reading ---- */

/* At least `wanted` bytes in the buffer, or all that there are. False: the file cannot be read. */
static bool fill(struct mf_frame_reader *reader, size_t wanted)
{
    if (reader->have - reader->at >= wanted || reader->over)
        return true;
    memmove(reader->buffer, reader->buffer + reader->at, reader->have - reader->at);
    reader->have -= reader->at;
    reader->at = 0;
    while (reader->have < wanted && !reader->over) {
        ssize_t n = read(reader->fd, reader->buffer + reader->have, BUFFER - reader->have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        reader->have += (size_t)n;
        reader->over = n == 0;
    }
    return true;
}

static size_t left(const struct mf_frame_reader *reader)
{
    return reader->have - reader->at;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static enum mf_frame_start read_head(struct mf_frame_reader *reader, struct mf_frame_head *head)
{
    const unsigned char *bytes = reader->buffer;

    if (!fill(reader, MF_FILE_HEAD + HEAD_MAX))
        return MF_FRAME_UNREADABLE;
    if (left(reader) < MF_FILE_HEAD)
        return MF_FRAME_EMPTY;
    if (is_zero(bytes, MF_FILE_HEAD)) /* it was never on the disk */
        return MF_FRAME_EMPTY;
    uint32_t length = mf_get_u32(bytes + 12);
    if (memcmp(bytes, magic, sizeof magic) != 0 || length > HEAD_MAX)
        return MF_FRAME_NOT_OURS;
    if (left(reader) < MF_FILE_HEAD + length)
        return MF_FRAME_EMPTY;
    if (mf_get_u64(bytes + 16) != head_sum(bytes, length))
        return MF_FRAME_NOT_OURS;
    reader->format = mf_get_u32(bytes + 8);
    if (reader->format > MF_STATE_FORMAT)
        return MF_FRAME_NEWER;
    if (!mf_unpack(head_fields, reader->format, bytes + MF_FILE_HEAD, length, head))
        return MF_FRAME_NOT_OURS;
    reader->at = MF_FILE_HEAD + length;
    reader->offset = reader->at;
    return MF_FRAME_STARTED;
}

enum mf_frame_start mf_frame_open(struct mf_frame_reader *reader, int fd, struct mf_frame_head *head)
{
    *reader = (struct mf_frame_reader){.fd = fd, .buffer = malloc(BUFFER)};
    if (reader->buffer == NULL)
        return MF_FRAME_UNREADABLE;

    memset(head, 0, sizeof *head);
    enum mf_frame_start start = read_head(reader, head);
    reader->generation = head->generation;
    reader->salt = head->salt;
    if (start != MF_FRAME_STARTED)
        mf_frame_close(reader);
    return start;
}

void mf_frame_close(struct mf_frame_reader *reader)
{
    free(reader->buffer);
    reader->buffer = NULL;
}

/* A file system that lost its last writes may leave zeros where they were. */
static bool is_zero_to_the_end(struct mf_frame_reader *reader)
{
    do {
        for (; reader->at < reader->have; reader->at++)
            if (reader->buffer[reader->at] != 0)
                return false;
        if (!fill(reader, 1))
            return false;
    } while (left(reader) > 0);
    return true;
}

enum mf_frame_end mf_frame_next(struct mf_frame_reader *reader, struct mf_frame_block *block)
{
    if (!fill(reader, MF_BLOCK_HEAD))
        return MF_FRAME_IO;
    if (left(reader) == 0)
        return MF_FRAME_END;
    if (left(reader) < MF_BLOCK_HEAD)
        return MF_FRAME_TORN;
    uint32_t length = mf_get_u32(reader->buffer + reader->at);
    if (length == 0 || length > MF_BLOCK_MAX) {
        bool torn = is_zero_to_the_end(reader);
        reader->at = reader->have; /* nobody knows where the next block begins */
        reader->over = true;
        return torn ? MF_FRAME_TORN : MF_FRAME_DAMAGED;
    }
    if (!fill(reader, MF_BLOCK_HEAD + length))
        return MF_FRAME_IO;
    if (left(reader) < MF_BLOCK_HEAD + length)
        return MF_FRAME_TORN;

    const unsigned char *bytes = reader->buffer + reader->at;
    uint64_t sum = block_sum(reader->generation, reader->salt, reader->index++, bytes, length);
    reader->at += MF_BLOCK_HEAD + length;
    if (mf_get_u64(bytes + 4) != sum)
        return reader->over && left(reader) == 0 ? MF_FRAME_TORN : MF_FRAME_DAMAGED;
    reader->offset += MF_BLOCK_HEAD + length;
    *block = (struct mf_frame_block){bytes + MF_BLOCK_HEAD, bytes + MF_BLOCK_HEAD + length};
    return MF_FRAME_MORE;
}

bool mf_frame_record(const struct mf_frame_reader *reader, struct mf_frame_block *block, struct mf_frame_record *record)
{
    if (block->end - block->at < MF_RECORD_HEAD)
        return false;
    size_t length = (size_t)(block->at[1] | block->at[2] << 8);
    if ((size_t)(block->end - block->at) < MF_RECORD_HEAD + length)
        return false;
    *record = (struct mf_frame_record){block->at[0], reader->format, length, block->at + MF_RECORD_HEAD};
    block->at += MF_RECORD_HEAD + length;
    return true;
}
