/* src/addressing.c
 *
 * The address that an event came from: before its user is judged and after, no other lock held. */

#include "addressing.h"

#include <string.h>

#include "keeping.h"

bool mf_is_code_sent(const struct mf_event *event)
{
    return event->phone.length > 0 && event->prompts > 0 &&
           (event->factor == MF_FACTOR_SMS || event->factor == MF_FACTOR_VOICE);
}

static bool has_address(const struct mf_event *event)
{
    return event->source.family != 0 && !event->answer_source;
}

void mf_expect_address(struct mf_worker *worker, const struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;

    if (!has_address(event))
        return;
    worker->address_key = mf_key_of_address(&engine->key, &worker->kept, &event->source);
    mf_addresses_expect(engine->addresses, worker->address_key);
}

void mf_look_at_address(struct mf_worker *worker, const struct mf_event *event)
{
    struct mf_engine *engine = worker->engine;

    worker->in_campaign = has_address(event) && mf_campaigns_any(engine->campaigns) &&
                          mf_campaigns_has(engine->campaigns, worker->address_key);
    if (has_address(event) && mf_kind_is_judged(event->kind))
        mf_addresses_look(engine->addresses, worker->address_key, &worker->address);
    else
        memset(&worker->address, 0, sizeof worker->address);
    if (!mf_is_code_sent(event))
        return;
    if (!worker->again)
        worker->inputs.phone = mf_key_of_phone(&engine->key, event);
    mf_addresses_look(engine->addresses, worker->inputs.phone, &worker->phone);
}

static void note_at(struct mf_worker *worker, struct mf_hash key, enum mf_mark_sort sort,
                    const struct mf_judged_user *result, mf_time now)
{
    mf_keep_address(worker, key);
    mf_addresses_note(worker->engine->addresses, key, sort, result->mark, now);
}

void mf_note_address(struct mf_worker *worker, const struct mf_event *event, const struct mf_judged_user *result)
{
    bool target = result->sighting.judged && mf_place_is_target(&result->place, event->kind);

    if (mf_is_code_sent(event))
        note_at(worker, worker->inputs.phone, MF_MARK_PHONE, result, event->time);
    if (!has_address(event) || mf_scene_is_listed(&worker->scene) ||
        !(target || result->taught || event->kind == MF_LOGIN_FAILURE))
        return;
    if (target)
        note_at(worker, worker->address_key, MF_MARK_TARGET, result, event->time);
    if (event->kind == MF_LOGIN_FAILURE)
        note_at(worker, worker->address_key, MF_MARK_PASSWORD, result, event->time);
    if (result->taught)
        note_at(worker, worker->address_key, MF_MARK_ACCEPTED, result, event->time);
}

uint32_t mf_fired_of_address(const struct mf_judged_user *result)
{
    uint32_t fired = 0;

    for (unsigned i = 0; i < mf_n_signals; i++)
        if (mf_signals[i]->of_address)
            fired |= result->fired & UINT32_C(1) << i;
    return fired;
}

bool mf_may_open_campaign(const struct mf_worker *worker)
{
    return worker->settings->policy->alert_level <= MF_SUSPICIOUS;
}

bool mf_step_campaign(struct mf_worker *worker, const struct mf_event *event, const struct mf_entry *entry,
                      const struct mf_judged_user *result)
{
    struct mf_engine *engine = worker->engine;

    if (!result->sighting.judged || !has_address(event) || mf_scene_is_listed(&worker->scene) ||
        result->place.familiarity == MF_FAMILIAR)
        return false;
    struct mf_campaign_step step = {
        .address = worker->address_key,
        .user = result->mark,
        .fired = mf_fired_of_address(result),
        .event = event,
        .verdict = &worker->verdict,
        .place = &result->place,
        .may_open = worker->again ? worker->inputs.campaign != 0 : mf_may_open_campaign(worker),
        .feed = entry->feed,
    };
    if (step.fired != 0 && !worker->again)
        worker->inputs.campaign = mf_key_of_campaign(event).lo;
    step.id.lo = worker->inputs.campaign;
    return mf_campaign_step(engine->campaigns, &step, &worker->campaign) &&
           mf_incidents_admit(engine->incidents, &worker->campaign.alert);
}
