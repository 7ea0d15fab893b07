/* src/read/loader_ability.h
 *
 * "cannot" and "enable" of a profile file, and what its rules and maps can say. Returns as in loader.h. */

#ifndef MF_READ_LOADER_ABILITY_H
#define MF_READ_LOADER_ABILITY_H

#include "read/loader.h"

/* Kinds and factors that the loaded rules and fields give. */
void mf_load_ability(struct mf_loader *loader);

/* A member of the table of profile members; after mf_load_ability(), because it must not contradict it. */
int mf_load_cannot(struct mf_loader *loader, uint32_t node, void *target);
int mf_load_enable(struct mf_loader *loader, uint32_t node, void *target);

#endif
