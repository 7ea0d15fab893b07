/* tests/test_feeds.c
 *
 * Watermarks, late and future stamps, and what a tenant knows of places (src/memory/feeds.c). */

#include "memory/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static const struct mf_time_conf conf = {
    .lateness = 20 * MF_MINUTE, .skew = 5 * MF_MINUTE, .prompt_ttl = 5 * MF_MINUTE};
static const struct mf_source_values home = {.country = 1, .asn = 10, .network = 100};
static const struct mf_hash feed_a = {1, 1}, feed_b = {1, 2};

static int make(void **state)
{
    *state = mf_feeds_new(NULL);
    return *state == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    mf_feeds_free(*state);
    return 0;
}

static struct mf_entry enter_at(struct mf_feeds *feeds, struct mf_hash key, mf_time *time, mf_time arrival)
{
    struct mf_event event = {.time = *time, .arrival = arrival};
    struct mf_entry entry;

    mf_feeds_enter(feeds, key, &event, &conf, &home, &entry);
    *time = event.time;
    return entry;
}

static struct mf_entry enter(struct mf_feeds *feeds, struct mf_hash key, mf_time time)
{
    return enter_at(feeds, key, &time, MF_TIME_NONE);
}

static struct mf_place compare(struct mf_feeds *feeds, struct mf_source_values source)
{
    struct mf_event event = {.time = NOW, .arrival = MF_TIME_NONE};
    struct mf_entry entry;

    mf_feeds_enter(feeds, feed_a, &event, &conf, &source, &entry);
    return entry.tenant;
}

/* ---- time ---- */

static void the_first_record_sets_the_watermark(void **state)
{
    struct mf_entry entry = enter(*state, feed_a, NOW);

    assert_int_equal(entry.arrival, MF_IN_TIME);
    assert_int_equal(entry.watermark, NOW);
    assert_false(entry.clamped);
}

static void the_watermark_only_rises(void **state)
{
    enter(*state, feed_a, NOW);
    assert_int_equal(enter(*state, feed_a, NOW - MF_MINUTE).watermark, NOW);
    assert_int_equal(enter(*state, feed_a, NOW + MF_MINUTE).watermark, NOW + MF_MINUTE);
}

static void a_record_is_late_behind_the_watermark(void **state)
{
    enter(*state, feed_a, NOW);
    assert_int_equal(enter(*state, feed_a, NOW).arrival, MF_IN_TIME);
    assert_int_equal(enter(*state, feed_a, NOW - 1).arrival, MF_LATE_JUDGED);
}

static void lateness_ends_at_its_edge(void **state)
{
    enter(*state, feed_a, NOW);
    assert_int_equal(enter(*state, feed_a, NOW - conf.lateness).arrival, MF_LATE_JUDGED);
    assert_int_equal(enter(*state, feed_a, NOW - conf.lateness - 1).arrival, MF_TOO_LATE);
}

static void feeds_do_not_share_a_watermark(void **state)
{
    struct mf_entry a = enter(*state, feed_a, NOW), b = enter(*state, feed_b, NOW - MF_DAY);

    assert_int_not_equal(a.feed, b.feed);
    assert_int_equal(b.arrival, MF_IN_TIME);
    assert_int_equal(b.watermark, NOW - MF_DAY);
    assert_int_equal(enter(*state, feed_a, NOW).feed, a.feed);
    assert_int_equal(mf_feeds_count(*state), 2);
}

static void a_stamp_within_skew_is_believed(void **state)
{
    mf_time time = NOW + conf.skew;
    struct mf_entry entry = enter_at(*state, feed_a, &time, NOW);

    assert_false(entry.clamped);
    assert_int_equal(time, NOW + conf.skew);
    assert_int_equal(entry.watermark, NOW + conf.skew);
}

static void a_stamp_beyond_skew_is_clamped(void **state)
{
    mf_time time = NOW + conf.skew + 1;
    struct mf_entry entry = enter_at(*state, feed_a, &time, NOW);

    assert_true(entry.clamped);
    assert_int_equal(time, NOW + conf.skew);
    assert_int_equal(entry.watermark, NOW + conf.skew);
}

static void a_replay_believes_every_stamp(void **state)
{
    mf_time time = NOW + 365 * MF_DAY;
    struct mf_entry entry = enter_at(*state, feed_a, &time, MF_TIME_NONE);

    assert_false(entry.clamped);
    assert_int_equal(entry.watermark, NOW + 365 * MF_DAY);
}

/* ---- a silent feed's clock ---- */

static void a_silent_feed_goes_on_at_the_pace_of_arrivals(void **state)
{
    mf_time time = NOW - MF_HOUR; /* the feed is an hour behind */
    unsigned feed = enter_at(*state, feed_a, &time, NOW).feed;

    assert_int_equal(mf_feeds_clock(*state, feed, NOW + MF_MINUTE), NOW - MF_HOUR + MF_MINUTE);
    assert_int_equal(enter(*state, feed_a, NOW - MF_HOUR).watermark, NOW - MF_HOUR);
}

static void a_clock_that_did_not_advance_says_nothing(void **state)
{
    mf_time time = NOW;
    unsigned feed = enter_at(*state, feed_a, &time, NOW).feed;

    assert_int_equal(mf_feeds_clock(*state, feed, NOW), MF_TIME_NONE);
    assert_int_equal(mf_feeds_clock(*state, feed, NOW - 1), MF_TIME_NONE);
    assert_int_equal(mf_feeds_clock(*state, feed, NOW + 1), NOW + 1);
}

static void a_replayed_feed_has_no_clock(void **state)
{
    unsigned feed = enter(*state, feed_a, NOW).feed;

    assert_int_equal(mf_feeds_clock(*state, feed, NOW + MF_DAY), MF_TIME_NONE);
    assert_int_equal(mf_feeds_clock(*state, feed + 1, NOW), MF_TIME_NONE);
}

/* ---- places ---- */

static void learn_times(struct mf_feeds *feeds, const struct mf_source_values *source, unsigned n)
{
    unsigned feed = enter(feeds, feed_a, NOW).feed;

    for (unsigned i = 0; i < n; i++)
        mf_feeds_learn(feeds, feed, source, NOW);
}

static void a_tenant_is_silent_until_it_has_50_acceptances(void **state)
{
    learn_times(*state, &home, 49);
    assert_int_equal(compare(*state, home).familiarity, MF_FAMILIARITY_UNKNOWN);
    learn_times(*state, &home, 1);
    assert_int_equal(compare(*state, home).familiarity, MF_FAMILIAR);
    assert_true(compare(*state, home).by_tenant);
}

static void a_tenant_knows_its_countries_and_operators(void **state)
{
    struct mf_place place;

    learn_times(*state, &home, 50);
    place = compare(*state, (struct mf_source_values){2, 10, 100});
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    assert_true(place.new_country);
    assert_false(place.new_asn);
    place = compare(*state, (struct mf_source_values){1, 11, 101});
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    assert_false(place.new_country);
    assert_true(place.new_asn);
}

static void a_new_network_is_nothing_new_to_a_tenant(void **state)
{
    struct mf_place place;

    learn_times(*state, &home, 50);
    place = compare(*state, (struct mf_source_values){1, 10, 101});
    assert_int_equal(place.familiarity, MF_FAMILIAR);
    assert_false(place.new_network);
}

static void a_known_network_vouches_for_a_new_operator(void **state)
{
    struct mf_place place;

    learn_times(*state, &home, 50);
    place = compare(*state, (struct mf_source_values){1, 11, 100});
    assert_int_equal(place.familiarity, MF_FAMILIAR);
}

static void what_a_record_does_not_say_is_not_new(void **state)
{
    learn_times(*state, &home, 50);
    assert_int_equal(compare(*state, (struct mf_source_values){0, 0, 0}).familiarity, MF_FAMILIARITY_UNKNOWN);
    assert_int_equal(compare(*state, (struct mf_source_values){1, 0, 0}).familiarity, MF_FAMILIARITY_UNKNOWN);
    assert_int_equal(compare(*state, (struct mf_source_values){0, 10, 0}).familiarity, MF_FAMILIAR);
    assert_int_equal(compare(*state, (struct mf_source_values){0, 0, 100}).familiarity, MF_FAMILIAR);
    assert_int_equal(compare(*state, (struct mf_source_values){0, 0, 101}).familiarity, MF_FAMILIARITY_UNKNOWN);
}

static void tenants_do_not_share_places(void **state)
{
    struct mf_event event = {.time = NOW, .arrival = MF_TIME_NONE};
    struct mf_entry entry;

    learn_times(*state, &home, 50);
    mf_feeds_enter(*state, feed_b, &event, &conf, &home, &entry);
    assert_int_equal(entry.tenant.familiarity, MF_FAMILIARITY_UNKNOWN);
}

/* ---- bounds ---- */

static void feeds_beyond_the_table_share_the_last_entry(void **state)
{
    for (uint64_t i = 0; i < MF_FEEDS_MAX; i++)
        assert_int_equal(enter(*state, (struct mf_hash){i, 7}, NOW).feed, i);
    assert_int_equal(mf_feeds_count(*state), MF_FEEDS_MAX);
    assert_int_equal(enter(*state, (struct mf_hash){1000, 7}, NOW).feed, MF_FEEDS_MAX - 1);
    assert_int_equal(enter(*state, (struct mf_hash){1001, 7}, NOW).feed, MF_FEEDS_MAX - 1);
    assert_int_equal(enter(*state, (struct mf_hash){0, 7}, NOW).feed, 0);
    assert_int_equal(mf_feeds_count(*state), MF_FEEDS_MAX);
}

static void memory_is_told(void **state)
{
    assert_true(mf_feeds_memory(*state) > MF_FEEDS_MAX * (32 + 128 + 256) * sizeof(struct mf_known));
    mf_feeds_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_record_sets_the_watermark),
        TEST(the_watermark_only_rises),
        TEST(a_record_is_late_behind_the_watermark),
        TEST(lateness_ends_at_its_edge),
        TEST(feeds_do_not_share_a_watermark),
        TEST(a_stamp_within_skew_is_believed),
        TEST(a_stamp_beyond_skew_is_clamped),
        TEST(a_replay_believes_every_stamp),
        TEST(a_silent_feed_goes_on_at_the_pace_of_arrivals),
        TEST(a_clock_that_did_not_advance_says_nothing),
        TEST(a_replayed_feed_has_no_clock),
        TEST(a_tenant_is_silent_until_it_has_50_acceptances),
        TEST(a_tenant_knows_its_countries_and_operators),
        TEST(a_new_network_is_nothing_new_to_a_tenant),
        TEST(a_known_network_vouches_for_a_new_operator),
        TEST(what_a_record_does_not_say_is_not_new),
        TEST(tenants_do_not_share_places),
        TEST(feeds_beyond_the_table_share_the_last_entry),
        TEST(memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
