/* src/judge/verdict.h
 *
 * Findings -> score, level, severity. The formula is in docs/signals/README.md: points per group, capped, summed;
 * volume alone and place alone are never `anomalous`. */

#ifndef MF_JUDGE_VERDICT_H
#define MF_JUDGE_VERDICT_H

#include "judge/signal.h"

enum mf_level { MF_NORMAL, MF_NOTICE, MF_SUSPICIOUS, MF_ANOMALOUS };
enum mf_severity { MF_SEVERITY_NONE, MF_SEVERITY_LOW, MF_SEVERITY_MEDIUM, MF_SEVERITY_HIGH, MF_SEVERITY_CRITICAL };

const char *mf_level_name(enum mf_level level);          /* "normal" "notice" "suspicious" "anomalous" */
const char *mf_severity_name(enum mf_severity severity); /* "none" "low" "medium" "high" "critical" */

struct mf_verdict_conf {
    unsigned notice, suspicious, anomalous;
    unsigned volume_cap, outcome_cap, source_cap, session_cap;
    unsigned hints_cap; /* of source signals that are hints */
};

extern const struct mf_option mf_verdict_options[];     /* "verdict" less "caps" */
extern const struct mf_option mf_verdict_cap_options[]; /* "verdict.caps" */

/* What a group needs to speak for itself, and the prompts from which volume is never halved. */
enum { MF_GROUP_SPEAKS = 30, MF_MANY_PROMPTS = 10, MF_PRESSED = 3 };

struct mf_verdict {
    enum mf_level level;
    enum mf_severity severity;
    unsigned score;               /* 0..100 */
    unsigned points[MF_N_GROUPS]; /* per group before caps */
    unsigned hints;               /* of those of the source group, before their own cap */
    unsigned hints_counted; /* after it; it holds while nothing was refused and fewer than MF_PRESSED prompts press */
    unsigned speaking;      /* groups that speak for themselves, as `anomalous` counts them */
    unsigned group[MF_N_GROUPS]; /* points per group after cap and halving */
    bool halved; /* group A was halved: no source unfamiliar or in the dark, nothing refused, few prompts */
    bool decisive;
    unsigned n_findings;
    struct mf_finding finding[MF_SIGNALS_MAX];
};

/* What of a run decides beside its findings. */
struct mf_standing {
    bool familiar;   /* every source of the run is the user's, as far as it is known; at least one is */
    bool unfamiliar; /* at least one is not */
    bool dark;       /* it tells its source, and neither the user's sources nor the tenant's are known yet */
    bool strange;    /* at least one is of a country or operator that is new */
    bool refused;
    unsigned prompts; /* those that were approved count as one */
    bool owned;       /* an approval, or a factor change, that the attack may own belongs to the run */
};

/* Why a signal was silent, or that it was not. */
enum mf_answer_state {
    MF_ANSWER_NO,          /* asked, and its threshold was not reached */
    MF_ANSWER_FIRED,       /* asked, and it fired */
    MF_ANSWER_DISABLED,    /* by the policy */
    MF_ANSWER_NOT_CARRIED, /* the feed was not seen to carry what it needs */
    MF_ANSWER_LISTED,      /* a source signal, and the source is on a list or a travel note covers it */
};

/* For `explain`: what each signal answered, in the order of mf_signals[]. */
struct mf_answer {
    enum mf_answer_state state;
    struct mf_finding finding; /* observed and threshold also where it did not fire; zeros where nothing is counted */
};

/* Which signals do not say no already by the outcomes that there are (MF_OUTCOME_BIT), and by whether the record comes
 * from somewhere that is not known to be the user's. The same for all; kept to be looked up. */
struct mf_awake {
    uint32_t signals[2][1u << MF_N_OUTCOMES]; /* [stranger][outcomes], bits in the order of mf_signals[] */
};

void mf_awake_init(struct mf_awake *awake);

/* Asks every enabled signal as of `now` and keeps the highest answer of each in `run`. `context` comes whole but for
 * conf, view and now, which are set here. `answers` (MF_SIGNALS_MAX of them) may be NULL. Returns which fired, as bits in
 * the order of mf_signals[]. */
uint32_t mf_verdict_ask(const struct mf_signal_conf *conf, const struct mf_awake *awake, struct mf_context *context,
                        const struct mf_view *view, mf_time now, struct mf_run *run, struct mf_answer *answers);

/* What enabled signals need and the feed does not carry: enum mf_carried. */
unsigned mf_verdict_missing(const struct mf_signal_conf *conf, unsigned carries);

/* Adds up the run's findings. Pure. */
void mf_verdict_sum(const struct mf_verdict_conf *conf, const struct mf_run *run, const struct mf_standing *standing,
                    struct mf_verdict *verdict);

#endif
