/* tool/coverage_verdict.h
 *
 * Which signals a feed supports: what each needs, whether it came, and if not, whether it could. */

#ifndef MF_TOOL_COVERAGE_VERDICT_H
#define MF_TOOL_COVERAGE_VERDICT_H

#include "coverage_feed.h"

enum mf_support {
    MF_WORKS,
    MF_UNPROVEN, /* the profile can read what it needs, but it is rare, or too little was seen */
    MF_DEGRADED, /* it fires, but sees less */
    MF_BLIND,
    MF_OFF, /* by the policy */
};
const char *mf_support_name(enum mf_support support);

enum { MF_SUPPORT_MISSING = 6 };

/* What a signal lacks, and what would help. */
struct mf_lack {
    const char *what;    /* "refusals" */
    const char *meaning; /* "prompts that the user refused" */
    struct mf_slice why; /* the vendor's feed has no words for it; absent: it only did not come */
    struct mf_slice how; /* what to turn on; absent: nobody has said */
};

struct mf_signal_support {
    enum mf_support support;
    unsigned n;
    struct mf_lack lack[MF_SUPPORT_MISSING];
};

void mf_support_judge(const struct mf_coverage *coverage, const struct mf_cover_feed *feed, unsigned signal,
                      bool enabled, struct mf_signal_support *support);

#endif
