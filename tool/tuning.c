/* tool/tuning.c
 *
 * Thresholds of signals at several factors, levels from several scores on. */

#include "tuning.h"

#include <stddef.h>

const double mf_tune_factors[MF_TUNE_FACTORS] = {0.5, 0.75, 1, 1.25, 1.5, 2, 3, 0};

unsigned mf_tune_threshold(const struct mf_policy *policy, unsigned signal, double factor)
{
    struct mf_signal_conf scaled = policy->signal[signal];
    const struct mf_signal_conf *conf = &scaled;
    const struct mf_steps *const lists[] = {&conf->steps,    &conf->unfamiliar, &conf->abroad,
                                            &conf->familiar, &conf->success,    &conf->users};

    mf_whatif_scale(signal, factor, &scaled);
    for (unsigned i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (lists[i]->n > 0)
            return lists[i]->step[0].count;
    return 0;
}

static void count_signals(struct mf_tuning *tuning)
{
    struct mf_whatif whatif;

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < MF_TUNE_FACTORS && tuning->policy.signal[s].enabled; f++) {
            mf_whatif_init(&whatif, &tuning->policy);
            whatif.factor[s] = mf_tune_factors[f];
            mf_whatif_count(&tuning->history, &whatif, &tuning->labels, &tuning->curve[s][f]);
        }
}

/* ---- levels ---- */

static const int points[MF_TUNE_POINTS] = {-20, -10, -5, 0, 5, 10, 20};
static const char alert_level[] = "alert_level";

static const struct {
    const char *name, *moved;
    size_t score; /* where in mf_verdict_conf */
} scores[] = {
    {"verdict.notice", "notices", offsetof(struct mf_verdict_conf, notice)},
    {"verdict.suspicious", "incidents", offsetof(struct mf_verdict_conf, suspicious)},
    {"verdict.anomalous", "anomalous", offsetof(struct mf_verdict_conf, anomalous)},
};
enum { N_SCORES = sizeof scores / sizeof scores[0] };

static bool is_policy(const struct mf_verdict_conf *verdict)
{
    return verdict->notice >= 1 && verdict->notice < verdict->suspicious && verdict->suspicious < verdict->anomalous &&
           verdict->anomalous <= 100;
}

static void add_level(struct mf_tuning *tuning, const struct mf_whatif *whatif, struct mf_level_trial trial)
{
    mf_whatif_count(&tuning->history, whatif, &tuning->labels, &trial.result);
    tuning->level[tuning->n_levels++] = trial;
}

static void count_score(struct mf_tuning *tuning, unsigned which, int by)
{
    struct mf_whatif whatif;
    unsigned *score = (unsigned *)(void *)((char *)&whatif.verdict + scores[which].score);

    mf_whatif_init(&whatif, &tuning->policy);
    if ((int)*score + by < 1)
        return;
    *score = (unsigned)((int)*score + by);
    /* from suspicious on, nothing is learned */
    if (is_policy(&whatif.verdict))
        add_level(tuning, &whatif,
                  (struct mf_level_trial){.setting = scores[which].name,
                                          .value = *score,
                                          .now = by == 0,
                                          .at_least = whatif.verdict.suspicious < tuning->policy.verdict.suspicious});
}

static void count_levels(struct mf_tuning *tuning)
{
    struct mf_whatif whatif;

    tuning->n_levels = 0;
    for (unsigned i = 0; i < N_SCORES * MF_TUNE_POINTS; i++)
        count_score(tuning, i / MF_TUNE_POINTS, points[i % MF_TUNE_POINTS]);
    mf_whatif_init(&whatif, &tuning->policy);
    for (unsigned level = MF_NOTICE; level <= MF_ANOMALOUS; level++) {
        whatif.alert_level = (enum mf_level)level;
        /* nor while an incident is open */
        add_level(tuning, &whatif,
                  (struct mf_level_trial){.setting = alert_level,
                                          .value = level,
                                          .now = level == tuning->policy.alert_level,
                                          .at_least = level < tuning->policy.alert_level});
    }
}

bool mf_level_trial_is_named(const struct mf_level_trial *trial)
{
    return trial->setting == alert_level;
}

uint64_t mf_level_trial_moved(const struct mf_level_trial *trial, const char **what)
{
    unsigned i = 0;

    while (i < N_SCORES && trial->setting != scores[i].name)
        i++;
    *what = i < N_SCORES ? scores[i].moved : "incidents";
    if (i < N_SCORES && scores[i].score == offsetof(struct mf_verdict_conf, notice))
        return trial->result.notices;
    if (i < N_SCORES && scores[i].score == offsetof(struct mf_verdict_conf, anomalous))
        return trial->result.incidents[MF_ANOMALOUS];
    return mf_whatif_incidents(&trial->result);
}

void mf_tune_count_curves(struct mf_tuning *tuning)
{
    count_signals(tuning);
    count_levels(tuning);
}
