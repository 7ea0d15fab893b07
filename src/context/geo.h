/* src/context/geo.h
 *
 * Where an address is, and whose network it is in: MaxMind-format databases (.mmdb) behind one lookup.
 *
 * A file is copied into sealed memory when it is loaded. What happens to it on disk afterwards (truncated, overwritten,
 * removed) does not matter until somebody loads it again. */

#ifndef MF_CONTEXT_GEO_H
#define MF_CONTEXT_GEO_H

#include "base/error.h"
#include "base/ip.h"
#include "read/conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mf_geo_conf {
    char city[MF_TEXT_OPTION]; /* City or Country database; "" = none */
    char asn[MF_TEXT_OPTION];  /* ASN database; "" = none */

    /* Dotted paths to the values in a record, for layouts of one's own; "" = the known layouts are tried. */
    char country_path[MF_TEXT_OPTION];
    char latitude_path[MF_TEXT_OPTION];
    char longitude_path[MF_TEXT_OPTION];
    char city_path[MF_TEXT_OPTION];
    char asn_path[MF_TEXT_OPTION];
};

extern const struct mf_option mf_geo_options[];      /* "geo": city, asn */
extern const struct mf_option mf_geo_path_options[]; /* "geo.paths": country, latitude, longitude, city_name, asn */

/* Immutable after mf_geo_load() but for a counter, so threads share it without a lock. */
struct mf_geo;

/* Relative file names are taken below the directory `base`; NULL takes them as they are. With no database named, the
 * object answers nothing. NULL and a sentence in `error` when a database or a path cannot be used. */
struct mf_geo *mf_geo_load(const struct mf_geo_conf *conf, const char *base, struct mf_error *error);
void mf_geo_free(struct mf_geo *geo); /* NULL is fine */
size_t mf_geo_memory(const struct mf_geo *geo);

/* Lookups that met damage in a database, since it was loaded; answers from a cache are not counted again. */
uint64_t mf_geo_failures(const struct mf_geo *geo);

enum { MF_GEO_CITY = 46 };

struct mf_geo_place {
    char country[2]; /* two capital letters; zeros = not known */
    bool has_coordinates;
    float latitude, longitude; /* 0 without coordinates */
    uint32_t asn;              /* 0 = not known */
    char city[MF_GEO_CITY];    /* UTF-8, "" = not known */
};

/* The latest answers, for one worker: not shared between threads. It forgets by itself when `geo` has
 * other content or paths, so it may go on when the same files are loaded again. */
struct mf_geo_cache;
struct mf_geo_cache *mf_geo_cache_new(struct mf_error *error);
void mf_geo_cache_free(struct mf_geo_cache *cache); /* NULL is fine */

/* Fills `place`; with zeros where nothing is known. Private, loopback, link-local and carrier-NAT addresses are nowhere,
 * without a lookup. A damaged record is an unknown place, never an error. `geo` and `cache` may be NULL. No malloc. */
void mf_geo_look(const struct mf_geo *geo, struct mf_geo_cache *cache, const struct mf_ip *ip,
                 struct mf_geo_place *place);

#endif
