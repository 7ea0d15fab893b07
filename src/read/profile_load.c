/* src/read/profile_load.c
 *
 * The members of a profile file, and its rules. */

#include "read/profile_load.h"

#include <stdlib.h>

#include "base/hash.h"
#include "read/loader_ability.h"
#include "read/loader_condition.h"
#include "read/loader_form.h"
#include "read/loader_spec.h"

/* ---- the head ---- */

static int load_name(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_slice name = mf_load_peek(loader, node);

    (void)target;
    if (mf_load_type(loader, node) != MF_NODE_STRING || !mf_slice_equal(name, mf_slice_of(loader->name)))
        return mf_conf_error(loader->conf, node, loader->error, "the profile must call itself \"%s\", as its file does",
                             loader->name);
    return 0;
}

static int load_version(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    if (mf_load_type(loader, node) != MF_NODE_NUMBER || !mf_slice_equal(mf_load_peek(loader, node), mf_slice_of("1")))
        return mf_conf_error(loader->conf, node, loader->error, "\"version\" of the format: %d is accepted",
                             MF_PROFILE_VERSION);
    return 0;
}

static int load_idp(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_text(loader, node, "\"idp\"", &loader->profile->idp);
}

static int load_zone(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_zone(loader, node, &loader->zone);
}

static int load_icase(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    if (mf_load_bool(loader, node, "\"icase_keys\"", &loader->profile->nocase) != 0)
        return -1;
    loader->options.nocase = loader->profile->nocase;
    return 0;
}

static int load_dotted(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_bool(loader, node, "\"dotted_keys\"", &loader->options.dotted);
}

static int load_nulls(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_words(loader, node, "\"null_values\"", &loader->profile->nulls);
}

static int load_markers(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_words *markers = &loader->profile->markers;

    (void)target;
    if (mf_load_words(loader, node, "\"markers\"", markers) != 0)
        return -1;
    for (unsigned i = 0; i < markers->n; i++)
        if (!mf_marker_is_fine(markers->word[i].text))
            return mf_conf_error(loader->conf, node, loader->error,
                                 "a marker has %d to %d printable ASCII characters, which \"%.70s\" has not",
                                 MF_MARKER_MIN, MF_MARKER_MAX, markers->word[i].text.data);
    return 0;
}

/* ---- how records are found ---- */

static int load_lift(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_text(loader, node, "\"lift\"", &loader->options.lift);
}

static int load_keep(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    if (loader->options.lift.data == NULL)
        return mf_conf_error(loader->conf, node, loader->error, "\"keep\" is for profiles with \"lift\"");
    return mf_load_texts(loader, node, "\"keep\"", &loader->options.keep, &loader->options.n_keep);
}

static int load_embedded(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_texts(loader, node, "\"embedded\"", &loader->options.embedded, &loader->options.n_embedded);
}

static int load_embedded_text(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    if (loader->profile->form == NULL)
        return mf_conf_error(loader->conf, node, loader->error, "\"embedded_text\" is for profiles with \"text\"");
    return mf_load_texts(loader, node, "\"embedded_text\"", &loader->options.embedded_text,
                         &loader->options.n_embedded_text);
}

/* Paths of what is inside something: no lifting there. */
static struct mf_paths *new_inner_paths(struct mf_loader *loader)
{
    struct mf_paths_options options = loader->options;

    options.lift = (struct mf_slice){NULL, 0};
    options.keep = NULL;
    options.n_keep = 0;
    options.dotted = false;
    return mf_paths_new(&options, loader->error);
}

static int load_unwrap(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_profile *profile = loader->profile;
    struct mf_error why;
    uint32_t at = MF_NO_NODE;

    (void)target;
    profile->envelope = new_inner_paths(loader);
    if (profile->envelope == NULL)
        return -1;
    while (mf_load_item(loader, node, &at)) {
        if (profile->n_unwraps == MF_UNWRAPS_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "\"unwrap\" has at most %d paths", MF_UNWRAPS_MAX);
        if (mf_load_type(loader, at) != MF_NODE_STRING)
            return mf_conf_error(loader->conf, at, loader->error, "a path is a text");
        if (mf_paths_add(profile->envelope, mf_load_peek(loader, at), &profile->unwrap[profile->n_unwraps++], &why) !=
            0)
            return mf_conf_error(loader->conf, at, loader->error, "%s", why.text);
    }
    return 0;
}

static int load_match(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_condition(loader, node, &loader->profile->match);
}

/* ---- fields ---- */

static int load_profile_fields(struct mf_loader *loader, uint32_t node, void *target)
{
    uint32_t at = MF_NO_NODE, key, value = 0;
    unsigned field;

    (void)target;
    if (mf_load_want_object(loader, node, "\"fields\"") != 0)
        return -1;
    while (mf_load_next(loader, node, &at, &key, &value)) {
        if (mf_load_choice(loader, key, "field", mf_field_names, MF_N_FIELDS, &field) != 0)
            return -1;
        if (loader->profile->field[field] != NULL)
            return mf_conf_error(loader->conf, key, loader->error, "\"%s\" stands twice", mf_field_names[field]);
        if (mf_load_field_spec(loader, value, (enum mf_field)field, &loader->profile->field[field]) != 0)
            return -1;
    }
    if (loader->profile->field[MF_FIELD_USER] == NULL || loader->profile->field[MF_FIELD_TIME] == NULL)
        return mf_conf_error(loader->conf, node, loader->error, "\"fields\" must have \"user\" and \"time\"");
    return 0;
}

static int load_values(struct mf_loader *loader, uint32_t node, void *target)
{
    uint32_t at = MF_NO_NODE, key, value = 0;

    (void)target;
    if (mf_load_want_object(loader, node, "\"values\"") != 0)
        return -1;
    while (mf_load_next(loader, node, &at, &key, &value)) {
        unsigned n = loader->n_values;

        if (n == MF_NAMED_MAX)
            return mf_conf_error(loader->conf, key, loader->error, "\"values\" has at most %d", MF_NAMED_MAX);
        if (mf_load_text(loader, key, "the name of a value", &loader->value_name[n]) != 0 ||
            mf_load_value_spec(loader, value, &loader->value[n]) != 0)
            return -1;
        for (unsigned i = 0; i < n; i++)
            if (mf_slice_equal(loader->value_name[i], loader->value_name[n]))
                return mf_conf_error(loader->conf, key, loader->error, "this value stands twice");
        loader->n_values++;
    }
    return 0;
}

/* Those of which mf_draft_text() makes a text. */
static bool is_a_key(enum mf_field field)
{
    enum mf_field_type type = mf_field_type(field);

    return type == MF_FIELD_IS_TEXT || type == MF_FIELD_IS_TIME || type == MF_FIELD_IS_USER ||
           type == MF_FIELD_IS_FACTOR;
}

static const char key_fields[] = "texts, time, user and factor";

static int load_dedup(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_fields(loader, node, "\"dedup\"", is_a_key, key_fields, &loader->profile->dedup);
}

static int load_unmapped(struct mf_loader *loader, uint32_t node, void *target)
{
    (void)target;
    return mf_load_fields(loader, node, "\"unmapped\"", is_a_key, key_fields, &loader->profile->unmapped);
}

/* ---- rules ---- */

static int load_foreach(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;
    struct mf_slice path;
    struct mf_ref ref;

    if (mf_load_text(loader, node, "\"foreach\"", &path) != 0 || mf_load_ref(loader, node, path, &ref) != 0)
        return -1;
    rule->element = new_inner_paths(loader);
    if (rule->element == NULL)
        return -1;
    rule->is_foreach = true;
    rule->foreach = ref.path;
    loader->element = rule->element;
    return 0;
}

static int load_when(struct mf_loader *loader, uint32_t node, void *target)
{
    return mf_load_condition(loader, node, &((struct mf_rule *)target)->when);
}

static int load_kind(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;
    const char *names[MF_N_KINDS + 1];
    unsigned which;

    for (unsigned i = 0; i < MF_N_KINDS; i++)
        names[i] = mf_kind_name((enum mf_kind)i);
    names[MF_N_KINDS] = "ignore";
    if (mf_load_choice(loader, node, "kind", names, MF_N_KINDS + 1, &which) != 0)
        return -1;
    rule->ignore = which == MF_N_KINDS;
    rule->kind = rule->ignore ? MF_N_KINDS : (enum mf_kind)which;
    return 0;
}

static int load_also(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;

    if (rule->ignore)
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"also\" makes no sense with \"ignore\", which ends the rules");
    return mf_load_bool(loader, node, "\"also\"", &rule->also);
}

static unsigned count_members(struct mf_loader *loader, uint32_t node)
{
    uint32_t at = MF_NO_NODE, key, value = 0;
    unsigned n = 0;

    while (mf_load_next(loader, node, &at, &key, &value))
        n++;
    return n;
}

static bool is_overridden(const struct mf_rule *rule, unsigned n, enum mf_field field)
{
    for (unsigned i = 0; i < n; i++)
        if (rule->override[i].field == field)
            return true;
    return false;
}

static int load_overrides(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;
    struct mf_override *overrides;
    uint32_t at = MF_NO_NODE, key, value = 0;
    unsigned field;

    if (mf_load_want_object(loader, node, "\"fields\"") != 0)
        return -1;
    overrides = mf_pool_take(&loader->profile->pool, count_members(loader, node), sizeof *overrides);
    if (overrides == NULL)
        return mf_load_no_memory(loader);
    rule->override = overrides;
    while (mf_load_next(loader, node, &at, &key, &value)) {
        struct mf_override *override = &overrides[rule->n_overrides++];

        if (mf_load_choice(loader, key, "field", mf_field_names, MF_N_FIELDS, &field) != 0)
            return -1;
        override->field = (enum mf_field)field;
        if (is_overridden(rule, rule->n_overrides - 1, override->field))
            return mf_conf_error(loader->conf, key, loader->error, "\"%s\" stands twice", mf_field_names[field]);
        if (mf_load_field_spec(loader, value, override->field, &override->spec) != 0)
            return -1;
    }
    return 0;
}

static int load_constants(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;
    struct mf_constant *constants;
    uint32_t at = MF_NO_NODE, key, value = 0;
    unsigned field;

    if (mf_load_want_object(loader, node, "\"set\"") != 0)
        return -1;
    constants = mf_pool_take(&loader->profile->pool, count_members(loader, node), sizeof *constants);
    if (constants == NULL)
        return mf_load_no_memory(loader);
    rule->constant = constants;
    while (mf_load_next(loader, node, &at, &key, &value))
        if (mf_load_choice(loader, key, "field", mf_field_names, MF_N_FIELDS, &field) != 0 ||
            mf_load_constant(loader, value, (enum mf_field)field, &constants[rule->n_constants++]) != 0)
            return -1;
    return 0;
}

static int load_rule_dedup(struct mf_loader *loader, uint32_t node, void *target)
{
    return mf_load_fields(loader, node, "\"dedup\"", is_a_key, key_fields, &((struct mf_rule *)target)->dedup);
}

static bool can_be_dropped(enum mf_field field)
{
    return field != MF_FIELD_USER && field != MF_FIELD_TIME;
}

static int load_drop(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;

    return mf_load_fields(loader, node, "\"drop\"", can_be_dropped, "all fields but user and time", &rule->drop);
}

static int load_once(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_rule *rule = target;

    if (!rule->is_foreach)
        return mf_conf_error(loader->conf, node, loader->error, "\"once\" is for rules with \"foreach\"");
    return mf_load_bool(loader, node, "\"once\"", &rule->once);
}

static const struct mf_member rule_members[] = {
    {"foreach", load_foreach, false}, {"once", load_once, false}, {"when", load_when, true},
    {"kind", load_kind, true},        {"also", load_also, false}, {"fields", load_overrides, false},
    {"set", load_constants, false},   {"drop", load_drop, false}, {"dedup", load_rule_dedup, false},
};

/* A truth value that cannot be read stays as it was: to replace it takes more than a field of the same name. */
static uint64_t fields_replaced(const struct mf_rule *rule)
{
    uint64_t replaced = 0;

    for (unsigned i = 0; i < rule->n_overrides; i++)
        if (mf_field_type(rule->override[i].field) != MF_FIELD_IS_BOOL)
            replaced |= UINT64_C(1) << rule->override[i].field;
    for (unsigned i = 0; i < rule->n_constants; i++)
        replaced |= UINT64_C(1) << rule->constant[i].field;
    for (unsigned i = 0; i < rule->drop.n; i++)
        replaced |= UINT64_C(1) << rule->drop.field[i];
    return replaced;
}

static int load_rule(struct mf_loader *loader, uint32_t node, struct mf_rule *rule)
{
    int bad;

    loader->element = NULL;
    rule->dedup = loader->profile->dedup;
    bad = mf_load_members(loader, node, "rule", rule_members, sizeof rule_members / sizeof rule_members[0], rule);
    loader->element = NULL;
    rule->replaces = fields_replaced(rule);
    return bad;
}

static int load_rules(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_profile *profile = loader->profile;
    uint32_t at = MF_NO_NODE;

    (void)target;
    if (mf_load_type(loader, node) != MF_NODE_ARRAY || mf_record_child(&loader->conf->record, node) == MF_NO_NODE)
        return mf_conf_error(loader->conf, node, loader->error, "\"rules\" must be a list of rules, and not empty");
    profile->rule = mf_pool_take(&profile->pool, MF_RULES_MAX, sizeof *profile->rule);
    if (profile->rule == NULL)
        return mf_load_no_memory(loader);
    while (mf_load_item(loader, node, &at)) {
        if (profile->n_rules == MF_RULES_MAX)
            return mf_conf_error(loader->conf, at, loader->error, "a profile has at most %d rules", MF_RULES_MAX);
        if (load_rule(loader, at, &profile->rule[profile->n_rules++]) != 0)
            return -1;
    }
    mf_load_ability(loader);
    return 0;
}

/* ---- the whole ---- */

/* In the order in which they are needed: what shapes paths, then what paths are used in, then what uses both. */
static const struct mf_member profile_members[] = {
    {"profile", load_name, true},
    {"version", load_version, true},
    {"idp", load_idp, true},
    {"zone", load_zone, false},
    {"icase_keys", load_icase, false},
    {"dotted_keys", load_dotted, false},
    {"null_values", load_nulls, false},
    {"markers", load_markers, true},
    {"embedded", load_embedded, false},
    {"text", mf_load_form, false},
    {"embedded_text", load_embedded_text, false},
    {"lift", load_lift, false},
    {"keep", load_keep, false},
    {"unwrap", load_unwrap, false},
    {"maps", mf_load_maps, false},
    {"fields", load_profile_fields, true},
    {"values", load_values, false},
    {"match", load_match, true},
    {"dedup", load_dedup, false},
    {"unmapped", load_unmapped, false},
    {"rules", load_rules, true},
    {"cannot", mf_load_cannot, false},
    {"enable", mf_load_enable, false},
};

static int set_defaults(struct mf_loader *loader)
{
    static const enum mf_field id = MF_FIELD_ID, type = MF_FIELD_TYPE;
    struct mf_profile *profile = loader->profile;

    profile->dedup = (struct mf_field_list){1, &id};
    profile->unmapped = (struct mf_field_list){1, &type};
    profile->name = mf_pool_take(&profile->pool, strlen(loader->name) + 1, 1);
    if (profile->name == NULL)
        return mf_load_no_memory(loader);
    memcpy(profile->name, loader->name, strlen(loader->name) + 1);
    return 0;
}

/* Who, when, where, what, and everything that tells a repeated delivery apart. */
static uint64_t fields_for_judging(const struct mf_profile *profile)
{
    static const enum mf_field always[] = {
        MF_FIELD_TIME,          MF_FIELD_USER,        MF_FIELD_USER_ID, MF_FIELD_SOURCE,
        MF_FIELD_RESPONDER,     MF_FIELD_COUNTRY,     MF_FIELD_ASN,     MF_FIELD_RESPONDER_COUNTRY,
        MF_FIELD_PROXY,         MF_FIELD_PHONE,       MF_FIELD_PROMPTS, MF_FIELD_FACTOR,
        MF_FIELD_ANSWER_SOURCE, MF_FIELD_TENANT,      MF_FIELD_ID,      MF_FIELD_SESSION,
        MF_FIELD_CORRELATION,   MF_FIELD_TRANSACTION, MF_FIELD_TYPE,    MF_FIELD_CITY,
        MF_FIELD_LATITUDE,      MF_FIELD_LONGITUDE,   MF_FIELD_RISK,    MF_FIELD_GROUPS,
    };
    uint64_t wanted = 0;

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        wanted |= UINT64_C(1) << always[i];
    for (unsigned i = 0; i < profile->n_rules; i++)
        for (unsigned j = 0; j < profile->rule[i].dedup.n; j++)
            wanted |= UINT64_C(1) << profile->rule[i].dedup.field[j];
    return wanted & profile->all;
}

static uint64_t fields_there_are(const struct mf_profile *profile)
{
    uint64_t all = 0;

    for (unsigned field = 0; field < MF_N_FIELDS; field++)
        if (profile->field[field] != NULL)
            all |= UINT64_C(1) << field;
    return all;
}

static struct mf_inquiry inquiry_of(const struct mf_profile *profile)
{
    struct mf_inquiry inquiry = {.is_plain = true};

    for (unsigned i = 0; i < profile->n_rules; i++) {
        inquiry.is_plain = inquiry.is_plain && !profile->rule[i].is_foreach;
        mf_inquiry_add(&inquiry, &profile->rule[i].when, profile->named);
    }
    mf_inquiry_add(&inquiry, &profile->match, profile->named);
    return inquiry;
}

struct mf_profile *mf_profile_compile(struct mf_conf *conf, const char *name, struct mf_error *error)
{
    struct mf_loader loader = {.conf = conf, .name = name, .error = error};

    loader.profile = calloc(1, sizeof *loader.profile);
    if (loader.profile == NULL) {
        mf_load_no_memory(&loader);
        return NULL;
    }
    if (set_defaults(&loader) != 0 || mf_load_members(&loader, 0, "profile", profile_members,
                                                      sizeof profile_members / sizeof profile_members[0], NULL) != 0) {
        mf_profile_free(loader.profile);
        return NULL;
    }
    loader.profile->all = fields_there_are(loader.profile);
    loader.profile->mark = mf_mix_text(1, (struct mf_slice){conf->record.text, conf->record.length}) | 1;
    loader.profile->inquiry = inquiry_of(loader.profile);
    loader.profile->judged = fields_for_judging(loader.profile);
    return loader.profile;
}

void mf_profile_free(struct mf_profile *profile)
{
    if (profile == NULL)
        return;
    for (unsigned i = 0; i < profile->n_rules; i++)
        mf_paths_free(profile->rule[i].element);
    mf_paths_free(profile->paths);
    mf_paths_free(profile->envelope);
    mf_pool_free(&profile->pool);
    free(profile);
}
