/* tool/account_json.h
 *
 * The account of one record as one JSON object a line. */

#ifndef MF_TOOL_ACCOUNT_JSON_H
#define MF_TOOL_ACCOUNT_JSON_H

#include "account.h"
#include "output.h"

void mf_account_json(struct mf_output *output, const struct mf_account *account);

#endif
