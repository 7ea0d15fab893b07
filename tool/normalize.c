/* tool/normalize.c
 *
 * mfatigue normalize: what each record says, in the same words for every provider. */

#include <string.h>

#include "clock.h"
#include "command.h"
#include "event_json.h"
#include "event_text.h"
#include "output.h"
#include "sources.h"

struct job {
    struct mf_output output;
    bool json, no_memory;
    struct mf_reading_lines lines;      /* for people */
    const struct mf_placed_line *place; /* of the record in hand */
    mf_time arrival;                    /* a time of day without a date is of the day that is closest to it */
};

static void write_reading(void *context, const struct mf_reading *reading)
{
    struct job *job = context;

    if (!job->json) {
        if (!mf_reading_line(&job->output, &job->lines, job->place, reading))
            job->no_memory = true;
        return;
    }
    mf_json_begin(&job->output, NULL);
    mf_json_place(&job->output, job->place);
    mf_json_reading(&job->output, reading);
    mf_json_end(&job->output, NULL);
}

static int read_all(struct job *job, struct mf_engine *engine, struct mf_worker *worker,
                    const struct mf_arguments *arguments)
{
    struct mf_error error;
    struct mf_placed_line place;
    int code = MF_EXIT_OK;
    struct mf_sources *sources = mf_sources_open(arguments, NULL, NULL, &job->output, &code, &error);

    job->place = &place;
    while (sources != NULL && job->output.error == 0 && !job->no_memory &&
           mf_sources_next(sources, &place, &code, &error))
        mf_engine_read(engine, worker, arguments->profile, place.line.bytes, place.line.length, job->arrival,
                       write_reading, job);
    mf_sources_close(sources);
    mf_output_flush(&job->output); /* before anything that is said about it */
    if (job->no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory to show an event");
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}

/* The wanted profile must be there; a misspelt one would only make every record unknown. */
static int check_profile(const struct mf_engine *engine, const char *wanted)
{
    const struct mf_profiles *profiles = mf_engine_profiles(engine);
    const char *names[MF_PROFILES_MAX];
    size_t n = 0;

    if (wanted == NULL)
        return MF_EXIT_OK;
    for (; n < mf_profiles_count(profiles) && n < MF_PROFILES_MAX; n++) {
        names[n] = mf_profiles_name(profiles, n);
        if (strcmp(names[n], wanted) == 0)
            return MF_EXIT_OK;
    }
    const char *near = mf_conf_nearest(mf_slice_of(wanted), names, n);
    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "normalize: --profile: there is no profile \"%s\"; did you mean \"%s\"?",
                           wanted, near);
    return mf_complain(MF_EXIT_USAGE, "normalize: --profile: there is no profile \"%s\"; \"mfatigue check\" lists them",
                       wanted);
}

static int normalize(struct mf_engine *engine, struct mf_worker *worker, const struct mf_arguments *arguments)
{
    static struct job job;
    int code = check_profile(engine, arguments->profile);

    if (code != MF_EXIT_OK)
        return code;
    job.arrival = mf_clock_now();
    if (arguments->arrival != NULL && !mf_clock_moment(arguments->arrival, &job.arrival))
        return mf_complain(MF_EXIT_USAGE,
                           "normalize: --arrival: \"%s\" is neither 24h, 7d nor a time such as 2026-03-02T09:14:37Z",
                           arguments->arrival);
    mf_output_init(&job.output, 1);
    mf_output_array(&job.output, mf_flags_array(arguments));
    job.json = mf_flags_stream(arguments);
    code = read_all(&job, engine, worker, arguments);
    int finished = mf_output_finish(&job.output);
    return code != MF_EXIT_OK ? code : finished;
}

static int run(const struct mf_arguments *arguments)
{
    int code = MF_EXIT_OK;
    struct mf_engine *engine = mf_tool_engine(arguments, 0, &code);
    struct mf_worker *worker = engine == NULL ? NULL : mf_tool_worker(engine, &code);

    if (worker != NULL)
        code = normalize(engine, worker, arguments);
    mf_worker_free(worker);
    mf_engine_free(engine);
    return code;
}

static const struct mf_flag flags[] = {
    {"profile", 0, "NAME", offsetof(struct mf_arguments, profile), NULL, "read with this profile only"},
    {"profile-dir", 0, "DIR", offsetof(struct mf_arguments, profile_dir), NULL, "where the profiles are"},
    {"arrival", 0, "TIME", offsetof(struct mf_arguments, arrival), NULL,
     "when the lines arrived: a time of day without a\ndate is of the closest day; default now; 7d = ago"},
    MF_FLAG_OUTPUT("human, json or ndjson (an object a line); without it,\nhuman on a terminal and ndjson elsewhere"),
    {0},
};

const struct mf_command mf_command_normalize = {
    .name = "normalize",
    .summary = "show how records are read: one event a line",
    .operands = "[FILE|-]...",
    .description = "Reads log lines (plain or .gz; standard input without a file) and writes a line for each event,\n"
                   "in the order of the input: columns on a terminal, else a JSON object. \"record\" is the number\n"
                   "of the line; with several files \"file\" stands beside it. A record without an event says why;\n"
                   "as JSON, {\"record\":N,\"skip\":\"REASON\"}.\n",
    .flags = flags,
    .examples = "  mfatigue normalize okta.jsonl -o human | less -S\n"
                "  mfatigue normalize okta.jsonl | jq -r '[.time, .user, .kind] | @tsv'\n"
                "  zcat duo.log.gz | mfatigue normalize --profile duo -\n"
                "  mfatigue normalize entra.jsonl | jq -r 'select(.skip == \"unmapped\") | .unmapped' |\n"
                "      sort | uniq -c\n",
    .run = run,
};
