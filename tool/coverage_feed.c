/* tool/coverage_feed.c
 *
 * Counting. */

#include "coverage_feed.h"

#include <stdlib.h>

const char *const mf_cover_field_names[MF_COVER_FIELDS] = {
    [MF_COVER_SOURCE] = "source",
    [MF_COVER_COUNTRY] = "country",
    [MF_COVER_ASN] = "asn",
    [MF_COVER_COORDINATES] = "coordinates",
    [MF_COVER_RESPONDER] = "responder",
    [MF_COVER_FACTOR] = "factor",
    [MF_COVER_ID] = "id",
    [MF_COVER_LINK] = "transaction",
    [MF_COVER_SESSION] = "session",
    [MF_COVER_GROUPS] = "groups",
    [MF_COVER_USER_ID] = "user_id",
};

static bool same(const char *text, struct mf_slice slice, size_t size)
{
    size_t length = slice.length < size - 1 ? slice.length : size - 1;

    return strlen(text) == length && (length == 0 || memcmp(text, slice.data, length) == 0);
}

static int profile_of(const struct mf_coverage *coverage, const char *name)
{
    for (size_t i = 0; name != NULL && i < mf_profiles_count(coverage->profiles); i++)
        if (strcmp(mf_profiles_name(coverage->profiles, i), name) == 0)
            return (int)i;
    return -1;
}

static bool belongs(const struct mf_cover_feed *feed, const struct mf_event *event)
{
    return same(feed->idp, event->idp, sizeof feed->idp) && same(feed->tenant, event->tenant, sizeof feed->tenant);
}

/* The last one is shared by all that come too late. */
static struct mf_cover_feed *feed_of(struct mf_coverage *coverage, const struct mf_judged *judged)
{
    const struct mf_event *event = judged->event;
    struct mf_cover_feed *feed = &coverage->feed[coverage->recent];

    if (coverage->recent < coverage->n && belongs(feed, event))
        return feed;
    for (unsigned i = 0; i < coverage->n; i++)
        if (belongs(&coverage->feed[i], event)) {
            coverage->recent = i;
            return &coverage->feed[i];
        }
    if (coverage->n == MF_COVER_FEEDS)
        return &coverage->feed[MF_COVER_FEEDS - 1];
    coverage->recent = coverage->n;
    feed = &coverage->feed[coverage->n++];
    mf_slice_copy(feed->idp, sizeof feed->idp, event->idp);
    mf_slice_copy(feed->tenant, sizeof feed->tenant, event->tenant);
    feed->profile = profile_of(coverage, judged->reading->profile);
    feed->first = feed->last = event->time;
    return feed;
}

static bool is_mfa(enum mf_kind kind)
{
    return kind >= MF_MFA_CHALLENGE && kind <= MF_MFA_FRAUD;
}

static void count_field(struct mf_cover_feed *feed, enum mf_cover_field field, bool has)
{
    feed->has[field] += has;
    feed->of[field]++;
}

/* Each field among the events that should have it. */
static void count_fields(struct mf_cover_feed *feed, const struct mf_event *event)
{
    bool place = !event->answer_source && event->kind != MF_SESSION_END && event->kind != MF_ACCOUNT_LOCKED;
    bool answer = event->kind > MF_MFA_CHALLENGE && event->kind <= MF_MFA_FRAUD;

    if (place) {
        count_field(feed, MF_COVER_SOURCE, event->source.family != 0);
        count_field(feed, MF_COVER_COUNTRY, event->country[0] != '\0');
        count_field(feed, MF_COVER_ASN, event->asn != 0);
        count_field(feed, MF_COVER_COORDINATES, event->has_coordinates);
    }
    if (answer)
        count_field(feed, MF_COVER_RESPONDER, event->responder_country[0] != '\0' || event->answer_source);
    if (is_mfa(event->kind)) {
        count_field(feed, MF_COVER_FACTOR, event->factor != MF_FACTOR_UNKNOWN && event->factor != MF_FACTOR_OTHER);
        count_field(feed, MF_COVER_LINK, event->transaction.length > 0 || event->correlation.length > 0);
    }
    if (event->kind == MF_SESSION_START)
        count_field(feed, MF_COVER_SESSION, event->session.length > 0);
    count_field(feed, MF_COVER_ID, event->id.length > 0);
    count_field(feed, MF_COVER_GROUPS, event->groups.length > 0);
    count_field(feed, MF_COVER_USER_ID, event->user_id.length > 0);
}

static void count_event(struct mf_coverage *coverage, const struct mf_judged *judged)
{
    const struct mf_event *event = judged->event;
    struct mf_cover_feed *feed = feed_of(coverage, judged);

    if (judged->skip == MF_SKIP_DUPLICATE || judged->skip == MF_SKIP_LATE) {
        feed->duplicates += judged->skip == MF_SKIP_DUPLICATE;
        feed->too_late += judged->skip == MF_SKIP_LATE;
        return;
    }
    feed->events++;
    feed->kind[event->kind]++;
    feed->prompts += event->prompts;
    feed->proxies += event->proxy;
    if (is_mfa(event->kind))
        feed->outcome[event->factor][event->kind]++;
    if (event->time > feed->last + feed->longest_gap)
        feed->longest_gap = event->time - feed->last;
    feed->first = event->time < feed->first ? event->time : feed->first;
    feed->last = event->time > feed->last ? event->time : feed->last;
    coverage->last = event->time > coverage->last ? event->time : coverage->last;
    mf_series_add(&feed->series, event->time);
    mf_series_add(&feed->kinds[event->kind], event->time);
    count_fields(feed, event);
    if (judged->explained != NULL) {
        feed->carries = judged->explained->carries;
        feed->late += judged->explained->late;
        feed->clamped += judged->explained->clamped;
    }
}

static void count_value(struct mf_cover_reader *reader, struct mf_slice value)
{
    for (unsigned i = 0; i < reader->n; i++)
        if (same(reader->value[i].value, value, MF_UNMAPPED_TEXT)) {
            reader->value[i].n++;
            return;
        }
    if (reader->n == MF_UNMAPPED_KEPT) {
        reader->other_values++;
        return;
    }
    mf_slice_copy(reader->value[reader->n].value, MF_UNMAPPED_TEXT, value);
    reader->value[reader->n++].n = 1;
}

void mf_coverage_take(struct mf_coverage *coverage, const struct mf_judged *judged)
{
    int profile = profile_of(coverage, judged->reading->profile);

    coverage->skips[judged->skip]++;
    if (judged->event != NULL) {
        count_event(coverage, judged);
        return;
    }
    if (profile < 0)
        return;
    struct mf_cover_reader *reader = &coverage->reader[profile];
    if (judged->skip == MF_SKIP_IGNORE) {
        reader->ignored++;
    } else if (judged->skip == MF_SKIP_UNMAPPED) {
        reader->unmapped++;
        count_value(reader, judged->reading->unmapped);
    } else {
        reader->broken++;
    }
}

static int by_name(const void *a, const void *b)
{
    const struct mf_cover_feed *x = a, *y = b;
    int order = strcmp(x->idp, y->idp);

    return order != 0 ? order : strcmp(x->tenant, y->tenant);
}

static int by_count(const void *a, const void *b)
{
    const struct mf_unmapped *x = a, *y = b;

    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->value, y->value);
}

void mf_coverage_finish(struct mf_coverage *coverage)
{
    qsort(coverage->feed, coverage->n, sizeof coverage->feed[0], by_name);
    coverage->recent = 0;
    for (unsigned i = 0; i < MF_PROFILES_MAX; i++)
        qsort(coverage->reader[i].value, coverage->reader[i].n, sizeof coverage->reader[i].value[0], by_count);
    for (unsigned i = 0; i < coverage->n; i++)
        for (unsigned kind = 0; kind < MF_N_KINDS; kind++)
            mf_series_align(&coverage->feed[i].kinds[kind], &coverage->feed[i].series);
}
