/* tests/test_campaign.c
 *
 * The incident of an address (src/judge/campaign.c): what opens it, what it counts, when it is heard of again, when it
 * closes. */

#include "judge/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW   ((mf_time)1772409600 * MF_SECOND)
#define QUIET (30 * MF_MINUTE)

static const struct mf_incident_conf usual = {.quiet = QUIET};

static struct mf_campaigns *campaigns;
static struct mf_event event;
static struct mf_verdict verdict;
static struct mf_place place;
static struct mf_campaign_step step;
static struct mf_campaign_alert told;

static uint32_t fan_in_bit(void)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, "fan_in") == 0) {
            verdict.finding[0] =
                (struct mf_finding){.signal = mf_signals[i], .observed = 6, .threshold = 6, .points = 45};
            verdict.n_findings = 1;
            return UINT32_C(1) << i;
        }
    fail_msg("no signal fan_in");
    return 0;
}

static int begin(void **state)
{
    (void)state;
    campaigns = mf_campaigns_new(&usual, NULL);
    memset(&event, 0, sizeof event);
    memset(&verdict, 0, sizeof verdict);
    memset(&place, 0, sizeof place);
    memset(&step, 0, sizeof step);
    memset(&told, 0, sizeof told);
    event.kind = MF_MFA_DENIED;
    event.prompts = 1;
    event.time = NOW;
    event.arrival = MF_TIME_NONE;
    event.idp = mf_slice_of("duo");
    event.user = mf_slice_of("ada@example.com");
    event.id = mf_slice_of("r1");
    event.source = (struct mf_ip){.family = 4, .bytes = {203, 0, 113, 9}};
    step.address = (struct mf_hash){1, 2};
    step.id = (struct mf_hash){0xabcdef, 0};
    step.user = 1;
    step.event = &event;
    step.verdict = &verdict;
    step.place = &place;
    step.may_open = true;
    return campaigns == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    mf_campaigns_free(campaigns);
    return 0;
}

static bool happens(uint32_t user, const char *name, enum mf_kind kind, uint32_t fired)
{
    step.user = user;
    step.fired = fired;
    event.user = mf_slice_of(name);
    event.kind = kind;
    return mf_campaign_step(campaigns, &step, &told);
}

static void opens_when_a_signal_about_the_address_fires(void **state)
{
    (void)state;
    assert_false(happens(1, "ada@example.com", MF_MFA_DENIED, 0));
    assert_true(happens(2, "ben@example.com", MF_MFA_DENIED, fan_in_bit()));
    assert_int_equal(told.alert.phase, MF_PHASE_OPEN);
    assert_int_equal(told.alert.level, MF_SUSPICIOUS);
    assert_int_equal(told.alert.severity, MF_SEVERITY_MEDIUM);
    assert_int_equal(told.alert.score, 45);
    assert_int_equal(told.alert.users, 6); /* five before it, whom the signal counted */
    assert_string_equal(told.alert.source, "203.0.113.9");
    assert_string_equal(told.alert.incident, "i-0000000000abcdef");
    assert_int_equal(told.alert.n_related, 1);
    assert_string_equal(told.alert.related[0], "ben@example.com");
}

static void does_not_open_when_only_anomalous_ones_are_wanted(void **state)
{
    (void)state;
    step.may_open = false;
    assert_false(happens(1, "ada@example.com", MF_MFA_DENIED, fan_in_bit()));
}

static void counts_users_once_and_is_not_heard_of_for_each(void **state)
{
    static const char *const names[] = {"a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org",
                                        "f@x.org", "g@x.org", "h@x.org", "i@x.org", "j@x.org"};
    bool more;

    (void)state;
    assert_true(happens(0, names[0], MF_MFA_DENIED, fan_in_bit()));
    for (uint32_t i = 0; i < 20; i++)
        assert_false(happens(i % 10, names[i % 10], MF_MFA_DENIED, 0));
    assert_true(mf_campaign_close(campaigns, 0, NOW + QUIET, &told, &more));
    assert_int_equal(told.alert.users, 10);
    assert_int_equal(told.alert.totals.denied, 21);
    assert_int_equal(told.alert.n_related, MF_CAMPAIGN_NAMES);
    assert_string_equal(told.alert.related[7], "h@x.org");
}

static void is_updated_when_its_level_rises_or_somebody_gives_in(void **state)
{
    (void)state;
    assert_true(happens(1, "ada@example.com", MF_MFA_DENIED, fan_in_bit()));
    verdict.level = MF_ANOMALOUS;
    verdict.severity = MF_SEVERITY_HIGH;
    assert_true(happens(2, "ben@example.com", MF_MFA_DENIED, fan_in_bit()));
    assert_int_equal(told.alert.phase, MF_PHASE_UPDATE);
    assert_int_equal(told.alert.level, MF_ANOMALOUS);
    assert_true(happens(3, "cat@example.com", MF_MFA_SUCCESS, 0));
    assert_true(told.alert.approved);
    assert_int_equal(told.alert.sequence, 3);
    assert_false(happens(4, "dan@example.com", MF_MFA_SUCCESS, 0));
}

static void closes_after_a_quiet_time_by_its_own_feed(void **state)
{
    bool more;

    (void)state;
    step.feed = 3;
    assert_true(happens(1, "ada@example.com", MF_MFA_DENIED, fan_in_bit()));
    event.time = NOW + 10 * MF_MINUTE;
    assert_false(happens(2, "ben@example.com", MF_MFA_DENIED, 0));
    assert_false(mf_campaign_close(campaigns, 3, NOW + QUIET, &told, &more));
    assert_false(mf_campaign_close(campaigns, 2, NOW + MF_DAY, &told, &more));
    assert_true(mf_campaign_close(campaigns, 3, NOW + 10 * MF_MINUTE + QUIET, &told, &more));
    assert_true(more);
    assert_int_equal(told.alert.phase, MF_PHASE_CLOSE);
    assert_int_equal(told.alert.time, NOW + 10 * MF_MINUTE + QUIET);
    assert_int_equal(told.alert.end, NOW + 10 * MF_MINUTE);
    assert_false(mf_campaign_close(campaigns, 3, NOW + MF_DAY, &told, &more));
    assert_false(more);
}

static void keeps_addresses_apart_and_refuses_the_129th(void **state)
{
    struct mf_campaign_counts counts;

    (void)state;
    for (uint64_t i = 0; i < MF_CAMPAIGNS_MAX; i++) {
        step.address = (struct mf_hash){i + 1, 9};
        assert_true(happens(1, "ada@example.com", MF_MFA_DENIED, fan_in_bit()));
    }
    step.address = (struct mf_hash){1000, 9};
    assert_false(happens(1, "ada@example.com", MF_MFA_DENIED, fan_in_bit()));
    mf_campaigns_count(campaigns, &counts);
    assert_int_equal(counts.open, MF_CAMPAIGNS_MAX);
    assert_int_equal(counts.refused, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_when_a_signal_about_the_address_fires, begin, end),
        cmocka_unit_test_setup_teardown(does_not_open_when_only_anomalous_ones_are_wanted, begin, end),
        cmocka_unit_test_setup_teardown(counts_users_once_and_is_not_heard_of_for_each, begin, end),
        cmocka_unit_test_setup_teardown(is_updated_when_its_level_rises_or_somebody_gives_in, begin, end),
        cmocka_unit_test_setup_teardown(closes_after_a_quiet_time_by_its_own_feed, begin, end),
        cmocka_unit_test_setup_teardown(keeps_addresses_apart_and_refuses_the_129th, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
