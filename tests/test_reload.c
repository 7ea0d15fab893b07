/* tests/test_reload.c
 *
 * Policy, profiles, lists and databases that are loaded anew while the engine runs (mf_engine_reload): all of it or
 * nothing, at once, and nothing that is remembered is lost. */

#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { PATH_SIZE = 512, FILE_SIZE = 65536 };

static char dir[] = "/tmp/mf-reload-XXXXXX", policy_file[PATH_SIZE];
static struct mf_engine *engine;
static struct mf_worker *worker;
static struct mf_tag tag;
static struct mf_error error;
static struct mf_reload reload;
static unsigned n_alerts;
static char last_alert[MF_ALERT_MAX], last_incident[MF_INCIDENT_ID + 1];

/* ---- files ---- */

static const char *path_of(const char *name)
{
    static char path[PATH_SIZE];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void put_policy(const char *members)
{
    char text[FILE_SIZE];

    snprintf(text, sizeof text, "{\"profile_dir\": \"%s/profiles\"%s%s}", dir, members[0] == '\0' ? "" : ", ", members);
    put("policy.json", text);
}

static void shipped_profile(char text[FILE_SIZE])
{
    const char *top = getenv("MF_SRCDIR");
    char path[4096];
    size_t length;

    snprintf(path, sizeof path, "%s/profiles/okta.json", top == NULL ? "." : top);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    length = fread(text, 1, FILE_SIZE - 1, in);
    assert_true(length > 0 && length < FILE_SIZE - 1);
    text[length] = '\0';
    fclose(in);
}

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL || mkdir(path_of("profiles"), 0700) != 0)
        return -1;
    snprintf(policy_file, sizeof policy_file, "%s/policy.json", dir);
    return 0;
}

static int remove_directory(void **state)
{
    static const char *const names[] = {"policy.json", "ignored", "egress", "profiles/okta.json", "profiles"};

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        remove(path_of(names[i]));
    return rmdir(dir);
}

/* ---- an engine ---- */

static void on_alert(void *context, const struct mf_alert_text *text)
{
    (void)context;
    n_alerts++;
    snprintf(last_alert, sizeof last_alert, "%s", text->json);
    snprintf(last_incident, sizeof last_incident, "%s", text->incident);
}

static const struct mf_sink sink = {NULL, on_alert, NULL, false};

static int setup(void **state)
{
    const struct mf_engine_options options = {.policy_file = policy_file, .key = {1, 2}};
    char profile[FILE_SIZE];

    (void)state;
    shipped_profile(profile);
    put("profiles/okta.json", profile);
    put("ignored", "");
    put("egress", "192.0.2.0/24\n");
    put_policy("\"people\": {\"ignore\": \"ignored\"}, \"nets\": {\"egress\": \"egress\"}");
    engine = mf_engine_new(&options, &error);
    if (engine == NULL)
        fail_msg("%s", error.text);
    worker = mf_worker_new(engine, NULL);
    n_alerts = 0;
    return worker == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    mf_worker_free(worker);
    mf_engine_free(engine);
    return 0;
}

/* A record of the user at `minute` minutes after NOW. */
static void judge(const char *type, const char *user, unsigned minute)
{
    static unsigned serial;
    char line[1024], time[MF_TIME_TEXT];

    mf_time_format(NOW + minute * MF_MINUTE, time);
    serial++;
    snprintf(line, sizeof line,
             "{\"actor\":{\"id\":\"1\",\"type\":\"User\",\"alternateId\":\"%s\"},\"client\":{\"ipAddress\":\"198.51."
             "100.7\"},"
             "\"eventType\":\"%s\",\"outcome\":{\"result\":\"SUCCESS\"},\"published\":\"%s\",\"transaction\":{\"id\":"
             "\"t-%u\"},\"uuid\":\"u-%u\"}",
             user, type, time, serial, serial);
    mf_engine_judge(engine, worker, line, strlen(line), MF_TIME_NONE, &sink, &tag);
}

static void prompt(const char *user, unsigned minute)
{
    judge("system.push.send_factor_verify_push", user, minute);
}

static void attack(const char *user, unsigned minute)
{
    prompt(user, minute);
    judge("user.mfa.okta_verify.deny_push", user, minute);
}

static void reload_well(void)
{
    if (mf_engine_reload(engine, &reload, &error) != 0)
        fail_msg("%s", error.text);
}

static void is_refused(const char *part)
{
    assert_int_equal(mf_engine_reload(engine, &reload, &error), -1);
    if (strstr(error.text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, error.text);
}

/* ---- all at once ---- */

static void each_kind_of_file_holds_from_the_next_message_on(void **state)
{
    char profile[FILE_SIZE], *at;

    (void)state;
    prompt("ada@example.com", 0);
    assert_string_equal(tag.status, "judged");
    assert_string_equal(tag.level, "normal");

    put("ignored", "ada@example.com\n");
    reload_well();
    assert_false(reload.policy_changed);
    prompt("ada@example.com", 1);
    assert_string_equal(tag.status, "listed");
    prompt("bob@example.com", 1);
    assert_string_equal(tag.status, "judged");

    put_policy("\"signals\": {\"prompt_burst\": {\"steps\": [[1, 90]]}}, \"verdict\": {\"caps\": {\"volume\": 90}}");
    reload_well();
    assert_true(reload.policy_changed);
    assert_string_equal(reload.at_restart, "");
    prompt("ada@example.com", 2);
    assert_string_equal(tag.status, "judged");
    assert_string_not_equal(tag.level, "normal");

    shipped_profile(profile);
    while ((at = strstr(profile, "system.push.send_factor_verify_push")) != NULL)
        memcpy(at, "custom", 6);
    put("profiles/okta.json", profile);
    reload_well();
    prompt("bob@example.com", 3);
    assert_string_not_equal(tag.status, "judged");
    judge("custom.push.send_factor_verify_push", "bob@example.com", 4);
    assert_string_equal(tag.status, "judged");
}

static void what_is_remembered_stays(void **state)
{
    char incident[MF_INCIDENT_ID + 1];
    unsigned minute = 0;

    (void)state;
    for (; n_alerts == 0 && minute < 10; minute++)
        attack("ada@example.com", minute);
    assert_int_equal(n_alerts, 1);
    assert_non_null(strstr(last_alert, "\"denied\":"));
    snprintf(incident, sizeof incident, "%s", last_incident);

    put_policy("\"incident\": {\"quiet\": \"10m\"}");
    reload_well();
    judge("user.authentication.auth_via_mfa", "ada@example.com", minute);
    attack("ada@example.com", minute);
    assert_string_equal(tag.incident, incident);
    unsigned before = n_alerts;
    prompt("bob@example.com", minute + 9);
    assert_int_equal(n_alerts, before);
    prompt("bob@example.com", minute + 11);
    assert_int_equal(n_alerts, before + 1);
    assert_string_equal(last_incident, incident);
    assert_non_null(strstr(last_alert, "\"phase\":\"close\""));
}

static void alerts_name_the_policy_by_which_they_were_raised(void **state)
{
    char first[MF_SHA256_TEXT], second[MF_SHA256_TEXT];

    (void)state;
    snprintf(first, sizeof first, "%s", mf_engine_policy(engine)->sha256);
    put_policy("\"alert_level\": \"notice\"");
    reload_well();
    snprintf(second, sizeof second, "%s", mf_engine_policy(engine)->sha256);
    assert_string_not_equal(first, second);
    for (unsigned minute = 0; n_alerts == 0 && minute < 10; minute++)
        attack("ada@example.com", minute);
    assert_non_null(strstr(last_alert, second));
    assert_ptr_equal(mf_worker_policy(worker), mf_engine_policy(engine));
}

static void what_was_prepared_changes_nothing_until_it_is_adopted(void **state)
{
    struct mf_settings *settings;

    (void)state;
    put("ignored", "ada@example.com\n");
    settings = mf_engine_prepare(engine, &reload, &error);
    assert_non_null(settings);
    prompt("ada@example.com", 0);
    assert_string_equal(tag.status, "judged");
    mf_settings_free(settings);
    settings = mf_engine_prepare(engine, &reload, &error);
    mf_engine_adopt(engine, settings);
    prompt("ada@example.com", 1);
    assert_string_equal(tag.status, "listed");
}

/* ---- or nothing ---- */

static void what_is_wrong_is_said_with_its_place_and_the_old_stays(void **state)
{
    (void)state;
    put("ignored", "ada@example.com\n");
    reload_well();

    put("ignored", "bob@example.com\nada@example.com util=2030\n");
    is_refused("/ignored:2: ");
    put("ignored", "bob@example.com\n");
    put("egress", "192.0.2.0/24\n\n192.0.2.1/24\n");
    is_refused("/egress:3: ");
    put("egress", "192.0.2.0/24\n");
    put_policy("\"alert_level\": \"loud\"");
    is_refused("/policy.json:1:");
    put("policy.json", "{");
    is_refused("/policy.json:1:");
    put_policy("");
    put("profiles/okta.json", "{\"idp\": \"okta\",\n \"surprise\": 1}");
    is_refused("/profiles/okta.json:2:");
    remove(path_of("policy.json"));
    is_refused("/policy.json: ");

    prompt("ada@example.com", 0);
    assert_string_equal(tag.status, "listed");
    prompt("bob@example.com", 0);
    assert_string_equal(tag.status, "judged");
}

static void what_cannot_change_in_flight_is_named_and_the_rest_holds(void **state)
{
    size_t memory = mf_engine_memory(engine);

    (void)state;
    put_policy(
        "\"state\": {\"users\": 131072, \"recent\": 8192, \"addresses\": 2048}, \"incident\": {\"max_open\": 16, "
        "\"quiet\": \"10m\"}, \"alert_level\": \"notice\"");
    reload_well();
    assert_string_equal(reload.at_restart, "state.users, state.addresses, incident.max_open");
    const struct mf_policy *policy = mf_engine_policy(engine);
    assert_int_equal(policy->alert_level, MF_NOTICE);
    assert_int_equal(policy->incident.quiet, 10 * MF_MINUTE);
    assert_int_equal(policy->state.table.users, 65536);
    assert_int_equal(policy->incident.max_open, 4096);
    assert_true(mf_engine_memory(engine) <= memory);
    reload_well();
    assert_string_equal(reload.at_restart, "state.users, state.addresses, incident.max_open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_of_file_holds_from_the_next_message_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_remembered_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(alerts_name_the_policy_by_which_they_were_raised, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_prepared_changes_nothing_until_it_is_adopted, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said_with_its_place_and_the_old_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_change_in_flight_is_named_and_the_rest_holds, setup, teardown),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
