/* tool/normalize.c
 *
 * mfatigue normalize: what each record says, in the same words for every provider. */

#include "command.h"
#include "input.h"
#include "output.h"

static const char help[] =
    "usage: mfatigue normalize [OPTION]... [FILE|-]...\n\n"
    "Reads log lines (plain or .gz; standard input without a file) and writes one JSON object a line for each event,\n"
    "in the order of the input; a record without an event gives {\"record\":N,\"skip\":\"REASON\"}.\n\n"
    "  --profile NAME     read with this profile only\n"
    "  --profile-dir DIR  where the profiles are\n"
    "  --color WHEN       auto, always or never\n\n"
    "examples:\n"
    "  mfatigue normalize okta.jsonl | jq -r '[.time, .user, .kind] | @tsv'\n"
    "  zcat duo.log.gz | mfatigue normalize --profile duo -\n"
    "  mfatigue normalize entra.jsonl | jq -r 'select(.skip == \"unmapped\") | .value' | sort | uniq -c\n";

struct job {
    struct mf_output output;
    const char *file; /* NULL with a single input */
    uint64_t record;
};

static void write_skip(struct mf_output *output, const struct mf_reading *reading)
{
    mf_json_text(output, "skip", mf_skip_name(reading->skip));
    mf_json_text(output, "idp", reading->profile);
    mf_json_slice(output, "value", reading->unmapped);
    mf_json_slice(output, "member", reading->member);
}

/* empty pieces of text say nothing and are left out */
static void text(struct mf_output *output, const char *key, struct mf_slice value)
{
    if (value.length > 0)
        mf_json_slice(output, key, value);
}

static void country(struct mf_output *output, const char *key, const char code[2])
{
    if (code[0] != '\0')
        mf_json_slice(output, key, (struct mf_slice){code, 2});
}

static void write_identity(struct mf_output *output, const struct mf_event *event)
{
    text(output, "idp", event->idp);
    mf_json_text(output, "kind", mf_kind_name(event->kind));
    text(output, "user", event->user);
    mf_json_ip(output, "source", &event->source);
    mf_json_time(output, "time", event->time);
    if (event->factor != MF_FACTOR_UNKNOWN)
        mf_json_text(output, "factor", mf_factor_name(event->factor));
    text(output, "outcome", event->outcome);
    text(output, "reason", event->reason);
    mf_json_count(output, "prompts", event->prompts);
    text(output, "id", event->id);
    text(output, "session", event->session);
    text(output, "transaction", event->transaction);
    text(output, "correlation", event->correlation);
    text(output, "tenant", event->tenant);
    text(output, "type", event->type);
    text(output, "user_id", event->user_id);
    text(output, "actor", event->actor);
    text(output, "groups", event->groups);
}

static void write_place(struct mf_output *output, const struct mf_event *event)
{
    country(output, "country", event->country);
    text(output, "region", event->region);
    text(output, "city", event->city);
    if (event->has_coordinates) {
        mf_json_degrees(output, "latitude", event->latitude);
        mf_json_degrees(output, "longitude", event->longitude);
    }
    if (event->asn != 0)
        mf_json_count(output, "asn", event->asn);
    text(output, "as_org", event->as_org);
    if (event->proxy)
        mf_json_bool(output, "proxy", true);
    if (event->answer_source)
        mf_json_bool(output, "answer_source", true);
    mf_json_ip(output, "responder", &event->responder);
    country(output, "responder_country", event->responder_country);
}

static void write_rest(struct mf_output *output, const struct mf_event *event)
{
    text(output, "factor_text", event->factor_text);
    text(output, "device", event->device);
    text(output, "device_id", event->device_id);
    text(output, "app", event->app);
    text(output, "user_agent", event->user_agent);
    text(output, "risk", event->risk);
    if (!event->interactive)
        mf_json_bool(output, "interactive", false);
}

static void write_reading(void *context, const struct mf_reading *reading)
{
    struct job *job = context;

    mf_json_begin(&job->output, NULL);
    mf_json_count(&job->output, "record", job->record);
    mf_json_text(&job->output, "file", job->file);
    if (reading->skip != MF_SKIP_NONE) {
        write_skip(&job->output, reading);
    } else {
        write_identity(&job->output, reading->event);
        write_place(&job->output, reading->event);
        write_rest(&job->output, reading->event);
    }
    mf_json_end(&job->output, NULL);
}

static bool is_blank(const struct mf_line *line)
{
    return mf_slice_trim((struct mf_slice){line->bytes, line->length}).length == 0;
}

static int read_file(struct job *job, struct mf_engine *engine, struct mf_worker *worker, const char *profile,
                     const char *name)
{
    struct mf_input input;
    struct mf_error error;
    struct mf_line line;
    int code = mf_input_open(&input, name, &job->output, &error);

    if (code != MF_EXIT_OK)
        return mf_complain((enum mf_exit)code, "%s", error.text);
    while (job->output.error == 0 && mf_input_line(&input, &line, &code, &error)) {
        job->record++;
        if (!is_blank(&line))
            mf_engine_read(engine, worker, profile, line.bytes, line.length, MF_TIME_NONE, write_reading, job);
    }
    mf_input_close(&input);
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}

static bool has_profile(const struct mf_engine *engine, const char *name)
{
    const struct mf_profiles *profiles = mf_engine_profiles(engine);

    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        if (mf_slice_equal(mf_slice_of(mf_profiles_name(profiles, i)), mf_slice_of(name)))
            return true;
    return false;
}

static int read_all(struct mf_engine *engine, struct mf_worker *worker, const char *profile, int n, char **names)
{
    static struct job job;
    static char dash[] = "-";
    static char *standard_input[] = {dash};
    int code = MF_EXIT_OK;

    mf_output_init(&job.output, 1);
    if (n == 0) {
        names = standard_input;
        n = 1;
    }
    for (int i = 0; i < n && code == MF_EXIT_OK; i++) {
        job.file = n > 1 ? names[i] : NULL;
        code = read_file(&job, engine, worker, profile, names[i]);
    }
    int finished = mf_output_finish(&job.output);
    return code != MF_EXIT_OK ? code : finished;
}

static int run(const struct mf_command *command, int argc, char **argv)
{
    enum { PROFILE = MF_OPT_FIRST_OWN };
    static const struct option options[] = {MF_COMMON_OPTIONS, {"profile", required_argument, NULL, PROFILE}, {0}};
    struct mf_common common = {0};
    struct mf_error error;
    const char *profile = NULL;
    int option, code = -1;

    while (code < 0 && !common.done && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == PROFILE)
            profile = optarg;
        else
            mf_common_option(command, option, &common, &code);
    }
    if (code >= 0 || common.done)
        return code >= 0 ? code : MF_EXIT_OK;

    struct mf_engine *engine = mf_tool_engine(&common, &code);
    if (engine == NULL)
        return code;
    struct mf_worker *worker = mf_worker_new(engine, &error);
    if (worker == NULL)
        code = mf_complain(MF_EXIT_IO, "%s", error.text);
    else if (profile != NULL && !has_profile(engine, profile))
        code =
            mf_complain(MF_EXIT_USAGE, "--profile: there is no profile \"%s\"; \"mfatigue check\" lists them", profile);
    else
        code = read_all(engine, worker, profile, argc - optind, argv + optind);
    mf_worker_free(worker);
    mf_engine_free(engine);
    return code;
}

const struct mf_command mf_command_normalize = {
    .name = "normalize",
    .summary = "show how records are read: one event a line",
    .help = help,
    .run = run,
};
