/* tests/test_in_force.c
 *
 * Settings that are exchanged while threads judge by them (src/in_force.c): each thread has one whole at any time, and
 * what nobody holds is gone. Under ThreadSanitizer and AddressSanitizer this is where a mistake would show. */

#include "in_force.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { THREADS = 4, EXCHANGES = 300 };

static const struct mf_hash_key key = {1, 2};
static struct mf_in_force in_force;
static bool stop;

static struct mf_settings *settings(void)
{
    static const struct mf_scenery_conf nothing;
    struct mf_settings *made = calloc(1, sizeof *made);

    made->policy = mf_policy_load(NULL, NULL);
    made->scenery = mf_scenery_load(&nothing, NULL, &key, NULL);
    return made;
}

static int begin(void **state)
{
    (void)state;
    stop = false;
    mf_in_force_init(&in_force);
    mf_in_force_exchange(&in_force, settings());
    return 0;
}

static int end(void **state)
{
    (void)state;
    mf_in_force_fini(&in_force);
    return 0;
}

static void settings_stay_while_they_are_held(void **state)
{
    struct mf_settings *held = mf_in_force_adopt(&in_force, NULL), *other = mf_in_force_adopt(&in_force, NULL);

    (void)state;
    assert_ptr_equal(held, other);
    mf_in_force_exchange(&in_force, settings());
    assert_int_equal(held->policy->alert_level, MF_SUSPICIOUS);
    held = mf_in_force_adopt(&in_force, held);
    assert_ptr_not_equal(held, other);
    assert_ptr_equal(mf_in_force_adopt(&in_force, held), held);
    mf_in_force_release(&in_force, other);
    mf_in_force_release(&in_force, held);
    mf_in_force_release(&in_force, NULL);
}

static void *judge(void *context)
{
    struct mf_settings *held = NULL;
    size_t *looked = context;

    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        struct mf_event event = {.user = mf_slice_of("ada@example.com"), .time = MF_DAY};
        struct mf_scene scene;
        held = mf_in_force_adopt(&in_force, held);
        mf_scenery_look(held->scenery, NULL, &event, &scene);
        *looked += !scene.ignored && held->policy->alert_level == MF_SUSPICIOUS;
    }
    mf_in_force_release(&in_force, held);
    return NULL;
}

static void threads_judge_by_one_whole_while_others_are_put_in_force(void **state)
{
    pthread_t thread[THREADS];
    size_t looked[THREADS] = {0};

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, judge, &looked[i]), 0);
    for (unsigned i = 0; i < EXCHANGES; i++)
        mf_in_force_exchange(&in_force, settings());
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(in_force.current->holders, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_stay_while_they_are_held, begin, end),
        cmocka_unit_test_setup_teardown(threads_judge_by_one_whole_while_others_are_put_in_force, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
