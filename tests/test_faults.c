/* tests/test_faults.c
 *
 * The state on a disk that fails, and under a process that dies: at the n-th system call that changes something, for all n.
 * What the system had not been told to keep may be lost, in part or in whole; what was flushed must be there. */

#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_in.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { EVENTS = 24, FILES = 64, PATH = 256 };

/* ---- the disk ---- */

enum fate { SOUND, FAILS_ONCE, FAILS_FROM_THEN_ON, DIES };

/* What becomes of what was not synced when the machine dies. */
enum loss { KEPT, LOST, TORN, ZEROED, LOSSES };

static struct {
    enum fate fate;
    enum loss loss;
    unsigned at, calls; /* the n-th call, counted from 1 */
    int error;
} disk;

static char base[64], directory[96];

/* Files with bytes that are not synced; names that are not. */
static struct {
    char path[PATH];
    int fd;
    off_t synced;
    bool is_new; /* its name may go when the directory is not synced */
} file[FILES];
static struct {
    bool pending, had_old;
    char name[PATH], old[PATH], temporary[PATH];
} renamed;

int __real_openat(int dir, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t n);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_unlinkat(int dir, const char *name, int flags);
int __real_ftruncate(int fd, off_t length);

int __wrap_openat(int dir, const char *name, int flags, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_ftruncate(int fd, off_t length);

static const char *in(const char *name)
{
    static char path[4][PATH];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf(path[next], PATH, "%s/%s", directory, name);
    return path[next];
}

static off_t size_of(const char *path)
{
    struct stat what;

    return stat(path, &what) == 0 ? what.st_size : -1;
}

static void copy_file(const char *from, const char *to)
{
    char command[2 * PATH + 16];

    snprintf(command, sizeof command, "cp -p %s %s", from, to);
    if (system(command) != 0)
        _exit(3);
}

static void lose_tail(const char *path, off_t synced)
{
    off_t size = size_of(path);

    if (size <= synced)
        return;
    if (disk.loss == ZEROED) {
        if (truncate(path, synced) != 0 || truncate(path, size) != 0)
            _exit(3);
    } else if (truncate(path, disk.loss == TORN ? synced + (size - synced) / 2 : synced) != 0) {
        _exit(3);
    }
}

/* The power goes: what only the system's memory had is gone. */
static void die(void)
{
    for (unsigned i = 0; i < FILES && disk.loss != KEPT; i++) {
        if (file[i].path[0] == '\0')
            continue;
        lose_tail(file[i].path, file[i].synced);
        if (file[i].is_new && disk.loss == LOST)
            unlink(file[i].path);
    }
    if (renamed.pending && disk.loss == LOST) {
        if (renamed.had_old)
            copy_file(renamed.old, renamed.name);
        else
            unlink(renamed.name);
    }
    _exit(9);
}

/* True: this call is the one that fails. */
static bool strikes(void)
{
    if (disk.fate == SOUND)
        return false;
    disk.calls++;
    if (disk.fate == DIES && disk.calls == disk.at)
        die();
    if ((disk.fate == FAILS_ONCE && disk.calls == disk.at) ||
        (disk.fate == FAILS_FROM_THEN_ON && disk.calls >= disk.at)) {
        errno = disk.error;
        return true;
    }
    return false;
}

static unsigned slot_of(int fd)
{
    char link[64], path[PATH];
    unsigned free_slot = FILES;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = '\0';
    for (unsigned i = 0; i < FILES; i++) {
        if (strcmp(file[i].path, path) == 0)
            return i;
        if (file[i].path[0] == '\0' && free_slot == FILES)
            free_slot = i;
    }
    snprintf(file[free_slot].path, PATH, "%s", path);
    file[free_slot].synced = 0;
    file[free_slot].is_new = false;
    return free_slot;
}

int __wrap_openat(int dir, const char *name, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if ((flags & O_CREAT) != 0 && strikes())
        return -1;
    int fd = __real_openat(dir, name, flags, mode);
    if (fd >= 0 && (flags & O_CREAT) != 0 && disk.fate == DIES)
        file[slot_of(fd)].is_new = true;
    return fd;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
    if (strikes())
        return disk.error == ENOSPC && n > 1 ? __real_write(fd, bytes, n / 2) : -1; /* what fits is written */
    if (disk.fate == DIES)
        slot_of(fd);
    return __real_write(fd, bytes, n);
}

static int synced(int fd, int result)
{
    struct stat what;

    if (disk.fate != DIES || fstat(fd, &what) != 0)
        return result;
    if (S_ISDIR(what.st_mode)) {
        renamed.pending = false;
        for (unsigned i = 0; i < FILES; i++)
            file[i].is_new = false;
    } else {
        file[slot_of(fd)].synced = what.st_size;
    }
    return result;
}

int __wrap_fsync(int fd)
{
    return strikes() ? -1 : synced(fd, __real_fsync(fd));
}

int __wrap_fdatasync(int fd)
{
    return strikes() ? -1 : synced(fd, __real_fdatasync(fd));
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (strikes())
        return -1;
    if (disk.fate == DIES) {
        snprintf(renamed.name, PATH, "%s", in(to));
        snprintf(renamed.old, PATH, "%s/old", base);
        renamed.had_old = size_of(renamed.name) >= 0;
        if (renamed.had_old)
            copy_file(renamed.name, renamed.old);
        renamed.pending = true;
        for (unsigned i = 0; i < FILES; i++) {
            if (strcmp(file[i].path, renamed.name) == 0)
                file[i].path[0] = '\0';
            if (strcmp(file[i].path, in(from)) == 0)
                snprintf(file[i].path, PATH, "%s", renamed.name);
        }
    }
    return __real_renameat(from_dir, from, to_dir, to);
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
    if (strikes())
        return -1;
    for (unsigned i = 0; i < FILES; i++)
        if (strcmp(file[i].path, in(name)) == 0)
            file[i].path[0] = '\0';
    return __real_unlinkat(dir, name, flags);
}

int __wrap_ftruncate(int fd, off_t length)
{
    return strikes() ? -1 : __real_ftruncate(fd, length);
}

/* ---- a life ---- */

/* What the process that dies had done; shared with the one that looks. */
static struct progress {
    unsigned judged, flushed;
} * progress;

struct life {
    struct mf_engine *engine;
    struct mf_worker *worker;
};

static const struct mf_sink quiet;

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "%s/mf-faults-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof directory, "%s/state", base);
    memset(&disk, 0, sizeof disk);
    memset(file, 0, sizeof file);
    memset(&renamed, 0, sizeof renamed);
    memset(progress, 0, sizeof *progress);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    disk.fate = SOUND;
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

static void begin(struct life *life)
{
    life->engine =
        engine_in(base, "{\"profiles\": [\"okta\"], \"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, "
                        "\"traces\": 1024}}");
}

static int open_state(struct life *life, struct mf_state_report *report)
{
    const struct mf_state_options options = {
        .directory = directory, .use = MF_STORE_OWN, .fresh = {11, 22}, .now = NOW, .journal = true};
    struct mf_error error = {""};
    int failed = mf_engine_open_state(life->engine, &options, report, &error);

    life->worker = mf_worker_new(life->engine, NULL);
    return failed;
}

static void end(struct life *life)
{
    mf_worker_free(life->worker);
    mf_engine_free(life->engine);
}

/* The i-th event: a session of the i-th user. */
static void judge(struct life *life, unsigned i)
{
    char line[1024], when[MF_TIME_TEXT];

    mf_time_format(NOW + i * MF_SECOND, when);
    int n = snprintf(line, sizeof line,
                     "{\"actor\":{\"type\":\"User\",\"alternateId\":\"user-%u@example.com\"},\"client\":{\"ipAddress\":"
                     "\"198.51.100.%u\"},\"eventType\":\"user.session.start\",\"outcome\":{\"result\":\"SUCCESS\"},"
                     "\"published\":\"%s\",\"uuid\":\"u-%u\",\"target\":null}",
                     i, i, when, i);
    mf_engine_judge(life->engine, life->worker, line, (size_t)n, MF_TIME_NONE, &quiet, NULL);
}

/* Flushes after each third event, and takes a snapshot now and then. */
static void live(struct life *life)
{
    struct mf_error news;

    for (unsigned i = 0; i < EVENTS; i++) {
        judge(life, i);
        progress->judged = i + 1;
        if (i % 3 != 2)
            continue;
        const struct mf_state_clock clock = {NOW, (mf_time)i * MF_MINUTE};
        if (mf_engine_keep_state(life->engine, life->worker, &clock, &quiet, &news) == MF_STATE_QUIET)
            progress->flushed = i + 1;
    }
}

/* ---- dying ---- */

/* How many of the events are known, in their order: known ones are delivered twice now. */
static unsigned count_known(struct life *life)
{
    uint64_t before = counter(life->engine, "skipped_duplicate");
    unsigned known = 0;

    for (unsigned i = 0; i < EVENTS; i++) {
        judge(life, i);
        uint64_t now = counter(life->engine, "skipped_duplicate");
        if (now > before && known == i)
            known++;
        else if (now > before)
            fail_msg("event %u is known, and event %u is not", i, known);
        before = now;
    }
    return known;
}

/* A child lives until its n-th call. False: it came to its end. */
static bool die_at(unsigned n, enum loss loss)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct mf_state_report report;
        struct life life;
        begin(&life);
        disk.fate = DIES;
        disk.at = n;
        disk.loss = loss;
        if (open_state(&life, &report) != 0)
            _exit(4);
        live(&life);
        disk.fate = SOUND;
        end(&life);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 9 && WEXITSTATUS(status) != 0)
        fail_msg("the child of call %u ended with %d", n, WEXITSTATUS(status));
    return WEXITSTATUS(status) == 9;
}

static void survives_at_every_call(void **state, enum loss loss)
{
    struct mf_state_report report;
    struct life life;
    unsigned n = 1;

    while (die_at(n, loss)) {
        begin(&life);
        assert_int_equal(open_state(&life, &report), 0);
        if (report.damaged != 0)
            fail_msg("died at call %u: %s", n, report.damage);
        unsigned known = count_known(&life);
        if (known < progress->flushed || known > progress->judged)
            fail_msg("died at call %u: %u events known, %u flushed, %u judged", n, known, progress->flushed,
                     progress->judged);
        end(&life);
        n++;
        assert_int_equal(tear_down(state) | set_up(state), 0);
    }
    assert_true(n > 40);
}

static void killed_at_every_call_it_knows_what_was_flushed(void **state)
{
    survives_at_every_call(state, KEPT);
}

static void what_was_not_synced_may_be_lost(void **state)
{
    survives_at_every_call(state, LOST);
}

static void what_was_not_synced_may_be_half_there(void **state)
{
    survives_at_every_call(state, TORN);
}

static void what_was_not_synced_may_be_zeros(void **state)
{
    survives_at_every_call(state, ZEROED);
}

/* ---- failing ---- */

static unsigned fail_at(unsigned n, enum fate fate, int error)
{
    struct mf_state_report report;
    struct mf_error news;
    struct life life;
    unsigned fails = 0, recoveries = 0;

    begin(&life);
    disk.fate = fate;
    disk.at = n;
    disk.calls = 0;
    disk.error = error;
    bool opened = open_state(&life, &report) == 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        judge(&life, i);
        const struct mf_state_clock clock = {NOW, (mf_time)i * 20 * MF_SECOND};
        enum mf_state_news said = mf_engine_keep_state(life.engine, life.worker, &clock, &quiet, &news);
        fails += said == MF_STATE_FAILS;
        recoveries += said == MF_STATE_RECOVERED;
    }
    unsigned calls = disk.calls;
    disk.fate = SOUND; /* the disk returns */
    for (unsigned i = 0; i < 3; i++)
        recoveries +=
            mf_engine_keep_state(life.engine, life.worker, &(struct mf_state_clock){NOW, MF_HOUR + i * MF_HOUR}, &quiet,
                                 &news) == MF_STATE_RECOVERED;
    assert_int_equal(counter(life.engine, "users_tracked"), EVENTS); /* whatever happened, all were judged */
    if (fails > 1 || recoveries != fails)
        fail_msg("call %u: failure said %u times, its end %u times", n, fails, recoveries);
    end(&life);

    if (!opened)
        return calls;
    begin(&life);
    assert_int_equal(open_state(&life, &report), 0);
    if (report.damaged != 0)
        fail_msg("call %u failed: %s", n, report.damage);
    if (count_known(&life) != EVENTS)
        fail_msg("call %u failed: not all events are known", n);
    end(&life);
    return calls;
}

static void fails_at_every_call(void **state, enum fate fate)
{
    const int errors[] = {ENOSPC, EIO, EROFS, EACCES, EDQUOT};
    unsigned n = 1, calls;

    do {
        calls = fail_at(n, fate, errors[n % 5]);
        assert_int_equal(tear_down(state) | set_up(state), 0);
        n++;
    } while (calls >= n - 1);
    assert_true(n > 20);
}

static void a_call_that_fails_is_said_once_and_made_good(void **state)
{
    fails_at_every_call(state, FAILS_ONCE);
}

static void a_disk_that_fails_for_long_is_said_once_and_made_good(void **state)
{
    fails_at_every_call(state, FAILS_FROM_THEN_ON);
}

static int share_progress(void **state)
{
    (void)state;
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return progress == MAP_FAILED ? -1 : 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(killed_at_every_call_it_knows_what_was_flushed),
        TEST(what_was_not_synced_may_be_lost),
        TEST(what_was_not_synced_may_be_half_there),
        TEST(what_was_not_synced_may_be_zeros),
        TEST(a_call_that_fails_is_said_once_and_made_good),
        TEST(a_disk_that_fails_for_long_is_said_once_and_made_good),
    };

    return cmocka_run_group_tests_name("faults", tests, share_progress, NULL);
}
