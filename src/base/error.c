/* src/base/error.c
 *
 * One sentence, bounded. */

#include "base/error.h"

#include <stdio.h>

int mf_error_setv(struct mf_error *error, const char *format, va_list args)
{
    if (error != NULL)
        vsnprintf(error->text, sizeof error->text, format, args);
    return -1;
}

int mf_error_set(struct mf_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    mf_error_setv(error, format, args);
    va_end(args);
    return -1;
}
