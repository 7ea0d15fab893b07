/* src/read/mould_shortcut.c
 *
 * Which values of a feed are the same in record after record, and the shortcuts that are made of them. */

#include "read/mould_book.h"

#ifndef MF_MOULD_WATCHED
#define MF_MOULD_WATCHED 8
#endif

#ifndef MF_MOULD_MISSES
#define MF_MOULD_MISSES 8
#endif

enum {
    WATCHED = MF_MOULD_WATCHED, /* records that a value must be the same in */
    OTHERS_MAX = 1024,          /* records of others that wait for a cast that does not come any more */

    /* A shortcut that so many of so many records miss costs more than it saves. */
    MISSES_MAX = MF_MOULD_MISSES,
    MISSES_OF = 64,

    /* Looking for what varies costs as much as it saves in as many records: for each time that it was in vain, so many go by
     * before the next. */
    REST = 8,
};

/* ---- making ---- */

static bool has_others(struct piece *const *list)
{
    const struct piece *piece = *list;
    unsigned n = 0;

    for (; piece != NULL; piece = piece->other)
        n += !piece->is_shortcut;
    return n > 1;
}

/* The last piece of the shortcut that begins with piece `i`: whose value varies, or behind which records may be written
 * in several ways. Or the last of all. */
static uint32_t find_last(const struct walk *walk, uint32_t i)
{
    while (i < walk->n && !walk->piece[i]->varies && !has_others(walk->list[i + 1]))
        i++;
    return i;
}

/* Of a piece, in the watched text. */
static uint32_t begin_of(const struct watch *watch, uint32_t piece)
{
    if (piece == 0)
        return 0;
    return watch->first.node[piece - 1].start + watch->first.node[piece - 1].length;
}

static uint32_t end_of(const struct watch *watch, uint32_t piece)
{
    return begin_of(watch, piece) + watch->first.piece[piece]->length;
}

/* Is it there already, made of another cast? */
static bool is_there(struct piece *const *list, const struct piece *like, struct mf_slice text)
{
    for (const struct piece *piece = *list; piece != NULL; piece = piece->other)
        if (piece->is_shortcut && piece->list == like->list && piece->cast == like->cast &&
            mf_slice_equal((struct mf_slice){piece->bytes, piece->length}, text))
            return true;
    return false;
}

static void put_fills(struct shortcut_set *set, struct shortcut *shortcut, const struct watch *watch, uint32_t from,
                      uint32_t last)
{
    uint32_t begin = begin_of(watch, from);

    shortcut->fill = set->fill + set->n_fills;
    for (uint32_t i = from; i < last; i++) {
        if (!watch->first.piece[i]->is_wanted)
            continue;
        struct fill *fill = &set->fill[set->n_fills++];

        *fill = (struct fill){watch->first.node[i], i - from};
        fill->node.start -= begin;
        shortcut->n_fills++;
    }
}

/* A shortcut from piece `from` to piece `last` of the watched record. False: no room. */
static bool put_shortcut(struct shortcut_set *set, const struct watch *watch, uint32_t from, uint32_t last)
{
    const struct walk *walk = &watch->first;
    uint32_t begin = begin_of(watch, from), length = end_of(watch, last) - begin;
    struct mf_slice text = {watch->text + begin, length};
    struct shortcut *shortcut = &set->shortcut[set->n];

    if (is_there(walk->list[from], walk->piece[last], text))
        return true;
    if (set->n == SHORTCUTS_MAX || length > SHORTCUT_TEXT_MAX - set->n_text || last - from > FILLS_MAX - set->n_fills)
        return false;
    *shortcut = (struct shortcut){.in = walk->list[from], .passed = walk->piece[from], .n_passed = last - from};
    shortcut->piece = (struct piece){
        .bytes = memcpy(set->text + set->n_text, text.data, length),
        .length = (uint16_t)length,
        .list = &walk->piece[last]->next,
        .other = *shortcut->in,
        .cast = walk->piece[last]->cast,
        .node = walk->piece[last]->node,
        .hole = walk->piece[last]->hole,
        .is_shortcut = true,
    };
    *shortcut->in = &shortcut->piece;
    shortcut->passed->passed_by = shortcut;
    put_fills(set, shortcut, watch, from, last);
    set->n_text += length;
    set->n++;
    return true;
}

static struct shortcut_set *free_set(struct mf_moulds *moulds)
{
    for (unsigned i = 0; i < SHORTCUT_SETS; i++)
        if (moulds->set[i].cast == NULL)
            return &moulds->set[i];
    return NULL;
}

static void make_shortcuts(struct mf_moulds *moulds)
{
    const struct watch *watch = &moulds->watch;
    struct shortcut_set *set = free_set(moulds);
    bool room = set != NULL;

    if (!room)
        return;
    set->cast = watch->cast;
    set->n = set->n_fills = set->n_text = 0;
    for (uint32_t from = 0, last; from <= watch->first.n && room; from = last + 1) {
        last = find_last(&watch->first, from);
        if (last > from)
            room = put_shortcut(set, watch, from, last);
    }
    if (set->n == 0)
        set->cast = NULL;
}

/* ---- what varies all the same ---- */

static bool is_at(const struct piece *piece, const char *text, ptrdiff_t p, ptrdiff_t end)
{
    return end - p >= piece->length && memcmp(text + p, piece->bytes, piece->length) == 0;
}

/* A record at `p` beside what a shortcut holds. */
struct beside {
    const char *held, *text;
    ptrdiff_t at, behind, p, end;
};

/* Past the piece and its value in both; whether the values are the same. */
static bool step(struct beside *beside, const struct piece *piece)
{
    struct mf_node one, other;

    beside->at = mf_mould_value(piece, beside->held, beside->at + piece->length, beside->behind, &one);
    beside->p = mf_mould_value(piece, beside->text, beside->p + piece->length, beside->end, &other);
    return beside->at >= 0 && beside->p >= 0 && one.length == other.length &&
           memcmp(beside->held + one.start, beside->text + other.start, one.length) == 0;
}

/* The piece that both go on with; NULL when they do not. */
static struct piece *next_of_both(const struct beside *beside, struct piece *piece)
{
    for (piece = piece->next; piece != NULL; piece = piece->other)
        if (!piece->is_shortcut && is_at(piece, beside->held, beside->at, beside->behind) &&
            is_at(piece, beside->text, beside->p, beside->end))
            return piece;
    return NULL;
}

/* Marks the pieces whose values at `p` are others than the shortcut's; when all are the same and the record goes on in
 * another way, the last before that, if `tried`. Whether one is marked: then no shortcut will pass it, so that not the same
 * ones are made again. */
static bool mark_differing(const struct shortcut *shortcut, const char *text, ptrdiff_t p, ptrdiff_t end, bool tried)
{
    struct beside beside = {shortcut->piece.bytes, text, 0, shortcut->piece.length, p, end};
    struct piece *piece = shortcut->passed, *last = piece;
    bool marked = false;

    for (uint32_t left = shortcut->n_passed; left > 0 && piece != NULL; left--) {
        bool same = step(&beside, piece);

        if (beside.at < 0 || beside.p < 0)
            break;
        last = piece;
        piece->varies |= !same;
        marked |= !same;
        piece = next_of_both(&beside, piece);
    }
    if (!marked && tried)
        marked = last->varies = true;
    return marked;
}

void mf_mould_miss(struct owner *own, struct piece *piece, const char *text, ptrdiff_t p, ptrdiff_t end, bool tried)
{
    if (piece->misses == 0 || own->fits - piece->misses_from > MISSES_OF) {
        piece->misses = 0;
        piece->misses_from = own->fits;
    }
    if (++piece->misses < MISSES_MAX)
        return;
    piece->misses = 0;
    own->is_stale |= mark_differing(piece->passed_by, text, p, end, tried);
}

/* ---- taking out ---- */

static void take_out(const struct shortcut *shortcut)
{
    struct piece **link = shortcut->in;

    while (*link != &shortcut->piece)
        link = &(*link)->other;
    *link = shortcut->piece.other;
    shortcut->passed->passed_by = NULL;
    shortcut->passed->misses = 0;
}

void mf_mould_drop_shortcuts(struct mf_moulds *moulds, unsigned owner)
{
    moulds->owner[owner].is_stale = false;
    for (unsigned i = 0; i < SHORTCUT_SETS; i++) {
        struct shortcut_set *set = &moulds->set[i];

        if (set->cast == NULL || set->cast->owner != owner)
            continue;
        for (uint32_t k = 0; k < set->n; k++)
            take_out(&set->shortcut[k]);
        set->cast = NULL;
    }
    for (uint32_t i = 0; i < moulds->n_casts; i++)
        if (moulds->cast[i].owner == owner)
            moulds->cast[i].is_settled = false;
    if (moulds->watch.cast != NULL && moulds->watch.cast->owner == owner)
        moulds->watch.cast = NULL;
}

void mf_mould_drop_stale(struct mf_moulds *moulds, unsigned owner)
{
    struct owner *own = &moulds->owner[owner];

    own->n_stale++;
    own->stale_at = own->fits;
    mf_mould_drop_shortcuts(moulds, owner);
}

/* ---- watching ---- */

static bool rests(const struct owner *own)
{
    return own->n_stale > 0 && own->fits - own->stale_at < own->n_stale * REST;
}

static void begin(struct mf_moulds *moulds, struct cast *cast, const char *text, ptrdiff_t start, ptrdiff_t end)
{
    struct watch *watch = &moulds->watch;

    watch->cast = NULL;
    watch->others = 0;
    if (end - start > SHORTCUT_TEXT_MAX ||
        mf_mould_walk(&moulds->owner[cast->owner].first, text, start, end, &watch->first) != cast) {
        cast->is_settled = true;
        return;
    }
    memcpy(watch->text, text + start, (size_t)(end - start));
    for (uint32_t i = 0; i < watch->first.n; i++)
        watch->first.node[i].start -= (uint32_t)start;
    watch->cast = cast;
    watch->left = WATCHED;
}

static bool is_same_value(const struct watch *watch, uint32_t i, const char *text)
{
    const struct mf_node *one = &watch->first.node[i], *other = &watch->now.node[i];

    return one->type == other->type && mf_slice_equal((struct mf_slice){watch->text + one->start, one->length},
                                                      (struct mf_slice){text + other->start, other->length});
}

void mf_mould_watch(struct mf_moulds *moulds, struct cast *cast, const char *text, ptrdiff_t start, ptrdiff_t end)
{
    struct watch *watch = &moulds->watch;

    if (watch->cast != cast) {
        if (!rests(&moulds->owner[cast->owner]) && (watch->cast == NULL || ++watch->others > OTHERS_MAX))
            begin(moulds, cast, text, start, end);
        return;
    }
    if (mf_mould_walk(&moulds->owner[cast->owner].first, text, start, end, &watch->now) != cast)
        return;
    for (uint32_t i = 0; i < watch->now.n; i++)
        watch->now.piece[i]->varies |= !is_same_value(watch, i, text);
    if (--watch->left > 0)
        return;
    make_shortcuts(moulds);
    cast->is_settled = true;
    watch->cast = NULL;
}
