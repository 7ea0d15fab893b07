/* src/rating.c
 *
 * A prompt's login attempt is counted, and compared with what is usual. */

#include "rating.h"

#include <string.h>

#include "engine_model.h"

static uint32_t number_of(struct mf_slice name)
{
    return name.length == 0 ? 0 : mf_mix_fold(mf_mix_text(0, name));
}

struct mf_slice mf_first_group(const struct mf_worker *worker, const struct mf_event *event)
{
    struct mf_slice group = mf_scenery_group(worker->settings->scenery, &worker->scene);
    const char *end;

    if (group.length > 0 || event->groups.length == 0)
        return group;
    end = memchr(event->groups.data, 0x1f, event->groups.length);
    return (struct mf_slice){event->groups.data,
                             end == NULL ? event->groups.length : (size_t)(end - event->groups.data)};
}

/* Numbers are made from names, so that they mean the same after a restart. A country is that of the directory, else the
 * first that the user was accepted from: an attacker's is no population of the user's. */
static struct mf_member member_of(struct mf_worker *worker, const struct mf_user *user, const struct mf_event *event)
{
    const struct mf_person *person = worker->scene.person;
    struct mf_inputs *inputs = &worker->inputs;

    if (!worker->again) {
        inputs->group = number_of(mf_first_group(worker, event));
        inputs->role = number_of(mf_scenery_role(worker->settings->scenery, &worker->scene));
    }
    struct mf_member member = {.group = inputs->group, .role = inputs->role, .country = user->country[0].value};

    if (person != NULL && person->home[0][0] != '\0')
        member.country = (uint32_t)(unsigned char)person->home[0][0] << 8 | (unsigned char)person->home[0][1];
    return member;
}

/* A day with a suspicious run teaches nothing, unless that ended as the user's own. */
static bool day_was_suspicious(const struct mf_user *user)
{
    mf_time suspect = (mf_time)user->suspect * MF_SECOND;

    return user->suspect != 0 && suspect / MF_DAY == user->rate.day && (user->suspect_flags & MF_SUSPECT_OWN) == 0;
}

void mf_answer_rate(struct mf_worker *worker, struct mf_user *user, const struct mf_event *event,
                    const struct mf_sighting *sighting)
{
    struct mf_rate_answer *answer = &worker->rate;
    mf_time prompt[MF_ATTEMPTS_MAX];
    unsigned attempts[MF_RATE_WINDOWS];
    size_t n = 0;

    answer->asked = false;
    if (event->prompts == 0 || sighting->repeat)
        return;
    struct mf_member member = member_of(worker, user, event);
    if (mf_rate_day_over(&user->rate, event->time))
        mf_rate_learn(&user->rate, worker->engine->baseline, &member, event->time, day_was_suspicious(user));
    for (mf_attempts prompts = worker->view.prompts; prompts != 0; prompts &= prompts - 1)
        prompt[n++] = worker->view.attempt[__builtin_ctzll(prompts)].time;
    if (!mf_login_attempts(prompt, n, attempts))
        return;
    mf_rate_note(&user->rate, event->time, attempts);
    if (attempts[MF_RATE_24_HOURS] < 2)
        return;
    mf_baseline_expect(worker->engine->baseline, &user->rate, &member, event->time, &answer->expectation);
    answer->asked = answer->expectation.known;
    answer->log10_p = 1;
    for (unsigned i = 0; i < MF_RATE_WINDOWS && answer->asked; i++) {
        double log10_p = mf_baseline_tail_log10(&answer->expectation, (enum mf_rate_window)i, attempts[i]);
        if (log10_p >= answer->log10_p)
            continue;
        answer->log10_p = log10_p;
        answer->window = (enum mf_rate_window)i;
        answer->attempts = attempts[i];
    }
}
