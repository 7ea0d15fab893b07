/* tool/outcomes.c
 *
 * Users by name, and how their outcome compares with an expectation. */

#include "outcomes.h"

#include <stdio.h>
#include <stdlib.h>

static size_t hash(struct mf_slice text)
{
    size_t value = 14695981039346656037u;

    for (size_t i = 0; i < text.length; i++)
        value = (value ^ (unsigned char)text.data[i]) * 1099511628211u;
    return value ^ value >> 29;
}

static size_t *slot_of(struct mf_outcomes *outcomes, struct mf_slice user)
{
    size_t at = hash(user) & (outcomes->n_slots - 1);

    while (outcomes->slot[at] != 0 && !mf_slice_equal(mf_slice_of(outcomes->user[outcomes->slot[at] - 1].user), user))
        at = (at + 1) & (outcomes->n_slots - 1);
    return &outcomes->slot[at];
}

static bool grow(struct mf_outcomes *outcomes)
{
    size_t room = outcomes->room == 0 ? 64 : outcomes->room * 2;
    struct mf_user_outcome *user = realloc(outcomes->user, room * sizeof *user);

    if (user == NULL)
        return false;
    outcomes->user = user;
    free(outcomes->slot);
    outcomes->slot = calloc(room * 2, sizeof *outcomes->slot);
    if (outcomes->slot == NULL)
        return false;
    outcomes->room = room;
    outcomes->n_slots = room * 2;
    for (size_t i = 0; i < outcomes->n; i++)
        *slot_of(outcomes, mf_slice_of(user[i].user)) = i + 1;
    return true;
}

struct mf_user_outcome *mf_outcomes_of(struct mf_outcomes *outcomes, struct mf_slice user)
{
    if (outcomes->n == outcomes->room && !grow(outcomes))
        return NULL;
    size_t *slot = slot_of(outcomes, user);
    if (*slot == 0) {
        outcomes->user[outcomes->n] = (struct mf_user_outcome){.level = MF_NORMAL};
        mf_slice_copy(outcomes->user[outcomes->n].user, MF_USER_MAX + 1, user);
        *slot = ++outcomes->n;
    }
    return &outcomes->user[*slot - 1];
}

void mf_outcomes_fini(struct mf_outcomes *outcomes)
{
    free(outcomes->user);
    free(outcomes->slot);
}

void mf_outcome_verdict(struct mf_user_outcome *outcome, const struct mf_judged *judged)
{
    const struct mf_verdict *verdict = judged->verdict;
    bool approval = judged->event->kind == MF_MFA_SUCCESS;

    outcome->given_in = outcome->given_in || (approval && verdict->level == MF_ANOMALOUS);
    if (!outcome->given_in && verdict->level > outcome->before)
        outcome->before = verdict->level;
    if (verdict->level > outcome->level)
        outcome->level = verdict->level;
    if (verdict->severity > outcome->severity)
        outcome->severity = verdict->severity;
    if (approval && verdict->severity > outcome->approval)
        outcome->approval = verdict->severity;
    for (unsigned i = 0; i < verdict->n_findings; i++)
        for (unsigned s = 0; s < mf_n_signals; s++)
            if (mf_signals[s] == verdict->finding[i].signal)
                outcome->signals |= 1u << s;
}

void mf_outcome_alert(struct mf_user_outcome *outcome, const struct mf_alert_line *alert)
{
    outcome->alerts[alert->phase]++;
    for (unsigned level = 0; level <= (unsigned)alert->level; level++) {
        if (outcome->reached[level])
            continue;
        outcome->reached[level] = true;
        for (unsigned i = 0; i < MF_N_WANTED; i++)
            outcome->at[level][i] = mf_wanted_count_of(alert, (enum mf_wanted_count)i);
    }
    if (alert->phase == MF_PHASE_CLOSE && outcome->closes < MF_CLOSES_KEPT) {
        for (unsigned i = 0; i < MF_N_WANTED; i++)
            outcome->total[outcome->closes][i] = mf_wanted_count_of(alert, (enum mf_wanted_count)i);
        outcome->closes++;
    }
}

/* ---- comparing ---- */

struct telling {
    void (*say)(void *context, const char *sentence);
    void *context;
};

static void say(const struct telling *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct telling *to, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    to->say(to->context, sentence);
}

static void compare_verdict(const struct mf_user_outcome *o, const struct mf_wanted *w, const struct telling *to)
{
    if (w->level != MF_ANY && w->level != (unsigned)o->level)
        say(to, "level is %s, not %s", mf_level_name(o->level), mf_level_name((enum mf_level)w->level));
    if (w->severity != MF_ANY && w->severity != (unsigned)o->severity)
        say(to, "severity is %s, not %s", mf_severity_name(o->severity),
            mf_severity_name((enum mf_severity)w->severity));
    if (w->before != MF_ANY && w->before != (unsigned)o->before)
        say(to, "level before the approval is %s, not %s", mf_level_name(o->before),
            mf_level_name((enum mf_level)w->before));
    if (w->approval != MF_ANY && w->approval != (unsigned)o->approval)
        say(to, "severity at the approval is %s, not %s", mf_severity_name(o->approval),
            mf_severity_name((enum mf_severity)w->approval));
    for (unsigned s = 0; s < mf_n_signals; s++)
        if ((w->signals & ~o->signals & 1u << s) != 0)
            say(to, "%s did not fire", mf_signals[s]->name);
}

static void compare_alerts(const struct mf_user_outcome *o, const struct mf_wanted *w, const struct telling *to)
{
    for (unsigned phase = MF_PHASE_OPEN; phase <= MF_PHASE_CLOSE; phase++)
        if (o->alerts[phase] < w->least[phase] || o->alerts[phase] > w->most[phase])
            say(to, "%u alerts of phase %s, not %u%s", o->alerts[phase], mf_phase_name((enum mf_phase)phase),
                o->alerts[phase] < w->least[phase] ? w->least[phase] : w->most[phase],
                w->least[phase] == w->most[phase]    ? ""
                : o->alerts[phase] < w->least[phase] ? " at least"
                                                     : " at most");
    for (unsigned level = 0; level <= MF_ANOMALOUS; level++)
        for (unsigned i = 0; i < MF_N_WANTED; i++)
            if (w->by[level][i] != MF_ANY && (!o->reached[level] || o->at[level][i] > w->by[level][i]))
                say(to, o->reached[level] ? "%s at %u %s, not by %u" : "%s never: at %u %s, not by %u",
                    mf_level_name((enum mf_level)level), o->at[level][i], mf_wanted_counts[i], w->by[level][i]);
    for (unsigned close = 0; close < o->closes; close++)
        for (unsigned i = 0; i < MF_N_WANTED; i++)
            if (w->totals[i] != MF_ANY && w->totals[i] != o->total[close][i])
                say(to, "%s in the close is %u, not %u", mf_wanted_counts[i], o->total[close][i], w->totals[i]);
}

void mf_outcome_compare(const struct mf_user_outcome *outcome, const struct mf_wanted *wanted,
                        void (*say_)(void *context, const char *sentence), void *context)
{
    const struct telling to = {say_, context};

    compare_verdict(outcome, wanted, &to);
    compare_alerts(outcome, wanted, &to);
}
