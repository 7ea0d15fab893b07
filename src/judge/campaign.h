/* src/judge/campaign.h
 *
 * One address that goes for many users: one incident of the address, beside those of the users. Opened by the signals
 * that are about an address (fan_in, spray_then_prompt), updated when its level rises or a user gives in, closed after a
 * quiet time. So a hundred users who are asked once each are one alert, where each by itself would be none.
 *
 * Bounded; one lock, taken here and nowhere else, with no other lock held. Names of users are kept while it is open. */

#ifndef MF_JUDGE_CAMPAIGN_H
#define MF_JUDGE_CAMPAIGN_H

#include "judge/incident.h"

#ifndef MF_CAMPAIGNS_MAX
#define MF_CAMPAIGNS_MAX 128
#endif
enum { MF_CAMPAIGN_NAMES = 8, MF_CAMPAIGN_USERS = 64 };

struct mf_campaigns;

struct mf_campaigns *mf_campaigns_new(const struct mf_incident_conf *conf, struct mf_error *error);
void mf_campaigns_free(struct mf_campaigns *campaigns);
size_t mf_campaigns_memory(const struct mf_campaigns *campaigns);
void mf_campaigns_configure(struct mf_campaigns *campaigns, const struct mf_incident_conf *conf); /* from now on */

/* One judged event of an address, whose user it has no business to ask. */
struct mf_campaign_step {
    struct mf_hash address, id; /* of the address; of the opening event, which names the incident */
    uint32_t user;              /* its mark */
    uint32_t fired; /* signals about an address that fired at this event: bits in the order of mf_signals[] */
    const struct mf_event *event;
    const struct mf_verdict *verdict; /* of the user */
    const struct mf_place *place;
    bool may_open; /* not only anomalous ones are wanted */
    unsigned feed;
};

/* The alert and the names it points to. */
struct mf_campaign_alert {
    struct mf_hash address;
    struct mf_alert alert;
    char name[MF_CAMPAIGN_NAMES][MF_USER_MAX + 1];
};

/* One of them. */
struct mf_campaign {
    bool used;
    struct mf_hash address;
    unsigned feed;
    mf_time due;
    uint32_t fired; /* all that fired so far */
    unsigned n_users;
    uint32_t user[MF_CAMPAIGN_USERS];
    struct mf_campaign_alert told; /* what it would say now */
};

/* Opens, updates, or just counts. True when `out` is to be sent. */
bool mf_campaign_step(struct mf_campaigns *campaigns, const struct mf_campaign_step *step,
                      struct mf_campaign_alert *out);

/* Is any open? Cheap. */
bool mf_campaigns_any(struct mf_campaigns *campaigns);

/* Closes one campaign of the feed that has been quiet at `now` for long enough. False: none, or it was never told. Call
 * until `*more` is false. Cheap when there is no campaign. */
bool mf_campaign_close(struct mf_campaigns *campaigns, unsigned feed, mf_time now, struct mf_campaign_alert *out,
                       bool *more);

/* Has the address an incident? */
bool mf_campaigns_has(struct mf_campaigns *campaigns, struct mf_hash address);

/* Closes that of this address, due or not. False: there is none. */
bool mf_campaign_close_at(struct mf_campaigns *campaigns, struct mf_hash address, struct mf_campaign_alert *out);

struct mf_campaign_counts {
    uint64_t open, opened, refused;
};
void mf_campaigns_count(struct mf_campaigns *campaigns, struct mf_campaign_counts *counts);

/* ---- for the snapshot ---- */

/* Copies those that are open out; how many. Puts one back before there is any other. */
unsigned mf_campaigns_copy(struct mf_campaigns *campaigns, struct mf_campaign to[MF_CAMPAIGNS_MAX]);
void mf_campaigns_restore(struct mf_campaigns *campaigns, const struct mf_campaign *campaign);

/* Takes the user's name out of all of them. */
void mf_campaigns_forget(struct mf_campaigns *campaigns, struct mf_slice user);

#endif
