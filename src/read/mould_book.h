/* src/read/mould_book.h
 *
 * How moulds are kept. A mould is cut at its values into pieces: some bytes, and a hole where a value goes. Pieces that
 * may stand at the same place, behind the same pieces, are a list; each leads to the list of those that may follow. The
 * last piece has no hole, and leads to what is known of the whole. Written by mould_learn.c, read by mould_fit.c, seen by
 * nobody else. */

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

struct piece {
    const char *bytes;   /* among those of all pieces */
    struct piece *next;  /* the first that may follow; NULL for none */
    struct piece *other; /* another that may stand here; NULL for none */
    struct cast *cast;   /* of the last piece; NULL while it is not known */
    struct mf_node node; /* of the value in the hole, but for its place */
    uint16_t length;
    uint8_t hole;
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
};

struct owner {
    uint64_t mark; /* of the paths */
    struct piece *first;
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

    /* for learning: of each node of the record how many holes are before it, and where it goes on the new tape */
    uint16_t before[NODES_MAX + 1];
    uint32_t goes_to[NODES_MAX];
    uint32_t hole_end[NODES_MAX + 1]; /* as anchors count */
};

#endif
