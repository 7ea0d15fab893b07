/* src/explaining.c
 *
 * What stood behind a verdict, for whoever asks. */

#include "explaining.h"

#include "asking.h"
#include "rating.h"

static unsigned count_known(const struct mf_known *known, unsigned n, mf_time now)
{
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++)
        count += mf_known_any(&known[i], 1, now, MF_DAY);
    return count;
}

void mf_explain(struct mf_worker *worker, const struct mf_user *user, const struct mf_context *context,
                const struct mf_entry *entry, const struct mf_sighting *sighting, const struct mf_standing *standing,
                const struct mf_totals *totals)
{
    const struct mf_scene *scene = &worker->scene;
    struct mf_explained *explained = &worker->explained;
    mf_time now = context->event->time;

    explained->place = *context->place;
    explained->listed = mf_scene_is_listed(scene);
    explained->egress = scene->egress;
    explained->vpn = scene->vpn;
    explained->travel = scene->travel;
    explained->home = scene->home;
    explained->anonymizer = scene->anonymizer;
    explained->by_id = worker->by_id;
    explained->in_directory = scene->person != NULL;
    explained->high_risk = scene->person != NULL && scene->person->risk_high;
    explained->group = mf_first_group(worker, context->event);
    explained->role = mf_scenery_role(worker->settings->scenery, scene);
    explained->history_days = mf_history_days(user, now);
    explained->countries = count_known(user->country, MF_KNOWN_COUNTRIES, now);
    explained->asns = count_known(user->asn, MF_KNOWN_ASNS, now);
    explained->networks = count_known(user->network, MF_KNOWN_NETWORKS, now);
    explained->hour_share = mf_habits_hour_share(&user->habits, now);
    explained->carries = entry->carries;
    explained->missing = mf_verdict_missing(worker->settings->policy->signal, entry->carries);
    explained->late = entry->arrival == MF_LATE_JUDGED;
    explained->clamped = entry->clamped;
    explained->watermark = entry->watermark;
    explained->repeat = sighting->repeat;
    explained->approval = sighting->approval;
    explained->run_start = user->recent->run.start;
    explained->totals = *totals;
    explained->source = user->recent->run.source;
    explained->standing = *standing;
    explained->rate = worker->rate;
}
