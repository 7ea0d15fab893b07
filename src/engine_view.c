/* src/engine_view.c
 *
 * What is remembered of users, for people to look at. */

#include "engine_model.h"

#include <inttypes.h>
#include <string.h>

static void view_places(const struct mf_user *user, struct mf_user_view *view)
{
    for (unsigned i = 0; i < MF_KNOWN_COUNTRIES; i++) {
        uint32_t value = user->country[i].value;
        if (value == 0)
            continue;
        char *code = view->country[view->n_countries++];
        code[0] = (char)(value >> 8 & 0xff);
        code[1] = (char)(value & 0xff);
        code[2] = '\0';
    }
    for (unsigned i = 0; i < MF_KNOWN_ASNS; i++)
        if (user->asn[i].value != 0)
            view->asn[view->n_asns++] = user->asn[i].value;
    for (unsigned i = 0; i < MF_KNOWN_NETWORKS; i++)
        view->networks += user->network[i].value != 0;
}

static void view_recent(const struct mf_user *user, const struct mf_time_conf *conf, struct mf_user_view *view)
{
    struct mf_view attempts;

    view->run_start = view->run_last = MF_TIME_NONE;
    if (user->recent == NULL)
        return;
    view->attempts = user->recent->n_attempts;
    view->run_start = user->recent->run.start;
    view->run_last = user->recent->run.last;
    if (view->run_start == MF_TIME_NONE)
        return;
    mf_user_view(user->recent, user->last_seen, conf, &attempts);
    view->run = mf_run_totals(&user->recent->run, &attempts);
}

static void view_user(struct mf_engine *engine, const struct mf_user *user, struct mf_user_view *view)
{
    struct mf_settings *settings = mf_in_force_adopt(&engine->in_force, NULL);

    memset(view, 0, sizeof *view);
    snprintf(view->hash, sizeof view->hash, "%016" PRIx64 "%016" PRIx64, user->key.hi, user->key.lo);
    view->first_seen = user->first_seen;
    view->last_seen = user->last_seen;
    view->logins_per_day = mf_rate_per_day(&user->rate, &view->days);
    view_places(user, view);
    view_recent(user, &settings->policy->time, view);
    view->has_incident = mf_incident_look(engine->incidents, user, &view->incident, &view->open);
    mf_in_force_release(&engine->in_force, settings);
}

struct walk {
    struct mf_engine *engine;
    bool (*each)(void *context, const struct mf_user_view *view);
    void *context;
};

static bool walk_user(void *context, const struct mf_user *user)
{
    const struct walk *walk = context;
    struct mf_user_view view;

    view_user(walk->engine, user, &view);
    return walk->each(walk->context, &view);
}

void mf_engine_each_user(struct mf_engine *engine, bool (*each)(void *context, const struct mf_user_view *view),
                         void *context)
{
    struct walk walk = {engine, each, context};

    mf_table_each(engine->table, walk_user, &walk);
}

bool mf_engine_view_user(struct mf_engine *engine, const char *name, struct mf_user_view *view)
{
    char text[MF_USER_MAX + 1];
    size_t length = mf_engine_user(engine, name, text);
    struct mf_shard *shard;

    if (length == 0)
        return false;
    const struct mf_user *user =
        mf_table_find(engine->table, mf_key_of_user(&engine->key, (struct mf_slice){text, length}), &shard);
    if (user == NULL)
        return false;
    view_user(engine, user, view);
    mf_table_close(shard);
    return true;
}
