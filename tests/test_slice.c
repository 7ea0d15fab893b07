/* tests/test_slice.c */

#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT(literal) ((struct mf_slice){literal, sizeof literal - 1})

static const struct mf_slice absent = {NULL, 0};

static void of_null_is_absent_and_of_empty_is_not(void **state)
{
    (void)state;
    assert_null(mf_slice_of(NULL).data);
    assert_int_equal(mf_slice_of(NULL).length, 0);
    assert_non_null(mf_slice_of("").data);
    assert_int_equal(mf_slice_of("abc").length, 3);
}

static void equal_means_every_byte(void **state)
{
    (void)state;
    assert_true(mf_slice_equal(TEXT("abc"), TEXT("abc")));
    assert_false(mf_slice_equal(TEXT("abc"), TEXT("abC")));
    assert_false(mf_slice_equal(TEXT("abc"), TEXT("abcd")));
    assert_false(mf_slice_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_true(mf_slice_equal(TEXT(""), absent));
    assert_true(mf_slice_equal(absent, absent));
}

static void nocase_folds_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(mf_slice_equal_nocase(TEXT("AbZz"), TEXT("aBzZ")));
    assert_false(mf_slice_equal_nocase(TEXT("abc"), TEXT("abcd")));
    assert_false(mf_slice_equal_nocase(TEXT("@"), TEXT("`")));
    assert_false(mf_slice_equal_nocase(TEXT("["), TEXT("{")));
    assert_false(mf_slice_equal_nocase(TEXT("\xC3\x84"), TEXT("\xC3\xA4")));
    assert_true(mf_slice_equal_nocase(absent, TEXT("")));
    for (int c = 0; c < 256; c++)
        assert_int_equal((unsigned char)mf_ascii_lower((char)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static void starts_with_a_prefix(void **state)
{
    (void)state;
    assert_true(mf_slice_starts_nocase(TEXT("Push sent"), TEXT("push")));
    assert_true(mf_slice_starts_nocase(TEXT("push"), TEXT("PUSH")));
    assert_true(mf_slice_starts_nocase(TEXT("push"), TEXT("")));
    assert_true(mf_slice_starts_nocase(absent, absent));
    assert_false(mf_slice_starts_nocase(TEXT("pus"), TEXT("push")));
    assert_false(mf_slice_starts_nocase(TEXT("xpush"), TEXT("push")));
}

static void has_a_part_anywhere(void **state)
{
    (void)state;
    assert_true(mf_slice_has_nocase(TEXT("a Push sent"), TEXT("push")));
    assert_true(mf_slice_has_nocase(TEXT("push"), TEXT("push")));
    assert_true(mf_slice_has_nocase(TEXT("pupush"), TEXT("PUSH")));
    assert_true(mf_slice_has_nocase(TEXT("x"), TEXT("")));
    assert_true(mf_slice_has_nocase(absent, TEXT("")));
    assert_false(mf_slice_has_nocase(TEXT("pus"), TEXT("push")));
    assert_false(mf_slice_has_nocase(TEXT("pus h"), TEXT("push")));
    assert_false(mf_slice_has_nocase(absent, TEXT("x")));
    assert_true(mf_slice_has_nocase(TEXT("a\0b"), TEXT("\0B")));
}

/* Parts of all lengths in texts of all lengths, at every place and nearly. */
static void has_a_part_at_every_place(void **state)
{
    static const char parts[] = "qX[~Zq";
    char text[96];

    (void)state;
    for (size_t part = 1; part < sizeof parts; part++)
        for (size_t length = part; length <= sizeof text; length++)
            for (size_t at = 0; at + part <= length; at++) {
                memset(text, '-', sizeof text);
                memcpy(text + at, "Qx[~zQ", part);
                assert_true(mf_slice_has_nocase((struct mf_slice){text, length}, (struct mf_slice){parts, part}));
                text[at + part / 2] ^= 0x40;
                assert_false(mf_slice_has_nocase((struct mf_slice){text, length}, (struct mf_slice){parts, part}));
                text[at + part / 2] ^= 0x40;
                if (at + part == length && at > 0) /* what is behind the end does not count */
                    assert_false(
                        mf_slice_has_nocase((struct mf_slice){text, length - 1}, (struct mf_slice){parts, part}));
            }
    assert_false(mf_slice_has_nocase(TEXT("a text with a brace { in it"), TEXT("[")));
    assert_false(mf_slice_has_nocase(TEXT("a text with ` and \xe1 in it"), TEXT("@")));
}

static void trims_ascii_blanks_at_both_ends(void **state)
{
    (void)state;
    assert_true(mf_slice_equal(mf_slice_trim(TEXT(" \t\r\na b\n ")), TEXT("a b")));
    assert_true(mf_slice_equal(mf_slice_trim(TEXT("a")), TEXT("a")));
    assert_int_equal(mf_slice_trim(TEXT(" \t ")).length, 0);
    assert_non_null(mf_slice_trim(TEXT("  ")).data);
    assert_null(mf_slice_trim(absent).data);
    assert_true(mf_slice_equal(mf_slice_trim(TEXT("\va\xA0")), TEXT("\va\xA0")));
}

static void a_copy_is_cut_between_characters(void **state)
{
    char to[6];

    (void)state;
    mf_slice_copy(to, sizeof to, TEXT("abcde"));
    assert_string_equal(to, "abcde");
    mf_slice_copy(to, sizeof to, TEXT("abcdef"));
    assert_string_equal(to, "abcde");
    mf_slice_copy(to, sizeof to, TEXT("abcd\xc3\xbc"));
    assert_string_equal(to, "abcd");
    mf_slice_copy(to, sizeof to, TEXT("a\0b\0"));
    assert_string_equal(to, "a\x1a"
                            "b\x1a");
    mf_slice_copy(to, sizeof to, mf_slice_of(NULL));
    assert_string_equal(to, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_null_is_absent_and_of_empty_is_not),
        cmocka_unit_test(equal_means_every_byte),
        cmocka_unit_test(nocase_folds_ascii_letters_only),
        cmocka_unit_test(starts_with_a_prefix),
        cmocka_unit_test(has_a_part_anywhere),
        cmocka_unit_test(has_a_part_at_every_place),
        cmocka_unit_test(trims_ascii_blanks_at_both_ends),
        cmocka_unit_test(a_copy_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
