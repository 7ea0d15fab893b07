/* tool/explain.c
 *
 * mfatigue explain: why a record was judged as it was. Everything before it is judged in silence, so that the engine
 * knows what it knew then. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "account_json.h"
#include "account_text.h"
#include "command.h"
#include "pass.h"
#include "text.h"

enum { CLOSED_MAX = 64 };

/* An incident that was closed by the record in hand. */
struct closed {
    char user[MF_USER_MAX + 1], incident[MF_INCIDENT_ID + 1];
};

struct job {
    struct mf_pass pass;
    struct mf_worker *reader; /* reads once more what the pass's worker holds judged, with all its fields */
    struct mf_account account;
    bool json;

    /* which records are chosen */
    const char *incident;
    uint64_t record; /* 0 = not by number */
    char user[MF_USER_MAX + 1];

    /* the record in hand */
    uint64_t in_hand; /* records before it */
    unsigned event;   /* of it: events and skips handed out so far */
    unsigned n_closed;
    struct closed closed[CLOSED_MAX];
    const struct mf_judged *judged;
    unsigned wanted, reading; /* the number of the event that is told, and of the one being read */

    uint64_t told_at; /* the last record that was told, and its user */
    char told_user[MF_USER_MAX + 1];
    uint64_t told, skipped; /* skipped: chosen by user, and not judged */
    bool no_memory;
};

/* ---- telling ---- */

static void begin_record(struct job *job)
{
    if (job->in_hand == job->pass.records)
        return;
    job->in_hand = job->pass.records;
    job->event = job->n_closed = 0;
}

static void write_text(FILE *out, const void *account)
{
    mf_account_text(account, out);
}

/* Was another event of this record, of the same user, told just before? */
static bool note_told(struct job *job, struct mf_slice user)
{
    bool again = job->told_at == job->pass.records && mf_slice_equal(mf_slice_of(job->told_user), user);

    job->told_at = job->pass.records;
    mf_slice_copy(job->told_user, sizeof job->told_user, user);
    return again;
}

static void tell(struct job *job, const struct mf_event *read)
{
    struct mf_account *account = &job->account;

    mf_account_begin(account, job->judged, read);
    account->again = account->read != NULL && note_told(job, account->event.user);
    account->closed[0] = '\0';
    for (unsigned i = 0; account->read != NULL && i < job->n_closed; i++)
        if (mf_slice_equal(mf_slice_of(job->closed[i].user), account->event.user))
            memcpy(account->closed, job->closed[i].incident, sizeof account->closed);
    if (job->json)
        mf_account_json(&job->pass.output, account);
    else if (!mf_output_text(&job->pass.output, write_text, account))
        job->no_memory = job->pass.enough = true;
    job->told++;
    job->judged = NULL;
}

/* Of the events of the record, the one in question. */
static void take_reading(void *context, const struct mf_reading *reading)
{
    struct job *job = context;

    if (job->reading++ == job->wanted && job->judged != NULL)
        tell(job, reading->event);
}

/* ---- choosing ---- */

/* The engine hands a record that it did not judge out as it was read, so an alias still stands there. */
static bool is_users(const struct job *job, const struct mf_event *event)
{
    char name[MF_USER_MAX + 1];

    mf_slice_copy(name, sizeof name, event->user);
    mf_engine_user(job->pass.engine, name, name);
    return strcmp(name, job->user) == 0;
}

static bool is_chosen(struct job *job, const struct mf_judged *judged)
{
    if (job->record != 0)
        return job->pass.place.line.number == job->record;
    if (job->incident != NULL)
        return judged->incident != NULL && strcmp(judged->incident, job->incident) == 0;
    if (job->user[0] == '\0')
        return judged->verdict != NULL && judged->verdict->level >= MF_NOTICE;
    if (judged->verdict != NULL)
        return mf_slice_equal(judged->event->user, mf_slice_of(job->user));
    job->skipped += judged->event != NULL && is_users(job, judged->event);
    return false;
}

static void take_judged(void *context, const struct mf_judged *judged)
{
    struct job *job = context;
    const struct mf_line *line = &job->pass.place.line;

    begin_record(job);
    job->wanted = job->event++;
    if (!is_chosen(job, judged))
        return;
    job->judged = judged;
    job->reading = 0;
    mf_engine_read(job->pass.engine, job->reader, NULL, line->bytes, line->length, MF_TIME_NONE, take_reading, job);
    if (job->judged != NULL)
        tell(job, NULL);
    if (job->record != 0 && job->pass.place.file == NULL)
        job->pass.enough = true;
}

static void take_alert(void *context, const struct mf_alert_text *alert)
{
    struct job *job = context;

    begin_record(job);
    if (alert->phase != MF_PHASE_CLOSE || alert->of_address || job->n_closed == CLOSED_MAX)
        return;
    mf_slice_copy(job->closed[job->n_closed].user, MF_USER_MAX + 1, mf_slice_of(alert->user));
    mf_slice_copy(job->closed[job->n_closed++].incident, MF_INCIDENT_ID + 1, mf_slice_of(alert->incident));
}

/* ---- the run ---- */

static bool is_text(const char *name)
{
    size_t length = strlen(name);
    uint32_t code;

    for (size_t i = 0; i < length;) {
        i += mf_text_decode(name + i, length - i, &code);
        if (code == MF_TEXT_BROKEN)
            return false;
    }
    return true;
}

static int take_record(const char *text, uint64_t *record)
{
    enum { DIGITS_MAX = 18 };
    size_t digits = strspn(text, "0123456789");

    *record = digits > DIGITS_MAX || text[digits] != '\0' ? 0 : strtoull(text, NULL, 10);
    if (*record > 0)
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_USAGE, "explain: --record: \"%s\" is no number of a line, which count from 1", text);
}

/* What is not in a file is looked at before any is opened. */
static int check_arguments(struct job *job, const struct mf_arguments *arguments)
{
    if ((arguments->user != NULL) + (arguments->record != NULL) + (arguments->incident != NULL) > 1)
        return mf_complain(MF_EXIT_USAGE, "explain: one of --user, --record and --incident, not several");
    job->json = mf_flags_json(arguments);
    job->incident = arguments->incident;
    job->account.all = arguments->all;
    return arguments->record == NULL ? MF_EXIT_OK : take_record(arguments->record, &job->record);
}

static int say_end(const struct job *job, const struct mf_arguments *arguments)
{
    char count[MF_COUNT_TEXT];

    if (job->skipped > 0)
        mf_complain(MF_EXIT_OK, "%s record%s of \"%s\" %s not judged; --record says why",
                    mf_console_count(job->skipped, count), job->skipped == 1 ? "" : "s", job->user,
                    job->skipped == 1 ? "was" : "were");
    if (job->told > 0)
        return MF_EXIT_OK;
    if (job->record != 0)
        return mf_complain(MF_EXIT_BAD,
                           "explain: there is no record %s: the line is blank, or the input ends before it",
                           arguments->record);
    if (job->user[0] != '\0')
        return mf_complain(MF_EXIT_BAD, "explain: no record of \"%s\" was judged", job->user);
    if (job->incident != NULL)
        return mf_complain(MF_EXIT_BAD, "explain: no record belongs to an incident \"%s\"", job->incident);
    return mf_complain(MF_EXIT_OK, "no record of %s reached notice; --user and --record explain any",
                       mf_console_count(job->pass.records, count));
}

static int explain(struct job *job, const struct mf_arguments *arguments)
{
    const struct mf_sink sink = {.judged = take_judged, .alert = take_alert, .context = job, .explain = true};

    if (arguments->user != NULL &&
        (!is_text(arguments->user) || mf_engine_user(job->pass.engine, arguments->user, job->user) == 0))
        return mf_complain(MF_EXIT_USAGE, "explain: --user: \"%s\" is no login", arguments->user);
    job->in_hand = job->told_at = UINT64_MAX;
    job->account.policy = mf_engine_policy(job->pass.engine);
    job->account.place = &job->pass.place;
    int code = mf_pass_judge(&job->pass, arguments, &sink);
    int finished = mf_output_finish(&job->pass.output);

    if (job->no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory to explain a record");
    if (code != MF_EXIT_OK || finished != MF_EXIT_OK)
        return code != MF_EXIT_OK ? code : finished;
    return say_end(job, arguments);
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    int code = check_arguments(&job, arguments);

    if (code != MF_EXIT_OK)
        return code;
    code = mf_pass_open(&job.pass, arguments, 0);
    mf_output_array(&job.pass.output, mf_flags_array(arguments));
    job.reader = code == MF_EXIT_OK ? mf_tool_worker(job.pass.engine, &code) : NULL;
    if (job.reader != NULL)
        code = explain(&job, arguments);
    mf_worker_free(job.reader);
    mf_pass_close(&job.pass);
    return code;
}

static const struct mf_flag flags[] = {
    {"user", 0, "NAME", offsetof(struct mf_arguments, user), NULL,
     "every judged record of this user, by login or alias"},
    {"record", 0, "N", offsetof(struct mf_arguments, record), NULL,
     "line N of the input, judged or not; with several\nfiles, of each"},
    {"incident", 0, "ID", offsetof(struct mf_arguments, incident), NULL, "every record that belongs to this incident"},
    {"all", 0, NULL, offsetof(struct mf_arguments, all), NULL, "each signal in full, those that are silent too"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("human (the default); json (an array) or\nndjson (an object a line)"),
    {0},
};

const struct mf_command mf_command_explain = {
    .name = "explain",
    .summary = "say why records were judged as they were",
    .operands = "[FILE|-]...",
    .description = "Judges log lines as replay does, and says of each chosen record how it was read, what was known,\n"
                   "what was asked and answered, how the points add up, and what the incident did. Without a choice:\n"
                   "every record of level notice or above. A record that was not judged says why.\n",
    .flags = flags,
    .examples = "  mfatigue explain --record 42 okta.jsonl\n"
                "  mfatigue explain --user ada@example.com yesterday.jsonl.gz | less\n"
                "  mfatigue explain --incident i-0123456789abcdef -o ndjson okta.jsonl duo.jsonl | jq .verdict\n",
    .run = run,
};
