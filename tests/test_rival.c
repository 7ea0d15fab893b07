/* tests/test_rival.c
 *
 * Which records can be of one profile only, whatever their values are. */

#include "read/rival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "read/profile.h"

enum { OWNER, RIVAL, N };

/* The owner is told by "time" and "who"; what the other one asks for is what a test is about. */
#define OWNER_PROFILE                                                                                                  \
    "{\"profile\": \"owner\", \"version\": 1, \"idp\": \"owner\", \"markers\": [\"\\\"owner_id\\\"\"], \"match\": "    \
    "{\"owner_id\": "                                                                                                  \
    "{\"exists\": true}},"                                                                                             \
    "\"fields\": {\"time\": \"time\", \"user\": \"who\", \"id\": \"owner_id\"}, \"dedup\": [\"id\"],"                  \
    "\"rules\": [{\"when\": {\"what\": \"in\"}, \"kind\": \"login_success\"}]}"

static char directory[] = "/tmp/mfatigue-rival-XXXXXX";

static void write_profile(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Is the owner alone with this record, beside a profile of which this is the rest? */
static bool alone(const char *rest, const char *line)
{
    const char *const names[N] = {"owner", "rival"};
    struct mf_error error = {""};
    struct mf_record record;
    char text[2048];

    snprintf(text, sizeof text,
             "{\"profile\": \"rival\", \"version\": 1, \"idp\": \"rival\", \"markers\": [\"rival\"], %s, \"fields\": "
             "{\"time\": \"time\", "
             "\"user\": \"user\", "
             "\"id\": \"id\"},"
             "\"dedup\": [\"id\"], \"rules\": [{\"when\": {\"what\": \"in\"}, \"kind\": \"login_success\"}]}",
             rest);
    write_profile("owner", OWNER_PROFILE);
    write_profile("rival", text);
    struct mf_profiles *profiles = mf_profiles_load(directory, names, N, &error);
    if (profiles == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(mf_record_init(&record, &mf_record_default_limits, &error), 0);
    assert_int_equal(mf_record_parse(&record, line, strlen(line)), MF_SKIP_NONE);
    uint32_t n_nodes = record.n_nodes;
    bool is = mf_profiles_know_alone(profiles, OWNER, &record);
    assert_int_equal(record.n_nodes, n_nodes);
    mf_record_fini(&record);
    mf_profiles_free(profiles);
    return is;
}

#define LINE                                                                                                           \
    "{\"owner_id\":\"1\",\"who\":\"ann\",\"deep\":{\"kind\":\"a\"},\"list\":[{\"kind\":\"a\",\"x\":1}],\"note\":"      \
    "\"text\"}"

static void who_asks_for_a_member_that_is_not_there_is_no_rival(void **state)
{
    (void)state;
    assert_true(alone("\"match\": {\"other\": {\"exists\": true}}", LINE));
    assert_true(alone("\"match\": {\"deep.other\": \"a\"}", LINE));
    assert_true(alone("\"match\": {\"who\": {\"exists\": true}, \"other\": {\"has\": \"a\"}}", LINE));
    assert_true(alone("\"match\": {\"any\": [{\"other\": \"a\"}, {\"another\": \"b\"}]}", LINE));
}

static void who_may_find_what_it_asks_for_is_one_whatever_the_value_is(void **state)
{
    (void)state;
    assert_false(alone("\"match\": {\"who\": {\"exists\": true}}", LINE));
    assert_false(alone("\"match\": {\"who\": \"somebody else\"}", LINE));
    assert_false(alone("\"match\": {\"deep.kind\": {\"prefix\": \"b\"}}", LINE));
    assert_false(alone("\"match\": {\"other\": {\"exists\": false}}", LINE));
    assert_false(alone("\"match\": {\"any\": [{\"other\": \"a\"}, {\"who\": \"b\"}]}", LINE));
    assert_false(alone("\"match\": {\"list[kind=b].x\": {\"exists\": true}}", LINE)); /* another value is found */
}

static void who_may_find_a_list_of_records_is_one(void **state)
{
    (void)state;
    assert_false(alone("\"unwrap\": [\"list[*]\"], \"match\": {\"other\": {\"exists\": true}}", LINE));
    assert_false(alone("\"unwrap\": [\"deep\"], \"match\": {\"other\": {\"exists\": true}}", LINE));
    assert_true(alone("\"unwrap\": [\"[*]\", \"items[*]\"], \"match\": {\"other\": {\"exists\": true}}", LINE));
}

static void who_looks_into_strings_is_one(void **state)
{
    (void)state;
    assert_false(alone("\"embedded\": [\"note\"], \"match\": {\"note.other\": {\"exists\": true}}", LINE));
    assert_true(alone("\"embedded\": [\"notes\"], \"match\": {\"notes.other\": {\"exists\": true}}", LINE));
}

/* A marker in a value may be missing next time. */
static void a_marker_must_stand_in_a_name(void **state)
{
    const char *rest = "\"match\": {\"other\": {\"exists\": true}}";

    (void)state;
    assert_true(alone(rest, "{\"deep\":[{\"owner_id\":null}]}"));
    assert_false(alone(rest, "{\"who\":\"owner_id\",\"other_id\":1}"));
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    char path[256];

    (void)state;
    for (int i = 0; i < N; i++) {
        snprintf(path, sizeof path, "%s/%s.json", directory, i == OWNER ? "owner" : "rival");
        remove(path);
    }
    remove(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_for_a_member_that_is_not_there_is_no_rival),
        cmocka_unit_test(who_may_find_what_it_asks_for_is_one_whatever_the_value_is),
        cmocka_unit_test(who_may_find_a_list_of_records_is_one),
        cmocka_unit_test(who_looks_into_strings_is_one),
        cmocka_unit_test(a_marker_must_stand_in_a_name),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
