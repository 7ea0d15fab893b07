/* tool/html.h
 *
 * HTML to a stream. What comes from outside goes through mf_html_text() and nothing else; formats are ours. */

#ifndef MF_TOOL_HTML_H
#define MF_TOOL_HTML_H

#include "engine.h"

#include <stdio.h>

void mf_html(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text or the value of an attribute in double quotes: markup escaped, characters that act on the reader or the direction
 * of writing shown as escapes. */
void mf_html_text(FILE *out, const char *text);
void mf_html_slice(FILE *out, struct mf_slice text);

/* 1,234,567 */
void mf_html_count(FILE *out, uint64_t value);

#endif
