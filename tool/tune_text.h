/* tool/tune_text.h
 *
 * What tune tells people: tables and small pictures. */

#ifndef MF_TOOL_TUNE_TEXT_H
#define MF_TOOL_TUNE_TEXT_H

#include "tuning.h"

void mf_tune_say(const struct mf_tuning *tuning);

#endif
