/* tests/test_habits.c
 *
 * Hours, distances, sorts of factors and phones abroad (src/memory/habits.c). */

#include "memory/habits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z, a Monday */
#define MONDAY   ((mf_time)1772409600 * MF_SECOND)
#define FRIDAY   (MONDAY + 4 * MF_DAY)
#define SATURDAY (MONDAY + 5 * MF_DAY)
#define SUNDAY   (MONDAY + 6 * MF_DAY)

static struct mf_habits habits;

static int blank(void **state)
{
    (void)state;
    memset(&habits, 0, sizeof habits);
    return 0;
}

static void accept_times(mf_time time, unsigned n)
{
    struct mf_event event = {.kind = MF_SESSION_START, .time = time};

    for (unsigned i = 0; i < n; i++)
        mf_habits_learn(&habits, &event, false, false);
}

static int share(mf_time time)
{
    return mf_habits_hour_share(&habits, time);
}

/* ---- hours ---- */

static void too_little_says_nothing(void **state)
{
    (void)state;
    accept_times(MONDAY + 9 * MF_HOUR, 6);
    accept_times(MONDAY + 14 * MF_HOUR, 6);
    accept_times(MONDAY + 19 * MF_HOUR, 6);
    accept_times(MONDAY + 22 * MF_HOUR, 1);
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), -1);
    accept_times(MONDAY + 22 * MF_HOUR, 1);
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), 30);
}

static void an_hour_has_neighbours(void **state)
{
    (void)state;
    accept_times(MONDAY + 9 * MF_HOUR, 10);
    accept_times(MONDAY + 10 * MF_HOUR - 1, 2); /* the same hour */
    accept_times(MONDAY + 14 * MF_HOUR, 12);
    assert_int_equal(share(MONDAY + 7 * MF_HOUR), 0);
    assert_int_equal(share(MONDAY + 8 * MF_HOUR - 1), 0);
    assert_int_equal(share(MONDAY + 8 * MF_HOUR), 50);
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), 50);
    assert_int_equal(share(MONDAY + 11 * MF_HOUR - 1), 50);
    assert_int_equal(share(MONDAY + 11 * MF_HOUR), 0);
}

static void midnight_has_neighbours_on_both_sides(void **state)
{
    (void)state;
    accept_times(MONDAY, 10);
    accept_times(MONDAY + 12 * MF_HOUR, 10);
    assert_int_equal(share(FRIDAY - 1), 50); /* 23 h */
    assert_int_equal(share(FRIDAY), 50);
    assert_int_equal(share(FRIDAY + MF_HOUR), 50);
    assert_int_equal(share(FRIDAY + 2 * MF_HOUR), 0);
    assert_int_equal(share(FRIDAY - MF_HOUR - 1), 0); /* 22 h */
}

static void a_weekday_is_no_day_of_the_weekend(void **state)
{
    (void)state;
    accept_times(MONDAY + 9 * MF_HOUR, 15);
    accept_times(SATURDAY + 9 * MF_HOUR, 5);
    for (unsigned day = 0; day < 5; day++)
        assert_int_equal(share(MONDAY + day * MF_DAY + 9 * MF_HOUR), 75);
    assert_int_equal(share(SATURDAY + 9 * MF_HOUR), 25);
    assert_int_equal(share(SUNDAY + 9 * MF_HOUR), 25);
    assert_int_equal(share(SUNDAY + MF_DAY + 9 * MF_HOUR), 75);
}

static void who_comes_at_one_hour_only_is_known_by_it(void **state)
{
    (void)state;
    accept_times(MONDAY + 9 * MF_HOUR, 6);
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), -1);
    for (unsigned i = 0; i < 100; i++) {
        accept_times(MONDAY + 9 * MF_HOUR, 1);
        assert_int_equal(share(MONDAY + 9 * MF_HOUR), 100);
        assert_int_equal(share(MONDAY + 3 * MF_HOUR), 0);
    }
}

static void a_full_hour_halves_all(void **state)
{
    (void)state;
    accept_times(MONDAY + 9 * MF_HOUR, 15);
    accept_times(MONDAY + 20 * MF_HOUR, 15);
    assert_int_equal(share(MONDAY + 20 * MF_HOUR), 50);
    accept_times(MONDAY + 9 * MF_HOUR, 1); /* 15 -> 7, + 1; 15 -> 7 */
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), 53);
    accept_times(MONDAY + 9 * MF_HOUR, 5); /* 13 of 20 */
    assert_int_equal(share(MONDAY + 9 * MF_HOUR), 65);
    assert_int_equal(share(MONDAY + 20 * MF_HOUR), 35);
}

static void old_hours_fade(void **state)
{
    (void)state;
    accept_times(MONDAY + 3 * MF_HOUR, 15);
    assert_int_equal(share(MONDAY + 3 * MF_HOUR), 100);
    for (unsigned i = 0; i < 50; i++)
        for (unsigned hour = 9; hour <= 18; hour += 3)
            accept_times(MONDAY + hour * MF_HOUR, 1);
    assert_int_equal(share(MONDAY + 3 * MF_HOUR), 0);
    assert_true(share(MONDAY + 9 * MF_HOUR) >= 20);
}

/* ---- places ---- */

struct city {
    const char *name;
    double latitude, longitude;
};

static const struct city berlin = {"Berlin", 52.52, 13.405}, paris = {"Paris", 48.8566, 2.3522},
                         new_york = {"New York", 40.7128, -74.006}, tokyo = {"Tokyo", 35.6762, 139.6503},
                         sydney = {"Sydney", -33.8688, 151.2093}, auckland = {"Auckland", -36.8509, 174.7645},
                         honolulu = {"Honolulu", 21.3069, -157.8583}, london = {"London", 51.5074, -0.1278};

static struct mf_event event_in(const struct city *city, mf_time time)
{
    return (struct mf_event){
        .kind = MF_SESSION_START,
        .time = time,
        .has_coordinates = true,
        .latitude = city->latitude,
        .longitude = city->longitude,
    };
}

static double km_between(const struct city *from, const struct city *to)
{
    struct mf_event first = event_in(from, MONDAY), second = event_in(to, MONDAY + 90 * MF_MINUTE);
    double km = -1, hours = -1;
    void *state = NULL;

    blank(&state);
    mf_habits_learn(&habits, &first, false, false);
    assert_true(mf_habits_travelled(&habits, &second, &km, &hours));
    assert_true(hours > 1.4999 && hours < 1.5001);
    return km;
}

/* Great circles, as published; within 0.5 per cent, which the flattening of the earth is worth. */
static void distances_are_those_of_a_great_circle(void **state)
{
    static const struct {
        const struct city *from, *to;
        double km;
    } trips[] = {
        {&berlin, &paris, 878},    {&london, &new_york, 5570},   {&berlin, &new_york, 6385}, {&tokyo, &sydney, 7826},
        {&london, &sydney, 16994}, {&auckland, &honolulu, 7063}, {&tokyo, &honolulu, 6213},
    };

    (void)state;
    for (size_t i = 0; i < sizeof trips / sizeof trips[0]; i++) {
        double km = km_between(trips[i].from, trips[i].to), back = km_between(trips[i].to, trips[i].from);
        if (fabs(km - trips[i].km) > trips[i].km * 0.005)
            fail_msg("%s to %s: %.0f km", trips[i].from->name, trips[i].to->name, km);
        assert_true(fabs(km - back) < 2.5); /* one of them was rounded to hundredths of a degree */
    }
}

static void the_ends_of_the_earth_are_half_its_round_apart(void **state)
{
    static const struct city ends[][2] = {{{"", 90, 0}, {"", -90, 0}},
                                          {{"", 0, 0}, {"", 0, 180}},
                                          {{"", 0, 90}, {"", 0, -90}},
                                          {{"", 45, -180}, {"", -45, 0}}};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        assert_true(fabs(km_between(&ends[i][0], &ends[i][1]) - M_PI * 6371) < 1);
}

static void the_date_line_is_no_distance(void **state)
{
    static const struct city east = {"", 0, 179.99}, west = {"", 0, -179.99}, far_east = {"", 0, 180},
                             far_west = {"", 0, -180};

    (void)state;
    assert_true(fabs(km_between(&east, &west) - 2.224) < 0.01);
    assert_true(km_between(&far_east, &far_west) < 0.001);
    assert_true(km_between(&berlin, &berlin) < 1.2);
}

static void where_a_place_is_not_known_nobody_travelled(void **state)
{
    struct mf_event event = event_in(&berlin, MONDAY);
    double km = -1, hours = -1;

    (void)state;
    assert_false(mf_habits_travelled(&habits, &event, &km, &hours));
    event.has_coordinates = false;
    mf_habits_learn(&habits, &event, false, false);
    event.has_coordinates = true;
    assert_false(mf_habits_travelled(&habits, &event, &km, &hours));
    mf_habits_learn(&habits, &event, false, false);
    assert_true(mf_habits_travelled(&habits, &event, &km, &hours));
    assert_true(hours >= 0 && hours <= 0);
    event.has_coordinates = false;
    assert_false(mf_habits_travelled(&habits, &event, &km, &hours));
    event.has_coordinates = true;
    event.time = MONDAY - 1;
    km = hours = -1;
    assert_false(mf_habits_travelled(&habits, &event, &km, &hours));
    assert_true(km < 0 && hours < 0); /* untouched */
}

static void the_latest_accepted_place_counts_whatever_comes_last(void **state)
{
    struct mf_event late = event_in(&paris, MONDAY - MF_HOUR), event = event_in(&berlin, MONDAY);
    double km, hours;

    (void)state;
    mf_habits_learn(&habits, &event, false, false);
    mf_habits_learn(&habits, &late, false, false);
    assert_true(mf_habits_travelled(&habits, &event, &km, &hours));
    assert_true(km < 1.2);
}

/* A place with values at their very ends, and a time that seconds in 32 bits do not hold. */
static void extreme_values_are_kept_or_left_out_whole(void **state)
{
    static const struct city corners[] = {{"", 90, 180}, {"", -90, -180}, {"", 90, -180}, {"", -90, 180}};
    struct mf_event event = event_in(&berlin, 0), later = event_in(&berlin, MONDAY);
    double km, hours;

    for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++) {
        blank(state);
        struct mf_event corner = event_in(&corners[i], MONDAY);
        mf_habits_learn(&habits, &corner, false, false);
        assert_int_equal(habits.last_place.latitude, corners[i].latitude * 100);
        assert_int_equal(habits.last_place.longitude, corners[i].longitude * 100);
    }
    blank(state);
    mf_habits_learn(&habits, &event, false, false);
    assert_int_equal(habits.last_place.time, 0);
    event.time = ((mf_time)UINT32_MAX + 1) * MF_SECOND;
    mf_habits_learn(&habits, &event, false, false);
    assert_int_equal(habits.last_place.time, 0);
    assert_false(mf_habits_travelled(&habits, &later, &km, &hours));
    event.time = (mf_time)UINT32_MAX * MF_SECOND;
    mf_habits_learn(&habits, &event, false, false);
    assert_int_equal(habits.last_place.time, UINT32_MAX);
}

static void an_answer_of_the_phone_teaches_no_place(void **state)
{
    struct mf_event event = event_in(&berlin, MONDAY);

    (void)state;
    event.answer_source = true;
    mf_habits_learn(&habits, &event, true, false);
    assert_int_equal(habits.last_place.time, 0);
    assert_int_equal(habits.proxy.last, 0);
}

/* ---- factors, proxies, phones ---- */

static bool holds(const struct mf_hours *hours)
{
    return mf_hours_hold(hours, MONDAY, 0, MF_DAY);
}

static void factors_are_strong_weak_or_neither(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MF_N_FACTORS; i++) {
        enum mf_factor factor = (enum mf_factor)i;
        bool strong = factor == MF_FACTOR_VERIFIED_PUSH || factor == MF_FACTOR_FASTPASS || factor == MF_FACTOR_WEBAUTHN;
        bool weak = factor == MF_FACTOR_PUSH || factor == MF_FACTOR_SMS || factor == MF_FACTOR_VOICE;
        struct mf_event event = {.kind = MF_MFA_SUCCESS, .factor = factor, .time = MONDAY};

        blank(state);
        assert_int_equal(mf_factor_is_strong(factor), strong);
        assert_int_equal(mf_factor_is_weak(factor), weak);
        mf_habits_learn(&habits, &event, false, false);
        assert_int_equal(holds(&habits.strong), strong);
        assert_int_equal(holds(&habits.weak), weak);
    }
}

static void only_an_mfa_success_teaches_a_factor(void **state)
{
    struct mf_event event = {.kind = MF_SESSION_START, .factor = MF_FACTOR_PUSH, .time = MONDAY};

    (void)state;
    mf_habits_learn(&habits, &event, false, false);
    event.factor = MF_FACTOR_WEBAUTHN;
    mf_habits_learn(&habits, &event, false, false);
    assert_false(holds(&habits.weak) || holds(&habits.strong));
}

static void proxies_and_phones_abroad_are_noted_when_told(void **state)
{
    struct mf_event event = {.kind = MF_SESSION_START, .time = MONDAY};

    (void)state;
    mf_habits_learn(&habits, &event, false, false);
    assert_false(holds(&habits.proxy) || holds(&habits.apart));
    mf_habits_learn(&habits, &event, true, false);
    assert_true(holds(&habits.proxy));
    assert_false(holds(&habits.apart));
    mf_habits_learn(&habits, &event, false, true);
    assert_true(holds(&habits.apart));
}

static bool apart(const char *login, const char *phone)
{
    struct mf_event event = {0};

    memcpy(event.country, login, 2);
    memcpy(event.responder_country, phone, 2);
    return mf_event_is_apart(&event, "XX"); /* not asked: the record says it */
}

static void a_phone_is_apart_in_another_country(void **state)
{
    struct mf_event answer = {.answer_source = true, .country = {'F', 'R'}, .responder_country = {'D', 'E'}};

    (void)state;
    assert_true(apart("RO", "DE"));
    assert_true(apart("DE", "DK"));
    assert_true(apart("DE", "BE"));
    assert_false(apart("DE", "DE"));
    assert_false(apart("\0\0", "DE"));
    assert_false(apart("DE", "\0\0"));
    assert_true(mf_event_is_apart(&answer, "DE"));
    assert_false(mf_event_is_apart(&answer, "FR"));
    assert_false(mf_event_is_apart(&answer, "\0\0"));
}

#define TEST(name) cmocka_unit_test_setup(name, blank)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(too_little_says_nothing),
        TEST(an_hour_has_neighbours),
        TEST(midnight_has_neighbours_on_both_sides),
        TEST(a_weekday_is_no_day_of_the_weekend),
        TEST(who_comes_at_one_hour_only_is_known_by_it),
        TEST(a_full_hour_halves_all),
        TEST(old_hours_fade),
        TEST(distances_are_those_of_a_great_circle),
        TEST(the_ends_of_the_earth_are_half_its_round_apart),
        TEST(the_date_line_is_no_distance),
        TEST(where_a_place_is_not_known_nobody_travelled),
        TEST(the_latest_accepted_place_counts_whatever_comes_last),
        TEST(extreme_values_are_kept_or_left_out_whole),
        TEST(an_answer_of_the_phone_teaches_no_place),
        TEST(factors_are_strong_weak_or_neither),
        TEST(only_an_mfa_success_teaches_a_factor),
        TEST(proxies_and_phones_abroad_are_noted_when_told),
        TEST(a_phone_is_apart_in_another_country),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
