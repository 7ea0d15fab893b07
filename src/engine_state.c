/* src/engine_state.c
 *
 * Opens the directory of the state and puts back what is in it: the snapshot, and then what the journals say, judged
 * again. Takes snapshots; and does what is due while the engine runs. */

#include "judging.h"
#include "keeping.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOURNALS_MAX = 4096, NAME_MAX_DIGITS = 20, RETRY = 10 };

/* A longer journal takes too long to judge again: a snapshot is taken early. */
static const uint64_t journal_enough = 64u << 20;

static const char journal_prefix[] = "journal-", forget_prefix[] = "forget-";

/* ---- heads ---- */

static uint64_t key_check(const struct mf_hash_key *key)
{
    static const char text[] = "mfatigue state";

    return mf_hash_bytes(key, text, sizeof text).lo;
}

static struct mf_frame_head new_head(struct mf_engine *engine, enum mf_file_sort sort, uint64_t generation, mf_time now)
{
    struct mf_frame_head head = {
        .sort = (uint32_t)sort,
        .generation = generation,
        .created = now,
        .key_check = key_check(&engine->key),
    };
    const uint64_t what[] = {(uint64_t)now, generation, (uint64_t)sort};

    head.salt = mf_hash_bytes(&engine->key, what, sizeof what).lo;
    snprintf(head.engine, sizeof head.engine, "%s", MF_VERSION);
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    snprintf(head.policy, sizeof head.policy, "%s", settings->policy->sha256);
    mf_in_force_release(&engine->in_force, settings);
    return head;
}

static void journal_name(uint64_t generation, char name[MF_STORE_NAME])
{
    snprintf(name, MF_STORE_NAME, "%s%" PRIu64, journal_prefix, generation);
}

/* ---- forgetting ---- */

/* Nothing of the user is left in memory. All gates are locked, or nobody else uses the engine. */
static bool forget(struct mf_engine *engine, struct mf_hash key, struct mf_slice name)
{
    struct mf_shard *shard;

    if (engine->keeping != NULL && engine->keeping->copy != NULL)
        mf_copy_users(engine->keeping->copy, mf_table_shard(key));
    struct mf_user *user = mf_table_find(engine->table, key, &shard);
    if (user != NULL) {
        struct mf_wait wait;
        if (user->recent != NULL)
            mf_waits_take_at(engine->waits, user->recent->wait, key, &wait);
        mf_incident_forget(engine->incidents, user, name);
        mf_table_close(shard);
    }
    if (name.length > 0)
        mf_campaigns_forget(engine->campaigns, name);
    mf_table_forget(engine->table, key);
    return user != NULL;
}

bool mf_engine_forget_user(struct mf_engine *engine, const char *name)
{
    char user[MF_USER_MAX + 1];
    size_t length = mf_engine_user(engine, name, user);
    const struct mf_slice folded = {user, length};

    if (length == 0)
        return false;
    mf_gates_lock(engine);
    bool found = forget(engine, mf_key_of_user(&engine->key, folded), folded);
    mf_gates_unlock(engine);
    return found;
}

static bool request_name(struct mf_engine *engine, const char *name, char user[MF_USER_MAX + 1],
                         char file[MF_STORE_NAME])
{
    size_t length = mf_engine_user(engine, name, user);
    struct mf_hash key = mf_key_of_user(&engine->key, (struct mf_slice){user, length});

    snprintf(file, MF_STORE_NAME, "%s%016" PRIx64 "%016" PRIx64, forget_prefix, key.hi, key.lo);
    return length > 0;
}

int mf_engine_ask_to_forget(struct mf_engine *engine, const char *name, struct mf_error *error)
{
    char user[MF_USER_MAX + 1], file[MF_STORE_NAME];

    if (!request_name(engine, name, user, file))
        return mf_error_set(error, "no login looks like that");
    int why = mf_store_leave(engine->keeping->store, file, user, strlen(user));
    return why == 0 ? 0
                    : mf_error_set(error, "%s/%s cannot be written: %s", mf_store_directory(engine->keeping->store),
                                   file, strerror(why));
}

bool mf_engine_is_asked_to_forget(struct mf_engine *engine, const char *name)
{
    char user[MF_USER_MAX + 1], file[MF_STORE_NAME];
    int fd = request_name(engine, name, user, file) ? mf_store_read(engine->keeping->store, file, NULL) : -1;

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* ---- opening ---- */

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
    else if (head->key_check != key_check(&opening->engine->key))
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
    uint64_t generation = strtoull(name + sizeof journal_prefix - 1, &end, 10);
    char same[MF_STORE_NAME];
    journal_name(generation, same);
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
        forget(opening->engine, note.key, (struct mf_slice){NULL, 0});
    else if (mf_close_again(opening->worker, (enum mf_note_sort)note.sort, note.key, note.now))
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

    journal_name(opening->journal[i], name);
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

    mf_store_each(opening->store, journal_prefix, note_journal, opening);
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
        journal_name(opening->journal[i], name);
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

/* A journal of this life, behind those that there are. 0 or errno. */
static int begin_journal(struct mf_engine *engine, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_JOURNAL, ++keeping->generation, now);
    char name[MF_STORE_NAME];

    journal_name(head.generation, name);
    int fd = mf_store_append(keeping->store, name);
    if (fd < 0)
        return errno;
    keeping->number = keeping->generation << 32;
    mf_journal_switch_begin(&keeping->journal, fd, &head);
    mf_journal_switch_end(&keeping->journal, &head);
    return 0;
}

/* What was found damaged is replaced at once, and a long row of journals made an end of: else a snapshot comes in its
 * time. */
static void begin_keeping(struct opening *opening)
{
    enum { JOURNALS_ENOUGH = 64 };

    set_journals_aside(opening);
    if (opening->report->damaged > 0 || opening->n_journals > JOURNALS_ENOUGH)
        opening->keeping->failures = mf_engine_save_state(opening->engine, opening->now, NULL) != 0;
    else if (opening->keeping->journals && begin_journal(opening->engine, opening->now) != 0)
        opening->keeping->failures = 1; /* which is said, and tried again, as any other */
}

int mf_engine_open_state(struct mf_engine *engine, const struct mf_state_options *options,
                         struct mf_state_report *report, struct mf_error *error)
{
    struct mf_keeping *keeping = calloc(1, sizeof *keeping);
    struct opening *opening = calloc(1, sizeof *opening);
    bool owned = options->use == MF_STORE_OWN;
    int failed = -1;

    *report = (struct mf_state_report){.owned = owned, .created = MF_TIME_NONE};
    if (keeping == NULL || opening == NULL || mf_journal_init(&keeping->journal) != 0) {
        free(keeping);
        free(opening);
        return mf_error_set(error, "not enough memory for the state");
    }
    engine->keeping = keeping;
    keeping->begun = keeping->saved = keeping->looked = MF_TIME_NONE;
    keeping->store = mf_store_open(options->directory, options->use, &options->fresh, error);
    report->in_use = keeping->store == NULL && errno == EWOULDBLOCK;
    *opening = (struct opening){.engine = engine,
                                .keeping = keeping,
                                .store = keeping->store,
                                .now = options->now,
                                .report = report,
                                .error = error};
    if (keeping->store != NULL && options->use != MF_STORE_CHECK) {
        engine->key = mf_store_key(keeping->store);
        failed = put_back(opening);
        keeping->journals = owned && options->journal;
        if (failed == 0 && owned)
            begin_keeping(opening);
    }
    if (keeping->store != NULL && options->use == MF_STORE_CHECK)
        failed = 0;
    free(opening);
    if (failed != 0 || options->use == MF_STORE_CHECK)
        mf_keeping_free(engine);
    mf_engine_refresh_gauges(engine);
    return failed;
}

void mf_keeping_free(struct mf_engine *engine)
{
    struct mf_keeping *keeping = engine->keeping;

    if (keeping == NULL)
        return;
    engine->keeping = NULL;
    mf_journal_fini(&keeping->journal);
    mf_unsents_free(&keeping->unsent);
    mf_store_close(keeping->store);
    free(keeping);
}

/* ---- snapshots ---- */

static mf_time oldest_to_keep(struct mf_engine *engine)
{
    mf_time latest = mf_feeds_latest(engine->feeds);
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);
    mf_time ttl = settings->policy->state.ttl;

    mf_in_force_release(&engine->in_force, settings);
    return latest == MF_TIME_NONE ? MF_TIME_NONE : latest - ttl;
}

/* From here on workers copy before they change, and write into the new journal. */
static void begin(struct mf_engine *engine, struct mf_copy *copy, int journal, const struct mf_frame_head *head)
{
    struct mf_keeping *keeping = engine->keeping;

    mf_gates_lock(engine);
    mf_copy_begin(copy, oldest_to_keep(engine), &keeping->unsent);
    if (journal >= 0)
        mf_journal_switch_begin(&keeping->journal, journal, head);
    keeping->copy = copy;
    keeping->generation++;
    __atomic_store_n(&keeping->number, keeping->generation << 32, __ATOMIC_RELAXED);
    mf_gates_unlock(engine);
    if (journal >= 0)
        mf_journal_switch_end(&keeping->journal, head);
}

static void end(struct mf_engine *engine)
{
    mf_gates_lock(engine);
    engine->keeping->copy = NULL;
    mf_gates_unlock(engine);
}

static int write_snapshot(struct mf_engine *engine, struct mf_copy *copy, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_SNAPSHOT, keeping->generation, now);
    int fd = mf_store_begin(keeping->store, "snapshot"), why;

    if (fd < 0)
        return errno;
    why = mf_copy_write(copy, fd, &head);
    if (why == 0)
        return mf_store_commit(keeping->store, "snapshot", fd);
    mf_store_abandon(keeping->store, "snapshot", fd);
    return why;
}

struct sweep {
    struct mf_store *store;
    uint64_t generation;
};

static bool sweep_journal(void *context, const char *name)
{
    const struct sweep *sweep = context;
    char *end;
    uint64_t generation = strtoull(name + sizeof journal_prefix - 1, &end, 10);

    if (*end == '\0' && generation < sweep->generation)
        mf_store_remove(sweep->store, name);
    return true;
}

/* A snapshot holds all that older journals say. */
static void sweep(struct mf_keeping *keeping)
{
    struct sweep sweep = {keeping->store, keeping->generation};

    mf_store_each(keeping->store, journal_prefix, sweep_journal, &sweep);
}

static int save(struct mf_engine *engine, mf_time now)
{
    struct mf_keeping *keeping = engine->keeping;
    const struct mf_frame_head head = new_head(engine, MF_FILE_JOURNAL, keeping->generation + 1, now);
    char name[MF_STORE_NAME];
    int journal = -1, why = ENOMEM;

    struct mf_copy *copy = mf_copy_new(engine, &keeping->unsent);
    if (copy == NULL)
        return ENOMEM;
    journal_name(head.generation, name);
    if (keeping->journals && (journal = mf_store_append(keeping->store, name)) < 0) {
        why = errno;
        mf_copy_free(copy);
        return why;
    }
    begin(engine, copy, journal, &head);
    why = write_snapshot(engine, copy, now);
    end(engine);
    mf_copy_free(copy);
    if (why == 0)
        sweep(keeping);
    return why;
}

int mf_engine_save_state(struct mf_engine *engine, mf_time now, struct mf_error *error)
{
    int why = save(engine, now);

    mf_engine_count(engine, why == 0 ? MF_COUNT_STATE_SAVES : MF_COUNT_STATE_SAVE_FAILED, 1);
    if (why == 0)
        return 0;
    return mf_error_set(error, "%s/snapshot cannot be written: %s", mf_store_directory(engine->keeping->store),
                        strerror(why));
}

/* ---- while the engine runs ---- */

/* After a crash: the same alerts again, with the same ids. */
static void send_unsent(struct mf_engine *engine, struct mf_worker *worker, const struct mf_sink *sink)
{
    struct mf_keeping *keeping = engine->keeping;

    for (size_t i = 0; i < keeping->unsent.n; i++) {
        struct mf_unsent *unsent = &keeping->unsent.alert[i];
        unsent->told.alert.related = unsent->told.name;
        unsent->told.alert.n_related = unsent->n_related;
        mf_send_again(worker, sink, &unsent->told.alert);
        mf_keep_sent_again(engine, unsent);
    }
    keeping->unsent.n = 0;
}

struct requests {
    struct mf_engine *engine;
    char name[MF_STORE_NAME];
    unsigned found;
};

/* Who is to be forgotten stands in the file, and its hash in the name. */
static bool follow_request(void *context, const char *name)
{
    struct requests *requests = context;
    struct mf_engine *engine = requests->engine;
    char user[MF_USER_MAX + 1];
    int fd = mf_store_read(engine->keeping->store, name, NULL);
    ssize_t n = fd < 0 ? -1 : read(fd, user, MF_USER_MAX);

    if (fd >= 0)
        close(fd);
    if (n > 0) {
        user[n] = '\0';
        mf_engine_forget_user(engine, user);
        mf_keep_forgotten(engine, user);
    }
    requests->found++;
    return true;
}

static bool remove_request(void *context, const char *name)
{
    mf_store_remove(context, name);
    return true;
}

/* A snapshot without the user takes the place of all files that still know of it; then the request goes. */
static int follow_requests(struct mf_engine *engine, mf_time now)
{
    struct requests requests = {.engine = engine};

    mf_store_each(engine->keeping->store, forget_prefix, follow_request, &requests);
    if (requests.found == 0)
        return 0;
    int failed = mf_engine_save_state(engine, now, NULL);
    if (failed == 0)
        mf_store_each(engine->keeping->store, forget_prefix, remove_request, engine->keeping->store);
    return failed;
}

static bool has_passed(mf_time since, mf_time now, mf_time interval)
{
    return since == MF_TIME_NONE || now - since >= interval;
}

/* Ten seconds, and twice as long after each failure: an attempt may leave a journal behind. */
static mf_time retry_after(unsigned failures, mf_time every)
{
    mf_time wait = (mf_time)RETRY * MF_SECOND << (failures > 10 ? 10 : failures == 0 ? 0 : failures - 1);

    return wait < every ? wait : every;
}

static bool is_snapshot_due(const struct mf_keeping *keeping, const struct mf_journal_counts *counts, mf_time uptime,
                            mf_time every)
{
    if (counts->failed != 0 || keeping->failures > 0)
        return has_passed(keeping->saved, uptime, retry_after(keeping->failures, every));
    return (counts->written > journal_enough && has_passed(keeping->saved, uptime, RETRY * MF_SECOND)) ||
           (counts->entries > 0 && has_passed(keeping->saved, uptime, every));
}

/* What the administrator is to hear of: once when it begins, once when it is over. */
static enum mf_state_news tell(struct mf_engine *engine, int why, struct mf_error *news)
{
    struct mf_keeping *keeping = engine->keeping;
    const char *directory = mf_store_directory(keeping->store);

    if ((why != 0) == keeping->failing)
        return MF_STATE_QUIET;
    keeping->failing = why != 0;
    if (why != 0) {
        mf_error_set(news, "state.dir %s cannot be written: %s: alerts go on, but a restart would forget what is new",
                     directory, strerror(why));
        return MF_STATE_FAILS;
    }
    mf_error_set(news, "state.dir %s can be written again, and holds all of it", directory);
    return MF_STATE_RECOVERED;
}

void mf_engine_flush_state(struct mf_engine *engine)
{
    if (engine->keeping != NULL)
        mf_journal_flush(&engine->keeping->journal, true);
}

enum mf_state_news mf_engine_keep_state(struct mf_engine *engine, struct mf_worker *worker,
                                        const struct mf_state_clock *clock, const struct mf_sink *sink,
                                        struct mf_error *news)
{
    struct mf_keeping *keeping = engine->keeping;
    const mf_time every = mf_worker_policy(worker)->state.snapshot_every;
    struct mf_journal_counts counts;
    int why;

    if (keeping == NULL)
        return MF_STATE_QUIET;
    if (keeping->begun == MF_TIME_NONE) {
        keeping->begun = keeping->looked = clock->uptime;
        keeping->saved = keeping->failures > 0 ? MF_TIME_NONE : clock->uptime;
    }
    why = mf_journal_flush(&keeping->journal, true);
    mf_journal_count(&keeping->journal, &counts);
    __atomic_store_n(&engine->counter[MF_COUNT_STATE_LOST], counts.lost, __ATOMIC_RELAXED);
    if (keeping->unsent.n > 0 && has_passed(keeping->begun, clock->uptime, MF_SECOND))
        send_unsent(engine, worker, sink);
    if (has_passed(keeping->looked, clock->uptime, MF_SECOND)) {
        keeping->looked = clock->uptime;
        follow_requests(engine, clock->now);
    }
    if (is_snapshot_due(keeping, &counts, clock->uptime, every)) {
        keeping->saved = clock->uptime;
        why = save(engine, clock->now);
        keeping->failures = why == 0 ? 0 : keeping->failures + 1;
        mf_engine_count(engine, why == 0 ? MF_COUNT_STATE_SAVES : MF_COUNT_STATE_SAVE_FAILED, 1);
        if (why == 0) { /* the new journal's head may have failed all the same */
            mf_journal_count(&keeping->journal, &counts);
            why = counts.failed;
        }
    } else if (keeping->failing && why == 0) {
        return MF_STATE_QUIET; /* not over before a snapshot has all of it */
    }
    return tell(engine, why, news);
}
