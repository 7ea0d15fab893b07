/* src/read/loader_ability.c
 *
 * What a profile can say, from its rules; what its feed cannot, and what would turn it on, from its own words. */

#include "read/loader_ability.h"

#include <stdio.h>

enum { LIMITS_MAX = 32 };

/* ---- what it can ---- */

static void add_factors(struct mf_ability *ability, enum mf_field field, const struct mf_spec *spec)
{
    const struct mf_map *map = spec == NULL ? NULL : spec->map;

    if (field != MF_FIELD_FACTOR || map == NULL)
        return;
    for (unsigned i = 0; i < map->n; i++)
        ability->factors |= UINT32_C(1) << map->entry[i].code;
    if (map->fallback != NULL)
        ability->factors |= UINT32_C(1) << map->fallback->code;
}

static void add_rule(struct mf_ability *ability, const struct mf_rule *rule)
{
    if (rule->ignore)
        return;
    ability->kinds |= UINT32_C(1) << rule->kind;
    for (unsigned i = 0; i < rule->n_overrides; i++)
        add_factors(ability, rule->override[i].field, rule->override[i].spec);
    for (unsigned i = 0; i < rule->n_constants; i++)
        if (rule->constant[i].field == MF_FIELD_FACTOR)
            ability->factors |= UINT32_C(1) << rule->constant[i].code;
}

void mf_load_ability(struct mf_loader *loader)
{
    struct mf_profile *profile = loader->profile;

    add_factors(&profile->ability, MF_FIELD_FACTOR, profile->field[MF_FIELD_FACTOR]);
    for (unsigned i = 0; i < profile->n_rules; i++)
        add_rule(&profile->ability, &profile->rule[i]);
}

/* ---- what it cannot ---- */

static int complain_name(struct mf_loader *loader, uint32_t node)
{
    const char *names[MF_N_KINDS + MF_N_FACTORS + MF_N_FIELDS];
    size_t n = 0;

    for (unsigned i = 0; i < MF_N_KINDS; i++)
        names[n++] = mf_kind_name((enum mf_kind)i);
    for (unsigned i = 0; i < MF_N_FACTORS; i++)
        names[n++] = mf_factor_name((enum mf_factor)i);
    for (unsigned i = 0; i < MF_N_FIELDS; i++)
        names[n++] = mf_field_names[i];
    return mf_load_unknown(loader, node, "kind, factor or field", names, n);
}

static bool is_field(struct mf_slice name)
{
    for (unsigned i = 0; i < MF_N_FIELDS; i++)
        if (mf_slice_equal(name, mf_slice_of(mf_field_names[i])))
            return true;
    return false;
}

/* "risk" is a kind before it is a field. */
static int load_name(struct mf_loader *loader, uint32_t node, struct mf_slice name, struct mf_limit *limit)
{
    enum mf_kind kind;
    enum mf_factor factor;

    if (mf_kind_find(name, &kind))
        limit->kinds |= UINT32_C(1) << kind;
    else if (mf_factor_find(name, &factor))
        limit->factors |= UINT32_C(1) << factor;
    else if (!is_field(name))
        return complain_name(loader, node);
    return 0;
}

static int load_what(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_limit *limit = target;
    struct mf_words words;
    struct mf_slice *names;
    uint32_t at = MF_NO_NODE;

    if (mf_load_words(loader, node, "\"what\"", &words) != 0)
        return -1;
    names = mf_pool_take(&loader->profile->pool, words.n, sizeof *names);
    if (names == NULL)
        return mf_load_no_memory(loader);
    limit->name = names;
    while (mf_load_item(loader, node, &at)) {
        names[limit->n] = words.word[limit->n].text;
        if (load_name(loader, at, names[limit->n], limit) != 0)
            return -1;
        limit->n++;
    }
    return 0;
}

static int load_why(struct mf_loader *loader, uint32_t node, void *target)
{
    return mf_load_text(loader, node, "\"why\"", &((struct mf_limit *)target)->why);
}

static int load_partly(struct mf_loader *loader, uint32_t node, void *target)
{
    return mf_load_bool(loader, node, "\"partly\"", &((struct mf_limit *)target)->partly);
}

static const struct mf_member limit_members[] = {
    {"what", load_what, true},
    {"why", load_why, true},
    {"partly", load_partly, false},
};

static int check_limit(struct mf_loader *loader, uint32_t node, const struct mf_limit *limit)
{
    uint32_t both = limit->kinds & loader->profile->ability.kinds;

    if (both == 0 || limit->partly)
        return 0;
    return mf_conf_error(loader->conf, node, loader->error,
                         "a rule gives \"%s\", which \"cannot\" says this feed cannot express (or \"partly\": true)",
                         mf_kind_name((enum mf_kind)__builtin_ctz(both)));
}

/* A list of entries; what has been read of it stands in the profile, also when it ends early. */
static int load_entries(struct mf_loader *loader, uint32_t node, const char *name, const struct mf_member *members,
                        size_t n_members, const struct mf_limit **list, unsigned *n)
{
    struct mf_limit *entries = mf_pool_take(&loader->profile->pool, LIMITS_MAX, sizeof *entries);
    uint32_t at = MF_NO_NODE;
    char what[32];

    if (entries == NULL)
        return mf_load_no_memory(loader);
    *list = entries;
    snprintf(what, sizeof what, "entry of \"%s\"", name);
    while (mf_load_item(loader, node, &at)) {
        struct mf_limit *entry = &entries[*n];

        if ((*n)++ == LIMITS_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "\"%s\" has at most %d entries", name, LIMITS_MAX);
        if (mf_load_members(loader, at, what, members, n_members, entry) != 0 ||
            (members == limit_members && check_limit(loader, at, entry) != 0))
            return -1;
    }
    return 0;
}

int mf_load_cannot(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_ability *ability = &loader->profile->ability;

    (void)target;
    return load_entries(loader, node, "cannot", limit_members, sizeof limit_members / sizeof limit_members[0],
                        &ability->limit, &ability->n_limits);
}

/* ---- what turns it on ---- */

static int load_how(struct mf_loader *loader, uint32_t node, void *target)
{
    return mf_load_text(loader, node, "\"how\"", &((struct mf_limit *)target)->why);
}

static const struct mf_member remedy_members[] = {
    {"what", load_what, true},
    {"how", load_how, true},
};

int mf_load_enable(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_ability *ability = &loader->profile->ability;

    (void)target;
    return load_entries(loader, node, "enable", remedy_members, sizeof remedy_members / sizeof remedy_members[0],
                        &ability->remedy, &ability->n_remedies);
}
