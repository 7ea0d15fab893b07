/* tool/stage.h
 *
 * Where stories are played: steps of a login become records of the provider at hand, in order of time. Records before
 * a moment can be taken off, so that months need no more memory than a day. */

#ifndef MF_TOOL_STAGE_H
#define MF_TOOL_STAGE_H

#include "traffic.h"
#include "world.h"

struct mf_stage {
    const struct mf_traffic *traffic;
    const struct mf_world *world;
    const char *mark;
    struct mf_chance chance;    /* of the story in hand */
    unsigned prompts;           /* how many an attack sends; 0 = as its story says */
    unsigned gap;               /* seconds between them; 0 = as its story says */
    struct mf_episode *episode; /* of the story in hand; NULL = everyday life */
    struct row *row;
    size_t n_rows, room;
    char *text;
    size_t used, size;
    uint64_t serial;
    bool no_memory;
};

/* What is true of one story: the line of the truth file. */
enum { MF_EPISODE_USERS = 40, MF_EPISODE_SOURCES = 4 };
struct mf_episode {
    mf_time begin, end; /* of what is told */
    mf_time approval;   /* MF_TIME_NONE: nobody gave in */
    unsigned prompts, refused, unanswered, codes;
    unsigned step[MF_N_STEPS]; /* how often each was told */
    unsigned n_users, n_sources;
    char user[MF_EPISODE_USERS][MF_LOGIN_TEXT];
    char source[MF_EPISODE_SOURCES][MF_IP_TEXT];
};

void mf_stage_init(struct mf_stage *stage, const struct mf_traffic *traffic, const struct mf_world *world,
                   const char *mark);
void mf_stage_fini(struct mf_stage *stage);

/* The records before `until`, oldest first, to `take`; they are forgotten. Stops when `take` says false. */
void mf_stage_take(struct mf_stage *stage, mf_time until,
                   bool (*take)(void *context, mf_time time, struct mf_slice line), void *context);

/* ---- what can happen; each returns when it is over ---- */

/* One step as the template names it. */
void mf_stage_tell(struct mf_stage *stage, const char *step, const struct mf_figure *who, const struct mf_spot *at,
                   mf_time time, const char *factor, const char *transaction);

/* A prompt and its end: "approved" (a session follows), "refused", "timeout", "failed", "cancelled", "fraud". */
mf_time mf_stage_prompt(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                        const char *outcome, const char *factor, unsigned devices);

/* Password, then a prompt; a code, or nothing more, where the provider knows no prompts: then only "approved" ends well. */
mf_time mf_stage_login(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                       const char *outcome);

/* A typed code; a session follows a right one. */
mf_time mf_stage_code(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                      bool right);

#endif
