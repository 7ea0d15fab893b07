/* tests/test_zone.c
 *
 * Zones as the C library has them: the same files, read by somebody else. */

#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct mf_zone zone;

static int init(const char *text)
{
    struct mf_error error = {""};

    return mf_zone_init(&zone, mf_slice_of(text), &error);
}

static mf_time iso(const char *text)
{
    mf_time time = 0;

    assert_true(mf_time_parse_iso(mf_slice_of(text), 0, &time));
    return time;
}

static void takes_a_fixed_distance(void **state)
{
    (void)state;
    assert_int_equal(init("+02:00"), 0);
    assert_true(mf_zone_is_fixed(&zone));
    assert_int_equal(mf_zone_east(&zone, 0), 2 * MF_HOUR);
    assert_int_equal(mf_zone_utc(&zone, iso("2026-03-02T11:14:37Z")), iso("2026-03-02T09:14:37Z"));
    assert_int_equal(init("Z"), 0);
    assert_int_equal(mf_zone_utc(&zone, 5), 5);
}

static void says_what_is_accepted(void **state)
{
    struct mf_error error = {""};

    (void)state;
    assert_int_equal(mf_zone_init(&zone, mf_slice_of("Europe/Atlantis"), &error), -1);
    assert_non_null(strstr(error.text, "\"Europe/Atlantis\" is no time zone; accepted: "));
    assert_int_equal(init(""), -1);
    assert_int_equal(init("../../../etc/passwd"), -1);
    assert_int_equal(init("/etc/passwd"), -1);
    assert_int_equal(init("Europe"), -1);
    assert_int_equal(init("zone1970.tab"), -1);
    assert_int_equal(init("+25:00"), -1);
}

/* The first that the system has not is named: a system without the files has nothing to compare. */
static bool is_there(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (access(path, R_OK) == 0)
        return true;
    printf("# no %s: nothing to compare with\n", path);
    return false;
}

static void compare(const char *name)
{
    const mf_time begin = iso("2001-01-01T00:00:00Z") / MF_SECOND, end = iso("2060-01-01T00:00:00Z") / MF_SECOND;

    if (!is_there(name))
        return;
    assert_int_equal(init(name), 0);
    setenv("TZ", name, 1);
    tzset();
    for (mf_time at = begin; at < end; at += 5003) { /* an odd step, so that all hours of a day are met */
        time_t seconds = (time_t)at;
        struct tm tm;

        localtime_r(&seconds, &tm);
        if (mf_zone_east(&zone, at * MF_SECOND) != tm.tm_gmtoff * MF_SECOND)
            fail_msg("%s at %lld: %lld, not %ld", name, (long long)at, (long long)mf_zone_east(&zone, at * MF_SECOND),
                     tm.tm_gmtoff);
    }
    unsetenv("TZ");
    tzset();
}

static void agrees_with_the_c_library_until_2060(void **state)
{
    (void)state;
    compare("Europe/Berlin");
    compare("America/New_York");
    compare("America/Sao_Paulo");
    compare("Australia/Lord_Howe");
    compare("Asia/Kathmandu");
    compare("Asia/Gaza");
    compare("Africa/Casablanca");
    compare("Europe/Dublin");
    compare("Pacific/Apia");
    compare("UTC");
}

static void comes_back_from_the_wall(void **state)
{
    (void)state;
    if (!is_there("Europe/Berlin"))
        return;
    assert_int_equal(init("Europe/Berlin"), 0);
    assert_false(mf_zone_is_fixed(&zone));
    assert_int_equal(mf_zone_utc(&zone, iso("2026-03-02T10:14:37.412Z")), iso("2026-03-02T09:14:37.412Z"));
    assert_int_equal(mf_zone_utc(&zone, iso("2026-07-02T10:14:37Z")), iso("2026-07-02T08:14:37Z"));
    /* the night when clocks go on, and the one when they go back */
    assert_int_equal(mf_zone_utc(&zone, iso("2026-03-29T01:59:59Z")), iso("2026-03-29T00:59:59Z"));
    assert_int_equal(mf_zone_utc(&zone, iso("2026-03-29T03:00:00Z")), iso("2026-03-29T01:00:00Z"));
    assert_int_equal(mf_zone_utc(&zone, iso("2026-10-25T01:59:59Z")), iso("2026-10-24T23:59:59Z"));
    assert_int_equal(mf_zone_utc(&zone, iso("2026-10-25T03:00:00Z")), iso("2026-10-25T02:00:00Z"));
    for (mf_time t = iso("2026-01-01T00:00:00Z"); t < iso("2027-01-01T00:00:00Z"); t += 17 * MF_MINUTE) {
        mf_time back = mf_zone_utc(&zone, t + mf_zone_east(&zone, t));

        assert_true(back == t || back == t - MF_HOUR || back == t + MF_HOUR);
        assert_int_equal(back + mf_zone_east(&zone, back), t + mf_zone_east(&zone, t));
    }
}

static void refuses_a_file_that_is_cut_or_bent(void **state)
{
    static unsigned char bytes[65536], copy[65536];
    FILE *file;
    size_t length;

    (void)state;
    if (!is_there("America/New_York"))
        return;
    file = fopen("/usr/share/zoneinfo/America/New_York", "rb");
    assert_non_null(file);
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(mf_zone_parse(&zone, bytes, length));
    for (size_t cut = 0; cut < length; cut++) {
        unsigned char *block = malloc(cut + 1);

        assert_non_null(block);
        memcpy(block, bytes, cut);
        assert_false(mf_zone_parse(&zone, block, cut));
        free(block);
    }
    for (size_t at = 0; at < length; at++) { /* whatever comes of it, it stays within bounds */
        memcpy(copy, bytes, length);
        copy[at] ^= 0xFF;
        if (mf_zone_parse(&zone, copy, length))
            mf_zone_utc(&zone, iso("2030-07-02T10:14:37Z"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_fixed_distance),
        cmocka_unit_test(says_what_is_accepted),
        cmocka_unit_test(agrees_with_the_c_library_until_2060),
        cmocka_unit_test(comes_back_from_the_wall),
        cmocka_unit_test(refuses_a_file_that_is_cut_or_bent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
