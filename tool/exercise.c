/* tool/exercise.c
 *
 * mfatigue exercise: the periodic test of the whole chain. Sends one story to a live rsyslogd as syslog, waits for the
 * alert where alerts go, and says how long it took. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert_line.h"
#include "clock.h"
#include "command.h"
#include "output.h"
#include "play.h"
#include "reasons.h"

enum { PEERS_MAX = 16, HELD_MAX = 1 << 16 };

/* Bytes of one file or connection that are not yet a line. */
struct ear {
    int fd; /* -1 = none */
    size_t used;
    char held[HELD_MAX];
};

struct job {
    const struct mf_arguments *arguments;
    struct mf_traffic *traffic;
    struct mf_world world;
    struct mf_stage stage;
    struct mf_play play;
    struct mf_target target, listen;
    const struct mf_story *story;
    struct mf_episode episode;
    struct mf_record record;
    const char *profile;
    double timeout;
    enum mf_level expect;
    bool wants_critical;
    int door; /* where alerts connect; -1: they are in a file */
    struct ear ear[PEERS_MAX];
    ino_t inode;
    off_t offset;
    int64_t sent_at, first_at, reached_at; /* of the running clock */
    struct mf_alert_line first, best;      /* incident empty: none */
    unsigned alerts;
};

/* ---- what is wanted ---- */

/* What a look-alike must not reach is what an attack must: one above what it may. */
static int take_story(struct job *job)
{
    const char *name = job->arguments->files[0];
    struct mf_lack lack;

    if (strcmp(name, "-") == 0)
        name = "push_bombing_approved";
    if (job->arguments->n_files > 1)
        return mf_complain(MF_EXIT_USAGE, "exercise: one story at a time");
    job->story = mf_story_find(name);
    if (job->story == NULL)
        return mf_complain(MF_EXIT_USAGE, "exercise: there is no story \"%s\"; \"mfatigue simulate --list\" names them",
                           name);
    if (mf_story_lacks(job->story, job->traffic, &lack))
        return mf_reasons_refuse(job->arguments, "exercise", job->profile, job->story, &lack);
    job->expect = mf_story_level(job->story, job->traffic, false);
    for (int level = MF_NOTICE; job->arguments->expect != NULL && level <= MF_ANOMALOUS; level++)
        if (strcmp(job->arguments->expect, mf_level_name((enum mf_level)level)) == 0)
            job->expect = (enum mf_level)level;
    if (job->story->attack && job->expect < MF_SUSPICIOUS && job->arguments->expect == NULL)
        return mf_complain(
            MF_EXIT_USAGE,
            "exercise: %s raises no alert for users without a history; --expect says which one to wait for", name);
    return MF_EXIT_OK;
}

static int take_address(const char *flag, const char *text, bool elsewhere, struct mf_target *target)
{
    if (!mf_target_parse(text, target))
        return mf_complain(MF_EXIT_USAGE, "exercise: --%s: \"%s\" is no address such as tcp:127.0.0.1:5514", flag,
                           text);
    if (!target->loopback && !elsewhere)
        return mf_complain(MF_EXIT_USAGE, "exercise: --%s: %s is not this host; --elsewhere says that it is meant",
                           flag, text);
    return MF_EXIT_OK;
}

static int take_arguments(struct job *job)
{
    const struct mf_arguments *a = job->arguments;
    struct mf_error error;
    double seed;
    int code;

    if (a->to == NULL)
        return mf_complain(MF_EXIT_USAGE, "exercise: --to says where rsyslogd listens: tcp:127.0.0.1:5514");
    if ((a->alerts == NULL) == (a->listen == NULL))
        return mf_complain(MF_EXIT_USAGE, "exercise: either --alerts FILE or --listen ADDRESS says where alerts come");
    code = take_address("to", a->to, a->elsewhere, &job->target);
    if (code == MF_EXIT_OK && a->listen != NULL)
        code = take_address("listen", a->listen, a->elsewhere, &job->listen);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(&mf_command_exercise, "timeout", a->timeout, 0.1, 86400, 30, &job->timeout);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(&mf_command_exercise, "seed", a->seed, 0, 4294967295.0,
                               (double)(mf_clock_now() % 4294967295), &seed);
    if (code == MF_EXIT_OK)
        code = mf_flags_number(&mf_command_exercise, "pace", a->pace, 0.1, 1000000, 0, &job->play.pace);
    if (code != MF_EXIT_OK)
        return code;
    job->world = (struct mf_world){(uint64_t)seed, "exercise.example"};
    job->profile = a->profile != NULL ? a->profile : "okta";
    job->traffic = mf_traffic_load(mf_tool_profile_dir(a), job->profile, &error);
    if (job->traffic == NULL)
        return mf_complain(MF_EXIT_BAD, "%s", error.text);
    if (mf_traffic_needs_header(job->traffic))
        job->play.framing = MF_FRAMING_RFC5424;
    for (unsigned i = 0; a->framing != NULL && mf_framings[i] != NULL; i++)
        if (strcmp(mf_framings[i], a->framing) == 0)
            job->play.framing = (enum mf_framing)i;
    return take_story(job);
}

/* ---- hearing alerts ---- */

static bool is_ours(const struct job *job, const struct mf_alert_line *alert)
{
    for (unsigned i = 0; i < job->episode.n_users; i++)
        if (strcmp(job->episode.user[i], alert->user) == 0)
            return true;
    return false;
}

static bool is_reached(const struct job *job, const struct mf_alert_line *alert)
{
    if (!job->story->attack)
        return alert->level > job->expect;
    return alert->level >= job->expect && (!job->wants_critical || alert->severity == MF_SEVERITY_CRITICAL);
}

static void take_line(struct job *job, const char *bytes, size_t length)
{
    struct mf_alert_line alert;

    if (!mf_alert_line_parse(&job->record, bytes, length, &alert) || !is_ours(job, &alert))
        return;
    alert.json = (struct mf_slice){NULL, 0}; /* lives no longer than the line */
    job->alerts++;
    if (job->first_at == 0) {
        job->first_at = mf_clock_running();
        job->first = alert;
    }
    if (alert.level >= job->best.level)
        job->best = alert;
    if (job->reached_at == 0 && is_reached(job, &alert)) {
        job->reached_at = mf_clock_running();
        job->best = alert;
    }
}

/* Hands out whole lines; what is longer than can be held is none of ours. */
static void cut_lines(struct job *job, struct ear *ear)
{
    char *start = ear->held, *newline;

    while ((newline = memchr(start, '\n', ear->used - (size_t)(start - ear->held))) != NULL) {
        take_line(job, start, (size_t)(newline - start));
        start = newline + 1;
    }
    ear->used -= (size_t)(start - ear->held);
    memmove(ear->held, start, ear->used);
    if (ear->used == sizeof ear->held)
        ear->used = 0;
}

/* The file may come later, be moved away and begin anew. */
static void read_file(struct job *job)
{
    struct ear *ear = &job->ear[0];
    int fd = open(job->arguments->alerts, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat stat;

    if (fd < 0)
        return;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
        if (stat.st_ino != job->inode || stat.st_size < job->offset) {
            job->offset = 0;
            ear->used = 0;
        }
        job->inode = stat.st_ino;
        ssize_t n;
        while ((n = pread(fd, ear->held + ear->used, sizeof ear->held - ear->used, job->offset)) > 0) {
            job->offset += n;
            ear->used += (size_t)n;
            cut_lines(job, ear);
        }
    }
    close(fd);
}

/* What stands in it already is of no interest. */
static int open_file(struct job *job)
{
    struct stat stat_;

    if (stat(job->arguments->alerts, &stat_) == 0) {
        if (!S_ISREG(stat_.st_mode))
            return mf_complain(MF_EXIT_IO, "%s: this is no regular file", job->arguments->alerts);
        if (access(job->arguments->alerts, R_OK) != 0)
            return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->alerts, strerror(errno));
        job->inode = stat_.st_ino;
        job->offset = stat_.st_size;
    }
    return MF_EXIT_OK;
}

static void hear(struct job *job, struct ear *ear)
{
    ssize_t n = recv(ear->fd, ear->held + ear->used, sizeof ear->held - ear->used, MSG_DONTWAIT);

    if (n > 0) {
        ear->used += (size_t)n;
        if (job->listen.udp) {
            take_line(job, ear->held, ear->used);
            ear->used = 0;
        } else {
            cut_lines(job, ear);
        }
    } else if (!job->listen.udp && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
        take_line(job, ear->held, ear->used);
        close(ear->fd);
        *ear = (struct ear){.fd = -1};
    }
}

static void let_in(struct job *job)
{
    int fd = accept(job->door, NULL, NULL);

    for (unsigned i = 0; fd >= 0 && i < PEERS_MAX; i++)
        if (job->ear[i].fd < 0) {
            job->ear[i].fd = fd;
            return;
        }
    if (fd >= 0)
        close(fd);
}

static void listen_for(struct job *job, int milliseconds)
{
    struct pollfd fds[PEERS_MAX + 1];
    nfds_t n = 0;

    if (!job->listen.udp)
        fds[n++] = (struct pollfd){.fd = job->door, .events = POLLIN};
    for (unsigned i = 0; i < PEERS_MAX; i++)
        fds[n++] = (struct pollfd){.fd = job->ear[i].fd, .events = POLLIN};
    if (poll(fds, n, milliseconds) <= 0)
        return;
    for (nfds_t i = job->listen.udp ? 0 : 1; i < n; i++)
        if (fds[i].revents != 0)
            hear(job, &job->ear[i - (job->listen.udp ? 0 : 1)]);
    if (!job->listen.udp && fds[0].revents != 0)
        let_in(job);
}

static void look(struct job *job, int milliseconds)
{
    if (job->arguments->listen != NULL) {
        listen_for(job, milliseconds);
    } else {
        read_file(job);
        if (job->reached_at == 0)
            mf_clock_rest(milliseconds);
    }
}

static int open_ears(struct job *job)
{
    for (unsigned i = 0; i < PEERS_MAX; i++)
        job->ear[i].fd = -1;
    if (job->arguments->alerts != NULL)
        return open_file(job);
    job->door = mf_target_listen(&job->listen);
    if (job->door < 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->listen, strerror(errno));
    if (job->listen.udp) {
        job->ear[0].fd = job->door;
        job->door = -1;
    }
    return MF_EXIT_OK;
}

static void close_ears(struct job *job)
{
    for (unsigned i = 0; i < PEERS_MAX; i++)
        if (job->ear[i].fd >= 0)
            close(job->ear[i].fd);
    if (job->door >= 0)
        close(job->door);
}

/* ---- telling ---- */

static bool send_line(void *context, mf_time time, struct mf_slice line)
{
    struct job *job = context;

    if (job->play.pace > 0)
        look(job, 0); /* alerts may come while it is told */
    return mf_play_line(&job->play, time, line);
}

/* At once: it ends now. At a pace: it begins now, or so early that it ends when the last record is sent. */
static void tell(struct job *job)
{
    struct mf_stage rehearsal = job->stage;
    mf_time now = mf_clock_now(), span;

    mf_story_tell(&rehearsal, job->story, 0, now, 0, &job->episode);
    span = job->episode.end - now;
    mf_stage_fini(&rehearsal);
    if (job->play.pace > 0)
        now += (mf_time)((double)span / job->play.pace);
    mf_story_tell(&job->stage, job->story, 0, now - span, 0, &job->episode);
    job->wants_critical = job->story->attack && job->episode.approval != MF_TIME_NONE &&
                          job->arguments->expect == NULL && job->expect == MF_ANOMALOUS;
    mf_stage_take(&job->stage, INT64_MAX, send_line, job);
    job->sent_at = mf_clock_running();
}

static void wait_for_alert(struct job *job)
{
    int64_t end = job->sent_at + (int64_t)(job->timeout * 1000);
    int64_t left;

    while (job->reached_at == 0 && (left = end - mf_clock_running()) > 0)
        look(job, left < 50 ? (int)left : 50);
}

/* ---- what came of it ---- */

static bool passed(const struct job *job)
{
    return (job->reached_at != 0) == job->story->attack;
}

static double seconds(int64_t milliseconds)
{
    return (double)milliseconds / 1000.0;
}

static void write_alert(struct mf_output *output, const char *key, const struct job *job,
                        const struct mf_alert_line *alert, int64_t at)
{
    if (alert->incident[0] == '\0')
        return;
    mf_json_begin(output, key);
    mf_json_text(output, "incident", alert->incident);
    mf_json_time(output, "time", alert->time);
    mf_json_text(output, "level", mf_level_name(alert->level));
    mf_json_text(output, "severity", mf_severity_name(alert->severity));
    mf_json_text(output, "signals", alert->signals);
    mf_json_count(output, "prompts", alert->prompts);
    mf_json_degrees(output, "attack_seconds", seconds(alert->time - job->episode.begin));
    if (at != 0)
        mf_json_degrees(output, "delivery_seconds", seconds(at > job->sent_at ? at - job->sent_at : 0));
    mf_json_end(output, key);
}

static int say_json(const struct job *job)
{
    static struct mf_output output;

    mf_output_init(&output, 1);
    mf_json_begin(&output, NULL);
    mf_json_text(&output, "story", job->story->name);
    mf_json_bool(&output, "passed", passed(job));
    mf_json_text(&output, "profile", job->profile);
    mf_json_text(&output, "user", job->episode.user[0]);
    mf_json_count(&output, "seed", job->world.seed);
    mf_json_count(&output, "records", job->play.lines);
    mf_json_count(&output, "prompts", job->episode.prompts);
    mf_json_time(&output, "begin", job->episode.begin);
    mf_json_time(&output, "end", job->episode.end);
    mf_json_text(&output, job->story->attack ? "level_at_least" : "level_at_most", mf_level_name(job->expect));
    mf_json_count(&output, "alerts", job->alerts);
    write_alert(&output, "first", job, &job->first, job->first_at);
    write_alert(&output, "reached", job, &job->best, job->reached_at);
    mf_json_end(&output, NULL);
    return mf_output_finish(&output);
}

static void say_alert(const struct job *job, const char *what, const struct mf_alert_line *alert, int64_t at)
{
    if (alert->incident[0] == '\0')
        return;
    printf("%-9s %s/%s after %.0f s and %u prompts of the attack", what, mf_level_name(alert->level),
           mf_severity_name(alert->severity), seconds(alert->time - job->episode.begin), alert->prompts);
    if (at != 0)
        printf(", here %.2f s after the last record was sent", seconds(at > job->sent_at ? at - job->sent_at : 0));
    printf("\n%-9s ", "");
    mf_console_text(stdout, alert->incident, strlen(alert->incident));
    fputs(": ", stdout);
    mf_console_text(stdout, alert->signals, strlen(alert->signals));
    putchar('\n');
}

static void say_human(const struct job *job)
{
    bool good = passed(job);

    printf("%-9s %s of %s, seed %llu\n", "story", job->story->name, job->episode.user[0],
           (unsigned long long)job->world.seed);
    printf("%-9s %llu records of %.0f s to %s\n", "sent", (unsigned long long)job->play.lines,
           seconds(job->episode.end - job->episode.begin), job->arguments->to);
    say_alert(job, "first", &job->first, job->first_at);
    if (job->alerts > 1)
        say_alert(job, "highest", &job->best, job->reached_at);
    printf("%-9s %s%s%s: ", "result", mf_console_style(stdout, good ? MF_BOLD : MF_RED), good ? "passed" : "FAILED",
           mf_console_style(stdout, MF_PLAIN));
    if (job->story->attack)
        printf("an alert of %s%s or above %s within %.10g s\n", mf_level_name(job->expect),
               job->wants_critical ? "/critical" : "", good ? "came" : "did not come", job->timeout);
    else
        printf("%s alert above %s came within %.10g s\n", good ? "no" : "an", mf_level_name(job->expect), job->timeout);
}

static int report(const struct job *job)
{
    int code = MF_EXIT_OK;

    if (mf_flags_json(job->arguments))
        code = say_json(job);
    else
        say_human(job);
    return code == MF_EXIT_OK && !passed(job) ? MF_EXIT_FOUND : code;
}

static int exercise(struct job *job)
{
    int code = open_ears(job), error;

    if (code != MF_EXIT_OK)
        return code;
    if ((error = mf_play_connect(&job->play, &job->target)) != 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->to, strerror(error));
    tell(job);
    if (job->stage.no_memory)
        return mf_complain(MF_EXIT_IO, "not enough memory for the story");
    if (job->play.error != 0)
        return mf_complain(MF_EXIT_IO, "%s: %s", job->arguments->to, strerror(job->play.error));
    wait_for_alert(job);
    return report(job);
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    struct mf_error error;
    int code;

    job.arguments = arguments;
    job.play.fd = job.door = -1;
    for (unsigned i = 0; i < PEERS_MAX; i++)
        job.ear[i].fd = -1;
    code = take_arguments(&job);
    if (code == MF_EXIT_OK && mf_record_init(&job.record, &mf_record_default_limits, &error) != 0)
        code = mf_complain(MF_EXIT_IO, "%s", error.text);
    mf_stage_init(&job.stage, job.traffic, &job.world, "mfatigue-exercise");
    if (code == MF_EXIT_OK)
        code = exercise(&job);
    mf_play_close(&job.play);
    close_ears(&job);
    mf_record_fini(&job.record);
    mf_stage_fini(&job.stage);
    mf_traffic_free(job.traffic);
    return code;
}

static const char *const levels[] = {"notice", "suspicious", "anomalous", NULL};

static const struct mf_flag flags[] = {
    {"to", 0, "ADDRESS", offsetof(struct mf_arguments, to), NULL,
     "where rsyslogd takes the logs: tcp:127.0.0.1:5514 or\nudp:[::1]:514"},
    {"alerts", 0, "FILE", offsetof(struct mf_arguments, alerts), NULL, "the file that alerts are written to"},
    {"listen", 0, "ADDRESS", offsetof(struct mf_arguments, listen), NULL,
     "or where they are sent to: an address to listen on"},
    {"timeout", 0, "SECONDS", offsetof(struct mf_arguments, timeout), NULL, "how long to wait for it: 30"},
    {"expect", 0, "LEVEL", offsetof(struct mf_arguments, expect), levels,
     "the level to wait for, or that a look-alike may reach;\nwithout it, that of the story"},
    {"profile", 0, "NAME", offsetof(struct mf_arguments, profile), NULL, "whose records: okta (the default), ..."},
    {"framing", 0, "NAME", offsetof(struct mf_arguments, framing), mf_framings,
     "none (the default), rfc3164, rfc5424 or\noctet-counted; rfc5424 is the default for lines that\nbegin with a date "
     "of their own"},
    {"pace", 0, "N", offsetof(struct mf_arguments, pace), NULL,
     "N times as fast as it happens, 1 is as it happens;\nwithout it, at once"},
    {"seed", 0, "N", offsetof(struct mf_arguments, seed), NULL, "who is attacked; without it, by the clock"},
    {"elsewhere", 0, NULL, offsetof(struct mf_arguments, elsewhere), NULL, "addresses need not be of this host"},
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("human (the default); json or ndjson: one object"),
    {0},
};

const struct mf_command mf_command_exercise = {
    .name = "exercise",
    .summary = "rehearse an attack against a live rsyslogd, and time the alert",
    .operands = "[STORY]",
    .description = "Sends a made-up attack (push_bombing_approved, or a STORY of \"simulate --list\") to a live\n"
                   "rsyslogd as syslog, waits for its alert, and says after how many prompts it was raised and how\n"
                   "long it took to arrive. Exit code 0: it came; 1: it did not. With a look-alike the other way\n"
                   "round. Users are of exercise.example, and new each time, so that no history excuses them.\n",
    .flags = flags,
    .examples = "  mfatigue exercise --to tcp:127.0.0.1:5514 --alerts /var/log/mfatigue-alerts.json\n"
                "  mfatigue exercise --to udp:127.0.0.1:514 --framing rfc5424 --listen tcp:127.0.0.1:6514\n"
                "  mfatigue exercise --to tcp:127.0.0.1:5514 --alerts alerts.json -o json dead_phone | jq .passed\n",
    .run = run,
};
