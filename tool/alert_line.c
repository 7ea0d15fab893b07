/* tool/alert_line.c
 *
 * Members of an alert by their path. */

#include "alert_line.h"

#include "json_read.h"

/* `otherwise` where none is told. */
static mf_time moment(struct mf_record *record, const char *path, mf_time otherwise)
{
    mf_time time = otherwise;

    mf_time_parse_iso(mf_json_text_at(record, path), 0, &time);
    return time;
}

static unsigned choice(struct mf_record *record, const char *path, const char *(*name)(unsigned), unsigned last)
{
    struct mf_slice found = mf_json_text_at(record, path);

    for (unsigned i = 0; i <= last; i++)
        if (mf_slice_equal(mf_slice_of(name(i)), found))
            return i;
    return 0;
}

static const char *level_name(unsigned value)
{
    return mf_level_name((enum mf_level)value);
}

static const char *severity_name(unsigned value)
{
    return mf_severity_name((enum mf_severity)value);
}

static const char *phase_name(unsigned value)
{
    return mf_phase_name((enum mf_phase)value);
}

/* Elements of a list of texts, with blanks between; how many there are. */
static unsigned join(struct mf_record *record, const char *path, char *joined, size_t size)
{
    uint32_t list = mf_json_at(record, path), element;
    unsigned n = 0;
    size_t used = 0;

    if (size > 0)
        joined[0] = '\0';
    if (list == MF_NO_NODE || record->nodes[list].type != MF_NODE_ARRAY)
        return 0;
    for (element = mf_record_child(record, list); element != MF_NO_NODE; n++) {
        struct mf_slice word = mf_record_text(record, element);

        if (word.length > 0 && used + word.length + 2 <= size) {
            if (used > 0)
                joined[used++] = ' ';
            memcpy(joined + used, word.data, word.length);
            joined[used += word.length] = '\0';
        }
        element = mf_record_sibling(record, list, element);
    }
    return n;
}

#define COPY(member, path) mf_slice_copy(alert->member, sizeof alert->member, mf_json_text_at(record, path))

static void take_texts(struct mf_record *record, struct mf_alert_line *alert)
{
    COPY(id, "event.id");
    COPY(incident, "mfa.incident");
    COPY(user, "user.name");
    COPY(provider, "mfa.provider");
    COPY(source, "source.ip");
    COPY(country, "source.geo.country_iso_code");
    COPY(reason, "event.reason");
    COPY(rule, "rule.name");
    COPY(reference, "rule.reference");
    join(record, "mfa.signals", alert->signals, sizeof alert->signals);
    alert->n_evidence = join(record, "mfa.evidence", NULL, 0);
}

static void take_numbers(struct mf_record *record, struct mf_alert_line *alert)
{
    alert->time = moment(record, "@timestamp", MF_TIME_NONE);
    alert->start = moment(record, "event.start", alert->time);
    alert->end = moment(record, "event.end", alert->time);
    alert->phase = (enum mf_phase)choice(record, "mfa.phase", phase_name, MF_PHASE_SUMMARY);
    alert->level = (enum mf_level)choice(record, "mfa.level", level_name, MF_ANOMALOUS);
    alert->severity = (enum mf_severity)choice(record, "mfa.severity", severity_name, MF_SEVERITY_CRITICAL);
    alert->score = mf_json_number_at(record, "mfa.score");
    alert->prompts = mf_json_number_at(record, "mfa.prompts");
    alert->denied = mf_json_number_at(record, "mfa.denied");
    alert->timeouts = mf_json_number_at(record, "mfa.timeouts");
    alert->failed = mf_json_number_at(record, "mfa.failed");
    alert->approved = mf_json_number_at(record, "mfa.approved");
    alert->users = mf_json_number_at(record, "mfa.users");
    alert->suppressed = mf_json_number_at(record, "mfa.suppressed");
}

bool mf_alert_line_parse(struct mf_record *record, const char *bytes, size_t length, struct mf_alert_line *alert)
{
    if (mf_record_parse(record, bytes, length) != MF_SKIP_NONE)
        return false;
    take_texts(record, alert);
    take_numbers(record, alert);
    alert->json = mf_slice_trim(mf_record_raw(record, 0));
    return alert->incident[0] != '\0' && alert->phase != MF_PHASE_NONE && alert->time != MF_TIME_NONE;
}

bool mf_alert_line_has(const char *signals, const char *name)
{
    size_t length = strlen(name);

    for (const char *word = signals; (word = strstr(word, name)) != NULL; word += length)
        if ((word == signals || word[-1] == ' ') && (word[length] == ' ' || word[length] == '\0'))
            return true;
    return false;
}
