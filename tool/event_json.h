/* tool/event_json.h
 *
 * An event as members of the open JSON object: the same names in every command. */

#ifndef MF_TOOL_EVENT_JSON_H
#define MF_TOOL_EVENT_JSON_H

#include "engine.h"
#include "output.h"

/* All that the event says; what it does not say is left out. */
void mf_json_event(struct mf_output *output, const struct mf_event *event);

/* The event, or why there is none. */
void mf_json_reading(struct mf_output *output, const struct mf_reading *reading);

#endif
