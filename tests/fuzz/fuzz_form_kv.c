/* tests/fuzz/fuzz_form_kv.c
 *
 * Any bytes as text of the forms of form_kv.c: a tape that holds together, or a reason and no tape. */

#include "form_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum mf_form_escape escapes[] = {MF_ESCAPE_NONE, MF_ESCAPE_QUOTE, MF_ESCAPE_JSON, MF_ESCAPE_DOUBLE};
    static const struct mf_slice starts[] = {{"type=", 5}, {"a=", 2}};
    struct mf_form form = {.type = MF_FORM_KV, .quotes = {"\"'", 2}, .start = starts};

    for (unsigned i = 0; i < 8; i++) {
        form.escape = escapes[i % 4];
        form.between = i < 4 ? (struct mf_slice){" ", 1} : (struct mf_slice){", ", 2};
        form.n_start = i < 4 ? 0 : 2;
        form.has_head = i >= 4;
        name_columns(&form, i < 4 ? 0 : 1);
        try_form(&form, data, size);
    }
    return 0;
}
