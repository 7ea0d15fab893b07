/* tool/command.c
 *
 * Engine and worker, or a message and an exit code. */

#include "command.h"

struct mf_engine *mf_tool_engine(const struct mf_arguments *arguments, mf_time created, int *code)
{
    struct mf_error error;
    const struct mf_engine_options options = {
        .policy_file = arguments->policy,
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

struct mf_worker *mf_tool_worker(struct mf_engine *engine, int *code)
{
    struct mf_error error;
    struct mf_worker *worker = mf_worker_new(engine, &error);

    if (worker == NULL)
        *code = mf_complain(MF_EXIT_IO, "%s", error.text);
    return worker;
}

const char *mf_tool_profile_dir(const struct mf_arguments *arguments)
{
    return arguments->profile_dir != NULL ? arguments->profile_dir : MF_PROFILE_DIR;
}
