/* tests/test_activity.c
 *
 * Which login explains a prompt, and where the user was at work meanwhile (src/memory/activity.c). */

#include "memory/activity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static struct mf_activities activities;

static int blank(void **state)
{
    (void)state;
    memset(&activities, 0, sizeof activities);
    return 0;
}

/* country, operator, network */
static const struct mf_source_values home = {1, 10, 100}, abroad = {2, 20, 200}, nowhere;

static void login_at(mf_time time, struct mf_source_values source)
{
    mf_activity_add_login(&activities, &(struct mf_activity){.time = time, .source = source});
}

static void active_at(mf_time time, struct mf_source_values source, bool familiar)
{
    mf_activity_add_active(&activities, &(struct mf_activity){.time = time, .source = source, .familiar = familiar});
}

static bool explained(struct mf_source_values source)
{
    return mf_activity_explains(&activities, &(struct mf_activity){.time = NOW, .source = source});
}

/* ---- logins ---- */

static void without_a_login_nothing_is_explained(void **state)
{
    (void)state;
    assert_false(explained(home));
    assert_false(explained(nowhere));
    active_at(NOW, home, true);
    assert_false(explained(home));
}

static void a_login_explains_for_ten_minutes(void **state)
{
    static const struct {
        mf_time age;
        bool explains;
    } ages[] = {{10 * MF_MINUTE + 1, false},
                {10 * MF_MINUTE, true},
                {0, true},
                {-2 * MF_SECOND, true},
                {-2 * MF_SECOND - 1, false}};

    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        blank(state);
        login_at(NOW - ages[i].age, home);
        assert_int_equal(explained(home), ages[i].explains);
    }
}

static void a_login_explains_the_same_network_or_operator(void **state)
{
    (void)state;
    login_at(NOW, home);
    assert_true(explained((struct mf_source_values){2, 20, 100}));
    assert_true(explained((struct mf_source_values){2, 10, 200}));
    assert_false(explained((struct mf_source_values){1, 20, 200})); /* the same country is not enough */
    assert_false(explained((struct mf_source_values){1, 0, 200}));
}

static void unknown_operators_are_not_the_same(void **state)
{
    (void)state;
    login_at(NOW, (struct mf_source_values){1, 0, 100});
    assert_false(explained((struct mf_source_values){1, 0, 200}));
    assert_true(explained((struct mf_source_values){1, 0, 100}));
}

static void where_one_names_no_source_time_decides(void **state)
{
    (void)state;
    login_at(NOW, nowhere);
    assert_true(explained(abroad));
    blank(state);
    login_at(NOW, home);
    assert_true(explained(nowhere));
}

static void a_ticket_or_session_in_common_goes_before_the_place(void **state)
{
    struct mf_activity login = {.time = NOW, .ticket = 7, .session = 8, .source = home};
    struct mf_activity prompt = {.time = NOW, .source = abroad};

    (void)state;
    mf_activity_add_login(&activities, &login);
    assert_false(mf_activity_explains(&activities, &prompt));
    prompt.ticket = 8;
    prompt.session = 7;
    assert_false(mf_activity_explains(&activities, &prompt));
    prompt.ticket = 7;
    assert_true(mf_activity_explains(&activities, &prompt));
    prompt.ticket = 0;
    prompt.session = 8;
    assert_true(mf_activity_explains(&activities, &prompt));
}

static void no_ticket_is_no_common_ticket(void **state)
{
    (void)state;
    login_at(NOW, home);
    assert_false(explained(abroad));
}

static void the_last_twelve_logins_are_remembered(void **state)
{
    (void)state;
    login_at(NOW, home);
    for (unsigned i = 0; i < MF_LOGINS_MAX - 1; i++)
        login_at(NOW, abroad);
    assert_true(explained(home));
    login_at(NOW, abroad);
    assert_false(explained(home));
    assert_true(explained(abroad));
}

/* ---- at work elsewhere ---- */

static const struct mf_activity *elsewhere(void)
{
    return mf_activity_elsewhere(&activities, &abroad, NOW, MF_HOUR);
}

static void being_at_work_elsewhere_has_a_window(void **state)
{
    static const struct {
        mf_time age;
        bool found;
    } ages[] = {{MF_HOUR, false}, {MF_HOUR - 1, true}, {0, true}, {-1, false}};

    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        blank(state);
        active_at(NOW - ages[i].age, home, true);
        assert_int_equal(elsewhere() != NULL, ages[i].found);
    }
}

static void the_latest_sign_is_told(void **state)
{
    (void)state;
    active_at(NOW - 3 * MF_MINUTE, home, true);
    active_at(NOW - MF_MINUTE, home, true);
    active_at(NOW - 2 * MF_MINUTE, home, true);
    active_at(NOW, abroad, true);
    assert_non_null(elsewhere());
    assert_int_equal(elsewhere()->time, NOW - MF_MINUTE);
}

static void only_a_place_of_the_users_own_counts(void **state)
{
    (void)state;
    active_at(NOW, home, false);
    assert_null(elsewhere());
}

static void elsewhere_is_another_country(void **state)
{
    (void)state;
    active_at(NOW, (struct mf_source_values){2, 10, 100}, true);
    assert_null(elsewhere());
    active_at(NOW, (struct mf_source_values){0, 10, 100}, true);
    assert_null(elsewhere());
    active_at(NOW, home, true);
    assert_non_null(elsewhere());
    assert_null(mf_activity_elsewhere(&activities, &(struct mf_source_values){0, 20, 200}, NOW, MF_HOUR));
}

static void a_login_is_no_sign_of_work(void **state)
{
    (void)state;
    login_at(NOW, home);
    assert_null(elsewhere());
}

static void the_last_eight_signs_are_remembered(void **state)
{
    (void)state;
    active_at(NOW, home, true);
    for (unsigned i = 0; i < MF_ACTIVE_MAX - 1; i++)
        active_at(NOW, abroad, true);
    assert_non_null(elsewhere());
    active_at(NOW, abroad, true);
    assert_null(elsewhere());
}

#define TEST(name) cmocka_unit_test_setup(name, blank)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_login_nothing_is_explained),
        TEST(a_login_explains_for_ten_minutes),
        TEST(a_login_explains_the_same_network_or_operator),
        TEST(unknown_operators_are_not_the_same),
        TEST(where_one_names_no_source_time_decides),
        TEST(a_ticket_or_session_in_common_goes_before_the_place),
        TEST(no_ticket_is_no_common_ticket),
        TEST(the_last_twelve_logins_are_remembered),
        TEST(being_at_work_elsewhere_has_a_window),
        TEST(the_latest_sign_is_told),
        TEST(only_a_place_of_the_users_own_counts),
        TEST(elsewhere_is_another_country),
        TEST(a_login_is_no_sign_of_work),
        TEST(the_last_eight_signs_are_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
