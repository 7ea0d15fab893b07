/* src/context/nets.c
 *
 * Prefixes are nested or apart, never crossed. So the sorted list is walked once with a stack of the prefixes that are
 * open, and what comes out is a row of ranges without a gap: where each begins, and until when any prefix covers it.
 * That end is the latest of all the prefixes around the range, so a lookup is one binary search and one comparison. */

#include "context/nets.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "context/expiry.h"
#include "context/grow.h"
#include "context/lines.h"

/* what no prefix covers */
#define NEVER INT64_MIN

/* An IPv4 address stands in the low 32 bits, its prefix lengths count from 96: one arithmetic for both. */
struct address {
    uint64_t high, low;
};

struct prefix {
    struct address first;
    mf_time end;
    unsigned length; /* 0 to 128 */
};

struct asn {
    uint32_t number;
    mf_time end;
};

/* Range i covers first[i] up to first[i + 1], and holds before end[i]. */
struct ranges {
    size_t n;
    struct address *first;
    mf_time *end;
};

struct mf_nets {
    struct ranges v4, v6;
    size_t n_asns;
    struct asn *asn;
    size_t n_entries, n_repeated;
    struct mf_expiry expiry;
    struct {
        uint32_t line; /* 0: none */
        unsigned family, length;
        struct address first;
    } wide; /* the first entry that is suspiciously so */
};

/* while the file is read */
struct prefixes {
    struct prefix *prefix;
    size_t n, room;
};

struct draft {
    struct mf_lines lines;
    struct prefixes v4, v6;
    size_t asn_room;
    bool with_asn;
};

/* ---- addresses as numbers ---- */

static int compare(struct address a, struct address b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

static struct address mask_of(unsigned length)
{
    struct address mask = {0};

    mask.high = length == 0 ? 0 : length >= 64 ? UINT64_MAX : UINT64_MAX << (64 - length);
    mask.low = length <= 64 ? 0 : UINT64_MAX << (128 - length);
    return mask;
}

static struct address last_of(const struct prefix *prefix)
{
    struct address mask = mask_of(prefix->length);

    return (struct address){prefix->first.high | ~mask.high, prefix->first.low | ~mask.low};
}

/* The address behind; zero behind the very last. */
static struct address next_of(struct address a)
{
    a.low++;
    a.high += a.low == 0;
    return a;
}

static struct address number_of(const struct mf_ip *ip)
{
    struct address a = {0};

    if (ip->family == 4) {
        for (unsigned i = 0; i < 4; i++)
            a.low = a.low << 8 | ip->bytes[i];
        return a;
    }
    for (unsigned i = 0; i < 8; i++) {
        a.high = a.high << 8 | ip->bytes[i];
        a.low = a.low << 8 | ip->bytes[i + 8];
    }
    return a;
}

static struct mf_ip ip_of(struct address a, unsigned family)
{
    struct mf_ip ip = {.family = (uint8_t)family};

    for (unsigned i = 0; i < 4 && family == 4; i++)
        ip.bytes[i] = (uint8_t)(a.low >> (24 - 8 * i));
    for (unsigned i = 0; i < 8 && family == 6; i++) {
        ip.bytes[i] = (uint8_t)(a.high >> (56 - 8 * i));
        ip.bytes[i + 8] = (uint8_t)(a.low >> (56 - 8 * i));
    }
    return ip;
}

/* ---- one line ---- */

/* A whole number without leading zeros, up to `most`. */
static bool read_number(struct mf_slice text, uint32_t most, uint32_t *out)
{
    uint64_t value = 0;

    if (text.length == 0 || text.length > 10 || (text.length > 1 && text.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.data[i] - '0');
    }
    if (value > most)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* Strict, unlike mf_ip_parse(): no port, no zone, and 0.0.0.0 is a network's beginning here. */
static bool read_address(struct mf_slice text, struct mf_ip *ip)
{
    char terminated[MF_IP_TEXT];

    if (text.length >= sizeof terminated)
        return false;
    mf_slice_copy(terminated, sizeof terminated, text);
    *ip = (struct mf_ip){.family = memchr(text.data, ':', text.length) == NULL ? 4 : 6};
    return inet_pton(ip->family == 4 ? AF_INET : AF_INET6, terminated, ip->bytes) == 1;
}

static bool is_mapped(const struct prefix *prefix)
{
    return prefix->length >= 96 && prefix->first.high == 0 && prefix->first.low >> 32 == 0xFFFF;
}

static int refuse_host_bits(const struct mf_lines *lines, const struct mf_ip *ip, struct address network,
                            unsigned length, struct mf_error *error)
{
    struct mf_ip base = ip_of(network, ip->family);
    char address[MF_IP_TEXT], meant[MF_IP_TEXT];

    mf_ip_format(ip, address);
    mf_ip_format(&base, meant);
    return mf_lines_error(lines, error,
                          "%s/%u has bits set behind the prefix, did you mean %s/%u (the network) or %s (the address)?",
                          address, length, meant, length, address);
}

static int read_prefix(const struct draft *draft, struct prefix *prefix, unsigned *family, struct mf_error *error)
{
    const struct mf_lines *lines = &draft->lines;
    struct mf_slice text = lines->word[0].value, length_text = {0};
    const char *slash = memchr(text.data, '/', text.length);
    struct mf_ip ip;
    uint32_t length;

    if (slash != NULL) {
        length_text = (struct mf_slice){slash + 1, text.length - (size_t)(slash + 1 - text.data)};
        text.length = (size_t)(slash - text.data);
    }
    if (!read_address(text, &ip))
        return mf_lines_error(lines, error, "\"%s\" is no network; accepted: 192.0.2.0/24, 2001:db8::/32, an address%s",
                              mf_shown(lines->word[0].value).text, draft->with_asn ? ", AS64500" : "");
    length = ip.family == 4 ? 32 : 128;
    if (slash != NULL && !read_number(length_text, length, &length))
        return mf_lines_error(lines, error, "\"/%s\" is no prefix length; accepted: /0 to /%u",
                              mf_shown(length_text).text, length);

    unsigned offset = ip.family == 4 ? 96 : 0;
    struct address mask = mask_of(length + offset), number = number_of(&ip);
    struct address network = {number.high & mask.high, number.low & mask.low};

    if (compare(number, network) != 0)
        return refuse_host_bits(lines, &ip, network, length, error);
    prefix->first = network;
    prefix->length = length + offset;
    *family = ip.family;
    if (ip.family == 6 && is_mapped(prefix)) {
        prefix->first.low &= UINT32_MAX;
        *family = 4;
    }
    return 0;
}

static bool is_asn(struct mf_slice text)
{
    return text.length > 2 && mf_slice_starts_nocase(text, mf_slice_of("AS")) && text.data[2] >= '0' &&
           text.data[2] <= '9';
}

static int add_asn(struct mf_nets *nets, struct draft *draft, mf_time end, struct mf_error *error)
{
    struct mf_slice text = draft->lines.word[0].value;
    uint32_t number;

    if (!draft->with_asn)
        return mf_lines_error(&draft->lines, error, "\"%s\": this list takes networks and addresses only",
                              mf_shown(text).text);
    if (!read_number((struct mf_slice){text.data + 2, text.length - 2}, UINT32_MAX, &number) || number == 0)
        return mf_lines_error(&draft->lines, error, "\"%s\" is no AS number; accepted: AS1 to AS4294967295",
                              mf_shown(text).text);

    struct asn *grown = mf_grow(nets->asn, &draft->asn_room, nets->n_asns, sizeof *grown);
    if (grown == NULL)
        return mf_lines_error(&draft->lines, error, "no memory");
    nets->asn = grown;
    nets->asn[nets->n_asns++] = (struct asn){.number = number, .end = end};
    return 0;
}

/* No organisation holds more; so this is a slip of the hand, or somebody's way to make us blind. */
static void note_wide(struct mf_nets *nets, const struct prefix *prefix, unsigned family, uint32_t line)
{
    unsigned length = prefix->length - (family == 4 ? 96 : 0);

    if (nets->wide.line != 0 || length >= (family == 4 ? 8 : 16))
        return;
    nets->wide.line = line;
    nets->wide.family = family;
    nets->wide.length = length;
    nets->wide.first = prefix->first;
}

static int add_prefix(struct mf_nets *nets, struct draft *draft, mf_time end, struct mf_error *error)
{
    struct prefix prefix = {.end = end};
    unsigned family = 4;

    if (read_prefix(draft, &prefix, &family, error) != 0)
        return -1;

    struct prefixes *to = family == 4 ? &draft->v4 : &draft->v6;
    struct prefix *grown = mf_grow(to->prefix, &to->room, to->n, sizeof *grown);
    if (grown == NULL)
        return mf_lines_error(&draft->lines, error, "no memory");
    to->prefix = grown;
    to->prefix[to->n++] = prefix;
    note_wide(nets, &prefix, family, draft->lines.number);
    return 0;
}

static int read_entry(struct mf_nets *nets, struct draft *draft, struct mf_error *error)
{
    static const char *const keys[] = {"until"};
    const struct mf_lines *lines = &draft->lines;
    mf_time end = MF_FOREVER;

    for (unsigned i = 1; i < lines->n_words; i++) {
        if (mf_lines_key(lines, &lines->word[i], keys, 1, error) < 0)
            return -1;
        if (end != MF_FOREVER)
            return mf_lines_error(lines, error, "until= stands twice");
        if (mf_lines_time(lines, &lines->word[i], NULL, &end, error) != 0)
            return -1;
    }
    nets->n_entries++;
    if (!mf_expiry_note(&nets->expiry, end, lines->number))
        return mf_lines_error(lines, error, "no memory");
    return is_asn(lines->word[0].value) ? add_asn(nets, draft, end, error) : add_prefix(nets, draft, end, error);
}

static int read_file(struct mf_nets *nets, struct draft *draft, const char *file, struct mf_error *error)
{
    int found;

    if (mf_lines_open(&draft->lines, file, error) != 0)
        return -1;
    while ((found = mf_lines_next(&draft->lines, error)) > 0)
        if (read_entry(nets, draft, error) != 0)
            return -1;
    return found;
}

/* ---- the sorted list to ranges ---- */

/* by address, wide before narrow */
static int compare_prefixes(const void *left, const void *right)
{
    const struct prefix *a = left, *b = right;
    int order = compare(a->first, b->first);

    return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

static mf_time later(mf_time a, mf_time b)
{
    return a > b ? a : b;
}

/* Sorts, and makes one of those that are the same. Returns how many went. */
static size_t unite_prefixes(struct prefixes *all)
{
    size_t kept = 0, n = all->n;

    if (n > 0)
        qsort(all->prefix, n, sizeof *all->prefix, compare_prefixes);
    for (size_t i = 0; i < n; i++) {
        struct prefix *last = kept > 0 ? &all->prefix[kept - 1] : NULL;

        if (last != NULL && compare_prefixes(last, &all->prefix[i]) == 0)
            last->end = later(last->end, all->prefix[i].end);
        else
            all->prefix[kept++] = all->prefix[i];
    }
    all->n = kept;
    return n - kept;
}

/* From `first` on, up to what is put next, `end` counts. */
static void put_range(struct ranges *ranges, struct address first, mf_time end)
{
    if (ranges->n > 0 && compare(ranges->first[ranges->n - 1], first) == 0)
        ranges->n--;
    if (ranges->n > 0 && ranges->end[ranges->n - 1] == end)
        return;
    ranges->first[ranges->n] = first;
    ranges->end[ranges->n++] = end;
}

struct open_prefix {
    struct address last;
    mf_time end; /* the latest of this prefix and all around it */
};

static void walk_prefixes(struct ranges *ranges, const struct prefixes *all)
{
    static const struct address zero;
    struct open_prefix open[129 + 1]; /* one of each length, below them what no prefix covers */
    size_t depth = 1;

    open[0] = (struct open_prefix){.last = {UINT64_MAX, UINT64_MAX}, .end = NEVER};
    put_range(ranges, zero, NEVER);
    for (size_t i = 0; i <= all->n; i++) {
        const struct prefix *next = i < all->n ? &all->prefix[i] : NULL;

        while (depth > 1 && (next == NULL || compare(open[depth - 1].last, next->first) < 0)) {
            struct address behind = next_of(open[--depth].last);

            if (compare(behind, zero) != 0)
                put_range(ranges, behind, open[depth - 1].end);
        }
        if (next == NULL)
            break;
        open[depth] = (struct open_prefix){last_of(next), later(next->end, open[depth - 1].end)};
        put_range(ranges, next->first, open[depth++].end);
    }
}

static void *fit(void *array, size_t n, size_t size)
{
    void *smaller = realloc(array, n * size);

    return smaller == NULL ? array : smaller;
}

/* 0, or -1 when there is no memory */
static int build_ranges(struct ranges *ranges, const struct prefixes *all)
{
    size_t most = 2 * all->n + 1;

    if (all->n == 0)
        return 0;
    ranges->first = calloc(most, sizeof *ranges->first);
    ranges->end = calloc(most, sizeof *ranges->end);
    if (ranges->first == NULL || ranges->end == NULL)
        return -1;
    walk_prefixes(ranges, all);
    ranges->first = fit(ranges->first, ranges->n, sizeof *ranges->first);
    ranges->end = fit(ranges->end, ranges->n, sizeof *ranges->end);
    return 0;
}

static int compare_asns(const void *left, const void *right)
{
    const struct asn *a = left, *b = right;

    return a->number < b->number ? -1 : a->number > b->number;
}

static size_t unite_asns(struct mf_nets *nets)
{
    size_t kept = 0, n = nets->n_asns;

    if (n > 0)
        qsort(nets->asn, n, sizeof *nets->asn, compare_asns);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && nets->asn[kept - 1].number == nets->asn[i].number)
            nets->asn[kept - 1].end = later(nets->asn[kept - 1].end, nets->asn[i].end);
        else
            nets->asn[kept++] = nets->asn[i];
    }
    nets->n_asns = kept;
    if (kept > 0)
        nets->asn = fit(nets->asn, kept, sizeof *nets->asn);
    return n - kept;
}

static int build(struct mf_nets *nets, struct draft *draft, const char *file, struct mf_error *error)
{
    nets->n_repeated = unite_prefixes(&draft->v4) + unite_prefixes(&draft->v6) + unite_asns(nets);
    if (build_ranges(&nets->v4, &draft->v4) != 0 || build_ranges(&nets->v6, &draft->v6) != 0)
        return mf_error_set(error, "%s: no memory", file);
    return 0;
}

struct mf_nets *mf_nets_load(const char *file, bool with_asn, struct mf_error *error)
{
    struct mf_nets *nets = calloc(1, sizeof *nets);
    struct draft *draft = calloc(1, sizeof *draft);
    int result = -1;

    if (nets == NULL || draft == NULL) {
        mf_error_set(error, "%s: no memory", file);
        goto done;
    }
    draft->with_asn = with_asn;
    result = read_file(nets, draft, file, error);
    mf_lines_close(&draft->lines);
    if (result == 0)
        result = build(nets, draft, file, error);
    free(draft->v4.prefix);
    free(draft->v6.prefix);
done:
    free(draft);
    if (result == 0)
        return nets;
    mf_nets_free(nets);
    return NULL;
}

static void free_ranges(struct ranges *ranges)
{
    free(ranges->first);
    free(ranges->end);
}

void mf_nets_free(struct mf_nets *nets)
{
    if (nets == NULL)
        return;
    free_ranges(&nets->v4);
    free_ranges(&nets->v6);
    free(nets->asn);
    mf_expiry_fini(&nets->expiry);
    free(nets);
}

/* ---- looking up ---- */

static bool covers(const struct ranges *ranges, struct address a, mf_time now)
{
    size_t at = 0, left = ranges->n;

    if (left == 0)
        return false;
    /* the last range that begins at or before the address; the first begins at zero */
    while (left > 1) {
        size_t half = left / 2;

        if (compare(ranges->first[at + half], a) <= 0)
            at += half;
        left -= half;
    }
    return now < ranges->end[at];
}

static bool lists_asn(const struct mf_nets *nets, uint32_t asn, mf_time now)
{
    const struct asn wanted = {.number = asn};
    const struct asn *found;

    if (asn == 0 || nets->n_asns == 0)
        return false;
    found = bsearch(&wanted, nets->asn, nets->n_asns, sizeof wanted, compare_asns);
    return found != NULL && now < found->end;
}

bool mf_nets_has(const struct mf_nets *nets, const struct mf_ip *ip, uint32_t asn, mf_time now)
{
    if (nets == NULL)
        return false;
    if (ip != NULL && ip->family != 0 && covers(ip->family == 4 ? &nets->v4 : &nets->v6, number_of(ip), now))
        return true;
    return lists_asn(nets, asn, now);
}

size_t mf_nets_count(const struct mf_nets *nets)
{
    return nets->n_entries;
}

size_t mf_nets_repeated(const struct mf_nets *nets)
{
    return nets->n_repeated;
}

size_t mf_nets_expired(const struct mf_nets *nets, mf_time now, uint32_t *line)
{
    return mf_expiry_count(&nets->expiry, now, line);
}

bool mf_nets_wide(const struct mf_nets *nets, char text[MF_NETS_TEXT], uint32_t *line)
{
    char address[MF_IP_TEXT];

    if (nets->wide.line == 0)
        return false;
    struct mf_ip ip = ip_of(nets->wide.first, nets->wide.family);
    mf_ip_format(&ip, address);
    snprintf(text, MF_NETS_TEXT, "%s/%u", address, nets->wide.length);
    *line = nets->wide.line;
    return true;
}

size_t mf_nets_memory(const struct mf_nets *nets)
{
    return sizeof *nets + (nets->v4.n + nets->v6.n) * (sizeof(struct address) + sizeof(mf_time)) +
           nets->n_asns * sizeof *nets->asn + mf_expiry_memory(&nets->expiry);
}
