/* tests/test_ids.c
 *
 * Whose id an IdP's id is (src/memory/ids.c): learned, found again by name, forgotten, bounded, and back from a file
 * without the names. */

#include "memory/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

enum { ROOM = 64 };

static const struct mf_hash ada = {0xada, 1}, bob = {0xb0b, 2};

static int make(void **state)
{
    *state = mf_ids_new(ROOM, NULL);
    return *state == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    mf_ids_free(*state);
    return 0;
}

/* Ids that share a set differ in the low half of `quick`. */
static struct mf_id id_of(uint32_t set, uint32_t number)
{
    return (struct mf_id){(uint64_t)set << 32 | number, 1000 + number};
}

static void learn(struct mf_ids *ids, struct mf_id id, struct mf_hash user, const char *login, mf_time now)
{
    mf_ids_learn(ids, &id, user, mf_slice_of(login), now);
}

/* "?" = not known, "" = known without a name. */
static const char *login_of(struct mf_ids *ids, struct mf_id id)
{
    static char login[MF_IDS_LOGIN + 1];
    struct mf_hash user;

    return mf_ids_find(ids, &id, &user, login) ? login : "?";
}

static void what_was_learned_is_found(void **state)
{
    struct mf_ids *ids = *state;
    char login[MF_IDS_LOGIN + 1];
    struct mf_hash user = {0, 0};
    const struct mf_id id = id_of(3, 7), other = id_of(3, 8);

    assert_false(mf_ids_find(ids, &id, &user, login));
    learn(ids, id, ada, "ada@example.com", NOW);
    assert_true(mf_ids_find(ids, &id, &user, login));
    assert_true(mf_hash_equal(user, ada));
    assert_string_equal(login, "ada@example.com");
    assert_false(mf_ids_find(ids, &other, &user, login));
    assert_int_equal(mf_ids_count(ids), 1);
}

/* The mix alone finds nobody: two ids with the same one are two. */
static void the_keyed_mark_decides(void **state)
{
    struct mf_ids *ids = *state;
    const struct mf_id id = id_of(3, 7), alike = {id.quick, id.mark + 1};

    learn(ids, id, ada, "ada", NOW);
    assert_string_equal(login_of(ids, alike), "?");
    learn(ids, alike, bob, "bob", NOW);
    assert_string_equal(login_of(ids, id), "ada");
    assert_string_equal(login_of(ids, alike), "bob");
}

static void an_id_may_become_another_users(void **state)
{
    struct mf_ids *ids = *state;

    learn(ids, id_of(3, 7), ada, "ada", NOW);
    learn(ids, id_of(3, 7), bob, "bob", NOW + MF_DAY);
    assert_string_equal(login_of(ids, id_of(3, 7)), "bob");
    assert_int_equal(mf_ids_count(ids), 1);
}

static void nothing_is_to_be_learned_within_a_day(void **state)
{
    struct mf_ids *ids = *state;
    const struct mf_id id = id_of(3, 7);

    assert_false(mf_ids_know(ids, id.quick, ada, NOW));
    learn(ids, id, ada, "ada", NOW);
    assert_true(mf_ids_know(ids, id.quick, ada, NOW + 23 * MF_HOUR));
    assert_false(mf_ids_know(ids, id.quick, ada, NOW + MF_DAY));
    assert_false(mf_ids_know(ids, id.quick, bob, NOW));
}

static void a_login_that_is_too_long_has_no_name(void **state)
{
    struct mf_ids *ids = *state;
    char login[MF_IDS_LOGIN + 2];

    memset(login, 'a', sizeof login - 1);
    login[sizeof login - 1] = '\0';
    learn(ids, id_of(3, 7), ada, login, NOW);
    assert_string_equal(login_of(ids, id_of(3, 7)), "");
    assert_string_equal(login_of(ids, id_of(3, 7)), "");
    login[MF_IDS_LOGIN] = '\0';
    learn(ids, id_of(3, 7), ada, login, NOW);
    assert_string_equal(login_of(ids, id_of(3, 7)), login);
}

static void who_was_seen_last_the_longest_ago_makes_room(void **state)
{
    struct mf_ids *ids = *state;

    for (uint32_t i = 0; i < 4; i++)
        learn(ids, id_of(3, i), ada, "ada", NOW + i);
    learn(ids, id_of(3, 0), ada, "ada", NOW + MF_DAY);
    learn(ids, id_of(3, 9), bob, "bob", NOW + MF_DAY);
    assert_string_equal(login_of(ids, id_of(3, 0)), "ada");
    assert_string_equal(login_of(ids, id_of(3, 1)), "?");
    assert_string_equal(login_of(ids, id_of(3, 2)), "ada");
    assert_string_equal(login_of(ids, id_of(3, 9)), "bob");
    for (uint32_t i = 0; i < 100000; i++)
        learn(ids, id_of(i, i), bob, "bob", NOW);
    assert_true(mf_ids_count(ids) <= ROOM);
}

static void users_and_old_ids_are_forgotten(void **state)
{
    struct mf_ids *ids = *state;

    learn(ids, id_of(1, 1), ada, "ada", NOW);
    learn(ids, id_of(2, 2), ada, "ada", NOW + MF_DAY);
    learn(ids, id_of(3, 3), bob, "bob", NOW);
    mf_ids_expire(ids, NOW + 1 * MF_SECOND);
    assert_int_equal(mf_ids_count(ids), 1);
    assert_string_equal(login_of(ids, id_of(2, 2)), "ada");
    learn(ids, id_of(3, 3), bob, "bob", NOW);
    mf_ids_forget(ids, ada);
    assert_string_equal(login_of(ids, id_of(2, 2)), "?");
    assert_false(mf_ids_know(ids, id_of(2, 2).quick, ada, NOW));
    assert_string_equal(login_of(ids, id_of(3, 3)), "bob");
}

/* ---- in a file ---- */

static void save(struct mf_ids *ids, int fd)
{
    static unsigned char buffer[MF_BLOCK_HEAD + MF_BLOCK_MAX];
    struct mf_frame_writer writer;

    mf_frame_begin(&writer, fd, buffer, &(struct mf_frame_head){.sort = MF_FILE_SNAPSHOT, .generation = 1});
    mf_ids_save(ids, &writer);
    assert_int_equal(mf_frame_flush(&writer), 0);
}

static void restore(struct mf_ids *ids, int fd)
{
    struct mf_frame_reader reader;
    struct mf_frame_record record;
    struct mf_frame_block block;
    struct mf_frame_head head;

    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(mf_frame_open(&reader, fd, &head), MF_FRAME_STARTED);
    while (mf_frame_next(&reader, &block) == MF_FRAME_MORE)
        while (mf_frame_record(&reader, &block, &record))
            assert_true(mf_ids_restore(ids, &record));
    mf_frame_close(&reader);
}

static void a_file_holds_no_names(void **state)
{
    struct mf_ids *ids = *state, *again = mf_ids_new(ROOM, NULL);
    int fd = memfd_create("ids", MFD_CLOEXEC);
    char login[MF_IDS_LOGIN + 1];
    static char bytes[65536];
    struct mf_hash user;
    const struct mf_id id = id_of(1, 1);

    learn(ids, id, ada, "ada@example.com", NOW);
    learn(ids, id_of(2, 2), bob, "bob", NOW);
    save(ids, fd);
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    assert_true(n > 0 && memmem(bytes, (size_t)n, "ada", 3) == NULL && memmem(bytes, (size_t)n, "bob", 3) == NULL);
    restore(again, fd);
    close(fd);
    assert_int_equal(mf_ids_count(again), 2);
    assert_true(mf_ids_find(again, &id, &user, login));
    assert_true(mf_hash_equal(user, ada));
    assert_string_equal(login, "");
    assert_false(mf_ids_know(again, id.quick, ada, NOW)); /* the name is to be learned */
    learn(again, id, ada, "ada@example.com", NOW);
    assert_string_equal(login_of(again, id), "ada@example.com");
    mf_ids_free(again);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_learned_is_found),
        TEST(the_keyed_mark_decides),
        TEST(an_id_may_become_another_users),
        TEST(nothing_is_to_be_learned_within_a_day),
        TEST(a_login_that_is_too_long_has_no_name),
        TEST(who_was_seen_last_the_longest_ago_makes_room),
        TEST(users_and_old_ids_are_forgotten),
        TEST(a_file_holds_no_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
