/* tests/logins.h
 *
 * Simulated users who log in as people do: more or less often, at nine and after lunch, seldom at weekends, and some
 * try again and again. Feeds the baseline as the engine does and counts how often its tail falls below a level.
 * Seeded, own generator: the same numbers everywhere. */

#ifndef MF_TESTS_LOGINS_H
#define MF_TESTS_LOGINS_H

#include "memory/baseline.h"

enum { LOGINS_GROUPS = 4, LOGINS_KEPT = 64, LOGINS_LEVELS = 4 };

/* A world of users. */
struct logins_world {
    const char *name;
    double shape;                    /* of the gamma distribution of rates within a group */
    double rate[LOGINS_GROUPS];      /* mean logins a day in each group */
    double peaked;                   /* share of the logins of a day that come at nine or after lunch, else 8 to 22 */
    double weekend;                  /* logins on a day of the weekend / on a weekday */
    double retry, again;             /* a login is tried once more; and after that once more, and so on */
    double stubborn, stubborn_again; /* the same for a share of the users, for whom `again` is this */
    double away;                     /* a user goes away for two weeks on such a share of the days */
    double heavy;                    /* spread of how busy a user's day is, log-normal; 0 = all days alike */
};

struct logins_user {
    struct mf_rate rate;
    struct mf_member member;
    double per_day;
    bool stubborn;
    unsigned back; /* the day he is back from being away */
    unsigned n_kept;
    mf_time kept[LOGINS_KEPT];       /* his last attempts, ascending */
    double highest[MF_RATE_WINDOWS]; /* decayed maximum of attempts in a window: the simpler rule */
};

struct logins {
    const struct logins_world *world;
    struct mf_baseline *baseline;
    uint64_t random;
    unsigned n_users, day;
    struct logins_user *user;
    bool counting; /* after warm-up */
    uint64_t asked, unknown;
    uint64_t fired[LOGINS_LEVELS][MF_RATE_WINDOWS]; /* p below 1e-2, 1e-3, 1e-4, 1e-5 */
    uint64_t alarms[LOGINS_LEVELS];                 /* in any window, and at least 4 attempts */
    /* the simpler rule: a histogram of attempts in each window per group, and what fired by it */
    double seen[LOGINS_GROUPS][MF_RATE_WINDOWS][LOGINS_KEPT + 1];
    uint64_t simple_fired[2][MF_RATE_WINDOWS], simple_alarms[2]; /* above the quantile of 99.9 %, of 99.99 % */
};

struct logins *logins_new(const struct logins_world *world, unsigned users, uint64_t seed);
void logins_free(struct logins *logins);

double logins_uniform(struct logins *logins);

/* One day of all users. */
void logins_day(struct logins *logins);

/* `attempts` of a user from `now` on, so far apart; they are judged, not remembered. Did any fire below 10^level with at
 * least 4 attempts; by the simpler rule above quantile 99.9 % (rule 1) or 99.99 % (rule 2)? */
bool logins_attack(struct logins *logins, const struct logins_user *user, mf_time now, unsigned attempts, mf_time apart,
                   int rule, double level);

#endif
