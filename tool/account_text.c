/* tool/account_text.c
 *
 * Headings, and lines that wrap at a width which fits a window. Everything but the colours goes through
 * mf_console_text(), so that nothing from a record acts on the terminal. */

#include "account_text.h"

#include <string.h>

#include "console.h"
#include "phrases.h"

enum { WIDTH = 100, LABEL = 10 };

/* ---- lines ---- */

static void put(FILE *out, const char *bytes, size_t length)
{
    mf_console_text(out, bytes, length);
}

static void pad(FILE *out, size_t n)
{
    fprintf(out, "%*s", (int)n, "");
}

/* Prints at most as much as fits between `indent` and WIDTH, and returns where the next line begins. */
static const char *put_line(FILE *out, const char *text, size_t indent)
{
    size_t room = WIDTH - indent, length = strlen(text), cut;

    if (length <= room) {
        put(out, text, length);
        return text + length;
    }
    for (cut = room; cut > 0 && text[cut] != ' '; cut--)
        ;
    if (cut == 0)
        for (cut = room; cut < length && text[cut] != ' '; cut++)
            ;
    put(out, text, cut);
    while (text[cut] == ' ')
        cut++;
    return text + cut;
}

/* The text, wrapped; the cursor stands at `indent`. */
static void put_wrapped(FILE *out, const char *text, size_t indent)
{
    for (;;) {
        text = put_line(out, text, indent);
        putc('\n', out);
        if (*text == '\0')
            return;
        pad(out, indent);
    }
}

/* A label in a column of `width`, then the text. */
static void labelled(FILE *out, const char *label, size_t indent, size_t width, const char *text)
{
    size_t length = strlen(label);

    pad(out, indent);
    put(out, label, length);
    pad(out, length < width ? width - length : 1);
    put_wrapped(out, text, indent + (length < width ? width : length + 1));
}

static void field(FILE *out, const char *label, const char *text)
{
    if (text[0] != '\0')
        labelled(out, label, 4, LABEL, text);
}

static void field_slice(FILE *out, const char *label, struct mf_slice value)
{
    char text[MF_SENTENCE] = "";

    mf_append_slice(text, sizeof text, value);
    field(out, label, text);
}

static void heading(FILE *out, const char *text)
{
    fprintf(out, "  %s%s%s\n", mf_console_style(stdout, MF_BOLD), text, mf_console_style(stdout, MF_PLAIN));
}

static void say_line(void *context, const char *sentence)
{
    FILE *out = context;

    pad(out, 4);
    put_wrapped(out, sentence, 4);
}

/* ---- the first lines ---- */

static enum mf_style style_of(enum mf_level level)
{
    return level == MF_ANOMALOUS ? MF_RED : level == MF_NORMAL ? MF_PLAIN : MF_YELLOW;
}

static void put_title(FILE *out, const struct mf_account *account)
{
    const struct mf_judged *judged = account->judged;
    const struct mf_verdict *verdict = judged->verdict;
    char time[MF_TIME_TEXT], text[MF_SENTENCE] = "";

    mf_append(text, sizeof text, "record %llu", (unsigned long long)account->place->line.number);
    if (account->place->file != NULL)
        mf_append(text, sizeof text, " of %s", account->place->file);
    if (account->read != NULL) {
        mf_time_format(account->event.time, time);
        mf_append(text, sizeof text, ": %s, ", time);
        mf_append_slice(text, sizeof text, account->event.user);
        mf_append(text, sizeof text, ", %s", mf_kind_name(account->event.kind));
    }
    fputs(mf_console_style(stdout, MF_BOLD), out);
    put(out, text, strlen(text));
    fputs(mf_console_style(stdout, MF_PLAIN), out);
    putc('\n', out);
    if (verdict == NULL)
        fprintf(out, "  %snot judged%s: %s\n", mf_console_style(stdout, MF_YELLOW), mf_console_style(stdout, MF_PLAIN),
                mf_skip_name(judged->skip));
    else
        fprintf(out, "  %s%s%s, %u points, severity %s\n", mf_console_style(stdout, style_of(verdict->level)),
                mf_level_name(verdict->level), mf_console_style(stdout, MF_PLAIN), verdict->score,
                mf_severity_name(verdict->severity));
}

/* ---- how it was read ---- */

static void put_kind(FILE *out, const struct mf_account *account)
{
    char text[MF_SENTENCE] = "";

    mf_append(text, sizeof text, "%s: %s", mf_kind_name(account->event.kind), mf_phrase_kind(account->event.kind));
    if (account->event.prompts > 0)
        mf_append(text, sizeof text, "; the user was prompted");
    field(out, "kind", text);
}

static void append_country(char *text, size_t size, const char country[2])
{
    if (country[0] != '\0')
        mf_append(text, size, ", %.2s", country);
}

static void append_part(char *text, size_t size, struct mf_slice part)
{
    if (part.length == 0)
        return;
    mf_append(text, size, ", ");
    mf_append_slice(text, size, part);
}

static void put_source(FILE *out, const struct mf_event *event)
{
    char text[MF_SENTENCE] = "", ip[MF_IP_TEXT];

    if (event->source.family != 0)
        mf_ip_format(&event->source, ip);
    mf_append(text, sizeof text, "%s", event->source.family != 0 ? ip : "not told");
    append_country(text, sizeof text, event->country);
    append_part(text, sizeof text, event->region);
    append_part(text, sizeof text, event->city);
    if (event->asn != 0)
        mf_append(text, sizeof text, ", AS%u", (unsigned)event->asn);
    append_part(text, sizeof text, event->as_org);
    if (event->has_coordinates)
        mf_append(text, sizeof text, ", at %.2f %.2f", event->latitude, event->longitude);
    if (event->proxy)
        mf_append(text, sizeof text, ", a proxy by the provider's word");
    if (event->answer_source)
        mf_append(text, sizeof text, "; may be the answering phone's");
    field(out, "source", text);
    if (event->responder.family == 0 && event->responder_country[0] == '\0')
        return;
    text[0] = '\0';
    if (event->responder.family != 0)
        mf_ip_format(&event->responder, ip);
    mf_append(text, sizeof text, "%s", event->responder.family != 0 ? ip : "address not told");
    append_country(text, sizeof text, event->responder_country);
    field(out, "phone", text);
}

static void put_factor(FILE *out, const struct mf_event *event)
{
    char text[MF_SENTENCE] = "";

    if (event->factor == MF_FACTOR_UNKNOWN && event->factor_text.length == 0)
        return;
    mf_append(text, sizeof text, "%s", event->factor == MF_FACTOR_UNKNOWN ? "unknown" : mf_factor_name(event->factor));
    if (event->factor_text.length > 0) {
        mf_append(text, sizeof text, ", as the provider wrote it: ");
        mf_append_slice(text, sizeof text, event->factor_text);
    }
    field(out, "factor", text);
}

struct taken {
    FILE *out;
    bool any;
};

static void put_taken(void *context, const char *sentence)
{
    struct taken *taken = context;

    labelled(taken->out, taken->any ? "" : "taken", 4, LABEL, sentence);
    taken->any = true;
}

static void put_reading(FILE *out, const struct mf_account *account)
{
    const struct mf_event *event = &account->event;
    char time[MF_TIME_TEXT];
    struct taken taken = {out, false};

    heading(out, "How it was read");
    field(out, "profile", account->judged->reading->profile == NULL ? "" : account->judged->reading->profile);
    field_slice(out, "tenant", event->tenant);
    field_slice(out, "type", event->type);
    put_kind(out, account);
    mf_time_format(event->time, time);
    field(out, "time", time);
    field_slice(out, "user", event->user);
    field_slice(out, "done by", event->actor);
    put_source(out, event);
    put_factor(out, event);
    field_slice(out, "outcome", event->outcome);
    field_slice(out, "reason", event->reason);
    field_slice(out, "app", event->app);
    field_slice(out, "device", event->device);
    field_slice(out, "agent", event->user_agent);
    field_slice(out, "risk", event->risk);
    field_slice(out, "id", event->id);
    mf_account_taken(account, put_taken, &taken);
    if (!taken.any)
        field(out, "taken", "nothing: all of it stands in the record");
}

/* ---- what was asked ---- */

static void put_signal(FILE *out, const struct mf_account *account, unsigned index)
{
    enum { INDENT = 13 };
    const struct mf_finding *kept = mf_account_kept(account, index);
    char text[2 * MF_SENTENCE], answer[MF_SENTENCE];

    mf_account_answer(account, index, answer);
    snprintf(text, sizeof text, "%s %s.", mf_signals[index]->question, answer);
    if (kept != NULL)
        fprintf(out, "      %s%+5d%s  ", mf_console_style(stdout, MF_YELLOW), (int)kept->points,
                mf_console_style(stdout, MF_PLAIN));
    else
        fprintf(out, "          -  ");
    fprintf(out, "%s\n", mf_signals[index]->name);
    pad(out, INDENT);
    put_wrapped(out, text, INDENT);
}

/* In a few words. */
static void append_quiet(char *text, size_t size, const struct mf_account *account, unsigned index)
{
    const struct mf_signal *signal = mf_signals[index];
    const struct mf_answer *answer = &account->judged->explained->answer[index];
    const struct mf_finding *finding = &answer->finding;

    mf_append(text, size, "%s%s (", text[0] == '\0' ? "" : ", ", signal->name);
    if (answer->state == MF_ANSWER_DISABLED) {
        mf_append(text, size, "switched off");
    } else if (answer->state == MF_ANSWER_LISTED) {
        mf_append(text, size, "not asked, the source is listed");
    } else if (answer->state == MF_ANSWER_NOT_CARRIED) {
        mf_append(text, size, "not asked, the feed lacks ");
        mf_append_carried(text, size, signal->needs & ~account->judged->explained->carries);
    } else if (finding->threshold == 0 || mf_phrase_unit(signal)[0] == '\0') {
        mf_append(text, size, "no");
    } else {
        mf_append(text, size, signal->below ? "%u, not below %u" : "%u of %u", finding->observed, finding->threshold);
    }
    mf_append(text, size, ")");
}

static void put_group(FILE *out, const struct mf_account *account, enum mf_group group)
{
    char quiet[4 * MF_SENTENCE] = "";

    fprintf(out, "    %s: %u points\n", mf_phrase_group(group), account->judged->verdict->group[group]);
    for (unsigned i = 0; i < mf_n_signals; i++) {
        if (mf_signals[i]->group != group)
            continue;
        if (account->all || mf_account_kept(account, i) != NULL)
            put_signal(out, account, i);
        else
            append_quiet(quiet, sizeof quiet, account, i);
    }
    if (quiet[0] != '\0')
        labelled(out, "silent:", 6, 8, quiet);
}

/* ---- the sum ---- */

static void put_group_sum(FILE *out, const struct mf_account *account, enum mf_group group)
{
    const struct mf_verdict *verdict = account->judged->verdict;
    const struct mf_verdict_conf *conf = &account->policy->verdict;
    const unsigned cap[MF_N_GROUPS] = {conf->volume_cap, conf->outcome_cap, conf->source_cap, conf->session_cap};
    unsigned points = verdict->points[group];
    char text[MF_SENTENCE] = "";

    if (points == 0)
        return;
    mf_append(text, sizeof text, "%u", points);
    if (group == MF_GROUP_SOURCE && verdict->hints > verdict->hints_counted) {
        points -= verdict->hints - verdict->hints_counted;
        mf_append(text, sizeof text, "; %u of them say only where from, and such add up to %u at most: %u",
                  verdict->hints, verdict->hints_counted, points);
    }
    if (points > cap[group]) {
        points = cap[group];
        mf_append(text, sizeof text, "; the group adds up to %u at most: %u", cap[group], points);
    }
    if (group == MF_GROUP_VOLUME && verdict->halved)
        mf_append(text, sizeof text,
                  "; halved, as no source of the run is unfamiliar, nothing was refused and there were fewer than %d "
                  "prompts (approved ones count as one): %u",
                  MF_MANY_PROMPTS, verdict->group[group]);
    field(out, mf_phrase_group(group), text);
}

static void put_sum(FILE *out, const struct mf_account *account)
{
    const struct mf_verdict *verdict = account->judged->verdict;
    char text[MF_SENTENCE] = "";
    unsigned sum = 0, parts = 0;

    for (unsigned i = 0; i < MF_N_GROUPS; i++) {
        put_group_sum(out, account, (enum mf_group)i);
        if (verdict->group[i] > 0)
            mf_append(text, sizeof text, "%s%u", sum > 0 ? " + " : "", verdict->group[i]);
        sum += verdict->group[i];
        parts += verdict->group[i] > 0;
    }
    if (parts != 1)
        mf_append(text, sizeof text, "%s%u", parts == 0 ? "" : " = ", sum);
    if (sum != verdict->score)
        mf_append(text, sizeof text, ", cut to %u", verdict->score);
    field(out, "score", text);
    mf_account_level(account, text);
    field(out, "level", text);
}

/* ---- the whole ---- */

static void put_judged(FILE *out, const struct mf_account *account)
{
    char text[MF_SENTENCE];

    heading(out, "What was known");
    mf_account_known(account, say_line, out);
    mf_account_feed(account, say_line, out);
    heading(out, "What happens");
    mf_account_run(account, text);
    say_line(out, text);
    mf_account_rate(account, text);
    say_line(out, text);
    heading(out, "What was asked");
    for (unsigned i = 0; i < MF_N_GROUPS; i++)
        put_group(out, account, (enum mf_group)i);
    heading(out, "How it adds up");
    put_sum(out, account);
}

static void put_skip(FILE *out, const struct mf_account *account)
{
    const struct mf_judged *judged = account->judged;
    char text[MF_SENTENCE];

    heading(out, "Why it was not judged");
    mf_account_silence(account, text);
    say_line(out, text);
    field(out, "profile", judged->reading->profile == NULL || account->read != NULL ? "" : judged->reading->profile);
    field_slice(out, "type", judged->reading->unmapped);
    field_slice(out, "member", judged->reading->member);
    field(out, "help", mf_phrase_skip_help(judged->skip));
}

/* One more event of a record whose reading was told. */
static void put_again(FILE *out, const struct mf_account *account)
{
    char text[MF_SENTENCE];

    fprintf(out, "%srecord %llu also tells:%s %s\n", mf_console_style(stdout, MF_BOLD),
            (unsigned long long)account->place->line.number, mf_console_style(stdout, MF_PLAIN),
            mf_phrase_kind(account->event.kind));
    mf_account_silence(account, text);
    say_line(out, text);
    putc('\n', out);
}

void mf_account_text(const struct mf_account *account, FILE *out)
{
    const struct mf_judged *judged = account->judged;
    char text[MF_SENTENCE];

    if (account->again && judged->skip == MF_SKIP_NONE && judged->explained == NULL && account->closed[0] == '\0') {
        put_again(out, account);
        return;
    }
    put_title(out, account);
    if (account->read != NULL)
        put_reading(out, account);
    if (judged->skip != MF_SKIP_NONE) {
        put_skip(out, account);
    } else if (judged->explained == NULL) {
        heading(out, "What was asked");
        mf_account_silence(account, text);
        say_line(out, text);
    } else {
        put_judged(out, account);
    }
    if (judged->verdict != NULL) {
        heading(out, "The incident");
        mf_account_incident(account, text);
        say_line(out, text);
    }
    putc('\n', out);
}
