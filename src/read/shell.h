/* src/read/shell.h
 *
 * What a shipper (Filebeat, Docker, journald, Splunk, ...) or a collector puts around a record of somebody else. */

#ifndef MF_READ_SHELL_H
#define MF_READ_SHELL_H

#include "read/profile_set.h"
#include "read/record.h"

struct mf_shell {
    uint32_t node; /* what is carried: a text, an object or an array; MF_NO_NODE: nothing */
    bool whole;    /* JSON in such a text begins it: somebody may have written more than one line of a log into it */
};

/* What the record on the tape, which no profile knows, only carries: the value of a member by one of the names that shippers
 * and collectors use, if a marker stands in it; of an array of records, the array. */
struct mf_shell mf_shell_open(const struct mf_record *record, const struct mf_profiles *profiles);

#endif
