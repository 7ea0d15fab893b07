/* src/policy.c
 *
 * Reads the policy file section by section, each by its option table, and prints the same tables as defaults and as
 * documentation. */

#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sha2.h>

#include "memory/baseline.h"

static const char *const level_names[] = {"normal", "notice", "suspicious", "anomalous", NULL};

static const struct mf_option top_options[] = {
    {"profiles", MF_OPTION_NAMES, offsetof(struct mf_policy, profiles), 0, 0, "[]", NULL,
     "identity providers to look for, by profile name; empty = all installed"},
    {"profile_dir", MF_OPTION_TEXT, offsetof(struct mf_policy, profile_dir), 0, 0, "\"\"", NULL,
     "where the profiles are; empty = the installed place"},
    {"zones", MF_OPTION_NAMES, offsetof(struct mf_policy, zones), 0, 0, "[]", NULL,
     "time zones of feeds that log local time without saying so: `\"keycloak=Europe/Berlin\"`, `\"rsa=+02:00\"`; else "
     "they "
     "are read as UTC"},
    {"observe", MF_OPTION_BOOL, offsetof(struct mf_policy, observe), 0, 0, "false", NULL,
     "judge and tag, but submit no alert"},
    {"alert_level", MF_OPTION_CHOICE, offsetof(struct mf_policy, alert_level), MF_NOTICE, MF_ANOMALOUS,
     "\"suspicious\"", level_names, "the level from which an incident is opened"},
    {"runbook", MF_OPTION_TEXT, offsetof(struct mf_policy, runbook), 0, 0, "\"\"", NULL,
     "where your response procedure stands (docs/runbook.md is one): rule.reference of alerts; empty = the page of the "
     "analytic"},
    {0},
};

const struct mf_option mf_state_options[] = {
    {"dir", MF_OPTION_TEXT, offsetof(struct mf_state_conf, dir), 0, 0, "\"\"", NULL,
     "directory that keeps what is remembered across restarts, made when its parent is there; a relative one is taken "
     "below rsyslog's workDirectory; empty = in memory only; docs/state.md"},
    {"flush", MF_OPTION_DURATION, offsetof(struct mf_state_conf, flush), 0, 10 * MF_SECOND, "\"100ms\"", NULL,
     "how long an event may wait until it is written there; \"0s\" = before its message goes on"},
    {"snapshot_every", MF_OPTION_DURATION, offsetof(struct mf_state_conf, snapshot_every), 10 * MF_SECOND, MF_DAY,
     "\"5m\"", NULL, "how often all of it is written anew, so that the journal stays short"},
    {"ttl", MF_OPTION_DURATION, offsetof(struct mf_state_conf, ttl), MF_DAY, 3650 * MF_DAY, "\"60d\"", NULL,
     "a user who was not seen for this long is forgotten at the next snapshot"},
    {"users", MF_OPTION_COUNT, offsetof(struct mf_state_conf, table.users), 1024, 16777216, "65536", NULL,
     "users remembered at most, about 290 bytes each; full means one that was never let in is forgotten, else one not "
     "seen "
     "for long"},
    {"recent", MF_OPTION_COUNT, offsetof(struct mf_state_conf, table.recent), 256, 1048576, "8192", NULL,
     "users with recent activity at most, about 3 KiB each"},
    {"traces", MF_OPTION_COUNT, offsetof(struct mf_state_conf, table.traces), 1024, 67108864, "524288", NULL,
     "users beyond those whose last five prompts are kept at most, 64 bytes each; used only when `recent` or `users` "
     "is "
     "full"},
    {"deliveries", MF_OPTION_COUNT, offsetof(struct mf_state_conf, table.deliveries), 1024, 67108864, "262144", NULL,
     "events known to have come already, at least, 20 bytes each, so that none is counted twice; should hold all that "
     "come within `lateness`"},
    {"ids", MF_OPTION_COUNT, offsetof(struct mf_state_conf, ids), 64, 16777216, "16384", NULL,
     "ids of IdPs whose login is known, about 110 bytes each, for feeds that name a user by login in one record and by "
     "id in "
     "another; should hold all who log in within some days"},
    {"addresses", MF_OPTION_COUNT, offsetof(struct mf_state_conf, addresses), 1024, 16777216, "16384", NULL,
     "source addresses of several users remembered at most, about 540 bytes each, and sixteen times as many of single "
     "users"},
    {"populations", MF_OPTION_COUNT, offsetof(struct mf_state_conf, populations), 16, MF_POPULATIONS_MAX, "1024", NULL,
     "groups, roles and countries whose rate is learned, about 500 bytes each; later ones are judged by everyone's"},
    {0},
};

const struct mf_option mf_reload_options[] = {
    {"watch", MF_OPTION_DURATION, offsetof(struct mf_reload_conf, watch), 0, MF_DAY, "\"0s\"", NULL,
     "how often the module looks whether policy, profiles, lists or databases changed, and then loads them as a HUP "
     "does; \"0s\" = at HUP only"},
    {"allow_empty", MF_OPTION_BOOL, offsetof(struct mf_reload_conf, allow_empty), 0, 0, "false", NULL,
     "take a list that had entries and has none any more; false = keep the old one and say so"},
    {0},
};

/* One object of the file, or one within it: where its options go. */
struct section {
    const char *name;
    const struct mf_option *options;
    size_t offset;
    const char *inner; /* an object within it, with options of its own into the same struct */
    const struct mf_option *inner_options;
};

static const struct section sections[] = {
    {"time", mf_time_options, offsetof(struct mf_policy, time), NULL, NULL},
    {"state", mf_state_options, offsetof(struct mf_policy, state), NULL, NULL},
    {"reload", mf_reload_options, offsetof(struct mf_policy, reload), NULL, NULL},
    {"geo", mf_geo_options, offsetof(struct mf_policy, scenery.geo), "paths", mf_geo_path_options},
    {"nets", mf_nets_options, offsetof(struct mf_policy, scenery.nets), NULL, NULL},
    {"people", mf_people_options, offsetof(struct mf_policy, scenery.people), NULL, NULL},
    {"verdict", mf_verdict_options, offsetof(struct mf_policy, verdict), "caps", mf_verdict_cap_options},
    {"incident", mf_incident_options, offsetof(struct mf_policy, incident), NULL, NULL},
};
enum { N_SECTIONS = sizeof sections / sizeof sections[0] };

static const char *const top_others[] = {"time",   "state",   "reload",   "geo",     "nets",
                                         "people", "verdict", "incident", "signals", NULL};

static void *at(struct mf_policy *policy, size_t offset)
{
    return (char *)policy + offset;
}

/* -1: no memory. */
static int set_defaults(struct mf_policy *policy)
{
    int result = mf_options_default(top_options, policy);

    for (unsigned i = 0; i < N_SECTIONS; i++) {
        result |= mf_options_default(sections[i].options, at(policy, sections[i].offset));
        if (sections[i].inner != NULL)
            result |= mf_options_default(sections[i].inner_options, at(policy, sections[i].offset));
    }
    for (unsigned i = 0; i < mf_n_signals; i++)
        result |= mf_options_default(mf_signals[i]->options, &policy->signal[i]);
    mf_awake_init(&policy->awake);
    return result;
}

/* ---- reading ---- */

static bool key_is(struct mf_conf *conf, uint32_t key, const char *name)
{
    return mf_slice_equal(mf_record_text(&conf->record, key), mf_slice_of(name));
}

/* The value of a member of an object, MF_NO_NODE when it is not there. */
static uint32_t member(struct mf_conf *conf, uint32_t object, const char *name)
{
    const struct mf_record *record = &conf->record;
    uint32_t key = mf_record_child(record, object);

    while (key != MF_NO_NODE) {
        uint32_t value = mf_record_sibling(record, object, key);
        if (key_is(conf, key, name))
            return value;
        key = mf_record_sibling(record, object, value);
    }
    return MF_NO_NODE;
}

static int read_signal(struct mf_conf *conf, uint32_t key, uint32_t value, struct mf_policy *policy,
                       struct mf_error *error)
{
    const char *names[MF_SIGNALS_MAX];
    struct mf_slice word = mf_record_text(&conf->record, key);
    char section[80];

    for (unsigned i = 0; i < mf_n_signals; i++) {
        names[i] = mf_signals[i]->name;
        if (!key_is(conf, key, names[i]))
            continue;
        snprintf(section, sizeof section, "signals.%s", names[i]);
        return mf_options_read(conf, value, section, mf_signals[i]->options, &policy->signal[i], NULL, error);
    }
    const char *near = mf_conf_nearest(word, names, mf_n_signals);
    if (near != NULL)
        return mf_conf_error(conf, key, error, "unknown signal \"%.*s\" in signals; did you mean \"%s\"?",
                             (int)word.length, word.data, near);
    return mf_conf_error(conf, key, error, "unknown signal \"%.*s\" in signals; docs/signals lists them",
                         (int)word.length, word.data);
}

static int read_signals(struct mf_conf *conf, uint32_t object, struct mf_policy *policy, struct mf_error *error)
{
    const struct mf_record *record = &conf->record;
    bool seen[MF_SIGNALS_MAX] = {false};

    if (record->nodes[object].type != MF_NODE_OBJECT)
        return mf_conf_error(conf, object, error, "signals must be an object: {\"prompt_burst\": {...}, ...}");
    for (uint32_t key = mf_record_child(record, object); key != MF_NO_NODE;) {
        uint32_t value = mf_record_sibling(record, object, key);
        for (unsigned i = 0; i < mf_n_signals; i++) {
            if (!key_is(conf, key, mf_signals[i]->name))
                continue;
            if (seen[i])
                return mf_conf_error(conf, key, error, "signals.%s stands twice", mf_signals[i]->name);
            seen[i] = true;
        }
        if (read_signal(conf, key, value, policy, error) != 0)
            return -1;
        key = mf_record_sibling(record, object, value);
    }
    return 0;
}

/* Levels must rise, or a score would have two names. */
static int check_levels(struct mf_conf *conf, uint32_t node, const struct mf_verdict_conf *verdict,
                        struct mf_error *error)
{
    if (verdict->notice < verdict->suspicious && verdict->suspicious < verdict->anomalous)
        return 0;
    return mf_conf_error(conf, node, error,
                         "verdict: notice (%u), suspicious (%u) and anomalous (%u) must rise in this order",
                         verdict->notice, verdict->suspicious, verdict->anomalous);
}

static int read_section(struct mf_conf *conf, const struct section *section, uint32_t node, struct mf_policy *policy,
                        struct mf_error *error)
{
    const char *others[] = {section->inner, NULL};
    void *target = at(policy, section->offset);
    char name[80];

    if (mf_options_read(conf, node, section->name, section->options, target, others, error) != 0)
        return -1;
    uint32_t inner = section->inner == NULL ? MF_NO_NODE : member(conf, node, section->inner);
    snprintf(name, sizeof name, "%s.%s", section->name, section->inner == NULL ? "" : section->inner);
    if (inner != MF_NO_NODE && mf_options_read(conf, inner, name, section->inner_options, target, NULL, error) != 0)
        return -1;
    return section->options == mf_verdict_options ? check_levels(conf, node, &policy->verdict, error) : 0;
}

static int read_sections(struct mf_conf *conf, struct mf_policy *policy, struct mf_error *error)
{
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        uint32_t node = member(conf, 0, sections[i].name);
        if (node != MF_NO_NODE && read_section(conf, &sections[i], node, policy, error) != 0)
            return -1;
    }
    uint32_t signals = member(conf, 0, "signals");
    return signals == MF_NO_NODE ? 0 : read_signals(conf, signals, policy, error);
}

/* "" for a name without a slash: relative to where the program runs, like the policy itself. */
static void note_directory(struct mf_policy *policy, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - file) + (slash == file);

    if (length < sizeof policy->directory)
        memcpy(policy->directory, file, length);
}

static int read_policy(struct mf_conf *conf, const char *file, struct mf_policy *policy, struct mf_error *error)
{
    if (mf_conf_load(conf, file, error) != 0)
        return -1;
    if (mf_options_read(conf, 0, "the policy", top_options, policy, top_others, error) != 0)
        return -1;
    if (read_sections(conf, policy, error) != 0)
        return -1;
    if (SHA256File(file, policy->sha256) == NULL)
        return mf_error_set(error, "%s: %s", file, strerror(errno));
    note_directory(policy, file);
    return 0;
}

struct mf_policy *mf_policy_load(const char *file, struct mf_error *error)
{
    struct mf_policy *policy = calloc(1, sizeof *policy);
    struct mf_conf conf = {0};

    if (policy == NULL || set_defaults(policy) != 0) {
        mf_error_set(error, "not enough memory for a policy");
        mf_policy_free(policy);
        return NULL;
    }
    snprintf(policy->sha256, sizeof policy->sha256, "defaults");
    if (file == NULL)
        return policy;

    int failed = read_policy(&conf, file, policy, error);
    mf_conf_fini(&conf);
    if (failed != 0) {
        mf_policy_free(policy);
        return NULL;
    }
    return policy;
}

void mf_policy_free(struct mf_policy *policy)
{
    free(policy);
}

struct mf_policy *mf_policy_copy(const struct mf_policy *policy)
{
    struct mf_policy *copy = malloc(sizeof *copy);

    if (copy != NULL)
        *copy = *policy;
    return copy;
}

/* ---- what holds from the next start on ---- */

static const struct {
    const char *section, *option;
} at_start[] = {
    {"state", "dir"},       {"state", "users"},       {"state", "recent"},
    {"state", "traces"},    {"state", "deliveries"},  {"state", "ids"},
    {"state", "addresses"}, {"state", "populations"}, {"incident", "max_open"},
};
enum { N_AT_START = sizeof at_start / sizeof at_start[0] };

static bool is_at_start(const char *section, const char *option)
{
    for (unsigned i = 0; i < N_AT_START; i++)
        if (strcmp(section, at_start[i].section) == 0 && strcmp(option, at_start[i].option) == 0)
            return true;
    return false;
}

static void add_name(char *names, size_t size, const char *section, const char *option)
{
    size_t used = strlen(names);

    if (used + strlen(section) + strlen(option) + sizeof ", ." <= size)
        snprintf(names + used, size - used, "%s%s.%s", used == 0 ? "" : ", ", section, option);
}

unsigned mf_policy_keep(struct mf_policy *policy, const struct mf_policy *running, char *names, size_t size)
{
    unsigned kept = 0;

    names[0] = '\0';
    for (unsigned i = 0; i < N_SECTIONS; i++)
        for (const struct mf_option *option = sections[i].options; option->name != NULL; option++) {
            const char *old = (const char *)running + sections[i].offset;
            char *new = at(policy, sections[i].offset);

            if (!is_at_start(sections[i].name, option->name) || mf_option_same(option, old, new))
                continue;
            mf_option_copy(option, old, new);
            add_name(names, size, sections[i].name, option->name);
            kept++;
        }
    return kept;
}

/* ---- printing ---- */

static void print_options(FILE *out, const char *indent, const struct mf_option *options, const void *target, bool more)
{
    for (const struct mf_option *option = options; option->name != NULL; option++) {
        fprintf(out, "%s// %s\n%s\"%s\": ", indent, option->help, indent, option->name);
        mf_option_print(out, option, target);
        fprintf(out, "%s\n", more || option[1].name != NULL ? "," : "");
    }
}

static void print_section(FILE *out, const struct section *section, struct mf_policy *policy)
{
    fprintf(out, "\n    \"%s\": {\n", section->name);
    print_options(out, "        ", section->options, at(policy, section->offset), section->inner != NULL);
    if (section->inner != NULL) {
        fprintf(out, "        \"%s\": {\n", section->inner);
        print_options(out, "            ", section->inner_options, at(policy, section->offset), false);
        fprintf(out, "        }\n");
    }
    fprintf(out, "    },\n");
}

void mf_policy_print_defaults(FILE *out)
{
    struct mf_policy *policy = mf_policy_load(NULL, NULL);

    if (policy == NULL)
        return;
    fprintf(out, "// mfatigue policy: every option at its default. Keep what you change, delete the rest.\n{\n");
    print_options(out, "    ", top_options, policy, true);
    for (unsigned i = 0; i < N_SECTIONS; i++)
        print_section(out, &sections[i], policy);
    fprintf(out, "\n    \"signals\": {\n");
    for (unsigned i = 0; i < mf_n_signals; i++) {
        fprintf(out, "        // %s\n        \"%s\": {\n", mf_signals[i]->title, mf_signals[i]->name);
        print_options(out, "            ", mf_signals[i]->options, &policy->signal[i], false);
        fprintf(out, "        }%s\n", i + 1 < mf_n_signals ? "," : "");
    }
    fprintf(out, "    }\n}\n");
    mf_policy_free(policy);
}

static void print_accepted(FILE *out, const struct mf_option *option)
{
    static const char *const kind[] = {"true or false", "whole number",           "duration",     "size", "text",
                                       "choice",        "[[count, points], ...]", "list of names"};

    if (option->type == MF_OPTION_CHOICE) {
        for (int64_t i = option->min; option->choices[i] != NULL; i++)
            fprintf(out, "%s`%s`", i > option->min ? ", " : "", option->choices[i]);
        return;
    }
    fprintf(out, "%s", kind[option->type]);
    if (option->type == MF_OPTION_COUNT || option->type == MF_OPTION_SIZE)
        fprintf(out, ", %lld to %lld", (long long)option->min, (long long)option->max);
    if (option->type == MF_OPTION_DURATION)
        fprintf(out, ", %lld s to %lld s", (long long)(option->min / MF_SECOND), (long long)(option->max / MF_SECOND));
}

/* `section` is the name in the file, NULL for what stands by itself. */
static void print_table(FILE *out, const char *title, const char *section, const struct mf_option *options,
                        const void *target)
{
    fprintf(out, "\n### %s\n\n| option | default | accepted | meaning |\n|---|---|---|---|\n", title);
    for (const struct mf_option *option = options; option->name != NULL; option++) {
        fprintf(out, "| `%s` | `", option->name);
        mf_option_print(out, option, target);
        fprintf(out, "` | ");
        print_accepted(out, option);
        fprintf(out, " | %s%s |\n", option->help,
                section != NULL && is_at_start(section, option->name) ? " (*at start*)" : "");
    }
}

void mf_policy_print_markdown(FILE *out)
{
    struct mf_policy *policy = mf_policy_load(NULL, NULL);
    char title[80];

    if (policy == NULL)
        return;
    print_table(out, "Top level", NULL, top_options, policy);
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        print_table(out, sections[i].name, sections[i].name, sections[i].options, at(policy, sections[i].offset));
        if (sections[i].inner == NULL)
            continue;
        snprintf(title, sizeof title, "%s.%s", sections[i].name, sections[i].inner);
        print_table(out, title, NULL, sections[i].inner_options, at(policy, sections[i].offset));
    }
    for (unsigned i = 0; i < mf_n_signals; i++) {
        snprintf(title, sizeof title, "signals.%s", mf_signals[i]->name);
        print_table(out, title, NULL, mf_signals[i]->options, &policy->signal[i]);
    }
    mf_policy_free(policy);
}
