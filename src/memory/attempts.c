/* src/memory/attempts.c
 *
 * Where an event goes among a user's attempts: a prompt is a new one or the same on another device, an outcome answers a
 * prompt or stands for one that was never logged. */

#include "memory/attempts.h"

#include <string.h>

enum mf_outcome mf_outcome_of_kind(enum mf_kind kind)
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

uint32_t mf_ticket_of(const struct mf_event *event)
{
    if (event->marks != NULL)
        return event->marks->ticket;
    return fingerprint(event->correlation.length > 0 ? event->correlation : event->transaction);
}

uint32_t mf_session_of(const struct mf_event *event)
{
    return event->marks != NULL ? event->marks->session : fingerprint(event->session);
}

uint8_t mf_type_mark_of(const struct mf_event *event)
{
    if (event->marks != NULL)
        return event->marks->type;
    return (uint8_t)((fingerprint(event->idp) >> 29) << 5 | fingerprint(event->type) >> 27);
}

/* What an event is compared by: which login it belongs to, and what the vendor calls it. */
struct marks {
    uint32_t ticket;
    uint8_t type;
};

static struct marks marks_of(const struct mf_event *event, uint32_t ticket)
{
    return (struct marks){.ticket = ticket, .type = mf_type_mark_of(event)};
}

static bool is_other_type_of_same_idp(uint8_t a, uint8_t b)
{
    return a != b && (a >> 5) == (b >> 5);
}

/* ---- the ring of attempts, sorted by time ---- */

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

    if (recent->run.start != MF_TIME_NONE && mf_attempt_time(recent, oldest) >= recent->run.start) {
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

void mf_attempts_rebase(struct mf_recent *recent, mf_time time)
{
    if (recent->n_attempts > 0 && mf_attempt_time(recent, &recent->attempt[recent->n_attempts - 1]) - time > 2 * MF_DAY)
        leave_the_future(recent);
    if (recent->n_attempts == 0 && (time < recent->base || time - recent->base > 2 * MF_DAY))
        recent->base = time - MF_DAY;
    while (recent->n_attempts > 0 && time - mf_attempt_time(recent, &recent->attempt[0]) > 2 * MF_DAY)
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
        if (mf_attempt_time(recent, attempt) < event->time - MF_SAME_PROMPT)
            break;
        if ((attempt->flags & MF_ATTEMPT_PROMPT) && attempt->factor == (uint8_t)event->factor &&
            within(mf_attempt_time(recent, attempt), event->time, MF_SAME_PROMPT))
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
        mf_time settled = mf_attempt_settled(recent, attempt);
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

/* The prompt that this outcome answers: by ticket (also one that another's approval superseded meanwhile), else the latest
 * open one that fits. An outcome that proves a prompt of its own answers another's only where neither has a ticket: some
 * feeds log the sending and the outcome, and nothing that ties them. */
static struct mf_attempt *find_prompt(struct mf_recent *recent, const struct mf_event *event, uint32_t ticket,
                                      mf_time ttl)
{
    struct mf_attempt *latest = NULL;

    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time age = event->time - mf_attempt_time(recent, attempt);
        bool open = attempt->outcome == MF_OPEN;
        if ((!open && attempt->outcome != MF_SUPERSEDED) || age < -MF_SAME_PROMPT ||
            !factors_agree((enum mf_factor)attempt->factor, event->factor))
            continue;
        if (age > ttl + MF_EXPIRY_SLACK)
            break;
        if (ticket != 0 && attempt->ticket == ticket)
            return attempt;
        if (latest == NULL && open && (event->prompts == 0 || (ticket == 0 && attempt->ticket == 0)))
            latest = attempt;
    }
    return latest;
}

/* What a report of fraud that is no answer itself is about: the refused prompt that it names, else the latest. That one was refused, and
 * is not refused twice. */
static struct mf_attempt *find_reported(struct mf_recent *recent, const struct mf_event *event, uint32_t ticket,
                                        mf_time ttl)
{
    struct mf_attempt *latest = NULL;

    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time age = event->time - mf_attempt_settled(recent, attempt);
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

void mf_attempts_prompt(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
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

void mf_attempts_outcome(struct mf_recent *recent, const struct mf_event *event, const struct mf_activity *activity,
                         const struct mf_place *place, const struct mf_time_conf *conf, struct mf_sighting *sighting)
{
    enum mf_outcome outcome = mf_outcome_of_kind(event->kind);
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
    sighting->time = mf_attempt_settled(recent, attempt);
    if (outcome == MF_APPROVED) {
        supersede_others(recent, attempt, conf->prompt_ttl);
        mf_activity_add_active(&recent->activities, activity);
        sighting->approval = true;
        sighting->explained = (attempt->flags & MF_ATTEMPT_EXPLAINED) != 0;
    }
}

/* ---- logins and sessions ---- */

bool mf_attempts_session(struct mf_recent *recent, mf_time time)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        struct mf_attempt *attempt = &recent->attempt[i];
        mf_time settled = mf_attempt_settled(recent, attempt);
        if (attempt->outcome != MF_APPROVED || (attempt->flags & MF_ATTEMPT_SESSION) ||
            settled > time + MF_LOGIN_SLACK || settled < time - MF_SESSION_AFTER)
            continue;
        attempt->flags |= MF_ATTEMPT_SESSION;
        return true;
    }
    return false;
}

void mf_attempts_explain(struct mf_recent *recent, mf_time login)
{
    for (unsigned i = recent->n_attempts; i-- > 0;) {
        mf_time after = mf_attempt_time(recent, &recent->attempt[i]) - login;
        if (after < -MF_LOGIN_SLACK)
            break;
        if (after <= MF_LOGIN_BEFORE)
            recent->attempt[i].flags |= MF_ATTEMPT_EXPLAINED;
    }
}
