/* tool/console.c
 *
 * Messages for people: safe, coloured only where somebody looks. */

#include "console.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum { AUTO, ALWAYS, NEVER } coloring = AUTO;

void mf_console_color(const char *when)
{
    if (when == NULL)
        return;
    coloring = strcmp(when, "always") == 0 ? ALWAYS : strcmp(when, "never") == 0 ? NEVER : AUTO;
}

static bool is_colored(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (coloring != AUTO)
        return coloring == ALWAYS;
    if (no_color != NULL && no_color[0] != '\0')
        return false;
    if (term == NULL || strcmp(term, "dumb") == 0)
        return false;
    return isatty(fileno(stream)) == 1;
}

const char *mf_console_style(FILE *stream, enum mf_style style)
{
    static const char *const sequences[] = {
        [MF_PLAIN] = "\033[0m",   [MF_BOLD] = "\033[1m",  [MF_RED] = "\033[31m",
        [MF_YELLOW] = "\033[33m", [MF_CYAN] = "\033[36m", [MF_GREEN] = "\033[32m",
    };

    return is_colored(stream) ? sequences[style] : "";
}

void mf_console_text(FILE *stream, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t n = mf_text_decode(bytes + i, length - i, &code);

        if (code == MF_TEXT_BROKEN)
            fprintf(stream, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        else if (code == '\n' && i + 1 < length)
            fputs("\n  ", stream);
        else if (mf_text_is_hidden(code))
            fprintf(stream, "\\u%04x", (unsigned)code);
        else
            fwrite(bytes + i, 1, n, stream);
        i += n;
    }
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
