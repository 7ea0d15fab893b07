/* tool/state.c
 *
 * mfatigue state: what is remembered in a directory of the state, looked at beside a running rsyslogd; and forgetting a
 * user. */

#include <string.h>

#include "clock.h"
#include "command.h"
#include "output.h"

/* Where a relative state.dir of a policy is: rsyslog's workDirectory as Debian has it. */
#define WORK_DIRECTORY "/var/spool/rsyslog"

enum { PATH = 4096, ATTEMPTS = 5, PATIENCE = 10000, STEP = 20 /* ms */ };

struct job {
    const struct mf_arguments *arguments;
    char directory[PATH];
    struct mf_engine *engine;
    struct mf_state_report report;
    struct mf_output output;
    uint64_t users, open;
};

/* ---- opening ---- */

static int find_directory(struct job *job)
{
    const struct mf_arguments *arguments = job->arguments;
    const char *named = arguments->dir != NULL ? arguments->dir : mf_engine_policy(job->engine)->state.dir;
    bool below = arguments->dir == NULL && named[0] != '/';

    if (named[0] == '\0')
        return mf_complain(MF_EXIT_USAGE,
                           "state: --dir DIR says where the state is, or --policy FILE with a state.dir");
    if (snprintf(job->directory, PATH, "%s%s%s", below ? WORK_DIRECTORY : "", below ? "/" : "", named) >= PATH)
        return mf_complain(MF_EXIT_USAGE, "state: %s: the path is too long", named);
    return MF_EXIT_OK;
}

static int open_once(struct job *job, enum mf_store_use use, struct mf_error *error)
{
    const struct mf_state_options options = {.directory = job->directory, .use = use, .now = mf_clock_now()};

    return mf_engine_open_state(job->engine, &options, &job->report, error);
}

static int make_engine(struct job *job)
{
    int code = MF_EXIT_OK;

    mf_engine_free(job->engine);
    job->engine = mf_tool_engine(job->arguments, 0, &code);
    return code;
}

/* Beside an owner who writes a snapshot just now, again. */
static int open_for_reading(struct job *job)
{
    struct mf_error error;
    int code = make_engine(job);

    if (code == MF_EXIT_OK)
        code = find_directory(job);
    for (unsigned i = 0; code == MF_EXIT_OK; i++) {
        if (open_once(job, MF_STORE_READ, &error) != 0)
            return mf_complain(MF_EXIT_IO, "%s", error.text);
        if (!job->report.changed || i == ATTEMPTS)
            return MF_EXIT_OK;
        code = make_engine(job);
    }
    return code;
}

static int say_damage(const struct job *job)
{
    uint64_t evicted = mf_tool_counter(job->engine, "users_evicted");
    char text[MF_COUNT_TEXT];

    if (evicted > 0)
        fprintf(stderr, "mfatigue: %s users are left out, as the state is larger than state.users: name its --policy\n",
                mf_console_count(evicted, text));
    if (job->report.damaged == 0)
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_BAD, "%s; what is sound in it was used", job->report.damage);
}

/* ---- one user as JSON ---- */

static void write_incident(struct mf_output *output, const struct mf_user_view *view)
{
    const struct mf_alert *incident = &view->incident;

    mf_json_begin(output, "incident");
    mf_json_text(output, "id", incident->incident);
    mf_json_bool(output, "open", view->open);
    mf_json_text(output, "name", incident->user[0] == '\0' ? NULL : incident->user);
    mf_json_text(output, "level", mf_level_name(incident->level));
    mf_json_text(output, "severity", mf_severity_name(incident->severity));
    mf_json_count(output, "score", incident->score);
    mf_json_time(output, "start", incident->start);
    mf_json_time(output, "end", incident->end);
    mf_json_count(output, "prompts", incident->totals.prompts);
    mf_json_count(output, "denied", incident->totals.denied);
    mf_json_count(output, "approved", incident->totals.approved);
    mf_json_text(output, "source", incident->source[0] == '\0' ? NULL : incident->source);
    mf_json_end(output, "incident");
}

static void write_places(struct mf_output *output, const struct mf_user_view *view)
{
    char number[16];

    mf_json_array_begin(output, "countries");
    for (unsigned i = 0; i < view->n_countries; i++)
        mf_json_array_slice(output, mf_slice_of(view->country[i]));
    mf_json_array_end(output);
    mf_json_array_begin(output, "asns");
    for (unsigned i = 0; i < view->n_asns; i++) {
        snprintf(number, sizeof number, "%u", (unsigned)view->asn[i]);
        mf_json_array_slice(output, mf_slice_of(number));
    }
    mf_json_array_end(output);
    mf_json_count(output, "networks", view->networks);
}

static void write_user(struct mf_output *output, const struct mf_user_view *view)
{
    mf_json_begin(output, NULL);
    mf_json_text(output, "user", view->hash);
    mf_json_time(output, "first_seen", view->first_seen);
    mf_json_time(output, "last_seen", view->last_seen);
    write_places(output, view);
    if (view->days > 0) {
        mf_json_degrees(output, "logins_per_day", view->logins_per_day);
        mf_json_degrees(output, "days", view->days);
    }
    mf_json_count(output, "attempts", view->attempts);
    if (view->run_start != MF_TIME_NONE) {
        mf_json_begin(output, "run");
        mf_json_time(output, "start", view->run_start);
        mf_json_time(output, "last", view->run_last);
        mf_json_count(output, "prompts", view->run.prompts);
        mf_json_count(output, "denied", view->run.denied);
        mf_json_count(output, "timeouts", view->run.timeouts);
        mf_json_count(output, "failed", view->run.failed);
        mf_json_count(output, "approved", view->run.approved);
        mf_json_end(output, "run");
    }
    if (view->has_incident)
        write_incident(output, view);
    mf_json_end(output, NULL);
}

/* ---- one user as text ---- */

static void say_time(const char *what, mf_time time)
{
    char text[MF_TIME_TEXT];

    if (time == MF_TIME_NONE)
        return;
    mf_time_format(time, text);
    printf("%-14s %s\n", what, text);
}

static void say_user(const struct mf_user_view *view)
{
    const struct mf_alert *incident = &view->incident;

    printf("%-14s %s\n", "user", view->hash);
    say_time("first seen", view->first_seen);
    say_time("last seen", view->last_seen);
    printf("%-14s", "let in from");
    for (unsigned i = 0; i < view->n_countries; i++)
        printf(" %s", view->country[i]);
    for (unsigned i = 0; i < view->n_asns; i++)
        printf(" AS%u", (unsigned)view->asn[i]);
    printf("%s%u network%s\n", view->n_countries + view->n_asns > 0 ? ", " : " ", view->networks,
           view->networks == 1 ? "" : "s");
    if (view->days > 0)
        printf("%-14s %.1f a day, over %.0f days\n", "logins", view->logins_per_day, view->days);
    say_time("run since", view->run_start);
    if (view->run_start != MF_TIME_NONE)
        printf("%-14s %u prompts, %u refused, %u unanswered, %u failed, %u approved\n", "", view->run.prompts,
               view->run.denied, view->run.timeouts, view->run.failed, view->run.approved);
    if (!view->has_incident)
        return;
    printf("%-14s %s, %s, %s", "incident", incident->incident, view->open ? "open" : "closed",
           mf_level_name(incident->level));
    if (incident->user[0] != '\0') {
        printf(", ");
        mf_console_text(stdout, incident->user, strlen(incident->user));
    }
    putchar('\n');
}

/* ---- the verbs ---- */

static bool list_user(void *context, const struct mf_user_view *view)
{
    struct job *job = context;
    char last[MF_TIME_TEXT];

    job->users++;
    job->open += view->open;
    if (mf_flags_json(job->arguments)) {
        write_user(&job->output, view);
        return job->output.error == 0;
    }
    mf_time_format(view->last_seen, last);
    printf("%.16s  %s  %3u attempts  %u networks", view->hash, last, view->attempts, view->networks);
    if (view->has_incident) {
        printf("  %s %s ", view->incident.incident, view->open ? "open" : "closed");
        mf_console_text(stdout, view->incident.user, strlen(view->incident.user));
    }
    return putchar('\n') != EOF;
}

static int list(struct job *job)
{
    int code = open_for_reading(job);

    if (code != MF_EXIT_OK)
        return code;
    mf_output_array(&job->output, mf_flags_array(job->arguments));
    mf_engine_each_user(job->engine, list_user, job);
    code = mf_output_finish(&job->output);
    mf_console_figure(stderr, "users", job->users);
    mf_console_figure(stderr, "open incidents", job->open);
    return code == MF_EXIT_OK ? say_damage(job) : code;
}

static int show(struct job *job, const char *name)
{
    struct mf_user_view view;
    int code = open_for_reading(job);

    if (code != MF_EXIT_OK)
        return code;
    if (!mf_engine_view_user(job->engine, name, &view))
        return mf_complain(MF_EXIT_BAD, "state: nothing is remembered of \"%s\"", name);
    if (mf_flags_json(job->arguments))
        write_user(&job->output, &view);
    else
        say_user(&view);
    code = mf_output_finish(&job->output);
    return code == MF_EXIT_OK ? say_damage(job) : code;
}

static void write_summary(struct job *job)
{
    mf_json_begin(&job->output, NULL);
    mf_json_text(&job->output, "directory", job->directory);
    mf_json_bool(&job->output, "sound", job->report.damaged == 0);
    mf_json_time(&job->output, "snapshot", job->report.created);
    mf_json_text(&job->output, "policy", job->report.policy[0] == '\0' ? NULL : job->report.policy);
    mf_json_count(&job->output, "records", job->report.records);
    mf_json_count(&job->output, "journal_events", job->report.events);
    mf_json_count(&job->output, "users", mf_tool_counter(job->engine, "users_tracked"));
    mf_json_count(&job->output, "open_incidents", mf_tool_counter(job->engine, "incidents_open"));
    mf_json_count(&job->output, "feeds", mf_tool_counter(job->engine, "feeds"));
    mf_json_text(&job->output, "damage", job->report.damaged == 0 ? NULL : job->report.damage);
    mf_json_end(&job->output, NULL);
}

static int verify(struct job *job)
{
    char when[MF_TIME_TEXT] = "none yet";
    int code = open_for_reading(job);

    if (code != MF_EXIT_OK)
        return code;
    if (mf_flags_json(job->arguments)) {
        write_summary(job);
    } else {
        if (job->report.created != MF_TIME_NONE)
            mf_time_format(job->report.created, when);
        mf_console_text(stdout, job->directory, strlen(job->directory));
        printf(": %s\n", job->report.damaged == 0 ? "sound" : "DAMAGED");
        printf("%14s  the snapshot\n", when);
        mf_console_figure(stdout, "records in it", job->report.records);
        mf_console_figure(stdout, "events in the journal", job->report.events);
        mf_console_figure(stdout, "users", mf_tool_counter(job->engine, "users_tracked"));
        mf_console_figure(stdout, "open incidents", mf_tool_counter(job->engine, "incidents_open"));
    }
    code = mf_output_finish(&job->output);
    return code == MF_EXIT_OK ? say_damage(job) : code;
}

static bool export_user(void *context, const struct mf_user_view *view)
{
    struct job *job = context;

    write_user(&job->output, view);
    return job->output.error == 0;
}

static int export(struct job *job)
{
    int code = open_for_reading(job);

    if (code != MF_EXIT_OK)
        return code;
    mf_output_array(&job->output, mf_flags_array(job->arguments));
    write_summary(job);
    mf_engine_each_user(job->engine, export_user, job);
    code = mf_output_finish(&job->output);
    return code == MF_EXIT_OK ? say_damage(job) : code;
}

/* The running rsyslogd is asked, and does it within a second or two. */
static int ask_to_forget(struct job *job, const char *name)
{
    struct mf_error error;
    int code = open_for_reading(job);

    if (code != MF_EXIT_OK)
        return code;
    if (mf_engine_ask_to_forget(job->engine, name, &error) != 0)
        return mf_complain(MF_EXIT_IO, "%s", error.text);
    for (int waited = 0; waited < PATIENCE; waited += STEP) {
        if (!mf_engine_is_asked_to_forget(job->engine, name)) {
            fprintf(stderr, "mfatigue: forgotten by the process that owns %s\n", job->directory);
            return MF_EXIT_OK;
        }
        mf_clock_rest(STEP);
    }
    return mf_complain(MF_EXIT_IO,
                       "state: the process that owns %s was asked, and has not done it within %d s: the request stays "
                       "there",
                       job->directory, PATIENCE / 1000);
}

static int forget(struct job *job, const char *name)
{
    struct mf_error error;
    int code = open_for_reading(job); /* where there is no state, none is made */

    if (code == MF_EXIT_OK)
        code = make_engine(job);
    if (code != MF_EXIT_OK)
        return code;
    if (open_once(job, MF_STORE_OWN, &error) != 0)
        return job->report.in_use ? ask_to_forget(job, name) : mf_complain(MF_EXIT_IO, "%s", error.text);
    bool found = mf_engine_forget_user(job->engine, name);
    code = mf_tool_save_state(job->engine);
    if (code != MF_EXIT_OK)
        return code;
    if (!found)
        return mf_complain(MF_EXIT_BAD, "state: nothing is remembered of \"%s\"", name);
    fprintf(stderr, "mfatigue: forgotten\n");
    return MF_EXIT_OK;
}

/* ---- the command ---- */

static int choose(struct job *job)
{
    const struct mf_arguments *arguments = job->arguments;
    const char *verb = arguments->files[0];
    const char *name = arguments->n_files == 2 ? arguments->files[1] : NULL;

    if (arguments->n_files == 1 && strcmp(verb, "list") == 0)
        return list(job);
    if (arguments->n_files == 1 && strcmp(verb, "export") == 0)
        return export(job);
    if (arguments->n_files == 1 && strcmp(verb, "verify") == 0)
        return verify(job);
    if (name != NULL && strcmp(verb, "show") == 0)
        return show(job, name);
    if (name != NULL && strcmp(verb, "forget") == 0)
        return forget(job, name);
    return mf_complain(MF_EXIT_USAGE,
                       "state: \"list\", \"show USER\", \"forget USER\", \"export\" or \"verify\" is what it does");
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;

    job.arguments = arguments;
    mf_output_init(&job.output, 1);
    int code = choose(&job);
    mf_engine_free(job.engine);
    return code;
}

static const struct mf_flag flags[] = {
    {"dir", 0, "DIR", offsetof(struct mf_arguments, dir), NULL,
     "the directory; without it, state.dir of the policy, a\nrelative one below " WORK_DIRECTORY},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("human (the default), json (an array when there may be\nmany) or ndjson (an object a line)"),
    {0},
};

const struct mf_command mf_command_state = {
    .name = "state",
    .summary = "what is remembered in a directory: list, show, forget, export, verify",
    .operands = "list|show USER|forget USER|export|verify",
    .description = "Looks at the state that the module (state.dir of its policy) or \"replay --state\" keeps,\n"
                   "also while rsyslogd runs. Users are keyed hashes; one is found by the name that you give, and\n"
                   "names are there while an incident is open.\n\n"
                   "\"list\" is a line a user, \"show\" all of one, \"export\" all as JSON, \"verify\" whether the\n"
                   "files are sound (exit code 3: they are not). \"forget\" removes all of a user; a running\n"
                   "rsyslogd is asked to, and has done it when this returns.\n",
    .flags = flags,
    .examples = "  mfatigue state list --dir /var/spool/rsyslog/mfatigue\n"
                "  mfatigue state show ana@example.com --policy /etc/mmfatigue/policy.json\n"
                "  mfatigue state export --dir learned | jq -c 'select(.incident.open)'\n"
                "  mfatigue state forget ana@example.com --policy /etc/mmfatigue/policy.json\n",
    .run = run,
};
