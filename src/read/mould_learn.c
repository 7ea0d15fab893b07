/* src/read/mould_learn.c
 *
 * A parsed and resolved record -> a mould. */

#include "read/mould_book.h"

#include <stdlib.h>

#include "read/scan.h"

enum {
    DEPTH_MAX = 32,
    REFUSED_MAX = 4096, /* then all is forgotten, and what feeds look like now is learned */
};

_Static_assert((int)PADDING >= (int)MF_SCAN_STEP, "comparing looks at whole steps");

struct mf_moulds *mf_moulds_new(void)
{
    return calloc(1, sizeof(struct mf_moulds));
}

void mf_moulds_free(struct mf_moulds *moulds)
{
    free(moulds);
}

static void forget_all(struct mf_moulds *moulds)
{
    memset(moulds->owner, 0, sizeof moulds->owner);
    for (unsigned i = 0; i < SHORTCUT_SETS; i++)
        moulds->set[i].cast = NULL;
    moulds->watch.cast = NULL;
    moulds->n_pieces = moulds->n_casts = moulds->n_text = moulds->n_answers = moulds->n_copies = 0;
    moulds->refused = 0;
}

/* A record while it is cut into pieces. */
struct lesson {
    struct mf_moulds *moulds;
    unsigned owner;
    const struct mf_paths *paths;
    const struct mf_record *record;
    struct piece **list; /* of the pieces that may stand here */
    uint32_t n_holes;    /* so far */
};

/* ---- pieces ---- */

static struct mf_slice piece_text(const struct lesson *lesson, uint32_t end)
{
    uint32_t start = lesson->moulds->hole_end[lesson->n_holes];

    return (struct mf_slice){lesson->record->text + start, end - start};
}

/* What the node of a value in a hole says, whatever the value; truth values share a piece. */
static struct mf_node node_in_hole(const struct lesson *lesson, const struct mf_node *from, enum hole hole)
{
    struct mf_node node = {.next = lesson->n_holes + 1, .type = from->type, .depth = from->depth};

    if (hole == HOLE_TRUTH)
        node.type = MF_NODE_TRUE;
    return node;
}

static bool is_same_piece(const struct piece *piece, struct mf_slice text, enum hole hole)
{
    return !piece->is_shortcut && piece->hole == hole &&
           mf_slice_equal((struct mf_slice){piece->bytes, piece->length}, text);
}

static struct piece *new_piece(struct mf_moulds *moulds, struct mf_slice text, enum hole hole)
{
    struct piece *piece = &moulds->piece[moulds->n_pieces];

    if (moulds->n_pieces == PIECES_MAX || text.length > PIECE_TEXT_MAX || text.length > TEXT_MAX - moulds->n_text)
        return NULL;
    memcpy(moulds->text + moulds->n_text, text.data, text.length);
    *piece = (struct piece){.bytes = moulds->text + moulds->n_text,
                            .list = &piece->next,
                            .length = (uint16_t)text.length,
                            .hole = (uint8_t)hole};
    moulds->n_text += (uint32_t)text.length;
    moulds->n_pieces++;
    return piece;
}

/* The piece that ends at `end`, found among those that may stand here or added to them; NULL when there is no room. */
static struct piece *put_piece(struct lesson *lesson, uint32_t end, enum hole hole)
{
    struct mf_moulds *moulds = lesson->moulds;
    struct mf_slice text = piece_text(lesson, end);
    struct piece **link = lesson->list;
    unsigned siblings = 0;

    for (; *link != NULL; link = &(*link)->other) {
        if (is_same_piece(*link, text, hole))
            return *link;
        siblings += !(*link)->is_shortcut;
    }
    if (siblings < SIBLINGS_MAX)
        *link = new_piece(moulds, text, hole);
    return *link;
}

static enum hole hole_for(const struct mf_node *node, unsigned uses)
{
    if (node->type == MF_NODE_STRING)
        return (uses & MF_PATHS_UNPACKS) != 0 ? HOLE_GUARDED : HOLE_STRING;
    return node->type == MF_NODE_NUMBER ? HOLE_NUMBER : HOLE_TRUTH;
}

static bool put_value(struct lesson *lesson, const struct mf_node *node, unsigned uses)
{
    enum hole hole = hole_for(node, uses);
    struct piece *piece = put_piece(lesson, node->start, hole);

    if (piece == NULL)
        return false;
    piece->node = node_in_hole(lesson, node, hole);
    lesson->moulds->hole_piece[lesson->n_holes] = piece;
    lesson->list = &piece->next;
    lesson->moulds->hole_end[++lesson->n_holes] = node->start + node->length;
    return true;
}

/* ---- which values are holes ---- */

/* An open container. */
struct level {
    uint32_t behind;
    bool is_object, value_is_due;
};

enum verdict { FINE, NEVER, NO_ROOM };

/* A value that a selector compares belongs to the piece, and so does null. */
static enum verdict learn_scalar(struct lesson *lesson, uint32_t index, unsigned uses)
{
    const struct mf_node *node = &lesson->record->nodes[index];

    if ((uses & MF_PATHS_READS) != 0 && node->type == MF_NODE_STRING)
        return NEVER;
    if ((uses & MF_PATHS_UNPACKS) != 0 && node->type == MF_NODE_STRING &&
        may_be_document(mf_record_raw(lesson->record, index), node->flags))
        return NEVER;
    if (node->type == MF_NODE_NULL || (uses & MF_PATHS_COMPARES) != 0)
        return FINE;
    lesson->moulds->goes_to[index] = lesson->n_holes;
    return put_value(lesson, node, uses) ? FINE : NO_ROOM;
}

/* All nodes in order. */
static enum verdict learn_nodes(struct lesson *lesson)
{
    const struct mf_record *record = lesson->record;
    struct level level[DEPTH_MAX + 1] = {{.behind = record->n_nodes}}, *at = level;
    unsigned uses = 0;

    for (uint32_t i = 0; i < record->n_nodes; i++) {
        const struct mf_node *node = &record->nodes[i];
        enum verdict verdict = FINE;

        while (i == at->behind)
            at--;
        lesson->moulds->before[i] = (uint16_t)lesson->n_holes;
        lesson->moulds->goes_to[i] = MF_NO_NODE;
        if (at->is_object && !at->value_is_due) {
            at->value_is_due = true;
            uses = mf_paths_uses(lesson->paths, mf_record_raw(record, i));
            if ((node->flags & MF_NODE_ESCAPED) != 0)
                return NEVER;
            continue;
        }
        at->value_is_due = false;
        if (node->type >= MF_NODE_ARRAY)
            *++at = (struct level){.behind = node->next, .is_object = node->type == MF_NODE_OBJECT};
        else
            verdict = learn_scalar(lesson, i, at->is_object ? uses : 0);
        if (verdict != FINE)
            return verdict;
    }
    lesson->moulds->before[record->n_nodes] = (uint16_t)lesson->n_holes;
    return FINE;
}

/* ---- what paths have found ---- */

static struct anchor anchor_at(const struct mf_moulds *moulds, uint16_t hole, uint32_t place)
{
    return (struct anchor){place - moulds->hole_end[hole], hole};
}

/* Node `index`, which is to stand at `to` on the new tape, `moved` places away from where it was. */
static struct copy copy_of(const struct lesson *lesson, uint32_t index, uint32_t moved)
{
    const struct mf_moulds *moulds = lesson->moulds;
    const struct mf_node *node = &lesson->record->nodes[index];
    struct copy copy = {.kind = COPY_OF_TEXT, .node = *node};

    copy.node.next += moved;
    if (node->type < MF_NODE_ARRAY && moulds->goes_to[index] < lesson->n_holes) {
        copy.kind = COPY_OF_HOLE;
        copy.of = moulds->goes_to[index];
        return copy;
    }
    copy.start = anchor_at(moulds, moulds->before[index], node->start);
    if (node->type >= MF_NODE_ARRAY) {
        copy.kind = COPY_OF_CONTAINER;
        copy.end = anchor_at(moulds, moulds->before[node->next], node->start + node->length);
    }
    return copy;
}

/* Copies the subtree of `node` to the end of the new tape; false when there is no room. */
static bool put_copies(const struct lesson *lesson, struct cast *cast, uint32_t node)
{
    struct mf_moulds *moulds = lesson->moulds;
    uint32_t behind = lesson->record->nodes[node].next, to = cast->n_holes + cast->n_copies;

    if (behind - node > COPIES_MAX - moulds->n_copies || to + (behind - node) > lesson->record->limits.nodes)
        return false;
    for (uint32_t i = node; i < behind; i++)
        moulds->copy[moulds->n_copies++] = copy_of(lesson, i, to - node);
    cast->n_copies += behind - node;
    moulds->goes_to[node] = to;
    return true;
}

/* The value before the anchor. */
static void want_anchor(const struct mf_moulds *moulds, const struct anchor *anchor)
{
    if (anchor->hole > 0)
        moulds->hole_piece[anchor->hole - 1]->is_wanted = true;
}

/* Which values' nodes are looked at. */
static void want_nodes(const struct mf_moulds *moulds, const struct cast *cast)
{
    const struct copy *copy = moulds->copy + cast->first_copy;

    for (uint32_t i = 0; i < cast->n_answers; i++)
        if (moulds->answer[cast->first_answer + i] < cast->n_holes)
            moulds->hole_piece[moulds->answer[cast->first_answer + i]]->is_wanted = true;
    for (uint32_t i = 0; i < cast->n_copies; i++, copy++) {
        if (copy->kind == COPY_OF_HOLE)
            moulds->hole_piece[copy->of]->is_wanted = true;
        else
            want_anchor(moulds, &copy->start);
        if (copy->kind == COPY_OF_CONTAINER)
            want_anchor(moulds, &copy->end);
    }
}

/* NULL when there is no room. */
static struct cast *new_cast(const struct lesson *lesson, const uint32_t *found)
{
    struct mf_moulds *moulds = lesson->moulds;
    struct cast *cast = &moulds->cast[moulds->n_casts];
    unsigned n = mf_paths_count(lesson->paths);

    if (moulds->n_casts == CASTS_MAX || n > ANSWERS_MAX - moulds->n_answers)
        return NULL;
    *cast = (struct cast){.n_holes = lesson->n_holes,
                          .first_answer = moulds->n_answers,
                          .n_answers = n,
                          .first_copy = moulds->n_copies,
                          .owner = (uint8_t)lesson->owner};
    for (unsigned i = 0; i < n; i++) {
        uint32_t node = found[i];

        if (node != MF_NO_NODE && moulds->goes_to[node] == MF_NO_NODE && !put_copies(lesson, cast, node))
            return NULL;
        moulds->answer[cast->first_answer + i] = node == MF_NO_NODE ? MF_NO_NODE : moulds->goes_to[node];
    }
    moulds->n_answers += n;
    moulds->n_casts++;
    mf_mould_drop_shortcuts(moulds, lesson->owner); /* they have no nodes but those that were wanted before */
    want_nodes(moulds, cast);
    return cast;
}

/* The last piece, which makes the mould whole. */
static bool put_end(struct lesson *lesson, const uint32_t *found, enum mf_mould_note note)
{
    const struct mf_node *root = lesson->record->nodes;
    struct piece *piece = put_piece(lesson, root->start + root->length, HOLE_NONE);

    if (piece == NULL)
        return false;
    if (piece->cast == NULL)
        piece->cast = new_cast(lesson, found);
    if (piece->cast != NULL)
        piece->cast->note = note;
    return piece->cast != NULL;
}

void mf_moulds_note_none(struct mf_moulds *moulds)
{
    for (unsigned i = 0; i < moulds->n_casts; i++)
        moulds->cast[i].note = MF_MOULD_UNASKED;
}

bool mf_moulds_may_learn(const struct mf_moulds *moulds, const struct mf_record *record)
{
    return moulds->refused == 0 && record->n_nodes <= NODES_MAX && record->nodes[0].next == record->n_nodes &&
           record->nodes[0].type == MF_NODE_OBJECT;
}

void mf_moulds_learn(struct mf_moulds *moulds, unsigned owner, const struct mf_paths *paths,
                     const struct mf_record *record, const uint32_t *found, enum mf_mould_note note)
{
    struct owner *own = &moulds->owner[owner];
    struct lesson lesson = {.moulds = moulds, .owner = owner, .paths = paths, .record = record, .list = &own->first};
    enum verdict verdict;

    if (own->first != NULL && own->mark != mf_paths_mark(paths))
        forget_all(moulds);
    if (moulds->refused > 0 && ++moulds->refused > REFUSED_MAX)
        forget_all(moulds);
    if (!mf_moulds_may_learn(moulds, record))
        return;
    own->mark = mf_paths_mark(paths);
    moulds->hole_end[0] = record->nodes[0].start;
    verdict = learn_nodes(&lesson);
    if (verdict == FINE && !put_end(&lesson, found, note))
        verdict = NO_ROOM;
    if (verdict == NO_ROOM)
        moulds->refused = 1;
}
