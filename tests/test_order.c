/* tests/test_order.c
 *
 * Numbers in queues (src/memory/order.h). */

#include "memory/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N = 64 };

static int make(void **state)
{
    static struct mf_order order;

    *state = &order;
    return mf_order_init(&order, N);
}

static int unmake(void **state)
{
    mf_order_fini(*state);
    return 0;
}

static void whoever_came_first_is_first(void **state)
{
    struct mf_order *order = *state;

    assert_int_equal(mf_order_first(order, 0), MF_NOBODY);
    mf_order_append(order, 5, 0);
    mf_order_append(order, 3, 0);
    mf_order_append(order, 9, 0);
    assert_int_equal(mf_order_first(order, 0), 5);
    assert_int_equal(mf_order_next(order, 5), 3);
    assert_int_equal(mf_order_next(order, 9), MF_NOBODY);
    assert_int_equal(mf_order_length(order, 0), 3);
}

static void coming_again_is_coming_last(void **state)
{
    struct mf_order *order = *state;

    for (uint32_t i = 0; i < 3; i++)
        mf_order_append(order, i, 1);
    mf_order_append(order, 0, 1);
    assert_int_equal(mf_order_first(order, 1), 1);
    assert_int_equal(mf_order_next(order, 2), 0);
    assert_int_equal(mf_order_length(order, 1), 3);
}

static void a_number_is_in_one_queue(void **state)
{
    struct mf_order *order = *state;

    mf_order_append(order, 7, 0);
    mf_order_append(order, 7, 2);
    assert_int_equal(mf_order_length(order, 0), 0);
    assert_int_equal(mf_order_first(order, 0), MF_NOBODY);
    assert_int_equal(mf_order_queue_of(order, 7), 2);
    mf_order_remove(order, 7);
    mf_order_remove(order, 7);
    assert_int_equal(mf_order_queue_of(order, 7), MF_NO_QUEUE);
    assert_int_equal(mf_order_length(order, 2), 0);
}

/* Against plain arrays, over many seeded steps. */
static void it_agrees_with_arrays(void **state)
{
    struct mf_order *order = *state;
    uint32_t model[MF_QUEUES][N], length[MF_QUEUES] = {0};
    uint64_t random = 1;

    for (unsigned step = 0; step < 20000; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t number = (uint32_t)(random >> 40) % N;
        unsigned queue = (unsigned)(random >> 33) % (MF_QUEUES + 1);
        for (unsigned q = 0; q < MF_QUEUES; q++)
            for (uint32_t i = 0; i < length[q]; i++)
                if (model[q][i] == number)
                    memmove(&model[q][i], &model[q][i + 1], (--length[q] - i) * sizeof model[q][0]);
        if (queue == MF_QUEUES)
            mf_order_remove(order, number);
        else {
            mf_order_append(order, number, queue);
            model[queue][length[queue]++] = number;
        }
        for (unsigned q = 0; q < MF_QUEUES; q++) {
            uint32_t at = mf_order_first(order, q);
            assert_int_equal(mf_order_length(order, q), length[q]);
            for (uint32_t i = 0; i < length[q]; i++, at = mf_order_next(order, at))
                assert_int_equal(at, model[q][i]);
            assert_int_equal(at, MF_NOBODY);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_came_first_is_first),
        TEST(coming_again_is_coming_last),
        TEST(a_number_is_in_one_queue),
        TEST(it_agrees_with_arrays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
