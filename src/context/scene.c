/* src/context/scene.c
 *
 * Loads lists, directory and databases as one, and asks them about one event. */

#include "context/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/ignored.h"
#include "context/nets.h"
#include "context/travel.h"

#define FILE_OPTION(type, member, help)                                                                                \
    {                                                                                                                  \
#member, MF_OPTION_TEXT, offsetof(type, member), 0, 0, "\"\"", NULL, help                                      \
    }

const struct mf_option mf_nets_options[] = {
    FILE_OPTION(struct mf_nets_conf, egress, "file: the company's own addresses; their place is no sign of an attack"),
    FILE_OPTION(struct mf_nets_conf, vpn, "file: addresses of VPN exits; the same"),
    FILE_OPTION(struct mf_nets_conf, ignore, "file: addresses whose records are counted and not judged"),
    FILE_OPTION(struct mf_nets_conf, anonymizer,
                "file: networks and AS numbers of proxies, Tor exits and hosting companies"),
    {0},
};

const struct mf_option mf_people_options[] = {
    FILE_OPTION(struct mf_people_conf, directory, "file: aliases, groups, roles, home countries and risk of users"),
    FILE_OPTION(struct mf_people_conf, travel, "file: which user is in which country, from when until when"),
    FILE_OPTION(struct mf_people_conf, ignore, "file: users whose records are counted and not judged"),
    {0},
};

struct mf_scenery {
    struct mf_geo *geo;
    struct mf_nets *egress, *vpn, *ignored_nets, *anonymizer;
    struct mf_directory *directory;
    struct mf_travel *travel;
    struct mf_ignored *ignored_users;
};

enum { PATH_TEXT = 4096 };

/* ---- loading ---- */

/* False: not named. */
static bool place_file(const char *base, const char *file, char path[PATH_TEXT])
{
    if (base == NULL || base[0] == '\0' || file[0] == '/')
        snprintf(path, PATH_TEXT, "%s", file);
    else
        snprintf(path, PATH_TEXT, "%s/%s", base, file);
    return file[0] != '\0';
}

static int load_nets(const struct mf_nets_conf *conf, const char *base, struct mf_scenery *scenery,
                     struct mf_error *error)
{
    const struct {
        const char *file;
        bool with_asn;
        struct mf_nets **nets;
    } lists[] = {
        {conf->egress, false, &scenery->egress},
        {conf->vpn, false, &scenery->vpn},
        {conf->ignore, false, &scenery->ignored_nets},
        {conf->anonymizer, true, &scenery->anonymizer},
    };
    char path[PATH_TEXT];

    for (unsigned i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (place_file(base, lists[i].file, path) &&
            (*lists[i].nets = mf_nets_load(path, lists[i].with_asn, error)) == NULL)
            return -1;
    return 0;
}

/* The directory first: the other files may name users by an alias. */
static int load_people(const struct mf_people_conf *conf, const char *base, const struct mf_hash_key *key,
                       struct mf_scenery *scenery, struct mf_error *error)
{
    char path[PATH_TEXT];

    if (place_file(base, conf->directory, path) && (scenery->directory = mf_directory_load(path, key, error)) == NULL)
        return -1;
    if (place_file(base, conf->travel, path) &&
        (scenery->travel = mf_travel_load(path, scenery->directory, key, error)) == NULL)
        return -1;
    if (place_file(base, conf->ignore, path) &&
        (scenery->ignored_users = mf_ignored_load(path, scenery->directory, key, error)) == NULL)
        return -1;
    return 0;
}

struct mf_scenery *mf_scenery_load(const struct mf_scenery_conf *conf, const char *base, const struct mf_hash_key *key,
                                   struct mf_error *error)
{
    struct mf_scenery *scenery = calloc(1, sizeof *scenery);

    if (scenery == NULL) {
        mf_error_set(error, "not enough memory for lists");
        return NULL;
    }
    scenery->geo = mf_geo_load(&conf->geo, base, error);
    if (scenery->geo == NULL || load_nets(&conf->nets, base, scenery, error) != 0 ||
        load_people(&conf->people, base, key, scenery, error) != 0) {
        mf_scenery_free(scenery);
        return NULL;
    }
    return scenery;
}

void mf_scenery_free(struct mf_scenery *scenery)
{
    if (scenery == NULL)
        return;
    mf_ignored_free(scenery->ignored_users);
    mf_travel_free(scenery->travel);
    mf_directory_free(scenery->directory);
    mf_nets_free(scenery->anonymizer);
    mf_nets_free(scenery->ignored_nets);
    mf_nets_free(scenery->vpn);
    mf_nets_free(scenery->egress);
    mf_geo_free(scenery->geo);
    free(scenery);
}

size_t mf_scenery_memory(const struct mf_scenery *scenery)
{
    size_t bytes = sizeof *scenery + mf_geo_memory(scenery->geo);
    const struct mf_nets *const nets[] = {scenery->egress, scenery->vpn, scenery->ignored_nets, scenery->anonymizer};

    for (unsigned i = 0; i < sizeof nets / sizeof nets[0]; i++)
        bytes += nets[i] == NULL ? 0 : mf_nets_memory(nets[i]);
    bytes += scenery->directory == NULL ? 0 : mf_directory_memory(scenery->directory);
    bytes += scenery->travel == NULL ? 0 : mf_travel_memory(scenery->travel);
    bytes += scenery->ignored_users == NULL ? 0 : mf_ignored_memory(scenery->ignored_users);
    return bytes;
}

uint64_t mf_scenery_geo_failures(const struct mf_scenery *scenery)
{
    return mf_geo_failures(scenery->geo);
}

/* ---- describing ---- */

struct describing {
    mf_scenery_line_fn line;
    void *context;
};

static void describe(const struct describing *to, const char *name, size_t entries, size_t expired, uint32_t first)
{
    char text[160];

    if (expired == 0)
        snprintf(text, sizeof text, "%s: %zu entries", name, entries);
    else
        snprintf(text, sizeof text, "%s: %zu entries, %zu expired, the first in line %u", name, entries, expired,
                 (unsigned)first);
    to->line(to->context, text);
}

static void describe_nets(const struct describing *to, const char *name, const struct mf_nets *nets, mf_time now)
{
    uint32_t first = 0;

    if (nets == NULL)
        return;
    size_t expired = mf_nets_expired(nets, now, &first);
    describe(to, name, mf_nets_count(nets), expired, first);
}

void mf_scenery_describe(const struct mf_scenery *scenery, mf_time now, mf_scenery_line_fn line, void *context)
{
    const struct describing to = {line, context};
    uint32_t first = 0;

    describe_nets(&to, "nets.egress", scenery->egress, now);
    describe_nets(&to, "nets.vpn", scenery->vpn, now);
    describe_nets(&to, "nets.ignore", scenery->ignored_nets, now);
    describe_nets(&to, "nets.anonymizer", scenery->anonymizer, now);
    if (scenery->directory != NULL)
        describe(&to, "people.directory", mf_directory_count(scenery->directory), 0, 0);
    if (scenery->travel != NULL) {
        size_t expired = mf_travel_expired(scenery->travel, now, &first);
        describe(&to, "people.travel", mf_travel_count(scenery->travel), expired, first);
    }
    if (scenery->ignored_users != NULL) {
        size_t expired = mf_ignored_expired(scenery->ignored_users, now, &first);
        describe(&to, "people.ignore", mf_ignored_count(scenery->ignored_users), expired, first);
    }
}

/* ---- what looks like a mistake ---- */

struct list {
    const char *name, *file;
    bool loaded;
    size_t entries;
    const struct mf_nets *nets;
};
enum { N_LISTS = 7 };

static struct list list_of_nets(const char *name, const char *file, const struct mf_nets *nets)
{
    return (struct list){name, file, nets != NULL, nets == NULL ? 0 : mf_nets_count(nets), nets};
}

static void lists_of(const struct mf_scenery *s, const struct mf_scenery_conf *conf, struct list list[N_LISTS])
{
    const struct mf_people_conf *people = &conf->people;

    list[0] = list_of_nets("nets.egress", conf->nets.egress, s->egress);
    list[1] = list_of_nets("nets.vpn", conf->nets.vpn, s->vpn);
    list[2] = list_of_nets("nets.ignore", conf->nets.ignore, s->ignored_nets);
    list[3] = list_of_nets("nets.anonymizer", conf->nets.anonymizer, s->anonymizer);
    list[4] = (struct list){"people.directory", people->directory, s->directory != NULL, 0, NULL};
    list[5] = (struct list){"people.travel", people->travel, s->travel != NULL, 0, NULL};
    list[6] = (struct list){"people.ignore", people->ignore, s->ignored_users != NULL, 0, NULL};
    list[4].entries = s->directory == NULL ? 0 : mf_directory_count(s->directory);
    list[5].entries = s->travel == NULL ? 0 : mf_travel_count(s->travel);
    list[6].entries = s->ignored_users == NULL ? 0 : mf_ignored_count(s->ignored_users);
}

void mf_scenery_remark(const struct mf_scenery *scenery, const struct mf_scenery_conf *conf, const char *base,
                       mf_scenery_line_fn line, void *context)
{
    char path[PATH_TEXT], net[MF_NETS_TEXT], text[PATH_TEXT + 256];
    struct list list[N_LISTS];
    uint32_t number;

    lists_of(scenery, conf, list);
    for (unsigned i = 0; i < N_LISTS; i++) {
        if (!list[i].loaded)
            continue;
        place_file(base, list[i].file, path);
        if (list[i].entries == 0) {
            snprintf(text, sizeof text, "%s: %s holds no entry", path, list[i].name);
            line(context, text);
        }
        if (list[i].nets != NULL && mf_nets_wide(list[i].nets, net, &number)) {
            snprintf(text, sizeof text,
                     "%s:%u: %s covers %s, a great part of the internet: whatever comes from there is taken for listed",
                     path, (unsigned)number, list[i].name, net);
            line(context, text);
        }
    }
}

int mf_scenery_check_emptied(const struct mf_scenery *before, const struct mf_scenery *scenery,
                             const struct mf_scenery_conf *conf, const char *base, struct mf_error *error)
{
    struct list was[N_LISTS], is[N_LISTS];
    char path[PATH_TEXT];

    lists_of(before, conf, was);
    lists_of(scenery, conf, is);
    for (unsigned i = 0; i < N_LISTS; i++)
        if (is[i].loaded && is[i].entries == 0 && was[i].entries > 0) {
            place_file(base, is[i].file, path);
            return mf_error_set(
                error,
                "%s: %s holds no entry, and held %zu before; if that is meant, take the file out of the "
                "policy, or set reload.allow_empty to true",
                path, is[i].name, was[i].entries);
        }
    return 0;
}

void mf_scenery_files(const struct mf_scenery_conf *conf, const char *base, mf_scenery_line_fn file, void *context)
{
    const char *const names[] = {
        conf->geo.city,        conf->geo.asn,          conf->nets.egress,   conf->nets.vpn,      conf->nets.ignore,
        conf->nets.anonymizer, conf->people.directory, conf->people.travel, conf->people.ignore,
    };
    char path[PATH_TEXT];

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (place_file(base, names[i], path))
            file(context, path);
}

/* ---- asking ---- */

/* The feed's own words go before a database's. */
static void complete(struct mf_event *event, const struct mf_geo_place *place)
{
    bool same_country = event->country[0] == '\0' || memcmp(event->country, place->country, 2) == 0;

    if (event->country[0] == '\0')
        memcpy(event->country, place->country, 2);
    if (event->asn == 0)
        event->asn = place->asn;
    if (!event->has_coordinates && place->has_coordinates && same_country) {
        event->has_coordinates = true;
        event->latitude = (double)place->latitude;
        event->longitude = (double)place->longitude;
    }
    if (event->city.length == 0 && same_country)
        event->city = mf_slice_of(place->city);
}

static bool is_home(const struct mf_person *person, const char country[2])
{
    for (unsigned i = 0; person != NULL && i < MF_PERSON_HOMES && country[0] != '\0'; i++)
        if (memcmp(person->home[i], country, 2) == 0)
            return true;
    return false;
}

static void look_at_address(const struct mf_scenery *scenery, const struct mf_event *event, struct mf_scene *scene)
{
    const struct mf_ip *ip = &event->source;

    if (ip->family == 0)
        return;
    scene->ignored |= scenery->ignored_nets != NULL && mf_nets_has(scenery->ignored_nets, ip, 0, event->time);
    scene->egress = scenery->egress != NULL && mf_nets_has(scenery->egress, ip, 0, event->time);
    scene->vpn = scenery->vpn != NULL && mf_nets_has(scenery->vpn, ip, 0, event->time);
    if (scenery->anonymizer != NULL)
        scene->anonymizer |= mf_nets_has(scenery->anonymizer, ip, event->asn, event->time);
}

void mf_scenery_look(const struct mf_scenery *scenery, struct mf_geo_cache *cache, struct mf_event *event,
                     struct mf_scene *scene)
{
    memset(scene, 0, sizeof *scene);
    if (event->source.family != 0) {
        mf_geo_look(scenery->geo, cache, &event->source, &scene->geo);
        complete(event, &scene->geo);
    }
    if (event->responder.family != 0 && event->responder_country[0] == '\0') {
        struct mf_geo_place phone;
        mf_geo_look(scenery->geo, cache, &event->responder, &phone);
        memcpy(event->responder_country, phone.country, sizeof phone.country);
    }
    scene->person = mf_directory_find(scenery->directory, event->user);
    if (scene->person != NULL)
        event->user = scene->person->name;
    scene->ignored = mf_ignored_has(scenery->ignored_users, event->user, event->time);
    scene->anonymizer = event->proxy;
    look_at_address(scenery, event, scene);
    scene->home = is_home(scene->person, event->country);
    scene->travel =
        event->country[0] != '\0' && mf_travel_covers(scenery->travel, event->user, event->country, event->time);
}

struct mf_slice mf_scenery_user(const struct mf_scenery *scenery, struct mf_slice user)
{
    return mf_directory_canonical(scenery->directory, user);
}

struct mf_slice mf_scenery_group(const struct mf_scenery *scenery, const struct mf_scene *scene)
{
    if (scene->person == NULL)
        return (struct mf_slice){NULL, 0};
    return mf_directory_group(scenery->directory, scene->person->group[0]);
}

struct mf_slice mf_scenery_role(const struct mf_scenery *scenery, const struct mf_scene *scene)
{
    if (scene->person == NULL)
        return (struct mf_slice){NULL, 0};
    return mf_directory_role(scenery->directory, scene->person->role);
}

bool mf_scene_is_listed(const struct mf_scene *scene)
{
    return scene->egress || scene->vpn || scene->travel;
}
