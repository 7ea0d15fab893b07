/* src/read/decision.h
 *
 * What the rules of a profile said of a record depends on a few texts only: the event's type, its outcome, the factor.
 * Feeds repeat the same few combinations, so the answer is remembered by them: a record with the same texts in the same
 * places is decided without asking a rule. Only plain cases are remembered: no member in doubt, no escapes, no arrays,
 * no rule that goes through elements.
 *
 * Belongs to one thread; holds no memory of its own. */

#ifndef MF_READ_DECISION_H
#define MF_READ_DECISION_H

#include "read/condition.h"

enum { MF_INQUIRY_MAX = 32, MF_DECISION_HITS = 4, MF_DECISION_KEY = 256, MF_DECISIONS = 256 };

/* What the conditions of a profile ask for. */
struct mf_inquiry {
    bool is_plain; /* nothing else decides */
    unsigned n_texts, n_presences;
    uint16_t text[MF_INQUIRY_MAX];     /* paths whose text matters, those first that are asked for first */
    uint16_t presence[MF_INQUIRY_MAX]; /* paths of which only matters whether there is a value */
};

/* Adds what a condition asks for. `named` is what "$name" means. */
void mf_inquiry_add(struct mf_inquiry *inquiry, const struct mf_condition *condition,
                    const struct mf_spec *const *named);

struct mf_decision {
    uint64_t mark; /* of the profile; 0: nothing is remembered here */
    bool ignored;
    uint8_t n_hits, hit[MF_DECISION_HITS]; /* numbers of rules */
    char key[MF_DECISION_KEY];
};

struct mf_decisions {
    struct mf_decision decision[MF_DECISIONS];
};

/* What was decided for the same texts by the profile of this mark (not 0), or NULL. */
const struct mf_decision *mf_decisions_find(const struct mf_decisions *decisions, uint64_t mark,
                                            const struct mf_inquiry *inquiry, struct mf_scene *scene);

/* Remembers what was decided; `decision` has everything but the key. */
void mf_decisions_keep(struct mf_decisions *decisions, const struct mf_decision *decision,
                       const struct mf_inquiry *inquiry, struct mf_scene *scene);

#endif
