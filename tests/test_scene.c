/* tests/test_scene.c
 *
 * Lists, directory and databases together (src/context/scene.c): what they say of an event, how they complete it, and
 * what they say of themselves. */

#include "context/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "list_file.h"

#define DURING "2026-03-02T12:00:00Z"

static struct mf_scenery_conf conf;
static struct mf_scenery *scenery;
static struct mf_scene scene;
static struct mf_event event;
static struct list_file file[8];
static unsigned n_files;

static int blank(void **state)
{
    (void)state;
    memset(&conf, 0, sizeof conf);
    memset(&event, 0, sizeof event);
    memset(&scene, 0xa5, sizeof scene);
    scenery = NULL;
    n_files = 0;
    event.time = time_of(DURING);
    event.user = mf_slice_of("ada@example.com");
    return 0;
}

static int tidy(void **state)
{
    (void)state;
    mf_scenery_free(scenery);
    for (unsigned i = 0; i < n_files; i++)
        close(file[i].fd);
    return 0;
}

/* Names a file with this text. */
static void name(char member[MF_TEXT_OPTION], const char *text)
{
    file[n_files] = list_file(text);
    snprintf(member, MF_TEXT_OPTION, "%s", file[n_files++].path);
}

static void name_database(char member[MF_TEXT_OPTION], const char *database)
{
    const char *top = getenv("MF_SRCDIR");

    snprintf(member, MF_TEXT_OPTION, "%s/tests/geo/%s", top == NULL ? "." : top, database);
}

static void load(void)
{
    struct mf_error error = {""};

    scenery = mf_scenery_load(&conf, NULL, &some_key, &error);
    if (scenery == NULL)
        fail_msg("%s", error.text);
}

static struct mf_ip ip_of(const char *text)
{
    struct mf_ip ip = {0};

    assert_true(mf_ip_parse(mf_slice_of(text), &ip));
    return ip;
}

static void look(void)
{
    mf_scenery_look(scenery, NULL, &event, &scene);
}

static void look_from(const char *ip)
{
    event.source = ip_of(ip);
    look();
}

static void is_user(const char *user)
{
    assert_int_equal(event.user.length, strlen(user));
    assert_memory_equal(event.user.data, user, strlen(user));
}

static bool slice_is(struct mf_slice slice, const char *text)
{
    return slice.length == strlen(text) && memcmp(slice.data, text, slice.length) == 0;
}

/* ---- nothing ---- */

static void without_files_nothing_is_said(void **state)
{
    static const struct mf_geo_place nowhere;

    (void)state;
    load();
    event.country[0] = 'D';
    event.country[1] = 'E';
    look_from("198.51.100.7");
    assert_false(scene.ignored || scene.egress || scene.vpn || scene.travel || scene.anonymizer || scene.home);
    assert_false(mf_scene_is_listed(&scene));
    assert_null(scene.person);
    assert_memory_equal(&scene.geo, &nowhere, sizeof nowhere);
    assert_memory_equal(event.country, "DE", 2);
    assert_int_equal(event.asn, 0);
    assert_false(event.has_coordinates);
    assert_int_equal(event.city.length, 0);
    is_user("ada@example.com");
    assert_int_equal(mf_scenery_group(scenery, &scene).length, 0);
    assert_int_equal(mf_scenery_role(scenery, &scene).length, 0);
    mf_scenery_free(NULL);
}

static void an_event_without_an_address_is_looked_at_all_the_same(void **state)
{
    (void)state;
    name(conf.nets.egress, "0.0.0.0/0\n::/0\n");
    name(conf.nets.ignore, "0.0.0.0/0\n::/0\n");
    name(conf.people.directory, "ada@example.com role=admin\n");
    load();
    look();
    assert_false(scene.egress || scene.ignored);
    assert_non_null(scene.person);
}

/* ---- addresses ---- */

static void each_list_of_addresses_says_its_own(void **state)
{
    (void)state;
    name(conf.nets.egress, "192.0.2.0/25\n");
    name(conf.nets.vpn, "192.0.2.128/25\n2001:db8:1::/48\n");
    name(conf.nets.ignore, "198.51.100.1\n");
    name(conf.nets.anonymizer, "203.0.113.0/24\n");
    load();
    look_from("192.0.2.127");
    assert_true(scene.egress && mf_scene_is_listed(&scene));
    assert_false(scene.vpn || scene.ignored || scene.anonymizer);
    look_from("192.0.2.128");
    assert_true(scene.vpn && mf_scene_is_listed(&scene));
    assert_false(scene.egress || scene.ignored || scene.anonymizer);
    look_from("2001:db8:1::9");
    assert_true(scene.vpn);
    look_from("198.51.100.1");
    assert_true(scene.ignored);
    assert_false(scene.egress || scene.vpn || scene.anonymizer || mf_scene_is_listed(&scene));
    look_from("198.51.100.2");
    assert_false(scene.ignored);
    look_from("203.0.113.200");
    assert_true(scene.anonymizer);
    assert_false(mf_scene_is_listed(&scene));
}

static void an_anonymizer_is_told_by_the_idp_a_network_or_an_operator(void **state)
{
    (void)state;
    name(conf.nets.anonymizer, "203.0.113.0/24\nAS64666\n");
    load();
    look_from("198.51.100.7");
    assert_false(scene.anonymizer);
    event.asn = 64666;
    look();
    assert_true(scene.anonymizer);
    event.asn = 64667;
    look();
    assert_false(scene.anonymizer);
    event.proxy = true;
    look();
    assert_true(scene.anonymizer);
}

static void the_operator_may_come_from_a_database(void **state)
{
    (void)state;
    name_database(conf.geo.asn, "asn.mmdb");
    name(conf.nets.anonymizer, "AS64501\n");
    load();
    look_from("192.0.2.1");
    assert_int_equal(event.asn, 64501);
    assert_true(scene.anonymizer);
}

static void an_entry_that_is_over_says_nothing(void **state)
{
    (void)state;
    name(conf.nets.egress, "192.0.2.0/24 until=2026-03-02\n");
    load();
    look_from("192.0.2.1");
    assert_true(scene.egress);
    event.time = time_of("2026-03-02T23:59:59.999Z");
    look();
    assert_true(scene.egress);
    event.time = time_of("2026-03-03T00:00:00Z");
    look();
    assert_false(scene.egress);
}

/* ---- people ---- */

static void an_alias_becomes_the_canonical_login(void **state)
{
    (void)state;
    name(conf.people.directory,
         "ada@example.com alias=EXAMPLE\\ada,ada group=sales,emea role=admin home=DE,AT risk=high\n");
    load();
    event.user = mf_slice_of("example\\ada");
    look();
    is_user("ada@example.com");
    assert_non_null(scene.person);
    assert_true(scene.person->risk_high);
    assert_true(slice_is(mf_scenery_group(scenery, &scene), "sales"));
    assert_true(slice_is(mf_scenery_role(scenery, &scene), "admin"));
    event.user = mf_slice_of("bob");
    look();
    is_user("bob");
    assert_null(scene.person);
    assert_int_equal(mf_scenery_group(scenery, &scene).length, 0);
}

static void home_is_a_country_of_the_directory(void **state)
{
    static const struct {
        const char *country;
        bool home;
    } countries[] = {{"DE", true}, {"AT", true}, {"RO", false}, {"\0\0", false}};

    (void)state;
    name(conf.people.directory, "ada@example.com home=DE,AT\nbob@example.com\n");
    load();
    for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++) {
        memcpy(event.country, countries[i].country, 2);
        look();
        assert_int_equal(scene.home, countries[i].home);
    }
    memcpy(event.country, "DE", 2);
    event.user = mf_slice_of("bob@example.com");
    look();
    assert_false(scene.home);
}

static void a_travel_note_is_about_one_user_country_and_time(void **state)
{
    (void)state;
    name(conf.people.directory, "ada@example.com alias=ada\n");
    name(conf.people.travel, "ada RO,BG from=2026-03-02 until=2026-03-03\n");
    load();
    memcpy(event.country, "RO", 2);
    look();
    assert_true(scene.travel && mf_scene_is_listed(&scene));
    event.user = mf_slice_of("ada");
    look();
    assert_true(scene.travel);
    event.user = mf_slice_of("bob");
    look();
    assert_false(scene.travel || mf_scene_is_listed(&scene));
    event.user = mf_slice_of("ada@example.com");
    memcpy(event.country, "FR", 2);
    look();
    assert_false(scene.travel);
    memset(event.country, 0, 2);
    look();
    assert_false(scene.travel);
    memcpy(event.country, "BG", 2);
    event.time = time_of("2026-03-02T00:00:00Z") - 1;
    look();
    assert_false(scene.travel);
    event.time++;
    look();
    assert_true(scene.travel);
    event.time = time_of("2026-03-04T00:00:00Z");
    look();
    assert_false(scene.travel);
}

static void travel_goes_by_the_country_of_a_database_too(void **state)
{
    (void)state;
    name_database(conf.geo.city, "nested.mmdb");
    name(conf.people.travel, "ada@example.com DE from=2026-03-01 until=2026-03-31\n");
    load();
    look_from("192.0.2.1");
    assert_true(scene.travel);
}

static void a_user_is_ignored_by_login_or_alias(void **state)
{
    (void)state;
    name(conf.people.directory, "svc@example.com alias=svc\n");
    name(conf.people.ignore, "svc\n");
    load();
    event.user = mf_slice_of("svc@example.com");
    look();
    assert_true(scene.ignored);
    event.user = mf_slice_of("svc");
    look();
    assert_true(scene.ignored);
    event.user = mf_slice_of("ada@example.com");
    look();
    assert_false(scene.ignored);
}

/* An address that is not ignored does not bring a user back. */
static void user_and_address_are_ignored_each_by_itself(void **state)
{
    (void)state;
    name(conf.nets.ignore, "198.51.100.1\n");
    name(conf.people.ignore, "svc\n");
    load();
    event.user = mf_slice_of("svc");
    look_from("192.0.2.1");
    assert_true(scene.ignored);
    event.user = mf_slice_of("ada");
    look_from("198.51.100.1");
    assert_true(scene.ignored);
    look_from("192.0.2.1");
    assert_false(scene.ignored);
}

/* ---- places ---- */

static void a_database_completes_what_the_feed_leaves_out(void **state)
{
    (void)state;
    name_database(conf.geo.city, "nested.mmdb");
    name_database(conf.geo.asn, "asn.mmdb");
    load();
    look_from("192.0.2.1");
    assert_memory_equal(event.country, "DE", 2);
    assert_int_equal(event.asn, 64501);
    assert_true(event.has_coordinates);
    assert_true(event.latitude >= 52.5 && event.latitude <= 52.5);
    assert_true(slice_is(event.city, "Berlin"));
    assert_ptr_equal(event.city.data, scene.geo.city); /* lives as long as the scene */
}

static void the_feeds_own_words_go_first(void **state)
{
    (void)state;
    name_database(conf.geo.city, "nested.mmdb");
    name_database(conf.geo.asn, "asn.mmdb");
    load();
    memcpy(event.country, "DE", 2);
    event.asn = 7;
    event.has_coordinates = true;
    event.latitude = 1;
    event.longitude = 2;
    event.city = mf_slice_of("Potsdam");
    look_from("192.0.2.1");
    assert_int_equal(event.asn, 7);
    assert_true(event.latitude >= 1 && event.latitude <= 1);
    assert_true(event.longitude >= 2 && event.longitude <= 2);
    assert_true(slice_is(event.city, "Potsdam"));
}

/* Coordinates in one country and a name of another would make a journey that nobody made. */
static void a_database_of_another_mind_adds_no_spot(void **state)
{
    (void)state;
    name_database(conf.geo.city, "nested.mmdb");
    name_database(conf.geo.asn, "asn.mmdb");
    load();
    memcpy(event.country, "AT", 2);
    look_from("192.0.2.1");
    assert_memory_equal(event.country, "AT", 2);
    assert_false(event.has_coordinates);
    assert_int_equal(event.city.length, 0);
    assert_int_equal(event.asn, 64501);
}

static void the_phones_country_is_completed_too(void **state)
{
    (void)state;
    name_database(conf.geo.city, "nested.mmdb");
    load();
    event.responder = ip_of("192.0.2.1");
    look();
    assert_memory_equal(event.responder_country, "DE", 2);
    assert_memory_equal(event.country, "\0\0", 2);
    memcpy(event.responder_country, "FR", 2);
    look();
    assert_memory_equal(event.responder_country, "FR", 2);
}

static void a_cache_changes_no_answer(void **state)
{
    struct mf_geo_cache *cache = mf_geo_cache_new(NULL);
    struct mf_event fresh;

    (void)state;
    assert_non_null(cache);
    name_database(conf.geo.city, "nested.mmdb");
    load();
    for (unsigned i = 0; i < 3; i++) {
        fresh = event;
        fresh.source = ip_of(i == 1 ? "198.51.100.1" : "192.0.2.1");
        mf_scenery_look(scenery, cache, &fresh, &scene);
        assert_memory_equal(fresh.country, i == 1 ? "\0\0" : "DE", 2);
    }
    mf_geo_cache_free(cache);
}

/* ---- loading ---- */

static void relative_names_are_taken_below_the_base(void **state)
{
    char base[] = "/tmp/mf-scene-XXXXXX", path[64];
    struct mf_error error = {""};
    FILE *out;

    (void)state;
    assert_non_null(mkdtemp(base));
    snprintf(path, sizeof path, "%s/lists", base);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/lists/egress", base);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs("192.0.2.0/24\n", out);
    fclose(out);
    snprintf(conf.nets.egress, sizeof conf.nets.egress, "lists/egress");
    name(conf.people.ignore, "svc\n"); /* absolute: the base says nothing */
    scenery = mf_scenery_load(&conf, base, &some_key, &error);
    assert_string_equal(error.text, "");
    assert_non_null(scenery);
    look_from("192.0.2.1");
    assert_true(scene.egress);
    event.user = mf_slice_of("svc");
    look();
    assert_true(scene.ignored);
    assert_null(mf_scenery_load(&conf, "/nonexistent", &some_key, &error));
    assert_non_null(strstr(error.text, "/nonexistent/lists/egress"));
    unlink(path);
    snprintf(path, sizeof path, "%s/lists", base);
    rmdir(path);
    rmdir(base);
}

/* Refused, with the file's name, the line and a word of what is wrong. */
static void refused(char member[MF_TEXT_OPTION], const char *text, unsigned line, const char *word)
{
    struct mf_error error = {""};
    char begin[64];

    name(member, text);
    assert_null(mf_scenery_load(&conf, NULL, &some_key, &error));
    snprintf(begin, sizeof begin, "%s:%u:", member, line);
    if (strncmp(error.text, begin, strlen(begin)) != 0 || strstr(error.text, word) == NULL)
        fail_msg("\"%s\" does not begin with %s or lacks %s", error.text, begin, word);
    assert_null(mf_scenery_load(&conf, NULL, &some_key, NULL)); /* nobody need ask */
    member[0] = '\0';
}

static void each_file_is_refused_with_its_name_and_line(void **state)
{
    (void)state;
    refused(conf.nets.egress, "192.0.2.0/24\n192.0.2.0/33\n", 2, "/33");
    refused(conf.nets.vpn, "# ours\n\nAS64500\n", 3, "AS64500"); /* only anonymizer knows operators */
    refused(conf.nets.ignore, "nothing\n", 1, "nothing");
    refused(conf.nets.anonymizer, "AS64500\nASx\n", 2, "ASx");
    refused(conf.people.directory, "ada alias=eve\nbob alias=eve\n", 2, "eve");
    refused(conf.people.travel, "ada RO from=2026-03-01 until=2026-03-31\nada RO from=2026-13-01\n", 2, "2026-13-01");
    refused(conf.people.ignore, "svc until=tomorrow\n", 1, "tomorrow");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    char(*const member[])[MF_TEXT_OPTION] = {&conf.nets.egress,     &conf.nets.vpn,         &conf.nets.ignore,
                                             &conf.nets.anonymizer, &conf.people.directory, &conf.people.travel,
                                             &conf.people.ignore,   &conf.geo.city,         &conf.geo.asn};
    struct mf_error error;

    (void)state;
    for (size_t i = 0; i < sizeof member / sizeof member[0]; i++) {
        error.text[0] = '\0';
        snprintf(*member[i], MF_TEXT_OPTION, "/nonexistent/list-%zu", i);
        assert_null(mf_scenery_load(&conf, NULL, &some_key, &error));
        assert_non_null(strstr(error.text, *member[i]));
        (*member[i])[0] = '\0';
    }
}

/* ---- describing ---- */

struct lines {
    unsigned n;
    char text[16][160];
};

static void keep_line(void *context, const char *line)
{
    struct lines *lines = context;

    assert_true(lines->n < 16);
    snprintf(lines->text[lines->n++], sizeof lines->text[0], "%s", line);
}

static void what_is_loaded_is_described_a_line_each(void **state)
{
    struct lines lines = {0};

    (void)state;
    name(conf.nets.egress, "192.0.2.0/24\n\n# old\n198.51.100.0/24 until=2026-03-01\n203.0.113.1 until=2026-02-01\n");
    name(conf.nets.anonymizer, "AS64500\nAS64501\n");
    name(conf.people.directory, "ada\nbob\neve\n");
    name(conf.people.travel, "ada RO from=2026-02-01 until=2026-03-01\n");
    name(conf.people.ignore, "svc until=2026-03-02\nscan\n");
    load();
    mf_scenery_describe(scenery, event.time, keep_line, &lines);
    assert_int_equal(lines.n, 5);
    assert_string_equal(lines.text[0], "nets.egress: 3 entries, 2 expired, the first in line 4");
    assert_string_equal(lines.text[1], "nets.anonymizer: 2 entries");
    assert_string_equal(lines.text[2], "people.directory: 3 entries");
    assert_string_equal(lines.text[3], "people.travel: 1 entries, 1 expired, the first in line 1");
    assert_string_equal(lines.text[4], "people.ignore: 2 entries");
    lines.n = 0;
    mf_scenery_describe(scenery, time_of("2026-03-03T00:00:00Z"), keep_line, &lines);
    assert_string_equal(lines.text[4], "people.ignore: 2 entries, 1 expired, the first in line 1");
}

static void without_files_there_is_nothing_to_describe(void **state)
{
    struct lines lines = {0};

    (void)state;
    load();
    mf_scenery_describe(scenery, event.time, keep_line, &lines);
    assert_int_equal(lines.n, 0);
    assert_int_equal(mf_scenery_geo_failures(scenery), 0);
}

static void what_looks_like_a_mistake_is_remarked(void **state)
{
    struct lines lines = {0};
    char expected[512];

    (void)state;
    name(conf.nets.egress, "192.0.2.0/24\n::/1\n");
    name(conf.nets.vpn, "192.0.2.0/24\n");
    name(conf.people.travel, "# nobody\n");
    load();
    mf_scenery_remark(scenery, &conf, NULL, keep_line, &lines);
    assert_int_equal(lines.n, 2);
    snprintf(expected, sizeof expected, "%s:2: nets.egress covers ::/1,", conf.nets.egress);
    assert_memory_equal(lines.text[0], expected, strlen(expected));
    snprintf(expected, sizeof expected, "%s: people.travel holds no entry", conf.people.travel);
    assert_string_equal(lines.text[1], expected);
}

static void a_list_that_lost_all_its_entries_is_refused_and_one_that_never_had_any_is_not(void **state)
{
    struct mf_scenery *before;
    struct mf_error error = {""};

    (void)state;
    name(conf.nets.egress, "192.0.2.0/24\n");
    name(conf.people.ignore, "");
    load();
    before = scenery;
    assert_int_equal(mf_scenery_check_emptied(before, scenery, &conf, NULL, &error), 0);
    name(conf.nets.egress, "# all gone\n");
    load();
    assert_int_equal(mf_scenery_check_emptied(before, scenery, &conf, NULL, &error), -1);
    assert_non_null(strstr(error.text, conf.nets.egress));
    assert_non_null(strstr(error.text, "nets.egress holds no entry, and held 1 before"));
    assert_int_equal(mf_scenery_check_emptied(scenery, before, &conf, NULL, &error), 0);
    mf_scenery_free(scenery);
    conf.nets.egress[0] = '\0'; /* a list that the policy no longer names is no accident */
    load();
    assert_int_equal(mf_scenery_check_emptied(before, scenery, &conf, NULL, &error), 0);
    mf_scenery_free(before);
}

static void each_file_is_named(void **state)
{
    struct lines lines = {0};

    (void)state;
    snprintf(conf.geo.asn, sizeof conf.geo.asn, "asn.mmdb");
    snprintf(conf.nets.vpn, sizeof conf.nets.vpn, "/lists/vpn");
    snprintf(conf.people.directory, sizeof conf.people.directory, "people");
    mf_scenery_files(&conf, "/etc/base", keep_line, &lines);
    assert_int_equal(lines.n, 3);
    assert_string_equal(lines.text[0], "/etc/base/asn.mmdb");
    assert_string_equal(lines.text[1], "/lists/vpn");
    assert_string_equal(lines.text[2], "/etc/base/people");
    memset(&conf, 0, sizeof conf);
    load();
}

static void memory_grows_with_what_is_loaded(void **state)
{
    size_t empty;

    (void)state;
    load();
    empty = mf_scenery_memory(scenery);
    mf_scenery_free(scenery);
    name(conf.nets.egress, "192.0.2.0/24\n");
    name(conf.people.directory, "ada\n");
    load();
    assert_true(mf_scenery_memory(scenery) > empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, blank, tidy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_files_nothing_is_said),
        TEST(an_event_without_an_address_is_looked_at_all_the_same),
        TEST(each_list_of_addresses_says_its_own),
        TEST(an_anonymizer_is_told_by_the_idp_a_network_or_an_operator),
        TEST(the_operator_may_come_from_a_database),
        TEST(an_entry_that_is_over_says_nothing),
        TEST(an_alias_becomes_the_canonical_login),
        TEST(home_is_a_country_of_the_directory),
        TEST(a_travel_note_is_about_one_user_country_and_time),
        TEST(travel_goes_by_the_country_of_a_database_too),
        TEST(a_user_is_ignored_by_login_or_alias),
        TEST(user_and_address_are_ignored_each_by_itself),
        TEST(a_database_completes_what_the_feed_leaves_out),
        TEST(the_feeds_own_words_go_first),
        TEST(a_database_of_another_mind_adds_no_spot),
        TEST(the_phones_country_is_completed_too),
        TEST(a_cache_changes_no_answer),
        TEST(relative_names_are_taken_below_the_base),
        TEST(each_file_is_refused_with_its_name_and_line),
        TEST(a_file_that_is_not_there_is_named),
        TEST(what_is_loaded_is_described_a_line_each),
        TEST(without_files_there_is_nothing_to_describe),
        TEST(what_looks_like_a_mistake_is_remarked),
        TEST(a_list_that_lost_all_its_entries_is_refused_and_one_that_never_had_any_is_not),
        TEST(each_file_is_named),
        TEST(memory_grows_with_what_is_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
