/* tool/wanted.c
 *
 * Reads expectations; a member that nobody knows is a mistake, not a wish that always comes true. */

#include "wanted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_read.h"

const char *const mf_wanted_counts[MF_N_WANTED + 1] = {"prompts", "denied", "timeouts", "failed", "approved", NULL};

unsigned mf_wanted_count_of(const struct mf_alert_line *alert, enum mf_wanted_count count)
{
    const unsigned counts[MF_N_WANTED] = {alert->prompts, alert->denied, alert->timeouts, alert->failed,
                                          alert->approved};

    return counts[count];
}

struct reader {
    struct mf_case *wanted;
    struct mf_record *record;
    const char *file;
    unsigned line;
    struct mf_error *error;
};

static int mistake(const struct reader *reader, const char *what, struct mf_slice word)
{
    return mf_error_set(reader->error, "%s:%u: %s \"%.*s\"", reader->file, reader->line, what, (int)word.length,
                        word.data == NULL ? "" : word.data);
}

/* ---- values ---- */

static const char *level_name(unsigned value)
{
    return mf_level_name((enum mf_level)value);
}

static const char *severity_name(unsigned value)
{
    return mf_severity_name((enum mf_severity)value);
}

static int take_choice(const struct reader *reader, uint32_t node, const char *(*name)(unsigned), unsigned last,
                       unsigned *value)
{
    struct mf_slice text = mf_record_text(reader->record, node);

    for (unsigned i = 0; i <= last; i++)
        if (mf_slice_equal(mf_slice_of(name(i)), text)) {
            *value = i;
            return 0;
        }
    return mistake(reader, "there is no level or severity", text);
}

static int take_signals(const struct reader *reader, uint32_t list, uint32_t *signals)
{
    struct mf_record *record = reader->record;

    if (record->nodes[list].type != MF_NODE_ARRAY)
        return mistake(reader, "this is no list of signals:", mf_record_raw(record, list));
    for (uint32_t node = mf_record_child(record, list); node != MF_NO_NODE;
         node = mf_record_sibling(record, list, node)) {
        struct mf_slice text = mf_record_text(record, node);
        unsigned i = 0;

        while (i < mf_n_signals && !mf_slice_equal(mf_slice_of(mf_signals[i]->name), text))
            i++;
        if (i == mf_n_signals)
            return mistake(reader, "there is no signal", text);
        *signals |= 1u << i;
    }
    return 0;
}

/* 2, or [least, most] */
static int take_range(const struct reader *reader, uint32_t node, unsigned *least, unsigned *most)
{
    struct mf_record *record = reader->record;
    uint32_t first = node, second = node;

    if (record->nodes[node].type == MF_NODE_ARRAY) {
        first = mf_record_child(record, node);
        second = first == MF_NO_NODE ? first : mf_record_sibling(record, node, first);
    }
    if (mf_json_number_of(record, first, least) && mf_json_number_of(record, second, most))
        return 0;
    return mistake(reader, "this is neither a number nor [least, most]:", mf_record_raw(record, node));
}

static int take_counts(const struct reader *reader, uint32_t object, unsigned counts[MF_N_WANTED])
{
    struct mf_record *record = reader->record;

    for (uint32_t key = mf_record_child(record, object); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(record, object, key);
        unsigned i = 0;

        while (i < MF_N_WANTED && !mf_slice_equal(mf_slice_of(mf_wanted_counts[i]), mf_record_text(record, key)))
            i++;
        if (i == MF_N_WANTED)
            return mistake(reader, "there is no count", mf_record_text(record, key));
        if (!mf_json_number_of(record, value, &counts[i]))
            return mistake(reader, "this is no number:", mf_record_raw(record, value));
        key = mf_record_sibling(record, object, value);
    }
    return 0;
}

static int take_by(const struct reader *reader, uint32_t object, struct mf_wanted *wanted)
{
    struct mf_record *record = reader->record;

    for (uint32_t key = mf_record_child(record, object); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(record, object, key);
        unsigned level;

        if (take_choice(reader, key, level_name, MF_ANOMALOUS, &level) != 0 ||
            take_counts(reader, value, wanted->by[level]) != 0)
            return -1;
        key = mf_record_sibling(record, object, value);
    }
    return 0;
}

/* ---- lines ---- */

static int take_member(const struct reader *reader, struct mf_slice name, uint32_t value, struct mf_wanted *wanted)
{
    static const char *const phases[] = {"", "open", "update", "close"};

    if (mf_slice_equal(name, mf_slice_of("user")))
        return 0;
    for (unsigned phase = MF_PHASE_OPEN; phase <= MF_PHASE_CLOSE; phase++)
        if (mf_slice_equal(name, mf_slice_of(phases[phase])))
            return take_range(reader, value, &wanted->least[phase], &wanted->most[phase]);
    if (mf_slice_equal(name, mf_slice_of("level")))
        return take_choice(reader, value, level_name, MF_ANOMALOUS, &wanted->level);
    if (mf_slice_equal(name, mf_slice_of("before")))
        return take_choice(reader, value, level_name, MF_ANOMALOUS, &wanted->before);
    if (mf_slice_equal(name, mf_slice_of("severity")))
        return take_choice(reader, value, severity_name, MF_SEVERITY_CRITICAL, &wanted->severity);
    if (mf_slice_equal(name, mf_slice_of("approval")))
        return take_choice(reader, value, severity_name, MF_SEVERITY_CRITICAL, &wanted->approval);
    if (mf_slice_equal(name, mf_slice_of("signals")))
        return take_signals(reader, value, &wanted->signals);
    if (mf_slice_equal(name, mf_slice_of("by")))
        return take_by(reader, value, wanted);
    if (mf_slice_equal(name, mf_slice_of("totals")))
        return take_counts(reader, value, wanted->totals);
    return mistake(reader, "an expectation of a user has no member", name);
}

static void *grow(void *array, size_t n, size_t size, struct mf_error *error)
{
    void *larger = (n & (n - 1)) != 0 ? array : realloc(array, (n == 0 ? 1 : n * 2) * size);

    if (larger == NULL)
        mf_error_set(error, "%s", strerror(ENOMEM));
    return larger;
}

static int take_user(const struct reader *reader, struct mf_slice user)
{
    struct mf_case *wanted = reader->wanted;
    struct mf_wanted *array = grow(wanted->wanted, wanted->n_wanted, sizeof *array, reader->error);

    if (array == NULL)
        return -1;
    wanted->wanted = array;
    struct mf_wanted *one = &array[wanted->n_wanted++];
    memset(one, 0xff, sizeof *one); /* MF_ANY in every number */
    one->signals = 0;
    one->met = false;
    one->line = reader->line;
    memset(one->least, 0, sizeof one->least);
    mf_slice_copy(one->user, sizeof one->user, user);
    for (uint32_t key = mf_record_child(reader->record, 0); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(reader->record, 0, key);

        if (take_member(reader, mf_record_text(reader->record, key), value, one) != 0)
            return -1;
        key = mf_record_sibling(reader->record, 0, value);
    }
    return 0;
}

static int take_reading(const struct reader *reader, uint32_t number, const char *text)
{
    struct mf_case *wanted = reader->wanted;
    struct mf_wanted_reading *array = grow(wanted->reading, wanted->n_readings, sizeof *array, reader->error);
    struct mf_wanted_reading one = {.line = reader->line};

    if (array == NULL)
        return -1;
    wanted->reading = array;
    if (!mf_json_number_of(reader->record, number, &one.record) || one.record == 0)
        return mistake(reader, "this is no number of a line:", mf_record_raw(reader->record, number));
    if (wanted->n_readings > 0 && one.record < array[wanted->n_readings - 1].record)
        return mistake(reader, "expectations stand in the order of records; out of it is",
                       mf_record_raw(reader->record, number));
    if ((one.json = strdup(text)) == NULL)
        return mf_error_set(reader->error, "%s", strerror(ENOMEM));
    array[wanted->n_readings++] = one;
    return 0;
}

static int take_line(struct reader *reader, const char *text, size_t length)
{
    struct mf_record *record = reader->record;
    struct mf_slice policy;
    uint32_t number, user;

    if (mf_record_parse_document(record, text, length) != MF_SKIP_NONE || record->nodes[0].type != MF_NODE_OBJECT)
        return mistake(reader, "this is no JSON object:", (struct mf_slice){text, length < 60 ? length : 60});
    if ((number = mf_json_at(record, "record")) != MF_NO_NODE)
        return take_reading(reader, number, text);
    if ((user = mf_json_at(record, "user")) != MF_NO_NODE)
        return take_user(reader, mf_record_text(record, user));
    policy = mf_json_text_at(record, "policy");
    if (policy.length == 0)
        return mistake(reader, "an expectation is of a \"record\" or a \"user\", or names a \"policy\":",
                       (struct mf_slice){text, length < 60 ? length : 60});
    mf_slice_copy(reader->wanted->policy, sizeof reader->wanted->policy, policy);
    return 0;
}

int mf_case_load(struct mf_case *wanted, const char *file, struct mf_record *record, struct mf_error *error)
{
    struct reader reader = {wanted, record, file, 0, error};
    FILE *stream = fopen(file, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    int result = 0;

    *wanted = (struct mf_case){.n_wanted = 0};
    if (stream == NULL)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    while (result == 0 && (length = getline(&text, &size, stream)) >= 0) {
        struct mf_slice line = mf_slice_trim((struct mf_slice){text, (size_t)length});

        reader.line++;
        text[line.data + line.length - text] = '\0';
        if (line.length > 0)
            result = take_line(&reader, line.data, line.length);
    }
    if (result == 0 && ferror(stream))
        result = mf_error_set(error, "%s: %s", file, strerror(errno));
    free(text);
    fclose(stream);
    return result;
}

void mf_case_fini(struct mf_case *wanted)
{
    for (size_t i = 0; i < wanted->n_readings; i++)
        free(wanted->reading[i].json);
    free(wanted->reading);
    free(wanted->wanted);
}
