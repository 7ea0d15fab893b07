/* tests/test_policy.c
 *
 * The policy file (src/policy.c): what is printed loads back as the defaults; every option of every table refuses
 * what lies outside its bounds, what is of another type, what stands twice and what is misspelt, and says where. */

#include "policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/mf-policy-XXXXXX", file[sizeof folder + 16];
static struct mf_error error;

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/policy.conf", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static void write_file(const char *text)
{
    FILE *out = fopen(file, "wb");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static struct mf_policy *load(const char *text)
{
    write_file(text);
    error.text[0] = '\0';
    return mf_policy_load(file, &error);
}

/* What is wrong with it, without the name of the file; "" when nothing is. */
static const char *wrong(const char *text)
{
    struct mf_policy *policy = load(text);

    if (policy != NULL) {
        mf_policy_free(policy);
        return "";
    }
    assert_memory_equal(error.text, file, strlen(file));
    assert_int_equal(error.text[strlen(file)], ':');
    return error.text + strlen(file) + 1;
}

static struct mf_policy *accept(const char *text)
{
    struct mf_policy *policy = load(text);

    if (policy == NULL)
        fail_msg("%s: %s", text, error.text);
    return policy;
}

/* What `print` prints; the caller frees it. */
static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    print(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* ---- the whole ---- */

static void no_file_is_the_defaults(void **state)
{
    struct mf_policy *policy = mf_policy_load(NULL, NULL);

    (void)state;
    assert_non_null(policy);
    assert_int_equal(policy->profiles.n, 0);
    assert_string_equal(policy->profile_dir, "");
    assert_false(policy->observe);
    assert_int_equal(policy->alert_level, MF_SUSPICIOUS);
    assert_int_equal(policy->time.lateness, 20 * MF_MINUTE);
    assert_int_equal(policy->time.skew, 5 * MF_MINUTE);
    assert_int_equal(policy->time.prompt_ttl, 5 * MF_MINUTE);
    assert_int_equal(policy->state.table.users, 65536);
    assert_int_equal(policy->state.table.recent, 8192);
    assert_int_equal(policy->state.addresses, 16384);
    assert_int_equal(policy->state.populations, 1024);
    assert_int_equal(policy->verdict.notice, 30);
    assert_int_equal(policy->verdict.anomalous, 75);
    assert_int_equal(policy->verdict.session_cap, 60);
    assert_int_equal(policy->incident.quiet, 30 * MF_MINUTE);
    assert_int_equal(policy->incident.reopen, MF_DAY);
    assert_int_equal(policy->incident.max_open, 4096);
    assert_int_equal(policy->incident.max_alerts_per_minute, 600);
    assert_string_equal(policy->sha256, "defaults");
    mf_policy_free(policy);
    mf_policy_free(NULL);
}

static bool same(const struct mf_policy *a, const struct mf_policy *b)
{
    /* both were zeroed and hold no pointers; what is of the file and not of its text is last */
    return memcmp(a, b, offsetof(struct mf_policy, directory)) == 0;
}

static void what_is_printed_loads_back_as_the_defaults(void **state)
{
    struct mf_policy *defaults = mf_policy_load(NULL, NULL), *policy;
    char *text = printed(mf_policy_print_defaults);

    (void)state;
    policy = accept(text);
    assert_true(same(policy, defaults));
    assert_int_equal(strlen(policy->sha256), 64);
    mf_policy_free(policy);
    mf_policy_free(defaults);
    free(text);
}

static void an_empty_object_is_the_defaults(void **state)
{
    struct mf_policy *defaults = mf_policy_load(NULL, NULL), *policy = accept("{}");

    (void)state;
    assert_true(same(policy, defaults));
    mf_policy_free(policy);
    policy = accept("{\"time\": {}, \"state\": {}, \"verdict\": {\"caps\": {}}, \"incident\": {}, \"signals\": "
                    "{\"new_source\": {}}}");
    assert_true(same(policy, defaults));
    mf_policy_free(policy);
    mf_policy_free(defaults);
}

static void the_fingerprint_is_that_of_the_bytes(void **state)
{
    struct mf_policy *policy = accept("{}");

    (void)state;
    assert_string_equal(policy->sha256, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    mf_policy_free(policy);
    policy = accept("{}\n");
    assert_string_not_equal(policy->sha256, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    mf_policy_free(policy);
}

static void each_section_goes_to_its_place(void **state)
{
    struct mf_policy *policy =
        accept("// all of them\n"
               "{\"profiles\": [\"okta\", \"duo\"], \"profile_dir\": \"/p\", \"observe\": true, "
               "\"alert_level\": \"anomalous\",\n"
               "\"time\": {\"lateness\": \"1h\", \"skew\": \"1m\", \"prompt_ttl\": \"90s\"},\n"
               "\"state\": {\"users\": 2048, \"recent\": 512},\n"
               "\"verdict\": {\"notice\": 1, \"suspicious\": 2, \"anomalous\": 3,\n"
               "  \"caps\": {\"volume\": 4, \"outcome\": 5, \"source\": 6, \"session\": 7}},\n"
               "\"incident\": {\"quiet\": \"10m\", \"reopen\": \"2h\", \"max_open\": 17, "
               "\"max_alerts_per_minute\": 9},\n"
               "\"signals\": {\"refused_burst\": {\"enabled\": false, \"steps\": [[2, 11]], \"window\": \"7m\"},\n"
               "  \"code_bruteforce\": {\"success\": [[3, 12]], \"decisive\": 0},\n"
               "  \"approved_after_silence\": {\"unfamiliar\": []},\n"
               "  \"new_source\": {\"country_points\": 1, \"asn_points\": 2, \"network_points\": 3}}}");

    (void)state;
    assert_int_equal(policy->profiles.n, 2);
    assert_string_equal(policy->profiles.name[1], "duo");
    assert_string_equal(policy->profile_dir, "/p");
    assert_true(policy->observe);
    assert_int_equal(policy->alert_level, MF_ANOMALOUS);
    assert_int_equal(policy->time.lateness, MF_HOUR);
    assert_int_equal(policy->time.skew, MF_MINUTE);
    assert_int_equal(policy->time.prompt_ttl, 90 * MF_SECOND);
    assert_int_equal(policy->state.table.users, 2048);
    assert_int_equal(policy->state.table.recent, 512);
    assert_int_equal(policy->verdict.notice, 1);
    assert_int_equal(policy->verdict.suspicious, 2);
    assert_int_equal(policy->verdict.anomalous, 3);
    assert_int_equal(policy->verdict.volume_cap, 4);
    assert_int_equal(policy->verdict.outcome_cap, 5);
    assert_int_equal(policy->verdict.source_cap, 6);
    assert_int_equal(policy->verdict.session_cap, 7);
    assert_int_equal(policy->incident.quiet, 10 * MF_MINUTE);
    assert_int_equal(policy->incident.reopen, 2 * MF_HOUR);
    assert_int_equal(policy->incident.max_open, 17);
    assert_int_equal(policy->incident.max_alerts_per_minute, 9);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        const struct mf_signal_conf *signal = &policy->signal[i];
        bool refused = strcmp(mf_signals[i]->name, "refused_burst") == 0;
        assert_int_equal(signal->enabled, !refused);
        if (refused) {
            assert_int_equal(signal->steps.n, 1);
            assert_int_equal(signal->steps.step[0].points, 11);
            assert_int_equal(signal->window, 7 * MF_MINUTE);
        } else if (strcmp(mf_signals[i]->name, "code_bruteforce") == 0) {
            assert_int_equal(signal->success.step[0].count, 3);
            assert_int_equal(signal->decisive, 0);
            assert_int_equal(signal->steps.n, 2);
        } else if (strcmp(mf_signals[i]->name, "approved_after_silence") == 0) {
            assert_int_equal(signal->unfamiliar.n, 0);
        } else if (strcmp(mf_signals[i]->name, "new_source") == 0) {
            assert_int_equal(signal->country_points, 1);
            assert_int_equal(signal->asn_points, 2);
            assert_int_equal(signal->network_points, 3);
        }
    }
    mf_policy_free(policy);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    error.text[0] = '\0';
    assert_null(mf_policy_load("/nonexistent/policy.conf", &error));
    assert_non_null(strstr(error.text, "/nonexistent/policy.conf"));
    assert_null(mf_policy_load("/nonexistent/policy.conf", NULL));
    assert_null(mf_policy_load(folder, &error));
}

static void bad_json_has_a_place(void **state)
{
    (void)state;
    assert_memory_equal(wrong("{\n  \"observe\": tru\n}"), "2:17: ", 6);
    assert_memory_equal(wrong(""), "1:1: ", 5);
    assert_memory_equal(wrong("[]"), "1:1: ", 5);
    assert_memory_equal(wrong("true"), "1:1: ", 5);
}

/* ---- every option of every table ---- */

struct place {
    const char *open, *close; /* what stands around the options */
    const char *section;      /* as messages name it */
    const struct mf_option *options;
};

/* Calls fn for each table. */
static void for_each_table(void (*fn)(const struct place *place))
{
    static const struct place fixed[] = {
        {"{\"time\": {", "}}", "time", mf_time_options},
        {"{\"state\": {", "}}", "state", mf_state_options},
        {"{\"nets\": {", "}}", "nets", mf_nets_options},
        {"{\"people\": {", "}}", "people", mf_people_options},
        {"{\"geo\": {", "}}", "geo", mf_geo_options},
        {"{\"geo\": {\"paths\": {", "}}}", "geo.paths", mf_geo_path_options},
        {"{\"verdict\": {", "}}", "verdict", mf_verdict_options},
        {"{\"verdict\": {\"caps\": {", "}}}", "verdict.caps", mf_verdict_cap_options},
        {"{\"incident\": {", "}}", "incident", mf_incident_options},
    };
    char open[80], section[80];

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        fn(&fixed[i]);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        snprintf(open, sizeof open, "{\"signals\": {\"%s\": {", mf_signals[i]->name);
        snprintf(section, sizeof section, "signals.%s", mf_signals[i]->name);
        fn(&(struct place){open, "}}}", section, mf_signals[i]->options});
    }
}

/* The value stands alone in line 2. */
static const char *wrong_value(const struct place *place, const char *name, const char *value)
{
    char text[512];

    snprintf(text, sizeof text, "%s\n\"%s\": %s\n%s", place->open, name, value, place->close);
    return wrong(text);
}

static void accepts(const struct place *place, const char *name, const char *value)
{
    const char *message = wrong_value(place, name, value);

    if (message[0] != '\0')
        fail_msg("%s.%s %s: %s", place->section, name, value, message);
}

/* Refused at the value, with the option's full name and a word of what is wrong. */
static void refuses_at(const struct place *place, const char *name, const char *value, size_t shift, const char *word)
{
    const char *message = wrong_value(place, name, value);
    char begin[160];

    snprintf(begin, sizeof begin, "2:%zu: %s.%s: ", strlen(name) + 5 + shift, place->section, name);
    if (strncmp(message, begin, strlen(begin)) != 0 || strstr(message, word) == NULL)
        fail_msg("%s.%s %s: \"%s\" does not begin with \"%s\" or lacks \"%s\"", place->section, name, value, message,
                 begin, word);
}

static void refuses(const struct place *place, const char *name, const char *value, const char *word)
{
    refuses_at(place, name, value, 0, word);
}

static const char *as_text(int64_t value, const char *unit)
{
    static char text[32];

    if (unit[0] == '\0')
        snprintf(text, sizeof text, "%lld", (long long)value);
    else
        snprintf(text, sizeof text, "\"%lld%s\"", (long long)value, unit);
    return text;
}

/* Verdict levels must rise as well, so not each of their bounds is accepted alone. */
static bool stands_alone(const struct place *place)
{
    return place->options != mf_verdict_options;
}

static void check_number(const struct place *place, const struct mf_option *option, const char *unit)
{
    if (stands_alone(place)) {
        accepts(place, option->name, as_text(option->min, unit));
        accepts(place, option->name, as_text(option->max, unit));
    }
    if (option->min > 0)
        refuses(place, option->name, as_text(option->min - 1, unit), "out of bounds");
    refuses(place, option->name, as_text(option->max + 1, unit), "out of bounds");
}

/* Bounds of what is counted are the option's own: attempts, or users at an address. */
static void check_steps(const struct place *place, const struct mf_option *option)
{
    char last[32], beyond[32];

    snprintf(last, sizeof last, "[[%lld, 1]]", (long long)option->max);
    snprintf(beyond, sizeof beyond, "[[%lld, 1]]", (long long)option->max + 1);
    accepts(place, option->name, "[[1, 0], [2, 100]]");
    accepts(place, option->name, last);
    accepts(place, option->name, "[]");
    refuses_at(place, option->name, "[[0, 1]]", 2, "out of bounds");
    refuses_at(place, option->name, beyond, 2, "out of bounds");
    refuses_at(place, option->name, "[[1, 101]]", 5, "out of bounds");
    refuses_at(place, option->name, "[[2, 1], [2, 1]]", 9, "does not rise");
}

static void check_text(const struct place *place, const struct mf_option *option)
{
    char longest[MF_TEXT_OPTION + 2] = "\"";

    memset(longest + 1, 'x', MF_TEXT_OPTION - 1);
    longest[MF_TEXT_OPTION] = '"';
    accepts(place, option->name, longest);
    accepts(place, option->name, "\"\"");
}

static void check_bounds(const struct place *place)
{
    for (const struct mf_option *option = place->options; option->name != NULL; option++) {
        if (option->type == MF_OPTION_COUNT)
            check_number(place, option, "");
        else if (option->type == MF_OPTION_DURATION)
            check_number(place, option, "ms");
        else if (option->type == MF_OPTION_STEPS)
            check_steps(place, option);
        else if (option->type == MF_OPTION_TEXT)
            check_text(place, option);
        else
            assert_int_equal(option->type, MF_OPTION_BOOL);
    }
}

static void each_option_keeps_its_bounds(void **state)
{
    (void)state;
    for_each_table(check_bounds);
}

static void check_types(const struct place *place)
{
    static const char *const values[] = {"null", "\"yes\"", "{}", "-1", "1.5", "true", "[]", "[\"x\"]", "5"};

    for (const struct mf_option *option = place->options; option->name != NULL; option++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            bool fits = (option->type == MF_OPTION_BOOL && strcmp(values[i], "true") == 0) ||
                        (option->type == MF_OPTION_STEPS && values[i][0] == '[') ||
                        (option->type == MF_OPTION_TEXT && strcmp(values[i], "\"yes\"") == 0) ||
                        (option->type == MF_OPTION_COUNT && strcmp(values[i], "5") == 0);
            if (!fits)
                refuses(place, option->name, values[i], "");
        }
}

static void each_option_refuses_another_type(void **state)
{
    (void)state;
    for_each_table(check_types);
}

static void check_twice(const struct place *place)
{
    char text[512], begin[32];

    for (const struct mf_option *option = place->options; option->name != NULL; option++) {
        snprintf(text, sizeof text, "%s\n\"%s\": %s,\n \"%s\": %s%s", place->open, option->name, option->fallback,
                 option->name, option->fallback, place->close);
        const char *message = wrong(text);
        snprintf(begin, sizeof begin, "3:2: ");
        if (strncmp(message, begin, strlen(begin)) != 0 || strstr(message, "twice") == NULL ||
            strstr(message, option->name) == NULL)
            fail_msg("%s.%s: %s", place->section, option->name, message);
    }
}

static void each_option_stands_once(void **state)
{
    (void)state;
    for_each_table(check_twice);
}

static void check_misspelt(const struct place *place)
{
    char name[64], suggestion[96];

    for (const struct mf_option *option = place->options; option->name != NULL; option++) {
        snprintf(name, sizeof name, "%sx", option->name);
        snprintf(suggestion, sizeof suggestion, "did you mean \"%s\"?", option->name);
        const char *message = wrong_value(place, name, "1");
        if (strncmp(message, "2:1: ", 5) != 0 || strstr(message, name) == NULL ||
            strstr(message, place->section) == NULL || strstr(message, suggestion) == NULL)
            fail_msg("%s.%s: %s", place->section, name, message);
    }
    const char *message = wrong_value(place, "something_else_entirely", "1");
    if (strncmp(message, "2:1: ", 5) != 0 || strstr(message, "accepted: ") == NULL)
        fail_msg("%s: %s", place->section, message);
}

static void each_option_that_is_misspelt_is_recognised(void **state)
{
    (void)state;
    for_each_table(check_misspelt);
}

static void check_default(const struct place *place)
{
    for (const struct mf_option *option = place->options; option->name != NULL; option++) {
        accepts(place, option->name, option->fallback);
        assert_true(option->help != NULL && option->help[0] != '\0');
    }
}

static void each_default_is_accepted(void **state)
{
    (void)state;
    for_each_table(check_default);
}

static void check_object(const struct place *place)
{
    char text[512], *brace;

    /* the section itself as a number: without the brace that opens it, and the one that closes it */
    snprintf(text, sizeof text, "%s", place->open);
    brace = strrchr(text, '{');
    snprintf(brace, sizeof text - (size_t)(brace - text), "5%s", place->close + 1);
    const char *message = wrong(text);
    if (strncmp(message, "1:", 2) != 0 || strstr(message, "is not an object") == NULL ||
        strstr(message, place->section) == NULL)
        fail_msg("%s: %s", text, message);
}

static void each_section_is_an_object(void **state)
{
    (void)state;
    for_each_table(check_object);
    assert_non_null(strstr(wrong("{\"signals\": []}"), "1:13: signals must be an object"));
}

/* ---- the top ---- */

static void options_at_the_top_are_checked(void **state)
{
    (void)state;
    assert_memory_equal(wrong("{\n\"observe\": 1}"), "2:12: ", 6);
    assert_memory_equal(wrong("{\n\"observe\": \"true\"}"), "2:12: ", 6);
    assert_memory_equal(wrong("{\n\"profile_dir\": 1}"), "2:16: ", 6);
    assert_memory_equal(wrong("{\n\"profiles\": \"okta\"}"), "2:13: ", 6);
    assert_memory_equal(wrong("{\n\"profiles\": [\"okta\", \"okta\"]}"), "2:22: ", 6);
    assert_memory_equal(wrong("{\n\"profiles\": [\"\"]}"), "2:14: ", 6);
    assert_memory_equal(wrong("{\n\"alert_level\": 2}"), "2:16: ", 6);
    assert_memory_equal(wrong("{\n\"alert_level\": \"suspicous\"}"), "2:16: ", 6);
    assert_non_null(strstr(error.text, "did you mean \"suspicious\"?"));
    assert_memory_equal(wrong("{\n\"observe\": true,\n\"observe\": true}"), "3:1: ", 5);
    assert_memory_equal(wrong("{\n\"time\": {},\n\"time\": {}}"), "3:1: ", 5);
    assert_memory_equal(wrong("{\n\"obsrve\": true}"), "2:1: ", 5);
    assert_non_null(strstr(error.text, "did you mean \"observe\"?"));
    assert_non_null(strstr(wrong("{\"tme\": {}}"), "did you mean \"time\"?"));
    assert_non_null(strstr(wrong("{\"signal\": {}}"), "did you mean \"signals\"?"));
    assert_non_null(strstr(wrong("{\"verdict\": {\"cap\": {}}}"), "did you mean \"caps\"?"));
}

/* A normal record is nothing to be alerted of: the table says notice to anomalous, and so does the documentation
 * made from it. */
static void the_alert_level_is_notice_or_above(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"alert_level\": \"notice\"}"), "");
    assert_string_equal(wrong("{\"alert_level\": \"anomalous\"}"), "");
    assert_memory_equal(wrong("{\"alert_level\": \"normal\"}"), "1:17: ", 6);
}

static void signals_are_known_and_stand_once(void **state)
{
    (void)state;
    assert_memory_equal(wrong("{\"signals\": {\n \"prompt_brst\": {}}}"), "2:2: ", 5);
    assert_non_null(strstr(error.text, "did you mean \"prompt_burst\"?"));
    assert_memory_equal(wrong("{\"signals\": {\n \"astrology\": {}}}"), "2:2: ", 5);
    assert_non_null(strstr(error.text, "unknown signal \"astrology\""));
    assert_memory_equal(wrong("{\"signals\": {\n \"new_source\": {},\n \"new_source\": {}}}"), "3:2: ", 5);
    assert_non_null(strstr(error.text, "twice"));
}

static void levels_of_the_verdict_rise(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"verdict\": {\"notice\": 49}}"), "");
    assert_memory_equal(wrong("{\n\"verdict\": {\"notice\": 50}}"), "2:12: ", 6);
    assert_non_null(strstr(error.text, "must rise"));
    assert_string_equal(wrong("{\"verdict\": {\"anomalous\": 51}}"), "");
    assert_non_null(strstr(wrong("{\"verdict\": {\"anomalous\": 50}}"), "must rise"));
    assert_string_equal(wrong("{\"verdict\": {\"notice\": 1, \"suspicious\": 2, \"anomalous\": 3}}"), "");
    assert_string_equal(wrong("{\"verdict\": {\"notice\": 98, \"suspicious\": 99, \"anomalous\": 100}}"), "");
}

static void a_refused_policy_leaves_nothing_behind(void **state)
{
    struct mf_policy *policy;

    (void)state;
    assert_string_not_equal(wrong("{\"observe\": true, \"time\": {\"skew\": \"9d\"}}"), "");
    policy = accept("{}");
    assert_false(policy->observe);
    mf_policy_free(policy);
}

/* ---- documentation ---- */

static void the_documentation_names_every_option(void **state)
{
    char *text = printed(mf_policy_print_markdown), name[96];

    (void)state;
    for (unsigned i = 0; i < mf_n_signals; i++) {
        snprintf(name, sizeof name, "### signals.%s\n", mf_signals[i]->name);
        assert_non_null(strstr(text, name));
    }
    for (const struct mf_option *option = mf_incident_options; option->name != NULL; option++) {
        snprintf(name, sizeof name, "| `%s` |", option->name);
        assert_non_null(strstr(text, name));
        assert_non_null(strstr(text, option->help));
    }
    assert_non_null(strstr(text, "| `alert_level` | `\"suspicious\"` | `notice`, `suspicious`, `anomalous` |"));
    assert_non_null(strstr(text, "| `prompt_ttl` | `\"5m\"` | duration, 30 s to 3600 s |"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_file_is_the_defaults),
        cmocka_unit_test(what_is_printed_loads_back_as_the_defaults),
        cmocka_unit_test(an_empty_object_is_the_defaults),
        cmocka_unit_test(the_fingerprint_is_that_of_the_bytes),
        cmocka_unit_test(each_section_goes_to_its_place),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(bad_json_has_a_place),
        cmocka_unit_test(each_option_keeps_its_bounds),
        cmocka_unit_test(each_option_refuses_another_type),
        cmocka_unit_test(each_option_stands_once),
        cmocka_unit_test(each_option_that_is_misspelt_is_recognised),
        cmocka_unit_test(each_default_is_accepted),
        cmocka_unit_test(each_section_is_an_object),
        cmocka_unit_test(options_at_the_top_are_checked),
        cmocka_unit_test(the_alert_level_is_notice_or_above),
        cmocka_unit_test(signals_are_known_and_stand_once),
        cmocka_unit_test(levels_of_the_verdict_rise),
        cmocka_unit_test(a_refused_policy_leaves_nothing_behind),
        cmocka_unit_test(the_documentation_names_every_option),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
