/* tool/json_read.c
 *
 * Walks the tape. */

#include "json_read.h"

#include <stdlib.h>

uint32_t mf_json_member(struct mf_record *record, uint32_t node, struct mf_slice name)
{
    if (node == MF_NO_NODE || record->nodes[node].type != MF_NODE_OBJECT)
        return MF_NO_NODE;
    for (uint32_t key = mf_record_child(record, node); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(record, node, key);

        if (value == MF_NO_NODE || mf_slice_equal(mf_record_text(record, key), name))
            return value;
        key = mf_record_sibling(record, node, value);
    }
    return MF_NO_NODE;
}

uint32_t mf_json_at(struct mf_record *record, const char *path)
{
    uint32_t node = 0;

    while (node != MF_NO_NODE && path != NULL) {
        const char *dot = strchr(path, '.');
        size_t length = dot == NULL ? strlen(path) : (size_t)(dot - path);

        node = mf_json_member(record, node, (struct mf_slice){path, length});
        path = dot == NULL ? NULL : dot + 1;
    }
    return node;
}

struct mf_slice mf_json_text_at(struct mf_record *record, const char *path)
{
    uint32_t node = mf_json_at(record, path);

    return node == MF_NO_NODE ? (struct mf_slice){"", 0} : mf_record_text(record, node);
}

bool mf_json_number_of(struct mf_record *record, uint32_t node, unsigned *number)
{
    char digits[10];
    struct mf_slice found = node == MF_NO_NODE ? (struct mf_slice){"", 0} : mf_record_text(record, node);

    if (found.length == 0 || found.length >= sizeof digits)
        return false;
    mf_slice_copy(digits, sizeof digits, found);
    if (strspn(digits, "0123456789") != found.length)
        return false;
    *number = (unsigned)strtoul(digits, NULL, 10);
    return true;
}

unsigned mf_json_number_at(struct mf_record *record, const char *path)
{
    unsigned number = 0;

    mf_json_number_of(record, mf_json_at(record, path), &number);
    return number;
}
