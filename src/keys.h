/* src/keys.h
 *
 * Under which keys things are remembered: users, addresses, phones, feeds; and what incidents are called. A key is a
 * hash of the words that name the thing.
 *
 * What many records in a row share is hashed once: each worker keeps the key of the last feed, and those of some
 * addresses. A key is that of the same words whether it was kept or not. */

#ifndef MF_KEYS_H
#define MF_KEYS_H

#include "base/hash.h"
#include "memory/ids.h"
#include "read/event.h"

enum { MF_KEPT_BITS = 10, MF_KEPT_ADDRESSES = 1 << MF_KEPT_BITS, MF_KEPT_TEXT = 256 };

/* Belongs to one worker and to one hash key; all zero at first. */
struct mf_kept_keys {
    struct {
        size_t idp, length; /* length 0: none is kept */
        char text[MF_KEPT_TEXT];
        struct mf_hash key;
    } feed;
    struct {
        struct mf_ip ip; /* family 0: free */
        struct mf_hash key;
    } address[MF_KEPT_ADDRESSES];
};

/* One realm: a person seen through two providers is one state. Never all zero. */
struct mf_hash mf_key_of_user(const struct mf_hash_key *with, struct mf_slice user);

/* An address of its own, or the /64 of an IPv6 one, which is one customer. */
struct mf_hash mf_key_of_address(const struct mf_hash_key *with, struct mf_kept_keys *kept, const struct mf_ip *ip);

struct mf_hash mf_key_of_feed(const struct mf_hash_key *with, struct mf_kept_keys *kept, const struct mf_event *event);

/* The IdP's id of the event's user, in the feed of this key. */
uint64_t mf_quick_of_id(struct mf_hash feed, struct mf_slice user_id);
uint64_t mf_mark_of_id(const struct mf_hash_key *with, struct mf_hash feed, struct mf_slice user_id);

struct mf_hash mf_key_of_phone(const struct mf_hash_key *with, const struct mf_event *event);

/* The incident that this event opens for its user, or for its address: the same in every run and on every host. */
struct mf_hash mf_key_of_incident(const struct mf_event *event);
struct mf_hash mf_key_of_campaign(const struct mf_event *event);

#endif
