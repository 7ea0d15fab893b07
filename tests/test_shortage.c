/* tests/test_shortage.c
 *
 * Memory runs out, at each single allocation of building and reloading an engine in turn, and from each on. What comes of it
 * is an error that says so: no crash, nothing half built, nothing leaked (AddressSanitizer looks), and what was in force
 * before goes on. The linker sends every allocation here (--wrap). */

#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a shortage ---- */

static unsigned long n_asked, fails_at; /* 0: never */
static bool for_good;                   /* all that follow fail as well */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static bool is_short(void)
{
    n_asked++;
    return fails_at != 0 && (n_asked == fails_at || (for_good && n_asked > fails_at));
}

void *__wrap_malloc(size_t size)
{
    return is_short() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return is_short() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_short() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return is_short() ? NULL : __real_strdup(text);
}

static void begin_shortage(unsigned long at)
{
    n_asked = 0;
    fails_at = at;
}

/* Was there one? */
static bool end_shortage(void)
{
    bool happened = fails_at != 0 && n_asked >= fails_at;

    fails_at = 0;
    return happened;
}

/* ---- files ---- */

static char dir[] = "/tmp/mf-shortage-XXXXXX", policy_file[64];

static void put(const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static const char *source_dir(void)
{
    const char *top = getenv("MF_SRCDIR");

    return top == NULL ? "." : top;
}

static int make_files(void **state)
{
    char policy[4096];

    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(policy_file, sizeof policy_file, "%s/policy.json", dir);
    snprintf(
        policy, sizeof policy,
        "{\"profiles\": [\"duo\"], \"profile_dir\": \"%s/profiles\", \"state\": {\"users\": 1024, \"recent\": 256, "
        "\"ids\": 64, \"addresses\": 1024, \"populations\": 16}, \"incident\": {\"max_open\": 16}, "
        "\"geo\": {\"city\": \"%s/tests/geo/nested.mmdb\", \"asn\": \"%s/tests/geo/asn.mmdb\"}, "
        "\"nets\": {\"egress\": \"nets\", \"anonymizer\": \"asns\"}, "
        "\"people\": {\"directory\": \"people\", \"travel\": \"travel\", \"ignore\": \"ignored\"}}",
        source_dir(), source_dir(), source_dir());
    put("policy.json", policy);
    put("nets", "192.0.2.0/24\n2001:db8::/32 until=2026-12-31\n198.51.100.7\n");
    put("asns", "AS64500\nAS64501\n192.0.2.0/24\n");
    put("people", "ada@example.com alias=ada group=sales role=admin home=DE\nbob@example.com alias=bob,robert\n");
    put("travel", "ada RO from=2026-02-01 until=2026-03-01\nbob@example.com FR,IT from=2026-02-01 until=2026-03-01\n");
    put("ignored", "svc-*\n*@scan.example.com until=2026-12-31\nbackup@example.com\n");
    return 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = {"policy.json", "nets", "asns", "people", "travel", "ignored"};

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

/* ---- an engine ---- */

static struct mf_engine *new_engine(struct mf_error *error)
{
    const struct mf_engine_options options = {
        .policy_file = policy_file, .profile_dir = "/", .observer = "here", .key = {1, 2}};

    return mf_engine_new(&options, error);
}

static const char record[] = "{\"access_device\":{\"ip\":\"203.0.113.66\"},\"event_type\":\"authentication\","
                             "\"factor\":\"duo_push\",\"isotimestamp\":"
                             "\"2026-03-02T09:00:%02u.000000+00:00\",\"reason\":\"user_marked_fraud\",\"result\":"
                             "\"fraud\",\"txid\":\"t-%u\",\"user\":"
                             "{\"key\":\"k\",\"name\":\"carl@example.com\"}}";

static unsigned n_alerts;

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    (void)context, (void)alert;
    n_alerts++;
}

static const char *judge(struct mf_engine *engine, struct mf_worker *worker, unsigned second)
{
    static const struct mf_sink sink = {NULL, on_alert, NULL, false};
    static struct mf_tag tag;
    char line[1024];
    int length = snprintf(line, sizeof line, record, second, second);

    mf_engine_judge(engine, worker, line, (size_t)length, MF_TIME_NONE, &sink, &tag);
    return tag.status;
}

/* ---- what holds ---- */

/* Calls `attempt` with a shortage at the first allocation, then `step` further, ... until there is none left to fail. */
static unsigned long at_each(bool (*attempt)(struct mf_error *error), unsigned step)
{
    unsigned long at = 1;

    for (bool happened = true; happened; at += step) {
        struct mf_error error = {""};

        begin_shortage(at);
        bool well = attempt(&error);
        happened = end_shortage();
        if (!happened && !well)
            fail_msg("without a shortage: %s", error.text);
        if (!well && error.text[0] == '\0')
            fail_msg("no error at allocation %lu", at);
    }
    return at - 2 * step;
}

static bool build(struct mf_error *error)
{
    struct mf_engine *engine = new_engine(error);
    bool built = engine != NULL;

    mf_engine_free(engine);
    return built;
}

static void building_an_engine_fails_with_an_error(void **state)
{
    (void)state;
    for_good = false;
    unsigned long n = at_each(build, 1);
    print_message("# %lu allocations\n", n);
    assert_true(n > 50);
    for_good = true;
    assert_true(at_each(build, 7) > n - 7);
}

static struct mf_engine *running;
static struct mf_worker *worker;

static bool reload(struct mf_error *error)
{
    struct mf_reload report;

    return mf_engine_reload(running, &report, error) == 0;
}

static void a_reload_fails_with_an_error_and_the_engine_goes_on(void **state)
{
    struct mf_error error;

    (void)state;
    running = new_engine(&error);
    worker = mf_worker_new(running, &error);
    assert_non_null(worker);
    assert_string_equal(judge(running, worker, 1), "judged");
    for_good = false;
    assert_true(at_each(reload, 1) > 50);
    assert_string_equal(judge(running, worker, 2), "judged");
    for_good = true;
    assert_true(at_each(reload, 7) > 50);
    assert_string_equal(judge(running, worker, 3), "judged");
    mf_worker_free(worker);
    mf_engine_free(running);
}

static bool hire(struct mf_error *error)
{
    struct mf_worker *made = mf_worker_new(running, error);
    bool hired = made != NULL;

    mf_worker_free(made);
    return hired;
}

static void a_worker_is_made_whole_or_not_at_all(void **state)
{
    struct mf_error error;

    (void)state;
    running = new_engine(&error);
    assert_non_null(running);
    for_good = false;
    assert_true(at_each(hire, 1) >= 4);
    mf_engine_free(running);
}

static void a_running_engine_needs_none(void **state)
{
    struct mf_error error;

    (void)state;
    running = new_engine(&error);
    worker = mf_worker_new(running, &error);
    assert_non_null(worker);
    n_alerts = 0;
    for_good = true;
    begin_shortage(1);
    for (unsigned second = 0; second < 60; second++)
        assert_string_equal(judge(running, worker, second), "judged");
    mf_engine_tick(running, worker, MF_DAY, NULL);
    assert_false(end_shortage());
    assert_true(n_alerts > 0);
    mf_worker_free(worker);
    mf_engine_free(running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building_an_engine_fails_with_an_error),
        cmocka_unit_test(a_reload_fails_with_an_error_and_the_engine_goes_on),
        cmocka_unit_test(a_worker_is_made_whole_or_not_at_all),
        cmocka_unit_test(a_running_engine_needs_none),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
