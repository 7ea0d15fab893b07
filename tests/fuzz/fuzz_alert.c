/* tests/fuzz/fuzz_alert.c
 *
 * Any contents of an alert: the line is printable ASCII, within bounds, and a whole JSON object by the strictest
 * reader we have; the command line reads out of it what was put in, and shows it to people as one line that is safe for a
 * terminal; and what was kept in the state says the same when it is taken back. Any bytes as such a line, too.
 *
 * The contents come out of a state: there any bytes may stand for a name, and only what may be rendered is taken back. */

#include "judge/alert.h"

#include <math.h>
#include <stdlib.h>

#include "../../tool/alert_text.h"
#include "../../tool/text.h"
#include "judge/kept.h"

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

/* Any number that is one. */
static double take_real(struct source *from)
{
    uint64_t bits = (uint64_t)take(from) << 32 | take(from);
    double real;

    memcpy(&real, &bits, sizeof real);
    return isfinite(real) ? real : 0;
}

/* 2001 to 9999, as the reader lets through */
static mf_time take_time(struct source *from)
{
    return (mf_time)978307200 * MF_SECOND + (mf_time)(((uint64_t)take(from) << 32 | take(from)) % 252423993600000u);
}

static char related[MF_CAMPAIGN_NAMES][MF_USER_MAX + 1];

static void take_findings(struct source *from, struct mf_alert *alert)
{
    alert->n_findings = take_below(from, mf_n_signals + 1);
    for (unsigned i = 0; i < alert->n_findings; i++)
        alert->finding[i] = (struct mf_finding){mf_signals[i], take_below(from, 65536), take_below(from, 65536),
                                                take_below(from, 256), take_below(from, 2)};
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        alert->group[i] = take_below(from, 101);
}

static void take_rate(struct source *from, struct mf_rate_answer *rate)
{
    rate->asked = take_below(from, 2);
    rate->window = (enum mf_rate_window)take_below(from, MF_RATE_WINDOWS);
    rate->attempts = take(from);
    rate->log10_p = take_real(from);
    rate->expectation.population = (enum mf_population)take_below(from, MF_GROUP + 1);
    rate->expectation.rate = take_real(from);
    rate->expectation.prior_rate = take_real(from);
}

static void take_alert(struct source *from, struct mf_alert *alert)
{
    enum { COUNTS = 1000000000 };

    alert->phase = (enum mf_phase)take_below(from, MF_PHASE_SUMMARY + 1);
    alert->level = (enum mf_level)take_below(from, MF_ANOMALOUS + 1);
    alert->severity = (enum mf_severity)take_below(from, MF_SEVERITY_CRITICAL + 1);
    alert->familiarity = (enum mf_familiarity)take_below(from, MF_UNFAMILIAR + 1);
    alert->sequence = take(from);
    alert->score = take_below(from, 101);
    alert->suppressed = take_below(from, COUNTS);
    alert->history_days = take(from);
    alert->asn = take(from);
    alert->totals = (struct mf_totals){take_below(from, COUNTS), take_below(from, COUNTS), take_below(from, COUNTS),
                                       take_below(from, COUNTS), take_below(from, COUNTS)};
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
    /* what came to be known later stands behind, so that older inputs still say what they said */
    alert->expired = flags & 64;
    take_rate(from, &alert->rate);
    alert->missing = take_below(from, 1 << MF_N_CARRIED);
    alert->suppressed_anomalous = take(from);
    alert->refused = take(from);
    alert->users = take_below(from, MF_CAMPAIGN_USERS + 1);
    alert->n_related = alert->users == 0 ? 0 : take_below(from, MF_CAMPAIGN_NAMES + 1);
    for (unsigned i = 0; i < alert->n_related; i++)
        take_name(from, related[i], sizeof related[i], 8);
    alert->related = (const char(*)[MF_USER_MAX + 1]) related;
}

static struct mf_record record;

static void check(const char *json, size_t length)
{
    require(length > 0 && length < MF_ALERT_MAX && json[length] == '\0');
    for (size_t i = 0; i < length; i++)
        require(json[i] >= 0x20 && json[i] <= 0x7e);
    require(mf_record_parse_document(&record, json, length) == MF_SKIP_NONE);
    require(record.nodes[0].type == MF_NODE_OBJECT);
}

/* One line, whole characters, and none that a terminal acts on or that is not seen. */
static void check_row(const struct mf_alert_line *line)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    require(out != NULL);
    mf_alert_row(out, line, mf_phase_name(line->phase), MF_USER_COLUMN);
    require(fclose(out) == 0 && length > 0 && text[length - 1] == '\n');
    for (size_t i = 0; i < length - 1;) {
        uint32_t code;
        i += mf_text_decode(text + i, length - 1 - i, &code);
        require(code != MF_TEXT_BROKEN && !mf_text_is_hidden(code));
    }
    free(text);
}

static void check_line(const struct mf_alert *alert, const char *json, size_t length)
{
    struct mf_alert_line line;
    bool found = mf_alert_line_parse(&record, json, length, &line);

    require(found == (alert->incident[0] != '\0' && alert->phase != MF_PHASE_NONE));
    require(line.phase == alert->phase && line.level == alert->level && line.severity == alert->severity);
    require(line.time == alert->time && line.start == alert->start && line.end == alert->end);
    require(line.score == alert->score && line.users == alert->users && line.suppressed == alert->suppressed);
    require(line.prompts == alert->totals.prompts && line.denied == alert->totals.denied &&
            line.timeouts == alert->totals.timeouts && line.failed == alert->totals.failed &&
            line.approved == alert->totals.approved);
    require(strcmp(line.user, alert->user) == 0 && line.n_evidence <= alert->n_evidence);
    for (unsigned i = 0; i < alert->n_findings; i++)
        require(mf_alert_line_has(line.signals, alert->finding[i].signal->name));
    require(line.json.length == length && memcmp(line.json.data, json, length) == 0);
    if (found)
        check_row(&line);
}

/* What comes back of an alert that was kept; the names of others are kept elsewhere. */
static void keep(const struct mf_alert *alert, struct mf_alert *back)
{
    static struct mf_kept_alert kept, read;
    static unsigned char bytes[MF_PACKED_MAX];

    mf_alert_keep(alert, &kept);
    size_t length = mf_pack(mf_kept_alert_fields, &kept, bytes, sizeof bytes);
    memset(&read, 0, sizeof read);
    require(length > 0 && mf_unpack(mf_kept_alert_fields, MF_STATE_FORMAT, bytes, length, &read));
    mf_alert_take_back(&read, back);
}

static void check_kept(struct mf_alert *alert, const struct mf_alert_names *names)
{
    static struct mf_alert back;
    char json[MF_ALERT_MAX], other[MF_ALERT_MAX];

    alert->n_related = 0;
    keep(alert, &back);
    require(mf_alert_render(alert, names, json) == mf_alert_render(&back, names, other) && strcmp(json, other) == 0);
}

static void check_any_line(const uint8_t *data, size_t size)
{
    struct mf_alert_line line;

    if (mf_alert_line_parse(&record, (const char *)data, size, &line))
        check_row(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct source from = {data, size};
    static struct mf_alert any, alert;
    static const struct mf_record_limits limits = {.size = MF_ALERT_MAX, .nodes = 1024, .depth = 8};
    char observer[256], json[MF_ALERT_MAX];

    if (record.nodes == NULL)
        require(mf_record_init(&record, &limits, NULL) == 0);
    check_any_line(data, size);
    take_name(&from, observer, sizeof observer, 3);
    memset(&any, 0, sizeof any);
    take_alert(&from, &any);
    keep(&any, &alert);
    alert.n_related = any.n_related;
    alert.related = any.related;
    struct mf_alert_names names = {take_below(&from, 2) ? observer : NULL, sha256, NULL};
    size_t length = mf_alert_render(&alert, &names, json);
    check(json, length);
    check_line(&alert, json, length);
    check_kept(&alert, &names);
    return 0;
}
