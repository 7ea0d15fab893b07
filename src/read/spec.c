/* src/read/spec.c
 *
 * Values from paths: the first that yields something, joined, mapped, folded. */

#include "read/spec.h"

static const struct mf_slice absent = {NULL, 0};

/* ---- the scene ---- */

void mf_scene_open(struct mf_scene *scene, struct mf_record *record, const struct mf_paths *paths,
                   const struct mf_words *nulls, const struct mf_spec *const *named, unsigned n_named)
{
    mf_lookup_open(&scene->record, record, paths, nulls);
    scene->record.overflow = scene->element.overflow = false;
    scene->doubt = absent;
    scene->named = named;
    scene->n_named = n_named;
    memset(scene->named_known, 0, n_named * sizeof scene->named_known[0]);
    scene->text_used = 0;
}

void mf_scene_enter(struct mf_scene *scene, const struct mf_paths *paths, uint32_t node)
{
    mf_lookup_at(&scene->element, scene->record.record, paths, scene->record.nulls, node);
}

void mf_scene_doubt(struct mf_scene *scene, struct mf_ref ref)
{
    if (scene->doubt.data == NULL)
        scene->doubt = mf_paths_text(mf_scene_lookup(scene, ref)->paths, ref.path);
}

char *mf_scene_room(struct mf_scene *scene, size_t length)
{
    return length > sizeof scene->text - scene->text_used ? NULL : scene->text + scene->text_used;
}

struct mf_slice mf_scene_keep(struct mf_scene *scene, size_t length)
{
    struct mf_slice kept = {scene->text + scene->text_used, length};

    scene->text_used += length;
    return kept;
}

/* ---- one source ---- */

static bool append(struct mf_scene *scene, size_t *length, struct mf_slice text)
{
    char *room = mf_scene_room(scene, *length + text.length);

    if (room == NULL)
        return false;
    memcpy(room + *length, text.data, text.length);
    *length += text.length;
    return true;
}

struct mf_slice mf_source_joined(const struct mf_source *source, struct mf_scene *scene)
{
    size_t length = 0;

    for (unsigned i = 0; i < source->n_parts; i++) {
        struct mf_slice part = mf_lookup_text(mf_scene_lookup(scene, source->part[i]), source->part[i].path);

        if (part.length == 0)
            return absent;
        if ((i > 0 && !append(scene, &length, mf_slice_of(":"))) || !append(scene, &length, part))
            return absent;
    }
    return mf_scene_keep(scene, length);
}

/* ---- captures ---- */

/* The first place of `part` in `text`, or the last one, as a distance; text.length + 1 when there is none. */
static size_t find_part(struct mf_slice text, struct mf_slice part, bool last)
{
    const char *found = NULL;

    if (!last && part.length <= text.length)
        found = memmem(text.data, text.length, part.data, part.length);
    for (size_t n = text.length; last && found == NULL && n >= part.length; n--)
        if (memcmp(text.data + n - part.length, part.data, part.length) == 0)
            found = text.data + n - part.length;
    return found == NULL ? text.length + 1 : (size_t)(found - text.data);
}

static bool capture(const struct mf_capture *capture, struct mf_slice *text)
{
    struct mf_slice rest = *text;

    if (capture->before.length > 0) {
        size_t at = find_part(rest, capture->before, false);

        if (at > rest.length)
            return false;
        rest.data += at + capture->before.length;
        rest.length -= at + capture->before.length;
    }
    if (capture->after.length > 0) {
        size_t at = find_part(rest, capture->after, capture->last);

        if (at > rest.length)
            return false;
        rest.length = at;
    }
    *text = mf_slice_trim(rest);
    return true;
}

struct mf_slice mf_spec_captured(const struct mf_spec *spec, struct mf_slice text)
{
    for (unsigned i = 0; i < spec->n_captures; i++)
        if (capture(&spec->capture[i], &text))
            return text;
    return absent;
}

/* ---- maps ---- */

static const struct mf_map_entry *find_entry(const struct mf_map *map, struct mf_slice raw)
{
    for (unsigned i = 0; i < map->n; i++) {
        const struct mf_map_entry *entry = &map->entry[i];

        if (raw.length < entry->raw.length || (!entry->prefix && raw.length != entry->raw.length))
            continue;
        if (mf_slice_starts_nocase(raw, entry->raw))
            return entry;
    }
    return NULL;
}

const struct mf_map_entry *mf_spec_entry(const struct mf_spec *spec, struct mf_scene *scene)
{
    struct mf_slice raw;
    bool any = false, doubt = false;

    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &raw, &doubt); any = true) {
        const struct mf_map_entry *entry = find_entry(spec->map, raw);

        if (entry != NULL)
            return entry;
    }
    return any ? spec->map->fallback : NULL;
}

/* ---- the whole value ---- */

/* The texts of an array's elements; absent when there is none, cut where they no longer fit. */
static struct mf_slice join_elements(struct mf_scene *scene, struct mf_lookup *lookup, uint32_t array, char separator)
{
    struct mf_record *record = lookup->record;
    size_t length = 0;

    for (uint32_t at = mf_record_child(record, array); at != MF_NO_NODE; at = mf_record_sibling(record, array, at)) {
        struct mf_slice text = mf_lookup_node_text(lookup, at);

        if (text.length == 0)
            continue;
        if (mf_scene_room(scene, length + text.length + 1) == NULL)
            break;
        if (length > 0)
            append(scene, &length, (struct mf_slice){&separator, 1});
        append(scene, &length, text);
    }
    return length == 0 ? absent : mf_scene_keep(scene, length);
}

/* The same for what a source of one part has found that is no text. */
static __attribute__((noinline)) struct mf_slice array_text(const struct mf_source *source, struct mf_scene *scene,
                                                            char separator)
{
    struct mf_lookup *lookup = mf_scene_lookup(scene, source->part[0]);
    uint32_t node = lookup->found[source->part[0].path];

    if (node == MF_NO_NODE || lookup->record->nodes[node].type != MF_NODE_ARRAY)
        return absent;
    return join_elements(scene, lookup, node, separator);
}

/* As mf_source_text(), with arrays. */
static inline struct mf_slice list_text(const struct mf_source *source, struct mf_scene *scene, char separator)
{
    struct mf_slice text = mf_source_text(source, scene);

    return text.length > 0 || source->n_parts != 1 ? text : array_text(source, scene, separator);
}

static __attribute__((noinline)) struct mf_slice fold(struct mf_scene *scene, struct mf_slice text)
{
    text = mf_slice_trim(text);
    char *room = mf_scene_room(scene, text.length);

    if (room == NULL)
        return absent;
    for (size_t i = 0; i < text.length; i++)
        room[i] = mf_ascii_lower(text.data[i]);
    return mf_scene_keep(scene, text.length);
}

static __attribute__((noinline)) struct mf_slice mapped_text(const struct mf_spec *spec, struct mf_scene *scene)
{
    const struct mf_map_entry *entry = mf_spec_entry(spec, scene);

    return entry == NULL ? spec->fallback : entry->word;
}

struct mf_slice mf_spec_text(const struct mf_spec *spec, struct mf_scene *scene, char separator)
{
    if (spec->map != NULL)
        return mapped_text(spec, scene);
    for (unsigned i = 0; i < spec->n_sources; i++) {
        struct mf_slice text = list_text(&spec->source[i], scene, separator);

        if (text.length > 0 && spec->n_captures > 0)
            text = mf_spec_captured(spec, text);
        if (text.length > 0)
            return spec->fold ? fold(scene, text) : text;
    }
    return spec->fallback;
}

/* Named values decide (conditions read them): a doubt in what they were read from is a doubt in what is decided. */
static void trust_sources(const struct mf_spec *spec, struct mf_scene *scene)
{
    for (unsigned i = 0; i < spec->n_sources; i++) {
        const struct mf_source *source = &spec->source[i];

        for (unsigned part = 0; part < source->n_parts; part++)
            mf_scene_trust(scene, source->part[part]);
        struct mf_slice text = mf_source_text(source, scene);
        if (text.length > 0 && (spec->n_captures == 0 || mf_spec_captured(spec, text).length > 0))
            return;
    }
}

struct mf_slice mf_scene_named(struct mf_scene *scene, unsigned index)
{
    if (!scene->named_known[index]) {
        scene->named_text[index] = mf_spec_text(scene->named[index], scene, ',');
        scene->named_known[index] = true;
        trust_sources(scene->named[index], scene);
    }
    return scene->named_text[index];
}
