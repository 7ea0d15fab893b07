/* src/read/condition.h
 *
 * Conditions of a profile: `match` of the profile, `when` of its rules. Compiled at load, pure to evaluate.
 * Everything is compared as text without ASCII case, so 500121 and "500121" are the same. */

#ifndef MF_READ_CONDITION_H
#define MF_READ_CONDITION_H

#include "read/spec.h"

enum mf_test_type {
    MF_TEST_IS,      /* the text is one of the words */
    MF_TEST_NOT,     /* it is none of them, or there is none */
    MF_TEST_HAS,     /* one of the words stands in it */
    MF_TEST_PREFIX,  /* it starts with one of the words */
    MF_TEST_PRESENT, /* there is a value */
    MF_TEST_ABSENT,
};

/* One question about one path or named value. Of an array, one element that answers is enough. */
struct mf_test {
    enum mf_test_type type;
    bool is_named;
    unsigned named;        /* "$name" */
    struct mf_ref ref;     /* else */
    struct mf_words words; /* in lower case */
};

/* All tests hold; and one of `any`, if there are any; and none of `none`. */
struct mf_condition {
    unsigned n_tests, n_any, n_none;
    const struct mf_test *test;
    const struct mf_condition *any;
    const struct mf_condition *none;
};

/* Notes in the scene when what was asked runs through a member that stands twice. */
bool mf_condition_holds(const struct mf_condition *condition, struct mf_scene *scene);

#endif
