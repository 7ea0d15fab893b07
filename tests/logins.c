/* tests/logins.c
 *
 * The users of logins.h, day by day. */

#include "logins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DAY 20000 /* 2024-10-04, a Friday */

/* ---- chance ---- */

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(struct logins *logins)
{
    uint64_t z = logins->random += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

double logins_uniform(struct logins *logins)
{
    return ((double)(next_random(logins) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct logins *logins)
{
    return sqrt(-2 * log(logins_uniform(logins))) * cos(2 * M_PI * logins_uniform(logins));
}

/* Marsaglia and Tsang 2000, for shapes of 1 and more */
static double gamma_from_1(struct logins *logins, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double x = normal(logins), v = 1 + c * x;
        if (v > 0 && log(logins_uniform(logins)) < x * x / 2 + d - d * v * v * v + d * log(v * v * v))
            return d * v * v * v;
    }
}

static double gamma_variate(struct logins *logins, double shape)
{
    if (shape >= 1)
        return gamma_from_1(logins, shape);
    double u = logins_uniform(logins);
    return gamma_from_1(logins, shape + 1) * pow(u, 1 / shape);
}

static unsigned poisson(struct logins *logins, double mean)
{
    double p = exp(-mean), u = logins_uniform(logins);
    unsigned n = 0;

    for (double sum = p; u > sum && n < 500; sum += p)
        p *= mean / ++n;
    return n;
}

/* ---- users ---- */

struct logins *logins_new(const struct logins_world *world, unsigned users, uint64_t seed)
{
    struct logins *logins = calloc(1, sizeof *logins);

    logins->world = world;
    logins->random = seed;
    logins->n_users = users;
    logins->day = FIRST_DAY;
    logins->baseline = mf_baseline_new(16, NULL);
    logins->user = calloc(users, sizeof *logins->user);
    for (unsigned i = 0; i < users; i++) {
        struct logins_user *user = &logins->user[i];
        unsigned group = i % LOGINS_GROUPS;
        user->member = (struct mf_member){.group = group + 1, .country = 1 + i % 3};
        user->per_day = world->rate[group] * gamma_variate(logins, world->shape) / world->shape;
        user->stubborn = logins_uniform(logins) < world->stubborn;
    }
    return logins;
}

void logins_free(struct logins *logins)
{
    mf_baseline_free(logins->baseline);
    free(logins->user);
    free(logins);
}

static double hour_of_login(struct logins *logins)
{
    if (logins_uniform(logins) >= logins->world->peaked)
        return 8 + 14 * logins_uniform(logins);
    return fmin(fmax(logins_uniform(logins) < 0.65 ? 9 + normal(logins) : 13.5 + normal(logins), 0), 23.9);
}

static int by_time(const void *a, const void *b)
{
    mf_time x = *(const mf_time *)a, y = *(const mf_time *)b;

    return (x > y) - (x < y);
}

/* The attempts of one user on one day, ascending. A login, and the tries after it, 3 min apart and more. */
static unsigned attempts_of_day(struct logins *logins, struct logins_user *user, mf_time attempt[], unsigned max)
{
    const struct logins_world *world = logins->world;
    unsigned weekday = (logins->day + 4) % 7, n = 0;
    double week = 5 + 2 * world->weekend, rate = user->per_day * 7 / week;

    if (logins->day < user->back)
        return 0;
    if (logins_uniform(logins) < world->away)
        user->back = logins->day + 14;
    if (weekday == 0 || weekday == 6)
        rate *= world->weekend;
    if (world->heavy > 0)
        rate *= exp(world->heavy * normal(logins) - world->heavy * world->heavy / 2);
    for (unsigned logins_today = poisson(logins, rate); logins_today > 0 && n < max; logins_today--) {
        mf_time at = logins->day * MF_DAY + (mf_time)(hour_of_login(logins) * (double)MF_HOUR);
        attempt[n++] = at;
        double more = world->retry;
        while (n < max && logins_uniform(logins) < more) {
            at += 3 * MF_MINUTE - (mf_time)(log(logins_uniform(logins)) * 3 * (double)MF_MINUTE);
            attempt[n++] = at;
            more = user->stubborn ? world->stubborn_again : world->again;
        }
    }
    qsort(attempt, n, sizeof *attempt, by_time);
    return n;
}

/* ---- what the engine does with an attempt ---- */

static void keep(struct logins_user *user, mf_time now)
{
    if (user->n_kept == LOGINS_KEPT)
        memmove(user->kept, user->kept + 1, --user->n_kept * sizeof user->kept[0]);
    user->kept[user->n_kept++] = now;
}

static unsigned quantile(const double seen[LOGINS_KEPT + 1], double above)
{
    double total = 0, tail = 0;
    unsigned k = LOGINS_KEPT;

    for (unsigned i = 0; i <= LOGINS_KEPT; i++)
        total += seen[i];
    while (k > 0 && (tail += seen[k]) <= above * total)
        k--;
    return k;
}

static bool simple_fires(const struct logins *logins, const struct logins_user *user, unsigned window,
                         unsigned attempts, int rule)
{
    return attempts > quantile(logins->seen[user->member.group - 1][window], rule == 1 ? 1e-3 : 1e-4) &&
           attempts > user->highest[window];
}

static void count_simple(struct logins *logins, const struct logins_user *user, const unsigned attempts[])
{
    for (int rule = 1; rule <= 2; rule++) {
        bool alarm = false;
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
            bool fires = simple_fires(logins, user, w, attempts[w], rule);
            logins->simple_fired[rule - 1][w] += fires;
            alarm |= fires && attempts[w] >= 4;
        }
        logins->simple_alarms[rule - 1] += alarm;
    }
}

static void count(struct logins *logins, const struct logins_user *user, mf_time now, const unsigned attempts[])
{
    struct mf_expectation expectation;
    double lowest = 0;

    mf_baseline_expect(logins->baseline, &user->rate, &user->member, now, &expectation);
    logins->asked++;
    logins->unknown += !expectation.known;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        double p = mf_baseline_tail_log10(&expectation, w, attempts[w]);
        for (int level = 0; level < LOGINS_LEVELS; level++)
            logins->fired[level][w] += p < -2 - level;
        if (attempts[w] >= 4)
            lowest = fmin(lowest, p);
    }
    for (int level = 0; level < LOGINS_LEVELS; level++)
        logins->alarms[level] += lowest < -2 - level;
    count_simple(logins, user, attempts);
}

static void take(struct logins *logins, struct logins_user *user, mf_time now)
{
    unsigned attempts[MF_RATE_WINDOWS];

    keep(user, now);
    if (!mf_login_attempts(user->kept, user->n_kept, attempts)) {
        user->n_kept--; /* a prompt of the attempt before it */
        return;
    }
    if (mf_rate_day_over(&user->rate, now))
        mf_rate_learn(&user->rate, logins->baseline, &user->member, now, false);
    if (logins->counting)
        count(logins, user, now, attempts);
    mf_rate_note(&user->rate, now, attempts);
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        logins->seen[user->member.group - 1][w][attempts[w] > LOGINS_KEPT ? LOGINS_KEPT : attempts[w]]++;
        user->highest[w] = fmax(user->highest[w], attempts[w]);
    }
}

void logins_day(struct logins *logins)
{
    mf_time attempt[512];

    for (unsigned i = 0; i < logins->n_users; i++) {
        struct logins_user *user = &logins->user[i];
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
            user->highest[w] *= exp2(-1.0 / 14);
        unsigned n = attempts_of_day(logins, user, attempt, 512);
        for (unsigned j = 0; j < n; j++)
            take(logins, user, attempt[j]);
    }
    for (unsigned g = 0; g < LOGINS_GROUPS; g++)
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
            for (unsigned k = 0; k <= LOGINS_KEPT; k++)
                logins->seen[g][w][k] *= exp2(-1.0 / 14);
    logins->day++;
}

bool logins_attack(struct logins *logins, const struct logins_user *user, mf_time now, unsigned attempts, mf_time apart,
                   int rule, double level)
{
    struct logins_user copy = *user;
    struct mf_expectation expectation;
    unsigned count[MF_RATE_WINDOWS];

    for (unsigned i = 0; i < attempts; i++, now += apart) {
        keep(&copy, now);
        if (!mf_login_attempts(copy.kept, copy.n_kept, count))
            continue;
        if (mf_rate_day_over(&copy.rate, now))
            mf_rate_learn(&copy.rate, logins->baseline, &copy.member, now, true);
        mf_baseline_expect(logins->baseline, &copy.rate, &copy.member, now, &expectation);
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
            if (count[w] >= 4 && (rule == 0 ? mf_baseline_tail_log10(&expectation, w, count[w]) < level
                                            : simple_fires(logins, &copy, w, count[w], rule)))
                return true;
        mf_rate_note(&copy.rate, now, count);
    }
    return false;
}
