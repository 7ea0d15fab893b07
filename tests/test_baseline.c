/* tests/test_baseline.c
 *
 * Rates and tails (src/memory/baseline.c): the days and edges by hand, the tail against another way to compute it, and
 * its promise kept by simulated users (tests/logins.h): how often usual behaviour is called unusual. */

#include "logins.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define TODAY ((mf_time)1772409600 * MF_SECOND)

static const struct mf_member anyone = {0};
static const unsigned one[MF_RATE_WINDOWS] = {1, 1, 1};

/* So many attempts, one after the other, on the day that `day` begins. */
static void log_in(struct mf_baseline *baseline, struct mf_rate *rate, const struct mf_member *member, mf_time day,
                   unsigned n, bool skip)
{
    for (unsigned i = 0; i < n; i++) {
        mf_time now = day + 9 * MF_HOUR + i * 3 * MF_MINUTE;
        const unsigned attempts[MF_RATE_WINDOWS] = {i < 5 ? i + 1 : 5, i < 20 ? i + 1 : 20, i + 1};
        mf_rate_learn(rate, baseline, member, now, skip);
        mf_rate_note(rate, now, attempts);
    }
}

static struct mf_expectation expect(struct mf_baseline *baseline, const struct mf_rate *rate,
                                    const struct mf_member *member, mf_time now)
{
    struct mf_expectation expectation;

    mf_baseline_expect(baseline, rate, member, now, &expectation);
    return expectation;
}

/* ---- login attempts ---- */

static void prompts_within_two_minutes_of_the_first_are_one_attempt(void **state)
{
    unsigned n[MF_RATE_WINDOWS];
    mf_time prompt[] = {TODAY, TODAY + 119999, TODAY + 120000, TODAY + 239999, TODAY + 240000};

    (void)state;
    assert_false(mf_login_attempts(prompt, 0, n));
    assert_true(mf_login_attempts(prompt, 1, n));
    assert_int_equal(n[MF_RATE_15_MIN], 1);
    assert_false(mf_login_attempts(prompt, 2, n));
    assert_int_equal(n[MF_RATE_24_HOURS], 0);
    assert_true(mf_login_attempts(prompt, 3, n));
    assert_int_equal(n[MF_RATE_15_MIN], 2);
    assert_false(mf_login_attempts(prompt, 4, n));
    assert_true(mf_login_attempts(prompt, 5, n)); /* a prompt each 2 min - 1 ms is no way to stay one attempt */
    assert_int_equal(n[MF_RATE_15_MIN], 3);
}

static void a_window_ends_at_the_present_attempt(void **state)
{
    static const mf_time length[] = {15 * MF_MINUTE, MF_HOUR, 24 * MF_HOUR};

    (void)state;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        unsigned n[MF_RATE_WINDOWS];
        mf_time inside[] = {TODAY, TODAY + length[w] - 1}, outside[] = {TODAY, TODAY + length[w]};
        assert_int_equal(mf_rate_window_length(w), length[w]);
        assert_true(mf_login_attempts(inside, 2, n));
        assert_int_equal(n[w], 2);
        assert_true(mf_login_attempts(outside, 2, n));
        assert_int_equal(n[w], 1);
    }
}

/* ---- days ---- */

static void a_day_is_over_at_midnight(void **state)
{
    struct mf_rate rate = {0};

    (void)state;
    assert_false(mf_rate_day_over(&rate, TODAY));
    mf_rate_note(&rate, TODAY, one);
    assert_false(mf_rate_day_over(&rate, TODAY + MF_DAY - 1));
    assert_true(mf_rate_day_over(&rate, TODAY + MF_DAY));
    mf_rate_note(&rate, TODAY - MF_HOUR, one);
    assert_int_equal(rate.today, 2); /* late: counts for the open day */
    assert_false(mf_rate_day_over(&rate, TODAY - MF_HOUR));
}

static void the_first_day_tells_no_rate_and_silent_days_do(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(1, NULL);
    struct mf_rate rate = {0};

    (void)state;
    log_in(baseline, &rate, &anyone, TODAY, 2, false);
    mf_rate_learn(&rate, baseline, &anyone, TODAY + MF_DAY, false);
    assert_int_equal(rate.days, 0);
    assert_true(rate.count == 0);
    mf_rate_note(&rate, TODAY + MF_DAY, one);
    mf_rate_learn(&rate, baseline, &anyone, TODAY + 15 * MF_DAY, false);
    double fade = exp2(-1.0 / 14);
    assert_true(fabs(rate.count - exp2(-13.0 / 14)) < 1e-6);
    assert_true(fabs(rate.days / 2048.0 - (1 - exp2(-1)) / (1 - fade)) < 1e-3);
    mf_baseline_free(baseline);
}

static void history_halves_in_fourteen_days(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(1, NULL);
    struct mf_rate rate = {.day = (uint16_t)(TODAY / MF_DAY), .count = 8, .days = 16 * 2048};

    (void)state;
    mf_rate_learn(&rate, baseline, &anyone, TODAY + 14 * MF_DAY, false);
    assert_true(fabs(rate.count - 4) < 1e-6);
    mf_baseline_free(baseline);
}

static void a_skipped_day_teaches_nothing(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(1, NULL);
    struct mf_population_record before, after;
    struct mf_rate rate = {.day = (uint16_t)(TODAY / MF_DAY), .count = 8, .days = 8 * 2048};
    double was = rate.count / rate.days;

    (void)state;
    mf_baseline_save(baseline, &before, 1);
    log_in(baseline, &rate, &anyone, TODAY, 40, false);
    mf_rate_learn(&rate, baseline, &anyone, TODAY + MF_DAY, true);
    mf_baseline_save(baseline, &after, 1);
    assert_memory_equal(before.learning, after.learning, sizeof before.learning);
    assert_true(fabs(rate.count / rate.days - was) < was * 1e-3);
    mf_baseline_free(baseline);
}

static void a_day_teaches_at_most_three_times_the_rate_and_three(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(1, NULL);
    struct mf_rate rate = {.day = (uint16_t)(TODAY / MF_DAY), .count = 20, .days = 20 * 2048};
    double present = expect(baseline, &rate, &anyone, TODAY).rate;
    double most = floor(3 * present + 3), faded = 20 * exp2(-1.0 / 14);

    (void)state;
    struct mf_rate under = rate, over = rate;
    log_in(baseline, &under, &anyone, TODAY, (unsigned)most, false);
    mf_rate_learn(&under, baseline, &anyone, TODAY + MF_DAY, false);
    assert_true(fabs(under.count - faded - most) < 1e-5);
    log_in(baseline, &over, &anyone, TODAY, 200, false);
    mf_rate_learn(&over, baseline, &anyone, TODAY + MF_DAY, false);
    assert_true(fabs(over.count - faded - most) < 1e-5);
    mf_baseline_free(baseline);
}

/* ---- populations ---- */

/* So many users who log in twice a day for so many days after their first. */
static void fill(struct mf_baseline *baseline, const struct mf_member *member, unsigned users, unsigned days)
{
    for (unsigned i = 0; i < users; i++) {
        struct mf_rate rate = {0};
        for (unsigned day = 0; day <= days; day++)
            log_in(baseline, &rate, member, TODAY + day * MF_DAY, 2, false);
        mf_rate_learn(&rate, baseline, member, TODAY + (days + 1) * MF_DAY, false);
    }
}

static void says_nothing_before_fifty_user_days_and_a_week(void **state)
{
    /* 6 days later a user-day weighs 0.743; the first lesson is that of day 1 */
    static const struct {
        unsigned users, day;
        bool known;
    } c[] = {{67, 8, false}, {68, 8, true}, {100, 7, false}, {100, 8, true}};

    (void)state;
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        struct mf_baseline *baseline = mf_baseline_new(1, NULL);
        struct mf_rate rate = {0};
        fill(baseline, &anyone, c[i].users, 1);
        struct mf_expectation e = expect(baseline, &rate, &anyone, TODAY + c[i].day * MF_DAY);
        assert_int_equal(e.known, c[i].known);
        assert_true(c[i].known ? mf_baseline_tail_log10(&e, MF_RATE_15_MIN, 30) < -6
                               : mf_baseline_tail_log10(&e, MF_RATE_15_MIN, 30) == 0);
        mf_baseline_free(baseline);
    }
}

static void the_closest_population_with_enough_days_judges(void **state)
{
    const struct mf_member both = {.group = 1, .role = 2, .country = 3}, role = {.role = 2, .country = 3};
    const struct mf_member stranger = {.group = 9, .country = 3}, foreign = {.group = 9, .country = 8};
    struct mf_baseline *baseline = mf_baseline_new(16, NULL);
    struct mf_rate rate = {0};
    mf_time now = TODAY + 12 * MF_DAY;

    (void)state;
    fill(baseline, &both, 10, 10);
    assert_int_equal(expect(baseline, &rate, &both, now).population, MF_EVERYONE); /* 10 users for less than 8 days */
    fill(baseline, &role, 20, 10);
    assert_int_equal(expect(baseline, &rate, &both, now + MF_DAY).population, MF_ROLE);
    assert_int_equal(expect(baseline, &rate, &stranger, now + MF_DAY).population, MF_COUNTRY);
    assert_int_equal(expect(baseline, &rate, &stranger, now + MF_DAY).number, 3);
    assert_int_equal(expect(baseline, &rate, &foreign, now + MF_DAY).population, MF_EVERYONE);
    fill(baseline, &both, 60, 10);
    assert_int_equal(expect(baseline, &rate, &both, now + 2 * MF_DAY).population, MF_GROUP);
    mf_baseline_free(baseline);
}

static void priors_stand_still_within_a_day(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(1, NULL);
    struct mf_rate rate = {0};

    (void)state;
    fill(baseline, &anyone, 100, 3);
    struct mf_expectation before = expect(baseline, &rate, &anyone, TODAY + 5 * MF_DAY);
    struct mf_rate busy = {.day = (uint16_t)(TODAY / MF_DAY + 4), .count = 50, .days = 5 * 2048};
    log_in(baseline, &busy, &anyone, TODAY + 4 * MF_DAY, 20, false);
    mf_rate_learn(&busy, baseline, &anyone, TODAY + 5 * MF_DAY, false);
    struct mf_expectation same = expect(baseline, &rate, &anyone, TODAY + 6 * MF_DAY - 1);
    struct mf_expectation next = expect(baseline, &rate, &anyone, TODAY + 6 * MF_DAY);
    assert_true(same.prior_rate == before.prior_rate && same.window[0].mean == before.window[0].mean);
    assert_true(next.prior_rate > before.prior_rate);
    mf_baseline_free(baseline);
}

static void populations_that_find_no_room_are_counted(void **state)
{
    struct mf_baseline *baseline = mf_baseline_new(2, NULL);
    const struct mf_member first = {.group = 1}, second = {.group = 2};

    (void)state;
    fill(baseline, &first, 1, 1);
    assert_int_equal(mf_baseline_turned_away(baseline), 0);
    fill(baseline, &second, 1, 1);
    assert_int_equal(mf_baseline_turned_away(baseline), 2);
    mf_baseline_free(baseline);
}

static void what_is_saved_and_restored_judges_the_same(void **state)
{
    const struct mf_member member = {.group = 7, .country = 49};
    struct mf_baseline *a = mf_baseline_new(8, NULL), *b = mf_baseline_new(8, NULL);
    struct mf_population_record record[8];
    struct mf_rate rate = {0};

    (void)state;
    fill(a, &member, 40, 8);
    assert_int_equal(mf_baseline_save(a, record, 8), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_true(mf_baseline_restore(b, &record[i]));
    for (unsigned day = 10; day < 13; day++) {
        struct mf_expectation x = expect(a, &rate, &member, TODAY + day * MF_DAY);
        struct mf_expectation y = expect(b, &rate, &member, TODAY + day * MF_DAY);
        assert_true(x.known && x.rate == y.rate && x.population == y.population);
        assert_memory_equal(x.window, y.window, sizeof x.window);
    }
    record[0].learning[5] = NAN;
    assert_false(mf_baseline_restore(b, &record[0]));
    record[1].population = 4;
    assert_false(mf_baseline_restore(b, &record[1]));
    record[2].frozen[1] = 0;
    assert_false(mf_baseline_restore(b, &record[2]));
    mf_baseline_free(a);
    mf_baseline_free(b);
}

/* ---- the tail ---- */

static struct mf_expectation model(double mean, double size)
{
    struct mf_expectation e = {.known = true};

    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        e.window[w].mean = mean;
        e.window[w].size = size;
        for (unsigned i = 0; i < MF_TAIL_LEVELS; i++)
            e.window[w].level[i] = 2 + i;
    }
    return e;
}

/* By the gamma function, in long double, from the far end: another way than the code's. */
static double tail_by_gamma(double mean, double size, unsigned earlier)
{
    long double sum = 0, m = mean, s = size;

    for (unsigned j = earlier + 60000; j-- > earlier;) {
        int sign;
        sum += expl(lgammal_r(j + s, &sign) - lgammal_r(s, &sign) - lgammal_r(j + 1.0L, &sign) + s * logl(s / (m + s)) +
                    j * logl(m / (m + s)));
    }
    return (double)log10l(sum);
}

static void the_tail_is_that_of_the_negative_binomial(void **state)
{
    static const double means[] = {0.01, 0.3, 2, 20}, sizes[] = {0.05, 0.5, 1, 3, 40};
    static const unsigned attempts[] = {2, 3, 5, 9, 25, 64};

    (void)state;
    for (unsigned m = 0; m < 4; m++)
        for (unsigned s = 0; s < 5; s++)
            for (unsigned k = 0; k < 6; k++) {
                struct mf_expectation e = model(means[m], sizes[s]);
                double got = mf_baseline_tail_log10(&e, MF_RATE_1_HOUR, attempts[k]);
                assert_true(fabs(got - tail_by_gamma(means[m], sizes[s], attempts[k] - 1)) < 1e-9 * fmax(1, -got));
            }
}

static void the_tail_of_size_one_is_geometric_and_does_not_underflow(void **state)
{
    struct mf_expectation e = model(0.25, 1); /* 1 in 5 goes on */

    (void)state;
    for (unsigned k = 2; k < 400; k++)
        assert_true(fabs(mf_baseline_tail_log10(&e, MF_RATE_15_MIN, k) - (k - 1) * log10(0.2)) < 1e-9 * k);
    assert_true(mf_baseline_tail_log10(&e, MF_RATE_15_MIN, 4000000) == -300);
    assert_true(mf_baseline_tail_log10(&e, MF_RATE_15_MIN, 1) == 0);
    assert_true(mf_baseline_tail_log10(&e, MF_RATE_15_MIN, 0) == 0);
}

static void the_past_of_everyone_makes_a_tail_less_unlikely_never_more(void **state)
{
    struct mf_expectation e = model(0.25, 1);
    double last = 0;

    (void)state;
    e.window[0].level[1] = 2.5;
    e.window[0].level[2] = 2.9;
    e.window[0].level[3] = 3.2;
    for (unsigned k = 2; k < 60; k++) {
        double plain = mf_baseline_tail_log10(&e, 1, k), past = mf_baseline_tail_log10(&e, 0, k);
        assert_true(past >= plain - 1e-12 && past < last);
        last = past;
    }
    assert_true(last < -9); /* beyond the levels the slope of the last two goes on */
}

/* ---- the promise ---- */

static const struct logins_world office = {"office", 2, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0, 0};
static const struct logins_world insist = {"insist", 2, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.3, 0.05, 0.7, 0, 0};
static const struct logins_world unlike = {"unlike", 0.5, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0, 0};

static struct logins *live(const struct logins_world *world, unsigned users, unsigned days, uint64_t seed)
{
    struct logins *logins = logins_new(world, users, seed);

    for (unsigned day = 0; day < days; day++) {
        logins->counting = day >= 60;
        logins_day(logins);
    }
    return logins;
}

/* At most twice the level, and three standard deviations of a count whose hits come in threes, as those of a burst do. */
static void check_level(const struct logins *logins, unsigned window, int level)
{
    double promised = 2 * exp10(-2 - level) * (double)logins->asked;

    if ((double)logins->fired[level][window] > promised + 3 * sqrt(3 * promised))
        fail_msg("%s: %llu of %llu attempts fired below 1e-%d in window %u", logins->world->name,
                 (unsigned long long)logins->fired[level][window], (unsigned long long)logins->asked, 2 + level,
                 window);
}

static void usual_behaviour_is_seldom_called_unusual(void **state)
{
    const struct logins_world *world[] = {&office, &insist, &unlike};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct logins *logins = live(world[i], 500, 220, 1 + i);
        assert_true(logins->asked > 100000 && logins->unknown == 0);
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
            check_level(logins, w, 1);
            check_level(logins, w, 2);
            assert_true(logins->fired[0][w] * 1000 > logins->asked); /* 1e-2 is not 1e-3: it says something */
        }
        logins_free(logins);
    }
}

static void an_attack_on_a_quiet_user_is_unusual_and_the_simpler_rule_sees_fewer(void **state)
{
    struct logins *logins = live(&office, 500, 120, 5);
    unsigned tried = 0, burst = 0, day = 0, simple = 0;

    (void)state;
    for (unsigned i = 0; i < logins->n_users; i++) {
        const struct logins_user *user = &logins->user[i];
        mf_time now = logins->day * MF_DAY + 8 * MF_HOUR;
        if (user->per_day > 1.5 || user->rate.day == 0)
            continue;
        tried++;
        burst += logins_attack(logins, user, now, 8, 2 * MF_MINUTE, 0, -4);
        day += logins_attack(logins, user, now, 20, 40 * MF_MINUTE, 0, -4);
        simple += logins_attack(logins, user, now, 20, 40 * MF_MINUTE, 2, 0);
    }
    assert_true(tried > 100);
    assert_true(burst * 100 >= tried * 99);
    assert_true(day * 100 >= tried * 95);
    assert_true(simple < day);
    logins_free(logins);
}

static void a_change_of_habit_is_learned_in_half_lives(void **state)
{
    struct logins *logins = live(&office, 400, 100, 6);
    double before = 0, share[2] = {0};

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        struct logins_user *user = &logins->user[i];
        before += expect(logins->baseline, &user->rate, &user->member, logins->day * MF_DAY).rate;
        user->per_day *= 3;
    }
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned day = 0; day < 14; day++)
            logins_day(logins);
        for (unsigned i = 0; i < 40; i++)
            share[half] +=
                expect(logins->baseline, &logins->user[i].rate, &logins->user[i].member, logins->day * MF_DAY).rate;
        share[half] = (share[half] / before - 1) / 2; /* of the way from 1 to 3 times */
    }
    assert_true(share[0] > 0.35 && share[0] < 0.6);
    assert_true(share[1] > 0.6 && share[1] < 0.85);
    logins_free(logins);
}

/* ---- threads ---- */

static void *live_in_a_thread(void *baseline)
{
    static const struct mf_member member = {.group = 3, .country = 1};

    for (unsigned i = 0; i < 20; i++)
        fill(baseline, &member, 5, 6);
    return NULL;
}

static void two_threads_teach_what_one_after_the_other_does(void **state)
{
    struct mf_baseline *both = mf_baseline_new(8, NULL), *alone = mf_baseline_new(8, NULL);
    struct mf_population_record x[8], y[8];
    pthread_t thread[2];

    (void)state;
    live_in_a_thread(alone); /* the days are over for the populations: from here on learning is a sum */
    live_in_a_thread(both);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, live_in_a_thread, both), 0);
        live_in_a_thread(alone);
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(mf_baseline_save(both, x, 8), 3);
    assert_int_equal(mf_baseline_save(alone, y, 8), 3);
    for (unsigned p = 0; p < 3; p++)
        for (unsigned i = 0; i < 29; i++)
            assert_true(fabs(x[p].learning[i] - y[p].learning[i]) <= 1e-9 * fabs(y[p].learning[i]));
    mf_baseline_free(both);
    mf_baseline_free(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_within_two_minutes_of_the_first_are_one_attempt),
        cmocka_unit_test(a_window_ends_at_the_present_attempt),
        cmocka_unit_test(a_day_is_over_at_midnight),
        cmocka_unit_test(the_first_day_tells_no_rate_and_silent_days_do),
        cmocka_unit_test(history_halves_in_fourteen_days),
        cmocka_unit_test(a_skipped_day_teaches_nothing),
        cmocka_unit_test(a_day_teaches_at_most_three_times_the_rate_and_three),
        cmocka_unit_test(says_nothing_before_fifty_user_days_and_a_week),
        cmocka_unit_test(the_closest_population_with_enough_days_judges),
        cmocka_unit_test(priors_stand_still_within_a_day),
        cmocka_unit_test(populations_that_find_no_room_are_counted),
        cmocka_unit_test(what_is_saved_and_restored_judges_the_same),
        cmocka_unit_test(the_tail_is_that_of_the_negative_binomial),
        cmocka_unit_test(the_tail_of_size_one_is_geometric_and_does_not_underflow),
        cmocka_unit_test(the_past_of_everyone_makes_a_tail_less_unlikely_never_more),
        cmocka_unit_test(usual_behaviour_is_seldom_called_unusual),
        cmocka_unit_test(an_attack_on_a_quiet_user_is_unusual_and_the_simpler_rule_sees_fewer),
        cmocka_unit_test(a_change_of_habit_is_learned_in_half_lives),
        cmocka_unit_test(two_threads_teach_what_one_after_the_other_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
