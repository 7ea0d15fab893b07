/* tool/test.c
 *
 * mfatigue test: directories of cases, records and what must come of them, judged and compared. */

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "compare.h"
#include "event_json.h"
#include "json_read.h"
#include "outcomes.h"
#include "output.h"
#include "sources.h"
#include "text.h"

struct promise {
    char *suite, *name, *detail; /* detail: NULL when it is held */
};

struct job {
    const struct mf_arguments *arguments;
    struct promise *promise;
    size_t n, room, failed, cases;
    bool no_memory;
    struct mf_record tape; /* of expectations and alerts */
    /* the case in hand */
    const char *suite;
    char name[512];
    struct mf_case wanted;
    struct mf_engine *engine;
    struct mf_worker *worker;
    struct mf_outcomes outcomes;
    size_t next_reading;
    unsigned record, readings, skipped;
    char *detail; /* sentences so far */
    size_t detail_length;
    unsigned detail_lines;
};

/* ---- promises ---- */

static void add_sentence(void *context, const char *sentence)
{
    enum { LINES_MAX = 50 };
    struct job *job = context;
    size_t length = strlen(sentence);
    char *detail;

    if (++job->detail_lines > LINES_MAX)
        return;
    detail = realloc(job->detail, job->detail_length + length + 2);
    if (detail == NULL) {
        job->no_memory = true;
        return;
    }
    if (job->detail_length > 0)
        detail[job->detail_length++] = '\n';
    memcpy(detail + job->detail_length, sentence, length + 1);
    job->detail_length += length;
    job->detail = detail;
}

static void add_line(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_line(struct job *job, const char *format, ...)
{
    char sentence[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    add_sentence(job, sentence);
}

/* Ends a promise: what was said since the last one speaks against it. */
static void promise(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void promise(struct job *job, const char *format, ...)
{
    char text[1024];
    va_list args;
    struct promise *array = job->promise;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (job->n == job->room) {
        job->room = job->room == 0 ? 256 : job->room * 2;
        array = realloc(array, job->room * sizeof *array);
    }
    if (array == NULL) {
        job->no_memory = true;
        return;
    }
    job->promise = array;
    array[job->n++] = (struct promise){strdup(job->suite), strdup(text), job->detail};
    job->failed += job->detail != NULL;
    job->detail = NULL;
    job->detail_length = job->detail_lines = 0;
}

/* ---- how records are read ---- */

static const struct mf_wanted_reading *next_reading(const struct job *job)
{
    const struct mf_case *wanted = &job->wanted;

    if (job->next_reading == wanted->n_readings || wanted->reading[job->next_reading].record != job->record)
        return NULL;
    return &wanted->reading[job->next_reading];
}

static void take_reading(void *context, const struct mf_reading *reading)
{
    struct job *job = context;
    const struct mf_wanted_reading *wanted = next_reading(job);

    job->readings++;
    if (wanted == NULL) {
        add_line(job, "record %u: one more event than expected: %s", job->record,
                 reading->event != NULL ? mf_kind_name(reading->event->kind) : mf_skip_name(reading->skip));
        return;
    }
    job->next_reading++;
    mf_reading_compare(&job->tape, wanted, reading, job->record, add_sentence, job);
}

/* ---- how they are judged ---- */

static bool is_expected_skip(struct job *job, enum mf_skip skip)
{
    if (skip == MF_SKIP_IGNORE || skip == MF_SKIP_LISTED)
        return true;
    for (size_t i = 0; i < job->wanted.n_readings; i++)
        if (job->wanted.reading[i].record == job->record && strstr(job->wanted.reading[i].json, mf_skip_name(skip)))
            return true;
    return false;
}

static void take_judged(void *context, const struct mf_judged *judged)
{
    struct job *job = context;
    struct mf_user_outcome *outcome;

    if (judged->skip != MF_SKIP_NONE && !is_expected_skip(job, judged->skip))
        add_line(job, "record %u is not judged: %s", job->record, mf_skip_name(judged->skip));
    if (judged->event == NULL)
        return;
    outcome = mf_outcomes_of(&job->outcomes, judged->event->user);
    if (outcome == NULL)
        job->no_memory = true;
    else if (judged->verdict != NULL)
        mf_outcome_verdict(outcome, judged);
}

static void take_alert(void *context, const struct mf_alert_text *text)
{
    struct job *job = context;
    struct mf_alert_line alert;
    struct mf_user_outcome *outcome;

    if (!mf_alert_line_parse(&job->tape, text->json, text->length, &alert))
        return;
    outcome = mf_outcomes_of(&job->outcomes, mf_slice_of(alert.user));
    if (outcome == NULL)
        job->no_memory = true;
    else
        mf_outcome_alert(outcome, &alert);
}

static struct mf_wanted *wanted_of(struct job *job, const char *user)
{
    for (size_t i = 0; i < job->wanted.n_wanted; i++)
        if (strcmp(job->wanted.wanted[i].user, user) == 0)
            return &job->wanted.wanted[i];
    return NULL;
}

/* Everyone of whom nothing is said stays out of it. */
static struct mf_wanted quiet(void)
{
    struct mf_wanted wanted;

    memset(&wanted, 0xff, sizeof wanted);
    wanted.signals = 0;
    wanted.level = MF_NORMAL;
    wanted.severity = MF_SEVERITY_NONE;
    memset(wanted.least, 0, sizeof wanted.least);
    memset(wanted.most, 0, sizeof wanted.most);
    return wanted;
}

static void promise_user(struct job *job, const struct mf_wanted *wanted)
{
    promise(job, "%s: %s%s%s%s%s", job->name, wanted->user, wanted->level != MF_ANY ? " is " : "",
            wanted->level != MF_ANY ? mf_level_name((enum mf_level)wanted->level) : " is as expected",
            wanted->level != MF_ANY && wanted->severity != MF_ANY ? ", " : "",
            wanted->severity != MF_ANY ? mf_severity_name((enum mf_severity)wanted->severity) : "");
}

static void compare_users(struct job *job)
{
    struct mf_wanted *others = wanted_of(job, "*"), silence = quiet();
    size_t n_others = 0;

    for (size_t i = 0; i < job->wanted.n_wanted; i++) {
        struct mf_wanted *wanted = &job->wanted.wanted[i];
        struct mf_user_outcome *outcome;

        if (wanted == others || (outcome = mf_outcomes_of(&job->outcomes, mf_slice_of(wanted->user))) == NULL)
            continue;
        mf_outcome_compare(outcome, wanted, add_sentence, job);
        promise_user(job, wanted);
    }
    for (size_t i = 0; i < job->outcomes.n; i++) {
        struct mf_user_outcome *outcome = &job->outcomes.user[i];
        unsigned before = job->detail_lines;

        if (wanted_of(job, outcome->user) != NULL)
            continue;
        n_others++;
        mf_outcome_compare(outcome, others != NULL ? others : &silence, add_sentence, job);
        if (job->detail_lines > before)
            add_line(job, "  (of %s)", outcome->user);
    }
    if (n_others > 0)
        promise(job, "%s: %zu other%s as quiet as expected", job->name, n_others, n_others == 1 ? " is" : "s are");
}

/* ---- one case ---- */

static int each_line(struct job *job, const char *file, void (*take)(struct job *job, const struct mf_line *line))
{
    const char *files[] = {file};
    const struct mf_arguments arguments = {.files = files, .n_files = 1};
    struct mf_error error;
    struct mf_placed_line place;
    int code = MF_EXIT_OK;
    struct mf_sources *sources = mf_sources_open(&arguments, NULL, NULL, NULL, &code, &error);

    while (sources != NULL && mf_sources_next(sources, &place, &code, &error)) {
        job->record = (unsigned)place.line.number;
        take(job, &place.line);
    }
    mf_sources_close(sources);
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}

static void read_line(struct job *job, const struct mf_line *line)
{
    const struct mf_wanted_reading *left;

    mf_engine_read(job->engine, job->worker, NULL, line->bytes, line->length, MF_TIME_NONE, take_reading, job);
    for (; (left = next_reading(job)) != NULL; job->next_reading++)
        add_line(job, "record %u: the event of line %u did not come", job->record, left->line);
}

static void judge_line(struct job *job, const struct mf_line *line)
{
    const struct mf_sink sink = {.judged = take_judged, .alert = take_alert, .context = job};

    mf_engine_judge(job->engine, job->worker, line->bytes, line->length, MF_TIME_NONE, &sink, NULL);
}

static int run_case(struct job *job, const char *file)
{
    int code = MF_EXIT_OK;

    job->next_reading = job->readings = job->skipped = 0;
    if (job->wanted.n_readings > 0) {
        code = each_line(job, file, read_line);
        if (job->next_reading < job->wanted.n_readings)
            add_line(job, "line %u: there is no record %u", job->wanted.reading[job->next_reading].line,
                     job->wanted.reading[job->next_reading].record);
        promise(job, "%s: %u events are read as expected", job->name, job->readings);
    }
    if (code == MF_EXIT_OK && job->wanted.n_wanted > 0) {
        code = each_line(job, file, judge_line);
        promise(job, "%s: every record is judged", job->name);
        compare_users(job);
    }
    return code;
}

/* The policy of the case, relative to its directory; else that of the command line. */
static int open_engine(struct job *job, const char *directory)
{
    struct mf_arguments arguments = *job->arguments;
    char policy[8192];
    int code = MF_EXIT_OK;

    if (job->wanted.policy[0] != '\0') {
        snprintf(policy, sizeof policy, "%s%s%s", job->wanted.policy[0] == '/' ? "" : directory,
                 job->wanted.policy[0] == '/' ? "" : "/", job->wanted.policy);
        arguments.policy = policy;
    }
    job->engine = mf_tool_engine(&arguments, 0, &code);
    job->worker = job->engine == NULL ? NULL : mf_tool_worker(job->engine, &code);
    return code;
}

static int test_case(struct job *job, const char *directory, const char *records, const char *name)
{
    char file[8192], expect[8192];
    struct mf_error error;
    int code = MF_EXIT_OK;

    snprintf(file, sizeof file, "%s/%s", directory, records);
    snprintf(expect, sizeof expect, "%s/%s.expect", directory, name);
    mf_slice_copy(job->name, sizeof job->name, mf_slice_of(name));
    job->cases++;
    job->outcomes = (struct mf_outcomes){.n = 0};
    if (mf_case_load(&job->wanted, expect, &job->tape, &error) != 0)
        code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    if (code == MF_EXIT_OK)
        code = open_engine(job, directory);
    if (code == MF_EXIT_OK)
        code = run_case(job, file);
    mf_worker_free(job->worker);
    mf_engine_free(job->engine);
    job->worker = NULL;
    job->engine = NULL;
    mf_outcomes_fini(&job->outcomes);
    mf_case_fini(&job->wanted);
    return code;
}

/* ---- a directory ---- */

static bool is_records(const struct dirent *entry, char name[256])
{
    static const char *const ends[] = {".jsonl", ".jsonl.gz", ".log", ".log.gz"};
    size_t length = strlen(entry->d_name);

    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);

        if (length > end && length < 256 && strcmp(entry->d_name + length - end, ends[i]) == 0) {
            mf_slice_copy(name, 256, (struct mf_slice){entry->d_name, length - end});
            return true;
        }
    }
    return false;
}

static bool is_chosen(const struct job *job, const char *name)
{
    return job->arguments->only == NULL || strstr(name, job->arguments->only) != NULL;
}

static int test_directory(struct job *job, const char *directory)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, NULL, alphasort), code = MF_EXIT_OK;
    size_t before = job->cases;

    if (n < 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", directory, strerror(errno));
    job->suite = directory;
    for (int i = 0; i < n; i++) {
        char name[256];

        if (code == MF_EXIT_OK && !job->no_memory && is_records(entries[i], name) && is_chosen(job, name))
            code = test_case(job, directory, entries[i]->d_name, name);
        free(entries[i]);
    }
    free(entries);
    if (code == MF_EXIT_OK && job->cases == before)
        code = mf_complain(MF_EXIT_BAD, "%s: there is no case%s%s; one is NAME.jsonl and NAME.expect", directory,
                           job->arguments->only != NULL ? " like " : "",
                           job->arguments->only != NULL ? job->arguments->only : "");
    return code;
}

/* ---- telling ---- */

static void put(struct mf_output *output, const char *text)
{
    mf_output_bytes(output, text, strlen(text));
}

static void put_number(struct mf_output *output, size_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", number);
    put(output, text);
}

/* What acts on a terminal, or on its reader, is a question mark. */
static void put_safe(struct mf_output *output, const char *text)
{
    size_t length = strlen(text);
    uint32_t code;

    for (size_t i = 0, n; i < length; i += n) {
        n = mf_text_decode(text + i, length - i, &code);
        if (code == MF_TEXT_BROKEN || mf_text_is_hidden(code))
            put(output, "?");
        else
            mf_output_bytes(output, text + i, n);
    }
}

/* "#   " before each line */
static void put_comment(struct mf_output *output, char *text)
{
    for (char *line = text, *end; line != NULL; line = end == NULL ? NULL : end + 1) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        put(output, "#   ");
        put_safe(output, line);
        put(output, "\n");
        if (end != NULL)
            *end = '\n';
    }
}

static void write_tap(struct mf_output *output, const struct job *job)
{
    put(output, "TAP version 13\n1..");
    put_number(output, job->n);
    put(output, "\n");
    for (size_t i = 0; i < job->n; i++) {
        put(output, job->promise[i].detail == NULL ? "ok " : "not ok ");
        put_number(output, i + 1);
        put(output, " - ");
        put_safe(output, job->promise[i].name);
        put(output, "\n");
        if (job->promise[i].detail != NULL)
            put_comment(output, job->promise[i].detail);
    }
}

/* XML has no way to write most control characters. */
static void put_xml(struct mf_output *output, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *entity = *text == '<'    ? "&lt;"
                             : *text == '>'  ? "&gt;"
                             : *text == '&'  ? "&amp;"
                             : *text == '"'  ? "&quot;"
                             : *text == '\n' ? "&#10;"
                                             : NULL;

        if (entity != NULL)
            put(output, entity);
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            put(output, "?");
        else
            mf_output_bytes(output, text, 1);
    }
}

static void put_suite(struct mf_output *output, const struct job *job, size_t from, size_t to)
{
    size_t failed = 0;

    for (size_t i = from; i < to; i++)
        failed += job->promise[i].detail != NULL;
    put(output, "  <testsuite name=\"");
    put_xml(output, job->promise[from].suite);
    put(output, "\" tests=\"");
    put_number(output, to - from);
    put(output, "\" failures=\"");
    put_number(output, failed);
    put(output, "\">\n");
    for (size_t i = from; i < to; i++) {
        put(output, "    <testcase classname=\"mfatigue\" name=\"");
        put_xml(output, job->promise[i].name);
        put(output, job->promise[i].detail == NULL ? "\"/>\n" : "\"><failure message=\"");
        if (job->promise[i].detail != NULL) {
            put_xml(output, job->promise[i].detail);
            put(output, "\"/></testcase>\n");
        }
    }
    put(output, "  </testsuite>\n");
}

static void write_junit(struct mf_output *output, const struct job *job)
{
    size_t from = 0;

    put(output, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"");
    put_number(output, job->n);
    put(output, "\" failures=\"");
    put_number(output, job->failed);
    put(output, "\">\n");
    for (size_t i = 1; i <= job->n; i++)
        if (i == job->n || strcmp(job->promise[i].suite, job->promise[from].suite) != 0) {
            put_suite(output, job, from, i);
            from = i;
        }
    put(output, "</testsuites>\n");
}

static void write_json(struct mf_output *output, const struct job *job)
{
    mf_output_array(output, mf_flags_array(job->arguments));
    for (size_t i = 0; i < job->n; i++) {
        mf_json_begin(output, NULL);
        mf_json_text(output, "directory", job->promise[i].suite);
        mf_json_text(output, "promise", job->promise[i].name);
        mf_json_bool(output, "held", job->promise[i].detail == NULL);
        mf_json_text(output, "detail", job->promise[i].detail);
        mf_json_end(output, NULL);
    }
}

static void say_human(const struct job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        if (job->promise[i].detail == NULL)
            continue;
        printf("%sFAIL%s ", mf_console_style(stdout, MF_RED), mf_console_style(stdout, MF_PLAIN));
        mf_console_text(stdout, job->promise[i].name, strlen(job->promise[i].name));
        fputs("\n     ", stdout);
        for (const char *line = job->promise[i].detail; *line != '\0';) {
            size_t length = strcspn(line, "\n");

            mf_console_text(stdout, line, length);
            line += length + (line[length] == '\n');
            if (*line != '\0')
                fputs("\n     ", stdout);
        }
        putchar('\n');
    }
    printf("%zu case%s: %zu promise%s held, %s%zu failed%s\n", job->cases, job->cases == 1 ? "" : "s",
           job->n - job->failed, job->n - job->failed == 1 ? "" : "s",
           job->failed > 0 ? mf_console_style(stdout, MF_RED) : "", job->failed,
           job->failed > 0 ? mf_console_style(stdout, MF_PLAIN) : "");
}

static int tell(const struct job *job)
{
    static struct mf_output output;
    const char *format = job->arguments->format;

    mf_output_init(&output, 1);
    if (format == NULL || strcmp(format, "human") == 0)
        say_human(job);
    else if (strcmp(format, "tap") == 0)
        write_tap(&output, job);
    else if (strcmp(format, "junit") == 0)
        write_junit(&output, job);
    else
        write_json(&output, job);
    return mf_output_finish(&output);
}

static void forget(struct job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        free(job->promise[i].suite);
        free(job->promise[i].name);
        free(job->promise[i].detail);
    }
    free(job->promise);
    free(job->detail);
    mf_record_fini(&job->tape);
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    int code = MF_EXIT_OK;

    job.arguments = arguments;
    if (strcmp(arguments->files[0], "-") == 0)
        return mf_complain(MF_EXIT_USAGE, "test: which directory of cases?");
    if (mf_record_init(&job.tape, &mf_record_default_limits, &error) != 0)
        return mf_complain(MF_EXIT_IO, "%s", error.text);
    for (size_t i = 0; i < arguments->n_files && code == MF_EXIT_OK; i++)
        code = test_directory(&job, arguments->files[i]);
    if (code == MF_EXIT_OK && job.no_memory)
        code = mf_complain(MF_EXIT_IO, "not enough memory for the cases");
    if (code == MF_EXIT_OK)
        code = tell(&job);
    if (code == MF_EXIT_OK && job.failed > 0)
        code = MF_EXIT_FOUND;
    forget(&job);
    return code;
}

static const char *const formats[] = {"human", "tap", "junit", "json", "ndjson", NULL};

static const struct mf_flag flags[] = {
    {"only", 0, "TEXT", offsetof(struct mf_arguments, only), NULL, "only cases with this in their name"},
    {"policy", 0, "FILE", offsetof(struct mf_arguments, policy), NULL,
     "the policy of cases that name none; without it, the\ncompiled-in defaults"},
    MF_FLAG_PROFILE_DIR,
    {"output", 'o', "FORMAT", offsetof(struct mf_arguments, format), formats,
     "human (the default: what failed), tap, junit, json (an\narray) or ndjson (an object a line)"},
    {0},
};

const struct mf_command mf_command_test = {
    .name = "test",
    .summary = "judge directories of cases, and compare with what they expect",
    .operands = "DIR...",
    .description = "A case is two files in a directory: NAME.jsonl (or .log, .gz) with records, and NAME.expect,\n"
                   "which says how they must be read and what must come of their users, a JSON object a line\n"
                   "(docs/cases.md). Exit code 1 when something came out otherwise.\n",
    .flags = flags,
    .examples = "  mfatigue test /etc/mfatigue/cases\n"
                "  mfatigue test --policy trial.json -o tap tests/scenarios\n"
                "  mfatigue test -o junit /etc/mfatigue/cases > report.xml\n",
    .run = run,
};
