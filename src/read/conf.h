/* src/read/conf.h
 *
 * Commented JSON (// and block comments) for policy and profiles, read with the strict tape of record.h after blanking
 * the comments, so that every error can say file:line:column; and one table of options per struct, from which parsing,
 * bounds, defaults, the printed defaults and the documentation all come. */

#ifndef MF_READ_CONF_H
#define MF_READ_CONF_H

#include "base/error.h"
#include "base/time.h"
#include "read/record.h"

#include <stdio.h>

/* ---- a document ---- */

struct mf_conf {
    struct mf_record record;
    char *name; /* file name as errors show it */
    char *text;
};

/* Reads a whole file (at most 4 MiB, regular) or a text. The caller calls mf_conf_fini(), also after a failure. A
 * failure names file, line, column. */
int mf_conf_load(struct mf_conf *conf, const char *file, struct mf_error *error);
int mf_conf_parse(struct mf_conf *conf, const char *name, struct mf_slice text, struct mf_error *error);
void mf_conf_fini(struct mf_conf *conf);

/* "FILE:LINE:COLUMN: " + the sentence; column counts bytes from 1. Returns -1. */
int mf_conf_error(const struct mf_conf *conf, uint32_t node, struct mf_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The nearest of `names` within an edit distance of 2, for "did you mean"; NULL when none is near. */
const char *mf_conf_nearest(struct mf_slice word, const char *const *names, size_t n_names);

/* ---- option tables ---- */

enum { MF_STEPS_MAX = 4, MF_TEXT_OPTION = 256, MF_LIST_MAX = 32, MF_LIST_TEXT = 64 };

/* "steps": [[count, points], ...] in rising order of count */
struct mf_steps {
    unsigned n;
    struct mf_step {
        unsigned count, points;
    } step[MF_STEPS_MAX];
};

/* "profiles": ["okta", ...] */
struct mf_name_list {
    unsigned n;
    char name[MF_LIST_MAX][MF_LIST_TEXT];
};

enum mf_option_type {
    MF_OPTION_BOOL,     /* bool; true / false */
    MF_OPTION_COUNT,    /* unsigned; a whole number */
    MF_OPTION_DURATION, /* mf_time; "100ms" "30s" "15m" "24h" "60d", "0s"; a bare number is refused */
    MF_OPTION_SIZE,     /* uint64_t; bytes: a whole number, or "64k" "16m" "1g" (binary) */
    MF_OPTION_TEXT,     /* char[MF_TEXT_OPTION]; "" allowed */
    MF_OPTION_CHOICE,   /* unsigned: index into `choices` */
    MF_OPTION_STEPS,    /* struct mf_steps; min..max bound the count, points are 0..100 */
    MF_OPTION_NAMES,    /* struct mf_name_list */
};

struct mf_option {
    const char *name;
    enum mf_option_type type;
    size_t offset;
    int64_t min, max;     /* COUNT, SIZE: value; DURATION: milliseconds; CHOICE: min is the first that is accepted */
    const char *fallback; /* the default, written as JSON: "true", "5", "\"15m\"", "[[5, 35]]" */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *help;           /* one sentence */
};

/* A table ends with an option whose name is NULL. */

/* Fills `target` with the defaults of a table. -1: no memory. Aborts (assert) on a fallback that does not parse: a
 * programming error. */
int mf_options_default(const struct mf_option *options, void *target);

/* Reads the members of the object `node` into `target`, leaving out nothing: unknown names (with "did you mean"),
 * wrong types, values out of bounds, members that stand twice are errors with place, the value found and what is
 * accepted. Options that are not named keep their value. `section` is the dotted name of the object for messages
 * ("state"). Members named in `others` (NULL-terminated, may be NULL) are left to the caller. */
int mf_options_read(const struct mf_conf *conf, uint32_t node, const char *section, const struct mf_option *options,
                    void *target, const char *const *others, struct mf_error *error);

/* The option of that name, or NULL. */
const struct mf_option *mf_option_find(const struct mf_option *options, const char *name);

/* Has the option the same value in both targets? Copies it from one to the other. */
bool mf_option_same(const struct mf_option *option, const void *a, const void *b);
void mf_option_copy(const struct mf_option *option, const void *from, void *to);

/* The value of one option in the syntax that the reader accepts ("15m", [[5, 35], [10, 50]]). */
void mf_option_print(FILE *out, const struct mf_option *option, const void *target);

#endif
