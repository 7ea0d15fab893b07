/* tool/profile.c
 *
 * mfatigue profile: which profiles there are and what they can say; and one under work, tried on samples. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "compare.h"
#include "event_json.h"
#include "event_text.h"
#include "output.h"
#include "sources.h"

/* ---- list ---- */

static void write_kinds(struct mf_output *output, uint32_t kinds)
{
    mf_json_array_begin(output, "kinds");
    for (unsigned i = 0; i < MF_N_KINDS; i++)
        if ((kinds >> i & 1) != 0)
            mf_json_array_slice(output, mf_slice_of(mf_kind_name((enum mf_kind)i)));
    mf_json_array_end(output);
}

static void write_factors(struct mf_output *output, uint32_t factors)
{
    mf_json_array_begin(output, "factors");
    for (unsigned i = 0; i < MF_N_FACTORS; i++)
        if ((factors >> i & 1) != 0)
            mf_json_array_slice(output, mf_slice_of(mf_factor_name((enum mf_factor)i)));
    mf_json_array_end(output);
}

/* The names of all limits of one kind, those that hold in part or those that hold. */
static void write_limits(struct mf_output *output, const char *key, const struct mf_ability *ability, bool partly)
{
    mf_json_array_begin(output, key);
    for (unsigned i = 0; i < ability->n_limits; i++)
        for (unsigned n = 0; ability->limit[i].partly == partly && n < ability->limit[i].n; n++)
            mf_json_array_slice(output, ability->limit[i].name[n]);
    mf_json_array_end(output);
}

static int list_as_json(const struct mf_profiles *profiles, bool array)
{
    static struct mf_output output;

    mf_output_init(&output, 1);
    mf_output_array(&output, array);
    for (size_t i = 0; i < mf_profiles_count(profiles); i++) {
        const struct mf_ability *ability = mf_profiles_ability(profiles, i);

        mf_json_begin(&output, NULL);
        mf_json_text(&output, "profile", mf_profiles_name(profiles, i));
        mf_json_slice(&output, "idp", mf_profiles_idp(profiles, i));
        mf_json_count(&output, "version", MF_PROFILE_VERSION);
        write_kinds(&output, ability->kinds);
        write_factors(&output, ability->factors);
        write_limits(&output, "cannot", ability, false);
        write_limits(&output, "partly", ability, true);
        mf_json_end(&output, NULL);
    }
    return mf_output_finish(&output);
}

/* A row of words, broken before the margin. */
struct row {
    const char *title;
    size_t used;
};

static void say_word(struct row *row, struct mf_slice word)
{
    enum { MARGIN = 100, INDENT = 13 };

    if (row->used == 0)
        row->used = (size_t)printf("  %-*s", INDENT - 2, row->title);
    else if (row->used + 1 + word.length > MARGIN)
        row->used = (size_t)printf("\n%*s", INDENT, "") - 1;
    else
        row->used += (size_t)printf(" ");
    mf_console_text(stdout, word.data, word.length);
    row->used += word.length;
}

static void end_row(const struct row *row)
{
    if (row->used > 0)
        putchar('\n');
}

static void say_sentence(struct row *row, struct mf_slice text)
{
    while (text.length > 0) {
        const char *blank = memchr(text.data, ' ', text.length);
        size_t length = blank == NULL ? text.length : (size_t)(blank - text.data);

        say_word(row, (struct mf_slice){text.data, length});
        text.data += length + (blank != NULL);
        text.length -= length + (blank != NULL);
    }
}

static void say_limit(const struct mf_limit *limit)
{
    struct row row = {limit->partly ? "in part" : "cannot", 0};

    for (unsigned i = 0; i < limit->n; i++)
        say_word(&row, limit->name[i]);
    say_word(&row, mf_slice_of("-"));
    say_sentence(&row, limit->why);
    end_row(&row);
}

static void say_profile(const struct mf_profiles *profiles, size_t index)
{
    const struct mf_ability *ability = mf_profiles_ability(profiles, index);
    struct mf_slice idp = mf_profiles_idp(profiles, index);
    struct row kinds = {"kinds", 0}, factors = {"factors", 0};

    fputs(mf_console_style(stdout, MF_BOLD), stdout);
    mf_console_text(stdout, mf_profiles_name(profiles, index), strlen(mf_profiles_name(profiles, index)));
    printf("%s  idp ", mf_console_style(stdout, MF_PLAIN));
    mf_console_text(stdout, idp.data, idp.length);
    printf(", format %d\n", MF_PROFILE_VERSION);
    for (unsigned i = 0; i < MF_N_KINDS; i++)
        if ((ability->kinds >> i & 1) != 0)
            say_word(&kinds, mf_slice_of(mf_kind_name((enum mf_kind)i)));
    end_row(&kinds);
    for (unsigned i = 0; i < MF_N_FACTORS; i++)
        if ((ability->factors >> i & 1) != 0)
            say_word(&factors, mf_slice_of(mf_factor_name((enum mf_factor)i)));
    end_row(&factors);
    for (unsigned i = 0; i < ability->n_limits; i++)
        say_limit(&ability->limit[i]);
}

static int list(const struct mf_arguments *arguments)
{
    int code = MF_EXIT_OK;
    struct mf_engine *engine = mf_tool_engine(arguments, 0, &code);
    const struct mf_profiles *profiles = engine == NULL ? NULL : mf_engine_profiles(engine);

    if (engine == NULL)
        return code;
    if (mf_flags_json(arguments))
        code = list_as_json(profiles, mf_flags_array(arguments));
    else
        for (size_t i = 0; i < mf_profiles_count(profiles); i++)
            say_profile(profiles, i);
    mf_engine_free(engine);
    return code;
}

/* ---- test: the profile under work ---- */

enum { VALUES_MAX = 64, PATH_LENGTH = 4096 };

/* What the vendor calls records that gave no event, and how many there were. */
struct value {
    char text[120];
    enum mf_skip skip;
    unsigned n;
};

struct job {
    const struct mf_profiles *profiles;
    struct mf_reader *reader;
    struct mf_record tape;
    struct mf_output output;
    const struct mf_placed_line *place; /* of the record in hand */
    mf_time arrival;                    /* a time of day without a date is of the day that is closest to it */
    /* with an .expect file: what is wanted, and what speaks against the promise in hand */
    struct mf_case wanted;
    size_t next;
    unsigned n_promises, n_failed;
    char detail[8192];
    size_t detail_used;
    /* without */
    bool json, array, no_memory;
    struct mf_reading_lines shown;
    unsigned records, kind[MF_N_KINDS], skip[MF_N_SKIPS];
    struct value value[VALUES_MAX];
    unsigned n_values;
};

/* "DIR/NAME.json" as a directory and a name. */
static struct mf_profiles *load_file(const char *file, int *code)
{
    char dir[PATH_LENGTH], name[PATH_LENGTH];
    const char *const names[] = {name};
    const char *slash = strrchr(file, '/'), *stem = slash == NULL ? file : slash + 1;
    size_t length = strlen(stem);
    struct mf_error error;
    struct mf_profiles *profiles = NULL;

    if (strlen(file) >= PATH_LENGTH || length < 6 || strcmp(stem + length - 5, ".json") != 0) {
        *code = mf_complain(MF_EXIT_USAGE, "profile test: \"%s\": the first file is a profile, NAME.json", file);
        return NULL;
    }
    snprintf(dir, sizeof dir, "%.*s",
             slash == NULL   ? 1
             : slash == file ? 1
                             : (int)(slash - file),
             slash == NULL ? "." : file);
    snprintf(name, sizeof name, "%.*s", (int)(length - 5), stem);
    profiles = mf_profiles_load(dir, names, 1, &error);
    if (profiles == NULL)
        *code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    return profiles;
}

/* ---- test: samples that say what is expected ---- */

/* Line by line, as comments. */
static void print_details(const struct job *job)
{
    for (const char *at = job->detail; at < job->detail + job->detail_used; at += strlen(at) + 1) {
        printf("#   ");
        mf_console_text(stdout, at, strlen(at));
        putchar('\n');
    }
}

/* What was said since the last one speaks against it. */
static void end_promise(struct job *job, const char *sentence)
{
    bool failed = job->detail_used > 0;

    job->n_promises++;
    job->n_failed += failed;
    printf("%sok %u - ", failed ? "not " : "", job->n_promises);
    mf_console_text(stdout, sentence, strlen(sentence));
    putchar('\n');
    print_details(job);
    job->detail_used = 0;
}

/* What no longer fits is left out: it has failed in any case. */
static void say_detail(void *context, const char *sentence)
{
    struct job *job = context;
    size_t length = strlen(sentence) + 1;

    if (length > sizeof job->detail - job->detail_used)
        return;
    memcpy(job->detail + job->detail_used, sentence, length);
    job->detail_used += length;
}

static const struct mf_wanted_reading *next_wanted(const struct job *job)
{
    const struct mf_wanted_reading *wanted = job->wanted.reading + job->next;

    return job->next < job->wanted.n_readings && wanted->record == job->place->line.number ? wanted : NULL;
}

static void compare(void *context, const struct mf_reading *reading)
{
    struct job *job = context;
    const struct mf_wanted_reading *wanted = next_wanted(job);
    char sentence[160];

    if (wanted == NULL) {
        snprintf(sentence, sizeof sentence, "record %llu: one more event than expected: %s",
                 (unsigned long long)job->place->line.number,
                 reading->event != NULL ? mf_kind_name(reading->event->kind) : mf_skip_name(reading->skip));
        say_detail(job, sentence);
        return;
    }
    job->next++;
    mf_reading_compare(&job->tape, wanted, reading, (unsigned)job->place->line.number, say_detail, job);
}

/* ---- test: samples that do not ---- */

static void note_value(struct job *job, const struct mf_reading *reading)
{
    struct value value = {.skip = reading->skip, .n = 1};

    mf_slice_copy(value.text, sizeof value.text, reading->unmapped);
    for (unsigned i = 0; i < job->n_values; i++)
        if (job->value[i].skip == value.skip && strcmp(job->value[i].text, value.text) == 0) {
            job->value[i].n++;
            return;
        }
    if (job->n_values < VALUES_MAX)
        job->value[job->n_values++] = value;
}

static void show(void *context, const struct mf_reading *reading)
{
    struct job *job = context;

    if (!job->json && !mf_reading_line(&job->output, &job->shown, job->place, reading))
        job->no_memory = true;
    if (job->json) {
        mf_output_array(&job->output, job->array);
        mf_json_begin(&job->output, NULL);
        mf_json_reading(&job->output, reading);
        mf_json_end(&job->output, NULL);
    }
    if (reading->event != NULL) {
        job->kind[reading->event->kind]++;
        return;
    }
    job->skip[reading->skip]++;
    if (reading->unmapped.length > 0)
        note_value(job, reading);
}

static void say_values(const struct job *job, enum mf_skip skip)
{
    for (unsigned i = 0; i < job->n_values; i++) {
        if (job->value[i].skip != skip)
            continue;
        fprintf(stderr, "    %6u ", job->value[i].n);
        mf_console_text(stderr, job->value[i].text, strlen(job->value[i].text));
        fputc('\n', stderr);
    }
}

static void say_summary(const struct job *job)
{
    fprintf(stderr, "%u records\n", job->records);
    for (unsigned i = 0; i < MF_N_KINDS; i++)
        if (job->kind[i] > 0)
            fprintf(stderr, "%6u %s\n", job->kind[i], mf_kind_name((enum mf_kind)i));
    for (unsigned i = 0; i < MF_N_SKIPS; i++) {
        if (job->skip[i] == 0)
            continue;
        fprintf(stderr, "%6u no event: %s\n", job->skip[i], mf_skip_name((enum mf_skip)i));
        say_values(job, (enum mf_skip)i);
    }
}

/* ---- test: the run ---- */

static void finish_record(struct job *job)
{
    char sentence[PATH_LENGTH];

    while (next_wanted(job) != NULL) {
        snprintf(sentence, sizeof sentence, "record %llu: one event less than expected (line %u)",
                 (unsigned long long)job->place->line.number, job->wanted.reading[job->next++].line);
        say_detail(job, sentence);
    }
}

static int read_sample(struct job *job, const char *file, mf_reading_fn fn)
{
    struct mf_arguments arguments = {.files = &file, .n_files = 1};
    struct mf_placed_line place;
    struct mf_error error;
    int code = MF_EXIT_OK;
    struct mf_sources *sources = mf_sources_open(&arguments, NULL, NULL, &job->output, &code, &error);

    job->place = &place;
    while (sources != NULL && mf_sources_next(sources, &place, &code, &error)) {
        job->records++;
        mf_reader_read(job->reader, job->profiles, NULL, place.line.bytes, place.line.length, job->arrival, fn, job);
        if (fn == compare) {
            char sentence[PATH_LENGTH];

            finish_record(job);
            snprintf(sentence, sizeof sentence, "%s: record %llu", file, (unsigned long long)place.line.number);
            end_promise(job, sentence);
        }
    }
    mf_sources_close(sources);
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}

/* NAME.expect beside NAME.jsonl, if there is one. */
static bool find_expect(const char *file, char expect[PATH_LENGTH])
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
    size_t length = dot == NULL || (slash != NULL && dot < slash) ? strlen(file) : (size_t)(dot - file);
    FILE *stream;

    if (snprintf(expect, PATH_LENGTH, "%.*s.expect", (int)length, file) >= PATH_LENGTH || strcmp(file, "-") == 0)
        return false;
    stream = fopen(expect, "r");
    if (stream == NULL)
        return false;
    fclose(stream);
    return true;
}

static int test_sample(struct job *job, const char *file)
{
    char expect[PATH_LENGTH];
    struct mf_error error;
    int code = MF_EXIT_OK;

    if (!find_expect(file, expect))
        return read_sample(job, file, show);
    job->next = 0;
    if (mf_case_load(&job->wanted, expect, &job->tape, &error) != 0)
        code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    else
        code = read_sample(job, file, compare);
    if (code == MF_EXIT_OK && job->next < job->wanted.n_readings) {
        say_detail(job, "there are expectations of records that are not there, or not in their order");
        end_promise(job, expect);
    }
    mf_case_fini(&job->wanted);
    return code;
}

static int test_all(struct job *job, const struct mf_arguments *arguments)
{
    int code = MF_EXIT_OK, finished;

    mf_output_init(&job->output, 1);
    job->json = mf_flags_stream(arguments);
    job->array = mf_flags_array(arguments);
    for (size_t i = 2; code == MF_EXIT_OK && i < arguments->n_files; i++) {
        code = test_sample(job, arguments->files[i]);
        mf_output_flush(&job->output);
        fflush(stdout);
    }
    finished = mf_output_finish(&job->output);
    if (job->n_promises > 0)
        printf("1..%u\n", job->n_promises);
    else if (code == MF_EXIT_OK)
        say_summary(job);
    if (code == MF_EXIT_OK && job->no_memory)
        code = mf_complain(MF_EXIT_IO, "not enough memory to show an event");
    if (code != MF_EXIT_OK || finished != MF_EXIT_OK)
        return code != MF_EXIT_OK ? code : finished;
    return job->n_failed > 0 ? MF_EXIT_FOUND : MF_EXIT_OK;
}

static int test(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    int code = MF_EXIT_OK;
    struct mf_profiles *profiles;

    if (arguments->n_files < 3)
        return mf_complain(MF_EXIT_USAGE, "profile test: name a profile and samples: PROFILE.json SAMPLE...");
    job.arrival = mf_clock_now();
    if (arguments->arrival != NULL && !mf_clock_moment(arguments->arrival, &job.arrival))
        return mf_complain(MF_EXIT_USAGE,
                           "profile: --arrival: \"%s\" is neither 24h, 7d nor a time such as 2026-03-02T09:14:37Z",
                           arguments->arrival);
    profiles = load_file(arguments->files[1], &code);
    if (profiles == NULL)
        return code;
    job.profiles = profiles;
    job.reader = mf_reader_new(&mf_record_default_limits, &error);
    if (job.reader == NULL || mf_record_init(&job.tape, &mf_record_default_limits, &error) != 0)
        code = mf_complain(MF_EXIT_IO, "%s", error.text);
    else
        code = test_all(&job, arguments);
    mf_record_fini(&job.tape);
    mf_reader_free(job.reader);
    mf_profiles_free(profiles);
    return code;
}

static int run(const struct mf_arguments *arguments)
{
    const char *word = arguments->files[0];

    if (strcmp(word, "test") == 0)
        return test(arguments);
    if ((strcmp(word, "list") == 0 || strcmp(word, "-") == 0) && arguments->n_files == 1)
        return list(arguments);
    return mf_complain(MF_EXIT_USAGE, "profile: \"list\", or \"test PROFILE.json SAMPLE...\"");
}

static const struct mf_flag flags[] = {
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    {"arrival", 0, "TIME", offsetof(struct mf_arguments, arrival), NULL,
     "of test: when the records arrived, for times without a\ndate: 24h, 7d, or RFC 3339; now, when not given"},
    MF_FLAG_OUTPUT("human, json or ndjson; without it, list is for people,\nand events are as normalize writes them"),
    {0},
};

const struct mf_command mf_command_profile = {
    .name = "profile",
    .summary = "list profiles and what they can say; try a new one on samples",
    .operands = "[list|test PROFILE.json SAMPLE...]",
    .description = "\"list\" (or nothing) names the profiles, their provider, the kinds of events and factors that\n"
                   "each can tell, and what the vendor's feed has no words for, with the reason.\n\n"
                   "\"test\" loads one profile file from wherever it is and reads samples with it (plain or .gz;\n"
                   "\"-\" is standard input). Where NAME.expect stands beside NAME.jsonl (or .log), each record is\n"
                   "compared with it, and the result is TAP; exit code 1 when something came out otherwise.\n"
                   "Where it does not, the events are written, a line each, and a summary of what gave none on\n"
                   "standard error. docs/write-a-profile.md says how to write one.\n",
    .flags = flags,
    .examples = "  mfatigue profile list\n"
                "  mfatigue profile list -o ndjson | jq -r 'select(.cannot[] == \"mfa_denied\").profile'\n"
                "  mfatigue profile test acme.json acme.log\n"
                "  mfatigue profile test acme.json samples/*.jsonl\n",
    .run = run,
};
