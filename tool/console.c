/* tool/console.c
 *
 * Messages for people: safe, coloured only where somebody looks. */

#include "console.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

static enum { AUTO, ALWAYS, NEVER } coloring = AUTO;

void mf_console_color(const char *when)
{
    if (when == NULL)
        return;
    coloring = strcmp(when, "always") == 0 ? ALWAYS : strcmp(when, "never") == 0 ? NEVER : AUTO;
}

/* Somebody looks, and can do more than print. */
static bool is_terminal(FILE *stream)
{
    const char *term = getenv("TERM");

    return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0 && isatty(fileno(stream)) == 1;
}

static bool is_colored(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    if (coloring != AUTO)
        return coloring == ALWAYS;
    return (no_color == NULL || no_color[0] == '\0') && is_terminal(stream);
}

const char *mf_console_style(FILE *stream, enum mf_style style)
{
    static const char *const sequences[] = {
        [MF_PLAIN] = "\033[0m",
        [MF_BOLD] = "\033[1m",
        [MF_RED] = "\033[31m",
        [MF_YELLOW] = "\033[33m",
    };

    return is_colored(stream) ? sequences[style] : "";
}

/* How many characters it took. */
static size_t put_text(FILE *stream, const char *bytes, size_t length)
{
    size_t shown = 0;

    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t n = mf_text_decode(bytes + i, length - i, &code);

        if (code == MF_TEXT_BROKEN)
            shown += (size_t)fprintf(stream, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        else if (mf_text_is_hidden(code))
            shown += (size_t)fprintf(stream, "\\u%04x", (unsigned)code);
        else
            shown += fwrite(bytes + i, n, 1, stream);
        i += n;
    }
    return shown;
}

void mf_console_text(FILE *stream, const char *bytes, size_t length)
{
    put_text(stream, bytes, length);
}

void mf_console_column(FILE *stream, const char *bytes, size_t length, size_t width)
{
    size_t shown = put_text(stream, bytes, length);

    fprintf(stream, "%*s", (int)(shown < width ? width - shown + 2 : 2), "");
}

int mf_complain(enum mf_exit code, const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    fprintf(stderr, "%smfatigue:%s ", mf_console_style(stderr, MF_RED), mf_console_style(stderr, MF_PLAIN));
    mf_console_text(stderr, text, strlen(text));
    fputc('\n', stderr);
    return (int)code;
}

const char *mf_console_count(uint64_t value, char text[MF_COUNT_TEXT])
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
    char *out = text;

    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

void mf_console_figure(FILE *stream, const char *what, uint64_t value)
{
    char count[MF_COUNT_TEXT];

    fprintf(stream, "%14s  %s\n", mf_console_count(value, count), what);
}

/* ---- progress ---- */

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void mf_progress_begin(struct mf_progress *progress, bool results)
{
    progress->on = is_terminal(stderr) && (!results || isatty(STDOUT_FILENO) != 1);
    progress->shown = false;
    progress->begin = now();
    progress->next = progress->begin + 1000;
}

/* ", 37%, 2 min left"; nothing while it cannot be known. */
static void write_part(int64_t passed, uint64_t done, uint64_t total, char *part, size_t size)
{
    int64_t left;

    part[0] = '\0';
    if (total == 0 || done == 0)
        return;
    left = done >= total ? 0 : (int64_t)((double)passed * (double)(total - done) / (double)done / 1000 + 0.5);
    int used = snprintf(part, size, ", %u%%", (unsigned)(done >= total ? 100 : done * 100 / total));
    if (left >= 7200)
        snprintf(part + used, size - (size_t)used, ", %lld h left", (long long)(left / 3600));
    else if (left >= 120)
        snprintf(part + used, size - (size_t)used, ", %lld min left", (long long)(left / 60));
    else
        snprintf(part + used, size - (size_t)used, ", %lld s left", (long long)left);
}

void mf_progress_show(struct mf_progress *progress, uint64_t records, uint64_t done, uint64_t total)
{
    char count[MF_COUNT_TEXT], rate[MF_COUNT_TEXT], part[48];

    if (!progress->on || records % 1024 != 0)
        return;
    int64_t time = now();
    if (time < progress->next)
        return;
    progress->next = time + 250;
    progress->shown = true;
    write_part(time - progress->begin, done, total, part, sizeof part);
    fprintf(stderr, "\r%s records, %s/s%s   ", mf_console_count(records, count),
            mf_console_count(records * 1000 / (uint64_t)(time - progress->begin), rate), part);
}

void mf_progress_end(struct mf_progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r%78s\r", "");
    progress->shown = false;
}
