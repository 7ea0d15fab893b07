/* src/keeping.c
 *
 * Gates, and what workers write down. */

#include "keeping.h"

#include <stdlib.h>

const struct mf_field mf_note_fields[] = {
    MF_NUMBER_MAX(struct mf_note, sort, MF_N_NOTES - 1),
    MF_NUMBER_MAX(struct mf_note, which, MF_N_ALERTS - 1),
    MF_NUMBER(struct mf_note, key.lo),
    MF_NUMBER(struct mf_note, key.hi),
    MF_WHEN(struct mf_note, now),
    MF_NUMBER(struct mf_note, number),
    MF_FLAG(struct mf_note, reached),
    {0},
};

/* ---- gates ---- */

void mf_keeping_enter(struct mf_engine *engine, struct mf_worker *worker)
{
    pthread_mutex_init(&worker->gate, NULL);
    pthread_mutex_lock(&engine->workers_lock);
    worker->next = engine->workers;
    engine->workers = worker;
    pthread_mutex_unlock(&engine->workers_lock);
}

void mf_keeping_leave(struct mf_engine *engine, struct mf_worker *worker)
{
    pthread_mutex_lock(&engine->workers_lock);
    for (struct mf_worker **at = &engine->workers; *at != NULL; at = &(*at)->next)
        if (*at == worker) {
            *at = worker->next;
            break;
        }
    pthread_mutex_unlock(&engine->workers_lock);
    pthread_mutex_destroy(&worker->gate);
}

void mf_gates_lock(struct mf_engine *engine)
{
    pthread_mutex_lock(&engine->workers_lock);
    for (struct mf_worker *worker = engine->workers; worker != NULL; worker = worker->next)
        pthread_mutex_lock(&worker->gate);
}

void mf_gates_unlock(struct mf_engine *engine)
{
    for (struct mf_worker *worker = engine->workers; worker != NULL; worker = worker->next)
        pthread_mutex_unlock(&worker->gate);
    pthread_mutex_unlock(&engine->workers_lock);
}

void mf_gate_lock(struct mf_worker *worker)
{
    pthread_mutex_lock(&worker->gate);
}

void mf_gate_unlock(struct mf_worker *worker)
{
    pthread_mutex_unlock(&worker->gate);
}

/* ---- copying before changing ---- */

void mf_keep_user(struct mf_worker *worker, struct mf_hash user)
{
    struct mf_keeping *keeping = worker->engine->keeping;

    if (keeping != NULL && keeping->copy != NULL)
        mf_copy_users(keeping->copy, mf_table_shard(user));
}

void mf_keep_address(struct mf_worker *worker, struct mf_hash address)
{
    struct mf_keeping *keeping = worker->engine->keeping;

    if (keeping != NULL && keeping->copy != NULL)
        mf_copy_addresses(keeping->copy, mf_addresses_shard(address));
}

/* ---- writing down ---- */

bool mf_keeps(const struct mf_worker *worker)
{
    return worker->engine->keeping != NULL && worker->engine->keeping->journals;
}

uint64_t mf_keep_number(struct mf_worker *worker)
{
    return __atomic_add_fetch(&worker->engine->keeping->number, 1, __ATOMIC_RELAXED);
}

void mf_keep_event(struct mf_worker *worker, bool named)
{
    unsigned char bytes[MF_ENTRY_MAX];

    mf_journal_append(&worker->engine->keeping->journal, MF_RECORD_EVENT, bytes,
                      mf_inputs_write(&worker->inputs, named, bytes));
}

static void append_note(struct mf_engine *engine, const struct mf_note *note)
{
    unsigned char bytes[MF_ENTRY_MAX];

    mf_journal_append(&engine->keeping->journal, MF_RECORD_NOTE, bytes,
                      mf_pack(mf_note_fields, note, bytes, sizeof bytes));
}

uint64_t mf_keep_note(struct mf_worker *worker, enum mf_note_sort sort, struct mf_hash key, mf_time now, bool sent)
{
    if (!worker->keeps)
        return 0;
    const struct mf_note note = {
        .sort = (uint8_t)sort,
        .key = key,
        .now = now,
        .number = sent ? mf_keep_number(worker) : 0,
        .reached = sort == MF_NOTE_EXPIRED && worker->reached,
    };
    append_note(worker->engine, &note);
    return note.number;
}

void mf_keep_flush(struct mf_worker *worker)
{
    mf_journal_flush(&worker->engine->keeping->journal, false);
}

void mf_keep_handed_over(struct mf_worker *worker, enum mf_which_alert which)
{
    struct mf_note note = {.sort = MF_NOTE_HANDED_OVER, .which = (uint8_t)which};

    mf_gate_lock(worker);
    note.number = worker->pending[which];
    worker->pending[which] = 0;
    append_note(worker->engine, &note);
    mf_gate_unlock(worker);
}

void mf_keep_sent_again(struct mf_engine *engine, const struct mf_unsent *unsent)
{
    const struct mf_note note = {.sort = MF_NOTE_HANDED_OVER, .which = unsent->which, .number = unsent->number};

    append_note(engine, &note);
}

void mf_keep_forgotten(struct mf_engine *engine, const char *user)
{
    const struct mf_note note = {.sort = MF_NOTE_FORGOTTEN, .key = mf_key_of_user(&engine->key, mf_slice_of(user))};

    append_note(engine, &note);
}

/* Nothing of the user is left in memory. All gates are locked, or nobody else uses the engine. */
bool mf_forget(struct mf_engine *engine, struct mf_hash key, struct mf_slice name)
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
    mf_ids_forget(engine->ids, key);
    mf_table_forget(engine->table, key);
    return user != NULL;
}
