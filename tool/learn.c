/* tool/learn.c
 *
 * mfatigue learn: history into a directory of state, so that a daemon that starts with it knows people, places and rates
 * from its first record on. */

#include <string.h>

#include "command.h"
#include "pass.h"
#include "set.h"

struct job {
    struct mf_pass pass;
    struct mf_set users;
    mf_time first, last;
    uint64_t events, judged, too_late, repeated, unused;
    bool no_memory;
};

static void take_judged(void *context, const struct mf_judged *judged)
{
    struct job *job = context;

    job->too_late += judged->skip == MF_SKIP_LATE;
    job->repeated += judged->skip == MF_SKIP_DUPLICATE;
    if (judged->event == NULL) {
        job->unused += judged->skip != MF_SKIP_IGNORE;
        return;
    }
    job->events++;
    job->judged += judged->skip == MF_SKIP_NONE;
    job->first = job->first == MF_TIME_NONE || judged->event->time < job->first ? judged->event->time : job->first;
    job->last = judged->event->time > job->last ? judged->event->time : job->last;
    if (mf_set_enter(&job->users, judged->event->user) == NULL)
        job->no_memory = job->pass.enough = true;
}

static double days(const struct job *job)
{
    return job->first == MF_TIME_NONE ? 0 : (double)(job->last - job->first) / (double)MF_DAY;
}

/* ---- what is said ---- */

static void write_summary(struct job *job, const struct mf_arguments *arguments)
{
    struct mf_output *output = &job->pass.output;

    mf_json_begin(output, NULL);
    mf_json_text(output, "state", arguments->state);
    mf_json_count(output, "records", job->pass.records);
    mf_json_count(output, "events", job->events);
    mf_json_count(output, "judged", job->judged);
    mf_json_count(output, "users", job->users.n);
    mf_json_count(output, "users_remembered", mf_tool_counter(job->pass.engine, "users_tracked"));
    mf_json_count(output, "feeds", mf_tool_counter(job->pass.engine, "feeds"));
    mf_json_time(output, "first", job->first);
    mf_json_time(output, "last", job->last);
    mf_json_degrees(output, "days", days(job));
    mf_json_count(output, "late", mf_tool_counter(job->pass.engine, "late_judged"));
    mf_json_count(output, "too_late", job->too_late);
    mf_json_count(output, "duplicates", job->repeated);
    mf_json_count(output, "unused", job->unused);
    mf_json_count(output, "incidents_open", mf_tool_counter(job->pass.engine, "incidents_open"));
    mf_json_count(output, "state_bytes", mf_engine_memory(job->pass.engine));
    mf_json_end(output, NULL);
}

static void say_summary(const struct job *job, const struct mf_arguments *arguments)
{
    char from[MF_TIME_TEXT], to[MF_TIME_TEXT];
    uint64_t remembered = mf_tool_counter(job->pass.engine, "users_tracked");

    mf_console_figure(stdout, "records", job->pass.records);
    mf_console_figure(stdout, "events", job->events);
    mf_console_figure(stdout, "users", job->users.n);
    mf_console_figure(stdout, "feeds", mf_tool_counter(job->pass.engine, "feeds"));
    if (job->too_late > 0)
        mf_console_figure(stdout, "events more than a day older than what came before: not learned", job->too_late);
    if (job->repeated > 0)
        mf_console_figure(stdout, "delivered again", job->repeated);
    if (job->unused > 0)
        mf_console_figure(stdout, "records that could not be used; \"mfatigue coverage\" says why", job->unused);
    mf_time_format(job->first, from);
    mf_time_format(job->last, to);
    printf("%14.1f  days, %.10s to %.10s\n", days(job), from, to);
    fputs("learned into   ", stdout);
    mf_console_text(stdout, arguments->state, strlen(arguments->state));
    putchar('\n');
    if (days(job) < 14)
        mf_complain(MF_EXIT_OK,
                    "of less than two weeks little is learned: rates and hours of people are silent before");
    if (remembered < job->users.n)
        mf_complain(MF_EXIT_OK, "of %zu users %llu have room: raise state.users", job->users.n,
                    (unsigned long long)remembered);
}

/* ---- the run ---- */

/* Files of months need not be in order to the minute: a day is put in its place. */
static int open_pass(struct job *job, const struct mf_arguments *arguments)
{
    struct mf_error error;
    struct mf_policy *policy = mf_policy_load(arguments->policy, &error);
    int code;

    if (policy == NULL)
        return mf_complain(MF_EXIT_BAD, "%s", error.text);
    policy->time.lateness = MF_DAY;
    code = mf_pass_try(&job->pass, arguments, policy);
    mf_policy_free(policy);
    return code;
}

static int learn(struct job *job, const struct mf_arguments *arguments)
{
    const struct mf_sink sink = {.judged = take_judged, .context = job};
    int code, finished;

    job->first = job->last = MF_TIME_NONE;
    job->pass.silent = true;
    code = mf_pass_judge(&job->pass, arguments, &sink);
    if (code == MF_EXIT_OK && job->no_memory)
        code = mf_complain(MF_EXIT_IO, "not enough memory to count %zu users", job->users.n);
    if (code == MF_EXIT_OK && job->events == 0)
        code = mf_complain(MF_EXIT_BAD, "learn: there is no event in the input; nothing was changed");
    if (code == MF_EXIT_OK)
        code = mf_tool_save_state(job->pass.engine);
    if (code == MF_EXIT_OK && mf_flags_json(arguments))
        write_summary(job, arguments);
    else if (code == MF_EXIT_OK)
        say_summary(job, arguments);
    finished = mf_output_finish(&job->pass.output);
    return code != MF_EXIT_OK ? code : finished;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    int code;

    if (arguments->state == NULL)
        return mf_complain(MF_EXIT_USAGE, "learn: --state says which directory learns");
    code = open_pass(&job, arguments);
    if (code == MF_EXIT_OK)
        code = learn(&job, arguments);
    mf_set_fini(&job.users);
    mf_pass_close(&job.pass);
    return code;
}

static const struct mf_flag flags[] = {
    {"state", 0, "DIR", offsetof(struct mf_arguments, state), NULL,
     "the directory that learns; what is in it already is\nkept, and it is made when it is not there"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("the summary: human (the default), json or ndjson"),
    {0},
};

const struct mf_command mf_command_learn = {
    .name = "learn",
    .summary = "learn people, places and rates from history, for a daemon to begin with",
    .operands = "[FILE|-]...",
    .description = "Reads history (plain or .gz, any mix of feeds, files in any order) through the engine and keeps\n"
                   "what it learned in a directory of state: who logs in how often, when, from where and with which\n"
                   "factor. Raises no alert. Several files merge by the time of their events; within a file a day of\n"
                   "disorder is put in its place. On a terminal it says how far it is and how long it will take.\n",
    .flags = flags,
    .examples = "  mfatigue learn --state learned okta-*.jsonl.gz duo-*.jsonl.gz\n"
                "  mfatigue learn --policy policy.json --state learned -o json march.jsonl | jq .users\n"
                "  mfatigue replay --state learned today.jsonl > alerts.jsonl\n",
    .run = run,
};
