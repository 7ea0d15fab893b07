/* src/naming.c
 *
 * An id becomes a login, and a login teaches an id. */

#include "naming.h"

#include <string.h>

#include "keys.h"

void mf_name_by_id(struct mf_worker *worker, struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;

    struct mf_hash feed = mf_key_of_feed(&engine->key, &worker->kept, event);
    const struct mf_id id = {mf_quick_of_id(feed, event->user_id), mf_mark_of_id(&engine->key, feed, event->user_id)};
    worker->by_id = mf_ids_find(engine->ids, &id, &worker->id_user, worker->login);
    if (worker->by_id && worker->login[0] != '\0')
        event->user = mf_slice_of(worker->login);
    mf_engine_count(engine, MF_COUNT_NAMED_BY_ID, worker->by_id);
}

/* Who has the right password, or was let in, is the user of both the login and the id. */
static bool tells_whose_id(const struct mf_event *event)
{
    const unsigned kinds =
        1u << MF_LOGIN_SUCCESS | 1u << MF_MFA_REQUIRED | 1u << MF_MFA_SUCCESS | 1u << MF_SESSION_START;

    return (kinds >> event->kind & 1) != 0 && event->user_id.length > 0 && event->user.length > 0 &&
           !mf_is_named_by_id(event);
}

void mf_expect_id(struct mf_worker *worker)
{
    const struct mf_inputs *inputs = &worker->inputs;

    worker->quick_id = 0;
    if (worker->by_id || !tells_whose_id(inputs->event))
        return;
    worker->quick_id = mf_quick_of_id(inputs->feed, inputs->event->user_id);
    mf_ids_expect(worker->engine->ids, worker->quick_id);
}

void mf_learn_id(struct mf_worker *worker)
{
    struct mf_engine *engine = worker->engine;
    struct mf_inputs *inputs = &worker->inputs;
    const struct mf_event *event = inputs->event;

    if (worker->again) {
        if (inputs->id.mark != 0)
            mf_ids_learn(engine->ids, &inputs->id, inputs->user, (struct mf_slice){NULL, 0}, event->time);
        return;
    }
    inputs->id = (struct mf_id){0, 0};
    if (worker->quick_id == 0 || mf_ids_know(engine->ids, worker->quick_id, inputs->user, event->time))
        return;
    inputs->id = (struct mf_id){worker->quick_id, mf_mark_of_id(&engine->key, inputs->feed, event->user_id)};
    mf_ids_learn(engine->ids, &inputs->id, inputs->user, event->user, event->time);
}
