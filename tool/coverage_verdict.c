/* tool/coverage_verdict.c
 *
 * Traits of a feed, and which of them each signal needs. Nothing here is about one provider: what its feed cannot say,
 * and what turns something on, stands in its profile ("cannot", "enable"). */

#include "coverage_verdict.h"

enum trait {
    PROMPTS,
    APPROVALS,
    REFUSALS,
    TIMEOUTS,
    REPORTS,
    CODES,
    SENT_CODES,
    ADDRESSES,
    COUNTRIES,
    OPERATORS,
    COORDINATES,
    RESPONDERS,
    RISK,
    PASSWORDS,
    LOGINS,
    SESSIONS,
    FACTOR_CHANGES,
    FACTOR_NAMES,
    LINKS,
    N_TRAITS
};

#define BIT(n) (UINT32_C(1) << (n))

static const struct {
    const char *name, *meaning;
    uint32_t kinds;        /* of which one would show it, as "cannot" and "enable" name them */
    const char *fields[3]; /* the same of fields */
    bool rare;             /* may well not come for weeks */
} traits[N_TRAITS] = {
    [PROMPTS] = {"prompts", "prompts that the user sees", 0, {"prompts"}, false},
    [APPROVALS] = {"approvals", "prompts approved, codes accepted", BIT(MF_MFA_SUCCESS), {NULL}, false},
    [REFUSALS] = {"refusals", "prompts that the user refused", BIT(MF_MFA_DENIED), {NULL}, false},
    [TIMEOUTS] =
        {"timeouts", "prompts that nobody answered", BIT(MF_MFA_TIMEOUT) | BIT(MF_MFA_CHALLENGE), {NULL}, false},
    [REPORTS] = {"reports", "prompts that the user reported as fraud", BIT(MF_MFA_FRAUD), {NULL}, true},
    [CODES] = {"codes", "typed codes, right and wrong", BIT(MF_MFA_FAILED), {NULL}, true},
    [SENT_CODES] = {"sent_codes", "codes sent by SMS, voice or mail", 0, {"phone"}, true},
    [ADDRESSES] = {"addresses", "the address that a login comes from", 0, {"source"}, false},
    [COUNTRIES] = {"countries", "its country", 0, {"country"}, false},
    [OPERATORS] = {"operators", "its operator (ASN)", 0, {"asn"}, false},
    [COORDINATES] = {"coordinates", "its coordinates", 0, {"latitude", "longitude"}, false},
    [RESPONDERS] =
        {"responders", "where the phone answered", 0, {"responder", "responder_country", "answer_source"}, false},
    [RISK] = {"risk", "what the provider itself finds risky", BIT(MF_RISK), {"risk"}, true},
    [PASSWORDS] = {"passwords", "failed logins", BIT(MF_LOGIN_FAILURE), {NULL}, false},
    [LOGINS] = {"logins", "login attempts before prompts", BIT(MF_LOGIN_SUCCESS) | BIT(MF_MFA_REQUIRED), {NULL}, false},
    [SESSIONS] = {"sessions", "sessions after approvals", BIT(MF_SESSION_START), {NULL}, false},
    [FACTOR_CHANGES] = {"factor_changes",
                        "factors enrolled, removed, reset",
                        BIT(MF_FACTOR_ENROLLED) | BIT(MF_FACTOR_REMOVED) | BIT(MF_FACTOR_RESET),
                        {NULL},
                        true},
    [FACTOR_NAMES] = {"factors", "which factor was used", 0, {"factor"}, false},
    [LINKS] = {"transactions", "what ties prompt and answer together", 0, {"transaction", "correlation"}, false},
};

/* Without what it needs a signal is blind, without what helps it sees less. A signal that is not listed needs prompts. */
static const struct {
    const char *name;
    uint32_t needs, helps;
} signals[] = {
    {"prompt_burst", BIT(PROMPTS), 0},
    {"unanswered_burst", BIT(PROMPTS) | BIT(TIMEOUTS), 0},
    {"token_flood", BIT(SENT_CODES), 0},
    {"unusual_rate", BIT(PROMPTS), BIT(LOGINS)},
    {"refused_burst", BIT(REFUSALS), 0},
    {"slow_drip", BIT(PROMPTS), BIT(REFUSALS) | BIT(TIMEOUTS)},
    {"code_bruteforce", BIT(CODES), 0},
    {"approved_after_refusals", BIT(REFUSALS) | BIT(APPROVALS), BIT(ADDRESSES)},
    {"approved_after_silence", BIT(TIMEOUTS) | BIT(APPROVALS), BIT(ADDRESSES)},
    {"fraud_reported", BIT(REPORTS), 0},
    {"factor_changed", BIT(FACTOR_CHANGES), BIT(ADDRESSES)},
    {"factor_downgrade", BIT(FACTOR_NAMES), 0},
    {"new_source", BIT(ADDRESSES), BIT(COUNTRIES) | BIT(OPERATORS)},
    {"impossible_travel", BIT(COORDINATES) | BIT(APPROVALS), 0},
    {"responder_mismatch", BIT(RESPONDERS) | BIT(COUNTRIES), 0},
    {"anonymizer", BIT(ADDRESSES), BIT(OPERATORS)},
    {"fan_in", BIT(ADDRESSES), 0},
    {"unusual_hour", BIT(PROMPTS), 0},
    {"idp_risk", BIT(RISK), 0},
    {"high_risk_user", BIT(PROMPTS), 0},
    {"no_login", BIT(LOGINS), 0},
    {"no_session", BIT(SESSIONS), 0},
    {"active_elsewhere", BIT(ADDRESSES) | BIT(COUNTRIES), BIT(SESSIONS)},
    {"spray_then_prompt", BIT(PASSWORDS) | BIT(ADDRESSES), 0},
};

const char *mf_support_name(enum mf_support support)
{
    static const char *const names[] = {"works", "unproven", "degraded", "blind", "off"};

    return names[support];
}

/* ---- what came ---- */

enum seen { WHOLE, PART, NONE };

/* Of so many prompts and answers it can be said what does not come. */
enum { ENOUGH = 200, USUAL_PERCENT = 90, HARDLY_PERCENT = 5 };

static enum seen field_seen(const struct mf_cover_feed *feed, enum mf_cover_field field)
{
    if (feed->has[field] * 100 <= feed->of[field] * HARDLY_PERCENT)
        return NONE;
    return feed->has[field] * 100 >= feed->of[field] * USUAL_PERCENT ? WHOLE : PART;
}

static uint64_t of_factors(const struct mf_cover_feed *feed, uint32_t factors, uint32_t kinds)
{
    uint64_t n = 0;

    for (unsigned factor = 0; factor < MF_N_FACTORS; factor++)
        for (unsigned kind = 0; kind < MF_N_KINDS; kind++)
            if ((factors & BIT(factor)) != 0 && (kinds & BIT(kind)) != 0)
                n += feed->outcome[factor][kind];
    return n;
}

static enum seen any(uint64_t n)
{
    return n > 0 ? WHOLE : NONE;
}

static enum seen kinds_seen(const struct mf_cover_feed *feed, enum trait trait)
{
    uint64_t n = 0;

    for (unsigned kind = 0; kind < MF_N_KINDS; kind++)
        if ((traits[trait].kinds & BIT(kind)) != 0)
            n += feed->kind[kind];
    return any(n);
}

static enum seen seen(const struct mf_cover_feed *feed, enum trait trait)
{
    const uint32_t sent = BIT(MF_FACTOR_SMS) | BIT(MF_FACTOR_VOICE) | BIT(MF_FACTOR_EMAIL);
    const uint32_t typed = sent | BIT(MF_FACTOR_TOTP) | BIT(MF_FACTOR_OTP);

    switch (trait) {
    case PROMPTS:
        return any(feed->prompts);
    case CODES:
        return any(of_factors(feed, typed, BIT(MF_MFA_FAILED) | BIT(MF_MFA_SUCCESS)));
    case SENT_CODES:
        return any(of_factors(feed, sent,
                              BIT(MF_MFA_CHALLENGE) | BIT(MF_MFA_SUCCESS) | BIT(MF_MFA_FAILED) | BIT(MF_MFA_TIMEOUT)));
    case ADDRESSES:
        return field_seen(feed, MF_COVER_SOURCE);
    case COUNTRIES:
        return field_seen(feed, MF_COVER_COUNTRY);
    case OPERATORS:
        return field_seen(feed, MF_COVER_ASN);
    case COORDINATES:
        return field_seen(feed, MF_COVER_COORDINATES);
    case RESPONDERS:
        return field_seen(feed, MF_COVER_RESPONDER) == NONE ? NONE : WHOLE;
    case FACTOR_NAMES:
        return field_seen(feed, MF_COVER_FACTOR);
    case LINKS:
        return field_seen(feed, MF_COVER_LINK);
    case RISK:
        return (feed->carries & MF_CARRIES_RISK) != 0 ? WHOLE : NONE;
    case LOGINS:
        return (feed->carries & MF_CARRIES_LOGINS) != 0 ? WHOLE : NONE;
    case SESSIONS:
        return (feed->carries & MF_CARRIES_SESSIONS) != 0 ? WHOLE : NONE;
    default:
        return kinds_seen(feed, trait);
    }
}

/* ---- whether it could ---- */

static bool names(const struct mf_limit *limit, enum trait trait)
{
    if ((limit->kinds & traits[trait].kinds) != 0)
        return true;
    for (unsigned i = 0; i < limit->n; i++)
        for (unsigned f = 0; f < 3 && traits[trait].fields[f] != NULL; f++)
            if (mf_slice_equal(limit->name[i], mf_slice_of(traits[trait].fields[f])))
                return true;
    return false;
}

static const struct mf_limit *limit_of(const struct mf_limit *limits, unsigned n, enum trait trait, bool partly)
{
    for (unsigned i = 0; i < n; i++)
        if ((partly || !limits[i].partly) && names(&limits[i], trait))
            return &limits[i];
    return NULL;
}

/* "timeouts" is told by either of two kinds: all must be impossible. */
static bool is_impossible(const struct mf_ability *ability, enum trait trait)
{
    uint32_t kinds = 0;

    if (ability == NULL)
        return false;
    if (traits[trait].kinds == 0)
        return limit_of(ability->limit, ability->n_limits, trait, false) != NULL;
    for (unsigned i = 0; i < ability->n_limits; i++)
        if (!ability->limit[i].partly)
            kinds |= ability->limit[i].kinds;
    return (traits[trait].kinds & ~kinds) == 0 || (traits[trait].kinds & ability->kinds) == 0;
}

static void note(struct mf_signal_support *support, enum trait trait, const struct mf_ability *ability, bool told)
{
    if (support->n == MF_SUPPORT_MISSING)
        return;
    struct mf_lack *lack = &support->lack[support->n++];
    const struct mf_limit *why = ability == NULL ? NULL : limit_of(ability->limit, ability->n_limits, trait, true);
    const struct mf_limit *how = ability == NULL ? NULL : limit_of(ability->remedy, ability->n_remedies, trait, true);

    *lack = (struct mf_lack){.what = traits[trait].name, .meaning = traits[trait].meaning};
    if (why != NULL && told)
        lack->why = why->why;
    if (how != NULL)
        lack->how = how->why;
}

static void worsen(struct mf_signal_support *support, enum mf_support to)
{
    if (to > support->support)
        support->support = to;
}

static void judge_need(const struct mf_cover_feed *feed, const struct mf_ability *ability, enum trait trait,
                       struct mf_signal_support *support)
{
    enum seen came = seen(feed, trait);
    uint64_t mfa = feed->kind[MF_MFA_SUCCESS] + feed->kind[MF_MFA_DENIED] + feed->kind[MF_MFA_TIMEOUT] +
                   feed->kind[MF_MFA_FAILED] + feed->kind[MF_MFA_CHALLENGE];

    const uint32_t not_kept = BIT(REPORTS) | BIT(CODES) | BIT(SENT_CODES) | BIT(FACTOR_NAMES) | BIT(LINKS);

    if (came == WHOLE)
        return;
    if (feed->remembered && (not_kept & BIT(trait)) != 0) {
        note(support, trait, ability, true);
        worsen(support, is_impossible(ability, trait) ? MF_BLIND : MF_UNPROVEN);
    } else if (came == PART) {
        note(support, trait, ability, true);
        worsen(support, MF_DEGRADED);
    } else if (is_impossible(ability, trait)) {
        note(support, trait, ability, true);
        worsen(support, MF_BLIND);
    } else {
        note(support, trait, ability, true);
        worsen(support, traits[trait].rare || mfa < ENOUGH ? MF_UNPROVEN : MF_BLIND);
    }
}

static void judge_help(const struct mf_cover_feed *feed, const struct mf_ability *ability, enum trait trait,
                       struct mf_signal_support *support)
{
    if (seen(feed, trait) == WHOLE)
        return;
    note(support, trait, ability, true);
    worsen(support, MF_DEGRADED);
}

void mf_support_judge(const struct mf_coverage *coverage, const struct mf_cover_feed *feed, unsigned signal,
                      bool enabled, struct mf_signal_support *support)
{
    const struct mf_ability *ability =
        feed->profile < 0 ? NULL : mf_profiles_ability(coverage->profiles, (size_t)feed->profile);
    uint32_t needs = BIT(PROMPTS), helps = 0;

    *support = (struct mf_signal_support){.support = enabled ? MF_WORKS : MF_OFF};
    if (!enabled)
        return;
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(signals[i].name, mf_signals[signal]->name) == 0) {
            needs = signals[i].needs;
            helps = signals[i].helps;
        }
    for (unsigned trait = 0; trait < N_TRAITS; trait++)
        if ((needs & BIT(trait)) != 0)
            judge_need(feed, ability, (enum trait)trait, support);
        else if ((helps & BIT(trait)) != 0)
            judge_help(feed, ability, (enum trait)trait, support);
}
