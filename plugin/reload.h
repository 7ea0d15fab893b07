/* plugin/reload.h
 *
 * Reads the files of a policy again when rsyslogd is told to (HUP), beside the running engine and on a thread of its own:
 * a list of a million lines delays no message, no alert and no closing of an incident. All or nothing: what is wrong is
 * said in one line, and what was in force stays.
 *
 * Many requests are one: after a load the next one begins a second later at the earliest, and the last request is never
 * lost. Locks: `mutex` guards the two flags alone, and is never held while the engine or rsyslog is called. */

#ifndef MF_PLUGIN_RELOAD_H
#define MF_PLUGIN_RELOAD_H

#include "rsyslog-abi.h"

#include "engine.h"

#include <pthread.h>

struct mf_reloader {
    struct mf_engine *engine;
    const char *policy; /* file; NULL: the defaults */
    bool sends;         /* alerts of this policy have somewhere to go */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int (*stopping)(void);
    bool running, stop, asked;
    uint64_t reloads, failures; /* for impstats */
};

int mf_reloader_init(struct mf_reloader *reloader);
void mf_reloader_fini(struct mf_reloader *reloader);

/* Starts the thread; engine, policy and sends are set. `stopping` is true once rsyslogd ends its inputs: from then on nothing
 * is loaded or said. -1: no thread. */
int mf_reloader_start(struct mf_reloader *reloader, int (*stopping)(void));
void mf_reloader_stop(struct mf_reloader *reloader);

/* Asks for a reload and returns at once. Any thread. */
void mf_reloader_ask(struct mf_reloader *reloader);

#endif
