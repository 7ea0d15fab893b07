/* src/read/draft.h
 *
 * An event while it is filled, field by field: what each field of an event is called in a profile, what it
 * accepts, and how it is read from a scene. */

#ifndef MF_READ_DRAFT_H
#define MF_READ_DRAFT_H

#include "read/event.h"
#include "read/spec.h"

/* ---- fields ---- */

enum mf_field {
    MF_FIELD_TIME,
    MF_FIELD_USER,
    MF_FIELD_USER_ID,
    MF_FIELD_ACTOR,
    MF_FIELD_SOURCE,
    MF_FIELD_RESPONDER,
    MF_FIELD_COUNTRY,
    MF_FIELD_RESPONDER_COUNTRY,
    MF_FIELD_ASN,
    MF_FIELD_LATITUDE,
    MF_FIELD_LONGITUDE,
    MF_FIELD_PROXY,
    MF_FIELD_INTERACTIVE,
    MF_FIELD_ANSWER_SOURCE,
    MF_FIELD_PROMPTS,
    MF_FIELD_FACTOR,
    MF_FIELD_FACTOR_TEXT,
    MF_FIELD_TENANT,
    MF_FIELD_ID,
    MF_FIELD_TRANSACTION,
    MF_FIELD_CORRELATION,
    MF_FIELD_SESSION,
    MF_FIELD_TYPE,
    MF_FIELD_OUTCOME,
    MF_FIELD_REASON,
    MF_FIELD_DEVICE,
    MF_FIELD_DEVICE_ID,
    MF_FIELD_PHONE,
    MF_FIELD_APP,
    MF_FIELD_USER_AGENT,
    MF_FIELD_RISK,
    MF_FIELD_GROUPS,
    MF_FIELD_REGION,
    MF_FIELD_CITY,
    MF_FIELD_AS_ORG,
    MF_N_FIELDS
};

enum mf_field_type {
    MF_FIELD_IS_TIME,
    MF_FIELD_IS_USER,
    MF_FIELD_IS_TEXT,
    MF_FIELD_IS_IP,
    MF_FIELD_IS_COUNTRY,
    MF_FIELD_IS_ASN,
    MF_FIELD_IS_DEGREES,
    MF_FIELD_IS_BOOL,
    MF_FIELD_IS_PROMPTS, /* 0 or 1 */
    MF_FIELD_IS_FACTOR,
};

/* The names of all fields, in the order of enum mf_field. */
extern const char *const mf_field_names[MF_N_FIELDS];
enum mf_field_type mf_field_type(enum mf_field field);

/* What a constant of a profile is, for fields of that type. */
struct mf_constant {
    enum mf_field field;
    struct mf_slice text;
    int code; /* bool, prompts, factor */
};

/* ---- one event ---- */

struct mf_draft {
    struct mf_event event;
    enum mf_skip user, time,
        source; /* why there is none; MF_SKIP_NONE: all is well (a source may be missing all the same) */
    bool has_latitude, has_longitude;
};

/* Nothing known but the kind of default values that an event has. */
void mf_draft_init(struct mf_draft *draft, struct mf_slice idp, mf_time arrival);

/* Reads one field; what the record does not say, or says in a way that cannot be read, is absent. */
void mf_draft_read(struct mf_draft *draft, enum mf_field field, const struct mf_spec *spec, struct mf_scene *scene);

/* The same for each field whose bit is in `wanted`; spec[] is by field. */
void mf_draft_read_all(struct mf_draft *draft, uint64_t wanted, const struct mf_spec *const *spec,
                       struct mf_scene *scene);

/* Forgets what was read for a field; user and time cannot be dropped. */
void mf_draft_drop(struct mf_draft *draft, enum mf_field field);

void mf_draft_set(struct mf_draft *draft, const struct mf_constant *constant);

/* Why the draft is no event, and the field in question. Coordinates count only in pairs. */
enum mf_skip mf_draft_finish(struct mf_draft *draft, struct mf_slice *member);

/* A field of the draft as text, for the key against repeated delivery: text fields, time, factor, user; absent for
 * others and when there is no room. */
struct mf_slice mf_draft_text(const struct mf_draft *draft, enum mf_field field, struct mf_scene *scene);

#endif
