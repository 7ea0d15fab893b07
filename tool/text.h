/* tool/text.h
 *
 * UTF-8 as it comes from outside: what is a character, and which characters must not reach a terminal or a reader
 * unseen. */

#ifndef MF_TOOL_TEXT_H
#define MF_TOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MF_TEXT_BROKEN UINT32_MAX

/* The code point at the start of `bytes` (at least one byte) and how many bytes it takes; MF_TEXT_BROKEN and 1 for a
 * byte that begins no valid sequence (overlong forms and surrogates included). */
size_t mf_text_decode(const char *bytes, size_t length, uint32_t *code);

/* C0, DEL and C1 controls (terminals act on them), and characters that have no width or turn the direction of writing
 * (people are fooled by them). */
bool mf_text_is_hidden(uint32_t code);

#endif
