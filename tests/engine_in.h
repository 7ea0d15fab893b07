/* tests/engine_in.h
 *
 * For tests of the whole engine: one that is made by a policy's text, and its counters by name. After cmocka.h. */

#ifndef MF_TESTS_ENGINE_IN_H
#define MF_TESTS_ENGINE_IN_H

#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With this text as DIRECTORY/policy.json, and the project's profiles. */
static inline struct mf_engine *engine_in(const char *directory, const char *policy)
{
    const char *top = getenv("MF_SRCDIR");
    char file[128], profiles[4096];
    struct mf_error error = {""};

    snprintf(profiles, sizeof profiles, "%s/profiles", top == NULL ? "." : top);
    snprintf(file, sizeof file, "%s/policy.json", directory);
    FILE *out = fopen(file, "wb");
    assert_non_null(out);
    fputs(policy, out);
    fclose(out);
    struct mf_engine *engine =
        mf_engine_new(&(struct mf_engine_options){.policy_file = file, .profile_dir = profiles}, &error);
    if (engine == NULL)
        fail_msg("%s", error.text);
    return engine;
}

static inline uint64_t counter(struct mf_engine *engine, const char *name)
{
    struct mf_counter found;

    for (unsigned i = 0; mf_engine_counter(engine, i, &found); i++)
        if (strcmp(found.name, name) == 0)
            return *found.value;
    fail_msg("there is no counter %s", name);
    return 0;
}

#endif
