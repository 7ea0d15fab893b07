/* src/read/profile_set.h
 *
 * The inside of struct mf_profiles, for the two files that look into it: profile.c fills it, reader.c reads with it. */

#ifndef MF_READ_PROFILE_SET_H
#define MF_READ_PROFILE_SET_H

#include "read/profile.h"
#include "read/profile_model.h"

struct mf_profiles {
    struct mf_profile *profile[MF_PROFILES_MAX];
    unsigned n;
    struct mf_markers *markers; /* owner n is profile n */
};

#endif
