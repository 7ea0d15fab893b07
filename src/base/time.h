/* src/base/time.h
 *
 * Time as a number that is handed in: milliseconds since 1970-01-01T00:00:00Z. No function here, nor
 * anywhere in src/, reads a clock. All functions are pure and thread-safe. */

#ifndef MF_BASE_TIME_H
#define MF_BASE_TIME_H

#include "base/slice.h"

#include <stdint.h>

typedef int64_t mf_time;

#define MF_SECOND ((mf_time)1000)
#define MF_MINUTE (60 * MF_SECOND)
#define MF_HOUR   (60 * MF_MINUTE)
#define MF_DAY    (24 * MF_HOUR)

/* "no time": outside everything that the parsers accept */
#define MF_TIME_NONE INT64_MIN

/* 2026-11-24T09:14:37.412Z and its NUL */
enum { MF_TIME_TEXT = 25 };

/* ISO 8601 / RFC 3339 as IdPs write it: date, 'T' or one blank, time with seconds (the hour may have one digit), a
 * fraction of 0 to 9 digits after '.' or ',' (cut to milliseconds), then, also behind a blank, 'Z', "UTC" or an offset
 * (+hh:mm, +hhmm, +hh), or nothing (then `zone` milliseconds east of UTC apply). Years 1970 to 9999, a leap second
 * reads as :59.
 * False, and `out` untouched, for everything else, trailing bytes included. */
bool mf_time_parse_iso(struct mf_slice text, mf_time zone, mf_time *out);

/* The last ISO 8601 time that stands in a text, date and clock and what belongs to them: "2026-11-24 09:14:37,412 WARN".
 * The fraction may also stand behind a colon. Linear in the length. */
bool mf_time_find_iso(struct mf_slice text, mf_time zone, mf_time *out);

/* The month by its English name: "Nov 24 2026 09:14:37.412", with a blank and UTC, GMT, Z or an offset behind it or not,
 * and with or without a dot behind the month. */
bool mf_time_parse_month(struct mf_slice text, mf_time zone, mf_time *out);

/* "3/2/2026 9:14:37 AM", "03/02/2026 21:14:37 +01:00": the month first, with or without leading zeros, AM or PM, and an
 * offset. */
bool mf_time_parse_slashes(struct mf_slice text, mf_time zone, mf_time *out);

/* The last clock that stands in a text without a date, "09:14:37,412 WARN", and its fraction as above: of the day that
 * brings it closest to `near`;
 * false when that is MF_TIME_NONE. */
bool mf_time_find_clock(struct mf_slice text, mf_time zone, mf_time near, mf_time *out);

/* Days since 1970-01-01 of a date in 1970 or later. */
mf_time mf_time_days(unsigned year, unsigned month, unsigned day);

/* "Z", "+02:00", "-0500", "+01": milliseconds east of UTC. */
bool mf_time_parse_zone(struct mf_slice text, mf_time *zone);

/* Epoch in s, ms, us or ns, told apart by magnitude: divided by 1000 while above 1e11; a decimal fraction
 * is accepted, and "/Date(...)/" around it. Below 1e9 (before 2001-09-09) or not a plain decimal number -> false. */
bool mf_time_parse_epoch(struct mf_slice text, mf_time *out);

/* RFC 3339 in UTC with milliseconds; clamps to 1970..9999. */
void mf_time_format(mf_time time, char text[MF_TIME_TEXT]);

/* Whole seconds since 1970, as far as 32 bits go: 0 before, the last one after. */
static inline uint32_t mf_time_seconds(mf_time time)
{
    return time <= 0 ? 0 : time / MF_SECOND > UINT32_MAX ? UINT32_MAX : (uint32_t)(time / MF_SECOND);
}

#endif
