/* src/context/directory.c
 *
 * One index for logins and aliases, whose value is the person; two small ones for groups and roles, whose value is the
 * number. A person's name is filled in last, when the text of the index moves no more. */

#include "context/directory.h"

#include <stdlib.h>

#include "context/grow.h"
#include "context/lines.h"
#include "context/names.h"
#include "read/event.h"

/* Groups or roles. Their case does not matter: names are indexed in lower case and shown as first written. */
struct numbers {
    struct mf_names index;
    char *shown; /* one after the other, at the places of the index */
    size_t shown_room;
};

struct mf_directory {
    struct mf_names logins;
    struct numbers groups, roles;
    struct mf_person *person;
    size_t n, room;
};

static int no_memory(const struct mf_lines *lines, struct mf_error *error)
{
    return mf_lines_error(lines, error, "no memory");
}

/* ---- groups and roles ---- */

/* Keeps the spelling of the name that was added last. */
static bool keep_spelling(struct numbers *numbers, const struct mf_name *name, struct mf_slice text)
{
    if (numbers->shown_room < numbers->index.text_room) {
        char *moved = realloc(numbers->shown, numbers->index.text_room);

        if (moved == NULL)
            return false;
        numbers->shown = moved;
        numbers->shown_room = numbers->index.text_room;
    }
    memcpy(numbers->shown + name->text, text.data, text.length);
    return true;
}

static int intern(const struct mf_lines *lines, struct numbers *numbers, const char *what, struct mf_slice text,
                  uint16_t *number, struct mf_error *error)
{
    char lower[MF_LINE_MAX];

    for (size_t i = 0; i < text.length; i++)
        lower[i] = mf_ascii_lower(text.data[i]);

    struct mf_slice folded = {lower, text.length};
    struct mf_name *name = mf_names_find(&numbers->index, folded);
    if (name == NULL) {
        if (numbers->index.n == MF_DIRECTORY_NUMBERS)
            return mf_lines_error(lines, error, "%s \"%s\" is one too many; accepted: up to %d different ones", what,
                                  mf_shown(text).text, MF_DIRECTORY_NUMBERS);
        name = mf_names_add(&numbers->index, folded, (uint32_t)numbers->index.n + 1, lines->number);
        if (name == NULL || !keep_spelling(numbers, name, text))
            return no_memory(lines, error);
    }
    *number = (uint16_t)name->value;
    return 0;
}

static struct mf_slice spelling(const struct numbers *numbers, unsigned number)
{
    if (number == 0 || number > numbers->index.n)
        return (struct mf_slice){0};

    const struct mf_name *name = &numbers->index.name[number - 1];
    return (struct mf_slice){numbers->shown + name->text, name->length};
}

/* ---- one line ---- */

static int claim(struct mf_directory *directory, const struct mf_lines *lines, const char *what, struct mf_slice text,
                 struct mf_error *error)
{
    char folded[MF_USER_MAX];
    struct mf_slice user;

    if (mf_lines_user(lines, text, folded, &user, error) != 0)
        return -1;

    const struct mf_name *taken = mf_names_find(&directory->logins, user);
    uint32_t person = (uint32_t)directory->n - 1;
    if (taken != NULL)
        return mf_lines_error(lines, error, "%s \"%s\" stands already in line %u", what, mf_shown(user).text,
                              taken->line);
    if (mf_names_add(&directory->logins, user, person, lines->number) == NULL)
        return no_memory(lines, error);
    return 0;
}

static int add_group(struct mf_directory *directory, const struct mf_lines *lines, struct mf_slice text,
                     struct mf_error *error)
{
    struct mf_person *person = &directory->person[directory->n - 1];
    uint16_t number;

    if (intern(lines, &directory->groups, "group", text, &number, error) != 0)
        return -1;
    for (unsigned i = 0; i < MF_PERSON_GROUPS; i++) {
        if (person->group[i] != 0 && person->group[i] != number)
            continue;
        person->group[i] = number;
        return 0;
    }
    return mf_lines_error(lines, error, "group \"%s\" is one too many; accepted: up to %d, the first counts most",
                          mf_shown(text).text, MF_PERSON_GROUPS);
}

static int add_role(struct mf_directory *directory, const struct mf_lines *lines, struct mf_slice text,
                    struct mf_error *error)
{
    struct mf_person *person = &directory->person[directory->n - 1];

    if (person->role != 0)
        return mf_lines_error(lines, error, "role \"%s\" is one too many; accepted: one", mf_shown(text).text);
    return intern(lines, &directory->roles, "role", text, &person->role, error);
}

static int add_home(struct mf_directory *directory, const struct mf_lines *lines, struct mf_slice text,
                    struct mf_error *error)
{
    struct mf_person *person = &directory->person[directory->n - 1];
    char code[2];

    if (mf_lines_country(lines, text, code, error) != 0)
        return -1;
    for (unsigned i = 0; i < MF_PERSON_HOMES; i++) {
        if (person->home[i][0] != '\0' && memcmp(person->home[i], code, 2) != 0)
            continue;
        memcpy(person->home[i], code, 2);
        return 0;
    }
    return mf_lines_error(lines, error, "home \"%s\" is one too many; accepted: up to %d countries",
                          mf_shown(text).text, MF_PERSON_HOMES);
}

static int set_risk(struct mf_directory *directory, const struct mf_lines *lines, struct mf_slice text,
                    struct mf_error *error)
{
    bool high = mf_slice_equal(text, mf_slice_of("high"));

    if (!high && !mf_slice_equal(text, mf_slice_of("normal")))
        return mf_lines_error(lines, error, "risk=\"%s\"; accepted: high, normal", mf_shown(text).text);
    directory->person[directory->n - 1].risk_high = high;
    return 0;
}

static int add_alias(struct mf_directory *directory, const struct mf_lines *lines, struct mf_slice text,
                     struct mf_error *error)
{
    return claim(directory, lines, "alias", text, error);
}

static int read_pair(struct mf_directory *directory, const struct mf_lines *lines, const struct mf_list_word *word,
                     struct mf_error *error)
{
    static const char *const keys[] = {"alias", "group", "role", "home", "risk"};
    static int (*const readers[])(struct mf_directory *, const struct mf_lines *, struct mf_slice,
                                  struct mf_error *) = {add_alias, add_group, add_role, add_home, set_risk};
    int key = mf_lines_key(lines, word, keys, sizeof keys / sizeof keys[0], error), found;
    struct mf_list_word rest = *word;
    struct mf_slice item;

    if (key < 0)
        return -1;
    while ((found = mf_lines_item(lines, &rest, &item, error)) > 0)
        if (readers[key](directory, lines, item, error) != 0)
            return -1;
    return found;
}

static int read_person(struct mf_directory *directory, const struct mf_lines *lines, struct mf_error *error)
{
    struct mf_person *grown = mf_grow(directory->person, &directory->room, directory->n, sizeof *grown);

    if (grown == NULL || directory->n >= UINT32_MAX - 1)
        return no_memory(lines, error);
    directory->person = grown;
    directory->person[directory->n++] = (struct mf_person){0};

    /* Until the text of the index is whole, its place stands for the name. */
    directory->person[directory->n - 1].name.length = directory->logins.n;
    if (claim(directory, lines, "user", lines->word[0].value, error) != 0)
        return -1;
    for (unsigned i = 1; i < lines->n_words; i++)
        if (read_pair(directory, lines, &lines->word[i], error) != 0)
            return -1;
    return 0;
}

/* ---- the file ---- */

static void finish(struct mf_directory *directory)
{
    struct mf_person *fitted;

    mf_names_fit(&directory->logins);
    for (size_t i = 0; i < directory->n; i++) {
        struct mf_slice *name = &directory->person[i].name;

        *name = mf_names_text(&directory->logins, &directory->logins.name[name->length]);
    }
    if (directory->n > 0 && (fitted = realloc(directory->person, directory->n * sizeof *fitted)) != NULL) {
        directory->person = fitted;
        directory->room = directory->n;
    }
}

struct mf_directory *mf_directory_load(const char *file, const struct mf_hash_key *key, struct mf_error *error)
{
    struct mf_directory *directory = calloc(1, sizeof *directory);
    struct mf_lines lines;
    int found;

    if (directory == NULL) {
        mf_error_set(error, "%s: no memory", file);
        return NULL;
    }
    mf_names_init(&directory->logins, key);
    mf_names_init(&directory->groups.index, key);
    mf_names_init(&directory->roles.index, key);
    found = mf_lines_open(&lines, file, error);
    if (found == 0)
        while ((found = mf_lines_next(&lines, error)) > 0)
            if (read_person(directory, &lines, error) != 0) {
                found = -1;
                break;
            }
    mf_lines_close(&lines);
    if (found < 0) {
        mf_directory_free(directory);
        return NULL;
    }
    finish(directory);
    return directory;
}

static void free_numbers(struct numbers *numbers)
{
    mf_names_fini(&numbers->index);
    free(numbers->shown);
}

void mf_directory_free(struct mf_directory *directory)
{
    if (directory == NULL)
        return;
    mf_names_fini(&directory->logins);
    free_numbers(&directory->groups);
    free_numbers(&directory->roles);
    free(directory->person);
    free(directory);
}

/* ---- looking up ---- */

const struct mf_person *mf_directory_find(const struct mf_directory *directory, struct mf_slice user)
{
    const struct mf_name *name = directory == NULL ? NULL : mf_names_find(&directory->logins, user);

    return name == NULL ? NULL : &directory->person[name->value];
}

struct mf_slice mf_directory_canonical(const struct mf_directory *directory, struct mf_slice user)
{
    const struct mf_person *person = mf_directory_find(directory, user);

    return person == NULL ? user : person->name;
}

struct mf_slice mf_directory_group(const struct mf_directory *directory, unsigned number)
{
    return spelling(&directory->groups, number);
}

struct mf_slice mf_directory_role(const struct mf_directory *directory, unsigned number)
{
    return spelling(&directory->roles, number);
}

size_t mf_directory_count(const struct mf_directory *directory)
{
    return directory->n;
}

size_t mf_directory_groups(const struct mf_directory *directory)
{
    return directory->groups.index.n;
}

size_t mf_directory_roles(const struct mf_directory *directory)
{
    return directory->roles.index.n;
}

static size_t numbers_memory(const struct numbers *numbers)
{
    return mf_names_memory(&numbers->index) + numbers->shown_room;
}

size_t mf_directory_memory(const struct mf_directory *directory)
{
    return sizeof *directory + mf_names_memory(&directory->logins) + directory->room * sizeof *directory->person +
           numbers_memory(&directory->groups) + numbers_memory(&directory->roles);
}
