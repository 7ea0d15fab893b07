/* tool/account.h
 *
 * What is told of one record: how it was read, what was known, what was asked and answered, and what came of it; in
 * sentences that the text and the JSON of `explain` share. All numbers are the engine's. */

#ifndef MF_TOOL_ACCOUNT_H
#define MF_TOOL_ACCOUNT_H

#include "engine.h"
#include "sources.h"

struct mf_account {
    const struct mf_policy *policy;
    const struct mf_placed_line *place;
    const struct mf_judged *judged;
    const struct mf_event *read;     /* as the record says it, with the fields that only people read; NULL: no event */
    struct mf_event event;           /* the same, completed by lists and databases: as it was judged */
    char closed[MF_INCIDENT_ID + 1]; /* an incident of the user that was closed just before; "" = none */
    bool again;                      /* an event of the same record, of the same user, was told before this one */
    bool all;                        /* every signal in full, the silent ones too */
};

/* `judged` is what the engine handed out, `read` the same event read in full, or NULL. */
void mf_account_begin(struct mf_account *account, const struct mf_judged *judged, const struct mf_event *read);

/* ---- sentences: `say` is called for each ---- */

typedef void (*mf_say_fn)(void *context, const char *sentence);

/* What was taken from a list, the directory or a database, and not from the record. */
void mf_account_taken(const struct mf_account *account, mf_say_fn say, void *context);

/* What was known of user and source when the record was judged. For judged kinds. */
void mf_account_known(const struct mf_account *account, mf_say_fn say, void *context);

/* What the feed was seen to carry, and what enabled signals lack. For judged kinds. */
void mf_account_feed(const struct mf_account *account, mf_say_fn say, void *context);

/* ---- one sentence each, into `text`; for judged kinds ---- */

enum { MF_SENTENCE = 1024 };

/* The run so far, this record included. */
void mf_account_run(const struct mf_account *account, char text[MF_SENTENCE]);

/* How the number of logins compares with what is usual; or why that was not asked. */
void mf_account_rate(const struct mf_account *account, char text[MF_SENTENCE]);

/* What signal `index` answered. */
void mf_account_answer(const struct mf_account *account, unsigned index, char text[MF_SENTENCE]);

/* Why the level is what it is. */
void mf_account_level(const struct mf_account *account, char text[MF_SENTENCE]);

/* Why the record was not judged, or not asked about; for the others. */
void mf_account_silence(const struct mf_account *account, char text[MF_SENTENCE]);

/* What the incident did: returns a word ("opened", "reopened", "updated", "nothing_new", "held_back", "no_room",
 * "none") and says it. */
const char *mf_account_incident(const struct mf_account *account, char text[MF_SENTENCE]);

/* ---- parts ---- */

/* The finding of signal `index` that the run keeps; NULL: none. */
const struct mf_finding *mf_account_kept(const struct mf_account *account, unsigned index);

/* "fired" "not_reached" "disabled" "not_carried" "listed" */
const char *mf_answer_name(enum mf_answer_state state);

/* "everyone" "country" "role" "group" */
const char *mf_population_name(enum mf_population population);

#endif
