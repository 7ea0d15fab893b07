/* tool/command.h
 *
 * A sub-command: what main.c lists, and the options that several of them share. */

#ifndef MF_TOOL_COMMAND_H
#define MF_TOOL_COMMAND_H

#include <getopt.h>
#include <stdbool.h>

#include "console.h"
#include "engine.h"

struct mf_command {
    const char *name;
    const char *summary;
    const char *help; /* usage, options, examples */
    int (*run)(const struct mf_command *command, int argc, char **argv);
};

extern const struct mf_command mf_command_normalize, mf_command_replay, mf_command_check;

/* Options that every command knows, for getopt_long; values above every character. */
enum { MF_OPT_HELP = 'h', MF_OPT_COLOR = 1000, MF_OPT_PROFILE_DIR, MF_OPT_POLICY, MF_OPT_FIRST_OWN };

#define MF_COMMON_OPTIONS                                                                                              \
    {"help", no_argument, NULL, MF_OPT_HELP}, {"color", required_argument, NULL, MF_OPT_COLOR},                        \
    {                                                                                                                  \
        "profile-dir", required_argument, NULL, MF_OPT_PROFILE_DIR                                                     \
    }

struct mf_common {
    const char *policy, *profile_dir, *host;
    mf_time created; /* of alerts; 0: the event's own time */
    bool done;       /* --help was served */
};

/* Takes an option that every command knows; false when it is not one. A wrong value, and getopt's '?', give *code. */
bool mf_common_option(const struct mf_command *command, int option, struct mf_common *common, int *code);

/* One of the words, or -1 with a complaint that names them. */
int mf_choose(const char *option, const char *word, const char *const *words);

/* The engine for the command line: hashes with a fixed key, profiles from --profile-dir, the policy, beside the program in a source tree, or the installed place. NULL and an exit code. */
struct mf_engine *mf_tool_engine(const struct mf_common *common, int *code);

#endif
