/* src/read/path_build.c
 *
 * Texts of paths -> a tree of places. */

#include "read/path_tree.h"

#include <stdlib.h>

#include "base/hash.h"

/* ---- building ---- */

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

/* Each text with its length and what it is. */
static uint64_t mix_in(uint64_t mark, unsigned what, struct mf_slice text)
{
    mark = mf_mix_text(mark + what, text.data == NULL ? mf_slice_of("") : text);
    return mf_mix_text(mark + text.length, mf_slice_of("length"));
}

static uint64_t mark_of_options(const struct mf_paths_options *options)
{
    uint64_t mark = mix_in(options->nocase + 2U * options->dotted, 1, options->lift);

    for (size_t i = 0; i < options->n_keep; i++)
        mark = mix_in(mark, 2, options->keep[i]);
    for (size_t i = 0; i < options->n_embedded; i++)
        mark = mix_in(mark, 3, options->embedded[i]);
    for (size_t i = 0; i < options->n_embedded_text; i++)
        mark = mix_in(mark, 5, options->embedded_text[i]);
    return mark;
}

unsigned mf_paths_uses(const struct mf_paths *paths, struct mf_slice name)
{
    bool compares = paths->many_selectors || is_listed(name, paths->selector, paths->n_selectors, paths->nocase);
    bool unpacks = is_listed(name, paths->embedded, paths->n_embedded, paths->nocase);
    bool reads = is_listed(name, paths->embedded_text, paths->n_embedded_text, paths->nocase);

    return (compares ? MF_PATHS_COMPARES : 0) | (unpacks ? MF_PATHS_UNPACKS : 0) | (reads ? MF_PATHS_READS : 0);
}

struct mf_slice mf_paths_unpacked(const struct mf_paths *paths, size_t i)
{
    if (paths == NULL)
        return (struct mf_slice){NULL, 0};
    if (i < paths->n_embedded)
        return paths->embedded[i];
    i -= paths->n_embedded;
    return i < paths->n_embedded_text ? paths->embedded_text[i] : (struct mf_slice){NULL, 0};
}

uint64_t mf_paths_mark(const struct mf_paths *paths)
{
    return paths->mark;
}

struct mf_paths *mf_paths_new(const struct mf_paths_options *options, struct mf_error *error)
{
    struct mf_paths *paths = calloc(1, sizeof *paths);
    bool fine = paths != NULL;

    if (fine) {
        paths->nocase = options->nocase;
        paths->dotted = options->dotted;
        paths->root = place_new(paths->nocase);
        fine =
            paths->root != NULL && copy_list(options->keep, options->n_keep, &paths->keep, &paths->n_keep) &&
            copy_list(options->embedded, options->n_embedded, &paths->embedded, &paths->n_embedded) &&
            copy_list(options->embedded_text, options->n_embedded_text, &paths->embedded_text, &paths->n_embedded_text);
        paths->form = options->form;
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
    paths->mark = mark_of_options(options);
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
    free_list(paths->embedded_text, paths->n_embedded_text);
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
    branch.embedded_text = is_listed(name, paths->embedded_text, paths->n_embedded_text, paths->nocase);
    branch.embedded = branch.embedded_text || is_listed(name, paths->embedded, paths->n_embedded, paths->nocase);
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

static void note_selector(struct mf_paths *paths, struct mf_slice name)
{
    if (is_listed(name, paths->selector, paths->n_selectors, paths->nocase))
        return;
    if (paths->n_selectors == SELECTORS_MAX)
        paths->many_selectors = true;
    else
        paths->selector[paths->n_selectors++] = name;
}

static struct group *find_group(struct mf_paths *paths, struct place *place, struct mf_slice name)
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
    note_selector(paths, groups[place->n_groups].name.text);
    return &groups[place->n_groups++];
}

static struct place *go_to_choice(struct mf_paths *paths, struct place *place, struct mf_slice name,
                                  struct mf_slice values)
{
    struct group *group = find_group(paths, place, name);
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

/* The names up to the first selector as one, and what follows; false where there is nothing to join. The buffer has
 * room for the text and two quotes. */
static bool join_names(struct mf_slice text, char *joined, size_t *length)
{
    const char *bracket = memchr(text.data, '[', text.length);
    size_t names = bracket == NULL ? text.length : (size_t)(bracket - text.data);

    if (names < 2 || names > NAME_LIMIT || memchr(text.data, '.', names) == NULL ||
        memchr(text.data, '"', names) != NULL)
        return false;
    joined[0] = '"';
    memcpy(joined + 1, text.data, names);
    joined[names + 1] = '"';
    memcpy(joined + names + 2, text.data + names, text.length - names);
    *length = text.length + 2;
    return true;
}

/* Ends path `id` at the place that its text leads to, and at that of its other spelling. */
static bool end_at_both(struct mf_paths *paths, struct mf_slice text, struct place *nested, unsigned id)
{
    char *joined = malloc(text.length + 2);
    struct route route = {.paths = paths, .place = paths->root, .p = joined};
    size_t length;

    if (joined == NULL)
        return false;
    if (!join_names(text, joined, &length)) {
        free(joined);
        end_at(paths, nested, id);
        return true;
    }
    route.end = joined + length;
    if (take_path(&route)) {
        if (nested->id == NO_ID)
            nested->id = route.place->id;
        end_at(paths, nested, id);
        route.place->id = nested->id;
    }
    free(joined);
    return route.place != NULL;
}

/* Each spelling of a path takes a branch of the root. */
static bool is_full(const struct mf_paths *paths)
{
    return paths->count == MF_PATHS_MAX || paths->root->n_branches + 1 + paths->dotted > MF_PATHS_MAX;
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
    if (is_full(paths))
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
    if (!paths->dotted)
        end_at(paths, route.place, paths->count);
    else if (!end_at_both(paths, text, route.place, paths->count))
        return no_memory(error);
    mark_shortcuts(paths, paths->root);
    if (paths->lifted != NULL) {
        mark_shortcuts(paths, paths->lifted);
        mark_shortcuts(paths, paths->kept);
    }
    paths->mark = mix_in(paths->mark, 4, text);
    *id = paths->count++;
    return 0;
}
