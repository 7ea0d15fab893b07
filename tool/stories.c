/* tool/stories.c
 *
 * Each story is one function that tells a stage what happens. docs/simulate.md says what each is about. */

#include "stories.h"

static unsigned prompts(const struct mf_stage *stage, unsigned number)
{
    return stage->prompts > 0 ? stage->prompts : number;
}

static mf_time gap(struct mf_stage *stage, double least, double most)
{
    double share = mf_chance_share(&stage->chance);

    if (stage->gap > 0)
        return (mf_time)stage->gap * MF_SECOND;
    return (mf_time)((least + (most - least) * share) * (double)MF_SECOND);
}

/* ---- everyday life ---- */

static const char *bad_end(struct mf_chance *chance, const char *factor)
{
    if (strcmp(factor, "sms") == 0)
        return mf_chance_is(chance, 0.5) ? "timeout" : "failed";
    return mf_chance_is(chance, 0.5) ? "timeout" : mf_chance_is(chance, 0.6) ? "cancelled" : "refused";
}

/* As it mostly goes: now and then a wrong password, a prompt that is not completed and another one. */
static mf_time ordinary_login(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at,
                              mf_time time)
{
    struct mf_chance *chance = &stage->chance;
    const char *factor = mf_traffic_factor(stage->traffic, who->factor);

    if (mf_chance_is(chance, 0.03)) {
        mf_stage_tell(stage, "wrong_password", who, at, time, factor, NULL);
        time += gap(stage, 8, 30);
    }
    if (strcmp(factor, "totp") == 0) {
        mf_stage_tell(stage, "password", who, at, time, factor, NULL);
        time += 12 * MF_SECOND;
        if (mf_chance_is(chance, 0.06)) {
            mf_stage_code(stage, who, at, time, false);
            time += gap(stage, 8, 40);
        }
        return mf_stage_code(stage, who, at, time, true);
    }
    if (mf_chance_is(chance, 0.04))
        time = mf_stage_login(stage, who, at, time, bad_end(chance, factor)) + gap(stage, 15, 60);
    return mf_stage_login(stage, who, at, time, "approved");
}

void mf_story_everyday(struct mf_stage *stage, const struct mf_figure *who, mf_time day, double logins)
{
    struct mf_chance *chance = &stage->chance;
    unsigned weekday = (unsigned)(day / MF_DAY + 3) % 7; /* 1970-01-01 was a Thursday; 0 = Monday */
    double first, share;

    *chance = mf_chance_of(stage->world->seed, who->number, (uint64_t)(day / MF_DAY));
    unsigned n = mf_chance_poisson(chance, weekday > 4 ? logins * 0.12 : logins);
    const struct mf_spot *at = weekday < 5 && mf_chance_is(chance, 0.6) ? &who->office : &who->home;
    first = mf_chance_between(chance, 7.5, 9.5) - who->hours_east;
    for (unsigned i = 0; i < n; i++) {
        share = first + (i == 0 ? 0 : 9.0 * i / n + mf_chance_between(chance, 0, 6.0 / n));
        ordinary_login(stage, who, at, day + (mf_time)(share * (double)MF_HOUR));
    }
}

/* ---- attacks ---- */

/* `number` prompts; of those that nobody approves, `refused` of all are refused. */
static mf_time bomb(struct mf_stage *stage, const struct mf_figure *who, const struct mf_spot *at, mf_time start,
                    unsigned number, double least, double most, double refused, bool gives_in)
{
    mf_time time = start, end = start;

    for (unsigned i = 0; i < number; i++) {
        bool last = i + 1 == number && gives_in;
        const char *outcome = last ? "approved" : mf_chance_is(&stage->chance, refused) ? "refused" : "timeout";

        end = mf_stage_login(stage, who, at, time, outcome);
        time += gap(stage, least, most);
        if (strcmp(outcome, "timeout") != 0 && time < end + 3 * MF_SECOND)
            time = end + 3 * MF_SECOND;
    }
    return end;
}

static void push_bombing(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    bomb(stage, who, &at, start, prompts(stage, 14), 20, 50, 0.75, false);
}

static void push_bombing_approved(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    bomb(stage, who, &at, start, prompts(stage, 14), 20, 50, 0.75, true);
}

static void silent_bombing(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    bomb(stage, who, &at, start, prompts(stage, 14), 20, 50, 0, false);
}

static void failed_bombing(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    unsigned number = prompts(stage, 14);
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    for (unsigned i = 0; i < number; i++)
        start = mf_stage_login(stage, who, &at, start, "failed") + gap(stage, 10, 40);
    mf_stage_login(stage, who, &at, start, "approved");
}

static void slow_drip(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    bomb(stage, who, &at, start, prompts(stage, 12), 1100, 1300, 0.7, false);
}

static void residential_proxy(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_neighbour(who, &stage->chance, &at);
    bomb(stage, who, &at, start, prompts(stage, 12), 25, 60, 0.6, true);
}

static void own_network(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    (void)days;
    bomb(stage, who, &who->office, start, prompts(stage, 12), 20, 45, 0.8, false);
}

static void spray_then_prompt(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    for (unsigned i = 0; i < 12; i++) {
        mf_stage_tell(stage, "wrong_password", &people[i], &at, start, "push", NULL);
        start += gap(stage, 5, 25);
    }
    bomb(stage, &people[0], &at, start + 5 * MF_MINUTE, prompts(stage, 3), 40, 90, 1.0, false);
}

static void code_bruteforce(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    unsigned number = prompts(stage, 14);
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    mf_stage_tell(stage, "password", who, &at, start, "totp", NULL);
    for (unsigned i = 0; i < number; i++) {
        start += gap(stage, 5, 20);
        mf_stage_code(stage, who, &at, start, i + 1 == number);
    }
}

static void no_login(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    unsigned number = prompts(stage, 10);
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    for (unsigned i = 0; i < number; i++) {
        mf_time end = mf_stage_prompt(stage, who, &at, start, i % 2 == 0 ? "refused" : "timeout", "push", 1);

        start += gap(stage, 25, 60);
        if (i % 2 == 0 && start < end)
            start = end + 3 * MF_SECOND;
    }
}

static void fan_in(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    for (unsigned i = 0; i < 9; i++) {
        mf_stage_login(stage, &people[i], &at, start, i % 2 == 0 ? "refused" : "timeout");
        start += gap(stage, 60, 150);
    }
}

static void factor_reset(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    mf_time end = bomb(stage, who, &at, start, prompts(stage, 10), 20, 60, 0.7, false) + 5 * MF_HOUR;
    mf_stage_tell(stage, "reset", who, &at, end, "push", NULL);
    mf_stage_tell(stage, "enrol", who, &at, end + 3 * MF_MINUTE, "push", NULL);
}

static void sms_flood(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    unsigned number = prompts(stage, 10);
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    for (unsigned i = 0; i < number; i++) {
        mf_stage_tell(stage, "password", who, &at, start, "sms", NULL);
        mf_stage_prompt(stage, who, &at, start + 2 * MF_SECOND, "timeout", "sms", 1);
        start += gap(stage, 60, 150);
    }
}

static void fraud_report(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    mf_stage_login(stage, who, &at, start, "fraud");
}

static void impossible_travel(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_abroad(&stage->chance, &at);
    mf_stage_login(stage, who, &who->home, start, "approved");
    mf_stage_login(stage, who, &at, start + 35 * MF_MINUTE, "approved");
}

/* ---- look-alikes ---- */

static void dead_phone(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 3);
    (void)days;

    for (unsigned i = 0; i < number; i++)
        start = mf_stage_login(stage, who, &who->home, start, "timeout") + gap(stage, 20, 60);
    mf_stage_login(stage, who, &who->home, start + 2 * MF_MINUTE, "approved");
}

static void vpn_retries(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 3);
    (void)days;

    for (unsigned i = 0; i < number; i++) {
        mf_stage_prompt(stage, who, &who->home, start, "timeout", "push", 1);
        start += 15 * MF_SECOND;
    }
    mf_stage_login(stage, who, &who->home, start, "approved");
}

static void refused_again(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 8);
    (void)days;

    for (unsigned i = 0; i < number; i++)
        start = mf_stage_login(stage, who, &who->home, start, "refused") + gap(stage, 5, 10);
}

static void push_per_device(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    (void)days;
    for (unsigned i = 0; i < 3; i++) {
        mf_stage_tell(stage, "password", who, &who->home, start, "push", NULL);
        start = mf_stage_prompt(stage, who, &who->home, start + 2 * MF_SECOND, "approved", "push", 3) + 50 * MF_MINUTE;
    }
}

static void new_phone(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    (void)days;
    mf_stage_tell(stage, "enrol", who, &who->home, start, "push", NULL);
    start += 2 * MF_MINUTE;
    for (unsigned i = 0; i < 4; i++)
        start = mf_stage_login(stage, who, &who->home, start, i == 1 ? "timeout" : "approved") + gap(stage, 40, 120);
}

static void traveller(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    struct mf_spot at;
    (void)days;

    mf_world_hotel(who, &stage->chance, &at);
    for (unsigned i = 0; i < 4; i++)
        start = mf_stage_login(stage, who, &at, start, "approved") + 45 * MF_MINUTE;
}

static void office_at_nine(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days)
{
    (void)days;
    for (unsigned i = 0; i < MF_STORY_PEOPLE; i++) {
        if (i % 5 == 0)
            mf_stage_tell(stage, "wrong_password", &people[i], &people[0].office, start - 20 * MF_SECOND, "push", NULL);
        mf_stage_login(stage, &people[i], &people[0].office, start, "approved");
        start += gap(stage, 20, 60);
    }
}

static void session_expiry(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 6);
    (void)days;

    for (unsigned i = 0; i < number; i++)
        start = mf_stage_login(stage, who, &who->home, start, "approved") + gap(stage, 20, 90);
}

static void number_matching(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days)
{
    (void)days;
    for (unsigned i = 0; i < 12; i++) {
        struct mf_figure who = people[i];
        mf_time end;

        who.factor = "verified_push";
        end = mf_stage_login(stage, &who, &who.home, start, "failed");
        mf_stage_login(stage, &who, &who.home, end + 20 * MF_SECOND, "approved");
        start += gap(stage, 30, 200);
    }
}

static void night_shift(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    mf_time midnight = start - start % MF_DAY;

    for (unsigned day = 0; day <= days; day++) {
        mf_time night = midnight - (mf_time)day * MF_DAY + MF_HOUR;

        ordinary_login(stage, who, &who->home, night + gap(stage, 0, 1800));
        ordinary_login(stage, who, &who->home, night + 3 * MF_HOUR + gap(stage, 0, 1800));
    }
}

static void shared_kiosk(struct mf_stage *stage, const struct mf_figure *people, mf_time start, unsigned days)
{
    struct mf_spot kiosk = people[0].office;
    (void)days;

    for (unsigned i = 0; i < 10; i++) {
        mf_stage_login(stage, &people[i], &kiosk, start, i == 4 ? "timeout" : "approved");
        start += gap(stage, 120, 400);
    }
}

static void mistyped_codes(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 3);
    (void)days;

    mf_stage_tell(stage, "password", who, &who->home, start, "totp", NULL);
    for (unsigned i = 0; i < number; i++) {
        start += gap(stage, 10, 30);
        mf_stage_code(stage, who, &who->home, start, i + 1 == number);
    }
}

static void old_password(struct mf_stage *stage, const struct mf_figure *who, mf_time start, unsigned days)
{
    unsigned number = prompts(stage, 40);
    (void)days;

    for (unsigned i = 0; i < number; i++)
        mf_stage_tell(stage, "wrong_password", who, &who->home, start + (mf_time)i * 5 * MF_MINUTE, "push", NULL);
}

/* ---- the list ---- */

const struct mf_story mf_stories[] = {
    {"push_bombing",
     true,
     "push after push from abroad, most of them refused",
     {"refused"},
     1,
     false,
     MF_ANOMALOUS,
     MF_SUSPICIOUS,
     push_bombing},
    {"push_bombing_approved",
     true,
     "the same, and at last somebody gives in",
     {"refused", "approved"},
     1,
     false,
     MF_ANOMALOUS,
     MF_ANOMALOUS,
     push_bombing_approved},
    {"silent_bombing",
     true,
     "push after push that nobody answers",
     {"push", "timeout|ask"},
     1,
     false,
     MF_SUSPICIOUS,
     MF_SUSPICIOUS,
     silent_bombing},
    {"failed_bombing",
     true,
     "push after push from abroad that fail, as some providers log refusal and silence, and one that is approved",
     {"push", "failed", "approved"},
     1,
     false,
     MF_ANOMALOUS,
     MF_SUSPICIOUS,
     failed_bombing},
    {"slow_drip",
     true,
     "a prompt every twenty minutes, for hours",
     {"refused"},
     1,
     false,
     MF_ANOMALOUS,
     MF_NOTICE,
     slow_drip},
    {"residential_proxy",
     true,
     "bombing from a home in the user's own country, then an approval",
     {"refused", "approved"},
     1,
     false,
     MF_ANOMALOUS,
     MF_ANOMALOUS,
     residential_proxy},
    {"own_network",
     true,
     "bombing from the company's own network",
     {"refused"},
     1,
     false,
     MF_SUSPICIOUS,
     MF_SUSPICIOUS,
     own_network},
    {"spray_then_prompt",
     true,
     "one address tries a password on many, then prompts one of them",
     {"wrong_password", "refused"},
     12,
     false,
     MF_ANOMALOUS,
     MF_SUSPICIOUS,
     spray_then_prompt},
    {"code_bruteforce",
     true,
     "one wrong code after another, then the right one",
     {"wrong_code", "right_code"},
     1,
     false,
     MF_ANOMALOUS,
     MF_ANOMALOUS,
     code_bruteforce},
    {"no_login",
     true,
     "prompts from abroad that no login came before",
     {"password", "ask", "refused"},
     1,
     false,
     MF_ANOMALOUS,
     MF_SUSPICIOUS,
     no_login},
    {"fan_in",
     true,
     "one address, a prompt for each of nine people",
     {"refused"},
     9,
     false,
     MF_SUSPICIOUS,
     MF_NORMAL,
     fan_in},
    {"factor_reset",
     true,
     "bombing, and hours later the help desk resets the factors",
     {"refused", "reset", "enrol"},
     1,
     false,
     MF_ANOMALOUS,
     MF_ANOMALOUS,
     factor_reset},
    {"sms_flood",
     true,
     "codes by SMS that nobody asked for",
     {"sms", "ask"},
     1,
     false,
     MF_SUSPICIOUS,
     MF_NOTICE,
     sms_flood},
    {"fraud_report", true, "the user reports a prompt", {"fraud"}, 1, false, MF_ANOMALOUS, MF_ANOMALOUS, fraud_report},
    {"impossible_travel",
     true,
     "an approval at home, and half an hour later one from abroad",
     {"approved|right_code", "latitude"},
     1,
     false,
     MF_SUSPICIOUS,
     MF_NORMAL,
     impossible_travel},

    {"dead_phone",
     false,
     "prompts at home that nobody answers, until the phone is charged",
     {"push", "approved", "timeout|ask"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     dead_phone},
    {"vpn_retries",
     false,
     "a VPN client that asks again every 15 seconds",
     {"push", "approved", "timeout|ask"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     vpn_retries},
    {"refused_again",
     false,
     "an integration that sends a refused push again and again",
     {"refused"},
     1,
     false,
     MF_SUSPICIOUS,
     MF_ANOMALOUS,
     refused_again},
    {"push_per_device",
     false,
     "three devices ring at each login",
     {"push", "approved"},
     1,
     false,
     MF_NORMAL,
     MF_NORMAL,
     push_per_device},
    {"new_phone",
     false,
     "a new phone, and several logins with it",
     {"enrol", "approved|right_code"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     new_phone},
    {"traveller",
     false,
     "logins from a hotel abroad, each answered",
     {"approved|right_code|password"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     traveller},
    {"office_at_nine",
     false,
     "a whole office behind one address in the morning",
     {"approved|right_code|password"},
     MF_STORY_PEOPLE,
     false,
     MF_NOTICE,
     MF_NOTICE,
     office_at_nine},
    {"session_expiry",
     false,
     "all sessions end, and every program asks",
     {"approved|right_code|password"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     session_expiry},
    {"number_matching",
     false,
     "a roll-out of number matching: many mistype once",
     {"verified_push", "failed", "approved"},
     12,
     false,
     MF_NOTICE,
     MF_NOTICE,
     number_matching},
    {"night_shift",
     false,
     "somebody who has always worked at night",
     {"approved|right_code|password"},
     1,
     true,
     MF_NORMAL,
     MF_NOTICE,
     night_shift},
    {"shared_kiosk",
     false,
     "ten people, one after the other, at one computer",
     {"approved|right_code|password"},
     10,
     false,
     MF_NORMAL,
     MF_NOTICE,
     shared_kiosk},
    {"mistyped_codes",
     false,
     "somebody mistypes two codes before the right one",
     {"wrong_code", "right_code"},
     1,
     false,
     MF_NOTICE,
     MF_NOTICE,
     mistyped_codes},
    {"old_password",
     false,
     "a mail client that hammers with an old password",
     {"wrong_password"},
     1,
     false,
     MF_NORMAL,
     MF_NORMAL,
     old_password},
    {0},
};

const struct mf_story *mf_story_find(const char *name)
{
    for (const struct mf_story *story = mf_stories; story->name != NULL; story++)
        if (strcmp(story->name, name) == 0)
            return story;
    return NULL;
}

/* One of several: "timeout|ask". */
static bool is_told(const struct mf_traffic *traffic, const char *need)
{
    char word[32];

    for (size_t length; *need != '\0'; need += length + (need[length] == '|')) {
        length = strcspn(need, "|");
        mf_slice_copy(word, sizeof word, (struct mf_slice){need, length});
        if (mf_traffic_tells(traffic, word))
            return true;
    }
    return false;
}

/* What a lack is called, and the kind of event by which a profile says why. */
static const struct mf_lack lacks[] = {
    {"password", "a login before its second factor", "login_success"},
    {"wrong_password", "a wrong password", "login_failure"},
    {"ask", "the sending of a prompt", "mfa_challenge"},
    {"approved", "an approved prompt", "mfa_success"},
    {"refused", "a refusal", "mfa_denied"},
    {"timeout", "a prompt that nobody answered", "mfa_timeout"},
    {"timeout|ask", "a prompt that nobody answered", "mfa_timeout"},
    {"failed", "a prompt that failed", "mfa_failed"},
    {"fraud", "a report by the user", "mfa_fraud"},
    {"right_code", "a right code", "mfa_success"},
    {"wrong_code", "a wrong code", "mfa_failed"},
    {"approved|right_code", "a second factor that succeeded", "mfa_success"},
    {"approved|right_code|password", "a login", "login_success"},
    {"enrol", "a new factor", "factor_enrolled"},
    {"reset", "a reset of factors", "factor_reset"},
    {"push", "a push", "push"},
    {"verified_push", "number matching", "verified_push"},
    {"sms", "a text message", "sms"},
    {"latitude", "where a login came from", "latitude"},
};

bool mf_story_lacks(const struct mf_story *story, const struct mf_traffic *traffic, struct mf_lack *lack)
{
    const char *why = mf_traffic_cannot(traffic, story->name);

    *lack = (struct mf_lack){"", why, ""};
    if (why != NULL)
        return true;
    for (unsigned i = 0; i < MF_STORY_NEEDS && story->needs[i] != NULL; i++)
        for (unsigned n = 0; !is_told(traffic, story->needs[i]) && n < sizeof lacks / sizeof lacks[0]; n++)
            if (strcmp(lacks[n].need, story->needs[i]) == 0) {
                *lack = lacks[n];
                return true;
            }
    return false;
}

enum mf_level mf_story_level(const struct mf_story *story, const struct mf_traffic *traffic, bool known)
{
    return mf_traffic_level(traffic, story->name, known, known ? story->known : story->fresh);
}

void mf_story_tell(struct mf_stage *stage, const struct mf_story *story, unsigned index, mf_time start, unsigned days,
                   struct mf_episode *episode)
{
    struct mf_figure people[MF_STORY_PEOPLE];

    *episode = (struct mf_episode){.begin = MF_TIME_NONE, .end = MF_TIME_NONE, .approval = MF_TIME_NONE};
    for (unsigned i = 0; i < story->people; i++)
        mf_world_figure(stage->world, MF_WORLD_VICTIMS + index * MF_WORLD_STORY + i, &people[i]);
    stage->chance = mf_chance_of(stage->world->seed, (uint64_t)(story - mf_stories), index);
    stage->episode = episode;
    story->tell(stage, people, start, days);
    stage->episode = NULL;
}
