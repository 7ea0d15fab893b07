/* tool/traffic.c
 *
 * Reads the file once, resolves every ${name} in it at load, so that a story cannot fail half way. */

#include "traffic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECTIONS_MAX = 64, ENTRIES_MAX = 512, FILE_MAX = 256 << 10, DEPTH_MAX = 8, NAME_MAX_LENGTH = 64 };

static const char *const words_named[MF_N_WORDS] = {
    [MF_WORD_TIME] = "time",
    [MF_WORD_TIME_PLAIN] = "time_plain",
    [MF_WORD_DATE] = "date",
    [MF_WORD_CLOCK] = "clock",
    [MF_WORD_FRACTION] = "fraction",
    [MF_WORD_YEAR] = "year",
    [MF_WORD_MONTH] = "month",
    [MF_WORD_DAY] = "day",
    [MF_WORD_SECONDS] = "seconds",
    [MF_WORD_MS] = "milliseconds",
    [MF_WORD_ID] = "id",
    [MF_WORD_USER] = "user",
    [MF_WORD_NAME] = "name",
    [MF_WORD_KEY] = "key",
    [MF_WORD_NUMBER] = "number",
    [MF_WORD_GROUP] = "group",
    [MF_WORD_IP] = "ip",
    [MF_WORD_ASN] = "asn",
    [MF_WORD_NETWORK] = "network",
    [MF_WORD_CITY] = "city",
    [MF_WORD_COUNTRY] = "country",
    [MF_WORD_COUNTRY_NAME] = "country_name",
    [MF_WORD_LATITUDE] = "latitude",
    [MF_WORD_LONGITUDE] = "longitude",
    [MF_WORD_PROXY] = "proxy",
    [MF_WORD_PHONE_IP] = "phone_ip",
    [MF_WORD_PHONE_CITY] = "phone_city",
    [MF_WORD_PHONE_COUNTRY] = "phone_country",
    [MF_WORD_PHONE_COUNTRY_NAME] = "phone_country_name",
    [MF_WORD_TRANSACTION] = "transaction",
    [MF_WORD_SESSION] = "session",
    [MF_WORD_FACTOR] = "factor",
    [MF_WORD_ADMIN] = "admin",
    [MF_WORD_MARK] = "mark",
    [MF_WORD_SPACE] = "space",
};

const char *const mf_traffic_steps[MF_N_STEPS] = {
    "password", "wrong_password", "ask",        "approved", "refused", "timeout", "failed", "cancelled",
    "fraud",    "right_code",     "wrong_code", "session",  "enrol",   "reset",   "remove",
};

/* In the order in which one stands in for another. */
static const char *const factors[] = {"push", "verified_push", "totp", "sms"};
enum { N_FACTORS = sizeof factors / sizeof factors[0] };

struct entry {
    const char *name, *value;
    unsigned section, line;
};

struct section {
    const char *step; /* "" for what stands before the first one: it holds for all */
    mf_time delay;
    unsigned line;
};

struct mf_traffic {
    char *file; /* its name, for messages */
    char *text;
    struct section section[SECTIONS_MAX];
    struct entry entry[ENTRIES_MAX];
    unsigned n_sections, n_entries;
    mf_time life;
    bool factor[N_FACTORS]; /* its records know of it */
};

struct text {
    char *data;
    size_t used, size;
};

/* ---- what a name stands for ---- */

static const char *find(const struct mf_traffic *traffic, unsigned section, struct mf_slice name)
{
    for (unsigned i = 0; i < traffic->n_entries; i++)
        if (traffic->entry[i].section == section && mf_slice_equal(mf_slice_of(traffic->entry[i].name), name))
            return traffic->entry[i].value;
    return section == 0 ? NULL : find(traffic, 0, name);
}

static const char *find_word(const struct mf_traffic_words *words, struct mf_slice name)
{
    for (unsigned i = 0; i < MF_N_WORDS; i++)
        if (mf_slice_equal(mf_slice_of(words_named[i]), name))
            return words->text[i] != NULL ? words->text[i] : "";
    return NULL;
}

static void add(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->size - text->used;

    if (length > room)
        length = room;
    memcpy(text->data + text->used, bytes, length);
    text->used += length;
}

/* The end of the ${...} that begins at `start`; what is inside may hold others. */
static const char *closing(const char *start)
{
    unsigned open = 0;

    for (const char *c = start; *c != '\0'; c++) {
        if (c[0] == '$' && c[1] == '{')
            open++;
        else if (*c == '}' && open > 0 && --open == 0)
            return c;
    }
    return NULL;
}

/* False, with the name in question in `unknown`. */
static bool expand(const struct mf_traffic *traffic, unsigned section, const struct mf_traffic_words *words,
                   const char *value, unsigned depth, struct text *out, char unknown[NAME_MAX_LENGTH])
{
    while (*value != '\0') {
        const char *start = strstr(value, "${");
        const char *end = start == NULL ? NULL : closing(start);
        char name[NAME_MAX_LENGTH];
        struct text inner = {name, 0, sizeof name - 1};

        if (end == NULL) {
            add(out, value, strlen(value));
            return true;
        }
        add(out, value, (size_t)(start - value));
        value = end + 1;

        char wanted[256];
        mf_slice_copy(wanted, sizeof wanted, (struct mf_slice){start + 2, (size_t)(end - start - 2)});
        if (depth == 0 || !expand(traffic, section, words, wanted, depth - 1, &inner, unknown))
            return false;
        name[inner.used] = '\0';
        const char *found = find_word(words, mf_slice_of(name));
        if (found == NULL && (found = find(traffic, section, mf_slice_of(name))) == NULL) {
            mf_slice_copy(unknown, NAME_MAX_LENGTH, mf_slice_of(name));
            return false;
        }
        if (!expand(traffic, section, words, found, depth - 1, out, unknown))
            return false;
    }
    return true;
}

/* ---- reading the file ---- */

static int complain(const struct mf_traffic *traffic, unsigned line, struct mf_error *error, const char *what,
                    const char *word)
{
    return mf_error_set(error, "%s:%u: %s \"%s\"", traffic->file, line, what, word);
}

static char *read_file(const char *file, struct mf_error *error)
{
    FILE *stream = fopen(file, "rb");
    char *text = stream == NULL ? NULL : malloc(FILE_MAX + 1);
    size_t length = text == NULL ? 0 : fread(text, 1, FILE_MAX + 1, stream);
    bool failed = stream == NULL || text == NULL || ferror(stream) != 0;

    if (failed || length > FILE_MAX || memchr(text, '\0', length) != NULL) {
        mf_error_set(error, "%s: %s", file, failed ? strerror(errno) : "this is no text of at most 256 KiB");
        free(text);
        text = NULL;
    } else {
        text[length] = '\0';
    }
    if (stream != NULL)
        fclose(stream);
    return text;
}

unsigned mf_traffic_step(const char *name)
{
    unsigned i = 0;

    while (i < MF_N_STEPS && strcmp(mf_traffic_steps[i], name) != 0)
        i++;
    return i;
}

/* "[refused]" or "[refused +0.7]" */
static int take_section(struct mf_traffic *traffic, char *line, unsigned number, struct mf_error *error)
{
    size_t length = strlen(line);
    char *plus = strchr(line, '+');
    double delay = 0;

    if (line[length - 1] != ']' || traffic->n_sections == SECTIONS_MAX)
        return complain(traffic, number, error, "this is no section such as [refused] or [refused +0.7]:", line);
    line[length - 1] = '\0';
    if (plus != NULL) {
        char *end;

        delay = strtod(plus + 1, &end);
        if (*end != '\0' || !(delay >= 0 && delay < 3600))
            return complain(traffic, number, error, "this is no delay in seconds:", plus);
        *plus = '\0';
    }
    struct mf_slice name = mf_slice_trim(mf_slice_of(line + 1));
    ((char *)name.data)[name.length] = '\0';
    if (mf_traffic_step(name.data) == MF_N_STEPS) {
        const char *near = mf_conf_nearest(name, mf_traffic_steps, MF_N_STEPS);

        return mf_error_set(error, "%s:%u: there is no step \"%s\"%s%s%s", traffic->file, number, name.data,
                            near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                            near != NULL ? "\"?" : "");
    }
    traffic->section[traffic->n_sections++] = (struct section){name.data, (mf_time)(delay * 1000), number};
    return 0;
}

static int take_entry(struct mf_traffic *traffic, char *line, unsigned number, struct mf_error *error)
{
    char *equal = strchr(line, '=');

    if (equal == NULL || equal == line)
        return complain(traffic, number, error, "this is neither [step], nor name = value, nor a comment:", line);
    if (traffic->n_entries == ENTRIES_MAX)
        return complain(traffic, number, error, "more lines than 512, from", line);
    *equal = '\0';
    struct mf_slice name = mf_slice_trim(mf_slice_of(line)), value = mf_slice_trim(mf_slice_of(equal + 1));
    ((char *)name.data)[name.length] = '\0';
    ((char *)value.data)[value.length] = '\0';
    if (find_word(&(struct mf_traffic_words){0}, name) != NULL)
        return complain(traffic, number, error, "a word that the story sets cannot be set here:", name.data);
    traffic->entry[traffic->n_entries++] = (struct entry){name.data, value.data, traffic->n_sections - 1, number};
    return 0;
}

/* Joins a line that begins with a blank to the one before, in place, and hands out the next whole one. */
static char *next_line(char **rest, unsigned *number, unsigned *at)
{
    char *line = *rest, *to, *from;

    if (*line == '\0')
        return NULL;
    *number = *at;
    to = from = line;
    while (*from != '\0') {
        if (*from != '\n') {
            *to++ = *from++;
            continue;
        }
        from++;
        ++*at;
        if (*line == '#' || (*from != ' ' && *from != '\t'))
            break;
        while (to > line && (to[-1] == ' ' || to[-1] == '\r'))
            to--;
        while (*from == ' ' || *from == '\t')
            from++;
    }
    *rest = from;
    while (to > line && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    *to = '\0'; /* `from` is behind it: at least the newline was passed over, or it is the end */
    return line;
}

static int read_lines(struct mf_traffic *traffic, struct mf_error *error)
{
    unsigned number, at = 1;
    char *rest = traffic->text, *line;
    int result = 0;

    traffic->section[traffic->n_sections++] = (struct section){"", 0, 0};
    while (result == 0 && (line = next_line(&rest, &number, &at)) != NULL) {
        if (line[0] == '\0' || line[0] == '#')
            continue;
        result = line[0] == '[' ? take_section(traffic, line, number, error) : take_entry(traffic, line, number, error);
    }
    return result;
}

/* Each record is written once with words that say nothing. */
static int check_record(const struct mf_traffic *traffic, unsigned section, const char *factor, struct mf_error *error)
{
    static char buffer[MF_TRAFFIC_MAX];
    const struct mf_traffic_words words = {.text = {[MF_WORD_FACTOR] = factor}};
    char unknown[NAME_MAX_LENGTH] = "";
    struct text out = {buffer, 0, sizeof buffer};
    const struct section *at = &traffic->section[section];

    if (!expand(traffic, section, &words, "${record}", DEPTH_MAX, &out, unknown))
        return complain(traffic, at->line, error,
                        unknown[0] != '\0' ? "its record needs a line that is not there:"
                                           : "its record is made of lines that need each other, in",
                        unknown[0] != '\0' ? unknown : at->step);
    if (out.used == sizeof buffer || memchr(buffer, '\n', out.used) != NULL)
        return complain(traffic, at->line, error, "its record is longer than 32 KiB, in", at->step);
    return 0;
}

/* A code is typed, and of everything else there may be a prompt. */
static int check_records(const struct mf_traffic *traffic, struct mf_error *error)
{
    for (unsigned i = 1; i < traffic->n_sections; i++) {
        bool code = strstr(traffic->section[i].step, "_code") != NULL;

        if (check_record(traffic, i, code ? "totp" : "push", error) != 0)
            return -1;
        for (unsigned n = 0; n < N_FACTORS && !code; n++)
            if (traffic->factor[n] && strcmp(factors[n], "totp") != 0 &&
                check_record(traffic, i, factors[n], error) != 0)
                return -1;
    }
    return 0;
}

/* "factors = push totp"; without the line it is all of them. */
static int read_factors(struct mf_traffic *traffic, struct mf_error *error)
{
    const char *list = find(traffic, 0, mf_slice_of("factors"));
    char word[NAME_MAX_LENGTH];

    for (unsigned i = 0; list == NULL && i < N_FACTORS; i++)
        traffic->factor[i] = true;
    while (list != NULL && *(list += strspn(list, " \t")) != '\0') {
        size_t length = strcspn(list, " \t");
        unsigned i = 0;

        mf_slice_copy(word, sizeof word, (struct mf_slice){list, length});
        while (i < N_FACTORS && strcmp(factors[i], word) != 0)
            i++;
        if (i == N_FACTORS)
            return mf_error_set(error, "%s: factors: \"%s\" is none of push, verified_push, totp and sms",
                                traffic->file, word);
        traffic->factor[i] = true;
        list += length;
    }
    return 0;
}

static bool has_prompts(const struct mf_traffic *traffic)
{
    return mf_traffic_tells(traffic, "push") || mf_traffic_tells(traffic, "verified_push") ||
           mf_traffic_tells(traffic, "sms");
}

static int read_life(struct mf_traffic *traffic, struct mf_error *error)
{
    const char *life = find(traffic, 0, mf_slice_of("life"));
    char *end = NULL;
    unsigned long seconds = life == NULL ? 0 : strtoul(life, &end, 10);

    if (life == NULL && !has_prompts(traffic))
        return 0;
    if (life == NULL || *end != '\0' || seconds < 1 || seconds > 3600)
        return mf_error_set(error,
                            "%s: a line \"life = SECONDS\" (1 to 3600) must say how long a prompt can be answered",
                            traffic->file);
    traffic->life = (mf_time)seconds * MF_SECOND;
    return 0;
}

static bool is_level(const char *text)
{
    for (int level = MF_NORMAL; level <= MF_ANOMALOUS; level++)
        if (strcmp(text, mf_level_name((enum mf_level)level)) == 0)
            return true;
    return false;
}

/* "level.STORY = suspicious", "fresh.STORY = ..." for users without a history, and "header = needed". */
static int check_words(const struct mf_traffic *traffic, struct mf_error *error)
{
    for (unsigned i = 0; i < traffic->n_entries; i++) {
        const struct entry *entry = &traffic->entry[i];
        bool level = strncmp(entry->name, "level.", 6) == 0 || strncmp(entry->name, "fresh.", 6) == 0;

        if (strcmp(entry->name, "header") == 0 && strcmp(entry->value, "needed") != 0)
            return complain(traffic, entry->line, error, "the only thing to say of a header is that it is needed, not",
                            entry->value);
        if (level && !is_level(entry->value))
            return complain(traffic, entry->line, error, "this is no level:", entry->value);
    }
    return 0;
}

struct mf_traffic *mf_traffic_load(const char *dir, const char *name, struct mf_error *error)
{
    struct mf_traffic *traffic = calloc(1, sizeof *traffic);
    char file[4096];

    snprintf(file, sizeof file, "%s/%s.traffic", dir, name);
    if (traffic == NULL || (traffic->file = strdup(file)) == NULL)
        mf_error_set(error, "%s", strerror(ENOMEM));
    else if ((traffic->text = read_file(file, error)) != NULL && read_lines(traffic, error) == 0 &&
             read_factors(traffic, error) == 0 && check_records(traffic, error) == 0 &&
             read_life(traffic, error) == 0 && check_words(traffic, error) == 0)
        return traffic;
    mf_traffic_free(traffic);
    return NULL;
}

void mf_traffic_free(struct mf_traffic *traffic)
{
    if (traffic == NULL)
        return;
    free(traffic->file);
    free(traffic->text);
    free(traffic);
}

/* ---- telling ---- */

mf_time mf_traffic_life(const struct mf_traffic *traffic)
{
    return traffic->life;
}

/* 0 when there is none. */
static unsigned section_of(const struct mf_traffic *traffic, const char *step, unsigned index)
{
    for (unsigned i = 1; i < traffic->n_sections; i++)
        if (strcmp(traffic->section[i].step, step) == 0 && index-- == 0)
            return i;
    return 0;
}

static bool holds(const struct mf_traffic *traffic, const char *word)
{
    char wanted[NAME_MAX_LENGTH];

    snprintf(wanted, sizeof wanted, "${%s}", word);
    for (unsigned i = 0; i < traffic->n_entries; i++)
        if (strstr(traffic->entry[i].value, wanted) != NULL)
            return true;
    return false;
}

bool mf_traffic_tells(const struct mf_traffic *traffic, const char *what)
{
    if (mf_traffic_step(what) < MF_N_STEPS)
        return section_of(traffic, what, 0) != 0;
    for (unsigned i = 0; i < N_FACTORS; i++)
        if (strcmp(factors[i], what) == 0)
            return traffic->factor[i];
    return holds(traffic, what);
}

const char *mf_traffic_factor(const struct mf_traffic *traffic, const char *factor)
{
    if (mf_traffic_tells(traffic, factor))
        return factor;
    for (unsigned i = 0; i < N_FACTORS; i++)
        if (traffic->factor[i])
            return factors[i];
    return "none";
}

enum mf_level mf_traffic_level(const struct mf_traffic *traffic, const char *story, bool known, enum mf_level usual)
{
    char name[NAME_MAX_LENGTH];
    const char *said;

    snprintf(name, sizeof name, "%s.%s", known ? "level" : "fresh", story);
    said = find(traffic, 0, mf_slice_of(name));
    for (int level = MF_NORMAL; said != NULL && level <= MF_ANOMALOUS; level++)
        if (strcmp(said, mf_level_name((enum mf_level)level)) == 0)
            return (enum mf_level)level;
    return usual;
}

const char *mf_traffic_cannot(const struct mf_traffic *traffic, const char *story)
{
    char name[NAME_MAX_LENGTH];

    snprintf(name, sizeof name, "cannot.%s", story);
    return find(traffic, 0, mf_slice_of(name));
}

bool mf_traffic_needs_header(const struct mf_traffic *traffic)
{
    return find(traffic, 0, mf_slice_of("header")) != NULL;
}

bool mf_traffic_delay(const struct mf_traffic *traffic, const char *step, unsigned index, mf_time *delay)
{
    unsigned section = section_of(traffic, step, index);

    if (section != 0)
        *delay = traffic->section[section].delay;
    return section != 0;
}

size_t mf_traffic_record(const struct mf_traffic *traffic, const char *step, unsigned index,
                         const struct mf_traffic_words *words, char *text, size_t size)
{
    struct text out = {text, 0, size};
    char unknown[NAME_MAX_LENGTH];

    expand(traffic, section_of(traffic, step, index), words, "${record}", DEPTH_MAX, &out, unknown);
    return out.used;
}
