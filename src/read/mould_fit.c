/* src/read/mould_fit.c
 *
 * Reading a record by a mould: bytes that must be the same, and values that must be values. */

#include "read/mould_book.h"

#include "read/scan.h"
#include "read/token.h"

/* Where a message is read, and where its nodes go. */
struct run {
    const char *text;
    ptrdiff_t p, end;
    ptrdiff_t last_step; /* the last place from where mf_scan_step() may be called */
    struct mf_node *node;
};

static __attribute__((noinline)) bool is_same_near_the_end(const struct run *run, const char *text, ptrdiff_t length)
{
    return run->end - run->p >= length && memcmp(run->text + run->p, text, (size_t)length) == 0;
}

static inline bool is_same(const struct run *run, const char *text, ptrdiff_t length)
{
    if (__builtin_expect(run->p + length > run->last_step, 0))
        return is_same_near_the_end(run, text, length);
    return mf_scan_same(run->text + run->p, text, (size_t)length);
}

static __attribute__((noinline)) bool fill_long(struct run *run, ptrdiff_t start, unsigned *flags)
{
    ptrdiff_t p = mf_scan_plain(run->text, start, run->end);

    if (p < run->end && run->text[p] != '"')
        p = mf_token_string_end(run->text, p, run->end, flags);
    if (p < 0 || p >= run->end)
        return false;
    run->p = p;
    return true;
}

/* The text of the string that has begun before `p`. The closing quote belongs to the next piece. */
static inline bool fill_string(struct run *run, const struct piece *piece)
{
    struct mf_node *node = run->node;
    ptrdiff_t start = run->p;
    unsigned distance, flags = 0;

    *node = piece->node;
    node->start = (uint32_t)start;
    if (start <= run->last_step && mf_scan_step(run->text + start, &distance) &&
        run->text[start + (ptrdiff_t)distance] == '"') {
        run->p = start + (ptrdiff_t)distance;
    } else {
        if (!fill_long(run, start, &flags))
            return false;
        node->flags = (uint8_t)flags;
    }
    node->length = (uint32_t)(run->p - start);
    return true;
}

static __attribute__((noinline)) bool fill_number(struct run *run, const struct piece *piece)
{
    ptrdiff_t stop = mf_token_number_end(run->text, run->p, run->end);

    if (stop < 0)
        return false;
    *run->node = piece->node;
    run->node->start = (uint32_t)run->p;
    run->node->length = (uint32_t)(stop - run->p);
    run->p = stop;
    return true;
}

static __attribute__((noinline)) bool fill_truth(struct run *run, const struct piece *piece)
{
    static const char words[2][6] = {"false", "true"};
    ptrdiff_t yes = run->p < run->end && run->text[run->p] == 't', length = yes ? 4 : 5;

    if (!is_same_near_the_end(run, words[yes], length))
        return false;
    *run->node = piece->node;
    run->node->type = yes ? MF_NODE_TRUE : MF_NODE_FALSE;
    run->node->start = (uint32_t)run->p;
    run->node->length = (uint32_t)length;
    run->p += length;
    return true;
}

/* The piece with its hole. When it does not fit, `p` is where it was. */
static inline bool take_piece(struct run *run, const struct piece *piece, const char *text)
{
    ptrdiff_t start = run->p;
    bool fits;

    if (!is_same(run, text + piece->text, piece->length))
        return false;
    run->p += piece->length;
    if (piece->hole == HOLE_STRING)
        fits = fill_string(run, piece);
    else if (piece->hole == HOLE_NUMBER)
        fits = fill_number(run, piece);
    else if (piece->hole == HOLE_TRUTH)
        fits = fill_truth(run, piece);
    else
        fits = run->p == run->end;
    if (!fits)
        run->p = start;
    return fits;
}

/* The whole document; the cast that it fits, or NULL. Of two pieces in one list at most one can fit: a document has one
 * reading. */
static const struct cast *take_document(const struct mf_moulds *moulds, unsigned first, struct run *run)
{
    for (unsigned at = first; at != 0;) {
        const struct piece *piece = &moulds->piece[at];

        if (!take_piece(run, piece, moulds->text)) {
            at = piece->other;
        } else if (piece->hole == HOLE_NONE) {
            return piece->next == 0 ? NULL : &moulds->cast[piece->next];
        } else {
            at = piece->next;
            run->node++;
        }
    }
    return NULL;
}

/* ---- what lies between the values ---- */

static inline uint32_t place_of(const struct mf_node *nodes, uint32_t document, const struct anchor *anchor)
{
    const struct mf_node *value = nodes + anchor->hole - 1;

    return (anchor->hole == 0 ? document : value->start + value->length) + anchor->offset;
}

static void put_copy(const struct mf_node *nodes, uint32_t document, const struct copy *copy, struct mf_node *node)
{
    if (copy->kind == COPY_OF_HOLE) {
        *node = nodes[copy->of];
        node->next = copy->node.next;
        return;
    }
    *node = copy->node;
    node->start = place_of(nodes, document, &copy->start);
    if (copy->kind == COPY_OF_CONTAINER)
        node->length = place_of(nodes, document, &copy->end) - node->start;
}

static ptrdiff_t trim_end(const char *text, ptrdiff_t end)
{
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == '\t'))
        end--;
    return end;
}

bool mf_moulds_fit(const struct mf_moulds *moulds, unsigned owner, const struct mf_paths *paths,
                   struct mf_record *record, const char *bytes, size_t length, uint32_t *found)
{
    const struct owner *own = &moulds->owner[owner];
    struct run run = {.text = bytes, .node = record->nodes};
    const struct cast *cast;
    uint32_t document;

    if (own->first == 0 || own->mark != mf_paths_mark(paths) || length == 0 || length > record->limits.size)
        return false;
    run.end = trim_end(bytes, (ptrdiff_t)length);
    run.last_step = run.end - MF_SCAN_STEP;
    run.p = mf_token_document(bytes, run.end);
    document = (uint32_t)run.p;
    cast = take_document(moulds, own->first, &run);
    if (cast == NULL)
        return false;
    for (uint32_t i = 0; i < cast->n_copies; i++)
        put_copy(record->nodes, document, &moulds->copy[cast->first_copy + i], &record->nodes[cast->n_holes + i]);
    memcpy(found, moulds->answer + cast->first_answer, cast->n_answers * sizeof *found);
    record->text = bytes;
    record->length = length;
    record->n_nodes = cast->n_holes + cast->n_copies;
    record->scratch_used = 0;
    record->failed_at = 0;
    return true;
}
