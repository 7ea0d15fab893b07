/* tool/command.c
 *
 * Engine and worker, or a message and an exit code. */

#include "command.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

struct mf_engine *mf_tool_engine(const struct mf_arguments *arguments, mf_time created, int *code)
{
    return mf_tool_trial(arguments, NULL, created, code);
}

struct mf_engine *mf_tool_trial(const struct mf_arguments *arguments, const struct mf_policy *policy, mf_time created,
                                int *code)
{
    struct mf_error error;
    const struct mf_engine_options options = {
        .policy_file = arguments->policy,
        .policy = policy,
        .profile_dir = arguments->profile_dir,
        .profile_dir_first = true,
        .observer = arguments->host,
        .created = created,
    };
    struct mf_engine *engine = mf_engine_new(&options, &error);

    if (engine == NULL)
        *code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    return engine;
}

static mf_time wall_clock(void)
{
    return (mf_time)time(NULL) * MF_SECOND;
}

int mf_tool_open_state(struct mf_engine *engine, const char *directory, enum mf_store_use use)
{
    struct mf_state_options options = {.directory = directory, .use = use, .now = wall_clock()};
    struct mf_state_report report;
    struct mf_error error;

    if (getrandom(&options.fresh, sizeof options.fresh, 0) != sizeof options.fresh)
        return mf_complain(MF_EXIT_IO, "the system gives no random bytes (getrandom)");
    if (mf_engine_open_state(engine, &options, &report, &error) != 0)
        return mf_complain(MF_EXIT_IO, "%s", error.text);
    if (report.damaged > 0)
        mf_complain(MF_EXIT_IO, "%s; what is sound in it was used", report.damage);
    return MF_EXIT_OK;
}

int mf_tool_save_state(struct mf_engine *engine)
{
    struct mf_error error;

    return mf_engine_save_state(engine, wall_clock(), &error) == 0 ? MF_EXIT_OK
                                                                   : mf_complain(MF_EXIT_IO, "%s", error.text);
}

struct mf_worker *mf_tool_worker(struct mf_engine *engine, int *code)
{
    struct mf_error error;
    struct mf_worker *worker = mf_worker_new(engine, &error);

    if (worker == NULL)
        *code = mf_complain(MF_EXIT_IO, "%s", error.text);
    return worker;
}

uint64_t mf_tool_counter(struct mf_engine *engine, const char *name)
{
    struct mf_counter counter;

    for (unsigned i = 0; mf_engine_counter(engine, i, &counter); i++)
        if (strcmp(counter.name, name) == 0)
            return *counter.value;
    return 0;
}

const char *mf_tool_profile_dir(const struct mf_arguments *arguments)
{
    return arguments->profile_dir != NULL ? arguments->profile_dir : MF_PROFILE_DIR;
}
