/* src/context/travel.c
 *
 * An index of users whose value is the newest of their stays; a stay is one country of one note and knows the stay
 * before it. */

#include "context/travel.h"

#include <stdlib.h>

#include "context/expiry.h"
#include "context/grow.h"
#include "context/lines.h"
#include "context/names.h"
#include "read/event.h"

struct stay {
    mf_time begin, end;
    uint32_t before; /* index + 1 of the user's next stay, 0 = none */
    char country[2];
    uint16_t rank; /* how many stays of the user, with this one */
};

struct mf_travel {
    struct mf_names users;
    struct stay *stay;
    size_t n, room;
    size_t n_notes;
    struct mf_expiry expiry;
};

static int no_memory(const struct mf_lines *lines, struct mf_error *error)
{
    return mf_lines_error(lines, error, "no memory");
}

static int add_stay(struct mf_travel *travel, const struct mf_lines *lines, struct mf_name *user, struct stay stay,
                    struct mf_error *error)
{
    struct stay *grown = mf_grow(travel->stay, &travel->room, travel->n, sizeof *grown);

    if (grown == NULL || travel->n >= UINT32_MAX - 1)
        return no_memory(lines, error);
    travel->stay = grown;
    stay.before = user->value;
    stay.rank = (uint16_t)(user->value == 0 ? 1 : grown[user->value - 1].rank + 1);
    if (stay.rank > MF_TRAVEL_USER_MAX)
        return mf_lines_error(lines, error,
                              "more than %d countries in the notes of one user; remove trips that are over",
                              MF_TRAVEL_USER_MAX);
    grown[travel->n++] = stay;
    user->value = (uint32_t)travel->n;
    return 0;
}

/* from= and until=, both once, in any order */
static int read_days(const struct mf_lines *lines, struct stay *stay, struct mf_error *error)
{
    static const char *const keys[] = {"from", "until"};
    unsigned seen = 0;

    for (unsigned i = 2; i < lines->n_words; i++) {
        const struct mf_list_word *word = &lines->word[i];
        int key = mf_lines_key(lines, word, keys, 2, error);

        if (key < 0)
            return -1;
        if (seen & 1u << key)
            return mf_lines_error(lines, error, "%s= stands twice", keys[key]);
        seen |= 1u << key;
        if (mf_lines_time(lines, word, key == 0 ? &stay->begin : NULL, key == 0 ? NULL : &stay->end, error) != 0)
            return -1;
    }
    if (seen != 3)
        return mf_lines_error(lines, error, "%s= is missing; a note has a first and a last day",
                              seen & 1 ? "until" : "from");
    if (stay->end <= stay->begin)
        return mf_lines_error(lines, error, "until= is before from=");
    return 0;
}

static struct mf_name *user_of(struct mf_travel *travel, struct mf_slice user, uint32_t line)
{
    struct mf_name *name = mf_names_find(&travel->users, user);

    return name != NULL ? name : mf_names_add(&travel->users, user, 0, line);
}

static int read_note(struct mf_travel *travel, const struct mf_directory *directory, const struct mf_lines *lines,
                     struct mf_error *error)
{
    char folded[MF_USER_MAX];
    struct mf_slice user, item;
    struct stay stay = {0};
    struct mf_name *name;
    int found;

    if (mf_lines_user(lines, lines->word[0].value, folded, &user, error) != 0)
        return -1;
    if (lines->n_words < 2 || lines->word[1].key.data != NULL)
        return mf_lines_error(lines, error,
                              "countries are missing; accepted: user RO,BG from=2026-11-01 "
                              "until=2026-11-20");
    if (read_days(lines, &stay, error) != 0)
        return -1;
    name = user_of(travel, mf_directory_canonical(directory, user), lines->number);
    if (name == NULL || !mf_expiry_note(&travel->expiry, stay.end, lines->number))
        return no_memory(lines, error);

    struct mf_list_word rest = lines->word[1];
    while ((found = mf_lines_item(lines, &rest, &item, error)) > 0)
        if (mf_lines_country(lines, item, stay.country, error) != 0 || add_stay(travel, lines, name, stay, error) != 0)
            return -1;
    travel->n_notes++;
    return found;
}

struct mf_travel *mf_travel_load(const char *file, const struct mf_directory *directory, const struct mf_hash_key *key,
                                 struct mf_error *error)
{
    struct mf_travel *travel = calloc(1, sizeof *travel);
    struct mf_lines lines;
    int found;

    if (travel == NULL) {
        mf_error_set(error, "%s: no memory", file);
        return NULL;
    }
    mf_names_init(&travel->users, key);
    found = mf_lines_open(&lines, file, error);
    if (found == 0)
        while ((found = mf_lines_next(&lines, error)) > 0)
            if (read_note(travel, directory, &lines, error) != 0) {
                found = -1;
                break;
            }
    mf_lines_close(&lines);
    if (found < 0) {
        mf_travel_free(travel);
        return NULL;
    }
    mf_names_fit(&travel->users);
    return travel;
}

void mf_travel_free(struct mf_travel *travel)
{
    if (travel == NULL)
        return;
    mf_names_fini(&travel->users);
    mf_expiry_fini(&travel->expiry);
    free(travel->stay);
    free(travel);
}

bool mf_travel_covers(const struct mf_travel *travel, struct mf_slice user, const char country[2], mf_time time)
{
    const struct mf_name *name = travel == NULL ? NULL : mf_names_find(&travel->users, user);

    for (uint32_t at = name == NULL ? 0 : name->value; at != 0; at = travel->stay[at - 1].before) {
        const struct stay *stay = &travel->stay[at - 1];

        if (memcmp(stay->country, country, 2) == 0 && stay->begin <= time && time < stay->end)
            return true;
    }
    return false;
}

size_t mf_travel_count(const struct mf_travel *travel)
{
    return travel->n_notes;
}

size_t mf_travel_expired(const struct mf_travel *travel, mf_time now, uint32_t *line)
{
    return mf_expiry_count(&travel->expiry, now, line);
}

size_t mf_travel_memory(const struct mf_travel *travel)
{
    return sizeof *travel + mf_names_memory(&travel->users) + travel->room * sizeof *travel->stay +
           mf_expiry_memory(&travel->expiry);
}
