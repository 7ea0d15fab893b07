/* tests/test_user.c
 *
 * One event enters what is remembered of its user (src/memory/observe.c, attempts.c): prompts and outcomes are matched, repeats
 * folded, runs begun, places learned; and how the attempts looked at a given moment (view.c). */

#include "memory/observe.h"
#include "memory/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW    ((mf_time)1772409600 * MF_SECOND)
#define EXPIRY (6 * MF_MINUTE) /* prompt_ttl and MF_EXPIRY_SLACK */

static const struct mf_time_conf conf = {
    .lateness = 20 * MF_MINUTE, .skew = 5 * MF_MINUTE, .prompt_ttl = 5 * MF_MINUTE};
static const struct mf_place nowhere;
static const struct mf_place at_home = {.familiarity = MF_FAMILIAR};
static const struct mf_place abroad = {.familiarity = MF_UNFAMILIAR, .new_country = true};
static const struct mf_place other_operator = {.familiarity = MF_UNFAMILIAR, .new_asn = true};

static struct mf_recent recent;
static struct mf_user user;
static struct mf_view view;

/* As mf_table_open() hands them out. */
static int blank(void **state)
{
    (void)state;
    memset(&recent, 0, sizeof recent);
    memset(&user, 0, sizeof user);
    recent.base = NOW - MF_DAY;
    recent.run.start = recent.run.last = MF_TIME_NONE;
    user.first_seen = user.last_seen = MF_TIME_NONE;
    user.recent = &recent;
    return 0;
}

/* ---- small events ---- */

static struct mf_event event_at(mf_time time, enum mf_kind kind)
{
    return (struct mf_event){
        .kind = kind,
        .factor = MF_FACTOR_PUSH,
        .prompts = kind == MF_MFA_CHALLENGE,
        .time = time,
        .arrival = MF_TIME_NONE,
        .idp = mf_slice_of("okta"),
        .type = mf_slice_of(kind == MF_MFA_CHALLENGE ? "send" : "verify"),
    };
}

static struct mf_sighting observe(const struct mf_event *event, const struct mf_place *place)
{
    struct mf_source_values source = mf_source_values(event);
    struct mf_sighting sighting;

    mf_user_observe(&user, event, &source, place, &conf, &sighting);
    return sighting;
}

static struct mf_sighting happens(mf_time time, enum mf_kind kind)
{
    struct mf_event event = event_at(time, kind);

    return observe(&event, &nowhere);
}

static struct mf_sighting happens_with(mf_time time, enum mf_kind kind, enum mf_factor factor, const char *ticket)
{
    struct mf_event event = event_at(time, kind);

    event.factor = factor;
    event.transaction = mf_slice_of(ticket);
    return observe(&event, &nowhere);
}

static const struct mf_view *as_of(mf_time now)
{
    mf_user_view(&recent, now, &conf, &view);
    return &view;
}

static enum mf_outcome outcome_of_attempt(unsigned i, mf_time now)
{
    assert_true(i < as_of(now)->n);
    return view.attempt[i].outcome;
}

static struct mf_totals totals_at(mf_time now)
{
    return mf_run_totals(&recent.run, as_of(now));
}

static unsigned unanswered_at(mf_time now)
{
    unsigned n = 0;

    for (unsigned i = 0; i < as_of(now)->n; i++)
        n += mf_outcome_is_unanswered(view.attempt[i].outcome);
    return n;
}

/* ---- kinds ---- */

static void prompts_outcomes_and_factor_changes_are_judged(void **state)
{
    unsigned judged = 0;

    (void)state;
    for (unsigned kind = 0; kind < MF_N_KINDS; kind++)
        judged += mf_kind_is_judged((enum mf_kind)kind);
    assert_int_equal(judged, 10);
    for (unsigned kind = MF_MFA_CHALLENGE; kind <= MF_MFA_FRAUD; kind++)
        assert_true(mf_kind_is_judged((enum mf_kind)kind));
    for (unsigned kind = MF_FACTOR_ENROLLED; kind <= MF_FACTOR_RESET; kind++)
        assert_true(mf_kind_is_judged((enum mf_kind)kind));
}

static void what_is_not_judged_leaves_only_its_time(void **state)
{
    struct mf_sighting sighting = happens(NOW, MF_LOGIN_FAILURE);

    (void)state;
    assert_false(sighting.judged);
    assert_int_equal(sighting.time, NOW);
    assert_int_equal(user.first_seen, NOW);
    assert_int_equal(user.last_seen, NOW);
    assert_int_equal(recent.n_attempts, 0);
    assert_int_equal(recent.run.start, MF_TIME_NONE);
}

static void first_and_last_sight_hold_for_late_records_too(void **state)
{
    (void)state;
    happens(NOW, MF_SESSION_START);
    happens(NOW - MF_MINUTE, MF_SESSION_START);
    happens(NOW + MF_MINUTE, MF_SESSION_START);
    happens(NOW, MF_SESSION_START);
    assert_int_equal(user.first_seen, NOW - MF_MINUTE);
    assert_int_equal(user.last_seen, NOW + MF_MINUTE);
}

static void a_factor_change_starts_a_run_and_is_no_attempt(void **state)
{
    (void)state;
    assert_true(happens(NOW, MF_FACTOR_ENROLLED).judged);
    assert_int_equal(recent.n_attempts, 0);
    assert_int_equal(recent.run.start, NOW);
}

static void refusals_and_silence_are_told_apart(void **state)
{
    (void)state;
    assert_true(mf_outcome_is_refusal(MF_REFUSED));
    assert_true(mf_outcome_is_refusal(MF_FRAUD));
    assert_true(mf_outcome_is_unanswered(MF_TIMEOUT));
    assert_true(mf_outcome_is_unanswered(MF_SUPERSEDED));
    for (unsigned outcome = MF_OPEN; outcome <= MF_SUPERSEDED; outcome++) {
        assert_int_equal(mf_outcome_is_refusal(outcome), outcome == MF_REFUSED || outcome == MF_FRAUD);
        assert_int_equal(mf_outcome_is_unanswered(outcome), outcome == MF_TIMEOUT || outcome == MF_SUPERSEDED);
    }
}

/* ---- prompts ---- */

static void a_prompt_is_open(void **state)
{
    (void)state;
    assert_true(happens(NOW, MF_MFA_CHALLENGE).judged);
    assert_int_equal(as_of(NOW)->n, 1);
    assert_int_equal(view.attempt[0].time, NOW);
    assert_int_equal(view.attempt[0].settled, MF_TIME_NONE);
    assert_int_equal(view.attempt[0].outcome, MF_OPEN);
    assert_int_equal(view.attempt[0].factor, MF_FACTOR_PUSH);
    assert_int_equal(view.attempt[0].flags, MF_ATTEMPT_PROMPT);
}

static void a_challenge_that_nobody_saw_is_no_prompt(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_CHALLENGE);

    (void)state;
    event.prompts = 0;
    observe(&event, &nowhere);
    assert_int_equal(totals_at(NOW).prompts, 0);
    assert_int_equal(view.n, 1);
}

static void several_devices_within_2_s_are_one_prompt(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_true(happens(NOW + 2000, MF_MFA_CHALLENGE).repeat);
    assert_false(happens(NOW + 2001, MF_MFA_CHALLENGE).repeat);
    assert_int_equal(totals_at(NOW + MF_MINUTE).prompts, 2);
}

static void a_late_device_is_the_same_prompt_too(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_true(happens(NOW - 2000, MF_MFA_CHALLENGE).repeat);
    assert_false(happens(NOW - 2001, MF_MFA_CHALLENGE).repeat);
}

static void another_factor_is_another_prompt(void **state)
{
    (void)state;
    happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, NULL);
    assert_false(happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_SMS, NULL).repeat);
    assert_int_equal(totals_at(NOW).prompts, 2);
}

static void flags_say_where_a_prompt_came_from(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_CHALLENGE);

    (void)state;
    observe(&event, &abroad);
    event.time += MF_MINUTE;
    observe(&event, &at_home);
    event.time += MF_MINUTE;
    observe(&event, &other_operator);
    assert_int_equal(as_of(NOW + 2 * MF_MINUTE)->attempt[0].flags,
                     MF_ATTEMPT_PROMPT | MF_ATTEMPT_UNFAMILIAR | MF_ATTEMPT_ABROAD);
    assert_int_equal(view.attempt[1].flags, MF_ATTEMPT_PROMPT | MF_ATTEMPT_FAMILIAR);
    assert_int_equal(view.attempt[2].flags, MF_ATTEMPT_PROMPT | MF_ATTEMPT_UNFAMILIAR | MF_ATTEMPT_OTHER_OPERATOR);
}

/* ---- outcomes ---- */

static void each_kind_of_outcome_settles_its_prompt(void **state)
{
    static const struct {
        enum mf_kind kind;
        enum mf_outcome outcome;
    } pairs[] = {
        {MF_MFA_SUCCESS, MF_APPROVED}, {MF_MFA_DENIED, MF_REFUSED}, {MF_MFA_FRAUD, MF_FRAUD},
        {MF_MFA_TIMEOUT, MF_TIMEOUT},  {MF_MFA_FAILED, MF_FAILED},  {MF_MFA_CANCELLED, MF_CANCELLED},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        blank(state);
        happens(NOW, MF_MFA_CHALLENGE);
        struct mf_sighting sighting = happens(NOW + 7000, pairs[i].kind);
        assert_int_equal(sighting.time, NOW + 7000);
        assert_int_equal(sighting.approval, pairs[i].kind == MF_MFA_SUCCESS);
        assert_int_equal(as_of(NOW + 7000)->n, 1);
        assert_int_equal(view.attempt[0].outcome, pairs[i].outcome);
        assert_int_equal(view.attempt[0].time, NOW);
        assert_int_equal(view.attempt[0].settled, NOW + 7000);
        assert_true(view.attempt[0].flags & MF_ATTEMPT_PROMPT);
    }
}

static void an_outcome_alone_is_an_attempt(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_DENIED);

    (void)state;
    happens(NOW - MF_MINUTE, MF_MFA_DENIED);
    event.prompts = 1; /* Duo and Entra: the outcome proves the prompt */
    observe(&event, &nowhere);
    assert_int_equal(totals_at(NOW).denied, 2);
    assert_int_equal(totals_at(NOW).prompts, 1);
}

static void the_ticket_says_which_prompt_it_was(void **state)
{
    (void)state;
    happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "a");
    happens_with(NOW + 10000, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "b");
    happens_with(NOW + 20000, MF_MFA_DENIED, MF_FACTOR_PUSH, "a");
    assert_int_equal(outcome_of_attempt(0, NOW + 20000), MF_REFUSED);
    assert_int_equal(outcome_of_attempt(1, NOW + 20000), MF_OPEN);
}

static void a_correlation_counts_before_a_transaction(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_CHALLENGE);

    (void)state;
    event.correlation = mf_slice_of("same");
    event.transaction = mf_slice_of("one");
    observe(&event, &nowhere);
    happens_with(NOW + 5000, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "two");
    event = event_at(NOW + 9000, MF_MFA_DENIED);
    event.correlation = mf_slice_of("same");
    event.transaction = mf_slice_of("two");
    observe(&event, &nowhere);
    assert_int_equal(outcome_of_attempt(0, NOW + 9000), MF_REFUSED);
}

static void without_a_ticket_the_latest_open_prompt_is_answered(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 10000, MF_MFA_CHALLENGE);
    happens(NOW + 20000, MF_MFA_DENIED);
    assert_int_equal(outcome_of_attempt(0, NOW + 20000), MF_OPEN);
    assert_int_equal(outcome_of_attempt(1, NOW + 20000), MF_REFUSED);
    happens(NOW + 40000, MF_MFA_DENIED);
    assert_int_equal(outcome_of_attempt(0, NOW + 40000), MF_REFUSED);
}

static void an_outcome_that_proves_its_own_prompt_answers_no_other(void **state)
{
    struct mf_event event = event_at(NOW + 20000, MF_MFA_DENIED);

    (void)state;
    happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "a");
    event.prompts = 1;
    event.transaction = mf_slice_of("b");
    observe(&event, &nowhere);
    assert_int_equal(totals_at(NOW + 20000).prompts, 2);
    assert_int_equal(outcome_of_attempt(0, NOW + 20000), MF_OPEN);
    event.transaction = mf_slice_of("a");
    event.time += 20000;
    observe(&event, &nowhere);
    assert_int_equal(totals_at(NOW + 40000).prompts, 2);
    assert_int_equal(outcome_of_attempt(0, NOW + 40000), MF_REFUSED);
}

/* CEF of products that log the sending as well as the outcome, and no id of the login. */
static void where_there_are_no_tickets_it_answers_the_open_one(void **state)
{
    struct mf_event event = event_at(NOW + 20000, MF_MFA_DENIED);

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        happens(NOW + i * MF_MINUTE, MF_MFA_CHALLENGE);
        event.prompts = 1;
        event.time = NOW + i * MF_MINUTE + 20 * MF_SECOND;
        observe(&event, &nowhere);
        assert_int_equal(totals_at(event.time).prompts, i + 1);
        assert_int_equal(totals_at(event.time).denied, i + 1);
    }
    event.time += MF_MINUTE; /* none is open: this one proves its own */
    observe(&event, &nowhere);
    assert_int_equal(totals_at(event.time).prompts, 4);
}

static bool answers(enum mf_factor prompt, enum mf_factor outcome)
{
    void *state = NULL;

    blank(&state);
    happens_with(NOW, MF_MFA_CHALLENGE, prompt, "t");
    happens_with(NOW + 9000, MF_MFA_FAILED, outcome, "t");
    return as_of(NOW + 9000)->n == 1;
}

static void an_outcome_answers_a_prompt_of_its_factor(void **state)
{
    (void)state;
    assert_true(answers(MF_FACTOR_PUSH, MF_FACTOR_PUSH));
    assert_true(answers(MF_FACTOR_PUSH, MF_FACTOR_VERIFIED_PUSH));
    assert_true(answers(MF_FACTOR_VERIFIED_PUSH, MF_FACTOR_PUSH));
    assert_true(answers(MF_FACTOR_SMS, MF_FACTOR_OTP));
    assert_true(answers(MF_FACTOR_VOICE, MF_FACTOR_OTP));
    assert_true(answers(MF_FACTOR_EMAIL, MF_FACTOR_OTP));
    assert_true(answers(MF_FACTOR_PUSH, MF_FACTOR_UNKNOWN));
    assert_true(answers(MF_FACTOR_PUSH, MF_FACTOR_OTHER));
    assert_true(answers(MF_FACTOR_UNKNOWN, MF_FACTOR_TOTP));
    assert_false(answers(MF_FACTOR_PUSH, MF_FACTOR_TOTP));
    assert_false(answers(MF_FACTOR_PUSH, MF_FACTOR_SMS));
    assert_false(answers(MF_FACTOR_SMS, MF_FACTOR_PUSH));
    assert_false(answers(MF_FACTOR_SMS, MF_FACTOR_TOTP));
}

static void an_expired_prompt_is_not_answered_any_more(void **state)
{
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + EXPIRY, MF_MFA_DENIED);
    assert_int_equal(as_of(NOW + EXPIRY)->n, 1);
    blank(state);
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + EXPIRY + 1, MF_MFA_DENIED);
    assert_int_equal(as_of(NOW + EXPIRY + 1)->n, 2);
    assert_int_equal(view.attempt[0].outcome, MF_TIMEOUT);
    assert_int_equal(view.attempt[1].outcome, MF_REFUSED);
}

static void an_answer_does_not_come_before_its_prompt(void **state)
{
    /* clocks of two services differ a little */
    happens(NOW, MF_MFA_CHALLENGE);
    struct mf_sighting sighting = happens(NOW - 2000, MF_MFA_DENIED);
    assert_int_equal(as_of(NOW)->n, 1);
    assert_int_equal(sighting.time, NOW);
    blank(state);
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW - 2001, MF_MFA_DENIED);
    assert_int_equal(as_of(NOW)->n, 2);
}

/* ---- one outcome told twice ---- */

static struct mf_sighting refusal(mf_time time, const char *idp, const char *type, const char *ticket)
{
    struct mf_event event = event_at(time, MF_MFA_DENIED);

    event.idp = mf_slice_of(idp);
    event.type = mf_slice_of(type);
    event.transaction = mf_slice_of(ticket);
    return observe(&event, &nowhere);
}

static void a_refusal_told_by_two_types_counts_once(void **state)
{
    refusal(NOW, "okta", "user.mfa.okta_verify.deny_push", "a");
    assert_true(refusal(NOW + 10000, "okta", "user.authentication.auth_via_mfa", "b").repeat);
    assert_int_equal(totals_at(NOW + 10000).denied, 1);
    blank(state);
    refusal(NOW, "okta", "user.mfa.okta_verify.deny_push", "a");
    assert_false(refusal(NOW + 10001, "okta", "user.authentication.auth_via_mfa", "b").repeat);
    assert_int_equal(totals_at(NOW + 10001).denied, 2);
}

static void the_second_telling_may_come_first(void **state)
{
    (void)state;
    refusal(NOW, "okta", "user.mfa.okta_verify.deny_push", "a");
    assert_true(refusal(NOW - 10000, "okta", "user.authentication.auth_via_mfa", "b").repeat);
}

static void refusals_of_one_type_are_as_many_as_there_are(void **state)
{
    (void)state;
    refusal(NOW, "okta", "user.mfa.okta_verify.deny_push", "a");
    assert_false(refusal(NOW + 1000, "okta", "user.mfa.okta_verify.deny_push", "b").repeat);
    assert_int_equal(totals_at(NOW + 1000).denied, 2);
}

static void another_provider_tells_of_another_prompt(void **state)
{
    (void)state;
    refusal(NOW, "okta", "user.mfa.okta_verify.deny_push", "a");
    assert_false(refusal(NOW + 1000, "duo", "authentication", "b").repeat);
    assert_int_equal(totals_at(NOW + 1000).denied, 2);
}

static void a_report_is_about_the_prompt_that_was_refused(void **state)
{
    (void)state;
    happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "a");
    happens_with(NOW + 10000, MF_MFA_DENIED, MF_FACTOR_PUSH, "a");
    happens_with(NOW + 60000, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "b");
    happens_with(NOW + 70000, MF_MFA_DENIED, MF_FACTOR_PUSH, "b");
    assert_false(happens_with(NOW + 2 * MF_MINUTE, MF_MFA_FRAUD, MF_FACTOR_UNKNOWN, "a").repeat);
    assert_int_equal(outcome_of_attempt(0, NOW + 2 * MF_MINUTE), MF_FRAUD);
    assert_int_equal(outcome_of_attempt(1, NOW + 2 * MF_MINUTE), MF_REFUSED);
    assert_int_equal(totals_at(NOW + 2 * MF_MINUTE).denied, 2);
}

static void a_report_that_names_no_prompt_is_about_the_latest_refused(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_DENIED);
    happens(NOW + MF_MINUTE, MF_MFA_DENIED);
    happens(NOW + 2 * MF_MINUTE, MF_MFA_FRAUD);
    assert_int_equal(outcome_of_attempt(0, NOW + 2 * MF_MINUTE), MF_REFUSED);
    assert_int_equal(outcome_of_attempt(1, NOW + 2 * MF_MINUTE), MF_FRAUD);
    happens(NOW + 3 * MF_MINUTE, MF_MFA_FRAUD);
    assert_int_equal(outcome_of_attempt(0, NOW + 3 * MF_MINUTE), MF_FRAUD);
    assert_true(happens(NOW + 4 * MF_MINUTE, MF_MFA_FRAUD).repeat);
    assert_int_equal(totals_at(NOW + 4 * MF_MINUTE).denied, 2);
}

static void a_report_long_after_or_of_a_prompt_of_its_own_counts(void **state)
{
    struct mf_event own = event_at(NOW + 20000, MF_MFA_FRAUD);

    (void)state;
    own.prompts = 1;
    happens(NOW, MF_MFA_DENIED);
    observe(&own, &nowhere);
    assert_int_equal(totals_at(NOW + MF_MINUTE).denied, 2);
    happens(NOW + 20000 + conf.prompt_ttl + MF_EXPIRY_SLACK + 1, MF_MFA_FRAUD);
    assert_int_equal(totals_at(NOW + 10 * MF_MINUTE).denied, 3);
}

static void a_ticket_settled_twice_in_2_s_counts_once(void **state)
{
    refusal(NOW, "entra", "SignInLogs", "t");
    assert_true(refusal(NOW + 2000, "entra", "SignInLogs", "t").repeat);
    blank(state);
    refusal(NOW, "entra", "SignInLogs", "t");
    assert_false(refusal(NOW + 2001, "entra", "SignInLogs", "t").repeat);
    blank(state);
    refusal(NOW, "entra", "SignInLogs", NULL);
    assert_false(refusal(NOW + 1000, "entra", "SignInLogs", NULL).repeat);
}

static void another_answer_is_no_repeat(void **state)
{
    struct mf_event event = event_at(NOW + 1000, MF_MFA_FAILED);

    (void)state;
    refusal(NOW, "okta", "one", "t");
    event.type = mf_slice_of("two");
    event.transaction = mf_slice_of("t");
    assert_false(observe(&event, &nowhere).repeat);
}

/* ---- approvals ---- */

static void an_approval_supersedes_what_waits(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 10000, MF_MFA_CHALLENGE);
    happens(NOW + 20000, MF_MFA_CHALLENGE);
    assert_true(happens(NOW + 30000, MF_MFA_SUCCESS).approval);
    assert_int_equal(outcome_of_attempt(0, NOW + 30000), MF_SUPERSEDED);
    assert_int_equal(outcome_of_attempt(1, NOW + 30000), MF_SUPERSEDED);
    assert_int_equal(outcome_of_attempt(2, NOW + 30000), MF_APPROVED);
    assert_int_equal(view.attempt[0].settled, NOW + 30000);
    /* unanswered, not timed out; now and for ever */
    assert_int_equal(totals_at(NOW + MF_HOUR).timeouts, 0);
    assert_int_equal(unanswered_at(NOW + MF_HOUR), 2);
}

static void what_had_expired_is_not_superseded(void **state)
{
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + MF_MINUTE, MF_MFA_CHALLENGE);
    happens(NOW + EXPIRY, MF_MFA_SUCCESS);
    assert_int_equal(outcome_of_attempt(0, NOW + EXPIRY), MF_TIMEOUT);
    blank(state);
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + MF_MINUTE, MF_MFA_CHALLENGE);
    happens(NOW + EXPIRY - 1, MF_MFA_SUCCESS);
    assert_int_equal(outcome_of_attempt(0, NOW + EXPIRY), MF_SUPERSEDED);
}

static void a_prompt_after_an_approval_is_open(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 30000, MF_MFA_CHALLENGE);
    happens_with(NOW + 10000, MF_MFA_SUCCESS, MF_FACTOR_PUSH, NULL); /* late */
    assert_int_equal(outcome_of_attempt(0, NOW + 30000), MF_APPROVED);
    assert_int_equal(outcome_of_attempt(1, NOW + 30000), MF_OPEN);
}

/* One prompt has one outcome: the record that says how a superseded prompt ended tells of that prompt, not of
 * another one. */
static void the_outcome_of_a_superseded_prompt_is_not_another_attempt(void **state)
{
    (void)state;
    happens_with(NOW, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "a");
    happens_with(NOW + 10000, MF_MFA_CHALLENGE, MF_FACTOR_PUSH, "b");
    happens_with(NOW + 20000, MF_MFA_SUCCESS, MF_FACTOR_PUSH, "b");
    happens_with(NOW + 5 * MF_MINUTE, MF_MFA_TIMEOUT, MF_FACTOR_PUSH, "a");
    assert_int_equal(unanswered_at(NOW + 5 * MF_MINUTE), 1);
}

static void a_security_key_approves_no_prompt(void **state)
{
    static const enum mf_factor answer_nothing[] = {MF_FACTOR_WEBAUTHN, MF_FACTOR_FASTPASS, MF_FACTOR_PASSWORD,
                                                    MF_FACTOR_BYPASS, MF_FACTOR_NONE};

    for (size_t i = 0; i < sizeof answer_nothing / sizeof answer_nothing[0]; i++) {
        blank(state);
        happens(NOW, MF_MFA_CHALLENGE);
        assert_false(happens_with(NOW + 5000, MF_MFA_SUCCESS, answer_nothing[i], NULL).approval);
        assert_int_equal(outcome_of_attempt(0, NOW + 5000), MF_OPEN);
        assert_int_equal(view.n, 1);
    }
    blank(state);
    assert_true(happens_with(NOW, MF_MFA_SUCCESS, MF_FACTOR_TOTP, NULL).approval);
    assert_true(happens_with(NOW + 5000, MF_MFA_SUCCESS, MF_FACTOR_UNKNOWN, NULL).approval);
}

/* May the attack own the approval? */
static bool prompt_and_approve(mf_time time, const struct mf_place *place)
{
    struct mf_event prompt = event_at(time, MF_MFA_CHALLENGE), approval = event_at(time + 5000, MF_MFA_SUCCESS);

    observe(&prompt, place);
    assert_true(observe(&approval, &nowhere).approval);
    assert_false(mf_run_approved_since(&recent.run, as_of(time + 5000), time + 5001));
    return mf_run_approved_since(&recent.run, as_of(time + 5000), time + 5000);
}

static void the_own_login_amid_foreign_prompts_is_told(void **state)
{
    struct mf_event foreign = event_at(NOW, MF_MFA_CHALLENGE);

    observe(&foreign, &abroad);
    assert_false(prompt_and_approve(NOW + MF_MINUTE, &at_home));
    /* without others there is nothing to tell it from */
    blank(state);
    assert_true(prompt_and_approve(NOW, &at_home));
    /* and the attacker's own is not */
    blank(state);
    observe(&foreign, &abroad);
    assert_true(prompt_and_approve(NOW + MF_MINUTE, &abroad));
    blank(state);
    observe(&foreign, &abroad);
    assert_true(prompt_and_approve(NOW + MF_MINUTE, &nowhere));
}

static void foreign_prompts_of_an_earlier_run_do_not_count(void **state)
{
    struct mf_event foreign = event_at(NOW, MF_MFA_CHALLENGE);

    (void)state;
    observe(&foreign, &abroad);
    assert_true(prompt_and_approve(NOW + MF_HOUR, &at_home));
}

/* The address in an answer may be the phone's: it says nothing of where the login came from. */
static void an_answers_address_is_not_the_logins(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_DENIED);

    (void)state;
    event.answer_source = true;
    observe(&event, &abroad);
    assert_int_equal(as_of(NOW)->n, 1);
    assert_int_equal(view.attempt[0].flags, 0);
    event.time += MF_MINUTE;
    event.answer_source = false;
    observe(&event, &abroad);
    assert_int_equal(as_of(NOW + MF_MINUTE)->attempt[1].flags, MF_ATTEMPT_UNFAMILIAR | MF_ATTEMPT_ABROAD);
}

/* ---- as of a moment ---- */

static void a_view_leaves_out_what_lies_ahead(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + MF_MINUTE, MF_MFA_DENIED);
    happens(NOW + 2 * MF_MINUTE, MF_MFA_CHALLENGE);
    assert_int_equal(as_of(NOW - 1)->n, 0);
    assert_int_equal(outcome_of_attempt(0, NOW + MF_MINUTE - 1), MF_OPEN);
    assert_int_equal(outcome_of_attempt(0, NOW + MF_MINUTE), MF_REFUSED);
    assert_int_equal(as_of(NOW + 2 * MF_MINUTE - 1)->n, 1);
    assert_int_equal(as_of(NOW + 2 * MF_MINUTE)->n, 2);
}

static void an_open_prompt_times_out_when_looked_at(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_int_equal(outcome_of_attempt(0, NOW + EXPIRY - 1), MF_OPEN);
    assert_int_equal(outcome_of_attempt(0, NOW + EXPIRY), MF_TIMEOUT);
    assert_int_equal(view.attempt[0].settled, NOW + EXPIRY);
    assert_int_equal(totals_at(NOW + EXPIRY).timeouts, 1);
    assert_int_equal(totals_at(NOW + EXPIRY - 1).timeouts, 0);
}

static void a_late_outcome_corrects_a_timeout(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_int_equal(outcome_of_attempt(0, NOW + MF_HOUR), MF_TIMEOUT);
    happens(NOW + MF_MINUTE, MF_MFA_DENIED);
    assert_int_equal(outcome_of_attempt(0, NOW + MF_HOUR), MF_REFUSED);
    assert_int_equal(totals_at(NOW + MF_HOUR).timeouts, 0);
}

static void a_late_prompt_is_put_in_its_place(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 2 * MF_MINUTE, MF_MFA_CHALLENGE);
    happens(NOW + MF_MINUTE, MF_MFA_CHALLENGE);
    assert_int_equal(as_of(NOW + MF_HOUR)->n, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(view.attempt[i].time, NOW + i * MF_MINUTE);
}

/* ---- runs ---- */

static void a_run_ends_after_a_gap_of_30_minutes(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    recent.run.finding[0].points = 35;
    happens(NOW + MF_RUN_GAP - 1, MF_MFA_CHALLENGE);
    assert_int_equal(recent.run.start, NOW);
    assert_int_equal(recent.run.last, NOW + MF_RUN_GAP - 1);
    assert_int_equal(recent.run.finding[0].points, 35);
    happens(NOW + 2 * MF_RUN_GAP - 1, MF_MFA_CHALLENGE);
    assert_int_equal(recent.run.start, NOW + 2 * MF_RUN_GAP - 1);
    assert_int_equal(recent.run.finding[0].points, 0);
}

static void what_is_not_judged_does_not_keep_a_run_alive(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 20 * MF_MINUTE, MF_LOGIN_FAILURE);
    happens(NOW + 40 * MF_MINUTE, MF_MFA_CHALLENGE);
    assert_int_equal(recent.run.start, NOW + 40 * MF_MINUTE);
}

static void a_late_record_belongs_to_the_run(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW - 20 * MF_MINUTE, MF_MFA_CHALLENGE);
    assert_int_equal(recent.run.start, NOW - 20 * MF_MINUTE);
    assert_int_equal(recent.run.last, NOW);
    assert_int_equal(totals_at(NOW).prompts, 2);
}

static void totals_are_those_of_the_run(void **state)
{
    struct mf_totals totals;

    (void)state;
    happens(NOW - 2 * MF_HOUR, MF_MFA_DENIED);
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 10000, MF_MFA_DENIED);
    happens(NOW + 20000, MF_MFA_CHALLENGE);
    happens(NOW + 30000, MF_MFA_TIMEOUT);
    happens(NOW + 40000, MF_MFA_FAILED);
    happens(NOW + 50000, MF_MFA_FRAUD); /* of the one refused */
    happens(NOW + 60000, MF_MFA_SUCCESS);
    happens(NOW + 70000, MF_MFA_CANCELLED);
    totals = totals_at(NOW + MF_MINUTE + 10000);
    assert_int_equal(totals.prompts, 2);
    assert_int_equal(totals.denied, 1);
    assert_int_equal(totals.timeouts, 1);
    assert_int_equal(totals.failed, 1);
    assert_int_equal(totals.approved, 1);
}

static void totals_outlive_the_ring(void **state)
{
    unsigned n = 5 * MF_ATTEMPTS_MAX;
    struct mf_totals totals;

    (void)state;
    for (unsigned i = 0; i < n; i++) {
        happens(NOW + i * 20000, MF_MFA_CHALLENGE);
        if (i % 2 == 0)
            happens(NOW + i * 20000 + 5000, MF_MFA_DENIED);
    }
    assert_int_equal(recent.n_attempts, MF_ATTEMPTS_MAX);
    totals = totals_at(NOW + n * 20000 + MF_HOUR);
    assert_int_equal(totals.prompts, n);
    assert_int_equal(totals.denied, n / 2);
    assert_int_equal(totals.timeouts, n / 2);
}

static void a_full_ring_takes_a_late_record_in_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MF_ATTEMPTS_MAX; i++)
        happens(NOW + i * MF_MINUTE, MF_MFA_CHALLENGE);
    happens(NOW + 90000, MF_MFA_CHALLENGE);
    happens(NOW - MF_MINUTE, MF_MFA_CHALLENGE);
    assert_int_equal(as_of(NOW + MF_DAY)->n, MF_ATTEMPTS_MAX);
    for (unsigned i = 1; i < view.n; i++)
        assert_true(view.attempt[i - 1].time < view.attempt[i].time);
    assert_int_equal(totals_at(NOW + MF_DAY).prompts, MF_ATTEMPTS_MAX + 2);
}

static void an_account_that_never_rests_keeps_its_times(void **state)
{
    mf_time time = NOW;

    (void)state;
    /* a year, more than 32 bits of milliseconds many times over */
    for (unsigned i = 0; i < 365 * 2; i++, time += 12 * MF_HOUR) {
        happens(time, MF_MFA_CHALLENGE);
        happens(time + 5000, MF_MFA_DENIED);
        as_of(time + 5000);
        assert_int_equal(view.attempt[view.n - 1].time, time);
        assert_int_equal(view.attempt[view.n - 1].settled, time + 5000);
        assert_int_equal(view.attempt[view.n - 1].outcome, MF_REFUSED);
        if (view.n > 1)
            assert_int_equal(view.attempt[view.n - 2].time, time - 12 * MF_HOUR);
        assert_true(view.attempt[0].time >= time - 2 * MF_DAY - 5000);
    }
}

static void an_account_that_rested_for_months_starts_anew(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    happens(NOW + 200 * MF_DAY, MF_MFA_CHALLENGE);
    assert_int_equal(as_of(NOW + 200 * MF_DAY)->n, 1);
    assert_int_equal(view.attempt[0].time, NOW + 200 * MF_DAY);
}

static void a_record_from_before_the_base_keeps_its_time(void **state)
{
    (void)state;
    /* the recent part was borrowed by a record of another, faster feed */
    happens(NOW - 3 * MF_DAY, MF_MFA_CHALLENGE);
    assert_int_equal(as_of(NOW)->attempt[0].time, NOW - 3 * MF_DAY);
}

/* ---- evidence ---- */

static void evidence_is_the_last_ten_ids(void **state)
{
    struct mf_event event;
    char id[32];

    (void)state;
    for (int i = 0; i < MF_EVIDENCE_MAX + 2; i++) {
        snprintf(id, sizeof id, "id-%d", i);
        event = event_at(NOW + i * 5000, MF_MFA_CHALLENGE);
        event.id = mf_slice_of(id);
        observe(&event, &nowhere);
    }
    assert_string_equal(recent.evidence[0].id, "id-10");
    assert_string_equal(recent.evidence[1].id, "id-11");
    assert_string_equal(recent.evidence[2].id, "id-2");
    assert_string_equal(recent.evidence[9].id, "id-9");
    assert_int_equal(recent.evidence[9].time, NOW + 9 * 5000);
    assert_int_equal(recent.next_evidence, 2);
}

static void a_record_without_an_id_is_no_evidence(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_int_equal(recent.next_evidence, 0);
    assert_string_equal(recent.evidence[0].id, "");
}

static void a_long_id_is_cut_between_characters(void **state)
{
    struct mf_event event = event_at(NOW, MF_MFA_CHALLENGE);
    char id[MF_EVIDENCE_TEXT + 8];

    (void)state;
    memset(id, 'x', sizeof id);
    event.id = (struct mf_slice){id, MF_EVIDENCE_TEXT - 1};
    observe(&event, &nowhere);
    assert_int_equal(strlen(recent.evidence[0].id), MF_EVIDENCE_TEXT - 1);
    /* bytes 61 to 63 are one character: 63 of them would cut it */
    memcpy(id + 61, "\xe2\x82\xac", 3);
    event.id.length = sizeof id;
    event.time += MF_MINUTE;
    observe(&event, &nowhere);
    assert_int_equal(strlen(recent.evidence[1].id), 61);
}

/* ---- places ---- */

static const struct mf_source_values home = {.country = 1, .asn = 10, .network = 100};
static const struct mf_place tenant_says = {.familiarity = MF_UNFAMILIAR, .new_asn = true};

/* seen `age` ago for the first time, accepted at home `accepted` ago */
static void live_for(mf_time age, mf_time accepted)
{
    void *state = NULL;

    blank(&state);
    user.first_seen = NOW - age;
    mf_user_learn(&user, &home, NOW - accepted);
}

static struct mf_place compare(struct mf_source_values source)
{
    return mf_user_place(&user, &source, NOW, &tenant_says);
}

static void the_tenant_answers_for_a_new_user(void **state)
{
    (void)state;
    live_for(7 * MF_DAY - 1, 2 * MF_DAY);
    assert_true(compare(home).by_tenant);
    assert_int_equal(compare(home).familiarity, MF_UNFAMILIAR);
    assert_true(compare(home).new_asn);
    live_for(7 * MF_DAY, 2 * MF_DAY);
    assert_false(compare(home).by_tenant);
    assert_int_equal(compare(home).familiarity, MF_FAMILIAR);
}

static void a_user_who_was_never_accepted_has_no_history(void **state)
{
    blank(state);
    user.first_seen = NOW - 100 * MF_DAY;
    assert_true(compare(home).by_tenant);
}

static void a_place_is_known_a_day_after_its_first_use(void **state)
{
    (void)state;
    live_for(8 * MF_DAY, MF_DAY - MF_HOUR);
    assert_int_equal(compare(home).familiarity, MF_UNFAMILIAR);
    live_for(8 * MF_DAY, MF_DAY);
    assert_int_equal(compare(home).familiarity, MF_FAMILIAR);
}

static void each_part_of_a_place_may_be_new(void **state)
{
    struct mf_place place;

    (void)state;
    live_for(8 * MF_DAY, 2 * MF_DAY);
    place = compare((struct mf_source_values){2, 11, 101});
    assert_true(place.new_country && place.new_asn && place.new_network);
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    place = compare((struct mf_source_values){2, 10, 100});
    assert_true(place.new_country && !place.new_asn && !place.new_network);
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    place = compare((struct mf_source_values){1, 11, 101});
    assert_int_equal(place.familiarity, MF_UNFAMILIAR);
    /* country, and ASN or network */
    place = compare((struct mf_source_values){1, 10, 101});
    assert_true(place.new_network);
    assert_int_equal(place.familiarity, MF_FAMILIAR);
    place = compare((struct mf_source_values){1, 11, 100});
    assert_true(place.new_asn);
    assert_int_equal(place.familiarity, MF_FAMILIAR);
}

static void what_a_source_does_not_say_is_not_new(void **state)
{
    (void)state;
    live_for(8 * MF_DAY, 2 * MF_DAY);
    assert_int_equal(compare((struct mf_source_values){0, 0, 0}).familiarity, MF_FAMILIARITY_UNKNOWN);
    assert_int_equal(compare((struct mf_source_values){0, 10, 0}).familiarity, MF_FAMILIAR);
    assert_int_equal(compare((struct mf_source_values){0, 0, 100}).familiarity, MF_FAMILIAR);
    assert_false(compare((struct mf_source_values){0, 0, 100}).new_country);
}

static void unlearning_takes_back_what_began_since(void **state)
{
    (void)state;
    live_for(8 * MF_DAY, 2 * MF_DAY);
    mf_user_learn(&user, &(struct mf_source_values){2, 20, 200}, NOW - MF_HOUR);
    mf_user_unlearn(&user, NOW - MF_HOUR);
    assert_true(mf_known_has(user.country, MF_KNOWN_COUNTRIES, 1, NOW, 0));
    assert_true(mf_known_has(user.asn, MF_KNOWN_ASNS, 10, NOW, 0));
    assert_true(mf_known_has(user.network, MF_KNOWN_NETWORKS, 100, NOW, 0));
    assert_false(mf_known_has(user.country, MF_KNOWN_COUNTRIES, 2, NOW, 0));
    assert_false(mf_known_has(user.asn, MF_KNOWN_ASNS, 20, NOW, 0));
    assert_false(mf_known_has(user.network, MF_KNOWN_NETWORKS, 200, NOW, 0));
}

/* ---- any order ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Whatever comes: the ring stays in order, no outcome before its prompt, nothing from outside the ring. */
static void the_ring_is_sound_whatever_comes(void **state)
{
    uint32_t seed = 20260302;
    mf_time time = NOW;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        struct mf_event event = event_at(time, (enum mf_kind)(next_random(&seed) % MF_N_KINDS));
        char ticket[8];
        event.factor = (enum mf_factor)(next_random(&seed) % MF_N_FACTORS);
        event.prompts = next_random(&seed) % 2;
        event.time = time - (mf_time)(next_random(&seed) % (next_random(&seed) % 8 == 0 ? 2 * MF_DAY : 20 * MF_MINUTE));
        snprintf(ticket, sizeof ticket, "%u", (unsigned)(next_random(&seed) % 50));
        event.transaction = mf_slice_of(ticket);
        event.type = mf_slice_of(ticket);
        observe(&event, next_random(&seed) % 2 ? &abroad : &at_home);
        assert_true(recent.n_attempts <= MF_ATTEMPTS_MAX);
        as_of(time);
        for (unsigned j = 0; j < view.n; j++) {
            assert_true(j == 0 || view.attempt[j - 1].time <= view.attempt[j].time);
            assert_true(view.attempt[j].settled == MF_TIME_NONE || view.attempt[j].settled >= view.attempt[j].time);
            assert_true(view.attempt[j].settled <= time);
            assert_true(view.attempt[j].time >= time - 5 * MF_DAY);
        }
        time += (mf_time)(next_random(&seed) % (next_random(&seed) % 64 == 0 ? MF_DAY : MF_MINUTE));
    }
}

/* ---- sorted ---- */

/* As many attempts as there is room for, of all sorts, some at the same moment. */
static void fill_view(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        view.attempt[i] = (struct mf_view_attempt){
            .time = NOW + i / 3 * MF_SECOND,
            .settled = i % 8 == MF_OPEN ? MF_TIME_NONE : NOW + i * MF_SECOND,
            .outcome = (enum mf_outcome)(i % 8),
            .flags = (uint8_t)(i * 37),
        };
    mf_view_sort(&view, NOW + 33 * MF_SECOND, n);
}

static void expect_bit(mf_attempts set, unsigned i, bool member)
{
    assert_int_equal(set >> i & 1, member);
}

static void a_view_is_sorted_by_what_attempts_are(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= MF_ATTEMPTS_MAX; n++) {
        fill_view(n);
        for (unsigned i = 0; i < n; i++) {
            unsigned flags = view.attempt[i].flags;
            for (unsigned outcome = 0; outcome < MF_N_OUTCOMES; outcome++)
                expect_bit(view.outcome[outcome], i, view.attempt[i].outcome == outcome);
            expect_bit(view.prompts, i, flags & MF_ATTEMPT_PROMPT);
            expect_bit(view.sessions, i, flags & MF_ATTEMPT_SESSION);
            expect_bit(view.unexplained, i, (flags & MF_ATTEMPT_LOGIN_DUE) && !(flags & MF_ATTEMPT_EXPLAINED));
        }
        for (unsigned outcome = 0; outcome < MF_N_OUTCOMES; outcome++)
            assert_int_equal(view.outcomes >> outcome & 1, view.outcome[outcome] != 0);
        assert_int_equal(view.approved_now, n > 33); /* the 34th is an approval, at 33 s */
    }
}

static void a_view_knows_what_is_since_when(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= MF_ATTEMPTS_MAX; n++) {
        fill_view(n);
        for (int at = -1; at <= MF_ATTEMPTS_MAX / 3 + 1; at++) {
            mf_attempts later = mf_view_since(&view, NOW + at * MF_SECOND);
            for (unsigned i = 0; i < n; i++)
                expect_bit(later, i, view.attempt[i].time >= NOW + at * MF_SECOND);
        }
    }
}

static void attempts_are_counted(void **state)
{
    (void)state;
    for (unsigned n = 0; n < MF_ATTEMPTS_MAX; n++) {
        assert_int_equal(mf_attempts_count((UINT64_C(1) << n) - 1), n);
        assert_int_equal(mf_attempts_count(~UINT64_C(0) << n), MF_ATTEMPTS_MAX - n);
    }
}

static void a_view_says_whether_something_came_later(void **state)
{
    (void)state;
    happens(NOW, MF_MFA_CHALLENGE);
    assert_false(as_of(NOW)->later);
    assert_true(as_of(NOW - 1)->later);
    happens(NOW + MF_MINUTE, MF_MFA_DENIED);
    assert_true(as_of(NOW)->later); /* its outcome */
    assert_false(as_of(NOW + MF_MINUTE)->later);
}

#define TEST(name) cmocka_unit_test_setup(name, blank)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_view_is_sorted_by_what_attempts_are),
        TEST(a_view_knows_what_is_since_when),
        TEST(attempts_are_counted),
        TEST(a_view_says_whether_something_came_later),
        TEST(prompts_outcomes_and_factor_changes_are_judged),
        TEST(what_is_not_judged_leaves_only_its_time),
        TEST(first_and_last_sight_hold_for_late_records_too),
        TEST(a_factor_change_starts_a_run_and_is_no_attempt),
        TEST(refusals_and_silence_are_told_apart),
        TEST(a_prompt_is_open),
        TEST(a_challenge_that_nobody_saw_is_no_prompt),
        TEST(several_devices_within_2_s_are_one_prompt),
        TEST(a_late_device_is_the_same_prompt_too),
        TEST(another_factor_is_another_prompt),
        TEST(flags_say_where_a_prompt_came_from),
        TEST(each_kind_of_outcome_settles_its_prompt),
        TEST(an_outcome_alone_is_an_attempt),
        TEST(the_ticket_says_which_prompt_it_was),
        TEST(a_correlation_counts_before_a_transaction),
        TEST(without_a_ticket_the_latest_open_prompt_is_answered),
        TEST(an_outcome_that_proves_its_own_prompt_answers_no_other),
        TEST(where_there_are_no_tickets_it_answers_the_open_one),
        TEST(an_outcome_answers_a_prompt_of_its_factor),
        TEST(an_expired_prompt_is_not_answered_any_more),
        TEST(an_answer_does_not_come_before_its_prompt),
        TEST(a_refusal_told_by_two_types_counts_once),
        TEST(the_second_telling_may_come_first),
        TEST(refusals_of_one_type_are_as_many_as_there_are),
        TEST(another_provider_tells_of_another_prompt),
        TEST(a_report_is_about_the_prompt_that_was_refused),
        TEST(a_report_that_names_no_prompt_is_about_the_latest_refused),
        TEST(a_report_long_after_or_of_a_prompt_of_its_own_counts),
        TEST(a_ticket_settled_twice_in_2_s_counts_once),
        TEST(another_answer_is_no_repeat),
        TEST(an_approval_supersedes_what_waits),
        TEST(what_had_expired_is_not_superseded),
        TEST(a_prompt_after_an_approval_is_open),
        TEST(the_outcome_of_a_superseded_prompt_is_not_another_attempt),
        TEST(a_security_key_approves_no_prompt),
        TEST(the_own_login_amid_foreign_prompts_is_told),
        TEST(foreign_prompts_of_an_earlier_run_do_not_count),
        TEST(an_answers_address_is_not_the_logins),
        TEST(a_view_leaves_out_what_lies_ahead),
        TEST(an_open_prompt_times_out_when_looked_at),
        TEST(a_late_outcome_corrects_a_timeout),
        TEST(a_late_prompt_is_put_in_its_place),
        TEST(a_run_ends_after_a_gap_of_30_minutes),
        TEST(what_is_not_judged_does_not_keep_a_run_alive),
        TEST(a_late_record_belongs_to_the_run),
        TEST(totals_are_those_of_the_run),
        TEST(totals_outlive_the_ring),
        TEST(a_full_ring_takes_a_late_record_in_order),
        TEST(an_account_that_never_rests_keeps_its_times),
        TEST(an_account_that_rested_for_months_starts_anew),
        TEST(a_record_from_before_the_base_keeps_its_time),
        TEST(evidence_is_the_last_ten_ids),
        TEST(a_record_without_an_id_is_no_evidence),
        TEST(a_long_id_is_cut_between_characters),
        TEST(the_tenant_answers_for_a_new_user),
        TEST(a_user_who_was_never_accepted_has_no_history),
        TEST(a_place_is_known_a_day_after_its_first_use),
        TEST(each_part_of_a_place_may_be_new),
        TEST(what_a_source_does_not_say_is_not_new),
        TEST(unlearning_takes_back_what_began_since),
        TEST(the_ring_is_sound_whatever_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
