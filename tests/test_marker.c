/* tests/test_marker.c
 *
 * Byte strings found in any place of a message of any length, by one owner or another. The second opinion is a plain
 * search. */

#include "read/marker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mf_markers *markers_of(const char *const *texts, size_t n, bool nocase)
{
    struct mf_markers *markers = mf_markers_new();

    assert_non_null(markers);
    for (size_t i = 0; i < n; i++)
        assert_true(mf_markers_add(markers, mf_slice_of(texts[i]), nocase, (unsigned)i));
    mf_markers_prepare(markers);
    return markers;
}

/* With AVX2, where the machine has it, and without. */
static uint64_t find(struct mf_markers *markers, const char *bytes, size_t length, bool any)
{
    uint64_t found = mf_markers_find(markers, bytes, length, any);

    mf_markers_narrow(markers);
    assert_int_equal(mf_markers_find(markers, bytes, length, any), found);
    mf_markers_widen(markers);
    return found;
}

/* `first`: those that begin at the first place where any does. */
static uint64_t find_plainly(const char *const *texts, size_t n, bool nocase, struct mf_slice bytes, uint64_t *first)
{
    uint64_t found = 0;
    size_t first_at = SIZE_MAX;

    *first = 0;

    for (size_t i = 0; i < n; i++) {
        struct mf_slice text = mf_slice_of(texts[i]);

        for (size_t at = 0; at + text.length <= bytes.length; at++) {
            struct mf_slice here = {bytes.data + at, text.length};

            if (nocase ? !mf_slice_equal_nocase(here, text) : !mf_slice_equal(here, text))
                continue;
            found |= UINT64_C(1) << i;
            *first = (at < first_at ? 0 : *first) | (at <= first_at ? UINT64_C(1) << i : 0);
            first_at = at < first_at ? at : first_at;
        }
    }
    return found;
}

static void finds_a_marker_at_every_place_of_every_length(void **state)
{
    static const char *const texts[] = {"\"published\""};
    struct mf_markers *markers = markers_of(texts, 1, false);
    size_t size = strlen(texts[0]);

    (void)state;
    for (size_t length = 0; length < 120; length++) {
        /* exactly as long as the message: a sanitizer sees a read behind it */
        char *bytes = malloc(length + 1);

        assert_non_null(bytes);
        for (size_t at = 0; at <= length; at++) {
            memset(bytes, 'p', length + 1);
            if (at + size <= length)
                memcpy(bytes + at, texts[0], size);
            assert_int_equal(find(markers, bytes, length, false), at + size <= length);
            assert_int_equal(find(markers, bytes, length, true), at + size <= length);
        }
        free(bytes);
    }
    mf_markers_free(markers);
}

static void does_not_find_a_part_of_a_marker(void **state)
{
    static const char *const texts[] = {"isotimestamp"};
    struct mf_markers *markers = markers_of(texts, 1, false);
    static const char message[] =
        "..........................................isotimestam isotimestanp Isotimestamp sotimestamp isotimestam";

    (void)state;
    assert_int_equal(find(markers, message, strlen(message), false), 0);
    mf_markers_free(markers);
}

static void folds_case_only_where_asked(void **state)
{
    static const char *const texts[] = {"DateTime\""};
    struct mf_markers *exact = markers_of(texts, 1, false), *folded = markers_of(texts, 1, true);
    static const char message[] = "some longer message so that whole blocks are read {\"createddatetime\":1}";

    (void)state;
    assert_int_equal(find(exact, message, strlen(message), true), 0);
    assert_int_equal(find(folded, message, strlen(message), true), 1);
    mf_markers_free(exact);
    mf_markers_free(folded);
}

static void agrees_with_a_plain_search(void **state)
{
    static const char *const texts[] = {"abca",   "bcab",  "abcabc", "cccc",  "AbCa", "aaaaa",
                                        "bbbb\"", "cabba", "abba",   "a\":{", "zzzz", "acac"};
    static const char letters[] = "abcABC\":{z\x80\xff";
    enum { N = sizeof texts / sizeof texts[0] };
    uint32_t random = 1;

    (void)state;
    for (int nocase = 0; nocase < 2; nocase++) {
        struct mf_markers *markers = markers_of(texts, N, nocase != 0);

        for (unsigned round = 0; round < 20000; round++) {
            char bytes[200];
            struct mf_slice message = {bytes, round % sizeof bytes};
            uint64_t want, first;

            for (size_t i = 0; i < message.length; i++) {
                random = random * 1664525 + 1013904223;
                bytes[i] = letters[(random >> 16) % (round % 4 == 0 ? 3 : sizeof letters - 1)];
            }
            want = find_plainly(texts, N, nocase != 0, message, &first);
            assert_int_equal(find(markers, bytes, message.length, false), want);
            assert_int_equal(find(markers, bytes, message.length, true), first);
        }
        mf_markers_free(markers);
    }
}

/* Markers that have a window in common, that begin alike, or both, in any order. */
static void tells_markers_apart_that_are_alike(void **state)
{
    static const char *const texts[] = {
        "\"activity_id\":\"",    "telephony_id", "\"activity_id\": \"", "\"event_type_id\"", "\"event_type\":\"a\"",
        "\"event_type\": \"a\"", "xy_id",        "\"event_type\":\"b\""};
    static const char *const pieces[] = {"\"activity", "_id",   "\":", " ", "\"", "telephony",
                                         "\"event",    "_type", "a",   "x", "y",  "b"};
    enum { N = sizeof texts / sizeof texts[0], N_PIECES = sizeof pieces / sizeof pieces[0] };
    struct mf_markers *markers = markers_of(texts, N, false);
    uint32_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char bytes[200] = "";
        uint64_t want, first;

        for (unsigned i = 0; i < round % 16; i++) {
            random = random * 1664525 + 1013904223;
            strcat(bytes, pieces[(random >> 16) % N_PIECES]);
        }
        want = find_plainly(texts, N, false, mf_slice_of(bytes), &first);
        assert_int_equal(find(markers, bytes, strlen(bytes), false), want);
        assert_int_equal(find(markers, bytes, strlen(bytes), true), first);
    }
    mf_markers_free(markers);
}

/* The markers of one profile may hold those of another: whoever begins first counts, whichever way the search goes. */
static void the_marker_that_begins_first_counts(void **state)
{
    static const char *const texts[] = {"a rather long marker of one", "long marker", "rather long"};
    struct mf_markers *markers = markers_of(texts, 3, false);
    char message[400];

    (void)state;
    for (size_t at = 0; at < 300; at++) {
        memset(message, '.', sizeof message);
        memcpy(message + at, texts[0], strlen(texts[0]));
        memcpy(message + at + 60, texts[1], strlen(texts[1]));
        assert_int_equal(find(markers, message, sizeof message, true), 1);
        assert_int_equal(find(markers, message, sizeof message, false), 7);
        message[at] = 'A';
        assert_int_equal(find(markers, message, sizeof message, true), 4);
    }
    mf_markers_free(markers);
}

static void takes_only_what_it_can_search(void **state)
{
    struct mf_markers *markers = mf_markers_new();
    char text[MF_MARKER_MAX + 1];

    (void)state;
    memset(text, 'x', sizeof text);
    assert_false(mf_markers_add(markers, (struct mf_slice){text, MF_MARKER_MIN - 1}, false, 0));
    assert_true(mf_markers_add(markers, (struct mf_slice){text, MF_MARKER_MIN}, false, 0));
    assert_true(mf_markers_add(markers, (struct mf_slice){text, MF_MARKER_MAX}, false, 63));
    assert_false(mf_markers_add(markers, (struct mf_slice){text, MF_MARKER_MAX + 1}, false, 0));
    assert_false(mf_markers_add(markers, mf_slice_of("markers"), false, 64));
    assert_false(mf_markers_add(markers, mf_slice_of("m\xc3\xa4rker"), false, 0));
    assert_false(mf_markers_add(markers, mf_slice_of("mark\ner"), false, 0));
    mf_markers_free(markers);
}

static void finds_nothing_without_markers(void **state)
{
    struct mf_markers *markers = mf_markers_new();

    (void)state;
    mf_markers_prepare(markers);
    assert_int_equal(find(markers, "published", 9, true), 0);
    mf_markers_free(markers);
}

static void finds_each_of_more_markers_than_buckets(void **state)
{
    struct mf_markers *markers = mf_markers_new();
    char text[64];

    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        snprintf(text, sizeof text, "marker-%u-%u;", i * 7919 % 64, i);
        assert_true(mf_markers_add(markers, mf_slice_of(text), false, i));
    }
    mf_markers_prepare(markers);
    for (unsigned i = 0; i < 64; i++) {
        snprintf(text, sizeof text, "something in front of marker-%u-%u; and behind it", i * 7919 % 64, i);
        assert_int_equal(find(markers, text, strlen(text), false), UINT64_C(1) << i);
    }
    mf_markers_free(markers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_marker_at_every_place_of_every_length),
        cmocka_unit_test(does_not_find_a_part_of_a_marker),
        cmocka_unit_test(folds_case_only_where_asked),
        cmocka_unit_test(agrees_with_a_plain_search),
        cmocka_unit_test(tells_markers_apart_that_are_alike),
        cmocka_unit_test(the_marker_that_begins_first_counts),
        cmocka_unit_test(takes_only_what_it_can_search),
        cmocka_unit_test(finds_nothing_without_markers),
        cmocka_unit_test(finds_each_of_more_markers_than_buckets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
