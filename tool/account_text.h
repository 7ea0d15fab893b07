/* tool/account_text.h
 *
 * The account of one record for people. */

#ifndef MF_TOOL_ACCOUNT_TEXT_H
#define MF_TOOL_ACCOUNT_TEXT_H

#include <stdio.h>

#include "account.h"

/* Writes to `out`, coloured as standard output is. */
void mf_account_text(const struct mf_account *account, FILE *out);

#endif
