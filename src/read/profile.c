/* src/read/profile.c
 *
 * The set of profiles: which files there are, all of them compiled, and one prefilter over all their markers. */

#include "read/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "read/profile_load.h"
#include "read/profile_set.h"

_Static_assert((int)MF_PROFILES_MAX == (int)MF_PROFILE_SET_MAX, "the public bound is that of the set");

enum { NAME_MAX_LENGTH = 63, PATH_MAX_LENGTH = 4096 };

/* ---- what there is in a directory ---- */

struct listing {
    char name[MF_PROFILES_MAX][NAME_MAX_LENGTH + 1];
    size_t n;
};

static bool is_name(const char *name, size_t length)
{
    if (length == 0 || length > NAME_MAX_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = mf_ascii_lower(name[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}

/* Length of NAME in "NAME.json"; 0 for any other file. */
static size_t stem_length(const char *file)
{
    size_t length = strlen(file);

    if (length <= 5 || strcmp(file + length - 5, ".json") != 0 || !is_name(file, length - 5))
        return 0;
    return length - 5;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int list_directory(const char *dir, struct listing *listing, struct mf_error *error)
{
    DIR *stream = opendir(dir);
    struct dirent *entry;

    listing->n = 0;
    if (stream == NULL)
        return mf_error_set(error, "%s: cannot read the directory of profiles: %s", dir, strerror(errno));
    while ((entry = readdir(stream)) != NULL) {
        size_t length = stem_length(entry->d_name);

        if (length == 0)
            continue;
        if (listing->n == MF_PROFILES_MAX) {
            closedir(stream);
            return mf_error_set(error, "%s: more than %d profiles", dir, MF_PROFILES_MAX);
        }
        memcpy(listing->name[listing->n], entry->d_name, length);
        listing->name[listing->n++][length] = '\0';
    }
    closedir(stream);
    qsort(listing->name, listing->n, sizeof listing->name[0], compare_names);
    return 0;
}

static int complain_missing(const char *dir, const struct listing *listing, const char *name, struct mf_error *error)
{
    char text[600] = "";
    size_t used = 0;

    for (size_t i = 0; i < listing->n && used < sizeof text - NAME_MAX_LENGTH - 4; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i == 0 ? "" : ", ", listing->name[i]);
    return mf_error_set(error, "%s: no profile \"%s\"; there is: %s", dir, name, listing->n == 0 ? "none" : text);
}

static bool is_listed(const struct listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->n; i++)
        if (strcmp(listing->name[i], name) == 0)
            return true;
    return false;
}

/* ---- the set ---- */

static int load_one(struct mf_profiles *profiles, const char *dir, const char *name, struct mf_error *error)
{
    char file[PATH_MAX_LENGTH];
    struct mf_conf conf;
    struct mf_profile *profile = NULL;
    int n = snprintf(file, sizeof file, "%s/%s.json", dir, name);

    if (n < 0 || (size_t)n >= sizeof file)
        return mf_error_set(error, "%s: the path of profile \"%s\" is too long", dir, name);
    for (size_t i = 0; i < profiles->n; i++)
        if (strcmp(profiles->profile[i]->name, name) == 0)
            return mf_error_set(error, "%s: profile \"%s\" is named twice", dir, name);
    if (profiles->n == MF_PROFILES_MAX)
        return mf_error_set(error, "%s: at most %d profiles can be loaded", dir, MF_PROFILES_MAX);
    if (mf_conf_load(&conf, file, error) == 0)
        profile = mf_profile_compile(&conf, name, error);
    mf_conf_fini(&conf);
    if (profile == NULL)
        return -1;
    profiles->profile[profiles->n++] = profile;
    return 0;
}

static int load_all(struct mf_profiles *profiles, const char *dir, const char *const *names, size_t n_names,
                    struct mf_error *error)
{
    struct listing listing;

    if (list_directory(dir, &listing, error) != 0)
        return -1;
    if (listing.n == 0)
        return mf_error_set(error, "%s: there is no profile (NAME.json) here", dir);
    for (size_t i = 0; i < n_names; i++) {
        if (!is_listed(&listing, names[i]))
            return complain_missing(dir, &listing, names[i], error);
        if (load_one(profiles, dir, names[i], error) != 0)
            return -1;
    }
    for (size_t i = 0; n_names == 0 && i < listing.n; i++)
        if (load_one(profiles, dir, listing.name[i], error) != 0)
            return -1;
    return 0;
}

/* A marker is looked for as it is written within quotes, too: up to the first quote in it, before which a backslash stands
 * then, or several. */
static bool add_marker(struct mf_markers *markers, struct mf_slice text, bool nocase, unsigned owner)
{
    const char *quote = memchr(text.data + 1, '"', text.length - 1);
    char quoted[MF_MARKER_MAX];
    size_t length = quote == NULL ? 0 : (size_t)(quote - text.data);

    memcpy(quoted, text.data, length);
    quoted[length++] = '\\';
    return mf_markers_add(markers, text, nocase, owner) &&
           (length < MF_MARKER_MIN || mf_markers_add(markers, (struct mf_slice){quoted, length}, nocase, owner));
}

static int prepare_markers(struct mf_profiles *profiles, struct mf_error *error)
{
    profiles->markers = mf_markers_new();
    if (profiles->markers == NULL)
        return mf_error_set(error, "no memory for the profiles' markers");
    for (unsigned i = 0; i < profiles->n; i++) {
        const struct mf_profile *profile = profiles->profile[i];

        for (unsigned m = 0; m < profile->markers.n; m++)
            if (!add_marker(profiles->markers, profile->markers.word[m].text, profile->nocase, i))
                return mf_error_set(error, "profile \"%s\": all profiles together have more than %d markers",
                                    profile->name, MF_MARKERS_MAX);
        profiles->mark = mf_mix_text(profiles->mark ^ profile->mark, mf_slice_of(profile->name)) | 1;
        profiles->textual |= profile->form == NULL ? 0 : UINT64_C(1) << i;
    }
    mf_markers_prepare(profiles->markers);
    return 0;
}

/* ---- names whose strings are walked into ---- */

static const struct mf_paths *paths_of(const struct mf_profiles *profiles, unsigned owner, bool envelope)
{
    return envelope ? profiles->profile[owner]->envelope : profiles->profile[owner]->paths;
}

static void note_unpacked(struct mf_profiles *profiles, struct mf_slice name, unsigned owner)
{
    unsigned i = 0;

    while (i < profiles->n_unpacked && !mf_slice_equal_nocase(profiles->unpacked[i].name, name))
        i++;
    if (i == profiles->n_unpacked)
        profiles->unpacked[profiles->n_unpacked++] = (struct mf_unpacked){.name = name};
    profiles->unpacked[i].owners |= UINT64_C(1) << owner;
    profiles->unpacked_lengths |= UINT64_C(1) << (name.length < 63 ? name.length : 63);
}

static int note_all_unpacked(struct mf_profiles *profiles, struct mf_error *error)
{
    size_t most = 1;

    for (unsigned i = 0; i < 2 * profiles->n; i++)
        for (size_t k = 0; mf_paths_unpacked(paths_of(profiles, i / 2, i % 2 == 1), k).data != NULL; k++)
            most++;
    profiles->unpacked = calloc(most, sizeof *profiles->unpacked);
    if (profiles->unpacked == NULL)
        return mf_error_set(error, "no memory for profiles");
    for (unsigned i = 0; i < 2 * profiles->n; i++) {
        const struct mf_paths *paths = paths_of(profiles, i / 2, i % 2 == 1);

        for (size_t k = 0; mf_paths_unpacked(paths, k).data != NULL; k++)
            note_unpacked(profiles, mf_paths_unpacked(paths, k), i / 2);
    }
    return 0;
}

struct mf_profiles *mf_profiles_load(const char *dir, const char *const *names, size_t n_names, struct mf_error *error)
{
    struct mf_profiles *profiles = calloc(1, sizeof *profiles);

    if (profiles == NULL) {
        mf_error_set(error, "no memory for profiles");
        return NULL;
    }
    if (load_all(profiles, dir, names, n_names, error) != 0 || prepare_markers(profiles, error) != 0 ||
        note_all_unpacked(profiles, error) != 0) {
        mf_profiles_free(profiles);
        return NULL;
    }
    return profiles;
}

void mf_profiles_free(struct mf_profiles *profiles)
{
    if (profiles == NULL)
        return;
    for (size_t i = 0; i < profiles->n; i++)
        mf_profile_free(profiles->profile[i]);
    mf_markers_free(profiles->markers);
    free(profiles->unpacked);
    free(profiles);
}

void mf_profiles_narrow(struct mf_profiles *profiles)
{
    mf_markers_narrow(profiles->markers);
}

size_t mf_profiles_count(const struct mf_profiles *profiles)
{
    return profiles->n;
}

const char *mf_profiles_name(const struct mf_profiles *profiles, size_t index)
{
    return profiles->profile[index]->name;
}

struct mf_slice mf_profiles_idp(const struct mf_profiles *profiles, size_t index)
{
    return profiles->profile[index]->idp;
}

const struct mf_ability *mf_profiles_ability(const struct mf_profiles *profiles, size_t index)
{
    return &profiles->profile[index]->ability;
}

/* ---- zones ---- */

/* The spec is in the profile's pool. */
static void place(const struct mf_spec *spec, const struct mf_zone *zone)
{
    if (spec != NULL && !spec->own_zone)
        ((struct mf_spec *)spec)->zone = zone;
}

static int place_profile(struct mf_profile *profile, struct mf_slice text, struct mf_error *error)
{
    struct mf_zone *zone = mf_pool_take(&profile->pool, 1, sizeof *zone);

    if (zone == NULL)
        return mf_error_set(error, "no memory for a time zone");
    if (mf_zone_init(zone, text, error) != 0)
        return -1;
    place(profile->field[MF_FIELD_TIME], zone);
    for (unsigned i = 0; i < profile->n_rules; i++)
        for (unsigned j = 0; j < profile->rule[i].n_overrides; j++)
            if (profile->rule[i].override[j].field == MF_FIELD_TIME)
                place(profile->rule[i].override[j].spec, zone);
    return 0;
}

int mf_profiles_zone(struct mf_profiles *profiles, struct mf_slice name, struct mf_slice zone, struct mf_error *error)
{
    for (unsigned i = 0; i < profiles->n; i++)
        if (mf_slice_equal(name, mf_slice_of(profiles->profile[i]->name)))
            return place_profile(profiles->profile[i], zone, error);
    return mf_error_set(error, "there is no profile \"%.*s\"", (int)name.length, name.data);
}

bool mf_profiles_may_know(const struct mf_profiles *profiles, const char *bytes, size_t length)
{
    return mf_markers_find(profiles->markers, bytes, length, true) != 0;
}
