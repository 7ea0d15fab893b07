/* src/read/event.c
 *
 * The names of kinds and factors, as profiles, policies and outputs write them. */

#include "read/event.h"

static const char *const kind_names[MF_N_KINDS] = {
    [MF_LOGIN_SUCCESS] = "login_success",   [MF_LOGIN_FAILURE] = "login_failure",
    [MF_MFA_REQUIRED] = "mfa_required",     [MF_MFA_CHALLENGE] = "mfa_challenge",
    [MF_MFA_SUCCESS] = "mfa_success",       [MF_MFA_DENIED] = "mfa_denied",
    [MF_MFA_TIMEOUT] = "mfa_timeout",       [MF_MFA_FAILED] = "mfa_failed",
    [MF_MFA_CANCELLED] = "mfa_cancelled",   [MF_MFA_FRAUD] = "mfa_fraud",
    [MF_MFA_BYPASSED] = "mfa_bypassed",     [MF_SESSION_START] = "session_start",
    [MF_SESSION_END] = "session_end",       [MF_FACTOR_ENROLLED] = "factor_enrolled",
    [MF_FACTOR_REMOVED] = "factor_removed", [MF_FACTOR_RESET] = "factor_reset",
    [MF_ACCOUNT_LOCKED] = "account_locked", [MF_RISK] = "risk",
};

static const char *const factor_names[MF_N_FACTORS] = {
    [MF_FACTOR_UNKNOWN] = "unknown",   [MF_FACTOR_PUSH] = "push",         [MF_FACTOR_VERIFIED_PUSH] = "verified_push",
    [MF_FACTOR_FASTPASS] = "fastpass", [MF_FACTOR_SMS] = "sms",           [MF_FACTOR_VOICE] = "voice",
    [MF_FACTOR_EMAIL] = "email",       [MF_FACTOR_TOTP] = "totp",         [MF_FACTOR_OTP] = "otp",
    [MF_FACTOR_WEBAUTHN] = "webauthn", [MF_FACTOR_PASSWORD] = "password", [MF_FACTOR_BYPASS] = "bypass",
    [MF_FACTOR_OTHER] = "other",       [MF_FACTOR_NONE] = "none",
};

const char *mf_kind_name(enum mf_kind kind)
{
    return (unsigned)kind < MF_N_KINDS ? kind_names[kind] : "unknown";
}

const char *mf_factor_name(enum mf_factor factor)
{
    return (unsigned)factor < MF_N_FACTORS ? factor_names[factor] : "unknown";
}

static bool find(struct mf_slice name, const char *const *names, unsigned n_names, unsigned *index)
{
    for (unsigned i = 0; i < n_names; i++) {
        if (mf_slice_equal(name, mf_slice_of(names[i]))) {
            *index = i;
            return true;
        }
    }
    return false;
}

bool mf_kind_find(struct mf_slice name, enum mf_kind *kind)
{
    unsigned index;

    if (!find(name, kind_names, MF_N_KINDS, &index))
        return false;
    *kind = (enum mf_kind)index;
    return true;
}

bool mf_factor_find(struct mf_slice name, enum mf_factor *factor)
{
    unsigned index;

    if (!find(name, factor_names, MF_N_FACTORS, &index))
        return false;
    *factor = (enum mf_factor)index;
    return true;
}
