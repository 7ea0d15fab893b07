/* tests/bench/hostile.c
 *
 * Messages built to be the worst for a reader, of any length, and what each of them costs to judge: `hostile PROFILE_DIR
 * LENGTH [TIMES]` says the least CPU time of TIMES tries, a line each. Under callgrind, tests/hostile/test_cost.py counts
 * instructions, which are the same on any load of the machine. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

/* ---- text that grows ---- */

struct text {
    char *bytes;
    size_t length, room;
};

static void add(struct text *text, const char *part)
{
    size_t length = strlen(part);

    if (text->length + length > text->room)
        length = text->room - text->length;
    memcpy(text->bytes + text->length, part, length);
    text->length += length;
}

static bool has_room(const struct text *text, size_t more)
{
    return text->length + more <= text->room;
}

/* Repeats `part` until only `end` fits behind it; between two stands a comma. "%u" in it becomes a number that counts. */
static void fill(struct text *text, const char *part, const char *end)
{
    char numbered[512];

    for (unsigned i = 0; has_room(text, strlen(part) + 12 + strlen(end)); i++) {
        const char *at = strstr(part, "%u");
        if (at == NULL)
            snprintf(numbered, sizeof numbered, "%s%s", i > 0 ? "," : "", part);
        else
            snprintf(numbered, sizeof numbered, "%s%.*s%u%s", i > 0 ? "," : "", (int)(at - part), part, i, at + 2);
        add(text, numbered);
    }
    add(text, end);
}

/* The same without commas. */
static void repeat(struct text *text, const char *part, const char *end)
{
    while (has_room(text, strlen(part) + strlen(end)))
        add(text, part);
    add(text, end);
}

/* ---- what they are made of ---- */

/* Every marker of every profile, so that each of them has a look. */
#define MARKERS                                                                                                        \
    "\"log_id\":1,\"isMobile\":true,\"initiated_by\":1,\"applicationName\":1,\"auditCode\":1,\"WhenOccurred\":1,"      \
    "\"txid\":1,\"isotimestamp\":1,\"eventtype\":1,\"sekey\":1,\"xDateTime\":1,\"published\":1,\"event_type_id\":1,"   \
    "\"recordedAt\":1,\"privacyidea_server\":1,\"class_uid\":1,\"ecs\":1,\"m\":\"authentik. ConsoleLogin CheckMfa\","
#define OKTA                                                                                                           \
    "\"published\":\"2026-03-02T09:00:00.000Z\",\"eventType\":\"user.authentication.auth_via_mfa\",\"uuid\":\"u\","    \
    "\"actor\":{\"id\":\"1\",\"type\":\"User\",\"alternateId\":\"ada@example.com\"},\"outcome\":{\"result\":"          \
    "\"FAILURE\"},"
#define ENTRA                                                                                                          \
    "\"createdDateTime\":\"2026-03-02T09:00:00Z\",\"id\":\"1\",\"userPrincipalName\":\"ada@example.com\",\"userId\":"  \
    "\"00000000-0000-0000-0000-000000000001\",\"appId\":\"a\",\"status\":{\"errorCode\":50074},"
#define DUO                                                                                                            \
    "\"event_type\":\"authentication\",\"isotimestamp\":\"2026-03-02T09:00:00.000000+00:00\",\"txid\":\"t\","          \
    "\"factor\":"                                                                                                      \
    "\"duo_push\",\"result\":\"denied\",\"reason\":\"user_mistake\",\"user\":{\"key\":\"k\",\"name\":\"ada@example."   \
    "com\"},"

struct construction {
    const char *name;
    const char *before, *part, *end;
    bool commas;
};

static const struct construction constructions[] = {
    {"deep objects", "{" MARKERS, "\"a\":{", "", false},
    {"deep arrays", "", "[", "", false},
    {"31 deep, again and again", "[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "]", true},
    {"many members", "{" MARKERS OKTA, "\"k%u\":0", "}", true},
    {"many empty names", "{" MARKERS OKTA, "\"\":0", "}", true},
    {"a member of a path, many times", "{" MARKERS OKTA, "\"actor\":{\"alternateId\":\"a\"}", "}", true},
    {"a deciding member, many times", "{" MARKERS OKTA, "\"eventType\":1", "}", true},
    {"names that begin as a path does", "{" MARKERS OKTA, "\"actorr\":0", "}", true},
    {"names with escapes", "{" MARKERS OKTA, "\"\\u0061ctor\":0", "}", true},
    {"one text of escapes", "{" MARKERS OKTA "\"displayMessage\":\"", "\\u00e9", "\"}", false},
    {"a user of escapes",
     "{\"published\":\"2026-03-02T09:00:00Z\",\"eventType\":\"user.authentication.auth_via_mfa\",\"actor\":"
     "{\"alternateId\":\"",
     "\\u0061", "\"}}", false},
    {"a text of quotes", "{" MARKERS OKTA "\"a\":\"", "\\\"", "\"}", false},
    {"texts of quotes", "{" MARKERS OKTA, "\"\\\"\":\"\\\"\"", "}", true},
    {"a text of markers", "{\"a\":\"", "published isotimestamp txid log_id ConsoleLogin DateTime auditCode ", "\"}",
     false},
    {"markers with quotes", "{" MARKERS, "\"published\":0,\"txid\":0,\"log_id\":0,\"xDateTime\":0,\"class_uid\":0", "}",
     true},
    {"halves of markers", "{\"a\":\"", "publishe isotimestam txi log_i ConsoleLogi DateTim ", "\"}", false},
    {"a selector over many elements", "{" MARKERS OKTA "\"target\":[", "{\"type\":\"Usex\"}", "]}", true},
    {"a selector that hits many", "{" MARKERS OKTA "\"target\":[", "{\"type\":\"User\"}", "]}", true},
    {"empty elements of a selector", "{" MARKERS OKTA "\"target\":[", "{}", "]}", true},
    {"numbers as elements of a selector", "{" MARKERS OKTA "\"target\":[", "1", "]}", true},
    {"rules over many elements", "{" ENTRA "\"authenticationDetails\":[", "{}", "]}", true},
    {"rules over many elements that nearly hit", "{" ENTRA "\"authenticationDetails\":[",
     "{\"authenticationMethod\":\"Mobile app notification\",\"succeeded\":false}", "]}", true},
    {"rules over numbers", "{" ENTRA "\"authenticationDetails\":[", "1", "]}", true},
    {"rules over a document in a text", "{" ENTRA "\"authenticationDetails\":\"[", "{}", "]\"}", true},
    {"a document in a text", "{" ENTRA "\"properties\":\"{", "\\\"a%u\\\":1", "}\"}", true},
    {"documents in texts", "{" MARKERS ENTRA, "\"properties\":\"{}\",\"status\":\"{}\",\"location\":\"{}\"", "}", true},
    {"a document in a text that breaks off", "{" ENTRA "\"properties\":\"{", "\\\"a%u\\\":1", "\"}", true},
    {"a list of nothing", "[", "{}", "]", true},
    {"a list of nothing, marked", "[{" MARKERS "\"a\":1},", "{}", "]", true},
    {"a list of numbers, marked", "[{" MARKERS "\"a\":1},", "1", "]", true},
    {"an envelope of nothing", "{" MARKERS "\"records\":[", "{}", "]}", true},
    {"an envelope of numbers behind a record", "{" MARKERS "\"records\":[{" ENTRA "\"a\":1},", "1", "]}", true},
    {"an envelope of nothing behind a record", "{\"data\":{\"events\":[{" OKTA "\"a\":1},", "{}", "]}}", true},
    {"envelopes of all at once",
     "{" MARKERS "\"records\":[{}],\"value\":[{}],\"items\":[{}],\"events\":[{}],\"logs\":[{}],\"data\":[", "{}", "]}",
     true},
    {"braces in text", "published ", "{", "", false},
    {"braces and text", "published ", "x{", "", false},
    {"small documents one behind the other", "published ", "{\"a\":1}", "", false},
    {"brackets and braces", "published ", "[{", "", false},
    {"blanks", "{" MARKERS OKTA "\"a\":1", " ", "}", false},
    {"commas", "[1", ",", "]", false},
    {"a long number", "{" MARKERS OKTA "\"a\":1", "1", "}", false},
    {"a long fraction of a second", "{\"published\":\"2026-03-02T09:00:00.", "0", "Z\"}", false},
    {"a long address", "{" OKTA "\"client\":{\"ipAddress\":\"", "1.", "\"}}", false},
    {"an address of colons", "{" OKTA "\"client\":{\"ipAddress\":\"", ":", "\"}}", false},
    {"a long country", "{" OKTA "\"client\":{\"geographicalContext\":{\"country\":\"", "The ", "\"}}}", false},
    {"a long reason", "{" OKTA "\"outcome\":{\"result\":\"FAILURE\",\"reason\":\"", "INVALID_", "\"}}", false},
    {"accents", "{" MARKERS OKTA "\"a\":\"", "\xC3\xA9", "\"}", false},
    {"bad UTF-8 at the end", "{" MARKERS OKTA "\"a\":\"", "\xC3\xA9", "\xC3\"}", false},
    {"lone surrogates", "{" MARKERS OKTA "\"a\":\"", "\\ud800", "\"}", false},
    {"many groups", "{" DUO "\"user\":{\"name\":\"a\",\"groups\":[", "\"g\"", "]}}", true},
    {"pairs", "", "a=b ", "", false},
    {"pairs with quotes", "", "a=\"b ", "", false},
    {"CEF", "CEF:0|v|p|1|c|n|5|", "a=b ", "", false},
    {"CEF with bars", "CEF:0", "|", "", false},
    {"CEF with backslashes", "CEF:0|v|p|1|c|n|5|a=", "\\=", "", false},
    {"LEEF", "LEEF:2.0|v|p|1|c|^|", "a=b^", "", false},
    {"cells", "", "a,", "", false},
    {"cells with quotes", "", "\"a\"\"\",", "", false},
    {"cells of quotes", "\"", "\"\"", "", false},
    {"noise", "", "\x01\xff{\"", "", false},
};
enum { N_CONSTRUCTIONS = sizeof constructions / sizeof constructions[0] };

static void construct(const struct construction *how, struct text *text)
{
    add(text, how->before);
    if (how->commas)
        fill(text, how->part, how->end);
    else
        repeat(text, how->part, how->end);
}

/* ---- judging ---- */

static unsigned n_events, n_readings;

static void count(void *context, const struct mf_judged *judged)
{
    (void)context;
    n_readings++;
    n_events += judged->event != NULL;
}

static double cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct judge {
    struct mf_engine *engine;
    struct mf_worker *worker;
};

static double judge(const struct judge *judge, const struct text *text, unsigned times)
{
    static const struct mf_sink sink = {count, NULL, NULL, false};
    double least = 0;
    struct mf_tag tag;

    for (unsigned i = 0; i < times; i++) {
        n_events = n_readings = 0;
        double begin = cpu_us();
        mf_engine_judge(judge->engine, judge->worker, text->bytes, text->length, MF_TIME_NONE, &sink, &tag);
        double took = cpu_us() - begin;
        least = i == 0 || took < least ? took : least;
    }
    return least;
}

static int usage(const char *why)
{
    fprintf(stderr, "usage: hostile PROFILE_DIR LENGTH [TIMES]: %s\n", why);
    return 2;
}

int main(int argc, char **argv)
{
    struct mf_error error = {""};
    struct mf_engine_options options = {.profile_dir = argc > 1 ? argv[1] : NULL};
    struct text text = {.room = argc > 2 ? strtoul(argv[2], NULL, 10) : 0};
    unsigned times = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 20;
    struct judge by = {.engine = mf_engine_new(&options, &error)};

    by.worker = by.engine == NULL ? NULL : mf_worker_new(by.engine, &error);
    text.bytes = malloc(text.room + 1);
    if (text.room < 4096 || text.bytes == NULL || by.worker == NULL)
        return usage(text.room < 4096 ? "LENGTH is 4096 or more" : error.text);
    for (unsigned i = 0; i < N_CONSTRUCTIONS; i++) {
        text.length = 0;
        construct(&constructions[i], &text);
        double us = judge(&by, &text, times);
        printf("{\"name\": \"%s\", \"bytes\": %zu, \"us\": %.1f, \"readings\": %u, \"events\": %u}\n",
               constructions[i].name, text.length, us, n_readings, n_events);
    }
    mf_worker_free(by.worker);
    mf_engine_free(by.engine);
    free(text.bytes);
    return 0;
}
