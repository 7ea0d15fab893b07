/* src/read/loader_spec.h
 *
 * Loading what says where a value comes from: specs and maps. */

#ifndef MF_READ_LOADER_SPEC_H
#define MF_READ_LOADER_SPEC_H

#include "read/loader.h"

/* Member "maps" of a profile. */
int mf_load_maps(struct mf_loader *loader, uint32_t node, void *target);

/* A spec for a field: a path, a list of paths, or an object. */
int mf_load_field_spec(struct mf_loader *loader, uint32_t node, enum mf_field field, const struct mf_spec **out);

/* A spec for a named value: a text. */
int mf_load_value_spec(struct mf_loader *loader, uint32_t node, const struct mf_spec **out);

/* A constant for a field. */
int mf_load_constant(struct mf_loader *loader, uint32_t node, enum mf_field field, struct mf_constant *out);

/* "+02:00", "Europe/Berlin" */
int mf_load_zone(struct mf_loader *loader, uint32_t node, const struct mf_zone **out);

#endif
