/* tool/pass.h
 *
 * One pass of all records of the inputs, by the time of their events, through an engine. */

#ifndef MF_TOOL_PASS_H
#define MF_TOOL_PASS_H

#include "engine.h"
#include "flags.h"
#include "output.h"
#include "sources.h"

struct mf_pass {
    struct mf_output output;
    struct mf_engine *engine;
    struct mf_worker *worker;
    struct mf_placed_line place; /* of the record in hand */
    uint64_t records;            /* judged so far, the one in hand left out */
    bool silent;                 /* nothing goes to standard output: progress may be shown beside it */
    bool enough;                 /* set by the sink: the rest is of no interest */
};

/* Engine and worker as the arguments want them; `created` as in mf_tool_engine(). An exit code, after a message when it
 * is not MF_EXIT_OK. */
int mf_pass_open(struct mf_pass *pass, const struct mf_arguments *arguments, mf_time created);
/* The same under a policy that somebody tries out. */
int mf_pass_try(struct mf_pass *pass, const struct mf_arguments *arguments, const struct mf_policy *policy);
void mf_pass_close(struct mf_pass *pass);

/* Judges each record. The output is flushed at the end, and what went wrong is said: an exit code. */
int mf_pass_judge(struct mf_pass *pass, const struct mf_arguments *arguments, const struct mf_sink *sink);

#endif
