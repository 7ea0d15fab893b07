/* tests/test_trace.c
 *
 * What is kept of a user whose recent part made room (src/memory/trace.c), and comes back. */

#include "memory/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory/observe.h"
#include "memory/view.h"

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static const struct mf_time_conf times = {20 * MF_MINUTE, 5 * MF_MINUTE, 5 * MF_MINUTE};

enum { ROOM = 8 }; /* two buckets */

struct scene {
    struct mf_traces traces;
    struct mf_recent recent;
    struct mf_user user;
};

static void blank(struct scene *scene, mf_time now)
{
    scene->recent = (struct mf_recent){.base = now - MF_DAY};
    scene->recent.run.start = scene->recent.run.last = MF_TIME_NONE;
    scene->user.recent = &scene->recent;
    scene->user.first_seen = scene->user.last_seen = MF_TIME_NONE;
}

static int make(void **state)
{
    static struct scene scene;

    memset(&scene, 0, sizeof scene);
    *state = &scene;
    blank(&scene, NOW);
    return mf_traces_init(&scene.traces, ROOM);
}

static int unmake(void **state)
{
    mf_traces_fini(&((struct scene *)*state)->traces);
    return 0;
}

/* All in one bucket. */
static struct mf_hash key_of(uint32_t n)
{
    return (struct mf_hash){(uint64_t)n << 32, 0};
}

static void happen(struct scene *scene, enum mf_kind kind, mf_time time)
{
    struct mf_event event = {.time = time, .kind = kind, .factor = MF_FACTOR_PUSH, .prompts = kind == MF_MFA_CHALLENGE};
    struct mf_source_values source = {1, 2, 3};
    struct mf_place place = {.familiarity = MF_UNFAMILIAR, .new_country = true};
    struct mf_sighting sighting;

    mf_user_observe(&scene->user, &event, &source, &place, &times, &sighting);
}

static void rest_and_return(struct scene *scene, mf_time now)
{
    mf_traces_keep(&scene->traces, key_of(1), &scene->recent, scene->user.last_seen, false);
    blank(scene, now);
    mf_traces_give_back(&scene->traces, key_of(1), now, &scene->recent);
}

static void attempts_come_back_as_they_were(void **state)
{
    struct scene *scene = *state;
    struct mf_view before, after;

    happen(scene, MF_MFA_CHALLENGE, NOW);
    happen(scene, MF_MFA_DENIED, NOW + 17 * MF_SECOND);
    happen(scene, MF_MFA_CHALLENGE, NOW + MF_MINUTE + 123);
    happen(scene, MF_MFA_CHALLENGE, NOW + 2 * MF_MINUTE);
    mf_time now = NOW + 10 * MF_MINUTE;
    mf_user_view(&scene->recent, now, &times, &before);
    rest_and_return(scene, now);
    mf_user_view(&scene->recent, now, &times, &after);
    assert_int_equal(after.n, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(before.attempt[i].time, after.attempt[i].time);
        assert_int_equal(before.attempt[i].settled, after.attempt[i].settled);
        assert_int_equal(before.attempt[i].outcome, after.attempt[i].outcome);
        assert_int_equal(before.attempt[i].factor, after.attempt[i].factor);
        assert_int_equal(before.attempt[i].flags, after.attempt[i].flags);
    }
}

static void the_run_goes_on(void **state)
{
    struct scene *scene = *state;

    happen(scene, MF_MFA_CHALLENGE, NOW - 2 * MF_HOUR);
    happen(scene, MF_MFA_CHALLENGE, NOW);
    happen(scene, MF_MFA_CHALLENGE, NOW + 20 * MF_MINUTE);
    rest_and_return(scene, NOW + 40 * MF_MINUTE);
    assert_int_equal(scene->recent.run.start, NOW);
    assert_int_equal(scene->recent.run.last, NOW + 20 * MF_MINUTE);
    happen(scene, MF_MFA_CHALLENGE, NOW + 40 * MF_MINUTE);
    assert_int_equal(scene->recent.run.start, NOW);
    assert_int_equal(scene->recent.n_attempts, 4);
}

static void of_more_than_five_those_that_press_are_kept(void **state)
{
    struct scene *scene = *state;
    struct mf_view view;

    for (int i = 0; i < 3; i++)
        happen(scene, MF_MFA_DENIED, NOW + i * MF_MINUTE);
    for (int i = 3; i < 9; i++)
        happen(scene, MF_MFA_SUCCESS, NOW + i * MF_MINUTE);
    rest_and_return(scene, NOW + MF_HOUR);
    mf_user_view(&scene->recent, NOW + MF_HOUR, &times, &view);
    assert_int_equal(view.n, MF_TRACE_ATTEMPTS);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(view.attempt[i].outcome, MF_REFUSED);
    for (unsigned i = 3; i < MF_TRACE_ATTEMPTS; i++) {
        assert_int_equal(view.attempt[i].outcome, MF_APPROVED);
        assert_int_equal(view.attempt[i].time, NOW + (4 + i) * MF_MINUTE);
    }
}

static void a_login_still_explains_its_prompt(void **state)
{
    struct scene *scene = *state;

    happen(scene, MF_LOGIN_SUCCESS, NOW);
    rest_and_return(scene, NOW + 5 * MF_MINUTE);
    happen(scene, MF_MFA_CHALLENGE, NOW + 5 * MF_MINUTE);
    assert_true(scene->recent.attempt[0].flags & MF_ATTEMPT_EXPLAINED);
}

static void nothing_comes_back_after_a_day_or_to_another(void **state)
{
    struct scene *scene = *state;

    happen(scene, MF_MFA_CHALLENGE, NOW);
    mf_traces_keep(&scene->traces, key_of(1), &scene->recent, NOW, false);
    blank(scene, NOW);
    mf_traces_give_back(&scene->traces, key_of(2), NOW, &scene->recent);
    assert_int_equal(scene->recent.n_attempts, 0);
    mf_traces_give_back(&scene->traces, key_of(1), NOW + MF_DAY + MF_SECOND, &scene->recent);
    assert_int_equal(scene->recent.n_attempts, 0);
}

static void it_comes_back_once(void **state)
{
    struct scene *scene = *state;

    happen(scene, MF_MFA_CHALLENGE, NOW);
    rest_and_return(scene, NOW);
    assert_int_equal(scene->recent.n_attempts, 1);
    blank(scene, NOW);
    mf_traces_give_back(&scene->traces, key_of(1), NOW, &scene->recent);
    assert_int_equal(scene->recent.n_attempts, 0);
}

/* So many names of which one thing is known, each later than the one before. */
static void flood(struct scene *scene, enum mf_kind kind, uint32_t names)
{
    for (uint32_t i = 0; i < names; i++) {
        blank(scene, NOW + MF_MINUTE + i);
        happen(scene, kind, NOW + MF_MINUTE + i);
        mf_traces_keep(&scene->traces, key_of(1000 + i), &scene->recent, NOW + MF_MINUTE + i, false);
    }
}

static unsigned left_of_one_prompt_after(struct scene *scene, enum mf_kind kind)
{
    happen(scene, MF_MFA_CHALLENGE, NOW);
    mf_traces_keep(&scene->traces, key_of(1), &scene->recent, NOW, false);
    flood(scene, kind, 100);
    blank(scene, NOW + MF_HOUR);
    mf_traces_give_back(&scene->traces, key_of(1), NOW + MF_HOUR, &scene->recent);
    return scene->recent.n_attempts;
}

static void failed_logins_push_out_no_prompt(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(left_of_one_prompt_after(scene, MF_LOGIN_FAILURE), 1);
    assert_int_equal(scene->traces.lost, 0);
}

static void the_oldest_of_equals_goes_and_is_counted(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(left_of_one_prompt_after(scene, MF_MFA_CHALLENGE), 0);
    assert_int_equal(scene->traces.lost, 101 - MF_TRACE_WAYS);
}

static void no_stranger_pushes_out_who_was_let_in(void **state)
{
    struct scene *scene = *state;

    happen(scene, MF_MFA_CHALLENGE, NOW);
    mf_traces_keep(&scene->traces, key_of(1), &scene->recent, NOW, true);
    for (uint32_t i = 0; i < 100; i++) {
        blank(scene, NOW + MF_MINUTE);
        for (unsigned j = 0; j < 4; j++)
            happen(scene, MF_MFA_CHALLENGE, NOW + MF_MINUTE + j * 3 * MF_SECOND);
        mf_traces_keep(&scene->traces, key_of(1000 + i), &scene->recent, NOW + 2 * MF_MINUTE, false);
    }
    blank(scene, NOW + MF_HOUR);
    mf_traces_give_back(&scene->traces, key_of(1), NOW + MF_HOUR, &scene->recent);
    assert_int_equal(scene->recent.n_attempts, 1);
}

/* Names with more prompts are no worthier: each stays for as long as any other. */
static void many_prompts_keep_no_newcomer_out(void **state)
{
    struct scene *scene = *state;

    for (uint32_t i = 0; i < 2 * MF_TRACE_WAYS; i++) {
        blank(scene, NOW + i * MF_MINUTE);
        for (unsigned j = 0; j < 4; j++)
            happen(scene, MF_MFA_CHALLENGE, NOW + i * MF_MINUTE + j * 3 * MF_SECOND);
        mf_traces_keep(&scene->traces, key_of(1000 + i), &scene->recent, NOW + i * MF_MINUTE + 9 * MF_SECOND, false);
    }
    blank(scene, NOW + MF_HOUR);
    happen(scene, MF_MFA_CHALLENGE, NOW + MF_HOUR);
    rest_and_return(scene, NOW + MF_HOUR + MF_MINUTE);
    assert_int_equal(scene->recent.n_attempts, 1);
}

/* A bucket that is full of others' is not the end: the other one has room. */
static void who_finds_one_bucket_full_has_another(void **state)
{
    struct scene *scene = *state;

    for (uint32_t i = 0; i < 2 * MF_TRACE_WAYS; i++) {
        blank(scene, NOW + i);
        happen(scene, MF_MFA_CHALLENGE, NOW + i);
        mf_traces_keep(&scene->traces, (struct mf_hash){(uint64_t)(i + 1) << 32, UINT64_C(1) << 32}, &scene->recent,
                       NOW + i, false);
    }
    assert_int_equal(scene->traces.lost, 0);
    for (uint32_t i = 0; i < 2 * MF_TRACE_WAYS; i++) {
        blank(scene, NOW + MF_MINUTE);
        mf_traces_give_back(&scene->traces, (struct mf_hash){(uint64_t)(i + 1) << 32, UINT64_C(1) << 32},
                            NOW + MF_MINUTE, &scene->recent);
        assert_int_equal(scene->recent.n_attempts, 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attempts_come_back_as_they_were),
        TEST(the_run_goes_on),
        TEST(of_more_than_five_those_that_press_are_kept),
        TEST(a_login_still_explains_its_prompt),
        TEST(nothing_comes_back_after_a_day_or_to_another),
        TEST(it_comes_back_once),
        TEST(failed_logins_push_out_no_prompt),
        TEST(the_oldest_of_equals_goes_and_is_counted),
        TEST(no_stranger_pushes_out_who_was_let_in),
        TEST(many_prompts_keep_no_newcomer_out),
        TEST(who_finds_one_bucket_full_has_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
