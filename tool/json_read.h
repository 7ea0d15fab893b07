/* tool/json_read.h
 *
 * Members of a JSON tape by name, for the tool's own kinds of files. */

#ifndef MF_TOOL_JSON_READ_H
#define MF_TOOL_JSON_READ_H

#include "engine.h"

/* The value of a member; MF_NO_NODE when the node is no object or has no such member. */
uint32_t mf_json_member(struct mf_record *record, uint32_t node, struct mf_slice name);

/* The same along a path: "source.geo.country_iso_code", from the root. */
uint32_t mf_json_at(struct mf_record *record, const char *path);

/* The text there; empty when it is not there. */
struct mf_slice mf_json_text_at(struct mf_record *record, const char *path);

/* The whole number there; 0 when there is none. */
unsigned mf_json_number_at(struct mf_record *record, const char *path);

/* The same of a node. False when it is no whole number below a billion. */
bool mf_json_number_of(struct mf_record *record, uint32_t node, unsigned *number);

#endif
