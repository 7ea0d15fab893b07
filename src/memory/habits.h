/* src/memory/habits.h
 *
 * What a user's accepted authentications were like beside their network: at which hours, where on the globe, by which
 * kind of factor, through proxies, with the phone in another country. Learned only from what was accepted outside
 * suspicious runs. Fixed size; pure; time is handed in. */

#ifndef MF_MEMORY_HABITS_H
#define MF_MEMORY_HABITS_H

#include "memory/place.h"

/* Hours in which the user was accepted: a nibble for each hour (UTC) of a weekday, and of a day at the weekend. When one
 * is full all are halved, so that old habits fade. */
enum { MF_HABIT_HOURS = 48 };

/* Where the user was last accepted. */
struct mf_last_place {
    uint32_t time;               /* seconds since 1970; 0 = not known */
    int16_t latitude, longitude; /* in hundredths of a degree */
};

struct mf_habits {
    uint8_t hour[MF_HABIT_HOURS / 2];
    struct mf_hours strong; /* accepted by a phishing-resistant or number-matching factor */
    struct mf_hours weak;   /* by push, SMS or voice */
    struct mf_hours proxy;  /* through a proxy or anonymiser */
    struct mf_hours apart;  /* while the answering phone was in another country than the login */
    struct mf_last_place last_place;
};

bool mf_factor_is_strong(enum mf_factor factor); /* verified push, FastPass, WebAuthn */
bool mf_factor_is_weak(enum mf_factor factor);   /* push, SMS, voice */

/* Is the answering phone in another country than the login? A record that is the phone's own answer names the phone's
 * country as its source's; then `login_country` (two letters, or NULs) is what the login's records said. */
bool mf_event_is_apart(const struct mf_event *event, const char login_country[2]);

/* One accepted authentication; an answer of the phone teaches nothing of places. */
void mf_habits_learn(struct mf_habits *habits, const struct mf_event *event, bool anonymizer, bool apart);

/* How many of the user's accepted authentications, in per cent, fell into this hour of the day or a neighbouring one, on
 * this sort of day; -1 while too few are known (fewer than 20 in the nibbles, and fewer than 7 in each). */
int mf_habits_hour_share(const struct mf_habits *habits, mf_time now);

/* Distance in km (great circle, sphere of 6,371 km) and the hours passed since the last accepted place. False when one
 * of the places is not known, or the last one lies in the future. */
bool mf_habits_travelled(const struct mf_habits *habits, const struct mf_event *event, double *km, double *hours);

#endif
