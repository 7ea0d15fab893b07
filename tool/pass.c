/* tool/pass.c
 *
 * Records in, verdicts and alerts to the sink. */

#include "pass.h"

#include "command.h"

static void take_time(void *context, const struct mf_reading *reading)
{
    mf_time *time = context;

    if (reading->event != NULL && (*time == MF_TIME_NONE || reading->event->time < *time))
        *time = reading->event->time;
}

/* That of the oldest event in the line. */
static mf_time time_of(void *context, const struct mf_line *line)
{
    const struct mf_pass *pass = context;
    mf_time time = MF_TIME_NONE;

    mf_engine_read(pass->engine, pass->worker, NULL, line->bytes, line->length, MF_TIME_NONE, take_time, &time);
    return time;
}

static int open_pass(struct mf_pass *pass, const struct mf_arguments *arguments, const struct mf_policy *policy,
                     mf_time created)
{
    int code = MF_EXIT_OK;

    mf_output_init(&pass->output, 1);
    pass->engine = mf_tool_trial(arguments, policy, created, &code);
    if (pass->engine == NULL)
        return code;
    if (arguments->state != NULL)
        code = mf_tool_open_state(pass->engine, arguments->state, MF_STORE_OWN);
    if (code == MF_EXIT_OK)
        pass->worker = mf_tool_worker(pass->engine, &code);
    return code;
}

int mf_pass_open(struct mf_pass *pass, const struct mf_arguments *arguments, mf_time created)
{
    return open_pass(pass, arguments, NULL, created);
}

int mf_pass_try(struct mf_pass *pass, const struct mf_arguments *arguments, const struct mf_policy *policy)
{
    return open_pass(pass, arguments, policy, 0);
}

void mf_pass_close(struct mf_pass *pass)
{
    mf_worker_free(pass->worker);
    mf_engine_free(pass->engine);
}

int mf_pass_judge(struct mf_pass *pass, const struct mf_arguments *arguments, const struct mf_sink *sink)
{
    struct mf_progress progress;
    struct mf_error error;
    uint64_t done, total;
    int code = MF_EXIT_OK;
    struct mf_sources *sources = mf_sources_open(arguments, time_of, pass, &pass->output, &code, &error);

    mf_progress_begin(&progress, !pass->silent);
    while (sources != NULL && pass->output.error == 0 && !pass->enough &&
           mf_sources_next(sources, &pass->place, &code, &error)) {
        mf_engine_judge(pass->engine, pass->worker, pass->place.line.bytes, pass->place.line.length, MF_TIME_NONE, sink,
                        NULL);
        if (++pass->records % 1024 == 0) {
            mf_sources_progress(sources, &done, &total);
            mf_progress_show(&progress, pass->records, done, total);
        }
    }
    mf_progress_end(&progress);
    mf_sources_close(sources);
    mf_output_flush(&pass->output); /* before anything that is said about it */
    return code == MF_EXIT_OK ? MF_EXIT_OK : mf_complain((enum mf_exit)code, "%s", error.text);
}
