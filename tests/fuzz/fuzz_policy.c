/* tests/fuzz/fuzz_policy.c
 *
 * Any bytes as a policy file. A refusal has a place and a sentence; what is accepted holds what the engine builds on.
 * */

#include "policy.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* "FILE:LINE:COLUMN: " and something behind it; a file as a whole has no place in it */
static void check_error(const struct mf_error *error, const char *file, size_t size)
{
    const char *p = error->text;

    require(memchr(p, '\0', sizeof error->text) != NULL);
    require(strncmp(p, file, strlen(file)) == 0 && p[strlen(file)] == ':');
    p += strlen(file) + 1;
    for (int i = 0; i < 2 && size <= 4 << 20; i++) {
        size_t digits = strspn(p, "0123456789");

        require(digits > 0 && p[0] != '0' && p[digits] == ':');
        p += digits + 1;
    }
    require(p[0] == ' ' && p[1] != '\0');
}

static void check_steps(const struct mf_steps *steps)
{
    require(steps->n <= MF_STEPS_MAX);
    for (unsigned i = 0; i < steps->n; i++) {
        require(steps->step[i].count >= 1 && steps->step[i].count <= MF_ATTEMPTS_MAX && steps->step[i].points <= 100);
        require(i == 0 || steps->step[i].count > steps->step[i - 1].count);
    }
}

static void check_policy(const struct mf_policy *policy)
{
    require(policy->alert_level >= MF_NOTICE && policy->alert_level <= MF_ANOMALOUS);
    require(policy->profiles.n <= MF_LIST_MAX);
    require(memchr(policy->profile_dir, '\0', sizeof policy->profile_dir) != NULL);
    require(policy->verdict.notice < policy->verdict.suspicious &&
            policy->verdict.suspicious < policy->verdict.anomalous);
    require(policy->verdict.anomalous <= 100);
    require(policy->time.prompt_ttl >= 30 * MF_SECOND && policy->time.lateness >= 0 && policy->time.skew >= 0);
    require(policy->state.table.users >= 1024 && policy->state.table.recent >= 256);
    require(policy->state.addresses >= 1024 && policy->state.populations >= 16);
    require(policy->incident.max_open >= 16 && policy->incident.quiet > 0 &&
            policy->incident.max_alerts_per_minute >= 2);
    require(strlen(policy->sha256) == MF_SHA256_TEXT - 1);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        check_steps(&policy->signal[i].steps);
        check_steps(&policy->signal[i].unfamiliar);
        check_steps(&policy->signal[i].abroad);
        check_steps(&policy->signal[i].familiar);
        check_steps(&policy->signal[i].success);
        check_steps(&policy->signal[i].users);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_error error = {""};
    char file[32];
    int fd = memfd_create("policy", 0);

    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    struct mf_policy *policy = mf_policy_load(file, &error);
    if (policy == NULL)
        check_error(&error, file, size);
    else
        check_policy(policy);
    mf_policy_free(policy);
    close(fd);
    return 0;
}
