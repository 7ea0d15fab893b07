/* src/context/scene.h
 *
 * What an administrator's lists, the directory and the databases of places say about one event, before anything is
 * remembered: is the address the company's, is the user known to travel, who is the user. All of it is loaded once,
 * immutable, and shared by threads. */

#ifndef MF_CONTEXT_SCENE_H
#define MF_CONTEXT_SCENE_H

#include "context/directory.h"
#include "context/geo.h"
#include "read/conf.h"
#include "read/event.h"

struct mf_nets_conf {
    char egress[MF_TEXT_OPTION], vpn[MF_TEXT_OPTION], ignore[MF_TEXT_OPTION], anonymizer[MF_TEXT_OPTION];
};
struct mf_people_conf {
    char directory[MF_TEXT_OPTION], travel[MF_TEXT_OPTION], ignore[MF_TEXT_OPTION];
};
struct mf_scenery_conf {
    struct mf_geo_conf geo;
    struct mf_nets_conf nets;
    struct mf_people_conf people;
};

extern const struct mf_option mf_nets_options[];   /* "nets" */
extern const struct mf_option mf_people_options[]; /* "people" */

struct mf_scenery;

/* Loads all files that are named; relative names are taken below `base` (NULL: as they are). NULL and an error that
 * names file, line, what is wrong and what is accepted. */
struct mf_scenery *mf_scenery_load(const struct mf_scenery_conf *conf, const char *base, const struct mf_hash_key *key,
                                   struct mf_error *error);
void mf_scenery_free(struct mf_scenery *scenery);
size_t mf_scenery_memory(const struct mf_scenery *scenery);

/* Lookups in databases that met damage. */
uint64_t mf_scenery_geo_failures(const struct mf_scenery *scenery);

/* What is loaded, one line each, for `check`: "nets.egress: 12 entries, 3 expired, the first in line 4". `line` is
 * called for each. */
typedef void (*mf_scenery_line_fn)(void *context, const char *line);
void mf_scenery_describe(const struct mf_scenery *scenery, mf_time now, mf_scenery_line_fn line, void *context);

/* What is accepted and looks like a mistake, one line each, FILE:LINE in front: a list without an entry, a network as wide
 * as the internet. `conf` and `base` are those that it was loaded by. */
void mf_scenery_remark(const struct mf_scenery *scenery, const struct mf_scenery_conf *conf, const char *base,
                       mf_scenery_line_fn line, void *context);

/* -1 and an error when a list that had entries in `before` has none now: an emptied allow-list is a flood of alerts, and
 * more often a script that failed than an intention. */
int mf_scenery_check_emptied(const struct mf_scenery *before, const struct mf_scenery *scenery,
                             const struct mf_scenery_conf *conf, const char *base, struct mf_error *error);

/* The path of each file that `conf` names. */
void mf_scenery_files(const struct mf_scenery_conf *conf, const char *base, mf_scenery_line_fn file, void *context);

/* What is said about one event. */
struct mf_scene {
    bool ignored;                   /* user or address is on an ignore list: counted, not judged */
    bool egress, vpn;               /* the source is one of the company's own */
    bool travel;                    /* the user is announced to be in the source's country */
    bool anonymizer;                /* the IdP or a list says proxy, Tor or hosting */
    bool home;                      /* the source's country is one that the directory names as the user's */
    const struct mf_person *person; /* NULL: not in the directory */
    struct mf_geo_place geo;        /* holds the city that the event may point to */
};

/* Looks everything up and completes the event: the canonical login of an alias; country, coordinates, operator and city
 * where the feed does not give them. No lock, no allocation. */
void mf_scenery_look(const struct mf_scenery *scenery, struct mf_geo_cache *cache, struct mf_event *event,
                     struct mf_scene *scene);

/* The canonical login of a folded one: the person's whose alias it is, or the login itself. */
struct mf_slice mf_scenery_user(const struct mf_scenery *scenery, struct mf_slice user);

/* Names of the person's first group and of the role; absent when the directory does not say. */
struct mf_slice mf_scenery_group(const struct mf_scenery *scenery, const struct mf_scene *scene);
struct mf_slice mf_scenery_role(const struct mf_scenery *scenery, const struct mf_scene *scene);

/* Does a list, or a travel note, keep the source's place out of the verdict? */
bool mf_scene_is_listed(const struct mf_scene *scene);

#endif
