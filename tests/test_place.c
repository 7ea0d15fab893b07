/* tests/test_place.c
 *
 * Places as numbers with ages (src/memory/place.c): what a source is reduced to, and short lists of known values. */

#include "memory/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z, a whole hour */
#define NOW ((mf_time)1772409600 * MF_SECOND)

enum { SLOTS = 4 };

static struct mf_event event_from(const char *address, const char *country, uint32_t asn)
{
    struct mf_event event = {.asn = asn};

    if (country != NULL)
        memcpy(event.country, country, 2);
    if (address != NULL)
        assert_true(mf_ip_parse(mf_slice_of(address), &event.source));
    return event;
}

static uint32_t network_of(const char *address)
{
    struct mf_event event = event_from(address, NULL, 0);

    return mf_source_values(&event).network;
}

/* ---- sources ---- */

static void an_event_without_a_source_has_no_values(void **state)
{
    struct mf_event event = {0};
    struct mf_source_values values = mf_source_values(&event);

    (void)state;
    assert_int_equal(values.country, 0);
    assert_int_equal(values.asn, 0);
    assert_int_equal(values.network, 0);
}

static void each_part_of_a_source_stands_for_itself(void **state)
{
    struct mf_event event = event_from(NULL, "DE", 0);

    (void)state;
    assert_int_equal(mf_source_values(&event).country, 'D' << 8 | 'E');
    assert_int_equal(mf_source_values(&event).network, 0);
    event = event_from(NULL, NULL, 4200000000u);
    assert_int_equal(mf_source_values(&event).asn, 4200000000u);
    event = event_from("198.51.100.7", NULL, 0);
    assert_int_not_equal(mf_source_values(&event).network, 0);
    assert_int_equal(mf_source_values(&event).country, 0);
}

static void a_network_is_a_24_or_a_48(void **state)
{
    (void)state;
    assert_int_equal(network_of("198.51.100.0"), network_of("198.51.100.255"));
    assert_int_not_equal(network_of("198.51.100.255"), network_of("198.51.101.0"));
    assert_int_equal(network_of("2001:db8:1::1"), network_of("2001:db8:1:ffff:ffff:ffff:ffff:ffff"));
    assert_int_not_equal(network_of("2001:db8:1:ffff::"), network_of("2001:db8:2::"));
    assert_int_equal(network_of("::ffff:198.51.100.9"), network_of("198.51.100.1"));
}

static void a_v4_network_is_never_a_v6_one(void **state)
{
    (void)state;
    /* the same six leading bytes */
    assert_int_not_equal(network_of("32.1.13.0"), network_of("2001:d00::1"));
}

/* ---- known values ---- */

static void knows_what_was_touched_and_nothing_else(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    assert_false(mf_known_has(known, SLOTS, 7, NOW, 0));
    mf_known_touch(known, SLOTS, 7, NOW);
    assert_true(mf_known_has(known, SLOTS, 7, NOW, 0));
    assert_false(mf_known_has(known, SLOTS, 8, NOW, 0));
}

static void nothing_is_never_known(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    mf_known_touch(known, SLOTS, 0, NOW);
    for (unsigned i = 0; i < SLOTS; i++)
        assert_int_equal(known[i].value, 0);
    assert_false(mf_known_has(known, SLOTS, 0, NOW, 0));
}

static void an_age_is_reached_at_its_hour(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    mf_known_touch(known, SLOTS, 7, NOW);
    assert_false(mf_known_has(known, SLOTS, 7, NOW + 23 * MF_HOUR + 59 * MF_MINUTE, MF_DAY));
    assert_true(mf_known_has(known, SLOTS, 7, NOW + MF_DAY, MF_DAY));
}

static void another_use_keeps_the_first(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    mf_known_touch(known, SLOTS, 7, NOW);
    mf_known_touch(known, SLOTS, 7, NOW + MF_DAY);
    assert_true(mf_known_has(known, SLOTS, 7, NOW + MF_DAY, MF_DAY));
    assert_int_equal((uint16_t)(known[SLOTS - 1].last - known[SLOTS - 1].first), 24);
    assert_int_equal(known[0].value, 0);
}

static void a_full_list_forgets_the_least_recently_used(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    for (uint32_t value = 1; value <= SLOTS; value++)
        mf_known_touch(known, SLOTS, value, NOW + value * MF_HOUR);
    mf_known_touch(known, SLOTS, 1, NOW + 10 * MF_HOUR);
    mf_known_touch(known, SLOTS, 99, NOW + 11 * MF_HOUR);
    assert_true(mf_known_has(known, SLOTS, 1, NOW + 11 * MF_HOUR, 0));
    assert_false(mf_known_has(known, SLOTS, 2, NOW + 11 * MF_HOUR, 0));
    assert_true(mf_known_has(known, SLOTS, 3, NOW + 11 * MF_HOUR, 0));
    assert_true(mf_known_has(known, SLOTS, 4, NOW + 11 * MF_HOUR, 0));
    assert_true(mf_known_has(known, SLOTS, 99, NOW + 11 * MF_HOUR, 0));
}

static void a_free_slot_is_taken_before_anything_is_forgotten(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    for (uint32_t value = 1; value <= SLOTS; value++) {
        mf_known_touch(known, SLOTS, value, NOW - value * 1000 * MF_HOUR);
        for (uint32_t before = 1; before <= value; before++)
            assert_true(mf_known_has(known, SLOTS, before, NOW, 0));
    }
}

static void a_place_stays_known_for_years(void **state)
{
    struct mf_known known[SLOTS] = {0};
    mf_time now = NOW;

    (void)state;
    mf_known_touch(known, SLOTS, 7, NOW);
    /* past 2^16 hours, where the first use would seem to lie ahead */
    for (unsigned month = 0; month < 12 * 20; month++) {
        now += 30 * MF_DAY;
        mf_known_touch(known, SLOTS, 7, now);
        assert_true(mf_known_has(known, SLOTS, 7, now, MF_DAY));
    }
}

static void a_late_record_does_not_make_a_place_old(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    mf_known_touch(known, SLOTS, 7, NOW);
    /* seen from before its first use it is known, but just now */
    assert_true(mf_known_has(known, SLOTS, 7, NOW - 2 * MF_HOUR, 0));
    assert_false(mf_known_has(known, SLOTS, 7, NOW - 2 * MF_HOUR, MF_DAY));
}

static void forgets_what_began_since(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    mf_known_touch(known, SLOTS, 1, NOW - MF_HOUR);
    mf_known_touch(known, SLOTS, 2, NOW);
    mf_known_touch(known, SLOTS, 3, NOW + MF_HOUR);
    mf_known_touch(known, SLOTS, 1, NOW + MF_HOUR);
    mf_known_forget(known, SLOTS, NOW);
    assert_true(mf_known_has(known, SLOTS, 1, NOW + MF_HOUR, 0));
    assert_false(mf_known_has(known, SLOTS, 2, NOW + MF_HOUR, 0));
    assert_false(mf_known_has(known, SLOTS, 3, NOW + MF_HOUR, 0));
}

static void what_is_forgotten_leaves_a_free_slot(void **state)
{
    struct mf_known known[SLOTS] = {0};

    (void)state;
    for (uint32_t value = 1; value <= SLOTS; value++)
        mf_known_touch(known, SLOTS, value, value == 3 ? NOW : NOW - 100 * MF_HOUR);
    mf_known_forget(known, SLOTS, NOW);
    mf_known_touch(known, SLOTS, 99, NOW + MF_HOUR);
    for (uint32_t value = 1; value <= SLOTS; value++)
        assert_int_equal(mf_known_has(known, SLOTS, value, NOW + MF_HOUR, 0), value != 3);
    assert_true(mf_known_has(known, SLOTS, 99, NOW + MF_HOUR, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_without_a_source_has_no_values),
        cmocka_unit_test(each_part_of_a_source_stands_for_itself),
        cmocka_unit_test(a_network_is_a_24_or_a_48),
        cmocka_unit_test(a_v4_network_is_never_a_v6_one),
        cmocka_unit_test(knows_what_was_touched_and_nothing_else),
        cmocka_unit_test(nothing_is_never_known),
        cmocka_unit_test(an_age_is_reached_at_its_hour),
        cmocka_unit_test(another_use_keeps_the_first),
        cmocka_unit_test(a_full_list_forgets_the_least_recently_used),
        cmocka_unit_test(a_free_slot_is_taken_before_anything_is_forgotten),
        cmocka_unit_test(a_place_stays_known_for_years),
        cmocka_unit_test(a_late_record_does_not_make_a_place_old),
        cmocka_unit_test(forgets_what_began_since),
        cmocka_unit_test(what_is_forgotten_leaves_a_free_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
