/* src/engine_model.h
 *
 * What an engine and a worker are made of: private to what implements engine.h. */

#ifndef MF_ENGINE_MODEL_H
#define MF_ENGINE_MODEL_H

#include "context/scene.h"
#include "engine.h"
#include "in_force.h"
#include "inputs.h"
#include "judge/campaign.h"
#include "keys.h"
#include "memory/addresses.h"
#include "memory/baseline.h"
#include "memory/feeds.h"
#include "memory/table.h"
#include "memory/ids.h"
#include "memory/view.h"
#include "memory/waits.h"

enum mf_engine_count {
    MF_COUNT_MESSAGES,
    MF_COUNT_EVENTS,
    MF_COUNT_JUDGED,
    MF_COUNT_NAMED_BY_ID,
    MF_COUNT_PROMPTS,
    MF_COUNT_REFUSALS,
    MF_COUNT_APPROVALS,
    MF_COUNT_NOTICES,
    MF_COUNT_SUSPICIOUS,
    MF_COUNT_ANOMALOUS,
    MF_COUNT_ALERTS,
    MF_COUNT_ALERTS_HELD_BACK,
    MF_COUNT_INCIDENTS_REFUSED,
    MF_COUNT_INCIDENTS_DISPLACED,
    MF_COUNT_LATE_JUDGED,
    MF_COUNT_FUTURE_TIMES,
    MF_COUNT_FEEDS_SHARED,
    MF_COUNT_REPEATED_OUTCOMES,
    MF_COUNT_TABLE_FULL,
    MF_COUNT_USERS_EVICTED,
    MF_COUNT_RECENT_EVICTED,
    MF_COUNT_TRACES_LOST,
    MF_COUNT_DELIVERIES_LOST,
    MF_COUNT_WAITS_LOST,
    MF_COUNT_INCIDENTS_OPENED,
    MF_COUNT_CAMPAIGNS_OPENED,
    MF_COUNT_CAMPAIGNS_REFUSED,
    MF_COUNT_POPULATIONS_REFUSED,
    MF_COUNT_GEO_FAILURES,
    MF_COUNT_USERS_EXPIRED,
    MF_COUNT_STATE_SAVES,
    MF_COUNT_STATE_SAVE_FAILED,
    MF_COUNT_STATE_DAMAGED,
    MF_COUNT_STATE_LOST,
    MF_COUNT_ALERTS_AGAIN,
    MF_COUNT_USERS_TRACKED,
    MF_COUNT_INCIDENTS_OPEN,
    MF_COUNT_IDS_KNOWN,
    MF_COUNT_FEEDS,
    MF_COUNT_STATE_BYTES,
    MF_N_COUNTS
};

struct mf_keeping;

/* Which of a worker's two alerts: `alert`, or `campaign`, which also carries the summary. */
enum mf_which_alert { MF_OF_USER, MF_OF_ADDRESS, MF_N_ALERTS };

struct mf_engine {
    struct mf_in_force in_force;
    char *policy_file, *profile_dir; /* of mf_engine_options: what a reload reads again */
    struct mf_policy *trial;         /* what holds instead of the file; NULL: the file */
    bool profile_dir_first;
    bool portable;
    struct mf_table *table;
    struct mf_addresses *addresses;
    struct mf_baseline *baseline;
    struct mf_feeds *feeds;
    struct mf_waits *waits;
    struct mf_ids *ids;
    struct mf_incidents *incidents;
    struct mf_campaigns *campaigns;
    struct mf_keeping *keeping; /* NULL: what is remembered ends with the engine */
    pthread_mutex_t workers_lock;
    struct mf_worker *workers;
    struct mf_hash_key key;
    mf_time created;
    char observer[256];
    uint64_t counter[MF_N_COUNTS];
    uint64_t skip[MF_N_SKIPS];
    char skip_name[MF_N_SKIPS][40];
};

struct mf_worker {
    struct mf_engine *engine;
    struct mf_worker *next; /* of the engine's workers */
    pthread_mutex_t gate;   /* see keeping.h */
    struct mf_reader *reader;
    struct mf_geo_cache *geo;
    struct mf_settings *settings; /* by which the present message is judged; NULL before the first */
    const struct mf_sink *sink;
    struct mf_tag *tag;
    enum mf_level tag_level;
    unsigned gauge_age;
    struct mf_verdict verdict;
    struct mf_view view;
    struct mf_scene scene;
    struct mf_kept_keys kept;
    struct mf_hash address_key; /* of the event's source, when it has one */
    struct mf_address address, phone;
    struct mf_rate_answer rate;
    bool explains; /* the sink wants to know how it came to the verdict */
    struct mf_explained explained;
    struct mf_alert alert;
    struct mf_campaign_alert campaign;
    char json[MF_ALERT_MAX];
    char incident[MF_INCIDENT_ID + 1];
    struct mf_ip source; /* of the user's run: what a tag names */
    bool keeps;          /* the engine has a journal: */
    bool again;          /* the event is out of it, and `inputs` are what stands there */
    bool in_campaign;    /* the event's address has an incident */
    bool waits;          /* the event's prompt is waited for */
    bool reached;        /* the verdict reaches the alert level: that which was in force when it was judged */
    bool by_id;          /* the event names its user by an id: of this user, and by this login, where it is known */
    struct mf_hash id_user;
    uint64_t quick_id; /* of an id whose user the event tells; 0: none */
    char login[MF_IDS_LOGIN + 1];
    struct mf_inputs inputs;
    uint64_t pending[MF_N_ALERTS]; /* numbers of the alerts that are not handed over yet; 0 = none */
};

static inline void mf_engine_count(struct mf_engine *engine, enum mf_engine_count which, uint64_t n)
{
    if (n > 0)
        __atomic_fetch_add(&engine->counter[which], n, __ATOMIC_RELAXED);
}

/* Sums over shards and pools, so not for every record. */
void mf_engine_refresh_gauges(struct mf_engine *engine);

#endif
