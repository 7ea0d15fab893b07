/* tests/test_hash.c
 *
 * The vectors are those published with the SipHash reference implementation for the 128-bit output: key 00 01 .. 0f,
 * input 00 01 .. of each length; and for SipHash-1-3 what CPython 3.11 says with a key of zeros:
 * PYTHONHASHSEED=0 python3 -c 'print(hex(hash(bytes(range(31))) % 2**64))'. */

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    unsigned length;
    const char *output;
} vectors[] = {
    {0, "a3817f04ba25a8e66df67214c7550293"},  {1, "da87c1d86b99af44347659119b22fc45"},
    {2, "8177228da4a45dc7fca38bdef60affe4"},  {3, "9c70b60c5267a94e5f33b6b02985ed51"},
    {4, "f88164c12d9c8faf7d0f6e7c7bcd5579"},  {5, "1368875980776f8854527a07690e9627"},
    {6, "14eeca338b208613485ea0308fd7a15e"},  {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
    {8, "3b62a9ba6258f5610f83e264f31497b4"},  {9, "264499060ad9baabc47f8b02bb6d71ed"},
    {10, "00110dc378146956c95447d3f3d0fbba"}, {11, "0151c568386b6677a2b4dc6f81e5dc18"},
    {12, "d626b266905ef35882634df68532c125"}, {13, "9869e247e9c08b10d029934fc4b952f7"},
    {14, "31fcefac66d7de9c7ec7485fe4494902"}, {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
    {16, "6ee2a4ca67b054bbfd3315bf85230577"}, {17, "473d06e8738db89854c066c47ae47740"},
    {31, "2939b0183223fafc1723de4f52c43d35"}, {32, "7c3956ca5eeafc3e363e9d556546eb68"},
    {33, "77c6077146f01c32b6b69d5f4ea9ffcf"}, {62, "5853542321f567a005d547a4f04759bd"},
    {63, "5150d1772f50834a503e069a973fbd7c"},
};

static const struct mf_hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static void show(struct mf_hash hash, char text[33])
{
    for (unsigned i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned)((i < 8 ? hash.lo : hash.hi) >> (8 * (i % 8)) & 0xff));
}

static void gives_the_published_vectors_at_every_alignment(void **state)
{
    unsigned char room[80];

    (void)state;
    for (unsigned shift = 0; shift < 9; shift++) {
        for (unsigned i = 0; i < 64; i++)
            room[shift + i] = (unsigned char)i;
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
            char text[33];

            show(mf_hash_bytes(&key, room + shift, vectors[i].length), text);
            assert_string_equal(text, vectors[i].output);
        }
    }
}

static void gives_what_another_siphash_1_3_gives(void **state)
{
    static const struct {
        unsigned length;
        uint64_t output;
    } expected[] = {
        {1, 0x68a914128e01e473},  {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
        {9, 0x75927f9d95124362},  {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
        {31, 0x169739443111d49b}, {63, 0x385d3e39e5f37359}, {100, 0x1c6a66e1506e7908},
    };
    const struct mf_hash_key zeros = {0, 0};
    unsigned char room[100];

    (void)state;
    for (unsigned i = 0; i < sizeof room; i++)
        room[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(mf_hash_mark(&zeros, room, expected[i].length) == expected[i].output);
    assert_true(mf_hash_mark(&key, room, 31) != mf_hash_mark(&zeros, room, 31));
}

static void every_bit_of_input_and_key_matters(void **state)
{
    unsigned char input[40] = {0};
    struct mf_hash first = mf_hash_bytes(&key, input, sizeof input);

    (void)state;
    for (unsigned bit = 0; bit < 8 * sizeof input; bit++) {
        input[bit / 8] ^= (unsigned char)(1U << bit % 8);
        struct mf_hash other = mf_hash_bytes(&key, input, sizeof input);
        assert_true(other.lo != first.lo && other.hi != first.hi);
        input[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (unsigned bit = 0; bit < 128; bit++) {
        struct mf_hash_key turned = {key.k0 ^ (bit < 64 ? UINT64_C(1) << bit : 0),
                                     key.k1 ^ (bit < 64 ? 0 : UINT64_C(1) << (bit - 64))};
        struct mf_hash other = mf_hash_bytes(&turned, input, sizeof input);
        assert_true(other.lo != first.lo && other.hi != first.hi);
    }
}

static void length_matters_even_for_zeros(void **state)
{
    unsigned char zeros[257] = {0};

    (void)state;
    for (size_t i = 1; i < sizeof zeros; i++)
        assert_false(mf_hash_equal(mf_hash_bytes(&key, zeros, i), mf_hash_bytes(&key, zeros, i - 1)));
}

static void no_bytes_need_no_pointer(void **state)
{
    (void)state;
    assert_true(mf_hash_equal(mf_hash_bytes(&key, NULL, 0), mf_hash_bytes(&key, "", 0)));
}

static void equal_means_both_halves(void **state)
{
    (void)state;
    assert_true(mf_hash_equal((struct mf_hash){1, 2}, (struct mf_hash){1, 2}));
    assert_false(mf_hash_equal((struct mf_hash){1, 2}, (struct mf_hash){1, 3}));
    assert_false(mf_hash_equal((struct mf_hash){1, 2}, (struct mf_hash){0, 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_vectors_at_every_alignment),
        cmocka_unit_test(gives_what_another_siphash_1_3_gives),
        cmocka_unit_test(every_bit_of_input_and_key_matters),
        cmocka_unit_test(length_matters_even_for_zeros),
        cmocka_unit_test(no_bytes_need_no_pointer),
        cmocka_unit_test(equal_means_both_halves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
