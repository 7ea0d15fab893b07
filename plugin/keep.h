/* plugin/keep.h
 *
 * The state of an engine in a directory (`state.dir` of the policy): opened when rsyslogd has forked and dropped its
 * rights, written by the watch's thread, saved when the last worker is gone. What goes wrong is said once, and once when
 * it is over; no message waits for it. */

#ifndef MF_PLUGIN_KEEP_H
#define MF_PLUGIN_KEEP_H

#include "rsyslog-abi.h"

#include "engine.h"

/* Could the directory be used? Nothing is made or changed. -1 and `error`. No directory in the policy: 0. */
int mf_keep_check(struct mf_engine *engine, const char *work_directory, struct mf_error *error);

/* Opens it and puts back what is in it. False: there is none, or it cannot be used, which was said. */
bool mf_keep_open(struct mf_engine *engine, const char *work_directory);

/* Does what is due; `worker` is the thread's own. */
void mf_keep_on(struct mf_engine *engine, struct mf_worker *worker, const struct mf_sink *sink);

/* All of it, at the end. Nobody judges any more. */
void mf_keep_close(struct mf_engine *engine);

/* By the clock that stamps messages when they arrive. */
mf_time mf_wall_clock(void);

#endif
