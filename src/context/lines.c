/* src/context/lines.c
 *
 * Bytes to lines, lines to words. A line is cut out of a buffer that holds four of the longest, checked as a whole, and
 * only then taken apart, so that no later step meets a byte that is not text. */

#include "context/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/country.h"
#include "read/conf.h"
#include "read/draft.h"

#define FILE_MAX ((uint64_t)1 << 30)

/* ---- errors ---- */

int mf_lines_error(const struct mf_lines *lines, struct mf_error *error, const char *format, ...)
{
    struct mf_error sentence;
    va_list args;

    va_start(args, format);
    mf_error_setv(&sentence, format, args);
    va_end(args);
    return mf_error_set(error, "%s:%u: %s", lines->file, lines->number, sentence.text);
}

struct mf_shown mf_shown(struct mf_slice text)
{
    struct mf_shown shown;
    size_t whole = sizeof shown.text - sizeof "...";

    mf_slice_copy(shown.text, text.length < sizeof shown.text ? sizeof shown.text : whole + 1, text);
    if (text.length >= sizeof shown.text)
        memcpy(shown.text + strlen(shown.text), "...", sizeof "...");
    return shown;
}

/* ---- the file ---- */

int mf_lines_open(struct mf_lines *lines, const char *file, struct mf_error *error)
{
    struct stat status;

    lines->file = file;
    lines->number = 0;
    lines->taken = 0;
    lines->at = lines->end = 0;
    lines->n_words = 0;
    /* not to wait for a writer, should it be a pipe */
    lines->fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (lines->fd < 0 || fstat(lines->fd, &status) != 0)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return mf_error_set(error, "%s: not a regular file", file);
    if ((uint64_t)status.st_size > FILE_MAX)
        return mf_error_set(error, "%s: larger than 1 GiB, the most that is read", file);
    return 0;
}

void mf_lines_close(struct mf_lines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    lines->fd = -1;
}

/* Moves what is left to the front and fills the buffer. */
static int fill(struct mf_lines *lines, struct mf_error *error)
{
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    while (lines->end < sizeof lines->buffer) {
        ssize_t n = read(lines->fd, lines->buffer + lines->end, sizeof lines->buffer - lines->end);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mf_error_set(error, "%s: %s", lines->file, strerror(errno));
        if (n == 0)
            break;
        lines->end += (size_t)n;
        lines->taken += (uint64_t)n;
    }
    if (lines->taken > FILE_MAX)
        return mf_error_set(error, "%s: larger than 1 GiB, the most that is read", lines->file);
    return 0;
}

/* The next line without its end: 1, 0 at the end of the file, -1. */
static int take_line(struct mf_lines *lines, struct mf_slice *line, struct mf_error *error)
{
    char *end = memchr(lines->buffer + lines->at, '\n', lines->end - lines->at);

    if (end == NULL) {
        if (fill(lines, error) != 0)
            return -1;
        end = memchr(lines->buffer, '\n', lines->end);
    }
    if (lines->end == lines->at)
        return 0;

    size_t length = end == NULL ? lines->end - lines->at : (size_t)(end - (lines->buffer + lines->at));
    *line = (struct mf_slice){lines->buffer + lines->at, length};
    lines->at += length + (end != NULL);
    lines->number++;
    if (line->length > 0 && line->data[line->length - 1] == '\r')
        line->length--;
    if (lines->number == 1 && line->length >= 3 && memcmp(line->data, "\xEF\xBB\xBF", 3) == 0)
        *line = (struct mf_slice){line->data + 3, line->length - 3};
    if (line->length > MF_LINE_MAX)
        return mf_lines_error(lines, error, "the line is longer than %d bytes", MF_LINE_MAX);
    return 1;
}

/* ---- what is text ---- */

/* Length of the UTF-8 sequence of two to four bytes at `p`, 0 when it is none. The second byte's range shuts out
 * overlong forms, surrogates and what is above U+10FFFF (RFC 3629, section 4). */
static size_t sequence(const unsigned char *p, size_t left)
{
    size_t length = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;

    if (length == 0 || left < length || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static int check_text(const struct mf_lines *lines, struct mf_slice line, struct mf_error *error)
{
    const unsigned char *p = (const unsigned char *)line.data;

    for (size_t i = 0; i < line.length;) {
        size_t n = p[i] < 0x80 ? 1 : sequence(p + i, line.length - i);

        if (n == 0)
            return mf_lines_error(lines, error, "byte 0x%02X at column %zu is not UTF-8", p[i], i + 1);
        if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7F || (p[i] == 0xC2 && p[i + 1] < 0xA0))
            return mf_lines_error(lines, error, "control character at column %zu (byte 0x%02X); accepted: UTF-8 text",
                                  i + 1, p[i] == 0xC2 ? p[i + 1] : p[i]);
        i += n;
    }
    return 0;
}

/* ---- words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "until=" and its like: lower-case letters up to '=' */
static size_t key_length(struct mf_slice rest)
{
    size_t n = 0;

    while (n < rest.length && ((mf_ascii_lower(rest.data[n]) >= 'a' && mf_ascii_lower(rest.data[n]) <= 'z') ||
                               rest.data[n] == '_' || rest.data[n] == '-'))
        n++;
    return n > 0 && n < rest.length && rest.data[n] == '=' ? n : 0;
}

static void skip(struct mf_slice *text, size_t n)
{
    text->data += n;
    text->length -= n;
}

static int take_quoted(const struct mf_lines *lines, struct mf_slice *rest, struct mf_list_word *word,
                       struct mf_error *error)
{
    const char *end = memchr(rest->data + 1, '"', rest->length - 1);

    if (end == NULL)
        return mf_lines_error(lines, error, "a quote is opened and not closed");
    word->quoted = true;
    word->value = (struct mf_slice){rest->data + 1, (size_t)(end - rest->data - 1)};
    skip(rest, word->value.length + 2);
    if (rest->length > 0 && !is_blank(rest->data[0]))
        return mf_lines_error(lines, error, "a blank must follow the closing quote of \"%s\"",
                              mf_shown(word->value).text);
    return 0;
}

/* One word off the front of `rest`, which begins with it. */
static int take_word(const struct mf_lines *lines, bool first, struct mf_slice *rest, struct mf_list_word *word,
                     struct mf_error *error)
{
    size_t n = first ? 0 : key_length(*rest);

    *word = (struct mf_list_word){0};
    if (n > 0) {
        word->key = (struct mf_slice){rest->data, n};
        skip(rest, n + 1);
    }
    if (rest->length > 0 && rest->data[0] == '"')
        return take_quoted(lines, rest, word, error);
    word->value.data = rest->data;
    while (rest->length > 0 && !is_blank(rest->data[0])) {
        if (rest->data[0] == '"')
            return mf_lines_error(lines, error, "a quote within a word; accepted: \"the whole word\" or key=\"value\"");
        skip(rest, 1);
        word->value.length++;
    }
    return 0;
}

static int split(struct mf_lines *lines, struct mf_slice rest, struct mf_error *error)
{
    lines->n_words = 0;
    for (;;) {
        while (rest.length > 0 && is_blank(rest.data[0]))
            skip(&rest, 1);
        if (rest.length == 0 || rest.data[0] == '#')
            return 0;
        if (lines->n_words == MF_LINE_WORDS)
            return mf_lines_error(lines, error, "more than %d words", MF_LINE_WORDS);
        if (take_word(lines, lines->n_words == 0, &rest, &lines->word[lines->n_words], error) != 0)
            return -1;
        lines->n_words++;
    }
}

int mf_lines_next(struct mf_lines *lines, struct mf_error *error)
{
    struct mf_slice line;
    int found;

    while ((found = take_line(lines, &line, error)) > 0) {
        if (check_text(lines, line, error) != 0 || split(lines, line, error) != 0)
            return -1;
        if (lines->n_words > 0)
            return 1;
    }
    return found;
}

/* ---- what stands in a word ---- */

/* "until=, home=" */
static const char *list_keys(char *text, size_t size, const char *const *keys, unsigned n_keys)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < n_keys && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s=", i > 0 ? ", " : "", keys[i]);
    return text;
}

int mf_lines_key(const struct mf_lines *lines, const struct mf_list_word *word, const char *const *keys,
                 unsigned n_keys, struct mf_error *error)
{
    char accepted[128];

    for (unsigned i = 0; i < n_keys; i++)
        if (word->key.data != NULL && mf_slice_equal(word->key, mf_slice_of(keys[i])))
            return (int)i;
    list_keys(accepted, sizeof accepted, keys, n_keys);
    if (word->key.data == NULL)
        return mf_lines_error(lines, error, "unexpected \"%s\"; accepted behind the first word: %s, # comment",
                              mf_shown(word->value).text, accepted);

    const char *near = mf_conf_nearest(word->key, keys, n_keys);
    if (near != NULL)
        return mf_lines_error(lines, error, "unknown key \"%s\", did you mean \"%s\"? accepted: %s",
                              mf_shown(word->key).text, near, accepted);
    return mf_lines_error(lines, error, "unknown key \"%s\"; accepted: %s", mf_shown(word->key).text, accepted);
}

int mf_lines_item(const struct mf_lines *lines, struct mf_list_word *rest, struct mf_slice *item,
                  struct mf_error *error)
{
    struct mf_slice text = rest->value;
    const char *comma = rest->quoted || text.data == NULL ? NULL : memchr(text.data, ',', text.length);

    if (text.data == NULL)
        return 0;
    if (comma == NULL) {
        rest->value = (struct mf_slice){0};
    } else {
        text.length = (size_t)(comma - text.data);
        skip(&rest->value, text.length + 1);
    }
    if (text.length == 0)
        return mf_lines_error(lines, error, "an empty value%s%s; accepted: values with one comma between",
                              rest->key.data == NULL ? "" : " of ", mf_shown(rest->key).text);
    *item = text;
    return 1;
}

int mf_lines_time(const struct mf_lines *lines, const struct mf_list_word *word, mf_time *begin, mf_time *end,
                  struct mf_error *error)
{
    enum { DATE = 10 };
    char midnight[] = "2026-12-31T00:00:00Z";
    bool day = word->value.length == DATE;
    mf_time time;

    if (day)
        memcpy(midnight, word->value.data, DATE);
    if (!mf_time_parse_iso(day ? mf_slice_of(midnight) : word->value, 0, &time))
        return mf_lines_error(lines, error, "%s=\"%s\" is no date; accepted: 2026-12-31 (UTC) or 2026-12-31T18:00:00Z",
                              mf_shown(word->key).text, mf_shown(word->value).text);
    if (begin != NULL)
        *begin = time;
    if (end != NULL)
        *end = time + (day ? MF_DAY : 1);
    return 0;
}

int mf_lines_country(const struct mf_lines *lines, struct mf_slice text, char code[2], struct mf_error *error)
{
    if (mf_country_code(text, code))
        return 0;
    return mf_lines_error(lines, error, "unknown country \"%s\"; accepted: ISO 3166-1 codes such as DE",
                          mf_shown(text).text);
}

int mf_lines_user(const struct mf_lines *lines, struct mf_slice text, char *folded, struct mf_slice *user,
                  struct mf_error *error)
{
    size_t length;

    if (mf_user_fold(text, folded, &length) != MF_SKIP_NONE)
        return mf_lines_error(lines, error, "\"%s\" is no login; accepted: 1 to %d bytes of text, no placeholder",
                              mf_shown(text).text, MF_USER_MAX);
    *user = (struct mf_slice){folded, length};
    return 0;
}
