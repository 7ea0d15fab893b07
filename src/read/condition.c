/* src/read/condition.c
 *
 * Evaluating conditions; the first test that fails ends it. */

#include "read/condition.h"

/* What is longer is no text that a provider writes for people, and words are not looked for in it. */
enum { SEARCHED_MAX = 16384 };

static bool has_one(const struct mf_words *words, struct mf_slice text)
{
    for (unsigned i = 0; i < words->n; i++)
        if (mf_slice_has_nocase(text, words->word[i].text))
            return true;
    return false;
}

static bool starts_with_one(const struct mf_words *words, struct mf_slice text)
{
    for (unsigned i = 0; i < words->n; i++)
        if (mf_slice_starts_nocase(text, words->word[i].text))
            return true;
    return false;
}

/* IS, HAS and PREFIX of one text; NOT asks whether IS holds. */
static bool text_answers(const struct mf_test *test, struct mf_lookup *lookup, struct mf_slice text)
{
    if (text.length == 0)
        return false;
    if (test->type == MF_TEST_HAS) {
        lookup->overflow |= text.length > SEARCHED_MAX;
        return text.length <= SEARCHED_MAX && has_one(&test->words, text);
    }
    if (test->type == MF_TEST_PREFIX)
        return starts_with_one(&test->words, text);
    return mf_words_hold(&test->words, text);
}

static bool array_answers(const struct mf_test *test, struct mf_lookup *lookup, uint32_t array)
{
    struct mf_record *record = lookup->record;

    for (uint32_t at = mf_record_child(record, array); at != MF_NO_NODE; at = mf_record_sibling(record, array, at))
        if (text_answers(test, lookup, mf_lookup_node_text(lookup, at)))
            return true;
    return false;
}

static bool answers(const struct mf_test *test, struct mf_scene *scene)
{
    if (test->is_named)
        return text_answers(test, &scene->record, mf_scene_named(scene, test->named));

    struct mf_lookup *lookup = mf_scene_lookup(scene, test->ref);
    uint32_t node = lookup->found[test->ref.path];
    if (node != MF_NO_NODE && lookup->record->nodes[node].type == MF_NODE_ARRAY)
        return array_answers(test, lookup, node);
    return text_answers(test, lookup, mf_lookup_text(lookup, test->ref.path));
}

static bool exists(const struct mf_test *test, struct mf_scene *scene)
{
    if (test->is_named)
        return mf_scene_named(scene, test->named).length > 0;
    return mf_lookup_exists(mf_scene_lookup(scene, test->ref), test->ref.path);
}

/* Most tests by far ask whether the text of one member is one of some words, and most texts are as long as none. */
static inline bool is_plainly_not(const struct mf_test *test, const struct mf_scene *scene)
{
    const struct mf_lookup *lookup = &scene->record;
    unsigned path = test->ref.path;
    const struct mf_node *node;

    if (test->type != MF_TEST_IS || test->is_named || test->ref.element || lookup->found[path] == MF_NO_NODE ||
        lookup->twice[path])
        return false;
    node = &lookup->record->nodes[lookup->found[path]];
    return node->type == MF_NODE_STRING && node->flags == 0 && !mf_words_may_hold(&test->words, node->length);
}

static bool test_holds(const struct mf_test *test, struct mf_scene *scene)
{
    if (!test->is_named)
        mf_scene_trust(scene, test->ref);
    switch (test->type) {
    case MF_TEST_PRESENT:
        return exists(test, scene);
    case MF_TEST_ABSENT:
        return !exists(test, scene);
    case MF_TEST_NOT:
        return !answers(test, scene);
    default:
        return answers(test, scene);
    }
}

static bool one_holds(const struct mf_condition *condition, unsigned n, struct mf_scene *scene)
{
    for (unsigned i = 0; i < n; i++)
        if (mf_condition_holds(&condition[i], scene))
            return true;
    return false;
}

bool mf_condition_holds(const struct mf_condition *condition, struct mf_scene *scene)
{
    for (unsigned i = 0; i < condition->n_tests; i++)
        if (is_plainly_not(&condition->test[i], scene) || !test_holds(&condition->test[i], scene))
            return false;
    if (condition->n_any > 0 && !one_holds(condition->any, condition->n_any, scene))
        return false;
    return !one_holds(condition->none, condition->n_none, scene);
}
