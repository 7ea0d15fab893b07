/* src/read/path.c
 *
 * Paths that begin alike share their beginning, so a set of paths is a tree: what is wanted at a place in a record,
 * and below it. A wanted object is walked once, member by member; a small hash table of the names wanted there says
 * which members matter. A wanted array is walked once, element by element, for all selectors together. Most
 * members that do not matter are passed over after a look at the length of their name and its first byte.
 *
 * The tree is complete after every mf_paths_add(), so that resolving never writes to it. */

#include "read/path.h"

#include <stdlib.h>

#include "base/slice.h"

enum {
    STEPS_MAX = 32, /* of one path; bounds the recursion below */
    NAME_LIMIT = 256,
    NO_ID = MF_PATHS_MAX,
    N_SLOTS = 128, /* of one place */
    MASK_WORDS = MF_PATHS_MAX / 64,
};

/* One bit for each branch or choice of a place; there are never more of them than paths. */
struct mask {
    uint64_t word[MASK_WORDS];
};

struct place;

/* The name of a member, prepared for comparison by words. */
struct name {
    struct mf_slice text;
    char head[8], mask[8]; /* its first eight bytes, or as many as it has, and which those are */
    char tail[8];          /* its last eight bytes, when it has as many */
    uint32_t length;
};

/* A wanted member of an object. */
struct branch {
    struct name name;
    struct place *to;
    uint16_t next; /* the next in the same slot, counted from 1; 0 for none */
    uint16_t leaf; /* the id of the one path that ends at `to`, when nothing lies below; else NO_ID */
    uint8_t ordinal;
    bool embedded; /* a string may hold a document to walk into */
};

/* [name=v1|v2]: an element of an array, chosen by a member's value. */
struct choice {
    struct mf_slice values; /* with the bars between them */
    bool single;            /* there is no bar */
    struct place *to;
};

/* The choices that look at the same member. */
struct group {
    struct name name;
    struct choice *choices;
    size_t n_choices;
    unsigned first; /* ordinal of choices[0]'s bit: choices of all groups of a place are counted together */
};

/* [n] */
struct position {
    uint32_t index;
    struct place *to;
};

/* What is wanted of one node. */
struct place {
    uint16_t id; /* of the first path that ends here, NO_ID for none */
    bool nocase;
    bool only_members; /* no path ends here and no selector begins here */
    bool borrowed;     /* branches lead to places that belong to somebody else */

    struct branch *branches;
    size_t n_branches;
    uint16_t slots[N_SLOTS]; /* the first branch of each, counted from 1; 0 for none */

    struct group *groups;
    size_t n_groups, n_choices;
    struct position *positions;
    size_t n_positions;
    struct place *each; /* [*] */
};

struct mf_paths {
    struct place *root;
    /* The same branches as root's, in two parts: those that are looked up in the lifted object first, and those that
     * are looked up at the real top level first. NULL without lifting. */
    struct place *lifted, *kept;
    struct mf_slice text[MF_PATHS_MAX];
    uint16_t alias[MF_PATHS_MAX]; /* the next id that stands for the same place, or NO_ID */
    unsigned count;

    bool nocase;
    struct name lift;
    struct mf_slice *keep, *embedded;
    size_t n_keep, n_embedded;
};

/* ---- names ---- */

/* Length and first byte tell most names of one object apart. The bit that tells small letters from capitals falls out,
 * so one table serves both ways of comparing. An empty name may be asked for too, because a quote stands behind it. */
_Static_assert(4 * ('a' ^ 'A') % N_SLOTS == 0, "letter case must not count");
static inline unsigned slot_of(const char *name, uint32_t length)
{
    return (length + 4U * (unsigned char)*name) % N_SLOTS;
}

static inline uint64_t word_at(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t half_word_at(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static bool same_name(struct mf_slice a, struct mf_slice b, bool nocase)
{
    return mf_slice_equal(a, b) || (nocase && mf_slice_equal_nocase(a, b));
}

static bool is_listed(struct mf_slice name, const struct mf_slice *list, size_t n, bool nocase)
{
    for (size_t i = 0; i < n; i++)
        if (same_name(name, list[i], nocase))
            return true;
    return false;
}

/* ---- building ---- */

static bool goes_on(const struct place *place)
{
    return place->n_branches + place->n_groups + place->n_positions > 0 || place->each != NULL;
}

static int no_memory(struct mf_error *error)
{
    return mf_error_set(error, "no memory for paths");
}

static void place_free(struct place *place)
{
    if (place == NULL)
        return;
    for (size_t i = 0; i < place->n_branches && !place->borrowed; i++) {
        free((char *)place->branches[i].name.text.data);
        place_free(place->branches[i].to);
    }
    for (size_t i = 0; i < place->n_groups; i++) {
        struct group *group = &place->groups[i];

        for (size_t k = 0; k < group->n_choices; k++) {
            free((char *)group->choices[k].values.data);
            place_free(group->choices[k].to);
        }
        free((char *)group->name.text.data);
        free(group->choices);
    }
    for (size_t i = 0; i < place->n_positions; i++)
        place_free(place->positions[i].to);
    place_free(place->each);
    free(place->branches);
    free(place->groups);
    free(place->positions);
    free(place);
}

static struct place *place_new(bool nocase)
{
    struct place *place = calloc(1, sizeof *place);

    if (place != NULL) {
        place->id = NO_ID;
        place->nocase = nocase;
    }
    return place;
}

/* A copy that is never NULL for a text of no bytes. */
static bool copy_slice(struct mf_slice from, struct mf_slice *to)
{
    char *data = malloc(from.length + 1);

    if (data == NULL)
        return false;
    memcpy(data, from.data, from.length);
    data[from.length] = '\0';
    *to = (struct mf_slice){data, from.length};
    return true;
}

static bool copy_name(struct mf_slice from, struct name *to)
{
    size_t n = from.length < sizeof to->head ? from.length : sizeof to->head;

    if (!copy_slice(from, &to->text))
        return false;
    to->length = (uint32_t)from.length;
    memcpy(to->head, from.data, n);
    memset(to->mask, 0xFF, n);
    if (n == sizeof to->tail)
        memcpy(to->tail, from.data + from.length - n, n);
    return true;
}

static bool copy_list(const struct mf_slice *from, size_t n, struct mf_slice **to, size_t *n_to)
{
    if (n == 0)
        return true;
    *to = calloc(n, sizeof **to);
    if (*to == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (from[i].length == 0)
            continue; /* no member that a path can name is called "" */
        if (!copy_slice(from[i], &(*to)[*n_to]))
            return false;
        ++*n_to;
    }
    return true;
}

static void free_list(struct mf_slice *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((char *)list[i].data);
    free(list);
}

struct mf_paths *mf_paths_new(const struct mf_paths_options *options, struct mf_error *error)
{
    struct mf_paths *paths = calloc(1, sizeof *paths);
    bool fine = paths != NULL;

    if (fine) {
        paths->nocase = options->nocase;
        paths->root = place_new(paths->nocase);
        fine = paths->root != NULL && copy_list(options->keep, options->n_keep, &paths->keep, &paths->n_keep) &&
               copy_list(options->embedded, options->n_embedded, &paths->embedded, &paths->n_embedded);
    }
    if (fine && options->lift.length > 0) {
        paths->lifted = place_new(paths->nocase);
        paths->kept = place_new(paths->nocase);
        fine = paths->lifted != NULL && paths->kept != NULL && copy_name(options->lift, &paths->lift);
    }
    if (!fine) {
        mf_paths_free(paths);
        no_memory(error);
        return NULL;
    }
    if (paths->lifted != NULL)
        paths->lifted->borrowed = paths->kept->borrowed = true;
    return paths;
}

void mf_paths_free(struct mf_paths *paths)
{
    if (paths == NULL)
        return;
    place_free(paths->lifted);
    place_free(paths->kept);
    place_free(paths->root);
    for (unsigned i = 0; i < paths->count; i++)
        free((char *)paths->text[i].data);
    free((char *)paths->lift.text.data);
    free_list(paths->keep, paths->n_keep);
    free_list(paths->embedded, paths->n_embedded);
    free(paths);
}

unsigned mf_paths_count(const struct mf_paths *paths)
{
    return paths->count;
}

struct mf_slice mf_paths_text(const struct mf_paths *paths, unsigned id)
{
    return id < paths->count ? paths->text[id] : (struct mf_slice){NULL, 0};
}

/* Room for one more in a list that never holds more than MF_PATHS_MAX things. */
static void *grow(void *list, size_t n, size_t size)
{
    return realloc(list, (n + 1) * size);
}

static bool add_branch(struct place *place, const struct branch *branch)
{
    struct branch *branches = grow(place->branches, place->n_branches, sizeof *branches), *added;
    struct mf_slice name = branch->name.text;
    uint16_t *slot = &place->slots[slot_of(name.data, (uint32_t)name.length)];

    if (branches == NULL)
        return false;
    place->branches = branches;
    added = &branches[place->n_branches];
    *added = *branch;
    added->ordinal = (uint8_t)place->n_branches;
    added->next = *slot;
    *slot = (uint16_t)++place->n_branches;
    return true;
}

static struct branch *find_branch(const struct place *place, struct mf_slice name)
{
    for (size_t i = 0; i < place->n_branches; i++)
        if (same_name(place->branches[i].name.text, name, place->nocase))
            return &place->branches[i];
    return NULL;
}

/* The place of member `name` below `place`, made when it is new. NULL when memory is short. */
static struct place *go_to_member(struct mf_paths *paths, struct place *place, struct mf_slice name)
{
    struct branch *known = find_branch(place, name);
    struct branch branch = {.leaf = NO_ID};

    if (known != NULL)
        return known->to;
    branch.embedded = is_listed(name, paths->embedded, paths->n_embedded, paths->nocase);
    branch.to = place_new(paths->nocase);
    if (branch.to == NULL || !copy_name(name, &branch.name)) {
        place_free(branch.to);
        return NULL;
    }
    if (!add_branch(place, &branch)) {
        free((char *)branch.name.text.data);
        place_free(branch.to);
        return NULL;
    }
    if (place == paths->root && paths->lifted != NULL) {
        struct place *part = is_listed(name, paths->keep, paths->n_keep, paths->nocase) ? paths->kept : paths->lifted;

        if (!add_branch(part, &branch))
            return NULL;
    }
    return branch.to;
}

static struct place *go_to_each(struct mf_paths *paths, struct place *place)
{
    if (place->each == NULL)
        place->each = place_new(paths->nocase);
    return place->each;
}

static struct place *go_to_position(struct mf_paths *paths, struct place *place, uint32_t index)
{
    struct position *positions;

    for (size_t i = 0; i < place->n_positions; i++)
        if (place->positions[i].index == index)
            return place->positions[i].to;
    positions = grow(place->positions, place->n_positions, sizeof *positions);
    if (positions == NULL)
        return NULL;
    place->positions = positions;
    positions[place->n_positions] = (struct position){index, place_new(paths->nocase)};
    if (positions[place->n_positions].to == NULL)
        return NULL;
    return positions[place->n_positions++].to;
}

static struct group *find_group(struct place *place, struct mf_slice name)
{
    struct group *groups;

    for (size_t i = 0; i < place->n_groups; i++)
        if (same_name(place->groups[i].name.text, name, place->nocase))
            return &place->groups[i];
    groups = grow(place->groups, place->n_groups, sizeof *groups);
    if (groups == NULL)
        return NULL;
    place->groups = groups;
    groups[place->n_groups] = (struct group){0};
    if (!copy_name(name, &groups[place->n_groups].name))
        return NULL;
    return &groups[place->n_groups++];
}

static struct place *go_to_choice(struct mf_paths *paths, struct place *place, struct mf_slice name,
                                  struct mf_slice values)
{
    struct group *group = find_group(place, name);
    struct choice *choices, *choice;
    unsigned first = 0;

    if (group == NULL)
        return NULL;
    for (size_t i = 0; i < group->n_choices; i++)
        if (mf_slice_equal_nocase(group->choices[i].values, values))
            return group->choices[i].to;
    choices = grow(group->choices, group->n_choices, sizeof *choices);
    if (choices == NULL)
        return NULL;
    group->choices = choices;
    choice = &choices[group->n_choices];
    choice->to = place_new(paths->nocase);
    if (choice->to == NULL || !copy_slice(values, &choice->values)) {
        place_free(choice->to);
        return NULL;
    }
    choice->single = memchr(values.data, '|', values.length) == NULL;
    group->n_choices++;
    place->n_choices++;
    for (size_t i = 0; i < place->n_groups; i++) {
        place->groups[i].first = first;
        first += (unsigned)place->groups[i].n_choices;
    }
    return choice->to;
}

/* ---- syntax ---- */

/* Goes along the text of a path; once without a tree, to check it, and once to build it. */
struct route {
    struct mf_paths *paths;
    struct place *place; /* NULL while checking */
    const char *p, *end;
    unsigned steps;
    const char *wrong; /* what is wrong with the text; NULL also when memory is short */
};

static bool is_key_byte(char c)
{
    return c != '.' && c != '[' && c != ']' && c != '"' && (unsigned char)c >= 0x20;
}

static bool check_length(struct route *route, size_t length)
{
    if (length == 0)
        route->wrong = "a name is empty";
    else if (length > NAME_LIMIT)
        route->wrong = "a name is longer than 256 bytes";
    else if (++route->steps > STEPS_MAX)
        route->wrong = "it has more than 32 steps";
    return route->wrong == NULL;
}

static bool take_key(struct route *route)
{
    struct mf_slice name;

    if (*route->p == '"') {
        const char *close = memchr(route->p + 1, '"', (size_t)(route->end - route->p - 1));

        if (close == NULL) {
            route->wrong = "a quote is not closed";
            return false;
        }
        name = (struct mf_slice){route->p + 1, (size_t)(close - route->p - 1)};
        route->p = close + 1;
    } else {
        name = (struct mf_slice){route->p, 0};
        while (route->p < route->end && is_key_byte(*route->p))
            route->p++;
        name.length = (size_t)(route->p - name.data);
    }
    if (!check_length(route, name.length))
        return false;
    if (route->place != NULL) {
        route->place = go_to_member(route->paths, route->place, name);
        return route->place != NULL;
    }
    return true;
}

static bool take_position(struct route *route, struct mf_slice text)
{
    uint32_t index = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || index > 99999) {
            route->wrong = "a selector is neither [*], a number of up to six digits, nor name=value";
            return false;
        }
        index = index * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (route->place != NULL) {
        route->place = go_to_position(route->paths, route->place, index);
        return route->place != NULL;
    }
    return true;
}

static bool take_choice(struct route *route, struct mf_slice text, const char *equals)
{
    struct mf_slice name = {text.data, (size_t)(equals - text.data)};
    struct mf_slice values = {equals + 1, text.length - name.length - 1};

    if (name.length == 0)
        route->wrong = "a selector has no name before '='";
    else if (values.length == 0 || values.data[0] == '|' || values.data[values.length - 1] == '|' ||
             mf_slice_has_nocase(values, mf_slice_of("||")))
        route->wrong = "a selector has an empty value";
    else if (name.length > NAME_LIMIT)
        route->wrong = "a name is longer than 256 bytes";
    if (route->wrong != NULL)
        return false;
    if (route->place != NULL) {
        route->place = go_to_choice(route->paths, route->place, name, values);
        return route->place != NULL;
    }
    return true;
}

/* `p` is at the opening bracket. */
static bool take_selector(struct route *route)
{
    const char *close = memchr(route->p, ']', (size_t)(route->end - route->p)), *equals;
    struct mf_slice text;

    if (close == NULL) {
        route->wrong = "a '[' is not closed";
        return false;
    }
    text = (struct mf_slice){route->p + 1, (size_t)(close - route->p - 1)};
    route->p = close + 1;
    if (text.length == 0) {
        route->wrong = "a selector is empty";
        return false;
    }
    if (++route->steps > STEPS_MAX) {
        route->wrong = "it has more than 32 steps";
        return false;
    }
    if (mf_slice_equal(text, mf_slice_of("*"))) {
        if (route->place == NULL)
            return true;
        route->place = go_to_each(route->paths, route->place);
        return route->place != NULL;
    }
    equals = memchr(text.data, '=', text.length);
    return equals != NULL ? take_choice(route, text, equals) : take_position(route, text);
}

static bool take_path(struct route *route)
{
    if (route->p == route->end) {
        route->wrong = "it is empty";
        return false;
    }
    if (route->end - route->p == 1 && *route->p == '.')
        return true;
    for (;;) {
        if (route->p == route->end) {
            route->wrong = "it ends with a dot";
            return false;
        }
        if (*route->p != '[' && !take_key(route))
            return false;
        while (route->p < route->end && *route->p == '[')
            if (!take_selector(route))
                return false;
        if (route->p == route->end)
            return true;
        if (*route->p != '.') {
            route->wrong = "a quote, a ']' or a control byte stands where a dot or a '[' is due";
            return false;
        }
        route->p++;
    }
}

/* Brings the shortcuts of the walk up to date, for `place` and all below it. */
static void mark_shortcuts(const struct mf_paths *paths, struct place *place)
{
    place->only_members =
        place->id == NO_ID && place->n_branches > 0 && place->n_groups + place->n_positions == 0 && place->each == NULL;
    for (size_t i = 0; i < place->n_branches; i++) {
        struct branch *branch = &place->branches[i];
        bool single = branch->to->id != NO_ID && paths->alias[branch->to->id] == NO_ID;

        branch->leaf = single && !goes_on(branch->to) ? branch->to->id : NO_ID;
        if (!place->borrowed)
            mark_shortcuts(paths, branch->to);
    }
    for (size_t i = 0; i < place->n_groups; i++)
        for (size_t k = 0; k < place->groups[i].n_choices; k++)
            mark_shortcuts(paths, place->groups[i].choices[k].to);
    for (size_t i = 0; i < place->n_positions; i++)
        mark_shortcuts(paths, place->positions[i].to);
    if (place->each != NULL)
        mark_shortcuts(paths, place->each);
}

/* The name of path `id` is known to be new. */
static void end_at(struct mf_paths *paths, struct place *place, unsigned id)
{
    paths->alias[id] = NO_ID;
    if (place->id == NO_ID) {
        place->id = (uint16_t)id;
        return;
    }
    paths->alias[id] = paths->alias[place->id];
    paths->alias[place->id] = (uint16_t)id;
}

int mf_paths_add(struct mf_paths *paths, struct mf_slice text, unsigned *id, struct mf_error *error)
{
    const char *start = text.data == NULL ? "" : text.data;
    struct route route = {.paths = paths, .p = start, .end = start + text.length};
    int shown = text.length > 200 ? 200 : (int)text.length;

    for (unsigned i = 0; i < paths->count; i++)
        if (mf_slice_equal(paths->text[i], text)) {
            *id = i;
            return 0;
        }
    if (paths->count == MF_PATHS_MAX)
        return mf_error_set(error, "path \"%.*s\" is one too many: at most %d different paths are accepted", shown,
                            start, MF_PATHS_MAX);
    if (!take_path(&route))
        return mf_error_set(error,
                            "path \"%.*s\": %s; accepted are names joined by dots, a name with a dot in double quotes, "
                            "behind a name [n], [*] or [name=value|value], and \".\" alone",
                            shown, start, route.wrong);
    route = (struct route){.paths = paths, .place = paths->root, .p = start, .end = start + text.length};
    if (!take_path(&route) || !copy_slice((struct mf_slice){start, text.length}, &paths->text[paths->count]))
        return no_memory(error);
    end_at(paths, route.place, paths->count);
    mark_shortcuts(paths, paths->root);
    if (paths->lifted != NULL) {
        mark_shortcuts(paths, paths->lifted);
        mark_shortcuts(paths, paths->kept);
    }
    *id = paths->count++;
    return 0;
}

/* ---- resolving ---- */

struct walk {
    const struct mf_paths *paths;
    struct mf_record *record;
    const struct mf_node *nodes; /* the record's: they do not move */
    uint32_t *found;
    bool *twice;
    uint32_t top, lifted; /* the two objects that stand for one; MF_NO_NODE without lifting */
};

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

/* The branch that a member takes whose name is written with escapes. An escape is at most six times as long as what
 * it stands for. */
static __attribute__((noinline)) const struct branch *find_escaped(const struct walk *walk, const struct place *place,
                                                                   const struct mf_node *key)
{
    struct mf_slice name;

    if (key->length > 6 * NAME_LIMIT)
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

/* Unpacks the document in string `node`; MF_NO_NODE when there is none. */
static uint32_t unpack(struct mf_record *record, uint32_t node)
{
    struct mf_slice text = mf_slice_trim(borrow_text(record, node));
    uint32_t root;

    if (text.length == 0 || (text.data[0] != '{' && text.data[0] != '['))
        return MF_NO_NODE;
    return mf_record_embed(record, node, &root) == MF_SKIP_NONE ? root : MF_NO_NODE;
}

static void visit_object(const struct walk *walk, const struct place *place, uint32_t object);

static __attribute__((noinline)) void visit_document(const struct walk *walk, const struct place *place,
                                                     uint32_t string)
{
    uint32_t root = unpack(walk->record, string);

    answer(walk, place, string);
    if (root != MF_NO_NODE)
        visit(walk, place, root); /* the paths that end here have their answer already */
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
        visit_document(walk, branch->to, node);
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

    memset(times, 0, 32); /* known at compile time: no call */
    if (place->n_branches > 32)
        memset(times, 0, place->n_branches);
    for (uint32_t at = object + 1; at < behind; at = key[1].next) {
        const struct branch *branch;

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
    return key->length > name->length && key->length / 6 <= name->length &&
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

/* The value of the first member called `name`; `twice` when there are more. */
static inline __attribute__((always_inline)) uint32_t find_value(const struct walk *walk, uint32_t object,
                                                                 const struct name *name, bool *twice)
{
    const struct mf_node *nodes = walk->nodes, *key = nodes + object + 1, *behind = nodes + nodes[object].next;
    const char *base = base_of(walk->record, &nodes[object]);
    uint32_t value = MF_NO_NODE;

    for (; key < behind; key = nodes + key[1].next) {
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

    if (node != MF_NO_NODE && walk->record->nodes[node].type == MF_NODE_STRING &&
        is_listed(paths->lift.text, paths->embedded, paths->n_embedded, paths->nocase))
        node = unpack(walk->record, node);
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

void mf_paths_resolve(const struct mf_paths *paths, struct mf_record *record, uint32_t node, uint32_t *found,
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
}
