/* src/memory/user.c
 *
 * What is known of a user as it stands: kinds and outcomes, and which places are the user's own. */

#include "memory/user.h"

#include <string.h>

_Static_assert(sizeof(struct mf_user) <= 256, "a user at rest costs at most 256 bytes");

const struct mf_option mf_time_options[] = {
    {"lateness", MF_OPTION_DURATION, offsetof(struct mf_time_conf, lateness), 0, MF_DAY, "\"20m\"", NULL,
     "how far behind its feed a record may be and still be judged"},
    {"skew", MF_OPTION_DURATION, offsetof(struct mf_time_conf, skew), 0, MF_DAY, "\"5m\"", NULL,
     "how far ahead of its arrival an event time is believed; a later one is set to arrival + skew"},
    {"prompt_ttl", MF_OPTION_DURATION, offsetof(struct mf_time_conf, prompt_ttl), 30 * MF_SECOND, MF_HOUR, "\"5m\"",
     NULL, "a prompt without an outcome counts as timed out after this and one minute"},
    {0},
};

bool mf_outcome_is_refusal(enum mf_outcome outcome)
{
    return outcome == MF_REFUSED || outcome == MF_FRAUD;
}

bool mf_outcome_is_unanswered(enum mf_outcome outcome)
{
    return outcome == MF_TIMEOUT || outcome == MF_SUPERSEDED;
}

bool mf_attempt_presses(const struct mf_attempt *attempt)
{
    return attempt->outcome != MF_APPROVED && attempt->outcome != MF_CANCELLED;
}

unsigned mf_recent_pressing(const struct mf_recent *recent, mf_time since)
{
    unsigned n = 0;

    for (unsigned i = recent->n_attempts; i-- > 0 && recent->base + recent->attempt[i].time >= since;)
        n += mf_attempt_presses(&recent->attempt[i]);
    return n;
}

bool mf_user_is_established(const struct mf_user *user)
{
    static const uint8_t no_hours[sizeof user->habits.hour];

    for (unsigned i = 0; i < MF_KNOWN_NETWORKS; i++)
        if (user->network[i].value != 0)
            return true;
    for (unsigned i = 0; i < MF_KNOWN_COUNTRIES; i++)
        if (user->country[i].value != 0)
            return true;
    return user->habits.strong.last != 0 || user->habits.weak.last != 0 ||
           memcmp(user->habits.hour, no_hours, sizeof no_hours) != 0;
}

bool mf_kind_is_judged(enum mf_kind kind)
{
    switch (kind) {
    case MF_MFA_CHALLENGE:
    case MF_MFA_SUCCESS:
    case MF_MFA_DENIED:
    case MF_MFA_TIMEOUT:
    case MF_MFA_FAILED:
    case MF_MFA_CANCELLED:
    case MF_MFA_FRAUD:
    case MF_FACTOR_ENROLLED:
    case MF_FACTOR_REMOVED:
    case MF_FACTOR_RESET:
        return true;
    default:
        return false;
    }
}

bool mf_kind_is_factor_change(enum mf_kind kind)
{
    return kind == MF_FACTOR_ENROLLED || kind == MF_FACTOR_REMOVED || kind == MF_FACTOR_RESET;
}

/* ---- places ---- */

static bool has_history(const struct mf_user *user, mf_time now)
{
    if (user->first_seen == MF_TIME_NONE || now - user->first_seen < MF_HISTORY_DAYS * MF_DAY)
        return false;
    return mf_known_any(user->network, MF_KNOWN_NETWORKS, now, MF_DAY) ||
           mf_known_any(user->country, MF_KNOWN_COUNTRIES, now, MF_DAY);
}

struct mf_place mf_user_place(const struct mf_user *user, const struct mf_source_values *source, mf_time now,
                              const struct mf_place *tenant)
{
    struct mf_place place = {0};

    if (!has_history(user, now)) {
        place = *tenant;
        place.by_tenant = true;
        return place;
    }

    bool country = mf_known_has(user->country, MF_KNOWN_COUNTRIES, source->country, now, MF_DAY);
    bool asn = mf_known_has(user->asn, MF_KNOWN_ASNS, source->asn, now, MF_DAY);
    bool network = mf_known_has(user->network, MF_KNOWN_NETWORKS, source->network, now, MF_DAY);
    place.new_country = source->country != 0 && !country;
    place.new_asn = source->asn != 0 && !asn;
    place.new_network = source->network != 0 && !network;
    if (source->asn == 0 && source->network == 0) /* the country alone can be wrong, but not right */
        place.familiarity = place.new_country ? MF_UNFAMILIAR : MF_FAMILIARITY_UNKNOWN;
    else
        place.familiarity = (country || source->country == 0) && (asn || network) ? MF_FAMILIAR : MF_UNFAMILIAR;
    return place;
}

void mf_user_learn(struct mf_user *user, const struct mf_source_values *source, mf_time now)
{
    mf_known_touch(user->country, MF_KNOWN_COUNTRIES, source->country, now);
    mf_known_touch(user->asn, MF_KNOWN_ASNS, source->asn, now);
    mf_known_touch(user->network, MF_KNOWN_NETWORKS, source->network, now);
}

void mf_user_unlearn(struct mf_user *user, mf_time since)
{
    mf_known_forget(user->country, MF_KNOWN_COUNTRIES, since);
    mf_known_forget(user->asn, MF_KNOWN_ASNS, since);
    mf_known_forget(user->network, MF_KNOWN_NETWORKS, since);
}

bool mf_place_is_target(const struct mf_place *place, enum mf_kind kind)
{
    bool negative = kind == MF_MFA_DENIED || kind == MF_MFA_FRAUD || kind == MF_MFA_TIMEOUT || kind == MF_MFA_FAILED;

    return place->familiarity == MF_UNFAMILIAR || (negative && place->familiarity != MF_FAMILIAR);
}
