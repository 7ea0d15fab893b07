/* src/judging.h
 *
 * One event, from what it says to a verdict and, perhaps, an alert: look at the lists, enter the feed, open the user,
 * observe, ask, sum up, step the incident, learn, close the user, note the address. Private to the engine. */

#ifndef MF_JUDGING_H
#define MF_JUDGING_H

#include "ending.h"
#include "keeping.h"

/* What came of one event. The verdict is in worker->verdict. */
struct mf_judging {
    enum mf_skip skip; /* MF_SKIP_NONE: judged */
    struct mf_event event;
    enum mf_phase phase; /* of the alert in worker->alert; MF_PHASE_NONE: none */
    bool campaign;       /* worker->campaign is to be sent too */
    bool explained;      /* worker->explained is filled */
    bool has_incident;   /* its id is in worker->incident */
};

/* Judges one event. Incidents of its feed that have been quiet for long enough are closed before, each told to `send`. */
void mf_judge_event(struct mf_worker *worker, const struct mf_event *event, mf_send_fn send,
                    struct mf_judging *judging);

/* Judges an event again, out of the journal, before the engine is used: nothing is sent or written down. What would be sent
 * stands in `judging`, as for an event of the day. */
void mf_judge_again(struct mf_worker *worker, const struct mf_inputs_read *read, struct mf_judging *judging);

#endif
