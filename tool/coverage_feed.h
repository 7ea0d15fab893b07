/* tool/coverage_feed.h
 *
 * What was seen of each feed (provider and tenant): kinds, outcomes, fields, and what went wrong on the way. Filled by
 * one pass; coverage and report tell of it. */

#ifndef MF_TOOL_COVERAGE_FEED_H
#define MF_TOOL_COVERAGE_FEED_H

#include "engine.h"
#include "series.h"

/* Fields without which some signal sees less. */
enum mf_cover_field {
    MF_COVER_SOURCE, /* the address that a login came from, not a phone's */
    MF_COVER_COUNTRY,
    MF_COVER_ASN,
    MF_COVER_COORDINATES,
    MF_COVER_RESPONDER, /* of answers */
    MF_COVER_FACTOR,    /* of prompts and answers */
    MF_COVER_ID,
    MF_COVER_LINK, /* a transaction or correlation */
    MF_COVER_SESSION,
    MF_COVER_GROUPS,
    MF_COVER_USER_ID,
    MF_COVER_FIELDS
};

extern const char *const mf_cover_field_names[MF_COVER_FIELDS];

enum { MF_UNMAPPED_TEXT = 96, MF_UNMAPPED_KEPT = 64, MF_COVER_FEEDS = 64 };

struct mf_unmapped {
    char value[MF_UNMAPPED_TEXT];
    uint64_t n;
};

struct mf_cover_feed {
    char idp[32], tenant[64];
    int profile; /* index; -1: not known */
    uint64_t events, late, clamped, duplicates, too_late;
    mf_time first, last, longest_gap;
    uint64_t kind[MF_N_KINDS];
    uint64_t outcome[MF_N_FACTORS][MF_N_KINDS]; /* of MFA kinds, by factor */
    uint64_t prompts;
    uint64_t has[MF_COVER_FIELDS], of[MF_COVER_FIELDS];
    uint64_t proxies;
    unsigned carries; /* enum mf_carried, by the engine */
    bool remembered;  /* from a state: what that does not keep (factors, codes, reports) is not known */
    struct mf_series series, kinds[MF_N_KINDS];
};

struct mf_coverage {
    const struct mf_profiles *profiles;
    struct mf_cover_feed feed[MF_COVER_FEEDS];
    unsigned n, recent; /* recent: where the last event belonged */
    uint64_t records, skips[MF_N_SKIPS];
    struct mf_cover_reader {
        uint64_t ignored, unmapped, broken,
            other_values; /* broken: the record was this profile's, and could not be used */
        struct mf_unmapped value[MF_UNMAPPED_KEPT];
        unsigned n;
    } reader[MF_PROFILES_MAX];
    mf_time last; /* the newest event of all */
};

/* What a sink with `explain` is handed. */
void mf_coverage_take(struct mf_coverage *coverage, const struct mf_judged *judged);

/* Orders feeds by name and values by how often they came. */
void mf_coverage_finish(struct mf_coverage *coverage);

#endif
