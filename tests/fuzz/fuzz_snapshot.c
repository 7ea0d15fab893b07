/* tests/fuzz/fuzz_snapshot.c
 *
 * Any bytes as a snapshot. */

#include "state_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return run_any("snapshot", MF_FILE_SNAPSHOT, data, size);
}
