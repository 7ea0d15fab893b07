/* tests/test_time.c
 *
 * Expected numbers are from `date -u -d ... +%s`, not from our own arithmetic. */

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static const mf_time untouched = 4711;

/* The time, or MF_TIME_NONE when the parser says no. */
static mf_time iso_in(const char *text, mf_time zone)
{
    mf_time time = untouched;

    if (mf_time_parse_iso(mf_slice_of(text), zone, &time))
        return time;
    assert_int_equal(time, untouched);
    return MF_TIME_NONE;
}

static mf_time iso(const char *text)
{
    return iso_in(text, 0);
}

static mf_time epoch(const char *text)
{
    mf_time time = untouched;

    if (mf_time_parse_epoch(mf_slice_of(text), &time))
        return time;
    assert_int_equal(time, untouched);
    return MF_TIME_NONE;
}

static void refuses(const char *text)
{
    if (iso(text) != MF_TIME_NONE)
        fail_msg("accepted: %s", text);
}

static void reads_a_plain_time(void **state)
{
    (void)state;
    assert_int_equal(iso("2026-11-24T09:14:37Z"), 1795511677000);
    assert_int_equal(iso("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(iso("2001-09-09T01:46:40Z"), 1000000000000);
    assert_int_equal(iso("2038-01-19T03:14:08Z"), 2147483648000);
}

static void takes_t_small_t_or_one_blank_between_date_and_time(void **state)
{
    (void)state;
    assert_int_equal(iso("2026-11-24t09:14:37z"), 1795511677000);
    assert_int_equal(iso("2026-11-24 09:14:37Z"), 1795511677000);
    refuses("2026-11-24  09:14:37Z");
    refuses("2026-11-24_09:14:37Z");
    refuses("2026-11-24\t09:14:37Z");
}

static void keeps_to_the_years_1970_to_9999(void **state)
{
    (void)state;
    refuses("1969-12-31T23:59:59Z");
    assert_int_equal(iso("9999-12-31T23:59:59.999Z"), 253402300799999);
    refuses("10000-01-01T00:00:00Z");
    refuses("1969-12-31T23:00:00-02:00"); /* 1970 in UTC, but not as it stands */
    refuses("0000-01-01T00:00:00Z");
    refuses("+2026-11-24T09:14:37Z");
    refuses("-2026-11-24T09:14:37Z");
}

static void an_offset_does_not_lead_out_of_those_years(void **state)
{
    (void)state;
    assert_int_equal(iso("1970-01-01T01:00:00+01:00"), 0);
    refuses("1970-01-01T00:59:59+01:00");
    assert_int_equal(iso("9999-12-31T22:59:59-01:00"), 253402300799000);
    refuses("9999-12-31T23:00:00-01:00");
}

static void knows_how_long_each_month_is(void **state)
{
    static const char last[12][3] = {"31", "28", "31", "30", "31", "30", "31", "31", "30", "31", "30", "31"};
    char text[] = "2025-01-31T00:00:00Z";

    (void)state;
    for (int month = 0; month < 12; month++) {
        text[5] = (char)('0' + (month + 1) / 10);
        text[6] = (char)('0' + (month + 1) % 10);
        memcpy(text + 8, last[month], 2);
        assert_int_not_equal(iso(text), MF_TIME_NONE);
        if (text[9] == '9')
            memcpy(text + 8, "30", 2);
        else
            text[9]++;
        refuses(text);
    }
    refuses("2026-00-10T00:00:00Z");
    refuses("2026-13-10T00:00:00Z");
    refuses("2026-01-00T00:00:00Z");
}

static void knows_leap_years(void **state)
{
    (void)state;
    assert_int_equal(iso("2024-02-29T00:00:00Z"), 1709164800000);
    refuses("2024-02-30T00:00:00Z");
    refuses("2025-02-29T00:00:00Z");
    assert_int_equal(iso("2000-02-29T00:00:00Z"), 951782400000);
    refuses("2100-02-29T00:00:00Z");
    refuses("2200-02-29T00:00:00Z");
    assert_int_equal(iso("2100-03-01T00:00:00Z"), 4107542400000);
    assert_int_equal(iso("2400-02-29T23:59:59Z"), 13574649599000);
}

static void midnight_is_0_and_never_24(void **state)
{
    (void)state;
    assert_int_equal(iso("2026-11-24T23:59:59Z"), 1795564799000);
    refuses("2026-11-24T24:00:00Z");
    assert_int_equal(iso("2026-11-25T00:00:00Z"), 1795564800000);
    assert_int_not_equal(iso("2026-11-24T09:59:37Z"), MF_TIME_NONE);
    refuses("2026-11-24T09:60:37Z");
}

static void reads_a_leap_second_as_the_second_before(void **state)
{
    (void)state;
    assert_int_equal(iso("2016-12-31T23:59:59Z"), 1483228799000);
    assert_int_equal(iso("2016-12-31T23:59:60Z"), 1483228799000);
    assert_int_equal(iso("2016-12-31T23:59:60.250Z"), 1483228799250);
    refuses("2016-12-31T23:59:61Z");
}

static void cuts_fractions_of_up_to_nine_digits_to_milliseconds(void **state)
{
    static const struct {
        const char *fraction;
        int ms;
    } cases[] = {
        {".", 0},        {".4", 400},      {".41", 410},      {".412", 412},      {".4129", 412},
        {".41299", 412}, {".412999", 412}, {".4129999", 412}, {".41299999", 412}, {".412999999", 412},
        {".0", 0},       {".001", 1},      {".0009", 0},      {",412", 412},      {".999999999", 999},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];

        snprintf(text, sizeof text, "2026-11-24T09:14:37%sZ", cases[i].fraction);
        assert_int_equal(iso(text), 1795511677000 + cases[i].ms);
        snprintf(text, sizeof text, "2026-11-24T09:14:37%s", cases[i].fraction);
        assert_int_equal(iso(text), 1795511677000 + cases[i].ms);
    }
    refuses("2026-11-24T09:14:37.4129999990Z");
    refuses("2026-11-24T09:14:37.0000000000");
    refuses("2026-11-24T09:14:37.41.2Z");
    refuses("2026-11-24T09:14:37;412Z");
    refuses("2026-11-24T09:14:37.-12Z");
}

static void takes_offsets_of_up_to_fourteen_hours(void **state)
{
    const mf_time noon = 1795521600000;

    (void)state;
    assert_int_equal(iso("2026-11-24T12:00:00+02:00"), noon - 2 * MF_HOUR);
    assert_int_equal(iso("2026-11-24T12:00:00+0200"), noon - 2 * MF_HOUR);
    assert_int_equal(iso("2026-11-24T12:00:00+02"), noon - 2 * MF_HOUR);
    assert_int_equal(iso("2026-11-24T12:00:00-02:30"), noon + 2 * MF_HOUR + 30 * MF_MINUTE);
    assert_int_equal(iso("2026-11-24T12:00:00-0230"), noon + 2 * MF_HOUR + 30 * MF_MINUTE);
    assert_int_equal(iso("2026-11-24T12:00:00+05:45"), noon - 5 * MF_HOUR - 45 * MF_MINUTE);
    assert_int_equal(iso("2026-11-24T12:00:00.500+00:00"), noon + 500);
    assert_int_equal(iso("2026-11-24T12:00:00-00:00"), noon);
    assert_int_equal(iso("2026-11-24T12:00:00+14:00"), noon - 14 * MF_HOUR);
    assert_int_equal(iso("2026-11-24T12:00:00-14:00"), noon + 14 * MF_HOUR);
    refuses("2026-11-24T12:00:00+14:01");
    refuses("2026-11-24T12:00:00-14:01");
    refuses("2026-11-24T12:00:00+15");
    assert_int_equal(iso("2026-11-24T12:00:00+00:59"), noon - 59 * MF_MINUTE);
    refuses("2026-11-24T12:00:00+00:60");
    refuses("2026-11-24T12:00:00+2:00");
    refuses("2026-11-24T12:00:00+02:0");
    refuses("2026-11-24T12:00:00+02:");
    refuses("2026-11-24T12:00:00+020");
    refuses("2026-11-24T12:00:00+02-00");
    refuses("2026-11-24T12:00:00+");
    assert_int_equal(iso("2026-11-24 12:00:00 +0200"), noon - 2 * MF_HOUR);
    refuses("2026-11-24T12:00:00  +02:00");
    refuses("2026-11-24T12:00:00+02:00 ");
    refuses("2026-11-24T12:00:00ZZ");
    refuses("2026-11-24T12:00:00Z+02:00");
    refuses("2026-11-24T12:00:00 ");
    refuses("2026-11-24T12:00:00 Z");
}

static void takes_the_name_of_utc(void **state)
{
    (void)state;
    assert_int_equal(iso("2026-11-24 12:00:00 UTC"), 1795521600000);
    assert_int_equal(iso("2026-11-24 12:00:00.25 UTC"), 1795521600250);
    assert_int_equal(iso("2026-11-24T12:00:00UTC"), 1795521600000);
    refuses("2026-11-24 12:00:00 CET");
    refuses("2026-11-24 12:00:00  UTC");
    refuses("2026-11-24 12:00:00 UTC+1");
    refuses("2026-11-24 12:00:00 UT");
}

static void without_an_offset_the_zone_that_is_handed_in_applies(void **state)
{
    const mf_time noon = 1795521600000;

    (void)state;
    assert_int_equal(iso_in("2026-11-24T12:00:00", 0), noon);
    assert_int_equal(iso_in("2026-11-24T12:00:00", 2 * MF_HOUR), noon - 2 * MF_HOUR);
    assert_int_equal(iso_in("2026-11-24 12:00:00.25", -5 * MF_HOUR), noon + 5 * MF_HOUR + 250);
    assert_int_equal(iso_in("2026-11-24T12:00:00Z", 2 * MF_HOUR), noon);
    assert_int_equal(iso_in("2026-11-24T12:00:00+01:00", 2 * MF_HOUR), noon - MF_HOUR);
    assert_int_equal(iso_in("2026-11-24T12:00:00", INT64_MIN), MF_TIME_NONE);
    assert_int_equal(iso_in("2026-11-24T12:00:00", INT64_MAX), MF_TIME_NONE);
}

static void refuses_every_other_spelling(void **state)
{
    static const char good[] = "2026-11-24T09:14:37Z";
    char text[sizeof good];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof good; i++) {
        memcpy(text, good, sizeof good);
        text[i] = '/';
        refuses(text);
        text[i] = ':';
        if (good[i] != ':')
            refuses(text);
        if (i < 19) {
            memcpy(text, good, sizeof good);
            text[i] = '\0'; /* cut short */
            refuses(text);
        }
    }
    refuses("");
    refuses("2026-11-24");
    refuses("2026-11-24T09:14Z");
    refuses("20261124T091437Z");
    refuses(" 2026-11-24T09:14:37Z");
    refuses("2026-11-24T09:14:37Z ");
    refuses("\xEF\xBC\x92"
            "026-11-24T09:14:37Z"); /* a full-width digit */
    assert_false(mf_time_parse_iso((struct mf_slice){NULL, 0}, 0, &(mf_time){0}));
    assert_false(mf_time_parse_iso((struct mf_slice){"2026-11-24T09:14:37Z\0", 21}, 0, &(mf_time){0}));
}

static void reads_every_day_as_the_system_calendar_does(void **state)
{
    char text[MF_TIME_TEXT];

    (void)state;
    for (time_t day = 0; day < 2932897; day++) {
        time_t at = day * 86400 + day % 86400;
        struct tm tm;

        gmtime_r(&at, &tm);
        mf_time_format((mf_time)at * 1000 + 7, text);
        if ((text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0' !=
                tm.tm_year + 1900 ||
            (text[5] - '0') * 10 + text[6] - '0' != tm.tm_mon + 1 ||
            (text[8] - '0') * 10 + text[9] - '0' != tm.tm_mday ||
            (text[11] - '0') * 10 + text[12] - '0' != tm.tm_hour ||
            (text[14] - '0') * 10 + text[15] - '0' != tm.tm_min ||
            (text[17] - '0') * 10 + text[18] - '0' != tm.tm_sec || iso(text) != (mf_time)at * 1000 + 7)
            fail_msg("day %ld: %s", (long)day, text);
    }
}

static void writes_utc_with_milliseconds_and_clamps(void **state)
{
    char text[MF_TIME_TEXT];

    (void)state;
    mf_time_format(1795511677412, text);
    assert_string_equal(text, "2026-11-24T09:14:37.412Z");
    mf_time_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    mf_time_format(-1, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    mf_time_format(MF_TIME_NONE, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    mf_time_format(253402300799999, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    mf_time_format(253402300800000, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    mf_time_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void tells_seconds_from_smaller_units_by_magnitude(void **state)
{
    (void)state;
    assert_int_equal(epoch("1795511677"), 1795511677000);
    assert_int_equal(epoch("1795511677412"), 1795511677412);
    assert_int_equal(epoch("1795511677412999"), 1795511677412);
    assert_int_equal(epoch("1795511677412999888"), 1795511677412);
    assert_int_equal(epoch("100000000000"), 100000000000000); /* the last that is seconds */
    assert_int_equal(epoch("1000000000001"), 1000000000001);
    assert_int_equal(epoch("100000000000999"), 100000000000999); /* the last that is milliseconds */
    assert_int_equal(epoch("1000000000001000"), 1000000000001);
    assert_int_equal(epoch("9999999999999999999"), 9999999999999);
    assert_int_equal(epoch("10000000000000000000"), MF_TIME_NONE);
}

static void reads_dates_of_dot_net(void **state)
{
    (void)state;
    assert_int_equal(epoch("/Date(1795511677412)/"), 1795511677412);
    assert_int_equal(epoch("/Date(1795511677)/"), 1795511677000);
    assert_int_equal(epoch("/Date()/"), MF_TIME_NONE);
    assert_int_equal(epoch("/Date(1795511677412)"), MF_TIME_NONE);
    assert_int_equal(epoch("/Date(1795511677412/"), MF_TIME_NONE);
    assert_int_equal(epoch("/date(1795511677412)/"), MF_TIME_NONE);
    assert_int_equal(epoch("/Date(/Date(1795511677412)/)/"), MF_TIME_NONE);
    assert_int_equal(epoch("/Date()"), MF_TIME_NONE);
}

static void refuses_an_epoch_before_2001(void **state)
{
    (void)state;
    assert_int_equal(epoch("999999999"), MF_TIME_NONE);
    assert_int_equal(epoch("1000000000"), 1000000000000);
    assert_int_equal(epoch("100000000001"), MF_TIME_NONE); /* milliseconds of 1973 */
    assert_int_equal(epoch("999999999999"), MF_TIME_NONE);
    assert_int_equal(epoch("1000000000000"), 1000000000000);
    assert_int_equal(epoch("999999999999999"), MF_TIME_NONE);
    assert_int_equal(epoch("1000000000000000"), 1000000000000);
    assert_int_equal(epoch("0"), MF_TIME_NONE);
}

static void reads_a_decimal_fraction_of_an_epoch(void **state)
{
    (void)state;
    assert_int_equal(epoch("1795511677.4"), 1795511677400);
    assert_int_equal(epoch("1795511677.412"), 1795511677412);
    assert_int_equal(epoch("1795511677.412999999"), 1795511677412);
    assert_int_equal(epoch("1795511677.00000000000000000000000000001"), 1795511677000);
    assert_int_equal(epoch("1795511677412.999"), 1795511677412);
    assert_int_equal(epoch("1795511677412999.5"), 1795511677412);
}

static void refuses_an_epoch_that_is_no_plain_decimal_number(void **state)
{
    static const char *const bad[] = {
        "",
        "-1795511677",
        "+1795511677",
        " 1795511677",
        "1795511677 ",
        "1795511677.",
        ".1795511677",
        "1795511677.4.1",
        "1795511677e0",
        "1.795511677e9",
        "1795511677,4",
        "01795511677",
        "0x6b0549fd",
        "1795511677.4Z",
        "17955116a7",
        "NaN",
        "1795511677-4",
        "1_795_511_677",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (epoch(bad[i]) != MF_TIME_NONE)
            fail_msg("accepted: %s", bad[i]);
    assert_false(mf_time_parse_epoch((struct mf_slice){NULL, 0}, &(mf_time){0}));
    assert_false(mf_time_parse_epoch((struct mf_slice){"1795511677\0", 11}, &(mf_time){0}));
}

/* ---- times within a text ---- */

static const mf_time nine = 1772442877412; /* 2026-03-02T09:14:37.412Z */

static mf_time within(const char *text, mf_time zone)
{
    mf_time time = untouched;

    if (mf_time_find_iso(mf_slice_of(text), zone, &time))
        return time;
    assert_int_equal(time, untouched);
    return MF_TIME_NONE;
}

static void finds_the_last_time_in_a_text(void **state)
{
    (void)state;
    assert_int_equal(within("2026-03-02 09:14:37,412 WARN  [x]", 0), nine);
    assert_int_equal(within("<14>1 2026-03-02T09:14:40Z host 2026-03-02 10:14:37.412", MF_HOUR), nine);
    assert_int_equal(within("2026-03-02 09:14:37:412", 0), nine);
    assert_int_equal(within("x=2026-03-02T11:14:37.412+02:00]", 0), nine);
    assert_int_equal(within("(2026-03-02T09:14:37.412Z)", MF_HOUR), nine);
    assert_int_equal(within("2026-03-02 09:14:37.412 - 7", 0), nine);
    assert_int_equal(within("12026-03-02 09:14:37", 0), MF_TIME_NONE);
    assert_int_equal(within("2026-03-02 09:14", 0), MF_TIME_NONE);
    assert_int_equal(within("2026-03-02 09:14:371", 0), MF_TIME_NONE);
    assert_int_equal(within("2026-02-30 09:14:37", 0), MF_TIME_NONE);
    assert_int_equal(within("", 0), MF_TIME_NONE);
}

static void reads_an_hour_of_one_digit(void **state)
{
    mf_time time = 0;

    (void)state;
    assert_true(mf_time_parse_iso(mf_slice_of("2026-03-02T9:14:37.412Z"), 0, &time));
    assert_int_equal(time, 1772442877412);
    assert_true(mf_time_parse_iso(mf_slice_of("2026-03-02 9:14:37"), 0, &time));
    assert_int_equal(time, 1772442877000);
    assert_true(mf_time_parse_iso(mf_slice_of("2026-03-02T0:00:00+01:00"), 0, &time));
    assert_int_equal(time, 1772406000000);
    assert_false(mf_time_parse_iso(mf_slice_of("2026-03-02T:14:37.412Z"), 0, &time));
    assert_false(mf_time_parse_iso(mf_slice_of("2026-03-02T9:14:7.412Z"), 0, &time));
    assert_false(mf_time_parse_iso(mf_slice_of("2026-03-02T9:14:7"), 0, &time));
    assert_false(mf_time_parse_iso(mf_slice_of("2026-03-02Tx:14:37"), 0, &time));
    assert_false(mf_time_parse_iso(mf_slice_of("2026-03-02T09:14:3"), 0, &time));
}

static mf_time slashes(const char *text, mf_time zone)
{
    mf_time time = MF_TIME_NONE;

    if (mf_time_parse_slashes(mf_slice_of(text), zone, &time))
        return time;
    return MF_TIME_NONE;
}

static void reads_dates_with_slashes(void **state)
{
    const mf_time morning = 1772442877000; /* 2026-03-02T09:14:37Z */

    (void)state;
    assert_int_equal(slashes("3/2/2026 9:14:37 AM", 0), morning);
    assert_int_equal(slashes("03/02/2026 09:14:37 am", 0), morning);
    assert_int_equal(slashes("03/02/2026 09:14:37", 0), morning);
    assert_int_equal(slashes("3/2/2026 10:14:37", MF_HOUR), morning);
    assert_int_equal(slashes("3/2/2026 10:14:37 AM +01:00", 0), morning);
    assert_int_equal(slashes("3/2/2026 9:14:37 AM Z", 7 * MF_HOUR), morning);
    assert_int_equal(slashes("3/2/2026 9:14:37 PM", 0), morning + 12 * MF_HOUR);
    assert_int_equal(slashes("3/2/2026 21:14:37", 0), morning + 12 * MF_HOUR);
    assert_int_equal(slashes("3/2/2026 12:14:37 AM", 0), morning - 9 * MF_HOUR);
    assert_int_equal(slashes("3/2/2026 12:14:37 PM", 0), morning + 3 * MF_HOUR);
    assert_int_equal(slashes("12/31/2026 1:00:00 AM", 0), 1798678800000);
}

static void refuses_what_is_no_date_with_slashes(void **state)
{
    static const char *const wrong[] = {
        "",
        "3/2/2026",
        "3/2/2026 9:14 AM",
        "13/2/2026 9:14:37 AM",
        "2/30/2026 9:14:37 AM",
        "3/2/26 9:14:37 AM PM",
        "3/2/2026 13:14:37 PM",
        "3/2/2026 0:14:37 AM",
        "3/2/2026 9:14:37 XM",
        "3/2/2026 9:14:37 AM nonsense",
        "3/2/2026 9:14:37 AMPM",
        "123/2/2026 9:14:37 AM",
        "/2/2026 9:14:37 AM..",
        "3//2026 9:14:37 AM..",
        "3/2/2026 :14:37 AM..",
        "3-2-2026 9:14:37 AM",
        "3/2/2026  9:14:37 AM",
        "3/2/2026 009:14:37 AM",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (slashes(wrong[i], 0) != MF_TIME_NONE)
            fail_msg("%s", wrong[i]);
}

static mf_time month(const char *text, mf_time zone)
{
    mf_time time = untouched;

    if (mf_time_parse_month(mf_slice_of(text), zone, &time))
        return time;
    assert_int_equal(time, untouched);
    return MF_TIME_NONE;
}

static void reads_months_by_name(void **state)
{
    (void)state;
    assert_int_equal(month("Mar 02 2026 09:14:37.412", 0), nine);
    assert_int_equal(month("Mar  2 2026 10:14:37.412", MF_HOUR), nine);
    assert_int_equal(month("mar. 2 2026 09:14:37.412 UTC", MF_HOUR), nine);
    assert_int_equal(month("Mar 02 2026 11:14:37.412 +0200", 0), nine);
    assert_int_equal(month("Dec 31 2026 23:59:59", 0), iso("2026-12-31T23:59:59Z"));
    assert_int_equal(month("Mrz 02 2026 09:14:37", 0), MF_TIME_NONE);
    assert_int_equal(month("Mar 02 09:14:37 2026", 0), MF_TIME_NONE);
    assert_int_equal(month("Feb 30 2026 09:14:37", 0), MF_TIME_NONE);
    assert_int_equal(month("Mar 02 2026 09:14:37 CEST", 0), MF_TIME_NONE);
    assert_int_equal(month("Mar 02 2026 09:14:3", 0), MF_TIME_NONE);
}

static mf_time clock_near(const char *text, mf_time zone, mf_time near)
{
    mf_time time = untouched;

    if (mf_time_find_clock(mf_slice_of(text), zone, near, &time))
        return time;
    assert_int_equal(time, untouched);
    return MF_TIME_NONE;
}

static void takes_the_day_of_a_clock_from_the_arrival(void **state)
{
    (void)state;
    assert_int_equal(clock_near("09:14:37,412 WARN [x]", 0, nine + 5000), nine);
    assert_int_equal(clock_near("10:14:37.412", MF_HOUR, nine), nine);
    assert_int_equal(clock_near("23:59:59", 0, iso("2026-03-02T00:00:01Z")), iso("2026-03-01T23:59:59Z"));
    assert_int_equal(clock_near("00:00:01", 0, iso("2026-03-01T23:59:59Z")), iso("2026-03-02T00:00:01Z"));
    assert_int_equal(clock_near("01:00:00", 14 * MF_HOUR, iso("2026-03-01T11:00:02Z")), iso("2026-03-01T11:00:00Z"));
    assert_int_equal(clock_near("09:14:37", 0, MF_TIME_NONE), MF_TIME_NONE);
    assert_int_equal(clock_near("a:09:14:37", 0, nine), MF_TIME_NONE);
    assert_int_equal(clock_near("09:14:37:412", 0, nine), nine);
    assert_int_equal(clock_near("09:14:37:41:2", 0, nine), MF_TIME_NONE);
    assert_int_equal(clock_near("25:14:37", 0, nine), MF_TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_plain_time),
        cmocka_unit_test(takes_t_small_t_or_one_blank_between_date_and_time),
        cmocka_unit_test(keeps_to_the_years_1970_to_9999),
        cmocka_unit_test(an_offset_does_not_lead_out_of_those_years),
        cmocka_unit_test(knows_how_long_each_month_is),
        cmocka_unit_test(knows_leap_years),
        cmocka_unit_test(midnight_is_0_and_never_24),
        cmocka_unit_test(reads_a_leap_second_as_the_second_before),
        cmocka_unit_test(cuts_fractions_of_up_to_nine_digits_to_milliseconds),
        cmocka_unit_test(takes_offsets_of_up_to_fourteen_hours),
        cmocka_unit_test(takes_the_name_of_utc),
        cmocka_unit_test(without_an_offset_the_zone_that_is_handed_in_applies),
        cmocka_unit_test(refuses_every_other_spelling),
        cmocka_unit_test(reads_every_day_as_the_system_calendar_does),
        cmocka_unit_test(writes_utc_with_milliseconds_and_clamps),
        cmocka_unit_test(tells_seconds_from_smaller_units_by_magnitude),
        cmocka_unit_test(reads_dates_of_dot_net),
        cmocka_unit_test(refuses_an_epoch_before_2001),
        cmocka_unit_test(reads_a_decimal_fraction_of_an_epoch),
        cmocka_unit_test(finds_the_last_time_in_a_text),
        cmocka_unit_test(reads_an_hour_of_one_digit),
        cmocka_unit_test(reads_dates_with_slashes),
        cmocka_unit_test(refuses_what_is_no_date_with_slashes),
        cmocka_unit_test(reads_months_by_name),
        cmocka_unit_test(takes_the_day_of_a_clock_from_the_arrival),
        cmocka_unit_test(refuses_an_epoch_that_is_no_plain_decimal_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
