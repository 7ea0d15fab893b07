/* tests/fuzz/state_any.h
 *
 * Any bytes as a file of the state. Behind a first byte that is even they are the records of a file whose checksums are
 * right, so that the fuzzer need not guess them; behind an odd one they are the file itself. Whatever is in it, the engine
 * opens, judges, closes, renders alerts, and saves what can be opened again without damage. */

#ifndef MF_TESTS_FUZZ_STATE_ANY_H
#define MF_TESTS_FUZZ_STATE_ANY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/frame.h"
#include "renew.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

static const struct mf_hash_key any_key = {0x0123456789abcdefu, 0x0123456789abcdefu};
static char any_base[64], any_directory[96];

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void put_file(const char *name, const void *bytes, size_t n)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", any_directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

/* What a run left is taken away before the next one. */
static void empty_directory(void)
{
    char path[512];
    DIR *list = opendir(any_directory);

    for (const struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", any_directory, entry->d_name);
        unlink(path);
    }
    if (list != NULL)
        closedir(list);
}

static void clean_up(void)
{
    char path[128];

    empty_directory();
    rmdir(any_directory);
    snprintf(path, sizeof path, "%s/policy.json", any_base);
    unlink(path);
    rmdir(any_base);
}

static void set_up(void)
{
    static const char policy[] = "{\"profiles\": [\"okta\"], \"state\": {\"users\": 1024, \"recent\": 256, "
                                 "\"addresses\": 1024, \"traces\": 1024, \"deliveries\": 1024, \"populations\": 16}, "
                                 "\"incident\": {\"max_open\": 16}}";
    char path[128];

    if (any_base[0] != '\0')
        return;
    const char *where = getenv("MF_FUZZ_DIR"); /* libFuzzer ends without clean_up(): script/fuzz removes it */
    snprintf(any_base, sizeof any_base, "%s/mf-fuzz-XXXXXX",
             where != NULL                   ? where
             : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                             : "/tmp");
    require(mkdtemp(any_base) != NULL);
    atexit(clean_up);
    snprintf(any_directory, sizeof any_directory, "%s/state", any_base);
    require(mkdir(any_directory, 0700) == 0);
    snprintf(path, sizeof path, "%s/policy.json", any_base);
    FILE *out = fopen(path, "wb");
    require(out != NULL && fputs(policy, out) >= 0 && fclose(out) == 0);
}

/* The records in blocks with their checksums, behind a head. */
static void put_records(const char *name, enum mf_file_sort sort, const uint8_t *data, size_t size)
{
    static unsigned char bytes[1 << 20];
    static const char text[] = "mfatigue state";
    const struct mf_frame_head head = {.sort = (uint32_t)sort,
                                       .generation = 1,
                                       .salt = 7,
                                       .created = NOW,
                                       .key_check = mf_hash_bytes(&any_key, text, sizeof text).lo};
    size_t used = mf_frame_head(&head, bytes);

    for (uint64_t index = 0; size > 0 && used + MF_BLOCK_HEAD + MF_BLOCK_MAX < sizeof bytes; index++) {
        size_t n = size < MF_BLOCK_MAX ? size : MF_BLOCK_MAX;
        memcpy(bytes + used + MF_BLOCK_HEAD, data, n);
        mf_put_u32(bytes + used, (uint32_t)n);
        mf_frame_seal(bytes + used, head.generation, head.salt, index);
        used += MF_BLOCK_HEAD + n;
        data += n;
        size -= n;
    }
    put_file(name, bytes, used);
}

static void check_alert(void *context, const struct mf_alert_text *alert)
{
    static struct mf_record record;

    (void)context;
    require(record.nodes != NULL || mf_record_init(&record, &mf_record_default_limits, NULL) == 0);
    require(mf_record_parse_document(&record, alert->json, alert->length) == MF_SKIP_NONE);
    require(alert->length == strlen(alert->json) && alert->length < MF_ALERT_MAX && alert->json[0] == '{');
    for (size_t i = 0; i < alert->length; i++)
        require(alert->json[i] >= 0x20 && alert->json[i] < 0x7f);
}

static bool count_user(void *context, const struct mf_user_view *view)
{
    (void)view;
    ++*(unsigned *)context;
    return true;
}

static struct mf_engine *new_engine(void)
{
    static char profiles[4096], policy[128];
    const char *top = getenv("MF_SRCDIR");

    snprintf(profiles, sizeof profiles, "%s/profiles", top == NULL ? "." : top);
    snprintf(policy, sizeof policy, "%s/policy.json", any_base);
    struct mf_engine *engine =
        mf_engine_new(&(struct mf_engine_options){.policy_file = policy, .profile_dir = profiles}, NULL);
    require(engine != NULL);
    return engine;
}

/* Was the last file refused at its head, so that nothing of it is remembered? */
static bool untouched;

static struct mf_engine *open_any(enum mf_store_use use, struct mf_state_report *report)
{
    static const struct mf_table_conf small = {.users = 64, .recent = 32, .traces = 64};
    static struct mf_engine *engine;
    struct mf_error error;
    const struct mf_state_options options = {
        .directory = any_directory, .use = use, .fresh = any_key, .now = NOW, .journal = true};

    if (engine == NULL)
        engine = new_engine();
    if (untouched)
        mf_keeping_free(engine);
    else
        renew(engine, &small, 64);
    untouched = false;
    if (mf_engine_open_state(engine, &options, report, &error) == 0)
        return engine;
    require(error.text[0] != '\0');
    return NULL;
}

static void judge_some(struct mf_engine *engine, struct mf_worker *worker, const struct mf_sink *sink)
{
    char line[1024], when[MF_TIME_TEXT];

    for (unsigned i = 0; i < 12; i++) {
        mf_time_format(NOW + i * MF_MINUTE, when);
        int n =
            snprintf(line, sizeof line,
                     "{\"actor\":{\"type\":\"User\",\"alternateId\":\"ada@example.com\"},\"client\":{\"ipAddress\":"
                     "\"203.0.113.66\"},\"eventType\":\"%s\",\"outcome\":{\"result\":\"SUCCESS\"},\"published\":"
                     "\"%s\",\"uuid\":\"u-%u\",\"target\":null}",
                     i % 2 == 0 ? "system.push.send_factor_verify_push" : "user.mfa.okta_verify.deny_push", when, i);
        mf_engine_judge(engine, worker, line, (size_t)n, NOW + i * MF_MINUTE, sink, NULL);
    }
}

static int run_any(const char *name, enum mf_file_sort sort, const uint8_t *data, size_t size)
{
    const struct mf_sink sink = {.alert = check_alert};
    struct mf_state_report report;
    struct mf_error news;
    unsigned users = 0;

    if (size < 1 || size > 512 * 1024)
        return 0;
    set_up();
    empty_directory();
    put_file("key", "0123456789abcdef0123456789abcdef\n", 33);
    if (data[0] % 2 == 0)
        put_records(name, sort, data + 1, size - 1);
    else
        put_file(name, data + 1, size - 1);
    struct mf_engine *engine = open_any(MF_STORE_OWN, &report);
    if (engine == NULL)
        return 0;
    if (data[0] % 2 != 0 && report.damaged > 0 && report.records == 0 && report.events == 0) {
        untouched = true;
        return 0;
    }
    struct mf_worker *worker = mf_worker_new(engine, NULL);
    mf_engine_keep_state(engine, worker, &(struct mf_state_clock){NOW, 0}, &sink, &news);
    mf_engine_keep_state(engine, worker, &(struct mf_state_clock){NOW, MF_MINUTE}, &sink, &news);
    judge_some(engine, worker, &sink);
    mf_engine_tick(engine, worker, NOW + MF_DAY, &sink);
    mf_engine_each_user(engine, count_user, &users);
    require(users > 0);
    require(mf_engine_save_state(engine, NOW, NULL) == 0);
    mf_worker_free(worker);
    engine = open_any(MF_STORE_READ, &report);
    require(engine != NULL && report.damaged == 0);
    return 0;
}

#endif
