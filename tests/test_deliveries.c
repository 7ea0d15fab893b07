/* tests/test_deliveries.c
 *
 * Which records were delivered already (src/memory/deliveries.c): the last so many, exactly, also when numbers go round;
 * what makes room too early is counted; and all of it comes back from a file. */

#include "memory/deliveries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-03-02T00:00:00Z */
#define NOW ((mf_time)1772409600 * MF_SECOND)

enum { ROOM = 64, LATENESS = 20 * MF_MINUTE };

static int make(void **state)
{
    static struct mf_deliveries deliveries;

    *state = &deliveries;
    return mf_deliveries_init(&deliveries, ROOM);
}

static int unmake(void **state)
{
    mf_deliveries_fini(*state);
    return 0;
}

static void add(struct mf_deliveries *deliveries, uint64_t mark)
{
    assert_false(mf_deliveries_has(deliveries, mark));
    mf_deliveries_add(deliveries, mark, NOW, LATENESS);
    assert_true(mf_deliveries_has(deliveries, mark));
}

static void the_last_so_many_are_known(void **state)
{
    struct mf_deliveries *deliveries = *state;

    for (uint64_t mark = 1; mark <= 10 * ROOM; mark++) {
        add(deliveries, mark);
        for (uint64_t other = 1; other <= mark; other++)
            assert_int_equal(mf_deliveries_has(deliveries, other), mark - other < ROOM);
    }
}

static void marks_at_one_place_are_told_apart(void **state)
{
    struct mf_deliveries *deliveries = *state;

    for (uint64_t mark = 1; mark <= ROOM; mark++)
        add(deliveries, mark << 32);
    add(deliveries, UINT64_MAX);
    assert_false(mf_deliveries_has(deliveries, UINT64_C(1) << 32));
    for (uint64_t mark = 2; mark <= ROOM; mark++)
        assert_true(mf_deliveries_has(deliveries, mark << 32));
}

static uint64_t random_state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* 20,000 records a second bring the numbers of a shard round within five months. */
static void numbers_go_round(void **state)
{
    struct mf_deliveries *deliveries = *state;
    uint64_t mark[20 * ROOM];

    random_state = 1;
    deliveries->next = UINT32_MAX - 5 * ROOM;
    for (unsigned n = 0; n < 20 * ROOM; n++) {
        mark[n] = next_random() & 0xff000000000000ffU; /* chains */
        if (mark[n] == 0 || mf_deliveries_has(deliveries, mark[n]))
            mark[n] = next_random();
        add(deliveries, mark[n]);
        for (unsigned i = n >= 2 * ROOM ? n - 2 * ROOM : 0; i <= n; i++) {
            bool again = false;
            for (unsigned j = n - i < ROOM ? i : n + 1 - ROOM; j <= n; j++)
                again |= mark[j] == mark[i];
            assert_int_equal(mf_deliveries_has(deliveries, mark[i]), again);
        }
    }
}

static void what_makes_room_too_early_is_counted(void **state)
{
    struct mf_deliveries *deliveries = *state;

    for (unsigned i = 0; i < ROOM; i++)
        mf_deliveries_add(deliveries, 1 + i, NOW + i * MF_SECOND, LATENESS);
    assert_int_equal(deliveries->lost, 0);
    mf_deliveries_add(deliveries, 1000, NOW + LATENESS + MF_SECOND, LATENESS); /* the first one would be late */
    assert_int_equal(deliveries->lost, 0);
    mf_deliveries_add(deliveries, 1001, NOW + LATENESS + MF_SECOND, LATENESS); /* the second one just not */
    assert_int_equal(deliveries->lost, 1);
}

/* ---- kept ---- */

/* Through a file into a ring of another size. */
static void keep(const struct mf_deliveries *from, struct mf_deliveries *to)
{
    static unsigned char buffer[MF_BLOCK_HEAD + MF_BLOCK_MAX];
    const struct mf_frame_head head = {.sort = MF_FILE_SNAPSHOT, .generation = 1};
    struct mf_frame_writer writer;
    struct mf_frame_reader reader;
    struct mf_frame_head same;
    struct mf_frame_block block;
    struct mf_frame_record record;
    struct mf_deliveries_read read;
    int fd = memfd_create("deliveries", MFD_CLOEXEC);

    assert_true(fd >= 0);
    mf_frame_begin(&writer, fd, buffer, &head);
    mf_deliveries_save(from, 7, &writer);
    assert_int_equal(mf_frame_flush(&writer), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(mf_frame_open(&reader, fd, &same), MF_FRAME_STARTED);
    while (mf_frame_next(&reader, &block) == MF_FRAME_MORE)
        while (mf_frame_record(&reader, &block, &record)) {
            assert_int_equal(record.kind, MF_RECORD_DELIVERIES);
            assert_true(mf_deliveries_read(&record, &read));
            assert_int_equal(read.shard, 7);
            mf_deliveries_restore(to, &read);
        }
    mf_frame_close(&reader);
    close(fd);
}

static void they_come_back(void **state)
{
    static const uint32_t sizes[] = {16, 1024, 4096};

    (void)state;
    for (unsigned added = 10; added <= 3000; added *= 17) /* not full; some records of them; gone round */
        for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct mf_deliveries before, copy, after;
            assert_int_equal(mf_deliveries_init(&before, 1024), 0);
            assert_int_equal(mf_deliveries_init(&copy, 1024), 0);
            assert_int_equal(mf_deliveries_init(&after, sizes[i]), 0);
            for (uint64_t mark = 1; mark <= added; mark++)
                add(&before, mark);
            mf_deliveries_copy(&copy, &before);
            keep(&copy, &after);
            unsigned kept = added < 1024 ? added : 1024, known = kept < sizes[i] ? kept : sizes[i];
            for (uint64_t mark = 1; mark <= added; mark++)
                assert_int_equal(mf_deliveries_has(&after, mark), added - mark < known);
            assert_int_equal(after.lost, 0);
            mf_deliveries_add(&after, added + 1, NOW, LATENESS); /* when they came is kept as well */
            assert_int_equal(after.lost, known == sizes[i]);
            mf_deliveries_fini(&before);
            mf_deliveries_fini(&copy);
            mf_deliveries_fini(&after);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_so_many_are_known),           TEST(marks_at_one_place_are_told_apart), TEST(numbers_go_round),
        TEST(what_makes_room_too_early_is_counted), cmocka_unit_test(they_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
