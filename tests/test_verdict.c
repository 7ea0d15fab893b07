/* tests/test_verdict.c
 *
 * From findings to score, level and severity (src/judge/verdict.c): caps, halving, thresholds, and what a run keeps. */

#include "judge/verdict.h"

#include <setjmp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static struct mf_verdict_conf conf;
static struct mf_run run;
static struct mf_standing standing;
static struct mf_verdict verdict;

static int blank(void **state)
{
    (void)state;
    mf_options_default(mf_verdict_options, &conf);
    mf_options_default(mf_verdict_cap_options, &conf);
    memset(&run, 0, sizeof run);
    memset(&standing, 0, sizeof standing);
    memset(&verdict, 0xa5, sizeof verdict);
    return 0;
}

static struct mf_run_finding *finding_of(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return &run.finding[i];
    fail_msg("there is no signal %s", name);
    return NULL;
}

static void found(const char *name, unsigned points)
{
    *finding_of(name) = (struct mf_run_finding){.observed = 7, .threshold = 3, .points = (uint8_t)points};
}

static void sum(void)
{
    mf_verdict_sum(&conf, &run, &standing, &verdict);
}

/* Volume, outcome and source with so many points each. */
static enum mf_level level_of(unsigned volume, unsigned outcome, unsigned source)
{
    void *state = NULL;

    blank(&state);
    found("prompt_burst", volume);
    found("refused_burst", outcome);
    found("new_source", source);
    standing.unfamiliar = true;
    sum();
    return verdict.level;
}

/* ---- defaults ---- */

static void defaults_are_as_documented(void **state)
{
    (void)state;
    assert_int_equal(conf.notice, 30);
    assert_int_equal(conf.suspicious, 50);
    assert_int_equal(conf.anomalous, 75);
    assert_int_equal(conf.volume_cap, 60);
    assert_int_equal(conf.outcome_cap, 100);
    assert_int_equal(conf.source_cap, 70);
    assert_int_equal(conf.session_cap, 60);
    assert_int_equal(conf.hints_cap, 45);
}

static void levels_and_severities_have_names(void **state)
{
    (void)state;
    assert_string_equal(mf_level_name(MF_NORMAL), "normal");
    assert_string_equal(mf_level_name(MF_NOTICE), "notice");
    assert_string_equal(mf_level_name(MF_SUSPICIOUS), "suspicious");
    assert_string_equal(mf_level_name(MF_ANOMALOUS), "anomalous");
    assert_string_equal(mf_severity_name(MF_SEVERITY_NONE), "none");
    assert_string_equal(mf_severity_name(MF_SEVERITY_LOW), "low");
    assert_string_equal(mf_severity_name(MF_SEVERITY_MEDIUM), "medium");
    assert_string_equal(mf_severity_name(MF_SEVERITY_HIGH), "high");
    assert_string_equal(mf_severity_name(MF_SEVERITY_CRITICAL), "critical");
}

/* ---- adding up ---- */

static void nothing_found_is_normal(void **state)
{
    (void)state;
    sum();
    assert_int_equal(verdict.level, MF_NORMAL);
    assert_int_equal(verdict.severity, MF_SEVERITY_NONE);
    assert_int_equal(verdict.score, 0);
    assert_int_equal(verdict.n_findings, 0);
    assert_false(verdict.halved || verdict.decisive);
}

static void a_verdict_shows_its_findings(void **state)
{
    (void)state;
    found("refused_burst", 45);
    found("new_source", 30);
    finding_of("new_source")->decisive = 1;
    sum();
    assert_int_equal(verdict.n_findings, 2);
    assert_string_equal(verdict.finding[0].signal->name, "refused_burst");
    assert_int_equal(verdict.finding[0].observed, 7);
    assert_int_equal(verdict.finding[0].threshold, 3);
    assert_int_equal(verdict.finding[0].points, 45);
    assert_false(verdict.finding[0].decisive);
    assert_string_equal(verdict.finding[1].signal->name, "new_source");
    assert_true(verdict.finding[1].decisive);
    assert_int_equal(verdict.group[MF_GROUP_OUTCOME], 45);
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 30);
    assert_int_equal(verdict.score, 75);
}

static void each_group_has_a_cap(void **state)
{
    (void)state;
    standing.unfamiliar = true;
    found("prompt_burst", 60);
    found("unanswered_burst", 60);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_VOLUME], 60);
    assert_int_equal(verdict.score, 60);
    conf.volume_cap = 59;
    sum();
    assert_int_equal(verdict.group[MF_GROUP_VOLUME], 59);
    found("impossible_travel", 100);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 70);
    found("refused_burst", 90);
    found("approved_after_refusals", 90);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_OUTCOME], 100);
    found("no_login", 30);
    found("active_elsewhere", 40);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SESSION], 60);
}

/* Where a login comes from is one thing, in however many ways it is said. */
static void hints_have_a_cap_of_their_own(void **state)
{
    (void)state;
    found("new_source", 30);
    found("anonymizer", 15);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 45);
    found("anonymizer", 16);
    found("unusual_hour", 15);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 45);
    found("impossible_travel", 20);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 65);
    found("impossible_travel", 26);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_SOURCE], 70);
    assert_int_equal(verdict.n_findings, 4);
}

static void a_score_ends_at_100(void **state)
{
    (void)state;
    level_of(60, 90, 30);
    assert_int_equal(verdict.score, 100);
    level_of(0, 70, 30);
    assert_int_equal(verdict.score, 100);
    level_of(0, 69, 30);
    assert_int_equal(verdict.score, 99);
}

/* ---- levels ---- */

static void thresholds_hold_from_their_number_on(void **state)
{
    (void)state;
    assert_int_equal(level_of(0, 29, 0), MF_NORMAL);
    assert_int_equal(level_of(0, 30, 0), MF_NOTICE);
    assert_int_equal(level_of(0, 49, 0), MF_NOTICE);
    assert_int_equal(level_of(0, 50, 0), MF_SUSPICIOUS);
    assert_int_equal(level_of(0, 44, 30), MF_SUSPICIOUS);
    assert_int_equal(level_of(0, 45, 30), MF_ANOMALOUS);
}

static void thresholds_can_be_set(void **state)
{
    (void)state;
    conf.notice = 10;
    conf.suspicious = 20;
    conf.anomalous = 61;
    found("refused_burst", 10);
    sum();
    assert_int_equal(verdict.level, MF_NOTICE);
    found("refused_burst", 30);
    found("new_source", 30);
    sum();
    assert_int_equal(verdict.level, MF_SUSPICIOUS);
    found("new_source", 31);
    sum();
    assert_int_equal(verdict.level, MF_ANOMALOUS);
}

static void volume_alone_is_never_anomalous(void **state)
{
    (void)state;
    assert_int_equal(level_of(60, 0, 0), MF_SUSPICIOUS);
    conf.volume_cap = 100;
    found("prompt_burst", 100);
    found("unanswered_burst", 100);
    found("unusual_rate", 100);
    found("refused_burst", 0);
    sum();
    assert_int_equal(verdict.score, 100);
    assert_int_equal(verdict.level, MF_SUSPICIOUS);
}

static void a_place_alone_is_never_anomalous(void **state)
{
    blank(state);
    conf.source_cap = conf.hints_cap = 100;
    found("new_source", 100);
    found("impossible_travel", 100);
    sum();
    assert_int_equal(verdict.score, 100);
    assert_int_equal(verdict.level, MF_SUSPICIOUS);
}

static void outcome_alone_is_not_anomalous_unless_decisive(void **state)
{
    (void)state;
    assert_int_equal(level_of(0, 90, 0), MF_SUSPICIOUS);
    finding_of("refused_burst")->decisive = 1;
    sum();
    assert_int_equal(verdict.level, MF_ANOMALOUS);
    assert_true(verdict.decisive);
}

static void two_groups_must_speak_with_30_points(void **state)
{
    (void)state;
    assert_int_equal(level_of(0, 90, 29), MF_SUSPICIOUS);
    assert_int_equal(level_of(0, 90, 30), MF_ANOMALOUS);
    assert_int_equal(level_of(29, 90, 0), MF_SUSPICIOUS);
    assert_int_equal(level_of(30, 90, 0), MF_ANOMALOUS);
    assert_int_equal(level_of(60, 0, 29), MF_SUSPICIOUS);
    assert_int_equal(level_of(60, 0, 30), MF_ANOMALOUS);
    assert_int_equal(level_of(29, 29, 29), MF_SUSPICIOUS);
}

static void a_decisive_signal_is_anomalous_by_itself(void **state)
{
    (void)state;
    found("fraud_reported", 1);
    finding_of("fraud_reported")->decisive = 1;
    sum();
    assert_int_equal(verdict.score, 1);
    assert_int_equal(verdict.level, MF_ANOMALOUS);
    assert_int_equal(verdict.severity, MF_SEVERITY_HIGH);
}

/* ---- halving ---- */

static unsigned volume_of(bool unfamiliar, bool refused, unsigned prompts)
{
    void *state = NULL;

    blank(&state);
    found("prompt_burst", 35);
    found("unanswered_burst", 45);
    standing = (struct mf_standing){.unfamiliar = unfamiliar, .refused = refused, .prompts = prompts};
    sum();
    return verdict.group[MF_GROUP_VOLUME];
}

static void volume_from_home_is_halved_after_its_cap(void **state)
{
    (void)state;
    assert_int_equal(volume_of(false, false, 9), 30);
    assert_true(verdict.halved);
    assert_int_equal(verdict.score, 30);
}

static void volume_is_not_halved_from_elsewhere_or_when_refused_or_from_ten_prompts_on(void **state)
{
    (void)state;
    assert_int_equal(volume_of(true, false, 9), 60);
    assert_int_equal(volume_of(false, true, 9), 60);
    assert_int_equal(volume_of(false, false, 10), 60);
    assert_false(verdict.halved);
}

static void volume_is_not_halved_where_nothing_is_known_of_a_source_that_is_told(void **state)
{
    blank(state);
    found("unanswered_burst", 45);
    standing = (struct mf_standing){.dark = true, .prompts = 3};
    sum();
    assert_int_equal(verdict.group[MF_GROUP_VOLUME], 45);
    assert_false(verdict.halved);
    blank(state);
    found("unusual_rate", 60);
    standing =
        (struct mf_standing){.dark = true, .prompts = 2}; /* login after login that went well, and one that did not */
    sum();
    assert_int_equal(verdict.group[MF_GROUP_VOLUME], 30);
    assert_true(verdict.halved);
}

static void only_volume_is_halved(void **state)
{
    (void)state;
    standing.familiar = true;
    found("refused_burst", 70);
    found("new_source", 30);
    sum();
    assert_int_equal(verdict.score, 100);
    assert_false(verdict.halved);
}

static void half_of_an_odd_number_is_rounded_down(void **state)
{
    (void)state;
    standing.familiar = true;
    found("prompt_burst", 35);
    sum();
    assert_int_equal(verdict.group[MF_GROUP_VOLUME], 17);
}

static void volume_at_home_is_no_second_group(void **state)
{
    (void)state;
    standing.refused = true;
    found("prompt_burst", 60);
    found("refused_burst", 90);
    sum();
    assert_int_equal(verdict.level, MF_ANOMALOUS);
    standing.familiar = true;
    sum();
    assert_int_equal(verdict.score, 100);
    assert_int_equal(verdict.level, MF_SUSPICIOUS);
}

static void volume_at_home_is_one_when_the_prompt_was_approved_in_the_end(void **state)
{
    (void)state;
    standing.familiar = standing.refused = standing.owned = true;
    found("prompt_burst", 35);
    found("refused_burst", 70);
    sum();
    assert_int_equal(verdict.level, MF_ANOMALOUS);
    assert_int_equal(verdict.severity, MF_SEVERITY_CRITICAL);
}

/* ---- severity ---- */

static void severity_goes_by_level(void **state)
{
    (void)state;
    level_of(0, 29, 0);
    assert_int_equal(verdict.severity, MF_SEVERITY_NONE);
    level_of(0, 30, 0);
    assert_int_equal(verdict.severity, MF_SEVERITY_LOW);
    level_of(0, 50, 0);
    assert_int_equal(verdict.severity, MF_SEVERITY_MEDIUM);
    level_of(0, 70, 30);
    assert_int_equal(verdict.severity, MF_SEVERITY_HIGH);
}

static void what_the_attack_owns_makes_an_anomalous_run_critical(void **state)
{
    (void)state;
    level_of(0, 70, 30);
    standing.owned = true;
    sum();
    assert_int_equal(verdict.severity, MF_SEVERITY_CRITICAL);
    level_of(0, 70, 29);
    standing.owned = true;
    sum();
    assert_int_equal(verdict.severity, MF_SEVERITY_MEDIUM);
}

/* ---- asking ---- */

static struct mf_signal_conf signal_conf[MF_SIGNALS_MAX];
static struct mf_awake awake;
static struct mf_view view;
static struct mf_event event;
static struct mf_user user;
static struct mf_recent recent;
static struct mf_scene scene;
static struct mf_address address;
static const struct mf_source_values source;
static const struct mf_rate_answer rate;
static struct mf_place place;
static struct mf_context context;

static int blank_asking(void **state)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        mf_options_default(mf_signals[i]->options, &signal_conf[i]);
    mf_awake_init(&awake);
    memset(&view, 0, sizeof view);
    memset(&event, 0, sizeof event);
    memset(&place, 0, sizeof place);
    memset(&user, 0, sizeof user);
    memset(&scene, 0, sizeof scene);
    user.recent = &recent;
    context = (struct mf_context){
        .event = &event,
        .user = &user,
        .place = &place,
        .source = &source,
        .scene = &scene,
        .address = &address,
        .rate = &rate,
        .carries = UINT_MAX,
        .current = true,
    };
    return blank(state);
}

static void refuse(unsigned n)
{
    view.n = 0;
    for (unsigned i = 0; i < n; i++)
        view.attempt[view.n++] = (struct mf_view_attempt){.time = NOW, .settled = NOW, .outcome = MF_REFUSED};
}

static void ask(void)
{
    mf_view_sort(&view, NOW, view.n);
    mf_verdict_ask(signal_conf, &awake, &context, &view, NOW, &run, NULL);
}

static void a_run_keeps_the_highest_answer(void **state)
{
    (void)state;
    refuse(5);
    ask();
    assert_int_equal(finding_of("refused_burst")->points, 70);
    assert_int_equal(finding_of("refused_burst")->observed, 5);
    assert_int_equal(finding_of("refused_burst")->threshold, 5);
    refuse(3);
    ask();
    assert_int_equal(finding_of("refused_burst")->points, 70);
    assert_int_equal(finding_of("refused_burst")->observed, 5);
    refuse(9);
    ask();
    assert_int_equal(finding_of("refused_burst")->points, 70);
    assert_int_equal(finding_of("refused_burst")->observed, 9);
    refuse(10);
    ask();
    assert_int_equal(finding_of("refused_burst")->points, 90);
    assert_int_equal(finding_of("refused_burst")->threshold, 10);
}

static void a_signal_that_is_off_is_not_asked(void **state)
{
    (void)state;
    refuse(5);
    for (unsigned i = 0; i < mf_n_signals; i++)
        signal_conf[i].enabled = false;
    ask();
    for (unsigned i = 0; i < mf_n_signals; i++)
        assert_int_equal(run.finding[i].points, 0);
}

static void a_decisive_answer_stays_decisive(void **state)
{
    (void)state;
    view.n = 1;
    view.attempt[0] = (struct mf_view_attempt){.time = NOW, .settled = NOW, .outcome = MF_FRAUD};
    ask();
    assert_true(finding_of("fraud_reported")->decisive);
    view.n = 0;
    ask();
    assert_true(finding_of("fraud_reported")->decisive);
    assert_int_equal(finding_of("fraud_reported")->points, 100);
}

static void each_signal_is_asked_with_its_own_settings(void **state)
{
    (void)state;
    place = (struct mf_place){.familiarity = MF_UNFAMILIAR, .new_country = true};
    refuse(3);
    ask();
    assert_int_equal(finding_of("new_source")->points, 30);
    assert_int_equal(finding_of("refused_burst")->points, 45);
    assert_int_equal(finding_of("prompt_burst")->points, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, blank)
/* ---- who is asked ---- */

static struct mf_answer answers[MF_SIGNALS_MAX];

static uint32_t ask_with_answers(void)
{
    memset(answers, 0xa5, sizeof answers);
    mf_view_sort(&view, NOW, view.n);
    return mf_verdict_ask(signal_conf, &awake, &context, &view, NOW, &run, answers);
}

/* Ten refusals in one moment, from a new country. */
static void refuse_from_abroad(void)
{
    refuse(10);
    for (unsigned i = 0; i < view.n; i++)
        view.attempt[i].flags = MF_ATTEMPT_PROMPT | MF_ATTEMPT_UNFAMILIAR;
    event.source.family = 4;
    place = (struct mf_place){.familiarity = MF_UNFAMILIAR, .new_country = true};
}

static unsigned index_of(const char *name)
{
    for (unsigned i = 0; i < mf_n_signals; i++)
        if (strcmp(mf_signals[i]->name, name) == 0)
            return i;
    fail_msg("there is no signal %s", name);
    return 0;
}

static bool fires(uint32_t fired, const char *name)
{
    bool bit = (fired & UINT32_C(1) << index_of(name)) != 0;

    assert_int_equal(bit, answers[index_of(name)].state == MF_ANSWER_FIRED);
    return bit;
}

static void each_signal_answers(void **state)
{
    (void)state;
    refuse_from_abroad();
    uint32_t fired = ask_with_answers();
    assert_true(fires(fired, "refused_burst"));
    assert_true(fires(fired, "prompt_burst"));
    assert_true(fires(fired, "new_source"));
    assert_false(fires(fired, "fraud_reported"));
    assert_int_equal(answers[index_of("refused_burst")].finding.observed, 10);
    assert_int_equal(answers[index_of("fraud_reported")].state, MF_ANSWER_NO);
    assert_int_equal(answers[index_of("fraud_reported")].finding.threshold, 1); /* what it would have taken */
    assert_int_equal(fired >> mf_n_signals, 0);
    for (unsigned i = 0; i < mf_n_signals; i++)
        assert_ptr_equal(answers[i].finding.signal, mf_signals[i]);
}

static void what_is_disabled_is_not_asked(void **state)
{
    (void)state;
    refuse_from_abroad();
    for (unsigned i = 0; i < mf_n_signals; i++)
        signal_conf[i].enabled = false;
    assert_int_equal(ask_with_answers(), 0);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        assert_int_equal(answers[i].state, MF_ANSWER_DISABLED);
        assert_int_equal(run.finding[i].points, 0);
    }
    assert_int_equal(mf_verdict_missing(signal_conf, 0), 0);
}

/* Each thing that a feed can carry, and is not there, silences exactly the signals that need it. */
static void what_a_feed_does_not_carry_silences_what_needs_it(void **state)
{
    (void)state;
    refuse_from_abroad();
    for (unsigned bit = 0; bit < MF_N_CARRIED; bit++) {
        context.carries = ~(1u << bit);
        ask_with_answers();
        for (unsigned i = 0; i < mf_n_signals; i++)
            assert_int_equal(answers[i].state == MF_ANSWER_NOT_CARRIED, (mf_signals[i]->needs & 1u << bit) != 0);
    }
    memset(&run, 0, sizeof run);
    context.carries = UINT_MAX & ~(unsigned)MF_CARRIES_REFUSALS;
    uint32_t fired = ask_with_answers();
    assert_false(fires(fired, "refused_burst"));
    assert_int_equal(run.finding[index_of("refused_burst")].points, 0);
    context.carries = MF_CARRIES_REFUSALS;
    fired = ask_with_answers();
    assert_true(fires(fired, "refused_burst"));
}

static void needs_are_as_documented(void **state)
{
    static const struct {
        const char *name;
        unsigned needs;
    } signals[] = {
        {"refused_burst", MF_CARRIES_REFUSALS},
        {"approved_after_refusals", MF_CARRIES_REFUSALS},
        {"unanswered_burst", MF_CARRIES_TIMEOUTS},
        {"approved_after_silence", MF_CARRIES_TIMEOUTS},
        {"impossible_travel", MF_CARRIES_COORDINATES},
        {"anonymizer", MF_CARRIES_ADDRESSES},
        {"fan_in", MF_CARRIES_ADDRESSES},
        {"active_elsewhere", MF_CARRIES_ADDRESSES},
        {"spray_then_prompt", MF_CARRIES_PASSWORDS | MF_CARRIES_ADDRESSES},
        {"no_login", MF_CARRIES_LOGINS},
        {"no_session", MF_CARRIES_SESSIONS},
        {"prompt_burst", 0},
        {"fraud_reported", 0},
        {"slow_drip", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        assert_int_equal(mf_signals[index_of(signals[i].name)]->needs, signals[i].needs);
}

static void what_is_missing_is_what_enabled_signals_need(void **state)
{
    unsigned needs = 0;

    (void)state;
    for (unsigned i = 0; i < mf_n_signals; i++)
        needs |= mf_signals[i]->needs;
    assert_int_equal(mf_verdict_missing(signal_conf, 0), needs);
    assert_int_equal(mf_verdict_missing(signal_conf, needs), 0);
    assert_int_equal(mf_verdict_missing(signal_conf, needs & ~(unsigned)MF_CARRIES_LOGINS), MF_CARRIES_LOGINS);
    signal_conf[index_of("no_login")].enabled = false;
    assert_int_equal(mf_verdict_missing(signal_conf, needs & ~(unsigned)MF_CARRIES_LOGINS), 0);
}

/* Whoever is listed: source signals are not asked, all others are. */
static void a_listed_source_silences_source_signals_alone(void **state)
{
    (void)state;
    for (unsigned list = 0; list < 3; list++) {
        blank_asking(state);
        refuse_from_abroad();
        scene.egress = list == 0;
        scene.vpn = list == 1;
        scene.travel = list == 2;
        uint32_t fired = ask_with_answers();
        for (unsigned i = 0; i < mf_n_signals; i++)
            assert_int_equal(answers[i].state == MF_ANSWER_LISTED, mf_signals[i]->group == MF_GROUP_SOURCE);
        assert_true(fires(fired, "refused_burst"));
        assert_int_equal(run.finding[index_of("new_source")].points, 0);
    }
    blank_asking(state);
    refuse_from_abroad();
    scene.home = scene.anonymizer = true; /* no lists that keep a place out */
    assert_true(fires(ask_with_answers(), "new_source"));
    assert_true(answers[index_of("anonymizer")].state == MF_ANSWER_FIRED);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* Some attempts of the last day, most of them approved as in real life. */
static void draw_view(uint64_t *seed)
{
    unsigned n = (unsigned)draw(seed, MF_ATTEMPTS_MAX + 1);
    mf_time time = NOW - MF_DAY;

    for (unsigned i = 0; i < n; i++) {
        bool approved = draw(seed, 3) > 0;
        time += (mf_time)draw(seed, (uint64_t)(NOW - time) / 8 + 1);
        view.attempt[i] = (struct mf_view_attempt){
            .time = draw(seed, 8) == 0 ? NOW : time,
            .outcome = approved ? MF_APPROVED : (enum mf_outcome)draw(seed, MF_N_OUTCOMES),
            .factor = (enum mf_factor)draw(seed, MF_FACTOR_OTP + 1),
            .flags = (uint8_t)draw(seed, 256),
        };
        time = view.attempt[i].time;
        view.attempt[i].settled = view.attempt[i].outcome == MF_OPEN ? MF_TIME_NONE : time;
    }
    view.n = n;
}

/* The answers show what a signal would have said that is left out because of what attempts there are. */
static void whoever_is_left_out_would_have_said_no(void **state)
{
    uint64_t seed = 1;

    for (unsigned i = 0; i < 5000; i++) {
        blank_asking(state);
        draw_view(&seed);
        place.familiarity = (enum mf_familiarity)draw(&seed, 3);
        place.new_country = place.familiarity == MF_UNFAMILIAR && draw(&seed, 2) == 0;
        event.source.family = (uint8_t)(draw(&seed, 4) == 0 ? 0 : 4);
        event.answer_source = draw(&seed, 4) == 0;
        context.current = draw(&seed, 4) > 0;
        for (unsigned mark = 0; mark < MF_MARKS_MAX; mark++)
            address.mark[draw(&seed, MF_N_MARKS)][mark] =
                (struct mf_mark){.time = (uint32_t)(NOW / MF_SECOND) - 60, .user = mark + 1};
        mf_view_sort(&view, NOW, view.n);
        memset(&run, 0, sizeof run);
        uint32_t all = mf_verdict_ask(signal_conf, &awake, &context, &view, NOW, &run, answers);
        struct mf_run all_run = run;
        memset(&run, 0, sizeof run);
        assert_int_equal(mf_verdict_ask(signal_conf, &awake, &context, &view, NOW, &run, NULL), all);
        assert_memory_equal(run.finding, all_run.finding, sizeof run.finding);
    }
}

#define ASKING(name) cmocka_unit_test_setup(name, blank_asking)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_as_documented),
        TEST(levels_and_severities_have_names),
        TEST(nothing_found_is_normal),
        TEST(a_verdict_shows_its_findings),
        TEST(each_group_has_a_cap),
        TEST(hints_have_a_cap_of_their_own),
        TEST(a_score_ends_at_100),
        TEST(thresholds_hold_from_their_number_on),
        TEST(thresholds_can_be_set),
        TEST(volume_alone_is_never_anomalous),
        TEST(a_place_alone_is_never_anomalous),
        TEST(outcome_alone_is_not_anomalous_unless_decisive),
        TEST(two_groups_must_speak_with_30_points),
        TEST(a_decisive_signal_is_anomalous_by_itself),
        TEST(volume_from_home_is_halved_after_its_cap),
        TEST(volume_is_not_halved_from_elsewhere_or_when_refused_or_from_ten_prompts_on),
        TEST(volume_is_not_halved_where_nothing_is_known_of_a_source_that_is_told),
        TEST(only_volume_is_halved),
        TEST(half_of_an_odd_number_is_rounded_down),
        TEST(volume_at_home_is_no_second_group),
        TEST(volume_at_home_is_one_when_the_prompt_was_approved_in_the_end),
        TEST(severity_goes_by_level),
        TEST(what_the_attack_owns_makes_an_anomalous_run_critical),
        ASKING(each_signal_answers),
        ASKING(what_is_disabled_is_not_asked),
        ASKING(what_a_feed_does_not_carry_silences_what_needs_it),
        ASKING(needs_are_as_documented),
        ASKING(what_is_missing_is_what_enabled_signals_need),
        ASKING(a_listed_source_silences_source_signals_alone),
        ASKING(whoever_is_left_out_would_have_said_no),
        ASKING(a_run_keeps_the_highest_answer),
        ASKING(a_signal_that_is_off_is_not_asked),
        ASKING(a_decisive_answer_stays_decisive),
        ASKING(each_signal_is_asked_with_its_own_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
