/* src/read/profile_model.h
 *
 * What a profile file compiles to: no text to look up, no memory to take, nothing to check while records are read. */

#ifndef MF_READ_PROFILE_MODEL_H
#define MF_READ_PROFILE_MODEL_H

#include "base/pool.h"
#include "read/ability.h"
#include "read/condition.h"
#include "read/decision.h"
#include "read/draft.h"
#include "read/marker.h"

enum { MF_RULES_MAX = 128, MF_UNWRAPS_MAX = 16 };

/* A field that a rule reads from elsewhere. */
struct mf_override {
    enum mf_field field;
    const struct mf_spec *spec;
};

struct mf_field_list {
    unsigned n;
    const enum mf_field *field;
};

struct mf_rule {
    struct mf_condition when;
    bool ignore; /* known noise: no event, and no further rule */
    bool once;   /* the first element that the rule holds for is enough */
    bool also;   /* further rules are looked at after a hit */
    enum mf_kind kind;
    bool is_foreach;
    unsigned foreach;         /* path of the record whose elements the rule goes through */
    struct mf_paths *element; /* paths of an element, NULL unless is_foreach */
    unsigned n_overrides, n_constants;
    const struct mf_override *override;
    const struct mf_constant *constant;
    struct mf_field_list drop; /* fields that do not hold for this rule's events */
    uint64_t replaces;         /* bits of the fields for which it does not matter what the profile's own say */
    struct mf_field_list dedup;
};

struct mf_profile {
    char *name; /* of the file, less ".json" */
    struct mf_slice idp;
    bool nocase;
    struct mf_words markers;
    const struct mf_form *form; /* of messages that are no JSON; NULL: there are none */
    struct mf_words nulls;
    struct mf_paths *envelope; /* holds the unwrap paths */
    unsigned n_unwraps;
    unsigned unwrap[MF_UNWRAPS_MAX]; /* ids in `envelope` */
    struct mf_paths *paths;          /* of a record */
    struct mf_condition match;
    const struct mf_spec *field[MF_N_FIELDS]; /* NULL: the profile has no such field */
    uint64_t all;                             /* bits of the fields that the profile has */
    uint64_t judged;                          /* those that judging needs: identity, time, place, dedup */
    unsigned n_named;
    const struct mf_spec *named[MF_NAMED_MAX]; /* what "$name" in conditions means */
    struct mf_field_list dedup;
    struct mf_field_list unmapped; /* what an unmapped record is counted by */
    unsigned n_rules;
    struct mf_rule *rule;
    struct mf_ability ability;
    uint64_t mark;             /* of the whole file, not 0 */
    struct mf_inquiry inquiry; /* what `match` and the rules ask for */
    struct mf_pool pool;
};

#endif
