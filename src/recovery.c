/* src/recovery.c
 *
 * From the directory to memory: the snapshot, and then what the journals say, judged again. */

#include "recovery.h"

#include "judging.h"
#include "saving.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOURNALS_MAX = 4096 };

/* ---- what is told ---- */

struct opening {
    struct mf_engine *engine;
    struct mf_keeping *keeping;
    struct mf_store *store;
    mf_time now;
    struct mf_state_report *report;
    struct mf_error *error;
    struct mf_worker *worker; /* judges again */
    uint64_t snapshot;        /* generation of the one that was read; 0: none */
    uint64_t journal[JOURNALS_MAX];
    unsigned n_journals;
    bool damaged[JOURNALS_MAX];
};

/* The first damage is what is told; there is one message for all of it. */
static void note_damage(struct opening *opening, const char *name, const char *what)
{
    struct mf_state_report *report = opening->report;

    if (report->damaged++ == 0)
        snprintf(report->damage, sizeof report->damage, "%s/%s %s", mf_store_directory(opening->store), name, what);
    mf_engine_count(opening->engine, MF_COUNT_STATE_DAMAGED, 1);
}

static bool is_ours(struct opening *opening, const char *name, const struct mf_frame_head *head, enum mf_file_sort sort)
{
    if (head->sort != (uint32_t)sort)
        note_damage(opening, name, "is another kind of file");
    else if (head->key_check != mf_key_check(&opening->engine->key))
        note_damage(opening, name, "was made with another key");
    else
        return true;
    return false;
}

/* 1: go on reading it; 0: damaged, noted; -1 and `error`: it must not be touched. */
static int open_frames(struct opening *opening, const char *name, int fd, enum mf_file_sort sort,
                       struct mf_frame_reader *reader, struct mf_frame_head *head)
{
    enum mf_frame_start start = mf_frame_open(reader, fd, head);

    switch (start) {
    case MF_FRAME_STARTED:
        if (is_ours(opening, name, head, sort))
            return 1;
        mf_frame_close(reader);
        return 0;
    case MF_FRAME_NEWER:
        return mf_error_set(opening->error,
                            "%s/%s was written by a newer version: start that one, or move the directory away",
                            mf_store_directory(opening->store), name);
    case MF_FRAME_UNREADABLE:
        return mf_error_set(opening->error, "%s/%s cannot be read: %s", mf_store_directory(opening->store), name,
                            strerror(errno));
    case MF_FRAME_EMPTY:
        if (sort == MF_FILE_JOURNAL) /* a crash came before its head was written: there is nothing in it */
            return 0;
        note_damage(opening, name, "is cut off at its head");
        return 0;
    default:
        note_damage(opening, name, "has a damaged head");
        return 0;
    }
}

static void read_snapshot(struct opening *opening, struct mf_frame_reader *reader)
{
    struct mf_found found;
    char what[160];

    mf_copy_read(opening->engine, reader, &opening->keeping->unsent, &found);
    opening->report->records = found.records - found.unsound;
    if (found.whole && found.unsound == 0)
        return;
    snprintf(what, sizeof what, "is damaged: %" PRIu64 " blocks, %" PRIu64 " records left out%s%s",
             found.blocks_damaged, found.unsound, found.whole ? "" : ", its end is missing",
             found.io != 0 ? ", reading failed" : "");
    note_damage(opening, "snapshot", what);
}

/* 0: read, or not there; -1 and `error`. */
static int open_snapshot(struct opening *opening)
{
    struct mf_keeping *keeping = opening->keeping;
    struct mf_frame_reader reader;
    struct mf_frame_head head;
    unsigned damaged = opening->report->damaged;
    int fd = mf_store_read(opening->store, "snapshot", opening->error);

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int sound = open_frames(opening, "snapshot", fd, MF_FILE_SNAPSHOT, &reader, &head);
    if (sound > 0) {
        keeping->generation = opening->snapshot = head.generation;
        opening->report->created = head.created;
        snprintf(opening->report->policy, sizeof opening->report->policy, "%s", head.policy);
        read_snapshot(opening, &reader);
        mf_frame_close(&reader);
    }
    close(fd);
    if (sound >= 0 && opening->report->damaged > damaged && opening->report->owned)
        mf_store_set_aside(opening->store, "snapshot", opening->now);
    return sound < 0 ? -1 : 0;
}

/* ---- journals ---- */

static bool note_journal(void *context, const char *name)
{
    struct opening *opening = context;
    char *end;

    errno = 0;
    uint64_t generation = strtoull(name + sizeof MF_JOURNAL_PREFIX - 1, &end, 10);
    char same[MF_STORE_NAME];
    mf_journal_name(generation, same);
    if (errno != 0 || *end != '\0' || strcmp(name, same) != 0)
        return true; /* set aside, or nothing of ours */
    opening->journal[opening->n_journals++] = generation;
    return opening->n_journals < JOURNALS_MAX;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void add_unsent(struct opening *opening, uint64_t number, enum mf_which_alert which)
{
    struct mf_worker *worker = opening->worker;
    const struct mf_campaign_alert of_user = {.alert = worker->alert};

    mf_unsents_add(&opening->keeping->unsent, number, which, which == MF_OF_USER ? &of_user : &worker->campaign);
}

static bool judge_again(struct opening *opening, const struct mf_frame_record *record)
{
    struct mf_inputs_read read;
    struct mf_judging judging;
    bool silent = opening->worker->settings->policy->observe;

    if (!mf_inputs_read(record->bytes, record->length, &read))
        return false;
    mf_judge_again(opening->worker, &read, &judging);
    opening->report->events++;
    if (judging.phase != MF_PHASE_NONE && !silent)
        add_unsent(opening, read.inputs.number, MF_OF_USER);
    if (judging.campaign && !silent)
        add_unsent(opening, read.inputs.number, MF_OF_ADDRESS);
    return true;
}

static bool follow_note(struct opening *opening, const struct mf_frame_record *record)
{
    struct mf_note note = {0};

    if (!mf_unpack(mf_note_fields, record->format, record->bytes, record->length, &note))
        return false;
    bool of_user = note.sort == MF_NOTE_CLOSED || note.sort == MF_NOTE_EXPIRED;
    if (note.sort == MF_NOTE_HANDED_OVER)
        mf_unsents_remove(&opening->keeping->unsent, note.number, (enum mf_which_alert)note.which);
    else if (note.sort == MF_NOTE_FORGOTTEN)
        mf_forget(opening->engine, note.key, (struct mf_slice){NULL, 0});
    else if (mf_close_again(opening->worker, &note) && note.number != 0)
        add_unsent(opening, note.number, of_user ? MF_OF_USER : MF_OF_ADDRESS);
    return true;
}

static bool follow(struct opening *opening, const struct mf_frame_record *record)
{
    if (record->kind == MF_RECORD_EVENT)
        return judge_again(opening, record);
    return record->kind == MF_RECORD_NOTE && follow_note(opening, record);
}

/* To the last sound block. False: what comes behind is no mere end. */
static bool follow_all(struct opening *opening, struct mf_frame_reader *reader)
{
    struct mf_frame_record record;
    struct mf_frame_block block;
    enum mf_frame_end end;
    bool sound = true;

    while ((end = mf_frame_next(reader, &block)) == MF_FRAME_MORE)
        while (mf_frame_record(reader, &block, &record))
            sound &= follow(opening, &record);
    return sound && (end == MF_FRAME_END || end == MF_FRAME_TORN);
}

static int open_journal(struct opening *opening, unsigned i)
{
    char name[MF_STORE_NAME];
    struct mf_frame_reader reader;
    struct mf_frame_head head;
    unsigned damaged = opening->report->damaged;

    mf_journal_name(opening->journal[i], name);
    int fd = mf_store_read(opening->store, name, opening->error);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1; /* (gone meanwhile: a reader beside an owner opens again) */
    int sound = open_frames(opening, name, fd, MF_FILE_JOURNAL, &reader, &head);
    if (sound > 0) {
        if (head.generation != opening->journal[i])
            note_damage(opening, name, "has another one's number");
        else if (!follow_all(opening, &reader))
            note_damage(opening, name, "is damaged: what comes behind the damage is left out");
        mf_frame_close(&reader);
    }
    close(fd);
    opening->damaged[i] = opening->report->damaged > damaged;
    return sound < 0 ? -1 : 0;
}

/* Counts of what was judged before are not those of this life. */
static int open_journals(struct opening *opening)
{
    struct mf_engine *engine = opening->engine;
    struct mf_keeping *keeping = opening->keeping;
    uint64_t counter[MF_N_COUNTS], first = keeping->generation;
    int failed = 0;

    mf_store_each(opening->store, MF_JOURNAL_PREFIX, note_journal, opening);
    qsort(opening->journal, opening->n_journals, sizeof opening->journal[0], compare);
    opening->worker = mf_worker_new(engine, opening->error);
    if (opening->worker == NULL)
        return -1;
    mf_worker_policy(opening->worker);
    memcpy(counter, engine->counter, sizeof counter);
    for (unsigned i = 0; i < opening->n_journals && failed == 0; i++) {
        if (opening->journal[i] < first)
            continue;
        failed = open_journal(opening, i);
        keeping->generation = opening->journal[i];
    }
    counter[MF_COUNT_STATE_DAMAGED] = engine->counter[MF_COUNT_STATE_DAMAGED];
    memcpy(engine->counter, counter, sizeof counter);
    mf_worker_free(opening->worker);
    return failed;
}

static void set_journals_aside(struct opening *opening)
{
    char name[MF_STORE_NAME];

    for (unsigned i = 0; i < opening->n_journals; i++) {
        mf_journal_name(opening->journal[i], name);
        if (opening->damaged[i])
            mf_store_set_aside(opening->store, name, opening->now);
    }
}

/* Beside an owner: did a snapshot take the place of the one that was read? Then a journal may have gone with it. */
static void look_again(struct opening *opening)
{
    struct mf_frame_reader reader;
    struct mf_frame_head head = {0};
    int fd = mf_store_read(opening->store, "snapshot", NULL);

    if (fd >= 0 && mf_frame_open(&reader, fd, &head) == MF_FRAME_STARTED)
        mf_frame_close(&reader);
    if (fd >= 0)
        close(fd);
    opening->report->changed = head.generation != opening->snapshot;
}

static int put_back(struct opening *opening)
{
    if (mf_store_key_is_lost(opening->store))
        note_damage(opening, "key", "is damaged: another took its place");
    if (open_snapshot(opening) != 0 || open_journals(opening) != 0)
        return -1;
    if (!opening->report->owned)
        look_again(opening);
    return 0;
}

int mf_recover(struct mf_engine *engine, mf_time now, struct mf_state_report *report, struct mf_error *error)
{
    struct mf_keeping *keeping = engine->keeping;
    struct opening *opening = calloc(1, sizeof *opening);

    if (opening == NULL)
        return mf_error_set(error, "not enough memory for the state");
    opening->engine = engine;
    opening->keeping = keeping;
    opening->store = keeping->store;
    opening->now = now;
    opening->report = report;
    opening->error = error;
    int failed = put_back(opening);
    if (failed == 0 && report->owned)
        set_journals_aside(opening);
    report->journals = opening->n_journals;
    free(opening);
    return failed;
}
