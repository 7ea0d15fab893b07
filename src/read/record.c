/* src/read/record.c
 *
 * One pass over the bytes, three states (a key is due, a value is due, a value has ended), no recursion: an open
 * container keeps the distance to its parent in its own `next` until it closes. */

#include "read/record.h"

#include <stdlib.h>

#include "read/scan.h"
#include "read/token.h"

enum { DEPTH_MAX = 32, STARTS_MAX = 8, VAIN_FREE = 4096, PADDING = 16 };

const struct mf_record_limits mf_record_default_limits = {.size = 1U << 20, .nodes = 65536, .depth = DEPTH_MAX};

static const char *const skip_names[MF_N_SKIPS] = {
    [MF_SKIP_NONE] = "none",
    [MF_SKIP_NO_JSON] = "no_json",
    [MF_SKIP_BAD_JSON] = "bad_json",
    [MF_SKIP_TRUNCATED] = "truncated",
    [MF_SKIP_TOO_LARGE] = "too_large",
    [MF_SKIP_TOO_DEEP] = "too_deep",
    [MF_SKIP_TOO_MANY_NODES] = "too_many_nodes",
    [MF_SKIP_BAD_UTF8] = "bad_utf8",
    [MF_SKIP_BAD_TEXT] = "bad_text",
    [MF_SKIP_NOT_IDP] = "not_idp",
    [MF_SKIP_IGNORE] = "ignore",
    [MF_SKIP_UNMAPPED] = "unmapped",
    [MF_SKIP_NO_USER] = "no_user",
    [MF_SKIP_BAD_USER] = "bad_user",
    [MF_SKIP_NO_TIME] = "no_time",
    [MF_SKIP_BAD_TIME] = "bad_time",
    [MF_SKIP_DUPLICATE_KEY] = "duplicate_key",
    [MF_SKIP_LATE] = "late",
    [MF_SKIP_DUPLICATE] = "duplicate",
    [MF_SKIP_LISTED] = "listed",
    [MF_SKIP_TOO_MANY_EVENTS] = "too_many_events",
    [MF_SKIP_TABLE_FULL] = "table_full",
};

const char *mf_skip_name(enum mf_skip skip)
{
    return (unsigned)skip < MF_N_SKIPS ? skip_names[skip] : "unknown";
}

int mf_record_init(struct mf_record *record, const struct mf_record_limits *limits, struct mf_error *error)
{
    *record = (struct mf_record){.limits = *limits};
    if (limits->size == 0 || limits->nodes == 0 || limits->nodes == MF_NO_NODE || limits->depth == 0 ||
        limits->depth > DEPTH_MAX)
        return mf_error_set(error,
                            "record limits of %u bytes, %u nodes, depth %u: each must be at least 1, depth at most %d",
                            limits->size, limits->nodes, limits->depth, DEPTH_MAX);

    record->nodes = malloc((limits->nodes + 1) * sizeof *record->nodes);
    record->scratch = malloc((size_t)limits->size + PADDING);
    if (record->nodes == NULL || record->scratch == NULL) {
        mf_record_fini(record);
        return mf_error_set(error, "no memory for records of %u bytes and %u nodes", limits->size, limits->nodes);
    }
    return 0;
}

void mf_record_fini(struct mf_record *record)
{
    free(record->nodes);
    free(record->scratch);
    *record = (struct mf_record){0};
}

#define INLINE            static inline __attribute__((always_inline))
#define rarely(condition) __builtin_expect(condition, 0)

/* ---- the pieces of a document: each takes the place where it begins and gives the place behind it ---- */

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte at `p`; a NUL at the end, which is as wrong as a NUL in the text wherever it is asked for. */
static inline char peek(const char *p, const char *end)
{
    return (char)(p < end ? *p : '\0');
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* One more than what a hex digit stands for; 0: it is none. */
static const uint8_t hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static inline unsigned hex_at(const char *p)
{
    return hex_digit[(unsigned char)*p];
}

static inline bool are_hex_four(const char *p)
{
    return hex_at(p) != 0 && hex_at(p + 1) != 0 && hex_at(p + 2) != 0 && hex_at(p + 3) != 0;
}

/* What stands behind a backslash, but for 'u', and what it stands for; 0: nothing. */
static const char short_escape[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

/* One escape; `p` is behind the backslash. `whole`, which is true, becomes false if it was none; then what is given is the
 * wrong byte. */
static inline const char *take_escape(const char *p, const char *end, bool *whole)
{
    if (short_escape[(unsigned char)peek(p, end)] != 0)
        return p + 1;
    if (peek(p, end) == 'u') {
        if (end - p > 4 && are_hex_four(p + 1))
            return p + 5;
        do
            p++;
        while (p < end && hex_at(p) != 0);
    }
    *whole = false;
    return p;
}

/* One UTF-8 sequence of two to four bytes (RFC 3629, section 4): the second byte's range shuts out overlong forms,
 * surrogates and what lies above U+10FFFF. */
static inline const char *take_utf8(const char *p, const char *end, bool *whole)
{
    unsigned char lead = (unsigned char)*p, low = 0x80, high = 0xBF;
    unsigned more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;

    *whole = false;
    if (lead < 0xC2 || lead > 0xF4)
        return p;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    for (p++; more > 0; more--, p++, low = 0x80, high = 0xBF)
        if (p == end || (unsigned char)*p < low || (unsigned char)*p > high)
            return p;
    *whole = true;
    return p;
}

/* As many UTF-8 sequences as follow each other, from the first byte of one; those of two bytes are the usual ones. */
INLINE const char *take_utf8_run(const char *p, const char *end, bool *whole)
{
    do {
        while (end - p > 1 && (unsigned char)(p[0] - 0xC2) < 0x1E && ((unsigned char)p[1] & 0xC0) == 0x80)
            p += 2;
        if (p == end || (unsigned char)*p < 0x80)
            return p;
        p = take_utf8(p, end, whole);
    } while (*whole && p < end && (unsigned char)*p >= 0x80);
    return p;
}

enum mf_token_fault mf_token_check(const char *text, ptrdiff_t from, ptrdiff_t end)
{
    const char *p = text + from, *stop = text + end;
    bool whole = true;

    while (whole && p < stop) {
        if ((unsigned char)*p >= 0x80)
            p = take_utf8_run(p, stop, &whole);
        else if (*p == '\t')
            p++;
        else if ((unsigned char)*p < 0x20)
            return MF_TOKEN_CONTROL;
        else
            p += mf_scan_text(p, 0, stop - p);
    }
    if (whole)
        return MF_TOKEN_FINE;
    return MF_TOKEN_BAD_UTF8;
}

/* Where and how a string with special bytes ends. */
struct special {
    ptrdiff_t p;
    enum mf_skip why;
    unsigned flags;
};

/* What is not plain and no quote: behind it, or where it is wrong. */
INLINE const char *take_one(const char *p, const char *end, struct special *special, bool *whole)
{
    if (*p == '\\') {
        special->flags = MF_NODE_ESCAPED;
        return take_escape(p + 1, end, whole);
    }
    if ((unsigned char)*p < 0x80) {
        *whole = false;
        return p;
    }
    p = take_utf8_run(p, end, whole);
    if (!*whole)
        special->why = MF_SKIP_BAD_UTF8;
    return p;
}

/* The same for what needs a look in a block, but for the closing quote. */
INLINE const char *take_stop(const char *p, const char *end, bool escaped, struct special *special, bool *whole)
{
    if (!escaped)
        return take_one(p, end, special, whole);
    p = take_escape(p, end, whole);
    while (*whole && end - p > 5 && p[0] == '\\' && p[1] == 'u' && are_hex_four(p + 2)) /* they come in runs */
        p += 6;
    return p;
}

INLINE void note_escapes(struct special *special, uint32_t escaped)
{
    if (escaped != 0)
        special->flags = MF_NODE_ESCAPED;
}

/* Goes on by blocks, to the closing quote, to what is wrong, or to where less than a block is left. */
INLINE const char *pass_blocks(const char *p, const char *end, struct special *special, bool *whole)
{
    uint32_t behind = 0;

    while (end - p >= MF_SCAN_BLOCK) {
        const char *begin = p;
        struct mf_scan_block block = mf_scan_block(begin, &behind);

        p += MF_SCAN_BLOCK;
        while (block.stops != 0) {
            unsigned at = (unsigned)__builtin_ctz(block.stops);
            bool escaped = (block.escaped >> at & 1) != 0;
            const char *next;

            if (begin[at] == '"') {
                note_escapes(special, block.escaped & ((1U << at) - 1));
                return begin + at;
            }
            next = take_stop(begin + at, end, escaped, special, whole);
            if (!*whole)
                return next;
            if (next >= p) { /* the last byte of the block belongs to what was taken, and is no backslash */
                behind = 0;
                p = next;
                break;
            }
            block.stops &= UINT32_MAX << (next - begin);
        }
        note_escapes(special, block.escaped);
    }
    return p - behind;
}

INLINE const char *pass_plain_bytes(const char *p, const char *end)
{
    return p < end && mf_scan_is_plain(*p) ? p + mf_scan_plain(p, 0, end - p) : p;
}

/* Goes on byte by byte where something needs a look, and from there to the next. */
INLINE const char *pass_singly(const char *p, const char *end, struct special *special, bool *whole)
{
    while (*whole && p < end && *p != '"')
        p = mf_scan_is_plain(*p) ? pass_plain_bytes(p, end) : take_one(p, end, special, whole);
    return p;
}

INLINE void conclude(struct special *special, const char *text, const char *p, const char *end, bool whole)
{
    if (p == end)
        special->why = MF_SKIP_TRUNCATED;
    else if (!whole && special->why == MF_SKIP_NONE)
        special->why = MF_SKIP_BAD_JSON;
    special->p = p - text;
}

/* A string with many special bytes. */
static __attribute__((noinline)) struct special take_many(const char *text, const char *p, const char *end,
                                                          unsigned flags)
{
    struct special special = {0, MF_SKIP_NONE, flags};
    bool whole = true;

    p = pass_blocks(p, end, &special, &whole);
    p = pass_singly(p, end, &special, &whole);
    conclude(&special, text, p, end, whole);
    return special;
}

/* More escapes than so many are many. */
enum { ESCAPES_FEW = 3 };

/* The rest of a string from its first byte that is not plain: up to the closing quote, or to what is wrong (`why`). */
static __attribute__((noinline)) struct special take_special(const char *text, ptrdiff_t from, ptrdiff_t length)
{
    const char *p = text + from, *end = text + length;
    struct special special = {0, MF_SKIP_NONE, 0};
    bool whole = true;

    for (unsigned n = 0; n < ESCAPES_FEW && whole && p < end && *p == '\\'; n++) {
        special.flags = MF_NODE_ESCAPED;
        p = take_escape(p + 1, end, &whole);
        if (whole)
            p = pass_plain_bytes(p, end);
    }
    if (whole && p < end && *p != '"')
        return take_many(text, p, end, special.flags);
    conclude(&special, text, p, end, whole);
    return special;
}

/* ---- a whole document ---- */

/* What ends every node - type, flags, depth - as one word, so that one store writes it. Nothing is asked of the order
 * of bytes: a word is only made here, copied whole, and moved up or down by one level of depth. */
static inline uint32_t shape_of(enum mf_node_type type, unsigned flags, unsigned depth)
{
    struct mf_node node = {.type = (uint8_t)type, .flags = (uint8_t)flags, .depth = (uint16_t)depth};
    uint32_t shape;

    _Static_assert(offsetof(struct mf_node, type) + sizeof shape == sizeof node, "these three are one word");
    memcpy(&shape, (const char *)&node + offsetof(struct mf_node, type), sizeof shape);
    return shape;
}

/* Where a parse reads and writes. Places are offsets, because that is what goes on the tape. */
struct parser {
    const char *text;
    ptrdiff_t p, end;
    ptrdiff_t last_step; /* the last place from where mf_scan_step() may be called */
    struct mf_node *node, *full;
    const struct mf_node *dense; /* behind it no further value begins */
    struct mf_node *open; /* innermost open container; its `next` is the distance to its parent meanwhile, 0 for none */
    uint32_t index;       /* of `node` */
    uint32_t shape;       /* of a string at this depth */
    uint32_t shape_top, shape_max; /* the same at depth 0, and where no container may be opened */
    char closing;                  /* the bracket that closes `open` */
    enum mf_skip why;              /* set where the reason is neither "the input ended here" nor "not JSON" */
};

/* What comes behind a value. */
enum step { STEP_WRONG, STEP_VALUE, STEP_DONE };

/* Two instances of the same text are made. The checked one may stop anywhere. The other one is for a container whose
 * text ends with a closing bracket, and for a tape that cannot overflow: nothing outside a string gets past such a
 * bracket except by closing a container, so only there, and in strings, does it look whether the input has ended. */
INLINE char look(const struct parser *at, bool checked)
{
    return (char)(!checked || at->p < at->end ? at->text[at->p] : '\0');
}

static __attribute__((noinline)) ptrdiff_t behind_blanks(const char *text, ptrdiff_t p, ptrdiff_t end)
{
    return skip_blanks(text + p, text + end) - text;
}

INLINE void pass_blanks(struct parser *at)
{
    at->p = behind_blanks(at->text, at->p, at->end);
}

/* A node is written in two goes, when it begins and when its end is known: two stores each, and no pair of neighbours
 * that a compiler would take the trouble to join. There is room to begin one node more than may be finished. */
INLINE void begin(struct parser *at, ptrdiff_t start)
{
    at->node->start = (uint32_t)start;
    at->node->next = ++at->index;
}

INLINE bool settle(struct parser *at, bool checked)
{
    if (checked && at->node == at->full) {
        at->why = MF_SKIP_TOO_MANY_NODES;
        return false;
    }
    memcpy((char *)at->node + offsetof(struct mf_node, type), &at->shape, sizeof at->shape);
    at->node++;
    return true;
}

INLINE bool finish(struct parser *at, bool checked, ptrdiff_t length)
{
    at->node->length = (uint32_t)length;
    return settle(at, checked);
}

static __attribute__((noinline)) ptrdiff_t scan_on(const char *text, ptrdiff_t p, ptrdiff_t end)
{
    return mf_scan_plain(text, p, end);
}

/* From `p` to the first byte that is not plain; false when there is none. */
INLINE bool pass_plain(struct parser *at)
{
    at->p = scan_on(at->text, at->p, at->end);
    return at->p != at->end;
}

/* The string whose opening quote is at `p`. Most end in the first step. */
INLINE bool take_string(struct parser *at, bool checked)
{
    ptrdiff_t start = at->p + 1, length;
    unsigned distance;

    begin(at, start);
    at->p = start;
    if (!rarely(start > at->last_step) && mf_scan_step(at->text + start, &distance)) {
        at->p += (ptrdiff_t)distance;
    } else {
        if (!rarely(start > at->last_step))
            at->p += MF_SCAN_STEP;
        if (!pass_plain(at))
            return false;
    }
    length = at->p - start;
    if (rarely(at->text[at->p] != '"')) {
        struct special special = take_special(at->text, at->p, at->end);

        at->p = special.p;
        at->why = special.why;
        if (special.why != MF_SKIP_NONE || !finish(at, checked, at->p - start))
            return false;
        at->node[-1].flags |= (uint8_t)special.flags;
    } else if (!finish(at, checked, length)) {
        return false;
    }
    at->p++;
    return true;
}

/* From where a member must begin to where its value must. */
INLINE bool take_key(struct parser *at, bool checked)
{
    if (rarely(look(at, checked) != '"')) {
        pass_blanks(at);
        if (look(at, checked) != '"')
            return false;
    }
    if (!take_string(at, checked))
        return false;
    if (rarely(look(at, checked) != ':')) {
        pass_blanks(at);
        if (look(at, checked) != ':')
            return false;
    }
    at->p++;
    return true;
}

/* Where the literal ends that begins at text[from], or the complement of where it is wrong. Asked about those that are
 * wrong or cut, or may be because the input ends soon. */
static __attribute__((noinline)) ptrdiff_t literal_end(const char *text, ptrdiff_t from, ptrdiff_t end,
                                                       const char *word)
{
    for (; *word != '\0'; word++, from++)
        if (from == end || text[from] != *word)
            return ~from;
    return from;
}

INLINE ptrdiff_t pass_literal(const struct parser *at, const char *word, size_t length)
{
    if (at->p <= at->last_step && memcmp(at->text + at->p, word, length) == 0)
        return at->p + (ptrdiff_t)length;
    return literal_end(at->text, at->p, at->end, word);
}

/* From the digit that must be at `p` to behind the last. */
INLINE bool pass_digits(struct parser *at, bool checked)
{
    if (!is_digit(look(at, checked)))
        return false;
    while (is_digit(look(at, checked)))
        at->p++;
    return true;
}

INLINE bool pass_number(struct parser *at, bool checked)
{
    if (look(at, checked) == '-')
        at->p++;
    if (look(at, checked) == '0')
        at->p++;
    else if (!pass_digits(at, checked))
        return false;
    if (look(at, checked) == '.') {
        at->p++;
        if (!pass_digits(at, checked))
            return false;
    }
    if (look(at, checked) == 'e' || look(at, checked) == 'E') {
        at->p++;
        if (look(at, checked) == '+' || look(at, checked) == '-')
            at->p++;
        return pass_digits(at, checked);
    }
    return true;
}

/* Where the number ends that begins at text[from], or the complement of where it is wrong. */
static __attribute__((noinline)) ptrdiff_t number_end(const char *text, ptrdiff_t from, ptrdiff_t end)
{
    struct parser at = {.text = text, .p = from, .end = end};

    return pass_number(&at, true) ? at.p : ~at.p;
}

ptrdiff_t mf_token_string_end(const char *text, ptrdiff_t from, ptrdiff_t end, unsigned *flags)
{
    struct special special = take_special(text, from, end);

    *flags |= special.flags;
    return special.why == MF_SKIP_NONE ? special.p : -1;
}

static __attribute__((noinline)) ptrdiff_t number_end_unchecked(const char *text, ptrdiff_t from)
{
    struct parser at = {.text = text, .p = from};

    return pass_number(&at, false) ? at.p : ~at.p;
}

ptrdiff_t mf_token_number_end(const char *text, ptrdiff_t from)
{
    ptrdiff_t stop = number_end_unchecked(text, from);

    return stop < 0 ? -1 : stop;
}

/* The number or literal that begins with `c` at `p`. */
INLINE bool take_scalar(struct parser *at, bool checked, char c)
{
    enum mf_node_type type = MF_NODE_NUMBER;
    ptrdiff_t start = at->p, stop;

    if (checked && start == at->end)
        return false;
    begin(at, start);
    if (c == 'n') {
        type = MF_NODE_NULL;
        stop = pass_literal(at, "null", 4);
    } else if (c == 't') {
        type = MF_NODE_TRUE;
        stop = pass_literal(at, "true", 4);
    } else if (c == 'f') {
        type = MF_NODE_FALSE;
        stop = pass_literal(at, "false", 5);
    } else {
        stop = checked ? number_end(at->text, start, at->end) : number_end_unchecked(at->text, start);
    }
    if (rarely(stop < 0)) {
        at->p = ~stop;
        return false;
    }
    at->p = stop;
    if (!finish(at, checked, stop - start))
        return false;
    at->node[-1].type = (uint8_t)type;
    return true;
}

INLINE bool open_container(struct parser *at, bool checked, enum mf_node_type type)
{
    struct mf_node *node = at->node;

    if (at->shape == at->shape_max) {
        at->why = MF_SKIP_TOO_DEEP;
        return false;
    }
    begin(at, at->p);
    if (!settle(at, checked))
        return false;
    node->type = (uint8_t)type;
    node->next = (uint32_t)(node - at->open);
    at->open = node;
    at->closing = type == MF_NODE_OBJECT ? '}' : ']';
    at->shape += shape_of(0, 0, 1);
    at->p++;
    return true;
}

/* `p` is at the closing bracket. False when this was the outermost container. */
INLINE bool close_container(struct parser *at)
{
    struct mf_node *node = at->open;
    uint32_t distance = node->next;

    at->p++;
    at->shape -= shape_of(0, 0, 1);
    node->length = (uint32_t)at->p - node->start;
    node->next = at->index;
    if (distance == 0)
        return false;
    at->open = node - distance;
    at->closing = (char)(at->text[at->open->start] + 2); /* in ASCII a bracket closes two behind where it opens */
    return true;
}

/* Behind a value: closes what ends here and goes on to where the next value must begin, or to the end of the
 * document. */
INLINE enum step take_end(struct parser *at, bool checked)
{
    for (;;) {
        char c = look(at, checked);

        if (c == ',') {
            if (rarely(at->node > at->dense)) {
                at->why = MF_SKIP_TOO_MANY_NODES;
                return STEP_WRONG;
            }
            at->p++;
            return at->closing == ']' || take_key(at, checked) ? STEP_VALUE : STEP_WRONG;
        }
        if (c == at->closing) {
            if (!close_container(at))
                return STEP_DONE;
            if (at->p == at->end)
                return STEP_WRONG;
        } else if (rarely(is_blank(c))) {
            pass_blanks(at);
        } else {
            return STEP_WRONG;
        }
    }
}

/* The value at `p` with all that it holds. False: `p` is at the byte that is wrong, or at the end. */
INLINE bool take_value(struct parser *at, bool checked)
{
    enum step step = STEP_VALUE;

    while (step == STEP_VALUE) {
        char c = look(at, checked);

        if (c == '"') {
            if (!take_string(at, checked))
                return false;
        } else if (c == '{') {
            if (!open_container(at, checked, MF_NODE_OBJECT))
                return false;
            if (rarely(look(at, checked) != '"'))
                pass_blanks(at);
            if (look(at, checked) != '}') {
                if (!take_key(at, checked))
                    return false;
                continue;
            }
        } else if (c == '[') {
            if (!open_container(at, checked, MF_NODE_ARRAY))
                return false;
            if (rarely(is_blank(look(at, checked))))
                pass_blanks(at);
            if (look(at, checked) != ']')
                continue;
        } else if (rarely(is_blank(c))) {
            pass_blanks(at);
            continue;
        } else if (!take_scalar(at, checked, c)) {
            return false;
        }
        if (checked && at->shape == at->shape_top)
            return true;
        step = take_end(at, checked);
    }
    return step == STEP_DONE;
}

/* The copies are what lets the compiler keep the parser in registers: nobody else has their address. */
static bool take_checked(struct parser *parser)
{
    struct parser at = *parser;
    bool whole = take_value(&at, true);

    *parser = at;
    return whole;
}

static bool take_unchecked(struct parser *parser)
{
    struct parser at = *parser;
    bool whole = take_value(&at, false);

    *parser = at;
    return whole;
}

static bool may_go_unchecked(const struct parser *at)
{
    const char *text = at->text;

    /* n values and keys take at least 2n - 1 bytes */
    return at->p < at->end && (text[at->p] == '{' || text[at->p] == '[') &&
           (text[at->end - 1] == '}' || text[at->end - 1] == ']') && at->full - at->node > (at->end - at->p) / 2;
}

/* Names and values of records take seven bytes and more on average. What has far more of them for its length was made to
 * cost time, and is no provider's. */
enum { NODES_FREE = 1024, BYTES_A_NODE = 6 };

static size_t most_nodes(size_t length)
{
    return NODES_FREE + length / BYTES_A_NODE;
}

/* Appends the document base[from..end), which may have blanks around it, to the tape: as `most` nodes, or it fails. On
 * failure the tape's length is as before; `stop` is where the byte that was wrong is. */
static enum mf_skip take_document(struct mf_record *record, const char *base, size_t from, size_t end, size_t most,
                                  uint8_t flags, size_t *stop)
{
    struct mf_node *node = record->nodes + record->n_nodes;
    size_t room = record->limits.nodes - record->n_nodes;
    struct parser at = {.text = base,
                        .p = skip_blanks(base + from, base + end) - base,
                        .node = node,
                        .full = node + room,
                        .dense = node + (most < room ? most : room),
                        .open = node,
                        .index = record->n_nodes,
                        .shape = shape_of(MF_NODE_STRING, flags, 0),
                        .shape_top = shape_of(MF_NODE_STRING, flags, 0),
                        .shape_max = shape_of(MF_NODE_STRING, flags, record->limits.depth)};
    bool whole;

    while (end > from && is_blank(base[end - 1]))
        end--;
    at.end = (ptrdiff_t)end;
    at.last_step = at.end - MF_SCAN_STEP;
    if (at.p > at.end)
        at.p = at.end;
    whole = may_go_unchecked(&at) ? take_unchecked(&at) : take_checked(&at);
    *stop = (size_t)at.p;
    if (!whole)
        return at.why != MF_SKIP_NONE ? at.why : at.p == at.end ? MF_SKIP_TRUNCATED : MF_SKIP_BAD_JSON;
    *stop = (size_t)(skip_blanks(base + at.p, base + end) - base);
    if (*stop != end)
        return MF_SKIP_BAD_JSON;
    if (at.index - record->n_nodes > most)
        return MF_SKIP_TOO_MANY_NODES;
    record->n_nodes = at.index;
    return MF_SKIP_NONE;
}

/* ---- finding the document in a message ---- */

static void forget(struct mf_record *record, const char *bytes, size_t length)
{
    record->text = bytes == NULL ? "" : bytes;
    record->length = length;
    record->n_nodes = 0;
    record->scratch_used = 0;
    record->failed_at = 0;
    record->n_unpacked = 0;
}

static enum mf_skip take_from(struct mf_record *record, const char *start, size_t most)
{
    size_t stop;
    enum mf_skip skip =
        take_document(record, record->text, (size_t)(start - record->text), record->length, most, 0, &stop);

    record->failed_at = skip == MF_SKIP_NONE ? 0 : stop;
    return skip;
}

enum mf_skip mf_record_parse_document(struct mf_record *record, const char *bytes, size_t length)
{
    forget(record, bytes, length);
    if (length > record->limits.size)
        return MF_SKIP_TOO_LARGE;
    if (skip_blanks(record->text, record->text + length) == record->text + length)
        return MF_SKIP_NO_JSON;
    return take_from(record, record->text, record->limits.nodes);
}

/* Behind blanks, a byte order mark and the cookie of structured syslog, in this order. */
static const char *skip_preamble(const char *p, const char *end)
{
    p = skip_blanks(p, end);
    if (end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p = skip_blanks(p + 3, end);
    if (end - p >= 5 && memcmp(p, "@cee:", 5) == 0)
        p = skip_blanks(p + 5, end);
    return p;
}

ptrdiff_t mf_token_document(const char *text, ptrdiff_t end)
{
    return skip_preamble(text, text + end) - text;
}

/* Whether the bracket at `p` can open an object with members or an empty one. */
static bool opens_object(const char *p, const char *end)
{
    char c;

    if (peek(p, end) != '{')
        return false;
    p = skip_blanks(p + 1, end);
    c = peek(p, end);
    return c == '"' || c == '}' || p == end;
}

/* Whether the bracket at `p`, with nothing but a preamble before it, can open an array: "[INFO] text" does not. */
static bool opens_array(const char *p, const char *end)
{
    char c;

    if (peek(p, end) != '[')
        return false;
    p = skip_blanks(p + 1, end);
    c = peek(p, end);
    return p == end || (c != '\0' && strchr("{[]\"-tfn", c) != NULL) || is_digit(c);
}

static bool opens_array_of_objects(const char *p, const char *end)
{
    return peek(p, end) == '[' && peek(skip_blanks(p + 1, end), end) == '{';
}

/* Whether the byte behind the bracket at `p` tells that neither an object nor an array of objects begins here. */
static bool opens_nothing(const char *p, const char *end)
{
    char c = peek(p + 1, end);

    return p + 1 < end && c != '"' && c != '}' && c != '{' && !is_blank(c);
}

bool mf_record_begins(const char *bytes, size_t length)
{
    const char *end = bytes + length, *p = skip_preamble(bytes, end);

    return opens_object(p, end) || opens_array(p, end);
}

/* Only "not JSON" lets another start be tried. After any other reason the document that starts here reaches to the
 * end of the message, or may do so, and every later start is a part of it: to take a part for the whole would let a
 * cut or oversized record pass for its own last member. Nor is another tried when more bytes were read in vain than the
 * message has, and some. */
enum mf_skip mf_record_parse(struct mf_record *record, const char *bytes, size_t length)
{
    const char *end, *first;
    enum mf_skip reason = MF_SKIP_NO_JSON;
    size_t failed_at = 0, in_vain = 0;
    bool likely = false;
    unsigned starts = 0;

    forget(record, bytes, length);
    if (length > record->limits.size)
        return MF_SKIP_TOO_LARGE;
    bytes = record->text;
    end = bytes + length;
    first = skip_preamble(bytes, end);
    for (const char *p = first; p < end && starts < STARTS_MAX && in_vain < VAIN_FREE + length; p++) {
        enum mf_skip skip;

        p = bytes + mf_scan_opening(bytes, p - bytes, end - bytes);
        if (p == end)
            break;
        if (reason != MF_SKIP_NO_JSON && p > first && opens_nothing(p, end))
            continue;
        if (!opens_object(p, end) && !opens_array_of_objects(p, end) && !(p == first && opens_array(p, end))) {
            if (*p == '{' && reason == MF_SKIP_NO_JSON) {
                reason = MF_SKIP_BAD_JSON;
                failed_at = (size_t)(skip_blanks(p + 1, end) - bytes);
            }
            continue;
        }
        starts++;
        skip = take_from(record, p, most_nodes(length));
        if (skip != MF_SKIP_BAD_JSON)
            return skip;
        in_vain += record->failed_at - (size_t)(p - bytes);
        if (!likely) {
            likely = true;
            reason = skip;
            failed_at = record->failed_at;
        }
    }
    record->failed_at = failed_at;
    return reason;
}

/* ---- text ---- */

static inline const char *base_of(const struct mf_record *record, const struct mf_node *node)
{
    return (node->flags & MF_NODE_SCRATCH) != 0 ? record->scratch : record->text;
}

/* Of four hex digits; each is one too many in the table. */
static unsigned hex_four(const char *p)
{
    return (hex_at(p) << 12) + (hex_at(p + 1) << 8) + (hex_at(p + 2) << 4) + hex_at(p + 3) - 0x1111;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xE0 | code >> 12);
        } else {
            *out++ = (char)(0xF0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* A \u escape of a checked string: `p` is at the first hex digit. A surrogate without its other half becomes U+FFFD. */
static const char *decode_unicode(const char *p, const char *end, char **out)
{
    unsigned code = hex_four(p);

    p += 4;
    if (code >= 0xD800 && code <= 0xDFFF) {
        unsigned low = code < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex_four(p + 2) : 0;

        if (low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            p += 6;
        } else {
            code = 0xFFFD;
        }
    }
    *out = put_utf8(*out, code);
    return p;
}

/* Copies what stands before the next backslash, or the end; by whole steps where what comes behind them is not overwritten
 * before it was read. */
static inline const char *copy_plain(const char *p, const char *end, char **out)
{
    while (end - p >= MF_SCAN_STEP && (uintptr_t)p - (uintptr_t)*out >= MF_SCAN_STEP) {
        unsigned distance = MF_SCAN_STEP;
        bool special = mf_scan_step(p, &distance);

        memcpy(*out, p, MF_SCAN_STEP);
        p += distance;
        *out += distance;
        if (special && *p == '\\')
            return p;
        if (special)
            *(*out)++ = *p++;
    }
    while (p < end && *p != '\\')
        *(*out)++ = *p++;
    return p;
}

/* One block, up to its end, to behind the escape that is there, or to behind the first \\u. What stands behind an escape is
 * written as a whole block, of which the next overwrites what is too much: so much must be left behind this one, and so far
 * `out` must be behind. */
enum { DECODED_AT_ONCE = 3 * MF_SCAN_BLOCK };

static inline const char *decode_block(const char *p, const char *end, char **out)
{
    uint32_t backslashes = mf_scan_backslashes(p);
    char *to = *out; /* to[n] is for p[n] */
    unsigned n = MF_SCAN_BLOCK;

    memcpy(to, p, MF_SCAN_BLOCK);
    while (backslashes != 0) {
        unsigned at = (unsigned)__builtin_ctz(backslashes);
        char c = short_escape[(unsigned char)p[at + 1]];

        if (c == 0) {
            *out = to + at;
            return decode_unicode(p + at + 2, end, out);
        }
        to[at] = c;
        memcpy(to + at + 1, p + at + 2, MF_SCAN_BLOCK);
        to--;
        n += at == MF_SCAN_BLOCK - 1;
        backslashes &= ~UINT32_C(3) << at;
    }
    *out = to + n;
    return p + n;
}

size_t mf_token_decode(const char *p, const char *end, char *out)
{
    char *start = out;

    if (out == p) { /* in its place: what stands before the first escape is there */
        const char *backslash = memchr(p, '\\', (size_t)(end - p));

        p = backslash == NULL ? end : backslash;
        out += p - start;
    }
    while (p < end) {
        if (end - p >= DECODED_AT_ONCE && (uintptr_t)p - (uintptr_t)out >= MF_SCAN_BLOCK) {
            p = decode_block(p, end, &out);
        } else if (*p != '\\') {
            p = copy_plain(p, end, &out);
        } else if (p[1] == 'u') {
            p = decode_unicode(p + 2, end, &out);
        } else {
            *out++ = short_escape[(unsigned char)p[1]];
            p += 2;
        }
    }
    return (size_t)(out - start);
}

struct mf_slice mf_record_text(struct mf_record *record, uint32_t index)
{
    const struct mf_node *node = &record->nodes[index];
    struct mf_slice text = mf_record_raw(record, index);

    if (node->type == MF_NODE_NULL || node->type >= MF_NODE_ARRAY)
        return (struct mf_slice){NULL, 0};
    if ((node->flags & MF_NODE_ESCAPED) != 0) {
        char *out = record->scratch + record->scratch_used;

        if (text.length > record->limits.size - record->scratch_used)
            return (struct mf_slice){NULL, 0};
        text.length = mf_token_decode(text.data, text.data + text.length, out);
        text.data = out;
        record->scratch_used += (uint32_t)text.length;
    }
    return text;
}

struct mf_slice mf_record_raw(const struct mf_record *record, uint32_t index)
{
    const struct mf_node *node = &record->nodes[index];

    return (struct mf_slice){base_of(record, node) + node->start, node->length};
}

/* ---- embedded documents ---- */

enum mf_skip mf_record_embed(struct mf_record *record, uint32_t index, uint32_t *root)
{
    const struct mf_node *node = &record->nodes[index];
    uint32_t first = record->n_nodes, scratch_used = record->scratch_used;
    uint8_t flags = node->flags & MF_NODE_SCRATCH;
    struct mf_slice text;
    const char *base;
    size_t stop, from;
    enum mf_skip skip;

    if (node->type != MF_NODE_STRING)
        return MF_SKIP_NO_JSON;
    if ((node->flags & MF_NODE_ESCAPED) != 0)
        flags = MF_NODE_SCRATCH;
    text = mf_record_text(record, index);
    if (text.data == NULL)
        return MF_SKIP_TOO_LARGE;
    base = flags != 0 ? record->scratch : record->text;
    from = (size_t)(text.data - base);
    skip = take_document(record, base, from, from + text.length, most_nodes(text.length), flags, &stop);
    if (skip == MF_SKIP_NONE)
        *root = first;
    else
        record->scratch_used = scratch_used;
    return skip;
}

/* ---- what was unpacked ---- */

bool mf_record_find_unpacked(const struct mf_record *record, uint32_t node, const void *as, uint32_t *root)
{
    for (unsigned i = 0; i < record->n_unpacked; i++)
        if (record->unpacked[i].node == node && record->unpacked[i].as == as) {
            *root = record->unpacked[i].root;
            return true;
        }
    return false;
}

/* When there are too many, the longest are worth most. */
void mf_record_note_unpacked(struct mf_record *record, uint32_t node, const void *as, uint32_t root)
{
    struct mf_unpacked_string *kept = record->unpacked;

    if (record->n_unpacked < MF_UNPACKED_KEPT) {
        kept = &record->unpacked[record->n_unpacked++];
    } else {
        for (unsigned i = 1; i < MF_UNPACKED_KEPT; i++)
            if (record->nodes[record->unpacked[i].node].length < record->nodes[kept->node].length)
                kept = &record->unpacked[i];
        if (record->nodes[node].length <= record->nodes[kept->node].length)
            return;
    }
    *kept = (struct mf_unpacked_string){node, root, as};
}

void mf_record_enter(struct mf_record *record, uint32_t node)
{
    const struct mf_node *root = &record->nodes[node];
    uint32_t n = root->next - node, start = root->start;
    uint16_t depth = root->depth;

    record->text += start;
    record->length = root->length;
    for (uint32_t i = 0; i < n; i++) {
        struct mf_node moved = record->nodes[node + i];

        moved.start -= start;
        moved.next -= node;
        moved.depth = (uint16_t)(moved.depth - depth);
        record->nodes[i] = moved;
    }
    record->n_nodes = n;
    record->scratch_used = 0;
    record->n_unpacked = 0;
}

void mf_record_cut(struct mf_record *record, uint32_t n_nodes, uint32_t scratch_used)
{
    unsigned n = 0;

    record->n_nodes = n_nodes;
    record->scratch_used = scratch_used;
    for (unsigned i = 0; i < record->n_unpacked; i++) {
        struct mf_unpacked_string *kept = &record->unpacked[i];

        if (kept->node < n_nodes && (kept->root < n_nodes || kept->root == MF_NO_NODE))
            record->unpacked[n++] = *kept;
    }
    record->n_unpacked = n;
}

/* ---- walking ---- */

uint32_t mf_record_child(const struct mf_record *record, uint32_t node)
{
    return record->nodes[node].type >= MF_NODE_ARRAY && record->nodes[node].next > node + 1 ? node + 1 : MF_NO_NODE;
}

uint32_t mf_record_sibling(const struct mf_record *record, uint32_t parent, uint32_t child)
{
    uint32_t next = record->nodes[child].next;

    return next < record->nodes[parent].next ? next : MF_NO_NODE;
}
