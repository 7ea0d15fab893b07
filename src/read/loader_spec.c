/* src/read/loader_spec.c
 *
 * Specs, maps and constants of a profile file. */

#include "read/loader_spec.h"

enum { SOURCES_MAX = 16, MAP_ENTRIES_MAX = 256, CAPTURES_MAX = 16, STRIPS_MAX = 64 };

/* A spec while it is loaded; `field` is MF_N_FIELDS for a named value. */
struct filling {
    struct mf_spec *spec;
    enum mf_field field;
};

static enum mf_field_type type_of(enum mf_field field)
{
    return field == MF_N_FIELDS ? MF_FIELD_IS_TEXT : mf_field_type(field);
}

static bool is_coded(enum mf_field field)
{
    return type_of(field) == MF_FIELD_IS_FACTOR || type_of(field) == MF_FIELD_IS_PROMPTS;
}

int mf_load_zone(struct mf_loader *loader, uint32_t node, const struct mf_zone **out)
{
    struct mf_zone *zone = mf_pool_take(&loader->profile->pool, 1, sizeof *zone);
    struct mf_error why;

    if (zone == NULL)
        return mf_load_no_memory(loader);
    if (mf_load_type(loader, node) != MF_NODE_STRING)
        return mf_conf_error(loader->conf, node, loader->error, "\"zone\" must be a text");
    if (mf_zone_init(zone, mf_load_peek(loader, node), &why) != 0)
        return mf_conf_error(loader->conf, node, loader->error, "%s", why.text);
    *out = zone;
    return 0;
}

/* ---- words with a meaning ---- */

static int load_factor(struct mf_loader *loader, uint32_t node, int *code)
{
    const char *names[MF_N_FACTORS];
    enum mf_factor factor;

    if (mf_load_type(loader, node) == MF_NODE_STRING && mf_factor_find(mf_load_peek(loader, node), &factor)) {
        *code = (int)factor;
        return 0;
    }
    for (unsigned i = 0; i < MF_N_FACTORS; i++)
        names[i] = mf_factor_name((enum mf_factor)i);
    return mf_load_unknown(loader, node, "factor", names, MF_N_FACTORS);
}

static int load_prompts(struct mf_loader *loader, uint32_t node, int *code)
{
    struct mf_slice word = mf_load_peek(loader, node);

    if (word.length != 1 || (word.data[0] != '0' && word.data[0] != '1'))
        return mf_conf_error(loader->conf, node, loader->error, "\"prompts\" is 0 or 1");
    *code = word.data[0] - '0';
    return 0;
}

static int load_code(struct mf_loader *loader, uint32_t node, enum mf_field field, int *code)
{
    return type_of(field) == MF_FIELD_IS_FACTOR ? load_factor(loader, node, code) : load_prompts(loader, node, code);
}

/* ---- maps ---- */

static int load_map_entry(struct mf_loader *loader, uint32_t key, uint32_t value, struct mf_map_entry *entry)
{
    struct mf_words word;

    if (mf_load_text(loader, key, "the left side of a map", &entry->raw) != 0 ||
        mf_load_words(loader, value, "the right side of a map", &word) != 0)
        return -1;
    if (word.n != 1)
        return mf_conf_error(loader->conf, value, loader->error, "the right side of a map is one word");
    entry->word = word.word[0].text;
    entry->place = value;
    if (entry->raw.length > 1 && entry->raw.data[entry->raw.length - 1] == '*') {
        entry->raw.length--;
        entry->prefix = true;
    }
    return 0;
}

static bool is_listed(const struct mf_map *map, const struct mf_map_entry *entry)
{
    for (unsigned i = 0; i < map->n; i++)
        if (map->entry[i].prefix == entry->prefix && mf_slice_equal_nocase(map->entry[i].raw, entry->raw))
            return true;
    return false;
}

static int load_map(struct mf_loader *loader, uint32_t node, const struct mf_map **out)
{
    struct mf_map *map = mf_pool_take(&loader->profile->pool, 1, sizeof *map);
    struct mf_map_entry *entries = mf_pool_take(&loader->profile->pool, MAP_ENTRIES_MAX + 1, sizeof *entries);
    uint32_t at = MF_NO_NODE, key, value = 0;

    if (map == NULL || entries == NULL)
        return mf_load_no_memory(loader);
    if (mf_load_want_object(loader, node, "a map") != 0)
        return -1;
    map->entry = entries;
    while (mf_load_next(loader, node, &at, &key, &value)) {
        struct mf_map_entry *entry = &entries[map->n];

        if (map->n == MAP_ENTRIES_MAX)
            return mf_conf_error(loader->conf, key, loader->error, "a map has at most %d entries", MAP_ENTRIES_MAX);
        if (load_map_entry(loader, key, value, entry) != 0)
            return -1;
        if (mf_slice_equal(entry->raw, mf_slice_of("*"))) {
            entries[MAP_ENTRIES_MAX] = *entry;
            map->fallback = &entries[MAP_ENTRIES_MAX];
            continue;
        }
        if (is_listed(map, entry))
            return mf_conf_error(loader->conf, key, loader->error,
                                 "this value stands twice in the map (case does not count)");
        map->n++;
    }
    *out = map;
    return 0;
}

int mf_load_maps(struct mf_loader *loader, uint32_t node, void *target)
{
    uint32_t at = MF_NO_NODE, key, value = 0;

    (void)target;
    if (mf_load_want_object(loader, node, "\"maps\"") != 0)
        return -1;
    while (mf_load_next(loader, node, &at, &key, &value)) {
        const struct mf_map *map;
        struct mf_slice name;

        if (loader->n_maps == MF_MAPS_MAX)
            return mf_conf_error(loader->conf, key, loader->error, "a profile has at most %d maps", MF_MAPS_MAX);
        if (load_map(loader, value, &map) != 0 || mf_load_text(loader, key, "the name of a map", &name) != 0)
            return -1;
        for (unsigned i = 0; i < loader->n_maps; i++)
            if (mf_slice_equal(loader->map[i]->name, name))
                return mf_conf_error(loader->conf, key, loader->error, "this map stands twice");
        ((struct mf_map *)map)->name = name;
        loader->map[loader->n_maps++] = map;
    }
    return 0;
}

static int find_map(struct mf_loader *loader, uint32_t node, const struct mf_map **out)
{
    const char *names[MF_MAPS_MAX];
    unsigned index;

    for (unsigned i = 0; i < loader->n_maps; i++)
        names[i] = loader->map[i]->name.data;
    if (mf_load_choice(loader, node, "map", names, loader->n_maps, &index) != 0)
        return -1;
    *out = loader->map[index];
    return 0;
}

/* The map with the codes that its words have for the field: a copy, since another field may read the same words
 * otherwise. */
static int bind_map(struct mf_loader *loader, const struct mf_map *map, enum mf_field field, const struct mf_map **out)
{
    struct mf_map *bound = mf_pool_take(&loader->profile->pool, 1, sizeof *bound);
    struct mf_map_entry *entries = mf_pool_take(&loader->profile->pool, map->n + 1, sizeof *entries);

    if (bound == NULL || entries == NULL)
        return mf_load_no_memory(loader);
    *bound = *map;
    bound->entry = entries;
    memcpy(entries, map->entry, map->n * sizeof *entries);
    if (map->fallback != NULL) {
        entries[map->n] = *map->fallback;
        bound->fallback = &entries[map->n];
    }
    for (unsigned i = 0; i < map->n + (map->fallback != NULL); i++)
        if (load_code(loader, entries[i].place, field, &entries[i].code) != 0)
            return -1;
    *out = bound;
    return 0;
}

/* ---- specs ---- */

static int load_part(struct mf_loader *loader, uint32_t node, struct mf_source *source)
{
    if (mf_load_type(loader, node) != MF_NODE_STRING)
        return mf_conf_error(loader->conf, node, loader->error, "a path is a text");
    return mf_load_ref(loader, node, mf_load_peek(loader, node), &source->part[source->n_parts++]);
}

/* "a.b", or ["a", "b"] for both joined by ':'. */
static int load_source(struct mf_loader *loader, uint32_t node, struct mf_source *source)
{
    uint32_t at = MF_NO_NODE;

    while (mf_load_item(loader, node, &at)) {
        if (source->n_parts == MF_PARTS_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "at most %d paths can be joined", MF_PARTS_MAX);
        if (load_part(loader, at, source) != 0)
            return -1;
    }
    if (source->n_parts == 0)
        return mf_conf_error(loader->conf, node, loader->error, "an empty list joins nothing");
    return 0;
}

static int load_path(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_spec *spec = ((struct filling *)target)->spec;
    struct mf_source *sources;
    uint32_t at = MF_NO_NODE;
    unsigned n = 0;

    while (mf_load_item(loader, node, &at))
        n++;
    if (n == 0 || n > SOURCES_MAX)
        return mf_conf_error(loader->conf, node, loader->error, "\"path\" is a path or a list of 1 to %d paths",
                             SOURCES_MAX);
    sources = mf_pool_take(&loader->profile->pool, n, sizeof *sources);
    if (sources == NULL)
        return mf_load_no_memory(loader);
    spec->source = sources;
    for (at = MF_NO_NODE; mf_load_item(loader, node, &at);)
        if (load_source(loader, at, &sources[spec->n_sources++]) != 0)
            return -1;
    return 0;
}

static bool is_boolean(struct mf_slice word)
{
    return mf_slice_equal(word, mf_slice_of("true")) || mf_slice_equal(word, mf_slice_of("false"));
}

static bool maps_to_booleans(const struct mf_map *map)
{
    for (unsigned i = 0; i < map->n; i++)
        if (!is_boolean(map->entry[i].word))
            return false;
    return map->fallback == NULL || is_boolean(map->fallback->word);
}

static int load_spec_map(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;
    const struct mf_map *map;

    if (!is_coded(filling->field) && type_of(filling->field) != MF_FIELD_IS_TEXT &&
        type_of(filling->field) != MF_FIELD_IS_BOOL)
        return mf_conf_error(loader->conf, node, loader->error, "\"map\" is for factor, prompts, booleans and texts");
    if ((mf_load_type(loader, node) == MF_NODE_OBJECT ? load_map(loader, node, &map) : find_map(loader, node, &map)) !=
        0)
        return -1;
    if (is_coded(filling->field))
        return bind_map(loader, map, filling->field, &filling->spec->map);
    if (type_of(filling->field) == MF_FIELD_IS_BOOL && !maps_to_booleans(map))
        return mf_conf_error(loader->conf, node, loader->error,
                             "a map of this field says \"true\" or \"false\", nothing else");
    filling->spec->map = map;
    return 0;
}

static int load_fold(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    if (type_of(filling->field) != MF_FIELD_IS_TEXT)
        return mf_conf_error(loader->conf, node, loader->error, "\"fold\" is for texts (user is always folded)");
    return mf_load_bool(loader, node, "\"fold\"", &filling->spec->fold);
}

static int load_times(struct mf_loader *loader, uint32_t node, void *target)
{
    static const char *const names[] = {"iso8601", "epoch", "within", "month", "clock", "slashes"};
    struct filling *filling = target;
    uint32_t at = MF_NO_NODE;
    unsigned which, times = 0;

    if (type_of(filling->field) != MF_FIELD_IS_TIME)
        return mf_conf_error(loader->conf, node, loader->error, "\"time\" is for the field \"time\"");
    while (mf_load_item(loader, node, &at)) {
        if (mf_load_choice(loader, at, "form of time", names, sizeof names / sizeof names[0], &which) != 0)
            return -1;
        times |= 1U << which;
    }
    if (times == 0)
        return mf_conf_error(loader->conf, node, loader->error, "\"time\" is one form of time or a list of them");
    filling->spec->times = times;
    return 0;
}

static int load_default(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    bool boolean = type_of(filling->field) == MF_FIELD_IS_BOOL;

    if (!boolean && type_of(filling->field) != MF_FIELD_IS_TEXT)
        return mf_conf_error(loader->conf, node, loader->error, "\"default\" is for texts and booleans");
    if (mf_load_text(loader, node, "\"default\"", &filling->spec->fallback) != 0)
        return -1;
    if (boolean && !is_boolean(filling->spec->fallback))
        return mf_conf_error(loader->conf, node, loader->error, "\"default\" of this field is \"true\" or \"false\"");
    return 0;
}

/* "by user '%'", or with "%%" as much as can be */
static int load_one_capture(struct mf_loader *loader, uint32_t node, struct mf_capture *capture)
{
    struct mf_slice text;
    const char *hole, *behind, *end;

    if (mf_load_text(loader, node, "\"capture\"", &text) != 0)
        return -1;
    end = text.data + text.length;
    hole = memchr(text.data, '%', text.length);
    behind = hole == NULL ? end : hole + 1;
    capture->last = behind < end && *behind == '%';
    behind += capture->last;
    if (hole == NULL || (hole == text.data && behind == end) || memchr(behind, '%', (size_t)(end - behind)) != NULL)
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"capture\" is a text with one %% for what is taken (%%%% for as much as can be), and "
                             "something before or behind it");
    capture->before = (struct mf_slice){text.data, (size_t)(hole - text.data)};
    capture->after = (struct mf_slice){behind, (size_t)(end - behind)};
    return 0;
}

static int load_capture(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_spec *spec = ((struct filling *)target)->spec;
    struct mf_capture *captures = mf_pool_take(&loader->profile->pool, CAPTURES_MAX, sizeof *captures);
    uint32_t at = MF_NO_NODE;

    if (captures == NULL)
        return mf_load_no_memory(loader);
    spec->capture = captures;
    while (mf_load_item(loader, node, &at)) {
        if (spec->n_captures == CAPTURES_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "at most %d captures are accepted", CAPTURES_MAX);
        if (load_one_capture(loader, at, &captures[spec->n_captures++]) != 0)
            return -1;
    }
    if (spec->n_captures == 0)
        return mf_conf_error(loader->conf, node, loader->error, "an empty list captures nothing");
    return 0;
}

/* "EXAMPLE\\", "@example.com", and with a star any domain */
static int load_one_strip(struct mf_loader *loader, uint32_t node, struct mf_strip *strip)
{
    struct mf_slice text;

    if (mf_load_text(loader, node, "\"strip\"", &text) != 0)
        return -1;
    strip->behind = text.data[0] == '@';
    if (text.length < 2 || (!strip->behind && text.data[text.length - 1] != '\\'))
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"strip\" is \"@example.com\", \"EXAMPLE\\\\\", \"@*\", \"*\\\\\", or a list of these");
    strip->domain = (struct mf_slice){text.data + strip->behind, text.length - 1};
    if (mf_slice_equal(strip->domain, mf_slice_of("*")))
        strip->domain.length = 0;
    return 0;
}

static int load_strip(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;
    struct mf_strip *strips = mf_pool_take(&loader->profile->pool, STRIPS_MAX, sizeof *strips);
    uint32_t at = MF_NO_NODE;

    if (type_of(filling->field) != MF_FIELD_IS_USER)
        return mf_conf_error(loader->conf, node, loader->error, "\"strip\" is for the field \"user\"");
    if (strips == NULL)
        return mf_load_no_memory(loader);
    filling->spec->strip = strips;
    while (mf_load_item(loader, node, &at)) {
        if (filling->spec->n_strips == STRIPS_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "at most %d domains are accepted", STRIPS_MAX);
        if (load_one_strip(loader, at, &strips[filling->spec->n_strips++]) != 0)
            return -1;
    }
    return 0;
}

static int load_spec_zone(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    if (type_of(filling->field) != MF_FIELD_IS_TIME)
        return mf_conf_error(loader->conf, node, loader->error, "\"zone\" is for the field \"time\"");
    filling->spec->own_zone = true;
    return mf_load_zone(loader, node, &filling->spec->zone);
}

static const struct mf_member spec_members[] = {
    {"path", load_path, true},    {"map", load_spec_map, false},    {"fold", load_fold, false},
    {"time", load_times, false},  {"default", load_default, false}, {"capture", load_capture, false},
    {"strip", load_strip, false}, {"zone", load_spec_zone, false},
};

static int load_spec(struct mf_loader *loader, uint32_t node, enum mf_field field, const struct mf_spec **out)
{
    struct filling filling = {.spec = mf_pool_take(&loader->profile->pool, 1, sizeof *filling.spec), .field = field};
    bool whole = mf_load_type(loader, node) == MF_NODE_OBJECT;

    if (filling.spec == NULL)
        return mf_load_no_memory(loader);
    filling.spec->times = MF_TIME_ISO | MF_TIME_EPOCH;
    filling.spec->zone = loader->zone;
    if (whole ? mf_load_members(loader, node, "field", spec_members, sizeof spec_members / sizeof spec_members[0],
                                &filling)
              : load_path(loader, node, &filling))
        return -1;
    if (is_coded(field) && filling.spec->map == NULL)
        return mf_conf_error(loader->conf, node, loader->error, "\"%s\" needs a \"map\" to our own words",
                             mf_field_names[field]);
    *out = filling.spec;
    return 0;
}

int mf_load_field_spec(struct mf_loader *loader, uint32_t node, enum mf_field field, const struct mf_spec **out)
{
    return load_spec(loader, node, field, out);
}

int mf_load_value_spec(struct mf_loader *loader, uint32_t node, const struct mf_spec **out)
{
    return load_spec(loader, node, MF_N_FIELDS, out);
}

/* ---- constants ---- */

int mf_load_constant(struct mf_loader *loader, uint32_t node, enum mf_field field, struct mf_constant *out)
{
    struct mf_constant constant = {.field = field};
    bool yes = false;

    switch (type_of(field)) {
    case MF_FIELD_IS_TEXT:
        if (mf_load_text(loader, node, mf_field_names[field], &constant.text) != 0)
            return -1;
        break;
    case MF_FIELD_IS_BOOL:
        if (mf_load_bool(loader, node, mf_field_names[field], &yes) != 0)
            return -1;
        constant.code = yes;
        break;
    case MF_FIELD_IS_PROMPTS:
    case MF_FIELD_IS_FACTOR:
        if (load_code(loader, node, field, &constant.code) != 0)
            return -1;
        break;
    default:
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"%s\" cannot be a constant; texts, factor, prompts and yes-or-no fields can",
                             mf_field_names[field]);
    }
    *out = constant;
    return 0;
}
