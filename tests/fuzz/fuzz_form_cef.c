/* tests/fuzz/fuzz_form_cef.c
 *
 * Any bytes as text of the forms of form_cef.c: a tape that holds together, or a reason and no tape. */

#include "form_any.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_form form = {.type = MF_FORM_CEF};

    name_columns(&form, MF_FORM_HEADERS);
    try_form(&form, data, size);
    form.type = MF_FORM_LEEF;
    try_form(&form, data, size);
    return 0;
}
