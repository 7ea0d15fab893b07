/* tests/test_geo.c
 *
 * Places from databases of MaxMind's format, healthy, odd and damaged (src/context/geo.c, tests/geo). */

#include "context/geo.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

static void reads_the_number_that_traits_hold(void **state)
{
    struct mf_geo *geo = load("", "traits.mmdb");

    (void)state;
    assert_place(look(geo, NULL, "192.0.2.1"), "", 0, 64503, "");
    mf_geo_free(geo);
}

/* Exactly the place of the n-th address of edges.mmdb. */
static struct mf_geo_place edge(const struct mf_geo *geo, int n)
{
    char text[32];

    snprintf(text, sizeof text, "192.0.2.%d", n);
    return look(geo, NULL, text);
}

static void assert_at(struct mf_geo_place place, float latitude, float longitude)
{
    assert_true(place.has_coordinates);
    assert_memory_equal(&place.latitude, &latitude, sizeof latitude);
    assert_memory_equal(&place.longitude, &longitude, sizeof longitude);
}

static void coordinates_are_within_the_globe_or_none(void **state)
{
    struct mf_geo *geo = load("edges.mmdb", "");

    (void)state;
    assert_at(edge(geo, 0), 90, 180);
    assert_at(edge(geo, 1), -90, -180);
    for (int n = 2; n <= 9; n++) { /* just beyond, NaN, infinite */
        struct mf_geo_place place = edge(geo, n), none = {0};

        assert_memory_equal(&place, &none, sizeof place);
    }
    assert_at(edge(geo, 10), 5, 6); /* lat, lng */
    assert_at(edge(geo, 11), 5, 7); /* lat, lon */
    assert_false(edge(geo, 12).has_coordinates);
    assert_false(edge(geo, 13).has_coordinates);
    assert_int_equal(mf_geo_failures(geo), 0);
    mf_geo_free(geo);
}

static void names_are_cut_between_characters_and_countries_have_two_letters(void **state)
{
    struct mf_geo *geo = load("edges.mmdb", "");
    char longest[MF_GEO_CITY];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(edge(geo, 14).city, longest);
    assert_string_equal(edge(geo, 15).city, longest);
    longest[sizeof longest - 2] = '\0';
    assert_string_equal(edge(geo, 16).city, longest);
    assert_string_equal(edge(geo, 17).city, "");
    assert_place(edge(geo, 18), "", 0, 0, "");
    assert_place(edge(geo, 19), "AZ", 0, 0, "");
    assert_place(edge(geo, 20), "", 0, 0, "");
    assert_place(edge(geo, 21), "", 0, 0, "");
    mf_geo_free(geo);
}

static void private_addresses_are_nowhere_and_their_neighbours_somewhere(void **state)
{
    static const char *const nowhere[] = {
        "0.0.0.1",         "0.255.255.255",  "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
        "100.127.255.255", "127.0.0.0",      "127.255.255.255", "169.254.0.0",     "169.254.255.255",
        "172.16.0.0",      "172.31.255.255", "192.168.0.0",     "192.168.255.255", "::1",
        "fc00::",          "fdff:ffff::1",   "fe80::",          "febf:ffff::",     "::ffff:10.0.0.1",
    };
    static const char *const somewhere[] = {
        "1.0.0.0",         "9.255.255.255",
        "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",     "126.255.255.255",
        "128.0.0.0",       "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",
        "172.32.0.0",      "192.167.255.255",
        "192.169.0.0",     "::2",
        "fbff:ffff::1",    "fe00::",
        "fe7f:ffff::",     "fec0::",
        "8.8.8.8",         "2001:db8::1",
        "2001:db8::",      "192.0.0.1",
        "::ffff:11.0.0.1",
    };
    struct mf_geo *geo = load("everywhere.mmdb", "");

    (void)state;
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        if (look(geo, NULL, nowhere[i]).country[0] != '\0')
            fail_msg("%s is somewhere", nowhere[i]);
    }
    for (size_t i = 0; i < sizeof somewhere / sizeof *somewhere; i++) {
        if (look(geo, NULL, somewhere[i]).country[0] == '\0')
            fail_msg("%s is nowhere", somewhere[i]);
    }
    mf_geo_free(geo);
}

static void nothing_to_ask_answers_nothing(void **state)
{
    struct mf_geo *geo = load("", "");
    struct mf_ip none = {0};
    struct mf_geo_place place;

    (void)state;
    assert_place(look(geo, NULL, "192.0.2.1"), "", 0, 0, "");
    assert_place(look(NULL, NULL, "192.0.2.1"), "", 0, 0, "");
    mf_geo_free(geo);
    geo = load("everywhere.mmdb", "");
    mf_geo_look(geo, NULL, &none, &place);
    assert_place(place, "", 0, 0, "");
    mf_geo_free(geo);
    assert_int_equal(mf_geo_failures(NULL), 0);
    assert_int_equal(mf_geo_memory(NULL), 0);
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
    assert_int_equal(mf_geo_failures(geo), 0);
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

/* A file name of its own, empty; to be unlinked. */
static void temporary(char name[32])
{
    mf_slice_copy(name, 32, mf_slice_of("/tmp/mf-geo-XXXXXX"));
    int file = mkstemp(name);
    assert_true(file >= 0);
    close(file);
}

static void odd_files_are_refused_by_name(void **state)
{
    char name[32], message[128];

    (void)state;
    temporary(name);
    snprintf(message, sizeof message, "geo.asn: %s: the file is empty", name);
    assert_refused("", name, "", message);
    assert_int_equal(truncate(name, 1), 0);
    assert_refused("", name, "", "not a MaxMind-format database");
    assert_int_equal(truncate(name, ((off_t)2 << 30) + 1), 0); /* nothing but a hole */
    snprintf(message, sizeof message, "geo.asn: %s: larger than 2 GiB", name);
    assert_refused("", name, "", message);
    unlink(name);
    assert_int_equal(mkfifo(name, 0600), 0);
    assert_refused("", name, "", "not a regular file");
    unlink(name);
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

/* malloc hands the same address out again, so that this would go wrong if a cache told objects apart by it. */
static void a_cache_never_answers_for_a_successor(void **state)
{
    struct mf_geo_cache *cache = mf_geo_cache_new(NULL);
    struct mf_geo_conf own = {.city = "own.mmdb", .country_path = "my.land"}, same = {.city = "own.mmdb"};

    (void)state;
    for (int round = 0; round < 3; round++) {
        struct mf_geo *geo = load("nested.mmdb", "");
        assert_string_equal(look(geo, cache, "192.0.2.1").city, "Berlin");
        mf_geo_free(geo);
        geo = load("flat.mmdb", "");
        assert_string_equal(look(geo, cache, "192.0.2.1").city, "Stockholm");
        mf_geo_free(geo);
        geo = load("flat.mmdb", "asn.mmdb");
        assert_int_equal(look(geo, cache, "192.0.2.1").asn, 64501);
        mf_geo_free(geo);
        geo = mf_geo_load(&own, base(), NULL); /* other paths into the same file are another object, too */
        assert_place(look(geo, cache, "192.0.2.1"), "NO", 0, 0, "");
        mf_geo_free(geo);
        geo = mf_geo_load(&same, base(), NULL);
        assert_place(look(geo, cache, "192.0.2.1"), "", 0, 0, "");
        mf_geo_free(geo);
    }
    mf_geo_cache_free(cache);
}

static void a_cache_of_many_addresses_answers_as_the_database_does(void **state)
{
    struct mf_geo *geo = load("everywhere.mmdb", "asn.mmdb");
    struct mf_geo_cache *cache = mf_geo_cache_new(NULL);

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) { /* more than there are slots, each twice */
        uint32_t n = i / 2 * 2654435761u;
        struct mf_ip ip = {i % 4 < 2 ? 4 : 6, {0}};
        struct mf_geo_place with, without;

        memcpy(ip.bytes + (i % 8 < 4 ? 0 : ip.family == 6 ? 12 : 0), &n, sizeof n);
        mf_geo_look(geo, cache, &ip, &with);
        mf_geo_look(geo, NULL, &ip, &without);
        assert_memory_equal(&with, &without, sizeof with);
    }
    mf_geo_cache_free(cache);
    mf_geo_free(geo);
}

/* ---- damage ---- */

static size_t slurp(const char *of, char *bytes, size_t size)
{
    char name[600];

    snprintf(name, sizeof name, "%s/%s", base(), of);
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

/* Loads the bytes as a database and looks around. 0 refused, 1 opened, 2 and damage was met. */
static int try_bytes(const char *name, const char *bytes, size_t size, bool is_asn)
{
    static const char *const at[] = {"192.0.2.1", "198.51.100.1", "198.51.100.200", "2001:db8:1::5", "203.0.113.9"};
    struct mf_geo_conf conf = {0};

    spill(name, bytes, size);
    mf_slice_copy(is_asn ? conf.asn : conf.city, MF_TEXT_OPTION, mf_slice_of(name));
    struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
    if (geo == NULL)
        return 0;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        look(geo, NULL, at[i]);
    int met = mf_geo_failures(geo) > 0 ? 2 : 1;
    mf_geo_free(geo);
    return met;
}

static void damage(const char *of, bool is_asn)
{
    char bytes[16384], name[32];
    size_t size = slurp(of, bytes, sizeof bytes), results[3] = {0};

    temporary(name);
    assert_int_equal(try_bytes(name, bytes, size, is_asn), 1);
    for (size_t i = 0; i < 2 * size; i++) {
        char kept = bytes[i / 2];

        bytes[i / 2] = (char)(i % 2 == 0 ? kept ^ 0xFF : kept ^ 0x10);
        results[try_bytes(name, bytes, size, is_asn)]++;
        bytes[i / 2] = kept;
    }
    assert_true(results[0] > 0 && results[1] > 0 && results[2] > 0);
    for (size_t length = 0; length < size; length++)
        try_bytes(name, bytes, length, is_asn);
    unlink(name);
}

static void damage_to_a_nested_database_never_crashes(void **state)
{
    (void)state;
    damage("nested.mmdb", false);
}

static void damage_to_a_flat_database_never_crashes(void **state)
{
    (void)state;
    damage("flat.mmdb", false);
}

static void damage_to_an_asn_database_never_crashes(void **state)
{
    (void)state;
    damage("asn.mmdb", true);
}

static void a_damaged_record_is_counted_once_for_each_lookup(void **state)
{
    char bytes[16384], name[32];
    size_t size = slurp("flat.mmdb", bytes, sizeof bytes);
    struct mf_geo_conf conf = {0};
    struct mf_geo_cache *cache = mf_geo_cache_new(NULL);
    char *key = memmem(bytes, size,
                       "\x4C"
                       "country_code",
                       13);

    (void)state;
    assert_non_null(key);
    key[13] = (char)(6 << 5 | 28); /* its value is a number of 28 bytes now */
    temporary(name);
    spill(name, bytes, size);
    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(name));
    struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
    assert_non_null(geo);
    for (int i = 0; i < 2; i++) {
        look(geo, cache, "192.0.2.1");
        assert_int_equal(mf_geo_failures(geo), 1);
    }
    look(geo, NULL, "192.0.2.1");
    assert_int_equal(mf_geo_failures(geo), 2);
    look(geo, NULL, "203.0.113.1"); /* not in the database */
    assert_int_equal(mf_geo_failures(geo), 2);
    mf_geo_free(geo);
    mf_geo_cache_free(cache);
    unlink(name);
}

/* ---- threads, and a file that is not left alone ---- */

struct watcher {
    const struct mf_geo *geo;
    struct mf_geo_cache *cache; /* NULL: every look goes to the database */
    unsigned looks, wrong;
    bool is_over;
};

static void *watch(void *context)
{
    struct watcher *watcher = context;

    while (!__atomic_load_n(&watcher->is_over, __ATOMIC_RELAXED)) {
        struct mf_geo_place berlin = look(watcher->geo, watcher->cache, "192.0.2.1");
        struct mf_geo_place paris = look(watcher->geo, watcher->cache, "2001:db8:1::5");

        watcher->wrong += strcmp(berlin.city, "Berlin") != 0 || strcmp(paris.city, "Paris") != 0;
        __atomic_fetch_add(&watcher->looks, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* What may befall a database under a running daemon: truncated, overwritten (cp), replaced (mv), removed. */
static void molest(const char *name, const char *other, const char *bytes, size_t size)
{
    assert_int_equal(truncate(name, 0), 0);
    spill(name, bytes, size);
    spill(name, "garbage", 7);
    spill(other, bytes, size);
    assert_int_equal(rename(other, name), 0);
    assert_int_equal(unlink(name), 0);
    spill(name, bytes, size / 2);
}

static void threads_share_a_database_whose_file_is_molested(void **state)
{
    char bytes[16384], name[32], other[40];
    size_t size = slurp("nested.mmdb", bytes, sizeof bytes);
    struct mf_geo_conf conf = {0};
    struct watcher watchers[3] = {0};
    pthread_t threads[3];

    (void)state;
    temporary(name);
    snprintf(other, sizeof other, "%s.new", name);
    spill(name, bytes, size);
    mf_slice_copy(conf.city, sizeof conf.city, mf_slice_of(name));
    struct mf_geo *geo = mf_geo_load(&conf, NULL, NULL);
    assert_non_null(geo);
    assert_true(mf_geo_memory(geo) > size);
    size = slurp("flat.mmdb", bytes, sizeof bytes);
    for (size_t i = 0; i < 3; i++) {
        watchers[i] = (struct watcher){.geo = geo, .cache = i < 2 ? mf_geo_cache_new(NULL) : NULL};
        assert_int_equal(pthread_create(&threads[i], NULL, watch, &watchers[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) { /* until each has looked often enough */
        do
            molest(name, other, bytes, size);
        while (__atomic_load_n(&watchers[i].looks, __ATOMIC_RELAXED) < 1000);
    }
    for (size_t i = 0; i < 3; i++) {
        __atomic_store_n(&watchers[i].is_over, true, __ATOMIC_RELAXED);
        pthread_join(threads[i], NULL);
        assert_int_equal(watchers[i].wrong, 0);
        mf_geo_cache_free(watchers[i].cache);
    }
    assert_int_equal(mf_geo_failures(geo), 0);
    mf_geo_free(geo);
    unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_nested_and_flat_layouts),
        cmocka_unit_test(reads_the_number_that_traits_hold),
        cmocka_unit_test(coordinates_are_within_the_globe_or_none),
        cmocka_unit_test(names_are_cut_between_characters_and_countries_have_two_letters),
        cmocka_unit_test(private_addresses_are_nowhere_and_their_neighbours_somewhere),
        cmocka_unit_test(nothing_to_ask_answers_nothing),
        cmocka_unit_test(bad_values_are_no_values),
        cmocka_unit_test(v6_in_a_v4_database_and_mapped_v4),
        cmocka_unit_test(own_paths_are_used),
        cmocka_unit_test(odd_files_are_refused_by_name),
        cmocka_unit_test(says_why_a_file_is_refused),
        cmocka_unit_test(a_cache_answers_the_same_and_forgets_another_database),
        cmocka_unit_test(a_cache_never_answers_for_a_successor),
        cmocka_unit_test(a_cache_of_many_addresses_answers_as_the_database_does),
        cmocka_unit_test(damage_to_a_nested_database_never_crashes),
        cmocka_unit_test(damage_to_a_flat_database_never_crashes),
        cmocka_unit_test(damage_to_an_asn_database_never_crashes),
        cmocka_unit_test(a_damaged_record_is_counted_once_for_each_lookup),
        cmocka_unit_test(threads_share_a_database_whose_file_is_molested),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
