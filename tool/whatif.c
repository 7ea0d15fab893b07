/* tool/whatif.c
 *
 * A signal with steps left the highest that it counted and which of its lists of steps held (trace.h); under a factor, the
 * list is gone through again. */

#include "whatif.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_read.h"

void mf_whatif_init(struct mf_whatif *whatif, const struct mf_policy *policy)
{
    for (unsigned s = 0; s < MF_RUN_SIGNALS; s++)
        whatif->factor[s] = 1;
    whatif->verdict = policy->verdict;
    whatif->alert_level = (enum mf_level)policy->alert_level;
}

unsigned mf_whatif_scaled(unsigned count, double factor, unsigned most)
{
    double scaled = (double)count * factor + 0.5;

    return scaled < 1 ? 1 : scaled > most ? most : (unsigned)scaled;
}

/* Counts must rise: a step that falls together with the one before it takes its place. */
static void scale(struct mf_steps *steps, double factor, unsigned most)
{
    unsigned n = 0;

    for (unsigned i = 0; i < steps->n; i++) {
        unsigned count = mf_whatif_scaled(steps->step[i].count, factor, most);

        if (n > 0 && steps->step[n - 1].count >= count)
            n--;
        steps->step[n].count = count;
        steps->step[n++].points = steps->step[i].points;
    }
    steps->n = n;
}

void mf_whatif_scale(unsigned signal, double factor, struct mf_signal_conf *conf)
{
    for (const struct mf_option *option = mf_signals[signal]->options; option->name != NULL; option++) {
        unsigned *decisive = &conf->decisive;

        if (option->type == MF_OPTION_STEPS)
            scale((struct mf_steps *)(void *)((char *)conf + option->offset), factor, (unsigned)option->max);
        else if (option->offset == offsetof(struct mf_signal_conf, decisive) && *decisive > 0)
            *decisive = mf_whatif_scaled(*decisive, factor, (unsigned)option->max);
    }
}

/* ---- one run ---- */

static struct mf_run_finding fire(const struct mf_policy *policy, unsigned signal, const struct mf_trace *trace,
                                  double factor)
{
    struct mf_run_finding as_it_was = {trace->observed, trace->threshold, trace->points, trace->decisive};
    struct mf_run_finding other = {trace->observed, trace->threshold, 0, 0};
    struct mf_signal_conf conf;
    struct mf_finding finding = {.points = 0};

    if (factor >= 1 && factor <= 1)
        return as_it_was;
    if (factor <= 0)
        return other;
    if (trace->list == MF_TRACE_NO_LIST)
        return as_it_was; /* counts nothing */
    conf = policy->signal[signal];
    mf_whatif_scale(signal, factor, &conf);
    if (!mf_steps_reach(mf_trace_steps(&conf, trace->list), trace->observed, &finding))
        return other;
    other.points = (uint8_t)finding.points;
    other.threshold = (uint16_t)finding.threshold; /* a count of attempts */
    other.decisive = trace->decisive || (conf.decisive > 0 && trace->observed >= conf.decisive);
    return other;
}

/* Would any finding of the run be another one? Most runs have nothing to do with the signals that are changed. */
static bool differs(const struct mf_history *history, const struct mf_whatif *whatif, const struct mf_kept_run *kept)
{
    for (unsigned s = 0; s < mf_n_signals; s++) {
        const struct mf_trace *trace = &kept->trace[s];
        bool changed = whatif->factor[s] < 1 || whatif->factor[s] > 1;

        if (changed && (trace->observed > 0 || trace->points > 0) &&
            fire(history->policy, s, trace, whatif->factor[s]).points != trace->points)
            return true;
    }
    return memcmp(&whatif->verdict, &history->policy->verdict, sizeof whatif->verdict) != 0;
}

/* Findings as they were, by levels as they were, come to what the engine said. */
static void judge(const struct mf_history *history, const struct mf_whatif *whatif, const struct mf_kept_run *kept,
                  struct mf_verdict *verdict)
{
    struct mf_run run = {.start = kept->start, .last = kept->end};

    if (!differs(history, whatif, kept)) {
        verdict->level = (enum mf_level)kept->level;
        verdict->severity = (enum mf_severity)kept->severity;
        return;
    }
    for (unsigned s = 0; s < mf_n_signals; s++)
        run.finding[s] = fire(history->policy, s, &kept->trace[s], whatif->factor[s]);
    mf_verdict_sum(&whatif->verdict, &run, &kept->standing, verdict);
}

/* ---- labels ---- */

static bool label_matches(const struct mf_label *label, const struct mf_history *history, const struct mf_kept_run *run)
{
    if (run->end < label->begin || run->start > label->end + MF_HOUR)
        return false;
    for (unsigned i = 0; i < label->n_users; i++)
        if (strcmp(label->user[i], history->user[run->user].login) == 0)
            return true;
    return false;
}

/* Marks the labels that the run belongs to; whether there is any. */
static bool mark(const struct mf_labels *labels, const struct mf_history *history, const struct mf_kept_run *run,
                 bool *found)
{
    bool any = false;

    for (size_t i = 0; labels != NULL && i < labels->n; i++)
        if (label_matches(&labels->label[i], history, run)) {
            any = true;
            if (found != NULL)
                found[i] = true;
        }
    return any;
}

static int take_users(struct mf_label *label, struct mf_record *record)
{
    uint32_t list = mf_json_at(record, "users"), one = mf_json_at(record, "user");
    bool many = list != MF_NO_NODE && record->nodes[list].type == MF_NODE_ARRAY;
    uint32_t node = many ? mf_record_child(record, list) : one;

    label->user = calloc(MF_LABEL_USERS, sizeof *label->user);
    for (; label->user != NULL && node != MF_NO_NODE && label->n_users < MF_LABEL_USERS;
         node = many ? mf_record_sibling(record, list, node) : MF_NO_NODE) {
        char user[MF_USER_MAX];
        size_t length;

        if (mf_user_fold(mf_record_text(record, node), user, &length) != MF_SKIP_NONE)
            continue;
        mf_slice_copy(label->user[label->n_users++], MF_USER_MAX + 1, (struct mf_slice){user, length});
    }
    return label->n_users > 0 ? 0 : -1;
}

static int take_label(struct mf_labels *labels, struct mf_record *record, const char *file, unsigned line,
                      struct mf_error *error)
{
    struct mf_label label = {.begin = MF_TIME_NONE};
    struct mf_label *larger;

    if (mf_slice_equal(mf_json_text_at(record, "attack"), mf_slice_of("false")))
        return 0;
    mf_slice_copy(label.name, sizeof label.name, mf_json_text_at(record, "story"));
    if (!mf_time_parse_iso(mf_json_text_at(record, "begin"), 0, &label.begin) ||
        !mf_time_parse_iso(mf_json_text_at(record, "end"), 0, &label.end))
        return mf_error_set(error, "%s:%u: \"begin\" and \"end\" must be times such as 2026-03-02T09:14:37Z", file,
                            line);
    larger = realloc(labels->label, (labels->n + 1) * sizeof *larger);
    if (larger == NULL)
        return mf_error_set(error, "%s", strerror(ENOMEM));
    labels->label = larger;
    labels->label[labels->n++] = label;
    if (take_users(&labels->label[labels->n - 1], record) != 0)
        return mf_error_set(error, "%s:%u: \"users\" must be a list of logins, or \"user\" one", file, line);
    return 0;
}

static int read_labels(struct mf_labels *labels, FILE *stream, const char *file, struct mf_record *record,
                       struct mf_error *error)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    unsigned line = 0;
    int result = 0;

    while (result == 0 && (length = getline(&text, &size, stream)) >= 0) {
        struct mf_slice trimmed = mf_slice_trim((struct mf_slice){text, (size_t)length});

        line++;
        if (trimmed.length == 0)
            continue;
        if (mf_record_parse_document(record, trimmed.data, trimmed.length) != MF_SKIP_NONE)
            result = mf_error_set(error, "%s:%u: this is no JSON object", file, line);
        else
            result = take_label(labels, record, file, line, error);
    }
    free(text);
    return result;
}

int mf_labels_load(struct mf_labels *labels, const char *file, struct mf_error *error)
{
    struct mf_record record;
    FILE *stream = fopen(file, "re");
    int result;

    *labels = (struct mf_labels){.n = 0};
    if (stream == NULL)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    result = mf_record_init(&record, &mf_record_default_limits, error);
    if (result == 0) {
        result = read_labels(labels, stream, file, &record, error);
        mf_record_fini(&record);
    }
    fclose(stream);
    return result;
}

void mf_labels_fini(struct mf_labels *labels)
{
    for (size_t i = 0; i < labels->n; i++)
        free(labels->label[i].user);
    free(labels->label);
}

/* ---- all runs ---- */

struct incident {
    bool open, labelled, critical;
    enum mf_level level;
    mf_time last;
};

static void note_top(struct mf_whatif_result *result, uint32_t user, uint64_t incidents)
{
    unsigned at = result->n_top;

    if (incidents == 0)
        return;
    while (at > 0 && result->top[at - 1].incidents < incidents)
        at--;
    if (at == MF_WHATIF_TOP)
        return;
    if (result->n_top < MF_WHATIF_TOP)
        result->n_top++;
    memmove(&result->top[at + 1], &result->top[at], (result->n_top - at - 1) * sizeof result->top[0]);
    result->top[at].user = user;
    result->top[at].incidents = incidents;
}

static void close_incident(struct mf_whatif_result *result, struct incident *incident, uint64_t *of_user)
{
    if (!incident->open)
        return;
    result->incidents[incident->level]++;
    result->critical += incident->critical;
    result->false_incidents += !incident->labelled;
    (*of_user)++;
    *incident = (struct incident){.open = false};
}

static void take_run(const struct mf_history *history, const struct mf_whatif *whatif, const struct mf_labels *labels,
                     const struct mf_kept_run *run, struct incident *incident, uint64_t *of_user, bool *found,
                     struct mf_whatif_result *result)
{
    static struct mf_verdict verdict;

    judge(history, whatif, run, &verdict);
    if (incident->open && run->start > incident->last + history->policy->incident.reopen)
        close_incident(result, incident, of_user);
    if (verdict.level < whatif->alert_level) {
        result->notices += verdict.level == MF_NOTICE && !incident->open;
        return;
    }
    if (mark(labels, history, run, found))
        incident->labelled = true;
    incident->open = true;
    incident->last = run->end;
    incident->level = verdict.level > incident->level ? verdict.level : incident->level;
    incident->critical = incident->critical || verdict.severity == MF_SEVERITY_CRITICAL;
}

void mf_whatif_count(const struct mf_history *history, const struct mf_whatif *whatif, const struct mf_labels *labels,
                     struct mf_whatif_result *result)
{
    bool *found = labels == NULL || labels->n == 0 ? NULL : calloc(labels->n, sizeof *found);
    struct incident incident = {.open = false};
    uint64_t of_user = 0;

    memset(result, 0, sizeof *result);
    for (size_t i = 0; i < history->n_runs; i++) {
        take_run(history, whatif, labels, &history->run[i], &incident, &of_user, found, result);
        if (i + 1 < history->n_runs && history->run[i + 1].user == history->run[i].user)
            continue;
        close_incident(result, &incident, &of_user);
        note_top(result, history->run[i].user, of_user);
        of_user = 0;
    }
    for (size_t i = 0; found != NULL && i < labels->n; i++)
        result->found += found[i];
    free(found);
}

uint64_t mf_whatif_incidents(const struct mf_whatif_result *result)
{
    return result->incidents[MF_NOTICE] + result->incidents[MF_SUSPICIOUS] + result->incidents[MF_ANOMALOUS];
}
