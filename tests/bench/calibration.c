/* tests/bench/calibration.c
 *
 * How often the baseline calls usual behaviour unusual, and how often it sees an attack, in worlds of simulated users;
 * and the same for the simpler rule that it was chosen over. Prints a table; docs/baseline.md holds one. */

#include "../logins.h"

#include <stdio.h>
#include <stdlib.h>

static const struct logins_world worlds[] = {
    {"office", 2, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0, 0},
    {"few who insist", 2, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.3, 0.05, 0.7, 0, 0},
    {"away, busy days", 2, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0.01, 0.5},
    {"very unlike users", 0.5, {0.6, 1.2, 2.4, 5}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0, 0},
    {"seldom", 1, {0.1, 0.15, 0.2, 0.3}, 0.7, 0.2, 0.08, 0.35, 0, 0, 0, 0},
    {"no retries", 2, {0.6, 1.2, 2.4, 5}, 0.3, 0.6, 0, 0, 0, 0, 0, 0},
};

static void power(struct logins *logins, const char *what, unsigned attempts, mf_time apart)
{
    unsigned tried = 0, seen[6] = {0};

    for (unsigned i = 0; i < logins->n_users; i++) {
        const struct logins_user *user = &logins->user[i];
        if (user->per_day > 1.5 || user->rate.day == 0)
            continue;
        mf_time now = logins->day * MF_DAY + 8 * MF_HOUR;
        tried++;
        for (int level = 0; level < 4; level++)
            seen[level] += logins_attack(logins, user, now, attempts, apart, 0, -2 - level);
        for (int rule = 1; rule <= 2; rule++)
            seen[3 + rule] += logins_attack(logins, user, now, attempts, apart, rule, 0);
    }
    printf("    %-28s model 1e-2..1e-5: %5.1f %5.1f %5.1f %5.1f %%   simple 99.9, 99.99: %5.1f %5.1f %%  (%u users)\n",
           what, 100.0 * seen[0] / tried, 100.0 * seen[1] / tried, 100.0 * seen[2] / tried, 100.0 * seen[3] / tried,
           100.0 * seen[4] / tried, 100.0 * seen[5] / tried, tried);
}

static void run(const struct logins_world *world, unsigned users, unsigned days, uint64_t seed)
{
    static const char *const name[] = {"15 min", "1 h", "24 h"};
    struct logins *logins = logins_new(world, users, seed);

    for (unsigned day = 0; day < days + 60; day++) {
        logins->counting = day >= 60;
        logins_day(logins);
    }
    printf("%s: %llu attempts asked\n", world->name, (unsigned long long)logins->asked);
    double n = (double)logins->asked;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
        printf("    %-7s model fires below 1e-2 %.2e, 1e-3 %.2e, 1e-4 %.2e, 1e-5 %.2e   simple 99.9 %.2e, 99.99 %.2e\n",
               name[w], (double)logins->fired[0][w] / n, (double)logins->fired[1][w] / n,
               (double)logins->fired[2][w] / n, (double)logins->fired[3][w] / n, (double)logins->simple_fired[0][w] / n,
               (double)logins->simple_fired[1][w] / n);
    printf(
        "    any, >=4                    1e-2 %.2e, 1e-3 %.2e, 1e-4 %.2e, 1e-5 %.2e   simple 99.9 %.2e, 99.99 %.2e\n",
        (double)logins->alarms[0] / n, (double)logins->alarms[1] / n, (double)logins->alarms[2] / n,
        (double)logins->alarms[3] / n, (double)logins->simple_alarms[0] / n, (double)logins->simple_alarms[1] / n);
    power(logins, "8 attempts in 15 min", 8, 2 * MF_MINUTE);
    power(logins, "5 attempts in 15 min", 5, 3 * MF_MINUTE);
    power(logins, "20 attempts in a day", 20, 40 * MF_MINUTE);
    power(logins, "10 attempts in a day", 10, 80 * MF_MINUTE);
    logins_free(logins);
}

int main(int argc, char **argv)
{
    unsigned users = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
    unsigned days = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 300;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;

    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++)
        run(&worlds[i], users, days, seed);
    return 0;
}
