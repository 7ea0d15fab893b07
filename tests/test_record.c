/* tests/test_record.c
 *
 * The reader of untrusted JSON against our own collection of good, bad and arguable documents (tests/json), cut and
 * damaged documents, hostile ones, and log lines with JSON somewhere in them. All input is handed over in a block of
 * exactly its size, so that the address sanitizer sees any byte read too many. */

#include "read/record.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "read/scan.h"
#include "read/token.h"

static struct mf_record record;

static int set_up(void **state)
{
    struct mf_error error;

    (void)state;
    return mf_record_init(&record, &mf_record_default_limits, &error);
}

static int tear_down(void **state)
{
    (void)state;
    mf_record_fini(&record);
    return 0;
}

/* ---- helpers ---- */

static char *block; /* the input of the last parse */

typedef enum mf_skip parse_fn(struct mf_record *, const char *, size_t);

static enum mf_skip parse_exactly(parse_fn *parse, const char *bytes, size_t length)
{
    free(block);
    block = malloc(length > 0 ? length : 1);
    assert_non_null(block);
    memcpy(block, bytes, length);
    return parse(&record, block, length);
}

static enum mf_skip find(const char *text)
{
    return parse_exactly(mf_record_parse, text, strlen(text));
}

static enum mf_skip read_document(const char *text)
{
    return parse_exactly(mf_record_parse_document, text, strlen(text));
}

static void assert_skip(enum mf_skip skip, enum mf_skip expected)
{
    assert_string_equal(mf_skip_name(skip), mf_skip_name(expected));
}

static void assert_slice(struct mf_slice slice, const char *text, size_t length)
{
    assert_non_null(slice.data);
    assert_int_equal(slice.length, length);
    assert_memory_equal(slice.data, text, length);
}

static void assert_text(uint32_t node, const char *text)
{
    assert_slice(mf_record_text(&record, node), text, strlen(text));
}

/* What must hold for every node of every tape. */
static void check_subtree(uint32_t node, unsigned depth)
{
    const struct mf_node *at = &record.nodes[node];
    uint32_t n = 0;

    assert_in_range(at->next, node + 1, record.n_nodes);
    assert_int_equal(at->depth, depth);
    if ((at->flags & MF_NODE_SCRATCH) == 0)
        assert_true((size_t)at->start + at->length <= record.length);
    else
        assert_true(at->start + at->length <= record.scratch_used);
    if (at->type < MF_NODE_ARRAY) {
        assert_int_equal(at->next, node + 1);
        assert_int_equal(mf_record_child(&record, node), MF_NO_NODE);
        return;
    }
    for (uint32_t child = mf_record_child(&record, node); child != MF_NO_NODE;
         child = mf_record_sibling(&record, node, child), n++) {
        if (at->type == MF_NODE_OBJECT && n % 2 == 0)
            assert_int_equal(record.nodes[child].type, MF_NODE_STRING);
        check_subtree(child, depth + 1);
    }
    if (at->type == MF_NODE_OBJECT)
        assert_int_equal(n % 2, 0);
}

static char *load(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 16);

    assert_non_null(file);
    assert_non_null(bytes);
    *length = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return bytes;
}

/* ---- the collection ---- */

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum mf_skip expected_of(const char *name)
{
    if (name[0] == 'y' || name[0] == 'i')
        return MF_SKIP_NONE;
    if (starts(name, "n_truncated_"))
        return MF_SKIP_TRUNCATED;
    if (starts(name, "n_utf8_"))
        return MF_SKIP_BAD_UTF8;
    if (starts(name, "n_deep_"))
        return MF_SKIP_TOO_DEEP;
    if (starts(name, "n_empty") || starts(name, "n_only_blanks"))
        return MF_SKIP_NO_JSON;
    return MF_SKIP_BAD_JSON;
}

static void judges_every_document_of_the_collection(void **state)
{
    const char *root = getenv("MF_SRCDIR");
    char path[4096];
    unsigned n = 0, wrong = 0;
    DIR *dir;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/json", root == NULL ? "." : root);
    dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        enum mf_skip skip, expected = expected_of(entry->d_name);
        size_t length;
        char *bytes;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/tests/json/%s", root == NULL ? "." : root, entry->d_name);
        bytes = load(path, &length);
        skip = parse_exactly(mf_record_parse_document, bytes, length);
        free(bytes);
        n++;
        if (skip != expected) {
            print_error("%s: %s, not %s\n", entry->d_name, mf_skip_name(skip), mf_skip_name(expected));
            wrong++;
        } else if (skip == MF_SKIP_NONE) {
            assert_int_equal(record.nodes[0].next, record.n_nodes);
            check_subtree(0, 0);
        } else {
            assert_int_equal(record.n_nodes, 0);
            assert_true(record.failed_at <= record.length);
        }
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(n >= 120);
}

/* ---- cut and damaged documents ---- */

/* A document of about `size` bytes with everything that a byte can be cut in. */
static char *make_document(size_t size, size_t *length)
{
    static const char member[] = "\"entry %zu\":{\"text\":\"a plain text of some length, over sixteen "
                                 "bytes\",\"escaped\":\"tab\\t \\\"quoted\\\" "
                                 "\\u00e9 \\uD83D\\uDE00 \\\\\",\"bytes\":\"\xC3\xA9t\xC3\xA9 \xE2\x82\xAC "
                                 "\xF0\x9F\x98\x80\",\"n\":[0,-1,2.50,3e+8,"
                                 "4E-2,1234567890],\"l\":[true,false,null],\"e\":[{},[],\"\"],\"doc\":\"{\\\"risk\\\":["
                                 "1,{}]}\", \"s\" : { \"k\" "
                                 ": [ ] } }";
    char *text = malloc(size + 1024);
    size_t at = 0;

    assert_non_null(text);
    text[at++] = '{';
    for (size_t n = 0; at < size; n++) {
        at += (size_t)snprintf(text + at, 1000, member, n);
        text[at++] = ',';
    }
    at += (size_t)snprintf(text + at, 16, "\"end\":0}");
    *length = at;
    return text;
}

static void takes_no_cut_document_for_a_whole_one(size_t size, const char *before)
{
    size_t length, head = strlen(before);
    char *text = make_document(size, &length), *line = malloc(head + length);

    assert_non_null(line);
    memcpy(line, before, head);
    memcpy(line + head, text, length);
    assert_skip(parse_exactly(mf_record_parse, line, head + length), MF_SKIP_NONE);
    for (size_t cut = 1; cut < length; cut++) {
        enum mf_skip skip = parse_exactly(mf_record_parse, line, head + cut);

        if (skip != MF_SKIP_TRUNCATED)
            fail_msg("cut at %zu of %zu: %s", cut, length, mf_skip_name(skip));
    }
    free(line);
    free(text);
}

static void calls_2_kb_truncated_wherever_they_are_cut(void **state)
{
    (void)state;
    takes_no_cut_document_for_a_whole_one(2048, "");
    takes_no_cut_document_for_a_whole_one(2048, " @cee: ");
    takes_no_cut_document_for_a_whole_one(2048, "Nov  3 07:41:19 gw idp[{7}]: ");
}

static void calls_8_kb_truncated_wherever_they_are_cut(void **state)
{
    (void)state;
    takes_no_cut_document_for_a_whole_one(8192, "");
}

static void calls_a_cut_array_truncated_though_its_last_element_is_whole(void **state)
{
    (void)state;
    assert_skip(find("[{\"user\":\"ada\"},{\"user\":\"bob\"}"), MF_SKIP_TRUNCATED);
    assert_skip(find("idp: [ {\"user\":\"ada\"},{\"user\":\"bob\"}"), MF_SKIP_TRUNCATED);
    assert_skip(find("[[1],{\"user\":\"bob\"}"), MF_SKIP_TRUNCATED);
    assert_skip(find("{\"a\":{\"user\":\"bob\"}\n"), MF_SKIP_TRUNCATED);
}

static void survives_every_single_byte_of_damage(void **state)
{
    static const unsigned char damage[] = {0,   '"',  '\\', '{', '}',  '[',  ']',  ',',  ':',
                                           ' ', '\n', 'u',  '0', 0x7F, 0x80, 0xC3, 0xF4, 0xFF};
    size_t length;
    char *text = make_document(2048, &length);

    (void)state;
    for (size_t at = 0; at < length; at++)
        for (size_t k = 0; k < sizeof damage; k++) {
            char was = text[at];

            text[at] = (char)damage[k];
            if (parse_exactly(mf_record_parse, text, length) == MF_SKIP_NONE)
                check_subtree(0, 0);
            text[at] = was;
        }
    free(text);
}

static void survives_the_loss_of_any_byte(void **state)
{
    size_t length;
    char *text = make_document(2048, &length), *less = malloc(length);

    (void)state;
    for (size_t at = 0; at < length; at++) {
        memcpy(less, text, at);
        memcpy(less + at, text + at + 1, length - at - 1);
        if (parse_exactly(mf_record_parse, less, length - 1) == MF_SKIP_NONE)
            check_subtree(0, 0);
    }
    free(less);
    free(text);
}

static void says_where_it_failed(void **state)
{
    (void)state;
    assert_skip(read_document("{\"a\":1,\n \"b\" 2}"), MF_SKIP_BAD_JSON);
    assert_int_equal(record.failed_at, 13);
    assert_skip(read_document("{\"a\":1} x"), MF_SKIP_BAD_JSON);
    assert_int_equal(record.failed_at, 8);
    assert_skip(read_document("[\"abc\xFF\"]"), MF_SKIP_BAD_UTF8);
    assert_int_equal(record.failed_at, 5);
    assert_skip(read_document("[\"abc"), MF_SKIP_TRUNCATED);
    assert_int_equal(record.failed_at, 5);
    assert_skip(find("x {\"a\":tru} y"), MF_SKIP_BAD_JSON);
    assert_int_equal(record.failed_at, 10);
    assert_skip(read_document("[1]"), MF_SKIP_NONE);
    assert_int_equal(record.failed_at, 0);
}

/* ---- finding the document ---- */

static void finds_json_in_a_message(void **state)
{
    static const char *const lines[] = {
        "{\"a\":\"x\"}",
        " {\"a\":\"x\"}",
        "\t\r\n {\"a\":\"x\"} \r\n",
        "\xEF\xBB\xBF{\"a\":\"x\"}",
        " \xEF\xBB\xBF {\"a\":\"x\"}",
        "@cee:{\"a\":\"x\"}",
        " @cee: {\"a\":\"x\"}",
        "\xEF\xBB\xBF@cee:{\"a\":\"x\"}",
        "[{\"a\":\"x\"}]",
        " @cee: [ {\"a\":\"x\"} ]",
        "okta {\"a\":\"x\"}",
        "2026-11-03T07:41:19Z gw idp[99]: {\"a\":\"x\"}",
        "[2026-11-03] idp: {\"a\":\"x\"}",
        "[info] [7] idp: [{\"a\":\"x\"}]",
        "{idp} {prod} event: {\"a\":\"x\"}",
        "{} {\"a\":\"x\"}",
        "{\"level\" {\"a\":\"x\"}",
        "[\"gw\" {\"a\":\"x\"}",
        "caf\xE9 \x01 {\"a\":\"x\"}",
        "[{not json}] {\"a\":\"x\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        uint32_t object = 0;

        if (find(lines[i]) != MF_SKIP_NONE)
            fail_msg("not found in: %s", lines[i]);
        check_subtree(0, 0);
        if (record.nodes[0].type == MF_NODE_ARRAY)
            object = mf_record_child(&record, 0);
        assert_int_equal(record.nodes[object].type, MF_NODE_OBJECT);
        assert_text(object + 1, "a");
        assert_text(object + 2, "x");
    }
}

static void finds_json_behind_a_nul_byte(void **state)
{
    static const char line[] = "gw\0 {\"a\":1}";

    (void)state;
    assert_skip(parse_exactly(mf_record_parse, line, sizeof line - 1), MF_SKIP_NONE);
    assert_skip(parse_exactly(mf_record_parse, line, sizeof line),
                MF_SKIP_BAD_JSON); /* the last one is behind the document */
}

static void says_why_there_is_none(void **state)
{
    static const struct {
        const char *line;
        enum mf_skip skip;
    } cases[] = {
        {"", MF_SKIP_NO_JSON},
        {" \r\n", MF_SKIP_NO_JSON},
        {"plain text", MF_SKIP_NO_JSON},
        {"[INFO] plain text", MF_SKIP_NO_JSON},
        {"\"only a string\"", MF_SKIP_NO_JSON},
        {"17", MF_SKIP_NO_JSON},
        {"array in text [1,2]", MF_SKIP_NO_JSON},
        {"@cee:", MF_SKIP_NO_JSON},
        {"{'a':1}", MF_SKIP_BAD_JSON},
        {"{\"a\":1} and more", MF_SKIP_BAD_JSON},
        {"text {\"a\":1}.", MF_SKIP_BAD_JSON},
        {"text {braces} only", MF_SKIP_BAD_JSON},
        {"[1,2", MF_SKIP_TRUNCATED},
        {"text {", MF_SKIP_TRUNCATED},
        {"text {\"a", MF_SKIP_TRUNCATED},
        {"{x} {\"a\":[", MF_SKIP_TRUNCATED},
        {"{\"bad\" 1 {\"a\":[", MF_SKIP_TRUNCATED},
        {"{\"a\":\"\xFF\",\"b\":{}", MF_SKIP_BAD_UTF8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum mf_skip skip = find(cases[i].line);

        if (skip != cases[i].skip)
            fail_msg("%s: %s, not %s", cases[i].line, mf_skip_name(skip), mf_skip_name(cases[i].skip));
        assert_int_equal(record.n_nodes, 0);
    }
    assert_skip(mf_record_parse(&record, NULL, 0), MF_SKIP_NO_JSON);
}

static void tries_eight_starts_and_no_more(void **state)
{
    (void)state;
    assert_skip(find("{\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"a\":7}"), MF_SKIP_NONE);
    assert_skip(find("{\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"\"x {\"a\":7}"), MF_SKIP_BAD_JSON);
    assert_skip(find("{0}{1}{2}{3}{4}{5}{6}{7}{8}{9} {\"a\":7}"), MF_SKIP_NONE); /* these cannot be starts */
}

static void takes_no_part_of_a_too_deep_document_for_the_whole(void **state)
{
    char line[512] = "";

    (void)state;
    for (int i = 0; i < 33; i++)
        strcat(line, "[");
    strcat(line, "0,{\"user\":\"eve\"}");
    assert_skip(find(line), MF_SKIP_TOO_DEEP);
}

/* ---- limits ---- */

static void a_message_of_little_but_structure_is_refused(void **state)
{
    static char text[65536];
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < 4000; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{}", i == 0 ? "[" : ",");
    text[used++] = ']';
    assert_skip(mf_record_parse(&record, text, used), MF_SKIP_TOO_MANY_NODES);
    assert_int_equal(record.n_nodes, 0);
    used = 0;
    for (unsigned i = 0; i < 4000; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{\"name\":\"%u\"}", i == 0 ? "[" : ",", 1000 + i);
    text[used++] = ']';
    assert_skip(mf_record_parse(&record, text, used), MF_SKIP_TOO_MANY_NODES);
    used = 0;
    for (unsigned i = 0; i < 1500; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{\"name\":\"some value %u\"}", i == 0 ? "[" : ",",
                                 1000 + i);
    text[used++] = ']';
    assert_skip(mf_record_parse(&record, text, used), MF_SKIP_NONE);
}

static void an_embedded_document_of_little_but_structure_is_none(void **state)
{
    static char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, "[\"[1");
    uint32_t root = 0;

    (void)state;
    for (unsigned i = 0; i < 4000; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",{}");
    used += (size_t)snprintf(text + used, sizeof text - used, "]\"]");
    assert_skip(mf_record_parse(&record, text, used), MF_SKIP_NONE);
    assert_skip(mf_record_embed(&record, 1, &root), MF_SKIP_TOO_MANY_NODES);
    assert_int_equal(record.n_nodes, 2);
}

/* Seven starts reach to the end and fail there; the eighth is a document. */
static enum mf_skip parse_behind_seven_starts(size_t n)
{
    static char text[65536];
    size_t used = 0;

    for (unsigned i = 0; i < 7; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "{\"a\":");
    used += (size_t)snprintf(text + used, sizeof text - used, "[\"");
    memset(text + used, 'x', n);
    used += n;
    used += (size_t)snprintf(text + used, sizeof text - used, "\"] {}");
    return mf_record_parse(&record, text, used);
}

static void reads_no_more_in_vain_than_twice_the_message(void **state)
{
    (void)state;
    assert_skip(parse_behind_seven_starts(100), MF_SKIP_NONE); /* a short one is looked through */
    assert_skip(parse_behind_seven_starts(30000), MF_SKIP_BAD_JSON);
}

static void keeps_to_its_limits(void **state)
{
    struct mf_record small;
    struct mf_error error;

    (void)state;
    assert_int_equal(mf_record_init(&small, &(struct mf_record_limits){20, 5, 3}, &error), 0);
    assert_skip(mf_record_parse(&small, "{\"a\":\"0123456789abc\"}", 21), MF_SKIP_TOO_LARGE);
    assert_skip(mf_record_parse_document(&small, "{\"a\":\"0123456789abc\"}", 21), MF_SKIP_TOO_LARGE);
    assert_skip(mf_record_parse(&small, "{\"a\":\"0123456789ab\"}", 20), MF_SKIP_NONE);
    assert_skip(mf_record_parse(&small, "[1,2,3,4]", 9), MF_SKIP_NONE);
    assert_int_equal(small.n_nodes, 5);
    assert_skip(mf_record_parse(&small, "[1,2,3,4,5]", 11), MF_SKIP_TOO_MANY_NODES);
    assert_int_equal(small.n_nodes, 0);
    assert_skip(mf_record_parse(&small, "{\"a\":1,\"b\":2}", 13), MF_SKIP_NONE);
    assert_skip(mf_record_parse(&small, "{\"a\":1,\"b\":2,\"\":", 16), MF_SKIP_TOO_MANY_NODES);
    assert_skip(mf_record_parse(&small, "[[[]]]", 6), MF_SKIP_NONE);
    assert_skip(mf_record_parse(&small, "[[[[]]]]", 8), MF_SKIP_TOO_DEEP);
    assert_skip(mf_record_parse(&small, "[[],[],[],[]]", 13), MF_SKIP_NONE);
    assert_skip(mf_record_parse(&small, "[[],[],[],[],[]]", 16), MF_SKIP_TOO_MANY_NODES);
    mf_record_fini(&small);
    mf_record_fini(&small);
}

static void refuses_limits_that_it_cannot_keep(void **state)
{
    static const struct mf_record_limits limits[] = {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 33}, {1, UINT32_MAX, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct mf_record refused;
        struct mf_error error = {""};

        assert_int_equal(mf_record_init(&refused, &limits[i], &error), -1);
        assert_string_not_equal(error.text, "");
        mf_record_fini(&refused);
    }
}

/* ---- hostile input takes no longer than any other ---- */

static char *repeat(const char *piece, size_t times, size_t *length)
{
    size_t n = strlen(piece);
    char *text = malloc(n * times);

    assert_non_null(text);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * n, piece, n);
    *length = n * times;
    return text;
}

/* A reader that is quadratic anywhere needs minutes for this; a linear one some milliseconds even under the
 * sanitizers. */
static void takes_linear_time_on_hostile_input(void **state)
{
    static const char *const pieces[] = {"[",      "{\"a\":",  "\\",       "\"",       "{",     "{\"",         "{ ",
                                         "[ ",     "[{",       "{\"\"",    "{}",       "[]",    "{\"a\"",      "[[],",
                                         "\"a\",", "{\"\\",    "\xC3",     "\xE2\x82", "9",     "-",           " ",
                                         "\n{",    "{\"\":0}", "[{\"a\":", "\\u00",    "@cee:", "\xEF\xBB\xBF"};
    static const char *const heads[] = {"", "[", "[\"", "{\"a\":\"", "x "};
    size_t length;
    clock_t start = clock();

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t k = 0; k < sizeof heads / sizeof heads[0]; k++) {
            char *text = repeat(pieces[i], (512 << 10) / strlen(pieces[i]), &length);

            memcpy(text, heads[k], strlen(heads[k]));
            parse_exactly(mf_record_parse, text, length);
            free(text);
        }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
}

static void takes_ten_thousand_members(void **state)
{
    char *text = malloc(1 << 18);
    size_t at = 1;

    (void)state;
    text[0] = '{';
    for (int i = 0; i < 10000; i++)
        at += (size_t)snprintf(text + at, 32, "%s\"%x\":%d", i > 0 ? "," : "", i, i);
    text[at++] = '}';
    assert_skip(parse_exactly(mf_record_parse, text, at), MF_SKIP_NONE);
    assert_int_equal(record.n_nodes, 20001);
    free(text);
}

/* ---- text ---- */

static void unescapes_text(void **state)
{
    static const struct {
        const char *written, *text;
        size_t length;
    } cases[] = {
        {"\"plain\"", "plain", 5},
        {"\"\"", "", 0},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"a\\u0041b\"", "aAb", 3},
        {"\"\\u0000\"", "\0", 1},
        {"\"\\u007f\\u0080\"", "\x7F\xC2\x80", 3},
        {"\"\\u07FF\\u0800\"", "\xDF\xBF\xE0\xA0\x80", 5},
        {"\"\\uFFFF\"", "\xEF\xBF\xBF", 3},
        {"\"\\uD800\\uDC00\"", "\xF0\x90\x80\x80", 4},
        {"\"\\uDBFF\\uDFFF\"", "\xF4\x8F\xBF\xBF", 4},
        {"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!", 5},
        {"\"\\uD83D\"", "\xEF\xBF\xBD", 3},
        {"\"\\uD83Dx\"", "\xEF\xBF\xBDx", 4},
        {"\"\\uDE00\"", "\xEF\xBF\xBD", 3},
        {"\"\\uD83D\\uD83D\\uDE00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80", 7},
        {"\"\\uD83D\\u0041\"",
         "\xEF\xBF\xBD"
         "A",
         4},
        {"\"\\uD83D\\n\"", "\xEF\xBF\xBD\n", 4},
        {"\"\xC3\xA9\\t\"", "\xC3\xA9\t", 3},
        {"-12.5e3", "-12.5e3", 7},
        {"true", "true", 4},
        {"false", "false", 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_skip(read_document(cases[i].written), MF_SKIP_NONE);
        assert_slice(mf_record_text(&record, 0), cases[i].text, cases[i].length);
        assert_slice(mf_record_text(&record, 0), cases[i].text, cases[i].length);
    }
}

static void has_no_text_for_containers_and_null(void **state)
{
    static const char *const cases[] = {"null", "{}", "[]"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_skip(read_document(cases[i]), MF_SKIP_NONE);
        assert_null(mf_record_text(&record, 0).data);
    }
}

static void gives_the_bytes_as_written(void **state)
{
    (void)state;
    assert_skip(find("x {\"a\\n\": [1, \"b\"] }"), MF_SKIP_NONE);
    assert_slice(mf_record_raw(&record, 0), "{\"a\\n\": [1, \"b\"] }", 18);
    assert_slice(mf_record_raw(&record, 1), "a\\n", 3);
    assert_slice(mf_record_raw(&record, 2), "[1, \"b\"]", 8);
    assert_slice(mf_record_raw(&record, 4), "b", 1);
}

static void has_no_text_when_scratch_is_full(void **state)
{
    struct mf_record small;
    struct mf_error error;

    (void)state;
    assert_int_equal(mf_record_init(&small, &(struct mf_record_limits){12, 4, 2}, &error), 0);
    assert_skip(mf_record_parse(&small, "[\"\\n234567\"]", 12), MF_SKIP_NONE);
    assert_slice(mf_record_text(&small, 1), "\n234567", 7);
    assert_null(mf_record_text(&small, 1).data);
    assert_skip(mf_record_parse(&small, "[\"\\n234567\"]", 12), MF_SKIP_NONE); /* the next parse starts afresh */
    assert_slice(mf_record_text(&small, 1), "\n234567", 7);
    mf_record_fini(&small);
}

static void walks_from_child_to_child(void **state)
{
    uint32_t key, value, element;

    (void)state;
    assert_skip(read_document("{\"a\":[1,{\"x\":[]},3],\"b\":2}"), MF_SKIP_NONE);
    key = mf_record_child(&record, 0);
    assert_text(key, "a");
    value = mf_record_sibling(&record, 0, key);
    element = mf_record_child(&record, value);
    assert_text(element, "1");
    element = mf_record_sibling(&record, value, element);
    assert_int_equal(record.nodes[element].type, MF_NODE_OBJECT);
    element = mf_record_sibling(&record, value, element);
    assert_text(element, "3");
    assert_int_equal(mf_record_sibling(&record, value, element), MF_NO_NODE);
    key = mf_record_sibling(&record, 0, value);
    assert_text(key, "b");
    value = mf_record_sibling(&record, 0, key);
    assert_text(value, "2");
    assert_int_equal(mf_record_sibling(&record, 0, value), MF_NO_NODE);
    assert_int_equal(mf_record_child(&record, value), MF_NO_NODE);
}

/* ---- embedded documents ---- */

static void unpacks_an_embedded_document(void **state)
{
    uint32_t root, inner;

    (void)state;
    assert_skip(find("{\"doc\":\" {\\\"a\\\":\\\"x\\\\ny\\\",\\\"deep\\\":\\\"{\\\\\\\"b\\\\\\\":7}\\\"} \"}"),
                MF_SKIP_NONE);
    assert_skip(mf_record_embed(&record, 2, &root), MF_SKIP_NONE);
    assert_int_equal(root, 3);
    assert_int_equal(record.nodes[0].next, 3);
    check_subtree(root, 0);
    assert_text(root + 1, "a");
    assert_text(root + 2, "x\ny");
    assert_skip(mf_record_embed(&record, root + 4, &inner), MF_SKIP_NONE);
    check_subtree(inner, 0);
    assert_text(inner + 1, "b");
    assert_text(inner + 2, "7");
    assert_text(root + 2, "x\ny");
}

static void unpacks_a_document_without_escapes_in_place(void **state)
{
    uint32_t root, used;

    (void)state;
    assert_skip(find("{\"doc\":\"[1,[2]]\"}"), MF_SKIP_NONE);
    used = record.scratch_used;
    assert_skip(mf_record_embed(&record, 2, &root), MF_SKIP_NONE);
    assert_int_equal(record.scratch_used, used);
    check_subtree(root, 0);
    assert_text(root + 1, "1");
    assert_slice(mf_record_raw(&record, root), "[1,[2]]", 7);
}

/* What is entered stands on the tape as if it alone had been parsed. */
static void enters_a_value_as_if_it_were_the_document(void **state)
{
    static const char inner[] = "{\"b\":[1,{\"c\":null}],\"d\":\"x\\\"y\"}";
    static struct mf_node alone[16];
    uint32_t n;

    (void)state;
    assert_skip(read_document(inner), MF_SKIP_NONE);
    n = record.n_nodes;
    assert_in_range(n, 1, 16);
    memcpy(alone, record.nodes, n * sizeof alone[0]);
    assert_skip(read_document("{\"x\":[2,{}],\"a\":{\"b\":[1,{\"c\":null}],\"d\":\"x\\\"y\"},\"z\":0}"), MF_SKIP_NONE);
    mf_record_enter(&record, 6);
    assert_int_equal(record.n_nodes, n);
    assert_memory_equal(record.nodes, alone, n * sizeof alone[0]);
    assert_int_equal(record.length, strlen(inner));
    assert_memory_equal(record.text, inner, strlen(inner));
}

static void leaves_the_tape_alone_when_a_string_is_no_document(void **state)
{
    static const struct {
        const char *line;
        enum mf_skip skip;
    } cases[] = {
        {"{\"doc\":\"{\\\"a\\\":\"}", MF_SKIP_TRUNCATED},
        {"{\"doc\":\"{\\\"a\\\":1}x\"}", MF_SKIP_BAD_JSON},
        {"{\"doc\":\"plain\"}", MF_SKIP_BAD_JSON},
        {"{\"doc\":{}}", MF_SKIP_NO_JSON},
        {"{\"doc\":17}", MF_SKIP_NO_JSON},
        {"{\"doc\":\"[\\u0000]\"}", MF_SKIP_BAD_JSON},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t root = 77, nodes, used;

        assert_skip(find(cases[i].line), MF_SKIP_NONE);
        nodes = record.n_nodes;
        used = record.scratch_used;
        assert_skip(mf_record_embed(&record, 2, &root), cases[i].skip);
        assert_int_equal(root, 77);
        assert_int_equal(record.n_nodes, nodes);
        assert_int_equal(record.scratch_used, used);
    }
}

static void counts_embedded_values_towards_the_limits(void **state)
{
    struct mf_record small;
    struct mf_error error;
    uint32_t root;

    (void)state;
    assert_int_equal(mf_record_init(&small, &(struct mf_record_limits){64, 5, 2}, &error), 0);
    assert_skip(mf_record_parse(&small, "[\"[1,2]\"]", 9), MF_SKIP_NONE);
    assert_skip(mf_record_embed(&small, 1, &root), MF_SKIP_NONE);
    assert_int_equal(small.n_nodes, 5);
    assert_skip(mf_record_embed(&small, 1, &root), MF_SKIP_TOO_MANY_NODES);
    assert_skip(mf_record_parse(&small, "[\"[1,2,3]\"]", 11), MF_SKIP_NONE);
    assert_skip(mf_record_embed(&small, 1, &root), MF_SKIP_TOO_MANY_NODES);
    assert_skip(mf_record_parse(&small, "[\"[[[]]]\"]", 10), MF_SKIP_NONE);
    assert_skip(mf_record_embed(&small, 1, &root), MF_SKIP_TOO_DEEP);
    mf_record_fini(&small);
}

/* ---- the rest ---- */

static void names_every_reason_once(void **state)
{
    (void)state;
    for (int i = 0; i < MF_N_SKIPS; i++) {
        assert_non_null(mf_skip_name((enum mf_skip)i));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(mf_skip_name((enum mf_skip)i), mf_skip_name((enum mf_skip)k));
    }
    assert_string_equal(mf_skip_name(MF_SKIP_NONE), "none");
    assert_string_equal(mf_skip_name(MF_SKIP_NO_JSON), "no_json");
    assert_string_equal(mf_skip_name(MF_SKIP_TABLE_FULL), "table_full");
}

static ptrdiff_t scan_slowly(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    while (at < end && (unsigned char)text[at] >= 0x20 && (unsigned char)text[at] < 0x80 && text[at] != '"' &&
           text[at] != '\\')
        at++;
    return at;
}

/* How far a text goes on, and where a bracket opens something. */
static void check_scan_of_text(const char *text, ptrdiff_t at, ptrdiff_t end)
{
    ptrdiff_t stop = at, opening = at;

    while (stop < end && (unsigned char)text[stop] >= 0x20 && (unsigned char)text[stop] < 0x80)
        stop++;
    while (opening < end && text[opening] != '{' && text[opening] != '[')
        opening++;
    assert_int_equal(mf_scan_text(text, at, end), stop);
    assert_int_equal(mf_scan_text_portable(text, at, end), stop);
    assert_int_equal(mf_scan_opening(text, at, end), opening);
    assert_int_equal(mf_scan_opening_portable(text, at, end), opening);
}

static void check_block(const char *text)
{
    for (uint32_t before = 0; before < 2; before++) {
        uint32_t one = before, other = before;
        struct mf_scan_block wide = mf_scan_block(text, &one), plain = mf_scan_block_portable(text, &other);

        assert_int_equal(wide.escaped, plain.escaped);
        assert_int_equal(wide.stops, plain.stops);
        assert_int_equal(one, other);
    }
    assert_int_equal(mf_scan_backslashes(text), mf_scan_backslashes_portable(text));
}

static void check_scan(const char *text, size_t length)
{
    ptrdiff_t end = (ptrdiff_t)length;

    for (ptrdiff_t at = 0; at <= end; at++) {
        ptrdiff_t stop = scan_slowly(text, at, end);
        unsigned distance = 99;

        check_scan_of_text(text, at, end);
        if (end - at >= MF_SCAN_BLOCK)
            check_block(text + at);
        assert_int_equal(mf_scan_plain(text, at, end), stop);
        if (end - at >= 8) {
            assert_int_equal(mf_scan_step_portable(text + at, &distance), stop - at < 8);
            if (stop - at < 8)
                assert_int_equal(distance, stop - at);
        }
#if defined(__SSE2__)
        if (end - at >= 16) {
            assert_int_equal(mf_scan_step_sse2(text + at, &distance), stop - at < 16);
            if (stop - at < 16)
                assert_int_equal(distance, stop - at);
        }
#endif
    }
}

static void compares_alike_with_and_without_vectors(void **state)
{
    char one[96], other[96];

    (void)state;
    for (size_t i = 0; i < sizeof one; i++)
        one[i] = other[i] = (char)(i * 37);
    for (size_t length = 1; length <= sizeof one - 16; length++) {
        for (size_t at = 0; at < sizeof one; at++) {
            other[at] ^= 0x40;
            assert_int_equal(mf_scan_same_portable(one, other, length), at >= length);
            assert_int_equal(mf_scan_same(one, other, length), at >= length);
            other[at] ^= 0x40;
        }
        assert_true(mf_scan_same(one, other, length));
    }
}

static void scans_alike_with_and_without_vectors(void **state)
{
    static const unsigned char edges[] = {0x00, 0x01, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D,
                                          0x7E, 0x7F, 0x80, 0xA0, 0xA2, 0xDC, 0xFF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
                                          0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF4, 0xF5, 0x8F, 0x90, 0x9F, 0xBF, 0xC0};
    uint32_t random = 2463534242;

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) /* every byte in every lane */
        for (size_t at = 0; at < 40; at++) {
            char *text = malloc(40);

            memset(text, 'x', 40);
            text[at] = (char)byte;
            check_scan(text, 40);
            free(text);
        }
    for (int round = 0; round < 4000; round++) { /* edge bytes next to one another, all lengths */
        size_t length = (size_t)round % 70;
        char *text = malloc(length > 0 ? length : 1);

        for (size_t i = 0; i < length; i++) {
            random ^= random << 13, random ^= random >> 17, random ^= random << 5;
            text[i] = (char)(random >> 28 < 12 ? 'a' + random % 26 : edges[(random >> 8) % sizeof edges]);
        }
        check_scan(text, length);
        free(text);
    }
}

/* Each first byte with each second, third and fourth that makes a difference, in each place of a block. */
static void tells_letters_alike_with_and_without_vectors(void **state)
{
    static const unsigned char more[] = {'a', 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE0};
    enum { N = sizeof more };

    (void)state;
    for (unsigned lead = 0x80; lead < 0x100; lead++)
        for (unsigned n = 0; n < N * N * N; n++) {
            char text[MF_SCAN_BLOCK + 3];

            for (unsigned at = 0; at < MF_SCAN_BLOCK; at++) {
                memset(text, 'a', sizeof text);
                text[at] = (char)lead;
                text[at + 1] = (char)more[n % N];
                text[at + 2] = (char)more[n / N % N];
                text[at + 3] = (char)more[n / N / N];
                check_block(text);
            }
        }
}

static uint32_t draw(uint32_t *random)
{
    *random ^= *random << 13, *random ^= *random >> 17, *random ^= *random << 5;
    return *random >> 8;
}

/* A piece of a string, and what it stands for; NULL: it is wrong in any string. */
struct piece {
    const char *written, *means;
};

static const struct piece pieces[] = {
    {"a", "a"},
    {"plain text of some length", "plain text of some length"},
    {"\\\"", "\""},
    {"\\\\", "\\"},
    {"\\n", "\n"},
    {"\\/", "/"},
    {"\xC3\xA9", "\xC3\xA9"},
    {"\xE2\x82\xAC", "\xE2\x82\xAC"},
    {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    {"\xE0\xA4\x85", "\xE0\xA4\x85"},
    {"\\u00e9", "\xC3\xA9"},
    {"\\u20AC", "\xE2\x82\xAC"},
    {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    {"\\x", NULL},
    {"\\u00g9", NULL},
    {"\x1F", NULL},
    {"\xC3 ", NULL},
};
enum { N_PIECES = sizeof pieces / sizeof pieces[0], FIRST_WRONG = 13 };

/* Strings of up to forty pieces, some kinds of them in each, with one that is wrong in every fourth. */
static void reads_strings_of_many_pieces(void **state)
{
    uint32_t random = 2463534242;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        char written[1200], means[1200], *text;
        size_t length = 0, wanted = 0, n = draw(&random) % 40, wrong = draw(&random) % 160;
        uint32_t kinds = draw(&random) | 1U << draw(&random) % FIRST_WRONG;
        unsigned flags = 0;

        for (size_t i = 0; i < n; i++) {
            unsigned k = draw(&random) % FIRST_WRONG;
            while ((kinds >> k & 1) == 0)
                k = (k + 1) % FIRST_WRONG;
            if (i == wrong)
                k = FIRST_WRONG + draw(&random) % (N_PIECES - FIRST_WRONG);
            memcpy(written + length, pieces[k].written, strlen(pieces[k].written));
            length += strlen(pieces[k].written);
            if (pieces[k].means == NULL)
                continue;
            memcpy(means + wanted, pieces[k].means, strlen(pieces[k].means));
            wanted += strlen(pieces[k].means);
        }
        written[length] = '"';
        text = malloc(length + 1); /* no byte more: a reader that goes too far is seen */
        memcpy(text, written, length + 1);
        ptrdiff_t end =
            mf_token_string_end(text, mf_scan_plain(text, 0, (ptrdiff_t)length + 1), (ptrdiff_t)length + 1, &flags);
        assert_int_equal(end, wrong < n ? -1 : (ptrdiff_t)length);
        if (wrong >= n) {
            char *out = malloc(length + 1);

            assert_int_equal((flags & MF_NODE_ESCAPED) != 0, memchr(text, '\\', length) != NULL);
            assert_int_equal(mf_token_decode(text, text + length, out), wanted);
            assert_memory_equal(out, means, wanted);
            assert_int_equal(mf_token_decode(text, text + length, text), wanted); /* in its place */
            assert_memory_equal(text, means, wanted);
            free(out);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_document_of_the_collection),
        cmocka_unit_test(calls_2_kb_truncated_wherever_they_are_cut),
        cmocka_unit_test(calls_8_kb_truncated_wherever_they_are_cut),
        cmocka_unit_test(calls_a_cut_array_truncated_though_its_last_element_is_whole),
        cmocka_unit_test(survives_every_single_byte_of_damage),
        cmocka_unit_test(survives_the_loss_of_any_byte),
        cmocka_unit_test(says_where_it_failed),
        cmocka_unit_test(finds_json_in_a_message),
        cmocka_unit_test(finds_json_behind_a_nul_byte),
        cmocka_unit_test(says_why_there_is_none),
        cmocka_unit_test(tries_eight_starts_and_no_more),
        cmocka_unit_test(takes_no_part_of_a_too_deep_document_for_the_whole),
        cmocka_unit_test(a_message_of_little_but_structure_is_refused),
        cmocka_unit_test(an_embedded_document_of_little_but_structure_is_none),
        cmocka_unit_test(reads_no_more_in_vain_than_twice_the_message),
        cmocka_unit_test(keeps_to_its_limits),
        cmocka_unit_test(refuses_limits_that_it_cannot_keep),
        cmocka_unit_test(takes_linear_time_on_hostile_input),
        cmocka_unit_test(takes_ten_thousand_members),
        cmocka_unit_test(unescapes_text),
        cmocka_unit_test(has_no_text_for_containers_and_null),
        cmocka_unit_test(gives_the_bytes_as_written),
        cmocka_unit_test(has_no_text_when_scratch_is_full),
        cmocka_unit_test(walks_from_child_to_child),
        cmocka_unit_test(unpacks_an_embedded_document),
        cmocka_unit_test(unpacks_a_document_without_escapes_in_place),
        cmocka_unit_test(enters_a_value_as_if_it_were_the_document),
        cmocka_unit_test(leaves_the_tape_alone_when_a_string_is_no_document),
        cmocka_unit_test(counts_embedded_values_towards_the_limits),
        cmocka_unit_test(names_every_reason_once),
        cmocka_unit_test(scans_alike_with_and_without_vectors),
        cmocka_unit_test(tells_letters_alike_with_and_without_vectors),
        cmocka_unit_test(reads_strings_of_many_pieces),
        cmocka_unit_test(compares_alike_with_and_without_vectors),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);

    free(block);
    return failed;
}
