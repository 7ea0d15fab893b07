/* src/memory/journal.c
 *
 * Two buffers: one is filled while the other is written. */

#include "memory/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void empty(struct mf_journal_buffer *buffer)
{
    buffer->used = buffer->block = 0;
}

int mf_journal_init(struct mf_journal *journal)
{
    *journal = (struct mf_journal){.file.fd = -1, .old.fd = -1};
    pthread_mutex_init(&journal->file_lock, NULL);
    pthread_mutex_init(&journal->buffer_lock, NULL);
    journal->active.bytes = malloc(MF_JOURNAL_ROOM);
    journal->spare.bytes = malloc(MF_JOURNAL_ROOM);
    return journal->active.bytes == NULL || journal->spare.bytes == NULL ? -1 : 0;
}

void mf_journal_fini(struct mf_journal *journal)
{
    if (journal->file.fd >= 0)
        close(journal->file.fd);
    free(journal->active.bytes);
    free(journal->spare.bytes);
    pthread_mutex_destroy(&journal->file_lock);
    pthread_mutex_destroy(&journal->buffer_lock);
}

/* ---- appending ---- */

/* A block never gets longer than a reader takes. */
static unsigned char *room_for(struct mf_journal_buffer *buffer, size_t length)
{
    bool begins = buffer->used == 0 || buffer->used + length - buffer->block > MF_BLOCK_HEAD + MF_BLOCK_MAX;

    if (buffer->used + length + (begins ? MF_BLOCK_HEAD : 0) > MF_JOURNAL_ROOM)
        return NULL;
    if (begins) {
        buffer->block = buffer->used;
        buffer->used += MF_BLOCK_HEAD;
    }
    unsigned char *at = buffer->bytes + buffer->used;
    buffer->used += length;
    mf_put_u32(buffer->bytes + buffer->block, (uint32_t)(buffer->used - buffer->block - MF_BLOCK_HEAD));
    return at;
}

bool mf_journal_append(struct mf_journal *journal, enum mf_record_kind kind, const unsigned char *bytes, size_t length)
{
    unsigned char *at = NULL;

    pthread_mutex_lock(&journal->buffer_lock);
    if (journal->file.fd >= 0 && __atomic_load_n(&journal->file.failed, __ATOMIC_RELAXED) == 0)
        at = room_for(&journal->active, MF_RECORD_HEAD + length);
    if (at != NULL) {
        at[0] = (unsigned char)kind;
        at[1] = (unsigned char)length;
        at[2] = (unsigned char)(length >> 8);
        memcpy(at + MF_RECORD_HEAD, bytes, length);
        journal->entries++;
    } else if (journal->file.fd >= 0) {
        journal->lost++;
    }
    pthread_mutex_unlock(&journal->buffer_lock);
    return at != NULL;
}

/* ---- writing; the file is locked ---- */

/* What cannot be written whole is cut off again, so that the file ends with a sound block. */
static void fail(struct mf_journal_file *file, int why)
{
    __atomic_store_n(&file->failed, why, __ATOMIC_RELAXED);
    while (ftruncate(file->fd, (off_t)file->written) != 0 && errno == EINTR)
        ;
}

static void write_bytes(struct mf_journal_file *file, const unsigned char *bytes, size_t length)
{
    int why = mf_write_all(file->fd, bytes, length);

    if (why != 0) {
        fail(file, why);
        return;
    }
    file->written += length;
    file->unsynced = true;
}

static void write_buffer(struct mf_journal_file *file, struct mf_journal_buffer *buffer)
{
    for (size_t at = 0; at < buffer->used; at += MF_BLOCK_HEAD + mf_get_u32(buffer->bytes + at))
        mf_frame_seal(buffer->bytes + at, file->generation, file->salt, file->index++);
    if (buffer->used > 0 && file->failed == 0)
        write_bytes(file, buffer->bytes, buffer->used);
    empty(buffer);
}

static void swap(struct mf_journal *journal)
{
    struct mf_journal_buffer full = journal->active;

    journal->active = journal->spare;
    journal->spare = full;
}

static int sync_file(int fd)
{
    int why = fdatasync(fd) != 0 ? errno : 0;

    close(fd);
    return why;
}

int mf_journal_flush(struct mf_journal *journal, bool sync)
{
    struct mf_journal_file *file = &journal->file;
    int fd = -1;

    pthread_mutex_lock(&journal->file_lock);
    pthread_mutex_lock(&journal->buffer_lock);
    swap(journal);
    pthread_mutex_unlock(&journal->buffer_lock);
    if (file->fd >= 0)
        write_buffer(file, &journal->spare);
    int why = file->failed;
    if (sync && why == 0 && file->unsynced) {
        fd = dup(file->fd);
        file->unsynced = fd < 0;
    }
    pthread_mutex_unlock(&journal->file_lock);
    if (fd < 0) /* (a slow disk, below, keeps nobody from appending or flushing) */
        return why;
    why = sync_file(fd);
    if (why != 0)
        __atomic_store_n(&file->failed, why, __ATOMIC_RELAXED);
    return why;
}

void mf_journal_count(struct mf_journal *journal, struct mf_journal_counts *counts)
{
    pthread_mutex_lock(&journal->file_lock);
    pthread_mutex_lock(&journal->buffer_lock);
    counts->entries = journal->entries;
    counts->lost = journal->lost;
    counts->written = journal->file.written;
    counts->failed = __atomic_load_n(&journal->file.failed, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&journal->buffer_lock);
    pthread_mutex_unlock(&journal->file_lock);
}

/* ---- from file to file ---- */

void mf_journal_switch_begin(struct mf_journal *journal, int fd, const struct mf_frame_head *head)
{
    pthread_mutex_lock(&journal->file_lock);
    pthread_mutex_lock(&journal->buffer_lock);
    swap(journal);
    journal->old = journal->file;
    journal->file = (struct mf_journal_file){.fd = fd, .generation = head->generation, .salt = head->salt};
    journal->entries = 0;
    pthread_mutex_unlock(&journal->buffer_lock);
}

void mf_journal_switch_end(struct mf_journal *journal, const struct mf_frame_head *head)
{
    unsigned char bytes[MF_HEAD_MAX];

    if (journal->old.fd >= 0) {
        write_buffer(&journal->old, &journal->spare);
        sync_file(journal->old.fd);
        journal->old.fd = -1;
    }
    empty(&journal->spare);
    write_bytes(&journal->file, bytes, mf_frame_head(head, bytes));
    pthread_mutex_unlock(&journal->file_lock);
}
