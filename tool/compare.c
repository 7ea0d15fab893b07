/* tool/compare.c
 *
 * A reading is written as normalize writes it, read again, and compared member by member. */

#include "compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event_json.h"
#include "json_read.h"

struct job {
    struct mf_record *tape; /* of the expectation */
    unsigned record;
    void (*say)(void *context, const char *sentence);
    void *context;
};

static void add_line(const struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_line(const struct job *job, const char *format, ...)
{
    char sentence[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    job->say(job->context, sentence);
}

void mf_reading_write(struct mf_output *output, const struct mf_reading *reading)
{
    mf_output_init(output, -1);
    mf_json_begin(output, NULL);
    mf_json_reading(output, reading);
    mf_json_end(output, NULL);
}

/* What is left out of an event because it is the rule. */
static struct mf_slice rule(struct mf_slice name)
{
    static const struct {
        const char *name, *value;
    } rules[] = {{"asn", "0"},       {"prompts", "0"},     {"answer_source", "false"}, {"interactive", "true"},
                 {"proxy", "false"}, {"factor", "unknown"}};

    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (mf_slice_equal(mf_slice_of(rules[i].name), name))
            return mf_slice_of(rules[i].value);
    return (struct mf_slice){NULL, 0};
}

/* The text of a member; elements of a list with 0x1f between, as profiles join them. */
static struct mf_slice text_of(struct mf_record *record, uint32_t node, char *joined, size_t size)
{
    size_t used = 0;

    if (node == MF_NO_NODE || record->nodes[node].type != MF_NODE_ARRAY)
        return node == MF_NO_NODE ? (struct mf_slice){NULL, 0} : mf_record_text(record, node);
    for (uint32_t each = mf_record_child(record, node); each != MF_NO_NODE;
         each = mf_record_sibling(record, node, each)) {
        struct mf_slice word = mf_record_text(record, each);

        if (used + word.length + 1 > size)
            break;
        if (used > 0)
            joined[used++] = 0x1f;
        memcpy(joined + used, word.data, word.length);
        used += word.length;
    }
    return (struct mf_slice){joined, used};
}

static void compare_member(const struct job *job, struct mf_record *seen, struct mf_slice name, struct mf_slice wanted,
                           unsigned line)
{
    char joined[4096];
    struct mf_slice text = text_of(seen, mf_json_member(seen, 0, name), joined, sizeof joined);

    if (text.data == NULL)
        text = rule(name);
    if (wanted.data == NULL ? text.data == NULL : text.data != NULL && mf_slice_equal(text, wanted))
        return;
    add_line(job, "record %u: %.*s is %.*s, not %.*s (line %u)", job->record, (int)name.length, name.data,
             text.data == NULL ? 6 : (int)text.length, text.data == NULL ? "absent" : text.data,
             wanted.data == NULL ? 6 : (int)wanted.length, wanted.data == NULL ? "absent" : wanted.data, line);
}

static void compare_members(const struct job *job, struct mf_record *seen, const struct mf_wanted_reading *wanted)
{
    struct mf_record *tape = job->tape;

    mf_record_parse_document(tape, wanted->json, strlen(wanted->json));
    for (uint32_t key = mf_record_child(tape, 0); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(tape, 0, key);
        char joined[4096];
        struct mf_slice name = mf_record_text(tape, key);

        if (!mf_slice_equal(name, mf_slice_of("record")))
            compare_member(job, seen, name, text_of(tape, value, joined, sizeof joined), wanted->line);
        key = mf_record_sibling(tape, 0, value);
    }
}

void mf_reading_compare(struct mf_record *tape, const struct mf_wanted_reading *wanted,
                        const struct mf_reading *reading, unsigned record,
                        void (*say)(void *context, const char *sentence), void *context)
{
    static struct mf_output output;
    static struct mf_record seen;
    const struct job job = {tape, record, say, context};
    struct mf_error error;

    mf_reading_write(&output, reading);
    if ((seen.nodes == NULL && mf_record_init(&seen, &mf_record_default_limits, &error) != 0) || output.error != 0 ||
        mf_record_parse_document(&seen, output.data, output.used) != MF_SKIP_NONE)
        add_line(&job, "record %u: its event is too large to compare", record);
    else
        compare_members(&job, &seen, wanted);
}
