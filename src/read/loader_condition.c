/* src/read/loader_condition.c
 *
 * Conditions of a profile file. */

#include "read/loader_condition.h"

enum { TESTS_MAX = 64, NESTED_MAX = 4 };

static int load_condition(struct mf_loader *loader, uint32_t node, unsigned depth, struct mf_condition *out);

/* ---- what is asked about ---- */

static int named_index(struct mf_loader *loader, uint32_t key, struct mf_slice name, const struct mf_spec *spec,
                       unsigned *out)
{
    struct mf_profile *profile = loader->profile;

    for (unsigned i = 0; i < profile->n_named; i++) {
        if (mf_slice_equal(loader->named_name[i], name)) {
            *out = i;
            return 0;
        }
    }
    if (profile->n_named == MF_NAMED_MAX)
        return mf_conf_error(loader->conf, key, loader->error, "conditions can ask for at most %d named values",
                             MF_NAMED_MAX);
    loader->named_name[profile->n_named] = name;
    profile->named[profile->n_named] = spec;
    *out = profile->n_named++;
    return 0;
}

static bool can_be_named(const struct mf_profile *profile, enum mf_field field)
{
    enum mf_field_type type = mf_field_type(field);

    return profile->field[field] != NULL && (type == MF_FIELD_IS_TEXT || type == MF_FIELD_IS_FACTOR);
}

/* "$name": a value of the profile's "values", or one of its text fields or the factor. */
static int load_named(struct mf_loader *loader, uint32_t key, struct mf_slice name, unsigned *out)
{
    const char *names[MF_NAMED_MAX + MF_N_FIELDS];
    size_t n = 0;

    for (unsigned i = 0; i < loader->n_values; i++) {
        if (mf_slice_equal(name, loader->value_name[i]))
            return named_index(loader, key, loader->value_name[i], loader->value[i], out);
        names[n++] = loader->value_name[i].data;
    }
    for (unsigned i = 0; i < MF_N_FIELDS; i++) {
        if (!can_be_named(loader->profile, (enum mf_field)i))
            continue;
        if (mf_slice_equal(name, mf_slice_of(mf_field_names[i])))
            return named_index(loader, key, mf_slice_of(mf_field_names[i]), loader->profile->field[i], out);
        names[n++] = mf_field_names[i];
    }
    return mf_load_unknown(loader, key, "named value", names, n);
}

static int load_subject(struct mf_loader *loader, uint32_t key, struct mf_test *test)
{
    struct mf_slice text = mf_load_peek(loader, key);

    if (text.length > 1 && text.data[0] == '$') {
        test->is_named = true;
        return load_named(loader, key, (struct mf_slice){text.data + 1, text.length - 1}, &test->named);
    }
    return mf_load_ref(loader, key, text, &test->ref);
}

/* ---- what is asked ---- */

static int load_question(struct mf_loader *loader, uint32_t key, uint32_t value, struct mf_test *test)
{
    static const char *const names[] = {"exists", "is", "not", "has", "prefix"};
    static const enum mf_test_type types[] = {MF_TEST_PRESENT, MF_TEST_IS, MF_TEST_NOT, MF_TEST_HAS, MF_TEST_PREFIX};
    unsigned which;
    bool yes = true;

    if (mf_load_choice(loader, key, "question", names, 5, &which) != 0)
        return -1;
    test->type = types[which];
    if (which > 0)
        return mf_load_words(loader, value, names[which], &test->words);
    if (mf_load_bool(loader, value, "\"exists\"", &yes) != 0)
        return -1;
    if (!yes)
        test->type = MF_TEST_ABSENT;
    return 0;
}

/* One member of a condition gives one test, or several when it asks several questions about the same subject. */
static int load_tests(struct mf_loader *loader, uint32_t key, uint32_t value, struct mf_test *tests, unsigned *n)
{
    struct mf_test subject = {.type = MF_TEST_IS};
    uint32_t at = MF_NO_NODE, question, answer = 0;

    if (load_subject(loader, key, &subject) != 0)
        return -1;
    if (mf_load_type(loader, value) != MF_NODE_OBJECT) {
        if (*n == TESTS_MAX)
            return mf_conf_error(loader->conf, key, loader->error, "a condition has at most %d tests", TESTS_MAX);
        tests[*n] = subject;
        return mf_load_words(loader, value, "what a path is compared with", &tests[(*n)++].words);
    }
    while (mf_load_next(loader, value, &at, &question, &answer)) {
        if (*n == TESTS_MAX)
            return mf_conf_error(loader->conf, key, loader->error, "a condition has at most %d tests", TESTS_MAX);
        tests[*n] = subject;
        if (load_question(loader, question, answer, &tests[(*n)++]) != 0)
            return -1;
    }
    return 0;
}

/* ---- conditions ---- */

/* "any" and "none": a list of conditions. */
static int load_list(struct mf_loader *loader, uint32_t key, uint32_t node, unsigned depth, unsigned *n,
                     const struct mf_condition **out)
{
    struct mf_condition *list;
    uint32_t at = MF_NO_NODE;
    unsigned count = 0;

    if (*out != NULL)
        return mf_conf_error(loader->conf, key, loader->error, "this list stands twice in the condition");
    while (mf_load_item(loader, node, &at))
        count++;
    if (count == 0 || count > TESTS_MAX)
        return mf_conf_error(loader->conf, node, loader->error, "a list of 1 to %d conditions is accepted", TESTS_MAX);
    list = mf_pool_take(&loader->profile->pool, count, sizeof *list);
    if (list == NULL)
        return mf_load_no_memory(loader);
    for (at = MF_NO_NODE; mf_load_item(loader, node, &at);)
        if (load_condition(loader, at, depth + 1, &list[(*n)++]) != 0)
            return -1;
    *out = list;
    return 0;
}

static int keep_tests(struct mf_loader *loader, const struct mf_test *tests, unsigned n, struct mf_condition *out)
{
    struct mf_test *kept = mf_pool_take(&loader->profile->pool, n, sizeof *kept);

    if (kept == NULL)
        return mf_load_no_memory(loader);
    memcpy(kept, tests, n * sizeof *kept);
    out->test = kept;
    out->n_tests = n;
    return 0;
}

static int load_condition(struct mf_loader *loader, uint32_t node, unsigned depth, struct mf_condition *out)
{
    struct mf_test tests[TESTS_MAX];
    uint32_t at = MF_NO_NODE, key, value = 0;
    unsigned n = 0;
    int bad = 0;

    if (depth > NESTED_MAX)
        return mf_conf_error(loader->conf, node, loader->error, "conditions nest at most %d deep", NESTED_MAX);
    if (mf_load_want_object(loader, node, "a condition") != 0)
        return -1;
    while (bad == 0 && mf_load_next(loader, node, &at, &key, &value)) {
        struct mf_slice name = mf_load_peek(loader, key);

        if (mf_slice_equal(name, mf_slice_of("any")))
            bad = load_list(loader, key, value, depth, &out->n_any, &out->any);
        else if (mf_slice_equal(name, mf_slice_of("none")))
            bad = load_list(loader, key, value, depth, &out->n_none, &out->none);
        else
            bad = load_tests(loader, key, value, tests, &n);
    }
    if (bad != 0)
        return -1;
    if (n + out->n_any + out->n_none == 0)
        return mf_conf_error(loader->conf, node, loader->error, "an empty condition always holds; say what is asked");
    return keep_tests(loader, tests, n, out);
}

int mf_load_condition(struct mf_loader *loader, uint32_t node, struct mf_condition *out)
{
    return load_condition(loader, node, 0, out);
}
