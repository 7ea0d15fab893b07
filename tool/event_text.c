/* tool/event_text.c
 *
 * Columns, and a sentence where there is no event. */

#include "event_text.h"

#include <string.h>

#include "console.h"
#include "phrases.h"

enum { USER = 32, KIND = 15, FACTOR = 13, SOURCE = 24, IDP = 8, OUTCOME = 8 };

struct row {
    const struct mf_reading_lines *lines;
    const struct mf_placed_line *place;
    const struct mf_reading *reading;
};

static void put_slice(FILE *out, struct mf_slice text, size_t width)
{
    mf_console_column(out, text.data == NULL ? "" : text.data, text.length, width);
}

static void put(FILE *out, const char *text, size_t width)
{
    put_slice(out, mf_slice_of(text), width);
}

static void put_source(FILE *out, const struct mf_event *event)
{
    char source[MF_IP_TEXT + 4] = "", address[MF_IP_TEXT] = "";

    if (event->source.family != 0)
        mf_ip_format(&event->source, address);
    snprintf(source, sizeof source, "%.2s%s%s", event->country, event->country[0] != '\0' ? " " : "", address);
    put(out, source, SOURCE);
}

static void put_event(FILE *out, const struct mf_event *event)
{
    char time[MF_TIME_TEXT];

    mf_time_format(event->time, time);
    fprintf(out, "%.10s %.8s  ", time, time + 11);
    put_slice(out, event->user, USER);
    put(out, mf_kind_name(event->kind), KIND);
    put(out, event->factor == MF_FACTOR_UNKNOWN ? "" : mf_factor_name(event->factor), FACTOR);
    put_source(out, event);
    put_slice(out, event->idp, IDP);
    put_slice(out, event->outcome, OUTCOME);
    mf_console_text(out, event->app.data, event->app.length);
}

static void put_skip(FILE *out, const struct mf_reading *reading)
{
    fprintf(out, "%sno event:%s %s", mf_console_style(stdout, MF_YELLOW), mf_console_style(stdout, MF_PLAIN),
            mf_skip_name(reading->skip));
    if (reading->unmapped.length > 0) {
        fputs(" \"", out);
        mf_console_text(out, reading->unmapped.data, reading->unmapped.length);
        fputs("\"", out);
    }
    if (reading->member.length > 0) {
        fputs(" in ", out);
        mf_console_text(out, reading->member.data, reading->member.length);
    }
    fprintf(out, "%s%s%s. %s", reading->profile != NULL ? " (" : "", reading->profile != NULL ? reading->profile : "",
            reading->profile != NULL ? ")" : "", mf_phrase_skip(reading->skip));
}

static void put_head(FILE *out)
{
    fprintf(out, "%s%6s  %-19s  %-*s  %-*s  %-*s  %-*s  %-*s  %-*s  app%s\n", mf_console_style(stdout, MF_BOLD),
            "record", "time", USER, "user", KIND, "kind", FACTOR, "factor", SOURCE, "source", IDP, "provider", OUTCOME,
            "outcome", mf_console_style(stdout, MF_PLAIN));
}

static void put_row(FILE *out, const void *what)
{
    const struct row *row = what;

    if (row->lines->n == 0)
        put_head(out);
    if (row->place->file != NULL && row->place->file != row->lines->file) {
        fprintf(out, "%s", mf_console_style(stdout, MF_BOLD));
        mf_console_text(out, row->place->file, strlen(row->place->file));
        fprintf(out, "%s\n", mf_console_style(stdout, MF_PLAIN));
    }
    fprintf(out, "%6llu  ", (unsigned long long)row->place->line.number);
    if (row->reading->event != NULL)
        put_event(out, row->reading->event);
    else
        put_skip(out, row->reading);
    fputc('\n', out);
}

bool mf_reading_line(struct mf_output *output, struct mf_reading_lines *lines, const struct mf_placed_line *place,
                     const struct mf_reading *reading)
{
    const struct row row = {.lines = lines, .place = place, .reading = reading};

    if (!mf_output_text(output, put_row, &row))
        return false;
    lines->n++;
    lines->file = place->file;
    return true;
}
