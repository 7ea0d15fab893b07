/* tests/fuzz/mutate_json.c
 *
 * A mutator for messages that are JSON: what comes out is JSON again, with values and names exchanged, doubled, removed,
 * wrapped or written in another way, and lines doubled. So the fuzzer gets behind the reader of JSON, to where records are
 * told apart and understood. Each line of an input is a message of its own, its JSON begins at the first brace; one in 32
 * is changed byte by byte, as without us. Linked by script/fuzz to the targets that read messages (it needs libFuzzer), and
 * by no test. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "read/record.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static struct mf_record record;
static uint64_t state;

/* xorshift64* (Vigna, 2016) */
static size_t below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return n == 0 ? 0 : (size_t)((state * 0x2545F4914F6CDD1Du) >> 33) % n;
}

static const char *const values[] = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1772442000",
    "1772442000000",
    "1e400",
    "[]",
    "{}",
    "\"\"",
    "\"a\"",
    "\"-\"",
    "\"unknown\"",
    "\"SUCCESS\"",
    "\"FAILURE\"",
    "\"DENY\"",
    "\"User\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\u202e\"",
    "\"2026-03-02T09:00:00Z\"",
    "\"2026-13-45T99:99:99Z\"",
    "\"1969-12-31T23:59:59Z\"",
    "\"/Date(1772442000000)/\"",
    "\"198.51.100.7\"",
    "\"2001:db8::1\"",
    "\"::ffff:192.0.2.1\"",
    "\"192.0.2.1:443\"",
    "\"DE\"",
    "\"Germany\"",
    "\"push\"",
    "\"{\\\"a\\\":1}\"",
    "\"[1,2\"",
    "\"ada@example.com\"",
    "\"ADA@EXAMPLE.COM \"",
    "\"EXAMPLE\\\\\\\\ada\"",
};
static const char *const names[] = {
    "\"actor\"",   "\"Actor\"",       "\"alternateId\"",  "\"type\"",      "\"target\"",
    "\"outcome\"", "\"result\"",      "\"eventType\"",    "\"published\"", "\"uuid\"",
    "\"client\"",  "\"ipAddress\"",   "\"properties\"",   "\"status\"",    "\"errorCode\"",
    "\"time\"",    "\"id\"",          "\"user\"",         "\"name\"",      "\"factor\"",
    "\"\"",        "\"\\u0061ctor\"", "\"records\"",      "\"value\"",     "\"data\"",
    "\"event\"",   "\"detail\"",      "\"isotimestamp\"", "\"txid\"",      "\"reason\"",
    "\"message\"", "\"log\"",         "\"MESSAGE\"",      "\"_raw\"",
};
#define ONE_OF(list) list[below(sizeof list / sizeof list[0])]

struct piece {
    size_t from, to;
};

/* A node as it stands in the text, with its quotes. */
static struct piece piece_of(uint32_t node)
{
    const struct mf_node *n = &record.nodes[node];
    size_t quote = n->type == MF_NODE_STRING ? 1 : 0;

    return (struct piece){n->start - quote, n->start + n->length + quote};
}

static bool is_name(uint32_t node)
{
    struct piece piece = piece_of(node);

    return record.nodes[node].type == MF_NODE_STRING && piece.to < record.length && record.text[piece.to] == ':';
}

/* Some node that is a name, or none of them; 0, the whole, when luck does not find one. */
static uint32_t pick(bool name)
{
    for (unsigned i = 0; i < 16; i++) {
        uint32_t node = (uint32_t)below(record.n_nodes);

        if (node > 0 && is_name(node) == name)
            return node;
    }
    return 0;
}

/* ---- pieces of text put for others ---- */

struct text {
    uint8_t *data;
    size_t size, room;
};

/* Puts `length` bytes for the piece; nothing happens when there is no room. */
static void put(struct text *text, struct piece piece, const void *bytes, size_t length)
{
    size_t behind = text->size - piece.to;
    uint8_t *copy;

    if (piece.from + length + behind > text->room)
        return;
    copy = malloc(length + 1);
    if (copy == NULL)
        return;
    memcpy(copy, bytes, length);
    memmove(text->data + piece.from + length, text->data + piece.to, behind);
    memcpy(text->data + piece.from, copy, length);
    text->size = piece.from + length + behind;
    free(copy);
}

static void put_words(struct text *text, struct piece piece, const char *before, const char *after)
{
    size_t length = piece.to - piece.from, b = strlen(before), a = strlen(after);
    char *whole = malloc(b + length + a + 1);

    if (whole == NULL)
        return;
    memcpy(whole, before, b);
    memcpy(whole + b, text->data + piece.from, length);
    memcpy(whole + b + length, after, a);
    put(text, piece, whole, b + length + a);
    free(whole);
}

/* The piece as a string that holds it. */
static void put_embedded(struct text *text, struct piece piece)
{
    size_t length = 0;
    char *whole = malloc(2 * (piece.to - piece.from) + 3);

    if (whole == NULL)
        return;
    whole[length++] = '"';
    for (size_t i = piece.from; i < piece.to; i++) {
        if (text->data[i] == '"' || text->data[i] == '\\')
            whole[length++] = '\\';
        whole[length++] = (char)text->data[i];
    }
    whole[length++] = '"';
    put(text, piece, whole, length);
    free(whole);
}

/* One plain letter of a string in another spelling. */
static void put_escape(struct text *text, struct piece piece)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = piece.from + 1 + below(piece.to - piece.from - 2);
    uint8_t c = text->data[at];

    if (c < 0x20 || c > 0x7e || c == '\\' || c == '"' || text->data[at - 1] == '\\' ||
        memchr(text->data + piece.from, '\\', at - piece.from))
        return;
    put(text, (struct piece){at, at + 1}, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* The member or element, with a comma. */
static void put_twice(struct text *text, uint32_t value)
{
    uint32_t first = value > 1 && is_name(value - 1) ? value - 1 : value;
    struct piece piece = {piece_of(first).from, piece_of(value).to};
    size_t length = piece.to - piece.from;
    char *whole = malloc(2 * length + 1);

    if (whole == NULL || first == 0) {
        free(whole);
        return;
    }
    memcpy(whole, text->data + piece.from, length);
    whole[length] = ',';
    memcpy(whole + length + 1, text->data + piece.from, length);
    put(text, piece, whole, 2 * length + 1);
    free(whole);
}

static void exchange(struct text *text, uint32_t a, uint32_t b)
{
    struct piece one = piece_of(a < b ? a : b), two = piece_of(a < b ? b : a);
    size_t n = one.to - one.from, m = two.to - two.from;
    uint8_t *first, *second;

    if (two.from < one.to)
        return; /* one within the other */
    first = malloc(n + 1);
    second = malloc(m + 1);
    if (first != NULL && second != NULL) {
        memcpy(first, text->data + one.from, n);
        memcpy(second, text->data + two.from, m);
        put(text, two, first, n);
        put(text, one, second, m);
    }
    free(first);
    free(second);
}

static void change(struct text *text)
{
    uint32_t value = pick(false), name = pick(true), other = pick(false);
    struct piece piece = piece_of(value);

    switch (below(10)) {
    case 0:
        exchange(text, value, other);
        break;
    case 1:
        exchange(text, name, pick(true));
        break;
    case 2:
        put(text, piece, text->data + piece_of(other).from, piece_of(other).to - piece_of(other).from);
        break;
    case 3: {
        const char *word = ONE_OF(values);
        put(text, piece, word, strlen(word));
        break;
    }
    case 4: {
        const char *word = ONE_OF(names);
        if (name != 0)
            put(text, piece_of(name), word, strlen(word));
        break;
    }
    case 5:
        put_twice(text, value);
        break;
    case 6:
        put_words(text, piece, "[", "]");
        break;
    case 7:
        put_words(text, piece, "{\"records\":[", "]}");
        break;
    case 8:
        put_embedded(text, piece);
        break;
    default:
        if (record.nodes[value].type == MF_NODE_STRING && piece.to - piece.from > 2)
            put_escape(text, piece);
    }
}

/* ---- one line of the input ---- */

/* The line a second time, behind itself: what changes in one of them later makes two records that are nearly the same. */
static size_t double_line(uint8_t *data, size_t size, size_t max_size, size_t from, size_t to)
{
    size_t length = to - from;

    if (size + length + 1 > max_size)
        return size;
    memmove(data + to + length + 1, data + to, size - to);
    memmove(data + to + 1, data + from, length);
    data[to] = '\n';
    return size + length + 1;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct text text;
    size_t from, to;

    state = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    if (record.nodes == NULL && mf_record_init(&record, &mf_record_default_limits, NULL) != 0)
        abort();
    if (size == 0 || below(32) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (from = below(size); from > 0 && data[from - 1] != '\n'; from--)
        ;
    for (to = from; to < size && data[to] != '\n'; to++)
        ;
    if (memchr(data, '\n', size) != NULL && below(8) == 0)
        return double_line(data, size, max_size, from, to);
    const uint8_t *brace = memchr(data + from, '{', to - from); /* behind what a syslog header may be */
    from = brace == NULL ? from : (size_t)(brace - data);
    for (unsigned i = 1 + (unsigned)below(3); i > 0; i--) {
        if (mf_record_parse_document(&record, (const char *)data + from, to - from) != MF_SKIP_NONE)
            return LLVMFuzzerMutate(data, size, max_size);
        text = (struct text){data + from, to - from, max_size - from - (size - to)};
        uint8_t *rest = malloc(size - to + 1);
        if (rest == NULL)
            return size;
        memcpy(rest, data + to, size - to); /* what is changed may grow over what follows */
        change(&text);
        memcpy(data + from + text.size, rest, size - to);
        free(rest);
        size = size - (to - from) + text.size;
        to = from + text.size;
    }
    return size;
}
