/* tests/test_travel.c
 *
 * Travel notes: the days at either end, several notes of one person, aliases. */

#include "context/travel.h"

#include "list_file.h"

static struct mf_error error;

static struct mf_travel *load(const char *text, const struct mf_directory *directory)
{
    struct list_file file = list_file(text);
    struct mf_travel *travel = mf_travel_load(file.path, directory, &some_key, &error);

    close(file.fd);
    if (travel == NULL)
        fail_msg("%s", error.text);
    return travel;
}

static bool covers(const struct mf_travel *travel, const char *user, const char *country, const char *time)
{
    return mf_travel_covers(travel, mf_slice_of(user), country, time_of(time));
}

static void covers_the_first_and_the_last_day(void **state)
{
    struct mf_travel *travel = load("Alice RO,bg from=2026-11-01 until=2026-11-20  # visit\n", NULL);

    (void)state;
    assert_false(covers(travel, "alice", "RO", "2026-10-31T23:59:59.999Z"));
    assert_true(covers(travel, "alice", "RO", "2026-11-01T00:00:00Z"));
    assert_true(covers(travel, "alice", "BG", "2026-11-20T23:59:59.999Z"));
    assert_false(covers(travel, "alice", "BG", "2026-11-21T00:00:00Z"));
    assert_false(covers(travel, "alice", "DE", "2026-11-10T00:00:00Z"));
    assert_false(covers(travel, "alice", "\0\0", "2026-11-10T00:00:00Z"));
    assert_false(covers(travel, "bob", "RO", "2026-11-10T00:00:00Z"));
    assert_false(covers(NULL, "alice", "RO", "2026-11-10T00:00:00Z"));
    mf_travel_free(travel);
    mf_travel_free(NULL);
}

static void takes_times_and_trips_of_one_day(void **state)
{
    struct mf_travel *travel = load("a US until=2026-11-20T18:00:00Z from=2026-11-20T08:00:00+02:00\n"
                                    "b US from=2026-11-20 until=2026-11-20\n",
                                    NULL);

    (void)state;
    assert_false(covers(travel, "a", "US", "2026-11-20T05:59:59.999Z"));
    assert_true(covers(travel, "a", "US", "2026-11-20T06:00:00Z"));
    assert_true(covers(travel, "a", "US", "2026-11-20T18:00:00Z"));
    assert_false(covers(travel, "a", "US", "2026-11-20T18:00:00.001Z"));
    assert_true(covers(travel, "b", "US", "2026-11-20T23:59:59.999Z"));
    assert_false(covers(travel, "b", "US", "2026-11-21T00:00:00Z"));
    mf_travel_free(travel);
}

static void keeps_several_notes_of_one_person(void **state)
{
    struct mf_travel *travel = load("a US from=2026-01-01 until=2026-01-10\nb FR from=2026-01-01 until=2026-12-31\n"
                                    "a FR from=2026-03-01 until=2026-03-10\na US from=2026-05-01 until=2026-05-10\n",
                                    NULL);
    uint32_t line;

    (void)state;
    assert_true(covers(travel, "a", "US", "2026-01-05T00:00:00Z"));
    assert_false(covers(travel, "a", "FR", "2026-01-05T00:00:00Z"));
    assert_true(covers(travel, "a", "FR", "2026-03-05T00:00:00Z"));
    assert_false(covers(travel, "a", "US", "2026-03-05T00:00:00Z"));
    assert_true(covers(travel, "a", "US", "2026-05-05T00:00:00Z"));
    assert_int_equal(mf_travel_count(travel), 4);
    assert_int_equal(mf_travel_expired(travel, time_of("2026-03-11T00:00:00Z"), &line), 2);
    assert_int_equal(line, 1);
    assert_int_equal(mf_travel_expired(travel, time_of("2026-01-10T23:59:59.999Z"), &line), 0);
    assert_int_equal(line, 0);
    mf_travel_free(travel);
}

static void an_alias_stands_for_the_person(void **state)
{
    struct list_file file = list_file("alice@example.com alias=EXAMPLE\\alice\n");
    struct mf_directory *directory = mf_directory_load(file.path, &some_key, &error);
    struct mf_travel *travel;

    (void)state;
    close(file.fd);
    assert_non_null(directory);
    travel = load("Example\\Alice RO from=2026-11-01 until=2026-11-20\n"
                  "alice@example.com BG from=2026-11-01 until=2026-11-20\n",
                  directory);
    mf_directory_free(directory); /* it is not kept */
    assert_true(covers(travel, "alice@example.com", "RO", "2026-11-10T00:00:00Z"));
    assert_true(covers(travel, "alice@example.com", "BG", "2026-11-10T00:00:00Z"));
    assert_false(covers(travel, "example\\alice", "RO", "2026-11-10T00:00:00Z"));
    mf_travel_free(travel);
}

static void bounds_the_notes_of_one_person(void **state)
{
    char text[(MF_TRAVEL_USER_MAX + 2) * 48];
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < MF_TRAVEL_USER_MAX; i++)
        used += (size_t)sprintf(text + used, "a US from=%u-01-01 until=%u-01-01\n", 2000 + i, 2000 + i);
    mf_travel_free(load(text, NULL));
    sprintf(text + used, "b US from=2026-01-01 until=2026-01-01\n");
    mf_travel_free(load(text, NULL));
    sprintf(text + used, "a US from=2026-01-01 until=2026-01-01\n");
    struct list_file file = list_file(text);
    assert_null(mf_travel_load(file.path, NULL, &some_key, &error));
    check_refusal(&file,
                  &(struct refusal){
                      "257 notes", "257: more than 256 countries in the notes of one user; remove trips that are over"},
                  error.text);
    close(file.fd);
}

static void refuses_what_it_would_have_to_guess(void **state)
{
#define MISSING "1: countries are missing; accepted: user RO,BG from=2026-11-01 until=2026-11-20"
    static const struct refusal refusals[] = {
        {"alice", MISSING},
        {"alice from=2026-11-01 until=2026-11-20", MISSING},
        {"alice RO", "1: from= is missing; a note has a first and a last day"},
        {"alice RO until=2026-11-20", "1: from= is missing; a note has a first and a last day"},
        {"alice RO from=2026-11-20", "1: until= is missing; a note has a first and a last day"},
        {"alice RO from=2026-11-20 until=2026-11-19", "1: until= is before from="},
        {"alice RO from=2026-11-01 from=2026-11-02 until=2026-11-20", "1: from= stands twice"},
        {"alice RO from=2026-11-01 until=2026-11-20 until=2026-11-20", "1: until= stands twice"},
        {"alice RO BG from=2026-11-01 until=2026-11-20",
         "1: unexpected \"BG\"; accepted behind the first word: from=, until=, # comment"},
        {"alice RO,,BG from=2026-11-01 until=2026-11-20", "1: an empty value; accepted: values with one comma between"},
        {"alice RO,XX from=2026-11-01 until=2026-11-20",
         "1: unknown country \"XX\"; accepted: ISO 3166-1 codes such as DE"},
        {"\nalice RO form=2026-11-01 until=2026-11-20",
         "2: unknown key \"form\", did you mean \"from\"? accepted: from=, until="},
        {"alice RO from=1.11.2026 until=2026-11-20",
         "1: from=\"1.11.2026\" is no date; accepted: 2026-12-31 (UTC) or 2026-12-31T18:00:00Z"},
        {"n/a RO from=2026-11-01 until=2026-11-20",
         "1: \"n/a\" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct list_file file = list_file(refusals[i].text);

        if (mf_travel_load(file.path, NULL, &some_key, &error) != NULL)
            fail_msg("<%s> was accepted", refusals[i].text);
        check_refusal(&file, &refusals[i], error.text);
        close(file.fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_the_first_and_the_last_day), cmocka_unit_test(takes_times_and_trips_of_one_day),
        cmocka_unit_test(keeps_several_notes_of_one_person), cmocka_unit_test(an_alias_stands_for_the_person),
        cmocka_unit_test(bounds_the_notes_of_one_person),    cmocka_unit_test(refuses_what_it_would_have_to_guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
