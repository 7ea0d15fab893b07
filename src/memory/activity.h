/* src/memory/activity.h
 *
 * Login attempts, and signs that the user is at work (sessions, approvals), as far back as prompts are compared with
 * them: which login explains a prompt, and where the user was active at the time. Fixed size; pure; time is handed in. */

#ifndef MF_MEMORY_ACTIVITY_H
#define MF_MEMORY_ACTIVITY_H

#include "memory/place.h"

enum {
    MF_LOGINS_MAX = 12,
    MF_ACTIVE_MAX = 8,
};

#define MF_LOGIN_BEFORE  (10 * MF_MINUTE) /* a login attempt explains prompts for this long */
#define MF_LOGIN_SLACK   (2 * MF_SECOND)  /* records of one login are not always stamped in order */
#define MF_SESSION_AFTER (5 * MF_MINUTE)  /* an approval leads to a session within this time */

/* One login attempt, session or approval. */
struct mf_activity {
    mf_time time;             /* 0 = free */
    uint32_t ticket, session; /* fingerprints of correlation or transaction, and of the session; 0 = none */
    struct mf_source_values source;
    bool familiar; /* from a place that is the user's */
};

struct mf_activities {
    uint8_t next_login, next_active;
    struct mf_activity login[MF_LOGINS_MAX], active[MF_ACTIVE_MAX];
};

void mf_activity_add_login(struct mf_activities *activities, const struct mf_activity *login);
void mf_activity_add_active(struct mf_activities *activities, const struct mf_activity *active);

/* Is there a login attempt, at most MF_LOGIN_BEFORE before the prompt, that it may belong to: the same transaction or
 * session, else the same network or operator, or one of the two names no source? */
bool mf_activity_explains(const struct mf_activities *activities, const struct mf_activity *prompt);

/* The latest sign, in (now - window, now], of the user being active in a place of the user's own in another country
 * than `source`. NULL: none, or the countries are not told. */
const struct mf_activity *mf_activity_elsewhere(const struct mf_activities *activities,
                                                const struct mf_source_values *source, mf_time now, mf_time window);

#endif
