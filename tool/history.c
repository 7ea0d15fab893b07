/* tool/history.c
 *
 * Users, their days, their runs. */

#include "history.h"

#include <stdlib.h>

const char *const mf_metric_names[MF_METRICS] = {"prompts", "refused", "unanswered"};

/* ---- distributions ---- */

static void add_to_dist(struct mf_dist *dist, unsigned value)
{
    dist->n++;
    dist->sum += value;
    dist->bucket[value < MF_DIST_BUCKETS - 1 ? value : MF_DIST_BUCKETS - 1]++;
    dist->most = value > dist->most ? value : dist->most;
}

unsigned mf_dist_quantile(const struct mf_dist *dist, double share)
{
    uint64_t below = 0;

    for (unsigned i = 0; i < MF_DIST_BUCKETS - 1; i++)
        if ((double)(below += dist->bucket[i]) >= share * (double)dist->n)
            return i < dist->most ? i : dist->most;
    return dist->most;
}

/* 0 where there is no name, or no room for another one. */
static uint16_t population_of(struct mf_history *history, const char *kind, struct mf_slice name)
{
    char text[MF_POPULATION_TEXT];

    if (name.length == 0)
        return 0;
    mf_slice_copy(text, sizeof text, name);
    for (unsigned i = 1; i < history->n_populations; i++)
        if (history->population[i].kind == kind && strcmp(history->population[i].name, text) == 0)
            return (uint16_t)i;
    if (history->n_populations == MF_POPULATIONS_KEPT)
        return 0;
    struct mf_crowd *population = &history->population[history->n_populations];
    population->kind = kind;
    memcpy(population->name, text, sizeof text);
    return (uint16_t)history->n_populations++;
}

/* ---- users ---- */

static size_t hash(struct mf_slice text)
{
    size_t value = 14695981039346656037u;

    for (size_t i = 0; i < text.length; i++)
        value = (value ^ (unsigned char)text.data[i]) * 1099511628211u;
    return value ^ value >> 29;
}

static uint32_t *slot_of(struct mf_history *history, struct mf_slice login)
{
    size_t at = hash(login) & (history->n_slots - 1);

    while (history->slot[at] != 0 && !mf_slice_equal(mf_slice_of(history->user[history->slot[at] - 1].login), login))
        at = (at + 1) & (history->n_slots - 1);
    return &history->slot[at];
}

static bool grow(struct mf_history *history)
{
    size_t room = history->user_room == 0 ? 1024 : history->user_room * 2;
    struct mf_history_user *user = realloc(history->user, room * sizeof *user);

    if (user == NULL)
        return false;
    history->user = user;
    free(history->slot);
    history->slot = calloc(room * 2, sizeof *history->slot);
    if (history->slot == NULL)
        return false;
    history->user_room = room;
    history->n_slots = room * 2;
    for (size_t i = 0; i < history->n_users; i++)
        *slot_of(history, mf_slice_of(user[i].login)) = (uint32_t)i + 1;
    return true;
}

/* NULL when there is no room. */
static struct mf_history_user *user_of(struct mf_history *history, struct mf_slice login)
{
    if (history->n_users == history->user_room && !grow(history)) {
        history->no_memory = true;
        return NULL;
    }
    uint32_t *slot = slot_of(history, login);
    if (*slot != 0)
        return &history->user[*slot - 1];
    if (history->n_users == MF_HISTORY_USERS) {
        history->users_left_out++;
        return NULL;
    }
    struct mf_history_user *user = &history->user[history->n_users];
    *user = (struct mf_history_user){.login = strndup(login.data, login.length), .run_start = MF_TIME_NONE};
    if (user->login == NULL) {
        history->no_memory = true;
        return NULL;
    }
    *slot = (uint32_t)++history->n_users;
    return user;
}

static void end_day(struct mf_history *history, struct mf_history_user *user)
{
    bool any = false;

    for (unsigned m = 0; m < MF_METRICS; m++)
        any = any || user->today[m] > 0;
    for (unsigned m = 0; any && m < MF_METRICS; m++) {
        add_to_dist(&history->population[0].dist[m], user->today[m]);
        for (unsigned p = 0; p < 3; p++)
            if (user->population[p] != 0)
                add_to_dist(&history->population[user->population[p]].dist[m], user->today[m]);
        user->all[m] += user->today[m];
        user->today[m] = 0;
    }
}

static void end_run(struct mf_history_user *user)
{
    user->today[MF_METRIC_PROMPTS] += user->totals.prompts;
    user->today[MF_METRIC_REFUSED] += user->totals.denied;
    user->today[MF_METRIC_UNANSWERED] += user->totals.timeouts;
    user->totals = (struct mf_totals){.prompts = 0};
    user->run = 0;
    user->run_start = MF_TIME_NONE;
}

/* ---- runs ---- */

static struct mf_kept_run *keep_run(struct mf_history *history, struct mf_history_user *user, mf_time start)
{
    struct mf_kept_run *run;

    if (history->n_runs == history->run_room) {
        size_t room = history->run_room == 0 ? 1024 : history->run_room * 2;

        if (history->n_runs == MF_HISTORY_RUNS || (run = realloc(history->run, room * sizeof *run)) == NULL) {
            history->runs_left_out++;
            return NULL;
        }
        history->run = run;
        history->run_room = room;
    }
    run = &history->run[history->n_runs++];
    memset(run, 0, sizeof *run);
    run->user = (uint32_t)(user - history->user);
    run->start = start;
    user->run = user->last_run = (uint32_t)history->n_runs;
    return run;
}

/* Did any signal fire, or come within half of what would let it? */
static bool is_of_interest(const struct mf_history *history, const struct mf_judged *judged)
{
    if (judged->verdict->n_findings > 0)
        return true;
    for (unsigned s = 0; s < mf_n_signals; s++)
        if (mf_trace_is_near(history->policy, s, &judged->explained->answer[s]))
            return true;
    return false;
}

static void take_traces(struct mf_history *history, struct mf_kept_run *run, const struct mf_judged *judged)
{
    for (unsigned s = 0; s < mf_n_signals; s++)
        mf_trace_note(history->policy, s, &judged->explained->answer[s], &run->trace[s]);
    for (unsigned i = 0; i < judged->verdict->n_findings; i++)
        for (unsigned s = 0; s < mf_n_signals; s++)
            if (mf_signals[s] == judged->verdict->finding[i].signal)
                mf_trace_note_fired(history->policy, s, &judged->verdict->finding[i], &run->trace[s]);
}

static void add_mark(struct mf_history *history, struct mf_kept_run *run, const struct mf_event *event)
{
    if (!history->keeps_marks || run->n_marks == MF_MARKS_KEPT)
        return;
    if (run->mark == NULL && (run->mark = calloc(MF_MARKS_KEPT, sizeof *run->mark)) == NULL)
        return; /* a picture less */
    run->mark[run->n_marks++] = (struct mf_run_mark){event->time, (uint8_t)event->kind};
}

static void take_run(struct mf_history *history, struct mf_history_user *user, const struct mf_judged *judged)
{
    const struct mf_explained *explained = judged->explained;
    struct mf_kept_run *run = user->run == 0 ? NULL : &history->run[user->run - 1];

    if (run == NULL &&
        (!is_of_interest(history, judged) || (run = keep_run(history, user, explained->run_start)) == NULL))
        return;
    take_traces(history, run, judged);
    add_mark(history, run, judged->event);
    run->end = judged->event->time > run->end ? judged->event->time : run->end;
    if (judged->verdict->score >= run->score) { /* what decided when it stood highest */
        run->standing = explained->standing;
        run->score = (uint8_t)judged->verdict->score;
    }
    run->totals = explained->totals;
    run->given_in = run->given_in || explained->standing.owned;
    if (judged->verdict->level >= run->level)
        run->level = (uint8_t)judged->verdict->level;
    if (judged->verdict->severity >= run->severity)
        run->severity = (uint8_t)judged->verdict->severity;
    if (explained->source.ip.family != 0)
        mf_ip_format(&explained->source.ip, run->source);
    memcpy(run->country, explained->source.country, 2);
}

/* ---- one record ---- */

static void count_hour(struct mf_history *history, const struct mf_event *event)
{
    unsigned day = (unsigned)(event->time / MF_DAY + 3) % 7, hour = (unsigned)(event->time / MF_HOUR % 24);
    bool negative = event->kind == MF_MFA_DENIED || event->kind == MF_MFA_TIMEOUT || event->kind == MF_MFA_FAILED ||
                    event->kind == MF_MFA_FRAUD;

    history->prompts[day][hour] += event->prompts;
    history->negative[day][hour] += negative;
}

static void take_explained(struct mf_history *history, struct mf_history_user *user, const struct mf_judged *judged)
{
    const struct mf_explained *explained = judged->explained;
    int32_t day = (int32_t)(explained->run_start / MF_DAY);

    if (explained->run_start > user->run_start || user->run_start == MF_TIME_NONE) {
        end_run(user);
        if (day != user->day)
            end_day(history, user);
        user->day = day;
        user->run_start = explained->run_start;
    }
    user->totals = explained->totals;
    if (explained->group.length > 0)
        user->population[0] = population_of(history, "group", explained->group);
    if (explained->role.length > 0)
        user->population[1] = population_of(history, "role", explained->role);
    if (judged->event->country[0] != '\0')
        user->population[2] = population_of(history, "country", (struct mf_slice){judged->event->country, 2});
    take_run(history, user, judged);
}

void mf_history_begin(struct mf_history *history, const struct mf_policy *policy)
{
    memset(history, 0, sizeof *history);
    history->policy = policy;
    history->first = history->last = MF_TIME_NONE;
    history->n_populations = 1;
    history->population[0].kind = "everyone";
}

void mf_history_take(struct mf_history *history, const struct mf_judged *judged)
{
    const struct mf_event *event = judged->event;
    struct mf_history_user *user;

    if (event == NULL || judged->skip != MF_SKIP_NONE)
        return;
    history->events++;
    if (history->first == MF_TIME_NONE || event->time < history->first)
        history->first = event->time;
    history->last = event->time > history->last ? event->time : history->last;
    count_hour(history, event);
    user = user_of(history, event->user);
    if (user == NULL || judged->explained == NULL || judged->verdict == NULL || judged->explained->run_start <= 0)
        return;
    history->judged++;
    take_explained(history, user, judged);
}

static int by_user(const void *a, const void *b)
{
    const struct mf_kept_run *x = a, *y = b;

    if (x->user != y->user)
        return x->user < y->user ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

void mf_history_alert(struct mf_history *history, const struct mf_alert_text *alert)
{
    const struct mf_history_user *user;

    if (alert->of_address || (alert->phase != MF_PHASE_OPEN && alert->phase != MF_PHASE_UPDATE))
        return;
    user = user_of(history, mf_slice_of(alert->user));
    if (user == NULL || user->last_run == 0)
        return;
    struct mf_kept_run *run = &history->run[user->last_run - 1];
    if (alert->level > run->level)
        run->level = (uint8_t)alert->level;
    if (alert->severity > run->severity)
        run->severity = (uint8_t)alert->severity;
}

static unsigned rank(const struct mf_crowd *crowd)
{
    static const char *const order[] = {"everyone", "group", "role"};
    unsigned i = 0;

    while (i < sizeof order / sizeof order[0] && strcmp(order[i], crowd->kind) != 0)
        i++;
    return i;
}

static int by_kind(const void *a, const void *b)
{
    const struct mf_crowd *x = a, *y = b;

    if (rank(x) != rank(y))
        return rank(x) < rank(y) ? -1 : 1;
    if (x->dist[0].n != y->dist[0].n)
        return x->dist[0].n > y->dist[0].n ? -1 : 1;
    return strcmp(x->name, y->name);
}

void mf_history_finish(struct mf_history *history)
{
    for (size_t i = 0; i < history->n_users; i++) {
        end_run(&history->user[i]);
        end_day(history, &history->user[i]);
    }
    qsort(history->population, history->n_populations, sizeof history->population[0], by_kind);
    if (history->n_runs > 0)
        qsort(history->run, history->n_runs, sizeof *history->run, by_user);
}

void mf_history_fini(struct mf_history *history)
{
    for (size_t i = 0; i < history->n_users; i++)
        free(history->user[i].login);
    for (size_t i = 0; i < history->n_runs; i++)
        free(history->run[i].mark);
    free(history->user);
    free(history->slot);
    free(history->run);
}

double mf_history_days(const struct mf_history *history)
{
    double days = history->first == MF_TIME_NONE ? 1 : (double)(history->last - history->first) / (double)MF_DAY;

    return days < 1 ? 1 : days;
}
