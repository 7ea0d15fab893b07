/* src/judge/verdict.c
 *
 * Asks the signals, keeps the run's highest answers, adds them up by group. */

#include "judge/verdict.h"

#include <string.h>

const struct mf_option mf_verdict_options[] = {
    {"notice", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, notice), 1, 100, "30", NULL,
     "score from which a record is a notice: tagged, no alert"},
    {"suspicious", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, suspicious), 1, 100, "50", NULL,
     "score from which it is suspicious"},
    {"anomalous", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, anomalous), 1, 100, "75", NULL,
     "score from which it is anomalous, if two groups have 30 points, one of them not volume"},
    {0},
};

const struct mf_option mf_verdict_cap_options[] = {
    {"volume", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, volume_cap), 0, 100, "60", NULL,
     "the most that volume signals add up to"},
    {"outcome", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, outcome_cap), 0, 100, "100", NULL,
     "the most that outcome signals add up to"},
    {"source", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, source_cap), 0, 100, "70", NULL,
     "the most that source signals add up to"},
    {"hints", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, hints_cap), 0, 100, "45", NULL,
     "the most that source signals add up to which say where a login comes from and not that it cannot be the user's; "
     "a VPN abroad is several of them at once; not where something was refused, or from 3 prompts on"},
    {"session", MF_OPTION_COUNT, offsetof(struct mf_verdict_conf, session_cap), 0, 100, "60", NULL,
     "the most that session signals add up to"},
    {0},
};

const char *mf_level_name(enum mf_level level)
{
    static const char *const names[] = {"normal", "notice", "suspicious", "anomalous"};

    return names[level];
}

const char *mf_severity_name(enum mf_severity severity)
{
    static const char *const names[] = {"none", "low", "medium", "high", "critical"};

    return names[severity];
}

static uint16_t clip(unsigned value)
{
    return (uint16_t)(value > UINT16_MAX ? UINT16_MAX : value);
}

static void keep_highest(struct mf_run_finding *kept, const struct mf_finding *finding)
{
    bool higher = finding->points > kept->points;
    bool same = finding->points == kept->points;

    if (higher || (same && finding->observed > kept->observed)) {
        kept->points = (uint8_t)finding->points;
        kept->observed = clip(finding->observed);
        kept->threshold = clip(finding->threshold);
    }
    if (finding->decisive)
        kept->decisive = 1;
}

static uint32_t find_awake(unsigned outcomes, bool stranger)
{
    uint32_t awake = 0;

    for (unsigned i = 0; i < mf_n_signals; i++) {
        const struct mf_signal *signal = mf_signals[i];
        if ((signal->outcomes == 0 || (signal->outcomes & outcomes) != 0) && (stranger || !signal->stranger))
            awake |= UINT32_C(1) << i;
    }
    return awake;
}

void mf_awake_init(struct mf_awake *awake)
{
    for (unsigned outcomes = 0; outcomes < sizeof awake->signals[0] / sizeof awake->signals[0][0]; outcomes++) {
        awake->signals[0][outcomes] = find_awake(outcomes, false);
        awake->signals[1][outcomes] = find_awake(outcomes, true);
    }
}

static bool is_stranger(const struct mf_context *context)
{
    return context->current && !context->event->answer_source && context->event->source.family != 0 &&
           context->place->familiarity != MF_FAMILIAR;
}

static inline enum mf_answer_state may_ask(const struct mf_signal *signal, const struct mf_context *context,
                                           bool listed)
{
    if (!context->conf->enabled)
        return MF_ANSWER_DISABLED;
    if ((signal->needs & ~context->carries) != 0)
        return MF_ANSWER_NOT_CARRIED;
    return listed && signal->group == MF_GROUP_SOURCE ? MF_ANSWER_LISTED : MF_ANSWER_NO;
}

uint32_t mf_verdict_ask(const struct mf_signal_conf *conf, const struct mf_awake *awake, struct mf_context *context,
                        const struct mf_view *view, mf_time now, struct mf_run *run, struct mf_answer *answers)
{
    bool listed = mf_scene_is_listed(context->scene);
    uint32_t fired = 0, asked = awake->signals[is_stranger(context)][view->outcomes];

    if (answers != NULL) /* to be explained: what was counted then */
        asked = UINT32_MAX >> (MF_SIGNALS_MAX - mf_n_signals);
    context->view = view;
    context->now = now;
    for (; asked != 0; asked &= asked - 1) {
        unsigned i = (unsigned)__builtin_ctz(asked);
        struct mf_finding finding = {.signal = mf_signals[i]};
        context->conf = &conf[i];
        enum mf_answer_state state = may_ask(mf_signals[i], context, listed);
        if (state == MF_ANSWER_NO && mf_signals[i]->evaluate(context, &finding)) {
            state = MF_ANSWER_FIRED;
            keep_highest(&run->finding[i], &finding);
            fired |= UINT32_C(1) << i;
        }
        if (answers != NULL)
            answers[i] = (struct mf_answer){state, finding};
    }
    return fired;
}

unsigned mf_verdict_missing(const struct mf_signal_conf *conf, unsigned carries)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < mf_n_signals; i++)
        if (conf[i].enabled)
            missing |= mf_signals[i]->needs & ~carries;
    return missing;
}

static unsigned at_most(unsigned value, unsigned cap)
{
    return value < cap ? value : cap;
}

/* Somebody who switches a VPN on is asked once or twice and says yes. */
static bool is_pressed(const struct mf_standing *standing)
{
    return standing->refused || standing->prompts >= MF_PRESSED;
}

/* Most runs: no signal has fired in them. */
static bool is_quiet(const struct mf_run *run)
{
    static const struct mf_run_finding none[MF_RUN_SIGNALS];

    return memcmp(run->finding, none, sizeof none) == 0;
}

static void collect(const struct mf_verdict_conf *conf, const struct mf_run *run, const struct mf_standing *standing,
                    struct mf_verdict *verdict)
{
    unsigned n = is_quiet(run) ? 0 : mf_n_signals;

    for (unsigned i = 0; i < n; i++) {
        const struct mf_run_finding *kept = &run->finding[i];
        if (kept->points == 0)
            continue;
        verdict->finding[verdict->n_findings++] = (struct mf_finding){
            .signal = mf_signals[i],
            .observed = kept->observed,
            .threshold = kept->threshold,
            .points = kept->points,
            .decisive = kept->decisive,
        };
        verdict->points[mf_signals[i]->group] += kept->points;
        verdict->hints += mf_signals[i]->hint ? kept->points : 0;
        verdict->decisive |= kept->decisive;
    }
    memcpy(verdict->group, verdict->points, sizeof verdict->group);
    verdict->hints_counted = is_pressed(standing) ? verdict->hints : at_most(verdict->hints, conf->hints_cap);
    verdict->group[MF_GROUP_SOURCE] -= verdict->hints - verdict->hints_counted;
}

/* Two groups that speak, one of them something else than volume: neither volume alone nor a place alone gets there.
 * From a source that is the user's own, volume adds nothing to refusals until one is approved: a login that sends its
 * refused push again and again makes both. */
static unsigned groups_that_speak(const struct mf_verdict *verdict, const struct mf_standing *standing)
{
    bool volume_is_own = standing->familiar && !standing->owned;
    unsigned speaking = 0;

    for (unsigned i = volume_is_own ? MF_GROUP_VOLUME + 1 : MF_GROUP_VOLUME; i < MF_N_GROUPS; i++)
        speaking += verdict->group[i] >= MF_GROUP_SPEAKS;
    return speaking;
}

static enum mf_severity severity_of(enum mf_level level, bool owned)
{
    switch (level) {
    case MF_ANOMALOUS:
        return owned ? MF_SEVERITY_CRITICAL : MF_SEVERITY_HIGH;
    case MF_SUSPICIOUS:
        return MF_SEVERITY_MEDIUM;
    case MF_NOTICE:
        return MF_SEVERITY_LOW;
    default:
        return MF_SEVERITY_NONE;
    }
}

void mf_verdict_sum(const struct mf_verdict_conf *conf, const struct mf_run *run, const struct mf_standing *standing,
                    struct mf_verdict *verdict)
{
    const unsigned cap[MF_N_GROUPS] = {conf->volume_cap, conf->outcome_cap, conf->source_cap, conf->session_cap};
    unsigned sum = 0;

    memset(verdict, 0, offsetof(struct mf_verdict, finding));
    collect(conf, run, standing, verdict);
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        verdict->group[i] = at_most(verdict->group[i], cap[i]);
    verdict->halved = verdict->group[MF_GROUP_VOLUME] > 0 && !standing->unfamiliar && !standing->refused &&
                      standing->prompts < MF_MANY_PROMPTS && !(standing->dark && is_pressed(standing));
    if (verdict->halved)
        verdict->group[MF_GROUP_VOLUME] /= 2;
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        sum += verdict->group[i];
    verdict->score = at_most(sum, 100);
    verdict->speaking = groups_that_speak(verdict, standing);

    if (verdict->decisive || (verdict->score >= conf->anomalous && verdict->speaking >= 2))
        verdict->level = MF_ANOMALOUS;
    else if (verdict->score >= conf->suspicious)
        verdict->level = MF_SUSPICIOUS;
    else
        verdict->level = verdict->score >= conf->notice ? MF_NOTICE : MF_NORMAL;
    verdict->severity = severity_of(verdict->level, standing->owned);
}
