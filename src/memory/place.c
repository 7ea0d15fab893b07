/* src/memory/place.c
 *
 * A handful of known values with their ages. Hours are kept modulo 2^16 and compared by distance, so they need no
 * epoch. */

#include "memory/place.h"

#include "base/hash.h"

static uint16_t hour_of(mf_time time)
{
    return (uint16_t)((uint64_t)(time / MF_HOUR) & 0xffff);
}

/* hours from `then` to `now`; what seems to lie ahead is a late record's and counts as just now */
static unsigned hours_since(uint16_t then, uint16_t now)
{
    unsigned distance = (uint16_t)(now - then);

    return distance >= 0xf000 ? 0 : distance;
}

/* The network is an equality key within one user's short list: a quick mix is enough there. */
static uint32_t network_value(const struct mf_ip *source)
{
    struct mf_ip network = mf_ip_network(source);
    struct mf_slice bytes = {(const char *)network.bytes, sizeof network.bytes};

    return source->family == 0 ? 0 : mf_mix_fold(mf_mix_text(network.family, bytes));
}

struct mf_source_values mf_source_values(const struct mf_event *event)
{
    return (struct mf_source_values){
        .country = ((uint32_t)(unsigned char)event->country[0] << 8) | (unsigned char)event->country[1],
        .asn = event->asn,
        .network = network_value(&event->source),
    };
}

bool mf_known_touch(struct mf_known *known, unsigned n, uint32_t value, mf_time now)
{
    uint16_t hour = hour_of(now);
    unsigned slot = 0, oldest = 0;

    if (value == 0)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (known[i].value == value) {
            known[i].last = hour;
            /* keep the distance to the first use from wrapping around */
            if (hours_since(known[i].first, hour) > 0x8000)
                known[i].first = (uint16_t)(hour - 0x8000);
            return true;
        }
        unsigned age = known[i].value == 0 ? 0x10000 : hours_since(known[i].last, hour);
        if (age >= oldest) {
            oldest = age;
            slot = i;
        }
    }
    known[slot] = (struct mf_known){.value = value, .first = hour, .last = hour};
    return false;
}

void mf_hours_touch(struct mf_hours *hours, mf_time now)
{
    /* hour 0 would read as never: the hour after stands for it */
    uint16_t hour = hour_of(now) == 0 ? 1 : hour_of(now);
    bool never = hours->first == 0 && hours->last == 0;

    if (never || hours_since(hours->first, hour) > 0x8000)
        hours->first = never ? hour : (uint16_t)(hour - 0x8000);
    hours->last = hour;
}

bool mf_hours_hold(const struct mf_hours *hours, mf_time now, mf_time age, mf_time recency)
{
    if (hours->first == 0 && hours->last == 0)
        return false;
    return hours_since(hours->first, hour_of(now)) >= (unsigned)(age / MF_HOUR) &&
           hours_since(hours->last, hour_of(now)) <= (unsigned)(recency / MF_HOUR);
}

bool mf_known_has(const struct mf_known *known, unsigned n, uint32_t value, mf_time now, mf_time age)
{
    for (unsigned i = 0; i < n && value != 0; i++)
        if (known[i].value == value)
            return hours_since(known[i].first, hour_of(now)) >= (unsigned)(age / MF_HOUR);
    return false;
}

bool mf_known_any(const struct mf_known *known, unsigned n, mf_time now, mf_time age)
{
    for (unsigned i = 0; i < n; i++)
        if (known[i].value != 0 && hours_since(known[i].first, hour_of(now)) >= (unsigned)(age / MF_HOUR))
            return true;
    return false;
}

void mf_known_forget(struct mf_known *known, unsigned n, mf_time since)
{
    for (unsigned i = 0; i < n; i++)
        if (known[i].value != 0 && (uint16_t)(known[i].first - hour_of(since)) < 0x8000)
            known[i] = (struct mf_known){0};
}

/* ---- for the snapshot ---- */

const struct mf_field mf_known_fields[] = {
    MF_NUMBER(struct mf_known, value),
    MF_NUMBER(struct mf_known, first),
    MF_NUMBER(struct mf_known, last),
    {0},
};

const struct mf_field mf_hours_fields[] = {
    MF_NUMBER(struct mf_hours, first),
    MF_NUMBER(struct mf_hours, last),
    {0},
};

const struct mf_field mf_place_fields[] = {
    MF_NUMBER_MAX(struct mf_place, familiarity, MF_UNFAMILIAR),
    MF_FLAG(struct mf_place, new_country),
    MF_FLAG(struct mf_place, new_asn),
    MF_FLAG(struct mf_place, new_network),
    MF_FLAG(struct mf_place, by_tenant),
    {0},
};

const struct mf_field mf_source_values_fields[] = {
    MF_NUMBER(struct mf_source_values, country),
    MF_NUMBER(struct mf_source_values, asn),
    MF_NUMBER(struct mf_source_values, network),
    {0},
};
