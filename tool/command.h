/* tool/command.h
 *
 * The sub-commands that main.c lists, and what they share: the engine as the command line wants it. */

#ifndef MF_TOOL_COMMAND_H
#define MF_TOOL_COMMAND_H

#include "console.h"
#include "engine.h"
#include "flags.h"

extern const struct mf_command mf_command_normalize, mf_command_replay, mf_command_explain, mf_command_check,
    mf_command_simulate, mf_command_exercise, mf_command_alerts, mf_command_test, mf_command_coverage,
    mf_command_profile, mf_command_state;
extern const struct mf_command mf_command_tune, mf_command_report, mf_command_learn;

/* An engine that hashes with a fixed key, with the policy, profile directory and host of the arguments; `created` is
 * event.created of every alert, 0 = the event's own time. NULL after a message, and an exit code. */
struct mf_engine *mf_tool_engine(const struct mf_arguments *arguments, mf_time created, int *code);

/* Opens the state in the directory, before there is a worker; what was found damaged is told. An exit code, after a
 * message when it is not MF_EXIT_OK. */
int mf_tool_open_state(struct mf_engine *engine, const char *directory, enum mf_store_use use);

/* Writes the state. An exit code, after a message when it is not MF_EXIT_OK. */
int mf_tool_save_state(struct mf_engine *engine);

/* The same under a policy that somebody tries out; NULL: that of the arguments. */
struct mf_engine *mf_tool_trial(const struct mf_arguments *arguments, const struct mf_policy *policy, mf_time created,
                                int *code);

/* A worker of it; NULL after a message, and an exit code. */
struct mf_worker *mf_tool_worker(struct mf_engine *engine, int *code);

/* One of the engine's counters; 0 when none has the name. */
uint64_t mf_tool_counter(struct mf_engine *engine, const char *name);

/* Where the profiles are, and the descriptions of traffic beside them. */
const char *mf_tool_profile_dir(const struct mf_arguments *arguments);

#endif
