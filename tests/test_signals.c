/* tests/test_signals.c
 *
 * Every signal (src/judge/signals/), on both sides of each step and each end of its window, with the defaults that
 * its own table has. */

#include "judge/signal.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "judge/signals/counting.h"

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

enum { ME = 1000 }; /* the user's mark at addresses */

static struct mf_signal_conf conf;
static struct mf_view view;
static struct mf_event event;
static struct mf_place place;
static struct mf_user user;
static struct mf_recent recent;
static struct mf_source_values source;
static struct mf_scene scene;
static struct mf_person person;
static struct mf_address address, phone;
static bool phone_told;
static struct mf_rate_answer rate;
static struct mf_finding finding;
static bool current;
static unsigned carries;

static int blank(void **state)
{
    (void)state;
    memset(&view, 0, sizeof view);
    memset(&event, 0, sizeof event);
    memset(&place, 0, sizeof place);
    memset(&user, 0, sizeof user);
    memset(&recent, 0, sizeof recent);
    memset(&source, 0, sizeof source);
    memset(&scene, 0, sizeof scene);
    memset(&person, 0, sizeof person);
    memset(&address, 0, sizeof address);
    memset(&phone, 0, sizeof phone);
    memset(&rate, 0, sizeof rate);
    user.recent = &recent;
    phone_told = false;
    current = true;
    carries = UINT_MAX;
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

/* A view holds nothing that is later than its moment. */
static void make_view(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < view.n; i++)
        if (view.attempt[i].time <= NOW)
            view.attempt[n++] = view.attempt[i];
    mf_view_sort(&view, NOW, n);
}

static bool ask(const char *name)
{
    struct mf_context context = {
        .conf = &conf,
        .event = &event,
        .user = &user,
        .place = &place,
        .source = &source,
        .scene = &scene,
        .address = &address,
        .phone = phone_told ? &phone : NULL,
        .user_mark = ME,
        .rate = &rate,
        .carries = carries,
        .view = &view,
        .now = NOW,
        .current = current,
    };

    make_view();
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
    assert_int_equal(mf_n_signals, 24);
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
    static const struct {
        const char *name;
        enum mf_group group;
    } later[] = {
        {"token_flood", MF_GROUP_VOLUME},        {"unusual_rate", MF_GROUP_VOLUME},
        {"factor_changed", MF_GROUP_OUTCOME},    {"factor_downgrade", MF_GROUP_OUTCOME},
        {"impossible_travel", MF_GROUP_SOURCE},  {"responder_mismatch", MF_GROUP_SOURCE},
        {"anonymizer", MF_GROUP_SOURCE},         {"fan_in", MF_GROUP_SOURCE},
        {"unusual_hour", MF_GROUP_SOURCE},       {"idp_risk", MF_GROUP_SOURCE},
        {"high_risk_user", MF_GROUP_SOURCE},     {"no_login", MF_GROUP_SESSION},
        {"no_session", MF_GROUP_SESSION},        {"active_elsewhere", MF_GROUP_SESSION},
        {"spray_then_prompt", MF_GROUP_SESSION},
    };

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
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        assert_int_equal(signal_named(later[i].name)->group, later[i].group);
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

/* Some providers call a refusal and silence a failure. */
static void unanswered_burst_counts_pushes_that_failed_where_no_refusal_is_told(void **state)
{
    static const enum mf_factor factor[] = {MF_FACTOR_PUSH, MF_FACTOR_VERIFIED_PUSH, MF_FACTOR_TOTP, MF_FACTOR_SMS};

    for (size_t i = 0; i < sizeof factor / sizeof factor[0]; i++) {
        blank(state);
        add(5, 10 * MF_SECOND, MF_FAILED, factor[i], 0);
        assert_int_equal(points("unanswered_burst"), 0);
        carries = MF_CARRIES_TIMEOUTS;
        assert_int_equal(points("unanswered_burst"), i < 2 ? 45 : 0);
        carries = MF_CARRIES_TIMEOUTS | MF_CARRIES_REFUSALS;
        assert_int_equal(points("unanswered_burst"), 0);
    }
    blank(state);
    carries = MF_CARRIES_TIMEOUTS;
    add(5, 10 * MF_SECOND, MF_FAILED, MF_FACTOR_PUSH, 0);
    for (unsigned i = 0; i < 5; i++)
        view.attempt[i].flags &= (uint8_t)~MF_ATTEMPT_PROMPT; /* nobody saw it */
    assert_int_equal(points("unanswered_burst"), 0);
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
    assert_int_equal(points_for("approved_after_silence", 4, MF_TIMEOUT, true, MF_ATTEMPT_UNFAMILIAR), 0);
    assert_int_equal(points_for("approved_after_silence", 5, MF_TIMEOUT, true, MF_ATTEMPT_UNFAMILIAR), 60);
    expect(5, 5, 60, false);
}

static void an_approval_after_silence_weighs_much_from_abroad(void **state)
{
    const uint8_t abroad = MF_ATTEMPT_UNFAMILIAR | MF_ATTEMPT_ABROAD;

    (void)state;
    take("approved_after_silence");
    assert_int_equal(points_for("approved_after_silence", 2, MF_TIMEOUT, true, abroad), 0);
    assert_int_equal(points_for("approved_after_silence", 3, MF_TIMEOUT, true, abroad), 60);
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

/* ---- what later signals look at ---- */

/* The event comes from an address that is no phone's, in a place that is not the user's. */
static void comes_from_elsewhere(void)
{
    event.source.family = 4;
    event.prompts = 1;
    event.kind = MF_MFA_CHALLENGE;
    place.familiarity = MF_UNFAMILIAR;
}

/* So many other users are noted at the address, `age` ago. */
static void note(struct mf_address *at, enum mf_mark_sort sort, unsigned n, mf_time age)
{
    for (unsigned i = 0; i < n; i++)
        at->mark[sort][i] = (struct mf_mark){(uint32_t)((NOW - age) / MF_SECOND), i + 1};
}

static uint16_t hour_of(mf_time time)
{
    return (uint16_t)(time / MF_HOUR);
}

/* First used `first` ago, last `last` ago. */
static struct mf_hours used(mf_time first, mf_time last)
{
    return (struct mf_hours){hour_of(NOW - first), hour_of(NOW - last)};
}

/* What only the record in hand can say is silent about other moments. */
static void expect_only_now(const char *name)
{
    assert_true(ask(name));
    current = false;
    assert_false(ask(name));
    current = true;
}

/* What is about the source is silent where it may be the phone's, or is not told. */
static void expect_only_with_a_source(const char *name)
{
    assert_true(ask(name));
    event.answer_source = true;
    assert_false(ask(name));
    event.answer_source = false;
    event.source.family = 0;
    assert_false(ask(name));
    event.source.family = 4;
}

/* ---- code_bruteforce at home ---- */

static void wrong_codes_at_home_weigh_less(void **state)
{
    static const struct {
        unsigned wrong, points;
        bool right;
    } expected[] = {{9, 0, false}, {10, 70, false}, {9, 0, true}, {10, 70, true}, {20, 90, false}, {20, 90, true}};

    take("code_bruteforce");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        blank(state);
        add(expected[i].wrong, 10 * MF_SECOND, MF_FAILED, MF_FACTOR_TOTP, MF_ATTEMPT_FAMILIAR);
        if (expected[i].right)
            add(1, 0, MF_APPROVED, MF_FACTOR_TOTP, MF_ATTEMPT_FAMILIAR);
        assert_int_equal(points("code_bruteforce"), expected[i].points);
    }
    view.attempt[3].flags |= MF_ATTEMPT_UNFAMILIAR;
    view.n = 5;
    assert_int_equal(points("code_bruteforce"), 50);
}

/* ---- logins that went well ---- */

static void of_prompts_that_were_approved_one_counts(void **state)
{
    (void)state;
    take("prompt_burst");
    add_pushes(30, MF_MINUTE, MF_APPROVED);
    assert_int_equal(points("prompt_burst"), 0);
    assert_int_equal(finding.observed, 1);
    add_pushes(3, 10 * MF_SECOND, MF_OPEN);
    assert_int_equal(points("prompt_burst"), 0);
    add_pushes(1, 0, MF_OPEN);
    assert_int_equal(points("prompt_burst"), 35);
}

/* ---- token_flood: 5 codes in 60 min; one phone for 2 users ---- */

static void token_flood_counts_codes_that_were_sent(void **state)
{
    static const struct {
        enum mf_factor factor;
        bool sent;
    } factors[] = {{MF_FACTOR_SMS, true},   {MF_FACTOR_VOICE, true}, {MF_FACTOR_EMAIL, true},
                   {MF_FACTOR_TOTP, false}, {MF_FACTOR_PUSH, false}, {MF_FACTOR_UNKNOWN, false}};

    take("token_flood");
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        blank(state);
        add(4, MF_SECOND, MF_OPEN, factors[i].factor, 0);
        assert_int_equal(points("token_flood"), 0);
        add(1, 0, MF_OPEN, factors[i].factor, 0);
        assert_int_equal(points("token_flood"), factors[i].sent ? 40 : 0);
    }
}

static void token_flood_has_a_window_of_60_minutes(void **state)
{
    (void)state;
    expect_window("token_flood", MF_HOUR, MF_OPEN, MF_FACTOR_SMS, false);
}

static void one_phone_for_two_users_is_a_flood(void **state)
{
    (void)state;
    take("token_flood");
    note(&phone, MF_MARK_PHONE, 1, MF_MINUTE);
    assert_int_equal(points("token_flood"), 0); /* not told */
    phone_told = true;
    assert_int_equal(points("token_flood"), 40);
    expect(2, 2, 40, false);
    expect_only_now("token_flood");
    note(&phone, MF_MARK_PHONE, 1, MF_HOUR - MF_SECOND);
    assert_int_equal(points("token_flood"), 40);
    note(&phone, MF_MARK_PHONE, 1, MF_HOUR);
    assert_int_equal(points("token_flood"), 0);
    phone.mark[MF_MARK_PHONE][0] = (struct mf_mark){(uint32_t)(NOW / MF_SECOND), ME};
    assert_int_equal(points("token_flood"), 0); /* the user's own */
}

/* ---- unusual_rate: 4 / 6 / 9 zeros, 4 attempts ---- */

static unsigned points_of_rate(unsigned attempts, double log10_p)
{
    rate = (struct mf_rate_answer){.asked = true, .attempts = attempts, .log10_p = log10_p};
    return points("unusual_rate");
}

static void unusual_rate_weighs_by_how_unlikely_it_is(void **state)
{
    (void)state;
    take("unusual_rate");
    assert_int_equal(points_of_rate(9, -3.99), 0);
    assert_int_equal(points_of_rate(9, -4), 35);
    assert_int_equal(points_of_rate(9, -5.99), 35);
    assert_int_equal(points_of_rate(9, -6), 45);
    assert_int_equal(points_of_rate(9, -8.99), 45);
    assert_int_equal(points_of_rate(9, -9), 60);
    assert_int_equal(points_of_rate(9, -250), 60);
    assert_int_equal(points_of_rate(9, 0), 0);
}

static void fewer_than_four_attempts_are_never_unusual(void **state)
{
    (void)state;
    take("unusual_rate");
    assert_int_equal(points_of_rate(3, -20), 0);
    assert_int_equal(points_of_rate(4, -20), 60);
    expect_only_now("unusual_rate");
    rate.asked = false;
    assert_int_equal(points("unusual_rate"), 0);
}

/* ---- factor_changed: within 24 h after a suspicious run ---- */

static unsigned points_of_change(enum mf_kind kind, mf_time age, unsigned flags)
{
    event.kind = kind;
    user.suspect = (uint32_t)((NOW - age) / MF_SECOND);
    user.suspect_flags = (uint8_t)flags;
    return points("factor_changed");
}

static void a_factor_changed_after_a_hostile_run_is_decisive(void **state)
{
    (void)state;
    take("factor_changed");
    assert_int_equal(points_of_change(MF_FACTOR_ENROLLED, MF_HOUR, MF_SUSPECT_HOSTILE), 90);
    expect(1, 1, 90, true);
    assert_int_equal(points_of_change(MF_FACTOR_REMOVED, MF_HOUR, MF_SUSPECT_HOSTILE), 90);
    assert_int_equal(points_of_change(MF_FACTOR_RESET, MF_HOUR, MF_SUSPECT_HOSTILE), 90);
    assert_int_equal(points_of_change(MF_MFA_CHALLENGE, MF_HOUR, MF_SUSPECT_HOSTILE), 0);
    assert_int_equal(points_of_change(MF_FACTOR_RESET, MF_HOUR, 0), 25);
    assert_false(finding.decisive);
    expect_only_now("factor_changed");
}

static void factor_changed_has_a_window_of_24_hours(void **state)
{
    (void)state;
    take("factor_changed");
    assert_int_equal(points_of_change(MF_FACTOR_RESET, MF_DAY, MF_SUSPECT_HOSTILE), 90);
    assert_int_equal(points_of_change(MF_FACTOR_RESET, MF_DAY + MF_SECOND, MF_SUSPECT_HOSTILE), 0);
    assert_int_equal(points_of_change(MF_FACTOR_RESET, -MF_MINUTE, MF_SUSPECT_HOSTILE), 90);
    assert_int_equal(points_of_change(MF_FACTOR_RESET, -MF_MINUTE - MF_SECOND, MF_SUSPECT_HOSTILE), 0);
    user.suspect = 0;
    assert_int_equal(points("factor_changed"), 0);
}

/* ---- factor_downgrade: a strong factor in the last 30 days, no weak one ---- */

static unsigned points_of_factor(enum mf_kind kind, enum mf_factor factor, unsigned prompts)
{
    event.kind = kind;
    event.factor = factor;
    event.prompts = prompts;
    return points("factor_downgrade");
}

static void a_weak_factor_where_the_user_has_a_strong_one_is_a_downgrade(void **state)
{
    (void)state;
    take("factor_downgrade");
    user.habits.strong = used(20 * MF_DAY, MF_DAY);
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_SMS, 1), 20);
    expect(1, 1, 20, false);
    expect_only_now("factor_downgrade");
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_VOICE, 1), 20);
    assert_int_equal(points_of_factor(MF_MFA_SUCCESS, MF_FACTOR_PUSH, 0), 20);
    assert_int_equal(points_of_factor(MF_MFA_DENIED, MF_FACTOR_PUSH, 1), 20);
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_VERIFIED_PUSH, 1), 0);
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_TOTP, 1), 0);
    /* sending a push says nothing of number matching */
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_PUSH, 1), 0);
    assert_int_equal(points_of_factor(MF_MFA_SUCCESS, MF_FACTOR_SMS, 0), 0);
}

static void a_downgrade_needs_a_strong_factor_in_30_days_and_no_weak_one(void **state)
{
    (void)state;
    take("factor_downgrade");
    assert_int_equal(points_of_factor(MF_MFA_CHALLENGE, MF_FACTOR_SMS, 1), 0);
    user.habits.strong = used(60 * MF_DAY, 30 * MF_DAY - MF_HOUR);
    assert_int_equal(points("factor_downgrade"), 20);
    user.habits.strong = used(60 * MF_DAY, 30 * MF_DAY + MF_HOUR);
    assert_int_equal(points("factor_downgrade"), 0);
    user.habits.strong = used(60 * MF_DAY, MF_DAY);
    user.habits.weak = used(60 * MF_DAY, 30 * MF_DAY - MF_HOUR);
    assert_int_equal(points("factor_downgrade"), 0);
    user.habits.weak = used(60 * MF_DAY, 30 * MF_DAY + MF_HOUR);
    assert_int_equal(points("factor_downgrade"), 20);
    user.habits.strong = used(7 * MF_DAY - MF_HOUR, MF_DAY); /* not yet for a week */
    assert_int_equal(points("factor_downgrade"), 0);
}

/* ---- impossible_travel: 500 km, 800 km/h, 24 h ---- */

/* The last accepted place is on the equator, `age` ago; the event as many hundredths of a degree (1.112 km) north. */
static unsigned points_of_trip(mf_time age, int hundredths)
{
    comes_from_elsewhere();
    place.new_country = true;
    event.time = NOW;
    event.has_coordinates = true;
    event.latitude = hundredths / 100.0;
    user.habits.last_place = (struct mf_last_place){(uint32_t)((NOW - age) / MF_SECOND), 0, 0};
    return points("impossible_travel");
}

static void a_trip_is_impossible_from_500_km_and_800_km_an_hour_on(void **state)
{
    (void)state;
    take("impossible_travel");
    assert_int_equal(points_of_trip(MF_MINUTE, 449), 0);  /* 499.3 km */
    assert_int_equal(points_of_trip(MF_MINUTE, 450), 40); /* 500.4 km */
    assert_int_equal(points_of_trip(MF_HOUR, 719), 0);    /* 799.5 km */
    assert_int_equal(finding.observed, 799);
    assert_int_equal(points_of_trip(MF_HOUR, 720), 40); /* 800.6 km */
    expect(800, 800, 40, false);
    expect_only_now("impossible_travel");
    expect_only_with_a_source("impossible_travel");
    assert_int_equal(points_of_trip(0, 720), 40); /* in no time at all */
    assert_int_equal(finding.observed, 65535);
}

static void impossible_travel_has_a_window_of_24_hours(void **state)
{
    (void)state;
    take("impossible_travel");
    conf.km_per_hour = 100;
    assert_int_equal(points_of_trip(MF_DAY, 9000), 40);
    assert_int_equal(points_of_trip(MF_DAY + MF_SECOND, 9000), 0);
    assert_int_equal(points_of_trip(-MF_SECOND, 9000), 0);
}

static void a_trip_to_a_known_country_or_place_is_possible(void **state)
{
    (void)state;
    take("impossible_travel");
    assert_int_equal(points_of_trip(MF_HOUR, 9000), 40);
    place.new_country = false;
    event.country[0] = 'D';
    assert_int_equal(points("impossible_travel"), 0);
    event.country[0] = '\0'; /* the feed gives coordinates alone */
    assert_int_equal(points("impossible_travel"), 40);
    place.familiarity = MF_FAMILIAR;
    assert_int_equal(points("impossible_travel"), 0);
    place.familiarity = MF_UNFAMILIAR;
    event.has_coordinates = false;
    assert_int_equal(points("impossible_travel"), 0);
    event.has_coordinates = true;
    user.habits.last_place.time = 0;
    assert_int_equal(points("impossible_travel"), 0);
}

/* ---- responder_mismatch ---- */

static void a_phone_in_another_country_is_a_mismatch(void **state)
{
    (void)state;
    take("responder_mismatch");
    memcpy(event.country, "RO", 2);
    assert_int_equal(points("responder_mismatch"), 0);
    memcpy(event.responder_country, "DE", 2);
    assert_int_equal(points("responder_mismatch"), 25);
    expect_only_now("responder_mismatch");
    memcpy(event.responder_country, "RO", 2);
    assert_int_equal(points("responder_mismatch"), 0);
    /* the record is the phone's own answer: then the run says where the login came from */
    event.answer_source = true;
    assert_int_equal(points("responder_mismatch"), 0);
    memcpy(recent.run.source.country, "DE", 2);
    assert_int_equal(points("responder_mismatch"), 25);
}

static void a_mismatch_that_was_accepted_is_known_for_60_days(void **state)
{
    (void)state;
    take("responder_mismatch");
    memcpy(event.country, "RO", 2);
    memcpy(event.responder_country, "DE", 2);
    user.habits.apart = used(90 * MF_DAY, 60 * MF_DAY - MF_HOUR);
    assert_int_equal(points("responder_mismatch"), 0);
    user.habits.apart = used(90 * MF_DAY, 60 * MF_DAY + MF_HOUR);
    assert_int_equal(points("responder_mismatch"), 25);
    user.habits.apart = used(MF_DAY - MF_HOUR, 0); /* not yet for a day */
    assert_int_equal(points("responder_mismatch"), 25);
    user.habits.apart = used(MF_DAY, 0);
    assert_int_equal(points("responder_mismatch"), 0);
}

/* ---- anonymizer ---- */

static void an_anonymizer_fires_when_it_is_new(void **state)
{
    (void)state;
    take("anonymizer");
    comes_from_elsewhere();
    assert_int_equal(points("anonymizer"), 0);
    scene.anonymizer = true;
    assert_int_equal(points("anonymizer"), 25);
    expect_only_now("anonymizer");
    expect_only_with_a_source("anonymizer");
    user.habits.proxy = used(MF_DAY - MF_HOUR, 0);
    assert_int_equal(points("anonymizer"), 25);
    user.habits.proxy = used(MF_DAY, 0);
    assert_int_equal(points("anonymizer"), 0);
    user.habits.proxy = used(90 * MF_DAY, 60 * MF_DAY - MF_HOUR);
    assert_int_equal(points("anonymizer"), 0);
    user.habits.proxy = used(90 * MF_DAY, 60 * MF_DAY + MF_HOUR);
    assert_int_equal(points("anonymizer"), 25);
}

/* ---- fan_in: 6 users in 1 h ---- */

static void fan_in_counts_users(void **state)
{
    (void)state;
    take("fan_in");
    comes_from_elsewhere();
    note(&address, MF_MARK_TARGET, 4, MF_MINUTE);
    assert_int_equal(points("fan_in"), 0);
    note(&address, MF_MARK_TARGET, 5, MF_MINUTE);
    assert_int_equal(points("fan_in"), 45);
    expect(6, 6, 45, false);
    expect_only_now("fan_in");
    expect_only_with_a_source("fan_in");
    address.mark[MF_MARK_TARGET][4].user = ME; /* counts once */
    assert_int_equal(points("fan_in"), 0);
    assert_int_equal(finding.observed, 5);
}

static void fan_in_has_a_window_of_one_hour(void **state)
{
    (void)state;
    take("fan_in");
    comes_from_elsewhere();
    note(&address, MF_MARK_TARGET, 5, MF_HOUR - MF_SECOND);
    assert_int_equal(points("fan_in"), 45);
    note(&address, MF_MARK_TARGET, 5, MF_HOUR);
    assert_int_equal(points("fan_in"), 0);
}

static void fan_in_is_about_users_who_are_no_business_of_the_address(void **state)
{
    (void)state;
    take("fan_in");
    comes_from_elsewhere();
    note(&address, MF_MARK_TARGET, 5, MF_MINUTE);
    place.familiarity = MF_FAMILIAR;
    event.kind = MF_MFA_DENIED;
    assert_int_equal(points("fan_in"), 0);
    place.familiarity = MF_FAMILIARITY_UNKNOWN;
    assert_int_equal(points("fan_in"), 45);
    event.kind = MF_MFA_SUCCESS;
    assert_int_equal(points("fan_in"), 0);
    place.familiarity = MF_UNFAMILIAR;
    assert_int_equal(points("fan_in"), 45);
}

static void an_office_is_no_fan_in(void **state)
{
    (void)state;
    take("fan_in");
    comes_from_elsewhere();
    note(&address, MF_MARK_TARGET, 5, MF_MINUTE);
    note(&address, MF_MARK_ACCEPTED, 4, 3 * MF_DAY);
    assert_int_equal(points("fan_in"), 45);
    note(&address, MF_MARK_ACCEPTED, 5, 3 * MF_DAY);
    assert_false(ask("fan_in"));
    note(&address, MF_MARK_ACCEPTED, 5, 7 * MF_DAY - MF_SECOND);
    assert_false(ask("fan_in"));
    note(&address, MF_MARK_ACCEPTED, 5, 7 * MF_DAY);
    assert_int_equal(points("fan_in"), 45);
}

/* ---- unusual_hour ---- */

/* NOW is a Monday, midnight: hours are noted `near` times now and `far` times at noon. */
static void note_hours(unsigned near, unsigned far)
{
    struct mf_event accepted = {.kind = MF_MFA_SUCCESS};

    memset(&user.habits, 0, sizeof user.habits);
    for (unsigned i = 0; i < near + far; i++) {
        accepted.time = NOW - 7 * MF_DAY + (i < near ? 0 : (8 + i % 10) * MF_HOUR);
        mf_habits_learn(&user.habits, &accepted, false, false);
    }
}

static void an_hour_is_unusual_below_two_percent(void **state)
{
    (void)state;
    take("unusual_hour");
    user.first_seen = NOW - 30 * MF_DAY;
    note_hours(0, 19);
    assert_int_equal(points("unusual_hour"), 0); /* too little is known */
    note_hours(0, 20);
    assert_int_equal(points("unusual_hour"), 15);
    assert_int_equal(finding.observed, 0);
    assert_int_equal(finding.threshold, 2);
    expect_only_now("unusual_hour");
    note_hours(1, 49); /* 2 % */
    assert_int_equal(points("unusual_hour"), 0);
    note_hours(1, 50); /* 1.96 % */
    assert_int_equal(points("unusual_hour"), 15);
}

static void an_hour_of_overtime_at_the_users_own_place_weighs_little(void **state)
{
    (void)state;
    take("unusual_hour");
    user.first_seen = NOW - 30 * MF_DAY;
    note_hours(0, 40);
    place.familiarity = MF_FAMILIAR;
    assert_int_equal(points("unusual_hour"), 4);
    place.familiarity = MF_FAMILIARITY_UNKNOWN;
    assert_int_equal(points("unusual_hour"), 15);
    place.familiarity = MF_UNFAMILIAR;
    assert_int_equal(points("unusual_hour"), 15);
}

static void unusual_hour_needs_14_days_and_a_known_country(void **state)
{
    (void)state;
    take("unusual_hour");
    note_hours(0, 40);
    user.first_seen = NOW - 14 * MF_DAY;
    assert_int_equal(points("unusual_hour"), 15);
    user.first_seen++;
    assert_int_equal(points("unusual_hour"), 0);
    user.first_seen = MF_TIME_NONE;
    assert_int_equal(points("unusual_hour"), 0);
    user.first_seen = NOW - 30 * MF_DAY;
    place.new_country = true;
    assert_int_equal(points("unusual_hour"), 0);
}

/* ---- idp_risk ---- */

static void idp_risk_reads_words(void **state)
{
    static const struct {
        const char *text;
        bool risky;
    } texts[] = {
        {"high", true},
        {"HIGH", true},
        {"medium", true},
        {"level=HIGH, reasons=new device", true},
        {"low", false},
        {"none", false},
        {"", false},
        {"PUSH_HARASSMENT", true},
        {"hidden", false},
        {"highest", false},
        {"not_so_risky_after", true},
        {"highway to work", false},
    };

    (void)state;
    take("idp_risk");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        event.risk = mf_slice_of(texts[i].text);
        assert_int_equal(points("idp_risk"), texts[i].risky ? 15 : 0);
    }
    event.risk = mf_slice_of("high");
    expect_only_now("idp_risk");
}

static void a_risk_that_was_told_holds_for_60_minutes(void **state)
{
    (void)state;
    take("idp_risk");
    recent.risk = NOW - MF_HOUR + 1;
    assert_int_equal(points("idp_risk"), 15);
    recent.risk = NOW - MF_HOUR;
    assert_int_equal(points("idp_risk"), 0);
    recent.risk = NOW;
    assert_int_equal(points("idp_risk"), 15);
    recent.risk = NOW + 1;
    assert_int_equal(points("idp_risk"), 0);
}

/* ---- high_risk_user: 2 in 20 min ---- */

static void two_prompts_of_a_user_at_high_risk_are_told(void **state)
{
    (void)state;
    take("high_risk_user");
    add_pushes(2, MF_SECOND, MF_OPEN);
    assert_int_equal(points("high_risk_user"), 0); /* not in the directory */
    scene.person = &person;
    assert_int_equal(points("high_risk_user"), 0);
    person.risk_high = true;
    assert_int_equal(points("high_risk_user"), 10);
    view.n = 1;
    assert_int_equal(points("high_risk_user"), 0);
    view.attempt[1].time = view.attempt[1].settled = NOW;
    view.n = 2;
    view.attempt[0].time = NOW - 20 * MF_MINUTE + 1;
    assert_int_equal(points("high_risk_user"), 10);
    view.attempt[0].time = NOW - 20 * MF_MINUTE;
    assert_int_equal(points("high_risk_user"), 0);
}

static void for_a_user_at_high_risk_two_refusals_are_decisive(void **state)
{
    (void)state;
    take("approved_after_refusals");
    add_pushes(2, MF_MINUTE, MF_REFUSED);
    add_pushes(1, 0, MF_APPROVED);
    assert_int_equal(points("approved_after_refusals"), 0);
    scene.person = &person;
    person.risk_high = true;
    assert_int_equal(points("approved_after_refusals"), 90);
    assert_true(finding.decisive);
}

/* ---- no_login ---- */

static void no_login_counts_prompts_that_no_login_explains(void **state)
{
    (void)state;
    take("no_login");
    add(1, MF_MINUTE, MF_OPEN, MF_FACTOR_PUSH, MF_ATTEMPT_LOGIN_DUE);
    assert_int_equal(points("no_login"), 30);
    view.attempt[0].flags |= MF_ATTEMPT_EXPLAINED;
    assert_int_equal(points("no_login"), 0);
    view.attempt[0].flags = MF_ATTEMPT_PROMPT; /* its feed does not tell of logins */
    assert_int_equal(points("no_login"), 0);
}

static void no_login_waits_a_minute_and_forgets_after_30(void **state)
{
    (void)state;
    take("no_login");
    add(1, MF_MINUTE, MF_OPEN, MF_FACTOR_PUSH, MF_ATTEMPT_LOGIN_DUE);
    assert_int_equal(points("no_login"), 30);
    view.attempt[0].time = NOW - MF_MINUTE + 1;
    assert_int_equal(points("no_login"), 0);
    view.attempt[0].time = NOW - 30 * MF_MINUTE + 1;
    assert_int_equal(points("no_login"), 30);
    view.attempt[0].time = NOW - 30 * MF_MINUTE;
    assert_int_equal(points("no_login"), 0);
}

/* ---- no_session ---- */

static void no_session_counts_approvals_that_led_to_none(void **state)
{
    (void)state;
    take("no_session");
    add_pushes(1, 5 * MF_MINUTE, MF_APPROVED);
    assert_int_equal(points("no_session"), 20);
    view.attempt[0].flags |= MF_ATTEMPT_SESSION;
    assert_int_equal(points("no_session"), 0);
    view.attempt[0].flags = MF_ATTEMPT_PROMPT;
    view.attempt[0].outcome = MF_REFUSED;
    assert_int_equal(points("no_session"), 0);
}

static void no_session_waits_5_minutes_and_forgets_after_30(void **state)
{
    (void)state;
    take("no_session");
    add_pushes(1, 5 * MF_MINUTE - 1, MF_APPROVED);
    assert_int_equal(points("no_session"), 0);
    view.attempt[0].settled = NOW - 30 * MF_MINUTE + 1;
    assert_int_equal(points("no_session"), 20);
    view.attempt[0].settled = NOW - 30 * MF_MINUTE;
    assert_int_equal(points("no_session"), 0);
}

/* ---- active_elsewhere: at work in the last 60 min ---- */

/* The user was active in country 1, `age` ago; the event is from country 2. */
static void active_at(mf_time age, bool familiar)
{
    comes_from_elsewhere();
    source = (struct mf_source_values){2, 20, 200};
    recent.activities.active[0] = (struct mf_activity){.time = NOW - age, .source = {1, 10, 100}, .familiar = familiar};
}

static void two_prompts_from_elsewhere_while_at_work_are_told(void **state)
{
    (void)state;
    take("active_elsewhere");
    active_at(MF_MINUTE, true);
    add(1, MF_SECOND, MF_OPEN, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
    assert_int_equal(points("active_elsewhere"), 0);
    add(1, 0, MF_OPEN, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
    assert_int_equal(points("active_elsewhere"), 40);
    expect(2, 2, 40, false);
    expect_only_now("active_elsewhere");
    expect_only_with_a_source("active_elsewhere");
    view.attempt[0].flags = MF_ATTEMPT_PROMPT; /* one of them was the user's */
    assert_int_equal(points("active_elsewhere"), 0);
}

static void one_prompt_from_elsewhere_is_enough_when_it_was_refused(void **state)
{
    static const struct {
        enum mf_outcome outcome;
        unsigned points;
    } outcomes[] = {{MF_REFUSED, 40},    {MF_FRAUD, 40}, {MF_TIMEOUT, 40}, {MF_FAILED, 40},
                    {MF_SUPERSEDED, 40}, {MF_OPEN, 0},   {MF_APPROVED, 0}, {MF_CANCELLED, 0}};

    take("active_elsewhere");
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        blank(state);
        active_at(MF_MINUTE, true);
        add(1, 0, outcomes[i].outcome, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
        assert_int_equal(points("active_elsewhere"), outcomes[i].points);
    }
}

static void active_elsewhere_has_a_window_of_60_minutes(void **state)
{
    (void)state;
    take("active_elsewhere");
    add(2, 0, MF_OPEN, MF_FACTOR_PUSH, MF_ATTEMPT_UNFAMILIAR);
    active_at(MF_HOUR - 1, true);
    assert_int_equal(points("active_elsewhere"), 40);
    active_at(MF_HOUR, true);
    assert_int_equal(points("active_elsewhere"), 0);
    active_at(0, false); /* itself no place of the user's */
    assert_int_equal(points("active_elsewhere"), 0);
    active_at(0, true);
    assert_int_equal(points("active_elsewhere"), 40);
    place.familiarity = MF_FAMILIARITY_UNKNOWN;
    assert_int_equal(points("active_elsewhere"), 0);
    place.familiarity = MF_FAMILIAR;
    assert_int_equal(points("active_elsewhere"), 0);
}

/* ---- spray_then_prompt: 5 users in 6 h ---- */

static void a_prompt_from_an_address_that_sprayed_is_told(void **state)
{
    (void)state;
    take("spray_then_prompt");
    comes_from_elsewhere();
    note(&address, MF_MARK_PASSWORD, 4, MF_HOUR);
    assert_int_equal(points("spray_then_prompt"), 0);
    address.mark[MF_MARK_PASSWORD][4] = (struct mf_mark){(uint32_t)(NOW / MF_SECOND), ME}; /* counts as any other */
    assert_int_equal(points("spray_then_prompt"), 55);
    expect(5, 5, 55, false);
    note(&address, MF_MARK_PASSWORD, 5, MF_HOUR);
    assert_int_equal(points("spray_then_prompt"), 55);
    expect_only_now("spray_then_prompt");
    expect_only_with_a_source("spray_then_prompt");
    place.familiarity = MF_FAMILIARITY_UNKNOWN;
    assert_int_equal(points("spray_then_prompt"), 55);
    place.familiarity = MF_FAMILIAR;
    assert_int_equal(points("spray_then_prompt"), 0);
}

static void spray_then_prompt_has_a_window_of_6_hours(void **state)
{
    (void)state;
    take("spray_then_prompt");
    comes_from_elsewhere();
    note(&address, MF_MARK_PASSWORD, 5, 6 * MF_HOUR - MF_SECOND);
    assert_int_equal(points("spray_then_prompt"), 55);
    note(&address, MF_MARK_PASSWORD, 5, 6 * MF_HOUR);
    assert_int_equal(points("spray_then_prompt"), 0);
}

static void an_office_where_passwords_fail_is_no_spray(void **state)
{
    (void)state;
    take("spray_then_prompt");
    comes_from_elsewhere();
    note(&address, MF_MARK_PASSWORD, 5, MF_HOUR);
    note(&address, MF_MARK_ACCEPTED, 4, MF_DAY);
    assert_int_equal(points("spray_then_prompt"), 55);
    note(&address, MF_MARK_ACCEPTED, 5, MF_DAY);
    assert_false(ask("spray_then_prompt"));
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
        TEST(unanswered_burst_counts_pushes_that_failed_where_no_refusal_is_told),
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
        TEST(an_approval_after_silence_weighs_much_from_abroad),
        TEST(approved_after_silence_has_a_window_of_60_minutes),
        TEST(one_report_is_decisive),
        TEST(fraud_reported_has_a_window_of_30_minutes),
        TEST(the_highest_part_of_a_new_source_counts),
        TEST(a_part_without_points_is_silent),
        TEST(an_unknown_place_is_not_new),
        TEST(the_place_of_an_answer_may_be_the_phones),
        TEST(a_later_moment_says_nothing_of_this_place),
        TEST(wrong_codes_at_home_weigh_less),
        TEST(of_prompts_that_were_approved_one_counts),
        TEST(token_flood_counts_codes_that_were_sent),
        TEST(token_flood_has_a_window_of_60_minutes),
        TEST(one_phone_for_two_users_is_a_flood),
        TEST(unusual_rate_weighs_by_how_unlikely_it_is),
        TEST(fewer_than_four_attempts_are_never_unusual),
        TEST(a_factor_changed_after_a_hostile_run_is_decisive),
        TEST(factor_changed_has_a_window_of_24_hours),
        TEST(a_weak_factor_where_the_user_has_a_strong_one_is_a_downgrade),
        TEST(a_downgrade_needs_a_strong_factor_in_30_days_and_no_weak_one),
        TEST(a_trip_is_impossible_from_500_km_and_800_km_an_hour_on),
        TEST(impossible_travel_has_a_window_of_24_hours),
        TEST(a_trip_to_a_known_country_or_place_is_possible),
        TEST(a_phone_in_another_country_is_a_mismatch),
        TEST(a_mismatch_that_was_accepted_is_known_for_60_days),
        TEST(an_anonymizer_fires_when_it_is_new),
        TEST(fan_in_counts_users),
        TEST(fan_in_has_a_window_of_one_hour),
        TEST(fan_in_is_about_users_who_are_no_business_of_the_address),
        TEST(an_office_is_no_fan_in),
        TEST(an_hour_is_unusual_below_two_percent),
        TEST(an_hour_of_overtime_at_the_users_own_place_weighs_little),
        TEST(unusual_hour_needs_14_days_and_a_known_country),
        TEST(idp_risk_reads_words),
        TEST(a_risk_that_was_told_holds_for_60_minutes),
        TEST(two_prompts_of_a_user_at_high_risk_are_told),
        TEST(for_a_user_at_high_risk_two_refusals_are_decisive),
        TEST(no_login_counts_prompts_that_no_login_explains),
        TEST(no_login_waits_a_minute_and_forgets_after_30),
        TEST(no_session_counts_approvals_that_led_to_none),
        TEST(no_session_waits_5_minutes_and_forgets_after_30),
        TEST(two_prompts_from_elsewhere_while_at_work_are_told),
        TEST(one_prompt_from_elsewhere_is_enough_when_it_was_refused),
        TEST(active_elsewhere_has_a_window_of_60_minutes),
        TEST(a_prompt_from_an_address_that_sprayed_is_told),
        TEST(spray_then_prompt_has_a_window_of_6_hours),
        TEST(an_office_where_passwords_fail_is_no_spray),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
