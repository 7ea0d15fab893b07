/* src/base/zone.h
 *
 * How far a clock on a wall is from UTC, for times that do not say it: a fixed distance, or a zone by its name, whose clocks
 * change twice a year. Read once, from the system's files (TZif, RFC 8536); after that pure, without a look at the
 * environment, and thread-safe. */

#ifndef MF_BASE_ZONE_H
#define MF_BASE_ZONE_H

#include "base/error.h"
#include "base/time.h"

enum { MF_ZONE_CHANGES = 512 };

/* One of two days of a year on which clocks change: the rule behind the last change that is listed. */
struct mf_zone_day {
    char
        form; /* 'M': week and weekday of a month; 'J', 'D': number of the day in the year, without and with leap days */
    int month, week, day;
    mf_time at; /* of the clock on the wall */
};

struct mf_zone {
    unsigned n; /* changes, in order of time */
    mf_time at[MF_ZONE_CHANGES], east[MF_ZONE_CHANGES];
    mf_time first; /* before all of them, and all there is to a fixed distance */
    bool has_rule; /* behind the last */
    mf_time standard, summer;
    struct mf_zone_day begins, ends; /* of summer */
};

/* "Z", "+02:00", or "Europe/Berlin". -1 and a sentence that says what is accepted. */
int mf_zone_init(struct mf_zone *zone, struct mf_slice text, struct mf_error *error);

/* The bytes of a TZif file; false when they are none. */
bool mf_zone_parse(struct mf_zone *zone, const unsigned char *bytes, size_t length);

/* Milliseconds east of UTC at a time. */
mf_time mf_zone_east(const struct mf_zone *zone, mf_time time);

/* What the time was when the clock on the wall showed `local` (as if it were UTC). Of an hour that the wall saw twice, one of
 * the two; of one that it never saw, the time that passed it over. */
mf_time mf_zone_utc(const struct mf_zone *zone, mf_time local);

static inline bool mf_zone_is_fixed(const struct mf_zone *zone)
{
    return zone->n == 0 && !zone->has_rule;
}

#endif
