/* tool/flags.c
 *
 * --name VALUE, --name=VALUE, -o VALUE, -oVALUE, switches, and "--" before file names that begin with a dash. */

#include "flags.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "engine.h"

const char *const mf_formats[] = {"human", "json", "ndjson", NULL};

bool mf_flags_json(const struct mf_arguments *arguments)
{
    return arguments->format != NULL && strcmp(arguments->format, "human") != 0;
}

bool mf_flags_stream(const struct mf_arguments *arguments)
{
    return arguments->format == NULL ? isatty(STDOUT_FILENO) != 1 : mf_flags_json(arguments);
}

bool mf_flags_array(const struct mf_arguments *arguments)
{
    return arguments->format != NULL && strcmp(arguments->format, "json") == 0;
}

static const char *const when[] = {"auto", "always", "never", NULL};

static const struct mf_flag common[] = {
    {"color", 0, "WHEN", offsetof(struct mf_arguments, color), when,
     "auto (the default), always or never; auto: on a\nterminal, unless NO_COLOR is set"},
    {"help", 'h', NULL, offsetof(struct mf_arguments, help), NULL, "this text"},
    {0},
};

/* The flags of a command, then the common ones; NULL past the end. */
static const struct mf_flag *flag_at(const struct mf_command *command, size_t index)
{
    size_t n = 0;

    while (command->flags[n].name != NULL)
        n++;
    if (index < n)
        return &command->flags[index];
    index -= n;
    return index < sizeof(common) / sizeof(common[0]) - 1 ? &common[index] : NULL;
}

static const struct mf_flag *find_long(const struct mf_command *command, struct mf_slice name)
{
    const struct mf_flag *flag;

    for (size_t i = 0; (flag = flag_at(command, i)) != NULL; i++)
        if (mf_slice_equal(mf_slice_of(flag->name), name))
            return flag;
    return NULL;
}

static const struct mf_flag *find_letter(const struct mf_command *command, char letter)
{
    const struct mf_flag *flag;

    for (size_t i = 0; (flag = flag_at(command, i)) != NULL; i++)
        if (flag->letter == letter)
            return flag;
    return NULL;
}

static int complain_unknown(const struct mf_command *command, const char *word, struct mf_slice name)
{
    const char *names[32];
    const struct mf_flag *flag;
    const char *near;
    size_t n = 0;

    while (n < sizeof(names) / sizeof(names[0]) && (flag = flag_at(command, n)) != NULL)
        names[n++] = flag->name;
    near = mf_conf_nearest(name, names, n);
    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "%s: unknown option \"%s\"; did you mean \"--%s\"?", command->name, word,
                           near);
    return mf_complain(MF_EXIT_USAGE, "%s: unknown option \"%s\"; \"mfatigue %s --help\" lists those there are",
                       command->name, word, command->name);
}

static int check_choice(const struct mf_command *command, const struct mf_flag *flag, const char *value)
{
    char accepted[256] = "";

    if (value[0] == '\0')
        return mf_complain(MF_EXIT_USAGE, "%s: --%s: the value is empty", command->name, flag->name);
    if (flag->choices == NULL)
        return MF_EXIT_OK;
    for (size_t i = 0; flag->choices[i] != NULL; i++) {
        size_t used = strlen(accepted);

        if (strcmp(flag->choices[i], value) == 0)
            return MF_EXIT_OK;
        snprintf(accepted + used, sizeof(accepted) - used, "%s%s", i == 0 ? "" : ", ", flag->choices[i]);
    }
    return mf_complain(MF_EXIT_USAGE, "%s: --%s: \"%s\" is not one of: %s", command->name, flag->name, value, accepted);
}

static int store(const struct mf_command *command, const struct mf_flag *flag, const char *value,
                 struct mf_arguments *arguments)
{
    char *member = (char *)arguments + flag->offset;
    bool yes = true;

    if (flag->argument == NULL) {
        memcpy(member, &yes, sizeof(yes));
        return MF_EXIT_OK;
    }
    memcpy(member, &value, sizeof(value));
    return check_choice(command, flag, value);
}

/* One word that begins with a dash, and the next one if it is its value. Moves `*at` to the last word used. */
static int parse_flag(const struct mf_command *command, int argc, char **argv, int *at, struct mf_arguments *arguments)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *value = is_long ? strchr(word, '=') : word[2] != '\0' ? word + 2 : NULL;
    struct mf_slice name = mf_slice_of(is_long ? word + 2 : word + 1);
    const struct mf_flag *flag;

    if (is_long && value != NULL) {
        name.length = (size_t)(value - name.data);
        value++;
    }
    flag = is_long ? find_long(command, name) : find_letter(command, word[1]);
    if (flag == NULL)
        return complain_unknown(command, word, name);
    if (flag->argument == NULL && value != NULL)
        return mf_complain(MF_EXIT_USAGE, "%s: \"%s\": --%s takes no value", command->name, word, flag->name);
    if (flag->argument != NULL && value == NULL) {
        if (*at + 1 >= argc)
            return mf_complain(MF_EXIT_USAGE, "%s: \"%s\" needs a value: %s", command->name, word, flag->argument);
        value = argv[++*at];
    }
    return store(command, flag, value, arguments);
}

static int check_files(const struct mf_command *command, struct mf_arguments *arguments)
{
    static const char *standard_input[] = {"-"};
    unsigned dashes = 0;

    if (command->operands[0] == '\0' && arguments->n_files > 0)
        return mf_complain(MF_EXIT_USAGE, "%s: it reads no file; what is \"%s\"?", command->name, arguments->files[0]);
    for (size_t i = 0; i < arguments->n_files; i++) {
        if (arguments->files[i][0] == '\0')
            return mf_complain(MF_EXIT_USAGE, "%s: a file name is empty", command->name);
        dashes += strcmp(arguments->files[i], "-") == 0;
    }
    if (dashes > 1)
        return mf_complain(MF_EXIT_USAGE, "%s: \"-\" is named twice, and standard input can be read once",
                           command->name);
    if (arguments->n_files == 0) {
        arguments->files = standard_input;
        arguments->n_files = 1;
    }
    return MF_EXIT_OK;
}

int mf_flags_parse(const struct mf_command *command, int argc, char **argv, struct mf_arguments *arguments)
{
    bool only_files = false;

    memset(arguments, 0, sizeof(*arguments));
    arguments->files = (const char **)argv;
    for (int i = 0; i < argc; i++) {
        if (only_files || argv[i][0] != '-' || argv[i][1] == '\0') {
            arguments->files[arguments->n_files++] = argv[i]; /* never behind i: the words before it are used up */
        } else if (strcmp(argv[i], "--") == 0) {
            only_files = true;
        } else {
            int code = parse_flag(command, argc, argv, &i, arguments);
            if (code != MF_EXIT_OK)
                return code;
        }
    }
    if (arguments->help)
        return MF_EXIT_OK;
    return check_files(command, arguments);
}

int mf_flags_number(const struct mf_command *command, const char *flag, const char *text, double least, double most,
                    double fallback, double *value)
{
    char *end = NULL;
    double number = text == NULL ? fallback : strtod(text, &end);

    if (text == NULL || (strspn(text, "0123456789.") == strlen(text) && end != text && *end == '\0' &&
                         number >= least && number <= most)) {
        *value = number;
        return MF_EXIT_OK;
    }
    return mf_complain(MF_EXIT_USAGE, "%s: --%s: \"%s\" is no number from %.10g to %.10g", command->name, flag, text,
                       least, most);
}

static void print_flag(const struct mf_flag *flag)
{
    enum { COLUMN = 28 };
    char left[64];
    int width;

    width = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", flag->letter != 0 ? '-' : ' ',
                     flag->letter != 0 ? flag->letter : ' ', flag->letter != 0 ? "," : " ", flag->name,
                     flag->argument != NULL ? " " : "", flag->argument != NULL ? flag->argument : "");
    fputs(left, stdout);
    printf("%*s", width < COLUMN ? COLUMN - width : 1, "");
    for (const char *c = flag->help; *c != '\0'; c++)
        if (*c == '\n')
            printf("\n%*s", COLUMN, "");
        else
            putchar(*c);
    putchar('\n');
}

void mf_flags_help(const struct mf_command *command)
{
    const struct mf_flag *flag;
    const char *bold = mf_console_style(stdout, MF_BOLD);
    const char *plain = mf_console_style(stdout, MF_PLAIN);

    printf("%sUsage:%s mfatigue %s [OPTION]...%s%s\n\n", bold, plain, command->name,
           command->operands[0] == '\0' ? "" : " ", command->operands);
    printf("%s\n%sOptions:%s\n", command->description, bold, plain);
    for (size_t i = 0; (flag = flag_at(command, i)) != NULL; i++)
        print_flag(flag);
    printf("\n%sExamples:%s\n%s", bold, plain, command->examples);
}
