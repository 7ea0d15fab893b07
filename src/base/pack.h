/* src/base/pack.h
 *
 * Structs as bytes that outlive the program: each struct has a table of its fields, and the table writes and reads it.
 * Numbers are little-endian; the end of an array that is all zero is left out, so that what is empty costs a byte.
 *
 * A field says since which format it is there: what an older file lacks reads as zero. What a table says to be the
 * highest value is checked, so that a record that was read cannot lead outside an array. Pure. */

#ifndef MF_BASE_PACK_H
#define MF_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mf_field_type {
    MF_FIELD_END,
    MF_FIELD_NUMBER, /* 1, 2, 4 or 8 bytes: whole, bool or enum */
    MF_FIELD_REAL,   /* float or double, finite */
    MF_FIELD_TIME,   /* mf_time; with max: or MF_TIME_NONE */
    MF_FIELD_TEXT,   /* a NUL-terminated text in its array */
    MF_FIELD_PART,   /* a struct with a table of its own */
};

struct mf_field {
    uint8_t type; /* enum mf_field_type */
    uint8_t since;
    uint16_t n; /* elements; 1 = no array */
    uint32_t offset, size;
    uint64_t max;                /* of a number: more is not sound; 0 = anything */
    const struct mf_field *part; /* of a part */
};

#define MF_PACK_SIZE(type, member)  ((uint32_t)sizeof((type *)0)->member)
#define MF_PACK_COUNT(type, member) ((uint16_t)(sizeof((type *)0)->member / sizeof((type *)0)->member[0]))

/* One number, flag, time; one that is at most `max`; an array of them; a text; a struct; an array of structs. */
#define MF_NUMBER(type, member)                                                                                        \
    {                                                                                                                  \
        MF_FIELD_NUMBER, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 0, NULL                             \
    }
#define MF_NUMBER_MAX(type, member, max)                                                                               \
    {                                                                                                                  \
        MF_FIELD_NUMBER, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), max, NULL                           \
    }
#define MF_FLAG(type, member) MF_NUMBER_MAX(type, member, 1)
#define MF_REAL(type, member)                                                                                          \
    {                                                                                                                  \
        MF_FIELD_REAL, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 0, NULL                               \
    }
#define MF_REALS(type, member)                                                                                         \
    {                                                                                                                  \
        MF_FIELD_REAL, 1, MF_PACK_COUNT(type, member), offsetof(type, member), MF_PACK_SIZE(type, member[0]), 0, NULL  \
    }
#define MF_WHEN(type, member)                                                                                          \
    {                                                                                                                  \
        MF_FIELD_TIME, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 0, NULL                               \
    }
#define MF_WHEN_OR_NONE(type, member)                                                                                  \
    {                                                                                                                  \
        MF_FIELD_TIME, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 1, NULL                               \
    }
#define MF_NUMBERS(type, member)                                                                                       \
    {                                                                                                                  \
        MF_FIELD_NUMBER, 1, MF_PACK_COUNT(type, member), offsetof(type, member), MF_PACK_SIZE(type, member[0]), 0,     \
            NULL                                                                                                       \
    }
#define MF_TEXT(type, member)                                                                                          \
    {                                                                                                                  \
        MF_FIELD_TEXT, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 0, NULL                               \
    }
#define MF_TEXTS(type, member)                                                                                         \
    {                                                                                                                  \
        MF_FIELD_TEXT, 1, MF_PACK_COUNT(type, member), offsetof(type, member), MF_PACK_SIZE(type, member[0]), 0, NULL  \
    }
#define MF_PART(type, member, table)                                                                                   \
    {                                                                                                                  \
        MF_FIELD_PART, 1, 1, offsetof(type, member), MF_PACK_SIZE(type, member), 0, table                              \
    }
#define MF_PARTS(type, member, table)                                                                                  \
    {                                                                                                                  \
        MF_FIELD_PART, 1, MF_PACK_COUNT(type, member), offsetof(type, member), MF_PACK_SIZE(type, member[0]), 0, table \
    }

enum { MF_PACKED_MAX = 16384 }; /* no record is longer */

/* Writes the record; returns its length, 0 when it does not fit into `room`. */
size_t mf_pack(const struct mf_field *fields, const void *record, unsigned char *to, size_t room);

/* Reads a record of a file of this format. All of the struct that the table does not name is left alone. False when
 * the bytes are not such a record: the struct is then to be thrown away. */
bool mf_unpack(const struct mf_field *fields, unsigned format, const unsigned char *from, size_t length, void *record);

/* Plain numbers, little-endian. */
void mf_put_u32(unsigned char *to, uint32_t value);
void mf_put_u64(unsigned char *to, uint64_t value);
uint32_t mf_get_u32(const unsigned char *from);
uint64_t mf_get_u64(const unsigned char *from);

#endif
