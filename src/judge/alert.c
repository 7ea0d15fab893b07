/* src/judge/alert.c
 *
 * Writes one alert as one line of JSON: bounded, ASCII only, always in the same order. */

#include "judge/alert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a bounded writer: what does not fit is left out as a whole, and noted ---- */

struct writer {
    char *text;
    size_t length, size;
    bool comma; /* a member stands before in this container */
    bool full;  /* something was left out */
};

static void put(struct writer *out, const char *text, size_t length)
{
    if (out->length + length >= out->size) {
        out->full = true;
        return;
    }
    memcpy(out->text + out->length, text, length);
    out->length += length;
}

static void put_text(struct writer *out, const char *text)
{
    put(out, text, strlen(text));
}

/* One character of valid UTF-8 as \u escapes; a byte that is not valid stands as U+FFFD. */
static size_t put_wide(struct writer *out, const unsigned char *text, size_t left)
{
    size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc2 ? 2 : 1;
    uint32_t code = length == 4 ? text[0] & 0x07u : length == 3 ? text[0] & 0x0fu : text[0] & 0x1fu;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* less is written too long */
    bool valid = length > 1 && length <= left && text[0] < 0xf5;
    char escape[16];

    for (size_t i = 1; i < length && valid; i++) {
        valid = (text[i] & 0xc0) == 0x80;
        code = code << 6 | (text[i] & 0x3fu);
    }
    valid = valid && code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (!valid) {
        put_text(out, "\\ufffd");
        return 1;
    }
    if (code >= 0x10000)
        snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
    else
        snprintf(escape, sizeof escape, "\\u%04x", code);
    put_text(out, escape);
    return length;
}

static void put_string(struct writer *out, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = strlen(text);
    char escape[8];

    put_text(out, "\"");
    for (size_t i = 0; i < length;) {
        if (bytes[i] >= 0x80) {
            i += put_wide(out, bytes + i, length - i);
            continue;
        }
        if (bytes[i] == '"' || bytes[i] == '\\')
            snprintf(escape, sizeof escape, "\\%c", bytes[i]);
        else if (bytes[i] < 0x20 || bytes[i] == 0x7f)
            snprintf(escape, sizeof escape, "\\u%04x", bytes[i]);
        else
            snprintf(escape, sizeof escape, "%c", bytes[i]);
        put_text(out, escape);
        i++;
    }
    put_text(out, "\"");
}

static void key(struct writer *out, const char *name)
{
    if (out->comma)
        put_text(out, ",");
    out->comma = true;
    put_text(out, "\"");
    put_text(out, name);
    put_text(out, "\":");
}

static void member(struct writer *out, const char *name, const char *text)
{
    key(out, name);
    put_string(out, text);
}

/* absent rather than empty */
static void optional(struct writer *out, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0')
        member(out, name, text);
}

static void number(struct writer *out, const char *name, long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", value);
    key(out, name);
    put_text(out, text);
}

static void boolean(struct writer *out, const char *name, bool value)
{
    key(out, name);
    put_text(out, value ? "true" : "false");
}

static void time_member(struct writer *out, const char *name, mf_time time)
{
    char text[MF_TIME_TEXT];

    mf_time_format(time, text);
    member(out, name, text);
}

static void list_of_one(struct writer *out, const char *name, const char *text)
{
    key(out, name);
    put_text(out, "[");
    put_string(out, text);
    put_text(out, "]");
}

static void begin(struct writer *out, const char *name)
{
    if (name != NULL)
        key(out, name);
    put_text(out, "{");
    out->comma = false;
}

static void end(struct writer *out)
{
    put_text(out, "}");
    out->comma = true;
}

/* ---- what an analyst reads ---- */

/* The finding that weighs most names the alert; a decisive one comes before all others. */
static const struct mf_finding *leading(const struct mf_alert *alert)
{
    const struct mf_finding *first = &alert->finding[0];

    for (unsigned i = 1; i < alert->n_findings; i++) {
        const struct mf_finding *finding = &alert->finding[i];
        if (finding->decisive != first->decisive ? finding->decisive : finding->points > first->points)
            first = finding;
    }
    return alert->n_findings > 0 ? first : NULL;
}

static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + length, size - length, format, args);
    va_end(args);
}

static void append_count(char *text, size_t size, unsigned count, const char *what)
{
    size_t length = strlen(text);

    if (count > 0)
        append(text, size, "%s %u %s", length > 0 && text[length - 1] == ':' ? "" : ",", count, what);
}

/* "14 prompts in 9 min 35 s, 13 refused, 1 approved; source 198.51.100.23 (RO, AS64500) is not one of this user's", or of codes,
 * which nobody was prompted for, "within 2 min 3 s: 12 failed, 1 approved; ..." */
static void write_reason(const struct mf_alert *alert, char *text, size_t size)
{
    const struct mf_totals *totals = &alert->totals;
    long long seconds = (alert->end - alert->start) / MF_SECOND;
    bool answers_only =
        totals->prompts == 0 && (totals->denied | totals->timeouts | totals->failed | totals->approved) > 0;

    text[0] = '\0';
    if (alert->phase == MF_PHASE_SUMMARY) {
        append(text, size, "%u alerts were held back within a minute, %u of them anomalous", alert->suppressed,
               alert->suppressed_anomalous);
        append_count(text, size, alert->refused, "for want of room for their incidents");
        return;
    }
    if (alert->users > 0)
        append(text, size, "one address went for %u users: ", alert->users);
    if (answers_only)
        append(text, size, "within ");
    else
        append(text, size, "%u prompt%s in ", totals->prompts, totals->prompts == 1 ? "" : "s");
    if (seconds >= 3600)
        append(text, size, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 60)
        append(text, size, "%lld min %lld s", seconds / 60, seconds % 60);
    else
        append(text, size, "%lld s", seconds);
    append(text, size, "%s", answers_only ? ":" : "");
    append_count(text, size, totals->denied, "refused");
    append_count(text, size, totals->timeouts, "timed out");
    append_count(text, size, totals->failed, "failed");
    append_count(text, size, totals->approved, "approved");
    if (alert->fraud)
        append(text, size, "; the user reported fraud");
    if (alert->source[0] != '\0') {
        append(text, size, "; source %s", alert->source);
        if (alert->country[0] != '\0' && alert->asn != 0)
            append(text, size, " (%s, AS%u)", alert->country, alert->asn);
        else if (alert->country[0] != '\0')
            append(text, size, " (%s)", alert->country);
        if (alert->familiarity == MF_UNFAMILIAR)
            append(text, size, " is not one of this %s's", alert->by_tenant ? "tenant" : "user");
        else if (alert->familiarity == MF_FAMILIAR)
            append(text, size, " is one of this %s's", alert->by_tenant ? "tenant" : "user");
    }
}

static const char *rule_id(const struct mf_alert *alert, const struct mf_finding *first)
{
    return alert->phase == MF_PHASE_SUMMARY ? "alerts_held_back" : first != NULL ? first->signal->name : "activity";
}

static const char *rule_name(const struct mf_alert *alert, const struct mf_finding *first)
{
    return alert->phase == MF_PHASE_SUMMARY ? "alerts over the cap of a minute"
           : first != NULL                  ? first->signal->title
                                            : "MFA activity";
}

static int ecs_severity(enum mf_severity severity)
{
    return severity == MF_SEVERITY_CRITICAL ? 10 : severity == MF_SEVERITY_HIGH ? 8 : 5;
}

/* ---- the parts ---- */

/* Lean leaves out what stands elsewhere, for names so long that they would not fit twice; terse the host's name and the
 * numbers of all but the heaviest findings. */
enum detail { FULL, LEAN, TERSE };
enum { TERSE_FINDINGS = 8 };

static void put_event(struct writer *out, const struct mf_alert *alert, const struct mf_finding *first)
{
    char id[64], action[64], reason[512];

    snprintf(id, sizeof id, "%s-%s-%u", alert->incident, mf_phase_name(alert->phase), alert->sequence);
    snprintf(action, sizeof action, "mfa-%s", rule_id(alert, first));
    for (char *c = action; *c != '\0'; c++)
        *c = (char)(*c == '_' ? '-' : *c);
    write_reason(alert, reason, sizeof reason);

    begin(out, "event");
    member(out, "kind", "alert");
    list_of_one(out, "category", "authentication");
    list_of_one(out, "type", "info");
    member(out, "action", action);
    member(out, "outcome", alert->approved ? "success" : alert->totals.denied > 0 ? "failure" : "unknown");
    number(out, "severity", ecs_severity(alert->severity));
    number(out, "risk_score", alert->score);
    member(out, "id", id);
    member(out, "module", "mmfatigue");
    member(out, "dataset", "mmfatigue.alert");
    time_member(out, "start", alert->start);
    time_member(out, "end", alert->end);
    time_member(out, "created", alert->created);
    member(out, "reason", reason);
    end(out);
}

static void put_rule(struct writer *out, const struct mf_alert *alert, const struct mf_finding *first,
                     const char *runbook)
{
    static const char page[] = "https://attack.mitre.org/detectionstrategies/DET0160#AN0449";

    begin(out, "rule");
    member(out, "id", rule_id(alert, first));
    member(out, "name", rule_name(alert, first));
    member(out, "ruleset", "AN0449");
    member(out, "version", MF_VERSION);
    member(out, "reference", runbook == NULL || runbook[0] == '\0' ? page : runbook);
    end(out);

    begin(out, "threat");
    member(out, "framework", "MITRE ATT&CK");
    begin(out, "tactic");
    list_of_one(out, "id", "TA0006");
    list_of_one(out, "name", "Credential Access");
    end(out);
    begin(out, "technique");
    list_of_one(out, "id", "T1621");
    list_of_one(out, "name", "Multi-Factor Authentication Request Generation");
    end(out);
    end(out);
}

static void put_source(struct writer *out, const struct mf_alert *alert, bool lean)
{
    if (alert->source[0] == '\0' && alert->country[0] == '\0' && alert->asn == 0)
        return;
    begin(out, "source");
    optional(out, "ip", alert->source);
    if (alert->country[0] != '\0' || (alert->city[0] != '\0' && !lean)) {
        begin(out, "geo");
        optional(out, "country_iso_code", alert->country);
        if (!lean)
            optional(out, "city_name", alert->city);
        end(out);
    }
    if (alert->asn != 0) {
        begin(out, "as");
        number(out, "number", alert->asn);
        end(out);
    }
    end(out);
}

/* The user; of an address's incident the first of its users, as many as there is room for. */
static void put_related(struct writer *out, const struct mf_alert *alert)
{
    if (alert->n_related == 0) {
        list_of_one(out, "user", alert->user);
        return;
    }
    key(out, "user");
    put_text(out, "[");
    for (unsigned i = 0; i < alert->n_related && (i == 0 || out->length < out->size / 2); i++) {
        if (i > 0)
            put_text(out, ",");
        put_string(out, alert->related[i]);
    }
    put_text(out, "]");
}

static void put_people(struct writer *out, const struct mf_alert *alert, bool lean)
{
    begin(out, "user");
    member(out, "name", alert->user);
    if (!lean)
        optional(out, "id", alert->user_id);
    end(out);
    put_source(out, alert, lean);
    if (lean)
        return;
    begin(out, "related");
    put_related(out, alert);
    if (alert->source[0] != '\0')
        list_of_one(out, "ip", alert->source);
    end(out);
}

static void put_counts(struct writer *out, const struct mf_alert *alert)
{
    number(out, "prompts", alert->totals.prompts);
    number(out, "denied", alert->totals.denied);
    number(out, "timeouts", alert->totals.timeouts);
    number(out, "failed", alert->totals.failed);
    number(out, "approved", alert->totals.approved);
    number(out, "window_s", (alert->end - alert->start) / MF_SECOND);
}

static const char *familiarity_name(const struct mf_alert *alert)
{
    static const char *const names[] = {"unknown", "familiar", "unfamiliar"};

    return names[alert->familiarity];
}

/* One decimal, whatever the locale. What comes from a file may be any number. */
static void tenths(struct writer *out, const char *name, double value)
{
    const double most = 1e6, bounded = value > most ? most : value < -most ? -most : value;
    long long scaled = (long long)(bounded * 10 + (bounded < 0 ? -0.5 : 0.5));
    char text[32];

    snprintf(text, sizeof text, "%s%lld.%lld", scaled < 0 ? "-" : "", llabs(scaled) / 10, llabs(scaled) % 10);
    key(out, name);
    put_text(out, text);
}

/* What is usual for this user, and how likely what was seen is: so an analyst can check unusual_rate, or miss it. */
static void put_rate(struct writer *out, const struct mf_rate_answer *rate)
{
    static const char *const population[] = {"everyone", "country", "role", "group"};

    if (!rate->asked)
        return;
    tenths(out, "logins_per_day", rate->expectation.rate);
    member(out, "population", population[rate->expectation.population]);
    tenths(out, "population_per_day", rate->expectation.prior_rate);
    number(out, "logins", rate->attempts);
    number(out, "logins_window_s", mf_rate_window_length(rate->window) / MF_SECOND);
    tenths(out, "log10_p", rate->log10_p);
}

static void put_baseline(struct writer *out, const struct mf_alert *alert)
{
    begin(out, "baseline");
    number(out, "history_days", alert->history_days);
    member(out, "source", familiarity_name(alert));
    member(out, "compared_with", alert->by_tenant ? "tenant" : "user");
    put_rate(out, &alert->rate);
    end(out);
}

/* How many findings weigh more; of equals the earlier one does. */
static unsigned rank_of(const struct mf_alert *alert, unsigned which)
{
    unsigned rank = 0;

    for (unsigned i = 0; i < alert->n_findings; i++)
        rank += alert->finding[i].points > alert->finding[which].points ||
                (alert->finding[i].points == alert->finding[which].points && i < which);
    return rank;
}

/* "refused_burst 4>=3 +45": every number can be checked */
static void put_finding(struct writer *out, const struct mf_finding *finding)
{
    char text[128];

    snprintf(text, sizeof text, "%s %u%s%u +%u%s", finding->signal->name, finding->observed,
             finding->signal->below ? "<" : ">=", finding->threshold, finding->points,
             finding->decisive ? " decisive" : "");
    put_string(out, text);
}

static void put_signals(struct writer *out, const struct mf_alert *alert, enum detail detail)
{
    static const char *const group_name[MF_N_GROUPS] = {"volume", "outcome", "source", "session"};

    key(out, "signals");
    put_text(out, "[");
    for (unsigned i = 0; i < alert->n_findings; i++) {
        if (i > 0)
            put_text(out, ",");
        put_string(out, alert->finding[i].signal->name);
    }
    put_text(out, "]");

    key(out, "findings");
    put_text(out, "[");
    for (unsigned i = 0, n = 0; i < alert->n_findings; i++) {
        if (detail == TERSE && rank_of(alert, i) >= TERSE_FINDINGS)
            continue;
        if (n++ > 0)
            put_text(out, ",");
        put_finding(out, &alert->finding[i]);
    }
    put_text(out, "]");

    begin(out, "groups");
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        number(out, group_name[i], alert->group[i]);
    end(out);
}

static void put_caveat(struct writer *out, bool holds, const char *text, bool *any)
{
    if (!holds)
        return;
    if (*any)
        put_text(out, ",");
    *any = true;
    put_string(out, text);
}

static void put_caveats(struct writer *out, const struct mf_alert *alert, enum detail detail)
{
    bool any = false;

    key(out, "caveats");
    put_text(out, "[");
    put_caveat(out, alert->timeouts_inferred, "timeouts_inferred", &any);
    put_caveat(out, alert->expired, "prompt_expired", &any);
    put_caveat(out, alert->by_tenant, "user_history_short", &any);
    put_caveat(out, alert->familiarity == MF_FAMILIARITY_UNKNOWN && alert->phase != MF_PHASE_SUMMARY, "source_unknown",
               &any);
    for (unsigned i = 0; i < MF_N_CARRIED; i++) {
        char text[40];
        snprintf(text, sizeof text, "%s_not_seen", mf_carried_name(1u << i));
        put_caveat(out, (alert->missing & 1u << i) != 0, text, &any);
    }
    put_caveat(out, detail == TERSE && alert->n_findings > TERSE_FINDINGS, "findings_cut", &any);
    put_text(out, "]");
}

/* Evidence comes last but for a fixed tail, and takes what room is left. */
static void put_evidence(struct writer *out, const struct mf_alert *alert, size_t tail)
{
    bool cut = alert->evidence_cut;

    key(out, "evidence");
    put_text(out, "[");
    for (unsigned i = 0; i < alert->n_evidence; i++) {
        struct writer before = *out;
        if (i > 0)
            put_text(out, ",");
        put_string(out, alert->evidence[i]);
        if (out->length + tail >= out->size) {
            *out = before;
            cut = true;
            break;
        }
    }
    put_text(out, "]");
    boolean(out, "evidence_truncated", cut);
}

static struct writer render(const struct mf_alert *alert, const struct mf_alert_names *names, char *json,
                            enum detail detail)
{
    const bool lean = detail != FULL;
    struct writer out = {.text = json, .size = MF_ALERT_MAX};
    const struct mf_finding *first = leading(alert);

    begin(&out, NULL);
    time_member(&out, "@timestamp", alert->time);
    begin(&out, "ecs");
    member(&out, "version", "8.17.0");
    end(&out);
    put_event(&out, alert, first);
    put_rule(&out, alert, first, lean ? NULL : names->runbook);
    put_people(&out, alert, lean);
    begin(&out, "observer");
    member(&out, "vendor", "mfatigue");
    member(&out, "product", "mmfatigue");
    member(&out, "version", MF_VERSION);
    if (detail != TERSE)
        optional(&out, "name", names->observer);
    end(&out);

    begin(&out, "mfa");
    number(&out, "schema", 1);
    member(&out, "provider", alert->idp);
    member(&out, "incident", alert->incident);
    member(&out, "phase", mf_phase_name(alert->phase));
    member(&out, "level", mf_level_name(alert->level));
    member(&out, "severity", mf_severity_name(alert->severity));
    number(&out, "score", alert->score);
    if (alert->users > 0)
        number(&out, "users", alert->users);
    put_counts(&out, alert);
    put_baseline(&out, alert);
    put_signals(&out, alert, detail);
    put_caveats(&out, alert, detail);
    number(&out, "suppressed", alert->suppressed);
    if (alert->phase == MF_PHASE_SUMMARY) {
        number(&out, "suppressed_anomalous", alert->suppressed_anomalous);
        number(&out, "refused", alert->refused);
    }
    member(&out, "engine", MF_VERSION);
    member(&out, "policy_sha256", names->policy_sha256);
    put_evidence(&out, alert, sizeof "],\"evidence_truncated\":false}}");
    end(&out);
    end(&out);
    return out;
}

size_t mf_alert_render(const struct mf_alert *alert, const struct mf_alert_names *names, char json[MF_ALERT_MAX])
{
    struct writer out = render(alert, names, json, FULL);

    for (unsigned detail = LEAN; out.full && detail <= TERSE; detail++)
        out = render(alert, names, json, (enum detail)detail);
    json[out.length] = '\0';
    return out.length;
}
