/* tests/test_reader.c
 *
 * Every sample of every IdP through the shipped profiles. tests/samples/IDP/NAME.jsonl has one message a line,
 * NAME.expect what must come of it: one line of JSON per event (or skip) in order, with `record` = the line
 * number, and of the members of an event only those that matter; null means that the event must not have it. */

#include "read/form.h"
#include "read/profile.h"

#include <dirent.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TOLD_MAX = 160, TEXT_MAX = 16384, LINE_MAX_BYTES = 65536 };

/* What the reader said of one message, as "name\0text\0" pairs: everything it said, copied. */
struct told {
    char text[TEXT_MAX];
    size_t used;
};

struct telling {
    struct told told[TOLD_MAX];
    unsigned n;
};

static struct mf_profiles *profiles;
static struct mf_reader *reader;
static struct telling telling, cut_telling;

/* ---- telling ---- */

static void put(struct told *told, const char *name, struct mf_slice text)
{
    size_t name_size = strlen(name) + 1;

    if (text.data == NULL)
        return;
    assert_true(told->used + name_size + text.length + 1 < sizeof told->text);
    memcpy(told->text + told->used, name, name_size);
    memcpy(told->text + told->used + name_size, text.data, text.length);
    told->used += name_size + text.length;
    told->text[told->used++] = '\0';
}

static void put_number(struct told *told, const char *name, unsigned number)
{
    char text[16];

    snprintf(text, sizeof text, "%u", number);
    put(told, name, mf_slice_of(text));
}

static void put_bool(struct told *told, const char *name, bool value)
{
    put(told, name, mf_slice_of(value ? "true" : "false"));
}

static void put_ip(struct told *told, const char *name, const struct mf_ip *ip)
{
    char text[MF_IP_TEXT];

    mf_ip_format(ip, text);
    if (ip->family != 0)
        put(told, name, mf_slice_of(text));
}

static void put_country(struct told *told, const char *name, const char code[2])
{
    if (code[0] != '\0')
        put(told, name, (struct mf_slice){code, 2});
}

static void put_degrees(struct told *told, const char *name, double degrees)
{
    char text[32];

    snprintf(text, sizeof text, "%.8g", degrees);
    put(told, name, mf_slice_of(text));
}

static void put_event(struct told *told, const struct mf_event *event)
{
    char time[MF_TIME_TEXT];

    mf_time_format(event->time, time);
    put(told, "kind", mf_slice_of(mf_kind_name(event->kind)));
    put(told, "time", mf_slice_of(time));
    put(told, "factor", mf_slice_of(mf_factor_name(event->factor)));
    put_number(told, "prompts", event->prompts);
    put_number(told, "asn", event->asn);
    put_bool(told, "interactive", event->interactive);
    put_bool(told, "proxy", event->proxy);
    put_bool(told, "answer_source", event->answer_source);
    put_ip(told, "source", &event->source);
    put_ip(told, "responder", &event->responder);
    put_country(told, "country", event->country);
    put_country(told, "responder_country", event->responder_country);
    put(told, "user", event->user);
    put(told, "user_id", event->user_id);
    put(told, "actor", event->actor);
    put(told, "idp", event->idp);
    put(told, "type", event->type);
    put(told, "tenant", event->tenant);
    put(told, "id", event->id);
    put(told, "dedup", event->dedup);
    put(told, "transaction", event->transaction);
    put(told, "correlation", event->correlation);
    put(told, "session", event->session);
    put(told, "outcome", event->outcome);
    put(told, "reason", event->reason);
    put(told, "factor_text", event->factor_text);
    put(told, "device", event->device);
    put(told, "device_id", event->device_id);
    put(told, "phone", event->phone);
    put(told, "app", event->app);
    put(told, "risk", event->risk);
    put(told, "groups", event->groups);
    put(told, "region", event->region);
    put(told, "city", event->city);
    put(told, "user_agent", event->user_agent);
    if (event->has_coordinates) {
        put_degrees(told, "latitude", event->latitude);
        put_degrees(told, "longitude", event->longitude);
    }
}

static void listen(void *context, const struct mf_reading *reading)
{
    struct telling *to = context;
    struct told *told = &to->told[to->n];

    assert_true(to->n < TOLD_MAX);
    to->n++;
    told->used = 0;
    if (reading->profile != NULL)
        put(told, "profile", mf_slice_of(reading->profile));
    if (reading->event != NULL) {
        assert_int_equal(reading->skip, MF_SKIP_NONE);
        put_event(told, reading->event);
        return;
    }
    assert_int_not_equal(reading->skip, MF_SKIP_NONE);
    put(told, "skip", mf_slice_of(mf_skip_name(reading->skip)));
    put(told, "unmapped", reading->unmapped);
    put(told, "member", reading->member);
}

static void read_message(struct telling *to, const char *bytes, size_t length)
{
    to->n = 0;
    mf_reader_read(reader, profiles, NULL, bytes, length, MF_TIME_NONE, listen, to);
    assert_true(to->n > 0);
}

static const char *find(const struct told *told, const char *name)
{
    for (size_t at = 0; at < told->used;) {
        const char *value = told->text + at + strlen(told->text + at) + 1;

        if (strcmp(told->text + at, name) == 0)
            return value;
        /* a text may hold a NUL byte, but then the record is no sample */
        at = (size_t)(value - told->text) + strlen(value) + 1;
    }
    return NULL;
}

/* ---- expecting ---- */

struct sample {
    const char *name;
    FILE *records, *expects;
    unsigned line;        /* of the record in hand */
    unsigned expect_line; /* of the expectation in hand */
    char record[LINE_MAX_BYTES];
    char expect[LINE_MAX_BYTES];
    struct mf_record tape; /* of the expectation */
};

static struct mf_slice text_of(struct mf_record *tape, uint32_t object, const char *name)
{
    for (uint32_t key = mf_record_child(tape, object); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(tape, object, key);

        if (mf_slice_equal(mf_record_text(tape, key), mf_slice_of(name)))
            return mf_record_text(tape, value);
        key = mf_record_sibling(tape, object, value);
    }
    return (struct mf_slice){NULL, 0};
}

static void compare_member(const struct sample *sample, const struct told *told, struct mf_slice name,
                           struct mf_slice want)
{
    char text[64];
    const char *got;

    assert_true(name.length < sizeof text);
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    got = find(told, text);
    if (want.data == NULL ? got == NULL : got != NULL && mf_slice_equal(mf_slice_of(got), want))
        return;
    fail_msg("%s.expect:%u: record %u: %s is \"%s\", expected \"%.*s\"", sample->name, sample->expect_line,
             sample->line, text, got == NULL ? "(absent)" : got, (int)want.length,
             want.data == NULL ? "(absent)" : want.data);
}

static void compare(struct sample *sample, const struct told *told)
{
    struct mf_record *tape = &sample->tape;

    for (uint32_t key = mf_record_child(tape, 0); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(tape, 0, key);
        struct mf_slice name = mf_record_text(tape, key);

        if (!mf_slice_equal(name, mf_slice_of("record")))
            compare_member(sample, told, name, mf_record_text(tape, value));
        key = mf_record_sibling(tape, 0, value);
    }
}

/* Reads the next expectation; false at the end. */
static bool next_expect(struct sample *sample)
{
    if (fgets(sample->expect, sizeof sample->expect, sample->expects) == NULL)
        return false;
    sample->expect_line++;
    assert_int_equal(mf_record_parse_document(&sample->tape, sample->expect, strlen(sample->expect)), MF_SKIP_NONE);
    return true;
}

static unsigned expected_record(struct sample *sample)
{
    struct mf_slice text = text_of(&sample->tape, 0, "record");

    assert_non_null(text.data);
    return (unsigned)strtoul(text.data, NULL, 10);
}

static bool next_record(struct sample *sample, size_t *length)
{
    if (fgets(sample->record, sizeof sample->record, sample->records) == NULL)
        return false;
    sample->line++;
    *length = strlen(sample->record);
    assert_true(*length > 0 && sample->record[*length - 1] == '\n');
    sample->record[--*length] = '\0';
    return true;
}

static void check_sample(struct sample *sample)
{
    bool more = next_expect(sample);
    size_t length;

    while (next_record(sample, &length)) {
        unsigned n = 0;

        read_message(&telling, sample->record, length);
        for (; more && expected_record(sample) == sample->line; more = next_expect(sample), n++) {
            if (n == telling.n)
                fail_msg("%s: record %u: only %u readings", sample->name, sample->line, n);
            compare(sample, &telling.told[n]);
        }
        if (n != telling.n)
            fail_msg("%s: record %u: %u readings, %u expected; next is %s of \"%s\"", sample->name, sample->line,
                     telling.n, n, find(&telling.told[n], "kind"), find(&telling.told[n], "user"));
    }
    if (more)
        fail_msg("%s.expect:%u: there is no such record", sample->name, sample->expect_line);
}

/* ---- all samples ---- */

static const char *source_dir(void)
{
    const char *dir = getenv("MF_SRCDIR");

    return dir == NULL ? "." : dir;
}

typedef void (*sample_fn)(struct sample *sample);

static void with_sample(const char *dir, const char *name, sample_fn fn)
{
    static struct sample sample;
    struct mf_error error;
    char path[4096], label[512];

    memset(&sample, 0, sizeof sample);
    snprintf(label, sizeof label, "%s/%s", strrchr(dir, '/') + 1, name);
    sample.name = label;
    snprintf(path, sizeof path, "%s/%s.jsonl", dir, name);
    sample.records = fopen(path, "r");
    snprintf(path, sizeof path, "%s/%s.expect", dir, name);
    sample.expects = fopen(path, "r");
    if (sample.records == NULL || sample.expects == NULL)
        fail_msg("%s: a sample has a .jsonl and a .expect", path);
    assert_int_equal(mf_record_init(&sample.tape, &(struct mf_record_limits){LINE_MAX_BYTES, 1024, 8}, &error), 0);
    fn(&sample);
    mf_record_fini(&sample.tape);
    fclose(sample.records);
    fclose(sample.expects);
}

/* Calls `fn` for each sample of the shipped profiles; at least one each. */
static void with_samples(sample_fn fn)
{
    for (size_t i = 0; i < mf_profiles_count(profiles); i++) {
        char dir[2048];
        struct dirent *entry;
        unsigned n = 0;
        DIR *stream;

        snprintf(dir, sizeof dir, "%s/tests/samples/%s", source_dir(), mf_profiles_name(profiles, i));
        stream = opendir(dir);
        if (stream == NULL)
            fail_msg("%s: a profile needs samples", dir);
        while ((entry = readdir(stream)) != NULL) {
            char name[256];
            size_t length = strlen(entry->d_name);

            if (length <= 6 || strcmp(entry->d_name + length - 6, ".jsonl") != 0)
                continue;
            memcpy(name, entry->d_name, length - 6);
            name[length - 6] = '\0';
            with_sample(dir, name, fn);
            n++;
        }
        closedir(stream);
        assert_true(n > 0);
    }
}

static void reads_every_sample_as_expected(void **state)
{
    (void)state;
    with_samples(check_sample);
}

static bool is_told(const struct telling *whole, const struct told *part)
{
    for (unsigned i = 0; i < whole->n; i++) {
        const char *kind = find(&whole->told[i], "kind");

        if (kind != NULL && strcmp(kind, find(part, "kind")) == 0 &&
            strcmp(find(&whole->told[i], "user"), find(part, "user")) == 0)
            return true;
    }
    return false;
}

/* Text has no end of its own: a login may be cut in its middle, or the member that would have gone before it be lost. But
 * nothing becomes a refusal by being cut. */
static bool may_be_told(const struct telling *whole, const struct told *part)
{
    const char *kind = find(part, "kind");

    if (strcmp(kind, "mfa_denied") != 0 && strcmp(kind, "mfa_fraud") != 0)
        return true;
    for (unsigned i = 0; i < whole->n; i++)
        if (find(&whole->told[i], "kind") != NULL && strcmp(find(&whole->told[i], "kind"), kind) == 0)
            return true;
    return false;
}

/* A message that was cut on the way says less than the whole, but never something else. */
static void check_cuts(struct sample *sample)
{
    size_t length;

    while (next_record(sample, &length)) {
        bool json = mf_record_begins(sample->record, length);

        read_message(&telling, sample->record, length);
        for (size_t cut = 0; cut < length; cut++) {
            /* exactly as long as the cut, for the sanitizers, where it is cheap */
            read_message(&cut_telling, sample->record, cut);
            for (unsigned i = 0; i < cut_telling.n; i++)
                if (find(&cut_telling.told[i], "kind") != NULL && !is_told(&telling, &cut_telling.told[i]) &&
                    (json || !may_be_told(&telling, &cut_telling.told[i])))
                    fail_msg("%s: record %u cut at %zu reads as %s of %s", sample->name, sample->line, cut,
                             find(&cut_telling.told[i], "kind"), find(&cut_telling.told[i], "user"));
        }
    }
}

static void reads_no_cut_sample_as_something_else(void **state)
{
    (void)state;
    with_samples(check_cuts);
}

/* The record in hand as the text of a member of JSON. */
static size_t wrap(const char *name, const char *text, size_t length, char *out)
{
    size_t used = (size_t)sprintf(out, "{\"host\":\"h\",\"%s\":\"", name);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ') {
            used += (size_t)sprintf(out + used, "\\u%04x", (unsigned)text[i]);
            continue;
        }
        if (text[i] == '"' || text[i] == '\\')
            out[used++] = '\\';
        out[used++] = text[i];
    }
    return used + (size_t)sprintf(out + used, "\\n\",\"stream\":\"stdout\"}");
}

static void tell_the_same(const struct sample *sample, const char *how)
{
    bool same = cut_telling.n == telling.n;

    for (unsigned i = 0; i < telling.n && same; i++)
        same = telling.told[i].used == cut_telling.told[i].used &&
               memcmp(telling.told[i].text, cut_telling.told[i].text, telling.told[i].used) == 0;
    if (!same)
        fail_msg("%s: record %u reads otherwise %s: %s", sample->name, sample->line, how,
                 cut_telling.n == 0 ? "nothing" : cut_telling.told[0].text);
}

static void check_wrapped(struct sample *sample, size_t length, const char *const *names)
{
    static char wrapped[6 * LINE_MAX_BYTES];

    for (; *names != NULL; names++) {
        read_message(&cut_telling, wrapped, wrap(*names, sample->record, length, wrapped));
        tell_the_same(sample, *names);
    }
}

static void check_wraps(struct sample *sample)
{
    static const char *const lines[] = {"message",      "log",           "MESSAGE",       "event",    "_raw",
                                        "full_message", "Message",       "raw_event",     "original", "event.original",
                                        "textPayload",  "raw",           "short_message", "@message", "@rawstring",
                                        "RawData",      "SyslogMessage", "stringValue",   "rawmsg",   NULL};
    static const char *const documents[] = {"jsonPayload", "payload", "record", "body", "data",
                                            "msg",         "line",    "json",   NULL};
    size_t length;

    while (next_record(sample, &length)) {
        read_message(&telling, sample->record, length);
        if (find(&telling.told[0], "profile") == NULL)
            continue;
        check_wrapped(sample, length, lines);
        if (mf_record_begins(sample->record, length) || memchr(sample->record, '{', length) == NULL)
            check_wrapped(sample, length, documents);
    }
}

static void reads_what_a_shipper_carries_as_if_it_had_come_bare(void **state)
{
    (void)state;
    with_samples(check_wraps);
}

/* What a collector puts around a record; % is where it stands, " as it is and \" in quotes. */
static const char *const around[] = {
    "{\"collector\":\"x\",\"record\":%}",
    "{\"schema\":{\"type\":\"struct\"},\"payload\":%}",
    "{\"topic\":\"t\",\"headers\":[],\"payload\":%}",
    "{\"body\":%,\"attributes\":{},\"resource\":{}}",
    "{\"jsonPayload\":%,\"insertId\":\"i\"}",
    "{\"preview\":false,\"result\":%}",
    "{\"Record\":%}",
    "{\"payload\":{\"collector\":\"x\",\"record\":{\"body\":%}}}",
};

static const char *const around_texts[] = {
    "{\"preview\":false,\"offset\":0,\"result\":{\"host\":\"h\",\"_raw\":%}}",
    "{\"sid\":\"s\",\"result\":{\"_raw\":%,\"host\":\"h\"},\"results_link\":\"http://h.example.com/\"}",
    "{\"@timestamp\":\"t\",\"ecs\":{\"version\":\"8.11.0\"},\"event\":{\"original\":%,\"dataset\":\"x.y\"}}",
    "{\"ecs.version\":\"8.11.0\",\"event.dataset\":\"x.y\",\"event.original\":%}",
    "{\"timeUnixNano\":\"1\",\"body\":{\"stringValue\":%}}",
    "{\"_index\":\"i\",\"_source\":{\"message\":%}}",
    "[{\"message\":%}]",
    "{\"results\":[{\"_raw\":%}]}",
};

static size_t surround(const char *how, const char *text, size_t length, char *out)
{
    size_t before = (size_t)(strchr(how, '%') - how);

    return (size_t)sprintf(out, "%.*s%.*s%s", (int)before, how, (int)length, text, how + before + 1);
}

/* As JSON, or as a text that holds it. */
static size_t quote(const char *text, size_t length, char *out)
{
    size_t used = wrap("", text, length, out), from = strlen("{\"host\":\"h\",\"\":"),
           behind = strlen(",\"stream\":\"stdout\"}");

    memmove(out, out + from, used - from - behind);
    return used - from - behind;
}

static void check_collectors(struct sample *sample)
{
    static char wrapped[6 * LINE_MAX_BYTES + 512], quoted[6 * LINE_MAX_BYTES];
    size_t length;

    if (strstr(sample->name, "collectors") != NULL)
        return; /* what is carried in a list within a list is not read */
    while (next_record(sample, &length)) {
        read_message(&telling, sample->record, length);
        if (find(&telling.told[0], "profile") == NULL)
            continue;
        for (size_t i = 0; i < sizeof around / sizeof around[0] && sample->record[0] == '{'; i++) {
            read_message(&cut_telling, wrapped, surround(around[i], sample->record, length, wrapped));
            tell_the_same(sample, around[i]);
        }
        size_t n = quote(sample->record, length, quoted);
        for (size_t i = 0; i < sizeof around_texts / sizeof around_texts[0]; i++) {
            read_message(&cut_telling, wrapped, surround(around_texts[i], quoted, n, wrapped));
            tell_the_same(sample, around_texts[i]);
        }
    }
}

static void reads_what_a_collector_carries_as_if_it_had_come_bare(void **state)
{
    (void)state;
    with_samples(check_collectors);
}

static void check_line_ends(struct sample *sample)
{
    static const char *const end[] = {"\r", "\r\n", "\n", "#015"};
    static char ended[LINE_MAX_BYTES + 4];
    size_t length;

    while (next_record(sample, &length)) {
        read_message(&telling, sample->record, length);
        for (size_t i = 0; i < sizeof end / sizeof end[0]; i++) {
            memcpy(ended, sample->record, length);
            memcpy(ended + length, end[i], strlen(end[i]));
            read_message(&cut_telling, ended, length + strlen(end[i]));
            tell_the_same(sample, "with the end of a line behind it");
        }
    }
}

static void reads_lines_whatever_ends_them(void **state)
{
    (void)state;
    with_samples(check_line_ends);
}

static void check_markers(struct sample *sample)
{
    size_t length;

    while (next_record(sample, &length)) {
        read_message(&telling, sample->record, length);
        if (find(&telling.told[0], "profile") != NULL)
            assert_true(mf_profiles_may_know(profiles, sample->record, length));
    }
}

static void finds_a_marker_in_everything_that_a_profile_knows(void **state)
{
    static const char other[] =
        "{\"time\":\"2026-03-02T09:14:37Z\",\"host\":\"db-7\",\"message\":\"checkpoint complete\"}";

    (void)state;
    with_samples(check_markers);
    assert_false(mf_profiles_may_know(profiles, other, strlen(other)));
    assert_false(mf_profiles_may_know(profiles, "", 0));
}

static size_t heap_before, heap_after;

static void check_heap(struct sample *sample)
{
    size_t length;

    while (next_record(sample, &length)) {
        heap_before = mallinfo2().uordblks;
        mf_reader_read(reader, profiles, NULL, sample->record, length, MF_TIME_NONE, listen, &telling);
        heap_after = mallinfo2().uordblks;
        assert_int_equal(heap_before, heap_after);
        telling.n = 0;
    }
}

static void takes_no_memory_while_it_reads(void **state)
{
    (void)state;
    telling.n = 0;
    with_samples(check_heap);
}

/* ---- what no sample can say ---- */

static const char denied[] =
    "{\"eventType\":\"user.mfa.okta_verify.deny_push\",\"published\":\"2026-03-02T09:14:37Z\",\"uuid\":\"u1\","
    "\"actor\":{\"type\":\"User\",\"alternateId\":\"ada@example.com\"},\"outcome\":{\"result\":\"FAILURE\"}}";

static void restricts_to_one_profile_when_asked(void **state)
{
    (void)state;
    telling.n = 0;
    mf_reader_read(reader, profiles, "okta", denied, strlen(denied), MF_TIME_NONE, listen, &telling);
    assert_string_equal(find(&telling.told[0], "kind"), "mfa_denied");
    telling.n = 0;
    mf_reader_read(reader, profiles, "duo", denied, strlen(denied), MF_TIME_NONE, listen, &telling);
    assert_string_equal(find(&telling.told[0], "skip"), "not_idp");
    assert_null(find(&telling.told[0], "profile"));
}

static void names_idp_and_profile_and_a_key_for_repeated_delivery(void **state)
{
    (void)state;
    read_message(&telling, denied, strlen(denied));
    assert_string_equal(find(&telling.told[0], "profile"), "okta");
    assert_string_equal(find(&telling.told[0], "idp"), "okta");
    assert_string_equal(find(&telling.told[0], "dedup"), "u1\x1fmfa_denied");
}

static void looks_into_what_is_carried_twice_and_only_where_a_marker_is(void **state)
{
    static const char carried[] =
        "{\"log\":\"no news\",\"message\":\"{\\\"eventType\\\":\\\"user.mfa.okta_verify.deny_push\\\","
        "\\\"published\\\":\\\"2026-03-02T09:14:37Z\\\",\\\"actor\\\":{\\\"type\\\":\\\"User\\\",";
    static const char rest[] = "\\\"alternateId\\\":\\\"ada@example.com\\\"}}\"}";
    char whole[sizeof carried + sizeof rest], again[8192], before[8192];
    size_t length = (size_t)snprintf(whole, sizeof whole, "%s%s", carried, rest);

    (void)state;
    read_message(&telling, whole, length);
    assert_string_equal(find(&telling.told[0], "kind"), "mfa_denied");
    snprintf(again, sizeof again, "%s", whole);
    for (unsigned shells = 2; shells <= 4; shells++) {
        snprintf(before, sizeof before, "%s", again);
        read_message(&telling, again, wrap("message", before, strlen(before), again));
        assert_string_equal(find(&telling.told[0], "kind"), "mfa_denied");
    }
    /* there must be an end to it */
    snprintf(before, sizeof before, "%s", again);
    read_message(&telling, again, wrap("message", before, strlen(before), again));
    assert_string_equal(find(&telling.told[0], "skip"), "not_idp");
    /* a record of which the end is lost is told as such, other words are nobody's */
    length = (size_t)snprintf(whole, sizeof whole, "%s\"}", carried);
    read_message(&telling, whole, length);
    assert_string_equal(find(&telling.told[0], "skip"), "truncated");
    length = (size_t)snprintf(whole, sizeof whole, "{\"message\":\"\\\"published\\\" today\"}");
    read_message(&telling, whole, length);
    assert_string_equal(find(&telling.told[0], "skip"), "not_idp");
}

#define DENIED                                                                                                         \
    "{\"eventType\":\"user.mfa.okta_verify.deny_push\",\"published\":\"2026-03-02T09:14:37Z\",\"actor\":{\"type\":"    \
    "\"User\","                                                                                                        \
    "\"alternateId\":\"ada@example.com\"}}"
#define QUOTED                                                                                                         \
    "{\\\"eventType\\\":\\\"user.mfa.okta_verify.deny_push\\\",\\\"published\\\":\\\"2026-03-02T09:14:37Z\\\","        \
    "\\\"actor\\\":{\\\"type\\\":\\\"User\\\",\\\"alternateId\\\":\\\"ada@example.com\\\"}}"

/* Where the record of another system holds what somebody wrote, it stays that system's. */
static void reads_no_record_out_of_what_was_sent_to_somebody(void **state)
{
    static const char *const message[] = {
        "{\"app\":\"shop\",\"comment\":" DENIED "}",
        "{\"app\":\"shop\",\"request\":{\"body\":" DENIED "}}",
        "{\"app\":\"shop\",\"value\":\"" QUOTED "\"}",
        "{\"app\":\"shop\",\"content\":\"" QUOTED "\"}",
        "{\"app\":\"shop\",\"result\":\"" QUOTED "\"}",
        "{\"app\":\"shop\",\"msg\":\"no such product: " QUOTED "\"}",
        "{\"app\":\"shop\",\"data\":\"asked for " QUOTED "\"}",
        "{\"httpMethod\":\"POST\",\"body\":\"" QUOTED "\"}",
        "{\"headers\":{\"Host\":\"shop.example.com\"},\"body\":" DENIED "}",
        "{\"body\":" DENIED ",\"headers\":{\"Host\":\"shop.example.com\"}}",
        "{\"user_agent\":\"curl\",\"payload\":" DENIED "}",
        "{\"level\":\"info\",\"msg\":\"webhook received\",\"payload\":" DENIED "}",
        "{\"data\":\"" QUOTED "\",\"Level\":30,\"time\":1772442877}",
        "{\"loggerName\":\"shop.Orders\",\"fields\":" DENIED "}",
        /* of two nobody can say which counts */
        "{\"record\":" DENIED ",\"record\":" DENIED "}",
        "{\"record\":" DENIED ",\"Record\":{}}",
        /* what is below the name of a provider is that provider's */
        "{\"duo\":" DENIED "}",
        "{\"okta\":\"" QUOTED "\"}",
        "{\"records\":[[" DENIED "]]}",
        "time=\"2026-03-02T09:14:37Z\" level=info msg=\"authentication attempt \" payload=\"" QUOTED "\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof message / sizeof message[0]; i++) {
        read_message(&telling, message[i], strlen(message[i]));
        if (telling.n != 1 || find(&telling.told[0], "kind") != NULL)
            fail_msg("%s is read as %s", message[i], find(&telling.told[0], "kind"));
    }
    static const char by_name[] = "{\"okta\":" DENIED "}";
    read_message(&telling, by_name, strlen(by_name));
    assert_string_equal(find(&telling.told[0], "kind"), "mfa_denied");
}

/* Each is a message of its own, and one that nobody knows takes nothing from the others. */
static void reads_the_elements_of_a_list_of_what_is_carried(void **state)
{
    static const char list[] = "[{\"message\":\"" QUOTED "\"},{\"message\":\"nothing of interest happened here\"},"
                               "{\"message\":\"published, but nothing of interest\"},17,{\"record\":" DENIED "}]";

    (void)state;
    read_message(&telling, list, strlen(list));
    assert_int_equal(telling.n, 5);
    assert_string_equal(find(&telling.told[0], "kind"), "mfa_denied");
    assert_string_equal(find(&telling.told[1], "kind"), "mfa_denied");
    for (unsigned i = 2; i < 5; i++)
        assert_string_equal(find(&telling.told[i], "skip"), "not_idp");
}

static void of_a_long_list_of_what_is_carried_it_is_told_that_it_is_too_long(void **state)
{
    enum { N = 129 };
    static char list[N * sizeof DENIED + 64 * N];
    size_t used = (size_t)sprintf(list, "{\"collector\":1,\"messages\":[");

    (void)state;
    for (unsigned i = 0; i < N; i++)
        used += (size_t)sprintf(list + used, "%s{\"payload\":%s}", i == 0 ? "" : ",", DENIED);
    used += (size_t)sprintf(list + used, "]}");
    read_message(&telling, list, used);
    assert_int_equal(telling.n, N);
    assert_string_equal(find(&telling.told[N - 2], "kind"), "mfa_denied");
    assert_string_equal(find(&telling.told[N - 1], "skip"), "too_many_events");
}

static mf_time heard_arrival;

static void listen_for_arrival(void *context, const struct mf_reading *reading)
{
    (void)context;
    heard_arrival = reading->event->arrival;
}

static void hands_the_arrival_through(void **state)
{
    (void)state;
    mf_reader_read(reader, profiles, NULL, denied, strlen(denied), 1234567890123, listen_for_arrival, NULL);
    assert_int_equal(heard_arrival, 1234567890123);
}

static void reads_a_long_envelope_of_embedded_documents(void **state)
{
    /* each of the records needs room for its embedded texts, all together would need more than there is */
    static const char head[] = "{\"records\":[",
                      record[] = "{\"category\":\"SignInLogs\",\"correlationId\":\"c\",\"properties\":{\"id\":\"i\","
                                 "\"createdDateTime\":\"2026-03-02T09:14:37Z\",\"userPrincipalName\":\"ada@example."
                                 "com\",\"status\":\"{\\\"errorCode\\\":500121,"
                                 "\\\"additionalDetails\\\":\\\"MFA denied; user declined the "
                                 "authentication\\\"}\",\"authenticationDetails\":\"[{\\\"a\\\":1},{\\\"b\\\":2}]\"}}";
    enum { N = 60 };
    struct mf_record_limits limits = {.size = 32768, .nodes = 2000, .depth = 32};
    struct mf_reader *narrow = mf_reader_new(&limits, NULL);
    char *message = malloc(sizeof head + N * sizeof record + 2);
    size_t used = sizeof head - 1;

    (void)state;
    assert_non_null(narrow);
    assert_non_null(message);
    memcpy(message, head, used);
    for (unsigned i = 0; i < N; i++) {
        memcpy(message + used, record, sizeof record - 1);
        used += sizeof record - 1;
        message[used++] = i + 1 < N ? ',' : ']';
    }
    message[used++] = '}';
    telling.n = 0;
    mf_reader_read(narrow, profiles, NULL, message, used, MF_TIME_NONE, listen, &telling);
    assert_int_equal(telling.n, N);
    for (unsigned i = 0; i < N; i++)
        assert_string_equal(find(&telling.told[i], "kind"), "mfa_denied");
    free(message);
    mf_reader_free(narrow);
}

static void listen_for_word(void *context, const struct mf_reading *reading)
{
    *(const char **)context = reading->event == NULL ? mf_skip_name(reading->skip) : mf_kind_name(reading->event->kind);
}

/* The kind, or the reason for none, of a message of `n` bytes between two texts. */
static const char *word_for(const char *before, size_t n, const char *behind)
{
    static char message[65536];
    size_t used = (size_t)snprintf(message, sizeof message, "%s", before);
    const char *word = "";

    memset(message + used, 'x', n);
    used += n;
    used += (size_t)snprintf(message + used, sizeof message - used, "%s", behind);
    mf_reader_read(reader, profiles, NULL, message, used, MF_TIME_NONE, listen_for_word, &word);
    return word;
}

/* Sign-ins that are decided by words in a text, and lines of text. */
static void looks_for_words_in_texts_of_16_kb_and_no_more(void **state)
{
    static const char sign_in[] = "{\"id\":\"i\",\"createdDateTime\":\"2026-03-02T09:14:37Z\",\"userPrincipalName\":"
                                  "\"ada@example.com\",\"status\":{\"errorCode\":500121,\"additionalDetails\":\"";
    static const char words[] = " user declined\"}}";

    (void)state;
    assert_string_equal(word_for(sign_in, 16384 - strlen(words) + 3, words), "mfa_denied");
    assert_string_equal(word_for(sign_in, 16384 - strlen(words) + 4, words), "too_large");
}

static void reads_lines_of_16_kb_and_no_more(void **state)
{
    static const char head[] = "CEF:0|Duo Security|DuoLogSync|1|authentication|n|5|msg=", end[] = " a=b";
    size_t n = MF_FORM_TEXT_MAX - strlen(head) - strlen(end);

    (void)state;
    assert_string_not_equal(word_for(head, n, end), "too_large");
    assert_string_equal(word_for(head, n + 1, end), "too_large");
}

static void what_a_carried_record_carries_has_32_kb_as_written_and_no_more(void **state)
{
    static const char head[] = "{\"message\":\"{\\\"log\\\":\\\"", inside[] = "isotimestamp ", end[] = "\\\"}\"}";
    static char before[sizeof head + sizeof inside];
    size_t n = 2 * MF_FORM_TEXT_MAX - strlen(inside);

    (void)state;
    snprintf(before, sizeof before, "%s%s", head, inside);
    assert_string_not_equal(word_for(before, n, end), "too_large");
    assert_string_equal(word_for(before, n + 1, end), "too_large");
}

/* Markers of forms that would have to read 64 KB among them. */
static void forms_read_48_kb_of_a_message_and_no_more(void **state)
{
    static const char head[] = "CEF:0|v|p|1|c|n|5|a=b realmId= pfhost= | AUTHN_ authentication attempt type= time= ",
                      end[] = " a=b";
    size_t n = MF_FORM_TEXT_MAX - strlen(head) - strlen(end);

    (void)state;
    assert_string_equal(word_for(head, n, end), "too_large");
    assert_string_not_equal(word_for(head, n / 2, end), "too_large");
}

static int set_up(void **state)
{
    struct mf_error error;
    char dir[2048];

    (void)state;
    snprintf(dir, sizeof dir, "%s/profiles", source_dir());
    profiles = mf_profiles_load(dir, NULL, 0, &error);
    if (profiles == NULL) {
        print_error("%s\n", error.text);
        return -1;
    }
    reader = mf_reader_new(&mf_record_default_limits, &error);
    return reader == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    mf_reader_free(reader);
    mf_profiles_free(profiles);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_sample_as_expected),
        cmocka_unit_test(reads_no_cut_sample_as_something_else),
        cmocka_unit_test(reads_what_a_shipper_carries_as_if_it_had_come_bare),
        cmocka_unit_test(reads_what_a_collector_carries_as_if_it_had_come_bare),
        cmocka_unit_test(reads_no_record_out_of_what_was_sent_to_somebody),
        cmocka_unit_test(reads_the_elements_of_a_list_of_what_is_carried),
        cmocka_unit_test(of_a_long_list_of_what_is_carried_it_is_told_that_it_is_too_long),
        cmocka_unit_test(reads_lines_whatever_ends_them),
        cmocka_unit_test(finds_a_marker_in_everything_that_a_profile_knows),
        cmocka_unit_test(takes_no_memory_while_it_reads),
        cmocka_unit_test(restricts_to_one_profile_when_asked),
        cmocka_unit_test(names_idp_and_profile_and_a_key_for_repeated_delivery),
        cmocka_unit_test(looks_into_what_is_carried_twice_and_only_where_a_marker_is),
        cmocka_unit_test(hands_the_arrival_through),
        cmocka_unit_test(reads_a_long_envelope_of_embedded_documents),
        cmocka_unit_test(looks_for_words_in_texts_of_16_kb_and_no_more),
        cmocka_unit_test(reads_lines_of_16_kb_and_no_more),
        cmocka_unit_test(what_a_carried_record_carries_has_32_kb_as_written_and_no_more),
        cmocka_unit_test(forms_read_48_kb_of_a_message_and_no_more),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
