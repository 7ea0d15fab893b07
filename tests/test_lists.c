/* tests/test_lists.c
 *
 * Lists that are exchanged while threads judge by them (src/lists.c): each thread has one whole set at any time, and a
 * set that nobody holds is gone. Under ThreadSanitizer and AddressSanitizer this is where a mistake would show. */

#include "lists.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { THREADS = 4, EXCHANGES = 300 };

static const struct mf_hash_key key = {1, 2};
static struct mf_lists lists;
static bool stop;

static struct mf_scenery *scenery(void)
{
    static const struct mf_scenery_conf nothing;

    return mf_scenery_load(&nothing, NULL, &key, NULL);
}

static int begin(void **state)
{
    (void)state;
    stop = false;
    mf_lists_init(&lists);
    return mf_lists_set(&lists, scenery(), NULL);
}

static int end(void **state)
{
    (void)state;
    mf_lists_fini(&lists);
    return 0;
}

static void a_set_stays_while_it_is_held(void **state)
{
    struct mf_list_set *held = mf_lists_adopt(&lists, NULL), *other = mf_lists_adopt(&lists, NULL);

    (void)state;
    assert_ptr_equal(held, other);
    assert_int_equal(mf_lists_set(&lists, scenery(), NULL), 0);
    assert_true(mf_scenery_memory(held->scenery) > 0);
    held = mf_lists_adopt(&lists, held);
    assert_ptr_not_equal(held, other);
    assert_ptr_equal(mf_lists_adopt(&lists, held), held);
    mf_lists_release(&lists, other);
    mf_lists_release(&lists, held);
    mf_lists_release(&lists, NULL);
}

static void *judge(void *context)
{
    struct mf_list_set *held = NULL;
    size_t *looked = context;

    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        struct mf_event event = {.user = mf_slice_of("ada@example.com"), .time = MF_DAY};
        struct mf_scene scene;
        held = mf_lists_adopt(&lists, held);
        mf_scenery_look(held->scenery, NULL, &event, &scene);
        *looked += !scene.ignored;
    }
    mf_lists_release(&lists, held);
    return NULL;
}

static void threads_judge_by_one_whole_set_while_others_are_put_in_force(void **state)
{
    pthread_t thread[THREADS];
    size_t looked[THREADS] = {0};

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, judge, &looked[i]), 0);
    for (unsigned i = 0; i < EXCHANGES; i++)
        assert_int_equal(mf_lists_set(&lists, scenery(), NULL), 0);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(lists.current->holders, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_set_stays_while_it_is_held, begin, end),
        cmocka_unit_test_setup_teardown(threads_judge_by_one_whole_set_while_others_are_put_in_force, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
