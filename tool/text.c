/* tool/text.c
 *
 * UTF-8 by the table of the Unicode Standard, section 3.9, "Well-Formed UTF-8 Byte Sequences". */

#include "text.h"

size_t mf_text_decode(const char *bytes, size_t length, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)bytes;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t value = p[0];
    size_t n = 1;

    if (value < 0x80) {
        *code = value;
        return 1;
    }
    if (value >= 0xc2 && value < 0xe0) {
        value &= 0x1f;
        n = 2;
    } else if (value >= 0xe0 && value < 0xf0) {
        value &= 0x0f;
        n = 3;
    } else if (value >= 0xf0 && value < 0xf5) {
        value &= 0x07;
        n = 4;
    }

    *code = MF_TEXT_BROKEN;
    if (n == 1 || n > length)
        return 1;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (p[i] & 0x3fU);
    }
    if (value < smallest[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 1;
    *code = value;
    return n;
}

bool mf_text_is_hidden(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},   {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };

    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}
