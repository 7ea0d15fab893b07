/* tool/account_json.c
 *
 * The same as account_text.c: numbers as members, sentences as texts. */

#include "account_json.h"

#include <math.h>
#include <stdio.h>

#include "event_json.h"
#include "phrases.h"

static void put_sentence(void *context, const char *sentence)
{
    mf_json_array_slice(context, mf_slice_of(sentence));
}

static void put_sentences(struct mf_output *output, const char *key, const struct mf_account *account,
                          void (*tell)(const struct mf_account *account, mf_say_fn say, void *context))
{
    mf_json_array_begin(output, key);
    tell(account, put_sentence, output);
    mf_json_array_end(output);
}

static void put_carried(struct mf_output *output, const char *key, unsigned bits)
{
    mf_json_array_begin(output, key);
    for (unsigned i = 0; i < MF_N_CARRIED; i++)
        if (bits & 1u << i)
            mf_json_array_slice(output, mf_slice_of(mf_carried_name(1u << i)));
    mf_json_array_end(output);
}

static void put_name(struct mf_output *output, const char *key, struct mf_slice name)
{
    if (name.length > 0)
        mf_json_slice(output, key, name);
}

/* As alerts round it. */
static void put_tenths(struct mf_output *output, const char *key, double value)
{
    mf_json_degrees(output, key, round(value * 10) / 10);
}

/* ---- known ---- */

static void put_known(struct mf_output *output, const struct mf_account *account)
{
    static const char *const familiarity[] = {"unknown", "familiar", "unfamiliar"};
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_place *place = &explained->place;

    mf_json_begin(output, "known");
    mf_json_count(output, "history_days", explained->history_days);
    mf_json_count(output, "countries", explained->countries);
    mf_json_count(output, "operators", explained->asns);
    mf_json_count(output, "networks", explained->networks);
    mf_json_text(output, "source", familiarity[place->familiarity]);
    mf_json_text(output, "compared_with", place->by_tenant ? "tenant" : "user");
    mf_json_bool(output, "new_country", place->new_country);
    mf_json_bool(output, "new_operator", place->new_asn);
    mf_json_bool(output, "new_network", place->new_network);
    mf_json_bool(output, "listed", explained->listed);
    if (explained->hour_share >= 0)
        mf_json_count(output, "hour_percent", (uint64_t)explained->hour_share);
    mf_json_bool(output, "by_id", explained->by_id);
    mf_json_bool(output, "in_directory", explained->in_directory);
    mf_json_bool(output, "high_risk", explained->high_risk);
    put_name(output, "group", explained->group);
    put_name(output, "role", explained->role);
    mf_json_bool(output, "late", explained->late);
    mf_json_bool(output, "repeat", explained->repeat);
    put_sentences(output, "sentences", account, mf_account_known);
    mf_json_end(output, "known");

    mf_json_begin(output, "feed");
    put_carried(output, "carries", explained->carries);
    put_carried(output, "missing", explained->missing);
    put_sentences(output, "sentences", account, mf_account_feed);
    mf_json_end(output, "feed");
}

static void put_run(struct mf_output *output, const struct mf_account *account)
{
    const struct mf_explained *explained = account->judged->explained;
    const struct mf_totals *totals = &explained->totals;
    char text[MF_SENTENCE];

    mf_json_begin(output, "run");
    mf_json_time(output, "start", explained->run_start);
    mf_json_count(output, "prompts", totals->prompts);
    mf_json_count(output, "denied", totals->denied);
    mf_json_count(output, "timeouts", totals->timeouts);
    mf_json_count(output, "failed", totals->failed);
    mf_json_count(output, "approved", totals->approved);
    mf_json_ip(output, "source", &explained->source.ip);
    mf_json_bool(output, "all_familiar", explained->standing.familiar);
    mf_json_bool(output, "any_unfamiliar", explained->standing.unfamiliar);
    mf_json_bool(output, "owned", explained->standing.owned);
    mf_account_run(account, text);
    mf_json_text(output, "sentence", text);
    mf_json_end(output, "run");
}

/* Members as in an alert's mfa.baseline. */
static void put_rate(struct mf_output *output, const struct mf_account *account)
{
    const struct mf_rate_answer *rate = &account->judged->explained->rate;
    char text[MF_SENTENCE];

    mf_json_begin(output, "rate");
    mf_json_bool(output, "asked", rate->asked);
    if (rate->asked) {
        put_tenths(output, "logins_per_day", rate->expectation.rate);
        mf_json_text(output, "population", mf_population_name(rate->expectation.population));
        put_tenths(output, "population_per_day", rate->expectation.prior_rate);
        mf_json_count(output, "logins", rate->attempts);
        mf_json_count(output, "logins_window_s", (uint64_t)(mf_rate_window_length(rate->window) / MF_SECOND));
        put_tenths(output, "log10_p", rate->log10_p);
    }
    mf_account_rate(account, text);
    mf_json_text(output, "sentence", text);
    mf_json_end(output, "rate");
}

/* ---- asked ---- */

static void put_finding(struct mf_output *output, const struct mf_finding *finding)
{
    mf_json_count(output, "observed", finding->observed);
    mf_json_count(output, "threshold", finding->threshold);
    mf_json_count(output, "points", finding->points);
    mf_json_bool(output, "decisive", finding->decisive);
}

static void put_answer(struct mf_output *output, const struct mf_account *account, unsigned index)
{
    const struct mf_signal *signal = mf_signals[index];
    const struct mf_answer *answer = &account->judged->explained->answer[index];
    const struct mf_finding *kept = mf_account_kept(account, index);
    mf_time window = account->policy->signal[index].window;
    char text[MF_SENTENCE];

    mf_json_begin(output, signal->name);
    mf_json_text(output, "group", mf_phrase_group(signal->group));
    mf_json_text(output, "question", signal->question);
    mf_json_text(output, "answer", mf_answer_name(answer->state));
    if (answer->state <= MF_ANSWER_FIRED)
        put_finding(output, &answer->finding);
    if (window > 0)
        mf_json_count(output, "window_s", (uint64_t)(window / MF_SECOND));
    mf_account_answer(account, index, text);
    mf_json_text(output, "sentence", text);
    if (kept != NULL) {
        mf_json_begin(output, "kept");
        put_finding(output, kept);
        mf_json_end(output, "kept");
    }
    mf_json_end(output, signal->name);
}

static void put_answers(struct mf_output *output, const struct mf_account *account)
{
    mf_json_begin(output, "signals");
    for (unsigned i = 0; i < mf_n_signals; i++)
        put_answer(output, account, i);
    mf_json_end(output, "signals");
}

/* ---- added up ---- */

static void put_groups(struct mf_output *output, const char *key, const unsigned points[MF_N_GROUPS])
{
    mf_json_begin(output, key);
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        mf_json_count(output, mf_phrase_group((enum mf_group)i), points[i]);
    mf_json_end(output, key);
}

/* "refused_burst 4>=3 +45", as in an alert */
static void put_findings(struct mf_output *output, const struct mf_verdict *verdict)
{
    char text[128];

    mf_json_array_begin(output, "findings");
    for (unsigned i = 0; i < verdict->n_findings; i++) {
        const struct mf_finding *finding = &verdict->finding[i];
        snprintf(text, sizeof text, "%s %u%s%u +%u%s", finding->signal->name, finding->observed,
                 finding->signal->below ? "<" : ">=", finding->threshold, finding->points,
                 finding->decisive ? " decisive" : "");
        mf_json_array_slice(output, mf_slice_of(text));
    }
    mf_json_array_end(output);
}

static void put_verdict(struct mf_output *output, const struct mf_account *account)
{
    const struct mf_verdict *verdict = account->judged->verdict;
    char text[MF_SENTENCE];

    mf_json_begin(output, "verdict");
    mf_json_text(output, "level", mf_level_name(verdict->level));
    mf_json_count(output, "score", verdict->score);
    mf_json_text(output, "severity", mf_severity_name(verdict->severity));
    if (account->judged->explained != NULL) {
        put_findings(output, verdict);
        put_groups(output, "uncapped", verdict->points);
        mf_json_count(output, "uncapped_hints", verdict->hints);
        mf_json_count(output, "hints", verdict->hints_counted);
        put_groups(output, "groups", verdict->group);
        mf_json_bool(output, "halved", verdict->halved);
        mf_json_bool(output, "decisive", verdict->decisive);
        mf_json_count(output, "groups_of_30", verdict->speaking);
        mf_account_level(account, text);
        mf_json_text(output, "sentence", text);
    }
    mf_json_end(output, "verdict");
}

static void put_incident(struct mf_output *output, const struct mf_account *account)
{
    char text[MF_SENTENCE];
    const char *step = mf_account_incident(account, text);

    mf_json_begin(output, "incident");
    mf_json_text(output, "id", account->judged->incident);
    mf_json_text(output, "step", step);
    if (account->judged->explained != NULL && account->judged->explained->sequence > 0)
        mf_json_count(output, "alert", account->judged->explained->sequence);
    if (account->closed[0] != '\0')
        mf_json_text(output, "closed_before", account->closed);
    mf_json_text(output, "sentence", text);
    mf_json_end(output, "incident");
}

/* ---- the whole ---- */

static void put_skip(struct mf_output *output, const struct mf_account *account)
{
    const struct mf_judged *judged = account->judged;

    mf_json_text(output, "skip", mf_skip_name(judged->skip));
    put_name(output, "unmapped", judged->reading->unmapped);
    put_name(output, "member", judged->reading->member);
    mf_json_text(output, "why", mf_phrase_skip(judged->skip));
    mf_json_text(output, "help", mf_phrase_skip_help(judged->skip));
}

void mf_account_json(struct mf_output *output, const struct mf_account *account)
{
    const struct mf_judged *judged = account->judged;
    char text[MF_SENTENCE];

    mf_json_begin(output, NULL);
    mf_json_place(output, account->place);
    mf_json_text(output, "profile", judged->reading->profile);
    if (judged->skip != MF_SKIP_NONE)
        put_skip(output, account);
    if (account->read != NULL) {
        mf_json_begin(output, "event");
        mf_json_event(output, &account->event);
        mf_json_end(output, "event");
        put_sentences(output, "taken_from_lists", account, mf_account_taken);
    }
    if (judged->explained != NULL) {
        put_known(output, account);
        put_run(output, account);
        put_rate(output, account);
        put_answers(output, account);
    } else if (judged->skip == MF_SKIP_NONE) {
        mf_account_silence(account, text);
        mf_json_text(output, "why", text);
    }
    if (judged->verdict != NULL) {
        put_verdict(output, account);
        put_incident(output, account);
    }
    mf_json_end(output, NULL);
}
