/* src/addressing.h
 *
 * The address that an event came from, and the phone that a code was sent to: what is known of them is looked up before the
 * user is judged, and the user noted after. Private to the engine; no lock is held. */

#ifndef MF_ADDRESSING_H
#define MF_ADDRESSING_H

#include "asking.h"

/* A code that was sent to a phone which the record tells apart. */
bool mf_is_code_sent(const struct mf_event *event);

/* Before it is looked at: sets worker->address_key, and what it leads to comes into the cache meanwhile. */
void mf_expect_address(struct mf_worker *worker, const struct mf_event *event);

/* Fills worker->address, and worker->phone when a code was sent. */
void mf_look_at_address(struct mf_worker *worker, const struct mf_event *event);

void mf_note_address(struct mf_worker *worker, const struct mf_event *event, const struct mf_judged_user *result);

/* Of what fired, the signals that are about an address. */
uint32_t mf_fired_of_address(const struct mf_judged_user *result);

/* Does the policy want incidents that are less than anomalous, as those of addresses begin? */
bool mf_may_open_campaign(const struct mf_worker *worker);

/* The incident of the address, when there is one or it begins. True: worker->campaign is to be sent. */
bool mf_step_campaign(struct mf_worker *worker, const struct mf_event *event, const struct mf_entry *entry,
                      const struct mf_judged_user *result);

#endif
