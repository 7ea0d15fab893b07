/* src/base/ip.h
 *
 * IP addresses as IdPs write them. No name is ever resolved. All functions are pure and thread-safe. */

#ifndef MF_BASE_IP_H
#define MF_BASE_IP_H

#include "base/slice.h"

#include <stdint.h>

struct mf_ip {
    uint8_t family;    /* 0 none, 4 or 6 */
    uint8_t bytes[16]; /* network order; v4 uses the first four, the rest is zero */
};

enum { MF_IP_TEXT = 46 };

/* Tolerant reader. Accepts v4 and v6, "v4:port", "[v6]", "[v6]:port", and the spellings "v6#port", "v6pport", "v6 port
 * N", "v6.port"; drops the port and a zone id; folds v4-mapped v6 (::ffff:a.b.c.d) to v4. A full eight-group v6
 * followed by ":port" is read without the port. Octets are decimal without leading zeros (no octal surprise).
 * "0.0.0.0", "::", "255.255.255.255" and everything else -> false, `out` untouched. */
bool mf_ip_parse(struct mf_slice text, struct mf_ip *out);

/* RFC 5952 text, as inet_ntop writes it; an empty text for family 0. */
void mf_ip_format(const struct mf_ip *ip, char text[MF_IP_TEXT]);

bool mf_ip_equal(const struct mf_ip *a, const struct mf_ip *b);

/* The address with everything behind /24 (v4) or /48 (v6) set to zero: what we call its network. */
struct mf_ip mf_ip_network(const struct mf_ip *ip);

#endif
