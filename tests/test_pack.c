/* tests/test_pack.c
 *
 * Structs as bytes: back they are what they were, whatever is cut or changed cannot lead outside, and what an older
 * format lacks is zero. */

#include "base/pack.h"

#include "base/time.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct part {
    uint16_t a;
    uint8_t b;
};

struct whole {
    uint64_t number;
    uint8_t small;
    bool flag;
    mf_time time, maybe;
    double real;
    float half;
    char text[8];
    uint32_t numbers[4];
    struct part parts[3], one;
    uint32_t later; /* since format 2 */
};

static const struct mf_field part_fields[] = {
    MF_NUMBER(struct part, a),
    MF_NUMBER(struct part, b),
    {0},
};

static const struct mf_field fields[] = {
    MF_NUMBER(struct whole, number),
    MF_NUMBER_MAX(struct whole, small, 5),
    MF_FLAG(struct whole, flag),
    MF_WHEN(struct whole, time),
    MF_WHEN_OR_NONE(struct whole, maybe),
    MF_REAL(struct whole, real),
    MF_REAL(struct whole, half),
    MF_TEXT(struct whole, text),
    MF_NUMBERS(struct whole, numbers),
    MF_PARTS(struct whole, parts, part_fields),
    MF_PART(struct whole, one, part_fields),
    {MF_FIELD_NUMBER, 2, 1, offsetof(struct whole, later), 4, 0, NULL},
    {0},
};

static struct whole some(void)
{
    struct whole whole;

    memset(&whole, 0, sizeof whole);
    whole.number = UINT64_MAX - 7;
    whole.small = 5;
    whole.flag = true;
    whole.time = 1772442000 * MF_SECOND;
    whole.maybe = MF_TIME_NONE;
    whole.real = -0.1;
    whole.half = 3.5f;
    snprintf(whole.text, sizeof whole.text, "alice");
    whole.numbers[1] = 77;
    whole.parts[0].a = 300;
    whole.parts[1].b = 9;
    whole.one.b = 1;
    whole.later = 4;
    return whole;
}

static void what_was_written_is_read_back(void **state)
{
    const struct whole before = some();
    struct whole after;
    unsigned char bytes[256];

    (void)state;
    size_t length = mf_pack(fields, &before, bytes, sizeof bytes);
    memset(&after, 0xff, sizeof after);        /* no member is left over from before */
    memset((char *)&after.parts[0] + 3, 0, 1); /* (padding is nobody's) */
    assert_true(mf_unpack(fields, 2, bytes, length, &after));
    assert_int_equal(after.number, before.number);
    assert_int_equal(after.small, 5);
    assert_true(after.flag);
    assert_true(after.time == before.time && after.maybe == MF_TIME_NONE);
    assert_true(after.real == before.real && after.half == before.half);
    assert_string_equal(after.text, "alice");
    assert_memory_equal(after.numbers, before.numbers, sizeof after.numbers);
    for (unsigned i = 0; i < 3; i++)
        assert_true(after.parts[i].a == before.parts[i].a && after.parts[i].b == before.parts[i].b);
    assert_int_equal(after.one.b, 1);
    assert_int_equal(after.later, 4);
}

static void the_zeros_at_the_end_of_an_array_cost_nothing(void **state)
{
    struct whole whole = some();
    unsigned char bytes[256];

    (void)state;
    size_t two = mf_pack(fields, &whole, bytes, sizeof bytes);
    whole.parts[2].a = 1;
    assert_int_equal(mf_pack(fields, &whole, bytes, sizeof bytes), two + 3);
    whole.numbers[1] = 0;
    assert_int_equal(mf_pack(fields, &whole, bytes, sizeof bytes), two + 3 - 8);
}

static void what_does_not_fit_is_not_written(void **state)
{
    const struct whole whole = some();
    unsigned char bytes[256];

    (void)state;
    size_t length = mf_pack(fields, &whole, bytes, sizeof bytes);
    for (size_t room = 0; room < length; room++) {
        unsigned char *exact = malloc(room + 1); /* a sanitizer sees a byte too many */
        assert_int_equal(mf_pack(fields, &whole, exact, room), 0);
        free(exact);
    }
    assert_int_equal(mf_pack(fields, &whole, bytes, length), length);
}

static void a_record_that_is_cut_or_too_long_is_not_sound(void **state)
{
    const struct whole whole = some();
    struct whole read;
    unsigned char bytes[256] = {0};

    (void)state;
    size_t length = mf_pack(fields, &whole, bytes, sizeof bytes);
    for (size_t cut = 0; cut < length; cut++) {
        unsigned char *exact = malloc(cut + 1);
        memcpy(exact, bytes, cut);
        assert_false(mf_unpack(fields, 2, exact, cut, &read));
        free(exact);
    }
    assert_false(mf_unpack(fields, 2, bytes, length + 1, &read));
}

static void what_an_older_format_lacks_is_zero(void **state)
{
    const struct whole whole = some();
    struct whole read;
    unsigned char bytes[256];

    (void)state;
    size_t length = mf_pack(fields, &whole, bytes, sizeof bytes);
    memset(&read, 0xff, sizeof read);
    assert_true(mf_unpack(fields, 1, bytes, length - 4, &read));
    assert_int_equal(read.later, 0);
    assert_int_equal(read.one.b, 1);
}

static bool is_read(const struct whole *whole)
{
    struct whole read;
    unsigned char bytes[256];

    return mf_unpack(fields, 2, bytes, mf_pack(fields, whole, bytes, sizeof bytes), &read);
}

static void what_is_out_of_bounds_is_not_sound(void **state)
{
    const mf_time bad_times[] = {INT64_MAX, INT64_MIN + 1, -100 * MF_DAY, INT64_C(1) << 60};
    struct whole whole = some();

    (void)state;
    assert_true(is_read(&whole));
    whole.small = 6;
    assert_false(is_read(&whole));
    for (size_t i = 0; i < sizeof bad_times / sizeof bad_times[0]; i++) {
        whole = some();
        whole.time = bad_times[i];
        assert_false(is_read(&whole));
        whole = some();
        whole.maybe = bad_times[i];
        assert_false(is_read(&whole));
    }
    whole = some();
    whole.time = MF_TIME_NONE;
    assert_false(is_read(&whole));
    whole = some();
    whole.real = NAN;
    assert_false(is_read(&whole));
    whole = some();
    whole.half = INFINITY;
    assert_false(is_read(&whole));
}

static void flags_and_texts_are_what_they_say(void **state)
{
    static const struct mf_field flag[] = {MF_FLAG(struct whole, flag), {0}};
    static const struct mf_field text[] = {MF_TEXT(struct whole, text), {0}};
    struct whole read;

    (void)state;
    assert_true(mf_unpack(flag, 1, (const unsigned char *)"\1", 1, &read));
    assert_false(mf_unpack(flag, 1, (const unsigned char *)"\2", 1, &read));
    assert_true(mf_unpack(text, 1, (const unsigned char *)"\7\0abcdefg", 9, &read));
    assert_false(mf_unpack(text, 1, (const unsigned char *)"\10\0abcdefgh", 10, &read)); /* no room for its NUL */
    assert_false(mf_unpack(text, 1, (const unsigned char *)"\3\0a\0c", 5, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(the_zeros_at_the_end_of_an_array_cost_nothing),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(a_record_that_is_cut_or_too_long_is_not_sound),
        cmocka_unit_test(what_an_older_format_lacks_is_zero),
        cmocka_unit_test(what_is_out_of_bounds_is_not_sound),
        cmocka_unit_test(flags_and_texts_are_what_they_say),
    };

    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
