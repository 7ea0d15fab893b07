/* tests/test_naming.c
 *
 * Records that name their user by the IdP's id alone (src/naming.c), judged by the whole engine: they are the user's whose
 * login came with that id, in that feed, also after a restart and a crash. */

#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_in.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

static char base[64], directory[96];
static struct mf_engine *engine;
static struct mf_worker *worker;
static mf_time clock_of_feed;

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "%s/mf-naming-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof directory, "%s/state", base);
    clock_of_feed = NOW;
    return 0;
}

static void begin(const char *policy)
{
    struct mf_state_report report;
    struct mf_error error = {""};

    engine = engine_in(base, policy);
    if (mf_engine_open_state(
            engine,
            &(struct mf_state_options){
                .directory = directory, .use = MF_STORE_OWN, .fresh = {11, 22}, .now = NOW, .journal = true},
            &report, &error) != 0)
        fail_msg("%s", error.text);
    worker = mf_worker_new(engine, &error);
    assert_non_null(worker);
}

#define SMALL                                                                                                          \
    "{\"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, \"traces\": 1024, \"deliveries\": 1024}}"

static void end(void)
{
    mf_worker_free(worker);
    mf_engine_free(engine);
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    end();
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

/* As after kill -9, with what was flushed; and as after a stop. */
static void crash(void)
{
    mf_engine_flush_state(engine);
    end();
    begin(SMALL);
}

static void restart(void)
{
    struct mf_error error = {""};

    if (mf_engine_save_state(engine, NOW, &error) != 0)
        fail_msg("%s", error.text);
    end();
    begin(SMALL);
}

/* Whom a record of Auth0 is told of, a minute after the last one. `login`: NULL where there is none. */
static const char *judge(const char *tenant, const char *type, const char *id, const char *login)
{
    static struct mf_tag tag;
    static unsigned serial;
    char line[1024], when[MF_TIME_TEXT], name[128] = "";

    serial++;
    clock_of_feed += MF_MINUTE;
    mf_time_format(clock_of_feed, when);
    if (login != NULL)
        snprintf(name, sizeof name, ",\"user_name\":\"%s\"", login);
    int n = snprintf(
        line, sizeof line,
        "{\"log_id\":\"900%06u\",\"data\":{\"date\":\"%s\",\"type\":\"%s\",\"ip\":\"203.0.113.66\",\"user_id\":"
        "\"%s\"%s,\"tenant_name\":\"%s\",\"log_id\":\"900%06u\"}}",
        serial, when, type, id, name, tenant, serial);
    mf_engine_judge(engine, worker, line, (size_t)n, clock_of_feed, NULL, &tag);
    assert_string_equal(tag.status, "judged");
    return tag.user;
}

/* The prompts that the engine holds against somebody; -1: nobody is known by that name. */
static int attempts_of(const char *name)
{
    struct mf_user_view view;

    return mf_engine_view_user(engine, name, &view) ? (int)view.attempts : -1;
}

static void an_id_is_the_user_whose_login_came_with_it(void **state)
{
    (void)state;
    begin(SMALL);
    assert_string_equal(judge("example", "s", "auth0|5f7c", "Ada@Example.com"), "ada@example.com");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "ada@example.com");
    assert_string_equal(judge("example", "gd_auth_rejected", "auth0|5f7c", NULL), "ada@example.com");
    assert_int_equal(attempts_of("ada@example.com"), 1);
    assert_int_equal(attempts_of("auth0|5f7c"), -1);
    assert_int_equal(counter(engine, "named_by_id"), 2);
    mf_engine_tick(engine, worker, clock_of_feed, NULL);
    assert_int_equal(counter(engine, "users_tracked"), 1);
    assert_int_equal(counter(engine, "ids_known"), 1);
}

static void a_password_that_is_right_tells_it_and_one_that_is_wrong_does_not(void **state)
{
    (void)state;
    begin(SMALL);
    judge("example", "fp", "auth0|5f7c", "ada@example.com");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "auth0|5f7c");
    judge("example", "mfar", "auth0|5f7c", "ada@example.com");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "ada@example.com");
}

static void ids_belong_to_their_feed(void **state)
{
    (void)state;
    begin(SMALL);
    judge("example", "s", "auth0|5f7c", "ada@example.com");
    assert_string_equal(judge("other", "gd_send_pn", "auth0|5f7c", NULL), "auth0|5f7c");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7d", NULL), "auth0|5f7d");
    judge("other", "s", "auth0|5f7c", "bob@example.com");
    assert_string_equal(judge("other", "gd_send_pn", "auth0|5f7c", NULL), "bob@example.com");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "ada@example.com");
}

static void the_directory_is_asked_for_the_login(void **state)
{
    char file[128];

    (void)state;
    snprintf(file, sizeof file, "%s/people", base);
    FILE *out = fopen(file, "wb");
    assert_non_null(out);
    fputs("ada@example.com alias=ada risk=high\n", out);
    fclose(out);
    begin("{\"people\": {\"directory\": \"people\"}}");
    judge("example", "s", "auth0|5f7c", "ada");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "ada@example.com");
}

static void after_a_restart_the_user_is_known_and_the_name_comes_with_the_next_login(void **state)
{
    void (*const again[])(void) = {crash, restart};

    (void)state;
    begin(SMALL);
    judge("example", "s", "auth0|5f7c", "ada@example.com");
    judge("example", "gd_send_pn", "auth0|5f7c", NULL);
    for (int i = 0; i < 2; i++) {
        again[i]();
        assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "auth0|5f7c");
        assert_int_equal(attempts_of("ada@example.com"), i + 2);
        assert_int_equal(attempts_of("auth0|5f7c"), -1);
    }
    judge("example", "s", "auth0|5f7c", "ada@example.com");
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "ada@example.com");
}

static void who_is_forgotten_is_not_known_by_id(void **state)
{
    (void)state;
    begin(SMALL);
    judge("example", "s", "auth0|5f7c", "ada@example.com");
    assert_true(mf_engine_forget_user(engine, "ada@example.com"));
    assert_string_equal(judge("example", "gd_send_pn", "auth0|5f7c", NULL), "auth0|5f7c");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_id_is_the_user_whose_login_came_with_it),
        TEST(a_password_that_is_right_tells_it_and_one_that_is_wrong_does_not),
        TEST(ids_belong_to_their_feed),
        TEST(the_directory_is_asked_for_the_login),
        TEST(after_a_restart_the_user_is_known_and_the_name_comes_with_the_next_login),
        TEST(who_is_forgotten_is_not_known_by_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
