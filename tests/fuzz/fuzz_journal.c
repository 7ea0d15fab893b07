/* tests/fuzz/fuzz_journal.c
 *
 * Any bytes as a journal: events that are judged again, and what is noted between them. */

#include "state_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return run_any("journal-1", MF_FILE_JOURNAL, data, size);
}
