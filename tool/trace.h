/* tool/trace.h
 *
 * What one signal made of a run, kept so that it can be judged again under other thresholds: the highest that it counted,
 * which of its lists of steps held, and what that was worth. */

#ifndef MF_TOOL_TRACE_H
#define MF_TOOL_TRACE_H

#include "engine.h"

enum { MF_TRACE_NO_LIST };

struct mf_trace {
    uint16_t observed, threshold;
    uint8_t points, decisive, list; /* list: see mf_trace_steps() */
};

/* A list of steps by its number; NULL for MF_TRACE_NO_LIST. */
const struct mf_steps *mf_trace_steps(const struct mf_signal_conf *conf, unsigned list);

/* Has the signal thresholds that a factor can move? */
bool mf_trace_has_steps(const struct mf_policy *policy, unsigned signal);

/* Did it count at least half of what would let it fire? */
bool mf_trace_is_near(const struct mf_policy *policy, unsigned signal, const struct mf_answer *answer);

/* Keeps an answer, or a finding of the verdict, if it is higher than what is kept. */
void mf_trace_note(const struct mf_policy *policy, unsigned signal, const struct mf_answer *answer,
                   struct mf_trace *trace);
void mf_trace_note_fired(const struct mf_policy *policy, unsigned signal, const struct mf_finding *finding,
                         struct mf_trace *trace);

#endif
