/* src/read/loader.c
 *
 * Members, texts, lists and paths of a profile file. */

#include "read/loader.h"

#include <stdio.h>

enum { MEMBERS_MAX = 32, NAMES_TEXT = 600 };

int mf_load_no_memory(struct mf_loader *loader)
{
    return mf_error_set(loader->error, "%s: no memory", loader->conf->name);
}

enum mf_node_type mf_load_type(const struct mf_loader *loader, uint32_t node)
{
    return (enum mf_node_type)loader->conf->record.nodes[node].type;
}

struct mf_slice mf_load_peek(struct mf_loader *loader, uint32_t node)
{
    return mf_record_text(&loader->conf->record, node);
}

/* ---- names in errors ---- */

/* "a, b, c", cut with "..." */
static void list_names(char text[NAMES_TEXT], const char *const *names, size_t n_names)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n_names; i++) {
        int n = snprintf(text + used, NAMES_TEXT - used, "%s%s", i == 0 ? "" : ", ", names[i]);

        if (n < 0 || (size_t)n >= NAMES_TEXT - used - 4) {
            memcpy(text + used, "...", 4);
            return;
        }
        used += (size_t)n;
    }
}

int mf_load_unknown(struct mf_loader *loader, uint32_t node, const char *what, const char *const *names, size_t n_names)
{
    struct mf_slice word = mf_load_peek(loader, node);
    const char *nearest = mf_conf_nearest(word, names, n_names);
    char accepted[NAMES_TEXT];
    int length = (int)(word.length > 100 ? 100 : word.length);

    if (nearest != NULL)
        return mf_conf_error(loader->conf, node, loader->error, "unknown %s \"%.*s\", did you mean \"%s\"?", what,
                             length, word.data, nearest);
    list_names(accepted, names, n_names);
    return mf_conf_error(loader->conf, node, loader->error, "unknown %s \"%.*s\"; accepted: %s", what, length,
                         word.data == NULL ? "" : word.data, accepted);
}

/* ---- objects ---- */

int mf_load_want_object(struct mf_loader *loader, uint32_t node, const char *what)
{
    if (mf_load_type(loader, node) == MF_NODE_OBJECT)
        return 0;
    return mf_conf_error(loader->conf, node, loader->error, "%s must be an object", what);
}

bool mf_load_next(struct mf_loader *loader, uint32_t object, uint32_t *at, uint32_t *key, uint32_t *value)
{
    const struct mf_record *record = &loader->conf->record;

    *at = *at == MF_NO_NODE ? mf_record_child(record, object) : mf_record_sibling(record, object, *value);
    if (*at == MF_NO_NODE)
        return false;
    *key = *at;
    *value = mf_record_sibling(record, object, *key);
    return true;
}

static int find_members(struct mf_loader *loader, uint32_t node, const char *what, const struct mf_member *members,
                        size_t n_members, uint32_t *found)
{
    const char *names[MEMBERS_MAX];
    uint32_t at = MF_NO_NODE, key, value = 0;

    for (size_t i = 0; i < n_members; i++) {
        names[i] = members[i].name;
        found[i] = MF_NO_NODE;
    }
    while (mf_load_next(loader, node, &at, &key, &value)) {
        struct mf_slice name = mf_load_peek(loader, key);
        size_t i = 0;

        while (i < n_members && !mf_slice_equal(name, mf_slice_of(names[i])))
            i++;
        if (i == n_members) {
            char of[64];

            snprintf(of, sizeof of, "member of %s", what);
            return mf_load_unknown(loader, key, of, names, n_members);
        }
        if (found[i] != MF_NO_NODE)
            return mf_conf_error(loader->conf, key, loader->error, "\"%s\" stands twice in this %s", names[i], what);
        found[i] = value;
    }
    return 0;
}

int mf_load_members(struct mf_loader *loader, uint32_t node, const char *what, const struct mf_member *members,
                    size_t n_members, void *target)
{
    uint32_t found[MEMBERS_MAX];

    if (mf_load_want_object(loader, node, what) != 0 ||
        find_members(loader, node, what, members, n_members, found) != 0)
        return -1;
    for (size_t i = 0; i < n_members; i++) {
        if (found[i] == MF_NO_NODE && members[i].required)
            return mf_conf_error(loader->conf, node, loader->error, "this %s has no \"%s\"", what, members[i].name);
        if (found[i] != MF_NO_NODE && members[i].load(loader, found[i], target) != 0)
            return -1;
    }
    return 0;
}

bool mf_load_item(struct mf_loader *loader, uint32_t list, uint32_t *at)
{
    const struct mf_record *record = &loader->conf->record;

    if (mf_load_type(loader, list) != MF_NODE_ARRAY) {
        *at = *at == MF_NO_NODE ? list : MF_NO_NODE;
        return *at != MF_NO_NODE;
    }
    *at = *at == MF_NO_NODE ? mf_record_child(record, list) : mf_record_sibling(record, list, *at);
    return *at != MF_NO_NODE;
}

/* ---- values ---- */

int mf_load_bool(struct mf_loader *loader, uint32_t node, const char *what, bool *out)
{
    enum mf_node_type type = mf_load_type(loader, node);

    if (type != MF_NODE_TRUE && type != MF_NODE_FALSE)
        return mf_conf_error(loader->conf, node, loader->error, "%s must be true or false", what);
    *out = type == MF_NODE_TRUE;
    return 0;
}

static int copy(struct mf_loader *loader, struct mf_slice text, struct mf_slice *out)
{
    struct mf_slice kept = mf_pool_text(&loader->profile->pool, text);

    if (kept.data == NULL)
        return mf_load_no_memory(loader);
    *out = kept;
    return 0;
}

int mf_load_text(struct mf_loader *loader, uint32_t node, const char *what, struct mf_slice *out)
{
    struct mf_slice text = mf_load_peek(loader, node);

    if (mf_load_type(loader, node) != MF_NODE_STRING || text.length == 0)
        return mf_conf_error(loader->conf, node, loader->error, "%s must be a text, and not empty", what);
    return copy(loader, text, out);
}

static int load_word(struct mf_loader *loader, uint32_t node, const char *what, struct mf_slice *out)
{
    struct mf_slice text = mf_load_peek(loader, node);

    if (text.length == 0)
        return mf_conf_error(loader->conf, node, loader->error, "%s must be texts or numbers, and not empty", what);
    return copy(loader, text, out);
}

int mf_load_words(struct mf_loader *loader, uint32_t node, const char *what, struct mf_words *out)
{
    struct mf_word *words;
    uint32_t at = MF_NO_NODE;
    unsigned n = 0;

    while (mf_load_item(loader, node, &at))
        n++;
    if (n == 0 || n > MF_LOADER_LIST_MAX)
        return mf_conf_error(loader->conf, node, loader->error, "%s: a list of 1 to %d values is accepted", what,
                             MF_LOADER_LIST_MAX);
    words = mf_pool_take(&loader->profile->pool, n, sizeof *words);
    if (words == NULL)
        return mf_load_no_memory(loader);
    n = 0;
    for (at = MF_NO_NODE; mf_load_item(loader, node, &at); n++)
        if (load_word(loader, at, what, &words[n].text) != 0)
            return -1;
    *out = (struct mf_words){.word = words, .n = n};
    mf_words_prepare(out);
    return 0;
}

int mf_load_texts(struct mf_loader *loader, uint32_t node, const char *what, const struct mf_slice **out, size_t *n)
{
    struct mf_words words;
    struct mf_slice *texts;

    if (mf_load_words(loader, node, what, &words) != 0)
        return -1;
    texts = mf_pool_take(&loader->profile->pool, words.n, sizeof *texts);
    if (texts == NULL)
        return mf_load_no_memory(loader);
    for (unsigned i = 0; i < words.n; i++)
        texts[i] = words.word[i].text;
    *out = texts;
    *n = words.n;
    return 0;
}

int mf_load_choice(struct mf_loader *loader, uint32_t node, const char *what, const char *const *names, size_t n_names,
                   unsigned *out)
{
    struct mf_slice word = mf_load_peek(loader, node);

    for (unsigned i = 0; i < n_names; i++) {
        if (mf_load_type(loader, node) == MF_NODE_STRING && mf_slice_equal(word, mf_slice_of(names[i]))) {
            *out = i;
            return 0;
        }
    }
    return mf_load_unknown(loader, node, what, names, n_names);
}

int mf_load_fields(struct mf_loader *loader, uint32_t node, const char *what, bool (*is_fine)(enum mf_field field),
                   const char *which, struct mf_field_list *out)
{
    enum mf_field *fields;
    uint32_t at = MF_NO_NODE;
    unsigned n = 0, field;

    while (mf_load_item(loader, node, &at))
        n++;
    if (n == 0 || n > MF_N_FIELDS)
        return mf_conf_error(loader->conf, node, loader->error, "%s must be a list of fields", what);
    fields = mf_pool_take(&loader->profile->pool, n, sizeof *fields);
    if (fields == NULL)
        return mf_load_no_memory(loader);
    n = 0;
    for (at = MF_NO_NODE; mf_load_item(loader, node, &at); n++) {
        if (mf_load_choice(loader, at, "field", mf_field_names, MF_N_FIELDS, &field) != 0)
            return -1;
        fields[n] = (enum mf_field)field;
        if (!is_fine(fields[n]))
            return mf_conf_error(loader->conf, at, loader->error, "%s takes %s, not \"%s\"", what, which,
                                 mf_field_names[field]);
    }
    *out = (struct mf_field_list){n, fields};
    return 0;
}

/* The paths of a record: made at first use, when everything that shapes them is known. */
static struct mf_paths *record_paths(struct mf_loader *loader)
{
    if (loader->profile->paths == NULL)
        loader->profile->paths = mf_paths_new(&loader->options, loader->error);
    return loader->profile->paths;
}

int mf_load_ref(struct mf_loader *loader, uint32_t node, struct mf_slice text, struct mf_ref *out)
{
    bool element = text.length > 0 && text.data[0] == '@';
    struct mf_paths *paths = element ? loader->element : record_paths(loader);
    struct mf_error why;
    unsigned id;

    if (!element && paths == NULL)
        return -1;
    if (element && paths == NULL)
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"@\" is an element, and only rules with \"foreach\" have one");
    if (element && text.length > 1 && text.data[1] != '.')
        return mf_conf_error(loader->conf, node, loader->error, "\"@\" stands alone or before \".member\"");
    if (element)
        text = text.length <= 2 ? mf_slice_of(".") : (struct mf_slice){text.data + 2, text.length - 2};
    if (mf_paths_add(paths, text, &id, &why) != 0)
        return mf_conf_error(loader->conf, node, loader->error, "%s", why.text);
    *out = (struct mf_ref){.element = element, .path = (uint16_t)id};
    return 0;
}
