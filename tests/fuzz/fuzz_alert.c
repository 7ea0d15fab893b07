/* tests/fuzz/fuzz_alert.c
 *
 * Any contents of an alert: the line is printable ASCII, within bounds, and a whole JSON object by the strictest
 * reader we have. */

#include "judge/alert.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *data;
    size_t left;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static uint32_t take(struct source *from)
{
    uint32_t value = 0;

    for (int i = 0; i < 4 && from->left > 0; i++, from->left--)
        value = value << 8 | *from->data++;
    return value;
}

static uint32_t take_below(struct source *from, uint32_t end)
{
    return take(from) % end;
}

/* Any bytes, terminated: of a length that the input says, its own bytes repeated when they run short. */
static void take_text(struct source *from, char *to, size_t size)
{
    size_t length = take_below(from, (uint32_t)size), n = from->left < 16 ? from->left : 16;
    const uint8_t *piece = from->data;

    from->data += n;
    from->left -= n;
    for (size_t i = 0; i < length; i++)
        to[i] = n == 0 ? 'x' : (char)piece[i % n];
    to[length] = '\0';
}

/* What the reader lets through as a login, and an operator as a host name: whole characters, no control bytes. */
static void take_name(struct source *from, char *to, size_t size, unsigned kinds)
{
    static const char *const characters[] = {"a", "~", "-", "\"", "\\", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    size_t length = 0, end = take_below(from, (uint32_t)size);
    uint32_t choice = take(from);

    for (unsigned i = 0; length < end; i++) {
        const char *character = characters[(choice >> i % 11 * 3 & 7) % kinds];
        size_t bytes = strlen(character);
        if (length + bytes >= size)
            break;
        memcpy(to + length, character, bytes);
        length += bytes;
    }
    to[length] = '\0';
}

/* 2001 to 9999, as the reader lets through */
static mf_time take_time(struct source *from)
{
    return (mf_time)978307200 * MF_SECOND + (mf_time)(((uint64_t)take(from) << 32 | take(from)) % 252423993600000u);
}

static void take_findings(struct source *from, struct mf_alert *alert)
{
    alert->n_findings = take_below(from, mf_n_signals + 1);
    for (unsigned i = 0; i < alert->n_findings; i++)
        alert->finding[i] = (struct mf_finding){mf_signals[i], take_below(from, 65536), take_below(from, 65536),
                                                take_below(from, 256), take_below(from, 2)};
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        alert->group[i] = take_below(from, 101);
}

static void take_alert(struct source *from, struct mf_alert *alert)
{
    alert->phase = (enum mf_phase)take_below(from, MF_PHASE_CLOSE + 1);
    alert->level = (enum mf_level)take_below(from, MF_ANOMALOUS + 1);
    alert->severity = (enum mf_severity)take_below(from, MF_SEVERITY_CRITICAL + 1);
    alert->familiarity = (enum mf_familiarity)take_below(from, MF_UNFAMILIAR + 1);
    alert->sequence = take(from);
    alert->score = take(from);
    alert->suppressed = take(from);
    alert->history_days = take(from);
    alert->asn = take(from);
    alert->totals = (struct mf_totals){take(from), take(from), take(from), take(from), take(from)};
    alert->time = take_time(from);
    alert->created = take_time(from);
    alert->start = take_time(from);
    alert->end = take_time(from);
    uint32_t flags = take(from);
    alert->by_tenant = flags & 1;
    alert->approved = flags & 2;
    alert->fraud = flags & 4;
    alert->factor_change = flags & 8;
    alert->timeouts_inferred = flags & 16;
    alert->evidence_cut = flags & 32;
    take_findings(from, alert);
    take_text(from, alert->incident, sizeof alert->incident);
    take_name(from, alert->user, sizeof alert->user, 8);
    take_text(from, alert->user_id, sizeof alert->user_id);
    take_text(from, alert->idp, sizeof alert->idp);
    take_text(from, alert->source, sizeof alert->source);
    take_text(from, alert->country, sizeof alert->country);
    take_text(from, alert->city, sizeof alert->city);
    alert->n_evidence = take_below(from, MF_ALERT_EVIDENCE + 1);
    for (unsigned i = 0; i < alert->n_evidence; i++)
        take_text(from, alert->evidence[i], sizeof alert->evidence[i]);
}

static void check(const char *json, size_t length)
{
    static const struct mf_record_limits limits = {.size = MF_ALERT_MAX, .nodes = 1024, .depth = 8};
    struct mf_record record;

    require(length > 0 && length < MF_ALERT_MAX && json[length] == '\0');
    for (size_t i = 0; i < length; i++)
        require(json[i] >= 0x20 && json[i] <= 0x7e);
    require(mf_record_init(&record, &limits, NULL) == 0);
    require(mf_record_parse_document(&record, json, length) == MF_SKIP_NONE);
    require(record.nodes[0].type == MF_NODE_OBJECT);
    mf_record_fini(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct source from = {data, size};
    struct mf_alert alert = {0};
    char observer[256], json[MF_ALERT_MAX];

    take_name(&from, observer, sizeof observer, 3);
    take_alert(&from, &alert);
    struct mf_alert_names names = {take_below(&from, 2) ? observer : NULL, sha256, NULL};
    check(json, mf_alert_render(&alert, &names, json));
    return 0;
}
