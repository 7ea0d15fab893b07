/* tool/flags.h
 *
 * The command line of a sub-command: one table says which flags it has, and parsing, messages and --help all come from
 * it. */

#ifndef MF_TOOL_FLAGS_H
#define MF_TOOL_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* What the command line said; each command uses the members that its table names. NULL and false = not given. */
struct mf_arguments {
    const char *policy, *profile, *profile_dir, *arrival;
    const char *host, *ingest_time, *fail_on, *state, *dir;
    const char *format, *color;
    const char *user, *record, *incident;
    const char *users, *days, *logins, *prompts, *gap, *seed, *start, *framing, *truth, *to, *pace, *mark, *domain;
    const char *alerts, *listen, *timeout, *expect;
    const char *level, *severity, *provider, *since, *signal, *only, *silence, *as_of, *labels, *budget, *html, *title;
    bool show_names;
    bool verdicts, stats, all;
    bool list, elsewhere, open;
    bool print_defaults, print_markdown;
    bool help;
    const char **files; /* borrowed from argv; at least one: "-" when none was named */
    size_t n_files;
};

struct mf_flag {
    const char *name;           /* without the dashes */
    char letter;                /* 0 = none */
    const char *argument;       /* what follows, as --help calls it; NULL = a switch */
    size_t offset;              /* into struct mf_arguments: const char *, or bool for a switch */
    const char *const *choices; /* NULL-terminated; NULL = any text but the empty one */
    const char *help;           /* may have several lines */
};

#define MF_FLAG_POLICY                                                                                                 \
    {                                                                                                                  \
        "policy", 0, "FILE", offsetof(struct mf_arguments, policy), NULL,                                              \
            "the policy; without it, the compiled-in defaults"                                                         \
    }
#define MF_FLAG_PROFILE_DIR                                                                                            \
    {                                                                                                                  \
        "profile-dir", 0, "DIR", offsetof(struct mf_arguments, profile_dir), NULL,                                     \
            "where the profiles are, unless the policy says it"                                                        \
    }

/* What most commands can print, as MF_FLAG_OUTPUT's choices. */
extern const char *const mf_formats[];

#define MF_FLAG_OUTPUT(help)                                                                                           \
    {                                                                                                                  \
        "output", 'o', "FORMAT", offsetof(struct mf_arguments, format), mf_formats, help                               \
    }

/* Is the answer for programs: -o json or ndjson? */
bool mf_flags_json(const struct mf_arguments *arguments);

/* The same for records and alerts as they come, which most often go on to a program: without -o, objects a line, but for
 * people when standard output is a terminal. */
bool mf_flags_stream(const struct mf_arguments *arguments);

/* -o json: many objects stand in one array. */
bool mf_flags_array(const struct mf_arguments *arguments);

struct mf_command {
    const char *name;
    const char *summary;  /* one line */
    const char *operands; /* "[FILE|-]..." or "" */
    const char *description;
    const struct mf_flag *flags; /* ends with a NULL name; --color and --help come on top */
    const char *examples;        /* indented lines */
    int (*run)(const struct mf_arguments *arguments);
};

/* Fills `arguments` from argv[0..argc), the words behind the sub-command's name; reorders argv. MF_EXIT_OK, or
 * MF_EXIT_USAGE after a message that names the word in question. */
int mf_flags_parse(const struct mf_command *command, int argc, char **argv, struct mf_arguments *arguments);

/* The number that follows a flag, `fallback` when it was not given. MF_EXIT_OK, or MF_EXIT_USAGE after a message. */
int mf_flags_number(const struct mf_command *command, const char *flag, const char *text, double least, double most,
                    double fallback, double *value);

/* The whole --help of a command, on standard output. */
void mf_flags_help(const struct mf_command *command);

#endif
