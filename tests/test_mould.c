/* tests/test_mould.c
 *
 * A record that is read by a mould is read as if it had been parsed: with paths of our own, and with every sample of
 * every IdP, as it is and with a byte changed here and there, before it is known which values vary and after. The same
 * holds for what is remembered of rules (decision.h). */

#include "read/mould_book.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reading_text.h"

/* ---- moulds alone ---- */

enum { USER, ROLE, TIME, DEPTH, LIST, ACTOR, N_PATHS };

static const char *const path_texts[N_PATHS] = {
    [USER] = "actor[type=User].name",
    [ROLE] = "target[type=Role].name",
    [TIME] = "time",
    [DEPTH] = "depth",
    [LIST] = "list",
    [ACTOR] = "actor",
};

struct desk {
    struct mf_paths *paths;
    struct mf_moulds *moulds;
    struct mf_record record, fitted;
    uint32_t found[MF_PATHS_MAX], fitted_found[MF_PATHS_MAX];
};

static struct mf_paths *new_paths(const char *const *texts, unsigned n)
{
    const struct mf_slice embedded = mf_slice_of("packed");
    struct mf_paths_options options = {.embedded = &embedded, .n_embedded = 1};
    struct mf_error error;
    struct mf_paths *paths = mf_paths_new(&options, &error);
    unsigned id;

    assert_non_null(paths);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(mf_paths_add(paths, mf_slice_of(texts[i]), &id, &error), 0);
        assert_int_equal(id, i);
    }
    return paths;
}

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct mf_error error;

    assert_non_null(desk);
    desk->paths = new_paths(path_texts, N_PATHS);
    desk->moulds = mf_moulds_new();
    assert_non_null(desk->moulds);
    assert_int_equal(mf_record_init(&desk->record, &mf_record_default_limits, &error), 0);
    assert_int_equal(mf_record_init(&desk->fitted, &mf_record_default_limits, &error), 0);
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;

    mf_record_fini(&desk->fitted);
    mf_record_fini(&desk->record);
    mf_moulds_free(desk->moulds);
    mf_paths_free(desk->paths);
    free(desk);
    return 0;
}

/* Parses and resolves; false when a path is in doubt. */
static bool resolve(struct desk *desk, const char *text)
{
    bool twice[MF_PATHS_MAX];
    bool fine = true;

    assert_int_equal(mf_record_parse(&desk->record, text, strlen(text)), MF_SKIP_NONE);
    mf_paths_resolve(desk->paths, &desk->record, 0, desk->found, twice);
    for (unsigned i = 0; i < N_PATHS; i++)
        fine = fine && !twice[i];
    return fine;
}

static enum mf_mould_note noted; /* with what is learned */
static enum mf_mould_note note;  /* of what fitted last */

enum { MANY = 40 /* records after which it is known what varies */ };

static bool settled; /* what is learned is seen many times */

static bool fits(struct desk *desk, const char *text)
{
    return mf_moulds_fit(desk->moulds, 3, desk->paths, &desk->fitted, text, strlen(text), desk->fitted_found, &note);
}

static void learn(struct desk *desk, const char *text)
{
    assert_true(resolve(desk, text));
    mf_moulds_learn(desk->moulds, 3, desk->paths, &desk->record, desk->found, noted);
    for (unsigned i = 0; i < MANY && settled && fits(desk, text); i++)
        continue;
}

static void assert_same_node(struct desk *desk, uint32_t a, uint32_t b)
{
    const struct mf_node *one = &desk->record.nodes[a], *other = &desk->fitted.nodes[b];

    assert_int_equal(one->type, other->type);
    assert_int_equal(one->flags, other->flags);
    assert_int_equal(one->depth, other->depth);
    assert_int_equal(one->start, other->start);
    assert_int_equal(one->length, other->length);
    if (one->type < MF_NODE_ARRAY)
        return;
    assert_int_equal(one->next - a, other->next - b);
    for (uint32_t i = 1; i < one->next - a; i++) {
        assert_int_equal(desk->record.nodes[a + i].next - a, desk->fitted.nodes[b + i].next - b);
        assert_same_node(desk, a + i, b + i);
    }
}

/* That the text fits, and gives what parsing gives. */
static void assert_fits(struct desk *desk, const char *text)
{
    assert_true(resolve(desk, text));
    assert_true(fits(desk, text));
    for (unsigned i = 0; i < N_PATHS; i++) {
        assert_int_equal(desk->found[i] == MF_NO_NODE, desk->fitted_found[i] == MF_NO_NODE);
        if (desk->found[i] != MF_NO_NODE)
            assert_same_node(desk, desk->found[i], desk->fitted_found[i]);
    }
}

static const char example[] =
    "{\"actor\":{\"type\":\"User\",\"name\":\"ann\"},\"time\":\"2026-01-01T00:00:00Z\",\"depth\":1.5,\"ok\":true,"
    "\"no\":null,\"list\":[\"a\",{\"b\":[1,null]}],\"target\":[{\"type\":\"Role\",\"name\":\"r\"}],\"end\":\"x\"}";

/* `example` with the first `from` in it turned into `to`. */
static const char *with(const char *from, const char *to)
{
    static char text[4096];
    const char *at = strstr(example, from);

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - example), example, to, at + strlen(from));
    return text;
}

static void fits_nothing_before_it_has_learned(void **state)
{
    assert_false(fits(*state, example));
    assert_false(fits(*state, ""));
}

static void gives_what_parsing_gives_for_other_values(void **state)
{
    learn(*state, example);
    assert_fits(*state, example);
    assert_fits(*state, with("ann", "somebody whose name is longer than one step of the scanner"));
    assert_fits(*state, with("ann", ""));
    assert_fits(*state, with("ann", "\\u00e4 \\\" \\n"));
    assert_fits(*state, with("ann", "\xC3\xA4\xF0\x9F\x98\x80"));
    assert_fits(*state, with("1.5", "-0.25e+7"));
    assert_fits(*state, with("1.5", "0"));
    assert_fits(*state, with("true", "false"));
    assert_fits(*state, with("[1,null]", "[12345,null]"));
    assert_fits(*state, with("\"x\"}", "\"y\\\\\"}"));
}

/* Several that begin alike and go on in other ways, and one more that looks at values which no other did. */
static void gives_what_parsing_gives_when_many_are_settled(void **state)
{
    static const char *const texts[] = {
        "{\"time\":\"t\",\"depth\":1,\"a\":[true,\"x\"]}",
        "{\"time\":\"t\",\"depth\":1,\"b\":[true,\"x\"]}",
        "{\"time\":\"t\",\"depth\":1,\"b\":[true,\"x\"],\"list\":[1,\"y\",{}]}",
        "{\"time\":\"t\",\"depth\":1,\"b\":[true,\"x\"],\"actor\":{\"type\":\"User\",\"name\":\"n\"}}",
        "{\"time\":\"t\",\"depth\":1,\"b\":[true,\"z\"],\"actor\":{\"type\":\"None\",\"name\":\"n\"}}",
    };
    enum { N = sizeof texts / sizeof texts[0] };

    for (unsigned known = 1; known <= N; known++) {
        learn(*state, texts[known - 1]);
        for (unsigned n = 0; n < N * MANY; n++)
            assert_fits(*state, texts[n % known]);
    }
}

static void does_not_mind_what_stands_around_the_document(void **state)
{
    char text[3 * sizeof example];

    learn(*state, example);
    snprintf(text, sizeof text, " \xEF\xBB\xBF@cee: %s \r\n", example);
    assert_fits(*state, text);
    snprintf(text, sizeof text, "app: %s", example);
    assert_false(fits(*state, text));
    snprintf(text, sizeof text, "%s}", example);
    assert_false(fits(*state, text));
    snprintf(text, sizeof text, "%s %s", example, example);
    assert_false(fits(*state, text));
}

static void learns_from_a_document_behind_a_prefix(void **state)
{
    char text[3 * sizeof example];

    snprintf(text, sizeof text, "app: %s", example);
    learn(*state, text);
    assert_fits(*state, example);
}

static void says_nothing_of_other_structure(void **state)
{
    learn(*state, example);
    assert_false(fits(*state, with("\"ann\"", "null")));
    assert_false(fits(*state, with("\"ann\"", "1")));
    assert_false(fits(*state, with("\"ann\"", "{}")));
    assert_false(fits(*state, with("null", "\"\"")));
    assert_false(fits(*state, with("null", "0")));
    assert_false(fits(*state, with("true", "null")));
    assert_false(fits(*state, with("1.5", "\"1.5\"")));
    assert_false(fits(*state, with("\"time\"", "\"Time\"")));
    assert_false(fits(*state, with(",\"ok\":true", "")));
    assert_false(fits(*state, with(",\"ok\"", ", \"ok\"")));
    assert_false(fits(*state, with("\"list\":[", "\"list\":[1,")));
}

/* Any value may change after it was the same for long, for once or for good, and change back. */
static void gives_what_parsing_gives_when_a_constant_changes(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {{"ann", "bob"},    {"ann", ""},      {"2026", "2027"},      {"1.5", "-1.5e3"},
                   {"true", "false"}, {"[1,", "[123,"}, {"\"a\"", "\"\\\"\""}, {"\"r\"", "\"somebody else\""},
                   {"\"x\"", "\"\""}};

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        learn(*state, example);
        for (unsigned n = 0; n < MANY; n++)
            assert_fits(*state, example);
        assert_fits(*state, with(changes[i].from, changes[i].to));
        assert_fits(*state, example);
        for (unsigned n = 0; n < MANY; n++)
            assert_fits(*state, with(changes[i].from, changes[i].to));
        for (unsigned n = 0; n < MANY; n++)
            assert_fits(*state, n % 3 == 0 ? example : with(changes[i].from, changes[i].to));
    }
    says_nothing_of_other_structure(state);
}

static void says_nothing_when_a_selector_would_choose_otherwise(void **state)
{
    learn(*state, example);
    assert_false(fits(*state, with("\"User\"", "\"Robot\"")));
    assert_false(fits(*state, with("\"Role\"", "\"Rule\"")));
    learn(*state, with("\"User\"", "\"Robot\""));
    assert_fits(*state, with("\"User\"", "\"Robot\""));
    assert_fits(*state, example);
}

static void says_nothing_of_what_is_not_json(void **state)
{
    learn(*state, example);
    assert_false(fits(*state, with("ann", "a\nb")));
    assert_false(fits(*state, with("ann", "a\\qb")));
    assert_false(fits(*state, with("ann", "a\\u12g4")));
    assert_false(fits(*state, with("ann", "\xC0\xAF")));
    assert_false(fits(*state, with("ann", "\xED\xA0\x80")));
    assert_false(fits(*state, with("ann", "\x80")));
    assert_false(fits(*state, with("ann", "a\"b")));
    assert_false(fits(*state, with("1.5", "01.5")));
    assert_false(fits(*state, with("1.5", "1.")));
    assert_false(fits(*state, with("1.5", "+1")));
    assert_false(fits(*state, with("1.5", "")));
    assert_false(fits(*state, with("true", "tru")));
    assert_false(fits(*state, with("true", "True")));
}

static void says_nothing_of_a_cut_document(void **state)
{
    struct desk *desk = *state;

    learn(desk, example);
    for (size_t length = 0; length < sizeof example - 1; length++) {
        char *text = malloc(length + 1); /* exactly, so that a sanitizer sees a read behind the end */

        assert_non_null(text);
        memcpy(text, example, length);
        assert_false(
            mf_moulds_fit(desk->moulds, 3, desk->paths, &desk->fitted, text, length, desk->fitted_found, &note));
        free(text);
    }
}

static void never_learns_what_may_read_otherwise_next_time(void **state)
{
    learn(*state, "{\"packed\":\"{}\",\"time\":\"t\"}"); /* a document in a string */
    assert_false(fits(*state, "{\"packed\":\"{}\",\"time\":\"t\"}"));
    learn(*state, "{\"t\\u0069me\":\"t\"}"); /* an escape in a name */
    assert_false(fits(*state, "{\"t\\u0069me\":\"t\"}"));
    learn(*state, "[{\"time\":\"t\"}]");
    assert_false(fits(*state, "[{\"time\":\"t\"}]"));
}

static void looks_at_a_string_where_a_document_may_stand(void **state)
{
    learn(*state, "{\"packed\":\"no\",\"time\":\"t\"}");
    assert_fits(*state, "{\"packed\":\"nor this\",\"time\":\"u\"}");
    assert_fits(*state, "{\"packed\":\"\",\"time\":\"u\"}");
    assert_false(fits(*state, "{\"packed\":\"{}\",\"time\":\"t\"}"));
    assert_false(fits(*state, "{\"packed\":\" [1]\",\"time\":\"t\"}"));
    assert_false(fits(*state, "{\"packed\":\"\\u007b}\",\"time\":\"t\"}"));
    assert_false(fits(*state, "{\"packed\":\"\\t{}\",\"time\":\"t\"}"));
    assert_false(fits(*state, "{\"packed\":1,\"time\":\"t\"}"));
}

static void keeps_owners_apart_and_forgets_when_paths_change(void **state)
{
    static const char *const other_texts[] = {"end"};
    struct desk *desk = *state;
    struct mf_paths *other = new_paths(other_texts, 1);

    learn(desk, example);
    assert_false(mf_moulds_fit(desk->moulds, 4, desk->paths, &desk->fitted, example, strlen(example),
                               desk->fitted_found, &note));
    assert_int_not_equal(mf_paths_mark(other), mf_paths_mark(desk->paths));
    assert_false(
        mf_moulds_fit(desk->moulds, 3, other, &desk->fitted, example, strlen(example), desk->fitted_found, &note));
    mf_moulds_learn(desk->moulds, 3, other, &desk->record, desk->found, noted);
    assert_false(fits(desk, example));
    mf_paths_free(other);
}

static void gives_the_same_mark_to_the_same_paths(void **state)
{
    struct desk *desk = *state;
    struct mf_paths *same = new_paths(path_texts, N_PATHS), *fewer = new_paths(path_texts, N_PATHS - 1);

    assert_int_equal(mf_paths_mark(same), mf_paths_mark(desk->paths));
    assert_int_not_equal(mf_paths_mark(fewer), mf_paths_mark(desk->paths));
    mf_paths_free(same);
    mf_paths_free(fewer);
}

static void respects_the_size_limit(void **state)
{
    struct desk *desk = *state;

    learn(desk, example);
    desk->fitted.limits.size = (uint32_t)strlen(example);
    assert_true(fits(desk, example));
    desk->fitted.limits.size--;
    assert_false(fits(desk, example));
}

static const char *numbered(unsigned i)
{
    static char text[256];

    snprintf(text, sizeof text, "{\"time\":\"t\",\"member%u\":{\"b\":1},\"depth\":%u}", i, i);
    return text;
}

static void forgets_all_when_it_has_no_room_for_long(void **state)
{
    unsigned i = 0;

    for (; i < 32; i++) {
        learn(*state, numbered(i));
        assert_fits(*state, numbered(i));
    }
    /* the list of what may follow "time" is full; the old ones go on to be known */
    for (; i < 4000; i++) {
        learn(*state, numbered(i));
        assert_false(fits(*state, numbered(i)));
    }
    assert_fits(*state, numbered(0));
    for (; i < 5000 && !fits(*state, numbered(i - 1)); i++)
        learn(*state, numbered(i));
    assert_in_range(i, 4001, 4999);
    assert_false(fits(*state, numbered(0)));
    assert_fits(*state, numbered(i - 1));
}

static void outlives_a_flood_of_shapes(void **state)
{
    static char text[8192];

    for (unsigned i = 0; i < 3000; i++) {
        size_t n = (size_t)snprintf(text, sizeof text, "{\"time\":\"t\"");

        for (unsigned k = 0; k < 40; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, ",\"m%u\":%s", k,
                                  (i * 2654435761U >> (k % 32) & 1) ? "1" : "\"a\"");
        snprintf(text + n, sizeof text - n, "}");
        if (!fits(*state, text))
            learn(*state, text);
        if (i % 100 == 0 && fits(*state, text))
            assert_fits(*state, text);
    }
}

/* ---- which values vary is found out, and then known ---- */

enum { LEARNING = 8000, KNOWING = 1000, SHAPES = 24 };

/* Reads and learns records of a feed as the reader does; in how many of them it was looked for what varies. */
static unsigned count_watched(struct desk *desk, const char *(*record)(unsigned), unsigned from, unsigned to)
{
    unsigned watched = 0;

    for (unsigned i = from; i < to; i++) {
        const char *text = record(i);

        if (!fits(desk, text))
            learn(desk, text);
        watched += desk->moulds->watch.cast != NULL;
    }
    return watched;
}

/* Two records, and how many in eight are the second. */
static const char *one_or_other(const char *one, const char *other, unsigned others, unsigned i)
{
    return i % 8 < others ? other : one;
}

static const char *half_with_an_escape_in_a_name(unsigned i)
{
    return one_or_other("{\"time\":\"t\",\"a\":1,\"b\":2,\"name\":\"x\",\"end\":1}",
                        "{\"time\":\"t\",\"a\":1,\"b\":2,\"n\\u0061me\":\"x\",\"end\":1}", 4, i);
}

static const char *some_that_hold_a_document(unsigned i)
{
    return one_or_other("{\"time\":\"t\",\"a\":1,\"packed\":\"x\",\"end\":1}",
                        "{\"time\":\"t\",\"a\":1,\"packed\":\"{}\",\"end\":1}", 2, i);
}

static const char *some_that_go_on_otherwise(unsigned i)
{
    return one_or_other("{\"time\":\"t\",\"a\":1,\"b\":2,\"end\":1}", "{\"time\":\"t\",\"a\":1,\"b\":2,\"end\":{}}", 3,
                        i);
}

/* One is watched at a time. */
static const char *many_shapes(unsigned i)
{
    static char text[256];

    snprintf(text, sizeof text, "{\"time\":\"t\",\"depth\":%u,\"a\":\"%u\",\"m%u\":1,\"b\":2,\"end\":%u}", i % SHAPES,
             i % SHAPES, i % SHAPES, i / SHAPES);
    return text;
}

static const char *in_periods(unsigned i)
{
    static char text[256];

    snprintf(text, sizeof text, "{\"time\":\"t\",\"a\":%u,\"b\":%u,\"c\":%u,\"d\":%u,\"e\":1,\"f\":1}", i / 3 % 2,
             i / 9 % 2, i / 70 % 2, i / 500 % 2);
    return text;
}

static void knows_what_varies_some_day(void **state)
{
    static const char *(*const feeds[])(unsigned) = {half_with_an_escape_in_a_name, some_that_hold_a_document,
                                                     some_that_go_on_otherwise, many_shapes, in_periods};
    (void)state;
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++) {
        void *desk;

        set_up(&desk);
        count_watched(desk, feeds[i], 0, LEARNING);
        assert_int_equal(count_watched(desk, feeds[i], LEARNING, LEARNING + KNOWING), 0);
        tear_down(&desk);
    }
}

/* One value after another changes for good, each as soon as the last was found out. */
static const char *one_after_another(unsigned i)
{
    static char text[1024];
    int n = snprintf(text, sizeof text, "{\"time\":\"t\"");

    for (unsigned k = 0; k < 40; k++)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"m%u\":%d", k, i / 20 >= k && i % 2 == 0);
    snprintf(text + n, sizeof text - (size_t)n, "}");
    return text;
}

static void looks_for_what_varies_less_and_less(void **state)
{
    enum { HALF = 20 * 20 };
    unsigned at_first = count_watched(*state, one_after_another, 0, HALF);

    assert_in_range(count_watched(*state, one_after_another, HALF, 2 * HALF), 1, HALF / 10);
    assert_in_range(at_first, 8, HALF / 5);
}

/* ---- whole records of every IdP ---- */

static struct mf_profiles *profiles;
static struct mf_reader *warm, *plain;
static struct reading_text warm_text, plain_text;

static void compare(const char *bytes, size_t length)
{
    reading_of(warm, profiles, bytes, length, &warm_text);
    reading_of(plain, profiles, bytes, length, &plain_text);
    if (!reading_same(&warm_text, &plain_text))
        print_error("%.*s\nwarm:%.*s\nplain:%.*s\n", (int)length, bytes, (int)warm_text.length, warm_text.text,
                    (int)plain_text.length, plain_text.text);
    assert_true(reading_same(&warm_text, &plain_text));
}

/* In a buffer of its own, so that a sanitizer sees a read behind the end. */
static void compare_copy(const char *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    compare(copy, length);
    free(copy);
}

static void renew_warm(void)
{
    struct mf_error error;

    mf_reader_free(warm);
    warm = mf_reader_new(&mf_record_default_limits, &error);
    assert_non_null(warm);
}

static void compare_changed(const char *line, size_t length)
{
    static const char bytes[] = {'"', '\\', ',', '{', ']',    ':',    '0',    '-',
                                 't', 'n',  ' ', 'U', '\x80', '\xC3', '\x1F', 0};
    static char text[1 << 16];

    if (length >= sizeof text)
        return;
    renew_warm(); /* full of other lines, it would not learn this one */
    for (unsigned i = 0; i < MANY && length % 2 == 0; i++)
        compare_copy(line, length);
    for (size_t at = 0; at < length; at += 1 + at % 31) {
        memcpy(text, line, length);
        text[at] = bytes[(at + length) % sizeof bytes];
        compare_copy(text, length);
        memmove(text + at, line + at + 1, length - at - 1);
        compare_copy(text, length - 1);
        compare_copy(line, at);
        compare_copy(line, length); /* the mould comes to the front again */
    }
}

typedef void (*line_fn)(const char *line, size_t length);

static void with_lines(const char *path, line_fn fn)
{
    static char line[1 << 17];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        fn(line, strcspn(line, "\n"));
    fclose(file);
}

static void with_samples(line_fn fn)
{
    const char *source = getenv("MF_SRCDIR") == NULL ? "." : getenv("MF_SRCDIR");
    unsigned n = 0;

    for (size_t i = 0; i < mf_profiles_count(profiles); i++) {
        char dir[4096], path[8192];
        struct dirent *entry;
        DIR *stream;

        snprintf(dir, sizeof dir, "%s/tests/samples/%s", source, mf_profiles_name(profiles, i));
        stream = opendir(dir);
        if (stream == NULL)
            continue;
        while ((entry = readdir(stream)) != NULL) {
            if (strstr(entry->d_name, ".jsonl") == NULL)
                continue;
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
            with_lines(path, fn);
            n++;
        }
        closedir(stream);
    }
    assert_true(n > 5);
}

static int set_up_readers(void **state)
{
    const char *source = getenv("MF_SRCDIR") == NULL ? "." : getenv("MF_SRCDIR");
    char dir[4096];
    struct mf_error error;

    (void)state;
    snprintf(dir, sizeof dir, "%s/profiles", source);
    profiles = mf_profiles_load(dir, NULL, 0, &error);
    warm = mf_reader_new(&mf_record_default_limits, &error);
    plain = mf_reader_new(&mf_record_default_limits, &error);
    assert_true(profiles != NULL && warm != NULL && plain != NULL);
    mf_reader_remember(plain, false);
    return 0;
}

static int tear_down_readers(void **state)
{
    (void)state;
    mf_reader_free(warm);
    mf_reader_free(plain);
    mf_profiles_free(profiles);
    return 0;
}

static void reads_every_sample_as_without_moulds(void **state)
{
    (void)state;
    with_samples(compare_copy);
    with_samples(compare_copy);
    mf_reader_hurry(warm, true);
    mf_reader_hurry(plain, true);
    with_samples(compare_copy);
}

/* An Okta record with these texts in it. */
static void compare_texts(const char *type, const char *result, const char *reason)
{
    static char text[4096];
    int n = snprintf(text, sizeof text,
                     "{\"actor\":{\"type\":\"User\",\"alternateId\":\"ann@example.com\"},\"eventType\":\"%s\","
                     "\"published\":\"2026-03-01T08:00:00Z\",\"outcome\":{\"result\":\"%s\",\"reason\":\"%s\"},"
                     "\"debugContext\":{\"debugData\":{\"factor\":\"OKTA_VERIFY_PUSH\"}},\"uuid\":\"u\"}",
                     type, result, reason);

    compare_copy(text, (size_t)n);
}

static void decides_by_every_text_that_rules_ask_for(void **state)
{
    static const char *const types[] = {"user.authentication.auth_via_mfa",
                                        "user.authentication.auth_via_mfb",
                                        "USER.session.start",
                                        "user.session.end",
                                        "unknown",
                                        "a"};
    static const char *const results[] = {"SUCCESS", "FAILURE", "DENY", "unknown", "", "SUCCESs"};
    static const char *const reasons[] = {"INVALID_CREDENTIALS", "user rejected", "user\\u0020rejected", "timed out",
                                          ""};
    static char long_text[2][300];

    (void)state;
    memset(long_text[0], 'x', 254);
    memset(long_text[1], 'x', 255);
    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            for (size_t k = 0; k < sizeof results / sizeof results[0]; k++) {
                for (size_t m = 0; m < sizeof reasons / sizeof reasons[0]; m++)
                    compare_texts(types[i], results[k], reasons[m]);
                compare_texts(long_text[round % 2], results[k], reasons[round]);
                compare_texts(types[i], results[k], long_text[round % 2]);
            }
}

static void reads_every_changed_sample_as_without_moulds(void **state)
{
    (void)state;
    with_samples(compare_changed);
}

/* Whose marker stands in a value, before or behind those in names, says nothing about whose record it is: also for a reader
 * that no longer looks for markers, because no other profile could know what is written so. */
static void compare_marked(const char *line, size_t length)
{
    static const char *const markers[] = {"isotimestamp", "eventtype", "authentik.", "login.googleapis.com",
                                          "Auth0.Events", "published", "DateTime",   "event_type",
                                          "CEF:0|",       "keycloak"};
    static char text[1 << 16];
    unsigned n = 0;

    if (length + 64 >= sizeof text)
        return;
    renew_warm();
    compare_copy(line, length);
    compare_copy(line, length); /* the first has taught the mould, the second makes it the first guess */
    for (size_t at = 3; at < length; at++) {
        if (memcmp(line + at - 3, "\":\"", 3) != 0)
            continue;
        const char *marker = markers[n++ % (sizeof markers / sizeof markers[0])];
        memcpy(text, line, at);
        memcpy(text + at, marker, strlen(marker));
        memcpy(text + at + strlen(marker), line + at, length - at);
        compare_copy(text, length + strlen(marker));
        compare_copy(line, length);
    }
}

static void reads_every_sample_as_without_moulds_whoever_is_named_in_it(void **state)
{
    (void)state;
    with_samples(compare_marked);
}

/* ---- notes ---- */

static void keeps_a_note_with_each_mould(void **state)
{
    noted = MF_MOULD_ALONE;
    learn(*state, numbered(1));
    noted = MF_MOULD_UNASKED;
    learn(*state, numbered(2));
    assert_true(fits(*state, numbered(1)) && note == MF_MOULD_ALONE);
    assert_true(fits(*state, numbered(2)) && note == MF_MOULD_UNASKED);
    noted = MF_MOULD_SHARED;
    learn(*state, numbered(2));
    assert_true(fits(*state, numbered(2)) && note == MF_MOULD_SHARED);
    mf_moulds_note_none(((struct desk *)*state)->moulds);
    assert_true(fits(*state, numbered(1)) && note == MF_MOULD_UNASKED);
}

int main(void)
{
    const struct CMUnitTest by_themselves[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(fits_nothing_before_it_has_learned),
        TEST(gives_what_parsing_gives_for_other_values),
        TEST(gives_what_parsing_gives_when_a_constant_changes),
        TEST(gives_what_parsing_gives_when_many_are_settled),
        TEST(does_not_mind_what_stands_around_the_document),
        TEST(learns_from_a_document_behind_a_prefix),
        TEST(says_nothing_of_other_structure),
        TEST(says_nothing_when_a_selector_would_choose_otherwise),
        TEST(says_nothing_of_what_is_not_json),
        TEST(says_nothing_of_a_cut_document),
        TEST(never_learns_what_may_read_otherwise_next_time),
        TEST(looks_at_a_string_where_a_document_may_stand),
        TEST(keeps_owners_apart_and_forgets_when_paths_change),
        TEST(gives_the_same_mark_to_the_same_paths),
        TEST(respects_the_size_limit),
        TEST(forgets_all_when_it_has_no_room_for_long),
        TEST(outlives_a_flood_of_shapes),
        TEST(knows_what_varies_some_day),
        TEST(looks_for_what_varies_less_and_less),
        TEST(keeps_a_note_with_each_mould),
#undef TEST
    };
    const struct CMUnitTest whole[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_readers, tear_down_readers)
        TEST(reads_every_sample_as_without_moulds),
        TEST(decides_by_every_text_that_rules_ask_for),
        TEST(reads_every_changed_sample_as_without_moulds),
        TEST(reads_every_sample_as_without_moulds_whoever_is_named_in_it),
#undef TEST
    };
    int failed = cmocka_run_group_tests_name("moulds alone", by_themselves, NULL, NULL);

    settled = true;
    failed += cmocka_run_group_tests_name("moulds alone, settled", by_themselves, NULL, NULL);
    return failed + cmocka_run_group_tests_name("whole records", whole, NULL, NULL);
}
