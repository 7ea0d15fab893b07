/* src/memory/feeds.c
 *
 * One entry per feed: its watermark, what it carries, and the places its users are accepted from. */

#include "memory/feeds.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Places are kept in buckets of WAYS, so that a look costs the same in a tenant of any size. */
enum { WAYS = 8, COUNTRIES = 64, ASNS = 128, NETWORKS = 256, ACCEPTANCES = 50, SETTLED_PART = 10 };

/* What it takes to say that a feed carries logins, or sessions; and how many approvals are looked back at. */
enum { CORRELATED_ENOUGH = 10, CORRELATED_PERCENT = 80, CORRELATED_FULL = 1000 };

struct feed {
    pthread_mutex_t lock;
    mf_time watermark, last_arrival;
    mf_time before_leap; /* the watermark before a leap that nothing confirmed yet; MF_TIME_NONE: there was none */
    bool shared;
    uint32_t acceptances, since_country, since_asn; /* since the last that brought a new one */
    uint32_t approvals, explained, followed;
    unsigned carries;
    char idp[MF_FEED_IDP], tenant[MF_FEED_TENANT];
    struct mf_known country[COUNTRIES], asn[ASNS], network[NETWORKS];
};

struct mf_feeds {
    pthread_mutex_t lock; /* of whoever adds a feed; an entry's own lock guards what is known of it */
    uint32_t n;
    struct mf_hash key[MF_FEEDS_MAX];
    struct feed feed[MF_FEEDS_MAX];
};

struct mf_feeds *mf_feeds_new(struct mf_error *error)
{
    struct mf_feeds *feeds = calloc(1, sizeof *feeds);

    if (feeds == NULL) {
        mf_error_set(error, "not enough memory for %d feeds", MF_FEEDS_MAX);
        return NULL;
    }
    pthread_mutex_init(&feeds->lock, NULL);
    return feeds;
}

void mf_feeds_free(struct mf_feeds *feeds)
{
    if (feeds == NULL)
        return;
    for (unsigned i = 0; i < feeds->n; i++)
        pthread_mutex_destroy(&feeds->feed[i].lock);
    pthread_mutex_destroy(&feeds->lock);
    free(feeds);
}

size_t mf_feeds_memory(const struct mf_feeds *feeds)
{
    return sizeof *feeds;
}

/* There are `n` feeds from now on. What no feed needs stays untouched, so that it takes no memory. */
static void begin_feeds(struct mf_feeds *feeds, unsigned n)
{
    for (unsigned i = feeds->n; i < n; i++) {
        pthread_mutex_init(&feeds->feed[i].lock, NULL);
        feeds->feed[i].watermark = feeds->feed[i].last_arrival = feeds->feed[i].before_leap = MF_TIME_NONE;
    }
    if (n > feeds->n)
        __atomic_store_n(&feeds->n, n, __ATOMIC_RELEASE);
}

/* From `i` on; n when it is not there. */
static unsigned look_for(const struct mf_feeds *feeds, unsigned i, unsigned n, struct mf_hash key)
{
    while (i < n && !mf_hash_equal(feeds->key[i], key))
        i++;
    return i;
}

/* Finds or makes; the last entry is shared by all that came too late. The list only grows, and a key is there before it
 * counts, so that those known already are found without a lock. */
static unsigned find_feed(struct mf_feeds *feeds, struct mf_hash key, bool *shared)
{
    unsigned n = __atomic_load_n(&feeds->n, __ATOMIC_ACQUIRE), i = look_for(feeds, 0, n, key);

    *shared = i == MF_FEEDS_MAX;
    if (i < n || *shared)
        return *shared ? MF_FEEDS_MAX - 1 : i;
    pthread_mutex_lock(&feeds->lock);
    i = look_for(feeds, n, feeds->n, key);
    *shared = i == MF_FEEDS_MAX;
    if (*shared) {
        i--;
    } else if (i == feeds->n) {
        feeds->key[i] = key;
        begin_feeds(feeds, i + 1);
    }
    pthread_mutex_unlock(&feeds->lock);
    return i;
}

static unsigned bucket_of(uint32_t value, unsigned n)
{
    return (unsigned)((value * UINT32_C(2654435761)) >> 16) % (n / WAYS) * WAYS;
}

static bool has(const struct mf_known *known, unsigned n, uint32_t value, mf_time now)
{
    return mf_known_has(known + bucket_of(value, n), WAYS, value, now, 0);
}

/* `since` counts the acceptances since the last new value. */
static void touch(struct mf_known *known, unsigned n, uint32_t value, mf_time now, uint32_t *since)
{
    if (value == 0)
        return;
    *since = mf_known_touch(known + bucket_of(value, n), WAYS, value, now) ? *since + 1 : 0;
}

/* Something new says nothing while the tenant still brings new ones all the time: the last 49 acceptances, and the last
 * tenth of all, must have brought none (by the rule of succession the next is new with a chance below 1 in 50). */
static bool is_settled(const struct feed *feed, uint32_t since)
{
    return since + 1 >= ACCEPTANCES && since >= feed->acceptances / SETTLED_PART;
}

/* A tenant without the ASN of a source can say no more than that the country is usual. */
static void compare(const struct feed *feed, const struct mf_source_values *source, mf_time now, struct mf_place *place)
{
    bool country = has(feed->country, COUNTRIES, source->country, now);
    bool asn = has(feed->asn, ASNS, source->asn, now);
    bool network = has(feed->network, NETWORKS, source->network, now);

    place->new_country = source->country != 0 && !country && is_settled(feed, feed->since_country);
    place->new_asn = source->asn != 0 && !asn && is_settled(feed, feed->since_asn);
    place->new_network = false; /* every new user's home is */
    if (place->new_country || (place->new_asn && !network))
        place->familiarity = MF_UNFAMILIAR;
    else if ((country || source->country == 0) && (asn || network))
        place->familiarity = MF_FAMILIAR;
}

static enum mf_arrival place_in_time(const struct feed *feed, mf_time time, mf_time lateness)
{
    if (feed->watermark == MF_TIME_NONE || time >= feed->watermark)
        return MF_IN_TIME;
    return time < feed->watermark - lateness && !feed->shared ? MF_TOO_LATE : MF_LATE_JUDGED;
}

/* A stamp far ahead waits for a second one; events of one record have the same. */
static bool leap(struct feed *feed, mf_time time, mf_time lateness)
{
    mf_time far = lateness > MF_FEED_LEAP ? lateness : MF_FEED_LEAP;

    if (feed->watermark == MF_TIME_NONE)
        return false;
    if (time > feed->watermark + far) {
        if (feed->before_leap == MF_TIME_NONE)
            feed->before_leap = feed->watermark;
        return false;
    }
    if (feed->before_leap == MF_TIME_NONE || time == feed->watermark)
        return false;
    bool back = time < feed->watermark - far && time >= feed->before_leap - lateness;
    if (back)
        feed->watermark = feed->before_leap;
    if (back || time >= feed->watermark - far)
        feed->before_leap = MF_TIME_NONE;
    return back;
}

const char *mf_carried_name(unsigned bit)
{
    static const char *const names[MF_N_CARRIED] = {"refusals",    "timeouts",   "addresses", "places",
                                                    "coordinates", "responders", "risk",      "passwords",
                                                    "factors",     "logins",     "sessions"};

    for (unsigned i = 0; i < MF_N_CARRIED; i++)
        if (bit == 1u << i)
            return names[i];
    return "";
}

static unsigned kind_carries(const struct mf_event *event)
{
    switch (event->kind) {
    case MF_MFA_DENIED:
    case MF_MFA_FRAUD:
        return MF_CARRIES_REFUSALS;
    case MF_MFA_CHALLENGE:
    case MF_MFA_TIMEOUT:
        return MF_CARRIES_TIMEOUTS;
    case MF_MFA_FAILED:
        return event->prompts > 0 ? MF_CARRIES_TIMEOUTS : 0;
    case MF_LOGIN_FAILURE:
        return MF_CARRIES_PASSWORDS;
    case MF_FACTOR_ENROLLED:
    case MF_FACTOR_REMOVED:
    case MF_FACTOR_RESET:
        return MF_CARRIES_FACTORS;
    case MF_RISK:
        return MF_CARRIES_RISK;
    default:
        return 0;
    }
}

static unsigned event_carries(const struct mf_event *event)
{
    unsigned carries = kind_carries(event);

    if (event->source.family != 0 && !event->answer_source)
        carries |= MF_CARRIES_ADDRESSES;
    if (event->country[0] != '\0' || event->asn != 0)
        carries |= MF_CARRIES_PLACES;
    if (event->has_coordinates)
        carries |= MF_CARRIES_COORDINATES;
    if (event->responder_country[0] != '\0')
        carries |= MF_CARRIES_RESPONDERS;
    if (event->risk.length > 0)
        carries |= MF_CARRIES_RISK;
    return carries;
}

static bool is_usual(uint32_t part, uint32_t whole)
{
    return whole >= CORRELATED_ENOUGH && (uint64_t)part * 100 >= (uint64_t)whole * CORRELATED_PERCENT;
}

static unsigned carries(const struct feed *feed)
{
    return feed->carries | (is_usual(feed->explained, feed->approvals) ? MF_CARRIES_LOGINS : 0) |
           (is_usual(feed->followed, feed->approvals) ? MF_CARRIES_SESSIONS : 0);
}

void mf_feeds_correlate(struct mf_feeds *feeds, unsigned number, bool approval, bool explained, bool session)
{
    struct feed *feed = &feeds->feed[number];

    pthread_mutex_lock(&feed->lock);
    feed->approvals += approval;
    feed->explained += explained;
    feed->followed += session;
    if (feed->approvals >= CORRELATED_FULL) {
        feed->approvals /= 2;
        feed->explained /= 2;
        feed->followed /= 2;
    }
    pthread_mutex_unlock(&feed->lock);
}

/* As the event says it, where it is not known yet. The entry that many share has the names of the first of them. */
static void take_names(struct feed *feed, const struct mf_event *event)
{
    if (feed->idp[0] == '\0')
        mf_slice_copy(feed->idp, sizeof feed->idp, event->idp);
    if (feed->tenant[0] == '\0' && event->tenant.length > 0)
        mf_slice_copy(feed->tenant, sizeof feed->tenant, event->tenant);
}

void mf_feeds_enter(struct mf_feeds *feeds, struct mf_hash key, struct mf_event *event, const struct mf_time_conf *conf,
                    const struct mf_source_values *source, struct mf_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    entry->feed = find_feed(feeds, key, &entry->shared);
    entry->clamped = event->arrival != MF_TIME_NONE && event->time > event->arrival + conf->skew;
    if (entry->clamped)
        event->time = event->arrival + conf->skew;
    entry->tenant.by_tenant = true;

    struct feed *feed = &feeds->feed[entry->feed];
    pthread_mutex_lock(&feed->lock);
    feed->shared |= entry->shared;
    if (!feed->shared)
        take_names(feed, event);
    if (event->arrival == MF_TIME_NONE)
        entry->turned_back = leap(feed, event->time, conf->lateness);
    entry->arrival = place_in_time(feed, event->time, conf->lateness);
    if (entry->arrival == MF_IN_TIME)
        feed->watermark = event->time;
    if (event->arrival != MF_TIME_NONE)
        feed->last_arrival = event->arrival;
    if (feed->acceptances >= ACCEPTANCES)
        compare(feed, source, event->time, &entry->tenant);
    entry->watermark = feed->watermark;
    feed->carries |= event_carries(event);
    entry->carries = carries(feed);
    pthread_mutex_unlock(&feed->lock);
}

void mf_feeds_learn(struct mf_feeds *feeds, unsigned number, const struct mf_source_values *source, mf_time now)
{
    struct feed *feed = &feeds->feed[number];
    uint32_t networks = 0;

    pthread_mutex_lock(&feed->lock);
    if (feed->acceptances < UINT32_MAX)
        feed->acceptances++;
    touch(feed->country, COUNTRIES, source->country, now, &feed->since_country);
    touch(feed->asn, ASNS, source->asn, now, &feed->since_asn);
    touch(feed->network, NETWORKS, source->network, now, &networks);
    pthread_mutex_unlock(&feed->lock);
}

mf_time mf_feeds_clock(struct mf_feeds *feeds, unsigned number, mf_time now)
{
    struct feed *feed = &feeds->feed[number];
    mf_time clock = MF_TIME_NONE;

    if (number >= mf_feeds_count(feeds))
        return MF_TIME_NONE;
    pthread_mutex_lock(&feed->lock);
    if (feed->watermark != MF_TIME_NONE && feed->last_arrival != MF_TIME_NONE && now > feed->last_arrival)
        clock = feed->watermark + (now - feed->last_arrival);
    pthread_mutex_unlock(&feed->lock);
    return clock;
}

uint64_t mf_feeds_count(struct mf_feeds *feeds)
{
    return __atomic_load_n(&feeds->n, __ATOMIC_ACQUIRE);
}

void mf_feeds_facts(struct mf_feeds *feeds, unsigned number, struct mf_feed_facts *facts)
{
    struct feed *feed = &feeds->feed[number];

    pthread_mutex_lock(&feed->lock);
    *facts = (struct mf_feed_facts){.watermark = feed->watermark,
                                    .last_arrival = feed->last_arrival,
                                    .carries = carries(feed),
                                    .approvals = feed->approvals,
                                    .explained = feed->explained,
                                    .followed = feed->followed};
    memcpy(facts->idp, feed->idp, sizeof facts->idp);
    memcpy(facts->tenant, feed->tenant, sizeof facts->tenant);
    pthread_mutex_unlock(&feed->lock);
}

/* ---- for the snapshot ---- */

struct feed_record {
    uint32_t number;
    struct mf_hash key;
    struct feed feed;
};

static const struct mf_field feed_fields[] = {
    MF_NUMBER_MAX(struct feed_record, number, MF_FEEDS_MAX - 1),
    MF_PART(struct feed_record, key, mf_hash_fields),
    MF_WHEN_OR_NONE(struct feed_record, feed.watermark),
    MF_WHEN_OR_NONE(struct feed_record, feed.last_arrival),
    MF_WHEN_OR_NONE(struct feed_record, feed.before_leap),
    MF_FLAG(struct feed_record, feed.shared),
    MF_NUMBER(struct feed_record, feed.acceptances),
    MF_NUMBER(struct feed_record, feed.since_country),
    MF_NUMBER(struct feed_record, feed.since_asn),
    MF_NUMBER(struct feed_record, feed.approvals),
    MF_NUMBER(struct feed_record, feed.explained),
    MF_NUMBER(struct feed_record, feed.followed),
    MF_NUMBER_MAX(struct feed_record, feed.carries, (1 << MF_N_CARRIED) - 1),
    MF_PARTS(struct feed_record, feed.country, mf_known_fields),
    MF_PARTS(struct feed_record, feed.asn, mf_known_fields),
    MF_PARTS(struct feed_record, feed.network, mf_known_fields),
    MF_TEXT(struct feed_record, feed.idp),
    MF_TEXT(struct feed_record, feed.tenant),
    {0},
};

/* Everything of a feed but its lock. */
static void copy_feed(struct feed *to, const struct feed *from)
{
    const size_t at = offsetof(struct feed, watermark);

    memcpy((char *)to + at, (const char *)from + at, sizeof *to - at);
}

void mf_feeds_copy(struct mf_feeds *to, struct mf_feeds *from)
{
    pthread_mutex_lock(&from->lock);
    begin_feeds(to, from->n);
    memcpy(to->key, from->key, from->n * sizeof from->key[0]);
    pthread_mutex_unlock(&from->lock);
    for (unsigned i = 0; i < to->n; i++) {
        pthread_mutex_lock(&from->feed[i].lock);
        copy_feed(&to->feed[i], &from->feed[i]);
        pthread_mutex_unlock(&from->feed[i].lock);
    }
}

void mf_feeds_save(const struct mf_feeds *feeds, struct mf_frame_writer *writer)
{
    struct feed_record record = {0};

    for (uint32_t i = 0; i < feeds->n; i++) {
        record.number = i;
        record.key = feeds->key[i];
        copy_feed(&record.feed, &feeds->feed[i]);
        mf_frame_put(writer, MF_RECORD_FEED, feed_fields, &record);
    }
}

bool mf_feeds_restore(struct mf_feeds *feeds, const struct mf_frame_record *record)
{
    struct feed_record read = {0};

    if (!mf_unpack(feed_fields, record->format, record->bytes, record->length, &read))
        return false;
    begin_feeds(feeds, read.number + 1);
    feeds->key[read.number] = read.key;
    copy_feed(&feeds->feed[read.number], &read.feed);
    return true;
}

mf_time mf_feeds_latest(struct mf_feeds *feeds)
{
    uint64_t n = mf_feeds_count(feeds);
    mf_time latest = MF_TIME_NONE;

    for (uint64_t i = 0; i < n; i++) {
        pthread_mutex_lock(&feeds->feed[i].lock);
        if (feeds->feed[i].watermark > latest)
            latest = feeds->feed[i].watermark;
        pthread_mutex_unlock(&feeds->feed[i].lock);
    }
    return latest;
}
