/* tool/report_page.c
 *
 * Section by section. Whatever comes from a log goes through mf_html_text(). */

#include "report_page.h"

#include "html.h"
#include "report_chart.h"
#include "report_style.h"

void mf_report_name(const struct mf_report *report, uint32_t user, char *text)
{
    if (report->names)
        mf_slice_copy(text, MF_USER_MAX + 1, mf_slice_of(report->tuning.history.user[user].login));
    else
        snprintf(text, MF_USER_MAX + 1, "user %u", user + 1);
}

static bool is_worse(const struct mf_kept_run *a, const struct mf_kept_run *b)
{
    if (a->level != b->level)
        return a->level > b->level;
    if (a->severity != b->severity)
        return a->severity > b->severity;
    return a->start < b->start;
}

unsigned mf_report_runs(const struct mf_report *report, const struct mf_kept_run *runs[MF_REPORT_RUNS])
{
    const struct mf_history *history = &report->tuning.history;
    unsigned n = 0;

    for (size_t i = 0; i < history->n_runs; i++) {
        const struct mf_kept_run *run = &history->run[i];
        unsigned at = n;

        if (run->level < report->tuning.policy.alert_level)
            continue;
        while (at > 0 && is_worse(run, runs[at - 1]))
            at--;
        if (at == MF_REPORT_RUNS)
            continue;
        n += n < MF_REPORT_RUNS;
        memmove(&runs[at + 1], &runs[at], (n - at - 1) * sizeof runs[0]);
        runs[at] = run;
    }
    return n;
}

/* ---- head ---- */

static void write_head(FILE *out, const struct mf_report *report)
{
    mf_html(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
            "base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
            MF_REPORT_STYLE_HASH);
    mf_html_text(out, report->title);
    mf_html(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", mf_report_style);
}

static void tile(FILE *out, const char *id, const char *what, uint64_t n, const char *style)
{
    mf_html(out, "<div class=\"tile %s\"><b id=\"%s\">", style, id);
    mf_html_count(out, n);
    mf_html(out, "</b><span>%s</span></div>\n", what);
}

static unsigned count_support(const struct mf_report *report, enum mf_support support)
{
    unsigned n = 0;

    for (unsigned f = 0; f < report->coverage.n; f++)
        for (unsigned s = 0; s < mf_n_signals; s++)
            n += report->support[f][s].support == support;
    return n;
}

static void write_verdict(FILE *out, const struct mf_report *report)
{
    const struct mf_whatif_result *now = &report->tuning.proposal.before;
    double rate = mf_incident_rate(&report->tuning.history, now);
    bool loud = rate > report->tuning.budget;
    unsigned blind = count_support(report, MF_BLIND);

    mf_html(out, "<p class=\"verdict %s\" id=\"verdict\">",
            now->critical > 0   ? "bad"
            : loud || blind > 0 ? "warn"
                                : "good");
    if (now->critical > 0)
        mf_html(out, "<b>%llu incident%s ended in an approval.</b> ", (unsigned long long)now->critical,
                now->critical == 1 ? "" : "s");
    else if (mf_whatif_incidents(now) > 0)
        mf_html(out, "<b>No incident ended in an approval.</b> ");
    else
        mf_html(out, "<b>No incident.</b> ");
    mf_html(out, "There are %.3f incidents a day of 1,000 users; the budget of %.10g is %s. ", rate,
            report->tuning.budget, loud ? "exceeded" : "kept");
    if (blind > 0)
        mf_html(out, "On %u of %u pairs of feed and signal the log does not carry what the signal needs.", blind,
                report->coverage.n * mf_n_signals);
    else
        mf_html(out, "Every signal can fire on every feed.");
    mf_html(out, "</p>\n");
}

static void write_top(FILE *out, const struct mf_report *report)
{
    const struct mf_history *history = &report->tuning.history;
    const struct mf_whatif_result *now = &report->tuning.proposal.before;
    char from[MF_TIME_TEXT], to[MF_TIME_TEXT];

    mf_time_format(history->first, from);
    mf_time_format(history->last, to);
    mf_html(out, "<h1>");
    mf_html_text(out, report->title);
    mf_html(out, "</h1>\n<p class=\"dim\">%.10s to %.10s, %.1f days. All times are UTC.%s</p>\n", from, to,
            mf_history_days(history), report->names ? "" : " Logins, addresses and tenants are replaced by numbers.");
    write_verdict(out, report);
    mf_html(out, "<div class=\"tiles\">\n");
    tile(out, "n-records", "records", report->tuning.records, "");
    tile(out, "n-events", "events", history->events, "");
    tile(out, "n-users", "users", history->n_users, "");
    tile(out, "n-notices", "notices (runs)", now->notices, "");
    tile(out, "n-suspicious", "suspicious incidents", now->incidents[MF_SUSPICIOUS],
         now->incidents[MF_SUSPICIOUS] > 0 ? "warn" : "good");
    tile(out, "n-anomalous", "anomalous incidents", now->incidents[MF_ANOMALOUS],
         now->incidents[MF_ANOMALOUS] > 0 ? "bad" : "good");
    tile(out, "n-critical", "of these, critical", now->critical, now->critical > 0 ? "bad" : "good");
    tile(out, "n-addresses", "incidents of an address", report->address_incidents,
         report->address_incidents > 0 ? "warn" : "good");
    mf_html(out, "</div>\n");
}

/* ---- incidents ---- */

static void write_signals(FILE *out, const struct mf_kept_run *run)
{
    bool first = true;

    for (unsigned s = 0; s < mf_n_signals; s++)
        if (run->trace[s].points > 0) {
            mf_html(out, "%s%s", first ? "" : ", ", mf_signals[s]->name);
            first = false;
        }
}

/* What there was none of is left out. */
static void write_totals(FILE *out, const struct mf_totals *totals)
{
    const struct {
        unsigned n;
        const char *what;
    } of[] = {{totals->prompts, "asked"},
              {totals->denied, "refused"},
              {totals->timeouts, "unanswered"},
              {totals->failed, "failed"},
              {totals->approved, "approved"}};
    bool first = true;

    for (unsigned i = 0; i < sizeof of / sizeof of[0]; i++)
        if (of[i].n > 0) {
            mf_html(out, "%s%u %s", first ? "" : ", ", of[i].n, of[i].what);
            first = false;
        }
    if (!first)
        mf_html(out, ". ");
}

static void write_run(FILE *out, const struct mf_report *report, const struct mf_kept_run *run)
{
    char name[MF_USER_MAX + 1], time[MF_TIME_TEXT];

    mf_report_name(report, run->user, name);
    mf_time_format(run->start, time);
    mf_html(out, "<div class=\"strip\"><div class=\"wrap\"><span class=\"tag %s\">%s, %s</span> <b>",
            mf_severity_name((enum mf_severity)run->severity), mf_level_name((enum mf_level)run->level),
            mf_severity_name((enum mf_severity)run->severity));
    mf_html_text(out, name);
    mf_html(out, "</b> <span class=\"dim\">%.10s %.5s", time, time + 11);
    if (run->country[0] != '\0' || (report->names && run->source[0] != '\0'))
        mf_html(out, ", from ");
    mf_html_text(out, run->country);
    if (report->names) {
        mf_html(out, " ");
        mf_html_text(out, run->source);
    }
    mf_html(out, ". ");
    write_totals(out, &run->totals);
    write_signals(out, run);
    mf_html(out, "</span></div>");
    mf_chart_run(out, run);
    mf_html(out, "</div>\n");
}

static void write_incidents(FILE *out, const struct mf_report *report)
{
    enum { OPEN = 12 };
    const struct mf_kept_run *runs[MF_REPORT_RUNS];
    unsigned n = mf_report_runs(report, runs);

    mf_html(out, "<h2 id=\"incidents\">Incidents</h2>\n");
    if (n == 0) {
        mf_html(out, "<p>There was none.</p>\n");
        return;
    }
    mf_html(out, "<p>The worst first, each run along its own time.</p>\n");
    mf_chart_run_legend(out);
    for (unsigned i = 0; i < n; i++) {
        if (i == OPEN)
            mf_html(out, "<details><summary>%u more</summary>\n", n - i);
        write_run(out, report, runs[i]);
    }
    mf_html(out, "%s", n > OPEN ? "</details>\n" : "");
}

/* ---- thresholds ---- */

static bool moves(const struct mf_tuning *tuning, unsigned signal)
{
    for (unsigned f = 0; f + 1 < MF_TUNE_FACTORS; f++)
        if (mf_whatif_incidents(&tuning->curve[signal][f]) != mf_whatif_incidents(&tuning->proposal.before))
            return true;
    return false;
}

static void write_signal_curve(FILE *out, const struct mf_tuning *tuning, unsigned signal)
{
    enum { N = MF_TUNE_FACTORS - 1 }; /* the last is "off" */
    struct mf_curve_point point[N];

    for (unsigned f = 0; f < N; f++)
        point[f] = (struct mf_curve_point){
            .threshold = mf_tune_threshold(&tuning->policy, signal, mf_tune_factors[f]),
            .value = mf_whatif_incidents(&tuning->curve[signal][f]),
            .now = mf_tune_factors[f] >= 1 && mf_tune_factors[f] <= 1,
        };
    mf_html(out, "<figure><figcaption>%s</figcaption>", mf_signals[signal]->name);
    mf_chart_curve(out, mf_signals[signal]->name, "incidents", point, N);
    mf_html(out, "</figure>\n");
}

static void write_curve_table(FILE *out, const struct mf_tuning *tuning)
{
    mf_html(
        out,
        "<details open><summary>All figures</summary><div class=\"scroll\" tabindex=\"0\"><table id=\"thresholds\"><tr>"
        "<th>signal</th><th class=\"n\">first step</th>");
    for (unsigned f = 0; f < MF_TUNE_FACTORS; f++)
        if (mf_tune_factors[f] > 0)
            mf_html(out, "<th class=\"n\">&times; %.10g</th>", mf_tune_factors[f]);
        else
            mf_html(out, "<th class=\"n\">off</th>");
    mf_html(out, "</tr>\n");
    for (unsigned s = 0; s < mf_n_signals; s++) {
        unsigned threshold = mf_tune_threshold(&tuning->policy, s, 1);

        if (!tuning->policy.signal[s].enabled)
            continue;
        mf_html(out, "<tr><td>%s</td><td class=\"n\">", mf_signals[s]->name);
        if (threshold > 0)
            mf_html(out, "%u", threshold);
        mf_html(out, "</td>");
        for (unsigned f = 0; f < MF_TUNE_FACTORS; f++) {
            bool shown =
                threshold > 0 || mf_tune_factors[f] <= 0 || (mf_tune_factors[f] >= 1 && mf_tune_factors[f] <= 1);

            mf_html(out, "<td class=\"n\">");
            if (shown)
                mf_html(out, "%llu", (unsigned long long)mf_whatif_incidents(&tuning->curve[s][f]));
            mf_html(out, "</td>");
        }
        mf_html(out, "</tr>\n");
    }
    mf_html(out, "</table></div></details>\n");
}

static void write_thresholds(FILE *out, const struct mf_report *report)
{
    const struct mf_tuning *tuning = &report->tuning;
    unsigned shown = 0;

    mf_html(out, "<h2 id=\"what-if\">What other thresholds would have told</h2>\n"
                 "<p>Incidents in these days, were the thresholds of one signal half, three quarters, 1.25, 1.5, 2 or "
                 "3 times what "
                 "they are. Below each point stands the first of them; the ring is the policy as it is.</p>\n<div "
                 "class=\"grid\">\n");
    for (unsigned s = 0; s < mf_n_signals; s++) {
        if (!tuning->policy.signal[s].enabled || mf_tune_threshold(&tuning->policy, s, 1) == 0 || !moves(tuning, s))
            continue;
        write_signal_curve(out, tuning, s);
        shown++;
    }
    mf_html(out, "</div>\n%s", shown == 0 ? "<p>No threshold makes a difference.</p>\n" : "");
    write_curve_table(out, tuning);
}

/* One setting's, from `first` on; the index of the next setting. */
static unsigned write_level_curve(FILE *out, const struct mf_tuning *tuning, unsigned first)
{
    struct mf_curve_point point[MF_TUNE_POINTS];
    const struct mf_level_trial *trial = tuning->level + first;
    const char *what = "";
    unsigned n = 0;

    for (; first + n < tuning->n_levels && n < MF_TUNE_POINTS && trial[n].setting == trial->setting; n++)
        point[n] = (struct mf_curve_point){trial[n].value, mf_level_trial_moved(&trial[n], &what), trial[n].now};
    if (n > 1 && !mf_level_trial_is_named(trial)) {
        mf_html(out, "<figure><figcaption>%s: %s</figcaption>", trial->setting, what);
        mf_chart_curve(out, trial->setting, what, point, n);
        mf_html(out, "</figure>\n");
    }
    return first + n;
}

static void write_level_row(FILE *out, const struct mf_tuning *tuning, const struct mf_level_trial *trial)
{
    const struct mf_whatif_result *result = &trial->result;
    const uint64_t incidents = mf_whatif_incidents(result);
    const uint64_t rest[] = {result->incidents[MF_SUSPICIOUS], result->incidents[MF_ANOMALOUS], result->critical};

    mf_html(out, "<tr><td>%s</td><td class=\"n\">%s", trial->setting, trial->now ? "<b>" : "");
    if (mf_level_trial_is_named(trial))
        mf_html(out, "%s", mf_level_name((enum mf_level)trial->value));
    else
        mf_html(out, "%u", trial->value);
    mf_html(out, "%s</td><td class=\"n\">%llu</td><td class=\"n\">%llu%s</td>", trial->now ? "</b>" : "",
            (unsigned long long)result->notices, (unsigned long long)incidents, trial->at_least ? "+" : "");
    for (unsigned i = 0; i < sizeof rest / sizeof rest[0]; i++)
        mf_html(out, "<td class=\"n\">%llu</td>", (unsigned long long)rest[i]);
    mf_html(out, "<td class=\"n\">%.2f</td><td class=\"n\">%.3f</td></tr>\n",
            (double)incidents / mf_history_days(&tuning->history), mf_incident_rate(&tuning->history, result));
}

static void write_levels(FILE *out, const struct mf_report *report)
{
    const struct mf_tuning *tuning = &report->tuning;

    mf_html(out, "<h3>Levels from another score on</h3>\n<p>Incidents and notices, were a level of the verdict reached "
                 "from another score on, or the alert level another one. The policy as it is stands out.</p>\n<div "
                 "class=\"grid\">\n");
    for (unsigned i = 0; i < tuning->n_levels;)
        i = write_level_curve(out, tuning, i);
    mf_html(out, "</div>\n<div class=\"scroll\" tabindex=\"0\"><table id=\"levels\"><tr><th>setting</th><th "
                 "class=\"n\">from</th><th class=\"n\">notices</th><th class=\"n\">incidents</th><th "
                 "class=\"n\">suspicious</th><th class=\"n\">anomalous</th><th class=\"n\">critical</th><th "
                 "class=\"n\">a day</th><th "
                 "class=\"n\">of 1,000 users</th></tr>\n");
    for (unsigned i = 0; i < tuning->n_levels; i++)
        write_level_row(out, tuning, &tuning->level[i]);
    mf_html(out, "</table></div>\n<p class=\"dim\">+: and more. What is suspicious, or in an open incident, is not "
                 "learned from; a replay says how many.</p>\n");
}

static void write_proposal(FILE *out, const struct mf_report *report)
{
    const struct mf_proposal *proposal = &report->tuning.proposal;
    char text[512];

    if (proposal->n == 0)
        return;
    mf_html(out, "<h3>Proposed</h3>\n<div class=\"scroll\" tabindex=\"0\"><table "
                 "id=\"proposal\"><tr><th>signal</th><th>then</th><th>why</th></tr>\n");
    for (unsigned i = 0; i < proposal->n; i++) {
        mf_change_text(&report->tuning.policy, proposal->change[i].signal, proposal->change[i].factor, text,
                       sizeof text);
        mf_html(out, "<tr><td>%s</td><td><code>", mf_signals[proposal->change[i].signal]->name);
        mf_html_text(out, text);
        mf_html(out, "</code></td><td>");
        mf_html_text(out, proposal->change[i].reason);
        mf_html(out, "</td></tr>\n");
    }
    mf_html(out,
            "</table></div>\n<p class=\"dim\">mfatigue tune holds a proposal against the whole history again.</p>\n");
}

/* ---- people ---- */

static void write_dist_row(FILE *out, const struct mf_crowd *crowd)
{
    mf_html(out, "<tr><td>%s ", crowd->kind);
    mf_html_text(out, crowd->name);
    mf_html(out, "</td><td class=\"n\">");
    mf_html_count(out, crowd->dist[0].n);
    mf_html(out, "</td>");
    for (unsigned m = 0; m < MF_METRICS; m++)
        mf_html(out, "<td class=\"n\">%u</td><td class=\"n\">%u</td><td class=\"n\">%u</td><td class=\"n\">%u</td>",
                mf_dist_quantile(&crowd->dist[m], 0.5), mf_dist_quantile(&crowd->dist[m], 0.95),
                mf_dist_quantile(&crowd->dist[m], 0.99), crowd->dist[m].most);
    mf_html(out, "</tr>\n");
}

static void write_people(FILE *out, const struct mf_report *report)
{
    const struct mf_history *history = &report->tuning.history;

    mf_html(out,
            "<h2 id=\"people\">How often people are asked</h2>\n<p>Days of a user on which there was anything, by the "
            "number of "
            "prompts. Heights are logarithmic, figures are not.</p>\n<figure><div class=\"scroll\" tabindex=\"0\">");
    mf_chart_dist(out, &history->population[0].dist[MF_METRIC_PROMPTS]);
    mf_html(out, "</div></figure>\n<div class=\"scroll\" tabindex=\"0\"><table id=\"populations\"><tr><th></th><th "
                 "class=\"n\">days</th>");
    for (unsigned m = 0; m < MF_METRICS; m++)
        mf_html(out,
                "<th class=\"n\">%s: half</th><th class=\"n\">95&nbsp;%%</th><th class=\"n\">99&nbsp;%%</th><th "
                "class=\"n\">most</th>",
                mf_metric_names[m]);
    mf_html(out, "</tr>\n");
    for (unsigned i = 0; i < history->n_populations && i < 60; i++)
        if (history->population[i].dist[0].n > 0)
            write_dist_row(out, &history->population[i]);
    mf_html(out, "</table></div>\n<h3>By weekday and hour</h3>\n<figure>");
    mf_chart_hours(out, history);
    mf_html(out, "</figure>\n");
}

static void write_noisy(FILE *out, const struct mf_report *report)
{
    const struct mf_whatif_result *now = &report->tuning.proposal.before;
    uint64_t all = mf_whatif_incidents(now);
    char name[MF_USER_MAX + 1];

    mf_html(out, "<h2 id=\"noisy\">Users with most incidents</h2>\n");
    if (now->n_top == 0) {
        mf_html(out, "<p>Nobody has any.</p>\n");
        return;
    }
    mf_html(out, "<div class=\"scroll\" tabindex=\"0\"><table><tr><th>user</th><th class=\"n\">incidents</th><th "
                 "class=\"n\">of all</th>"
                 "<th class=\"n\">prompts</th><th class=\"n\">refused</th><th class=\"n\">unanswered</th></tr>\n");
    for (unsigned i = 0; i < now->n_top; i++) {
        const struct mf_history_user *user = &report->tuning.history.user[now->top[i].user];

        mf_report_name(report, now->top[i].user, name);
        mf_html(out, "<tr><td class=\"wrap\">");
        mf_html_text(out, name);
        mf_html(out, "</td><td class=\"n\">%llu</td><td class=\"n\">%.0f&nbsp;%%</td>",
                (unsigned long long)now->top[i].incidents, 100.0 * (double)now->top[i].incidents / (double)all);
        for (unsigned m = 0; m < MF_METRICS; m++)
            mf_html(out, "<td class=\"n\">%u</td>", user->all[m]);
        mf_html(out, "</tr>\n");
    }
    mf_html(out, "</table></div>\n<p class=\"dim\">A service account or a scanner belongs on the ignore list "
                 "(people.ignore).</p>\n");
}

/* ---- coverage ---- */

static void write_feed_name(FILE *out, const struct mf_report *report, unsigned feed)
{
    mf_html_text(out, report->coverage.feed[feed].idp);
    if (report->coverage.feed[feed].tenant[0] == '\0')
        return;
    mf_html(out, " ");
    if (report->names)
        mf_html_text(out, report->coverage.feed[feed].tenant);
    else
        mf_html(out, "%u", feed + 1);
}

static bool is_told(const struct mf_signal_support *support, unsigned signal, unsigned upto, const char *what)
{
    for (unsigned s = 0; s <= signal; s++)
        for (unsigned i = 0; i < (s == signal ? upto : support[s].n); i++)
            if (support[s].lack[i].what == what)
                return true;
    return false;
}

static void write_lacks(FILE *out, const struct mf_report *report, unsigned feed)
{
    const struct mf_signal_support *support = report->support[feed];

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned i = 0; i < support[s].n; i++) {
            const struct mf_lack *lack = &support[s].lack[i];

            if (is_told(support, s, i, lack->what))
                continue;
            mf_html(out, "<tr><td>");
            write_feed_name(out, report, feed);
            mf_html(out, "</td><td>%s</td><td>", lack->meaning);
            mf_html_slice(out, lack->why);
            mf_html(out, "</td><td>");
            mf_html_slice(out, lack->how);
            mf_html(out, "</td></tr>\n");
        }
}

static void write_coverage(FILE *out, const struct mf_report *report)
{
    mf_html(out, "<h2 id=\"coverage\">What the feeds support</h2>\n<div class=\"scroll\" tabindex=\"0\"><table "
                 "id=\"matrix\"><tr><th>signal</th>");
    for (unsigned f = 0; f < report->coverage.n; f++) {
        mf_html(out, "<th>");
        write_feed_name(out, report, f);
        mf_html(out, "</th>");
    }
    mf_html(out, "</tr>\n");
    for (unsigned s = 0; s < mf_n_signals; s++) {
        mf_html(out, "<tr><td>%s</td>", mf_signals[s]->name);
        for (unsigned f = 0; f < report->coverage.n; f++) {
            const char *name = mf_support_name(report->support[f][s].support);

            mf_html(out, "<td><span class=\"tag %s\">%s</span></td>", name, name);
        }
        mf_html(out, "</tr>\n");
    }
    mf_html(out, "</table></div>\n<h3>What is missing</h3>\n<div class=\"scroll\" tabindex=\"0\"><table "
                 "id=\"missing\"><tr><th>feed</th><th>what</th>"
                 "<th>why</th><th>what to do</th></tr>\n");
    for (unsigned f = 0; f < report->coverage.n; f++)
        write_lacks(out, report, f);
    mf_html(out, "</table></div>\n");
}

void mf_report_page(FILE *out, const struct mf_report *report)
{
    write_head(out, report);
    write_top(out, report);
    write_incidents(out, report);
    write_thresholds(out, report);
    write_levels(out, report);
    write_proposal(out, report);
    write_people(out, report);
    write_noisy(out, report);
    write_coverage(out, report);
    mf_html(
        out,
        "<footer>mfatigue %s, policy %.12s. Attempts at multi-factor authentication: MITRE ATT&amp;CK T1621, analytic "
        "AN0449.</footer>\n</body>\n</html>\n",
        MF_VERSION, report->tuning.policy.sha256);
}
