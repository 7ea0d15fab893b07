/* tool/input.h
 *
 * Lines of one file, of standard input ("-"), or of either compressed by gzip (told by the bytes, not by the name).
 * Any byte may stand in a line but the newline, NUL too. A line longer than MF_LINE_MAX is handed out cut, and marked,
 * and its rest is passed over.
 *
 * Memory is taken when the first line is read and given back at the end of the file, so that many files may be open at
 * once. */

#ifndef MF_TOOL_INPUT_H
#define MF_TOOL_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <zlib.h>

#include "console.h"
#include "engine.h"
#include "output.h"

/* bytes of a line without its newline: as much as the engine accepts */
enum { MF_LINE_MAX = 1 << 20 };

struct mf_line {
    const char *bytes; /* live until the next line of the same input */
    size_t length;     /* MF_LINE_MAX + 1 when cut */
    uint64_t number;   /* from 1 */
    bool cut;
};

struct mf_input {
    const char *name; /* as given; "-" is standard input */
    int fd;
    bool regular;
    uint64_t size;     /* of a regular file, as stored */
    uint64_t consumed; /* bytes read from it */
    uint64_t lines;
    char *data;
    size_t start, end;     /* what is in `data` and not yet handed out */
    bool ended;            /* nothing more comes behind data[end) */
    bool skipping;         /* inside the rest of a cut line */
    bool probed;           /* whether it is gzip has been looked at */
    unsigned char *packed; /* compressed bytes; NULL when the file is plain */
    bool packed_ended;
    bool between; /* of two gzip members, or behind the last */
    z_stream zlib;
    struct mf_output *output; /* flushed before waiting for a pipe or terminal; may be NULL */
};

/* 0, or an exit code with the reason in `error`. `name` must outlive the input. */
int mf_input_open(struct mf_input *input, const char *name, struct mf_output *output, struct mf_error *error);
void mf_input_close(struct mf_input *input);

/* False at the end of the input, and after an error: then `*code` is an exit code and `error` the reason; it stays as
 * it is otherwise. */
bool mf_input_line(struct mf_input *input, struct mf_line *line, int *code, struct mf_error *error);

#endif
