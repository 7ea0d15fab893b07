/* tool/coverage_json.h
 *
 * Coverage as JSON: an object for each feed, for each profile whose records gave no event, and one for the rest. */

#ifndef MF_TOOL_COVERAGE_JSON_H
#define MF_TOOL_COVERAGE_JSON_H

#include "coverage_verdict.h"
#include "output.h"

/* `support`: of each signal, in the order of mf_signals[]. */
void mf_json_feed(struct mf_output *output, const struct mf_coverage *coverage, const struct mf_cover_feed *feed,
                  const struct mf_signal_support *support, mf_time as_of, mf_time silence);
/* The members of it that say which signals work, and what is missing. */
void mf_json_support(struct mf_output *output, const struct mf_signal_support *support);
void mf_json_unread(struct mf_output *output, const struct mf_coverage *coverage, unsigned profile);
void mf_json_skips(struct mf_output *output, const struct mf_coverage *coverage);

#endif
