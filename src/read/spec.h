/* src/read/spec.h
 *
 * Where a value comes from: the first of some paths that yields something, perhaps joined from several, perhaps
 * turned into another word by a map. Compiled at load; read from a scene, which is the record in hand and, inside
 * a `foreach` rule, one element of it. */

#ifndef MF_READ_SPEC_H
#define MF_READ_SPEC_H

#include "base/zone.h"
#include "read/lookup.h"

/* ---- what a profile compiles to ---- */

/* A path of the record, or ("@.") of the element. */
struct mf_ref {
    bool element;
    uint16_t path;
};

enum { MF_PARTS_MAX = 4 };

/* One way to find the value: all parts must be there; they are joined by ':'. */
struct mf_source {
    unsigned n_parts;
    struct mf_ref part[MF_PARTS_MAX];
};

/* Raw text -> our word. `code` is what the word means to the field that uses the map: a factor, a count. */
struct mf_map_entry {
    struct mf_slice raw;
    bool prefix; /* "Phone call*": the raw text starts so */
    struct mf_slice word;
    int code;
    uint32_t place; /* of the word in the file, for errors while loading */
};

struct mf_map {
    struct mf_slice name;
    unsigned n;
    const struct mf_map_entry *entry;
    const struct mf_map_entry *fallback; /* "*"; NULL: what is not listed counts as absent */
};

enum {
    MF_TIME_ISO = 1,
    MF_TIME_EPOCH = 2,
    MF_TIME_WITHIN = 4,
    MF_TIME_MONTH = 8,
    MF_TIME_CLOCK = 16,
    MF_TIME_SLASHES = 32
};

/* "by user '%'": what stands between two texts. An empty `before` is the beginning, an empty `after` the end. */
struct mf_capture {
    struct mf_slice before, after;
    bool last; /* up to the last `after` that there is, not the first */
};

/* "EXAMPLE\\", "@example.com": a domain that is no part of the login. */
struct mf_strip {
    struct mf_slice domain; /* without backslash and at-sign; empty: any */
    bool behind;            /* "@example.com" */
};

struct mf_spec {
    unsigned n_sources;
    const struct mf_source *source;
    const struct mf_map *map;
    struct mf_slice fallback; /* when no source yields anything; absent: none */
    unsigned n_captures;      /* of the texts that sources yield; 0: they count as they are */
    const struct mf_capture *capture;
    unsigned n_strips; /* for a user */
    const struct mf_strip *strip;
    const struct mf_zone *zone; /* of times that do not say theirs; NULL: UTC */
    bool own_zone;              /* the profile says it of this field */
    unsigned times;             /* MF_TIME_* to try, for a time */
    bool fold;                  /* trim, ASCII letters to lower case */
};

/* ---- what it is read from ---- */

enum { MF_SCENE_TEXT = 16384, MF_NAMED_MAX = 64, MF_SCENE_COUNTRIES = 64 };

/* What a country was called, and its code. */
struct mf_country {
    char text[29];
    uint8_t length; /* 0: nothing is known */
    char code[2];
};

struct mf_scene {
    struct mf_lookup record;
    struct mf_lookup element; /* the one that was entered last */
    struct mf_slice doubt;    /* a path that decided something though a member on the way stands twice; absent: none */
    const struct mf_spec *const *named; /* "$name" of conditions */
    unsigned n_named;
    bool named_known[MF_NAMED_MAX];
    struct mf_slice named_text[MF_NAMED_MAX];
    char text[MF_SCENE_TEXT]; /* joined, folded and listed texts of this record */
    size_t text_used;
    struct mf_country country[MF_SCENE_COUNTRIES]; /* of this record and all before it */
};

/* A fresh scene for a record; what its paths find is for the caller to fill in (scene->record). */
void mf_scene_open(struct mf_scene *scene, struct mf_record *record, const struct mf_paths *paths,
                   const struct mf_words *nulls, const struct mf_spec *const *named, unsigned n_named);

/* Goes to an element of a foreach rule. */
void mf_scene_enter(struct mf_scene *scene, const struct mf_paths *paths, uint32_t node);

static inline struct mf_lookup *mf_scene_lookup(struct mf_scene *scene, struct mf_ref ref)
{
    return ref.element ? &scene->element : &scene->record;
}

void mf_scene_doubt(struct mf_scene *scene, struct mf_ref ref);

/* Notes a doubt when the path of `ref` runs through a member that stands twice. */
static inline void mf_scene_trust(struct mf_scene *scene, struct mf_ref ref)
{
    if (__builtin_expect(mf_scene_lookup(scene, ref)->twice[ref.path], 0))
        mf_scene_doubt(scene, ref);
}

/* Room for a text of this record, NULL when there is none left. `length` bytes of it are taken by mf_scene_keep(). */
char *mf_scene_room(struct mf_scene *scene, size_t length);
struct mf_slice mf_scene_keep(struct mf_scene *scene, size_t length);

/* ---- reading ---- */

/* All parts joined; absent when one is missing, or when it would be too long to keep. */
struct mf_slice mf_source_joined(const struct mf_source *source, struct mf_scene *scene);

static inline struct mf_slice mf_source_text(const struct mf_source *source, struct mf_scene *scene)
{
    if (source->n_parts == 1)
        return mf_lookup_text(mf_scene_lookup(scene, source->part[0]), source->part[0].path);
    return mf_source_joined(source, scene);
}

static inline bool mf_source_is_doubtful(const struct mf_source *source, struct mf_scene *scene)
{
    for (unsigned i = 0; i < source->n_parts; i++)
        if (mf_scene_lookup(scene, source->part[i])->twice[source->part[i].path])
            return true;
    return false;
}

/* What the captures of a spec take from a text: of the first that fits it; absent when none does. */
struct mf_slice mf_spec_captured(const struct mf_spec *spec, struct mf_slice text);

/* The next text that a source of the spec yields, from source number *at on (which is moved behind it); false at
 * the end. No map, no fold, no fallback. `*doubt` becomes true when a member on the way to what was asked, found or
 * not, stands twice; it is never made false. Inline, because most values are the text of the first source. */
static inline __attribute__((always_inline)) bool mf_spec_next(const struct mf_spec *spec, struct mf_scene *scene,
                                                               unsigned *at, struct mf_slice *text, bool *doubt)
{
    while (*at < spec->n_sources) {
        const struct mf_source *source = &spec->source[(*at)++];
        struct mf_slice found = mf_source_text(source, scene);

        *doubt |= mf_source_is_doubtful(source, scene);
        if (found.length > 0 && spec->n_captures > 0)
            found = mf_spec_captured(spec, found);
        if (found.length == 0)
            continue;
        *text = found;
        return true;
    }
    return false;
}

/* The value as text: mapped, folded, the fallback when there is none; absent when there is not even that. An array
 * yields its texts joined by `separator`. */
struct mf_slice mf_spec_text(const struct mf_spec *spec, struct mf_scene *scene, char separator);

/* The map's entry for the value: a listed one if any source yields one, else the map's fallback if any source yields
 * anything, else NULL. */
const struct mf_map_entry *mf_spec_entry(const struct mf_spec *spec, struct mf_scene *scene);

/* Text of the named value `index`, read once a record. */
struct mf_slice mf_scene_named(struct mf_scene *scene, unsigned index);

#endif
