/* src/memory/user.c
 *
 * One event enters what is remembered of its user: which prompt it belongs to, whether it is told twice, where in time
 * it stands; and how the attempts looked at a given moment. */

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

/* The outcome that a kind tells; MF_OPEN for kinds that tell none. */
static enum mf_outcome outcome_of(enum mf_kind kind)
{
    switch (kind) {
    case MF_MFA_SUCCESS:
        return MF_APPROVED;
    case MF_MFA_DENIED:
        return MF_REFUSED;
    case MF_MFA_FRAUD:
        return MF_FRAUD;
    case MF_MFA_TIMEOUT:
        return MF_TIMEOUT;
    case MF_MFA_FAILED:
        return MF_FAILED;
    case MF_MFA_CANCELLED:
        return MF_CANCELLED;
    default:
        return MF_OPEN;
    }
}

/* ---- small fingerprints: equality of recent things of one user, not identity; a plain mix is enough within 64 of
 * them ---- */

static uint32_t fingerprint(struct mf_slice text)
{
    return text.length == 0 ? 0 : mf_mix_fold(mf_mix_text(0, text));
}

static uint32_t ticket_of(const struct mf_event *event)
{
    if (event->marks != NULL)
        return event->marks->ticket;
    return fingerprint(event->correlation.length > 0 ? event->correlation : event->transaction);
}

static uint32_t session_of(const struct mf_event *event)
{
    return event->marks != NULL ? event->marks->session : fingerprint(event->session);
}

static uint8_t type_of(const struct mf_event *event)
{
    if (event->marks != NULL)
        return event->marks->type;
    return (uint8_t)((fingerprint(event->idp) >> 29) << 5 | fingerprint(event->type) >> 27);
}

void mf_event_mark(const struct mf_event *event, struct mf_event_marks *marks)
{
    marks->ticket = ticket_of(event);
    marks->session = session_of(event);
    marks->type = type_of(event);
}

/* What an event is compared by: which login it belongs to, and what the vendor calls it. */
struct marks {
    uint32_t ticket;
    uint8_t type;
};

static struct marks marks_of(const struct mf_event *event, uint32_t ticket)
{
    return (struct marks){.ticket = ticket, .type = type_of(event)};
}

static bool is_other_type_of_same_idp(uint8_t a, uint8_t b)
{
    return a != b && (a >> 5) == (b >> 5);
}

/* ---- the ring of attempts, sorted by time ---- */

static mf_time attempt_time(const struct mf_recent *recent, const struct mf_attempt *attempt)
{
    return recent->base + attempt->time;
}

static mf_time attempt_settled(const struct mf_recent *recent, const struct mf_attempt *attempt)
{
    return recent->base + attempt->settled;
}

static enum mf_outcome outcome_at(const struct mf_recent *recent, const struct mf_attempt *attempt, mf_time now,
                                  mf_time ttl, mf_time *settled)
{
    if (attempt->outcome != MF_OPEN && attempt_settled(recent, attempt) <= now) {
        *settled = attempt_settled(recent, attempt);
        return (enum mf_outcome)attempt->outcome;
    }
    mf_time expiry = attempt_time(recent, attempt) + ttl + MF_EXPIRY_SLACK;
    if (expiry <= now) {
        *settled = expiry;
        return MF_TIMEOUT;
    }
    *settled = MF_TIME_NONE;
    return MF_OPEN;
}

static void count_outcome(struct mf_totals *totals, enum mf_outcome outcome, bool prompt)
{
    totals->prompts += prompt;
    totals->denied += mf_outcome_is_refusal(outcome);
    totals->timeouts += outcome == MF_TIMEOUT;
    totals->failed += outcome == MF_FAILED;
    totals->approved += outcome == MF_APPROVED;
}

/* The oldest attempt leaves the ring; what it was stays in the run's totals. An open one that old has expired. */
static void drop_oldest(struct mf_recent *recent)
{
    struct mf_attempt *oldest = &recent->attempt[0];

    if (recent->run.start != MF_TIME_NONE && attempt_time(recent, oldest) >= recent->run.start) {
        enum mf_outcome outcome = oldest->outcome == MF_OPEN ? MF_TIMEOUT : (enum mf_outcome)oldest->outcome;
        count_outcome(&recent->run.spilled, outcome, oldest->flags & MF_ATTEMPT_PROMPT);
    }
    recent->n_attempts--;
    memmove(oldest, oldest + 1, recent->n_attempts * sizeof *oldest);
}

/* No window reaches over two days: what lies that far ahead of an event that its feed takes for present was stamped by a
 * wrong clock, or is of another archive, and would hide all that comes. */
static void leave_the_future(struct mf_recent *recent)
{
    recent->n_attempts = 0;
    memset(&recent->activities, 0, sizeof recent->activities);
    memset(&recent->run, 0, sizeof recent->run);
    recent->run.start = recent->run.last = MF_TIME_NONE;
}

/* Attempts count 32-bit milliseconds from `base`, which is 49 days: move the base when an account never rests. */
static void rebase(struct mf_recent *recent, mf_time time)
{
    if (recent->n_attempts > 0 && attempt_time(recent, &recent->attempt[recent->n_attempts - 1]) - time > 2 * MF_DAY)
        leave_the_future(recent);
    if (recent->n_attempts == 0 && (time < recent->base || time - recent->base > 2 * MF_DAY))
        recent->base = time - MF_DAY;
    while (recent->n_attempts > 0 && time - attempt_time(recent, &recent->attempt[0]) > 2 * MF_DAY)
        drop_oldest(recent);
    if (recent->n_attempts == 0 && time - recent->base > 2 * MF_DAY)
        recent->base = time - MF_DAY;
    if (time - recent->base <= 30 * MF_DAY)
        return;

    uint32_t shift = recent->attempt[0].time;
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        struct mf_attempt *attempt = &recent->attempt[i];
        attempt->time -= shift;
        attempt->settled = attempt->settled > shift ? attempt->settled - shift : 0;
    }
    recent->base += shift;
}

static struct mf_attempt *insert(struct mf_recent *recent, mf_time time)
{
    if (recent->n_attempts == MF_ATTEMPTS_MAX)
        drop_oldest(recent);

    uint32_t at = (uint32_t)(time > recent->base ? time - recent->base : 0);
    unsigned i = recent->n_attempts++;
    for (; i > 0 && recent->attempt[i - 1].time > at; i--)
        recent->attempt[i] = recent->attempt[i - 1];
    recent->attempt[i] = (struct mf_attempt){.time = at, .settled = at};
    return &recent->attempt[i];
}

/* ---- matching ---- */

static bool within(mf_time a, mf_time b, mf_time distance)
{
    return a - b <= distance && b - a <= distance;
}

/* The same prompt on another device, or the same sending told twice. */
static struct mf_attempt *find_same_prompt(struct mf_recent *recent, const struct mf_event *event)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        if (attempt_time(recent, attempt) < event->time - MF_SAME_PROMPT)
            break;
        if ((attempt->flags & MF_ATTEMPT_PROMPT) && attempt->factor == (uint8_t)event->factor &&
            within(attempt_time(recent, attempt), event->time, MF_SAME_PROMPT))
            return attempt;
    }
    return NULL;
}

/* The outcome that this record tells again: the same answer under another type within seconds (Okta Classic logs
 * deny_push and auth_via_mfa FAILURE for one tap), or the same ticket at the same moment (Entra repeats rows). */
static bool is_told_already(const struct mf_recent *recent, const struct mf_event *event, const struct marks *marks,
                            enum mf_outcome outcome)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        const struct mf_attempt *attempt = &recent->attempt[i];
        if (attempt->outcome != (uint8_t)outcome)
            continue;
        mf_time settled = attempt_settled(recent, attempt);
        if (is_other_type_of_same_idp(attempt->type, marks->type) && within(settled, event->time, MF_SAME_REFUSAL))
            return true;
        if (marks->ticket != 0 && attempt->ticket == marks->ticket && within(settled, event->time, MF_SAME_PROMPT))
            return true;
    }
    return false;
}

static bool is_push(enum mf_factor factor)
{
    return factor == MF_FACTOR_PUSH || factor == MF_FACTOR_VERIFIED_PUSH;
}

static bool factors_agree(enum mf_factor prompt, enum mf_factor outcome)
{
    if (outcome == MF_FACTOR_UNKNOWN || outcome == MF_FACTOR_OTHER || prompt == MF_FACTOR_UNKNOWN || prompt == outcome)
        return true;
    /* a code that was sent is entered as "otp"; a push is answered in the app's own words */
    if (prompt == MF_FACTOR_SMS || prompt == MF_FACTOR_VOICE || prompt == MF_FACTOR_EMAIL)
        return outcome == MF_FACTOR_OTP || outcome == MF_FACTOR_SMS || outcome == MF_FACTOR_VOICE;
    return is_push(prompt) && is_push(outcome);
}

/* The prompt that this outcome answers: by ticket (also one that another's approval superseded meanwhile), else, when
 * prompts are logged apart from outcomes, the latest open one that fits. */
static struct mf_attempt *find_prompt(struct mf_recent *recent, const struct mf_event *event, uint32_t ticket,
                                      mf_time ttl)
{
    struct mf_attempt *latest = NULL;

    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time age = event->time - attempt_time(recent, attempt);
        bool open = attempt->outcome == MF_OPEN;
        if ((!open && attempt->outcome != MF_SUPERSEDED) || age < -MF_SAME_PROMPT ||
            !factors_agree((enum mf_factor)attempt->factor, event->factor))
            continue;
        if (age > ttl + MF_EXPIRY_SLACK)
            break;
        if (ticket != 0 && attempt->ticket == ticket)
            return attempt;
        if (latest == NULL && open)
            latest = attempt;
    }
    return event->prompts == 0 ? latest : NULL;
}

/* What a report of fraud that is no answer itself is about: the refused prompt that it names, else the latest. That one was refused, and
 * is not refused twice. */
static struct mf_attempt *find_reported(struct mf_recent *recent, const struct mf_event *event, uint32_t ticket,
                                        mf_time ttl)
{
    struct mf_attempt *latest = NULL;

    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time age = event->time - attempt_settled(recent, attempt);
        if (!mf_outcome_is_refusal((enum mf_outcome)attempt->outcome) || age < 0)
            continue;
        if (ticket != 0 && attempt->ticket == ticket)
            return attempt;
        bool better = latest == NULL || (latest->outcome == MF_FRAUD && attempt->outcome == MF_REFUSED);
        if (age <= ttl + MF_EXPIRY_SLACK && better)
            latest = attempt;
    }
    return latest;
}

static void settle(struct mf_recent *recent, struct mf_attempt *attempt, mf_time time, uint8_t type,
                   enum mf_outcome outcome)
{
    mf_time settled = time - recent->base;

    attempt->outcome = (uint8_t)outcome;
    attempt->settled = settled < attempt->time ? attempt->time : (uint32_t)settled;
    attempt->type = type;
}

/* An approval ends the other prompts that wait: nobody will answer them any more. */
static void supersede_others(struct mf_recent *recent, const struct mf_attempt *approved, mf_time ttl)
{
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        struct mf_attempt *attempt = &recent->attempt[i];
        bool waits = attempt->outcome == MF_OPEN && attempt->time <= approved->settled &&
                     approved->settled - attempt->time < (uint64_t)(ttl + MF_EXPIRY_SLACK);
        if (waits) {
            attempt->outcome = MF_SUPERSEDED;
            attempt->settled = approved->settled;
        }
    }
}

static uint8_t place_flags(const struct mf_place *place)
{
    if (place->familiarity != MF_UNFAMILIAR)
        return place->familiarity == MF_FAMILIAR ? MF_ATTEMPT_FAMILIAR : 0;
    return (uint8_t)(MF_ATTEMPT_UNFAMILIAR | (place->new_country ? MF_ATTEMPT_ABROAD : 0) |
                     (place->new_asn ? MF_ATTEMPT_OTHER_OPERATOR : 0));
}

/* An answer's address may be the phone's, which says nothing of where the login came from. */
static struct mf_activity activity_of(const struct mf_event *event, const struct mf_source_values *source,
                                      const struct mf_place *place)
{
    struct mf_activity activity = {
        .time = event->time,
        .ticket = ticket_of(event),
        .session = session_of(event),
    };

    if (!event->answer_source) {
        activity.source = *source;
        activity.familiar = place->familiarity == MF_FAMILIAR;
    }
    return activity;
}

static struct mf_attempt *begin_attempt(struct mf_recent *recent, const struct mf_event *event,
                                        const struct mf_activity *activity, const struct mf_place *place)
{
    struct mf_attempt *attempt = insert(recent, event->time);

    attempt->ticket = activity->ticket;
    attempt->factor = (uint8_t)event->factor;
    attempt->flags = event->prompts > 0 ? MF_ATTEMPT_PROMPT : 0;
    if (!event->answer_source)
        attempt->flags |= place_flags(place);
    if (mf_activity_explains(&recent->activities, activity))
        attempt->flags |= MF_ATTEMPT_EXPLAINED;
    return attempt;
}

static void observe_prompt(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
                           const struct mf_place *place, struct mf_sighting *sighting)
{
    if (find_same_prompt(recent, event) != NULL)
        sighting->repeat = true;
    else
        begin_attempt(recent, event, activity, place);
}

/* A success by something that answers no prompt (a security key, a password) approves none. */
static bool is_approval(enum mf_factor factor)
{
    return factor != MF_FACTOR_WEBAUTHN && factor != MF_FACTOR_FASTPASS && factor != MF_FACTOR_PASSWORD &&
           factor != MF_FACTOR_BYPASS && factor != MF_FACTOR_NONE;
}

static void observe_outcome(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
                            const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting)
{
    enum mf_outcome outcome = outcome_of(event->kind);
    const struct marks marks = marks_of(event, activity->ticket);

    if (outcome == MF_APPROVED && !is_approval(event->factor))
        return;
    if (is_told_already(recent, event, &marks, outcome)) {
        sighting->repeat = true;
        return;
    }

    struct mf_attempt *attempt = NULL;
    if (outcome == MF_FRAUD && event->prompts == 0)
        attempt = find_reported(recent, event, marks.ticket, conf->prompt_ttl);
    if (attempt != NULL && attempt->outcome == MF_FRAUD) {
        sighting->repeat = true;
        return;
    }
    if (attempt == NULL)
        attempt = find_prompt(recent, event, marks.ticket, conf->prompt_ttl);
    if (attempt == NULL)
        attempt = begin_attempt(recent, event, activity, place);
    settle(recent, attempt, event->time, marks.type, outcome);
    sighting->time = attempt_settled(recent, attempt);
    if (outcome == MF_APPROVED) {
        supersede_others(recent, attempt, conf->prompt_ttl);
        mf_activity_add_active(&recent->activities, activity);
        sighting->approval = true;
        sighting->explained = (attempt->flags & MF_ATTEMPT_EXPLAINED) != 0;
    }
}

/* ---- logins and sessions ---- */

static bool is_login_attempt(enum mf_kind kind)
{
    return kind == MF_LOGIN_SUCCESS || kind == MF_LOGIN_FAILURE || kind == MF_MFA_REQUIRED;
}

/* The approval that this session follows; it may have been stamped in the same second. */
static bool settle_session(struct mf_recent *recent, mf_time time)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time settled = attempt_settled(recent, attempt);
        if (attempt->outcome != MF_APPROVED || (attempt->flags & MF_ATTEMPT_SESSION) ||
            settled > time + MF_LOGIN_SLACK || settled < time - MF_SESSION_AFTER)
            continue;
        attempt->flags |= MF_ATTEMPT_SESSION;
        return true;
    }
    return false;
}

/* A login that comes late explains the prompts that came before it on the wire. */
static void explain_earlier(struct mf_recent *recent, mf_time login)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        mf_time after = attempt_time(recent, &recent->attempt[i]) - login;
        if (after < -MF_LOGIN_SLACK)
            break;
        if (after <= MF_LOGIN_BEFORE)
            recent->attempt[i].flags |= MF_ATTEMPT_EXPLAINED;
    }
}

/* What comes around the MFA: logins that explain prompts, sessions that follow approvals, the IdP's own suspicion. */
static void observe_surroundings(struct mf_recent *recent, const struct mf_event *event,
                                 const struct mf_activity *activity, struct mf_sighting *sighting)
{
    if (is_login_attempt(event->kind)) {
        mf_activity_add_login(&recent->activities, activity);
        explain_earlier(recent, event->time);
    }
    if (event->kind == MF_SESSION_START)
        mf_activity_add_active(&recent->activities, activity);
    if (event->kind == MF_SESSION_START || event->kind == MF_LOGIN_SUCCESS)
        sighting->session = settle_session(recent, event->time);
    if (event->kind == MF_RISK && event->time > recent->risk)
        recent->risk = event->time;
}

/* ---- places ---- */

enum { HISTORY_DAYS = 7 };

static bool has_history(const struct mf_user *user, mf_time now)
{
    if (user->first_seen == MF_TIME_NONE || now - user->first_seen < HISTORY_DAYS * MF_DAY)
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

/* ---- evidence, runs ---- */

static void keep_evidence(struct mf_recent *recent, const struct mf_event *event)
{
    struct mf_evidence *evidence = &recent->evidence[recent->next_evidence];

    if (event->id.length == 0)
        return;
    evidence->time = event->time;
    mf_slice_copy(evidence->id, sizeof evidence->id, event->id);
    recent->next_evidence = (uint8_t)((recent->next_evidence + 1) % MF_EVIDENCE_MAX);
}

static void note_source(struct mf_run *run, const struct mf_event *event, const struct mf_place *place)
{
    struct mf_run_source *source = &run->source;
    size_t city = event->city.length < sizeof source->city ? event->city.length : 0;

    if (event->source.family == 0 || event->answer_source)
        return;
    if (source->ip.family != 0 && source->place.familiarity == MF_UNFAMILIAR && place->familiarity != MF_UNFAMILIAR)
        return;
    memset(source, 0, sizeof *source);
    source->ip = event->source;
    memcpy(source->country, event->country, sizeof source->country);
    if (city > 0)
        memcpy(source->city, event->city.data, city);
    source->asn = event->asn;
    source->place = *place;
}

static void enter_run(struct mf_run *run, mf_time time)
{
    bool first = run->start == MF_TIME_NONE;

    if (first || time - run->last >= MF_RUN_GAP) {
        memset(run, 0, sizeof *run);
        run->start = run->last = time;
        return;
    }
    if (time > run->last)
        run->last = time;
    if (time < run->start && run->start - time <= MF_RUN_GAP)
        run->start = time;
}

void mf_user_observe(struct mf_user *user, const struct mf_event *event, const struct mf_source_values *source,
                     const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting)
{
    struct mf_recent *recent = user->recent;
    struct mf_activity activity = activity_of(event, source, place);

    *sighting = (struct mf_sighting){.time = event->time, .judged = mf_kind_is_judged(event->kind)};
    if (user->first_seen == MF_TIME_NONE || event->time < user->first_seen)
        user->first_seen = event->time;
    if (user->last_seen == MF_TIME_NONE || event->time > user->last_seen)
        user->last_seen = event->time;
    if (!sighting->judged) {
        observe_surroundings(recent, event, &activity, sighting);
        return;
    }

    rebase(recent, event->time);
    enter_run(&recent->run, event->time);
    note_source(&recent->run, event, place);
    keep_evidence(recent, event);
    if (event->kind == MF_MFA_CHALLENGE)
        observe_prompt(recent, event, &activity, place, sighting);
    else if (outcome_of(event->kind) != MF_OPEN)
        observe_outcome(recent, event, &activity, place, conf, sighting);
}

void mf_user_expect_login(struct mf_user *user, const struct mf_event *event)
{
    struct mf_recent *recent = user->recent;

    for (unsigned i = recent->n_attempts; i-- > 0 && attempt_time(recent, &recent->attempt[i]) >= event->time;)
        if (attempt_time(recent, &recent->attempt[i]) == event->time)
            recent->attempt[i].flags |= MF_ATTEMPT_LOGIN_DUE;
}

/* ---- as of a moment ---- */

/* A view while it is made: what the loop below keeps in registers. */
struct sorting {
    mf_attempts prompts, unexplained, sessions;
    unsigned outcomes;
    bool later, approved_now;
};

static inline void sort_in(struct mf_view *view, struct sorting *sorting, const struct mf_view_attempt *attempt,
                           unsigned i)
{
    unsigned flags = attempt->flags, unexplained = flags / MF_ATTEMPT_LOGIN_DUE & ~(flags / MF_ATTEMPT_EXPLAINED) & 1;

    view->outcome[attempt->outcome] |= UINT64_C(1) << i;
    sorting->outcomes |= MF_OUTCOME_BIT(attempt->outcome);
    sorting->prompts |= (mf_attempts)(flags / MF_ATTEMPT_PROMPT & 1) << i;
    sorting->sessions |= (mf_attempts)(flags / MF_ATTEMPT_SESSION & 1) << i;
    sorting->unexplained |= (mf_attempts)unexplained << i;
    sorting->approved_now |= (attempt->outcome == MF_APPROVED) & (attempt->settled == view->now);
}

static void begin_view(struct mf_view *view, mf_time now)
{
    memset(view->outcome, 0, sizeof view->outcome);
    view->now = now;
}

static void end_view(struct mf_view *view, const struct sorting *sorting, unsigned n)
{
    view->n = n;
    view->later = sorting->later;
    view->approved_now = sorting->approved_now;
    view->prompts = sorting->prompts;
    view->unexplained = sorting->unexplained;
    view->sessions = sorting->sessions;
    view->outcomes = sorting->outcomes;
}

void mf_view_sort(struct mf_view *view, mf_time now, unsigned n)
{
    struct sorting sorting = {0};

    begin_view(view, now);
    for (unsigned i = 0; i < n; i++)
        sort_in(view, &sorting, &view->attempt[i], i);
    end_view(view, &sorting, n);
}

void mf_user_view(const struct mf_recent *recent, mf_time now, const struct mf_time_conf *conf, struct mf_view *view)
{
    struct sorting sorting = {0};
    unsigned n = 0;

    begin_view(view, now);
    for (; n < recent->n_attempts; n++) {
        const struct mf_attempt *attempt = &recent->attempt[n];
        struct mf_view_attempt *seen = &view->attempt[n];
        if (attempt_time(recent, attempt) > now)
            break;
        seen->time = attempt_time(recent, attempt);
        seen->outcome = outcome_at(recent, attempt, now, conf->prompt_ttl, &seen->settled);
        seen->factor = (enum mf_factor)attempt->factor;
        seen->flags = attempt->flags;
        sorting.later |= attempt_settled(recent, attempt) > now;
        sort_in(view, &sorting, seen, n);
    }
    sorting.later |= n < recent->n_attempts;
    end_view(view, &sorting, n);
}

mf_attempts mf_view_since(const struct mf_view *view, mf_time time)
{
    unsigned first = 0, behind = view->n;

    while (first < behind) {
        unsigned middle = (first + behind) / 2;
        if (view->attempt[middle].time >= time)
            behind = middle;
        else
            first = middle + 1;
    }
    return first == MF_ATTEMPTS_MAX ? 0 : ~UINT64_C(0) << first;
}

mf_time mf_recent_expiry(const struct mf_recent *recent, mf_time after, const struct mf_time_conf *conf)
{
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        const struct mf_attempt *attempt = &recent->attempt[i];
        mf_time expiry = attempt_time(recent, attempt) + conf->prompt_ttl + MF_EXPIRY_SLACK;
        if (attempt->outcome == MF_OPEN && expiry > after)
            return expiry;
    }
    return MF_TIME_NONE;
}

struct mf_totals mf_run_totals(const struct mf_run *run, const struct mf_view *view)
{
    struct mf_totals totals = run->spilled;
    mf_attempts of_run = mf_view_since(view, run->start);

    totals.prompts += mf_attempts_count(view->prompts & of_run);
    totals.denied += mf_attempts_count((view->outcome[MF_REFUSED] | view->outcome[MF_FRAUD]) & of_run);
    totals.timeouts += mf_attempts_count(view->outcome[MF_TIMEOUT] & of_run);
    totals.failed += mf_attempts_count(view->outcome[MF_FAILED] & of_run);
    totals.approved += mf_attempts_count(view->outcome[MF_APPROVED] & of_run);
    return totals;
}

bool mf_run_approved_since(const struct mf_run *run, const struct mf_view *view, mf_time since)
{
    bool unfamiliar = false;

    for (unsigned i = 0; i < view->n; i++)
        unfamiliar |= view->attempt[i].time >= run->start && (view->attempt[i].flags & MF_ATTEMPT_UNFAMILIAR) != 0;
    for (unsigned i = 0; i < view->n; i++) {
        const struct mf_view_attempt *attempt = &view->attempt[i];
        bool own_login = unfamiliar && (attempt->flags & MF_ATTEMPT_FAMILIAR) != 0;
        if (attempt->outcome == MF_APPROVED && attempt->settled >= since && !own_login)
            return true;
    }
    return false;
}

/* ---- for the snapshot ---- */

const struct mf_field mf_hash_fields[] = {
    MF_NUMBER(struct mf_hash, lo),
    MF_NUMBER(struct mf_hash, hi),
    {0},
};

const struct mf_field mf_totals_fields[] = {
    MF_NUMBER(struct mf_totals, prompts), MF_NUMBER(struct mf_totals, denied),   MF_NUMBER(struct mf_totals, timeouts),
    MF_NUMBER(struct mf_totals, failed),  MF_NUMBER(struct mf_totals, approved), {0},
};

static const struct mf_field rate_fields[] = {
    MF_REAL(struct mf_rate, count),      MF_NUMBER(struct mf_rate, days),
    MF_NUMBER(struct mf_rate, day),      MF_NUMBERS(struct mf_rate, earlier),
    MF_NUMBERS(struct mf_rate, squares), MF_NUMBERS(struct mf_rate, highest),
    MF_NUMBER(struct mf_rate, today),    {0},
};

static const struct mf_field last_place_fields[] = {
    MF_NUMBER(struct mf_last_place, time),
    MF_NUMBER(struct mf_last_place, latitude),
    MF_NUMBER(struct mf_last_place, longitude),
    {0},
};

static const struct mf_field habits_fields[] = {
    MF_NUMBERS(struct mf_habits, hour),
    MF_PART(struct mf_habits, strong, mf_hours_fields),
    MF_PART(struct mf_habits, weak, mf_hours_fields),
    MF_PART(struct mf_habits, proxy, mf_hours_fields),
    MF_PART(struct mf_habits, apart, mf_hours_fields),
    MF_PART(struct mf_habits, last_place, last_place_fields),
    {0},
};

const struct mf_field mf_user_fields[] = {
    MF_PART(struct mf_user, key, mf_hash_fields),
    MF_WHEN_OR_NONE(struct mf_user, first_seen),
    MF_WHEN_OR_NONE(struct mf_user, last_seen),
    MF_NUMBER(struct mf_user, incident),
    MF_NUMBER(struct mf_user, suspect),
    MF_NUMBER(struct mf_user, suspect_flags),
    MF_FLAG(struct mf_user, touched),
    MF_PART(struct mf_user, rate, rate_fields),
    MF_PART(struct mf_user, habits, habits_fields),
    MF_PARTS(struct mf_user, country, mf_known_fields),
    MF_PARTS(struct mf_user, asn, mf_known_fields),
    MF_PARTS(struct mf_user, network, mf_known_fields),
    {0},
};

static const struct mf_field attempt_fields[] = {
    MF_NUMBER(struct mf_attempt, time),
    MF_NUMBER(struct mf_attempt, settled),
    MF_NUMBER(struct mf_attempt, ticket),
    MF_NUMBER_MAX(struct mf_attempt, outcome, MF_SUPERSEDED),
    MF_NUMBER_MAX(struct mf_attempt, factor, MF_N_FACTORS - 1),
    MF_NUMBER(struct mf_attempt, flags),
    MF_NUMBER(struct mf_attempt, type),
    {0},
};

static const struct mf_field evidence_fields[] = {
    MF_WHEN(struct mf_evidence, time),
    MF_TEXT(struct mf_evidence, id),
    {0},
};

static const struct mf_field activity_fields[] = {
    MF_WHEN(struct mf_activity, time),      MF_NUMBER(struct mf_activity, ticket),
    MF_NUMBER(struct mf_activity, session), MF_PART(struct mf_activity, source, mf_source_values_fields),
    MF_FLAG(struct mf_activity, familiar),  {0},
};

static const struct mf_field activities_fields[] = {
    MF_NUMBER_MAX(struct mf_activities, next_login, MF_LOGINS_MAX - 1),
    MF_NUMBER_MAX(struct mf_activities, next_active, MF_ACTIVE_MAX - 1),
    MF_PARTS(struct mf_activities, login, activity_fields),
    MF_PARTS(struct mf_activities, active, activity_fields),
    {0},
};

static const struct mf_field ip_fields[] = {
    MF_NUMBER_MAX(struct mf_ip, family, 6),
    MF_NUMBERS(struct mf_ip, bytes),
    {0},
};

static const struct mf_field run_source_fields[] = {
    MF_PART(struct mf_run_source, ip, ip_fields),
    MF_NUMBERS(struct mf_run_source, country),
    MF_TEXT(struct mf_run_source, city),
    MF_NUMBER(struct mf_run_source, asn),
    MF_PART(struct mf_run_source, place, mf_place_fields),
    {0},
};

static const struct mf_field run_finding_fields[] = {
    MF_NUMBER(struct mf_run_finding, observed),
    MF_NUMBER(struct mf_run_finding, threshold),
    MF_NUMBER(struct mf_run_finding, points),
    MF_FLAG(struct mf_run_finding, decisive),
    {0},
};

static const struct mf_field run_fields[] = {
    MF_WHEN_OR_NONE(struct mf_run, start),
    MF_WHEN_OR_NONE(struct mf_run, last),
    MF_PART(struct mf_run, spilled, mf_totals_fields),
    MF_FLAG(struct mf_run, approved),
    MF_FLAG(struct mf_run, factor_change),
    MF_FLAG(struct mf_run, refused),
    MF_PART(struct mf_run, source, run_source_fields),
    MF_PARTS(struct mf_run, finding, run_finding_fields),
    {0},
};

const struct mf_field mf_recent_fields[] = {
    MF_WHEN(struct mf_recent, base),
    MF_NUMBER_MAX(struct mf_recent, n_attempts, MF_ATTEMPTS_MAX),
    MF_NUMBER_MAX(struct mf_recent, next_evidence, MF_EVIDENCE_MAX - 1),
    MF_PARTS(struct mf_recent, attempt, attempt_fields),
    MF_PARTS(struct mf_recent, evidence, evidence_fields),
    MF_PART(struct mf_recent, activities, activities_fields),
    MF_WHEN(struct mf_recent, risk),
    MF_PART(struct mf_recent, run, run_fields),
    {0},
};
