/* src/read/option.c
 *
 * Option tables: from an object of a document to a filled struct and back. Each type has one reader and one printer. */

#include "read/conf.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>

enum { FOUND_SHOWN = 48, NAMES_KNOWN = 128 };

/* The text of a key or a string, until the next call. The copy shares the scratch buffer and starts where the original
 * would, so reading leaves the document as it was. */
static struct mf_slice text_of(const struct mf_conf *conf, uint32_t node)
{
    struct mf_record view = conf->record;

    return mf_record_text(&view, node);
}

/* ---- numbers with units ---- */

struct unit {
    const char *name;
    uint64_t size;
};

static const struct unit durations[] = {
    {"ms", 1},
    {"s", (uint64_t)MF_SECOND},
    {"m", (uint64_t)MF_MINUTE},
    {"h", (uint64_t)MF_HOUR},
    {"d", (uint64_t)MF_DAY},
    {"w", 7 * (uint64_t)MF_DAY},
    {NULL, 0},
};

static const struct unit sizes[] = {{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {NULL, 0}};

/* Leading digits; a number that does not fit is the largest one, which no bound accepts. Gives how many digits. */
static size_t read_digits(struct mf_slice text, uint64_t *value)
{
    size_t n = 0;

    *value = 0;
    for (; n < text.length && text.data[n] >= '0' && text.data[n] <= '9'; n++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(text.data[n] - '0'), value))
            *value = UINT64_MAX;
    return n;
}

static bool read_whole(struct mf_slice text, uint64_t *value)
{
    return text.length > 0 && read_digits(text, value) == text.length;
}

static bool read_scaled(struct mf_slice text, const struct unit *units, uint64_t *value)
{
    size_t n = read_digits(text, value);

    if (n == 0)
        return false;
    for (; units->name != NULL; units++)
        if (mf_slice_equal((struct mf_slice){text.data + n, text.length - n}, mf_slice_of(units->name))) {
            if (__builtin_mul_overflow(*value, units->size, value))
                *value = UINT64_MAX;
            return true;
        }
    return false;
}

/* A piece of a message. */
struct shown {
    char text[FOUND_SHOWN + 16];
};

/* The largest unit that leaves a whole number; days from two on and no weeks, as people speak of windows and of
 * retention. */
static struct shown show_duration(mf_time value)
{
    static const struct unit *const from = &durations[4];
    struct shown shown = {"\"0s\""};

    for (const struct unit *unit = from; unit >= durations && value > 0; unit--) {
        uint64_t count = (uint64_t)value / unit->size;

        if ((uint64_t)value % unit->size == 0 && count >= (unit == from ? 2 : 1)) {
            snprintf(shown.text, sizeof shown.text, "\"%llu%s\"", (unsigned long long)count, unit->name);
            break;
        }
    }
    return shown;
}

static struct shown show_size(uint64_t value)
{
    struct shown shown;

    snprintf(shown.text, sizeof shown.text, "%llu", (unsigned long long)value);
    for (const struct unit *unit = sizes; unit->name != NULL; unit++)
        if (value > 0 && value % unit->size == 0)
            snprintf(shown.text, sizeof shown.text, "\"%llu%s\"", (unsigned long long)(value / unit->size), unit->name);
    return shown;
}

static struct shown show_number(enum mf_option_type type, uint64_t value)
{
    struct shown shown;

    if (type == MF_OPTION_DURATION)
        return show_duration((mf_time)value);
    if (type == MF_OPTION_SIZE)
        return show_size(value);
    snprintf(shown.text, sizeof shown.text, "%llu", (unsigned long long)value);
    return shown;
}

/* A value as it stands in the file, cut to a sensible length between characters. */
static struct shown show_found(const struct mf_conf *conf, uint32_t node)
{
    static const char *const kinds[] = {[MF_NODE_ARRAY] = "a list [...]", [MF_NODE_OBJECT] = "an object {...}"};
    const struct mf_node *n = &conf->record.nodes[node];
    struct mf_slice raw = mf_record_raw(&conf->record, node);
    const char *quote = n->type == MF_NODE_STRING ? "\"" : "";
    size_t length = raw.length;
    struct shown shown;

    if (n->type == MF_NODE_ARRAY || n->type == MF_NODE_OBJECT) {
        snprintf(shown.text, sizeof shown.text, "%s", kinds[n->type]);
        return shown;
    }
    if (length > FOUND_SHOWN)
        for (length = FOUND_SHOWN; length > 0 && (raw.data[length] & 0xC0) == 0x80; length--)
            ;
    snprintf(shown.text, sizeof shown.text, "%s%.*s%s%s", quote, (int)length, raw.data,
             length < raw.length ? "..." : "", quote);
    return shown;
}

/* ---- reading one option ---- */

/* What is read at the moment, for the messages. */
struct field {
    const struct mf_conf *conf;
    const char *section;
    const struct mf_option *option;
    struct mf_error *error;
};

static bool has_section(const char *section)
{
    return section != NULL && section[0] != '\0';
}

/* "section.option: " + the sentence, with the place of `node` */
static __attribute__((format(printf, 3, 4))) int refuse(const struct field *field, uint32_t node, const char *format,
                                                        ...)
{
    bool dotted = has_section(field->section);
    struct mf_error sentence;
    va_list args;

    va_start(args, format);
    mf_error_setv(&sentence, format, args);
    va_end(args);
    return mf_conf_error(field->conf, node, field->error, "%s%s%s: %s", dotted ? field->section : "", dotted ? "." : "",
                         field->option->name, sentence.text);
}

static enum mf_node_type type_of(const struct field *field, uint32_t node)
{
    return (enum mf_node_type)field->conf->record.nodes[node].type;
}

static int check_bounds(const struct field *field, uint32_t node, uint64_t value, uint64_t most)
{
    const struct mf_option *option = field->option;
    uint64_t min = option->min < 0 ? 0 : (uint64_t)option->min, max = option->max < 0 ? 0 : (uint64_t)option->max;

    if (max > most)
        max = most;
    if (value >= min && value <= max)
        return 0;
    return refuse(field, node, "%s is out of bounds, accepted: %s to %s", show_found(field->conf, node).text,
                  show_number(option->type, min).text, show_number(option->type, max).text);
}

static int read_bool(const struct field *field, uint32_t node, bool *out)
{
    enum mf_node_type type = type_of(field, node);

    if (type != MF_NODE_TRUE && type != MF_NODE_FALSE)
        return refuse(field, node, "%s is neither true nor false", show_found(field->conf, node).text);
    *out = type == MF_NODE_TRUE;
    return 0;
}

static int read_count(const struct field *field, uint32_t node, unsigned *out)
{
    uint64_t value;

    if (type_of(field, node) != MF_NODE_NUMBER || !read_whole(mf_record_raw(&field->conf->record, node), &value))
        return refuse(field, node, "%s is not a whole number; write digits only, without quotes, sign or fraction",
                      show_found(field->conf, node).text);
    if (check_bounds(field, node, value, UINT_MAX) != 0)
        return -1;
    *out = (unsigned)value;
    return 0;
}

static int read_duration(const struct field *field, uint32_t node, mf_time *out)
{
    uint64_t value;

    if (type_of(field, node) != MF_NODE_STRING || !read_scaled(text_of(field->conf, node), durations, &value))
        return refuse(field, node,
                      "%s is not a duration; write a whole number and a unit (ms, s, m, h, d, w), for example %s",
                      show_found(field->conf, node).text, field->option->fallback);
    if (check_bounds(field, node, value, INT64_MAX) != 0)
        return -1;
    *out = (mf_time)value;
    return 0;
}

static int read_size(const struct field *field, uint32_t node, uint64_t *out)
{
    uint64_t value;
    bool good = false;

    if (type_of(field, node) == MF_NODE_NUMBER)
        good = read_whole(mf_record_raw(&field->conf->record, node), &value);
    else if (type_of(field, node) == MF_NODE_STRING)
        good = read_scaled(text_of(field->conf, node), sizes, &value);
    if (!good)
        return refuse(field, node,
                      "%s is not a size; write a whole number of bytes, or one with a unit (k, m, g), for example %s",
                      show_found(field->conf, node).text, field->option->fallback);
    if (check_bounds(field, node, value, INT64_MAX) != 0)
        return -1;
    *out = value;
    return 0;
}

/* A string of at most `size` - 1 bytes, without NUL, terminated in `out`. */
static int read_string(const struct field *field, uint32_t node, char *out, size_t size)
{
    struct mf_slice text;

    if (type_of(field, node) != MF_NODE_STRING)
        return refuse(field, node, "%s is not a text; write it in double quotes", show_found(field->conf, node).text);
    text = text_of(field->conf, node);
    if (text.data == NULL || text.length >= size)
        return refuse(field, node, "%s is too long, accepted: up to %zu bytes", show_found(field->conf, node).text,
                      size - 1);
    if (memchr(text.data, '\0', text.length) != NULL)
        return refuse(field, node, "%s holds a NUL character", show_found(field->conf, node).text);
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return 0;
}

/* The names that would have been right. */
struct known {
    const char *name[NAMES_KNOWN];
    size_t n;
};

static void know(struct known *known, const char *name)
{
    if (known->n < NAMES_KNOWN)
        known->name[known->n++] = name;
}

struct advice {
    char text[640];
};

/* "; did you mean "x"?" or ", accepted: x, y, z" */
static struct advice advise(struct mf_slice word, const struct known *known)
{
    const char *nearest = word.data == NULL ? NULL : mf_conf_nearest(word, known->name, known->n);
    struct advice advice = {""};
    size_t used = 0;

    if (nearest != NULL) {
        snprintf(advice.text, sizeof advice.text, "; did you mean \"%s\"?", nearest);
        return advice;
    }
    for (size_t i = 0; i < known->n && used < sizeof advice.text; i++)
        used += (size_t)snprintf(advice.text + used, sizeof advice.text - used, "%s%s", i == 0 ? ", accepted: " : ", ",
                                 known->name[i]);
    return advice;
}

static int read_choice(const struct field *field, uint32_t node, unsigned *out)
{
    const char *const *choices = field->option->choices;
    struct mf_slice word = {NULL, 0};
    struct known known = {.n = 0};

    if (type_of(field, node) == MF_NODE_STRING)
        word = text_of(field->conf, node);
    for (unsigned i = (unsigned)field->option->min; choices[i] != NULL; i++) {
        if (word.data != NULL && mf_slice_equal(word, mf_slice_of(choices[i]))) {
            *out = i;
            return 0;
        }
        know(&known, choices[i]);
    }
    return refuse(field, node, "%s is not known%s", show_found(field->conf, node).text, advise(word, &known).text);
}

/* One whole number of a step. */
static int read_part(const struct field *field, uint32_t node, const char *what, uint64_t min, uint64_t max,
                     unsigned *out)
{
    uint64_t value;

    if (type_of(field, node) != MF_NODE_NUMBER || !read_whole(mf_record_raw(&field->conf->record, node), &value))
        return refuse(field, node, "%s %s is not a whole number", what, show_found(field->conf, node).text);
    if (value < min || value > max)
        return refuse(field, node, "%s %s is out of bounds, accepted: %llu to %llu", what,
                      show_found(field->conf, node).text, (unsigned long long)min, (unsigned long long)max);
    *out = (unsigned)value;
    return 0;
}

static int read_step(const struct field *field, uint32_t node, struct mf_step *out)
{
    const struct mf_record *record = &field->conf->record;
    uint64_t min = (uint64_t)(field->option->min < 0 ? 0 : field->option->min);
    uint64_t max = (uint64_t)(field->option->max < 0 ? 0 : field->option->max);
    uint32_t count = mf_record_child(record, node), points = MF_NO_NODE;

    if (type_of(field, node) == MF_NODE_ARRAY && count != MF_NO_NODE)
        points = mf_record_sibling(record, node, count);
    if (points == MF_NO_NODE || mf_record_sibling(record, node, points) != MF_NO_NODE)
        return refuse(field, node, "this step is not a pair; write [count, points], for example %s",
                      field->option->fallback);
    if (read_part(field, count, "the count", min, max < UINT_MAX ? max : UINT_MAX, &out->count) != 0)
        return -1;
    return read_part(field, points, "the number of points", 0, 100, &out->points);
}

static int read_steps(const struct field *field, uint32_t node, struct mf_steps *out)
{
    const struct mf_record *record = &field->conf->record;
    struct mf_steps steps = {0};

    if (type_of(field, node) != MF_NODE_ARRAY)
        return refuse(field, node, "%s is not a list of steps; write [[count, points], ...], for example %s",
                      show_found(field->conf, node).text, field->option->fallback);
    for (uint32_t i = mf_record_child(record, node); i != MF_NO_NODE; i = mf_record_sibling(record, node, i)) {
        if (steps.n == MF_STEPS_MAX)
            return refuse(field, i, "one step too many, accepted: up to %d", MF_STEPS_MAX);
        if (read_step(field, i, &steps.step[steps.n]) != 0)
            return -1;
        if (steps.n > 0 && steps.step[steps.n].count <= steps.step[steps.n - 1].count)
            return refuse(field, i, "the count %u does not rise above the %u of the step before it",
                          steps.step[steps.n].count, steps.step[steps.n - 1].count);
        steps.n++;
    }
    *out = steps;
    return 0;
}

static int read_names(const struct field *field, uint32_t node, struct mf_name_list *out)
{
    const struct mf_record *record = &field->conf->record;
    struct mf_name_list list = {0};

    if (type_of(field, node) != MF_NODE_ARRAY)
        return refuse(field, node, "%s is not a list of names; write [\"name\", ...]",
                      show_found(field->conf, node).text);
    for (uint32_t i = mf_record_child(record, node); i != MF_NO_NODE; i = mf_record_sibling(record, node, i)) {
        if (list.n == MF_LIST_MAX)
            return refuse(field, i, "one name too many, accepted: up to %d", MF_LIST_MAX);
        if (read_string(field, i, list.name[list.n], MF_LIST_TEXT) != 0)
            return -1;
        if (list.name[list.n][0] == '\0')
            return refuse(field, i, "a name is empty");
        for (unsigned j = 0; j < list.n; j++)
            if (strcmp(list.name[j], list.name[list.n]) == 0)
                return refuse(field, i, "%s stands twice", show_found(field->conf, i).text);
        list.n++;
    }
    *out = list;
    return 0;
}

static int read_option(const struct field *field, uint32_t node, void *target)
{
    void *out = (char *)target + field->option->offset;

    switch (field->option->type) {
    case MF_OPTION_BOOL:
        return read_bool(field, node, out);
    case MF_OPTION_COUNT:
        return read_count(field, node, out);
    case MF_OPTION_DURATION:
        return read_duration(field, node, out);
    case MF_OPTION_SIZE:
        return read_size(field, node, out);
    case MF_OPTION_TEXT:
        return read_string(field, node, out, MF_TEXT_OPTION);
    case MF_OPTION_CHOICE:
        return read_choice(field, node, out);
    case MF_OPTION_STEPS:
        return read_steps(field, node, out);
    case MF_OPTION_NAMES:
        return read_names(field, node, out);
    }
    assert(0 && "an option without a type");
    return -1;
}

/* ---- whole tables ---- */

static bool had_memory(const struct mf_conf *conf)
{
    return conf->name != NULL && conf->text != NULL && conf->record.nodes != NULL;
}

int mf_options_default(const struct mf_option *options, void *target)
{
    for (const struct mf_option *option = options; option->name != NULL; option++) {
        struct mf_conf conf;
        struct field field = {&conf, NULL, option, NULL};
        int result = mf_conf_parse(&conf, option->name, mf_slice_of(option->fallback), NULL);

        bool served = had_memory(&conf);
        if (result == 0)
            result = read_option(&field, 0, target);
        mf_conf_fini(&conf);
        if (!served)
            return -1;
        assert(result == 0);
        (void)result;
    }
    return 0;
}

static const struct mf_option *find_option(const struct mf_option *options, struct mf_slice name)
{
    for (; options->name != NULL; options++)
        if (mf_slice_equal(name, mf_slice_of(options->name)))
            return options;
    return NULL;
}

static const char *find_other(const char *const *others, struct mf_slice name)
{
    for (; others != NULL && *others != NULL; others++)
        if (mf_slice_equal(name, mf_slice_of(*others)))
            return *others;
    return NULL;
}

static int fail_unknown(const struct field *field, uint32_t key, const struct mf_option *options,
                        const char *const *others)
{
    bool named = has_section(field->section);
    struct known known = {.n = 0};

    for (; options->name != NULL; options++)
        know(&known, options->name);
    for (; others != NULL && *others != NULL; others++)
        know(&known, *others);
    return mf_conf_error(field->conf, key, field->error, "unknown option %s%s%s%s", show_found(field->conf, key).text,
                         named ? " in " : "", named ? field->section : "",
                         advise(text_of(field->conf, key), &known).text);
}

/* The key before `key` in the same object that has the same name. As only known names get here, and each once, the
 * look back is never longer than the table. */
static uint32_t find_before(const struct mf_conf *conf, uint32_t object, uint32_t key, const char *name)
{
    const struct mf_record *record = &conf->record;
    uint32_t i = mf_record_child(record, object);

    while (i != key) {
        if (mf_slice_equal(text_of(conf, i), mf_slice_of(name)))
            return i;
        i = mf_record_sibling(record, object, mf_record_sibling(record, object, i));
    }
    return MF_NO_NODE;
}

static size_t line_of(const struct mf_conf *conf, uint32_t node)
{
    size_t line = 1;

    for (uint32_t i = 0; i < conf->record.nodes[node].start; i++)
        line += conf->text[i] == '\n';
    return line;
}

int mf_options_read(const struct mf_conf *conf, uint32_t node, const char *section, const struct mf_option *options,
                    void *target, const char *const *others, struct mf_error *error)
{
    const struct mf_record *record = &conf->record;
    struct field field = {conf, section, NULL, error};

    if (record->nodes[node].type != MF_NODE_OBJECT)
        return mf_conf_error(conf, node, error, "%s: %s is not an object; write { \"name\": value, ... }",
                             has_section(section) ? section : "the document", show_found(conf, node).text);

    for (uint32_t key = mf_record_child(record, node), value; key != MF_NO_NODE;
         key = mf_record_sibling(record, node, value)) {
        struct mf_slice text = text_of(conf, key);
        const struct mf_option *option = find_option(options, text);
        const char *name = option != NULL ? option->name : find_other(others, text);

        value = mf_record_sibling(record, node, key);
        if (name == NULL)
            return fail_unknown(&field, key, options, others);

        uint32_t before = find_before(conf, node, key, name);
        if (before != MF_NO_NODE)
            return mf_conf_error(conf, key, error, "%s%s\"%s\" stands twice; it is in line %zu already",
                                 has_section(section) ? section : "", has_section(section) ? ": " : "", name,
                                 line_of(conf, before));
        field.option = option;
        if (option != NULL && read_option(&field, value, target) != 0)
            return -1;
    }
    return 0;
}

/* ---- printing ---- */

static void print_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if ((unsigned char)*p < 0x20)
            fprintf(out, "\\u%04x", (unsigned)*p);
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

static void print_steps(FILE *out, const struct mf_steps *steps)
{
    fputc('[', out);
    for (unsigned i = 0; i < steps->n; i++)
        fprintf(out, "%s[%u, %u]", i == 0 ? "" : ", ", steps->step[i].count, steps->step[i].points);
    fputc(']', out);
}

static void print_names(FILE *out, const struct mf_name_list *list)
{
    fputc('[', out);
    for (unsigned i = 0; i < list->n; i++) {
        if (i > 0)
            fputs(", ", out);
        print_string(out, list->name[i]);
    }
    fputc(']', out);
}

void mf_option_print(FILE *out, const struct mf_option *option, const void *target)
{
    const void *at = (const char *)target + option->offset;

    switch (option->type) {
    case MF_OPTION_BOOL:
        fputs(*(const bool *)at ? "true" : "false", out);
        break;
    case MF_OPTION_COUNT:
        fprintf(out, "%u", *(const unsigned *)at);
        break;
    case MF_OPTION_DURATION:
        fputs(show_duration(*(const mf_time *)at).text, out);
        break;
    case MF_OPTION_SIZE:
        fputs(show_size(*(const uint64_t *)at).text, out);
        break;
    case MF_OPTION_TEXT:
        print_string(out, at);
        break;
    case MF_OPTION_CHOICE:
        print_string(out, option->choices[*(const unsigned *)at]);
        break;
    case MF_OPTION_STEPS:
        print_steps(out, at);
        break;
    case MF_OPTION_NAMES:
        print_names(out, at);
        break;
    }
}

/* ---- comparing ---- */

const struct mf_option *mf_option_find(const struct mf_option *options, const char *name)
{
    return find_option(options, mf_slice_of(name));
}

static size_t size_of(const struct mf_option *option)
{
    static const size_t size[] = {
        [MF_OPTION_BOOL] = sizeof(bool),
        [MF_OPTION_COUNT] = sizeof(unsigned),
        [MF_OPTION_DURATION] = sizeof(mf_time),
        [MF_OPTION_SIZE] = sizeof(uint64_t),
        [MF_OPTION_TEXT] = MF_TEXT_OPTION,
        [MF_OPTION_CHOICE] = sizeof(unsigned),
        [MF_OPTION_STEPS] = sizeof(struct mf_steps),
        [MF_OPTION_NAMES] = sizeof(struct mf_name_list),
    };

    return size[option->type];
}

/* A text counts up to its NUL: what stands behind is whatever was there before. All other types are written whole. */
bool mf_option_same(const struct mf_option *option, const void *a, const void *b)
{
    const char *left = (const char *)a + option->offset, *right = (const char *)b + option->offset;

    if (option->type == MF_OPTION_TEXT)
        return strcmp(left, right) == 0;
    return memcmp(left, right, size_of(option)) == 0;
}

void mf_option_copy(const struct mf_option *option, const void *from, void *to)
{
    memcpy((char *)to + option->offset, (const char *)from + option->offset, size_of(option));
}
