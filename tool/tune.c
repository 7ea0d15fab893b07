/* tool/tune.c
 *
 * mfatigue tune: how often people are asked, what other thresholds would have told, and which to change. */

#include <string.h>

#include "command.h"
#include "pass.h"
#include "tune_json.h"
#include "tune_text.h"

struct job {
    struct mf_pass pass;
    struct mf_tuning tuning;
};

static void take_judged(void *context, const struct mf_judged *judged)
{
    mf_history_take(context, judged);
}

static void take_alert(void *context, const struct mf_alert_text *alert)
{
    mf_history_alert(context, alert);
}

/* ---- passes ---- */

static int pass_once(struct mf_pass *pass, const struct mf_arguments *arguments, struct mf_history *history)
{
    const struct mf_sink sink = {.judged = take_judged, .alert = take_alert, .context = history, .explain = true};
    int code = mf_pass_judge(pass, arguments, &sink);

    mf_history_finish(history);
    if (code == MF_EXIT_OK && history->no_memory)
        code = mf_complain(MF_EXIT_IO, "not enough memory for so many users");
    return code;
}

static bool can_read_again(const struct mf_arguments *arguments)
{
    for (size_t i = 0; i < arguments->n_files; i++)
        if (strcmp(arguments->files[i], "-") == 0)
            return false;
    return true;
}

/* What the proposal would do, told by the engine itself. */
static int replay_proposal(struct mf_tuning *tuning, const struct mf_arguments *arguments)
{
    static struct mf_pass pass;
    static struct mf_policy policy;
    static struct mf_history history;
    struct mf_whatif whatif;
    int code;

    policy = tuning->policy;
    mf_proposal_apply(&tuning->proposal, &policy);
    code = mf_pass_try(&pass, arguments, &policy);
    if (code == MF_EXIT_OK) {
        mf_history_begin(&history, &policy);
        code = pass_once(&pass, arguments, &history);
        mf_whatif_init(&whatif, &policy);
        mf_whatif_count(&history, &whatif, &tuning->labels, &tuning->exact);
        tuning->replayed = code == MF_EXIT_OK;
        mf_history_fini(&history);
    }
    mf_pass_close(&pass);
    return code;
}

/* ---- the run ---- */

static int tune(struct job *job, const struct mf_arguments *arguments)
{
    struct mf_tuning *tuning = &job->tuning;
    bool json = mf_flags_json(arguments);
    int code, finished;

    tuning->policy = *mf_engine_policy(job->pass.engine);
    mf_history_begin(&tuning->history, &tuning->policy);
    code = pass_once(&job->pass, arguments, &tuning->history);
    tuning->records = job->pass.records;
    if (code == MF_EXIT_OK && tuning->history.events == 0)
        code = mf_complain(MF_EXIT_BAD, "tune: no record was judged");
    if (code != MF_EXIT_OK)
        return code;
    mf_tune_count_curves(tuning);
    mf_propose(&tuning->history, &tuning->labels, tuning->budget, &tuning->proposal);
    if (tuning->proposal.n > 0 && can_read_again(arguments))
        code = replay_proposal(tuning, arguments);
    mf_output_array(&job->pass.output, mf_flags_array(arguments));
    if (code == MF_EXIT_OK && json)
        mf_tune_write(&job->pass.output, tuning);
    else if (code == MF_EXIT_OK)
        mf_tune_say(tuning);
    finished = mf_output_finish(&job->pass.output);
    return code != MF_EXIT_OK ? code : finished;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    int code = mf_flags_number(&mf_command_tune, "budget", arguments->budget, 0, 100000, 1, &job.tuning.budget);

    if (code == MF_EXIT_OK && arguments->labels != NULL &&
        mf_labels_load(&job.tuning.labels, arguments->labels, &error) != 0)
        code = mf_complain(MF_EXIT_BAD, "%s", error.text);
    if (code == MF_EXIT_OK)
        code = mf_pass_open(&job.pass, arguments, 0);
    if (code == MF_EXIT_OK)
        code = tune(&job, arguments);
    mf_history_fini(&job.tuning.history);
    mf_labels_fini(&job.tuning.labels);
    mf_pass_close(&job.pass);
    return code;
}

static const struct mf_flag flags[] = {
    {"labels", 0, "FILE", offsetof(struct mf_arguments, labels), NULL,
     "known attacks, a JSON object a line with users, begin\nand end: what must be found"},
    {"budget", 0, "N", offsetof(struct mf_arguments, budget), NULL,
     "incidents a day of 1,000 users that may be told: 1"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("human (the default), json (an array) or ndjson (an\nobject a line)"),
    {0},
};

const struct mf_command mf_command_tune = {
    .name = "tune",
    .summary = "what other thresholds would have told, and which to change",
    .operands = "[FILE|-]...",
    .description = "Reads history as replay does. Says how often people are asked, refuse and do not answer, by\n"
                   "group, role, country and hour; how many incidents there are under the policy, and how many\n"
                   "there would be if the thresholds of a signal, a level of the verdict or the alert level were\n"
                   "others; and proposes changes with their reasons, checked by a second replay.\n",
    .flags = flags,
    .examples = "  mfatigue tune okta-march.jsonl.gz\n"
                "  mfatigue tune --budget 0.5 --labels incidents.jsonl okta-*.jsonl.gz duo-*.jsonl.gz\n"
                "  mfatigue tune -o ndjson march.jsonl.gz | jq -c 'select(.type == \"change\")'\n",
    .run = run,
};
