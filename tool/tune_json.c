/* tool/tune_json.c
 *
 * An object a line, each with its `type`. */

#include "tune_json.h"

static void write_dist(struct mf_output *output, const char *name, const struct mf_dist *dist)
{
    mf_json_begin(output, name);
    mf_json_count(output, "p50", mf_dist_quantile(dist, 0.5));
    mf_json_count(output, "p95", mf_dist_quantile(dist, 0.95));
    mf_json_count(output, "p99", mf_dist_quantile(dist, 0.99));
    mf_json_count(output, "p999", mf_dist_quantile(dist, 0.999));
    mf_json_count(output, "max", dist->most);
    mf_json_count(output, "sum", dist->sum);
    mf_json_end(output, name);
}

static void write_populations(struct mf_output *output, const struct mf_history *history)
{
    for (unsigned i = 0; i < history->n_populations; i++) {
        const struct mf_crowd *population = &history->population[i];

        if (population->dist[0].n == 0)
            continue;
        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "population");
        mf_json_text(output, "of", population->kind);
        mf_json_text(output, "name", population->name);
        mf_json_count(output, "user_days", population->dist[0].n);
        for (unsigned m = 0; m < MF_METRICS; m++)
            write_dist(output, mf_metric_names[m], &population->dist[m]);
        mf_json_end(output, NULL);
    }
}

static void write_hours(struct mf_output *output, const struct mf_history *history)
{
    for (unsigned i = 0; i < 7 * 24; i++) {
        if (history->prompts[i / 24][i % 24] + history->negative[i / 24][i % 24] == 0)
            continue;
        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "hour");
        mf_json_count(output, "weekday", i / 24);
        mf_json_count(output, "hour", i % 24);
        mf_json_count(output, "prompts", history->prompts[i / 24][i % 24]);
        mf_json_count(output, "negative", history->negative[i / 24][i % 24]);
        mf_json_end(output, NULL);
    }
}

static void write_result(struct mf_output *output, const struct mf_tuning *tuning,
                         const struct mf_whatif_result *result)
{
    double days = mf_history_days(&tuning->history);

    mf_json_count(output, "notices", result->notices);
    mf_json_count(output, "suspicious", result->incidents[MF_SUSPICIOUS]);
    mf_json_count(output, "anomalous", result->incidents[MF_ANOMALOUS]);
    mf_json_count(output, "critical", result->critical);
    mf_json_count(output, "incidents", mf_whatif_incidents(result));
    mf_json_degrees(output, "incidents_per_day", (double)mf_whatif_incidents(result) / days);
    mf_json_degrees(output, "incidents_per_day_of_1000_users", mf_incident_rate(&tuning->history, result));
    if (tuning->labels.n > 0) {
        mf_json_count(output, "known", tuning->labels.n);
        mf_json_count(output, "found", result->found);
        mf_json_degrees(output, "recall", (double)result->found / (double)tuning->labels.n);
        mf_json_count(output, "false_incidents", result->false_incidents);
    }
}

static void write_users(struct mf_output *output, const struct mf_tuning *tuning, const struct mf_whatif_result *result)
{
    mf_json_array_begin(output, "most_of");
    for (unsigned i = 0; i < result->n_top; i++)
        mf_json_array_slice(output, mf_slice_of(tuning->history.user[result->top[i].user].login));
    mf_json_array_end(output);
}

static void write_thresholds(struct mf_output *output, const struct mf_tuning *tuning)
{
    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned f = 0; f < MF_TUNE_FACTORS && tuning->policy.signal[s].enabled; f++) {
            double factor = mf_tune_factors[f];
            unsigned threshold = mf_tune_threshold(&tuning->policy, s, factor > 0 ? factor : 1);

            if (threshold == 0 && factor > 0 && (factor < 1 || factor > 1))
                continue;
            mf_json_begin(output, NULL);
            mf_json_text(output, "type", "threshold");
            mf_json_text(output, "signal", mf_signals[s]->name);
            mf_json_degrees(output, "factor", factor);
            if (threshold > 0 && factor > 0)
                mf_json_count(output, "first", threshold);
            write_result(output, tuning, &tuning->curve[s][f]);
            write_users(output, tuning, &tuning->curve[s][f]);
            mf_json_end(output, NULL);
        }
}

static void write_levels(struct mf_output *output, const struct mf_tuning *tuning)
{
    for (unsigned i = 0; i < tuning->n_levels; i++) {
        const struct mf_level_trial *trial = &tuning->level[i];

        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "level");
        mf_json_text(output, "setting", trial->setting);
        if (mf_level_trial_is_named(trial))
            mf_json_text(output, "value", mf_level_name((enum mf_level)trial->value));
        else
            mf_json_count(output, "value", trial->value);
        mf_json_bool(output, "in_force", trial->now);
        mf_json_bool(output, "at_least", trial->at_least);
        write_result(output, tuning, &trial->result);
        write_users(output, tuning, &trial->result);
        mf_json_end(output, NULL);
    }
}

static void write_changes(struct mf_output *output, const struct mf_tuning *tuning)
{
    char text[512];

    for (unsigned i = 0; i < tuning->proposal.n; i++) {
        const struct mf_change *change = &tuning->proposal.change[i];

        mf_json_begin(output, NULL);
        mf_json_text(output, "type", "change");
        mf_json_text(output, "signal", mf_signals[change->signal]->name);
        mf_json_degrees(output, "factor", change->factor);
        mf_change_text(&tuning->policy, change->signal, 1, text, sizeof text);
        mf_json_text(output, "now", text);
        mf_change_text(&tuning->policy, change->signal, change->factor, text, sizeof text);
        mf_json_text(output, "then", text);
        mf_json_text(output, "reason", change->reason);
        mf_json_end(output, NULL);
    }
}

static void write_results(struct mf_output *output, const struct mf_tuning *tuning)
{
    const struct mf_proposal *proposal = &tuning->proposal;

    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "now");
    write_result(output, tuning, &proposal->before);
    write_users(output, tuning, &proposal->before);
    mf_json_end(output, NULL);
    write_changes(output, tuning);
    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "proposal");
    mf_json_count(output, "changes", proposal->n);
    mf_json_degrees(output, "budget", tuning->budget);
    mf_json_bool(output, "within", proposal->within);
    mf_json_bool(output, "replayed", tuning->replayed);
    write_result(output, tuning, tuning->replayed ? &tuning->exact : &proposal->after);
    mf_json_end(output, NULL);
}

void mf_tune_write(struct mf_output *output, const struct mf_tuning *tuning)
{
    const struct mf_history *history = &tuning->history;

    mf_json_begin(output, NULL);
    mf_json_text(output, "type", "history");
    mf_json_count(output, "records", tuning->records);
    mf_json_count(output, "events", history->events);
    mf_json_count(output, "users", history->n_users);
    mf_json_time(output, "first", history->first);
    mf_json_time(output, "last", history->last);
    mf_json_degrees(output, "days", mf_history_days(history));
    mf_json_count(output, "users_left_out", history->users_left_out);
    mf_json_count(output, "runs_left_out", history->runs_left_out);
    mf_json_end(output, NULL);
    write_populations(output, history);
    write_hours(output, history);
    write_thresholds(output, tuning);
    write_levels(output, tuning);
    write_results(output, tuning);
}
