/* tool/main.c
 *
 * mfatigue: the command line on the engine. Finds the sub-command and leaves the rest to it. */

#include <signal.h>
#include <string.h>

#include "command.h"
#include "read/conf.h"

static const struct mf_command *const commands[] = {&mf_command_normalize, &mf_command_replay, &mf_command_check};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(void)
{
    puts("usage: mfatigue COMMAND [OPTION]... [FILE|-]...\n\n"
         "Finds MFA fatigue, push bombing and code guessing in the logs of identity providers.\n\n"
         "commands:");
    for (unsigned i = 0; i < N_COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("  help       this text, or that of a command\n\n"
         "options: --help, --version; each command has its own --help\n\n"
         "exit codes: 0 ok, 1 --fail-on reached, 2 usage, 3 bad input or configuration, 4 input/output\n\n"
         "examples:\n"
         "  mfatigue normalize okta.jsonl | head\n"
         "  mfatigue replay --verdicts --fail-on anomalous yesterday.jsonl.gz\n"
         "  mfatigue check --policy /etc/mfatigue/policy.json");
}

static const struct mf_command *find(const char *name)
{
    for (unsigned i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[N_COMMANDS];

    for (unsigned i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = mf_conf_nearest(mf_slice_of(name), names, N_COMMANDS);
    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "unknown command \"%s\"; did you mean \"%s\"? See \"mfatigue --help\"", name,
                           near);
    return mf_complain(MF_EXIT_USAGE, "unknown command \"%s\"; see \"mfatigue --help\"", name);
}

static int help(int argc, char **argv)
{
    if (argc < 3) {
        print_help();
        return MF_EXIT_OK;
    }
    const struct mf_command *command = find(argv[2]);
    if (command == NULL)
        return unknown(argv[2]);
    fputs(command->help, stdout);
    return MF_EXIT_OK;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_DFL); /* a reader that goes away ends us quietly */
    mf_console_color(NULL);
    if (argc < 2) {
        mf_complain(MF_EXIT_USAGE, "which command? See \"mfatigue --help\"");
        return MF_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    if (strcmp(argv[1], "--version") == 0) {
        printf("mfatigue %s\n", MF_VERSION);
        return MF_EXIT_OK;
    }
    const struct mf_command *command = find(argv[1]);
    if (command == NULL)
        return unknown(argv[1]);
    optind = 1;
    return command->run(command, argc - 1, argv + 1);
}
