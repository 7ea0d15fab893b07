/* src/recovery.h
 *
 * Putting back what is in the directory of the state, before the engine is used. Private to the engine. */

#ifndef MF_RECOVERY_H
#define MF_RECOVERY_H

#include "keeping.h"

/* The engine's store is open, and its key is the directory's. What is damaged is noted in the report, and set aside when
 * the directory is ours. -1 and `error`: it must not be used. */
int mf_recover(struct mf_engine *engine, mf_time now, struct mf_state_report *report, struct mf_error *error);

#endif
