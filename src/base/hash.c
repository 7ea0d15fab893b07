/* src/base/hash.c
 *
 * SipHash, from the paper's description. 2-4 with 128 bits: two rounds for every eight bytes, four for each half of the
 * output; 1-3 with 64: one, and three. */

#include "base/hash.h"

#include <endian.h>
#include <string.h>

static inline uint64_t turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* Eight bytes at any address; the first byte is the lowest on every machine. */
static inline uint64_t load(const unsigned char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

/* The last 0 to 7 bytes, the length's low byte above them. They are the upper ones of the last eight, when there are so
 * many. */
static inline uint64_t load_tail(const unsigned char *p, size_t length)
{
    uint64_t word = (uint64_t)length << 56;
    unsigned left = length % 8;

    if (length >= 8)
        return left == 0 ? word : word | load(p + left - 8) >> (64 - 8 * left);
    for (size_t i = 0; i < length % 8; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

struct state {
    uint64_t v0, v1, v2, v3;
};

static inline void mix(struct state *s, unsigned rounds)
{
#pragma GCC unroll 4
    for (unsigned i = 0; i < rounds; i++) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = turn(s->v1, 13) ^ s->v0;
        s->v3 = turn(s->v3, 16) ^ s->v2;
        s->v0 = turn(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = turn(s->v1, 17) ^ s->v2;
        s->v3 = turn(s->v3, 21) ^ s->v0;
        s->v2 = turn(s->v2, 32);
    }
}

static inline void absorb(struct state *s, uint64_t word, unsigned rounds)
{
    s->v3 ^= word;
    mix(s, rounds);
    s->v0 ^= word;
}

/* `variant` is 0xee for the output of 128 bits. */
static inline __attribute__((always_inline)) struct state absorb_all(const struct mf_hash_key *key, const void *data,
                                                                     size_t length, uint64_t variant, unsigned rounds)
{
    const unsigned char *p = data;
    struct state s = {
        key->k0 ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
        key->k1 ^ 0x646f72616e646f6d ^ variant,
        key->k0 ^ 0x6c7967656e657261,
        key->k1 ^ 0x7465646279746573,
    };

    for (size_t left = length; left >= 8; left -= 8, p += 8)
        absorb(&s, load(p), rounds);
    absorb(&s, load_tail(p, length), rounds);
    return s;
}

uint64_t mf_hash_mark(const struct mf_hash_key *key, const void *data, size_t length)
{
    struct state s = absorb_all(key, data, length, 0, 1);

    s.v2 ^= 0xff;
    mix(&s, 3);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct mf_hash mf_hash_bytes(const struct mf_hash_key *key, const void *data, size_t length)
{
    struct state s = absorb_all(key, data, length, 0xee, 2);
    struct mf_hash hash;

    s.v2 ^= 0xee;
    mix(&s, 4);
    hash.lo = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    mix(&s, 4);
    hash.hi = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    return hash;
}

/* The last 1 to 7 bytes, in the lower end of a word. */
static inline uint64_t tail_of(struct mf_slice text, size_t left)
{
    uint64_t word = 0;

    if (text.length < sizeof word) {
        memcpy(&word, text.data, left);
        return word;
    }
    memcpy(&word, text.data + text.length - sizeof word, sizeof word);
    return htole64(le64toh(word) >> (64 - 8 * left));
}

uint64_t mf_mix_text(uint64_t seed, struct mf_slice text)
{
    uint64_t hash = seed ^ (0x9e3779b97f4a7c15u + text.length), word;
    const char *at = text.data;
    size_t left = text.length;

    for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    if (left > 0) {
        word = tail_of(text, left);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}
