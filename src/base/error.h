/* src/base/error.h
 *
 * Why a set-up call failed, in one sentence that a person can act on: file, place, what is wrong,
 * what is accepted. Only set-up fails this way; a record never does (it has a skip reason, see record.h).
 *
 * The caller owns the struct; functions that fail fill it and leave their other out-parameters alone. */

#ifndef MF_BASE_ERROR_H
#define MF_BASE_ERROR_H

#include <stdarg.h>

enum { MF_ERROR_SIZE = 1024 };

struct mf_error {
    char text[MF_ERROR_SIZE];
};

/* Writes the sentence (cut at MF_ERROR_SIZE - 1 bytes) and returns -1, so that a caller can write
 * `return mf_error_set(error, ...)`. `error` may be NULL. */
int mf_error_set(struct mf_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int mf_error_setv(struct mf_error *error, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
