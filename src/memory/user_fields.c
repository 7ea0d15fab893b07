/* src/memory/user_fields.c
 *
 * How a user stands in a snapshot: each member that is kept. */

#include "memory/user.h"

const struct mf_field mf_hash_fields[] = {
    MF_NUMBER(struct mf_hash, lo),
    MF_NUMBER(struct mf_hash, hi),
    {0},
};

const struct mf_field mf_totals_fields[] = {
    MF_NUMBER(struct mf_totals, prompts), MF_NUMBER(struct mf_totals, denied),   MF_NUMBER(struct mf_totals, timeouts),
    MF_NUMBER(struct mf_totals, failed),  MF_NUMBER(struct mf_totals, approved), {0},
};

static const struct mf_field rate_fields[] = {
    MF_REAL(struct mf_rate, count),      MF_NUMBER(struct mf_rate, days),
    MF_NUMBER(struct mf_rate, day),      MF_NUMBERS(struct mf_rate, earlier),
    MF_NUMBERS(struct mf_rate, squares), MF_NUMBERS(struct mf_rate, highest),
    MF_NUMBER(struct mf_rate, today),    {0},
};

static const struct mf_field last_place_fields[] = {
    MF_NUMBER(struct mf_last_place, time),
    MF_NUMBER(struct mf_last_place, latitude),
    MF_NUMBER(struct mf_last_place, longitude),
    {0},
};

static const struct mf_field habits_fields[] = {
    MF_NUMBERS(struct mf_habits, hour),
    MF_PART(struct mf_habits, strong, mf_hours_fields),
    MF_PART(struct mf_habits, weak, mf_hours_fields),
    MF_PART(struct mf_habits, proxy, mf_hours_fields),
    MF_PART(struct mf_habits, apart, mf_hours_fields),
    MF_PART(struct mf_habits, last_place, last_place_fields),
    {0},
};

const struct mf_field mf_user_fields[] = {
    MF_PART(struct mf_user, key, mf_hash_fields),
    MF_WHEN_OR_NONE(struct mf_user, first_seen),
    MF_WHEN_OR_NONE(struct mf_user, last_seen),
    MF_NUMBER(struct mf_user, incident),
    MF_NUMBER(struct mf_user, suspect),
    MF_NUMBER(struct mf_user, suspect_flags),
    MF_FLAG(struct mf_user, touched),
    MF_PART(struct mf_user, rate, rate_fields),
    MF_PART(struct mf_user, habits, habits_fields),
    MF_PARTS(struct mf_user, country, mf_known_fields),
    MF_PARTS(struct mf_user, asn, mf_known_fields),
    MF_PARTS(struct mf_user, network, mf_known_fields),
    {0},
};

static const struct mf_field attempt_fields[] = {
    MF_NUMBER(struct mf_attempt, time),
    MF_NUMBER(struct mf_attempt, settled),
    MF_NUMBER(struct mf_attempt, ticket),
    MF_NUMBER_MAX(struct mf_attempt, outcome, MF_SUPERSEDED),
    MF_NUMBER_MAX(struct mf_attempt, factor, MF_N_FACTORS - 1),
    MF_NUMBER(struct mf_attempt, flags),
    MF_NUMBER(struct mf_attempt, type),
    {0},
};

static const struct mf_field evidence_fields[] = {
    MF_WHEN(struct mf_evidence, time),
    MF_TEXT(struct mf_evidence, id),
    {0},
};

static const struct mf_field activity_fields[] = {
    MF_WHEN(struct mf_activity, time),      MF_NUMBER(struct mf_activity, ticket),
    MF_NUMBER(struct mf_activity, session), MF_PART(struct mf_activity, source, mf_source_values_fields),
    MF_FLAG(struct mf_activity, familiar),  {0},
};

static const struct mf_field activities_fields[] = {
    MF_NUMBER_MAX(struct mf_activities, next_login, MF_LOGINS_MAX - 1),
    MF_NUMBER_MAX(struct mf_activities, next_active, MF_ACTIVE_MAX - 1),
    MF_PARTS(struct mf_activities, login, activity_fields),
    MF_PARTS(struct mf_activities, active, activity_fields),
    {0},
};

static const struct mf_field ip_fields[] = {
    MF_NUMBER_MAX(struct mf_ip, family, 6),
    MF_NUMBERS(struct mf_ip, bytes),
    {0},
};

static const struct mf_field run_source_fields[] = {
    MF_PART(struct mf_run_source, ip, ip_fields),
    MF_NUMBERS(struct mf_run_source, country),
    MF_TEXT(struct mf_run_source, city),
    MF_NUMBER(struct mf_run_source, asn),
    MF_PART(struct mf_run_source, place, mf_place_fields),
    {0},
};

static const struct mf_field run_finding_fields[] = {
    MF_NUMBER(struct mf_run_finding, observed),
    MF_NUMBER(struct mf_run_finding, threshold),
    MF_NUMBER(struct mf_run_finding, points),
    MF_FLAG(struct mf_run_finding, decisive),
    {0},
};

static const struct mf_field run_fields[] = {
    MF_WHEN_OR_NONE(struct mf_run, start),
    MF_WHEN_OR_NONE(struct mf_run, last),
    MF_PART(struct mf_run, spilled, mf_totals_fields),
    MF_FLAG(struct mf_run, approved),
    MF_FLAG(struct mf_run, factor_change),
    MF_FLAG(struct mf_run, refused),
    MF_PART(struct mf_run, source, run_source_fields),
    MF_PARTS(struct mf_run, finding, run_finding_fields),
    {0},
};

const struct mf_field mf_recent_fields[] = {
    MF_WHEN(struct mf_recent, base),
    MF_NUMBER_MAX(struct mf_recent, n_attempts, MF_ATTEMPTS_MAX),
    MF_NUMBER_MAX(struct mf_recent, next_evidence, MF_EVIDENCE_MAX - 1),
    MF_PARTS(struct mf_recent, attempt, attempt_fields),
    MF_PARTS(struct mf_recent, evidence, evidence_fields),
    MF_PART(struct mf_recent, activities, activities_fields),
    MF_WHEN(struct mf_recent, risk),
    MF_PART(struct mf_recent, run, run_fields),
    {0},
};
