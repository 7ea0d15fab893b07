/* src/policy.h
 *
 * All settings as one immutable object: built whole, validated whole, swapped whole. One commented-JSON file serves
 * module and tool; every key has a default compiled in, so no file is needed. */

#ifndef MF_POLICY_H
#define MF_POLICY_H

#include "context/scene.h"
#include "judge/incident.h"
#include "judge/signal.h"
#include "judge/verdict.h"
#include "memory/table.h"
#include "memory/user.h"
#include "read/conf.h"

enum { MF_SHA256_TEXT = 65, MF_PATH_TEXT = 4096 };

/* How much is remembered. */
struct mf_state_conf {
    struct mf_table_conf table;
    unsigned ids, addresses, populations;
    mf_time ttl, flush, snapshot_every;
    char dir[MF_TEXT_OPTION]; /* "" = in memory only */
};

extern const struct mf_option mf_state_options[]; /* "state" */

/* When files are read again, beside HUP. */
struct mf_reload_conf {
    mf_time watch; /* how often to look whether they changed; 0: never */
    bool allow_empty;
};

extern const struct mf_option mf_reload_options[]; /* "reload" */

struct mf_policy {
    struct mf_name_list profiles;     /* empty = all installed */
    struct mf_name_list zones;        /* "profile=zone" */
    char profile_dir[MF_TEXT_OPTION]; /* "" = the installed one */
    bool observe;                     /* judge and tag, submit no alert */
    unsigned alert_level;             /* enum mf_level */
    char runbook[MF_TEXT_OPTION];     /* "" = none: rule.reference of alerts */
    struct mf_time_conf time;
    struct mf_state_conf state;
    struct mf_reload_conf reload;
    struct mf_scenery_conf scenery; /* geo, nets, people */
    struct mf_verdict_conf verdict;
    struct mf_incident_conf incident;
    struct mf_signal_conf signal[MF_SIGNALS_MAX]; /* in the order of mf_signals[] */
    struct mf_awake awake;
    char directory
        [MF_PATH_TEXT]; /* of the policy file: what relative names of lists are taken below; "" = as they are */
    char sha256[MF_SHA256_TEXT]; /* of the file's bytes; "defaults" without a file */
};

/* NULL file = the defaults. NULL and an error with file:line:column. */
struct mf_policy *mf_policy_load(const char *file, struct mf_error *error);
void mf_policy_free(struct mf_policy *policy);
/* NULL without memory. */
struct mf_policy *mf_policy_copy(const struct mf_policy *policy);

/* Some options size or open what is taken once, at start. Where `policy`, about to take the place of `running`, wants
 * another value of one, it gets that of `running`, and `names` lists the option ("state.users, incident.max_open"); what
 * does not fit into `size` bytes is left out. How many there are. */
unsigned mf_policy_keep(struct mf_policy *policy, const struct mf_policy *running, char *names, size_t size);

/* A whole policy file with every option at its default and its help as a comment: loads back to the defaults. */
void mf_policy_print_defaults(FILE *out);

/* docs/policy.md's tables, from the same options. */
void mf_policy_print_markdown(FILE *out);

#endif
