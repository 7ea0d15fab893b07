/* src/read/mould_fit.c
 *
 * Reading a record by a mould: bytes that must be the same, and values that must be values. */

#include "read/mould_book.h"

#include "read/scan.h"
#include "read/token.h"

#define rarely(condition) __builtin_expect(condition, 0)

static __attribute__((noinline)) bool is_same_near_the_end(const char *text, ptrdiff_t p, ptrdiff_t end,
                                                           const char *bytes, ptrdiff_t length)
{
    return end - p >= length && memcmp(text + p, bytes, (size_t)length) == 0;
}

/* The closing quote of the string that begins at `start` and has something at `p` that is not plain, or is near the
 * end. -1 when it is no string; its flags go to the node. */
static __attribute__((noinline)) ptrdiff_t special_string(const char *text, ptrdiff_t p, ptrdiff_t end,
                                                          struct mf_node *node)
{
    unsigned flags = 0;

    p = mf_scan_plain(text, p, end);
    if (p < end && text[p] != '"')
        p = mf_token_string_end(text, p, end, &flags);
    node->flags = (uint8_t)flags;
    return p < end ? p : -1;
}

static inline __attribute__((always_inline)) ptrdiff_t string_end(const char *text, ptrdiff_t p, ptrdiff_t end,
                                                                  struct mf_node *node)
{
    unsigned distance;

    for (; p <= end - MF_SCAN_STEP; p += MF_SCAN_STEP)
        if (mf_scan_step(text + p, &distance)) {
            p += (ptrdiff_t)distance;
            if (rarely(text[p] != '"'))
                break;
            return p;
        }
    return special_string(text, p, end, node);
}

static ptrdiff_t guarded_end(const char *text, ptrdiff_t start, ptrdiff_t end, struct mf_node *node)
{
    ptrdiff_t stop = string_end(text, start, end, node);

    if (stop < 0 || may_be_document((struct mf_slice){text + start, (size_t)(stop - start)}, node->flags))
        return -1;
    return stop;
}

/* Behind any value but a common string, or -1 when there is none. Behind the last piece nothing is. */
static __attribute__((noinline)) ptrdiff_t scalar_end(enum hole hole, const char *text, ptrdiff_t p, ptrdiff_t end,
                                                      struct mf_node *node)
{
    static const char words[2][6] = {"false", "true"};
    bool yes = p < end && text[p] == 't';
    ptrdiff_t length = yes ? 4 : 5;

    if (hole == HOLE_NONE)
        return p == end ? end : -1;
    if (hole == HOLE_GUARDED)
        return guarded_end(text, p, end, node);
    if (hole == HOLE_NUMBER)
        return p < end ? mf_token_number_end(text, p) : -1;
    node->type = yes ? MF_NODE_TRUE : MF_NODE_FALSE;
    return is_same_near_the_end(text, p, end, words[yes], length) ? p + length : -1;
}

/* Whether the piece's bytes stand at `p`, and where it ends. */
static inline __attribute__((always_inline)) bool is_same(const struct piece *piece, const char *text, ptrdiff_t p,
                                                          ptrdiff_t end)
{
    enum { LONG = 64 }; /* from here on the C library's way is the faster one */
    ptrdiff_t length = piece->length;

    if (length > LONG)
        return end - p >= length && memcmp(text + p, piece->bytes, (size_t)length) == 0;
    if (rarely(p + length > end - MF_SCAN_STEP))
        return is_same_near_the_end(text, p, end, piece->bytes, length);
    return mf_scan_same(text + p, piece->bytes, (size_t)length);
}

/* The end of the value that begins at `start`, or -1; its node. */
static inline __attribute__((always_inline)) ptrdiff_t take_value(const struct piece *piece, const char *text,
                                                                  ptrdiff_t start, ptrdiff_t end, struct mf_node *node)
{
    ptrdiff_t stop;

    *node = piece->node;
    if (piece->hole == HOLE_STRING)
        stop = string_end(text, start, end, node);
    else
        stop = scalar_end((enum hole)piece->hole, text, start, end, node);
    node->start = (uint32_t)start;
    node->length = (uint32_t)(stop - start);
    return stop;
}

/* The values that the shortcut, which stands at `p`, holds. */
static inline void put_fills(const struct shortcut *shortcut, ptrdiff_t p, struct mf_node *node)
{
    const struct fill *fill = shortcut->fill, *behind = fill + shortcut->n_fills;

    for (; fill < behind; fill++) {
        struct mf_node *to = node + fill->hole;

        *to = fill->node;
        to->start += (uint32_t)p;
    }
}

/* The piece at `p` and the value in its hole: the end of both, or -1. */
static inline __attribute__((always_inline)) ptrdiff_t take_piece(const struct piece *piece, const char *text,
                                                                  ptrdiff_t p, ptrdiff_t end, struct mf_node *node)
{
    ptrdiff_t start = p + piece->length;

    if (!is_same(piece, text, p, end))
        return -1;
    return take_value(piece, text, start, end, node);
}

/* By itself, so that it costs nothing where there are none. */
static __attribute__((noinline)) ptrdiff_t take_shortcut(const struct shortcut *shortcut, const char *text, ptrdiff_t p,
                                                         ptrdiff_t end, struct mf_node *node)
{
    ptrdiff_t stop = take_piece(&shortcut->piece, text, p, end, node + shortcut->n_passed);

    if (stop >= 0)
        put_fills(shortcut, p, node);
    return stop;
}

static inline const struct shortcut *shortcut_of(const struct piece *piece)
{
    return (const struct shortcut *)(const void *)piece;
}

/* The whole document text[p..end), which ends with a bracket; the cast that it fits, or NULL. Of two pieces in one list
 * at most one can fit: a document has one reading, and shortcuts say what pieces say. The closing quote of a string belongs
 * to the next piece. */
static struct cast *take_document(struct owner *own, const char *text, ptrdiff_t p, ptrdiff_t end, struct mf_node *node)
{
    struct piece *piece = own->first;
    unsigned luck = SHORTCUTS_LUCK;

    while (piece != NULL) {
        struct piece *next = piece->next;
        ptrdiff_t stop;

        if (piece->is_shortcut) {
            stop = luck == 0 ? -1 : take_shortcut(shortcut_of(piece), text, p, end, node);
            if (stop < 0) {
                luck -= luck > 0;
                piece = piece->other;
                continue;
            }
            node += shortcut_of(piece)->n_passed;
            next = *piece->list;
        } else {
            stop = take_piece(piece, text, p, end, node);
            if (stop < 0) {
                piece = piece->other;
                continue;
            }
            if (rarely(piece->passed_by != NULL))
                mf_mould_miss(own, piece, text, p, end, luck > 0);
        }
        if (next == NULL)
            return piece->cast;
        node++;
        p = stop;
        piece = next;
    }
    return NULL;
}

ptrdiff_t mf_mould_value(const struct piece *piece, const char *text, ptrdiff_t start, ptrdiff_t end,
                         struct mf_node *node)
{
    return take_value(piece, text, start, end, node);
}

const struct cast *mf_mould_walk(struct piece **first, const char *text, ptrdiff_t p, ptrdiff_t end, struct walk *walk)
{
    struct piece **list = first, *piece = *list;

    for (walk->n = 0; piece != NULL && walk->n <= NODES_MAX;) {
        ptrdiff_t stop = piece->is_shortcut ? -1 : take_piece(piece, text, p, end, &walk->node[walk->n]);

        if (stop < 0) {
            piece = piece->other;
            continue;
        }
        walk->list[walk->n] = list;
        walk->piece[walk->n] = piece;
        if (piece->next == NULL)
            return piece->cast;
        walk->n++;
        p = stop;
        list = &piece->next;
        piece = *list;
    }
    return NULL;
}

/* ---- what lies between the values ---- */

static inline uint32_t place_of(const struct mf_node *nodes, uint32_t document, const struct anchor *anchor)
{
    const struct mf_node *value = nodes + anchor->hole - 1;

    return (anchor->hole == 0 ? document : value->start + value->length) + anchor->offset;
}

static inline void put_copy(const struct mf_node *nodes, uint32_t document, const struct copy *copy,
                            struct mf_node *node)
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

/* Behind the values, which are there. */
static void put_copies(const struct mf_moulds *moulds, const struct cast *cast, uint32_t document,
                       struct mf_node *nodes)
{
    const struct copy *copy = moulds->copy + cast->first_copy, *behind = copy + cast->n_copies;

    for (struct mf_node *node = nodes + cast->n_holes; copy < behind; copy++, node++)
        put_copy(nodes, document, copy, node);
}

static ptrdiff_t trim_end(const char *text, ptrdiff_t end)
{
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == '\t'))
        end--;
    return end;
}

bool mf_moulds_fit(struct mf_moulds *moulds, unsigned owner, const struct mf_paths *paths, struct mf_record *record,
                   const char *bytes, size_t length, uint32_t *found, enum mf_mould_note *note)
{
    struct owner *own = &moulds->owner[owner];
    struct cast *cast;
    ptrdiff_t end, start;

    if (own->first == NULL || own->mark != mf_paths_mark(paths) || length == 0 || length > record->limits.size)
        return false;
    end = trim_end(bytes, (ptrdiff_t)length);
    start = mf_token_document(bytes, end);
    if (start == end || bytes[end - 1] != '}')
        return false;
    own->fits++;
    cast = take_document(own, bytes, start, end, record->nodes);
    if (rarely(own->is_stale))
        mf_mould_drop_stale(moulds, owner);
    if (cast == NULL)
        return false;
    if (rarely(!cast->is_settled))
        mf_mould_watch(moulds, cast, bytes, start, end);
    put_copies(moulds, cast, (uint32_t)start, record->nodes);
    memcpy(found, moulds->answer + cast->first_answer, cast->n_answers * sizeof *found);
    record->text = bytes;
    record->length = length;
    record->n_nodes = cast->n_holes + cast->n_copies;
    record->scratch_used = 0;
    record->failed_at = 0;
    record->n_unpacked = 0;
    *note = cast->note;
    return true;
}
