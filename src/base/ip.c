/* src/base/ip.c
 *
 * Addresses and the many ways in which a port is glued to them. The readers walk a slice from the front and leave in it
 * what they did not understand; what may stand there is decided in one place. */

#include "base/ip.h"

#include <arpa/inet.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = mf_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void skip(struct mf_slice *text, size_t n)
{
    text->data += n;
    text->length -= n;
}

static bool take(struct mf_slice *text, char c)
{
    if (text->length == 0 || text->data[0] != c)
        return false;
    skip(text, 1);
    return true;
}

/* The digit at `p`, or more than 9. */
static inline unsigned digit_at(const char *p, const char *end)
{
    return p < end ? (unsigned)(unsigned char)*p - '0' : 10;
}

/* "0" to "255" without a leading zero; behind it, or NULL */
static inline const char *pass_octet(const char *p, const char *end, uint8_t *octet)
{
    unsigned value = digit_at(p, end), digit = digit_at(p + 1, end);

    if (value > 9)
        return NULL;
    p++;
    if (digit <= 9) {
        if (value == 0)
            return NULL;
        value = value * 10 + digit;
        p++;
        digit = digit_at(p, end);
        if (digit <= 9) {
            value = value * 10 + digit;
            p++;
            if (digit_at(p, end) <= 9)
                return NULL;
        }
    }
    *octet = (uint8_t)value;
    return value > 255 ? NULL : p;
}

/* "a.b.c.d"; on failure nothing has changed */
static bool take_quad(struct mf_slice *text, uint8_t octets[4])
{
    const char *p = text->data, *end = p + text->length;
    uint8_t read[4];

    for (unsigned i = 0; i < 4; i++) {
        if (i > 0 && (p == end || *p++ != '.'))
            return false;
        p = pass_octet(p, end, &read[i]);
        if (p == NULL)
            return false;
    }
    skip(text, (size_t)(p - text->data));
    memcpy(octets, read, sizeof read);
    return true;
}

static bool take_group(struct mf_slice *text, uint8_t group[2])
{
    unsigned value = 0;
    size_t n = 0;
    int digit;

    for (; n < text->length && (digit = hex_value(text->data[n])) >= 0; n++) {
        if (n == 4)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    if (n == 0)
        return false;
    skip(text, n);
    group[0] = (uint8_t)(value >> 8);
    group[1] = (uint8_t)value;
    return true;
}

/* Groups up to the end of what can be an address. `closed` says that no further group could follow, so that a ':'
 * behind it must begin a port: eight groups without "::", or a dotted tail. */
static bool take_v6(struct mf_slice *text, uint8_t bytes[16], bool *closed)
{
    uint8_t read[16] = {0};
    size_t n = 0, gap = SIZE_MAX; /* bytes read; where "::" stood among them */

    *closed = false;
    if (text->length >= 2 && text->data[0] == ':' && text->data[1] == ':') {
        skip(text, 2);
        gap = 0;
    }
    while (n < 16) {
        struct mf_slice quad = *text;

        if (!take_group(text, read + n)) {
            if (gap != n)
                return false; /* a ':' with nothing behind it */
            break;
        }
        if (n <= 12 && text->length > 0 && text->data[0] == '.' && take_quad(&quad, read + n)) {
            *text = quad;
            n += 4;
            *closed = true;
            break;
        }
        n += 2;
        if (n == 16 || text->length == 0 || text->data[0] != ':')
            break;
        skip(text, 1);
        if (text->length > 0 && text->data[0] == ':') {
            if (gap != SIZE_MAX)
                return false;
            skip(text, 1);
            gap = n;
        }
    }
    if (gap == SIZE_MAX) {
        *closed = true;
        memcpy(bytes, read, sizeof read);
        return n == 16;
    }
    memset(bytes, 0, 16);
    memcpy(bytes, read, gap);
    memcpy(bytes + 16 - (n - gap), read + gap, n - gap);
    return n <= 14; /* "::" stands for at least one group */
}

/* "%eth0": any name that a system or RFC 6874 would write */
static bool skip_zone(struct mf_slice *text)
{
    size_t n = 0;

    if (!take(text, '%'))
        return true;
    while (n < text->length) {
        char c = mf_ascii_lower(text->data[n]);
        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '-' && c != '_' && c != '~')
            break;
        n++;
    }
    skip(text, n);
    return n > 0;
}

/* The whole rest is a port number. */
static bool is_port(struct mf_slice text)
{
    unsigned value = 0;

    if (text.length == 0 || text.length > 5)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.data[i]))
            return false;
        value = value * 10 + (unsigned)(text.data[i] - '0');
    }
    return value <= 65535;
}

static bool is_colon_port(struct mf_slice rest)
{
    return take(&rest, ':') && is_port(rest);
}

/* What may stand behind an IPv6 address without brackets (RFC 5952, section 6, lists these as seen in the wild). */
static bool is_v6_port(struct mf_slice rest, bool closed)
{
    static const char word[] = " port ";

    if (closed && is_colon_port(rest))
        return true;
    if (rest.length > sizeof word - 1 && memcmp(rest.data, word, sizeof word - 1) == 0) {
        skip(&rest, sizeof word - 1);
        return is_port(rest);
    }
    return (take(&rest, '#') || take(&rest, 'p') || take(&rest, '.')) && is_port(rest);
}

static bool read_v6(struct mf_slice text, uint8_t bytes[16])
{
    bool bracket = take(&text, '['), closed;

    if (!take_v6(&text, bytes, &closed) || !skip_zone(&text))
        return false;
    if (bracket)
        return take(&text, ']') && (text.length == 0 || is_colon_port(text));
    return text.length == 0 || is_v6_port(text, closed);
}

/* No host has these: placeholders of a record that knows no address. */
static bool is_nobody(const struct mf_ip *ip)
{
    static const uint8_t zeros[16], ones[4] = {255, 255, 255, 255};

    return memcmp(ip->bytes, zeros, sizeof zeros) == 0 ||
           (ip->family == 4 && memcmp(ip->bytes, ones, sizeof ones) == 0);
}

bool mf_ip_parse(struct mf_slice text, struct mf_ip *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct mf_ip ip = {.family = 4};
    struct mf_slice rest = text;

    if (take_quad(&rest, ip.bytes)) {
        if (rest.length > 0 && !is_colon_port(rest))
            return false;
    } else {
        uint8_t bytes[16];

        if (!read_v6(text, bytes))
            return false;
        memset(ip.bytes, 0, sizeof ip.bytes);
        if (memcmp(bytes, mapped, sizeof mapped) == 0) {
            memcpy(ip.bytes, bytes + sizeof mapped, 4);
        } else {
            ip.family = 6;
            memcpy(ip.bytes, bytes, sizeof bytes);
        }
    }
    if (is_nobody(&ip))
        return false;
    *out = ip;
    return true;
}

/* Behind what was put. */
static char *put_octet(char *text, unsigned octet)
{
    if (octet >= 100)
        *text++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *text++ = (char)('0' + octet / 10 % 10);
    *text++ = (char)('0' + octet % 10);
    return text;
}

/* The C library takes its time for an IPv4 address, and each record of an open incident needs one. */
void mf_ip_format(const struct mf_ip *ip, char text[MF_IP_TEXT])
{
    if (ip->family == 6) {
        inet_ntop(AF_INET6, ip->bytes, text, MF_IP_TEXT);
        return;
    }
    for (unsigned i = 0; i < 4 && ip->family == 4; i++) {
        if (i > 0)
            *text++ = '.';
        text = put_octet(text, ip->bytes[i]);
    }
    *text = '\0';
}

bool mf_ip_equal(const struct mf_ip *a, const struct mf_ip *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

struct mf_ip mf_ip_network(const struct mf_ip *ip)
{
    struct mf_ip network = *ip;
    size_t kept = ip->family == 4 ? 3 : 6;

    memset(network.bytes + kept, 0, sizeof network.bytes - kept);
    return network;
}
