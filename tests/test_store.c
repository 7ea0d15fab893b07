/* tests/test_store.c
 *
 * The directory of the state: what is ours and what is refused, who may write, and that a file changes whole or not at
 * all. Run as root too, for what belongs to others. */

#include "memory/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct mf_hash_key fresh = {0x1122334455667788u, 0x99aabbccddeeff00u};
static char base[] = "/tmp/mf-store-XXXXXX";
static char directory[128], path[300];
static struct mf_error error;

static const char *in(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/mf-store-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof directory, "%s/state", base);
    error.text[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

static struct mf_store *own(void)
{
    return mf_store_open(directory, MF_STORE_OWN, &fresh, &error);
}

static void refused(enum mf_store_use use, const char *because)
{
    struct mf_store *store = mf_store_open(directory, use, &fresh, &error);

    assert_null(store);
    if (strstr(error.text, because) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, because);
}

static unsigned mode_of(const char *name)
{
    struct stat what;

    assert_int_equal(lstat(name, &what), 0);
    return what.st_mode & 07777;
}

static void put(const char *name, const char *text)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void it_is_made_for_us_alone_whatever_the_umask(void **state)
{
    const mode_t masks[] = {0, 022, 0377};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        mode_t before = umask(masks[i]);
        struct mf_store *store = own();
        int fd = store == NULL ? -1 : mf_store_begin(store, "snapshot");
        umask(before);
        if (i == 2 && geteuid() != 0) { /* a directory that its owner cannot enter is made so by the umask alone */
            mf_store_close(store);
            break;
        }
        assert_non_null(store);
        assert_true(fd >= 0);
        assert_int_equal(mf_store_commit(store, "snapshot", fd), 0);
        mf_store_close(store);
        assert_int_equal(mode_of(directory), 0700);
        assert_int_equal(mode_of(in("key")), 0600);
        assert_int_equal(mode_of(in("snapshot")), 0600);
        assert_int_equal(tear_down(state) | set_up(state), 0);
    }
}

static void the_key_is_made_once(void **state)
{
    const struct mf_hash_key other = {1, 2};
    struct mf_store *store = own();

    (void)state;
    assert_non_null(store);
    assert_true(mf_store_is_new(store));
    mf_store_close(store);
    store = mf_store_open(directory, MF_STORE_OWN, &other, &error);
    assert_non_null(store);
    assert_false(mf_store_is_new(store));
    assert_true(mf_store_key(store).k0 == fresh.k0 && mf_store_key(store).k1 == fresh.k1);
    mf_store_close(store);
}

static void a_damaged_key_is_replaced_and_said(void **state)
{
    const char *const damaged[] = {"", "11", "1122334455667788 9aabbccddeeff00\n",
                                   "112233445566778899aabbccddeeff00\n\n"};

    (void)state;
    mf_store_close(own());
    for (unsigned i = 0; i < 4; i++) {
        put("key", damaged[i]);
        refused(MF_STORE_READ, "damaged");
        struct mf_store *store = own();
        assert_non_null(store);
        assert_true(mf_store_key_is_lost(store));
        mf_store_close(store);
        store = own();
        assert_false(mf_store_key_is_lost(store));
        mf_store_close(store);
    }
}

static void checking_and_reading_change_nothing(void **state)
{
    (void)state;
    struct mf_store *store = mf_store_open(directory, MF_STORE_CHECK, &fresh, &error);
    assert_non_null(store);
    mf_store_close(store);
    assert_int_equal(access(directory, F_OK), -1);
    refused(MF_STORE_READ, "No such file");
    assert_int_equal(mkdir(directory, 0755), 0);
    store = mf_store_open(directory, MF_STORE_CHECK, &fresh, &error);
    assert_non_null(store);
    mf_store_close(store);
    refused(MF_STORE_READ, "holds no state");
    assert_int_equal(mode_of(directory), 0755);
    assert_int_equal(rmdir(directory), 0); /* nothing was put in */
}

static void one_owner_at_a_time_and_readers_beside(void **state)
{
    struct mf_store *first = own();

    (void)state;
    assert_non_null(first);
    refused(MF_STORE_OWN, "in use");
    struct mf_store *reader = mf_store_open(directory, MF_STORE_READ, &fresh, &error);
    assert_non_null(reader);
    mf_store_close(reader);
    mf_store_close(first);
    first = own();
    assert_non_null(first);
    mf_store_close(first);
}

static void what_others_may_write_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(chmod(directory, 0777), 0);
    refused(MF_STORE_OWN, "can be written by others (mode 0777)");
    refused(MF_STORE_CHECK, "can be written by others");
    assert_int_equal(chmod(directory, 0770), 0);
    refused(MF_STORE_OWN, "can be written by others");
    assert_int_equal(chmod(directory, 0755), 0);
    struct mf_store *store = own();
    assert_non_null(store);
    mf_store_close(store);
    assert_int_equal(mode_of(directory), 0700);
    assert_int_equal(chmod(in("key"), 0666), 0);
    refused(MF_STORE_OWN, "can be written by others (mode 0666)");
}

static void what_belongs_to_others_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    mf_store_close(own());
    assert_int_equal(chown(in("key"), 1, 1), 0);
    refused(MF_STORE_OWN, "belongs to user id 1");
    assert_int_equal(chown(directory, 1, 1), 0);
    refused(MF_STORE_OWN, "belongs to user id 1");
}

static void links_pipes_and_directories_are_refused(void **state)
{
    const char *const names[] = {"key", "lock"};
    char elsewhere[128], command[300];

    (void)state;
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", base);
    for (unsigned i = 0; i < 2; i++) {
        mf_store_close(own());
        unlink(in(names[i]));
        assert_int_equal(symlink(elsewhere, in(names[i])), 0);
        assert_null(own());
        assert_int_equal(access(elsewhere, F_OK), -1); /* nothing was written through it */
        unlink(in(names[i]));
        assert_int_equal(mkfifo(in(names[i]), 0600), 0);
        assert_null(own()); /* and did not wait for a writer */
        unlink(in(names[i]));
        assert_int_equal(mkdir(in(names[i]), 0700), 0);
        assert_null(own());
        rmdir(in(names[i]));
        put(names[i], "");
        snprintf(command, sizeof command, "%s/second", base);
        assert_int_equal(link(in(names[i]), command), 0);
        refused(MF_STORE_OWN, "hard link");
        unlink(command);
        unlink(in(names[i]));
    }
}

static void the_directory_is_named_itself(void **state)
{
    char link[96], with_dots[128];

    (void)state;
    mf_store_close(own());
    snprintf(link, sizeof link, "%s/link", base);
    assert_int_equal(symlink(directory, link), 0);
    snprintf(directory, sizeof directory, "%s", link);
    refused(MF_STORE_OWN, "symbolic link");
    snprintf(directory, sizeof directory, "%s/", link);
    refused(MF_STORE_OWN, "symbolic link");
    snprintf(with_dots, sizeof with_dots, "%s/link/../state", base);
    assert_null(mf_store_open(with_dots, MF_STORE_OWN, &fresh, &error));
    assert_non_null(strstr(error.text, "\"..\""));
    snprintf(with_dots, sizeof with_dots, "%s/no/such", base);
    assert_null(mf_store_open(with_dots, MF_STORE_OWN, &fresh, &error));
    snprintf(with_dots, sizeof with_dots, "%s/state..d", base); /* no step up */
    struct mf_store *store = mf_store_open(with_dots, MF_STORE_OWN, &fresh, &error);
    assert_non_null(store);
    mf_store_close(store);
}

static void a_file_changes_whole_or_not_at_all(void **state)
{
    struct mf_store *store = own();
    char text[8] = "";

    (void)state;
    int fd = mf_store_begin(store, "snapshot");
    assert_int_equal(write(fd, "one", 3), 3);
    assert_int_equal(mf_store_read(store, "snapshot", NULL), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mf_store_commit(store, "snapshot", fd), 0);
    fd = mf_store_begin(store, "snapshot");
    assert_int_equal(write(fd, "two", 3), 3);
    mf_store_abandon(store, "snapshot", fd);
    fd = mf_store_begin(store, "snapshot"); /* as after a crash: what is left over is in nobody's way */
    close(fd);
    fd = mf_store_begin(store, "snapshot");
    assert_true(fd >= 0);
    mf_store_abandon(store, "snapshot", fd);
    fd = mf_store_read(store, "snapshot", &error);
    assert_int_equal(read(fd, text, sizeof text), 3);
    assert_string_equal(text, "one");
    close(fd);
    mf_store_close(store);
}

static void a_new_file_never_goes_through_a_link(void **state)
{
    struct mf_store *store = own();
    char elsewhere[128];

    (void)state;
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", base);
    assert_int_equal(symlink(elsewhere, in(".new-snapshot")), 0);
    assert_int_equal(symlink(elsewhere, in("snapshot")), 0);
    assert_int_equal(mf_store_read(store, "snapshot", &error), -1);
    assert_int_equal(errno, EPERM);
    int fd = mf_store_begin(store, "snapshot");
    assert_int_equal(mf_store_commit(store, "snapshot", fd), 0);
    assert_int_equal(access(elsewhere, F_OK), -1);
    assert_int_equal(mode_of(in("snapshot")), 0600);
    mf_store_close(store);
}

static bool count(void *context, const char *name)
{
    unsigned *n = context;

    assert_true(strncmp(name, "journal-", 8) == 0);
    (*n)++;
    return true;
}

static void files_are_listed_and_set_aside(void **state)
{
    struct mf_store *store = own();
    unsigned n = 0;

    (void)state;
    put("journal-1", "");
    put("journal-2", "");
    put("snapshot", "damaged");
    mf_store_each(store, "journal-", count, &n);
    assert_int_equal(n, 2);
    assert_int_equal(mf_store_set_aside(store, "snapshot", 1772442000 * MF_SECOND), 0);
    assert_int_equal(access(in("snapshot.corrupt-1772442000"), F_OK), 0);
    assert_int_equal(access(in("snapshot"), F_OK), -1);
    assert_int_equal(mf_store_remove(store, "journal-1"), 0);
    assert_int_equal(mf_store_remove(store, "journal-1"), ENOENT);
    mf_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_made_for_us_alone_whatever_the_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_key_is_made_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_key_is_replaced_and_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checking_and_reading_change_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_owner_at_a_time_and_readers_beside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_others_may_write_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_belongs_to_others_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_pipes_and_directories_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_directory_is_named_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_changes_whole_or_not_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_file_never_goes_through_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_listed_and_set_aside, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
