/* tool/report.c
 *
 * mfatigue report: a month on one page. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "coverage_json.h"
#include "pass.h"
#include "report_page.h"
#include "tune_json.h"

struct job {
    struct mf_pass pass;
    struct mf_report report;
};

static void take_judged(void *context, const struct mf_judged *judged)
{
    struct job *job = context;

    mf_history_take(&job->report.tuning.history, judged);
    mf_coverage_take(&job->report.coverage, judged);
}

static void take_alert(void *context, const struct mf_alert_text *alert)
{
    struct job *job = context;

    mf_history_alert(&job->report.tuning.history, alert);
    job->report.alerts++;
    job->report.address_incidents += alert->of_address && alert->phase == MF_PHASE_OPEN;
}

static int gather(struct job *job, const struct mf_arguments *arguments)
{
    const struct mf_sink sink = {.judged = take_judged, .alert = take_alert, .context = job, .explain = true};
    struct mf_report *report = &job->report;
    struct mf_tuning *tuning = &report->tuning;
    int code;

    tuning->policy = *mf_engine_policy(job->pass.engine);
    mf_history_begin(&tuning->history, &tuning->policy);
    tuning->history.keeps_marks = true;
    report->coverage.profiles = mf_engine_profiles(job->pass.engine);
    code = mf_pass_judge(&job->pass, arguments, &sink);
    tuning->records = report->coverage.records = job->pass.records;
    mf_history_finish(&tuning->history);
    mf_coverage_finish(&report->coverage);
    if (code != MF_EXIT_OK)
        return code;
    if (tuning->history.no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory for so many users");
    if (tuning->history.events == 0)
        return mf_complain(MF_EXIT_BAD, "report: no record was judged");
    mf_tune_count_curves(tuning);
    mf_propose(&tuning->history, &tuning->labels, tuning->budget, &tuning->proposal);
    for (unsigned f = 0; f < report->coverage.n; f++)
        for (unsigned s = 0; s < mf_n_signals; s++)
            mf_support_judge(&report->coverage, &report->coverage.feed[f], s, tuning->policy.signal[s].enabled,
                             &report->support[f][s]);
    return MF_EXIT_OK;
}

/* ---- handing out ---- */

static int write_page(const struct job *job, const char *file)
{
    bool console = strcmp(file, "-") == 0;
    FILE *out = console ? stdout : fopen(file, "we");
    int error = 0;

    if (out == NULL)
        return mf_complain(MF_EXIT_IO, "%s: %s", file, strerror(errno));
    mf_report_page(out, &job->report);
    errno = EIO;
    if (fflush(out) != 0 || ferror(out) != 0)
        error = errno;
    if (!console && fclose(out) != 0 && error == 0)
        error = errno;
    return error == 0 ? MF_EXIT_OK
                      : mf_complain(MF_EXIT_IO, "%s: %s", console ? "standard output" : file, strerror(error));
}

static void write_run(struct mf_output *output, const struct mf_report *report, const struct mf_kept_run *run)
{
    char name[MF_USER_MAX + 1];

    mf_report_name(report, run->user, name);
    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "incident");
    mf_json_text(output, "user", name);
    mf_json_time(output, "start", run->start);
    mf_json_time(output, "end", run->end);
    mf_json_text(output, "level", mf_level_name((enum mf_level)run->level));
    mf_json_text(output, "severity", mf_severity_name((enum mf_severity)run->severity));
    mf_json_count(output, "prompts", run->totals.prompts);
    mf_json_count(output, "refused", run->totals.denied);
    mf_json_count(output, "unanswered", run->totals.timeouts);
    mf_json_count(output, "failed", run->totals.failed);
    mf_json_count(output, "approved", run->totals.approved);
    mf_json_end(output, NULL);
}

/* The names of users are left out of what tune tells: numbers stand for them here as on the page. */
static void write_json(struct mf_output *output, const struct mf_report *report)
{
    const struct mf_kept_run *runs[MF_REPORT_RUNS];
    unsigned n = mf_report_runs(report, runs);

    mf_tune_write(output, &report->tuning);
    for (unsigned i = 0; i < n; i++)
        write_run(output, report, runs[i]);
    for (unsigned f = 0; f < report->coverage.n; f++) {
        struct mf_cover_feed feed = report->coverage.feed[f];

        if (!report->names && feed.tenant[0] != '\0')
            snprintf(feed.tenant, sizeof feed.tenant, "%u", f + 1);
        mf_json_feed(output, &report->coverage, &feed, report->support[f], report->coverage.last, MF_DAY);
    }
    mf_json_skips(output, &report->coverage);
}

/* Logins are needed no longer once all is counted: what takes them from here takes numbers. */
static bool redact(struct mf_history *history)
{
    for (size_t i = 0; i < history->n_users; i++) {
        char name[32];

        snprintf(name, sizeof name, "user %zu", i + 1);
        free(history->user[i].login);
        if ((history->user[i].login = strdup(name)) == NULL)
            return false;
    }
    return true;
}

static int report(struct job *job, const struct mf_arguments *arguments)
{
    int code = gather(job, arguments), finished;

    if (code != MF_EXIT_OK)
        return code;
    if (!job->report.names && !redact(&job->report.tuning.history))
        return mf_complain(MF_EXIT_IO, "not enough memory for so many users");
    if (mf_flags_json(arguments)) {
        mf_output_array(&job->pass.output, mf_flags_array(arguments));
        write_json(&job->pass.output, &job->report);
    }
    finished = mf_output_finish(&job->pass.output);
    if (finished == MF_EXIT_OK && arguments->html != NULL)
        code = write_page(job, arguments->html);
    return code != MF_EXIT_OK ? code : finished;
}

static int check_arguments(struct job *job, const struct mf_arguments *a)
{
    struct mf_error error;
    bool json = mf_flags_json(a);
    int code;

    if (a->html == NULL && !json)
        return mf_complain(MF_EXIT_USAGE, "report: --html says which file to write");
    if (a->html != NULL && strcmp(a->html, "-") == 0 && json)
        return mf_complain(MF_EXIT_USAGE, "report: the page and JSON cannot both go to standard output");
    job->report.title = a->title != NULL ? a->title : "MFA activity";
    job->report.names = a->show_names;
    code = mf_flags_number(&mf_command_report, "budget", a->budget, 0, 100000, 1, &job->report.tuning.budget);
    if (code == MF_EXIT_OK && a->labels != NULL && mf_labels_load(&job->report.tuning.labels, a->labels, &error) != 0)
        code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    return code;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    int code = check_arguments(&job, arguments);

    if (code == MF_EXIT_OK)
        code = mf_pass_open(&job.pass, arguments, 0);
    if (code == MF_EXIT_OK)
        code = report(&job, arguments);
    mf_history_fini(&job.report.tuning.history);
    mf_labels_fini(&job.report.tuning.labels);
    mf_pass_close(&job.pass);
    return code;
}

static const struct mf_flag flags[] = {
    {"html", 0, "FILE", offsetof(struct mf_arguments, html), NULL, "write the page there; \"-\" is standard output"},
    {"title", 0, "TEXT", offsetof(struct mf_arguments, title), NULL, "what stands above it"},
    {"show-names", 0, NULL, offsetof(struct mf_arguments, show_names), NULL,
     "logins, addresses and tenants as they are; without\nit, numbers stand for them"},
    {"labels", 0, "FILE", offsetof(struct mf_arguments, labels), NULL, "known attacks, as for tune"},
    {"budget", 0, "N", offsetof(struct mf_arguments, budget), NULL,
     "incidents a day of 1,000 users that may be told: 1"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("the same figures to standard output: json (an array) or\nndjson (an object a line)"),
    {0},
};

const struct mf_command mf_command_report = {
    .name = "report",
    .summary = "a month on one HTML page: incidents, thresholds, people, coverage",
    .operands = "[FILE|-]...",
    .description = "Reads history as replay does and writes one HTML file that needs nothing else: no network, no\n"
                   "script. Incidents along their time, what other thresholds would have told, how often people are\n"
                   "asked, who has most incidents, what each feed supports. It can be mailed and printed.\n",
    .flags = flags,
    .examples = "  mfatigue report --html march.html okta-march.jsonl.gz duo-march.jsonl.gz\n"
                "  mfatigue report --html march.html --show-names --title \"March 2026\" *.jsonl.gz\n"
                "  mfatigue report -o ndjson march.jsonl.gz | jq -c 'select(.type == \"now\")'\n",
    .run = run,
};
