/* src/read/token.h
 *
 * The pieces of a JSON document that hold values, for those who know already that one begins at a place. The same code
 * as the reader of whole documents runs (record.c). */

#ifndef MF_READ_TOKEN_H
#define MF_READ_TOKEN_H

#include <stddef.h>

/* From the first byte of a string that is not plain to its closing quote; -1 when it does not end there or is not valid.
 * Adds MF_NODE_ESCAPED to `flags` when there is an escape. */
ptrdiff_t mf_token_string_end(const char *text, ptrdiff_t from, ptrdiff_t end, unsigned *flags);

/* Behind the number that begins at `from`, -1 when none does. Somewhere behind it stands a bracket. */
ptrdiff_t mf_token_number_end(const char *text, ptrdiff_t from);

/* What is wrong with some bytes, when they are no text: UTF-8 without control characters but tabs. */
enum mf_token_fault { MF_TOKEN_FINE, MF_TOKEN_BAD_UTF8, MF_TOKEN_CONTROL };
enum mf_token_fault mf_token_check(const char *text, ptrdiff_t from, ptrdiff_t end);

/* Decodes the escapes of a checked string. What comes out is never longer than what goes in, for which there must be room, and
 * may overwrite it. */
size_t mf_token_decode(const char *p, const char *end, char *out);

/* Behind blanks, a byte order mark and the cookie of structured syslog, in this order: where a document begins that
 * has no text before it. */
ptrdiff_t mf_token_document(const char *text, ptrdiff_t end);

#endif
