/* tests/test_state.c
 *
 * What an engine remembers, kept in a directory: a restart is not seen in any alert, damage is found and hurts nobody,
 * names are kept no longer than an incident is open, and workers go on while it is written. */

#include "engine.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine_in.h"

#include "memory/frame.h"

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { OUTPUT_MAX = 1 << 20 };

/* Sanitizers take their time: of what is many, some. */
#if defined(__SANITIZE_THREAD__)
enum { EVERY = 64 };
#elif defined(__SANITIZE_ADDRESS__)
enum { EVERY = 10 };
#else
enum { EVERY = 1 };
#endif

static char base[64], directory[96], path[256];

static char *output; /* the alerts, a line each */
static size_t length;

static void forget_output(void)
{
    length = 0;
    output[0] = '\0';
}

/* Memory is the quickest disk, and the one that wears out least. */
static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "%s/mf-state-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof directory, "%s/state", base);
    forget_output();
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

static const char *in(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* ---- an engine with its state, and what comes out ---- */

struct life {
    struct mf_engine *engine;
    struct mf_worker *worker;
    struct mf_state_report report;
};

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    (void)context;
    assert_true(length + alert->length + 1 < OUTPUT_MAX);
    memcpy(output + length, alert->json, alert->length);
    length += alert->length;
    output[length++] = '\n';
    output[length] = '\0';
}

static const struct mf_sink sink = {NULL, on_alert, NULL, false};

/* Little memory is quickly copied. */
#define SMALL                                                                                                          \
    "{\"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, \"traces\": 1024, \"deliveries\": 16384}}"

static const char *policy = SMALL; /* its text */

static bool journals; /* as in the daemon */

static const struct mf_state_options *options(enum mf_store_use use)
{
    static struct mf_state_options those;

    those = (struct mf_state_options){
        .directory = directory, .use = use, .fresh = {11, 22}, .now = NOW, .journal = journals};
    return &those;
}

static void begin(struct life *life)
{
    struct mf_error error = {""};

    life->engine = engine_in(base, policy);
    if (mf_engine_open_state(life->engine, options(MF_STORE_OWN), &life->report, &error) != 0)
        fail_msg("%s", error.text);
    life->worker = mf_worker_new(life->engine, &error);
    assert_non_null(life->worker);
}

static void end(struct life *life)
{
    mf_worker_free(life->worker);
    mf_engine_free(life->engine);
}

static void save(struct life *life)
{
    struct mf_error error = {""};

    if (mf_engine_save_state(life->engine, NOW, &error) != 0)
        fail_msg("%s", error.text);
}

/* What the daemon's thread does: the clock is as if it had started at 0. */
static enum mf_state_news keep(struct life *life, mf_time uptime)
{
    struct mf_error news = {""};

    return mf_engine_keep_state(life->engine, life->worker, &(struct mf_state_clock){NOW, uptime}, &sink, &news);
}

static void judge(struct life *life, const char *line, size_t n)
{
    mf_engine_judge(life->engine, life->worker, line, n, MF_TIME_NONE, &sink, NULL);
}

/* ---- feeds ---- */

static char *read_file(const char *name, size_t *n)
{
    FILE *file = fopen(name, "rb");
    char *bytes = malloc(OUTPUT_MAX);

    assert_non_null(file);
    *n = fread(bytes, 1, OUTPUT_MAX - 1, file);
    assert_true(*n < OUTPUT_MAX - 1);
    bytes[*n] = '\0';
    fclose(file);
    return bytes;
}

static void write_file(const char *name, const char *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, 0600), 0);
}

static const char *line_at(const char *feed, size_t *n)
{
    const char *end_of_line = strchr(feed, '\n');

    *n = end_of_line == NULL ? strlen(feed) : (size_t)(end_of_line - feed);
    return end_of_line == NULL ? feed + *n : end_of_line + 1;
}

static void judge_all(struct life *life, const char *feed)
{
    while (*feed != '\0') {
        size_t n;
        const char *next = line_at(feed, &n);
        judge(life, feed, n);
        feed = next;
    }
}

static char feed[65536];
static unsigned serial; /* of records */

static void add_line(mf_time time, const char *user, const char *type, const char *result, const char *ip)
{
    char when[MF_TIME_TEXT];
    size_t used = strlen(feed);

    mf_time_format(time, when);
    serial++;
    snprintf(
        feed + used, sizeof feed - used,
        "{\"actor\":{\"id\":\"00u-%s\",\"type\":\"User\",\"alternateId\":\"%s\"},\"client\":{\"device\":\"Computer\","
        "\"ipAddress\":\"%s\",\"geographicalContext\":{\"country\":\"RO\"}},\"eventType\":\"%s\",\"outcome\":{"
        "\"result\":\"%s\"},\"published\":\"%s\",\"securityContext\":{\"asNumber\":64510},\"transaction\":{\"id\":"
        "\"t-%u\"},\"uuid\":\"okta-%u\",\"target\":null}\n",
        user, user, ip, type, result, when, serial, serial);
}

/* Refused again and again: an incident at the latest with the fifth. */
static void bombing_of(const char *user, mf_time from, unsigned prompts)
{
    for (unsigned i = 0; i < prompts; i++) {
        add_line(from + i * MF_MINUTE, user, "system.push.send_factor_verify_push", "SUCCESS", "203.0.113.66");
        add_line(from + i * MF_MINUTE + 20 * MF_SECOND, user, "user.mfa.okta_verify.deny_push", "SUCCESS",
                 "203.0.113.66");
    }
}

static bool file_has(const char *name, const char *text)
{
    size_t n;
    char *bytes = read_file(in(name), &n);
    bool found = memmem(bytes, n, text, strlen(text)) != NULL;

    free(bytes);
    return found;
}

/* ---- a restart is not seen ---- */

/* How one life ends. */
enum ending { SAVED, CRASHED };

static void end_life(struct life *life, enum ending ending)
{
    if (ending == SAVED)
        save(life);
    else
        assert_int_equal(keep(life, 0), MF_STATE_QUIET); /* it was flushed, and no more */
    end(life);
}

/* Judges the feed in one life, and in as many as there are lines (or lines / step); compares what came out. */
static void compare_lives(const char *name, unsigned step, enum ending ending)
{
    static char whole[OUTPUT_MAX];
    struct life life;
    size_t n;
    char *text = read_file(name, &n);
    const char *at = text;

    forget_output();
    life.engine = engine_in(base, policy);
    life.worker = mf_worker_new(life.engine, NULL);
    judge_all(&life, text);
    end(&life);
    memcpy(whole, output, length + 1);
    forget_output();
    for (unsigned i = 1; *at != '\0'; i++) {
        if (i == 1)
            begin(&life);
        const char *next = line_at(at, &n);
        judge(&life, at, n);
        at = next;
        if (i % step == 0 || *at == '\0')
            end_life(&life, ending);
        if (i % step == 0 && *at != '\0') {
            begin(&life);
            assert_int_equal(life.report.damaged, 0);
        }
    }
    free(text);
    if (strcmp(whole, output) != 0)
        fail_msg("%s: with restarts\n%s\nwithout\n%s", name, output, whole);
}

static void compare_all_scenarios(void **state, enum ending ending)
{
    char scenarios[4096];
    const char *top = getenv("MF_SRCDIR");
    unsigned n = 0;

    snprintf(scenarios, sizeof scenarios, "%s/tests/scenarios", top == NULL ? "." : top);
    DIR *list = opendir(scenarios);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char name[4400];
        struct stat what;
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".jsonl") != 0 || n++ % EVERY != 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", scenarios, entry->d_name);
        assert_int_equal(stat(name, &what), 0);
        unsigned lines = (unsigned)what.st_size / 1000;
        compare_lives(name, lines < 16 ? 1 : 1 + lines / 5, ending);
        assert_int_equal(tear_down(state) | set_up(state), 0);
    }
    closedir(list);
    assert_true(n > 50);
}

static void no_alert_tells_of_restarts(void **state)
{
    compare_all_scenarios(state, SAVED);
}

static void no_alert_tells_of_crashes(void **state)
{
    journals = true;
    compare_all_scenarios(state, CRASHED);
    journals = false;
}

static void an_incident_is_one_across_a_restart(void **state)
{
    struct life life;

    (void)state;
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 5);
    begin(&life);
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"phase\":\"open\""));
    save(&life);
    end(&life);
    forget_output();
    begin(&life);
    assert_int_equal(counter(life.engine, "incidents_open"), 1);
    assert_int_equal(counter(life.engine, "users_tracked"), 1);
    judge_all(&life, feed); /* all of it again: delivered twice */
    assert_int_equal(counter(life.engine, "skipped_duplicate"), 10);
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW + 5 * MF_MINUTE, 7);
    bombing_of("bob@example.com", NOW + 60 * MF_MINUTE, 1); /* time passes */
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"phase\":\"close\""));
    assert_non_null(strstr(output, "\"denied\":12,"));
    assert_null(strstr(output, "\"phase\":\"open\""));
    end(&life);
}

/* A record that comes again after a restart, or a crash, is known: from the snapshot, and from the journal. */
static void what_came_before_is_known_again(void **state, enum ending ending)
{
    struct life life;
    char *first;

    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 3);
    first = strdup(feed);
    begin(&life);
    for (unsigned i = 0; i < 6; i++) {
        judge_all(&life, feed);
        feed[0] = '\0';
        for (unsigned j = 0; j < 20; j++) /* sessions of hers and of others */
            add_line(NOW + (i + 1) * MF_MINUTE, j % 2 ? "alice@example.com" : "bob@example.com", "user.session.start",
                     "SUCCESS", "198.51.100.7");
    }
    end_life(&life, ending);
    begin(&life);
    judge_all(&life, first);
    assert_int_equal(counter(life.engine, "skipped_duplicate"), 6);
    assert_int_equal(counter(life.engine, "prompts"), 0);
    end(&life);
    free(first);
    assert_int_equal(tear_down(state) | set_up(state), 0);
}

static void a_repeat_is_known_after_the_end(void **state)
{
    what_came_before_is_known_again(state, SAVED);
    journals = true;
    what_came_before_is_known_again(state, CRASHED);
    journals = false;
}

/* Crashed between handing the alert over and noting that: it comes again, the same; and then no more. */
static void an_alert_that_was_not_noted_comes_again(void **state)
{
    static char first[OUTPUT_MAX];
    struct life life;

    (void)state;
    journals = true;
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 5);
    begin(&life);
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"phase\":\"open\""));
    memcpy(first, output, length + 1);
    end(&life); /* nothing was flushed but what the last alert took along: it, and the notes of those before */
    forget_output();
    begin(&life);
    assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
    assert_int_equal(length, 0); /* not before rsyslogd's queues run */
    assert_int_equal(keep(&life, MF_SECOND), MF_STATE_QUIET);
    size_t n = strlen(first);
    assert_true(length > 0 && length <= n);
    assert_string_equal(output, first + n - length);
    assert_int_equal(counter(life.engine, "alerts_again"), 1);
    assert_int_equal(keep(&life, 2 * MF_SECOND), MF_STATE_QUIET);
    end(&life);
    forget_output();
    begin(&life);
    assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
    assert_int_equal(keep(&life, MF_SECOND), MF_STATE_QUIET);
    assert_int_equal(length, 0);
    end(&life);
    journals = false;
}

/* Also when a snapshot was taken while it was being handed over. */
static struct life *saving;

static void save_meanwhile(void *context, const struct mf_alert_text *alert)
{
    on_alert(context, alert);
    save(saving);
}

static void an_alert_in_flight_is_in_the_snapshot(void **state)
{
    const struct mf_sink saves = {NULL, save_meanwhile, NULL, false};
    struct life life;

    (void)state;
    journals = true;
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 5);
    begin(&life);
    saving = &life;
    for (const char *at = feed; *at != '\0';) {
        size_t n;
        const char *next = line_at(at, &n);
        mf_engine_judge(life.engine, life.worker, at, n, MF_TIME_NONE, &saves, NULL);
        at = next;
    }
    char *last = strdup(strrchr(output, '{') == NULL ? "" : output);
    assert_true(counter(life.engine, "state_saves") > 0);
    end(&life);
    forget_output();
    begin(&life);
    keep(&life, 0);
    keep(&life, MF_SECOND);
    assert_true(length > 0);
    assert_non_null(strstr(last, output));
    end(&life);
    free(last);
    journals = false;
}

static void names_are_in_the_journal_with_an_incident_only(void **state)
{
    struct life life;

    (void)state;
    journals = true;
    begin(&life);
    feed[0] = '\0';
    add_line(NOW, "carol@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    bombing_of("alice@example.com", NOW, 1);
    judge_all(&life, feed);
    keep(&life, 0);
    assert_false(file_has("journal-1", "example.com"));
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW + 2 * MF_MINUTE, 4);
    judge_all(&life, feed);
    keep(&life, 0);
    assert_true(file_has("journal-1", "alice@example.com"));
    assert_false(file_has("journal-1", "carol"));
    end(&life);
    journals = false;
}

/* ---- a policy that changed ---- */

#define WITH_LEVEL(level)                                                                                              \
    "{\"alert_level\": \"" level                                                                                       \
    "\", \"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, \"traces\": 1024}}"

static void load_anew(struct life *life, const char *text)
{
    struct mf_reload report;
    struct mf_error error = {""};
    char file[128];

    policy = text;
    snprintf(file, sizeof file, "%s/policy.json", base);
    write_file(file, text, strlen(text));
    if (mf_engine_reload(life->engine, &report, &error) != 0)
        fail_msg("%s", error.text);
    mf_engine_tick(life->engine, life->worker, NOW, &sink); /* the thread's worker takes it up */
}

/* Refused by one policy, then by another, and an end: with a crash behind the exchange, or without. */
static void judge_across_policies(const char *before, const char *after, bool crash)
{
    struct life life;

    policy = before;
    forget_output();
    begin(&life);
    assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 3);
    judge_all(&life, feed);
    load_anew(&life, after);
    if (crash) {
        assert_int_equal(keep(&life, 1), MF_STATE_QUIET); /* flushed: too early for another snapshot */
        assert_int_equal(counter(life.engine, "state_saves"), 0);
        end(&life);
        begin(&life);
        assert_int_equal(life.report.events, 6);
        assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
        assert_int_equal(keep(&life, MF_SECOND), MF_STATE_QUIET);
    }
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW + 3 * MF_MINUTE, 4);
    add_line(NOW + 60 * MF_MINUTE, "bob@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    judge_all(&life, feed);
    end(&life);
}

/* What was opened stays open, and what was not is not opened behind anybody's back, whatever the policy on disk says now:
 * the alerts are those that there would have been. */
static void a_crash_behind_a_reload_tells_nothing_else(void **state)
{
    static const char suspicious[] = WITH_LEVEL("suspicious"), anomalous[] = WITH_LEVEL("anomalous"),
                      notice[] = WITH_LEVEL("notice");
    static const char *const pairs[][2] = {
        {suspicious, anomalous}, {anomalous, suspicious}, {notice, anomalous}, {anomalous, notice}};
    static char whole[OUTPUT_MAX];
    unsigned opened_late = 0;

    journals = true;
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        serial = 0;
        judge_across_policies(pairs[i][0], pairs[i][1], false);
        memcpy(whole, output, length + 1);
        opened_late += strstr(whole, "\"phase\":\"open\"") == NULL;
        assert_int_equal(tear_down(state) | set_up(state), 0);
        serial = 0;
        judge_across_policies(pairs[i][0], pairs[i][1], true);
        if (strcmp(whole, output) != 0)
            fail_msg("%u: with a crash\n%s\nwithout\n%s", i, output, whole);
        assert_int_equal(tear_down(state) | set_up(state), 0);
    }
    assert_true(opened_late < 4);
    journals = false;
    policy = SMALL;
}

/* Soon the journal holds nothing any more that was judged by another one. */
static void a_policy_that_changes_is_followed_by_a_snapshot(void **state)
{
    struct life life;

    (void)state;
    journals = true;
    policy = WITH_LEVEL("suspicious");
    begin(&life);
    assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
    load_anew(&life, policy);
    assert_int_equal(keep(&life, 20 * MF_SECOND), MF_STATE_QUIET);
    assert_int_equal(counter(life.engine, "state_saves"), 0); /* the same policy, and nothing new */
    load_anew(&life, WITH_LEVEL("anomalous"));
    assert_int_equal(keep(&life, 21 * MF_SECOND), MF_STATE_QUIET);
    assert_int_equal(counter(life.engine, "state_saves"), 1);
    load_anew(&life, WITH_LEVEL("notice"));
    assert_int_equal(keep(&life, 22 * MF_SECOND), MF_STATE_QUIET);
    assert_int_equal(counter(life.engine, "state_saves"), 1); /* not one a second, though */
    assert_int_equal(keep(&life, 31 * MF_SECOND), MF_STATE_QUIET);
    assert_int_equal(counter(life.engine, "state_saves"), 2);
    end(&life);
    journals = false;
    policy = SMALL;
}

static unsigned networks_of(struct life *life, const char *user)
{
    struct mf_user_view view;

    assert_true(mf_engine_view_user(life->engine, user, &view));
    return view.networks;
}

/* Judged again by what the lists said then, though they are others now. */
static void what_lists_said_is_in_the_journal(void **state)
{
    static char with_lists[512];
    char egress[128], ignore[128];
    struct life life;

    (void)state;
    snprintf(egress, sizeof egress, "%s/egress", base);
    snprintf(ignore, sizeof ignore, "%s/ignore", base);
    write_file(egress, "198.51.100.0/24\n", 16);
    write_file(ignore, "scanner@example.com\n", 20);
    snprintf(with_lists, sizeof with_lists,
             "{\"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024, \"traces\": 1024}, \"nets\": "
             "{\"egress\": \"%s\"}, \"people\": {\"ignore\": \"%s\"}}",
             egress, ignore);
    feed[0] = '\0';
    add_line(NOW, "alice@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    add_line(NOW, "scanner@example.com", "user.session.start", "SUCCESS", "203.0.113.66");
    journals = true;
    policy = with_lists;
    begin(&life);
    judge_all(&life, feed);
    assert_int_equal(keep(&life, 0), MF_STATE_QUIET);
    end(&life);
    policy = SMALL; /* lists are gone */
    begin(&life);
    assert_int_equal(life.report.events, 4); /* a login and a session each */
    assert_int_equal(counter(life.engine, "users_tracked"), 1);
    assert_int_equal(networks_of(&life, "alice@example.com"), 0);
    feed[0] = '\0';
    add_line(NOW + MF_MINUTE, "alice@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    judge_all(&life, feed);
    assert_int_equal(networks_of(&life, "alice@example.com"), 1);
    end(&life);
    journals = false;
}

/* Cut at every length, and with every byte flipped: what stands before the damage counts, and the rest is left out. */
static void a_damaged_journal_counts_up_to_the_damage(void **state)
{
    struct life life;
    size_t n;

    (void)state;
    journals = true;
    begin(&life);
    for (unsigned i = 0; i < 12; i++) {
        char name[64];
        feed[0] = '\0';
        snprintf(name, sizeof name, "user-%u@example.com", i);
        add_line(NOW + i * MF_SECOND, name, "user.session.start", "SUCCESS", "198.51.100.7");
        judge_all(&life, feed);
        keep(&life, 0);
    }
    end(&life);
    char *bytes = read_file(in("journal-1"), &n);
    const size_t step = 1 + EVERY * n / 90;
    uint64_t before = 0;
    for (size_t k = 0; k <= n / step + 1; k++) {
        size_t i = k * step < n ? k * step : n;
        assert_int_equal(tear_down(state) | set_up(state), 0);
        begin(&life);
        end(&life);
        write_file(in("journal-1"), bytes, i);
        begin(&life);
        assert_int_equal(life.report.damaged, 0); /* an end that is missing is what comes of a crash */
        assert_true(counter(life.engine, "users_tracked") >= before);
        before = counter(life.engine, "users_tracked");
        end(&life);
    }
    assert_int_equal(before, 12);
    for (size_t i = 0; i < n; i += step) {
        assert_int_equal(tear_down(state) | set_up(state), 0);
        begin(&life);
        end(&life);
        bytes[i] = (char)(bytes[i] ^ 64);
        write_file(in("journal-1"), bytes, n);
        bytes[i] = (char)(bytes[i] ^ 64);
        begin(&life);
        uint64_t users = counter(life.engine, "users_tracked");
        assert_true(users < 12);
        assert_true(life.report.damaged == 1 || users >= 11); /* of the last block a crash may be the reason */
        end(&life);
    }
    free(bytes);
    journals = false;
}

static void smaller_sizes_keep_those_with_an_incident(void **state)
{
    struct life life;
    char name[64];

    (void)state;
    policy = "{\"state\": {\"users\": 4096, \"addresses\": 16384}}";
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 5);
    begin(&life);
    judge_all(&life, feed);
    for (unsigned i = 0; i < 3000; i++) {
        feed[0] = '\0';
        snprintf(name, sizeof name, "user-%u@example.com", i);
        add_line(NOW, name, "user.session.start", "SUCCESS", "198.51.100.7");
        judge_all(&life, feed);
    }
    assert_int_equal(counter(life.engine, "users_tracked"), 3001);
    save(&life);
    end(&life);

    policy = "{\"state\": {\"users\": 1024, \"recent\": 256, \"addresses\": 1024}, \"incident\": {\"max_open\": 16}}";
    begin(&life);
    assert_int_equal(life.report.damaged, 0);
    assert_true(counter(life.engine, "users_tracked") >= 1024);
    assert_true(counter(life.engine, "users_tracked") < 3001);
    assert_int_equal(counter(life.engine, "users_tracked") + counter(life.engine, "users_evicted"), 3001);
    assert_int_equal(counter(life.engine, "incidents_open"), 1);
    end(&life);
    policy = SMALL;
}

static void who_was_not_seen_for_long_is_forgotten(void **state)
{
    struct life life;

    (void)state;
    policy = "{\"state\": {\"ttl\": \"10d\"}}";
    feed[0] = '\0';
    add_line(NOW, "alice@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    add_line(NOW + 9 * MF_DAY, "bob@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    begin(&life);
    judge_all(&life, feed);
    save(&life);
    assert_int_equal(counter(life.engine, "users_expired"), 0);
    feed[0] = '\0';
    add_line(NOW + 11 * MF_DAY, "bob@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    judge_all(&life, feed);
    save(&life);
    assert_int_equal(counter(life.engine, "users_expired"), 1);
    end(&life);
    begin(&life);
    assert_int_equal(counter(life.engine, "users_tracked"), 1);
    end(&life);
    policy = SMALL;
}

/* ---- names ---- */

static void names_are_kept_while_an_incident_is_open_only(void **state)
{
    struct life life;

    (void)state;
    begin(&life);
    feed[0] = '\0';
    add_line(NOW, "carol@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    bombing_of("alice@example.com", NOW, 1);
    judge_all(&life, feed);
    save(&life);
    assert_false(file_has("snapshot", "example.com"));
    assert_false(file_has("snapshot", "alice"));
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW + 2 * MF_MINUTE, 4);
    judge_all(&life, feed);
    save(&life);
    assert_true(file_has("snapshot", "alice@example.com"));
    assert_false(file_has("snapshot", "carol"));
    feed[0] = '\0';
    add_line(NOW + 60 * MF_MINUTE, "carol@example.com", "user.session.start", "SUCCESS", "198.51.100.7");
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"phase\":\"close\""));
    save(&life);
    assert_false(file_has("snapshot", "alice"));
    end(&life);

    begin(&life); /* and the name is there again when it reopens */
    forget_output();
    feed[0] = '\0';
    bombing_of("alice@example.com", NOW + 70 * MF_MINUTE, 5);
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"phase\":\"open\""));
    assert_non_null(strstr(output, "\"name\":\"alice@example.com\""));
    end(&life);
}

/* ---- damage ---- */

/* A snapshot with something of everything in it. */
static char *make_snapshot(size_t *n)
{
    struct life life;

    feed[0] = '\0';
    bombing_of("alice@example.com", NOW, 5);
    begin(&life);
    judge_all(&life, feed);
    save(&life);
    end(&life);
    return read_file(in("snapshot"), n);
}

static enum mf_frame_end read_to_the_end(const char *name, uint64_t *damaged, uint64_t *records)
{
    struct mf_frame_reader reader;
    struct mf_frame_head head;
    struct mf_frame_block block;
    struct mf_frame_record record;
    enum mf_frame_end how = MF_FRAME_DAMAGED;
    int fd = open(name, O_RDONLY);

    *damaged = *records = 0;
    assert_true(fd >= 0);
    if (mf_frame_open(&reader, fd, &head) != MF_FRAME_STARTED) {
        close(fd);
        *damaged = 1;
        return MF_FRAME_DAMAGED;
    }
    while ((how = mf_frame_next(&reader, &block)) == MF_FRAME_MORE || how == MF_FRAME_DAMAGED) {
        *damaged += how == MF_FRAME_DAMAGED;
        while (how == MF_FRAME_MORE && mf_frame_record(&reader, &block, &record))
            ++*records;
    }
    mf_frame_close(&reader);
    close(fd);
    return how;
}

static void every_flipped_byte_is_found(void **state)
{
    size_t n;
    char *bytes = make_snapshot(&n);
    uint64_t damaged, records, all;

    (void)state;
    assert_int_equal(read_to_the_end(in("snapshot"), &damaged, &all), MF_FRAME_END);
    assert_int_equal(damaged, 0);
    for (size_t i = 0; i < n; i += EVERY) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            write_file(in("snapshot"), bytes, n);
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            enum mf_frame_end how = read_to_the_end(in("snapshot"), &damaged, &records);
            if (how == MF_FRAME_END && damaged == 0)
                fail_msg("byte %zu, bit %u: not found", i, bit);
        }
    }
    free(bytes);
}

/* One line says it, the file is set aside, and the engine does its work: `at` bytes of the snapshot are there, or all
 * with the one at `at` changed. */
static void open_damaged(const char *bytes, size_t n)
{
    struct life life;
    struct mf_error error;

    forget_output();
    write_file(in("snapshot"), bytes, n);
    begin(&life);
    assert_int_equal(life.report.damaged, 1);
    assert_non_null(strstr(life.report.damage, "/snapshot "));
    assert_int_equal(counter(life.engine, "state_damaged"), 1);
    snprintf(path, sizeof path, "%s/snapshot.corrupt-%lld", directory, (long long)(NOW / MF_SECOND));
    assert_int_equal(unlink(path), 0);
    feed[0] = '\0';
    bombing_of("bob@example.com", NOW, 5);
    judge_all(&life, feed);
    assert_non_null(strstr(output, "\"name\":\"bob@example.com\""));
    assert_int_equal(mf_engine_save_state(life.engine, NOW, &error), 0);
    end(&life);
}

static void damage_is_set_aside_and_alerts_go_on(void **state)
{
    size_t n;
    char *bytes = make_snapshot(&n);

    (void)state;
    for (size_t i = 0; i < n; i += 1 + EVERY * n / 60) {
        bytes[i] = (char)(bytes[i] ^ 16);
        open_damaged(bytes, n);
        bytes[i] = (char)(bytes[i] ^ 16);
        open_damaged(bytes, i);
    }
    memset(bytes, 0xff, n); /* all counts and lengths at their highest */
    open_damaged(bytes, n);
    memset(bytes, 0, n);
    open_damaged(bytes, n);
    free(bytes);
}

static void a_newer_file_is_refused_and_left_alone(void **state)
{
    static const struct mf_hash_key head_key = {0x6d66737461746521u, 0x68656164u};
    struct mf_engine *engine;
    struct mf_state_report report;
    struct mf_error error;
    size_t n;
    char *bytes = make_snapshot(&n);
    unsigned char *head = (unsigned char *)bytes;

    (void)state;
    mf_put_u32(head + 8, MF_STATE_FORMAT + 1);
    mf_put_u64(head + 16, mf_hash_bytes(&head_key, head, 16).lo ^
                              mf_hash_bytes(&head_key, head + MF_FILE_HEAD, mf_get_u32(head + 12)).hi);
    write_file(in("snapshot"), bytes, n);
    engine = engine_in(base, policy);
    assert_int_equal(mf_engine_open_state(engine, options(MF_STORE_OWN), &report, &error), -1);
    assert_non_null(strstr(error.text, "newer version"));
    mf_engine_free(engine);
    size_t after;
    char *same = read_file(in("snapshot"), &after);
    assert_int_equal(after, n);
    assert_memory_equal(same, bytes, n);
    free(same);
    free(bytes);
}

static void a_snapshot_of_another_key_is_set_aside(void **state)
{
    struct life life;
    size_t n;
    char *bytes = make_snapshot(&n);

    (void)state;
    write_file(in("key"), "00000000000000000000000000000001\n", 33);
    begin(&life);
    assert_non_null(strstr(life.report.damage, "another key"));
    assert_int_equal(counter(life.engine, "users_tracked"), 0);
    end(&life);
    free(bytes);
}

static void readers_look_beside_the_owner(void **state)
{
    struct life life;
    struct mf_engine *engine;
    struct mf_state_report report;
    struct mf_error error;
    size_t n;

    (void)state;
    free(make_snapshot(&n));
    begin(&life);
    engine = engine_in(base, policy);
    assert_int_equal(mf_engine_open_state(engine, options(MF_STORE_OWN), &report, &error), -1);
    assert_non_null(strstr(error.text, "in use"));
    assert_int_equal(mf_engine_open_state(engine, options(MF_STORE_READ), &report, &error), 0);
    assert_int_equal(report.damaged, 0);
    assert_true(report.records > 3);
    mf_engine_free(engine);
    end(&life);
}

/* ---- while workers go on ---- */

enum { THREADS = 4, ROUNDS = 400 };

struct crew {
    struct mf_engine *engine;
    unsigned number;
};

static void *work(void *context)
{
    struct crew *crew = context;
    struct mf_worker *worker = mf_worker_new(crew->engine, NULL);
    static const struct mf_sink quiet = {0};

    for (unsigned i = 0; i < ROUNDS; i++) {
        char when[MF_TIME_TEXT], line[1024];
        mf_time_format(NOW + i * MF_SECOND, when);
        int n =
            snprintf(line, sizeof line,
                     "{\"actor\":{\"type\":\"User\",\"alternateId\":\"user-%u-%u@example.com\"},\"client\":{"
                     "\"ipAddress\":\"198.51.100.%u\"},\"eventType\":\"user.session.start\",\"outcome\":{\"result\":"
                     "\"SUCCESS\"},\"published\":\"%s\",\"uuid\":\"u-%u-%u\",\"target\":null}",
                     crew->number, i, i % 250, when, crew->number, i);
        mf_engine_judge(crew->engine, worker, line, (size_t)n, MF_TIME_NONE, &quiet, NULL);
    }
    mf_worker_free(worker);
    return NULL;
}

static void workers_go_on_while_it_is_written(void **state)
{
    struct life life;
    struct crew crew[THREADS];
    pthread_t thread[THREADS];

    (void)state;
    policy = "{\"state\": {\"users\": 16384}}";
    journals = true;
    begin(&life);
    for (unsigned i = 0; i < THREADS; i++) {
        crew[i] = (struct crew){life.engine, i};
        assert_int_equal(pthread_create(&thread[i], NULL, work, &crew[i]), 0);
    }
    for (unsigned i = 0; i < 20; i++) {
        keep(&life, i);
        save(&life);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    keep(&life, 20);
    assert_int_equal(counter(life.engine, "users_tracked"), THREADS * ROUNDS);
    assert_int_equal(counter(life.engine, "state_saves"), 20);
    end(&life); /* a crash: the last snapshot, and the journal behind it */
    begin(&life);
    assert_int_equal(life.report.damaged, 0);
    assert_int_equal(counter(life.engine, "users_tracked"), THREADS * ROUNDS);
    end(&life);
    journals = false;
    policy = SMALL;
}

static int make_output(void **state)
{
    (void)state;
    output = malloc(OUTPUT_MAX);
    return output == NULL ? -1 : 0;
}

static int free_output(void **state)
{
    (void)state;
    free(output);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(no_alert_tells_of_restarts),
        TEST(no_alert_tells_of_crashes),
        TEST(an_incident_is_one_across_a_restart),
        TEST(a_repeat_is_known_after_the_end),
        TEST(an_alert_that_was_not_noted_comes_again),
        TEST(an_alert_in_flight_is_in_the_snapshot),
        TEST(names_are_in_the_journal_with_an_incident_only),
        TEST(what_lists_said_is_in_the_journal),
        TEST(a_crash_behind_a_reload_tells_nothing_else),
        TEST(a_policy_that_changes_is_followed_by_a_snapshot),
        TEST(a_damaged_journal_counts_up_to_the_damage),
        TEST(smaller_sizes_keep_those_with_an_incident),
        TEST(who_was_not_seen_for_long_is_forgotten),
        TEST(names_are_kept_while_an_incident_is_open_only),
        TEST(every_flipped_byte_is_found),
        TEST(damage_is_set_aside_and_alerts_go_on),
        TEST(a_newer_file_is_refused_and_left_alone),
        TEST(a_snapshot_of_another_key_is_set_aside),
        TEST(readers_look_beside_the_owner),
        TEST(workers_go_on_while_it_is_written),
    };

    return cmocka_run_group_tests_name("state", tests, make_output, free_output);
}
