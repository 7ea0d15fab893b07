/* tool/input.c
 *
 * One buffer an input. A line is never copied, only the piece of a line at the end of the buffer moves to its front
 * before more is read, so the bytes that are touched again and again are few. */

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* bytes asked of the kernel, and of zlib, at once */
enum { CHUNK = 1 << 18, PACKED = 1 << 16, CAPACITY = MF_LINE_MAX + 1 + CHUNK };

static int fail(struct mf_error *error, enum mf_exit code, const struct mf_input *input, const char *what)
{
    mf_error_set(error, "%s: %s", strcmp(input->name, "-") == 0 ? "standard input" : input->name, what);
    return (int)code;
}

int mf_input_open(struct mf_input *input, const char *name, struct mf_output *output, struct mf_error *error)
{
    struct stat info;

    memset(input, 0, sizeof(*input));
    input->name = name;
    input->output = output;
    input->fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int wrong = input->fd < 0 || fstat(input->fd, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : 0;
    if (wrong != 0) {
        mf_input_close(input);
        return fail(error, MF_EXIT_IO, input, strerror(wrong));
    }
    input->regular = S_ISREG(info.st_mode);
    input->size = input->regular ? (uint64_t)info.st_size : 0;
    return MF_EXIT_OK;
}

void mf_input_close(struct mf_input *input)
{
    if (input->packed != NULL)
        inflateEnd(&input->zlib);
    free(input->packed);
    free(input->data);
    input->packed = NULL;
    input->data = NULL;
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    input->fd = -1;
    input->ended = true;
    input->start = input->end = 0;
}

/* Bytes read, 0 at the end, -1 with errno. */
static ssize_t read_some(struct mf_input *input, void *to, size_t size)
{
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};
    ssize_t n;

    if (!input->regular && input->output != NULL)
        mf_output_flush(input->output);
    while ((n = read(input->fd, to, size)) < 0 && (errno == EINTR || errno == EAGAIN))
        if (errno == EAGAIN) /* whoever shares standard input with us may have set it so */
            poll(&ready, 1, -1);
    if (n > 0)
        input->consumed += (uint64_t)n;
    return n;
}

static int fill_plain(struct mf_input *input, size_t size, struct mf_error *error)
{
    ssize_t n = read_some(input, input->data + input->end, size);

    if (n < 0)
        return fail(error, MF_EXIT_IO, input, strerror(errno));
    input->ended = n == 0;
    input->end += (size_t)n;
    return MF_EXIT_OK;
}

static int refill_packed(struct mf_input *input, struct mf_error *error)
{
    ssize_t n = read_some(input, input->packed, PACKED);

    if (n < 0)
        return fail(error, MF_EXIT_IO, input, strerror(errno));
    input->zlib.next_in = input->packed;
    input->zlib.avail_in = (uInt)n;
    input->packed_ended = n == 0;
    return MF_EXIT_OK;
}

/* Behind a member stands the next, nothing, or the zeros that tapes and some writers leave. */
static int begin_member(struct mf_input *input, struct mf_error *error)
{
    while (input->zlib.avail_in > 0 && input->zlib.next_in[0] == 0) {
        input->zlib.next_in++;
        input->zlib.avail_in--;
    }
    if (input->zlib.avail_in == 0)
        return MF_EXIT_OK;
    if (input->zlib.next_in[0] != 0x1f)
        return fail(error, MF_EXIT_BAD, input, "something else stands behind the compressed data");
    inflateReset(&input->zlib);
    input->between = false;
    return MF_EXIT_OK;
}

/* Damage is told at the next call when there are good bytes before it: zlib answers the same again. */
static int inflate_some(struct mf_input *input, size_t size, struct mf_error *error)
{
    int result;

    input->zlib.next_out = (unsigned char *)input->data + input->end;
    input->zlib.avail_out = (uInt)size;
    result = inflate(&input->zlib, Z_NO_FLUSH);
    input->end += size - input->zlib.avail_out;
    if (result == Z_STREAM_END)
        input->between = true;
    else if (result != Z_OK && result != Z_BUF_ERROR && input->zlib.avail_out == size)
        return fail(error, MF_EXIT_BAD, input, "the compressed data is damaged");
    return MF_EXIT_OK;
}

static int fill_packed(struct mf_input *input, size_t size, struct mf_error *error)
{
    size_t before = input->end;
    int code = MF_EXIT_OK;

    while (code == MF_EXIT_OK && input->end == before && !input->ended) {
        if (input->zlib.avail_in == 0 && !input->packed_ended)
            code = refill_packed(input, error);
        else if (input->between && input->zlib.avail_in > 0)
            code = begin_member(input, error);
        else if (input->between)
            input->ended = true;
        else if (input->zlib.avail_in == 0)
            code = fail(error, MF_EXIT_BAD, input, "the compressed data ends too early");
        else
            code = inflate_some(input, size, error);
    }
    return code;
}

/* Reads the first bytes and finds out whether they are gzip's. */
static int probe(struct mf_input *input, struct mf_error *error)
{
    static const char magic[] = {0x1f, (char)0x8b};
    int code = MF_EXIT_OK;

    while (code == MF_EXIT_OK && input->end < sizeof(magic) && !input->ended)
        code = fill_plain(input, PACKED - sizeof(magic), error);
    input->probed = true;
    if (code != MF_EXIT_OK || input->end < sizeof(magic) || memcmp(input->data, magic, sizeof(magic)) != 0)
        return code;

    input->packed = malloc(PACKED);
    if (input->packed == NULL)
        return fail(error, MF_EXIT_IO, input, strerror(ENOMEM));
    if (inflateInit2(&input->zlib, 15 + 16) != Z_OK) { /* 16: a gzip header, and nothing else */
        free(input->packed);
        input->packed = NULL;
        return fail(error, MF_EXIT_IO, input, strerror(ENOMEM));
    }
    memcpy(input->packed, input->data, input->end);
    input->zlib.next_in = input->packed;
    input->zlib.avail_in = (uInt)input->end;
    input->packed_ended = input->ended;
    input->ended = false;
    input->end = 0;
    return MF_EXIT_OK;
}

/* More bytes behind the piece of a line that is left. */
static int fill(struct mf_input *input, struct mf_error *error)
{
    if (input->data == NULL) {
        input->data = malloc(CAPACITY);
        if (input->data == NULL)
            return fail(error, MF_EXIT_IO, input, strerror(ENOMEM));
    }
    memmove(input->data, input->data + input->start, input->end - input->start);
    input->end -= input->start;
    input->start = 0;

    if (!input->probed) {
        int code = probe(input, error);

        if (code != MF_EXIT_OK || input->end > 0 || input->ended)
            return code;
    }
    size_t room = CAPACITY - input->end < CHUNK ? CAPACITY - input->end : CHUNK;
    return input->packed != NULL ? fill_packed(input, room, error) : fill_plain(input, room, error);
}

static void hand_out(struct mf_input *input, struct mf_line *line, size_t length, bool cut)
{
    line->bytes = input->data + input->start;
    line->length = length;
    line->number = ++input->lines;
    line->cut = cut;
}

/* Drops the rest of a cut line as far as it is in the buffer. */
static void skip_rest(struct mf_input *input)
{
    char *newline = memchr(input->data + input->start, '\n', input->end - input->start);

    input->skipping = newline == NULL;
    input->start = newline == NULL ? input->end : (size_t)(newline + 1 - input->data);
}

/* What the buffer holds now as a line, if it does. */
static bool take_line(struct mf_input *input, size_t *searched, struct mf_line *line)
{
    size_t length = input->end - input->start;
    char *newline = NULL;

    if (length > *searched)
        newline = memchr(input->data + input->start + *searched, '\n', length - *searched);
    if (newline != NULL)
        length = (size_t)(newline - input->data) - input->start;
    if (length > MF_LINE_MAX) {
        hand_out(input, line, MF_LINE_MAX + 1, true);
        input->start += MF_LINE_MAX + 1;
        input->skipping = true;
        return true;
    }
    if (newline == NULL && (!input->ended || length == 0)) {
        *searched = length;
        return false;
    }
    hand_out(input, line, length, false);
    input->start += length + (newline != NULL);
    return true;
}

bool mf_input_line(struct mf_input *input, struct mf_line *line, int *code, struct mf_error *error)
{
    size_t searched = 0;

    if (input->fd < 0)
        return false;
    for (;;) {
        if (input->skipping && input->data != NULL)
            skip_rest(input);
        if (!input->skipping && input->data != NULL && take_line(input, &searched, line))
            return true;
        if (input->ended)
            break;

        int result = fill(input, error);
        if (result != MF_EXIT_OK) {
            *code = result;
            break;
        }
    }
    mf_input_close(input);
    return false;
}
