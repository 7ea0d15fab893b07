/* tool/world.c
 *
 * People by number. */

#include "world.h"

#include <stdio.h>

struct country {
    const char *code, *name, *city, *latitude, *longitude;
    unsigned hours_east;
};

static const struct country at_work[] = {
    {"DE", "Germany", "Hamburg", "53.55", "9.99", 1},
    {"GB", "United Kingdom", "Leeds", "53.80", "-1.55", 0},
    {"PL", "Poland", "Gdansk", "54.35", "18.65", 1},
};
static const struct country elsewhere[] = {
    {"RO", "Romania", "Bucharest", "44.43", "26.10", 2},
    {"MD", "Moldova", "Chisinau", "47.01", "28.86", 2},
    {"BR", "Brazil", "Recife", "-8.05", "-34.88", 0},
    {"VN", "Vietnam", "Da Nang", "16.05", "108.20", 7},
};
static const struct country holidays[] = {
    {"PT", "Portugal", "Porto", "41.15", "-8.61", 0},
    {"GR", "Greece", "Patras", "38.25", "21.73", 2},
};
static const char *const first_names[] = {"ada",  "ben", "cleo", "dora", "emil", "fara", "gero",
                                          "hana", "ivo", "jule", "kuno", "lina", "mika", "nora",
                                          "odo",  "pia", "quin", "rosa", "sven", "tara"};
static const char *const last_names[] = {"amann", "berg", "conrad", "dietz", "ebert", "fuchs", "graf",
                                         "holm",  "iwen", "jahn",   "kern",  "lang",  "moser"};
static const char *const groups[] = {"sales", "engineering", "finance", "support"};
static const char *const factors[] = {"push", "push", "push", "verified_push", "totp", "sms"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void place(struct mf_spot *spot, const struct country *country, unsigned asn, const char *network)
{
    *spot = (struct mf_spot){
        .asn = asn,
        .network = network,
        .city = country->city,
        .country = country->code,
        .country_name = country->name,
        .latitude = country->latitude,
        .longitude = country->longitude,
    };
}

/* Those of one story work in one country. */
static const struct country *country_of(unsigned number)
{
    unsigned share = (number >= MF_WORLD_VICTIMS ? number / MF_WORLD_STORY : number) % 10;

    return &at_work[share < 7 ? 0 : share < 9 ? 1 : 2];
}

void mf_world_figure(const struct mf_world *world, unsigned number, struct mf_figure *person)
{
    struct mf_chance chance = mf_chance_of(world->seed, number, 0);
    const struct country *country = country_of(number);
    unsigned of_country = (unsigned)(country - at_work);
    const char *first = first_names[mf_chance_below(&chance, COUNT(first_names))];
    const char *last = last_names[mf_chance_below(&chance, COUNT(last_names))];
    bool victim = number >= MF_WORLD_VICTIMS;

    person->number = number;
    if (victim) /* each seed has its own, so that no exercise meets those of the one before */
        snprintf(person->name, sizeof person->name, "%s.%s.x%llx-%u", first, last, (unsigned long long)world->seed,
                 number - MF_WORLD_VICTIMS + 1);
    else
        snprintf(person->name, sizeof person->name, "%s.%s.%u", first, last, number + 1);
    snprintf(person->login, sizeof person->login, "%s@%s", person->name, world->domain);
    snprintf(person->key, sizeof person->key, "%05x%07x", (unsigned)(mf_chance_next(&chance) & 0xfffff),
             number & 0xfffffff);
    snprintf(person->digits, sizeof person->digits, "1%05u%06u", (unsigned)(world->seed % 100000), number % 1000000);
    person->group = groups[mf_chance_below(&chance, COUNT(groups))];
    person->factor = victim ? "push" : factors[mf_chance_below(&chance, COUNT(factors))];
    person->hours_east = country->hours_east;
    place(&person->home, country, 4200000100u + of_country * 3 + number % 3, "Example Home Net");
    snprintf(person->home.ip, sizeof person->home.ip, "2001:db8:%x:%x::17", 0x1000 + (number >> 16), number & 0xffff);
    place(&person->office, country, 4200000200u + of_country, "Example Office");
    snprintf(person->office.ip, sizeof person->office.ip, "198.51.100.%u", 20 + of_country);
}

void mf_world_abroad(struct mf_chance *chance, struct mf_spot *spot)
{
    unsigned n = mf_chance_below(chance, COUNT(elsewhere));

    place(spot, &elsewhere[n], 4200000300u + n, "Example Hosting");
    snprintf(spot->ip, sizeof spot->ip, "203.0.113.%u", 10 + mf_chance_below(chance, 240));
}

void mf_world_neighbour(const struct mf_figure *person, struct mf_chance *chance, struct mf_spot *spot)
{
    place(spot, country_of(person->number), 4200000400u + person->number % 10 / 7, "Example Mobile Net");
    snprintf(spot->ip, sizeof spot->ip, "2001:db8:fade:%x::9", mf_chance_below(chance, 0xffff));
}

void mf_world_hotel(const struct mf_figure *person, struct mf_chance *chance, struct mf_spot *spot)
{
    (void)person;
    unsigned n = mf_chance_below(chance, COUNT(holidays));

    place(spot, &holidays[n], 4200000500u + n, "Example Hotel Net");
    snprintf(spot->ip, sizeof spot->ip, "192.0.2.%u", 10 + mf_chance_below(chance, 240));
}
