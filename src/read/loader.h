/* src/read/loader.h
 *
 * What all parts of loading a profile share: the state of one load, members of an object by table, texts, lists,
 * paths. All functions return 0, or -1 with an error that names the place. */

#ifndef MF_READ_LOADER_H
#define MF_READ_LOADER_H

#include "read/conf.h"
#include "read/profile_model.h"

enum { MF_MAPS_MAX = 32, MF_LOADER_LIST_MAX = 256 };

struct mf_loader {
    struct mf_conf *conf;
    struct mf_profile *profile;
    const char *name;                /* what the profile is to be called */
    struct mf_paths_options options; /* grows as members are read; used when the first path set is made */
    struct mf_paths *element;        /* of the foreach rule being loaded, NULL outside */
    const struct mf_zone *zone;      /* of times that do not say theirs */
    unsigned n_maps;
    const struct mf_map *map[MF_MAPS_MAX];
    unsigned n_values; /* extra named values of the profile */
    struct mf_slice value_name[MF_NAMED_MAX];
    const struct mf_spec *value[MF_NAMED_MAX];
    struct mf_slice named_name[MF_NAMED_MAX]; /* of profile->named */
    struct mf_error *error;
};

/* ---- objects by table ---- */

struct mf_member {
    const char *name;
    int (*load)(struct mf_loader *loader, uint32_t node, void *target);
    bool required;
};

/* Loads the members of the object `node` in the order of the table, whatever their order in the file. Unknown
 * members, members that stand twice and missing ones are errors; `what` names the object in them ("rule"). At most
 * 32 members. */
int mf_load_members(struct mf_loader *loader, uint32_t node, const char *what, const struct mf_member *members,
                    size_t n_members, void *target);

/* Goes through an object whose member names are free: false at the end. Starts with *at == MF_NO_NODE. */
bool mf_load_next(struct mf_loader *loader, uint32_t object, uint32_t *at, uint32_t *key, uint32_t *value);
int mf_load_want_object(struct mf_loader *loader, uint32_t node, const char *what);

/* Goes through an array, or through a single value as if it were one. */
bool mf_load_item(struct mf_loader *loader, uint32_t list, uint32_t *at);

/* ---- values ---- */

enum mf_node_type mf_load_type(const struct mf_loader *loader, uint32_t node);

/* The text of a string (or number, or literal), as it stands in the file. */
struct mf_slice mf_load_peek(struct mf_loader *loader, uint32_t node);

int mf_load_no_memory(struct mf_loader *loader);
int mf_load_bool(struct mf_loader *loader, uint32_t node, const char *what, bool *out);

/* A non-empty string, copied. */
int mf_load_text(struct mf_loader *loader, uint32_t node, const char *what, struct mf_slice *out);

/* One or several strings, numbers or literals, copied. */
int mf_load_words(struct mf_loader *loader, uint32_t node, const char *what, struct mf_words *out);

/* The same, the texts alone. */
int mf_load_texts(struct mf_loader *loader, uint32_t node, const char *what, const struct mf_slice **out, size_t *n);

/* One of some names; the error says which there are, and which is meant. */
int mf_load_choice(struct mf_loader *loader, uint32_t node, const char *what, const char *const *names, size_t n_names,
                   unsigned *out);
int mf_load_unknown(struct mf_loader *loader, uint32_t node, const char *what, const char *const *names,
                    size_t n_names);

/* A list of field names, all of which `is_fine`; `which` says in the error what that means ("texts, ..."). */
int mf_load_fields(struct mf_loader *loader, uint32_t node, const char *what, bool (*is_fine)(enum mf_field field),
                   const char *which, struct mf_field_list *out);

/* A path: "@.x" is one of the element, anything else of the record. */
int mf_load_ref(struct mf_loader *loader, uint32_t node, struct mf_slice text, struct mf_ref *out);

#endif
