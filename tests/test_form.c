/* tests/test_form.c
 *
 * Text becomes the tape that JSON would give, or a reason; nothing is read that is not there. */

#include "read/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "read/path.h"

static struct mf_record record;

static int set_up(void **state)
{
    struct mf_error error;

    (void)state;
    return mf_record_init(&record, &(struct mf_record_limits){.size = 4096, .nodes = 64, .depth = 8}, &error);
}

static int tear_down(void **state)
{
    (void)state;
    mf_record_fini(&record);
    return 0;
}

/* ---- forms ---- */

static const struct mf_form by_blanks = {.type = MF_FORM_KV, .quotes = {"\"", 1}, .between = {" ", 1}};

static const struct mf_slice starts[] = {{"type=", 5}};
static const struct mf_form by_commas = {.type = MF_FORM_KV,
                                         .quotes = {"\"'", 2},
                                         .escape = MF_ESCAPE_QUOTE,
                                         .between = {", ", 2},
                                         .n_start = 1,
                                         .start = starts,
                                         .has_head = true,
                                         .n_columns = 1,
                                         .names = "head",
                                         .name_at = {0, 4}};

static struct mf_form escaped(enum mf_form_escape escape)
{
    struct mf_form form = by_blanks;

    form.escape = escape;
    return form;
}

static const struct mf_form cells = {.type = MF_FORM_CSV,
                                     .quotes = {"\"", 1},
                                     .escape = MF_ESCAPE_DOUBLE,
                                     .separator = ',',
                                     .n_columns = 4,
                                     .names = "abd",
                                     .name_at = {0, 1, 2, 2, 3}};

static struct mf_form header_form(enum mf_form_type type)
{
    static char names[256];
    struct mf_form form = {.type = type, .n_columns = MF_FORM_HEADERS, .names = names};

    for (unsigned i = 0, at = 0; i < MF_FORM_HEADERS; i++) {
        at += (unsigned)snprintf(names + at, sizeof names - at, "%s", mf_form_headers[i]);
        form.name_at[i + 1] = (uint16_t)at;
    }
    return form;
}

/* ---- the tape, written as "name:value;name:value" ---- */

static const char *written(void)
{
    static char text[8192];
    size_t used = 0;
    uint32_t at = mf_record_child(&record, 0);

    assert_int_equal(record.nodes[0].type, MF_NODE_OBJECT);
    assert_int_equal(record.nodes[0].next, record.n_nodes);
    text[0] = '\0';
    while (at != MF_NO_NODE) {
        uint32_t value = mf_record_sibling(&record, 0, at);
        struct mf_slice name = mf_record_text(&record, at), word = mf_record_text(&record, value);

        assert_int_equal(record.nodes[value].type, MF_NODE_STRING);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s:%.*s", used == 0 ? "" : ";", (int)name.length,
                                 name.data, (int)word.length, word.data);
        at = mf_record_sibling(&record, 0, value);
    }
    return text;
}

/* From a block of just that size, so that a sanitizer sees any look behind it. */
static enum mf_skip parse_bytes(const struct mf_form *form, const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    enum mf_skip skip;

    assert_non_null(copy);
    memcpy(copy, text, length);
    record.n_nodes = 0;
    skip = mf_form_check(copy, length);
    if (skip == MF_SKIP_NONE)
        skip = mf_form_parse(&record, form, copy, length);
    free(copy);
    return skip;
}

static void reads(const struct mf_form *form, const char *text, const char *as)
{
    enum mf_skip skip = parse_bytes(form, text, strlen(text));

    if (skip != MF_SKIP_NONE)
        fail_msg("%s: %s", text, mf_skip_name(skip));
    assert_string_equal(written(), as);
}

static void refuses(const struct mf_form *form, const char *text, enum mf_skip why)
{
    enum mf_skip skip = parse_bytes(form, text, strlen(text));

    if (skip != why)
        fail_msg("%s: %s, not %s", text, mf_skip_name(skip), mf_skip_name(why));
    assert_int_equal(record.n_nodes, 0);
}

/* ---- pairs ---- */

static void reads_pairs_by_blanks(void **state)
{
    (void)state;
    reads(&by_blanks, "a=1 b=2", "a:1;b:2");
    reads(&by_blanks, "  a=\"x y\"  b=\"\" c= ", "a:x y;b:;c:");
    reads(&by_blanks, "2026-03-02 09:14:37,412 tid=\"t:1\" ip=\"192.0.2.7\" end=x", "tid:t:1;ip:192.0.2.7;end:x");
    reads(&by_blanks, "a=b=c d==", "a:b=c;d:=");
    reads(&by_blanks, "a=one two three b=4", "a:one two three;b:4");
    reads(&by_blanks, "X-Forwarded-For=\"192.0.2.7\" x.y_z=1\n", "X-Forwarded-For:192.0.2.7;x.y_z:1");
    reads(&by_blanks, "a=\"k\xc3\xb6ln\" b=\xe2\x82\xac", "a:k\xc3\xb6ln;b:\xe2\x82\xac");
    reads(&by_blanks, "a=\t1\tb=2", "a:1;b:2");
    refuses(&by_blanks, "", MF_SKIP_NOT_IDP);
    refuses(&by_blanks, "no pair here", MF_SKIP_NOT_IDP);
    refuses(&by_blanks, "= =", MF_SKIP_NOT_IDP);
}

static void reads_pairs_by_commas_behind_a_head(void **state)
{
    (void)state;
    reads(&by_commas, "09:14:37 WARN (x) type=LOGIN, user=ada, ip=192.0.2.7",
          "head:09:14:37 WARN (x);type:LOGIN;user:ada;ip:192.0.2.7");
    reads(&by_commas, "type=\"LOGIN\", user=\"ada\"", "head:;type:LOGIN;user:ada");
    reads(&by_commas, "type=A, uri=http://x/?a=b,c&d, z='two words'", "head:;type:A;uri:http://x/?a=b,c&d;z:two words");
    reads(&by_commas, "type=A, agent=Mozilla (X, like Y), z=1", "head:;type:A;agent:Mozilla (X, like Y);z:1");
    reads(&by_commas, "[subtype=no] type=A", "head:[subtype=no];type:A");
    refuses(&by_commas, "user=ada, ip=192.0.2.7", MF_SKIP_NOT_IDP);
}

static void undoes_each_way_to_escape(void **state)
{
    struct mf_form none = escaped(MF_ESCAPE_NONE), quote = escaped(MF_ESCAPE_QUOTE), json = escaped(MF_ESCAPE_JSON),
                   twice = escaped(MF_ESCAPE_DOUBLE);

    (void)state;
    reads(&quote, "a=\"x\\\"y\\\\z\\n\" b=1", "a:x\"y\\\\z\\n;b:1");
    reads(&json, "a=\"x\\\"y\\\\z\\u0041\\t\" b=1", "a:x\"y\\zA\t;b:1");
    reads(&twice, "a=\"x\"\"y\" b=\"\"\"\"", "a:x\"y;b:\"");
    reads(&none, "a=\"{b=\"c\"}\" d=1", "a:{b=\"c\"};d:1");
    reads(&none, "a=\"x\\\" b=1", "a:x\\;b:1");
    refuses(&json, "a=\"\\x41\"", MF_SKIP_BAD_TEXT);
    refuses(&json, "a=\"open", MF_SKIP_TRUNCATED);
}

/* Who may write into one value writes no other. */
static void takes_no_value_for_a_pair(void **state)
{
    struct mf_form quote = escaped(MF_ESCAPE_QUOTE);

    (void)state;
    reads(&quote, "type=\"LOGIN\" user=\"x\\\" userId=\\\"root\"", "type:LOGIN;user:x\" userId=\"root");
    refuses(&quote, "user=\"x\\\" next=\"y\"", MF_SKIP_BAD_TEXT); /* ends in a backslash that was not escaped */
    refuses(&quote, "user=\"x\"y next=\"z\"", MF_SKIP_BAD_TEXT);
    refuses(&quote, "user=\"x", MF_SKIP_TRUNCATED);
    refuses(&by_commas, "type=\"A\" user=\"x\"", MF_SKIP_BAD_TEXT);
}

static void keeps_members_that_stand_twice(void **state)
{
    struct mf_error error;
    struct mf_paths *paths = mf_paths_new(&(struct mf_paths_options){0}, &error);
    uint32_t found[2];
    bool twice[2];
    unsigned user, ip;

    (void)state;
    assert_int_equal(mf_paths_add(paths, mf_slice_of("user"), &user, &error), 0);
    assert_int_equal(mf_paths_add(paths, mf_slice_of("ip"), &ip, &error), 0);
    reads(&by_blanks, "user=a ip=1 user=b", "user:a;ip:1;user:b");
    mf_paths_resolve(paths, &record, 0, found, twice);
    assert_true(twice[user]);
    assert_false(twice[ip]);
    mf_paths_free(paths);
}

/* ---- cells ---- */

static void reads_cells(void **state)
{
    (void)state;
    reads(&cells, "1,2,3,4", "a:1;b:2;d:4");
    reads(&cells, " 1 , two words ,3, 4 ,5,6", "a:1;b:two words;d:4");
    reads(&cells, "1,2", "a:1;b:2");
    reads(&cells, ",,,", "a:;b:;d:");
    reads(&cells, "\"1,1\", \"say \"\"no\"\"\" ,3,x\"y", "a:1,1;b:say \"no\";d:x\"y");
    refuses(&cells, "one", MF_SKIP_NOT_IDP);
    refuses(&cells, "", MF_SKIP_NOT_IDP);
    refuses(&cells, "\"1\"2,3", MF_SKIP_BAD_TEXT);
    refuses(&cells, "1,\"2", MF_SKIP_TRUNCATED);
}

static void counts_cells_from_an_anchor(void **state)
{
    static const struct mf_slice words[] = {{"OK", 2}, {"NO", 2}};
    struct mf_form form = cells;

    (void)state;
    form.anchor = 1;
    form.n_anchors = 2;
    form.anchors = words;
    reads(&form, "x,y,1,OK,3,4", "a:1;b:OK;d:4");
    reads(&form, "1,NO,3,4", "a:1;b:NO;d:4");
    reads(&form, "NO,3,4", "b:NO;d:4");
    reads(&form, "1,OK,3,NO", "a:1;b:OK;d:NO");
    refuses(&form, "1,2,3,4", MF_SKIP_NOT_IDP);
}

static void reads_cells_between_bars(void **state)
{
    struct mf_form form = cells;

    (void)state;
    form.separator = '|';
    form.quotes.length = 0;
    reads(&form, "2026 | \"x| y |ada", "a:2026;b:\"x;d:ada");
    form.separator = '\t';
    reads(&form, "1\t\t3\t 4 ", "a:1;b:;d:4");
}

/* ---- CEF and LEEF ---- */

#define HEADERS(version) "DeviceVendor:V;DeviceProduct:P;DeviceVersion:" version ";EventClass:E"

static void reads_cef(void **state)
{
    struct mf_form cef = header_form(MF_FORM_CEF);

    (void)state;
    reads(&cef, "CEF:0|V|P|1|E|a name|3|src=192.0.2.7 suser=ada",
          HEADERS("1") ";Name:a name;Severity:3;src:192.0.2.7;suser:ada");
    reads(&cef, "<14>Mar  2 09:14:37 host CEF:0|V|P|1|E|n|3|a=x y z b=", HEADERS("1") ";Name:n;Severity:3;a:x y z;b:");
    reads(&cef, "0|V|P|1|E|n|3|a=1", HEADERS("1") ";Name:n;Severity:3;a:1");
    reads(&cef, "CEF:0|V|P|1|E|a\\|b\\\\c|3|", HEADERS("1") ";Name:a|b\\c;Severity:3");
    reads(&cef, "CEF:0|V|P|1|E|n|3|m=a\\=b\\\\c\\nd u=https://x/?y=z",
          HEADERS("1") ";Name:n;Severity:3;m:a=b\\c\nd;u:https://x/?y=z");
    reads(&cef, "CEF:0|V|P|1|E|n|3|a=x \\=y b=EXAMPLE\\ada ad[0]=1",
          HEADERS("1") ";Name:n;Severity:3;a:x =y;b:EXAMPLE\\ada;ad[0]:1");
    refuses(&cef, "CEF:0|V|P|1|E|n", MF_SKIP_TRUNCATED);
    refuses(&cef, "CEF:0|V|P|1|E|n|3|no pair", MF_SKIP_BAD_TEXT);
    refuses(&cef, "XCEF:0|V|P|1|E|n|3|a=1", MF_SKIP_NOT_IDP);
    refuses(&cef, "CEF:x|V|P|1|E|n|3|a=1", MF_SKIP_NOT_IDP);
    refuses(&cef, "LEEF:1.0|V|P|1|E|a=1", MF_SKIP_NOT_IDP);
}

static void names_custom_members_by_their_labels(void **state)
{
    struct mf_form cef = header_form(MF_FORM_CEF);

    (void)state;
    reads(&cef, "CEF:0|V|P|1|E|n|3|cs1Label=Factor cs1=push cs2Label=Connection ID cs2= cs3=x cs4Label=",
          HEADERS("1") ";Name:n;Severity:3;cs1Label:Factor;cs1:push;cs2Label:Connection ID;cs2:;cs3:x;cs4Label:"
                       ";Factor:push;Connection ID:");
    reads(&cef, "CEF:0|V|P|1|E|n|3|src=1 cs1Label=src cs1=2",
          HEADERS("1") ";Name:n;Severity:3;src:1;cs1Label:src;cs1:2;src:2");
}

static void counts_the_first_cells_in_any_case(void **state)
{
    static const struct mf_slice words[] = {{"OK", 2}};
    struct mf_form form = cells;

    (void)state;
    form.n_heads = 1;
    form.anchor = 1;
    form.n_anchors = 1;
    form.anchors = words;
    reads(&form, "when,x,y,OK,3,4", "a:when;b:OK;d:4");
    reads(&form, "when,OK,3,4", "a:when;b:OK;d:4");
    form.anchor = 3;
    reads(&form, "when,2,x,y,OK,9", "a:when;b:x;d:OK");
}

static void reads_leef(void **state)
{
    struct mf_form leef = header_form(MF_FORM_LEEF);

    (void)state;
    reads(&leef, "LEEF:1.0|V|P|1|E|src=192.0.2.7\tusrName=a b=c\tx=", HEADERS("1") ";src:192.0.2.7;usrName:a b=c;x:");
    reads(&leef, "LEEF:2.0|V|P|1|E|^|a=1^b=2 c=3", HEADERS("1") ";a:1;b:2 c=3");
    reads(&leef, "LEEF:2.0|V|P|1|E|0x5E|a=1^b=2", HEADERS("1") ";a:1;b:2");
    reads(&leef, "LEEF:2.0|V|P|1|E||a=1\tb=2", HEADERS("1") ";a:1;b:2");
    reads(&leef, "LEEF:1.0|V|P|1|E|a=1#011b=2", HEADERS("1") ";a:1;b:2");
    refuses(&leef, "LEEF:2.0|V|P|1|E|0xZZ|a=1", MF_SKIP_BAD_TEXT);
    refuses(&leef, "LEEF:2.0|V|P|1|E|a=1", MF_SKIP_TRUNCATED);
}

/* ---- as strict as JSON ---- */

static void refuses_what_is_no_text(void **state)
{
    const struct mf_form *const forms[] = {&by_blanks, &cells};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(parse_bytes(forms[i], "a=1,\0b=2", 8), MF_SKIP_BAD_TEXT);
        assert_int_equal(parse_bytes(forms[i], "a=1,\x1b b=2", 8), MF_SKIP_BAD_TEXT);
        assert_int_equal(parse_bytes(forms[i], "a=1,\n b=2", 9), MF_SKIP_BAD_TEXT);
        assert_int_equal(parse_bytes(forms[i], "a=1,\xff b=2", 9), MF_SKIP_BAD_UTF8);
        assert_int_equal(parse_bytes(forms[i], "a=1,\xed\xa0\x80 b", 9), MF_SKIP_BAD_UTF8);
        assert_int_equal(parse_bytes(forms[i], "a=1,b=\xe2\x82", 8), MF_SKIP_BAD_UTF8);
    }
}

static void stays_within_its_limits(void **state)
{
    static char text[8192];
    size_t used = 0;

    (void)state;
    while (used < 8000)
        used += (size_t)snprintf(text + used, sizeof text - used, "a=1 ");
    assert_int_equal(parse_bytes(&by_blanks, text, 5000), MF_SKIP_TOO_LARGE);
    assert_int_equal(parse_bytes(&by_blanks, text, 4096), MF_SKIP_TOO_MANY_NODES);
    assert_int_equal(parse_bytes(&by_blanks, text, 31 * 4), MF_SKIP_NONE); /* 63 nodes */
    assert_int_equal(parse_bytes(&by_blanks, text, 32 * 4), MF_SKIP_TOO_MANY_NODES);
    assert_int_equal(parse_bytes(&by_commas, text, 4094), MF_SKIP_TOO_LARGE); /* with the names */
    used = 0;
    while (used < 2 * 257)
        used += (size_t)snprintf(text + used, sizeof text - used, "a,");
    assert_int_equal(parse_bytes(&cells, text, 2 * 256 - 1), MF_SKIP_NONE);
    assert_int_equal(parse_bytes(&cells, text, 2 * 257 - 1), MF_SKIP_TOO_MANY_NODES);
}

static void a_line_is_at_most_16_kb_long(void **state)
{
    static char text[MF_FORM_TEXT_MAX + 3];

    (void)state;
    memset(text, 'a', sizeof text);
    text[MF_FORM_TEXT_MAX] = text[MF_FORM_TEXT_MAX + 1] = '\n';
    assert_int_equal(mf_form_check(text, MF_FORM_TEXT_MAX), MF_SKIP_NONE);
    assert_int_equal(mf_form_check(text, MF_FORM_TEXT_MAX + 2), MF_SKIP_NONE); /* blanks around it do not count */
    assert_int_equal(mf_form_check(text, MF_FORM_TEXT_MAX + 3), MF_SKIP_TOO_LARGE);
}

static void forms_that_read_alike_are_the_same(void **state)
{
    (void)state;
    assert_true(mf_form_is_same(&by_blanks, &by_blanks));
    assert_false(mf_form_is_same(&by_blanks, &by_commas));
    assert_true(mf_form_is_same(&(struct mf_form){.type = MF_FORM_CEF}, &(struct mf_form){.type = MF_FORM_CEF}));
    assert_false(mf_form_is_same(&(struct mf_form){.type = MF_FORM_CEF}, &(struct mf_form){.type = MF_FORM_LEEF}));
}

/* Wherever a text is cut, what comes out is a tape of the part before, or a reason: the sanitizers and the block of just
 * that size see the rest. */
static void may_be_cut_anywhere(void **state)
{
    struct mf_form cef = header_form(MF_FORM_CEF), leef = header_form(MF_FORM_LEEF), json = escaped(MF_ESCAPE_JSON);
    const struct mf_form *const forms[] = {&by_blanks, &by_commas, &cells, &cef, &leef, &json};
    static const char *const texts[] = {
        "x a=\"1 \\\" 2\" b=three four c=\xe2\x82\xac",
        "head type=\"LOGIN\", user='a b', x=y, z, w=\"a\\\"b\"",
        "1, \"two \"\"2\"\" \" ,3, OK",
        "CEF:0|V|P\\||1|E|n|3|src=1 m=a\\=b c=d\\",
        "LEEF:2.0|V|P|1|E|x7C|a=1|b=2#011c",
        "LEEF:1.0|V|P|1|E|a=1#011b=2\tc",
    };

    (void)state;
    for (unsigned t = 0; t < sizeof texts / sizeof texts[0]; t++)
        for (unsigned f = 0; f < sizeof forms / sizeof forms[0]; f++)
            for (size_t length = 0; length <= strlen(texts[t]); length++) {
                enum mf_skip skip = parse_bytes(forms[f], texts[t], length);

                if (skip == MF_SKIP_NONE)
                    written();
                else
                    assert_int_equal(record.n_nodes, 0);
            }
}

static void reads_text_within_json(void **state)
{
    static const char json[] =
        "{\"m\":\"09:14 type=\\\"LOGIN\\\", user=\\\"ada\\\"\",\"user\":\"bob\",\"n\":\"nothing\"}";
    uint32_t root, text = 2;
    struct mf_slice user;

    (void)state;
    assert_int_equal(mf_record_parse(&record, json, sizeof json - 1), MF_SKIP_NONE);
    assert_int_equal(mf_form_embed(&record, &by_commas, text, &root), MF_SKIP_NONE);
    assert_int_equal(root, 7);
    assert_int_equal(record.nodes[root].next, record.n_nodes);
    user = mf_record_text(&record, root + 6);
    assert_true(mf_slice_equal(user, mf_slice_of("ada")));
    assert_int_equal(mf_form_embed(&record, &by_commas, 6, &root), MF_SKIP_NOT_IDP);
    assert_int_equal(mf_form_embed(&record, &by_commas, 0, &root), MF_SKIP_NOT_IDP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pairs_by_blanks),
        cmocka_unit_test(reads_pairs_by_commas_behind_a_head),
        cmocka_unit_test(undoes_each_way_to_escape),
        cmocka_unit_test(takes_no_value_for_a_pair),
        cmocka_unit_test(keeps_members_that_stand_twice),
        cmocka_unit_test(reads_cells),
        cmocka_unit_test(counts_cells_from_an_anchor),
        cmocka_unit_test(reads_cells_between_bars),
        cmocka_unit_test(reads_cef),
        cmocka_unit_test(names_custom_members_by_their_labels),
        cmocka_unit_test(counts_the_first_cells_in_any_case),
        cmocka_unit_test(reads_leef),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(stays_within_its_limits),
        cmocka_unit_test(a_line_is_at_most_16_kb_long),
        cmocka_unit_test(forms_that_read_alike_are_the_same),
        cmocka_unit_test(may_be_cut_anywhere),
        cmocka_unit_test(reads_text_within_json),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
