/* tool/account.c
 *
 * The engine's explanation of a verdict in sentences. */

#include "account.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "phrases.h"

void mf_account_begin(struct mf_account *account, const struct mf_judged *judged, const struct mf_event *read)
{
    const struct mf_event *event = judged->event;

    account->judged = judged;
    account->read = event == NULL ? NULL : read != NULL ? read : judged->reading->event;
    if (account->read == NULL)
        return;
    account->event = *account->read;
    account->event.user = event->user;
    account->event.time = event->time;
    memcpy(account->event.country, event->country, sizeof event->country);
    account->event.city = event->city;
    account->event.asn = event->asn;
    account->event.has_coordinates = event->has_coordinates;
    account->event.latitude = event->latitude;
    account->event.longitude = event->longitude;
}

const char *mf_answer_name(enum mf_answer_state state)
{
    static const char *const names[] = {
        [MF_ANSWER_NO] = "not_reached",          [MF_ANSWER_FIRED] = "fired",   [MF_ANSWER_DISABLED] = "disabled",
        [MF_ANSWER_NOT_CARRIED] = "not_carried", [MF_ANSWER_LISTED] = "listed",
    };

    return names[state];
}

const char *mf_population_name(enum mf_population population)
{
    static const char *const names[] = {"everyone", "country", "role", "group"};

    return names[population];
}

static const char *plural(unsigned n)
{
    return n == 1 ? "" : "s";
}

/* ---- what was taken from elsewhere ---- */

static void taken_geo(const struct mf_account *account, mf_say_fn say, void *context)
{
    const struct mf_event *read = account->read, *event = &account->event;
    char text[MF_SENTENCE] = "";
    const char *between = "";

    if (read->country[0] == '\0' && event->country[0] != '\0') {
        mf_append(text, sizeof text, "the country");
        between = ", ";
    }
    if (read->city.length == 0 && event->city.length > 0) {
        mf_append(text, sizeof text, "%sthe city", between);
        between = ", ";
    }
    if (!read->has_coordinates && event->has_coordinates) {
        mf_append(text, sizeof text, "%sthe coordinates", between);
        between = ", ";
    }
    if (read->asn == 0 && event->asn != 0)
        mf_append(text, sizeof text, "%sthe operator", between);
    if (text[0] == '\0')
        return;
    mf_append(text, sizeof text, " (from the policy's geo database, by the address)");
    say(context, text);
}

static void taken_lists(const struct mf_explained *explained, bool proxy, mf_say_fn say, void *context)
{
    if (explained->egress)
        say(context, "that the address is one of the company's own (from nets.egress)");
    if (explained->vpn)
        say(context, "that the address is one of the company's VPN (from nets.vpn)");
    if (explained->travel)
        say(context, "that the user is announced to be in this country (from people.travel)");
    if (explained->home)
        say(context, "that the country is one of the user's homes (from people.directory)");
    if (explained->anonymizer && !proxy)
        say(context, "that the address belongs to a proxy, Tor or a hosting company (from nets.anonymizer)");
    if (explained->high_risk)
        say(context, "that the user is at high risk (from people.directory)");
}

void mf_account_taken(const struct mf_account *account, mf_say_fn say, void *context)
{
    char text[MF_SENTENCE] = "", time[MF_TIME_TEXT];

    if (account->read == NULL)
        return;
    if (!mf_slice_equal(account->read->user, account->event.user)) {
        mf_append(text, sizeof text, "the user: the record says \"");
        mf_append_slice(text, sizeof text, account->read->user);
        mf_append(text, sizeof text,
                  account->judged->explained != NULL && account->judged->explained->by_id
                      ? "\", the provider's id, which came with this login before"
                      : "\", an alias (from people.directory)");
        say(context, text);
    }
    if (account->read->time != account->event.time) {
        mf_time_format(account->read->time, time);
        snprintf(text, sizeof text, "the time: the record says %s, which lies ahead of its arrival", time);
        say(context, text);
    }
    taken_geo(account, say, context);
    if (account->judged->explained != NULL)
        taken_lists(account->judged->explained, account->read->proxy, say, context);
}

/* ---- what was known ---- */

static void known_history(const struct mf_explained *explained, mf_say_fn say, void *context)
{
    char text[MF_SENTENCE];

    if (explained->history_days == 0)
        snprintf(text, sizeof text, "The user was first seen less than a day ago.");
    else
        snprintf(text, sizeof text, "The user was first seen %u day%s ago.", explained->history_days,
                 plural(explained->history_days));
    say(context, text);
    if (explained->countries + explained->asns + explained->networks == 0)
        snprintf(text, sizeof text, "Not let in from anywhere more than a day ago, as far as is known.");
    else
        snprintf(text, sizeof text,
                 "Let in before, more than a day ago, from %u countr%s, %u operator%s and %u network%s.",
                 explained->countries, explained->countries == 1 ? "y" : "ies", explained->asns,
                 plural(explained->asns), explained->networks, plural(explained->networks));
    say(context, text);
}

static void append_new(char *text, size_t size, const struct mf_place *place)
{
    const char *between = "";

    if (place->new_country) {
        mf_append(text, size, "the country");
        between = ", ";
    }
    if (place->new_asn) {
        mf_append(text, size, "%sthe operator", between);
        between = ", ";
    }
    if (place->new_network)
        mf_append(text, size, "%sthe network", between);
}

static const char *whose(const struct mf_place *place)
{
    return place->by_tenant ? "tenant's (the user is too new to be compared with their own past)" : "user's";
}

static void known_place(const struct mf_account *account, mf_say_fn say, void *context)
{
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_place *place = &explained->place;
    char text[MF_SENTENCE] = "";

    if (explained->listed) {
        mf_append(text, sizeof text,
                  "The source is on a list or covered by a travel note: its place is held against "
                  "nobody.");
    } else if (account->event.answer_source) {
        mf_append(text, sizeof text,
                  "The record is an answer, and its address may be the phone's: the place of the "
                  "login is not in it.");
    } else if (place->familiarity == MF_FAMILIAR) {
        mf_append(text, sizeof text, "The source is one of this %s", whose(place));
        if (place->new_network && !place->new_asn)
            mf_append(text, sizeof text, "; only the network is new");
        mf_append(text, sizeof text, ".");
    } else if (place->familiarity == MF_UNFAMILIAR) {
        mf_append(text, sizeof text, "The source is not one of this %s; new: ", whose(place));
        append_new(text, sizeof text, place);
        mf_append(text, sizeof text, ".");
    } else if (account->event.source.family == 0) {
        mf_append(text, sizeof text, "The record names no source, so there is none to compare.");
    } else {
        mf_append(text, sizeof text,
                  "Whether the source is the user's cannot be said: too little is known of the user "
                  "and of the tenant.");
    }
    say(context, text);
}

static void known_hours(const struct mf_explained *explained, mf_say_fn say, void *context)
{
    char text[MF_SENTENCE];

    if (explained->hour_share < 0)
        snprintf(text, sizeof text, "Too little is known to say at which hours the user is active.");
    else
        snprintf(text, sizeof text, "%d %% of the user's accepted logins fall into this hour and its neighbours.",
                 explained->hour_share);
    say(context, text);
}

static void known_person(const struct mf_explained *explained, mf_say_fn say, void *context)
{
    char text[MF_SENTENCE] = "";

    mf_append(text, sizeof text, explained->in_directory ? "In the directory" : "Not in the directory");
    if (explained->group.length > 0) {
        mf_append(text, sizeof text, "; group ");
        mf_append_slice(text, sizeof text, explained->group);
    }
    if (explained->role.length > 0) {
        mf_append(text, sizeof text, "; role ");
        mf_append_slice(text, sizeof text, explained->role);
    }
    mf_append(text, sizeof text, "%s.", explained->high_risk ? "; at high risk" : "");
    say(context, text);
}

static void known_order(const struct mf_account *account, mf_say_fn say, void *context)
{
    const struct mf_explained *explained = account->judged->explained;
    char text[MF_SENTENCE], span[MF_SPAN_TEXT];

    if (explained->late) {
        mf_phrase_span(explained->watermark - account->event.time, span);
        snprintf(text, sizeof text,
                 "The record came late, %s behind its feed: it was put in its place, and what came after it was asked "
                 "again.",
                 span);
        say(context, text);
    }
    if (explained->repeat)
        say(context, "It tells a prompt or an answer that another record told already: it is not counted again.");
}

void mf_account_known(const struct mf_account *account, mf_say_fn say, void *context)
{
    const struct mf_explained *explained = account->judged->explained;

    known_history(explained, say, context);
    known_place(account, say, context);
    known_hours(explained, say, context);
    known_person(explained, say, context);
    known_order(account, say, context);
}

void mf_account_feed(const struct mf_account *account, mf_say_fn say, void *context)
{
    const struct mf_explained *explained = account->judged->explained;
    char text[MF_SENTENCE] = "The feed was seen to carry: ";

    mf_append_carried(text, sizeof text, explained->carries);
    mf_append(text, sizeof text, ".");
    say(context, text);
    if (explained->missing == 0)
        return;
    snprintf(text, sizeof text, "It was not yet seen to carry: ");
    mf_append_carried(text, sizeof text, explained->missing);
    mf_append(text, sizeof text, "; what needs that is not asked.");
    say(context, text);
    for (unsigned i = 0; account->all && i < MF_N_CARRIED; i++) {
        if ((explained->missing & 1u << i) == 0)
            continue;
        snprintf(text, sizeof text, "To have %s: %s.", mf_phrase_carried(1u << i), mf_phrase_carried_help(1u << i));
        say(context, text);
    }
}

/* ---- the run ---- */

static void append_count(char *text, size_t size, unsigned count, const char *what)
{
    if (count > 0)
        mf_append(text, size, ", %u %s", count, what);
}

static void append_source(char *text, size_t size, const struct mf_run_source *source)
{
    char ip[MF_IP_TEXT];

    if (source->ip.family == 0)
        return;
    mf_ip_format(&source->ip, ip);
    mf_append(text, size, "; from %s", ip);
    if (source->country[0] != '\0' && source->asn != 0)
        mf_append(text, size, " (%.2s, AS%u)", source->country, (unsigned)source->asn);
    else if (source->country[0] != '\0')
        mf_append(text, size, " (%.2s)", source->country);
    else if (source->asn != 0)
        mf_append(text, size, " (AS%u)", (unsigned)source->asn);
}

void mf_account_run(const struct mf_account *account, char text[MF_SENTENCE])
{
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_totals *totals = &explained->totals;
    mf_time passed = account->event.time - explained->run_start;
    char span[MF_SPAN_TEXT], time[MF_TIME_TEXT];

    text[0] = '\0';
    if (explained->run_start == MF_TIME_NONE) {
        mf_append(text, MF_SENTENCE, "No run: nothing of that sort happened to the user lately.");
        return;
    }
    mf_time_format(explained->run_start, time);
    mf_append(text, MF_SENTENCE, "The user's run of MFA activity began at %s", time);
    if (passed > 0)
        mf_append(text, MF_SENTENCE, ", %s before", mf_phrase_span(passed, span));
    mf_append(text, MF_SENTENCE, ": %u prompt%s", (unsigned)totals->prompts, plural(totals->prompts));
    append_count(text, MF_SENTENCE, totals->denied, "refused");
    append_count(text, MF_SENTENCE, totals->timeouts, "timed out");
    append_count(text, MF_SENTENCE, totals->failed, "failed");
    append_count(text, MF_SENTENCE, totals->approved, "approved");
    append_source(text, MF_SENTENCE, &explained->source);
    mf_append(text, MF_SENTENCE, ".");
}

/* ---- the baseline ---- */

/* "3e-12", "0.02" */
static void append_probability(char *text, size_t size, double log10_p)
{
    double exponent = floor(log10_p), mantissa = floor(pow(10, log10_p - exponent) + 0.5);

    if (mantissa >= 10) {
        mantissa = 1;
        exponent += 1;
    }
    if (exponent >= -3)
        mf_append(text, size, "%.*f", exponent < 0 ? (int)-exponent : 0, pow(10, log10_p));
    else
        mf_append(text, size, "%.0fe%.0f", mantissa, exponent);
}

static void append_population(char *text, size_t size, const struct mf_explained *explained)
{
    const struct mf_expectation *expectation = &explained->rate.expectation;
    struct mf_slice none = {NULL, 0};
    struct mf_slice name = expectation->population == MF_GROUP  ? explained->group
                           : expectation->population == MF_ROLE ? explained->role
                                                                : none;

    mf_append(text, size, " (%s ", mf_population_name(expectation->population));
    mf_append_slice(text, size, name);
    mf_append(text, size, "%s%.1f)", name.length > 0 ? " " : "", expectation->prior_rate);
}

void mf_account_rate(const struct mf_account *account, char text[MF_SENTENCE])
{
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_rate_answer *rate = &explained->rate;
    char span[MF_SPAN_TEXT];

    text[0] = '\0';
    if (!rate->asked) {
        mf_append(text, MF_SENTENCE, "Not compared with the usual rate: %s.",
                  account->event.prompts == 0 ? "the record is no prompt"
                  : explained->repeat         ? "the prompt was counted already"
                                              : "the record begins no second login attempt within 24 hours, or too "
                                                "little is known of everyone");
        return;
    }
    mf_phrase_span(mf_rate_window_length(rate->window), span);
    mf_append(text, MF_SENTENCE, "%u login%s in %s; this user has %.1f a day over %u day%s", rate->attempts,
              plural(rate->attempts), span, rate->expectation.rate, explained->history_days,
              plural(explained->history_days));
    append_population(text, MF_SENTENCE, explained);
    mf_append(text, MF_SENTENCE, ", p = ");
    append_probability(text, MF_SENTENCE, rate->log10_p);
    mf_append(text, MF_SENTENCE, ".");
}

/* ---- the answers ---- */

const struct mf_finding *mf_account_kept(const struct mf_account *account, unsigned index)
{
    const struct mf_verdict *verdict = account->judged->verdict;

    for (unsigned i = 0; i < verdict->n_findings; i++)
        if (verdict->finding[i].signal == mf_signals[index])
            return &verdict->finding[i];
    return NULL;
}

static void append_observed(char *text, size_t size, const struct mf_account *account, unsigned index,
                            const struct mf_finding *finding)
{
    const struct mf_signal *signal = mf_signals[index];
    mf_time window = account->policy->signal[index].window;
    char span[MF_SPAN_TEXT];

    mf_append(text, size, "%u %s", finding->observed, mf_phrase_unit(signal));
    if (mf_phrase_is_windowed(signal) && window > 0)
        mf_append(text, size, " in %s", mf_phrase_span(window, span));
}

static bool is_counted(unsigned index)
{
    return mf_phrase_unit(mf_signals[index])[0] != '\0';
}

static void append_fired(char *text, size_t size, const struct mf_account *account, unsigned index,
                         const struct mf_finding *finding)
{
    if (!is_counted(index)) {
        mf_append(text, size, "yes, ");
    } else {
        append_observed(text, size, account, index, finding);
        mf_append(text, size,
                  mf_signals[index]->below ? ", which is below %u: " : ", which reaches %u: ", finding->threshold);
    }
    mf_append(text, size, "%u point%s%s", finding->points, plural(finding->points),
              finding->decisive ? ", decisive" : "");
}

static void append_silent(char *text, size_t size, const struct mf_account *account, unsigned index,
                          const struct mf_finding *finding)
{
    bool below = mf_signals[index]->below;
    bool far = below ? finding->observed >= finding->threshold : finding->observed < finding->threshold;

    if (!is_counted(index) || finding->threshold == 0) {
        mf_append(text, size, is_counted(index) ? "no: this record gives no reason to count" : "no");
        return;
    }
    append_observed(text, size, account, index, finding);
    if (far)
        mf_append(text, size, below ? "; it fires below %u" : "; it fires from %u on", finding->threshold);
    else
        mf_append(text, size,
                  "; by number it would fire, but something else speaks against it, see "
                  "docs/signals/%s.md",
                  mf_signals[index]->name);
}

static void append_listed(char *text, size_t size, const struct mf_explained *explained)
{
    mf_append(text, size, "not asked: the source is %s",
              explained->egress ? "in nets.egress"
              : explained->vpn  ? "in nets.vpn"
                                : "where a travel note says that the user is");
}

void mf_account_answer(const struct mf_account *account, unsigned index, char text[MF_SENTENCE])
{
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_answer *answer = &explained->answer[index];
    const struct mf_finding *kept = mf_account_kept(account, index);

    text[0] = '\0';
    switch (answer->state) {
    case MF_ANSWER_FIRED:
        append_fired(text, MF_SENTENCE, account, index, &answer->finding);
        break;
    case MF_ANSWER_NO:
        append_silent(text, MF_SENTENCE, account, index, &answer->finding);
        break;
    case MF_ANSWER_DISABLED:
        mf_append(text, MF_SENTENCE, "not asked: signals.%s.enabled is false in the policy", mf_signals[index]->name);
        break;
    case MF_ANSWER_NOT_CARRIED:
        mf_append(text, MF_SENTENCE, "not asked: the feed was not yet seen to carry ");
        mf_append_carried(text, MF_SENTENCE, mf_signals[index]->needs & ~explained->carries);
        break;
    case MF_ANSWER_LISTED:
        append_listed(text, MF_SENTENCE, explained);
        break;
    }
    if (kept == NULL || (answer->state == MF_ANSWER_FIRED && answer->finding.points >= kept->points &&
                         answer->finding.decisive >= kept->decisive))
        return;
    mf_append(text, MF_SENTENCE, "; the run keeps from another record: ");
    append_fired(text, MF_SENTENCE, account, index, kept);
}

/* ---- the level ---- */

static void append_decisive(char *text, size_t size, const struct mf_verdict *verdict)
{
    const char *between = "";

    for (unsigned i = 0; i < verdict->n_findings; i++)
        if (verdict->finding[i].decisive) {
            mf_append(text, size, "%s%s", between, verdict->finding[i].signal->name);
            between = ", ";
        }
}

static void append_speaking(char *text, size_t size, const struct mf_account *account)
{
    const struct mf_verdict *verdict = account->judged->verdict;
    const struct mf_standing *standing = &account->judged->explained->standing;

    mf_append(text, size, "%u group%s of signals ha%s %d points or more", verdict->speaking, plural(verdict->speaking),
              verdict->speaking == 1 ? "s" : "ve", MF_GROUP_SPEAKS);
    if (verdict->group[MF_GROUP_VOLUME] >= MF_GROUP_SPEAKS && standing->familiar && !standing->owned)
        mf_append(text, size,
                  ", volume not counted as every source of the run is the user's own and nothing was "
                  "approved");
}

static const char *severity_reason(const struct mf_verdict *verdict)
{
    if (verdict->severity == MF_SEVERITY_CRITICAL)
        return " Critical, as an approval or a factor change belongs to the run.";
    return verdict->level == MF_ANOMALOUS ? " It would be critical with an approval or a factor change in the run."
                                          : "";
}

void mf_account_level(const struct mf_account *account, char text[MF_SENTENCE])
{
    const struct mf_verdict *verdict = account->judged->verdict;
    const struct mf_verdict_conf *conf = &account->policy->verdict;

    text[0] = '\0';
    if (verdict->decisive) {
        mf_append(text, MF_SENTENCE, "A decisive signal makes the run anomalous by itself: ");
        append_decisive(text, MF_SENTENCE, verdict);
        mf_append(text, MF_SENTENCE, ".");
    } else if (verdict->score >= conf->anomalous) {
        mf_append(text, MF_SENTENCE, "%u points are enough for anomalous (from %u on), ", verdict->score,
                  conf->anomalous);
        mf_append(text, MF_SENTENCE, verdict->level == MF_ANOMALOUS ? "and " : "but only ");
        append_speaking(text, MF_SENTENCE, account);
        mf_append(text, MF_SENTENCE, verdict->level == MF_ANOMALOUS ? " (two are needed)." : ", and two are needed.");
    } else {
        unsigned next = verdict->level == MF_SUSPICIOUS ? conf->anomalous
                        : verdict->level == MF_NOTICE   ? conf->suspicious
                                                        : conf->notice;
        mf_append(text, MF_SENTENCE, "%u points are %s: below the %u of %s.", verdict->score,
                  mf_level_name(verdict->level), next, mf_level_name((enum mf_level)(verdict->level + 1)));
    }
    mf_append(text, MF_SENTENCE, "%s", severity_reason(verdict));
}

/* ---- what was not judged ---- */

void mf_account_silence(const struct mf_account *account, char text[MF_SENTENCE])
{
    text[0] = '\0';
    if (account->judged->skip != MF_SKIP_NONE)
        mf_append(text, MF_SENTENCE, "%s", mf_phrase_skip(account->judged->skip));
    else
        mf_append(text, MF_SENTENCE,
                  "Nothing was asked: signals judge prompts, their answers and changes of factors. A record of kind %s "
                  "is what those are compared with.",
                  mf_kind_name(account->event.kind));
}

/* ---- the incident ---- */

static void append_alert(char *text, size_t size, const struct mf_account *account)
{
    if (account->policy->observe)
        mf_append(text, size, "; the policy says observe, so no alert was raised");
    else
        mf_append(text, size, "; its alert %u was raised", account->judged->explained->sequence);
}

static const char *incident_step(const struct mf_account *account)
{
    const struct mf_explained *explained = account->judged->explained;

    if (explained == NULL)
        return account->judged->incident == NULL ? "none" : "nothing_new";
    if (account->judged->incident == NULL)
        return (unsigned)account->judged->verdict->level >= account->policy->alert_level ? "no_room" : "none";
    if (explained->phase == MF_PHASE_OPEN)
        return explained->sequence > 1 ? "reopened" : "opened";
    if (explained->phase == MF_PHASE_UPDATE)
        return "updated";
    return explained->held_back ? "held_back" : "nothing_new";
}

const char *mf_account_incident(const struct mf_account *account, char text[MF_SENTENCE])
{
    const char *step = incident_step(account), *id = account->judged->incident;

    text[0] = '\0';
    if (account->closed[0] != '\0') {
        char span[MF_SPAN_TEXT];
        mf_phrase_span(account->policy->incident.quiet, span);
        mf_append(text, MF_SENTENCE, "Just before, %s was closed after %s of quiet. ", account->closed, span);
    }
    if (strcmp(step, "none") == 0) {
        mf_append(text, MF_SENTENCE, "None is open; one opens at %s.",
                  mf_level_name((enum mf_level)account->policy->alert_level));
    } else if (strcmp(step, "no_room") == 0) {
        mf_append(text, MF_SENTENCE, "None was opened: as many are remembered as incident.max_open allows.");
    } else if (strcmp(step, "nothing_new") == 0) {
        mf_append(text, MF_SENTENCE, "%s goes on; the record brings nothing new, so no alert.", id);
    } else if (strcmp(step, "held_back") == 0) {
        mf_append(text, MF_SENTENCE, "%s: the alert was held back by incident.max_alerts_per_minute.", id);
    } else {
        mf_append(text, MF_SENTENCE, "%s was %s", id, step);
        append_alert(text, MF_SENTENCE, account);
        mf_append(text, MF_SENTENCE, ".");
    }
    return step;
}
