/* src/read/loader_condition.h
 *
 * Loading conditions: "match" and "when". */

#ifndef MF_READ_LOADER_CONDITION_H
#define MF_READ_LOADER_CONDITION_H

#include "read/loader.h"

int mf_load_condition(struct mf_loader *loader, uint32_t node, struct mf_condition *out);

#endif
