/* tool/html.c
 *
 * Escaping. */

#include "html.h"

#include <stdarg.h>

#include "console.h"
#include "text.h"

void mf_html(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
}

static const char *entity(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void mf_html_slice(FILE *out, struct mf_slice text)
{
    for (size_t i = 0; i < text.length;) {
        uint32_t code;
        size_t n = mf_text_decode(text.data + i, text.length - i, &code);

        if (code == MF_TEXT_BROKEN)
            fputs("\\ufffd", out);
        else if (mf_text_is_hidden(code))
            fprintf(out, "\\u%04x", (unsigned)code);
        else if (entity(code) != NULL)
            fputs(entity(code), out);
        else
            fwrite(text.data + i, 1, n, out);
        i += n;
    }
}

void mf_html_text(FILE *out, const char *text)
{
    mf_html_slice(out, mf_slice_of(text));
}

void mf_html_count(FILE *out, uint64_t value)
{
    char count[MF_COUNT_TEXT];

    fputs(mf_console_count(value, count), out);
}
