/* tests/test_due.c
 *
 * Whose turn is next (src/memory/due.h). */

#include "memory/due.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { N = 200, HEAPS = 3 };

static int make(void **state)
{
    static struct mf_due due;

    *state = &due;
    return mf_due_init(&due, N, HEAPS);
}

static int unmake(void **state)
{
    mf_due_fini(*state);
    return 0;
}

static void the_earliest_is_first_and_ties_are_broken(void **state)
{
    struct mf_due *due = *state;

    assert_int_equal(mf_due_first(due, 0), MF_NOT_DUE);
    assert_int_equal(mf_due_time(due, 0), INT64_MAX);
    mf_due_put(due, 1, 0, 50, 2);
    mf_due_put(due, 2, 0, 40, 9);
    mf_due_put(due, 3, 0, 40, 3);
    assert_int_equal(mf_due_first(due, 0), 3);
    assert_int_equal(mf_due_time(due, 0), 40);
    mf_due_remove(due, 3);
    assert_int_equal(mf_due_first(due, 0), 2);
}

static void a_number_moves_with_its_time_and_heap(void **state)
{
    struct mf_due *due = *state;

    mf_due_put(due, 1, 0, 10, 0);
    mf_due_put(due, 2, 0, 20, 0);
    mf_due_put(due, 1, 0, 30, 0);
    assert_int_equal(mf_due_first(due, 0), 2);
    mf_due_put(due, 2, 1, 5, 0);
    assert_int_equal(mf_due_first(due, 0), 1);
    assert_int_equal(mf_due_first(due, 1), 2);
    mf_due_remove(due, 2);
    mf_due_remove(due, 2);
    assert_int_equal(mf_due_first(due, 1), MF_NOT_DUE);
}

/* Against a search through all, over many seeded steps. */
static void it_agrees_with_a_search(void **state)
{
    struct mf_due *due = *state;
    mf_time time[N];
    uint32_t heap[N];
    uint64_t random = 1;

    for (unsigned i = 0; i < N; i++)
        heap[i] = MF_NOT_DUE;
    for (unsigned step = 0; step < 50000; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t number = (uint32_t)(random >> 40) % N;
        uint32_t to = (uint32_t)(random >> 33) % (HEAPS + 1);
        heap[number] = to == HEAPS ? MF_NOT_DUE : to;
        time[number] = (mf_time)(random >> 50);
        if (to == HEAPS)
            mf_due_remove(due, number);
        else
            mf_due_put(due, number, to, time[number], number);
        uint32_t first = MF_NOT_DUE, ask = step % HEAPS;
        for (uint32_t i = 0; i < N; i++)
            if (heap[i] == ask && (first == MF_NOT_DUE || time[i] < time[first]))
                first = i;
        assert_int_equal(mf_due_first(due, ask), first);
    }
}

/* The worst that can come: always the earliest, or always the latest, of a hundred thousand. */
static void many_come_and_go_in_any_order(void **state)
{
    enum { MANY = 100000 };
    struct mf_due due;

    (void)state;
    assert_int_equal(mf_due_init(&due, MANY, 1), 0);
    for (int falling = 0; falling < 2; falling++) {
        for (uint32_t i = 0; i < MANY; i++)
            mf_due_put(&due, i, 0, falling ? MANY - i : i, 0);
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t first = mf_due_first(&due, 0);
            assert_int_equal(first, falling ? MANY - 1 - i : i);
            mf_due_remove(&due, first);
        }
    }
    mf_due_fini(&due);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_earliest_is_first_and_ties_are_broken),
        TEST(a_number_moves_with_its_time_and_heap),
        TEST(it_agrees_with_a_search),
        TEST(many_come_and_go_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
