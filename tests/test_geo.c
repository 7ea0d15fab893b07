/* tests/test_geo.c
 *
 * Places from databases of MaxMind's format, healthy, odd and damaged (src/context/geo.c, tests/geo). */

#include "context/geo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *base(void)
{
    static char text[512];
    const char *top = getenv("MF_SRCDIR");

    snprintf(text, sizeof text, "%s/tests/geo", top == NULL ? "." : top);
    return text;
}

static struct mf_geo *load(const char *city, const char *asn)
{
    struct mf_geo_conf conf = {0};
    struct mf_error error = {""};

    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(city));
    mf_slice_copy(conf.asn, sizeof conf.asn, mf_slice_of(asn));
    struct mf_geo *geo = mf_geo_load(&conf, base(), &error);
    assert_string_equal(error.text, "");
    assert_non_null(geo);
    return geo;
}

static struct mf_geo_place look(const struct mf_geo *geo, struct mf_geo_cache *cache, const char *text)
{
    struct mf_ip ip;
    struct mf_geo_place place;

    assert_true(mf_ip_parse(mf_slice_of(text), &ip));
    mf_geo_look(geo, cache, &ip, &place);
    return place;
}

static void assert_place(struct mf_geo_place place, const char *country, float latitude, uint32_t asn, const char *city)
{
    assert_memory_equal(place.country, country[0] == '\0' ? "\0\0" : country, 2);
    assert_int_equal(place.has_coordinates, latitude != 0);
    assert_true(place.latitude >= latitude && place.latitude <= latitude);
    assert_int_equal(place.asn, asn);
    assert_string_equal(place.city, city);
}

static void reads_nested_and_flat_layouts(void **state)
{
    struct mf_geo *nested = load("nested.mmdb", "asn.mmdb"), *flat = load("flat.mmdb", "");

    (void)state;
    assert_place(look(nested, NULL, "192.0.2.127"), "DE", 52.5f, 64501, "Berlin");
    assert_place(look(nested, NULL, "192.0.2.128"), "", 0, 64501, "");
    assert_place(look(nested, NULL, "2001:db8:1::5"), "FR", 48.5f, 0, "Paris");
    assert_place(look(nested, NULL, "2001:db8:2::5"), "", 0, 0, "");
    assert_place(look(flat, NULL, "192.0.2.1"), "SE", 59.25f, 64500, "Stockholm");
    mf_geo_free(nested);
    mf_geo_free(flat);
    flat = load("flat.mmdb", "asn.mmdb");
    assert_int_equal(look(flat, NULL, "192.0.2.1").asn, 64501);
    mf_geo_free(flat);
}

static void bad_values_are_no_values(void **state)
{
    struct mf_geo *wrong = load("wrong.mmdb", ""), *nested = load("nested.mmdb", "");

    (void)state;
    assert_place(look(wrong, NULL, "192.0.2.1"), "", 0, 0, "");
    assert_place(look(nested, NULL, "198.51.100.1"), "", 0, 0, "");
    assert_place(look(nested, NULL, "198.51.100.200"), "", 0, 0, "");
    mf_geo_free(wrong);
    mf_geo_free(nested);
}

static void v6_in_a_v4_database_and_mapped_v4(void **state)
{
    struct mf_geo *geo = load("v4.mmdb", "");
    struct mf_ip mapped = {6, {[10] = 0xFF, [11] = 0xFF, [12] = 192, [14] = 2, [15] = 1}};
    struct mf_geo_place place;

    (void)state;
    assert_place(look(geo, NULL, "2001:db8:1::5"), "", 0, 0, "");
    mf_geo_look(geo, NULL, &mapped, &place);
    assert_place(place, "DE", 52.5f, 0, "Berlin");
    mf_geo_free(geo);
}

static void own_paths_are_used(void **state)
{
    struct mf_geo_conf conf = {.city = "own.mmdb", .country_path = "my.land", .asn_path = "my.nr"};
    struct mf_geo *geo = mf_geo_load(&conf, base(), NULL);

    (void)state;
    assert_non_null(geo);
    assert_place(look(geo, NULL, "192.0.2.1"), "NO", 0, 64502, "");
    mf_geo_free(geo);
}

static void assert_refused(const char *city, const char *asn, const char *path, const char *part)
{
    struct mf_geo_conf conf = {0};
    struct mf_error error = {""};

    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(city));
    mf_slice_copy(conf.asn, sizeof conf.asn, mf_slice_of(asn));
    mf_slice_copy(conf.country_path, sizeof conf.country_path, mf_slice_of(path));
    assert_null(mf_geo_load(&conf, base(), &error));
    if (strstr(error.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
}

static void says_why_a_file_is_refused(void **state)
{
    (void)state;
    assert_refused("none.mmdb", "", "", "none.mmdb: cannot be opened: No such file");
    assert_refused(".", "", "", "not a regular file");
    assert_refused("/dev/null", "", "", "not a regular file");
    assert_refused("make.pl", "", "", "not a MaxMind-format database");
    assert_refused("asn.mmdb", "", "", "geo.asn takes this one");
    assert_refused("", "nested.mmdb", "", "geo.city takes this one");
    assert_refused("nested.mmdb", "", "a..b", "geo.paths.country: \"a..b\" is not a path");
}

static void a_cache_answers_the_same_and_forgets_another_database(void **state)
{
    struct mf_geo *a = load("nested.mmdb", ""), *b = load("flat.mmdb", "");
    struct mf_geo_cache *cache = mf_geo_cache_new(NULL);

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_place(look(a, cache, "192.0.2.1"), "DE", 52.5f, 0, "Berlin");
        assert_place(look(a, cache, "192.0.2.1"), "DE", 52.5f, 0, "Berlin");
        assert_place(look(b, cache, "192.0.2.1"), "SE", 59.25f, 64500, "Stockholm");
    }
    mf_geo_cache_free(cache);
    mf_geo_free(a);
    mf_geo_free(b);
}

/* ---- damage ---- */

static size_t slurp(char *bytes, size_t size)
{
    char name[600];

    snprintf(name, sizeof name, "%s/nested.mmdb", base());
    FILE *in = fopen(name, "rb");
    assert_non_null(in);
    size_t n = fread(bytes, 1, size, in);
    fclose(in);
    return n;
}

static void spill(const char *name, const char *bytes, size_t size)
{
    FILE *out = fopen(name, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void look_around(const struct mf_geo *geo)
{
    static const char *const at[] = {"192.0.2.1", "198.51.100.1", "198.51.100.200", "2001:db8:1::5", "203.0.113.9"};

    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        look(geo, NULL, at[i]);
}

static void damage_never_crashes(void **state)
{
    char bytes[16384], name[] = "/tmp/mf-geo-XXXXXX";
    size_t size = slurp(bytes, sizeof bytes), opened = 0;
    struct mf_geo_conf conf = {0};

    (void)state;
    close(mkstemp(name));
    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(name));
    for (size_t i = 0; i < 2 * size; i++) {
        char kept = bytes[i / 2];

        bytes[i / 2] = (char)(i % 2 == 0 ? kept ^ 0xFF : kept ^ 0x10);
        spill(name, bytes, size);
        bytes[i / 2] = kept;
        struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
        if (geo != NULL) {
            look_around(geo);
            opened++;
        }
        mf_geo_free(geo);
    }
    assert_true(opened > 0);
    for (size_t length = 0; length < size; length++) {
        spill(name, bytes, length);
        struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
        if (geo != NULL)
            look_around(geo);
        mf_geo_free(geo);
    }
    unlink(name);
}

static void a_file_truncated_after_loading_does_not_matter(void **state)
{
    char bytes[16384], name[] = "/tmp/mf-geo-XXXXXX";
    size_t size = slurp(bytes, sizeof bytes);
    struct mf_geo_conf conf = {0};

    (void)state;
    close(mkstemp(name));
    spill(name, bytes, size);
    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(name));
    struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
    assert_non_null(geo);
    assert_true(mf_geo_memory(geo) > size);
    assert_int_equal(truncate(name, 0), 0);
    assert_place(look(geo, NULL, "192.0.2.1"), "DE", 52.5f, 0, "Berlin");
    unlink(name);
    assert_place(look(geo, NULL, "2001:db8:1::5"), "FR", 48.5f, 0, "Paris");
    mf_geo_free(geo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_nested_and_flat_layouts),
        cmocka_unit_test(bad_values_are_no_values),
        cmocka_unit_test(v6_in_a_v4_database_and_mapped_v4),
        cmocka_unit_test(own_paths_are_used),
        cmocka_unit_test(says_why_a_file_is_refused),
        cmocka_unit_test(a_cache_answers_the_same_and_forgets_another_database),
        cmocka_unit_test(damage_never_crashes),
        cmocka_unit_test(a_file_truncated_after_loading_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
