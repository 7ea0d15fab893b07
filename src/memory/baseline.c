/* src/memory/baseline.c
 *
 * Rates of users and populations, the fit of what is seen at an attempt, and its upper tail. docs/baseline.md derives
 * the formulas; the names here are those used there. */

#include "memory/baseline.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define HALF_LIFE 14.0 /* days */

/* The length of a user's history while his first day is open: that day began because he came, so it tells no rate. */
enum { FIRST_DAY = 1 };
#define DAY_UNITS 2048.0 /* 20.7 days, the most there can be, are 42395 */

enum {
    SAMPLES = 16,     /* attempts of a day that are looked at in detail: bounds the sums to 16 bits */
    EARLIER_MAX = 63, /* 16 * 63^2 < 2^16 */
    ATTEMPTS_MAX = 4096,
    FIRST_LEVEL = 2,
};

/* What is believed before anything was seen, as if it had been seen PRETENDED times (docs/baseline.md, "Defaults"). */
#define PRETENDED  20.0
#define USUAL_RATE 1.5   /* attempts a day; users differ as much as an exponential distribution does */
#define USUAL_OVER 2.0   /* 1 / size */
#define USUAL_TAIL 200.0 /* attempts, of which as many are beyond each level as the model says */
static const double usual_alpha[MF_RATE_WINDOWS] = {0.20, 0.25, 0.30};
static const double usual_beta[MF_RATE_WINDOWS] = {0.03, 0.12, 1.20};

/* Sums that forget with the half-life. */
struct sums {
    double user_days;               /* days of users that were learned from */
    double pair_days, later, pairs; /* of D * e, D * n and C * n: the rates of users */
    double n, rate, rate2, doubt;   /* of attempts that were looked at */
    double x[MF_RATE_WINDOWS], xrate[MF_RATE_WINDOWS], x2[MF_RATE_WINDOWS]; /* of their earlier attempts */
    double beyond[MF_RATE_WINDOWS][MF_TAIL_LEVELS]; /* attempts whose tail was below 1e-2, 1e-3, 1e-4, 1e-5 */
};

/* What is fitted from them, for a day. */
struct fit {
    double user_days;
    double a, b; /* users' rates are Gamma(a, b) */
    double over; /* variance of a long count / its mean */
    double alpha[MF_RATE_WINDOWS], beta[MF_RATE_WINDOWS], inverse_size[MF_RATE_WINDOWS];
    double level[MF_RATE_WINDOWS][MF_TAIL_LEVELS];
};

struct population {
    uint32_t kind, number, day, began;
    struct sums learning;
    struct fit frozen;
};

_Static_assert(sizeof(struct mf_rate) == 24, "a user at rest has 24 bytes for this");
_Static_assert(sizeof(struct population) == sizeof(struct mf_population_record), "a record is a population");
_Static_assert(offsetof(struct population, frozen) == offsetof(struct mf_population_record, frozen), "a record is one");

struct mf_baseline {
    pthread_mutex_t lock; /* of all below */
    uint64_t turned_away;
    unsigned n, max, n_slots;       /* slots: a power of two, at least twice the populations */
    uint16_t *slot;                 /* index into `population` + 1; 0 = free */
    struct population population[]; /* [0] is everyone */
};

/* ---- days ---- */

static uint16_t day_of(mf_time now)
{
    mf_time day = now / MF_DAY;

    return (uint16_t)(day < 1 ? 1 : day > UINT16_MAX ? UINT16_MAX : day);
}

/* What remains of a weight after so many days. */
static double fade(double days)
{
    return exp2(-days / HALF_LIFE);
}

/* The weights of so many days, the last one weighing 1. */
static double faded_days(double days)
{
    return (1 - fade(days)) / (1 - fade(1));
}

mf_time mf_rate_window_length(enum mf_rate_window window)
{
    static const mf_time length[MF_RATE_WINDOWS] = {15 * MF_MINUTE, MF_HOUR, MF_DAY};

    return length[window];
}

/* ---- login attempts ---- */

bool mf_login_attempts(const mf_time *prompt, size_t n, unsigned attempts[MF_RATE_WINDOWS])
{
    memset(attempts, 0, MF_RATE_WINDOWS * sizeof attempts[0]);
    if (n == 0)
        return false;

    mf_time now = prompt[n - 1], began = MF_TIME_NONE;
    bool begins = false;
    for (size_t i = 0; i < n; i++) {
        begins = began == MF_TIME_NONE || prompt[i] - began >= MF_SAME_LOGIN;
        if (!begins)
            continue;
        began = prompt[i];
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
            attempts[w] += now - began < mf_rate_window_length(w);
    }
    if (!begins)
        memset(attempts, 0, MF_RATE_WINDOWS * sizeof attempts[0]);
    return begins;
}

/* ---- what a population has learned ---- */

/* Counts that were not seen but are believed, so that a fit of little data is a mild one and none is singular: half of
 * the attempts at a low rate, half at a high one, as the defaults would have them. */
static void pretend(struct sums *sums)
{
    static const double rate[2] = {USUAL_RATE / 3, USUAL_RATE * 3};

    sums->pair_days += PRETENDED;
    sums->later += PRETENDED * USUAL_RATE;
    sums->pairs += PRETENDED * USUAL_RATE * USUAL_RATE * 2;
    for (unsigned i = 0; i < 2; i++) {
        double weight = PRETENDED / 2;
        sums->n += weight;
        sums->rate += weight * rate[i];
        sums->rate2 += weight * rate[i] * rate[i];
        for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
            double mean = usual_alpha[w] + usual_beta[w] * rate[i];
            sums->x[w] += weight * mean;
            sums->xrate[w] += weight * mean * rate[i];
            sums->x2[w] += weight * (mean + mean * mean * (1 + USUAL_OVER));
        }
    }
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The mean of earlier attempts is alpha + beta * rate, neither below 0: least squares. */
static void fit_mean(const struct sums *s, unsigned w, double *alpha, double *beta)
{
    double slope = (s->n * s->xrate[w] - s->rate * s->x[w]) / (s->n * s->rate2 - s->rate * s->rate);
    double floor = (s->x[w] - slope * s->rate) / s->n;

    if (slope < 0) {
        slope = 0;
        floor = s->x[w] / s->n;
    } else if (floor < 0) {
        floor = 0;
        slope = s->xrate[w] / s->rate2;
    }
    *alpha = floor;
    *beta = slope;
}

/* 1 / size, from what the squares are above those of a Poisson count with that mean and an uncertain rate. */
static double fit_inverse_size(const struct sums *s, unsigned w, double alpha, double beta)
{
    double means = s->n * alpha + beta * s->rate;
    double means2 = s->n * alpha * alpha + 2 * alpha * beta * s->rate + beta * beta * s->rate2;
    double products = alpha * s->x[w] + beta * s->xrate[w];
    double doubt = beta * beta * s->doubt;

    return clamp((s->x2[w] - 2 * products + means2 - means - doubt) / (means2 + doubt), 0.01, 100);
}

/* What a tail of 1e-2, 1e-3, ... amounts to in this population: never less likely than the model says. */
static void fit_levels(const struct sums *learned, unsigned w, double level[MF_TAIL_LEVELS])
{
    for (int i = 0; i < MF_TAIL_LEVELS; i++) {
        double claimed = exp10(-FIRST_LEVEL - i);
        double share = (learned->beyond[w][i] + USUAL_TAIL * claimed) / (learned->n + USUAL_TAIL);
        level[i] = clamp(-log10(share), 0.1 * (FIRST_LEVEL + i), FIRST_LEVEL + i);
    }
}

static void fit_population(struct population *p)
{
    struct sums s = p->learning;
    struct fit *fit = &p->frozen;

    pretend(&s);
    double mean = s.later / s.pair_days;
    double variance = s.pairs / s.pair_days - mean * mean;
    mean = clamp(mean, 1e-3, 1e3);
    variance = clamp(variance, mean * mean / 20, mean * mean * 5);
    *fit = (struct fit){.user_days = p->learning.user_days, .a = mean * mean / variance, .b = mean / variance};
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        fit_mean(&s, w, &fit->alpha[w], &fit->beta[w]);
        fit->inverse_size[w] = fit_inverse_size(&s, w, fit->alpha[w], fit->beta[w]);
        fit_levels(&p->learning, w, fit->level[w]);
    }
    fit->over = 1 + 2 * fit->alpha[MF_RATE_24_HOURS];
}

/* What was learned counts from the next day on. */
static void turn_day(struct population *p, uint16_t day)
{
    if (day <= p->day)
        return;
    if (p->day == 0)
        p->began = day;

    double *sum = (double *)&p->learning, faded = fade(day - p->day);
    for (size_t i = 0; i < sizeof p->learning / sizeof *sum; i++)
        sum[i] *= faded;
    p->day = day;
    fit_population(p);
}

/* ---- populations ---- */

static uint16_t *find_slot(struct mf_baseline *b, uint32_t kind, uint32_t number)
{
    uint64_t mixed = ((uint64_t)kind << 32 | number) * 0x9e3779b97f4a7c15U;

    for (unsigned i = (unsigned)(mixed >> 40) & (b->n_slots - 1);; i = (i + 1) & (b->n_slots - 1)) {
        const struct population *p = &b->population[b->slot[i] - (b->slot[i] != 0)];
        if (b->slot[i] == 0 || (p->kind == kind && p->number == number))
            return &b->slot[i];
    }
}

/* NULL: none is meant, or (with `make`) there is no room. */
static struct population *find_population(struct mf_baseline *b, uint32_t kind, uint32_t number, uint16_t day,
                                          bool make)
{
    if (kind == MF_EVERYONE)
        return &b->population[0];
    if (number == 0)
        return NULL;

    uint16_t *slot = find_slot(b, kind, number);
    if (*slot == 0 && make && b->n == b->max)
        b->turned_away++;
    if (*slot == 0 && (!make || b->n == b->max))
        return NULL;
    if (*slot == 0) {
        struct population *p = &b->population[b->n++];
        *p = (struct population){.kind = kind, .number = number, .day = day, .began = day};
        fit_population(p);
        *slot = (uint16_t)b->n;
    }
    return &b->population[*slot - 1];
}

static uint32_t member_number(const struct mf_member *member, unsigned kind)
{
    return kind == MF_GROUP ? member->group : kind == MF_ROLE ? member->role : kind == MF_COUNTRY ? member->country : 0;
}

static bool has_enough(const struct population *p, double user_days)
{
    return p->frozen.user_days >= user_days && p->day - p->began >= MF_POPULATION_AGE;
}

/* The one that judges: the closest with enough days, else everyone. */
static struct population *choose_population(struct mf_baseline *b, const struct mf_member *member, uint16_t day)
{
    for (unsigned kind = MF_GROUP; kind > MF_EVERYONE; kind--) {
        struct population *p = find_population(b, kind, member_number(member, kind), day, false);
        if (p == NULL)
            continue;
        turn_day(p, day);
        if (has_enough(p, MF_POPULATION_ENOUGH))
            return p;
    }
    return &b->population[0];
}

static unsigned slots_for(unsigned populations)
{
    return mf_hash_places(2 * populations);
}

size_t mf_baseline_bytes(unsigned populations)
{
    return sizeof(struct mf_baseline) + populations * sizeof(struct population) +
           slots_for(populations) * sizeof(uint16_t);
}

struct mf_baseline *mf_baseline_new(unsigned populations, struct mf_error *error)
{
    populations = populations < 1 ? 1 : populations > MF_POPULATIONS_MAX ? MF_POPULATIONS_MAX : populations;

    struct mf_baseline *b = calloc(1, mf_baseline_bytes(populations));
    if (b == NULL) {
        mf_error_set(error, "not enough memory for the rates of %u populations", populations);
        return NULL;
    }
    pthread_mutex_init(&b->lock, NULL);
    b->max = populations;
    b->n = 1;
    b->n_slots = slots_for(populations);
    b->slot = (uint16_t *)&b->population[populations];
    fit_population(&b->population[0]);
    return b;
}

void mf_baseline_free(struct mf_baseline *baseline)
{
    if (baseline == NULL)
        return;
    pthread_mutex_destroy(&baseline->lock);
    free(baseline);
}

uint64_t mf_baseline_turned_away(struct mf_baseline *baseline)
{
    pthread_mutex_lock(&baseline->lock);
    uint64_t n = baseline->turned_away;
    pthread_mutex_unlock(&baseline->lock);
    return n;
}

/* ---- the tail ---- */

/* log10 P[X >= earlier]. log P[X = j] of the negative binomial follows from log P[X = 0] by the ratio of neighbours,
 * P[j + 1] / P[j] = (j + size) / (j + 1) * mean / (mean + size): no gamma function is needed, and nothing underflows.
 * The sum from `earlier` on is taken as what is missing below it while that is large enough to be exact. */
static double tail_log10(double mean, double size, unsigned earlier)
{
    double ratio = mean / (mean + size), log_p = -size * log1p(mean / size), below = 0;

    for (unsigned j = 0; j < earlier; j++) {
        below += exp(log_p);
        log_p += log((j + size) / (j + 1) * ratio);
    }
    if (below < 0.999)
        return log10(1 - below);

    /* term by term, relative to the first; what is left after the last is at most a geometric series */
    double sum = 0, term = 1, next = 0;
    for (unsigned j = earlier; j < earlier + ATTEMPTS_MAX && term > sum * 1e-16; j++) {
        next = (j + size) / (j + 1) * ratio;
        sum += term;
        term *= next;
    }
    if (next < 1)
        sum += term / (1 - fmax(next, ratio));
    return clamp((log_p + log(sum)) / M_LN10, -300, 0);
}

/* The model's -log10 p as this population's past bears it out: linear between the levels, and beyond the last one. */
static double calibrate(const double level[MF_TAIL_LEVELS], double claimed)
{
    if (claimed <= FIRST_LEVEL)
        return claimed * level[0] / FIRST_LEVEL;

    unsigned i = claimed >= FIRST_LEVEL + MF_TAIL_LEVELS - 2 ? MF_TAIL_LEVELS - 2 : (unsigned)claimed - FIRST_LEVEL;
    double slope = clamp(level[i + 1] - level[i], 0.1, 1);
    return fmin(claimed, level[i] + slope * (claimed - FIRST_LEVEL - i));
}

double mf_baseline_tail_log10(const struct mf_expectation *expectation, enum mf_rate_window window, unsigned attempts)
{
    if (attempts < 2 || !expectation->known)
        return 0;

    unsigned earlier = (attempts > ATTEMPTS_MAX ? ATTEMPTS_MAX : attempts) - 1;
    double claimed = -tail_log10(expectation->window[window].mean, expectation->window[window].size, earlier);
    return -calibrate(expectation->window[window].level, claimed);
}

/* ---- a user ---- */

/* The user's rate: Gamma(a, b). */
struct posterior {
    double a, b;
};

static struct posterior posterior_rate(const struct fit *prior, double count, double days)
{
    /* attempts that come in bursts tell less of a rate than as many single ones */
    return (struct posterior){prior->a + count / prior->over, prior->b + days / prior->over};
}

/* Seen from one of the user's attempts: who comes more often is met more often. */
static double rate_at_attempt(struct posterior rate)
{
    return (rate.a + 1) / rate.b;
}

static double doubt_at_attempt(struct posterior rate)
{
    return (rate.a + 1) / (rate.b * rate.b);
}

/* The negative binomial of earlier attempts seen from an attempt of a user with such a rate. */
static void expect_window(const struct fit *fit, struct posterior rate, unsigned w, double *mean, double *size)
{
    double doubt = fit->beta[w] * fit->beta[w] * doubt_at_attempt(rate);

    *mean = fmax(fit->alpha[w] + fit->beta[w] * rate_at_attempt(rate), 1e-4);
    double excess = fit->inverse_size[w] * (*mean * *mean + doubt) + doubt; /* of the variance, above the mean */
    *size = *mean * *mean / excess;
}

bool mf_rate_day_over(const struct mf_rate *rate, mf_time now)
{
    return rate->day != 0 && day_of(now) > rate->day;
}

void mf_rate_note(struct mf_rate *rate, mf_time now, const unsigned attempts[MF_RATE_WINDOWS])
{
    if (rate->day == 0) {
        rate->day = day_of(now);
        rate->days = FIRST_DAY;
    }
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        unsigned earlier = attempts[w] == 0 ? 0 : attempts[w] - 1;
        earlier = earlier > EARLIER_MAX ? EARLIER_MAX : earlier;
        if (earlier > rate->highest[w])
            rate->highest[w] = (uint8_t)earlier;
        if (rate->today >= SAMPLES)
            continue;
        rate->earlier[w] = (uint16_t)(rate->earlier[w] + earlier);
        rate->squares[w] = (uint16_t)(rate->squares[w] + earlier * earlier);
    }
    rate->today = (uint8_t)(rate->today + (rate->today < UINT8_MAX));
}

/* A closed day, and the silent days behind it. */
struct lesson {
    double count, days;   /* the user's history before it */
    double n, e;          /* attempts that count for a rate, and the days they came in, faded */
    double silence;       /* how much the closed day itself has faded */
    double sampled, part; /* attempts looked at; what of the day is left after clipping, 0 to 1 */
};

/* Attempts of the day beyond the levels, by the tail of whoever judged them; kept for everyone, as such tails are rare.
 * A window's count grows by at most one from attempt to attempt, so the day's
 * highest tells the others: one attempt had that many, one at least had one less, and so on.
 * No more of them count than the clipped day has: how extreme they were is not clipped, how often they were is. */
static void teach_levels(struct sums *everyone, const struct fit *judge, const struct mf_rate *rate,
                         const struct lesson *lesson)
{
    struct posterior posterior = posterior_rate(judge, lesson->count, lesson->days);

    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        unsigned highest = rate->highest[w], attempts = (unsigned)(lesson->part * rate->today + 0.5);
        double mean, size;
        expect_window(judge, posterior, w, &mean, &size);
        for (; highest > 0 && attempts > 0; highest--, attempts--) {
            double claimed = -tail_log10(mean, size, highest);
            if (claimed <= FIRST_LEVEL)
                break;
            for (int i = 0; i < MF_TAIL_LEVELS && claimed > FIRST_LEVEL + i; i++)
                everyone->beyond[w][i] += lesson->silence;
        }
    }
}

static void teach(struct population *p, const struct mf_rate *rate, const struct lesson *lesson)
{
    struct sums *s = &p->learning;
    struct posterior posterior = posterior_rate(&p->frozen, lesson->count, lesson->days);
    double met = rate_at_attempt(posterior), weight = lesson->silence, part = lesson->part;
    double n = weight * lesson->sampled * part;

    s->user_days += lesson->e;
    s->pair_days += lesson->days * lesson->e;
    s->later += lesson->days * lesson->n;
    s->pairs += lesson->count * lesson->n;
    s->n += n;
    s->rate += n * met;
    s->rate2 += n * met * met;
    s->doubt += n * doubt_at_attempt(posterior);
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++) {
        /* a burst cut to a part of its attempts has that part's square of pairs, and its cube of squares */
        s->x[w] += weight * part * part * rate->earlier[w];
        s->xrate[w] += weight * part * part * rate->earlier[w] * met;
        s->x2[w] += weight * part * part * part * rate->squares[w];
    }
}

/* At most 3 times the present rate and 3: nobody teaches in one day that a flood is usual. */
static double clip_day(const struct fit *judge, const struct mf_rate *rate, const struct lesson *lesson)
{
    struct posterior present = posterior_rate(judge, lesson->count, lesson->days);
    double most = floor(3 * present.a / present.b + 3);

    return rate->today < most ? rate->today : most;
}

void mf_rate_learn(struct mf_rate *rate, struct mf_baseline *baseline, const struct mf_member *member, mf_time now,
                   bool skip)
{
    if (!mf_rate_day_over(rate, now))
        return;

    uint16_t day = day_of(now);
    unsigned silent = (unsigned)(day - rate->day) - 1;
    bool first = rate->days == FIRST_DAY;
    struct lesson lesson = {.count = first ? 0 : rate->count, .days = first ? 0 : rate->days / DAY_UNITS};

    pthread_mutex_lock(&baseline->lock);
    turn_day(&baseline->population[0], day);
    const struct fit *judge = &choose_population(baseline, member, day)->frozen;
    double counted = clip_day(judge, rate, &lesson);
    bool rated = !skip && !first;
    lesson.silence = fade(silent);
    lesson.n = rated ? counted * lesson.silence : 0;
    lesson.e = faded_days(silent) + (rated ? lesson.silence : 0);
    if (!skip && rate->today > 0) {
        lesson.part = counted / rate->today;
        lesson.sampled = rate->today < SAMPLES ? rate->today : SAMPLES;
    }
    for (unsigned kind = MF_EVERYONE; kind <= MF_GROUP; kind++) {
        struct population *p = find_population(baseline, kind, member_number(member, kind), day, true);
        if (p == NULL)
            continue;
        turn_day(p, day);
        teach(p, rate, &lesson);
    }
    teach_levels(&baseline->population[0].learning, judge, rate, &lesson);
    pthread_mutex_unlock(&baseline->lock);

    double faded = fade(silent + 1);
    long units = lround((lesson.days * faded + lesson.e) * DAY_UNITS);
    *rate = (struct mf_rate){.count = (float)(lesson.count * faded + lesson.n),
                             .days = (uint16_t)(units == FIRST_DAY ? FIRST_DAY + 1 : units),
                             .day = day};
}

void mf_baseline_expect(struct mf_baseline *baseline, const struct mf_rate *rate, const struct mf_member *member,
                        mf_time now, struct mf_expectation *expectation)
{
    bool first = rate->days == FIRST_DAY;
    struct mf_expectation e = {.days = first ? 0 : rate->days / DAY_UNITS};

    pthread_mutex_lock(&baseline->lock);
    turn_day(&baseline->population[0], day_of(now));
    const struct population *p = choose_population(baseline, member, day_of(now));
    const struct fit fit = p->frozen;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
        memcpy(e.window[w].level, baseline->population[0].frozen.level[w], sizeof e.window[w].level);
    e.known = has_enough(p, MF_EVERYONE_ENOUGH);
    e.population = p->kind;
    e.number = p->number;
    pthread_mutex_unlock(&baseline->lock);

    struct posterior posterior = posterior_rate(&fit, first ? 0 : rate->count, e.days);
    e.user_days = fit.user_days;
    e.rate = posterior.a / posterior.b;
    e.prior_rate = fit.a / fit.b;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
        expect_window(&fit, posterior, w, &e.window[w].mean, &e.window[w].size);
    *expectation = e;
}

/* ---- for the snapshot ---- */

const struct mf_field mf_population_fields[] = {
    MF_NUMBER(struct mf_population_record, population),
    MF_NUMBER(struct mf_population_record, number),
    MF_NUMBER(struct mf_population_record, day),
    MF_NUMBER(struct mf_population_record, began),
    MF_REALS(struct mf_population_record, learning),
    MF_REALS(struct mf_population_record, frozen),
    {0},
};

double mf_rate_per_day(const struct mf_rate *rate, double *days)
{
    *days = rate->days <= FIRST_DAY ? 0 : rate->days / DAY_UNITS;
    return *days == 0 ? 0 : (double)rate->count / *days;
}

bool mf_rate_is_sound(const struct mf_rate *rate)
{
    return isfinite(rate->count) && rate->count >= 0 && rate->count < 1e6f;
}

size_t mf_baseline_max(const struct mf_baseline *baseline)
{
    return baseline->max;
}

size_t mf_baseline_save(struct mf_baseline *baseline, struct mf_population_record *record, size_t max)
{
    pthread_mutex_lock(&baseline->lock);
    size_t n = baseline->n;
    memcpy(record, baseline->population, (n < max ? n : max) * sizeof *record);
    pthread_mutex_unlock(&baseline->lock);
    return n;
}

static bool is_sound(const struct mf_population_record *record)
{
    if (record->population > MF_GROUP || record->day > UINT16_MAX || record->began > record->day ||
        (record->population == MF_EVERYONE) != (record->number == 0))
        return false;
    for (size_t i = 0; i < sizeof record->learning / sizeof record->learning[0]; i++)
        if (!isfinite(record->learning[i]) || record->learning[i] < 0 || record->learning[i] > 1e15)
            return false;
    for (size_t i = 0; i < sizeof record->frozen / sizeof record->frozen[0]; i++)
        if (!isfinite(record->frozen[i]) || record->frozen[i] < 0 || record->frozen[i] > 1e15)
            return false;
    const struct fit *fit = (const struct fit *)record->frozen;
    for (unsigned w = 0; w < MF_RATE_WINDOWS; w++)
        if (fit->inverse_size[w] < 0.01)
            return false;
    return fit->a > 0 && fit->b > 0 && fit->over >= 1;
}

bool mf_baseline_restore(struct mf_baseline *baseline, const struct mf_population_record *record)
{
    if (!is_sound(record))
        return false;

    pthread_mutex_lock(&baseline->lock);
    struct population *p = find_population(baseline, record->population, record->number, 1, true);
    if (p != NULL)
        memcpy(p, record, sizeof *p);
    pthread_mutex_unlock(&baseline->lock);
    return p != NULL;
}
