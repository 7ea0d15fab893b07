/* tests/test_profile.c
 *
 * Loading profiles: what is wrong with one is said with its place, and everything that the format promises works. */

#include "read/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- profiles in a directory of their own ---- */

static char directory[] = "/tmp/mfatigue-profiles-XXXXXX";

static void path_of(char path[256], const char *file)
{
    snprintf(path, 256, "%s/%s", directory, file);
}

static void write_file(const char *file, const char *text)
{
    char path[256];
    FILE *out;

    path_of(path, file);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void remove_file(const char *file)
{
    char path[256];

    path_of(path, file);
    unlink(path);
}

/* A profile of which the parts can be replaced. */
struct parts {
    const char *head;   /* members before the others */
    const char *fields; /* members of "fields" besides user and time */
    const char *match;
    const char *rules;
};

static void write_profile(const struct parts *parts)
{
    static char text[16384];

    snprintf(text, sizeof text,
             "{\"profile\": \"t\", \"version\": 1, \"idp\": \"test\", \"markers\": [\"event\"],%s\n"
             "\"fields\": {\"user\": \"user\", \"time\": \"time\"%s%s},\n"
             "\"match\": %s,\n"
             "\"rules\": [%s]}\n",
             parts->head == NULL ? "" : parts->head, parts->fields == NULL ? "" : ", ",
             parts->fields == NULL ? "" : parts->fields,
             parts->match == NULL ? "{\"event\": {\"exists\": true}}" : parts->match,
             parts->rules == NULL ? "{\"when\": {\"event\": {\"exists\": true}}, \"kind\": \"mfa_denied\"}"
                                  : parts->rules);
    write_file("t.json", text);
}

static struct mf_profiles *load(struct mf_error *error)
{
    static const char *const names[] = {"t"};

    return mf_profiles_load(directory, names, 1, error);
}

/* The error says `place` ("t.json:3:11: ") and `words`. */
static void fails(const struct parts *parts, const char *place, const char *words)
{
    struct mf_error error = {""};

    write_profile(parts);
    assert_null(load(&error));
    if (strstr(error.text, place) == NULL || strstr(error.text, words) == NULL)
        fail_msg("\"%s\" has no \"%s\" or no \"%s\"", error.text, place, words);
}

/* ---- reading with one ---- */

struct heard {
    unsigned n;
    enum mf_skip skip;
    struct mf_event event; /* of the last reading */
    char user[512], text[512], transaction[512], unmapped[512], member[64], dedup[512];
    enum mf_kind kinds[8];
};

static void copy(char *to, struct mf_slice text)
{
    assert_true(text.length < 512);
    if (text.length > 0)
        memcpy(to, text.data, text.length);
    to[text.length] = '\0';
}

static void listen(void *context, const struct mf_reading *reading)
{
    struct heard *heard = context;

    assert_true(heard->n < 8);
    heard->skip = reading->skip;
    copy(heard->unmapped, reading->unmapped);
    assert_true(reading->member.length < sizeof heard->member);
    copy(heard->member, reading->member);
    if (reading->event != NULL) {
        heard->event = *reading->event;
        heard->kinds[heard->n] = reading->event->kind;
        copy(heard->user, reading->event->user);
        copy(heard->text, reading->event->reason);
        copy(heard->transaction, reading->event->transaction);
        copy(heard->dedup, reading->event->dedup);
    }
    heard->n++;
}

static struct heard heard;

static void hear(const struct parts *parts, const char *message)
{
    struct mf_error error = {""};
    struct mf_reader *reader = mf_reader_new(&mf_record_default_limits, &error);
    struct mf_profiles *profiles;

    write_profile(parts);
    profiles = load(&error);
    if (profiles == NULL)
        fail_msg("%s", error.text);
    assert_non_null(reader);
    memset(&heard, 0, sizeof heard);
    mf_reader_read(reader, profiles, NULL, message, strlen(message), MF_TIME_NONE, listen, &heard);
    mf_reader_free(reader);
    mf_profiles_free(profiles);
}

#define BASE "\"event\": \"e\", \"user\": \"ada\", \"time\": \"2026-03-02T09:14:37Z\""

/* ---- the set ---- */

static void lists_what_there_is_when_a_name_is_wrong(void **state)
{
    static const char *const names[] = {"octa"};
    struct mf_error error;

    (void)state;
    write_profile(&(struct parts){0});
    assert_null(mf_profiles_load(directory, names, 1, &error));
    assert_non_null(strstr(error.text, "no profile \"octa\""));
    assert_non_null(strstr(error.text, "there is: t"));
}

static void refuses_a_directory_without_profiles(void **state)
{
    struct mf_error error;

    (void)state;
    remove_file("t.json");
    assert_null(mf_profiles_load(directory, NULL, 0, &error));
    assert_non_null(strstr(error.text, "there is no profile"));
    assert_null(mf_profiles_load("/nonexistent/profiles", NULL, 0, &error));
    assert_non_null(strstr(error.text, "/nonexistent/profiles"));
}

static void refuses_a_name_that_leaves_the_directory(void **state)
{
    static const char *const names[] = {"../t"};
    struct mf_error error;

    (void)state;
    write_profile(&(struct parts){0});
    assert_null(mf_profiles_load(directory, names, 1, &error));
    assert_non_null(strstr(error.text, "no profile \"../t\""));
}

static void loads_by_name_or_all_in_order_of_names(void **state)
{
    static const char second[] =
        "{\"profile\": \"a\", \"version\": 1, \"idp\": \"other\", \"markers\": [\"mark\"], \"fields\": {\"user\": "
        "\"u\", \"time\": \"t\"},"
        "\"match\": {\"mark\": 1}, \"rules\": [{\"when\": {\"mark\": 1}, \"kind\": \"ignore\"}]}";
    static const char *const names[] = {"t", "a"}, *const twice[] = {"t", "t"};
    struct mf_error error;
    struct mf_profiles *profiles;

    (void)state;
    write_profile(&(struct parts){0});
    write_file("a.json", second);
    write_file("README", "not a profile");
    write_file(".hidden.json", "not a profile");
    profiles = mf_profiles_load(directory, NULL, 0, &error);
    assert_non_null(profiles);
    assert_int_equal(mf_profiles_count(profiles), 2);
    assert_string_equal(mf_profiles_name(profiles, 0), "a");
    assert_string_equal(mf_profiles_name(profiles, 1), "t");
    mf_profiles_free(profiles);
    profiles = mf_profiles_load(directory, names, 2, &error);
    assert_non_null(profiles);
    assert_string_equal(mf_profiles_name(profiles, 0), "t");
    mf_profiles_free(profiles);
    assert_null(mf_profiles_load(directory, twice, 2, &error));
    assert_non_null(strstr(error.text, "named twice"));
    remove_file("a.json");
    remove_file("README");
    remove_file(".hidden.json");
}

static void frees_nothing_without_complaint(void **state)
{
    (void)state;
    mf_profiles_free(NULL);
    mf_reader_free(NULL);
}

/* ---- errors ---- */

static void names_the_place_of_a_syntax_error(void **state)
{
    (void)state;
    fails(&(struct parts){.head = "\n  \"icase_keys\": yes,"}, "t.json:2:17: ", "");
}

static void knows_every_member_and_says_what_was_meant(void **state)
{
    (void)state;
    fails(&(struct parts){.head = "\n \"marker\": [\"x\"],"}, "t.json:2:2: ", "did you mean \"markers\"?");
    fails(&(struct parts){.head = "\n \"whatever\": 1,"}, "t.json:2:2: ", "accepted: profile, version, idp");
    fails(&(struct parts){.head = "\n \"idp\": \"x\","}, "t.json:2:2: ", "stands twice");
    fails(&(struct parts){.fields = "\"actorr\": \"x\""},
          "t.json:2:", "unknown field \"actorr\", did you mean \"actor\"?");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"mfa_deniet\"}"},
          "t.json:4:", "did you mean \"mfa_denied\"?");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"knid\": \"ignore\"}"},
          "t.json:4:", "did you mean \"kind\"?");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}}"}, "t.json:4:", "has no \"kind\"");
    fails(&(struct parts){.rules = "{\"kind\": \"ignore\"}"}, "t.json:4:", "has no \"when\"");
    fails(&(struct parts){.match = "{\"event\": {\"exist\": true}}"}, "t.json:3:", "did you mean \"exists\"?");
}

static void checks_the_head(void **state)
{
    struct mf_error error;

    (void)state;
    write_file("t.json", "{\"profile\": \"u\", \"version\": 1}");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "t.json:1:13: the profile must call itself \"t\""));
    write_file("t.json", "{\"profile\": \"t\", \"version\": 2}");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "t.json:1:29: \"version\" of the format: 1 is accepted"));
    write_file("t.json", "{\"profile\": \"t\", \"version\": 1, \"idp\": \"x\", \"markers\": [\"abc\"]}");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "a marker has 4 to 64 printable ASCII characters, which \"abc\" has not"));
    write_file("t.json", "{\"profile\": \"t\", \"version\": 1, \"idp\": \"\"}");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "\"idp\" must be a text, and not empty"));
    write_file("t.json", "[]");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "t.json:1:1: profile must be an object"));
    write_file("t.json", "{}");
    assert_null(load(&error));
    assert_non_null(strstr(error.text, "has no \"profile\""));
}

static void checks_words_against_their_fields(void **state)
{
    (void)state;
    fails(&(struct parts){.fields = "\"factor\": \"f\""}, "t.json:2:", "\"factor\" needs a \"map\"");
    fails(&(struct parts){.fields = "\"factor\": {\"path\": \"f\", \"map\": \"factors\"}",
                          .head = "\"maps\": {\"factor\": {\"*\": \"other\"}},"},
          "t.json:2:", "did you mean \"factor\"?");
    fails(&(struct parts){.fields = "\"factor\": {\"path\": \"f\", \"map\": {\"x\": \"pusj\"}}"},
          "t.json:2:", "did you mean \"push\"?");
    fails(&(struct parts){.fields = "\"prompts\": {\"path\": \"f\", \"map\": {\"x\": 2}}"},
          "t.json:2:", "\"prompts\" is 0 or 1");
    fails(&(struct parts){.fields = "\"source\": {\"path\": \"f\", \"map\": {\"x\": 2}}"},
          "t.json:2:", "\"map\" is for");
    fails(&(struct parts){.fields = "\"reason\": {\"path\": \"f\", \"time\": \"epoch\"}"},
          "t.json:2:", "\"time\" is for");
    fails(&(struct parts){.fields = "\"source\": {\"path\": \"f\", \"default\": \"x\"}"},
          "t.json:2:", "\"default\" is for");
    fails(&(struct parts){.fields = "\"source\": {\"path\": \"f\", \"fold\": true}"}, "t.json:2:", "\"fold\" is for");
    fails(&(struct parts){.fields = "\"reason\": {\"path\": \"f\", \"map\": {\"x\": \"1\", \"X\": \"2\"}}"},
          "t.json:2:", "stands twice in the map");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"set\": {\"factor\": \"smss\"}}"},
          "t.json:4:", "did you mean \"sms\"?");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"set\": {\"time\": \"now\"}}"},
          "t.json:4:", "cannot be a constant");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"set\": {\"prompts\": 3}}"},
          "t.json:4:", "0 or 1");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"drop\": \"user\"}"},
          "t.json:4:", "all fields but user and time");
    fails(&(struct parts){.head = "\"dedup\": \"source\","}, "t.json:1:", "takes texts, time, user and factor");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"once\": true}"},
          "t.json:4:", "is for rules with");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"ignore\", \"also\": true}"},
          "t.json:4:", "makes no sense");
}

static void says_what_a_feed_can_and_cannot_express(void **state)
{
    const struct mf_ability *ability;
    struct mf_profiles *profiles;
    struct mf_error error = {""};

    (void)state;
    write_profile(&(struct parts){
        .head = "\"cannot\": [{\"what\": [\"mfa_timeout\", \"push\", \"source\"], \"why\": \"no word for it\"},"
                "             {\"what\": \"mfa_denied\", \"why\": \"of some\", \"partly\": true}],"
                "\"enable\": [{\"what\": [\"session_start\", \"asn\"], \"how\": \"turn it on\"}],",
        .fields = "\"factor\": {\"path\": \"how\", \"map\": {\"a\": \"sms\", \"*\": \"other\"}}"});
    profiles = load(&error);
    assert_string_equal(error.text, "");
    assert_non_null(profiles);
    ability = mf_profiles_ability(profiles, 0);
    assert_true(mf_slice_equal(mf_profiles_idp(profiles, 0), mf_slice_of("test")));
    assert_int_equal(ability->kinds, 1U << MF_MFA_DENIED);
    assert_int_equal(ability->factors, 1U << MF_FACTOR_SMS | 1U << MF_FACTOR_OTHER);
    assert_int_equal(ability->n_limits, 2);
    assert_int_equal(ability->n_remedies, 1);
    assert_int_equal(ability->remedy[0].kinds, 1U << MF_SESSION_START);
    assert_true(mf_slice_equal(ability->remedy[0].name[1], mf_slice_of("asn")));
    assert_true(mf_slice_equal(ability->remedy[0].why, mf_slice_of("turn it on")));
    assert_int_equal(ability->limit[0].n, 3);
    assert_true(mf_slice_equal(ability->limit[0].name[2], mf_slice_of("source")));
    assert_int_equal(ability->limit[0].kinds, 1U << MF_MFA_TIMEOUT);
    assert_int_equal(ability->limit[0].factors, 1U << MF_FACTOR_PUSH);
    assert_false(ability->limit[0].partly);
    assert_true(mf_slice_equal(ability->limit[0].why, mf_slice_of("no word for it")));
    assert_int_equal(ability->limit[1].kinds, 1U << MF_MFA_DENIED);
    assert_true(ability->limit[1].partly);
    mf_profiles_free(profiles);
}

static void refuses_a_limit_that_is_none(void **state)
{
    (void)state;
    fails(&(struct parts){.head = "\"cannot\": [{\"what\": \"mfa_denied\", \"why\": \"x\"}],"},
          "t.json:1:", "a rule gives \"mfa_denied\"");
    fails(&(struct parts){.head = "\"cannot\": [{\"what\": \"mfa_timeout\"}],"}, "t.json:1:", "has no \"why\"");
    fails(&(struct parts){.head = "\"cannot\": [{\"what\": [], \"why\": \"x\"}],"}, "t.json:1:", "a list of 1 to");
    fails(&(struct parts){.head = "\"enable\": [{\"what\": \"mfa_timeout\"}],"}, "t.json:1:", "has no \"how\"");
    fails(&(struct parts){.head = "\"enable\": [{\"what\": \"sesion\", \"how\": \"x\"}],"},
          "t.json:1:", "did you mean \"session\"?");
    fails(&(struct parts){.head = "\"cannot\": [{\"what\": \"mfa_timeuot\", \"why\": \"x\"}],"},
          "t.json:1:", "did you mean \"mfa_timeout\"?");
}

static void checks_paths_and_what_they_count_from(void **state)
{
    (void)state;
    fails(&(struct parts){.fields = "\"reason\": \"a..b\""}, "t.json:2:", "a..b");
    fails(&(struct parts){.fields = "\"reason\": \"a[\""}, "t.json:2:", "a[");
    fails(&(struct parts){.fields = "\"reason\": 7"}, "t.json:2:", "a path is a text");
    fails(&(struct parts){.fields = "\"reason\": []"}, "t.json:2:", "a list of 1 to 16 paths");
    fails(&(struct parts){.fields = "\"reason\": \"@.x\""}, "t.json:2:", "only rules with \"foreach\"");
    fails(&(struct parts){.rules = "{\"foreach\": \"a[*]\", \"when\": {\"@x\": 1}, \"kind\": \"risk\"}"},
          "t.json:4:", "stands alone or before");
    fails(&(struct parts){.fields = "\"reason\": [[\"a\",\"b\",\"c\",\"d\",\"e\"]]"}, "t.json:2:", "at most 4 paths");
    fails(&(struct parts){.head = "\"keep\": [\"x\"],"}, "t.json:1:", "\"keep\" is for profiles with \"lift\"");
}

static void checks_conditions(void **state)
{
    (void)state;
    fails(&(struct parts){.match = "{}"}, "t.json:3:", "empty condition");
    fails(&(struct parts){.match = "[]"}, "t.json:3:", "must be an object");
    fails(&(struct parts){.match = "{\"event\": []}"}, "t.json:3:", "a list of 1 to");
    fails(&(struct parts){.match = "{\"event\": \"\"}"}, "t.json:3:", "not empty");
    fails(&(struct parts){.match = "{\"event\": {\"exists\": 1}}"}, "t.json:3:", "true or false");
    fails(&(struct parts){.match = "{\"any\": []}"}, "t.json:3:", "1 to 64 conditions");
    fails(&(struct parts){.match = "{\"$reason\": \"x\"}"}, "t.json:3:", "unknown named value");
    fails(&(struct parts){.fields = "\"reason\": \"r\"", .match = "{\"$reasom\": \"x\"}"},
          "t.json:3:", "did you mean \"reason\"?");
    fails(&(struct parts){.match = "{\"any\": [{\"any\": [{\"any\": [{\"any\": [{\"any\": [{\"a\": 1}]}]}]}]}]}"},
          "t.json:3:", "nest at most 4 deep");
    fails(&(struct parts){.match = "{\"any\": [{\"a\": 1}], \"any\": [{\"b\": 1}]}"}, "t.json:3:", "stands twice");
}

/* ---- what works ---- */

static void reads_fields_of_every_type(void **state)
{
    (void)state;
    hear(
        &(struct parts){
            .fields =
                "\"source\": [\"ip\", \"ip2\"], \"country\": \"land\", \"asn\": \"as\", \"latitude\": \"lat\", "
                "\"longitude\": \"lon\","
                "\"proxy\": \"proxy\", \"interactive\": \"inter\", \"prompts\": {\"path\": \"f\", \"map\": {\"p\": 1, "
                "\"*\": 0}},"
                "\"factor\": {\"path\": \"f\", \"map\": {\"p\": \"push\", \"Phone*\": \"voice\", \"*\": \"other\"}}"},
        "{" BASE ", \"ip\": \"nowhere\", \"ip2\": \"198.51.100.7:80\", \"land\": \"Germany\", \"as\": \"AS64500 "
        "Example\", \"lat\": \"-53.5\","
        "\"lon\": 9.25, \"proxy\": \"true\", \"inter\": false, \"f\": \"P\"}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    assert_int_equal(heard.event.source.family, 4);
    assert_memory_equal(heard.event.country, "DE", 2);
    assert_int_equal(heard.event.asn, 64500);
    assert_true(heard.event.has_coordinates);
    assert_true(heard.event.latitude < -53.49 && heard.event.latitude > -53.51);
    assert_true(heard.event.longitude > 9.24 && heard.event.longitude < 9.26);
    assert_true(heard.event.proxy);
    assert_false(heard.event.interactive);
    assert_int_equal(heard.event.prompts, 1);
    assert_int_equal(heard.event.factor, MF_FACTOR_PUSH);
}

static void leaves_out_what_cannot_be_read(void **state)
{
    (void)state;
    hear(&(struct parts){.fields = "\"source\": \"ip\", \"country\": \"land\", \"asn\": \"as\", \"latitude\": \"lat\", "
                                   "\"longitude\": \"lon\","
                                   "\"proxy\": \"proxy\", \"interactive\": \"inter\", \"factor\": {\"path\": \"f\", "
                                   "\"map\": {\"p\": \"push\"}}"},
         "{" BASE ", \"ip\": {}, \"land\": \"Atlantis\", \"as\": 4294967296, \"lat\": 91, \"lon\": 9, \"proxy\": "
         "\"maybe\", \"inter\": \"?\", \"f\": \"q\"}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    assert_int_equal(heard.event.source.family, 0);
    assert_int_equal(heard.event.country[0], 0);
    assert_int_equal(heard.event.asn, 0);
    assert_false(heard.event.has_coordinates);
    assert_false(heard.event.proxy);
    assert_true(heard.event.interactive);
    assert_int_equal(heard.event.factor, MF_FACTOR_UNKNOWN);
}

static void takes_zero_zero_for_no_place(void **state)
{
    static const char fields[] = "\"latitude\": \"lat\", \"longitude\": \"lon\"";

    (void)state;
    hear(&(struct parts){.fields = fields}, "{" BASE ", \"lat\": 0.0, \"lon\": 0}");
    assert_false(heard.event.has_coordinates);
    hear(&(struct parts){.fields = fields}, "{" BASE ", \"lat\": 0.0, \"lon\": 6.5}");
    assert_true(heard.event.has_coordinates);
    hear(&(struct parts){.fields = fields}, "{" BASE ", \"lat\": 90, \"lon\": -180}");
    assert_true(heard.event.has_coordinates);
    hear(&(struct parts){.fields = fields}, "{" BASE ", \"lat\": 12}");
    assert_false(heard.event.has_coordinates);
    hear(&(struct parts){.fields = fields}, "{" BASE ", \"lat\": 1e400, \"lon\": 5}");
    assert_false(heard.event.has_coordinates);
}

static void falls_back_joins_and_maps(void **state)
{
    (void)state;
    hear(&(struct parts){.head = "\"null_values\": [\"none\"],",
                         .fields = "\"reason\": [\"r1\", \"r2\", \"r3\"], \"transaction\": [[\"a\", \"b\"], \"a\"]"},
         "{" BASE ", \"r1\": \"NONE\", \"r2\": null, \"r3\": 7, \"a\": \"x\", \"b\": 5}");
    assert_string_equal(heard.text, "7");
    assert_string_equal(heard.transaction, "x:5");
    hear(&(struct parts){.fields = "\"reason\": {\"path\": \"r\", \"map\": {\"A*\": \"starts\", \"a\": \"is\"}, "
                                   "\"default\": \"nothing\"}, \"transaction\": [[\"a\", \"b\"], \"a\"]"},
         "{" BASE ", \"r\": \"abc\", \"a\": \"x\"}");
    assert_string_equal(heard.text, "starts");
    assert_string_equal(heard.transaction, "x");
    hear(&(struct parts){.fields =
                             "\"reason\": {\"path\": \"r\", \"map\": {\"A*\": \"starts\"}, \"default\": \"nothing\"}"},
         "{" BASE ", \"r\": \"bc\"}");
    assert_string_equal(heard.text, "nothing");
    hear(
        &(struct parts){.fields =
                            "\"reason\": {\"path\": [\"r\", \"s\"], \"map\": {\"known\": \"word\", \"*\": \"other\"}}"},
        "{" BASE ", \"r\": \"strange\", \"s\": \"KNOWN\"}");
    assert_string_equal(heard.text, "word");
    hear(&(struct parts){.fields = "\"reason\": {\"path\": \"r[*]\", \"fold\": false}"},
         "{" BASE ", \"r\": [\"a\", null, \"B\", 3, {}]}");
    assert_string_equal(heard.text, "a,B,3");
}

static void takes_a_part_of_a_text(void **state)
{
    static const char by_user[] = "\"reason\": {\"path\": \"m\", \"capture\": \"by user '%%'\"}";
    static const char lines[] = "\"reason\": {\"path\": [\"n\", \"m\"], \"capture\": [\"IP: %\\n\", \"addr %\"]}";

    (void)state;
    hear(&(struct parts){.fields = by_user}, "{" BASE ", \"m\": \"failed by user 'o'brien'\"}");
    assert_string_equal(heard.text, "o'brien");
    hear(&(struct parts){.fields = by_user}, "{" BASE ", \"m\": \"by user 'x' by user 'ada'\"}");
    assert_string_equal(heard.text, "x' by user 'ada");
    hear(&(struct parts){.fields = by_user}, "{" BASE ", \"m\": \"by user ada\"}");
    assert_string_equal(heard.text, "");
    hear(&(struct parts){.fields = lines}, "{" BASE ", \"m\": \"a\\nIP: 192.0.2.7\\nb\\n\"}");
    assert_string_equal(heard.text, "192.0.2.7");
    hear(&(struct parts){.fields = lines}, "{" BASE ", \"n\": \"x\", \"m\": \"addr  192.0.2.8 \"}");
    assert_string_equal(heard.text, "192.0.2.8");
    hear(&(struct parts){.head = "\"values\": {\"who\": {\"path\": \"m\", \"capture\": \"by %\"}},",
                         .rules = "{\"when\": {\"$who\": \"root\"}, \"kind\": \"risk\"}"},
         "{" BASE ", \"m\": \"by root\"}");
    assert_int_equal(heard.kinds[0], MF_RISK);
    fails(&(struct parts){.fields = "\"reason\": {\"path\": \"m\", \"capture\": \"%\"}"}, "t.json:2:", "with one %");
    fails(&(struct parts){.fields = "\"reason\": {\"path\": \"m\", \"capture\": \"a%b%c\"}"},
          "t.json:2:", "with one %");
}

/* A login as it is in the record, and read with these domains taken off. */
static void strips(const char *domains, const char *login, const char *to)
{
    char fields[256], message[256];

    snprintf(fields, sizeof fields,
             "{\"fields\": {\"user\": {\"path\": \"u\", \"strip\": %s}}, "
             "\"when\": {\"event\": \"e\"}, \"kind\": \"risk\"}",
             domains);
    snprintf(message, sizeof message, "{" BASE ", \"u\": \"%s\"}", login);
    hear(&(struct parts){.rules = fields}, message);
    assert_string_equal(heard.user, to);
}

static void takes_domains_off_a_login(void **state)
{
    static const char ours[] = "[\"EXAMPLE\\\\\", \"@example.com\"]";

    (void)state;
    strips(ours, "Example\\\\Ada", "ada");
    strips(ours, "ada@EXAMPLE.com", "ada");
    strips(ours, "OTHER\\\\ada", "other\\ada");
    strips(ours, "ada@example.org", "ada@example.org");
    strips(ours, "@example.com", "@example.com");
    strips(ours, "EXAMPLE\\\\", "example\\");
    strips(ours, "a@b@example.com", "a@b");
    strips("[\"*\\\\\", \"@*\"]", "OTHER\\\\ada", "ada");
    strips("[\"*\\\\\", \"@*\"]", "ada@example.org", "ada");
    fails(&(struct parts){.rules = "{\"when\": {\"event\": 1}, \"kind\": \"risk\", \"fields\": {\"user\": {\"path\": "
                                   "\"u\", \"strip\": \"example\"}}}"},
          "t.json:4:", "\"strip\" is");
    fails(&(struct parts){.fields = "\"reason\": {\"path\": \"u\", \"strip\": \"@*\"}"},
          "t.json:2:", "for the field \"user\"");
}

static void puts_a_zone_to_times_without_one(void **state)
{
    static const char rule[] =
        "{\"when\": {\"event\": \"e\"}, \"kind\": \"risk\", \"fields\": {\"time\": {\"path\": \"t\", "
        "\"zone\": \"-05:00\"}}}";

    (void)state;
    hear(&(struct parts){.head = "\"zone\": \"+02:00\","},
         "{\"event\": \"e\", \"user\": \"ada\", \"time\": \"2026-03-02 11:14:37.412\"}");
    assert_int_equal(heard.event.time, 1772442877412);
    hear(&(struct parts){.head = "\"zone\": \"+02:00\","}, "{" BASE "}");
    assert_int_equal(heard.event.time, 1772442877000);
    hear(&(struct parts){.rules = rule}, "{" BASE ", \"t\": \"2026-03-02 04:14:37.412\"}");
    assert_int_equal(heard.event.time, 1772442877412);
    fails(&(struct parts){.head = "\"zone\": \"Europe/Atlantis\","}, "t.json:1:", "is no time zone; accepted");
}

/* ---- text that is no JSON ---- */

#define KV "\"text\": {\"as\": \"kv\"},"

static void reads_text_as_its_profile_says(void **state)
{
    (void)state;
    hear(&(struct parts){.head = KV}, "event=e user=Ada time=2026-03-02T09:14:37Z");
    assert_int_equal(heard.n, 1);
    assert_string_equal(heard.user, "ada");
    hear(&(struct parts){.head = KV}, "{" BASE "}");
    assert_string_equal(heard.user, "ada");
    hear(&(struct parts){.head = KV}, "event=e user=Ada time=2026-03-02T09:14:37Z user=bob");
    assert_int_equal(heard.skip, MF_SKIP_DUPLICATE_KEY);
    assert_string_equal(heard.member, "user");
    hear(&(struct parts){.head = KV}, "event=\"e user=ada");
    assert_int_equal(heard.skip, MF_SKIP_TRUNCATED);
    hear(&(struct parts){.head = KV}, "event=\"e user");
    assert_int_equal(heard.skip, MF_SKIP_TRUNCATED);
    hear(&(struct parts){.head = KV}, "event=e user=\x01 time=2026-03-02T09:14:37Z");
    assert_int_equal(heard.skip, MF_SKIP_BAD_TEXT);
    hear(&(struct parts){.head = "\"text\": {\"as\": \"csv\", \"columns\": [\"\", \"event\", \"user\", \"time\"]},"},
         "this event, e, ada, 2026-03-02T09:14:37Z");
    assert_string_equal(heard.user, "ada");
    hear(&(struct parts){.head = "\"text\": {\"as\": \"cef\"},",
                         .match = "{\"DeviceVendor\": \"V\"}",
                         .rules = "{\"when\": {\"EventClass\": \"E\"}, \"kind\": \"risk\"}"},
         "CEF:0|V|P|1|E|event|3|user=ada time=2026-03-02T09:14:37Z");
    assert_int_equal(heard.kinds[0], MF_RISK);
}

/* Who can put a brace into a line of text does not choose who reads it. */
static void text_goes_before_json_within_it(void **state)
{
    (void)state;
    hear(&(struct parts){.head = KV}, "event=e time=2026-03-02T09:14:37Z user=x{" BASE "}");
    assert_int_equal(heard.n, 1);
    assert_string_equal(heard.user, "x{\"event\": \"e\", \"user\": \"ada\", \"time\": \"2026-03-02t09:14:37z\"}");
}

static void text_in_broken_json_is_not_read_for_itself(void **state)
{
    static const char record[] = "{\"message\": \"event=e user=ada time=2026-03-02T09:14:37Z\", \"x\": 1}";
    char cut[sizeof record];

    (void)state;
    for (size_t length = 1; length < sizeof record - 1; length++) {
        memcpy(cut, record, length);
        cut[length] = '\0';
        hear(&(struct parts){.head = KV}, cut);
        assert_int_not_equal(heard.skip, MF_SKIP_NONE);
    }
    hear(&(struct parts){.head = KV}, "[2026-03-02 09:14:37] event=e user=ada time=2026-03-02T09:14:37Z");
    assert_string_equal(heard.user, "ada");
}

static void reads_text_in_a_member(void **state)
{
    static const char head[] = KV "\"embedded_text\": [\"message\"], \"lift\": \"message\",";
    static const struct parts parts = {.head = head};

    (void)state;
    hear(&parts, "{\"@t\": 1, \"message\": \"event=\\\"e\\\" user=\\\"ada\\\"\", \"time\": \"2026-03-02T09:14:37Z\"}");
    assert_int_equal(heard.n, 1);
    assert_string_equal(heard.user, "ada");
    hear(&parts, "{\"message\": \"event=e user=ada user=bob\", \"time\": \"2026-03-02T09:14:37Z\"}");
    assert_int_equal(heard.skip, MF_SKIP_DUPLICATE_KEY);
    hear(&parts, "{\"message\": \"no event here\", \"time\": \"2026-03-02T09:14:37Z\"}");
    assert_int_equal(heard.skip, MF_SKIP_NOT_IDP);
    hear(&parts, "event=e user=ada time=2026-03-02T09:14:37Z");
    assert_string_equal(heard.user, "ada");
}

static void checks_the_form_of_text(void **state)
{
    (void)state;
    fails(&(struct parts){.head = "\"text\": {},"}, "t.json:1:", "has no \"as\"");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"xml\"},"}, "t.json:1:", "accepted: kv, csv, cef, leef");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"csv\"},"}, "t.json:1:", "needs \"columns\"");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"csv\", \"columns\": [\"a\", \"a\"]},"},
          "t.json:1:", "stands twice");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"csv\", \"columns\": [\"a\"], \"separator\": \"ab\"},"},
          "t.json:1:", "one ASCII character");
    fails(
        &(struct parts){
            .head =
                "\"text\": {\"as\": \"csv\", \"columns\": [\"a\"], \"anchor\": {\"column\": \"b\", \"is\": \"x\"}},"},
        "t.json:1:", "no such column");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"cef\", \"between\": \",\"},"},
          "t.json:1:", "is for the form \"kv\"");
    fails(&(struct parts){.head = "\"text\": {\"as\": \"kv\", \"escape\": \"jsn\"},"},
          "t.json:1:", "did you mean \"json\"?");
    fails(&(struct parts){.head = "\"embedded_text\": [\"x\"],"}, "t.json:1:", "for profiles with \"text\"");
}

static void asks_every_question(void **state)
{
    static const char rules[] =
        "{\"when\": {\"a\": {\"exists\": true, \"not\": [\"x\", 1]}}, \"kind\": \"risk\"},"
        "{\"when\": {\"b\": {\"has\": [\"needle\"]}}, \"kind\": \"mfa_failed\"},"
        "{\"when\": {\"c\": {\"prefix\": \"user.\"}}, \"kind\": \"mfa_timeout\"},"
        "{\"when\": {\"d\": [500121, \"true\"]}, \"kind\": \"mfa_success\"},"
        "{\"when\": {\"any\": [{\"e\": 1}, {\"e\": 2}], \"none\": [{\"f\": 1}]}, \"kind\": \"mfa_fraud\"},"
        "{\"when\": {\"g[*]\": \"two\"}, \"kind\": \"session_end\"},"
        "{\"when\": {\"h\": {\"exists\": false}}, \"kind\": \"account_locked\"}";
    static const struct parts parts = {.rules = rules};

    (void)state;
    hear(&parts, "{" BASE ", \"a\": \"y\"}");
    assert_int_equal(heard.event.kind, MF_RISK);
    hear(&parts, "{" BASE ", \"a\": \"X\", \"b\": \"hay NEEDLE hay\"}");
    assert_int_equal(heard.event.kind, MF_MFA_FAILED);
    hear(&parts, "{" BASE ", \"a\": 1, \"c\": \"USER.x\"}");
    assert_int_equal(heard.event.kind, MF_MFA_TIMEOUT);
    hear(&parts, "{" BASE ", \"d\": \"500121\"}");
    assert_int_equal(heard.event.kind, MF_MFA_SUCCESS);
    hear(&parts, "{" BASE ", \"d\": 500121}");
    assert_int_equal(heard.event.kind, MF_MFA_SUCCESS);
    hear(&parts, "{" BASE ", \"d\": true}");
    assert_int_equal(heard.event.kind, MF_MFA_SUCCESS);
    hear(&parts, "{" BASE ", \"e\": 2}");
    assert_int_equal(heard.event.kind, MF_MFA_FRAUD);
    hear(&parts, "{" BASE ", \"e\": 2, \"f\": 1, \"g\": [\"one\", \"TWO\"]}");
    assert_int_equal(heard.event.kind, MF_SESSION_END);
    hear(&parts, "{" BASE ", \"h\": {}}");
    assert_int_equal(heard.event.kind, MF_ACCOUNT_LOCKED);
    hear(&parts, "{" BASE ", \"h\": {\"x\": 1}}");
    assert_int_equal(heard.skip, MF_SKIP_UNMAPPED);
}

static void goes_on_after_also_and_stops_at_the_first_other_hit(void **state)
{
    static const struct parts parts = {.rules = "{\"when\": {\"a\": 1}, \"kind\": \"login_success\", \"also\": true},"
                                                "{\"when\": {\"a\": 1}, \"kind\": \"session_start\"},"
                                                "{\"when\": {\"a\": 1}, \"kind\": \"risk\"},"
                                                "{\"when\": {\"b\": 1}, \"kind\": \"mfa_required\", \"also\": true},"
                                                "{\"when\": {\"b\": 1}, \"kind\": \"ignore\"},"
                                                "{\"when\": {\"c\": 1}, \"kind\": \"ignore\"}"};

    (void)state;
    hear(&parts, "{" BASE ", \"a\": 1}");
    assert_int_equal(heard.n, 2);
    assert_int_equal(heard.kinds[0], MF_LOGIN_SUCCESS);
    assert_int_equal(heard.kinds[1], MF_SESSION_START);
    hear(&parts, "{" BASE ", \"b\": 1}");
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.kinds[0], MF_MFA_REQUIRED);
    hear(&parts, "{" BASE ", \"c\": 1}");
    assert_int_equal(heard.skip, MF_SKIP_IGNORE);
}

static void makes_an_event_of_each_element(void **state)
{
    static const struct parts parts = {
        .fields = "\"id\": \"id\"",
        .rules = "{\"foreach\": \"steps[*]\", \"when\": {\"@.open\": true, \"event\": \"e\"}, \"kind\": "
                 "\"mfa_challenge\", \"also\": true,"
                 " \"fields\": {\"time\": [\"@.at\", \"time\"], \"transaction\": {\"path\": [[\"id\", \"@.n\"]]}},"
                 " \"set\": {\"prompts\": 1}, \"dedup\": [\"transaction\", \"time\"]},"
                 "{\"when\": {\"event\": \"e\"}, \"kind\": \"mfa_denied\"}"};

    (void)state;
    hear(&parts, "{" BASE ", \"id\": \"i\", \"steps\": [{\"open\": true, \"n\": 1, \"at\": 1772442870000}, {\"open\": "
                 "false}, {\"open\": true, \"n\": 2}]}");
    assert_int_equal(heard.n, 3);
    assert_int_equal(heard.kinds[0], MF_MFA_CHALLENGE);
    assert_int_equal(heard.kinds[1], MF_MFA_CHALLENGE);
    assert_int_equal(heard.kinds[2], MF_MFA_DENIED);
    assert_int_equal(heard.event.prompts, 0);
    assert_string_equal(heard.dedup, "i\x1fmfa_denied");
    hear(
        &(struct parts){
            .rules = "{\"foreach\": \"steps[*]\", \"once\": true, \"when\": {\"@.n\": [2, 3]}, \"kind\": \"risk\","
                     "\"fields\": {\"user\": \"@.u\"}}"},
        "{" BASE ", \"steps\": [{\"n\": 1}, {\"n\": 2, \"u\": \"b\"}, {\"n\": 3, \"u\": \"c\"}]}");
    assert_int_equal(heard.n, 1);
    assert_string_equal(heard.user, "b");
    hear(&parts, "{" BASE ", \"id\": \"i\", \"steps\": {\"open\": true, \"n\": 7, \"at\": 1772442870000}}");
    assert_int_equal(heard.n, 2);
    hear(
        &(struct parts){
            .fields = parts.fields,
            .rules = "{\"foreach\": \"steps[*]\", \"when\": {\"@.n\": {\"exists\": true}}, \"kind\": \"mfa_challenge\","
                     "\"fields\": {\"time\": [\"@.at\", \"time\"], \"transaction\": [[\"id\", \"@.n\"]]}, \"dedup\": "
                     "[\"transaction\", \"time\"]}"},
        "{" BASE ", \"id\": \"i\", \"steps\": [{\"n\": 7, \"at\": 1772442870000}]}");
    assert_int_equal(heard.event.time, 1772442870000);
    assert_string_equal(heard.transaction, "i:7");
    assert_string_equal(heard.dedup, "i:7\x1f"
                                     "1772442870000\x1fmfa_challenge");
}

struct tally {
    unsigned events, beyond, others;
};

static void count_readings(void *context, const struct mf_reading *reading)
{
    struct tally *tally = context;

    tally->events += reading->skip == MF_SKIP_NONE;
    tally->beyond += reading->skip == MF_SKIP_TOO_MANY_EVENTS;
    tally->others += reading->skip != MF_SKIP_NONE && reading->skip != MF_SKIP_TOO_MANY_EVENTS;
}

static void counts_each_element_that_is_one_too_many(void **state)
{
    static char message[8192];
    struct mf_error error;
    struct mf_reader *reader = mf_reader_new(&mf_record_default_limits, &error);
    struct tally tally = {0};
    size_t used = (size_t)snprintf(message, sizeof message, "{" BASE ", \"steps\": [{\"n\": 1}");

    (void)state;
    for (unsigned i = 1; i < 70; i++)
        used += (size_t)snprintf(message + used, sizeof message - used, ", {\"n\": %u}", i % 10 == 0 ? 2 : 1);
    snprintf(message + used, sizeof message - used, "]}");
    write_profile(&(struct parts){
        .rules = "{\"foreach\": \"steps[*]\", \"when\": {\"@.n\": 1}, \"kind\": \"mfa_challenge\", \"also\": true},"
                 "{\"foreach\": \"steps[*]\", \"when\": {\"@.n\": 1}, \"kind\": \"mfa_denied\"}"});
    struct mf_profiles *profiles = load(&error);
    assert_non_null(profiles);
    assert_non_null(reader);
    mf_reader_read(reader, profiles, NULL, message, strlen(message), MF_TIME_NONE, count_readings, &tally);
    assert_int_equal(tally.events, 64);
    assert_int_equal(tally.events + tally.beyond, 2 * 64);
    assert_int_equal(tally.others, 0);
    mf_reader_free(reader);
    mf_profiles_free(profiles);
}

static void bounds_the_elements_of_one_record(void **state)
{
    static char message[200000];
    struct mf_error error;
    struct mf_reader *reader;
    struct mf_profiles *profiles;
    size_t used = (size_t)snprintf(message, sizeof message, "{" BASE ", \"steps\": [{\"n\": 1}");

    (void)state;
    for (unsigned i = 0; i < 4000; i++)
        used +=
            (size_t)snprintf(message + used, sizeof message - used, ", {\"n\": 1, \"pad\": \"to be of some length\"}");
    snprintf(message + used, sizeof message - used, "]}");
    write_profile(&(struct parts){
        .rules = "{\"foreach\": \"steps[*]\", \"when\": {\"@.n\": 2}, \"kind\": \"mfa_challenge\", \"also\": true},"
                 "{\"foreach\": \"steps[*]\", \"when\": {\"@.n\": 1}, \"kind\": \"ignore\"}"});
    profiles = load(&error);
    reader = mf_reader_new(&mf_record_default_limits, &error);
    assert_non_null(profiles);
    assert_non_null(reader);
    memset(&heard, 0, sizeof heard);
    mf_reader_read(reader, profiles, NULL, message, strlen(message), MF_TIME_NONE, listen, &heard);
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.skip, MF_SKIP_IGNORE);
    mf_reader_free(reader);
    mf_profiles_free(profiles);
}

static void drops_what_does_not_hold(void **state)
{
    (void)state;
    hear(&(struct parts){.fields =
                             "\"source\": \"ip\", \"country\": \"land\", \"reason\": \"r\", \"asn\": \"as\", "
                             "\"proxy\": \"p\", \"interactive\": \"i\", \"latitude\": \"a\", \"longitude\": \"a\"",
                         .rules = "{\"when\": {\"event\": \"e\"}, \"kind\": \"risk\", \"drop\": [\"source\", "
                                  "\"country\", \"reason\", \"asn\", \"proxy\", \"interactive\", \"latitude\"]}"},
         "{" BASE
         ", \"ip\": \"198.51.100.7\", \"land\": \"DE\", \"r\": \"x\", \"as\": 1, \"p\": true, \"i\": false, \"a\": 5}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    assert_int_equal(heard.event.source.family, 0);
    assert_int_equal(heard.event.country[0], 0);
    assert_null(heard.event.reason.data);
    assert_int_equal(heard.event.asn, 0);
    assert_false(heard.event.proxy);
    assert_true(heard.event.interactive);
    assert_false(heard.event.has_coordinates);
}

static void counts_what_no_rule_knows_by_the_vendors_words(void **state)
{
    static const struct parts parts = {.head = "\"unmapped\": [\"type\", \"outcome\"],",
                                       .fields = "\"type\": \"event\", \"outcome\": \"out\"",
                                       .rules = "{\"when\": {\"event\": \"noise\"}, \"kind\": \"ignore\"}"};

    (void)state;
    hear(&parts, "{" BASE ", \"out\": \"FAILED\"}");
    assert_int_equal(heard.skip, MF_SKIP_UNMAPPED);
    assert_string_equal(heard.unmapped, "e:FAILED");
    hear(&parts, "{" BASE "}");
    assert_string_equal(heard.unmapped, "e");
    hear(&parts, "{\"event\": \"noise\", \"out\": \"FAILED\"}");
    assert_int_equal(heard.skip, MF_SKIP_IGNORE);
    assert_string_equal(heard.unmapped, "noise");
}

static void needs_a_user_and_a_time(void **state)
{
    (void)state;
    hear(&(struct parts){0}, "{\"event\": 1, \"time\": \"2026-03-02T09:14:37Z\"}");
    assert_int_equal(heard.skip, MF_SKIP_NO_USER);
    assert_string_equal(heard.member, "user");
    hear(&(struct parts){0}, "{\"event\": 1, \"time\": \"2026-03-02T09:14:37Z\", \"user\": \"  UnKnown \"}");
    assert_int_equal(heard.skip, MF_SKIP_NO_USER);
    hear(&(struct parts){0}, "{\"event\": 1, \"time\": \"2026-03-02T09:14:37Z\", \"user\": {\"name\": \"ada\"}}");
    assert_int_equal(heard.skip, MF_SKIP_NO_USER);
    hear(&(struct parts){0}, "{\"event\": 1, \"user\": \"ada\"}");
    assert_int_equal(heard.skip, MF_SKIP_NO_TIME);
    assert_string_equal(heard.member, "time");
    hear(&(struct parts){0}, "{\"event\": 1, \"user\": \"ada\", \"time\": \"soon\"}");
    assert_int_equal(heard.skip, MF_SKIP_BAD_TIME);
    hear(&(struct parts){0}, "{\"event\": 1, \"user\": \"ada\", \"time\": \"2000-12-31T23:59:59.999Z\"}");
    assert_int_equal(heard.skip, MF_SKIP_BAD_TIME);
    hear(&(struct parts){0}, "{\"event\": 1, \"user\": \"ada\", \"time\": \"2001-01-01T00:00:00Z\"}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
}

static void takes_only_logins_that_can_be_no_other(void **state)
{
    static const struct {
        const char *written, *user; /* user NULL: refused */
    } logins[] = {
        {"Ada", "ada"},
        {" \\tAda\\r\\n ", "ada"},
        {"a b", "a b"},
        {"EXAMPLE\\\\Ada", "example\\ada"},
        {"\xC3\x84"
         "DA",
         "\xC3\x84"
         "da"},
        {"a\\u0000", NULL},
        {"\\u0000", NULL},
        {"a\\u001fb", NULL},
        {"a\\u0020b", "a b"},
        {"a\\u007fb", NULL},
        {"a\\u0080b", NULL},
        {"a\\u009fb", NULL},
        {"a\\u00a0b", "a\xC2\xA0"
                      "b"},
        {"a\\u202ab", NULL},
        {"a\\u202eb", NULL},
        {"a\\u2029b", "a\xE2\x80\xA9"
                      "b"},
        {"a\\u202fb", "a\xE2\x80\xAF"
                      "b"},
        {"a\\u2065b", "a\xE2\x81\xA5"
                      "b"},
        {"a\\u2066b", NULL},
        {"a\\u2069b", NULL},
        {"a\\u206ab", "a\xE2\x81\xAA"
                      "b"},
        {"a\\ud800b", NULL},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        char message[256];

        snprintf(message, sizeof message, "{\"event\": 1, \"time\": \"2026-03-02T09:14:37Z\", \"user\": \"%s\"}",
                 logins[i].written);
        hear(&(struct parts){0}, message);
        if (logins[i].user == NULL ? heard.skip != MF_SKIP_BAD_USER : strcmp(heard.user, logins[i].user) != 0)
            fail_msg("\"%s\" read as \"%s\" (%s)", logins[i].written, heard.user, mf_skip_name(heard.skip));
    }
}

static void doubts_what_stands_twice_where_it_decides(void **state)
{
    static const struct parts parts = {
        .fields = "\"source\": \"ip\", \"reason\": \"r\"",
        .rules = "{\"when\": {\"event\": \"e\", \"out\": 1}, \"kind\": \"mfa_denied\"},"
                 "{\"when\": {\"event\": \"f\"}, \"kind\": \"risk\", \"fields\": {\"user\": \"u2\"}}"};

    (void)state;
    hear(&parts, "{" BASE ", \"out\": 1, \"user\": \"eve\"}");
    assert_int_equal(heard.skip, MF_SKIP_DUPLICATE_KEY);
    assert_string_equal(heard.member, "user");
    hear(&parts, "{\"user\": null, " BASE ", \"out\": 1}");
    assert_int_equal(heard.skip, MF_SKIP_DUPLICATE_KEY);
    assert_string_equal(heard.member, "user");
    hear(&parts, "{" BASE ", \"out\": 1, \"time\": 1772442870}");
    assert_string_equal(heard.member, "time");
    hear(&parts, "{" BASE ", \"out\": 1, \"ip\": \"::1\", \"ip\": \"::2\"}");
    assert_string_equal(heard.member, "source");
    hear(&parts, "{" BASE ", \"out\": 1, \"out\": 1}");
    assert_string_equal(heard.member, "out");
    hear(&parts, "{" BASE ", \"out\": 1, \"event\": \"e\"}");
    assert_string_equal(heard.member, "event");
    hear(&parts, "{" BASE ", \"out\": 1, \"r\": 1, \"r\": 2}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    /* this rule does not look at `user` */
    hear(&parts, "{\"event\": \"f\", \"time\": 1772442870, \"user\": \"a\", \"user\": \"b\", \"u2\": \"c\"}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    assert_string_equal(heard.user, "c");
}

static void takes_records_out_of_envelopes(void **state)
{
    static const struct parts parts = {
        .head = "\"unwrap\": [\"records[*]\", \"[*]\"], \"lift\": \"inner\", \"keep\": [\"event\"],"};

    (void)state;
    hear(&parts, "{\"records\": [{\"x\": 1}, {" BASE "}, 5, {" BASE "}]}");
    assert_int_equal(heard.n, 4);
    hear(&parts, "[{" BASE "}]");
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    hear(&parts, "{\"records\": {" BASE "}}");
    assert_int_equal(heard.skip, MF_SKIP_NONE);
    hear(&parts, "{\"records\": [{\"x\": \"event\"}]}");
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.skip, MF_SKIP_NOT_IDP);
    hear(&parts, "{\"records\": [{" BASE "}], \"records\": []}");
    assert_int_equal(heard.skip, MF_SKIP_DUPLICATE_KEY);
    assert_string_equal(heard.member, "records[*]");
    hear(
        &parts,
        "{\"event\": \"e\", \"inner\": {\"user\": \"ada\", \"time\": \"2026-03-02T09:14:37Z\", \"event\": \"other\"}}");
    assert_string_equal(heard.user, "ada");
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_file("t.json");
    rmdir(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_what_there_is_when_a_name_is_wrong),
        cmocka_unit_test(refuses_a_directory_without_profiles),
        cmocka_unit_test(refuses_a_name_that_leaves_the_directory),
        cmocka_unit_test(loads_by_name_or_all_in_order_of_names),
        cmocka_unit_test(frees_nothing_without_complaint),
        cmocka_unit_test(names_the_place_of_a_syntax_error),
        cmocka_unit_test(knows_every_member_and_says_what_was_meant),
        cmocka_unit_test(checks_the_head),
        cmocka_unit_test(checks_words_against_their_fields),
        cmocka_unit_test(says_what_a_feed_can_and_cannot_express),
        cmocka_unit_test(refuses_a_limit_that_is_none),
        cmocka_unit_test(checks_paths_and_what_they_count_from),
        cmocka_unit_test(checks_conditions),
        cmocka_unit_test(reads_fields_of_every_type),
        cmocka_unit_test(leaves_out_what_cannot_be_read),
        cmocka_unit_test(takes_zero_zero_for_no_place),
        cmocka_unit_test(falls_back_joins_and_maps),
        cmocka_unit_test(takes_a_part_of_a_text),
        cmocka_unit_test(takes_domains_off_a_login),
        cmocka_unit_test(puts_a_zone_to_times_without_one),
        cmocka_unit_test(reads_text_as_its_profile_says),
        cmocka_unit_test(text_goes_before_json_within_it),
        cmocka_unit_test(text_in_broken_json_is_not_read_for_itself),
        cmocka_unit_test(reads_text_in_a_member),
        cmocka_unit_test(checks_the_form_of_text),
        cmocka_unit_test(asks_every_question),
        cmocka_unit_test(goes_on_after_also_and_stops_at_the_first_other_hit),
        cmocka_unit_test(makes_an_event_of_each_element),
        cmocka_unit_test(counts_each_element_that_is_one_too_many),
        cmocka_unit_test(bounds_the_elements_of_one_record),
        cmocka_unit_test(drops_what_does_not_hold),
        cmocka_unit_test(counts_what_no_rule_knows_by_the_vendors_words),
        cmocka_unit_test(needs_a_user_and_a_time),
        cmocka_unit_test(takes_only_logins_that_can_be_no_other),
        cmocka_unit_test(doubts_what_stands_twice_where_it_decides),
        cmocka_unit_test(takes_records_out_of_envelopes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
