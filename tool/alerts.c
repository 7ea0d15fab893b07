/* tool/alerts.c
 *
 * mfatigue alerts: what stands in files of alerts, an incident a line; and one incident as it went. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert_text.h"
#include "clock.h"
#include "command.h"
#include "output.h"
#include "set.h"
#include "sources.h"

struct job {
    const struct mf_arguments *arguments;
    struct mf_output output;
    struct mf_record record;
    struct mf_set seen; /* ids of alerts: one that comes again says nothing new */
    const char *show;   /* id of an incident; NULL: list */
    bool json;
    mf_time since;
    struct mf_alert_line *incident; /* the latest word on each */
    unsigned *alerts;               /* of each */
    size_t n, room;
    size_t *slot; /* index + 1 into them, by hash of the id; 0 = free */
    size_t n_slots;
    struct mf_alert_line last; /* of the one that is shown */
    uint64_t shown, strange;
    bool no_memory, reached;
};

/* ---- incidents by id ---- */

static size_t hash(const char *text)
{
    size_t value = 14695981039346656037u;

    for (; *text != '\0'; text++)
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value ^ value >> 29;
}

/* The slot of an id, or the free one where it belongs. */
static size_t *slot_of(struct job *job, const char *id)
{
    size_t at = hash(id) & (job->n_slots - 1);

    while (job->slot[at] != 0 && strcmp(job->incident[job->slot[at] - 1].incident, id) != 0)
        at = (at + 1) & (job->n_slots - 1);
    return &job->slot[at];
}

static bool grow(struct job *job)
{
    size_t room = job->room == 0 ? 256 : job->room * 2;
    struct mf_alert_line *incident = realloc(job->incident, room * sizeof *incident);
    unsigned *alerts;

    if (incident == NULL)
        return false;
    job->incident = incident;
    if ((alerts = realloc(job->alerts, room * sizeof *alerts)) == NULL)
        return false;
    job->alerts = alerts;
    free(job->slot);
    job->n_slots = room * 2;
    if ((job->slot = calloc(job->n_slots, sizeof *job->slot)) == NULL)
        return false;
    job->room = room;
    for (size_t i = 0; i < job->n; i++)
        *slot_of(job, job->incident[i].incident) = i + 1;
    return true;
}

/* What is cumulative never falls, in whatever order the lines stand. */
static void merge(struct mf_alert_line *known, const struct mf_alert_line *alert)
{
    enum mf_level level = alert->level > known->level ? alert->level : known->level;
    enum mf_severity severity = alert->severity > known->severity ? alert->severity : known->severity;

    if (alert->time >= known->time)
        *known = *alert;
    known->level = level;
    known->severity = severity;
}

static void enter(struct job *job, const struct mf_alert_line *alert)
{
    if (job->n == job->room && !grow(job)) {
        job->no_memory = true;
        return;
    }
    size_t *slot = slot_of(job, alert->incident);

    if (*slot == 0) {
        job->incident[job->n] = *alert;
        job->alerts[job->n] = 1;
        *slot = ++job->n;
        return;
    }
    merge(&job->incident[*slot - 1], alert);
    job->alerts[*slot - 1]++;
}

/* A summary of what the cap held back is over when it is written. */
static bool is_over(const struct mf_alert_line *incident)
{
    return incident->phase == MF_PHASE_CLOSE || incident->phase == MF_PHASE_SUMMARY;
}

static const char *state_of(const struct mf_alert_line *incident)
{
    return incident->phase == MF_PHASE_SUMMARY ? "held" : is_over(incident) ? "ended" : "open";
}

/* ---- which ---- */

static bool is_wanted(const struct job *job, const struct mf_alert_line *incident)
{
    const struct mf_arguments *a = job->arguments;
    bool wanted = job->since == MF_TIME_NONE || incident->time >= job->since;

    if (a->level != NULL)
        for (int level = MF_ANOMALOUS; level > (int)incident->level; level--)
            wanted = wanted && strcmp(a->level, mf_level_name((enum mf_level)level)) != 0;
    if (a->severity != NULL)
        for (int severity = MF_SEVERITY_CRITICAL; severity > (int)incident->severity; severity--)
            wanted = wanted && strcmp(a->severity, mf_severity_name((enum mf_severity)severity)) != 0;
    if (a->user != NULL)
        wanted = wanted && mf_slice_equal_nocase(mf_slice_of(a->user), mf_slice_of(incident->user));
    if (a->provider != NULL)
        wanted = wanted && strcmp(a->provider, incident->provider) == 0;
    if (a->signal != NULL)
        wanted = wanted && mf_alert_line_has(incident->signals, a->signal);
    return wanted && !(a->open && is_over(incident));
}

/* ---- the list ---- */

static int by_time(const void *a, const void *b)
{
    const struct mf_alert_line *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return strcmp(x->incident, y->incident);
}

static void write_incident(struct mf_output *output, const struct mf_alert_line *incident)
{
    mf_json_begin(output, NULL);
    mf_json_text(output, "incident", incident->incident);
    mf_json_time(output, "time", incident->time);
    mf_json_time(output, "start", incident->start);
    mf_json_time(output, "end", incident->end);
    mf_json_bool(output, "open", !is_over(incident));
    mf_json_text(output, "level", mf_level_name(incident->level));
    mf_json_text(output, "severity", mf_severity_name(incident->severity));
    mf_json_count(output, "score", incident->score);
    mf_json_text(output, "user", incident->user);
    if (incident->users > 0)
        mf_json_count(output, "users", incident->users);
    mf_json_text(output, "provider", incident->provider);
    if (incident->source[0] != '\0')
        mf_json_text(output, "source", incident->source);
    if (incident->country[0] != '\0')
        mf_json_text(output, "country", incident->country);
    mf_json_count(output, "prompts", incident->prompts);
    mf_json_count(output, "denied", incident->denied);
    mf_json_count(output, "timeouts", incident->timeouts);
    mf_json_count(output, "failed", incident->failed);
    mf_json_count(output, "approved", incident->approved);
    mf_json_text(output, "signals", incident->signals);
    mf_json_text(output, "reason", incident->reason);
    mf_json_end(output, NULL);
}

static bool reaches(const struct job *job, enum mf_level level)
{
    const char *fail_on = job->arguments->fail_on;

    for (int each = MF_NOTICE; fail_on != NULL && each <= (int)level; each++)
        if (strcmp(mf_level_name((enum mf_level)each), fail_on) == 0)
            return true;
    return false;
}

/* Of the column of users: as wide as the longest, within reason. */
static size_t user_width(const struct job *job)
{
    size_t width = MF_USER_COLUMN;

    for (size_t i = 0; i < job->n; i++)
        if (is_wanted(job, &job->incident[i]) && strlen(job->incident[i].user) > width)
            width = strlen(job->incident[i].user);
    return width > MF_USER_COLUMN_MOST ? MF_USER_COLUMN_MOST : width;
}

static void list(struct job *job)
{
    size_t width = user_width(job);

    if (job->n > 0)
        qsort(job->incident, job->n, sizeof *job->incident, by_time);
    for (size_t i = 0; i < job->n; i++) {
        if (!is_wanted(job, &job->incident[i]))
            continue;
        if (job->shown++ == 0 && !job->json)
            mf_alert_head(stdout, "last alert", "state", width);
        job->reached = job->reached || reaches(job, job->incident[i].level);
        if (job->json)
            write_incident(&job->output, &job->incident[i]);
        else
            mf_alert_row(stdout, &job->incident[i], state_of(&job->incident[i]), width);
    }
}

/* ---- one incident ---- */

/* What an alert says may be anybody's words. */
static void put(const char *text)
{
    mf_console_text(stdout, text, strlen(text));
}

/* Names that the alert before did not have. */
static void say_new_signals(const char *signals, const char *before)
{
    char name[MF_TAG_SIGNALS];

    while (*signals != '\0') {
        size_t length = strcspn(signals, " ");

        mf_slice_copy(name, sizeof name, (struct mf_slice){signals, length});
        if (!mf_alert_line_has(before, name)) {
            fputs(" +", stdout);
            put(name);
        }
        signals += length + (signals[length] == ' ');
    }
}

static void say_step(const struct job *job, const struct mf_alert_line *alert)
{
    char time[MF_TIME_TEXT];

    mf_time_format(alert->time, time);
    printf("%.8s  %s%-6s  %-10s %-8s %3u%s  asked %3u, refused %3u, unanswered %3u, failed %3u, approved %2u\n",
           time + 11, mf_level_style(alert->level), mf_phase_name(alert->phase), mf_level_name(alert->level),
           mf_severity_name(alert->severity), alert->score, mf_console_style(stdout, MF_PLAIN), alert->prompts,
           alert->denied, alert->timeouts, alert->failed, alert->approved);
    if (strcmp(alert->signals, job->last.signals) != 0) {
        printf("%18s", "");
        say_new_signals(alert->signals, job->shown == 0 ? "" : job->last.signals);
        putchar('\n');
    }
}

static void say_first(const struct mf_alert_line *alert)
{
    char time[MF_TIME_TEXT];

    mf_time_format(alert->start, time);
    fputs(mf_console_style(stdout, MF_BOLD), stdout);
    put(alert->incident);
    printf("%s  ", mf_console_style(stdout, MF_PLAIN));
    put(alert->user);
    fputs("  ", stdout);
    put(alert->provider);
    fputs("  from ", stdout);
    put(alert->source[0] != '\0' ? alert->source : "nowhere that a record told");
    fputs(" ", stdout);
    put(alert->country);
    printf("\n%.8s  began on %.10s\n", time + 11, time);
}

static void show(struct job *job, const struct mf_alert_line *alert)
{
    if (job->json) {
        mf_json_whole(&job->output, alert->json.data, alert->json.length);
    } else {
        if (job->shown == 0)
            say_first(alert);
        say_step(job, alert);
    }
    job->reached = job->reached || reaches(job, alert->level);
    job->last = *alert;
    job->shown++;
}

static void say_rest(const struct job *job)
{
    const struct mf_alert_line *last = &job->last;
    char time[MF_TIME_TEXT];

    mf_time_format(last->end, time);
    printf("\nIt %s", is_over(last) ? "ended" : "is open; the last record is of");
    printf(" %.10s %.8s, after %lld s.\n", time, time + 11, (long long)((last->end - last->start) / 1000));
    put(last->reason);
    printf(".\n%u records are named as evidence; mfatigue explain --incident ", last->n_evidence);
    put(last->incident);
    fputs(" LOG... explains each.\n", stdout);
    put(last->reference);
    putchar('\n');
}

/* ---- the run ---- */

static void take_line(struct job *job, const struct mf_line *line)
{
    struct mf_alert_line alert;
    size_t before = job->seen.n;

    if (!mf_alert_line_parse(&job->record, line->bytes, line->length, &alert)) {
        job->strange++;
        return;
    }
    if (mf_set_enter(&job->seen, mf_slice_of(alert.id)) == NULL)
        job->no_memory = true;
    if (job->seen.n == before)
        return;
    if (job->show == NULL)
        enter(job, &alert);
    else if (strcmp(alert.incident, job->show) == 0)
        show(job, &alert);
}

static int read_all(struct job *job, const struct mf_arguments *files)
{
    struct mf_error error;
    struct mf_placed_line place;
    int code = MF_EXIT_OK;
    struct mf_sources *sources = mf_sources_open(files, NULL, NULL, &job->output, &code, &error);

    while (sources != NULL && !job->no_memory && job->output.error == 0 &&
           mf_sources_next(sources, &place, &code, &error))
        take_line(job, &place.line);
    mf_sources_close(sources);
    if (code != MF_EXIT_OK)
        return mf_complain((enum mf_exit)code, "%s", error.text);
    return job->no_memory ? mf_complain(MF_EXIT_IO, "not enough memory for so many incidents") : MF_EXIT_OK;
}

static int say_end(const struct job *job)
{
    char count[MF_COUNT_TEXT];

    if (job->strange > 0)
        mf_complain(MF_EXIT_OK, "%s line%s no alert of mfatigue", mf_console_count(job->strange, count),
                    job->strange == 1 ? " is" : "s are");
    if (job->show != NULL && job->shown == 0)
        return mf_complain(MF_EXIT_BAD, "alerts: there is no alert of an incident \"%s\"", job->show);
    if (job->show != NULL && !job->json)
        say_rest(job);
    if (job->show == NULL && job->shown == 0)
        mf_complain(MF_EXIT_OK, job->n == 0 ? "there is no alert" : "no incident is like that");
    return job->reached ? MF_EXIT_FOUND : MF_EXIT_OK;
}

/* "list", "show ID", or neither: the list */
static int take_verb(struct job *job, struct mf_arguments *files)
{
    const char *verb = files->files[0];
    size_t used = 0;

    if (strcmp(verb, "list") == 0)
        used = 1;
    if (strcmp(verb, "show") == 0) {
        if (files->n_files < 2)
            return mf_complain(MF_EXIT_USAGE, "alerts: show which incident? Its id stands in the list");
        job->show = files->files[1];
        used = 2;
    }
    files->files += used;
    files->n_files -= used;
    if (files->n_files == 0) {
        static const char *standard_input[] = {"-"};

        files->files = standard_input;
        files->n_files = 1;
    }
    return MF_EXIT_OK;
}

static int take_arguments(struct job *job, struct mf_arguments *files)
{
    const struct mf_arguments *a = job->arguments;

    job->json = mf_flags_json(a);
    if (job->json)
        mf_output_array(&job->output, mf_flags_array(a));
    job->since = MF_TIME_NONE;
    if (a->since != NULL && !mf_clock_moment(a->since, &job->since))
        return mf_complain(MF_EXIT_USAGE,
                           "alerts: --since: \"%s\" is neither 24h, 7d nor a time such as 2026-03-02T09:14:37Z",
                           a->since);
    if (a->signal != NULL) {
        const char *names[MF_SIGNALS_MAX];
        bool known = false;

        for (unsigned i = 0; i < mf_n_signals; i++) {
            names[i] = mf_signals[i]->name;
            known = known || strcmp(names[i], a->signal) == 0;
        }
        const char *near = known ? NULL : mf_conf_nearest(mf_slice_of(a->signal), names, mf_n_signals);
        if (!known)
            return mf_complain(MF_EXIT_USAGE, "alerts: --signal: there is no signal \"%s\"%s%s%s", a->signal,
                               near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                               near != NULL ? "\"?" : "");
    }
    return take_verb(job, files);
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_arguments files = *arguments;
    struct mf_error error;
    int code, finished;

    job.arguments = arguments;
    mf_output_init(&job.output, 1);
    code = take_arguments(&job, &files);
    if (code != MF_EXIT_OK)
        return code;
    if (mf_record_init(&job.record, &mf_record_default_limits, &error) != 0)
        code = mf_complain(MF_EXIT_IO, "%s", error.text);
    if (code == MF_EXIT_OK)
        code = read_all(&job, &files);
    if (code == MF_EXIT_OK && job.show == NULL)
        list(&job);
    finished = mf_output_finish(&job.output);
    code = code != MF_EXIT_OK ? code : finished;
    if (code == MF_EXIT_OK)
        code = say_end(&job);
    mf_record_fini(&job.record);
    mf_set_fini(&job.seen);
    free(job.incident);
    free(job.alerts);
    free(job.slot);
    return code;
}

static const char *const levels[] = {"notice", "suspicious", "anomalous", NULL};
static const char *const severities[] = {"low", "medium", "high", "critical", NULL};

static const struct mf_flag flags[] = {
    {"level", 0, "LEVEL", offsetof(struct mf_arguments, level), levels, "only of this level and above"},
    {"severity", 0, "NAME", offsetof(struct mf_arguments, severity), severities, "only of this severity and above"},
    {"user", 0, "NAME", offsetof(struct mf_arguments, user), NULL, "only of this login"},
    {"provider", 0, "NAME", offsetof(struct mf_arguments, provider), NULL, "only of this provider: okta, duo, ..."},
    {"signal", 0, "NAME", offsetof(struct mf_arguments, signal), NULL, "only those in which this signal fired"},
    {"since", 0, "TIME", offsetof(struct mf_arguments, since), NULL,
     "only with an alert since then: 24h, 7d, or RFC 3339"},
    {"open", 0, NULL, offsetof(struct mf_arguments, open), NULL, "only those that have not ended"},
    {"fail-on", 0, "LEVEL", offsetof(struct mf_arguments, fail_on), levels,
     "exit 1 when one that is shown reached this level"},
    MF_FLAG_OUTPUT("human (the default), json (an array) or ndjson (an\nobject a line); of show the alerts themselves"),
    {0},
};

const struct mf_command mf_command_alerts = {
    .name = "alerts",
    .summary = "list incidents of alert files, and show one",
    .operands = "[list|show ID] [FILE|-]...",
    .description = "Reads alerts as the module or replay wrote them (plain or .gz, with or without a syslog header;\n"
                   "standard input without a file). Lists incidents, oldest first, each as its last alert tells it:\n"
                   "how often the user was asked, said no, said nothing, said yes. \"show\" tells one step by step.\n",
    .flags = flags,
    .examples = "  mfatigue alerts /var/log/mfatigue-alerts.json\n"
                "  mfatigue alerts --open --severity high --since 24h /var/log/mfatigue-alerts.json\n"
                "  mfatigue alerts show i-0123456789abcdef /var/log/mfatigue-alerts.json\n"
                "  mfatigue replay yesterday.jsonl.gz | mfatigue alerts -o ndjson | jq -r .user\n",
    .run = run,
};
