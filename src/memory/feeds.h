/* src/memory/feeds.h
 *
 * What is known of each feed (idp + tenant): its watermark, and which places its users are accepted from, for users
 * who have no history of their own. A bounded table; feeds beyond it share the last entry.
 *
 * Each feed has a lock, taken here and nowhere else and never together with another. */

#ifndef MF_MEMORY_FEEDS_H
#define MF_MEMORY_FEEDS_H

#include "memory/user.h"

enum { MF_FEEDS_MAX = 256 };

struct mf_feeds;

struct mf_feeds *mf_feeds_new(struct mf_error *error);
void mf_feeds_free(struct mf_feeds *feeds);
size_t mf_feeds_memory(const struct mf_feeds *feeds);

enum mf_arrival { MF_IN_TIME, MF_LATE_JUDGED, MF_TOO_LATE };

struct mf_entry {
    unsigned feed;     /* its number, below MF_FEEDS_MAX */
    mf_time watermark; /* of the feed, this event included */
    enum mf_arrival arrival;
    bool clamped;           /* the event time lay more than `skew` ahead of its arrival */
    struct mf_place tenant; /* what the tenant knows of the source; unknown until it has 50 acceptances */
};

/* Enters the event's time into its feed: clamps it to arrival + skew, moves the watermark, says whether it is late. */
void mf_feeds_enter(struct mf_feeds *feeds, struct mf_hash key, struct mf_event *event, const struct mf_time_conf *conf,
                    const struct mf_source_values *source, struct mf_entry *entry);

/* An accepted authentication of some user of the feed. */
void mf_feeds_learn(struct mf_feeds *feeds, unsigned feed, const struct mf_source_values *source, mf_time now);

/* Where a silent feed's time stands when the clock that stamps arrivals shows `now`: its watermark and what has passed
 * since its last record arrived. MF_TIME_NONE when no record of it had an arrival time. */
mf_time mf_feeds_clock(struct mf_feeds *feeds, unsigned feed, mf_time now);

uint64_t mf_feeds_count(struct mf_feeds *feeds);

#endif
