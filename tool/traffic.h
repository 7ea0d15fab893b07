/* tool/traffic.h
 *
 * How an identity provider's records look, for those who make some up: a text file beside the profile
 * (profiles/NAME.traffic, docs/simulate.md), no C. A section is a step of a login, its lines are what stands in the
 * record of it; ${name} is replaced by another line or by what the story says. */

#ifndef MF_TOOL_TRAFFIC_H
#define MF_TOOL_TRAFFIC_H

#include "engine.h"

struct mf_traffic;

/* What a story says of one record. Texts have nothing in them that would need an escape. */
enum mf_traffic_word {
    MF_WORD_TIME,       /* 2026-03-02T09:14:37.412Z */
    MF_WORD_TIME_PLAIN, /* the same without its Z */
    MF_WORD_DATE,       /* 2026-03-02 */
    MF_WORD_CLOCK,      /* 09:14:37 */
    MF_WORD_FRACTION,   /* 412 */
    MF_WORD_YEAR,
    MF_WORD_MONTH,   /* Mar */
    MF_WORD_DAY,     /* 02 */
    MF_WORD_SECONDS, /* since 1970 */
    MF_WORD_MS,      /* the same in milliseconds */
    MF_WORD_ID,
    MF_WORD_USER,
    MF_WORD_NAME,   /* the login without its domain */
    MF_WORD_KEY,    /* 12 hex digits that are the user's */
    MF_WORD_NUMBER, /* so many decimal ones */
    MF_WORD_GROUP,
    MF_WORD_IP,
    MF_WORD_ASN,
    MF_WORD_NETWORK,
    MF_WORD_CITY,
    MF_WORD_COUNTRY,      /* DE */
    MF_WORD_COUNTRY_NAME, /* Germany */
    MF_WORD_LATITUDE,
    MF_WORD_LONGITUDE,
    MF_WORD_PROXY, /* true or false */
    MF_WORD_PHONE_IP,
    MF_WORD_PHONE_CITY,
    MF_WORD_PHONE_COUNTRY,
    MF_WORD_PHONE_COUNTRY_NAME,
    MF_WORD_TRANSACTION,
    MF_WORD_SESSION,
    MF_WORD_FACTOR, /* push, verified_push, sms, totp */
    MF_WORD_ADMIN,  /* who resets factors */
    MF_WORD_MARK,   /* what marks an exercise */
    MF_WORD_SPACE,  /* a blank where it would be trimmed */
    MF_N_WORDS
};

struct mf_traffic_words {
    const char *text[MF_N_WORDS];
};

/* Reads NAME.traffic in `dir`. NULL and `error`: file:line, what is wrong, what is accepted. */
struct mf_traffic *mf_traffic_load(const char *dir, const char *name, struct mf_error *error);
void mf_traffic_free(struct mf_traffic *traffic);

/* After how long a prompt that nobody answers is over. */
mf_time mf_traffic_life(const struct mf_traffic *traffic);

/* What can happen in a login, by number. */
enum { MF_N_STEPS = 15 };
extern const char *const mf_traffic_steps[MF_N_STEPS];
unsigned mf_traffic_step(const char *name); /* MF_N_STEPS when there is none */

/* Does a record tell of this: a step, a factor, or a word that some record holds? */
bool mf_traffic_tells(const struct mf_traffic *traffic, const char *what);

/* The factor with which somebody who prefers `factor` logs in there; "none" when it knows none. */
const char *mf_traffic_factor(const struct mf_traffic *traffic, const char *factor);

/* The level that the file says for this story, where its records tell less than most do; else `usual`. */
enum mf_level mf_traffic_level(const struct mf_traffic *traffic, const char *story, bool known, enum mf_level usual);

/* Why the file says that this story cannot be told; NULL when it does not. */
const char *mf_traffic_cannot(const struct mf_traffic *traffic, const char *story);

/* Must a syslog header stand before its lines, because they begin with a date that would be taken for one? */
bool mf_traffic_needs_header(const struct mf_traffic *traffic);

/* Record `index` of a step, and how long after the step's moment it is; `text` has room for `size` bytes. False when
 * the step has no such record. A record longer than `size` is cut; MF_TRAFFIC_MAX is enough for all. */
enum { MF_TRAFFIC_MAX = 32 << 10 };
bool mf_traffic_delay(const struct mf_traffic *traffic, const char *step, unsigned index, mf_time *delay);
size_t mf_traffic_record(const struct mf_traffic *traffic, const char *step, unsigned index,
                         const struct mf_traffic_words *words, char *text, size_t size);

#endif
