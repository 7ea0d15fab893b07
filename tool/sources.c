/* tool/sources.c
 *
 * Each input has one line in hand, its head. Inputs are few (files of one replay), so the oldest head is looked for in
 * a plain array of times. */

#include "sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct source {
    struct mf_input input;
    struct mf_line head;
    bool blank; /* the head is a blank line */
};

struct mf_sources {
    struct source *source;
    mf_time *time; /* of each source's head; what a source without any more lines has does not matter */
    size_t n;
    size_t n_live; /* source[0..n) are open, live[0..n_live) have a head */
    size_t *live;
    size_t current; /* index into live: where the last record came from */
    bool started;
    mf_sources_time_fn time_of;
    void *context;
    uint64_t total;
    bool named;
};

static bool is_blank(const struct mf_line *line)
{
    return mf_slice_trim((struct mf_slice){line->bytes, line->length}).length == 0;
}

/* Every input keeps a file open; the soft limit is a habit, the hard one is the rule. */
static void allow_files(size_t n)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n + 64) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct mf_sources *sources_new(size_t n)
{
    struct mf_sources *sources = calloc(1, sizeof(*sources));

    if (sources == NULL)
        return NULL;
    sources->source = calloc(n, sizeof(*sources->source));
    sources->time = calloc(n, sizeof(*sources->time));
    sources->live = calloc(n, sizeof(*sources->live));
    if (sources->source != NULL && sources->time != NULL && sources->live != NULL)
        return sources;
    mf_sources_close(sources);
    return NULL;
}

struct mf_sources *mf_sources_open(const struct mf_arguments *arguments, mf_sources_time_fn time_of, void *context,
                                   struct mf_output *output, int *code, struct mf_error *error)
{
    struct mf_sources *sources = sources_new(arguments->n_files);
    bool size_known = true;

    if (sources == NULL) {
        *code = MF_EXIT_IO;
        mf_error_set(error, "%s", strerror(ENOMEM));
        return NULL;
    }
    sources->time_of = arguments->n_files > 1 ? time_of : NULL;
    sources->context = context;
    sources->named = arguments->n_files > 1;
    allow_files(arguments->n_files);
    for (size_t i = 0; i < arguments->n_files; i++) {
        struct mf_input *input = &sources->source[i].input;
        int result = mf_input_open(input, arguments->files[i], output, error);

        if (result != MF_EXIT_OK) {
            *code = result;
            mf_sources_close(sources);
            return NULL;
        }
        sources->live[i] = i;
        sources->n = sources->n_live = i + 1;
        sources->total += input->size;
        size_known = size_known && input->regular;
    }
    if (!size_known)
        sources->total = 0;
    return sources;
}

void mf_sources_close(struct mf_sources *sources)
{
    if (sources == NULL)
        return;
    for (size_t i = 0; i < sources->n; i++)
        mf_input_close(&sources->source[i].input);
    free(sources->source);
    free(sources->time);
    free(sources->live);
    free(sources);
}

/* Takes live source `at` out: those behind it keep their order. */
static void retire(struct mf_sources *sources, size_t at)
{
    sources->n_live--;
    memmove(sources->live + at, sources->live + at + 1, (sources->n_live - at) * sizeof(*sources->live));
}

/* Gets the next line of live source `at` and its time; false when there is none. */
static bool advance(struct mf_sources *sources, size_t at, int *code, struct mf_error *error)
{
    size_t which = sources->live[at];
    struct source *source = &sources->source[which];

    if (!mf_input_line(&source->input, &source->head, code, error))
        return false;
    source->blank = is_blank(&source->head);
    sources->time[which] = MF_TIME_NONE;
    if (sources->time_of != NULL && sources->n_live > 1 && !source->blank) /* nobody waits for the last one's time */
        sources->time[which] = sources->time_of(sources->context, &source->head);
    return true;
}

/* Fills the heads of all sources before the first record of a merge. */
static bool fill_heads(struct mf_sources *sources, int *code, struct mf_error *error)
{
    int result = MF_EXIT_OK;

    for (size_t at = 0; at < sources->n_live;)
        if (advance(sources, at, &result, error))
            at++;
        else if (result != MF_EXIT_OK)
            break;
        else
            retire(sources, at);
    if (result != MF_EXIT_OK)
        *code = result;
    return result == MF_EXIT_OK;
}

static void choose_oldest(struct mf_sources *sources)
{
    size_t best = 0;

    for (size_t at = 1; at < sources->n_live; at++)
        if (sources->time[sources->live[at]] < sources->time[sources->live[best]])
            best = at;
    sources->current = best;
}

/* Moves to the next line of a merge. */
static bool next_by_time(struct mf_sources *sources, int *code, struct mf_error *error)
{
    int result = MF_EXIT_OK;

    if (!sources->started) {
        sources->started = true;
        if (!fill_heads(sources, code, error))
            return false;
    } else if (advance(sources, sources->current, &result, error)) {
        if (sources->time[sources->live[sources->current]] == MF_TIME_NONE)
            return true; /* it goes with the record before it */
    } else if (result != MF_EXIT_OK) {
        *code = result;
        return false;
    } else {
        retire(sources, sources->current);
    }
    choose_oldest(sources);
    return sources->n_live > 0;
}

/* Moves to the next line of the first source that has one. */
static bool next_in_turn(struct mf_sources *sources, int *code, struct mf_error *error)
{
    int result = MF_EXIT_OK;

    while (sources->n_live > 0) {
        if (advance(sources, 0, &result, error))
            return true;
        if (result != MF_EXIT_OK) {
            *code = result;
            return false;
        }
        retire(sources, 0);
    }
    return false;
}

bool mf_sources_next(struct mf_sources *sources, struct mf_placed_line *place, int *code, struct mf_error *error)
{
    const struct source *source;

    do {
        bool more = sources->time_of != NULL ? next_by_time(sources, code, error) : next_in_turn(sources, code, error);

        if (!more)
            return false;
        source = &sources->source[sources->live[sources->time_of != NULL ? sources->current : 0]];
    } while (source->blank);

    place->file = sources->named ? source->input.name : NULL;
    place->line = source->head;
    return true;
}

void mf_sources_progress(const struct mf_sources *sources, uint64_t *done, uint64_t *total)
{
    *done = 0;
    for (size_t i = 0; i < sources->n; i++)
        *done += sources->source[i].input.consumed;
    *total = sources->total;
}

void mf_json_place(struct mf_output *output, const struct mf_placed_line *place)
{
    mf_json_count(output, "record", place->line.number);
    mf_json_text(output, "file", place->file);
}
