/* src/read/conf.c
 *
 * A commented JSON file as a document, and words for what is wrong with one. The option tables are in option.c. */

#include "read/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20, NODES_MAX = 2 << 20, DEPTH = 32, NAME_SHOWN = 300, WORD_MAX = 64 };

/* ---- places ---- */

static int error_at(const struct mf_conf *conf, size_t offset, struct mf_error *error, const char *format, va_list args)
{
    size_t line = 1, column = 1, name = conf->name == NULL ? 0 : strlen(conf->name);
    struct mf_error sentence;

    for (size_t i = 0; i < offset; i++) {
        column = conf->text[i] == '\n' ? 1 : column + 1;
        line += conf->text[i] == '\n';
    }
    mf_error_setv(&sentence, format, args);
    /* A long path keeps its end, so that the sentence still fits behind it. */
    return mf_error_set(error, "%s:%zu:%zu: %s",
                        name == 0 ? "text" : conf->name + (name > NAME_SHOWN ? name - NAME_SHOWN : 0), line, column,
                        sentence.text);
}

static __attribute__((format(printf, 4, 5))) int fail_at(const struct mf_conf *conf, size_t offset,
                                                         struct mf_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    error_at(conf, offset, error, format, args);
    va_end(args);
    return -1;
}

/* Where a node begins on the page: a string at its quote. */
static size_t offset_of(const struct mf_conf *conf, uint32_t node)
{
    const struct mf_node *n = &conf->record.nodes[node];

    return n->start - (n->type == MF_NODE_STRING);
}

int mf_conf_error(const struct mf_conf *conf, uint32_t node, struct mf_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    error_at(conf, node < conf->record.n_nodes ? offset_of(conf, node) : 0, error, format, args);
    va_end(args);
    return -1;
}

/* ---- comments ---- */

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n' && *from != '\r')
            *from = ' ';
}

/* Behind the closing quote. No string goes on over a line break; stopping there keeps a forgotten quote from turning
 * the rest of the file inside out, and the parser will name the place. */
static char *skip_string(char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\n')
        p += *p == '\\' && p + 1 < end && p[1] != '\n' ? 2 : 1;
    return p < end ? p + 1 : p;
}

/* Overwrites comments with blanks, so that every other byte keeps its place. False when a block comment does not end;
 * `open` is where it starts. */
static bool blank_comments(char *text, size_t length, size_t *open)
{
    char *p = text, *end = text + length;

    while (p < end) {
        bool slash = *p == '/' && p + 1 < end;

        if (*p == '"') {
            p = skip_string(p + 1, end);
        } else if (slash && p[1] == '/') {
            char *stop = memchr(p, '\n', (size_t)(end - p));
            if (stop == NULL)
                stop = end;
            blank(p, stop);
            p = stop;
        } else if (slash && p[1] == '*') {
            char *stop = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
            if (stop == NULL) {
                *open = (size_t)(p - text);
                return false;
            }
            blank(p, stop + 2);
            p = stop + 2;
        } else {
            p++;
        }
    }
    return true;
}

/* ---- words for bad JSON ---- */

/* What a reader knows who has read up to some byte. The text before the byte at which the parser stopped is sound, so
 * this needs no checks of its own. */
struct reading {
    size_t open[DEPTH + 1]; /* offsets of the brackets that are open */
    unsigned n_open;
    bool in_string, escape;
    char last;   /* the last byte that is no blank; '"' for a whole string */
    char before; /* a string only: what `last` was before it */
};

static void read_byte(struct reading *reading, char c, size_t at)
{
    if (reading->in_string) {
        reading->in_string = reading->escape || c != '"';
        reading->escape = !reading->escape && c == '\\';
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        return;
    } else if (c == '"') {
        reading->in_string = true;
        reading->before = reading->last;
    } else if ((c == '{' || c == '[') && reading->n_open <= DEPTH) {
        reading->open[reading->n_open++] = at;
    } else if ((c == '}' || c == ']') && reading->n_open > 0) {
        reading->n_open--;
    }
    reading->last = reading->in_string ? '"' : c;
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (mf_ascii_lower(c) >= 'a' && mf_ascii_lower(c) <= 'z') || c == '-' || c == '.' ||
           c == '+';
}

/* Whether the text before `at` ends in a word or number that is not one. `c` is the byte at `at`. */
static bool is_misspelt(const char *text, size_t at, char c)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t from = at;

    while (from > 0 && in_word(text[from - 1]))
        from--;
    if (from == at)
        return false;
    if (in_word(c))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mf_slice_equal((struct mf_slice){text + from, at - from}, mf_slice_of(words[i])))
            return false;
    return text[at - 1] < '0' || text[at - 1] > '9';
}

/* What is due at `at`, where `reading` ends. */
static const char *what_is_due(const struct reading *reading, const char *text, size_t at)
{
    bool object = reading->n_open > 0 && text[reading->open[reading->n_open - 1]] == '{';
    char last = reading->last;

    if (is_misspelt(text, at, text[at]))
        return "a number, true, false or null is not written like this";
    if (last == '\0' || last == ':' || (!object && (last == ',' || last == '[')))
        return "a value is due here: a text in double quotes, a number, true, false, null, [...] or {...}";
    if (object && (last == '{' || last == ','))
        return "a name in double quotes is due here";
    if (object && last == '"' && (reading->before == '{' || reading->before == ','))
        return "a colon is due here, behind the name";
    if (reading->n_open == 0)
        return "nothing may stand behind the end of the document";
    return object ? "a comma or } is due here" : "a comma or ] is due here";
}

static int fail_bad_json(const struct mf_conf *conf, size_t length, struct mf_error *error)
{
    size_t at = conf->record.failed_at < length ? conf->record.failed_at : length;
    struct reading reading = {.last = '\0'};
    char c = conf->text[at];

    for (size_t i = 0; i < at; i++)
        read_byte(&reading, conf->text[i], i);
    if (reading.in_string)
        return fail_at(conf, at, error, "not JSON: %s",
                       (unsigned char)c < 0x20
                           ? "a line break or control byte inside a string; is the closing \" missing?"
                           : "a backslash in a string with none of \" \\ / b f n r t uXXXX behind it");
    if ((c == '}' || c == ']') && reading.last == ',')
        return fail_at(conf, at, error, "not JSON: a comma before the closing %c; remove the comma", c);
    if (c == '\'')
        return fail_at(conf, at, error, "not JSON: a single quote; texts and names stand in double quotes");
    if (c > ' ' && c < 0x7f)
        return fail_at(conf, at, error, "not JSON: found %c; %s", c, what_is_due(&reading, conf->text, at));
    return fail_at(conf, at, error, "not JSON: %s", what_is_due(&reading, conf->text, at));
}

static int fail_truncated(const struct mf_conf *conf, size_t length, struct mf_error *error)
{
    struct reading reading = {.last = '\0'};

    for (size_t i = 0; i < length; i++)
        read_byte(&reading, conf->text[i], i);
    if (reading.in_string)
        return fail_at(conf, length, error, "not JSON: it ends inside a string; the closing \" is missing");
    if (reading.n_open == 0)
        return fail_at(conf, length, error, "not JSON: %s",
                       reading.last == '\0' ? "there is no value, at least {} is due" : "it ends inside a value");

    size_t open = reading.open[reading.n_open - 1], line = 1;
    for (size_t i = 0; i < open; i++)
        line += conf->text[i] == '\n';
    return fail_at(conf, length, error, "not JSON: it ends before the %c of line %zu is closed", conf->text[open],
                   line);
}

static int fail_document(const struct mf_conf *conf, enum mf_skip why, size_t length, struct mf_error *error)
{
    size_t at = conf->record.failed_at < length ? conf->record.failed_at : length;

    switch (why) {
    case MF_SKIP_TRUNCATED:
    case MF_SKIP_NO_JSON:
        return fail_truncated(conf, length, error);
    case MF_SKIP_BAD_UTF8:
        return fail_at(conf, at, error, "this text is not valid UTF-8");
    case MF_SKIP_TOO_DEEP:
        return fail_at(conf, at, error, "nested deeper than %d levels", DEPTH);
    case MF_SKIP_TOO_MANY_NODES:
        return fail_at(conf, at, error, "more than %u values", conf->record.limits.nodes);
    default:
        return fail_bad_json(conf, length, error);
    }
}

/* ---- a document ---- */

/* Parses `length` bytes of conf->text, which has room for a NUL behind them. */
static int parse_text(struct mf_conf *conf, size_t length, struct mf_error *error)
{
    struct mf_record_limits limits = {.size = (uint32_t)length + 1, .nodes = (uint32_t)length + 16, .depth = DEPTH};
    size_t open;

    conf->text[length] = '\0';
    if (limits.nodes > NODES_MAX)
        limits.nodes = NODES_MAX;
    if (mf_record_init(&conf->record, &limits, error) != 0)
        return -1;
    if (length >= 3 && memcmp(conf->text, "\xEF\xBB\xBF", 3) == 0)
        blank(conf->text, conf->text + 3); /* a byte order mark: some editors write one */
    if (!blank_comments(conf->text, length, &open))
        return fail_at(conf, open, error, "this comment is not closed; */ is missing");

    enum mf_skip why = mf_record_parse_document(&conf->record, conf->text, length);
    return why == MF_SKIP_NONE ? 0 : fail_document(conf, why, length, error);
}

static int begin(struct mf_conf *conf, const char *name, size_t length, struct mf_error *error)
{
    *conf = (struct mf_conf){0};
    conf->name = strdup(name);
    conf->text = malloc(length + 1);
    if (conf->name == NULL || conf->text == NULL)
        return mf_error_set(error, "%s: no memory to read it", name);
    return 0;
}

int mf_conf_parse(struct mf_conf *conf, const char *name, struct mf_slice text, struct mf_error *error)
{
    if (begin(conf, name, text.length <= FILE_MAX ? text.length : 0, error) != 0)
        return -1;
    if (text.length > FILE_MAX)
        return mf_error_set(error, "%s: %zu bytes are too many, accepted: up to %d", name, text.length, FILE_MAX);
    if (text.length > 0)
        memcpy(conf->text, text.data, text.length);
    return parse_text(conf, text.length, error);
}

/* Reads until the end, or until there is one byte more than is accepted: the size that fstat() gave may be stale. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t n = read(fd, buffer + used, size - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return (ssize_t)used;
}

static int load_fd(struct mf_conf *conf, const char *file, int fd, struct mf_error *error)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return mf_error_set(error, "%s: not a regular file", file);

    ssize_t length = status.st_size > FILE_MAX ? FILE_MAX + 1 : read_all(fd, conf->text, FILE_MAX + 1);
    if (length < 0)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    if (length > FILE_MAX)
        return mf_error_set(error, "%s: larger than %d bytes, the most that is read", file, FILE_MAX);
    return parse_text(conf, (size_t)length, error);
}

int mf_conf_load(struct mf_conf *conf, const char *file, struct mf_error *error)
{
    if (begin(conf, file, FILE_MAX + 1, error) != 0)
        return -1;

    /* Not to wait for a writer, should it be a pipe. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return mf_error_set(error, "%s: %s", file, strerror(errno));

    int result = load_fd(conf, file, fd, error);
    close(fd);
    return result;
}

void mf_conf_fini(struct mf_conf *conf)
{
    mf_record_fini(&conf->record);
    free(conf->name);
    free(conf->text);
    *conf = (struct mf_conf){0};
}

/* ---- did you mean ---- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to insert, remove or replace, case aside (Levenshtein). Both at most WORD_MAX long. */
static unsigned distance(struct mf_slice a, struct mf_slice b)
{
    unsigned row[WORD_MAX + 1];

    for (unsigned j = 0; j <= b.length; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.length; i++) {
        unsigned corner = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.length; j++) {
            unsigned above = row[j];
            bool same = mf_ascii_lower(a.data[i - 1]) == mf_ascii_lower(b.data[j - 1]);

            row[j] = least(corner + !same, least(above, row[j - 1]) + 1);
            corner = above;
        }
    }
    return row[b.length];
}

const char *mf_conf_nearest(struct mf_slice word, const char *const *names, size_t n_names)
{
    const char *nearest = NULL;
    unsigned least_distance = 3;

    if (word.length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < n_names; i++) {
        struct mf_slice name = mf_slice_of(names[i]);
        unsigned d = name.length > WORD_MAX ? UINT_MAX : distance(word, name);

        /* "ab" is two letters from "xy", which helps nobody: something must have stayed. */
        if (d < least_distance && d < name.length) {
            least_distance = d;
            nearest = names[i];
        }
    }
    return nearest;
}
