/* src/base/country.h
 *
 * Countries as two letters: some IdPs write ISO 3166-1 alpha-2 codes, some English names; one person seen
 * through both must not seem to travel. Pure and thread-safe. */

#ifndef MF_BASE_COUNTRY_H
#define MF_BASE_COUNTRY_H

#include "base/slice.h"

/* "DE", "de", "DEU", "Germany", "Korea, Republic of", "South Korea" -> upper-case alpha-2 in `code`. Unknown text ->
 * false, `code` untouched. */
bool mf_country_code(struct mf_slice text, char code[2]);

#endif
