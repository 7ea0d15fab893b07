/* tests/test_conf.c
 *
 * Documents with comments, places of errors, and option tables (src/read/conf.c and option.c). */

#include "read/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- documents ---- */

/* What is wrong with a document called "p.json"; "" when nothing is. */
static const char *parse(struct mf_slice text)
{
    static struct mf_error error;
    struct mf_conf conf;

    error.text[0] = '\0';
    int result = mf_conf_parse(&conf, "p.json", text, &error);
    assert_int_equal(result, error.text[0] == '\0' ? 0 : -1);
    mf_conf_fini(&conf);
    return error.text;
}

#define PARSE(text) parse(mf_slice_of(text))

static void reads_json_with_comments(void **state)
{
    (void)state;
    assert_string_equal(PARSE("{}"), "");
    assert_string_equal(PARSE("// first\n{ /* a */ \"a\" /* b */: /**/ 1 } // last"), "");
    assert_string_equal(PARSE("{\"a\": 1 /* over\nlines */ }\n//"), "");
    assert_string_equal(PARSE("{} /* \"quote */ // \" and another"), "");
    assert_string_equal(PARSE("{} // \xFF not UTF-8"), "");
    assert_string_equal(PARSE("\xEF\xBB\xBF{}"), "");
    assert_string_equal(PARSE("{}\r\n// DOS\r\n"), "");
}

static void a_comment_in_a_string_is_text(void **state)
{
    static const char text[] = "[\"http://a/*b*/\", \"\\\"// \\\\\", 1 /* \" */]";
    struct mf_conf conf;

    (void)state;
    assert_int_equal(mf_conf_parse(&conf, "p", mf_slice_of(text), NULL), 0);
    assert_true(mf_slice_equal(mf_record_text(&conf.record, 1), mf_slice_of("http://a/*b*/")));
    assert_true(mf_slice_equal(mf_record_text(&conf.record, 2), mf_slice_of("\"// \\")));
    assert_int_equal(conf.record.n_nodes, 4);
    mf_conf_fini(&conf);
}

static void comments_keep_the_place_of_everything_else(void **state)
{
    (void)state;
    assert_string_equal(PARSE("/* 1\n 2\n*/ {\"a\" /**/ 1}"),
                        "p.json:3:14: not JSON: found 1; a colon is due here, behind the name");
    assert_string_equal(PARSE("// 1\n// 2\n\n  x"),
                        "p.json:4:3: not JSON: found x; a value is due here: a text in double quotes, a number, true, "
                        "false, null, [...] or {...}");
}

static void a_comment_that_does_not_end_is_named(void **state)
{
    (void)state;
    assert_string_equal(PARSE("{\n  /* oops }\n"), "p.json:2:3: this comment is not closed; */ is missing");
    assert_string_equal(PARSE("{} /*/"), "p.json:1:4: this comment is not closed; */ is missing");
    assert_string_equal(PARSE("{} /**/"), "");
    assert_string_equal(PARSE("{} /"),
                        "p.json:1:4: not JSON: found /; nothing may stand behind the end of the document");
}

static void says_what_is_wrong_with_bad_json(void **state)
{
    (void)state;
    assert_string_equal(PARSE("{\n  \"a\": 1,\n}"),
                        "p.json:3:1: not JSON: a comma before the closing }; remove the comma");
    assert_string_equal(PARSE("[1, ]"), "p.json:1:5: not JSON: a comma before the closing ]; remove the comma");
    assert_string_equal(PARSE("{'a': 1}"),
                        "p.json:1:2: not JSON: a single quote; texts and names stand in double quotes");
    assert_string_equal(PARSE("{a: 1}"), "p.json:1:2: not JSON: found a; a name in double quotes is due here");
    assert_string_equal(PARSE("{\"a\": 1, b: 2}"),
                        "p.json:1:10: not JSON: found b; a name in double quotes is due here");
    assert_string_equal(PARSE("{\"a\"}"), "p.json:1:5: not JSON: found }; a colon is due here, behind the name");
    assert_string_equal(PARSE("{\"a\": 1\n\"b\": 2}"), "p.json:2:1: not JSON: found \"; a comma or } is due here");
    assert_string_equal(PARSE("{\"a\": \"x\" \"b\": 2}"), "p.json:1:11: not JSON: found \"; a comma or } is due here");
    assert_string_equal(PARSE("[1 2]"), "p.json:1:4: not JSON: found 2; a comma or ] is due here");
    assert_string_equal(PARSE("[1}"), "p.json:1:3: not JSON: found }; a comma or ] is due here");
    assert_string_equal(PARSE("{} {}"),
                        "p.json:1:4: not JSON: found {; nothing may stand behind the end of the document");
    assert_string_equal(
        PARSE("[\"a\nb\"]"),
        "p.json:1:4: not JSON: a line break or control byte inside a string; is the closing \" missing?");
    assert_string_equal(PARSE("[\"\\x\"]"),
                        "p.json:1:4: not JSON: a backslash in a string with none of \" \\ / b f n r t "
                        "uXXXX behind it");
    assert_string_equal(PARSE("[\"\xFF\"]"), "p.json:1:3: this text is not valid UTF-8");
    assert_string_equal(parse((struct mf_slice){"{}\0", 3}),
                        "p.json:1:3: not JSON: nothing may stand behind the end of the document");
}

static void says_so_when_a_word_or_number_is_misspelt(void **state)
{
    static const char *const bad[] = {"[01]", "[tru]", "[1.]", "[1.x]", "[-]", "[1ex]", "[nulL]", "[trUe]"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (strstr(PARSE(bad[i]), "a number, true, false or null is not written like this") == NULL)
            fail_msg("%s: %s", bad[i], PARSE(bad[i]));
    assert_non_null(strstr(PARSE("[+1]"), "a value is due here"));
    assert_non_null(strstr(PARSE("[NaN]"), "a value is due here"));
}

static void says_what_is_open_when_the_text_ends(void **state)
{
    (void)state;
    assert_string_equal(PARSE(""), "p.json:1:1: not JSON: there is no value, at least {} is due");
    assert_string_equal(PARSE(" // nothing\n"), "p.json:2:1: not JSON: there is no value, at least {} is due");
    assert_string_equal(PARSE("{\n\"a\": [\n1, 2\n}"), "p.json:4:1: not JSON: found }; a comma or ] is due here");
    assert_string_equal(PARSE("{\n\"a\": [\n1, 2\n"), "p.json:4:1: not JSON: it ends before the [ of line 2 is closed");
    assert_string_equal(PARSE("{\"a\": 1"), "p.json:1:8: not JSON: it ends before the { of line 1 is closed");
    assert_string_equal(PARSE("{\"a"), "p.json:1:4: not JSON: it ends inside a string; the closing \" is missing");
    assert_string_equal(PARSE("tr"), "p.json:1:3: not JSON: it ends inside a value");
}

static void refuses_what_is_too_deep_or_too_large(void **state)
{
    char deep[70];
    char *large = malloc((4 << 20) + 1);

    (void)state;
    memset(deep, '[', 32);
    memset(deep + 32, ']', 32);
    assert_string_equal(parse((struct mf_slice){deep, 64}), "");
    memset(deep, '[', 33);
    memset(deep + 33, ']', 33);
    assert_string_equal(parse((struct mf_slice){deep, 66}), "p.json:1:33: nested deeper than 32 levels");

    assert_non_null(large);
    memset(large, ' ', (4 << 20) + 1);
    memcpy(large, "{}", 2);
    assert_string_equal(parse((struct mf_slice){large, 4 << 20}), "");
    assert_string_equal(parse((struct mf_slice){large, (4 << 20) + 1}),
                        "p.json: 4194305 bytes are too many, accepted: up to 4194304");
    large[0] = '[';
    for (int i = 1; i < (4 << 20) - 1; i++)
        large[i] = i % 2 ? '1' : ',';
    large[(4 << 20) - 2] = ' ';
    large[(4 << 20) - 1] = ']';
    assert_string_equal(parse((struct mf_slice){large, 4 << 20}), "");
    free(large);
}

static void a_long_file_name_leaves_room_for_the_sentence(void **state)
{
    char name[3000];
    struct mf_error error;
    struct mf_conf conf;

    (void)state;
    memset(name, 'd', sizeof name);
    strcpy(name + sizeof name - 8, "/p.json");
    assert_int_equal(mf_conf_parse(&conf, name, mf_slice_of("{"), &error), -1);
    assert_non_null(strstr(error.text, "d/p.json:1:2: not JSON: it ends before the { of line 1 is closed"));
    mf_conf_fini(&conf);
}

/* ---- files ---- */

static char folder[] = "/tmp/test_conf.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("p.json");
    unlink("pipe");
    return chdir("/") != 0 || rmdir(folder) != 0 ? -1 : 0;
}

static void write_file(const char *name, const char *text, off_t size)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    if (size > 0)
        assert_int_equal(truncate(name, size), 0);
}

static const char *load(const char *name)
{
    static struct mf_error error;
    struct mf_conf conf;

    error.text[0] = '\0';
    int result = mf_conf_load(&conf, name, &error);
    assert_int_equal(result, error.text[0] == '\0' ? 0 : -1);
    mf_conf_fini(&conf);
    return error.text;
}

static void loads_a_file(void **state)
{
    struct mf_conf conf;

    (void)state;
    write_file("p.json", "{\"a\": 1} // x\n", 0);
    assert_int_equal(mf_conf_load(&conf, "p.json", NULL), 0);
    assert_string_equal(conf.name, "p.json");
    assert_int_equal(conf.record.n_nodes, 3);
    mf_conf_fini(&conf);
    mf_conf_fini(&conf); /* twice is fine */

    write_file("p.json", "{\"a\": 1", 0);
    assert_string_equal(load("p.json"), "p.json:1:8: not JSON: it ends before the { of line 1 is closed");
}

static void names_a_file_that_cannot_be_read(void **state)
{
    (void)state;
    assert_string_equal(load("none.json"), "none.json: No such file or directory");
    assert_string_equal(load("."), ".: not a regular file");
    assert_string_equal(load("/dev/null"), "/dev/null: not a regular file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_string_equal(load("pipe"), "pipe: not a regular file");
}

static void refuses_a_file_over_4_mib(void **state)
{
    (void)state;
    write_file("p.json", "{}", (4 << 20) + 1);
    assert_string_equal(load("p.json"), "p.json: larger than 4194304 bytes, the most that is read");
    write_file("p.json", "{}", 4 << 20);
    /* read to the end, and found to be full of NULs */
    assert_string_equal(load("p.json"), "p.json:1:3: not JSON: nothing may stand behind the end of the document");
}

/* ---- did you mean ---- */

static void the_nearest_name_is_at_most_two_letters_away(void **state)
{
    static const char *const names[] = {"window", "enabled", "count", "ttl", "points"};
    const size_t n = sizeof names / sizeof names[0];
    char long_word[65];

    (void)state;
    assert_string_equal(mf_conf_nearest(mf_slice_of("windw"), names, n), "window");
    assert_string_equal(mf_conf_nearest(mf_slice_of("windwo"), names, n), "window");
    assert_string_equal(mf_conf_nearest(mf_slice_of("WINDOW"), names, n), "window");
    assert_string_equal(mf_conf_nearest(mf_slice_of("enable"), names, n), "enabled");
    assert_string_equal(mf_conf_nearest(mf_slice_of("counter"), names, n), "count");
    assert_null(mf_conf_nearest(mf_slice_of("counters"), names, n));
    assert_string_equal(mf_conf_nearest(mf_slice_of("wnidow"), names, n), "window");
    assert_string_equal(mf_conf_nearest(mf_slice_of("point"), names, n), "points");
    assert_string_equal(mf_conf_nearest(mf_slice_of("tl"), names, n), "ttl");
    assert_null(mf_conf_nearest(mf_slice_of("abc"), names, n));
    assert_null(mf_conf_nearest(mf_slice_of(""), names, n));
    assert_null(mf_conf_nearest(mf_slice_of("x"), names, 0));
    /* nothing in common is not near, however short */
    assert_null(mf_conf_nearest(mf_slice_of("xy"), (const char *const[]){"id"}, 1));
    assert_string_equal(mf_conf_nearest(mf_slice_of("ix"), (const char *const[]){"id"}, 1), "id");
    memset(long_word, 'w', sizeof long_word);
    assert_null(mf_conf_nearest((struct mf_slice){long_word, sizeof long_word}, names, n));
}

/* ---- option tables ---- */

struct target {
    char guard1;
    bool flag;
    char guard2;
    unsigned count, small;
    mf_time window;
    uint64_t size;
    char text[MF_TEXT_OPTION];
    char guard3;
    unsigned level;
    struct mf_steps steps;
    struct mf_name_list names;
};

static const char *const levels[] = {"low", "medium", "high", NULL};

static const struct mf_option table[] = {
    {"flag", MF_OPTION_BOOL, offsetof(struct target, flag), 0, 0, "true", NULL, "a flag"},
    {"users", MF_OPTION_COUNT, offsetof(struct target, count), 1024, 16777216, "65536", NULL, "a count"},
    {"small", MF_OPTION_COUNT, offsetof(struct target, small), 0, INT64_MAX, "0", NULL, "a count without a bound"},
    {"window", MF_OPTION_DURATION, offsetof(struct target, window), MF_MINUTE, 60 * MF_DAY, "\"20m\"", NULL,
     "a window"},
    {"size", MF_OPTION_SIZE, offsetof(struct target, size), 4096, 1 << 30, "\"64k\"", NULL, "a size"},
    {"dir", MF_OPTION_TEXT, offsetof(struct target, text), 0, 0, "\"\"", NULL, "a text"},
    {"level", MF_OPTION_CHOICE, offsetof(struct target, level), 0, 0, "\"medium\"", levels, "a level"},
    {"steps", MF_OPTION_STEPS, offsetof(struct target, steps), 1, 64, "[[5, 35], [10, 50]]", NULL, "steps"},
    {"profiles", MF_OPTION_NAMES, offsetof(struct target, names), 0, 0, "[]", NULL, "names"},
    {NULL, MF_OPTION_BOOL, 0, 0, 0, NULL, NULL, NULL},
};

static const char *const others[] = {"signals", "verdict", NULL};

static struct target target;

/* Reads an object over the defaults; what is wrong, or "". */
static const char *read_as(const char *section, const char *json)
{
    static struct mf_error error;
    struct mf_conf conf;

    memset(&target, 0x5A, sizeof target);
    mf_options_default(table, &target);
    error.text[0] = '\0';
    assert_int_equal(mf_conf_parse(&conf, "p", mf_slice_of(json), &error), 0);

    struct target before = target;
    int result = mf_options_read(&conf, 0, section, table, &target, others, &error);
    assert_int_equal(result, error.text[0] == '\0' ? 0 : -1);
    if (result != 0 && strchr(json, ',') == NULL) /* a single bad member leaves no trace */
        assert_memory_equal(&target, &before, sizeof target);
    assert_true(target.guard1 == 0x5A && target.guard2 == 0x5A && target.guard3 == 0x5A);
    mf_conf_fini(&conf);
    return error.text;
}

static const char *read_state(const char *json)
{
    return read_as("state", json);
}

static void fills_in_defaults(void **state)
{
    (void)state;
    assert_string_equal(read_state("{}"), "");
    assert_true(target.flag);
    assert_int_equal(target.count, 65536);
    assert_int_equal(target.window, 20 * MF_MINUTE);
    assert_int_equal(target.size, 65536);
    assert_string_equal(target.text, "");
    assert_int_equal(target.level, 1);
    assert_int_equal(target.steps.n, 2);
    assert_int_equal(target.steps.step[1].count, 10);
    assert_int_equal(target.steps.step[1].points, 50);
    assert_int_equal(target.names.n, 0);
}

static void reads_one_of_each(void **state)
{
    (void)state;
    assert_string_equal(
        read_state("{\"flag\": false, \"users\": 1024, \"window\": \"15m\", \"size\": \"16m\", \"signals\": 7,"
                   " \"dir\": \"/var/\\u00e4\", \"level\": \"high\", \"steps\": [[3, 20]],"
                   " \"profiles\": [\"okta\", \"duo\"], \"verdict\": null}"),
        "");
    assert_false(target.flag);
    assert_int_equal(target.count, 1024);
    assert_int_equal(target.window, 15 * MF_MINUTE);
    assert_int_equal(target.size, 16 << 20);
    assert_string_equal(target.text, "/var/\xC3\xA4");
    assert_int_equal(target.level, 2);
    assert_int_equal(target.steps.n, 1);
    assert_int_equal(target.steps.step[0].count, 3);
    assert_int_equal(target.names.n, 2);
    assert_string_equal(target.names.name[1], "duo");
}

static void an_option_that_is_not_named_keeps_its_value(void **state)
{
    struct mf_conf conf;

    (void)state;
    memset(&target, 0, sizeof target);
    target.count = 2000;
    assert_int_equal(mf_conf_parse(&conf, "p", mf_slice_of("{\"flag\": true}"), NULL), 0);
    assert_int_equal(mf_options_read(&conf, 0, "", table, &target, NULL, NULL), 0);
    assert_int_equal(target.count, 2000);
    assert_true(target.flag);
    mf_conf_fini(&conf);
}

static void an_unknown_option_is_named_with_its_nearest(void **state)
{
    (void)state;
    assert_string_equal(read_as("signals.prompt_burst", "{\n  \"windw\": 1}"),
                        "p:2:3: unknown option \"windw\" in signals.prompt_burst; did you mean \"window\"?");
    assert_string_equal(read_as("", "{\"verdit\": 1}"), "p:1:2: unknown option \"verdit\"; did you mean \"verdict\"?");
    assert_string_equal(
        read_as(NULL, "{\"colour\": 1}"),
        "p:1:2: unknown option \"colour\", accepted: flag, users, small, window, size, dir, level, steps, "
        "profiles, signals, verdict");
    assert_string_equal(
        read_state("{\"\": 1}"),
        "p:1:2: unknown option \"\" in state, accepted: flag, users, small, window, size, dir, level, steps, "
        "profiles, signals, verdict");
    /* names are exact: another case or a NUL behind is another name */
    assert_string_equal(read_state("{\"Flag\": true}"),
                        "p:1:2: unknown option \"Flag\" in state; did you mean \"flag\"?");
    assert_non_null(strstr(read_state("{\"flag\\u0000\": true}"), "unknown option"));
}

static void an_escaped_name_is_the_same_name(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"\\u0066lag\": false}"), "");
    assert_false(target.flag);
}

static void a_member_that_stands_twice_is_an_error(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"flag\": true,\n \"users\": 2000,\n \"flag\": true}"),
                        "p:3:2: state: \"flag\" stands twice; it is in line 1 already");
    assert_string_equal(read_as("", "{\"flag\": true, \"fl\\u0061g\": true}"),
                        "p:1:16: \"flag\" stands twice; it is in line 1 already");
    assert_string_equal(read_state("{\"signals\": {}, \"signals\": {}}"),
                        "p:1:17: state: \"signals\" stands twice; it is in line 1 already");
}

static void only_an_object_has_options(void **state)
{
    (void)state;
    assert_string_equal(read_state("[1]"),
                        "p:1:1: state: a list [...] is not an object; write { \"name\": value, ... }");
    assert_string_equal(read_as("", "5"), "p:1:1: the document: 5 is not an object; write { \"name\": value, ... }");
}

static void a_flag_is_true_or_false(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"flag\": \"yes\"}"), "p:1:10: state.flag: \"yes\" is neither true nor false");
    assert_string_equal(read_state("{\"flag\": 1}"), "p:1:10: state.flag: 1 is neither true nor false");
    assert_string_equal(read_as("", "{\"flag\": null}"), "p:1:10: flag: null is neither true nor false");
}

static void a_count_is_a_whole_number_within_bounds(void **state)
{
    static const char *const no_counts[] = {"\"2000\"", "-1",   "1.5",    "2e3", "2000.0",
                                            "true",     "null", "[2000]", "{}",  "-0"};

    (void)state;
    assert_string_equal(read_state("{\"users\": 1023}"),
                        "p:1:11: state.users: 1023 is out of bounds, accepted: 1024 to 16777216");
    assert_string_equal(read_state("{\"users\": 1024}"), "");
    assert_string_equal(read_state("{\"users\": 16777216}"), "");
    assert_int_equal(target.count, 16777216);
    assert_string_equal(read_state("{\"users\": 16777217}"),
                        "p:1:11: state.users: 16777217 is out of bounds, accepted: 1024 to 16777216");
    assert_string_equal(read_state("{\"users\": 99999999999999999999999}"),
                        "p:1:11: state.users: 99999999999999999999999 is out of bounds, accepted: 1024 to 16777216");
    /* 2^64 + 2000 must not come round as 2000 */
    assert_non_null(strstr(read_state("{\"users\": 18446744073709553616}"), "out of bounds"));
    for (size_t i = 0; i < sizeof no_counts / sizeof no_counts[0]; i++) {
        char json[64];

        snprintf(json, sizeof json, "{\"users\": %s}", no_counts[i]);
        if (strstr(read_state(json), "is not a whole number") == NULL)
            fail_msg("%s: %s", json, read_state(json));
    }
}

static void a_count_fits_its_type_whatever_the_table_says(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"small\": 4294967295}"), "");
    assert_int_equal(target.small, 4294967295U);
    assert_string_equal(read_state("{\"small\": 4294967296}"),
                        "p:1:11: state.small: 4294967296 is out of bounds, accepted: 0 to 4294967295");
}

static void a_duration_has_a_unit(void **state)
{
    static const struct {
        const char *json;
        mf_time value;
    } good[] = {
        {"{\"window\": \"60000ms\"}", MF_MINUTE},  {"{\"window\": \"60s\"}", MF_MINUTE},
        {"{\"window\": \"1m\"}", MF_MINUTE},       {"{\"window\": \"24h\"}", MF_DAY},
        {"{\"window\": \"60d\"}", 60 * MF_DAY},    {"{\"window\": \"2w\"}", 14 * MF_DAY},
        {"{\"window\": \"\\u0031m\"}", MF_MINUTE},
    };
    static const char *const no_durations[] = {"20",       "\"20\"",   "\"m\"",    "\"\"",      "\"20 m\"", "\" 20m\"",
                                               "\"20m \"", "\"-20m\"", "\"1.5h\"", "\"1h30m\"", "\"20M\"",  "\"20min\"",
                                               "null",     "[]",       "\"0x5m\"", "\"20mm\""};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_string_equal(read_state(good[i].json), "");
        assert_int_equal(target.window, good[i].value);
    }
    assert_string_equal(
        read_as("time", "{\n\n  \"window\": \"20\"}"),
        "p:3:13: time.window: \"20\" is not a duration; write a whole number and a unit (ms, s, m, h, d, "
        "w), for example \"20m\"");
    for (size_t i = 0; i < sizeof no_durations / sizeof no_durations[0]; i++) {
        char json[64];

        snprintf(json, sizeof json, "{\"window\": %s}", no_durations[i]);
        if (strstr(read_state(json), "is not a duration; write") == NULL)
            fail_msg("%s: %s", json, read_state(json));
    }
}

static void a_duration_stays_within_bounds(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"window\": \"59999ms\"}"),
                        "p:1:12: state.window: \"59999ms\" is out of bounds, accepted: \"1m\" to \"60d\"");
    assert_string_equal(read_state("{\"window\": \"61d\"}"),
                        "p:1:12: state.window: \"61d\" is out of bounds, accepted: \"1m\" to \"60d\"");
    assert_non_null(strstr(read_state("{\"window\": \"0s\"}"), "out of bounds"));
    /* products that would come round */
    assert_non_null(strstr(read_state("{\"window\": \"18446744073709551615w\"}"), "out of bounds"));
    assert_non_null(strstr(read_state("{\"window\": \"307445734561825861m\"}"), "out of bounds"));
    assert_non_null(strstr(read_state("{\"window\": \"99999999999999999999999ms\"}"), "out of bounds"));
}

static void a_size_counts_bytes_or_binary_units(void **state)
{
    static const char *const no_sizes[] = {"\"4096\"", "\"64K\"", "\"64kb\"", "\"k\"",
                                           "64.5",     "-1",      "true",     "\"64 k\""};

    (void)state;
    assert_string_equal(read_state("{\"size\": 4096}"), "");
    assert_int_equal(target.size, 4096);
    assert_string_equal(read_state("{\"size\": \"4k\"}"), "");
    assert_int_equal(target.size, 4096);
    assert_string_equal(read_state("{\"size\": \"1g\"}"), "");
    assert_int_equal(target.size, 1 << 30);
    assert_string_equal(read_state("{\"size\": 4095}"),
                        "p:1:10: state.size: 4095 is out of bounds, accepted: \"4k\" to \"1g\"");
    assert_non_null(strstr(read_state("{\"size\": 1073741825}"), "out of bounds"));
    assert_non_null(strstr(read_state("{\"size\": \"17179869185g\"}"), "out of bounds"));
    for (size_t i = 0; i < sizeof no_sizes / sizeof no_sizes[0]; i++) {
        char json[64];

        snprintf(json, sizeof json, "{\"size\": %s}", no_sizes[i]);
        if (strstr(read_state(json), "is not a size; write") == NULL)
            fail_msg("%s: %s", json, read_state(json));
    }
}

static void a_text_fits_and_holds_no_nul(void **state)
{
    char json[400];

    (void)state;
    snprintf(json, sizeof json, "{\"dir\": \"%0255d\"}", 0);
    assert_string_equal(read_state(json), "");
    assert_int_equal(strlen(target.text), 255);
    snprintf(json, sizeof json, "{\"dir\": \"%0256d\"}", 0);
    assert_string_equal(read_state(json),
                        "p:1:9: state.dir: \"000000000000000000000000000000000000000000000000...\" is too "
                        "long, accepted: up to 255 bytes");
    assert_string_equal(read_state("{\"dir\": \"a\\u0000b\"}"),
                        "p:1:9: state.dir: \"a\\u0000b\" holds a NUL character");
    assert_string_equal(read_state("{\"dir\": 5}"), "p:1:9: state.dir: 5 is not a text; write it in double quotes");
}

static void a_value_in_a_message_is_cut_between_characters(void **state)
{
    char json[400] = "{\"flag\": \"x", *end = json + strlen(json);

    (void)state;
    for (int i = 0; i < 60; i++, end += 2)
        memcpy(end, "\xC3\xA4", 2);
    strcpy(end, "\"}");

    const char *error = read_state(json);
    assert_non_null(strstr(error, "\xC3\xA4...\" is neither"));
    assert_null(strstr(error, "\xC3...")); /* half a character */
}

static void a_choice_is_one_of_the_list(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"level\": \"low\"}"), "");
    assert_int_equal(target.level, 0);
    assert_string_equal(read_state("{\"level\": \"hihg\"}"),
                        "p:1:11: state.level: \"hihg\" is not known; did you mean \"high\"?");
    assert_string_equal(read_state("{\"level\": \"none\"}"),
                        "p:1:11: state.level: \"none\" is not known, accepted: low, medium, high");
    assert_string_equal(read_state("{\"level\": 1}"),
                        "p:1:11: state.level: 1 is not known, accepted: low, medium, high");
    assert_non_null(strstr(read_state("{\"level\": \"\"}"), "accepted: low, medium, high"));
}

static void steps_are_pairs_in_rising_order(void **state)
{
    (void)state;
    assert_string_equal(read_state("{\"steps\": []}"), "");
    assert_int_equal(target.steps.n, 0);
    assert_string_equal(read_state("{\"steps\": [[1, 0], [2, 100], [3, 5], [64, 100]]}"), "");
    assert_int_equal(target.steps.n, 4);
    assert_string_equal(read_state("{\"steps\": [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4]]}"),
                        "p:1:44: state.steps: one step too many, accepted: up to 4");
    assert_string_equal(read_state("{\"steps\": [[5, 1], [5, 2]]}"),
                        "p:1:20: state.steps: the count 5 does not rise above the 5 of the step before it");
    assert_string_equal(read_state("{\"steps\": [[0, 1]]}"),
                        "p:1:13: state.steps: the count 0 is out of bounds, accepted: 1 to 64");
    assert_string_equal(read_state("{\"steps\": [[65, 1]]}"),
                        "p:1:13: state.steps: the count 65 is out of bounds, accepted: 1 to 64");
    assert_string_equal(read_state("{\"steps\": [[5, 101]]}"),
                        "p:1:16: state.steps: the number of points 101 is out of bounds, accepted: 0 to 100");
    assert_string_equal(read_state("{\"steps\": [[5, \"35\"]]}"),
                        "p:1:16: state.steps: the number of points \"35\" is not a whole number");
    assert_string_equal(read_state("{\"steps\": [[5]]}"), "p:1:12: state.steps: this step is not a pair; write [count, "
                                                          "points], for example [[5, 35], [10, 50]]");
    assert_non_null(strstr(read_state("{\"steps\": [[]]}"), "is not a pair"));
    assert_non_null(strstr(read_state("{\"steps\": [[1, 2, 3]]}"), "is not a pair"));
    assert_non_null(strstr(read_state("{\"steps\": [5, 35]}"), "is not a pair"));
    assert_non_null(strstr(read_state("{\"steps\": [{\"5\": 35}]}"), "is not a pair"));
    assert_non_null(strstr(read_state("{\"steps\": 5}"), "5 is not a list of steps"));
}

static void names_are_short_and_stand_once(void **state)
{
    char json[1000];
    size_t used;

    (void)state;
    snprintf(json, sizeof json, "{\"profiles\": [\"%063d\"]}", 0);
    assert_string_equal(read_state(json), "");
    assert_int_equal(strlen(target.names.name[0]), 63);
    snprintf(json, sizeof json, "{\"profiles\": [\"%064d\"]}", 0);
    assert_non_null(strstr(read_state(json), "is too long, accepted: up to 63 bytes"));
    assert_string_equal(read_state("{\"profiles\": [\"okta\", \"duo\", \"okta\"]}"),
                        "p:1:30: state.profiles: \"okta\" stands twice");
    assert_string_equal(read_state("{\"profiles\": [\"\"]}"), "p:1:15: state.profiles: a name is empty");
    assert_string_equal(read_state("{\"profiles\": [5]}"),
                        "p:1:15: state.profiles: 5 is not a text; write it in double quotes");
    assert_string_equal(read_state("{\"profiles\": \"okta\"}"),
                        "p:1:14: state.profiles: \"okta\" is not a list of names; write [\"name\", ...]");

    for (int n = 32; n <= 33; n++) {
        used = (size_t)snprintf(json, sizeof json, "{\"profiles\": [");
        for (int i = 0; i < n; i++)
            used += (size_t)snprintf(json + used, sizeof json - used, "%s\"n%d\"", i == 0 ? "" : ", ", i);
        snprintf(json + used, sizeof json - used, "]}");
        if (n == 32)
            assert_string_equal(read_state(json), "");
        else
            assert_non_null(strstr(read_state(json), "one name too many, accepted: up to 32"));
    }
}

/* ---- printing ---- */

static const char *print(const char *name)
{
    static char text[4096];
    FILE *out = fmemopen(text, sizeof text, "w");

    assert_non_null(out);
    for (const struct mf_option *option = table; option->name != NULL; option++)
        if (strcmp(option->name, name) == 0)
            mf_option_print(out, option, &target);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void prints_defaults_as_the_table_has_them(void **state)
{
    (void)state;
    mf_options_default(table, &target);
    for (const struct mf_option *option = table; option->name != NULL; option++)
        assert_string_equal(print(option->name), option->fallback);
}

static void prints_a_duration_in_its_largest_unit(void **state)
{
    static const struct {
        mf_time value;
        const char *text;
    } cases[] = {
        {0, "\"0s\""},
        {1, "\"1ms\""},
        {999, "\"999ms\""},
        {1000, "\"1s\""},
        {1001, "\"1001ms\""},
        {60000, "\"1m\""},
        {61000, "\"61s\""},
        {90 * MF_MINUTE, "\"90m\""},
        {MF_HOUR, "\"1h\""},
        {MF_DAY, "\"24h\""},
        {36 * MF_HOUR, "\"36h\""},
        {2 * MF_DAY, "\"2d\""},
        {60 * MF_DAY, "\"60d\""},
        {INT64_MAX, "\"9223372036854775807ms\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        target.window = cases[i].value;
        assert_string_equal(print("window"), cases[i].text);
    }
}

static void prints_a_size_in_its_largest_unit(void **state)
{
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {{0, "0"},           {1023, "1023"},      {1024, "\"1k\""},
                 {1025, "1025"},     {1 << 20, "\"1m\""}, {3 << 19, "\"1536k\""},
                 {1 << 30, "\"1g\""}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        target.size = cases[i].value;
        assert_string_equal(print("size"), cases[i].text);
    }
}

static void what_is_printed_reads_back(void **state)
{
    static const char json[] =
        "{\"flag\": false, \"users\": 4097, \"small\": 7, \"window\": \"25h\", \"size\": \"5000k\", "
        "\"dir\": \"a\\\"b\\\\c\\n\\u0001\xC3\xA4\", \"level\": \"low\", \"steps\": [[1, 2], [3, 4]], "
        "\"profiles\": [\"a\\\"b\", \"c\"]}";
    struct target first;
    char text[8192] = "{";
    size_t used = 1;

    (void)state;
    assert_string_equal(read_state(json), "");
    first = target;
    for (const struct mf_option *option = table; option->name != NULL; option++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\": %s", used == 1 ? "" : ", ", option->name,
                                 print(option->name));
    snprintf(text + used, sizeof text - used, "}");
    assert_string_equal(read_state(text), "");
    assert_true(first.flag == target.flag && first.count == target.count && first.small == target.small);
    assert_true(first.window == target.window && first.size == target.size && first.level == target.level);
    assert_string_equal(first.text, target.text);
    assert_memory_equal(&first.steps, &target.steps, sizeof first.steps);
    assert_memory_equal(&first.names, &target.names, sizeof first.names);
}

static void an_error_can_be_put_at_any_node(void **state)
{
    struct mf_error error;
    struct mf_conf conf;

    (void)state;
    assert_int_equal(mf_conf_parse(&conf, "p", mf_slice_of("{\n \"a\": [true]}"), NULL), 0);
    assert_int_equal(mf_conf_error(&conf, 0, &error, "no %s", "luck"), -1);
    assert_string_equal(error.text, "p:1:1: no luck");
    mf_conf_error(&conf, 1, &error, "key");
    assert_string_equal(error.text, "p:2:2: key");
    mf_conf_error(&conf, 3, &error, "value");
    assert_string_equal(error.text, "p:2:8: value");
    mf_conf_error(&conf, MF_NO_NODE, &error, "whole");
    assert_string_equal(error.text, "p:1:1: whole");
    assert_int_equal(mf_conf_error(&conf, 0, NULL, "nobody listens"), -1);
    mf_conf_fini(&conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_json_with_comments),
        cmocka_unit_test(a_comment_in_a_string_is_text),
        cmocka_unit_test(comments_keep_the_place_of_everything_else),
        cmocka_unit_test(a_comment_that_does_not_end_is_named),
        cmocka_unit_test(says_what_is_wrong_with_bad_json),
        cmocka_unit_test(says_so_when_a_word_or_number_is_misspelt),
        cmocka_unit_test(says_what_is_open_when_the_text_ends),
        cmocka_unit_test(refuses_what_is_too_deep_or_too_large),
        cmocka_unit_test(a_long_file_name_leaves_room_for_the_sentence),
        cmocka_unit_test(loads_a_file),
        cmocka_unit_test(names_a_file_that_cannot_be_read),
        cmocka_unit_test(refuses_a_file_over_4_mib),
        cmocka_unit_test(the_nearest_name_is_at_most_two_letters_away),
        cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(reads_one_of_each),
        cmocka_unit_test(an_option_that_is_not_named_keeps_its_value),
        cmocka_unit_test(an_unknown_option_is_named_with_its_nearest),
        cmocka_unit_test(an_escaped_name_is_the_same_name),
        cmocka_unit_test(a_member_that_stands_twice_is_an_error),
        cmocka_unit_test(only_an_object_has_options),
        cmocka_unit_test(a_flag_is_true_or_false),
        cmocka_unit_test(a_count_is_a_whole_number_within_bounds),
        cmocka_unit_test(a_count_fits_its_type_whatever_the_table_says),
        cmocka_unit_test(a_duration_has_a_unit),
        cmocka_unit_test(a_duration_stays_within_bounds),
        cmocka_unit_test(a_size_counts_bytes_or_binary_units),
        cmocka_unit_test(a_text_fits_and_holds_no_nul),
        cmocka_unit_test(a_value_in_a_message_is_cut_between_characters),
        cmocka_unit_test(a_choice_is_one_of_the_list),
        cmocka_unit_test(steps_are_pairs_in_rising_order),
        cmocka_unit_test(names_are_short_and_stand_once),
        cmocka_unit_test(prints_defaults_as_the_table_has_them),
        cmocka_unit_test(prints_a_duration_in_its_largest_unit),
        cmocka_unit_test(prints_a_size_in_its_largest_unit),
        cmocka_unit_test(what_is_printed_reads_back),
        cmocka_unit_test(an_error_can_be_put_at_any_node),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
