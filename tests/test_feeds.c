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

static struct mf_entry replay(struct mf_feeds *feeds, mf_time time)
{
    return enter_at(feeds, feed_a, &time, MF_TIME_NONE);
}

static void one_stamp_far_ahead_does_not_make_a_replayed_feed_late(void **state)
{
    struct mf_entry entry;

    replay(*state, NOW);
    assert_int_equal(replay(*state, NOW + 365 * MF_DAY).watermark, NOW + 365 * MF_DAY);
    replay(*state, NOW + 365 * MF_DAY); /* another event of the same record proves nothing */
    entry = replay(*state, NOW + MF_MINUTE);
    assert_true(entry.turned_back);
    assert_int_equal(entry.arrival, MF_IN_TIME);
    assert_int_equal(entry.watermark, NOW + MF_MINUTE);
    assert_false(replay(*state, NOW + 2 * MF_MINUTE).turned_back);
}

static void a_second_stamp_confirms_the_first(void **state)
{
    struct mf_entry entry;

    replay(*state, NOW);
    replay(*state, NOW + 8 * MF_HOUR);
    replay(*state, NOW + 8 * MF_HOUR - MF_MINUTE);
    entry = replay(*state, NOW + MF_MINUTE);
    assert_int_equal(entry.arrival, MF_TOO_LATE);
    assert_false(entry.turned_back);
    assert_int_equal(entry.watermark, NOW + 8 * MF_HOUR);
}

static void an_hour_is_no_leap(void **state)
{
    replay(*state, NOW);
    replay(*state, NOW + MF_HOUR);
    assert_int_equal(replay(*state, NOW + MF_MINUTE).arrival, MF_TOO_LATE);
    replay(*state, NOW + 2 * MF_HOUR + 1);
    assert_true(replay(*state, NOW + MF_HOUR).turned_back);
}

/* and what was too late before the leap as well says nothing about it */
static void what_is_old_anyway_turns_nothing_back(void **state)
{
    replay(*state, NOW);
    replay(*state, NOW + 8 * MF_HOUR);
    assert_int_equal(replay(*state, NOW - conf.lateness - 1).arrival, MF_TOO_LATE);
    assert_int_equal(replay(*state, NOW + 8 * MF_HOUR).watermark, NOW + 8 * MF_HOUR);
}

static void an_arrival_leaves_nothing_to_guess(void **state)
{
    mf_time time = NOW;

    enter_at(*state, feed_a, &time, NOW);
    time = NOW + 8 * MF_HOUR;
    enter_at(*state, feed_a, &time, NOW + 8 * MF_HOUR);
    time = NOW + MF_MINUTE;
    assert_int_equal(enter_at(*state, feed_a, &time, NOW + 8 * MF_HOUR).arrival, MF_TOO_LATE);
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

    learn_times(*state, &home, 51);
    place = compare(*state, (struct mf_source_values){2, 10, 100});
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    assert_true(place.new_country);
    assert_false(place.new_asn);
    place = compare(*state, (struct mf_source_values){1, 11, 101});
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    assert_false(place.new_country);
    assert_true(place.new_asn);
}

/* The first acceptance brought its country; 49 more must have brought none. */
static void a_tenant_that_has_just_seen_something_new_calls_nothing_strange(void **state)
{
    const struct mf_source_values stranger = {3, 12, 102}, other = {2, 10, 100};
    unsigned feed;

    learn_times(*state, &home, 49);
    assert_int_equal(compare(*state, stranger).familiarity, MF_FAMILIARITY_UNKNOWN);
    learn_times(*state, &home, 1);
    assert_int_equal(compare(*state, stranger).familiarity, MF_UNFAMILIAR);
    learn_times(*state, &other, 1);
    assert_false(compare(*state, stranger).new_country);
    assert_true(compare(*state, stranger).new_asn);
    feed = enter(*state, feed_a, NOW).feed;
    for (unsigned i = 0; i < 48; i++)
        mf_feeds_learn(*state, feed, &home, NOW);
    assert_false(compare(*state, stranger).new_country);
    mf_feeds_learn(*state, feed, &home, NOW);
    assert_true(compare(*state, stranger).new_country);
}

/* In a tenant of 1000 acceptances the last hundred must have brought none. */
static void a_large_tenant_must_have_been_quiet_for_a_tenth_of_its_acceptances(void **state)
{
    const struct mf_source_values stranger = {3, 12, 102}, other = {2, 10, 100};

    learn_times(*state, &home, 900);
    learn_times(*state, &other, 1);
    learn_times(*state, &home, 99); /* 1000 */
    assert_false(compare(*state, stranger).new_country);
    learn_times(*state, &home, 1); /* 100 of 1001 */
    assert_true(compare(*state, stranger).new_country);
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
    assert_false(enter(*state, (struct mf_hash){0, 7}, NOW).shared);
    assert_true(enter(*state, (struct mf_hash){1001, 7}, NOW).shared);
}

static void of_feeds_that_share_none_makes_another_late(void **state)
{
    for (uint64_t i = 0; i < MF_FEEDS_MAX; i++)
        enter(*state, (struct mf_hash){i, 7}, NOW);
    enter(*state, (struct mf_hash){1000, 7}, NOW + MF_DAY);
    assert_int_equal(enter(*state, (struct mf_hash){1000, 7}, NOW + MF_DAY + 1).arrival,
                     MF_IN_TIME); /* no leap of its own */
    assert_int_equal(enter(*state, (struct mf_hash){1001, 7}, NOW).arrival, MF_LATE_JUDGED);
    assert_int_equal(enter(*state, (struct mf_hash){0, 7}, NOW).arrival, MF_IN_TIME);
}

static void memory_is_told(void **state)
{
    assert_true(mf_feeds_memory(*state) > MF_FEEDS_MAX * (32 + 128 + 256) * sizeof(struct mf_known));
    mf_feeds_free(NULL);
}

/* ---- what a feed carries ---- */

static const struct mf_source_values nowhere;

static unsigned carries_of(struct mf_feeds *feeds, struct mf_hash key, struct mf_event *event)
{
    struct mf_entry entry;

    event->time = NOW;
    event->arrival = MF_TIME_NONE;
    mf_feeds_enter(feeds, key, event, &conf, &nowhere, &entry);
    return entry.carries;
}

/* What a feed of its own carries after one event of the kind. */
static unsigned carries_after(struct mf_feeds *feeds, enum mf_kind kind)
{
    return carries_of(feeds, (struct mf_hash){2, (uint64_t)kind}, &(struct mf_event){.kind = kind});
}

static void each_kind_proves_what_its_feed_carries(void **state)
{
    static const struct {
        enum mf_kind kind;
        unsigned carries;
    } kinds[] = {
        {MF_MFA_DENIED, MF_CARRIES_REFUSALS},
        {MF_MFA_FRAUD, MF_CARRIES_REFUSALS},
        {MF_MFA_CHALLENGE, MF_CARRIES_TIMEOUTS},
        {MF_MFA_TIMEOUT, MF_CARRIES_TIMEOUTS},
        {MF_LOGIN_FAILURE, MF_CARRIES_PASSWORDS},
        {MF_FACTOR_ENROLLED, MF_CARRIES_FACTORS},
        {MF_FACTOR_REMOVED, MF_CARRIES_FACTORS},
        {MF_FACTOR_RESET, MF_CARRIES_FACTORS},
        {MF_RISK, MF_CARRIES_RISK},
        {MF_MFA_SUCCESS, 0},
        {MF_MFA_FAILED, 0},
        {MF_MFA_REQUIRED, 0},
        {MF_LOGIN_SUCCESS, 0},
        {MF_SESSION_START, 0},
        {MF_ACCOUNT_LOCKED, 0},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_int_equal(carries_after(*state, kinds[i].kind), kinds[i].carries);
}

/* It may have failed because nobody answered it. */
static void a_prompt_that_failed_proves_what_a_time_out_does(void **state)
{
    struct mf_event prompt = {.kind = MF_MFA_FAILED, .prompts = 1}, code = {.kind = MF_MFA_FAILED};

    assert_int_equal(carries_of(*state, feed_a, &code), 0);
    assert_int_equal(carries_of(*state, feed_a, &prompt), MF_CARRIES_TIMEOUTS);
}

static void each_field_proves_what_its_feed_carries(void **state)
{
    struct mf_event address = {.kind = MF_SESSION_START, .source = {.family = 4}};
    struct mf_event phones = address, country = {.kind = MF_SESSION_START, .country = {'D', 'E'}};
    struct mf_event asn = {.kind = MF_SESSION_START, .asn = 1};
    struct mf_event spot = {.kind = MF_SESSION_START, .has_coordinates = true};
    struct mf_event phone = {.kind = MF_SESSION_START, .responder_country = {'D', 'E'}};
    struct mf_event risk = {.kind = MF_SESSION_START, .risk = mf_slice_of("low")};

    phones.answer_source = true;
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 0}, &address), MF_CARRIES_ADDRESSES);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 1}, &phones), 0);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 2}, &country), MF_CARRIES_PLACES);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 3}, &asn), MF_CARRIES_PLACES);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 4}, &spot), MF_CARRIES_COORDINATES);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 5}, &phone), MF_CARRIES_RESPONDERS);
    assert_int_equal(carries_of(*state, (struct mf_hash){3, 6}, &risk), MF_CARRIES_RISK);
}

static void what_was_carried_once_is_carried_and_by_its_own_feed_alone(void **state)
{
    struct mf_event refusal = {.kind = MF_MFA_DENIED}, session = {.kind = MF_SESSION_START};

    assert_int_equal(carries_of(*state, feed_a, &refusal), MF_CARRIES_REFUSALS);
    assert_int_equal(carries_of(*state, feed_a, &session), MF_CARRIES_REFUSALS);
    assert_int_equal(carries_of(*state, feed_b, &session), 0);
}

static void each_carried_thing_has_a_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MF_N_CARRIED; i++) {
        assert_true(mf_carried_name(1u << i)[0] != '\0');
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(mf_carried_name(1u << i), mf_carried_name(1u << j));
    }
    assert_string_equal(mf_carried_name(MF_CARRIES_SESSIONS), "sessions");
    assert_string_equal(mf_carried_name(0), "");
    assert_string_equal(mf_carried_name(1u << MF_N_CARRIED), "");
}

/* ---- how approvals stand to logins and sessions ---- */

static unsigned carries_now(struct mf_feeds *feeds, struct mf_hash key)
{
    return carries_of(feeds, key, &(struct mf_event){.kind = MF_SESSION_START});
}

/* `n` approvals, of which so many had a login before them, and a session after them. */
static unsigned correlate(struct mf_feeds *feeds, struct mf_hash key, unsigned n, unsigned explained, unsigned followed)
{
    unsigned feed = enter(feeds, key, NOW).feed;

    for (unsigned i = 0; i < n; i++)
        mf_feeds_correlate(feeds, feed, true, i < explained, false);
    for (unsigned i = 0; i < followed; i++)
        mf_feeds_correlate(feeds, feed, false, false, true);
    return carries_now(feeds, key) & (MF_CARRIES_LOGINS | MF_CARRIES_SESSIONS);
}

static void ten_approvals_say_whether_a_feed_tells_of_logins_and_sessions(void **state)
{
    assert_int_equal(correlate(*state, (struct mf_hash){4, 0}, 9, 9, 9), 0);
    assert_int_equal(correlate(*state, (struct mf_hash){4, 1}, 10, 10, 10), MF_CARRIES_LOGINS | MF_CARRIES_SESSIONS);
    assert_int_equal(correlate(*state, (struct mf_hash){4, 2}, 10, 10, 0), MF_CARRIES_LOGINS);
    assert_int_equal(correlate(*state, (struct mf_hash){4, 3}, 10, 0, 10), MF_CARRIES_SESSIONS);
}

static void eighty_of_a_hundred_approvals_are_usual(void **state)
{
    assert_int_equal(correlate(*state, (struct mf_hash){5, 0}, 100, 79, 79), 0);
    assert_int_equal(correlate(*state, (struct mf_hash){5, 1}, 100, 80, 79), MF_CARRIES_LOGINS);
    assert_int_equal(correlate(*state, (struct mf_hash){5, 2}, 100, 79, 80), MF_CARRIES_SESSIONS);
}

static void a_feed_that_stops_telling_of_logins_is_believed_in_the_end(void **state)
{
    assert_int_equal(correlate(*state, feed_a, 999, 999, 0), MF_CARRIES_LOGINS);
    assert_int_equal(correlate(*state, feed_a, 1, 0, 0), MF_CARRIES_LOGINS);   /* halved: 499 of 500 */
    assert_int_equal(correlate(*state, feed_a, 123, 0, 0), MF_CARRIES_LOGINS); /* 499 of 623 */
    assert_int_equal(correlate(*state, feed_a, 1, 0, 0), 0);                   /* 499 of 624 */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

/* ---- names ---- */

static struct mf_feed_facts name(struct mf_feeds *feeds, struct mf_hash key, const char *idp, const char *tenant)
{
    struct mf_event event = {
        .time = NOW, .arrival = MF_TIME_NONE, .idp = mf_slice_of(idp), .tenant = mf_slice_of(tenant)};
    struct mf_feed_facts facts;
    struct mf_entry entry;

    mf_feeds_enter(feeds, key, &event, &conf, &home, &entry);
    mf_feeds_facts(feeds, entry.feed, &facts);
    return facts;
}

static void a_feed_has_the_names_that_its_first_event_says(void **state)
{
    struct mf_feed_facts facts = name(*state, feed_a, "entra", "contoso");

    assert_string_equal(facts.idp, "entra");
    assert_string_equal(facts.tenant, "contoso");
    facts = name(*state, feed_b, "duo", NULL);
    assert_string_equal(facts.idp, "duo");
    assert_string_equal(facts.tenant, "");
}

/* What is judged again after a crash has no tenant's name. */
static void a_tenants_name_may_come_later(void **state)
{
    assert_string_equal(name(*state, feed_a, "entra", NULL).tenant, "");
    assert_string_equal(name(*state, feed_a, "entra", "contoso").tenant, "contoso");
}

static void a_long_name_is_cut(void **state)
{
    char tenant[2 * MF_FEED_TENANT];

    memset(tenant, 'x', sizeof tenant - 1);
    tenant[sizeof tenant - 1] = '\0';
    assert_int_equal(strlen(name(*state, feed_a, "entra", tenant).tenant), MF_FEED_TENANT - 1);
}

static void the_entry_that_many_share_keeps_its_first_names(void **state)
{
    for (uint64_t i = 0; i < MF_FEEDS_MAX; i++)
        name(*state, (struct mf_hash){2, i}, "okta", "first");
    assert_string_equal(name(*state, (struct mf_hash){3, 1}, "duo", "second").tenant, "first");
}

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
        TEST(one_stamp_far_ahead_does_not_make_a_replayed_feed_late),
        TEST(a_second_stamp_confirms_the_first),
        TEST(an_hour_is_no_leap),
        TEST(what_is_old_anyway_turns_nothing_back),
        TEST(an_arrival_leaves_nothing_to_guess),
        TEST(of_feeds_that_share_none_makes_another_late),
        TEST(a_silent_feed_goes_on_at_the_pace_of_arrivals),
        TEST(a_clock_that_did_not_advance_says_nothing),
        TEST(a_replayed_feed_has_no_clock),
        TEST(a_tenant_is_silent_until_it_has_50_acceptances),
        TEST(a_tenant_knows_its_countries_and_operators),
        TEST(a_tenant_that_has_just_seen_something_new_calls_nothing_strange),
        TEST(a_large_tenant_must_have_been_quiet_for_a_tenth_of_its_acceptances),
        TEST(a_new_network_is_nothing_new_to_a_tenant),
        TEST(each_kind_proves_what_its_feed_carries),
        TEST(a_prompt_that_failed_proves_what_a_time_out_does),
        TEST(each_field_proves_what_its_feed_carries),
        TEST(what_was_carried_once_is_carried_and_by_its_own_feed_alone),
        TEST(each_carried_thing_has_a_name),
        TEST(ten_approvals_say_whether_a_feed_tells_of_logins_and_sessions),
        TEST(eighty_of_a_hundred_approvals_are_usual),
        TEST(a_feed_that_stops_telling_of_logins_is_believed_in_the_end),
        TEST(a_known_network_vouches_for_a_new_operator),
        TEST(what_a_record_does_not_say_is_not_new),
        TEST(a_feed_has_the_names_that_its_first_event_says),
        TEST(a_tenants_name_may_come_later),
        TEST(a_long_name_is_cut),
        TEST(the_entry_that_many_share_keeps_its_first_names),
        TEST(tenants_do_not_share_places),
        TEST(feeds_beyond_the_table_share_the_last_entry),
        TEST(memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
