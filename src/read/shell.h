/* src/read/shell.h
 *
 * What a shipper (Filebeat, Docker, journald, ...) hands on as a text in JSON of its own. */

#ifndef MF_READ_SHELL_H
#define MF_READ_SHELL_H

#include "read/marker.h"
#include "read/record.h"

/* The message that the record on the tape only carries, as it is written, with its escapes: the text of a member by one of
 * the names that shippers use, if a marker stands in it; of several the first. Absent when there is none. */
struct mf_slice mf_shell_open(const struct mf_record *record, const struct mf_markers *markers);

#endif
