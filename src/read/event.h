/* src/read/event.h
 *
 * What one record says happened: the same words for every IdP. The pieces of text point into the message or the
 * worker's scratch buffer and live until the next record is read. Terms are those of OCSF Authentication and ATT&CK. */

#ifndef MF_READ_EVENT_H
#define MF_READ_EVENT_H

#include "base/ip.h"
#include "base/slice.h"
#include "base/time.h"
#include "read/record.h"

enum mf_kind {
    MF_LOGIN_SUCCESS,
    MF_LOGIN_FAILURE,
    MF_MFA_REQUIRED,  /* the policy asked for MFA; counts as a login attempt */
    MF_MFA_CHALLENGE, /* a prompt or code was sent */
    MF_MFA_SUCCESS,   /* approved, or the right code */
    MF_MFA_DENIED,    /* the user said no */
    MF_MFA_TIMEOUT,   /* nobody answered */
    MF_MFA_FAILED,    /* wrong code, technical failure; no refusal */
    MF_MFA_CANCELLED, /* the login was called off */
    MF_MFA_FRAUD,     /* the user reported the prompt as fraud */
    MF_MFA_BYPASSED,  /* no prompt was needed, or a bypass was used */
    MF_SESSION_START,
    MF_SESSION_END,
    MF_FACTOR_ENROLLED,
    MF_FACTOR_REMOVED,
    MF_FACTOR_RESET,
    MF_ACCOUNT_LOCKED,
    MF_RISK, /* the IdP itself rates something risky */
    MF_N_KINDS
};

enum mf_factor {
    MF_FACTOR_UNKNOWN, /* the record does not say */
    MF_FACTOR_PUSH,
    MF_FACTOR_VERIFIED_PUSH, /* push with number matching */
    MF_FACTOR_FASTPASS,
    MF_FACTOR_SMS,
    MF_FACTOR_VOICE,
    MF_FACTOR_EMAIL,
    MF_FACTOR_TOTP,
    MF_FACTOR_OTP,
    MF_FACTOR_WEBAUTHN,
    MF_FACTOR_PASSWORD,
    MF_FACTOR_BYPASS,
    MF_FACTOR_OTHER,
    MF_FACTOR_NONE, /* the record says that no factor was used */
    MF_N_FACTORS
};

/* "login_success", "mfa_denied", ...; "push", "verified_push", ... */
const char *mf_kind_name(enum mf_kind kind);
const char *mf_factor_name(enum mf_factor factor);
bool mf_kind_find(struct mf_slice name, enum mf_kind *kind);
bool mf_factor_find(struct mf_slice name, enum mf_factor *factor);

enum { MF_USER_MAX = 256 };

/* The login as a state key: trimmed, ASCII letters in lower case, 1 to MF_USER_MAX bytes of UTF-8 without control
 * or direction characters. MF_SKIP_NO_USER for a blank or a placeholder ("unknown"), MF_SKIP_BAD_USER for what no
 * login holds. Pure; `user` has room for MF_USER_MAX bytes. */
enum mf_skip mf_user_fold(struct mf_slice text, char *user, size_t *length);

/* What an event is told from others of its user by: small fingerprints of its texts, 0 = none. */
struct mf_event_marks {
    uint64_t delivery;        /* of what makes a repeated delivery the same; 0 = nothing does */
    uint32_t ticket, session; /* of correlation or transaction; of the session */
    uint8_t type;             /* three bits of the IdP and five of the vendor's type */
};

struct mf_event {
    enum mf_kind kind;
    enum mf_factor factor;
    unsigned prompts;   /* user-visible prompts that this record proves: 0 or 1 */
    mf_time time;       /* when it happened, by the IdP */
    mf_time arrival;    /* when the record reached us; MF_TIME_NONE in a replay */
    bool interactive;   /* false only when the record says so */
    bool proxy;         /* the IdP says that the source is a proxy or anonymiser */
    bool answer_source; /* the record is an answer, and `source` may be the answering phone's address */
    bool has_coordinates;
    double latitude, longitude;
    char country[2]; /* ISO 3166-1 alpha-2, or two NULs */
    char responder_country[2];
    uint32_t asn;           /* 0 = not known */
    struct mf_ip source;    /* where the login came from; never the answering phone */
    struct mf_ip responder; /* the phone, where the record names it */
    struct mf_slice idp;    /* profile's idp: "okta" */
    struct mf_slice type;   /* the vendor's event type or category */
    struct mf_slice tenant;
    struct mf_slice id;    /* the vendor's unique id of the record */
    struct mf_slice dedup; /* profile's `dedup` fields joined by 0x1f; what makes a repeated delivery the same */
    struct mf_slice transaction, correlation, session;
    struct mf_slice user; /* folded login, 1..MF_USER_MAX bytes, valid UTF-8 without control bytes */
    struct mf_slice user_id;
    struct mf_slice actor;  /* who did it to the user: an administrator */
    struct mf_slice groups; /* names joined by 0x1f */
    struct mf_slice region, city, as_org;
    struct mf_slice outcome, reason; /* as the vendor wrote them */
    struct mf_slice factor_text;
    struct mf_slice phone; /* what tells the phone apart that a code or push went to */
    struct mf_slice device, device_id, app, user_agent, risk;
    const struct mf_event_marks *marks; /* what its texts come to, when that is known; else NULL */
};

#endif
