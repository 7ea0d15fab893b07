/* tool/command.c
 *
 * What the sub-commands share: common options, where profiles are, the engine. */

#include "command.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

bool mf_common_option(const struct mf_command *command, int option, struct mf_common *common, int *code)
{
    static const char *const when[] = {"auto", "always", "never", NULL};

    switch (option) {
    case MF_OPT_HELP:
        fputs(command->help, stdout);
        common->done = true;
        return true;
    case MF_OPT_COLOR:
        if (mf_choose("--color", optarg, when) < 0)
            *code = MF_EXIT_USAGE;
        else
            mf_console_color(optarg);
        return true;
    case MF_OPT_PROFILE_DIR:
        common->profile_dir = optarg;
        return true;
    case '?':
    case ':':
        *code = mf_complain(MF_EXIT_USAGE, "see \"mfatigue %s --help\"", command->name);
        return true;
    default:
        return false;
    }
}

int mf_choose(const char *option, const char *word, const char *const *words)
{
    char list[256] = "";

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    mf_complain(MF_EXIT_USAGE, "%s: \"%s\" is not accepted; use one of: %s", option, word, list);
    return -1;
}

/* A program that runs in its build directory finds the profiles of the source tree above it. */
static const char *profiles_in_place(char path[PATH_MAX])
{
    static const char *const above[] = {"/../profiles", "/profiles"};
    char self[PATH_MAX], probe[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    if (length <= 0)
        return NULL;
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < sizeof above / sizeof above[0]; i++) {
        snprintf(probe, sizeof probe, "%s%s/okta.json", self, above[i]);
        if (access(probe, R_OK) == 0 && (size_t)snprintf(path, PATH_MAX, "%s%s", self, above[i]) < PATH_MAX)
            return path;
    }
    return NULL;
}

struct mf_engine *mf_tool_engine(const struct mf_common *common, int *code)
{
    char path[PATH_MAX];
    struct mf_error error;
    const struct mf_engine_options options = {
        .policy_file = common->policy,
        .profile_dir = common->profile_dir != NULL ? common->profile_dir : profiles_in_place(path),
        .observer = common->host,
        .created = common->created,
    };
    struct mf_engine *engine = mf_engine_new(&options, &error);

    if (engine == NULL)
        *code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    return engine;
}
