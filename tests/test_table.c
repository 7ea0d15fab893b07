/* tests/test_table.c
 *
 * The bounded table of users (src/memory/table.c): found again, evicted in the right order, never when an incident is
 * open. */

#include "memory/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory/observe.h"

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

static const struct mf_table_conf small = {.users = 1024, .recent = 256, .traces = 4096, .deliveries = 1024};

static int make(void **state)
{
    *state = mf_table_new(&small, NULL);
    return *state == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    mf_table_free(*state);
    return 0;
}

/* All of one shard, so that a few hundred users fill it: the upper half picks the shard, the lower one the slot; both the
 * places of its trace. */
static struct mf_hash key_of(uint64_t n)
{
    return (struct mf_hash){n * 0x9e3779b97f4a7c15u, n * 0xbf58476d1ce4e5b9u << 32 | 64};
}

/* Opens the user, as an event at `now` would. NULL when there is no room. The lock is given back at once: one thread
 * here. */
static struct mf_user *meet(struct mf_table *table, uint64_t n, mf_time now)
{
    struct mf_shard *shard;
    struct mf_user *user = mf_table_open(table, key_of(n), now, &shard);

    if (user == NULL)
        return NULL;
    if (user->first_seen == MF_TIME_NONE)
        user->first_seen = now;
    user->last_seen = now;
    mf_table_close(shard);
    return user;
}

static struct mf_user *find(struct mf_table *table, uint64_t n)
{
    struct mf_shard *shard;
    struct mf_user *user = mf_table_find(table, key_of(n), &shard);

    if (user != NULL)
        mf_table_close(shard);
    return user;
}

static void give_history(struct mf_user *user)
{
    static const struct mf_source_values home = {1, 2, 3};

    mf_user_learn(user, &home, NOW);
}

static struct mf_table_counts counts_of(struct mf_table *table)
{
    struct mf_table_counts counts;

    mf_table_count(table, &counts);
    return counts;
}

/* How many users one shard holds. */
static unsigned room_of_a_shard(void)
{
    struct mf_table *table = mf_table_new(&small, NULL);
    unsigned n = 0;

    assert_non_null(table);
    while (counts_of(table).users_evicted == 0)
        meet(table, ++n, NOW);
    mf_table_free(table);
    return n - 1;
}

/* ---- finding ---- */

static void a_new_user_is_blank(void **state)
{
    struct mf_shard *shard;
    struct mf_user *user = mf_table_open(*state, key_of(1), NOW, &shard);

    assert_non_null(user);
    assert_true(mf_hash_equal(user->key, key_of(1)));
    assert_int_equal(user->first_seen, MF_TIME_NONE);
    assert_int_equal(user->last_seen, MF_TIME_NONE);
    assert_int_equal(user->incident, 0);
    assert_non_null(user->recent);
    assert_int_equal(user->recent->n_attempts, 0);
    assert_int_equal(user->recent->run.start, MF_TIME_NONE);
    mf_table_close(shard);
}

static void a_user_is_found_again(void **state)
{
    struct mf_user *user = meet(*state, 1, NOW);

    assert_ptr_equal(find(*state, 1), user);
    assert_ptr_equal(meet(*state, 1, NOW + MF_DAY), user);
    assert_int_equal(user->first_seen, NOW);
    assert_int_equal(counts_of(*state).users, 1);
}

static void an_unknown_user_is_not_made_by_looking(void **state)
{
    assert_null(find(*state, 1));
    assert_int_equal(counts_of(*state).users, 0);
}

static void keys_that_share_a_slot_stay_apart(void **state)
{
    struct mf_user *user[16];
    struct mf_shard *shard;

    /* the same lower bits, and the same shard */
    for (uint64_t i = 0; i < 16; i++) {
        user[i] = mf_table_open(*state, (struct mf_hash){i << 40 | 5, 64}, NOW, &shard);
        assert_non_null(user[i]);
        mf_table_close(shard);
    }
    for (uint64_t i = 0; i < 16; i++) {
        assert_ptr_equal(mf_table_find(*state, (struct mf_hash){i << 40 | 5, 64}, &shard), user[i]);
        mf_table_close(shard);
    }
}

static void keys_that_differ_in_the_upper_half_only_are_two_users(void **state)
{
    struct mf_shard *shard;
    struct mf_user *a = mf_table_open(*state, (struct mf_hash){5, 64}, NOW, &shard), *b;

    mf_table_close(shard);
    b = mf_table_open(*state, (struct mf_hash){5, 128}, NOW, &shard);
    mf_table_close(shard);
    assert_ptr_not_equal(a, b);
}

static void the_table_holds_what_was_asked_for(void **state)
{
    struct mf_hash_key key = {1, 2};
    struct mf_shard *shard;

    for (uint64_t i = 0; i < small.users; i++) {
        struct mf_user *user = mf_table_open(*state, mf_hash_bytes(&key, &i, sizeof i), NOW, &shard);
        assert_non_null(user);
        user->last_seen = NOW;
        mf_table_close(shard);
    }
    /* hashing is uneven: a few may go early, not more */
    assert_true(counts_of(*state).users_evicted <= small.users / 50);
}

/* ---- eviction of users ---- */

static void a_full_shard_forgets_and_counts(void **state)
{
    unsigned room = room_of_a_shard();

    for (unsigned i = 1; i <= room + 10; i++)
        assert_non_null(meet(*state, i, NOW + i));
    assert_int_equal(counts_of(*state).users, room);
    assert_int_equal(counts_of(*state).users_evicted, 10);
    assert_int_equal(counts_of(*state).refused, 0);
    for (unsigned i = room + 1; i <= room + 10; i++)
        assert_non_null(find(*state, i));
}

/* Every key of a table under churn is either found with its own record, or gone. */
static void the_index_stays_whole_under_churn(void **state)
{
    unsigned room = room_of_a_shard(), found;

    for (uint64_t i = 1; i <= 20 * room; i++) {
        assert_non_null(meet(*state, i, NOW + (mf_time)i));
        assert_non_null(find(*state, i));
        if (i % 50 != 0)
            continue;
        found = 0;
        for (uint64_t j = 1; j <= i; j++) {
            struct mf_user *user = find(*state, j);
            if (user == NULL)
                continue;
            assert_true(mf_hash_equal(user->key, key_of(j)));
            found++;
        }
        assert_int_equal(found, counts_of(*state).users);
    }
}

static void a_user_with_an_incident_is_never_evicted(void **state)
{
    unsigned room = room_of_a_shard();
    struct mf_user *kept = meet(*state, 1, NOW);

    kept->incident = 1;
    for (unsigned i = 2; i <= 10 * room; i++)
        meet(*state, i, NOW + i);
    assert_ptr_equal(find(*state, 1), kept);
    assert_int_equal(kept->incident, 1);
    assert_non_null(kept->recent);
}

static void a_shard_full_of_incidents_refuses_and_counts(void **state)
{
    unsigned room = room_of_a_shard(), met = 0;

    for (unsigned i = 1; i <= room; i++) {
        struct mf_user *user = meet(*state, i, NOW);
        if (user == NULL)
            continue;
        user->incident = i;
        met++;
    }
    assert_true(met > 0);
    assert_null(meet(*state, room + 1, NOW));
    assert_true(counts_of(*state).refused > 0);
    /* and holds no lock: others go on */
    assert_non_null(find(*state, 1));
}

/* n users with history and no activity; then a flood of new names that are busy */
static unsigned survivors_of_a_flood(struct mf_table *table, unsigned n, unsigned flood)
{
    unsigned survivors = 0;

    for (unsigned i = 1; i <= n; i++) {
        give_history(meet(table, i, NOW));
        find(table, i)->touched = false;
    }
    for (unsigned i = 0; i < flood; i++) {
        struct mf_user *user = meet(table, 100000 + i, NOW + MF_HOUR);
        assert_non_null(user);
        user->recent->n_attempts = 1;
    }
    for (unsigned i = 1; i <= n; i++)
        survivors += find(table, i) != NULL;
    return survivors;
}

static void a_flood_of_busy_new_names_does_not_evict_history(void **state)
{
    unsigned room = room_of_a_shard();

    assert_int_equal(survivors_of_a_flood(*state, room / 4, 10 * room), room / 4);
}

static void history_goes_when_nothing_else_is_left(void **state)
{
    unsigned room = room_of_a_shard();

    assert_int_equal(survivors_of_a_flood(*state, room, 1), room - 1);
}

static void among_equals_the_one_not_seen_lately_goes(void **state)
{
    unsigned room = room_of_a_shard();

    for (unsigned i = 1; i <= room; i++)
        give_history(meet(*state, i, NOW));
    for (unsigned i = 1; i <= room; i++)
        find(*state, i)->touched = i != 3;
    meet(*state, room + 1, NOW);
    assert_null(find(*state, 3));
    for (unsigned i = 1; i <= room; i++)
        assert_true(i == 3 || find(*state, i) != NULL);
}

static void strangers_have_a_sixteenth_when_all_are_known(void **state)
{
    unsigned room = room_of_a_shard();

    assert_true(survivors_of_a_flood(*state, room, 20 * room) >= room - room / 16 - 1);
}

/* One event of the user, as the engine does it. */
static struct mf_user *happen(struct mf_table *table, uint64_t n, enum mf_kind kind, mf_time now)
{
    static const struct mf_time_conf times = {20 * MF_MINUTE, 5 * MF_MINUTE, 5 * MF_MINUTE};
    struct mf_event event = {.time = now, .kind = kind, .factor = MF_FACTOR_PUSH, .prompts = kind == MF_MFA_CHALLENGE};
    struct mf_source_values source = {0};
    struct mf_place place = {0};
    struct mf_sighting sighting;
    struct mf_shard *shard;
    struct mf_user *user = mf_table_open(table, key_of(n), now, &shard);

    if (user == NULL)
        return NULL;
    mf_user_observe(user, &event, &source, &place, &times, &sighting);
    mf_table_close(shard);
    return user;
}

enum { VICTIM = 7, INVENTED = 1000000 };

/* How many prompts of the victim are remembered at the last of six, while so many names of one event, or more, come
 * between any two. */
static unsigned prompts_remembered(struct mf_table *table, enum mf_kind kind, unsigned names, unsigned times)
{
    struct mf_user *victim = NULL;
    uint64_t name = INVENTED;
    mf_time now = NOW;

    for (unsigned prompt = 0; prompt < 6; prompt++) {
        victim = happen(table, VICTIM, MF_MFA_CHALLENGE, now += 10 * MF_SECOND);
        for (unsigned i = 0; i < names && prompt < 5; i++, name++)
            for (unsigned j = 0; j < times; j++)
                assert_non_null(happen(table, name, kind, now += 5 + j * 3 * MF_SECOND / 100));
    }
    return victim->recent->n_attempts;
}

static void a_flood_between_its_prompts_costs_a_new_user_none(void **state)
{
    assert_int_equal(prompts_remembered(*state, MF_LOGIN_FAILURE, 20000, 1), 6);
}

/* as many as half of a shard's share of the traces of `large` */
static void nor_do_names_that_are_prompted_themselves(void **state)
{
    static const struct mf_table_conf large = {.users = 1024, .recent = 256, .traces = 65536, .deliveries = 1024};

    (void)state;
    for (unsigned prompts = 1; prompts <= 3; prompts++) {
        struct mf_table *table = mf_table_new(&large, NULL);
        assert_non_null(table);
        assert_int_equal(prompts_remembered(table, MF_MFA_CHALLENGE, 512, prompts), 6);
        mf_table_free(table);
    }
}

static void a_flood_between_its_prompts_costs_a_user_with_history_none(void **state)
{
    give_history(meet(*state, VICTIM, NOW - MF_DAY));
    assert_int_equal(prompts_remembered(*state, MF_MFA_CHALLENGE, 20000, 1), 6);
}

/* ---- the pool of recent parts ---- */

static void a_flood_leaves_the_recent_parts_of_users_with_history(void **state)
{
    struct mf_user *user[2];

    for (unsigned i = 0; i < 2; i++) {
        give_history(meet(*state, i + 1, NOW));
        user[i] = meet(*state, i + 1, NOW);
        user[i]->recent->n_attempts = 1;
    }
    for (unsigned i = 0; i < 2000; i++)
        assert_non_null(happen(*state, INVENTED + i, MF_MFA_CHALLENGE, NOW + i));
    for (unsigned i = 0; i < 2; i++) {
        assert_ptr_equal(find(*state, i + 1), user[i]);
        assert_non_null(user[i]->recent);
    }
}

static void whoever_is_pressed_is_passed_over(void **state)
{
    struct mf_user *pressed = NULL;

    for (unsigned i = 0; i < 6; i++)
        pressed = happen(*state, VICTIM, MF_MFA_CHALLENGE, NOW + i * MF_MINUTE);
    for (unsigned i = 0; i < 2000; i++)
        assert_non_null(happen(*state, INVENTED + i, MF_MFA_CHALLENGE, NOW + MF_HOUR + i));
    assert_ptr_equal(find(*state, VICTIM), pressed);
    assert_non_null(pressed->recent);
    assert_int_equal(pressed->recent->n_attempts, 6);
}

static void an_incident_that_was_let_go_makes_room_again(void **state)
{
    unsigned met = 0;
    struct mf_user *user[512];

    for (unsigned i = 0; i < 512 && (user[i] = meet(*state, i + 1, NOW)) != NULL; i++, met++)
        user[i]->incident = i + 1;
    assert_null(meet(*state, INVENTED, NOW));
    user[1]->incident = 0; /* by whoever closed it: the table is not told */
    for (unsigned i = 0; i < met && meet(*state, INVENTED, NOW) == NULL; i++)
        ;
    assert_non_null(find(*state, INVENTED));
}

static void the_recent_part_of_the_longest_silent_is_taken(void **state)
{
    unsigned n = 0;

    while (counts_of(*state).recent_evicted == 0) {
        n++;
        meet(*state, n, NOW + n);
    }
    /* the first one is at rest now, and still remembered */
    assert_null(find(*state, 1)->recent);
    assert_non_null(find(*state, 2)->recent);
    assert_int_equal(find(*state, 1)->first_seen, NOW + 1);
}

static void a_recent_part_is_blank_when_it_is_borrowed_again(void **state)
{
    struct mf_user *user = NULL;

    for (unsigned i = 1; counts_of(*state).recent_evicted == 0; i++) {
        user = meet(*state, i, NOW + i);
        memset(user->recent->evidence, 0xff, sizeof user->recent->evidence);
        user->recent->n_attempts = 5;
        user->recent->run.start = NOW;
    }
    user = meet(*state, 1, NOW + 2 * MF_DAY);
    assert_int_equal(user->recent->n_attempts, 0);
    assert_int_equal(user->recent->evidence[0].id[0], 0);
    assert_int_equal(user->recent->run.start, MF_TIME_NONE);
    assert_int_equal(user->recent->base, NOW + 2 * MF_DAY - MF_DAY);
}

static void taking_what_was_silent_for_an_hour_is_no_loss(void **state)
{
    unsigned room = room_of_a_shard();

    /* one per hour: whoever is taken from has rested */
    for (unsigned i = 1; i <= room; i++)
        meet(*state, i, NOW + i * MF_HOUR);
    assert_int_equal(counts_of(*state).recent_evicted, 0);
    assert_null(find(*state, 1)->recent);
}

static void the_recent_part_of_an_incident_stays(void **state)
{
    struct mf_user *kept = meet(*state, 1, NOW);
    struct mf_recent *recent = kept->recent;

    kept->incident = 1;
    for (unsigned i = 2; i <= 200; i++)
        meet(*state, i, NOW + i * MF_HOUR);
    if (find(*state, 1) != kept)
        fail_msg("the user with an incident is gone");
    assert_ptr_equal(kept->recent, recent);
}

/* ---- figures ---- */

static void memory_is_what_the_options_promise(void **state)
{
    struct mf_table *large = mf_table_new(&(struct mf_table_conf){65536, 8192, 65536, 65536}, NULL);
    size_t memory;

    (void)state;
    assert_non_null(large);
    memory = mf_table_memory(large);
    mf_table_free(large);
    mf_table_free(NULL);
    /* "about 290 bytes each", "about 3 KiB each", a sixth more for uneven hashing, 64 bytes for each trace and
     * 20 for each delivery */
    assert_true(sizeof(struct mf_user) <= 256);
    assert_true(sizeof(struct mf_recent) <= 3072);
    assert_true(memory < (65536 * 276 + 8192 * 3072) / 6 * 7 + 65536 * (64 + 20) + 1048576);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_user_is_blank),
        TEST(a_user_is_found_again),
        TEST(an_unknown_user_is_not_made_by_looking),
        TEST(keys_that_share_a_slot_stay_apart),
        TEST(keys_that_differ_in_the_upper_half_only_are_two_users),
        TEST(the_table_holds_what_was_asked_for),
        TEST(a_full_shard_forgets_and_counts),
        TEST(the_index_stays_whole_under_churn),
        TEST(a_user_with_an_incident_is_never_evicted),
        TEST(a_shard_full_of_incidents_refuses_and_counts),
        TEST(a_flood_of_busy_new_names_does_not_evict_history),
        TEST(history_goes_when_nothing_else_is_left),
        TEST(among_equals_the_one_not_seen_lately_goes),
        TEST(strangers_have_a_sixteenth_when_all_are_known),
        TEST(a_flood_between_its_prompts_costs_a_new_user_none),
        TEST(nor_do_names_that_are_prompted_themselves),
        TEST(a_flood_between_its_prompts_costs_a_user_with_history_none),
        TEST(a_flood_leaves_the_recent_parts_of_users_with_history),
        TEST(whoever_is_pressed_is_passed_over),
        TEST(an_incident_that_was_let_go_makes_room_again),
        TEST(the_recent_part_of_the_longest_silent_is_taken),
        TEST(a_recent_part_is_blank_when_it_is_borrowed_again),
        TEST(taking_what_was_silent_for_an_hour_is_no_loss),
        TEST(the_recent_part_of_an_incident_stays),
        TEST(memory_is_what_the_options_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
