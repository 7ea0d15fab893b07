/* tests/fuzz/fuzz_record.c
 *
 * Any bytes, read as a log message and as a document, and all kinds of paths looked up in what comes out. The tape
 * must be sound, embedded documents included, and simple paths must give what a slow and simple search gives. The
 * input stands in a block of exactly its size, so that the address sanitizer sees any byte read too many. */

#include "read/path.h"

#include <stdio.h>
#include <stdlib.h>

#define WORD(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* These hold member names only, so that slow_search() can do them. */
static const char *const simple[] = {"a", "b", "a.a", "a.b", "b.a.c", "c", "user", "user.name", "A", "aa.bb.cc"};
static const char *const rich[] = {"a",           "a.b",          "a[0]",       "a[1].b",   "a[*]",      "a[*].b",
                                   "a[b=c|d].e",  "a[b=1].a",     "[*]",        "[*].a",    "[0]",       ".",
                                   "doc",         "doc.a",        "doc[*]",     "doc[*].a", "doc.doc.a", "a.doc[b=x]",
                                   "b[*].b[*].b", "properties.a", "kept.a",     "kept",     "user.name", "a[a=true].b",
                                   "doc[b=c].d",  "a[*][*]",      "a[b=null].c"};
static const struct mf_slice embedded[] = {WORD("doc"), WORD("properties")}, keep[] = {WORD("kept")};

enum { N_SETS = 5 };
static struct mf_record large, small;
static struct mf_paths *sets[N_SETS];

static struct mf_paths *make_set(const struct mf_paths_options *options, const char *const *texts, size_t n)
{
    struct mf_paths *paths = mf_paths_new(options, NULL);
    unsigned id;

    CHECK(paths != NULL);
    for (size_t i = 0; i < n; i++) {
        CHECK(mf_paths_add(paths, mf_slice_of(texts[i]), &id, NULL) == 0);
        CHECK(id == i);
    }
    return paths;
}

static void set_up(void)
{
    struct mf_paths_options options = {0};

    CHECK(mf_record_init(&large, &mf_record_default_limits, NULL) == 0);
    CHECK(mf_record_init(&small, &(struct mf_record_limits){300, 40, 5}, NULL) == 0);
    sets[0] = make_set(&options, simple, sizeof simple / sizeof simple[0]);
    options.embedded = embedded;
    options.n_embedded = 2;
    sets[1] = make_set(&options, rich, sizeof rich / sizeof rich[0]);
    options.lift = (struct mf_slice)WORD("properties");
    options.keep = keep;
    options.n_keep = 1;
    sets[2] = make_set(&options, rich, sizeof rich / sizeof rich[0]);
    options.nocase = true;
    sets[3] = make_set(&options, rich, sizeof rich / sizeof rich[0]);
    options.dotted = true;
    sets[4] = make_set(&options, rich, sizeof rich / sizeof rich[0]);
}

/* ---- the tape ---- */

static void check_subtree(struct mf_record *record, uint32_t node, unsigned depth)
{
    const struct mf_node *at = &record->nodes[node];
    size_t room = (at->flags & MF_NODE_SCRATCH) != 0 ? record->scratch_used : record->length;
    struct mf_slice text;
    uint32_t n = 0, used = record->scratch_used;

    CHECK(depth <= record->limits.depth && at->depth == depth);
    CHECK(at->next > node && at->next <= record->n_nodes);
    CHECK(at->type <= MF_NODE_OBJECT);
    CHECK((size_t)at->start + at->length <= room);
    text = mf_record_text(record, node);
    record->scratch_used = used;
    if (at->type == MF_NODE_NULL || at->type >= MF_NODE_ARRAY)
        CHECK(text.data == NULL);
    else if (text.data != NULL)
        CHECK(text.length <= at->length);
    if (at->type < MF_NODE_ARRAY)
        CHECK(at->next == node + 1);
    for (uint32_t child = mf_record_child(record, node); child != MF_NO_NODE;
         child = mf_record_sibling(record, node, child), n++) {
        CHECK(at->type >= MF_NODE_ARRAY);
        if (at->type == MF_NODE_OBJECT && n % 2 == 0)
            CHECK(record->nodes[child].type == MF_NODE_STRING);
        check_subtree(record, child, depth + 1);
    }
    CHECK(at->type != MF_NODE_OBJECT || n % 2 == 0);
}

/* The whole tape: the document, and behind it what was unpacked from its strings. */
static void check_tape(struct mf_record *record)
{
    CHECK(record->n_nodes <= record->limits.nodes && record->scratch_used <= record->limits.size);
    for (uint32_t node = 0; node < record->n_nodes; node = record->nodes[node].next)
        check_subtree(record, node, 0);
}

/* ---- paths ---- */

static bool is_named(struct mf_record *record, uint32_t key, const char *name, size_t length)
{
    uint32_t used = record->scratch_used;
    struct mf_slice text = mf_record_text(record, key);

    record->scratch_used = used;
    return text.length == length && memcmp(text.data, name, length) == 0;
}

static void slow_search(struct mf_record *record, const char *path, uint32_t *found, bool *twice)
{
    uint32_t node = 0;

    *found = MF_NO_NODE;
    *twice = false;
    for (;;) {
        size_t length = strcspn(path, ".");
        uint32_t value = MF_NO_NODE;

        if (record->nodes[node].type != MF_NODE_OBJECT)
            return;
        for (uint32_t key = mf_record_child(record, node); key != MF_NO_NODE;
             key = mf_record_sibling(record, node, key + 1)) {
            if (!is_named(record, key, path, length))
                continue;
            if (value != MF_NO_NODE)
                *twice = true;
            else
                value = key + 1;
        }
        if (value == MF_NO_NODE || record->nodes[value].type == MF_NODE_NULL)
            return;
        node = value;
        if (path[length] == '\0')
            break;
        path += length + 1;
    }
    *found = node;
}

/* Members of one object, or bytes of names with escapes: beyond 1024 a record was made to cost time, and the walk may give
 * up and cast doubt on all that it found. */
static bool may_be_given_up(struct mf_record *record)
{
    size_t escaped = 0;

    for (uint32_t node = 0; node < record->n_nodes; node++) {
        size_t members = 0;

        if (record->nodes[node].type != MF_NODE_OBJECT)
            continue;
        for (uint32_t key = mf_record_child(record, node); key != MF_NO_NODE;
             key = mf_record_sibling(record, node, key + 1), members++)
            if ((record->nodes[key].flags & MF_NODE_ESCAPED) != 0)
                escaped += record->nodes[key].length;
        if (members >= 1024)
            return true;
    }
    return escaped > 1024;
}

static void check_paths(struct mf_record *record)
{
    uint32_t found[MF_PATHS_MAX], slow_found;
    bool twice[MF_PATHS_MAX], slow_twice;
    bool given_up = may_be_given_up(record);

    for (int set = 0; set < N_SETS; set++) {
        unsigned n = mf_paths_count(sets[set]);

        mf_paths_resolve(sets[set], record, 0, found, twice);
        for (unsigned id = 0; id < n; id++) {
            CHECK(found[id] == MF_NO_NODE || found[id] < record->n_nodes);
            CHECK(found[id] == MF_NO_NODE || record->nodes[found[id]].type != MF_NODE_NULL);
        }
        for (unsigned id = 0; set == 0 && id < n; id++) {
            slow_search(record, simple[id], &slow_found, &slow_twice);
            CHECK((found[id] == slow_found && twice[id] == slow_twice) || (given_up && twice[id]));
        }
        check_tape(record);
    }
}

static void check_all(struct mf_record *record, const char *bytes, size_t size)
{
    enum mf_skip skip = mf_record_parse_document(record, bytes, size);

    CHECK(skip <= MF_SKIP_BAD_UTF8);
    CHECK(record->failed_at <= size);
    if (skip == MF_SKIP_NONE) {
        CHECK(record->nodes[0].next == record->n_nodes);
        check_tape(record);
        check_paths(record);
    } else {
        CHECK(record->n_nodes == 0);
    }
    skip = mf_record_parse(record, bytes, size);
    CHECK(skip <= MF_SKIP_BAD_UTF8);
    CHECK(record->failed_at <= size);
    if (skip == MF_SKIP_NONE) {
        CHECK(record->nodes[0].type >= MF_NODE_ARRAY);
        check_tape(record);
        check_paths(record);
    } else {
        CHECK(record->n_nodes == 0);
    }
}

/* A document that is cut must not be taken for a whole one. */
static void check_cut(const char *bytes, size_t size)
{
    enum mf_skip skip;

    if (mf_record_parse(&large, bytes, size) != MF_SKIP_NONE || bytes[0] != '{' || bytes[size - 1] != '}')
        return;
    if (large.nodes[0].start != 0)
        return;
    skip = mf_record_parse(&large, bytes, 1 + (size_t)(unsigned char)bytes[size / 2] % (size - 1));
    CHECK(skip == MF_SKIP_TRUNCATED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size > 0 ? size : 1);

    if (sets[0] == NULL)
        set_up();
    CHECK(bytes != NULL);
    memcpy(bytes, data, size);
    check_all(&large, bytes, size);
    check_all(&small, bytes, size);
    if (size > 2)
        check_cut(bytes, size);
    free(bytes);
    return 0;
}
