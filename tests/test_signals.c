/* tests/test_signals.c
 *
 * Every signal (src/judge/signals/), on both sides of each step and each end of its window, with the defaults that
 * its own table has. */

#include "judge/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "judge/signals/counting.h"

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static struct mf_signal_conf conf;
static struct mf_view view;
static struct mf_event event;
static struct mf_place place;
static struct mf_user user;
static struct mf_finding finding;
static bool current;

static int blank(void **state)
{
    (void)state;
    memset(&view, 0, sizeof view);
    memset(&event, 0, sizeof event);
    memset(&place, 0, sizeof place);
    current = true;
    return 0;
}

static const struct mf_signal *signal_named(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return mf_signals[i];
    fail_msg("there is no signal %s", name);
    return NULL;
}

/* A signal with its defaults, for the tests that then change one. */
static void take(const char *name)
{
    memset(&conf, 0, sizeof conf);
    mf_options_default(signal_named(name)->options, &conf);
}

static bool ask(const char *name)
{
    struct mf_context context = {
        .conf = &conf, .event = &event, .user = &user, .place = &place, .view = &view, .now = NOW, .current = current};

    finding = (struct mf_finding){.signal = signal_named(name)};
    return finding.signal->evaluate(&context, &finding);
}

/* Asks and says the points; 0 when the signal is silent. */
static unsigned points(const char *name)
{
    return ask(name) ? finding.points : 0;
}

static void expect(unsigned observed, unsigned threshold, unsigned expected_points, bool decisive)
{
    assert_int_equal(finding.observed, observed);
    assert_int_equal(finding.threshold, threshold);
    assert_int_equal(finding.points, expected_points);
    assert_int_equal(finding.decisive, decisive);
}

/* ---- attempts: `n` of them, the last at `last` ms behind NOW, a second apart, oldest first ---- */

static void add(unsigned n, mf_time last, enum mf_outcome outcome, enum mf_factor factor, uint8_t flags)
{
    for (unsigned i = 0; i < n; i++) {
        mf_time time = NOW - last - (mf_time)(n - 1 - i) * MF_SECOND;
        view.attempt[view.n++] = (struct mf_view_attempt){
            .time = time,
            .settled = outcome == MF_OPEN ? MF_TIME_NONE : time,
            .outcome = outcome,
            .factor = factor,
            .flags = (uint8_t)(flags | MF_ATTEMPT_PROMPT),
        };
    }
}

static void add_pushes(unsigned n, mf_time last, enum mf_outcome outcome)
{
    add(n, last, outcome, MF_FACTOR_PUSH, 0);
}

/* points for `n` outcomes in the window, and perhaps an approval at NOW */
static unsigned points_for(const char *name, unsigned n, enum mf_outcome outcome, bool approved, uint8_t flags)
{
    void *state = NULL;

    blank(&state);
    add(n, 10 * MF_SECOND, outcome, MF_FACTOR_PUSH, flags);
    if (approved)
        add(1, 0, MF_APPROVED, MF_FACTOR_PUSH, 0);
    return points(name);
}

/* Does one outcome `age` ago still count, where the first step is set to 1? */
static bool counts_at_age(const char *name, mf_time age, enum mf_outcome outcome, enum mf_factor factor, bool approved)
{
    void *state = NULL;

    blank(&state);
    conf.steps = (struct mf_steps){1, {{1, 10}}};
    add(1, age, outcome, factor, 0);
    if (approved)
        add(1, 0, MF_APPROVED, MF_FACTOR_PUSH, 0);
    return ask(name);
}

/* A window is (now - window, now]. */
static void expect_window(const char *name, mf_time window, enum mf_outcome outcome, enum mf_factor factor,
                          bool approved)
{
    take(name);
    assert_int_equal(conf.window, window);
    assert_true(counts_at_age(name, 0, outcome, factor, approved));
    assert_true(counts_at_age(name, window - 1, outcome, factor, approved));
    assert_false(counts_at_age(name, window, outcome, factor, approved));
    assert_false(counts_at_age(name, -1, outcome, factor, approved));
}

/* ---- the list ---- */

static void the_list_has_each_signal_once(void **state)
{
    (void)state;
    assert_int_equal(mf_n_signals, 9);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        assert_true(mf_signals[i]->title[0] != '\0');
        assert_true(mf_signals[i]->question[strlen(mf_signals[i]->question) - 1] == '?');
        assert_true(mf_signals[i]->group < MF_N_GROUPS);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(mf_signals[i]->name, mf_signals[j]->name);
    }
}

static void each_signal_can_be_switched_off_and_is_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < mf_n_signals; i++) {
        assert_string_equal(mf_signals[i]->options[0].name, "enabled");
        take(mf_signals[i]->name);
        assert_true(conf.enabled);
    }
}

static void groups_are_as_documented(void **state)
{
    (void)state;
    assert_int_equal(signal_named("prompt_burst")->group, MF_GROUP_VOLUME);
    assert_int_equal(signal_named("unanswered_burst")->group, MF_GROUP_VOLUME);
    assert_int_equal(signal_named("refused_burst")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("slow_drip")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("code_bruteforce")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("approved_after_refusals")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("approved_after_silence")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("fraud_reported")->group, MF_GROUP_OUTCOME);
    assert_int_equal(signal_named("new_source")->group, MF_GROUP_SOURCE);
}

static void no_signal_fires_without_activity(void **state)
{
    for (unsigned i = 0; i < mf_n_signals; i++) {
        blank(state);
        take(mf_signals[i]->name);
        assert_false(ask(mf_signals[i]->name));
    }
}

/* ---- steps ---- */

static void the_highest_step_that_is_reached_counts(void **state)
{
    const struct mf_steps steps = {3, {{5, 35}, {10, 50}, {20, 60}}};

    (void)state;
    finding = (struct mf_finding){0};
    assert_false(mf_steps_reach(&steps, 4, &finding));
    assert_int_equal(finding.points, 0);
    assert_true(mf_steps_reach(&steps, 5, &finding));
    expect(5, 5, 35, false);
    assert_true(mf_steps_reach(&steps, 9, &finding));
    expect(9, 5, 35, false);
    assert_true(mf_steps_reach(&steps, 10, &finding));
    expect(10, 10, 50, false);
    assert_true(mf_steps_reach(&steps, 1000, &finding));
    expect(1000, 20, 60, false);
}

static void without_steps_nothing_is_reached(void **state)
{
    const struct mf_steps none = {0};

    (void)state;
    finding = (struct mf_finding){0};
    assert_false(mf_steps_reach(&none, 1000, &finding));
}

/* ---- prompt_burst: 5 / 10 / 20 in 15 min ---- */

static void prompt_burst_counts_prompts(void **state)
{
    static const unsigned expected[][2] = {{4, 0}, {5, 35}, {9, 35}, {10, 50}, {19, 50}, {20, 60}, {60, 60}};

    (void)state;
    take("prompt_burst");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(points_for("prompt_burst", expected[i][0], MF_OPEN, false, 0), expected[i][1]);
    points_for("prompt_burst", 12, MF_REFUSED, false, 0);
    expect(12, 10, 50, false);
}

static void prompt_burst_has_a_window_of_15_minutes(void **state)
{
    (void)state;
    expect_window("prompt_burst", 15 * MF_MINUTE, MF_OPEN, MF_FACTOR_PUSH, false);
}

static void prompt_burst_leaves_out_what_was_no_prompt(void **state)
{
    (void)state;
    take("prompt_burst");
    add_pushes(5, MF_SECOND, MF_REFUSED);
    view.attempt[2].flags = 0;
    assert_int_equal(points("prompt_burst"), 0);
}

/* ---- unanswered_burst: 3 / 5 / 10 in 10 min ---- */

static void unanswered_burst_counts_silence(void **state)
{
    static const unsigned expected[][2] = {{2, 0}, {3, 30}, {4, 30}, {5, 45}, {9, 45}, {10, 60}, {60, 60}};

    (void)state;
    take("unanswered_burst");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(points_for("unanswered_burst", expected[i][0], MF_TIMEOUT, false, 0), expected[i][1]);
        assert_int_equal(points_for("unanswered_burst", expected[i][0], MF_SUPERSEDED, false, 0), expected[i][1]);
        assert_int_equal(points_for("unanswered_burst", expected[i][0], MF_OPEN, false, 0), 0);
        assert_int_equal(points_for("unanswered_burst", expected[i][0], MF_REFUSED, false, 0), 0);
    }
}

static void unanswered_burst_has_a_window_of_10_minutes(void **state)
{
    (void)state;
    expect_window("unanswered_burst", 10 * MF_MINUTE, MF_TIMEOUT, MF_FACTOR_PUSH, false);
}

static void a_window_of_outcomes_goes_by_when_they_settled(void **state)
{
    (void)state;
    take("unanswered_burst");
    add_pushes(3, 14 * MF_MINUTE, MF_TIMEOUT);
    for (unsigned i = 0; i < 3; i++)
        view.attempt[i].settled += 6 * MF_MINUTE;
    assert_int_equal(points("unanswered_burst"), 30);
    for (unsigned i = 0; i < 3; i++)
        view.attempt[i].settled -= 6 * MF_MINUTE;
    assert_int_equal(points("unanswered_burst"), 0);
}

/* ---- refused_burst: 3 / 5 / 10 in 10 min ---- */

static void refused_burst_counts_refusals(void **state)
{
    static const unsigned expected[][2] = {{2, 0}, {3, 45}, {4, 45}, {5, 70}, {9, 70}, {10, 90}, {60, 90}};

    (void)state;
    take("refused_burst");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(points_for("refused_burst", expected[i][0], MF_REFUSED, false, 0), expected[i][1]);
        assert_int_equal(points_for("refused_burst", expected[i][0], MF_FRAUD, false, 0), expected[i][1]);
        assert_int_equal(points_for("refused_burst", expected[i][0], MF_FAILED, false, 0), 0);
        assert_int_equal(points_for("refused_burst", expected[i][0], MF_CANCELLED, false, 0), 0);
        assert_int_equal(points_for("refused_burst", expected[i][0], MF_TIMEOUT, false, 0), 0);
    }
}

static void refused_burst_has_a_window_of_10_minutes(void **state)
{
    (void)state;
    expect_window("refused_burst", 10 * MF_MINUTE, MF_REFUSED, MF_FACTOR_PUSH, false);
}

/* ---- slow_drip: 6 / 10 negative in 24 h, 2 h apart ---- */

/* Points for n negative outcomes, the first of them `spread` before the last. */
static unsigned points_for_drip(unsigned n, mf_time spread, enum mf_outcome outcome)
{
    void *state = NULL;

    blank(&state);
    add(1, spread + MF_MINUTE, outcome, MF_FACTOR_PUSH, 0);
    add(n - 1, MF_MINUTE, outcome, MF_FACTOR_PUSH, 0);
    return points("slow_drip");
}

static void slow_drip_counts_what_is_refused_unanswered_or_failed(void **state)
{
    static const unsigned expected[][2] = {{5, 0}, {6, 45}, {9, 45}, {10, 60}, {60, 60}};

    (void)state;
    take("slow_drip");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_REFUSED), expected[i][1]);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_FRAUD), expected[i][1]);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_TIMEOUT), expected[i][1]);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_FAILED), expected[i][1]);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_SUPERSEDED), 0);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_CANCELLED), 0);
        assert_int_equal(points_for_drip(expected[i][0], 3 * MF_HOUR, MF_APPROVED), 0);
    }
}

static void slow_drip_is_silent_about_what_lies_close_together(void **state)
{
    (void)state;
    take("slow_drip");
    assert_int_equal(points_for_drip(10, 2 * MF_HOUR, MF_REFUSED), 60);
    assert_int_equal(points_for_drip(10, 2 * MF_HOUR - 1, MF_REFUSED), 0);
}

static void slow_drip_leaves_out_logins_that_went_well(void **state)
{
    take("slow_drip");
    for (mf_time apart = 2 * MF_MINUTE; apart <= 2 * MF_MINUTE + 1; apart++) {
        blank(state);
        add(6, 10 * MF_HOUR, MF_TIMEOUT, MF_FACTOR_PUSH, 0);
        add(1, 10 * MF_HOUR + 5 * MF_SECOND - apart, MF_APPROVED, MF_FACTOR_PUSH, 0);
        add(5, MF_HOUR, MF_TIMEOUT, MF_FACTOR_PUSH, 0);
        assert_int_equal(points("slow_drip"), apart == 2 * MF_MINUTE ? 0 : 45);
    }
}

static void slow_drip_forgets_what_is_a_day_old(void **state)
{
    (void)state;
    take("slow_drip");
    assert_int_equal(points_for_drip(6, MF_DAY - MF_MINUTE - 1, MF_REFUSED), 45);
    assert_int_equal(points_for_drip(6, MF_DAY - MF_MINUTE, MF_REFUSED), 0);
}

/* ---- code_bruteforce: 5 / 20 in 15 min; success after 4, after 10 ---- */

static unsigned points_for_codes(unsigned wrong, bool right)
{
    void *state = NULL;

    blank(&state);
    add(wrong, 10 * MF_SECOND, MF_FAILED, MF_FACTOR_TOTP, 0);
    if (right)
        add(1, 0, MF_APPROVED, MF_FACTOR_TOTP, 0);
    return points("code_bruteforce");
}

static void code_bruteforce_counts_wrong_codes(void **state)
{
    static const unsigned expected[][2] = {{4, 0}, {5, 50}, {19, 50}, {20, 90}, {60, 90}};

    (void)state;
    take("code_bruteforce");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(points_for_codes(expected[i][0], false), expected[i][1]);
        assert_false(finding.decisive);
    }
}

static void a_right_code_after_wrong_ones_weighs_more(void **state)
{
    (void)state;
    take("code_bruteforce");
    assert_int_equal(points_for_codes(3, true), 0);
    assert_int_equal(points_for_codes(4, true), 70);
    expect(4, 4, 70, false);
    assert_int_equal(points_for_codes(9, true), 70);
    assert_false(finding.decisive);
    assert_int_equal(points_for_codes(10, true), 90);
    expect(10, 10, 90, true);
    assert_int_equal(points_for_codes(20, true), 90);
    assert_true(finding.decisive);
}

static void how_many_wrong_codes_are_decisive_is_set(void **state)
{
    (void)state;
    take("code_bruteforce");
    conf.decisive = 6;
    points_for_codes(5, true);
    assert_false(finding.decisive);
    points_for_codes(6, true);
    assert_true(finding.decisive);
    conf.decisive = 0;
    points_for_codes(60, true);
    assert_false(finding.decisive);
}

static void a_decisive_success_is_decisive_whatever_its_points(void **state)
{
    (void)state;
    take("code_bruteforce");
    conf.steps = (struct mf_steps){1, {{5, 95}}};
    assert_int_equal(points_for_codes(12, true), 95);
    assert_true(finding.decisive);
}

static void code_bruteforce_has_a_window_of_15_minutes(void **state)
{
    (void)state;
    expect_window("code_bruteforce", 15 * MF_MINUTE, MF_FAILED, MF_FACTOR_TOTP, false);
}

static void a_push_that_failed_is_no_wrong_code(void **state)
{
    static const struct {
        enum mf_factor factor;
        bool code;
    } factors[] = {
        {MF_FACTOR_PUSH, false},     {MF_FACTOR_VERIFIED_PUSH, false}, {MF_FACTOR_FASTPASS, false},
        {MF_FACTOR_WEBAUTHN, false}, {MF_FACTOR_PASSWORD, false},      {MF_FACTOR_SMS, true},
        {MF_FACTOR_VOICE, true},     {MF_FACTOR_EMAIL, true},          {MF_FACTOR_TOTP, true},
        {MF_FACTOR_OTP, true},       {MF_FACTOR_BYPASS, true},         {MF_FACTOR_UNKNOWN, true},
    };

    take("code_bruteforce");
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        blank(state);
        add(5, MF_SECOND, MF_FAILED, factors[i].factor, 0);
        assert_int_equal(points("code_bruteforce"), factors[i].code ? 50 : 0);
    }
}

static void a_code_that_was_not_entered_is_not_wrong(void **state)
{
    (void)state;
    take("code_bruteforce");
    add(30, MF_SECOND, MF_TIMEOUT, MF_FACTOR_SMS, 0);
    assert_int_equal(points("code_bruteforce"), 0);
}

/* ---- approved_after_refusals: 3 in 10 min; 2 from an unfamiliar source, decisive ---- */

static void an_approval_after_refusals_fires_from_three_on(void **state)
{
    (void)state;
    take("approved_after_refusals");
    assert_int_equal(points_for("approved_after_refusals", 2, MF_REFUSED, true, 0), 0);
    assert_int_equal(points_for("approved_after_refusals", 3, MF_REFUSED, true, 0), 90);
    expect(3, 3, 90, false);
    assert_int_equal(points_for("approved_after_refusals", 3, MF_REFUSED, true, MF_ATTEMPT_FAMILIAR), 90);
    assert_false(finding.decisive);
    assert_int_equal(points_for("approved_after_refusals", 3, MF_FRAUD, true, 0), 90);
    assert_int_equal(points_for("approved_after_refusals", 3, MF_TIMEOUT, true, 0), 0);
}

static void from_an_unfamiliar_source_two_refusals_are_decisive(void **state)
{
    (void)state;
    take("approved_after_refusals");
    assert_int_equal(points_for("approved_after_refusals", 1, MF_REFUSED, true, MF_ATTEMPT_UNFAMILIAR), 0);
    assert_int_equal(points_for("approved_after_refusals", 2, MF_REFUSED, true, MF_ATTEMPT_UNFAMILIAR), 90);
    expect(2, 2, 90, true);
}

static void refusals_without_an_approval_are_for_another_signal(void **state)
{
    (void)state;
    take("approved_after_refusals");
    assert_int_equal(points_for("approved_after_refusals", 20, MF_REFUSED, false, MF_ATTEMPT_UNFAMILIAR), 0);
}

static void only_an_approval_of_this_moment_counts(void **state)
{
    (void)state;
    take("approved_after_refusals");
    add_pushes(5, MF_MINUTE, MF_REFUSED);
    add_pushes(1, 1, MF_APPROVED);
    assert_int_equal(points("approved_after_refusals"), 0);
    view.attempt[view.n - 1].settled = NOW;
    assert_int_equal(points("approved_after_refusals"), 90);
}

static void approved_after_refusals_has_a_window_of_10_minutes(void **state)
{
    (void)state;
    take("approved_after_refusals");
    assert_int_equal(conf.window, 10 * MF_MINUTE);
    assert_true(counts_at_age("approved_after_refusals", 10 * MF_MINUTE - 1, MF_REFUSED, MF_FACTOR_PUSH, true));
    assert_false(counts_at_age("approved_after_refusals", 10 * MF_MINUTE, MF_REFUSED, MF_FACTOR_PUSH, true));
}

static void an_unfamiliar_source_counts_within_the_window(void **state)
{
    take("approved_after_refusals");
    add(1, 10 * MF_MINUTE - 1, MF_TIMEOUT, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
    add_pushes(2, MF_MINUTE, MF_REFUSED);
    add_pushes(1, 0, MF_APPROVED);
    assert_int_equal(points("approved_after_refusals"), 90);
    blank(state);
    add(1, 10 * MF_MINUTE, MF_TIMEOUT, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
    add_pushes(2, MF_MINUTE, MF_REFUSED);
    add_pushes(1, 0, MF_APPROVED);
    assert_int_equal(points("approved_after_refusals"), 0);
}

/* ---- approved_after_silence: 5 / 10 in 60 min; 3 from an unfamiliar source ---- */

static void an_approval_after_silence_weighs_little_at_home(void **state)
{
    static const unsigned expected[][2] = {{4, 0}, {5, 15}, {9, 15}, {10, 60}, {60, 60}};

    (void)state;
    take("approved_after_silence");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(points_for("approved_after_silence", expected[i][0], MF_TIMEOUT, true, MF_ATTEMPT_FAMILIAR),
                         expected[i][1]);
        assert_int_equal(points_for("approved_after_silence", expected[i][0], MF_SUPERSEDED, true, 0), expected[i][1]);
        assert_int_equal(points_for("approved_after_silence", expected[i][0], MF_TIMEOUT, false, 0), 0);
        assert_false(finding.decisive);
    }
}

static void an_approval_after_silence_weighs_much_from_elsewhere(void **state)
{
    (void)state;
    take("approved_after_silence");
    assert_int_equal(points_for("approved_after_silence", 2, MF_TIMEOUT, true, MF_ATTEMPT_UNFAMILIAR), 0);
    assert_int_equal(points_for("approved_after_silence", 3, MF_TIMEOUT, true, MF_ATTEMPT_UNFAMILIAR), 60);
    expect(3, 3, 60, false);
}

static void approved_after_silence_has_a_window_of_60_minutes(void **state)
{
    (void)state;
    take("approved_after_silence");
    assert_int_equal(conf.window, MF_HOUR);
    assert_true(counts_at_age("approved_after_silence", MF_HOUR - 1, MF_TIMEOUT, MF_FACTOR_PUSH, true));
    assert_false(counts_at_age("approved_after_silence", MF_HOUR, MF_TIMEOUT, MF_FACTOR_PUSH, true));
}

/* ---- fraud_reported: one in 30 min ---- */

static void one_report_is_decisive(void **state)
{
    (void)state;
    take("fraud_reported");
    assert_int_equal(points_for("fraud_reported", 1, MF_FRAUD, false, 0), 100);
    expect(1, 1, 100, true);
    assert_int_equal(points_for("fraud_reported", 20, MF_REFUSED, false, 0), 0);
}

static void fraud_reported_has_a_window_of_30_minutes(void **state)
{
    (void)state;
    expect_window("fraud_reported", 30 * MF_MINUTE, MF_FRAUD, MF_FACTOR_PUSH, false);
}

/* ---- new_source: country 30, ASN 20, network 10 ---- */

static unsigned points_of_place(bool country, bool asn, bool network)
{
    place = (struct mf_place){
        .familiarity = country || asn ? MF_UNFAMILIAR : MF_FAMILIAR,
        .new_country = country,
        .new_asn = asn,
        .new_network = network,
    };
    return points("new_source");
}

static void the_highest_part_of_a_new_source_counts(void **state)
{
    (void)state;
    take("new_source");
    assert_int_equal(points_of_place(false, false, false), 0);
    assert_int_equal(points_of_place(false, false, true), 10);
    assert_int_equal(points_of_place(false, true, false), 20);
    assert_int_equal(points_of_place(false, true, true), 20);
    assert_int_equal(points_of_place(true, false, false), 30);
    assert_int_equal(points_of_place(true, true, true), 30);
    expect(1, 1, 30, false);
}

static void a_part_without_points_is_silent(void **state)
{
    (void)state;
    take("new_source");
    conf.network_points = 0;
    assert_int_equal(points_of_place(false, false, true), 0);
    conf.country_points = 0;
    assert_int_equal(points_of_place(true, false, false), 0);
}

static void an_unknown_place_is_not_new(void **state)
{
    (void)state;
    take("new_source");
    place = (struct mf_place){.familiarity = MF_FAMILIARITY_UNKNOWN, .new_country = true};
    assert_int_equal(points("new_source"), 0);
}

static void the_place_of_an_answer_may_be_the_phones(void **state)
{
    (void)state;
    take("new_source");
    event.answer_source = true;
    assert_int_equal(points_of_place(true, true, true), 0);
}

static void a_later_moment_says_nothing_of_this_place(void **state)
{
    (void)state;
    take("new_source");
    current = false;
    assert_int_equal(points_of_place(true, true, true), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, blank)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_list_has_each_signal_once),
        TEST(each_signal_can_be_switched_off_and_is_on),
        TEST(groups_are_as_documented),
        TEST(no_signal_fires_without_activity),
        TEST(the_highest_step_that_is_reached_counts),
        TEST(without_steps_nothing_is_reached),
        TEST(prompt_burst_counts_prompts),
        TEST(prompt_burst_has_a_window_of_15_minutes),
        TEST(prompt_burst_leaves_out_what_was_no_prompt),
        TEST(unanswered_burst_counts_silence),
        TEST(unanswered_burst_has_a_window_of_10_minutes),
        TEST(a_window_of_outcomes_goes_by_when_they_settled),
        TEST(refused_burst_counts_refusals),
        TEST(refused_burst_has_a_window_of_10_minutes),
        TEST(slow_drip_counts_what_is_refused_unanswered_or_failed),
        TEST(slow_drip_is_silent_about_what_lies_close_together),
        TEST(slow_drip_leaves_out_logins_that_went_well),
        TEST(slow_drip_forgets_what_is_a_day_old),
        TEST(code_bruteforce_counts_wrong_codes),
        TEST(a_right_code_after_wrong_ones_weighs_more),
        TEST(how_many_wrong_codes_are_decisive_is_set),
        TEST(a_decisive_success_is_decisive_whatever_its_points),
        TEST(code_bruteforce_has_a_window_of_15_minutes),
        TEST(a_push_that_failed_is_no_wrong_code),
        TEST(a_code_that_was_not_entered_is_not_wrong),
        TEST(an_approval_after_refusals_fires_from_three_on),
        TEST(from_an_unfamiliar_source_two_refusals_are_decisive),
        TEST(refusals_without_an_approval_are_for_another_signal),
        TEST(only_an_approval_of_this_moment_counts),
        TEST(approved_after_refusals_has_a_window_of_10_minutes),
        TEST(an_unfamiliar_source_counts_within_the_window),
        TEST(an_approval_after_silence_weighs_little_at_home),
        TEST(an_approval_after_silence_weighs_much_from_elsewhere),
        TEST(approved_after_silence_has_a_window_of_60_minutes),
        TEST(one_report_is_decisive),
        TEST(fraud_reported_has_a_window_of_30_minutes),
        TEST(the_highest_part_of_a_new_source_counts),
        TEST(a_part_without_points_is_silent),
        TEST(an_unknown_place_is_not_new),
        TEST(the_place_of_an_answer_may_be_the_phones),
        TEST(a_later_moment_says_nothing_of_this_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
