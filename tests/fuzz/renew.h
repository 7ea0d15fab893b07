/* tests/fuzz/renew.h
 *
 * An engine for the next input: as new, but for policy and profiles, whose reading takes most of the time. */

#ifndef MF_TESTS_FUZZ_RENEW_H
#define MF_TESTS_FUZZ_RENEW_H

#include "engine_model.h"

#include "keeping.h"

/* Tables may be smaller than a policy can ask for: their memory would take most of the rest. */
static void renew(struct mf_engine *engine, const struct mf_table_conf *table, unsigned addresses)
{
    const struct mf_policy *policy = mf_engine_policy(engine);

    mf_keeping_free(engine);
    mf_table_free(engine->table);
    mf_addresses_free(engine->addresses);
    mf_baseline_free(engine->baseline);
    mf_feeds_free(engine->feeds);
    mf_incidents_free(engine->incidents);
    mf_campaigns_free(engine->campaigns);
    mf_waits_free(engine->waits);
    mf_ids_free(engine->ids);
    engine->table = mf_table_new(table, NULL);
    engine->addresses = mf_addresses_new(addresses, NULL);
    engine->baseline = mf_baseline_new(policy->state.populations, NULL);
    engine->feeds = mf_feeds_new(NULL);
    engine->incidents = mf_incidents_new(&policy->incident, NULL);
    engine->campaigns = mf_campaigns_new(&policy->incident, NULL);
    engine->waits = mf_waits_new(table->recent, NULL);
    engine->ids = mf_ids_new(table->users, NULL);
}

#endif
