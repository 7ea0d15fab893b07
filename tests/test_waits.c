/* tests/test_waits.c
 *
 * Users whose prompts wait for an answer (src/memory/waits.h). */

#include "memory/waits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROOM = 16 };

static struct mf_wait taken;

static int make(void **state)
{
    *state = mf_waits_new(ROOM, NULL);
    return *state == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    mf_waits_free(*state);
    return 0;
}

static uint32_t put(struct mf_waits *waits, uint32_t number, const char *name, unsigned feed, mf_time due)
{
    struct mf_wait wait = {.user = {mf_mix_text(7, mf_slice_of(name)), 1}, .feed = feed, .due = due};

    mf_slice_copy(wait.name, sizeof wait.name, mf_slice_of(name));
    mf_waits_put(waits, &number, &wait);
    return number;
}

static void the_first_that_is_due_is_taken_once(void **state)
{
    put(*state, 0, "ada", 0, 30);
    put(*state, 0, "bob", 0, 20);
    assert_false(mf_waits_take(*state, 0, 19, &taken));
    assert_true(mf_waits_take(*state, 0, 30, &taken));
    assert_string_equal(taken.name, "bob");
    assert_true(mf_waits_take(*state, 0, 30, &taken));
    assert_string_equal(taken.name, "ada");
    assert_false(mf_waits_take(*state, 0, 1000, &taken));
}

static void feeds_have_times_of_their_own(void **state)
{
    put(*state, 0, "ada", 3, 30);
    assert_false(mf_waits_take(*state, 2, 1000, &taken));
    assert_true(mf_waits_take(*state, 3, 30, &taken));
    assert_int_equal(taken.feed, 3);
}

static void a_user_stands_once(void **state)
{
    uint32_t number = put(*state, 0, "ada", 0, 30);

    assert_int_equal(put(*state, number, "ada", 1, 40), number);
    assert_false(mf_waits_take(*state, 0, 1000, &taken));
    assert_false(mf_waits_take(*state, 1, 39, &taken));
    assert_true(mf_waits_take(*state, 1, 40, &taken));
    assert_false(mf_waits_take(*state, 1, 1000, &taken));
}

static void a_number_that_is_anothers_by_now_is_none(void **state)
{
    uint32_t number = put(*state, 0, "ada", 0, 30);

    assert_true(mf_waits_take(*state, 0, 30, &taken));
    assert_int_equal(put(*state, 0, "bob", 0, 50), number);
    put(*state, number, "ada", 0, 60);
    assert_true(mf_waits_take(*state, 0, 50, &taken));
    assert_string_equal(taken.name, "bob");
    assert_true(mf_waits_take(*state, 0, 60, &taken));
    assert_string_equal(taken.name, "ada");
}

static void equal_times_do_not_go_by_slots(void **state)
{
    char first[8];

    put(*state, 0, "ada", 0, 30);
    put(*state, 0, "bob", 0, 30);
    assert_true(mf_waits_take(*state, 0, 30, &taken));
    strcpy(first, taken.name);
    assert_true(mf_waits_take(*state, 0, 30, &taken));
    put(*state, 0, "bob", 0, 30);
    put(*state, 0, "ada", 0, 30);
    assert_true(mf_waits_take(*state, 0, 30, &taken));
    assert_string_equal(taken.name, first);
}

static void what_has_no_room_is_counted(void **state)
{
    char name[8];

    for (unsigned i = 0; i < ROOM + 3; i++) {
        snprintf(name, sizeof name, "u%u", i);
        assert_true((put(*state, 0, name, 0, 30 + i) == 0) == (i >= ROOM));
    }
    assert_int_equal(mf_waits_lost(*state), 3);
    for (unsigned i = 0; i < ROOM; i++)
        assert_true(mf_waits_take(*state, 0, 1000, &taken));
    assert_int_not_equal(put(*state, 0, "ada", 0, 30), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_is_due_is_taken_once),
        TEST(feeds_have_times_of_their_own),
        TEST(a_user_stands_once),
        TEST(a_number_that_is_anothers_by_now_is_none),
        TEST(equal_times_do_not_go_by_slots),
        TEST(what_has_no_room_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
