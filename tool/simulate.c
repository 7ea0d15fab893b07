/* tool/simulate.c
 *
 * mfatigue simulate: made-up traffic of a provider, with everyday logins, attacks and what looks like them, and the
 * truth about it. Harmless: nobody is asked anything, and every record says that it is an exercise. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "output.h"
#include "play.h"
#include "reasons.h"

enum { STORIES_MAX = 64 };

struct job {
    const struct mf_arguments *arguments;
    struct mf_output output, truth;
    struct mf_traffic *traffic;
    struct mf_world world;
    struct mf_stage stage;
    struct mf_play play;
    struct mf_target target;
    const char *profile;
    const struct mf_story *story[STORIES_MAX];
    unsigned n_stories;
    unsigned users, days;
    double logins;
    bool rehearsal;
    mf_time start; /* midnight of the first day; of the first story where there are no days */
};

/* ---- what there is ---- */

/* Without a profile, all stories are listed as they are. */
static void list_json(struct job *job, const struct mf_story *story, const struct mf_lack *lack,
                      const struct mf_reasons *reasons)
{
    struct mf_output *output = &job->output;
    char why[MF_LACK_TEXT];
    enum mf_level level = job->traffic != NULL ? mf_story_level(story, job->traffic, true) : story->known;

    mf_json_begin(output, NULL);
    mf_json_text(output, "story", story->name);
    mf_json_bool(output, "attack", story->attack);
    mf_json_text(output, "summary", story->summary);
    mf_json_text(output, story->attack ? "level_at_least" : "level_at_most", mf_level_name(level));
    if (job->traffic != NULL) {
        mf_json_text(output, "profile", job->profile);
        mf_json_bool(output, "told", lack == NULL);
    }
    if (lack != NULL) {
        mf_reasons_say(reasons, job->profile, lack, why, sizeof why);
        mf_json_text(output, "why", why);
    }
    mf_json_end(output, NULL);
}

static void list_line(const struct job *job, const struct mf_story *story, const struct mf_lack *lack,
                      const struct mf_reasons *reasons)
{
    char why[MF_LACK_TEXT];

    printf("  %-22s %s\n", story->name, story->summary);
    if (lack == NULL)
        return;
    mf_reasons_say(reasons, job->profile, lack, why, sizeof why);
    printf("  %-22s %scannot be told%s: %s\n", "", mf_console_style(stdout, MF_BOLD),
           mf_console_style(stdout, MF_PLAIN), why);
}

static void list_stories(struct job *job, const struct mf_reasons *reasons)
{
    bool attack = false;

    for (const struct mf_story *story = mf_stories; story->name != NULL; story++) {
        struct mf_lack lacking;
        const struct mf_lack *lack =
            job->traffic != NULL && mf_story_lacks(story, job->traffic, &lacking) ? &lacking : NULL;

        if (mf_flags_json(job->arguments)) {
            list_json(job, story, lack, reasons);
            continue;
        }
        if (story == mf_stories || story->attack != attack)
            printf("%s%s%s%s\n", story == mf_stories ? "" : "\n", mf_console_style(stdout, MF_BOLD),
                   story->attack ? "attacks" : "look-alikes", mf_console_style(stdout, MF_PLAIN));
        attack = story->attack;
        list_line(job, story, lack, reasons);
    }
}

static int list(struct job *job)
{
    struct mf_reasons reasons = {0};
    struct mf_error error;
    int code = MF_EXIT_OK;

    job->profile = job->arguments->profile;
    if (job->profile != NULL) {
        job->traffic = mf_traffic_load(mf_tool_profile_dir(job->arguments), job->profile, &error);
        if (job->traffic == NULL)
            return mf_complain(MF_EXIT_BAD, "%s", error.text);
        code = mf_reasons_open(&reasons, job->arguments, job->profile);
    }
    if (code == MF_EXIT_OK) {
        mf_output_array(&job->output, mf_flags_array(job->arguments));
        list_stories(job, &reasons);
        code = mf_output_finish(&job->output);
    }
    mf_reasons_close(&reasons);
    mf_traffic_free(job->traffic);
    return code;
}

/* ---- what is wanted ---- */

static int unknown_story(const char *name)
{
    const char *names[STORIES_MAX];
    size_t n = 0;

    for (const struct mf_story *story = mf_stories; story->name != NULL && n < STORIES_MAX; story++)
        names[n++] = story->name;
    const char *near = mf_conf_nearest(mf_slice_of(name), names, n);
    if (near != NULL)
        return mf_complain(MF_EXIT_USAGE, "simulate: there is no story \"%s\"; did you mean \"%s\"?", name, near);
    return mf_complain(MF_EXIT_USAGE, "simulate: there is no story \"%s\"; \"mfatigue simulate --list\" names them",
                       name);
}

/* "all", "attacks" and "look-alikes" are those that the provider's records can tell. */
static bool take_many(struct job *job, const char *name)
{
    struct mf_lack lack;
    bool all = strcmp(name, "all") == 0, attacks = strcmp(name, "attacks") == 0;

    if (!all && !attacks && strcmp(name, "look-alikes") != 0)
        return false;
    for (const struct mf_story *story = mf_stories; story->name != NULL; story++)
        if ((all || story->attack == attacks) && !mf_story_lacks(story, job->traffic, &lack) &&
            job->n_stories < STORIES_MAX)
            job->story[job->n_stories++] = story;
    return true;
}

static int take_stories(struct job *job)
{
    const struct mf_arguments *arguments = job->arguments;

    for (size_t i = 0; i < arguments->n_files && job->n_stories < STORIES_MAX; i++) {
        const char *name = arguments->files[i];
        const struct mf_story *story = mf_story_find(name);
        struct mf_lack lack;

        if (strcmp(name, "-") == 0 || strcmp(name, "normal") == 0 || take_many(job, name))
            continue;
        if (story == NULL)
            return unknown_story(name);
        if (mf_story_lacks(story, job->traffic, &lack))
            return mf_reasons_refuse(arguments, "simulate", job->profile, story, &lack);
        job->story[job->n_stories++] = story;
    }
    return MF_EXIT_OK;
}

/* Letters that need no escape anywhere. */
static int check_word(const char *flag, const char *text)
{
    size_t length = strlen(text);

    if (length <= 40 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == length)
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_USAGE, "simulate: --%s: \"%s\" is not of 1 to 40 letters, digits, dots and dashes", flag,
                       text);
}

static int take_numbers(struct job *job)
{
    const struct mf_arguments *a = job->arguments;
    const struct mf_command *command = &mf_command_simulate;
    bool live = a->to != NULL;
    double users, days, prompts, gap, seed;
    int code = mf_flags_number(command, "users", a->users, 0, 1000000, live ? 0 : 50, &users);

    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "days", a->days, 0, 400, live ? 0 : 14, &days);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "logins", a->logins, 0, 50, 2, &job->logins);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "prompts", a->prompts, 1, 10000, 0, &prompts);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "gap", a->gap, 1, 86400, 0, &gap);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "seed", a->seed, 0, 4294967295.0, 1, &seed);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(command, "pace", a->pace != NULL && strcmp(a->pace, "max") == 0 ? NULL : a->pace, 0.1,
                               1000000, 0, &job->play.pace);
    if (code != MF_EXIT_OK)
        return code;
    job->users = (unsigned)users;
    job->days = (unsigned)days;
    job->world.seed = (uint64_t)seed;
    job->stage.prompts = (unsigned)prompts;
    job->stage.gap = (unsigned)gap;
    return MF_EXIT_OK;
}

static int take_target(struct job *job)
{
    const struct mf_arguments *a = job->arguments;

    if (a->to == NULL && (a->pace != NULL || a->elsewhere))
        return mf_complain(MF_EXIT_USAGE, "simulate: --pace and --elsewhere belong to --to");
    if (a->to == NULL)
        return MF_EXIT_OK;
    if (!mf_target_parse(a->to, &job->target))
        return mf_complain(MF_EXIT_USAGE,
                           "simulate: --to: \"%s\" is no address such as tcp:127.0.0.1:5514 or udp:[::1]:514", a->to);
    if (!job->target.loopback && !a->elsewhere)
        return mf_complain(MF_EXIT_USAGE, "simulate: --to: %s is not this host; --elsewhere says that it is meant",
                           a->to);
    return MF_EXIT_OK;
}

/* A file begins on a Monday. What is sent is over now, or begins now where it is played as it happens; see begin_now(). */
static int take_start(struct job *job)
{
    const char *start = job->arguments->start;

    job->start = 1772409600 * MF_SECOND; /* 2026-03-02T00:00:00Z */
    if (start != NULL && !mf_time_parse_iso(mf_slice_of(start), 0, &job->start))
        return mf_complain(MF_EXIT_USAGE, "simulate: --start: \"%s\" is no time such as 2026-03-02T09:14:37Z", start);
    return MF_EXIT_OK;
}

static int take_arguments(struct job *job)
{
    const struct mf_arguments *a = job->arguments;
    struct mf_error error;
    int code = take_numbers(job);

    if (code == MF_EXIT_OK)
        code = take_target(job);
    if (code == MF_EXIT_OK)
        code = take_start(job);
    job->stage.mark = a->mark != NULL ? a->mark : "mfatigue-exercise";
    job->world.domain = a->domain != NULL ? a->domain : "exercise.example";
    if (code == MF_EXIT_OK)
        code = check_word("mark", job->stage.mark);
    if (code == MF_EXIT_OK)
        code = check_word("domain", job->world.domain);
    if (code != MF_EXIT_OK)
        return code;
    job->profile = a->profile != NULL ? a->profile : "okta";
    job->traffic = mf_traffic_load(mf_tool_profile_dir(a), job->profile, &error);
    if (job->traffic == NULL)
        return mf_complain(MF_EXIT_BAD, "%s", error.text);
    if (job->target.length != 0 && mf_traffic_needs_header(job->traffic))
        job->play.framing = MF_FRAMING_RFC5424;
    for (unsigned i = 0; a->framing != NULL && mf_framings[i] != NULL; i++)
        if (strcmp(mf_framings[i], a->framing) == 0)
            job->play.framing = (enum mf_framing)i;
    return take_stories(job);
}

/* ---- the truth ---- */

static void write_truth(struct job *job, const struct mf_story *story, const struct mf_episode *episode)
{
    struct mf_output *out = &job->truth;

    mf_json_begin(out, NULL);
    mf_json_text(out, "story", story->name);
    mf_json_bool(out, "attack", story->attack);
    mf_json_array_begin(out, "users");
    for (unsigned i = 0; i < episode->n_users; i++)
        mf_json_array_slice(out, mf_slice_of(episode->user[i]));
    mf_json_array_end(out);
    mf_json_time(out, "begin", episode->begin);
    mf_json_time(out, "end", episode->end);
    mf_json_count(out, "prompts", episode->prompts);
    mf_json_count(out, "refused", episode->refused);
    mf_json_count(out, "unanswered", episode->unanswered);
    mf_json_count(out, "codes", episode->codes);
    mf_json_time(out, "approved", episode->approval);
    mf_json_begin(out, "steps");
    for (unsigned i = 0; i < MF_N_STEPS; i++)
        if (episode->step[i] > 0)
            mf_json_count(out, mf_traffic_steps[i], episode->step[i]);
    mf_json_end(out, "steps");
    mf_json_array_begin(out, "sources");
    for (unsigned i = 0; i < episode->n_sources; i++)
        mf_json_array_slice(out, mf_slice_of(episode->source[i]));
    mf_json_array_end(out);
    mf_json_text(out, story->attack ? "level_at_least" : "level_at_most",
                 mf_level_name(mf_story_level(story, job->traffic, job->days >= 10)));
    mf_json_text(out, "profile", job->profile);
    mf_json_text(out, "marker", job->stage.mark);
    mf_json_count(out, "seed", job->world.seed);
    mf_json_end(out, NULL);
}

static int open_truth(struct job *job)
{
    const char *file = job->arguments->truth;
    int fd = file == NULL ? -1 : open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    mf_output_init(&job->truth, fd);
    if (file != NULL && fd < 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", file, strerror(errno));
    return MF_EXIT_OK;
}

static int close_truth(struct job *job)
{
    if (job->truth.fd < 0)
        return MF_EXIT_OK;
    mf_output_flush(&job->truth);
    if (close(job->truth.fd) != 0 && job->truth.error == 0)
        job->truth.error = errno;
    if (job->truth.error == 0)
        return MF_EXIT_OK;
    return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->truth, strerror(job->truth.error));
}

/* ---- telling ---- */

static void tell_story(struct job *job, unsigned index, mf_time *end)
{
    struct mf_episode episode;
    mf_time start = job->start;

    if (job->days > 0)
        start += (mf_time)job->days * MF_DAY + 8 * MF_HOUR + index * 7 * MF_MINUTE;
    mf_story_tell(&job->stage, job->story[index], index, start, job->days, &episode);
    if (episode.end > *end)
        *end = episode.end;
    if (job->truth.fd >= 0 && !job->rehearsal)
        write_truth(job, job->story[index], &episode);
}

static void tell_day(struct job *job, unsigned day)
{
    mf_time midnight = job->start + (mf_time)day * MF_DAY;
    struct mf_figure who;

    for (unsigned i = 0; i < job->users; i++) {
        mf_world_figure(&job->world, i, &who);
        mf_story_everyday(&job->stage, &who, midnight, job->logins);
    }
    for (unsigned s = 0; s < job->n_stories && day < job->days; s++)
        for (unsigned i = 0; i < job->story[s]->people && !job->story[s]->own_life; i++) {
            mf_world_figure(&job->world, MF_WORLD_VICTIMS + s * MF_WORLD_STORY + i, &who);
            mf_story_everyday(&job->stage, &who, midnight, job->logins);
        }
}

/* Faster than it happens, a story would end in the future: it is told once to see how long it takes. */
static void begin_now(struct job *job)
{
    mf_time now = mf_clock_now() / MF_SECOND * MF_SECOND, end = now;
    struct mf_stage stage = job->stage;

    job->start = now;
    if (job->days > 0)
        job->start = now - now % MF_DAY - (mf_time)(job->days + 1) * MF_DAY;
    else if (job->play.pace < 1 || job->play.pace > 1) {
        job->rehearsal = true;
        for (unsigned i = 0; i < job->n_stories; i++)
            tell_story(job, i, &end);
        job->rehearsal = false;
        mf_stage_fini(&job->stage);
        job->stage = stage;
        job->start -= end - now;
    }
}

static bool take_line(void *context, mf_time time, struct mf_slice line)
{
    return mf_play_line(&((struct job *)context)->play, time, line);
}

static int tell(struct job *job)
{
    unsigned days = job->days + (job->n_stories > 0 && job->days > 0);
    mf_time end = MF_TIME_NONE;

    if (job->target.length != 0 && job->arguments->start == NULL)
        begin_now(job);
    for (unsigned i = 0; i < job->n_stories; i++)
        tell_story(job, i, &end);
    for (unsigned day = 0; day < days && job->play.error == 0 && job->output.error == 0; day++) {
        tell_day(job, day);
        mf_stage_take(&job->stage, job->start + ((mf_time)day + 1) * MF_DAY, take_line, job);
    }
    if (job->play.error == 0 && job->output.error == 0)
        mf_stage_take(&job->stage, INT64_MAX, take_line, job);
    if (job->stage.no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory for a day of %u users", job->users);
    if (job->play.error != 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->to, strerror(job->play.error));
    return MF_EXIT_OK;
}

static void say_summary(const struct job *job)
{
    char count[MF_COUNT_TEXT];

    mf_complain(MF_EXIT_OK, "%s records of an exercise; each has \"%s\" in it, and each user is of \"%s\"",
                mf_console_count(job->play.lines, count), job->stage.mark, job->world.domain);
}

static void write_summary(const struct job *job)
{
    static struct mf_output output;

    mf_output_init(&output, 2);
    mf_json_begin(&output, NULL);
    mf_json_count(&output, "records", job->play.lines);
    mf_json_count(&output, "stories", job->n_stories);
    mf_json_text(&output, "profile", job->profile);
    mf_json_text(&output, "marker", job->stage.mark);
    mf_json_text(&output, "domain", job->world.domain);
    mf_json_end(&output, NULL);
    mf_output_flush(&output);
}

static int simulate(struct job *job)
{
    int code = open_truth(job), error = 0, finished;

    job->play.output = job->target.length == 0 ? &job->output : NULL;
    if (code == MF_EXIT_OK && job->target.length != 0 && (error = mf_play_connect(&job->play, &job->target)) != 0)
        code = mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->to, strerror(error));
    if (code == MF_EXIT_OK)
        code = tell(job);
    mf_play_close(&job->play);
    finished = close_truth(job);
    code = code != MF_EXIT_OK ? code : finished;
    finished = mf_output_finish(&job->output);
    code = code != MF_EXIT_OK ? code : finished;
    if (code == MF_EXIT_OK && mf_flags_json(job->arguments))
        write_summary(job);
    else if (code == MF_EXIT_OK)
        say_summary(job);
    return code;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    int code;

    job.arguments = arguments;
    job.play.fd = -1;
    mf_output_init(&job.output, 1);
    if (arguments->list)
        return list(&job);
    code = take_arguments(&job);
    job.stage.traffic = job.traffic;
    job.stage.world = &job.world;
    if (code == MF_EXIT_OK)
        code = simulate(&job);
    mf_stage_fini(&job.stage);
    mf_traffic_free(job.traffic);
    return code;
}

static const struct mf_flag flags[] = {
    {"list", 0, NULL, offsetof(struct mf_arguments, list), NULL,
     "say which stories there are; with --profile, also which\nof them it cannot tell, and why"},
    {"profile", 0, "NAME", offsetof(struct mf_arguments, profile), NULL,
     "whose records: okta (the default), or another with\na NAME.traffic beside its profile"},
    {"users", 0, "N", offsetof(struct mf_arguments, users), NULL,
     "people who log in every day, beside those of the\nstories: 50, or none with --to"},
    {"days", 0, "N", offsetof(struct mf_arguments, days), NULL,
     "days of everyday logins before the stories: 14, or\nnone with --to"},
    {"logins", 0, "N", offsetof(struct mf_arguments, logins), NULL, "logins of a person on a working day: 2"},
    {"prompts", 0, "N", offsetof(struct mf_arguments, prompts), NULL, "how many prompts a story sends"},
    {"gap", 0, "SECONDS", offsetof(struct mf_arguments, gap), NULL, "the time between them"},
    {"seed", 0, "N", offsetof(struct mf_arguments, seed), NULL, "another number tells the same with other people: 1"},
    {"start", 0, "TIME", offsetof(struct mf_arguments, start), NULL,
     "when it begins, RFC 3339: 2026-03-02T00:00:00Z; with\n--to it ends now, or begins now at pace 1"},
    {"truth", 0, "FILE", offsetof(struct mf_arguments, truth), NULL,
     "write what is true of each story: a JSON object a\nline"},
    {"framing", 0, "NAME", offsetof(struct mf_arguments, framing), mf_framings,
     "none (the default), rfc3164, rfc5424 or\noctet-counted; rfc5424 is the default with --to for\nlines that begin "
     "with a date of their own"},
    {"to", 0, "ADDRESS", offsetof(struct mf_arguments, to), NULL,
     "send it as syslog: tcp:127.0.0.1:5514 or\nudp:[::1]:514"},
    {"elsewhere", 0, NULL, offsetof(struct mf_arguments, elsewhere), NULL, "with --to: it need not be this host"},
    {"pace", 0, "N", offsetof(struct mf_arguments, pace), NULL,
     "with --to: N times as fast as it happens, 1 is as it\nhappens; max (the default): at once"},
    {"mark", 0, "TEXT", offsetof(struct mf_arguments, mark), NULL, "what is in each record: mfatigue-exercise"},
    {"domain", 0, "NAME", offsetof(struct mf_arguments, domain), NULL, "whose users they are: exercise.example"},
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("how list and summary are told: human (the default),\njson or ndjson"),
    {0},
};

const struct mf_command mf_command_simulate = {
    .name = "simulate",
    .summary = "make up traffic: everyday logins, attacks, look-alikes",
    .operands = "[STORY]...",
    .description = "Writes made-up records of an identity provider to standard output, or sends them as syslog:\n"
                   "days of everyday logins, and then the stories that are named; \"attacks\", \"look-alikes\" and\n"
                   "\"all\" are many. Nobody is asked anything. Each record carries a mark, and its users are of a\n"
                   "domain that does not exist, so that an exercise can be told apart. The same seed gives the\n"
                   "same bytes.\n",
    .flags = flags,
    .examples = "  mfatigue simulate --list\n"
                "  mfatigue simulate --truth truth.jsonl push_bombing dead_phone > feed.jsonl\n"
                "  mfatigue simulate --profile duo all | mfatigue replay | jq -r .mfa.level\n"
                "  mfatigue simulate --profile entra --to tcp:127.0.0.1:5514 --pace 60 push_bombing_approved\n",
    .run = run,
};
