/* src/read/rival.h
 *
 * A record that is written as one that a profile knows: could it be another profile's? Then its markers must be looked
 * for, and profiles asked in turn. If not, they need not be. What is asked goes by names of members and kinds of values,
 * never by values, so the answer holds for every record that fits the same mould (mould.h). */

#ifndef MF_READ_RIVAL_H
#define MF_READ_RIVAL_H

#include "read/profile_set.h"

/* Whether whatever is written as this record is, its one document, is of profile number `owner` or of none: it holds a
 * marker of that profile in the name of a member, and no other profile can know it. The tape is as before afterwards. */
bool mf_profiles_know_alone(const struct mf_profiles *profiles, unsigned owner, struct mf_record *record);

#endif
