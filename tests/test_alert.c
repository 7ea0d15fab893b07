/* tests/test_alert.c
 *
 * One alert as one line of JSON (src/judge/alert.c): the order of its members, what it says, escaping of every byte,
 * and what happens when not everything has room. libfastjson reads each line back. */

#include "judge/alert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <json.h>

#include "judge/kept.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

static struct mf_alert alert;
static struct mf_alert_names names;
static char json[MF_ALERT_MAX + 64];
static struct fjson_object *parsed;

static const struct mf_signal *signal_named(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return mf_signals[i];
    fail_msg("there is no signal %s", name);
    return NULL;
}

static void add_finding(const char *name, unsigned observed, unsigned threshold, unsigned points, bool decisive)
{
    alert.finding[alert.n_findings++] = (struct mf_finding){signal_named(name), observed, threshold, points, decisive};
}

/* A plain alert with everything in it. */
static int begin(void **state)
{
    (void)state;
    names = (struct mf_alert_names){"log1.example.com", "defaults", NULL};
    alert = (struct mf_alert){
        .phase = MF_PHASE_UPDATE,
        .sequence = 2,
        .incident = "i-0123456789abcdef",
        .time = NOW,
        .created = NOW + 1500,
        .start = NOW - 575 * MF_SECOND,
        .end = NOW,
        .user = "ada@example.com",
        .user_id = "00uada",
        .idp = "okta",
        .source = "198.51.100.23",
        .country = "RO",
        .city = "Bukarest",
        .asn = 64500,
        .level = MF_ANOMALOUS,
        .severity = MF_SEVERITY_CRITICAL,
        .score = 100,
        .totals = {14, 13, 0, 0, 1},
        .group = {50, 100, 30, 0},
        .history_days = 34,
        .familiarity = MF_UNFAMILIAR,
        .approved = true,
        .n_evidence = 2,
        .evidence = {"rec-1", "rec-2"},
    };
    add_finding("prompt_burst", 14, 10, 50, false);
    add_finding("approved_after_refusals", 13, 2, 90, true);
    add_finding("new_source", 1, 1, 30, false);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    if (parsed != NULL)
        fjson_object_put(parsed);
    parsed = NULL;
    return 0;
}

/* Renders, and holds what each alert must: one line, printable ASCII, within bounds, whole, and read by a parser to
 * its end. */
static const char *render(void)
{
    struct fjson_tokener *tokener = fjson_tokener_new();
    size_t length;

    memset(json, '~', sizeof json);
    length = mf_alert_render(&alert, &names, json);
    assert_true(length > 0 && length < MF_ALERT_MAX);
    assert_int_equal(strlen(json), length);
    assert_int_equal(json[MF_ALERT_MAX], '~');
    for (size_t i = 0; i < length; i++)
        if (json[i] < 0x20 || json[i] > 0x7e)
            fail_msg("byte %02x at %zu", (unsigned char)json[i], i);
    assert_memory_equal(json + length - 2, "}}", 2);

    finish(NULL);
    assert_non_null(tokener);
    parsed = fjson_tokener_parse_ex(tokener, json, (int)length);
    if (parsed == NULL)
        fail_msg("not JSON: %s", json);
    assert_int_equal(tokener->char_offset, length);
    fjson_tokener_free(tokener);
    return json;
}

/* The member at a dotted path; NULL when there is none. */
static struct fjson_object *member(const char *path)
{
    struct fjson_object *object = parsed;
    char name[64];

    while (object != NULL) {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        if (!fjson_object_object_get_ex(object, name, &object))
            return NULL;
        if (path[length] == '\0')
            return object;
        path += length + 1;
    }
    return NULL;
}

static const char *text(const char *path)
{
    struct fjson_object *object = member(path);

    if (object == NULL || !fjson_object_is_type(object, fjson_type_string))
        fail_msg("%s is no text in %s", path, json);
    return fjson_object_get_string(object);
}

static int64_t number(const char *path)
{
    struct fjson_object *object = member(path);

    if (object == NULL || !fjson_object_is_type(object, fjson_type_int))
        fail_msg("%s is no whole number in %s", path, json);
    return fjson_object_get_int64(object);
}

static int items(const char *path)
{
    struct fjson_object *object = member(path);

    if (object == NULL || !fjson_object_is_type(object, fjson_type_array))
        fail_msg("%s is no list in %s", path, json);
    return (int)fjson_object_array_length(object);
}

static const char *item(const char *path, int index)
{
    assert_true(index < items(path));
    return fjson_object_get_string(fjson_object_array_get_idx(member(path), index));
}

/* ---- the whole ---- */

static void an_alert_byte_by_byte(void **state)
{
    (void)state;
    assert_string_equal(
        render(),
        "{\"@timestamp\":\"2026-03-02T09:00:00.000Z\",\"ecs\":{\"version\":\"8.17.0\"},"
        "\"event\":{\"kind\":\"alert\",\"category\":[\"authentication\"],\"type\":[\"info\"],"
        "\"action\":\"mfa-approved-after-refusals\",\"outcome\":\"success\",\"severity\":10,\"risk_score\":100,"
        "\"id\":\"i-0123456789abcdef-update-2\",\"module\":\"mmfatigue\",\"dataset\":\"mmfatigue.alert\","
        "\"start\":\"2026-03-02T08:50:25.000Z\",\"end\":\"2026-03-02T09:00:00.000Z\","
        "\"created\":\"2026-03-02T09:00:01.500Z\","
        "\"reason\":\"14 prompts in 9 min 35 s, 13 refused, 1 approved; source 198.51.100.23 (RO, AS64500) is not one "
        "of this "
        "user's\"},"
        "\"rule\":{\"id\":\"approved_after_refusals\",\"name\":\"prompt approved after a run of refusals\","
        "\"ruleset\":\"AN0449\",\"version\":\"" MF_VERSION "\","
        "\"reference\":\"https://attack.mitre.org/detectionstrategies/DET0160#AN0449\"},"
        "\"threat\":{\"framework\":\"MITRE ATT&CK\",\"tactic\":{\"id\":[\"TA0006\"],\"name\":[\"Credential Access\"]},"
        "\"technique\":{\"id\":[\"T1621\"],\"name\":[\"Multi-Factor Authentication Request Generation\"]}},"
        "\"user\":{\"name\":\"ada@example.com\",\"id\":\"00uada\"},"
        "\"source\":{\"ip\":\"198.51.100.23\",\"geo\":{\"country_iso_code\":\"RO\",\"city_name\":\"Bukarest\"},"
        "\"as\":{\"number\":64500}},"
        "\"related\":{\"user\":[\"ada@example.com\"],\"ip\":[\"198.51.100.23\"]},"
        "\"observer\":{\"vendor\":\"mfatigue\",\"product\":\"mmfatigue\",\"version\":\"" MF_VERSION "\","
        "\"name\":\"log1.example.com\"},"
        "\"mfa\":{\"schema\":1,\"provider\":\"okta\",\"incident\":\"i-0123456789abcdef\",\"phase\":\"update\","
        "\"level\":\"anomalous\",\"severity\":\"critical\",\"score\":100,\"prompts\":14,\"denied\":13,\"timeouts\":0,"
        "\"failed\":0,\"approved\":1,\"window_s\":575,"
        "\"baseline\":{\"history_days\":34,\"source\":\"unfamiliar\",\"compared_with\":\"user\"},"
        "\"signals\":[\"prompt_burst\",\"approved_after_refusals\",\"new_source\"],"
        "\"findings\":[\"prompt_burst 14>=10 +50\",\"approved_after_refusals 13>=2 +90 decisive\",\"new_source 1>=1 "
        "+30\"],"
        "\"groups\":{\"volume\":50,\"outcome\":100,\"source\":30,\"session\":0},\"caveats\":[],\"suppressed\":0,"
        "\"engine\":\"" MF_VERSION "\",\"policy_sha256\":\"defaults\",\"evidence\":[\"rec-1\",\"rec-2\"],"
        "\"evidence_truncated\":false}}");
}

static void the_same_alert_is_the_same_bytes(void **state)
{
    char first[MF_ALERT_MAX];

    (void)state;
    snprintf(first, sizeof first, "%s", render());
    assert_string_equal(render(), first);
}

static void members_keep_their_order_whatever_is_left_out(void **state)
{
    static const char *const order[] = {
        "\"@timestamp\":", "\"ecs\":",           "\"event\":",    "\"rule\":",
        "\"threat\":",     "\"user\":{",         "\"related\":",  "\"observer\":",
        "\"mfa\":",        "\"schema\":",        "\"provider\":", "\"incident\":",
        "\"phase\":",      "\"level\":",         "\"baseline\":", "\"signals\":",
        "\"findings\":",   "\"groups\":",        "\"caveats\":",  "\"suppressed\":",
        "\"engine\":",     "\"policy_sha256\":", "\"evidence\":", "\"evidence_truncated\":"};
    const char *at;

    (void)state;
    memset(&alert, 0, sizeof alert);
    names.observer = NULL;
    at = render();
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        at = strstr(at, order[i]);
        if (at == NULL)
            fail_msg("%s is missing or too early", order[i]);
    }
}

static void no_list_holds_objects(void **state)
{
    (void)state;
    assert_null(strstr(render(), "[{"));
    assert_null(strstr(json, "[["));
}

/* ---- what it says ---- */

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    alert.user_id[0] = alert.source[0] = alert.country[0] = alert.city[0] = '\0';
    alert.asn = 0;
    names.observer = NULL;
    render();
    assert_null(member("source"));
    assert_null(member("user.id"));
    assert_null(member("related.ip"));
    assert_null(member("observer.name"));
    assert_int_equal(items("related.user"), 1);
    alert.asn = 64500;
    render();
    assert_int_equal(number("source.as.number"), 64500);
    assert_null(member("source.ip"));
    assert_null(member("source.geo"));
    alert.country[0] = 'R';
    names.observer = "";
    render();
    assert_non_null(member("source.geo.country_iso_code"));
    assert_null(member("source.geo.city_name"));
    assert_null(member("observer.name"));
}

static void severity_is_a_number_too(void **state)
{
    static const int64_t expected[] = {5, 5, 5, 8, 10};

    (void)state;
    for (unsigned severity = MF_SEVERITY_NONE; severity <= MF_SEVERITY_CRITICAL; severity++) {
        alert.severity = (enum mf_severity)severity;
        render();
        assert_int_equal(number("event.severity"), expected[severity]);
        assert_string_equal(text("mfa.severity"), mf_severity_name(alert.severity));
    }
}

static void each_phase_has_an_id_of_its_own(void **state)
{
    (void)state;
    alert.phase = MF_PHASE_OPEN;
    alert.sequence = 1;
    render();
    assert_string_equal(text("event.id"), "i-0123456789abcdef-open-1");
    assert_string_equal(text("mfa.phase"), "open");
    alert.phase = MF_PHASE_CLOSE;
    alert.sequence = 4294967295u;
    render();
    assert_string_equal(text("event.id"), "i-0123456789abcdef-close-4294967295");
}

static void the_heaviest_finding_names_the_alert_unless_one_is_decisive(void **state)
{
    (void)state;
    alert.n_findings = 0;
    add_finding("prompt_burst", 5, 5, 35, false);
    add_finding("refused_burst", 3, 3, 45, false);
    render();
    assert_string_equal(text("rule.id"), "refused_burst");
    assert_string_equal(text("event.action"), "mfa-refused-burst");
    add_finding("fraud_reported", 1, 1, 1, true);
    render();
    assert_string_equal(text("rule.id"), "fraud_reported");
    add_finding("code_bruteforce", 10, 10, 90, true);
    render();
    assert_string_equal(text("rule.id"), "code_bruteforce");
    alert.n_findings = 0;
    render();
    assert_string_equal(text("rule.id"), "activity");
    assert_int_equal(items("mfa.signals"), 0);
    assert_int_equal(items("mfa.findings"), 0);
}

static void the_outcome_says_who_won(void **state)
{
    (void)state;
    render();
    assert_string_equal(text("event.outcome"), "success");
    alert.approved = false;
    render();
    assert_string_equal(text("event.outcome"), "failure");
    alert.totals.denied = 0;
    render();
    assert_string_equal(text("event.outcome"), "unknown");
}

static const char *reason(struct mf_totals totals, mf_time duration)
{
    alert.totals = totals;
    alert.start = alert.end - duration;
    render();
    return text("event.reason");
}

static void the_reason_is_a_sentence(void **state)
{
    (void)state;
    alert.source[0] = '\0';
    assert_string_equal(reason((struct mf_totals){1, 0, 0, 0, 0}, 0), "1 prompt in 0 s");
    assert_string_equal(reason((struct mf_totals){0, 1, 2, 3, 4}, 59999),
                        "within 59 s: 1 refused, 2 timed out, 3 failed, 4 approved");
    assert_string_equal(reason((struct mf_totals){0, 0, 0, 0, 0}, 0), "0 prompts in 0 s");
    assert_string_equal(reason((struct mf_totals){2, 0, 0, 0, 0}, MF_MINUTE), "2 prompts in 1 min 0 s");
    assert_string_equal(reason((struct mf_totals){2, 0, 0, 0, 0}, MF_HOUR - 1), "2 prompts in 59 min 59 s");
    assert_string_equal(reason((struct mf_totals){2, 0, 0, 0, 0}, 25 * MF_HOUR + 90 * MF_SECOND),
                        "2 prompts in 25 h 1 min");
    alert.fraud = true;
    assert_string_equal(reason((struct mf_totals){2, 0, 0, 0, 0}, 0), "2 prompts in 0 s; the user reported fraud");
}

static void the_reason_names_the_source(void **state)
{
    static const struct mf_totals one = {1, 0, 0, 0, 0};

    (void)state;
    assert_string_equal(reason(one, 0),
                        "1 prompt in 0 s; source 198.51.100.23 (RO, AS64500) is not one of this user's");
    alert.by_tenant = true;
    assert_string_equal(reason(one, 0),
                        "1 prompt in 0 s; source 198.51.100.23 (RO, AS64500) is not one of this tenant's");
    alert.asn = 0;
    alert.familiarity = MF_FAMILIAR;
    assert_string_equal(reason(one, 0), "1 prompt in 0 s; source 198.51.100.23 (RO) is one of this tenant's");
    alert.country[0] = '\0';
    alert.familiarity = MF_FAMILIARITY_UNKNOWN;
    assert_string_equal(reason(one, 0), "1 prompt in 0 s; source 198.51.100.23");
}

static void caveats_say_what_weakens_it(void **state)
{
    (void)state;
    render();
    assert_int_equal(items("mfa.caveats"), 0);
    alert.timeouts_inferred = alert.by_tenant = true;
    alert.familiarity = MF_FAMILIARITY_UNKNOWN;
    render();
    assert_int_equal(items("mfa.caveats"), 3);
    assert_string_equal(item("mfa.caveats", 0), "timeouts_inferred");
    assert_string_equal(item("mfa.caveats", 1), "user_history_short");
    assert_string_equal(item("mfa.caveats", 2), "source_unknown");
    assert_string_equal(text("mfa.baseline.compared_with"), "tenant");
    assert_string_equal(text("mfa.baseline.source"), "unknown");
    alert.timeouts_inferred = false;
    render();
    assert_string_equal(item("mfa.caveats", 0), "user_history_short");
}

static void numbers_are_whole_up_to_their_largest(void **state)
{
    (void)state;
    alert.totals = (struct mf_totals){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    alert.asn = UINT32_MAX;
    alert.suppressed = UINT32_MAX;
    alert.history_days = UINT32_MAX;
    render();
    assert_int_equal(number("mfa.prompts"), UINT32_MAX);
    assert_int_equal(number("mfa.approved"), UINT32_MAX);
    assert_int_equal(number("source.as.number"), UINT32_MAX);
    assert_int_equal(number("mfa.suppressed"), UINT32_MAX);
    assert_int_equal(number("mfa.baseline.history_days"), UINT32_MAX);
}

/* ---- escaping ---- */

/* The same text in every member that takes one, back from a parser. */
static void comes_back_as(const char *written, const char *expected)
{
    void *state = NULL;

    begin(&state);
    snprintf(alert.user, sizeof alert.user, "%s", written);
    snprintf(alert.user_id, sizeof alert.user_id, "%s", written);
    snprintf(alert.idp, sizeof alert.idp, "%s", written);
    snprintf(alert.city, sizeof alert.city, "%s", written);
    snprintf(alert.evidence[0], sizeof alert.evidence[0], "%s", written);
    names = (struct mf_alert_names){written, written, written};
    render();
    assert_string_equal(text("user.name"), expected);
    assert_string_equal(item("related.user", 0), expected);
    assert_string_equal(text("user.id"), expected);
    assert_string_equal(text("mfa.provider"), expected);
    assert_string_equal(text("source.geo.city_name"), expected);
    assert_string_equal(text("observer.name"), expected);
    assert_string_equal(text("mfa.policy_sha256"), expected);
    assert_string_equal(text("rule.reference"),
                        expected[0] != '\0' ? expected : "https://attack.mitre.org/detectionstrategies/DET0160#AN0449");
    assert_string_equal(item("mfa.evidence", 0), expected);
}

static void every_ascii_byte_comes_back(void **state)
{
    char written[8];

    (void)state;
    for (int byte = 1; byte < 0x80; byte++) {
        snprintf(written, sizeof written, "a%cb", byte);
        comes_back_as(written, written);
    }
}

static void characters_of_every_length_come_back(void **state)
{
    static const char *const good[] = {
        "\xc2\x80",         "\xc3\xbc",     "\xdf\xbf",     "\xe0\xa0\x80",     "\xe2\x82\xac",
        "\xed\x9f\xbf",     "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80",
        "\xf4\x8f\xbf\xbf", "\xe2\x80\xae", "\xe2\x80\xa8", "\xef\xbb\xbf",
    };
    char written[16];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(written, sizeof written, "a%sb", good[i]);
        comes_back_as(written, written);
    }
}

#define BAD "\xef\xbf\xbd"

static void bytes_that_are_no_character_are_replaced(void **state)
{
    static const char *const pairs[][2] = {
        {"\x80", BAD},
        {"\xbf", BAD},
        {"\xc0", BAD},
        {"\xc1", BAD},
        {"\xc3", BAD}, /* cut off */
        {"\xc3z", BAD "z"},
        {"\xe2\x82", BAD BAD},
        {"\xe2\x82z", BAD BAD "z"},
        {"\xf0\x9f\x98", BAD BAD BAD},
        {"\xf5\x80\x80\x80", BAD BAD BAD BAD},
        {"\xfc\x80\x80\x80", BAD BAD BAD BAD},
        {"\xfe", BAD},
        {"\xff", BAD},
        {"\xc0\x80", BAD BAD}, /* NUL, and others, written too long */
        {"\xe0\x80\x80", BAD BAD BAD},
        {"\xe0\x9f\xbf", BAD BAD BAD},
        {"\xf0\x80\x80\x80", BAD BAD BAD BAD},
        {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD},
        {"\xed\xa0\x80", BAD BAD BAD}, /* surrogates */
        {"\xed\xbf\xbf", BAD BAD BAD},
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD}, /* above U+10FFFF */
        {"\xf7\xbf\xbf\xbf", BAD BAD BAD BAD},
    };
    char written[16], expected[32];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        snprintf(written, sizeof written, "a%sb", pairs[i][0]);
        snprintf(expected, sizeof expected, "a%sb", pairs[i][1]);
        comes_back_as(written, expected);
        comes_back_as(pairs[i][0], pairs[i][1]);
    }
}

static void a_user_cannot_forge_a_member(void **state)
{
    static const char name[] = "x\",\"level\":\"normal\"}}\n{\"@timestamp\":\"\x1b[2J\\";

    (void)state;
    snprintf(alert.user, sizeof alert.user, "%s", name);
    render();
    assert_string_equal(text("user.name"), name);
    assert_string_equal(text("mfa.level"), "anomalous");
    assert_null(strchr(json, '\n'));
    assert_null(strchr(json, '\x1b'));
}

/* ---- room ---- */

/* `size` - 1 bytes of text, made of whole pieces and filled up with x. */
static void fill(char *to, size_t size, const char *piece)
{
    size_t length = strlen(piece), used = 0;

    for (; used + length < size; used += length)
        memcpy(to + used, piece, length);
    memset(to + used, 'x', size - 1 - used);
    to[size - 1] = '\0';
}

/* The most that an event can bring along, escaped as badly as can be. */
static void fill_all(const char *piece)
{
    static char observer[256], runbook[256];
    void *state = NULL;

    begin(&state);
    fill(runbook, sizeof runbook, "\"");
    fill(alert.user, sizeof alert.user, piece);
    fill(alert.user_id, sizeof alert.user_id, piece);
    fill(alert.city, sizeof alert.city, piece);
    fill(observer, sizeof observer, "n");
    names =
        (struct mf_alert_names){observer, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", runbook};
    snprintf(alert.source, sizeof alert.source, "2001:db8:1111:2222:3333:4444:5555:6666");
    snprintf(alert.idp, sizeof alert.idp, "%s", "a-provider-with-a-name-of-31-by");
    alert.totals = (struct mf_totals){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    alert.asn = alert.suppressed = alert.history_days = alert.sequence = UINT32_MAX;
    alert.start = NOW - 20000 * MF_DAY;
    alert.timeouts_inferred = alert.by_tenant = alert.fraud = true;
    alert.missing = (1u << MF_N_CARRIED) - 1;
    alert.rate = (struct mf_rate_answer){
        true, MF_RATE_24_HOURS, 64, -1e300, {.known = true, .rate = 1e300, .prior_rate = 1e300}};
    memcpy(alert.country, "RO", 2);
    alert.familiarity = MF_FAMILIARITY_UNKNOWN;
    alert.n_findings = 0;
    for (unsigned i = 0; i < mf_n_signals; i++)
        add_finding(mf_signals[i]->name, UINT16_MAX, UINT16_MAX, 100, true);
    alert.n_evidence = MF_ALERT_EVIDENCE;
    for (unsigned i = 0; i < MF_ALERT_EVIDENCE; i++)
        fill(alert.evidence[i], sizeof alert.evidence[i], piece);
}

/* A state that was tampered with may hold any. */
static void a_rate_beyond_any_bound_is_a_number(void **state)
{
    (void)state;
    alert.rate = (struct mf_rate_answer){true, MF_RATE_24_HOURS, 64, -1e300, {.rate = 1e300, .prior_rate = -1e300}};
    render();
    assert_non_null(strstr(json, "\"logins_per_day\":1000000.0,"));
    assert_non_null(strstr(json, "\"population_per_day\":-1000000.0,"));
    assert_non_null(strstr(json, "\"log10_p\":-1000000.0}"));
}

static void the_worst_user_of_256_bytes_fits(void **state)
{
    /* what a folded login may hold: no control bytes */
    static const char *const pieces[] = {"x", "\"", "\\", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        fill_all(pieces[i]);
        render();
        assert_int_equal(strlen(text("user.name")), MF_USER_MAX);
        assert_string_equal(text("user.name"), alert.user);
        assert_string_equal(text("source.ip"), alert.source);
        assert_int_equal(items("mfa.signals"), mf_n_signals);
        assert_int_equal(items("mfa.findings"), 8);
        assert_string_equal(item("mfa.caveats", items("mfa.caveats") - 1), "findings_cut");
        assert_true(fjson_object_get_boolean(member("mfa.evidence_truncated")));
        alert.users = UINT32_MAX; /* of an address's incident */
        render();
        alert.users = 0;
        alert.phase = MF_PHASE_SUMMARY;
        alert.suppressed_anomalous = alert.refused = UINT32_MAX;
        render();
    }
}

static void names_out_of_a_forged_state_fit(void **state)
{
    static struct mf_kept_alert kept;

    (void)state;
    fill_all("x");
    fill(alert.incident, sizeof alert.incident, "\xb9");
    fill(alert.idp, sizeof alert.idp, "\"");
    fill(alert.source, sizeof alert.source, "\x7f");
    fill(alert.country, sizeof alert.country, "\x01");
    fill(alert.user, sizeof alert.user, "\x1b");
    mf_alert_keep(&alert, &kept);
    mf_alert_take_back(&kept, &alert);
    render();
    assert_string_equal(text("mfa.incident"), "????????????????????");
    assert_string_equal(text("mfa.provider"), "???????????????????????????????");
    assert_string_equal(text("source.geo.country_iso_code"), "??");
    assert_string_equal(text("user.name"), "");
}

static void names_out_of_a_state_are_as_they_were(void **state)
{
    static struct mf_kept_alert kept;
    char before[sizeof json];

    (void)state;
    fill_all("\xf0\x9f\x98\x80");
    snprintf(before, sizeof before, "%s", render());
    mf_alert_keep(&alert, &kept);
    mf_alert_take_back(&kept, &alert);
    assert_string_equal(render(), before);
}

/* When not all numbers have room, those of the heaviest findings stay, and the alert says so. */
static void the_heaviest_findings_are_kept(void **state)
{
    (void)state;
    fill_all("\xc3\xbc");
    for (unsigned i = 0; i < alert.n_findings; i++)
        alert.finding[i].points = i % 3 == 2 ? 60 + i : 10;
    render();
    assert_int_equal(items("mfa.findings"), 8);
    for (int i = 0; i < 8; i++)
        assert_non_null(strstr(item("mfa.findings", i), mf_signals[i * 3 + 2]->name));
    assert_int_equal(items("mfa.signals"), mf_n_signals);
}

static void findings_that_have_room_are_whole(void **state)
{
    (void)state;
    alert.n_findings = 0;
    for (unsigned i = 0; i < mf_n_signals; i++)
        add_finding(mf_signals[i]->name, 65535, 65535, 100, true);
    render();
    assert_int_equal(items("mfa.findings"), mf_n_signals);
    assert_null(strstr(json, "findings_cut"));
    assert_string_equal(text("observer.name"), "log1.example.com");
}

static void a_name_that_fits_twice_is_told_twice(void **state)
{
    (void)state;
    fill(alert.user, sizeof alert.user, "\"");
    render();
    assert_string_equal(item("related.user", 0), alert.user);
    assert_string_equal(text("user.id"), "00uada");
    assert_string_equal(text("source.geo.city_name"), "Bukarest");
    assert_false(fjson_object_get_boolean(member("mfa.evidence_truncated")));
}

/* An id or a city may hold control bytes, six characters each; the line is whole all the same. */
static void the_worst_of_everything_is_whole_json(void **state)
{
    static const char *const pieces[] = {"\x01", "\x7f", "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        fill_all("\xc3\xbc");
        fill(alert.user_id, sizeof alert.user_id, pieces[i]);
        fill(alert.city, sizeof alert.city, pieces[i]);
        render();
        assert_string_equal(text("user.name"), alert.user);
        for (unsigned j = 0; j < MF_ALERT_EVIDENCE; j++)
            fill(alert.evidence[j], sizeof alert.evidence[j], pieces[i]);
        render();
        assert_string_equal(text("mfa.level"), "anomalous");
        assert_true(fjson_object_get_boolean(member("mfa.evidence_truncated")));
    }
}

static void evidence_is_cut_to_what_has_room_and_says_so(void **state)
{
    int last = MF_ALERT_EVIDENCE;

    (void)state;
    alert.n_evidence = MF_ALERT_EVIDENCE;
    /* longer and longer ids: all fit, then fewer and fewer */
    for (size_t size = 2; size <= MF_EVIDENCE_TEXT; size++) {
        for (unsigned i = 0; i < MF_ALERT_EVIDENCE; i++) {
            fill(alert.evidence[i], size, "\x01");
            alert.evidence[i][0] = (char)('a' + i);
        }
        render();
        int n = items("mfa.evidence");
        assert_true(n <= last);
        assert_int_equal(fjson_object_get_boolean(member("mfa.evidence_truncated")), n < MF_ALERT_EVIDENCE);
        for (int i = 0; i < n; i++)
            assert_string_equal(item("mfa.evidence", i), alert.evidence[i]);
        last = n;
    }
    assert_true(last > 0 && last < MF_ALERT_EVIDENCE);
}

static void not_a_byte_of_room_is_wasted(void **state)
{
    char observer[250];
    size_t longest = 0;
    bool cut = false;

    (void)state;
    alert.n_evidence = MF_ALERT_EVIDENCE;
    for (unsigned i = 0; i < MF_ALERT_EVIDENCE; i++)
        fill(alert.evidence[i], MF_EVIDENCE_TEXT, "x");
    fill(observer, sizeof observer, "n");
    names.observer = observer;
    /* one byte more at a time, until the last id has no room any more */
    for (size_t size = 2; size < sizeof alert.user && !cut; size++) {
        fill(alert.user, size, "y");
        render();
        cut = items("mfa.evidence") < MF_ALERT_EVIDENCE;
        if (!cut && strlen(json) > longest)
            longest = strlen(json);
    }
    assert_true(cut);
    /* the user stands twice, so a step is two bytes, and "false" may become "true" */
    assert_true(longest >= MF_ALERT_MAX - 1 - 4);
}

static void what_was_cut_before_is_said_too(void **state)
{
    (void)state;
    alert.evidence_cut = true;
    render();
    assert_int_equal(items("mfa.evidence"), 2);
    assert_true(fjson_object_get_boolean(member("mfa.evidence_truncated")));
    alert.evidence_cut = false;
    alert.n_evidence = 0;
    render();
    assert_int_equal(items("mfa.evidence"), 0);
    assert_false(fjson_object_get_boolean(member("mfa.evidence_truncated")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_alert_byte_by_byte),
        TEST(the_same_alert_is_the_same_bytes),
        TEST(members_keep_their_order_whatever_is_left_out),
        TEST(no_list_holds_objects),
        TEST(what_is_not_known_is_left_out),
        TEST(severity_is_a_number_too),
        TEST(each_phase_has_an_id_of_its_own),
        TEST(the_heaviest_finding_names_the_alert_unless_one_is_decisive),
        TEST(the_outcome_says_who_won),
        TEST(the_reason_is_a_sentence),
        TEST(the_reason_names_the_source),
        TEST(caveats_say_what_weakens_it),
        TEST(numbers_are_whole_up_to_their_largest),
        TEST(every_ascii_byte_comes_back),
        TEST(characters_of_every_length_come_back),
        TEST(bytes_that_are_no_character_are_replaced),
        TEST(a_user_cannot_forge_a_member),
        TEST(a_rate_beyond_any_bound_is_a_number),
        TEST(the_worst_user_of_256_bytes_fits),
        TEST(names_out_of_a_forged_state_fit),
        TEST(names_out_of_a_state_are_as_they_were),
        TEST(the_heaviest_findings_are_kept),
        TEST(findings_that_have_room_are_whole),
        TEST(a_name_that_fits_twice_is_told_twice),
        TEST(the_worst_of_everything_is_whole_json),
        TEST(evidence_is_cut_to_what_has_room_and_says_so),
        TEST(not_a_byte_of_room_is_wasted),
        TEST(what_was_cut_before_is_said_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
