/* src/read/shell.c
 *
 * A text in quotes is written with backslashes; what stands in it is a message like any other. */

#include "read/shell.h"

static const char *const names[] = {
    "message",      /* Filebeat, Winlogbeat, Logstash, Vector */
    "log",          /* Docker, Fluent Bit */
    "MESSAGE",      /* journald */
    "event",        /* HTTP event collectors */
    "_raw",         /* Cribl, Splunk */
    "full_message", /* GELF */
};

static bool carries(struct mf_slice name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (mf_slice_equal(name, mf_slice_of(names[i])))
            return true;
    return false;
}

struct mf_slice mf_shell_open(const struct mf_record *record, const struct mf_markers *markers)
{
    uint32_t key = record->nodes[0].type == MF_NODE_OBJECT ? mf_record_child(record, 0) : MF_NO_NODE;

    while (key != MF_NO_NODE) {
        uint32_t value = mf_record_sibling(record, 0, key);
        struct mf_slice text = mf_record_raw(record, value);

        if (record->nodes[value].type == MF_NODE_STRING && carries(mf_record_raw(record, key)) &&
            mf_markers_find(markers, text.data, text.length, true) != 0)
            return text;
        key = mf_record_sibling(record, 0, value);
    }
    return (struct mf_slice){NULL, 0};
}
