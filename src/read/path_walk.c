/* src/read/path_walk.c
 *
 * One walk over a tape answers all paths of a set: each member of a wanted container is touched once. */

#include "read/path_tree.h"

struct walk {
    const struct mf_paths *paths;
    struct mf_record *record;
    const struct mf_node *nodes; /* the record's: they do not move */
    uint32_t *found;
    bool *twice;
    uint32_t top, lifted; /* the two objects that stand for one; MF_NO_NODE without lifting */
    uint32_t escaped;     /* bytes of names with escapes that were decoded so far */
    bool gave_up;
};

/* Beyond these bounds a record was made to cost time: no provider writes so many members into one object, or elements
 * into an array that is looked through, nor escapes into names. What was found of it is in doubt. */
enum { MEMBERS_MAX = 1024, ELEMENTS_MAX = 1024, ESCAPED_MAX = 1024 };

static void visit(const struct walk *walk, const struct place *place, uint32_t node);

static inline bool mask_has(const struct mask *mask, size_t i)
{
    return (mask->word[i / 64] >> (i % 64) & 1) != 0;
}

static inline void mask_add(struct mask *mask, size_t i)
{
    mask->word[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Where the answers of one container lie: below it, or in documents that were unpacked since its walk began. */
struct range {
    uint32_t first, behind, unpacked;
};

static bool in_range(const struct range *range, uint32_t node)
{
    return (node >= range->first && node < range->behind) || node >= range->unpacked;
}

/* MF_NO_NODE, no answer yet, lies in every range. */
static const struct range everywhere = {0, 0, 0}, nowhere = {0, 0, MF_NO_NODE};

/* Casts doubt on all paths that end at `place` or below, unless they were answered elsewhere before. */
static void doubt(const struct walk *walk, const struct place *place, const struct range *range)
{
    for (unsigned id = place->id; id != NO_ID; id = walk->paths->alias[id])
        if (in_range(range, walk->found[id]))
            walk->twice[id] = true;
    for (size_t i = 0; i < place->n_branches; i++)
        doubt(walk, place->branches[i].to, range);
    for (size_t i = 0; i < place->n_groups; i++)
        for (size_t k = 0; k < place->groups[i].n_choices; k++)
            doubt(walk, place->groups[i].choices[k].to, range);
    for (size_t i = 0; i < place->n_positions; i++)
        doubt(walk, place->positions[i].to, range);
    if (place->each != NULL)
        doubt(walk, place->each, range);
}

/* Text of a node for a comparison. The scratch space that it takes is given back at once: the caller has finished
 * with the text before anything else is decoded. */
static __attribute__((noinline)) struct mf_slice borrow_decoded(struct mf_record *record, uint32_t node)
{
    uint32_t used = record->scratch_used;
    struct mf_slice text = mf_record_text(record, node);

    record->scratch_used = used;
    return text;
}

static inline struct mf_slice borrow_text(struct mf_record *record, uint32_t index)
{
    const struct mf_node *node = &record->nodes[index];

    if (node->type == MF_NODE_STRING && node->flags == 0)
        return (struct mf_slice){record->text + node->start, node->length};
    return borrow_decoded(record, index);
}

static inline const char *base_of(const struct mf_record *record, const struct mf_node *node)
{
    return (node->flags & MF_NODE_SCRATCH) != 0 ? record->scratch : record->text;
}

/* Whether the key `text` is `name`, letter for letter; of very long names it is not said. In its document there are at
 * least four bytes behind a key, a quote, a colon, a value and a bracket, so that no word reaches behind the end. */
static inline bool is_exactly(const struct name *name, const char *text, uint32_t length)
{
    if (name->length != length)
        return false;
    if (length < 4)
        return ((half_word_at(text) ^ half_word_at(name->head)) & half_word_at(name->mask)) == 0;
    if (((word_at(text) ^ word_at(name->head)) & word_at(name->mask)) != 0)
        return false;
    if (length <= 8)
        return true;
    return word_at(text + length - 8) == word_at(name->tail) &&
           (length <= 16 || (length <= 24 && word_at(text + 8) == word_at(name->text.data + 8)));
}

/* Looks through a slot from branch `from` on, which counts from 1. */
static const struct branch *find_called(const struct place *place, unsigned from, struct mf_slice name)
{
    for (unsigned i = from; i != 0; i = place->branches[i - 1].next)
        if (same_name(place->branches[i - 1].name.text, name, place->nocase))
            return &place->branches[i - 1];
    return NULL;
}

/* The same for a key that the first branch of the slot is not, or not exactly. */
static __attribute__((noinline)) const struct branch *find_further(const struct place *place, unsigned from,
                                                                   const char *text, uint32_t length)
{
    for (unsigned i = place->branches[from - 1].next; i != 0; i = place->branches[i - 1].next)
        if (is_exactly(&place->branches[i - 1].name, text, length))
            return &place->branches[i - 1];
    return find_called(place, from, (struct mf_slice){text, length});
}

static void doubt_all(const struct walk *walk)
{
    ((struct walk *)walk)->gave_up = true;
    doubt(walk, walk->paths->root, &everywhere);
}

/* Counts a name that is about to be decoded; false when that is one too many. */
static bool may_decode(const struct walk *walk, const struct mf_node *key)
{
    uint32_t *escaped = &((struct walk *)walk)->escaped;

    if (*escaped > ESCAPED_MAX)
        return false;
    *escaped += key->length;
    if (*escaped > ESCAPED_MAX)
        doubt_all(walk);
    return *escaped <= ESCAPED_MAX;
}

/* The branch that a member takes whose name is written with escapes. An escape is at most six times as long as what
 * it stands for. */
static __attribute__((noinline)) const struct branch *find_escaped(const struct walk *walk, const struct place *place,
                                                                   const struct mf_node *key)
{
    struct mf_slice name;

    if (key->length > 6 * NAME_LIMIT || !may_decode(walk, key))
        return NULL;
    name = borrow_text(walk->record, (uint32_t)(key - walk->nodes));
    if (name.length == 0 || name.length > NAME_LIMIT)
        return NULL;
    return find_called(place, place->slots[slot_of(name.data, (uint32_t)name.length)], name);
}

static inline const struct branch *find_key(const struct walk *walk, const struct place *place, const char *base,
                                            const struct mf_node *key)
{
    const char *text = base + key->start;
    unsigned first;

    if ((key->flags & MF_NODE_ESCAPED) != 0)
        return find_escaped(walk, place, key);
    first = place->slots[slot_of(text, key->length)];
    if (first == 0)
        return NULL;
    if (is_exactly(&place->branches[first - 1].name, text, key->length))
        return &place->branches[first - 1];
    return find_further(place, first, text, key->length);
}

static void answer(const struct walk *walk, const struct place *place, uint32_t node)
{
    for (unsigned id = place->id; id != NO_ID; id = walk->paths->alias[id])
        if (walk->found[id] == MF_NO_NODE)
            walk->found[id] = node;
}

/* Whether the text of a string begins as a document does. What begins with an escape must be decoded to tell. */
static bool begins_document(struct mf_record *record, uint32_t node)
{
    struct mf_slice text = mf_slice_trim(mf_record_raw(record, node));

    if (text.length > 0 && text.data[0] == '\\')
        text = mf_slice_trim(borrow_text(record, node));
    return text.length > 0 && (text.data[0] == '{' || text.data[0] == '[');
}

/* Unpacks the document in string `node`, or with a form the text that is none; MF_NO_NODE when there is nothing such. */
static uint32_t unpack(struct mf_record *record, uint32_t node, const struct mf_form *form)
{
    enum mf_skip skip = MF_SKIP_NO_JSON;
    uint32_t root;

    if (mf_record_find_unpacked(record, node, form, &root))
        return root;
    if (begins_document(record, node))
        skip = mf_record_embed(record, node, &root);
    else if (form != NULL)
        skip = mf_form_embed(record, form, node, &root);
    if (skip != MF_SKIP_NONE)
        root = MF_NO_NODE;
    mf_record_note_unpacked(record, node, form, root);
    return root;
}

static void visit_object(const struct walk *walk, const struct place *place, uint32_t object);

static __attribute__((noinline)) void visit_document(const struct walk *walk, const struct branch *branch,
                                                     uint32_t string)
{
    uint32_t root = unpack(walk->record, string, branch->embedded_text ? walk->paths->form : NULL);

    answer(walk, branch->to, string);
    if (root != MF_NO_NODE)
        visit(walk, branch->to, root); /* the paths that end here have their answer already */
}

/* The same as visit() for a node of a known type, with a short way for what is wanted most often. */
static inline void visit_typed(const struct walk *walk, const struct place *place, uint32_t node, unsigned type)
{
    if (type == MF_NODE_OBJECT && place->only_members)
        visit_object(walk, place, node);
    else
        visit(walk, place, node);
}

static inline void visit_member(const struct walk *walk, const struct branch *branch, uint32_t node, unsigned type)
{
    if (branch->leaf != NO_ID) {
        if (type != MF_NODE_NULL && walk->found[branch->leaf] == MF_NO_NODE)
            walk->found[branch->leaf] = node;
    } else if (type == MF_NODE_STRING && branch->embedded && goes_on(branch->to)) {
        visit_document(walk, branch, node);
    } else {
        visit_typed(walk, branch->to, node, type);
    }
}

/* A member that `branch` was taken for has come again. */
static __attribute__((noinline)) void meet_again(const struct walk *walk, const struct branch *branch, uint32_t object,
                                                 uint32_t unpacked)
{
    struct range range = {object, walk->nodes[object].next, unpacked};

    if (object == walk->top || object == walk->lifted)
        range = everywhere;
    doubt(walk, branch->to, &range);
}

static void visit_object(const struct walk *walk, const struct place *place, uint32_t object)
{
    const struct mf_node *nodes = walk->nodes, *key;
    const char *base = base_of(walk->record, &nodes[object]);
    uint32_t behind = nodes[object].next, unpacked = walk->record->n_nodes;
    uint8_t times[MF_PATHS_MAX]; /* that a branch was met: 0, 1, or 2 for more */
    unsigned left = MEMBERS_MAX;

    memset(times, 0, 32); /* known at compile time: no call */
    if (place->n_branches > 32)
        memset(times, 0, place->n_branches);
    for (uint32_t at = object + 1; at < behind; at = key[1].next) {
        const struct branch *branch;

        if (__builtin_expect(left-- == 0, 0)) {
            doubt_all(walk);
            return;
        }
        key = &nodes[at];
        branch = find_key(walk, place, base, key);
        if (branch == NULL)
            continue;
        if (times[branch->ordinal] == 0) {
            times[branch->ordinal] = 1;
            visit_member(walk, branch, at + 1, key[1].type);
        } else if (times[branch->ordinal] == 1) {
            times[branch->ordinal] = 2;
            meet_again(walk, branch, object, unpacked);
        }
    }
}

static __attribute__((noinline)) bool is_escaped_called(const struct walk *walk, const struct mf_node *key,
                                                        const struct name *name)
{
    return key->length > name->length && key->length / 6 <= name->length && may_decode(walk, key) &&
           same_name(name->text, borrow_text(walk->record, (uint32_t)(key - walk->nodes)), walk->paths->nocase);
}

static inline bool is_key_called(const struct walk *walk, const char *base, const struct mf_node *key,
                                 const struct name *name)
{
    const char *text = base + key->start;

    if ((key->flags & MF_NODE_ESCAPED) != 0)
        return is_escaped_called(walk, key, name);
    return key->length == name->length &&
           (is_exactly(name, text, key->length) ||
            same_name(name->text, (struct mf_slice){text, key->length}, walk->paths->nocase));
}

/* The value of the first member called `name`; `twice` when there are more. None in an object of too many members. */
static inline __attribute__((always_inline)) uint32_t find_value(const struct walk *walk, uint32_t object,
                                                                 const struct name *name, bool *twice)
{
    const struct mf_node *nodes = walk->nodes, *key = nodes + object + 1, *behind = nodes + nodes[object].next;
    const char *base = base_of(walk->record, &nodes[object]);
    uint32_t value = MF_NO_NODE;
    unsigned left = MEMBERS_MAX;

    for (; key < behind; key = nodes + key[1].next) {
        if (__builtin_expect(left-- == 0, 0)) {
            doubt_all(walk);
            return MF_NO_NODE;
        }
        if (!is_key_called(walk, base, key, name))
            continue;
        if (value != MF_NO_NODE) {
            *twice = true;
            break;
        }
        value = (uint32_t)(key + 1 - nodes);
    }
    return value;
}

/* Most values are short and written as in the path, so that two words that overlap tell that they are the same. */
static inline bool same_value(struct mf_slice a, struct mf_slice b)
{
    size_t length = a.length;

    if (length != b.length)
        return false;
    if (length >= 4 && length <= 8 && half_word_at(a.data) == half_word_at(b.data) &&
        half_word_at(a.data + length - 4) == half_word_at(b.data + length - 4))
        return true;
    return mf_slice_equal(a, b) || mf_slice_equal_nocase(a, b);
}

/* Whether `text` is one of the values between the bars. */
static __attribute__((noinline)) bool is_one_of(struct mf_slice values, struct mf_slice text)
{
    while (values.length >= text.length) {
        const char *bar = memchr(values.data, '|', values.length);
        size_t length = bar == NULL ? values.length : (size_t)(bar - values.data);

        if (same_value((struct mf_slice){values.data, length}, text))
            return true;
        if (bar == NULL)
            return false;
        values.data += length + 1;
        values.length -= length + 1;
    }
    return false;
}

/* Casts doubt on the choices of a group that have not been made yet. */
static __attribute__((noinline)) void doubt_choices(const struct walk *walk, const struct group *group,
                                                    uint32_t element, const struct mask *made)
{
    struct range range = {element, walk->nodes[element].next, walk->record->n_nodes};

    for (size_t k = 0; k < group->n_choices; k++)
        if (!mask_has(made, group->first + k))
            doubt(walk, group->choices[k].to, &range);
}

/* Offers one element to the choices of one group that have not been made yet. All are compared before any is
 * followed, because the text is only borrowed. */
static void offer_to(const struct walk *walk, const struct group *group, uint32_t element, struct mask *made)
{
    uint8_t chosen[MF_PATHS_MAX];
    size_t n_chosen = 0;
    bool twice = false;
    uint32_t value = find_value(walk, element, &group->name, &twice);
    struct mf_slice text = {NULL, 0};

    if (value != MF_NO_NODE)
        text = borrow_text(walk->record, value);
    for (size_t k = 0; k < group->n_choices && text.data != NULL; k++) {
        const struct choice *choice = &group->choices[k];

        if ((choice->single ? same_value(choice->values, text) : is_one_of(choice->values, text)) &&
            !mask_has(made, group->first + k))
            chosen[n_chosen++] = (uint8_t)k;
    }
    if (twice)
        doubt_choices(walk, group, element, made);
    for (size_t i = 0; i < n_chosen; i++) {
        mask_add(made, group->first + chosen[i]);
        visit_typed(walk, group->choices[chosen[i]].to, element, MF_NODE_OBJECT);
    }
}

static void offer(const struct walk *walk, const struct place *place, uint32_t element, struct mask *made)
{
    if (walk->nodes[element].type != MF_NODE_OBJECT)
        return;
    for (size_t i = 0; i < place->n_groups; i++)
        offer_to(walk, &place->groups[i], element, made);
}

static void visit_elements(const struct walk *walk, const struct place *place, uint32_t array, struct mask *made)
{
    const struct mf_node *nodes = walk->nodes;
    const struct place *each = place->each != NULL && goes_on(place->each) ? place->each : NULL;
    uint32_t position = 0;

    if (each == NULL && place->n_groups + place->n_positions == 0)
        return;
    for (uint32_t element = array + 1; element < nodes[array].next; element = nodes[element].next, position++) {
        if (__builtin_expect(position == ELEMENTS_MAX, 0)) {
            doubt_all(walk);
            return;
        }
        for (size_t i = 0; i < place->n_positions; i++)
            if (place->positions[i].index == position)
                visit_typed(walk, place->positions[i].to, element, nodes[element].type);
        offer(walk, place, element, made);
        if (each != NULL)
            visit(walk, each, element);
    }
}

/* The selectors of a place; a plain object stands for an array of one, but has no positions. */
static __attribute__((noinline)) void visit_selected(const struct walk *walk, const struct place *place, uint32_t node)
{
    struct mask made = {{0}};

    if (place->each != NULL)
        answer(walk, place->each, node); /* the elements, visited below, no longer can */
    if (walk->nodes[node].type == MF_NODE_ARRAY) {
        visit_elements(walk, place, node, &made);
        return;
    }
    offer(walk, place, node, &made);
    if (place->each != NULL)
        visit(walk, place->each, node);
}

/* Depth is bounded by the steps of the longest path. */
static void visit(const struct walk *walk, const struct place *place, uint32_t node)
{
    unsigned type = walk->record->nodes[node].type;

    if (type == MF_NODE_NULL)
        return;
    if (place->id != NO_ID)
        answer(walk, place, node);
    if (type < MF_NODE_ARRAY)
        return;
    if (type == MF_NODE_OBJECT && place->n_branches > 0)
        visit_object(walk, place, node);
    if (place->n_groups + place->n_positions > 0 || place->each != NULL)
        visit_selected(walk, place, node);
}

/* The object whose members are looked up as if they stood at the top, or MF_NO_NODE. */
static uint32_t find_lifted(const struct walk *walk, uint32_t top, bool *twice)
{
    const struct mf_paths *paths = walk->paths;
    uint32_t node = find_value(walk, top, &paths->lift, twice);
    unsigned uses = node == MF_NO_NODE ? 0 : mf_paths_uses(paths, paths->lift.text);

    if ((uses & (MF_PATHS_UNPACKS | MF_PATHS_READS)) != 0 && walk->record->nodes[node].type == MF_NODE_STRING)
        node = unpack(walk->record, node, (uses & MF_PATHS_READS) != 0 ? paths->form : NULL);
    return node != MF_NO_NODE && walk->record->nodes[node].type == MF_NODE_OBJECT ? node : MF_NO_NODE;
}

/* The lifted object first, the top for what it lacks; for the kept names the other way round. A name in both is no
 * reason for doubt; a name that stands twice in either is, wherever the answer came from. */
static void visit_both(struct walk *walk, uint32_t top)
{
    const struct mf_paths *paths = walk->paths;
    bool twice = false;

    walk->top = top;
    walk->lifted = find_lifted(walk, top, &twice);
    if (walk->lifted != MF_NO_NODE && paths->lifted->n_branches > 0)
        visit_object(walk, paths->lifted, walk->lifted);
    visit(walk, paths->root, top);
    if (twice) {
        doubt(walk, paths->lifted, &everywhere);
        doubt(walk, paths->kept, &nowhere);
    }
    if (walk->lifted != MF_NO_NODE && paths->kept->n_branches > 0)
        visit_object(walk, paths->kept, walk->lifted);
}

bool mf_paths_resolve(const struct mf_paths *paths, struct mf_record *record, uint32_t node, uint32_t *found,
                      bool *twice)
{
    struct walk walk = {.paths = paths,
                        .record = record,
                        .nodes = record->nodes,
                        .found = found,
                        .twice = twice,
                        .top = MF_NO_NODE,
                        .lifted = MF_NO_NODE};

    memset(found, 0xFF, paths->count * sizeof *found); /* MF_NO_NODE */
    memset(twice, 0, paths->count * sizeof *twice);
    if (paths->lifted != NULL && record->nodes[node].type == MF_NODE_OBJECT)
        visit_both(&walk, node);
    else
        visit_typed(&walk, paths->root, node, record->nodes[node].type);
    return !walk.gave_up;
}
