/* src/read/profile_load.h
 *
 * One profile file -> struct mf_profile. Everything that can be wrong with a profile is found here, with its place. */

#ifndef MF_READ_PROFILE_LOAD_H
#define MF_READ_PROFILE_LOAD_H

#include "read/conf.h"
#include "read/profile_model.h"

/* Compiles the document; `name` is what the profile must call itself. NULL and an error with FILE:LINE:COLUMN. */
struct mf_profile *mf_profile_compile(struct mf_conf *conf, const char *name, struct mf_error *error);
void mf_profile_free(struct mf_profile *profile);

#endif
