/* tests/fuzz/fuzz_conf.c
 *
 * Any bytes as a configuration file over a table that has one option of each type. A refusal has a place and a
 * sentence; what is accepted must be printed so that it reads back as the same. */

#include "read/conf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct target {
    bool flag;
    unsigned count;
    mf_time window;
    uint64_t size;
    char text[MF_TEXT_OPTION];
    unsigned level;
    struct mf_steps steps;
    struct mf_name_list names;
};

static const char *const levels[] = {"low", "medium", "high", NULL};

static const struct mf_option options[] = {
    {"flag", MF_OPTION_BOOL, offsetof(struct target, flag), 0, 0, "true", NULL, "a flag"},
    {"count", MF_OPTION_COUNT, offsetof(struct target, count), 2, INT64_MAX, "5", NULL, "a count"},
    {"window", MF_OPTION_DURATION, offsetof(struct target, window), 0, INT64_MAX, "\"20m\"", NULL, "a window"},
    {"size", MF_OPTION_SIZE, offsetof(struct target, size), 0, INT64_MAX, "\"64k\"", NULL, "a size"},
    {"text", MF_OPTION_TEXT, offsetof(struct target, text), 0, 0, "\"\"", NULL, "a text"},
    {"level", MF_OPTION_CHOICE, offsetof(struct target, level), 0, 0, "\"medium\"", levels, "a level"},
    {"steps", MF_OPTION_STEPS, offsetof(struct target, steps), 1, 64, "[[5, 35]]", NULL, "steps"},
    {"names", MF_OPTION_NAMES, offsetof(struct target, names), 0, 0, "[]", NULL, "names"},
    {NULL, MF_OPTION_BOOL, 0, 0, 0, NULL, NULL, NULL},
};

static const char *const others[] = {"signals", NULL};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* "fuzz:LINE:COLUMN: " and something behind it */
static void check_error(const struct mf_error *error)
{
    const char *p = error->text;

    require(memchr(p, '\0', sizeof error->text) != NULL);
    require(strncmp(p, "fuzz:", 5) == 0);
    p += 5;
    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(p, "0123456789");

        require(digits > 0 && p[0] != '0' && p[digits] == ':');
        p += digits + 1;
    }
    require(p[0] == ' ' && p[1] != '\0');
}

static int read_text(struct mf_slice text, struct target *target, struct mf_error *error)
{
    struct mf_conf conf;
    int result = mf_conf_parse(&conf, "fuzz", text, error);

    if (result == 0)
        result = mf_options_read(&conf, 0, "fuzzed", options, target, others, error);
    mf_conf_fini(&conf);
    return result;
}

static void defaults(struct target *target)
{
    memset(target, 0, sizeof *target);
    mf_options_default(options, target);
}

/* Bytes behind a text's end are not part of it. */
static bool same(const struct target *a, const struct target *b)
{
    return a->flag == b->flag && a->count == b->count && a->window == b->window && a->size == b->size &&
           strcmp(a->text, b->text) == 0 && a->level == b->level &&
           memcmp(&a->steps, &b->steps, sizeof a->steps) == 0 && memcmp(&a->names, &b->names, sizeof a->names) == 0;
}

static void check_reads_back(const struct target *target)
{
    struct target again;
    struct mf_error error;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    require(out != NULL);
    fputc('{', out);
    for (const struct mf_option *option = options; option->name != NULL; option++) {
        fprintf(out, "%s\"%s\": ", option == options ? "" : ", ", option->name);
        mf_option_print(out, option, target);
    }
    fputs("}", out);
    require(fclose(out) == 0);
    defaults(&again);
    require(read_text((struct mf_slice){text, length}, &again, &error) == 0);
    require(same(target, &again));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_slice text = {(const char *)data, size};
    struct mf_error error = {""};
    struct target target;

    defaults(&target);
    if (read_text(text, &target, &error) != 0)
        check_error(&error);
    else
        check_reads_back(&target);
    return 0;
}
