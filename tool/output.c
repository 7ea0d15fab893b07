/* tool/output.c
 *
 * Buffered output and the JSON writer. */

#include "output.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "text.h"

void mf_output_init(struct mf_output *output, int fd)
{
    output->fd = fd;
    output->error = 0;
    output->first = output->empty = true;
    output->array = false;
    output->used = 0;
}

void mf_output_array(struct mf_output *output, bool on)
{
    output->array = on;
}

/* Somebody who shares the descriptor with us may have set it to O_NONBLOCK. */
static void wait_for_room(int fd)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    poll(&room, 1, -1);
}

void mf_output_flush(struct mf_output *output)
{
    size_t done = 0;

    while (done < output->used && output->error == 0) {
        ssize_t n = write(output->fd, output->data + done, output->used - done);

        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            wait_for_room(output->fd);
        else if (n < 0 && errno != EINTR)
            output->error = errno;
    }
    output->used = 0;
}

static void put_much(struct mf_output *output, const char *bytes, size_t length)
{
    while (length > sizeof(output->data) - output->used) {
        size_t room = sizeof(output->data) - output->used;

        memcpy(output->data + output->used, bytes, room);
        output->used += room;
        bytes += room;
        length -= room;
        mf_output_flush(output);
    }
    memcpy(output->data + output->used, bytes, length);
    output->used += length;
}

/* Most of what is written has a few bytes. */
static inline void put_bytes(struct mf_output *output, const char *bytes, size_t length)
{
    if (length > sizeof(output->data) - output->used) {
        put_much(output, bytes, length);
        return;
    }
    memcpy(output->data + output->used, bytes, length);
    output->used += length;
}

void mf_output_bytes(struct mf_output *output, const char *bytes, size_t length)
{
    put_bytes(output, bytes, length);
}

static void put(struct mf_output *output, const char *text)
{
    put_bytes(output, text, strlen(text));
}

bool mf_output_text(struct mf_output *output, void (*write)(FILE *out, const void *what), const void *what)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out != NULL)
        write(out, what);
    bool written = out != NULL && fclose(out) == 0;

    if (written)
        mf_output_bytes(output, text, length);
    free(text);
    return written;
}

/* ---- objects ---- */

static void begin_object(struct mf_output *output)
{
    if (output->array)
        put(output, output->empty ? "[\n" : ",\n");
    output->empty = false;
}

static void end_object(struct mf_output *output)
{
    if (!output->array)
        put(output, "\n");
}

int mf_output_finish(struct mf_output *output)
{
    if (output->array)
        put(output, output->empty ? "[]\n" : "\n]\n");
    mf_output_flush(output);
    if (output->error == 0)
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_IO, "standard output: %s", strerror(output->error));
}

void mf_json_whole(struct mf_output *output, const char *bytes, size_t length)
{
    begin_object(output);
    put_bytes(output, bytes, length);
    end_object(output);
}

static void put_escape(struct mf_output *output, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    const char text[] = {
        '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15], digits[unit >> 4 & 15], digits[unit & 15],
    };

    put_bytes(output, text, sizeof(text));
}

/* One character that is not plain ASCII; returns the bytes that it took. */
static size_t put_special(struct mf_output *output, const char *bytes, size_t length)
{
    uint32_t code;
    size_t n = mf_text_decode(bytes, length, &code);

    if (code == MF_TEXT_BROKEN) {
        put_escape(output, 0xfffd);
    } else if (code == '"' || code == '\\') {
        put_bytes(output, "\\", 1);
        put_bytes(output, bytes, 1);
    } else if (mf_text_is_hidden(code)) {
        if (code > 0xffff) {
            put_escape(output, 0xd800 + ((code - 0x10000) >> 10));
            put_escape(output, 0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            put_escape(output, code);
        }
    } else {
        put_bytes(output, bytes, n);
    }
    return n;
}

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void put_string(struct mf_output *output, struct mf_slice text)
{
    size_t i = 0;

    put_bytes(output, "\"", 1);
    while (i < text.length) {
        size_t run = i;

        while (run < text.length && is_plain(text.data[run]))
            run++;
        put_bytes(output, text.data + i, run - i);
        i = run;
        if (i < text.length)
            i += put_special(output, text.data + i, text.length - i);
    }
    put_bytes(output, "\"", 1);
}

static void put_comma(struct mf_output *output)
{
    if (!output->first)
        put_bytes(output, ",", 1);
    output->first = false;
}

static void put_key(struct mf_output *output, const char *key)
{
    put_comma(output);
    put_bytes(output, "\"", 1);
    put(output, key);
    put_bytes(output, "\":", 2);
}

void mf_json_begin(struct mf_output *output, const char *key)
{
    if (key != NULL)
        put_key(output, key);
    else
        begin_object(output);
    put_bytes(output, "{", 1);
    output->first = true;
}

void mf_json_end(struct mf_output *output, const char *key)
{
    put_bytes(output, "}", 1);
    output->first = key == NULL;
    if (key == NULL)
        end_object(output);
}

void mf_json_slice(struct mf_output *output, const char *key, struct mf_slice text)
{
    if (text.data == NULL)
        return;
    put_key(output, key);
    put_string(output, text);
}

void mf_json_text(struct mf_output *output, const char *key, const char *text)
{
    mf_json_slice(output, key, mf_slice_of(text));
}

void mf_json_count(struct mf_output *output, const char *key, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put_key(output, key);
    put_bytes(output, digits + at, sizeof(digits) - at);
}

void mf_json_bool(struct mf_output *output, const char *key, bool value)
{
    put_key(output, key);
    put(output, value ? "true" : "false");
}

/* Six decimals (a tenth of a metre) without trailing zeros; not a finite number: left out. */
void mf_json_degrees(struct mf_output *output, const char *key, double value)
{
    char text[64];
    int n;

    if (!isfinite(value) || fabs(value) > 1e9)
        return;
    n = snprintf(text, sizeof(text), "%.6f", value);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    put_key(output, key);
    if (n == 2 && text[0] == '-' && text[1] == '0')
        put(output, "0");
    else
        put_bytes(output, text, (size_t)n);
}

void mf_json_time(struct mf_output *output, const char *key, mf_time time)
{
    char text[MF_TIME_TEXT];

    if (time == MF_TIME_NONE)
        return;
    mf_time_format(time, text);
    mf_json_text(output, key, text);
}

void mf_json_ip(struct mf_output *output, const char *key, const struct mf_ip *ip)
{
    char text[MF_IP_TEXT];

    if (ip->family == 0)
        return;
    mf_ip_format(ip, text);
    mf_json_text(output, key, text);
}

void mf_json_array_begin(struct mf_output *output, const char *key)
{
    put_key(output, key);
    put_bytes(output, "[", 1);
    output->first = true;
}

void mf_json_array_slice(struct mf_output *output, struct mf_slice text)
{
    put_comma(output);
    put_string(output, text);
}

void mf_json_array_end(struct mf_output *output)
{
    put_bytes(output, "]", 1);
    output->first = false;
}
