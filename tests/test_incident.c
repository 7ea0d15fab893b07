/* tests/test_incident.c
 *
 * The life of an incident (src/judge/incident.c): opened, updated, closed, reopened, let go; the pool and the cap. */

#include "judge/incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW    ((mf_time)1772409600 * MF_SECOND)
#define QUIET  (30 * MF_MINUTE)
#define REOPEN MF_DAY

enum { PEOPLE = 64 };

static const struct mf_incident_conf usual = {
    .quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 100};

static struct mf_incidents *incidents;
static struct mf_user user[PEOPLE];
static struct mf_recent recent[PEOPLE];
static struct mf_event event;
static struct mf_sighting sighting;
static struct mf_verdict verdict;
static struct mf_incident_step step;
static struct mf_rate_answer rate;
static struct mf_alert alert;

static int begin_with(const struct mf_incident_conf *conf)
{
    incidents = mf_incidents_new(conf, NULL);
    memset(user, 0, sizeof user);
    memset(recent, 0, sizeof recent);
    for (unsigned i = 0; i < PEOPLE; i++) {
        user[i].key = (struct mf_hash){i + 1, 7};
        user[i].recent = &recent[i];
        recent[i].run.start = NOW;
    }
    memset(&event, 0, sizeof event);
    memset(&sighting, 0, sizeof sighting);
    memset(&verdict, 0, sizeof verdict);
    memset(&step, 0, sizeof step);
    memset(&rate, 0, sizeof rate);
    memset(&alert, 0xa5, sizeof alert);
    event.kind = MF_MFA_DENIED;
    event.arrival = MF_TIME_NONE;
    event.idp = mf_slice_of("okta");
    event.user = mf_slice_of("ada@example.com");
    step.event = &event;
    step.sighting = &sighting;
    step.verdict = &verdict;
    step.rate = &rate;
    step.id = (struct mf_hash){0x0123456789abcdefu, 0};
    step.alert_level = MF_SUSPICIOUS;
    return incidents == NULL ? -1 : 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(&usual);
}

static int finish(void **state)
{
    (void)state;
    mf_incidents_free(incidents);
    return 0;
}

/* One judged event of user `who`. */
static bool judge(unsigned who, mf_time time, enum mf_level level)
{
    sighting.time = event.time = time;
    verdict.level = level;
    verdict.score = level == MF_NORMAL ? 0 : (unsigned)level * 25 + 5;
    verdict.severity = (enum mf_severity)level;
    return mf_incident_step(incidents, &user[who], &step, &alert);
}

/* The run of that user comes from this source. */
static void comes_from(unsigned who, const char *ip, enum mf_familiarity familiarity)
{
    struct mf_run_source *source = &recent[who].run.source;

    memset(source, 0, sizeof *source);
    assert_true(mf_ip_parse(mf_slice_of(ip), &source->ip));
    source->place.familiarity = familiarity;
}

/* Lets time pass: closes what is due, and says how many closes were sent. */
static unsigned pass(unsigned feed, mf_time now)
{
    const struct mf_totals totals = {.prompts = 9, .denied = 8, .timeouts = 1, .failed = 2, .approved = 3};
    struct mf_hash key;
    unsigned n = 0;

    while (mf_incidents_due(incidents, feed, now, &key))
        n += mf_incident_close(incidents, &user[key.lo - 1], now, &totals, &alert);
    return n;
}

static struct mf_incident_counts counts(void)
{
    struct mf_incident_counts now;

    mf_incidents_count(incidents, &now);
    return now;
}

/* ---- opening ---- */

static void phases_have_names(void **state)
{
    (void)state;
    assert_string_equal(mf_phase_name(MF_PHASE_NONE), "");
    assert_string_equal(mf_phase_name(MF_PHASE_OPEN), "open");
    assert_string_equal(mf_phase_name(MF_PHASE_UPDATE), "update");
    assert_string_equal(mf_phase_name(MF_PHASE_CLOSE), "close");
}

static void nothing_opens_below_the_alert_level(void **state)
{
    (void)state;
    assert_false(judge(0, NOW, MF_NOTICE));
    assert_int_equal(user[0].incident, 0);
    assert_int_equal(counts().opened, 0);
    assert_true(judge(0, NOW, MF_SUSPICIOUS));
    assert_int_not_equal(user[0].incident, 0);
    assert_int_equal(counts().opened, 1);
    assert_int_equal(counts().open, 1);
}

static void the_alert_level_can_be_set(void **state)
{
    (void)state;
    step.alert_level = MF_ANOMALOUS;
    assert_false(judge(0, NOW, MF_SUSPICIOUS));
    assert_true(judge(0, NOW, MF_ANOMALOUS));
    step.alert_level = MF_NOTICE;
    assert_true(judge(1, NOW, MF_NOTICE));
}

static void an_open_alert_says_what_happened(void **state)
{
    (void)state;
    recent[0].run.start = NOW - 5 * MF_MINUTE;
    event.arrival = NOW + 3000;
    event.id = mf_slice_of("rec-1");
    event.user_id = mf_slice_of("00uada");
    comes_from(0, "198.51.100.23", MF_UNFAMILIAR);
    recent[0].run.source.asn = 64500;
    recent[0].run.source.place.by_tenant = true;
    snprintf(recent[0].run.source.city, sizeof recent[0].run.source.city, "Bukarest");
    memcpy(recent[0].run.source.country, "RO", 2);
    step.totals = (struct mf_totals){5, 3, 1, 1, 0};
    step.history_days = 34;
    step.timeouts_inferred = true;
    verdict.n_findings = 1;
    verdict.finding[0] = (struct mf_finding){mf_signals[2], 3, 3, 45, false};
    verdict.group[MF_GROUP_OUTCOME] = 45;
    assert_true(judge(0, NOW, MF_SUSPICIOUS));

    assert_int_equal(alert.phase, MF_PHASE_OPEN);
    assert_int_equal(alert.sequence, 1);
    assert_string_equal(alert.incident, "i-0123456789abcdef");
    assert_int_equal(alert.time, NOW);
    assert_int_equal(alert.created, NOW + 3000);
    assert_int_equal(alert.start, NOW - 5 * MF_MINUTE);
    assert_int_equal(alert.end, NOW);
    assert_string_equal(alert.user, "ada@example.com");
    assert_string_equal(alert.user_id, "00uada");
    assert_string_equal(alert.idp, "okta");
    assert_string_equal(alert.source, "198.51.100.23");
    assert_string_equal(alert.country, "RO");
    assert_string_equal(alert.city, "Bukarest");
    assert_int_equal(alert.asn, 64500);
    assert_int_equal(alert.level, MF_SUSPICIOUS);
    assert_int_equal(alert.severity, MF_SEVERITY_LOW + 1);
    assert_int_equal(alert.score, 55);
    assert_int_equal(alert.totals.prompts, 5);
    assert_int_equal(alert.totals.denied, 3);
    assert_int_equal(alert.kind, MF_MFA_DENIED);
    assert_int_equal(alert.n_findings, 1);
    assert_ptr_equal(alert.finding[0].signal, mf_signals[2]);
    assert_int_equal(alert.group[MF_GROUP_OUTCOME], 45);
    assert_int_equal(alert.history_days, 34);
    assert_int_equal(alert.familiarity, MF_UNFAMILIAR);
    assert_true(alert.by_tenant);
    assert_true(alert.timeouts_inferred);
    assert_int_equal(alert.suppressed, 0);
    assert_int_equal(alert.n_evidence, 1);
    assert_string_equal(alert.evidence[0], "rec-1");
    assert_false(alert.approved || alert.fraud || alert.factor_change || alert.evidence_cut);
}

static void without_an_arrival_an_alert_is_of_its_event(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    assert_int_equal(alert.created, NOW);
}

static void the_incident_has_a_name_while_it_is_open(void **state)
{
    char id[MF_INCIDENT_ID + 1] = "";

    (void)state;
    assert_false(mf_incident_name(incidents, &user[0], id));
    judge(0, NOW, MF_SUSPICIOUS);
    assert_true(mf_incident_name(incidents, &user[0], id));
    assert_string_equal(id, "i-0123456789abcdef");
    pass(0, NOW + QUIET);
    assert_false(mf_incident_name(incidents, &user[0], id));
}

/* ---- updates ---- */

static void more_of_the_same_is_no_news(void **state)
{
    (void)state;
    assert_true(judge(0, NOW, MF_SUSPICIOUS));
    for (unsigned i = 1; i < 40; i++)
        assert_false(judge(0, NOW + i * MF_MINUTE, MF_SUSPICIOUS));
    for (unsigned i = 40; i < 50; i++)
        assert_false(judge(0, NOW + i * MF_MINUTE, MF_NORMAL));
    assert_int_equal(counts().updated, 0);
}

static void a_rising_level_is_one_update(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    assert_true(judge(0, NOW + MF_MINUTE, MF_ANOMALOUS));
    assert_int_equal(alert.phase, MF_PHASE_UPDATE);
    assert_int_equal(alert.sequence, 2);
    assert_int_equal(alert.level, MF_ANOMALOUS);
    assert_false(judge(0, NOW + 2 * MF_MINUTE, MF_ANOMALOUS));
    assert_false(judge(0, NOW + 3 * MF_MINUTE, MF_SUSPICIOUS));
    assert_false(judge(0, NOW + 4 * MF_MINUTE, MF_ANOMALOUS));
    assert_int_equal(counts().updated, 1);
}

static void a_rising_score_alone_is_no_news(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    verdict.score = 74;
    sighting.time = NOW + MF_MINUTE;
    assert_false(mf_incident_step(incidents, &user[0], &step, &alert));
    /* but it is remembered for the next alert */
    pass(0, NOW + MF_HOUR);
    assert_int_equal(alert.score, 74);
}

static bool approve(mf_time time, bool own)
{
    bool sent;

    event.kind = MF_MFA_SUCCESS;
    recent[0].run.approved |= !own;
    sent = judge(0, time, MF_SUSPICIOUS);
    event.kind = MF_MFA_CHALLENGE;
    return sent;
}

static void an_approval_is_one_update(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    assert_true(approve(NOW + MF_MINUTE, false));
    assert_int_equal(alert.phase, MF_PHASE_UPDATE);
    assert_true(alert.approved);
    assert_false(approve(NOW + 2 * MF_MINUTE, false));
}

static void the_users_own_login_is_no_news(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    assert_false(approve(NOW + MF_MINUTE, true));
    assert_true(approve(NOW + 2 * MF_MINUTE, false));
}

static void a_fraud_report_is_one_update(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    event.kind = MF_MFA_FRAUD;
    assert_true(judge(0, NOW + MF_MINUTE, MF_SUSPICIOUS));
    assert_true(alert.fraud);
    assert_false(judge(0, NOW + 2 * MF_MINUTE, MF_SUSPICIOUS));
}

static void a_factor_change_is_one_update(void **state)
{
    static const enum mf_kind kinds[] = {MF_FACTOR_ENROLLED, MF_FACTOR_REMOVED, MF_FACTOR_RESET};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        event.kind = MF_MFA_CHALLENGE;
        judge(i, NOW, MF_SUSPICIOUS);
        event.kind = kinds[i];
        assert_true(judge(i, NOW + MF_MINUTE, MF_SUSPICIOUS));
        assert_int_equal(alert.phase, MF_PHASE_UPDATE);
        assert_true(alert.factor_change);
        assert_false(judge(i, NOW + 2 * MF_MINUTE, MF_SUSPICIOUS));
    }
}

static void a_rising_severity_is_an_update(void **state)
{
    (void)state;
    judge(0, NOW, MF_ANOMALOUS);
    verdict.severity = MF_SEVERITY_CRITICAL;
    assert_true(mf_incident_step(incidents, &user[0], &step, &alert));
    assert_int_equal(alert.severity, MF_SEVERITY_CRITICAL);
    /* and stays */
    judge(0, NOW + MF_MINUTE, MF_ANOMALOUS);
    pass(0, NOW + MF_HOUR);
    assert_int_equal(alert.severity, MF_SEVERITY_CRITICAL);
}

static void several_news_at_once_are_one_update(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    event.kind = MF_MFA_SUCCESS;
    sighting.approval = true;
    assert_true(judge(0, NOW + MF_MINUTE, MF_ANOMALOUS));
    assert_false(judge(0, NOW + 2 * MF_MINUTE, MF_ANOMALOUS));
}

/* ---- what an incident remembers ---- */

static void the_unfamiliar_source_is_the_one_to_name(void **state)
{
    (void)state;
    comes_from(0, "198.51.100.1", MF_FAMILIAR);
    judge(0, NOW, MF_SUSPICIOUS);
    assert_string_equal(alert.source, "198.51.100.1");
    comes_from(0, "203.0.113.2", MF_UNFAMILIAR);
    judge(0, NOW + MF_MINUTE, MF_ANOMALOUS);
    assert_string_equal(alert.source, "203.0.113.2");
    comes_from(0, "198.51.100.1", MF_FAMILIAR);
    judge(0, NOW + 2 * MF_MINUTE, MF_ANOMALOUS);
    pass(0, NOW + MF_HOUR);
    assert_string_equal(alert.source, "203.0.113.2");
    assert_int_equal(alert.familiarity, MF_UNFAMILIAR);
}

static void evidence_begins_with_what_led_here(void **state)
{
    (void)state;
    snprintf(recent[0].evidence[9].id, MF_EVIDENCE_TEXT, "old");
    recent[0].evidence[9].time = NOW - 1; /* before the run */
    snprintf(recent[0].evidence[0].id, MF_EVIDENCE_TEXT, "a");
    recent[0].evidence[0].time = NOW;
    snprintf(recent[0].evidence[1].id, MF_EVIDENCE_TEXT, "b");
    recent[0].evidence[1].time = NOW + 1;
    recent[0].next_evidence = 2;
    event.id = mf_slice_of("b");
    judge(0, NOW + 1, MF_SUSPICIOUS);
    assert_int_equal(alert.n_evidence, 2);
    assert_string_equal(alert.evidence[0], "a");
    assert_string_equal(alert.evidence[1], "b");
    assert_false(alert.evidence_cut);
}

static void evidence_ends_when_it_is_full_and_says_so(void **state)
{
    char id[16];

    (void)state;
    for (unsigned i = 0; i < MF_ALERT_EVIDENCE; i++) {
        snprintf(id, sizeof id, "id-%u", i);
        event.id = mf_slice_of(id);
        judge(0, NOW + i * MF_SECOND, MF_SUSPICIOUS);
    }
    judge(0, NOW + MF_MINUTE, MF_ANOMALOUS);
    assert_int_equal(alert.n_evidence, MF_ALERT_EVIDENCE);
    assert_false(alert.evidence_cut);
    event.id = mf_slice_of("one more");
    judge(0, NOW + 2 * MF_MINUTE, MF_ANOMALOUS);
    pass(0, NOW + MF_HOUR);
    assert_true(alert.evidence_cut);
    assert_string_equal(alert.evidence[MF_ALERT_EVIDENCE - 1], "id-23");
}

static void long_texts_are_cut_between_characters(void **state)
{
    char name[MF_USER_MAX + 2], id[70];

    (void)state;
    memset(name, 'n', sizeof name);
    event.user = (struct mf_slice){name, MF_USER_MAX};
    memset(id, 'i', sizeof id);
    memcpy(id + 62, "\xc3\xbc", 2);
    event.user_id = (struct mf_slice){id, sizeof id};
    judge(0, NOW, MF_SUSPICIOUS);
    assert_int_equal(strlen(alert.user), MF_USER_MAX);
    assert_int_equal(strlen(alert.user_id), 62);
}

/* ---- closing ---- */

static void closes_after_30_quiet_minutes_with_totals(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    judge(0, NOW + MF_MINUTE, MF_SUSPICIOUS);
    assert_int_equal(pass(0, NOW + MF_MINUTE + QUIET - 1), 0);
    assert_int_equal(counts().open, 1);
    assert_int_equal(pass(0, NOW + MF_MINUTE + QUIET), 1);
    assert_int_equal(alert.phase, MF_PHASE_CLOSE);
    assert_int_equal(alert.sequence, 2);
    assert_int_equal(alert.time, NOW + MF_MINUTE + QUIET);
    assert_int_equal(alert.created, NOW + MF_MINUTE + QUIET);
    assert_int_equal(alert.end, NOW + MF_MINUTE);
    assert_int_equal(alert.totals.prompts, 9);
    assert_int_equal(alert.totals.approved, 3);
    assert_int_equal(counts().open, 0);
    assert_int_equal(counts().closed, 1);
    assert_int_equal(pass(0, NOW + 2 * MF_HOUR), 0);
}

static void a_close_that_is_found_late_bears_its_time(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    pass(0, NOW + 10 * MF_HOUR);
    assert_int_equal(alert.time, NOW + QUIET);
}

static void a_late_record_does_not_bring_the_close_forward(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    judge(0, NOW - 10 * MF_MINUTE, MF_SUSPICIOUS);
    assert_int_equal(pass(0, NOW + QUIET - 1), 0);
    assert_int_equal(pass(0, NOW + QUIET), 1);
}

static void activity_at_any_level_keeps_it_open(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    judge(0, NOW + 20 * MF_MINUTE, MF_NORMAL);
    assert_int_equal(pass(0, NOW + QUIET), 0);
    assert_int_equal(pass(0, NOW + 20 * MF_MINUTE + QUIET), 1);
}

static void a_feed_closes_its_own_incidents_only(void **state)
{
    (void)state;
    step.feed = 3;
    judge(0, NOW, MF_SUSPICIOUS);
    assert_int_equal(pass(2, NOW + MF_DAY), 0);
    assert_int_equal(pass(MF_PHASE_NONE, NOW + MF_DAY), 0);
    assert_int_equal(pass(3, NOW + MF_DAY - 1), 1);
}

static void the_first_due_closes_first_and_the_id_breaks_ties(void **state)
{
    static const uint64_t ids[] = {5, 9, 1, 7};
    struct mf_hash key;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        step.id.lo = ids[i];
        judge(i, i == 3 ? NOW - 1 : NOW, MF_SUSPICIOUS);
    }
    static const unsigned order[] = {3, 2, 0, 1};
    for (unsigned i = 0; i < 4; i++) {
        const struct mf_totals none = {0};
        assert_true(mf_incidents_due(incidents, 0, NOW + QUIET, &key));
        assert_int_equal(key.lo, order[i] + 1);
        assert_true(mf_incident_close(incidents, &user[order[i]], NOW + QUIET, &none, &alert));
    }
    assert_false(mf_incidents_due(incidents, 0, NOW + QUIET, &key));
}

static void totals_of_earlier_runs_are_added(void **state)
{
    const struct mf_totals before = {10, 20, 30, 40, 50};

    (void)state;
    step.totals = (struct mf_totals){1, 2, 3, 4, 5};
    judge(0, NOW, MF_SUSPICIOUS);
    mf_incident_fold(incidents, &user[0], &before);
    judge(0, NOW + MF_MINUTE, MF_ANOMALOUS);
    assert_int_equal(alert.totals.prompts, 11);
    assert_int_equal(alert.totals.denied, 22);
    assert_int_equal(alert.totals.timeouts, 33);
    assert_int_equal(alert.totals.failed, 44);
    assert_int_equal(alert.totals.approved, 55);
    pass(0, NOW + MF_HOUR);
    assert_int_equal(alert.totals.prompts, 19);
    mf_incident_fold(incidents, &user[1], &before); /* no incident: nothing to add to */
}

/* ---- reopening ---- */

static void reopens_within_a_day_under_its_id(void **state)
{
    (void)state;
    judge(0, NOW, MF_ANOMALOUS);
    assert_int_equal(pass(0, NOW + QUIET), 1);
    assert_int_equal(pass(0, NOW + QUIET + REOPEN - 1), 0);
    step.id.lo = 0xfedc;
    assert_false(judge(0, NOW + QUIET + REOPEN - 1, MF_NOTICE));
    assert_int_equal(counts().open, 0);
    assert_true(judge(0, NOW + QUIET + REOPEN - 1, MF_SUSPICIOUS));
    assert_int_equal(alert.phase, MF_PHASE_OPEN);
    assert_int_equal(alert.sequence, 3);
    assert_string_equal(alert.incident, "i-0123456789abcdef");
    assert_int_equal(alert.level, MF_SUSPICIOUS);
    assert_int_equal(alert.severity, MF_SEVERITY_MEDIUM);
    assert_int_equal(counts().opened, 1);
    assert_int_equal(counts().open, 1);
}

static void a_day_later_it_is_another_incident(void **state)
{
    (void)state;
    judge(0, NOW, MF_ANOMALOUS);
    pass(0, NOW + QUIET);
    assert_int_equal(pass(0, NOW + QUIET + REOPEN), 0);
    assert_int_equal(user[0].incident, 0);
    step.id.lo = 0xfedc;
    assert_true(judge(0, NOW + QUIET + REOPEN, MF_SUSPICIOUS));
    assert_string_equal(alert.incident, "i-000000000000fedc");
    assert_int_equal(alert.sequence, 1);
    assert_int_equal(counts().opened, 2);
}

static void what_is_told_once_is_told_again_after_reopening(void **state)
{
    (void)state;
    judge(0, NOW, MF_SUSPICIOUS);
    approve(NOW + MF_MINUTE, false);
    pass(0, NOW + MF_HOUR);
    recent[0].run.approved = false; /* a new run */
    judge(0, NOW + 2 * MF_HOUR, MF_SUSPICIOUS);
    assert_false(alert.approved);
    assert_true(approve(NOW + 2 * MF_HOUR + MF_MINUTE, false));
    pass(0, NOW + 3 * MF_HOUR);
    assert_int_equal(alert.phase, MF_PHASE_CLOSE);
    assert_int_equal(counts().closed, 2);
}

/* ---- bounds ---- */

static void a_full_pool_refuses_and_counts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < usual.max_open; i++)
        assert_true(judge(i, NOW, MF_ANOMALOUS));
    assert_false(judge(usual.max_open, NOW, MF_ANOMALOUS));
    assert_int_equal(user[usual.max_open].incident, 0);
    assert_int_equal(counts().refused, 1);
    assert_int_equal(counts().suppressed, 1);
    /* once for each run */
    assert_false(judge(usual.max_open, NOW + 1, MF_ANOMALOUS));
    assert_int_equal(counts().refused, 1);
    recent[usual.max_open].run.refused = false; /* a new run */
    assert_false(judge(usual.max_open, NOW + 2, MF_SUSPICIOUS));
    assert_int_equal(counts().refused, 2);
    assert_int_equal(counts().open, usual.max_open);
    assert_int_equal(counts().displaced, 0);
}

/* As the engine does when no user is locked. */
static unsigned clear_displaced(void)
{
    struct mf_hash key;
    unsigned n = 0;

    for (; mf_incidents_displaced(incidents, &key); n++)
        for (unsigned i = 0; i < PEOPLE; i++)
            if (mf_hash_equal(user[i].key, key))
                mf_incident_let_go(incidents, &user[i]);
    return n;
}

static void of_a_full_pool_the_closed_ones_make_room(void **state)
{
    (void)state;
    for (unsigned i = 0; i < usual.max_open; i++)
        judge(i, NOW + i, MF_SUSPICIOUS);
    pass(0, NOW + QUIET + 1); /* closes the first two, which are remembered for a day */
    assert_int_equal(counts().closed, 2);
    assert_true(judge(usual.max_open, NOW + QUIET + 2, MF_SUSPICIOUS));
    assert_int_equal(counts().displaced, 0);
    assert_int_equal(clear_displaced(), 1);
    assert_int_equal(user[0].incident, 0);
    assert_int_not_equal(user[1].incident, 0);
    assert_true(judge(usual.max_open + 1, NOW + QUIET + 3, MF_SUSPICIOUS));
    assert_false(judge(usual.max_open + 2, NOW + QUIET + 4, MF_SUSPICIOUS));
    assert_int_equal(counts().refused, 1);
}

static void an_anomalous_one_takes_the_place_of_the_quietest_lesser_one(void **state)
{
    char id[MF_INCIDENT_ID + 1];

    (void)state;
    judge(0, NOW, MF_ANOMALOUS);
    for (unsigned i = 1; i < usual.max_open; i++)
        judge(i, NOW + (i == 5 ? 0 : 2000) + i, MF_SUSPICIOUS);
    assert_true(judge(usual.max_open, NOW + MF_MINUTE, MF_ANOMALOUS));
    assert_int_equal(counts().displaced, 1);
    assert_int_equal(counts().open, usual.max_open);
    /* even before it is told, the other one's user has none any more */
    assert_false(mf_incident_name(incidents, &user[5], id));
    assert_int_equal(clear_displaced(), 1);
    assert_int_equal(user[5].incident, 0);
    assert_true(mf_incident_name(incidents, &user[0], id));
    assert_true(mf_incident_name(incidents, &user[usual.max_open], id));
}

static void a_place_in_the_pool_is_clean_when_it_is_used_again(void **state)
{
    (void)state;
    event.id = mf_slice_of("old");
    mf_ip_parse(mf_slice_of("203.0.113.2"), &event.source);
    judge(0, NOW, MF_ANOMALOUS);
    pass(0, NOW + QUIET);
    pass(0, NOW + QUIET + REOPEN);
    event.id = (struct mf_slice){NULL, 0};
    event.source.family = 0;
    judge(1, NOW + QUIET + REOPEN, MF_SUSPICIOUS);
    assert_int_equal(user[1].incident, 1);
    assert_int_equal(alert.n_evidence, 0);
    assert_string_equal(alert.source, "");
    assert_int_equal(alert.level, MF_SUSPICIOUS);
}

static void half_of_a_minutes_alerts_are_kept_for_anomalous(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 6};

    finish(state);
    begin_with(&few);
    for (unsigned i = 0; i < 3; i++)
        assert_true(judge(i, NOW, MF_SUSPICIOUS));
    assert_false(judge(3, NOW, MF_SUSPICIOUS));
    for (unsigned i = 4; i < 7; i++)
        assert_true(judge(i, NOW, MF_ANOMALOUS));
    assert_false(judge(7, NOW, MF_ANOMALOUS));
    assert_int_equal(counts().suppressed, 2);
    assert_int_equal(counts().opened, 8);
}

static void what_was_held_back_is_told_with_the_next(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 2};

    finish(state);
    begin_with(&few);
    assert_true(judge(0, NOW, MF_SUSPICIOUS));
    assert_int_equal(alert.suppressed, 0);
    assert_false(judge(1, NOW, MF_SUSPICIOUS));
    assert_false(judge(2, NOW + 59999, MF_SUSPICIOUS));
    /* a minute later the incident that nobody heard of is opened by its next event, whatever that is */
    assert_true(judge(1, NOW + MF_MINUTE, MF_NORMAL));
    assert_int_equal(alert.phase, MF_PHASE_OPEN);
    assert_int_equal(alert.level, MF_SUSPICIOUS);
    assert_int_equal(alert.suppressed, 2);
    assert_true(judge(3, NOW + 2 * MF_MINUTE, MF_SUSPICIOUS));
    assert_int_equal(alert.suppressed, 0);
}

static void news_that_was_held_back_is_told_with_the_next_event(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 2};

    finish(state);
    begin_with(&few);
    assert_true(judge(0, NOW, MF_ANOMALOUS));
    assert_true(judge(1, NOW, MF_ANOMALOUS));
    assert_false(approve(NOW + 1000, false));
    assert_false(judge(0, NOW + 2000, MF_ANOMALOUS));
    assert_int_equal(counts().suppressed, 1); /* one alert, tried twice */
    assert_true(judge(0, NOW + MF_MINUTE, MF_ANOMALOUS));
    assert_int_equal(alert.phase, MF_PHASE_UPDATE);
    assert_true(alert.approved);
    assert_false(judge(0, NOW + MF_MINUTE + 1, MF_ANOMALOUS)); /* and once */
}

static void a_minute_that_held_back_is_summed_up_when_it_is_over(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 2};
    struct mf_alert summary;
    char name[MF_SUMMARY_NAMES][MF_USER_MAX + 1];
    char id[MF_INCIDENT_ID + 1];

    finish(state);
    begin_with(&few);
    judge(0, NOW, MF_SUSPICIOUS);
    assert_false(mf_incidents_summary(incidents, NOW + MF_MINUTE, &summary, name)); /* nothing was held back */
    for (unsigned i = 1; i < 13; i++)
        judge(i, NOW + MF_MINUTE, i < 6 ? MF_SUSPICIOUS : MF_ANOMALOUS);
    assert_false(mf_incidents_summary(incidents, NOW + 2 * MF_MINUTE - 1, &summary, name));
    assert_true(mf_incidents_summary(incidents, NOW + 2 * MF_MINUTE, &summary, name));
    assert_int_equal(summary.phase, MF_PHASE_SUMMARY);
    assert_int_equal(summary.suppressed, 10); /* one of the suspicious and one of the anomalous went out */
    assert_int_equal(summary.suppressed_anomalous, 6);
    assert_int_equal(summary.refused, 0);
    assert_int_equal(summary.level, MF_ANOMALOUS);
    assert_int_equal(summary.start, NOW + MF_MINUTE);
    assert_int_equal(summary.time, NOW + 2 * MF_MINUTE);
    assert_int_equal(summary.n_related, MF_SUMMARY_NAMES);
    snprintf(id, sizeof id, "i-%016llx", (unsigned long long)((NOW + MF_MINUTE) / MF_MINUTE));
    assert_string_equal(summary.incident, id);
    assert_false(mf_incidents_summary(incidents, NOW + 9 * MF_MINUTE, &summary, name)); /* once */
}

static void what_was_never_told_closes_in_silence(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 2};

    finish(state);
    begin_with(&few);
    judge(0, NOW, MF_SUSPICIOUS);
    judge(1, NOW, MF_SUSPICIOUS);
    assert_int_equal(pass(0, NOW + QUIET), 1);
    assert_string_equal(alert.user, "ada@example.com");
    assert_int_equal(counts().closed, 2);
}

/* The cap protects the destination by the minute; two feeds of which one is behind must not open it at each change
 * of minute. */
static void feeds_that_are_minutes_apart_share_one_cap(void **state)
{
    const struct mf_incident_conf few = {.quiet = QUIET, .reopen = REOPEN, .max_open = 32, .max_alerts_per_minute = 4};
    unsigned sent = 0;

    finish(state);
    begin_with(&few);
    for (unsigned i = 0; i < 20; i++) {
        step.feed = i % 2;
        sent += judge(i, NOW + (i % 2 == 0 ? 0 : -5 * MF_MINUTE), MF_ANOMALOUS);
    }
    assert_true(sent <= 2 * few.max_alerts_per_minute);
}

static void memory_goes_by_the_pool(void **state)
{
    size_t memory = mf_incidents_memory(incidents);

    (void)state;
    assert_true(memory >= usual.max_open * sizeof(struct mf_alert));
    mf_incidents_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(phases_have_names),
        TEST(nothing_opens_below_the_alert_level),
        TEST(the_alert_level_can_be_set),
        TEST(an_open_alert_says_what_happened),
        TEST(without_an_arrival_an_alert_is_of_its_event),
        TEST(the_incident_has_a_name_while_it_is_open),
        TEST(more_of_the_same_is_no_news),
        TEST(a_rising_level_is_one_update),
        TEST(a_rising_score_alone_is_no_news),
        TEST(an_approval_is_one_update),
        TEST(the_users_own_login_is_no_news),
        TEST(a_fraud_report_is_one_update),
        TEST(a_factor_change_is_one_update),
        TEST(a_rising_severity_is_an_update),
        TEST(several_news_at_once_are_one_update),
        TEST(the_unfamiliar_source_is_the_one_to_name),
        TEST(evidence_begins_with_what_led_here),
        TEST(evidence_ends_when_it_is_full_and_says_so),
        TEST(long_texts_are_cut_between_characters),
        TEST(closes_after_30_quiet_minutes_with_totals),
        TEST(a_close_that_is_found_late_bears_its_time),
        TEST(a_late_record_does_not_bring_the_close_forward),
        TEST(activity_at_any_level_keeps_it_open),
        TEST(a_feed_closes_its_own_incidents_only),
        TEST(the_first_due_closes_first_and_the_id_breaks_ties),
        TEST(totals_of_earlier_runs_are_added),
        TEST(reopens_within_a_day_under_its_id),
        TEST(a_day_later_it_is_another_incident),
        TEST(what_is_told_once_is_told_again_after_reopening),
        TEST(a_full_pool_refuses_and_counts),
        TEST(of_a_full_pool_the_closed_ones_make_room),
        TEST(an_anomalous_one_takes_the_place_of_the_quietest_lesser_one),
        TEST(a_place_in_the_pool_is_clean_when_it_is_used_again),
        TEST(half_of_a_minutes_alerts_are_kept_for_anomalous),
        TEST(what_was_held_back_is_told_with_the_next),
        TEST(news_that_was_held_back_is_told_with_the_next_event),
        TEST(a_minute_that_held_back_is_summed_up_when_it_is_over),
        TEST(what_was_never_told_closes_in_silence),
        TEST(feeds_that_are_minutes_apart_share_one_cap),
        TEST(memory_goes_by_the_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
