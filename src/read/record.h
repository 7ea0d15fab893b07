/* src/read/record.h
 *
 * Untrusted bytes -> a strict JSON tape. The only reader of untrusted JSON, and of our own configuration too.
 *
 * Strict means RFC 8259: UTF-8 validated (no overlong form, no surrogate), no comment, no trailing comma, no NaN, no
 * leading zero, nothing but blanks after the value. Depth, nodes and size are capped. Time is linear in the length,
 * memory is taken once in mf_record_init() and never after. The text is not copied: the tape points into the caller's
 * bytes, which must outlive its use.
 *
 * The tape is an array of nodes in document order. Node 0 is the root. An object's nodes are key, value, key, value,
 * ...; `next` jumps over a whole subtree. Duplicate keys are kept (they are two members); path.h reports them.
 *
 * One struct mf_record belongs to one thread. */

#ifndef MF_READ_RECORD_H
#define MF_READ_RECORD_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum mf_node_type {
    MF_NODE_NULL,
    MF_NODE_FALSE,
    MF_NODE_TRUE,
    MF_NODE_NUMBER,
    MF_NODE_STRING,
    MF_NODE_ARRAY,
    MF_NODE_OBJECT,
};

enum mf_node_flag {
    MF_NODE_ESCAPED = 1, /* the string holds at least one backslash escape */
    MF_NODE_SCRATCH = 2, /* start counts from the scratch buffer (text of an embedded document) */
};

struct mf_node {
    uint32_t start;  /* string: first byte behind the quote; number and literal: first byte; container: its bracket */
    uint32_t length; /* string: bytes between the quotes as written; container: bracket to bracket */
    uint32_t next;   /* index of the node behind this one's subtree */
    uint8_t type;    /* enum mf_node_type */
    uint8_t flags;   /* enum mf_node_flag */
    uint16_t depth;  /* of nesting; the root of a document has 0 */
};

#define MF_NO_NODE UINT32_MAX

/* Why a record, or a part of it, gave no event. Named and counted, never an error. */
enum mf_skip {
    MF_SKIP_NONE,
    MF_SKIP_NO_JSON,         /* no JSON object or array in the message */
    MF_SKIP_BAD_JSON,        /* not RFC 8259, or something behind the value */
    MF_SKIP_TRUNCATED,       /* the message ends inside the JSON: maxMessageSize, most likely */
    MF_SKIP_TOO_LARGE,       /* message longer than the limit, or unescaped text over the scratch size */
    MF_SKIP_TOO_DEEP,        /* nested deeper than the limit */
    MF_SKIP_TOO_MANY_NODES,  /* more values than the limit */
    MF_SKIP_BAD_UTF8,        /* a string is not valid UTF-8 */
    MF_SKIP_BAD_TEXT,        /* no JSON, and not of the text form that its profile names, or with control bytes */
    MF_SKIP_NOT_IDP,         /* no profile knows this record */
    MF_SKIP_IGNORE,          /* known noise, by a rule of the profile */
    MF_SKIP_UNMAPPED,        /* known feed, but no rule for this value: counted by value, never guessed */
    MF_SKIP_NO_USER,         /* the rule needs a user and the record names none */
    MF_SKIP_BAD_USER,        /* empty, over 256 bytes, NUL, control bytes, a placeholder */
    MF_SKIP_NO_TIME,         /* no event time in the record */
    MF_SKIP_BAD_TIME,        /* an event time that does not parse, or lies outside 2001..9999 */
    MF_SKIP_DUPLICATE_KEY,   /* a member that decides identity, time, kind or source stands twice */
    MF_SKIP_LATE,            /* older than the feed's watermark less `time.lateness`: counted, not judged */
    MF_SKIP_DUPLICATE,       /* the same event again */
    MF_SKIP_LISTED,          /* user or address is on an ignore list of the administrator: counted, not judged */
    MF_SKIP_TOO_MANY_EVENTS, /* beyond the 64 events that elements of one record may give */
    MF_SKIP_TABLE_FULL,      /* no room for another user: every one that was looked at has an open incident */
    MF_N_SKIPS
};

/* "no_json", "bad_json", ... as in counters and in the output of `normalize`; "none" for MF_SKIP_NONE. */
const char *mf_skip_name(enum mf_skip skip);

struct mf_record_limits {
    uint32_t size;  /* bytes of one message */
    uint32_t nodes; /* values and keys on the tape, embedded documents included */
    uint32_t depth; /* at most 32 */
};

/* what a worker uses: 1 MiB, 65,536 nodes, 32 levels */
extern const struct mf_record_limits mf_record_default_limits;

/* A string that was walked into, as a document or as text of some form. */
struct mf_unpacked_string {
    uint32_t node, root; /* root: MF_NO_NODE when there is nothing such in it */
    const void *as;
};

enum { MF_UNPACKED_KEPT = 8 };

struct mf_record {
    const char *text;
    size_t length;
    struct mf_node *nodes;
    uint32_t n_nodes;
    char *scratch; /* unescaped strings, embedded documents, text that is no JSON; limits.size bytes and some padding */
    uint32_t scratch_used;
    struct mf_record_limits limits;
    size_t failed_at; /* offset of the byte that made the last parse fail */
    unsigned n_unpacked;
    struct mf_unpacked_string unpacked[MF_UNPACKED_KEPT];
};

/* Takes all memory that this record will ever use. -1 and `error` when there is not enough. */
int mf_record_init(struct mf_record *record, const struct mf_record_limits *limits, struct mf_error *error);
void mf_record_fini(struct mf_record *record);

/* Finds the JSON in a log message and parses it: bare, after blanks or a byte order mark, after a "@cee:" cookie,
 * after any text prefix (the first '{', or '[' followed by '{', from which a whole document reaches to the end of the
 * message; at most 8 starts are tried). Any bytes are fine, NUL included. Forgets what the record held before. When no
 * start succeeds the reason is that of the first. */
enum mf_skip mf_record_parse(struct mf_record *record, const char *bytes, size_t length);

/* Whether the message begins with what looks like JSON, as opposed to text that may have some in it. */
bool mf_record_begins(const char *bytes, size_t length);

/* The same as mf_record_parse() without looking for the start: the bytes are the document (any JSON value). */
enum mf_skip mf_record_parse_document(struct mf_record *record, const char *bytes, size_t length);

/* Parses the JSON document that the string `node` holds, behind the tape's end; its root's index goes to `root`.
 * A reason, and an unchanged tape, when the string is not one. The result is not remembered. */
enum mf_skip mf_record_embed(struct mf_record *record, uint32_t node, uint32_t *root);

/* For those who unpack strings, several of whom may ask for the same one: what became of a string, and that a later
 * parse need not look again. `as` tells the ways apart in which a string may be unpacked. */
bool mf_record_find_unpacked(const struct mf_record *record, uint32_t node, const void *as, uint32_t *root);
void mf_record_note_unpacked(struct mf_record *record, uint32_t node, const void *as, uint32_t root);

/* Makes a value of the document the document: nothing else is on the tape then. It holds no text of a form. */
void mf_record_enter(struct mf_record *record, uint32_t node);

/* Gives back the room on the tape behind `n_nodes` and in the scratch buffer, with what was unpacked there. */
void mf_record_cut(struct mf_record *record, uint32_t n_nodes, uint32_t scratch_used);

/* The text of a string (unescaped; \u0000 gives a NUL byte, which callers must expect), number or literal; absent for
 * containers and null, and when the scratch buffer is full. A string without escapes costs nothing; an escaped one is
 * decoded anew at each call. Lone surrogates in \u escapes become U+FFFD. The slice lives until the next parse. */
struct mf_slice mf_record_text(struct mf_record *record, uint32_t node);

/* The bytes of a node as written, without copying or unescaping. */
struct mf_slice mf_record_raw(const struct mf_record *record, uint32_t node);

/* First child of a container, MF_NO_NODE when empty or no container; for an object it is a key. */
uint32_t mf_record_child(const struct mf_record *record, uint32_t node);

/* Behind `child` among the children of `parent`: MF_NO_NODE at the end. For an object it goes from key to value to
 * key. */
uint32_t mf_record_sibling(const struct mf_record *record, uint32_t parent, uint32_t child);

#endif
