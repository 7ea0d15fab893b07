/* src/explaining.h
 *
 * What stood behind a verdict, for `mfatigue explain`. Private to the engine; the user's shard is locked. */

#ifndef MF_EXPLAINING_H
#define MF_EXPLAINING_H

#include "engine_model.h"

/* Fills worker->explained with what was known when the record was judged: before it teaches anything. */
void mf_explain(struct mf_worker *worker, const struct mf_user *user, const struct mf_context *context,
                const struct mf_entry *entry, const struct mf_sighting *sighting, const struct mf_standing *standing,
                const struct mf_totals *totals);

#endif
