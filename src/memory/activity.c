/* src/memory/activity.c
 *
 * Two small rings, newest over oldest. */

#include "memory/activity.h"

void mf_activity_add_login(struct mf_activities *activities, const struct mf_activity *login)
{
    activities->login[activities->next_login] = *login;
    activities->next_login = (uint8_t)((activities->next_login + 1) % MF_LOGINS_MAX);
}

void mf_activity_add_active(struct mf_activities *activities, const struct mf_activity *active)
{
    activities->active[activities->next_active] = *active;
    activities->next_active = (uint8_t)((activities->next_active + 1) % MF_ACTIVE_MAX);
}

static bool same(uint32_t a, uint32_t b)
{
    return a != 0 && a == b;
}

static bool may_belong(const struct mf_activity *login, const struct mf_activity *prompt)
{
    if (same(login->ticket, prompt->ticket) || same(login->session, prompt->session))
        return true;
    if (login->source.network == 0 || prompt->source.network == 0)
        return true;
    return login->source.network == prompt->source.network || same(login->source.asn, prompt->source.asn);
}

bool mf_activity_explains(const struct mf_activities *activities, const struct mf_activity *prompt)
{
    for (unsigned i = 0; i < MF_LOGINS_MAX; i++) {
        const struct mf_activity *login = &activities->login[i];
        if (login->time != 0 && login->time >= prompt->time - MF_LOGIN_BEFORE &&
            login->time <= prompt->time + MF_LOGIN_SLACK && may_belong(login, prompt))
            return true;
    }
    return false;
}

/* Within one country a phone that leaves the office changes network and operator in a minute. */
static bool is_elsewhere(const struct mf_source_values *here, const struct mf_source_values *there)
{
    return here->country != 0 && there->country != 0 && here->country != there->country;
}

const struct mf_activity *mf_activity_elsewhere(const struct mf_activities *activities,
                                                const struct mf_source_values *source, mf_time now, mf_time window)
{
    const struct mf_activity *latest = NULL;

    for (unsigned i = 0; i < MF_ACTIVE_MAX; i++) {
        const struct mf_activity *active = &activities->active[i];
        if (active->time == 0 || !active->familiar || active->time <= now - window || active->time > now ||
            !is_elsewhere(source, &active->source))
            continue;
        if (latest == NULL || active->time > latest->time)
            latest = active;
    }
    return latest;
}
