/* tests/test_lines.c
 *
 * What a line is, what a word is, and what is refused before any list looks at it. */

#include "context/lines.h"

#include "list_file.h"

#include <sys/stat.h>

static struct mf_lines lines;
static struct mf_error error;

/* All words of a text: "3:subject|key=value 4:..."; the error behind '!'. */
static const char *words_of_bytes(const void *bytes, size_t length)
{
    static char out[8192];
    struct list_file file = list_file_of(bytes, length);
    size_t used = 0;
    int found = mf_lines_open(&lines, file.path, &error);

    assert_int_equal(found, 0);
    out[0] = '\0';
    while ((found = mf_lines_next(&lines, &error)) > 0) {
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%u:", used > 0 ? " " : "", lines.number);
        for (unsigned i = 0; i < lines.n_words; i++) {
            const struct mf_list_word *word = &lines.word[i];

            used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s%s%s%.*s%s", i > 0 ? "|" : "",
                                     (int)word->key.length, word->key.data == NULL ? "" : word->key.data,
                                     word->key.data == NULL ? "" : "=", word->quoted ? "<" : "",
                                     (int)word->value.length, word->value.data, word->quoted ? ">" : "");
        }
    }
    if (found < 0)
        snprintf(out + used, sizeof out - used, "!%s", error.text + strlen(file.path));
    mf_lines_close(&lines);
    close(file.fd);
    return out;
}

static const char *words_of(const char *text)
{
    return words_of_bytes(text, strlen(text));
}

static void splits_lines_into_words(void **state)
{
    (void)state;
    assert_string_equal(words_of(""), "");
    assert_string_equal(words_of("\n\n"), "");
    assert_string_equal(words_of("a"), "1:a");
    assert_string_equal(words_of("a\nb\n"), "1:a 2:b");
    assert_string_equal(words_of(" \ta \t b  "), "1:a|b");
    assert_string_equal(words_of("a until=x\n\n  # nothing\nc k=\n"), "1:a|until=x 4:c|k=");
    assert_string_equal(words_of("a B=c 1=2 =x"), "1:a|B=c|1=2|=x");
}

static void never_reads_the_first_word_as_a_pair(void **state)
{
    (void)state;
    assert_string_equal(words_of("cn=alice,ou=x group=y"), "1:cn=alice,ou=x|group=y");
}

static void a_comment_begins_behind_a_blank_only(void **state)
{
    (void)state;
    assert_string_equal(words_of("#a\n#\nb # c\nd\t#e f=g"), "3:b 4:d");
    assert_string_equal(words_of("bob_x.com#EXT#@t.example # guest"), "1:bob_x.com#EXT#@t.example");
}

static void quotes_hold_blanks_commas_and_comment_signs(void **state)
{
    (void)state;
    assert_string_equal(words_of("\"a b\" group=\"Domain Users, all # of them\" x=\"\""),
                        "1:<a b>|group=<Domain Users, all # of them>|x=<>");
    assert_string_equal(words_of("\"a"), "!:1: a quote is opened and not closed");
    assert_string_equal(words_of("a k=\"b"), "!:1: a quote is opened and not closed");
    assert_string_equal(words_of("\"a\"b"), "!:1: a blank must follow the closing quote of \"a\"");
    assert_string_equal(words_of("a\"b"), "!:1: a quote within a word; accepted: \"the whole word\" or key=\"value\"");
    assert_string_equal(words_of("it's \\n"), "1:it's|\\n");
}

static void tolerates_windows_line_ends_and_a_byte_order_mark(void **state)
{
    (void)state;
    assert_string_equal(words_of("\xEF\xBB\xBF"
                                 "a\r\nb\r\n\r\nc"),
                        "1:a 2:b 4:c");
    assert_string_equal(words_of("\xEF\xBB\xBF"), "");
    assert_string_equal(words_of("a\rb\n"), "!:1: control character at column 2 (byte 0x0D); accepted: UTF-8 text");
}

static void refuses_what_is_not_utf8_text(void **state)
{
    static const char *const good[] = {"\xC2\xA0",     "\xDF\xBF",     "\xE0\xA0\x80",     "\xED\x9F\xBF",
                                       "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC3",
                                      "\xC3(",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xE2\x82",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFF\xFE\xFF"};
    char text[16], expected[80];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(expected, sizeof expected, "1:%s", good[i]);
        assert_string_equal(words_of(good[i]), expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "a\nx #%s", bad[i]);
        snprintf(expected, sizeof expected, "1:a!:2: byte 0x%02X at column 4 is not UTF-8", (unsigned char)bad[i][0]);
        assert_string_equal(words_of(text), expected);
    }
    assert_string_equal(words_of_bytes("a\0b", 3),
                        "!:1: control character at column 2 (byte 0x00); accepted: UTF-8 text");
    assert_string_equal(words_of("\x1b[0m"), "!:1: control character at column 1 (byte 0x1B); accepted: UTF-8 text");
    assert_string_equal(words_of("\x7f"), "!:1: control character at column 1 (byte 0x7F); accepted: UTF-8 text");
    assert_string_equal(words_of("\xC2\x9B"), "!:1: control character at column 1 (byte 0x9B); accepted: UTF-8 text");
}

static void bounds_the_line(void **state)
{
    char *text = malloc(2 * MF_LINE_MAX + 20);
    char *at = text;

    (void)state;
    memset(at, 'x', MF_LINE_MAX);
    memcpy(at + MF_LINE_MAX, "\r\nb\n", 5);
    const char *out = words_of(text);
    assert_int_equal(strlen(out), 2 + MF_LINE_MAX + 4);
    assert_string_equal(out + 2 + MF_LINE_MAX, " 2:b");
    memset(at, 'x', MF_LINE_MAX + 1);
    at[MF_LINE_MAX + 1] = '\0';
    assert_string_equal(words_of(text), "!:1: the line is longer than 4096 bytes");
    free(text);

    size_t huge = 5 * sizeof lines.buffer;
    text = malloc(huge);
    memset(text, 'x', huge);
    assert_string_equal(words_of_bytes(text, huge), "!:1: the line is longer than 4096 bytes");
    free(text);
}

static void bounds_the_words_of_a_line(void **state)
{
    char text[2 * MF_LINE_WORDS + 3] = "";

    (void)state;
    for (unsigned i = 0; i < MF_LINE_WORDS; i++)
        memcpy(text + 2 * i, "a ", 3);
    words_of(text);
    assert_int_equal(lines.n_words, MF_LINE_WORDS);
    memcpy(text + 2 * MF_LINE_WORDS, "a", 2);
    assert_string_equal(words_of(text), "!:1: more than 64 words");
}

static void lines_survive_every_place_of_the_buffer_s_end(void **state)
{
    enum { N = 3000 };
    char *text = malloc(N * 40);
    size_t used = 0;
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < N; i++)
        used += (size_t)sprintf(text + used, "%0*u x=%u\n", (int)(1 + i % 23), i, i);
    struct list_file file = list_file_of(text, used);
    assert_int_equal(mf_lines_open(&lines, file.path, &error), 0);
    while (mf_lines_next(&lines, &error) > 0) {
        assert_int_equal(lines.number, n + 1);
        assert_int_equal(lines.n_words, 2);
        assert_int_equal(strtoul(lines.word[0].value.data, NULL, 10), n);
        assert_int_equal(strtoul(lines.word[1].value.data, NULL, 10), n);
        n++;
    }
    assert_int_equal(n, N);
    mf_lines_close(&lines);
    close(file.fd);
    free(text);
}

static void names_the_file_that_it_cannot_read(void **state)
{
    (void)state;
    assert_int_equal(mf_lines_open(&lines, "/nowhere/list", &error), -1);
    assert_string_equal(error.text, "/nowhere/list: No such file or directory");
    mf_lines_close(&lines);
    assert_int_equal(mf_lines_open(&lines, "/tmp", &error), -1);
    assert_string_equal(error.text, "/tmp: not a regular file");
    mf_lines_close(&lines);
    assert_int_equal(mf_lines_open(&lines, "/dev/null", &error), -1);
    assert_string_equal(error.text, "/dev/null: not a regular file");
    mf_lines_close(&lines);
}

static void bounds_the_file(void **state)
{
    struct list_file file = list_file("");

    (void)state;
    assert_int_equal(ftruncate(file.fd, (off_t)1 << 30), 0);
    assert_int_equal(mf_lines_open(&lines, file.path, &error), 0);
    mf_lines_close(&lines);
    assert_int_equal(ftruncate(file.fd, ((off_t)1 << 30) + 1), 0);
    assert_int_equal(mf_lines_open(&lines, file.path, &error), -1);
    assert_string_equal(error.text + strlen(file.path), ": larger than 1 GiB, the most that is read");
    mf_lines_close(&lines);
    close(file.fd);
}

static void does_not_wait_for_a_pipe(void **state)
{
    char path[] = "/tmp/mf-lines-XXXXXX", fifo[sizeof path + 8];

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(fifo, sizeof fifo, "%s/pipe", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(mf_lines_open(&lines, fifo, &error), -1);
    assert_non_null(strstr(error.text, "not a regular file"));
    mf_lines_close(&lines);
    unlink(fifo);
    rmdir(path);
}

static void reads_days_to_their_last_moment(void **state)
{
    static const struct {
        const char *text, *begin, *end; /* NULL: refused */
    } rows[] = {
        {"2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
        {"2026-12-31T18:00:00Z", "2026-12-31T18:00:00Z", "2026-12-31T18:00:00.001Z"},
        {"2026-12-31T18:00:00+02:00", "2026-12-31T16:00:00Z", "2026-12-31T16:00:00.001Z"},
        {"2026-02-29", NULL, NULL},
        {"2026-13-01", NULL, NULL},
        {"2026-1-01", NULL, NULL},
        {"31.12.2026", NULL, NULL},
        {"tomorrow", NULL, NULL},
        {"", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mf_list_word word = {.key = mf_slice_of("until"), .value = mf_slice_of(rows[i].text)};
        mf_time begin = -1, end = -1;
        int result = mf_lines_time(&lines, &word, &begin, &end, &error);

        assert_int_equal(result, rows[i].begin == NULL ? -1 : 0);
        assert_int_equal(begin, result == 0 ? time_of(rows[i].begin) : -1);
        assert_int_equal(end, result == 0 ? time_of(rows[i].end) : -1);
    }
}

static void shows_long_texts_cut_between_characters(void **state)
{
    char text[200];

    (void)state;
    assert_string_equal(mf_shown(mf_slice_of("abc")).text, "abc");
    memset(text, 'a', sizeof text);
    assert_int_equal(strlen(mf_shown((struct mf_slice){text, MF_SHOWN_SIZE - 1}).text), MF_SHOWN_SIZE - 1);
    assert_string_equal(mf_shown((struct mf_slice){text, MF_SHOWN_SIZE}).text + MF_SHOWN_SIZE - 4 - 1, "a...");
    for (unsigned i = 0; i < 200; i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    const char *shown = mf_shown((struct mf_slice){text, sizeof text}).text;
    assert_int_equal(strlen(shown) % 2, 1);
    assert_string_equal(shown + strlen(shown) - 5, "\xC3\xA4...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_lines_into_words),
        cmocka_unit_test(never_reads_the_first_word_as_a_pair),
        cmocka_unit_test(a_comment_begins_behind_a_blank_only),
        cmocka_unit_test(quotes_hold_blanks_commas_and_comment_signs),
        cmocka_unit_test(tolerates_windows_line_ends_and_a_byte_order_mark),
        cmocka_unit_test(refuses_what_is_not_utf8_text),
        cmocka_unit_test(bounds_the_line),
        cmocka_unit_test(bounds_the_words_of_a_line),
        cmocka_unit_test(lines_survive_every_place_of_the_buffer_s_end),
        cmocka_unit_test(names_the_file_that_it_cannot_read),
        cmocka_unit_test(bounds_the_file),
        cmocka_unit_test(does_not_wait_for_a_pipe),
        cmocka_unit_test(reads_days_to_their_last_moment),
        cmocka_unit_test(shows_long_texts_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
