/* tests/test_path.c
 *
 * Paths, one feature at a time: syntax, members, selectors, lifting, embedded documents, and above all when a value
 * is in doubt. */

#include "read/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define WORD(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

static struct mf_record record;
static struct mf_paths *paths;
static uint32_t found[MF_PATHS_MAX];
static bool whole, twice[MF_PATHS_MAX];
static char *block;

static const struct mf_paths_options plain;

static int set_up(void **state)
{
    struct mf_error error;

    (void)state;
    paths = NULL;
    return mf_record_init(&record, &mf_record_default_limits, &error);
}

static int tear_down(void **state)
{
    (void)state;
    mf_paths_free(paths);
    mf_record_fini(&record);
    free(block);
    block = NULL;
    return 0;
}

/* ---- helpers ---- */

static void want(const struct mf_paths_options *options, const char *const *texts, size_t n)
{
    struct mf_error error = {""};

    mf_paths_free(paths);
    paths = mf_paths_new(options, &error);
    assert_non_null(paths);
    for (size_t i = 0; i < n; i++) {
        unsigned id = 999;

        if (mf_paths_add(paths, mf_slice_of(texts[i]), &id, &error) != 0)
            fail_msg("%s", error.text);
        assert_int_equal(id, i);
    }
}

#define WANT(options, ...)                                                                                             \
    do {                                                                                                               \
        const char *const wanted[] = {__VA_ARGS__};                                                                    \
        want(options, wanted, sizeof wanted / sizeof wanted[0]);                                                       \
    } while (0)

static void resolve(const char *text)
{
    size_t length = strlen(text);
    enum mf_skip skip;

    free(block);
    block = malloc(length);
    assert_non_null(block);
    memcpy(block, text, length);
    skip = mf_record_parse_document(&record, block, length);
    if (skip != MF_SKIP_NONE)
        fail_msg("%s: %s", text, mf_skip_name(skip));
    whole = mf_paths_resolve(paths, &record, 0, found, twice);
}

/* `written` is the value as it stands in the document; NULL for not found. */
static void check(unsigned id, const char *written, bool doubt)
{
    if (written == NULL) {
        assert_int_equal(found[id], MF_NO_NODE);
    } else {
        struct mf_slice raw;

        assert_true(found[id] < record.n_nodes);
        raw = mf_record_raw(&record, found[id]);
        if (raw.length != strlen(written) || memcmp(raw.data, written, raw.length) != 0)
            fail_msg("path %u is %.*s, not %s", id, (int)raw.length, raw.data, written);
    }
    assert_int_equal(twice[id], doubt);
}

static void is(unsigned id, const char *written)
{
    check(id, written, false);
}

static void is_doubtful(unsigned id, const char *written)
{
    check(id, written, true);
}

static void is_absent(unsigned id)
{
    check(id, NULL, false);
}

/* ---- syntax ---- */

static void gives_the_same_id_to_the_same_text(void **state)
{
    struct mf_error error;
    unsigned id;

    (void)state;
    WANT(&plain, "a.b", "c", "a[*]");
    assert_int_equal(mf_paths_add(paths, mf_slice_of("c"), &id, &error), 0);
    assert_int_equal(id, 1);
    assert_int_equal(mf_paths_add(paths, mf_slice_of("a.b"), &id, &error), 0);
    assert_int_equal(id, 0);
    assert_int_equal(mf_paths_count(paths), 3);
    assert_int_equal(mf_paths_text(paths, 2).length, 4);
    assert_memory_equal(mf_paths_text(paths, 2).data, "a[*]", 4);
    assert_null(mf_paths_text(paths, 3).data);
}

static void answers_two_spellings_of_one_path(void **state)
{
    (void)state;
    WANT(&plain, "a.b", "\"a\".b", "a.\"b\"");
    resolve("{\"a\":{\"b\":7}}");
    is(0, "7");
    is(1, "7");
    is(2, "7");
    resolve("{\"a\":{\"b\":7,\"b\":8}}");
    is_doubtful(0, "7");
    is_doubtful(1, "7");
    is_doubtful(2, "7");
}

static void refuses_bad_syntax_and_quotes_it(void **state)
{
    static const char *const bad[] = {
        "",          "a.",      ".a",        "a..b",  "..",        "a[",     "a[]",    "a]",    "a[1",
        "a[x]",      "a[-1]",   "a[1x]",     "\"a",   "\"\"",      "a\"b\"", "\"a\"b", "a[=x]", "a[t=]",
        "a[t=|x]",   "a[t=x|]", "a[t=x||y]", "a[1]b", "a[*]\"b\"", "a\nb",   "a[0].",  "[",     "a[99999999999]",
        "a[1234567]"};

    (void)state;
    WANT(&plain, "ok");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mf_error error = {""};
        unsigned id = 77;

        if (mf_paths_add(paths, mf_slice_of(bad[i]), &id, &error) != -1)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(id, 77);
        assert_non_null(strstr(error.text, bad[i]));
        assert_non_null(strstr(error.text, "accepted"));
    }
    assert_int_equal(mf_paths_count(paths), 1);
    resolve("{\"ok\":1,\"a\":{}}");
    is(0, "1");
}

static void accepts_256_paths_and_no_more(void **state)
{
    struct mf_error error = {""};
    unsigned id;
    char text[16];

    (void)state;
    WANT(&plain, "k0");
    for (unsigned i = 1; i < MF_PATHS_MAX; i++) {
        snprintf(text, sizeof text, "k%u", i);
        assert_int_equal(mf_paths_add(paths, mf_slice_of(text), &id, &error), 0);
        assert_int_equal(id, i);
    }
    assert_int_equal(mf_paths_add(paths, mf_slice_of("k255"), &id, &error), 0);
    assert_int_equal(mf_paths_add(paths, mf_slice_of("more"), &id, &error), -1);
    assert_non_null(strstr(error.text, "more"));
    resolve("{\"k255\":1,\"k0\":2,\"k77\":3,\"k255\":4,\"k256\":5}");
    is_doubtful(255, "1");
    is(0, "2");
    is(77, "3");
    is_absent(78);
}

static void accepts_32_steps_and_no_more(void **state)
{
    struct mf_error error = {""};
    char text[80] = "a";
    unsigned id;

    (void)state;
    WANT(&plain, "x");
    for (int i = 1; i < 32; i++)
        strcat(text, ".a");
    assert_int_equal(mf_paths_add(paths, mf_slice_of(text), &id, &error), 0);
    strcat(text, ".a");
    assert_int_equal(mf_paths_add(paths, mf_slice_of(text), &id, &error), -1);
}

static void accepts_names_of_256_bytes_and_no_more(void **state)
{
    struct mf_error error = {""};
    char text[300], document[320];
    unsigned id;

    (void)state;
    WANT(&plain, "x");
    memset(text, 'n', sizeof text);
    assert_int_equal(mf_paths_add(paths, (struct mf_slice){text, 257}, &id, &error), -1);
    assert_int_equal(mf_paths_add(paths, (struct mf_slice){text, 256}, &id, &error), 0);
    snprintf(document, sizeof document, "{\"%.256s\":7}", text);
    resolve(document);
    is(1, "7");
    snprintf(document, sizeof document, "{\"%.257s\":7}", text);
    resolve(document);
    is_absent(1);
}

/* ---- members ---- */

static void finds_members_at_any_depth(void **state)
{
    (void)state;
    WANT(&plain, "a", "b.c", "b.d.e", "b", "missing", "b.missing", "a.c", ".");
    resolve("{\"a\":\"x\",\"b\":{\"c\":1,\"d\":{\"e\":true}},\"f\":0}");
    is(0, "x");
    is(1, "1");
    is(2, "true");
    is(3, "{\"c\":1,\"d\":{\"e\":true}}");
    is_absent(4);
    is_absent(5);
    is_absent(6);
    is(7, "{\"a\":\"x\",\"b\":{\"c\":1,\"d\":{\"e\":true}},\"f\":0}");
}

static void tells_names_apart_that_look_alike(void **state)
{
    (void)state;
    WANT(&plain, "a", "ab", "abc", "abcd", "abcdefgh", "abcdefghi", "abcdefghijklmnop", "abcdefghijklmnopq",
         "abXdefghijklmnopq", "abcdXfgh", "abXc", "b");
    resolve("{\"abXdefghijklmnopq\":9,\"abcdefghijklmnopq\":8,\"abcdefghijklmnop\":7,\"abcdefghi\":6,\"abcdefgh\":5,"
            "\"abcd\":4,\"abc\":3,\"ab\":2,\"a\":1,\"abcdXfgh\":10,\"abXc\":11,\"abYc\":12,\"abcdYfgh\":13,"
            "\"abYdefghijklmnopq\":14,\"abcdefgYijklmnopq\":15,\"A\":16,\"\":17}");
    for (unsigned i = 0; i < 11; i++) {
        char number[8];

        snprintf(number, sizeof number, "%u", i + 1 == 9 ? 9 : i + 1);
        is(i, number);
    }
    is_absent(11);
}

static void takes_null_for_absent(void **state)
{
    (void)state;
    WANT(&plain, "a", "a.b", "c[*]", "d[0]");
    resolve("{\"a\":null,\"c\":null,\"d\":[null]}");
    is_absent(0);
    is_absent(1);
    is_absent(2);
    is_absent(3);
}

static void finds_names_with_dots_brackets_and_blanks(void **state)
{
    (void)state;
    WANT(&plain, "\"log.logger\"", "\"a[0]\".b", "two words", "\xC3\xA9t\xC3\xA9");
    resolve("{\"log.logger\":1,\"a[0]\":{\"b\":2},\"two words\":3,\"\xC3\xA9t\xC3\xA9\":4}");
    is(0, "1");
    is(1, "2");
    is(2, "3");
    is(3, "4");
}

static void finds_names_that_are_written_with_escapes(void **state)
{
    uint32_t used;

    (void)state;
    WANT(&plain, "user", "\"a\\b\"", "\xF0\x9F\x98\x80.x", "plain");
    resolve("{\"\\u0075s\\u0065r\":1,\"a\\\\b\":2,\"\\uD83D\\uDE00\":{\"\\u0078\":3},\"\\u0070lain\\n\":4}");
    is(0, "1");
    is(1, "2");
    is(2, "3");
    is_absent(3);
    used = record.scratch_used;
    mf_paths_resolve(paths, &record, 0, found, twice);
    assert_int_equal(record.scratch_used, used); /* nothing is left behind in the scratch buffer */
}

/* `n` members of no interest, and then one that is. */
static void resolve_after(unsigned n, const char *member, const char *last)
{
    static char text[65536];
    size_t used = 1;

    text[0] = '{';
    for (unsigned i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s,", member);
    snprintf(text + used, sizeof text - used, "%s}", last);
    resolve(text);
}

static void doubts_all_of_an_object_with_too_many_members(void **state)
{
    (void)state;
    WANT(&plain, "user", "a.b");
    resolve_after(1022, "\"x\":0", "\"user\":1,\"a\":{\"b\":2}");
    is(0, "1");
    is(1, "2");
    assert_true(whole);
    resolve_after(1023, "\"x\":0", "\"user\":1,\"a\":{\"b\":2}");
    is_doubtful(0, "1");
    check(1, NULL, true);
    assert_false(whole);
}

static void resolve_elements(unsigned n, const char *element)
{
    static char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, "{\"user\":1,\"list\":[{\"t\":\"x\",\"v\":2}");

    for (unsigned i = 1; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",%s", element);
    snprintf(text + used, sizeof text - used, "]}");
    resolve(text);
}

static void doubts_all_when_an_array_has_too_many_elements_to_choose_from(void **state)
{
    (void)state;
    WANT(&plain, "user", "list[t=x].v", "list[*]");
    resolve_elements(1024, "{\"t\":\"not x\"}");
    is(0, "1");
    is(1, "2");
    assert_true(whole);
    resolve_elements(1025, "{\"t\":\"not x\"}");
    is_doubtful(0, "1");
    is_doubtful(1, "2");
    assert_false(whole);
    WANT(&plain, "user", "list[*]"); /* nobody chooses */
    resolve_elements(2000, "{\"t\":\"not x\"}");
    is(0, "1");
    assert_true(whole);
}

static void doubts_all_when_there_are_too_many_escapes_in_names(void **state)
{
    (void)state;
    WANT(&plain, "user", "a.b");
    resolve_after(100, "\"\\u0078\"  :0", "\"us\\u0065r\":1");
    is(0, "1");
    resolve_after(200, "\"\\u0078\":0", "\"us\\u0065r\":1");
    check(0, NULL, true);
    check(1, NULL, true);
}

static void compares_case_unless_told_not_to(void **state)
{
    (void)state;
    WANT(&plain, "userName", "Client.IP");
    resolve("{\"UserName\":1,\"client\":{\"ip\":2}}");
    is_absent(0);
    is_absent(1);
}

static void ignores_case_when_told_to(void **state)
{
    const struct mf_paths_options nocase = {.nocase = true};

    (void)state;
    WANT(&nocase, "userName", "Client.IP", "USERNAME", "list[Type=x].v", "a@b");
    resolve("{\"UserName\":1,\"client\":{\"ip\":2},\"LIST\":[{\"tYPE\":\"X\",\"V\":3}],\"a`b\":4}");
    is(0, "1");
    is(1, "2");
    is(2, "1");
    is(3, "3");
    is_absent(4); /* '@' and '`' differ in the bit that tells cases apart, and are no letters */
}

/* ---- members with dots in their names ---- */

static const struct mf_paths_options dotted = {.dotted = true};

static void joins_names_when_told_to(void **state)
{
    (void)state;
    WANT(&dotted, "event.dataset", "okta.target[type=User].id", "user", "a.b.c", "\"x.y\".z");
    resolve("{\"event\":{\"dataset\":1},\"okta\":{\"target\":[{\"type\":\"User\",\"id\":2}]},\"user\":3}");
    is(0, "1");
    is(1, "2");
    is(2, "3");
    resolve("{\"event.dataset\":1,\"okta.target\":[{\"type\":\"User\",\"id\":2}],\"user\":3,\"a.b.c\":4,\"x.y.z\":5}");
    is(0, "1");
    is(1, "2");
    is(2, "3");
    is(3, "4");
    is_absent(4); /* quoted names are as they are */
    resolve("{\"a.b\":{\"c\":4},\"x.y\":{\"z\":5},\"a\":{\"b.c\":6}}");
    is_absent(3);
    is(4, "5");
    WANT(&plain, "event.dataset");
    resolve("{\"event.dataset\":1}");
    is_absent(0);
}

static void joined_and_nested_names_are_one_path(void **state)
{
    (void)state;
    WANT(&dotted, "a.b", "a.c", "\"a.c\"");
    resolve("{\"a.b\":1,\"a\":{\"b\":2,\"c\":3}}");
    is(0, "1");
    is(1, "3");
    is(2, "3");
    resolve("{\"a\":{\"b\":null},\"a.b\":1}");
    is(0, "1");
    resolve("{\"a.b\":1,\"a.b\":2}");
    is_doubtful(0, "1");
    resolve("{\"a.c\":1}");
    is(1, "1");
    is(2, "1");
    WANT(&dotted, "\"a.c\"", "a.c");
    resolve("{\"a.c\":1}");
    is(0, "1");
    is(1, "1");
    resolve("{\"a\":{\"c\":2}}");
    is(0, "2");
    is(1, "2");
}

static void joined_names_are_bounded(void **state)
{
    struct mf_error error = {""};
    char text[32];
    unsigned n = 0, id;

    (void)state;
    paths = mf_paths_new(&dotted, &error);
    assert_non_null(paths);
    do
        snprintf(text, sizeof text, "a%u.b", n++);
    while (mf_paths_add(paths, mf_slice_of(text), &id, &error) == 0);
    assert_int_equal(n, MF_PATHS_MAX / 2 + 1);
    assert_non_null(strstr(error.text, "one too many"));
    resolve("{\"a0.b\":1,\"a127\":{\"b\":2}}");
    is(0, "1");
    is(127, "2");
}

/* ---- values in doubt ---- */

static void doubts_a_member_that_stands_twice(void **state)
{
    (void)state;
    WANT(&plain, "user", "a.b", "a.c", "other");
    resolve("{\"user\":\"ada\",\"other\":1,\"user\":\"eve\"}");
    is_doubtful(0, "ada");
    is(3, "1");
    resolve("{\"user\":\"ada\",\"user\":\"ada\"}");
    is_doubtful(0, "ada");
    resolve("{\"a\":{\"b\":1,\"c\":2,\"b\":3}}");
    is_doubtful(1, "1");
    is(2, "2");
    resolve("{\"a\":{\"b\":1},\"a\":{\"c\":2}}");
    is_doubtful(1, "1");
    is_doubtful(2, NULL);
    resolve("{\"user\":1,\"user\":2,\"user\":3,\"user\":4}");
    is_doubtful(0, "1");
}

static void doubts_through_null_and_escapes(void **state)
{
    const struct mf_paths_options nocase = {.nocase = true};

    (void)state;
    WANT(&plain, "user");
    resolve("{\"user\":null,\"user\":\"eve\"}");
    is_doubtful(0, NULL);
    resolve("{\"user\":\"ada\",\"us\\u0065r\":\"eve\"}");
    is_doubtful(0, "ada");
    resolve("{\"us\\u0065r\":\"ada\",\"user\":null}");
    is_doubtful(0, "ada");
    resolve("{\"user\":\"ada\",\"User\":\"eve\"}");
    is(0, "ada");
    WANT(&nocase, "user");
    resolve("{\"user\":\"ada\",\"User\":\"eve\"}");
    is_doubtful(0, "ada");
}

static void does_not_doubt_what_stands_twice_elsewhere(void **state)
{
    (void)state;
    WANT(&plain, "a.x", "list[*].x");
    resolve("{\"a\":{\"x\":1,\"y\":0,\"y\":0},\"b\":{\"x\":2},\"x\":3,\"x\":4,\"list\":[{\"x\":5},{\"x\":6,\"x\":7}]}");
    is(0, "1");
    is(1, "5");
}

/* ---- selectors ---- */

static void counts_elements_from_zero(void **state)
{
    (void)state;
    WANT(&plain, "a[0]", "a[2]", "a[3]", "a[1].b", "o[0]", "s[0]", "[0]", "m[1][0]");
    resolve("{\"a\":[\"x\",{\"b\":1},\"z\"],\"o\":{\"0\":1},\"s\":\"text\",\"m\":[[1],[2,3]]}");
    is(0, "x");
    is(1, "z");
    is_absent(2);
    is(3, "1");
    is_absent(4);
    is_absent(5);
    is_absent(6);
    is(7, "2");
    resolve("[5]");
    is(6, "5");
}

static void gives_the_array_for_a_star_at_the_end(void **state)
{
    (void)state;
    WANT(&plain, "records[*]", "[*]", "records");
    resolve("{\"records\":[1,2]}");
    is(0, "[1,2]");
    is(1, "{\"records\":[1,2]}");
    is(2, "[1,2]");
    resolve("{\"records\":{\"a\":1}}");
    is(0, "{\"a\":1}");
    resolve("{\"records\":[]}");
    is(0, "[]");
    resolve("{\"records\":\"text\"}");
    is_absent(0);
    is(2, "text");
    resolve("[1]");
    is(1, "[1]");
    resolve("7");
    is_absent(1);
}

static void takes_the_first_element_that_has_the_rest(void **state)
{
    (void)state;
    WANT(&plain, "events[*].name", "events[*].par[*].v", "[*].events", "events[*][*]", "events[*].a.b");
    resolve("{\"events\":[{\"name\":null},{\"par\":[{},{\"v\":2}]},{\"name\":\"x\",\"par\":[{\"v\":3}]},{\"name\":"
            "\"y\"},[4],{\"a\":{\"c\":1}},"
            "{\"a\":{\"b\":5}}]}");
    is(0, "x");
    is(1, "2");
    is(4, "5");
    resolve("{\"events\":{\"name\":\"alone\"}}");
    is(0, "alone");
    is(2, "{\"name\":\"alone\"}");
    resolve("[{\"events\":1},{\"events\":2}]");
    is(2, "1");
    resolve("{\"events\":[1,[2],[3]]}");
    is(3, "[2]");
}

static void chooses_an_element_by_value(void **state)
{
    (void)state;
    WANT(&plain, "t[type=User].id", "t[type=App|Device].id", "t[type=User]", "t[type=None].id", "t[n=7].id",
         "t[on=true].id", "t[name=Risk Level].id", "t[type=User].sub.x");
    resolve("{\"t\":[3,{\"id\":0},{\"type\":\"device\",\"id\":1},{\"type\":\"User\",\"id\":2,\"sub\":{\"x\":9}},{"
            "\"type\":\"User\",\"id\":3},{\"type\":\"App\",\"id\":4},"
            "{\"n\":7,\"id\":5},{\"on\":true,\"id\":6},{\"name\":\"risk level\",\"id\":7},{\"n\":70,\"id\":8}]}");
    is(0, "2");
    is(1, "1");
    is(2, "{\"type\":\"User\",\"id\":2,\"sub\":{\"x\":9}}");
    is_absent(3);
    is(4, "5");
    is(5, "6");
    is(6, "7");
    is(7, "9");
}

static void does_not_look_beyond_the_element_that_was_chosen(void **state)
{
    (void)state;
    WANT(&plain, "t[type=User].id");
    resolve("{\"t\":[{\"type\":\"User\"},{\"type\":\"User\",\"id\":3}]}");
    is_absent(0);
}

static void chooses_a_plain_object_too(void **state)
{
    (void)state;
    WANT(&plain, "actor[type=User].id", "actor[type=Service].id");
    resolve("{\"actor\":{\"type\":\"User\",\"id\":1}}");
    is(0, "1");
    is_absent(1);
}

static void chooses_by_escaped_values_and_names(void **state)
{
    (void)state;
    WANT(&plain, "t[type=User].id", "t[type=caf\xC3\xA9].id");
    resolve("{\"t\":[{\"t\\u0079pe\":\"Us\\u0065r\",\"id\":1},{\"type\":\"caf\\u00e9\",\"id\":2},{\"type\":null,\"id\":"
            "3},{\"type\":[\"User\"],\"id\":4}]}");
    is(0, "1");
    is(1, "2");
}

static void doubts_a_choice_whose_key_stands_twice(void **state)
{
    (void)state;
    WANT(&plain, "t[type=User].id", "t[type=App].id", "t[kind=x].id", "t[*].id");
    resolve("{\"t\":[{\"type\":\"App\",\"id\":1},{\"type\":\"User\",\"type\":\"App\",\"id\":2}]}");
    is_doubtful(0, "2");
    is(1, "1"); /* chosen before the doubtful element was seen */
    is_absent(2);
    is(3, "1");
    resolve("{\"t\":[{\"type\":\"x\",\"type\":\"User\"},{\"type\":\"User\",\"id\":3}]}");
    is_doubtful(0, "3");
}

static void keeps_choices_of_two_keys_apart(void **state)
{
    (void)state;
    WANT(&plain, "t[a=1].v", "t[b=1].v", "t[a=2].v", "t[b=2].v", "t[a=3].v");
    resolve("{\"t\":[{\"b\":2,\"a\":3,\"v\":10},{\"a\":1,\"b\":1,\"v\":20},{\"a\":2,\"v\":30}]}");
    is(0, "20");
    is(1, "20");
    is(2, "30");
    is(3, "10");
    is(4, "10");
}

/* ---- lifting ---- */

static const struct mf_slice kept[] = {WORD("category"), WORD("time")};
static const struct mf_paths_options lifting = {.lift = WORD("properties"), .keep = kept, .n_keep = 2};

static void looks_into_the_lifted_object_first(void **state)
{
    (void)state;
    WANT(&lifting, "user", "status.code", "status.text", "category", "time", "properties.user", "top", ".");
    resolve("{\"user\":\"outer\",\"status\":{\"code\":1,\"text\":\"t\"},\"category\":\"top\",\"top\":5,\"properties\":{"
            "\"user\":\"inner\",\"status\":{\"code\":2},"
            "\"category\":\"low\",\"time\":9}}");
    is(0, "inner");
    is(1, "2");
    is(2, "t");
    is(3, "top");
    is(4, "9");
    is(5, "inner");
    is(6, "5");
    assert_int_equal(found[7], 0);
}

static void does_without_a_lifted_object(void **state)
{
    (void)state;
    WANT(&lifting, "user", "category", "properties");
    resolve("{\"user\":1,\"category\":2}");
    is(0, "1");
    is(1, "2");
    resolve("{\"user\":1,\"category\":2,\"properties\":\"text\"}");
    is(0, "1");
    is(2, "text");
    resolve("{\"user\":1,\"category\":2,\"properties\":null}");
    is(0, "1");
    resolve("[{\"user\":1}]");
    is_absent(0);
}

static void does_not_doubt_a_name_that_stands_inside_and_outside(void **state)
{
    (void)state;
    WANT(&lifting, "user", "category", "other");
    resolve("{\"user\":1,\"category\":2,\"properties\":{\"user\":3,\"category\":4}}");
    is(0, "3");
    is(1, "2");
}

static void doubts_what_stands_twice_inside_or_outside(void **state)
{
    (void)state;
    WANT(&lifting, "user", "category", "other");
    resolve("{\"user\":1,\"properties\":{\"user\":3,\"user\":4}}");
    is_doubtful(0, "3");
    resolve("{\"other\":1,\"other\":2,\"properties\":{\"user\":3}}");
    is_doubtful(2, "1");
    is(0, "3");
    resolve("{\"category\":1,\"category\":2,\"properties\":{}}");
    is_doubtful(1, "1");
    resolve("{\"properties\":{\"category\":1,\"category\":2}}");
    is_doubtful(1, "1");
    resolve("{\"user\":1,\"user\":2,\"category\":3,\"properties\":{\"user\":4,\"category\":5,\"category\":6}}");
    is_doubtful(0, "4");
    is_doubtful(1, "3");
}

static void doubts_everything_that_a_second_lifted_object_could_change(void **state)
{
    (void)state;
    WANT(&lifting, "user", "category", "other", "time", ".");
    resolve(
        "{\"category\":7,\"other\":8,\"properties\":{\"user\":1,\"time\":2},\"properties\":{\"user\":2,\"other\":3}}");
    is_doubtful(0, "1");
    is(1, "7");
    is_doubtful(2, "8");
    is_doubtful(3, "2");
    assert_int_equal(found[4], 0);
    assert_false(twice[4]);
    resolve("{\"category\":7,\"properties\":null,\"properties\":{\"user\":2}}");
    is_doubtful(0, NULL);
    is(1, "7");
}

/* ---- embedded documents ---- */

static const struct mf_slice unpacked[] = {WORD("doc"), WORD("list"), WORD("properties")};
static const struct mf_paths_options embedding = {.embedded = unpacked, .n_embedded = 3};

static void walks_into_embedded_documents(void **state)
{
    (void)state;
    WANT(&embedding, "doc.a", "doc", "list[*]", "list[t=x].v", "in.doc.b", "text.a", "doc.doc.c");
    resolve("{\"doc\":\" "
            "{\\\"a\\\":1,\\\"doc\\\":\\\"{\\\\\\\"c\\\\\\\":3}\\\",\\\"c\\\\td\\\":4}\",\"list\":\"[{\\\"t\\\":"
            "\\\"x\\\",\\\"v\\\":2}]\",\"in\":{\"doc\":\"{\\\"b\\\":5}\"},"
            "\"text\":\"{\\\"a\\\":6}\"}");
    is(0, "1");
    is(1, " {\\\"a\\\":1,\\\"doc\\\":\\\"{\\\\\\\"c\\\\\\\":3}\\\",\\\"c\\\\td\\\":4}");
    is(2, "[{\"t\":\"x\",\"v\":2}]");
    is(3, "2");
    is(4, "5");
    is_absent(5); /* not named as embedded */
    is(6, "3");
}

/* Of as many strings as are remembered and one more, the longest are. */
static void unpacks_a_document_once(void **state)
{
    static char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "{\"doc\":\"{\\\"list\\\":[");
    uint32_t n_nodes;

    (void)state;
    WANT(&embedding, "doc.doc.a", "doc.a");
    for (unsigned i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%u,", 10000 + i);
    snprintf(text + used, sizeof text - used, "1],\\\"a\\\":7}\"}");
    resolve(text);
    is(1, "7");
    n_nodes = record.n_nodes;
    assert_true(n_nodes > 100);
    whole = mf_paths_resolve(paths, &record, 0, found, twice);
    is(1, "7");
    assert_int_equal(record.n_nodes, n_nodes);
    for (uint32_t i = 0; i < 2 * MF_UNPACKED_KEPT; i++)
        mf_record_note_unpacked(&record, 3, paths, i); /* a short string */
    mf_paths_resolve(paths, &record, 0, found, twice);
    assert_int_equal(record.n_nodes, n_nodes);
    mf_record_cut(&record, 3, 0); /* with what was unpacked behind it */
    mf_paths_resolve(paths, &record, 0, found, twice);
    is(1, "7");
    assert_int_equal(record.n_nodes, n_nodes);
}

static void takes_what_is_no_document_for_absent(void **state)
{
    (void)state;
    WANT(&embedding, "doc.a", "doc", "list[*]");
    resolve("{\"doc\":\"{\\\"a\\\":1\",\"list\":\"plain\"}");
    is_absent(0);
    is(1, "{\\\"a\\\":1");
    is_absent(2);
    resolve("{\"doc\":\"\",\"list\":\"17\"}");
    is_absent(0);
    is_absent(2);
    resolve("{\"doc\":{\"a\":1},\"list\":[2]}");
    is(0, "1");
    is(2, "[2]");
}

static void unpacks_only_what_is_wanted(void **state)
{
    (void)state;
    WANT(&embedding, "doc");
    resolve("{\"doc\":\"[1,2,3]\",\"list\":\"[1,2,3]\"}");
    assert_int_equal(record.n_nodes, 5);
}

static void doubts_inside_embedded_documents(void **state)
{
    (void)state;
    WANT(&embedding, "doc.a", "doc.b");
    resolve("{\"doc\":\"{\\\"a\\\":1,\\\"b\\\":2,\\\"a\\\":3}\"}");
    is_doubtful(0, "1");
    is(1, "2");
    resolve("{\"doc\":\"{\\\"a\\\":1,\\\"b\\\":2}\",\"doc\":\"{}\"}");
    is_doubtful(0, "1");
    is_doubtful(1, "2");
}

static void lifts_an_embedded_document(void **state)
{
    struct mf_paths_options both = embedding;

    (void)state;
    both.lift = (struct mf_slice)WORD("properties");
    WANT(&both, "user");
    resolve("{\"user\":1,\"properties\":\"{\\\"user\\\":2}\"}");
    is(0, "2");
}

/* ---- the rest ---- */

static void resolves_from_any_node(void **state)
{
    uint32_t element;

    (void)state;
    WANT(&plain, "records[*]", "user");
    resolve("{\"user\":0,\"records\":[{\"user\":1},{\"user\":2}]}");
    element = mf_record_child(&record, found[0]);
    mf_paths_resolve(paths, &record, element, found, twice);
    is(1, "1");
    element = mf_record_sibling(&record, 2 + 2, element);
    mf_paths_resolve(paths, &record, element, found, twice);
    is(1, "2");
    is_absent(0);
}

static void copies_its_options(void **state)
{
    char lift[] = "properties", keep[] = "category", doc[] = "doc";
    struct mf_slice keeps[] = {{keep, 8}}, docs[] = {{doc, 3}};
    struct mf_paths_options options = {
        .lift = {lift, 10}, .keep = keeps, .n_keep = 1, .embedded = docs, .n_embedded = 1};

    (void)state;
    WANT(&options, "x");
    memset(lift, '?', 10);
    memset(keep, '?', 8);
    memset(doc, '?', 3);
    keeps[0].length = docs[0].length = 1;
    for (unsigned i = 0; i < 2; i++) {
        struct mf_error error;
        unsigned id;

        assert_int_equal(mf_paths_add(paths, mf_slice_of(i == 0 ? "category" : "doc.a"), &id, &error), 0);
    }
    resolve("{\"category\":1,\"properties\":{\"x\":2,\"category\":3,\"doc\":\"{\\\"a\\\":4}\"}}");
    is(0, "2");
    is(1, "1");
    is(2, "4");
}

static void frees_nothing_without_complaint(void **state)
{
    (void)state;
    mf_paths_free(NULL);
}

/* Quadratic would be minutes; linear is some tens of milliseconds even under the sanitizers. */
static void takes_linear_time_on_hostile_records(void **state)
{
    static const char *const pieces[] = {"\"user\":1,",
                                         "\"a\":{},",
                                         "\"\\u0075ser\":1,",
                                         "\"x\":\"y\",",
                                         "\"doc\":\"{}\",",
                                         "\"doc\":\"[]\",",
                                         "\"t\":[{\"type\":\"x\",\"type\":\"y\"}],"};
    clock_t start = clock();

    (void)state;
    WANT(&embedding, "user", "a.b.c", "doc.x", "t[type=a].v", "t[type=b].v", "t[*].v", "[*].user", "[type=z].user");
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t n = strlen(pieces[i]), times = 8000, at = 1;
        char *text = malloc(n * times + 16);

        text[0] = '{';
        for (size_t k = 0; k < times; k++, at += n)
            memcpy(text + at, pieces[i], n);
        memcpy(text + at, "\"\":0}", 6);
        resolve(text);
        free(text);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_the_same_id_to_the_same_text),
        TEST(answers_two_spellings_of_one_path),
        TEST(refuses_bad_syntax_and_quotes_it),
        TEST(accepts_256_paths_and_no_more),
        TEST(accepts_32_steps_and_no_more),
        TEST(accepts_names_of_256_bytes_and_no_more),
        TEST(finds_members_at_any_depth),
        TEST(tells_names_apart_that_look_alike),
        TEST(takes_null_for_absent),
        TEST(finds_names_with_dots_brackets_and_blanks),
        TEST(finds_names_that_are_written_with_escapes),
        TEST(compares_case_unless_told_not_to),
        TEST(ignores_case_when_told_to),
        TEST(joins_names_when_told_to),
        TEST(joined_and_nested_names_are_one_path),
        TEST(joined_names_are_bounded),
        TEST(doubts_a_member_that_stands_twice),
        TEST(doubts_all_of_an_object_with_too_many_members),
        TEST(doubts_all_when_an_array_has_too_many_elements_to_choose_from),
        TEST(doubts_all_when_there_are_too_many_escapes_in_names),
        TEST(doubts_through_null_and_escapes),
        TEST(does_not_doubt_what_stands_twice_elsewhere),
        TEST(counts_elements_from_zero),
        TEST(gives_the_array_for_a_star_at_the_end),
        TEST(takes_the_first_element_that_has_the_rest),
        TEST(chooses_an_element_by_value),
        TEST(does_not_look_beyond_the_element_that_was_chosen),
        TEST(chooses_a_plain_object_too),
        TEST(chooses_by_escaped_values_and_names),
        TEST(doubts_a_choice_whose_key_stands_twice),
        TEST(keeps_choices_of_two_keys_apart),
        TEST(looks_into_the_lifted_object_first),
        TEST(does_without_a_lifted_object),
        TEST(does_not_doubt_a_name_that_stands_inside_and_outside),
        TEST(doubts_what_stands_twice_inside_or_outside),
        TEST(doubts_everything_that_a_second_lifted_object_could_change),
        TEST(walks_into_embedded_documents),
        TEST(unpacks_a_document_once),
        TEST(takes_what_is_no_document_for_absent),
        TEST(unpacks_only_what_is_wanted),
        TEST(doubts_inside_embedded_documents),
        TEST(lifts_an_embedded_document),
        TEST(resolves_from_any_node),
        TEST(copies_its_options),
        TEST(frees_nothing_without_complaint),
        TEST(takes_linear_time_on_hostile_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
