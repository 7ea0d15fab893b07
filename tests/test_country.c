/* tests/test_country.c */

#include "base/country.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The code of a text, "no" when it is unknown. */
static const char *code_of(const char *text)
{
    static char code[3];

    memcpy(code, "??", 3);
    if (mf_country_code(mf_slice_of(text), code))
        return code;
    assert_string_equal(code, "??");
    return "no";
}

struct expected {
    const char *text, *code;
};

static void check(const struct expected *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(code_of(expected[i].text), expected[i].code) != 0)
            fail_msg("\"%s\" gave %s, not %s", expected[i].text, code_of(expected[i].text), expected[i].code);
}

#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        const struct expected expected[] = {__VA_ARGS__};                                                              \
        check(expected, sizeof expected / sizeof expected[0]);                                                         \
    } while (0)

static void knows_codes_of_two_and_three_letters_in_any_case(void **state)
{
    (void)state;
    CHECK({"DE", "DE"}, {"de", "DE"}, {"De", "DE"}, {"DEU", "DE"}, {"deu", "DE"}, {"USA", "US"}, {"usa", "US"},
          {"GBR", "GB"}, {"AD", "AD"}, {"ZW", "ZW"}, {"ABW", "AW"}, {"ZWE", "ZW"}, {"AND", "AD"}, {"XK", "XK"},
          {"XKX", "XK"}, {"UK", "GB"}, {"uk", "GB"}, {" DE\t", "DE"});
}

static void knows_all_249_codes_of_iso_3166_and_kosovo(void **state)
{
    unsigned two = 0, three = 0;

    (void)state;
    for (char a = 'A'; a <= 'Z'; a++) {
        for (char b = 'A'; b <= 'Z'; b++) {
            two += strcmp(code_of((char[]){a, b, '\0'}), (char[]){a, b, '\0'}) == 0;
            for (char c = 'A'; c <= 'Z'; c++)
                three += strcmp(code_of((char[]){a, b, c, '\0'}), "no") != 0;
        }
    }
    assert_int_equal(two, 250);
    /* alpha-3, and what people write in three letters: BVI, DRC, KSA, PRC, ROK, RSA, UAE */
    assert_int_equal(three, 250 + 7);
}

static void knows_names_as_idps_write_them(void **state)
{
    (void)state;
    CHECK({"Germany", "DE"}, {"GERMANY", "DE"}, {"germany", "DE"}, {"United States", "US"},
          {"United States of America", "US"}, {"The United States of America", "US"}, {"U.S.A.", "US"},
          {"Russia", "RU"}, {"Russian Federation", "RU"}, {"South Korea", "KR"}, {"Korea, Republic of", "KR"},
          {"Korea (Republic of)", "KR"}, {"Korea, the Republic of", "KR"}, {"Republic of Korea", "KR"},
          {"North Korea", "KP"}, {"Korea, Democratic People's Republic of", "KP"}, {"Vietnam", "VN"},
          {"Viet Nam", "VN"}, {"Czechia", "CZ"}, {"Czech Republic", "CZ"}, {"Turkey", "TR"}, {"United Kingdom", "GB"},
          {"Great Britain", "GB"}, {"United Kingdom of Great Britain and Northern Ireland", "GB"},
          {"The Netherlands", "NL"}, {"Netherlands", "NL"}, {"Netherlands, The", "NL"}, {"Hong Kong", "HK"},
          {"Hong Kong SAR China", "HK"}, {"Taiwan", "TW"}, {"Taiwan, Province of China", "TW"}, {"Kosovo", "XK"},
          {"Iran", "IR"}, {"Iran, Islamic Republic of", "IR"}, {"Iran (Islamic Republic of)", "IR"}, {"Bolivia", "BO"},
          {"Bolivia (Plurinational State of)", "BO"}, {"Swaziland", "SZ"}, {"Macedonia", "MK"}, {"Burma", "MM"},
          {"Palestine, State of", "PS"}, {"Vatican City", "VA"}, {"Holy See", "VA"}, {"UAE", "AE"});
}

static void accents_articles_and_signs_make_no_difference(void **state)
{
    (void)state;
    CHECK({"Türkiye", "TR"}, {"TÜRKİYE", "TR"}, {"Turkiye", "TR"}, {"Côte d'Ivoire", "CI"}, {"Côte d’Ivoire", "CI"},
          {"COTE D'IVOIRE", "CI"}, {"Cote d Ivoire", "CI"}, {"Curaçao", "CW"}, {"Curacao", "CW"}, {"CURAÇAO", "CW"},
          {"Réunion", "RE"}, {"Åland Islands", "AX"}, {"Aland Islands", "AX"}, {"São Tomé & Príncipe", "ST"},
          {"Sao Tome and Principe", "ST"}, {"Bosnia & Herzegovina", "BA"}, {"Bosnia and Herzegovina", "BA"},
          {"Bosnia&Herzegovina", "BA"}, {"St. Lucia", "LC"}, {"Saint Lucia", "LC"}, {"ST LUCIA", "LC"},
          {"Bahamas, The", "BS"}, {"The Bahamas", "BS"}, {"Guinea-Bissau", "GW"}, {"Guinea Bissau", "GW"},
          {"Timor-Leste", "TL"}, {"Antigua  and   Barbuda", "AG"}, {"Saint Barthélemy", "BL"});
}

static void names_that_look_alike_stay_apart(void **state)
{
    (void)state;
    CHECK({"Niger", "NE"}, {"Nigeria", "NG"}, {"Guinea", "GN"}, {"Equatorial Guinea", "GQ"}, {"Papua New Guinea", "PG"},
          {"Guyana", "GY"}, {"French Guiana", "GF"}, {"Congo", "CG"}, {"Republic of the Congo", "CG"},
          {"Congo, Democratic Republic of the", "CD"}, {"The Democratic Republic of the Congo", "CD"},
          {"Dominica", "DM"}, {"Dominican Republic", "DO"}, {"Austria", "AT"}, {"Australia", "AU"}, {"Samoa", "WS"},
          {"American Samoa", "AS"}, {"Sudan", "SD"}, {"South Sudan", "SS"}, {"Ireland", "IE"},
          {"Northern Ireland", "GB"}, {"Slovakia", "SK"}, {"Slovenia", "SI"}, {"Georgia", "GE"},
          {"South Georgia and the South Sandwich Islands", "GS"}, {"China", "CN"}, {"Republic of China", "TW"},
          {"People's Republic of China", "CN"}, {"Mali", "ML"}, {"Malta", "MT"}, {"Malawi", "MW"},
          {"Virgin Islands, U.S.", "VI"}, {"Virgin Islands, British", "VG"}, {"Saint Martin (French part)", "MF"},
          {"Sint Maarten (Dutch part)", "SX"});
}

static void says_no_to_everything_else(void **state)
{
    (void)state;
    CHECK({"", "no"}, {" ", "no"}, {"ZZ", "no"}, {"EU", "no"}, {"A1", "no"}, {"XX", "no"}, {"ZZZ", "no"}, {"D", "no"},
          {"D1", "no"}, {"1", "no"}, {"the", "no"}, {"the the", "no"}, {"&", "no"}, {"-", "no"}, {"unknown", "no"},
          {"null", "no"}, {"N/A", "no"}, {"Germanyy", "no"}, {"German", "no"}, {"Germany DE", "no"}, {"Atlantis", "no"},
          {"\xE4\xB8\xAD\xE5\x9B\xBD", "no"}, {"D\xC3", "no"}, {"\xC3", "no"}, {"\xFF\xFE", "no"},
          {"United States of America United States of America United States of America", "no"});
    assert_false(mf_country_code((struct mf_slice){NULL, 0}, (char[2]){0}));
    assert_false(mf_country_code((struct mf_slice){"DE\0", 3}, (char[2]){0}));
    assert_false(mf_country_code((struct mf_slice){"Germany\0", 8}, (char[2]){0}));
}

static void a_text_of_any_length_stays_in_its_buffer(void **state)
{
    char text[200];

    (void)state;
    for (size_t length = 0; length <= sizeof text; length++) {
        memset(text, 'x', sizeof text);
        assert_false(mf_country_code((struct mf_slice){text, length}, (char[2]){0}));
        memset(text, '&', sizeof text);
        assert_false(mf_country_code((struct mf_slice){text, length}, (char[2]){0}));
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = "the saint "[i % 10];
        assert_false(length > 9 && mf_country_code((struct mf_slice){text, length}, (char[2]){0}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_codes_of_two_and_three_letters_in_any_case),
        cmocka_unit_test(knows_all_249_codes_of_iso_3166_and_kosovo),
        cmocka_unit_test(knows_names_as_idps_write_them),
        cmocka_unit_test(accents_articles_and_signs_make_no_difference),
        cmocka_unit_test(names_that_look_alike_stay_apart),
        cmocka_unit_test(says_no_to_everything_else),
        cmocka_unit_test(a_text_of_any_length_stays_in_its_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
