/* tool/replay.c
 *
 * mfatigue replay: logs of the past through the engine of the module; the alerts that it would have submitted. */

#include <string.h>

#include "alert_text.h"
#include "command.h"
#include "pass.h"
#include "set.h"

enum { N_LEVELS = MF_ANOMALOUS + 1 };

struct job {
    struct mf_pass pass;
    struct mf_set users; /* those of all events; the byte is the worst level of each */
    bool verdicts, json;
    bool no_memory;
    struct mf_record record; /* of an alert that people see */
    uint64_t rows;           /* that they saw */
    uint64_t alerts;
    uint64_t verdict[N_LEVELS]; /* verdicts of each level */
    uint64_t worst[N_LEVELS];   /* users by their worst */
};

/* ---- what comes out ---- */

static void count_user(struct job *job, struct mf_slice user, enum mf_level level)
{
    size_t before = job->users.n;
    unsigned char *worst = mf_set_enter(&job->users, user);

    if (worst == NULL) {
        job->no_memory = job->pass.enough = true;
        return;
    }
    if (job->users.n > before)
        job->worst[MF_NORMAL]++;
    if (level > *worst) {
        job->worst[*worst]--;
        job->worst[level]++;
        *worst = (unsigned char)level;
    }
}

static void write_verdict(struct job *job, const struct mf_judged *judged)
{
    struct mf_output *output = &job->pass.output;
    const struct mf_verdict *verdict = judged->verdict;

    mf_json_begin(output, NULL);
    mf_json_place(output, &job->pass.place);
    mf_json_time(output, "time", judged->event->time);
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

/* ---- for people ---- */

struct row {
    struct job *job;
    const struct mf_judged *judged;    /* a verdict, */
    const struct mf_alert_line *alert; /* or an alert */
};

enum { USER_COLUMN = 32 };

static void put_verdict(FILE *out, const struct job *job, const struct mf_judged *judged)
{
    const struct mf_event *event = judged->event;
    const struct mf_verdict *verdict = judged->verdict;
    char source[MF_IP_TEXT] = "", country[3] = {event->country[0], event->country[1], '\0'};
    const struct mf_alert_columns columns = {
        .time = event->time,
        .level = verdict->level,
        .severity = verdict->severity,
        .state = "verdict",
        .user = event->user,
        .provider = event->idp,
        .country = country,
        .source = source,
    };

    if (event->source.family != 0)
        mf_ip_format(&event->source, source);
    mf_alert_columns(out, &columns, USER_COLUMN);
    fprintf(out, "%3u %s", verdict->score, mf_kind_name(event->kind));
    for (unsigned i = 0; i < verdict->n_findings; i++)
        fprintf(out, "%s %s", i == 0 ? ":" : "", verdict->finding[i].signal->name);
    fputs(job->pass.place.file == NULL ? "  (record " : "  (", out);
    if (job->pass.place.file != NULL) {
        mf_console_text(out, job->pass.place.file, strlen(job->pass.place.file));
        fputs(":", out);
    }
    fprintf(out, "%llu)\n", (unsigned long long)job->pass.place.line.number);
}

static void put_row(FILE *out, const void *what)
{
    const struct row *row = what;

    if (row->job->rows == 0)
        mf_alert_head(out, "time", "phase", USER_COLUMN);
    if (row->alert != NULL)
        mf_alert_row(out, row->alert, mf_phase_name(row->alert->phase), USER_COLUMN);
    else
        put_verdict(out, row->job, row->judged);
}

static void show(struct job *job, const struct mf_judged *judged, const struct mf_alert_line *alert)
{
    const struct row row = {.job = job, .judged = judged, .alert = alert};

    if (!mf_output_text(&job->pass.output, put_row, &row))
        job->no_memory = job->pass.enough = true;
    job->rows++;
}

/* ---- what comes ---- */

static void take_judged(void *context, const struct mf_judged *judged)
{
    struct job *job = context;

    if (judged->event == NULL)
        return;
    count_user(job, judged->event->user, judged->verdict == NULL ? MF_NORMAL : judged->verdict->level);
    if (judged->verdict == NULL)
        return;
    job->verdict[judged->verdict->level]++;
    if (job->verdicts && job->json)
        write_verdict(job, judged);
    else if (job->verdicts)
        show(job, judged, NULL);
}

static void take_alert(void *context, const struct mf_alert_text *alert)
{
    struct job *job = context;
    struct mf_alert_line line;

    job->alerts++;
    if (job->json)
        mf_json_whole(&job->pass.output, alert->json, alert->length);
    else if (mf_alert_line_parse(&job->record, alert->json, alert->length, &line))
        show(job, NULL, &line);
}

/* ---- what is said at the end ---- */

static void write_levels(struct mf_output *output, const char *key, const uint64_t count[N_LEVELS])
{
    mf_json_begin(output, key);
    for (int level = MF_NORMAL; level < N_LEVELS; level++)
        mf_json_count(output, mf_level_name((enum mf_level)level), count[level]);
    mf_json_end(output, key);
}

static void write_stats(const struct job *job)
{
    static struct mf_output output;
    struct mf_counter each;

    mf_output_init(&output, 2);
    mf_json_begin(&output, NULL);
    mf_json_count(&output, "records", job->pass.records);
    mf_json_count(&output, "events", mf_tool_counter(job->pass.engine, "events"));
    mf_json_count(&output, "users", job->users.n);
    mf_json_count(&output, "incidents", mf_tool_counter(job->pass.engine, "incidents_opened"));
    mf_json_count(&output, "alerts", job->alerts);
    mf_json_count(&output, "state_bytes", mf_engine_memory(job->pass.engine));
    write_levels(&output, "verdicts", job->verdict);
    write_levels(&output, "users_by_worst", job->worst);
    mf_json_begin(&output, "counters");
    for (unsigned i = 0; mf_engine_counter(job->pass.engine, i, &each); i++)
        mf_json_count(&output, each.name, *each.value);
    mf_json_end(&output, "counters");
    mf_json_end(&output, NULL);
    mf_output_flush(&output);
}

static void say_level(const struct job *job, enum mf_level level, enum mf_style style)
{
    char count[MF_COUNT_TEXT];

    if (job->verdict[level] == 0)
        return;
    fprintf(stderr, "%14s  verdicts: %s%s%s", mf_console_count(job->verdict[level], count),
            mf_console_style(stderr, style), mf_level_name(level), mf_console_style(stderr, MF_PLAIN));
    if (job->worst[level] > 0)
        fprintf(stderr, ", the worst of %s user%s", mf_console_count(job->worst[level], count),
                job->worst[level] == 1 ? "" : "s");
    fputc('\n', stderr);
}

static void say_skips(const struct job *job)
{
    static const char prefix[] = "skipped_";
    struct mf_counter each;
    char what[80];

    for (unsigned i = 0; mf_engine_counter(job->pass.engine, i, &each); i++) {
        if (strncmp(each.name, prefix, sizeof prefix - 1) != 0 || *each.value == 0)
            continue;
        snprintf(what, sizeof what, "not judged: %s", each.name + sizeof prefix - 1);
        mf_console_figure(stderr, what, *each.value);
    }
}

static void write_summary(const struct job *job)
{
    mf_console_figure(stderr, "records", job->pass.records);
    mf_console_figure(stderr, "events", mf_tool_counter(job->pass.engine, "events"));
    mf_console_figure(stderr, "users", job->users.n);
    say_level(job, MF_NOTICE, MF_PLAIN);
    say_level(job, MF_SUSPICIOUS, MF_YELLOW);
    say_level(job, MF_ANOMALOUS, MF_RED);
    mf_console_figure(stderr, "incidents", mf_tool_counter(job->pass.engine, "incidents_opened"));
    mf_console_figure(stderr,
                      mf_engine_policy(job->pass.engine)->observe ? "alerts (the policy says: observe only)" : "alerts",
                      job->alerts);
    say_skips(job);
}

/* ---- the run ---- */

static bool reached(const struct job *job, const char *fail_on)
{
    if (fail_on == NULL)
        return false;
    for (int level = MF_ANOMALOUS; level > MF_NORMAL; level--) {
        if (job->verdict[level] > 0)
            return true;
        if (strcmp(mf_level_name((enum mf_level)level), fail_on) == 0)
            return false;
    }
    return false;
}

static int replay(struct job *job, const struct mf_arguments *arguments)
{
    const struct mf_sink sink = {.judged = take_judged, .alert = take_alert, .context = job};
    int code = mf_pass_judge(&job->pass, arguments, &sink);
    int finished = mf_output_finish(&job->pass.output);

    if (job->no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory, at user %zu", job->users.n);
    if (code != MF_EXIT_OK || finished != MF_EXIT_OK)
        return code != MF_EXIT_OK ? code : finished;
    code = arguments->state == NULL ? MF_EXIT_OK : mf_tool_save_state(job->pass.engine);
    if (code != MF_EXIT_OK)
        return code;
    if (arguments->stats)
        write_stats(job);
    else
        write_summary(job);
    return reached(job, arguments->fail_on) ? MF_EXIT_FOUND : MF_EXIT_OK;
}

/* What is not in a file is looked at before any is opened. */
static int check_arguments(const struct mf_arguments *arguments, mf_time *created)
{
    enum { HOST_MAX = 255 };
    const char *time = arguments->ingest_time;

    if (arguments->host != NULL && strlen(arguments->host) > HOST_MAX)
        return mf_complain(MF_EXIT_USAGE, "replay: --host: a name has at most %d bytes", HOST_MAX);
    *created = 0;
    if (time == NULL || strcmp(time, "event") == 0 || mf_time_parse_iso(mf_slice_of(time), 0, created))
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_USAGE,
                       "replay: --ingest-time: \"%s\" is neither \"event\" nor a time such as 2026-03-02T09:14:37Z",
                       time);
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    mf_time created;
    int code = check_arguments(arguments, &created);

    if (code != MF_EXIT_OK)
        return code;
    job.verdicts = arguments->verdicts;
    job.json = mf_flags_stream(arguments);
    code = mf_pass_open(&job.pass, arguments, created);
    mf_output_array(&job.pass.output, mf_flags_array(arguments));
    if (code == MF_EXIT_OK && mf_record_init(&job.record, &mf_record_default_limits, &error) != 0)
        code = mf_complain(MF_EXIT_IO, "%s", error.text);
    if (code == MF_EXIT_OK)
        code = replay(&job, arguments);
    mf_record_fini(&job.record);
    mf_set_fini(&job.users);
    mf_pass_close(&job.pass);
    return code;
}

static const char *const levels[] = {"notice", "suspicious", "anomalous", NULL};

static const struct mf_flag flags[] = {
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    {"verdicts", 0, NULL, offsetof(struct mf_arguments, verdicts), NULL, "also one line for each judged event"},
    {"fail-on", 0, "LEVEL", offsetof(struct mf_arguments, fail_on), levels,
     "exit 1 when a verdict reached notice, suspicious or\nanomalous"},
    {"stats", 0, NULL, offsetof(struct mf_arguments, stats), NULL, "the summary as one JSON object"},
    {"state", 0, "DIR", offsetof(struct mf_arguments, state), NULL,
     "begin with what is remembered in DIR, and leave there\nwhat is remembered at the end; made when it is not there"},
    {"host", 0, "NAME", offsetof(struct mf_arguments, host), NULL, "observer.name of the alerts"},
    {"ingest-time", 0, "TIME", offsetof(struct mf_arguments, ingest_time), NULL,
     "event.created of the alerts, RFC 3339; \"event\" (the\ndefault) means the event's own time"},
    MF_FLAG_OUTPUT("human, json or ndjson (an object a line); without it,\nhuman on a terminal and ndjson elsewhere"),
    {0},
};

const struct mf_command mf_command_replay = {
    .name = "replay",
    .summary = "judge logs of the past: the alerts that the module would have raised",
    .operands = "[FILE|-]...",
    .description = "Judges log lines (plain or .gz; standard input without a file) and writes the alerts: columns on\n"
                   "a terminal, else JSON, byte for byte what the module would submit. Several files merge by the\n"
                   "time of their events. A summary goes to standard error.\n",
    .flags = flags,
    .examples = "  mfatigue replay -o human yesterday.jsonl.gz | less -S\n"
                "  mfatigue replay yesterday.jsonl.gz | jq .\n"
                "  mfatigue replay --policy trial.json --stats okta.jsonl duo.jsonl > alerts.jsonl\n"
                "  mfatigue replay --fail-on anomalous --verdicts incident.jsonl\n"
                "  mfatigue replay --state learned january.jsonl > alerts.jsonl\n",
    .run = run,
};
