/* tool/coverage.c
 *
 * mfatigue coverage: what each feed carries, and hence which signals can fire on it and which cannot; what is missing, and
 * what would turn it on. */

#include <string.h>

#include "clock.h"
#include "command.h"
#include "coverage_json.h"
#include "coverage_verdict.h"
#include "pass.h"

struct job {
    struct mf_pass pass;
    struct mf_coverage coverage;
    enum mf_support fail_on;
    mf_time silence, as_of;
    enum mf_support worst;
    unsigned silent;
};

static void take_judged(void *context, const struct mf_judged *judged)
{
    mf_coverage_take(&((struct job *)context)->coverage, judged);
}

/* ---- people ---- */

static void say_count(const char *what, uint64_t n)
{
    char count[MF_COUNT_TEXT];

    if (n > 0)
        printf("    %-22s %12s\n", what, mf_console_count(n, count));
}

static void say_kinds(const struct mf_cover_feed *feed)
{
    char spark[MF_SPARK_TEXT], count[MF_COUNT_TEXT];

    mf_spark(feed->series.count, MF_SERIES_BUCKETS, spark);
    printf("  %-24s %12s  %s\n", "events", mf_console_count(feed->events, count), spark);
    for (unsigned kind = 0; kind < MF_N_KINDS; kind++) {
        if (feed->kind[kind] == 0)
            continue;
        mf_spark(feed->kinds[kind].count, MF_SERIES_BUCKETS, spark);
        printf("    %-22s %12s  %s\n", mf_kind_name((enum mf_kind)kind), mf_console_count(feed->kind[kind], count),
               spark);
    }
}

static void say_never(const struct mf_cover_feed *feed)
{
    unsigned width = 0;

    for (unsigned kind = 0; kind < MF_N_KINDS; kind++) {
        const char *name = mf_kind_name((enum mf_kind)kind);

        if (feed->kind[kind] > 0)
            continue;
        width += (unsigned)strlen(name) + 1;
        printf("%s%s", width == strlen(name) + 1 ? "    never: " : width > 80 ? "\n           " : " ", name);
        width = width > 80 ? (unsigned)strlen(name) + 2 : width;
    }
    if (width > 0)
        putchar('\n');
}

static void say_outcomes(const struct mf_cover_feed *feed)
{
    static const enum mf_kind kinds[] = {MF_MFA_CHALLENGE, MF_MFA_SUCCESS,   MF_MFA_DENIED, MF_MFA_TIMEOUT,
                                         MF_MFA_FAILED,    MF_MFA_CANCELLED, MF_MFA_FRAUD};
    enum { N = sizeof kinds / sizeof kinds[0] };
    char count[MF_COUNT_TEXT];

    printf("  outcomes by factor");
    for (unsigned k = 0; k < N; k++)
        printf("%s%10s", k == 0 ? "  " : " ", mf_kind_name(kinds[k]) + strlen("mfa_"));
    putchar('\n');
    for (unsigned factor = 0; factor < MF_N_FACTORS; factor++) {
        uint64_t all = 0;

        for (unsigned k = 0; k < N; k++)
            all += feed->outcome[factor][kinds[k]];
        if (all == 0)
            continue;
        printf("    %-16s", mf_factor_name((enum mf_factor)factor));
        for (unsigned k = 0; k < N; k++)
            printf("%s%10s", k == 0 ? "  " : " ",
                   feed->outcome[factor][kinds[k]] == 0 ? "."
                                                        : mf_console_count(feed->outcome[factor][kinds[k]], count));
        putchar('\n');
    }
}

static void say_fields(const struct mf_cover_feed *feed)
{
    printf("  fields");
    for (unsigned f = 0, n = 0; f < MF_COVER_FIELDS; f++) {
        if (feed->of[f] == 0)
            continue;
        unsigned percent = (unsigned)(feed->has[f] * 100 / feed->of[f]);

        printf("%s%s%s %u %%%s",
               n == 0       ? "  "
               : n % 6 == 0 ? "\n          "
                            : ", ",
               mf_console_style(stdout, percent == 0 ? MF_YELLOW : MF_PLAIN), mf_cover_field_names[f], percent,
               mf_console_style(stdout, MF_PLAIN));
        n++;
    }
    putchar('\n');
}

static void say_lack(const struct mf_lack *lack)
{
    printf("      %s: %s", lack->what, lack->meaning);
    if (lack->why.length > 0) {
        fputs("\n        why: ", stdout);
        mf_console_text(stdout, lack->why.data, lack->why.length);
    }
    if (lack->how.length > 0) {
        fputs("\n        do:  ", stdout);
        mf_console_text(stdout, lack->how.data, lack->how.length);
    }
    putchar('\n');
}

static enum mf_style style_of(enum mf_support support)
{
    return support == MF_BLIND ? MF_RED : support == MF_DEGRADED ? MF_YELLOW : MF_BOLD;
}

/* Which of the signals have this verdict, in one line. */
static void say_names(const struct mf_signal_support *support, enum mf_support which)
{
    unsigned width = 0;

    for (unsigned s = 0; s < mf_n_signals; s++) {
        const char *name = mf_signals[s]->name;

        if (support[s].support != which)
            continue;
        if (width == 0)
            printf("  %s%-8s%s ", mf_console_style(stdout, style_of(which)), mf_support_name(which),
                   mf_console_style(stdout, MF_PLAIN));
        width += (unsigned)strlen(name) + 1;
        printf("%s%s", width > 84 ? "\n           " : width == strlen(name) + 1 ? "" : " ", name);
        width = width > 84 ? (unsigned)strlen(name) + 1 : width;
    }
    if (width > 0)
        putchar('\n');
}

static bool is_told(const struct mf_signal_support *support, unsigned upto, enum mf_support which, const char *what)
{
    for (unsigned s = 0; s < upto; s++)
        for (unsigned i = 0; support[s].support == which && i < support[s].n; i++)
            if (support[s].lack[i].what == what)
                return true;
    return false;
}

/* Each lack once, below the signals that have it. */
static void say_signals(const struct mf_signal_support *support)
{
    for (int which = MF_WORKS; which <= MF_OFF; which++) {
        say_names(support, (enum mf_support)which);
        for (unsigned s = 0; s < mf_n_signals; s++)
            for (unsigned i = 0; support[s].support == (enum mf_support)which && i < support[s].n; i++)
                if (!is_told(support, s, (enum mf_support)which, support[s].lack[i].what))
                    say_lack(&support[s].lack[i]);
    }
}

static void say_age(mf_time age)
{
    if (age >= 2 * MF_DAY)
        printf("%lld days", (long long)(age / MF_DAY));
    else if (age >= 2 * MF_HOUR)
        printf("%lld hours", (long long)(age / MF_HOUR));
    else
        printf("%lld minutes", (long long)(age / MF_MINUTE));
}

static void say_feed(const struct job *job, const struct mf_cover_feed *feed, const struct mf_signal_support *support)
{
    char from[MF_TIME_TEXT], to[MF_TIME_TEXT];
    mf_time age = job->as_of - feed->last;

    mf_time_format(feed->first, from);
    mf_time_format(feed->last, to);
    fputs(mf_console_style(stdout, MF_BOLD), stdout);
    mf_console_text(stdout, feed->idp, strlen(feed->idp));
    fputs(mf_console_style(stdout, MF_PLAIN), stdout);
    if (feed->tenant[0] != '\0') {
        fputs("  tenant ", stdout);
        mf_console_text(stdout, feed->tenant, strlen(feed->tenant));
    }
    printf("\n  %.10s %.5s to %.10s %.5s", from, from + 11, to, to + 11);
    if (age > job->silence) {
        printf(", %ssilent%s for ", mf_console_style(stdout, MF_RED), mf_console_style(stdout, MF_PLAIN));
        say_age(age);
    }
    putchar('\n');
    say_kinds(feed);
    say_never(feed);
    say_outcomes(feed);
    say_fields(feed);
    say_count("late, put in place", feed->late);
    say_count("too late to judge", feed->too_late);
    say_count("delivered again", feed->duplicates);
    say_count("times in the future", feed->clamped);
    say_signals(support);
    putchar('\n');
}

static void say_reader(const struct job *job, unsigned profile)
{
    enum { VALUES = 12 };
    const struct mf_cover_reader *reader = &job->coverage.reader[profile];
    char count[MF_COUNT_TEXT];

    if (reader->unmapped == 0 && reader->broken == 0)
        return;
    printf("%s%s%s  records without an event\n", mf_console_style(stdout, MF_BOLD),
           mf_profiles_name(job->coverage.profiles, profile), mf_console_style(stdout, MF_PLAIN));
    say_count("ignored by a rule", reader->ignored);
    say_count("could not be used", reader->broken);
    say_count("unmapped", reader->unmapped);
    for (unsigned i = 0; i < reader->n && i < VALUES; i++) {
        printf("      %14s  ", mf_console_count(reader->value[i].n, count));
        mf_console_text(stdout, reader->value[i].value, strlen(reader->value[i].value));
        putchar('\n');
    }
    putchar('\n');
}

static void say_skips(const struct job *job)
{
    static const enum mf_skip told[] = {MF_SKIP_TRUNCATED, MF_SKIP_BAD_JSON, MF_SKIP_NO_JSON,      MF_SKIP_NOT_IDP,
                                        MF_SKIP_TOO_LARGE, MF_SKIP_BAD_UTF8, MF_SKIP_NO_USER,      MF_SKIP_BAD_USER,
                                        MF_SKIP_NO_TIME,   MF_SKIP_BAD_TIME, MF_SKIP_DUPLICATE_KEY};

    for (unsigned i = 0; i < sizeof told / sizeof told[0]; i++)
        say_count(mf_skip_name(told[i]), job->coverage.skips[told[i]]);
    if (job->coverage.skips[MF_SKIP_TRUNCATED] > 0)
        puts("      cut on their way, most likely by rsyslog: global(maxMessageSize=\"64k\"), before any other module");
}

static void judge_feed(struct job *job, const struct mf_cover_feed *feed, struct mf_signal_support *support)
{
    const struct mf_policy *policy = mf_engine_policy(job->pass.engine);

    for (unsigned s = 0; s < mf_n_signals; s++) {
        mf_support_judge(&job->coverage, feed, s, policy->signal[s].enabled, &support[s]);
        if (support[s].support != MF_OFF && support[s].support > job->worst)
            job->worst = support[s].support;
    }
    job->silent += job->as_of - feed->last > job->silence;
}

/* ---- what a daemon remembers ---- */

/* Of what came only that it came is kept. */
static void fill_feed(const struct mf_feed_facts *facts, struct mf_cover_feed *feed)
{
    static const struct {
        unsigned carried;
        enum mf_kind kind;
    } kinds[] = {{MF_CARRIES_REFUSALS, MF_MFA_DENIED},
                 {MF_CARRIES_TIMEOUTS, MF_MFA_TIMEOUT},
                 {MF_CARRIES_PASSWORDS, MF_LOGIN_FAILURE},
                 {MF_CARRIES_FACTORS, MF_FACTOR_ENROLLED}};
    static const struct {
        unsigned carried;
        enum mf_cover_field field;
    } fields[] = {{MF_CARRIES_ADDRESSES, MF_COVER_SOURCE},
                  {MF_CARRIES_PLACES, MF_COVER_COUNTRY},
                  {MF_CARRIES_PLACES, MF_COVER_ASN},
                  {MF_CARRIES_COORDINATES, MF_COVER_COORDINATES},
                  {MF_CARRIES_RESPONDERS, MF_COVER_RESPONDER}};

    feed->remembered = true;
    feed->carries = facts->carries;
    feed->first = feed->last = facts->watermark;
    feed->prompts = 1; /* or it would not be a feed of ours */
    feed->kind[MF_MFA_SUCCESS] = facts->approvals;
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        feed->kind[kinds[i].kind] = (facts->carries & kinds[i].carried) != 0;
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        feed->of[fields[i].field] = 1;
        feed->has[fields[i].field] = (facts->carries & fields[i].carried) != 0;
    }
}

/* Its profile is the first of its IdP. */
static void name_feed(const struct job *job, const struct mf_feed_facts *facts, unsigned number,
                      struct mf_cover_feed *feed)
{
    feed->profile = -1;
    mf_slice_copy(feed->idp, sizeof feed->idp, mf_slice_of(facts->idp));
    mf_slice_copy(feed->tenant, sizeof feed->tenant, mf_slice_of(facts->tenant));
    if (facts->idp[0] == '\0')
        snprintf(feed->idp, sizeof feed->idp, "feed %u", number + 1);
    for (size_t p = 0; p < mf_profiles_count(job->coverage.profiles) && feed->profile < 0; p++)
        if (mf_slice_equal(mf_profiles_idp(job->coverage.profiles, p), mf_slice_of(facts->idp)))
            feed->profile = (int)p;
}

static void say_remembered(const struct job *job, const struct mf_cover_feed *feed,
                           const struct mf_signal_support *support)
{
    char time[MF_TIME_TEXT];

    mf_time_format(feed->last, time);
    fputs(mf_console_style(stdout, MF_BOLD), stdout);
    mf_console_text(stdout, feed->idp, strlen(feed->idp));
    fputs(mf_console_style(stdout, MF_PLAIN), stdout);
    if (feed->tenant[0] != '\0') {
        fputs("  tenant ", stdout);
        mf_console_text(stdout, feed->tenant, strlen(feed->tenant));
    }
    printf("\n  last event %.10s %.8s", time, time + 11);
    if (job->as_of - feed->last > job->silence) {
        printf(", %ssilent%s for ", mf_console_style(stdout, MF_RED), mf_console_style(stdout, MF_PLAIN));
        say_age(job->as_of - feed->last);
    }
    printf("\n  carries");
    for (unsigned bit = 0; bit < MF_N_CARRIED; bit++)
        if ((feed->carries & 1u << bit) != 0)
            printf(" %s", mf_carried_name(1u << bit));
    putchar('\n');
    say_signals(support);
    putchar('\n');
}

static void write_remembered(struct job *job, const struct mf_cover_feed *feed, const struct mf_signal_support *support)
{
    struct mf_output *output = &job->pass.output;

    mf_json_begin(output, NULL);
    mf_json_text(output, "feed", feed->idp);
    mf_json_text(output, "tenant", feed->tenant);
    mf_json_time(output, "last", feed->last);
    mf_json_count(output, "age_s", (uint64_t)((job->as_of > feed->last ? job->as_of - feed->last : 0) / MF_SECOND));
    mf_json_bool(output, "silent", job->as_of - feed->last > job->silence);
    mf_json_array_begin(output, "carries");
    for (unsigned bit = 0; bit < MF_N_CARRIED; bit++)
        if ((feed->carries & 1u << bit) != 0)
            mf_json_array_slice(output, mf_slice_of(mf_carried_name(1u << bit)));
    mf_json_array_end(output);
    mf_json_support(output, support);
    mf_json_end(output, NULL);
}

static void tell_remembered(struct job *job, bool json)
{
    struct mf_signal_support support[MF_SIGNALS_MAX];
    struct mf_feed_facts facts;

    if (job->as_of == MF_TIME_NONE)
        job->as_of = mf_clock_now();
    for (unsigned i = 0; mf_engine_feed(job->pass.engine, i, &facts); i++) {
        static struct mf_cover_feed feed;

        memset(&feed, 0, sizeof feed);
        if (facts.watermark == MF_TIME_NONE)
            continue;
        fill_feed(&facts, &feed);
        name_feed(job, &facts, i, &feed);
        judge_feed(job, &feed, support);
        job->coverage.n++;
        if (json)
            write_remembered(job, &feed, support);
        else
            say_remembered(job, &feed, support);
    }
}

/* Beside the daemon that owns it: nothing is changed, nothing is locked. */
static int open_remembered(struct job *job, const struct mf_arguments *arguments)
{
    struct mf_arguments plain = *arguments;
    int code;

    plain.state = NULL;
    code = mf_pass_open(&job->pass, &plain, 0);
    mf_worker_free(job->pass.worker); /* a state is opened before there is one */
    job->pass.worker = NULL;
    return code == MF_EXIT_OK ? mf_tool_open_state(job->pass.engine, arguments->state, MF_STORE_READ) : code;
}

/* ---- the run ---- */

static void tell(struct job *job, bool json)
{
    struct mf_signal_support support[MF_SIGNALS_MAX];

    for (unsigned i = 0; i < job->coverage.n; i++) {
        judge_feed(job, &job->coverage.feed[i], support);
        if (json)
            mf_json_feed(&job->pass.output, &job->coverage, &job->coverage.feed[i], support, job->as_of, job->silence);
        else
            say_feed(job, &job->coverage.feed[i], support);
    }
    for (unsigned i = 0; i < mf_profiles_count(job->coverage.profiles); i++)
        if (json)
            mf_json_unread(&job->pass.output, &job->coverage, i);
        else
            say_reader(job, i);
    if (json)
        mf_json_skips(&job->pass.output, &job->coverage);
    else
        say_skips(job);
}

static int take_arguments(struct job *job, const struct mf_arguments *a)
{
    double hours;
    if (a->state != NULL && strcmp(a->files[0], "-") != 0)
        return mf_complain(MF_EXIT_USAGE, "coverage: --state or files, not both");
    int code = mf_flags_number(&mf_command_coverage, "silence", a->silence, 0, 100000, 24, &hours);

    if (code != MF_EXIT_OK)
        return code;
    job->silence = (mf_time)(hours * (double)MF_HOUR);
    job->as_of = MF_TIME_NONE;
    if (a->as_of != NULL && strcmp(a->as_of, "now") == 0)
        job->as_of = mf_clock_now();
    else if (a->as_of != NULL && !mf_time_parse_iso(mf_slice_of(a->as_of), 0, &job->as_of))
        return mf_complain(MF_EXIT_USAGE,
                           "coverage: --as-of: \"%s\" is neither \"now\" nor a time such as "
                           "2026-03-02T09:14:37Z",
                           a->as_of);
    job->fail_on = MF_OFF;
    for (int support = MF_WORKS; a->fail_on != NULL && support <= MF_BLIND; support++)
        if (strcmp(a->fail_on, mf_support_name((enum mf_support)support)) == 0)
            job->fail_on = (enum mf_support)support;
    return MF_EXIT_OK;
}

static int cover(struct job *job, const struct mf_arguments *arguments)
{
    const struct mf_sink sink = {.judged = take_judged, .context = job, .explain = true};
    bool json = mf_flags_json(arguments);
    int code, finished;

    mf_output_array(&job->pass.output, mf_flags_array(arguments));
    job->coverage.profiles = mf_engine_profiles(job->pass.engine);
    code = arguments->state != NULL ? MF_EXIT_OK : mf_pass_judge(&job->pass, arguments, &sink);
    if (arguments->state != NULL) {
        tell_remembered(job, json);
    } else if (code == MF_EXIT_OK) {
        job->coverage.records = job->pass.records;
        mf_coverage_finish(&job->coverage);
        if (job->as_of == MF_TIME_NONE)
            job->as_of = job->coverage.last;
        tell(job, json);
    }
    finished = mf_output_finish(&job->pass.output);
    code = code != MF_EXIT_OK ? code : finished;
    if (code != MF_EXIT_OK)
        return code;
    if (job->coverage.n == 0)
        return mf_complain(MF_EXIT_BAD, "coverage: no record of any feed was judged");
    return (arguments->fail_on != NULL && (job->worst >= job->fail_on || job->silent > 0)) ? MF_EXIT_FOUND : MF_EXIT_OK;
}

static int run(const struct mf_arguments *arguments)
{
    static struct job job;
    int code = take_arguments(&job, arguments);

    if (code == MF_EXIT_OK)
        code = arguments->state != NULL ? open_remembered(&job, arguments) : mf_pass_open(&job.pass, arguments, 0);
    if (code == MF_EXIT_OK)
        code = cover(&job, arguments);
    mf_pass_close(&job.pass);
    return code;
}

static const char *const supports[] = {"unproven", "degraded", "blind", NULL};

static const struct mf_flag flags[] = {
    {"fail-on", 0, "VERDICT", offsetof(struct mf_arguments, fail_on), supports,
     "exit 1 when a signal is unproven, degraded or blind on\nsome feed, or a feed is silent"},
    {"silence", 0, "HOURS", offsetof(struct mf_arguments, silence), NULL, "a feed is silent after so many hours: 24"},
    {"as-of", 0, "TIME", offsetof(struct mf_arguments, as_of), NULL,
     "until when: \"now\", or RFC 3339; without it, the\nnewest record of all"},
    {"state", 0, "DIR", offsetof(struct mf_arguments, state), NULL,
     "what a daemon remembers there of its feeds, instead of\nlogs; it may be running"},
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    MF_FLAG_OUTPUT("human (the default), json (an array) or ndjson (an\nobject a line)"),
    {0},
};

const struct mf_command mf_command_coverage = {
    .name = "coverage",
    .summary = "what each feed carries, and which signals it supports",
    .operands = "[FILE|-]...",
    .description = "Reads logs as replay does, and says of each feed (provider and tenant) which kinds, outcomes and\n"
                   "fields came and which never did; which signals work on it, which are unproven, degraded or\n"
                   "blind, why, and what to turn on at the provider. Below: late, repeated and cut records,\n"
                   "values that no rule knows, feeds that fell silent.\n",
    .flags = flags,
    .examples = "  mfatigue coverage okta.jsonl.gz duo.jsonl.gz\n"
                "  mfatigue coverage --fail-on blind --as-of now --silence 2 /var/log/mfatigue-records.log\n"
                "  mfatigue coverage --state /var/spool/rsyslog/mfatigue --fail-on blind\n"
                "  mfatigue coverage -o ndjson *.gz | jq -r 'select(.feed) | .blind[]'\n",
    .run = run,
};
