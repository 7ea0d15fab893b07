/* src/memory/habits.c
 *
 * Hours as nibbles, places as hundredths of a degree: about a kilometre, which is finer than any database of
 * addresses. */

#include "memory/habits.h"

#include <math.h>

/* Enough is known of 20 logins; who comes at one hour only never gets there, as that hour is halved at 15. */
enum { NIBBLE_FULL = 15, HOURS_ENOUGH = 20, HOUR_ENOUGH = 7 };

#define EARTH_KM 6371.0

bool mf_factor_is_strong(enum mf_factor factor)
{
    return factor == MF_FACTOR_VERIFIED_PUSH || factor == MF_FACTOR_FASTPASS || factor == MF_FACTOR_WEBAUTHN;
}

bool mf_factor_is_weak(enum mf_factor factor)
{
    return factor == MF_FACTOR_PUSH || factor == MF_FACTOR_SMS || factor == MF_FACTOR_VOICE;
}

bool mf_event_is_apart(const struct mf_event *event, const char login_country[2])
{
    const char *phone = event->answer_source ? event->country : event->responder_country;
    const char *login = event->answer_source ? login_country : event->country;

    return phone[0] != '\0' && login[0] != '\0' && (phone[0] != login[0] || phone[1] != login[1]);
}

/* ---- hours ---- */

/* 1970-01-01 was a Thursday. */
static unsigned first_hour_of_sort(mf_time time)
{
    int64_t weekday = (time / MF_DAY + 3) % 7;

    return weekday >= 5 ? 24 : 0;
}

static unsigned hour_of_day(mf_time time)
{
    return (unsigned)(time / MF_HOUR % 24);
}

static unsigned nibble(const struct mf_habits *habits, unsigned index)
{
    return habits->hour[index / 2] >> (index % 2 * 4) & 0xf;
}

static void note_hour(struct mf_habits *habits, mf_time time)
{
    unsigned index = first_hour_of_sort(time) + hour_of_day(time);

    if (nibble(habits, index) == NIBBLE_FULL)
        for (unsigned i = 0; i < sizeof habits->hour; i++)
            habits->hour[i] = habits->hour[i] >> 1 & 0x77;
    habits->hour[index / 2] = (uint8_t)(habits->hour[index / 2] + (1u << (index % 2 * 4)));
}

int mf_habits_hour_share(const struct mf_habits *habits, mf_time now)
{
    unsigned sort = first_hour_of_sort(now), hour = hour_of_day(now), total = 0, near = 0, highest = 0;

    for (unsigned i = 0; i < MF_HABIT_HOURS; i++) {
        unsigned count = nibble(habits, i);
        total += count;
        highest = count > highest ? count : highest;
    }
    for (unsigned i = 0; i < 3; i++)
        near += nibble(habits, sort + (hour + 23 + i) % 24);
    if (total < HOURS_ENOUGH && highest < HOUR_ENOUGH)
        return -1;
    return (int)(near * 100 / total);
}

/* ---- places ---- */

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

/* haversine */
static double distance_km(double latitude_a, double longitude_a, double latitude_b, double longitude_b)
{
    double up = sin(radians(latitude_b - latitude_a) / 2), along = sin(radians(longitude_b - longitude_a) / 2);
    double h = up * up + cos(radians(latitude_a)) * cos(radians(latitude_b)) * along * along;

    return 2 * EARTH_KM * asin(sqrt(h > 1 ? 1 : h));
}

static void note_place(struct mf_last_place *place, const struct mf_event *event)
{
    mf_time seconds = event->time / MF_SECOND;

    if (!event->has_coordinates || seconds <= 0 || seconds > UINT32_MAX || (uint32_t)seconds < place->time)
        return;
    place->time = (uint32_t)seconds;
    place->latitude = (int16_t)lround(event->latitude * 100);
    place->longitude = (int16_t)lround(event->longitude * 100);
}

bool mf_habits_travelled(const struct mf_habits *habits, const struct mf_event *event, double *km, double *hours)
{
    const struct mf_last_place *last = &habits->last_place;
    mf_time passed = event->time - (mf_time)last->time * MF_SECOND;

    if (last->time == 0 || !event->has_coordinates || passed < 0)
        return false;
    *km = distance_km(last->latitude / 100.0, last->longitude / 100.0, event->latitude, event->longitude);
    *hours = (double)passed / (double)MF_HOUR;
    return true;
}

/* ---- all of it ---- */

void mf_habits_learn(struct mf_habits *habits, const struct mf_event *event, bool anonymizer, bool apart)
{
    if (apart)
        mf_hours_touch(&habits->apart, event->time);
    if (event->kind == MF_MFA_SUCCESS && mf_factor_is_strong(event->factor))
        mf_hours_touch(&habits->strong, event->time);
    if (event->kind == MF_MFA_SUCCESS && mf_factor_is_weak(event->factor))
        mf_hours_touch(&habits->weak, event->time);
    note_hour(habits, event->time);
    if (event->answer_source)
        return;
    note_place(&habits->last_place, event);
    if (anonymizer)
        mf_hours_touch(&habits->proxy, event->time);
}
