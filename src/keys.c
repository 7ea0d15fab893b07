/* src/keys.c
 *
 * Words in a row, each ended by a NUL, are hashed as one text. */

#include "keys.h"

#include <string.h>

/* names of incidents are the same in every run and on every host: this key is no secret */
static const struct mf_hash_key name_key = {0x6d66617469677565u, 0x696e636964656e74u};

enum { KEY_TEXT = 2048 };

struct key_text {
    size_t length;
    char text[KEY_TEXT];
};

/* Parts are joined by a byte that no part can hold. An over-long part counts by its hash. */
static void add_part(struct key_text *key, const struct mf_hash_key *with, struct mf_slice part)
{
    struct mf_hash hash;

    if (key->length + part.length + 1 > KEY_TEXT - sizeof hash) {
        hash = mf_hash_bytes(with, part.data, part.length);
        part = (struct mf_slice){(const char *)&hash, sizeof hash};
    }
    if (key->length + part.length + 1 > KEY_TEXT)
        return;
    if (part.length > 0)
        memcpy(key->text + key->length, part.data, part.length);
    key->length += part.length;
    key->text[key->length++] = '\0';
}

static struct mf_hash hash_parts(const struct mf_hash_key *key, const struct mf_slice *part, size_t n)
{
    struct key_text text;

    text.length = 0;
    for (size_t i = 0; i < n; i++)
        add_part(&text, key, part[i]);
    return mf_hash_bytes(key, text.text, text.length);
}

/* "user" and the name, as hash_parts() has it: one copy for names of a common length. */
static struct mf_hash hash_user(const struct mf_hash_key *with, struct mf_slice user)
{
    char text[128];
    const size_t head = sizeof "user";

    memcpy(text, "user", head);
    if (user.length == 0 || user.length + head + 1 > sizeof text)
        return hash_parts(with, (struct mf_slice[]){mf_slice_of("user"), user}, 2);
    memcpy(text + head, user.data, user.length);
    text[head + user.length] = '\0';
    return mf_hash_bytes(with, text, head + user.length + 1);
}

struct mf_hash mf_key_of_user(const struct mf_hash_key *with, struct mf_slice user)
{
    struct mf_hash hash = hash_user(with, user);

    if (hash.lo == 0 && hash.hi == 0)
        hash.lo = 1; /* all zero means a free record */
    return hash;
}

uint64_t mf_quick_of_id(struct mf_hash feed, struct mf_slice user_id)
{
    return mf_mix_text(feed.lo, user_id);
}

uint64_t mf_mark_of_id(const struct mf_hash_key *with, struct mf_hash feed, struct mf_slice user_id)
{
    struct mf_slice of = {(const char *)&feed, sizeof feed};
    uint64_t mark = hash_parts(with, (struct mf_slice[]){mf_slice_of("id"), of, user_id}, 3).lo;

    return mark == 0 ? 1 : mark;
}

struct mf_hash mf_key_of_phone(const struct mf_hash_key *with, const struct mf_event *event)
{
    return hash_parts(with, (struct mf_slice[]){mf_slice_of("phone"), event->idp, event->tenant, event->phone}, 4);
}

/* ---- what is kept ---- */

static struct mf_hash hash_address(const struct mf_hash_key *with, const struct mf_ip *ip)
{
    struct mf_slice bytes = {(const char *)ip->bytes, ip->family == 6 ? 8 : sizeof ip->bytes};

    return hash_parts(with, (struct mf_slice[]){mf_slice_of("address"), bytes}, 2);
}

struct mf_hash mf_key_of_address(const struct mf_hash_key *with, struct mf_kept_keys *kept, const struct mf_ip *ip)
{
    uint64_t half[2];

    memcpy(half, ip->bytes, sizeof half);
    unsigned slot = (unsigned)((half[0] ^ half[1]) * 0x9e3779b97f4a7c15u >> (64 - MF_KEPT_BITS));
    if (!mf_ip_equal(&kept->address[slot].ip, ip)) {
        kept->address[slot].ip = *ip;
        kept->address[slot].key = hash_address(with, ip);
    }
    return kept->address[slot].key;
}

static bool is_kept(const struct mf_kept_keys *kept, const struct mf_event *event)
{
    size_t idp = kept->feed.idp, tenant = kept->feed.length - idp;

    return kept->feed.length > 0 && event->idp.length == idp && event->tenant.length == tenant &&
           memcmp(kept->feed.text, event->idp.data, idp) == 0 &&
           (tenant == 0 || memcmp(kept->feed.text + idp, event->tenant.data, tenant) == 0);
}

static void keep_feed(struct mf_kept_keys *kept, const struct mf_event *event, struct mf_hash key)
{
    size_t idp = event->idp.length, tenant = event->tenant.length;

    kept->feed.length = 0;
    if (idp == 0 || idp > MF_KEPT_TEXT || tenant > MF_KEPT_TEXT - idp)
        return;
    memcpy(kept->feed.text, event->idp.data, idp);
    if (tenant > 0)
        memcpy(kept->feed.text + idp, event->tenant.data, tenant);
    kept->feed.idp = idp;
    kept->feed.length = idp + tenant;
    kept->feed.key = key;
}

struct mf_hash mf_key_of_feed(const struct mf_hash_key *with, struct mf_kept_keys *kept, const struct mf_event *event)
{
    if (is_kept(kept, event))
        return kept->feed.key;
    struct mf_hash key = hash_parts(with, (struct mf_slice[]){mf_slice_of("feed"), event->idp, event->tenant}, 3);
    keep_feed(kept, event, key);
    return key;
}

/* ---- names of incidents ---- */

struct mf_hash mf_key_of_incident(const struct mf_event *event)
{
    struct mf_slice time = {(const char *)&event->time, sizeof event->time};

    return hash_parts(&name_key, (struct mf_slice[]){event->idp, event->tenant, event->user, event->id, time}, 5);
}

/* Another name than that of the user's incident, which the same event may open. */
struct mf_hash mf_key_of_campaign(const struct mf_event *event)
{
    struct mf_slice time = {(const char *)&event->time, sizeof event->time};
    struct mf_slice source = {(const char *)event->source.bytes, sizeof event->source.bytes};

    return hash_parts(&name_key, (struct mf_slice[]){mf_slice_of("address"), source, event->idp, event->id, time}, 5);
}
