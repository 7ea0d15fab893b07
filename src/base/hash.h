/* src/base/hash.h
 *
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the 128-bit
 * variant of the reference implementation), and SipHash-1-3 with 64. The key is handed in. Pure and thread-safe. */

#ifndef MF_BASE_HASH_H
#define MF_BASE_HASH_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mf_hash_key {
    uint64_t k0, k1;
};

struct mf_hash {
    uint64_t lo, hi;
};

struct mf_hash mf_hash_bytes(const struct mf_hash_key *key, const void *data, size_t length);

/* SipHash-1-3: half the work, enough where no more than a place in a table hangs on it (as in CPython and Rust). */
uint64_t mf_hash_mark(const struct mf_hash_key *key, const void *data, size_t length);

/* A quick 64-bit mix for comparing a few recent things with each other; no defence against chosen texts but the seed.
 * Multiplier and shift as in MurmurHash3's finaliser (Appleby, 2011). */
uint64_t mf_mix_text(uint64_t seed, struct mf_slice text);

/* 32 bits of it, never 0: for marks where 0 means none. */
static inline uint32_t mf_mix_fold(uint64_t hash)
{
    uint32_t folded = (uint32_t)(hash >> 32 ^ hash);

    return folded == 0 ? 1 : folded;
}

static inline bool mf_hash_equal(struct mf_hash a, struct mf_hash b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

/* Places of a table that finds by the low bits of a hash: a power of two, 16 at least. */
static inline uint32_t mf_hash_places(uint32_t at_least)
{
    uint32_t n = 16;

    while (n < at_least)
        n *= 2;
    return n;
}

#endif
