/* tool/output.h
 *
 * Buffered standard output, and JSON on it: one object a line, or all of them in one array; always valid JSON and valid
 * UTF-8, whatever bytes go in. Control and invisible characters are written as \u escapes, bytes that are not UTF-8 as \ufffd, so no record can
 * act on a terminal.
 *
 * A failed write is remembered and everything after it is dropped: callers look at it once a record. */

#ifndef MF_TOOL_OUTPUT_H
#define MF_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine.h"

enum { MF_OUTPUT_SIZE = 1 << 16 };

struct mf_output {
    int fd;
    int error;  /* errno of the write that failed, 0 = all is well */
    bool first; /* the next member is the first of its object or array */
    bool array; /* objects are elements of one array */
    bool empty; /* no object was begun */
    size_t used;
    char data[MF_OUTPUT_SIZE];
};

void mf_output_init(struct mf_output *output, int fd);
void mf_output_flush(struct mf_output *output);

/* Before the first object. On: all that are written become elements of one array, which mf_output_finish() ends. */
void mf_output_array(struct mf_output *output, bool on);

/* Flushes and says what went wrong, if anything did. Returns an exit code. */
int mf_output_finish(struct mf_output *output);

void mf_output_bytes(struct mf_output *output, const char *bytes, size_t length);

/* What `write` prints for people. False when there is no memory for it. */
bool mf_output_text(struct mf_output *output, void (*write)(FILE *out, const void *what), const void *what);

/* An object that is JSON already. */
void mf_json_whole(struct mf_output *output, const char *bytes, size_t length);

/* Begin and end of an object; `key` NULL for the outermost one, which has a line of its own. */
void mf_json_begin(struct mf_output *output, const char *key);
void mf_json_end(struct mf_output *output, const char *key);

/* Members of the open object. Keys are ours: plain ASCII without anything to escape. */
void mf_json_slice(struct mf_output *output, const char *key, struct mf_slice text); /* absent: left out */
void mf_json_text(struct mf_output *output, const char *key, const char *text);      /* NULL: left out */
void mf_json_count(struct mf_output *output, const char *key, uint64_t value);
void mf_json_bool(struct mf_output *output, const char *key, bool value);
void mf_json_degrees(struct mf_output *output, const char *key, double value);
void mf_json_time(struct mf_output *output, const char *key, mf_time time);         /* MF_TIME_NONE: left out */
void mf_json_ip(struct mf_output *output, const char *key, const struct mf_ip *ip); /* family 0: left out */

/* An array of strings: begin, elements, end. */
void mf_json_array_begin(struct mf_output *output, const char *key);
void mf_json_array_slice(struct mf_output *output, struct mf_slice text);
void mf_json_array_end(struct mf_output *output);

#endif
