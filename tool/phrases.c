/* tool/phrases.c
 *
 * Tables of words, and a few ways to put them together. */

#include "phrases.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *mf_phrase_kind(enum mf_kind kind)
{
    static const char *const phrases[MF_N_KINDS] = {
        [MF_LOGIN_SUCCESS] = "a login whose first factor was right",
        [MF_LOGIN_FAILURE] = "a login that failed",
        [MF_MFA_REQUIRED] = "the policy asked for a second factor",
        [MF_MFA_CHALLENGE] = "a prompt or code was sent to the user",
        [MF_MFA_SUCCESS] = "a prompt was approved, or the right code entered",
        [MF_MFA_DENIED] = "the user refused the prompt",
        [MF_MFA_TIMEOUT] = "nobody answered the prompt",
        [MF_MFA_FAILED] = "a wrong code or a technical failure, no refusal",
        [MF_MFA_CANCELLED] = "the login was called off",
        [MF_MFA_FRAUD] = "the user reported the prompt as fraud",
        [MF_MFA_BYPASSED] = "no second factor was needed, or it was bypassed",
        [MF_SESSION_START] = "a session began",
        [MF_SESSION_END] = "a session ended",
        [MF_FACTOR_ENROLLED] = "a factor was enrolled",
        [MF_FACTOR_REMOVED] = "a factor was removed",
        [MF_FACTOR_RESET] = "the factors were reset",
        [MF_ACCOUNT_LOCKED] = "the account was locked",
        [MF_RISK] = "the identity provider rates something as risky",
    };

    return phrases[kind];
}

/* ---- records that were not judged ---- */

static const struct {
    const char *why, *help;
} skips[MF_N_SKIPS] = {
    [MF_SKIP_NONE] = {"", ""},
    [MF_SKIP_NO_JSON] = {"There is no JSON in the line.",
                         "Send the provider's records as JSON, one a line; what is before the JSON does no harm."},
    [MF_SKIP_BAD_JSON] = {"What is there is not valid JSON.",
                          "Look for a relay that quotes, joins or re-writes the records; send them as they came."},
    [MF_SKIP_TRUNCATED] = {"The line ends inside its JSON: something cut it short.",
                           "Raise maxMessageSize in rsyslog.conf, and the limit of whoever sends the records."},
    [MF_SKIP_TOO_LARGE] = {"The record is larger than 1 MiB.",
                           "Look for several records that were joined into one line."},
    [MF_SKIP_TOO_DEEP] = {"The JSON is nested too deep.", "No provider writes such records: look at who sent it."},
    [MF_SKIP_TOO_MANY_NODES] = {"The JSON has too many values.", "Send records one by one, not in large batches."},
    [MF_SKIP_BAD_TEXT] =
        {"The line is not of the form that its profile names: a quote that is not closed or not escaped, "
         "or a control character.",
         "Look at what writes the feed, or at what the forwarder does to it."},
    [MF_SKIP_BAD_UTF8] = {"A text in the record is not valid UTF-8.",
                          "Look for a relay that changes the encoding of the records, or cuts them."},
    [MF_SKIP_NOT_IDP] = {"No profile knows the record: it is not of an identity provider, or of one without a profile.",
                         "Write a profile for it (docs/write-a-profile.md), or name its directory by --profile-dir."},
    [MF_SKIP_IGNORE] = {"A profile knows this type of record, and that it tells nothing of logins.",
                        "Nothing is missing. To judge it all the same, give it a rule in the profile."},
    [MF_SKIP_UNMAPPED] = {"A profile knows the feed, but has no rule for this type of record.",
                          "If the type matters, give it a rule in the profile (docs/write-a-profile.md)."},
    [MF_SKIP_NO_USER] = {"The record names no user, so there is nobody to compare it with.",
                         "Have the provider log the user with this type of record, if it can."},
    [MF_SKIP_BAD_USER] = {"What stands where the user should is no name that can be trusted: empty, too long, or with "
                          "control characters.",
                          "Look at the record: somebody may have typed it on purpose, or a relay damaged it."},
    [MF_SKIP_NO_TIME] = {"The record does not say when it happened.",
                         "Have the provider log the time, or give the profile the member that holds it."},
    [MF_SKIP_BAD_TIME] = {"The time of the record does not parse, or lies outside the years 2001 to 9999.",
                          "Look for a relay that re-writes times; RFC 3339 and Unix times are read."},
    [MF_SKIP_DUPLICATE_KEY] = {"A member that decides user, time, kind or source stands twice in the record.",
                               "No provider writes that: look at who sent it, as it may be meant to deceive."},
    [MF_SKIP_LATE] = {"The record came too late: it is further behind its feed than time.lateness allows.",
                      "Raise time.lateness in the policy if the feed is always so late."},
    [MF_SKIP_DUPLICATE] = {"The same event was judged before: this is another delivery of it.",
                           "Nothing is missing. If every record comes twice, look for a feed that is sent twice."},
    [MF_SKIP_LISTED] = {"The user or the address is on an ignore list.",
                        "Take it off people.ignore or nets.ignore, or give the entry an expiry, to have it judged."},
    [MF_SKIP_TOO_MANY_EVENTS] = {"It is beyond the 64 events that elements of one record may give.",
                                 "Look at what packs so much into one record; the first 64 were judged."},
    [MF_SKIP_TABLE_FULL] = {"There was no room for another user.", "Raise state.users in the policy."},
};

const char *mf_phrase_skip(enum mf_skip skip)
{
    return skips[skip].why;
}

const char *mf_phrase_skip_help(enum mf_skip skip)
{
    return skips[skip].help;
}

/* ---- signals and feeds ---- */

static const struct unit {
    const char *name, *unit;
    bool windowed;
} units[] = {
    {"prompt_burst", "prompts", true},
    {"unanswered_burst", "unanswered prompts", true},
    {"token_flood", "codes, or users of one phone,", true},
    {"unusual_rate", "zeros in the probability", false},
    {"refused_burst", "refused prompts", true},
    {"slow_drip", "refused, unanswered and failed prompts", true},
    {"code_bruteforce", "wrong codes", true},
    {"approved_after_refusals", "refused prompts before the approval", true},
    {"approved_after_silence", "unanswered prompts before the approval", true},
    {"fraud_reported", "reports", true},
    {"impossible_travel", "km/h", false},
    {"fan_in", "users", true},
    {"unusual_hour", "per cent of the user's activity", false},
    {"high_risk_user", "prompts", true},
    {"no_login", "prompts without a login attempt", true},
    {"no_session", "approvals without a session", true},
    {"active_elsewhere", "prompts from elsewhere", true},
    {"spray_then_prompt", "users whose password failed", true},
};

static const struct unit *unit_of(const struct mf_signal *signal)
{
    static const struct unit none = {"", "", false};

    for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, signal->name) == 0)
            return &units[i];
    return &none;
}

const char *mf_phrase_unit(const struct mf_signal *signal)
{
    return unit_of(signal)->unit;
}

bool mf_phrase_is_windowed(const struct mf_signal *signal)
{
    return unit_of(signal)->windowed;
}

const char *mf_phrase_group(enum mf_group group)
{
    static const char *const names[MF_N_GROUPS] = {"volume", "outcome", "source", "session"};

    return names[group];
}

static const struct {
    unsigned bit;
    const char *name, *help;
} carried[] = {
    {MF_CARRIES_REFUSALS, "refused prompts", "log the answers to prompts, refusals too"},
    {MF_CARRIES_TIMEOUTS, "unanswered prompts", "log the sending of prompts, or their time-outs"},
    {MF_CARRIES_ADDRESSES, "addresses", "log the address that a login comes from"},
    {MF_CARRIES_PLACES, "countries or operators", "name a database by geo.city and geo.asn in the policy"},
    {MF_CARRIES_COORDINATES, "coordinates", "name a city database by geo.city in the policy"},
    {MF_CARRIES_RESPONDERS, "the country of the answering phone", "log the address of the phone, and name geo.city"},
    {MF_CARRIES_RISK, "the provider's own rating", "turn the provider's risk rating on, and log it"},
    {MF_CARRIES_PASSWORDS, "failed passwords", "log logins that fail at the password"},
    {MF_CARRIES_FACTORS, "changes of factors", "log the enrolling, resetting and removing of factors"},
    {MF_CARRIES_LOGINS, "login attempts",
     "log logins; after 10 approvals, most of them with a login before, they are compared with prompts"},
    {MF_CARRIES_SESSIONS, "sessions",
     "log the start of sessions; after 10 approvals, most of them with a session behind, they are compared"},
};

const char *mf_phrase_carried(unsigned bit)
{
    for (unsigned i = 0; i < sizeof carried / sizeof carried[0]; i++)
        if (carried[i].bit == bit)
            return carried[i].name;
    return mf_carried_name(bit);
}

const char *mf_phrase_carried_help(unsigned bit)
{
    for (unsigned i = 0; i < sizeof carried / sizeof carried[0]; i++)
        if (carried[i].bit == bit)
            return carried[i].help;
    return "";
}

/* ---- putting together ---- */

const char *mf_phrase_span(mf_time span, char text[MF_SPAN_TEXT])
{
    long long s = span / MF_SECOND;

    if (s >= 2 * 86400 && s % 86400 == 0)
        snprintf(text, MF_SPAN_TEXT, "%lld days", s / 86400);
    else if (s >= 3600 && s / 60 % 60 == 0)
        snprintf(text, MF_SPAN_TEXT, "%lld h", s / 3600);
    else if (s >= 3600)
        snprintf(text, MF_SPAN_TEXT, "%lld h %lld min", s / 3600, s / 60 % 60);
    else if (s >= 60 && s % 60 == 0)
        snprintf(text, MF_SPAN_TEXT, "%lld min", s / 60);
    else if (s >= 60)
        snprintf(text, MF_SPAN_TEXT, "%lld min %lld s", s / 60, s % 60);
    else
        snprintf(text, MF_SPAN_TEXT, "%lld s", s);
    return text;
}

void mf_append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + length, size - length, format, args);
    va_end(args);
}

void mf_append_slice(char *text, size_t size, struct mf_slice slice)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < slice.length && length + 1 < size; i++)
        if (slice.data[i] != '\0')
            text[length++] = slice.data[i];
    text[length] = '\0';
}

void mf_append_carried(char *text, size_t size, unsigned bits)
{
    const char *between = "";

    for (unsigned i = 0; i < MF_N_CARRIED; i++)
        if (bits & 1u << i) {
            mf_append(text, size, "%s%s", between, mf_phrase_carried(1u << i));
            between = ", ";
        }
    if (bits == 0)
        mf_append(text, size, "nothing");
}
