/* tests/fuzz/fuzz_record_diff.c
 *
 * Our strict reader against libfastjson. What we accept it must accept too, and where it is able to keep what was
 * written the trees must be the same. It is not able to: it cuts names and strings at \u0000, keeps one of two equal
 * names, goes no deeper than 31 levels, and has its own ideas about lone surrogates and about numbers that are no
 * plain 64-bit integers. */

#include "read/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <libfastjson/json.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { DEPTH = 31, MEMBERS = 500 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mf_record record;
static bool ready;

/* A NUL-terminated copy of a node's text; the caller frees it. */
static char *copy_text(uint32_t node, size_t *length)
{
    uint32_t used = record.scratch_used;
    struct mf_slice text = mf_record_text(&record, node);
    char *copy;

    record.scratch_used = used;
    CHECK(text.data != NULL);
    copy = malloc(text.length + 1);
    CHECK(copy != NULL);
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    *length = text.length;
    return copy;
}

/* ---- what libfastjson can keep ---- */

static bool is_plain_text(uint32_t node)
{
    size_t length;
    char *text = copy_text(node, &length);
    bool plain = strlen(text) == length && strstr(text, "\xEF\xBF\xBD") == NULL;

    free(text);
    return plain;
}

static bool has_equal_names(uint32_t object)
{
    char *names[MEMBERS];
    size_t n = 0, length;
    bool equal = false;

    for (uint32_t key = mf_record_child(&record, object); key != MF_NO_NODE && !equal;
         key = mf_record_sibling(&record, object, key + 1)) {
        char *name = copy_text(key, &length);

        for (size_t i = 0; i < n && !equal; i++)
            equal = strcmp(names[i], name) == 0;
        names[n++] = name;
        equal = equal || n == MEMBERS;
    }
    while (n > 0)
        free(names[--n]);
    return equal;
}

static bool can_be_kept(void)
{
    for (uint32_t node = 0; node < record.n_nodes; node++) {
        if (record.nodes[node].type == MF_NODE_STRING && !is_plain_text(node))
            return false;
        if (record.nodes[node].type == MF_NODE_OBJECT && has_equal_names(node))
            return false;
    }
    return true;
}

static bool is_too_deep(void)
{
    for (uint32_t node = 0; node < record.n_nodes; node++)
        if (record.nodes[node].depth + (record.nodes[node].type >= MF_NODE_ARRAY) > DEPTH)
            return true;
    return false;
}

/* ---- comparing ---- */

static void compare(uint32_t node, struct fjson_object *theirs);

static void compare_number(uint32_t node, struct fjson_object *theirs)
{
    size_t length;
    char *text = copy_text(node, &length), *end, ours[24];
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    snprintf(ours, sizeof ours, "%lld", value);
    if (errno == 0 && *end == '\0' && strcmp(ours, text) == 0) {
        CHECK(fjson_object_is_type(theirs, fjson_type_int));
        CHECK(fjson_object_get_int64(theirs) == value);
    } else {
        CHECK(fjson_object_is_type(theirs, fjson_type_int) || fjson_object_is_type(theirs, fjson_type_double));
    }
    free(text);
}

static void compare_string(uint32_t node, struct fjson_object *theirs)
{
    size_t length;
    char *text = copy_text(node, &length);

    CHECK(fjson_object_is_type(theirs, fjson_type_string));
    CHECK((size_t)fjson_object_get_string_len(theirs) == length);
    CHECK(memcmp(fjson_object_get_string(theirs), text, length) == 0);
    free(text);
}

static void compare_object(uint32_t node, struct fjson_object *theirs)
{
    int n = 0;

    CHECK(fjson_object_is_type(theirs, fjson_type_object));
    for (uint32_t key = mf_record_child(&record, node); key != MF_NO_NODE;
         key = mf_record_sibling(&record, node, key + 1), n++) {
        struct fjson_object *member = NULL;
        size_t length;
        char *name = copy_text(key, &length);

        CHECK(fjson_object_object_get_ex(theirs, name, &member));
        compare(key + 1, member);
        free(name);
    }
    CHECK(fjson_object_object_length(theirs) == n);
}

static void compare_array(uint32_t node, struct fjson_object *theirs)
{
    int n = 0;

    CHECK(fjson_object_is_type(theirs, fjson_type_array));
    for (uint32_t element = mf_record_child(&record, node); element != MF_NO_NODE;
         element = mf_record_sibling(&record, node, element), n++)
        compare(element, fjson_object_array_get_idx(theirs, n));
    CHECK(fjson_object_array_length(theirs) == n);
}

static void compare(uint32_t node, struct fjson_object *theirs)
{
    switch (record.nodes[node].type) {
    case MF_NODE_NULL:
        CHECK(theirs == NULL);
        break;
    case MF_NODE_TRUE:
    case MF_NODE_FALSE:
        CHECK(fjson_object_is_type(theirs, fjson_type_boolean));
        CHECK(fjson_object_get_boolean(theirs) == (record.nodes[node].type == MF_NODE_TRUE));
        break;
    case MF_NODE_NUMBER:
        compare_number(node, theirs);
        break;
    case MF_NODE_STRING:
        compare_string(node, theirs);
        break;
    case MF_NODE_ARRAY:
        compare_array(node, theirs);
        break;
    case MF_NODE_OBJECT:
        compare_object(node, theirs);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fjson_tokener *tokener;
    struct fjson_object *theirs;
    struct mf_slice document;

    if (!ready)
        CHECK(mf_record_init(&record, &mf_record_default_limits, NULL) == 0);
    ready = true;
    if (size > 65536 || mf_record_parse(&record, (const char *)data, size) != MF_SKIP_NONE || is_too_deep())
        return 0;
    document = mf_record_raw(&record, 0);
    tokener = fjson_tokener_new();
    CHECK(tokener != NULL);
    theirs = fjson_tokener_parse_ex(tokener, document.data, (int)document.length);
    if (theirs == NULL || fjson_tokener_get_error(tokener) != fjson_tokener_success) {
        fprintf(stderr, "libfastjson: %s\n", fjson_tokener_error_desc(fjson_tokener_get_error(tokener)));
        abort();
    }
    if (can_be_kept())
        compare(0, theirs);
    fjson_object_put(theirs);
    fjson_tokener_free(tokener);
    return 0;
}
