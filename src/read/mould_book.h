/* src/read/mould_book.h
 *
 * How moulds are kept. A mould is cut at its values into pieces: some bytes, and a hole where a value goes. Pieces that
 * may stand at the same place, behind the same pieces, are a list; each leads to the list of those that may follow. The
 * last piece has no hole, and leads to what is known of the whole.
 *
 * Most values of a feed are the same again and again. A shortcut is a piece that stands for several with such values
 * between them, so that all of that is compared at once. Shortcuts come first in their list; where none fits, the pieces
 * do, and say the same.
 *
 * Written by mould_learn.c and mould_shortcut.c, read by mould_fit.c, seen by nobody else but their test. */

#ifndef MF_READ_MOULD_BOOK_H
#define MF_READ_MOULD_BOOK_H

#include "read/mould.h"

enum {
    PIECES_MAX = 8192,
    TEXT_MAX = 192 * 1024,
    PIECE_TEXT_MAX = 4096, /* bytes of one piece */
    CASTS_MAX = 256,
    ANSWERS_MAX = 64 * CASTS_MAX,
    COPIES_MAX = 4096,
    NODES_MAX = 1024, /* of a record that is remembered */
    SIBLINGS_MAX = 32,
    PADDING = 16, /* behind the text: comparing looks at whole steps */

    SHORTCUT_SETS = 32, /* casts that have shortcuts */
    SHORTCUTS_MAX = 48, /* of one cast */
    FILLS_MAX = 192,
    SHORTCUT_TEXT_MAX = 8192,
    SHORTCUTS_LUCK = 8 /* shortcuts that may fail in one message; then none is tried */
};

/* A guarded string stands where a document may stand in a string, and is none. */
enum hole { HOLE_NONE, HOLE_STRING, HOLE_GUARDED, HOLE_NUMBER, HOLE_TRUTH };

/* Whether a string might be walked into: nobody looks closer here. */
static inline bool may_be_document(struct mf_slice text, unsigned flags)
{
    text = mf_slice_trim(text);
    return flags != 0 || (text.length > 0 && (text.data[0] == '{' || text.data[0] == '['));
}

struct cast;
struct shortcut;

struct piece {
    const char *bytes;   /* among those of all pieces */
    struct piece *next;  /* the first that may follow; NULL for none */
    struct piece **list; /* where that stands */
    struct piece *other; /* another that may stand here; NULL for none */
    struct cast *cast;   /* of the last piece; NULL while it is not known */
    struct mf_node node; /* of the value in the hole, but for its place */
    uint16_t length;
    uint8_t hole;
    bool is_shortcut;                 /* the first member of one */
    const struct shortcut *passed_by; /* one that begins with it; NULL: none */
    bool varies;                      /* the value in the hole does */
    bool is_wanted;                   /* some cast needs its node */
    uint8_t misses;                   /* of the shortcut */
    uint32_t misses_from;             /* the owner's number of the record that was the first of them */
};

/* A node of a value that a shortcut holds. */
struct fill {
    struct mf_node node; /* its place is counted from the shortcut's beginning */
    uint32_t hole;       /* so many behind the first that the shortcut passes */
};

struct shortcut {
    struct piece piece;   /* its list of what may follow is that of the last piece */
    struct piece **in;    /* the list that it stands in */
    struct piece *passed; /* the first that it passes */
    const struct fill *fill;
    uint32_t n_fills, n_passed; /* holes that it passes before its own */
};

/* The shortcuts that were made of one cast. */
struct shortcut_set {
    struct cast *cast; /* NULL: free */
    uint32_t n, n_fills, n_text;
    struct shortcut shortcut[SHORTCUTS_MAX];
    struct fill fill[FILLS_MAX];
    char text[SHORTCUT_TEXT_MAX + PADDING];
};

/* Values come first on the tape, one a hole. What else a path has found is copied behind them with all that lies
 * below: containers, names, and values that are part of a piece. */
enum copy_kind { COPY_OF_HOLE, COPY_OF_TEXT, COPY_OF_CONTAINER };

/* A place in a record: so many bytes behind the value in a hole; hole 0 is the beginning of the document, hole 1 the
 * first value. */
struct anchor {
    uint32_t offset;
    uint16_t hole;
};

struct copy {
    enum copy_kind kind;
    uint32_t of; /* COPY_OF_HOLE: the node of its value */
    struct anchor start, end;
    struct mf_node node;
};

/* What is known of a whole record. */
struct cast {
    uint32_t n_holes;
    uint32_t first_answer, n_answers;
    uint32_t first_copy, n_copies;
    enum mf_mould_note note;
    bool is_settled; /* it has its shortcuts, or will have none */
    uint8_t owner;
};

struct owner {
    uint64_t mark; /* of the paths */
    struct piece *first;
    uint32_t fits;     /* records that fitted */
    bool is_stale;     /* a shortcut fails too often */
    uint32_t n_stale;  /* how often that was so */
    uint32_t stale_at; /* number of the record with which it was so last */
};

/* A record while its pieces are walked: of each hole the piece, and the node as after parsing. */
struct walk {
    uint32_t n;
    struct piece **list[NODES_MAX + 1]; /* that the piece stands in */
    struct piece *piece[NODES_MAX + 1]; /* the last has no hole */
    struct mf_node node[NODES_MAX + 1];
};

/* The cast that is watched for what varies, and the record that it is compared with. */
struct watch {
    struct cast *cast;      /* NULL: none */
    unsigned left;          /* records to be compared */
    unsigned others;        /* that came meanwhile and would have been watched */
    struct walk first, now; /* places of the first are counted from the beginning of the document */
    char text[SHORTCUT_TEXT_MAX];
};

struct mf_moulds {
    struct owner owner[MF_MOULD_OWNERS];
    uint32_t n_pieces, n_text, n_casts, n_answers, n_copies;
    uint32_t refused; /* records for which there was no room */
    struct piece piece[PIECES_MAX];
    struct cast cast[CASTS_MAX];
    uint32_t answer[ANSWERS_MAX]; /* found[] of each cast */
    struct copy copy[COPIES_MAX];
    char text[TEXT_MAX + PADDING];
    struct shortcut_set set[SHORTCUT_SETS];
    struct watch watch;

    /* for learning: of each node of the record how many holes are before it, and where it goes on the new tape */
    uint16_t before[NODES_MAX + 1];
    uint32_t goes_to[NODES_MAX];
    uint32_t hole_end[NODES_MAX + 1]; /* as anchors count */
    struct piece *hole_piece[NODES_MAX];
};

/* The cast that the document text[start..end) fits, walked without shortcuts; NULL when it has more holes than a walk. */
const struct cast *mf_mould_walk(struct piece **first, const char *text, ptrdiff_t start, ptrdiff_t end,
                                 struct walk *walk);

/* A value, or what it takes to be one, and its node; the end of it, or -1. */
ptrdiff_t mf_mould_value(const struct piece *piece, const char *text, ptrdiff_t start, ptrdiff_t end,
                         struct mf_node *node);

/* The piece that a shortcut passes fits at `p`, and the shortcut does not, or was not tried. */
void mf_mould_miss(struct owner *own, struct piece *piece, const char *text, ptrdiff_t p, ptrdiff_t end, bool tried);

/* Looks at a record of a cast that is not settled: text[start..end), which fits it. */
void mf_mould_watch(struct mf_moulds *moulds, struct cast *cast, const char *text, ptrdiff_t start, ptrdiff_t end);

/* Takes all shortcuts of an owner out, to be made anew; those that are stale the later, the more often that was so. */
void mf_mould_drop_shortcuts(struct mf_moulds *moulds, unsigned owner);
void mf_mould_drop_stale(struct mf_moulds *moulds, unsigned owner);

#endif
