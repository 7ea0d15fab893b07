/* tool/world.h
 *
 * Invented people and places for synthetic traffic. Addresses are those of RFC 5737 and RFC 3849, operators have the
 * private numbers of RFC 6996; whatever is asked of person 17 of a world, the answer is the same, and nothing is kept. */

#ifndef MF_TOOL_WORLD_H
#define MF_TOOL_WORLD_H

#include "chance.h"
#include "engine.h"

struct mf_spot {
    char ip[MF_IP_TEXT];
    unsigned asn;
    const char *network, *city, *country, *country_name, *latitude, *longitude;
    bool proxy;
};

enum { MF_LOGIN_TEXT = 128 };

struct mf_figure {
    unsigned number;
    char login[MF_LOGIN_TEXT]; /* NAME@DOMAIN */
    char name[64];             /* without the domain */
    char key[13], digits[13];  /* 12 digits, hexadecimal and decimal */
    const char *group, *factor;
    unsigned hours_east; /* of UTC */
    struct mf_spot home, office;
};

struct mf_world {
    uint64_t seed;
    const char *domain;
};

/* Person `number`; numbers from MF_WORLD_VICTIMS on are those of whom stories are told, MF_WORLD_STORY for each, who all
 * use `push`. */
enum { MF_WORLD_VICTIMS = 1 << 24, MF_WORLD_STORY = 32 };
void mf_world_figure(const struct mf_world *world, unsigned number, struct mf_figure *person);

/* Where the attacker sits: a hosting network of a country that nobody works in. */
void mf_world_abroad(struct mf_chance *chance, struct mf_spot *spot);
/* A home like that of the person, of another operator. */
void mf_world_neighbour(const struct mf_figure *person, struct mf_chance *chance, struct mf_spot *spot);
/* A hotel abroad. */
void mf_world_hotel(const struct mf_figure *person, struct mf_chance *chance, struct mf_spot *spot);

#endif
