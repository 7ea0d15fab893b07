/* tests/fuzz/fuzz_engine.c
 *
 * Lines of any bytes through a whole engine: what is handed out is JSON, one line each, whose numbers add up; and the same
 * again from another engine with another key. */

#include "renew.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 64, EVENTS = 160 /* in an input; none is shorter than a hundred bytes */ };

static char policy_file[64];
static struct mf_record record;

struct outcome {
    uint64_t sum;
    unsigned judged, alerts;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Notice is enough for an alert. */
static void write_policy(void)
{
    const char *source = getenv("MF_SRCDIR");
    const char *const places[] = {source == NULL ? "." : source, "..", "../.."};
    int fd = memfd_create("policy", 0);
    char text[8192], dir[4096] = "";

    for (size_t i = 0; i < sizeof places / sizeof places[0] && dir[0] == '\0'; i++) {
        snprintf(dir, sizeof dir, "%s/profiles", places[i]);
        if (access(dir, R_OK) != 0)
            dir[0] = '\0';
    }
    snprintf(text, sizeof text,
             "{\"profile_dir\": \"%s\", \"profiles\": [\"okta\", \"duo\", \"entra\"], \"alert_level\": \"notice\", "
             "\"state\": "
             "{\"populations\": 16}, \"incident\": "
             "{\"max_open\": 1024, \"max_alerts_per_minute\": 1000000}}",
             dir);
    require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    snprintf(policy_file, sizeof policy_file, "/proc/self/fd/%d", fd);
    require(mf_record_init(&record, &mf_record_default_limits, NULL) == 0);
}

static uint64_t add(uint64_t sum, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum = sum * 31 + (unsigned char)text[i];
    return sum;
}

static void on_judged(void *context, const struct mf_judged *judged)
{
    struct outcome *outcome = context;

    outcome->sum = outcome->sum * 31 + judged->skip;
    require((judged->verdict != NULL) == (judged->skip == MF_SKIP_NONE));
    if (judged->verdict == NULL)
        return;
    require(judged->event != NULL && judged->verdict->score <= 100);
    outcome->judged++;
    outcome->sum = outcome->sum * 31 + judged->verdict->score;
}

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    struct outcome *outcome = context;

    require(strlen(alert->json) == alert->length && memchr(alert->json, '\n', alert->length) == NULL);
    require(mf_record_parse_document(&record, alert->json, alert->length) == MF_SKIP_NONE);
    outcome->alerts++;
    outcome->sum = add(outcome->sum, alert->json, alert->length);
}

/* Two engines that differ in their key. */
static struct {
    struct mf_engine *engine;
    struct mf_worker *worker;
} by[2];

static void build(void)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct mf_engine_options options = {.policy_file = policy_file, .key = {i, ~(uint64_t)i}};
        struct mf_error error = {""};

        by[i].engine = mf_engine_new(&options, &error);
        if (by[i].engine == NULL)
            fprintf(stderr, "%s\n", error.text);
        require(by[i].engine != NULL);
    }
}

static struct outcome judge(const char *bytes, size_t size, unsigned which)
{
    struct outcome outcome = {0};
    const struct mf_sink sink = {on_judged, on_alert, &outcome, true};
    struct mf_tag tag;

    for (unsigned n = 0; size > 0 && n < LINES_MAX; n++) {
        const char *newline = memchr(bytes, '\n', size);
        size_t length = newline == NULL ? size : (size_t)(newline - bytes);

        mf_engine_judge(by[which].engine, by[which].worker, bytes, length, n % 2 == 0 ? MF_TIME_NONE : 1772442877000,
                        &sink, &tag);
        length += newline != NULL;
        bytes += length;
        size -= length;
    }
    mf_engine_tick(by[which].engine, by[which].worker, 1772442877000 + MF_DAY, &sink);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* no shard fills with what an input of this size can hold: who makes room depends on the key */
    static const struct mf_table_conf table = {
        .users = EVENTS * MF_TABLE_SHARDS, .recent = EVENTS * MF_TABLE_SHARDS, .traces = 1024};

    if (size > EVENTS * 100)
        return 0;
    if (policy_file[0] == '\0') {
        write_policy();
        build();
    }
    for (unsigned i = 0; i < 2; i++) {
        mf_worker_free(by[i].worker);
        renew(by[i].engine, &table, 2048);
        by[i].worker = mf_worker_new(by[i].engine, NULL);
    }
    struct outcome first = judge((const char *)data, size, 0), second = judge((const char *)data, size, 1);
    require(first.judged == second.judged && first.alerts == second.alerts && first.sum == second.sum);
    return 0;
}
