/* src/memory/place.h
 *
 * Places as they are remembered: country, ASN and network reduced to numbers, with the hours of their first and last
 * accepted use. Pure; time is handed in. */

#ifndef MF_MEMORY_PLACE_H
#define MF_MEMORY_PLACE_H

#include "base/pack.h"
#include "read/event.h"

/* What a source is reduced to; 0 = the record does not say. */
struct mf_source_values {
    uint32_t country, asn, network;
};
struct mf_source_values mf_source_values(const struct mf_event *event);

/* One known value with the hours (modulo 2^16, 7.5 years) of its first and last accepted use. */
struct mf_known {
    uint32_t value; /* 0 = free */
    uint16_t first, last;
};

/* The hours (modulo 2^16) of the first and the last time that something happened; both 0 = never. */
struct mf_hours {
    uint16_t first, last;
};

void mf_hours_touch(struct mf_hours *hours, mf_time now);

/* Did it happen, first at least `age` ago, and last within `recency`? */
bool mf_hours_hold(const struct mf_hours *hours, mf_time now, mf_time age, mf_time recency);

enum mf_familiarity { MF_FAMILIARITY_UNKNOWN, MF_FAMILIAR, MF_UNFAMILIAR };

/* How a source compares with what is known. */
struct mf_place {
    enum mf_familiarity familiarity;
    bool new_country, new_asn, new_network;
    bool by_tenant; /* the user is too new: compared with what the tenant uses */
};

/* Notes an accepted use: finds the value (true), or takes a free slot, or that of the least recently used value. */
bool mf_known_touch(struct mf_known *known, unsigned n, uint32_t value, mf_time now);

/* Is the value there, first accepted at least `age` ago? */
bool mf_known_has(const struct mf_known *known, unsigned n, uint32_t value, mf_time now, mf_time age);

/* Is any value there, first accepted at least `age` ago? */
bool mf_known_any(const struct mf_known *known, unsigned n, mf_time now, mf_time age);

/* Takes away what was first accepted at `since` or later. */
void mf_known_forget(struct mf_known *known, unsigned n, mf_time since);

/* ---- for the snapshot ---- */

extern const struct mf_field mf_known_fields[], mf_hours_fields[], mf_place_fields[], mf_source_values_fields[];

#endif
