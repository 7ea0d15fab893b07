/* plugin/reload.h
 *
 * Reads the files of a policy again when rsyslogd is told to (HUP), or when they changed and the policy says to look
 * (reload.watch), beside the running engine and on a thread of its own: a list of a million lines delays no message, no
 * alert and no closing of an incident. All or nothing: what is wrong is said in one line, and what was in force stays.
 *
 * Many requests are one: after a load the next one begins a second later at the earliest, and the last request is never
 * lost. A change is taken when nothing has changed any more for a second, and only if nothing did while it was read: so
 * not the half of a file that is being written. Locks: `mutex` guards the two flags alone, and is never held while the
 * engine or rsyslog is called. */

#ifndef MF_PLUGIN_RELOAD_H
#define MF_PLUGIN_RELOAD_H

#include "rsyslog-abi.h"

#include "engine.h"

#include <pthread.h>

/* Of files as they are on disk: names, sizes, times. */
struct mf_print {
    struct mf_hash hash;
};

struct mf_reloader {
    struct mf_engine *engine;
    const char *policy;     /* file; NULL: the defaults */
    bool sends;             /* alerts of this policy have somewhere to go */
    struct mf_print loaded; /* of what was loaded last, or was tried */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int (*stopping)(void);
    bool running, stop, asked;
    uint64_t reloads, failures; /* for impstats */
};

int mf_reloader_init(struct mf_reloader *reloader);

void mf_reloader_fini(struct mf_reloader *reloader);

/* The engine has just been built: what its files look like now is what it works by. */
void mf_reloader_note(struct mf_reloader *reloader, struct mf_engine *engine);

/* Starts the thread; policy and sends are set, and mf_reloader_note() was called. `stopping` is true once rsyslogd ends its inputs: from then on
 * nothing is loaded or said. -1: no thread. */
int mf_reloader_start(struct mf_reloader *reloader, int (*stopping)(void));
void mf_reloader_stop(struct mf_reloader *reloader);

/* Asks for a reload and returns at once. Any thread. */
void mf_reloader_ask(struct mf_reloader *reloader);

/* Warns of what is in force and looks like a mistake. */
void mf_reloader_remark(const struct mf_engine *engine);

#endif
