/* tests/test_ignored.c
 *
 * Logins that are not judged: whole, by their beginning, by their end, for a time. */

#include "context/ignored.h"

#include "list_file.h"

static struct mf_error error;

static struct mf_ignored *load(const char *text, const struct mf_directory *directory)
{
    struct list_file file = list_file(text);
    struct mf_ignored *ignored = mf_ignored_load(file.path, directory, &some_key, &error);

    close(file.fd);
    if (ignored == NULL)
        fail_msg("%s", error.text);
    return ignored;
}

static bool has(const struct mf_ignored *ignored, const char *user, const char *now)
{
    return mf_ignored_has(ignored, mf_slice_of(user), time_of(now));
}

#define NOW "2026-06-01T12:00:00Z"

static void knows_whole_names_beginnings_and_endings(void **state)
{
    struct mf_ignored *ignored = load("Backup@Example.com\nSVC-*\n*@scanner.example.com # probes\nx*\n", NULL);

    (void)state;
    assert_true(has(ignored, "backup@example.com", NOW));
    assert_false(has(ignored, "backup@example.co", NOW));
    assert_false(has(ignored, "backup@example.com2", NOW));
    assert_true(has(ignored, "svc-", NOW));
    assert_true(has(ignored, "svc-deploy", NOW));
    assert_false(has(ignored, "svc", NOW));
    assert_false(has(ignored, "asvc-deploy", NOW));
    assert_true(has(ignored, "nessus@scanner.example.com", NOW));
    assert_false(has(ignored, "nessus@scanner.example.com.evil.example", NOW));
    assert_true(has(ignored, "xavier", NOW));
    assert_false(has(ignored, "", NOW));
    assert_false(has(NULL, "xavier", NOW));
    assert_int_equal(mf_ignored_count(ignored), 4);
    mf_ignored_free(ignored);
    mf_ignored_free(NULL);
}

static void an_entry_holds_to_the_end_of_its_last_day(void **state)
{
    struct mf_ignored *ignored =
        load("a until=2026-05-31\nsvc-* until=2026-05-31\nsvc-old-*\n*-bot until=2026-05-31\n", NULL);
    uint32_t line;

    (void)state;
    assert_true(has(ignored, "a", "2026-05-31T23:59:59.999Z"));
    assert_false(has(ignored, "a", "2026-06-01T00:00:00Z"));
    assert_true(has(ignored, "svc-x", "2026-05-31T23:59:59.999Z"));
    assert_false(has(ignored, "svc-x", "2026-06-01T00:00:00Z"));
    assert_true(has(ignored, "svc-old-x", "2026-06-01T00:00:00Z"));
    assert_true(has(ignored, "x-bot", "2026-05-31T23:59:59.999Z"));
    assert_false(has(ignored, "x-bot", "2026-06-01T00:00:00Z"));
    assert_int_equal(mf_ignored_expired(ignored, time_of(NOW), &line), 3);
    assert_int_equal(line, 1);
    mf_ignored_free(ignored);
}

static void of_the_same_name_twice_the_later_end_counts(void **state)
{
    struct mf_ignored *ignored = load("a until=2026-05-31\nA\nsvc-* until=2026-06-30\nsvc-* until=2026-05-31\n", NULL);

    (void)state;
    assert_true(has(ignored, "a", NOW));
    assert_true(has(ignored, "svc-x", NOW));
    assert_int_equal(mf_ignored_count(ignored), 4);
    assert_int_equal(mf_ignored_repeated(ignored), 2);
    mf_ignored_free(ignored);
}

static void an_alias_stands_for_the_person(void **state)
{
    struct list_file file = list_file("backup@example.com alias=EXAMPLE\\backup\n");
    struct mf_directory *directory = mf_directory_load(file.path, &some_key, &error);
    struct mf_ignored *ignored;

    (void)state;
    close(file.fd);
    assert_non_null(directory);
    ignored = load("Example\\Backup\n", directory);
    mf_directory_free(directory);
    assert_true(has(ignored, "backup@example.com", NOW));
    mf_ignored_free(ignored);
}

static void a_pattern_may_be_as_long_as_a_login(void **state)
{
    char text[300], user[258];

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text + 256, "*\n", 3);
    memset(user, 'a', sizeof user);
    struct mf_ignored *ignored = load(text, NULL);
    assert_true(mf_ignored_has(ignored, (struct mf_slice){user, 256}, 0));
    assert_false(mf_ignored_has(ignored, (struct mf_slice){user, 255}, 0));
    assert_false(mf_ignored_has(ignored, (struct mf_slice){user, 257}, 0));
    mf_ignored_free(ignored);
}

static void refuses_what_it_would_have_to_guess(void **state)
{
    static const struct refusal refusals[] = {
        {"*", "1: \"*\" would ignore everybody; accepted: svc-*, *@scanner.example.com"},
        {"**", "1: \"**\": accepted is one \"*\", at the end or at the beginning"},
        {"*svc*", "1: \"*svc*\": accepted is one \"*\", at the end or at the beginning"},
        {"a\nsvc-*-x", "2: \"svc-*-x\": accepted is one \"*\", at the end or at the beginning"},
        {"a until=soon", "1: until=\"soon\" is no date; accepted: 2026-12-31 (UTC) or 2026-12-31T18:00:00Z"},
        {"a until=2026-01-01 until=2026-01-01", "1: until= stands twice"},
        {"a untl=2026-01-01", "1: unknown key \"untl\", did you mean \"until\"? accepted: until="},
        {"a b", "1: unexpected \"b\"; accepted behind the first word: until=, # comment"},
        {"unknown", "1: \"unknown\" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct list_file file = list_file(refusals[i].text);

        if (mf_ignored_load(file.path, NULL, &some_key, &error) != NULL)
            fail_msg("<%s> was accepted", refusals[i].text);
        check_refusal(&file, &refusals[i], error.text);
        close(file.fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_whole_names_beginnings_and_endings),
        cmocka_unit_test(an_entry_holds_to_the_end_of_its_last_day),
        cmocka_unit_test(of_the_same_name_twice_the_later_end_counts),
        cmocka_unit_test(an_alias_stands_for_the_person),
        cmocka_unit_test(a_pattern_may_be_as_long_as_a_login),
        cmocka_unit_test(refuses_what_it_would_have_to_guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
