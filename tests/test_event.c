/* tests/test_event.c
 *
 * The names of kinds and factors: profiles, policies and outputs are written with them, so they never change. And which logins
 * are one user. */

#include "read/event.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void names_every_kind_and_finds_it_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MF_N_KINDS; i++) {
        enum mf_kind kind = MF_N_KINDS;

        assert_true(mf_kind_find(mf_slice_of(mf_kind_name((enum mf_kind)i)), &kind));
        assert_int_equal(kind, i);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(mf_kind_name((enum mf_kind)i), mf_kind_name((enum mf_kind)j));
    }
    assert_string_equal(mf_kind_name(MF_MFA_DENIED), "mfa_denied");
    assert_string_equal(mf_kind_name(MF_RISK), "risk");
    assert_string_equal(mf_kind_name(MF_N_KINDS), "unknown");
}

static void names_every_factor_and_finds_it_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MF_N_FACTORS; i++) {
        enum mf_factor factor = MF_N_FACTORS;

        assert_true(mf_factor_find(mf_slice_of(mf_factor_name((enum mf_factor)i)), &factor));
        assert_int_equal(factor, i);
    }
    assert_string_equal(mf_factor_name(MF_FACTOR_VERIFIED_PUSH), "verified_push");
    assert_string_equal(mf_factor_name(MF_FACTOR_NONE), "none");
    assert_string_equal(mf_factor_name(MF_N_FACTORS), "unknown");
}

static void finds_only_exact_names_and_leaves_the_rest_alone(void **state)
{
    static const char *const wrong[] = {"",       "mfa_denie", "mfa_deniedx", "MFA_DENIED", " mfa_denied",
                                        "ignore", "unmapped"};
    enum mf_kind kind = MF_SESSION_END;
    enum mf_factor factor = MF_FACTOR_OTP;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(mf_kind_find(mf_slice_of(wrong[i]), &kind));
        assert_false(mf_factor_find(mf_slice_of(wrong[i]), &factor));
    }
    assert_false(mf_kind_find((struct mf_slice){NULL, 0}, &kind));
    assert_int_equal(kind, MF_SESSION_END);
    assert_int_equal(factor, MF_FACTOR_OTP);
}

static const char *fold(const char *login)
{
    static char user[2][MF_USER_MAX + 1];
    static unsigned n;
    char *out = user[n++ % 2];
    size_t length = 0;

    if (mf_user_fold(mf_slice_of(login), out, &length) != MF_SKIP_NONE)
        return "refused";
    out[length] = '\0';
    return out;
}

/* Nothing is guessed of letters: whoever could make two logins one could hide behind another. */
static void logins_that_look_alike_are_different_users(void **state)
{
    (void)state;
    assert_string_equal(fold("Ren\xC3\xA9@example.com"), fold(" ren\xC3\xA9@EXAMPLE.com\t"));
    assert_string_not_equal(fold("ren\xC3\xA9@example.com"), fold("rene\xCC\x81@example.com")); /* composed or not */
    assert_string_not_equal(fold("ren\xC3\xA9@example.com"), fold("ren\xC3\x89@example.com")); /* only ASCII has case */
    assert_string_not_equal(fold("adam@example.com"), fold("\xD0\xB0"
                                                           "dam@example.com")); /* Cyrillic a */
    assert_string_not_equal(fold("adam@example.com"), fold("\xEF\xBD\x81"
                                                           "dam@example.com")); /* of full width */
    assert_string_not_equal(fold("adam@example.com"), fold("adam"));
    assert_string_not_equal(fold("adam@example.com"), fold("ad\xE2\x80\x8B"
                                                           "am@example.com")); /* with a letter without width */
    assert_string_equal(fold("moc.elpmaxe@\xE2\x80\xAE"
                             "mada"),
                        "refused"); /* turned around */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_kind_and_finds_it_again),
        cmocka_unit_test(names_every_factor_and_finds_it_again),
        cmocka_unit_test(finds_only_exact_names_and_leaves_the_rest_alone),
        cmocka_unit_test(logins_that_look_alike_are_different_users),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
