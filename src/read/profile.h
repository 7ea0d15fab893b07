/* src/read/profile.h
 *
 * One IdP = one profile = one commented-JSON file, no C. A profile says how the IdP's records are told apart (markers,
 * match), taken out of their envelope (unwrap, lift, embedded), and turned into events (fields, maps, dedup, ordered
 * rules). Everything is compiled and checked at load. The file format is documented in docs/write-a-profile.md.
 *
 * A set of profiles is immutable and may be shared by threads; a struct mf_reader belongs to one thread and takes its
 * memory at creation. */

#ifndef MF_READ_PROFILE_H
#define MF_READ_PROFILE_H

#include "base/error.h"
#include "read/ability.h"
#include "read/event.h"
#include "read/record.h"

enum { MF_PROFILES_MAX = 64 };

struct mf_profiles;
struct mf_reader;

/* Loads NAME.json for each name from `dir`; with n_names == 0 every *.json there, by name. An error names
 * file:line:column, what is wrong and what is accepted; a name without a file, or a directory without any profile, is
 * an error that lists what there is. */
struct mf_profiles *mf_profiles_load(const char *dir, const char *const *names, size_t n_names, struct mf_error *error);
void mf_profiles_free(struct mf_profiles *profiles);

/* Searches them without what only some CPUs can. */
void mf_profiles_narrow(struct mf_profiles *profiles);

size_t mf_profiles_count(const struct mf_profiles *profiles);
const char *mf_profiles_name(const struct mf_profiles *profiles, size_t index);

/* What events call its IdP; what it can say of it, and what not. */
struct mf_slice mf_profiles_idp(const struct mf_profiles *profiles, size_t index);
const struct mf_ability *mf_profiles_ability(const struct mf_profiles *profiles, size_t index);

/* Puts a zone ("+02:00", "Europe/Berlin") to the times of a profile that do not say theirs, where the profile does not say it
 * of that very field. -1 and an error when there is no such profile or zone. Before the set is used. */
int mf_profiles_zone(struct mf_profiles *profiles, struct mf_slice name, struct mf_slice zone, struct mf_error *error);

/* Cheap look at the bytes, no parsing: false = no profile's marker is in them, so no profile knows the message. */
bool mf_profiles_may_know(const struct mf_profiles *profiles, const char *bytes, size_t length);

struct mf_reader *mf_reader_new(const struct mf_record_limits *limits, struct mf_error *error);
void mf_reader_free(struct mf_reader *reader);

/* For judging at full speed: a message without any profile's marker is not parsed (MF_SKIP_NOT_IDP, or MF_SKIP_NO_JSON
 * when no brace is in it), and fields that only people read (user agent, device, reason, ...) are left absent. Off in
 * a new reader. */
void mf_reader_hurry(struct mf_reader *reader, bool hurry);

/* Whether records are remembered by how they are written, so that the next one that is written alike is read at a
 * fraction of the cost (mould.h). What is read is the same either way. On in a new reader. */
void mf_reader_remember(struct mf_reader *reader, bool remember);

/* What came out of one record: an event, or the reason for none. */
struct mf_reading {
    enum mf_skip skip;   /* MF_SKIP_NONE: `event` is whole */
    const char *profile; /* NULL when no profile matched */
    /* Unmapped and ignored records: the vendor's type (and outcome), e.g. "user.session.impersonation.grant". */
    struct mf_slice unmapped;
    struct mf_slice member;       /* the field in doubt, for MF_SKIP_DUPLICATE_KEY, MF_SKIP_BAD_USER, ... ("user") */
    const struct mf_event *event; /* lives until the callback returns */
};

typedef void (*mf_reading_fn)(void *context, const struct mf_reading *reading);

/* Reads one message: finds the JSON, takes it out of its envelope, and calls `fn` once for each event in order, or
 * once with a skip for a record (or whole message) without any. At least one call per message. `arrival` is copied to
 * the events. Restricts to one profile when `only` is not NULL. */
void mf_reader_read(struct mf_reader *reader, const struct mf_profiles *profiles, const char *only, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context);

#endif
