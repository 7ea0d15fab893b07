/* src/base/pack.c
 *
 * Walks a table of fields, writing or reading. */

#include "base/pack.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "base/time.h"

void mf_put_u32(unsigned char *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof value);
}

void mf_put_u64(unsigned char *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof value);
}

uint32_t mf_get_u32(const unsigned char *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return le32toh(value);
}

uint64_t mf_get_u64(const unsigned char *from)
{
    uint64_t value;

    memcpy(&value, from, sizeof value);
    return le64toh(value);
}

static uint64_t load(const unsigned char *from, uint32_t size)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (size) {
    case 1:
        memcpy(&one, from, sizeof one);
        return one;
    case 2:
        memcpy(&two, from, sizeof two);
        return two;
    case 4:
        memcpy(&four, from, sizeof four);
        return four;
    default:
        memcpy(&eight, from, sizeof eight);
        return eight;
    }
}

static void store(unsigned char *to, uint32_t size, uint64_t value)
{
    const uint8_t one = (uint8_t)value;
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(to, &one, sizeof one);
        break;
    case 2:
        memcpy(to, &two, sizeof two);
        break;
    case 4:
        memcpy(to, &four, sizeof four);
        break;
    default:
        memcpy(to, &value, sizeof value);
        break;
    }
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Elements before the zeros at the end. */
static unsigned used(const struct mf_field *field, const unsigned char *first)
{
    unsigned n = field->n;

    while (n > 0 && is_zero(first + (size_t)(n - 1) * field->size, field->size))
        n--;
    return n;
}

/* ---- writing ---- */

struct writer {
    unsigned char *to;
    size_t length, room; /* length > room: it does not fit */
};

static void put(struct writer *writer, uint64_t value, unsigned size)
{
    writer->length += size;
    if (writer->length > writer->room)
        return;
    for (unsigned i = 0; i < size; i++)
        writer->to[writer->length - size + i] = (unsigned char)(value >> 8 * i);
}

static void put_text(struct writer *writer, const unsigned char *text, size_t size)
{
    size_t length = strnlen((const char *)text, size);

    put(writer, length, 2);
    if (length > 0 && writer->length + length <= writer->room)
        memcpy(writer->to + writer->length, text, length);
    writer->length += length;
}

static void put_fields(struct writer *writer, const struct mf_field *fields, const unsigned char *record);

static void put_element(struct writer *writer, const struct mf_field *field, const unsigned char *element)
{
    if (field->type == MF_FIELD_NUMBER || field->type == MF_FIELD_REAL || field->type == MF_FIELD_TIME)
        put(writer, load(element, field->size), field->size);
    else if (field->type == MF_FIELD_TEXT)
        put_text(writer, element, field->size);
    else
        put_fields(writer, field->part, element);
}

static void put_fields(struct writer *writer, const struct mf_field *fields, const unsigned char *record)
{
    for (const struct mf_field *field = fields; field->type != MF_FIELD_END; field++) {
        const unsigned char *first = record + field->offset;
        unsigned n = field->n == 1 ? 1 : used(field, first);
        if (field->n > 1)
            put(writer, n, 2);
        for (unsigned i = 0; i < n; i++)
            put_element(writer, field, first + (size_t)i * field->size);
    }
}

size_t mf_pack(const struct mf_field *fields, const void *record, unsigned char *to, size_t room)
{
    struct writer writer = {to, 0, room};

    put_fields(&writer, fields, record);
    return writer.length > room ? 0 : writer.length;
}

/* ---- reading ---- */

struct reader {
    const unsigned char *at, *end;
    unsigned format;
};

static bool get(struct reader *reader, uint64_t *value, unsigned size)
{
    if ((size_t)(reader->end - reader->at) < size)
        return false;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint64_t)*reader->at++ << 8 * i;
    return true;
}

static bool get_text(struct reader *reader, unsigned char *text, size_t size)
{
    uint64_t length;

    if (!get(reader, &length, 2) || length >= size || (size_t)(reader->end - reader->at) < length ||
        memchr(reader->at, 0, length) != NULL)
        return false;
    memcpy(text, reader->at, length);
    memset(text + length, 0, size - length);
    reader->at += length;
    return true;
}

/* Times are added and subtracted: nothing that could overflow comes in. */
static bool is_time(uint64_t value, bool or_none)
{
    mf_time time = (mf_time)value, last = INT64_C(253402300799999) + 60 * MF_DAY;

    return (or_none && time == MF_TIME_NONE) || (time >= -60 * MF_DAY && time <= last);
}

static bool is_real(uint64_t value, uint32_t size)
{
    uint32_t bits = (uint32_t)value;
    double real;
    float half;

    memcpy(&half, &bits, sizeof half);
    memcpy(&real, &value, sizeof real);
    return size == sizeof half ? isfinite(half) : isfinite(real);
}

static bool is_sound(const struct mf_field *field, uint64_t value)
{
    switch (field->type) {
    case MF_FIELD_REAL:
        return is_real(value, field->size);
    case MF_FIELD_TIME:
        return is_time(value, field->max != 0);
    default:
        return field->max == 0 || value <= field->max;
    }
}

static bool get_fields(struct reader *reader, const struct mf_field *fields, unsigned char *record);

static bool get_element(struct reader *reader, const struct mf_field *field, unsigned char *element)
{
    uint64_t value;

    if (field->type == MF_FIELD_TEXT)
        return get_text(reader, element, field->size);
    if (field->type == MF_FIELD_PART)
        return get_fields(reader, field->part, element);
    if (!get(reader, &value, field->size) || !is_sound(field, value))
        return false;
    store(element, field->size, value);
    return true;
}

static bool get_fields(struct reader *reader, const struct mf_field *fields, unsigned char *record)
{
    for (const struct mf_field *field = fields; field->type != MF_FIELD_END; field++) {
        unsigned char *first = record + field->offset;
        uint64_t n = 1;
        if (field->since > reader->format)
            n = 0;
        else if (field->n > 1 && (!get(reader, &n, 2) || n > field->n))
            return false;
        for (unsigned i = 0; i < n; i++)
            if (!get_element(reader, field, first + (size_t)i * field->size))
                return false;
        memset(first + n * field->size, 0, (field->n - n) * field->size);
    }
    return true;
}

bool mf_unpack(const struct mf_field *fields, unsigned format, const unsigned char *from, size_t length, void *record)
{
    struct reader reader = {from, from + length, format};

    return get_fields(&reader, fields, record) && reader.at == reader.end;
}
