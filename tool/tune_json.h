/* tool/tune_json.h
 *
 * What tune tells programs: docs/tune.md. */

#ifndef MF_TOOL_TUNE_JSON_H
#define MF_TOOL_TUNE_JSON_H

#include "output.h"
#include "tuning.h"

void mf_tune_write(struct mf_output *output, const struct mf_tuning *tuning);

#endif
