/* tool/tune.c
 *
 * mfatigue tune: how often people are asked, what other thresholds would have told, and which to change. */

#include <string.h>

#include "command.h"
#include "pass.h"
#include "tune_text.h"

struct job {
    struct mf_pass pass;
    struct mf_tuning tuning;
};

static void take_judged(void *context, const struct mf_judged *judged)
{
    mf_history_take(context, judged);
}

/* ---- counting ---- */

static void count_curves(struct mf_tuning *tuning)
{
    struct mf_whatif whatif;

    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < MF_TUNE_FACTORS && tuning->policy.signal[s].enabled; f++) {
            mf_whatif_init(&whatif, &tuning->policy);
            whatif.factor[s] = mf_tune_factors[f];
            mf_whatif_count(&tuning->history, &whatif, &tuning->labels, &tuning->curve[s][f]);
        }
}

static int pass_once(struct mf_pass *pass, const struct mf_arguments *arguments, struct mf_history *history)
{
    const struct mf_sink sink = {.judged = take_judged, .context = history, .explain = true};
    int code = mf_pass_judge(pass, arguments, &sink);

    mf_history_finish(history);
    if (code == MF_EXIT_OK && history->no_memory)
        code = mf_complain(MF_EXIT_IO, "not enough memory for so many users");
    return code;
}

static bool can_read_again(const struct mf_arguments *arguments)
{
    for (size_t i = 0; i < arguments->n_files; i++)
        if (strcmp(arguments->files[i], "-") == 0)
            return false;
    return true;
}

/* What the proposal would do, told by the engine itself. */
static int replay_proposal(struct mf_tuning *tuning, const struct mf_arguments *arguments)
{
    static struct mf_pass pass;
    static struct mf_policy policy;
    static struct mf_history history;
    struct mf_whatif whatif;
    int code;

    policy = tuning->policy;
    mf_proposal_apply(&tuning->proposal, &policy);
    code = mf_pass_try(&pass, arguments, &policy);
    if (code == MF_EXIT_OK) {
        mf_history_begin(&history, &policy);
        code = pass_once(&pass, arguments, &history);
        mf_whatif_init(&whatif, &policy);
        mf_whatif_count(&history, &whatif, &tuning->labels, &tuning->exact);
        tuning->replayed = code == MF_EXIT_OK;
        mf_history_fini(&history);
    }
    mf_pass_close(&pass);
    return code;
}

/* ---- JSON: an object a line, each with its `type` ---- */

static void write_dist(struct mf_output *output, const char *name, const struct mf_dist *dist)
{
    mf_json_begin(output, name);
    mf_json_count(output, "p50", mf_dist_quantile(dist, 0.5));
    mf_json_count(output, "p95", mf_dist_quantile(dist, 0.95));
    mf_json_count(output, "p99", mf_dist_quantile(dist, 0.99));
    mf_json_count(output, "p999", mf_dist_quantile(dist, 0.999));
    mf_json_count(output, "max", dist->most);
    mf_json_count(output, "sum", dist->sum);
    mf_json_end(output, name);
}

static void write_populations(struct mf_output *output, const struct mf_history *history)
{
    for (unsigned i = 0; i < history->n_populations; i++) {
        const struct mf_crowd *population = &history->population[i];

        if (population->dist[0].n == 0)
            continue;
        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "population");
        mf_json_text(output, "of", population->kind);
        mf_json_text(output, "name", population->name);
        mf_json_count(output, "user_days", population->dist[0].n);
        for (unsigned m = 0; m < MF_METRICS; m++)
            write_dist(output, mf_metric_names[m], &population->dist[m]);
        mf_json_end(output, NULL);
    }
}

static void write_hours(struct mf_output *output, const struct mf_history *history)
{
    for (unsigned i = 0; i < 7 * 24; i++) {
        if (history->prompts[i / 24][i % 24] + history->negative[i / 24][i % 24] == 0)
            continue;
        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "hour");
        mf_json_count(output, "weekday", i / 24);
        mf_json_count(output, "hour", i % 24);
        mf_json_count(output, "prompts", history->prompts[i / 24][i % 24]);
        mf_json_count(output, "negative", history->negative[i / 24][i % 24]);
        mf_json_end(output, NULL);
    }
}

static void write_result(struct mf_output *output, const struct mf_tuning *tuning,
                         const struct mf_whatif_result *result)
{
    double days = mf_history_days(&tuning->history);

    mf_json_count(output, "notices", result->notices);
    mf_json_count(output, "suspicious", result->incidents[MF_SUSPICIOUS]);
    mf_json_count(output, "anomalous", result->incidents[MF_ANOMALOUS]);
    mf_json_count(output, "critical", result->critical);
    mf_json_count(output, "incidents", mf_whatif_incidents(result));
    mf_json_degrees(output, "incidents_per_day", (double)mf_whatif_incidents(result) / days);
    mf_json_degrees(output, "incidents_per_day_of_1000_users", mf_incident_rate(&tuning->history, result));
    if (tuning->labels.n > 0) {
        mf_json_count(output, "known", tuning->labels.n);
        mf_json_count(output, "found", result->found);
        mf_json_degrees(output, "recall", (double)result->found / (double)tuning->labels.n);
        mf_json_count(output, "false_incidents", result->false_incidents);
    }
}

static void write_users(struct mf_output *output, const struct mf_tuning *tuning, const struct mf_whatif_result *result)
{
    mf_json_array_begin(output, "most_of");
    for (unsigned i = 0; i < result->n_top; i++)
        mf_json_array_slice(output, mf_slice_of(tuning->history.user[result->top[i].user].login));
    mf_json_array_end(output);
}

static void write_thresholds(struct mf_output *output, const struct mf_tuning *tuning)
{
    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < MF_TUNE_FACTORS && tuning->policy.signal[s].enabled; f++) {
            double factor = mf_tune_factors[f];
            unsigned threshold = mf_tune_threshold(&tuning->policy, s, factor > 0 ? factor : 1);

            if (threshold == 0 && factor > 0 && (factor < 1 || factor > 1))
                continue;
            mf_json_begin(output, NULL);
            mf_json_text(output, "type", "threshold");
            mf_json_text(output, "signal", mf_signals[s]->name);
            mf_json_degrees(output, "factor", factor);
            if (threshold > 0 && factor > 0)
                mf_json_count(output, "first", threshold);
            write_result(output, tuning, &tuning->curve[s][f]);
            write_users(output, tuning, &tuning->curve[s][f]);
            mf_json_end(output, NULL);
        }
}

static void write_changes(struct mf_output *output, const struct mf_tuning *tuning)
{
    char text[512];

    for (unsigned i = 0; i < tuning->proposal.n; i++) {
        const struct mf_change *change = &tuning->proposal.change[i];

        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "change");
        mf_json_text(output, "signal", mf_signals[change->signal]->name);
        mf_json_degrees(output, "factor", change->factor);
        mf_change_text(&tuning->policy, change->signal, 1, text, sizeof text);
        mf_json_text(output, "now", text);
        mf_change_text(&tuning->policy, change->signal, change->factor, text, sizeof text);
        mf_json_text(output, "then", text);
        mf_json_text(output, "reason", change->reason);
        mf_json_end(output, NULL);
    }
}

static void write_results(struct mf_output *output, const struct mf_tuning *tuning)
{
    const struct mf_proposal *proposal = &tuning->proposal;

    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "now");
    write_result(output, tuning, &proposal->before);
    write_users(output, tuning, &proposal->before);
    mf_json_end(output, NULL);
    write_changes(output, tuning);
    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "proposal");
    mf_json_count(output, "changes", proposal->n);
    mf_json_degrees(output, "budget", tuning->budget);
    mf_json_bool(output, "within", proposal->within);
    mf_json_bool(output, "replayed", tuning->replayed);
    write_result(output, tuning, tuning->replayed ? &tuning->exact : &proposal->after);
    mf_json_end(output, NULL);
}

static void write_all(struct mf_output *output, const struct mf_tuning *tuning)
{
    const struct mf_history *history = &tuning->history;

    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "history");
    mf_json_count(output, "records", tuning->records);
    mf_json_count(output, "events", history->events);
    mf_json_count(output, "users", history->n_users);
    mf_json_time(output, "first", history->first);
    mf_json_time(output, "last", history->last);
    mf_json_degrees(output, "days", mf_history_days(history));
    mf_json_count(output, "users_left_out", history->users_left_out);
    mf_json_count(output, "runs_left_out", history->runs_left_out);
    mf_json_end(output, NULL);
    write_populations(output, history);
    write_hours(output, history);
    write_thresholds(output, tuning);
    write_results(output, tuning);
}

/* ---- the run ---- */

static int tune(struct job *job, const struct mf_arguments *arguments)
{
    struct mf_tuning *tuning = &job->tuning;
    bool json = arguments->format != NULL && strcmp(arguments->format, "human") != 0;
    int code, finished;

    tuning->policy = *mf_engine_policy(job->pass.engine);
    mf_history_begin(&tuning->history, &tuning->policy);
    code = pass_once(&job->pass, arguments, &tuning->history);
    tuning->records = job->pass.records;
    if (code == MF_EXIT_OK && tuning->history.events == 0)
        code = mf_complain(MF_EXIT_BAD, "tune: no record was judged");
    if (code != MF_EXIT_OK)
        return code;
    count_curves(tuning);
    mf_propose(&tuning->history, &tuning->labels, tuning->budget, &tuning->proposal);
    if (tuning->proposal.n > 0 && can_read_again(arguments))
        code = replay_proposal(tuning, arguments);
    if (code == MF_EXIT_OK && json)
        write_all(&job->pass.output, tuning);
    else if (code == MF_EXIT_OK)
        mf_tune_say(tuning);
    finished = mf_output_finish(&job->pass.output);
    return code != MF_EXIT_OK ? code : finished;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    int code = mf_flags_number(&mf_command_tune, "budget", arguments->budget, 0, 100000, 1, &job.tuning.budget);

    if (code == MF_EXIT_OK && arguments->labels != NULL &&
        mf_labels_load(&job.tuning.labels, arguments->labels, &error) != 0)
        code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    if (code == MF_EXIT_OK)
        code = mf_pass_open(&job.pass, arguments, 0);
    if (code == MF_EXIT_OK)
        code = tune(&job, arguments);
    mf_history_fini(&job.tuning.history);
    mf_labels_fini(&job.tuning.labels);
    mf_pass_close(&job.pass);
    return code;
}

static const char *const formats[] = {"human", "json", "ndjson", NULL};

static const struct mf_flag flags[] = {
    {"labels", 0, "FILE", offsetof(struct mf_arguments, labels), NULL,
     "known attacks, a JSON object a line with users, begin\nand end: what must be found"},
    {"budget", 0, "N", offsetof(struct mf_arguments, budget), NULL,
     "incidents a day of 1,000 users that may be told: 1"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    {"output", 'o', "FORMAT", offsetof(struct mf_arguments, format), formats,
     "human (the default), json or ndjson, an object a line"},
    {0},
};

const struct mf_command mf_command_tune = {
    .name = "tune",
    .summary = "what other thresholds would have told, and which to change",
    .operands = "[FILE|-]...",
    .description = "Reads history as replay does. Says how often people are asked, refuse and do not answer, by\n"
                   "group, role, country and hour; how many incidents there are under the policy, and how many\n"
                   "there would be if the thresholds of a signal were others; and proposes changes with their\n"
                   "reasons, checked by a second replay.\n",
    .flags = flags,
    .examples = "  mfatigue tune okta-march.jsonl.gz\n"
                "  mfatigue tune --budget 0.5 --labels incidents.jsonl okta-*.jsonl.gz duo-*.jsonl.gz\n"
                "  mfatigue tune -o ndjson march.jsonl.gz | jq -c 'select(.type == \"change\")'\n",
    .run = run,
};
