/* tool/reasons.h
 *
 * Why a provider's records do not tell of something: the sentence about it in the profile. */

#ifndef MF_TOOL_REASONS_H
#define MF_TOOL_REASONS_H

#include "command.h"
#include "stories.h"

struct mf_reasons {
    struct mf_engine *engine;
    const struct mf_ability *ability; /* NULL: there is no such profile */
};

/* An exit code, after a message when it is not MF_EXIT_OK. */
int mf_reasons_open(struct mf_reasons *reasons, const struct mf_arguments *arguments, const char *profile);
void mf_reasons_close(struct mf_reasons *reasons);

/* "NAME does not tell of a refusal: that somebody tapped No looks the same as a wrong code" */
enum { MF_LACK_TEXT = 1024 };
void mf_reasons_say(const struct mf_reasons *reasons, const char *profile, const struct mf_lack *lack, char *text,
                    size_t size);

/* Says that the story cannot be told, and why; `command` is the one that was asked. An exit code. */
int mf_reasons_refuse(const struct mf_arguments *arguments, const char *command, const char *profile,
                      const struct mf_story *story, const struct mf_lack *lack);

#endif
