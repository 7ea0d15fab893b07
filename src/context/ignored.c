/* src/context/ignored.c
 *
 * Three indexes: whole names, beginnings, endings. A login is looked up once among the names, and once for each length
 * that a beginning or an ending on the list has, so that thousands of patterns cost no more than a few. */

#include "context/ignored.h"

#include <stdlib.h>

#include "context/expiry.h"
#include "context/grow.h"
#include "context/lines.h"
#include "context/names.h"
#include "read/event.h"

enum part { WHOLE, BEGINNING, ENDING, N_PARTS };

struct mf_ignored {
    struct mf_names names[N_PARTS]; /* value: index into `end` */
    bool lengths[N_PARTS][MF_USER_MAX + 1];
    mf_time *end;
    size_t n, room;
    size_t n_repeated;
    struct mf_expiry expiry;
};

static int no_memory(const struct mf_lines *lines, struct mf_error *error)
{
    return mf_lines_error(lines, error, "no memory");
}

/* Takes the '*' off. */
static int read_part(const struct mf_lines *lines, struct mf_slice *text, enum part *part, struct mf_error *error)
{
    struct mf_slice rest = *text;

    *part = WHOLE;
    if (rest.length > 0 && rest.data[rest.length - 1] == '*') {
        *part = BEGINNING;
        rest.length--;
    } else if (rest.length > 0 && rest.data[0] == '*') {
        *part =
ENDING
;
rest.data++;
rest.length--;
}
if (*part != WHOLE && rest.length == 0)
    return mf_lines_error(lines, error, "\"*\" would ignore everybody; accepted: svc-*, *@scanner.example.com");
if (memchr(rest.data, '*', rest.length) != NULL)
    return mf_lines_error(lines, error, "\"%s\": accepted is one \"*\", at the end or at the beginning",
                          mf_shown(*text).text);
*text = rest;
return 0;
}

static int read_end(const struct mf_lines *lines, mf_time *end, struct mf_error *error)
{
    static const char *const keys[] = {"until"};

    *end = MF_FOREVER;
    for (unsigned i = 1; i < lines->n_words; i++) {
        if (mf_lines_key(lines, &lines->word[i], keys, 1, error) < 0)
            return -1;
        if (*end != MF_FOREVER)
            return mf_lines_error(lines, error, "until= stands twice");
        if (mf_lines_time(lines, &lines->word[i], NULL, end, error) != 0)
            return -1;
    }
    return 0;
}

static int add(struct mf_ignored *ignored, const struct mf_lines *lines, enum part part, struct mf_slice text,
               mf_time end, struct mf_error *error)
{
    const struct mf_name *known = mf_names_find(&ignored->names[part], text);

    if (!mf_expiry_note(&ignored->expiry, end, lines->number))
        return no_memory(lines, error);
    if (known != NULL) {
        mf_time *earlier = &ignored->end[known->value];

        *earlier = end > *earlier ? end : *earlier;
        ignored->n_repeated++;
        return 0;
    }

    mf_time *grown = mf_grow(ignored->end, &ignored->room, ignored->n, sizeof *grown);
    if (grown == NULL)
        return no_memory(lines, error);
    ignored->end = grown;
    if (mf_names_add(&ignored->names[part], text, (uint32_t)ignored->n, lines->number) == NULL)
        return no_memory(lines, error);
    ignored->end[ignored->n++] = end;
    ignored->lengths[part][text.length] = true;
    return 0;
}

static int read_name(struct mf_ignored *ignored, const struct mf_directory *directory, const struct mf_lines *lines,
                     struct mf_error *error)
{
    struct mf_slice text = lines->word[0].value, user;
    char folded[MF_USER_MAX];
    enum part part;
    mf_time end;

    if (read_part(lines, &text, &part, error) != 0 || mf_lines_user(lines, text, folded, &user, error) != 0 ||
        read_end(lines, &end, error) != 0)
        return -1;
    if (part == WHOLE)
        user = mf_directory_canonical(directory, user);
    return add(ignored, lines, part, user, end, error);
}

struct mf_ignored *mf_ignored_load(const char *file, const struct mf_directory *directory,
                                   const struct mf_hash_key *key, struct mf_error *error)
{
    struct mf_ignored *ignored = calloc(1, sizeof *ignored);
    struct mf_lines lines;
    int found;

    if (ignored == NULL) {
        mf_error_set(error, "%s: no memory", file);
        return NULL;
    }
    for (unsigned i = 0; i < N_PARTS; i++)
        mf_names_init(&ignored->names[i], key);
    found = mf_lines_open(&lines, file, error);
    if (found == 0)
        while ((found = mf_lines_next(&lines, error)) > 0)
            if (read_name(ignored, directory, &lines, error) != 0) {
                found = -1;
                break;
            }
    mf_lines_close(&lines);
    if (found < 0) {
        mf_ignored_free(ignored);
        return NULL;
    }
    for (unsigned i = 0; i < N_PARTS; i++)
        mf_names_fit(&ignored->names[i]);
    return ignored;
}

void mf_ignored_free(struct mf_ignored *ignored)
{
    if (ignored == NULL)
        return;
    for (unsigned i = 0; i < N_PARTS; i++)
        mf_names_fini(&ignored->names[i]);
    mf_expiry_fini(&ignored->expiry);
    free(ignored->end);
    free(ignored);
}

static bool listed(const struct mf_ignored *ignored, enum part part, struct mf_slice text, mf_time now)
{
    const struct mf_name *name = mf_names_find(&ignored->names[part], text);

    return name != NULL && now < ignored->end[name->value];
}

bool mf_ignored_has(const struct mf_ignored *ignored, struct mf_slice user, mf_time now)
{
    if (ignored == NULL || user.length > MF_USER_MAX)
        return false;
    if (listed(ignored, WHOLE, user, now))
        return true;
    /* "svc-*" takes in "svc-" too: what stands for the star may be empty */
    for (size_t n = 1; n <= user.length; n++) {
        if (ignored->lengths[BEGINNING][n] && listed(ignored, BEGINNING, (struct mf_slice){user.data, n}, now))
            return true;
        if (ignored->lengths[ENDING][n] &&
            listed(ignored, ENDING, (struct mf_slice){user.data + user.length - n, n}, now))
            return true;
    }
    return false;
}

size_t mf_ignored_count(const struct mf_ignored *ignored)
{
    return ignored->n + ignored->n_repeated;
}

size_t mf_ignored_repeated(const struct mf_ignored *ignored)
{
    return ignored->n_repeated;
}

size_t mf_ignored_expired(const struct mf_ignored *ignored, mf_time now, uint32_t *line)
{
    return mf_expiry_count(&ignored->expiry, now, line);
}

size_t mf_ignored_memory(const struct mf_ignored *ignored)
{
    size_t bytes = sizeof *ignored + ignored->room * sizeof *ignored->end + mf_expiry_memory(&ignored->expiry);

    for (unsigned i = 0; i < N_PARTS; i++)
        bytes += mf_names_memory(&ignored->names[i]);
    return bytes;
}
