/* tests/test_embedded.c
 *
 * The collection of tests/json, good, bad and arguable documents, where an attacker would put them: as a message, behind a
 * syslog header, and in a record as its user, its address and its time. Nobody is judged by what is not JSON, and nobody
 * but whom the record names by what is. */

#include "engine.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2026-03-02T09:00:00Z */
#define NOW ((mf_time)1772442000 * MF_SECOND)

enum { DOCUMENT_MAX = 1 << 16, MESSAGE_MAX = DOCUMENT_MAX + 1024 };

static struct mf_engine *engine;
static struct mf_worker *worker;
static struct mf_tag tag;
static unsigned n_alerts, serial;
static char *document, *message;
static size_t document_length;

static void on_alert(void *context, const struct mf_alert_text *alert)
{
    (void)context;
    n_alerts += alert->phase == MF_PHASE_OPEN;
}

/* Between `before` and `behind`. True: it was judged. */
static bool judge_between(const char *before, const char *behind)
{
    static const struct mf_sink sink = {NULL, on_alert, NULL, false};
    size_t head = strlen(before), tail = strlen(behind);

    memcpy(message, before, head);
    memcpy(message + head, document, document_length);
    memcpy(message + head + document_length, behind, tail);
    mf_engine_judge(engine, worker, message, head + document_length + tail, NOW, &sink, &tag);
    assert_true(tag.status[0] != '\0');
    return strcmp(tag.status, "judged") == 0;
}

/* A report of fraud, with the document in place of one value: each that is judged opens an incident. */
static bool judge_as(unsigned place)
{
    static const char *const values[] = {"\"user-%u@example.com\"", "\"203.0.113.9\"", "\"2026-03-02T09:00:00.000Z\""};
    char value[3][64], before[512], behind[512];
    const char *from = "{\"actor\":{\"type\":\"User\",\"alternateId\":";

    for (unsigned i = 0; i < 3; i++) {
        snprintf(value[i], sizeof value[i], values[i], ++serial);
        if (i == place)
            snprintf(value[i], sizeof value[i], "\n");
    }
    snprintf(before, sizeof before,
             "%s%s},\"client\":{\"ipAddress\":%s},\"published\":%s,\"eventType\":"
             "\"user.account.report_suspicious_activity_by_enduser\",\"outcome\":{\"result\":\"SUCCESS\"},\"uuid\":"
             "\"embedded-%u\",\"target\":null}",
             from, value[0], value[1], value[2], serial);
    char *mark = strchr(before, '\n');
    snprintf(behind, sizeof behind, "%s", mark + 1);
    *mark = '\0';
    return judge_between(before, behind);
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    document_length = fread(document, 1, DOCUMENT_MAX, file);
    fclose(file);
}

/* A text; or a number, true or false, which are names as they are written. */
static bool is_name(void)
{
    size_t i = 0;

    while (i < document_length && strchr(" \t\r\n", document[i]) != NULL && document[i] != '\0')
        i++;
    return i < document_length && strchr("\"-0123456789tf", document[i]) != NULL;
}

static void try_document(const char *name)
{
    enum { USER, ADDRESS, TIME };
    unsigned before = n_alerts, judged = 0;

    if (judge_between("", "") || judge_between("<14>1 2026-03-02T09:00:00Z host app - - - ", ""))
        fail_msg("%s is judged by itself", name);
    for (unsigned place = USER; place <= TIME; place++) {
        if (!judge_as(place)) {
            if (name[0] == 'y' && place == ADDRESS && strncmp(tag.status, "too_", 4) != 0)
                fail_msg("%s as an address keeps its record from being judged: %s", name, tag.status);
            continue;
        }
        judged++;
        if (name[0] == 'n')
            fail_msg("%s is judged in place %u", name, place);
        if (place == USER && (!is_name() || tag.user[0] == '\0'))
            fail_msg("%s is judged as a user \"%s\"", name, tag.user);
        if (place != USER && strncmp(tag.user, "user-", 5) != 0)
            fail_msg("%s in place %u makes \"%s\" the user", name, place, tag.user);
        if (place == ADDRESS && tag.source[0] != '\0')
            fail_msg("%s is an address: %s", name, tag.source);
    }
    assert_in_range(n_alerts - before, 0, judged);
}

static void nobody_is_judged_by_what_is_not_json(void **state)
{
    const char *top = getenv("MF_SRCDIR");
    char path[4096];
    unsigned n = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/json", top == NULL ? "." : top);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/tests/json/%s", top == NULL ? "." : top, entry->d_name);
        load(path);
        try_document(entry->d_name);
        n++;
    }
    closedir(dir);
    assert_true(n >= 120);
    assert_true(n_alerts > 50);
}

static int set_up(void **state)
{
    const char *top = getenv("MF_SRCDIR");
    char profiles[4096];
    struct mf_error error = {""};

    (void)state;
    snprintf(profiles, sizeof profiles, "%s/profiles", top == NULL ? "." : top);
    document = malloc(DOCUMENT_MAX);
    message = malloc(MESSAGE_MAX);
    engine = mf_engine_new(&(struct mf_engine_options){.profile_dir = profiles, .key = {1, 2}}, &error);
    if (engine == NULL || document == NULL || message == NULL)
        fail_msg("%s", error.text);
    worker = mf_worker_new(engine, &error);
    return worker == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    mf_worker_free(worker);
    mf_engine_free(engine);
    free(document);
    free(message);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_is_judged_by_what_is_not_json)};

    return cmocka_run_group_tests_name("embedded", tests, set_up, tear_down);
}
