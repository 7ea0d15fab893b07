/* src/memory/baseline.h
 *
 * How often a user and the populations he belongs to log in, and how unlikely it is to see this many attempts.
 *
 * A login attempt is one login's prompts: all that come within MF_SAME_LOGIN of its first one (mf_login_attempts()).
 * At each attempt one asks: how many earlier attempts does a window hold that ends here? That number, seen from an
 * attempt, is modelled as negative binomial. Its mean grows with the user's rate from a floor that retries make; mean
 * and spread are fitted for each population and window from what was seen at the attempts of its users. The user's rate
 * is a gamma posterior. Where a population's own past went beyond the model's tail more often than the model says, its
 * past is believed. docs/baseline.md derives all of it.
 *
 * Learning happens when a user's day is over (mf_rate_day_over(), mf_rate_learn()). What a population has learned
 * counts from its next event day on: within a day its priors are frozen. Days are those of event time, UTC.
 *
 * Locks: struct mf_rate belongs to the user, the caller holds the user's shard. struct mf_baseline has one lock of its
 * own, taken and released within each call here: the last one in the order of locks. No allocation after creation. */

#ifndef MF_MEMORY_BASELINE_H
#define MF_MEMORY_BASELINE_H

#include "base/error.h"
#include "base/pack.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MF_SAME_LOGIN (2 * MF_MINUTE)

enum mf_rate_window { MF_RATE_15_MIN, MF_RATE_1_HOUR, MF_RATE_24_HOURS, MF_RATE_WINDOWS };

/* The length of a window: 15 min, 1 h, 24 h. */
mf_time mf_rate_window_length(enum mf_rate_window window);

/* From the times of a user's prompts, ascending, the last one being the present prompt: how many login attempts each
 * window that ends there holds, the present one included. False, and all counts 0, when the present prompt belongs to
 * an attempt that began before it (or there is none): nothing to note and nothing to ask. */
bool mf_login_attempts(const mf_time *prompt, size_t n, unsigned attempts[MF_RATE_WINDOWS]);

/* ---- a user ---- */

/* At rest in struct mf_user: 24 bytes. All zero: nothing is known. */
struct mf_rate {
    float count;                       /* attempts before the open day, halved every 14 days */
    uint16_t days;                     /* days before it, the same way, in units of 1 / 2048; 1 = he began today */
    uint16_t day;                      /* the open day, in days since 1970; 0 = none */
    uint16_t earlier[MF_RATE_WINDOWS]; /* of its first 16 attempts: the sum of earlier attempts in the window */
    uint16_t squares[MF_RATE_WINDOWS]; /* and of their squares */
    uint8_t highest[MF_RATE_WINDOWS];  /* the most earlier attempts that one of the day's attempts had */
    uint8_t today;                     /* its attempts, at most 255 */
};

/* What a user belongs to. Numbers are the caller's, 0 = none; they must mean the same after a restart. */
struct mf_member {
    uint32_t group, role, country;
};

struct mf_baseline;

/* Did the open day end before the day of `now`? Then learn, before anything is asked or noted. */
bool mf_rate_day_over(const struct mf_rate *rate, mf_time now);

/* Closes the open day and opens that of `now`. With `skip` the closed day teaches nothing: not its attempts, and not
 * that it passed. The days between the two passed without an attempt. A day that is not over: no effect. */
void mf_rate_learn(struct mf_rate *rate, struct mf_baseline *baseline, const struct mf_member *member, mf_time now,
                   bool skip);

/* One more login attempt; `attempts` as mf_login_attempts() counts them. An attempt that comes late, for a day before
 * the open one, counts for the open day: its own day is closed. */
void mf_rate_note(struct mf_rate *rate, mf_time now, const unsigned attempts[MF_RATE_WINDOWS]);

/* ---- populations ---- */

enum mf_population { MF_EVERYONE, MF_COUNTRY, MF_ROLE, MF_GROUP };

enum {
    MF_POPULATIONS_MAX = 4096,  /* countries, roles and groups together; later ones are judged by everyone */
    MF_EVERYONE_ENOUGH = 50,    /* user-days of everyone before anything can be said */
    MF_POPULATION_ENOUGH = 200, /* of a country, role or group before it is preferred */
    MF_POPULATION_AGE = 7,      /* days since it was first met, for both: a week has all its days in it */
    MF_TAIL_LEVELS = 4,
};

/* NULL and `error` when memory is short. */
struct mf_baseline *mf_baseline_new(unsigned populations, struct mf_error *error);
void mf_baseline_free(struct mf_baseline *baseline);

/* Memory that a baseline for so many populations takes. */
size_t mf_baseline_bytes(unsigned populations);

/* What is usual for a user at an attempt. */
struct mf_expectation {
    bool known;                    /* false: not even everyone has enough user-days and age; stay silent */
    enum mf_population population; /* the one that judges: group, else role, else country, else everyone */
    uint32_t number;               /* its number; 0 for everyone */
    double user_days;              /* what it has learned from, halved every 14 days */
    double rate;                   /* attempts a day of this user: the posterior mean */
    double days;                   /* of the user's own history behind it, halved every 14 days */
    double prior_rate;             /* attempts a day of the population's users: the mean */
    struct {
        double mean;                  /* earlier attempts in the window, seen from an attempt of this user */
        double size;                  /* of the negative binomial: the variance is mean + mean^2 / size */
        double level[MF_TAIL_LEVELS]; /* -log10 of how often everyone went beyond 1e-2, 1e-3, 1e-4, 1e-5 */
    } window[MF_RATE_WINDOWS];
};

/* What is usual at `now`, from the days before. For mf_rate_day_over(), learn first. */
void mf_baseline_expect(struct mf_baseline *baseline, const struct mf_rate *rate, const struct mf_member *member,
                        mf_time now, struct mf_expectation *expectation);

/* log10 of the probability that a window which ends at an attempt holds at least so many, that attempt included:
 * 0 for one attempt or none, and when nothing is known. Down to -300. Pure. */
double mf_baseline_tail_log10(const struct mf_expectation *expectation, enum mf_rate_window window, unsigned attempts);

/* ---- for the snapshot ---- */

/* One population as it is kept. Numbers only: records of the same version are exchanged by value. */
struct mf_population_record {
    uint32_t population, number, day, began;
    double learning[29]; /* sums that the next priors come from */
    double frozen[25];   /* the priors of `day` */
};

extern const struct mf_field mf_population_fields[];

/* A user's login attempts a day, as far as days are over, and how many days that is; 0 and 0: none. Pure. */
double mf_rate_per_day(const struct mf_rate *rate, double *days);

/* Could a user's rate have been learned? What comes from a file is asked. */
bool mf_rate_is_sound(const struct mf_rate *rate);

/* More populations than that there never are. */
size_t mf_baseline_max(const struct mf_baseline *baseline);

/* Copies at most `max` records out and says how many there are. */
size_t mf_baseline_save(struct mf_baseline *baseline, struct mf_population_record *record, size_t max);

/* Puts one back; everyone is a record too. False: not a valid record, or no room. */
bool mf_baseline_restore(struct mf_baseline *baseline, const struct mf_population_record *record);

/* Populations that found no room since creation (counted once a day and user at most). */
uint64_t mf_baseline_turned_away(struct mf_baseline *baseline);

#endif
