/* src/read/rival.c
 *
 * What another profile would ask for is looked up in the record at hand. What is not there by its name is not there in any
 * record of the same mould; whatever else is asked may be answered either way. */

#include "read/rival.h"

enum { PATHS_BY_VALUE = '=' }; /* a path with a selector may find something else where other values are */

static bool may_find(const struct mf_paths *paths, unsigned path, const uint32_t *found)
{
    struct mf_slice text = mf_paths_text(paths, path);

    return found[path] != MF_NO_NODE || memchr(text.data, PATHS_BY_VALUE, text.length) != NULL;
}

static bool may_answer(const struct mf_test *test, const struct mf_paths *paths, const uint32_t *found)
{
    if (test->type == MF_TEST_ABSENT || test->type == MF_TEST_NOT || test->is_named || test->ref.element)
        return true;
    return may_find(paths, test->ref.path, found);
}

static bool may_hold(const struct mf_condition *condition, const struct mf_paths *paths, const uint32_t *found)
{
    bool any = condition->n_any == 0;

    for (unsigned i = 0; i < condition->n_tests; i++)
        if (!may_answer(&condition->test[i], paths, found))
            return false;
    for (unsigned i = 0; i < condition->n_any && !any; i++)
        any = may_hold(&condition->any[i], paths, found);
    return any;
}

static bool any_twice(const bool *twice, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (twice[i])
            return true;
    return false;
}

static bool may_know_whole(const struct mf_profile *profile, struct mf_record *record)
{
    uint32_t found[MF_PATHS_MAX];
    bool twice[MF_PATHS_MAX];

    mf_paths_resolve(profile->paths, record, 0, found, twice);
    return any_twice(twice, mf_paths_count(profile->paths)) || may_hold(&profile->match, profile->paths, found);
}

/* A list of records, or one, in it. The whole record stands for a list of one, and was looked at. */
static bool may_know_part(const struct mf_profile *profile, struct mf_record *record)
{
    uint32_t found[MF_UNWRAPS_MAX];
    bool twice[MF_UNWRAPS_MAX];

    if (profile->n_unwraps == 0)
        return false;
    mf_paths_resolve(profile->envelope, record, 0, found, twice);
    for (unsigned i = 0; i < profile->n_unwraps; i++) {
        unsigned path = profile->unwrap[i];
        if (twice[path] || (found[path] != 0 && may_find(profile->envelope, path, found)))
            return true;
    }
    return false;
}

/* What lies in a string that is a document, or text of some form, is a value: another may stand there. */
static bool may_unpack(const struct mf_profiles *profiles, unsigned owner, struct mf_slice name)
{
    if ((profiles->unpacked_lengths >> (name.length < 63 ? name.length : 63) & 1) == 0)
        return false;
    for (unsigned i = 0; i < profiles->n_unpacked; i++)
        if (mf_slice_equal_nocase(profiles->unpacked[i].name, name))
            return (profiles->unpacked[i].owners & ~(UINT64_C(1) << owner)) != 0;
    return false;
}

/* ---- names of members ---- */

/* Goes through all names, whatever is asked of them: is it one that a rival unpacks, or one with a marker of the owner in
 * it, quotes included? */
struct names {
    const struct mf_profiles *profiles;
    unsigned owner;
    const struct mf_record *record;
    bool unpacked, marked;
};

static void look_at_name(struct names *names, uint32_t key)
{
    const struct mf_profiles *profiles = names->profiles;
    struct mf_slice name = mf_record_raw(names->record, key);

    names->marked =
        names->marked ||
        (mf_markers_find(profiles->markers, name.data - 1, name.length + 2, false) >> names->owner & 1) != 0;
    names->unpacked = names->unpacked || may_unpack(profiles, names->owner, name);
}

/* Records nest a few levels deep, as the tape sees to. */
static void look_at_names(struct names *names, uint32_t node)
{
    bool is_object = names->record->nodes[node].type == MF_NODE_OBJECT, is_key = is_object;

    for (uint32_t at = mf_record_child(names->record, node); at != MF_NO_NODE;
         at = mf_record_sibling(names->record, node, at)) {
        if (is_key)
            look_at_name(names, at);
        else if (names->record->nodes[at].type >= MF_NODE_ARRAY)
            look_at_names(names, at);
        is_key = is_object && !is_key;
    }
}

bool mf_profiles_know_alone(const struct mf_profiles *profiles, unsigned owner, struct mf_record *record)
{
    struct names names = {.profiles = profiles, .owner = owner, .record = record};
    uint32_t n_nodes = record->n_nodes, scratch_used = record->scratch_used;
    bool alone;

    look_at_names(&names, 0);
    alone = names.marked && !names.unpacked;
    for (unsigned i = 0; i < profiles->n && alone; i++)
        alone = i == owner ||
                !(may_know_whole(profiles->profile[i], record) || may_know_part(profiles->profile[i], record));
    mf_record_cut(record, n_nodes, scratch_used);
    return alone;
}
