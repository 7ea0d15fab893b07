/* src/read/ability.h
 *
 * What a profile can say of its IdP and, where the vendor's feed has no words for something, what not, with the reason:
 * a signal that is silent because the feed never says "denied" must not look like a quiet tenant. */

#ifndef MF_READ_ABILITY_H
#define MF_READ_ABILITY_H

#include "read/event.h"

/* of the format of profile files */
enum { MF_PROFILE_VERSION = 1 };

/* Some kinds, factors or fields, and a sentence about them: that the feed cannot express them, or only in part; or what
 * turns them on. */
struct mf_limit {
    unsigned n;
    const struct mf_slice *name; /* as the profile names them */
    uint32_t kinds, factors;     /* bits by enum mf_kind and enum mf_factor of those names that are one */
    bool partly;                 /* sometimes, or for some of them, it can */
    struct mf_slice why;
};

struct mf_ability {
    uint32_t kinds;   /* bits by enum mf_kind: some rule gives it */
    uint32_t factors; /* bits by enum mf_factor: some map or rule gives it */
    unsigned n_limits;
    const struct mf_limit *limit;
    unsigned n_remedies;
    const struct mf_limit *remedy; /* `why` says what to do at the vendor's */
};

#endif
