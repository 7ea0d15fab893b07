/* tool/tuning.c
 *
 * Thresholds at several factors. */

#include "tuning.h"

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

void mf_tune_count_curves(struct mf_tuning *tuning)
{
    struct mf_whatif whatif;

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < MF_TUNE_FACTORS && tuning->policy.signal[s].enabled; f++) {
            mf_whatif_init(&whatif, &tuning->policy);
            whatif.factor[s] = mf_tune_factors[f];
            mf_whatif_count(&tuning->history, &whatif, &tuning->labels, &tuning->curve[s][f]);
        }
}
