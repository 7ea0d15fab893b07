/* tool/tune_text.c
 *
 * Tables. */

#include "tune_text.h"

#include <string.h>

#include "console.h"
#include "series.h"

static void say_title(const char *title)
{
    printf("\n%s%s%s\n", mf_console_style(stdout, MF_BOLD), title, mf_console_style(stdout, MF_PLAIN));
}

static void say_head(const struct mf_tuning *tuning)
{
    const struct mf_history *history = &tuning->history;
    char from[MF_TIME_TEXT], to[MF_TIME_TEXT], count[3][MF_COUNT_TEXT];

    mf_time_format(history->first, from);
    mf_time_format(history->last, to);
    printf("%s records, %s events of %s users, %.10s to %.10s (%.1f days)\n",
           mf_console_count(tuning->records, count[0]), mf_console_count(history->events, count[1]),
           mf_console_count(history->n_users, count[2]), from, to, mf_history_days(history));
    if (history->users_left_out + history->runs_left_out > 0)
        printf("left out for want of room: events of %s further users, %s runs\n",
               mf_console_count(history->users_left_out, count[0]), mf_console_count(history->runs_left_out, count[1]));
}

/* ---- how often people are asked ---- */

static void say_dist(const struct mf_dist *dist)
{
    char spark[16 * 3 + 1];
    uint64_t bars[16];

    for (unsigned i = 0; i < 16; i++)
        bars[i] = dist->bucket[i + 1];
    mf_spark(bars, 16, spark);
    printf(" %4u %4u %4u %5u  %s", mf_dist_quantile(dist, 0.5), mf_dist_quantile(dist, 0.95),
           mf_dist_quantile(dist, 0.99), dist->most, spark);
}

static void say_populations(const struct mf_history *history)
{
    enum { MOST = 24 };
    char count[MF_COUNT_TEXT];

    say_title("A day of a user on which there was any");
    printf("%-32s %9s  %s\n", "", "days",
           "prompts: p50 p95 p99 most, how many days had 1, 2, ... 16   refused: p99 most   no answer: p99 most");
    for (unsigned i = 0; i < history->n_populations && i < MOST; i++) {
        const struct mf_crowd *population = &history->population[i];
        const struct mf_dist *dist = population->dist;

        if (dist[0].n == 0)
            continue;
        printf("%-8s ", population->kind);
        mf_console_text(stdout, population->name, strlen(population->name) > 22 ? 22 : strlen(population->name));
        printf("%*s %9s ", (int)(23 - (strlen(population->name) > 22 ? 22 : strlen(population->name))), "",
               mf_console_count(dist[0].n, count));
        say_dist(&dist[MF_METRIC_PROMPTS]);
        printf("  %4u %5u   %4u %5u\n", mf_dist_quantile(&dist[MF_METRIC_REFUSED], 0.99), dist[MF_METRIC_REFUSED].most,
               mf_dist_quantile(&dist[MF_METRIC_UNANSWERED], 0.99), dist[MF_METRIC_UNANSWERED].most);
    }
}

/* One day's hours of a row of blocks; where the next day's begin. */
static const char *say_day(const char *spark)
{
    const char *end = spark;

    for (unsigned hour = 0; hour < 24; hour++)
        end += *end == ' ' ? 1 : 3;
    printf("  %.*s", (int)(end - spark), spark);
    return end;
}

static void say_hours(const struct mf_history *history)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    uint64_t prompts[7 * 24], negative[7 * 24];
    char asked[7 * 24 * 3 + 1], refused[7 * 24 * 3 + 1];
    const char *a = asked, *r = refused;

    for (unsigned i = 0; i < 7 * 24; i++) {
        prompts[i] = history->prompts[i / 24][i % 24];
        negative[i] = history->negative[i / 24][i % 24];
    }
    mf_spark(prompts, 7 * 24, asked);
    mf_spark(negative, 7 * 24, refused);
    say_title("By hour, UTC");
    printf("     %-24s  refused, failed or unanswered\n", "prompts");
    printf("     0     6     12    18      0     6     12    18\n");
    for (unsigned day = 0; day < 7; day++) {
        fputs(days[day], stdout);
        a = say_day(a);
        r = say_day(r);
        putchar('\n');
    }
}

/* ---- what is told now ---- */

static void say_rate(const struct mf_tuning *tuning, const char *what, uint64_t n)
{
    double days = mf_history_days(&tuning->history);
    double users = tuning->history.n_users == 0 ? 1 : (double)tuning->history.n_users;
    char count[MF_COUNT_TEXT];

    printf("%-26s %9s %10.2f %14.3f\n", what, mf_console_count(n, count), (double)n / days,
           (double)n / days / users * 1000);
}

static void say_result(const struct mf_tuning *tuning, const struct mf_whatif_result *result)
{
    printf("%-26s %9s %10s %14s\n", "", "in all", "a day", "of 1,000 users");
    say_rate(tuning, "notices (runs)", result->notices);
    if (tuning->policy.alert_level == MF_NOTICE)
        say_rate(tuning, "incidents, notice", result->incidents[MF_NOTICE]);
    say_rate(tuning, "incidents, suspicious", result->incidents[MF_SUSPICIOUS]);
    say_rate(tuning, "incidents, anomalous", result->incidents[MF_ANOMALOUS]);
    say_rate(tuning, "  of these, critical", result->critical);
    if (tuning->labels.n > 0)
        printf("%-26s %9llu of %zu, and %llu incidents that are none\n", "known attacks found",
               (unsigned long long)result->found, tuning->labels.n, (unsigned long long)result->false_incidents);
}

static void say_top(const struct mf_tuning *tuning, const struct mf_whatif_result *result)
{
    uint64_t all = mf_whatif_incidents(result);

    for (unsigned i = 0; i < result->n_top && result->top[0].incidents > 1; i++) {
        const char *login = tuning->history.user[result->top[i].user].login;

        fputs(i == 0 ? "most: " : ", ", stdout);
        mf_console_text(stdout, login, strlen(login));
        printf(" %llu", (unsigned long long)result->top[i].incidents);
    }
    if (result->n_top > 0 && result->top[0].incidents > 1)
        putchar('\n');
    if (result->n_top > 0 && all >= 5 && result->top[0].incidents * 10 >= all * 3)
        printf("One user has %llu of %llu incidents. If that is a service account or a scanner, people.ignore is the "
               "place "
               "for it.\n",
               (unsigned long long)result->top[0].incidents, (unsigned long long)all);
}

/* ---- one setting tried ---- */

static void say_columns(const char *value)
{
    printf("%-25s %10s %8s %10s  %10s %10s %9s %10s %14s\n", "", value, "notices", "incidents", "suspicious",
           "anomalous", "critical", "a day", "of 1,000 users");
}

static void say_counts(const struct mf_tuning *tuning, const struct mf_whatif_result *result, bool at_least)
{
    uint64_t incidents = mf_whatif_incidents(result);

    printf("%8llu %10llu%c %10llu %10llu %9llu %10.2f %14.3f", (unsigned long long)result->notices,
           (unsigned long long)incidents, at_least ? '+' : ' ', (unsigned long long)result->incidents[MF_SUSPICIOUS],
           (unsigned long long)result->incidents[MF_ANOMALOUS], (unsigned long long)result->critical,
           (double)incidents / mf_history_days(&tuning->history), mf_incident_rate(&tuning->history, result));
}

/* Known attacks that would be found, and who would have most incidents, when several. */
static void say_beside(const struct mf_tuning *tuning, const struct mf_whatif_result *result)
{
    if (tuning->labels.n > 0)
        printf("  %llu of %zu found", (unsigned long long)result->found, tuning->labels.n);
    if (result->n_top == 0 || result->top[0].incidents < 2)
        return;
    const char *login = tuning->history.user[result->top[0].user].login;

    printf("  %llu are of ", (unsigned long long)result->top[0].incidents);
    mf_console_text(stdout, login, strlen(login));
}

/* ---- thresholds ---- */

static void say_curve(const struct mf_tuning *tuning, unsigned signal)
{
    const struct mf_whatif_result *curve = tuning->curve[signal];
    uint64_t bars[MF_TUNE_FACTORS];
    char spark[MF_TUNE_FACTORS * 3 + 1];
    unsigned threshold = mf_tune_threshold(&tuning->policy, signal, 1);

    printf("%-24s", mf_signals[signal]->name);
    if (threshold > 0)
        printf(" %4u  ", threshold);
    else
        printf("%7s", "");
    for (unsigned f = 0; f < MF_TUNE_FACTORS; f++) {
        double factor = mf_tune_factors[f];

        bars[f] = mf_whatif_incidents(&curve[f]) + 1;
        if (threshold == 0 && factor > 0 && (factor < 1 || factor > 1))
            printf("%7s", "");
        else
            printf("%s%7llu%s", factor == 1 ? mf_console_style(stdout, MF_BOLD) : "",
                   (unsigned long long)mf_whatif_incidents(&curve[f]),
                   factor == 1 ? mf_console_style(stdout, MF_PLAIN) : "");
    }
    mf_spark(bars, MF_TUNE_FACTORS, spark);
    printf("  %s\n", threshold > 0 ? spark : "");
}

static bool is_same(const struct mf_whatif_result *a, const struct mf_whatif_result *b)
{
    return a->notices == b->notices && a->critical == b->critical &&
           memcmp(a->incidents, b->incidents, sizeof a->incidents) == 0;
}

static const struct mf_whatif_result *as_it_is(const struct mf_tuning *tuning, unsigned signal)
{
    unsigned f = 0;

    while (mf_tune_factors[f] < 1 || mf_tune_factors[f] > 1)
        f++;
    return &tuning->curve[signal][f];
}

static void say_trial(const struct mf_tuning *tuning, unsigned signal, unsigned f, bool first)
{
    char factor[32] = "off";

    if (mf_tune_factors[f] > 0)
        snprintf(factor, sizeof factor, "x%.10g", mf_tune_factors[f]);
    printf("%-25s %10s ", first ? mf_signals[signal]->name : "", factor);
    say_counts(tuning, &tuning->curve[signal][f], false);
    say_beside(tuning, &tuning->curve[signal][f]);
    putchar('\n');
}

/* Each signal and factor with which something would be otherwise. */
static void say_differences(const struct mf_tuning *tuning)
{
    bool any = false;

    for (unsigned s = 0; s < mf_n_signals; s++) {
        bool first = true;

        for (unsigned f = 0; tuning->policy.signal[s].enabled && f < MF_TUNE_FACTORS; f++) {
            bool off = mf_tune_factors[f] <= 0;

            if (is_same(&tuning->curve[s][f], as_it_is(tuning, s)) ||
                (!off && mf_tune_threshold(&tuning->policy, s, 1) == 0))
                continue;
            if (!any) {
                say_title("What of it would be otherwise");
                say_columns("times");
            }
            say_trial(tuning, s, f, first);
            first = false;
            any = true;
        }
    }
}

static void say_curves(const struct mf_tuning *tuning)
{
    say_title("Incidents, were the thresholds of one signal other ones");
    printf("%-24s %5s  ", "", "first");
    for (unsigned f = 0; f < MF_TUNE_FACTORS; f++)
        if (mf_tune_factors[f] > 0)
            printf("  x%-4.10g", mf_tune_factors[f]);
    printf("    off\n");
    for (unsigned s = 0; s < mf_n_signals; s++)
        if (tuning->policy.signal[s].enabled)
            say_curve(tuning, s);
    say_differences(tuning);
}

/* ---- levels ---- */

static void say_level(const struct mf_tuning *tuning, const struct mf_level_trial *trial, bool first)
{
    printf("%-25s %s", first ? trial->setting : "", trial->now ? mf_console_style(stdout, MF_BOLD) : "");
    if (mf_level_trial_is_named(trial))
        printf("%10s", mf_level_name((enum mf_level)trial->value));
    else
        printf("%10u", trial->value);
    putchar(trial->now ? '*' : ' ');
    say_counts(tuning, &trial->result, trial->at_least);
    say_beside(tuning, &trial->result);
    puts(trial->now ? mf_console_style(stdout, MF_PLAIN) : "");
}

static void say_levels(const struct mf_tuning *tuning)
{
    say_title("Incidents, were a level of the verdict reached from another score on, or the alert level another one");
    say_columns("from");
    for (unsigned i = 0; i < tuning->n_levels; i++)
        say_level(tuning, &tuning->level[i], i == 0 || tuning->level[i].setting != tuning->level[i - 1].setting);
    puts("* as the policy is; + and more: what is suspicious, or in an open incident, is not learned from; a replay "
         "says how many.");
}

/* ---- the proposal ---- */

static void say_changes(const struct mf_tuning *tuning)
{
    const struct mf_proposal *proposal = &tuning->proposal;
    char text[512];

    for (unsigned i = 0; i < proposal->n; i++) {
        printf("  %s: %s\n", mf_signals[proposal->change[i].signal]->name, proposal->change[i].reason);
        mf_change_text(&tuning->policy, proposal->change[i].signal, 1, text, sizeof text);
        printf("    now  %s\n", text);
        mf_change_text(&tuning->policy, proposal->change[i].signal, proposal->change[i].factor, text, sizeof text);
        printf("    then %s\n", text);
    }
    printf("\n{\"signals\": {");
    for (unsigned i = 0; i < proposal->n; i++) {
        mf_change_text(&tuning->policy, proposal->change[i].signal, proposal->change[i].factor, text, sizeof text);
        printf("%s\n  \"%s\": {%s}", i == 0 ? "" : ",", mf_signals[proposal->change[i].signal]->name, text);
    }
    printf("\n}}\n\n");
}

static void say_proposal(const struct mf_tuning *tuning)
{
    const struct mf_proposal *proposal = &tuning->proposal;
    double rate = mf_incident_rate(&tuning->history, &proposal->before);

    say_title("Proposed");
    printf("At most %.10g incident%s a day of 1,000 users (--budget); now it is %.3f.\n", tuning->budget,
           tuning->budget <= 1 ? "" : "s", rate);
    if (proposal->n == 0) {
        printf("%s\n", proposal->within ? "Nothing needs to be changed." : "No threshold alone takes it there.");
        return;
    }
    say_changes(tuning);
    say_result(tuning, tuning->replayed ? &tuning->exact : &proposal->after);
    if (tuning->replayed)
        puts("as a whole replay under this policy tells it");
    if (!proposal->within)
        puts("More than that no threshold takes away without losing what must be found: look at the users above.");
}

void mf_tune_say(const struct mf_tuning *tuning)
{
    say_head(tuning);
    say_populations(&tuning->history);
    say_hours(&tuning->history);
    say_title("As the policy is");
    say_result(tuning, &tuning->proposal.before);
    say_top(tuning, &tuning->proposal.before);
    say_curves(tuning);
    say_levels(tuning);
    say_proposal(tuning);
}
