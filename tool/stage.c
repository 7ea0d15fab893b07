/* tool/stage.c
 *
 * Rows of (time, line) that are sorted when they are taken off. */

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

struct row {
    mf_time time;
    uint64_t serial;
    size_t start, length;
};

void mf_stage_init(struct mf_stage *stage, const struct mf_traffic *traffic, const struct mf_world *world,
                   const char *mark)
{
    *stage = (struct mf_stage){.traffic = traffic, .world = world, .mark = mark};
}

void mf_stage_fini(struct mf_stage *stage)
{
    free(stage->row);
    free(stage->text);
}

/* ---- rows ---- */

/* Room for one more of the longest. */
static bool make_room(struct mf_stage *stage)
{
    enum { ROWS = 4096, TEXT = 1 << 20 };

    if (stage->n_rows == stage->room) {
        struct row *row = realloc(stage->row, (stage->room + ROWS) * 2 * sizeof *row);

        if (row == NULL)
            return false;
        stage->row = row;
        stage->room = (stage->room + ROWS) * 2;
    }
    if (stage->size - stage->used < MF_TRAFFIC_MAX) {
        char *text = realloc(stage->text, (stage->size + TEXT) * 2);

        if (text == NULL)
            return false;
        stage->text = text;
        stage->size = (stage->size + TEXT) * 2;
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* What is left moves to the front of the text. */
static void close_up(struct mf_stage *stage, size_t taken)
{
    size_t left = stage->n_rows - taken, used = 0;
    char *text = left == 0 ? NULL : malloc(stage->size);

    if (left > 0 && text == NULL) {
        stage->no_memory = true;
        left = 0;
    }
    memmove(stage->row, stage->row + taken, left * sizeof *stage->row);
    for (size_t i = 0; i < left; i++) {
        memcpy(text + used, stage->text + stage->row[i].start, stage->row[i].length);
        stage->row[i].start = used;
        used += stage->row[i].length;
    }
    if (text != NULL) {
        free(stage->text);
        stage->text = text;
    }
    stage->used = used;
    stage->n_rows = left;
}

void mf_stage_take(struct mf_stage *stage, mf_time until,
                   bool (*take)(void *context, mf_time time, struct mf_slice line), void *context)
{
    size_t n = 0;

    if (stage->n_rows == 0)
        return;
    qsort(stage->row, stage->n_rows, sizeof *stage->row, by_time);
    while (n < stage->n_rows && stage->row[n].time < until) {
        const struct row *row = &stage->row[n++];

        if (!take(context, row->time, (struct mf_slice){stage->text + row->start, row->length}))
            break;
    }
    close_up(stage, n);
}

/* ---- one record ---- */

static void note(struct mf_episode *episode, const struct mf_figure *who, const struct mf_spot *at, mf_time time)
{
    bool known = false;

    if (episode->begin == MF_TIME_NONE || time < episode->begin)
        episode->begin = time;
    if (episode->end == MF_TIME_NONE || time > episode->end)
        episode->end = time;
    for (unsigned i = 0; i < episode->n_users; i++)
        known = known || strcmp(episode->user[i], who->login) == 0;
    if (!known && episode->n_users < MF_EPISODE_USERS)
        mf_slice_copy(episode->user[episode->n_users++], MF_LOGIN_TEXT, mf_slice_of(who->login));
    known = false;
    for (unsigned i = 0; i < episode->n_sources; i++)
        known = known || strcmp(episode->source[i], at->ip) == 0;
    if (!known && episode->n_sources < MF_EPISODE_SOURCES)
        mf_slice_copy(episode->source[episode->n_sources++], MF_IP_TEXT, mf_slice_of(at->ip));
}

/* A time in pieces, for logs that put them together in their own way. */
struct clock {
    char whole[MF_TIME_TEXT], date[11], time[9], fraction[4], year[5], day[3];
};

static void set_clock(struct clock *clock, mf_time time, struct mf_traffic_words *words)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const char **text = words->text, *whole = clock->whole; /* 2026-03-02T09:14:37.412Z */

    mf_time_format(time, clock->whole);
    mf_slice_copy(clock->date, sizeof clock->date, (struct mf_slice){whole, 10});
    mf_slice_copy(clock->time, sizeof clock->time, (struct mf_slice){whole + 11, 8});
    mf_slice_copy(clock->fraction, sizeof clock->fraction, (struct mf_slice){whole + 20, 3});
    mf_slice_copy(clock->year, sizeof clock->year, (struct mf_slice){whole, 4});
    mf_slice_copy(clock->day, sizeof clock->day, (struct mf_slice){whole + 8, 2});
    text[MF_WORD_TIME] = whole;
    text[MF_WORD_DATE] = clock->date;
    text[MF_WORD_CLOCK] = clock->time;
    text[MF_WORD_FRACTION] = clock->fraction;
    text[MF_WORD_YEAR] = clock->year;
    text[MF_WORD_MONTH] = months[((whole[5] - '0') * 10 + whole[6] - '0' - 1) % 12];
    text[MF_WORD_DAY] = clock->day;
}

static void write_record(struct mf_stage *stage, const char *step, unsigned index, mf_time time,
                         struct mf_traffic_words *words)
{
    char plain[MF_TIME_TEXT], seconds[24], ms[24], id[160];
    struct clock clock;

    if (!make_room(stage)) {
        stage->no_memory = true;
        return;
    }
    set_clock(&clock, time, words);
    mf_slice_copy(plain, sizeof plain, (struct mf_slice){clock.whole, strlen(clock.whole) - 1});
    snprintf(seconds, sizeof seconds, "%lld", (long long)(time / 1000));
    snprintf(ms, sizeof ms, "%lld", (long long)time);
    snprintf(id, sizeof id, "%s-%llx-%llx", stage->mark, (unsigned long long)stage->world->seed,
             (unsigned long long)++stage->serial);
    words->text[MF_WORD_TIME_PLAIN] = plain;
    words->text[MF_WORD_SECONDS] = seconds;
    words->text[MF_WORD_MS] = ms;
    words->text[MF_WORD_ID] = id;

    struct row *row = &stage->row[stage->n_rows++];
    *row = (struct row){time, stage->serial, stage->used, 0};
    row->length = mf_traffic_record(stage->traffic, step, index, words, stage->text + stage->used, MF_TRAFFIC_MAX);
    stage->used += row->length;
}

static void fill_words(const struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at,
                       const char *factor, struct mf_traffic_words *words)
{
    const char **text = words->text;

    text[MF_WORD_USER] = who->login;
    text[MF_WORD_NAME] = who->name;
    text[MF_WORD_KEY] = who->key;
    text[MF_WORD_NUMBER] = who->digits;
    text[MF_WORD_GROUP] = who->group;
    text[MF_WORD_IP] = at->ip;
    text[MF_WORD_NETWORK] = at->network;
    text[MF_WORD_CITY] = at->city;
    text[MF_WORD_COUNTRY] = at->country;
    text[MF_WORD_COUNTRY_NAME] = at->country_name;
    text[MF_WORD_LATITUDE] = at->latitude;
    text[MF_WORD_LONGITUDE] = at->longitude;
    text[MF_WORD_PROXY] = at->proxy ? "true" : "false";
    text[MF_WORD_PHONE_IP] = who->home.ip;
    text[MF_WORD_PHONE_CITY] = who->home.city;
    text[MF_WORD_PHONE_COUNTRY] = who->home.country;
    text[MF_WORD_PHONE_COUNTRY_NAME] = who->home.country_name;
    text[MF_WORD_FACTOR] = factor;
    text[MF_WORD_MARK] = stage->mark;
    text[MF_WORD_SPACE] = " ";
}

void mf_stage_tell(struct mf_stage *stage, const char *step, const struct mf_figure *who, const struct mf_spot *at,
                   mf_time time, const char *factor, const char *transaction)
{
    char asn[16], session[160], admin[MF_LOGIN_TEXT], own[160];
    mf_time delay;

    snprintf(own, sizeof own, "%s-t%llx", stage->mark, (unsigned long long)stage->serial + 1);

    if (stage->episode != NULL && mf_traffic_tells(stage->traffic, step))
        stage->episode->step[mf_traffic_step(step)]++;
    for (unsigned i = 0; mf_traffic_delay(stage->traffic, step, i, &delay); i++) {
        struct mf_traffic_words words = {0};

        fill_words(stage, who, at, factor, &words);
        snprintf(asn, sizeof asn, "%u", at->asn);
        snprintf(session, sizeof session, "%s-s%llx", stage->mark, (unsigned long long)stage->serial + 1);
        snprintf(admin, sizeof admin, "helpdesk@%s", stage->world->domain);
        words.text[MF_WORD_ASN] = asn;
        words.text[MF_WORD_SESSION] = session;
        words.text[MF_WORD_ADMIN] = admin;
        words.text[MF_WORD_TRANSACTION] = transaction != NULL ? transaction : own;
        write_record(stage, step, i, time + delay, &words);
        if (stage->episode != NULL)
            note(stage->episode, who, at, time + delay);
    }
}

/* ---- what can happen ---- */

static mf_time after(struct mf_stage *stage, double least, double most)
{
    return (mf_time)(mf_chance_between(&stage->chance, least, most) * (double)MF_SECOND);
}

static void count(struct mf_stage *stage, const char *outcome, mf_time end)
{
    struct mf_episode *episode = stage->episode;

    if (episode == NULL)
        return;
    episode->prompts++;
    episode->refused += strcmp(outcome, "refused") == 0 || strcmp(outcome, "fraud") == 0;
    episode->unanswered += strcmp(outcome, "timeout") == 0;
    if (strcmp(outcome, "approved") == 0)
        episode->approval = end;
}

mf_time mf_stage_prompt(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                        const char *outcome, const char *factor, unsigned devices)
{
    char transaction[160];
    mf_time end = time + (strcmp(outcome, "timeout") == 0 ? mf_traffic_life(stage->traffic) : after(stage, 5, 20));

    snprintf(transaction, sizeof transaction, "%s-t%llx", stage->mark, (unsigned long long)stage->serial + 1);
    for (unsigned i = 0; i < devices; i++)
        mf_stage_tell(stage, "ask", who, at, time + i * 400, factor, transaction);
    mf_stage_tell(stage, outcome, who, at, end, factor, transaction);
    if (strcmp(outcome, "approved") == 0)
        mf_stage_tell(stage, "session", who, at, end + 1500, factor, NULL);
    count(stage, outcome, end);
    return end;
}

mf_time mf_stage_code(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                      bool right)
{
    mf_stage_tell(stage, right ? "right_code" : "wrong_code", who, at, time, "totp", NULL);
    if (right)
        mf_stage_tell(stage, "session", who, at, time + MF_SECOND, "totp", NULL);
    if (stage->episode != NULL)
        stage->episode->codes++;
    if (right && stage->episode != NULL)
        stage->episode->approval = time;
    return time;
}

/* Where no prompt comes, a code is typed, or the password is all. */
static mf_time quiet_login(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                           bool good, const char *factor)
{
    if (strcmp(factor, "totp") == 0)
        return mf_stage_code(stage, who, at, time + 12 * MF_SECOND, good);
    if (good)
        mf_stage_tell(stage, "session", who, at, time + 1500, factor, NULL);
    return time;
}

mf_time mf_stage_login(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time time,
                       const char *outcome)
{
    const char *factor = mf_traffic_factor(stage->traffic, who->factor);

    mf_stage_tell(stage, "password", who, at, time, factor, NULL);
    if (strcmp(factor, "totp") == 0 || strcmp(factor, "none") == 0)
        return quiet_login(stage, who, at, time, strcmp(outcome, "approved") == 0, factor);
    return mf_stage_prompt(stage, who, at, time + 2 * MF_SECOND, outcome, factor, 1);
}
