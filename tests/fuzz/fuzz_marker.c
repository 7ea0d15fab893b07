/* tests/fuzz/fuzz_marker.c
 *
 * Markers are found alike with AVX2 and without it. The input: lines that are markers, up to an empty one, and the rest is
 * the message, which nobody may read behind the end of. A line that begins with '~' is one for which case does not count. */

#include <stdint.h>
#include <stdlib.h>

#include "read/marker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* The message behind the markers. */
static struct mf_slice take_markers(struct mf_markers *markers, struct mf_slice input)
{
    for (unsigned owner = 0; input.length > 0; owner = (owner + 1) % 64) {
        const char *end = memchr(input.data, '\n', input.length);
        size_t length = end == NULL ? input.length : (size_t)(end - input.data);
        struct mf_slice line = {input.data, length};
        bool nocase = length > 0 && line.data[0] == '~';

        input.data += end == NULL ? length : length + 1;
        input.length -= end == NULL ? length : length + 1;
        if (length == 0)
            break;
        if (nocase)
            line = (struct mf_slice){line.data + 1, line.length - 1};
        mf_markers_add(markers, line, nocase, owner);
    }
    return input;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_markers *markers = mf_markers_new();

    require(markers != NULL);
    struct mf_slice rest = take_markers(markers, (struct mf_slice){(const char *)data, size});
    mf_markers_prepare(markers);
    char *message = malloc(rest.length + 1); /* one byte is never asked for */
    require(message != NULL);
    memcpy(message + 1, rest.data, rest.length);
    uint64_t all = mf_markers_find(markers, message + 1, rest.length, false);
    uint64_t first = mf_markers_find(markers, message + 1, rest.length, true);
    require((first & ~all) == 0 && (first != 0) == (all != 0));
    mf_markers_narrow(markers);
    require(mf_markers_find(markers, message + 1, rest.length, false) == all);
    require(mf_markers_find(markers, message + 1, rest.length, true) == first);
    free(message);
    mf_markers_free(markers);
    return 0;
}
