/* tests/fuzz/fuzz_form_csv.c
 *
 * Any bytes as text of the forms of form_csv.c: a tape that holds together, or a reason and no tape. */

#include "form_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mf_slice words[] = {{"OK", 2}, {"x", 1}};
    struct mf_form form = {.type = MF_FORM_CSV, .anchor = 3, .anchors = words};

    for (unsigned i = 0; i < 8; i++) {
        form.escape = i % 2 == 0 ? MF_ESCAPE_DOUBLE : MF_ESCAPE_NONE;
        form.quotes = i % 4 < 2 ? (struct mf_slice){"\"", 1} : (struct mf_slice){NULL, 0};
        form.separator = i < 4 ? ',' : '|';
        form.n_anchors = i % 3 == 0 ? 2 : 0;
        name_columns(&form, 6);
        form.n_heads = i % 3;
        try_form(&form, data, size);
    }
    return 0;
}
