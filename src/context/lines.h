/* src/context/lines.h
 *
 * Lists that an administrator edits: one entry a line, a subject and then key=value pairs or further words, with blanks
 * between. A '#' at the beginning of a line or behind a blank starts a comment (a '#' within a word belongs to it:
 * guest logins hold "#ext#"). A word or a value that holds blanks or commas stands in double quotes, as a whole.
 *
 * Files are regular, UTF-8 with or without a byte order mark, with LF or CRLF, at most 1 GiB, a line at most 4 KiB.
 * Anything else is an error with file and line. One reader belongs to one thread. */

#ifndef MF_CONTEXT_LINES_H
#define MF_CONTEXT_LINES_H

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"

#include <stdint.h>

enum { MF_LINE_MAX = 4096, MF_LINE_WORDS = 64, MF_SHOWN_SIZE = 96 };

struct mf_list_word {
    struct mf_slice key;   /* absent in a plain word; the first word of a line is always plain */
    struct mf_slice value; /* without its quotes */
    bool quoted;
};

struct mf_lines {
    const char *file; /* borrowed from the caller of mf_lines_open() */
    int fd;
    uint32_t number; /* of the line that `word` was read from, from 1 */
    uint64_t taken;  /* bytes of the file so far */
    size_t at, end;  /* what is left in the buffer */
    unsigned n_words;
    struct mf_list_word word[MF_LINE_WORDS]; /* pieces of the buffer, until the next line is read */
    char buffer[4 * MF_LINE_MAX];
};

/* Opens the file. 0, or -1 with an error; close it in either case. */
int mf_lines_open(struct mf_lines *lines, const char *file, struct mf_error *error);
void mf_lines_close(struct mf_lines *lines);

/* The next line that holds a word: 1, 0 at the end of the file, -1 with an error. */
int mf_lines_next(struct mf_lines *lines, struct mf_error *error);

/* "FILE:LINE: " + the sentence; returns -1. */
int mf_lines_error(const struct mf_lines *lines, struct mf_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A text as an error quotes it: what is too long is cut. */
struct mf_shown {
    char text[MF_SHOWN_SIZE];
};
struct mf_shown mf_shown(struct mf_slice text);

/* Which of `keys` the word has: its index, or -1 with an error that names the keys and the nearest of them. */
int mf_lines_key(const struct mf_lines *lines, const struct mf_list_word *word, const char *const *keys,
                 unsigned n_keys, struct mf_error *error);

/* Takes the next item of the comma list in `rest` (a copy of the word that the caller owns): 1, 0 when there is none
 * left, -1 with an error when an item is empty. A quoted value is one item. */
int mf_lines_item(const struct mf_lines *lines, struct mf_list_word *rest, struct mf_slice *item,
                  struct mf_error *error);

/* "2026-12-31", a day in UTC, or an RFC 3339 time. First and last are inclusive in the file: `*begin` is the first
 * moment, `*end` the first one behind. Either may be NULL. 0, or -1 with an error. */
int mf_lines_time(const struct mf_lines *lines, const struct mf_list_word *word, mf_time *begin, mf_time *end,
                  struct mf_error *error);

/* A country, "DE" or any spelling that base/country.h knows. */
int mf_lines_country(const struct mf_lines *lines, struct mf_slice text, char code[2], struct mf_error *error);

/* A login in the form that events carry (mf_user_fold()): `folded` has room for MF_USER_MAX bytes, `*user` points into
 * it. */
int mf_lines_user(const struct mf_lines *lines, struct mf_slice text, char *folded, struct mf_slice *user,
                  struct mf_error *error);

#endif
