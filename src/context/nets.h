/* src/context/nets.h
 *
 * A list of networks, single addresses and, where that is allowed, autonomous systems, each with an optional last day.
 *
 *     192.0.2.0/24   until=2026-12-31   # branch office
 *     2001:db8::1
 *     AS64500
 *
 * Immutable once loaded, shared by threads without a lock. */

#ifndef MF_CONTEXT_NETS_H
#define MF_CONTEXT_NETS_H

#include "base/error.h"
#include "base/ip.h"
#include "base/time.h"

struct mf_nets;

/* Reads the file. `with_asn`: lines such as AS64500 are accepted. NULL with an error, which names file and line.
 * Networks with host bits set are refused, IPv4-mapped IPv6 ones (::ffff:0:0/96 and below) are IPv4. */
struct mf_nets *mf_nets_load(const char *file, bool with_asn, struct mf_error *error);
void mf_nets_free(struct mf_nets *nets);

/* Is the address within any network that has not ended at `now`, or the autonomous system (0 = not known) listed?
 * Logarithmic in the size of the list. `nets` may be NULL (no list), `ip` NULL or of family 0 (no address). */
bool mf_nets_has(const struct mf_nets *nets, const struct mf_ip *ip, uint32_t asn, mf_time now);

/* Entries (lines); those that repeat an earlier one, of which the later end counts; those that have ended at `now`,
 * and the line of the first of these (0 = none, `line` may be NULL). */
size_t mf_nets_count(const struct mf_nets *nets);
size_t mf_nets_repeated(const struct mf_nets *nets);
size_t mf_nets_expired(const struct mf_nets *nets, mf_time now, uint32_t *line);

enum { MF_NETS_TEXT = 64 };

/* The first entry that is wider than any one organisation's network (IPv4 below /8, IPv6 below /16), as it is written
 * in the file's terms, and its line. False: there is none. */
bool mf_nets_wide(const struct mf_nets *nets, char text[MF_NETS_TEXT], uint32_t *line);

/* Bytes held. */
size_t mf_nets_memory(const struct mf_nets *nets);

#endif
