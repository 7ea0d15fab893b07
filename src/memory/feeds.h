/* src/memory/feeds.h
 *
 * What is known of each feed (idp + tenant): its watermark, what it was seen to carry, and which places its users are
 * accepted from, for users who have no history of their own. A bounded table; feeds beyond it share the last entry, in
 * which nothing is too late, so that no invented feed can silence another.
 *
 * Each feed has a lock, taken here and nowhere else and never together with another. */

#ifndef MF_MEMORY_FEEDS_H
#define MF_MEMORY_FEEDS_H

#include "memory/frame.h"
#include "memory/user.h"

/* As the other bounds that may be set from without: script/fuzz does, so that it meets a list that is full. */
#ifndef MF_FEEDS_MAX
#define MF_FEEDS_MAX 256
#endif

struct mf_feeds;

struct mf_feeds *mf_feeds_new(struct mf_error *error);
void mf_feeds_free(struct mf_feeds *feeds);
size_t mf_feeds_memory(const struct mf_feeds *feeds);

/* What a feed was seen to carry. A signal that needs what its feed does not carry is not asked. */
enum mf_carried {
    MF_CARRIES_REFUSALS = 1 << 0,
    MF_CARRIES_TIMEOUTS = 1 << 1,    /* prompts apart from their outcomes, or time-outs by name */
    MF_CARRIES_ADDRESSES = 1 << 2,   /* where logins come from */
    MF_CARRIES_PLACES = 1 << 3,      /* countries or operators of them */
    MF_CARRIES_COORDINATES = 1 << 4, /* of them */
    MF_CARRIES_RESPONDERS = 1 << 5,  /* the country of the answering phone */
    MF_CARRIES_RISK = 1 << 6,        /* the IdP's own rating */
    MF_CARRIES_PASSWORDS = 1 << 7,   /* failed passwords */
    MF_CARRIES_FACTORS = 1 << 8,     /* changes of factors */
    MF_CARRIES_LOGINS = 1 << 9,      /* 10 approvals, and before 80 % of them a login attempt */
    MF_CARRIES_SESSIONS = 1 << 10,   /* 10 approvals, and after 80 % of them a session */
};
enum { MF_N_CARRIED = 11 };

/* "refusals", "timeouts", ...; `bit` is one of enum mf_carried. */
const char *mf_carried_name(unsigned bit);

enum mf_arrival { MF_IN_TIME, MF_LATE_JUDGED, MF_TOO_LATE };

struct mf_entry {
    unsigned feed;     /* its number, below MF_FEEDS_MAX */
    mf_time watermark; /* of the feed, this event included */
    enum mf_arrival arrival;
    unsigned carries; /* enum mf_carried, this event included */
    bool clamped;     /* the event time lay more than `skew` ahead of its arrival */
    bool turned_back; /* a stamp before this one lay far ahead, and was its record's alone: the watermark is back */
    bool shared;      /* the feed has no entry of its own */
    struct mf_place tenant; /* what the tenant knows of the source; unknown until it has 50 acceptances */
};

/* Enters the event's time into its feed: clamps it to arrival + skew, moves the watermark, says whether it is late.
 * Without an arrival (a replay) a stamp more than MF_FEED_LEAP ahead is believed, but for as long as no second one
 * confirms it, a record from before the leap turns the watermark back: one wrong clock does not make a whole feed late. */
#define MF_FEED_LEAP MF_HOUR
void mf_feeds_enter(struct mf_feeds *feeds, struct mf_hash key, struct mf_event *event, const struct mf_time_conf *conf,
                    const struct mf_source_values *source, struct mf_entry *entry);

/* An accepted authentication of some user of the feed. */
void mf_feeds_learn(struct mf_feeds *feeds, unsigned feed, const struct mf_source_values *source, mf_time now);

/* How the approvals of the feed stand to logins and sessions: `approval` counts one outside any suspicious run,
 * `explained` that a login attempt came before its prompt; `session` that a session followed one. */
void mf_feeds_correlate(struct mf_feeds *feeds, unsigned feed, bool approval, bool explained, bool session);

/* Where a silent feed's time stands when the clock that stamps arrivals shows `now`: its watermark and what has passed
 * since its last record arrived. MF_TIME_NONE when no record of it had an arrival time. */
mf_time mf_feeds_clock(struct mf_feeds *feeds, unsigned feed, mf_time now);

uint64_t mf_feeds_count(struct mf_feeds *feeds);

/* Of an IdP's and a tenant's name so many bytes are kept, for people: a feed is told from others by the hash of both. */
enum { MF_FEED_IDP = 32, MF_FEED_TENANT = 96 };

/* One feed as it is remembered, for people to look at. After a crash a feed that the last snapshot did not have lacks its
 * tenant's name until its next event. */
struct mf_feed_facts {
    char idp[MF_FEED_IDP], tenant[MF_FEED_TENANT]; /* "": not known, or none */
    mf_time watermark, last_arrival;               /* MF_TIME_NONE: no record of it came with an arrival */
    unsigned carries;                              /* enum mf_carried */
    uint32_t approvals, explained, followed;
};

/* `number` is below mf_feeds_count(). */
void mf_feeds_facts(struct mf_feeds *feeds, unsigned number, struct mf_feed_facts *facts);

/* ---- for the snapshot ---- */

/* Copies into another, which nobody else uses; writes such a copy; puts a record of it back (false: not sound, left
 * out). A feed keeps its number. */
void mf_feeds_copy(struct mf_feeds *to, struct mf_feeds *from);
void mf_feeds_save(const struct mf_feeds *feeds, struct mf_frame_writer *writer);
bool mf_feeds_restore(struct mf_feeds *feeds, const struct mf_frame_record *record);

/* The latest time that any feed has reached; MF_TIME_NONE: none. */
mf_time mf_feeds_latest(struct mf_feeds *feeds);

#endif
