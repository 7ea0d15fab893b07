/* tool/main.c
 *
 * mfatigue: the command line on the engine. Finds the sub-command, reads its flags, and sees to it that what was
 * printed arrived. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "command.h"

static const struct mf_command *const commands[] = {
    &mf_command_normalize, &mf_command_replay, &mf_command_explain, &mf_command_check,    &mf_command_simulate,
    &mf_command_exercise,  &mf_command_alerts, &mf_command_test,    &mf_command_coverage, &mf_command_state,
    &mf_command_profile,   &mf_command_tune,   &mf_command_report,  &mf_command_learn};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* ---- what there is ---- */

static void print_help(void)
{
    puts("Usage: mfatigue COMMAND [OPTION]... [FILE|-]...\n\n"
         "Finds MFA fatigue, push bombing and code guessing in the logs of identity providers.\n\n"
         "Commands:");
    for (unsigned i = 0; i < N_COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("  help       this text, or that of a command: mfatigue help replay\n\n"
         "Options:\n"
         "  -h, --help     this text; behind a command, its own\n"
         "      --version  the version\n\n"
         "Exit codes:\n"
         "  0 ok, 1 --fail-on or an expectation, 2 usage, 3 bad input or configuration, 4 input/output\n\n"
         "Examples:\n"
         "  mfatigue normalize okta.jsonl | head\n"
         "  mfatigue replay --verdicts --fail-on anomalous yesterday.jsonl.gz\n"
         "  mfatigue explain --user ada@example.com yesterday.jsonl.gz\n"
         "  mfatigue check --policy /etc/mfatigue/policy.json\n"
         "  mfatigue simulate push_bombing | mfatigue replay");
}

static const struct mf_command *find(const char *name)
{
    for (unsigned i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[N_COMMANDS + 1];

    for (unsigned i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i]->name;
    names[N_COMMANDS] = "help";
    const char *near = mf_conf_nearest(mf_slice_of(name), names, N_COMMANDS + 1);
    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "unknown command \"%s\"; did you mean \"%s\"?", name, near);
    return mf_complain(MF_EXIT_USAGE, "unknown command \"%s\"; \"mfatigue --help\" lists those there are", name);
}

static int unknown_option(const char *word)
{
    static const char *const names[] = {"--help", "--version"};
    const char *near = mf_conf_nearest(mf_slice_of(word), names, sizeof names / sizeof names[0]);

    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "unknown option \"%s\"; did you mean \"%s\"?", word, near);
    return mf_complain(MF_EXIT_USAGE, "unknown option \"%s\"; the options of a command stand behind its name", word);
}

static int help(const char *name)
{
    const struct mf_command *command = name == NULL ? NULL : find(name);

    if (name == NULL || strcmp(name, "help") == 0)
        print_help();
    else if (command == NULL)
        return unknown_command(name);
    else
        mf_flags_help(command);
    return MF_EXIT_OK;
}

/* ---- the run ---- */

static int run_command(const struct mf_command *command, int argc, char **argv)
{
    struct mf_arguments arguments;
    int code = mf_flags_parse(command, argc, argv, &arguments);

    if (code != MF_EXIT_OK)
        return code;
    mf_console_color(arguments.color);
    if (!arguments.help)
        return command->run(&arguments);
    mf_flags_help(command);
    return MF_EXIT_OK;
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    if (word == NULL)
        return mf_complain(MF_EXIT_USAGE, "which command? \"mfatigue --help\" lists them");
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(word, "--version") == 0) {
        printf("mfatigue %s\n", MF_VERSION);
        return MF_EXIT_OK;
    }
    if (word[0] == '-')
        return unknown_option(word);
    const struct mf_command *command = find(word);
    return command == NULL ? unknown_command(word) : run_command(command, argc - 2, argv + 2);
}

/* A closed standard stream gives its number to the next file that is opened, which then gets what was meant for the
 * stream. What stands in for it here refuses to be used, as the closed one would. */
static void hold_standard_streams(void)
{
    static const int mode[] = {O_WRONLY, O_RDONLY, O_RDONLY};

    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", mode[fd]); /* the lowest free number: this one */
}

static int finish(int code)
{
    bool failed = ferror(stdout) != 0;

    errno = EIO; /* when it failed earlier, the reason is gone */
    if (fflush(stdout) == 0 && !failed)
        return code;
    mf_complain(MF_EXIT_IO, "standard output: %s", strerror(errno));
    return code == MF_EXIT_OK ? MF_EXIT_IO : code;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_DFL); /* a reader that goes away ends us quietly, whatever our parent ignores */
    hold_standard_streams();
    return finish(run(argc, argv));
}
