/* tool/trace.c
 *
 * Which list of steps gave the points is found out from the threshold that was reached. */

#include "trace.h"

enum { STEPS = MF_TRACE_NO_LIST + 1, UNFAMILIAR, ABROAD, FAMILIAR, SUCCESS, USERS, N_LISTS };

const struct mf_steps *mf_trace_steps(const struct mf_signal_conf *conf, unsigned list)
{
    const struct mf_steps *const lists[N_LISTS] = {
        NULL, &conf->steps, &conf->unfamiliar, &conf->abroad, &conf->familiar, &conf->success, &conf->users};

    return lists[list];
}

bool mf_trace_has_steps(const struct mf_policy *policy, unsigned signal)
{
    for (unsigned list = STEPS; list < N_LISTS; list++)
        if (mf_trace_steps(&policy->signal[signal], list)->n > 0)
            return true;
    return false;
}

/* The list that gives these points at this threshold; where none was reached, the one that begins with it. */
static unsigned find_list(const struct mf_signal_conf *conf, unsigned threshold, unsigned points)
{
    for (unsigned list = STEPS; list < N_LISTS; list++) {
        const struct mf_steps *steps = mf_trace_steps(conf, list);

        for (unsigned i = 0; i < steps->n; i++)
            if (steps->step[i].count == threshold && (points == 0 || steps->step[i].points == points))
                return list;
    }
    return MF_TRACE_NO_LIST;
}

bool mf_trace_is_near(const struct mf_policy *policy, unsigned signal, const struct mf_answer *answer)
{
    return answer->state == MF_ANSWER_NO && answer->finding.observed > 1 && answer->finding.threshold > 0 &&
           !mf_signals[signal]->below && mf_trace_has_steps(policy, signal) &&
           answer->finding.observed * 2 >= answer->finding.threshold;
}

static uint16_t clip(unsigned value)
{
    return (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

void mf_trace_note(const struct mf_policy *policy, unsigned signal, const struct mf_answer *answer,
                   struct mf_trace *trace)
{
    const struct mf_finding *finding = &answer->finding;

    /* one that counted enough and did not fire has a reason that no threshold moves */
    if (answer->state != MF_ANSWER_NO || trace->points > 0 || finding->observed <= trace->observed ||
        finding->observed >= finding->threshold || mf_signals[signal]->below)
        return;
    trace->observed = clip(finding->observed);
    trace->threshold = clip(finding->threshold);
    trace->list = (uint8_t)find_list(&policy->signal[signal], finding->threshold, 0);
}

void mf_trace_note_fired(const struct mf_policy *policy, unsigned signal, const struct mf_finding *finding,
                         struct mf_trace *trace)
{
    trace->observed = clip(finding->observed);
    trace->threshold = clip(finding->threshold);
    trace->points = (uint8_t)finding->points;
    trace->decisive = finding->decisive;
    trace->list = (uint8_t)find_list(&policy->signal[signal], finding->threshold, finding->points);
}
