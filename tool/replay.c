/* tool/replay.c
 *
 * mfatigue replay: logs of the past through the engine of the module; the alerts that it would have submitted. */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "input.h"
#include "output.h"

static const char help[] = "usage: mfatigue replay [OPTION]... [FILE|-]...\n\n"
                           "Judges log lines (plain or .gz; standard input without a file) and writes the alerts, byte "
                           "for byte what the module\n"
                           "would submit. Several files merge by event time. A summary goes to standard error.\n\n"
                           "  --policy FILE        the policy; without it the compiled-in defaults\n"
                           "  --profile-dir DIR    where the profiles are\n"
                           "  --verdicts           also one JSON line for each judged event\n"
                           "  --fail-on LEVEL      exit 1 when a verdict reached notice, suspicious or anomalous\n"
                           "  --stats              the summary as one JSON object\n"
                           "  --host NAME          observer.name of the alerts\n"
                           "  --ingest-time TIME   event.created of the alerts (RFC 3339); \"event\" (the default) "
                           "means the event's own time\n"
                           "  --color WHEN         auto, always or never\n\n"
                           "examples:\n"
                           "  mfatigue replay yesterday.jsonl.gz | jq .\n"
                           "  mfatigue replay --policy trial.json --stats okta.jsonl duo.jsonl > alerts.jsonl\n"
                           "  mfatigue replay --fail-on anomalous --verdicts incident.jsonl\n";

/* One input and the line at its head. Only with several inputs is the head's time looked at. */
struct source {
    struct mf_input input;
    struct mf_line line;
    mf_time time; /* of the head; of the line before when it has none */
    bool open;
};

struct job {
    struct mf_output output;
    struct mf_engine *engine;
    struct mf_worker *worker;
    struct source *source;
    int n_sources;
    bool verdicts, stats;
    int fail_on;      /* enum mf_level, 0 = never */
    const char *file; /* of the line in hand, NULL with one input */
    uint64_t record;  /* its number */
    uint64_t records, levels[4], alerts[4];
};

/* ---- reading in the order of time ---- */

static void take_time(void *context, const struct mf_reading *reading)
{
    mf_time *time = context;

    if (reading->event != NULL && (*time == MF_TIME_NONE || reading->event->time < *time))
        *time = reading->event->time;
}

/* False at the end of this input. */
static bool next_line(struct job *job, struct source *source, int *code, struct mf_error *error)
{
    mf_time time = MF_TIME_NONE;

    if (!mf_input_line(&source->input, &source->line, code, error)) {
        mf_input_close(&source->input);
        source->open = false;
        return false;
    }
    if (job->n_sources == 1)
        return true;
    mf_engine_read(job->engine, job->worker, NULL, source->line.bytes, source->line.length, MF_TIME_NONE, take_time,
                   &time);
    if (time != MF_TIME_NONE)
        source->time = time;
    return true;
}

static struct source *earliest(struct job *job)
{
    struct source *first = NULL;

    for (int i = 0; i < job->n_sources; i++)
        if (job->source[i].open && (first == NULL || job->source[i].time < first->time))
            first = &job->source[i];
    return first;
}

/* ---- writing ---- */

static void write_verdict(void *context, const struct mf_judged *judged)
{
    struct job *job = context;
    struct mf_output *output = &job->output;
    const struct mf_verdict *verdict = judged->verdict;

    if (verdict == NULL)
        return;
    job->levels[verdict->level]++;
    if (!job->verdicts)
        return;
    mf_json_begin(output, NULL);
    mf_json_count(output, "record", job->record);
    mf_json_text(output, "file", job->file);
    mf_json_slice(output, "user", judged->event->user);
    mf_json_text(output, "kind", mf_kind_name(judged->event->kind));
    mf_json_text(output, "level", mf_level_name(verdict->level));
    mf_json_count(output, "score", verdict->score);
    mf_json_array_begin(output, "signals");
    for (unsigned i = 0; i < verdict->n_findings; i++)
        mf_json_array_slice(output, mf_slice_of(verdict->finding[i].signal->name));
    mf_json_array_end(output);
    mf_json_text(output, "severity", mf_severity_name(verdict->severity));
    mf_json_text(output, "incident", judged->incident);
    mf_json_end(output, NULL);
}

static void write_alert(void *context, const struct mf_alert_text *alert)
{
    struct job *job = context;

    job->alerts[alert->phase]++;
    mf_output_line(&job->output, alert->json, alert->length);
}

static uint64_t counter(const struct job *job, const char *name)
{
    struct mf_counter counter;

    for (unsigned i = 0; mf_engine_counter(job->engine, i, &counter); i++)
        if (strcmp(counter.name, name) == 0)
            return *counter.value;
    return 0;
}

static void write_stats(const struct job *job)
{
    static struct mf_output output;
    struct mf_counter each;

    mf_output_init(&output, 2);
    mf_json_begin(&output, NULL);
    mf_json_count(&output, "records", job->records);
    mf_json_count(&output, "events", counter(job, "events"));
    mf_json_count(&output, "users", counter(job, "users_tracked"));
    mf_json_count(&output, "alerts",
                  job->alerts[MF_PHASE_OPEN] + job->alerts[MF_PHASE_UPDATE] + job->alerts[MF_PHASE_CLOSE]);
    mf_json_count(&output, "state_bytes", mf_engine_memory(job->engine));
    mf_json_begin(&output, "counters");
    for (unsigned i = 0; mf_engine_counter(job->engine, i, &each); i++)
        mf_json_count(&output, each.name, *each.value);
    mf_json_end(&output, "counters");
    mf_json_end(&output, NULL);
    mf_output_flush(&output);
}

static void say(const char *what, uint64_t value)
{
    char count[MF_COUNT_TEXT];

    fprintf(stderr, "%12s  %s\n", mf_console_count(value, count), what);
}

static void say_if_any(const char *what, uint64_t value)
{
    if (value > 0)
        say(what, value);
}

static void write_summary(const struct job *job)
{
    struct mf_counter each;
    char what[80];

    say("records", job->records);
    say("events", counter(job, "events"));
    say("users", counter(job, "users_tracked"));
    say_if_any("verdicts: notice", job->levels[MF_NOTICE]);
    say_if_any("verdicts: suspicious", job->levels[MF_SUSPICIOUS]);
    say_if_any("verdicts: anomalous", job->levels[MF_ANOMALOUS]);
    say("incidents", counter(job, "incidents_opened"));
    say("alerts", job->alerts[MF_PHASE_OPEN] + job->alerts[MF_PHASE_UPDATE] + job->alerts[MF_PHASE_CLOSE]);
    for (unsigned i = 0; mf_engine_counter(job->engine, i, &each); i++) {
        if (strncmp(each.name, "skipped_", 8) != 0)
            continue;
        snprintf(what, sizeof what, "not judged: %s", each.name + 8);
        say_if_any(what, *each.value);
    }
}

/* ---- the run ---- */

static void judge_line(struct job *job, const struct source *source)
{
    const struct mf_sink sink = {write_verdict, write_alert, job};
    struct mf_slice line = {source->line.bytes, source->line.length};

    if (mf_slice_trim(line).length == 0)
        return;
    job->records++;
    job->record = source->line.number;
    job->file = job->n_sources > 1 ? source->input.name : NULL;
    mf_engine_judge(job->engine, job->worker, line.data, line.length, MF_TIME_NONE, &sink, NULL);
}

static int judge_all(struct job *job)
{
    struct mf_error error;
    struct source *source;
    int code = MF_EXIT_OK;

    for (int i = 0; i < job->n_sources && code == MF_EXIT_OK; i++)
        next_line(job, &job->source[i], &code, &error);
    while (code == MF_EXIT_OK && job->output.error == 0 && (source = earliest(job)) != NULL) {
        judge_line(job, source);
        next_line(job, source, &code, &error);
    }
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}

static int open_sources(struct job *job, int n, char **names)
{
    struct mf_error error;

    job->n_sources = n == 0 ? 1 : n;
    job->source = calloc((size_t)job->n_sources, sizeof *job->source);
    if (job->source == NULL)
        return mf_complain(MF_EXIT_IO, "not enough memory");
    for (int i = 0; i < job->n_sources; i++) {
        struct source *source = &job->source[i];
        int code = mf_input_open(&source->input, n == 0 ? "-" : names[i], &job->output, &error);
        if (code != MF_EXIT_OK)
            return mf_complain((enum mf_exit)code, "%s", error.text);
        source->open = true;
        source->time = MF_TIME_NONE;
    }
    return MF_EXIT_OK;
}

static bool reached(const struct job *job)
{
    for (int level = job->fail_on; job->fail_on > 0 && level <= MF_ANOMALOUS; level++)
        if (job->levels[level] > 0)
            return true;
    return false;
}

static int replay(struct job *job, int n, char **names)
{
    mf_output_init(&job->output, 1);
    int code = open_sources(job, n, names);
    if (code == MF_EXIT_OK)
        code = judge_all(job);
    for (int i = 0; job->source != NULL && i < job->n_sources; i++)
        if (job->source[i].open)
            mf_input_close(&job->source[i].input);
    free(job->source);
    int finished = mf_output_finish(&job->output);
    if (code != MF_EXIT_OK || finished != MF_EXIT_OK)
        return code != MF_EXIT_OK ? code : finished;
    if (job->stats)
        write_stats(job);
    else
        write_summary(job);
    return reached(job) ? MF_EXIT_FOUND : MF_EXIT_OK;
}

static int take_ingest_time(const char *text, mf_time *time)
{
    *time = 0;
    if (strcmp(text, "event") == 0 || mf_time_parse_iso(mf_slice_of(text), 0, time))
        return -1;
    return mf_complain(MF_EXIT_USAGE,
                       "--ingest-time: \"%s\" is neither \"event\" nor a time such as 2026-03-02T09:14:37Z", text);
}

static int run(const struct mf_command *command, int argc, char **argv)
{
    enum { VERDICTS = MF_OPT_FIRST_OWN, FAIL_ON, STATS, HOST, INGEST };
    static const struct option options[] = {MF_COMMON_OPTIONS,
                                            {"policy", required_argument, NULL, MF_OPT_POLICY},
                                            {"verdicts", no_argument, NULL, VERDICTS},
                                            {"fail-on", required_argument, NULL, FAIL_ON},
                                            {"stats", no_argument, NULL, STATS},
                                            {"host", required_argument, NULL, HOST},
                                            {"ingest-time", required_argument, NULL, INGEST},
                                            {0}};
    static const char *const levels[] = {"notice", "suspicious", "anomalous", NULL};
    static struct job job;
    struct mf_common common = {0};
    struct mf_error error;
    int option, code = -1;

    while (code < 0 && !common.done && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case MF_OPT_POLICY:
            common.policy = optarg;
            break;
        case VERDICTS:
            job.verdicts = true;
            break;
        case FAIL_ON:
            job.fail_on = mf_choose("--fail-on", optarg, levels) + 1;
            code = job.fail_on == 0 ? MF_EXIT_USAGE : -1;
            break;
        case STATS:
            job.stats = true;
            break;
        case HOST:
            common.host = optarg;
            break;
        case INGEST:
            code = take_ingest_time(optarg, &common.created);
            break;
        default:
            mf_common_option(command, option, &common, &code);
        }
    }
    if (code >= 0 || common.done)
        return code >= 0 ? code : MF_EXIT_OK;

    job.engine = mf_tool_engine(&common, &code);
    if (job.engine == NULL)
        return code;
    job.worker = mf_worker_new(job.engine, &error);
    code = job.worker == NULL ? mf_complain(MF_EXIT_IO, "%s", error.text) : replay(&job, argc - optind, argv + optind);
    mf_worker_free(job.worker);
    mf_engine_free(job.engine);
    return code;
}

const struct mf_command mf_command_replay = {
    .name = "replay",
    .summary = "judge logs of the past: the alerts that the module would have raised",
    .help = help,
    .run = run,
};
