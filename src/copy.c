/* src/copy.c
 *
 * Copying, writing, and reading what an engine remembers. */

#include "copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/kept.h"

/* What has to be copied before it may change: whoever comes first copies. */
struct piece {
    pthread_mutex_t lock;
    bool done; /* written under the lock, looked at without it first */
};

struct mf_copy {
    struct mf_engine *engine;
    struct mf_table *table;
    struct mf_addresses *addresses;
    struct mf_feeds *feeds;
    struct mf_population_record *population;
    struct mf_incident *incident;
    struct mf_campaign *campaign;
    struct mf_wait *wait;
    unsigned n_waits;
    size_t n_populations, max_populations;
    unsigned n_incidents, n_campaigns;
    struct mf_unsents unsent;
    struct mf_cap cap;
    mf_time since;
    struct piece users[MF_TABLE_SHARDS], shards[MF_ADDRESS_SHARDS];
    unsigned char buffer[MF_BLOCK_HEAD + MF_BLOCK_MAX];
};

struct end {
    uint64_t records;
};

static const struct mf_field end_fields[] = {
    MF_NUMBER(struct end, records),
    {0},
};

/* ---- alerts that are not handed over ---- */

static bool has_room(struct mf_unsents *unsents, size_t n)
{
    if (n <= unsents->max)
        return true;
    size_t max = n > 2 * unsents->max ? n : 2 * unsents->max;
    struct mf_unsent *more = realloc(unsents->alert, max * sizeof *more);
    if (more == NULL)
        return false;
    unsents->alert = more;
    unsents->max = max;
    return true;
}

bool mf_unsents_add(struct mf_unsents *unsents, uint64_t number, enum mf_which_alert which,
                    const struct mf_campaign_alert *told)
{
    if (!has_room(unsents, unsents->n + 1))
        return false;
    unsents->alert[unsents->n++] = (struct mf_unsent){
        .number = number, .which = (uint8_t)which, .n_related = told->alert.n_related, .told = *told};
    return true;
}

/* The last ones are those that are noted next. */
void mf_unsents_remove(struct mf_unsents *unsents, uint64_t number, enum mf_which_alert which)
{
    for (size_t i = unsents->n; i-- > 0;) {
        if (unsents->alert[i].number != number || unsents->alert[i].which != which)
            continue;
        memmove(&unsents->alert[i], &unsents->alert[i + 1], (unsents->n - i - 1) * sizeof unsents->alert[i]);
        unsents->n--;
        return;
    }
}

void mf_unsents_free(struct mf_unsents *unsents)
{
    free(unsents->alert);
    *unsents = (struct mf_unsents){NULL, 0, 0};
}

struct kept_unsent {
    struct mf_unsent unsent;
    struct mf_kept_alert alert;
};

static const struct mf_field unsent_fields[] = {
    MF_NUMBER(struct kept_unsent, unsent.number),
    MF_NUMBER_MAX(struct kept_unsent, unsent.which, MF_N_ALERTS - 1),
    MF_NUMBER_MAX(struct kept_unsent, unsent.n_related, MF_CAMPAIGN_NAMES),
    MF_TEXTS(struct kept_unsent, unsent.told.name),
    MF_PART(struct kept_unsent, alert, mf_kept_alert_fields),
    {0},
};

static void save_unsent(const struct mf_unsents *unsents, struct mf_frame_writer *writer)
{
    struct kept_unsent kept;

    for (size_t i = 0; i < unsents->n; i++) {
        kept.unsent = unsents->alert[i];
        mf_alert_keep(&kept.unsent.told.alert, &kept.alert);
        mf_frame_put(writer, MF_RECORD_ALERT, unsent_fields, &kept);
    }
}

static bool restore_unsent(struct mf_unsents *unsents, const struct mf_frame_record *record)
{
    struct kept_unsent kept = {0};

    if (!mf_unpack(unsent_fields, record->format, record->bytes, record->length, &kept))
        return false;
    mf_alert_take_back(&kept.alert, &kept.unsent.told.alert);
    kept.unsent.told.alert.n_related = kept.unsent.n_related;
    return mf_unsents_add(unsents, kept.unsent.number, (enum mf_which_alert)kept.unsent.which, &kept.unsent.told);
}

/* What the worker is handing over; it changes neither meanwhile. */
static void copy_pending(struct mf_unsents *unsents, const struct mf_worker *worker)
{
    struct mf_campaign_alert told = {.alert = worker->alert};

    if (worker->pending[MF_OF_USER] != 0)
        mf_unsents_add(unsents, worker->pending[MF_OF_USER], MF_OF_USER, &told);
    if (worker->pending[MF_OF_ADDRESS] != 0)
        mf_unsents_add(unsents, worker->pending[MF_OF_ADDRESS], MF_OF_ADDRESS, &worker->campaign);
}

/* ---- copying ---- */

struct mf_copy *mf_copy_new(struct mf_engine *engine, const struct mf_unsents *unsent)
{
    struct mf_copy *copy = calloc(1, sizeof *copy);

    if (copy == NULL)
        return NULL;
    for (unsigned i = 0; i < MF_TABLE_SHARDS; i++)
        pthread_mutex_init(&copy->users[i].lock, NULL);
    for (unsigned i = 0; i < MF_ADDRESS_SHARDS; i++)
        pthread_mutex_init(&copy->shards[i].lock, NULL);
    copy->engine = engine;
    copy->max_populations = mf_baseline_max(engine->baseline);
    copy->table = mf_table_like(engine->table);
    copy->addresses = mf_addresses_like(engine->addresses);
    copy->feeds = mf_feeds_new(NULL);
    copy->population = calloc(copy->max_populations, sizeof *copy->population);
    copy->incident = calloc(mf_incidents_max(engine->incidents), sizeof *copy->incident);
    copy->campaign = calloc(MF_CAMPAIGNS_MAX, sizeof *copy->campaign);
    copy->wait = calloc(mf_waits_max(engine->waits), sizeof *copy->wait);
    bool room = has_room(&copy->unsent, unsent->n + 64); /* more than workers hand over at once take it later */
    if (!room || copy->table == NULL || copy->addresses == NULL || copy->feeds == NULL || copy->population == NULL ||
        copy->incident == NULL || copy->campaign == NULL || copy->wait == NULL) {
        mf_copy_free(copy);
        return NULL;
    }
    return copy;
}

void mf_copy_free(struct mf_copy *copy)
{
    if (copy == NULL)
        return;
    for (unsigned i = 0; i < MF_TABLE_SHARDS; i++)
        pthread_mutex_destroy(&copy->users[i].lock);
    for (unsigned i = 0; i < MF_ADDRESS_SHARDS; i++)
        pthread_mutex_destroy(&copy->shards[i].lock);
    mf_table_free(copy->table);
    mf_addresses_free(copy->addresses);
    mf_feeds_free(copy->feeds);
    mf_unsents_free(&copy->unsent);
    free(copy->population);
    free(copy->incident);
    free(copy->campaign);
    free(copy->wait);
    free(copy);
}

void mf_copy_begin(struct mf_copy *copy, mf_time since, const struct mf_unsents *unsent)
{
    struct mf_engine *engine = copy->engine;

    copy->since = since;
    mf_feeds_copy(copy->feeds, engine->feeds);
    copy->n_populations = mf_baseline_save(engine->baseline, copy->population, copy->max_populations);
    copy->n_incidents = mf_incidents_copy(engine->incidents, copy->incident, &copy->cap);
    copy->n_campaigns = mf_campaigns_copy(engine->campaigns, copy->campaign);
    copy->n_waits = mf_waits_copy(engine->waits, copy->wait);
    for (size_t i = 0; i < unsent->n; i++)
        copy->unsent.alert[copy->unsent.n++] = unsent->alert[i];
    for (const struct mf_worker *worker = engine->workers; worker != NULL; worker = worker->next)
        copy_pending(&copy->unsent, worker);
}

void mf_copy_users(struct mf_copy *copy, unsigned shard)
{
    struct piece *piece = &copy->users[shard];

    if (__atomic_load_n(&piece->done, __ATOMIC_ACQUIRE))
        return;
    pthread_mutex_lock(&piece->lock);
    if (!piece->done) {
        mf_engine_count(copy->engine, MF_COUNT_USERS_EXPIRED, mf_table_expire(copy->engine->table, shard, copy->since));
        mf_table_copy(copy->table, copy->engine->table, shard);
    }
    __atomic_store_n(&piece->done, true, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&piece->lock);
}

void mf_copy_addresses(struct mf_copy *copy, unsigned shard)
{
    struct piece *piece = &copy->shards[shard];

    if (__atomic_load_n(&piece->done, __ATOMIC_ACQUIRE))
        return;
    pthread_mutex_lock(&piece->lock);
    if (!piece->done)
        mf_addresses_copy(copy->addresses, copy->engine->addresses, shard);
    __atomic_store_n(&piece->done, true, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&piece->lock);
}

/* ---- writing ---- */

/* What decides comes first: should the file be damaged, the less is lost the later that is. */
int mf_copy_write(struct mf_copy *copy, int fd, const struct mf_frame_head *head)
{
    struct mf_frame_writer writer;

    mf_frame_begin(&writer, fd, copy->buffer, head);
    mf_signals_save(&writer);
    mf_feeds_save(copy->feeds, &writer);
    for (size_t i = 0; i < copy->n_populations; i++)
        mf_frame_put(&writer, MF_RECORD_POPULATION, mf_population_fields, &copy->population[i]);
    mf_cap_save(&copy->cap, &writer);
    for (unsigned i = 0; i < copy->n_incidents; i++)
        mf_incident_save(&copy->incident[i], &writer);
    for (unsigned i = 0; i < copy->n_campaigns; i++)
        mf_campaign_save(&copy->campaign[i], &writer);
    save_unsent(&copy->unsent, &writer);
    for (unsigned i = 0; i < MF_TABLE_SHARDS; i++) {
        mf_copy_users(copy, i);
        mf_table_save(copy->table, i, &writer);
    }
    for (unsigned i = 0; i < copy->n_waits; i++)
        mf_wait_save(&copy->wait[i], &writer);
    mf_ids_expire(copy->engine->ids, copy->since);
    mf_ids_save(copy->engine->ids, &writer);
    for (unsigned i = 0; i < MF_ADDRESS_SHARDS; i++) {
        mf_copy_addresses(copy, i);
        mf_addresses_save(copy->addresses, i, &writer);
    }
    const struct end end = {writer.records};
    mf_frame_put(&writer, MF_RECORD_END, end_fields, &end);
    return mf_frame_flush(&writer);
}

/* ---- and back ---- */

struct reading {
    struct mf_engine *engine;
    uint8_t signal[MF_SIGNALS_MAX]; /* what a number of the file is here */
    struct mf_incident *incident;   /* until all users are there */
    unsigned n_incidents, max_incidents;
    struct mf_unsents *unsent;
    struct mf_found *found;
};

/* The pool may be smaller now: open ones first. */
static bool keep_incident(struct reading *reading, const struct mf_frame_record *record)
{
    struct mf_incident read;

    if (!mf_incident_read(record, &read))
        return false;
    if (reading->n_incidents == reading->max_incidents) {
        unsigned max = reading->max_incidents == 0 ? 64 : reading->max_incidents * 2;
        struct mf_incident *more = realloc(reading->incident, max * sizeof *more);
        if (more == NULL)
            return false;
        reading->incident = more;
        reading->max_incidents = max;
    }
    reading->incident[reading->n_incidents++] = read;
    return true;
}

static bool restore_cap(struct mf_engine *engine, const struct mf_frame_record *record)
{
    struct mf_cap cap;

    if (!mf_cap_read(record, &cap))
        return false;
    mf_incidents_restore_cap(engine->incidents, &cap);
    return true;
}

static bool restore_population(struct mf_engine *engine, const struct mf_frame_record *record)
{
    struct mf_population_record read;

    if (!mf_unpack(mf_population_fields, record->format, record->bytes, record->length, &read))
        return false;
    return mf_baseline_restore(engine->baseline, &read);
}

static bool restore_campaign(struct reading *reading, const struct mf_frame_record *record)
{
    struct mf_campaign campaign;

    if (!mf_campaign_read(record, reading->signal, &campaign))
        return false;
    mf_campaigns_restore(reading->engine->campaigns, &campaign);
    return true;
}

/* Its user comes before it in the file; one who is not there waits for nothing. */
static bool restore_wait(struct mf_engine *engine, const struct mf_frame_record *record)
{
    struct mf_shard *shard;
    struct mf_wait wait;

    if (!mf_wait_read(record, &wait))
        return false;
    struct mf_user *user = mf_table_find(engine->table, wait.user, &shard);
    if (user == NULL)
        return true;
    if (user->recent != NULL)
        mf_waits_put(engine->waits, &user->recent->wait, &wait);
    mf_table_close(shard);
    return true;
}

static bool note_end(struct mf_found *found, const struct mf_frame_record *record)
{
    struct end end;

    if (!mf_unpack(end_fields, record->format, record->bytes, record->length, &end))
        return false;
    found->whole = end.records == found->records;
    return true;
}

static bool restore(struct reading *reading, const struct mf_frame_record *record)
{
    struct mf_engine *engine = reading->engine;

    switch (record->kind) {
    case MF_RECORD_END:
        return note_end(reading->found, record);
    case MF_RECORD_SIGNALS:
        return mf_signals_read(record, reading->signal);
    case MF_RECORD_FEED:
        return mf_feeds_restore(engine->feeds, record);
    case MF_RECORD_POPULATION:
        return restore_population(engine, record);
    case MF_RECORD_CAP:
        return restore_cap(engine, record);
    case MF_RECORD_INCIDENT:
        return keep_incident(reading, record);
    case MF_RECORD_CAMPAIGN:
        return restore_campaign(reading, record);
    case MF_RECORD_ALERT:
        return restore_unsent(reading->unsent, record);
    case MF_RECORD_SHARD:
    case MF_RECORD_USER:
    case MF_RECORD_RECENT:
    case MF_RECORD_TRACE:
    case MF_RECORD_DELIVERIES:
        return mf_table_restore(engine->table, record, reading->signal);
    case MF_RECORD_ID:
        return mf_ids_restore(engine->ids, record);
    case MF_RECORD_WAIT:
        return restore_wait(engine, record);
    case MF_RECORD_ADDRESS:
    case MF_RECORD_SINGLE:
        return mf_addresses_restore(engine->addresses, record);
    default:
        return false;
    }
}

/* An incident whose user is not there is none. */
static void give_incident(struct mf_engine *engine, const struct mf_incident *incident)
{
    struct mf_shard *shard;
    struct mf_user *user = mf_table_find(engine->table, incident->user, &shard);

    if (user == NULL)
        return;
    if (user->incident == 0)
        user->incident = mf_incidents_restore(engine->incidents, incident);
    mf_table_close(shard);
}

static void give_incidents(struct reading *reading)
{
    mf_table_clear_incidents(reading->engine->table);
    for (int closed = 0; closed < 2; closed++)
        for (unsigned i = 0; i < reading->n_incidents; i++)
            if (reading->incident[i].closed == closed)
                give_incident(reading->engine, &reading->incident[i]);
    free(reading->incident);
}

static void restore_block(struct reading *reading, const struct mf_frame_reader *reader, struct mf_frame_block *block)
{
    struct mf_frame_record record;

    while (mf_frame_record(reader, block, &record)) {
        if (!restore(reading, &record))
            reading->found->unsound++;
        reading->found->records++;
    }
}

void mf_copy_read(struct mf_engine *engine, struct mf_frame_reader *reader, struct mf_unsents *unsent,
                  struct mf_found *found)
{
    struct reading reading = {.engine = engine, .unsent = unsent, .found = found};
    struct mf_frame_block block;
    enum mf_frame_end end;

    *found = (struct mf_found){0};
    memset(reading.signal, MF_SIGNALS_MAX, sizeof reading.signal);
    do {
        errno = 0;
        end = mf_frame_next(reader, &block);
        if (end == MF_FRAME_MORE)
            restore_block(&reading, reader, &block);
        found->blocks_damaged += end == MF_FRAME_DAMAGED;
    } while (end == MF_FRAME_MORE || end == MF_FRAME_DAMAGED);
    found->io = end == MF_FRAME_IO ? errno : 0;
    found->whole &= found->blocks_damaged == 0 && end == MF_FRAME_END;
    give_incidents(&reading);
}
