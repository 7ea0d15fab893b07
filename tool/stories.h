/* tool/stories.h
 *
 * What mfatigue should see, and what only looks like it: attacks and look-alikes, each told to whichever provider a
 * template speaks for, with the truth about it. */

#ifndef MF_TOOL_STORIES_H
#define MF_TOOL_STORIES_H

#include "stage.h"

enum { MF_STORY_NEEDS = 4, MF_STORY_PEOPLE = 24 };

struct mf_story {
    const char *name;
    bool attack;
    const char *summary;
    const char
        *needs[MF_STORY_NEEDS]; /* without which it cannot be told, "a|b" one of them; NULL-terminated unless full */
    unsigned people;            /* who have a part in it */
    bool own_life;              /* it tells of the days before by itself */
    enum mf_level known; /* level that the attack must reach, or that the look-alike may reach, with a history ... */
    enum mf_level fresh; /* ... and without any */
    void (*tell)(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days);
};

/* Ends with a NULL name. */
extern const struct mf_story mf_stories[];

const struct mf_story *mf_story_find(const char *name);

/* What a provider's records would have to tell of, or a sentence of the template, with `need` empty. */
struct mf_lack {
    const char *need; /* steps, a factor or a word of the template */
    const char *what; /* in words */
    const char *name; /* of the kind, factor or field of an event that is not there */
};

/* The first of its needs that this provider's records do not tell of. False when there is none. */
bool mf_story_lacks(const struct mf_story *story, const struct mf_traffic *traffic, struct mf_lack *lack);

/* The level that the attack must reach, or that the look-alike may reach, with a history or without any. */
enum mf_level mf_story_level(const struct mf_story *story, const struct mf_traffic *traffic, bool known);

/* Tells it from `start` on, after `days` of everyday life; `index` tells stories of one world apart. What was true of it
 * goes to `episode`. */
void mf_story_tell(struct mf_stage *stage, const struct mf_story *story, unsigned index, mf_time start, unsigned days,
                   struct mf_episode *episode);

/* A day of somebody's everyday logins; `day` begins at midnight UTC. */
void mf_story_everyday(struct mf_stage *stage, const struct mf_figure *who, mf_time day, double logins);

#endif
