/* src/asking.c
 *
 * Signals are asked about a user, and their findings added up. */

#include "asking.h"

#include "rating.h"

void mf_stand(const struct mf_user *user, const struct mf_view *view, const struct mf_totals *totals,
              struct mf_standing *standing)
{
    const struct mf_recent *recent = user->recent;
    const struct mf_run_source *source = &recent->run.source;
    unsigned flags = 0, approved = totals->approved < totals->prompts ? totals->approved : totals->prompts;

    for (unsigned i = view->n; i-- > 0 && view->attempt[i].time >= recent->run.start;)
        flags |= view->attempt[i].flags;
    standing->unfamiliar = (flags & MF_ATTEMPT_UNFAMILIAR) != 0;
    standing->familiar = (flags & MF_ATTEMPT_FAMILIAR) != 0 && !standing->unfamiliar;
    standing->dark = source->ip.family != 0 && source->place.familiarity == MF_FAMILIARITY_UNKNOWN &&
                     source->place.by_tenant && recent->run.start - user->first_seen < MF_HISTORY_DAYS * MF_DAY;
    standing->strange = (flags & (MF_ATTEMPT_ABROAD | MF_ATTEMPT_OTHER_OPERATOR)) != 0;
    standing->refused = totals->denied > 0;
    standing->prompts = totals->prompts - approved + (approved > 0);
    standing->owned = recent->run.approved || recent->run.factor_change;
}

bool mf_any_timeout_inferred(const struct mf_recent *recent, const struct mf_view *view)
{
    for (mf_attempts old = view->outcome[MF_TIMEOUT]; old != 0; old &= old - 1)
        if (recent->attempt[__builtin_ctzll(old)].outcome == MF_OPEN)
            return true;
    return false;
}

/* ---- asking and adding up ---- */

uint32_t mf_ask(struct mf_worker *worker, struct mf_context *context, struct mf_user *user,
                const struct mf_sighting *sighting)
{
    const struct mf_policy *policy = worker->settings->policy;
    struct mf_recent *recent = user->recent;
    mf_time now = sighting->time;

    mf_user_view(recent, now, &policy->time, &worker->view);
    mf_answer_rate(worker, user, context->event, sighting);
    context->current = true;
    uint32_t fired = mf_verdict_ask(policy->signal, &policy->awake, context, &worker->view, now, &recent->run,
                                    worker->explains ? worker->explained.answer : NULL);
    if (!worker->view.later)
        return fired;
    context->current = false;
    for (unsigned i = 0; i < recent->n_attempts; i++) {
        mf_time moments[2] = {recent->base + recent->attempt[i].time, recent->base + recent->attempt[i].settled};
        for (unsigned j = 0; j < 2; j++) {
            if (moments[j] <= now || (j == 1 && moments[1] == moments[0]))
                continue;
            mf_user_view(recent, moments[j], &policy->time, &worker->view);
            mf_verdict_ask(policy->signal, &policy->awake, context, &worker->view, moments[j], &recent->run, NULL);
        }
    }
    return fired;
}

static void mark_suspect(struct mf_user *user, const struct mf_standing *standing)
{
    const struct mf_run *run = &user->recent->run;
    mf_time last = run->last / MF_SECOND;

    if ((mf_time)user->suspect * MF_SECOND < run->start - MF_SECOND)
        user->suspect_flags = 0; /* another run's */
    if (last > (mf_time)user->suspect && last <= UINT32_MAX)
        user->suspect = (uint32_t)last;
    if (standing->refused || standing->strange)
        user->suspect_flags |= MF_SUSPECT_HOSTILE;
}

void mf_sum_up(struct mf_worker *worker, struct mf_user *user, const struct mf_sighting *sighting,
               bool is_factor_change, struct mf_standing *standing, struct mf_totals *totals)
{
    const struct mf_policy *policy = worker->settings->policy;
    struct mf_recent *recent = user->recent;
    mf_time last = recent->run.last > sighting->time ? recent->run.last : sighting->time;

    if (worker->view.now != last) /* as it was asked last */
        mf_user_view(recent, last, &policy->time, &worker->view);
    *totals = mf_run_totals(&recent->run, &worker->view);
    mf_stand(user, &worker->view, totals, standing);
    mf_verdict_sum(&policy->verdict, &recent->run, standing, &worker->verdict);

    /* the attack owns an approval, or a factor change, that comes when the run is suspicious already, or makes it so */
    if (worker->verdict.level < MF_SUSPICIOUS)
        return;
    mark_suspect(user, standing);
    bool approval = mf_run_approved_since(&recent->run, &worker->view, sighting->time);
    if (approval || is_factor_change) {
        recent->run.approved |= approval;
        recent->run.factor_change |= is_factor_change;
        standing->owned = true;
        mf_verdict_sum(&policy->verdict, &recent->run, standing, &worker->verdict);
    }
}

enum mf_level mf_opening_level(struct mf_worker *worker)
{
    const unsigned level = worker->settings->policy->alert_level;

    if (worker->again)
        return worker->reached ? MF_NORMAL : MF_ANOMALOUS + 1;
    worker->reached = worker->verdict.level >= level;
    return (enum mf_level)level;
}
