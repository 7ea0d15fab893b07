/* src/read/profile_set.h
 *
 * The inside of struct mf_profiles: profile.c fills it, reader.c reads with it. */

#ifndef MF_READ_PROFILE_SET_H
#define MF_READ_PROFILE_SET_H

#include "read/profile_model.h"

enum { MF_PROFILE_SET_MAX = 64 };

/* A name whose string some profiles walk into. */
struct mf_unpacked {
    struct mf_slice name;
    uint64_t owners; /* bit n: profile n */
};

struct mf_profiles {
    struct mf_profile *profile[MF_PROFILE_SET_MAX];
    unsigned n;
    struct mf_markers *markers; /* owner n is profile n */
    uint64_t textual;           /* bits of the profiles that read text */
    uint64_t mark;              /* of all of them, in this order, not 0 */

    struct mf_unpacked *unpacked; /* each name once, whatever its case */
    unsigned n_unpacked;
    uint64_t unpacked_lengths; /* bit n: one has n bytes; bit 63: 63 or more */
};

#endif
