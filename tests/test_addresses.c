/* tests/test_addresses.c
 *
 * Who was noted at an address, for how long, and which addresses make room (src/memory/addresses.c). */

#include "memory/addresses.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

enum { WAYS = 8 }; /* addresses that share a bucket */

static struct mf_addresses *addresses;
static struct mf_address address;

/* The smallest: one bucket in each shard, so that addresses of one shard compete. */
static int make(void **state)
{
    (void)state;
    addresses = mf_addresses_new(1, NULL);
    return addresses == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    (void)state;
    mf_addresses_free(addresses);
    return 0;
}

/* All of them in shard 0. */
static struct mf_hash key_of(unsigned number)
{
    return (struct mf_hash){.lo = number, .hi = 16};
}

static void note(unsigned number, enum mf_mark_sort sort, uint32_t user, mf_time time)
{
    mf_addresses_note(addresses, key_of(number), sort, user, time);
}

static unsigned users(unsigned number, enum mf_mark_sort sort, uint32_t but)
{
    mf_addresses_look(addresses, key_of(number), &address);
    return mf_address_users(&address, sort, but, NOW, MF_HOUR);
}

static bool remembered(unsigned number)
{
    static const struct mf_address none;

    mf_addresses_look(addresses, key_of(number), &address);
    return memcmp(&address, &none, sizeof none) != 0;
}

/* ---- marks ---- */

static void an_unknown_address_has_nobody(void **state)
{
    (void)state;
    memset(&address, 0xa5, sizeof address);
    assert_false(remembered(1));
    for (unsigned sort = 0; sort < MF_N_MARKS; sort++)
        assert_int_equal(users(1, (enum mf_mark_sort)sort, 0), 0);
}

static void a_user_is_counted_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        note(1, MF_MARK_TARGET, 7, NOW + i * MF_SECOND);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
    note(1, MF_MARK_TARGET, 8, NOW);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 2);
    assert_int_equal(users(1, MF_MARK_TARGET, 7), 1);
    assert_int_equal(users(1, MF_MARK_TARGET, 9), 2);
}

static void sorts_and_addresses_do_not_mix(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW);
    note(2, MF_MARK_PASSWORD, 8, NOW);
    assert_int_equal(users(1, MF_MARK_PASSWORD, 0), 0);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
    assert_int_equal(users(2, MF_MARK_TARGET, 0), 0);
    assert_int_equal(users(2, MF_MARK_PASSWORD, 0), 1);
    assert_false(remembered(3));
}

static void keys_that_differ_in_one_half_are_two_addresses(void **state)
{
    (void)state;
    mf_addresses_note(addresses, (struct mf_hash){1, 16}, MF_MARK_TARGET, 7, NOW);
    mf_addresses_look(addresses, (struct mf_hash){1, 32}, &address);
    assert_int_equal(mf_address_users(&address, MF_MARK_TARGET, 0, NOW, MF_HOUR), 0);
    mf_addresses_look(addresses, (struct mf_hash){2, 16}, &address);
    assert_int_equal(mf_address_users(&address, MF_MARK_TARGET, 0, NOW, MF_HOUR), 0);
}

static void a_window_ends_at_its_edge(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW - MF_HOUR + MF_SECOND);
    note(1, MF_MARK_TARGET, 8, NOW - MF_HOUR);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 7, NOW, MF_HOUR));
    assert_false(mf_address_has(&address, MF_MARK_TARGET, 8, NOW, MF_HOUR));
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 8, NOW, MF_HOUR + 1));
    assert_false(mf_address_has(&address, MF_MARK_PASSWORD, 7, NOW, MF_HOUR));
}

/* Only the latest mark of a user is kept: a record that comes late must not find the address empty. */
static void what_others_did_later_counts_too(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW + 10 * MF_MINUTE);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 7, NOW, MF_HOUR));
}

static void an_earlier_note_does_not_take_a_later_one_back(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW);
    note(1, MF_MARK_TARGET, 7, NOW - 2 * MF_HOUR);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
}

static void the_oldest_of_eight_makes_room(void **state)
{
    (void)state;
    for (uint32_t user = 1; user <= MF_MARKS_MAX; user++)
        note(1, MF_MARK_TARGET, user, NOW - (user == 3 ? 30 * MF_MINUTE : MF_MINUTE));
    assert_int_equal(users(1, MF_MARK_TARGET, 0), MF_MARKS_MAX);
    note(1, MF_MARK_TARGET, 100, NOW);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), MF_MARKS_MAX);
    assert_false(mf_address_has(&address, MF_MARK_TARGET, 3, NOW, MF_DAY));
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 1, NOW, MF_DAY));
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 100, NOW, MF_DAY));
}

static void a_mark_may_be_zero(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 0, NOW);
    assert_int_equal(users(1, MF_MARK_TARGET, 5), 1);
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 0, NOW, MF_HOUR));
}

/* Free places are no user zero's. */
static void a_free_place_is_nobody(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW);
    assert_true(remembered(1));
    assert_false(mf_address_has(&address, MF_MARK_TARGET, 0, NOW, 100 * 365 * MF_DAY));
    assert_int_equal(mf_address_users(&address, MF_MARK_TARGET, 7, NOW, 100 * 365 * MF_DAY), 0);
}

static void times_that_cannot_be_are_survived(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, 0);
    note(1, MF_MARK_TARGET, 8, -MF_DAY);
    note(1, MF_MARK_TARGET, 9, INT64_MAX);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
    assert_true(mf_address_has(&address, MF_MARK_TARGET, 9, NOW, MF_HOUR));
}

/* ---- making room ---- */

/* Two users, so that the address gets an entry. */
static void note_two(unsigned number, mf_time time)
{
    note(number, MF_MARK_TARGET, 7, time);
    note(number, MF_MARK_TARGET, 8, time);
}

static void a_bucket_holds_eight(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WAYS; i++)
        note_two(i, NOW + i * MF_SECOND);
    for (unsigned i = 0; i < WAYS; i++)
        assert_true(remembered(i));
    note_two(WAYS, NOW + MF_MINUTE);
    assert_true(remembered(WAYS));
    assert_false(remembered(0)); /* of equals the one least used lately */
    for (unsigned i = 1; i < WAYS; i++)
        assert_true(remembered(i));
}

static void using_an_address_keeps_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WAYS; i++)
        note_two(i, NOW + i * MF_SECOND);
    note_two(0, NOW + MF_MINUTE);
    note_two(WAYS, NOW + 2 * MF_MINUTE);
    assert_true(remembered(0));
    assert_false(remembered(1));
}

/* What a flood of homes must not push out is an office, or an address that goes for many. */
static void an_address_of_many_users_outlives_those_of_single_ones(void **state)
{
    (void)state;
    for (uint32_t user = 1; user <= 5; user++)
        note(1, MF_MARK_TARGET, user, NOW);
    for (unsigned i = 100; i < 1000; i++)
        note(i, MF_MARK_ACCEPTED, i, NOW + i * MF_SECOND);
    assert_true(remembered(1));
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 5);
}

static void after_a_week_without_a_note_many_users_are_worth_nothing(void **state)
{
    for (mf_time more = 0; more <= MF_SECOND; more += MF_SECOND) {
        unmake(state);
        make(state);
        for (uint32_t user = 1; user <= 5; user++)
            note(1, MF_MARK_TARGET, user, NOW);
        for (unsigned i = 0; i < WAYS; i++)
            note_two(100 + i, NOW + 7 * MF_DAY + more);
        assert_int_equal(remembered(1), more == 0);
    }
}

/* The first mark of an address waits in a room of its own, sixteen times as large, and is brought along. */
static void a_flood_of_addresses_costs_an_attackers_address_no_mark(void **state)
{
    (void)state;
    note(1, MF_MARK_PASSWORD, 1, NOW);
    for (unsigned i = 100; i < 160; i++)
        note(i, MF_MARK_PASSWORD, i, NOW + i);
    note(1, MF_MARK_PASSWORD, 2, NOW + MF_SECOND);
    for (unsigned i = 1000; i < 10000; i++)
        note(i, MF_MARK_PASSWORD, i, NOW + MF_SECOND + i);
    note(1, MF_MARK_TARGET, 3, NOW + MF_MINUTE);
    assert_int_equal(users(1, MF_MARK_PASSWORD, 0), 2);
    assert_int_equal(users(1, MF_MARK_TARGET, 0), 1);
}

static void a_single_user_again_takes_no_entry(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WAYS; i++)
        note_two(i, NOW + i);
    for (unsigned again = 0; again < 3; again++)
        note(100, MF_MARK_ACCEPTED, 9, NOW + MF_MINUTE + again * MF_SECOND);
    for (unsigned i = 0; i < WAYS; i++)
        assert_true(remembered(i));
    assert_int_equal(users(100, MF_MARK_ACCEPTED, 0), 1);
    assert_int_equal(address.mark[MF_MARK_ACCEPTED][0].time, (NOW + MF_MINUTE) / MF_SECOND + 2);
}

static void other_buckets_are_not_touched(void **state)
{
    (void)state;
    note(1, MF_MARK_TARGET, 7, NOW);
    for (unsigned i = 0; i < 1000; i++)
        mf_addresses_note(addresses, (struct mf_hash){i, 17}, MF_MARK_TARGET, 7, NOW + MF_DAY);
    assert_true(remembered(1));
}

static void memory_is_what_the_options_promise(void **state)
{
    struct mf_addresses *large = mf_addresses_new(16384, NULL);

    (void)state;
    assert_non_null(large);
    /* "about 540 bytes each" */
    assert_true(mf_addresses_memory(large) >= 16384 * sizeof(struct mf_address));
    assert_true(mf_addresses_memory(large) < (16384 + 256) * 544 + 4096);
    mf_addresses_free(large);
    mf_addresses_free(NULL);
}

/* ---- threads ---- */

static void *note_many(void *context)
{
    uint32_t user = *(const uint32_t *)context;
    struct mf_address copy;

    for (unsigned i = 0; i < 20000; i++) {
        mf_addresses_note(addresses, (struct mf_hash){i % 4, i % 16}, MF_MARK_TARGET, user, NOW + i);
        mf_addresses_look(addresses, (struct mf_hash){i % 4, i % 16}, &copy);
        if (!mf_address_has(&copy, MF_MARK_TARGET, user, NOW, MF_HOUR))
            return context;
    }
    return NULL;
}

static void threads_do_not_lose_each_others_marks(void **state)
{
    uint32_t user[4] = {1, 2, 3, 4};
    pthread_t thread[4];
    void *failed;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, note_many, &user[i]), 0);
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    for (uint64_t i = 0; i < 16; i++) {
        mf_addresses_look(addresses, (struct mf_hash){i % 4, i}, &address);
        assert_int_equal(mf_address_users(&address, MF_MARK_TARGET, 0, NOW, MF_HOUR), 4);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_address_has_nobody),
        TEST(a_user_is_counted_once),
        TEST(sorts_and_addresses_do_not_mix),
        TEST(keys_that_differ_in_one_half_are_two_addresses),
        TEST(a_window_ends_at_its_edge),
        TEST(what_others_did_later_counts_too),
        TEST(an_earlier_note_does_not_take_a_later_one_back),
        TEST(the_oldest_of_eight_makes_room),
        TEST(a_mark_may_be_zero),
        TEST(a_free_place_is_nobody),
        TEST(times_that_cannot_be_are_survived),
        TEST(a_bucket_holds_eight),
        TEST(using_an_address_keeps_it),
        TEST(an_address_of_many_users_outlives_those_of_single_ones),
        TEST(after_a_week_without_a_note_many_users_are_worth_nothing),
        TEST(a_flood_of_addresses_costs_an_attackers_address_no_mark),
        TEST(a_single_user_again_takes_no_entry),
        TEST(other_buckets_are_not_touched),
        TEST(memory_is_what_the_options_promise),
        TEST(threads_do_not_lose_each_others_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
