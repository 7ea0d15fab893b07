/* tool/reasons.c
 *
 * Looks a lack up among the profile's "cannot". */

#include "reasons.h"

#include <string.h>

int mf_reasons_open(struct mf_reasons *reasons, const struct mf_arguments *arguments, const char *profile)
{
    const struct mf_profiles *profiles;
    int code = MF_EXIT_OK;

    *reasons = (struct mf_reasons){.engine = mf_tool_engine(arguments, 0, &code)};
    if (reasons->engine == NULL)
        return code;
    profiles = mf_engine_profiles(reasons->engine);
    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        if (strcmp(mf_profiles_name(profiles, i), profile) == 0)
            reasons->ability = mf_profiles_ability(profiles, i);
    return MF_EXIT_OK;
}

void mf_reasons_close(struct mf_reasons *reasons)
{
    if (reasons->engine != NULL)
        mf_engine_free(reasons->engine);
    *reasons = (struct mf_reasons){0};
}

/* Empty when the profile says nothing about it. */
static struct mf_slice why_of(const struct mf_reasons *reasons, const struct mf_lack *lack)
{
    const struct mf_ability *ability = reasons->ability;

    for (unsigned i = 0; ability != NULL && i < ability->n_limits; i++)
        for (unsigned n = 0; n < ability->limit[i].n; n++)
            if (mf_slice_equal(ability->limit[i].name[n], mf_slice_of(lack->name)))
                return ability->limit[i].why;
    return mf_slice_of("");
}

void mf_reasons_say(const struct mf_reasons *reasons, const char *profile, const struct mf_lack *lack, char *text,
                    size_t size)
{
    struct mf_slice why = why_of(reasons, lack);

    if (lack->need[0] == '\0')
        snprintf(text, size, "%s", lack->what);
    else
        snprintf(text, size, "%s does not tell of %s (\"%s\")%s%.*s", profile, lack->what, lack->need,
                 why.length > 0 ? ": " : "", (int)why.length, why.data);
}

int mf_reasons_refuse(const struct mf_arguments *arguments, const char *command, const char *profile,
                      const struct mf_story *story, const struct mf_lack *lack)
{
    struct mf_reasons reasons;
    char text[MF_LACK_TEXT];
    int code = mf_reasons_open(&reasons, arguments, profile);

    mf_reasons_say(&reasons, profile, lack, text, sizeof text);
    if (code == MF_EXIT_OK)
        code = mf_complain(MF_EXIT_USAGE, "%s: %s cannot be told by %s: %s", command, story->name, profile, text);
    mf_reasons_close(&reasons);
    return code;
}
