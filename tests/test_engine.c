/* tests/test_engine.c
 *
 * The engine as a whole (src/engine.c), fed with records of Okta, Duo and Entra through the shipped profiles: what
 * attacks and their benign look-alikes come to, what an incident tells, and what holds whatever comes: replays agree,
 * threads agree, late records find their place, no memory is taken while judging, nothing crashes. */

#include "engine.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_in.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { ALERTS_MAX = 64, LINE_SIZE = 1024 };

/* ---- memory that is taken while nobody may: malloc and its family, counted ---- */

static _Thread_local volatile bool counting; /* volatile: compilers know malloc, and that it looks at nothing of ours */
static _Thread_local unsigned long allocations;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER
#endif

#ifdef UNDER_SANITIZER
/* the sanitizer's own allocator tells */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *pointer, size_t size)
{
    (void)pointer, (void)size;
    allocations += counting;
}

static void on_free(const volatile void *pointer)
{
    (void)pointer;
}

static void watch_memory(void)
{
    static bool watching;

    if (!watching)
        assert_true(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
    watching = true;
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *pointer, size_t size);

void *malloc(size_t size)
{
    allocations += counting;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    allocations += counting;
    return __libc_calloc(n, size);
}

void *realloc(void *pointer, size_t size)
{
    allocations += counting;
    return __libc_realloc(pointer, size);
}

static void watch_memory(void)
{
}
#endif

/* ---- an engine and what comes out of it ---- */

struct alert {
    char json[MF_ALERT_MAX], incident[MF_INCIDENT_ID + 1];
    enum mf_phase phase;
    enum mf_level level;
    enum mf_severity severity;
};

static struct mf_engine *engine;
static struct mf_worker *worker;
static mf_time arrival;
static struct mf_tag tag;
static char policy_file[] = "/tmp/mf-engine-XXXXXX";

/* since begin() or forget() */
static struct alert alert[ALERTS_MAX];
static unsigned n_alerts, n_judged;
static enum mf_level level, worst; /* of the last event, and of any */
static enum mf_severity severity;
static unsigned score;
static enum mf_skip skip;

static void on_judged(void *context, const struct mf_judged *judged)
{
    (void)context;
    skip = judged->skip;
    if (judged->verdict == NULL)
        return;
    n_judged++;
    level = judged->verdict->level;
    severity = judged->verdict->severity;
    score = judged->verdict->score;
    worst = level > worst ? level : worst;
}

static void on_alert(void *context, const struct mf_alert_text *text)
{
    struct alert *mine = &alert[n_alerts];

    (void)context;
    assert_true(n_alerts < ALERTS_MAX);
    assert_int_equal(strlen(text->json), text->length);
    n_alerts++;
    mine->phase = text->phase;
    mine->level = text->level;
    mine->severity = text->severity;
    snprintf(mine->json, sizeof mine->json, "%s", text->json);
    snprintf(mine->incident, sizeof mine->incident, "%s", text->incident);
}

static const struct mf_sink sink = {on_judged, on_alert, NULL, false};

static void forget(void)
{
    n_alerts = n_judged = 0;
    level = worst = MF_NORMAL;
    severity = MF_SEVERITY_NONE;
    skip = MF_SKIP_NONE;
}

static const char *profile_dir(void)
{
    static char dir[4096];
    const char *top = getenv("MF_SRCDIR");

    snprintf(dir, sizeof dir, "%s/profiles", top == NULL ? "." : top);
    return dir;
}

static struct mf_engine *new_engine(uint64_t key)
{
    const struct mf_engine_options options = {
        .policy_file = policy_file, .profile_dir = profile_dir(), .key = {key, ~key}};
    struct mf_error error = {""};
    struct mf_engine *made = mf_engine_new(&options, &error);

    if (made == NULL)
        fail_msg("%s", error.text);
    return made;
}

static unsigned serial; /* for ids that differ */

static void begin_with(const char *policy)
{
    FILE *out = fopen(policy_file, "wb");

    assert_non_null(out);
    fputs(policy, out);
    fclose(out);
    engine = new_engine(1);
    worker = mf_worker_new(engine, NULL);
    assert_non_null(worker);
    arrival = MF_TIME_NONE;
    serial = 0;
    forget();
}

static void end(void)
{
    mf_worker_free(worker);
    mf_engine_free(engine);
}

static int setup(void **state)
{
    (void)state;
    begin_with("{}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    end();
    return 0;
}

static int make_file(void **state)
{
    int fd = mkstemp(policy_file);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(policy_file);
}

static void judge(const char *line)
{
    mf_engine_judge(engine, worker, line, strlen(line), arrival, &sink, &tag);
}

static unsigned count_phase(enum mf_phase phase)
{
    unsigned n = 0;

    for (unsigned i = 0; i < n_alerts; i++)
        n += alert[i].phase == phase;
    return n;
}

static const struct alert *last_alert(void)
{
    assert_true(n_alerts > 0);
    return &alert[n_alerts - 1];
}

/* Does the alert have these bytes ("\"denied\":3,")? */
static void tells(const struct alert *it, const char *part)
{
    if (strstr(it->json, part) == NULL)
        fail_msg("%s is not in %s", part, it->json);
}

/* ---- records ---- */

struct from {
    const char *ip, *country;
    unsigned asn;
};

static const struct from home = {"198.51.100.7", "DE", 64500}, abroad = {"203.0.113.66", "RO", 64510},
                         phone = {"192.0.2.9", "FR", 64520};

static const char *when(mf_time time)
{
    static char text[MF_TIME_TEXT];

    mf_time_format(time, text);
    return text;
}

static char line[LINE_SIZE];

static const char *okta_line(mf_time time, const char *user, const char *type, const char *result, const char *reason,
                             const char *factor, const struct from *from)
{
    serial++;
    snprintf(line, sizeof line,
             "{\"actor\":{\"id\":\"00u-%s\",\"type\":\"User\",\"alternateId\":\"%s\"},\"client\":{\"device\":\"%s\","
             "\"ipAddress\":\"%s\","
             "\"geographicalContext\":{\"country\":\"%s\"}},\"eventType\":\"%s\",\"outcome\":{\"result\":\"%s\","
             "\"reason\":\"%s\"},"
             "\"published\":\"%s\",\"securityContext\":{\"asNumber\":%u},\"debugContext\":{\"debugData\":{\"factor\":"
             "\"%s\"}},"
             "\"transaction\":{\"id\":\"t-%u\"},\"uuid\":\"okta-%u\",\"target\":null}",
             user, user, from == &phone ? "Mobile" : "Computer", from->ip, from->country, type, result, reason,
             when(time), from->asn, factor, serial, serial);
    return line;
}

static void okta_session(mf_time time, const char *user, const struct from *from)
{
    judge(okta_line(time, user, "user.session.start", "SUCCESS", "", "", from));
}

static void okta_prompt(mf_time time, const char *user, const struct from *from)
{
    judge(okta_line(time, user, "system.push.send_factor_verify_push", "SUCCESS", "", "", from));
}

/* The Classic Engine tells a refusal twice. */
static void okta_refuse(mf_time time, const char *user)
{
    judge(okta_line(time, user, "user.mfa.okta_verify.deny_push", "SUCCESS", "", "", &phone));
    judge(okta_line(time + 400, user, "user.authentication.auth_via_mfa", "FAILURE", "INVALID_CREDENTIALS",
                    "OKTA_VERIFY_PUSH", &phone));
}

static void okta_approve(mf_time time, const char *user)
{
    judge(okta_line(time, user, "user.authentication.auth_via_mfa", "SUCCESS", "", "OKTA_VERIFY_PUSH", &phone));
}

static const char *duo_line(mf_time time, const char *user, const char *factor, const char *result, const char *reason,
                            const struct from *from)
{
    serial++;
    snprintf(
        line, sizeof line,
        "{\"access_device\":{\"ip\":\"%s\",\"location\":{\"country\":\"%s\"}},\"auth_device\":{\"ip\":\"192.0.2.9\"},"
        "\"event_type\":\"authentication\",\"factor\":\"%s\",\"isotimestamp\":\"%s\",\"reason\":\"%s\",\"result\":\"%"
        "s\","
        "\"txid\":\"duo-%u\",\"user\":{\"name\":\"%s\"}}",
        from->ip, from->country, factor, when(time), reason, result, serial, user);
    return line;
}

static void duo_push(mf_time time, const char *user, const char *result, const char *reason, const struct from *from)
{
    judge(duo_line(time, user, "duo_push", result, reason, from));
}

static const char *entra_line(mf_time time, const char *user, int code, const char *details, const struct from *from)
{
    serial++;
    snprintf(
        line, sizeof line,
        "{\"category\":\"SignInLogs\",\"tenantId\":\"11111111-0000-4000-8000-000000000001\",\"properties\":{\"id\":"
        "\"entra-%u\","
        "\"createdDateTime\":\"%s\",\"userPrincipalName\":\"%s\",\"ipAddress\":\"%s\",\"status\":{\"errorCode\":%d,"
        "\"additionalDetails\":\"%s\"},\"location\":{\"countryOrRegion\":\"%s\"},\"autonomousSystemNumber\":%u,"
        "\"mfaDetail\":{\"authMethod\":\"Mobile app "
        "notification\"},\"correlationId\":\"c-%u\",\"isInteractive\":true}}",
        serial, when(time), user, from->ip, code, details, from->country, from->asn, serial);
    return line;
}

/* Ten days of ordinary logins at home. */
static void okta_history(const char *user)
{
    for (int day = 10; day >= 1; day--)
        okta_session(NOW - day * MF_DAY, user, &home);
    assert_int_equal(worst, MF_NORMAL);
    forget();
}

static void duo_history(const char *user)
{
    for (int day = 10; day >= 1; day--)
        duo_push(NOW - day * MF_DAY, user, "success", "user_approved", &home);
    assert_int_equal(worst, MF_NORMAL);
    forget();
}

/* ---- attacks ---- */

static void foreign_bombing_is_anomalous_at_the_3rd_refusal_and_critical_at_the_approval(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 3; i++) {
        assert_true(worst < MF_ANOMALOUS);
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    assert_int_equal(level, MF_ANOMALOUS);
    assert_int_equal(severity, MF_SEVERITY_HIGH);
    assert_int_equal(counter(engine, "refusals"), 3);
    assert_int_equal(counter(engine, "repeated_outcomes"), 3);

    okta_prompt(NOW + 60000, "ada@example.com", &abroad);
    okta_approve(NOW + 66000, "ada@example.com");
    assert_int_equal(severity, MF_SEVERITY_CRITICAL);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 1);
    assert_true(count_phase(MF_PHASE_UPDATE) <= 2);
    tells(last_alert(), "\"prompts\":4,\"denied\":3,\"timeouts\":0,\"failed\":0,\"approved\":1,");
    tells(last_alert(), "\"id\":\"approved_after_refusals\"");
}

/* The refusals carry the phone's address; the prompts before them said where the login came from. */
static void an_alert_that_a_refusal_opens_names_the_source_of_the_prompts(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; n_alerts == 0 && i < 10; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    tells(&alert[0],
          "\"source\":{\"ip\":\"203.0.113.66\",\"geo\":{\"country_iso_code\":\"RO\"},\"as\":{\"number\":64510}}");
    tells(&alert[0], "\"source\":\"unfamiliar\"");
    assert_string_equal(tag.source, "203.0.113.66");
}

static void foreign_bombing_is_at_least_suspicious_by_the_5th_prompt(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 5; i++)
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
    assert_true(level >= MF_SUSPICIOUS);
}

static void timeouts_alone_are_suspicious_by_the_10th_prompt_and_critical_at_the_approval(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        duo_push(NOW + i * 45000, "ada", "denied", "no_response", &abroad);
    assert_int_equal(level, MF_SUSPICIOUS);
    assert_int_equal(worst, MF_SUSPICIOUS);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_MEDIUM);
    duo_push(NOW + 10 * 45000, "ada", "success", "user_approved", &abroad);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 1);
    assert_int_equal(count_phase(MF_PHASE_UPDATE), 1);
}

static void timeouts_that_no_record_tells_of_count_as_well(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        okta_prompt(NOW + i * MF_MINUTE, "ada@example.com", &abroad);
    assert_int_equal(level, MF_SUSPICIOUS);
    tells(&alert[0], "\"timeouts_inferred\"");
    okta_prompt(NOW + 10 * MF_MINUTE, "ada@example.com", &abroad);
    okta_approve(NOW + 10 * MF_MINUTE + 9000, "ada@example.com");
    assert_int_equal(severity, MF_SEVERITY_CRITICAL);
}

/* Six prompts 29 minutes apart, of which the last is judged although nothing more is heard of the user. */
static void prompts_that_nobody_answers_are_told_though_nothing_follows(void **state)
{
    const mf_time last = NOW + 145 * MF_MINUTE, expiry = last + 6 * MF_MINUTE;
    char stamp[80];

    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i <= 5; i++)
        okta_prompt(NOW + i * 29 * MF_MINUTE, "ada@example.com", &abroad);
    okta_session(expiry - 1, "bob@example.com", &home);
    assert_int_equal(n_alerts, 0);
    okta_session(expiry, "bob@example.com", &home);
    assert_int_equal(n_alerts, 1);
    tells(last_alert(), "\"id\":\"slow_drip\"");
    tells(last_alert(), "\"prompt_expired\"");
    tells(last_alert(), "\"name\":\"ada@example.com\"");
    tells(last_alert(), "\"timeouts\":6,");
    snprintf(stamp, sizeof stamp, "{\"@timestamp\":\"%s\"", when(expiry));
    tells(last_alert(), stamp);
    /* the incident is no longer for it: it ends when half an hour has passed since the last prompt */
    okta_session(last + 30 * MF_MINUTE, "bob@example.com", &home);
    assert_int_equal(last_alert()->phase, MF_PHASE_CLOSE);
}

static void by_the_clock_too_when_the_feed_falls_silent(void **state)
{
    const mf_time last = NOW + 145 * MF_MINUTE;

    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i <= 5; i++) {
        arrival = NOW + i * 29 * MF_MINUTE + MF_SECOND;
        okta_prompt(NOW + i * 29 * MF_MINUTE, "ada@example.com", &abroad);
    }
    mf_engine_tick(engine, worker, last + 6 * MF_MINUTE, &sink);
    assert_int_equal(n_alerts, 0);
    mf_engine_tick(engine, worker, last + 6 * MF_MINUTE + MF_SECOND, &sink);
    assert_int_equal(n_alerts, 1);
    mf_engine_tick(engine, worker, last + 7 * MF_MINUTE, &sink);
    assert_int_equal(n_alerts, 1);
}

static void a_prompt_that_was_answered_is_not_waited_for(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i <= 5; i++)
        okta_prompt(NOW + i * 29 * MF_MINUTE, "ada@example.com", &abroad);
    judge(okta_line(NOW + 146 * MF_MINUTE, "ada@example.com", "user.authentication.auth_via_mfa", "SUCCESS", "",
                    "OKTA_VERIFY_PUSH", &home));
    unsigned before = n_alerts;
    okta_session(NOW + 152 * MF_MINUTE, "bob@example.com", &home);
    assert_int_equal(n_alerts, before);
}

static void ten_wrong_codes_then_a_right_one_are_critical(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        judge(duo_line(NOW + i * 20000, "ada", "passcode", "denied", "invalid_passcode", &abroad));
    assert_true(worst < MF_ANOMALOUS);
    judge(duo_line(NOW + 10 * 20000, "ada", "passcode", "success", "valid_passcode", &abroad));
    assert_int_equal(last_alert()->level, MF_ANOMALOUS);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
    tells(last_alert(), "code_bruteforce 10>=10 +90 decisive");
}

static void a_fraud_report_is_anomalous(void **state)
{
    (void)state;
    duo_history("ada");
    duo_push(NOW, "ada", "fraud", "user_marked_fraud", &home);
    assert_int_equal(level, MF_ANOMALOUS);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 1);
    tells(last_alert(), "the user reported fraud");
}

static void entra_tells_of_the_same_attack(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        judge(entra_line(NOW + i * 30000, "ada@example.com", 500121, "MFA denied; user declined the authentication",
                         &abroad));
    assert_int_equal(level, MF_ANOMALOUS);
    judge(entra_line(NOW + 5 * 30000, "ada@example.com", 0, "MFA completed in Azure AD", &abroad));
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
    tells(last_alert(), "\"provider\":\"entra\"");
}

static void one_person_seen_through_two_providers_is_one(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        duo_push(NOW + i * 20000, "ada@example.com", "denied", "user_denied", &abroad);
    for (int i = 3; i < 5; i++)
        judge(entra_line(NOW + i * 20000, "Ada@Example.com", 500121, "MFA denied; user declined the authentication",
                         &abroad));
    assert_int_equal(level, MF_ANOMALOUS);
    tells(last_alert(), "\"denied\":5,");
    assert_int_equal(counter(engine, "users_tracked"), 1);
    assert_int_equal(counter(engine, "feeds"), 2);
}

static void a_factor_change_in_an_anomalous_run_is_critical(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 3; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    assert_int_equal(severity, MF_SEVERITY_HIGH);
    judge(okta_line(NOW + 5 * MF_MINUTE, "ada@example.com", "user.mfa.factor.reset_all", "SUCCESS", "", "", &abroad));
    assert_int_equal(severity, MF_SEVERITY_CRITICAL);
    assert_int_equal(last_alert()->phase, MF_PHASE_UPDATE);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
}

/* ---- what only looks like one ---- */

static void one_approved_push_from_a_new_country_is_a_notice(void **state)
{
    duo_history("ada");
    duo_push(NOW, "ada", "success", "user_approved", &abroad);
    assert_int_equal(worst, MF_NOTICE);
    assert_int_equal(n_alerts, 0);
    teardown(state);
    setup(state);
    okta_history("ada@example.com");
    okta_prompt(NOW, "ada@example.com", &abroad);
    okta_approve(NOW + 8000, "ada@example.com");
    okta_session(NOW + 9000, "ada@example.com", &abroad);
    assert_int_equal(worst, MF_NOTICE);
    assert_int_equal(n_alerts, 0);
}

static void a_dead_phone_at_home_is_a_notice(void **state)
{
    (void)state;
    duo_history("ada");
    for (int i = 0; i < 6; i++)
        duo_push(NOW + i * 65000, "ada", "denied", "no_response", &home);
    duo_push(NOW + 6 * 65000, "ada", "success", "user_approved", &home);
    assert_int_equal(worst, MF_NOTICE);
    assert_int_equal(n_alerts, 0);
}

static void a_refused_push_that_is_sent_again_until_lockout_is_not_anomalous(void **state)
{
    (void)state;
    duo_history("ada");
    for (int i = 0; i < 10; i++)
        duo_push(NOW + i * 8000, "ada", "denied", "user_denied", &home);
    duo_push(NOW + 80000, "ada", "denied", "locked_out", &home);
    assert_int_equal(worst, MF_SUSPICIOUS);
}

static void retries_of_a_vpn_client_are_normal(void **state)
{
    (void)state;
    duo_history("ada");
    for (int i = 0; i < 3; i++)
        duo_push(NOW + i * 5000, "ada", "denied", "no_response", &home);
    duo_push(NOW + 16000, "ada", "success", "user_approved", &home);
    assert_int_equal(worst, MF_NORMAL);
}

static void one_push_per_device_is_one_prompt(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 6; i++)
        okta_prompt(NOW + i * 300, "ada@example.com", &home);
    okta_approve(NOW + 9000, "ada@example.com");
    assert_int_equal(worst, MF_NORMAL);
    assert_int_equal(counter(engine, "repeated_outcomes"), 5);
}

static void a_new_phone_is_normal(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    judge(okta_line(NOW, "ada@example.com", "user.mfa.factor.activate", "SUCCESS", "", "", &home));
    for (int i = 1; i <= 4; i++) {
        okta_prompt(NOW + i * MF_MINUTE, "ada@example.com", &home);
        okta_approve(NOW + i * MF_MINUTE + 6000, "ada@example.com");
    }
    assert_int_equal(worst, MF_NORMAL);
}

static void a_traveller_who_answers_is_a_notice(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 6; i++) {
        okta_prompt(NOW + i * 2 * MF_HOUR, "ada@example.com", &abroad);
        okta_approve(NOW + i * 2 * MF_HOUR + 6000, "ada@example.com");
        okta_session(NOW + i * 2 * MF_HOUR + 7000, "ada@example.com", &abroad);
    }
    assert_int_equal(worst, MF_NOTICE);
}

static void a_wave_of_expired_sessions_is_normal(void **state)
{
    char user[32];

    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(user, sizeof user, "user%d@example.com", i);
        okta_prompt(NOW + i * 500, user, &home);
        okta_approve(NOW + i * 500 + 450, user);
    }
    assert_int_equal(worst, MF_NORMAL);
    assert_int_equal(counter(engine, "approvals"), 200);
}

static void a_number_matching_rollout_is_normal(void **state)
{
    (void)state;
    duo_history("ada");
    for (int i = 0; i < 4; i++)
        judge(duo_line(NOW + i * 20000, "ada", "verified_duo_push", "denied", "verification_code_incorrect", &home));
    judge(duo_line(NOW + 4 * 20000, "ada", "verified_duo_push", "success", "verification_code_correct", &home));
    assert_true(worst <= MF_NOTICE);
    assert_int_equal(n_alerts, 0);
}

/* ---- places ---- */

static void an_attack_teaches_no_place(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 3; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    okta_prompt(NOW + 60000, "ada@example.com", &abroad);
    okta_approve(NOW + 66000, "ada@example.com");
    okta_session(NOW + 67000, "ada@example.com", &abroad);
    assert_int_equal(severity, MF_SEVERITY_NONE); /* a session is not judged */
    forget();
    okta_prompt(NOW + 3 * MF_DAY, "ada@example.com", &abroad);
    assert_int_equal(level, MF_NOTICE);
    assert_string_equal(tag.signals, "new_source");
}

static void an_accepted_place_is_known_the_next_day(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    okta_session(NOW, "ada@example.com", &abroad);
    okta_prompt(NOW + 23 * MF_HOUR, "ada@example.com", &abroad);
    assert_int_equal(level, MF_NOTICE);
    okta_prompt(NOW + 24 * MF_HOUR, "ada@example.com", &abroad);
    assert_int_equal(level, MF_NORMAL);
}

static void a_new_user_is_compared_with_the_tenant(void **state)
{
    char user[32];

    (void)state;
    for (int i = 0; i < 49; i++) {
        snprintf(user, sizeof user, "user%d@example.com", i);
        okta_session(NOW - MF_DAY + i * 1000, user, &home);
    }
    okta_prompt(NOW, "new1@example.com", &abroad);
    assert_int_equal(level, MF_NORMAL);
    okta_session(NOW + 1000, "user49@example.com", &home);
    okta_prompt(NOW + 2000, "new2@example.com", &abroad);
    assert_int_equal(level, MF_NOTICE);
    okta_prompt(NOW + 3000, "new3@example.com", &home);
    assert_int_equal(level, MF_NORMAL);
}

/* ---- lists, people, places ---- */

/* Engines whose policy names lists: a text for each, in files without a name. */
struct listed {
    int fd[4];
    unsigned n;
    char policy[2048];
};

static void listed_begin(struct listed *listed, const char *first)
{
    *listed = (struct listed){.n = 0};
    snprintf(listed->policy, sizeof listed->policy, "{%s", first);
}

/* Adds `"section": {"option": FILE}`, the file with this text. */
static void listed_add(struct listed *listed, const char *section, const char *option, const char *text)
{
    size_t used = strlen(listed->policy);
    int fd = memfd_create("list", 0);

    assert_true(fd >= 0 && listed->n < 4);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    listed->fd[listed->n++] = fd;
    snprintf(listed->policy + used, sizeof listed->policy - used, "%s\"%s\": {\"%s\": \"/proc/self/fd/%d\"}",
             listed->policy[1] == '\0' ? "" : ", ", section, option, fd);
}

static void listed_end(struct listed *listed)
{
    strcat(listed->policy, "}");
    teardown(NULL);
    begin_with(listed->policy);
    for (unsigned i = 0; i < listed->n; i++)
        close(listed->fd[i]); /* loaded once, then not looked at again */
}

static void begin_with_list(const char *section, const char *option, const char *text)
{
    struct listed listed;

    listed_begin(&listed, "");
    listed_add(&listed, section, option, text);
    listed_end(&listed);
}

/* What the last judged event came from, and what is known of its user. */
static struct mf_explained explained;
static unsigned n_explained;
static unsigned source_points;

static void on_explained(void *context, const struct mf_judged *judged)
{
    on_judged(context, judged);
    if (judged->verdict != NULL)
        source_points = judged->verdict->group[MF_GROUP_SOURCE];
    if (judged->explained == NULL)
        return;
    explained = *judged->explained;
    n_explained++;
}

static const struct mf_sink explaining = {on_explained, on_alert, NULL, true};

static void explain(const char *text)
{
    source_points = 0;
    mf_engine_judge(engine, worker, text, strlen(text), arrival, &explaining, &tag);
}

static const char *prompt_line(mf_time time, const char *user, const struct from *from)
{
    return okta_line(time, user, "system.push.send_factor_verify_push", "SUCCESS", "", "", from);
}

static const char *approval_line(mf_time time, const char *user)
{
    return okta_line(time, user, "user.authentication.auth_via_mfa", "SUCCESS", "", "OKTA_VERIFY_PUSH", &phone);
}

static enum mf_answer_state answer_of(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return explained.answer[i].state;
    fail_msg("there is no signal %s", name);
    return MF_ANSWER_NO;
}

static void an_address_of_the_company_never_fires_the_source(void **state)
{
    static const char *const lists[] = {"egress", "vpn"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin_with_list("nets", lists[i], "203.0.113.0/24\n");
        okta_history("ada@example.com");
        for (int j = 0; j < 5; j++) {
            explain(prompt_line(NOW + j * 20000, "ada@example.com", &abroad));
            assert_int_equal(source_points, 0);
            assert_true(explained.listed);
            assert_int_equal(explained.egress, i == 0);
            assert_int_equal(explained.vpn, i == 1);
            assert_int_equal(explained.place.familiarity, MF_FAMILIAR);
            for (unsigned k = 0; k < mf_n_signals; k++)
                if (mf_signals[k]->group == MF_GROUP_SOURCE)
                    assert_int_not_equal(explained.answer[k].state, MF_ANSWER_FIRED);
            assert_int_equal(answer_of("new_source"), MF_ANSWER_LISTED);
        }
        /* how many prompts and how they end is told all the same */
        assert_int_equal(answer_of("prompt_burst"), MF_ANSWER_FIRED);
        for (int j = 5; j < 10; j++) {
            okta_prompt(NOW + j * 20000, "ada@example.com", &abroad);
            okta_refuse(NOW + j * 20000 + 7000, "ada@example.com");
        }
        assert_true(level >= MF_SUSPICIOUS);
    }
}

static void an_address_that_is_not_listed_fires_the_source(void **state)
{
    (void)state;
    begin_with_list("nets", "egress", "203.0.113.0/26\n"); /* ends at .63 */
    okta_history("ada@example.com");
    explain(prompt_line(NOW, "ada@example.com", &abroad));
    assert_int_equal(source_points, 30);
    assert_false(explained.listed);
    assert_int_equal(answer_of("new_source"), MF_ANSWER_FIRED);
}

/* The company's own address is nobody's home: what comes from it is no history. */
static void an_address_of_the_company_teaches_no_place(void **state)
{
    (void)state;
    begin_with_list("nets", "egress", "198.51.100.0/24\n");
    okta_history("ada@example.com");
    explain(prompt_line(NOW, "ada@example.com", &home));
    assert_int_equal(explained.countries + explained.asns + explained.networks, 0);
}

static void a_travel_note_keeps_a_country_out_of_the_verdict(void **state)
{
    (void)state;
    begin_with_list("people", "travel", "ada@example.com RO from=2026-03-01 until=2026-03-02\n");
    for (int day = 10; day >= 1; day--) {
        okta_session(NOW - day * MF_DAY, "ada@example.com", &home);
        okta_session(NOW - day * MF_DAY + 1000, "bob@example.com", &home);
    }
    explain(prompt_line(NOW, "ada@example.com", &abroad));
    assert_int_equal(level, MF_NORMAL);
    assert_true(explained.travel && explained.listed);
    assert_int_equal(explained.place.familiarity, MF_FAMILIARITY_UNKNOWN);
    explain(prompt_line(NOW + 1000, "bob@example.com", &abroad));
    assert_int_equal(level, MF_NOTICE);
    assert_false(explained.travel);
    okta_session(NOW + MF_DAY, "ada@example.com", &home); /* the day after, the note is over */
    explain(prompt_line(NOW + MF_DAY + 1000, "ada@example.com", &abroad));
    assert_int_equal(level, MF_NOTICE);
}

static void whom_a_list_ignores_is_counted_and_not_judged(void **state)
{
    (void)state;
    begin_with_list("people", "ignore", "svc@example.com\n");
    for (int i = 0; i < 10; i++)
        okta_prompt(NOW + i * 1000, "svc@example.com", &abroad);
    assert_int_equal(skip, MF_SKIP_LISTED);
    assert_string_equal(tag.status, mf_skip_name(MF_SKIP_LISTED));
    assert_int_equal(counter(engine, "skipped_listed"), 10);
    assert_int_equal(counter(engine, "judged"), 0);
    assert_int_equal(counter(engine, "users_tracked"), 0);
    okta_prompt(NOW + 20000, "ada@example.com", &abroad);
    assert_int_equal(counter(engine, "judged"), 1);
    begin_with_list("nets", "ignore", "203.0.113.66\n");
    okta_prompt(NOW, "ada@example.com", &abroad);
    assert_int_equal(skip, MF_SKIP_LISTED);
    okta_prompt(NOW + 1000, "ada@example.com", &home);
    assert_int_equal(skip, MF_SKIP_NONE);
    assert_int_equal(counter(engine, "skipped_listed"), 1);
    assert_int_equal(counter(engine, "judged"), 1);
}

static void aliases_are_one_state(void **state)
{
    (void)state;
    begin_with_list("people", "directory",
                    "ada@example.com alias=EXAMPLE\\ada,ada.l group=sales role=admin risk=high\n");
    duo_push(NOW, "ada@example.com", "denied", "user_denied", &abroad);
    duo_push(NOW + 20000, "EXAMPLE\\\\ada", "denied", "user_denied", &abroad);
    duo_push(NOW + 40000, "Ada.L", "denied", "user_denied", &abroad);
    assert_int_equal(counter(engine, "users_tracked"), 1);
    assert_string_equal(tag.user, "ada@example.com");
    explain(duo_line(NOW + 60000, "ada.l", "duo_push", "denied", "user_denied", &abroad));
    assert_int_equal(explained.totals.denied, 4);
    assert_true(explained.in_directory && explained.high_risk);
    assert_int_equal(answer_of("high_risk_user"), MF_ANSWER_FIRED);
    assert_memory_equal(explained.group.data, "sales", 5);
    assert_memory_equal(explained.role.data, "admin", 5);
    tells(last_alert(), "\"user\":{\"name\":\"ada@example.com\"");
}

static const char *policy_with_database(void)
{
    static char policy[8192];
    const char *top = getenv("MF_SRCDIR");
    char *whole = realpath(top == NULL ? "." : top, NULL);

    assert_non_null(whole);
    snprintf(policy, sizeof policy, "{\"geo\": {\"city\": \"%s/tests/geo/nested.mmdb\"}}", whole);
    free(whole);
    return policy;
}

/* Without a country in the feed, a database says that one address is in Germany and the other in France. */
static void a_database_fills_in_where_the_feed_says_nothing(void **state)
{
    static const struct from berlin = {"192.0.2.1", "", 0}, paris = {"2001:db8:1::5", "", 0};

    teardown(state);
    const char *policy = policy_with_database();
    begin_with(policy);
    for (int day = 10; day >= 1; day--)
        okta_session(NOW - day * MF_DAY, "ada@example.com", &berlin);
    explain(prompt_line(NOW, "ada@example.com", &berlin));
    assert_int_equal(explained.countries, 1);
    assert_int_equal(explained.place.familiarity, MF_FAMILIAR);
    explain(prompt_line(NOW + 10000, "ada@example.com", &paris));
    assert_int_equal(explained.place.familiarity, MF_UNFAMILIAR);
    assert_true(explained.place.new_country);
    assert_true((explained.carries & MF_CARRIES_COORDINATES) != 0);
    assert_int_equal(answer_of("new_source"), MF_ANSWER_FIRED);
}

/* Berlin to Paris in an hour is 880 km; in two it is no more than a flight. */
static void places_of_a_database_make_a_journey_impossible(void **state)
{
    static const struct from berlin = {"192.0.2.1", "", 0}, paris = {"2001:db8:1::5", "", 0};

    teardown(state);
    const char *policy = policy_with_database();
    for (int hours = 1; hours <= 2; hours++) {
        if (hours == 2)
            end();
        begin_with(policy);
        for (int day = 10; day >= 0; day--)
            okta_session(NOW - day * MF_DAY, "ada@example.com", &berlin);
        explain(prompt_line(NOW + hours * MF_HOUR, "ada@example.com", &paris));
        assert_int_equal(answer_of("impossible_travel"), hours == 1 ? MF_ANSWER_FIRED : MF_ANSWER_NO);
    }
}

/* ---- what a suspicious run leaves behind ---- */

/* Refusals from abroad, then an approval and a session, all of it explained. */
static void bomb(mf_time time, const char *user)
{
    for (int i = 0; i < 3; i++) {
        explain(prompt_line(time + i * 20000, user, &abroad));
        okta_refuse(time + i * 20000 + 7000, user);
    }
    explain(prompt_line(time + 60000, user, &abroad));
    explain(approval_line(time + 66000, user));
    okta_session(time + 67000, user, &abroad);
}

static void a_suspicious_run_teaches_nothing_of_places_or_hours(void **state)
{
    struct mf_explained before;

    (void)state;
    okta_history("ada@example.com");
    for (int day = 10; day >= 1; day--)
        for (int i = 1; i < 3; i++)
            okta_session(NOW - day * MF_DAY + i * MF_HOUR, "ada@example.com", &home);
    explain(prompt_line(NOW - MF_HOUR, "ada@example.com", &home));
    before = explained;
    assert_int_equal(before.countries, 1);
    assert_int_equal(before.asns, 1);
    assert_int_equal(before.networks, 1);
    bomb(NOW, "ada@example.com");
    assert_int_equal(worst, MF_ANOMALOUS);
    explain(prompt_line(NOW + 2 * MF_DAY - MF_HOUR, "ada@example.com", &abroad)); /* the same hour, no weekend */
    assert_int_equal(explained.countries, before.countries);
    assert_int_equal(explained.asns, before.asns);
    assert_int_equal(explained.networks, before.networks);
    assert_int_equal(explained.hour_share, before.hour_share);
    assert_true(explained.place.new_country && explained.place.new_asn && explained.place.new_network);
}

/* The first approval looked like a traveller's and was learned; then the run turned out to be what it is. */
static void what_a_run_taught_before_it_was_suspicious_is_forgotten(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    okta_prompt(NOW, "ada@example.com", &abroad);
    okta_approve(NOW + 5000, "ada@example.com");
    okta_session(NOW + 6000, "ada@example.com", &abroad);
    assert_true(worst < MF_SUSPICIOUS);
    for (int i = 3; i < 6; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    assert_true(worst >= MF_SUSPICIOUS);
    explain(prompt_line(NOW + 3 * MF_DAY, "ada@example.com", &abroad));
    assert_int_equal(explained.countries, 1);
    assert_int_equal(explained.asns, 1);
    assert_int_equal(explained.networks, 1);
    assert_true(explained.place.new_country);
}

static void after_a_factor_change_the_rest_of_the_run_is_critical(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 3; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    assert_int_equal(severity, MF_SEVERITY_HIGH);
    judge(okta_line(NOW + 5 * MF_MINUTE, "ada@example.com", "user.mfa.factor.reset_all", "SUCCESS", "", "", &abroad));
    okta_prompt(NOW + 6 * MF_MINUTE, "ada@example.com", &abroad);
    assert_int_equal(severity, MF_SEVERITY_CRITICAL);
}

static void a_factor_reset_5_hours_later_is_critical_and_the_same_incident(void **state)
{
    char incident[MF_INCIDENT_ID + 1];

    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 3; i++) {
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + i * 20000 + 7000, "ada@example.com");
    }
    snprintf(incident, sizeof incident, "%s", last_alert()->incident);
    okta_session(NOW + 4 * MF_HOUR, "bob@example.com", &home);
    assert_int_equal(last_alert()->phase, MF_PHASE_CLOSE);
    forget();
    explain(okta_line(NOW + 5 * MF_HOUR, "ada@example.com", "user.mfa.factor.reset_all", "SUCCESS", "", "", &home));
    assert_int_equal(answer_of("factor_changed"), MF_ANSWER_FIRED);
    assert_int_equal(level, MF_ANOMALOUS);
    assert_int_equal(severity, MF_SEVERITY_CRITICAL);
    assert_int_equal(n_alerts, 1);
    assert_string_equal(last_alert()->incident, incident);
    assert_int_equal(last_alert()->severity, MF_SEVERITY_CRITICAL);
    tells(last_alert(), "factor_changed");
}

static void a_factor_reset_without_a_suspicious_run_or_a_day_later_is_normal(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    judge(okta_line(NOW, "ada@example.com", "user.mfa.factor.reset_all", "SUCCESS", "", "", &home));
    assert_int_equal(level, MF_NORMAL);
    for (int i = 0; i < 3; i++) {
        okta_prompt(NOW + MF_HOUR + i * 20000, "ada@example.com", &abroad);
        okta_refuse(NOW + MF_HOUR + i * 20000 + 7000, "ada@example.com");
    }
    forget();
    judge(okta_line(NOW + 26 * MF_HOUR, "ada@example.com", "user.mfa.factor.reset_all", "SUCCESS", "", "", &home));
    assert_int_equal(level, MF_NORMAL);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 0);
}

/* ---- rates ---- */

/* Twenty users, each with a login or two on each of so many days, which go well. */
static void rate_history(int days)
{
    char user[32];

    for (int day = days; day >= 1; day--)
        for (int i = 0; i < 20; i++)
            for (int j = 0; j <= i % 2; j++) {
                mf_time time = NOW - day * MF_DAY + j * 4 * MF_HOUR + i * MF_MINUTE;
                snprintf(user, sizeof user, "user%d@example.com", i);
                okta_prompt(time, user, &home);
                okta_approve(time + 5000, user);
            }
    assert_int_equal(worst, MF_NORMAL);
    forget();
}

/* Twelve logins, 4 minutes apart, that all go well: nothing but the rate is unusual. */
static bool rate_speaks(void)
{
    bool fired = false;

    for (int i = 0; i < 12; i++) {
        explain(prompt_line(NOW + i * 4 * MF_MINUTE, "user2@example.com", &home));
        fired |= answer_of("unusual_rate") == MF_ANSWER_FIRED;
        explain(approval_line(NOW + i * 4 * MF_MINUTE + 5000, "user2@example.com"));
    }
    return fired;
}

static void an_unusual_rate_is_told_when_enough_is_known_of_everyone(void **state)
{
    rate_history(20);
    assert_true(rate_speaks());
    assert_true(explained.rate.expectation.known);
    assert_int_equal(worst, MF_NOTICE); /* half of 60 at the most: nothing strange, and nothing refused */
    teardown(state);
    setup(state);
    rate_history(1);
    assert_false(rate_speaks());
    assert_false(explained.rate.asked);
}

static void a_usual_rate_is_not_told(void **state)
{
    (void)state;
    rate_history(20);
    for (int i = 0; i < 3; i++) {
        explain(prompt_line(NOW + i * 2 * MF_HOUR, "user2@example.com", &home));
        assert_int_equal(answer_of("unusual_rate"), MF_ANSWER_NO);
        explain(approval_line(NOW + i * 2 * MF_HOUR + 5000, "user2@example.com"));
    }
}

/* ---- what a sink is told ---- */

static void only_a_sink_that_asks_is_told_how_it_came_about(void **state)
{
    (void)state;
    n_explained = 0;
    explain(prompt_line(NOW, "ada@example.com", &home));
    assert_int_equal(n_explained, 1);
    explain(okta_line(NOW + 1000, "ada@example.com", "user.session.start", "SUCCESS", "", "", &home));
    assert_int_equal(n_explained, 1); /* a kind that is not judged */
    mf_engine_judge(engine, worker, prompt_line(NOW + 2000, "ada@example.com", &home), strlen(line), arrival,
                    &(struct mf_sink){on_explained, NULL, NULL, false}, NULL);
    assert_int_equal(n_explained, 1);
    assert_int_equal(n_judged, 3);
}

static void a_late_record_says_so_and_stands_before_what_came_earlier(void **state)
{
    (void)state;
    explain(prompt_line(NOW + 10 * MF_MINUTE, "ada@example.com", &home));
    assert_false(explained.late);
    explain(prompt_line(NOW + MF_MINUTE, "ada@example.com", &home));
    assert_true(explained.late);
    assert_int_equal(explained.watermark, NOW + 10 * MF_MINUTE);
    assert_int_equal(explained.run_start, NOW + MF_MINUTE);
    assert_int_equal(explained.totals.prompts, 2);
}

/* ---- what an incident tells ---- */

/* `n` refusals, 20 s apart, from nowhere known */
static mf_time refuse_times(mf_time time, const char *user, int n)
{
    for (int i = 0; i < n; i++, time += 20000)
        duo_push(time, user, "denied", "user_denied", &abroad);
    return time - 20000;
}

static void forty_prompts_are_one_open_few_updates_and_one_close(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 40);

    (void)state;
    duo_push(last + 5000, "ada", "success", "user_approved", &abroad);
    duo_push(last + MF_HOUR, "bob", "success", "user_approved", &home);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 1);
    assert_true(count_phase(MF_PHASE_UPDATE) <= 2);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    tells(last_alert(), "\"prompts\":41,\"denied\":40,\"timeouts\":0,\"failed\":0,\"approved\":1,");
    for (unsigned i = 1; i < n_alerts; i++)
        assert_string_equal(alert[i].incident, alert[0].incident);
}

static void totals_are_whole_when_there_are_more_prompts_than_are_remembered(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 300);

    (void)state;
    duo_push(last + MF_HOUR, "bob", "success", "user_approved", &home);
    tells(last_alert(), "\"prompts\":300,\"denied\":300,");
}

static void it_closes_after_30_quiet_minutes_of_its_feed(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 5);

    (void)state;
    duo_push(last + 30 * MF_MINUTE - 1, "bob", "success", "user_approved", &home);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 0);
    assert_int_equal(counter(engine, "incidents_open"), 1);
    duo_push(last + 30 * MF_MINUTE, "bob", "success", "user_approved", &home);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    assert_int_equal(counter(engine, "incidents_open"), 0);
    tells(last_alert(), "\"prompts\":5,\"denied\":5,");
}

static void it_closes_by_the_clock_when_its_feed_falls_silent(void **state)
{
    mf_time last;

    (void)state;
    arrival = NOW + 2 * MF_HOUR; /* the feed is late by that */
    last = refuse_times(NOW, "ada", 5);
    mf_engine_tick(engine, worker, arrival + 30 * MF_MINUTE - 1, &sink);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 0);
    mf_engine_tick(engine, worker, arrival + 30 * MF_MINUTE, &sink);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    char closed[MF_TIME_TEXT + 32];
    snprintf(closed, sizeof closed, "{\"@timestamp\":\"%s\"", when(last + 30 * MF_MINUTE));
    tells(last_alert(), closed);
    /* no watermark moved: the next record is in time */
    duo_push(last + 1000, "bob", "success", "user_approved", &home);
    assert_int_equal(counter(engine, "late_judged"), 0);
}

static void a_clock_that_jumps_closes_each_incident_once_and_forgets_nobody(void **state)
{
    (void)state;
    arrival = NOW;
    refuse_times(NOW, "ada", 5);
    uint64_t users = counter(engine, "users_tracked");
    mf_engine_tick(engine, worker, NOW - MF_HOUR, &sink);
    mf_engine_tick(engine, worker, 0, &sink); /* 1970 */
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 0);
    mf_engine_tick(engine, worker, NOW + MF_DAY, &sink);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    mf_engine_tick(engine, worker, NOW, &sink);
    mf_engine_tick(engine, worker, NOW + 400 * MF_DAY, &sink);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    assert_int_equal(counter(engine, "users_tracked"), users);
    assert_int_equal(counter(engine, "users_evicted"), 0);
    refuse_times(NOW + MF_HOUR, "ada", 5);
    assert_int_equal(counter(engine, "late_judged"), 0);
    assert_true(last_alert()->phase == MF_PHASE_OPEN);
}

static void a_replay_does_not_close_by_the_clock(void **state)
{
    (void)state;
    refuse_times(NOW, "ada", 5);
    mf_engine_tick(engine, worker, NOW + 10 * MF_DAY, &sink);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 0);
}

static void it_reopens_within_a_day_under_its_id(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 5);
    char id[MF_INCIDENT_ID + 1];

    (void)state;
    snprintf(id, sizeof id, "%s", alert[0].incident);
    refuse_times(last + 24 * MF_HOUR, "ada", 5);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 1);
    assert_int_equal(last_alert()->phase == MF_PHASE_OPEN || last_alert()->phase == MF_PHASE_UPDATE, 1);
    assert_string_equal(last_alert()->incident, id);
    assert_int_equal(counter(engine, "incidents_opened"), 1);
    duo_push(last + 26 * MF_HOUR, "bob", "success", "user_approved", &home);
    assert_int_equal(count_phase(MF_PHASE_CLOSE), 2);
    tells(last_alert(), "\"prompts\":10,\"denied\":10,");

    forget();
    refuse_times(last + 60 * MF_HOUR, "ada", 5);
    assert_string_not_equal(last_alert()->incident, id);
    assert_int_equal(counter(engine, "incidents_opened"), 2);
}

static void prompts_between_two_attacks_belong_to_neither(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 5);

    (void)state;
    for (int i = 1; i <= 4; i++)
        duo_push(last + i * 2 * MF_HOUR, "ada", "success", "user_approved", &home);
    last = refuse_times(last + 12 * MF_HOUR, "ada", 5);
    duo_push(last + MF_HOUR, "bob", "success", "user_approved", &home);
    tells(last_alert(), "\"prompts\":10,\"denied\":10,");
    tells(last_alert(), "\"phase\":\"close\"");
}

static void a_record_exactly_30_minutes_later_counts_once(void **state)
{
    mf_time last = refuse_times(NOW, "ada", 5);

    (void)state;
    last = refuse_times(last + 30 * MF_MINUTE, "ada", 5);
    duo_push(last + MF_HOUR, "bob", "success", "user_approved", &home);
    tells(last_alert(), "\"prompts\":10,\"denied\":10,");
}

static void a_rising_level_is_one_update(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        duo_push(NOW + i * 30000, "ada", "denied", "no_response", &abroad);
    assert_int_equal(n_alerts, 1);
    assert_int_equal(alert[0].level, MF_SUSPICIOUS);
    refuse_times(NOW + 10 * 30000, "ada", 8);
    assert_int_equal(n_alerts, 2);
    assert_int_equal(alert[1].phase, MF_PHASE_UPDATE);
    assert_int_equal(alert[1].level, MF_ANOMALOUS);
}

static void the_cap_holds_back_and_tells(void **state)
{
    char user[16];

    teardown(state);
    begin_with("{\"incident\": {\"max_alerts_per_minute\": 10}}");
    for (int i = 0; i < 30; i++) {
        snprintf(user, sizeof user, "user%d", i);
        for (int j = 0; j < 6; j++)
            duo_push(NOW + j * 1000 + i, user, "fraud", "user_marked_fraud",
                     &abroad); /* so there is one of the address too */
    }
    assert_int_equal(n_alerts, 10);
    assert_true(counter(engine, "alerts_held_back") >= 20);
    assert_int_equal(counter(engine, "incidents_opened"), 30);
}

/* ---- the tag ---- */

static void a_tag_is_small_until_there_is_something_to_notice(void **state)
{
    (void)state;
    okta_history("ada@example.com");
    okta_prompt(NOW, "Ada@Example.COM", &home);
    assert_string_equal(tag.status, "judged");
    assert_string_equal(tag.level, "normal");
    assert_string_equal(tag.user, "ada@example.com");
    assert_string_equal(tag.kind, "mfa_challenge");
    assert_false(tag.notice);
    assert_string_equal(tag.severity, "");
    assert_string_equal(tag.source, "");
    assert_string_equal(tag.alert, "");

    for (int i = 1; i <= 5; i++)
        okta_prompt(NOW + i * 20000, "ada@example.com", &abroad);
    assert_true(tag.notice);
    assert_string_equal(tag.level, mf_level_name(level));
    assert_string_equal(tag.severity, mf_severity_name(severity));
    assert_int_equal(tag.score, score);
    assert_string_equal(tag.source, "203.0.113.66");
    assert_string_equal(tag.signals, "prompt_burst new_source");
    assert_string_equal(tag.incident, alert[0].incident);
}

static void a_tag_says_which_alert_its_message_raised(void **state)
{
    (void)state;
    for (int i = 0; n_alerts == 0; i++)
        duo_push(NOW + i * 20000, "ada", "denied", "user_denied", &abroad);
    assert_string_equal(tag.alert, "open");
    duo_push(NOW + 10 * 20000, "ada", "denied", "user_denied", &abroad);
    assert_string_equal(tag.alert, "");
    duo_push(NOW + 11 * 20000, "ada", "success", "user_approved", &abroad);
    assert_string_equal(tag.alert, "update");
    /* the login of the same message says less, and does not hide it */
    assert_string_equal(tag.kind, "mfa_success");
    assert_int_equal(n_judged > 0, 1);
}

static void a_tag_names_what_was_skipped(void **state)
{
    (void)state;
    judge("no JSON here");
    assert_string_equal(tag.status, "no_json");
    assert_string_equal(tag.level, "");
    assert_int_equal(counter(engine, "skipped_no_json"), 1);
    judge("{\"program\": \"sshd\"}");
    assert_string_equal(tag.status, "not_idp");
    okta_line(NOW, "ada@example.com", "user.session.start", "SUCCESS", "", "", &home);
    line[strlen(line) - 40] = '\0';
    judge(line);
    assert_string_equal(tag.status, "truncated");
    assert_true(tag.truncated);
    judge(okta_line(NOW, "a\\u0000da", "user.session.start", "SUCCESS", "", "", &home));
    assert_string_equal(tag.status, "bad_user");
    judge(okta_line(NOW, "ada@example.com", "user.mfa.unheard_of", "SUCCESS", "", "", &home));
    assert_string_equal(tag.status, "unmapped");
    assert_int_equal(n_judged, 0);
    assert_int_equal(counter(engine, "users_tracked"), 0);
}

static void an_envelope_wears_the_worst_of_its_records(void **state)
{
    static char envelope[8 * LINE_SIZE];
    size_t length = 0;

    (void)state;
    okta_history("ada@example.com");
    for (int i = 0; i < 6; i++) {
        const char *user = i == 5 ? "bob@example.com" : "ada@example.com";
        okta_line(NOW + i * 20000, user, "system.push.send_factor_verify_push", "SUCCESS", "", "", &abroad);
        length += (size_t)snprintf(envelope + length, sizeof envelope - length, "%s%s", i == 0 ? "[" : ",", line);
    }
    snprintf(envelope + length, sizeof envelope - length, "]");
    judge(envelope);
    assert_int_equal(n_judged, 6);
    assert_string_equal(tag.user, "ada@example.com");
    assert_string_equal(tag.level, "suspicious");
    assert_string_equal(tag.alert, "open");
}

static void nobody_need_listen(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        duo_line(NOW + i * 20000, "ada", "duo_push", "denied", "user_denied", &abroad);
        mf_engine_judge(engine, worker, line, strlen(line), arrival, NULL, NULL);
    }
    mf_engine_tick(engine, worker, NOW + MF_DAY, NULL);
    assert_true(counter(engine, "alerts") > 0);
}

static void observing_raises_no_alert(void **state)
{
    teardown(state);
    begin_with("{\"observe\": true}");
    for (int i = 0; i < 10; i++)
        duo_push(NOW + i * 20000, "ada", "denied", "user_denied", &abroad);
    assert_int_equal(level, MF_ANOMALOUS);
    assert_true(tag.notice);
    duo_push(NOW + 2 * MF_HOUR, "bob", "success", "user_approved", &home);
    assert_int_equal(n_alerts, 0);
    assert_int_equal(counter(engine, "alerts"), 0);
    assert_int_equal(counter(engine, "incidents_opened"), 1);
}

/* ---- late, twice, ahead of time ---- */

/* A refused push in the shape of each provider's row that is an outcome and proves its prompt. */
static void keep_line(char (*lines)[LINE_SIZE], unsigned i, mf_time time, const char *result, const char *reason)
{
    snprintf(lines[i], LINE_SIZE, "%s", duo_line(time, "ada", "duo_push", result, reason, &abroad));
}

/* The member of an alert up to the next comma or brace. */
static void copy_member(const struct alert *it, const char *name, char *to, size_t size)
{
    const char *at = strstr(it->json, name);

    assert_non_null(at);
    snprintf(to, size, "%.*s", (int)strcspn(at + strlen(name), ",}") + (int)strlen(name), at);
}

static void same_incident(const struct alert *a, const struct alert *b)
{
    static const char *const members[] = {
        "\"level\":",  "\"severity\":\"", "\"score\":",    "\"prompts\":", "\"denied\":", "\"timeouts\":",
        "\"failed\":", "\"approved\":",   "\"window_s\":", "\"start\":",   "\"end\":"};
    char in_a[80], in_b[80];

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        copy_member(a, members[i], in_a, sizeof in_a);
        copy_member(b, members[i], in_b, sizeof in_b);
        assert_string_equal(in_a, in_b);
    }
}

/* Judges the lines in the order given, closes, and leaves the close in `closed`. */
static void judge_in_order(char (*lines)[LINE_SIZE], const unsigned *order, unsigned n, struct alert *closed)
{
    void *state = NULL;

    teardown(&state);
    setup(&state);
    for (unsigned i = 0; i < n; i++)
        judge(lines[order[i]]);
    duo_push(NOW + 3 * MF_HOUR, "bob", "success", "user_approved", &home);
    assert_int_equal(last_alert()->phase, MF_PHASE_CLOSE);
    *closed = *last_alert();
}

static void late_records_come_to_the_same_incident(void **state)
{
    static char lines[24][LINE_SIZE];
    unsigned order[24], seed = 7;
    struct alert in_order, late;

    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        keep_line(lines, i, NOW + i * 30000, "denied", i % 3 == 0 ? "no_response" : "user_denied");
        order[i] = i;
    }
    judge_in_order(lines, order, 24, &in_order);
    assert_int_equal(counter(engine, "late_judged"), 0);
    /* all within 12 minutes, so any order is within lateness */
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 23; i > 0; i--) {
            seed = seed * 1103515245 + 12345;
            unsigned j = (seed >> 16) % (i + 1), keep = order[i];
            order[i] = order[j];
            order[j] = keep;
        }
        judge_in_order(lines, order, 24, &late);
        assert_true(counter(engine, "late_judged") > 0);
        assert_int_equal(counter(engine, "skipped_late"), 0);
        same_incident(&in_order, &late);
    }
}

/* The approval is delivered first, what led to it in the next batch. */
static void an_approval_that_is_delivered_before_its_refusals_is_critical_all_the_same(void **state)
{
    static const unsigned in_order[] = {0, 1, 2, 3, 4, 5}, approval_first[] = {5, 0, 1, 2, 3, 4};
    static char lines[6][LINE_SIZE];
    struct alert a, b;

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        keep_line(lines, i, NOW + i * 20000, "denied", "user_denied");
    keep_line(lines, 5, NOW + 5 * 20000, "success", "user_approved");
    judge_in_order(lines, in_order, 6, &a);
    assert_int_equal(a.severity, MF_SEVERITY_CRITICAL);
    judge_in_order(lines, approval_first, 6, &b);
    same_incident(&a, &b);
}

static void what_is_too_late_is_counted_and_not_judged(void **state)
{
    (void)state;
    duo_push(NOW, "bob", "success", "user_approved", &home);
    forget();
    duo_push(NOW - 20 * MF_MINUTE - 1, "ada", "denied", "user_denied", &home);
    assert_int_equal(skip, MF_SKIP_LATE);
    assert_int_equal(n_judged, 0);
    assert_string_equal(tag.status, "late");
    assert_int_equal(counter(engine, "skipped_late"), 1);
    assert_int_equal(counter(engine, "users_tracked"), 1);
    duo_push(NOW - 20 * MF_MINUTE, "ada", "denied", "user_denied", &home);
    assert_int_equal(n_judged, 1);
    assert_int_equal(counter(engine, "late_judged"), 1);
}

/* A hundred times, of which some come later, as from a second collector that lags behind. */
static void a_repeated_delivery_is_dropped_and_counted(void **state)
{
    static char copy[10][LINE_SIZE];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(copy[i], LINE_SIZE, "%s",
                 duo_line(NOW + i * 20000, "ada", "duo_push", "denied", "user_denied", &abroad));
        judge(copy[i]);
        assert_string_equal(tag.status, "judged");
        for (int again = 0; again < 98; again++) {
            judge(copy[i]);
            assert_int_equal(skip, MF_SKIP_DUPLICATE);
            assert_string_equal(tag.status, "duplicate");
        }
        judge(copy[i / 2]);
        assert_string_equal(tag.status, "duplicate");
    }
    assert_int_equal(counter(engine, "skipped_duplicate"), 990);
    assert_int_equal(counter(engine, "refusals"), 10);
    duo_push(NOW + 2 * MF_HOUR, "bob", "success", "user_approved", &home);
    tells(last_alert(), "\"denied\":10,");
}

/* However many came in between, of the same user or of others, as long as state.deliveries holds all of `lateness`. */
static void the_file_of_yesterday_is_late_and_nothing_else(void **state)
{
    (void)state;
    duo_push(NOW, "bob", "success", "user_approved", &home);
    forget();
    for (int i = 0; i < 20; i++)
        duo_push(NOW - MF_DAY + i * 20000, "ada", "denied", "user_denied", &abroad);
    assert_int_equal(n_judged, 0);
    assert_int_equal(n_alerts, 0);
    assert_int_equal(counter(engine, "skipped_late"), 20);
    duo_push(NOW + MF_MINUTE, "ada", "denied", "user_denied", &abroad); /* today's goes on, as if nothing had been */
    assert_int_equal(n_alerts, 0);
    assert_int_equal(counter(engine, "refusals"), 1);
}

/* What is said of ada, and told, while so many others log in between two of her records. */
static void be_attacked_among(unsigned others, char *said, size_t size)
{
    void *state = NULL;
    size_t used = 0;

    teardown(&state);
    setup(&state);
    serial = 1000;
    duo_history("ada");
    for (unsigned i = 0; i < 8; i++) {
        serial = 100000 * (i + 1);
        for (unsigned j = 0; j < others; j++) {
            const struct from own = {j % 2 ? "198.51.100.8" : "192.0.2.77", j % 2 ? "DE" : "FR", 64500 + j % 9};
            char name[32];
            snprintf(name, sizeof name, "other-%u", i * 1000 + j);
            duo_push(NOW + i * 20000 + j, name, j % 3 ? "success" : "denied", j % 3 ? "user_approved" : "user_denied",
                     &own);
        }
        forget();
        serial = 2000 + i; /* incidents are named after a record */
        duo_push(NOW + i * 20000 + 10000, "ada", "denied", "user_denied", &abroad);
        used += (size_t)snprintf(said + used, size - used, "%s %u %s %s\n", tag.level, tag.score, tag.incident,
                                 tag.signals);
        if (n_alerts > 0)
            used += (size_t)snprintf(said + used, size - used, "%s\n", last_alert()->json);
        assert_true(used < size);
    }
}

static void users_who_have_nothing_to_do_with_it_change_no_verdict(void **state)
{
    static char alone[65536], among[65536];

    (void)state;
    be_attacked_among(0, alone, sizeof alone);
    assert_non_null(strstr(alone, "\"kind\":\"alert\""));
    be_attacked_among(60, among, sizeof among);
    assert_string_equal(alone, among);
}

static void a_second_delivery_is_known_behind_thousands_of_others(void **state)
{
    static char first[LINE_SIZE], last[LINE_SIZE];

    (void)state;
    snprintf(first, sizeof first, "%s", duo_line(NOW, "ada", "duo_push", "denied", "user_denied", &abroad));
    judge(first);
    for (int i = 1; i <= 1500; i++) { /* two events each: an approval and a session */
        char name[32];
        snprintf(last, sizeof last, "%s",
                 duo_line(NOW + i * 100, "ada", "duo_push", "success", "user_approved", &home));
        judge(last);
        snprintf(name, sizeof name, "other-%d", i);
        duo_push(NOW + i * 100, name, "success", "user_approved", &home);
    }
    forget();
    judge(first);
    assert_int_equal(skip, MF_SKIP_DUPLICATE);
    judge(last);
    assert_int_equal(counter(engine, "skipped_duplicate"), 3);
    assert_int_equal(counter(engine, "refusals"), 1);
    assert_int_equal(counter(engine, "deliveries_lost"), 0);
}

/* What is beyond the room is counted: 1,024 in all, so 16 in the shard of the one user. */
static void deliveries_that_are_forgotten_too_early_are_counted(void **state)
{
    teardown(state);
    begin_with("{\"state\": {\"deliveries\": 1024}}");
    for (int i = 0; i < 20; i++)
        duo_push(NOW + i * 100, "ada", "denied", "user_denied", &abroad);
    assert_int_equal(counter(engine, "deliveries_lost"), 4);
    duo_push(NOW + MF_DAY, "ada", "denied", "user_denied", &abroad);
    assert_int_equal(counter(engine, "deliveries_lost"), 4);
}

static void the_same_id_of_another_user_is_no_duplicate(void **state)
{
    (void)state;
    okta_prompt(NOW, "ada@example.com", &home);
    serial--;
    okta_prompt(NOW, "bob@example.com", &home);
    assert_int_equal(counter(engine, "skipped_duplicate"), 0);
    assert_int_equal(counter(engine, "prompts"), 2);
}

static void the_same_id_of_another_tenant_is_no_duplicate(void **state)
{
    static char other[LINE_SIZE];

    (void)state;
    snprintf(other, sizeof other, "%s",
             entra_line(NOW, "ada@example.com", 500121, "MFA denied; user declined", &abroad));
    judge(other);
    strstr(other, "-0000-4000")[1] = '1';
    judge(other);
    assert_int_equal(counter(engine, "feeds"), 2);
    assert_int_equal(counter(engine, "skipped_duplicate"), 0);
    judge(other);
    assert_true(counter(engine, "skipped_duplicate") > 0);
}

static void a_stamp_from_the_future_does_not_move_the_feed_away(void **state)
{
    (void)state;
    arrival = NOW;
    duo_push(NOW + 5 * MF_MINUTE, "ada", "denied", "user_denied", &home);
    assert_int_equal(counter(engine, "future_times"), 0);
    duo_push(NOW + 100 * MF_DAY, "eve", "denied", "user_denied", &home);
    assert_int_equal(counter(engine, "future_times"), 1);
    arrival = NOW + MF_MINUTE;
    duo_push(NOW + MF_MINUTE, "bob", "denied", "user_denied", &home);
    assert_int_equal(skip, MF_SKIP_NONE);
    assert_int_equal(counter(engine, "skipped_late"), 0);
}

/* ---- whatever comes ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

enum { LINES = 4000, PEOPLE = 40, HISTORY = 10 * PEOPLE, BATCHES = 40 };

/* A working day of 40 people, with attacks among them: in order of time, each line with the number of its user. */
struct day {
    char text[LINES][LINE_SIZE];
    unsigned user[LINES];
};

static const char *day_line(uint32_t *seed, mf_time time, const char *user)
{
    static const char *const reasons[] = {"user_approved", "user_denied", "no_response", "user_cancelled",
                                          "invalid_passcode"};
    const struct from *from = next_random(seed) % 3 == 0 ? &abroad : &home;
    unsigned what = next_random(seed) % 8, reason = next_random(seed) % 5;

    if (what < 4)
        return duo_line(time, user, reason == 4 ? "passcode" : "duo_push", reason == 0 ? "success" : "denied",
                        reasons[reason], from);
    if (what == 4)
        return okta_line(time, user, "system.push.send_factor_verify_push", "SUCCESS", "", "", from);
    if (what == 5)
        return okta_line(time, user, "user.mfa.okta_verify.deny_push", "SUCCESS", "", "", &phone);
    if (what == 6)
        return okta_line(time, user, "user.session.start", "SUCCESS", "", "", from);
    return entra_line(time, user, 500121, "MFA denied; user declined the authentication", from);
}

/* Ten days before: a login, and on the first of them whatever a feed is to be known to carry. */
static const char *history_line(unsigned i, const char *user)
{
    mf_time time = NOW - (10 - i / PEOPLE) * MF_DAY + i * 100;

    switch (i) {
    case 0:
        return duo_line(time, user, "duo_push", "denied", "user_denied", &home);
    case 1:
        return duo_line(time, user, "duo_push", "denied", "no_response", &home);
    case 2:
        return okta_line(time, user, "user.mfa.okta_verify.deny_push", "SUCCESS", "", "", &phone);
    case 3:
        return okta_line(time, user, "system.push.send_factor_verify_push", "SUCCESS", "", "", &home);
    case 4:
        return entra_line(time, user, 500121, "MFA denied; user declined the authentication", &home);
    default:
        return okta_line(time, user, "user.session.start", "SUCCESS", "", "", &home);
    }
}

static struct day *make_day(void)
{
    struct day *day = calloc(1, sizeof *day);
    uint32_t seed = 20260302;
    mf_time time = NOW;
    char user[32];

    assert_non_null(day);
    serial = 0;
    for (unsigned i = 0; i < LINES; i++) {
        /* ten days of logins, then six hours of everything */
        bool history = i < HISTORY;
        day->user[i] = history ? i % PEOPLE : next_random(&seed) % (next_random(&seed) % 2 == 0 ? PEOPLE : 4);
        snprintf(user, sizeof user, "user%u@example.com", day->user[i]);
        const char *made = history ? history_line(i, user) : day_line(&seed, time, user);
        snprintf(day->text[i], sizeof day->text[i], "%s", made);
        time += history ? 0 : next_random(&seed) % 12000;
    }
    return day;
}

/* All that comes out of a replay, as one text. */
struct output {
    char *text;
    size_t length;
    FILE *out;
};

static void print_judged(void *context, const struct mf_judged *judged)
{
    FILE *out = context;

    fprintf(out, "%s", mf_skip_name(judged->skip));
    if (judged->verdict != NULL) {
        fprintf(out, " %s %s %u %s", mf_kind_name(judged->event->kind), mf_level_name(judged->verdict->level),
                judged->verdict->score, judged->incident == NULL ? "-" : judged->incident);
        for (unsigned i = 0; i < judged->verdict->n_findings; i++)
            fprintf(out, " %s %u", judged->verdict->finding[i].signal->name, judged->verdict->finding[i].observed);
    }
    fputc('\n', out);
}

static void print_alert(void *context, const struct mf_alert_text *text)
{
    fprintf(context, "%s\n", text->json);
}

static void replay(const struct day *day, uint64_t key, struct output *output)
{
    struct mf_engine *mine = new_engine(key);
    struct mf_worker *worker_of_mine = mf_worker_new(mine, NULL);
    struct mf_sink printing = {print_judged, print_alert, NULL, false};

    output->out = open_memstream(&output->text, &output->length);
    assert_non_null(output->out);
    printing.context = output->out;
    for (unsigned i = 0; i < LINES; i++)
        mf_engine_judge(mine, worker_of_mine, day->text[i], strlen(day->text[i]), MF_TIME_NONE, &printing, NULL);
    fclose(output->out);
    mf_worker_free(worker_of_mine);
    mf_engine_free(mine);
}

static void a_replay_gives_the_same_bytes_whatever_the_key(void **state)
{
    struct day *day = make_day();
    struct output a, b, c;

    (void)state;
    replay(day, 1, &a);
    replay(day, 1, &b);
    replay(day, 0x123456789abcdefu, &c);
    assert_true(strstr(a.text, "\"phase\":\"open\"") != NULL && strstr(a.text, "\"phase\":\"close\"") != NULL);
    assert_string_equal(a.text, b.text);
    assert_string_equal(a.text, c.text);
    free(a.text);
    free(b.text);
    free(c.text);
    free(day);
}

/* What a line came to. */
struct result {
    enum mf_level level;
    enum mf_severity severity;
    unsigned score, judged;
};

struct crew {
    struct mf_engine *engine;
    const struct day *day;
    unsigned n_threads;
    pthread_barrier_t barrier;
    struct result result[LINES];
};

struct member {
    struct crew *crew;
    unsigned number;
    struct result *at;
};

static void keep_result(void *context, const struct mf_judged *judged)
{
    struct member *member = context;

    if (judged->verdict == NULL)
        return;
    member->at->judged++;
    member->at->level = judged->verdict->level;
    member->at->severity = judged->verdict->severity;
    member->at->score += judged->verdict->score;
}

static bool starts_batch(unsigned i)
{
    return i < HISTORY ? i % PEOPLE == 0 : i % (LINES / BATCHES) == 0;
}

/* Each thread judges its own users in order. Batches keep the threads within the lateness of the feeds. */
static void *work(void *context)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    struct mf_worker *mine = mf_worker_new(crew->engine, NULL);
    const struct mf_sink keeping = {keep_result, NULL, member, false};

    for (unsigned i = 0; i < LINES; i++) {
        if (starts_batch(i))
            pthread_barrier_wait(&crew->barrier);
        if (crew->day->user[i] % crew->n_threads != member->number)
            continue;
        member->at = &crew->result[i];
        mf_engine_judge(crew->engine, mine, crew->day->text[i], strlen(crew->day->text[i]), MF_TIME_NONE, &keeping,
                        NULL);
    }
    mf_worker_free(mine);
    return NULL;
}

static struct crew *work_together(const struct day *day, unsigned n_threads)
{
    struct crew *crew = calloc(1, sizeof *crew);
    struct member member[8];
    pthread_t thread[8];

    assert_non_null(crew);
    crew->engine = new_engine(1);
    crew->day = day;
    crew->n_threads = n_threads;
    pthread_barrier_init(&crew->barrier, NULL, n_threads);
    for (unsigned i = 0; i < n_threads; i++) {
        member[i] = (struct member){crew, i, NULL};
        assert_int_equal(pthread_create(&thread[i], NULL, work, &member[i]), 0);
    }
    for (unsigned i = 0; i < n_threads; i++)
        pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&crew->barrier);
    mf_engine_free(crew->engine);
    return crew;
}

static void four_threads_agree_with_one_as_long_as_each_users_order_is_kept(void **state)
{
    /* what is about several users, or about what their feed carries, goes by the order of arrival */
    static const char by_user[] =
        "{\"signals\": {\"fan_in\": {\"enabled\": false}, \"spray_then_prompt\": {\"enabled\": "
        "false}, \"unusual_rate\": {\"enabled\": false}, \"no_login\": {\"enabled\": false}, \"no_session\": "
        "{\"enabled\": false}}}";

    teardown(state);
    begin_with(by_user);
    struct day *day = make_day();
    struct crew *one = work_together(day, 1), *four = work_together(day, 4);
    unsigned anomalous = 0;

    (void)state;
    for (unsigned i = 0; i < LINES; i++) {
        assert_int_equal(one->result[i].judged, four->result[i].judged);
        assert_int_equal(one->result[i].level, four->result[i].level);
        assert_int_equal(one->result[i].severity, four->result[i].severity);
        assert_int_equal(one->result[i].score, four->result[i].score);
        anomalous += one->result[i].level == MF_ANOMALOUS;
    }
    assert_true(anomalous > 0);
    free(one);
    free(four);
    free(day);
}

static void no_memory_is_taken_while_judging(void **state)
{
    struct day *day = make_day();

    (void)state;
    watch_memory();
    counting = true;
    void *volatile some = malloc(16);
    counting = false;
    free(some);
    assert_true(allocations > 0); /* the counter works */
    allocations = 0;

    const struct mf_sink nobody = {NULL, NULL, NULL, false};
    counting = true;
    for (unsigned i = 0; i < LINES; i++)
        mf_engine_judge(engine, worker, day->text[i], strlen(day->text[i]), MF_TIME_NONE, &nobody, &tag);
    mf_engine_judge(engine, worker, "{\"published\":", 13, NOW, &nobody, &tag);
    mf_engine_tick(engine, worker, NOW + 10 * MF_DAY, &nobody);
    counting = false;
    assert_int_equal(allocations, 0);
    assert_true(counter(engine, "alerts") > 0);
    free(day);
}

static void any_bytes_are_survived(void **state)
{
    static char noise[4096];
    uint32_t seed = 99;

    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        size_t length = next_random(&seed) % sizeof noise;
        for (size_t i = 0; i < length; i++)
            noise[i] = (char)next_random(&seed);
        mf_engine_judge(engine, worker, noise, length, NOW, &sink, &tag);
        assert_string_not_equal(tag.status, "judged");
    }
    mf_engine_judge(engine, worker, NULL, 0, NOW, &sink, &tag);
    mf_engine_judge(engine, worker, "", 0, NOW, &sink, NULL);
    assert_int_equal(n_judged, 0);
}

static void damaged_records_are_survived(void **state)
{
    struct day *day = make_day();
    uint32_t seed = 4711;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char *text = day->text[next_random(&seed) % LINES];
        size_t length = strlen(text);
        struct mf_sink quiet = {NULL, NULL, NULL, false};
        char copy[LINE_SIZE];

        memcpy(copy, text, length);
        for (unsigned damage = next_random(&seed) % 4; damage > 0; damage--)
            copy[next_random(&seed) % length] = (char)next_random(&seed);
        if (next_random(&seed) % 4 == 0)
            length = next_random(&seed) % length;
        mf_engine_judge(engine, worker, copy, length, next_random(&seed) % 2 ? NOW : MF_TIME_NONE, &quiet, &tag);
        assert_true(tag.status[0] != '\0');
    }
    assert_int_equal(counter(engine, "messages"), 20000);
    free(day);
}

/* ---- building ---- */

static void counters_have_names_of_their_own(void **state)
{
    struct mf_counter a, b;
    unsigned n = 0;

    (void)state;
    for (; mf_engine_counter(engine, n, &a); n++) {
        assert_true(strspn(a.name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(a.name) && a.name[0] != '\0');
        assert_true(a.help[0] != '\0');
        assert_non_null(a.value);
        for (unsigned j = 0; j < n; j++) {
            assert_true(mf_engine_counter(engine, j, &b));
            assert_string_not_equal(a.name, b.name);
            assert_ptr_not_equal(a.value, b.value);
        }
    }
    assert_true(n > MF_N_SKIPS);
    assert_false(mf_engine_counter(engine, n, &a));
    assert_int_equal(counter(engine, "state_bytes"), mf_engine_memory(engine));
}

static void levels_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        duo_push(NOW + i * 45000, "ada", "denied", "no_response", &abroad);
    duo_push(NOW + 10 * 45000, "ada", "fraud", "user_marked_fraud", &abroad);
    /* three: 30 points; five: 80, at most 60; nothing is known that would halve them; the report */
    assert_int_equal(counter(engine, "notices"), 2);
    assert_int_equal(counter(engine, "suspicious"), 6);
    assert_int_equal(counter(engine, "anomalous"), 1);
    assert_int_equal(counter(engine, "judged"), 11);
    assert_int_equal(counter(engine, "prompts"), 11);
    assert_int_equal(counter(engine, "refusals"), 1);
    assert_int_equal(counter(engine, "approvals"), 0);
    assert_int_equal(counter(engine, "messages"), 11);
    assert_int_equal(counter(engine, "alerts"), n_alerts);
}

static void what_cannot_be_built_says_why(void **state)
{
    struct mf_engine_options options = {.policy_file = "/nonexistent/policy", .profile_dir = profile_dir()};
    struct mf_error error = {""};

    (void)state;
    assert_null(mf_engine_new(&options, &error));
    assert_non_null(strstr(error.text, "/nonexistent/policy"));
    options = (struct mf_engine_options){.profile_dir = "/nonexistent/profiles"};
    assert_null(mf_engine_new(&options, &error));
    assert_non_null(strstr(error.text, "/nonexistent/profiles"));
    assert_null(mf_engine_new(&options, NULL));
    mf_engine_free(NULL);
    mf_worker_free(NULL);
}

static void the_policy_chooses_profiles_and_level(void **state)
{
    teardown(state);
    begin_with("{\"profiles\": [\"duo\"], \"alert_level\": \"notice\"}");
    assert_int_equal(mf_profiles_count(mf_engine_profiles(engine)), 1);
    assert_int_equal(mf_engine_policy(engine)->alert_level, MF_NOTICE);
    okta_prompt(NOW, "ada@example.com", &home);
    assert_string_equal(tag.status, "not_idp");
    for (int i = 0; i < 3; i++)
        duo_push(NOW + i * 20000, "ada", "denied", "user_denied", &home);
    assert_int_equal(level, MF_NOTICE);
    assert_int_equal(count_phase(MF_PHASE_OPEN), 1);
    assert_int_equal(alert[0].severity, MF_SEVERITY_LOW);
}

static void a_full_table_is_counted(void **state)
{
    char user[32];

    teardown(state);
    begin_with("{\"state\": {\"users\": 1024, \"recent\": 256}}");
    for (int i = 0; i < 5000; i++) {
        snprintf(user, sizeof user, "user%d", i);
        duo_push(NOW + i * 10, user, "success", "user_approved", &home);
    }
    assert_true(counter(engine, "users_evicted") > 3000);
    assert_true(counter(engine, "users_tracked") <= 1024 + 1024 / 6 + 64 * 8);
    assert_int_equal(counter(engine, "skipped_table_full"), 0);
    assert_int_equal(counter(engine, "judged"), 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_bombing_is_anomalous_at_the_3rd_refusal_and_critical_at_the_approval),
        TEST(an_alert_that_a_refusal_opens_names_the_source_of_the_prompts),
        TEST(foreign_bombing_is_at_least_suspicious_by_the_5th_prompt),
        TEST(timeouts_alone_are_suspicious_by_the_10th_prompt_and_critical_at_the_approval),
        TEST(timeouts_that_no_record_tells_of_count_as_well),
        TEST(prompts_that_nobody_answers_are_told_though_nothing_follows),
        TEST(by_the_clock_too_when_the_feed_falls_silent),
        TEST(a_prompt_that_was_answered_is_not_waited_for),
        TEST(ten_wrong_codes_then_a_right_one_are_critical),
        TEST(a_fraud_report_is_anomalous),
        TEST(entra_tells_of_the_same_attack),
        TEST(one_person_seen_through_two_providers_is_one),
        TEST(a_factor_change_in_an_anomalous_run_is_critical),
        TEST(one_approved_push_from_a_new_country_is_a_notice),
        TEST(a_dead_phone_at_home_is_a_notice),
        TEST(a_refused_push_that_is_sent_again_until_lockout_is_not_anomalous),
        TEST(retries_of_a_vpn_client_are_normal),
        TEST(one_push_per_device_is_one_prompt),
        TEST(a_new_phone_is_normal),
        TEST(a_traveller_who_answers_is_a_notice),
        TEST(a_wave_of_expired_sessions_is_normal),
        TEST(a_number_matching_rollout_is_normal),
        TEST(an_attack_teaches_no_place),
        TEST(an_accepted_place_is_known_the_next_day),
        TEST(a_new_user_is_compared_with_the_tenant),
        TEST(an_address_of_the_company_never_fires_the_source),
        TEST(an_address_that_is_not_listed_fires_the_source),
        TEST(an_address_of_the_company_teaches_no_place),
        TEST(a_travel_note_keeps_a_country_out_of_the_verdict),
        TEST(whom_a_list_ignores_is_counted_and_not_judged),
        TEST(aliases_are_one_state),
        TEST(a_database_fills_in_where_the_feed_says_nothing),
        TEST(places_of_a_database_make_a_journey_impossible),
        TEST(a_suspicious_run_teaches_nothing_of_places_or_hours),
        TEST(what_a_run_taught_before_it_was_suspicious_is_forgotten),
        TEST(after_a_factor_change_the_rest_of_the_run_is_critical),
        TEST(a_factor_reset_5_hours_later_is_critical_and_the_same_incident),
        TEST(a_factor_reset_without_a_suspicious_run_or_a_day_later_is_normal),
        TEST(an_unusual_rate_is_told_when_enough_is_known_of_everyone),
        TEST(a_usual_rate_is_not_told),
        TEST(only_a_sink_that_asks_is_told_how_it_came_about),
        TEST(a_late_record_says_so_and_stands_before_what_came_earlier),
        TEST(forty_prompts_are_one_open_few_updates_and_one_close),
        TEST(totals_are_whole_when_there_are_more_prompts_than_are_remembered),
        TEST(it_closes_after_30_quiet_minutes_of_its_feed),
        TEST(it_closes_by_the_clock_when_its_feed_falls_silent),
        TEST(a_clock_that_jumps_closes_each_incident_once_and_forgets_nobody),
        TEST(a_replay_does_not_close_by_the_clock),
        TEST(it_reopens_within_a_day_under_its_id),
        TEST(prompts_between_two_attacks_belong_to_neither),
        TEST(a_record_exactly_30_minutes_later_counts_once),
        TEST(a_rising_level_is_one_update),
        TEST(the_cap_holds_back_and_tells),
        TEST(a_tag_is_small_until_there_is_something_to_notice),
        TEST(a_tag_says_which_alert_its_message_raised),
        TEST(a_tag_names_what_was_skipped),
        TEST(an_envelope_wears_the_worst_of_its_records),
        TEST(nobody_need_listen),
        TEST(observing_raises_no_alert),
        TEST(late_records_come_to_the_same_incident),
        TEST(an_approval_that_is_delivered_before_its_refusals_is_critical_all_the_same),
        TEST(what_is_too_late_is_counted_and_not_judged),
        TEST(a_repeated_delivery_is_dropped_and_counted),
        TEST(the_file_of_yesterday_is_late_and_nothing_else),
        TEST(users_who_have_nothing_to_do_with_it_change_no_verdict),
        TEST(a_second_delivery_is_known_behind_thousands_of_others),
        TEST(deliveries_that_are_forgotten_too_early_are_counted),
        TEST(the_same_id_of_another_user_is_no_duplicate),
        TEST(the_same_id_of_another_tenant_is_no_duplicate),
        TEST(a_stamp_from_the_future_does_not_move_the_feed_away),
        TEST(a_replay_gives_the_same_bytes_whatever_the_key),
        TEST(four_threads_agree_with_one_as_long_as_each_users_order_is_kept),
        TEST(no_memory_is_taken_while_judging),
        TEST(any_bytes_are_survived),
        TEST(damaged_records_are_survived),
        TEST(counters_have_names_of_their_own),
        TEST(levels_are_counted),
        TEST(what_cannot_be_built_says_why),
        TEST(the_policy_chooses_profiles_and_level),
        TEST(a_full_table_is_counted),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
